"""The delivery worker against a workspace that fails on purpose: nothing lost, nothing said twice."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update

from bot.clock import SetClock
from bot.delivery import slack_errors
from bot.delivery.channels import ChannelKinds
from bot.delivery.pilot import Pilot
from bot.delivery.slack_errors import FixSettings, GiveUp, NoAnswer, SlowDown, TryAgain, classify
from bot.delivery.worker import EVENT_TYPE, DeliveryWorker
from bot.messages.render import Renderer
from storage import outbox
from storage.tables import OutboxEntry
from storage.unit_of_work import Database
from workspace import Channel, User, Workspace

POST = "chat.postMessage"
LEASE = dt.timedelta(seconds=60)


@dataclass
class Post:
    """A workspace, an outbox, and a worker between them."""

    ws: Workspace
    database: Database
    clock: SetClock
    cases: Channel
    stock: Channel
    kari: User
    client: AsyncWebClient
    worker: DeliveryWorker

    def another(self, pace: float = 0.0) -> DeliveryWorker:
        """A worker of another process."""
        return DeliveryWorker(self.database, self.client, self.clock, pace=pace, lease=LEASE, poll=0.05)

    async def say(self, key: str, where: Channel | User | None = None, text: str = "", **more: Any) -> None:
        """Put a message in the outbox."""
        blocks = more.pop("blocks", [])
        async with self.database.unit_of_work() as uow:
            await uow.say(key, (where or self.cases).id, text or f"tekst {key}", blocks, **more)

    async def row(self, key: str) -> OutboxEntry:
        """What became of it."""
        async with self.database.read() as session:
            return (await outbox.by_keys(session, [key]))[key]

    async def until_sent(self, key: str) -> None:
        """Wait until it is written down as sent."""
        async with asyncio.timeout(5):
            while (await self.row(key)).state != "sent":  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)

    def texts(self, where: Channel | User | None = None) -> list[str]:
        """What stands in the channel, outside threads."""
        return [message.text for message in self.ws.messages(where or self.cases, by_bot=True)]

    async def later(self, seconds: float = 60.0) -> None:
        """Wait so long, then deliver until nothing is due."""
        self.clock.advance(dt.timedelta(seconds=seconds))
        await self.now()

    async def now(self) -> None:
        """Deliver until nothing is due."""
        while await self.worker.deliver_due():
            pass

    async def what_waits_is_let_go(self) -> None:
        """As where the bot has seen that the clock went back."""
        async with self.database.unit_of_work() as uow:
            await outbox.forgive_waits(uow.session, uow.now)
        await self.now()


@pytest.fixture
async def post(database: Database, clock: SetClock) -> AsyncIterator[Post]:
    """A furnished workspace and a worker without pace that gives an answer one second."""
    async with Workspace() as ws:
        kari = ws.add_user("Kari Lege")
        cases = ws.add_channel("mangelsaker", private=True, members=[kari])
        stock = ws.add_channel("lager", private=True, members=[kari])
        client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url, retry_handlers=[], timeout=1)
        worker = DeliveryWorker(database, client, clock, pace=0.0, lease=LEASE, poll=0.05)
        yield Post(ws, database, clock, cases, stock, kari, client, worker)


# --- said as it was decided ---


async def test_a_message_arrives_unchanged_and_carries_its_key(post: Post) -> None:
    text = "Å «Ærlig» &lt;!channel&gt; 😀 ½ {{ 7*7 }}\n• <@U0NOBODY01>"
    blocks = [
        {"type": "section", "block_id": "a", "text": {"type": "mrkdwn", "text": text}},
        {"type": "divider", "block_id": "b"},
    ]
    await post.say("card:1", text=text, blocks=blocks)
    await post.now()
    (message,) = post.ws.messages(post.cases, by_bot=True)
    assert (message.text, message.blocks) == (text, blocks)
    assert message.metadata == {"event_type": EVENT_TYPE, "event_payload": {"key": "card:1"}}
    row = await post.row("card:1")
    assert (row.state, row.ts, row.posted_in) == ("sent", message.ts, post.cases.id)
    assert (row.sent_at, row.problem, row.lease_until) == (post.clock.now(), None, None)


async def test_a_person_is_written_to_directly_and_answered_in_the_thread(post: Post) -> None:
    await post.say("receipt:1", post.kari)
    await post.say("more:1", post.kari, reply_to="receipt:1")
    await post.now()
    (receipt,) = post.ws.messages(post.kari, by_bot=True)
    assert [reply.text for reply in post.ws.replies(post.kari, receipt)] == ["tekst more:1"]


async def test_an_edit_changes_the_message_in_place(post: Post) -> None:
    await post.say("card:1", text="første")
    await post.now()
    for version in (2, 3):
        await post.say(f"card:1:v{version}", text=f"utgave {version}", edits="card:1")
    await post.now()
    assert post.texts() == ["utgave 3"]
    assert len(post.ws.calls("chat.update")) == 1
    assert (await post.row("card:1:v2")).state == "superseded"


async def test_urgent_messages_go_first(post: Post) -> None:
    for key, priority in (("digest", 7), ("receipt", 3), ("alert", 1)):
        await post.say(key, priority=priority)
    await post.now()
    assert post.texts() == ["tekst alert", "tekst receipt", "tekst digest"]


async def test_four_workers_say_two_hundred_things_once(post: Post) -> None:
    people = [post.ws.add_user(f"Person {place}") for place in range(25)]
    async with post.database.unit_of_work() as uow:
        for place in range(200):
            await uow.say(f"row:{place}", people[place % 25].id, str(place), [])
    workers = [post.another() for _ in range(4)]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    await post.ws.wait_for(lambda: len(post.ws.calls(POST)) >= 200, 30, "200 messages")
    await post.ws.quiet()
    for worker in workers:
        worker.stop()
    await asyncio.gather(*running)
    for place, person in enumerate(people):
        assert [int(text) for text in post.texts(person)] == list(range(place, 200, 25))


# --- doubtful answers ---


@pytest.mark.parametrize("where", ["channel", "thread", "person"])
async def test_a_post_whose_answer_was_lost_is_found_and_not_said_again(post: Post, where: str) -> None:
    await post.say("card:1")
    await post.now()
    more: dict[str, Any] = {"reply_to": "card:1"} if where == "thread" else {}
    post.ws.answer(POST, hang_up="after")
    await post.say("note", post.kari if where == "person" else post.cases, **more)
    await post.now()
    assert (await post.row("note")).doubtful
    await post.later()

    row = await post.row("note")
    assert row.state == "sent"
    found = [message for message in post.ws.state.messages if message.text == "tekst note"]
    assert [message.ts for message in found] == [row.ts]
    assert (found[0].thread_ts is not None) == (where == "thread")


@pytest.mark.parametrize(
    "fault", [{"hang_up": "before"}, {"status": 500}, {"status": 503}, {"error": "internal_error"}]
)
async def test_a_post_that_was_not_done_is_looked_for_and_then_said(post: Post, fault: dict[str, Any]) -> None:
    post.ws.answer(POST, **fault)
    await post.say("alert:1")
    await post.now()
    assert post.texts() == []
    await post.later()
    assert post.texts() == ["tekst alert:1"]
    assert post.ws.calls("conversations.history"), "it looked first"


async def test_a_post_that_hangs_past_our_patience_is_found_when_it_was_done_after_all(post: Post) -> None:
    post.ws.answer(POST, hang=1.5)
    await post.say("alert:1")
    await post.now()
    assert (await post.row("alert:1")).problem == "TimeoutError"
    await post.ws.wait_for(lambda: len(post.texts()) == 1, 5, "the late post")
    await post.later()
    assert post.texts() == ["tekst alert:1"]
    assert (await post.row("alert:1")).state == "sent"


async def test_slack_that_cannot_be_reached_has_done_nothing(post: Post) -> None:
    client = AsyncWebClient(token="xoxb-1", base_url="http://127.0.0.1:9/api/", retry_handlers=[], timeout=1)
    worker = DeliveryWorker(post.database, client, post.clock, pace=0.0)
    await post.say("alert:1")
    await worker.deliver_due()
    row = await post.row("alert:1")
    assert (row.state, row.doubtful, row.problem) == ("waiting", False, "no connection")
    await post.later()
    assert post.texts() == ["tekst alert:1"]


async def test_the_search_goes_through_many_newer_messages(post: Post) -> None:
    post.ws.answer(POST, hang_up="after")
    await post.say("alert:1")
    await post.now()
    for place in range(250):
        post.ws.people.post(post.kari, post.cases, f"prat {place}")
    await post.later()
    assert post.texts() == ["tekst alert:1"]
    assert (await post.row("alert:1")).state == "sent"


# --- a worker that dies ---


async def taken_by_a_worker_that_dies(post: Post) -> OutboxEntry:
    async with post.database.unit_of_work() as uow:
        (row,) = await outbox.claim(uow.session, worker="dead", now=uow.now, lease=LEASE, most=1)
        return row


async def test_what_a_dead_worker_held_is_said_when_its_lease_runs_out(post: Post) -> None:
    await post.say("alert:1")
    await taken_by_a_worker_that_dies(post)
    await post.later(59)
    assert post.texts() == []
    await post.later(2)
    assert post.texts() == ["tekst alert:1"]


async def test_what_a_dead_worker_had_said_is_not_said_again(post: Post) -> None:
    await post.say("alert:1")
    row = await taken_by_a_worker_that_dies(post)
    await post.client.chat_postMessage(
        channel=row.channel,
        text=row.text,
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": row.key}},
    )
    await post.later(61)
    assert post.texts() == ["tekst alert:1"]
    assert (await post.row("alert:1")).state == "sent"


async def test_a_worker_that_overslept_its_lease_leaves_the_row_to_the_one_that_took_over(post: Post) -> None:
    slow = post.another(pace=0.4)
    for key in ("first", "second"):
        await post.say(key)
    sleeping = asyncio.create_task(slow.deliver_due())
    await post.ws.wait_for(lambda: len(post.texts()) == 1, 5, "the first message")
    await asyncio.sleep(0.05)
    await post.later(61)
    assert post.texts() == ["tekst first", "tekst second"]
    await sleeping
    assert post.texts() == ["tekst first", "tekst second"]


async def test_a_worker_that_is_slow_but_alive_keeps_its_rows(post: Post) -> None:
    slow = post.another(pace=0.3)
    for key in ("first", "second", "third"):
        await post.say(key)
    sleeping = asyncio.create_task(slow.deliver_due())
    for count in (1, 2):
        await post.ws.wait_for(lambda count=count: len(post.texts()) == count, 5, "the next message")
        await asyncio.sleep(0.05)
        post.clock.advance(dt.timedelta(seconds=25))
        assert not await post.worker.deliver_due(), "the rows are in hand"
    await sleeping
    assert post.texts() == ["tekst first", "tekst second", "tekst third"]
    assert not post.ws.calls("conversations.history"), "nobody took over"


async def one_said_and_one_waiting(post: Post, pace: float) -> asyncio.Task[bool]:
    """Another worker has said the first of two messages and holds the second."""
    for key in ("first", "second"):
        await post.say(key)
    sleeping = asyncio.create_task(post.another(pace=pace).deliver_due())
    await post.until_sent("first")
    return sleeping


async def test_a_lease_that_is_over_by_the_time_it_is_renewed_is_renewed_again(post: Post) -> None:
    sleeping = await one_said_and_one_waiting(post, 1.5)
    post.clock.advance(dt.timedelta(seconds=35))
    post.ws.answer(POST, hang=0.5)
    async with post.database.unit_of_work() as uow:
        await uow.session.execute(update(OutboxEntry).values(text=OutboxEntry.text))
        await asyncio.sleep(2)
        post.clock.advance(dt.timedelta(seconds=70))
    await post.ws.wait_for(lambda: len(post.ws.calls(POST)) == 2, 5, "the second message on its way")
    assert not await post.worker.deliver_due(), "the row is in hand"
    await sleeping
    assert post.texts() == ["tekst first", "tekst second"]


async def test_a_lease_is_renewed_when_the_clock_has_gone_back(post: Post) -> None:
    sleeping = await one_said_and_one_waiting(post, 1.5)
    post.clock.advance(dt.timedelta(hours=-1))
    post.ws.answer(POST, hang=0.5)
    await post.ws.wait_for(lambda: len(post.ws.calls(POST)) == 2, 5, "the second message on its way")
    assert not await post.worker.deliver_due(), "the row is in hand"
    await sleeping
    assert post.texts() == ["tekst first", "tekst second"]


async def test_a_replica_that_stood_still_or_has_a_shorter_lease_takes_nothing_that_is_in_hand(post: Post) -> None:
    short = dt.timedelta(seconds=10)
    brief = DeliveryWorker(post.database, post.client, post.clock, pace=0.0, lease=short, poll=0.05)
    await post.say("alert:1")
    post.ws.answer(POST, hang=0.5)
    saying = asyncio.create_task(post.worker.deliver_due())
    await post.ws.wait_for(lambda: len(post.ws.calls(POST)) == 1, 5, "the message on its way")
    assert not await brief.deliver_due()
    await saying
    assert post.texts() == ["tekst alert:1"]


@pytest.mark.parametrize("edit", [False, True])
async def test_an_answer_is_waited_for_no_longer_than_the_claim_holds(post: Post, edit: bool) -> None:
    brief = DeliveryWorker(post.database, post.client, post.clock, pace=0.0, lease=dt.timedelta(seconds=1), poll=0.05)
    await post.say("alert:1")
    if edit:
        await post.now()
        await post.say("alert:1:v2", edits="alert:1")
    post.ws.answer("chat.update" if edit else POST, hang=0.8)
    await brief.deliver_due()
    row = await post.row("alert:1:v2" if edit else "alert:1")
    assert (row.state, row.problem, row.doubtful) == ("waiting", "TimeoutError", True)
    said = f"tekst {row.key}"
    await post.ws.wait_for(lambda: post.texts() == [said], 5, "what Slack did after all")
    await post.later()
    assert post.texts() == [said]


async def test_a_worker_that_is_stopped_finishes_one_and_gives_the_rest_back(post: Post) -> None:
    worker = post.another(pace=0.2)
    for key in ("first", "second", "third"):
        await post.say(key)
    running = asyncio.create_task(worker.run())
    await post.ws.wait_for(lambda: len(post.texts()) == 1, 5, "the first message")
    worker.stop()
    await asyncio.wait_for(running, 2)
    waiting = [await post.row(key) for key in ("second", "third")]
    assert {(row.state, row.attempts) for row in waiting} == {("waiting", 0)}
    await post.now()
    assert post.texts() == ["tekst first", "tekst second", "tekst third"]


async def test_a_worker_that_is_stopped_does_not_wait_for_its_turn(post: Post) -> None:
    worker = post.another(pace=5)
    for key in ("first", "second"):
        await post.say(key)
    running = asyncio.create_task(worker.run())
    await post.until_sent("first")
    worker.stop()
    await asyncio.wait_for(running, 2)
    assert (await post.row("second")).state == "waiting"


# --- a busy Slack ---


async def test_slack_that_asks_to_wait_is_given_the_time(post: Post) -> None:
    post.ws.answer(POST, status=429, retry_after=17)
    await post.say("first", priority=7)
    await post.say("second", priority=7)
    await post.now()
    await post.say("elsewhere", post.stock)
    await post.say("urgent", priority=1)
    await post.later(16.5)
    assert (post.texts(), post.texts(post.stock)) == ([], ["tekst elsewhere"])
    await post.later(1)
    assert post.texts() == ["tekst urgent", "tekst first", "tekst second"]
    assert not (await post.row("first")).doubtful
    assert len(post.ws.calls(POST)) == 5


async def test_a_channel_that_hangs_does_not_hold_up_the_others(post: Post) -> None:
    post.ws.answer(POST, hang=0.9)
    await post.say("slow", post.cases)
    running = asyncio.create_task(post.worker.run())
    await post.ws.wait_for(lambda: post.ws.calls(POST), 5, "the call that hangs")
    await post.say("alert", post.stock)
    started = asyncio.get_running_loop().time()
    await post.ws.wait_for(lambda: post.texts(post.stock) == ["tekst alert"], 5, "the alert")
    assert asyncio.get_running_loop().time() - started < 0.7
    assert post.texts() == []
    await post.ws.wait_for(lambda: post.texts() == ["tekst slow"], 5, "the slow one")
    post.worker.stop()
    await running


async def test_a_long_row_at_slacks_pace_does_not_hold_up_other_channels(post: Post) -> None:
    worker = post.another(pace=0.5)
    for place in range(5):
        await post.say(f"card:{place}", post.cases)
    running = asyncio.create_task(worker.run())
    await post.ws.wait_for(lambda: len(post.texts()) == 1, 5, "the first card")
    await post.say("alert", post.stock, priority=1)
    await post.ws.wait_for(lambda: post.texts(post.stock) == ["tekst alert"], 5, "the alert")
    assert len(post.texts()) < 3
    worker.stop()
    await running


async def test_one_message_a_second_in_a_channel(post: Post) -> None:
    worker = post.another(pace=0.15)
    for place in range(4):
        await post.say(f"card:{place}")
    started = asyncio.get_running_loop().time()
    while await worker.deliver_due():
        pass
    assert asyncio.get_running_loop().time() - started >= 0.45
    assert len(post.texts()) == 4


# --- what cannot be said ---


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "invalid_auth", "missing_scope"])
async def test_what_a_person_must_put_right_is_kept_and_tried_again(post: Post, error: str) -> None:
    post.ws.answer(POST, error=error, times=2)
    await post.say("alert:1")
    await post.now()
    row = await post.row("alert:1")
    assert (row.state, row.problem, row.doubtful) == ("waiting", error, False)
    await post.later(60)
    await post.later(120)
    assert post.texts() == ["tekst alert:1"]


@pytest.mark.parametrize("error", ["msg_too_long", "invalid_blocks", "user_not_found", "some_new_error"])
async def test_what_can_never_be_said_is_given_up_and_seen(post: Post, error: str) -> None:
    post.ws.answer(POST, error=error)
    await post.say("bad")
    await post.say("good")
    await post.now()
    assert post.texts() == ["tekst good"]
    async with post.database.read() as session:
        assert [(row.key, row.problem) for row in await outbox.failed(session)] == [("bad", error)]


async def test_an_edit_of_what_is_gone_is_given_up(post: Post) -> None:
    await post.say("card:1")
    await post.now()
    (card,) = post.ws.messages(post.cases, by_bot=True)
    await post.client.chat_delete(channel=post.cases.id, ts=card.ts)
    await post.say("card:1:v2", edits="card:1")
    await post.say("note", reply_to="card:1:v9 that never was")
    await post.now()
    assert (await post.row("card:1:v2")).problem == "message_not_found"
    assert (await post.row("note")).state == "sent"


async def test_a_thread_keeps_its_order_when_slack_fails_in_the_middle(post: Post) -> None:
    await post.say("card:1")
    for place in range(4):
        await post.say(f"note:{place}", reply_to="card:1")
    post.ws.answer(POST, status=500, after=2, times=2)
    await post.now()
    for _ in range(3):
        await post.later(10)
    (card,) = post.ws.messages(post.cases, by_bot=True)
    assert [reply.text for reply in post.ws.replies(post.cases, card)] == [f"tekst note:{place}" for place in range(4)]


async def test_a_digest_in_parts_keeps_its_order_when_slack_fails(post: Post) -> None:
    for part in range(3):
        await post.say(f"digest:{part}", priority=7)
    post.ws.answer(POST, status=500, times=2)
    await post.now()
    await post.later(5)
    await post.later(10)
    assert post.texts() == ["tekst digest:0", "tekst digest:1", "tekst digest:2"]


async def test_a_database_that_is_busy_is_waited_for(post: Post) -> None:
    await post.say("alert:1")
    row = await taken_by_a_worker_that_dies(post)
    running = asyncio.create_task(post.worker.run())
    async with post.database.unit_of_work() as uow:  # SQLite has one writer: the worker waits behind us
        await uow.alone("mangelvakt:outbox")
        await asyncio.sleep(0.2)
        await outbox.change(uow.session, row.id or 0, "dead", state="waiting", lease_until=None)
    await post.ws.wait_for(lambda: post.texts() == ["tekst alert:1"], 5, "the alert")
    post.worker.stop()
    await running


# --- what errors mean ---


class Answer(dict[str, Any]):
    """As much of the SDK's response as an error needs."""

    def __init__(self, status: int, body: dict[str, Any], headers: Any = None) -> None:
        super().__init__(body)
        self.status_code, self.data, self.headers = status, body, headers or {}


