"""Pools and items kept right: their forms, and an item's way to another pool."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import today
from bot.messages.phrase import phrase
from bot.people.roles import Actor
from bot.refusal import Refused
from bot.services import Services
from bot.stock.keeping import ItemView
from bot.stock.pool_forms import ItemForm, LimitIn, MoveForm, PoolForm
from bot.stock.pools import DemandBase, Holdable, PoolKind
from handlers.answering import open_window
from handlers.context import actor_in, key_in
from handlers.fields import Fields, Listed, as_id, metadata_of, pressed, pressed_id

CHOICES = {
    "every_holdable": list(Holdable),
    "every_base": list(DemandBase),
    "every_kind": list(PoolKind),
    "every_limit_in": list(LimitIn),
}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons that open the forms, and to the forms."""

    def saved(words: str, actor: Actor, **facts: object) -> dict[str, Any]:
        """The view that shows what holds now, where the form stood."""
        return services.renderer.render_window(phrase("Lagret"), words, actor.language, **facts)

    async def stock_changed() -> None:
        """What was changed may raise or close alerts, and say something else on a case."""
        await services.alerts.check()
        await services.cases.bring_up_to_date()

    @app.action("edit_pool")
    async def on_pool_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        actor = actor_in(context)
        kept = await services.pools.pool(pressed(body), actor)
        view = services.renderer.render_view(
            "modals/edit_pool.json.j2",
            actor.language,
            kept=kept,
            metadata=json.dumps({"pool": kept.pool.id, "version": kept.version}),
            **CHOICES,
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("edit_pool")
    async def on_pool(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, (pool_id, version) = actor_in(context), _about(body, "pool")
        form = _read_pool(Fields(body["view"]))
        await services.pools.change_pool(pool_id, form, actor, version=version, key=key_in(context))
        await ack(
            response_action="update",
            view=saved("pool_kept.j2", actor, kept=await services.pools.pool(pool_id, actor)),
        )
        await stock_changed()

    @app.action("edit_item")
    async def on_item_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        kept = await services.pools.item(pressed_id(body), actor_in(context))
        view = item_view("modals/edit_item.json.j2", kept, actor_in(context))
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    def item_view(template: str, kept: ItemView, actor: Actor) -> dict[str, Any]:
        metadata = json.dumps({"item": kept.id, "version": kept.version})
        return services.renderer.render_view(
            template, actor.language, kept=kept, metadata=metadata, today=today(services.clock), **CHOICES
        )

    @app.view("edit_item")
    async def on_item(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, (item, version) = actor_in(context), _about(body, "item")
        form = _read_item(Fields(body["view"]))
        await services.pools.change_item(as_id(item), form, actor, version=version, key=key_in(context))
        await ack(
            response_action="update",
            view=saved("item_kept.j2", actor, kept=await services.pools.item(as_id(item), actor)),
        )
        await stock_changed()

    @app.action("move_item")
    async def on_move_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        kept = await services.pools.item(pressed_id(body), actor_in(context))
        if not kept.others:
            raise Refused(phrase("Det er ikke noe annet lager som du kan flytte varen til."))
        view = item_view("modals/move_item.json.j2", kept, actor_in(context))
        await open_window(client, body, view)

    @app.view("move_item")
    async def on_move(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields, (item, version) = Fields(body["view"]), _about(body, "item")
        form = MoveForm(fields.chosen("to_pool"), fields.date("moved_on"), fields.text("note"))
        await services.pools.move_item(as_id(item), form, actor_in(context), version=version, key=key_in(context))
        await ack(response_action="clear")
        await stock_changed()


def _about(body: dict[str, Any], what: str) -> tuple[str, int]:
    """What a form is about, and the version it was filled from. Raises `NotOurs` where it is none of ours."""
    about = metadata_of(body)
    return str(about[what]), about.number("version")


def _read_pool(fields: Fields) -> PoolForm:
    return PoolForm(
        name=fields.text("name"),
        owner=fields.text("owner"),
        kind=fields.required(PoolKind, "kind"),
        holdable=fields.required(Holdable, "holdable"),
        sized_on=fields.required(DemandBase, "sized_on"),
        drawn_by=fields.required(DemandBase, "drawn_by"),
        target=fields.text("target"),
        limit=fields.text("limit"),
        limit_in=fields.required(LimitIn, "limit_in"),
        shelf=fields.text("shelf"),
        every=fields.text("every"),
        senders=tuple(dict.fromkeys(fields.people("senders"))),
    )


def _read_item(fields: Fields) -> ItemForm:
    return ItemForm(
        holdable=_own(fields, Holdable, "holdable"),
        sized_on=_own(fields, DemandBase, "sized_on"),
        drawn_by=_own(fields, DemandBase, "drawn_by"),
        target=fields.text("target"),
        limit=fields.text("limit"),
        limit_in=fields.required(LimitIn, "limit_in"),
        ordered_when_short="ordered_when_short" in fields.ticked("ticked"),
        stated=fields.text("stated"),
        stated_by=fields.text("stated_by"),
        stated_from=fields.date("stated_from"),
        stated_first="stated_first" in fields.ticked("ticked"),
        pack_size=fields.text("pack_size"),
        note=fields.text("note"),
    )


def _own(fields: Fields, choices: type[Listed], field: str) -> Listed | None:
    """The item's own answer; None where it is as the pool."""
    return None if fields.chosen(field) == "as_pool" else fields.required(choices, field)
