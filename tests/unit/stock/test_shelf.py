"""First expired first out, from event to event, is the same as day by day; and what must hold of any shelf holds."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stock.shelf import NEVER, Delivery, Lot, runs_out, walk

START = dt.date(2024, 1, 20)  # a leap year, and both changes of the clock lie ahead
DAYS = 300

quantities = st.floats(0, 500)
later = st.integers(0, 250).map(lambda days: START + dt.timedelta(days))
lots = st.lists(st.builds(Lot, quantities, st.none() | later), max_size=4)
deliveries = st.lists(st.builds(Delivery, quantities, later, st.none() | later), max_size=3)
needs = st.lists(st.floats(0.1, 20), min_size=4, max_size=4).map(
    lambda rates: [rates[day * 4 // DAYS] for day in range(DAYS)]
)


def first_short_day(shelf: list[Lot], coming: list[Delivery], need: list[float], scale: float = 1.0) -> int:
    """`runs_out` for one shelf in one scenario."""
    entries = sorted(
        [(NEVER if x.expiry is None else (x.expiry - START).days, x.quantity, 0) for x in shelf]
        + [(NEVER if x.expiry is None else (x.expiry - START).days, x.quantity, (x.eta - START).days) for x in coming]
    ) or [(NEVER, 0.0, 0)]
    table = np.array(entries, dtype=float)
    day, _ = runs_out(
        np.concatenate([[0.0], np.cumsum(need)])[None, :],
        np.array([[scale]]),
        table[None, :, 1],
        table[:, None, None, 2].astype(np.int32),
        table[None, :, 0].astype(np.int32),
    )
    return int(day[0, 0])


@settings(max_examples=300)
@given(lots, deliveries, needs, st.floats(0.2, 4))
def test_from_event_to_event_is_the_same_as_day_by_day(
    shelf: list[Lot], coming: list[Delivery], need: list[float], scale: float
) -> None:
    by_day = walk(shelf, coming, [rate * scale for rate in need], START).short_on
    assert first_short_day(shelf, coming, need, scale) == (NEVER if by_day is None else by_day)


@given(lots, deliveries, needs)
def test_what_is_lost_to_expiry_is_the_same_as_day_by_day(
    shelf: list[Lot], coming: list[Delivery], need: list[float]
) -> None:
    entries = sorted(
        [(NEVER if x.expiry is None else (x.expiry - START).days, x.quantity, 0) for x in shelf]
        + [
            (NEVER if x.expiry is None else (x.expiry - START).days, x.quantity, (x.eta - START).days)
            for x in coming
            if x.expiry is None or x.expiry >= x.eta
        ]
    ) or [(NEVER, 0.0, 0)]
    table = np.array(entries, dtype=float)
    _, lost = runs_out(
        np.concatenate([[0.0], np.cumsum(need)])[None, :],
        np.ones((1, 1)),
        table[None, :, 1],
        table[:, None, None, 2].astype(np.int32),
        table[None, :, 0].astype(np.int32),
    )
    kept = [x for x in coming if x.expiry is None or x.expiry >= x.eta]
    plain = walk(shelf, kept, need, START)
    if plain.short_on is not None:
        assert abs(lost[0, 0] - plain.lost) < 1e-6


@given(lots, deliveries, needs, quantities, st.none() | later)
def test_more_stock_never_shortens_cover(
    shelf: list[Lot], coming: list[Delivery], need: list[float], more: float, expiry: dt.date | None
) -> None:
    before = first_short_day(shelf, coming, need)
    assert first_short_day([*shelf, Lot(more, expiry)], coming, need) >= before


@given(lots, st.builds(Delivery, quantities, later), needs, st.integers(0, 60))
def test_a_later_delivery_never_lengthens_cover(
    shelf: list[Lot], delivery: Delivery, need: list[float], days: int
) -> None:
    late = Delivery(delivery.quantity, delivery.eta + dt.timedelta(days), delivery.expiry)
    assert first_short_day(shelf, [late], need) <= first_short_day(shelf, [delivery], need)


@given(lots, deliveries, needs, st.floats(0, 1))
def test_splitting_a_lot_changes_nothing(
    shelf: list[Lot], coming: list[Delivery], need: list[float], share: float
) -> None:
    whole = [*shelf, Lot(100, START + dt.timedelta(90))]
    split = [
        *shelf,
        Lot(100 * share, START + dt.timedelta(90)),
        Lot(100 - 100 * share, START + dt.timedelta(90)),
    ]
    assert abs(first_short_day(whole, coming, need) - first_short_day(split, coming, need)) <= 1


@given(lots, deliveries, needs, st.floats(0, 1))
def test_held_outflow_never_lasts_shorter_than_free_outflow(
    shelf: list[Lot], coming: list[Delivery], need: list[float], held: float
) -> None:
    free = first_short_day(shelf, coming, need)
    assert first_short_day(shelf, coming, [rate * (1 - held) for rate in need]) >= free


def test_a_shelf_with_nothing_is_short_on_the_first_day() -> None:
    assert first_short_day([], [], [1.0] * DAYS) == 0


def test_a_lot_can_be_used_on_its_last_day_and_not_after() -> None:
    assert first_short_day([Lot(100, START + dt.timedelta(4))], [], [1.0] * DAYS) == 5


def test_a_delivery_can_be_used_on_the_day_it_comes() -> None:
    shelf, coming = [Lot(10)], [Delivery(10, START + dt.timedelta(10))]
    assert first_short_day(shelf, coming, [1.0] * DAYS) == 20
    assert first_short_day(shelf, [Delivery(10, START + dt.timedelta(11))], [1.0] * DAYS) == 10
