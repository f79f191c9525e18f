"""Reports that come faster than they can be filed: each is kept, told of at once, and filed in its turn."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import text

from bot.cases.reporting import STANDS_BACK
from bot.delivery.inbox import MOST_ATTEMPTS
from bot.reception import AT_ONCE
from storage.tables import KeptEvent, ShortageReport
from tests.journeys.conftest import House, furnished, standing_in
from workspace import User

A_LEASE = dt.timedelta(minutes=2)


def a_long_line(house: House) -> AbstractAsyncContextManager[None]:
    """Inside, somebody's report is being filed and takes its time, and others wait behind it."""
    return standing_in(house.bot.services.reporting.turns, 20)


def takes_long(house: House) -> None:
    """From now on a single report that is kept is a long line."""
    house.bot.services.reporting._took = 30.0


def people_before_forms(house: House) -> AbstractAsyncContextManager[None]:
    """Inside, more people wait for a form to open than can be answered side by side."""
    return standing_in(house.bot.services.readers, AT_ONCE + 1)


async def sent(house: House, user: User, **more: Any) -> Any:
    return await house.report(user, "valtrex 500", "Valtrex tab 500 mg", note="Siste pakning", **more)


def seen(house: House, user: User) -> str:
    view = house.ws.current_view(user)
    return "" if view is None else view.plain()


async def test_who_sends_while_many_do_hears_at_once_and_gets_the_number_afterwards(house: House) -> None:
    async with a_long_line(house):
        submission = await sent(house, house.kari)
        assert submission.ack.ok and not submission.errors
        assert "Takk, meldingen om Valtrex tab 500 mg er mottatt." in seen(house, house.kari)
        assert "saksnummeret kommer om litt, i en direktemelding" in seen(house, house.kari)
        assert "ikke en bestilling" in seen(house, house.kari)
        assert await house.rows(ShortageReport) == []
        (kept,) = await house.rows(KeptEvent)
        assert not kept.handled and kept.body["view"]["blocks"] == []
        sent_at = house.clock.now()
        house.clock.advance(dt.timedelta(minutes=5))
    receipt = await house.said(house.kari, "2025-0001")
    assert "er registrert som 2025-0001" in receipt.plain()
    await house.said(house.cases, "2025-0001")
    await house.ws.quiet()
    (report,) = await house.rows(ShortageReport)
    assert report.note == "Siste pakning"
    assert report.reported_at == sent_at
    (kept,) = await house.rows(KeptEvent)
    assert kept.handled and kept.body is None  # nothing of what was written stays there


async def test_sent_twice_while_it_waits_it_is_one_report(house: House) -> None:
    async with a_long_line(house):
        await sent(house, house.kari)
        assert (await house.ws.redeliver()).ok
    await house.said(house.kari, "2025-0001")
    await house.ws.quiet()
    assert len(await house.rows(ShortageReport)) == 1
    assert len(house.by_bot(house.kari)) == 1


async def two_kept_and_people_wait(house: House, people: AsyncExitStack, after: dt.timedelta) -> None:
    """Kari's is filed next and Ola's after it, `after` they were sent; then the line before them is gone."""
    takes_long(house)
    async with a_long_line(house):
        await sent(house, house.kari)
        await sent(house, house.ola)
        await people.enter_async_context(people_before_forms(house))
        house.clock.advance(after)
    await house.said(house.kari, "er registrert som 2025-0001")


async def test_a_report_that_is_kept_lets_those_go_first_who_wait_for_a_form(house: House) -> None:
    async with AsyncExitStack() as people:
        await two_kept_and_people_wait(house, people, dt.timedelta())
        await house.ws.quiet()
        assert len(await house.rows(ShortageReport)) == 1
        assert house.bot.services.reporting.turns.ahead == 0  # nor is it being filed
    await house.said(house.ola, "2025-0001")
    assert len(await house.rows(ShortageReport)) == 2


async def test_few_that_are_kept_stand_back_for_nobody(house: House) -> None:
    async with AsyncExitStack() as people:
        async with a_long_line(house):
            await sent(house, house.kari)
            await sent(house, house.ola)
            await people.enter_async_context(people_before_forms(house))
        await house.said(house.ola, "2025-0001")


