"""Asks, again and again, what is due. What is due stands in tables, so a restart or a missed hour changes nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import OSLO
from bot.meeting.calendar import Cron, parse_cron
from bot.settings import Settings
from storage import lead
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

LEAD = "scheduler"
MISFIRE_GRACE_SECONDS = 3600
SECONDS_BETWEEN = {
    "catalogue": 5.0,
    "memory": 10.0,
    "old_keys": 3600.0,
    "retention": 3600.0,
    "left": 600.0,
    "leavers": 3600.0,
    "old_sheets": 3600.0,
    "old_lists": 3600.0,
    "sheet_folder": 30.0,
    "restrictions": 60.0,
    "registers": 60.0,
}
"""Where that is not the usual: a third of the lead's lease for what the leader asks, a minute for every replica."""

FINISH_WITHIN = 2.5
"""Seconds that questions in hand have when the bot stops."""

HAND_OVER_WITHIN = 1.0
"""Seconds that a stop waits for the database to take down what others may take up at once."""

LOOK_AT_CLOCK_EVERY = 5.0
STEP_SECONDS = 10.0
"""A clock that is this much back from where it should be was set; less is what clocks do by themselves."""

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
        clock_went_back: Question | None = None,
    ) -> None:
        self._database = database
        self._clock_went_back = clock_went_back
        self._watching: asyncio.Task[None] | None = None
        self._lease = dt.timedelta(seconds=settings.lead_lease_seconds)
        self.name = f"replica-{uuid.uuid4().hex[:12]}"
        self._scheduler = AsyncIOScheduler(
            timezone=OSLO,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_SECONDS},
        )
        self._in_hand: set[asyncio.Task[object]] = set()
        self._leads = False
        often = settings.lead_lease_seconds / 3
        for name, question in leading.items():
            trigger: BaseTrigger = IntervalTrigger(seconds=SECONDS_BETWEEN.get(name, often))
            if name == "cover":
                trigger = CronTrigger(parse_cron(settings.cover_cron))
            self._scheduler.add_job(self._if_leading, trigger, args=[name, question], id=name)
        for name, question in everywhere.items():
            seconds = min(5.0, settings.delivery_lease_seconds / 3) if name == "events" else 60.0
            trigger = IntervalTrigger(seconds=SECONDS_BETWEEN.get(name, seconds))
            self._scheduler.add_job(self._ask, trigger, args=[name, question], id=name)

    async def _if_leading(self, name: str, question: Question) -> None:
        async def as_leader() -> None:
            if await self._take_the_lead():
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

    async def _take_the_lead(self) -> bool:
        """Lead where nobody else does. Who begins to looks at the stock at once: a figure may have come just before."""
        led, self._leads = self._leads, await lead.take(self._database, LEAD, self.name, self._lease)
        cover = self._scheduler.get_job("cover")
        if self._leads and not led and cover is not None:
            cover.modify(next_run_time=dt.datetime.now(OSLO))
        return self._leads

    async def start(self) -> None:
        """Begin asking, in the running loop; lead at once where nobody does."""
        await self._take_the_lead()
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch_the_clock(), name="clock")

    async def _watch_the_clock(self) -> None:
        """APScheduler reckons by the machine's clock: where that is put back by an hour, it asks nothing for an hour.

        So the clock is held against one that nobody sets. Put forward, all is due at once, which does no harm.
        """
        apart = _apart()
        while True:
            await asyncio.sleep(LOOK_AT_CLOCK_EVERY)
            step, apart = _apart() - apart, _apart()
            if step < -STEP_SECONDS:
                log.warning("the clock went back by %.0f s; what is due is asked anew", -step)
                await self.ask_anew()

    async def ask_anew(self) -> None:
        """Reckon every question's next time from now, and let what waits by the old clock go."""
        for job in self._scheduler.get_jobs():
            job.reschedule(job.trigger)
        if self._clock_went_back is not None:
            await self._ask("clock", self._clock_went_back)

    async def stop(self) -> None:
        """Stop asking, let what has been asked be answered, and hand the lead over.

        APScheduler breaks off what its jobs have in hand when it shuts down: what takes too long is then asked again.
        """
        if self._watching is None:
            return
        self._watching.cancel()
        self._scheduler.pause()
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=FINISH_WITHIN)
        self._scheduler.shutdown(wait=False)
        async with handing_over("the lead"):
            await lead.give_up(self._database, LEAD, self.name)


@asynccontextmanager
async def handing_over(what: str) -> AsyncIterator[None]:
    """Inside a stop, `what` is given to whoever comes next; where the database does not answer, its lease ends."""
    try:
        async with asyncio.timeout(HAND_OVER_WITHIN):
            yield
    except (SQLAlchemyError, OSError) as fault:
        log.warning("%s could not be handed over; its lease ends by itself: %s", what, type(fault).__name__)


def _apart() -> float:
    """How far the machine's clock is ahead of one that only counts, in seconds."""
    return dt.datetime.now(dt.UTC).timestamp() - time.monotonic()
