"""Questions about cases and their reports. Each is a fixed number of statements, however many cases there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, distinct, exists, func, literal, or_, union_all, update
from sqlalchemy import select as columns_of
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from storage.small_letters import any_contains, equals
from storage.tables import (
    AuditEntry,
    CaseDocument,
    CaseNumber,
    CasePackage,
    CasePreparation,
    CaseSolution,
    CataloguePackage,
    DominoAlert,
    EndDate,
    Inquiry,
    Restriction,
    ShortageCase,
    ShortageReport,
)

OPEN = ("upcoming", "ongoing")
MANY = 500
"""Cases of which it is not worth asking what there is; see `what_is_kept_of`."""
_NEWEST_FIRST = (col(ShortageCase.opened_at).desc(), col(ShortageCase.id).desc())


async def next_number(session: AsyncSession, year: int) -> str:
    """Give out the next case number of `year`: `2026-0123`. Call it inside `UnitOfWork.alone`."""
    counter = await session.get(CaseNumber, year)
    if counter is None:
        counter = CaseNumber(year=year, last=0)
        session.add(counter)
    counter.last += 1
    await session.flush()
    return f"{year}-{counter.last:04d}"


async def every(session: AsyncSession) -> list[ShortageCase]:
    """Every case, oldest first."""
    return list(await session.scalars(select(ShortageCase).order_by(col(ShortageCase.id))))


async def by_number(session: AsyncSession, number: str) -> ShortageCase | None:
    """The case with this number."""
    return (await session.scalars(select(ShortageCase).where(ShortageCase.number == number))).one_or_none()


async def nth_last_report(session: AsyncSession, person: str, since: dt.datetime, n: int) -> dt.datetime | None:
    """When a person sent the `n`th last of their reports, counted from 1; None where it was not after `since`."""
    mine = func.coalesce(ShortageReport.registered_by, ShortageReport.reporter) == person
    when = select(ShortageReport.reported_at).where(
        or_(col(ShortageReport.reporter) == person, col(ShortageReport.registered_by) == person),
        mine,
        ShortageReport.reported_at > since,
    )
    newest_first = when.order_by(col(ShortageReport.reported_at).desc())
    return (await session.scalars(newest_first.offset(n - 1).limit(1))).one_or_none()


async def first_of_numbers(session: AsyncSession, numbers: Iterable[str]) -> str | None:
    """The one of these numbers that a case has; the earliest case's where several have one."""
    wanted = select(ShortageCase.number).where(col(ShortageCase.number).in_(list(numbers)))
    return (await session.scalars(wanted.order_by(col(ShortageCase.id)).limit(1))).one_or_none()


async def open_for_preparation(session: AsyncSession, preparation_key: str) -> ShortageCase | None:
    """The oldest open case of the same preparation."""
    return (
        await session.scalars(
            select(ShortageCase)
            .where(ShortageCase.preparation_key == preparation_key, col(ShortageCase.status).in_(OPEN))
            .order_by(col(ShortageCase.id))
            .limit(1)
        )
    ).one_or_none()


async def open_for_substance(session: AsyncSession, substance: str) -> list[ShortageCase]:
    """Open cases of the same substance, whatever strength or form, oldest first."""
    return list(
        await session.scalars(
            select(ShortageCase)
            .where(
                equals(col(ShortageCase.substance), substance),
                col(ShortageCase.status).in_(OPEN),
            )
            .order_by(col(ShortageCase.id))
        )
    )


async def open_ids(session: AsyncSession) -> list[int]:
    """The ids of all open cases, newest first."""
    ids = columns_of(col(ShortageCase.id)).where(*_filter(None, None, None))
    return list(await session.scalars(ids.order_by(*_NEWEST_FIRST)))


async def open_cases(
    session: AsyncSession,
    *,
    visible: Sequence[str] | None = None,
    atc: str | None = None,
    words: str | None = None,
) -> list[ShortageCase]:
    """Open cases, newest first; `visible` limits them to these visibilities, `atc` to codes that begin so."""
    query = select(ShortageCase).where(*_filter(visible, atc, words))
    return list(await session.scalars(query.order_by(*_NEWEST_FIRST)))


async def count_open(
    session: AsyncSession,
    *,
    visible: Sequence[str] | None = None,
    atc: str | None = None,
    words: str | None = None,
) -> int:
    """How many `open_cases` there are in all."""
    query = select(func.count()).select_from(ShortageCase).where(*_filter(visible, atc, words))
    return int((await session.execute(query)).scalar_one())


