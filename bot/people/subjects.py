"""What can be followed, how often one hears of it, and which of several follows decides. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.cases.vocabulary import Worded
from bot.clock import oslo
from bot.messages.phrase import phrase
from bot.reminders.timing import when_passed


class Pace(Worded):
    """How often one hears of what one follows. `NEVER` follows nothing: it only keeps something quiet."""

    NOW = "now", phrase("med en gang")
    DAILY = "daily", phrase("samlet hver dag")
    WEEKLY = "weekly", phrase("samlet hver uke")
    NEVER = "never", phrase("ikke")

    def due(self, now: dt.datetime) -> dt.datetime:
        """When news that come now are told: on the next working morning, or on the first of the next week."""
        today = oslo(now).date()
        if self is Pace.DAILY:
            return when_passed(today + dt.timedelta(1))
        if self is Pace.WEEKLY:
            return when_passed(today + dt.timedelta(8 - today.isoweekday()))
        return now


PACES = {
    "straks": Pace.NOW,
    "nå": Pace.NOW,
    "now": Pace.NOW,
    "immediately": Pace.NOW,
    "daglig": Pace.DAILY,
    "dagleg": Pace.DAILY,
    "daily": Pace.DAILY,
    "ukentlig": Pace.WEEKLY,
    "vekentleg": Pace.WEEKLY,
    "kvar veke": Pace.WEEKLY,
    "hver uke": Pace.WEEKLY,
    "hver dag": Pace.DAILY,
    "kvar dag": Pace.DAILY,
    "med en gang": Pace.NOW,
    "med ein gong": Pace.NOW,
    "weekly": Pace.WEEKLY,
}
"""How a pace is written after what is followed."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be followed: `kind` is case, substance, atc, region or pool; `label` is what people read."""

    kind: str
    ref: str
    label: str


class Following(Protocol):
    """A follow, as far as deciding needs it."""

    kind: str
    subject: str
    pace: str
    muted_until: dt.date | None


Some = TypeVar("Some", bound=Following)


def deciding(follows: Iterable[Some], subjects: Sequence[tuple[str, str]], today: dt.date) -> Some | None:
    """Which of one person's follows brings the news of something that is these `subjects`, the narrowest first.

    The narrowest decides: whoever follows a group and has muted one of its cases hears nothing of that case, and
    whoever has muted the group still hears of the case that they follow. None: nothing is told.
    """
    place = {subject: n for n, subject in enumerate(subjects)}
    matching = [follow for follow in follows if (follow.kind, follow.subject) in place]
    for follow in sorted(matching, key=lambda follow: place[follow.kind, follow.subject]):
        if is_muted(follow.muted_until, today):
            return None
        if follow.pace != Pace.NEVER.value:
            return follow
    return None


def is_muted(until: dt.date | None, today: dt.date) -> bool:
    """Muted to the end of `until`."""
    return until is not None and today <= until
