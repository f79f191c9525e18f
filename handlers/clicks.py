"""What buttons have in common: one that does something and is answered with a line, one that only shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.message import Message
from bot.messages.phrase import Phrase
from bot.people.roles import Actor
from bot.services import Services
from handlers.answering import notice, show
from handlers.context import actor_in, key_in
from handlers.fields import pressed

Work = Callable[[str, Actor, str | None], Awaitable[Phrase]]
"""From the button's value, who pressed it and the inbox key to what they are told."""


Reading = Callable[[str, Actor], Awaitable[list[Message]]]
"""From the button's value (perhaps empty) and who pressed it to what they are shown."""


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


def on_reading(app: AsyncApp, services: Services, action_id: str, reading: Reading) -> None:
    """Let `action_id` show what `reading` finds, to the person alone."""

    @app.action(action_id)
    async def clicked(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        await ack()
        value = str(body["actions"][0].get("value") or "")
        await show(services, client, body, respond, await reading(value, actor_in(context)))
