"""What Mangelmøtet has to talk about, and in which order: pure, from plain facts.

Per case the meeting's four questions: how long will it last, what is in stock, does that cover the period,
can a substitute be had. What is not known is said. An audience without numbers: give facts without numbers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from bot.cases.restrictions import Restriction, State
from bot.cases.vocabulary import Criticality, Status
from bot.clock import oslo
from bot.meeting.minutes import Task, meeting_called
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.messages.words import BOKMAAL, DayMonth, Days, Language
from bot.stock.cover import Answer
from bot.stock.ends import UNMOVED, Slips

Said: TypeAlias = Phrase | str

MANY = 8
"""From so many cases on, a digest begins with a list of those that need a decision."""


# --- what is known ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case as the meeting may see it. Only what is known needs to be given."""

    number: str
    name: str
    """As shown: "Zovirax (aciklovir)"."""
    status: Status
    opened_at: dt.datetime
    closed_at: dt.datetime | None = None
    substance: str = ""
    atc: str | None = None
    complex: str | None = None

    start: dt.date | None = None
    expected_end: dt.date | None = None
    duration: Said | None = None
    """In words, where the two dates do not tell it."""
    slips: Slips = UNMOVED
    """How often and how far the expected end was moved."""
    lasts: Said | None = None
    """How long such shortages last, where enough of them have ended to tell."""

    stock: Said | None = None
    covers: Answer = Answer.UNKNOWN
    gap_days: int | None = None
    margin: Said | None = None
    """What is left beyond the period: "+ 1–2 måneder"."""
    why: Said | None = None
    """Why the cover, or the gap, is not known."""
    substitute: Said | None = None
    substitute_ready: bool = False
    note: Said | None = None

    remark: Said | None = None
    """What stands beside the name, whether new or not: "siden våren 2024"."""
    changes: tuple[Said, ...] = ()
    """What has changed since the last meeting."""
    decision_question: Said | None = None
    criticality: Criticality | None = None
    """What is at stake for patients, as the centre has set it."""
    reports: int = 0
    """Reports since the last meeting."""
    hospitals: int = 0
    """The places they came from."""
    domino_of: str | None = None
    """The number of the case whose shortage causes this one."""
    outcome: Said | None = None
    owner: Mention | str | None = None
    next_step: Said | None = None
    next_step_on: dt.date | None = None
    tasks: tuple[Task, ...] = ()
    """What meetings have asked for and nobody has done yet."""
    restricted: tuple[Said, ...] = ()
    """What is restricted, or is decided to be, a sentence a restriction."""
    standing: Said | None = None
    """Why it is talked about although nothing is new."""


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """One open stock alert."""

    item: str
    pool: str
    says: Said
    """"rekker trolig til 20. juli, tidligst 16. juli"; for an audience without numbers, the band."""
    case: str | None = None
    followed_by: Mention | str | None = None


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """One restriction that is to be looked at again. `parts`: what restricts, or will; `plan`: it is not in force."""

    case: str
    name: str
    parts: tuple[str, ...]
    day: dt.date
    plan: bool = False

    @classmethod
    def of(cls, restriction: Restriction, name: str, today: dt.date) -> ReviewFacts:
        """From a restriction with a day for its review; parts that are over have nothing to review."""
        assert restriction.review_on is not None  # noqa: S101
        standing = tuple(part.words for part in restriction.parts if not part.over(today))
        return cls(restriction.case, name, standing, restriction.review_on, restriction.state is State.PLAN)


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """Everything for one digest: every open case, and those closed since the last meeting."""

    week: str
    as_of: dt.datetime
    since: dt.datetime
    """The last meeting's digest: what came after it is new."""
    cases: Sequence[CaseFacts]
    alerts: Sequence[AlertFacts] = ()
    alerts_worth: Said | None = None
    """What the alerts were worth since the last meeting."""
    reports: Mapping[str, int] = field(default_factory=dict)
    """Reports since the last meeting, by place."""
    planned: dt.datetime | None = None
    """When it should have been posted, given only if it is posted late."""
    only_news: bool = False
    """The morning's update: cases without news are counted, however critical."""
    tasks: Sequence[Task] = ()
    """Given in earlier meetings: those that are not done, and those done since the last one."""
    left: Collection[str] = ()
    """Cases that the last meeting did not reach."""
    reviews: Sequence[ReviewFacts] = ()
    """Restrictions that are to be looked at again before the next meeting, or should have been."""
    title: str | None = None
    """The forum's, where it is another than Mangelmøtet."""


