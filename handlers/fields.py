"""A form's state as Slack sends it, read by block id."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bot.messages.phrase import phrase
from bot.refusal import Refused


class Fields:
    """The values of a view. What was left empty is None; what is not there is None too."""

    def __init__(self, view: dict[str, Any]) -> None:
        self._values: dict[str, dict[str, Any]] = (view.get("state") or {}).get("values") or {}

    def _element(self, block_id: str) -> dict[str, Any]:
        return next(iter((self._values.get(block_id) or {}).values()), None) or {}

    def text(self, block_id: str) -> str | None:
        """A text field, without space around it."""
        value = self._element(block_id).get("value")
        return value.strip() or None if isinstance(value, str) else None

    def chosen(self, block_id: str) -> str | None:
        """The value of the chosen option."""
        option = self._element(block_id).get("selected_option")
        return option.get("value") if isinstance(option, dict) else None

    def ticked(self, block_id: str) -> list[str]:
        """The values of the ticked boxes."""
        return [option["value"] for option in self._element(block_id).get("selected_options") or []]

    def date(self, block_id: str) -> dt.date | None:
        """A date. Raises `Refused` for one that does not exist."""
        value = self._element(block_id).get("selected_date")
        if not value:
            return None
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise Refused(phrase("Datoen {date} finnes ikke.", date=value), field=block_id) from None
