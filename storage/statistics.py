"""What the statistics count, by a fixed number of statements however many cases there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlalchemy import select as columns_of
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import AuditEntry, CaseSolution, EndDate, MeetingPost, ShortageCase, ShortageReport

BY_THE_CENTRE = ("taken", "updated", "visibility", "closed", "not_relevant", "wrong_medicine")
"""What the audit log calls that which a person does with a case; a report is none of it."""


class CaseRow(NamedTuple):
    """A case's columns that are counted."""

    id: int
    number: str
    name: str
    preparation_key: str
    substance: str
    atc: str | None
    scope: str
    authorised: str
    status: str
    source: str | None
    cause: str | None
    start: dt.date | None
    expected_end: dt.date | None
    domino_of: str | None
    import_id: int | None
    noticed_on: dt.date | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None


async def cases(session: AsyncSession) -> list[CaseRow]:
    """Every case."""
    columns = [ShortageCase.__table__.c[name] for name in CaseRow._fields]  # type: ignore[attr-defined]
    return [CaseRow(*row) for row in await session.execute(columns_of(*columns))]


async def solutions(session: AsyncSession) -> dict[int, list[tuple[str, bool | None]]]:
    """Case id → what was done, and whether it worked."""
    found: dict[int, list[tuple[str, bool | None]]] = defaultdict(list)
    rows = await session.execute(
        select(CaseSolution.case_id, CaseSolution.solution, CaseSolution.worked).order_by(col(CaseSolution.solution))
    )
    for case_id, solution, worked in rows:
        found[case_id].append((solution, worked))
    return found


async def announced_ends(session: AsyncSession, before: dt.datetime) -> dict[int, list[dt.date | None]]:
    """Case id → the ends announced before an instant, in their order; only of cases with several."""
    several = select(EndDate.case_id).group_by(col(EndDate.case_id)).having(func.count(col(EndDate.id)) > 1)
    found: dict[int, list[dt.date | None]] = defaultdict(list)
    rows = await session.execute(
        columns_of(col(EndDate.case_id), col(EndDate.end))
        .where(col(EndDate.said_at) < before, col(EndDate.case_id).in_(several))
        .order_by(col(EndDate.id))
    )
    for case_id, end in rows:
        found[case_id].append(end)
    return found


async def first_reports(session: AsyncSession) -> dict[int, dt.datetime]:
    """Case id → when it was first reported."""
    rows = await session.execute(
        select(ShortageReport.case_id, func.min(ShortageReport.reported_at))
        .where(col(ShortageReport.withdrawn_at).is_(None))
        .group_by(col(ShortageReport.case_id))
    )
    return dict(rows.all())


async def first_actions(session: AsyncSession) -> dict[str, dt.datetime]:
    """Case number → when a person first did something with it."""
    rows = await session.execute(
        select(AuditEntry.subject, func.min(AuditEntry.at))
        .where(
            col(AuditEntry.action).in_(BY_THE_CENTRE),
            col(AuditEntry.person).is_not(None),
            col(AuditEntry.subject).startswith("case:"),
        )
        .group_by(col(AuditEntry.subject))
    )
    return {subject.removeprefix("case:"): at for subject, at in rows}


async def reports_by_place(session: AsyncSession, since: dt.datetime, before: dt.datetime) -> dict[int, dict[str, int]]:
    """Case id → place → reports of that time that were not withdrawn."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = await session.execute(
        select(ShortageReport.case_id, ShortageReport.place, func.count())
        .where(
            col(ShortageReport.reported_at) >= since,
            col(ShortageReport.reported_at) < before,
            col(ShortageReport.withdrawn_at).is_(None),
        )
        .group_by(col(ShortageReport.case_id), col(ShortageReport.place))
    )
    for case_id, place, number in rows:
        found[case_id][place] = number
    return found


async def digests(session: AsyncSession, since: dt.datetime, before: dt.datetime) -> list[Any]:
    """What the digests of that time said, as they were stored."""
    rows = await session.scalars(
        select(MeetingPost.content).where(
            MeetingPost.kind == "digest",
            col(MeetingPost.composed_at) >= since,
            col(MeetingPost.composed_at) < before,
        )
    )
    return list(rows)
