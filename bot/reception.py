"""Bolt's app, and what it has in hand: so that a stop can let it finish first."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.elsewhere import addressed
from bot.delivery.inbox import MOST_ATTEMPTS, Inbox
from bot.delivery.workspaces import Unknown, Workspaces
from bot.metrics import Metrics
from bot.payloads import is_slacks, storable
from bot.people.addresses import HOME
from storage.turns import SOMEBODY_WAITS, Turns

log = logging.getLogger(__name__)

KEPT, LAST_ATTEMPT, LEFT = "kept_event", "last_attempt", "left_for_later"
"""In a request's context: the key it was kept under, whether it is begun for the last time, and whether it failed
for a reason that passes, so that it is taken up again."""
AT_ONCE = 4
"""Requests that only read and that are answered side by side; the others wait, acknowledged but for keystrokes. More
would not be answered sooner, and would hold up who writes, and with them everyone behind."""
SLACK_WAITS = 3.0
"""Seconds; https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response."""
TURN, BEGUN, LATE = "turn", "begun", "late"
"""In a request's context: a future that is done when the listener that only reads has ended; that one has begun; and
that its turn came so late that no window opens any more."""
TRIGGER_LIVES = 2.5
"""Seconds of a trigger's three, but for the call that opens a window with it;
https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses."""
MANY = 500
"""Listeners that run: of what was left, no more is then begun for now."""
LOOK_EVERY = 0.05
"""Seconds. The first look comes after one too: Bolt begins a listener a moment after it has acknowledged an event."""


class Reception(AsyncApp):
    """An `AsyncApp` that counts the requests it has not acknowledged and the listeners that still run.

    An event for which `key_to_keep` has a key is kept before Bolt sees it, for Bolt acknowledges it at once.
    What `only_reads` is acknowledged before anything is looked up, and then answered in its turn.
    """

    def __init__(
        self,
        inbox: Inbox,
        key_to_keep: Callable[[dict[str, Any]], str | None],
        only_reads: Callable[[dict[str, Any]], bool],
        metrics: Metrics,
        readers: Turns,
        workspaces: Workspaces | None = None,
        **values: Any,
    ) -> None:
        super().__init__(**values)
        self._workspaces = workspaces
        self._metrics = metrics
        self._inbox = inbox
        self._key_to_keep = key_to_keep
        self._only_reads = only_reads
        self._turns = readers
        self._in_line: set[asyncio.Task[None]] = set()
        self.unacknowledged = 0
        self._running = 0
        self.listener_runner.listener_start_handler = _Begun(self)
        self.listener_runner.listener_completion_handler = _Done(self)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Handle one request of Slack's until it is acknowledged."""
        began, status = time.monotonic(), None
        try:
            answer = await self._dispatch(req)
            status = answer.status
            return answer
        finally:
            body = req.body if isinstance(req.body, dict) else {}
            kind = "command" if "command" in body else body.get("type")
            self._metrics.acknowledged(kind, status, time.monotonic() - began)

    async def _dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        self.unacknowledged += 1
        try:
            req.body = storable(req.body)
            if KEPT not in req.context and not is_slacks(req.body):  # what is kept has passed here before
                log.warning("refused, a payload that Slack does not send")
                return BoltResponse(status=400, body="")
            workspace = HOME
            if self._workspaces is not None:
                workspace = await self._workspaces.whose(req.context.team_id)
            req.body = addressed(req.body, workspace)
            if self._only_reads(req.body):
                task = asyncio.create_task(self._in_turn(req))
                self._in_line.add(task)
                task.add_done_callback(self._in_line.discard)
                return BoltResponse(status=200, body="")
            if req.body.get("type") == "block_suggestion":
                return await self._keystroke(req)
            key = self._key_to_keep(req.body)
            if key is not None and KEPT not in req.context:
                if not await self._inbox.keep(key, req.body):
                    return BoltResponse(status=200, body="")
                req.context[KEPT] = key
            answer = await super().async_dispatch(req)
            if KEPT in req.context:
                await asyncio.sleep(0)  # Bolt begins an event's listener in a task of its own
                if not req.context.get(BEGUN):
                    await self._nobody_began(req)
                elif LEFT in req.context:
                    self._leave(req)
            return answer
        except Unknown:
            await self._nobody_began(req)
            log.warning("refused, of a workspace that has not installed the bot: %s", req.context.team_id)
            return BoltResponse(status=200, body="")
        except (SQLAlchemyError, OSError, SlackClientError) as fault:
            log.warning("an event was not kept, so it is not acknowledged: %s", type(fault).__name__)
            self._leave(req)
            return BoltResponse(status=503, body="")
        except Exception as fault:  # noqa: BLE001 - whatever it is, the next payload is read
            # No payload of Slack's comes here. Its parts are not what they should be; nothing of it is logged.
            log.error("a payload could not be read: %s", type(fault).__name__)
            return BoltResponse(status=400, body="")
        finally:
            self.unacknowledged -= 1

    def _leave(self, req: AsyncBoltRequest) -> None:
        """What was kept, if it was, is taken up again when its lease is over."""
        if KEPT in req.context:
            self._inbox.leave(req.context[KEPT])

    async def _nobody_began(self, req: AsyncBoltRequest) -> None:
        """Bolt answered what was kept by itself: Slack would not say who we are, perhaps. In the end it is let go."""
        if LAST_ATTEMPT in req.context and req.body.get("type") == "event_callback":
            log.error("an event that no listener began is let go: %s", req.body["event"].get("type"))
            await self._inbox.done(req.context[KEPT])
        else:
            self._leave(req)

    async def _keystroke(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer a type-ahead in its turn; where Slack has given it up meanwhile, nobody would see what is found."""
        came = time.monotonic()
        async with self._turns.turn(SOMEBODY_WAITS):
            if time.monotonic() - came > SLACK_WAITS:
                return BoltResponse(status=200, body="")
            return await super().async_dispatch(req)

    async def _in_turn(self, req: AsyncBoltRequest) -> None:
        """Answer a request that is acknowledged already; returns when its listener has ended."""
        came = time.monotonic()
        async with self._turns.turn():
            if time.monotonic() - came > TRIGGER_LIVES:
                req.context[LATE] = True
            ended = asyncio.get_running_loop().create_future()
            req.context[TURN] = ended
            try:
                await super().async_dispatch(req)
            except Exception as fault:  # noqa: BLE001 - as in `_dispatch`
                log.error("a payload could not be read: %s", type(fault).__name__)
                return
            if req.context.get(BEGUN):
                await ended

    @property
    def running(self) -> int:
        """Listeners that run, and requests that wait for their turn."""
        return self._running + len(self._in_line)

    async def take_up_what_is_left(self) -> None:
        """Hold what is in hand, and begin anew with the events that were kept and that nobody finished.

        Where many run, or none of some begins because Slack is away, the rest comes when it is asked for next.
        """
        while left := await self._inbox.left():
            requests = []
            for key, body, attempt in left:
                context: dict[str, Any] = {KEPT: key} | ({LAST_ATTEMPT: True} if attempt >= MOST_ATTEMPTS else {})
                requests.append(AsyncBoltRequest(mode="socket_mode", body=body, context=context))
                await self.async_dispatch(requests[-1])
            if self.running >= MANY or not any(BEGUN in request.context for request in requests):
                return

    def begun(self, request: AsyncBoltRequest) -> None:
        """A listener has begun."""
        self._running += 1
        request.context[BEGUN] = True
        request.raw_body = ""  # over HTTP the whole of it as text; its signature has been checked, and many may wait

    async def over(self, request: AsyncBoltRequest) -> None:
        """A listener has ended."""
        self._running -= 1
        if TURN in request.context and not request.context[TURN].done():
            request.context[TURN].set_result(None)
        key = request.context.get(KEPT)
        if key is None:
            return
        task = asyncio.current_task()
        if LEFT in request.context or (task is not None and task.cancelling()):  # the process stops
            self._inbox.leave(key)
            return
        try:
            await self._inbox.done(key)
        except (SQLAlchemyError, OSError) as fault:
            log.warning("an event that was handled could not be marked: %s", type(fault).__name__)
            self._inbox.leave(key)

    async def acknowledged(self, within: float) -> bool:
        """Wait until everything that has come is acknowledged. False where that took longer than `within` seconds."""
        return await self._until_none(within, listeners=False)

    async def finished(self, within: float) -> bool:
        """Wait until no listener runs either. False where that took longer than `within` seconds."""
        return await self._until_none(within, listeners=True)

    async def _until_none(self, within: float, *, listeners: bool) -> bool:
        until = asyncio.get_running_loop().time() + within
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not self.unacknowledged and not (listeners and self.running):
                return True
            if asyncio.get_running_loop().time() > until:
                return False


class _Begun(AsyncListenerStartHandler):
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        self._reception.begun(request)


class _Done(AsyncListenerCompletionHandler):
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        await self._reception.over(request)
