"""How far a command has come, on a terminal: one line that is drawn over itself, and gone when it is done."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from bot.registers.progress import Work

WIDTH = 30
FIRST_AFTER = 0.5
"""Seconds that need no bar."""
EVERY = 0.1


class Bar(Work):
    """Work in hand whose progress is drawn on standard error, where that is a terminal. Ctrl-C stops it."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self._next = time.monotonic() + FIRST_AFTER
        self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int) -> None:
        """Draw it, at most ten times a second. Raises `StoppedError` once it has been stopped."""
        super().__call__(done, total)
        now = time.monotonic()
        if not sys.stderr.isatty() or now < self._next:
            return
        self._next, self._drawn = now + EVERY, True
        filled = self.percent * WIDTH // 100
        drawn = "█" * filled + "░" * (WIDTH - filled)
        print(f"\r\033[K{self._what} {drawn} {self.percent:>2} %", end="", file=sys.stderr, flush=True)
