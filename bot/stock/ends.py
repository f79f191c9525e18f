"""When shortages end: how often an announced end has been moved, and how long such shortages still last."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.messages.phrase import Phrase, phrase

ENOUGH_CASES = 30  # closed and comparable, before anything is said of how long such shortages last
ENOUGH_LEFT = 10  # of them still going at the age in question


@dataclass(frozen=True, slots=True)
class AnnouncedEnd:
    """An end as it was announced on a day; `None` is an end that became unknown."""

    announced_on: dt.date
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class Slips:
    """How an announced end has moved: `times` it was put off, `days` in all (brought forward counts
    against).
    """

    times: int
    days: int
    became_unknown: bool

    @property
    def words(self) -> Phrase:
        """For the case card and the digest."""
        if self.times == 0:
            return phrase("sluttdatoen er ikke flyttet")
        return phrase("sluttdatoen er flyttet {times} ganger, {days} dager i alt", times=self.times, days=self.days)


def slips(history: Iterable[AnnouncedEnd]) -> Slips:
    """How the end has moved through `history`, in any order.

    An unknown end between two known ones moves nothing.
    """
    ordered = sorted(history, key=lambda one: one.announced_on)
    ends = [one.end for one in ordered if one.end is not None]
    moves = [(after - before).days for before, after in itertools.pairwise(ends)]
    return Slips(
        times=sum(move > 0 for move in moves),
        days=sum(moves),
        became_unknown=bool(ordered) and ordered[-1].end is None,
    )


@dataclass(frozen=True, slots=True)
class PastCase:
    """A shortage that lasted `days` when it ended, or that has lasted them and still goes on (`closed`
    false).
    """

    days: int
    closed: bool
    cause: str | None = None
    atc: str | None = None


@dataclass(frozen=True, slots=True)
class Remaining:
    """Days still to go from today, given the age reached.

    Half of such shortages end within `p50`, nine in ten within `p90` (`None` where too few have lasted that
    long to tell). `cases` is how many it rests on; `basis` which.
    """

    p50: int | None
    p90: int | None
    cases: int
    basis: Phrase


def remaining(age_days: int, cases: Sequence[PastCase], *, cause: str | None, atc: str | None) -> Remaining | None:
    """How long a shortage that is `age_days` old still lasts, by the nearest group with enough closed
    cases.

    Groups are tried from near to far: same cause and ATC main group, same cause, same ATC main group, all.
    The product-limit estimate of Kaplan and Meier, conditional on the age. `None` without at least 30
    closed comparable cases of which 10 reached the age.
    """
    group = atc[:1] if atc else None
    tries: list[tuple[bool, Callable[[PastCase], bool], Phrase]] = [
        (
            cause is not None and group is not None,
            lambda case: case.cause == cause and (case.atc or "")[:1] == group,
            phrase("samme årsak og ATC-gruppe {group}", group=group),
        ),
        (cause is not None, lambda case: case.cause == cause, phrase("samme årsak")),
        (group is not None, lambda case: (case.atc or "")[:1] == group, phrase("ATC-gruppe {group}", group=group)),
        (True, lambda case: True, phrase("alle saker")),
    ]
    for usable, belongs, basis in tries:
        like = [case for case in cases if belongs(case)] if usable else []
        reached = [case for case in like if case.days > age_days]
        if sum(case.closed for case in like) >= ENOUGH_CASES and len(reached) >= ENOUGH_LEFT:
            half, most = (_lasts(reached, share) for share in (0.5, 0.9))
            return Remaining(
                None if half is None else half - age_days, None if most is None else most - age_days, len(like), basis
            )
    return None


def _lasts(reached: Sequence[PastCase], share: float) -> int | None:
    """The age by which `share` of `reached` have ended, by the product-limit estimate.

    `None` if none is seen.
    """
    left = 1.0
    for days in sorted({case.days for case in reached if case.closed}):
        at_risk = sum(case.days >= days for case in reached)
        ended = sum(case.closed and case.days == days for case in reached)
        left *= 1 - ended / at_risk
        if left <= 1 - share + 1e-12:
            return days
    return None
