"""The app's manifest: Slack's own schema, and exactly what the code listens to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema

from bot.manifest import COMMAND, EVENTS, SCOPES

ROOT = Path(__file__).parents[2]
MANIFEST = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((ROOT / "tests/data/slack_manifest.schema.2.0.0.json").read_text(encoding="utf-8"))
HANDLERS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "handlers").glob("*.py"))


def test_slack_would_take_it() -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(MANIFEST)


def test_it_subscribes_to_what_is_listened_to_and_to_nothing_else() -> None:
    listened = set(re.findall(r'@app\.event\("(\w+)"\)', HANDLERS))
    subscribed = {event.split(".")[0] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]}
    assert listened == subscribed


def test_the_code_says_the_same_as_the_manifest() -> None:
    assert list(SCOPES) == MANIFEST["oauth_config"]["scopes"]["bot"]
    assert list(EVENTS) == MANIFEST["settings"]["event_subscriptions"]["bot_events"]


def test_its_commands_and_shortcuts_are_those_that_are_listened_to() -> None:
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == [COMMAND]
    shortcuts = [shortcut["callback_id"] for shortcut in MANIFEST["features"]["shortcuts"]]
    assert shortcuts == re.findall(r'@app\.shortcut\("(\w+)"\)', HANDLERS)


def test_it_asks_for_no_more_than_the_bot_uses() -> None:
    """The journeys hold that these are enough: their workspace grants nothing else."""
    used = {
        "app_mentions:read": "app_mention",
        "channels:history": "conversations_history",
        "channels:read": "conversations_info",
        "chat:write": "chat_postMessage",
        "commands": "@app.command",
        "files:read": "files_info",
        "files:write": "files_getUploadURLExternal",
        "groups:history": "conversations_history",
        "groups:read": "conversations_info",
        "im:history": '@app.event("message")',
        "im:write": "conversations_open",
        "pins:write": "pins_add",
        "usergroups:read": "usergroups_users_list",
        "users:read": "users_info",
    }
    code = HANDLERS + "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == set(used)
    assert MANIFEST["oauth_config"]["scopes"]["bot_optional"] == ["canvases:write"], "asked for by MANGELVAKT_CANVAS"
    assert "conversations_canvases_create" in code
    for scope, needed_by in used.items():
        assert needed_by in code, scope
