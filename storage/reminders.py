"""Reminders as they are kept, and what is due of the cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.cases import OPEN
from storage.meeting import MAIN
from storage.tables import MeetingPost, Reminder, ShortageCase

MOST_IN_A_QUESTION = 500


async def by_keys(session: AsyncSession, keys: Sequence[str]) -> dict[str, Reminder]:
    """Key → its reminder, whatever became of it."""
    found: dict[str, Reminder] = {}
    for start in range(0, len(keys), MOST_IN_A_QUESTION):
        wanted = keys[start : start + MOST_IN_A_QUESTION]
        found |= {row.key: row for row in await session.scalars(select(Reminder).where(col(Reminder.key).in_(wanted)))}
    return found


async def in_states(session: AsyncSession, states: Iterable[str]) -> list[Reminder]:
    """Every reminder that stands so, the oldest first."""
    rows = select(Reminder).where(col(Reminder.state).in_(list(states)))
    return list(await session.scalars(rows.order_by(col(Reminder.due_at), col(Reminder.id))))


async def said_in(session: AsyncSession, said_keys: Collection[str]) -> list[Reminder]:
    """The reminders that stand in these messages, the oldest first."""
    rows = select(Reminder).where(col(Reminder.said_key).in_(list(said_keys)))
    return list(await session.scalars(rows.order_by(col(Reminder.due_at), col(Reminder.id))))


async def open_of(
    session: AsyncSession, person: str, states: Iterable[str], kinds_of_nobody: Iterable[str]
) -> list[Reminder]:
    """A person's reminders that stand so, and those of `kinds_of_nobody` that nobody has; the oldest first."""
    nobodys = col(Reminder.person).is_(None) & col(Reminder.kind).in_(list(kinds_of_nobody))
    rows = select(Reminder).where(col(Reminder.state).in_(list(states)), or_(col(Reminder.person) == person, nobodys))
    return list(await session.scalars(rows.order_by(col(Reminder.due_at), col(Reminder.id))))


# --- what is due of the cases ---


async def steps_due(session: AsyncSession, by: dt.date) -> list[ShortageCase]:
    """Open cases whose next step has its date on or before `by`."""
    return await _open_where(session, col(ShortageCase.next_step_on) <= by)


async def ends_passed(session: AsyncSession, today: dt.date) -> list[ShortageCase]:
    """Open cases whose expected end lies before today."""
    return await _open_where(session, col(ShortageCase.expected_end) < today)


async def silent_since(session: AsyncSession, changed_before: dt.datetime, today: dt.date) -> list[ShortageCase]:
    """Open cases that have not changed since, and have no step ahead of them."""
    step = col(ShortageCase.next_step_on)
    return await _open_where(session, col(ShortageCase.changed_at) < changed_before, or_(step.is_(None), step < today))


async def asked_of_the_meeting(session: AsyncSession) -> list[ShortageCase]:
    """Open cases with a question to the meeting."""
    return await _open_where(session, col(ShortageCase.decision_question).is_not(None))


async def last_digest(session: AsyncSession, kind: str, composed_before: dt.datetime) -> MeetingPost | None:
    """The newest of Mangelmøtet's posts that was composed before then."""
    posts = select(MeetingPost).where(
        MeetingPost.forum == MAIN, MeetingPost.kind == kind, col(MeetingPost.composed_at) < composed_before
    )
    return (await session.scalars(posts.order_by(col(MeetingPost.id).desc()).limit(1))).one_or_none()


async def _open_where(session: AsyncSession, *conditions: object) -> list[ShortageCase]:
    rows = select(ShortageCase).where(col(ShortageCase.status).in_(OPEN), *conditions)  # type: ignore[arg-type]
    return list(await session.scalars(rows.order_by(col(ShortageCase.id))))
