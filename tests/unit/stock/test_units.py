"""Packs, base units and daily doses convert back and forth."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stock.units import DDD, PACK, Pack, same_kind, scaled

factors = st.floats(1e-3, 1e6)


@given(factors, factors, st.floats(0, 1e9))
def test_packs_units_and_ddd_convert_back_and_forth(units: float, ddd: float, quantity: float) -> None:
    pack = Pack("mg", units, ddd)
    assert pack.packs_in(pack.units_in(quantity)) == pytest.approx(quantity)
    told = pack.ddd_in(quantity)
    assert told is not None
    assert pack.units_of_ddd(told) == pytest.approx(quantity)


@given(factors, st.floats(0, 1e6))
def test_whole_packs_hold_at_least_what_is_asked_for_and_less_than_a_pack_more(units: float, wanted: float) -> None:
    pack = Pack("mg", units)
    packs = pack.packs_for(wanted)
    assert pack.units_in(packs) >= wanted * (1 - 1e-6) - 1e-6 * units
    assert pack.units_in(packs) - wanted < units * (1 + 1e-6)


KINDS = {
    "mass": ["kg", "g", "mg", "µg", "mikrogram", "ng"],
    "activity": ["IE", "mill. IE"],
    "volume": ["l", "dl", "ml"],
    "unit of use": ["hetteglass"],
}


@given(factors, st.fixed_dictionaries({"ie": factors, "ml": factors, "hetteglass": factors}), factors, st.data())
def test_whatever_a_pack_says_it_holds_converts_there_and_back(
    units: float, also: dict[str, float], quantity: float, data: st.DataObject
) -> None:
    pack = Pack("mg", units, ddd=3.0, also=also)
    every = [unit for of_kind in KINDS.values() for unit in of_kind] + [PACK, DDD]
    unit, to = data.draw(st.sampled_from(every)), data.draw(st.sampled_from(every))
    told = pack.converted(quantity, unit, to)
    assert told is not None and told > 0
    assert pack.converted(told, to, unit) == pytest.approx(quantity)


@given(factors, st.data())
def test_units_of_one_kind_need_no_pack_and_others_are_never_guessed(quantity: float, data: st.DataObject) -> None:
    kind, other = data.draw(st.sampled_from(sorted(KINDS))), data.draw(st.sampled_from(sorted(KINDS)))
    unit, to = data.draw(st.sampled_from(KINDS[kind])), data.draw(st.sampled_from(KINDS[other]))
    told = scaled(quantity, unit, to)
    assert same_kind(unit, to) is (kind == other) is (told is not None)
    if told is not None:
        assert scaled(told, to, unit) == pytest.approx(quantity)


@pytest.mark.parametrize(
    ("quantity", "unit", "to", "is_"),
    [
        (2, "pakning", "mg", 20_000),
        (2, "pakning", "hetteglass", 20),
        (5, "hetteglass", "g", 5),
        (500, "ml", "pakninger", 5),
        (1, "g", "ddd", 0.25),
        (1, "pakning", "IE", None),
        (1, "tablett", "mg", None),
    ],
)
def test_a_pack_of_ten_vials_of_a_gram(quantity: float, unit: str, to: str, is_: float | None) -> None:
    pack = Pack("mg", 10_000, ddd=2.5, also={"hetteglass": 10, "ml": 100})
    assert pack.converted(quantity, unit, to) == (is_ if is_ is None else pytest.approx(is_))


def test_units_that_are_not_international_are_never_taken_for_those_that_are() -> None:
    assert not same_kind("E", "IE") and scaled(100, "E", "IE") is None
    assert Pack("ie", 100, also={"E": 40}).converted(1, PACK, "e") == 40


def test_a_pack_that_says_the_same_kind_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="one figure of each kind"):
        Pack("mg", 1000, also={"g": 2})


def test_a_medicine_without_a_daily_dose_has_no_figure_in_daily_doses() -> None:
    pack = Pack("hetteglass", 10)
    assert pack.ddd_in(100) is None and pack.units_of_ddd(100) is None


@pytest.mark.parametrize("factor", [0.0, -1.0, math.inf, math.nan])
def test_a_pack_that_cannot_be_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        Pack("mg", factor)
