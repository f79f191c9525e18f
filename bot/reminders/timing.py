"""When a reminder comes: in the morning of a working day, never at night. Pure: dates and instants in and out."""

from __future__ import annotations

import datetime as dt

from bot.clock import OSLO, oslo
from bot.meeting.calendar import is_working_day
from bot.stock.waiting import WORK_BEGINS, WORK_ENDS

LONGEST_SNOOZE = dt.timedelta(days=366)


def at_work(at: dt.datetime) -> bool:
    """Whether somebody is there: Monday to Friday 8–16 in Oslo, and no public holiday."""
    local = oslo(at)
    return is_working_day(local.date()) and WORK_BEGINS <= local.time() < WORK_ENDS


def before_deadline(day: dt.date) -> dt.datetime:
    """The morning of a deadline, or of the last working day before it where nobody works that day; in UTC."""
    while not is_working_day(day):
        day -= dt.timedelta(1)
    return _morning(day)


def when_passed(day: dt.date) -> dt.datetime:
    """The first working morning on or after `day`, in UTC."""
    return _morning(working_day_from(day))


def working_day_from(day: dt.date) -> dt.date:
    """`day`, or the first working day after it."""
    while not is_working_day(day):
        day += dt.timedelta(1)
    return day


def snooze_choices(today: dt.date) -> list[dt.date]:
    """The next working day, three days on, the coming Monday, two weeks on: working days, each once, in order."""
    to_monday = dt.timedelta(8 - today.isoweekday())
    days = (today + dt.timedelta(1), today + dt.timedelta(3), today + to_monday, today + dt.timedelta(14))
    return sorted({working_day_from(day) for day in days})


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, WORK_BEGINS, OSLO).astimezone(dt.UTC)
