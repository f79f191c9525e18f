"""Sharing out a delivery: `/mangel fordel`, the form, the proposal that is decided, and what comes after."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.uploads import direct, upload
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.services import Services
from bot.stock.allocation_form import AllocationForm, Among, Base, SentForm
from bot.stock.sharing import AllocationView
from bot.stock.sharing_files import papers_of
from handlers.answering import notice, open_window, show
from handlers.clicks import on_click, on_reading
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed, pressed_id


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the form, the proposal and the buttons of a delivery."""

    def view_of(template: str, actor: Actor, about: dict[str, Any], **facts: object) -> dict[str, Any]:
        return services.renderer.render_view(template, actor.language, metadata=json.dumps(about), **facts)

    def shown(view: AllocationView, actor: Actor) -> dict[str, Any]:
        """The view that shows a decided delivery, where the form stood."""
        may_work = actor.may(Action.WORK_ON_CASE)
        return services.renderer.render_window(
            phrase("Fordelt"), "allocation.j2", actor.language, view=view, may_work=may_work
        )

    @app.action("allocate")
    async def on_allocate(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        found = await services.allocations.beginning(pressed(body), actor)
        view = view_of(
            "modals/allocate.json.j2",
            actor,
            {"case": found.case},
            number=found.case,
            title=found.title,
            form=found.form,
            counted_on=found.counted_on,
            every_among=list(Among),
            every_base=list(Base),
        )
        await open_window(client, body, view)

    @app.view("allocate")
    async def on_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor = actor_in(context)
        form = _read(Fields(body["view"]))
        number = str(metadata_of(body).get("case", ""))
        view = await services.allocations.propose(number, form, actor, key=key_in(context))
        about = {"allocation": view.id, "version": view.version}
        await ack(response_action="update", view=view_of("modals/decide_allocation.json.j2", actor, about, view=view))

    @app.view("decide_allocation")
    async def on_decision(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, about = actor_in(context), metadata_of(body)
        allocation, version = about.number("allocation"), about.number("version")
        view = await services.allocations.decide(allocation, actor, version=version, key=key_in(context))
        await ack(response_action="update", view=shown(view, actor))

    @app.action("correct_allocation")
    async def on_correct(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        view = await services.allocations.delivery(pressed_id(body), actor)
        other = [share for share in view.shares if share.sent not in (None, share.row.packages)]
        form = view_of(
            "modals/correct_allocation.json.j2",
            actor,
            {"allocation": view.id, "version": view.version},
            view=view,
            typed_lines="\n".join(f"{share.row.receiver} {share.sent}" for share in other) or None,
        )
        await open_window(client, body, form)

    @app.view("correct_allocation")
    async def on_correction(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor, about = actor_in(context), metadata_of(body)
        allocation, version = about.number("allocation"), about.number("version")
        form = SentForm(Fields(body["view"]).text("sent"))
        view = await services.allocations.correct(allocation, form, actor, version=version, key=key_in(context))
        await ack(response_action="update", view=shown(view, actor))

    @app.action("take_allocation")
    async def on_take(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        view = await services.allocations.take(pressed_id(body), actor, key=key_in(context))
        await ack()
        said = phrase("Filene til grossisten kommer i en direktemelding fra Mangelvakt.")
        await show(services, client, body, respond, [notice(services, said, actor.language)])
        words = services.renderer.words(actor.language)
        told = phrase(
            "Leveranse {number} av {title}, hvem som får hva. Send filen til grossisten, og ikke til andre.",
            number=view.number, title=view.title,
        )  # fmt: skip
        await upload(client, await direct(client, actor.slack_user), papers_of(view, words), words.say(told))

    async def publish(value: str, actor: Actor, key: str | None) -> Phrase:
        return await services.allocations.publish(as_id(value), actor, shown=True, key=key)

    async def withdraw(value: str, actor: Actor, key: str | None) -> Phrase:
        return await services.allocations.publish(as_id(value), actor, shown=False, key=key)

    async def one(value: str, actor: Actor) -> list[Message]:
        view = await services.allocations.delivery(as_id(value), actor)
        may_work = actor.may(Action.WORK_ON_CASE)
        return services.renderer.render_parts("allocation.j2", actor.language, view=view, may_work=may_work)

    on_click(app, services, "publish_allocation", publish)
    on_click(app, services, "withdraw_allocation", withdraw)
    on_reading(app, services, "show_allocation", one)


async def answer(services: Services, words: str, by: Actor) -> list[Message]:
    """What answers `/mangel fordel words`: the case's deliveries and the button to the form, or one's own share."""
    if not services.allocations.receives(by.slack_user):
        by.require(Action.READ_CASES)
    number = await services.cases.number_in(words) if words else None
    if number is None:
        return [notice(services, phrase("Skriv saksnummeret etter «fordel», for eksempel 2025-0147."), by.language)]
    if not by.may(Action.READ_CASES):
        own = await services.allocations.own(number, by)
        return services.renderer.render_parts("allocation_own.j2", by.language, shares=own)
    found = await services.allocations.of_case(number, by)
    may_work = by.may(Action.WORK_ON_CASE)
    return services.renderer.render_parts("allocations.j2", by.language, found=found, may_work=may_work)


def _read(fields: Fields) -> AllocationForm:
    return AllocationForm(
        quantity=fields.text("quantity"),
        among=fields.required(Among, "among"),
        base=fields.required(Base, "base"),
        reserve=fields.text("reserve"),
        mix=fields.text("mix"),
        use=fields.text("use"),
        patients=fields.text("patients"),
        stock=fields.text("stock"),
        lot=fields.text("lot"),
        least=fields.text("least"),
        most=fields.text("most"),
        exceptions=fields.text("exceptions"),
        count_earlier="count" in fields.ticked("earlier"),
    )
