"""One place where what went wrong is told, on the surface where the person is, with a code that the log knows too."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.slack_errors import UNREACHABLE, SlowDown, TryAgain, classify
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import IdentityNumberFound
from bot.reception import KEPT, LAST_ATTEMPT, LEFT
from bot.refusal import FormRefused, NotAllowed, NotOurs, Overtaken, Refused
from bot.services import Services
from handlers.answering import TOO_LATE_TO_OPEN, notice, said_in_a_window, show
from handlers.context import ABOUT
from handlers.keys import user_of, way_in

log = logging.getLogger(__name__)

ACK_IS_SEEN = 0.03
"""Seconds. Bolt looks for an acknowledgement every 0.01 s and forgets it when this handler returns."""

MOVED_ON = {
    "hash_conflict",  # the form has changed meanwhile: a choice that Slack sent twice, or a quicker one
    "exchanged_trigger_id",  # the same command came twice: its form is open
    "not_found",  # the form was closed meanwhile
}
"""Slack's answers to a change of a form that has come too late: what the person sees is right as it stands."""
TOO_LATE = "expired_trigger_id"

_answers: set[asyncio.Task[None]] = set()


def register(app: AsyncApp, services: Services) -> None:
    """Answer whatever a listener raises."""

    @app.error
    async def on_error(
        error: Exception,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
        response: BoltResponse | None,
    ) -> BoltResponse | None:
        if response is None:
            await asyncio.sleep(ACK_IS_SEEN)
        try:
            return await answer_to(error, body, context, respond, client, response)
        except Exception as another:  # noqa: BLE001 - this is the last place that could
            # A payload that is not Slack's, or a database that has gone meanwhile. The first failure stands in the log.
            log.error("what went wrong could not be told: %s after %s", type(another).__name__, type(error).__name__)
            if _is_kept_form(body, context):
                context[LEFT] = True  # it is told when the base answers again
            return BoltResponse(status=500, body="") if response is not None else None

    async def answer_to(
        error: Exception,
        body: dict[str, Any],
        context: AsyncBoltContext,
        respond: AsyncRespond,
        client: AsyncWebClient,
        response: BoltResponse | None,
    ) -> BoltResponse | None:
        language = str(context.get("language") or "nb")
        slack_says = str(error.response.get("error")) if isinstance(error, SlackApiError) else ""
        if slack_says in MOVED_ON:
            log.info("a form was not changed: %s", slack_says)
            return BoltResponse(status=200, body="") if response is not None else None
        kept_form = _is_kept_form(body, context)
        passes = _passes(error) or (kept_form and not _refusals(error))
        if KEPT in context and LAST_ATTEMPT not in context and passes:
            log.warning("left for later: %s", type(error).__name__, exc_info=None if _passes(error) else error)
            context[LEFT] = True
            return BoltResponse(status=200, body="") if response is not None else None
        refusals = _refusals(error)
        if slack_says == TOO_LATE:
            refusals = [Refused(TOO_LATE_TO_OPEN)]
        if not refusals:
            reference = secrets.token_hex(3).upper()
            log.error(
                "unexpected failure %s in %s",
                reference,
                body.get("type") or body.get("command"),
                exc_info=error,
                extra={"reference": reference},
            )
            refusals = [
                Refused(
                    phrase(
                        "Noe gikk galt hos oss. Prøv igjen. Skjer det på nytt, oppgi kode {code} til senteret.",
                        code=reference,
                    )
                )
            ]
        for refusal in refusals:
            if isinstance(refusal, NotAllowed | NotOurs):
                why = "no grant" if isinstance(refusal, NotAllowed) else "not as the bot made it"
                actor = context.get("actor")
                log.warning("refused, %s: %s by person %s", why, way_in(body), actor.person if actor else None)
        words = services.renderer.words(language)
        if kept_form:
            why, name = words.say(refusals[0].phrase), context.get(ABOUT)
            lost = phrase("Meldingen din ble mottatt, men kom ikke inn. {why} Meld på nytt med /mangel.", why=why)
            if name:
                lost = phrase(
                    "Meldingen din om {name} ble mottatt, men kom ikke inn. {why} Meld på nytt med /mangel.",
                    name=name,
                    why=why,
                )
            who = str(user_of(body)[0])
            await services.inbox.answer(context[KEPT], who, None, [notice(services, lost, language)])
            return BoltResponse(status=200, body="") if response is not None else None
        if response is not None and body.get("type") == "view_submission":
            if isinstance(error, Overtaken):
                return _again(body, error, notice(services, error.phrase, language))
            if not any(block.get("type") == "input" for block in body["view"]["blocks"]):
                return _in_window(services, refusals[0].phrase, language)
            return _in_form(body, [(refusal.field, words.say(refusal.phrase)) for refusal in refusals])
        said = refusals[0].phrase
        if response is not None and body.get("type") == "block_suggestion":
            return BoltResponse(status=200, body=json.dumps({"options": []}))
        if body.get("type") in ("view_submission", "block_suggestion"):
            return None  # acknowledged already: the form is gone, and the log has it
        if KEPT in context and _asked(body):
            event = body["event"]
            await services.inbox.answer(
                context[KEPT], event["channel"], thread_of(event), [notice(services, said, language)]
            )
            return BoltResponse(status=200, body="") if response is not None else None
        private = isinstance(refusals[0], IdentityNumberFound)
        task = asyncio.create_task(_tell(services, client, body, respond, said, language, private=private))
        _answers.add(task)
        task.add_done_callback(_answers.discard)
        return BoltResponse(status=200, body="") if response is not None else None