# --- what is said -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the agenda. `place` is its number there; 0 for what is only listed."""

    place: int
    case: CaseFacts
    section: str
    remarks: tuple[Said, ...]
    duration: Said
    stock: Said
    covers: Answer
    gap_days: int | None
    substitute: Said
    decision: Said | None
    why: tuple[Said, ...]
    """What puts it where it stands in the order, and why a figure is not known."""
    stakes: tuple[Said, ...] = ()
    """Those of them that nothing else in the entry says."""
    siblings: tuple[Entry, ...] = ()
    """The other cases of its complex and substance, which are talked about with it."""

    @property
    def cases(self) -> tuple[Entry, ...]:
        """Itself and its siblings: what statistics count."""
        return (self, *self.siblings)

    def as_json(self, words: Language) -> dict[str, Any]:
        """The case as `mangelvakt digest --json` prints it."""
        case = self.case
        return {
            "number": case.number,
            "name": case.name,
            "substance": case.substance or None,
            "atc": case.atc,
            "section": self.section,
            "start": case.start.isoformat() if case.start else None,
            "end": case.expected_end.isoformat() if case.expected_end else None,
            "duration": words.say(self.duration),
            "stock": words.say(self.stock),
            "covers": words.say(self.covers.words),
            "gap_days": self.gap_days,
            "substitute": words.say(self.substitute),
            "why": "; ".join(words.say(reason) for reason in self.why) or None,
            "remarks": [words.say(remark) for remark in self.remarks],
            "decision": None if self.decision is None else words.say(self.decision),
            "restrictions": [words.say(one) for one in case.restricted],
            "domino_of": case.domino_of,
            "next_step": None if case.next_step is None else words.say(case.next_step),
            "next_step_on": case.next_step_on.isoformat() if case.next_step_on else None,
        }


