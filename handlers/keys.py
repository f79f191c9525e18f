"""The key under which a thing from Slack is handled once, derived from what stays the same when Slack repeats it."""

from __future__ import annotations

import json
from typing import Any

from bot.commands import CHANGING, parse
from bot.delivery.elsewhere import WORKSPACE
from bot.people.addresses import address

WHICH_FORM = "form"
"""In a view's metadata: tells a form from the one of the same name that stood in the view before it."""


def key_of(body: dict[str, Any]) -> str | None:
    """The inbox key of a payload; None where there is nothing to tell two of them apart.

    An event has its `event_id`. A submission is its view and the form in it: a retry brings a new trigger_id but the
    same view. A form's next step stands in the same view under another name; the next form of the same name says which
    one it is in its metadata. (Not by the view's hash: that changes while a form is filled in, and one that is sent
    again because its answer was lost is still the same.) A click is the person and the instant (`action_ts`). A command
    has only its trigger_id, which a redelivered envelope repeats. Another workspace's stands before it.
    """
    key = _key_of(body)
    workspace = body.get(WORKSPACE)
    return address(str(workspace), key) if key is not None and workspace else key


def _key_of(body: dict[str, Any]) -> str | None:
    kind = body.get("type")
    if kind == "event_callback":
        return f"event:{body['event_id']}" if body.get("event_id") else None
    if kind == "view_submission":
        view = body["view"]
        return f"view:{view['id']}:{view.get('callback_id')}:{_which_form(view)}"
    if kind == "block_actions":
        action = (body.get("actions") or [{}])[0]
        return f"action:{body['user']['id']}:{action.get('action_id')}:{action.get('action_ts')}"
    if body.get("command"):
        return f"command:{body['trigger_id']}" if body.get("trigger_id") else None
    return None


def key_to_keep(body: dict[str, Any]) -> str | None:
    """The key of an event that must not be lost once it is acknowledged; None for what nobody would answer.

    What people write to each other where the bot is present is not kept, nor what the bot has done itself: a file that
    it shares comes as an event like anybody's.
    """
    event = body.get("event")
    if body.get("type") != "event_callback" or not isinstance(event, dict) or event.get("bot_id"):
        return None
    if event.get("user_id") in [one.get("user_id") for one in body.get("authorizations") or []]:
        return None
    kind = event.get("type")
    to_the_bot = kind == "message" and event.get("channel_type") == "im" and event.get("subtype") is None
    return key_of(body) if kind in ("app_mention", "file_shared") or to_the_bot else None


def only_reads(body: dict[str, Any]) -> bool:
    """Whether a payload changes nothing, so that it may be acknowledged before it is looked at.

    Such is a command that asks for something, and the choice of a medicine in a form that is still being filled in.
    """
    if body.get("type") == "block_actions" and body.get("view"):
        return [action.get("action_id") for action in body.get("actions") or []] == ["medicine"]
    return bool(body.get("command")) and parse(str(body.get("text") or "")).command not in CHANGING


def in_cases_thread(body: dict[str, Any], cases_channel: str | None) -> bool:
    """Whether a payload is what a person wrote in a thread of the cases channel."""
    event = body.get("event") or {}
    return (
        event.get("type") == "message"
        and cases_channel is not None
        and event.get("channel") == cases_channel
        and bool(event.get("thread_ts"))
        and bool(event.get("user"))
        and not event.get("bot_id")
        and event.get("subtype") is None
    )


def is_between_people(body: dict[str, Any], cases_channel: str | None) -> bool:
    """Whether a payload is a message in a channel that is none of the bot's business: nothing is kept of it."""
    event = body.get("event") or {}
    in_channel = event.get("type") == "message" and event.get("channel_type") not in (None, "im")
    return in_channel and not in_cases_thread(body, cases_channel)


def _which_form(view: dict[str, Any]) -> str:
    try:
        about = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return ""
    return str(about.get(WHICH_FORM, "")) if isinstance(about, dict) else ""


def user_of(body: dict[str, Any]) -> tuple[str | None, str | None]:
    """Who sent a payload: Slack user and team id."""
    user = body.get("user")
    if isinstance(user, dict):
        team = user.get("team_id") or (body.get("team") or {}).get("id")
        return user.get("id"), team
    if body.get("user_id"):
        return body["user_id"], body.get("team_id")
    event = body.get("event") or {}
    sender = event.get("user") or event.get("user_id")
    return (sender, body.get("team_id")) if isinstance(sender, str) else (None, None)


def way_in(body: dict[str, Any]) -> str:
    """What a person did, as `bot.people.surface` names it: nothing of what they wrote."""
    kind = body.get("type")
    if body.get("command"):
        return f"command {parse(str(body.get('text') or '')).command}"
    if kind == "block_actions":
        return f"button {(body.get('actions') or [{}])[0].get('action_id')}"
    if kind in ("view_submission", "view_closed"):
        return f"form {body['view'].get('callback_id')}"
    if kind in ("message_action", "shortcut"):
        return f"shortcut {body.get('callback_id')}"
    if kind == "block_suggestion":
        return f"type-ahead {body.get('action_id')}"
    return f"event {(body.get('event') or {}).get('type')}"
