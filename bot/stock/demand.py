"""How much is drawn a day: the level of past use, and how sure it is."""

from __future__ import annotations

import datetime as dt
import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from bot.stock.forecast import Floats, forecast
from bot.stock.pools import DemandBase

HISTORY_MONTHS = 60
MONTHS_AHEAD = 14  # after these the last twelve months' pattern goes on
UNKNOWN_SPREAD = np.array([0.35, 0.3, 0.3])  # hospital lines' usual, where a history is too short to tell

TOLD_AT, TOLD_AFTER_A_PEAK_AT = 0.41, 0.475
"""The share of scenarios in which a stock is out by the day that people are told.

A day told too late costs more than one told too early, so it leans to the early side where a line's own past errors say
how far that is; less while a peak that is over still makes the line look wilder than it is.
"""

DAYS_A_MONTH = 30.44

_DAY = dt.timedelta(1)


@dataclass(frozen=True, slots=True)
class Use:
    """A quantity drawn from `first` to `last`, both included. Negative quantities are corrections.

    `base` says whose use it is; `None` is what was drawn from this very pool, whoever drew it.
    `without_stock` marks a period when nothing could be had: no supply is not low demand, so it is left
    out.
    """

    first: dt.date
    last: dt.date
    quantity: float
    base: DemandBase | None = None
    without_stock: bool = False

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period that ends {self.last} cannot begin {self.first}")


@dataclass(frozen=True, slots=True)
class Demand:
    """Expected use in units a day: `rates[0]` in the month we are in, `rates[1]` in the next, and so on.

    `spread` holds the standard deviation of real ÷ expected use over the next 1, 3 and 6 months. `first` and
    `last` bound the figures it rests on, `months` counts them. `calm` is `rates` as if a peak that is still
    running (hoarding?) had not been, `None` where there is none; `hoarded` the units drawn above it so far.
    `damped` are the first days of late months whose use was a peak that is over, and not expected again.
    `measured`: the spread is the line's own, not what is usual where a history is short or somebody gave a figure.
    """

    rates: tuple[float, ...]
    spread: tuple[float, float, float]
    first: dt.date
    last: dt.date
    months: int
    calm: tuple[float, ...] | None = None
    hoarded: float = 0.0
    damped: tuple[dt.date, ...] = ()
    measured: bool = False

    @property
    def told_at(self) -> float:
        """The share of scenarios (0-1) that are out by the day that is told; half where its errors are not known."""
        if not self.measured:
            return 0.5
        return TOLD_AFTER_A_PEAK_AT if self.damped else TOLD_AT

    @property
    def daily(self) -> float:
        """The mean of the next three months, units a day."""
        return math.fsum(self.rates[:3]) / len(self.rates[:3])

    def times(self, factor: float, since: dt.date | None = None, as_of: dt.date | None = None) -> Demand:
        """The same demand with every rate multiplied, from `since` on if that is given.

        `as_of` is a day in the month of `rates[0]`; the month that `since` falls in is changed by its share
        of days.
        """
        shares = [1.0] * len(self.rates)
        if since is not None and as_of is not None:
            shares = [_share_after(since, as_of, month) for month in range(len(self.rates))]
        factors = [1 + share * (factor - 1) for share in shares]
        return replace(
            self,
            rates=tuple(rate * by for rate, by in zip(self.rates, factors, strict=True)),
            calm=None if self.calm is None else tuple(rate * by for rate, by in zip(self.calm, factors, strict=True)),
        )

    def paid_back(self, share: float = 0.5, months: int = 3) -> Demand:
        """The use if the peak is hoarding and ends now.

        Calm, and less while people use up what they took home.

        `share` (0-1) of what was hoarded is used instead of new packs, evenly over `months`. Where no peak
        is running the demand is as it was. A working assumption, not an estimate.
        """
        if self.calm is None:
            return self
        less = self.hoarded * share / (months * DAYS_A_MONTH)
        rates = tuple(max(rate - less, 0.0) if month < months else rate for month, rate in enumerate(self.calm))
        return replace(self, rates=rates, calm=None, hoarded=0.0)

    def plus(self, daily: float) -> Demand:
        """The same demand with `daily` units more every day."""
        return replace(
            self,
            rates=tuple(rate + daily for rate in self.rates),
            calm=None if self.calm is None else tuple(rate + daily for rate in self.calm),
        )


