"""The centre keeps the list of medicines: proposed short names, and medicines that it adds itself."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.medicine import from_preparation
from bot.cases.views import named
from bot.cases.vocabulary import Authorised, Goods, Missing, RunsOut
from bot.catalogue.keeping import fingerprint
from bot.catalogue.own import OwnMedicine
from bot.catalogue.preparation import Authorisation, Preparation, Scope
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.services import Services
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed, pressed_id
from handlers.home import publish_home
from handlers.report import facts_in, filled_form

MOST_METADATA = 2900
"""Characters that a view may carry; Slack's limit is 3,000."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything about the list of medicines."""
    _short_names(app, services)
    _own_medicines(app, services)
    _fetched_files(app, services)


def _fetched_files(app: AsyncApp, services: Services) -> None:
    """FEST as it was fetched: somebody says yes or no, and the message says what comes of it."""

    async def take(value: str, actor: Actor, key: str | None) -> Phrase:
        filename = await services.fest_offers.decide(as_id(value), actor, take=True, key=key)
        return phrase("{name} tas i bruk. Det tar et par minutter; meldingen sier når det er gjort.", name=filename)

    async def drop(value: str, actor: Actor, key: str | None) -> Phrase:
        filename = await services.fest_offers.decide(as_id(value), actor, take=False, key=key)
        return phrase("{name} er forkastet. Legemiddellisten er som før.", name=filename)

    on_click(app, services, "take_fest", take)
    on_click(app, services, "drop_fest", drop)


