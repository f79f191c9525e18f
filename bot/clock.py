"""The one clock. Instants are aware UTC; people read and plan in Europe/Oslo."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Clock(Protocol):
    """Whoever needs the time is given one of these, never the system's clock directly."""

    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""
        return dt.datetime.now(dt.UTC)


class SetClock:
    """A clock that stands where it is set, for tests, replays and `--as-of`."""

    def __init__(self, at: dt.datetime) -> None:
        self.set(at)

    def now(self) -> dt.datetime:
        """The instant this clock was last set to, aware, in UTC."""
        return self._at

    def set(self, at: dt.datetime) -> None:
        """Put the clock at `at`, which must be aware."""
        if at.tzinfo is None:
            raise ValueError("a clock is set to an aware instant")
        self._at = at.astimezone(dt.UTC)

    def advance(self, by: dt.timedelta) -> None:
        """Move the clock by `by`."""
        self._at += by


def oslo(at: dt.datetime) -> dt.datetime:
    """`at` as it reads on a clock in Oslo."""
    return at.astimezone(OSLO)


def today(clock: Clock) -> dt.date:
    """The date in Oslo now."""
    return oslo(clock.now()).date()
