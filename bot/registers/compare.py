"""A register's list beside the one before it and our own cases: what is new, changed and gone.

Only proposals come out of here. A person opens and closes cases, and a row that is missing proves nothing
(DOMAIN §2).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from bot.cases.medicine import Medicine
from bot.catalogue.match import Decision, Match
from bot.catalogue.normalise import plain, words
from bot.messages.phrase import Phrase, phrase
from bot.registers.notices import Notice, NoticeStatus

STEM = 5
"""Letters that a register's and the catalogue's name of a substance share: "paliperidonpalmitat", "Paliperidon"."""

SAME_NAME = 80.0
"""Likeness (`fuzz.token_sort_ratio`) from which a row with another name in the same period is a renamed one."""


class Grade(StrEnum):
    """How sure it is which medicine a row means."""

    CERTAIN = "certain"
    LIKELY = "likely"
    ASK = "ask"
    NONE = "none"


class Proposed(StrEnum):
    """What a row proposes."""

    NEW = "new"
    EXTEND = "extend"
    UPDATE = "update"
    ENDED = "ended"
    SAME = "same"
    NOT_RELEVANT = "not_relevant"


class Verdict(StrEnum):
    """What a person has decided of a notice."""

    CASE = "case"
    FOLLOW = "follow"
    NOT_RELEVANT = "not_relevant"


@dataclass(frozen=True, slots=True)
class Graded:
    """Which medicine a row means; `medicine` None where that is not known, `atc` then of the nearest one."""

    grade: Grade
    medicine: Medicine | None = None
    atc: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A notice as it was last read, with what a person decided of it. `gone`: not in the newest list."""

    id: int
    notice: Notice
    medicine_key: str | None = None
    verdict: Verdict | None = None
    reason: str | None = None
    case: str | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case of ours that a row may be about."""

    number: str
    start: dt.date | None
    expected_end: dt.date | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one row proposes, and why. `notice` None: the row of `known` is gone from the list.

    `after`: the period before this one, of which a person decided what holds here too.
    """

    action: Proposed
    notice: Notice | None
    graded: Graded
    known: Known | None
    case: str | None
    why: tuple[Phrase, ...]
    after: Known | None = None

    @property
    def row(self) -> int | None:
        """The row's number in the file."""
        return self.notice.row if self.notice else None

    @property
    def about(self) -> Notice:
        """The notice as it stands now, or as it last stood."""
        if self.notice is not None:
            return self.notice
        assert self.known is not None  # noqa: S101
        return self.known.notice


def grade(notice: Notice, found: Match, meant: Medicine | None) -> Graded:
    """How sure a match of the row's name is: certain where the register's own substance says the same."""
    if found.decision is Decision.NONE or not found.candidates:
        return Graded(Grade.NONE)
    best = found.candidates[0]
    same = _share_a_stem(notice.substance, best.substance)
    if found.decision is Decision.MATCH:
        return Graded(Grade.CERTAIN if same else Grade.LIKELY, meant, best.atc)
    return Graded(Grade.ASK, None, best.atc)


def _share_a_stem(one: str, other: str) -> bool:
    return not _stems(one).isdisjoint(_stems(other))


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in words(plain(text)) if len(word) >= STEM}


def compare(
    rows: Sequence[Notice],
    graded: Mapping[int, Graded],
    known: Sequence[Known],
    cases: Mapping[str, Sequence[OpenCase]],
    *,
    refused: Iterable[str] = (),
) -> list[Proposal]:
    """A proposal for each of `rows`, in their order, then one for each notice that has not ended and is gone.

    `graded` is by the row's number, `cases` by the medicine's key (`Medicine.key`). `refused` are the names in rows
    that could not be read: what has such a name may still stand in the list.
    """
    before = _same_notice(rows, known)
    by_medicine: dict[str, list[Known]] = defaultdict(list)
    for one in known:
        by_medicine[_medicine_of(one)].append(one)
    proposals = []
    for notice in rows:
        found = graded[notice.row]
        earlier = before.get(notice.row)
        case = _case_of(notice, found, earlier, cases)
        if notice.veterinary:
            proposal = Proposal(Proposed.NOT_RELEVANT, notice, found, earlier, None, (phrase("veterinærpreparat"),))
        elif earlier is not None:
            proposal = _changed(notice, found, earlier, case)
        else:
            proposal = _unseen(notice, found, by_medicine.get(_key(notice, found), ()), case)
        proposals.append(proposal)
    unread = {plain(name) for name in refused}
    missing = [one for one in known if plain(one.notice.name) not in unread]
    return proposals + list(_gone(missing, before.values()))


