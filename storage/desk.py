"""Questions of the centre's desk: lists of cases by what they need, who has how much, what has changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, and_, exists, func, literal, or_, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlmodel import SQLModel

from storage.cases import OPEN
from storage.small_letters import any_contains, equals
from storage.tables import AuditEntry, CaseBatch, Person, ShortageCase, ShortageReport


def _columns(table: type[SQLModel]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    return table.__table__.c  # type: ignore[attr-defined,no-any-return]


_case, _report, _audit = _columns(ShortageCase), _columns(ShortageReport), _columns(AuditEntry)
_batch, _person = _columns(CaseBatch), _columns(Person)

NOBODY = "-"
"""As an owner: cases that nobody has."""

OF_REPORTERS = ("reported", "joined", "report_corrected", "report_withdrawn")
"""What a reporter does to a case; whatever else a person does to it has seen what was reported."""

LETTERS_AND_NONE = "?"
"""As an ATC code's beginning: cases without a code."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which open cases are wanted, and what each need means today.

    `visible`: codes of visibilities. `atc`: a code's beginning. `owner`: a Slack id, or `NOBODY`. `need`: one of
    `needs_of`'s names. `silent_before`: a case that nothing was changed on since is silent. `reports_since`: older
    reports than that are no news.
    """

    today: dt.date
    silent_before: dt.datetime
    reports_since: dt.datetime
    visible: Sequence[str]
    status: str | None = None
    atc: str | None = None
    words: str | None = None
    owner: str | None = None
    need: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """What a line of a list says of a case, and which needs it has."""

    id: int
    number: str
    name: str
    substance: str
    status: str
    owner: str | None
    expected_end: dt.date | None
    next_step: str | None
    next_step_on: dt.date | None
    changed_at: dt.datetime
    version: int
    needs: frozenset[str]


def needs_of(narrow: Narrow) -> dict[str, ColumnElement[bool]]:
    """Need → what is true of a case that has it."""
    acted = exists().where(
        _audit.subject == literal("case:") + _case.number,
        _audit.at > _report.reported_at,
        _audit.person.is_not(None),
        _audit.action.not_in(OF_REPORTERS),
    )
    unseen = exists().where(
        _report.case_id == _case.id,
        _report.reported_at > narrow.reports_since,
        _report.withdrawn_at.is_(None),
        ~acted.correlate(ShortageCase, ShortageReport),
    )
    return {
        "reported": unseen.correlate(ShortageCase),
        "no_owner": _case.owner.is_(None),
        "due": and_(_case.next_step_on.is_not(None), _case.next_step_on <= narrow.today),
        "ended": and_(_case.expected_end.is_not(None), _case.expected_end < narrow.today),
        "silent": and_(
            _case.changed_at < narrow.silent_before,
            or_(_case.next_step_on.is_(None), _case.next_step_on <= narrow.today),
        ),
    }


def _wanted(narrow: Narrow) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        _case.status.in_(OPEN if narrow.status is None else [narrow.status]),
        _case.visibility.in_(list(narrow.visible)),
    ]
    if narrow.number is not None:
        conditions.append(_case.number == narrow.number)
    if narrow.atc == LETTERS_AND_NONE:
        conditions.append(_case.atc.is_(None))
    elif narrow.atc:
        conditions.append(_case.atc.startswith(narrow.atc, autoescape=True))
    if narrow.words:
        named = any_contains([_case.name, _case.substance], narrow.words)
        as_long = func.length(_case.number) == len(narrow.words)  # PostgreSQL counts faster than it makes letters small
        conditions.append(or_(named, and_(as_long, equals(_case.number, narrow.words))))
    if narrow.owner == NOBODY:
        conditions.append(_case.owner.is_(None))
    elif narrow.owner is not None:
        person = select(_person.id).where(_person.slack_user == narrow.owner).scalar_subquery()
        conditions.append(_case.owner == person)
    if narrow.need is not None:
        conditions.append(needs_of(narrow)[narrow.need])
    return conditions


def _of(person: str) -> ColumnElement[bool]:
    """The cases that a person answers for, as their owner or the owner's stand-in."""
    return or_(_case.owner == person, _case.stand_in == person)


