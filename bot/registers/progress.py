"""How far long work has come, for whoever waits; and a way to stop it that leaves everything as it was."""

from __future__ import annotations

import threading
from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told of so many out of so many, from whichever thread does the work. Raises `StoppedError` to stop it."""


class StoppedError(Exception):
    """Somebody has stopped it. Nothing of what it had begun is stored."""


def unheard(done: int, total: int) -> None:
    """Tell nobody."""


class Work:
    """Work in hand: how far it has come, and whether it is to stop at the next step."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._stop = threading.Event()

    def __call__(self, done: int, total: int) -> None:
        """Remember how far it is. Raises `StoppedError` once somebody has asked it to stop."""
        self.done, self.total = done, total
        if self._stop.is_set():
            raise StoppedError

    def stop(self) -> None:
        """Let it stop at its next step."""
        self._stop.set()

    @property
    def percent(self) -> int:
        """Of a hundred; 0 where it is not known yet."""
        return min(99, self.done * 100 // self.total) if self.total else 0
