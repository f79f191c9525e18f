"""Reminders come on the mornings of working days: before a deadline, after what has passed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import OSLO, oslo
from bot.meeting.calendar import is_working_day
from bot.reminders.timing import at_work, before_deadline, snooze_choices, when_passed

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))
GOOD_FRIDAY = dt.date(2026, 4, 3)


def morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(8), OSLO)


def test_a_deadline_on_a_public_holiday_is_told_of_on_the_working_day_before() -> None:
    wednesday = dt.date(2026, 4, 1)
    assert before_deadline(GOOD_FRIDAY) == morning(wednesday), "Maundy Thursday is a holiday too"
    assert before_deadline(wednesday) == morning(wednesday)


def test_what_passed_over_easter_is_told_of_when_people_are_back() -> None:
    assert when_passed(GOOD_FRIDAY) == morning(dt.date(2026, 4, 7))


@settings(deadline=None)
@given(DAYS)
def test_every_reminder_comes_when_somebody_is_there(day: dt.date) -> None:
    for due in (before_deadline(day), when_passed(day)):
        assert at_work(due)
    assert before_deadline(day) <= when_passed(day)
    assert oslo(before_deadline(day)).date() <= day <= oslo(when_passed(day)).date()


@settings(deadline=None)
@given(DAYS)
def test_what_is_put_off_comes_on_a_working_day_after_today(today: dt.date) -> None:
    choices = snooze_choices(today)
    assert choices == sorted(set(choices))
    assert all(is_working_day(day) and day > today for day in choices)
    assert 2 <= len(choices) <= 4


@pytest.mark.parametrize(
    ("at", "there"),
    [
        ("2026-11-23T07:59", False),
        ("2026-11-23T08:00", True),
        ("2026-11-23T15:59", True),
        ("2026-11-23T16:00", False),
        ("2026-11-22T10:00", False),
        ("2026-12-25T10:00", False),
    ],
)
def test_nobody_is_disturbed_outside_working_hours(at: str, there: bool) -> None:
    assert at_work(dt.datetime.fromisoformat(at).replace(tzinfo=OSLO)) == there
