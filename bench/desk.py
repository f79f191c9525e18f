"""App Home and `/mangel liste` with 2,000 open and 20,000 closed cases, on both databases, beside a plain loop.

The plain loop is what a first version of a desk does: every open case with its own questions for owner, reports and
log. Milliseconds are those between the event and the finished view, Slack's own time left out.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import statistics
import time
from collections.abc import Awaitable, Callable

from sqlalchemy import event
from sqlmodel import col, select

from bench.databases import ENGINES
from bench.databases import database as database_of
from bot.app import assemble
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.services import Services
from bot.settings import load_settings
from handlers.answers import case_list
from handlers.home import home
from storage import schema
from storage.tables import AuditEntry, Person, ShortageCase, ShortageReport
from storage.unit_of_work import Database
from tests.seed.many_cases import fill

NOW = dt.datetime(2026, 3, 12, 8, 0, tzinfo=dt.UTC)
OPEN, CLOSED, TIMES = 2_000, 20_000, 30
LIMIT = 150
CENTRE, OTHER, MANAGER, CLINICIAN = "U0CENTRE01", "U0CENTRE02", "U0MANAGER1", "U0DOCTOR01"


def run() -> None:
    """Print the table, once for each database."""
    for engine in ENGINES:
        with database_of(engine) as url:
            asyncio.run(_run(engine, url))


async def _run(name: str, url: str) -> None:
    database = Database.at(url, SetClock(NOW).now)
    try:
        await schema.upgrade(database.engine)
        settings = load_settings(
            cases_channel="C0CASES001",
            roles={"centre": [CENTRE, OTHER]},
            pools={"fokuslisten": {"managers": [MANAGER], "limit_days": 90}},
        )
        services = assemble(settings, database, SetClock(NOW))
        await services.stock.ensure_pools()
        await services.catalogue.prepare()
        siri, per, mona, kari = [await services.people.actor(who) for who in (CENTRE, OTHER, MANAGER, CLINICIAN)]
        await services.away.first_seen(siri, NOW - dt.timedelta(days=3))
        await fill(database, NOW, opened=OPEN, closed=CLOSED, owners=(siri.person, per.person))
        print(f"{name}: {OPEN:,} open and {CLOSED:,} closed cases; median of {TIMES}, limit {LIMIT} ms")
        asked: list[tuple[str, Callable[[], Awaitable[object]]]] = [
            ("App Home, centre", lambda: home(services, siri)),
            ("App Home, stock manager", lambda: home(services, mona)),
            ("App Home, clinician", lambda: home(services, kari)),
            ("/mangel liste, centre", lambda: case_list(services, "", 1, siri)),
            ("/mangel liste, page 150", lambda: case_list(services, "", 150, siri)),
            ("/mangel liste J05, clinician", lambda: case_list(services, "J05", 1, kari)),
        ]
        for what, work in asked:
            print(_line(what, await _times(database, work)))
        print(_line("a plain loop's desk", await _times(database, lambda: _plain_loop(services, database, siri), 3)))
    finally:
        await database.close()


async def _times(
    database: Database, work: Callable[[], Awaitable[object]], times: int = TIMES
) -> tuple[float, float, int]:
    """Median and worst milliseconds, and statements; the first call warms the templates."""
    statements: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    await work()
    event.remove(database.engine.sync_engine, "before_cursor_execute", hear)
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), max(taken), len(statements)


def _line(what: str, measured: tuple[float, float, int]) -> str:
    median, worst, statements = measured
    return f"  {what:<30}{median:8.1f} ms  (worst {worst:7.1f}){statements:7,} statements"


async def _plain_loop(services: Services, database: Database, by: Actor) -> list[str]:
    said = []
    async with database.read() as session:
        cases = await session.scalars(select(ShortageCase).where(col(ShortageCase.status).in_(("upcoming", "ongoing"))))
        for case in list(cases):
            owner = await session.get(Person, case.owner, populate_existing=True) if case.owner else None
            reports = list(await session.scalars(select(ShortageReport).where(ShortageReport.case_id == case.id)))
            log = list(await session.scalars(select(AuditEntry).where(AuditEntry.subject == f"case:{case.number}")))
            said.append(f"{case.name} {owner} {len(reports)} {len(log)}")
    return said


if __name__ == "__main__":
    run()
