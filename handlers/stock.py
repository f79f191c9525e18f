"""A stock sheet dropped in the stock channel: preview, store, drop."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.registers.table import MOST_BYTES
from bot.services import Services
from handlers.answering import notice, whisper
from handlers.context import actor_in, key_in
from handlers.fields import pressed

log = logging.getLogger(__name__)

SHEETS = (".csv", ".txt", ".xlsx", ".xlsm")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to files in the stock channel, and to the preview's buttons."""

    @app.event("file_shared")
    async def on_file(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        channel = event.get("channel_id")
        if channel is None or channel != services.settings.stock_channel or event.get("user_id") == context.bot_user_id:
            return
        actor = actor_in(context)
        file = (await client.files_info(file=event["file_id"]))["file"]
        filename = str(file.get("name") or "ark")
        try:
            actor.require(Action.STORE_STOCK)
            data = await _download(client, file)
            preview = await services.stock.preview(data, filename, actor, key=key_in(context))
        except Refused as refusal:
            message = notice(services, refusal.phrase, actor.language)
        else:
            message = (
                services.renderer.render("sheet_faults.j2", actor.language, filename=filename, faults=preview.faults)
                if preview.faults
                else services.renderer.render("sheet_preview.j2", actor.language, sheet=preview)
            )
        await client.chat_postEphemeral(channel=channel, user=actor.slack_user, **message.as_payload())

    @app.action("store_sheet")
    async def on_store(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        stored = await services.stock.confirm(pressed(body), actor, key=key_in(context))
        await ack()
        told = await services.alerts.check()
        await services.dominoes.look()
        await services.cases.bring_up_to_date()
        message = services.renderer.render("sheet_stored.j2", actor.language, sheet=stored, alerts=_new(told, actor))
        await whisper(respond, message, replace=True)

    @app.action("drop_sheet")
    async def on_drop(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        filename = await services.stock.drop(pressed(body), actor, key=key_in(context))
        await ack()
        await whisper(
            respond,
            services.renderer.render("sheet_dropped.j2", actor.language, filename=filename),
            replace=True,
        )


def _new(told: list[Any], actor: Actor) -> list[Any]:
    return [alert for alert in told if alert.change.value in ("raise", "worsen") and actor.manages(alert.line.pool.id)]


async def _download(client: AsyncWebClient, file: dict[str, Any]) -> bytes:
    """The file's content, no more than a sheet may have. The token goes to Slack's own address only."""
    filename = str(file.get("name") or "ark")
    if int(file.get("size") or 0) > MOST_BYTES:
        raise Refused(
            phrase(
                "Filen {name} er {size} MB. Et ark kan være høyst {most} MB. Del det opp.",
                name=filename,
                size=int(file["size"]) // 1024 // 1024,
                most=MOST_BYTES // 1024 // 1024,
            )
        )
    if file.get("filetype") and not filename.casefold().endswith(SHEETS):
        raise Refused(phrase("Filen {name} er ikke et regneark. Send CSV eller XLSX.", name=filename))
    url = str(file["url_private_download"])
    if not _is_slacks(url, client.base_url):
        raise Refused(phrase("Filen {name} ligger utenfor Slack. Last den opp her.", name=filename))
    content = bytearray()
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
        session.get(url, headers={"Authorization": f"Bearer {client.token}"}, allow_redirects=False) as answer,
    ):
        if answer.status != 200 or "text/html" in answer.headers.get("Content-Type", ""):
            log.warning("a shared file could not be fetched: HTTP %s", answer.status)
            raise Refused(phrase("Fikk ikke hentet filen {name} fra Slack. Send den på nytt.", name=filename))
        async for chunk in answer.content.iter_chunked(65536):
            content += chunk
            if len(content) > MOST_BYTES:
                raise Refused(
                    phrase(
                        "Filen {name} er for stor. Et ark kan være høyst {most} MB.",
                        name=filename,
                        most=MOST_BYTES // 1024 // 1024,
                    )
                )
    return bytes(content)


def _is_slacks(url: str, base_url: str) -> bool:
    """Files lie at files.slack.com, or at the host of the Web API that is in use."""
    target, base = urlsplit(url), urlsplit(base_url)
    host = target.hostname or ""
    on_slack = target.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
    return on_slack or (target.scheme, target.netloc) == (base.scheme, base.netloc)
