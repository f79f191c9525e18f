"""`/mangel hva-hvis`: in words, or in a form whose fields follow the change that is chosen."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.medicine import Medicine
from bot.catalogue.service import Choice
from bot.clock import today
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.refusal import FormRefused, Refused
from bot.services import Services
from bot.stock.supposing import Asked, PatientsOf
from bot.stock.what_if_words import ComesLate, PacksMove, PatientsFrom, Supposition, UseChanges, read_what_if
from handlers.answering import open_soon
from handlers.answers import ask
from handlers.context import actor_in, key_in
from handlers.fields import Fields, pressed


class Kind(StrEnum):
    """The changes that the form knows."""

    RATION = "ration"
    MORE = "more"
    LATE = "late"
    PATIENTS = "patients"
    MOVE = "move"

    @property
    def words(self) -> Phrase:
        """The change as people choose it."""
        return _KIND_WORDS[self]


_KIND_WORDS = {
    Kind.RATION: phrase("Rasjonering"),
    Kind.MORE: phrase("Mer forbruk"),
    Kind.LATE: phrase("Forsinket levering"),
    Kind.PATIENTS: phrase("Pasienter fra et annet legemiddel"),
    Kind.MOVE: phrase("Flytte mellom lager"),
}
EXAMPLES = (
    "rasjonering 30 % fra 1.8",
    "+20 % forbruk fra 1. september",
    "levering 14 dager forsinket",
    "30 % av pasientene fra Valtrex forhold 1,5",
    "flytt 40 pakninger fra B180S til Fokuslisten",
)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the form and the buttons that open it."""

    @app.action("open_what_if")
    async def on_button(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.READ_STOCK)
        await ack()
        value = pressed(body)
        medicine = services.catalogue.medicine(value) if value != "-" else None
        await open_form(services, client, body["trigger_id"], actor, medicine)

    @app.action("what_if_kind")
    async def on_kind(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        view, fields = body["view"], Fields(body["view"])
        chosen = fields.chosen("medicine")
        medicine = services.catalogue.medicine(chosen) if chosen else None
        kind = fields.one_of(Kind, "kind") or Kind.RATION
        new = await _form(services, actor_in(context), medicine, kind)
        await client.views_update(view_id=view["id"], hash=view["hash"], view=new)

    @app.view("what_if")
    async def on_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor = actor_in(context)
        medicine, asked = _read(services, body["view"])
        answer = await services.what_if.ask(medicine, [asked], actor, key=key_in(context))
        view = services.renderer.render_window(
            phrase("Hva hvis"), "what_if.j2", actor.language, answer=answer, value=None
        )
        await ack(response_action="update", view=view)


async def answer(
    services: Services, client: AsyncWebClient, trigger_id: str, actor: Actor, words: str, *, key: str | None
) -> list[Message]:
    """What answers `/mangel hva-hvis words`; none where the form was opened instead. After the ack."""
    actor.require(Action.READ_STOCK)
    read = read_what_if(words, today(services.clock))
    meant = services.catalogue.meant(read.medicine) if read.medicine else None
    if meant is not None and meant.medicine is None:
        return [ask(services, read.medicine, meant, "open_what_if", actor)]
    medicine = meant.medicine if meant else None
    if read.unread or (read.changes and medicine is None):
        value = medicine.value if medicine else "-"
        unread = read.unread or words
        return [
            services.renderer.render("what_if_unread.j2", actor.language, unread=unread, examples=EXAMPLES, value=value)
        ]
    if medicine is None or not read.changes:
        await open_form(services, client, trigger_id, actor, medicine)
        return []
    asked = [_found(services, change) for change in read.changes]
    reckoned = await services.what_if.ask(medicine, asked, actor, key=key)
    return services.renderer.render_parts("what_if.j2", actor.language, answer=reckoned, value=medicine.value)


async def open_form(
    services: Services, client: AsyncWebClient, trigger_id: str, actor: Actor, medicine: Medicine | None
) -> None:
    """The form, with the medicine where it is known."""
    making = _form(services, actor, medicine, Kind.RATION)
    await open_soon(services, client, {"trigger_id": trigger_id}, actor.language, making)


async def _form(services: Services, actor: Actor, medicine: Medicine | None, kind: Kind) -> dict[str, Any]:
    return services.renderer.render_view(
        "modals/what_if.json.j2",
        actor.language,
        medicine=Choice(medicine.name, "", medicine.value) if medicine and not medicine.is_open else None,
        kind=kind,
        every_kind=list(Kind),
        pools=await services.what_if.pools_for(actor),
        today=today(services.clock),
        metadata=json.dumps({}),
    )


def _found(services: Services, change: Supposition) -> Asked:
    """The change with its other medicine found. Raises `Refused` where none of that name is sure enough."""
    if not isinstance(change, PatientsFrom):
        return change
    refuse_identity_numbers(change.medicine, field="other")
    other = services.catalogue.meant(change.medicine).medicine
    if other is None:
        why = phrase("Vet ikke hvilket legemiddel «{words}» er. Skriv navn, form og styrke.", words=change.medicine)
        raise Refused(why, field="other")
    return PatientsOf(change.share, other, change.ratio)


def _read(services: Services, view: dict[str, Any]) -> tuple[Medicine, Asked]:
    """The form's fields. Raises `FormRefused` with a line for each field that is wrong."""
    fields = Fields(view)
    faults: list[Refused] = []

    def number(field: str, low: float, high: float, why: Phrase) -> float:
        try:
            value = fields.decimal(field)
        except Refused as refusal:
            faults.append(refusal)
            return low
        if value is None or not low <= value <= high:
            faults.append(Refused(why, field=field))
            return low
        return value

    def needed(field: str, why: Phrase) -> str:
        value = fields.chosen(field)
        if value is None:
            faults.append(Refused(why, field=field))
        return value or ""

    chosen = needed("medicine", phrase("Velg legemiddelet."))
    asked: Asked | None = None
    match fields.one_of(Kind, "kind") or Kind.RATION:
        case Kind.RATION:
            less = number("percent", 1, 100, phrase("Skriv et tall fra 1 til 100."))
            asked = UseChanges(-less / 100, fields.date("since"))
        case Kind.MORE:
            more = number("percent", 1, 1000, phrase("Skriv et tall fra 1 til 1000."))
            asked = UseChanges(more / 100, fields.date("since"))
        case Kind.LATE:
            asked = ComesLate(round(number("days", 1, 730, phrase("Skriv et antall dager fra 1 til 730."))))
        case Kind.PATIENTS:
            share = number("percent", 1, 100, phrase("Skriv et tall fra 1 til 100.")) / 100
            ratio = None
            if fields.text("ratio") is not None:
                ratio = number("ratio", 0.001, 1000, phrase("Skriv et forhold over 0, eller la feltet stå tomt."))
            other = needed("other", phrase("Velg legemiddelet som pasientene kommer fra."))
            asked = PatientsOf(share, services.catalogue.medicine(other), ratio) if other else None
        case Kind.MOVE:
            said = re.fullmatch(r"(\d{1,7}(?:[.,]\d{1,3})?)\s*([a-zæøå]*)", (fields.text("packs") or "").casefold())
            count = float(said[1].replace(",", ".")) if said else 0.0
            if not count:
                faults.append(Refused(phrase("Skriv hvor mye som skal flyttes, for eksempel 40."), field="packs"))
            source = needed("from_pool", phrase("Velg lageret det flyttes fra."))
            target = needed("to_pool", phrase("Velg lageret det flyttes til."))
            if said and count:
                asked = PacksMove(count, said[2] or "pakninger", source, target)
    if faults or asked is None:
        raise FormRefused(faults)
    return services.catalogue.medicine(chosen), asked
