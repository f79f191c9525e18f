"""How long Mangelmøtet's digest takes at 500 open cases: read from the base, composed, written, printed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.app import assemble
from bot.clock import SetClock
from bot.meeting.papers import digest_page, digest_workbook
from bot.messages.limits import MESSAGE_BLOCKS, MESSAGE_CHARACTERS
from bot.paper import Printer, printed
from bot.settings import load_settings
from storage import schema
from storage.tables import ShortageCase
from storage.unit_of_work import Database

CASES = 500
RUNS = 5
NOW = dt.datetime(2026, 11, 18, 13, 0, tzinfo=dt.UTC)


def run() -> None:
    """Print the seconds, on SQLite; the limit holds for composing."""
    asyncio.run(_run())


async def _run() -> None:
    clock = SetClock(NOW)
    with tempfile.TemporaryDirectory() as folder:
        database = Database.at(f"sqlite:///{Path(folder) / 'bench.sqlite'}", clock.now)
        try:
            await schema.upgrade(database.engine)
            services = assemble(load_settings(meeting_channel="C0MEETING1"), database, clock)
            await services.stock.ensure_pools()
            async with database.unit_of_work() as uow:
                await uow.add(*_cases())
            times, cpu = [], []
            for _ in range(RUNS):
                begun, used = time.perf_counter(), time.process_time()
                digest = await services.meeting.compose()
                times.append(time.perf_counter() - begun)
                cpu.append(time.process_time() - used)
        finally:
            await database.close()
    print(f"digest of {CASES} open cases, read and composed, limit 0.5 s: ", end="")
    print(f"{sorted(times)[RUNS // 2]:.2f} s, of the processor {sorted(cpu)[RUNS // 2]:.2f} s")
    seconds, messages = _timed(lambda: services.meeting.render(digest))
    print(f"  written: {seconds:.2f} s, {len(messages)} messages, ", end="")
    longest = max(len(json.dumps(message.blocks, ensure_ascii=False)) for message in messages)
    blocks = max(len(message.blocks) for message in messages)
    print(f"at most {blocks} of {MESSAGE_BLOCKS} blocks and {longest} of {MESSAGE_CHARACTERS} characters")
    said = "".join(message.words for message in messages)
    named = sum(f"Legemiddel {number} " in said for number in range(CASES))
    print(f"  named in it: {named}, counted as without news: {digest.count('unchanged')}, together {CASES}")
    assert named + digest.count("unchanged") == CASES
    seconds, page = _timed(lambda: digest_page(Printer(clock=clock), digest, {}))
    print(f"  HTML: {seconds:.2f} s, {len(page) // 1024} KiB")
    seconds, sheet = _timed(lambda: digest_workbook(digest, {}))
    print(f"  XLSX: {seconds:.2f} s, {len(sheet) // 1024} KiB")
    used, begun = _children(), time.perf_counter()
    watch = asyncio.create_task(_longest_wait())
    paper = await printed(page)
    seconds = time.perf_counter() - begun
    watch.cancel()
    print(f"  PDF: {seconds:.2f} s, of the processor {_children() - used:.2f} s, {len(paper) // 1024} KiB; ", end="")
    print(f"meanwhile nothing waited longer than {await watch:.2f} s")


def _children() -> float:
    """Processor seconds of the processes that this one has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _longest_wait() -> float:
    """How late, at most, a task that wants its turn every 10 ms has got it, until cancelled."""
    longest = 0.0
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            wanted = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - wanted)
    return longest


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    made = work()
    return time.perf_counter() - begun, made


def _cases() -> list[ShortageCase]:
    """Open cases, some new, some with a question; the rest quiet."""
    chance = random.Random(500)
    made = []
    for number in range(CASES):
        opened = NOW - dt.timedelta(days=chance.choice((2, 30, 90, 200)))
        made.append(
            ShortageCase(
                number=f"2026-{number:04d}",
                preparation_key=f"legemiddel {number}",
                name=f"Legemiddel {number} konsentrat til infusjonsvæske 20 mg/ml",
                substance=f"virkestoff {number % 300}",
                atc=f"{chance.choice('JLN')}01AA{number % 90 + 10}",
                scope="medicine",
                authorised="yes",
                status="ongoing",
                visibility="meeting",
                start=opened.date(),
                expected_end=opened.date() + dt.timedelta(days=chance.randrange(30, 400)),
                substitute="utenlandske pakninger, men delleveransene er for små" if number % 2 else None,
                decision_question="Hvem får prioritet?" if number % 5 == 0 else None,
                criticality=chance.choice(("high", "medium", "low", None)),
                opened_at=opened,
                changed_at=opened,
            )
        )
    return made
