"""Each command with 100,000 cases and 1,000,000 reports in the base, beside the same with 100 and 1,000.

Of the many, 2,000 cases are open; of the few 20, which is more than a page. Milliseconds are those between the command
and its finished answer, Slack's own time left out. What is linear by its nature (statistics, the digest, exports) is
not here.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import statistics
import time
from collections.abc import Awaitable, Callable

from bench.databases import ENGINES, database
from bot.app import assemble
from bot.clock import SetClock
from bot.commands import parse
from bot.people.roles import Actor
from bot.services import Services
from bot.settings import load_settings
from handlers import allocation, follow, restriction
from handlers.answers import answer
from storage import schema
from storage.unit_of_work import Database
from tests.seed.many_cases import fill

NOW = dt.datetime(2026, 3, 12, 8, 0, tzinfo=dt.UTC)
CENTRE, CLINICIAN = "U0CENTRE01", "U0DOCTOR01"
FEW, MANY, EACH = (20, 80), (2_000, 98_000), 10
"""Open and closed cases of each base (a full page of open ones in both), and reports of a case."""
TIMES, AT_MOST = 25, 2.0
LINES = (
    "status valtrex 500", "status 2026-{last}", "valtrex", "liste", "liste J05", "liste uten ansvarlig",
    "lager valtrex", "hjelp",
)  # fmt: skip


def run() -> None:
    """Print a table for each database."""
    for engine in ENGINES:
        few, many = (asyncio.run(_measured(engine, *cases)) for cases in (FEW, MANY))
        reports = f"{sum(FEW) * EACH:,} and {sum(MANY) * EACH:,} reports"
        print(f"{engine}: medians of {TIMES}, {reports} (aim ≤ {AT_MOST:g} times)")
        for what, one in few.items():
            other = many[what]
            print(f"  {what:<44}{one:8.1f} ms {other:8.1f} ms  {other / one:5.2f}")


async def _measured(engine: str, opened: int, closed: int) -> dict[str, float]:
    with database(engine) as url:
        base = Database.at(url, SetClock(NOW).now)
        try:
            await schema.upgrade(base.engine)
            services = assemble(
                load_settings(cases_channel="C0CASES001", roles={"centre": [CENTRE]}), base, SetClock(NOW)
            )
            await services.stock.ensure_pools()
            await services.catalogue.prepare()
            siri, kari = [await services.people.actor(who) for who in (CENTRE, CLINICIAN)]
            await fill(base, NOW, opened=opened, closed=closed, owners=(siri.person,), reports_of=(EACH, EACH))
            found = {}
            for by, who in ((siri, "centre"), (kari, "clinician")):
                for line in LINES:
                    typed = line.format(last=f"{opened + closed:05d}")
                    found[f"/mangel {line.format(last='…')}, {who}"] = await _median(_asked(services, typed, by))
            return found
        finally:
            await base.close()


def _asked(services: Services, line: str, by: Actor) -> Callable[[], Awaitable[object]]:
    said = parse(line)
    other = {"restriksjon": restriction.answer, "fordel": allocation.answer}
    if said.command in other:
        return lambda: other[said.command](services, said.rest, by)
    if said.command == "følg":
        return lambda: follow.answer(services, said, by, channel=None, key=None)
    return lambda: answer(services, said, by)


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds; the first call warms the templates."""
    await work()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)
