"""Asks hospitals and experts, takes their answers, and tells the centre how far it has come."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.readable import readable_case
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import named
from bot.cases.vocabulary import Status
from bot.clock import Clock, oslo
from bot.delivery.channels import ChannelKinds
from bot.inquiries.chart import chart_of
from bot.inquiries.forms import AnswerForm, InquiryForm, Said, StepForm, Terms
from bot.inquiries.inquiry import Against, Given, Inquiry, Kind, Respondent, State, UseLine, against, used_of
from bot.inquiries.shelves import ShelfKeeper
from bot.inquiries.steps import Step
from bot.inquiries.views import inquiries_of, key_of
from bot.inquiries.whom import respondents, short
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.settings import Settings
from bot.stock.pools import DemandBase
from storage import inquiries as stored
from storage import panels as stored_panels
from storage import people as stored_people
from storage.tables import ExpertPanel, InquiryAnswer, InquiryAsked, InquiryStep, InquiryTarget, ShortageCase
from storage.tables import Inquiry as Row
from storage.unit_of_work import Answer, Database, UnitOfWork

log = logging.getLogger(__name__)

CASES, ALONE = "mangelvakt:cases", "mangelvakt:inquiries"

_GONE = phrase("Spørsmålet finnes ikke lenger. Skriv «/mangel spør» og saksnummeret på nytt.")
_NOT_YOURS = phrase("Dette spørsmålet er ikke stilt til deg. Spør Mangelsenteret om du skulle svart.")


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """What was asked in one case, for whoever works on it, and how its next form begins."""

    case: str
    title: str
    inquiries: tuple[Inquiry, ...]
    unit: str
    pack: float | None


@dataclass(frozen=True, slots=True)
class Question:
    """One question as one of those asked sees it: nobody else's answer is in it."""

    inquiry: Inquiry
    asked: Respondent

    @property
    def answer(self) -> Given | None:
        """What they have answered."""
        return self.asked.answer


@dataclass(frozen=True, slots=True)
class Result:
    """A question with everything that came of it. `against`: the need that was estimated beside what was used."""

    inquiry: Inquiry
    against: Against | None


