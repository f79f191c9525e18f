"""Reporting a shortage: the form, its type-ahead, sending, correcting and withdrawing."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.forms import OnBehalf, ReportForm
from bot.cases.medicine import Medicine
from bot.cases.reporting import Nearby
from bot.cases.vocabulary import CameBy, Missing, Reported, RunsOut
from bot.catalogue.service import Choice
from bot.messages.limits import shorten
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import LANGUAGES
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.places import trusts
from bot.people.roles import Action, Actor
from bot.reception import KEPT
from bot.refusal import FormRefused, Refused
from bot.services import Services
from handlers.answering import open_soon
from handlers.clicks import on_click
from handlers.context import ABOUT, actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed_id
from handlers.keys import WHICH_FORM

OTHER_PLACE = "other"
LANGUAGE = "language"
"""In the form's metadata."""
SENT_AT = "mangelvakt_sent_at"
"""In a submission that was kept. Slack sends no such name."""
MEDICINE_FIELD = re.compile(r"^medicine(:|$)")
"""The field's action. A form that is shown again with another medicine chosen needs another one after the colon:
Slack keeps what stands in a field of the same name."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything about reports."""

    @app.options(MEDICINE_FIELD)
    async def on_letters(ack: AsyncAck, body: dict[str, Any]) -> None:
        language = _language_of_form(body) or await services.people.language_of(body["user"]["id"])
        await ack(option_groups=await medicine_options(services, str(body.get("value") or ""), language))

    @app.shortcut("report_shortage")
    async def on_shortcut(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        text = str((body.get("message") or {}).get("text") or "")
        refuse_identity_numbers(text)
        await open_form(services, client, body["trigger_id"], actor_in(context), text)

    @app.action("report_medicine")
    async def on_report_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        value = str(body["actions"][0].get("value") or "-")
        medicine = services.catalogue.medicine(value) if value != "-" else None
        view = body.get("view") or {}
        if view.get("type") == "modal":  # one more, where the receipt stands
            about = {"typed": "", WHICH_FORM: str(body["actions"][0].get("action_ts"))}
            form = await empty_form(services, actor_in(context), about, medicine)
            await client.views_update(view_id=view["id"], hash=view["hash"], view=form)
            return
        await open_form(services, client, body["trigger_id"], actor_in(context), "", medicine)

    @app.action(MEDICINE_FIELD)
    async def on_medicine_chosen(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        view = body["view"]
        if view["callback_id"] not in ("report", "correct_report"):
            return
        fields = Fields(view)
        medicine = services.catalogue.medicine(fields.chosen("medicine") or "")
        metadata = metadata_of(body)
        new_view = await filled_form(services, actor_in(context), medicine, metadata, facts_in(view))
        await client.views_update(view_id=view["id"], hash=view["hash"], view=new_view)

    @app.view("report")
    async def on_report(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor = actor_in(context)
        form = _read_form(services, body["view"])
        form = replace(form, on_behalf=await _on_behalf(services, Fields(body["view"])))
        key = key_in(context)
        sent_at = None
        context[ABOUT] = form.medicine.name
        if KEPT in context:  # taken up again
            await ack()
            sent_at = dt.datetime.fromisoformat(body[SENT_AT])
        elif services.reporting.is_behind and key is not None:
            await services.reporting.admit(form, actor, key=key)
            sent_at = services.clock.now()
            kept = kept_body(body, sent_at)
            mine = await services.inbox.keep(key, kept)
            if mine:
                context[KEPT] = key
                body["view"] = kept["view"]  # many may wait: the form around what was filled in is let go
            view = services.renderer.render_window(
                phrase("Meldingen er mottatt"), "kept_view.j2", actor.language, name=form.medicine.name
            )
            await ack(response_action="update", view=view)
            if not mine:
                return
        receipt = await services.reporting.report(form, actor, key=key, sent_at=sent_at)
        if sent_at is not None:
            return  # the form is closed; the receipt comes as a message
        view = services.renderer.render_window(
            phrase("Meldingen er sendt"), "receipt_view.j2", actor.language, receipt=receipt
        )
        await ack(response_action="update", view=view)

    @app.view("correct_report")
    async def on_correction(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        form = _read_form(services, body["view"])
        report_id = metadata_of(body).number("report")
        await services.reporting.correct(report_id, form, actor_in(context), key=key_in(context))
        await ack()

    @app.action("correct_report")
    async def on_correct_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        report, case = await services.reporting.report_of(pressed_id(body), actor)
        await ack()
        ticked = [fact.value for fact in Reported if getattr(report, fact.value)]
        facts = {
            "runs_out": RunsOut(report.runs_out),
            "missing": Missing(report.missing),
            "place": report.place,
            "ticked": ticked,
            "note": report.note,
        }
        value = f"p:{report.preparation_id}" if report.preparation_id else f"t:{report.name}"
        medicine = services.catalogue.medicine(value)
        metadata = {"typed": report.typed, "report": report.id, "case": case.number}
        view = await filled_form(services, actor, medicine, metadata, facts)
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    async def withdraw(value: str, actor: Actor, key: str | None) -> Phrase:
        number = await services.reporting.withdraw(as_id(value), actor, key=key)
        return phrase("Meldingen på {number} er trukket tilbake. Senteret ser at den er borte.", number=number)

    on_click(app, services, "withdraw_report", withdraw)


def _language_of_form(body: dict[str, Any]) -> str | None:
    """In which language the form is read, where it says so: nobody is looked up at every letter."""
    language = metadata_of(body).get(LANGUAGE) if body.get("view") else None
    return language if isinstance(language, str) and language in LANGUAGES else None


async def medicine_options(services: Services, typed: str, language: str) -> list[dict[str, Any]]:
    """What a medicine's field offers for the letters typed so far, in groups."""
    found = await services.catalogue.choices(typed)
    words = services.renderer.words(language)
    groups = [
        (phrase("Åpen mangelsak"), found.short),
        (phrase("Preparater"), found.products),
        (phrase("Virkestoffer"), found.substances),
        (phrase("Ikke i listen"), (found.as_typed,) if found.as_typed else ()),
    ]
    return [_group(words.say(label), choices) for label, choices in groups if choices]


def kept_body(body: dict[str, Any], sent_at: dt.datetime) -> dict[str, Any]:
    """A submission as it is kept: what was filled in and when, and not the form around it."""
    return body | {"view": body["view"] | {"blocks": []}, SENT_AT: sent_at.isoformat()}


def facts_in(view: dict[str, Any]) -> dict[str, Any]:
    """What has been filled in beside the medicine; values that JSON keeps."""
    fields = Fields(view)
    return {
        "runs_out": fields.one_of(RunsOut, "runs_out"),
        "missing": fields.one_of(Missing, "missing") or Missing.STRENGTH,
        "place": fields.chosen("place"),
        "ticked": fields.ticked("facts"),
        "note": fields.text("note"),
        "came_by": fields.one_of(CameBy, "came_by"),
        "told_by": fields.text("told_by"),
        "told_by_user": fields.person("told_by_user"),
    }


async def open_form(
    services: Services,
    client: AsyncWebClient,
    trigger_id: str,
    actor: Actor,
    text: str,
    medicine: Medicine | None = None,
) -> None:
    """Open the report form, filled from `text` where it surely names a medicine."""
    text = " ".join(text.split())[:300]
    if medicine is None and text:
        medicine = services.catalogue.meant(text).medicine
    making = empty_form(services, actor, {"typed": text}, medicine)
    await open_soon(services, client, {"trigger_id": trigger_id}, actor.language, making)


async def empty_form(
    services: Services, actor: Actor, metadata: dict[str, Any], medicine: Medicine | None
) -> dict[str, Any]:
    """The report form as it is opened, with the medicine where it is known."""
    facts: dict[str, Any] = {
        "runs_out": None,
        "missing": Missing.STRENGTH,
        "place": actor.place,
        "ticked": [],
        "note": None,
    }
    return await filled_form(services, actor, medicine, metadata, facts)


async def filled_form(
    services: Services,
    actor: Actor,
    medicine: Medicine | None,
    metadata: dict[str, Any],
    facts: dict[str, Any],
    *,
    added: bool = False,
) -> dict[str, Any]:
    """The report form with what has been filled in so far: `facts_in` it. `added`: the medicine has just been added."""
    open_brand = medicine.name if medicine and medicine.is_open else None
    if open_brand:
        medicine = None  # which strength is for the reporter to say
    nearby = await services.reporting.nearby(medicine) if medicine and "report" not in metadata else None
    facts = {"came_by": None, "told_by": None, "told_by_user": None, **facts}
    listed = {name for trust in trusts() for name in trust.places}
    place = facts["place"]
    return services.renderer.render_view(
        "modals/report.json.j2",
        actor.language,
        report_id=metadata.get("report"),
        metadata=json.dumps({**metadata, LANGUAGE: actor.language}, ensure_ascii=False),
        open_brand=open_brand,
        medicine_action=f"medicine:{medicine.value}" if medicine and added else "medicine",
        may_add=medicine is not None and not medicine.in_list and actor.may(Action.KEEP_CATALOGUE),
        medicine=Choice(medicine.name, "", medicine.value) if medicine else None,
        nearby=nearby,
        nearby_words=_nearby_words(services, nearby, actor),
        other_place=OTHER_PLACE,
        join_action=f"join:{medicine.value}" if medicine else "join",
        own_place=next((one for one in (place, actor.place) if one and one != OTHER_PLACE and one not in listed), None),
        every_runs_out=list(RunsOut),
        every_missing=list(Missing),
        every_fact=list(Reported),
        may_register=actor.may(Action.WORK_ON_CASE) and "report" not in metadata,
        every_way=list(CameBy),
        trusts=trusts(),
        **facts,
    )


def _nearby_words(services: Services, nearby: Nearby | None, actor: Actor) -> str:
    """`2026-0147 · 3 meldinger, 2 steder`, for the option's description."""
    if nearby is None or nearby.same is None:
        return ""
    words = services.renderer.words(actor.language)
    case = nearby.same
    reports = words.plural(case.reports, "melding", "meldinger")
    return shorten(f"{case.number} · {reports}, {words.plural(case.places, 'sted', 'steder')}", 75)


def _read_form(services: Services, view: dict[str, Any]) -> ReportForm:
    """The form's fields as typed values. Raises `FormRefused` naming each one that is missing."""
    fields = Fields(view)
    refusals = [
        Refused(said, field=field)
        for field, said in (
            ("medicine", phrase("Velg legemiddelet, eller skriv navnet.")),
            ("runs_out", phrase("Velg når dere går tomme.")),
            ("place", phrase("Velg hvor det mangler.")),
        )
        if not fields.chosen(field)
    ]
    written = fields.text("place_other")
    if fields.chosen("place") == OTHER_PLACE and not written:
        refusals.append(Refused(phrase("Skriv hvor det mangler."), field="place_other"))
    if refusals:
        raise FormRefused(refusals)
    ticked = fields.ticked("facts")
    metadata = metadata_of({"view": view})
    medicine = services.catalogue.medicine(fields.chosen("medicine") or "")
    return ReportForm(
        medicine=medicine,
        typed=str(metadata.get("typed") or medicine.name),
        missing=fields.one_of(Missing, "missing") or Missing.STRENGTH,
        place=written or fields.chosen("place") or "",
        place_written=bool(written),
        runs_out=fields.one_of(RunsOut, "runs_out") or RunsOut.LATER,
        pharmacy_contacted=True if Reported.PHARMACY_CONTACTED.value in ticked else None,
        children=True if Reported.CHILDREN.value in ticked else None,
        note=fields.text("note"),
        join=fields.chosen("join"),
    )


async def _on_behalf(services: Services, fields: Fields) -> OnBehalf | None:
    """For whom the centre writes a report down; None where nobody is named. Raises `Refused` where half of it is."""
    came_by, who, slack_user = fields.one_of(CameBy, "came_by"), fields.text("told_by"), fields.person("told_by_user")
    if came_by is None:
        if who or slack_user:
            raise Refused(phrase("Velg hvordan meldingen kom."), field="came_by")
        return None
    if slack_user is None:
        return OnBehalf(came_by, who)
    person = await services.people.actor(slack_user)
    return OnBehalf(came_by, who, person.person, slack_user, person.language)


def _group(label: str, choices: tuple[Choice, ...]) -> dict[str, Any]:
    return {
        "label": {"type": "plain_text", "text": label},
        "options": [_option(choice) for choice in choices],
    }


def _option(choice: Choice) -> dict[str, Any]:
    option: dict[str, Any] = {
        "text": {"type": "plain_text", "text": shorten(choice.name, 75), "emoji": False},
        "value": choice.value,
    }
    described = " · ".join(part for part in (choice.case, choice.description) if part)
    if described:
        option["description"] = {"type": "plain_text", "text": shorten(described, 75), "emoji": False}
    return option
