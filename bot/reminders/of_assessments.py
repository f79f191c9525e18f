"""What is due of assessments: a signed one goes out of date while its shortage lasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import named
from bot.clock import oslo
from bot.reminders.due import Due, Kind
from bot.reminders.of_cases import FREE, CaseWatch
from bot.reminders.timing import before_deadline
from storage import assessments as stored
from storage.tables import ShortageCase, SubstituteAssessment

NOTICE = dt.timedelta(days=14)
"""So long before: time to assess it anew, and for somebody else to sign."""


class ExpiryWatch(CaseWatch):
    """A signed assessment is about to be a mere candidate again. A new version, signed, makes it due no more."""

    kind: ClassVar[Kind] = Kind.ASSESSMENT

    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """Two weeks before its last day, in the morning of a working day; once for each."""
        found = await stored.ending(session, oslo(now).date() + NOTICE + FREE)
        return [self._of(row, row.valid_until, case) for row, case in found if row.valid_until is not None]

    def _of(self, row: SubstituteAssessment, day: dt.date, case: ShortageCase) -> Due:
        return Due(
            key=f"{self.kind.value}:{row.id}:{day}",
            kind=self.kind,
            about_kind="assessment",
            about=str(row.id),
            title=f"{named(case.name, case.substance)[:380]} · {case.number}",
            due_at=before_deadline(day - NOTICE),
            text=row.name[:400],
            day=day,
            person=self._person(case) or row.signed_by,
            channel=self._settings.cases_channel,
        )
