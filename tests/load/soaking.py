"""Reports at a steady pace for as long as one likes, and how much memory the bot takes meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from statistics import median

from tests.load.reporting import Reporter, medicines
from tests.load.stage import Stage, stage

PATIENCE = 20
"""So often somebody does again what was not answered; how often that was is counted."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of it. Megabytes are the bot's resident memory: the medians of the tenth after the warm-up and of the
    last tenth."""

    reports: int
    acknowledged_late: int
    warm: float
    last: float
    worst_wait: float

    @property
    def growth(self) -> float:
        """As a share of what it took when it was warm."""
        return self.last / self.warm - 1


async def soak(url: str, *, seconds: float, rate: float, warm_up: float, people: int = 40) -> Soaked:
    """`rate` reports a second for so long; the first `warm_up` seconds fill the caches and do not count."""
    chosen, origin = medicines(60), time.monotonic()
    samples: list[tuple[float, float]] = []
    sent = 0

    async with stage(url, people, reports_per_hour=1_000_000) as on:
        origin = time.monotonic()
        numbers = itertools.count()

        async def one(place: int) -> None:
            nonlocal sent
            reporter = Reporter(on.ws, on.people[place], patience=PATIENCE)
            while (number := next(numbers)) / rate < seconds:
                await asyncio.sleep(max(0.0, origin + number / rate - time.monotonic()))
                typed, name = chosen[number % len(chosen)]
                await reporter.report(typed, name, f"belastning {number}")
                sent += 1

        watching = asyncio.create_task(_watch(on, samples, origin))
        await asyncio.gather(*(one(place) for place in range(people)))
        watching.cancel()
        waits = [one.ack for one in on.ws.deliveries]
    counted = [megabytes for at, megabytes in samples if at >= warm_up]
    tenth = max(len(counted) // 10, 1)
    return Soaked(
        reports=sent,
        acknowledged_late=sum(not ack.ok for ack in waits),
        warm=median(counted[:tenth]),
        last=median(counted[-tenth:]),
        worst_wait=max(ack.seconds for ack in waits),
    )


async def _watch(on: Stage, samples: list[tuple[float, float]], origin: float) -> None:
    while True:
        samples.append((time.monotonic() - origin, on.resident()))
        await asyncio.sleep(0.5)
