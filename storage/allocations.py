"""Questions about what has been shared out."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import Allocation, AllocationShare


async def of_case(session: AsyncSession, case_id: int) -> list[Allocation]:
    """The case's deliveries, first to last, drafts too."""
    query = select(Allocation).where(Allocation.case_id == case_id).order_by(col(Allocation.number))
    return list(await session.scalars(query))


async def shares_of(session: AsyncSession, allocation_id: int) -> list[AllocationShare]:
    """What each receiver gets of one delivery, by receiver."""
    query = select(AllocationShare).where(AllocationShare.allocation_id == allocation_id)
    return sorted(await session.scalars(query), key=lambda share: share.receiver)


async def got_before(session: AsyncSession, case_id: int, number: int) -> dict[str, int]:
    """Packages by receiver from decided deliveries before `number`: what was sent, else what was decided."""
    got = func.coalesce(AllocationShare.sent, AllocationShare.packages)
    query = (
        select(AllocationShare.receiver, func.sum(got))
        .join(Allocation, col(Allocation.id) == col(AllocationShare.allocation_id))
        .where(Allocation.case_id == case_id, Allocation.number < number, col(Allocation.decided_at).is_not(None))
        .group_by(col(AllocationShare.receiver))
    )
    found: dict[str, int] = defaultdict(int)
    for receiver, packages in await session.execute(query):
        found[receiver] = int(packages)
    return dict(found)
