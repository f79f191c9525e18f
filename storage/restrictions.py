"""Questions about restrictions and their parts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import Restriction, RestrictionPart


async def of_cases(session: AsyncSession, case_ids: Collection[int]) -> list[Restriction]:
    """The restrictions of these cases, oldest first."""
    if not case_ids:
        return []
    query = select(Restriction).where(col(Restriction.case_id).in_(case_ids)).order_by(col(Restriction.id))
    return list(await session.scalars(query))


async def parts_of(session: AsyncSession, restriction_ids: Iterable[int]) -> dict[int, list[RestrictionPart]]:
    """Restriction id → its parts, oldest first."""
    found: dict[int, list[RestrictionPart]] = defaultdict(list)
    wanted = list(restriction_ids)
    if wanted:
        query = select(RestrictionPart).where(col(RestrictionPart.restriction_id).in_(wanted))
        for part in await session.scalars(query.order_by(col(RestrictionPart.id))):
            found[part.restriction_id].append(part)
    return found


async def to_review(session: AsyncSession, until: dt.date, states: Collection[str]) -> list[Restriction]:
    """Restrictions in these states that are to be looked at again by `until`."""
    query = select(Restriction).where(
        col(Restriction.review_on).is_not(None), col(Restriction.review_on) <= until, col(Restriction.state).in_(states)
    )
    return list(await session.scalars(query.order_by(col(Restriction.review_on), col(Restriction.id))))
