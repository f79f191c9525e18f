"""What goes wrong, kind by kind: each a short life with one thing broken at a random moment."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import resource
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.bases import PostgresqlBase, SqliteBase, revisions
from tests.faults.stage import MONDAY, SLOWLY, Said, Stage
from workspace import NoAnswer

DIGEST_TIME = dt.datetime(2025, 7, 9, 12, 0, tzinfo=dt.UTC)
"""Wednesday, 14:00 in Oslo."""
Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    """One kind of fault. `only`: the engine that it can happen to. `disk`: needs a small disk of its own."""

    name: str
    play: Play
    only: str | None = None
    replicas: int = 1
    at: dt.datetime = MONDAY
    connect: bool = True
    disk: bool = False


KINDS: dict[str, Kind] = {}


def kind(name: str, **more: Any) -> Callable[[Play], Play]:
    """Name a play."""

    def register(play: Play) -> Play:
        KINDS[name] = Kind(name, play, **more)
        return play

    return register


async def together(*plays: Awaitable[None]) -> None:
    """All at once; the first that fails is heard when all are done."""
    for result in await asyncio.gather(*plays, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def life(stage: Stage) -> None:
    """What people do while it goes wrong: two report, one asks."""
    await together(stage.report(0), stage.report(1), stage.ask(2))


# --- the process dies ---


@kind("killed: report")
async def killed_report(stage: Stage) -> None:
    await together(life(stage), stage.kill_and_replace(stage.rng.uniform(0, 1.2)))


@kind("killed: at a change")
async def killed_at_a_change(stage: Stage) -> None:
    await together(life(stage), stage.kill_at_change(stage.rng.randint(1, 25)))


@kind("killed: question")
async def killed_question(stage: Stage) -> None:
    await stage.ask(0)
    await stage.kill_and_replace(stage.rng.uniform(0, 0.08))
    await stage.ask(1)


@kind("killed: sheet")
async def killed_sheet(stage: Stage) -> None:
    await together(stage.send_sheet(), stage.kill_and_replace(stage.rng.uniform(0, 1.0)))


@kind("killed: digest", at=DIGEST_TIME - dt.timedelta(hours=1))
async def killed_digest(stage: Stage) -> None:
    stage.said.append(Said("digest", ""))
    stage.clock.set(DIGEST_TIME - dt.timedelta(seconds=0.3))
    await together(stage.report(0), stage.kill_and_replace(stage.rng.uniform(0.3, 1.6)))


@kind("killed: migration", connect=False)
async def killed_migration(stage: Stage) -> None:
    """The database is of an older release, with a message that waits; the base is made by the runner."""
    stage.base.tell(
        "INSERT INTO outbox (key, channel, text, blocks, priority, state, attempts, not_before, doubtful, created_at)"
        " VALUES ('old', %s, 'fra en eldre utgave', '[]', 5, 'waiting', 0, %s, %s, %s)",
        stage.cases.id,
        *_old_values(stage),
    )
    for _ in range(stage.rng.randint(1, 3)):
        await stage.bear()
        await asyncio.sleep(stage.rng.uniform(0, 0.5))
        stage.kill()
    await stage.bear()
    await stage.ws.connected(timeout=SLOWLY)
    await stage.report(0)


def _old_values(stage: Stage) -> tuple[object, object, object]:
    now = MONDAY - dt.timedelta(hours=1)
    shown: object = now if stage.base.kind == "postgresql" else now.strftime("%Y-%m-%d %H:%M:%S.%f")
    return shown, False, shown


# --- Slack is unwell ---


@kind("Slack: 429")
async def slack_429(stage: Stage) -> None:
    for _ in range(3):
        stage.ws.answer(
            "chat.*", status=429, retry_after=stage.rng.choice([0, 1]), times=1, after=stage.rng.randint(0, 4)
        )
    await life(stage)


@kind("Slack: 500")
async def slack_500(stage: Stage) -> None:
    for _ in range(3):
        stage.ws.answer("chat.*", status=500, times=stage.rng.randint(1, 2), after=stage.rng.randint(0, 4))
    stage.ws.answer("*", error="fatal_error", after=stage.rng.randint(4, 12))
    await life(stage)


@kind("Slack: hanging")
async def slack_hangs(stage: Stage) -> None:
    for _ in range(2):
        stage.ws.answer("chat.*", hang=2.5, hang_up="before", after=stage.rng.randint(0, 4))
    await life(stage)


@kind("Slack: hangs up")
async def slack_hangs_up(stage: Stage) -> None:
    for _ in range(4):
        stage.ws.answer("chat.*", hang_up=stage.rng.choice(["before", "after"]), after=stage.rng.randint(0, 4))
    await life(stage)


@kind("Slack: socket closed")
async def slack_closes(stage: Stage) -> None:
    async def close() -> None:
        for _ in range(3):
            await asyncio.sleep(stage.rng.uniform(0, 0.5))
            if stage.rng.random() < 0.5:
                await stage.ws.cut()
            elif stage.ws.socket_mode is not None:
                await stage.ws.socket_mode.disconnect()

    await together(life(stage), close())


@kind("Slack: three times, two sockets", replicas=2)
async def slack_repeats(stage: Stage) -> None:
    stage.ws.deliver_each(3, at_once=True)
    stage.ws.core.courier.lateness = lambda: stage.rng.uniform(0, 0.3)
    await life(stage)


@kind("Slack: acknowledgements lost")
async def slack_loses_acks(stage: Stage) -> None:
    stage.ws.core.courier.ack_timeout = 0.5
    stage.ws.drop_acks(stage.rng.randint(1, 4))
    await life(stage)


# --- the database is away ---


@kind("database away", only="postgresql")
async def database_away(stage: Stage) -> None:
    assert isinstance(stage.base, PostgresqlBase)

    async def away() -> None:
        await asyncio.sleep(stage.rng.uniform(0, 0.8))
        await asyncio.to_thread(stage.base.go_away)  # type: ignore[attr-defined]
        await asyncio.sleep(stage.rng.uniform(0.3, 2.5))
        await asyncio.to_thread(stage.base.come_back)  # type: ignore[attr-defined]

    await together(life(stage), away())


@kind("database locked", only="sqlite")
async def database_locked(stage: Stage) -> None:
    assert isinstance(stage.base, SqliteBase)

    async def lock() -> None:
        await asyncio.sleep(stage.rng.uniform(0, 0.8))
        with stage.base.locked():  # type: ignore[attr-defined]
            await asyncio.sleep(stage.rng.uniform(0.3, 4.0))

    await together(life(stage), lock())


@kind("disk full", only="sqlite", disk=True)
async def disk_full(stage: Stage) -> None:
    """Somebody else's file fills the disk for a while."""
    assert isinstance(stage.base, SqliteBase)
    filler = stage.base.path.parent / "filler"

    async def fill() -> None:
        await asyncio.sleep(stage.rng.uniform(0, 0.8))
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        await asyncio.sleep(stage.rng.uniform(0.3, 2.5))
        filler.unlink()

    await together(life(stage), fill())


