"""Following a medicine, an ATC group or a case, and stopping."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import today
from bot.commands import Said
from bot.messages.limits import shorten
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.following import Followed
from bot.people.roles import Actor
from bot.refusal import Refused
from bot.services import Services
from handlers.answering import open_window, show
from handlers.answers import ask, subject, subject_of
from handlers.context import actor_in, key_in
from handlers.fields import Fields, metadata_of, pressed

FOLLOW, UNFOLLOW, HERE = "follow_medicine", "unfollow_medicine", "_here"
"""The choose-buttons' actions; with `HERE` it is the channel that follows."""


SPANS = (dt.timedelta(7), dt.timedelta(30), dt.timedelta(90))
"""How long one mutes something, to choose from."""


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
    @app.action("stop_own_following")
    async def on_stop(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        own = body["actions"][0]["action_id"] == "stop_own_following"  # one's own list stands in whatever channel
        channel = None if own else _channel_of(body)
        followed = await services.following.stop(pressed(body), actor, channel=channel, key=key_in(context))
        await ack()
        await show(services, client, body, respond, [_said(services, followed, actor, channel=channel, stopped=True)])

    @app.action("mute_following")
    async def on_mute_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        actor, (number, _, label) = actor_in(context), pressed(body).partition(" ")
        words = services.renderer.words(actor.language)
        now = today(services.clock)
        what = [(words.say(phrase("Bare sak {number}", number=number)), "case")] if number != "-" else []
        what += [(words.say(phrase("Alt om {label}", label=label)), "follow")] if label else []
        if not what:
            raise Refused(phrase("Knappen virker ikke lenger. Spør på nytt med /mangel."))
        view = services.renderer.render_view(
            "modals/mute_following.json.j2",
            actor.language,
            what=[(shorten(said, 70), value) for said, value in what],
            choices=[((now + span).isoformat(), words.date(now + span, now)) for span in SPANS],
            metadata=json.dumps({"case": number, "label": label, "channel": _channel_of(body)}),
        )
        await open_window(client, body, view)

    @app.view("mute_following")
    async def on_mute(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields, about, actor = Fields(body["view"]), metadata_of(body), actor_in(context)
        only_case = fields.chosen("what") == "case"
        until = fields.date("until") or fields.chosen_day("choice")
        label = await services.following.mute(
            str(about.get("case")) if only_case else None,
            None if only_case else str(about.get("label")),
            until,
            actor,
            channel=about.get("channel"),
            key=key_in(context),
        )
        view = services.renderer.render_window(phrase("Dempet"), "muted.j2", actor.language, label=label, until=until)
        await ack(response_action="update", view=view)

    @app.action("list_followed")
    async def on_list(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        await ack()
        await show(services, client, body, respond, await followed_list(services, actor_in(context), None))


async def followed_list(services: Services, by: Actor, channel: str | None) -> list[Message]:
    """What a person, or a channel, follows: each with its way out."""
    follows = await services.following.follows_of(by, channel=channel)
    return services.renderer.render_parts("follows.j2", by.language, follows=follows, channel=channel is not None)


def _channel_of(body: dict[str, Any]) -> str | None:
    """The channel that a button stands in; None in a direct message, where it is the person's own."""
    where = str((body.get("channel") or {}).get("id") or "")
    return where if where and not where.startswith("D") else None


async def answer(services: Services, said: Said, by: Actor, *, channel: str | None, key: str | None) -> list[Message]:
    """Follow or stop following what the words name."""
    if not said.rest:
        return await followed_list(services, by, channel)
    wanted, meant = await subject(services, said.rest, by)
    if wanted is None:
        action = FOLLOW if said.command == "følg" else UNFOLLOW
        return [ask(services, said.rest, meant, action + HERE if channel else action, by)]
    if said.command == "følg":
        followed = await services.following.follow(wanted, by, channel=channel, key=key, pace=said.pace)
        return [_said(services, followed, by, channel=channel)]
    followed = await services.following.unfollow(wanted, by, channel=channel, key=key)
    return [_said(services, followed, by, channel=channel, stopped=True)]


def _said(
    services: Services, followed: Followed, by: Actor, *, channel: str | None = None, stopped: bool = False
) -> Message:
    return services.renderer.render("followed.j2", by.language, followed=followed, channel=channel, stopped=stopped)
