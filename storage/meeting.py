"""Which digests have been posted, and what became of the meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, or_, select

from storage.tables import (
    AuditEntry,
    Meeting,
    MeetingAttendance,
    MeetingDecision,
    MeetingPost,
    MeetingTask,
    OutboxEntry,
    RaisedCase,
    ShortageCase,
)

MAIN = "mangelmote"
"""The weekly meeting, among the forums."""


async def first_start(session: AsyncSession) -> dt.datetime | None:
    """When the bot was first started here: what was planned before that is nobody's to make up for."""
    begun = select(AuditEntry.at).where(AuditEntry.action == "first_start").order_by(col(AuditEntry.id)).limit(1)
    return (await session.execute(begun)).scalar_one_or_none()


async def posted(session: AsyncSession, kind: str, forum: str = MAIN) -> dict[str, dt.datetime]:
    """Week → when a forum's digest (or update) was composed, for the last year's worth."""
    rows = await session.execute(
        select(MeetingPost.week, MeetingPost.composed_at)
        .where(MeetingPost.kind == kind, MeetingPost.forum == forum)
        .order_by(col(MeetingPost.id).desc())
        .limit(60)
    )
    return dict(rows.all())


async def post_of(session: AsyncSession, week: str, kind: str, forum: str = MAIN) -> MeetingPost | None:
    """What was posted for a forum's meeting of a week."""
    wanted = select(MeetingPost).where(MeetingPost.week == week, MeetingPost.kind == kind, MeetingPost.forum == forum)
    return (await session.scalars(wanted)).one_or_none()


async def post_until(session: AsyncSession, at: dt.datetime, kind: str, forum: str) -> MeetingPost | None:
    """The newest that was composed for a forum by then."""
    rows = select(MeetingPost).where(
        col(MeetingPost.composed_at) <= at, MeetingPost.kind == kind, MeetingPost.forum == forum
    )
    return (await session.scalars(rows.order_by(col(MeetingPost.id).desc()).limit(1))).one_or_none()


async def newest_posts(session: AsyncSession, kind: str, forum: str = MAIN, most: int = 3) -> list[MeetingPost]:
    """What was posted last for a forum, the newest first."""
    rows = select(MeetingPost).where(MeetingPost.kind == kind, MeetingPost.forum == forum)
    return list(await session.scalars(rows.order_by(col(MeetingPost.week).desc()).limit(most)))


async def standing_at(session: AsyncSession, key: str, *, newest: bool = False) -> OutboxEntry | None:
    """The first message of this key or one that goes on from it, or the `newest`, once it stands in the channel."""
    rows = select(OutboxEntry).where(
        or_(OutboxEntry.key == key, col(OutboxEntry.key).startswith(f"{key}:", autoescape=True)),
        col(OutboxEntry.ts).is_not(None),
        col(OutboxEntry.reply_to).is_(None),
        col(OutboxEntry.edits).is_(None),
    )
    order = col(OutboxEntry.id).desc() if newest else col(OutboxEntry.id)
    return (await session.scalars(rows.order_by(order).limit(1))).one_or_none()


async def last_closed(session: AsyncSession, forum: str = MAIN) -> Meeting | None:
    """A forum's meeting that was closed last."""
    rows = select(Meeting).where(col(Meeting.closed_at).is_not(None), Meeting.forum == forum)
    return (await session.scalars(rows.order_by(col(Meeting.closed_at).desc()).limit(1))).one_or_none()


async def meeting(session: AsyncSession, forum: str, week: str) -> Meeting | None:
    """A forum's meeting of a week."""
    return (await session.scalars(select(Meeting).where(Meeting.forum == forum, Meeting.week == week))).one_or_none()


async def closed_weeks(session: AsyncSession, forum: str, weeks: Sequence[str]) -> set[str]:
    """Those of `weeks` whose meeting has been held and closed."""
    wanted = select(Meeting.week).where(Meeting.forum == forum, col(Meeting.closed_at).is_not(None))
    return set(await session.scalars(wanted.where(col(Meeting.week).in_(weeks))))


async def last_meeting(session: AsyncSession, forum: str, before: str | None = None) -> Meeting | None:
    """A forum's newest meeting; `before`: of an earlier week than this one."""
    wanted = select(Meeting).where(Meeting.forum == forum)
    if before is not None:
        wanted = wanted.where(Meeting.week < before)
    return (await session.scalars(wanted.order_by(col(Meeting.week).desc()).limit(1))).one_or_none()


