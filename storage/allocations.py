"""Questions about what has been shared out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import Allocation, AllocationShare


async def of_case(session: AsyncSession, case_id: int) -> list[Allocation]:
    """The case's deliveries, first to last, drafts too."""
    query = select(Allocation).where(Allocation.case_id == case_id).order_by(col(Allocation.number))
    return list(await session.scalars(query))


async def in_state(session: AsyncSession, case_ids: Collection[int], state: str) -> list[Allocation]:
    """These cases' deliveries that stand so."""
    if not case_ids:
        return []
    query = select(Allocation).where(col(Allocation.case_id).in_(case_ids), Allocation.state == state)
    return list(await session.scalars(query.order_by(col(Allocation.id))))


async def move_all(session: AsyncSession, from_id: int, to_id: int) -> None:
    """Let one case's decided deliveries be another's, after its own; what was only proposed of it is dropped."""
    moved, there = await of_case(session, from_id), await of_case(session, to_id)
    proposed = [row for row in moved if row.decided_at is None]
    moved = [row for row in moved if row.decided_at is not None]
    shares = delete(AllocationShare).where(col(AllocationShare.allocation_id).in_([row.id for row in proposed]))
    await session.execute(shares)
    for row in proposed:
        await session.delete(row)
    decided = sum(row.decided_at is not None for row in there)
    for row in there:
        if row.decided_at is None:
            row.number = decided + len(moved) + 1
    await session.flush()
    for number, row in enumerate(moved, decided + 1):
        row.case_id, row.number = to_id, number
    await session.flush()


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
