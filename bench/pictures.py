"""Pictures: how long the first import takes, and each picture after it."""

from __future__ import annotations

import datetime as dt
import statistics
import time

from bot.charts.stock import MOST_PANELS, StockChart, draw
from bot.messages.words import BOKMAAL
from bot.stock.cover import Delivery, Lot, StockLine, Use, cover
from bot.stock.curves import Curve, Supposed, stock_chart
from bot.stock.pools import STANDARD_POOLS

TODAY = dt.date(2025, 7, 10)
TIMES = 15


def _chart(panels: int) -> StockChart:
    line = StockLine(
        pool=STANDARD_POOLS[0],
        item="Meropenem 1 g",
        unit="hetteglass",
        counted_on=TODAY - dt.timedelta(3),
        lots=(Lot(9000),),
        deliveries=tuple(Delivery(500, TODAY + dt.timedelta(30 * n)) for n in range(1, 7)),
        uses=tuple(Use(dt.date(2025, month, 1), dt.date(2025, month, 28), 1800) for month in range(1, 7)),
    )
    now = Supposed(line, cover(line, as_of=TODAY))
    curves = [Curve(f"Lager {place}", now, now if panels > 1 else None) for place in range(panels)]
    end = TODAY + dt.timedelta(120)
    return stock_chart("Meropenem 1 g · B180S", curves, as_of=TODAY, words=BOKMAAL, shortage_end=end)


def run() -> None:
    """Print seconds of one core: the first picture with its import, then pictures with one pool and with the most."""
    began = time.process_time()
    draw(_chart(1))
    print(f"first picture, import included: {time.process_time() - began:.2f} s")
    for panels in (1, MOST_PANELS):
        chart = _chart(panels)
        taken = []
        for _ in range(TIMES):
            began = time.process_time()
            png = draw(chart)
            taken.append(time.process_time() - began)
        print(f"{panels} pool(s): {statistics.median(taken):.3f} s, {len(png) // 1024} kB")
