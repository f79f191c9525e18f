"""Runs: seeded, several side by side, and a table of what came of them."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.bases import Bases
from tests.faults.kinds import KINDS, Kind, may_mount, revision_for, small_disk
from tests.faults.nursery import Nursery
from tests.faults.stage import Stage

AT_ONCE = 6
"""Runs side by side: most of a run is waiting."""
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of random name is made in it
"""No power is cut here, so nothing has to reach a disk."""
TAKES_AT_MOST = 240.0


@dataclass(frozen=True)
class Plan:
    """One run to be: the same plan plays the same fault at the same moments."""

    number: int
    seed: int
    kind: Kind
    engine: str


@dataclass
class Outcome:
    """What came of it."""

    plan: Plan
    acknowledged: int = 0
    posted: int = 0
    violations: list[str] = field(default_factory=list)
    skipped: str = ""
    log: str = ""


def plans(runs: int, seed: int, kinds: Sequence[str] = (), engines: Sequence[str] = ()) -> Iterator[Plan]:
    """`runs` plans, spread evenly over kinds and engines."""
    places = [
        (KINDS[name], engine)
        for name in (kinds or KINDS)
        for engine in (engines or ("sqlite", "postgresql"))
        if KINDS[name].only in (None, engine)
    ]
    for number in range(runs):
        kind, engine = places[number % len(places)]
        yield Plan(number, seed, kind, engine)


async def run_all(
    todo: Sequence[Plan], postgresql: str, *, at_once: int = AT_ONCE, show: bool = False
) -> list[Outcome]:
    """Play every plan."""
    folder = Path(tempfile.mkdtemp(prefix="mangelvakt-faults-", dir=MEMORY if MEMORY.is_dir() else None))
    mounting = may_mount(folder / "mount")
    bases = Bases(folder, postgresql)
    nursery = await Nursery.opened()
    places = asyncio.Semaphore(at_once)
    began = time.monotonic()
    outcomes: list[Outcome] = []

    async def one(plan: Plan) -> None:
        async with places:
            if plan.kind.disk and not mounting:
                outcome = Outcome(plan, skipped="this machine does not let us mount a small disk")
            else:
                outcome = await play(plan, bases, nursery, folder / f"run{plan.number}")
            outcomes.append(outcome)
            if show:
                for wrong in outcome.violations:
                    print(f"run {plan.number} ({plan.kind.name}, {plan.engine}, seed {plan.seed}): {wrong}", flush=True)
                if len(outcomes) % 50 == 0:
                    print(f"{len(outcomes)} of {len(todo)} runs, {time.monotonic() - began:.0f} s", flush=True)

    try:
        await asyncio.gather(*(one(plan) for plan in todo))
    finally:
        await nursery.close()
        bases.drop()
        shutil.rmtree(folder, ignore_errors=True)
    return sorted(outcomes, key=lambda outcome: outcome.plan.number)


async def play(plan: Plan, bases: Bases, nursery: Nursery, folder: Path) -> Outcome:
    """One run."""
    outcome = Outcome(plan)
    rng = random.Random(f"{plan.seed}/{plan.number}")
    folder.mkdir()
    try:
        async with small_disk(folder / "disk") if plan.kind.disk else _no_disk(folder) as place:
            base = await bases.make(plan.engine, revision_for(plan.kind, plan.number), where=place)
            stage = Stage(
                rng,
                base,
                folder,
                nursery,
                replicas=plan.kind.replicas,
                at=plan.kind.at,
                connect=plan.kind.connect,
            )
            try:
                async with asyncio.timeout(TAKES_AT_MOST), stage:
                    await plan.kind.play(stage)
                    stage.ws.mend()
                    await stage.settle()
            except TimeoutError:
                stage.violations.append(f"not over after {TAKES_AT_MOST:g} s")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this run's, and is shown
                stage.violations.append(f"{type(error).__name__}: {error}")
            finally:
                await asyncio.to_thread(base.drop)
            outcome.acknowledged, outcome.posted = stage.acknowledged, stage.posted
            outcome.violations = stage.violations
            if stage.violations and stage.log.exists():
                outcome.log = stage.log.read_text(encoding="utf-8", errors="replace")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome


class _no_disk:  # noqa: N801 - reads as a sentence
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __aenter__(self) -> Path:
        return self._folder

    async def __aexit__(self, *error: object) -> None:
        return None


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each kind and engine, and the sum."""
    lines = [f"{'kind':34}{'database':12}{'runs':>6}{'acked':>8}{'posted':>8}{'wrong':>7}"]
    for place in dict.fromkeys((outcome.plan.kind.name, outcome.plan.engine) for outcome in outcomes):
        own = [one for one in outcomes if (one.plan.kind.name, one.plan.engine) == place]
        lines.append(_line(*place, own))
    lines.append(_line("all", "", outcomes))
    lines += sorted({f"skipped: {one.plan.kind.name}: {one.skipped}" for one in outcomes if one.skipped})
    return "\n".join(lines)


def _line(name: str, engine: str, own: Sequence[Outcome]) -> str:
    played = [one for one in own if not one.skipped]
    return (
        f"{name:34}{engine:12}{len(played):6}{sum(one.acknowledged for one in played):8}"
        f"{sum(one.posted for one in played):8}{sum(bool(one.violations) for one in played):7}"
    )
