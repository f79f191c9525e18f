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
from bot.refusal import Refused
from bot.services import Services
from handlers.answering import notice, show
from handlers.answers import ask, subject, subject_of
from handlers.context import actor_in, key_in
from handlers.fields import pressed

FOLLOW, UNFOLLOW, HERE = "follow_medicine", "unfollow_medicine", "_here"
"""The choose-buttons' actions; with `HERE` it is the channel that follows."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons *Følg* and *Slutt å følge*."""

    async def on_choice(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor, action = actor_in(context), body["actions"][0]["action_id"]
        chosen = subject_of(services.catalogue.medicine(pressed(body)))
        channel = body["channel"]["id"] if action.endswith(HERE) else None
        stopped = action.startswith(UNFOLLOW)
        change = services.following.unfollow if stopped else services.following.follow
        followed = await change(chosen, actor, channel=channel, key=key_in(context))
        await ack()
        message = _said(services, followed, actor, channel=channel, stopped=stopped)
        await show(services, client, body, respond, [message])

    for action_id in (FOLLOW, UNFOLLOW, FOLLOW + HERE, UNFOLLOW + HERE):
        app.action(action_id)(on_choice)

    @app.action("stop_following")
    async def on_stop(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        where = str((body.get("channel") or {}).get("id") or "")
        channel = where if where and not where.startswith("D") else None
        followed = await services.following.stop(pressed(body), actor, channel=channel, key=key_in(context))
        await ack()
        await show(services, client, body, respond, [_said(services, followed, actor, channel=channel, stopped=True)])


async def answer(services: Services, said: Said, by: Actor, *, channel: str | None, key: str | None) -> list[Message]:
    """Follow or stop following what the words name."""
    if not said.rest:
        hint = phrase("Skriv et legemiddel, en ATC-kode eller et saksnummer.")
        return [notice(services, hint, by.language)]
    wanted, meant = await subject(services, said.rest)
    if wanted is None:
        action = FOLLOW if said.command == "følg" else UNFOLLOW
        return [ask(services, said.rest, meant, action + HERE if channel else action, by)]
    if wanted.kind == "case" and await services.cases.case(wanted.ref) is None:
        raise Refused(phrase("Fant ikke sak {number}.", number=wanted.ref))
    if said.command == "følg":
        followed = await services.following.follow(wanted, by, channel=channel, key=key)
        return [_said(services, followed, by, channel=channel)]
    followed = await services.following.unfollow(wanted, by, channel=channel, key=key)
    return [_said(services, followed, by, channel=channel, stopped=True)]


def _said(
    services: Services, followed: Followed, by: Actor, *, channel: str | None = None, stopped: bool = False
) -> Message:
    return services.renderer.render("followed.j2", by.language, followed=followed, channel=channel, stopped=stopped)
