"""Expert panels: `/mangel panel`, who is in one, and who comes and goes."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import today
from bot.inquiries.panels import ExpertForm
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.services import Services
from handlers.answering import open_window
from handlers.clicks import on_click, on_reading
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed_id


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the forms and the buttons of a panel."""

    def view_of(template: str, actor: Actor, about: dict[str, Any], **facts: object) -> dict[str, Any]:
        return services.renderer.render_view(template, actor.language, metadata=json.dumps(about), **facts)

    async def shown(panel_id: int, actor: Actor) -> dict[str, Any]:
        """The view that shows the panel, where the form stood."""
        panel = await services.panels.panel(panel_id, actor)
        return services.renderer.render_window(phrase("Lagret"), "panel.j2", actor.language, panel=panel, may_work=True)

    @app.action("new_panel")
    async def on_new(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        await open_window(client, body, view_of("modals/new_panel.json.j2", actor, {}))

    @app.view("new_panel")
    async def on_made(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor = actor_in(context)
        panel_id = await services.panels.make(Fields(body["view"]).text("field"), actor, key=key_in(context))
        await ack(response_action="update", view=await shown(panel_id, actor))

    @app.action("add_expert")
    async def on_add(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        panel = await services.panels.panel(pressed_id(body), actor)
        about = {"panel": panel.id}
        view = view_of("modals/add_expert.json.j2", actor, about, panel=panel, today=today(services.clock))
        await open_window(client, body, view)

    @app.view("add_expert")
    async def on_added(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, fields = actor_in(context), Fields(body["view"])
        panel_id = metadata_of(body).number("panel")
        form = ExpertForm(
            slack_user=fields.person("person"),
            name=fields.text("name"),
            role=fields.text("role"),
            appointed_by=fields.text("appointed_by"),
            appointed_on=fields.date("appointed_on"),
        )
        await services.panels.add(panel_id, form, actor, key=key_in(context))
        await ack(response_action="update", view=await shown(panel_id, actor))

    async def remove(value: str, actor: Actor, key: str | None) -> Phrase:
        return await services.panels.remove(as_id(value), actor, key=key)

    async def show(value: str, actor: Actor) -> list[Message]:
        panel = await services.panels.panel(as_id(value), actor)
        may_work = actor.may(Action.WORK_ON_CASE)
        return services.renderer.render_parts("panel.j2", actor.language, panel=panel, may_work=may_work)

    on_click(app, services, "remove_expert", remove)
    on_reading(app, services, "show_panel", show)


async def answer(services: Services, by: Actor) -> list[Message]:
    """What answers `/mangel panel`: all panels."""
    panels = await services.panels.every(by)
    may_work = by.may(Action.WORK_ON_CASE)
    return services.renderer.render_parts("panels.j2", by.language, panels=panels, may_work=may_work)
