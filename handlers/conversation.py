"""Mentions and direct messages: questions in one's own words."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.conversation import read_question
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Actor
from bot.services import Services
from handlers import answers
from handlers.answering import notice
from handlers.context import actor_in


def register(app: AsyncApp, services: Services) -> None:
    """Listen to mentions and direct messages."""

    @app.event("app_mention")
    async def on_mention(
        ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        if event.get("bot_id"):
            return
        actor = actor_in(context)
        reader = answers.as_read_in(services, event["channel"], actor)
        thread = event.get("thread_ts") or event["ts"]
        await _answer(services, client, event, reader, thread)

    @app.event("message")
    async def on_message(
        ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        written_by_a_person = not event.get("bot_id") and event.get("subtype") is None and event.get("user")
        if event.get("channel_type") == "im" and written_by_a_person:
            await _answer(services, client, event, actor_in(context), event.get("thread_ts"))


async def _answer(
    services: Services, client: AsyncWebClient, event: dict[str, Any], actor: Actor, thread: str | None
) -> None:
    text = str(event.get("text") or "")
    refuse_identity_numbers(text)
    said = read_question(text)
    messages: list[Message]
    if said.command == "meld":
        meant = services.catalogue.meant(said.rest) if said.rest else None
        value = meant.medicine.value if meant and meant.medicine else "-"
        name = meant.medicine.name if meant and meant.medicine else None
        messages = [services.renderer.render("offer_form.j2", actor.language, value=value, name=name)]
    elif said.command in ("følg", "slutt å følge"):
        hint = phrase(
            "Skriv «/{command}» for å endre hva du følger.",
            command=f"mangel {said.command} {said.rest}".strip(),
        )
        messages = [notice(services, hint, actor.language)]
    else:
        messages = await answers.answer(services, said, actor)
    for message in messages:
        await client.chat_postMessage(
            channel=event["channel"], thread_ts=thread, unfurl_links=False, **message.as_payload()
        )
