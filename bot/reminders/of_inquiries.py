"""What is due of questions: those who were asked and have not answered, and DMP, which waits for a reply."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.telling import CaseTeller
from bot.cases.views import named
from bot.clock import oslo
from bot.inquiries.forms import StepForm
from bot.inquiries.service import InquiryService
from bot.inquiries.steps import Step
from bot.inquiries.views import inquiries_of
from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.reminders.due import Due, Kind, Reminded, Watch
from bot.reminders.of_cases import FREE, CaseWatch
from bot.reminders.timing import before_deadline
from bot.settings import Settings
from storage import cases as stored_cases
from storage import inquiries as stored
from storage.tables import Inquiry, ShortageCase
from storage.unit_of_work import UnitOfWork

EARLY = 3
"""Working days before DMP's deadline on which the centre is first reminded."""
_ANSWER_IT = phrase("Svar på spørsmålet, så er påminnelsen borte.")


class AnswerWatch(Watch):
    """Somebody has not answered: told on the working morning before the last day, and on that of the last."""

    kind: ClassVar[Kind] = Kind.ANSWER
    action: ClassVar[Action] = Action.REPORT
    """Anybody may be asked, and is reminded of it; that it is theirs is a question of who was asked."""
    for_all: ClassVar[bool] = False

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """The newest morning that has come, of each person and channel that has not answered."""
        rows = {row.id or 0: row for row in await stored.open_ones(session)}
        cases = await stored_cases.by_ids(session, {row.case_id for row in rows.values()}) if rows else {}
        asked = {one.id or 0: one for them in (await stored.asked_in(session, rows)).values() for one in them}
        answered = await stored.answers_of(session, asked)
        targets = await stored.targets_of(session, [one for one in asked if one not in answered])
        found = []
        for asked_id, them in targets.items():
            row = rows[asked[asked_id].inquiry_id]
            last = oslo(row.deadline).date()
            mornings = [before_deadline(last), before_deadline(oslo(before_deadline(last)).date() - dt.timedelta(1))]
            come = [at for at in mornings if row.asked_at < at <= now]
            if not come:
                continue
            case = cases[row.case_id]
            found += [
                Due(
                    key=f"{self.kind.value}:{target.id}:{oslo(max(come)).date()}",
                    kind=self.kind,
                    about_kind="asked",
                    about=str(asked_id),
                    title=named(case.name, case.substance)[:400],
                    due_at=max(come),
                    text=row.words,
                    day=last,
                    person=target.person,
                    channel=target.channel,
                )
                for target in them
            ]
        return found

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """Only an answer settles it."""
        raise Refused(_ANSWER_IT)

    async def snoozed(self, uow: UnitOfWork, reminder: Reminded, until: dt.date, by: Actor) -> None:
        """The deadline is the centre's."""
        raise Refused(_ANSWER_IT)


class ReplyWatch(CaseWatch):
    """DMP waits for a reply: told three working days before its deadline, and on its day. Done: it has got it."""

    kind: ClassVar[Kind] = Kind.REPLY

    def __init__(self, settings: Settings, teller: CaseTeller, inquiries: InquiryService) -> None:
        super().__init__(settings, teller)
        self._inquiries = inquiries

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """The newest morning that has come."""
        rows = await stored.to_reply(session, oslo(now).date() + FREE)
        cases = await stored_cases.by_ids(session, {row.case_id for row in rows}) if rows else {}
        found = []
        for inquiry in await inquiries_of(session, rows):
            assert inquiry.path is not None  # noqa: S101
            last = before_deadline(inquiry.path.reply_by)
            early = last
            for _ in range(EARLY):
                early = before_deadline(oslo(early).date() - dt.timedelta(1))
            come = [at for at in (last, early) if inquiry.asked_at < at <= now]
            if not come:
                continue
            case = next(case for case in cases.values() if case.number == inquiry.case)
            asked_by = next(row.asked_by for row in rows if row.id == inquiry.id)
            found.append(
                Due(
                    key=f"{self.kind.value}:{inquiry.id}:{inquiry.path.reply_by}:{oslo(max(come)).date()}",
                    kind=self.kind,
                    about_kind="inquiry",
                    about=str(inquiry.id),
                    title=f"{inquiry.title[:380]} · {case.number}",
                    due_at=max(come),
                    text=str(inquiry.path.next.words) if inquiry.path.next else None,
                    day=inquiry.path.reply_by,
                    person=self._person(case) or asked_by,
                    channel=self._settings.cases_channel,
                )
            )
        return found

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """DMP has got its reply today."""
        await uow.alone("mangelvakt:cases")
        row = await uow.session.get(Inquiry, int(reminder.about))
        case = await uow.session.get(ShortageCase, row.case_id) if row else None
        if row is None or case is None:
            return
        form = StepForm(Step.REPLIED, oslo(uow.now).date(), None)
        await self._inquiries.took_step(uow, row, case, form, by)
