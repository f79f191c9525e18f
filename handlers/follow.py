"""Following a medicine, an ATC group or a case, and stopping."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import Said
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.following import Followed
from bot.people.roles import Actor
from bot.services import Services
from handlers.answering import notice, show
from handlers.answers import ask, subject, subject_of
from handlers.context import actor_in, key_in


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons *Følg* and *Slutt å følge*."""

    @app.action("follow_medicine")
    async def on_follow(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        chosen = subject_of(services.catalogue.medicine(body["actions"][0]["value"]))
        followed = await services.following.follow(chosen, actor, channel=None, key=key_in(context))
        await ack()
        await show(services, client, body, respond, [_said(services, followed, actor)])

    @app.action("stop_following")
    async def on_stop(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        followed = await services.following.stop(body["actions"][0]["value"], actor)
        await ack()
        await show(services, client, body, respond, [_said(services, followed, actor, stopped=True)])


async def answer(services: Services, said: Said, by: Actor, *, channel: str | None, key: str | None) -> list[Message]:
    """Follow or stop following what the words name."""
    if not said.rest:
        hint = phrase("Skriv et legemiddel, en ATC-kode eller et saksnummer.")
        return [notice(services, hint, by.language)]
    wanted, meant = subject(services, said.rest)
    if wanted is None:
        return [ask(services, said.rest, meant, "follow_medicine", by)]
    if said.command == "følg":
        followed = await services.following.follow(wanted, by, channel=channel, key=key)
        return [_said(services, followed, by, channel=channel)]
    followed = await services.following.unfollow(wanted, by, channel=channel, key=key)
    return [_said(services, followed, by, channel=channel, stopped=True)]


def _said(
    services: Services, followed: Followed, by: Actor, *, channel: str | None = None, stopped: bool = False
) -> Message:
    return services.renderer.render("followed.j2", by.language, followed=followed, channel=channel, stopped=stopped)
