"""Asking the hospitals: `/mangel spør`, the form, the answers, and what the centre does with a question."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.vocabulary import CameBy
from bot.clock import today
from bot.inquiries.forms import AnswerForm, InquiryForm, StepForm
from bot.inquiries.inquiry import AnswerKind, Inquiry, Kind
from bot.inquiries.service import mark_of_answer
from bot.inquiries.steps import Step
from bot.inquiries.whom import choices
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import NotOurs
from bot.reminders.timing import snooze_choices
from bot.services import Services
from handlers.answering import notice, open_window, show
from handlers.clicks import on_click, on_reading
from handlers.context import actor_in, key_in
from handlers.fields import OUT_OF_DATE, Fields, as_id, metadata_of, pressed, pressed_id

WAYS = [CameBy.PHONE, CameBy.EMAIL, CameBy.OTHER]


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the forms and the buttons of a question."""

    def view_of(template: str, actor: Actor, about: dict[str, Any], **facts: object) -> dict[str, Any]:
        return services.renderer.render_view(template, actor.language, metadata=json.dumps(about), **facts)

    async def asked_in(number: str, actor: Actor) -> dict[str, Any]:
        """The view that shows what was asked in the case, where the form stood."""
        found = await services.inquiries.of_case(number, actor)
        return services.renderer.render_window(
            phrase("Lagret"), "inquiries.j2", actor.language, found=found, may_work=True
        )

    @app.action("ask_hospitals")
    async def on_ask(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        found = await services.inquiries.of_case(pressed(body), actor)
        view = view_of(
            "modals/ask_hospitals.json.j2",
            actor,
            {"case": found.case},
            found=found,
            every_kind=list(Kind),
            every_answer=list(AnswerKind),
            every_trust=choices(),
            every_panel=[panel for panel in await services.panels.every(actor) if panel.experts][:100],
            deadline=snooze_choices(today(services.clock))[1],
        )
        await open_window(client, body, view)

    @app.view("ask_hospitals")
    async def on_asked(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, number = actor_in(context), str(metadata_of(body)["case"])
        form = _read(Fields(body["view"]))
        number = await services.inquiries.ask(number, form, actor, key=key_in(context))
        await ack(response_action="update", view=await asked_in(number, actor))

    # --- those who are asked ---

    @app.action("answer_inquiry")
    async def on_answer(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor, asked, channel = actor_in(context), pressed_id(body), _channel(body)
        question = await services.inquiries.question(asked, actor, channel=channel)
        await ack()
        about = {"asked": asked, "channel": channel, "seen": mark_of_answer(question.answer)}
        await open_window(client, body, view_of("modals/answer_inquiry.json.j2", actor, about, question=question))

    @app.view("answer_inquiry")
    async def on_answered(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, about = actor_in(context), metadata_of(body)
        said = await services.inquiries.answer(
            about.number("asked"),
            _read_answer(Fields(body["view"])),
            actor,
            channel=about["channel"],
            key=key_in(context),
            seen=str(about["seen"]),
        )
        view = services.renderer.render_window(phrase("Svaret er sendt"), "notice.j2", actor.language, said=said)
        await ack(response_action="update", view=view)

    def at_once(action_id: str) -> None:
        @app.action(action_id)
        async def on_tap(
            ack: AsyncAck,
            body: dict[str, Any],
            context: AsyncBoltContext,
            respond: AsyncRespond,
            client: AsyncWebClient,
        ) -> None:
            """An answer that the button itself is: none at all, or one of the choices."""
            actor, channel = actor_in(context), _channel(body)
            asked, _, place = pressed(body).partition(" ")
            form = AnswerForm(number="0")
            if action_id == "answer_choice":
                question = await services.inquiries.question(as_id(asked), actor, channel=channel)
                form = AnswerForm(choice=_choice(question.inquiry, place))
            said = await services.inquiries.answer(as_id(asked), form, actor, channel=channel, key=key_in(context))
            await ack()
            await show(services, client, body, respond, [notice(services, said, actor.language)])

    at_once("answer_none")
    at_once("answer_choice")

    # --- the centre ---

    @app.action("answer_for")
    async def on_answer_for(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        inquiry = await services.inquiries.for_others(pressed_id(body), actor)
        waiting = [*inquiry.missing, *inquiry.answered]
        view = view_of(
            "modals/answer_for.json.j2",
            actor,
            {"inquiry": inquiry.id},
            inquiry=inquiry,
            every_way=WAYS,
            every_named=[(str(one.id), one.name) for one in waiting if one.name][:100],
            anybody=any(one.name is None for one in waiting),
        )
        await open_window(client, body, view)

    @app.view("answer_for")
    async def on_answered_for(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, fields = actor_in(context), Fields(body["view"])
        inquiry, asked = metadata_of(body).number("inquiry"), fields.chosen("asked")
        whom = as_id(asked) if asked else fields.person("person")
        form = _read_answer(fields, fields.required(CameBy, "came_by"))
        number = await services.inquiries.answer_for(inquiry, whom, form, actor, key=key_in(context))
        await ack(response_action="update", view=await asked_in(number, actor))

    @app.action("take_inquiry_step")
    async def on_step(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        inquiry = (await services.inquiries.result(pressed_id(body), actor)).inquiry
        if inquiry.path is None or not inquiry.path.left:
            raise NotOurs(OUT_OF_DATE)
        view = view_of(
            "modals/take_inquiry_step.json.j2",
            actor,
            {"inquiry": inquiry.id},
            inquiry=inquiry,
            every_step=inquiry.path.left,
            today=today(services.clock),
        )
        await open_window(client, body, view)

    @app.view("take_inquiry_step")
    async def on_step_taken(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, fields = actor_in(context), Fields(body["view"])
        form = StepForm(fields.one_of(Step, "step"), fields.date("on"), fields.text("words"))
        inquiry = metadata_of(body).number("inquiry")
        number = await services.inquiries.take_step(inquiry, form, actor, key=key_in(context))
        await ack(response_action="update", view=await asked_in(number, actor))

    async def close(value: str, actor: Actor, key: str | None) -> Phrase:
        return await services.inquiries.close(as_id(value), actor, key=key)

    async def withdraw(value: str, actor: Actor, key: str | None) -> Phrase:
        return await services.inquiries.withdraw(as_id(value), actor, key=key)

    async def shown(value: str, actor: Actor) -> list[Message]:
        result = await services.inquiries.result(as_id(value), actor)
        may_work = actor.may(Action.WORK_ON_CASE)
        return services.renderer.render_parts("inquiry.j2", actor.language, result=result, may_work=may_work)

    on_click(app, services, "close_inquiry", close)
    on_click(app, services, "withdraw_inquiry", withdraw)
    on_reading(app, services, "show_inquiry", shown)


async def answer(services: Services, words: str, by: Actor) -> list[Message]:
    """What answers `/mangel spør words`: what was asked in the case, and the button to ask."""
    by.require(Action.READ_CASES)
    number = await services.cases.number_in(words) if words else None
    if number is None:
        return [notice(services, phrase("Skriv saksnummeret etter «spør», for eksempel 2025-0147."), by.language)]
    found = await services.inquiries.of_case(number, by)
    may_work = by.may(Action.WORK_ON_CASE)
    return services.renderer.render_parts("inquiries.j2", by.language, found=found, may_work=may_work)


def _channel(body: dict[str, Any]) -> str | None:
    """The channel in which the button stood, as Slack says it."""
    channel = (body.get("channel") or {}).get("id")
    return channel if isinstance(channel, str) else None


def _choice(inquiry: Inquiry, place: str) -> str:
    """The choice that the button stands for. Raises `NotOurs` for one that is not there."""
    chosen = as_id(place)
    if chosen >= len(inquiry.choices):
        raise NotOurs(OUT_OF_DATE)
    return inquiry.choices[chosen]


def _read(fields: Fields) -> InquiryForm:
    panel = fields.chosen("panel")
    return InquiryForm(
        kind=fields.required(Kind, "kind"),
        words=fields.text("words"),
        answer=fields.required(AnswerKind, "answer"),
        unit=fields.text("unit"),
        pack=fields.text("pack"),
        choices=fields.text("choices"),
        deadline=fields.date("deadline"),
        trusts=fields.ticked("trusts"),
        people=fields.people("people"),
        first=fields.date("first"),
        last=fields.date("last"),
        reply_by=fields.date("reply_by"),
        panel=as_id(panel) if panel else None,
    )


def _read_answer(fields: Fields, came_by: CameBy | None = None) -> AnswerForm:
    return AnswerForm(
        number=fields.text("number"),
        in_packs=fields.chosen("in") == "packs",
        choice=fields.chosen("choice"),
        words=fields.text("words"),
        came_by=came_by,
        told_by=fields.text("told_by"),
    )