async def test_but_not_for_longer_than_a_minute(house: House) -> None:
    async with AsyncExitStack() as people:
        await two_kept_and_people_wait(house, people, STANDS_BACK)
        await house.said(house.ola, "2025-0001")
        assert len(await house.rows(ShortageReport)) == 2


async def test_nor_for_longer_where_the_clock_was_put_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cases.reporting.STANDS_BACK", dt.timedelta(seconds=5))
    takes_long(house)
    reporters = [house.kari, house.ola, house.dag, house.mona, house.per]
    async with AsyncExitStack() as people:
        async with a_long_line(house):
            for user in reporters:
                await sent(house, user)
            await people.enter_async_context(people_before_forms(house))
            house.clock.advance(-dt.timedelta(hours=1))
            await asyncio.sleep(5)
        async with asyncio.timeout(15):  # not five seconds for each of them
            for user in reporters:
                await house.said(user, "2025-0001")


async def test_who_sends_while_one_that_is_kept_stands_back_does_not_go_ahead_of_it(house: House) -> None:
    await house.ws.slash(house.dag, "/mangel meld valtrex 500 mg tab")
    await house.ws.view(house.dag)
    async with AsyncExitStack() as people:
        await two_kept_and_people_wait(house, people, dt.timedelta())
        submission = await house.ws.submit(house.dag, {"place": "UNN Tromsø", "runs_out": "3_days"})
        assert submission.ack.ok
        assert "er mottatt" in seen(house, house.dag)
    await house.said(house.dag, "2025-0001")
    reports = await house.rows(ShortageReport)
    assert [report.typed for report in reports].index("valtrex 500 mg tab") == len(reports) - 1 == 2


async def test_what_is_wrong_is_said_in_the_form_and_nothing_is_kept(house: House) -> None:
    async with a_long_line(house):
        submission = await house.report(
            house.kari, "valtrex 500", "Valtrex tab 500 mg", note="Pasient 13097248022 får ikke medisin"
        )
        assert "note" in submission.errors
        assert await house.rows(KeptEvent) == []


async def test_a_report_too_many_is_refused_before_it_is_kept(database_url: str) -> None:
    async with furnished(database_url, reports_per_hour=2) as house:
        async with a_long_line(house):
            for _ in range(2):
                assert not (await sent(house, house.kari)).errors
                while house.ws.current_view(house.kari) is not None:
                    await house.ws.close(house.kari)
            refused = await sent(house, house.kari)
            assert "Du har meldt 2 mangler den siste timen" in str(refused.errors)
        await house.ws.wait_for(lambda: len(house.by_bot(house.kari)) == 2, what="two receipts")
        assert len(await house.rows(ShortageReport)) == 2


async def test_a_bot_that_stops_before_it_is_filed_files_it_when_it_is_back(house: House) -> None:
    async with a_long_line(house):
        await sent(house, house.kari)
        old = house.bot
        await house.restart(A_LEASE)
        await house.bot.app.take_up_what_is_left()
        await house.said(house.kari, "2025-0001")
    await old.app.finished(5)
    await house.ws.quiet()
    assert len(await house.rows(ShortageReport)) == 1
    assert len(house.by_bot(house.kari)) == 1


async def one_in_hand_and_twelve_left(house: House) -> KeptEvent:
    """Kari's report is kept here; twelve like it are left of a process that died. Hers."""
    await sent(house, house.kari)
    kept: KeptEvent
    (kept,) = await house.rows(KeptEvent)
    assert kept.body is not None
    async with house.bot.database.unit_of_work() as uow:
        for number in range(12):
            body = kept.body | {"view": kept.body["view"] | {"id": f"V0LEFT{number}"}}
            key = f"view:V0LEFT{number}:report:"
            await uow.add(KeptEvent(key=key, body=body, at=uow.now, lease_until=uow.now))
    return kept


