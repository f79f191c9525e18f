"""Asks, again and again, what is due. What is due stands in tables, so a restart or a missed hour changes nothing."""

from __future__ import annotations

import asyncio
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
MISFIRE_GRACE_SECONDS = 3600
SECONDS_BETWEEN = {"catalogue": 5.0, "old_keys": 3600.0}
"""Where that is not the usual: a third of the lead's lease for what the leader asks, a minute for every replica."""

FINISH_WITHIN = 2.5
"""Seconds that questions in hand have when the bot stops."""

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
        self._lease = dt.timedelta(seconds=settings.lead_lease_seconds)
        self.name = f"replica-{uuid.uuid4().hex[:12]}"
        self._scheduler = AsyncIOScheduler(
            timezone=OSLO,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_SECONDS},
        )
        self._in_hand: set[asyncio.Task[object]] = set()
        often = settings.lead_lease_seconds / 3
        for name, question in leading.items():
            trigger: BaseTrigger = IntervalTrigger(seconds=SECONDS_BETWEEN.get(name, often))
            first: dict[str, dt.datetime] = {}
            if name == "cover":  # a figure may have come just before the last process died
                trigger, first = CronTrigger(parse_cron(settings.cover_cron)), {"next_run_time": dt.datetime.now(OSLO)}
            self._scheduler.add_job(self._if_leading, trigger, args=[name, question], id=name, **first)
        for name, question in everywhere.items():
            seconds = min(5.0, settings.delivery_lease_seconds / 3) if name == "events" else 60.0
            trigger = IntervalTrigger(seconds=SECONDS_BETWEEN.get(name, seconds))
            self._scheduler.add_job(self._ask, trigger, args=[name, question], id=name)

    async def _if_leading(self, name: str, question: Question) -> None:
        async def as_leader() -> None:
            if await lead.take(self._database, LEAD, self.name, self._lease):
                await question()

        await self._ask(name, as_leader)

    async def _ask(self, name: str, question: Question) -> None:
        asked = asyncio.current_task()
        assert asked is not None  # noqa: S101
        self._in_hand.add(asked)
        try:
            await question()
        except Exception:
            log.exception("the question %s failed; it is asked again", name)
        finally:
            self._in_hand.discard(asked)

    async def start(self) -> None:
        """Begin asking, in the running loop; lead at once where nobody does."""
        await lead.take(self._database, LEAD, self.name, self._lease)
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop asking, let what has been asked be answered, and hand the lead over.

        APScheduler breaks off what its jobs have in hand when it shuts down: what takes too long is then asked again.
        """
        self._scheduler.pause()
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=FINISH_WITHIN)
        self._scheduler.shutdown(wait=False)
        await lead.give_up(self._database, LEAD, self.name)