@dataclass(frozen=True, slots=True)
class Digest:
    """The agenda of one meeting. `decisions` stand in their sections too; numbers count cases, not complexes."""

    week: str
    as_of: dt.datetime
    since: dt.datetime
    planned: dt.datetime | None
    decisions: tuple[Entry, ...]
    new: tuple[Entry, ...]
    ongoing: tuple[Entry, ...]
    upcoming: tuple[Entry, ...]
    closed: tuple[Entry, ...]
    unchanged: tuple[Entry, ...]
    alerts: tuple[AlertFacts, ...]
    alerts_worth: Said | None
    reports: Mapping[str, int]
    tasks: tuple[Task, ...] = ()
    reviews: tuple[ReviewFacts, ...] = ()
    title: str | None = None

    @property
    def called(self) -> Phrase:
        """ "Mangelmøtet uke 29" """
        return meeting_called(self.title, self.week)

    @property
    def is_main(self) -> bool:
        """Whether it is Mangelmøtet's, which sees every report and every alert."""
        return self.title is None

    @property
    def tasks_left(self) -> tuple[Task, ...]:
        """Those that are not done."""
        return tuple(task for task in self.tasks if task.done_at is None)

    @property
    def today(self) -> dt.date:
        """The day in Oslo on which it was composed."""
        return oslo(self.as_of).date()

    @property
    def week_number(self) -> int:
        """29, of "2025-W29"."""
        return int(self.week[-2:])

    @property
    def report_count(self) -> int:
        """Reports since the last meeting, of all places."""
        return sum(self.reports.values())

    @property
    def agenda(self) -> tuple[Entry, ...]:
        """What is talked about, in order."""
        return (*self.new, *self.ongoing, *self.upcoming)

    @property
    def families(self) -> list[list[str]]:
        """The agenda as case numbers, those together that are talked about together."""
        return [[one.case.number for one in entry.cases] for entry in self.agenda]

    @property
    def covers(self) -> dict[str, list[Any]]:
        """Case number → whether its period is covered, and the gap in days: what the next digest compares with."""
        listed = [case for entry in (*self.agenda, *self.unchanged) for case in entry.cases]
        return {entry.case.number: [entry.covers.value, entry.gap_days] for entry in listed}

    @property
    def is_long(self) -> bool:
        """Whether the reader needs to be told first what needs a decision."""
        return len(self.agenda) >= MANY

    @property
    def has_news(self) -> bool:
        """Whether there is anything to say that the last one did not."""
        return bool(self.agenda or self.closed or self.reports)

    def count(self, section: str) -> int:
        """How many cases a section holds, those of a complex counted one by one."""
        entries: tuple[Entry, ...] = getattr(self, section)
        return sum(len(entry.cases) for entry in entries)

    def as_json(self, words: Language = BOKMAAL) -> dict[str, Any]:
        """What `mangelvakt digest --json` prints."""
        sections = ("decisions", "new", "ongoing", "upcoming", "closed")
        return {
            "week": self.week,
            **{
                section: [case.as_json(words) for entry in getattr(self, section) for case in entry.cases]
                for section in sections
            },
            "unchanged": self.count("unchanged"),
            "unchanged_numbers": [entry.case.number for entry in self.unchanged],
            "alerts": [
                {"item": alert.item, "pool": alert.pool, "says": words.say(alert.says), "case": alert.case}
                for alert in self.alerts
            ],
            "reports": dict(self.reports),
            "tasks": [
                {
                    "text": task.text,
                    "case": task.case,
                    "due": task.due.isoformat() if task.due else None,
                    "done": task.done_at is not None,
                }
                for task in self.tasks
            ],
            "reviews": [
                {"case": one.case, "name": one.name, "parts": list(one.parts), "day": one.day.isoformat()}
                for one in self.reviews
            ],
        }


# --- what becomes of it -----------------------------------------------------------------------------

_SEVERITY = {Answer.NO: 4, Answer.PROBABLY_NOT: 3, Answer.UNKNOWN: 2, Answer.PROBABLY: 1, Answer.YES: 0}
_UNCOVERED = 3
_AT_STAKE: dict[Criticality | None, int] = {Criticality.HIGH: 2, Criticality.MEDIUM: 1}


def compose(facts: DigestFacts) -> Digest:
    """The agenda: in each section what needs a decision first, then by what is at stake."""
    sections: dict[str, list[CaseFacts]] = defaultdict(list)
    dominoes = Counter(case.domino_of for case in facts.cases if case.domino_of and case.status.is_open)
    stake = partial(_stake, dominoes=dominoes, left=frozenset(facts.left))
    for case in sorted(facts.cases, key=stake):
        section = _section(case, facts)
        if section is not None:
            sections[section if section == "closed" or _is_shown(case, facts) else "unchanged"].append(case)
    agenda = {name: _grouped(sections[name]) for name in ("new", "ongoing", "upcoming")}
    families = [family for name in agenda for family in agenda[name]]
    places = {case.number: place for place, family in enumerate(families, 1) for case in family}
    write = _Writer(facts, places, dominoes, {case.number: case.name for case in facts.cases})
    written = {name: tuple(write.entry(family, name) for family in agenda[name]) for name in agenda}
    decisions = [entry for entries in written.values() for entry in entries if entry.decision is not None]
    return Digest(
        week=facts.week,
        as_of=facts.as_of,
        since=facts.since,
        planned=facts.planned,
        decisions=tuple(sorted(decisions, key=lambda entry: stake(entry.case))),
        new=written["new"],
        ongoing=written["ongoing"],
        upcoming=written["upcoming"],
        closed=tuple(write.entry([case], "closed") for case in sections["closed"]),
        unchanged=tuple(write.entry([case], "unchanged") for case in sections["unchanged"]),
        alerts=tuple(facts.alerts),
        alerts_worth=facts.alerts_worth,
        reports=dict(sorted(facts.reports.items(), key=lambda item: (-item[1], item[0]))),
        tasks=tuple(sorted(facts.tasks, key=lambda task: (task.done_at is not None, task.due or dt.date.max, task.id))),
        reviews=tuple(sorted(facts.reviews, key=lambda review: (review.day, review.case))),
        title=facts.title,
    )


