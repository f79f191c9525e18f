"""Which digests have been posted."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import AuditEntry, MeetingPost


async def first_start(session: AsyncSession) -> dt.datetime | None:
    """When the bot was first started here: what was planned before that is nobody's to make up for."""
    begun = select(AuditEntry.at).where(AuditEntry.action == "first_start").order_by(col(AuditEntry.id)).limit(1)
    return (await session.execute(begun)).scalar_one_or_none()


async def posted(session: AsyncSession, kind: str) -> dict[str, dt.datetime]:
    """Week → when its digest (or update) was composed, for the last year's worth."""
    rows = await session.execute(
        select(MeetingPost.week, MeetingPost.composed_at)
        .where(MeetingPost.kind == kind)
        .order_by(col(MeetingPost.id).desc())
        .limit(60)
    )
    return dict(rows.all())