def _short_names(app: AsyncApp, services: Services) -> None:
    def listen(action_id: str, *, accept: bool) -> None:
        @app.action(action_id)
        async def on_decision(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            actor = actor_in(context)
            words = await services.keeping.decide(pressed(body), actor, accept=accept, key=key_in(context))
            await ack()
            await services.catalogue.refresh()
            said = (
                phrase("«{words}» er nå et kortnavn. Alle kan bruke det.", words=words)
                if accept
                else phrase("«{words}» er avvist og blir ikke foreslått igjen.", words=words)
            )
            await publish_home(services, client, actor, said)

    listen("accept_short_name", accept=True)
    listen("reject_short_name", accept=False)

    @app.action("add_short_name")
    async def on_add_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        actor.require(Action.KEEP_CATALOGUE)
        await ack()
        await _open(client, body, services.renderer.render_view("modals/short_name.json.j2", actor.language))

    @app.view("add_short_name")
    async def on_add(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        medicine = services.catalogue.medicine(fields.chosen("medicine") or "")
        await services.keeping.add_short_name(
            fields.text("words") or "", medicine, actor_in(context), key=key_in(context)
        )
        await ack(response_action="clear")
        await services.catalogue.refresh()

    @app.action("remove_short_name")
    async def on_remove(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        words = await services.keeping.remove_short_name(pressed_id(body), actor, key=key_in(context))
        await ack()
        await services.catalogue.refresh()
        await _open(client, body, await _own_list(services, 1, actor, phrase("«{words}» er fjernet.", words=words)))


def _own_medicines(app: AsyncApp, services: Services) -> None:
    def listen_to_pages(action_id: str) -> None:
        @app.action(action_id)
        async def on_list(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            await ack()
            await _open(client, body, await _own_list(services, as_id(pressed(body)), actor_in(context)))

    listen_to_pages("list_own")
    listen_to_pages("list_own_on")

    @app.action("add_medicine")
    async def on_add_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        actor.require(Action.KEEP_CATALOGUE)
        await ack()
        typed = pressed(body)
        filled = _EMPTY if typed == "-" else OwnMedicine(typed, "")
        await _open(client, body, _form(services, actor, filled, _behind(body.get("view"))), on_top=True)

    @app.action("add_medicine_for_case")
    async def on_add_for_case(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        actor.require(Action.KEEP_CATALOGUE)
        case = await services.cases.case(pressed(body))
        if case is None or not case.as_written:
            raise Refused(phrase("Saken står allerede på et legemiddel i listen."))
        await ack()
        await _open(
            client, body, _form(services, actor, OwnMedicine(case.name, ""), {"case": case.number}), on_top=True
        )

    @app.view("add_medicine")
    async def on_add(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        added = await services.keeping.add(_read_form(body["view"]), actor, key=key_in(context))
        metadata = metadata_of(body)
        behind = metadata.get("behind")
        if behind:
            await ack()
            await services.catalogue.refresh()
            facts = behind["facts"]
            facts |= {
                "runs_out": RunsOut(facts["runs_out"]) if facts["runs_out"] else None,
                "missing": Missing(facts["missing"]),
            }
            medicine = from_preparation(added)
            view = await filled_form(services, actor, medicine, behind["metadata"], facts, added=True)
            await client.views_update(view_id=behind["view"], view=view)
            return
        cases = await services.keeping.kept_as_written(added, actor, first=metadata.get("case"))
        facts = {"title": named(added.name, added.substance), "id": added.id, "cases": cases, "done": None}
        view = services.renderer.render_window(phrase("Lagt til"), "medicine_added.j2", actor.language, **facts)
        await ack(response_action="update", view=view)
        await services.catalogue.refresh()

    @app.action("edit_medicine")
    async def on_edit_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        one = await services.keeping.own(pressed(body), actor)
        await ack()
        filled = OwnMedicine(
            one.brand, one.substance, one.atc or "", one.form, one.strength, one.supplier, one.scope, one.authorised,
            one.synonyms,
        )  # fmt: skip
        metadata = {"id": one.id, "seen": fingerprint(one)}
        await _open(client, body, _form(services, actor, filled, metadata, one), on_top=True)

    @app.view("edit_medicine")
    async def on_edit(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        metadata = metadata_of(body)
        form = _read_form(body["view"])
        await services.keeping.edit(metadata["id"], form, metadata["seen"], actor_in(context), key=key_in(context))
        await ack(response_action="clear")
        await services.catalogue.refresh()
        await services.cases.bring_up_to_date()

    @app.action("retire_medicine")
    async def on_retire(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        name = await services.keeping.retire(pressed(body), actor, key=key_in(context))
        await ack()
        await services.catalogue.refresh()
        await _open(
            client, body, await _own_list(services, 1, actor, phrase("{name} er fjernet fra listen.", name=name))
        )

    @app.action("tie_case")
    async def on_tie(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        number, _, id_ = pressed(body).partition(" ")
        medicine = await services.keeping.medicine(id_, actor)
        now_in = await services.reporting.tie_to_list(number, medicine, actor, key=key_in(context))
        await ack()
        await services.catalogue.refresh()
        cases = await services.keeping.kept_as_written(await services.keeping.own(id_, actor), actor)
        said = phrase("Meldingene står nå på sak {number}. De som har meldt, får beskjed.", number=now_in)
        facts = {"title": medicine.name, "id": id_, "cases": cases, "done": said}
        view = services.renderer.render_window(phrase("Flyttet"), "medicine_added.j2", actor.language, **facts)
        await _open(client, body, view)


async def _open(client: AsyncWebClient, body: dict[str, Any], view: dict[str, Any], *, on_top: bool = False) -> None:
    """A window: in place of the one that was clicked, or `on_top` of it; a new one where none was."""
    behind = body.get("view") or {}
    if behind.get("type") != "modal":
        await client.views_open(trigger_id=body["trigger_id"], view=view)
    elif on_top:
        await client.views_push(trigger_id=body["trigger_id"], view=view)
    else:
        await client.views_update(view_id=behind["id"], view=view)


async def _own_list(services: Services, page: int, actor: Actor, done: Phrase | None = None) -> dict[str, Any]:
    own = await services.keeping.own_list(page, actor)
    medicines = [(one, Authorised(one.authorised.value)) for one in own.medicines]
    return services.renderer.render_window(
        phrase("Lagt til av oss"), "own_list.j2", actor.language, own=own, medicines=medicines, done=done
    )


_EMPTY = OwnMedicine("", "")


def _form(
    services: Services, actor: Actor, filled: OwnMedicine, metadata: dict[str, Any], one: Preparation | None = None
) -> dict[str, Any]:
    facts = {name: getattr(filled, name) for name in OwnMedicine.__slots__}
    facts |= {
        "authorised": Authorised(filled.authorised.value),
        "scope": Goods(filled.scope.value),
        "synonyms": "\n".join(filled.synonyms),
    }
    return services.renderer.render_view(
        "modals/medicine.json.j2",
        actor.language,
        medicine=one,
        filled=SimpleNamespace(**facts),
        metadata=json.dumps(metadata, ensure_ascii=False),
        every_authorised=list(Authorised),
        every_scope=list(Goods),
    )


def _behind(view: dict[str, Any] | None) -> dict[str, Any]:
    """What the report form under this one holds, so that it can be shown again with the new medicine chosen."""
    if not view or view.get("callback_id") != "report":
        return {}
    metadata = {
        "behind": {"view": view["id"], "metadata": json.loads(view["private_metadata"]), "facts": facts_in(view)}
    }
    return metadata if len(json.dumps(metadata, ensure_ascii=False)) <= MOST_METADATA else {}


def _read_form(view: dict[str, Any]) -> OwnMedicine:
    fields = Fields(view)
    authorised, scope = fields.one_of(Authorised, "authorised"), fields.one_of(Goods, "scope")
    return OwnMedicine(
        name=fields.text("name") or "",
        substance=fields.text("substance") or "",
        atc=fields.text("atc") or "",
        form=fields.text("form") or "",
        strength=fields.text("strength") or "",
        supplier=fields.text("supplier") or "",
        scope=Scope(scope.value) if scope else Scope.MEDICINE,
        authorised=Authorisation(authorised.value) if authorised else Authorisation.UNKNOWN,
        synonyms=tuple((fields.text("synonyms") or "").splitlines()),
    )
