"""App Home, by role."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.phrase import Phrase
from bot.people.roles import Action, Actor, Role
from bot.services import Services
from handlers.context import actor_in


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the opening of App Home."""

    @app.event("app_home_opened")
    async def on_home(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        if event.get("tab") == "messages":
            return
        actor = actor_in(context)
        await client.views_publish(user_id=actor.slack_user, view=await home(services, actor))


MOST_PROPOSALS = 3
"""Proposals on App Home at a time: a moment's work, not a list."""


async def home(services: Services, actor: Actor, done: Phrase | None = None) -> dict[str, Any]:
    """What `actor` sees on App Home: the centre's desk, one's own pools, one's own reports.

    `done`: what has just been done with the list of medicines.
    """
    render = services.renderer
    sections: list[tuple[str, dict[str, object]]] = []
    if actor.may(Action.WORK_ON_CASE):
        inbox = await services.notices.inbox(actor)
        desk = await services.home.desk(actor)
        sections.append(("home_centre.j2", desk | {"to_triage": len(inbox.above), "triage_as_of": inbox.as_of}))
    if actor.may(Action.KEEP_CATALOGUE):
        proposals = await services.keeping.proposals(actor)
        sections.append(("home_catalogue.j2", {"proposals": proposals, "most": MOST_PROPOSALS, "done": done}))
    if actor.may(Action.KEEP_POOLS):
        own = Role.STOCK_MANAGER in actor.roles and not actor.may(Action.WORK_ON_CASE)
        sections.append(("home_stock.j2", await services.home.pools(actor) | {"own": own}))
    reads_cases, works = actor.may(Action.READ_CASES), actor.may(Action.WORK_ON_CASE)
    sections.append(
        ("home_reports.j2", await services.home.reports(actor) | {"reads_cases": reads_cases, "works": works})
    )
    sections.append(("language.j2", {}))
    return render.render_view("home.json.j2", actor.language, sections=sections, source=services.catalogue.source)
