"""A form's state as Slack sends it, read by block id."""

from __future__ import annotations

import datetime as dt
import json
import re
from enum import StrEnum
from typing import Any, TypeVar

from bot.messages.phrase import phrase
from bot.refusal import NotOurs, Refused

Listed = TypeVar("Listed", bound=StrEnum)


def pressed(body: dict[str, Any]) -> str:
    """The value of the button that was pressed. Raises `Refused` where it has none: it is none of ours."""
    value = body["actions"][0].get("value")
    if not isinstance(value, str) or not value.strip():
        raise NotOurs(OUT_OF_DATE)
    return value


def pressed_id(body: dict[str, Any]) -> int:
    """The row id behind the button that was pressed. Raises `Refused` like `pressed`."""
    return as_id(pressed(body))


def as_id(value: str) -> int:
    """A row id or a page number. Raises `Refused` for what is none."""
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise NotOurs(OUT_OF_DATE)
    return int(value)


_FORM_OUT_OF_DATE = phrase("Skjemaet virker ikke lenger. Åpne det på nytt.")
OUT_OF_DATE = phrase("Knappen virker ikke lenger. Spør på nytt med /mangel.")


class Metadata(dict[str, Any]):
    """What a view was made about. Raises `NotOurs` for a key that is not there: the bot put it there."""

    def __missing__(self, key: str) -> Any:
        raise NotOurs(_FORM_OUT_OF_DATE)

    def number(self, key: str) -> int:
        """A row id or a version. Raises `NotOurs` for what is none."""
        value = self[key]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**9:
            raise NotOurs(_FORM_OUT_OF_DATE)
        return value

    def date(self, key: str) -> dt.date | None:
        """A day, or that there was none. Raises `NotOurs` for what is neither."""
        value = self[key]
        try:
            return dt.date.fromisoformat(value) if value else None
        except (ValueError, TypeError):
            raise NotOurs(_FORM_OUT_OF_DATE) from None


def metadata_of(body: dict[str, Any]) -> Metadata:
    """What the form was opened about, as it was put in its private metadata. Raises `NotOurs` for anything else."""
    try:
        about = json.loads(body["view"].get("private_metadata") or "{}")
    except ValueError:
        raise NotOurs(_FORM_OUT_OF_DATE) from None
    if not isinstance(about, dict):
        raise NotOurs(_FORM_OUT_OF_DATE)
    return Metadata(about)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no keyboard types and no database keeps; line breaks and tabs stay."""


class Fields:
    """The values of a view. What was left empty is None; what is not there is None too."""

    def __init__(self, view: dict[str, Any]) -> None:
        self._values: dict[str, dict[str, Any]] = (view.get("state") or {}).get("values") or {}

    def _element(self, block_id: str) -> dict[str, Any]:
        return next(iter((self._values.get(block_id) or {}).values()), None) or {}

    def text(self, block_id: str) -> str | None:
        """A text field, without space around it."""
        value = self._element(block_id).get("value")
        return _CONTROL.sub("", value).strip() or None if isinstance(value, str) else None

    def number(self, block_id: str, *, digits: int = 6) -> int | None:
        """A whole number of at most so many digits; spaces may part them. Raises `Refused` for what is none."""
        value = self.text(block_id)
        if value is None:
            return None
        value = re.sub(r"(?<=[0-9])\s(?=[0-9])", "", value)
        if not re.fullmatch(rf"-?[0-9]{{1,{digits}}}", value):
            raise Refused(phrase("«{value}» er ikke et helt tall.", value=value), field=block_id)
        return int(value)

    def decimal(self, block_id: str) -> float | None:
        """A number with a decimal comma or point. Raises `Refused` for what is none."""
        value = self.text(block_id)
        if value is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,6}([.,][0-9]{1,6})?", value):
            raise Refused(phrase("«{value}» er ikke et tall.", value=value), field=block_id)
        return float(value.replace(",", "."))

    def chosen(self, block_id: str) -> str | None:
        """The value of the chosen option."""
        option = self._element(block_id).get("selected_option")
        return option.get("value") if isinstance(option, dict) else None

    def person(self, block_id: str) -> str | None:
        """The Slack id of the chosen person."""
        value = self._element(block_id).get("selected_user")
        return value if isinstance(value, str) else None

    def people(self, block_id: str) -> list[str]:
        """The Slack ids of the chosen people."""
        return [str(user) for user in self._element(block_id).get("selected_users") or []]

    def one_of(self, choices: type[Listed], block_id: str) -> Listed | None:
        """The chosen option as a member of a closed list. Raises `Refused` for what is not in the list."""
        value = self.chosen(block_id)
        if value is None:
            return None
        if value not in [choice.value for choice in choices]:
            raise Refused(phrase("Dette valget finnes ikke. Velg på nytt."), field=block_id)
        return choices(value)

    def required(self, choices: type[Listed], block_id: str) -> Listed:
        """Like `one_of`; raises `Refused` where nothing is chosen."""
        chosen = self.one_of(choices, block_id)
        if chosen is None:
            raise Refused(phrase("Velg et svar."), field=block_id)
        return chosen

    def many_of(self, choices: type[Listed], block_id: str) -> tuple[Listed, ...]:
        """The chosen options as members of a closed list. Raises `Refused` for what is not in the list."""
        values = self.ticked(block_id)
        if not set(values) <= {choice.value for choice in choices}:
            raise Refused(phrase("Dette valget finnes ikke. Velg på nytt."), field=block_id)
        return tuple(choices(value) for value in dict.fromkeys(values))

    def ticked(self, block_id: str) -> list[str]:
        """The values of the ticked boxes."""
        return [option["value"] for option in self._element(block_id).get("selected_options") or []]

    def chosen_day(self, block_id: str) -> dt.date | None:
        """The day that a chosen option stands for. Raises `Refused` for what is none."""
        value = self.chosen(block_id)
        try:
            return dt.date.fromisoformat(value) if value else None
        except ValueError:
            raise Refused(phrase("Dette valget finnes ikke. Velg på nytt."), field=block_id) from None

    def date(self, block_id: str) -> dt.date | None:
        """A date. Raises `Refused` for one that does not exist."""
        value = self._element(block_id).get("selected_date")
        if not value:
            return None
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise Refused(phrase("Datoen {date} finnes ikke.", date=value), field=block_id) from None
