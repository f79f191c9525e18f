"""Tells what is due, once, to the one whom it concerns; puts it off, and hears that it is done."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, oslo
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.roles import ALLOWED, Actor
from bot.people.service import PeopleService
from bot.refusal import Refused
from bot.reminders.due import OPEN, Due, Kind, Reminded, State, Watch
from bot.reminders.timing import LONGEST_SNOOZE, at_work, when_passed
from storage import people as stored_people
from storage import reminders as stored
from storage.tables import Reminder
from storage.unit_of_work import Answer, Database, UnitOfWork

MOST = 10
"""Reminders that stand in one message; as they are settled the next ones move up."""
LIVE = (*OPEN, State.SNOOZED)
ALONE = "mangelvakt:reminders"


@dataclass(frozen=True, slots=True)
class ReminderPage:
    """Some of a person's reminders."""

    reminders: tuple[Reminded, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // MOST))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What has changed since the reminders were last looked at."""

    new: list[Due]
    moved: list[tuple[Reminder, Due]]
    over: list[Reminder]
    to_tell: list[Reminder]

    def __bool__(self) -> bool:
        return bool(self.new or self.moved or self.over or self.to_tell)


class ReminderService:
    """What is due stands in tables: a restart, a second replica or a missed day loses nothing and repeats nothing."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        renderer: Renderer,
        people: PeopleService,
        watches: Iterable[Watch],
    ) -> None:
        self._database = database
        self._clock = clock
        self._renderer = renderer
        self._people = people
        self._watches = {watch.kind: watch for watch in watches}

    # --- telling ---

    async def check(self) -> int:
        """Tell what has become due, in working hours; how many were told. Asked again and again."""
        now = self._clock.now()
        if not at_work(now):
            return 0
        async with self._database.read() as session:
            if not await self._plan(session, now):
                return 0
        async with self._database.unit_of_work() as uow:
            await uow.alone(ALONE)
            plan = await self._plan(uow.session, now)
            fresh = [Reminder(**_of(due), state=State.WAITING.value) for due in plan.new]
            await uow.add(*fresh)
            left = {row.said_key for row, _ in plan.moved} | {row.said_key for row in plan.over if _stands(row)}
            for row, due in plan.moved:
                row.person, row.channel, row.said_key = due.person, due.channel, None
            for row in plan.over:
                row.state, row.answered_at, row.version = State.OVER.value, now, row.version + 1
            told = await self._tell(uow, [*plan.to_tell, *fresh])
            await self._redraw(uow, left)
            return told

    async def _plan(self, session: AsyncSession, now: dt.datetime) -> _Plan:
        seen = [one for watch in self._watches.values() for one in await watch.due(session, now)]
        due = {one.key: one for one in seen if one.due_at <= now}
        live = {row.key: row for row in await stored.in_states(session, [state.value for state in LIVE])}
        known = await stored.by_keys(session, [key for key in due if key not in live])
        moved = [(row, due[key]) for key, row in live.items() if key in due and row.person != due[key].person]
        today = oslo(now).date()
        anew = {id(row) for row, _ in moved if row.state == State.TOLD.value}
        back = [row for row in known.values() if row.state == State.OVER.value]
        to_tell = [row for key, row in live.items() if key in due and (id(row) in anew or _waits(row, today))]
        return _Plan(
            new=[one for key, one in due.items() if key not in live and key not in known],
            moved=moved,
            over=[row for key, row in live.items() if key not in due and not _sleeps(row, today)],
            to_tell=[*to_tell, *back],
        )

    async def _tell(self, uow: UnitOfWork, rows: Sequence[Reminder]) -> int:
        """Say these in one message to each whom they concern; those that nobody can be told of wait."""
        targets = await self._targets(uow.session, rows)
        for_each: dict[str, list[Reminder]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.due_at, row.id or 0)):
            if row.id in targets:
                for_each[targets[row.id]].append(row)
            else:
                row.state = State.WAITING.value
        languages = await stored_people.languages(uow.session, [one for one in for_each if one[0] in "UW"])
        for target, some in for_each.items():
            said_key = f"reminder:{some[0].id}:{some[0].times + 1}"
            for row in some:
                row.state, row.until, row.told_at, row.said_key = State.TOLD.value, None, uow.now, said_key
                row.times, row.version = row.times + 1, row.version + 1
                row.answered_at = row.answered_by = None
            message = await self._message(uow.session, some, languages.get(target, "nb"))
            await uow.say(said_key, target, message.text, message.blocks, priority=3)
        told = [row for some in for_each.values() for row in some]
        await uow.record_all([(f"{row.about_kind}:{row.about}", "reminded", {"kind": row.kind}) for row in told])
        return len(told)

    async def _targets(self, session: AsyncSession, rows: Sequence[Reminder]) -> dict[int | None, str]:
        """Reminder → the Slack id of its person, while they may still do something about it, or else its channel."""
        slack_ids = await stored_people.slack_users(session, {row.person for row in rows if row.person})
        found: dict[int | None, str] = {}
        for row in rows:
            slack_user = slack_ids.get(row.person or "")
            roles = self._people.grants(slack_user)[0] if slack_user else frozenset()
            if slack_user and roles & ALLOWED[self._watches[Kind(row.kind)].action]:
                found[row.id] = slack_user
            elif row.channel:
                found[row.id] = row.channel
        return found

    async def _message(self, session: AsyncSession, rows: Sequence[Reminder], language: str) -> Message:
        views = await self._views(session, rows)
        still = [view for view in views if view.is_open]
        return self._renderer.render(
            "reminders.j2",
            language,
            reminders=still[:MOST],
            more=max(0, len(still) - MOST),
            settled=[view for view in views if not view.is_open][:MOST],
        )

    async def _redraw(self, uow: UnitOfWork, said_keys: Iterable[str | None]) -> None:
        """Bring the messages in which reminders stand up to date."""
        wanted = sorted({key for key in said_keys if key})
        if not wanted:
            return
        await uow.session.flush()
        standing: dict[str, list[Reminder]] = defaultdict(list)
        for row in await stored.said_in(uow.session, wanted):
            standing[str(row.said_key)].append(row)
        last = await uow.last_said(wanted)
        languages = await stored_people.languages(uow.session, [entry.channel for entry in last.values()])
        for said_key, entry in last.items():
            message = await self._message(uow.session, standing[said_key], languages[entry.channel])
            if entry.blocks != list(message.blocks):
                after = f"{said_key}:after:{entry.id}"
                await uow.say(after, entry.channel, message.text, message.blocks, edits=said_key, priority=4)

    # --- answering ---

    async def done(self, reminder_id: int, by: Actor, *, key: str | None) -> str:
        """Somebody has done it, or looked at it; its title."""

        async def work(uow: UnitOfWork) -> Answer:
            row, watch = await self._live(uow, reminder_id, by)
            row.state, row.until = State.DONE.value, None
            await self._answered(uow, row, by, "reminder_done")
            await watch.done(uow, (await self._views(uow.session, [row]))[0], by)
            return {"title": row.title}

        return str((await self._database.once(key, work))["title"])

    async def snooze(self, reminder_id: int, until: dt.date | None, by: Actor, *, key: str | None) -> str:
        """Put it off until the morning of `until`; its title."""
        today = oslo(self._clock.now()).date()
        if until is None or not today < until <= today + LONGEST_SNOOZE:
            raise Refused(phrase("Velg en dag etter i dag og innen et år."), field="until")

        async def work(uow: UnitOfWork) -> Answer:
            row, watch = await self._live(uow, reminder_id, by)
            row.state, row.until = State.SNOOZED.value, oslo(when_passed(until)).date()
            await self._answered(uow, row, by, "reminder_snoozed", until=until.isoformat())
            await watch.snoozed(uow, (await self._views(uow.session, [row]))[0], row.until, by)
            return {"title": row.title}

        return str((await self._database.once(key, work))["title"])

    async def _live(self, uow: UnitOfWork, reminder_id: int, by: Actor) -> tuple[Reminder, Watch]:
        await uow.alone(ALONE)
        row = await uow.session.get(Reminder, reminder_id)
        if row is None:
            raise Refused(phrase("Påminnelsen finnes ikke lenger."))
        watch = self._watches[Kind(row.kind)]
        by.require(watch.action)
        if row.state == State.DONE.value:
            view = (await self._views(uow.session, [row]))[0]
            raise Refused(phrase("{who} er allerede ferdig med denne.", who=view.who or phrase("En annen")))
        if row.state == State.OVER.value:
            raise Refused(phrase("Påminnelsen gjelder ikke lenger."))
        return row, watch

    async def _answered(self, uow: UnitOfWork, row: Reminder, by: Actor, action: str, **details: str) -> None:
        row.answered_at, row.answered_by, row.version = uow.now, by.person, row.version + 1
        uow.record(f"{row.about_kind}:{row.about}", action, by=by.person, kind=row.kind, **details)
        await self._redraw(uow, [row.said_key])

    # --- showing ---

    async def reminder(self, reminder_id: int, by: Actor) -> Reminded:
        """One that is still to be answered, for its form."""
        async with self._database.read() as session:
            row = await session.get(Reminder, reminder_id)
            view = (await self._views(session, [row]))[0] if row else None
        if view is None or view.state not in LIVE:
            raise Refused(phrase("Påminnelsen gjelder ikke lenger."))
        by.require(self._watches[view.kind].action)
        return view

    async def open_for(self, by: Actor, page: int = 1, *, most: int = MOST) -> ReminderPage:
        """What `by` has to do something about, and what nobody has; the oldest first, without what is put off."""
        allowed = [kind.value for kind, watch in self._watches.items() if by.may(watch.action)]
        states = [state.value for state in OPEN]
        for_all = [kind for kind in allowed if self._watches[Kind(kind)].for_all]
        async with self._database.read() as session:
            rows = [row for row in await stored.open_of(session, by.person, states, for_all) if row.kind in allowed]
            page = min(max(page, 1), max(1, -(-len(rows) // most)))
            views = await self._views(session, rows[(page - 1) * most : page * most])
        return ReminderPage(tuple(views), len(rows), page)

    async def _views(self, session: AsyncSession, rows: Sequence[Reminder]) -> list[Reminded]:
        slack_ids = await stored_people.slack_users(session, {row.answered_by for row in rows if row.answered_by})
        return [
            Reminded(
                id=row.id or 0,
                kind=Kind(row.kind),
                about_kind=row.about_kind,
                about=row.about,
                title=row.title,
                text=row.text,
                day=row.day,
                due_at=row.due_at,
                state=State(row.state),
                until=row.until,
                who=Mention(slack_ids[row.answered_by]) if row.answered_by in slack_ids else None,
            )
            for row in rows
        ]


def _of(due: Due) -> dict[str, Any]:
    """What is due as a row's values."""
    return {field.name: getattr(due, field.name) for field in fields(due)} | {"kind": due.kind.value}


def _stands(row: Reminder) -> bool:
    """Whether its message still asks for something."""
    return row.state == State.TOLD.value


def _sleeps(row: Reminder, today: dt.date) -> bool:
    return row.state == State.SNOOZED.value and row.until is not None and row.until > today


def _waits(row: Reminder, today: dt.date) -> bool:
    """Whether it is to be told now: put off until today, or not told yet though there is somebody to tell."""
    if row.state == State.SNOOZED.value:
        return not _sleeps(row, today)
    return row.state == State.WAITING.value and bool(row.person or row.channel)
