"""What is due of questions: those who were asked and have not answered, before and on the last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import named
from bot.clock import oslo
from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.reminders.due import Due, Kind, Reminded, Watch
from bot.reminders.timing import before_deadline
from storage import cases as stored_cases
from storage import inquiries as stored
from storage.unit_of_work import UnitOfWork

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
