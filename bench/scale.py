"""Each command with 100,000 cases and 1,000,000 reports in the base, beside the same with 200 and 1,000.

Of the many, 2,000 cases are open; the few all are, so that every list fills its page in both. Milliseconds are those
between the command and its finished answer, Slack's own time left out. What is linear by its nature (statistics, the
digest, exports) is not here; following and stopping are repeated, which after the first time changes nothing.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from bench.databases import ENGINES, database
from bot.app import assemble
from bot.cases.lists import Wanted
from bot.clock import SetClock
from bot.commands import parse
from bot.people.roles import Actor
from bot.services import Services
from bot.settings import load_settings
from handlers import allocation, follow, inquiry, panel, restriction
from handlers.answers import answer
from storage import schema
from storage.unit_of_work import Database
from tests.seed.many_cases import fill

NOW = dt.datetime(2026, 3, 12, 8, 0, tzinfo=dt.UTC)
CENTRE, CLINICIAN = "U0CENTRE01", "U0DOCTOR01"
FEW, MANY = (200, 0, 5), (2_000, 98_000, 10)
"""Open and closed cases of each base, and how many reports each has."""
TIMES, AT_MOST = 51, 2.0
LINES = (
    "status valtrex 500", "status {number}", "valtrex", "liste", "liste J05", "liste valtrex", "liste uten treff",
    "lager valtrex", "følg valtrex 500", "slutt å følge valtrex 500", "hjelp",
)  # fmt: skip
CENTRES = ("restriksjon {number}", "fordel {number}", "spør {number}", "panel")
"""What only the centre may ask."""


@dataclass(frozen=True, slots=True)
class Base:
    """One base and those who ask: the centre and a clinician. `number`: of a case that both may read."""

    services: Services
    centre: Actor
    clinician: Actor
    number: str


def run() -> None:
    """Print a table for each database."""
    for engine in ENGINES:
        asyncio.run(_compared(engine))


async def _compared(engine: str) -> None:
    async with _base(engine, *FEW) as few, _base(engine, *MANY) as many:
        reports = " and ".join(f"{(opened + closed) * each:,}" for opened, closed, each in (FEW, MANY))
        print(f"{engine}: medians of {TIMES}, {reports} reports (aim ≤ {AT_MOST:g} times)")
        for who, lines in (("centre", LINES + CENTRES), ("clinician", LINES)):
            for line in lines:
                one, other = await _medians(*(_asked(base, line, getattr(base, who)) for base in (few, many)))
                what = f"/mangel {line.format(number='saksnummer')}, {who}"
                print(f"  {what:<44}{one:8.1f} ms {other:8.1f} ms  {other / one:5.2f}", flush=True)


@asynccontextmanager
async def _base(engine: str, opened: int, closed: int, each: int) -> AsyncIterator[Base]:
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
            await fill(base, NOW, opened=opened, closed=closed, owners=(siri.person,), reports_of=(each, each))
            await _count_the_rows(base)
            known = (await services.lists.open_cases(Wanted(), 1, kari)).cases[0].number
            yield Base(services, siri, kari, known)
        finally:
            await base.close()


async def _count_the_rows(base: Database) -> None:
    """What PostgreSQL does by itself within a minute or two of so many new rows; else it plans for an empty base."""
    if base.engine.dialect.name == "postgresql":
        async with base.engine.connect() as connection:
            await connection.execute(text("ANALYZE"))
            await connection.commit()


def _asked(base: Base, line: str, by: Actor) -> Callable[[], Awaitable[object]]:
    services, said = base.services, parse(line.format(number=base.number))
    other = {"restriksjon": restriction.answer, "fordel": allocation.answer, "spør": inquiry.answer}
    if said.command in other:
        return lambda: other[said.command](services, said.rest, by)
    if said.command == "panel":
        return lambda: panel.answer(services, by)
    if said.command in ("følg", "slutt å følge"):
        return lambda: follow.answer(services, said, by, channel=None, key=None)
    return lambda: answer(services, said, by)


async def _medians(*works: Callable[[], Awaitable[object]]) -> list[float]:
    """Milliseconds of each, in turn, so that a machine that is slower for a while is so for all; the first warms."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(TIMES + 1):
        for place, work in enumerate(works):
            began = time.perf_counter()
            await work()
            if turn:
                taken[place].append((time.perf_counter() - began) * 1000)
    return [statistics.median(one) for one in taken]
