"""Buttons that show something: a case, a list, a medicine's status or stock, the help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp

from bot.conversation.reading import Intent
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.roles import Actor
from bot.refusal import Refused
from bot.services import Services
from handlers import answers, asking
from handlers.clicks import on_reading
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
        return await answers.next_meeting(services, "", actor)

    async def alerts(value: str, actor: Actor) -> list[Message]:
        found = await services.alerts.page_of(actor, as_id(value or "1"))
        numbers = {alert.id for alert in found.alerts}
        return services.renderer.render_parts("alert_page.j2", actor.language, found=found, numbers=numbers)

    on_reading(app, services, "show_case", case)
    on_reading(app, services, "list_cases", page)
    on_reading(app, services, "list_cases_on", page)
    on_reading(app, services, "show_status", status)
    on_reading(app, services, "show_stock", stock)
    on_reading(app, services, "show_who", about(Intent.WHO))
    on_reading(app, services, "show_substitutes", about(Intent.SUBSTITUTE))
    on_reading(app, services, "show_help", help_)
    on_reading(app, services, "show_meeting", meeting)
    on_reading(app, services, "list_alerts", alerts)
