"""What is posted: blocks for the eye, and a text that says the same to a phone or a screen reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One Slack message. `text` is all that a notification or a screen reader gets, so it cannot be empty."""

    text: str
    blocks: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a message needs a text: it is all that a notification or a screen reader gets")

    def as_payload(self) -> dict[str, Any]:
        """`text` and, where there are any, `blocks`, as `chat.postMessage` and `respond` take them."""
        return {"text": self.text, "blocks": list(self.blocks)} if self.blocks else {"text": self.text}
