"""Møtemodus: open the meeting, go through the cases, write down what is decided, post the minutes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import today
from bot.meeting.chairing import DecisionForm, NewEnd, TaskForm
from bot.meeting.forums import MAIN
from bot.meeting.minutes import meeting_called
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.services import Services
from handlers.answering import notice, show
from handlers.clicks import on_click
from handlers.context import actor_in, key_in
from handlers.fields import Fields, as_id, metadata_of, pressed

USUAL_TASK = dt.timedelta(days=7)
"""Until the next meeting."""


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything on the meeting's board."""
    chairing = services.chairing

    async def open_meeting(value: str, actor: Actor, key: str | None) -> Phrase:
        forum = MAIN if not value or value.isdecimal() else value  # a button that was posted before has the week
        week, new = await chairing.open(actor, key=key, forum_id=forum)
        called = meeting_called(chairing.forum(forum).title, week)
        if new:
            return phrase("{meeting} er åpnet i kanalen.", meeting=called)
        return phrase("{meeting} er allerede åpent, i kanalen.", meeting=called)

    async def finish_task(value: str, actor: Actor, key: str | None) -> Phrase:
        return phrase("Gjort: {task}", task=await chairing.finish_task(as_id(value), actor, key=key))

    async def attend(value: str, actor: Actor, key: str | None) -> Phrase:
        await chairing.attend(as_id(value), actor, key=key)
        return phrase("Du står som til stede.")

    on_click(app, services, "open_meeting", open_meeting)
    on_click(app, services, "finish_task", finish_task)
    on_click(app, services, "meeting_attend", attend)

    def goes(action_id: str, step: int) -> None:
        """Let the button move the meeting; where it has moved already, the person is told and nothing is skipped."""

        @app.action(action_id)
        async def clicked(
            ack: AsyncAck,
            body: dict[str, Any],
            context: AsyncBoltContext,
            respond: AsyncRespond,
            client: AsyncWebClient,
        ) -> None:
            actor = actor_in(context)
            meeting, place = _meeting_and_place(body)
            moved = await chairing.move(meeting, place, place + step, actor, key=key_in(context))
            await ack()
            if not moved:
                said = phrase("Møtet er alt gått videre. Se tavlen: ingen sak er hoppet over.")
                await show(services, client, body, respond, [notice(services, said, actor.language)])

    goes("meeting_next", 1)
    goes("meeting_previous", -1)

    def opens_form(action_id: str, template: str) -> None:
        """Let the button open the form about the case that was up where it was pressed."""

        @app.action(action_id)
        async def clicked(
            ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
        ) -> None:
            actor = actor_in(context)
            case = await chairing.in_hand(*_meeting_and_place(body), actor)
            await ack()
            about = {"meeting": case.meeting, "case": case.number, "end": case.end.isoformat() if case.end else None}
            view = services.renderer.render_view(
                template,
                actor.language,
                case=case,
                due=today(services.clock) + USUAL_TASK,
                metadata=json.dumps(about),
            )
            await client.views_open(trigger_id=body["trigger_id"], view=view)

    opens_form("meeting_decide", "modals/meeting_decision.json.j2")
    opens_form("meeting_task", "modals/meeting_task.json.j2")
    opens_form("meeting_end", "modals/meeting_end.json.j2")

    @app.action("meeting_other")
    async def on_other_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor_in(context).require(Action.RUN_MEETING)
        await ack()
        meeting, _ = _meeting_and_place(body)
        view = services.renderer.render_view(
            "modals/meeting_other.json.j2", actor_in(context).language, metadata=json.dumps({"meeting": meeting})
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.action("meeting_close")
    async def on_close_button(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        actor, meeting = actor_in(context), as_id(pressed(body))
        present, guests = await chairing.those_present(meeting, actor)
        await ack()
        view = services.renderer.render_view(
            "modals/meeting_close.json.j2",
            actor.language,
            present=present,
            guests=guests,
            metadata=json.dumps({"meeting": meeting}),
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("meeting_decision")
    async def on_decision(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields, about = Fields(body["view"]), metadata_of(body)
        form = DecisionForm(fields.text("text"), settles=bool(fields.ticked("settles")))
        await chairing.decide(_meeting_of(about), str(about["case"]), form, actor_in(context), key=key_in(context))
        await ack()

    @app.view("meeting_task")
    async def on_task(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields, about = Fields(body["view"]), metadata_of(body)
        form = TaskForm(fields.text("text"), fields.person("who"), fields.text("name"), fields.date("due"))
        await chairing.give_task(_meeting_of(about), str(about["case"]), form, actor_in(context), key=key_in(context))
        await ack()

    @app.view("meeting_end")
    async def on_end(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields, about = Fields(body["view"]), metadata_of(body)
        form = NewEnd(
            end=fields.date("end"),
            unknown=bool(fields.ticked("unknown")),
            why=fields.text("why"),
            seen=about.date("end"),
        )
        await chairing.move_end(_meeting_of(about), str(about["case"]), form, actor_in(context), key=key_in(context))
        await ack()

    @app.view("meeting_other")
    async def on_other(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        wanted = Fields(body["view"]).text("number") or ""
        number = await services.cases.number_in(wanted) or wanted
        await chairing.take_up(_meeting_of(metadata_of(body)), number, actor_in(context), key=key_in(context))
        await ack()

    @app.view("meeting_close")
    async def on_close(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        fields = Fields(body["view"])
        await chairing.close(
            _meeting_of(metadata_of(body)),
            fields.people("present"),
            fields.text("guests"),
            actor_in(context),
            key=key_in(context),
        )
        await ack()


def _meeting_and_place(body: dict[str, Any]) -> tuple[int, int]:
    """The meeting, and the place of its agenda at which the button was pressed."""
    meeting, _, place = pressed(body).partition(" ")
    return as_id(meeting), as_id(place)


def _meeting_of(about: dict[str, Any]) -> int:
    return as_id(str(about.get("meeting")))
