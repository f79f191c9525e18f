"""Envelopes on their way to the bot: how they are delivered, repeated, and answered."""

from __future__ import annotations

import asyncio
import copy
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from workspace.state import Json


@dataclass(frozen=True)
class Envelope:
    """One delivery: `kind` is slash_commands, events_api or interactive."""

    kind: str
    payload: Json
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    retry_attempt: int = 0
    retry_reason: str = ""

    def again(self, attempt: int, reason: str, payload: Json | None = None) -> Envelope:
        """The same content in a new envelope."""
        return Envelope(self.kind, payload or self.payload, retry_attempt=attempt, retry_reason=reason)


@dataclass(frozen=True)
class Ack:
    """What the bot answered: `how` is acked, timeout, no_connection or http_<status>."""

    how: str
    payload: Json | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it was acknowledged in time."""
        return self.how == "acked"


@dataclass(frozen=True)
class Delivered:
    """A line of the delivery log."""

    envelope: Envelope
    ack: Ack


class Transport(Protocol):
    """The road to the bot: Socket Mode or HTTP."""

    async def carry(self, envelope: Envelope, within: float) -> Ack:
        """Deliver once and wait for the acknowledgement."""
        ...


class Courier:
    """Delivers envelopes, repeats events that are not acknowledged, and repeats at will for tests.

    Slack gives three seconds (docs.slack.dev/interactivity/handling-user-interaction) and sends an event
    again nearly at once, after one minute and after five (docs.slack.dev/apis/events-api#retries).
    Commands and interactions are not sent again by Slack.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        ack_timeout: float = 3.0,
        retry_delays: Sequence[float] = (0.0, 60.0, 300.0),
    ) -> None:
        self.transport = transport
        self.ack_timeout = ack_timeout
        self.retry_delays = tuple(retry_delays)
        self.times = 1
        self.at_once = False
        self.log: list[Delivered] = []
        self.in_flight = 0
        self.last_activity = time.monotonic()
        self.freshen: Callable[[Json], Json] = copy.deepcopy
        self.lateness: Callable[[], float] = lambda: 0.0
        """Seconds that the next delivery is held up on its way, so that some overtake others."""
        self._tasks: set[asyncio.Task[Ack]] = set()

    async def deliver(self, kind: str, payload: Json) -> Ack:
        """Deliver a command or an interaction; with `times` over 1 also its copies."""
        first = Envelope(kind, payload)
        copies = [first.again(n, "timeout", self.freshen(payload)) for n in range(1, self.times)]
        if self.at_once:
            acks = await asyncio.gather(*(self.attempt(e) for e in [first, *copies]))
            return next((ack for ack in acks if ack.ok), acks[0])
        ack = await self.attempt(first)
        for envelope in copies:
            await self.attempt(envelope)
        return ack

    async def deliver_event(self, payload: Json) -> Ack:
        """Deliver an event; the first acknowledgement counts, retries go on in the background."""
        first = Envelope("events_api", payload)
        copies = [first.again(n, "timeout") for n in range(1, self.times)]
        if self.at_once:
            acks = await asyncio.gather(*(self.attempt(e) for e in [first, *copies]))
            return acks[0]
        ack = await self.attempt(first)
        for envelope in copies:
            await self.attempt(envelope)
        if not ack.ok:
            self.start(self._retry(first, ack))
        return ack

    async def attempt(self, envelope: Envelope) -> Ack:
        """Deliver once and note it."""
        self.in_flight += 1
        self.last_activity = time.monotonic()
        late = self.lateness()
        try:
            if late:
                await asyncio.sleep(late)
            ack = await self.transport.carry(envelope, self.ack_timeout)
        finally:
            self.in_flight -= 1
            self.last_activity = time.monotonic()
        self.log.append(Delivered(envelope, ack))
        return ack

    async def _retry(self, first: Envelope, ack: Ack) -> Ack:
        for attempt, delay in enumerate(self.retry_delays, start=1):
            await asyncio.sleep(delay)
            reason = "timeout" if ack.how == "timeout" else "connection_failed"
            ack = await self.attempt(first.again(attempt, reason))
            if ack.ok:
                break
        return ack

    def start(self, work: Coroutine[Any, Any, Ack]) -> None:
        """Run a delivery in the background until it ends or the workspace closes."""
        self.last_activity = time.monotonic()
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> bool:
        """Whether anything is on its way, or waits to come again."""
        return bool(self.in_flight or self._tasks)

    async def close(self) -> None:
        """Stop what runs in the background."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
