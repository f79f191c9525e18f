"""Buttons that ask for a picture: a medicine's stock, an alert's, a case's, a year's figures."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.messages.phrase import Phrase
from bot.people.roles import Actor
from bot.services import Services
from handlers.clicks import on_click
from handlers.fields import as_id


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons; the picture itself comes through the outbox."""

    async def medicine(value: str, by: Actor, key: str | None) -> Phrase:
        return await services.curves.of_medicine(services.catalogue.medicine(value), by, key=key)

    async def alert(value: str, by: Actor, key: str | None) -> Phrase:
        return await services.curves.of_alert(as_id(value), by, key=key)

    async def case(value: str, by: Actor, key: str | None) -> Phrase:
        return await services.curves.of_case(value, by, key=key)

    async def year(value: str, by: Actor, key: str | None) -> Phrase:
        return await services.year_pictures.send(value, by, key=key)

    on_click(app, services, "show_curve", medicine)
    on_click(app, services, "show_alert_curve", alert)
    on_click(app, services, "show_case_curve", case)
    on_click(app, services, "show_statistics", year)
