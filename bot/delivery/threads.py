"""What people have written in a thread, read from Slack: for the archive copy, which holds what was said."""

from __future__ import annotations

import datetime as dt
import html
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import UNREACHABLE, GiveUp, classify
from bot.messages.values import Mention
from bot.people.identity_numbers import contains_identity_number

log = logging.getLogger(__name__)

PAGE = 200
MOST_PAGES = 50
"""Ten thousand messages: no case's thread is as long."""

_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LABELLED = re.compile(r"<([^>|]+)\|([^>]+)>")
_BARE = re.compile(r"<([^>]+)>")


@dataclass(frozen=True, slots=True)
class Remark:
    """What one person wrote. `text` None: it held a national identity number, and is not taken along.

    `files`: name and address of what was laid beside it; it stays where it is.
    """

    at: dt.datetime
    who: Mention | None
    text: str | None
    files: tuple[tuple[str, str], ...] = ()


async def remarks_in(client: AsyncWebClient, channel: str, ts: str) -> tuple[Remark, ...] | None:
    """What people have written in the thread under `ts`, oldest first; None where it is there no more.

    Raises `DeliveryError` where Slack does not answer now.
    """
    found: list[Remark] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        try:
            page = await client.conversations_replies(channel=channel, ts=ts, limit=PAGE, cursor=cursor)
        except UNREACHABLE as error:
            problem = classify(error)
            if not isinstance(problem, GiveUp):
                raise problem from error
            log.warning("a case's thread could not be read: %s", problem)
            return None
        found += [_remark(message) for message in page.get("messages") or [] if _is_a_persons(message)]
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return tuple(sorted(found, key=lambda remark: remark.at))


def _is_a_persons(message: Mapping[str, Any]) -> bool:
    return bool(message.get("user")) and not message.get("bot_id") and not message.get("app_id")


def _remark(message: Mapping[str, Any]) -> Remark:
    text, user = str(message.get("text") or ""), str(message.get("user"))
    files = tuple(
        (str(file.get("name") or file.get("title") or ""), str(file.get("permalink") or ""))
        for file in message.get("files") or []
    )
    return Remark(
        at=dt.datetime.fromtimestamp(float(message["ts"]), dt.UTC),
        who=Mention(user) if _PERSON.fullmatch(user) else None,
        text=None if contains_identity_number(text) else text,
        files=tuple(file for file in files if not contains_identity_number(file[0])),
    )


def mentioned_in(text: str) -> set[str]:
    """The Slack ids of those whom a message mentions."""
    return set(_MENTION.findall(text))


def as_plain(text: str, names: Mapping[str, str]) -> str:
    """A message as it reads in Slack, without its markup; `names`: Slack id → name."""
    text = _MENTION.sub(lambda found: f"@{names.get(found[1], found[1])}", text)
    text = _LABELLED.sub(lambda found: found[2] if found[2] in found[1] else f"{found[2]} ({found[1]})", text)
    return html.unescape(_BARE.sub(r"\1", text))


async def names_of(client: AsyncWebClient, slack_ids: Iterable[str]) -> dict[str, str]:
    """The names that stand on paper; whoever Slack does not name is left out."""
    names: dict[str, str] = {}
    for slack_id in sorted(slack_ids):
        try:
            profile = (await client.users_info(user=slack_id))["user"]
        except UNREACHABLE as error:
            log.warning("the name of %s could not be read: %s", slack_id, classify(error))
            continue
        names[slack_id] = str(profile.get("real_name") or profile.get("name") or "")
    return {slack_id: name for slack_id, name in names.items() if name}
