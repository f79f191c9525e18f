"""Buttons that show something: a case, a list, a medicine's status or stock, the help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.conversation.reading import Intent
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.roles import Actor
from bot.refusal import Refused
from bot.services import Services
from handlers import answers, asking
from handlers.answering import show
from handlers.context import actor_in
from handlers.fields import as_id


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons that only read."""

    async def case(value: str, actor: Actor) -> list[Message]:
        if not value:
            raise Refused(phrase("Knappen virker ikke lenger. Spør på nytt med /mangel."))
        return [await answers.case_message(services, value, actor)]

    async def page(value: str, actor: Actor) -> list[Message]:
        number, _, words = value.partition(" ")
        return await answers.case_list(services, words, as_id(number or "1"), actor)

    async def status(value: str, actor: Actor) -> list[Message]:
        return [await answers.medicine_status(services, services.catalogue.medicine(value), actor)]

    async def stock(value: str, actor: Actor) -> list[Message]:
        return await answers.medicine_stock(services, services.catalogue.medicine(value), actor)

    def about(intent: Intent) -> Callable[[str, Actor], Awaitable[list[Message]]]:
        async def reading(value: str, actor: Actor) -> list[Message]:
            return await asking.shown(services, services.catalogue.medicine(value), intent, actor)

        return reading

    async def help_(value: str, actor: Actor) -> list[Message]:
        return [answers.help_message(services, actor)]

    async def meeting(value: str, actor: Actor) -> list[Message]:
        return await answers.next_meeting(services, actor)

    async def alerts(value: str, actor: Actor) -> list[Message]:
        found = await services.alerts.page_of(actor, as_id(value or "1"))
        numbers = {alert.id for alert in found.alerts}
        return services.renderer.render_parts("alert_page.j2", actor.language, found=found, numbers=numbers)

    def listen(action_id: str, reading: Callable[[str, Actor], Awaitable[list[Message]]]) -> None:
        @app.action(action_id)
        async def on_click(
            ack: AsyncAck,
            body: dict[str, Any],
            context: AsyncBoltContext,
            respond: AsyncRespond,
            client: AsyncWebClient,
        ) -> None:
            await ack()
            value = str(body["actions"][0].get("value") or "")
            await show(services, client, body, respond, await reading(value, actor_in(context)))

    listen("show_case", case)
    listen("list_cases", page)
    listen("list_cases_on", page)
    listen("show_status", status)
    listen("show_stock", stock)
    listen("show_who", about(Intent.WHO))
    listen("show_substitutes", about(Intent.SUBSTITUTE))
    listen("show_help", help_)
    listen("show_meeting", meeting)
    listen("list_alerts", alerts)
