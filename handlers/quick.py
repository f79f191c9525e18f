"""A few words in a case's thread: shown to their author with one button; without it nothing changes."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.phrase import phrase
from bot.services import Services
from handlers.answering import notice, whisper
from handlers.context import actor_in, key_in
from handlers.fields import pressed
from handlers.keys import in_cases_thread


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the threads of the cases' cards, and to the buttons of what is shown back."""

    async def is_in_a_cases_thread(body: dict[str, Any]) -> bool:
        return in_cases_thread(body, services.settings.cases_channel)

    @app.event("message", matchers=[is_in_a_cases_thread])
    async def on_words(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        text = str(event.get("text") or "")
        offer = await services.quick.offer(event["channel"], event["thread_ts"], text, actor)
        if offer is not None:
            message = services.renderer.render("quick_words.j2", actor.language, offer=offer)
            await client.chat_postEphemeral(
                channel=event["channel"], user=actor.slack_user, thread_ts=event["thread_ts"], **message.as_payload()
            )

    @app.action("save_quick_words")
    async def on_save(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        number = await services.quick.save(pressed(body), actor, key=key_in(context))
        await ack()
        said = notice(services, phrase("Lagret i sak {number}.", number=number), actor.language)
        await whisper(respond, said, replace=True)

    @app.action("drop_quick_words")
    async def on_drop(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        await ack()
        said = notice(services, phrase("Ingenting er endret."), actor_in(context).language)
        await whisper(respond, said, replace=True)
