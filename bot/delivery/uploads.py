"""Files that the bot lays in Slack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import TryAgain


@dataclass(frozen=True, slots=True)
class Paper:
    """One file: what it is called, its title, and its bytes."""

    name: str
    title: str
    content: bytes


async def direct(client: AsyncWebClient, slack_user: str) -> str:
    """The channel of the bot's direct messages to a person."""
    return str((await client.conversations_open(users=slack_user))["channel"]["id"])


async def upload(
    client: AsyncWebClient, channel: str, papers: Sequence[Paper], comment: str, thread_ts: str | None = None
) -> None:
    """The files in a channel, or in the thread under `thread_ts`, all in one message. Raises like the client."""
    files: list[dict[str, str]] = []
    for paper in papers:
        place = await client.files_getUploadURLExternal(filename=paper.name, length=len(paper.content))
        async with aiohttp.ClientSession() as session:
            answer = await session.post(str(place["upload_url"]), data=paper.content)
            if answer.status != 200:
                raise TryAgain(f"upload: HTTP {answer.status}")
        files.append({"id": str(place["file_id"]), "title": paper.title})
    await client.files_completeUploadExternal(
        files=files,  # type: ignore[arg-type]
        channel_id=channel,
        initial_comment=comment,
        **({"thread_ts": thread_ts} if thread_ts else {}),  # type: ignore[arg-type]
    )
