"""A reminder's buttons: done, put off, show all."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import today
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Actor
from bot.reminders.timing import snooze_choices
from bot.services import Services
from handlers.answering import show
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed, pressed_id


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything on a reminder."""

    async def done(value: str, actor: Actor, key: str | None) -> Phrase:
        return phrase("Ferdig: {title}.", title=await services.reminders.done(as_id(value), actor, key=key))

    on_click(app, services, "reminder_done", done)

    @app.action("snooze_reminder")
    async def on_snooze_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        reminder = await services.reminders.reminder(pressed_id(body), actor)
        await ack()
        words = services.renderer.words(actor.language)
        view = services.renderer.render_view(
            "modals/snooze_reminder.json.j2",
            actor.language,
            reminder=reminder,
            choices=[
                (day.isoformat(), f"{words.weekday(day)} {words.daymonth(day)}")
                for day in snooze_choices(today(services.clock))
            ],
            metadata=json.dumps({"reminder": reminder.id}),
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("snooze_reminder")
    async def on_snooze(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        until = fields.date("until") or fields.chosen_day("choice")
        reminder_id = as_id(str(metadata_of(body).get("reminder")))
        await services.reminders.snooze(reminder_id, until, actor_in(context), key=key_in(context))
        await ack()

    @app.action("list_reminders")
    async def on_list(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        await ack()
        actor = actor_in(context)
        page = await services.reminders.open_for(actor, as_id(pressed(body)))
        found = services.renderer.render_parts("reminder_page.j2", actor.language, page=page)
        await show(services, client, body, respond, found)
