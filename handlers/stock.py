"""A stock sheet dropped in the stock channel: preview, store, drop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond

from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.services import Services
from handlers.answering import whisper
from handlers.context import actor_in, key_in
from handlers.fields import pressed

SHEETS = (".csv", ".txt", ".xlsx", ".xlsm")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the preview's buttons."""

    @app.action("store_sheet")
    async def on_store(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        stored = await services.stock.confirm(pressed(body), actor, key=key_in(context))
        await ack()
        told = await services.alerts.check()
        await services.dominoes.look()
        await services.cases.bring_up_to_date()
        message = services.renderer.render("sheet_stored.j2", actor.language, sheet=stored, alerts=_new(told, actor))
        await whisper(respond, message, replace=True)

    @app.action("drop_sheet")
    async def on_drop(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        filename = await services.stock.drop(pressed(body), actor, key=key_in(context))
        await ack()
        await whisper(
            respond,
            services.renderer.render("sheet_dropped.j2", actor.language, filename=filename),
            replace=True,
        )


async def take_sheet(
    services: Services, filename: str, content: Callable[[], Awaitable[bytes]], actor: Actor, key: str | None
) -> Message:
    """A file in the stock channel: its preview, or its faults."""
    actor.require(Action.STORE_STOCK)
    if not filename.casefold().endswith(SHEETS):
        raise Refused(phrase("Filen {name} er ikke et regneark. Send CSV eller XLSX.", name=filename))
    preview = await services.stock.preview(await content(), filename, actor, key=key)
    if preview.faults:
        return services.renderer.render("sheet_faults.j2", actor.language, filename=filename, faults=preview.faults)
    return services.renderer.render("sheet_preview.j2", actor.language, sheet=preview)


def _new(told: list[Any], actor: Actor) -> list[Any]:
    return [alert for alert in told if alert.change.value in ("raise", "worsen") and actor.manages(alert.line.pool.id)]
