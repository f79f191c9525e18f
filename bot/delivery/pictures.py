"""Pictures on their way to Slack: drawn off the event loop, uploaded, and waited for until a message may show them.

Slack's way: `files.getUploadURLExternal`, the bytes to the address it gives, `files.completeUploadExternal`; then Slack
goes through the file by itself, and until that is done a block that shows it is refused. An upload repeated does no
harm: a file that no message shows is seen by nobody but the bot.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.charts import statistics, stock
from bot.delivery.slack_errors import GiveUp, TryAgain
from bot.messages.layout import Block

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that one step of a picture may take: what is behind it in its channel waits as long."""
LOOKS = (0.0, 0.3, 0.6, 1.2, 2.4)
"""Seconds before each look whether Slack has gone through the file."""
ALT_TEXT = 1000
"""What `files.getUploadURLExternal` takes; a block takes 2,000."""


async def upload(client: AsyncWebClient, picture: Mapping[str, Any], patience: float) -> str:
    """Draw the picture and give it to Slack; its file id. Raises `DeliveryError` or what a call to Slack raises."""
    try:
        png = await asyncio.to_thread(_drawn, picture)
    except Exception as error:
        log.exception("a picture could not be drawn")
        raise GiveUp("could not be drawn") from error
    async with asyncio.timeout(patience):
        place = await client.files_getUploadURLExternal(
            filename=f"{picture.get('kind', 'kurve')}.png", length=len(png), alt_txt=str(picture["alt"])[:ALT_TEXT]
        )
        async with aiohttp.ClientSession() as session, session.post(str(place["upload_url"]), data=png) as answer:
            if answer.status != 200:
                raise TryAgain(f"upload: HTTP {answer.status}")
        file_id = str(place["file_id"])
        await client.files_completeUploadExternal(files=[{"id": file_id, "title": str(picture["title"])[:200]}])
    return file_id


def _drawn(picture: Mapping[str, Any]) -> bytes:
    if picture.get("kind") == statistics.KIND:
        return statistics.draw(statistics.YearChart.from_json(picture))
    return stock.draw(stock.StockChart.from_json(picture))


async def wait_until_ready(client: AsyncWebClient, file_id: str, patience: float) -> None:
    """Wait until Slack has gone through the file. Raises `TryAgain` where that takes too long."""
    async with asyncio.timeout(patience):
        for seconds in LOOKS:
            await asyncio.sleep(seconds)
            if (await client.files_info(file=file_id))["file"].get("mimetype"):
                return
    raise TryAgain("Slack has not gone through the file yet")


def shown(picture: Mapping[str, Any], file_id: str) -> Block:
    """The block that shows an uploaded picture."""
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": picture["alt"]}


def told(picture: Mapping[str, Any]) -> Block:
    """What stands where a picture did not come along: the same facts in words."""
    words = f"{picture['words']['lost']} {picture['alt']}"
    return {"type": "context", "elements": [{"type": "plain_text", "text": words[:3000], "emoji": False}]}


def is_about_a_file(error: Exception) -> bool:
    """Whether Slack refused a message for the file that it shows."""
    return isinstance(error, SlackApiError) and "slack_file" in str(error.response.data)
