"""The delivery worker: what stands in the outbox is said in Slack, in order, at Slack's pace, once.

A row is claimed with a lease, sent, and marked; whoever dies in between leaves a lease that runs out.
`chat.postMessage` has no idempotency key, so each message carries its row's key in `metadata`, and a row that may
already have been posted is looked for in the channel before it is posted again.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.delivery import pictures
from bot.delivery.pace import Pace
from bot.delivery.pilot import Pilot
from bot.delivery.slack_errors import DeliveryError, FixSettings, GiveUp, Later, SlowDown, classify
from bot.delivery.standing import Standing
from bot.messages.layout import Block
from bot.metrics import Metrics
from bot.people.addresses import HOME, address, is_person, slack_id, workspace_of
from storage import outbox
from storage.tables import OutboxEntry
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

ClientOf = Callable[[str], Awaitable[AsyncWebClient]]
"""The way to a workspace, by its id. Raises `DeliveryError` where there is none (any longer)."""

EVENT_TYPE = "mangelvakt_message"
MOST_CHANNELS = 50
"""Channels that one worker has in hand at the same time."""
SENT_AT_ONCE = 8
"""Messages of these that are on their way side by side: more would go no faster, and hold up whoever writes here."""
BREATH = 0.02
"""Seconds between two rounds: what is said while many write is taken together, and who writes goes ahead."""
PICTURE_ATTEMPTS = 4
"""So many times a message waits for its picture; then it goes without, and tells in words what the picture told."""
CLOCKS_APART = dt.timedelta(days=1)
"""So far our clock and Slack's may be apart when a message is looked for: one that was stepped must not hide it."""
PAGES = 5
"""How many pages of 200 messages are searched for a message that may have been posted."""


