"""A button that does something and is answered with one line to the person alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.phrase import Phrase
from bot.people.roles import Actor
from bot.services import Services
from handlers.answering import notice, show
from handlers.context import actor_in, key_in
from handlers.fields import pressed

Work = Callable[[str, Actor, str | None], Awaitable[Phrase]]
"""From the button's value, who pressed it and the inbox key to what they are told."""


def on_click(app: AsyncApp, services: Services, action_id: str, work: Work) -> None:
    """Let `action_id` do `work`, which is committed before the click is acknowledged."""

    @app.action(action_id)
    async def clicked(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        said = await work(pressed(body), actor, key_in(context))
        await ack()
        await show(services, client, body, respond, [notice(services, said, actor.language)])
