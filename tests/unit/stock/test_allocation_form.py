"""What is written when a delivery is shared out: read line by line, and worked out by the rule."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.refusal import FormRefused
from bot.stock.allocation_form import AllocationForm, Among, Base, SentForm


def form(
    quantity: str = "100", among: Among = Among.TRUSTS, base: Base = Base.PEOPLE, **more: object
) -> AllocationForm:
    return AllocationForm(quantity, among, base, **more)  # type: ignore[arg-type]


def packages(of: AllocationForm, **earlier: int) -> dict[str, int]:
    return {row.receiver: row.packages for row in of.read(earlier).rows}


def test_regions_share_by_all_who_live_in_them() -> None:
    assert packages(form(among=Among.REGIONS)) == {
        "Helse Sør-Øst": 57,
        "Helse Vest": 21,
        "Helse Midt-Norge": 13,
        "Helse Nord": 9,
    }


def test_hospitals_that_are_written_share_by_what_is_written_of_them() -> None:
    written = form(
        "10", Among.WRITTEN, Base.PATIENTS, patients="Rikshospitalet: 3\nHaukeland universitetssjukehus 1,5\n"
    )
    assert packages(written) == {"Rikshospitalet": 7, "Haukeland universitetssjukehus": 3}


def test_a_mix_is_written_in_words_and_told_in_per_cent() -> None:
    mixed = form(
        "10", Among.WRITTEN, Base.MIX, mix="forbruk 70 % og pasienter 30", use="A 10\nB 10", patients="A 1\nB 0"
    )
    assert packages(mixed) == {"A": 7, "B": 3}, "0.7 × 1/2 + 0.3 × 1 = 0.65 of ten, and ties go by name"
    assert [str(said) for said in mixed.terms().bases] == ["70 % forbruk", "30 % meldte pasienter"]


def test_an_exception_takes_from_all_the_others_and_the_rule_is_still_shown() -> None:
    shared = form("100", exceptions="Finnmark 10 lang transport").read({})
    finnmark = next(row for row in shared.rows if row.receiver == "Finnmark")
    assert (finnmark.packages, finnmark.computed, finnmark.reason) == (10, 1, "lang transport")
    assert sum(row.packages for row in shared.rows) == 100
    assert sum(row.computed for row in shared.rows) == 100


def test_days_of_cover_are_told_only_where_stock_and_use_are_known() -> None:
    shared = form("100", use="Bergen 30,438\nFonna 0", stock="Bergen 12\nOUS 5\nFonna 3").read({})
    days = {row.receiver: (row.days_before, row.days_after) for row in shared.rows}
    assert days["Bergen"] == (
        pytest.approx(12, rel=1e-3),
        pytest.approx(12 + packages(form("100"))["Bergen"], rel=1e-3),
    )
    assert days["OUS"] == days["Fonna"] == days["UNN"] == (None, None)


def test_a_reserve_is_held_back_and_what_nobody_may_have_is_left() -> None:
    shared = form("100", among=Among.REGIONS, reserve="10", most="15").read({})
    assert {row.packages for row in shared.rows} == {15, 8} or sum(
        row.packages for row in shared.rows
    ) == 90 - shared.left
    assert sum(row.packages for row in shared.rows) + shared.left + shared.terms.reserve == 100


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"quantity": "ti"}, "quantity", "«ti» er ikke et helt antall pakninger fra 1 og opp."),
        ({"quantity": "0"}, "quantity", "fra 1 og opp"),
        ({"quantity": "9999999"}, "quantity", "Antallet må være fra 0 til 1000000"),
        ({"reserve": "101"}, "reserve", "Det er bare 100 pakninger."),
        ({"lot": "0"}, "lot", "fra 1 og opp"),
        ({"base": Base.USE, "use": "Bergen 1"}, "use", "Mangler tall for Akershus"),
        ({"base": Base.USE, "among": Among.WRITTEN}, "use", "Skriv hvem som skal få"),
        ({"base": Base.USE, "among": Among.WRITTEN, "use": "A 0"}, "use", "Summen er null"),
        ({"base": Base.MIX, "mix": None}, "mix", "Skriv hva som skal telle"),
        ({"stock": "Bergen"}, "stock", "Linje 1: skriv navn og tall"),
        ({"stock": "Bergen 1\nBergen 2"}, "stock", "Linje 2: «Bergen» står to ganger."),
        ({"stock": "Hx 2"}, "stock", "Linje 1: Vet ikke hvem «Hx» er."),
        ({"stock": "Be rgen 2"}, "stock", "Mente du Bergen?"),
        ({"exceptions": "Fonna 7"}, "exceptions", "skriv antall pakninger og hvorfor"),
        ({"exceptions": "Fonna 101 alt"}, "exceptions", "Unntakene er på 101 pakninger. Det er 100 å dele."),
        ({"least": "5"}, "quantity", "Det trengs 105 pakninger"),
        ({"least": "5", "most": "4"}, "quantity", "skal ha minst 5 og høyst 4"),
    ],
)
def test_a_fault_is_told_beside_its_field(fields: dict[str, object], field: str, said: str) -> None:
    with pytest.raises(FormRefused) as refused:
        form(**fields).read({})  # type: ignore[arg-type]
    assert [(fault.field, said in str(fault)) for fault in refused.value.refusals] == [(field, True)], refused.value


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(FormRefused) as refused:
        form("x", reserve="y", lot="z", use="Q", mix="ikke brukt").read({})
    assert {fault.field for fault in refused.value.refusals} == {"quantity", "reserve", "lot", "use"}


def test_what_was_sent_is_whole_packages_to_those_who_are_there() -> None:
    assert SentForm("Bergen 10\n\nous: 3").read(["Bergen", "OUS"]) == {"Bergen": 10, "OUS": 3}
    assert SentForm(None).read(["Bergen"]) == {}
    with pytest.raises(FormRefused, match="helt antall"):
        SentForm("Bergen 1,5").read(["Bergen"])


def test_a_form_is_kept_and_read_again() -> None:
    kept = form("10", Among.WRITTEN, Base.MIX, mix="forbruk 1", use="A 1", count_earlier=False)
    assert AllocationForm.from_json(json.loads(json.dumps(kept.as_json()))) == kept


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_written_is_shared_out_or_refused(lines: str, number: str, mix: str) -> None:
    for written in (
        form(number, exceptions=lines, use=lines),
        form("10", Among.WRITTEN, Base.USE, use=lines, lot=number or None),
        form("10", Among.WRITTEN, Base.MIX, mix=mix, patients=lines),
    ):
        try:
            shared = written.read({})
        except FormRefused as refused:
            assert all(fault.field for fault in refused.refusals)
        else:
            assert (
                sum(row.packages for row in shared.rows) + shared.left + shared.terms.reserve == shared.terms.quantity
            )
