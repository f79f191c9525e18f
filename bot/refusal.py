"""What the bot will not do, and why, in words for the person who asked."""

from __future__ import annotations

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


class NotAllowed(Refused):
    """The person has no grant for this."""
