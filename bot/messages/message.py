"""What is posted: blocks for the eye, and a text that says the same to a phone or a screen reader."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from bot.messages.words import SOURCE_LANGUAGE


@dataclass(frozen=True, slots=True)
class Message:
    """One Slack message. `text` is all that a notification or a screen reader gets, so it cannot be empty."""

    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    language: str = SOURCE_LANGUAGE

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a message needs a text: it is all that a notification or a screen reader gets")

    @property
    def words(self) -> str:
        """Everything that is read in it, for a terminal: a line between sections, no buttons."""
        return html.unescape(self.in_slack)

    @property
    def in_slack(self) -> str:
        """The same with Slack's markup: mentions, links, and `&lt;` for what is none."""
        said = [self.text] if not self.blocks else []
        for block in self.blocks:
            texts = [block["text"]] if "text" in block else block.get("elements", [])
            said += [one["text"] for one in texts if isinstance(one.get("text"), str)]
        return "\n\n".join(said).replace("\u200b", "")

    def as_payload(self) -> dict[str, Any]:
        """`text` and, where there are any, `blocks`, as `chat.postMessage` and `respond` take them."""
        return {"text": self.text, "blocks": list(self.blocks)} if self.blocks else {"text": self.text}