@pytest.mark.parametrize(
    ("error", "means", "doubtful"),
    [
        (SlackApiError("", Answer(200, {"ok": False, "error": "channel_not_found"})), FixSettings, False),
        (SlackApiError("", Answer(200, {"ok": False, "error": "cant_update_message"})), GiveUp, False),
        (SlackApiError("", Answer(200, {"ok": False, "error": "fatal_error"})), NoAnswer, True),
        (SlackApiError("", Answer(502, {})), NoAnswer, True),
        (SlackApiError("", Answer(200, {})), NoAnswer, True),
        (SlackApiError("", object()), NoAnswer, True),
        (SlackRequestError("no"), NoAnswer, True),
        (TimeoutError(), NoAnswer, True),
        (aiohttp.ServerDisconnectedError(), NoAnswer, True),
        (ConnectionResetError(), NoAnswer, True),
        (KeyError("channel"), NoAnswer, True),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), GiveUp, False),
    ],
)
def test_each_error_has_its_meaning(error: Exception, means: type[Exception], doubtful: bool) -> None:
    found = classify(error)
    assert type(found) is means
    assert found.doubtful is doubtful
    assert issubclass(NoAnswer, TryAgain)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": ["3"]}, 3.0),
        (CIMultiDictProxy(CIMultiDict({"RETRY-AFTER": "0"})), 0.0),
        ({"Retry-After": "soon"}, 30.0),
        ({}, 30.0),
    ],
)
def test_the_wait_is_the_one_slack_asks_for(headers: Any, seconds: float) -> None:
    found = classify(SlackApiError("", Answer(429, {"ok": False, "error": "ratelimited"}, headers)))
    assert isinstance(found, SlowDown)
    assert found.seconds == seconds


