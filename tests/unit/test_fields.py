"""A form's state, whoever sent it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.refusal import Refused
from handlers.fields import Fields


def typed(value: Any) -> Fields:
    return Fields({"state": {"values": {"days": {"days": {"type": "number_input", "value": value}}}}})


def test_a_whole_number_is_read_and_an_empty_field_is_none() -> None:
    assert typed(" 14 ").number("days") == 14
    assert typed(None).number("days") is None
    assert typed("14").number("weeks") is None


@pytest.mark.parametrize("value", ["to uker", "1,5", "1e3", "12345678901", "٣"])
def test_what_is_no_whole_number_is_refused_beside_its_field(value: str) -> None:
    with pytest.raises(Refused) as refused:
        typed(value).number("days")
    assert refused.value.field == "days"
    assert str(refused.value.phrase) == f"«{value}» er ikke et helt tall."
