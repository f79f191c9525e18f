"""How long history takes in, and a year's figures out, at twenty thousand cases."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import tempfile
import time
from pathlib import Path

from bot.app import assemble
from bot.cases.statistics import Period
from bot.clock import SetClock
from bot.settings import load_settings
from storage import schema
from storage.unit_of_work import Database
from tests.seed.register import HEADINGS, as_csv

CASES = 20_000
FIRST = dt.date(2016, 1, 1)
RUNS = 5


def run() -> None:
    """Print the seconds, on SQLite."""
    asyncio.run(_run())


async def _run() -> None:
    clock = SetClock(dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    with tempfile.TemporaryDirectory() as folder:
        database = Database.at(f"sqlite:///{Path(folder) / 'bench.sqlite'}", clock.now)
        try:
            await schema.upgrade(database.engine)
            services = assemble(load_settings(), database, clock)
            data = as_csv(_rows())
            begun = time.perf_counter()
            done = await services.register.take_in(data, "register.csv", {})
            stored = time.perf_counter() - begun
            assert len(done.new) == CASES, done.faults[:3]
            times, cpu = [], []
            for _ in range(RUNS):
                begun, used = time.perf_counter(), time.process_time()
                found = await services.statistics.of(Period.of_year(2025))
                times.append(time.perf_counter() - begun)
                cpu.append(time.process_time() - used)
        finally:
            await database.close()
    print(f"register import cases, {CASES} cases: {stored:.2f} s")
    print(f"statistics of 2025 ({found.handled} handled) over {CASES} cases, limit 2 s: ", end="")
    print(f"{sorted(times)[RUNS // 2]:.2f} s, of the processor {sorted(cpu)[RUNS // 2]:.2f} s")


def _rows() -> list[dict[str, str]]:
    """Cases of ten years, any of them long."""
    chance = random.Random(20)
    made = []
    for place in range(CASES):
        noticed = FIRST + dt.timedelta(chance.randrange(3650))
        end = noticed + dt.timedelta(int(chance.expovariate(1 / 160)) + 1)
        closed = f"{end:%d.%m.%Y}" if end < dt.date(2026, 1, 1) else ""
        cells = (
            f"{noticed.year}-{place + 1:05d}",
            f"Virkestoff {chance.randrange(600)}",
            "",
            f"{chance.choice('ABCDGHJLMNPRSV')}01AA01",
            chance.choice(("ja", "ja", "ja", "nei", "")),
            chance.choice(("DMP", "DMP", "Sykehusapotek", "")),
            chance.choice(("Produksjon", "Kapasitet", "")),
            "",
            f"{noticed:%d.%m.%Y}",
            f"{end:%d.%m.%Y}",
            f"{noticed:%d.%m.%Y}",
            closed,
        )
        made.append(dict(zip(HEADINGS, cells, strict=True)))
    return made
