"""A stock sheet dropped in the stock channel: preview, its headings explained, stored or dropped, taken back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import NotOurs, Refused
from bot.registers.headings import IGNORED, USED_IN, Heading, Meaning
from bot.registers.progress import Work
from bot.services import Services
from bot.stock.sheets import Preview
from handlers.answering import whisper, whisper_instead
from handlers.context import actor_in, key_in
from handlers.fields import Fields, metadata_of, pressed

SHEETS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")

MOST_HEADINGS = 60
"""Of a sheet that is explained in a form: a form takes a hundred blocks."""

NOT_READ = "-"
"""The choice that stands for `IGNORED`: Slack takes no empty value."""

COLUMNS: dict[str, Phrase] = {
    NOT_READ: phrase("Leses ikke"),
    "item": phrase("Preparat (navn)"),
    "article": phrase("Varenummer"),
    "atc": phrase("ATC-kode"),
    "pool": phrase("Lager"),
    "on_hand": phrase("Beholdning"),
    "unit": phrase("Enhet"),
    "date": phrase("Dato for tellingen"),
    "expiry": phrase("Utløpsdato"),
    "lot": phrase("Parti (batch)"),
    "incoming": phrase("Forventet leveranse (antall)"),
    "eta": phrase("Forventet ankomst (dato)"),
    "usage": phrase("Forbruk"),
    "period": phrase("Periode for forbruket"),
    USED_IN: phrase("Forbruk i måneden eller uken som står i overskriften"),
}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the preview's buttons, and to the form in which headings are explained."""
    _stores(app, services)
    _explains(app, services)


def _stores(app: AsyncApp, services: Services) -> None:
    def stores(action_id: str, *, partial: bool) -> None:
        @app.action(action_id)
        async def on_store(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
        ) -> None:
            actor = actor_in(context)
            stored = await services.sheets.confirm(pressed(body), actor, key=key_in(context), partial=partial)
            await ack()
            told = await services.alerts.check()
            await _figures_changed(services)
            message = services.renderer.render(
                "sheet_stored.j2", actor.language, sheet=stored, alerts=_new(told, actor)
            )
            await whisper(respond, message, replace=_is_whispered(body))

    stores("store_sheet", partial=False)
    stores("store_sheet_partly", partial=True)

    @app.action("drop_sheet")
    async def on_drop(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        filename = await services.sheets.drop(pressed(body), actor, key=key_in(context))
        await ack()
        message = services.renderer.render("sheet_dropped.j2", actor.language, filename=filename)
        await whisper(respond, message, replace=_is_whispered(body))

    @app.action("undo_sheet")
    async def on_undo(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        undone = await services.sheets.undo(actor, key=key_in(context), sheet_id=pressed(body))
        await ack()
        await services.alerts.check()
        await _figures_changed(services)
        message = services.renderer.render("sheet_undone.j2", actor.language, undone=undone)
        await whisper(respond, message, replace=_is_whispered(body))


def _is_whispered(body: dict[str, Any]) -> bool:
    """Whether the button stands in a message that only this person sees: that one is replaced, no other."""
    return bool((body.get("container") or {}).get("is_ephemeral"))


async def _figures_changed(services: Services) -> None:
    await services.dominoes.look()
    await services.cases.bring_up_to_date()


def _explains(app: AsyncApp, services: Services) -> None:
    @app.action("explain_sheet")
    async def on_explain(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        actor, sheet_id = actor_in(context), pressed(body)
        unknown, pools = await services.sheets.headings(sheet_id, actor)
        metadata = {
            "sheet": sheet_id,
            "channel": (body.get("channel") or {}).get("id"),
            "answer": body.get("response_url") if _is_whispered(body) else None,
        }
        view = services.renderer.render_view(
            "modals/explain_sheet.json.j2",
            actor.language,
            headings=[(_block(n), one) for n, one in enumerate(unknown.headings[:MOST_HEADINGS])],
            meanings=list(COLUMNS.items()),
            pools=pools[:100],
            metadata=json.dumps(metadata),
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("explain_sheet")
    async def on_explained(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor, about = actor_in(context), metadata_of(body)
        sheet_id = str(about["sheet"])
        unknown, _ = await services.sheets.headings(sheet_id, actor)
        meaning = _read_meaning(Fields(body["view"]), unknown.headings)
        preview = await services.sheets.explain(sheet_id, meaning, actor, key=key_in(context))
        await ack()
        message = _words_of(services, preview, actor)
        if not await whisper_instead(client, about.get("answer"), message):
            channel = str(about.get("channel") or actor.slack_user)
            await client.chat_postEphemeral(channel=channel, user=actor.slack_user, **message.as_payload())


def _read_meaning(fields: Fields, headings: Sequence[Heading]) -> Meaning:
    columns: dict[str, str] = {}
    for number, heading in enumerate(headings[:MOST_HEADINGS]):
        block = _block(number)
        chosen = fields.chosen(block) or NOT_READ
        if chosen not in COLUMNS:
            raise NotOurs(phrase("Dette valget finnes ikke. Velg på nytt."), field=block)
        if chosen not in (NOT_READ, USED_IN) and chosen in columns.values():
            raise Refused(phrase("To kolonner kan ikke være {what}.", what=COLUMNS[chosen]), field=block)
        columns[heading.key] = IGNORED if chosen == NOT_READ else chosen
    return Meaning(columns, fields.chosen("pool"), fields.date("counted_on"))


def _block(number: int) -> str:
    """The field of a heading. What is wrong with all of them is said at the first."""
    return f"column_{number}" if number else "columns"


async def take_sheet(
    services: Services,
    filename: str,
    content: Callable[[], Awaitable[bytes]],
    actor: Actor,
    key: str | None,
    work: Work,
) -> Message:
    """A file in the stock channel: its preview, its faults, or the headings that have to be explained."""
    actor.require(Action.STORE_STOCK)
    if not filename.casefold().endswith(SHEETS):
        raise Refused(phrase("Filen {name} er ikke et regneark. Send CSV eller XLSX.", name=filename))
    preview = await services.sheets.preview(await content(), filename, actor, key=key, work=work)
    return _words_of(services, preview, actor)


def _words_of(services: Services, preview: Preview, actor: Actor) -> Message:
    if preview.unknown is not None and preview.sheet_id:
        return services.renderer.render("sheet_unknown.j2", actor.language, sheet=preview)
    if preview.faults and not preview.sheet_id:
        return services.renderer.render(
            "sheet_faults.j2", actor.language, filename=preview.filename, faults=preview.faults
        )
    return services.renderer.render("sheet_preview.j2", actor.language, sheet=preview)


def _new(told: list[Any], actor: Actor) -> list[Any]:
    return [alert for alert in told if alert.change.value in ("raise", "worsen") and actor.manages(alert.line.pool.id)]
