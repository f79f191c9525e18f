"""Questions about the assessments of substitutes. Each is one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.cases import OPEN
from storage.tables import ShortageCase, SubstituteAssessment

DRAFT, SIGNED = "draft", "signed"


async def of_preparations(
    session: AsyncSession, short_keys: Iterable[str], states: Collection[str] = ()
) -> list[SubstituteAssessment]:
    """The versions of these short preparations, oldest first; of these states, or all."""
    wanted = sorted(set(short_keys))
    if not wanted:
        return []
    query = select(SubstituteAssessment).where(col(SubstituteAssessment.short_key).in_(wanted))
    if states:
        query = query.where(col(SubstituteAssessment.state).in_(states))
    return list(await session.scalars(query.order_by(col(SubstituteAssessment.id))))


async def of_pair(session: AsyncSession, short_key: str, candidate_key: str) -> list[SubstituteAssessment]:
    """Every version of one candidate for one short preparation, oldest first."""
    query = select(SubstituteAssessment).where(
        SubstituteAssessment.short_key == short_key, SubstituteAssessment.candidate_key == candidate_key
    )
    return list(await session.scalars(query.order_by(col(SubstituteAssessment.number))))


async def cases_of(session: AsyncSession, short_key: str, drafted_in: int) -> list[ShortageCase]:
    """The open cases of a preparation, oldest first; where there is none, the one that it was drafted in."""
    query = select(ShortageCase).where(ShortageCase.preparation_key == short_key, col(ShortageCase.status).in_(OPEN))
    found = list(await session.scalars(query.order_by(col(ShortageCase.id))))
    if found:
        return found
    case = await session.get(ShortageCase, drafted_in)
    return [case] if case is not None else []


async def ending(session: AsyncSession, until: dt.date) -> list[tuple[SubstituteAssessment, ShortageCase]]:
    """Signed texts that hold until then at the longest, each with the newest open case of its preparation."""
    newest = (
        select(ShortageCase.preparation_key, func.max(ShortageCase.id).label("id"))
        .where(col(ShortageCase.status).in_(OPEN))
        .group_by(col(ShortageCase.preparation_key))
        .subquery()
    )
    query = (
        select(SubstituteAssessment, ShortageCase)
        .join(newest, newest.c.preparation_key == SubstituteAssessment.short_key)
        .join(ShortageCase, col(ShortageCase.id) == newest.c.id)
        .where(SubstituteAssessment.state == SIGNED, col(SubstituteAssessment.valid_until) <= until)
        .order_by(col(SubstituteAssessment.valid_until), col(SubstituteAssessment.id))
    )
    return [(row, case) for row, case in await session.execute(query)]


async def signed(session: AsyncSession) -> list[SubstituteAssessment]:
    """Everything that is signed and not replaced or withdrawn, oldest first."""
    query = select(SubstituteAssessment).where(SubstituteAssessment.state == SIGNED)
    return list(await session.scalars(query.order_by(col(SubstituteAssessment.id))))
