"""The limits of Block Kit: what Slack refuses in blocks, views and options, said in Slack's words.

Each number carries its source. "ref" is docs.slack.dev/reference/block-kit, "sdk" is the validators
of slack_sdk.models. Faults read as Slack's own do: `must be less than 3001 characters
[json-pointer:/blocks/0/text/text]`; where Slack's exact wording is not public, the wording is ours
and the error's name is Slack's.
"""

from __future__ import annotations

import re
from typing import Any

from workspace.elements import elements_of, options_of
from workspace.state import Json

MESSAGE_BLOCKS = 50  # ref/blocks: "up to 50 blocks in each message"
VIEW_BLOCKS = 100  # ref/blocks and sdk views: "100 blocks in modals or Home tabs"
SECTION_TEXT = 3000  # ref/blocks/section-block, sdk SectionBlock.text_max_length
SECTION_FIELDS = 10  # ref/blocks/section-block, sdk SectionBlock.fields_max_length
FIELD_TEXT = 2000  # ref/blocks/section-block: "Maximum length for the text in each item is 2000"
HEADER_TEXT = 150  # ref/blocks/header-block, sdk HeaderBlock.text_max_length
CONTEXT_ELEMENTS = 10  # ref/blocks/context-block, sdk ContextBlock.elements_max_length
CONTEXT_TEXT = 3000  # ref/composition-objects/text-object: "maximum length is 3000 characters"
ACTIONS_ELEMENTS = 25  # ref/blocks/actions-block, sdk ActionsBlock.elements_max_length
LABEL_TEXT = 2000  # ref/blocks/input-block, sdk InputBlock.label_max_length
HINT_TEXT = 2000  # ref/blocks/input-block, sdk InputBlock.hint_max_length
IMAGE_URL = 3000  # ref/blocks/image-block, sdk ImageBlock.image_url_max_length
ALT_TEXT = 2000  # ref/blocks/image-block, sdk ImageBlock.alt_text_max_length
FILE_ID = r"F[A-Z0-9]{8,}"  # python-slack-sdk issue 1521: the pattern stands in Slack's refusal
IMAGE_TITLE = 2000  # ref/blocks/image-block, sdk ImageBlock.title_max_length
MARKDOWN_TEXT = 12000  # ref/blocks/markdown-block, sdk MarkdownBlock.text_max_length
BLOCK_ID = 255  # ref/blocks, sdk Block.block_id_max_length
ACTION_ID = 255  # ref/block-elements, sdk InteractiveElement.action_id_max_length
PLACEHOLDER = 150  # ref/block-elements, sdk InputInteractiveElement.placeholder_max_length
BUTTON_TEXT = 75  # ref/block-elements/button-element, sdk ButtonElement.text_max_length
BUTTON_VALUE = 2000  # ref/block-elements/button-element, sdk ButtonElement.value_max_length
BUTTON_URL = 3000  # ref/block-elements/button-element, sdk ButtonElement.url_max_length
ACCESSIBILITY_LABEL = 75  # ref/block-elements/button-element
OPTION_TEXT = 75  # ref/composition-objects/option-object, sdk Option.label_max_length
OPTION_VALUE = 150  # ref/composition-objects/option-object, sdk Option.value_max_length
OPTION_DESCRIPTION = 75  # ref/composition-objects/option-object
OPTIONS = 100  # ref/block-elements/select-menu-element, sdk options_max_length
OPTION_GROUPS = 100  # ref/block-elements/select-menu-element, sdk option_groups_max_length
GROUP_LABEL = 75  # ref/composition-objects/option-group-object, sdk OptionGroup.label_max_length
CHOICES = 10  # ref/block-elements/radio-button-group-element and checkboxes-element
OVERFLOW = 5  # ref/block-elements/overflow-menu-element, sdk OverflowMenuElement
INPUT_TEXT = 3000  # ref/block-elements/plain-text-input-element: max_length up to 3000
CONFIRM_TITLE = 100  # ref/composition-objects/confirmation-dialog-object, sdk ConfirmObject
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
VIEW_TITLE = 24  # ref/views, sdk View.title_max_length; submit and close the same
PRIVATE_METADATA = 3000  # ref/views, sdk View.private_metadata_max_length
CALLBACK_ID = 255  # ref/views
VIEW_BYTES = 250_000  # views.open errors: view_too_large "greater than 250kb"
MESSAGE_TEXT = 40_000  # chat.postMessage: longer is cut or refused; here refused, so that nobody relies on it
UPDATE_TEXT = 4_000  # chat.update: msg_too_long (ChatGPT-in-Slack issue 102)
# Measured by users, not documented: msg_blocks_too_long from chat.postMessage above 13,297 characters in
# one markdown block, 125 fewer for each block beside it (bolt-js issue 2509; 2867 says respond() is spared).
MESSAGE_WEIGHT = 13_297 + 125
BLOCK_WEIGHT = 125
TABLE_ROWS = 100  # ref/blocks/table-block
TABLE_CELLS = 20

SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
MULTI_SELECTS = tuple(f"multi_{name}" for name in SELECTS)
ACTION_ELEMENTS = (
    "button",
    "checkboxes",
    "datepicker",
    "datetimepicker",
    "overflow",
    "radio_buttons",
    "rich_text_input",
    "timepicker",
    "workflow_button",
    *SELECTS,
    *MULTI_SELECTS,
)
ACCESSORIES = (
    "button",
    "checkboxes",
    "datepicker",
    "image",
    "overflow",
    "radio_buttons",
    "timepicker",
    "workflow_button",
    *SELECTS,
    *MULTI_SELECTS,
)
INPUT_ELEMENTS = (
    "checkboxes",
    "datepicker",
    "datetimepicker",
    "email_text_input",
    "file_input",
    "number_input",
    "plain_text_input",
    "radio_buttons",
    "rich_text_input",
    "timepicker",
    "url_text_input",
    *SELECTS,
    *MULTI_SELECTS,
)

_SELECT_COMMON = {"type", "action_id", "placeholder", "confirm", "focus_on_load"}
_MULTI = {"max_selected_items"}
_TYPED = {"type", "action_id", "placeholder", "focus_on_load", "dispatch_action_config", "initial_value"}
_CONVERSATION = {"default_to_current_conversation", "filter"}

ELEMENT_PROPERTIES: dict[str, set[str]] = {
    "button": {
        "type",
        "text",
        "action_id",
        "url",
        "value",
        "style",
        "confirm",
        "accessibility_label",
    },
    "checkboxes": {"type", "action_id", "options", "initial_options", "confirm", "focus_on_load"},
    "radio_buttons": {"type", "action_id", "options", "initial_option", "confirm", "focus_on_load"},
    "overflow": {"type", "action_id", "options", "confirm"},
    "datepicker": _SELECT_COMMON | {"initial_date"},
    "timepicker": _SELECT_COMMON | {"initial_time", "timezone"},
    "datetimepicker": {"type", "action_id", "initial_date_time", "confirm", "focus_on_load"},
    "plain_text_input": _TYPED | {"multiline", "min_length", "max_length"},
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "number_input": _TYPED | {"is_decimal_allowed", "min_value", "max_value"},
    "rich_text_input": _TYPED,
    "file_input": {"type", "action_id", "filetypes", "max_files"},
    "static_select": _SELECT_COMMON | {"options", "option_groups", "initial_option"},
    "external_select": _SELECT_COMMON | {"initial_option", "min_query_length"},
    "users_select": _SELECT_COMMON | {"initial_user"},
    "conversations_select": _SELECT_COMMON | {"initial_conversation", "response_url_enabled"} | _CONVERSATION,
    "channels_select": _SELECT_COMMON | {"initial_channel", "response_url_enabled"},
    "multi_static_select": _SELECT_COMMON | _MULTI | {"options", "option_groups", "initial_options"},
    "multi_external_select": _SELECT_COMMON | _MULTI | {"initial_options", "min_query_length"},
    "multi_users_select": _SELECT_COMMON | _MULTI | {"initial_users"},
    "multi_conversations_select": _SELECT_COMMON | _MULTI | {"initial_conversations"} | _CONVERSATION,
    "multi_channels_select": _SELECT_COMMON | _MULTI | {"initial_channels"},
    "image": {"type", "image_url", "slack_file", "alt_text"},
    "workflow_button": {"type", "text", "workflow", "action_id", "style", "accessibility_label"},
}
BLOCK_PROPERTIES: dict[str, set[str]] = {
    "section": {"type", "block_id", "text", "fields", "accessory", "expand"},
    "divider": {"type", "block_id"},
    "header": {"type", "block_id", "text", "level"},
    "context": {"type", "block_id", "elements"},
    "actions": {"type", "block_id", "elements"},
    "input": {"type", "block_id", "label", "element", "dispatch_action", "hint", "optional"},
    "image": {"type", "block_id", "image_url", "slack_file", "alt_text", "title"},
    "rich_text": {"type", "block_id", "elements"},
    "markdown": {"type", "block_id", "text"},
    "table": {"type", "block_id", "rows", "column_settings"},
}
# ref/blocks: where each block may stand.
SURFACE_BLOCKS: dict[str, set[str]] = {
    "message": set(BLOCK_PROPERTIES),
    "modal": set(BLOCK_PROPERTIES) - {"markdown", "table"},
    "home": set(BLOCK_PROPERTIES) - {"markdown", "table"},
}
MODAL_PROPERTIES = {
    "type",
    "title",
    "blocks",
    "close",
    "submit",
    "private_metadata",
    "callback_id",
    "clear_on_close",
    "notify_on_close",
    "external_id",
    "submit_disabled",
}
HOME_PROPERTIES = {"type", "blocks", "private_metadata", "callback_id", "external_id"}


