"""DMP's list from the file that somebody drops to the cases that a person opens: preview, *Til vurdering*, dates."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.medicine import Medicine
from bot.cases.notices import AlreadyDecided
from bot.cases.vocabulary import USUALLY_NOT_RELEVANT, NotRelevant
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.registers.progress import Work
from bot.registers.table import NotATableError
from bot.services import Services
from handlers.answering import open_soon, whisper
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed, pressed_id

LISTS = (".html", ".htm", ".csv", ".xlsx", ".json")
"""What registers' lists come as. Other files in the cases channel are none of ours."""

PAGE = 8
"""Rows of *Til vurdering* at a time: a few screens of a phone."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything about registers' lists."""
    _lists(app, services)
    _past_cases(app, services)
    _window(app, services)
    _decisions(app, services)
    _dates(app, services)


async def take_list(
    services: Services,
    filename: str,
    content: Callable[[], Awaitable[bytes]],
    actor: Actor,
    key: str | None,
    work: Work,
) -> Message | None:
    """A file in the cases channel: what it says beside the list before."""
    if not filename.casefold().endswith(LISTS):
        return None
    actor.require(Action.WORK_ON_CASE)
    data = await content()
    if await services.case_sheets.is_one(data, filename):
        sheet = await services.case_sheets.receive(data, filename, actor, key=key)
        return services.renderer.render("cases_preview.j2", actor.language, sheet=sheet)
    register = await services.registers.of_file(data, filename)
    try:
        received = await register.receive(data, filename, actor, key=key, progress=work)
    except NotATableError as error:
        raise Refused(error.problem) from error
    return services.renderer.render(
        "list_preview.j2", actor.language, received=received, register=register.register.name
    )


