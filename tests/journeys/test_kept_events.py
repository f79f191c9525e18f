"""Events that Bolt answers by itself, so that no listener of ours begins: none is held for ever."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.delivery.inbox import MOST_ATTEMPTS
from storage.tables import KeptEvent
from tests.journeys.conftest import House, furnished

A_LEASE = dt.timedelta(seconds=61)


async def test_a_file_of_the_bots_own_is_not_kept(house: House) -> None:
    before = len(house.ws.deliveries)
    await house.bot.client.files_upload_v2(channel=house.stock.id, filename="fordeling.csv", content="a;b")
    await house.ws.wait_for(lambda: len(house.ws.deliveries) > before, 20, "the event of the file")
    await house.ws.quiet()
    assert await house.rows(KeptEvent) == []
    assert house.ws.ephemerals(house.mona, house.stock) == []


async def ask_while_slack_is_unwell(house: House, times: int) -> None:
    """Kari asks; Bolt cannot find out who the bot is, so often."""
    house.ws.answer("auth.test", error="internal_error", times=times)
    await house.ws.say(house.kari, house.info, f"<@{house.ws.bot_user_id}> status valtrex")
    await house.ws.quiet()


async def test_a_question_that_no_listener_began_is_taken_up_and_answered(database_url: str) -> None:
    async with furnished(database_url) as house:
        await ask_while_slack_is_unwell(house, 1)
        house.clock.advance(A_LEASE)
        await house.bot.app.take_up_what_is_left()
        await house.said(house.info, "Valtrex")
        await house.ws.quiet()
        (kept,) = await house.rows(KeptEvent)
        assert kept.handled


async def test_an_event_that_no_listener_ever_begins_is_let_go_in_the_end(database_url: str) -> None:
    async with furnished(database_url) as house:
        await ask_while_slack_is_unwell(house, 100)
        for _ in range(MOST_ATTEMPTS - 1):
            (kept,) = await house.rows(KeptEvent)
            assert not kept.handled
            house.clock.advance(A_LEASE)
            await house.bot.app.take_up_what_is_left()
        (kept,) = await house.rows(KeptEvent)
        assert kept.handled and kept.body is None
        house.ws.mend()


async def test_where_none_of_some_begins_the_others_keep_their_attempts(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.inbox.AT_ONCE", 2)
    async with furnished(database_url) as house:
        for _ in range(5):
            await ask_while_slack_is_unwell(house, 100)
        house.clock.advance(A_LEASE)
        attempts = sum(row.attempts for row in await house.rows(KeptEvent))
        await house.bot.app.take_up_what_is_left()
        assert sum(row.attempts for row in await house.rows(KeptEvent)) == attempts + 2
        house.ws.mend()
