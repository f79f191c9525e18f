"""Asks, again and again, what is due. What is due stands in tables, so a restart or a missed hour changes nothing."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import OSLO
from bot.meeting.calendar import Cron, parse_cron
from bot.settings import Settings
from storage import lead
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

LEAD = "scheduler"
LEASE = dt.timedelta(seconds=45)
"""A dead leader is followed within a minute: its lease runs out, and the next question comes within 15 seconds."""
MISFIRE_GRACE_SECONDS = 3600
OFTEN = {"catalogue": 5}
"""Seconds between the questions of every replica that people wait for; a minute for the rest."""

Question = Callable[[], Awaitable[object]]


class CronTrigger(BaseTrigger):  # type: ignore[misc]
    """Standard cron in Oslo. APScheduler's own counts weekdays from Monday = 0, cron from Sunday = 0."""

    def __init__(self, cron: Cron) -> None:
        self._cron = cron

    def get_next_fire_time(self, previous: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """The first time after the previous one, or after now."""
        return self._cron.next_after(max(previous, now) if previous else now)


class Scheduler:
    """APScheduler with the questions of the one replica that leads, and those of every replica."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        leading: dict[str, Question],
        everywhere: dict[str, Question],
    ) -> None:
        self._database = database
        self._name = f"replica-{uuid.uuid4().hex[:12]}"
        self._scheduler = AsyncIOScheduler(
            timezone=OSLO,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_SECONDS},
        )
        for name, question in leading.items():
            trigger: BaseTrigger = IntervalTrigger(seconds=15)
            if name == "cover":
                trigger = CronTrigger(parse_cron(settings.cover_cron))
            self._scheduler.add_job(self._if_leading, trigger, args=[name, question], id=name)
        for name, question in everywhere.items():
            trigger = IntervalTrigger(seconds=OFTEN.get(name, 60))
            self._scheduler.add_job(self._ask, trigger, args=[name, question], id=name)

    async def _if_leading(self, name: str, question: Question) -> None:
        if await lead.take(self._database, LEAD, self._name, LEASE):
            await self._ask(name, question)

    async def _ask(self, name: str, question: Question) -> None:
        try:
            await question()
        except Exception:
            log.exception("the question %s failed; it is asked again", name)

    async def start(self) -> None:
        """Begin asking, in the running loop; lead at once where nobody does."""
        self._scheduler.start()
        await lead.take(self._database, LEAD, self._name, LEASE)

    async def stop(self) -> None:
        """Stop asking and hand the lead over."""
        self._scheduler.shutdown(wait=False)
        await lead.give_up(self._database, LEAD, self._name)