def faults_in_blocks(blocks: Any, surface: str = "message", at: str = "/blocks") -> list[str]:
    """Every reason for Slack to refuse these blocks; an empty list when they are fine."""
    inspector = _Inspector(surface)
    inspector.blocks(blocks, at)
    return inspector.faults


def faults_in_view(view: Any, at: str = "/view") -> list[str]:
    """Every reason for Slack to refuse this modal or App Home."""
    if not isinstance(view, dict):
        return [f"must be an object [json-pointer:{at}]"]
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [f"unsupported type: {kind} [json-pointer:{at}/type]"]
    inspector = _Inspector(kind)
    inspector.view(view, at)
    return inspector.faults


def faults_in_options(answer: Any) -> list[str]:
    """Every reason for Slack to show no options from this answer to a type-ahead."""
    if not isinstance(answer, dict) or ("options" in answer) == ("option_groups" in answer):
        return ["must have either `options` or `option_groups`"]
    inspector = _Inspector("modal")
    inspector.option_lists(answer, "", least=0)
    return inspector.faults


def message_weight(blocks: list[Json]) -> int:
    """What Slack counts against the limit on a whole message: all texts, and something for each block."""
    return sum(_text_length(block) + BLOCK_WEIGHT for block in blocks)


def _text_length(thing: Any) -> int:
    if isinstance(thing, list):
        return sum(_text_length(entry) for entry in thing)
    if not isinstance(thing, dict):
        return 0
    own = len(thing["text"]) if isinstance(thing.get("text"), str) else 0
    return own + sum(_text_length(value) for value in thing.values())


