"""Slack's limits, kept by construction: long texts are split, labels end in "…", nothing is dropped unsaid.

The numbers are those of https://docs.slack.dev/reference/block-kit (blocks, block elements, composition
objects) and of https://docs.slack.dev/reference/views, counted on the text as it is sent, entities and all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.messages.layout import Block

TEXT = 3000  # a text object; also the fallback text, of which phones show far less
HEADER = 150
LABEL = 75  # a button's text
OPTION = 75  # an option's text, and its description
OPTION_VALUE = 150
BUTTON_VALUE = 2000
ROW = 25  # elements in an actions block
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 12_000
"""All blocks of a message together, as JSON. Slack documents no such limit but answers `msg_blocks_too_long`
from about 13,200 characters on: https://github.com/slackapi/bolt-js/issues/2509."""


class LimitError(ValueError):
    """What a developer wrote is more than Slack takes, and neither prose to split nor a label to shorten."""


def shorten(text: str, limit: int) -> str:
    """`text`, or as many of its first words as fit with "…" after them."""
    if len(text) <= limit:
        return text
    between_words = text.rfind(" ", limit // 2, limit)
    words = text[: between_words if between_words > 0 else limit - 1]
    return words.rstrip(" ,.;:·–-") + "…"


# --- a section that is too long -------------------------------------------------------------------

_ATOM = re.compile(r"<[^<>\n]*>|&\w+;|\S|\s")  # what must not be cut: Slack's markup, an entity
_MARK = re.compile(r"(?<![\w\u200b])[*_~]+(?=[^\s\u200b])|(?<=[^\s\u200b])[*_~]+(?![\w\u200b])")


def split_text(text: str, limit: int = TEXT) -> list[str]:
    """`text` in parts of at most `limit`, between lines where that is possible, then between words."""
    parts: list[str] = []
    part = ""
    for line in text.split("\n"):
        for piece in _split_line(line, limit):
            if part and len(part) + 1 + len(piece) > limit:
                parts.append(part)
                part = piece
            else:
                part = f"{part}\n{piece}" if part else piece
    return [*parts, part]


def beginning(text: str, limit: int) -> str:
    """As much of a `mrkdwn` text as fits, with "…" where there is more; no markup or entity is cut."""
    return text if len(text) <= limit else split_text(text, limit - 1)[0] + "…"


def _split_line(line: str, limit: int) -> Iterator[str]:
    """A line in pieces that fit; each piece of a quoted line is quoted, and marks left open are closed."""
    quoted = "> " if line.startswith(">") else ""
    while len(line) > limit:
        cut = _cut_before(line, limit - 4)
        marks = _left_open(line[:cut])
        yield line[:cut].rstrip() + marks[::-1]
        line = quoted + marks + line[cut:].lstrip()
    yield line


def _cut_before(line: str, limit: int) -> int:
    """After the last space that leaves at least half of `limit`, else between two characters."""
    space = place = 0
    for atom in _ATOM.finditer(line):
        if atom.end() > limit:
            break
        place = atom.end()
        space = place if atom[0] == " " else space
    return (space if space > limit // 2 else place) or limit


def _left_open(text: str) -> str:
    """The marks that stand open at the end of `text`, in the order in which they were opened."""
    opened = ""
    for mark in _MARK.finditer(text):
        for sign in mark[0]:
            opened = opened.replace(sign, "") if sign in opened else opened + sign
    return opened


# --- blocks that are too many or too large --------------------------------------------------------


def fit(blocks: list[Block]) -> list[Block]:
    """`blocks` with every text and row within its limit: split where it is prose, shortened where a label."""
    return [fitting for block in blocks for fitting in _fit_block(block)]


def _fit_block(block: Block) -> Iterator[Block]:
    match block:
        case {"type": "section", "text": {"text": str(text)}} if len(text) > TEXT:
            *first, last = split_text(text)
            for part in first:
                yield {"type": "section", "text": block["text"] | {"text": part}}
            yield block | {"text": block["text"] | {"text": last}}
        case {"type": "context", "elements": [{"text": str(text)}]} if len(text) > TEXT:
            for part in split_text(text):
                yield block | {"elements": [block["elements"][0] | {"text": part}]}
        case {"type": "actions", "elements": list(elements)} if len(elements) > ROW:
            for start in range(0, len(elements), ROW):
                yield block | {"elements": elements[start : start + ROW]}
        case _:
            yield block


def into_parts(blocks: list[Block]) -> list[list[Block]]:
    """`blocks` in as few messages as hold them, with room for one line that says which part it is.

    Buttons and small print stay with what they belong to.
    """
    parts: list[list[Block]] = [[]]
    size = 0
    for group in _that_belong_together(blocks):
        added = _size(group)
        full = len(parts[-1]) + len(group) > MESSAGE_BLOCKS - 1 or size + added > MESSAGE_CHARACTERS - 300
        if parts[-1] and full:
            parts.append([])
            size = 0
        parts[-1] += group
        size += added
    return parts


def _that_belong_together(blocks: list[Block]) -> Iterator[list[Block]]:
    group: list[Block] = []
    for block in blocks:
        after_heading = bool(group) and group[-1]["type"] in ("header", "divider")
        belongs = after_heading or block["type"] in ("actions", "context")
        if group and not (belongs and _size([*group, block]) < MESSAGE_CHARACTERS // 2):
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _size(blocks: list[Block]) -> int:
    return sum(len(json.dumps(block, ensure_ascii=False)) + 2 for block in blocks)


# --- what a developer wrote -----------------------------------------------------------------------

_LONGEST = {  # of a string, or of the text in a text object, by the name it goes under
    "action_id": 255,
    "block_id": 255,
    "callback_id": 255,
    "external_id": 255,
    "private_metadata": 3000,
    "label": 2000,
    "hint": 2000,
    "placeholder": 150,
    "submit": 24,
    "close": 24,
}
_LONGEST_OF_OPTION = _LONGEST | {"text": OPTION, "description": OPTION, "value": OPTION_VALUE}
_LONGEST_OF_BUTTON = _LONGEST | {"value": BUTTON_VALUE}
_MOST = {"options": 100, "option_groups": 100, "fields": 10}


def check(node: Any, where: str) -> None:
    """Raise `LimitError` for what Slack would refuse in a view or a message: where, and how much too long."""
    if isinstance(node, list):
        for number, value in enumerate(node):
            check(value, f"{where}[{number}]")
    elif isinstance(node, dict) and node.get("type") in ("plain_text", "mrkdwn") and isinstance(node.get("text"), str):
        _at_most(len(node["text"]), TEXT, where)
        if not node["text"]:
            raise LimitError(f"{where} is empty")
    elif isinstance(node, dict):
        longest = _LONGEST_OF_OPTION if _is_option(node) else _LONGEST
        if node.get("type") == "button":
            longest = _LONGEST_OF_BUTTON
        for key, value in node.items():
            if key in longest:
                text = value["text"] if isinstance(value, dict) else value
                _at_most(len(text), longest[key], f"{where}.{key}")
            if key in _MOST:
                _at_most(len(value), _MOST[key], f"{where}.{key}", "choices")
            if isinstance(value, dict | list):
                check(value, f"{where}.{key}")


def check_view(view: Any, where: str) -> dict[str, Any]:
    """`view`, if `check` passes and what holds for a whole modal or Home does too."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        raise LimitError(f"{where} must be an object with type modal or home")
    if not isinstance(view.get("blocks"), list):
        raise LimitError(f"{where} has no blocks")
    _at_most(len(view["blocks"]), VIEW_BLOCKS, f"{where}.blocks", "blocks")
    if view["type"] == "modal":
        if "title" not in view:
            raise LimitError(f"{where} has no title")
        _at_most(len(view["title"]["text"]), 24, f"{where}.title")
        if "submit" not in view and any(block.get("type") == "input" for block in view["blocks"]):
            raise LimitError(f"{where} asks for something and has no submit")
    check(view, where)
    return view


def _at_most(length: int, limit: int, where: str, unit: str = "characters") -> None:
    if length > limit:
        raise LimitError(f"{where} is {length} {unit} long, Slack takes {limit}")


def _is_option(node: Block) -> bool:
    return "type" not in node and "value" in node and "text" in node


def label_limit(node: Block, key: str) -> int | None:
    """How long the text under `key` may be where it is a label, often made of a value, that is shortened."""
    if key not in ("text", "description"):
        return None
    if key == "text" and node.get("type") in ("header", "button"):
        return HEADER if node["type"] == "header" else LABEL
    return OPTION if _is_option(node) else None
