"""A sentence for people that is chosen in one place and put into words, in their language, in another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A bokmål sentence with `{named}` places and what stands in them.

    `str()` gives it in bokmål; `in_language` in another, through that language's catalogue.
    """

    source: str
    params: Mapping[str, object] = field(default_factory=dict)

    def in_language(self, gettext: Callable[[str], str]) -> str:
        """The sentence through `gettext`, places filled. A parameter that is a phrase is translated too."""
        filled = {
            name: value.in_language(gettext) if isinstance(value, Phrase) else value
            for name, value in self.params.items()
        }
        return gettext(self.source).format(**filled)

    def __str__(self) -> str:
        return self.in_language(str)


def phrase(source: str, **params: object) -> Phrase:
    """A translatable sentence; `source` is collected into the message catalogue."""
    return Phrase(source, params)


_MANY = 4


def some(names: Sequence[str]) -> str | Phrase:
    """Names in a row; of more than four the first three and how many more there are: nobody reads 21 in a sentence."""
    if len(names) <= _MANY:
        return ", ".join(names)
    shown = _MANY - 1
    return phrase("{names} og {rest} til", names=", ".join(names[:shown]), rest=len(names) - shown)
