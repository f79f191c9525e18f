"""How long a person is given to answer, and when nobody is disturbed. Pure: instants in, instants out.

Instants are aware; hours are read on a clock in Oslo.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.clock import OSLO, oslo
from bot.meeting.calendar import is_public_holiday, is_working_day
from bot.stock.alert_rule import AlertLevel

WORK_BEGINS, WORK_ENDS = dt.time(8), dt.time(16)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When only the highest level is said: from `begin` to `end` (over midnight too), and on days of rest.

    `begin` equal to `end`: no quiet nights.
    """

    begin: dt.time
    end: dt.time
    days_of_rest: bool = True

    def holds_back(self, at: dt.datetime, level: AlertLevel | None = None) -> bool:
        """Whether a message of `level` waits. An empty stock never does."""
        return level is not AlertLevel.EMPTY and self._quiet(oslo(at))

    def over(self, at: dt.datetime) -> dt.datetime:
        """The first instant from `at` on that is not quiet, in UTC."""
        local = oslo(at)
        while self._quiet(local):
            day = local.date()
            if not self._rests(day) and local.time() < self.end:
                local = dt.datetime.combine(day, self.end, OSLO)
            else:
                local = dt.datetime.combine(day + dt.timedelta(1), dt.time(), OSLO)
        return local.astimezone(dt.UTC)

    def _rests(self, day: dt.date) -> bool:
        return self.days_of_rest and (day.isoweekday() == 7 or is_public_holiday(day))

    def _quiet(self, local: dt.datetime) -> bool:
        time = local.time()
        if self._rests(local.date()):
            return True
        if self.begin <= self.end:
            return self.begin <= time < self.end
        return time >= self.begin or time < self.end


def answer_due(since: dt.datetime, hours: float, *, around_the_clock: bool) -> dt.datetime:
    """When `hours` have gone since `since`, in UTC.

    Working hours (Monday to Friday 8–16, no public holidays), or every hour where it goes `around_the_clock`.
    """
    left = dt.timedelta(hours=hours)
    if around_the_clock:
        return since.astimezone(dt.UTC) + left
    day = oslo(since).date()
    while True:
        if is_working_day(day):
            begins = max(dt.datetime.combine(day, WORK_BEGINS, OSLO).astimezone(dt.UTC), since.astimezone(dt.UTC))
            ends = dt.datetime.combine(day, WORK_ENDS, OSLO).astimezone(dt.UTC)
            if begins + left <= ends:
                return begins + left
            left -= max(ends - begins, dt.timedelta(0))
        day += dt.timedelta(1)
