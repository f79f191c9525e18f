"""Payloads and calls of other workspaces: their ids carry the workspace inside, and lose it on the way out again."""

from __future__ import annotations

import re
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.people.addresses import address, slack_id

WORKSPACE = "mangelvakt_workspace"
"""In a payload that came from another workspace: which one. Slack sends no such name; if it did, it would go."""

_ID = re.compile(r"[UWCGD][A-Z0-9]{2,30}")
_NAMES = frozenset(
    (
        "channel",
        "channel_id",
        "conversation",
        "im_user",
        "parent_user_id",
        "selected_channel",
        "selected_channels",
        "selected_conversation",
        "selected_conversations",
        "selected_user",
        "selected_users",
        "user",
        "user_id",
        "users",
    )
)
_OBJECTS = frozenset(("user", "channel"))
_ARGUMENTS = ("channel", "channel_id", "user", "user_id", "users")


def addressed(body: dict[str, Any], workspace: str) -> dict[str, Any]:
    """The payload with the workspace in each id of a person or a conversation, and marked; `""`: as it is, unmarked."""
    if not workspace:
        return {name: value for name, value in body.items() if name != WORKSPACE}
    found: dict[str, Any] = _walk(body, workspace, within=None)
    return found | {WORKSPACE: workspace}


def _walk(part: Any, workspace: str, within: str | None) -> Any:
    if isinstance(part, dict):
        return {
            name: _walk(value, workspace, "id of one" if within in _OBJECTS and name == "id" else name)
            for name, value in part.items()
        }
    if isinstance(part, list):
        return [_walk(one, workspace, within) for one in part]
    if isinstance(part, str) and (within in _NAMES or within == "id of one") and _ID.fullmatch(part):
        return address(workspace, part)
    return part


class ElsewhereClient(AsyncWebClient):
    """The Web API of another workspace: what it is asked about is named as Slack names it there."""

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        """One call; ids that carry a workspace lose it."""
        for place in ("params", "json", "data"):
            given = options.get(place)
            if isinstance(given, dict):
                options[place] = {name: _bare(value) if name in _ARGUMENTS else value for name, value in given.items()}
        return await super().api_call(api_method, **options)


def _bare(value: Any) -> Any:
    if isinstance(value, str):
        return ",".join(slack_id(one) for one in value.split(","))
    return [slack_id(one) for one in value] if isinstance(value, list) else value
