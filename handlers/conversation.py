"""Mentions and direct messages: questions in one's own words."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import parse
from bot.conversation.reading import Reading, language_of, read, without_mentions
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Actor
from bot.services import Services
from handlers import answers, asking
from handlers.answering import notice
from handlers.context import LANGUAGE, actor_in, key_in
from handlers.errors import thread_of

log = logging.getLogger(__name__)

A_WHILE = 15 * 60
"""Seconds that a question in a direct message is remembered: after that, "og Zovirax?" is asked anew."""

A_DAY = 24 * 60 * 60
"""Seconds within a thread, where the question before stands above."""

MOST_BEFORE = 5
"""Messages before this one that are read."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to mentions and direct messages."""

    @app.event("app_mention")
    async def on_mention(
        ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        if event.get("bot_id") or not event.get("user"):
            return
        reader = answers.as_read_in(services, event["channel"], _asker(context, event))
        await _answer(services, client, event, reader, _key(event, context), f"<@{context.bot_user_id}")

    @app.event("message")
    async def on_message(
        ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        written_by_a_person = not event.get("bot_id") and event.get("subtype") is None and event.get("user")
        if event.get("channel_type") == "im" and written_by_a_person:
            await _answer(services, client, event, _asker(context, event), _key(event, context), "")


def _asker(context: AsyncBoltContext, event: dict[str, Any]) -> Actor:
    """Who asks: in the language that they have chosen, or else in the one they ask in, a refusal too."""
    actor = actor_in(context).asking_in(language_of(without_mentions(str(event.get("text") or ""))))
    context[LANGUAGE] = actor.language
    return actor


async def _answer(
    services: Services, client: AsyncWebClient, event: dict[str, Any], actor: Actor, key: str, mention: str
) -> None:
    text = without_mentions(str(event.get("text") or ""))
    refuse_identity_numbers(text)
    messages = await _messages(services, client, event, actor, text, mention)
    await services.inbox.answer(key, event["channel"], thread_of(event), messages)


def _key(event: dict[str, Any], context: AsyncBoltContext) -> str:
    return key_in(context) or f"message:{event['channel']}:{event['ts']}"


async def _messages(
    services: Services, client: AsyncWebClient, event: dict[str, Any], actor: Actor, text: str, mention: str
) -> list[Message]:
    said = parse(text)
    if said.command == "statistikk":
        return await answers.answer(services, said, actor)
    if said.command == "hva-hvis":
        command = phrase("mangel hva-hvis {what}", what=said.rest or "…")
        hint = phrase("Skriv «/{command}» for å regne på det.", command=command)
        return [notice(services, hint, actor.language)]
    reading = read(text, services.catalogue.match)
    if reading.leans:
        reading = read(text, services.catalogue.match, await _before(services, client, event, mention))
    return await asking.answer(services, reading, text, actor)


async def _before(services: Services, client: AsyncWebClient, event: dict[str, Any], mention: str) -> Reading | None:
    """What the same person asked just before in the same place, read from Slack: no replica remembers anything."""
    thread, now = event.get("thread_ts"), float(event["ts"])
    where = {"channel": event["channel"], "latest": event["ts"], "oldest": str(now - (A_DAY if thread else A_WHILE))}
    if mention and not thread:
        return None
    try:
        if thread:
            page = await client.conversations_replies(ts=thread, limit=200, **where)
        else:
            page = await client.conversations_history(limit=20, **where)
    except SlackApiError as error:
        log.warning("what was said before could not be read: %s", error.response.get("error"))
        return None
    asked = sorted(
        (float(message["ts"]), str(message.get("text") or ""))
        for message in page.get("messages") or []
        if message.get("user") == event["user"] and not message.get("bot_id") and float(message["ts"]) < now
    )
    reading: Reading | None = None
    for _, text in [one for one in asked if mention in one[1]][-MOST_BEFORE:]:
        reading = read(text, services.catalogue.match, reading)
    return reading
