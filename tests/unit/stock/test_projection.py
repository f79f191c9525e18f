"""A stock's course for a chart agrees with its cover."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.stock.cover import Delivery, Lot, StockLine, cover
from bot.stock.pools import hospital_pool
from bot.stock.projection import projection

TODAY = dt.date(2025, 3, 1)
LINE = StockLine(
    pool=hospital_pool("Sykehusapoteket Oslo"),
    item="Meropenem 1 g",
    counted_on=TODAY - dt.timedelta(5),
    lots=(Lot(600),),
    deliveries=(Delivery(200, TODAY + dt.timedelta(20)),),
    stated_daily_demand=10,
)


def test_it_begins_at_what_is_left_today_and_rises_with_a_delivery() -> None:
    course = projection(LINE, as_of=TODAY, days=90)
    assert course is not None
    assert (course.days[0], len(course.expected)) == (TODAY, 90)
    assert course.expected[0] == pytest.approx(600 - 6 * 10)
    assert course.expected[20] == pytest.approx(600 - 26 * 10 + 200)
    assert all(
        low <= mid <= high for low, mid, high in zip(course.lowest, course.expected, course.highest, strict=True)
    )


def test_it_reaches_nothing_when_the_cover_says_so() -> None:
    course, told = projection(LINE, as_of=TODAY, days=120), cover(LINE, as_of=TODAY)
    assert course is not None and told.days_of_cover is not None
    assert abs(course.expected.index(0) - told.days_of_cover) <= 3


def test_without_a_count_or_a_use_there_is_no_course() -> None:
    assert projection(StockLine(LINE.pool, "x"), as_of=TODAY) is None
    assert projection(StockLine(LINE.pool, "x", counted_on=TODAY, lots=(Lot(5),)), as_of=TODAY) is None