def _section(case: CaseFacts, facts: DigestFacts) -> str | None:
    """Where a case belongs on the day; None for what is not the meeting's."""
    if case.status is Status.CLOSED:
        closed_since = case.closed_at is not None and facts.since < case.closed_at <= facts.as_of
        return "closed" if closed_since else None
    if not case.status.is_open or case.opened_at > facts.as_of:
        return None
    if case.opened_at > facts.since:
        return "new"
    return "upcoming" if _is_to_come(case, facts) else "ongoing"


def _is_to_come(case: CaseFacts, facts: DigestFacts) -> bool:
    today = oslo(facts.as_of).date()
    return case.status is Status.UPCOMING and (case.start is None or case.start > today)


def _has_begun(case: CaseFacts, facts: DigestFacts) -> bool:
    """Whether the shortage began since the last meeting."""
    first, today = oslo(facts.since).date(), oslo(facts.as_of).date()
    return case.start is not None and first < case.start <= today and case.opened_at <= facts.since


def _is_shown(case: CaseFacts, facts: DigestFacts) -> bool:
    news = bool(case.changes or case.reports or case.opened_at > facts.since or _has_begun(case, facts))
    asked = case.decision_question is not None or case.standing is not None
    standing = asked or case.criticality is Criticality.HIGH or case.number in facts.left
    return news or (standing and not facts.only_news)


def _stake(case: CaseFacts, dominoes: Mapping[str, int], left: Collection[str]) -> tuple[int | str, ...]:
    """The order of the agenda: what needs a decision, was left, is not covered, matters most, lasts longest."""
    severity = _SEVERITY[case.covers]
    return (
        case.decision_question is None,
        case.number not in left,
        severity < _UNCOVERED,
        -_AT_STAKE.get(case.criticality, 0),
        -severity,
        -(case.gap_days or 0),
        -case.hospitals,
        -case.reports,
        -dominoes.get(case.number, 0),
        -case.slips.times,
        case.number,
    )


def _grouped(cases: Sequence[CaseFacts]) -> list[list[CaseFacts]]:
    """Cases of a complex together, at the place of the first: one family for each substance or decision."""
    by_complex: dict[str, list[list[CaseFacts]]] = {}
    for case in cases:
        families = by_complex.setdefault(case.complex or case.number, [])
        joins = (family for family in families if family[0].substance == case.substance)
        family = next(joins, None) if case.decision_question is None else None
        if family is None:
            families.append([case])
        else:
            family.append(case)
    return [family for families in by_complex.values() for family in families]


