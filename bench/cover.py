"""How far off the stock-out date is, how honest its band is, and how long it takes.

Ours beside the usual ways.

The protocol (origins, stocks, lots, deliveries, the slow oracle) is `plans.py` of the shared folder; the
series are what ten Danish hospitals bought each month (Amgros through abxaware, MIT) and Australian
prescriptions (PBS).
"""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import random
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from types import ModuleType
from typing import Any

import numpy as np

from bot.stock.cover import Delivery, Lot, StockLine, Use, covers
from bot.stock.demand import TOLD_AFTER_A_PEAK_AT, TOLD_AT, Demand
from bot.stock.forecast import forecast
from bot.stock.pools import hospital_pool
from bot.stock.shelf import walk
from bot.stock.simulate import Shelf, first_short_days

SHARED = Path(__file__).resolve().parents[2] / "shared"
HISTORY = 60  # months a forecast looks back
AHEAD = 14  # months it looks forward
LOOPED = 200  # stocks that the plain loop over the days is timed on
MOST_DAYS = 400  # the horizon: answers and truths are cut here
LEANINGS = (0.5, 0.48, 0.46, 0.44, 0.42, 0.4, 0.38, 0.35, 0.3)  # percentiles of the simulated stock-out day
HORIZONS = (14, 30, 45, 60, 90, 120, 180, 240)

Floats = np.ndarray[Any, np.dtype[np.float64]]


def shared_plans() -> ModuleType | None:
    """The common protocol, or `None` (and a line that says so) where the shared folder is not beside us."""
    path = SHARED / "bench" / "plans.py"
    if not path.exists():
        print("Skipped: ../shared is not here, and the series and the protocol lie there.")
        return None
    spec = importlib.util.spec_from_file_location("plans", path)
    assert spec is not None and spec.loader is not None
    plans = importlib.util.module_from_spec(spec)
    sys.modules["plans"] = plans
    spec.loader.exec_module(plans)
    return plans


def read_series(name: str) -> tuple[dt.date, dict[str, list[float]]]:
    """First month, and monthly quantities by series.

    `hospitals` (hospital and substance) or `PBS` (ATC group).
    """
    file, month, key, quantity = {
        "hospitals": ("hospital_antibiotics_monthly_dev.csv", "month", ("hosp", "atc"), "ddd"),
        "PBS": ("PBS_total_by_ATC2_monthly.csv", "Month", ("ATC2",), "Scripts"),
    }[name]
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    with (SHARED / "data" / "demand" / file).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[":".join(row[part] for part in key)][row[month]] += float(row[quantity])
    months = sorted({month for series in found.values() for month in series})
    return dt.date.fromisoformat(months[0]), {k: [v.get(m, 0.0) for m in months] for k, v in found.items()}


@dataclass
class Origins:
    """All usable origins of a data set: what was known there, and what came."""

    name: str
    keys: list[str]
    places: list[int]
    starts: list[dt.date]
    history: Floats  # (origins, HISTORY) quantities a month, NaN before the series began
    lengths: Floats  # (origins, HISTORY) days in those months
    ahead: Floats  # (origins, AHEAD) days in the months to come
    use: list[list[float]]  # real use a day from the origin on

    @property
    def rates(self) -> Floats:
        return self.history / self.lengths


def origins_of(name: str, plans: ModuleType) -> Origins:
    """Every origin of every usable series, by the protocol."""
    first, series = read_series(name)
    found = Origins(name, [], [], [], np.empty(0), np.empty(0), np.empty(0), [])
    history, lengths, ahead = [], [], []

    def days(i: int) -> int:
        return int((plans.month(first, i + 1) - plans.month(first, i)).days)

    for key, values in series.items():
        for i in plans.origins(len(values)):
            if not plans.usable(values, i):
                continue
            known = values[max(0, i - HISTORY) : i]
            history.append([float("nan")] * (HISTORY - len(known)) + known)
            lengths.append([days(j) for j in range(i - HISTORY, i)])
            ahead.append([days(j) for j in range(i, i + AHEAD)])
            found.keys.append(key)
            found.places.append(i)
            found.starts.append(plans.month(first, i))
            found.use.append(plans.daily(values, first, i))
    found.history, found.lengths, found.ahead = np.array(history), np.array(lengths, float), np.array(ahead, float)
    return found


