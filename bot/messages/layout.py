"""The line language of the templates: rendered lines to Slack's blocks.

    text: Ny mangelsak: Valtrex        what a notification and a screen reader say
    # Mangelmøtet uke 29               a heading
    *Valtrex* · 2026-0147              words, in Slack's own mrkdwn; lines together are one section
    > quoted                           a quoted line
    - point                            a point in a list
    @[Vis sak](show_case 2026-0147)    a button beside the section above it
                                       an empty line in the template begins a new section
    -# Lagertall: 10. juli             small print
    ---                                a rule
    [Ta saken](take_case 2026-0147 primary)  [Avslutt](close_case 2026-0147 danger)     a row of buttons

A button is `[label](action_id value style)`; value and style (`primary`, `danger`) may be left out. A line
that came out empty, because what stood in it did, is left out. Values are hidden while lines are read
(`values.hide`), so only the template's own characters mean anything here.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Block: TypeAlias = dict[str, Any]

NEW_SECTION = "\ue000"  # what an empty line of a template becomes: a line that merely came out empty is none
_BUTTON = r"\[([^\[\]]*)\]\(([^()]*)\)"
_BUTTON_ROW = re.compile(rf"(?:{_BUTTON} *)+")
_STYLES = ("primary", "danger")


class LayoutError(ValueError):
    """A template's line means nothing where it stands."""


def read_lines(rendered: str) -> tuple[str, list[Block]]:
    """The fallback text and the blocks of a rendered template, values still hidden."""
    said: list[str] = []
    blocks: list[Block] = []
    kind = ""  # what the lines before this one are part of, if it may go on: "section", "context", "actions"
    for line in map(str.strip, rendered.split("\n")):
        if line == NEW_SECTION:
            kind = ""
        elif line in ("", "#", "-#", "-"):
            continue  # what stood in it came out empty
        elif line.startswith("text:"):
            said.append(line.removeprefix("text:").strip())
        elif line.startswith("# "):
            blocks.append({"type": "header", "text": plain(line[2:].strip())})
            kind = ""
        elif line == "---":
            blocks.append({"type": "divider"})
            kind = ""
        elif line.startswith("@["):
            _put_beside(blocks, line)
        elif _BUTTON_ROW.fullmatch(line):
            _add_buttons(blocks, line)
            kind = ""
        elif line.startswith("-# "):
            if kind == "context":
                blocks[-1]["elements"][0]["text"] += "\n" + line[3:].strip()
            else:
                blocks.append({"type": "context", "elements": [mrkdwn(line[3:].strip())]})
            kind = "context"
        else:
            line = "• " + line[2:] if line.startswith("- ") else line
            if kind == "section":
                blocks[-1]["text"]["text"] += "\n" + line
            else:
                blocks.append({"type": "section", "text": mrkdwn(line)})
            kind = "section"
    return "\n".join(filter(None, said)), blocks


def mrkdwn(text: str) -> Block:
    """A text object whose marks Slack reads, without guessing links or names in it (`verbatim`)."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    """A text object shown as it stands."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _button(label: str, target: str) -> Block:
    action_id, *rest = target.strip().split(" ")
    if not action_id:
        raise LayoutError(f"the button «{label}» has no action")
    button: Block = {"type": "button", "action_id": action_id, "text": plain(label.strip() or "…")}
    if rest and rest[-1] in _STYLES:
        button["style"] = rest.pop()
    if value := " ".join(rest).strip():
        button["value"] = value
    return button


def _put_beside(blocks: list[Block], line: str) -> None:
    found = re.fullmatch(f"@{_BUTTON}", line)
    if found is None or not blocks or blocks[-1]["type"] != "section":
        raise LayoutError(f"«{line}» must be one button, on the line after a section's words")
    blocks[-1]["accessory"] = _button(*found.groups())


def _add_buttons(blocks: list[Block], line: str) -> None:
    """A row of buttons; an action_id may stand once in a block, so a second of its kind begins a new row."""
    row: list[Block] = []
    for label, target in re.findall(_BUTTON, line):
        button = _button(label, target)
        if any(other["action_id"] == button["action_id"] for other in row):
            blocks.append({"type": "actions", "elements": row})
            row = []
        row.append(button)
    blocks.append({"type": "actions", "elements": row})
