"""Which status may follow which: every pair."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from bot.cases.life_cycle import CLOSING, MAY_BECOME, move, status_at_start
from bot.cases.vocabulary import Authorised, Cause, Missing, Outcome, RunsOut, Source, Status, Visibility, Worded
from bot.refusal import Refused

UP, ON, CL, NO, ME = Status.UPCOMING, Status.ONGOING, Status.CLOSED, Status.NOT_RELEVANT, Status.MERGED
ALLOWED = {(UP, ON), (UP, CL), (UP, NO), (UP, ME), (ON, UP), (ON, CL), (ON, NO), (ON, ME), (CL, ON), (NO, ON)}


@pytest.mark.parametrize(("now", "wanted"), list(itertools.product(Status, Status)))
def test_every_pair_of_statuses(now: Status, wanted: Status) -> None:
    if now is wanted or (now, wanted) in ALLOWED:
        move("2025-0001", now, wanted)
        return
    with pytest.raises(Refused) as refused:
        move("2025-0001", now, wanted)
    for word in ("2025-0001", str(now.words), str(wanted.words)):
        assert word in str(refused.value)


def test_every_status_stands_in_the_table() -> None:
    assert set(MAY_BECOME) == set(Status)
    assert {status for status in Status if status.is_open} == {UP, ON}
    assert not any(status.is_open for status in CLOSING)


def test_a_case_is_upcoming_until_the_day_it_begins() -> None:
    today = dt.date(2025, 7, 7)
    assert status_at_start(today + dt.timedelta(1), today) is UP
    assert status_at_start(today, today) is ON
    assert status_at_start(today - dt.timedelta(1), today) is ON
    assert status_at_start(None, today) is ON


@pytest.mark.parametrize("words", [Status, Outcome, Visibility, Cause, Source, Missing, RunsOut, Authorised])
def test_every_code_has_words_of_its_own_that_fit_an_option(words: type[Worded]) -> None:
    said = [str(member.words) for member in words]
    assert all(said)
    assert len(set(said)) == len(said)
    assert max(map(len, said)) <= 75


def test_sources_are_those_of_the_annual_report() -> None:
    assert [str(source.words) for source in Source] == [
        "Barnenettverket",
        "DMP",
        "Mangel- og beredskapssenteret",
        "Sykehus",
        "Sykehusapotek",
        "Sykehusinnkjøp HF",
    ]