# --- The usual ways: units a day in each month ahead, from quantities a month. ---


def constant(rate: Floats) -> Floats:
    return np.repeat(rate[:, None], AHEAD, axis=1)


def mean_of(months: int) -> Callable[[Origins], Floats]:
    return lambda data: constant(data.history[:, -months:].mean(axis=1) / 30.44)


def last_year(data: Origins) -> Floats:
    return np.tile(data.rates[:, -12:], (1, 2))[:, :AHEAD]


def smoothed(data: Origins) -> Floats:
    """Simple exponential smoothing, its speed chosen line by line by the squared error a month ahead."""
    best = np.full(len(data.keys), np.inf)
    answer = np.zeros(len(data.keys))
    for speed in np.arange(0.05, 1.0, 0.05):
        level = np.nanmean(data.rates, axis=1)
        wrong = np.zeros(len(level))
        for t in range(HISTORY):
            seen = np.isfinite(data.rates[:, t])
            off = np.where(seen, data.rates[:, t] - level, 0.0)
            wrong += off**2
            level = level + speed * off
        answer = np.where(wrong < best, level, answer)
        best = np.minimum(wrong, best)
    return constant(answer)


def intermittent(syntetos_boylan: bool) -> Callable[[Origins], Floats]:
    """Croston's way with Syntetos and Boylan's correction, or Teunter, Syntetos and Babai's."""

    def ways(data: Origins, speed: float = 0.1) -> Floats:
        rates = np.nan_to_num(data.rates)
        size = np.nanmean(np.where(data.rates > 0, data.rates, np.nan), axis=1)
        chance = np.nanmean(data.rates > 0, axis=1)
        gap, since = 1 / np.maximum(chance, 0.01), np.ones(len(size))
        for t in range(HISTORY):
            seen, some = np.isfinite(data.rates[:, t]), rates[:, t] > 0
            size = np.where(some, size + speed * (rates[:, t] - size), size)
            gap = np.where(some, gap + speed * (since - gap), gap)
            since = np.where(some, 1.0, since + seen)
            chance = np.where(seen, chance + speed * (some - chance), chance)
        return constant((1 - speed / 2) * size / gap if syntetos_boylan else chance * size)

    return ways


def from_statsforecast(model: str) -> Callable[[Origins], Floats] | None:
    """A model of statsforecast where that package is installed; `None` otherwise."""
    if importlib.util.find_spec("statsforecast") is None:
        return None
    from statsforecast import models  # type: ignore[import-not-found]

    def ways(data: Origins) -> Floats:
        told = []
        for row in data.history:
            known = row[np.isfinite(row)]
            told.append(getattr(models, model)(season_length=12).forecast(known, h=AHEAD)["mean"])
        return np.maximum(np.array(told), 0) / data.ahead

    return ways


def our_days(data: Origins, stock: Floats, share: float | None = None, *, calm: bool = False) -> Floats:
    """The day that people are told of each stock, or another `share` of the scenarios.

    `calm`: as if a peak that still runs had not been.
    """
    lots = [(Lot(quantity),) for quantity in stock.tolist()]
    shelves = our_shelves(data, lots, [()] * len(data.keys), calm=calm)
    return told_of(shelves, first_short_days(shelves)[0], share)


def told_of(shelves: Sequence[Shelf], outcomes: Any, share: float | None = None) -> Floats:
    """Of each shelf's days, soonest first, the one that people are told, or that of another `share`."""
    places = [int((share or shelf.demand.told_at) * outcomes.shape[1]) for shelf in shelves]
    return np.minimum(outcomes[np.arange(len(shelves)), places], MOST_DAYS).astype(float)


def peers() -> dict[str, Callable[[Origins], Floats]]:
    """Everything we measure ourselves against, by name."""
    found: dict[str, Callable[[Origins], Floats]] = {
        "last month": lambda data: constant(data.rates[:, -1]),
        "mean of 3 months": mean_of(3),
        "mean of 6 months": mean_of(6),
        "mean of 12 months": mean_of(12),
        "seasonal naive": last_year,
        "SES": smoothed,
        "Croston/SBA": intermittent(True),
        "TSB": intermittent(False),
    }
    for label, model in (("optimised Theta", "DynamicOptimizedTheta"), ("AutoETS", "AutoETS")):
        way = from_statsforecast(model)
        if way is not None:
            found[label] = way
    return found