def test_no_error_string_means_two_things() -> None:
    parts = (
        slack_errors._DOUBTFUL,
        slack_errors._PASSES,
        slack_errors._SETTINGS,
        slack_errors._NEVER,
        slack_errors._OF_A_VIEW,
    )
    assert sum(map(len, parts)) == len(slack_errors.MEANING) == len({code for part in parts for code in part})


# --- a workspace that asks to wait, and one that knows us no more ---


async def test_a_second_channel_that_is_asked_to_wait_quiets_the_workspace(post: Post) -> None:
    third = post.ws.add_channel("info", members=[post.kari])
    post.ws.answer(POST, status=429, retry_after=20, times=2)
    await post.say("first", post.cases)
    await post.say("second", post.stock)
    await post.now()
    await post.say("third", third)
    await post.later(15)
    assert len(post.ws.calls(POST)) == 2, "nothing is tried before Slack's time is over"
    await post.later(6)
    said = (post.texts(), post.texts(post.stock), post.texts(third))
    assert said == (["tekst first"], ["tekst second"], ["tekst third"])


async def test_a_workspace_is_written_to_no_faster_than_slack_allows(post: Post) -> None:
    people = [post.ws.add_user(f"Person {place}") for place in range(6)]
    worker = post.another(pace=0.5)
    for place, one in enumerate(people):
        await post.say(f"alert:{place}", one)
    started = asyncio.get_running_loop().time()
    while await worker.deliver_due():
        pass
    assert asyncio.get_running_loop().time() - started >= 0.45, "a tenth of a second between two, in different channels"
    assert len(post.ws.calls(POST)) == 6


