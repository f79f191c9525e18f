"""Which replica leads: a lease in a table, the same on both databases."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.leases import latest_end
from storage.tables import Lead
from storage.unit_of_work import Database


async def take(database: Database, name: str, holder: str, lease: dt.timedelta) -> bool:
    """Lead `name` as `holder` until `lease` from now. False while somebody else's lease runs.

    One that ends later than any can (`latest_end`) was written before the clock went back, and is over.
    """
    async with database.unit_of_work() as uow:
        mine_or_over = or_(
            col(Lead.holder) == holder, col(Lead.until) <= uow.now, col(Lead.until) > latest_end(uow.now, lease)
        )
        taken = await uow.session.execute(
            update(Lead).where(col(Lead.name) == name, mine_or_over).values(holder=holder, until=uow.now + lease)
        )
        if taken.rowcount:  # type: ignore[attr-defined]
            return True
        if await uow.session.get(Lead, name) is not None:
            return False
    try:
        async with database.unit_of_work() as uow:
            await uow.add(Lead(name=name, holder=holder, until=uow.now + lease))
    except IntegrityError:
        return False
    return True


async def holder(session: AsyncSession, name: str, now: dt.datetime) -> str | None:
    """Who leads `name` now."""
    held = select(col(Lead.holder)).where(col(Lead.name) == name, col(Lead.until) > now)
    return (await session.execute(held)).scalar_one_or_none()


async def give_up(database: Database, name: str, holder: str) -> None:
    """Hand the lead over at once."""
    async with database.unit_of_work() as uow:
        await uow.session.execute(
            update(Lead).where(col(Lead.name) == name, col(Lead.holder) == holder).values(until=uow.now)
        )
