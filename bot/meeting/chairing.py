"""Møtemodus: the meeting is led case by case, and what it decides is kept on the case as it is decided.

What people see stands in one message that is edited in place, so that all see the same. A button says which place of
the agenda it was pressed at: a second press on *Neste* moves nothing. A form knows its case, wherever the meeting has
gone meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.forms import LONGEST_NAME, LONGEST_TEXT, Problems
from bot.cases.life_cycle import lives_on
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import named
from bot.cases.vocabulary import OPEN, Status, Visibility
from bot.clock import Clock, oslo
from bot.delivery.channels import ChannelKinds
from bot.meeting.digest import Entry
from bot.meeting.forums import MAIN, Forum, forum_in
from bot.meeting.minutes import Decision, Minutes, MinutesFacts, Task, Who, meeting_called, minutes_of
from bot.meeting.reading import DIGEST, AgendaReading, read_tasks, title_of
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.refusal import Refused
from storage import cases as stored_cases
from storage import meeting as stored
from storage import people as stored_people
from storage.tables import (
    EndDate,
    Meeting,
    MeetingAttendance,
    MeetingDecision,
    MeetingTask,
    ShortageCase,
)
from storage.unit_of_work import Answer, Database, UnitOfWork

ALONE = "mangelvakt:meeting"


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """A decision as it was typed; `settles`: the question that the case put to the meeting is answered by it."""

    text: str | None
    settles: bool = False

    def check(self) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        if not self.text:
            problems.add("text", Refused(phrase("Skriv hva som er besluttet.")))
        problems.short_enough(self.text, LONGEST_TEXT, field="text")
        problems.no_identity_number(self.text, field="text")
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class TaskForm:
    """A task as it was typed: for somebody in Slack (`who`, a Slack id) or somebody named."""

    text: str | None
    who: str | None
    name: str | None
    due: dt.date | None

    def check(self, today: dt.date) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        if not self.text:
            problems.add("text", Refused(phrase("Skriv hva som skal gjøres.")))
        problems.short_enough(self.text, LONGEST_TEXT, field="text")
        problems.short_enough(self.name, LONGEST_NAME, field="name")
        for field in ("text", "name"):
            problems.no_identity_number(getattr(self, field), field=field)
        if bool(self.who) == bool(self.name):
            problems.add("who", Refused(phrase("Velg én som skal gjøre det, eller skriv navnet.")))
        if problems.sensible(self.due, field="due") and self.due is not None and self.due < today:
            problems.add("due", Refused(phrase("Fristen er passert. Velg en dag fra og med i dag.")))
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class NewEnd:
    """A new expected end, or that it is not known any more (`unknown`); `seen`: the one that stood in the form."""

    end: dt.date | None
    unknown: bool
    why: str | None
    seen: dt.date | None

    def check(self, start: dt.date | None) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        if (self.end is None) != self.unknown:
            problems.add("end", Refused(phrase("Velg en dato, eller kryss av for at sluttdatoen er ukjent.")))
        if problems.sensible(self.end, field="end") and self.end and start and self.end < start:
            problems.add("end", Refused(phrase("Sluttdatoen er før startdatoen. Rett datoen.")))
        problems.short_enough(self.why, LONGEST_TEXT, field="why")
        problems.no_identity_number(self.why, field="why")
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the agenda's overview."""

    place: int
    name: str
    decides: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The meeting as it stands: what everybody looks at. `place` 0: it has been opened, no case is up yet."""

    id: int
    week: str
    place: int
    entry: Entry | None
    numbers: tuple[str, ...]
    """The cases that are talked about together; the first one's decisions and tasks are written down."""
    title: str
    status: Status | None
    lines: tuple[Line, ...]
    decisions: tuple[Decision, ...]
    tasks: tuple[Task, ...]
    earlier: tuple[Task, ...]
    present: tuple[Who, ...]
    is_over: bool
    today: dt.date
    forum_title: str | None = None

    @property
    def called(self) -> Phrase:
        """ "Mangelmøtet uke 29" """
        return meeting_called(self.forum_title, self.week)

    @property
    def next_one(self) -> Line | None:
        """What comes after this."""
        return next((line for line in self.lines if line.place == self.place + 1), None)


