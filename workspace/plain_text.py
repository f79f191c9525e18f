"""What a person reads: blocks and mrkdwn as plain text, for golden files and for eyes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workspace.elements import elements_of, is_empty, options_of

if TYPE_CHECKING:
    from workspace.state import Json, Message, State, View

_REFERENCE = re.compile(r"<([^<>]+)>")
_MARKS = [
    re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"),
    re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"),
    re.compile(r"(?<![\w`])`(?=\S)([^`\n]+?)(?<=\S)`(?![\w`])"),
]


def unescaped(text: str) -> str:
    """`&lt;`, `&gt;`, `&amp;` as the signs they stand for."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mrkdwn_as_read(text: str, state: State | None, *, marks: bool = False) -> str:
    """mrkdwn as a reader sees it: links by their words, people by their names."""

    def reference(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        if target.startswith("@"):
            user = state.users.get(target[1:]) if state else None
            return f"@{user.name if user else label or target[1:]}"
        if target.startswith("#"):
            channel = state.channels.get(target[1:]) if state else None
            return f"#{channel.name if channel else label or target[1:]}"
        if target.startswith("!subteam^"):
            group = state.groups.get(target[9:]) if state else None
            return f"@{group.handle if group else label.lstrip('@') or target[9:]}"
        if target.startswith("!date^"):
            return label
        if target.startswith("!"):
            return f"@{label or target[1:]}"
        return label or target

    read = _REFERENCE.sub(reference, text)
    if not marks:
        for pattern in _MARKS:
            read = pattern.sub(r"\1", read)
    return unescaped(read)


def text_object_as_read(thing: Json | None, state: State | None, *, marks: bool = False) -> str:
    """A text object as read; nothing for None."""
    if not thing:
        return ""
    text = str(thing.get("text", ""))
    return mrkdwn_as_read(text, state, marks=marks) if thing.get("type") == "mrkdwn" else text


def element_as_read(element: Json, entry: Json | None, state: State | None) -> str:
    """An element in one line: `[Label]`, `( ) choice`, `‹what is filled in›`."""
    kind = str(element.get("type", ""))
    if kind == "button":
        return f"[{element.get('text', {}).get('text', '')}]"
    if kind == "overflow":
        return f"[… {' | '.join(str(o.get('text', {}).get('text', '')) for o in options_of(element))}]"
    if kind == "image":
        return f"(bilde: {element.get('alt_text', '')})"
    if kind in ("radio_buttons", "checkboxes"):
        chosen = []
        if entry:
            one = entry.get("selected_option")
            chosen = [one] if one else list(entry.get("selected_options") or [])
        on, off = ("(•)", "( )") if kind == "radio_buttons" else ("[x]", "[ ]")
        return "\n".join(
            f"{on if option in chosen else off} {text_object_as_read(option.get('text'), state)}"
            for option in options_of(element)
        )
    if is_empty(entry):
        return f"‹{element.get('placeholder', {}).get('text', '')}›"
    if entry is None:
        return ""
    for key in ("selected_option", "selected_options"):
        if key in entry:
            options = entry[key] if isinstance(entry[key], list) else [entry[key]]
            return f"‹{', '.join(str(o.get('text', {}).get('text', '')) for o in options)}›"
    value = next((v for k, v in entry.items() if k != "type"), "")
    return f"‹{', '.join(map(str, value)) if isinstance(value, list) else value}›"


def rich_text_as_read(elements: list[Json], state: State | None) -> str:
    """A rich_text block's inside as text."""
    parts: list[str] = []
    for element in elements:
        kind = element.get("type")
        if kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
            parts.append(rich_text_as_read(element.get("elements", []), state))
        elif kind == "rich_text_list":
            items = [rich_text_as_read([item], state) for item in element.get("elements", [])]
            parts.append("\n".join(f"• {item}" for item in items) + "\n")
        elif kind == "user":
            user = state.users.get(str(element.get("user_id"))) if state else None
            parts.append(f"@{user.name if user else element.get('user_id')}")
        elif kind == "channel":
            channel = state.channels.get(str(element.get("channel_id"))) if state else None
            parts.append(f"#{channel.name if channel else element.get('channel_id')}")
        elif kind == "link":
            parts.append(str(element.get("text") or element.get("url", "")))
        elif kind == "emoji":
            parts.append(f":{element.get('name')}:")
        elif kind == "broadcast":
            parts.append(f"@{element.get('range')}")
        else:
            parts.append(str(element.get("text", "")))
    return "".join(parts)


def block_as_read(block: Json, values: dict[str, dict[str, Json]], state: State | None, *, marks: bool = False) -> str:
    """One block as lines of text."""
    kind = block.get("type")
    entries = values.get(str(block.get("block_id", "")), {})
    if kind == "divider":
        return "---"
    if kind == "header":
        text = text_object_as_read(block.get("text"), state)
        return f"# {text}" if marks else text
    if kind == "section":
        lines = [text_object_as_read(block.get("text"), state, marks=marks)]
        lines += [text_object_as_read(f, state, marks=marks) for f in block.get("fields", [])]
        if block.get("accessory"):
            accessory = block["accessory"]
            lines.append(element_as_read(accessory, entries.get(str(accessory.get("action_id"))), state))
        return "\n".join(line for line in lines if line)
    if kind == "context":
        return " ".join(
            element_as_read(e, None, state) if e.get("type") == "image" else text_object_as_read(e, state, marks=marks)
            for e in block.get("elements", [])
        )
    if kind == "actions":
        return " ".join(
            element_as_read(e, entries.get(str(e.get("action_id"))), state) for e in block.get("elements", [])
        )
    if kind == "input":
        element = block.get("element", {})
        label = text_object_as_read(block.get("label"), state)
        optional = " (valgfritt)" if block.get("optional") else ""
        lines = [
            f"{label}{optional}:",
            element_as_read(element, entries.get(str(element.get("action_id"))), state),
        ]
        hint = text_object_as_read(block.get("hint"), state)
        return "\n".join([*lines, hint] if hint else lines)
    if kind == "image":
        return f"(bilde: {block.get('alt_text', '')})"
    if kind == "rich_text":
        return rich_text_as_read(block.get("elements", []), state).rstrip("\n")
    if kind == "markdown":
        return str(block.get("text", ""))
    if kind == "table":
        return "\n".join(
            " | ".join(
                str(cell.get("text", ""))
                if cell.get("type") == "raw_text"
                else rich_text_as_read(cell.get("elements", []), state)
                for cell in row
            )
            for row in block.get("rows", [])
        )
    return ""


def message_as_read(message: Message, *, marks: bool = False) -> str:
    """A message as read: its blocks, or its text when it has none; files by name."""
    if message.blocks:
        values: dict[str, dict[str, Json]] = {}
        for place in elements_of(message.blocks):
            from workspace.elements import initial_value

            entry = initial_value(place.element)
            if entry:
                values.setdefault(place.block_id, {})[place.action_id] = entry
        lines = [block_as_read(b, values, message.state, marks=marks) for b in message.blocks]
    else:
        lines = [mrkdwn_as_read(message.text, message.state, marks=marks)]
    lines += [f"(fil: {f.get('name')})" for f in message.files]
    return "\n".join(line for line in lines if line)


def view_as_read(view: View, *, marks: bool = False) -> str:
    """A view as read: title, blocks with what is filled in, errors, buttons at the foot."""
    lines = [f"# {view.title}"] if view.title else []
    for block in view.blocks:
        lines.append(block_as_read(block, view.values, view.state, marks=marks))
        error = view.errors.get(str(block.get("block_id", "")))
        if error:
            lines.append(f"! {error}")
    foot = [view.body[name]["text"] for name in ("close", "submit") if view.body.get(name)]
    if foot:
        lines.append(" ".join(f"[{label}]" for label in foot))
    return "\n".join(line for line in lines if line)


def called_by(message: Message) -> list[str]:
    """Whom the message notifies by a live reference in text or blocks."""
    found: dict[str, None] = {}

    def walk(thing: object) -> None:
        if isinstance(thing, dict):
            if thing.get("type") == "user" and "user_id" in thing:
                found[str(thing["user_id"])] = None
            if thing.get("type") == "broadcast":
                found[str(thing.get("range"))] = None
            if thing.get("type") == "mrkdwn":
                scan(str(thing.get("text", "")))
            for value in thing.values():
                walk(value)
        elif isinstance(thing, list):
            for value in thing:
                walk(value)

    def scan(text: str) -> None:
        for match in _REFERENCE.finditer(text):
            target = match.group(1).partition("|")[0]
            if target.startswith("@") or target in ("!channel", "!here", "!everyone"):
                found[target[1:]] = None
            elif target.startswith("!subteam^"):
                found[target[9:]] = None

    scan(message.text)
    walk(message.blocks)
    return list(found)
