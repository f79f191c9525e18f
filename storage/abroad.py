"""Other countries' registers: what is short where, the early warnings of it, and how the registers were fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.cases import OPEN
from storage.tables import EarlyWarning, RegisterFetch, RegisterList, RegisterNotice, ShortageCase, StockItem, StockPool

SHORT = ("upcoming", "ongoing")

Row = tuple[str, str, str | None, dt.date | None, dt.date | None]
"""Register, the medicine's value, ATC code, start, end."""


async def short(
    session: AsyncSession, sources: Sequence[str], keys: Iterable[str] | None = None, *, on: dt.date
) -> list[Row]:
    """Notices that are open in other countries' registers on a day, and mean a known substance; some `keys`' only.

    One whose own end has passed is left out: a register that forgets to close a row says nothing about today.
    """
    query = select(
        col(RegisterNotice.source),
        col(RegisterNotice.medicine_value),
        col(RegisterNotice.atc),
        col(RegisterNotice.start),
        col(RegisterNotice.end),
    ).where(
        col(RegisterNotice.source).in_(sources),
        col(RegisterNotice.status).in_(SHORT),
        col(RegisterNotice.gone).is_(False),
        col(RegisterNotice.veterinary).is_(False),
        col(RegisterNotice.medicine_value).is_not(None),
        col(RegisterNotice.end).is_(None) | (col(RegisterNotice.end) >= on),
    )
    if keys is not None:
        query = query.where(col(RegisterNotice.medicine_key).in_(list(keys)))
    rows = await session.execute(query.order_by(col(RegisterNotice.id)))
    return [(source, str(value), atc, start, end) for source, value, atc, start, end in rows]


async def newest(session: AsyncSession, sources: Sequence[str]) -> dict[str, dt.date]:
    """Register → the day of its newest list."""
    rows = await session.execute(
        select(col(RegisterList.source), func.max(col(RegisterList.as_of)))
        .where(
            col(RegisterList.source).in_(sources),
            col(RegisterList.state) == "stored",
            col(RegisterList.undone_at).is_(None),
        )
        .group_by(col(RegisterList.source))
    )
    return {str(source): as_of for source, as_of in rows}


async def stocked(session: AsyncSession) -> list[tuple[str, str | None, str | None, str, str]]:
    """Every medicine in a pool: substance, ATC code, preparation key, name, the pool's name."""
    rows = await session.execute(
        select(
            col(StockItem.substance),
            col(StockItem.atc),
            col(StockItem.preparation_key),
            col(StockItem.name),
            col(StockPool.name),
        )
        .join(StockPool, col(StockPool.id) == col(StockItem.pool_id))
        .where(col(StockItem.substance).is_not(None))
        .order_by(col(StockPool.id), col(StockItem.id))
    )
    return [(str(substance), atc, key, name, pool) for substance, atc, key, name, pool in rows]


async def in_open_cases(session: AsyncSession) -> list[tuple[str, str, str | None]]:
    """The number, substance and ATC code of every open case, oldest first."""
    rows = await session.execute(
        select(col(ShortageCase.number), col(ShortageCase.substance), col(ShortageCase.atc))
        .where(col(ShortageCase.status).in_(OPEN))
        .order_by(col(ShortageCase.id))
    )
    return [(number, substance, atc) for number, substance, atc in rows]


# --- early warnings ---


async def standing(session: AsyncSession) -> list[EarlyWarning]:
    """Warnings that have not ended, oldest first."""
    return list(
        await session.scalars(
            select(EarlyWarning).where(col(EarlyWarning.ended_at).is_(None)).order_by(col(EarlyWarning.id))
        )
    )


async def of_list(session: AsyncSession, list_id: int) -> list[EarlyWarning]:
    """The warnings that a list gave, in the order in which they were given."""
    return list(
        await session.scalars(
            select(EarlyWarning).where(col(EarlyWarning.list_id) == list_id).order_by(col(EarlyWarning.id))
        )
    )


async def forget_warnings(session: AsyncSession, list_id: int) -> None:
    """The warnings of a list that was taken back go with it, but for those that somebody has decided on."""
    await session.execute(
        delete(EarlyWarning).where(
            col(EarlyWarning.list_id) == list_id,
            col(EarlyWarning.verdict_by).is_(None),
        )
    )


# --- lists and their fetching ---


async def source_of(session: AsyncSession, list_id: int) -> str | None:
    """Which register a list is of."""
    found = await session.get(RegisterList, list_id)
    return found.source if found is not None else None


async def empty_older_files(session: AsyncSession, source: str, keep: int) -> None:
    """Let go of the content of all but the newest `keep` lists of a register; their hashes stay."""
    kept = (
        select(col(RegisterList.id))
        .where(col(RegisterList.source) == source, col(RegisterList.state) == "stored")
        .order_by(col(RegisterList.id).desc())
        .limit(keep)
    )
    ids = list(await session.scalars(kept))
    await session.execute(
        update(RegisterList)
        .where(
            col(RegisterList.source) == source,
            col(RegisterList.state) == "stored",
            col(RegisterList.id).not_in(ids),
        )
        .values(content=b"")
        .execution_options(synchronize_session=False)
    )


async def rows_of_newest(session: AsyncSession, source: str) -> int | None:
    """How many rows the newest list of a register has; None where none has been read."""
    return (
        await session.execute(
            select(col(RegisterList.rows))
            .where(
                col(RegisterList.source) == source,
                col(RegisterList.state) == "stored",
                col(RegisterList.undone_at).is_(None),
            )
            .order_by(col(RegisterList.id).desc())
            .limit(1)
        )
    ).scalar_one_or_none()


async def fetches(session: AsyncSession) -> dict[str, RegisterFetch]:
    """Register → how it was last fetched."""
    return {row.source: row for row in await session.scalars(select(RegisterFetch))}