@dataclass(frozen=True, slots=True)
class InHand:
    """The case that a form is about."""

    meeting: int
    number: str
    title: str
    question: str | None
    end: dt.date | None


class ChairingService:
    """Opens, leads and closes a meeting. Whoever reads the digest may; each step is one unit of work."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        forums: Mapping[str, Forum],
        renderer: Renderer,
        reading: AgendaReading,
        people: PeopleService,
        teller: CaseTeller,
        channels: ChannelKinds,
    ) -> None:
        self._database = database
        self._clock = clock
        self._forums = forums
        self._renderer = renderer
        self._reading = reading
        self._people = people
        self._teller = teller
        self._channels = channels

    # --- opening, leading, closing ---

    async def open(self, by: Actor, *, key: str | None, forum_id: str = MAIN) -> tuple[str, bool]:
        """Open a forum's next meeting; its week, and False where it is open already. A closed one is opened again.

        Mangelmøtet is opened by whoever leads it, another forum's meeting by the centre.
        """
        by.require(Action.RUN_MEETING if forum_id == MAIN else Action.WORK_ON_CASE)
        forum = self.forum(forum_id)
        channel = _channel(forum)
        alerts = await self._reading.open_alerts()

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(ALONE)
            week = await self._reading.meeting_week(uow.session, forum, uow.now)
            held = await stored.meeting(uow.session, forum.id, week)
            if held is not None and held.closed_at is None:
                return {"week": week, "new": False}
            if held is None:
                post = await stored.post_of(uow.session, week, DIGEST, forum.id)
                since = await self._reading.since(uow.session, forum, week, uow.now)
                numbers = forum.numbers and self._channels.closed(channel)
                digest = await self._reading.digest(uow.session, forum, week, uow.now, since, alerts, numbers=numbers)
                before = post.content.get("agenda", []) if post is not None else []
                held = Meeting(
                    forum=forum.id,
                    week=week,
                    agenda=agenda_of(before, digest.families),
                    since=since,
                    opened_at=uow.now,
                    opened_by=by.person,
                )
                await uow.add(held)
                uow.record(_subject(held), "opened", by=by.person)
            else:
                held.closed_at = held.closed_by = None
                held.kept = {}
                uow.record(_subject(held), "reopened", by=by.person)
            await self._join(uow, held, [by.person])
            await self._show(uow, held)
            return {"week": week, "new": True}

        answer = await self._database.once(key, work)
        return str(answer["week"]), bool(answer["new"])

    async def move(self, meeting_id: int, seen: int, to: int, by: Actor, *, key: str | None) -> bool:
        """Go from the place that `by` saw to another; False where somebody has moved it before."""

        async def work(uow: UnitOfWork) -> Answer:
            held = await self._going_on(uow, meeting_id, by)
            if held.place != seen or not 0 <= to <= len(held.agenda):
                return {"moved": False}
            _stand_at(held, to)
            await self._join(uow, held, [by.person])
            await self._show(uow, held)
            return {"moved": True}

        return bool((await self._database.once(key, work))["moved"])

    async def take_up(self, meeting_id: int, wanted: str, by: Actor, *, key: str | None) -> None:
        """Talk about this case now: it comes next on the agenda where it does not stand there."""

        async def work(uow: UnitOfWork) -> Answer:
            held = await self._going_on(uow, meeting_id, by)
            case = await stored_cases.by_number(uow.session, wanted)
            if case is None or Visibility(case.visibility) not in self.forum(held.forum).reads:
                raise Refused(
                    phrase("Fant ikke sak {number} blant møtets saker. Skriv saksnummeret.", number=wanted),
                    field="number",
                )
            agenda = [list(family) for family in held.agenda]
            place = next((place for place, family in enumerate(agenda, 1) if case.number in family), None)
            if place is None:
                place = held.place + 1
                agenda.insert(place - 1, [case.number])
                held.agenda = agenda
            _stand_at(held, place)
            await self._join(uow, held, [by.person])
            await self._show(uow, held)
            return {}

        await self._database.once(key, work)

    async def attend(self, meeting_id: int, by: Actor, *, key: str | None) -> None:
        """`by` is there."""

        async def work(uow: UnitOfWork) -> Answer:
            held = await self._going_on(uow, meeting_id, by)
            if await self._join(uow, held, [by.person]):
                await self._show(uow, held)
            return {}

        await self._database.once(key, work)

    async def close(
        self, meeting_id: int, present: Sequence[str], guests: str | None, by: Actor, *, key: str | None
    ) -> str:
        """End the meeting and post its minutes; its week. `present`: the Slack ids of those who were there."""
        by.require(Action.RUN_MEETING)
        problems = Problems()
        problems.short_enough(guests, LONGEST_TEXT, field="guests")
        problems.no_identity_number(guests, field="guests")
        problems.raise_if_any()
        there = [(await self._people.actor(slack_user)).person for slack_user in present]

        async def work(uow: UnitOfWork) -> Answer:
            held = await self._going_on(uow, meeting_id, by)
            held.closed_at, held.closed_by, held.guests = uow.now, by.person, guests
            for person in set(await stored.present(uow.session, meeting_id)) - set(there):
                row = await uow.session.get(MeetingAttendance, (meeting_id, person))
                await uow.session.delete(row)
            await self._join(uow, held, there)
            uow.record(_subject(held), "closed", by=by.person)
            await self._show(uow, held)
            await self._post_minutes(uow, held)
            return {"week": held.week}

        return str((await self._database.once(key, work))["week"])

    # --- what comes of it ---

    async def decide(self, meeting_id: int, number: str, form: DecisionForm, by: Actor, *, key: str | None) -> None:
        """Write a decision down, on the case too."""
        by.require(Action.RUN_MEETING)
        form.check()

        async def work(uow: UnitOfWork) -> Answer:
            held, case = await self._case_in(uow, meeting_id, number, by)
            said = phrase("Besluttet i {meeting}: {text}", meeting=self._called(held), text=form.text)
            await self._note(uow, held, number, "decision", form.text or "", None, by)
            uow.record(f"case:{number}", "decided", by=by.person, text=form.text, week=held.week, forum=held.forum)
            if form.settles:
                await self._settle(uow, held, case, by)
            await self._teller.changed(uow, case, Change(said), by=by.person)
            await self._show(uow, held)
            return {}

        await self._database.once(key, work)

    async def move_end(self, meeting_id: int, number: str, form: NewEnd, by: Actor, *, key: str | None) -> None:
        """Give the case another expected end. Refused where somebody has moved it since the form was opened."""
        by.require(Action.RUN_MEETING)

        async def work(uow: UnitOfWork) -> Answer:
            held, case = await self._case_in(uow, meeting_id, number, by)
            form.check(case.start)
            if not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number), field="end")
            if case.expected_end not in (form.seen, form.end):
                raise Refused(
                    phrase(
                        "Noen har satt sluttdatoen til {end} imens. Lukk skjemaet og se på nytt.", end=case.expected_end
                    ),
                    field="end",
                )
            if case.expected_end == form.end:
                raise Refused(phrase("Sluttdatoen er den samme som før. Velg en annen."), field="end")
            before, case.expected_end = case.expected_end, form.end
            source = str(self._called(held))
            uow.session.add(EndDate(case_id=case.id or 0, end=form.end, said_at=uow.now, by=by.person, source=source))
            uow.record(
                f"case:{number}",
                "updated",
                by=by.person,
                expected_end=[before.isoformat() if before else None, form.end.isoformat() if form.end else None],
            )
            await self._note(uow, held, number, "end", form.why or "", form.end, by)
            said = phrase("ny sluttdato {end}", end=form.end) if form.end else phrase("sluttdato er nå ukjent")
            told = phrase("{meeting}: {said}.", meeting=self._called(held), said=said)
            heard = said if case.visibility == Visibility.PUBLISHED.value else None
            await self._teller.changed(uow, case, Change(told, heard), by=by.person)
            await self._show(uow, held)
            return {}

        await self._database.once(key, work)

    async def give_task(
        self, meeting_id: int, number: str | None, form: TaskForm, by: Actor, *, key: str | None
    ) -> None:
        """Ask somebody to do something by a day; they are told at once where they are in Slack."""
        by.require(Action.RUN_MEETING)
        form.check(oslo(self._clock.now()).date())
        assignee = await self._people.actor(form.who) if form.who else None

        async def work(uow: UnitOfWork) -> Answer:
            held = await self._going_on(uow, meeting_id, by)
            case = (await self._case_in(uow, meeting_id, number, by))[1] if number else None
            row = MeetingTask(
                meeting_id=meeting_id,
                case_number=number,
                text=form.text or "",
                assignee=assignee.person if assignee else None,
                name=form.name,
                due=form.due,
                by=by.person,
                at=uow.now,
            )
            await uow.add(row)
            await self._join(uow, held, [by.person])
            task = (await read_tasks(uow.session, [(row, held.week)], self._reading.titles))[0]
            if case is not None:
                uow.record(f"case:{number}", "task_given", by=by.person, text=form.text)
                told = phrase(
                    "Oppgave fra {meeting} til {who}: {text}",
                    meeting=self._called(held),
                    who=task.who,
                    text=task.text,
                )
                await self._teller.changed(uow, case, Change(told), by=by.person)
            if assignee is not None and assignee.person != by.person:
                message = self._renderer.render("task_given.j2", assignee.language, task=task)
                await uow.say(f"task:{row.id}", assignee.slack_user, message.text, message.blocks, priority=3)
            await self._show(uow, held)
            return {}

        await self._database.once(key, work)

    async def finish_task(self, task_id: int, by: Actor, *, key: str | None) -> str:
        """The task is done; what it was. Whoever was asked may say so, and the meeting."""

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(ALONE)
            task = await uow.session.get(MeetingTask, task_id)
            if task is None:
                raise Refused(phrase("Fant ikke oppgaven."))
            if task.assignee != by.person:
                by.require(Action.RUN_MEETING)
            if task.done_at is None:
                await self.mark_done(uow, task, by.person)
            return {"text": task.text}

        return str((await self._database.once(key, work))["text"])

    async def mark_done(self, uow: UnitOfWork, task: MeetingTask, by: str | None) -> None:
        """Note in this unit of work that a task is done, and show it where a meeting is going on."""
        task.done_at, task.done_by = uow.now, by
        subject = f"case:{task.case_number}" if task.case_number else f"meeting_task:{task.id}"
        given_by = (await stored.forums_of_tasks(uow.session, [task.id or 0])).get(task.id or 0, MAIN)
        uow.record(subject, "task_done", by=by, text=task.text, forum=given_by)
        held = await stored.last_meeting(uow.session, given_by)
        if held is not None and held.closed_at is None and held.forum in self._forums:
            await self._show(uow, held)

    # --- reading ---

    def forum(self, forum_id: str) -> Forum:
        """A forum by its id. Raises `Refused` for one that the settings have no more."""
        return forum_in(self._forums, forum_id)

    async def in_hand(self, meeting_id: int, seen: int, by: Actor) -> InHand:
        """The case at a place of the agenda, for a form about it."""
        by.require(Action.RUN_MEETING)
        async with self._database.read() as session:
            held = await session.get(Meeting, meeting_id)
            if held is None or held.closed_at is not None:
                raise Refused(OVER)
            if not 1 <= seen <= len(held.agenda):
                raise Refused(phrase("Ingen sak er oppe nå. Trykk «Neste» først."))
            case = await stored_cases.by_number(session, held.agenda[seen - 1][0])
            if case is None:
                raise Refused(phrase("Fant ikke saken."))
            question = case.decision_question
            if held.forum != MAIN:
                raised = await stored.raised_case(session, case.id or 0, held.forum)
                question = raised.question if raised else None
        title = named(case.name, case.substance)
        return InHand(meeting_id, case.number, title, question, case.expected_end)

    async def those_present(self, meeting_id: int, by: Actor) -> tuple[list[str], str | None]:
        """The Slack ids of those who have been seen at the meeting, and who else was there."""
        by.require(Action.RUN_MEETING)
        async with self._database.read() as session:
            held = await session.get(Meeting, meeting_id)
            if held is None or held.closed_at is not None:
                raise Refused(OVER)
            there = await stored.present(session, meeting_id)
            return sorted((await stored_people.slack_users(session, there)).values()), held.guests

    async def minutes(self, week: str | None = None, forum_id: str = MAIN) -> Minutes | None:
        """The minutes of a forum's meeting of a week, or of its newest one; None where there was none."""
        async with self._database.read() as session:
            held = await (stored.meeting(session, forum_id, week) if week else stored.last_meeting(session, forum_id))
            return await self._minutes(session, held) if held is not None else None

    # --- within one unit of work ---

    def _called(self, held: Meeting) -> Phrase:
        return meeting_called(self.forum(held.forum).title, held.week)

    async def _settle(self, uow: UnitOfWork, held: Meeting, case: ShortageCase, by: Actor) -> None:
        """The question to this forum is answered: it is asked no more, and another forum's list is rid of the case."""
        if held.forum == MAIN:
            case.decision_question = None
            return
        raised = await stored.raised_case(uow.session, case.id or 0, held.forum)
        if raised is not None:
            await uow.session.delete(raised)
            uow.record(f"case:{case.number}", "not_raised", by=by.person, forum=held.forum)

    async def _going_on(self, uow: UnitOfWork, meeting_id: int, by: Actor) -> Meeting:
        by.require(Action.RUN_MEETING)
        await uow.alone(ALONE)
        held = await uow.session.get(Meeting, meeting_id)
        if held is None or held.closed_at is not None:
            raise Refused(OVER)
        self.forum(held.forum)
        return held

    async def _case_in(self, uow: UnitOfWork, meeting_id: int, number: str, by: Actor) -> tuple[Meeting, ShortageCase]:
        held = await self._going_on(uow, meeting_id, by)
        await uow.alone("mangelvakt:cases")
        case = await stored_cases.by_number(uow.session, number)
        if case is None or not any(number in family for family in held.agenda):
            raise Refused(phrase("Fant ikke sak {number}.", number=number))
        if case.merged_into:
            raise lives_on(number, case.merged_into)
        if Visibility(case.visibility) not in self.forum(held.forum).reads:
            raise Refused(phrase("Sak {number} er blitt intern og er ikke for møtet lenger.", number=number))
        await self._join(uow, held, [by.person])
        return held, case

    async def _note(
        self, uow: UnitOfWork, held: Meeting, number: str, kind: str, text: str, end: dt.date | None, by: Actor
    ) -> None:
        row = MeetingDecision(
            meeting_id=held.id or 0, case_number=number, kind=kind, text=text, end=end, by=by.person, at=uow.now
        )
        await uow.add(row)

    async def _join(self, uow: UnitOfWork, held: Meeting, persons: Iterable[str]) -> bool:
        known = set(await stored.present(uow.session, held.id or 0))
        fresh = [person for person in dict.fromkeys(persons) if person not in known]
        await uow.add(*(MeetingAttendance(meeting_id=held.id or 0, person=person) for person in fresh))
        return bool(fresh)

    async def _show(self, uow: UnitOfWork, held: Meeting) -> None:
        """Put the board in the channel, or bring it up to date."""
        forum = self.forum(held.forum)
        channel = _channel(forum)
        await uow.session.flush()
        board = await self._board(uow.session, held, uow.now, numbers=forum.numbers and self._channels.closed(channel))
        message = self._renderer.render("meeting_board.j2", board=board)
        key = f"board:{held.id}"
        first = await uow.said(key) is None
        if not first:
            held.version += 1
        await uow.say(
            key if first else f"{key}:v{held.version}",
            channel,
            message.text,
            message.blocks,
            edits=None if first else key,
            priority=2,
        )

    async def _board(self, session: AsyncSession, held: Meeting, now: dt.datetime, *, numbers: bool) -> Board:
        family = list(held.agenda[held.place - 1]) if held.place else []
        every = [number for one in held.agenda for number in one]
        rows = await stored_cases.by_numbers(session, every)
        forum = self.forum(held.forum)
        seen = [rows[n] for n in family if n in rows and Visibility(rows[n].visibility) in forum.reads]
        entries = await self._reading.entries(
            session, forum, seen, held.week, now, held.since, numbers=numbers, begun=held.opened_at
        )
        raised = None if forum.is_main else await stored.raised(session, forum.id)
        entry = None
        if family and family[0] in entries:
            entry = replace(
                entries[family[0]],
                place=held.place,
                siblings=tuple(replace(entries[n], siblings=()) for n in family[1:] if n in entries),
            )
        minutes = await self._minutes(session, held)
        here = next((one for one in minutes.discussed if family and family[0] in one.numbers), None)
        lines = [
            Line(place, title_of(rows, one[0]), _decides(rows, one, raised), one[0] in held.discussed)
            for place, one in enumerate(held.agenda, 1)
        ]
        return Board(
            id=held.id or 0,
            week=held.week,
            place=held.place,
            entry=entry,
            numbers=tuple(family),
            title=title_of(rows, family[0]) if family else "",
            status=Status(rows[family[0]].status) if family and family[0] in rows else None,
            lines=tuple(lines),
            decisions=here.decisions if here else (),
            tasks=here.tasks if here else (),
            earlier=minutes.earlier,
            present=minutes.present,
            is_over=held.closed_at is not None,
            today=oslo(now).date(),
            forum_title=forum.title,
        )

    async def _minutes(self, session: AsyncSession, held: Meeting) -> Minutes:
        assert held.id is not None  # noqa: S101
        decisions = await stored.decisions(session, held.id)
        given = await stored.tasks(session, held.id)
        earlier = await stored.tasks_standing(session, held.forum, before=held.week, done_since=held.opened_at)
        numbers = {number for family in held.agenda for number in family} | {one.case_number for one in decisions}
        rows = await stored_cases.by_numbers(session, numbers)
        there = await stored.present(session, held.id)
        slack_ids = await stored_people.slack_users(session, [*there, *(one.by for one in decisions)])
        return minutes_of(
            MinutesFacts(
                forum=held.forum,
                week=held.week,
                opened_at=held.opened_at,
                closed_at=held.closed_at,
                agenda=held.agenda,
                discussed=held.discussed,
                names={number: title_of(rows, number) for number in numbers},
                decisions=[
                    Decision(
                        one.case_number,
                        one.text,
                        one.at,
                        by=_mention(slack_ids, one.by),
                        moves_end=one.kind == "end",
                        end=one.end,
                    )
                    for one in decisions
                ],
                tasks=await read_tasks(session, [(task, held.week) for task in given], self._reading.titles),
                earlier=await read_tasks(session, earlier, self._reading.titles),
                present=[_mention(slack_ids, person) for person in there],
                guests=held.guests,
                title=self._reading.titles.get(held.forum),
            )
        )

    async def _post_minutes(self, uow: UnitOfWork, held: Meeting) -> None:
        channel = _channel(self.forum(held.forum))
        await uow.session.flush()
        minutes = await self._minutes(uow.session, held)
        key = f"minutes:{held.id}"
        again = await uow.said(key) is not None
        key = f"{key}:v{held.version}" if again else key
        parts = self._renderer.render_parts("minutes.j2", minutes=minutes, again=again)
        for place, part in enumerate(parts, 1):
            await uow.say(
                key if place == 1 else f"{key}:{place}",
                channel,
                part.text,
                part.blocks,
                reply_to=None if place == 1 else key,
                priority=3,
            )


