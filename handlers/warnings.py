"""Early warnings of what neighbouring countries lack: the buttons under one, and the window with all of them."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Actor
from bot.services import Services
from handlers.answering import open_window
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed_id

PAGE = 8
"""Warnings in the window at a time: a few screens of a phone."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything about early warnings."""
    _window(app, services)
    _decisions(app, services)


def _window(app: AsyncApp, services: Services) -> None:
    @app.action("show_warnings")
    async def on_show(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        await open_window(client, body, await _page(services, actor_in(context), 1))

    def turns(action_id: str) -> None:
        @app.action(action_id)
        async def on_turn(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            await ack()
            view = await _page(services, actor_in(context), pressed_id(body))
            if (body.get("view") or {}).get("callback_id") == "early_warnings":
                await client.views_update(view_id=body["view"]["id"], view=view)
            else:
                await open_window(client, body, view)

    turns("warnings_on")
    turns("warnings_back")


async def _page(services: Services, actor: Actor, page: int) -> dict[str, Any]:
    """A page of the window; the nearest there is where that page is gone."""
    waiting = await services.early_warnings.undecided(actor)
    pages = max(1, -(-len(waiting) // PAGE))
    page = min(max(page, 1), pages)
    return services.renderer.render_view(
        "modals/early_warnings.json.j2",
        actor.language,
        metadata=json.dumps({"page": page}),
        warnings=waiting[(page - 1) * PAGE : page * PAGE],
        total=len(waiting),
        page=page,
        pages=pages,
    )


def _decisions(app: AsyncApp, services: Services) -> None:
    warnings = services.early_warnings

    async def follow(value: str, actor: Actor, key: str | None) -> Phrase:
        name = await warnings.follow(as_id(value), actor, key=key)
        return phrase("{name} følges. Endringer i nabolandene sies i kanalen.", name=name)

    on_click(app, services, "follow_warning", follow)

    def asks(action_id: str) -> None:
        @app.action(action_id)
        async def on_ask(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            await ack()
            actor, number = actor_in(context), pressed_id(body)
            warning, medicines = await warnings.of_id(number, actor)
            view = services.renderer.render_view(
                f"modals/{action_id}.json.j2",
                actor.language,
                warning=warning,
                medicines=medicines,
                metadata=json.dumps({"warning": number}),
            )
            await open_window(client, body, view)

    asks("open_warned_case")
    asks("dismiss_warning")

    @app.view("open_warned_case")
    async def on_open(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        medicine = services.catalogue.medicine(Fields(body["view"]).chosen("medicine") or "")
        number = await warnings.open_case_of(
            metadata_of(body)["warning"], medicine, actor_in(context), key=key_in(context)
        )
        await ack(response_action="update", view=_said(services, actor_in(context), _opened(number)))

    @app.view("dismiss_warning")
    async def on_dismiss(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        reason = Fields(body["view"]).text("reason") or ""
        name = await warnings.dismiss(metadata_of(body)["warning"], reason, actor_in(context), key=key_in(context))
        said = phrase("{name}: ikke aktuell.", name=name)
        await ack(response_action="update", view=_said(services, actor_in(context), said))


def _opened(number: str) -> Phrase:
    return phrase("Sak {number}: kortet står i kanalen.", number=number)


def _said(services: Services, actor: Actor, said: Phrase) -> dict[str, Any]:
    """What was done, in the window where it was asked for."""
    return services.renderer.render_window(phrase("Tidlige varsler"), "notice.j2", actor.language, said=said)
