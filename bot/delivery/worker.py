"""The delivery worker: what stands in the outbox is said in Slack, in order, at Slack's pace, once.

A row is claimed with a lease, sent, and marked; whoever dies in between leaves a lease that runs out.
`chat.postMessage` has no idempotency key, so each message carries its row's key in `metadata`, and a row that may
already have been posted is looked for in the channel before it is posted again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import uuid
from collections import defaultdict
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.delivery.slack_errors import DeliveryError, FixSettings, GiveUp, SlowDown, classify
from storage import outbox
from storage.tables import OutboxEntry
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

EVENT_TYPE = "mangelvakt_message"
PAGES = 5
"""How many pages of 200 messages are searched for a message that may have been posted."""


class DeliveryWorker:
    """Sends what waits in the outbox. Any number may run, in any number of processes.

    `pace`: seconds between two messages in one channel (Slack allows about one a second). `lease`: how long a claim
    holds. `poll`: how often the table is asked when nothing woke us.
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
    ) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._pace = pace
        self._lease = lease
        self._poll = poll
        self._batch = batch
        self._name = f"worker-{uuid.uuid4().hex[:12]}"
        self._free_at: dict[str, float] = defaultdict(float)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Deliver until `stop`. A failing database is waited for, not died of."""
        while not self._stopping.is_set():
            try:
                busy = await self.deliver_due()
            except Exception:
                log.exception("delivery round failed; trying again")
                busy = False
            if not busy:
                await self._rest()

    async def _rest(self) -> None:
        """Sleep until somebody wrote, or for one poll."""
        self._database.wrote.clear()
        waiting = [
            asyncio.create_task(self._database.wrote.wait()),
            asyncio.create_task(self._stopping.wait()),
        ]
        await asyncio.wait(waiting, timeout=self._poll, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    def stop(self) -> None:
        """Finish what is in hand and end `run`."""
        self._stopping.set()

    async def deliver_due(self) -> bool:
        """Send what is due now, channels side by side, each channel in order. False where nothing was due."""
        async with self._database.unit_of_work() as uow:
            await outbox.supersede_edits(uow.session)
            rows = await outbox.claim(uow.session, worker=self._name, now=uow.now, lease=self._lease, most=self._batch)
            keys = [key for row in rows for key in (row.reply_to, row.edits) if key]
            anchors = await outbox.by_keys(uow.session, keys) if keys else {}
        if not rows:
            return False
        channels: dict[str, list[OutboxEntry]] = defaultdict(list)
        for row in rows:
            channels[row.channel].append(row)
        await asyncio.gather(*(self._deliver_in_order(rows, anchors) for rows in channels.values()))
        return True

    async def _deliver_in_order(self, rows: list[OutboxEntry], anchors: dict[str, OutboxEntry]) -> None:
        for place, row in enumerate(rows):
            await self._keep_pace(row.channel)
            try:
                channel, ts = await self._send(row, anchors)
            except DeliveryError as error:
                await self._put_off(row, error)
                if not isinstance(error, GiveUp):
                    await self._give_back(rows[place + 1 :])
                    return
            else:
                await self._note(
                    row,
                    state="sent",
                    ts=ts,
                    posted_in=channel,
                    sent_at=self._clock.now(),
                    problem=None,
                    lease_until=None,
                )

    async def _keep_pace(self, channel: str) -> None:
        loop = asyncio.get_running_loop()
        wait = self._free_at[channel] - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        self._free_at[channel] = loop.time() + self._pace

    async def _send(self, row: OutboxEntry, anchors: dict[str, OutboxEntry]) -> tuple[str, str]:
        """Say one row; its channel and ts. Raises `DeliveryError`."""
        content = {
            "text": row.text,
            "blocks": row.blocks,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": row.key}},
        }
        try:
            if row.edits:
                return await self._edit(anchors.get(row.edits), content)
            thread = anchors.get(row.reply_to) if row.reply_to else None
            thread_ts = thread.ts if thread else None
            channel = (thread.posted_in if thread else None) or row.channel
            if row.doubtful:
                found = await self._already_said(row, channel, thread_ts)
                if found:
                    return found
            answer = await self._client.chat_postMessage(
                channel=channel, thread_ts=thread_ts, unfurl_links=False, unfurl_media=False, **content
            )
            return str(answer["channel"]), str(answer["ts"])
        except DeliveryError:
            raise
        except Exception as error:
            raise classify(error) from error

    async def _edit(self, target: OutboxEntry | None, content: dict[str, Any]) -> tuple[str, str]:
        if target is None or not target.ts or not target.posted_in:
            raise GiveUp("the message to edit was never posted")
        answer = await self._client.chat_update(channel=target.posted_in, ts=target.ts, **content)
        return str(answer["channel"]), str(answer["ts"])

    async def _already_said(self, row: OutboxEntry, channel: str, thread_ts: str | None) -> tuple[str, str] | None:
        """Look for the row's key among the channel's (or thread's) messages since the row was written."""
        if channel.startswith(("U", "W")):
            opened = await self._client.conversations_open(users=channel)
            channel = str(opened["channel"]["id"])
        since = str((row.created_at - dt.timedelta(minutes=5)).timestamp())
        cursor: str | None = None
        for _ in range(PAGES):
            options: dict[str, Any] = {
                "channel": channel,
                "oldest": since,
                "limit": 200,
                "include_all_metadata": True,
                "cursor": cursor,
            }
            page = await (
                self._client.conversations_replies(ts=thread_ts, **options)
                if thread_ts
                else self._client.conversations_history(**options)
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
        if isinstance(error, SlowDown):
            wait = error.seconds
            self._free_at[row.channel] = asyncio.get_running_loop().time() + wait
        elif isinstance(error, FixSettings):
            wait = min(15.0 * 2 ** min(row.attempts, 6), 900.0)
        else:
            wait = min(0.5 * 2 ** min(row.attempts, 10), 300.0) * random.uniform(0.7, 1.3)  # noqa: S311
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

    async def _note(self, row: OutboxEntry, **values: Any) -> None:
        assert row.id is not None  # noqa: S101
        async with self._database.unit_of_work() as uow:
            await outbox.change(uow.session, row.id, self._name, **values)
