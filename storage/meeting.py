"""Which digests have been posted."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import MeetingPost


async def posted(session: AsyncSession, kind: str) -> dict[str, dt.datetime]:
    """Week → when its digest (or update) was composed, for the last year's worth."""
    rows = await session.execute(
        select(MeetingPost.week, MeetingPost.composed_at)
        .where(MeetingPost.kind == kind)
        .order_by(col(MeetingPost.id).desc())
        .limit(60)
    )
    return dict(rows.all())
