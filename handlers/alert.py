"""An alert's buttons: follow it up, give it to somebody, hand it back, snooze it, call it false, open a case."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.medicine import Medicine, as_written, from_preparation, from_substance
from bot.clock import today
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Actor
from bot.services import Services
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed_id

USUAL_SNOOZE = dt.timedelta(days=7)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything on an alert."""

    async def follow(value: str, actor: Actor, key: str | None) -> Phrase:
        item = await services.alerts.follow_up(as_id(value), actor, key=key)
        return phrase("Du følger opp {item}.", item=item)

    async def hand_back(value: str, actor: Actor, key: str | None) -> Phrase:
        item = await services.alerts.hand_back(as_id(value), actor, key=key)
        return phrase("{item} er gitt tilbake. Ingen følger opp nå.", item=item)

    async def open_case(value: str, actor: Actor, key: str | None) -> Phrase:
        alert_id = as_id(value)
        item, _ = await services.alerts.open_alert(alert_id, actor)
        medicine = _medicine(services, item.name, item.preparation_key, item.substance, item.atc)
        number, new = await services.alerts.open_case(alert_id, medicine, actor, key=key)
        if new:
            return phrase("Sak {number} er opprettet.", number=number)
        return phrase("Det finnes allerede en åpen sak: {number}. Varselet er knyttet til den.", number=number)

    on_click(app, services, "follow_alert", follow)
    on_click(app, services, "hand_back_alert", hand_back)
    on_click(app, services, "open_case_from_alert", open_case)

    def opens_form(action_id: str, template: str) -> None:
        """Let the button open the form about its alert."""

        @app.action(action_id)
        async def clicked(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            actor = actor_in(context)
            alert_id = pressed_id(body)
            item, follower = await services.alerts.open_alert(alert_id, actor)
            await ack()
            view = services.renderer.render_view(
                template,
                actor.language,
                item=item.name,
                until=today(services.clock) + USUAL_SNOOZE,
                metadata=json.dumps({"alert": alert_id, "seen": follower}),
            )
            await client.views_open(trigger_id=body["trigger_id"], view=view)

    opens_form("assign_alert", "modals/assign_alert.json.j2")
    opens_form("snooze_alert", "modals/snooze_alert.json.j2")
    opens_form("false_alarm", "modals/false_alarm.json.j2")

    @app.view("assign_alert")
    async def on_assign(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields, about = Fields(body["view"]), metadata_of(body)
        await services.alerts.assign(
            as_id(str(about.get("alert"))),
            fields.person("who"),
            fields.text("note"),
            actor_in(context),
            seen=about.get("seen"),
            key=key_in(context),
        )
        await ack()

    @app.view("snooze_alert")
    async def on_snooze(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        await services.alerts.snooze(
            as_id(str(metadata_of(body).get("alert"))),
            fields.date("until"),
            fields.text("reason") or "",
            actor_in(context),
            key=key_in(context),
        )
        await ack()

    @app.view("false_alarm")
    async def on_false_alarm(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await services.alerts.false_alarm(
            as_id(str(metadata_of(body).get("alert"))),
            Fields(body["view"]).text("reason") or "",
            actor_in(context),
            key=key_in(context),
        )
        await ack()


def _medicine(
    services: Services, name: str, preparation_key: str | None, substance: str | None, atc: str | None
) -> Medicine:
    """The medicine of a stock item."""
    same = services.catalogue.catalogue.same_preparation(preparation_key) if preparation_key else ()
    if same:
        named = next((one for one in same if one.name.casefold() == name.casefold()), same[0])
        return from_preparation(named)
    return from_substance(substance, atc) if substance else as_written(name)
