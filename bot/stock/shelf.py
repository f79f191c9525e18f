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
Days = NDArray[np.int32]

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


def runs_out(need: Floats, scale: Floats, quantity: Floats, arrives: Days, usable_through: Days) -> tuple[Days, Floats]:
    """The first day on which each shelf cannot meet the day's need in full, in each scenario, and what it
    loses.

    Two arrays of (shelves, scenarios): the day, and the units that expire unused before it. The arguments
    are those of `need_met`.
    """
    met, left = need_met(need, scale, quantity, arrives, usable_through)
    day = day_after(need, met)
    ends = np.minimum(day, need.shape[1] - 1)
    lost = np.zeros_like(met)
    for k, units in enumerate(left):
        lost += units * (usable_through[:, k, None] < ends)
    return day, lost * scale


def need_met(
    need: Floats, scale: Floats, quantity: Floats, arrives: Days, usable_through: Days
) -> tuple[Floats, list[Floats]]:
    """How much of its need each shelf meets in each scenario before it is first short, and what is then left.

    (shelves, scenarios), infinite where it is never short; and, lot by lot, as much. Both in units of the
    unscaled need.

    `need` (shelves, days + 1) is the need of all days before each day, so `need[:, 0]` is 0. `scale`
    (shelves, scenarios) multiplies it. `quantity` and `usable_through` (shelves, lots) are units and the
    last usable day, *sorted by the latter*; `arrives` (lots, shelves, scenarios) is the first day on the
    shelf, 0 or less for what was counted.

    From one arrival to the next everything on the shelf is known, so first expired first out is one pass
    over the lots in order of expiry: what has been met by the end of lot k is the smaller of what the first
    k lots hold and the need until then.
    """
    days = need.shape[1] - 1
    flat, row = need.ravel(), np.arange(len(need))[:, None] * (days + 1)
    need_to_end = flat[np.clip(usable_through.astype(np.int64) + 1, 0, days) + row]
    left = [units[:, None] / scale for units in quantity.T]
    comes = arrives.max(axis=2).max(axis=1) > 0
    steps = _arrivals(arrives[comes], days)
    begin = np.zeros((1, 1), dtype=np.int32)
    met = np.zeros(scale.shape)
    found = np.full(scale.shape, np.inf)
    for end in (*steps, None):
        need_end = need[:, -1:] if end is None else flat[end + row]
        given = met
        for k, later in enumerate(comes):
            now = left[k] * (arrives[k] <= begin) if later else left[k]
            now = now + given
            np.minimum(now, np.minimum(need_to_end[:, k, None], need_end), out=now)
            np.maximum(now, given, out=now)
            left[k] += given
            left[k] -= now
            given = now
        short = given < need_end * (1 - SLACK) - SLACK
        short &= np.isinf(found)
        np.copyto(found, given, where=short)
        if end is not None:
            begin, met = end, need_end
    return found, left


def _arrivals(arrives: Days, days: int) -> list[Days]:
    """The days on which something comes, in order: as many as the shelf with the most has; 0 where it has
    fewer."""
    if not len(arrives):
        return []
    ordered = list(np.clip(arrives, 0, days))
    most = int((arrives > 0).sum(axis=0).max())
    for settled in range(most):
        for k in range(len(ordered) - 1 - settled):
            one, other = ordered[k], ordered[k + 1]
            ordered[k], ordered[k + 1] = np.minimum(one, other), np.maximum(one, other)
    return ordered[-most:]


def day_after(need: Floats, met: Floats) -> Days:
    """The first day that `met` (shelves, scenarios; from `need_met`) does not suffice for; `NEVER` where it
    is infinite."""
    row = np.arange(len(need))[:, None]
    # All rows searched at once: each is brought to 0-1 and set after the one before it.
    top = np.maximum(need[:, -1:], SLACK)
    line = (need / top + 2.0 * row).ravel()
    sought = np.minimum(met, top)
    sought *= (1 + SLACK) / top
    sought += SLACK + 2.0 * row
    day = np.searchsorted(line, sought.ravel(), side="right").reshape(met.shape) - (1 + row * need.shape[1])
    return np.where(np.isinf(met), NEVER, day).astype(np.int32)


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