def _lines(narrow: Narrow, *which: ColumnElement[bool]) -> Select[Any]:
    columns = [
        _case[name]
        for name in (
            "id", "number", "name", "substance", "status", "owner", "expected_end", "next_step", "next_step_on",
            "changed_at", "version",
        )
    ]  # fmt: skip
    needs = [told.label(f"needs_{need}") for need, told in needs_of(narrow).items()]
    return select(*columns, *needs).where(*which)


def _line(row: Row[Any]) -> LineRow:
    values = dict(row._mapping)
    needs = frozenset(name.removeprefix("needs_") for name in values if name.startswith("needs_") and values[name])
    return LineRow(**{name: value for name, value in values.items() if not name.startswith("needs_")}, needs=needs)


async def lines(session: AsyncSession, narrow: Narrow, *, limit: int, offset: int = 0) -> list[LineRow]:
    """The wanted cases, newest first.

    Which they are is asked inside, for SQLite reckons every column of a row before it sorts them.
    """
    newest = (_case.opened_at.desc(), _case.id.desc())
    which = select(_case.id).where(*_wanted(narrow)).order_by(*newest).limit(limit).offset(offset)
    query = _lines(narrow, _case.id.in_(which.correlate(None))).order_by(*newest)
    return [_line(row) for row in await session.execute(query)]


async def lines_of(session: AsyncSession, narrow: Narrow, ids: Sequence[int]) -> list[LineRow]:
    """Those of these cases that are wanted, in the order they were opened."""
    query = _lines(narrow, *_wanted(narrow), _case.id.in_(ids)).order_by(_case.id)
    return [_line(row) for row in await session.execute(query)] if ids else []


async def count(session: AsyncSession, narrow: Narrow) -> int:
    """How many the wanted cases are."""
    query = select(func.count()).select_from(ShortageCase).where(*_wanted(narrow))
    return int((await session.execute(query)).scalar_one())


async def most_pressing(session: AsyncSession, narrow: Narrow, person: str, *, limit: int) -> list[LineRow]:
    """What `person` should look at first: what nobody has seen, their own, what nobody has, then others' late ones.

    By two statements: SQLite reckons every column of a row before it sorts them.

    A colleague's case is here once its next step is late or its end has passed: one of four half posts is away half
    the week.
    """
    needs, mine, nobodys = needs_of(narrow), _of(person), _case.owner.is_(None)
    mine_to_do = or_(_case.next_step_for == person, and_(_case.next_step_for.is_(None), mine))
    rank = when(
        (and_(nobodys, needs["reported"]), 0),
        (and_(mine_to_do, needs["due"]), 1),
        (and_(mine, needs["reported"]), 2),
        (nobodys, 3),
        (and_(mine, needs["ended"]), 4),
        (and_(mine, needs["silent"]), 5),
        (needs["due"], 6),
        (needs["ended"], 7),
        else_=8,
    )
    late = func.coalesce(_case.next_step_on, _case.expected_end, narrow.today)
    ranked = (
        select(_case.id, rank.label("rank"), late.label("late"), _case.opened_at).where(*_wanted(narrow)).subquery()
    )
    query = select(ranked.c.id).where(ranked.c.rank < 8)
    query = query.order_by(ranked.c.rank, ranked.c.late, ranked.c.opened_at, ranked.c.id).limit(limit)
    ids = list(await session.scalars(query))
    return sorted(await lines_of(session, narrow, ids), key=lambda line: ids.index(line.id))


@dataclass(frozen=True, slots=True)
class Tally:
    """So many open cases have the same owner (or none), status and ATC main group; how many of them have each need."""

    owner: str | None
    status: str
    letter: str
    cases: int
    needs: Mapping[str, int]


