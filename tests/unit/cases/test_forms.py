"""The forms' own checks: every field that is wrong is named, all at once, and what is right passes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.cases.forms import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_PLACE,
    LONGEST_TEXT,
    MOST_KRONER,
    MOST_PACKAGES,
    CaseForm,
    ClosingForm,
    ConnectionForm,
    ReportForm,
)
from bot.cases.medicine import MOST_TYPED, as_written, from_substance
from bot.cases.vocabulary import Authorised, Missing, NotRelevant, Outcome, RunsOut, Solution, Status
from bot.refusal import FormRefused

SOMEBODYS_NUMBER = "01019012480"
JULY, JUNE = dt.date(2025, 7, 1), dt.date(2025, 6, 1)
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
TOO_EARLY, TOO_LATE = dt.date(1999, 12, 31), dt.date(2101, 1, 1)


def report(**values: Any) -> ReportForm:
    usual: dict[str, Any] = {
        "medicine": as_written("Valtrex tab 500 mg"),
        "typed": "valtrex",
        "missing": Missing.ALL,
        "place": "UNN Tromsø",
        "runs_out": RunsOut.NOW,
    }
    return ReportForm(**(usual | values))


def case(**values: Any) -> CaseForm:
    nothing: dict[str, Any] = dict.fromkeys(CaseForm.__slots__)
    return CaseForm(**(nothing | {"status": Status.ONGOING, "authorised": Authorised.UNKNOWN} | values))


def closing(**values: Any) -> ClosingForm:
    usual: dict[str, Any] = {
        "status": Status.CLOSED,
        "outcome": Outcome.UNKNOWN,
        "ended_on": None,
        "reason": "Levert igjen.",
    }
    return ClosingForm(**(usual | values))


def wrong_fields(check: Any) -> list[str | None]:
    with pytest.raises(FormRefused) as refused:
        check()
    return [refusal.field for refusal in refused.value.refusals]


def test_what_is_right_passes() -> None:
    report().check()
    report(note="x" * LONGEST_NOTE, place="x" * LONGEST_PLACE, children=True).check()
    case().check()
    case(start=JULY, expected_end=JULY, substitute="x" * LONGEST_TEXT).check()
    case(start=FIRST, expected_end=LAST, next_step_on=LAST).check()
    closing().check(None)
    closing(ended_on=LAST).check(FIRST)
    closing(ended_on=JULY, outcome=Outcome.AVERTED).check(JULY)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"note": "x" * (LONGEST_NOTE + 1)}, ["note"]),
        ({"note": "x" * 10_000}, ["note"]),
        ({"place": "x" * (LONGEST_PLACE + 1)}, ["place"]),
        ({"place": "  "}, ["place"]),
        ({"medicine": as_written("  ")}, ["medicine"]),
        ({"medicine": as_written(f"Valtrex til {SOMEBODYS_NUMBER}")}, ["medicine"]),
        ({"place": f"Sengepost, {SOMEBODYS_NUMBER}"}, ["place"]),
        ({"note": f"Gjelder {SOMEBODYS_NUMBER[:6]} {SOMEBODYS_NUMBER[6:]}"}, ["note"]),
        ({"note": SOMEBODYS_NUMBER, "place": "", "medicine": as_written("")}, ["note", "medicine", "place"]),
    ],
)
def test_each_wrong_field_of_a_report_is_named(values: dict[str, Any], fields: list[str]) -> None:
    assert wrong_fields(report(**values).check) == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"start": JULY, "expected_end": JUNE}, ["expected_end"]),
        ({"status": Status.CLOSED}, ["status"]),
        ({"status": Status.MERGED}, ["status"]),
        ({"substitute": "x" * (LONGEST_TEXT + 1)}, ["substitute"]),
        ({"next_step": SOMEBODYS_NUMBER}, ["next_step"]),
        ({"start": TOO_EARLY}, ["start"]),
        ({"start": dt.date.min, "expected_end": dt.date.max}, ["start", "expected_end"]),
        ({"start": JULY, "expected_end": TOO_EARLY}, ["expected_end"]),
        ({"start": TOO_LATE, "expected_end": JULY}, ["start"]),
        ({"expected_end": TOO_LATE}, ["expected_end"]),
        ({"next_step_on": TOO_LATE}, ["next_step_on"]),
        ({"next_step_on": TOO_LATE, "start": JULY, "expected_end": JUNE}, ["next_step_on", "expected_end"]),
        ({"decision_question": SOMEBODYS_NUMBER, "substitute": SOMEBODYS_NUMBER}, ["substitute", "decision_question"]),
        ({"affected": "x" * (LONGEST_TEXT + 1)}, ["affected"]),
        ({"patient_consequences": "x" * (LONGEST_TEXT + 1)}, ["patient_consequences"]),
        ({"cost_consequences": SOMEBODYS_NUMBER}, ["cost_consequences"]),
        ({"extra_cost_nok": -1}, ["extra_cost_nok"]),
        ({"extra_cost_nok": MOST_KRONER + 1}, ["extra_cost_nok"]),
        ({"packages": ("012345", "1234567")}, ["packages"]),
        ({"packages": tuple(f"{number:06d}" for number in range(MOST_PACKAGES + 1))}, ["packages"]),
        ({"packages": ("٠١٢٣٤٥",)}, ["packages"]),
        ({"in_use": (Solution.RATIONING,), "helped": (Solution.RATIONING,)}, ["in_use"]),
    ],
)
def test_each_wrong_field_of_a_case_is_named(values: dict[str, Any], fields: list[str]) -> None:
    assert wrong_fields(case(**values).check) == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"reason": " "}, ["reason"]),
        ({"reason": SOMEBODYS_NUMBER}, ["reason"]),
        ({"reason": "x" * (LONGEST_TEXT + 1)}, ["reason"]),
        ({"ended_on": JUNE}, ["ended_on"]),
        ({"ended_on": TOO_EARLY}, ["ended_on"]),
        ({"ended_on": TOO_LATE}, ["ended_on"]),
        ({"outcome": None}, ["outcome"]),
        ({"status": Status.NOT_RELEVANT}, ["not_relevant"]),
        ({"status": Status.NOT_RELEVANT, "not_relevant": NotRelevant.OTHER, "reason": " "}, ["reason"]),
        ({"status": Status.MERGED}, ["status"]),
    ],
)
def test_each_wrong_field_of_an_ending_is_named(values: dict[str, Any], fields: list[str]) -> None:
    assert wrong_fields(lambda: closing(**values).check(JULY)) == fields


def test_a_date_in_a_year_that_cannot_be_meant_is_refused_in_one_line() -> None:
    for check in (case(start=TOO_EARLY).check, lambda: closing(ended_on=TOO_LATE).check(None)):
        with pytest.raises(FormRefused) as refused:
            check()
        assert str(refused.value) == "Datoen må være mellom 2000 og 2100. Rett årstallet."


def test_a_refusal_never_repeats_a_number() -> None:
    with pytest.raises(FormRefused) as refused:
        report(note=SOMEBODYS_NUMBER).check()
    assert SOMEBODYS_NUMBER not in str(refused.value)


def test_a_name_that_is_not_in_the_list_is_kept_as_written_but_not_without_end() -> None:
    written = as_written("  Vaksine   fra\nPolen ")
    assert (written.name, written.in_list) == ("Vaksine fra Polen", False)
    assert written.key == as_written("VAKSINE fra polen").key
    assert len(as_written("x" * 1000).name) == MOST_TYPED
    assert from_substance("Valaciklovir", "J05AB11").in_list


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"address": "http://eksempel.no/a"}, ["address"]),
        ({"address": "https://eksempel.no/a b"}, ["address"]),
        ({"address": "javascript:alert(1)"}, ["address"]),
        ({"title": "Notat"}, ["address"]),
        ({"title": "x" * (LONGEST_NAME + 1), "address": "https://eksempel.no"}, ["title"]),
        ({"title": SOMEBODYS_NUMBER, "address": "https://eksempel.no"}, ["title"]),
    ],
)
def test_each_wrong_field_of_a_connection_is_named(values: dict[str, Any], fields: list[str]) -> None:
    assert wrong_fields(ConnectionForm(**values).check) == fields


def test_a_form_about_some_fields_says_nothing_of_the_others() -> None:
    form = CaseForm.about(expected_end=JULY)
    form.check()
    assert form.is_about("expected_end")
    assert not form.is_about("cause")
    with pytest.raises(TypeError):
        CaseForm.about(nonsense=1)