def _filter(visible: Sequence[str] | None, atc: str | None, words: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(ShortageCase.status).in_(OPEN)]
    if visible is not None:
        conditions.append(col(ShortageCase.visibility).in_(list(visible)))
    if atc:
        conditions.append(col(ShortageCase.atc).startswith(atc, autoescape=True))
    if words:
        conditions.append(any_contains([ShortageCase.name, ShortageCase.substance], words))
    return conditions


async def count_reports(
    session: AsyncSession, *, visible: Sequence[str], atc: str | None = None, words: str | None = None
) -> int:
    """How many reports, not withdrawn, the cases that `open_cases` gives have."""
    query = (
        select(func.count())
        .select_from(ShortageReport)
        .join(ShortageCase, col(ShortageReport.case_id) == col(ShortageCase.id))
        .where(col(ShortageReport.withdrawn_at).is_(None), *_filter(visible, atc, words))
    )
    return int((await session.execute(query)).scalar_one())


async def open_by_atc_letter(session: AsyncSession, *, visible: Sequence[str]) -> dict[str, int]:
    """ATC main group → its open cases, the most first; those without a code stand under "?"."""
    letter = func.coalesce(func.substr(col(ShortageCase.atc), 1, 1), "?")
    rows = await session.execute(columns_of(letter, func.count()).where(*_filter(visible, None, None)).group_by(letter))
    return dict(sorted(((str(group), int(n)) for group, n in rows), key=lambda row: (-row[1], row[0])))


async def moved_since(
    session: AsyncSession, since: dt.datetime, *, visible: Sequence[str], atc: str | None = None
) -> list[ShortageCase]:
    """Cases that were opened, closed or changed after `since`, the newest change first."""
    conditions = [col(ShortageCase.visibility).in_(list(visible)), col(ShortageCase.changed_at) > since]
    if atc:
        conditions.append(col(ShortageCase.atc).startswith(atc, autoescape=True))
    query = select(ShortageCase).where(*conditions)
    return list(await session.scalars(query.order_by(col(ShortageCase.changed_at).desc(), col(ShortageCase.id).desc())))


async def closed_since(session: AsyncSession, since: dt.datetime) -> list[ShortageCase]:
    """Cases closed after `since`, oldest first. Merged and not relevant ones are no closed cases."""
    return list(
        await session.scalars(
            select(ShortageCase)
            .where(ShortageCase.status == "closed", col(ShortageCase.closed_at) > since)
            .order_by(col(ShortageCase.closed_at), col(ShortageCase.id))
        )
    )


async def upcoming_that_have_begun(session: AsyncSession, today: dt.date) -> list[ShortageCase]:
    """Upcoming cases whose start has come."""
    return list(
        await session.scalars(
            select(ShortageCase).where(ShortageCase.status == "upcoming", col(ShortageCase.start) <= today)
        )
    )


async def reports(session: AsyncSession, case_ids: Iterable[int]) -> dict[int, list[ShortageReport]]:
    """Case id → its reports that were not withdrawn, oldest first."""
    found: dict[int, list[ShortageReport]] = defaultdict(list)
    wanted = list(case_ids)
    if wanted:
        for report in await session.scalars(
            select(ShortageReport).where(*_standing(wanted)).order_by(col(ShortageReport.id))
        ):
            found[report.case_id].append(report)
    return found


