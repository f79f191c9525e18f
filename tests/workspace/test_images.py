"""Images in messages: the workspace refuses what Slack refuses, and shows them to those who may see them."""

from __future__ import annotations

import base64
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from workspace import Workspace

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def upload(ws: Workspace, data: bytes = DOT, *, complete: bool = True) -> str:
    client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url)
    place = await client.files_getUploadURLExternal(filename="kurve.png", length=len(data))
    async with aiohttp.ClientSession() as session, session.post(place["upload_url"], data=data) as answer:
        assert answer.status == 200
    if complete:
        await client.files_completeUploadExternal(files=[{"id": place["file_id"], "title": "Kurve"}])
    return str(place["file_id"])


def image(file: Any) -> list[dict[str, Any]]:
    return [{"type": "image", "slack_file": file, "alt_text": "Kurve: tomt 20. juli"}]


async def refused(ws: Workspace, blocks: list[dict[str, Any]], channel: str) -> str:
    client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url)
    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel=channel, text="kurve", blocks=blocks)
    assert refusal.value.response["error"] == "invalid_blocks"
    return str(refusal.value.response["errors"][0])


async def test_what_slack_would_not_show_is_refused_in_its_words() -> None:
    async with Workspace() as ws:
        cases = ws.add_channel("saker", private=True).id
        assert "invalid slack file [json-pointer:/blocks/0/slack_file]" in await refused(
            ws, image({"id": "F00000404"}), cases
        )
        unfinished = await upload(ws, complete=False)
        assert "invalid slack file" in await refused(ws, image({"id": unfinished}), cases)
        words = await upload(ws, b"lager;preparat")
        assert "invalid slack file" in await refused(ws, image({"id": words}), cases)
        assert "must match regex pattern" in await refused(ws, image({"id": "kurve"}), cases)
        both = {"id": "F00000404", "url": "https://files.slack.com/x"}
        assert "either" in await refused(ws, image(both), cases)
        assert "must be an object" in await refused(ws, image("F00000404"), cases)


async def test_a_file_is_gone_through_before_it_may_be_shown() -> None:
    async with Workspace(looks_until_ready=2) as ws:
        cases = ws.add_channel("saker", private=True).id
        client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url)
        file = await upload(ws)
        assert "invalid slack file" in await refused(ws, image({"id": file}), cases)
        kinds = [(await client.files_info(file=file))["file"]["mimetype"] for _ in range(3)]
        assert kinds == ["", "", "image/png"]
        await client.chat_postMessage(channel=cases, text="kurve", blocks=image({"id": file}))


async def test_an_image_is_seen_by_those_who_read_the_message_and_by_nobody_else() -> None:
    async with Workspace() as ws:
        kari, ola = ws.add_user("Kari"), ws.add_user("Ola")
        cases = ws.add_channel("saker", private=True, members=[kari])
        client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url)
        file = await upload(ws)
        await client.chat_postMessage(channel=cases.id, text="kurve", blocks=image({"id": file}))
        (message,) = ws.messages(cases, by_bot=True)
        assert message.plain() == "(bilde: Kurve: tomt 20. juli)"
        async with aiohttp.ClientSession(ws.core.base_url) as session:
            async with session.get(f"/page/file/{file}?user={kari.id}") as seen:
                assert (seen.status, seen.content_type, await seen.read()) == (200, "image/png", DOT)
            async with session.get(f"/page/file/{file}?user={ola.id}") as hidden:
                assert hidden.status == 404


@pytest.mark.parametrize("way", ["update", "ephemeral"])
async def test_an_image_that_an_edit_or_an_ephemeral_message_brings_is_not_shown(way: str) -> None:
    async with Workspace() as ws:
        kari = ws.add_user("Kari")
        cases = ws.add_channel("saker", private=True, members=[kari])
        client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url)
        blocks = image({"id": await upload(ws)})
        if way == "update":
            ts = (await client.chat_postMessage(channel=cases.id, text="kort"))["ts"]
            await client.chat_update(channel=cases.id, ts=ts, text="kort", blocks=blocks)
        else:
            await client.chat_postEphemeral(channel=cases.id, user=kari.id, text="kort", blocks=blocks)
        (file,) = ws.state.files.values()
        assert file.channels == []
