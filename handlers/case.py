"""The case card's buttons and their forms."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.changes import BY_NAME, mark
from bot.cases.forms import CandidateForm, CaseForm, ClosingForm, ConnectionForm, Page
from bot.cases.life_cycle import CLOSING, lives_on
from bot.cases.public_papers import papers_of
from bot.cases.public_text import Texts
from bot.cases.views import CaseView
from bot.cases.vocabulary import (
    OPEN,
    Authorised,
    Cause,
    Criticality,
    Group,
    NotRelevant,
    Outcome,
    Region,
    Sector,
    Solution,
    Source,
    Status,
    SystemFactor,
    Visibility,
)
from bot.clock import today
from bot.delivery.uploads import direct, upload
from bot.meeting.raising import RaisingForm
from bot.messages.phrase import Phrase, phrase
from bot.paper import Printer
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.services import Services
from bot.stock.domino import Rung
from handlers.answering import notice, open_soon, open_window, show
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.fields import OUT_OF_DATE, Fields, as_id, metadata_of, pressed


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything on a case card."""

    choices: dict[str, object] = {
        "every_status": OPEN,
        "every_cause": list(Cause),
        "every_source": list(Source),
        "every_authorised": list(Authorised),
        "every_sector": list(Sector),
        "every_factor": list(SystemFactor),
        "every_criticality": list(Criticality),
        "every_group": list(Group),
        "every_region": list(Region),
        "every_solution": list(Solution),
        "usual_ward_days": services.settings.restart_to_ward_days,
    }

    async def open_form(
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        template: str,
        **facts: object,
    ) -> None:
        """Open a form about the case of the clicked button, filled with what stands there now."""
        actor = actor_in(context)
        case = await _workable(services, pressed(body), actor)
        metadata = json.dumps({"case": case.number, "version": case.version})
        view = services.renderer.render_view(template, actor.language, case=case, metadata=metadata, **facts)
        await open_window(client, body, view)

    async def take(value: str, actor: Actor, key: str | None) -> Phrase:
        return phrase("Du har nå saken {number}.", number=await services.cases.take(value, actor, key=key))

    on_click(app, services, "take_case", take)

    async def update_form(body: dict[str, Any], actor: Actor, page: Page) -> dict[str, Any]:
        case = await _workable(services, pressed(body), actor)
        shown = {field: mark(getattr(case, field)) for field in page.fields}
        metadata = json.dumps({"case": case.number, "shown": shown})
        return services.renderer.render_view(
            f"modals/update_{page.value}.json.j2", actor.language, case=case, metadata=metadata, **choices
        )

    @app.action("update_case")
    async def on_update_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        actor = actor_in(context)
        await open_soon(services, client, body, actor.language, update_form(body, actor, Page.NOW))

    def listen_to_step(step: Page) -> None:
        @app.action(f"update_{step.value}")
        async def on_step(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            """Another step over the first one, which keeps what was typed in it."""
            await ack()
            view = await update_form(body, actor_in(context), step)
            await client.views_push(trigger_id=body["trigger_id"], view=view)

    for step in Page:
        listen_to_step(step)

    @app.view("update_case")
    async def on_update(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        about = metadata_of(body)
        if not isinstance(about.get("shown"), dict):
            raise Refused(OUT_OF_DATE)
        form = _read_update(Fields(body["view"]), set(about["shown"]))
        await services.cases.update(about["case"], form, actor_in(context), shown=about["shown"], key=key_in(context))
        await ack()

    @app.action("close_case")
    async def on_close_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        await open_form(
            body,
            context,
            client,
            "modals/close_case.json.j2",
            every_status=CLOSING,
            every_outcome=list(Outcome),
            every_not_relevant=list(NotRelevant),
            every_solution=list(Solution),
            today=today(services.clock),
        )

    @app.view("close_case")
    async def on_close(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        form = ClosingForm(
            status=fields.one_of(Status, "status") or Status.CLOSED,
            outcome=fields.one_of(Outcome, "outcome"),
            ended_on=fields.date("ended_on"),
            reason=fields.text("reason") or "",
            helped=fields.many_of(Solution, "helped"),
            did_not_help=fields.many_of(Solution, "did_not_help"),
            not_relevant=fields.one_of(NotRelevant, "not_relevant"),
        )
        case = metadata_of(body)
        await services.cases.close(
            case["case"], form, actor_in(context), key=key_in(context), version=case.number("version")
        )
        await ack()

    @app.action("reopen_case")
    async def on_reopen_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        actor = actor_in(context)
        case = await services.cases.for_reopening(pressed(body), actor)
        metadata = json.dumps({"case": case.number, "version": case.version})
        view = services.renderer.render_view("modals/reopen_case.json.j2", actor.language, case=case, metadata=metadata)
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("reopen_case")
    async def on_reopen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        case = metadata_of(body)
        reason = Fields(body["view"]).text("reason") or ""
        await services.cases.reopen(
            case["case"], reason, actor_in(context), key=key_in(context), version=case.number("version")
        )
        await ack()

    @app.action("publish_case")
    async def on_publish_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        draft = await services.cases.draft_of(pressed(body), actor_in(context))
        every = list(Visibility)
        await open_form(body, context, client, "modals/publish_case.json.j2", every_visibility=every, draft=draft)

    @app.view("publish_case")
    async def on_publish(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        case = metadata_of(body)
        visibility = fields.one_of(Visibility, "visibility") or Visibility.MEETING
        texts = Texts(fields.text("advice"), fields.text("advice_nn"), fields.text("advice_en"))
        actor, key, version = actor_in(context), key_in(context), case.number("version")
        if "draft" in fields.ticked("draft_only"):
            await services.cases.draft_text(case["case"], texts, actor, key=key, version=version)
        else:
            await services.cases.publish(
                case["case"], visibility, texts.nb, actor, key=key, version=version, nn=texts.nn, en=texts.en
            )
        await ack()

    @app.action("take_public_text")
    async def on_take_text(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        found = await services.cases.take_text(pressed(body), actor, key=key_in(context))
        await ack()
        said = phrase("Tekstene kommer som filer i en direktemelding fra Mangelvakt.")
        await show(services, client, body, respond, [notice(services, said, actor.language)])
        words = services.renderer.words(actor.language)
        told = phrase(
            "Publisert tekst for sak {number}. Endres eller trekkes den, får du vite hvor den må rettes.",
            number=found.number,
        )
        papers = await papers_of(Printer(clock=services.clock), found)
        await upload(client, await direct(client, actor.slack_user), papers, words.say(told))

    @app.action("more_case")
    async def on_more_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        await open_form(body, context, client, "modals/more_case.json.j2", forums=services.raising.others)

    @app.action("raise_case")
    async def on_raise_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        standing = await services.raising.standing(pressed(body), actor_in(context))
        forums = services.raising.others
        if not forums:
            raise Refused(phrase("Ingen andre møter er satt opp."))
        await open_form(body, context, client, "modals/raise_case.json.j2", forums=forums, standing=standing)

    @app.view("raise_case")
    async def on_raise(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        form = RaisingForm(fields.chosen("forum"), fields.text("question"), take_off=bool(fields.ticked("take_off")))
        await services.raising.change(metadata_of(body)["case"], form, actor_in(context), key=key_in(context))
        await ack(response_action="clear")

    @app.action("merge_case")
    async def on_merge_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        await open_form(body, context, client, "modals/merge_case.json.j2")

    @app.view("merge_case")
    async def on_merge(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        written = fields.text("into") or fields.chosen("suggested") or ""
        case = metadata_of(body)
        into = await services.cases.number_in(written) or written
        await services.joining.merge(
            case["case"], into, actor_in(context), key=key_in(context), version=case.number("version")
        )
        await ack(response_action="clear")

    @app.action("split_case")
    async def on_split_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        await open_form(body, context, client, "modals/split_case.json.j2")

    @app.view("split_case")
    async def on_split(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        chosen = fields.chosen("medicine")
        case = metadata_of(body)
        await services.joining.split(
            case["case"],
            [as_id(one) for one in fields.ticked("reports")],
            services.catalogue.medicine(chosen) if chosen else None,
            actor_in(context),
            key=key_in(context),
            version=case.number("version"),
        )
        await ack(response_action="clear")

    @app.action("connect_case")
    async def on_connect_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        await open_form(body, context, client, "modals/connect_case.json.j2")

    @app.view("connect_case")
    async def on_connect(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        removed = fields.chosen("remove")
        form = ConnectionForm(
            domino_of=fields.text("domino_of"),
            continues=fields.text("continues"),
            belongs_with=fields.text("belongs_with"),
            address=fields.text("address"),
            title=fields.text("title"),
            remove=as_id(removed) if removed else None,
        )
        case = metadata_of(body)
        await services.joining.connect(
            case["case"], form, actor_in(context), key=key_in(context), version=case.number("version")
        )
        await ack(response_action="clear")

    @app.action("add_candidate")
    async def on_candidate_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        rungs = [rung for rung in Rung if rung is not Rung.EXCHANGE_GROUP]
        await open_form(body, context, client, "modals/add_candidate.json.j2", every_rung=rungs)

    @app.view("add_candidate")
    async def on_candidate(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        chosen, removed = fields.chosen("medicine"), fields.chosen("remove")
        form = CandidateForm(
            medicine=services.catalogue.medicine(chosen) if chosen else None,
            rung=fields.one_of(Rung, "rung"),
            use=fields.text("use"),
            share_percent=fields.decimal("share"),
            ratio=fields.decimal("ratio"),
            remove=as_id(removed) if removed else None,
        )
        case = metadata_of(body)
        await services.candidates.change(
            case["case"], form, actor_in(context), key=key_in(context), version=case.number("version")
        )
        await ack(response_action="clear")

    @app.action("wrong_medicine")
    async def on_wrong_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        await open_form(body, context, client, "modals/wrong_medicine.json.j2")

    @app.view("wrong_medicine")
    async def on_wrong(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        right = services.catalogue.medicine(Fields(body["view"]).chosen("medicine") or "")
        case = metadata_of(body)
        await services.reporting.wrong_medicine(
            case["case"], right, actor_in(context), key=key_in(context), version=case.number("version")
        )
        await ack(response_action="clear")
        await services.alerts.check()
        await services.cases.bring_up_to_date()

    async def open_domino(value: str, actor: Actor, key: str | None) -> Phrase:
        number, new = await services.dominoes.open_case(as_id(value), actor, key=key)
        if new:
            return phrase("Sak {number} er opprettet.", number=number)
        return phrase("Det finnes allerede en åpen sak: {number}. Sakene hører nå sammen.", number=number)

    on_click(app, services, "open_domino_case", open_domino)


async def _workable(services: Services, number: str, actor: Actor) -> CaseView:
    """An open case that the actor may work on."""
    actor.require(Action.WORK_ON_CASE)
    case = await services.cases.case(number)
    if case is not None and case.merged_into:
        raise lives_on(number, case.merged_into)
    if case is None or not case.status.is_open:
        raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
    return case


def _read_update(fields: Fields, asked: set[str]) -> CaseForm:
    """The form's fields as typed values: those that were `asked` for, and no others."""
    ready = fields.chosen("substitute_ready")
    return CaseForm(
        status=fields.one_of(Status, "status") or Status.ONGOING,
        start=fields.date("start"),
        expected_end=fields.date("expected_end"),
        cause=fields.one_of(Cause, "cause"),
        authorised=fields.one_of(Authorised, "authorised") or Authorised.UNKNOWN,
        source=fields.one_of(Source, "source"),
        substitute=fields.text("substitute"),
        substitute_ready=None if ready is None else ready == "yes",
        next_step=fields.text("next_step"),
        next_step_on=fields.date("next_step_on"),
        decision_question=fields.text("decision_question"),
        ward_days=fields.number("ward_days"),
        sector=fields.one_of(Sector, "sector"),
        system_factors=fields.many_of(SystemFactor, "system_factors"),
        packages=tuple(dict.fromkeys((fields.text("packages") or "").replace(",", " ").split())),
        criticality=fields.one_of(Criticality, "criticality"),
        groups=fields.many_of(Group, "groups"),
        affected=fields.text("affected"),
        regions=fields.many_of(Region, "regions"),
        patient_consequences=fields.text("patient_consequences"),
        cost_consequences=fields.text("cost_consequences"),
        extra_cost_nok=fields.number("extra_cost_nok", digits=10),
        in_use=fields.many_of(Solution, "in_use"),
        helped=fields.many_of(Solution, "helped"),
        did_not_help=fields.many_of(Solution, "did_not_help"),
        only=frozenset(asked & BY_NAME.keys()),
    )
