"""The digest is posted at its time, on a working day, once a week, and late rather than never."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import OSLO
from bot.meeting.calendar import (
    DIGEST_CRON,
    UPDATE_CRON,
    digest_due,
    digest_of_week,
    is_public_holiday,
    is_working_day,
    monday_of,
    next_digest,
    parse_cron,
    update_due,
    week_of,
)

DIGEST = parse_cron(DIGEST_CRON)
UPDATE = parse_cron(UPDATE_CRON)


def at(text: str) -> dt.datetime:
    """A time on a clock in Oslo."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(dt.UTC)


def clock(time: dt.datetime) -> str:
    return f"{time.astimezone(OSLO):%Y-%m-%d %H:%M %a}"


@pytest.mark.parametrize(
    ("expression", "after", "upcoming"),
    [
        ("0 14 * * WED", "2026-11-16 12:00", "2026-11-18 14:00 Wed"),
        ("0 14 * * 3", "2026-11-18 14:00", "2026-11-25 14:00 Wed"),
        ("0 8 * * 0", "2026-11-16 12:00", "2026-11-22 08:00 Sun"),
        ("0 8 * * 7", "2026-11-16 12:00", "2026-11-22 08:00 Sun"),
        ("30 7 * * mon-fri", "2026-11-20 08:00", "2026-11-23 07:30 Mon"),
        ("0 8 * * 5-7", "2026-11-16 12:00", "2026-11-20 08:00 Fri"),
        ("*/15 * * * *", "2026-11-16 12:01", "2026-11-16 12:15 Mon"),
        ("5/20 9,15 * * *", "2026-11-16 09:26", "2026-11-16 09:45 Mon"),
        ("0 14 1 jan,JUL *", "2026-11-16 12:00", "2027-01-01 14:00 Fri"),
        ("0 14 29 2 *", "2026-11-16 12:00", "2028-02-29 14:00 Tue"),
        ("0 14 13 * FRI", "2026-11-16 12:00", "2026-11-20 14:00 Fri"),
        ("0 14 */10 * MON", "2026-11-16 12:00", "2026-12-21 14:00 Mon"),
        ("0 14 * * TUE#1", "2026-11-16 12:00", "2026-12-01 14:00 Tue"),
        ("0 14 * * TUE#1", "2026-12-01 14:00", "2027-01-05 14:00 Tue"),
        ("0 14 * * 1#1,THU#3", "2026-11-16 12:00", "2026-11-19 14:00 Thu"),
        ("0 14 * 6 7#5", "2026-11-16 12:00", "2030-06-30 14:00 Sun"),
    ],
)
def test_cron_is_read_as_cron_has_always_been(expression: str, after: str, upcoming: str) -> None:
    cron = parse_cron(expression)
    following = cron.next_after(at(after))
    assert clock(following) == upcoming
    assert cron.last_before(following) == following
    assert cron.last_before(following - dt.timedelta(seconds=1)) <= at(after)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "har 0 felt; et tidspunkt har fem"),
        ("0 14 * * WED 2026", "har 6 felt"),
        ("60 14 * * WED", "minutt «60» er ikke mellom 0 og 59"),
        ("0 24 * * WED", "time «24» er ikke mellom 0 og 23"),
        ("0 14 0 * *", "dag «0» er ikke mellom 1 og 31"),
        ("0 14 * 13 *", "måned «13» er ikke mellom 1 og 12"),
        ("0 14 * * 8", "ukedag «8» er ikke mellom 0 og 7"),
        ("0 14 * * ONS", "ukedag «ONS»"),
        ("0 14 * * FRI-MON", "er ingen gyldig rekke for ukedag"),
        ("*/0 14 * * *", "er ingen gyldig rekke for minutt"),
        ("0 14 * * WED,", "kan ikke leses som ukedag"),
        ("0 14 * * WED#6", "kan ikke leses som ukedag"),
        ("0 14 * * WED#", "kan ikke leses som ukedag"),
        ("0 14 * * ONS#1", "ukedag «ONS»"),
        ("0 14 * 2 #1", "ukedag «»"),
        ("0 -1 * * *", "kan ikke leses som time"),
        ("0 ² * * *", "time «²»"),
        ("0 14 30 2 *", "inntreffer aldri"),
        ("kl. 14 hver onsdag nå", "kan ikke leses som minutt"),
    ],
)
def test_what_is_no_cron_is_told_in_one_norwegian_line(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        parse_cron(expression)
    assert "\n" not in str(error.value)


@given(st.text(max_size=20))
def test_nothing_but_a_value_error_comes_out_of_nonsense(expression: str) -> None:
    with contextlib.suppress(ValueError):
        parse_cron(expression)


@given(st.datetimes(min_value=dt.datetime(2020, 1, 1), max_value=dt.datetime(2040, 1, 1), timezones=st.just(dt.UTC)))
def test_next_and_last_agree(now: dt.datetime) -> None:
    following = DIGEST.next_after(now)
    assert DIGEST.last_before(now) <= now < following
    assert DIGEST.next_after(DIGEST.last_before(now)) == following
    assert f"{following:%a %H:%M}" == "Wed 14:00"


def test_both_changes_of_the_clock_keep_two_oclock() -> None:
    for week in ("2026-W13", "2026-W14", "2026-W43", "2026-W44"):
        digest = digest_of_week(week, DIGEST)
        assert digest is not None
        assert f"{digest.planned:%H:%M}" == "14:00"


def test_a_time_that_does_not_exist_comes_an_hour_later_and_one_that_comes_twice_counts_once() -> None:
    night = parse_cron("30 2 * * *")
    assert clock(night.next_after(at("2026-03-28 12:00"))) == "2026-03-29 03:30 Sun"
    first = night.next_after(at("2026-10-24 12:00"))
    assert clock(first) == "2026-10-25 02:30 Sun"
    assert clock(night.next_after(first)) == "2026-10-26 02:30 Mon"


@pytest.mark.parametrize(
    ("week", "planned"),
    [
        ("2026-W14", "2026-04-01 14:00 Wed"),  # the day before Maundy Thursday is a working day
        ("2024-W18", "2024-04-30 14:00 Tue"),  # 1 May
        ("2023-W20", "2023-05-16 14:00 Tue"),  # 17 May
        ("2028-W20", "2028-05-16 14:00 Tue"),
        ("2024-W52", "2024-12-24 14:00 Tue"),  # Christmas Day
        ("2029-W52", "2029-12-24 14:00 Mon"),  # the day after Christmas Day
        ("2025-W01", "2024-12-31 14:00 Tue"),  # New Year's Day, in the year before
        ("2026-W53", "2026-12-30 14:00 Wed"),  # week 53
        ("2027-W01", "2027-01-06 14:00 Wed"),
        ("2020-W53", "2020-12-30 14:00 Wed"),
    ],
)
def test_a_digest_on_a_public_holiday_comes_the_working_day_before(week: str, planned: str) -> None:
    occasion = digest_of_week(week, DIGEST)
    assert occasion is not None
    assert clock(occasion.planned) == planned
    due = digest_due(occasion.planned, DIGEST, [])
    assert due is not None
    assert (due.week, due.late) == (week, False)


@pytest.mark.parametrize(
    ("cron", "week", "planned"),
    [
        ("0 14 * * MON", "2026-W15", "2026-04-01 14:00 Wed"),  # Easter Monday, back over the whole of Easter
        ("0 14 * * MON", "2027-W20", "2027-05-14 14:00 Fri"),  # Constitution Day and Whit Monday in one
        ("0 14 * * FRI", "2026-W18", "2026-04-30 14:00 Thu"),  # Labour Day
        (
            "0 14 * * SUN",
            "2026-W48",
            "2026-11-22 14:00 Sun",
        ),  # a Sunday alone moves nothing; the meeting is Monday's
        ("0 14 * * SUN", "2026-W21", "2026-05-15 14:00 Fri"),  # a Sunday that is 17 May does
    ],
)
def test_it_moves_back_over_holidays_and_weekends(cron: str, week: str, planned: str) -> None:
    occasion = digest_of_week(week, parse_cron(cron))
    assert occasion is not None
    assert clock(occasion.planned) == planned


def test_sundays_and_christmas_eve_are_no_public_holidays() -> None:
    assert not is_public_holiday(dt.date(2026, 11, 22))
    assert not is_public_holiday(dt.date(2026, 12, 24))
    assert is_public_holiday(dt.date(2026, 5, 17))
    assert not is_working_day(dt.date(2026, 11, 22))


def test_a_digest_is_due_once_and_not_before_its_time() -> None:
    assert digest_due(at("2026-11-18 13:59"), DIGEST, ["2026-W46"]) is None
    due = digest_due(at("2026-11-18 14:00"), DIGEST, ["2026-W46"])
    assert due is not None
    assert (due.week, due.late) == ("2026-W47", False)
    assert digest_due(at("2026-11-18 14:15"), DIGEST, ["2026-W46", "2026-W47"]) is None


def test_a_list_may_come_days_before_its_meeting_and_only_once_a_year() -> None:
    yearly = parse_cron("0 10 17 5 *")  # the national day: the list comes on the working day before
    due = digest_due(at("2026-05-15 10:05"), yearly, (), days_before=7)
    assert due is not None and (due.week, due.occasion.moved, due.late) == ("2026-W21", True, False)
    assert digest_due(at("2026-05-16 10:05"), yearly, ("2026-W21",), days_before=7) is None
    assert digest_due(at("2026-11-16 10:05"), yearly, (), days_before=7) is None, "half a year late is next year's"
    assert next_digest(at("2026-05-18 10:00"), yearly, 7).week == "2027-W21"
    planned = digest_of_week("2026-W21", yearly, 7)
    assert planned is not None and planned.planned.date() == dt.date(2026, 5, 15)


def test_a_digest_missed_while_down_is_posted_late_and_never_an_older_weeks() -> None:
    back = digest_due(at("2026-11-20 09:00"), DIGEST, ["2026-W45"])  # W46 was missed too: it is past
    assert back is not None
    assert (back.week, back.late) == ("2026-W47", True)
    assert digest_due(at("2026-11-24 13:59"), DIGEST, []) is not None
    assert digest_due(at("2026-11-24 14:01"), DIGEST, []) is None  # six days: the next one is near


def test_a_digest_from_before_the_bots_first_start_is_not_made_up_for() -> None:
    started = at("2026-11-20 09:00")
    assert digest_due(at("2026-11-20 09:05"), DIGEST, [], since=started) is None
    assert digest_due(at("2026-11-25 14:00"), DIGEST, [], since=started) is not None


def test_a_moved_digest_is_not_posted_again_on_the_holiday_itself() -> None:
    assert digest_due(at("2028-05-17 14:00"), DIGEST, ["2028-W20"]) is None


def test_every_week_of_thirty_years_has_one_digest_on_a_working_day() -> None:
    posted: dict[str, dt.datetime] = {}
    now = at("2020-01-01 00:00")
    while now < at("2050-01-01 00:00"):
        occasion = next_digest(now, DIGEST)
        assert is_working_day(occasion.planned.date())
        assert occasion.week not in posted
        posted[occasion.week] = now = occasion.planned
    assert len(posted) == (at("2050-01-01 00:00") - at("2020-01-01 00:00")).days // 7 + 1


def test_the_mornings_update_follows_its_digest() -> None:
    digests = {"2026-W47": at("2026-11-18 14:00")}
    assert update_due(at("2026-11-19 07:59"), UPDATE, [], digests) is None
    due = update_due(at("2026-11-19 08:00"), UPDATE, [], digests)
    assert due is not None
    assert (due.week, due.late) == ("2026-W47", False)
    assert update_due(at("2026-11-19 08:01"), UPDATE, ["2026-W47"], digests) is None
    assert update_due(at("2026-11-19 15:00"), UPDATE, [], digests) is None  # the meeting is over
    assert update_due(at("2026-11-19 08:00"), UPDATE, [], {}) is None
    late = {"2026-W47": at("2026-11-19 08:30")}
    assert update_due(at("2026-11-19 08:31"), UPDATE, [], late) is None  # a late digest says it all


@pytest.mark.parametrize(
    ("day", "week"), [("2026-12-31", "2026-W53"), ("2027-01-01", "2026-W53"), ("2024-12-30", "2025-W01")]
)
def test_weeks_at_the_turn_of_the_year(day: str, week: str) -> None:
    assert week_of(dt.date.fromisoformat(day)) == week
    assert monday_of(week) <= dt.date.fromisoformat(day)


@pytest.mark.parametrize("week", ["2026-W54", "2025-W53", "2026-W00", "W47", "uke 47", "", "0000-W01"])
def test_a_week_that_does_not_exist_is_told(week: str) -> None:
    with pytest.raises(ValueError, match="finnes ikke; skriv den slik: 2026-W47"):
        monday_of(week)
