"""Which status may follow which: every pair."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

import pytest

from bot.cases.life_cycle import (
    CLOSING,
    ENDED,
    MAY_BECOME,
    move,
    refuse_a_start_that_has_come,
    refuse_to_merge,
    refuse_to_reopen,
    status_at_start,
)
from bot.cases.life_cycle_picture import PAGE, page
from bot.cases.vocabulary import (
    Authorised,
    Cause,
    Criticality,
    Group,
    Missing,
    NotRelevant,
    Outcome,
    Region,
    RunsOut,
    Sector,
    Solution,
    Source,
    Status,
    SystemFactor,
    Visibility,
    Worded,
)
from bot.refusal import Refused

UP, ON, CL, NO, ME = Status.UPCOMING, Status.ONGOING, Status.CLOSED, Status.NOT_RELEVANT, Status.MERGED
ALLOWED = {
    (UP, ON),
    (UP, CL),
    (UP, NO),
    (UP, ME),
    (ON, UP),
    (ON, CL),
    (ON, NO),
    (ON, ME),
    (CL, ON),
    (NO, ON),
    (CL, UP),
    (NO, UP),
}


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


@dataclass(frozen=True)
class Row:
    """A case's row, as the rules see it."""

    number: str
    status: str
    merged_into: str | None = None


@pytest.mark.parametrize(
    ("case", "into", "words"),
    [
        (Row("1", ON), None, "Fant ikke sak 9"),
        (Row("1", ON), Row("1", ON), "seg selv"),
        (Row("1", ON), Row("2", ME, "1"), "Sak 2 er allerede slått sammen med denne"),
        (Row("1", ON), Row("2", ME, "3"), "Sak 2 er Slått sammen. Velg en åpen sak"),
        (Row("1", ON), Row("2", CL), "Sak 2 er Avsluttet"),
        (Row("1", CL), Row("2", ON), "kan ikke bli Slått sammen"),
        (Row("1", ME, "2"), Row("2", ON), "kan ikke bli Slått sammen"),
    ],
)
def test_a_merge_that_cannot_be_says_why(case: Row, into: Row | None, words: str) -> None:
    with pytest.raises(Refused) as refused:
        refuse_to_merge(case, into, "9")
    assert words in str(refused.value)


def test_two_open_cases_can_be_merged() -> None:
    refuse_to_merge(Row("1", UP), Row("2", ON), "2")


def test_only_an_ended_case_is_opened_again_and_a_merged_one_names_where_it_lives_on() -> None:
    for status in ENDED:
        refuse_to_reopen(Row("1", status))
    with pytest.raises(Refused, match="lever videre i sak 2"):
        refuse_to_reopen(Row("1", ME, "2"))
    with pytest.raises(Refused, match="allerede åpen"):
        refuse_to_reopen(Row("1", ON))


def test_an_upcoming_case_cannot_have_begun() -> None:
    today = dt.date(2025, 7, 7)
    for start in (None, today + dt.timedelta(1)):
        refuse_a_start_that_has_come(UP, start, today)
    refuse_a_start_that_has_come(ON, today, today)
    with pytest.raises(Refused, match="Velg «Pågående»"):
        refuse_a_start_that_has_come(UP, today, today)


def test_the_picture_in_the_documentation_is_drawn_from_this_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize(
    "words",
    [
        Status,
        Outcome,
        Visibility,
        Cause,
        Source,
        Missing,
        RunsOut,
        Authorised,
        Sector,
        Criticality,
        Group,
        Region,
        SystemFactor,
        NotRelevant,
        Solution,
    ],
)
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
