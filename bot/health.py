"""Is the bot fit to work? What is wrong, in words, for whoever watches it: no secret, and nothing of a case."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.delivery.standing import Standing
from bot.messages.phrase import Phrase, phrase
from bot.scheduler import LEAD
from storage import lead, outbox
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that the database has to answer."""
STALLED = dt.timedelta(minutes=5)
"""A message that nothing holds back is on its way within seconds. After this long nobody delivers."""


class Health:
    """`listening` says whether Slack reaches this process."""

    def __init__(
        self, database: Database, clock: Clock, listening: Callable[[], Awaitable[bool]], standing: Standing
    ) -> None:
        self._standing = standing
        self._database = database
        self._clock = clock
        self._listening = listening

    async def problems(self) -> list[Phrase]:
        """Everything that keeps this process from its work; none when it is ready."""
        found: list[Phrase] = []
        if not await self._listening():
            found.append(phrase("Slack: ikke tilkoblet."))
        refused = self._standing.problem()
        if refused is not None:
            found.append(refused)
        try:
            async with asyncio.timeout(PATIENCE):
                found += await self._in_the_database()
        except (SQLAlchemyError, OSError, TimeoutError) as fault:
            log.warning("the database does not answer: %s", type(fault).__name__)
            found.append(phrase("Database: svarer ikke."))
        return found

    async def _in_the_database(self) -> list[Phrase]:
        now = self._clock.now()
        async with self._database.read() as session:
            led = await lead.holder(session, LEAD, now)
            since = await outbox.stalled_since(session, now)
        found: list[Phrase] = []
        if led is None:
            found.append(phrase("Tidsplan: ingen prosess spør hva som skal gjøres."))
        if since is not None and now - since > STALLED:
            minutes = int((now - since).total_seconds() // 60)
            found.append(phrase("Utboks: en melding har stått klar i {minutes} minutter.", minutes=minutes))
        return found
