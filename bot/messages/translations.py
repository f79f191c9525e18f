"""The languages beside bokmål: their catalogues (`locale/<code>/LC_MESSAGES/messages.po`) read, judged and written.

A catalogue holds an entry for each sentence, in the order of the sentences, with no file or line, so that two
people's changes merge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

TRANSLATED = ("nn", "en")
"""Every language but bokmål, which the sentences are written in."""

_LANGUAGE_NAMES = {"nn": "nynorsk", "en": "English"}
_CHANGES_BY_ITSELF = re.compile(rb'^"(?:POT|PO|Last|Language-Team|Report|Generated|Project)[^\n]*\n', re.MULTILINE)
_KEPT = re.compile(r"%\(\w+\)s|\{\w+\}|%%|\*|`|\n|</?\w+>|/mangel\b")
"""What a translation must hold as often as the sentence: places, marks, line breaks, the command."""
_MAX_SHOWN = 60

Wanted = Mapping[str, str | None]
"""Each sentence, and its plural if it has one."""


def path_of(code: str, locales: Path) -> Path:
    """Where the catalogue of a language stands."""
    return locales / code / "LC_MESSAGES" / "messages.po"


def read(code: str, file: Path) -> Catalog:
    """The catalogue in `file`, empty where there is none. Raises `PoFileError` where it cannot be read."""
    if not file.exists():
        return Catalog(locale=code)
    return read_po(BytesIO(file.read_bytes()), locale=code, abort_invalid=True)


def written(held: Catalog, wanted: Wanted) -> bytes:
    """`held` with an entry for each sentence: new ones are empty, those that nobody says any more are gone."""
    assert held.locale is not None  # noqa: S101  (`read` sets it)
    code = str(held.locale)
    fresh = Catalog(
        locale=code, header_comment=f"# What Mangelvakt says, in {_LANGUAGE_NAMES[code]}.", charset="utf-8", fuzzy=False
    )
    for singular, plural in wanted.items():
        before = held.get(singular)
        fresh.add(
            (singular, plural) if plural else singular,
            _fitting(before, plural),
            flags=["fuzzy"] if before is not None and before.fuzzy else [],
        )
    file = BytesIO()
    write_po(file, fresh, width=0, sort_output=True, no_location=True)
    return _CHANGES_BY_ITSELF.sub(b"", file.getvalue())


def _fitting(before: Message | None, plural: str | None) -> str | tuple[str, ...]:
    """What stood there, if it has as many forms as the sentence now has."""
    said = before.string if before is not None else ""
    if plural:
        return tuple(said) if isinstance(said, list | tuple) else ("", "")
    return said if isinstance(said, str) else ""


def faults(code: str, file: Path, wanted: Wanted) -> Iterator[str]:
    """What is missing or would come out wrong in `file`: one line each, with what to do."""
    try:
        held = read(code, file)
    except PoFileError as error:
        yield f"{file}:{error.lineno}: {error}"
        return
    missing = [singular for singular in wanted if held.get(singular) is None]
    for singular in missing:
        yield f"{file}: no entry for {_quoted(singular)}: run python -m bot.messages.sources, then translate it there"
    entries: list[Message] = [entry for entry in held if entry is not None and entry.id]
    for entry in [*entries, *held.obsolete.values()]:
        singular = _forms(entry.id)[0]
        where = f"{file}:{entry.lineno or '?'}: {_quoted(singular)}"
        if singular not in wanted or held.get(singular) is not entry:
            yield f"{where} is said nowhere any more: run python -m bot.messages.sources, which takes it away"
            continue
        plural = wanted[singular]
        if fault := _fault(entry, (singular, plural) if plural else (singular,)):
            yield f"{where} {fault}"


def _fault(entry: Message, source: tuple[str, ...]) -> str | None:
    said = _forms(entry.string)
    if len(_forms(entry.id)) != len(source):
        return "has a plural in one place and none in the other: run python -m bot.messages.sources, then translate it"
    if not any(said):
        return f"has no translation: write its msgstr ({_terms()})"
    if len(said) != len(source) or not all(said):
        return "has no plural: write msgstr[0] for one and msgstr[1] for several"
    if entry.fuzzy:
        return "is marked fuzzy: judge it, and take the mark away"
    for ours, theirs in zip(source, said, strict=True):
        if theirs != theirs.strip(" "):
            return "is translated with a space at its beginning or end: take it away"
        differs = _kept(ours) - _kept(theirs), _kept(theirs) - _kept(ours)
        if any(differs):
            lacks, extra = (" ".join(map(repr, sorted(found))) for found in differs)
            said_so = " and ".join(filter(None, (lacks and f"lacks {lacks}", extra and f"has {extra} too many")))
            return f"is translated with other places or marks: «{theirs[:_MAX_SHOWN]}» {said_so}"
    return None


def _kept(words: str) -> Counter[str]:
    """Places, marks and line breaks of a sentence. The `%` of a number is each language's own affair."""
    return Counter(_KEPT.findall(words))


def _forms(words: object) -> tuple[str, ...]:
    return tuple(str(form) for form in words) if isinstance(words, list | tuple) else (str(words or ""),)


def _terms() -> str:
    return "terms: docs/decisions/080-languages.md"


def _quoted(words: str) -> str:
    shown = words.replace("\n", " ")
    return f"«{shown[:_MAX_SHOWN]}{'…' if len(shown) > _MAX_SHOWN else ''}»"


def gathered(sentences: Iterable[tuple[str, str | None]]) -> dict[str, str | None]:
    """Each sentence once, with its plural if it has one anywhere."""
    wanted: dict[str, str | None] = {}
    for singular, plural in sentences:
        wanted[singular] = wanted.get(singular) or plural
    return wanted
