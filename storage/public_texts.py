"""Questions about public texts."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import PublicText

DRAFT, APPROVED, OVER = "draft", "approved", "over"


async def newest(session: AsyncSession, case_id: int, state: str) -> PublicText | None:
    """A case's newest text in this state."""
    query = select(PublicText).where(PublicText.case_id == case_id, PublicText.state == state)
    return (await session.scalars(query.order_by(col(PublicText.id).desc()).limit(1))).one_or_none()