@dataclass(frozen=True)
class _Writer:
    """Puts facts into words for one digest."""

    facts: DigestFacts
    places: Mapping[str, int]
    dominoes: Mapping[str, int]
    names: Mapping[str, str]

    def entry(self, family: Sequence[CaseFacts], section: str) -> Entry:
        case, *others = family
        return Entry(
            place=self.places.get(case.number, 0),
            case=case,
            section=section,
            remarks=tuple(self._remarks(case, section)),
            duration=self._duration(case),
            stock=case.stock or phrase("ukjent"),
            covers=case.covers,
            gap_days=case.gap_days or None,
            substitute=case.substitute or phrase("vet ikke"),
            decision=case.decision_question,
            why=(*self._stakes(case), *self._why(case)),
            stakes=tuple(self._stakes(case)),
            siblings=tuple(self.entry([other], section) for other in others),
        )

    def _remarks(self, case: CaseFacts, section: str) -> Iterable[Said]:
        if section == "closed":
            if case.opened_at > self.facts.since:
                yield phrase("ny siden sist")
            yield case.outcome or phrase("utfall ukjent")
            return
        found = [*([case.remark] if case.remark else []), *case.changes]
        if _has_begun(case, self.facts):
            found.append(phrase("begynte {day}", day=self._day(case.start)))
        found += [*_slips(case), *_reports(case)]
        if case.domino_of is not None:
            place = self.places.get(case.domino_of)
            found.append(
                phrase("dominoeffekt av sak {place}", place=place)
                if place
                else phrase("dominoeffekt av {number}", number=case.domino_of)
            )
        if not found and section != "new":
            found.append(phrase("uendret"))
        yield from found

    def _duration(self, case: CaseFacts) -> Said:
        if case.duration is not None:
            return case.duration
        to_come = case.start is not None and _is_to_come(case, self.facts)
        cause = self.names.get(case.domino_of) if case.domino_of is not None else None
        if case.expected_end is None and cause is not None:
            return phrase("følger {name}", name=cause.split(" ")[0])
        start = self._day(case.start)
        if case.expected_end is None:
            unknown = phrase("fra {start}, slutt ukjent", start=start) if to_come else phrase("ukjent")
            return phrase("{unknown}. {lasts}", unknown=unknown, lasts=case.lasts) if case.lasts else unknown
        end = self._day(case.expected_end)
        if case.expected_end < oslo(self.facts.as_of).date():
            return phrase("skulle vært over {end}", end=end)
        return phrase("{start}–{end}", start=start, end=end) if to_come else phrase("til {end}", end=end)

    def _stakes(self, case: CaseFacts) -> Iterable[Said]:
        if case.number in self.facts.left:
            yield phrase("ikke rukket sist")
        if case.standing is not None:
            yield case.standing
        if case.criticality in _AT_STAKE:
            critical = case.criticality is Criticality.HIGH
            yield phrase("kritisk for pasientene") if critical else phrase("viktig for pasientene")
        if case.number in self.dominoes:
            yield phrase("gir dominoeffekt")

    def _why(self, case: CaseFacts) -> Iterable[Said]:
        if case.gap_days:
            yield phrase("ca. {days} udekket", days=Days(case.gap_days))
        elif case.covers is Answer.NO:
            yield phrase("dekker ikke perioden")
        elif case.covers is Answer.PROBABLY_NOT:
            yield phrase("dekker trolig ikke perioden")
        yield from _reports(case)
        yield from _slips(case)
        if case.why is not None:
            yield case.why

    def _day(self, day: dt.date | None) -> object:
        return DayMonth(day) if day is not None and day.year == oslo(self.facts.as_of).year else day


LEAST_GAP_CHANGE = 14
"""Days by which a gap must have grown or shrunk to be news."""


def cover_change(before: Sequence[Any] | None, covers: Answer, gap_days: int | None) -> list[Said]:
    """What is new in whether the stock lasts, since a digest that said `before` (see `Digest.covers`).

    That it is not known any more is no news of the shortage: the entry says why.
    """
    if before is None or covers is Answer.UNKNOWN:
        return []
    answer, gap = Answer(before[0]), before[1]
    if answer is not covers:
        return [phrase("dekning: fra {before} til {after}", before=answer.words, after=covers.words)]
    if gap and gap_days and abs(gap_days - gap) >= LEAST_GAP_CHANGE:
        return [phrase("udekket: fra {before} til {after}", before=Days(gap), after=Days(gap_days))]
    return []


def _slips(case: CaseFacts) -> list[Said]:
    return [case.slips.words] if case.slips.words is not None else []


def _reports(case: CaseFacts) -> list[Said]:
    if case.reports == 0:
        return []
    if case.reports == 1:
        return [phrase("1 ny melding")]
    if case.hospitals <= 1:
        return [phrase("{n} nye meldinger", n=case.reports)]
    return [phrase("{n} nye meldinger fra {places} steder", n=case.reports, places=case.hospitals)]
