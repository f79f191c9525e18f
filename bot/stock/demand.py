"""How much is drawn a day: the level of past use, and how sure it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.stock.pools import DemandBase

HISTORY_MONTHS = 48


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
    """Expected use in units a day.

    `spread` is the standard deviation of the logarithm of (real use ÷ expected use) over the coming three
    months; `first` and `last` bound the window it rests on, `months` counts the months with figures in it.
    """

    daily: float
    spread: float
    first: dt.date
    last: dt.date
    months: int


def monthly_rates(uses: Sequence[Use], until: dt.date, months: int = HISTORY_MONTHS) -> NDArray[np.float64]:
    """Units a day in each of the last `months` calendar months, oldest first.

    The last one is that of `until`.

    A period's quantity is spread evenly over its days; days from `until` on are cut off, so a period that
    is not over is use to date. Months without figures, or without stock, are NaN; a month of net returns is
    0.
    """
    newest = until.year * 12 + until.month - 1
    quantity = np.zeros(months)
    days = np.zeros(months)
    yesterday = until - dt.timedelta(1)
    for use in uses:
        last = min(use.last, yesterday)
        if use.without_stock or last < use.first:
            continue
        rate = use.quantity / ((last - use.first).days + 1)
        first = use.first
        while first <= last:
            following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
            end = min(last, following - dt.timedelta(1))
            place = months - 1 - (newest - (first.year * 12 + first.month - 1))
            if place >= 0:
                covered = (end - first).days + 1
                quantity[place] += rate * covered
                days[place] += covered
            first = following
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(days > 0, np.maximum(quantity, 0.0) / days, np.nan)


def expected_demand(uses: Sequence[Use], as_of: dt.date) -> Demand | None:
    """A robust mean of the last twelve months with figures; `None` without any use before `as_of`.

    One-off peaks are damped: what lies above the median by more than 2.5 robust standard deviations (median
    absolute deviation × 1.4826) counts as that much.
    """
    known = [use for use in uses if use.first < as_of and not use.without_stock]
    rates = monthly_rates(known, as_of)
    recent = rates[~np.isnan(rates)][-12:]
    if not len(recent) or recent.max() <= 0:
        return None
    level = recent
    if len(recent) >= 4:
        middle = float(np.median(recent))
        width = 1.4826 * float(np.median(np.abs(recent - middle)))
        level = np.minimum(recent, middle + 2.5 * width) if width > 0 else recent
    daily = float(level.mean())
    variation = float(recent.std()) / daily if len(recent) > 1 else 1.0
    spread = float(np.sqrt(0.12**2 + min(variation, 1.5) ** 2 / 3))
    return Demand(
        daily=daily,
        spread=spread,
        first=min(use.first for use in known),
        last=min(max(use.last for use in known), as_of - dt.timedelta(1)),
        months=len(recent),
    )
