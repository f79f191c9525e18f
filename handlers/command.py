"""`/mangel`: everything that is typed."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import parse
from bot.manifest import COMMAND
from bot.people.identity_numbers import refuse_identity_numbers
from bot.reception import LATE
from bot.refusal import Refused
from bot.services import Services
from handlers import allocation, answers, follow, inquiry, language, panel, report, restriction, what_if
from handlers.answering import TOO_LATE_TO_OPEN, show
from handlers.context import actor_in, key_in


def register(app: AsyncApp, services: Services) -> None:
    """Listen to `/mangel`."""

    @app.command(COMMAND)
    async def on_command(
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        actor = actor_in(context)
        said = parse(str(body.get("text") or ""))
        refuse_identity_numbers(said.rest)
        if said.command == "meld":
            await ack()
            if LATE in context:  # the form would be made in vain, and others wait
                raise Refused(TOO_LATE_TO_OPEN)
            await report.open_form(services, client, body["trigger_id"], actor, said.rest)
        elif said.command in ("følg", "slutt å følge"):
            channel = body["channel_id"] if said.here else None
            messages = await follow.answer(services, said, actor, channel=channel, key=key_in(context))
            await ack()
            await show(services, client, body, respond, messages)
        elif said.command == "språk":
            messages = [await language.answer(services, said.rest, actor, key=key_in(context))]
            await ack()
            await show(services, client, body, respond, messages)
        elif said.command == "hva-hvis":
            await ack()
            key = key_in(context)
            messages = await what_if.answer(services, client, body["trigger_id"], actor, said.rest, key=key)
            if messages:
                await show(services, client, body, respond, messages)
        elif said.command == "restriksjon":
            await ack()
            await show(services, client, body, respond, await restriction.answer(services, said.rest, actor))
        elif said.command == "spør":
            await ack()
            await show(services, client, body, respond, await inquiry.answer(services, said.rest, actor))
        elif said.command == "panel":
            await ack()
            await show(services, client, body, respond, await panel.answer(services, actor))
        elif said.command == "fordel":
            await ack()
            await show(services, client, body, respond, await allocation.answer(services, said.rest, actor))
        else:
            await ack()
            await show(services, client, body, respond, await answers.answer(services, said, actor))
