"""Long work that somebody may stop, whichever replica does it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import LongWork


async def stop(session: AsyncSession, work: str, now: dt.datetime) -> bool:
    """Ask work in hand to stop; False where it is over."""
    found = await session.execute(update(LongWork).where(col(LongWork.id) == work).values(stopped_at=now))
    return bool(found.rowcount)  # type: ignore[attr-defined]


async def is_stopped(session: AsyncSession, work: str) -> bool:
    """Whether somebody has asked it to stop."""
    query = select(col(LongWork.id)).where(LongWork.id == work, col(LongWork.stopped_at).is_not(None))
    return (await session.execute(query)).first() is not None


async def end(session: AsyncSession, work: str, begun_before: dt.datetime) -> None:
    """It is over; so is what was begun long ago, by a process that is gone."""
    await session.execute(delete(LongWork).where((col(LongWork.id) == work) | (col(LongWork.begun_at) < begun_before)))
