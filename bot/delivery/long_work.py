"""Long work in hand: told of while it lasts, and stopped from any replica, which leaves the base as it was."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.registers.progress import StoppedError, Work
from storage import work as stored
from storage.tables import LongWork
from storage.unit_of_work import Answer, Database, UnitOfWork

T = TypeVar("T")

TOLD_AFTER = 2.0
"""Seconds that nobody need be told of."""

TOLD_EVERY = 2.0
"""Seconds between two tellings; Slack takes about one message a second to a channel."""

FORGOTTEN_AFTER = dt.timedelta(days=1)


class LongWorkService:
    """Does long work while somebody watches. What has been begun stands in a table, so that any replica can stop it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def watched(
        self, do: Callable[[Work], Awaitable[T]], tell: Callable[[str, int], Awaitable[None]]
    ) -> tuple[T, bool]:
        """What `do` gives, and whether it was told of.

        From the second second on, `tell` hears the work's id and how far it is, in percent. Raises `Refused` where
        somebody stops it: nothing is stored then.
        """
        work, name = Work(), str(uuid.uuid4())
        task = asyncio.ensure_future(do(work))
        told = False
        try:
            if not (await asyncio.wait({task}, timeout=TOLD_AFTER))[0]:
                async with self._database.unit_of_work() as uow:
                    await uow.add(LongWork(id=name, begun_at=uow.now))
                told = True
                while not task.done():
                    await tell(name, work.percent)
                    await asyncio.wait({task}, timeout=TOLD_EVERY)
                    async with self._database.read() as session:
                        if await stored.is_stopped(session, name):
                            work.stop()
            return await task, told
        except StoppedError:
            raise Refused(phrase("Stoppet. Ingenting er lagret.")) from None
        finally:
            if not task.done():
                work.stop()
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, StoppedError):
                    await task
            if told:
                async with self._database.unit_of_work() as uow:
                    await stored.end(uow.session, name, uow.now - FORGOTTEN_AFTER)

    async def stop(self, name: str, by: Actor, *, key: str | None) -> bool:
        """Ask work to stop; False where it is over already."""
        by.require(Action.STORE_STOCK)

        async def work(uow: UnitOfWork) -> Answer:
            return {"stopped": await stored.stop(uow.session, name, uow.now)}

        return bool((await self._database.once(key, work))["stopped"])