async def present(session: AsyncSession, meeting_id: int) -> list[str]:
    """The keys of those who were there."""
    rows = select(MeetingAttendance.person).where(MeetingAttendance.meeting_id == meeting_id)
    return list(await session.scalars(rows.order_by(col(MeetingAttendance.person))))


async def decisions(session: AsyncSession, meeting_id: int) -> list[MeetingDecision]:
    """What a meeting decided, in the order it was decided."""
    rows = select(MeetingDecision).where(MeetingDecision.meeting_id == meeting_id)
    return list(await session.scalars(rows.order_by(col(MeetingDecision.id))))


async def tasks(session: AsyncSession, meeting_id: int) -> list[MeetingTask]:
    """What a meeting asked people to do, in the order it was given."""
    rows = select(MeetingTask).where(MeetingTask.meeting_id == meeting_id)
    return list(await session.scalars(rows.order_by(col(MeetingTask.id))))


async def tasks_standing(
    session: AsyncSession, forum: str, *, before: str | None = None, done_since: dt.datetime | None = None
) -> list[tuple[MeetingTask, str]]:
    """A forum's tasks that are not done, with the week that gave each; those done after `done_since` too."""
    still: list[ColumnElement[bool]] = [col(MeetingTask.done_at).is_(None)]
    if done_since is not None:
        still.append(col(MeetingTask.done_at) > done_since)
    wanted = (
        select(MeetingTask, Meeting.week)
        .join(Meeting, col(Meeting.id) == col(MeetingTask.meeting_id))
        .where(Meeting.forum == forum, or_(*still))
    )
    if before is not None:
        wanted = wanted.where(Meeting.week < before)
    rows = await session.execute(wanted.order_by(col(MeetingTask.due), col(MeetingTask.id)))
    return [(task, week) for task, week in rows]


async def open_tasks_of(session: AsyncSession, numbers: Iterable[str], forum: str | None = None) -> list[MeetingTask]:
    """Tasks that are not done, of these cases; `forum`: those that it gave, and no others'."""
    wanted: Sequence[str] = list(numbers)
    if not wanted:
        return []
    rows = select(MeetingTask).where(col(MeetingTask.done_at).is_(None), col(MeetingTask.case_number).in_(wanted))
    if forum is not None:
        rows = rows.join(Meeting, col(Meeting.id) == col(MeetingTask.meeting_id)).where(Meeting.forum == forum)
    return list(await session.scalars(rows.order_by(col(MeetingTask.id))))


async def raised(session: AsyncSession, forum: str) -> dict[str, str | None]:
    """Case number → the question to a forum, of every case that somebody has put on its list."""
    rows = await session.execute(
        select(ShortageCase.number, RaisedCase.question)
        .join(RaisedCase, col(RaisedCase.case_id) == col(ShortageCase.id))
        .where(RaisedCase.forum == forum)
    )
    return dict(rows.all())


async def raised_case(session: AsyncSession, case_id: int, forum: str) -> RaisedCase | None:
    """A case on a forum's list."""
    wanted = select(RaisedCase).where(RaisedCase.case_id == case_id, RaisedCase.forum == forum)
    return (await session.scalars(wanted)).one_or_none()


async def hand_over_raised(session: AsyncSession, case_id: int, to: int) -> None:
    """What is on other forums' lists as one case stands there as another; a list that has both keeps the other's."""
    there = {row.forum for row in await raised_of(session, to)}
    for row in await raised_of(session, case_id):
        if row.forum in there:
            await session.delete(row)
        else:
            row.case_id = to


async def raised_of(session: AsyncSession, case_id: int) -> list[RaisedCase]:
    """Every list of other forums that a case is on."""
    rows = select(RaisedCase).where(RaisedCase.case_id == case_id)
    return list(await session.scalars(rows.order_by(col(RaisedCase.forum))))


async def forums_of_tasks(session: AsyncSession, ids: Iterable[int]) -> dict[int, str]:
    """Task id → the forum that gave it."""
    rows = await session.execute(
        select(MeetingTask.id, Meeting.forum)
        .join(Meeting, col(Meeting.id) == col(MeetingTask.meeting_id))
        .where(col(MeetingTask.id).in_(list(ids)))
    )
    return {task: forum for task, forum in rows if task is not None}


async def tasks_due(session: AsyncSession, by: dt.date) -> list[MeetingTask]:
    """Tasks that are not done and should be by this day, the earliest first."""
    rows = select(MeetingTask).where(col(MeetingTask.done_at).is_(None), col(MeetingTask.due) <= by)
    return list(await session.scalars(rows.order_by(col(MeetingTask.due), col(MeetingTask.id))))
