"""Answers go where the person is: their form, an ephemeral message, a window, or a direct message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.message import Message
from bot.messages.phrase import Phrase
from bot.services import Services


def notice(services: Services, said: Phrase | str, language: str) -> Message:
    """One line of the bot's own."""
    return services.renderer.render("notice.j2", language, said=said)


async def whisper(respond: AsyncRespond, messages: Iterable[Message], *, replace: bool = False) -> None:
    """To the person alone, through the response_url; `replace` puts it where the clicked message stood."""
    for message in messages:
        await respond(
            text=message.text,
            blocks=list(message.blocks) or None,
            response_type="ephemeral",
            replace_original=replace,
            unfurl_links=False,
        )
        replace = False


async def show(
    services: Services,
    client: AsyncWebClient,
    body: dict[str, Any],
    respond: AsyncRespond,
    messages: list[Message],
) -> None:
    """Beside the message that was clicked, or in a window where it was a Home tab or a form."""
    if body.get("response_url") or body.get("response_urls"):
        await whisper(respond, messages)
        return
    blocks = [block for message in messages for block in message.blocks]
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Mangelvakt"},
        "close": {"type": "plain_text", "text": str(services.renderer.words().gettext("Lukk"))},
        "blocks": (blocks or [_plain(messages[0].text)])[:100],
    }
    opener = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await opener(trigger_id=body["trigger_id"], view=view)


def _plain(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