async def tally(session: AsyncSession, narrow: Narrow) -> list[Tally]:
    """The wanted cases counted by owner, status and ATC main group ("?" for none), by one statement."""
    letter = func.coalesce(func.substr(_case.atc, 1, 1), LETTERS_AND_NONE)
    needs = needs_of(narrow)
    columns = [func.sum(when((told, 1), else_=0)) for told in needs.values()]
    query = select(_case.owner, _case.status, letter, func.count(), *columns).where(*_wanted(narrow))
    rows = await session.execute(query.group_by(_case.owner, _case.status, letter))
    return [
        Tally(owner, status, group, int(n), dict(zip(needs, map(int, counted), strict=True)))
        for owner, status, group, n, *counted in rows
    ]


async def letters(session: AsyncSession, narrow: Narrow) -> list[str]:
    """The ATC main groups of the wanted cases, "?" for none."""
    letter = func.coalesce(func.substr(_case.atc, 1, 1), LETTERS_AND_NONE)
    return list(await session.scalars(select(letter).where(*_wanted(narrow)).distinct().order_by(letter)))


async def newest_reports(session: AsyncSession, case_ids: Sequence[int]) -> dict[int, ShortageReport]:
    """Case id → its newest report that was not withdrawn."""
    if not case_ids:
        return {}
    newest = (
        select(func.max(_report.id))
        .where(_report.case_id.in_(case_ids), _report.withdrawn_at.is_(None))
        .group_by(_report.case_id)
    )
    rows = await session.scalars(select(ShortageReport).where(_report.id.in_(newest)))
    return {row.case_id: row for row in rows}


# --- what has changed since somebody last looked ---


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that others have done something to; `entries` is what, oldest first."""

    number: str
    name: str
    substance: str
    mine: bool
    entries: tuple[AuditEntry, ...]


async def handed_to(session: AsyncSession, person: str, since: dt.datetime) -> list[CaseBatch]:
    """What others have handed to a person since, and not taken back, oldest first."""
    rows = select(CaseBatch).where(
        _batch.given_to == person,
        _batch.by != person,
        _batch.at > since,
        _batch.undone_at.is_(None),
    )
    return list(await session.scalars(rows.order_by(_batch.id)))


async def last_batch_by(session: AsyncSession, person: str, since: dt.datetime) -> CaseBatch | None:
    """The last thing that a person did to several cases since, if it was not taken back."""
    rows = select(CaseBatch).where(_batch.by == person, _batch.at > since, _batch.undone_at.is_(None))
    return (await session.scalars(rows.order_by(_batch.id.desc()).limit(1))).one_or_none()


def _by_others(since: dt.datetime, person: str) -> ColumnElement[bool]:
    return and_(_audit.at > since, or_(_audit.person.is_(None), _audit.person != person))


async def moved(
    session: AsyncSession, since: dt.datetime, person: str, *, limit: int, offset: int = 0
) -> tuple[list[Moved], int]:
    """The cases that others have done something to, and how many they are: the person's own first, then the latest.

    By two statements. Grouped by the number, not the subject, so that SQLite reads the log by its instants.
    """
    number = func.substr(_audit.subject, len("case:") + 1)
    of_cases = _audit.subject.startswith("case:", autoescape=True)
    touched = (
        select(number.label("number"), func.max(_audit.at).label("last"))
        .where(_by_others(since, person), of_cases)
        .group_by(number)
        .subquery()
    )
    query = (
        select(_case.number, _case.name, _case.substance, _of(person), func.count().over())
        .join(touched, _case.number == touched.c.number)
        .order_by(when((_of(person), 0), else_=1), touched.c.last.desc(), _case.id)
    )
    cases = (await session.execute(query.limit(limit).offset(offset))).all()
    done: dict[str, list[AuditEntry]] = {}
    if cases:
        entries = await session.scalars(
            select(AuditEntry)
            .where(_by_others(since, person), _audit.subject.in_([f"case:{row[0]}" for row in cases]))
            .order_by(_audit.id)
        )
        for entry in entries:
            done.setdefault(entry.subject, []).append(entry)
    rows = [
        Moved(number, name, substance, bool(mine), tuple(done[f"case:{number}"]))
        for number, name, substance, mine, _ in cases
    ]
    return rows, cases[0][4] if cases else 0
