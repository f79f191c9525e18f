"""The outbox's rows: who may take which, and when."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from bot.clock import SetClock
from storage import outbox
from storage.tables import OutboxEntry
from storage.unit_of_work import Database

LEASE = dt.timedelta(seconds=60)


async def say(database: Database, key: str, channel: str = "C1", **more: Any) -> None:
    async with database.unit_of_work() as uow:
        await uow.say(key, channel, f"text of {key}", [], **more)


async def claim(database: Database, worker: str = "one", most: int = 20, besides: tuple[str, ...] = ()) -> list[str]:
    """The keys of the rows that `worker` was given."""
    async with database.unit_of_work() as uow:
        rows = await outbox.claim(uow.session, worker=worker, now=uow.now, lease=LEASE, most=most, besides=besides)
        return [row.key for row in rows]


async def row_of(database: Database, key: str) -> OutboxEntry:
    async with database.read() as session:
        return (await outbox.by_keys(session, [key]))[key]


async def change(database: Database, key: str, worker: str = "one", **values: Any) -> bool:
    row_id = (await row_of(database, key)).id
    assert row_id is not None
    async with database.unit_of_work() as uow:
        return await outbox.change(uow.session, row_id, worker, **values)


async def sent(database: Database, *keys: str) -> None:
    for key in keys:
        assert await change(database, key, state="sent", ts="1.1", posted_in="C1", lease_until=None)


async def test_four_workers_take_each_of_200_rows_once(database: Database, second_database: Database) -> None:
    async with database.unit_of_work() as uow:
        for place in range(200):
            await uow.say(f"row:{place}", f"U{place % 50}", "hei", [], priority=place % 3)

    async def work(name: str, through: Database) -> list[str]:
        taken: list[str] = []
        while some := await claim(through, name, most=5):
            taken += some
            await asyncio.gather(*(change(through, key, name, state="sent") for key in some))
        return taken

    by_worker = await asyncio.gather(
        *(work(f"worker-{place}", (database, second_database)[place % 2]) for place in range(4))
    )
    taken = [key for some in by_worker for key in some]
    # A row behind one that another worker has in hand waits; whoever comes last finds it.
    taken += await work("late", database)
    assert sorted(taken) == sorted(f"row:{place}" for place in range(200))


async def test_the_most_urgent_go_first_and_otherwise_the_oldest(database: Database) -> None:
    for key, priority in (("digest", 7), ("card", 4), ("alert", 1), ("second card", 4)):
        await say(database, key, f"C-{key}", priority=priority)
    assert await claim(database, most=3) == ["alert", "card", "second card"]
    assert await claim(database) == ["digest"]


async def test_a_row_in_hand_is_nobody_elses_until_its_lease_runs_out(database: Database, clock: SetClock) -> None:
    await say(database, "alert")
    assert await claim(database, "one") == ["alert"]
    clock.advance(LEASE)
    assert await claim(database, "two") == []
    clock.advance(dt.timedelta(seconds=1))
    assert await claim(database, "two") == ["alert"]
    row = await row_of(database, "alert")
    assert row.doubtful
    assert row.attempts == 2
    assert not await change(database, "alert", "one", state="sent"), "the first worker no longer has a say"
    assert await change(database, "alert", "two", state="sent")


async def test_a_row_that_waits_for_its_next_try_is_left_until_then(database: Database, clock: SetClock) -> None:
    await say(database, "alert")
    await claim(database)
    await change(database, "alert", state="waiting", not_before=clock.now() + dt.timedelta(seconds=10))
    assert await claim(database) == []
    clock.advance(dt.timedelta(seconds=10))
    assert await claim(database) == ["alert"]
    assert not (await row_of(database, "alert")).doubtful


async def test_a_reply_waits_for_its_parent_and_for_earlier_replies(database: Database) -> None:
    await say(database, "card", priority=7)
    await say(database, "first", reply_to="card", priority=1)
    await say(database, "second", reply_to="card", priority=1)
    assert await claim(database) == ["card"]
    assert await claim(database) == []
    await sent(database, "card")
    assert await claim(database) == ["first"]
    assert await claim(database) == []
    await sent(database, "first")
    assert await claim(database) == ["second"]


@pytest.mark.parametrize("end", ["failed", "superseded"])
async def test_a_reply_does_not_wait_for_what_will_never_come(database: Database, end: str) -> None:
    await say(database, "card")
    await say(database, "reply", reply_to="card")
    await claim(database)
    await change(database, "card", state=end)
    assert await claim(database) == ["reply"]


async def test_of_several_edits_only_the_newest_is_sent(database: Database) -> None:
    await say(database, "card")
    for version in (2, 3, 4):
        await say(database, f"card:v{version}", edits="card")
    assert await claim(database) == ["card"]
    await sent(database, "card")
    assert await claim(database) == ["card:v4"]
    assert (await row_of(database, "card:v2")).state == "superseded"
    assert (await row_of(database, "card:v3")).state == "superseded"


async def test_an_edit_waits_for_an_older_edit_in_hand(database: Database) -> None:
    await say(database, "card")
    await claim(database)
    await sent(database, "card")
    await say(database, "card:v2", edits="card")
    assert await claim(database, "one") == ["card:v2"]
    await say(database, "card:v3", edits="card", priority=1)
    assert await claim(database, "two") == [], "the older one could land last"
    await sent(database, "card:v2")
    assert await claim(database, "two") == ["card:v3"]


async def test_a_channels_messages_keep_their_order_when_one_of_them_fails(database: Database, clock: SetClock) -> None:
    for part in (1, 2, 3):
        await say(database, f"digest:{part}", "C-meeting", priority=7)
    assert await claim(database, most=1) == ["digest:1"]
    assert await claim(database, "two") == [], "somebody is busy with the first part"
    await change(database, "digest:1", state="waiting", not_before=clock.now() + dt.timedelta(seconds=10))
    assert await claim(database, "two") == []
    await say(database, "alert", "C-meeting", priority=1)
    await say(database, "card", "C-cases", priority=7)
    assert await claim(database, "two") == ["alert", "card"], "more urgent, or elsewhere"
    await change(database, "alert", "two", state="sent")
    clock.advance(dt.timedelta(seconds=10))
    assert await claim(database, "two") == ["digest:1", "digest:2", "digest:3"]


async def test_a_message_that_fails_again_and_again_is_gone_around(database: Database, clock: SetClock) -> None:
    await say(database, "bad")
    await say(database, "good")
    for _ in range(outbox.PATIENCE):
        assert (await claim(database))[0] == "bad"
        await change(database, "bad", state="waiting", not_before=clock.now() + dt.timedelta(seconds=10))
        await change(database, "good", state="waiting")
        clock.advance(dt.timedelta(seconds=10))
    assert (await claim(database, most=1)) == ["bad"]
    await change(database, "bad", state="waiting", not_before=clock.now() + dt.timedelta(seconds=10))
    assert await claim(database) == ["good"]


async def test_channels_that_are_busy_are_left_out(database: Database) -> None:
    await say(database, "here", "C1")
    await say(database, "there", "C2")
    assert await claim(database, besides=("C1",)) == ["there"]


async def test_an_edit_that_was_given_up_is_not_sent_again_over_a_newer_one(database: Database) -> None:
    await say(database, "card")
    await sent(database, *await claim(database))
    await say(database, "card:v2", edits="card")
    await claim(database)
    await say(database, "card:v3", edits="card")
    await change(database, "card:v2", state="failed", problem="msg_too_long")
    old = await row_of(database, "card:v2")
    async with database.unit_of_work() as uow:
        assert await outbox.settle(uow.session, old.id or 0, uow.now, again=True)
    assert (await row_of(database, "card:v2")).state == "superseded"
    assert await claim(database) == ["card:v3"]


async def test_what_stands_where_is_counted(database: Database) -> None:
    for key in ("a", "b", "c"):
        await say(database, key, f"C-{key}")
    await claim(database, most=1)
    await change(database, "a", state="failed", problem="msg_too_long")
    async with database.read() as session:
        assert await outbox.counts(session) == {"failed": 1, "waiting": 2}
        assert [row.problem for row in await outbox.failed(session)] == ["msg_too_long"]
        assert await outbox.next_due(session) is not None


async def test_a_claim_stays_quick_with_many_waiting_in_one_channel(database: Database) -> None:
    async with database.unit_of_work() as uow:
        for place in range(1500):
            await uow.say(f"row:{place}", "C1", "hei", [], reply_to="card:1" if place % 2 else None)
    started = asyncio.get_running_loop().time()
    assert len(await claim(database, most=20)) == 20
    assert asyncio.get_running_loop().time() - started < 2