OVER = phrase("Møtet er avsluttet. Åpne det på nytt fra /mangel møte hvis noe mangler.")


def agenda_of(posted: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> list[list[str]]:
    """The agenda as it was posted, so that the numbers people prepared with hold; what is new since comes last."""
    known = {number for family in posted for number in family}
    late = [[number for number in family if number not in known] for family in now]
    return [list(family) for family in posted if family] + [family for family in late if family]


def _stand_at(held: Meeting, place: int) -> None:
    held.place = place
    if place:
        held.discussed = [*held.discussed, *(n for n in held.agenda[place - 1] if n not in held.discussed)]


def _channel(forum: Forum) -> str:
    if forum.channel is None:
        raise Refused(phrase("Møtekanalen er ikke satt. Sett MANGELVAKT_MEETING_CHANNEL."))
    return forum.channel


def _subject(held: Meeting) -> str:
    """What the log calls a meeting."""
    return f"meeting:{held.week}" if held.forum == MAIN else f"meeting:{held.forum}:{held.week}"


def _decides(rows: dict[str, ShortageCase], family: Sequence[str], raised: Mapping[str, str | None] | None) -> bool:
    """Whether a case of the family has a question to the forum; `raised`: those that another than Mangelmøtet has."""
    asked = {n: rows[n].decision_question for n in family if n in rows} if raised is None else raised
    return any(n in rows and rows[n].status in OPEN and asked.get(n) is not None for n in family)


def _mention(slack_ids: dict[str, str], person: str | None) -> Mention | None:
    return Mention(slack_ids[person]) if person in slack_ids else None
