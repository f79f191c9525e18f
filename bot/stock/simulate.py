"""How many days a stock lasts in many scenarios of demand and delay, for many stocks at once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bot.stock.demand import DAYS_A_MONTH, Demand
from bot.stock.forecast import Floats
from bot.stock.shelf import NEVER, Days, Delivery, Lot, day_after, need_met, runs_out

HORIZON_DAYS = 3 * 365  # beyond this we say «mer enn tre år», not a number
SCENARIOS = 200
BLOCK = 10_000  # shelves × scenarios computed together: what stays in a processor's cache

# A promised date is kept in seven deliveries of ten; the others come 10-60 days late. A working assumption
# until a supplier's own record is known; a confirmed delivery is taken at its word.
LATE_SHARE = 0.3
LATE_DAYS = (10.0, 60.0)

# How real use spreads around the expected, in units of the line's own past errors: a little narrower than
# the normal curve in the middle and wider in the tails. Fitted to ten Danish hospitals' antibiotics
# 2015-2021.
MIDDLE, TAILS = 0.92, 0.09
NARROWEST, WIDEST = 0.01, 1.0  # bounds of a line's spread


@dataclass(frozen=True, slots=True)
class Shelf:
    """One stock from the day of its count: what lay there, what is coming, and what is drawn.

    `demand` begins in the month of `as_of`; days before that month are taken to have been drawn at its rate.
    `expiry_margin_days` is how long before its expiry a pack is no longer given out.
    """

    lots: Sequence[Lot]
    deliveries: Sequence[Delivery]
    demand: Demand
    counted_on: dt.date
    as_of: dt.date
    expiry_margin_days: int = 0


def first_short_days(shelves: Sequence[Shelf], scenarios: int = SCENARIOS) -> tuple[Days, Floats]:
    """For each shelf its first short day after the count in each scenario, and the units it loses to
    expiry.

    The days are (shelves, scenarios), soonest first; beyond the horizon they are `HORIZON_DAYS` or more.
    The loss (shelves) is that of the expected use with deliveries in time.
    """
    days = np.zeros((len(shelves), scenarios), dtype=np.int32)
    lost = np.zeros(len(shelves))
    for places in _blocks(shelves, max(1, BLOCK // scenarios)):
        days[places], lost[places] = _simulated([shelves[place] for place in places], scenarios)
    return days, lost


def _blocks(shelves: Sequence[Shelf], size: int) -> Iterator[list[int]]:
    """Places of shelves that are alike in deliveries and lots, `size` at a time."""
    alike = sorted(range(len(shelves)), key=lambda i: (len(shelves[i].deliveries), len(shelves[i].lots)))
    for start in range(0, len(alike), size):
        yield alike[start : start + size]


def _simulated(shelves: Sequence[Shelf], scenarios: int) -> tuple[Days, Floats]:
    most = max(1, max(len(shelf.lots) + len(shelf.deliveries) for shelf in shelves))
    quantity = np.zeros((len(shelves), most))
    through = np.full((len(shelves), most), NEVER)
    promised = np.zeros((len(shelves), most), dtype=np.int32)
    place_of = np.full((len(shelves), most), -1)  # which delivery of the line; -1 for what was counted or confirmed
    for row, shelf in enumerate(shelves):
        margin = shelf.expiry_margin_days
        entries = [(_day(lot.expiry, shelf) - margin, lot.quantity, 0, -1) for lot in shelf.lots]
        entries += [
            (_day(item.expiry, shelf) - margin, item.quantity, _day(item.eta, shelf), -1 if item.confirmed else place)
            for place, item in enumerate(shelf.deliveries)
        ]
        entries.sort()
        for column, (expiry, amount, comes, place) in enumerate(entries):
            through[row, column], quantity[row, column] = expiry, amount
            promised[row, column], place_of[row, column] = comes, place
    span = HORIZON_DAYS + max((shelf.as_of - shelf.counted_on).days for shelf in shelves)
    need = _need(shelves, span)
    middle, lost = runs_out(need, np.ones((len(shelves), 1)), quantity, promised.T[:, :, None], through)
    normal, late = evenly_spread(scenarios, int(place_of.max()) + 1)
    spread = [_spread_at(shelf.demand, day) for shelf, day in zip(shelves, middle[:, 0].tolist(), strict=True)]
    scale = np.exp(np.array(spread)[:, None] * normal)
    met, _ = need_met(need, scale, quantity, promised.T[:, :, None] + late[place_of.T], through)
    met.sort(axis=1)
    return np.minimum(day_after(need, met), HORIZON_DAYS + 10_000), lost[:, 0]


def _day(date: dt.date | None, shelf: Shelf) -> int:
    return NEVER if date is None else (date - shelf.counted_on).days


def _need(shelves: Sequence[Shelf], span: int) -> Floats:
    """Need of all days before each of `span` days and after them, by the demand's month: (shelves, span +
    1).
    """
    rates = np.array([shelf.demand.rates for shelf in shelves])
    months = np.stack([_months(shelf.counted_on, shelf.as_of, rates.shape[1], span) for shelf in shelves])
    need = np.zeros((len(shelves), span + 1))
    np.cumsum(np.take_along_axis(rates, months, axis=1), axis=1, out=need[:, 1:])
    return need


@lru_cache(maxsize=512)
def _months(start: dt.date, as_of: dt.date, known: int, span: int) -> NDArray[np.int64]:
    """For each of `span` days from `start`, which of the `known` months from `as_of`'s it is drawn at.

    After those the last twelve go round.
    """
    first = np.datetime64(start)
    days = np.arange(first, first + span).astype("datetime64[M]").astype(np.int64)
    month = np.maximum(days - int(np.datetime64(as_of, "M").astype(np.int64)), 0)
    year = min(12, known)
    return np.asarray(np.where(month < known, month, known - year + (month - known) % year))


def days_of_use(demand: Demand, start: dt.date, as_of: dt.date, days: int) -> list[float]:
    """Expected units on each of `days` days from `start`; `demand` begins in the month of `as_of`."""
    return [demand.rates[month] for month in _months(start, as_of, len(demand.rates), days).tolist()]


def scale_at(demand: Demand, chance: float, day: int = 90) -> float:
    """Real ÷ expected use over `day` days that is not exceeded with `chance` (0-1, ends excluded)."""
    return math.exp(_spread_at(demand, day) * _standardised(NormalDist().inv_cdf(chance)))


def _standardised(normal: float) -> float:
    return normal * (MIDDLE + TAILS * normal**2)


def _spread_at(demand: Demand, day: int) -> float:
    """The demand's spread at a horizon of `day` days, between its spreads at one, three and six months."""
    months = min(max(day / DAYS_A_MONTH, 1.0), 6.0)
    one, three, six = demand.spread
    share = math.log(months) / math.log(3) if months <= 3 else math.log(months / 3) / math.log(2)
    value = one + (three - one) * share if months <= 3 else three + (six - three) * share
    return min(max(value, NARROWEST), WIDEST)


@lru_cache(maxsize=64)
def evenly_spread(scenarios: int, deliveries: int) -> tuple[Floats, Days]:
    """Evenly spread scenarios: standardised use (scenarios), and days of delay (deliveries + 1, scenarios).

    A Kronecker sequence instead of chance: the same stock gives the same answer every time, and a larger
    one is compared in the same scenarios. The last row of delays is of what comes when it is said to.
    """
    standardised = [_standardised(NormalDist().inv_cdf((i + 0.5) / scenarios)) for i in range(scenarios)]
    roots = np.sqrt(np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0]))
    share = np.modf(np.arange(1, scenarios + 1) * roots[np.arange(deliveries) % len(roots), None])[0]
    beyond = np.clip((share - (1 - LATE_SHARE)) / LATE_SHARE, 0, 1)
    late = np.where(share < 1 - LATE_SHARE, 0.0, LATE_DAYS[0] + beyond * (LATE_DAYS[1] - LATE_DAYS[0]))
    in_time = np.zeros((1, scenarios))
    return np.array(standardised), np.rint(np.concatenate([late, in_time])).astype(np.int32)