# --- Point ---


def real_days(data: Origins, stock: Floats) -> Floats:
    """The first day that each stock cannot meet, NaN where the series ends first."""
    answer = np.full(len(stock), np.nan)
    for row, use in enumerate(data.use):
        total = np.cumsum(use)
        if total[-1] > stock[row] + 1e-9:
            answer[row] = np.searchsorted(total, stock[row] + 1e-9, side="right")
    return np.minimum(answer, MOST_DAYS)


def told_days(data: Origins, rates: Floats, stock: Floats) -> Floats:
    """The first short day by constant use within each month ahead; the last month's use goes on."""
    days = np.concatenate([np.zeros((len(stock), 1)), np.cumsum(data.ahead, axis=1)], axis=1)
    need = np.concatenate([np.zeros((len(stock), 1)), np.cumsum(rates * data.ahead, axis=1)], axis=1)
    answer = np.full(len(stock), float(MOST_DAYS))
    for row in range(len(stock)):
        if need[row, -1] > stock[row]:
            answer[row] = np.floor(np.interp(stock[row], need[row], days[row]) + 1e-6)
    return np.minimum(answer, MOST_DAYS)


def stocks(data: Origins, days: int) -> Floats:
    return np.round(data.history[:, -12:].sum(axis=1) / 12 * days / 30.44, 1)


def point_errors(data: Origins, rates: Floats, all_stocks: Sequence[int]) -> list[float]:
    """Mean absolute error in days at each stock."""
    errors = []
    for days in all_stocks:
        stock = stocks(data, days)
        errors.append(float(np.nanmean(np.abs(told_days(data, rates, stock) - real_days(data, stock)))))
    return errors


def show_point(sets: Sequence[Origins], plans: ModuleType) -> None:
    print(f"\nThe day told is that of {TOLD_AT:.1%} of the scenarios, of {TOLD_AFTER_A_PEAK_AT:.1%} after a peak")
    print("\nPoint: mean absolute error of the stock-out date, days, at 30, 60, 90 and 180 days of stock")
    ways = peers()
    ratios: list[float] = []
    for data in sets:
        errors = {name: point_errors(data, way(data), plans.STOCKS) for name, way in ways.items()}
        best = np.min(list(errors.values()), axis=0)
        for name, share in (("ours, median", 0.5), ("ours", None)):
            errors[name] = [
                float(np.nanmean(np.abs(our_days(data, stock, share) - real_days(data, stock))))
                for stock in (stocks(data, days) for days in plans.STOCKS)
            ]
        for name, error in errors.items():
            times = np.array(error) / best
            print(
                f"  {data.name:10} {name:18}", *(f"{e:6.1f}" for e in error), "  × best", *(f"{t:5.2f}" for t in times)
            )
        ratios += list(np.array(errors["ours"]) / np.minimum(best, errors["ours"]))
        share = sum(errors["ours"]) / sum(errors["mean of 12 months"])
        print(f"  {data.name}: {len(data.keys)} origins; ours ÷ mean of 12 months = {share:.3f}")
    print(f"  ours ÷ best of each cell: mean {np.mean(ratios):.3f} (aim ≤ 1.03), worst {max(ratios):.3f} (aim ≤ 1.10)")
    if "AutoETS" not in ways:
        print("  (optimised Theta and AutoETS left out: statsforecast is not installed)")