class InquiryService:
    """Keeps what is asked. The deadline, who was asked and the answers stand in tables."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        renderer: Renderer,
        people: PeopleService,
        channels: ChannelKinds,
        teller: CaseTeller,
        shelves: ShelfKeeper,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._people = people
        self._channels = channels
        self._teller = teller
        self._shelves = shelves

    # --- for those who work on the case ---

    async def of_case(self, number: str, by: Actor) -> AskedAbout:
        """What was asked in a case, oldest first; with the unit that its stock is kept in, where there is one."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            case = await readable_case(session, number, by)
            found = await inquiries_of(session, await stored.of_cases(session, [case.id or 0]))
            units = await stored.stocked_units(session, case.preparation_key)
        unit, pack = units[0] if units else ("pakning", None)
        return AskedAbout(case.number, named(case.name, case.substance), tuple(found), unit, pack)

    async def result(self, inquiry_id: int, by: Actor) -> Result:
        """One question with every answer, for the centre and the meeting."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            row, case = await self._found(session, inquiry_id)
            await readable_case(session, case.number, by)
            inquiry = (await inquiries_of(session, [row]))[0]
            return Result(inquiry, await self._against(session, inquiry, case))

    async def ask(self, number: str, form: InquiryForm, by: Actor, *, key: str | None) -> str:
        """Ask: everybody gets the question through the outbox. Gives the case number."""
        by.require(Action.WORK_ON_CASE)
        terms = form.read(self._clock.now())
        trusts = respondents(form.trusts, self._settings.trusts, self._people.groups.members)
        wanted = {*form.people, *(one for trust in trusts for one in trust.people)}
        persons = {slack_user: (await self._people.actor(slack_user)).person for slack_user in sorted(wanted)}

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(CASES)
            await uow.alone(ALONE)
            case = await readable_case(uow.session, number, by)
            if not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            await self._same_unit(uow.session, case, terms)
            row = _row(case, terms, by, uow.now)
            row.panel_id = form.panel
            await uow.add(row)
            if row.reply_by is not None:
                today = oslo(uow.now).date()
                received = InquiryStep(
                    inquiry_id=row.id or 0, step=Step.RECEIVED.value, on=today, by=by.person, at=uow.now
                )
                await uow.add(received)
            if form.panel is not None:
                await self._ask_panel(uow, row, form.panel)
            for trust in trusts:
                asked = InquiryAsked(
                    inquiry_id=row.id or 0, name=trust.trust, region=short(trust.region), trust=trust.trust
                )
                await uow.add(asked)
                in_channel = [InquiryTarget(asked_id=asked.id or 0, channel=trust.channel)] if trust.channel else []
                await uow.add(
                    *(InquiryTarget(asked_id=asked.id or 0, person=persons[one]) for one in trust.people), *in_channel
                )
            for slack_user in dict.fromkeys(form.people):
                asked = InquiryAsked(inquiry_id=row.id or 0, person=persons[slack_user])
                await uow.add(asked)
                await uow.add(InquiryTarget(asked_id=asked.id or 0, person=persons[slack_user]))
            inquiry = (await inquiries_of(uow.session, [row]))[0]
            uow.record(
                f"case:{number}", "asked", by=by.person, inquiry=row.id, kind=row.kind, words=row.words,
                deadline=row.deadline.isoformat(), asked=len(inquiry.asked),
            )  # fmt: skip
            await self._tell_asked(uow, row, inquiry)
            said = phrase("{kind}: {many} er spurt.", kind=terms.kind.words, many=len(inquiry.asked))
            await self._teller.changed(uow, case, Change(said), by=by.person)
            await self._tell_progress(uow, inquiry)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def _ask_panel(self, uow: UnitOfWork, row: Row, panel_id: int) -> None:
        """Every expert of the panel: in Slack where they are, else they have to be called."""
        panel = await uow.session.get(ExpertPanel, panel_id)
        members = (await stored_panels.members_of(uow.session, [panel_id]))[panel_id]
        if panel is None or not members:
            raise FormRefused([Refused(phrase("Det er ingen i dette panelet ennå."), field="panel")])
        for member in members:
            asked = InquiryAsked(inquiry_id=row.id or 0, name=member.name, person=member.person, region=panel.field)
            await uow.add(asked)
            if member.person is not None and member.left_at is None:
                await uow.add(InquiryTarget(asked_id=asked.id or 0, person=member.person))

    async def take_step(self, inquiry_id: int, form: StepForm, by: Actor, *, key: str | None) -> str:
        """Write down a step on the way to DMP's reply. Gives the case number."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            row, case = await self._alone(uow, inquiry_id)
            await readable_case(uow.session, case.number, by)
            await self.took_step(uow, row, case, form, by)
            return {"number": case.number}

        return str((await self._database.once(key, work))["number"])

    async def took_step(self, uow: UnitOfWork, row: Row, case: ShortageCase, form: StepForm, by: Actor) -> None:
        """`take_step`, in a unit of work of the caller's."""
        path = (await inquiries_of(uow.session, [row]))[0].path
        if path is None or row.state == State.WITHDRAWN.value:
            raise Refused(phrase("DMP venter ikke på svar på dette."))
        taken = form.read(path, oslo(uow.now).date())
        await uow.add(
            InquiryStep(
                inquiry_id=row.id or 0, step=taken.step.value, on=taken.on, by=by.person, at=uow.now, words=taken.words
            )
        )
        row.version += 1
        uow.record(
            f"case:{case.number}", "inquiry_step", by=by.person, inquiry=row.id, step=taken.step.value,
            on=taken.on.isoformat(), words=taken.words,
        )  # fmt: skip
        inquiry = (await inquiries_of(uow.session, [row]))[0]
        said = phrase("{kind}: {step} {day}.", kind=inquiry.kind.words, step=taken.step.words, day=taken.on)
        await self._teller.changed(uow, case, Change(said), by=by.person)
        await self._tell_progress(uow, inquiry)

    async def _same_unit(self, session: AsyncSession, case: ShortageCase, terms: Terms) -> None:
        """A count goes into the stock figures, so it is in their unit."""
        if terms.kind is not Kind.STOCK:
            return
        units = [unit for unit, _ in await stored.stocked_units(session, case.preparation_key)]
        if units and terms.unit not in units:
            said = phrase("Lageret av dette er ført i {unit}. Bruk samme enhet.", unit=units[0])
            raise FormRefused([Refused(said, field="unit")])

    async def close(self, inquiry_id: int, by: Actor, *, key: str | None) -> Phrase:
        """End it before its deadline; what to tell `by`."""
        return await self._end(inquiry_id, State.CLOSED, by, key)

    async def withdraw(self, inquiry_id: int, by: Actor, *, key: str | None) -> Phrase:
        """Take it back: nobody shall answer, and what was answered is not shown as a result."""
        return await self._end(inquiry_id, State.WITHDRAWN, by, key)

    async def _end(self, inquiry_id: int, state: State, by: Actor, key: str | None) -> Phrase:
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            row, case = await self._alone(uow, inquiry_id)
            await readable_case(uow.session, case.number, by)
            if row.state != State.OPEN.value:
                raise Refused(phrase("Det er allerede gjort."))
            await self._ended(uow, row, case, state, by.person)
            return {}

        await self._database.once(key, work)
        if state is State.CLOSED:
            return phrase("Spørsmålet er avsluttet. Resultatet står i sakens tråd.")
        return phrase("Spørsmålet er trukket tilbake, og de som er spurt, ser det.")

    # --- for those who are asked ---

    async def question(self, asked_id: int, by: Actor, *, channel: str | None) -> Question:
        """The question to one of those asked, for `by`, who was asked, or who is in the `channel` that was."""
        async with self._database.read() as session:
            return await self._theirs(session, asked_id, by, channel)

    async def answer(
        self, asked_id: int, form: AnswerForm, by: Actor, *, channel: str | None, key: str | None, seen: str = ""
    ) -> Phrase:
        """Take an answer from whoever was asked; what to tell them. The newest counts until the deadline.

        `seen`: the mark of the answer that stood there when they began (`mark_of_answer`): who answers beside somebody
        else who has done so meanwhile is told of it first.
        """

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(ALONE)
            theirs = await self._theirs(uow.session, asked_id, by, channel)
            inquiry, standing = theirs.inquiry, theirs.answer
            if not inquiry.is_open or uow.now >= inquiry.deadline:
                log.info("an answer came too late: inquiry %s, asked %s, person %s", inquiry.id, asked_id, by.person)
                raise Refused(_too_late(inquiry))
            said = form.read(inquiry)
            if standing is not None and standing.same_as(_as_given(said, uow.now)):
                log.info("the same answer came again: inquiry %s, asked %s, person %s", inquiry.id, asked_id, by.person)
                return {"again": True}
            if standing is not None and seen != mark_of_answer(standing):
                log.info("another had answered: inquiry %s, asked %s, person %s", inquiry.id, asked_id, by.person)
                raise Refused(
                    phrase(
                        "{who} er allerede besvart: {answer} ({by}, {at}). Åpne «Endre svaret» for å rette det.",
                        who=theirs.asked.name or phrase("Spørsmålet"), answer=inquiry.said(standing),
                        by=standing.by or phrase("en som er slettet"), at=standing.at,
                    )
                )  # fmt: skip
            await self._keep(uow, inquiry, theirs.asked, said, by, late=False)
            return {}

        done = await self._database.once(key, work)
        theirs = await self.question(asked_id, by, channel=channel)
        what = theirs.inquiry.said(theirs.answer) if theirs.answer else phrase("ikke noe")
        if done.get("again"):
            return phrase("Det er allerede registrert: {answer}.", answer=what)
        return phrase("Takk. Registrert: {answer}. Svaret kan endres til fristen.", answer=what)

    async def for_others(self, inquiry_id: int, by: Actor) -> Inquiry:
        """A question whose answers the centre writes down for others. Not for one that was withdrawn."""
        by.require(Action.WORK_ON_CASE)
        inquiry = (await self.result(inquiry_id, by)).inquiry
        if inquiry.state is State.WITHDRAWN:
            raise Refused(phrase("Spørsmålet er trukket tilbake."))
        return inquiry

    async def answer_for(
        self, inquiry_id: int, whom: int | str | None, form: AnswerForm, by: Actor, *, key: str | None
    ) -> str:
        """Write down what somebody has told the centre, also after the deadline. Gives the case number.

        `whom`: the id of one of those asked, or the Slack id of a person who was.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            row, case = await self._alone(uow, inquiry_id)
            await readable_case(uow.session, case.number, by)
            inquiry = (await inquiries_of(uow.session, [row]))[0]
            asked = next(
                (one for one in inquiry.asked if one.id == whom or (one.person and one.person.slack_id == whom)), None
            )
            if asked is None:
                raise FormRefused([Refused(phrase("Velg hvem det svares for."), field="asked")])
            if inquiry.state is State.WITHDRAWN:
                raise Refused(phrase("Spørsmålet er trukket tilbake."))
            said = form.read(inquiry)
            late = not inquiry.is_open or uow.now >= inquiry.deadline
            await self._keep(uow, inquiry, asked, said, by, late=late)
            if not inquiry.is_open:
                await self._tell_result(uow, row, case)
            return {"number": case.number}

        return str((await self._database.once(key, work))["number"])

    async def _keep(
        self, uow: UnitOfWork, inquiry: Inquiry, asked: Respondent, said: Said, by: Actor, *, late: bool
    ) -> None:
        """Add an answer: where it is a count, the stock figures have it too; and everybody asked for them sees it."""
        await uow.add(
            InquiryAnswer(
                asked_id=asked.id, quantity=said.quantity, packs=said.packs, choice=said.choice, words=said.words,
                by=by.person, at=uow.now, came_by=said.came_by.value if said.came_by else None, told_by=said.told_by,
                late=late,
            )
        )  # fmt: skip
        row, case = await self._found(uow.session, inquiry.id)
        row.version += 1
        if inquiry.kind is Kind.STOCK and said.quantity is not None:
            await self._shelves.counted(uow, case, row, asked, said.quantity, by)
        uow.record(
            f"case:{case.number}", "answered", by=by.person, inquiry=inquiry.id,
            who=asked.name, quantity=said.quantity, choice=said.choice, words=said.words,
            came_by=said.came_by.value if said.came_by else None, told_by=said.told_by, late=late,
        )  # fmt: skip
        fresh = (await inquiries_of(uow.session, [row]))[0]
        await self._tell_asked(uow, row, fresh, only=asked.id)
        await self._tell_progress(uow, fresh)

    # --- what comes by itself ---

    async def look(self) -> int:
        """Close what has passed its deadline, and say whom Slack did not find; how many questions were closed."""
        now = self._clock.now()
        async with self._database.read() as session:
            rows = await stored.open_ones(session)
            lost = [one for one in await inquiries_of(session, rows) if one.lost]
        if not lost and not any(row.deadline <= now for row in rows):
            return 0
        async with self._database.unit_of_work() as uow:
            await uow.alone(CASES)
            await uow.alone(ALONE)
            due = await stored.open_ones(uow.session, before=now)
            for row in due:
                _, case = await self._found(uow.session, row.id or 0)
                await self._ended(uow, row, case, State.CLOSED, None)
            still = await inquiries_of(uow.session, await stored.open_ones(uow.session))
            for inquiry in still:
                if inquiry.lost:
                    await self._tell_progress(uow, inquiry)
        return len(due)

    async def _ended(self, uow: UnitOfWork, row: Row, case: ShortageCase, state: State, by: str | None) -> None:
        row.state, row.closed_at, row.closed_by = state.value, uow.now, by
        row.version += 1
        await uow.session.flush()
        inquiry = (await inquiries_of(uow.session, [row]))[0]
        uow.record(
            f"case:{case.number}", f"inquiry_{state.value}", by=by, inquiry=row.id,
            answered=len(inquiry.answered), asked=len(inquiry.asked),
        )  # fmt: skip
        await self._tell_asked(uow, row, inquiry)
        await self._tell_progress(uow, inquiry)
        said = phrase(
            "{kind}: {state}. {answered} av {asked} har svart.",
            kind=inquiry.kind.words, state=_ENDED[state], answered=len(inquiry.answered), asked=len(inquiry.asked),
        )  # fmt: skip
        await self._teller.changed(uow, case, Change(said), by=by)
        if state is State.CLOSED:
            await self._tell_result(uow, row, case)

    # --- what is found ---

    async def _found(self, session: AsyncSession, inquiry_id: int) -> tuple[Row, ShortageCase]:
        row = await session.get(Row, inquiry_id)
        case = await session.get(ShortageCase, row.case_id) if row else None
        if row is None or case is None:
            raise Refused(_GONE)
        return row, case

    async def _alone(self, uow: UnitOfWork, inquiry_id: int) -> tuple[Row, ShortageCase]:
        await uow.alone(CASES)
        await uow.alone(ALONE)
        return await self._found(uow.session, inquiry_id)

    async def _theirs(self, session: AsyncSession, asked_id: int, by: Actor, channel: str | None) -> Question:
        """The question, with nobody's answer but theirs. Raises `NotAllowed` for whoever was not asked."""
        asked = await session.get(InquiryAsked, asked_id)
        if asked is None:
            raise NotAllowed(_NOT_YOURS)
        targets = (await stored.targets_of(session, [asked_id]))[asked_id]
        if not any(target.person == by.person or (target.channel and target.channel == channel) for target in targets):
            raise NotAllowed(_NOT_YOURS)
        row, _ = await self._found(session, asked.inquiry_id)
        inquiry = (await inquiries_of(session, [row]))[0]
        mine = next(one for one in inquiry.asked if one.id == asked_id)
        return Question(replace(inquiry, asked=(mine,)), mine)

    async def _against(self, session: AsyncSession, inquiry: Inquiry, case: ShortageCase) -> Against | None:
        """The estimate beside the use that is recorded since; None before anything can have been used."""
        if inquiry.kind is not Kind.NEED or inquiry.total is None or inquiry.first is None or inquiry.last is None:
            return None
        if oslo(self._clock.now()).date() <= inquiry.first:
            return None
        found = await stored.uses_between(session, case.preparation_key, inquiry.unit, inquiry.first, inquiry.last)
        lines = [
            UseLine(pool, use.first, use.last, use.quantity, use.base == DemandBase.HOSPITAL) for pool, use in found
        ]
        return against(inquiry.total, used_of(lines, inquiry.first, inquiry.last, inquiry.unit))

    # --- what is said ---

    async def _tell_asked(self, uow: UnitOfWork, row: Row, inquiry: Inquiry, only: int | None = None) -> None:
        """The question where it went, or what it has become since: each sees their own answer alone."""
        asked = {one.id: one for one in inquiry.asked if only in (None, one.id)}
        targets = [target for them in (await stored.targets_of(uow.session, asked)).values() for target in them]
        names = await stored_people.slack_users(uow.session, {one.person for one in targets if one.person})
        languages = await stored_people.languages(uow.session, names.values())
        there = await uow.said_of([key_of(row.id, target) for target in targets])
        for target in targets:
            where = target.channel or names.get(target.person or "")
            if where is None:
                continue
            mine = asked[target.asked_id]
            theirs = Question(replace(inquiry, asked=(mine,)), mine)
            message = self._renderer.render("inquiry_ask.j2", languages.get(where), question=theirs)
            await self._say(uow, key_of(row.id, target), where, message, inquiry.version, there)

    async def _tell_progress(self, uow: UnitOfWork, inquiry: Inquiry) -> None:
        """How far it has come, in the case's thread, in one message that is edited."""
        channel = self._settings.cases_channel
        if channel is None:
            return
        message = self._renderer.render("inquiry_progress.j2", inquiry=inquiry)
        key = f"inquiry:{inquiry.id}"
        last = (await uow.last_said([key])).get(key)
        if last is None:
            await uow.say(key, channel, message.text, message.blocks, reply_to=f"card:{inquiry.case}", priority=6)
        elif last.blocks != list(message.blocks):
            await uow.say(f"{key}:after:{last.id}", channel, message.text, message.blocks, edits=key, priority=6)

    async def _tell_result(self, uow: UnitOfWork, row: Row, case: ShortageCase) -> None:
        """What came of it, with a picture, in the case's thread; anew for an answer that came after the deadline."""
        channel = self._settings.cases_channel
        if channel is None:
            return
        await uow.session.flush()
        inquiry = (await inquiries_of(uow.session, [row]))[0]
        numbers = self._channels.closed(channel)
        result = Result(inquiry, await self._against(uow.session, inquiry, case))
        picture = chart_of(inquiry, self._renderer.words()) if numbers else None
        parts = self._renderer.render_parts("inquiry.j2", result=result, may_work=False) if numbers else []
        message = parts[-1] if parts else self._renderer.render("inquiry_progress.j2", inquiry=inquiry)
        for place, part in enumerate(parts[:-1]):
            key = f"inquiry_result:{inquiry.id}:v{inquiry.version}:{place}"
            await uow.say(key, channel, part.text, part.blocks, reply_to=f"card:{inquiry.case}", priority=6)
        await uow.say(
            f"inquiry_result:{inquiry.id}:v{inquiry.version}",
            channel,
            message.text,
            message.blocks,
            reply_to=f"card:{inquiry.case}",
            picture=picture.as_json() if picture else None,
            priority=6,
        )

    async def _say(
        self, uow: UnitOfWork, key: str, where: str, message: Message, version: int, there: set[str]
    ) -> None:
        first = key not in there
        await uow.say(
            key if first else f"{key}:v{version}",
            where,
            message.text,
            message.blocks,
            edits=None if first else key,
            priority=4,
        )


