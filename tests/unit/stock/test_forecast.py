"""What is expected of a line follows its level, its season and its trend, and is not fooled by a peak."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bot.stock.demand import Use, expected_demand, expected_demands, monthly_rates, together
from bot.stock.forecast import forecast

STEADY = np.array([10.0, 11, 9, 10, 10.5, 9.5] * 6)


def ahead(history: np.ndarray) -> np.ndarray:
    return forecast(history[None, :]).rates[0]


def test_a_steady_line_is_expected_to_go_on() -> None:
    assert ahead(STEADY)[:6].mean() == pytest.approx(10, rel=0.02)


def test_a_season_seen_three_times_comes_again() -> None:
    season = np.tile([5.0, 5, 5, 5, 5, 5, 15, 15, 15, 15, 15, 15], 4)
    coming = ahead(season)
    assert coming[:6].mean() == pytest.approx(5, rel=0.15)
    assert coming[6:12].mean() == pytest.approx(15, rel=0.15)


def test_growth_goes_on_for_a_while_and_then_levels_off() -> None:
    coming = ahead(np.linspace(10, 40, 48))
    assert coming[2] > 40
    assert coming[13] < 60


def test_two_months_of_hoarding_that_are_over_change_little() -> None:
    hoarded = STEADY.copy()
    hoarded[-4:-2] *= 2
    assert ahead(hoarded)[:3].mean() == pytest.approx(ahead(STEADY)[:3].mean(), rel=0.06)


def test_hoarding_that_still_runs_is_shown_both_ways() -> None:
    hoarded = STEADY.copy()
    hoarded[-2:] *= 2
    both = forecast(np.stack([hoarded, STEADY]))
    assert both.hoarding.tolist() == [True, False]
    assert both.calm[0, :3].mean() == pytest.approx(10, rel=0.05)
    assert both.rates[0, :3].mean() > 1.1 * both.calm[0, :3].mean()


def test_a_lasting_jump_is_followed_by_the_third_month() -> None:
    for times in (1.6, 2.0, 0.5):
        jumped = STEADY.copy()
        jumped[-3:] *= times
        assert ahead(jumped)[:3].mean() == pytest.approx(10 * times, rel=0.1)


def test_a_month_of_nothing_in_a_steady_line_is_missing_supply_and_not_low_demand() -> None:
    without = STEADY.copy()
    without[[-9, -8, -2]] = 0
    assert ahead(without)[:3].mean() == pytest.approx(10, rel=0.05)


def test_a_line_drawn_from_now_and_then_keeps_its_mean() -> None:
    assert ahead(np.array([0.0, 0, 30, 0, 0, 30] * 8))[:6].mean() == pytest.approx(10, rel=0.25)


def test_the_wilder_the_line_the_wider_its_spread() -> None:
    wild = STEADY * np.tile([0.4, 1.6, 1.0], 12)
    both = forecast(np.stack([STEADY, wild])).spread
    assert (both[1] > 3 * both[0]).all()


def test_peaks_that_come_now_and_then_are_borne_by_the_months_further_ahead() -> None:
    peaked = STEADY.copy()
    peaked[[-20, -9]] *= 3
    assert ahead(peaked)[0] == pytest.approx(10, rel=0.03)
    assert 10.3 < ahead(peaked)[4:].mean() < 12.5


def test_a_line_that_nothing_is_drawn_from_any_more_falls_towards_nothing() -> None:
    assert ahead(np.concatenate([STEADY, np.zeros(24)]))[:6].mean() < 3


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        float, st.tuples(st.integers(1, 3), st.integers(1, 50)), elements=st.floats(0, 1e6) | st.just(float("nan"))
    )
)
def test_no_history_gives_anything_but_finite_rates_of_nought_or_more(history: np.ndarray) -> None:
    result = forecast(history)
    assert np.isfinite(result.rates).all() and (result.rates >= 0).all()
    assert not (result.spread < 0).any()


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(float, (2, 40), elements=st.floats(0.1, 100)), st.floats(0.01, 1000))
def test_the_unit_a_line_is_kept_in_does_not_matter(history: np.ndarray, factor: float) -> None:
    assert forecast(history * factor).rates == pytest.approx(forecast(history).rates * factor, rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(float, (3, 40), elements=st.floats(0, 100)))
def test_a_line_is_expected_the_same_alone_and_among_others(history: np.ndarray) -> None:
    among = forecast(history).rates
    for row in range(3):
        assert forecast(history[row : row + 1]).rates[0] == pytest.approx(among[row], rel=1e-9, abs=1e-9)


# --- From periods to months. ---

MARCH = dt.date(2024, 3, 1)


def test_a_week_across_two_months_is_shared_by_its_days() -> None:
    week = Use(dt.date(2024, 1, 29), dt.date(2024, 2, 4), 70)
    assert monthly_rates([week], MARCH, 2).tolist() == [10, 10]


def test_a_year_is_shared_by_its_days_also_when_it_is_a_leap_year() -> None:
    year = Use(dt.date(2023, 3, 1), dt.date(2024, 2, 29), 366)
    assert monthly_rates([year], MARCH, 12) == pytest.approx(1.0)


def test_a_correction_is_taken_off_its_month_and_never_below_nothing() -> None:
    drawn = Use(dt.date(2024, 2, 1), dt.date(2024, 2, 29), 58)
    returned = Use(dt.date(2024, 2, 10), dt.date(2024, 2, 10), -20)
    assert 0 < monthly_rates([drawn, returned], MARCH, 1)[0] < 2
    assert monthly_rates([returned], MARCH, 1)[0] == 0


def test_a_period_that_is_not_over_is_use_to_date() -> None:
    as_of = dt.date(2024, 3, 11)
    demand = expected_demand([Use(MARCH, dt.date(2024, 3, 31), 100)], as_of)
    assert demand is not None and demand.daily == pytest.approx(10)


@pytest.mark.parametrize("uses", [[], [Use(MARCH, MARCH, 0)], [Use(MARCH, MARCH, -3)]])
def test_no_use_is_no_demand(uses: list[Use]) -> None:
    assert expected_demand(uses, dt.date(2024, 5, 1)) is None


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="cannot begin"):
        Use(dt.date(2024, 3, 2), dt.date(2024, 3, 1), 1)


def test_demands_add_up_month_by_month() -> None:
    use = [Use(dt.date(2024, 2, 1), dt.date(2024, 2, 29), 290)]
    one, two = expected_demands([use, use], MARCH)
    assert one is not None and two is not None
    assert together([one, two]).daily == pytest.approx(2 * one.daily)
    assert one.times(0.5).daily == pytest.approx(one.daily / 2)


def test_what_was_hoarded_is_used_up_instead_of_new_packs() -> None:
    uses = []
    for month in range(36):
        first = dt.date(2021 + month // 12, month % 12 + 1, 1)
        last = dt.date(2021 + (month + 1) // 12, (month + 1) % 12 + 1, 1) - dt.timedelta(1)
        daily = 20 if month >= 34 else 10 + month % 2
        uses.append(Use(first, last, daily * ((last - first).days + 1)))
    demand = expected_demand(uses, dt.date(2024, 1, 1))
    assert demand is not None and demand.calm is not None
    assert demand.hoarded == pytest.approx(2 * 30.44 * 9.5, rel=0.15)
    after = demand.paid_back(share=0.5, months=3)
    assert after.rates[0] == pytest.approx(demand.calm[0] - demand.hoarded / 2 / (3 * 30.44))
    assert after.rates[3] == demand.calm[3] and after.calm is None
