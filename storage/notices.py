"""Other people's registers: their lists, and the notices in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy import select as columns_of
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from storage.cases import OPEN
from storage.tables import EndDate, NoticeChange, RegisterList, RegisterNotice, ShortageCase


async def newest_list(session: AsyncSession, source: str) -> RegisterList | None:
    """The list that was read last, but for those taken back."""
    return (
        await session.scalars(
            select(RegisterList)
            .where(
                RegisterList.source == source,
                RegisterList.state == "stored",
                col(RegisterList.undone_at).is_(None),
            )
            .order_by(col(RegisterList.as_of).desc(), col(RegisterList.id).desc())
            .limit(1)
        )
    ).one_or_none()


async def notices(session: AsyncSession, source: str) -> list[RegisterNotice]:
    """Every notice of a register, oldest first."""
    return list(
        await session.scalars(
            select(RegisterNotice).where(RegisterNotice.source == source).order_by(col(RegisterNotice.id))
        )
    )


async def undecided(session: AsyncSession, source: str) -> list[RegisterNotice]:
    """Open notices about people's medicines of which nobody has decided anything, oldest first."""
    return list(
        await session.scalars(
            select(RegisterNotice)
            .where(
                RegisterNotice.source == source,
                col(RegisterNotice.status).in_(("upcoming", "ongoing", "withdrawn")),
                col(RegisterNotice.gone).is_(False),
                col(RegisterNotice.veterinary).is_(False),
                col(RegisterNotice.verdict).is_(None),
            )
            .order_by(col(RegisterNotice.id))
        )
    )


async def tied(session: AsyncSession, source: str) -> list[RegisterNotice]:
    """Notices that somebody has tied to a case."""
    return list(
        await session.scalars(
            select(RegisterNotice)
            .where(RegisterNotice.source == source, RegisterNotice.verdict == "case")
            .order_by(col(RegisterNotice.id))
        )
    )


async def by_ids(session: AsyncSession, ids: Iterable[int]) -> list[RegisterNotice]:
    """Notices by their ids."""
    return list(
        await session.scalars(
            select(RegisterNotice).where(col(RegisterNotice.id).in_(list(ids))).order_by(col(RegisterNotice.id))
        )
    )


async def add(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> list[int]:
    """New notices; their ids, in the same order."""
    if not rows:
        return []
    added = await session.scalars(
        insert(RegisterNotice).returning(col(RegisterNotice.id), sort_by_parameter_order=True), list(rows)
    )
    return [int(number) for number in added if number is not None]


async def change(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write values into notices; each row has its `id` and the same columns."""
    if rows:
        await session.execute(update(RegisterNotice), list(rows))


async def remember(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Keep what was before."""
    if rows:
        await session.execute(insert(NoticeChange), list(rows))


async def changes_of(session: AsyncSession, list_id: int) -> list[NoticeChange]:
    """What a list changed."""
    return list(
        await session.scalars(
            select(NoticeChange).where(NoticeChange.list_id == list_id).order_by(col(NoticeChange.id))
        )
    )


async def forget_changes(session: AsyncSession, list_id: int) -> None:
    """Nothing is remembered of what a list changed."""
    await session.execute(delete(NoticeChange).where(col(NoticeChange.list_id) == list_id))


async def forget_first_seen_in(session: AsyncSession, list_id: int) -> None:
    """The notices that came with a list are gone."""
    await session.execute(delete(RegisterNotice).where(col(RegisterNotice.first_list) == list_id))


async def decided_since(session: AsyncSession, read: RegisterList) -> int:
    """How many of the notices that came with a list somebody has decided on since; a judgement may be inherited."""
    return int(
        (
            await session.execute(
                select(func.count()).where(
                    col(RegisterNotice.first_list) == read.id, col(RegisterNotice.verdict_at) >= read.received_at
                )
            )
        ).scalar_one()
    )


async def not_relevant_after_all(session: AsyncSession, number: str, reason: str, *, by: str, at: dt.datetime) -> None:
    """A case was found not relevant: so are its notices, also when they come again or grow longer."""
    tied = (col(RegisterNotice.case_number) == number, col(RegisterNotice.verdict) == "case")
    values = {"verdict": "not_relevant", "reason": reason, "verdict_by": by, "verdict_at": at}
    await session.execute(update(RegisterNotice).where(*tied).values(values))


async def relevant_after_all(session: AsyncSession, number: str, *, by: str, at: dt.datetime) -> None:
    """Such a case is worked on again, and its notices are its own again."""
    judged = (col(RegisterNotice.case_number) == number, col(RegisterNotice.verdict) == "not_relevant")
    values = {"verdict": "case", "reason": None, "verdict_by": by, "verdict_at": at}
    await session.execute(update(RegisterNotice).where(*judged).values(values))


async def open_cases_by_key(session: AsyncSession) -> dict[str, list[tuple[str, dt.date | None, dt.date | None]]]:
    """Preparation key → its open cases (number, start, expected end), oldest first."""
    names = ("preparation_key", "number", "start", "expected_end")
    columns = [ShortageCase.__table__.c[name] for name in names]  # type: ignore[attr-defined]
    rows = await session.execute(
        columns_of(*columns).where(col(ShortageCase.status).in_(OPEN)).order_by(col(ShortageCase.id))
    )
    found: dict[str, list[tuple[str, dt.date | None, dt.date | None]]] = {}
    for key, number, start, end in rows:
        found.setdefault(key, []).append((number, start, end))
    return found


async def substances_handled(session: AsyncSession) -> dict[str, int]:
    """Substance in lower case → how many cases there have been of it."""
    rows = await session.execute(
        select(func.lower(ShortageCase.substance), func.count()).group_by(func.lower(ShortageCase.substance))
    )
    return {str(substance): int(number) for substance, number in rows}


async def open_by_numbers(session: AsyncSession, numbers: Iterable[str]) -> dict[str, ShortageCase]:
    """Open cases by their numbers."""
    rows = await session.scalars(
        select(ShortageCase).where(col(ShortageCase.number).in_(list(numbers)), col(ShortageCase.status).in_(OPEN))
    )
    return {row.number: row for row in rows}


async def list_by_id(session: AsyncSession, source: str, list_id: int) -> RegisterList | None:
    """A list of this register, read in or only shown."""
    found = await session.get(RegisterList, list_id)
    return found if found is not None and found.source == source else None


async def forget_end_dates(session: AsyncSession, ids: Iterable[int]) -> None:
    """Announced ends that were taken by mistake: they count as no slip."""
    await session.execute(delete(EndDate).where(col(EndDate.id).in_(list(ids))))
