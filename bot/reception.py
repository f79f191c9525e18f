"""Bolt's app, and what it has in hand: so that a stop can let it finish first."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

LOOK_EVERY = 0.05
"""Seconds. The first look comes after one too: Bolt begins a listener a moment after it has acknowledged an event."""


class Reception(AsyncApp):
    """An `AsyncApp` that counts the requests it has not acknowledged and the listeners that still run."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.unacknowledged = 0
        self.running = 0
        self.listener_runner.listener_start_handler = _Begun(self)
        self.listener_runner.listener_completion_handler = _Done(self)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Handle one request of Slack's until it is acknowledged."""
        self.unacknowledged += 1
        try:
            return await super().async_dispatch(req)
        finally:
            self.unacknowledged -= 1

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
        self._reception.running += 1


class _Done(AsyncListenerCompletionHandler):
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        self._reception.running -= 1
