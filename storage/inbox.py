"""Slack's events, kept before they are acknowledged and taken up again where nobody finished them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.leases import latest_end
from storage.tables import InboxEntry, KeptEvent


async def keep(
    session: AsyncSession, key: str, body: dict[str, Any] | None, now: dt.datetime, lease: dt.timedelta
) -> bool:
    """Keep an event for whoever takes it now, for `lease`. False where it has been kept before."""
    of_dialect = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = KeptEvent(key=key, body=body, at=now, lease_until=now + lease).model_dump()
    insert = of_dialect(KeptEvent).values(row).on_conflict_do_nothing(index_elements=["key"])
    # Not `rowcount`: of such an insert it is -1 on PostgreSQL, whether a row came or not.
    return (await session.execute(insert.returning(col(KeptEvent.key)))).first() is not None


async def handled(session: AsyncSession, key: str) -> None:
    """It is done: what was said in it goes, the key stays."""
    await session.execute(
        update(KeptEvent)
        .where(col(KeptEvent.key) == key)
        .values(handled=True, body=None)
        .execution_options(synchronize_session=False)
    )


async def renew(session: AsyncSession, keys: Collection[str], until: dt.datetime) -> None:
    """Hold those that are still worked on."""
    await session.execute(
        update(KeptEvent)
        .where(col(KeptEvent.key).in_(list(keys)))
        .values(lease_until=until)
        .execution_options(synchronize_session=False)
    )


async def take_up(session: AsyncSession, now: dt.datetime, lease: dt.timedelta, most: int) -> list[KeptEvent]:
    """Those whose time is up and that nobody finished, oldest first, for `lease`."""
    left = (
        select(col(KeptEvent.key))
        .where(
            col(KeptEvent.handled).is_(False),
            or_(col(KeptEvent.lease_until) <= now, col(KeptEvent.lease_until) > latest_end(now, lease)),
        )
        .order_by(col(KeptEvent.at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = await session.execute(
        update(KeptEvent)
        .where(col(KeptEvent.key).in_(left))
        .values(lease_until=now + lease, attempts=col(KeptEvent.attempts) + 1)
        .returning(KeptEvent)
        .execution_options(populate_existing=True)
    )
    return sorted(taken.scalars(), key=lambda event: event.at)


async def waiting_since(session: AsyncSession) -> dt.datetime | None:
    """When the oldest event came that nobody has finished."""
    oldest = select(func.min(col(KeptEvent.at))).where(col(KeptEvent.handled).is_(False))
    since: dt.datetime | None = (await session.execute(oldest)).scalar_one_or_none()
    return since


async def forget(session: AsyncSession, before: dt.datetime) -> None:
    """Remove the keys of what was done before that instant: Slack repeats nothing so old."""
    await session.execute(delete(InboxEntry).where(col(InboxEntry.at) < before))
    await session.execute(delete(KeptEvent).where(col(KeptEvent.at) < before, col(KeptEvent.handled).is_(True)))
