"""App Home, by role."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.message import Message
from bot.messages.phrase import Phrase
from bot.people.roles import Action, Actor
from bot.services import Services
from handlers import answers
from handlers.answering import show
from handlers.context import actor_in, key_in
from handlers.fields import pressed, pressed_id
from handlers.report import medicine_options

MOST_PROPOSALS = 3
"""Proposals on App Home at a time: a moment's work, not a list."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the opening of App Home, and to what is pressed there."""

    @app.event("app_home_opened")
    async def on_home(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        if event.get("tab") != "messages":
            await publish_home(services, client, actor_in(context))

    @app.options("search_medicine")
    async def on_letters(ack: AsyncAck, body: dict[str, Any]) -> None:
        language = await services.people.language_of(body["user"]["id"])
        await ack(option_groups=await medicine_options(services, str(body.get("value") or ""), language))

    @app.action("search_medicine")
    async def on_search(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        actor = actor_in(context)
        chosen = (body["actions"][0].get("selected_option") or {}).get("value") or ""
        await show(services, client, body, respond, await _found(services, chosen, actor))

    @app.action("read_desk")
    async def on_read(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        await services.away.read(pressed(body), actor, key=key_in(context))
        await ack()
        await publish_home(services, client, actor)

    def settles(action_id: str, *, again: bool) -> None:
        @app.action(action_id)
        async def on_settle(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            actor = actor_in(context)
            settle = services.undelivered.send_again if again else services.undelivered.let_go
            await settle(pressed_id(body), actor, key=key_in(context))
            await ack()
            await publish_home(services, client, actor)

    settles("send_again", again=True)
    settles("let_go", again=False)


async def publish_home(services: Services, client: AsyncWebClient, actor: Actor, done: Phrase | None = None) -> None:
    """Show `actor` their App Home as it is now."""
    await client.views_publish(user_id=actor.slack_user, view=await home(services, actor, done))


async def home(services: Services, actor: Actor, done: Phrase | None = None) -> dict[str, Any]:
    """What `actor` sees on App Home: the centre's desk, one's own pools, one's own reports.

    `done`: what has just been done with the list of medicines.
    """
    works = actor.may(Action.WORK_ON_CASE)
    sections: list[tuple[str, dict[str, object]]] = []
    to_remind = (await services.reminders.open_for(actor, most=1)).total
    if works:
        inbox = await services.notices.inbox(actor)
        desk = await services.home.desk(actor)
        facts = {"desk": desk, "to_triage": len(inbox.above), "triage_as_of": inbox.as_of, "to_remind": to_remind}
        sections.append(("home_centre.j2", facts))
    if actor.may(Action.KEEP_POOLS):
        stock = await services.home.pools(actor)
        numbers = {alert.id for alert in stock.alerts}
        sections.append(("home_stock.j2", {"stock": stock, "numbers": numbers}))
    reports = await services.home.reports(actor)
    sections.append(("home_reports.j2", reports | {"to_remind": 0 if works else to_remind}))
    if actor.may(Action.KEEP_CATALOGUE):
        proposals = await services.keeping.proposals(actor)
        sections.append(("home_catalogue.j2", {"proposals": proposals, "most": MOST_PROPOSALS, "done": done}))
    sections.append(("language.j2", {}))
    return services.renderer.render_view(
        "home.json.j2",
        actor.language,
        works=works,
        reads_cases=actor.may(Action.READ_CASES),
        sections=sections,
        source=services.catalogue.source,
    )


async def _found(services: Services, chosen: str, actor: Actor) -> list[Message]:
    """What is known of what was chosen; words that are no medicine may be a case's number."""
    if chosen.startswith("t:"):
        return await answers.status(services, chosen.removeprefix("t:"), actor)
    return [await answers.medicine_status(services, services.catalogue.medicine(chosen), actor)]