def _is_kept_form(body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Whether somebody has been told already that what they sent was received."""
    return KEPT in context and body.get("type") == "view_submission"


def _passes(error: Exception) -> bool:
    """Whether what went wrong passes by itself: the database or Slack is away."""
    if isinstance(error, SQLAlchemyError):
        return True
    return isinstance(error, UNREACHABLE) and isinstance(classify(error), TryAgain | SlowDown)


def _asked(body: dict[str, Any]) -> bool:
    event = body.get("event") or {}
    return bool(event.get("channel")) and event.get("type") in ("message", "app_mention")


def thread_of(event: dict[str, Any]) -> str | None:
    """The thread that an event's answer goes to: a mention in a channel gets one of its own."""
    thread = event.get("thread_ts") or (event["ts"] if event["type"] == "app_mention" else None)
    return str(thread) if thread else None


def _refusals(error: Exception) -> list[Refused]:
    if isinstance(error, FormRefused):
        return error.refusals
    return [error] if isinstance(error, Refused) else []


def _again(body: dict[str, Any], overtaken: Overtaken, said: Message) -> BoltResponse:
    """The same form with what was typed, what somebody else changed on top, and a memory that lets it through next.

    Slack keeps what stands in a field of the same name:
    https://docs.slack.dev/surfaces/modals#preserving_input
    """
    view = {name: body["view"][name] for name in _OF_A_VIEW if body["view"].get(name) is not None}
    view["private_metadata"] = json.dumps(json.loads(view["private_metadata"]) | dict(overtaken.metadata))
    told = [{**block, "block_id": f"overtaken_{place}"} for place, block in enumerate(said.blocks)]
    rest = [block for block in view["blocks"] if not str(block.get("block_id")).startswith("overtaken_")]
    view["blocks"] = [*told, *rest]
    return BoltResponse(status=200, body=json.dumps({"response_action": "update", "view": view}))


_OF_A_VIEW = ("type", "callback_id", "title", "submit", "close", "private_metadata", "blocks")


def _in_form(body: dict[str, Any], said: list[tuple[str | None, str]]) -> BoltResponse:
    """Errors beside their fields; one without a field, or with a field that is not shown, beside the first."""
    inputs: list[str] = [block["block_id"] for block in body["view"]["blocks"] if block.get("type") == "input"]
    errors: dict[str, str] = {}
    for field, text in said:
        place = field if field is not None and field in inputs else inputs[0]
        errors[place] = f"{errors[place]} {text}" if place in errors else text
    return BoltResponse(status=200, body=json.dumps({"response_action": "errors", "errors": errors}))


def _in_window(services: Services, said: Phrase, language: str) -> BoltResponse:
    """In place of a window that has no fields to stand beside."""
    view = said_in_a_window(services, said, language)
    return BoltResponse(status=200, body=json.dumps({"response_action": "update", "view": view}))


async def _tell(
    services: Services,
    client: AsyncWebClient,
    body: dict[str, Any],
    respond: AsyncRespond,
    said: Phrase,
    language: str,
    *,
    private: bool,
) -> None:
    """`private`: what is wrong with a message in a channel is nobody's business but the writer's."""
    message = notice(services, said, language)
    event = body.get("event")
    try:
        if event is None:
            await show(services, client, body, respond, [message])
        elif _asked(body) and private and event.get("channel_type") != "im":
            where = {"channel": event["channel"], "user": event["user"], "thread_ts": event.get("thread_ts")}
            await client.chat_postEphemeral(**where, **message.as_payload())
        elif _asked(body):
            await client.chat_postMessage(channel=event["channel"], thread_ts=thread_of(event), **message.as_payload())
        elif event.get("type") == "file_shared" and event.get("user_id") and event.get("channel_id"):
            await client.chat_postEphemeral(channel=event["channel_id"], user=event["user_id"], **message.as_payload())
    except UNREACHABLE as error:
        log.warning("could not tell a person what went wrong: %s", classify(error))
    except Exception as error:  # noqa: BLE001 - this is the last place that could
        log.error("could not tell a person what went wrong: %s", type(error).__name__)
