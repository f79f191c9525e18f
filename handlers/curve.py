"""Buttons that ask for a picture: a medicine's stock, an alert's, a case's."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.services import Services
from handlers.answering import notice, show
from handlers.context import actor_in, key_in
from handlers.fields import pressed, pressed_id


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons; the picture itself comes through the outbox."""

    @app.action("show_curve")
    async def on_medicine(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        medicine = services.catalogue.medicine(pressed(body))
        said = await services.curves.of_medicine(medicine, actor, key=key_in(context))
        await ack()
        await show(services, client, body, respond, [notice(services, said, actor.language)])

    @app.action("show_alert_curve")
    async def on_alert(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        said = await services.curves.of_alert(pressed_id(body), actor, key=key_in(context))
        await ack()
        await show(services, client, body, respond, [notice(services, said, actor.language)])

    @app.action("show_case_curve")
    async def on_case(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        said = await services.curves.of_case(pressed(body), actor, key=key_in(context))
        await ack()
        await show(services, client, body, respond, [notice(services, said, actor.language)])