@kind("files may not grow", only="sqlite")
async def files_may_not_grow(stage: Stage) -> None:
    """A full disk without a disk: the process may write to no file."""

    async def limit() -> None:
        await asyncio.sleep(stage.rng.uniform(0, 0.8))
        (pid,) = stage.pids
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        await asyncio.sleep(stage.rng.uniform(0.3, 2.5))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    await together(life(stage), limit())


@kind("disk read-only", only="sqlite", disk=True)
async def disk_read_only(stage: Stage) -> None:
    """The disk comes up read-only after a crash, and later as it should."""
    assert isinstance(stage.base, SqliteBase)
    disk = stage.base.path.parent
    await stage.report(0)
    (old,) = stage.pids
    stage.kill()
    await gone(old)
    _remount(disk, "ro")
    pid = await stage.bear()
    await asyncio.sleep(stage.rng.uniform(0.2, 1.2))
    _remount(disk, "rw")
    while True:
        with contextlib.suppress(NoAnswer):
            await stage.ws.connected(timeout=1.0)
            break
        if not alive(pid):  # perhaps only now: it found that it could not write, and went
            stage.pids.remove(pid)
            pid = await stage.bear()
    await stage.report(1)


# --- time and company ---


@kind("clock steps", at=DIGEST_TIME - dt.timedelta(minutes=30))
async def clock_steps(stage: Stage) -> None:
    async def step() -> None:
        for _ in range(2):
            await asyncio.sleep(stage.rng.uniform(0, 0.8))
            stage.clock.step(stage.rng.choice([-3600, 3600]))
        stage.clock.step(3600)

    await together(life(stage), step())


@kind("two replicas, one killed", replicas=2, at=DIGEST_TIME - dt.timedelta(hours=1))
async def two_replicas(stage: Stage) -> None:
    stage.said.append(Said("digest", ""))
    stage.clock.set(DIGEST_TIME - dt.timedelta(seconds=0.5))
    await together(life(stage), stage.kill_and_replace(stage.rng.uniform(0, 1.6)))


# --- disks ---


@asynccontextmanager
async def small_disk(folder: Path, megabytes: int = 3) -> AsyncIterator[Path | None]:
    """A disk of its own for one run; None where this machine does not let us mount one."""
    folder.mkdir()
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            _run("umount", "-l", str(folder))


def may_mount(folder: Path) -> bool:
    """Whether this machine lets us mount a disk in memory."""
    folder.mkdir(exist_ok=True)
    if not _run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)):
        return False
    return _run("umount", str(folder))


def _remount(disk: Path, how: str) -> None:
    if not _run("mount", "-o", f"remount,{how}", str(disk)):
        raise RuntimeError(f"{disk} could not be mounted {how}")


def _run(*words: str) -> bool:
    try:
        return subprocess.run(words, capture_output=True, check=False, timeout=10).returncode == 0
    except FileNotFoundError:
        return False


def alive(pid: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int) -> None:
    """Wait until a killed process has let go of its files."""
    while alive(pid):  # noqa: ASYNC110 - it is no child of ours
        await asyncio.sleep(0.02)


def revision_for(stage_kind: Kind, number: int) -> str:
    """The schema that a run begins with: an older one where a migration is killed."""
    if stage_kind.name != "killed: migration":
        return "head"
    older = revisions()[:-1]
    return older[number % len(older)]
