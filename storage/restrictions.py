"""Questions about restrictions and their parts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import AuditEntry, Restriction, RestrictionPart


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


async def turning(session: AsyncSession, first: dt.date, last: dt.date) -> list[tuple[Restriction, RestrictionPart]]:
    """Parts of what is decided that begin on one of these days, or whose last day is one of them."""
    query = (
        select(Restriction, RestrictionPart)
        .join(RestrictionPart, col(RestrictionPart.restriction_id) == col(Restriction.id))
        .where(
            col(Restriction.decided_at).is_not(None),
            col(RestrictionPart.starts_on).between(first, last) | col(RestrictionPart.ends_on).between(first, last),
        )
        .order_by(col(RestrictionPart.id))
    )
    return [(row, part) for row, part in await session.execute(query)]


async def told(session: AsyncSession, actions: Collection[str], since: dt.datetime) -> set[tuple[str, int]]:
    """(action, part) of what the log says has been told since then."""
    query = select(AuditEntry.action, AuditEntry.details).where(
        col(AuditEntry.action).in_(actions), col(AuditEntry.at) >= since
    )
    return {(action, int(details["part"])) for action, details in await session.execute(query)}
