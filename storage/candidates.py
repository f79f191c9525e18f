"""Questions about the candidates that the centre has named, and about possible domino effects."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import CandidateLink, DominoAlert, ShortageCase, StockCount, StockItem


async def links(session: AsyncSession, short_keys: Iterable[str]) -> list[CandidateLink]:
    """The links from these preparations, oldest first."""
    wanted = sorted(set(short_keys))
    if not wanted:
        return []
    query = select(CandidateLink).where(col(CandidateLink.short_key).in_(wanted)).order_by(col(CandidateLink.id))
    return list(await session.scalars(query))


async def link(session: AsyncSession, short_key: str, candidate_key: str) -> CandidateLink | None:
    """The link between two preparations."""
    query = select(CandidateLink).where(
        CandidateLink.short_key == short_key, CandidateLink.candidate_key == candidate_key
    )
    return (await session.scalars(query)).one_or_none()


async def open_dominoes(session: AsyncSession, case_ids: Iterable[int] | None = None) -> list[DominoAlert]:
    """Possible domino effects that are not over, oldest first; of these cases, or all."""
    query = select(DominoAlert).where(col(DominoAlert.closed_at).is_(None)).order_by(col(DominoAlert.id))
    if case_ids is not None:
        query = query.where(col(DominoAlert.case_id).in_(list(case_ids)))
    return list(await session.scalars(query))


async def stocked_relatives(
    session: AsyncSession, atc_groups: Iterable[str], substances: Iterable[str], preparation_keys: Iterable[str]
) -> list[int]:
    """The ids of stock items of these ATC groups (level 4), substances or preparations."""
    group = func.substr(col(StockItem.atc), 1, 5)
    rows = await session.scalars(
        select(StockItem.id).where(
            or_(
                group.in_(sorted(set(atc_groups))),
                func.lower(col(StockItem.substance)).in_(sorted({name.lower() for name in substances})),
                col(StockItem.preparation_key).in_(sorted(set(preparation_keys))),
            )
        )
    )
    return [row for row in rows if row is not None]


async def counted(
    session: AsyncSession, item_ids: Iterable[int], since: dt.date
) -> dict[int, list[tuple[dt.date, float]]]:
    """Item id → what was counted on each day from `since` on, all lots together, by day."""
    found: dict[int, list[tuple[dt.date, float]]] = defaultdict(list)
    rows = await session.execute(
        select(col(StockCount.item_id), col(StockCount.counted_on), func.sum(col(StockCount.quantity)))
        .where(col(StockCount.item_id).in_(list(item_ids)), col(StockCount.counted_on) >= since)
        .group_by(col(StockCount.item_id), col(StockCount.counted_on))
        .order_by(col(StockCount.counted_on))
    )
    for item_id, day, quantity in rows:
        found[item_id].append((day, float(quantity)))
    return found


async def join_complexes(session: AsyncSession, one: ShortageCase, other: ShortageCase) -> None:
    """The two cases, and those that belong with either, are one complex from now on."""
    name = one.complex or one.number
    if other.complex is not None and other.complex != name:
        await session.execute(
            update(ShortageCase).where(col(ShortageCase.complex) == other.complex).values(complex=name)
        )
    one.complex = other.complex = name
