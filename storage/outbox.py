"""The outbox's rows: claimed by one worker at a time, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, case, exists, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import col

from storage.leases import latest_end
from storage.tables import OutboxEntry
from storage.types import UTCDateTime

PENDING = ("waiting", "claimed")
PATIENCE = 5
"""So many times a row that fails is waited for by what was said after it in its channel; then they go around it."""


async def claim(
    session: AsyncSession,
    *,
    worker: str,
    now: dt.datetime,
    lease: dt.timedelta,
    most: int,
    besides: Collection[str] = (),
    but_for: Collection[str] = (),
) -> list[OutboxEntry]:
    """Take up to `most` rows that are due, most urgent first, for `lease`.

    None of the channels `besides`, and of the workspaces `but_for`: "" is the centre's own, whose channels have no
    workspace before a slash.

    One statement on both engines; on PostgreSQL the inner select skips rows that another worker is taking. A row
    waits for the message that it replies to or edits, for earlier replies in the same thread and edits of the same
    message, and for what is in hand or failing before it in its channel, unless it is more urgent. A row whose lease
    ran out comes back as doubtful: its worker may have died after Slack had it. So does one whose lease ends
    later than any can (`latest_end`). What was never tried waits for no time at all.
    """
    values = {
        "worker": worker,
        "now": now,
        "until": now + lease,
        "no_lease_ends_after": latest_end(now, lease),
        "most": most,
        "besides": list(besides),
    }
    taken = await session.execute(
        _claiming(tuple(sorted(but_for))), values, execution_options={"populate_existing": True}
    )
    return sorted(taken.scalars(), key=lambda entry: (entry.priority, entry.id or 0))


@cache
def _claiming(but_for: tuple[str, ...]) -> ReturningUpdate[Any]:
    """`claim`'s statement: made once, for it is asked several times a second and takes longer to make than to run."""
    row, before = aliased(OutboxEntry), aliased(OutboxEntry)
    now = bindparam("now", type_=UTCDateTime())
    due = or_(
        and_(col(row.state) == "waiting", or_(col(row.not_before) <= now, col(row.attempts) == 0)),
        and_(
            col(row.state) == "claimed",
            or_(
                col(row.lease_until) < now, col(row.lease_until) > bindparam("no_lease_ends_after", type_=UTCDateTime())
            ),
        ),
    )
    anchor = exists().where(col(before.key).in_([row.reply_to, row.edits]), col(before.state).in_(PENDING))
    earlier = exists().where(
        col(before.state).in_(PENDING),
        col(before.id) < row.id,
        or_(
            col(before.reply_to) == row.reply_to,
            col(before.edits) == row.edits,
            and_(col(before.channel) == row.channel, col(before.thread_ts) == row.thread_ts),
        ),
    )
    unsettled = (
        select(col(before.channel), col(before.priority), func.min(before.id).label("id"))
        .where(
            or_(
                and_(col(before.state) == "claimed", col(before.lease_until) >= now),
                and_(
                    col(before.state) == "waiting",
                    col(before.not_before) > now,
                    col(before.attempts).between(1, PATIENCE),
                ),
            )
        )
        .group_by(col(before.channel), col(before.priority))
        .cte("unsettled")
    )
    behind = exists().where(
        unsettled.c.channel == row.channel, unsettled.c.priority <= row.priority, unsettled.c.id < row.id
    )
    quiet = [
        col(row.channel).startswith(f"{one}/", autoescape=True) if one else ~col(row.channel).contains("/")
        for one in but_for
    ]
    besides: BindParameter[str] = bindparam("besides", expanding=True)
    chosen = (
        select(col(row.id))
        .where(due, ~anchor, ~earlier, ~behind, col(row.channel).not_in(besides), *(~one for one in quiet))
        .order_by(col(row.priority), col(row.id))
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=row)
    )
    return (
        update(OutboxEntry)
        .where(col(OutboxEntry.id).in_(chosen))
        .values(
            state="claimed",
            claimed_by=bindparam("worker"),
            lease_until=bindparam("until"),
            attempts=col(OutboxEntry.attempts) + 1,
            doubtful=case((col(OutboxEntry.state) == "claimed", true()), else_=col(OutboxEntry.doubtful)),
        )
        .returning(OutboxEntry)
    )


async def supersede_edits(session: AsyncSession, of: Collection[str]) -> None:
    """Of several waiting edits of one message only the newest is sent. `of`: the keys of the messages to look at."""
    await session.execute(_SUPERSEDING, {"of": list(of)}, execution_options={"synchronize_session": False})


_newer = aliased(OutboxEntry)
_THERE_IS_A_NEWER = exists().where(col(_newer.edits) == col(OutboxEntry.edits), col(_newer.id) > col(OutboxEntry.id))
_SUPERSEDING = (
    update(OutboxEntry)
    .where(
        col(OutboxEntry.state) == "waiting",
        col(OutboxEntry.edits).in_(bindparam("of", expanding=True)),
        _THERE_IS_A_NEWER,
    )
    .values(state="superseded")
)


async def key_at(session: AsyncSession, channel: str, ts: str) -> str | None:
    """The key of the message that stands in `channel` at `ts`, where the bot has said it."""
    said = select(col(OutboxEntry.key)).where(
        or_(col(OutboxEntry.posted_in) == channel, col(OutboxEntry.channel) == channel), col(OutboxEntry.ts) == ts
    )
    return (await session.execute(said.order_by(col(OutboxEntry.id)).limit(1))).scalar_one_or_none()


