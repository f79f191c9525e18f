"""When shortages end: how often an announced end has been moved, and how long such shortages still last."""

from __future__ import annotations

import datetime as dt
import itertools
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import neg

from bot.messages.phrase import Phrase, phrase
from bot.messages.words import Days

ENOUGH_CASES = 30  # closed and comparable, before anything is said of how long such shortages last
ENOUGH_LEFT = 10  # of them still going at the age in question


@dataclass(frozen=True, slots=True)
class Slips:
    """How an announced end has moved: `times` it was put off, `days` in all (brought forward counts
    against).
    """

    times: int = 0
    days: int = 0

    @property
    def words(self) -> Phrase | None:
        """For the case card, the status and the digest; None where it was never put off."""
        if self.times == 0:
            return None
        moved = phrase("1 gang") if self.times == 1 else phrase("{n} ganger", n=self.times)
        if self.days <= 0:
            return phrase("sluttdato flyttet {moved}, nå ikke senere enn først meldt", moved=moved)
        return phrase("sluttdato flyttet {moved}, {days} i alt", moved=moved, days=Days(self.days))


UNMOVED = Slips()


def slips(ends: Iterable[dt.date | None]) -> Slips:
    """How the end has moved through `ends`, in the order they were announced; `None`: it became unknown.

    An unknown end between two known ones moves nothing.
    """
    known = [end for end in ends if end is not None]
    moves = [(after - before).days for before, after in itertools.pairwise(known)]
    return Slips(times=sum(move > 0 for move in moves), days=sum(moves))


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
    long to tell). `cases` is how many closed ones it rests on; `basis` which.
    """

    p50: int | None
    p90: int | None
    cases: int
    basis: Phrase

    def words(self, today: dt.date) -> Phrase | None:
        """How long such shortages last, as dates, and what that rests on; None where nothing can be told."""
        if self.p50 is None:
            return None
        half = today + dt.timedelta(self.p50)
        rests_on = {"cases": self.cases, "basis": self.basis}
        if self.p90 is None:
            return phrase(
                "Halvparten av slike saker varer til {half} ({cases} avsluttede saker: {basis}).", half=half, **rests_on
            )
        return phrase(
            "Halvparten av slike saker varer til {half}, én av ti lenger enn {most} "
            "({cases} avsluttede saker: {basis}).",
            half=half,
            most=today + dt.timedelta(self.p90),
            **rests_on,
        )


class _Alike:
    """The shortages of one group, with the product-limit estimate of Kaplan and Meier over all of them."""

    def __init__(self, cases: Sequence[PastCase]) -> None:
        self.closed = sum(case.closed for case in cases)
        self._days = sorted(case.days for case in cases)
        ended = Counter(case.days for case in cases if case.closed)
        self._ages = sorted(ended)
        self._still: list[float] = []
        """The share that still goes on after each of `_ages`, falling."""
        left = 1.0
        for age in self._ages:
            left *= 1 - ended[age] / (len(cases) - bisect_left(self._days, age))
            self._still.append(left)

    def reached(self, age: int) -> int:
        """How many lasted longer than `age`."""
        return len(self._days) - bisect_right(self._days, age)

    def age_when_over(self, share: float, *, after: int) -> int | None:
        """The age by which `share` of those that lasted longer than `after` have ended; None: nobody has seen it."""
        first = bisect_right(self._ages, after)
        going_on = self._still[first - 1] if first else 1.0
        wanted = going_on * (1 - share) + 1e-12
        place = bisect_left(self._still, -wanted, lo=first, key=neg)
        return self._ages[place] if place < len(self._ages) else None


class PastCases:
    """All shortages there have been, for the question how long one of a certain age still lasts."""

    def __init__(self, cases: Iterable[PastCase]) -> None:
        self._cases = tuple(cases)
        self._groups: dict[tuple[str | None, str | None], _Alike] = {}

    def remaining(self, age_days: int, *, cause: str | None, atc: str | None) -> Remaining | None:
        """How long a shortage that is `age_days` old still lasts, by the nearest group with enough closed
        cases.

        Groups are tried from near to far: same cause and ATC main group, same cause, same ATC main group,
        all. The product-limit estimate of Kaplan and Meier, conditional on the age. `None` without at least
        30 closed comparable cases, and 10 cases that reached the age.
        """
        group = atc[:1] if atc else None
        near: list[tuple[str | None, str | None, Phrase]] = []
        if cause and group:
            near.append((cause, group, phrase("samme årsak og ATC-gruppe {group}", group=group)))
        if cause:
            near.append((cause, None, phrase("samme årsak")))
        if group:
            near.append((None, group, phrase("ATC-gruppe {group}", group=group)))
        near.append((None, None, phrase("alle saker")))
        for of_cause, of_group, basis in near:
            alike = self._alike(of_cause, of_group)
            if alike.closed >= ENOUGH_CASES and alike.reached(age_days) >= ENOUGH_LEFT:
                half, most = (alike.age_when_over(share, after=age_days) for share in (0.5, 0.9))
                return Remaining(
                    None if half is None else half - age_days,
                    None if most is None else most - age_days,
                    alike.closed,
                    basis,
                )
        return None

    def _alike(self, cause: str | None, group: str | None) -> _Alike:
        if (cause, group) not in self._groups:
            self._groups[cause, group] = _Alike(
                [
                    case
                    for case in self._cases
                    if cause in (None, case.cause) and (group is None or (case.atc or "")[:1] == group)
                ]
            )
        return self._groups[cause, group]
