"""Events that are kept: in one replica's hands at a time, and free as soon as that stops."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.clock import SetClock
from bot.delivery.inbox import Inbox
from storage.unit_of_work import Database

LEASE = dt.timedelta(seconds=60)
BODY = {"type": "event_callback", "event": {"type": "app_mention"}}


async def taken_up(by: Inbox) -> list[str]:
    """The keys of what `by` was given."""
    return [key for key, _, _ in await by.left()]


async def test_what_is_in_hand_is_nobody_elses_until_its_lease_runs_out(database: Database, clock: SetClock) -> None:
    here, there = Inbox(database, clock, LEASE), Inbox(database, clock, LEASE)
    assert await here.keep("event:1", BODY)
    assert await taken_up(there) == []
    clock.advance(dt.timedelta(seconds=40))
    assert await taken_up(here) == [], "it is renewed"
    clock.advance(dt.timedelta(seconds=40))
    assert await taken_up(there) == []
    clock.advance(dt.timedelta(seconds=21))
    assert await taken_up(there) == ["event:1"]


@pytest.mark.parametrize("step", [2 * LEASE, -dt.timedelta(hours=1)])
async def test_what_is_in_hand_is_not_begun_again_by_who_has_it(
    database: Database, clock: SetClock, step: dt.timedelta
) -> None:
    here = Inbox(database, clock, LEASE)
    assert await here.keep("event:1", BODY)
    clock.advance(step)
    assert await taken_up(here) == []


async def test_a_replica_with_a_shorter_lease_takes_nothing_that_is_in_hand(
    database: Database, clock: SetClock
) -> None:
    assert await Inbox(database, clock, LEASE).keep("event:1", BODY)
    assert await taken_up(Inbox(database, clock, LEASE / 3)) == []


async def test_what_is_given_back_at_a_stop_is_taken_up_at_once(database: Database, clock: SetClock) -> None:
    here = Inbox(database, clock, LEASE)
    for key in ("event:1", "event:2"):
        assert await here.keep(key, BODY)
    await here.done("event:2")
    await here.give_back()
    assert await taken_up(Inbox(database, clock, LEASE)) == ["event:1"]
