"""2,000 commands at once, and 2,000 whole reports by 200 people: within a minute, and at a pace that one process keeps.

The workspace and its people are one process, the bot another, so each has a core of the two. Beside it, in the same
run, an app that only acknowledges; and for the reports one that answers each step with what is ready and keeps nothing.
Times are from the envelope's sending to its acknowledgement, as Slack counts them. Whoever hears that the bot did not
answer does the step again.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, make_url, text

from bench.databases import ENGINES, database
from tests.load.reporting import Reporter, medicines
from tests.load.stage import answering_stage, bare_stage, stage
from workspace import NoAnswer, User, Workspace

COMMANDS, REPORTS, PEOPLE = 2_000, 2_000, 200
LINES = ("status valtrex 500", "liste", "hjelp", "lager meropenem", "2025-0001")
WITHIN = (60.0, 240.0)
"""Seconds in which the reports begin, evenly spread: what is asked, and what a process keeps up with."""
SAID_WITHIN = 300.0
PATIENCE = 5
"""So often somebody does a step again before they give the report up."""
STOP_AFTER = 120.0
"""Seconds after the last report should have begun; then nobody begins another one."""
KINDS = 150
"""Medicines that are reported: most reports join a case."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of many commands at once."""

    acknowledged: int
    seconds: float
    waits: Sequence[float]

    @property
    def rate(self) -> float:
        """Acknowledgements a second."""
        return self.acknowledged / self.seconds


def run() -> None:
    """Print both tables, for both databases."""
    print(f"{COMMANDS:,} commands at once (aim: all acknowledged, worst ≤ 1 s, ≥ 0.40 of the bare app's)", flush=True)
    _by_itself(_commands)
    for within in WITHIN:
        aim = "none lost or doubled, 99th ≤ 1 s"
        print(f"{REPORTS:,} whole reports by {PEOPLE} people in {within:g} s (aim: {aim})", flush=True)
        _by_itself(_answers, within)
        for engine in ENGINES:
            _by_itself(_reports, engine, within)


def _by_itself(measure: Callable[..., Coroutine[Any, Any, None]], *values: object) -> None:
    """Measure in a process of its own: a workspace keeps all that was ever said in it, and the next would be slower."""
    one = multiprocessing.get_context("spawn").Process(target=_measured, args=(measure, *values))
    one.start()
    one.join()
    if one.exitcode:
        raise SystemExit(one.exitcode)


def _measured(measure: Callable[..., Coroutine[Any, Any, None]], *values: object) -> None:
    asyncio.run(measure(*values))


# --- commands ---


async def _commands() -> None:
    async with bare_stage(PEOPLE) as (ws, people):
        await _burst(ws, people)  # the first warms the connection up
        bare = await _burst(ws, people)
    print(_burst_line("an app that only acknowledges", bare, bare))
    for engine in ENGINES:
        with database(engine) as url:
            async with stage(url, PEOPLE) as on:
                for line in LINES:
                    await on.ws.slash(on.people[0], f"/mangel {line}")
                ours = await _burst(on.ws, on.people)
                answered = await _answered(on.ws)
        print(_burst_line(f"Mangelvakt on {engine}", ours, bare) + f", answered {answered:,}")


async def _burst(ws: Workspace, people: Sequence[User]) -> Burst:
    lines = itertools.cycle(LINES)
    homes = {user.id: ws.state.im_with(user.id) for user in people}
    before, began = len(ws.deliveries), time.perf_counter()
    tasks = [
        asyncio.create_task(ws.people.command(user, "/mangel", next(lines), homes[user.id]))
        for user in itertools.islice(itertools.cycle(people), COMMANDS)
    ]
    given = await asyncio.gather(*tasks)
    seconds = time.perf_counter() - began
    assert len(ws.deliveries) - before == COMMANDS
    return Burst(sum(one.ack.ok for one in given), seconds, sorted(one.ack.seconds for one in given))


async def _answered(ws: Workspace) -> int:
    """How many commands of the burst got an answer, waited for."""
    until, said = time.monotonic() + SAID_WITHIN, 0
    while time.monotonic() < until and said < COMMANDS:
        await asyncio.sleep(0.5)
        said = sum(bool(ticket.said) for ticket in ws.core.tickets.response_urls.values()) - len(LINES)
    return said


def _burst_line(who: str, burst: Burst, bare: Burst) -> str:
    return (
        f"  {who:<32}{burst.acknowledged:>6,} acknowledged at {burst.rate:7,.0f}/s ({burst.rate / bare.rate:4.2f})"
        f"  worst {burst.waits[-1]:5.2f} s"
    )


# --- reports ---


