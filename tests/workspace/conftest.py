"""A workspace with a small real Bolt app of its own in it, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from workspace import Channel, User, Workspace

Connect = Callable[[Workspace], Awaitable[AsyncSocketModeHandler]]


@dataclass
class House:
    """The workspace, its people and channels, and the app that tests hang listeners on."""

    ws: Workspace
    app: AsyncApp
    kari: User
    ola: User
    cases: Channel
    open: Channel
    handler: AsyncSocketModeHandler


def client_for(ws: Workspace) -> AsyncWebClient:
    """A client of the SDK, unchanged but for its address."""
    return AsyncWebClient(token=ws.bot_token, base_url=ws.api_url)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A connected house; a short ping so that reconnecting is quick."""
    async with Workspace(bot_name="Testbot") as ws:
        kari = ws.add_user("Kari Lege")
        ola = ws.add_user("Ola Farmasøyt")
        cases = ws.add_channel("saker", private=True, members=[kari, ola])
        everyone = ws.add_channel("apent", members=[kari, ola])
        app = AsyncApp(token=ws.bot_token, client=client_for(ws))
        handler = AsyncSocketModeHandler(app, ws.app_token, web_client=client_for(ws), ping_interval=1)
        await handler.connect_async()
        await ws.connected()
        try:
            yield House(ws, app, kari, ola, cases, everyone, handler)
        finally:
            await handler.close_async()
