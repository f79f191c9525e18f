"""What the bot will not do, and why, in words for the person who asked."""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages.phrase import Phrase


class Refused(Exception):
    """Nothing was stored. `phrase` says in one line what is wrong and what to do; `field` names the form field."""

    def __init__(self, phrase: Phrase, *, field: str | None = None) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase
        self.field = field


class FormRefused(Exception):
    """Several fields of a form are wrong; each has its own `Refused`."""

    def __init__(self, refusals: list[Refused]) -> None:
        super().__init__("; ".join(str(refusal) for refusal in refusals))
        self.refusals = refusals


class Overtaken(Refused):
    """Somebody else changed the same thing while a form was open. Sent again, the form goes through.

    `metadata` is what the form then has to remember in place of what it remembered when it was opened.
    """

    def __init__(self, phrase: Phrase, metadata: Mapping[str, object], *, field: str | None = None) -> None:
        super().__init__(phrase, field=field)
        self.metadata = metadata


class NotAllowed(Refused):
    """The person has no grant for this."""


class NotOurs(Refused):
    """What came back is not what the bot put there: forged, or from before it was changed."""
