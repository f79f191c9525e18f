"""The digest as the canvas of a forum's channel: one page beside the conversation, written anew for each meeting.

A canvas that somebody else has made for the channel is theirs and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import GiveUp
from bot.meeting.digest import Digest
from bot.meeting.papers import with_names
from bot.meeting.service import SECTIONS
from bot.messages.phrase import phrase
from bot.paper import Printer

MOST_CHARACTERS = 1_000_000
"""Slack takes 1,048,576 of them."""

CUT = phrase("Resten står i filene i tråden under møtelisten.")


def digest_canvas(printer: Printer, digest: Digest, names: Mapping[str, str], language: str = "nb") -> str:
    """The digest as a canvas' Markdown: every case, those without news one line each."""
    sections = list(SECTIONS.items())
    said = printer.page("digest.md.j2", language, digest=with_names(digest, names), sections=sections)
    return cut(said, str(CUT))


def cut(said: str, rest: str) -> str:
    """As many whole lines as Slack takes, and that there is more."""
    if len(said) <= MOST_CHARACTERS:
        return said
    return said[: said.rindex("\n", 0, MOST_CHARACTERS)] + f"\n\n{rest}\n"


async def put(client: AsyncWebClient, channel: str, title: str, markdown: str, known: str | None) -> str:
    """Write the channel's canvas; its id. `known`: the one that is ours, where we remember it.

    Raises `GiveUp` where the channel has a canvas that is not ours; what Slack refuses is raised as it comes.
    """
    ours = known
    content = {"type": "markdown", "markdown": markdown}
    if ours is None:
        try:
            made = await client.conversations_canvases_create(channel_id=channel, document_content=content, title=title)
            return str(made["canvas_id"])
        except SlackApiError as error:
            if error.response.get("error") != "channel_canvas_already_exists":
                raise
        ours = await _of_ours(client, channel)
    try:
        await client.canvases_edit(canvas_id=ours, changes=[{"operation": "replace", "document_content": content}])
    except SlackApiError as error:
        if error.response.get("error") != "canvas_not_found" or known is None:
            raise
        return await put(client, channel, title, markdown, None)  # somebody has deleted it
    return ours


async def _of_ours(client: AsyncWebClient, channel: str) -> str:
    """The channel's canvas, where the bot has made it: it died before it could remember which."""
    found = (await client.conversations_info(channel=channel))["channel"]
    canvas = str((found.get("properties") or {}).get("canvas", {}).get("file_id") or "")
    if canvas:
        made_by = (await client.files_info(file=canvas))["file"].get("user")
        if made_by == (await client.auth_test())["user_id"]:
            return canvas
    raise GiveUp("the channel has a canvas of somebody else's")
