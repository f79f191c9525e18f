"""Which language a person reads: chosen with `/mangel språk` or on App Home."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.message import Message
from bot.people.roles import Actor
from bot.services import Services
from handlers.answering import show
from handlers.context import actor_in, key_in
from handlers.fields import pressed
from handlers.home import home


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons that choose a language."""

    @app.action(re.compile("^choose_language_[a-z]{2}$"))
    async def on_choice(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = await services.people.choose_language(pressed(body), actor_in(context), key=key_in(context))
        await ack()
        if (body.get("view") or {}).get("type") == "home":
            await client.views_publish(user_id=actor.slack_user, view=await home(services, actor))
        else:
            await show(services, client, body, respond, [_chosen(services, actor)])


async def answer(services: Services, words: str, by: Actor, *, key: str | None) -> Message:
    """The language that `words` name is chosen; without words, which one it is and the others to choose."""
    return _chosen(services, await services.people.choose_language(words, by, key=key) if words else by)


def _chosen(services: Services, by: Actor) -> Message:
    return services.renderer.render("language.j2", by.language)
