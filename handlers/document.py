"""A file in a case's thread: kept with the case as its document, where who laid it there says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.limits import shorten
from bot.messages.phrase import phrase
from bot.people.identity_numbers import IdentityNumberFound, contains_identity_number
from bot.people.roles import Actor
from bot.refusal import NotOurs
from bot.services import Services
from handlers.answering import notice, whisper
from handlers.context import actor_in, key_in
from handlers.fields import OUT_OF_DATE, pressed
from handlers.written import IN_A_FILE_NAME

MOST_IN_A_BUTTON = 2000
"""Characters that a button's value holds: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the button of what is offered."""

    @app.action("attach_file")
    async def on_attach(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor, offered = actor_in(context), _offered(pressed(body))
        number = await services.joining.add_document(*offered, actor, key=key_in(context))
        await ack()
        said = notice(services, phrase("Lagt ved sak {number}.", number=number), actor.language)
        await whisper(respond, said, replace=True)


def _thread_of(file: Mapping[str, Any], channel: str) -> str | None:
    """The thread that the file was laid in, in this channel (ref/objects/file-object: `shares`)."""
    kinds = (file.get("shares") or {}).values()
    shares = [share for kind in kinds for share in kind.get(channel) or []]
    return next((str(share["thread_ts"]) for share in shares if share.get("thread_ts")), None)


async def offered_to_its_case(
    services: Services, client: AsyncWebClient, channel: str, file: Mapping[str, Any], actor: Actor
) -> bool:
    """Whether a file lies in a case's thread; who laid it there, and nobody else, is asked if it is a document."""
    thread = _thread_of(file, channel)
    number = await services.joining.case_in_thread(channel, thread, actor) if thread else None
    if number is None:
        return False
    name, address = str(file.get("title") or file.get("name") or ""), str(file.get("permalink") or "")
    if contains_identity_number(name):
        raise IdentityNumberFound(IN_A_FILE_NAME)
    value = json.dumps({"case": number, "address": address, "title": shorten(name, 200)}, ensure_ascii=False)
    if len(value) > MOST_IN_A_BUTTON:
        return True
    message = services.renderer.render("file_offer.j2", actor.language, name=name, number=number, value=value)
    await client.chat_postEphemeral(channel=channel, user=actor.slack_user, thread_ts=thread, **message.as_payload())
    return True


def _offered(value: str) -> tuple[str, str, str]:
    """Case, address and title, as the button was given them. Raises `NotOurs` for anything else."""
    try:
        said = json.loads(value)
        return str(said["case"]), str(said["address"]), str(said["title"])
    except (ValueError, KeyError, TypeError):
        raise NotOurs(OUT_OF_DATE) from None
