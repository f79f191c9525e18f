"""What Slack sends, and what else may come: a payload that is not as Slack makes it is refused at the door.

What is behind the door may then take a part for what it is. Only the parts that something reads are looked at, so that
a new one of Slack's is no reason to refuse; what each kind holds: https://docs.slack.dev/reference/interaction-payloads,
https://docs.slack.dev/reference/events and https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Text = str | None
"""As text where it is there at all."""
Id = Annotated[str, Field(min_length=1)]
Address = Annotated[str, Field(pattern=r"^(https?://[!-~]+)?$")]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)


class _Named(_Part):
    id: Id


class _Person(_Named):
    team_id: Text = None


class _Option(_Part):
    value: Text = None


class _Element(_Part):
    """A field of a form, or a button."""

    value: Text = None
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None
    selected_date: Text = None
    selected_user: Text = None
    selected_users: list[str] | None = None
    selected_conversation: Text = None
    selected_channel: Text = None
    files: list[dict[str, Any]] | None = None


class _Action(_Element):
    action_id: Id
    action_ts: Text = None
    block_id: Text = None


def _none_of_them(given: object) -> object:
    """Slack now and then writes an object in which nothing stands as an empty list: `"state": {"values": []}`."""
    return {} if given is None or given == [] else given


class _State(_Part):
    values: Annotated[dict[str, dict[str, _Element]], BeforeValidator(_none_of_them)] = Field(default_factory=dict)


State = Annotated[_State | None, BeforeValidator(_none_of_them)]


class _Block(_Part):
    type: str
    block_id: Text = None


class _View(_Named):
    type: str
    callback_id: Text = None
    private_metadata: Text = None
    hash: Text = None
    blocks: list[_Block]
    state: State = None
    app_installed_team_id: Text = None


class _Message(_Part):
    ts: Text = None
    text: Text = None
    user: Text = None
    thread_ts: Text = None
    files: list[dict[str, Any]] | None = None


class _Event(_Message):
    type: str
    subtype: Text = None
    channel: Text = None
    channel_id: Text = None
    channel_type: Text = None
    user_id: Text = None
    bot_id: Text = None
    file_id: Text = None


class _Said(_Event):
    channel: Id
    ts: Id


class _Shared(_Event):
    channel_id: Id
    user_id: Id
    file_id: Id


class _Visit(_Event):
    user: Id


class _Command(_Part):
    type: None = None
    event: None = None
    command: str
    text: Text = None
    user_id: Id
    team_id: Text = None
    enterprise_id: Text = None
    channel_id: Id
    trigger_id: Id
    response_url: Address


class _Installed(_Part):
    enterprise_id: Text = None
    team_id: Text = None
    user_id: Text = None


class _Callback(_Installed):
    event: _Event
    event_id: Text = None
    authorizations: list[_Installed] | None = None


class _SaidCallback(_Callback):
    event: _Said


class _SharedCallback(_Callback):
    event: _Shared


class _VisitCallback(_Callback):
    event: _Visit


class _Interaction(_Part):
    event: None = None
    user: _Person
    team: _Named | None = None
    enterprise: _Named | None = None
    channel: _Named | None = None
    message: _Message | None = None
    container: dict[str, Any] | None = None
    callback_id: Text = None
    view: _View | None = None
    state: State = None
    response_url: Address | None = None


class _Triggered(_Interaction):
    trigger_id: Id


class _Click(_Triggered):
    actions: Annotated[list[_Action], Field(min_length=1)]


class _Pointed(_Message):
    ts: Id


class _MessageAction(_Triggered):
    message: _Pointed
    channel: _Named


class _Form(_Interaction):
    view: _View


class _Keystroke(_Interaction):
    action_id: Id
    value: str


class _Other(_Part):
    """A kind that nobody here hears: Bolt says so, but what stands before the listeners looks at it too."""

    type: Text = None
    event: None = None
    callback_id: Text = None
    user: _Person | None = None
    user_id: Text = None
    team: _Named | None = None
    team_id: Text = None
    enterprise: _Named | None = None
    view: _View | None = None
    message: _Message | None = None
    actions: list[_Element] | None = None


_OF_A_KIND: dict[str, type[_Part]] = {
    "block_actions": _Click,
    "block_suggestion": _Keystroke,
    "message_action": _MessageAction,
    "shortcut": _Triggered,
    "view_submission": _Form,
    "view_closed": _Form,
}
_OF_AN_EVENT: dict[str, type[_Part]] = {
    "app_home_opened": _VisitCallback,
    "app_mention": _SaidCallback,
    "message": _SaidCallback,
    "file_shared": _SharedCallback,
}


def is_slacks(body: object) -> bool:
    """Whether a payload is as Slack makes those of its kind."""
    if not isinstance(body, dict):
        return False
    try:
        _shape(body).model_validate(body)
    except ValidationError:
        return False
    return True


def _shape(body: dict[str, Any]) -> type[_Part]:
    if "command" in body:
        return _Command
    kind = body.get("type")
    if kind == "event_callback":
        event = body.get("event")
        of_what = event.get("type") if isinstance(event, dict) else None
        if of_what == "message" and isinstance(event, dict) and event.get("subtype") is not None:
            return _Callback  # something that has happened to a message
        return _OF_AN_EVENT.get(of_what, _Callback) if isinstance(of_what, str) else _Callback
    return _OF_A_KIND.get(kind, _Other) if isinstance(kind, str) else _Other


def storable(body: Any) -> Any:
    """A payload whose texts any database takes: NUL and halves of surrogate pairs become U+FFFD.

    Hardly any payload holds one, and what writes JSON sees all of it faster than we can go through it. The blocks of
    a view are the bot's own, and nothing in them is stored.
    """
    view = body.get("view") if isinstance(body, dict) else None
    lean = body | {"view": view | {"blocks": None}} if isinstance(view, dict) else body
    written = json.dumps(lean, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return _storable(body)
    return _storable(body) if "\\u0000" in written else body


def _storable(part: Any) -> Any:
    if isinstance(part, str):
        if part.isascii():
            return part.replace("\x00", "\ufffd")
        return part.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")
    if isinstance(part, dict):
        return {_storable(name): _storable(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_storable(one) for one in part]
    return part
