"""The path of an inquiry that DMP waits for a reply to: who was heard, when, and what is left. Pure.

From the annual report 2025: HERA's inquiries come through DMP, are assessed by specialists, and aligned with
Sykehusinnkjøp, the hospital pharmacies and the regions, before the centre replies within DMP's deadline.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.cases.vocabulary import Worded
from bot.messages.phrase import phrase
from bot.messages.values import Mention


class Step(Worded):
    """One step on the way, in its usual order."""

    RECEIVED = "received", phrase("Mottatt fra DMP")
    SPECIALISTS = "specialists", phrase("Vurdert av spesialistene")
    PURCHASING = "purchasing", phrase("Avklart med Sykehusinnkjøp")
    PHARMACIES = "pharmacies", phrase("Avklart med sykehusapotekene")
    REGIONS = "regions", phrase("Avklart med RHF-ene")
    REPLIED = "replied", phrase("Besvart til DMP")


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: on which day, written down by whom, and with whom or what was said."""

    step: Step
    on: dt.date
    by: Mention | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Path:
    """How far an inquiry has come. `reply_by`: DMP's deadline."""

    taken: tuple[Taken, ...]
    reply_by: dt.date

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps not taken yet, in their order."""
        there = {one.step for one in self.taken}
        return tuple(step for step in Step if step not in there)

    @property
    def next(self) -> Step | None:
        """The first step that is left."""
        return self.left[0] if self.left else None

    @property
    def replied_on(self) -> dt.date | None:
        """When DMP got its reply."""
        return next((one.on for one in self.taken if one.step is Step.REPLIED), None)

    @property
    def in_time(self) -> bool | None:
        """Whether the reply came before DMP's deadline was over; None while there is none."""
        return None if self.replied_on is None else self.replied_on <= self.reply_by

    def of(self, step: Step) -> Taken | None:
        """The step as it was taken."""
        return next((one for one in self.taken if one.step is step), None)

    @property
    def every(self) -> list[tuple[Step, Taken | None]]:
        """Each step with how it was taken, where it was."""
        return [(step, self.of(step)) for step in Step]
