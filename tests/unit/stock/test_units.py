"""Packs, base units and daily doses convert back and forth."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stock.units import Pack

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


def test_a_medicine_without_a_daily_dose_has_no_figure_in_daily_doses() -> None:
    pack = Pack("hetteglass", 10)
    assert pack.ddd_in(100) is None and pack.units_of_ddd(100) is None


@pytest.mark.parametrize("factor", [0.0, -1.0, math.inf, math.nan])
def test_a_pack_that_cannot_be_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        Pack("mg", factor)
