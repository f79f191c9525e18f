"""What is due of the tasks that a meeting gave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import oslo
from bot.meeting.chairing import ChairingService
from bot.meeting.forums import MAIN, Forum, titles_of
from bot.meeting.reading import read_tasks
from bot.people.roles import Action, Actor
from bot.reminders.due import Due, Kind, Reminded, Watch
from bot.reminders.of_cases import FREE
from bot.reminders.timing import before_deadline
from storage import meeting as stored
from storage.tables import MeetingTask
from storage.unit_of_work import UnitOfWork


class TaskWatch(Watch):
    """A task's day has come. Whoever has it is told; the meeting's channel where they are not in Slack."""

    kind: ClassVar[Kind] = Kind.TASK
    action: ClassVar[Action] = Action.READ_DIGEST

    def __init__(self, forums: Mapping[str, Forum], chairing: ChairingService) -> None:
        self._forums = forums
        self._chairing = chairing

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """On the morning of the date, or of the working day before."""
        rows = await stored.tasks_due(session, oslo(now).date() + FREE)
        tasks = await read_tasks(session, [(row, "") for row in rows], titles_of(self._forums))
        given_by = await stored.forums_of_tasks(session, [row.id for row in rows if row.id is not None])
        channels = {name: forum.channel for name, forum in self._forums.items()}
        return [
            Due(
                key=f"{self.kind.value}:{row.id}:{row.due}",
                kind=self.kind,
                about_kind="task",
                about=str(row.id),
                title=(task.case_name or str(task.who or ""))[:400],
                due_at=before_deadline(row.due),
                text=row.text,
                day=row.due,
                person=row.assignee,
                channel=channels.get(given_by.get(row.id or 0, MAIN), channels[MAIN]),
            )
            for row, task in zip(rows, tasks, strict=True)
            if row.due is not None
        ]

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """The task is done, and the next digest says so."""
        task = await uow.session.get(MeetingTask, int(reminder.about))
        if task is not None and task.done_at is None:
            await self._chairing.mark_done(uow, task, by.person)

    async def snoozed(self, uow: UnitOfWork, reminder: Reminded, until: dt.date, by: Actor) -> None:
        """The task has a new date."""
        task = await uow.session.get(MeetingTask, int(reminder.about))
        if task is not None and task.done_at is None and task.due == reminder.day:
            uow.record(f"meeting_task:{task.id}", "put_off", by=by.person, due=[str(task.due), str(until)])
            task.due = until