def show_hoarding(sets: Sequence[Origins]) -> None:
    print("\nHoarding of two months, × 1.5-2.5: days added to the error at 60 days of stock")
    for data in sets:
        stock = stocks(data, 60)
        real = real_days(data, stock)
        plain = np.abs(our_days(data, stock) - real)
        for label, running in (("over for 1-4 months", False), ("still running", True)):
            changed = Origins(**{**vars(data), "history": data.history.copy()})
            for row, (key, place) in enumerate(zip(data.keys, data.places, strict=True)):
                chance = random.Random(f"1:{key}:{place}:hoarding")
                times, gap = chance.uniform(1.5, 2.5), 0 if running else chance.randint(1, 4)
                changed.history[row, HISTORY - gap - 2 : HISTORY - gap] *= times
            added = np.nanmean(np.abs(our_days(changed, stock) - real) - plain)
            calm = np.nanmean(np.abs(our_days(changed, stock, calm=True) - real) - plain)
            mean = constant(changed.history[:, -12:].mean(axis=1) / 30.44)
            before = constant(data.history[:, -12:].mean(axis=1) / 30.44)
            usual = np.nanmean(
                np.abs(told_days(data, mean, stock) - real) - np.abs(told_days(data, before, stock) - real)
            )
            print(
                f"  {data.name:10} {label:20} ours {added:5.2f}   as if it had not been {calm:5.2f}"
                f"   mean of 12 months {usual:5.2f}"
            )
    print("  aim: at most 1 day where it is over")
    print("Hoarding that ends at the origin, half of it used up over three months: error in days at 60 days of stock")
    for data in sets:
        stock = stocks(data, 60)
        changed = Origins(**{**vars(data), "history": data.history.copy(), "use": [list(use) for use in data.use]})
        for row, (key, place) in enumerate(zip(data.keys, data.places, strict=True)):
            times = random.Random(f"1:{key}:{place}:payback").uniform(1.5, 2.5)
            taken = data.history[row, -2:].sum() * (times - 1)
            changed.history[row, -2:] *= times
            days = int(data.ahead[row, :3].sum())
            changed.use[row][:days] = [max(use - taken / 2 / days, 0.0) for use in data.use[row][:days]]
        told = forecast(changed.rates, AHEAD)
        real = real_days(changed, stock)
        starts = zip(told.rates.tolist(), told.calm.tolist(), told.hoarding.tolist(), changed.rates, strict=True)
        paid = [
            Demand(
                tuple(rates),
                (0.0, 0.0, 0.0),
                dt.date.min,
                dt.date.min,
                HISTORY,
                tuple(calm) if running else None,
                float(np.maximum(seen[-2:] - calm[0], 0).sum()) * 30.44,
            )
            .paid_back()
            .rates
            for rates, calm, running, seen in starts
        ]
        errors = [
            np.nanmean(np.abs(told_days(changed, way, stock) - real)) for way in (told.rates, told.calm, np.array(paid))
        ]
        print(
            f"  {data.name:10} as it is {errors[0]:5.1f}   without the peak {errors[1]:5.1f}"
            f"   paid back {errors[2]:5.1f}"
        )


# --- Bands ---


def our_shelves(
    data: Origins, lots: Sequence[Sequence[Lot]], deliveries: Sequence[Sequence[Delivery]], *, calm: bool = False
) -> list[Shelf]:
    told = forecast(data.rates, AHEAD)
    spread = np.where(np.isfinite(told.spread), told.spread, 0.3).tolist()
    peaked = told.damped.any(axis=1).tolist()
    return [
        Shelf(
            lots[row],
            deliveries[row],
            Demand(
                tuple(rates),
                tuple(spread[row]),
                start,
                start,
                HISTORY,
                damped=(start,) if peaked[row] else (),
                measured=True,
            ),
            start,
            start,
        )
        for row, (rates, start) in enumerate(
            zip((told.calm if calm else told.rates).tolist(), data.starts, strict=True)
        )
    ]


def textbook(data: Origins, stock: Floats, scenarios: int) -> Floats:
    """Mean and standard deviation of twelve months, independent from month to month, normal."""
    mean = data.history[:, -12:].mean(axis=1) / 30.44
    deviation = data.history[:, -12:].std(axis=1, ddof=1) / np.sqrt(30.44)
    days = stock / mean
    width = deviation * np.sqrt(days) / mean
    normal = np.array([NormalDist().inv_cdf((i + 0.5) / scenarios) for i in range(scenarios)])
    return np.asarray(np.clip(days[:, None] + width[:, None] * normal, 0, MOST_DAYS))


