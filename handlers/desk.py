"""The centre's desk: find cases, choose some, see what a change would do, do it, take it back."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.bulk import LONGEST_NOTE, MOST_AT_ONCE, BulkForm, BulkKind, NotAllOfThem, Picked
from bot.cases.forms import ClosingForm
from bot.cases.life_cycle import CLOSING
from bot.cases.lists import NOBODY, CaseLine, Need, Wanted
from bot.cases.statistics_tables import atc_words
from bot.cases.vocabulary import NotRelevant, Outcome, Status
from bot.clock import today
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.services import Services
from handlers import answers
from handlers.answering import open_soon, open_window, show
from handlers.context import actor_in, key_in
from handlers.fields import Fields, metadata_of, pressed, pressed_id
from handlers.home import publish_home

STALE = phrase("Vinduet er utdatert. Lukk det, og åpne det på nytt fra Hjem.")
"""What a window says whose contents are none of ours, or no longer."""

ANY = "any"
_PICKED = re.compile(r"[0-9]{1,9}:[0-9]{1,9}")
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,30}")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything on the desk."""
    _lists(app, services)
    _changes(app, services)


# --- the list ---


def _lists(app: AsyncApp, services: Services) -> None:
    @app.action(re.compile(r"^find_(cases|cases_of|reported|no_owner|due|ended|silent)$"))
    async def on_find(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        actor.require(Action.WORK_ON_CASE)
        await ack()
        action, value = body["actions"][0]["action_id"], str(body["actions"][0].get("value") or "")
        place: dict[str, Any] = {"need": value} if action not in ("find_cases", "find_cases_of") else {}
        if action == "find_cases_of":
            place = {"owner": value}
        elif action == "find_cases":
            typed = Wanted.typed(value)
            place = {"words": typed.words, "atc": typed.atc}
        await open_soon(services, client, body, actor.language, _list(services, actor, place))

    async def turn(body: dict[str, Any], actor: Actor, client: AsyncWebClient, **more: object) -> None:
        """Show the same window with other filters or another page; what was ticked stays ticked."""
        view = body["view"]
        place = _place(view) | more
        await client.views_update(view_id=view["id"], hash=view["hash"], view=await _list(services, actor, place))

    @app.action(re.compile(r"^narrow_(need|owner|atc|words)$"))
    async def on_narrow(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        await turn(body, actor_in(context), client, page=1)

    def listen_to_pages(action_id: str) -> None:
        @app.action(action_id)
        async def on_page(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            await ack()
            await turn(body, actor_in(context), client, page=pressed_id(body))

    listen_to_pages("desk_page")
    listen_to_pages("desk_page_on")

    @app.action("tick_all")
    async def on_all(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        every = await services.lists.every(_wanted(_place(body["view"])), actor, most=MOST_AT_ONCE)
        await turn(body, actor, client, ticked=[_tick(one) for one in every])

    @app.action("tick_none")
    async def on_none(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        await turn(body, actor_in(context), client, ticked=[])

    @app.action("widen")
    async def on_widen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        view = body["view"]
        place = {"ticked": _place(view)["ticked"], "round": int(metadata_of(body).get("round") or 0) + 1}
        await client.views_update(
            view_id=view["id"], hash=view["hash"], view=await _list(services, actor_in(context), place)
        )

    @app.action("show_chosen_case")
    async def on_show(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        number = (body["actions"][0].get("selected_option") or {}).get("value") or ""
        message = await answers.case_message(services, number, actor_in(context))
        await show(services, client, body, respond, [message])

    @app.action("show_away")
    async def on_away(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        away = await services.away.since_read(actor, services.clock.now(), pressed_id(body))
        view = _told(services, actor, phrase("Mens du var borte"), "away.j2", away=away)
        if (body.get("view") or {}).get("type") == "modal":
            await client.views_update(view_id=body["view"]["id"], view=view)
        else:
            await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("desk_list")
    async def on_chosen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor = actor_in(context)
        picked = _place(body["view"])["ticked"]
        if not picked:
            raise Refused(phrase("Velg minst én sak."))
        await ack(response_action="push", view=await _form(services, actor, " ".join(picked), BulkKind.GIVEN))


async def _list(services: Services, actor: Actor, place: dict[str, Any]) -> dict[str, Any]:
    """The window of open cases at `place`: filters, page, and what is ticked."""
    actor.require(Action.WORK_ON_CASE)
    wanted, ticked = _wanted(place), [str(one) for one in place.get("ticked") or []]
    found = await services.lists.open_cases(wanted, int(place.get("page") or 1), actor)
    shown = [_tick(line) for line in found.cases]
    elsewhere = [one for one in ticked if one not in shown]
    metadata = {
        "need": wanted.need, "owner": wanted.owner, "atc": wanted.atc, "words": wanted.words, "page": found.page,
        "ticked": " ".join(elsewhere), "round": int(place.get("round") or 0),
    }  # fmt: skip
    return services.renderer.render_view(
        "modals/desk_list.json.j2",
        actor.language,
        found=found,
        shown=list(zip(shown, found.cases, strict=True)),
        ticked=[one for one in shown if one in ticked],
        elsewhere=len(elsewhere),
        # Slack keeps what stands in a field of the same name: another list, or filters taken away, are other fields
        ticks="ticked:" + hashlib.sha256(json.dumps([shown, sorted(ticked)]).encode()).hexdigest()[:12],
        round=str(metadata["round"]),
        every_need=list(Need),
        owner=wanted.owner if wanted.owner != NOBODY else None,
        any=ANY,
        most=MOST_AT_ONCE,
        letters=[(letter, atc_words(letter)) for letter in await services.lists.letters(actor)],
        metadata=json.dumps(metadata, ensure_ascii=False),
    )


def _place(view: dict[str, Any]) -> dict[str, Any]:
    """Where the window stands: its filters, its page, and what is ticked on this page and the others."""
    if view.get("callback_id") != "desk_list":
        raise Refused(STALE)
    before, fields = json.loads(view["private_metadata"]), Fields(view)
    field = {block["block_id"].partition(":")[0]: block["block_id"] for block in view["blocks"]}
    place = {"page": before.get("page"), "round": before.get("round"), "words": fields.text(field["words"]) or ""}
    for name in ("need", "atc"):
        chosen = fields.chosen(field[f"narrow_{name}"])
        place[name] = before.get(name) if chosen is None else None if chosen == ANY else chosen
    place["owner"] = fields.person(field["narrow_owner"]) or before.get("owner")
    ticked = [*str(before.get("ticked") or "").split(), *fields.ticked(field.get("ticked", ""))]
    return place | {"ticked": list(dict.fromkeys(ticked))}


def _wanted(place: dict[str, Any]) -> Wanted:
    """The filters as typed values. Raises `Refused` for what is none of ours."""
    need, owner, atc = place.get("need"), place.get("owner"), str(place.get("atc") or "")
    known = need is None or need in [one.value for one in Need]
    if not known or not (owner is None or owner == NOBODY or _SLACK_ID.fullmatch(str(owner))):
        raise Refused(STALE)
    return Wanted(words=str(place.get("words") or ""), atc=atc, owner=owner, need=Need(need) if need else None)


# --- the change ---


def _changes(app: AsyncApp, services: Services) -> None:
    @app.action("hand_over")
    async def on_hand_over(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        await ack()
        line = await services.lists.line(pressed(body), actor)
        view = await _form(services, actor, _tick(line), BulkKind.GIVEN)
        await open_window(client, body, view)

    @app.action("bulk_kind")
    async def on_kind(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        view = body["view"]
        kind = Fields(view).one_of(BulkKind, "kind") or BulkKind.GIVEN
        new = await _form(services, actor_in(context), metadata_of(body)["picked"], kind)
        await client.views_update(view_id=view["id"], hash=view["hash"], view=new)

    @app.view("bulk_form")
    async def on_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor = actor_in(context)
        about = {"picked": metadata_of(body)["picked"], "values": body["view"]["state"]["values"]}
        await ack(response_action="push", view=await _preview(services, actor, about))

    @app.view("bulk_preview")
    async def on_sure(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor, about = actor_in(context), metadata_of(body)
        form = _form_in(about)
        try:
            batch = await services.bulk.carry_out(_picked(about["picked"]), form, actor, key=key_in(context))
        except NotAllOfThem:
            await ack(response_action="update", view=await _preview(services, actor, about))
            return
        view = _told(services, actor, phrase("Gjort"), "bulk_done.j2", batch=batch, to=form.to, end=form.end)
        await ack(response_action="update", view=view)
        await publish_home(services, client, actor)

    @app.action("only_fine")
    async def on_only_fine(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        actor, about = actor_in(context), metadata_of(body)
        plan = await services.bulk.plan(_picked(about["picked"]), _form_in(about), actor)
        fine = {one.id for one in plan.fine}
        about["picked"] = _ticks_of([one for one in _picked(about["picked"]) if one.id in fine])
        await client.views_update(view_id=body["view"]["id"], view=await _preview(services, actor, about))

    @app.action("take_back")
    async def on_take_back(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor = actor_in(context)
        back = await services.bulk.take_back(pressed_id(body), actor, key=key_in(context))
        await ack()
        view = _told(services, actor, phrase("Angret"), "bulk_back.j2", back=back)
        if (body.get("view") or {}).get("type") == "modal":
            await client.views_update(view_id=body["view"]["id"], view=view)
        else:
            await client.views_open(trigger_id=body["trigger_id"], view=view)
        await publish_home(services, client, actor)


async def _form(services: Services, actor: Actor, picked: str, kind: BulkKind) -> dict[str, Any]:
    """What shall be done to the chosen cases."""
    cases = await services.lists.of_ids([one.id for one in _picked(picked)], actor)
    return services.renderer.render_view(
        "modals/bulk_form.json.j2",
        actor.language,
        kind=kind,
        every_kind=list(BulkKind),
        every_status=CLOSING,
        every_outcome=list(Outcome),
        every_not_relevant=list(NotRelevant),
        longest_note=LONGEST_NOTE,
        cases=cases,
        today=today(services.clock),
        metadata=json.dumps({"picked": picked}),
    )


async def _preview(services: Services, actor: Actor, about: dict[str, Any]) -> dict[str, Any]:
    """What the change would do to each case; nothing is done while one of them stands in the way."""
    form = _form_in(about)
    plan = await services.bulk.plan(_picked(about["picked"]), form, actor)
    return services.renderer.render_view(
        "modals/bulk_preview.json.j2",
        actor.language,
        plan=plan,
        form=form,
        metadata=json.dumps({"picked": about["picked"], "values": about["values"]}, ensure_ascii=False),
    )


def _form_in(about: dict[str, Any]) -> BulkForm:
    """The change that a window was opened about, as it was filled in."""
    values = about.get("values")
    if not isinstance(values, dict):
        raise Refused(STALE)
    return _read_form(Fields({"state": {"values": values}}))


def _read_form(fields: Fields) -> BulkForm:
    kind = fields.one_of(BulkKind, "kind") or BulkKind.GIVEN
    form = BulkForm(kind)
    if kind is BulkKind.GIVEN:
        return replace(form, to=fields.person("to"), stand_in=fields.person("stand_in"), note=fields.text("note"))
    if kind is BulkKind.END:
        return replace(form, end=fields.date("end"), shift_days=fields.number("shift_days"))
    closing = ClosingForm(
        status=fields.one_of(Status, "status") or Status.CLOSED,
        outcome=fields.one_of(Outcome, "outcome"),
        ended_on=fields.date("ended_on"),
        reason=fields.text("reason") or "",
        not_relevant=fields.one_of(NotRelevant, "not_relevant"),
    )
    return replace(form, closing=closing)


# --- what windows carry ---


def _tick(line: CaseLine) -> str:
    """A case and the version of it that was shown, as a tick carries it."""
    return f"{line.id}:{line.version}"


def _ticks_of(picked: list[Picked]) -> str:
    return " ".join(f"{one.id}:{one.version}" for one in picked)


def _picked(ticks: object) -> list[Picked]:
    """The chosen cases. Raises `Refused` for what is none of ours."""
    found = []
    for tick in str(ticks).split():
        if not _PICKED.fullmatch(tick):
            raise Refused(STALE)
        id_, _, version = tick.partition(":")
        found.append(Picked(int(id_), int(version)))
    return list({one.id: one for one in found}.values())


def _told(services: Services, actor: Actor, title: Phrase, words: str, **facts: object) -> dict[str, Any]:
    """A window with which what stood under it is closed too."""
    return services.renderer.render_window(title, words, actor.language, **facts) | {"clear_on_close": True}
