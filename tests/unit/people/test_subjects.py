"""Which of several follows decides, and when collected news are due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import OSLO
from bot.commands import parse
from bot.people.subjects import Pace, deciding
from bot.reminders.timing import at_work

TODAY = dt.date(2025, 7, 7)
OF_THE_CASE = [("case", "2025-0001"), ("substance", "valaciklovir"), ("atc", "J05AB11"), ("atc", "J05")]


@dataclass
class One:
    kind: str
    subject: str
    pace: str = "now"
    muted_until: dt.date | None = None


CASE, GROUP, OTHER = One("case", "2025-0001"), One("atc", "J05"), One("atc", "L01")
QUIET = One("case", "2025-0001", "never", TODAY)
QUIET_GROUP = One("atc", "J05", "now", TODAY)


@pytest.mark.parametrize(
    ("follows", "decides"),
    [
        ([], None),
        ([OTHER], None),
        ([GROUP], GROUP),
        ([GROUP, CASE], CASE),
        ([GROUP, QUIET], None),
        ([QUIET_GROUP], None),
        ([QUIET_GROUP, CASE], CASE),
        ([GROUP, One("case", "2025-0001", "never", TODAY - dt.timedelta(1))], GROUP),
    ],
    ids=["none", "another", "group", "narrowest", "muted case", "muted group", "case of a muted group", "mute is over"],
)
def test_the_narrowest_decides_and_muted_means_muted(follows: list[One], decides: One | None) -> None:
    assert deciding(follows, OF_THE_CASE, TODAY) is decides
    assert deciding(list(reversed(follows)), OF_THE_CASE, TODAY) is decides


@settings(deadline=None)
@given(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=OSLO)))
def test_what_is_collected_comes_on_a_working_morning_within_reach(now: dt.datetime) -> None:
    assert Pace.NOW.due(now) == now
    daily, weekly = Pace.DAILY.due(now), Pace.WEEKLY.due(now)
    assert at_work(daily) and at_work(weekly)
    assert now < daily <= now + dt.timedelta(days=12) and now < weekly <= now + dt.timedelta(days=14)


@pytest.mark.parametrize(
    ("typed", "rest", "here", "pace"),
    [
        ("følg valtrex", "valtrex", False, None),
        ("følg valtrex daglig", "valtrex", False, Pace.DAILY),
        ("følg J05AB her ukentlig", "J05AB", True, Pace.WEEKLY),
        ("følg J05AB vekentleg her", "J05AB", True, Pace.WEEKLY),
        ("follow valtrex daily", "valtrex", False, Pace.DAILY),
        ("følg Helse Nord hver uke", "Helse Nord", False, Pace.WEEKLY),
        ("følg valtrex med en gang", "valtrex", False, Pace.NOW),
        ("følg", "", False, None),
    ],
)
def test_how_often_stands_after_what_is_followed(typed: str, rest: str, here: bool, pace: Pace | None) -> None:
    said = parse(typed)
    assert (said.rest, said.here, said.pace) == (rest, here, pace)