# --- which row is which notice ---


def _same_notice(rows: Sequence[Notice], known: Sequence[Known]) -> dict[int, Known]:
    """Row number → the notice that it continues.

    The register numbers nothing. A row is the same notice where name and start are, of several the one that nothing
    else has changed in; else where the name is and only one period is left; else where the period is and the name has
    merely been written differently.
    """
    found: dict[int, Known] = {}
    left = dict(enumerate(known))

    def take(notice: Notice, place: int) -> None:
        found[notice.row] = left.pop(place)

    for alike in _ALIKE:
        waiting: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for place, one in reversed(left.items()):
            waiting[alike(one.notice)].append(place)
        for notice in rows:
            if notice.row not in found and waiting[alike(notice)]:
                take(notice, waiting[alike(notice)].pop())
    by_name: dict[str, list[int]] = defaultdict(list)
    for place, one in left.items():
        if one.notice.status is not NoticeStatus.ENDED:
            by_name[plain(one.notice.name)].append(place)
    for notice in rows:
        places = by_name.get(plain(notice.name), [])
        if (
            notice.row not in found
            and notice.status is not NoticeStatus.ENDED
            and len(places) == 1
            and _meet(notice, left[places[0]].notice)
        ):
            take(notice, places.pop())
    by_period: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, one in left.items():
        by_period[one.notice.start, one.notice.end].append(place)
    for notice in rows:
        if notice.row in found:
            continue
        near = [
            place
            for place in by_period[notice.start, notice.end]
            if place in left and _renamed(notice, left[place].notice)
        ]
        if len(near) == 1:
            take(notice, near[0])
    return found


_ALIKE: tuple[Callable[[Notice], tuple[object, ...]], ...] = (
    lambda notice: (plain(notice.name), notice.start, notice.end, notice.note),
    lambda notice: (plain(notice.name), notice.start, notice.end),
    lambda notice: (plain(notice.name), notice.start),
)
"""What makes two rows of the same name the same notice, the closest first."""


def _meet(one: Notice, other: Notice) -> bool:
    """True where the periods overlap: a start that was moved, not a shortage of its own."""
    first, last = dt.date.min, dt.date.max
    return (one.start or first) <= (other.end or last) and (other.start or first) <= (one.end or last)


_DIGITS = re.compile(r"\d+")


def _renamed(one: Notice, other: Notice) -> bool:
    """The same medicine under another name: like names, the same substance, every number the same."""
    return (
        plain(one.substance) == plain(other.substance)
        and sorted(_DIGITS.findall(one.name)) == sorted(_DIGITS.findall(other.name))
        and fuzz.token_sort_ratio(plain(one.name), plain(other.name)) >= SAME_NAME
    )


def _key(notice: Notice, graded: Graded) -> str:
    return graded.medicine.key if graded.medicine else f"name|{plain(notice.name)}"


def _medicine_of(known: Known) -> str:
    return known.medicine_key or f"name|{plain(known.notice.name)}"


def _case_of(
    notice: Notice, graded: Graded, known: Known | None, cases: Mapping[str, Sequence[OpenCase]]
) -> OpenCase | None:
    """The open case that the row is about: the one a person tied it to, else the oldest of the same preparation."""
    if known is not None and known.case is not None:
        tied = [case for some in cases.values() for case in some if case.number == known.case]
        if tied:
            return tied[0]
    if graded.medicine is None:
        return None
    return next(iter(cases.get(graded.medicine.key, ())), None)


# --- what it proposes ---


