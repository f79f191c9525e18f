"""Words of a closed list within a sentence."""

from __future__ import annotations

import pytest

from bot.cases.changes import BY_NAME
from bot.cases.vocabulary import Cause, Group, Region, Solution
from bot.messages.words import BOKMAAL


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cause", Cause.QUALITY, "årsak kvalitet eller GMP"),
        ("groups", (Group.CHILDREN, Group.CANCER), "rammer barn, kreftpasienter"),
        ("in_use", (Solution.RATIONING,), "tiltak i gang: rasjonering (DMP)"),
        ("regions", (Region.NORTH,), "regioner: Helse Nord"),
        ("groups", None, "ingen pasientgruppe er nevnt"),
    ],
)
def test_a_word_within_a_sentence_is_small_and_a_name_keeps_its_capital(field: str, value: object, said: str) -> None:
    told = BY_NAME[field].said(value)
    assert BOKMAAL.say(told) == said == str(told)


@pytest.mark.parametrize(("words", "inside"), [("DMP", "DMP"), ("B180S", "B180S"), ("E-post", "e-post"), ("", "")])
def test_an_abbreviation_stays(words: str, inside: str) -> None:
    assert BOKMAAL.inside(words) == inside
