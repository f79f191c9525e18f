"""The life of a case as a page of the documentation, drawn from `bot.cases.life_cycle`.

python -m bot.cases.life_cycle_picture    writes docs/life-cycle.md
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bot
from bot.cases.life_cycle import STEPS
from bot.cases.vocabulary import OPEN, Status

PAGE = Path(bot.__file__).parent.parent / "docs" / "life-cycle.md"
_DOT = "[*]"


def mermaid() -> Iterator[str]:
    """The picture, line by line: https://mermaid.js.org/syntax/stateDiagram.html"""
    yield "stateDiagram-v2"
    yield "    direction LR"
    for status in Status:
        yield f'    state "{status.words}" as {status.value}'
    for status in OPEN:
        yield f"    {_DOT} --> {status.value}"
    for step in STEPS:
        for status in step.of:
            yield f"    {status.value} --> {step.to.value}: {step.verb}"
    for status in Status:
        if not any(status in step.of for step in STEPS):
            yield f"    {status.value} --> {_DOT}"


def page() -> str:
    """The whole page."""
    rows = [
        f"| {step.verb} | {', '.join(str(status.words) for status in step.of)} | {step.to.words} "
        f"| {'; '.join(step.needs) or '–'} |"
        for step in STEPS
    ]
    return "\n".join(
        [
            "# The life of a case",
            "",
            "Drawn from `bot/cases/life_cycle.py` by `python -m bot.cases.life_cycle_picture`; a test keeps it true.",
            "Only a person opens or closes a case. *Outcome* (how it went) is apart from status.",
            "",
            "```mermaid",
            *mermaid(),
            "```",
            "",
            "| step | from | to | needs |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