async def by_keys(session: AsyncSession, keys: Sequence[str]) -> dict[str, OutboxEntry]:
    """The rows with these keys."""
    rows = await session.scalars(select(OutboxEntry).where(col(OutboxEntry.key).in_(keys)))
    return {row.key: row for row in rows}


async def change(session: AsyncSession, row_id: int, worker: str, **values: Any) -> bool:
    """Write what became of a claimed row. False where the lease was lost to another worker."""
    done = await session.execute(
        update(OutboxEntry)
        .where(
            col(OutboxEntry.id) == row_id,
            col(OutboxEntry.claimed_by) == worker,
            col(OutboxEntry.state) == "claimed",
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def next_due(session: AsyncSession) -> dt.datetime | None:
    """When the earliest waiting row may be tried."""
    return (
        await session.execute(select(func.min(col(OutboxEntry.not_before))).where(col(OutboxEntry.state) == "waiting"))
    ).scalar_one_or_none()


async def stalled_since(session: AsyncSession, now: dt.datetime) -> dt.datetime | None:
    """Since when the oldest row that nothing holds back could have been sent, where nobody is sending anything.

    None while a worker has a row in hand: what is behind that waits its turn. A row that failed waits for its next
    try, and one that answers or edits another for that one: neither has stalled.
    """
    anchor = aliased(OutboxEntry)
    in_hand = exists().where(col(anchor.state) == "claimed", col(anchor.lease_until) >= now)
    held_back = exists().where(
        col(anchor.key).in_([col(OutboxEntry.reply_to), col(OutboxEntry.edits)]), col(anchor.state).in_(PENDING)
    )
    ready_at = case(
        (col(OutboxEntry.state) == "claimed", col(OutboxEntry.lease_until)), else_=col(OutboxEntry.not_before)
    )
    oldest = select(func.min(ready_at)).where(
        col(OutboxEntry.state).in_(PENDING), ready_at <= now, ~held_back, ~in_hand
    )
    since: dt.datetime | None = (await session.execute(oldest)).scalar_one_or_none()
    return since


async def waiting_since(session: AsyncSession) -> dt.datetime | None:
    """When the oldest row was written that has not been sent."""
    oldest = select(func.min(col(OutboxEntry.created_at))).where(col(OutboxEntry.state).in_(PENDING))
    since: dt.datetime | None = (await session.execute(oldest)).scalar_one_or_none()
    return since


async def counts(session: AsyncSession) -> dict[str, int]:
    """Rows by state."""
    rows = await session.execute(select(col(OutboxEntry.state), func.count()).group_by(col(OutboxEntry.state)))
    return dict(rows.all())


_NEEDS_A_PERSON = or_(
    col(OutboxEntry.state) == "failed",
    and_(col(OutboxEntry.state) == "waiting", col(OutboxEntry.attempts) >= PATIENCE),
)


async def count_undelivered(session: AsyncSession) -> int:
    """How many rows were given up, or have been tried in vain so often that a person must look."""
    query = select(func.count()).select_from(OutboxEntry).where(_NEEDS_A_PERSON)
    return int((await session.execute(query)).scalar_one())


async def undelivered(session: AsyncSession, most: int) -> list[OutboxEntry]:
    """The newest of those rows."""
    query = select(OutboxEntry).where(_NEEDS_A_PERSON).order_by(col(OutboxEntry.id).desc()).limit(most)
    return list(await session.scalars(query))


async def settle(session: AsyncSession, row_id: int, now: dt.datetime, *, again: bool) -> bool:
    """Let such a row be tried anew, or be said no more. False where it is none (any longer).

    An edit after which the message was changed once more is not said: it would bring back what is over.
    """
    values: dict[str, Any] = {"state": "superseded"}
    if again:
        state = case((_THERE_IS_A_NEWER, "superseded"), else_="waiting")
        values = {"state": state, "attempts": 0, "not_before": now}
    done = await session.execute(
        update(OutboxEntry)
        .where(col(OutboxEntry.id) == row_id, _NEEDS_A_PERSON)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def try_now(
    session: AsyncSession, now: dt.datetime, *, channel: str | None = None, problems: Collection[str] = ()
) -> int:
    """Let what waits in `channel`, or was put off for one of `problems`, be tried at once. How many there are."""
    why = col(OutboxEntry.problem).in_(list(problems)) if channel is None else col(OutboxEntry.channel) == channel
    done = await session.execute(
        update(OutboxEntry)
        .where(col(OutboxEntry.state) == "waiting", col(OutboxEntry.not_before) > now, why)
        .values(not_before=now)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


async def forgive_waits(session: AsyncSession, now: dt.datetime) -> None:
    """Let everything that waits be tried now: the clock has gone back, and the times in it are of the old one."""
    await session.execute(
        update(OutboxEntry)
        .where(col(OutboxEntry.state) == "waiting", col(OutboxEntry.not_before) > now)
        .values(not_before=now)
        .execution_options(synchronize_session=False)
    )


async def failed(session: AsyncSession, most: int = 20) -> list[OutboxEntry]:
    """The newest rows that were given up."""
    return list(
        await session.scalars(
            select(OutboxEntry)
            .where(col(OutboxEntry.state) == "failed")
            .order_by(col(OutboxEntry.id).desc())
            .limit(most)
        )
    )
