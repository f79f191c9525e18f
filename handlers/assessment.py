"""Assessments of substitutes: the window of a case, the form in three steps, the signature, and taking back."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.assessing import Target
from bot.cases.assessments import Ages, Content, EndForm, Excipients, Label, Mixing, Profession, SignForm, Step
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.services import Services
from bot.stock.domino import Rung
from handlers.answering import open_window
from handlers.clicks import on_reading
from handlers.context import actor_in, key_in
from handlers.fields import Fields, Metadata, as_id, metadata_of, pressed, pressed_id

CHOICES = {
    "every_rung": [rung for rung in Rung if rung is not Rung.EXCHANGE_GROUP],
    "every_ages": list(Ages),
    "every_excipients": list(Excipients),
    "every_label": list(Label),
    "every_mixing": list(Mixing),
}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the window, the steps, and the buttons of an assessment."""

    def render(template: str, actor: Actor, **facts: object) -> dict[str, Any]:
        return services.renderer.render_view(template, actor.language, **facts)

    async def page(step: Step, target: Target, actor: Actor) -> dict[str, Any]:
        """One page of the form, filled with what stands there."""
        begun = await services.assessments.begun(target, actor)
        about = {
            name: value
            for name in ("assessment", "version", "case", "key")
            if (value := getattr(target, name)) is not None
        }
        place = list(Step).index(step) + 1
        return render(
            f"modals/assess_{step.value}.json.j2",
            actor,
            metadata=json.dumps(about),
            begun=begun,
            one=begun.content,
            place=place,
            **CHOICES,
        )

    async def whole(assessment_id: int, title: Phrase, actor: Actor) -> dict[str, Any]:
        """The window that shows what stands there now, where a form stood."""
        one = await services.assessments.assessment(assessment_id, actor)
        return services.renderer.render_window(title, "assessment.j2", actor.language, one=one)

    @app.action("assess")
    async def on_assess(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        found = await services.assessments.of_case(pressed(body), actor)
        await open_window(client, body, render("modals/assess.json.j2", actor, found=found))

    @app.action("draft_assessment")
    async def on_draft(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        case, _, key = pressed(body).partition(" ")
        await open_window(client, body, await page(Step.PRODUCT, Target(case=case, key=key), actor))

    def listen_to_step(step: Step) -> None:
        @app.action(f"assess_{step.value}")
        async def on_step(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            """A page of a version that is there; of one that is signed, it begins the next."""
            await ack()
            actor = actor_in(context)
            actor.require(Action.WORK_ON_CASE)
            one = await services.assessments.assessment(pressed_id(body), actor)
            target = Target(assessment=one.id, version=one.version)
            await open_window(client, body, await page(step, target, actor))

        @app.view(f"assess_{step.value}")
        async def on_page(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            """Kept in the draft before the next page comes, so that nothing typed is lost."""
            actor = actor_in(context)
            typed = _read(step, Fields(body["view"]))
            target = _target(metadata_of(body))
            written = await services.assessments.write(target, step, typed, actor, key=key_in(context))
            if step.next is not None:
                view = await page(step.next, written, actor)
            else:
                view = await whole(written.assessment or 0, phrase("Lagret"), actor)
            await ack(response_action="update", view=view)

    for step in Step:
        listen_to_step(step)

    async def show(value: str, actor: Actor) -> list[Message]:
        one = await services.assessments.assessment(as_id(value), actor)
        return services.renderer.render_parts("assessment.j2", actor.language, one=one)

    on_reading(app, services, "show_assessment", show)

    @app.action("sign_assessment")
    async def on_sign(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        one = await services.assessments.for_signing(pressed_id(body), actor)
        about = json.dumps({"assessment": one.id, "version": one.version})
        view = render("modals/sign_assessment.json.j2", actor, metadata=about, one=one, professions=list(Profession))
        await open_window(client, body, view)

    @app.view("sign_assessment")
    async def on_signed(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, about, fields = actor_in(context), metadata_of(body), Fields(body["view"])
        assessment, version = about.number("assessment"), about.number("version")
        form = SignForm(fields.text("signed_as"), fields.one_of(Profession, "profession"))
        await services.assessments.sign(assessment, form, actor, version=version, key=key_in(context))
        await ack(response_action="update", view=await whole(assessment, phrase("Signert"), actor))

    @app.action("withdraw_assessment")
    async def on_withdraw(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        one = await services.assessments.assessment(pressed_id(body), actor)
        about = json.dumps({"assessment": one.id})
        await open_window(client, body, render("modals/withdraw_assessment.json.j2", actor, metadata=about, one=one))

    @app.view("withdraw_assessment")
    async def on_withdrawn(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, assessment = actor_in(context), metadata_of(body).number("assessment")
        form = EndForm(Fields(body["view"]).text("why"))
        await services.assessments.withdraw(assessment, form, actor, key=key_in(context))
        await ack(response_action="update", view=await whole(assessment, phrase("Lagret"), actor))


def _target(about: Metadata) -> Target:
    if "assessment" in about:
        return Target(assessment=about.number("assessment"), version=about.number("version"))
    return Target(case=str(about["case"]), key=str(about["key"]))


def _read(step: Step, fields: Fields) -> Content:
    """What one page says; the fields of the others stay empty here and are not written."""
    match step:
        case Step.PRODUCT:
            return Content(
                rung=fields.one_of(Rung, "rung"),
                route=fields.text("route"),
                form=fields.text("form"),
                strength=fields.text("strength"),
                use=fields.text("use"),
                ratio=fields.decimal("ratio"),
            )
        case Step.PATIENTS:
            return Content(
                ages=fields.one_of(Ages, "ages"),
                ages_words=fields.text("ages_words"),
                excipients=fields.one_of(Excipients, "excipients"),
                excipients_words=fields.text("excipients_words"),
                label=fields.one_of(Label, "label"),
                label_words=fields.text("label_words"),
                mixing=fields.one_of(Mixing, "mixing"),
                mixing_words=fields.text("mixing_words"),
            )
        case Step.USE:
            return Content(
                users=fields.text("users"),
                not_instead=fields.text("not_instead"),
                sources=fields.text("sources"),
                valid_until=fields.date("valid_until"),
            )
