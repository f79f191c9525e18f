"""What is due of restrictions: the day on which they are to be looked at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from bot.cases.restrictions import State
from bot.cases.views import named
from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Actor
from bot.reminders.due import Due, Kind, Reminded
from bot.reminders.of_cases import FREE, CaseWatch
from bot.reminders.timing import before_deadline
from storage import restrictions as stored
from storage.tables import Restriction, ShortageCase
from storage.unit_of_work import UnitOfWork

REVIEWED = (State.PLAN.value, State.DECIDED.value)


class ReviewWatch(CaseWatch):
    """A restriction's review date has come. Done: it has been looked at, and stays; put off: it has a new date."""

    kind: ClassVar[Kind] = Kind.RESTRICTION

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """On the morning of the date, or of the working day before."""
        rows = await stored.to_review(session, oslo(now).date() + FREE, REVIEWED)
        wanted = select(ShortageCase).where(col(ShortageCase.id).in_([row.case_id for row in rows]))
        cases = {case.id: case for case in await session.scalars(wanted)} if rows else {}
        parts = await stored.parts_of(session, [row.id for row in rows if row.id is not None])
        return [
            self._of(
                row,
                row.review_on,
                cases[row.case_id],
                [part.words for part in parts[row.id or 0] if not part.lifted_on],
            )
            for row in rows
            if row.review_on is not None
        ]

    def _of(self, row: Restriction, day: dt.date, case: ShortageCase, words: Sequence[str]) -> Due:
        return Due(
            key=f"{self.kind.value}:{row.id}:{day}",
            kind=self.kind,
            about_kind="restriction",
            about=str(row.id),
            title=f"{named(case.name, case.substance)[:380]} · {case.number}",
            due_at=before_deadline(day),
            text="; ".join(words)[:400] or None,
            day=day,
            person=self._person(case) or row.decided_by,
            channel=self._settings.cases_channel,
        )

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """It stays as it is, with no date to be looked at again."""
        await self._reviewed(uow, reminder, None, phrase("Restriksjonen er vurdert og står."), by)

    async def snoozed(self, uow: UnitOfWork, reminder: Reminded, until: dt.date, by: Actor) -> None:
        """It is to be looked at on another day."""
        await self._reviewed(uow, reminder, until, phrase("Restriksjonen vurderes på nytt {date}.", date=until), by)

    async def _reviewed(
        self, uow: UnitOfWork, reminder: Reminded, until: dt.date | None, said: Phrase, by: Actor
    ) -> None:
        await uow.alone("mangelvakt:cases")
        row = await uow.session.get(Restriction, int(reminder.about))
        case = await uow.session.get(ShortageCase, row.case_id) if row else None
        if row is None or case is None or row.review_on != reminder.day:
            return
        row.review_on = until
        row.version += 1
        uow.record(
            f"case:{case.number}", "restriction_reviewed", by=by.person, restriction=row.id, state=row.state,
            review_on=until.isoformat() if until else None,
        )  # fmt: skip
        await self._say(uow, case, said, by)
