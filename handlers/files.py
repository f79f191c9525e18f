"""A file that somebody shares in one of our channels: fetched safely, and handed to whoever takes that channel's."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import UNREACHABLE, classify
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import ChannelLink
from bot.people.identity_numbers import IdentityNumberFound, contains_identity_number
from bot.people.roles import Actor
from bot.refusal import Refused
from bot.registers.progress import Work
from bot.registers.table import MOST_BYTES
from bot.services import Services
from handlers import notices, stock
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.document import offered_to_its_case
from handlers.written import IN_A_FILE_NAME

log = logging.getLogger(__name__)

PAGES = (".html", ".htm")
"""Files that are web pages. For any other, a web page is Slack's way of asking for a log-in."""

SheetTaker = Callable[
    [Services, str, Callable[[], Awaitable[bytes]], Actor, str | None, Work], Awaitable[Message | None]
]
"""From the file's name, a way to its content, who sent it, the inbox key and the work in hand to what they are told."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to files: stock sheets in the stock channel, lists and cases' documents in the cases channel."""
    settings = services.settings
    takers: Mapping[str | None, SheetTaker] = {
        settings.cases_channel: notices.take_list,
        settings.stock_channel: stock.take_sheet,
    }

    async def stop(value: str, actor: Actor, key: str | None) -> Phrase:
        stopped = await services.long_work.stop(value, actor, key=key)
        return phrase("Lesingen stopper. Ingenting er lagret.") if stopped else phrase("Lesingen er alt ferdig.")

    on_click(app, services, "stop_reading", stop)

    @app.event("file_shared")
    async def on_file(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        channel = event.get("channel_id")
        if channel is None or channel not in takers or event.get("user_id") == context.bot_user_id:
            return
        actor = actor_in(context)
        file = (await client.files_info(file=event["file_id"]))["file"]
        filename = str(file.get("name") or "ark")
        if contains_identity_number(filename):
            raise IdentityNumberFound(IN_A_FILE_NAME)
        if channel == settings.cases_channel and await offered_to_its_case(services, client, channel, file, actor):
            return
        take = takers[channel]
        telling = _Telling(services, client, actor, filename)
        try:
            message, _ = await services.long_work.watched(
                lambda work: take(services, filename, lambda: download(client, file), actor, key_in(context), work),
                telling.of,
            )
        finally:
            await telling.ends(channel)
        if message is not None:
            await client.chat_postEphemeral(channel=channel, user=actor.slack_user, **message.as_payload())


class _Telling:
    """A direct message to the sender that says how far the reading is. That Slack does not take it stops nothing."""

    def __init__(self, services: Services, client: AsyncWebClient, actor: Actor, filename: str) -> None:
        self._services, self._client, self._actor, self._filename = services, client, actor, filename
        self._place: tuple[str, str] | None = None

    async def of(self, work: str, percent: int) -> None:
        """It is so far, and can be stopped."""
        await self._say("reading.j2", filename=self._filename, percent=percent, work=work)

    async def ends(self, channel: str) -> None:
        """It is over: what came of it stands where the file was sent."""
        if self._place is not None:
            await self._say("reading_over.j2", filename=self._filename, channel=ChannelLink(channel))

    async def _say(self, template: str, **facts: object) -> None:
        message = self._services.renderer.render(template, self._actor.language, **facts)
        try:
            if self._place is None:
                said = await self._client.chat_postMessage(channel=self._actor.slack_user, **message.as_payload())
                self._place = str(said["channel"]), str(said["ts"])
            else:
                channel, ts = self._place
                await self._client.chat_update(channel=channel, ts=ts, **message.as_payload())
        except UNREACHABLE as error:
            log.warning("how far the reading is could not be told: %s", classify(error))


async def download(client: AsyncWebClient, file: dict[str, Any]) -> bytes:
    """The file's content, no more than a sheet may have. The token goes to Slack's own address only."""
    filename = str(file.get("name") or "ark")
    if int(file.get("size") or 0) > MOST_BYTES:
        raise Refused(
            phrase(
                "Filen {name} er {size} MB. Et ark kan være høyst {most} MB. Del det opp.",
                name=filename,
                size=int(file["size"]) // 1024 // 1024,
                most=MOST_BYTES // 1024 // 1024,
            )
        )
    url = str(file["url_private_download"])
    if not _is_slacks(url, client.base_url):
        raise Refused(phrase("Filen {name} ligger utenfor Slack. Last den opp her.", name=filename))
    content = bytearray()
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
        session.get(url, headers={"Authorization": f"Bearer {client.token}"}, allow_redirects=False) as answer,
    ):
        page = "text/html" in answer.headers.get("Content-Type", "") and not filename.casefold().endswith(PAGES)
        if answer.status != 200 or page:
            log.warning("a shared file could not be fetched: HTTP %s", answer.status)
            raise Refused(phrase("Fikk ikke hentet filen {name} fra Slack. Send den på nytt.", name=filename))
        async for chunk in answer.content.iter_chunked(65536):
            content += chunk
            if len(content) > MOST_BYTES:
                raise Refused(
                    phrase(
                        "Filen {name} er for stor. Et ark kan være høyst {most} MB.",
                        name=filename,
                        most=MOST_BYTES // 1024 // 1024,
                    )
                )
    return bytes(content)


def _is_slacks(url: str, base_url: str) -> bool:
    """Files lie at files.slack.com, or at the host of the Web API that is in use."""
    target, base = urlsplit(url), urlsplit(base_url)
    host = target.hostname or ""
    on_slack = target.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
    return on_slack or (target.scheme, target.netloc) == (base.scheme, base.netloc)
