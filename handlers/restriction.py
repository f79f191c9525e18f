"""Restrictions: `/mangel restriksjon`, the forms, and the buttons that take one a step on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.restricting import LiftForm
from bot.cases.restrictions import TEMPLATES, Ground, Issuer, PartForm, PartKind, RestrictionForm, State
from bot.cases.vocabulary import Region, Sector
from bot.clock import today
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.services import Services
from handlers.answering import notice, open_window
from handlers.clicks import on_click, on_reading
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed, pressed_id

CHOICES = {
    "every_issuer": list(Issuer),
    "every_ground": list(Ground),
    "every_kind": list(PartKind),
    "every_sector": list(Sector),
    "every_region": list(Region),
}
BEFORE_ANY = -1
"""The version that a button without one was made from."""


@dataclass(frozen=True, slots=True)
class _Blank:
    """What a form begins with where nothing is written."""

    issuer: Issuer = Issuer.CENTRE
    ground: Ground = Ground.PROFESSIONAL
    ground_words: str | None = None
    sector: Sector = Sector.HOSPITAL
    regions: tuple[Region, ...] = ()
    review_on: None = None
    experts: str | None = None


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the forms and the buttons of a restriction."""

    def form(template: str, actor: Actor, about: dict[str, Any], **facts: object) -> dict[str, Any]:
        return services.renderer.render_view(template, actor.language, metadata=json.dumps(about), **CHOICES, **facts)

    async def saved(number: str, actor: Actor) -> dict[str, Any]:
        """The view that shows the case's restrictions, where the form stood."""
        found = await services.restrictions.of_case(number, actor)
        facts = {"found": found, "today": today(services.clock), "may_work": True, "templates": ()}
        return services.renderer.render_window(phrase("Lagret"), "restrictions.j2", actor.language, **facts)

    @app.action("draft_restriction")
    @app.action("draft_from_template")
    async def on_draft(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        number, _, wanted = pressed(body).partition(" ")
        template = next((one for one in TEMPLATES if one.id == wanted), None)
        words = services.renderer.words(actor.language)
        found = await services.restrictions.of_case(number, actor)
        view = form(
            "modals/restriction.json.j2",
            actor,
            {"case": found.case},
            callback="restriction",
            title=found.title,
            one=_Blank(template.issuer, template.ground, None, template.sector) if template else _Blank(),
            part=PartForm(
                template.kind if template else PartKind.INDICATION,
                words.say(template.words) if template else None,
                None,
                None,
            ),
        )
        await open_window(client, body, view)

    @app.view("restriction")
    async def on_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, number = actor_in(context), str(metadata_of(body).get("case", ""))
        number = await services.restrictions.draft(number, _read(Fields(body["view"])), actor, key=key_in(context))
        await ack(response_action="update", view=await saved(number, actor))

    @app.action("rewrite_restriction")
    async def on_rewrite(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        one = await services.restrictions.restriction(pressed_id(body), actor)
        about = {"restriction": one.id, "version": one.version}
        first = one.parts[0]
        view = form(
            "modals/restriction.json.j2",
            actor,
            about,
            callback="rewrite_restriction",
            title=one.title,
            one=one,
            part=PartForm(first.kind, first.words, first.starts_on, first.ends_on),
        )
        await open_window(client, body, view)

    @app.view("rewrite_restriction")
    async def on_rewritten(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, about = actor_in(context), metadata_of(body)
        restriction, version = about.number("restriction"), about.number("version")
        read = _read(Fields(body["view"]))
        number = await services.restrictions.rewrite(restriction, read, actor, version=version, key=key_in(context))
        await ack(response_action="update", view=await saved(number, actor))

    @app.action("add_restriction_part")
    async def on_add(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        one = await services.restrictions.restriction(pressed_id(body), actor)
        about = {"restriction": one.id, "version": one.version}
        part = PartForm(PartKind.INDICATION, None, None, None)
        await open_window(client, body, form("modals/restriction_part.json.j2", actor, about, part=part))

    @app.view("restriction_part")
    async def on_part(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, about = actor_in(context), metadata_of(body)
        restriction, version = about.number("restriction"), about.number("version")
        part = _read_part(Fields(body["view"]))
        number = await services.restrictions.add_part(restriction, part, actor, version=version, key=key_in(context))
        await ack(response_action="update", view=await saved(number, actor))

    @app.action("lift_part")
    async def on_lift(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        about = {"part": pressed_id(body)}
        await open_window(client, body, form("modals/lift_part.json.j2", actor, about, today=today(services.clock)))

    @app.view("lift_part")
    async def on_lifted(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, fields = actor_in(context), Fields(body["view"])
        lifting = LiftForm(fields.date("on"), fields.text("why"))
        part = as_id(str(metadata_of(body).get("part", "")))
        number = await services.restrictions.lift(part, lifting, actor, key=key_in(context))
        await ack(response_action="update", view=await saved(number, actor))

    def moves(action_id: str, to: State) -> None:
        async def work(value: str, actor: Actor, key: str | None) -> Phrase:
            restriction, _, seen = value.partition(" ")
            version = as_id(seen) if seen else BEFORE_ANY
            return await services.restrictions.move(as_id(restriction), to, actor, key=key, version=version)

        on_click(app, services, action_id, work)

    moves("restriction_to_experts", State.WITH_EXPERTS)
    moves("restriction_to_plan", State.PLAN)
    moves("decide_restriction", State.DECIDED)

    async def publish(value: str, actor: Actor, key: str | None) -> Phrase:
        return await services.restrictions.publish(as_id(value), actor, shown=True, key=key)

    async def withdraw(value: str, actor: Actor, key: str | None) -> Phrase:
        return await services.restrictions.publish(as_id(value), actor, shown=False, key=key)

    async def shown(value: str, actor: Actor) -> list[Message]:
        one = await services.restrictions.restriction(as_id(value), actor)
        return services.renderer.render_parts("restriction.j2", actor.language, one=one, today=today(services.clock))

    on_click(app, services, "publish_restriction", publish)
    on_click(app, services, "withdraw_restriction", withdraw)
    on_reading(app, services, "show_restriction", shown)


async def answer(services: Services, words: str, by: Actor) -> list[Message]:
    """What answers `/mangel restriksjon words`: the case's restrictions, and the button to write one."""
    by.require(Action.READ_CASES)
    number = await services.cases.number_in(words) if words else None
    if number is None:
        return [
            notice(services, phrase("Skriv saksnummeret etter «restriksjon», for eksempel 2025-0147."), by.language)
        ]
    return services.renderer.render_parts(
        "restrictions.j2",
        by.language,
        found=await services.restrictions.of_case(number, by),
        today=today(services.clock),
        may_work=by.may(Action.WORK_ON_CASE),
        templates=TEMPLATES,
    )


def _read(fields: Fields) -> RestrictionForm:
    return RestrictionForm(
        issuer=fields.required(Issuer, "issuer"),
        ground=fields.required(Ground, "ground"),
        ground_words=fields.text("ground_words"),
        sector=fields.required(Sector, "sector"),
        regions=fields.many_of(Region, "regions"),
        review_on=fields.date("review_on"),
        experts=fields.text("experts"),
        part=_read_part(fields),
    )


def _read_part(fields: Fields) -> PartForm:
    return PartForm(
        fields.required(PartKind, "kind"), fields.text("words"), fields.date("starts_on"), fields.date("ends_on")
    )
