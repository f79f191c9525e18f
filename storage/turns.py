"""So many at once, and the others in line: by rank, and among equals whoever came first."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SOMEBODY_WAITS, IN_LINE = 0, 1
"""Ranks: what has to be answered within seconds goes ahead of what has been acknowledged already."""


class Turns:
    """Turns of one event loop; `at_once` have theirs side by side."""

    def __init__(self, at_once: int) -> None:
        self._at_once = self._free = at_once
        self._line: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = itertools.count()
        self._nobody_waits = asyncio.Event()
        self._nobody_waits.set()

    @property
    def ahead(self) -> int:
        """How many have their turn or stand in line."""
        return self._at_once - self._free + sum(not mine.done() for _, _, mine in self._line)

    @asynccontextmanager
    async def turn(self, rank: int = IN_LINE) -> AsyncIterator[None]:
        """Wait for one's turn, and have it until the block ends."""
        await self._begin(rank)
        try:
            yield
        finally:
            self._end()

    async def lull(self, within: float) -> None:
        """Wait until nobody stands in line, but for `within` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._nobody_waits.wait()

    async def _begin(self, rank: int) -> None:
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._line, (rank, next(self._came), mine))
        self._nobody_waits.clear()
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # the turn came, and nobody is there to take it
                self._end()
            raise

    def _end(self) -> None:
        while self._line:
            _, _, whose = heapq.heappop(self._line)
            if not self._line:
                self._nobody_waits.set()
            if not whose.done():
                whose.set_result(None)
                return
        self._free += 1