async def test_a_token_that_was_taken_away_is_one_line_and_all_is_said_with_a_new_one(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.ws.answer(POST, error="token_revoked", times=3)
    for place, where in enumerate((post.cases, post.stock, post.kari)):
        await post.say(f"alert:{place}", where)
    await post.now()
    lines = [record.getMessage() for record in caplog.records if "token" in record.getMessage()]
    assert len(lines) == 1
    assert "no more (token_revoked)" in lines[0]
    assert not [record for record in caplog.records if "not delivered" in record.getMessage()]
    async with post.database.unit_of_work() as uow:
        assert await outbox.try_now(uow.session, uow.now, problems=slack_errors.TOKEN_GONE) == 3
    await post.now()
    assert post.texts() == ["tekst alert:0"]
    assert len(post.texts(post.kari)) == 1


# --- a clock that is put back ---


async def test_what_was_decided_before_the_clock_went_back_is_said_at_once(post: Post) -> None:
    await post.say("taken")
    await taken_by_a_worker_that_dies(post)
    post.ws.answer(POST, status=500)
    await post.say("tried", post.kari)
    await post.now()
    await post.say("new", post.stock)
    post.clock.advance(dt.timedelta(hours=-1))
    await post.now()
    assert post.texts(post.stock) == ["tekst new"], "what was never tried waits for no time"
    assert post.texts() == ["tekst taken"], "a lease from the future holds nothing"
    assert post.texts(post.kari) == []
    await post.what_waits_is_let_go()
    assert post.texts(post.kari) == ["tekst tried"]


async def test_a_channel_that_was_to_wait_does_not_wait_by_a_clock_that_went_back(post: Post) -> None:
    post.ws.answer(POST, status=429, retry_after=30)
    await post.say("alert:1")
    await post.now()
    post.clock.advance(dt.timedelta(hours=-1))
    await post.what_waits_is_let_go()
    assert post.texts() == ["tekst alert:1"]


async def test_a_message_written_by_a_clock_that_was_days_ahead_is_found_again(post: Post) -> None:
    post.clock.advance(dt.timedelta(days=3))
    await post.say("alert:1")
    post.ws.answer(POST, hang_up="after")
    await post.now()
    post.clock.advance(dt.timedelta(days=-3))
    await post.what_waits_is_let_go()
    assert post.texts() == ["tekst alert:1"]


# --- a trial ---


async def test_in_a_trial_everything_stands_in_one_channel_marked(post: Post) -> None:
    trial = post.ws.add_channel("prøve", private=True, members=[post.kari])
    channels = ChannelKinds()
    worker = DeliveryWorker(
        post.database,
        post.client,
        post.clock,
        pace=0.0,
        lease=LEASE,
        pilot=Pilot(trial.id, "nb", Renderer(clock=post.clock), channels),
    )
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "tekst"}}
    await post.say("card:1", blocks=[section])
    await post.say("note", reply_to="card:1")
    await post.say("receipt:1", post.kari)
    await post.say("answer:event:1:1", post.kari, text="svar", priority=2)
    while await worker.deliver_due():
        pass
    assert post.texts(trial) == [], "not before it is known to be closed"
    assert post.texts(post.kari) == ["svar"], "who asks is answered"
    await channels.look(post.client, {trial.id})
    post.clock.advance(dt.timedelta(minutes=1))
    while await worker.deliver_due():
        pass
    card, receipt = post.ws.messages(trial, by_bot=True)
    assert "Prøvedrift" in card.plain()
    assert "mangelsaker" in card.plain()
    assert "tekst" in card.plain()
    assert "Direktemelding" in receipt.text
    assert [reply.text.splitlines()[-1] for reply in post.ws.replies(trial, card)] == ["tekst note"]
    assert post.texts() == []
    await post.say("card:1:v2", text="ny", blocks=[section], edits="card:1")
    while await worker.deliver_due():
        pass
    assert "Prøvedrift" in post.ws.messages(trial, by_bot=True)[0].plain()
