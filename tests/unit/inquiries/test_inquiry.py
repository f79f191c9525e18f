"""Questions as plain values: bars, sums, an estimate beside its use, and the faults of the forms."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.statistics import YearChart
from bot.inquiries.chart import chart_of
from bot.inquiries.forms import AnswerForm, InquiryForm
from bot.inquiries.inquiry import BAR, AnswerKind, Kind, Progress, UseLine, against, used_of
from bot.inquiries.shelves import pool_of
from bot.inquiries.whom import ALL, REGION, TRUST, respondents
from bot.messages.words import BOKMAAL
from bot.people.places import catchments
from bot.refusal import FormRefused
from bot.settings import SettingsFault, TrustSetting, load_settings
from tests.golden import facts

NOW = dt.datetime(2025, 7, 7, 9, 0, tzinfo=dt.UTC)
JULY, AUGUST = (dt.date(2025, 7, 1), dt.date(2025, 7, 31)), (dt.date(2025, 8, 1), dt.date(2025, 8, 31))


def form(**more: Any) -> InquiryForm:
    usual: dict[str, Any] = {
        "kind": Kind.STOCK, "words": "Hva har dere?", "answer": AnswerKind.NUMBER, "unit": "Hetteglass", "pack": None,
        "choices": None, "deadline": dt.date(2025, 7, 11), "trusts": [ALL],
    }  # fmt: skip
    return InquiryForm(**(usual | more))


def faults(refused: pytest.ExceptionInfo[FormRefused]) -> dict[str, str]:
    return {str(one.field): BOKMAAL.say(one.phrase) for one in refused.value.refusals}


@given(st.integers(1, 40), st.data())
def test_a_bar_is_full_when_everybody_has_answered_and_only_then(asked: int, data: st.DataObject) -> None:
    answered = data.draw(st.integers(0, asked))
    bar = Progress("Helse Vest", answered, asked).bar
    assert len(bar) == min(asked, BAR)
    assert ("▱" not in bar) == (answered == asked)
    assert answered or "▰" not in bar


def test_a_question_says_what_has_come_and_what_is_missing() -> None:
    counted = facts.inquiry()
    assert (len(counted.answered), len(counted.missing), len(counted.asked)) == (17, 4, 21)
    assert sum(part.asked for part in counted.progress) == 21
    assert BOKMAAL.say(counted.total_words) == "47 hetteglass"
    assert facts.inquiry(answered=0).total is None
    assert BOKMAAL.say(replace(counted, pack=10.0).total_words) == "47 hetteglass (ca. 4 pakninger)"


def test_an_estimate_stands_beside_the_use_of_the_same_days() -> None:
    lines = [UseLine("B180S", *JULY, 62.0, of_hospitals=False), UseLine("B180S", *AUGUST, 31.0, of_hospitals=False)]
    used = used_of(lines, dt.date(2025, 7, 16), dt.date(2025, 9, 30), "ampulle")
    assert (used.quantity, used.until) == (32.0 + 31.0, dt.date(2025, 8, 31))
    beside = against(77 * 3.0, used)
    assert beside.expected == pytest.approx(47 * 3.0)
    assert beside.times == pytest.approx(141 / 63)


def test_what_is_said_of_all_hospitals_counts_before_what_the_pools_drew() -> None:
    lines = [
        UseLine("Fokuslisten", *JULY, 31.0, of_hospitals=False),
        UseLine("Grossist", *JULY, 310.0, of_hospitals=True),
        UseLine("B180S", *JULY, 300.0, of_hospitals=True),
    ]
    used = used_of(lines, *JULY, "tablett")
    assert (used.quantity, used.pools) == (310.0, ("Grossist",))
    assert used_of([], *JULY, "tablett").quantity is None
    assert against(10, used_of([], *JULY, "tablett")).times is None


def test_a_question_that_cannot_be_asked_says_why_beside_each_field() -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"words": None}, "words", "Skriv hva du spør om."),
        ({"words": "pasient 13097248022"}, "words", "fødselsnummer"),
        ({"deadline": dt.date(2025, 7, 6)}, "deadline", "Fristen er passert"),
        ({"deadline": dt.date(2026, 7, 6)}, "deadline", "fire måneder"),
        ({"deadline": None}, "deadline", "Velg en frist"),
        ({"trusts": []}, "trusts", "Velg hvem"),
        ({"unit": None}, "unit", "Skriv hva det telles i"),
        ({"pack": "0"}, "pack", "minst én enhet"),
        ({"pack": "ti"}, "pack", "er ikke et antall"),
        ({"answer": AnswerKind.WORDS}, "answer", "besvares med et antall"),
        ({"kind": Kind.OPINION, "answer": AnswerKind.CHOICE, "choices": "Ja"}, "choices", "fra to til 6"),
        ({"kind": Kind.OPINION, "answer": AnswerKind.CHOICE, "choices": f"Ja\n{'x' * 61}"}, "choices", "60 tegn"),
        ({"kind": Kind.NEED}, "first", "Velg når perioden begynner"),
        ({"kind": Kind.NEED, "first": AUGUST[0], "last": JULY[0]}, "last", "slutter før den begynner"),
        ({"kind": Kind.INTEREST}, "reply_by", "Velg når DMP skal ha svar"),
        ({"kind": Kind.INTEREST, "reply_by": dt.date(2025, 7, 6)}, "reply_by", "passert"),
        ({"kind": Kind.INTEREST, "reply_by": dt.date(2025, 7, 10)}, "deadline", "etter at DMP skal ha svar"),
    ]
    for fields, field, said in wrong:
        with pytest.raises(FormRefused) as refused:
            form(**fields).read(NOW)
        assert said in faults(refused).get(field, ""), (fields, faults(refused))


def test_the_last_minute_of_the_last_day_is_in_time() -> None:
    terms = form(deadline=NOW.date(), unit="Hetteglass", pack="1").read(NOW)
    assert terms.deadline == dt.datetime(2025, 7, 7, 14, 0, tzinfo=dt.UTC)
    assert (terms.unit, terms.pack) == ("hetteglass", None), "a pack of one is no pack"
    with pytest.raises(FormRefused):
        form(deadline=NOW.date()).read(terms.deadline)


@pytest.mark.parametrize(
    "number", ["tolv", "-1", "1e9", "12 pakninger", "٣", "NaN", "0x1F", "1,2,3", "", None, "13097248022"]
)
def test_a_number_that_is_none_is_refused(number: str | None) -> None:
    with pytest.raises(FormRefused) as refused:
        AnswerForm(number).read(facts.inquiry())
    assert "number" in faults(refused)


@pytest.mark.parametrize(("number", "quantity"), [("0", 0), ("12", 12), ("1 200", 1200), ("2,5", 2.5), ("3.5", 3.5)])
def test_a_number_is_read_as_people_write_it(number: str, quantity: float) -> None:
    assert AnswerForm(number).read(facts.inquiry()).quantity == quantity


def test_packs_are_reckoned_in_the_questions_unit() -> None:
    of_ten = facts.inquiry(pack=10.0)
    said = AnswerForm("12", in_packs=True).read(of_ten)
    assert (said.quantity, said.packs) == (120, 12)
    with pytest.raises(FormRefused):
        AnswerForm("12", in_packs=True).read(facts.inquiry())
    with pytest.raises(FormRefused):
        AnswerForm(choice="Kanskje").read(facts.inquiry(**facts.CHOICES_OF_HERA))


def test_a_trust_is_asked_once_however_it_was_chosen() -> None:
    said = {"Bergen": TrustSetting(people=["U0BERGEN1"], group="S0BERGEN1")}
    chosen = [f"{TRUST}Bergen", f"{REGION}Helse Vest RHF", "trust:Månen"]
    found = respondents(chosen, said, {"S0BERGEN1": frozenset({"U0BERGEN2", "U0BERGEN1"})})
    assert [one.trust for one in found] == ["Bergen", "Fonna", "Førde", "Stavanger"]
    assert found[0].people == ("U0BERGEN1", "U0BERGEN2")
    assert len(respondents([ALL, *chosen], said, {})) == 21


def test_every_trust_has_a_pool_of_its_own() -> None:
    ids = [pool_of(one.trust) for one in catchments()]
    assert len(set(ids)) == 21
    assert {"hf-more-og-romsdal", "hf-st-olav", "hf-ostfold"} <= set(ids)


def test_settings_name_only_trusts_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(trusts={"Førde": {"channel": "C0FORDE01"}}).trusts["Førde"].channel == "C0FORDE01"
    with pytest.raises(SettingsFault, match="Månen"):
        load_settings(trusts={"Månen": {}})


def test_the_picture_shows_all_who_were_asked_on_one_scale() -> None:
    chart = chart_of(facts.inquiry(), BOKMAAL)
    assert chart is not None and chart.one_scale and YearChart.from_json(chart.as_json()) == chart
    assert sum(len(bars) for _, bars in chart.panels) == 21
    assert "St. Olav ikke svart" in chart.alt and "Bergen 12 hetteglass" in chart.alt
    assert chart_of(facts.inquiry(answered=0), BOKMAAL) is None
    tally = chart_of(facts.inquiry(**facts.CHOICES_OF_HERA), BOKMAAL)
    assert tally is not None and tally.panels[0][1][-1] == ("ikke svart", 4, "4")