def calibration_error(told: Floats, came: Floats) -> float:
    """Expected calibration error: mean gap between chance told and share that came, in ten bins by chance."""
    bins = np.minimum((told * 10).astype(int), 9)
    return float(
        sum(abs(told[bins == b].mean() - came[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist()))
    )


def show_bands(sets: Sequence[Origins], plans: ModuleType) -> None:
    print("\nBands: share of stock-outs within P10-P90 (aim 77-86 %), calibration error of P(out within H)")
    pooled: dict[str, list[tuple[Floats, Floats]]] = defaultdict(list)
    for data in sets:
        for name in ("ours", "textbook normal"):
            held, told, came = [], [], []
            for days in plans.STOCKS:
                stock, nothing = stocks(data, days), [()] * len(data.keys)
                if name == "ours":
                    lots = [(Lot(quantity),) for quantity in stock.tolist()]
                    outcomes = first_short_days(our_shelves(data, lots, nothing))[0].astype(float)
                else:
                    outcomes = textbook(data, stock, 200)
                real = real_days(data, stock)
                known = np.isfinite(real)
                low, high = outcomes[:, 20], outcomes[:, 179]
                held.append(float(((low <= real) & (real <= high))[known].mean()))
                for horizon in HORIZONS:
                    told.append((outcomes < horizon).mean(axis=1)[known])
                    came.append((real < horizon)[known].astype(float))
            chance, happened = np.concatenate(told), np.concatenate(came)
            pooled[name].append((chance, happened))
            print(
                f"  {data.name:10} {name:16}",
                *(f"{share:6.1%}" for share in held),
                f"  calibration error {calibration_error(chance, happened):.4f} (aim ≤ 0.035)",
            )
    for name, parts in pooled.items():
        error = calibration_error(np.concatenate([p for p, _ in parts]), np.concatenate([c for _, c in parts]))
        print(f"  pooled     {name:16} calibration error {error:.4f} (aim ≤ 0.012)")


# --- Lots and deliveries ---


def show_lots(sets: Sequence[Origins], plans: ModuleType) -> None:
    print("\nLots that expire and dated deliveries: error in days, and share told too late by more than 14 / 30 days")
    for data in sets:
        shares, late14, late30 = [], [], []
        leaning: dict[float, list[tuple[float, float, float]]] = defaultdict(list)
        for days in plans.STOCKS:
            stock = stocks(data, days)
            monthly = data.history[:, -12:].mean(axis=1)
            lots, coming, incoming, real = [], [], [], []
            for row, start in enumerate(data.starts):
                made, told = plans.plan(data.keys[row], data.places[row], stock[row], monthly[row], start)
                out = plans.stockout(made, told, data.use[row], start)
                real.append(float("nan") if out is None else min((out - start).days, MOST_DAYS))
                lots.append([Lot(lot.quantity, lot.expiry) for lot in made])
                coming.append([Delivery(item.quantity, item.expected, item.expiry) for item in told])
                incoming.append(sum(item.quantity for item in told))
            truth = np.array(real)
            shelves = our_shelves(data, lots, coming)
            answers, _ = first_short_days(shelves)
            plain_demand = [
                Demand((rate,) * AHEAD, (0.0, 0.0, 0.0), s, s, 12)
                for rate, s in zip((monthly / 30.44).tolist(), data.starts, strict=True)
            ]
            promised = [[Delivery(d.quantity, d.eta, d.expiry, confirmed=True) for d in line] for line in coming]
            fefo, _ = first_short_days(
                [Shelf(lots[r], promised[r], plain_demand[r], s, s) for r, s in enumerate(data.starts)], 1
            )
            ways = {
                "(stock + incoming) ÷ mean": np.minimum((stock + np.array(incoming)) / monthly * 30.44, MOST_DAYS),
                "first expired first out, mean": np.minimum(fefo[:, 0], MOST_DAYS).astype(float),
                "ours, median": told_of(shelves, answers, 0.5),
                "ours": told_of(shelves, answers),
            }
            usual = np.nan
            for name, told_for in ways.items():
                off = (told_for - truth)[np.isfinite(truth)]
                error, two_weeks, month = np.abs(off).mean(), (off > 14).mean(), (off > 30).mean()
                usual = error if name.startswith("(stock") else usual
                print(
                    f"  {data.name:10} {days:4} {name:30} {error:6.1f}   × {error / usual:4.2f}"
                    f"   {two_weeks:6.1%} {month:6.1%}"
                )
                if name == "ours":
                    for share in LEANINGS:
                        lean = np.minimum(answers[:, int(share * answers.shape[1])], MOST_DAYS) - truth
                        lean = lean[np.isfinite(truth)]
                        leaning[share].append((np.abs(lean).mean() / usual, (lean > 14).mean(), (lean > 30).mean()))
                    shares.append(error / usual)
                    late14.append(two_weeks)
                    late30.append(month)
        print(
            f"  {data.name}: ours ÷ (stock + incoming) ÷ mean = {np.mean(shares):.3f} (aim ≤ 0.68); later than 14 days"
            f" {np.mean(late14):.1%} (aim ≤ 15 %), than 30 days {np.mean(late30):.1%} (aim ≤ 7 %)"
        )
        print("  if another percentile were told: percentile, share of the error, later than 14 / 30 days")
        for share, found in leaning.items():
            error, two_weeks, month = np.mean(found, axis=0)
            print(f"  {data.name:10} {share:4.0%} {error:6.3f}   {two_weeks:6.1%} {month:6.1%}")


# --- Speed ---


def show_speed(data: Origins, plans: ModuleType) -> None:
    print("\nSpeed")
    stock, monthly = stocks(data, 90), data.history[:, -12:].mean(axis=1)
    planned = [
        plans.plan(data.keys[row], data.places[row], stock[row], monthly[row], start)
        for row, start in enumerate(data.starts)
    ]
    lots = [[Lot(lot.quantity, lot.expiry) for lot in made] for made, _ in planned]
    coming = [[Delivery(item.quantity, item.expected, item.expiry) for item in told] for _, told in planned]

    def repeated(count: int) -> tuple[Origins, list[list[Lot]], list[list[Delivery]]]:
        rows = [row % len(data.keys) for row in range(count)]
        many = Origins(
            data.name,
            [data.keys[r] for r in rows],
            [data.places[r] for r in rows],
            [data.starts[r] for r in rows],
            data.history[rows],
            data.lengths[rows],
            data.ahead[rows],
            [],
        )
        return many, [lots[r] for r in rows], [coming[r] for r in rows]

    started = time.process_time()
    for row in range(LOOPED):
        use = np.repeat(data.rates[row, -14:], 31)[:MOST_DAYS].tolist()
        walk(lots[row], coming[row], use, data.starts[row])
    a_loop = (time.process_time() - started) / LOOPED
    for count, scenarios, aim in (
        (1_000, 200, "0.15 s, one core"),
        (10_000, 1_000, "5 s, two cores"),
        (20_000, 1_000, "twice that"),
    ):
        many, its_lots, its_deliveries = repeated(count)
        taken = []
        for _ in range(3):  # the shortest: what else the machine did meanwhile is not ours
            started, busy = time.perf_counter(), time.process_time()
            first_short_days(our_shelves(many, its_lots, its_deliveries), scenarios)
            taken.append((time.perf_counter() - started, time.process_time() - busy))
        wall, processor = min(taken)
        print(
            f"  {count:6} lines × {scenarios:5} scenarios: {wall:6.2f} s (processor {processor:.2f} s; aim ≤ {aim});"
            f" a plain loop over the days would take about {count * scenarios * a_loop:,.0f} s"
        )
    many, its_lots, its_deliveries = repeated(10_000)
    tracemalloc.start()
    first_short_days(our_shelves(many, its_lots, its_deliveries), 1_000)
    peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    tracemalloc.stop()
    print(f"  most memory that 10,000 lines take besides the lines themselves: {peak:.0f} MB (aim ≤ 500 MB)")
    lines = []
    for row in range(1_000):
        start = data.starts[row]
        uses = []
        for back in range(36):
            first = plans.month(start, -back - 1)
            uses.append(Use(first, plans.month(start, -back) - dt.timedelta(1), float(data.history[row, -1 - back])))
        lines.append(
            StockLine(
                hospital_pool("H"),
                data.keys[row],
                counted_on=start,
                lots=tuple(lots[row]),
                deliveries=tuple(coming[row]),
                uses=tuple(uses),
            )
        )
    started = time.perf_counter()
    for day in sorted(set(data.starts[:1_000])):
        covers([line for line in lines if line.counted_on == day], as_of=day)
    print(
        f"  1,000 stock lines from their recorded uses to a cover with its words: {time.perf_counter() - started:.2f} s"
    )


def run() -> None:
    """Print all tables; say so where the shared folder is missing."""
    plans = shared_plans()
    if plans is None:
        return
    sets = [origins_of(name, plans) for name in ("hospitals", "PBS")]
    show_point(sets, plans)
    show_hoarding(sets)
    show_bands(sets, plans)
    show_lots(sets, plans)
    show_speed(sets[0], plans)


if __name__ == "__main__":
    run()