def _first_of_month(day: dt.date, later: int) -> dt.date:
    """The first day of the month `later` months after that of `day`."""
    place = day.year * 12 + day.month - 1 + later
    return dt.date(place // 12, place % 12 + 1, 1)


def _share_after(since: dt.date, as_of: dt.date, month: int) -> float:
    """The share of the days of the `month`-th month after that of `as_of` that lie on or after `since`."""
    first, following = _first_of_month(as_of, month), _first_of_month(as_of, month + 1)
    return min(max((following - since).days, 0) / (following - first).days, 1.0)


def steady(daily: float, spread: float, as_of: dt.date) -> Demand:
    """A figure that somebody gave: the same in every month, with `spread` as its standard deviation."""
    return Demand((daily,) * MONTHS_AHEAD, (spread, spread, spread), as_of, as_of, 0)


def together(demands: Sequence[Demand]) -> Demand:
    """The sum of `demands`, at least one.

    They are taken to err together, so their spreads are averaged by size.
    """
    total = math.fsum(demand.daily for demand in demands) or 1.0
    spread = [math.fsum(d.spread[i] * d.daily for d in demands) / total for i in range(3)]
    calm = None
    if any(demand.calm for demand in demands):
        calm = tuple(math.fsum(month) for month in zip(*(d.calm or d.rates for d in demands), strict=True))
    return Demand(
        rates=tuple(math.fsum(month) for month in zip(*(d.rates for d in demands), strict=True)),
        spread=(spread[0], spread[1], spread[2]),
        first=min(demand.first for demand in demands),
        last=max(demand.last for demand in demands),
        months=max(demand.months for demand in demands),
        calm=calm,
        hoarded=math.fsum(demand.hoarded for demand in demands),
        damped=tuple(sorted({month for demand in demands for month in demand.damped})),
        measured=all(demand.measured for demand in demands),
    )


@lru_cache(maxsize=1024)
def _days_in(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def monthly_rates(uses: Sequence[Use], until: dt.date, months: int = HISTORY_MONTHS) -> Floats:
    """Units a day in each of the `months` calendar months before that of `until`, oldest first.

    A period's quantity is spread evenly over its days. Months without figures, or without stock, are NaN; a
    month of net returns is 0.
    """
    end = until.year * 12 + until.month - 1
    quantity = [0.0] * months
    days = [0] * months
    for use in uses:
        if use.without_stock:
            continue
        first, length = use.first, (use.last - use.first).days + 1
        place = months - end + first.year * 12 + first.month - 1
        left = length
        while left:
            covered = min(_days_in(first.year, first.month) - first.day + 1, left)
            if 0 <= place < months:
                quantity[place] += use.quantity * covered / length
                days[place] += covered
            left -= covered
            place += 1
            if left:
                first += dt.timedelta(covered)
    return np.array([max(amount, 0.0) / over if over else np.nan for amount, over in zip(quantity, days, strict=True)])


def expected_demands(histories: Sequence[Sequence[Use]], as_of: dt.date) -> list[Demand | None]:
    """What each history leads to expect from the month of `as_of` on; `None` where nothing was ever used.

    Only what was used before `as_of` counts; a period that is not over is use to date. Where no calendar
    month is over yet, the days there are give the level.
    """
    known = [_before(uses, as_of) for uses in histories]
    if not any(known):
        return [None] * len(known)
    rates = np.stack([monthly_rates(uses, as_of) for uses in known])
    for row, uses in enumerate(known):
        if uses and not np.isfinite(rates[row]).any():
            days = sum((use.last - use.first).days + 1 for use in uses)
            rates[row, -1] = max(math.fsum(use.quantity for use in uses), 0.0) / days
    ahead = forecast(rates, MONTHS_AHEAD)
    months = np.isfinite(rates).sum(axis=1)
    begins = [_first_of_month(as_of, column - rates.shape[1]) for column in range(rates.shape[1])]
    known_errors = np.isfinite(ahead.spread)
    measured = [all(row) for row in known_errors.tolist()]
    spread = np.where(known_errors, ahead.spread, UNKNOWN_SPREAD)
    demands: list[Demand | None] = []
    for row, uses in enumerate(known):
        if not uses or ahead.rates[row, :3].sum() <= 0:
            demands.append(None)
            continue
        month, three, six = spread[row].tolist()
        demands.append(
            Demand(
                rates=tuple(ahead.rates[row].tolist()),
                spread=(month, three, six),
                first=min(use.first for use in uses),
                last=max(use.last for use in uses),
                months=int(months[row]),
                calm=tuple(ahead.calm[row].tolist()) if ahead.hoarding[row] else None,
                hoarded=_above(rates[row, -2:], float(ahead.calm[row, 0])) if ahead.hoarding[row] else 0.0,
                damped=tuple(begins[column] for column in np.flatnonzero(ahead.damped[row])),
                measured=measured[row],
            )
        )
    return demands


def _above(last_two: Floats, calm: float) -> float:
    """Units drawn above `calm` units a day in the last two months."""
    return float(np.nansum(np.maximum(last_two - calm, 0.0))) * DAYS_A_MONTH


def expected_demand(uses: Sequence[Use], as_of: dt.date) -> Demand | None:
    """`expected_demands` of one history."""
    return expected_demands([uses], as_of)[0]


def _before(uses: Sequence[Use], as_of: dt.date) -> list[Use]:
    yesterday = as_of - _DAY
    return [
        use if use.last <= yesterday else replace(use, last=yesterday)
        for use in uses
        if use.first <= yesterday and not use.without_stock
    ]
