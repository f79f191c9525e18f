"""The door: what is not as Slack makes it goes no further, and what Slack makes passes as it is."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from bot.payloads import is_slacks, storable
from tests.hostile.mutations import BOLTS, OTHERS, TEXTS, deep, places

VIEW = {
    "id": "V1",
    "type": "modal",
    "callback_id": "report",
    "private_metadata": "",
    "hash": "1.a",
    "blocks": [{"type": "input", "block_id": "note", "element": {"type": "plain_text_input", "action_id": "note"}}],
    "state": {"values": {"note": {"note": {"type": "plain_text_input", "value": None}}}},
}
WHO = {"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}}
EVENT = {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1.2", "text": "hei"}
OF_EACH_KIND: dict[str, dict[str, Any]] = {
    "command": {
        "command": "/mangel",
        "text": "",
        "user_id": "U1",
        "team_id": "T1",
        "channel_id": "C1",
        "trigger_id": "1.2.a",
        "response_url": "https://hooks.slack.com/commands/1",
    },
    "mention": {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": EVENT},
    "file": {
        "type": "event_callback",
        "event": {"type": "file_shared", "file_id": "F1", "channel_id": "C1", "user_id": "U1"},
    },
    "visit": {"type": "event_callback", "event": {"type": "app_home_opened", "user": "U1", "tab": "home"}},
    "form": {"type": "view_submission", **WHO, "view": VIEW},
    "click": {
        "type": "block_actions",
        **WHO,
        "trigger_id": "1.2.a",
        "actions": [{"action_id": "close_case", "action_ts": "1.2", "selected_option": {"value": "a"}}],
    },
    "keystroke": {"type": "block_suggestion", **WHO, "action_id": "medicine", "value": "pa", "view": VIEW},
    "on a message": {
        "type": "message_action",
        **WHO,
        "trigger_id": "1.2.a",
        "channel": {"id": "C1"},
        "message": {"ts": "1.2", "text": "Tomt"},
    },
}
NEEDED: dict[str, tuple[tuple[Any, ...], ...]] = {
    "command": (("user_id",), ("trigger_id",), ("channel_id",), ("response_url",)),
    "mention": (("event",), ("event", "channel"), ("event", "ts")),
    "file": (("event", "file_id"), ("event", "channel_id"), ("event", "user_id")),
    "visit": (("event", "user"),),
    "form": (("user",), ("user", "id"), ("view",), ("view", "id"), ("view", "blocks")),
    "click": (("user",), ("trigger_id",), ("actions",), ("actions", 0), ("actions", 0, "action_id")),
    "keystroke": (("user",), ("action_id",), ("value",)),
    "on a message": (("user",), ("trigger_id",), ("channel", "id"), ("message", "ts")),
}
NEITHER_TEXT_NOR_NOTHING = [other for other in OTHERS if other is not None]


def changed(payload: dict[str, Any], path: tuple[Any, ...], to: Any = ...) -> dict[str, Any]:
    """A copy with another thing in one place, or with nothing there."""
    new = copy.deepcopy(payload)
    holder: Any = new
    for step in path[:-1]:
        holder = holder[step]
    if to is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return new


@pytest.mark.parametrize("kind", OF_EACH_KIND)
def test_what_slack_makes_passes(kind: str) -> None:
    assert is_slacks(OF_EACH_KIND[kind])
    assert is_slacks(OF_EACH_KIND[kind] | {"something_new": {"of": ["Slack's"]}})


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in NEEDED.items() for path in paths])
def test_a_payload_without_a_part_that_it_always_has_is_refused(kind: str, path: tuple[Any, ...]) -> None:
    assert not is_slacks(changed(OF_EACH_KIND[kind], path))
    assert not is_slacks(changed(OF_EACH_KIND[kind], path, None))


@pytest.mark.parametrize("kind", OF_EACH_KIND)
def test_a_part_that_is_read_is_what_it_should_be(kind: str) -> None:
    payload = OF_EACH_KIND[kind]
    read = [
        path
        for path in places(payload)
        if path[-1] != "type" and "element" not in path and path[-1] not in ("command", "tab")
    ]
    for path in read:
        for other in NEITHER_TEXT_NOR_NOTHING:
            bent = changed(payload, path, other)
            stands_there = payload_at(payload, path)
            if isinstance(other, dict | list) and type(stands_there) is type(other):
                continue  # an empty one may be in order
            if other == [] and path[-1] in ("state", "values"):
                continue  # so Slack writes it sometimes
            assert not is_slacks(bent), (path, other)


def payload_at(payload: Any, path: tuple[Any, ...]) -> Any:
    """What stands there."""
    for step in path:
        payload = payload[step]
    return payload


@pytest.mark.parametrize("kind", ["form", "keystroke"])
@pytest.mark.parametrize("path", [("view", "state"), ("view", "state", "values")])
def test_slacks_empty_lists_where_an_object_has_nothing_in_it_pass(kind: str, path: tuple[str, ...]) -> None:
    assert is_slacks(changed(OF_EACH_KIND[kind], path, []))
    assert is_slacks(changed(OF_EACH_KIND[kind], path, None))


def test_what_has_happened_to_a_message_need_not_say_where() -> None:
    assert is_slacks({"type": "event_callback", "event": {"type": "message", "subtype": "ekm_access_denied"}})
    assert not is_slacks({"type": "event_callback", "event": {"type": "message", "text": "hei", "user": "U1"}})


def test_a_payload_is_of_one_kind() -> None:
    click, command, mention = OF_EACH_KIND["click"], OF_EACH_KIND["command"], OF_EACH_KIND["mention"]
    assert not is_slacks(click | {"event": {"type": "x"}})
    assert not is_slacks({"type": "block_actions", "event": {"type": "x"}, "actions": [7], "user": 7})
    assert not is_slacks(command | mention)
    assert not is_slacks({"type": "dialog_submission", "event": mention["event"]})


@pytest.mark.parametrize("other", [None, "text", 7, ["a"], True])
def test_what_is_no_object_is_no_payload(other: object) -> None:
    assert not is_slacks(other)


@pytest.mark.parametrize("kind", [None, "url_verification", "dialog_submission"])
def test_a_kind_that_nobody_here_hears_is_left_to_bolt(kind: object) -> None:
    assert is_slacks({"type": kind, "user": {"id": "U1"}, "state": "Limo"})
    assert not is_slacks({"type": kind, "user": 7})


@pytest.mark.parametrize("kind", [7, ["a"], {"": None}])
def test_a_kind_is_a_text(kind: object) -> None:
    assert not is_slacks({"type": kind})


@pytest.mark.skipif(not BOLTS.is_file(), reason="Bolt's own samples are not beside this repository")
def test_each_payload_that_bolt_is_tested_with_passes() -> None:
    samples = [one["payload"] for one in json.loads(BOLTS.read_text(encoding="utf-8"))]
    assert all(is_slacks(sample) for sample in samples if isinstance(sample, dict))


def test_every_text_can_be_stored_and_a_good_one_is_unchanged() -> None:
    for text in TEXTS:
        storable(text).encode("utf-8")
        assert "\x00" not in storable(text)
    assert storable({"å": ["🧪 Ærlig\u202e", 1, None]}) == {"å": ["🧪 Ærlig\u202e", 1, None]}
    assert storable(deep(100)) == deep(100)
