"""What happens on the shelf: first expired first out, with lots that expire and deliveries that arrive.

`runs_out` computes many shelves in many scenarios at once, from event to event; `walk` takes one shelf day
by day, for charts and for what is lost to expiry. Both count days from the day of the stock count, which is
day 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEVER = 10**6  # a day number beyond every horizon
SLACK = 1e-9  # quantities smaller than this are rounding


@dataclass(frozen=True, slots=True)
class Lot:
    """Units on the shelf, usable up to and including `expiry` (`None`.

    Not stated, taken as beyond the horizon).
    """

    quantity: float
    expiry: dt.date | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Units promised for `eta`. `confirmed`: the day is certain, so no chance of delay is reckoned with."""

    quantity: float
    eta: dt.date
    expiry: dt.date | None = None
    confirmed: bool = False


def runs_out(
    quantity: Floats,
    arrives: Floats,
    usable_through: Floats,
    need_before: Callable[[Floats], Floats],
    day_of_need: Callable[[Floats], Floats],
) -> Floats:
    """The day, with a fraction, on which each shelf can no longer meet its need.

    Its floor is the first short day.

    The last axis of `quantity` (units), `arrives` (first day on the shelf, 0 for what was counted) and
    `usable_through` (last usable day) is the lots of one shelf *sorted by `usable_through`*; the axes
    before it are shelves and scenarios and are broadcast. `need_before(day)` is the need of all days before
    `day`, and `day_of_need` its inverse; both work on arrays shaped like the leading axes.

    From one arrival to the next everything on the shelf is known, so first expired first out is one pass
    over the lots in order of expiry: what the first k lots have given by the end of lot k is the smaller of
    what they hold and the need until then.
    """
    shape = np.broadcast_shapes(quantity.shape, arrives.shape, usable_through.shape)
    lots = shape[-1]
    left = [np.broadcast_to(quantity[..., k], shape[:-1]).astype(np.float64) for k in range(lots)]
    arrival = [np.broadcast_to(arrives[..., k], shape[:-1]) for k in range(lots)]
    need_to_end = [
        need_before(np.broadcast_to(usable_through[..., k], shape[:-1]) + 1.0) for k in range(lots)
    ]
    steps = np.sort(np.broadcast_to(arrives, shape), axis=-1)
    moving = [k for k in range(lots) if bool((steps[..., k] > 0).any())]
    begin = np.zeros(shape[:-1])
    met = np.zeros(shape[:-1])  # need met so far
    out = np.full(shape[:-1], np.inf)
    for k in [*moving, -1]:
        end = steps[..., k] if k >= 0 else np.full(shape[:-1], float(NEVER))
        need_end = need_before(end)
        given = np.zeros(shape[:-1])
        for i in range(lots):
            here = np.where(arrival[i] <= begin, left[i], 0.0)
            most = np.maximum(given, np.minimum(need_to_end[i], need_end) - met)
            now = np.minimum(given + here, most)
            left[i] -= now - given
            given = now
        short = met + given < need_end - SLACK * (1.0 + need_end)
        first = short & np.isinf(out)
        if first.any():
            out = np.where(first, day_of_need(met + given), out)
        begin, met = end, need_end
    return out


@dataclass(frozen=True, slots=True)
class Walk:
    """One shelf day by day.

    Stock at the end of each day, the first short day, and units lost to expiry until then.
    """

    stock: tuple[float, ...]
    short_on: int | None
    lost: float


def walk(lots: Sequence[Lot], deliveries: Sequence[Delivery], need: Sequence[float], start: dt.date) -> Walk:
    """Day by day from `start`, one entry of `need` (units) a day.

    Slow and plain; deliveries come on their day.
    """
    never = dt.date.max
    shelf = [lot if lot.expiry else Lot(lot.quantity, never) for lot in lots]
    coming = sorted(deliveries, key=lambda delivery: delivery.eta)
    stock: list[float] = []
    short_on: int | None = None
    lost = 0.0
    for day, wanted in enumerate(need):
        today = start + dt.timedelta(day)
        while coming and coming[0].eta <= today:
            arrived = coming.pop(0)
            shelf.append(Lot(arrived.quantity, arrived.expiry or never))
        if short_on is None:
            lost += sum(lot.quantity for lot in shelf if (lot.expiry or never) < today)
        fresh = sorted((lot.expiry or never, lot.quantity) for lot in shelf if (lot.expiry or never) >= today)
        shelf = []
        missing = wanted
        for expiry, quantity in fresh:
            taken = min(quantity, missing)
            missing -= taken
            if quantity - taken > SLACK:
                shelf.append(Lot(quantity - taken, expiry))
        if missing > SLACK and short_on is None:
            short_on = day
        stock.append(sum(lot.quantity for lot in shelf))
    return Walk(tuple(stock), short_on, lost)
