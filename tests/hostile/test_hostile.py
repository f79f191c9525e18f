"""Bent payloads reach neither the event loop nor the database as they are, and tell no secret."""

from __future__ import annotations

import random

import pytest

from bot.metrics import Metrics
from bot.payloads import is_slacks
from storage.tables import KeptEvent, ShortageReport
from tests.hostile.attack import attack, recorded
from tests.hostile.mutations import mutated
from tests.journeys.conftest import furnished

PAYLOADS = 300
"""`python -m tests.hostile --payloads 100000` sends more."""


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_bent_payloads_are_answered_and_the_bot_goes_on(database_url: str) -> None:
    async with furnished(database_url) as house:
        payloads = await recorded(house)
        assert all(is_slacks(payload) for payload in payloads)
        found = await attack(house, payloads, PAYLOADS, seed=20261122)
        assert not found.reached_the_loop
        assert not found.secrets
        assert found.sent == PAYLOADS
        stored = str(await house.rows(KeptEvent)) + str(await house.rows(ShortageReport))
        assert "\\x00" not in stored and "\\ud800" not in stored
        assert "Valtrex" in await house.ask(house.kari, "status valtrex 500 mg")


def test_a_payload_of_no_kind_is_counted_like_any_other() -> None:
    metrics = Metrics()
    for kind in (["a"], {"": None}, None, 7, "command"):
        metrics.acknowledged(kind, 200, 0.1)


def test_the_same_seed_bends_the_same_way() -> None:
    payload = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "a"}]}
    assert [mutated(payload, random.Random(7)) for _ in range(3)] == [mutated(payload, random.Random(7))] * 3
    assert payload["user"] == {"id": "U1"}
