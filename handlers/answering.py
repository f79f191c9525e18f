"""Answers go where the person is: their form, an ephemeral message, a window, or a direct message."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.messages.limits import VIEW_BLOCKS
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import SOURCE_LANGUAGE
from bot.refusal import Refused
from bot.services import Services
from handlers.keys import user_of

log = logging.getLogger(__name__)


def notice(services: Services, said: Phrase | str, language: str) -> Message:
    """One line of the bot's own."""
    return services.renderer.render("notice.j2", language, said=said)


SLACKS_PACE = 1.0
"""Seconds between messages to one channel: https://docs.slack.dev/apis/web-api/rate-limits"""

RESPONSE_URL_USES = 5
"""What a response_url takes: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""


async def whisper(respond: AsyncRespond, message: Message, *, replace: bool = False) -> None:
    """To the person alone, through the response_url; `replace` puts it where the clicked message stood."""
    await respond(
        text=message.text,
        blocks=list(message.blocks) or None,
        response_type="ephemeral",
        replace_original=replace,
        unfurl_links=False,
    )


async def whisper_instead(client: AsyncWebClient, response_url: str | None, message: Message) -> bool:
    """Put `message` where the whispered one stood whose button opened a form; False where Slack no longer lets us.

    A response_url lives for half an hour: https://docs.slack.dev/interactivity/handling-user-interaction
    """
    if not response_url:
        return False
    answer = await AsyncRespond(response_url=response_url, proxy=client.proxy, ssl=client.ssl)(
        text=message.text,
        blocks=list(message.blocks) or None,
        response_type="ephemeral",
        replace_original=True,
        unfurl_links=False,
    )
    if answer.status_code != HTTPStatus.OK:
        log.info("the message that a form came from could not be replaced: HTTP %s", answer.status_code)
    return bool(answer.status_code == HTTPStatus.OK)


async def open_window(client: AsyncWebClient, body: dict[str, Any], view: dict[str, Any]) -> AsyncSlackResponse:
    """Open a view on top of the one that the button stood in, or of what the person saw."""
    opener = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    return await opener(trigger_id=body["trigger_id"], view=view)


LOADING_AFTER = 1.0
"""Seconds of the three that a trigger lives: what takes longer is filled into a window that is open already."""
LOADING = phrase("Henter …")
TOO_LATE_TO_OPEN = phrase("Det tok for lang tid å åpne skjemaet. Prøv igjen.")
BROKEN = phrase("Noe gikk galt hos oss. Lukk vinduet, og prøv igjen.")


async def open_soon(
    services: Services,
    client: AsyncWebClient,
    body: dict[str, Any],
    language: str,
    making: Coroutine[Any, Any, dict[str, Any]],
) -> None:
    """Open the view that `making` makes; where that takes its time, a window that says so, and then the view in it.

    Raises what `making` raises; where the window stands already, a refusal is told in it instead.
    """
    task = asyncio.ensure_future(making)
    try:
        done, _ = await asyncio.wait({task}, timeout=LOADING_AFTER)
        if done:
            await open_window(client, body, task.result())
            return
        opened = await open_window(client, body, said_in_a_window(services, LOADING, language))
        try:
            view = await task
        except Refused as refused:
            view = said_in_a_window(services, refused.phrase, language)
        except Exception:
            broken = said_in_a_window(services, BROKEN, language)
            await client.views_update(view_id=opened["view"]["id"], view=broken)
            raise
        await client.views_update(view_id=opened["view"]["id"], view=view)
    finally:
        task.cancel()


def said_in_a_window(services: Services, said: Phrase, language: str) -> dict[str, Any]:
    """One line of the bot's own, as a window."""
    return services.renderer.render_window(phrase("Mangelvakt"), "notice.j2", language, said=said)


async def show(
    services: Services,
    client: AsyncWebClient,
    body: dict[str, Any],
    respond: AsyncRespond,
    messages: list[Message],
) -> None:
    """Beside what was typed or clicked, or in a window where that was a Home tab or a form.

    What is more than fits there comes as direct messages, and the answer says so.
    """
    language = messages[0].language if messages else SOURCE_LANGUAGE
    beside = bool(body.get("response_url") or body.get("response_urls"))
    here, rest = _that_fit(messages) if beside else _that_fit_in_a_window(messages)
    if rest:
        said = phrase("Svaret er langt. Resten kommer som direktemelding fra Mangelvakt.")
        here.append(notice(services, said, language))
    if beside:
        for message in here:
            await whisper(respond, message)
    else:
        blocks = [block for message in here for block in message.blocks or [_plain(message.text)]]
        view = {
            "type": "modal",
            "title": {"type": "plain_text", "text": "Mangelvakt"},
            "close": {"type": "plain_text", "text": services.renderer.words(language).gettext("Lukk")},
            "blocks": blocks,
        }
        await open_window(client, body, view)
    for message in rest:
        await client.chat_postMessage(channel=str(user_of(body)[0]), unfurl_links=False, **message.as_payload())
        await asyncio.sleep(SLACKS_PACE)


def _that_fit(messages: list[Message]) -> tuple[list[Message], list[Message]]:
    room = len(messages) if len(messages) <= RESPONSE_URL_USES else RESPONSE_URL_USES - 1
    return messages[:room], messages[room:]


def _that_fit_in_a_window(messages: list[Message]) -> tuple[list[Message], list[Message]]:
    sizes = list(itertools.accumulate(len(message.blocks) or 1 for message in messages))
    room = len(messages) if sizes[-1] <= VIEW_BLOCKS else sum(size < VIEW_BLOCKS for size in sizes)
    return messages[:room], messages[room:]


def _plain(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
