"""A stock's expected course, day by day, for a chart: what is likely, and what it may be at worst and at best."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from bot.stock.cover import StockLine, draw_on
from bot.stock.demand import Demand
from bot.stock.forecast import Floats
from bot.stock.shelf import NEVER, Delivery
from bot.stock.simulate import SCENARIOS, days_of_use, evenly_spread, scale_at

ABOUT_NINETY_DAYS = 90  # the horizon at which use is spread where the stock outlasts the chart


@dataclass(frozen=True, slots=True)
class Projection:
    """Stock at the end of each of `days`, in the line's unit, in the scenarios that the cover is reckoned from.

    `expected` reaches nothing on the day that is told (`Demand.told_at`). Nine in ten hold no less than `lowest`,
    one in ten no less than `highest`. `deliveries` are those that have not come.
    """

    days: tuple[dt.date, ...]
    expected: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    deliveries: tuple[Delivery, ...]


def projection(line: StockLine, *, as_of: dt.date, days: int = 180, demand: Demand | None = None) -> Projection | None:
    """The line's course from `as_of`; `None` where its stock or its use is not known.

    `demand` is what empties the line instead of what its own history leads to expect.
    """
    demand = demand or draw_on(line, as_of)
    if demand is None or line.counted_on is None or line.counted_on > as_of:
        return None
    elapsed = (as_of - line.counted_on).days
    use = days_of_use(demand, line.counted_on, as_of, elapsed + days)
    coming = tuple(item for item in line.deliveries if item.eta > line.counted_on)
    stock = _stock(line, line.counted_on, coming, demand, use)[elapsed:]
    stock.sort(axis=1)

    def course(share: float) -> tuple[float, ...]:
        return tuple(stock[:, int(share * SCENARIOS)].tolist())

    return Projection(
        days=tuple(as_of + dt.timedelta(day) for day in range(days)),
        expected=course(demand.told_at),
        lowest=course(0.1),
        highest=course(0.9),
        deliveries=coming,
    )


def _stock(
    line: StockLine, counted_on: dt.date, coming: tuple[Delivery, ...], demand: Demand, use: list[float]
) -> Floats:
    """Stock at the end of each day from `counted_on` in each scenario (days, scenarios), first expired first out."""
    entries = [(_day(lot.expiry, counted_on), lot.quantity, 0, -1) for lot in line.lots]
    entries += [
        (_day(item.expiry, counted_on), item.quantity, (item.eta - counted_on).days, -1 if item.confirmed else place)
        for place, item in enumerate(coming)
    ]
    if not entries:
        return np.zeros((len(use), SCENARIOS))
    through, quantity, promised, place_of = (np.array(column) for column in zip(*sorted(entries), strict=True))
    left = np.repeat(quantity[None, :].astype(float), SCENARIOS, axis=0)
    _, late = evenly_spread(SCENARIOS, len(coming))
    arrives = promised + late[place_of].T
    total = np.cumsum(use)
    lasts = int(np.searchsorted(total, quantity.sum()))
    spread_at = lasts if lasts < len(use) else ABOUT_NINETY_DAYS
    scale = np.array([scale_at(demand, (place + 0.5) / SCENARIOS, spread_at) for place in range(SCENARIOS)])
    stock = np.zeros((len(use), SCENARIOS))
    for day, wanted in enumerate(use):
        there = np.where((arrives <= day) & (through >= day), left, 0.0)
        before = np.cumsum(there, axis=1) - there
        taken = np.clip(wanted * scale[:, None] - before, 0.0, there)
        left -= taken
        stock[day] = (there - taken).sum(axis=1)
    return stock


def _day(expiry: dt.date | None, counted_on: dt.date) -> int:
    return NEVER if expiry is None else (expiry - counted_on).days