_ENDED = {State.CLOSED: phrase("avsluttet"), State.WITHDRAWN: phrase("trukket tilbake")}


def _too_late(inquiry: Inquiry) -> Phrase:
    if inquiry.state is State.WITHDRAWN:
        return phrase("Spørsmålet er trukket tilbake. Svaret ble ikke registrert.")
    return phrase(
        "Fristen gikk ut {at}. Svaret ble ikke registrert. Ring Mangelsenteret, så skriver de det inn.",
        at=inquiry.deadline,
    )


def mark_of_answer(given: Given | None) -> str:
    """What tells one answer from another, for a form that is open meanwhile."""
    return given.at.isoformat() if given else ""


def _as_given(said: Said, at: dt.datetime) -> Given:
    return Given(at, quantity=said.quantity, choice=said.choice, words=said.words)


def _row(case: ShortageCase, terms: Terms, by: Actor, now: dt.datetime) -> Row:
    return Row(
        case_id=case.id or 0,
        kind=terms.kind.value,
        words=terms.words,
        answer=terms.answer.value,
        unit=terms.unit,
        pack=terms.pack,
        choices=list(terms.choices),
        deadline=terms.deadline,
        first=terms.first,
        last=terms.last,
        reply_by=terms.reply_by,
        state=State.OPEN.value,
        asked_by=by.person,
        asked_at=now,
    )
