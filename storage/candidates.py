"""Questions about the candidates that the centre has named."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import CandidateLink


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
