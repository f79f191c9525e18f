"""What is due of the cases: next steps, ends that have passed, cases without news, questions without an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.telling import CaseTeller, Change
from bot.cases.views import named
from bot.cases.vocabulary import OPEN as OPEN_CASES
from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.reminders.due import Due, Kind, Reminded, Watch, mark_of
from bot.reminders.timing import before_deadline, when_passed
from bot.settings import Settings
from storage import cases as stored_cases
from storage import reminders as stored
from storage.tables import ShortageCase
from storage.unit_of_work import UnitOfWork

DIGEST = "digest"
FREE = dt.timedelta(days=10)
"""Further than days without work ever reach together: a deadline in them comes before them."""


class CaseWatch(Watch):
    """One that watches cases: their owner is told, or the stand-in, or the centre's channel where nobody has them."""

    action: ClassVar[Action] = Action.WORK_ON_CASE

    def __init__(self, settings: Settings, teller: CaseTeller) -> None:
        self._settings = settings
        self._teller = teller

    def _person(self, case: ShortageCase) -> str | None:
        return case.owner or case.stand_in

    def _due(
        self, case: ShortageCase, mark: object, due_at: dt.datetime, *, text: str | None, day: dt.date | None
    ) -> Due:
        return Due(
            key=f"{self.kind.value}:{case.number}:{mark}",
            kind=self.kind,
            about_kind="case",
            about=case.number,
            title=named(case.name, case.substance)[:400],
            due_at=due_at,
            text=text,
            day=day,
            person=self._person(case),
            channel=self._settings.cases_channel,
        )

    async def _case(self, uow: UnitOfWork, reminder: Reminded) -> ShortageCase | None:
        """The case, alone and still open."""
        await uow.alone("mangelvakt:cases")
        case = await stored_cases.by_number(uow.session, reminder.about)
        return case if case is not None and case.status in OPEN_CASES else None

    async def _say(self, uow: UnitOfWork, case: ShortageCase, said: Phrase, by: Actor) -> None:
        """A line in the case's thread, and its card up to date."""
        await self._teller.changed(uow, case, Change(said), by=by.person)


class NextStepWatch(CaseWatch):
    """A next step's date has come. Done: the case has no next step any more; put off: the step has a new date."""

    kind: ClassVar[Kind] = Kind.NEXT_STEP

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """On the morning of the date, or of the working day before."""
        cases = await stored.steps_due(session, oslo(now).date() + FREE)
        return [
            self._due(case, f"{day}:{mark_of(case.next_step)}", before_deadline(day), text=case.next_step, day=day)
            for case in cases
            if (day := case.next_step_on) is not None
        ]

    def _person(self, case: ShortageCase) -> str | None:
        return case.next_step_for or super()._person(case)

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """The step is taken off the case, unless another has come in its place."""
        case = await self._case(uow, reminder)
        if case is None or case.next_step != reminder.text or case.next_step_on != reminder.day:
            return
        said = phrase("Neste steg er gjort: {text}", text=case.next_step or phrase("uten tekst"))
        uow.record(f"case:{case.number}", "updated", by=by.person, next_step=[case.next_step, None])
        case.next_step = case.next_step_on = case.next_step_for = None
        await self._say(uow, case, said, by)

    async def snoozed(self, uow: UnitOfWork, reminder: Reminded, until: dt.date, by: Actor) -> None:
        """The card says the new date."""
        case = await self._case(uow, reminder)
        if case is None or case.next_step != reminder.text or case.next_step_on != reminder.day:
            return
        before, case.next_step_on = case.next_step_on, until
        uow.record(f"case:{case.number}", "updated", by=by.person, next_step_on=[str(before), str(until)])
        await self._say(uow, case, phrase("Frist for neste steg er flyttet til {date}.", date=until), by)


class EndPassedWatch(CaseWatch):
    """The expected end has passed and the case is open."""

    kind: ClassVar[Kind] = Kind.END_PASSED

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """On the first working morning after it; once for each date."""
        cases = await stored.ends_passed(session, oslo(now).date())
        return [
            self._due(case, end, when_passed(end + dt.timedelta(1)), text=None, day=end)
            for case in cases
            if (end := case.expected_end) is not None
        ]


class SilentWatch(CaseWatch):
    """Nothing has been told of a case for long, and nothing is planned. Done: somebody has looked at it."""

    kind: ClassVar[Kind] = Kind.SILENT

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """So many days after the last change as the settings say."""
        days, today = dt.timedelta(self._settings.silent_case_days), oslo(now).date()
        cases = await stored.silent_since(session, now - days, today)
        return [
            self._due(case, last, when_passed(oslo(case.changed_at + days).date()), text=None, day=last)
            for case in cases
            for last in (oslo(case.changed_at).date(),)
        ]

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """The thread says that somebody has looked; the days are counted from now."""
        case = await self._case(uow, reminder)
        if case is not None and oslo(case.changed_at).date() == reminder.day:
            uow.record(f"case:{case.number}", "looked_at", by=by.person)
            await self._say(uow, case, phrase("Gått gjennom. Ikke noe nytt."), by)


class QuestionWatch(CaseWatch):
    """A question that stood in the meeting's digest stands there still after the meeting. Done: it is answered."""

    kind: ClassVar[Kind] = Kind.QUESTION

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """On the first working morning two days after the digest: the meeting is the day after it."""
        cases = await stored.asked_of_the_meeting(session)
        post = await stored.last_digest(session, DIGEST, _start_of(oslo(now) - dt.timedelta(1))) if cases else None
        if post is None:
            return []
        asked = {entry["number"]: entry["decision"] for entry in post.content.get("decisions", ())}
        posted = oslo(post.composed_at).date()
        return [
            self._due(
                case, mark_of(case.decision_question), when_passed(posted + dt.timedelta(2)), text=question, day=posted
            )
            for case in cases
            if (question := case.decision_question) and question == asked.get(case.number)
        ]

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """The question is taken off the case."""
        case = await self._case(uow, reminder)
        if case is None or case.decision_question != reminder.text:
            return
        uow.record(f"case:{case.number}", "updated", by=by.person, decision_question=[case.decision_question, None])
        case.decision_question = None
        await self._say(uow, case, phrase("Spørsmålet til møtet er besvart: {text}", text=reminder.text), by)


def _start_of(at: dt.datetime) -> dt.datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