def _lists(app: AsyncApp, services: Services) -> None:
    @app.action("store_list")
    async def on_store(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        list_id = pressed_id(body)
        await (await services.registers.of_list(list_id)).confirm(list_id, actor, key=key_in(context))
        await ack()
        await whisper(respond, services.renderer.render("list_stored.j2", actor.language), replace=True)

    @app.action("drop_list")
    async def on_drop(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        list_id = pressed_id(body)
        filename = await (await services.registers.of_list(list_id)).drop(list_id, actor, key=key_in(context))
        await ack()
        message = services.renderer.render("sheet_dropped.j2", actor.language, filename=filename)
        await whisper(respond, message, replace=True)

    async def undo(value: str, actor: Actor, key: str | None) -> Phrase:
        list_id = as_id(value)
        filename = await (await services.registers.of_list(list_id)).undo(actor, key=key, list_id=list_id)
        return phrase("{name} er angret.", name=filename)

    on_click(app, services, "undo_list", undo)


def _past_cases(app: AsyncApp, services: Services) -> None:
    """A register of past cases: read in, dropped, taken back."""

    def stores(action_id: str, *, partial: bool) -> None:
        @app.action(action_id)
        async def on_store(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
        ) -> None:
            actor = actor_in(context)
            list_id = pressed_id(body)
            taken = await services.case_sheets.confirm(list_id, actor, partial=partial)
            await ack()
            message = services.renderer.render("cases_stored.j2", actor.language, taken=taken, list_id=list_id)
            await whisper(respond, message, replace=True)

    stores("store_cases", partial=False)
    stores("store_cases_partly", partial=True)

    @app.action("drop_cases")
    async def on_drop(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond) -> None:
        actor = actor_in(context)
        filename = await services.case_sheets.drop(pressed_id(body), actor, key=key_in(context))
        await ack()
        message = services.renderer.render("sheet_dropped.j2", actor.language, filename=filename)
        await whisper(respond, message, replace=True)

    async def undo(value: str, actor: Actor, key: str | None) -> Phrase:
        return phrase("{name} er angret.", name=await services.case_sheets.undo(as_id(value), actor))

    on_click(app, services, "undo_cases", undo)


# --- the window ---


def _window(app: AsyncApp, services: Services) -> None:
    @app.action("open_triage")
    async def on_open(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        await open_soon(services, client, body, actor.language, _triage(services, actor, {}))

    def turns(action_id: str, *, keeps: tuple[str, ...] = (), **more: object) -> None:
        @app.action(action_id)
        async def on_turn(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            await ack()
            before = metadata_of(body)
            place = {name: before.get(name) for name in keeps} | more | {"page": pressed_id(body)}
            await client.views_update(
                view_id=body["view"]["id"], view=await _triage(services, actor_in(context), place)
            )

    turns("triage_on", keeps=("words", "rest"))
    turns("triage_back", keeps=("words", "rest"))
    turns("triage_first")
    turns("triage_rest", rest=True)

    @app.view("triage")
    async def on_search(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        words = Fields(body["view"]).text("words")
        await ack(response_action="update", view=await _triage(services, actor_in(context), {"words": words}))


async def _triage(
    services: Services, actor: Actor, place: dict[str, Any], done: Phrase | None = None
) -> dict[str, Any]:
    """The window at `place`: its page, the words searched for, whether the rest is shown."""
    inbox = await services.notices.inbox(actor)
    words, rest = str(place.get("words") or ""), bool(place.get("rest"))
    rows = [*inbox.above, *inbox.below] if words else inbox.below if rest else inbox.above
    found = [row for row in rows if row.has(words)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(int(place.get("page") or 1), 1), pages)
    return services.renderer.render_view(
        "modals/triage.json.j2",
        actor.language,
        metadata=json.dumps({"words": words, "rest": rest, "page": page}, ensure_ascii=False),
        register=services.notices.register.name,
        as_of=inbox.as_of,
        rows=found[(page - 1) * PAGE : page * PAGE],
        total=len(found),
        below=len(inbox.below),
        page=page,
        pages=pages,
        words=words,
        rest=rest,
        done=done,
    )


# --- what is decided in it ---


def _decisions(app: AsyncApp, services: Services) -> None:
    def decides(action_id: str, work: Callable[[list[int], Actor, str | None], Awaitable[Phrase]]) -> None:
        @app.action(action_id)
        async def on_decision(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            actor, view = actor_in(context), _window_of(body)
            done = await _told(work(_ids(pressed(body)), actor, key_in(context)))
            await ack()
            await client.views_update(view_id=view["id"], view=await _triage(services, actor, metadata_of(body), done))

    async def follow(ids: list[int], actor: Actor, key: str | None) -> Phrase:
        name = await services.notices.follow(ids, actor, key=key)
        return phrase("{name} følges. Endringer i listen sies i kanalen.", name=name)

    async def open_one(ids: list[int], actor: Actor, key: str | None) -> Phrase:
        return _opened(await services.notices.open_cases_of(ids, {}, actor, key=key))

    decides("follow_notice", follow)
    decides("open_notice", open_one)

    def asks(action_id: str, template: str) -> None:
        @app.action(action_id)
        async def on_ask(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            actor, behind, ids = actor_in(context), _window_of(body), _ids(pressed(body))
            await ack()
            rows = await services.notices.rows_of(ids, actor)
            metadata = {"ids": ids, "view": behind["id"], "place": metadata_of(body)}
            view = services.renderer.render_view(
                template,
                actor.language,
                rows=rows,
                every_reason=USUALLY_NOT_RELEVANT,
                metadata=json.dumps(metadata, ensure_ascii=False),
            )
            await client.views_push(trigger_id=body["trigger_id"], view=view)

    asks("ask_notice", "modals/open_notice.json.j2")
    asks("dismiss_notice", "modals/dismiss_notice.json.j2")

    def answers(callback_id: str, work: Callable[[list[int], Fields, Actor, str | None], Awaitable[Phrase]]) -> None:
        @app.view(callback_id)
        async def on_answer(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            actor, about = actor_in(context), metadata_of(body)
            done = await _told(work(about["ids"], Fields(body["view"]), actor, key_in(context)))
            await ack()
            view = await _triage(services, actor, about["place"], done)
            await client.views_update(view_id=about["view"], view=view)

    async def dismiss(ids: list[int], fields: Fields, actor: Actor, key: str | None) -> Phrase:
        usual = fields.one_of(NotRelevant, "reason")
        reason = ". ".join(filter(None, (str(usual.words) if usual else None, fields.text("own"))))
        name = await services.notices.dismiss(ids, reason, actor, key=key)
        return phrase("{name}: ikke aktuell.", name=name)

    async def open_several(ids: list[int], fields: Fields, actor: Actor, key: str | None) -> Phrase:
        chosen = {number: medicine for number in ids if (medicine := _chosen(services, fields, number)) is not None}
        return _opened(await services.notices.open_cases_of(ids, chosen, actor, key=key))

    answers("dismiss_notice", dismiss)
    answers("open_notice", open_several)


async def _told(work: Awaitable[Phrase]) -> Phrase:
    """What came of it; that somebody else was first is told in the window, which is then up to date."""
    try:
        return await work
    except AlreadyDecided as refusal:
        return refusal.phrase


def _opened(numbers: tuple[str, ...]) -> Phrase:
    if len(numbers) == 1:
        return phrase("Sak {number}: kortet står i kanalen.", number=numbers[0])
    return phrase("Sakene {numbers}: kortene står i kanalen.", numbers=", ".join(numbers))


def _chosen(services: Services, fields: Fields, notice: int) -> Medicine | None:
    field = f"medicine_{notice}"
    value = fields.chosen(field)
    medicine = services.catalogue.medicine(value) if value else None
    if medicine is not None and medicine.is_open:
        raise Refused(phrase("Velg {name} med styrke og form.", name=medicine.name), field=field)
    return medicine


def _window_of(body: dict[str, Any]) -> dict[str, Any]:
    """The window that a row's button stands in. Raises `Refused` where it stands in none: it is none of ours."""
    view = body.get("view") or {}
    if view.get("callback_id") != "triage":
        raise Refused(phrase("Knappen virker ikke lenger. Åpne Til vurdering på nytt."))
    assert isinstance(view, dict)  # noqa: S101
    return view


def _ids(value: str) -> list[int]:
    if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9}){0,99}", value):
        raise Refused(phrase("Knappen virker ikke lenger. Åpne Til vurdering på nytt."))
    return [int(number) for number in value.split(",")]


# --- dates ---


def _dates(app: AsyncApp, services: Services) -> None:
    @app.action("show_dates")
    async def on_dates(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        actor = actor_in(context)
        offer = await services.notices.offered_dates(actor)
        view = services.renderer.render_view(
            "modals/dates.json.j2",
            actor.language,
            offer=offer,
            register=services.notices.register.name,
            metadata=json.dumps({"list": offer.list_id}),
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("take_dates")
    async def on_take(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        actor = actor_in(context)
        given = await services.notices.take_dates(actor, key=key_in(context), list_id=metadata_of(body).get("list"))
        await ack(response_action="update", view=_words(services, actor, "dates_taken.j2", given=given))

    @app.action("undo_dates")
    async def on_undo(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        actor = actor_in(context)
        back = await services.notices.undo_dates(pressed_id(body), actor, key=key_in(context))
        await ack()
        view = _words(services, actor, "dates_back.j2", back=back)
        await client.views_update(view_id=body["view"]["id"], view=view)


def _words(services: Services, actor: Actor, template: str, **facts: object) -> dict[str, Any]:
    return services.renderer.render_window(phrase("Nye datoer"), template, actor.language, **facts)
