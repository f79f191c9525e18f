"""Alerts day by day.

Stock-outs told at least 14 days ahead against false alerts, beside stock ÷ 12-month mean.

Every usable series is a pool that is filled up each Monday except during outages (`plans.py`). Both rules
see the stock at the end of each day until yesterday and the use of months that have ended.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from bench.cover import AHEAD, HISTORY, MOST_DAYS, read_series, shared_plans
from bot.stock.alert_rule import RECOVERS_AT, AlertChange, AlertMemory, step
from bot.stock.cover import Band, Cover
from bot.stock.forecast import forecast
from bot.stock.pools import DemandBase

Floats = np.ndarray[Any, np.dtype[np.float64]]

LIMITS = (15, 16, 18, 20, 22, 25, 28, 32, 36, 40)
OUR_LIMITS = tuple(np.arange(12, 45, 1.0).tolist())
EARLY = 14  # days
FIRST_MONTH = 36


@dataclass
class PoolDays:
    """One series as a pool.

    The stock at the end of each judged day and the one before, and days of cover told.
    """

    start: dt.date
    stock: Floats  # one longer than the others: it begins with the day before the first
    plain: Floats
    ours: Floats

    @property
    def runs_out(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        return (self.stock[1:] <= 1e-9) & (self.stock[:-1] > 1e-9)


def pools_of(name: str, plans: ModuleType) -> list[PoolDays]:
    """Every usable series, from its thirty-seventh month on."""
    first, series = read_series(name)
    months = max(map(len, series.values()))
    wanted = {k: v for k, v in series.items() if any(plans.usable(v, i) for i in plans.origins(months))}
    lengths = [(plans.month(first, i + 1) - plans.month(first, i)).days for i in range(months + AHEAD)]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    judged = range(FIRST_MONTH, months)
    pools = []
    for key, values in wanted.items():
        stock = np.array(plans.shelf_life_of_a_pool(key, plans.daily(values, first, 0)))
        padded = np.concatenate([np.full(HISTORY, np.nan), np.array(values) / lengths[:months]])
        told = forecast(np.stack([padded[i : i + HISTORY] for i in judged]), AHEAD).rates
        plain, ours = [], []
        for rates, i in zip(told, judged, strict=True):
            left = stock[starts[i] - 1 : starts[i + 1] - 1]
            mean = max(sum(values[i - 12 : i]) / 12 / 30.44, 1e-9)
            days = starts[i : i + AHEAD + 1] - starts[i]
            need = np.concatenate([[0.0], np.cumsum(rates * lengths[i : i + AHEAD])])
            today = np.arange(lengths[i])
            used = np.interp(today, days, need)
            lasts = np.interp(used + left, need, days) - today
            plain.append(np.minimum(left / mean, MOST_DAYS))
            ours.append(np.where(used + left < need[-1], lasts, MOST_DAYS))
        begin = int(starts[FIRST_MONTH])
        pools.append(
            PoolDays(plans.month(first, FIRST_MONTH), stock[begin - 1 :], np.concatenate(plain), np.concatenate(ours))
        )
    return pools


@dataclass
class Told:
    """What a rule did under one limit, all pools together."""

    raised: int = 0
    false: int = 0
    outs: int = 0
    in_time: int = 0

    @property
    def false_share(self) -> float:
        return self.false / max(self.raised, 1)

    @property
    def missed(self) -> float:
        return 1 - self.in_time / max(self.outs, 1)


def follow(pools: Sequence[PoolDays], days_of: Callable[[PoolDays], Floats], limit: float, recovers: float) -> Told:
    """An alert is false when it closes without a stock-out in it.

    A stock-out is told in time 14 days before it.
    """
    told = Told()
    for pool in pools:
        days, out = days_of(pool), pool.runs_out
        low, well = days < limit, days >= limit * recovers
        since, hit = -1, False
        for day in np.flatnonzero(low | well | out).tolist():
            if since < 0 and low[day]:
                since, hit = day, False
                told.raised += 1
            if out[day]:
                told.outs += 1
                told.in_time += since >= 0 and day - since >= EARLY
                hit = hit or since >= 0
            if since >= 0 and well[day]:
                since = -1
                told.false += not hit
        if since >= 0 and not hit:  # still open when the series ends: nobody knows
            told.raised -= 1
    return told


def show_curve(name: str, pools: Sequence[PoolDays]) -> None:
    plain = [follow(pools, lambda pool: pool.plain, limit, 1.0) for limit in LIMITS]
    ours = sorted(
        (follow(pools, lambda pool: pool.ours, limit, RECOVERS_AT) for limit in OUR_LIMITS),
        key=lambda told: told.false_share,
    )
    shares, missed = [told.false_share for told in ours], [told.missed for told in ours]
    print(f"\n{name}: {len(pools)} pools, {plain[0].outs} stock-outs. Limit of the plain rule, its share of false")
    print("  alerts, what it misses, what ours misses at the same share of false alerts, and their ratio (aim ≤ 0.7)")
    ratios = []
    for limit, told in zip(LIMITS, plain, strict=True):
        at_same = float(np.interp(told.false_share, shares, missed))
        within = shares[0] <= told.false_share <= shares[-1]
        ratios += [at_same / told.missed] if within and told.missed > 0 else []
        mark = "" if within else "  (outside our curve)"
        print(
            f"  {limit:3}  {told.false_share:6.1%}  {told.missed:6.1%}  {at_same:6.1%}"
            f"  {at_same / told.missed:5.2f}{mark}"
        )
    print(f"  mean ratio {np.mean(ratios):.2f}, worst {max(ratios):.2f}")


def cover_of(days: float, today: dt.date, limit: float) -> Cover:
    whole = int(days)
    return Cover(
        as_of=today, on_hand=days, unit="", counted_on=today, daily_demand=1.0, demand_base=DemandBase.MARKET,
        incoming=0.0, days_of_cover=whole, p10=whole, p90=whole, stockout_date=today + dt.timedelta(whole),
        earliest_stockout=None, band=Band.EMPTY if whole <= 0 else Band.TIGHT, stale=False, threshold_days=limit,
    )  # fmt: skip


def show_messages(name: str, pools: Sequence[PoolDays], limit: float) -> None:
    """The state machine itself, day by day: how much it says."""
    said: Counter[AlertChange] = Counter()
    told_near_outs = outs = too_close = 0
    for pool in pools:
        memory: AlertMemory | None = None
        last: int | None = None
        raised: list[int] = []
        for day in np.flatnonzero((pool.ours < limit * 2) | pool.runs_out).tolist():
            today = pool.start + dt.timedelta(day)
            now = dt.datetime(today.year, today.month, today.day, 7, tzinfo=dt.UTC)
            done = step(memory, cover_of(float(pool.ours[day]), today, limit), limit, now)
            memory = done.memory
            if done.tells:
                said[done.change] += 1
                if done.change is AlertChange.UPDATE and last is not None and day - last < 7:
                    too_close += 1
                if done.change is AlertChange.RAISE:
                    raised.append(day)
                last = day
        for out in np.flatnonzero(pool.runs_out).tolist():
            outs += 1
            told_near_outs += sum(out - 60 <= day <= out for day in raised)
    print(f"  {name}, limit {limit} days: {dict(sorted((k.value, v) for k, v in said.items()))}")
    print(
        f"  alerts raised in the 60 days before a stock-out: {told_near_outs / max(outs, 1):.2f} each (aim ≤ 1.3);"
        f" said twice within 7 days without a change of level: {too_close} (aim 0)"
    )


def run() -> None:
    """Print the curve over the limit and what the state machine says.

    Say so where the shared folder is missing.
    """
    plans = shared_plans()
    if plans is None:
        return
    for name in ("hospitals", "PBS"):
        pools = pools_of(name, plans)
        show_curve(name, pools)
        show_messages(name, pools, 20)


if __name__ == "__main__":
    run()
