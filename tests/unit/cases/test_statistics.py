"""The counting rules of docs/decisions/040-counting.md, one by one, and what holds for any register."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.statistics import EVERYTHING, CaseFilter, CaseRecord, Period, durations, share, statistics
from bot.cases.statistics_request import read_request
from bot.cases.vocabulary import Authorised, Cause, Solution, Source, Status
from bot.catalogue.preparation import Scope
from bot.refusal import Refused

D = dt.date
TODAY = D(2026, 2, 1)
YEAR = Period.of_year(2025)


def case(number: str = "1", **values: Any) -> CaseRecord:
    """An open case of meropenem, noticed in May 2025."""
    usual: dict[str, Any] = {
        "number": number,
        "name": "Meropenem",
        "substance": "Meropenem",
        "atc": "J01DH02",
        "status": Status.CLOSED if values.get("closed") else Status.ONGOING,
        "noticed": D(2025, 5, 1),
    }
    return CaseRecord(**(usual | values))


def count(*cases: CaseRecord, period: Period = YEAR, only: CaseFilter = EVERYTHING) -> Any:
    return statistics(cases, period, TODAY, only)


@pytest.mark.parametrize(
    ("noticed", "closed", "handled", "new", "closed_then"),
    [
        (D(2025, 1, 1), None, 1, 1, 0),
        (D(2025, 12, 31), D(2025, 12, 31), 1, 1, 1),
        (D(2024, 12, 31), None, 1, 0, 0),
        (D(2024, 12, 31), D(2025, 1, 1), 1, 0, 1),
        (D(2024, 12, 31), D(2024, 12, 31), 0, 0, 0),
        (D(2022, 3, 1), D(2026, 1, 5), 1, 0, 0),
        (D(2026, 1, 1), None, 0, 0, 0),
    ],
)
def test_a_case_is_handled_in_each_year_between_its_notice_and_its_closing(
    noticed: dt.date, closed: dt.date | None, handled: int, new: int, closed_then: int
) -> None:
    found = count(case(noticed=noticed, closed=closed))
    assert (found.handled, found.new, found.closed) == (handled, new, closed_then)
    assert found.carried_over == handled - new
    assert found.open_at_end == handled - closed_then


def test_without_a_notice_a_case_counts_from_its_start_and_that_is_said() -> None:
    found = count(case(noticed=None, start=D(2025, 3, 1)), case("2", noticed=None))
    assert (found.handled, found.new, found.without_notice, found.undated) == (1, 1, 1, 1)
    early = count(case(noticed=None, start=D(2026, 1, 9), closed=D(2025, 12, 1)))
    assert (early.handled, early.closed) == (1, 1), "closed before it was to begin"


def test_a_case_closed_on_an_unknown_day_was_closed_when_the_shortage_ended() -> None:
    ended = case(status=Status.CLOSED, start=D(2025, 5, 1), end=D(2026, 1, 10))
    assert (count(ended).closed, count(ended, period=Period.of_year(2026)).closed) == (0, 1)
    assert count(case(status=Status.CLOSED)).closed == 1, "no end either: the day it counts from"


def test_what_is_no_medicine_or_no_case_of_the_hospitals_is_not_counted() -> None:
    found = count(
        case("1"),
        case("2", scope=Scope.DEVICE),
        case("3", scope=Scope.IVD),
        case("4", status=Status.MERGED),
        case("5", status=Status.NOT_RELEVANT),
    )
    assert found.handled == 1


def test_durations_are_of_all_with_start_and_end_registered_closed_or_not() -> None:
    span = {"start": D(2025, 1, 1)}
    found = count(
        case("1", **span, end=D(2025, 1, 2)),
        case("2", **span, end=D(2026, 1, 1), closed=D(2025, 6, 1)),
        case("3", **span),
        case("4", end=D(2025, 9, 1)),
        case("5", start=D(2025, 5, 1), end=D(2025, 4, 1)),
    ).durations
    assert (found.n, found.min, found.max, found.mean, found.median, found.year_or_more) == (2, 1, 365, 183, 183, 1)


def test_the_mean_is_in_whole_days_and_a_half_goes_up() -> None:
    assert (durations([1, 2]).mean, durations([1, 2]).median) == (2, 1.5)
    assert (durations([]).mean, durations([]).n, durations([]).year_or_more) == (None, 0, 0)


def test_unknown_is_not_unregistered() -> None:
    found = count(
        case("1", authorised=Authorised.NO),
        case("2", authorised=Authorised.UNKNOWN),
        case("3", authorised=Authorised.YES),
    )
    assert (found.unregistered, found.unregistered_share, found.authorisation_unknown) == (1, 33.3, 1)
    assert found.unregistered_atc == {"J": 1}
    assert [(line.year, line.n, line.handled) for line in found.by_year] == [(2025, 1, 3)]


def test_notices_not_from_dmp_are_split_and_their_share_is_of_those_with_a_source() -> None:
    found = count(
        case("1", source=Source.DMP),
        case("2", source=Source.PHARMACY, authorised=Authorised.NO),
        case("3", source=Source.PURCHASING, authorised=Authorised.YES),
        case("4", source=Source.HOSPITAL),
        case("5"),
    )
    assert found.sources_total == 4
    other = found.not_dmp
    assert (other.n, other.share, other.registered, other.unregistered) == (3, 75.0, 1, 1)
    assert list(found.as_json()["sources"]) == [
        "Barnenettverket",
        "DMP",
        "Mangel- og beredskapssenteret",
        "Sykehus",
        "Sykehusapotek",
        "Sykehusinnkjøp HF",
    ]


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(132, 467, 28.3), (22, 477, 4.6), (32, 392, 8.2), (1, 2000, 0.1), (1, 2001, 0.0)]
)
def test_shares_are_per_cent_with_one_decimal_and_halves_go_up(part: int, whole: int, said: float) -> None:
    assert share(part, whole) == said
    assert share(0, 0) is None


def test_a_substance_is_one_however_it_is_written_and_unknown_is_none() -> None:
    found = count(
        case("1"), case("2", substance=" meropenem"), case("3", substance=None), case("4", substance="Ertapenem")
    )
    assert found.substances == 2


def test_solutions_say_whether_they_worked() -> None:
    found = count(
        case("1", solutions=((Solution.FOREIGN_PACKS, True), (Solution.RATIONING, None))),
        case("2", solutions=((Solution.FOREIGN_PACKS, False),)),
    )
    tried = found.solutions[Solution.FOREIGN_PACKS]
    assert (tried.n, tried.worked, tried.did_not, tried.unknown) == (2, 1, 1, 0)
    assert found.as_json()["solutions"] == {"Utenlandske pakninger": 2, "Rasjonering (DMP)": 1}


def test_the_rest_of_the_years_work_is_counted() -> None:
    found = count(
        case("1", domino=True, slips=2, slipped_days=40, gap_days=107, days_to_action=3, reports=(("OUS", 2),)),
        case("2", cause=Cause.DOMINO, days_to_action=0, reports=(("OUS", 1), ("UNN Tromsø", 5))),
    )
    assert (found.domino, found.slips.cases, found.slips.moves, found.slips.days) == (2, 1, 2, 40)
    assert (found.gaps.n, found.gaps.median, found.to_action.median, found.to_action.max) == (1, 107, 1.5, 3)
    assert found.reports == {"UNN Tromsø": 5, "OUS": 3}


def test_a_year_without_cases_has_noughts_and_nulls() -> None:
    for year in (2003, 2031):
        said = count(case(), period=Period.of_year(year)).as_json()
        assert (said["year"], said["handled"], said["new"], said["substances"]) == (year, 0, 0, 0)
        assert (said["durations"]["mean"], said["not_dmp"]["share"], said["unregistered"]["share"]) == (
            None,
            None,
            None,
        )
        assert (said["durations"]["median"], said["durations"]["min"], said["durations"]["max"]) == (None, None, None)


def test_the_contracts_keys_are_exactly_these() -> None:
    said = count(case()).as_json()
    assert list(said) == [
        "year",
        "handled",
        "new",
        "carried_over",
        "closed",
        "open_at_year_end",
        "substances",
        "durations",
        "atc",
        "sources",
        "sources_total",
        "not_dmp",
        "unregistered",
        "causes",
        "solutions",
    ]
    assert list(said["durations"]) == ["n", "mean", "median", "min", "max", "year_or_more"]
    assert list(said["not_dmp"]) == ["n", "share", "registered", "unregistered"]
    assert list(said["unregistered"]) == ["n", "share", "atc"]
    assert count(case()).as_full_json().items() >= said.items()


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("2025", ["1", "2", "3"]),
        ("", ["1", "2", "3"]),
        ("2024", []),
        ("2025 atc=j01", ["1", "2"]),
        ("atc=J kilde=dmp", ["1"]),
        ('2025 kilde="sykehusinnkjøp hf"', ["2"]),
        ("2025 virkestoff=VALACIKLOVIR", ["3"]),
        ("registrert=nei", ["3"]),
        ("årsak=produksjon status=pågående", ["2"]),
        ("fra=01.03.2025 til=2025-06-30", ["1", "2", "3"]),
        ("fra=01.03.2024 til=30.06.2024", []),
        ('fra=2025-01-01 løsning="utenlandske pakninger"', ["1"]),
        ('2025 sted="oslo universitetssykehus"', ["2"]),
    ],
)
def test_any_filter_may_be_asked_for(words: str, numbers: list[str]) -> None:
    cases = (
        case("1", source=Source.DMP, solutions=((Solution.FOREIGN_PACKS, None),)),
        case("2", source=Source.PURCHASING, cause=Cause.PRODUCTION, reports=(("Oslo universitetssykehus", 2),)),
        case("3", atc="L01CB01", substance="Valaciklovir", authorised=Authorised.NO),
    )
    period, only = read_request(words, D(2025, 11, 1))
    assert [one.number for one in count(*cases, period=period, only=only).cases] == numbers


@pytest.mark.parametrize(
    "words",
    [
        "til=01.03.2025",
        "2025 fra=01.03.2025",
        "fra=31.02.2025",
        "fra=03/04/2025",
        "fra=01.03.2025 til=28.02.2025",
        "løsning=bønn",
        "tjue",
        "25",
        "1999",
        "2101",
        "2025 2024",
        "20 25",
        "٢٠٢٥",
        "farge=blå",
        "kilde=ukjent",
        "atc=123",
    ],
)
def test_what_is_no_year_or_no_filter_is_refused(words: str) -> None:
    with pytest.raises(Refused):
        read_request(words, TODAY)


dates = st.none() | st.dates(D(2020, 1, 1), D(2026, 2, 1))
records = st.builds(
    CaseRecord,
    number=st.text(max_size=4),
    name=st.just("x"),
    substance=st.none() | st.sampled_from(["a", "b", "c"]),
    atc=st.none() | st.sampled_from(["J01", "L01", "N05"]),
    status=st.sampled_from(Status),
    noticed=dates,
    closed=dates,
    start=dates,
    end=dates,
    scope=st.sampled_from(Scope),
    authorised=st.sampled_from(Authorised),
    source=st.none() | st.sampled_from(Source),
    cause=st.none() | st.sampled_from(Cause),
)


@given(st.lists(records, max_size=30), st.integers(2019, 2027))
def test_the_counts_add_up_for_any_register(cases: list[CaseRecord], year: int) -> None:
    found = statistics(cases, Period.of_year(year), TODAY)
    said = found.as_json()
    assert said["handled"] == said["new"] + said["carried_over"] == said["closed"] + said["open_at_year_end"]
    assert said["handled"] == sum(said["atc"].values()) == sum(said["causes"].values())
    assert said["sources_total"] == sum(said["sources"].values()) == said["sources"]["DMP"] + said["not_dmp"]["n"]
    assert said["not_dmp"]["registered"] + said["not_dmp"]["unregistered"] <= said["not_dmp"]["n"]
    assert said["unregistered"]["n"] == sum(said["unregistered"]["atc"].values()) <= said["handled"]
    assert said["durations"]["n"] <= said["handled"]
    assert min(said["new"], said["carried_over"], said["closed"], said["open_at_year_end"]) >= 0
    if year <= TODAY.year:
        assert [line.handled for line in found.by_year if line.year == year] == [said["handled"]]


@given(st.lists(records, max_size=30), st.integers(2020, 2025))
def test_what_is_open_when_a_year_ends_is_carried_into_the_next(cases: list[CaseRecord], year: int) -> None:
    this = statistics(cases, Period.of_year(year), TODAY)
    following = statistics(cases, Period.of_year(year + 1), TODAY)
    assert following.carried_over == this.open_at_end


@given(st.lists(records, max_size=30))
def test_the_parts_of_a_filter_make_the_whole(cases: list[CaseRecord]) -> None:
    cases = [replace(one, source=one.source or Source.DMP) for one in cases]
    whole = statistics(cases, YEAR, TODAY).handled
    assert whole == sum(statistics(cases, YEAR, TODAY, CaseFilter(source=source)).handled for source in Source)
