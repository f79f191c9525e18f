"""What every listener finds ready in its context: who is asking, in which language, and the inbox key."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.delivery.elsewhere import WORKSPACE
from bot.delivery.slack_errors import DeliveryError
from bot.people.roles import Actor
from bot.services import Services
from handlers.keys import is_between_people, key_of, user_of

log = logging.getLogger(__name__)

ACTOR = "actor"
KEY = "inbox_key"
LANGUAGE = "language"
ABOUT = "about"
"""The medicine that a report is about: whoever is told that it did not come in hears which."""


def register(app: AsyncApp, services: Services) -> None:
    """Prepare the context before the listeners; a keystroke in a type-ahead needs no person."""

    @app.use
    async def prepare(
        body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        workspace = body.get(WORKSPACE)
        if workspace and services.workspaces is not None:
            try:
                context["client"] = await services.workspaces.client(str(workspace))
            except DeliveryError as error:
                log.warning("nobody can be answered in workspace %s: %s", workspace, error)
                return BoltResponse(status=200, body="")
        if is_between_people(body, services.settings.cases_channel):
            return BoltResponse(status=200, body="")
        key = key_of(body)
        slack_user, team = user_of(body)
        if slack_user and body.get("type") != "block_suggestion":
            actor = await services.people.actor(slack_user, team)
            context[ACTOR] = actor
            context[LANGUAGE] = actor.language
        context[KEY] = key
        return await next_()


def actor_in(context: AsyncBoltContext) -> Actor:
    """The person who asks."""
    actor = context[ACTOR]
    assert isinstance(actor, Actor)  # noqa: S101
    return actor


def key_in(context: AsyncBoltContext) -> str | None:
    """The inbox key of what they did."""
    key = context.get(KEY)
    return key if isinstance(key, str) else None
