"""A stock's expected course, day by day, for a chart.

What is likely, and what it may be at worst and at best.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.stock.cover import StockLine, draw_on
from bot.stock.shelf import Delivery, walk
from bot.stock.simulate import days_of_use, scale_at


@dataclass(frozen=True, slots=True)
class Projection:
    """Stock at the end of each of `days`, in the line's unit.

    `expected` has the deliveries in time; `lowest` the use that is exceeded one time in ten and no delivery
    that is not confirmed; `highest` the use that nine in ten exceed.
    """

    days: tuple[dt.date, ...]
    expected: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    deliveries: tuple[Delivery, ...]


def projection(line: StockLine, *, as_of: dt.date, days: int = 180) -> Projection | None:
    """The line's course from `as_of`; `None` where its stock or its use is not known."""
    demand = draw_on(line, as_of)
    if demand is None or line.counted_on is None or line.counted_on > as_of:
        return None
    elapsed = (as_of - line.counted_on).days
    use = days_of_use(demand, line.counted_on, as_of, elapsed + days)
    coming = [item for item in line.deliveries if item.eta > line.counted_on]
    sure = [item for item in coming if item.confirmed]

    def course(deliveries: Sequence[Delivery], scale: float) -> tuple[float, ...]:
        stock = walk(line.lots, deliveries, [rate * scale for rate in use], line.counted_on or as_of).stock
        return stock[elapsed:]

    return Projection(
        days=tuple(as_of + dt.timedelta(day) for day in range(days)),
        expected=course(coming, 1.0),
        lowest=course(sure, scale_at(demand, 0.9)),
        highest=course(coming, scale_at(demand, 0.1)),
        deliveries=tuple(coming),
    )
