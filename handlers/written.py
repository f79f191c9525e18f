"""The one door for what people write: no text with a national identity number gets past it to any listener."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import IdentityNumberFound, contains_identity_number
from bot.refusal import FormRefused
from bot.services import Services
from handlers import keys
from handlers.keys import way_in

log = logging.getLogger(__name__)

IN_A_FORM = phrase("Teksten ser ut til å inneholde et fødselsnummer. Fjern det og send på nytt. Ingenting er lagret.")
IN_A_MESSAGE = phrase(
    "Meldingen ser ut til å inneholde et fødselsnummer. Mangelvakt har ikke lagret noe. "
    "Slett meldingen i Slack også, og skriv den på nytt uten nummeret."
)
IN_A_FILE_NAME = phrase(
    "Filnavnet ser ut til å inneholde et fødselsnummer. Mangelvakt har ikke lagret noe. "
    "Slett filen i Slack også, og send den på nytt med et annet navn."
)

FROM_PEOPLE = (None, "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages that a person has written; the others tell what has happened to one."""


def register(app: AsyncApp, services: Services) -> None:
    """Look at what comes before any listener does. Comes after the context: the answer is in the person's language."""

    @app.use
    async def look(
        body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        found = [IdentityNumberFound(said, field=field) for field, text, said in written_in(body) if _has_one(text)]
        if found:
            log.warning("refused, an identity number: %s", way_in(body))
            raise FormRefused(list(found)) if len(found) > 1 else found[0]
        return await next_()


def key_to_keep(body: dict[str, Any]) -> str | None:
    """As `handlers.keys.key_to_keep`; what holds an identity number is not kept, not even until it is refused."""
    key = keys.key_to_keep(body)
    return None if key is not None and any(_has_one(text) for _, text, _ in written_in(body)) else key


def _has_one(text: object) -> bool:
    return isinstance(text, str) and contains_identity_number(text)


def written_in(body: dict[str, Any]) -> Iterator[tuple[str | None, object, Phrase]]:
    """Everything that a person may have written in a payload: the form's field, the text, and what is said of it."""
    event = body.get("event") or {}
    if body.get("command"):
        yield None, body.get("text"), IN_A_FORM
    if body.get("type") == "block_suggestion":
        yield None, body.get("value"), IN_A_FORM
    if event.get("subtype") in FROM_PEOPLE and not event.get("bot_id"):
        yield from _in_message(event)
    if body.get("type") == "message_action":
        yield from _in_message(body.get("message") or {})
    for action in body.get("actions") or []:
        for text in _in_element(action):
            yield None, text, IN_A_FORM
    view = body.get("view") or {}
    of_a_message = body.get("state") if body.get("type") == "block_actions" else None
    for field, elements in ((view.get("state") or of_a_message or {}).get("values") or {}).items():
        for element in elements.values():
            for text in _in_element(element):
                yield field, text, IN_A_FORM
    yield None, view.get("private_metadata"), IN_A_FORM


def _in_message(message: dict[str, Any]) -> Iterator[tuple[None, object, Phrase]]:
    yield None, message.get("text"), IN_A_MESSAGE
    for file in message.get("files") or []:
        for name in (file.get("name"), file.get("title")):
            yield None, name, IN_A_FILE_NAME


def _in_element(element: dict[str, Any]) -> Iterator[object]:
    """What stands in a field: what was typed in it, or the value of what was chosen."""
    yield element.get("value")
    chosen = [element.get("selected_option"), *(element.get("selected_options") or [])]
    yield from (option.get("value") for option in chosen if isinstance(option, dict))
    yield from _in_rich_text(element.get("rich_text_value"))


def _in_rich_text(part: object) -> Iterator[object]:
    if isinstance(part, list):
        for one in part:
            yield from _in_rich_text(one)
    elif isinstance(part, dict):
        if part.get("type") == "rich_text_section":
            yield "".join(str(one.get("text") or "") for one in part.get("elements") or [] if isinstance(one, dict))
        yield from _in_rich_text(part.get("elements"))
