"""A workspace with many people in it, and one bot in a process of its own: the stage of what is done under load."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.nursery import Nursery, SharedClock
from workspace import Channel, User, Workspace

ROOT = Path(__file__).parents[2]
MANIFEST = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
MONDAY = dt.datetime(2025, 7, 7, 9, 0, tzinfo=dt.UTC)
BARE = """
import asyncio, sys
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

async def main(bot_token, app_token, url):
    app = AsyncApp(client=AsyncWebClient(token=bot_token, base_url=url))
    @app.command("/mangel")
    async def acknowledge(ack):
        await ack()
    await AsyncSocketModeHandler(app, app_token, web_client=app.client).start_async()

asyncio.run(main(*sys.argv[1:]))
"""
"""An app that does nothing but acknowledge: what the machine and Bolt can do at most."""


@dataclass
class Stage:
    """The workspace, its people, the bot's process."""

    ws: Workspace
    people: list[User]
    cases: Channel
    pid: int
    log: Path

    def resident(self) -> float:
        """The bot's resident memory in MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def workspace() -> Workspace:
    """One with the manifest's scopes and events, and no limit on the pace of posting."""
    return Workspace(
        events=MANIFEST["settings"]["event_subscriptions"]["bot_events"],
        scopes=MANIFEST["oauth_config"]["scopes"]["bot"],
    )


@asynccontextmanager
async def stage(url: str, people: int, **settings: Any) -> AsyncIterator[Stage]:
    """Mangelvakt over the database at `url`, with no pace of its own: Slack's pace limit is off."""
    with tempfile.TemporaryDirectory(prefix="mangelvakt-load-") as name:
        folder, nursery = Path(name), await Nursery.opened()
        try:
            SharedClock.made(folder / "clock", MONDAY)
            async with workspace() as ws:
                crowd = [ws.add_user(f"Lege {n}") for n in range(people)]
                siri = ws.add_user("Siri Senter")
                cases = ws.add_channel("mangelsaker", private=True, members=[siri])
                closed = [ws.add_channel(one, private=True, members=[siri]) for one in ("lager", "mangelmøtet")]
                values: dict[str, Any] = {
                    "SLACK_BOT_TOKEN": ws.bot_token,
                    "SLACK_APP_TOKEN": ws.app_token,
                    "SLACK_API_URL": ws.api_url,
                    "DATABASE_URL": url,
                    "cases_channel": cases.id,
                    "stock_channel": closed[0].id,
                    "meeting_channel": closed[1].id,
                    "centre_group": ws.add_user_group("mangelsenteret", [siri]),
                }
                log = folder / "bot.log"
                pid = await nursery.bear(
                    settings=values | settings, clock=str(folder / "clock"), log=str(log), patience=30
                )
                await ws.connected(timeout=120)
                yield Stage(ws, crowd, cases, pid, log)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        finally:
            await nursery.close()


@asynccontextmanager
async def bare_stage(people: int) -> AsyncIterator[tuple[Workspace, list[User]]]:
    """The app that only acknowledges, in the same kind of workspace."""
    async with workspace() as ws:
        crowd = [ws.add_user(f"Lege {n}") for n in range(people)]
        bare = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BARE, ws.bot_token, ws.app_token, ws.api_url, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await ws.connected(timeout=60)
            yield ws, crowd
        finally:
            bare.terminate()
            await bare.wait()
