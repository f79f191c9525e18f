"""What happens on the shelf: first expired first out, with lots that expire and deliveries that arrive.

`runs_out` computes many shelves in many scenarios at once, from event to event; `walk` takes one shelf day
by day, for charts and for what is lost to expiry. Both count days from the day of the stock count, which is
day 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
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
    need: Floats, scale: Floats, quantity: Floats, arrives: Floats, usable_through: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """The first day on which each shelf cannot meet the day's need in full, in each scenario, and what it
    loses.

    Two arrays of (shelves, scenarios): the day, and the units that expire unused before it.

    `need` (shelves, days + 1) is the need of all days before each day, so `need[:, 0]` is 0; beyond its
    last day the answer is `NEVER`. `scale` (shelves, scenarios) multiplies it. `quantity` and
    `usable_through` (shelves, lots) are units and the last usable day, *sorted by the latter*; `arrives`
    (shelves, scenarios, lots) is the first day on the shelf, 0 or less for what was counted.

    From one arrival to the next everything on the shelf is known, so first expired first out is one pass
    over the lots in order of expiry: what the first k lots have given by the end of lot k is the smaller of
    what they hold and the need until then.
    """
    shelves, days = need.shape[0], need.shape[1] - 1
    scenarios, lots = scale.shape[1], quantity.shape[1]
    row = np.arange(shelves)
    last_day = np.clip(usable_through.astype(np.int64) + 1, 0, days)
    need_to_end = np.take_along_axis(need, last_day, axis=1)
    comes = np.clip(arrives, 0, days + 1).astype(np.int64)
    moving = np.flatnonzero((comes > 0).any(axis=(0, 1)))
    steps = np.sort(comes[:, :, moving], axis=2)
    left = [quantity[:, k, None] / scale for k in range(lots)]  # in units of the unscaled need
    begin = np.zeros((shelves, scenarios), dtype=np.int64)
    met = np.zeros((shelves, scenarios))
    found = np.full((shelves, scenarios), np.inf)
    for stage in range(len(moving) + 1):
        end = np.minimum(steps[:, :, stage], days) if stage < len(moving) else np.full_like(begin, days)
        need_end = need[row[:, None], end]
        given: Floats = np.zeros((shelves, scenarios))
        for k in range(lots):
            now = given + (left[k] * (comes[:, :, k] <= begin) if k in moving else left[k])
            most = np.minimum(need_to_end[:, k, None], need_end)
            most -= met
            np.minimum(now, most, out=now)
            np.maximum(now, given, out=now)
            left[k] += given
            left[k] -= now
            given = now
        short = met + given < need_end * (1 - SLACK) - SLACK
        found = np.where(short & np.isinf(found), met + given, found)
        begin, met = end, need_end
    # All rows searched at once: each is brought to 0-1 and set after the one before it.
    top = np.maximum(need[:, -1:], SLACK)
    line = (need / top + 2.0 * row[:, None]).ravel()
    sought = np.minimum(found, top) / top * (1 + SLACK) + SLACK + 2.0 * row[:, None]
    day = np.searchsorted(line, sought.ravel(), side="right").reshape(shelves, scenarios) - 1
    day = np.where(np.isinf(found), NEVER, day - row[:, None] * (days + 1))
    lost = sum(
        (left[k] * (usable_through[:, k, None] < np.minimum(day, days)) for k in range(lots)), start=np.zeros_like(met)
    )
    return day, lost * scale


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
