"""The things in blocks that a person fills in or presses, and the values they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workspace.errors import NotThere
from workspace.state import Json

# Where each element keeps its value in view.state.values and in actions
# (docs.slack.dev/reference/interaction-payloads/view-interactions-payload).
VALUE_KEYS: dict[str, str] = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}

# Which property of the element sets the value at the start.
INITIAL_KEYS: dict[str, str] = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "rich_text_value": "initial_value",
}

CLICKED = ("button", "overflow", "workflow_button")


@dataclass(frozen=True)
class Place:
    """An element and the block it stands in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The block's id."""
        return str(self.block.get("block_id", ""))

    @property
    def action_id(self) -> str:
        """The element's id."""
        return str(self.element.get("action_id", ""))

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element.get("type", ""))

    @property
    def is_input(self) -> bool:
        """Whether it is a field of a form (an input block)."""
        return self.block.get("type") == "input"

    @property
    def dispatches(self) -> bool:
        """Whether using it tells the bot at once."""
        return not self.is_input or bool(self.block.get("dispatch_action"))

    def label(self) -> str:
        """What a person reads on or above it."""
        if self.kind == "button":
            return str(self.element.get("text", {}).get("text", ""))
        if self.is_input:
            return str(self.block.get("label", {}).get("text", ""))
        return str(self.element.get("placeholder", {}).get("text", ""))


def elements_of(blocks: list[Json]) -> Iterator[Place]:
    """Every interactive element in reading order; what is no element is passed over."""
    for block in blocks:
        kind = block.get("type")
        inside: list[Any] = []
        if kind == "input":
            inside = [block.get("element")]
        elif kind == "section":
            inside = [block.get("accessory")]
        elif kind == "actions" and isinstance(block.get("elements"), list):
            inside = block["elements"]
        for element in inside:
            if isinstance(element, dict) and element.get("type") != "image":
                yield Place(block, element)


def find_element(blocks: list[Json], name: str) -> Place:
    """The element with this action_id, block_id or label. Raises `NotThere` with what is there."""
    places = list(elements_of(blocks))
    for wanted in (
        [p for p in places if p.action_id == name],
        [p for p in places if p.block_id == name],
        [p for p in places if p.label() == name],
    ):
        if len(wanted) == 1:
            return wanted[0]
        if len(wanted) > 1:
            raise NotThere(f"{name!r} is there {len(wanted)} times; say block_id or label")
    known = ", ".join(f"{p.action_id} ({p.label()})" for p in places) or "nothing to fill in or press"
    raise NotThere(f"no {name!r} here; there is: {known}")


def initial_value(element: Json) -> Json | None:
    """The element's entry in state.values before anyone touched it; None for buttons."""
    kind = str(element.get("type", ""))
    key = VALUE_KEYS.get(kind)
    if key is None:
        return None
    value = element.get(INITIAL_KEYS.get(key, ""))
    if value is None and key in (
        "selected_options",
        "selected_users",
        "selected_conversations",
        "selected_channels",
    ):
        value = []
    return {"type": kind, key: value}


def initial_values(blocks: list[Json]) -> dict[str, dict[str, Json]]:
    """The state of a view that has just been opened."""
    values: dict[str, dict[str, Json]] = {}
    for place in elements_of(blocks):
        entry = initial_value(place.element)
        if entry is not None:
            values.setdefault(place.block_id, {})[place.action_id] = entry
    return values


def merged_values(blocks: list[Json], before: dict[str, dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """The state after an update: what a person entered stays where block_id and action_id are the same
    (docs.slack.dev/surfaces/modals#preserving_input)."""
    values = initial_values(blocks)
    for block_id, actions in values.items():
        for action_id, entry in actions.items():
            old = before.get(block_id, {}).get(action_id)
            if old is not None and old.get("type") == entry.get("type"):
                actions[action_id] = old
    return values


def is_empty(entry: Json | None) -> bool:
    """Whether nothing is filled in."""
    return simple_value(entry) in (None, "", [])


def simple_value(entry: Json | None) -> Any:
    """The value alone: text, the option's value, a list of them; None when empty."""
    if not entry:
        return None
    key = VALUE_KEYS.get(str(entry.get("type", "")), "value")
    value = entry.get(key)
    if key == "selected_option":
        return value.get("value") if value else None
    if key == "selected_options":
        return [option.get("value") for option in value or []]
    return value


def options_of(element: Json) -> list[Json]:
    """All options of a select, groups flattened; what is no option is passed over."""
    groups = element.get("option_groups")
    lists = [element.get("options")]
    lists += [g.get("options") for g in groups if isinstance(g, dict)] if isinstance(groups, list) else []
    return [o for options in lists if isinstance(options, list) for o in options if isinstance(o, dict)]


def matching_option(options: list[Json], wanted: str) -> Json | None:
    """The option with this value, or else with this text."""
    for option in options:
        if option.get("value") == wanted:
            return option
    for option in options:
        if option.get("text", {}).get("text") == wanted:
            return option
    return None
