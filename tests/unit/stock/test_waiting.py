"""When nobody is disturbed, and how long a person is given to answer."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import OSLO
from bot.stock.alert_rule import AlertLevel
from bot.stock.waiting import QuietHours, answer_due

NIGHTS = QuietHours(dt.time(22), dt.time(7))


def at(text: str) -> dt.datetime:
    """A time in Oslo, in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(dt.UTC)


INSTANTS = st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))


def test_nights_are_quiet_over_midnight_but_never_for_an_empty_stock() -> None:
    for quiet in ("2025-07-07 22:00", "2025-07-08 03:00", "2025-07-08 06:59"):
        assert NIGHTS.holds_back(at(quiet), AlertLevel.TWO_WEEKS)
        assert not NIGHTS.holds_back(at(quiet), AlertLevel.EMPTY)
    for loud in ("2025-07-07 21:59", "2025-07-08 07:00", "2025-07-05 12:00"):
        assert not NIGHTS.holds_back(at(loud), AlertLevel.TWO_WEEKS)


def test_sundays_and_public_holidays_are_quiet_if_days_of_rest_are_kept() -> None:
    sunday, christmas = at("2025-07-06 12:00"), at("2025-12-25 12:00")
    for rest in (sunday, christmas):
        assert NIGHTS.holds_back(rest)
        assert not QuietHours(dt.time(22), dt.time(7), days_of_rest=False).holds_back(rest)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = QuietHours(dt.time(11), dt.time(13), days_of_rest=False)
    assert noon.holds_back(at("2025-07-07 12:00"))
    assert noon.over(at("2025-07-07 12:00")) == at("2025-07-07 13:00")
    assert not QuietHours(dt.time(7), dt.time(7)).holds_back(at("2025-07-07 07:00"))


def test_they_are_over_in_the_morning_after_the_days_of_rest() -> None:
    assert NIGHTS.over(at("2025-07-07 23:30")) == at("2025-07-08 07:00")
    assert NIGHTS.over(at("2025-07-05 22:30")) == at("2025-07-07 07:00")
    assert NIGHTS.over(at("2025-04-16 23:00")) == at("2025-04-19 07:00")  # Maundy Thursday, Good Friday
    assert NIGHTS.over(at("2025-10-25 23:00")) == at("2025-10-27 07:00")  # the clock goes back on the Sunday
    assert NIGHTS.over(at("2025-07-07 12:00")) == at("2025-07-07 12:00")


@given(INSTANTS)
def test_after_the_quiet_hours_it_is_never_quiet(instant: dt.datetime) -> None:
    over = NIGHTS.over(instant)
    assert over >= instant
    assert not NIGHTS.holds_back(over)


def test_hours_are_counted_while_people_work() -> None:
    assert answer_due(at("2025-07-07 11:00"), 8, around_the_clock=False) == at("2025-07-08 11:00")
    assert answer_due(at("2025-07-04 15:00"), 2, around_the_clock=False) == at("2025-07-07 09:00")
    assert answer_due(at("2025-12-23 15:00"), 2, around_the_clock=False) == at("2025-12-24 09:00")
    assert answer_due(at("2025-12-24 15:00"), 2, around_the_clock=False) == at("2025-12-29 09:00")
    assert answer_due(at("2025-07-05 03:00"), 8, around_the_clock=False) == at("2025-07-07 16:00")


def test_an_empty_stock_does_not_wait_for_office_hours() -> None:
    assert answer_due(at("2025-07-05 23:00"), 2, around_the_clock=True) == at("2025-07-06 01:00")


@given(INSTANTS, st.floats(0.5, 60), st.floats(0.5, 60))
def test_more_hours_are_never_over_sooner_and_never_at_once(since: dt.datetime, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert since < answer_due(since, less, around_the_clock=False) <= answer_due(since, more, around_the_clock=False)
