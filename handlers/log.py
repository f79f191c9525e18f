"""A case's log, and its archive copy."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.archive import KINDS
from bot.delivery.uploads import upload
from bot.messages.phrase import phrase
from bot.people.roles import Action
from bot.refusal import NotOurs
from bot.services import Services
from handlers.answering import notice, open_window, show
from handlers.context import actor_in, key_in
from handlers.fields import OUT_OF_DATE, pressed

WINDOW = "case_log"


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons that show a case's log and send its archive copy."""

    @app.action("show_log")
    async def on_log(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        page, number = _page_and_case(pressed(body))
        found = await services.records.read_log(number, page, actor)
        view = services.renderer.render_view("modals/case_log.json.j2", actor.language, log=found)
        stands_in = body.get("view") or {}
        if stands_in.get("callback_id") == WINDOW:
            await client.views_update(view_id=stands_in["id"], view=view)
        else:
            await open_window(client, body, view)

    @app.action("archive_case")
    async def on_archive(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        """The person is told at once; the files, which take some seconds, come as a direct message."""
        await ack()
        actor, number = actor_in(context), pressed(body)
        actor.require(Action.WORK_ON_CASE)
        said = phrase("Arkivkopien av sak {number} kommer som direktemelding fra Mangelvakt.", number=number)
        await show(services, client, body, respond, [notice(services, said, actor.language)])
        copy, names = await services.archive.with_thread(number, actor, client)
        papers = await services.archive.papers(copy, names)
        with_them = phrase(
            "Arkivkopi av sak {number}. Innholdet er ikke vurdert for innsyn; hver del sier hva som må vurderes.",
            number=number,
        )
        room = await client.conversations_open(users=actor.slack_user)
        await upload(client, room["channel"]["id"], papers, services.renderer.words(actor.language).say(with_them))
        kinds = [kind for kind in KINDS if any(paper.name.endswith(f".{kind}") for paper in papers)]
        await services.archive.note(copy, kinds, actor, key=key_in(context))


def _page_and_case(value: str) -> tuple[int, str]:
    """`2 2025-0147`: the page, and the case's number, which may have spaces where it is another register's."""
    found = re.fullmatch(r"([0-9]{1,4}) (.+)", value)
    if found is None:
        raise NotOurs(OUT_OF_DATE)
    return int(found[1]), found[2]
