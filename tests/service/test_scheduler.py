"""The scheduler goes cleanly: what it has asked is answered before the lead is handed over."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import update

from bot.clock import SetClock
from bot.scheduler import LEAD, Scheduler
from storage import lead
from storage.tables import Lead
from storage.unit_of_work import Database
from tests.service.conftest import settings_for


async def test_a_question_in_hand_is_answered_before_the_scheduler_has_stopped(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def question() -> None:
        asked.set()
        await asyncio.sleep(0.5)
        answered.set()

    settings = settings_for(delivery_lease_seconds=0.3, lead_lease_seconds=3)
    scheduler = Scheduler(database, settings, leading={}, everywhere={"events": question})
    await scheduler.start()
    await asyncio.wait_for(asked.wait(), 20)
    await scheduler.stop()
    assert answered.is_set()
    assert "exception" not in caplog.text


async def test_when_the_clock_is_put_back_what_is_due_is_asked_anew(database: Database) -> None:
    """APScheduler reckons by the clock that was put back: it would ask nothing until that has caught up."""
    asked, let_go = asyncio.Event(), asyncio.Event()

    async def question() -> None:
        asked.set()

    async def waits() -> None:
        let_go.set()

    settings = settings_for(delivery_lease_seconds=0.3, lead_lease_seconds=3)
    scheduler = Scheduler(database, settings, leading={}, everywhere={"events": question}, clock_went_back=waits)
    await scheduler.start()
    (job,) = scheduler._scheduler.get_jobs()
    job.modify(next_run_time=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
    asked.clear()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asked.wait(), 0.5)
    await scheduler.ask_anew()
    assert let_go.is_set()
    await asyncio.wait_for(asked.wait(), 5)
    await scheduler.stop()


async def test_who_takes_the_lead_looks_at_the_stock_at_once(database: Database, clock: SetClock) -> None:
    looked = asyncio.Event()

    async def look() -> None:
        looked.set()

    async def nothing() -> None:
        return None

    assert await lead.take(database, LEAD, "who died", dt.timedelta(seconds=45))
    settings = settings_for(delivery_lease_seconds=0.3, lead_lease_seconds=0.6)
    scheduler = Scheduler(database, settings, leading={"cover": look, "meeting": nothing}, everywhere={})
    await scheduler.start()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(looked.wait(), 0.5)
    clock.advance(dt.timedelta(seconds=46))
    await asyncio.wait_for(looked.wait(), 20)
    await scheduler.stop()


async def test_a_stop_does_not_wait_for_a_database_that_is_busy(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler = Scheduler(database, settings_for(), leading={}, everywhere={})
    await scheduler.start()
    async with database.unit_of_work() as uow:
        await uow.session.execute(update(Lead).values(holder=Lead.holder))
        await asyncio.wait_for(scheduler.stop(), 5)
    assert "the lead could not be handed over" in caplog.text
