"""How long shortages have lasted, read from the base once and kept until another one has ended."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import oslo
from bot.stock.ends import PastCase, PastCases
from storage import cases as stored

MOST = 5000
"""Ended cases that are looked at, the newest: ten years of the centre's (477 in 2025)."""


class PastReading:
    """Keeps what was read: to ask it costs two look-ups in an index, not every case there has been.

    It is read anew on another day, when a case has been opened or closed, and after an import. What is put right in
    an old case counts from then on.
    """

    def __init__(self) -> None:
        self._kept: tuple[object, PastCases] | None = None

    async def cases(self, session: AsyncSession, today: dt.date) -> PastCases:
        """Every shortage that goes on, and the newest that have ended, as they stand on `today`."""
        stands = (today, *await stored.newest(session))
        if self._kept is None or self._kept[0] != stands:
            self._kept = stands, await self._read(session, today)
        return self._kept[1]

    @staticmethod
    async def _read(session: AsyncSession, today: dt.date) -> PastCases:
        past = []
        for start, expected_end, opened_at, closed_at, cause, atc in await stored.durations(session, most=MOST):
            began = start or oslo(opened_at).date()
            ended = closed = oslo(closed_at).date() if closed_at is not None else None
            if closed is not None and expected_end is not None and expected_end <= closed:
                ended = expected_end
            days = ((ended or today) - began).days
            if days >= 0:
                past.append(PastCase(days, ended is not None, cause, atc))
        return PastCases(past)
