"""An hour of five reports a second on each database, and the memory that the bot takes meanwhile.

`python -m bench soak` alone runs it; `SOAK_MINUTES` makes it shorter. The workspace keeps everything that is ever said,
in its own process, whose memory is no part of this.
"""

from __future__ import annotations

import asyncio
import os

from bench.databases import ENGINES, database
from tests.load.soaking import soak

ONLY_BY_NAME = True
RATE = 5.0
WARM_UP = 0.15
"""Of the time: what the caches take to fill."""


def run() -> None:
    """Print a line for each database."""
    seconds = float(os.environ.get("SOAK_MINUTES", "60")) * 60
    print(f"{seconds / 60:g} minutes of {RATE:g} reports a second (aim: memory grows by 5 % at most after warm-up)")
    for engine in ENGINES:
        with database(engine) as url:
            done = asyncio.run(soak(url, seconds=seconds, rate=RATE, warm_up=seconds * WARM_UP))
        print(
            f"  {engine:<11}{done.reports:,} reports, {done.acknowledged_late} not acknowledged in time, worst wait"
            f" {done.worst_wait:.2f} s; {done.warm:.0f} MB warm, {done.last:.0f} MB at the end ({done.growth:+.1%})"
        )
