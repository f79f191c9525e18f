"""Questions about what the centre has asked, and whom, and what they answered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from storage.tables import (
    Inquiry,
    InquiryAnswer,
    InquiryAsked,
    InquiryStep,
    InquiryTarget,
    OutboxEntry,
    StockItem,
    StockPool,
    StockUse,
)

OPEN = "open"


async def of_cases(session: AsyncSession, case_ids: Collection[int]) -> list[Inquiry]:
    """What was asked in these cases, oldest first."""
    if not case_ids:
        return []
    query = select(Inquiry).where(col(Inquiry.case_id).in_(case_ids)).order_by(col(Inquiry.id))
    return list(await session.scalars(query))


async def open_ones(session: AsyncSession, before: dt.datetime | None = None) -> list[Inquiry]:
    """Every question that is being answered, or those whose deadline lies at or before then."""
    query = select(Inquiry).where(Inquiry.state == OPEN).order_by(col(Inquiry.id))
    return list(await session.scalars(query.where(col(Inquiry.deadline) <= before) if before else query))


async def asked_in(session: AsyncSession, inquiry_ids: Iterable[int]) -> dict[int, list[InquiryAsked]]:
    """Inquiry id → who was asked, in that order."""
    found: dict[int, list[InquiryAsked]] = defaultdict(list)
    query = select(InquiryAsked).where(col(InquiryAsked.inquiry_id).in_(list(inquiry_ids)))
    for row in await session.scalars(query.order_by(col(InquiryAsked.id))):
        found[row.inquiry_id].append(row)
    return found


async def steps_of(session: AsyncSession, inquiry_ids: Iterable[int]) -> dict[int, list[InquiryStep]]:
    """Inquiry id → the steps that were taken, in the order in which they were written down."""
    found: dict[int, list[InquiryStep]] = defaultdict(list)
    query = select(InquiryStep).where(col(InquiryStep.inquiry_id).in_(list(inquiry_ids)))
    for row in await session.scalars(query.order_by(col(InquiryStep.at), col(InquiryStep.step))):
        found[row.inquiry_id].append(row)
    return found


async def to_reply(session: AsyncSession, until: dt.date) -> list[Inquiry]:
    """Inquiries that DMP waits for a reply to by `until`, and that were not withdrawn or replied to."""
    replied = select(InquiryStep.inquiry_id).where(InquiryStep.step == "replied")
    query = select(Inquiry).where(
        col(Inquiry.reply_by).is_not(None),
        col(Inquiry.reply_by) <= until,
        Inquiry.state != "withdrawn",
        col(Inquiry.id).not_in(replied),
    )
    return list(await session.scalars(query.order_by(col(Inquiry.id))))


async def targets_of(session: AsyncSession, asked_ids: Iterable[int]) -> dict[int, list[InquiryTarget]]:
    """Asked id → where the question went."""
    found: dict[int, list[InquiryTarget]] = defaultdict(list)
    query = select(InquiryTarget).where(col(InquiryTarget.asked_id).in_(list(asked_ids)))
    for row in await session.scalars(query.order_by(col(InquiryTarget.id))):
        found[row.asked_id].append(row)
    return found


async def answers_of(session: AsyncSession, asked_ids: Iterable[int]) -> dict[int, InquiryAnswer]:
    """Asked id → the answer that counts: the newest."""
    newest = (
        select(func.max(InquiryAnswer.id))
        .where(col(InquiryAnswer.asked_id).in_(list(asked_ids)))
        .group_by(col(InquiryAnswer.asked_id))
    )
    rows = await session.scalars(select(InquiryAnswer).where(col(InquiryAnswer.id).in_(newest)))
    return {row.asked_id: row for row in rows}


async def undelivered(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Those of the outbox's keys that were given up: whom they were for, Slack did not find."""
    if not keys:
        return set()
    query = select(OutboxEntry.key).where(col(OutboxEntry.key).in_(keys), OutboxEntry.state == "failed")
    return set(await session.scalars(query))


async def stocked_units(session: AsyncSession, preparation_key: str) -> list[tuple[str, float | None]]:
    """In which units a preparation is kept, and the units in a pack; the unit of most pools first."""
    query = (
        select(StockItem.unit, func.max(StockItem.pack_size))
        .where(StockItem.preparation_key == preparation_key)
        .group_by(col(StockItem.unit))
        .order_by(func.count().desc(), col(StockItem.unit))
    )
    return [(unit, pack) for unit, pack in await session.execute(query)]


async def uses_between(
    session: AsyncSession, preparation_key: str, unit: str, first: dt.date, last: dt.date
) -> list[tuple[str, StockUse]]:
    """What was used of a preparation in a period that touches these days: the pool's name and the use."""
    query = (
        select(StockPool.name, StockUse)
        .join(StockItem, col(StockItem.id) == col(StockUse.item_id))
        .join(StockPool, col(StockPool.id) == col(StockItem.pool_id))
        .where(
            StockItem.preparation_key == preparation_key,
            StockItem.unit == unit,
            col(StockUse.first) <= last,
            col(StockUse.last) >= first,
        )
        .order_by(col(StockUse.id))
    )
    return [(name, use) for name, use in await session.execute(query)]