class DeliveryWorker:
    """Sends what waits in the outbox. Any number may run, in any number of processes.

    `pace`: seconds between two messages in one channel (Slack allows about one a second). `lease`: how long a claim
    holds; Slack is given half of it to answer. `poll`: how often the table is asked when nothing woke us. `patience`:
    seconds that one step of a picture may take. `elsewhere`: the way to other workspaces than the centre's. `pilot`:
    the channel where all is said while the bot is being tried out.
    """

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        clock: Clock,
        *,
        pace: float = 1.0,
        lease: dt.timedelta = dt.timedelta(seconds=60),
        poll: float = 1.0,
        batch: int = 20,
        patience: float = pictures.PATIENCE,
        metrics: Metrics | None = None,
        standing: Standing | None = None,
        elsewhere: ClientOf | None = None,
        pilot: Pilot | None = None,
    ) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._pace = Pace(pace)
        self._lease = lease
        self._answer_within = lease.total_seconds() / 2
        self._poll = poll
        self._batch = batch
        self._patience = patience
        self._metrics = metrics or Metrics()
        self._standing = standing or Standing()
        self._elsewhere = elsewhere
        self._pilot = pilot
        self._name = f"worker-{uuid.uuid4().hex[:12]}"
        self._in_hand: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Semaphore(SENT_AT_ONCE)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Deliver until `stop`. A failing database is waited for, not died of."""
        while not self._stopping.is_set():
            self._database.said.clear()
            try:
                begun = await self._begin_due()
            except Exception:
                log.exception("delivery round failed; trying again")
                begun = 0
            if begun < self._batch:
                await self._rest()
            if not self._stopping.is_set():
                await asyncio.sleep(BREATH)
        await self._finish()

    async def _rest(self) -> None:
        """Sleep until something is said, a channel is done, or for one poll."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._database.said.wait(), self._poll)

    def stop(self) -> None:
        """Finish the message in hand in each channel, give the others back, and end `run`."""
        self._stopping.set()
        self._database.said.set()

    async def deliver_due(self) -> bool:
        """Send what is due now, and wait until that is done. False where nothing was due."""
        begun = await self._begin_due()
        await self._finish()
        return begun > 0

    async def _begin_due(self) -> int:
        """Claim what is due and begin to send it: channels side by side, each in order. How many messages it was.

        A channel that is slow or failing keeps its own task, and one of `SENT_AT_ONCE` places while it is sent to.
        """
        if len(self._in_hand) >= MOST_CHANNELS:
            return 0
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:outbox")
            self._pace.forget_what_is_over(uow.now)
            rows = await outbox.claim(
                uow.session,
                worker=self._name,
                now=self._clock.now(),  # others may have claimed and renewed while we waited to be alone
                lease=self._lease,
                most=self._batch,
                besides={*self._in_hand, *self._pace.quiet_channels},
                but_for=self._pace.quiet_workspaces,
            )
            keys = [key for row in rows for key in (row.reply_to, row.edits) if key]
            anchors = await outbox.by_keys(uow.session, keys) if keys else {}
        channels: dict[str, list[OutboxEntry]] = defaultdict(list)
        for row in rows:
            channels[row.channel].append(row)
        for channel, its_rows in channels.items():
            self._in_hand[channel] = asyncio.create_task(self._deliver_channel(channel, its_rows, anchors))
        return len(rows)

    async def _finish(self) -> None:
        """Wait for everything in hand."""
        while self._in_hand:
            await asyncio.gather(*self._in_hand.values())

    async def _deliver_channel(self, channel: str, rows: list[OutboxEntry], anchors: dict[str, OutboxEntry]) -> None:
        try:
            await self._deliver_in_order(rows, anchors)
        except Exception:
            log.exception("delivery in %s was broken off; what is left comes back when its lease runs out", channel)
        finally:
            del self._in_hand[channel]
            self._database.said.set()

    async def _deliver_in_order(self, rows: list[OutboxEntry], anchors: dict[str, OutboxEntry]) -> None:
        for place, row in enumerate(rows):
            await self._pace.keep(row.channel, self._stopping)
            async with self._sending:
                if self._stopping.is_set() or self._pace.is_quiet(row.channel):
                    await self._give_back(rows[place:])
                    return
                if not await self._say_one(row, anchors):
                    await self._give_back(rows[place + 1 :])
                    return

    async def _say_one(self, row: OutboxEntry, anchors: dict[str, OutboxEntry]) -> bool:
        """Say a row, and write down what became of it. False where what is behind it in its channel has to wait."""
        try:
            sent = await self._send(row, anchors)
        except DeliveryError as error:
            self._metrics.refused(error)
            await self._put_off(row, error)
            return isinstance(error, GiveUp)
        if sent is None:
            log.warning("message %s was taken over by another worker", row.key)
            return True
        channel, ts = sent
        self._metrics.sent()
        if not workspace_of(channel):
            self._standing.works()
        await self._note(
            row,
            state="sent",
            ts=ts,
            posted_in=channel,
            sent_at=self._clock.now(),
            problem=row.problem,
            lease_until=None,
        )
        return True

    async def _still_ours(self, row: OutboxEntry) -> bool:
        """True while our claim on `row` holds as long as Slack may take to answer; one that does not is renewed first.

        Writing that down may take longer than the lease itself, and the clock may have been put back since the claim.
        """
        while row.lease_until is None or not self._lease / 2 < row.lease_until - self._clock.now() <= self._lease:
            row.lease_until = self._clock.now() + self._lease
            if not await self._note(row, lease_until=row.lease_until):
                return False
        return True

    async def _client_of(self, workspace: str) -> AsyncWebClient:
        if workspace == HOME:
            return self._client
        if self._elsewhere is None:
            raise GiveUp("workspace_not_installed")
        return await self._elsewhere(workspace)

    async def _send(self, row: OutboxEntry, anchors: dict[str, OutboxEntry]) -> tuple[str, str] | None:
        """Say one row; its channel and ts, or None where the row is no longer ours. Raises `DeliveryError`."""
        row.problem = None
        content = {
            "text": row.text,
            "blocks": row.blocks,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": row.key}},
        }
        workspace = workspace_of(row.channel)
        client = await self._client_of(workspace)
        if not await self._still_ours(row):
            return None
        try:
            if self._pilot is not None and self._pilot.takes(row.key):
                content = self._pilot.marked(content, row.channel)
                client, workspace = self._client, HOME
            if row.edits:
                return await self._edit(client, anchors.get(row.edits), content)
            thread = anchors.get(row.reply_to) if row.reply_to else None
            thread_ts = thread.ts if thread else row.thread_ts
            channel = (thread.posted_in if thread else None) or self._place_of(row)
            if row.doubtful:
                found = await self._already_said(client, row, channel, thread_ts)
                if found:
                    return found
                if not await self._still_ours(row):
                    return None
            if row.picture:
                content["blocks"] = [*content["blocks"], await self._picture(client, row)]
                if not await self._still_ours(row):
                    return None
            async with asyncio.timeout(self._answer_within):
                answer = await client.chat_postMessage(
                    channel=slack_id(channel), thread_ts=thread_ts, unfurl_links=False, unfurl_media=False, **content
                )
            return address(workspace, str(answer["channel"])), str(answer["ts"])
        except DeliveryError:
            raise
        except Exception as error:
            if row.file_id and pictures.is_about_a_file(error):
                raise self._picture_later(row, error) from error
            raise classify(error) from error

    def _place_of(self, row: OutboxEntry) -> str:
        """Where the message goes: its own channel, or the trial's."""
        return self._pilot.channel if self._pilot is not None and self._pilot.takes(row.key) else row.channel

    async def _picture(self, client: AsyncWebClient, row: OutboxEntry) -> Block:
        """The block with the row's picture; where that cannot be had, the same in words. Raises `Later`."""
        if row.attempts > PICTURE_ATTEMPTS:
            return await self._without_picture(row, "Slack will not show it")
        try:
            if row.file_id is None:
                row.file_id = await pictures.upload(client, row.picture, self._patience)
                await self._note(row, file_id=row.file_id)
            await pictures.wait_until_ready(client, row.file_id, self._patience)
        except Exception as error:
            failure = error if isinstance(error, DeliveryError) else classify(error)
            if isinstance(failure, FixSettings | GiveUp) or row.attempts >= PICTURE_ATTEMPTS:
                return await self._without_picture(row, failure)
            raise self._picture_later(row, failure) from error
        return pictures.shown(row.picture, row.file_id)

    def _picture_later(self, row: OutboxEntry, why: Exception) -> Later:
        wait = why.seconds if isinstance(why, SlowDown) else 2.0**row.attempts
        return Later(f"its picture: {why}"[:300], wait)

    async def _without_picture(self, row: OutboxEntry, why: object) -> Block:
        row.file_id = None
        await self._note(row, file_id=None)
        row.problem = f"without its picture: {why}"[:300]
        log.warning("message %s goes %s", row.key, row.problem)
        return pictures.told(row.picture)

    async def _edit(
        self, client: AsyncWebClient, target: OutboxEntry | None, content: dict[str, Any]
    ) -> tuple[str, str]:
        if target is None or not target.ts or not target.posted_in:
            raise GiveUp("the message to edit was never posted")
        if target.picture and target.file_id:
            content["blocks"] = [*content["blocks"], pictures.shown(target.picture, target.file_id)]
        del content["metadata"]  # the message keeps the key under which it was posted
        async with asyncio.timeout(self._answer_within):
            answer = await client.chat_update(channel=slack_id(target.posted_in), ts=target.ts, **content)
        return address(workspace_of(target.posted_in), str(answer["channel"])), str(answer["ts"])

    async def _already_said(
        self, client: AsyncWebClient, row: OutboxEntry, channel: str, thread_ts: str | None
    ) -> tuple[str, str] | None:
        """Look for the row's key among the channel's (or thread's) messages since the row was written."""
        workspace = workspace_of(channel)
        if is_person(channel):
            opened = await client.conversations_open(users=slack_id(channel))
            channel = address(workspace, str(opened["channel"]["id"]))
        since = str((min(row.created_at, self._clock.now()) - CLOCKS_APART).timestamp())
        cursor: str | None = None
        for _ in range(PAGES):
            if not await self._still_ours(row):
                return None
            options: dict[str, Any] = {
                "channel": slack_id(channel),
                "oldest": since,
                "limit": 200,
                "include_all_metadata": True,
                "cursor": cursor,
            }
            page = await (
                client.conversations_replies(ts=thread_ts, **options)
                if thread_ts
                else client.conversations_history(**options)
            )
            for message in page.get("messages") or []:
                if ((message.get("metadata") or {}).get("event_payload") or {}).get("key") == row.key:
                    return channel, str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if not cursor:
                return None
        return None

    async def _put_off(self, row: OutboxEntry, error: DeliveryError) -> None:
        """Write down what went wrong and when to try again."""
        if isinstance(error, GiveUp):
            log.error("gave up message %s: %s", row.key, error)
            await self._note(row, state="failed", problem=str(error)[:300], lease_until=None)
            return
        if isinstance(error, Later):
            wait = error.seconds
        elif isinstance(error, SlowDown):
            wait = error.seconds
            self._pace.asked_to_wait(row.channel, self._clock.now(), wait)
        elif isinstance(error, FixSettings):
            wait = min(15.0 * 2 ** min(row.attempts, 6), 900.0)
        else:
            wait = min(0.5 * 2 ** min(row.attempts, 10), 300.0) * random.uniform(0.7, 1.3)  # noqa: S311
        if workspace_of(row.channel) or not self._standing.hear(str(error)):
            log.warning("message %s not delivered (%s), next try in %.1f s", row.key, error, wait)
        await self._note(
            row,
            state="waiting",
            problem=str(error)[:300],
            not_before=self._clock.now() + dt.timedelta(seconds=wait),
            doubtful=row.doubtful or error.doubtful,
            lease_until=None,
        )

    async def _give_back(self, rows: list[OutboxEntry]) -> None:
        """Untouched rows behind one that failed wait their turn again."""
        for row in rows:
            await self._note(row, state="waiting", attempts=row.attempts - 1, lease_until=None)

    async def _note(self, row: OutboxEntry, **values: Any) -> bool:
        assert row.id is not None  # noqa: S101
        async with self._database.unit_of_work() as uow:
            return await outbox.change(uow.session, row.id, self._name, **values)
