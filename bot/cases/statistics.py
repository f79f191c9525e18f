"""What a period came to: the annual report's figures, from plain case records.

How cases are counted (what is carried over, what is unregistered, which durations count, how shares round) is
written down once, in docs/decisions/040-counting.md; each rule's name there stands in brackets here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any, TypeVar

from bot.cases.vocabulary import Authorised, Cause, Solution, Source, Status
from bot.catalogue.preparation import Scope

Key = TypeVar("Key", bound=str)

A_YEAR = 365
"""Days from which a shortage counts as lasting a year or more."""

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_YEARS = 10
"""Years in the table of unregistered medicines (the annual report's table 2)."""

UNKNOWN = "ukjent"
"""The group of what has no ATC code."""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case, as far as it is counted. None: not known."""

    number: str
    name: str
    substance: str | None
    atc: str | None
    status: Status
    noticed: dt.date | None
    """When the centre heard of the shortage."""
    closed: dt.date | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    """The newest announced end, reached or not."""
    scope: Scope = Scope.MEDICINE
    authorised: Authorised = Authorised.UNKNOWN
    source: Source | None = None
    cause: Cause | None = None
    domino: bool = False
    slips: int = 0
    """How often the announced end was moved to a later one."""
    slipped_days: int = 0
    solutions: tuple[tuple[Solution, bool | None], ...] = ()
    """What was tried, and whether it worked."""
    gap_days: int | None = None
    """The longest time without cover that a digest of the period showed."""
    days_to_action: int | None = None
    """From the first report to the first thing that a person did with the case."""
    reports: tuple[tuple[str, int], ...] = ()
    """Reports in the period by place."""

    @property
    def first_day(self) -> dt.date | None:
        """The day the case is counted from [from]: its notice; without one its start, or its closing if earlier."""
        if self.noticed is not None or self.start is None:
            return self.noticed
        return min(self.start, self.closed) if self.closed else self.start

    @property
    def last_day(self) -> dt.date | None:
        """The day a closed case was closed [until]; where nobody wrote it down, its end. None: it is open."""
        if self.status is not Status.CLOSED or self.first_day is None:
            return None
        return max(self.closed or self.end or self.first_day, self.first_day)

    @property
    def duration(self) -> int | None:
        """Days from start to end, where both are registered [durations]."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return (self.end - self.start).days

    @property
    def main_group(self) -> str:
        """The first letter of the ATC code."""
        return self.atc[0] if self.atc else UNKNOWN


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period does not end before it begins")

    @classmethod
    def of_year(cls, year: int) -> Period:
        """A calendar year."""
        return cls(dt.date(year, 1, 1), dt.date(year, 12, 31))

    @property
    def year(self) -> int | None:
        """The year, where the period is exactly one."""
        return self.first.year if self == Period.of_year(self.first.year) else None

    def holds(self, day: dt.date | None) -> bool:
        """True for a known day within the period."""
        return day is not None and self.first <= day <= self.last

    def handles(self, record: CaseRecord) -> bool:
        """True for a case that was open on one of the period's days, or closed on it [handled]."""
        begun, over = record.first_day, record.last_day
        return begun is not None and begun <= self.last and (over is None or over >= self.first)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are counted: all that is given must be so."""

    atc: str | None = None
    """The beginning of an ATC code."""
    source: Source | None = None
    cause: Cause | None = None
    authorised: Authorised | None = None
    status: Status | None = None
    substance: str | None = None
    solution: Solution | None = None
    """One that was tried."""
    place: str | None = None
    """A place that reported it in the period."""

    def takes(self, record: CaseRecord) -> bool:
        """True for a case that is to be counted."""
        return (
            (self.atc is None or (record.atc or "").startswith(self.atc.upper()))
            and self.source in (None, record.source)
            and self.cause in (None, record.cause)
            and self.authorised in (None, record.authorised)
            and self.status in (None, record.status)
            and (self.substance is None or _same(record.substance or "") == _same(self.substance))
            and (self.solution is None or any(self.solution is solution for solution, _ in record.solutions))
            and (self.place is None or any(_same(self.place) == _same(place) for place, _ in record.reports))
        )


EVERYTHING = CaseFilter()


@dataclass(frozen=True, slots=True)
class Durations:
    """How long shortages lasted, in days."""

    n: int
    mean: int | None
    median: float | None
    min: int | None
    max: int | None
    year_or_more: int


@dataclass(frozen=True, slots=True)
class NotDmp:
    """Cases that somebody else than DMP gave notice of; `share` in per cent of those with a source."""

    n: int
    share: float | None
    registered: int
    unregistered: int


@dataclass(frozen=True, slots=True)
class UnregisteredOfYear:
    """One column of table 2; `share` in per cent."""

    year: int
    n: int
    handled: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A solution: in how many cases, and in how many it worked, did not, or nobody said."""

    n: int
    worked: int
    did_not: int

    @property
    def unknown(self) -> int:
        """Cases in which nobody said whether it worked."""
        return self.n - self.worked - self.did_not


@dataclass(frozen=True, slots=True)
class Slips:
    """Ends that were moved to a later day."""

    cases: int
    moves: int
    days: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Some numbers of days: how many, their median and their greatest."""

    n: int
    median: float | None
    max: int | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of one period. Groups are in falling order, those of Table 1 in its own."""

    period: Period
    cases: tuple[CaseRecord, ...]
    """Those handled, by number."""
    new: int
    closed: int
    substances: int
    durations: Durations
    atc: Mapping[str, int]
    sources: Mapping[Source, int]
    not_dmp: NotDmp
    unregistered: int
    unregistered_share: float | None
    unregistered_atc: Mapping[str, int]
    authorisation_unknown: int
    by_year: tuple[UnregisteredOfYear, ...]
    causes: Mapping[Cause, int]
    solutions: Mapping[Solution, Tried]
    domino: int
    slips: Slips
    gaps: Spread
    to_action: Spread
    reports: Mapping[str, int]
    undated: int
    """Cases that no year can be given [undated]; in none of the other figures."""
    without_notice: int
    """Of those handled: counted from their start, since the day of the notice is not known."""

    @property
    def handled(self) -> int:
        """Cases that were worked on: the new ones and those carried over."""
        return len(self.cases)

    @property
    def carried_over(self) -> int:
        """Cases from before the period [carried over]."""
        return self.handled - self.new

    @property
    def open_at_end(self) -> int:
        """Cases still open when the period ended."""
        return self.handled - self.closed

    @property
    def sources_total(self) -> int:
        """Cases whose source is known."""
        return sum(self.sources.values())

    @property
    def solutions_said(self) -> int:
        """Cases in which somebody wrote down what was done."""
        return sum(bool(case.solutions) for case in self.cases)

    def as_json(self) -> dict[str, Any]:
        """The contract with other programs (DESIGN §3, `statistics --json`); shares in per cent."""
        return {
            "year": self.period.year,
            "handled": self.handled,
            "new": self.new,
            "carried_over": self.carried_over,
            "closed": self.closed,
            "open_at_year_end": self.open_at_end,
            "substances": self.substances,
            "durations": {
                "n": self.durations.n,
                "mean": self.durations.mean,
                "median": _plain(self.durations.median),
                "min": self.durations.min,
                "max": self.durations.max,
                "year_or_more": self.durations.year_or_more,
            },
            "atc": dict(self.atc),
            "sources": {str(source.words): n for source, n in self.sources.items()},
            "sources_total": self.sources_total,
            "not_dmp": {
                "n": self.not_dmp.n,
                "share": self.not_dmp.share,
                "registered": self.not_dmp.registered,
                "unregistered": self.not_dmp.unregistered,
            },
            "unregistered": {
                "n": self.unregistered,
                "share": self.unregistered_share,
                "atc": dict(self.unregistered_atc),
            },
            "causes": {str(cause.words): n for cause, n in self.causes.items()},
            "solutions": {str(solution.words): tried.n for solution, tried in self.solutions.items()},
        }

    def as_full_json(self) -> dict[str, Any]:
        """Everything that is counted: `as_json`, and what the contract does not name."""
        return self.as_json() | {
            "first_day": self.period.first.isoformat(),
            "last_day": self.period.last.isoformat(),
            "authorisation_unknown": self.authorisation_unknown,
            "unregistered_by_year": {
                str(line.year): {"n": line.n, "handled": line.handled, "share": line.share} for line in self.by_year
            },
            "solutions_worked": {
                str(solution.words): {"worked": tried.worked, "did_not": tried.did_not, "unknown": tried.unknown}
                for solution, tried in self.solutions.items()
            },
            "domino": self.domino,
            "end_slips": {"cases": self.slips.cases, "moves": self.slips.moves, "days": self.slips.days},
            "cover_gaps": {"n": self.gaps.n, "median_days": _plain(self.gaps.median), "max_days": self.gaps.max},
            "first_report_to_first_action": {
                "n": self.to_action.n,
                "median_days": _plain(self.to_action.median),
                "max_days": self.to_action.max,
            },
            "reports": dict(self.reports),
            "undated": self.undated,
            "without_notice": self.without_notice,
        }


def statistics(
    records: Iterable[CaseRecord], period: Period, today: dt.date, only: CaseFilter = EVERYTHING
) -> Statistics:
    """The figures of `period` over those of `records` that `only` takes; nothing is counted after `today`."""
    counted = [record for record in records if is_counted(record) and only.takes(record)]
    begun = period.first <= today
    cases = sorted((one for one in counted if begun and period.handles(one)), key=lambda record: record.number)
    from_others = [record for record in cases if record.source not in (None, Source.DMP)]
    sources = Counter(record.source for record in cases)
    with_source = len(cases) - sources[None]
    unregistered = [record for record in cases if record.authorised is Authorised.NO]
    slipped = [record for record in cases if record.slips]
    reports: Counter[str] = Counter()
    for record in cases:
        reports.update(dict(record.reports))
    return Statistics(
        period=period,
        cases=tuple(cases),
        new=sum(period.holds(record.first_day) for record in cases),
        closed=sum(period.holds(record.last_day) for record in cases),
        substances=len({_same(record.substance) for record in cases if record.substance}),
        durations=durations([days for record in cases if (days := record.duration) is not None]),
        atc=groups(record.main_group for record in cases),
        sources={source: sources[source] for source in Source},
        not_dmp=NotDmp(
            n=len(from_others),
            share=share(len(from_others), with_source),
            registered=sum(record.authorised is Authorised.YES for record in from_others),
            unregistered=sum(record.authorised is Authorised.NO for record in from_others),
        ),
        unregistered=len(unregistered),
        unregistered_share=share(len(unregistered), len(cases)),
        unregistered_atc=groups(record.main_group for record in unregistered),
        authorisation_unknown=sum(record.authorised is Authorised.UNKNOWN for record in cases),
        by_year=unregistered_by_year(counted, min(period.last, today).year),
        causes=_falling(Counter(record.cause or Cause.UNKNOWN for record in cases), last=Cause.UNKNOWN),
        solutions=_tried(cases),
        domino=sum(record.domino or record.cause is Cause.DOMINO for record in cases),
        slips=Slips(
            len(slipped), sum(record.slips for record in slipped), sum(record.slipped_days for record in slipped)
        ),
        gaps=_spread([record.gap_days for record in cases]),
        to_action=_spread([record.days_to_action for record in cases]),
        reports=_falling(reports),
        undated=sum(record.first_day is None for record in counted),
        without_notice=sum(record.noticed is None for record in cases),
    )


def is_counted(record: CaseRecord) -> bool:
    """Medicines, but for what was merged into another case or found not to concern the hospitals [medicines]."""
    return record.scope is Scope.MEDICINE and record.status not in (Status.MERGED, Status.NOT_RELEVANT)


def unregistered_by_year(records: Sequence[CaseRecord], last: int) -> tuple[UnregisteredOfYear, ...]:
    """Table 2: a line for each year from the first case's to `last`, at most `MOST_YEARS`."""
    spans = [
        (begun.year, over.year if (over := record.last_day) else LAST_YEAR, record.authorised is Authorised.NO)
        for record in records
        if (begun := record.first_day) is not None
    ]
    first = min(last, max(min((begun for begun, *_ in spans), default=last), last - MOST_YEARS + 1))
    lines = []
    for year in range(first, last + 1):
        handled = [without for begun, over, without in spans if begun <= year <= over]
        lines.append(UnregisteredOfYear(year, sum(handled), len(handled), share(sum(handled), len(handled))))
    return tuple(lines)


def durations(days: Sequence[int]) -> Durations:
    """The durations' figures; unknown where there is none. The mean is in whole days."""
    if not days:
        return Durations(0, None, None, None, None, 0)
    mean = int((Decimal(sum(days)) / len(days)).quantize(Decimal(1), ROUND_HALF_UP))
    return Durations(len(days), mean, median(days), min(days), max(days), sum(one >= A_YEAR for one in days))


def share(part: int, whole: int) -> float | None:
    """Per cent with one decimal, halves upwards [shares]; None of nothing."""
    if not whole:
        return None
    return float((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


def groups(letters: Iterable[str]) -> dict[str, int]:
    """How many of each, the most frequent first; what has no group comes last."""
    return _falling(Counter(letters), last=UNKNOWN)


def _falling(counts: Counter[Key], *, last: Key | None = None) -> dict[Key, int]:
    order = sorted(counts, key=lambda key: (key == last, -counts[key], str(key)))
    return {key: counts[key] for key in order}


def _tried(cases: Iterable[CaseRecord]) -> dict[Solution, Tried]:
    found: dict[Solution, list[bool | None]] = {}
    for case in cases:
        for solution, worked in case.solutions:
            found.setdefault(solution, []).append(worked)
    tried = {key: Tried(len(said), said.count(True), said.count(False)) for key, said in found.items()}
    return dict(sorted(tried.items(), key=lambda pair: (-pair[1].n, pair[0])))


def _spread(values: Iterable[int | None]) -> Spread:
    known = [value for value in values if value is not None]
    return Spread(len(known), median(known), max(known)) if known else Spread(0, None, None)


def _same(substance: str) -> str:
    """A substance's name as it is compared: "Valaciklovir" and "valaciklovir " are one."""
    return " ".join(substance.casefold().split())


def _plain(value: float | None) -> float | int | None:
    """85 rather than 85.0; 85.5 stays."""
    return int(value) if value is not None and value == int(value) else value