async def test_a_long_line_is_taken_up_in_one_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.inbox.AT_ONCE", 5)
    async with a_long_line(house):
        await one_in_hand_and_twelve_left(house)
        await house.bot.app.take_up_what_is_left()
    assert await house.bot.app.finished(20)
    assert len(await house.rows(ShortageReport)) == 13


async def test_where_many_run_few_are_begun_and_what_is_in_hand_is_held(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.inbox.AT_ONCE", 5)
    monkeypatch.setattr("bot.reception.MANY", 1)
    async with a_long_line(house):
        mine = await one_in_hand_and_twelve_left(house)
        house.clock.advance(dt.timedelta(seconds=40))
        await house.bot.app.take_up_what_is_left()
        rows = {row.key: row for row in await house.rows(KeptEvent)}
        assert rows[mine.key].lease_until > mine.lease_until
        assert sum(row.attempts > 1 for row in rows.values()) == 5


async def test_a_process_that_ends_leaves_what_it_had_in_line_to_the_next(house: House) -> None:
    async with a_long_line(house):
        before = asyncio.all_tasks()
        await sent(house, house.kari)
        for task in asyncio.all_tasks() - before:  # as the loop of a process that ends does
            if "run_ack_function" in repr(task.get_coro()):
                task.cancel()
        await asyncio.sleep(0.1)
    assert await house.bot.app.finished(5)
    (kept,) = await house.rows(KeptEvent)
    assert not kept.handled and kept.body is not None
    assert await house.rows(ShortageReport) == []
    house.clock.advance(A_LEASE)
    await house.bot.app.take_up_what_is_left()
    await house.said(house.kari, "2025-0001")
    assert len(await house.rows(ShortageReport)) == 1


async def test_who_sends_alone_has_the_number_at_once_though_the_last_one_took_long(house: House) -> None:
    takes_long(house)
    await sent(house, house.kari)
    assert "er registrert som 2025-0001" in seen(house, house.kari)


async def test_one_sent_again_counts_once_against_the_limit(database_url: str) -> None:
    async with furnished(database_url, reports_per_hour=1) as house:
        async with a_long_line(house):
            assert not (await sent(house, house.kari)).errors
            again = await house.ws.redeliver()
            assert again.ok and "errors" not in str(again.payload)
        await house.said(house.kari, "2025-0001")


async def test_one_that_cannot_be_filed_is_told_to_who_sent_it(database_url: str) -> None:
    async with furnished(database_url) as house:
        async with a_long_line(house):
            await sent(house, house.kari)
            await renamed(house, "shortage_report", "shortage_report_lost")  # the base is broken
        for _ in range(MOST_ATTEMPTS - 1):
            await house.bot.app.finished(5)
            assert not (await house.rows(KeptEvent))[0].handled  # it is tried again
            house.clock.advance(A_LEASE)
            await house.bot.app.take_up_what_is_left()
        told = await house.said(house.kari, "Meldingen din om Valtrex tab 500 mg ble mottatt, men kom ikke inn.")
        assert "oppgi kode" in told.plain()
        assert (await house.rows(KeptEvent))[0].handled
        await renamed(house, "shortage_report_lost", "shortage_report")


async def test_one_whose_medicine_left_the_list_meanwhile_is_told_to_who_sent_it(house: House) -> None:
    async with a_long_line(house):
        await sent(house, house.kari)
        (kept,) = await house.rows(KeptEvent)
    await house.said(house.kari, "2025-0001")
    body = json.loads(json.dumps(kept.body).replace('"p:', '"p:left:'))  # of a process that died
    body["view"]["id"] = "V0ANOTHER1"
    async with house.bot.database.unit_of_work() as uow:
        await uow.add(KeptEvent(key="view:V0ANOTHER1:report:", body=body, at=uow.now, lease_until=uow.now))
    await house.bot.app.take_up_what_is_left()
    await house.said(house.kari, "Meldingen din ble mottatt, men kom ikke inn.")
    assert len(await house.rows(ShortageReport)) == 1


async def renamed(house: House, table: str, to: str) -> None:
    async with house.bot.database.unit_of_work() as uow:
        await uow.session.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))
