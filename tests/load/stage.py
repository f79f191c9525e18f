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
from collections.abc import AsyncIterator, Mapping, Sequence
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
ANSWERING = """
import asyncio, json, logging, sys
import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

def text(words, kind="plain_text"):
    return {"type": kind, "text": words}

async def main(bot_token, app_token, url, prepared):
    form, names, channel = json.load(open(prepared))
    for library in ("slack_sdk", "slack_bolt"):
        logging.getLogger(library).setLevel(logging.WARNING)
    client = AsyncWebClient(
        token=bot_token, base_url=url, session=aiohttp.ClientSession(), logger=logging.getLogger("slack_sdk")
    )
    app = AsyncApp(client=client, logger=logging.getLogger("slack_bolt"))

    @app.command("/mangel")
    async def opened(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form)

    @app.options("medicine")
    async def offered(ack, body):
        found = [*names.get(body["value"], []), *(f"{body['value']} {place}" for place in range(24))]
        await ack(options=[{"text": text(name[:75]), "value": f"p:{place}"} for place, name in enumerate(found)])

    @app.action("medicine")
    async def chosen(ack, body, client):
        await ack()
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=form)

    @app.view("report")
    async def sent(ack, body, client):
        receipt = {"type": "modal", "title": text("Takk"), "blocks": [{"type": "section", "text": text("Takk")}]}
        await ack(response_action="update", view=receipt)
        for place in (channel, body["user"]["id"]):
            words = {"type": "section", "text": text("Et kort med noen linjer. " * 20, "mrkdwn")}
            await client.chat_postMessage(channel=place, text="Et kort", blocks=[words])

    await AsyncSocketModeHandler(app, app_token, web_client=client).start_async()

asyncio.run(main(*sys.argv[1:]))
"""
"""An app that answers each step of a report with what is ready, decides nothing and keeps nothing."""


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
        async with _app(ws, BARE):
            yield ws, crowd


@asynccontextmanager
async def answering_stage(
    people: int, form: dict[str, Any], names: Mapping[str, Sequence[str]]
) -> AsyncIterator[tuple[Workspace, list[User]]]:
    """The app that answers with `form`, and to what is typed with the names for it."""
    async with workspace() as ws:
        crowd = [ws.add_user(f"Lege {n}") for n in range(people)]
        channel = ws.add_channel("mangelsaker", members=crowd[:1])
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as prepared:
            json.dump([form, dict(names), channel.id], prepared)
            prepared.flush()
            async with _app(ws, ANSWERING, prepared.name):
                yield ws, crowd


@asynccontextmanager
async def _app(ws: Workspace, script: str, *more: str) -> AsyncIterator[None]:
    """An app of a few lines in a process of its own."""
    app = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        ws.bot_token,
        ws.app_token,
        ws.api_url,
        *more,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await ws.connected(timeout=60)
        yield
    finally:
        app.terminate()
        await app.wait()