class _Inspector:
    """Walks what was sent and notes each fault with its JSON pointer."""

    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.faults: list[str] = []
        self._block_ids: set[str] = set()

    def fault(self, what: str, at: str) -> None:
        self.faults.append(f"{what} [json-pointer:{at}]")

    # -- simple values -----------------------------------------------------

    def properties(self, thing: Json, known: set[str], at: str) -> None:
        for name, value in thing.items():
            if name not in known:
                self.fault(f"invalid additional property: {name}", at)
            elif value is None:
                self.fault("must not be null", f"{at}/{name}")

    def string(self, thing: Json, name: str, most: int, at: str, *, required: bool = False, least: int = 1) -> None:
        if thing.get(name) is None:
            if required:
                self.fault(f"missing required field: {name}", at)
            return
        value = thing[name]
        here = f"{at}/{name}"
        if not isinstance(value, str):
            self.fault("must be a string", here)
        elif len(value) < least:
            self.fault(f"must be more than {least - 1} characters", here)
        elif len(value) > most:
            self.fault(f"must be less than {most + 1} characters", here)

    def text(self, thing: Json, name: str, most: int, at: str, *, plain: bool = True, required: bool = False) -> None:
        if name not in thing or thing[name] is None:
            if required:
                self.fault(f"missing required field: {name}", at)
            return
        self.text_object(thing[name], most, f"{at}/{name}", plain=plain)

    def text_object(self, value: Any, most: int, at: str, *, plain: bool) -> None:
        if not isinstance(value, dict):
            self.fault("must provide an object", at)
            return
        kind = value.get("type")
        allowed = ("plain_text",) if plain else ("plain_text", "mrkdwn")
        if kind not in allowed:
            self.fault(f"unsupported type: {kind}", f"{at}/type")
            return
        self.properties(value, {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}, at)
        self.string(value, "text", most, at, required=True)

    def items(self, thing: Json, name: str, most: int, at: str, *, least: int = 1) -> list[Any]:
        value = thing.get(name)
        here = f"{at}/{name}"
        if not isinstance(value, list):
            self.fault(f"missing required field: {name}" if value is None else "must be an array", at)
            return []
        if len(value) < least:
            self.fault(f"no fewer than {least} items allowed", here)
        if len(value) > most:
            self.fault(f"no more than {most} items allowed", here)
        return value

    # -- views -------------------------------------------------------------

    def view(self, view: Json, at: str) -> None:
        modal = view["type"] == "modal"
        self.properties(view, MODAL_PROPERTIES if modal else HOME_PROPERTIES, at)
        if modal:
            self.text(view, "title", VIEW_TITLE, at, required=True)
            self.text(view, "submit", VIEW_TITLE, at)
            self.text(view, "close", VIEW_TITLE, at)
        self.string(view, "private_metadata", PRIVATE_METADATA, at, least=0)
        self.string(view, "callback_id", CALLBACK_ID, at, least=0)
        self.string(view, "external_id", CALLBACK_ID, at, least=0)
        self.blocks(view.get("blocks"), f"{at}/blocks")
        blocks = view.get("blocks")
        for index, block in enumerate(blocks if isinstance(blocks, list) else []):
            if modal and isinstance(block, dict) and block.get("type") == "input" and not view.get("submit"):
                # node-slack-sdk issue 875: the very words of Slack
                self.fault("must define `submit` to use `input` block", f"{at}/blocks/{index}/input")

    # -- blocks ------------------------------------------------------------

    def blocks(self, blocks: Any, at: str) -> None:
        if not isinstance(blocks, list):
            self.fault("must be an array", at)
            return
        most = MESSAGE_BLOCKS if self.surface == "message" else VIEW_BLOCKS
        if len(blocks) > most:
            self.fault(f"no more than {most} items allowed", at)
        markdown = 0
        focused = 0
        for index, block in enumerate(blocks):
            here = f"{at}/{index}"
            if not isinstance(block, dict):
                self.fault("must be an object", here)
                continue
            self.block(block, here)
            if block.get("type") == "markdown":
                markdown += len(str(block.get("text", "")))
        for place in elements_of([b for b in blocks if isinstance(b, dict)]):
            focused += bool(place.element.get("focus_on_load"))
        if markdown > MARKDOWN_TEXT:
            self.fault(f"markdown text must be less than {MARKDOWN_TEXT + 1} characters in all", at)
        if focused > 1:
            self.fault("only one element can have `focus_on_load`", at)

    def block(self, block: Json, at: str) -> None:
        kind = block.get("type")
        if not isinstance(kind, str) or kind not in SURFACE_BLOCKS[self.surface]:
            self.fault(f"unsupported type: {kind}", f"{at}/type")
            return
        self.properties(block, BLOCK_PROPERTIES[kind], at)
        self.string(block, "block_id", BLOCK_ID, at)
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in self._block_ids:
                self.fault(f'`block_id` "{block_id}" already exists', f"{at}/block_id")
            self._block_ids.add(block_id)
        getattr(self, f"_{kind}")(block, at)
        self.action_ids(block, at)

    def action_ids(self, block: Json, at: str) -> None:
        seen: set[str] = set()
        for place in elements_of([block]):
            if place.action_id:
                if place.action_id in seen:
                    self.fault(f'`action_id` "{place.action_id}" already exists', at)
                seen.add(place.action_id)

    def _section(self, block: Json, at: str) -> None:
        if "text" not in block and "fields" not in block:
            self.fault("must define either `text` or `fields`", at)
        self.text(block, "text", SECTION_TEXT, at, plain=False)
        if "fields" in block:
            for index, entry in enumerate(self.items(block, "fields", SECTION_FIELDS, at)):
                self.text_object(entry, FIELD_TEXT, f"{at}/fields/{index}", plain=False)
        if "accessory" in block:
            self.element(block["accessory"], ACCESSORIES, f"{at}/accessory")

    def _divider(self, block: Json, at: str) -> None:
        """Nothing in it can be wrong."""

    def _header(self, block: Json, at: str) -> None:
        self.text(block, "text", HEADER_TEXT, at, required=True)

    def _context(self, block: Json, at: str) -> None:
        for index, entry in enumerate(self.items(block, "elements", CONTEXT_ELEMENTS, at)):
            here = f"{at}/elements/{index}"
            if isinstance(entry, dict) and entry.get("type") == "image":
                self.element(entry, ("image",), here)
            else:
                self.text_object(entry, CONTEXT_TEXT, here, plain=False)

    def _actions(self, block: Json, at: str) -> None:
        for index, entry in enumerate(self.items(block, "elements", ACTIONS_ELEMENTS, at)):
            self.element(entry, ACTION_ELEMENTS, f"{at}/elements/{index}")

    def _input(self, block: Json, at: str) -> None:
        self.text(block, "label", LABEL_TEXT, at, required=True)
        self.text(block, "hint", HINT_TEXT, at)
        if "element" not in block:
            self.fault("missing required field: element", at)
            return
        allowed = INPUT_ELEMENTS
        if self.surface != "modal":  # ref/block-elements/file-input-element: modals only
            allowed = tuple(name for name in INPUT_ELEMENTS if name != "file_input")
        self.element(block["element"], allowed, f"{at}/element")

    def _image(self, block: Json, at: str) -> None:
        self.image(block, at)
        self.text(block, "title", IMAGE_TITLE, at)

    def _markdown(self, block: Json, at: str) -> None:
        self.string(block, "text", MARKDOWN_TEXT, at, required=True)

    def _table(self, block: Json, at: str) -> None:
        for index, row in enumerate(self.items(block, "rows", TABLE_ROWS, at)):
            if not isinstance(row, list) or len(row) > TABLE_CELLS:
                self.fault(f"no more than {TABLE_CELLS} items allowed", f"{at}/rows/{index}")

    def _rich_text(self, block: Json, at: str) -> None:
        kinds = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
        for index, entry in enumerate(self.items(block, "elements", 1000, at, least=0)):
            here = f"{at}/elements/{index}"
            if not isinstance(entry, dict) or entry.get("type") not in kinds:
                kind = entry.get("type") if isinstance(entry, dict) else entry
                self.fault(f"unsupported type: {kind}", f"{here}/type")
            elif not isinstance(entry.get("elements"), list):
                self.fault("missing required field: elements", here)

    # -- elements ------------------------------------------------------------

    def element(self, element: Any, allowed: tuple[str, ...], at: str) -> None:
        if not isinstance(element, dict):
            self.fault("must be an object", at)
            return
        kind = element.get("type")
        if kind not in allowed:
            self.fault(f"unsupported type: {kind}", f"{at}/type")
            return
        kind = str(kind)
        self.properties(element, ELEMENT_PROPERTIES[kind], at)
        self.string(element, "action_id", ACTION_ID, at)
        self.text(element, "placeholder", PLACEHOLDER, at)
        if "confirm" in element:
            self.confirm(element["confirm"], f"{at}/confirm")
        if kind in ("button", "workflow_button"):
            self.button(element, at)
        elif kind == "image":
            self.image(element, at)
        elif kind == "overflow":
            self.option_list(element, "options", OVERFLOW, at)
        elif kind in ("radio_buttons", "checkboxes"):
            self.option_list(element, "options", CHOICES, at, plain=False)
        elif kind in ("static_select", "multi_static_select"):
            if ("options" in element) == ("option_groups" in element):
                self.fault("must define either `options` or `option_groups`", at)
            else:
                self.option_lists(element, at)
        elif kind in ("plain_text_input", "number_input", "email_text_input", "url_text_input"):
            self.typed(element, at)
        elif kind == "datepicker":
            self.pattern(element, "initial_date", r"\d{4}-\d\d-\d\d", at)
        elif kind == "timepicker":
            self.pattern(element, "initial_time", r"\d\d:\d\d", at)
        self.initial_options(element, at)
        self.number(element, "min_query_length", 0, 1000, at)
        self.number(element, "max_selected_items", 1, 1000, at)

    def button(self, element: Json, at: str) -> None:
        self.text(element, "text", BUTTON_TEXT, at, required=True)
        self.string(element, "value", BUTTON_VALUE, at, least=0)
        self.string(element, "url", BUTTON_URL, at)
        self.string(element, "accessibility_label", ACCESSIBILITY_LABEL, at)
        if element.get("style", "primary") not in ("primary", "danger"):
            self.fault("must be a valid enum value", f"{at}/style")

    def image(self, element: Json, at: str) -> None:
        if ("image_url" in element) == ("slack_file" in element):
            self.fault("must define either `image_url` or `slack_file`", at)
        self.string(element, "image_url", IMAGE_URL, at)
        if "slack_file" in element:
            self.slack_file(element["slack_file"], f"{at}/slack_file")
        self.string(element, "alt_text", ALT_TEXT, at, required=True, least=0)

    def slack_file(self, file: Any, at: str) -> None:
        if not isinstance(file, dict):
            self.fault("must be an object", at)
            return
        self.properties(file, {"id", "url"}, at)
        if ("id" in file) == ("url" in file):  # ref: "If both are provided then the payload will be rejected"
            self.fault("must define either `id` or `url`", at)
        elif "id" in file and not (isinstance(file["id"], str) and re.fullmatch(FILE_ID, file["id"])):
            self.fault(f"input must match regex pattern: ^{FILE_ID}$", f"{at}/id")

    def confirm(self, confirm: Any, at: str) -> None:
        if not isinstance(confirm, dict):
            self.fault("must be an object", at)
            return
        self.properties(confirm, {"title", "text", "confirm", "deny", "style"}, at)
        self.text(confirm, "title", CONFIRM_TITLE, at)
        self.text(confirm, "text", CONFIRM_TEXT, at, plain=False)
        self.text(confirm, "confirm", CONFIRM_BUTTON, at)
        self.text(confirm, "deny", CONFIRM_BUTTON, at)
        if confirm.get("style", "primary") not in ("primary", "danger"):
            self.fault("must be a valid enum value", f"{at}/style")

    def typed(self, element: Json, at: str) -> None:
        if element.get("type") == "number_input":
            if not isinstance(element.get("is_decimal_allowed"), bool):
                self.fault("missing required field: is_decimal_allowed", at)
            for name in ("min_value", "max_value", "initial_value"):
                self.string(element, name, INPUT_TEXT, at)
            return
        self.string(element, "initial_value", INPUT_TEXT, at, least=0)
        self.number(element, "min_length", 0, INPUT_TEXT, at)
        self.number(element, "max_length", 1, INPUT_TEXT, at)

    def pattern(self, element: Json, name: str, pattern: str, at: str) -> None:
        value = element.get(name)
        if value is not None and not (isinstance(value, str) and re.fullmatch(pattern, value)):
            self.fault("failed to match the required pattern", f"{at}/{name}")

    def number(self, element: Json, name: str, least: int, most: int, at: str) -> None:
        value = element.get(name)
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.fault(f"must be an integer from {least} to {most}", f"{at}/{name}")

    # -- options -------------------------------------------------------------

    def option_lists(self, element: Json, at: str, *, least: int = 1) -> None:
        if "option_groups" in element:
            for index, group in enumerate(self.items(element, "option_groups", OPTION_GROUPS, at, least=least)):
                here = f"{at}/option_groups/{index}"
                if not isinstance(group, dict):
                    self.fault("must be an object", here)
                    continue
                self.properties(group, {"label", "options"}, here)
                self.text(group, "label", GROUP_LABEL, here, required=True)
                self.option_list(group, "options", OPTIONS, here)
        else:
            self.option_list(element, "options", OPTIONS, at, least=least)

    def option_list(self, element: Json, name: str, most: int, at: str, *, plain: bool = True, least: int = 1) -> None:
        for index, option in enumerate(self.items(element, name, most, at, least=least)):
            self.option(option, f"{at}/{name}/{index}", plain=plain)

    def option(self, option: Any, at: str, *, plain: bool) -> None:
        if not isinstance(option, dict):
            self.fault("must be an object", at)
            return
        self.properties(option, {"text", "value", "description", "url"}, at)
        self.text(option, "text", OPTION_TEXT, at, plain=plain, required=True)
        self.string(option, "value", OPTION_VALUE, at, required=True)
        self.text(option, "description", OPTION_DESCRIPTION, at, plain=plain)

    def initial_options(self, element: Json, at: str) -> None:
        known = options_of(element)
        wanted = [("initial_option", element["initial_option"])] if "initial_option" in element else []
        if isinstance(element.get("initial_options"), list):
            wanted += [(f"initial_options/{i}", option) for i, option in enumerate(element["initial_options"])]
            if not element["initial_options"]:
                self.fault("no fewer than 1 items allowed", f"{at}/initial_options")
        for name, option in wanted:
            self.option(option, f"{at}/{name}", plain="select" in str(element.get("type")))
            if known and option not in known:
                # sdk and ref: "must exactly match one of the options"
                self.fault("must exactly match one of the provided options", f"{at}/{name}")
