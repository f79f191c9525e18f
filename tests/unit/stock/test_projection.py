"""A stock's course for a chart agrees with its cover."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

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
    sure = replace(LINE, deliveries=(replace(LINE.deliveries[0], confirmed=True),))
    course = projection(sure, as_of=TODAY, days=90)
    assert course is not None
    assert (course.days[0], len(course.expected)) == (TODAY, 90)
    assert course.expected[0] == pytest.approx(600 - 6 * 10, abs=1)
    assert course.expected[20] == pytest.approx(600 - 26 * 10 + 200, abs=2)
    assert all(
        low <= mid <= high for low, mid, high in zip(course.lowest, course.expected, course.highest, strict=True)
    )


def test_it_reaches_nothing_when_the_cover_says_so() -> None:
    alone = replace(LINE, deliveries=())
    course, told = projection(alone, as_of=TODAY, days=120), cover(alone, as_of=TODAY)
    assert course is not None and told.p10 is not None and told.p90 is not None
    assert abs(course.expected.index(0) - (told.days_of_cover or 0)) <= 1
    assert abs(course.lowest.index(0) - told.p10) <= 1
    assert abs(course.highest.index(0) - told.p90) <= 1


def test_what_expires_is_not_drawn_as_stock() -> None:
    expiring = replace(LINE, lots=(Lot(100, TODAY + dt.timedelta(10)), Lot(500)), deliveries=(), stated_daily_demand=2)
    course = projection(expiring, as_of=TODAY, days=30)
    assert course is not None
    assert course.expected[10] - course.expected[11] > 60


def test_a_delivery_may_come_late_so_the_band_opens_there() -> None:
    course = projection(LINE, as_of=TODAY, days=60)
    assert course is not None
    assert course.highest[21] - course.lowest[21] > 200
    sure = replace(LINE, deliveries=(replace(LINE.deliveries[0], confirmed=True),), stated_daily_demand=10)
    certain = projection(sure, as_of=TODAY, days=60)
    assert certain is not None and certain.highest[21] - certain.lowest[21] < course.highest[21] - course.lowest[21]


def test_without_a_count_or_a_use_there_is_no_course() -> None:
    assert projection(StockLine(LINE.pool, "x"), as_of=TODAY) is None
    assert projection(StockLine(LINE.pool, "x", counted_on=TODAY, lots=(Lot(5),)), as_of=TODAY) is None