def _changed(notice: Notice, graded: Graded, known: Known, case: OpenCase | None) -> Proposal:
    """A row that was there before."""
    was, number = known.notice, case.number if case else None

    def propose(action: Proposed, *why: Phrase) -> Proposal:
        return Proposal(action, notice, graded, known, number, (*why, *_oddities(notice)))

    changes = list(_changes(was, notice))
    if known.verdict is Verdict.NOT_RELEVANT:
        return propose(Proposed.NOT_RELEVANT, _decided(known), *changes)
    if not notice.status.is_open and was.status.is_open:
        return propose(Proposed.ENDED, *changes)
    if _later(was.end, notice.end) and notice.status.is_open:
        return propose(Proposed.EXTEND, *changes)
    if changes:
        return propose(Proposed.UPDATE, *changes)
    if known.gone:
        return propose(Proposed.UPDATE, phrase("står i listen igjen"))
    return propose(Proposed.SAME)


def _unseen(notice: Notice, graded: Graded, earlier: Iterable[Known], case: OpenCase | None) -> Proposal:
    """A row that was not there before: new, or the next period of a shortage that has not passed."""

    def propose(action: Proposed, *why: Phrase, after: Known | None = None) -> Proposal:
        number = case.number if case else None
        return Proposal(action, notice, graded, None, number, (*why, *_oddities(notice)), after)

    if notice.status is NoticeStatus.ENDED:
        return propose(Proposed.ENDED, phrase("avsluttet hos registeret, ikke fulgt av oss"))
    for one in earlier:
        if one.notice.status is NoticeStatus.ENDED or not _meet(notice, one.notice):
            continue
        if one.verdict is Verdict.NOT_RELEVANT:
            return propose(Proposed.NOT_RELEVANT, _decided(one), after=one)
    if case is not None:
        already = phrase("sak {number} er åpen for samme preparat", number=case.number)
        if _later(case.expected_end, notice.end):
            return propose(Proposed.EXTEND, already, _end_moved(case.expected_end, notice.end))
        if case.expected_end != notice.end:
            return propose(Proposed.UPDATE, already, _end_moved(case.expected_end, notice.end))
        return propose(Proposed.SAME, already)
    why = [notice.status.words] if notice.status is NoticeStatus.WITHDRAWN else []
    return propose(Proposed.NEW, *why)


def _gone(known: Iterable[Known], seen: Iterable[Known]) -> Iterator[Proposal]:
    """Notices that have not ended and are no longer in the list."""
    still = {one.id for one in seen}
    why = phrase("står ikke lenger i listen; det beviser ikke at mangelen er over")
    for one in known:
        ended = one.notice.status is NoticeStatus.ENDED
        if one.id not in still and not (one.gone or ended or one.notice.veterinary):
            yield Proposal(Proposed.ENDED, None, Graded(Grade.NONE), one, one.case, (why,))


def _decided(known: Known) -> Phrase:
    if known.reason:
        return phrase("vurdert som ikke aktuell: {reason}", reason=known.reason)
    return phrase("vurdert som ikke aktuell")


def _later(before: dt.date | None, after: dt.date | None) -> bool:
    return before is not None and (after is None or after > before)


def _end_moved(before: dt.date | None, after: dt.date | None) -> Phrase:
    return phrase("slutt {before} → {after}", before=_day(before), after=_day(after))


def _day(day: dt.date | None) -> object:
    return f"{day:%d.%m.%Y}" if day else phrase("ukjent")


def _changes(was: Notice, now: Notice) -> Iterator[Phrase]:
    if was.name != now.name:
        yield phrase("nytt navn, før: {name}", name=was.name)
    if was.status is not now.status:
        yield phrase("{before} → {after}", before=was.status.words, after=now.status.words)
    if was.start != now.start:
        yield phrase("start {before} → {after}", before=_day(was.start), after=_day(now.start))
    if was.end != now.end:
        yield _end_moved(was.end, now.end)
    if was.note != now.note:
        yield phrase("ny merknad: {note}", note=now.note) if now.note else phrase("merknaden er fjernet")
    if was.substance != now.substance:
        yield phrase("nytt virkestoff: {substance}", substance=now.substance or phrase("ikke oppgitt"))


def _oddities(notice: Notice) -> Iterator[Phrase]:
    if notice.problem is not None:
        yield notice.problem
