"""An alert's buttons: follow it up, snooze it, open a case."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.medicine import Medicine, as_written, from_preparation, from_substance
from bot.clock import today
from bot.messages.phrase import phrase
from bot.services import Services
from handlers.answering import notice, show
from handlers.context import actor_in, key_in
from handlers.fields import Fields, pressed_id

USUAL_SNOOZE = dt.timedelta(days=7)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything on an alert."""

    @app.action("follow_alert")
    async def on_follow(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        item = await services.alerts.follow_up(pressed_id(body), actor, key=key_in(context))
        await ack()
        said = phrase("Du følger opp {item}.", item=item)
        await show(services, client, body, respond, [notice(services, said, actor.language)])

    @app.action("snooze_alert")
    async def on_snooze_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        alert_id = pressed_id(body)
        item = await services.alerts.item_of(alert_id, actor)
        await ack()
        view = services.renderer.render_view(
            "modals/snooze_alert.json.j2",
            actor.language,
            item=item.name,
            until=today(services.clock) + USUAL_SNOOZE,
            metadata=json.dumps({"alert": alert_id}),
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("snooze_alert")
    async def on_snooze(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        alert_id = int(json.loads(body["view"]["private_metadata"])["alert"])
        await services.alerts.snooze(
            alert_id,
            fields.date("until"),
            fields.text("reason") or "",
            actor_in(context),
            key=key_in(context),
        )
        await ack()

    @app.action("open_case_from_alert")
    async def on_open_case(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        alert_id = pressed_id(body)
        item = await services.alerts.item_of(alert_id, actor)
        medicine = _medicine(services, item.name, item.preparation_key, item.substance, item.atc)
        question = phrase("Lageret går mot tomt. Hva gjør vi?")
        number, new = await services.cases.open_for(medicine, actor, decision_question=question, key=key_in(context))
        await services.alerts.link_case(alert_id, number, actor, new=new)
        await ack()
        said = (
            phrase("Sak {number} er opprettet.", number=number)
            if new
            else phrase("Det finnes allerede en åpen sak: {number}. Varselet er knyttet til den.", number=number)
        )
        await show(services, client, body, respond, [notice(services, said, actor.language)])


def _medicine(
    services: Services, name: str, preparation_key: str | None, substance: str | None, atc: str | None
) -> Medicine:
    """The medicine of a stock item."""
    same = services.catalogue.catalogue.same_preparation(preparation_key) if preparation_key else ()
    if same:
        named = next((one for one in same if one.name.casefold() == name.casefold()), same[0])
        return from_preparation(named)
    return from_substance(substance, atc) if substance else as_written(name)