async def _answers(within: float) -> None:
    """What the app that only answers makes of the same, so much of the machine as a report needs at least."""
    with database(ENGINES[0]) as url:
        async with stage(url, 1) as on:
            await on.ws.slash(on.people[0], "/mangel")
            form = (await on.ws.view(on.people[0])).body
    names: dict[str, list[str]] = defaultdict(list)
    for typed, name in medicines(KINDS):
        names[typed].append(name)
    async with answering_stage(PEOPLE, form, names) as (ws, people):
        done = await _everybody_reports(ws, people, within)
    print(f"  {'an app that only answers':<26}{_took(done)}")
    print(_waits_line(ws))


async def _reports(engine: str, within: float) -> None:
    with database(engine) as url:
        async with stage(url, PEOPLE) as on:
            done = await _everybody_reports(on.ws, on.people, within)
            ((filed,),) = await asyncio.to_thread(_ask, url, "SELECT count(*) FROM shortage_report")
            said = await _all_said(url)
            lost, twice = _stored(url, done.marks)
            cards = Counter(
                m.metadata["event_payload"]["key"]
                for m in on.ws.state.messages
                if m.user == on.ws.bot_user_id and m.metadata and "event_payload" in m.metadata
            )
    doubled = sum(count - 1 for count in cards.values())
    print(
        f"  {f'Mangelvakt on {engine}':<26}{_took(done)}, {filed:,} filed by then, all said"
        f" {said:.1f} s later; lost {lost}, stored twice {twice}, said twice {doubled}"
    )
    print(_waits_line(on.ws))


@dataclass(frozen=True, slots=True)
class Done:
    """The notes that tell the reports apart, the time they took, how often somebody did a step again or gave up."""

    marks: Sequence[str]
    seconds: float
    again: int
    given_up: int


def _took(done: Done) -> str:
    return (
        f"{len(done.marks):,} of {REPORTS:,} sent in {done.seconds:5.1f} s, {done.again} steps done again,"
        f" {done.given_up} given up"
    )


def _waits_line(ws: Workspace) -> str:
    waits = sorted(one.ack.seconds for one in ws.deliveries)
    unanswered = sum(not one.ack.ok for one in ws.deliveries)
    return (
        f"  {'':<26}{len(waits):,} envelopes: median {statistics.median(waits) * 1000:.0f} ms,"
        f" 99th {waits[int(len(waits) * 0.99)] * 1000:.0f} ms, worst {waits[-1] * 1000:.0f} ms;"
        f" not acknowledged {unanswered}"
    )


async def _everybody_reports(ws: Workspace, people: Sequence[User], within: float) -> Done:
    """Each person reports again and again, begun at even steps."""
    chosen = medicines(KINDS)
    each, step = REPORTS // PEOPLE, within / REPORTS
    marks: list[str] = []
    given_up = 0
    reporters = [Reporter(ws, user, patience=PATIENCE) for user in people]
    origin = time.monotonic()

    async def one(place: int, reporter: Reporter) -> None:
        nonlocal given_up
        for turn in range(each):
            if time.monotonic() - origin > within + STOP_AFTER:
                return
            number = turn * PEOPLE + place
            await asyncio.sleep(max(0.0, origin + number * step - time.monotonic()))
            typed, name = chosen[number % len(chosen)]
            try:
                await reporter.report(typed, name, f"belastning {number}")
            except NoAnswer:
                given_up += 1
            else:
                marks.append(f"belastning {number}")

    await asyncio.gather(*(one(place, reporter) for place, reporter in enumerate(reporters)))
    return Done(marks, time.monotonic() - origin, sum(one.again for one in reporters), given_up)


async def _all_said(url: str) -> float:
    """Seconds until every report that was kept is filed, and nothing waits in the outbox."""
    began = time.monotonic()
    while time.monotonic() - began < SAID_WITHIN:
        ((kept,),) = await asyncio.to_thread(_ask, url, "SELECT count(*) FROM kept_event WHERE NOT handled")
        ((unsaid,),) = await asyncio.to_thread(
            _ask, url, "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'superseded')"
        )
        if kept == unsaid == 0:
            break
        await asyncio.sleep(0.5)
    return time.monotonic() - began


def _stored(url: str, marks: Sequence[str]) -> tuple[int, int]:
    notes = Counter(str(note) for (note,) in _ask(url, "SELECT note FROM shortage_report"))
    return sum(not notes[mark] for mark in marks), sum(notes[mark] > 1 for mark in marks)


def _ask(url: str, question: str) -> Sequence[tuple[object, ...]]:
    plain = make_url(url)
    engine = create_engine(plain if plain.drivername == "sqlite" else plain.set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question))]
    finally:
        engine.dispose()
