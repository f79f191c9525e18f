"""Bots that may be killed: each a process of its own, forked from one that has read and imported everything.

`python -m tests.faults.nursery` takes orders, one JSON object to a line, and answers each with the process's id.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import datetime as dt
import importlib
import json
import logging
import mmap
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any, Self

from bot import event_loop

ROOT = Path(__file__).parents[2]
AS_DEPLOYED = {"MALLOC_ARENA_MAX": "2"}
"""What the image and the unit set for the process."""
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class SharedClock:
    """The machine's clock plus an offset that another process may step: eight bytes in a file."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._offset = mmap.mmap(file.fileno(), 8)

    @classmethod
    def made(cls, path: Path, at: dt.datetime) -> Self:
        """A clock that shows `at` now."""
        path.write_bytes(struct.pack("d", (at - dt.datetime.now(dt.UTC)).total_seconds()))
        return cls(path)

    def set(self, at: dt.datetime) -> None:
        """Put it at `at`."""
        self._offset[:] = struct.pack("d", (at - dt.datetime.now(dt.UTC)).total_seconds())

    def step(self, seconds: float) -> None:
        """Put it forward or back, for every process that reads it."""
        self._offset[:] = struct.pack("d", struct.unpack("d", self._offset[:])[0] + seconds)

    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=struct.unpack("d", self._offset[:])[0])


class Nursery:
    """The runner's hold on the process that forks bots."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def opened(cls) -> Self:
        """Start it and wait until everything is imported."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.nursery",
            cwd=ROOT,
            env={**os.environ, **AS_DEPLOYED, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        nursery = cls(process)
        await nursery._answer()
        return nursery

    async def bear(self, **order: Any) -> int:
        """Start a bot; its process id."""
        async with self._one_at_a_time:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()
            return int(await self._answer())

    async def _answer(self) -> bytes:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that starts bots is gone")
        return line

    async def close(self) -> None:
        """End it, and with it every bot."""
        self._process.terminate()
        await self._process.wait()


def _serve() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    from slack_bolt.async_app import AsyncApp

    from bot.catalogue.catalogue import Catalogue
    from bot.meeting.calendar import is_working_day
    from bot.messages.render import Renderer

    for name in ("bot.app", "psycopg"):
        importlib.import_module(name)
    AsyncApp(token="xoxb-", signing_secret="-")  # Bolt reads the sources of whoever makes an app, once in a process
    Renderer().prepare()
    Catalogue.shipped().ready()
    is_working_day(dt.date.today())
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _be_a_bot(json.loads(line))
        print(pid, flush=True)


def _be_a_bot(order: dict[str, Any]) -> None:
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for there, here in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(there, here)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    code = 1
    try:
        event_loop.run(_live(order))
        code = 0
    except Exception:
        logging.exception("the bot ended")
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


async def _live(order: dict[str, Any]) -> None:
    from bot.app import Bot
    from bot.settings import load_settings

    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    bot = Bot(load_settings(**order["settings"]), SharedClock(Path(order["clock"])), pace=0.0)
    bot.client.timeout = order["patience"]
    async with bot:
        await stopping.wait()


if __name__ == "__main__":
    _serve()
