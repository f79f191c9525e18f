"""The digest's buttons: post it now, show all."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.meeting.forums import MAIN
from bot.meeting.minutes import meeting_called
from bot.messages.phrase import phrase
from bot.services import Services
from handlers.answering import notice, show
from handlers.context import actor_in


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the digest's buttons."""

    @app.action("post_digest")
    async def on_post(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        forum = str(body["actions"][0].get("value") or MAIN)
        week, new = await services.meeting.post_now(actor, forum)
        await ack()
        called = meeting_called(services.meeting.forum(forum).title, week)
        said = (
            phrase("Listen til {meeting} er lagt ut i kanalen.", meeting=called)
            if new
            else phrase("Listen til {meeting} er allerede lagt ut.", meeting=called)
        )
        await show(services, client, body, respond, [notice(services, said, actor.language)])

    @app.action("show_all_cases")
    async def on_show_all(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        await ack()
        found = await services.meeting.all_cases(actor_in(context))
        await show(services, client, body, respond, found)