def _standing(case_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    """Those of these cases' reports that were not withdrawn."""
    return col(ShortageReport.case_id).in_(case_ids), col(ShortageReport.withdrawn_at).is_(None)


async def what_was_reported(session: AsyncSession, case_ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """As `reports`, but plain rows to read, without what nobody is shown: a third of the memory."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    if case_ids:
        shown = columns_of(*_SHOWN).where(*_standing(case_ids)).order_by(col(ShortageReport.id))
        for report in await session.execute(shown):
            found[report.case_id].append(report)
    return found


_SHOWN = [
    column
    for column in SQLModel.metadata.tables["shortage_report"].columns
    if column.name not in ("typed", "preparation_id", "registered_by", "changed_at", "withdrawn_at")
]


async def report_counts(session: AsyncSession, case_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Case id → how many reports it has that were not withdrawn, and from how many places."""
    if not case_ids:
        return {}
    counted = await session.execute(
        columns_of(col(ShortageReport.case_id), func.count(), func.count(distinct(col(ShortageReport.place))))
        .where(*_standing(case_ids))
        .group_by(col(ShortageReport.case_id))
    )
    return {case_id: (reports, places) for case_id, reports, places in counted}


async def reports_by(session: AsyncSession, person: str, most: int = 20) -> list[ShortageReport]:
    """A person's own reports that were not withdrawn, newest first."""
    return list(
        await session.scalars(
            select(ShortageReport)
            .where(ShortageReport.reporter == person, col(ShortageReport.withdrawn_at).is_(None))
            .order_by(col(ShortageReport.id).desc())
            .limit(most)
        )
    )


async def reports_since(session: AsyncSession, since: dt.datetime) -> list[ShortageReport]:
    """Reports after `since` that were not withdrawn, oldest first."""
    return list(
        await session.scalars(
            select(ShortageReport)
            .where(col(ShortageReport.reported_at) > since, col(ShortageReport.withdrawn_at).is_(None))
            .order_by(col(ShortageReport.id))
        )
    )


async def what_is_kept_of(session: AsyncSession, case_ids: Collection[int]) -> frozenset[str]:
    """The tables, by name, that have a row of one of these cases: most cases have rows in few of `_OF_A_CASE`.

    Of many cases each table has something. Nor could they be asked about: the ids stand in the question once a table,
    and a database takes only so many values (PostgreSQL 65,535).
    """
    if not case_ids:
        return frozenset()
    if len(case_ids) > MANY:
        return frozenset(str(one.__tablename__) for one in _OF_A_CASE)
    return frozenset(await session.scalars(_KEPT_OF, {"case_ids": list(case_ids)}))


_OF_A_CASE = (EndDate, CaseSolution, CasePackage, CaseDocument, Restriction, Inquiry, DominoAlert)
_KEPT_OF = union_all(
    *(
        columns_of(literal(str(one.__tablename__))).where(
            exists().where(col(one.case_id).in_(bindparam("case_ids", expanding=True)))
        )
        for one in _OF_A_CASE
    )
)


async def end_dates(session: AsyncSession, case_ids: Iterable[int]) -> dict[int, list[EndDate]]:
    """Case id → every announced end, in the order it was announced."""
    found: dict[int, list[EndDate]] = defaultdict(list)
    wanted = list(case_ids)
    if wanted:
        for end in await session.scalars(
            select(EndDate).where(col(EndDate.case_id).in_(wanted)).order_by(col(EndDate.id))
        ):
            found[end.case_id].append(end)
    return found


async def forget_ends_of(session: AsyncSession, case_ids: Sequence[int], *, said_at: dt.datetime) -> None:
    """Ends that were announced for these cases in one go, and taken back: they count as no slip."""
    gone = delete(EndDate).where(col(EndDate.case_id).in_(case_ids), col(EndDate.said_at) == said_at)
    await session.execute(gone)


Duration = tuple[dt.date | None, dt.date | None, dt.datetime, dt.datetime | None, str | None, str | None]
"""Start, expected end, opened, closed (none: it goes on), cause and ATC code."""


async def durations(session: AsyncSession, *, most: int) -> list[Duration]:
    """Every shortage that goes on and the `most` that were closed last; merged and not relevant cases were none."""
    names = ("start", "expected_end", "opened_at", "closed_at", "cause", "atc")
    columns = [ShortageCase.__table__.c[name] for name in names]  # type: ignore[attr-defined]
    going_on = await session.execute(columns_of(*columns).where(col(ShortageCase.status).in_(OPEN)))
    ended = await session.execute(
        columns_of(*columns)
        .where(col(ShortageCase.status) == "closed", col(ShortageCase.closed_at).is_not(None))
        .order_by(col(ShortageCase.closed_at).desc())
        .limit(most)
    )
    found: list[Duration] = [(row[0], row[1], row[2], None, row[4], row[5]) for row in going_on]
    return found + [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in ended]


async def newest(session: AsyncSession) -> tuple[dt.datetime | None, int | None]:
    """When a case was closed last, and the id of the newest one; each from its index."""
    closed = select(func.max(ShortageCase.closed_at)).where(ShortageCase.status == "closed").scalar_subquery()
    last = select(func.max(ShortageCase.id)).scalar_subquery()
    closed_at, case_id = (await session.execute(columns_of(closed, last))).one()
    return closed_at, case_id


async def preparations(session: AsyncSession, case_ids: Iterable[int]) -> dict[int, list[CasePreparation]]:
    """Case id → the medicines it names."""
    found: dict[int, list[CasePreparation]] = defaultdict(list)
    wanted = list(case_ids)
    if wanted:
        for row in await session.scalars(
            select(CasePreparation).where(col(CasePreparation.case_id).in_(wanted)).order_by(col(CasePreparation.name))
        ):
            found[row.case_id].append(row)
    return found


async def tried(session: AsyncSession, case_ids: Iterable[int]) -> dict[int, dict[str, bool | None]]:
    """Case id → what has been done about it, and whether it worked (None: nobody said)."""
    found: dict[int, dict[str, bool | None]] = defaultdict(dict)
    wanted = list(case_ids)
    if wanted:
        query = select(CaseSolution).where(col(CaseSolution.case_id).in_(wanted))
        for row in await session.scalars(query.order_by(col(CaseSolution.solution))):
            found[row.case_id][row.solution] = row.worked
    return found


async def put_tried(session: AsyncSession, case_id: int, tried: Mapping[str, bool | None]) -> None:
    """Write what has been done about a case, in place of what stood there."""
    await session.execute(delete(CaseSolution).where(col(CaseSolution.case_id) == case_id))
    session.add_all(CaseSolution(case_id=case_id, solution=one, worked=worked) for one, worked in tried.items())
    await session.flush()


async def packages(session: AsyncSession, case_ids: Iterable[int]) -> dict[int, dict[str, str | None]]:
    """Case id → the article numbers that it concerns, with their names where the catalogue had them."""
    found: dict[int, dict[str, str | None]] = defaultdict(dict)
    wanted = list(case_ids)
    if wanted:
        query = select(CasePackage).where(col(CasePackage.case_id).in_(wanted))
        for row in await session.scalars(query.order_by(col(CasePackage.article))):
            found[row.case_id][row.article] = row.name
    return found


async def put_packages(session: AsyncSession, case_id: int, articles: Iterable[str]) -> None:
    """Write which packages a case concerns, with the catalogue's names, in place of what stood there."""
    wanted = list(dict.fromkeys(articles))
    await session.execute(delete(CasePackage).where(col(CasePackage.case_id) == case_id))
    names: dict[str, str] = {}
    if wanted:
        query = columns_of(CataloguePackage.article, CataloguePackage.name)  # type: ignore[call-overload]
        query = query.where(col(CataloguePackage.article).in_(wanted)).order_by(col(CataloguePackage.id))
        names = {str(article): str(name) for article, name in await session.execute(query)}
    session.add_all(CasePackage(case_id=case_id, article=one, name=names.get(one)) for one in wanted)
    await session.flush()


async def documents(session: AsyncSession, case_ids: Iterable[int]) -> dict[int, list[CaseDocument]]:
    """Case id → its documents that were not taken away, oldest first."""
    found: dict[int, list[CaseDocument]] = defaultdict(list)
    wanted = list(case_ids)
    if wanted:
        query = select(CaseDocument).where(
            col(CaseDocument.case_id).in_(wanted), col(CaseDocument.removed_at).is_(None)
        )
        for row in await session.scalars(query.order_by(col(CaseDocument.id))):
            found[row.case_id].append(row)
    return found


async def last_of(session: AsyncSession, subject: str, action: str) -> AuditEntry | None:
    """The newest audit entry that says `action` of `subject`."""
    query = select(AuditEntry).where(AuditEntry.subject == subject, AuditEntry.action == action)
    return (await session.scalars(query.order_by(col(AuditEntry.id).desc()).limit(1))).one_or_none()


async def changes_since(
    session: AsyncSession, since: dt.datetime, subjects: Iterable[str]
) -> dict[str, list[AuditEntry]]:
    """Audit entries after `since` by subject, oldest first."""
    found: dict[str, list[AuditEntry]] = defaultdict(list)
    wanted = list(subjects)
    if wanted:
        for entry in await session.scalars(
            select(AuditEntry)
            .where(col(AuditEntry.at) > since, col(AuditEntry.subject).in_(wanted))
            .order_by(col(AuditEntry.id))
        ):
            found[entry.subject].append(entry)
    return found


async def popularity(session: AsyncSession) -> dict[str, int]:
    """How often each medicine of the catalogue has been reported."""
    rows = await session.execute(
        select(ShortageReport.preparation_id, func.count())
        .where(col(ShortageReport.preparation_id).is_not(None))
        .group_by(col(ShortageReport.preparation_id))
    )
    return {str(preparation): number for preparation, number in rows}


async def open_naming(session: AsyncSession, preparation_id: str) -> list[ShortageCase]:
    """Open cases that name this medicine of the catalogue, oldest first."""
    return list(
        await session.scalars(
            select(ShortageCase)
            .join(CasePreparation, col(CasePreparation.case_id) == col(ShortageCase.id))
            .where(col(CasePreparation.preparation_id) == preparation_id, col(ShortageCase.status).in_(OPEN))
            .order_by(col(ShortageCase.id))
        )
    )


async def open_preparation_keys(session: AsyncSession, *, visible: Sequence[str]) -> list[str]:
    """The preparations that have an open case of these visibilities."""
    return list(
        await session.scalars(
            select(ShortageCase.preparation_key)
            .where(col(ShortageCase.status).in_(OPEN), col(ShortageCase.visibility).in_(list(visible)))
            .distinct()
        )
    )


async def open_by_preparation(session: AsyncSession, preparation_keys: Iterable[str]) -> dict[str, list[str]]:
    """Preparation key → the numbers of its open cases, oldest first."""
    found: dict[str, list[str]] = defaultdict(list)
    wanted = sorted(set(preparation_keys))
    if wanted:
        rows = await session.execute(
            select(ShortageCase.preparation_key, ShortageCase.number)
            .where(col(ShortageCase.preparation_key).in_(wanted), col(ShortageCase.status).in_(OPEN))
            .order_by(col(ShortageCase.id))
        )
        for key, number in rows:
            found[key].append(number)
    return found


async def last_ended(session: AsyncSession, preparation_keys: Iterable[str]) -> list[ShortageCase]:
    """The newest ended case, closed or not relevant, of each of these preparations that has one."""
    wanted = sorted(set(preparation_keys))
    if not wanted:
        return []
    newest = (
        select(func.max(ShortageCase.id))
        .where(col(ShortageCase.preparation_key).in_(wanted), col(ShortageCase.status).in_(("closed", "not_relevant")))
        .group_by(col(ShortageCase.preparation_key))
    )
    return list(await session.scalars(select(ShortageCase).where(col(ShortageCase.id).in_(newest))))


async def numbers_by_complex(session: AsyncSession, complexes: Iterable[str]) -> dict[str, list[str]]:
    """Complex → the numbers of the cases in it."""
    found: dict[str, list[str]] = defaultdict(list)
    wanted = list(complexes)
    if wanted:
        rows = await session.execute(
            select(ShortageCase.complex, ShortageCase.number)
            .where(col(ShortageCase.complex).in_(wanted))
            .order_by(col(ShortageCase.id))
        )
        for name, number in rows:
            found[str(name)].append(number)
    return found


async def by_ids(session: AsyncSession, ids: Iterable[int]) -> dict[int, ShortageCase]:
    """Cases by their row ids."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await session.scalars(select(ShortageCase).where(col(ShortageCase.id).in_(wanted)))
    return {row.id: row for row in rows if row.id is not None}


async def by_numbers(session: AsyncSession, numbers: Iterable[str]) -> dict[str, ShortageCase]:
    """Cases by their numbers."""
    wanted = list(numbers)
    if not wanted:
        return {}
    rows = await session.scalars(select(ShortageCase).where(col(ShortageCase.number).in_(wanted)))
    return {row.number: row for row in rows}


async def forget_preparations(session: AsyncSession, case_id: int) -> None:
    """The case names no medicine any more: it was filed under a wrong one."""
    await session.execute(delete(CasePreparation).where(col(CasePreparation.case_id) == case_id))


async def lead_on(session: AsyncSession, merged: str, survivor: str) -> None:
    """Let the cases that ended in `merged` lead to `survivor`, so that one step always finds the surviving case."""
    table = ShortageCase.__table__  # type: ignore[attr-defined]
    await session.execute(update(table).where(table.c.merged_into == merged).values(merged_into=survivor))


async def open_numbers(
    session: AsyncSession, preparation_keys: Iterable[str] | None = None, *, visible: Sequence[str] | None = None
) -> dict[str, str]:
    """Preparation key → the number of its oldest open case; `visible` leaves out cases of other visibilities.

    Of every preparation, where none are named.
    """
    wanted = None if preparation_keys is None else sorted(set(preparation_keys))
    if wanted == []:
        return {}
    rows = await session.execute(
        select(ShortageCase.preparation_key, ShortageCase.number)
        .where(
            col(ShortageCase.status).in_(OPEN),
            *([] if wanted is None else [col(ShortageCase.preparation_key).in_(wanted)]),
            *([] if visible is None else [col(ShortageCase.visibility).in_(list(visible))]),
        )
        .order_by(col(ShortageCase.id).desc())
    )
    return dict(rows.all())


async def open_among(session: AsyncSession, numbers: Iterable[str | None]) -> set[str]:
    """Those of `numbers` that are numbers of open cases."""
    wanted = sorted({number for number in numbers if number is not None})
    if not wanted:
        return set()
    rows = await session.scalars(
        select(ShortageCase.number).where(col(ShortageCase.number).in_(wanted), col(ShortageCase.status).in_(OPEN))
    )
    return set(rows)
