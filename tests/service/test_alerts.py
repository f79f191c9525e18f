"""Alerts over weeks of a clock that moves: raised, told, held back, passed on, answered, closed; both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlmodel import col, select

from bot.app import assemble
from bot.clock import OSLO, SetClock
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from bot.stock.pool_forms import MoveForm
from storage.tables import AuditEntry, HeldAlert, OutboxEntry, PoolSilence, StockAlert, StockCount, StockItem, StockUse
from storage.unit_of_work import Database
from tests.service.conftest import CASES, SIRI, STOCK, person, settings_for

MONA, MARI, OLA = "U0MONA0001", "U0MARI0001", "U0OLA00001"
HEADINGS = "lager;preparat;beholdning;enhet;dato;forbruk;periode"
VALTREX = "Valtrex tab 500 mg"
ITEMS = ("Zovirax tab 200 mg", "Zyprexa tab 10 mg", "Zyprexa tab 5 mg", "Zyprexa tab 2,5 mg")
SETTINGS = {
    "pools": {"fokuslisten": {"managers": [MONA, MARI], "limit_days": 60}},
    "roles": {"centre": [SIRI], "meeting": [], "admin": []},
}


def at(text: str) -> dt.datetime:
    """A time in Oslo."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO)


async def house(database: Database, clock: SetClock, **more: Any) -> Services:
    """Fokuslisten with an alert limit of 60 days and two managers; the stock channel is closed."""
    services = assemble(settings_for(**(SETTINGS | more)), database, clock)
    services.channels._closed |= {STOCK: True, CASES: True}
    await services.stock.ensure_pools()
    return services


async def counted(
    services: Services,
    on_hand: int,
    day: str | dt.date,
    items: Iterable[str] = (VALTREX,),
    *,
    pool: str = "Fokuslisten",
    use: int | None = 9000,
) -> None:
    """A sheet: so many tablets of each item on a day, and their use in June (300 a day)."""
    june = f"{use};2025-06" if use else ";"
    rows = [f"{pool};{item};{on_hand};tablett;{day};{june}" for item in items]
    found = await services.sheets.import_file("\n".join((HEADINGS, *rows)).encode(), "lager.csv", create_pools=True)
    assert not found.faults, found.faults


async def stocked(database: Database, names: Iterable[str]) -> None:
    """Ten days of each of these in Fokuslisten."""
    async with database.unit_of_work() as uow:
        items = [StockItem(pool_id="fokuslisten", key=name, name=name, unit="tablett") for name in names]
        await uow.add(*items)
        counts = [
            StockCount(item_id=item.id or 0, counted_on=dt.date(2025, 7, 6), quantity=3000, recorded_at=uow.now)
            for item in items
        ]
        june = {"first": dt.date(2025, 6, 1), "last": dt.date(2025, 6, 30), "quantity": 9000}
        await uow.add(*counts, *(StockUse(item_id=item.id or 0, **june) for item in items))


async def rows_of(database: Database, table: type[Any]) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))


async def said(database: Database, channel: str = STOCK) -> list[OutboxEntry]:
    """What has been said in a channel or to a person; edits of it left out."""
    return [row for row in await rows_of(database, OutboxEntry) if row.channel == channel and row.edits is None]


async def texts(database: Database, channel: str = STOCK) -> list[str]:
    return [row.text for row in await said(database, channel)]


async def done(database: Database) -> list[str]:
    """What was done to alerts, in order."""
    return [row.action for row in await rows_of(database, AuditEntry) if row.subject.startswith("alert:")]


# --- the state machine in the running bot ---


async def test_weeks_of_a_falling_stock_make_one_thread_told_at_each_level_and_no_more(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    one, other = await house(database, clock), await house(second_database, clock)
    start = clock.now()
    for day in range(17 * 7):  # a process is replaced by another each day
        services = (one, other)[day % 2]
        clock.set(start + dt.timedelta(days=day, hours=day % 5))
        if day % 7 == 0:
            left = max(30_000 - 300 * day, 0) if day < 112 else 60_000
            await counted(one, left, clock.now().date(), use=9000 if day == 0 else None)
        await services.alerts.check()
    actions = [action for action in await done(database) if action != "escalated"]
    assert actions == ["raised", "worsen", "worsen", "worsen", "ran_out", "recovered"]

    root, *rest = [row for row in await said(database) if "unanswered" not in row.key]
    assert root.key == "alert:1"
    assert {row.reply_to for row in rest} == {"alert:1"}
    assert len(rest) == 4
    (alert,) = await rows_of(database, StockAlert)
    assert alert.outcome == "recovered"
    raised_on = (alert.raised_at - start).days
    assert 100 - 60 - 7 - 3 <= raised_on <= 100 - 60, "on the projected crossing, a week ahead"


async def test_no_two_messages_come_within_a_week_without_a_change_of_level(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    start, told = clock.now(), []
    swings = itertools.cycle([16_000, 12_500, 17_000, 11_000, 15_500])
    for day in range(40):
        clock.set(start + dt.timedelta(days=day))
        if day % 2 == 0:
            await counted(services, next(swings), clock.now().date(), use=9000 if day == 0 else None)
        told += [(day, view.change.value) for view in await services.alerts.check()]
    assert told[0][1] == "raise"
    for (one, _), (two, change) in itertools.pairwise(told):
        assert two - one >= 7 or change in ("worsen", "recover"), told


async def test_a_limit_that_is_taken_away_closes_the_alert_and_says_why(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    await services.alerts.check()
    without = await house(database, clock, pools={})
    assert await without.alerts.check() == []
    (alert,) = await rows_of(database, StockAlert)
    assert alert.outcome == "no_limit"
    redrawn = [row.blocks for row in await rows_of(database, OutboxEntry) if row.edits == "alert:1"]
    assert "ikke varslingsgrense lenger" in str(redrawn[-1])


async def test_a_figure_that_grows_old_is_marked_in_its_alert(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    await services.alerts.check()
    clock.set(at("2025-07-21 12:00"))
    for _ in range(2):
        assert await services.alerts.check() == []
    redrawn = [row for row in await rows_of(database, OutboxEntry) if row.edits == "alert:1"]
    assert sum("Lagertallet er gammelt" in str(row.blocks) for row in redrawn) >= 1
    assert "Lagertallet er gammelt" in str(redrawn[-1].blocks)


# --- snoozed, false ---


async def test_a_snooze_ends_by_itself_and_says_so(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    (alert,) = await services.alerts.check()
    mona = await person(services, MONA)
    await services.alerts.snooze(alert.id, dt.date(2025, 7, 9), "Leveranse tirsdag", mona, key=None)
    clock.set(at("2025-07-09 12:00"))
    assert await services.alerts.check() == []
    clock.set(at("2025-07-10 08:00"))
    assert [view.change.value for view in await services.alerts.check()] == ["resume"]
    assert "Dempingen er over" in (await texts(database))[-1]
    (row,) = await rows_of(database, StockAlert)
    assert (row.snoozed_until, row.waits_since) == (None, clock.now())
    clock.set(at("2025-07-11 08:00"))
    assert await services.alerts.check() == []


async def test_a_worse_level_breaks_through_a_snooze_and_says_so(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    (alert,) = await services.alerts.check()
    mona = await person(services, MONA)
    await services.alerts.snooze(alert.id, dt.date(2025, 8, 1), "Leveranse snart", mona, key=None)
    clock.set(at("2025-07-08 12:00"))
    await counted(services, 3_000, "2025-07-08", use=None)
    assert [view.change.value for view in await services.alerts.check()] == ["worsen"]
    (news,) = [row for row in await said(database) if ":news:" in row.key]
    assert "Varselet var dempet til 1. aug. Dempingen er opphevet fordi det ble verre." in str(news.blocks)


async def test_a_false_alarm_is_closed_with_a_reason_and_silent_until_the_next_count(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    (alert,) = await services.alerts.check()
    mona = await person(services, MONA)
    for reason in ("  ", "x" * 501, "pasient 01019012480"):
        with pytest.raises(Refused):
            await services.alerts.false_alarm(alert.id, reason, mona, key=None)
    await services.alerts.false_alarm(alert.id, "Juni var et engangsuttak", mona, key=None)
    with pytest.raises(Refused, match="ikke lenger åpent"):
        await services.alerts.follow_up(alert.id, mona, key=None)
    clock.set(at("2025-07-10 12:00"))
    assert await services.alerts.check() == []
    clock.set(at("2025-07-14 12:00"))
    await counted(services, 11_000, "2025-07-13", use=None)
    assert [view.change.value for view in await services.alerts.check()] == ["raise"]
    worth = await services.alerts.week(at("2025-07-07 00:00"), clock.now())
    assert (worth.raised, worth.false) == (1, 1)  # the second one is raised at this very instant


# --- who has it ---


async def test_an_alert_is_given_to_somebody_who_hears_why_and_can_hand_it_back(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    (alert,) = await services.alerts.check()
    siri, mona = await person(services, SIRI), await person(services, MONA)
    await services.alerts.assign(alert.id, MONA, "Ring leverandøren.", siri, seen=None, key=None)
    (told,) = await said(database, MONA)
    for words in ("Ring leverandøren.", f"<@{SIRI}>", "Gi tilbake", "Gi til …", "Rekker trolig til"):
        assert words in str(told.blocks)
    (row,) = await rows_of(database, StockAlert)
    assert (row.followed_by, row.assigned_by, row.waits_since) == (mona.person, siri.person, None)

    mari = await person(services, MARI)
    with pytest.raises(Refused, match="Bare"):
        await services.alerts.hand_back(alert.id, mari, key=None)
    clock.advance(dt.timedelta(hours=1))
    await services.alerts.hand_back(alert.id, mona, key=None)
    with pytest.raises(Refused, match="Ingen følger opp"):
        await services.alerts.hand_back(alert.id, mona, key=None)
    (row,) = await rows_of(database, StockAlert)
    assert (row.followed_by, row.note, row.waits_since) == (None, None, clock.now())


async def test_an_alert_is_given_only_to_those_who_answer_for_the_pool(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    (alert,) = await services.alerts.check()
    mona, ola = await person(services, MONA), await person(services, OLA)
    for forged in (OLA, "nobody", "", None, "U0"):
        with pytest.raises(Refused):
            await services.alerts.assign(alert.id, forged, None, mona, seen=None, key=None)
    for by in (ola,):
        with pytest.raises(NotAllowed):
            await services.alerts.assign(alert.id, MONA, None, by, seen=None, key=None)
    (row,) = await rows_of(database, StockAlert)
    assert row.followed_by is None and row.version == 1


async def test_two_who_press_at_once_do_not_overrun_each_other(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    one, other = await house(database, clock), await house(second_database, clock)
    await counted(one, 12_000, "2025-07-06")
    (alert,) = await one.alerts.check()
    mona, siri = await person(one, MONA), await person(other, SIRI)
    answers = await asyncio.gather(
        one.alerts.follow_up(alert.id, mona, key="a"),
        other.alerts.assign(alert.id, MARI, None, siri, seen=None, key="b"),
        one.alerts.follow_up(alert.id, mona, key="a"),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(answer, Refused) for answer in refused)
    (row,) = await rows_of(database, StockAlert)
    mari = await person(one, MARI)
    assert row.followed_by in (mona.person, mari.person)
    assert row.version == 2


async def test_whoever_follows_it_is_asked_again_when_it_gets_worse(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    (alert,) = await services.alerts.check()
    mona = await person(services, MONA)
    await services.alerts.follow_up(alert.id, mona, key=None)
    clock.set(at("2025-07-08 09:00"))
    await counted(services, 3_000, "2025-07-08", use=None)
    await services.alerts.check()
    (news,) = [row for row in await said(database) if ":news:" in row.key]
    assert f"<@{MONA}>, følger du fortsatt opp?" in str(news.blocks)
    await services.alerts.follow_up(alert.id, mona, key=None)
    clock.set(at("2025-07-20 12:00"))
    await services.alerts.check()
    assert await said(database, MARI) == []


# --- nobody answers ---


async def test_an_alert_that_nobody_answers_goes_to_the_managers_then_to_the_centre_once_each(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    services, other = await house(database, clock), await house(second_database, clock)
    await counted(services, 12_000, "2025-07-06")
    await services.alerts.check()  # Monday at 11; 24 working hours are Thursday at 11, 48 the Tuesday after
    for moment, managers, centre in (
        ("2025-07-10 10:45", 0, 0),
        ("2025-07-10 11:00", 1, 0),
        ("2025-07-11 11:00", 1, 0),
        ("2025-07-15 10:45", 1, 0),
        ("2025-07-15 11:00", 1, 1),
        ("2025-08-29 11:00", 1, 1),
    ):
        clock.set(at(moment))
        await asyncio.gather(services.alerts.check(), other.alerts.check())
        for manager in (MONA, MARI):
            assert len(await said(database, manager)) == managers, moment
        assert len(await said(database, CASES)) == centre, moment
    assert "UTEN SVAR · 1 lagervarsel" in (await texts(database, MONA))[0]
    thread = [str(row.blocks) for row in await said(database) if row.reply_to]
    assert f"sendt videre til <@{MONA}>, <@{MARI}>." in thread[0]
    assert "sendt videre til Mangelsenteret." in thread[1]


async def test_an_empty_stock_is_passed_on_at_night_in_hours(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    clock.set(at("2025-07-05 23:30"))  # Saturday night
    await counted(services, 0, "2025-07-05")
    assert [view.held_until for view in await services.alerts.check()] == [None]
    clock.set(at("2025-07-06 01:30"))
    await services.alerts.check()
    assert len(await said(database, MONA)) == 1
    clock.set(at("2025-07-06 03:30"))
    await services.alerts.check()
    assert len(await said(database, CASES)) == 1


async def test_an_answer_of_any_kind_stops_it_and_handing_back_begins_it_anew(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    (alert,) = await services.alerts.check()
    mona = await person(services, MONA)
    await services.alerts.follow_up(alert.id, mona, key=None)
    clock.set(at("2025-07-18 12:00"))
    await services.alerts.check()
    assert await said(database, MARI) == []
    await services.alerts.hand_back(alert.id, mona, key=None)
    await services.alerts.check()
    assert await said(database, MARI) == []
    clock.set(at("2025-07-23 12:00"))
    await services.alerts.check()
    assert len(await said(database, MARI)) == 1


async def test_without_managers_the_centre_is_asked_first(database: Database, clock: SetClock) -> None:
    services = await house(database, clock, pools={"fokuslisten": {"limit_days": 60}})
    await counted(services, 12_000, "2025-07-06")
    await services.alerts.check()
    clock.set(at("2025-07-10 11:00"))
    await services.alerts.check()
    assert len(await said(database, CASES)) == 1


# --- quiet hours ---


async def test_what_comes_at_night_is_held_back_and_posted_as_one_list_if_it_is_still_true(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    clock.set(at("2025-07-07 23:00"))
    await counted(services, 3_000, "2025-07-07", ITEMS)
    held = await services.alerts.check()
    assert [view.held_until for view in held] == [at("2025-07-08 07:00")] * 4
    assert await said(database) == [] and await rows_of(database, StockAlert) == []
    assert len(await rows_of(database, HeldAlert)) == 4

    clock.set(at("2025-07-08 06:30"))
    await counted(services, 60_000, "2025-07-08", ITEMS[:1], use=None)
    await services.alerts.check()
    clock.set(at("2025-07-08 07:00"))
    restarted = await house(second_database, clock)
    assert len(await restarted.alerts.check()) == 3
    (told,) = await said(database)
    assert "VARSEL · 3 nye lagervarsler" in told.text
    assert ITEMS[0] not in str(told.blocks)
    assert await rows_of(database, HeldAlert) == []


async def test_an_empty_stock_is_told_at_night(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 3_000, "2025-07-06")
    await services.alerts.check()
    clock.set(at("2025-07-07 23:00"))
    await counted(services, 0, "2025-07-07", use=None)
    assert [view.change.value for view in await services.alerts.check()] == ["worsen"]
    assert len(await said(database)) == 2


async def test_quiet_hours_can_be_set_and_switched_off(database: Database, clock: SetClock) -> None:
    off = {"quiet_from": "07:00", "quiet_to": "07:00", "quiet_days_of_rest": False}
    services = await house(database, clock, alerts=off)
    clock.set(at("2025-07-06 23:00"))
    await counted(services, 3_000, "2025-07-06")
    await services.alerts.check()
    assert len(await said(database)) == 1


# --- many, and who sees what ---


async def test_five_hundred_at_once_are_one_message_with_the_worst_and_a_count_of_the_rest(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    async def asked_for(count: int, first: int) -> int:
        await stocked(database, [f"Vare {first + n}" for n in range(count)])
        statements.clear()
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        told = await services.alerts.check()
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        assert len(told) == count
        return len(statements)

    few = await asked_for(10, 0)
    many = await asked_for(500, 1000)
    kinds = Counter(statement[:60] for statement in statements)
    assert many <= few, f"{few} statements for 10 alerts, {many} for 500: {kinds.most_common(5)}"
    _, second = await said(database)
    assert "VARSEL · 500 nye lagervarsler" in second.text
    assert len(second.blocks) <= 50
    assert "480 til står ikke her" in str(second.blocks) and "Vis alle varsler" in str(second.blocks)

    mona = await person(services, MONA)
    page = await services.alerts.page_of(mona, 26)
    assert (page.total, page.pages, len(page.alerts)) == (510, 26, 10)

    clock.set(at("2025-07-10 11:00"))
    await services.alerts.check()
    assert [row.text.split(":")[0] for row in await said(database, MONA)] == ["UTEN SVAR · 510 lagervarsler"]

    async with database.unit_of_work() as uow:
        await uow.session.execute(update(StockCount).where(col(StockCount.item_id) > 10).values(quantity=90_000))
    await services.alerts.check()
    over = [row for row in await said(database) if row.key.startswith("recovered:")]
    assert {row.reply_to for row in over} == {second.key}


async def test_a_page_of_alerts_holds_only_ones_own_pools(database: Database, clock: SetClock) -> None:
    pools = {"fokuslisten": {"managers": [MONA], "limit_days": 60}, "b180s": {"managers": [MARI], "limit_days": 60}}
    services = await house(database, clock, pools=pools)
    await counted(services, 3_000, "2025-07-06")
    await counted(services, 3_000, "2025-07-06", ITEMS[:1], pool="B180S")
    await services.alerts.check()
    for who, pools_seen in ((MONA, ["Fokuslisten"]), (MARI, ["B180S"]), (SIRI, ["B180S", "Fokuslisten"])):
        page = await services.alerts.page_of(await person(services, who), 1)
        assert sorted(alert.line.pool.name for alert in page.alerts) == pools_seen
    with pytest.raises(NotAllowed):
        await services.alerts.page_of(await person(services, OLA), 1)


async def test_a_hospitals_own_alert_goes_to_its_managers_with_numbers_and_to_the_channel_without(
    database: Database, clock: SetClock
) -> None:
    pools = {"a-sykehus": {"managers": [MARI], "limit_days": 60}}
    services = await house(database, clock, pools=pools)
    await counted(services, 3_777, "2025-07-06", pool="A sykehus")
    await services.alerts.check()
    (in_channel,), (to_mari,) = await said(database), await said(database, MARI)
    assert "3777" not in str(in_channel.blocks) and "3777" in str(to_mari.blocks)
    assert "Rekker trolig" not in str(in_channel.blocks)
    clock.set(at("2025-07-08 12:00"))
    await counted(services, 0, "2025-07-08", pool="A sykehus", use=None)
    await services.alerts.check()
    assert [row.reply_to for row in await said(database, MARI)] == [None, to_mari.key]
    clock.set(at("2025-07-08 16:00"))
    for _ in ("the managers", "the centre"):
        await services.alerts.check()
    assert "3777" not in str((await said(database, CASES))[0].blocks)


async def test_a_hospitals_managers_are_told_under_their_list_when_its_alerts_are_over(
    database: Database, clock: SetClock
) -> None:
    pools = {"a-sykehus": {"managers": [MARI], "limit_days": 60}}
    services = await house(database, clock, pools=pools)
    several = [VALTREX, *ITEMS, "Valtrex tab 250 mg", "Paracet tab 500 mg"]
    await counted(services, 3_777, "2025-07-06", several, pool="A sykehus")
    await services.alerts.check()
    (listed,) = await said(database, MARI)
    await counted(services, 90_000, "2025-07-07", several[:2], pool="A sykehus", use=None)
    await services.alerts.check()
    for channel, under in ((MARI, listed), (STOCK, (await said(database))[0])):
        _, over = await said(database, channel)
        assert over.reply_to == under.key
        assert "Over varslingsgrensen igjen: 2 lagre" in over.text


async def test_many_listed_alerts_that_get_worse_are_one_list_again(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    several = [VALTREX, *ITEMS, "Valtrex tab 250 mg", "Paracet tab 500 mg"]
    await counted(services, 12_000, "2025-07-06", several)
    await services.alerts.check()
    clock.set(at("2025-07-08 09:00"))
    await counted(services, 3_000, "2025-07-08", several, use=None)
    await services.alerts.check()
    _, worse = await texts(database)
    assert worse.startswith("NYTT OM 7 lagervarsler")


async def test_an_open_channel_gets_bands_and_what_to_do(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    services.channels._closed[STOCK] = False
    await counted(services, 3_777, "2025-07-06")
    await services.alerts.check()
    clock.set(at("2025-07-08 12:00"))
    await counted(services, 0, "2025-07-08", use=None)
    await services.alerts.check()
    told = await said(database)
    assert len(told) == 2
    for row in told:
        shown = row.text + str(row.blocks)
        for hidden in ("3777", "Rekker trolig", "60 dager", "14 dager", "tabletter"):
            assert hidden not in shown
    assert f"/mangel lager {VALTREX}" in str(told[0].blocks)


# --- a pool falls silent ---


async def test_a_silent_pool_asks_its_managers_then_the_channel_once_and_is_closed_by_figures(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    services, other = await house(database, clock), await house(second_database, clock)
    await counted(services, 90_000, "2025-07-06")
    for moment, managers, channel in (
        ("2025-07-16 12:00", 0, 0),  # ten days old
        ("2025-07-17 03:00", 0, 0),  # at night nobody is asked
        ("2025-07-17 08:00", 1, 0),
        ("2025-07-18 12:00", 1, 0),
        ("2025-07-22 08:00", 1, 1),  # 24 working hours later
        ("2025-08-10 12:00", 1, 1),
    ):
        clock.set(at(moment))
        await asyncio.gather(services.silence.check(), other.silence.check())
        for manager in (MONA, MARI):
            assert len(await said(database, manager)) == managers, moment
        assert len(await said(database)) == channel, moment
    clock.set(at("2025-08-11 12:00"))
    await counted(services, 80_000, "2025-08-10", use=None)
    await services.silence.check()
    asked, over = await said(database)
    assert over.reply_to == asked.key and "Fokuslisten: nye tall er kommet, talt 10. aug" in over.text
    (silence,) = await rows_of(database, PoolSilence)
    assert silence.closed_at == clock.now()

    clock.set(at("2025-08-25 12:00"))
    await services.silence.check()
    assert len(await said(database, MONA)) == 2, "a new silence is asked about anew"


async def test_each_pool_has_its_own_interval(database: Database, clock: SetClock) -> None:
    pools = {"fokuslisten": {"managers": [MONA], "report_every_days": 40}, "b180s": {"report_every_days": 7}}
    services = await house(database, clock, pools=pools)
    await counted(services, 90_000, "2025-07-06")
    await counted(services, 90_000, "2025-07-06", pool="B180S")
    clock.set(at("2025-07-14 12:00"))
    assert await services.silence.check() == ["b180s"]
    assert await said(database, MONA) == []
    assert "B180S" in (await texts(database))[0], "a pool that nobody manages is told of in the channel at once"


# --- what they were worth ---


async def test_the_week_is_summed_up_once_with_the_digest(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    services, other = await house(database, clock), await house(second_database, clock)
    await counted(services, 12_000, "2025-07-06", (VALTREX, *ITEMS[:3]))
    alerts = await services.alerts.check()
    mona = await person(services, MONA)
    await services.alerts.follow_up(alerts[0].id, mona, key=None)
    await services.alerts.snooze(alerts[1].id, dt.date(2025, 7, 20), "Leveranse", mona, key=None)
    await services.alerts.false_alarm(alerts[2].id, "Feil tall", mona, key=None)
    clock.set(at("2025-07-08 12:00"))
    await counted(services, 0, "2025-07-08", [alerts[0].item], use=None)
    await counted(services, 90_000, "2025-07-08", [alerts[3].item], use=None)
    await services.alerts.check()

    clock.set(at("2025-07-09 13:59"))
    assert await services.alert_week.post_what_is_due() is None
    clock.set(at("2025-07-09 14:00"))
    weeks = await asyncio.gather(services.alert_week.post_what_is_due(), other.alert_week.post_what_is_due())
    assert sorted(map(str, weeks)) == ["2025-W28", "None"]
    (line,) = [row for row in await said(database) if row.key.startswith("alert_week")]
    summed = (
        "Varsler siden sist: 4 nye, 3 av dem besvart, 1 dempet. Falsk alarm: 1. "
        "Gikk over uten svar: 1. Tomt uten varsel 14 dager før: 1."
    )
    assert summed in line.text and "1 varsel venter på svar" in str(line.blocks)
    digest = await services.meeting.compose("2025-W28")
    assert summed in "".join(str(message.blocks) for message in services.meeting.render(digest))

    clock.set(at("2025-07-16 14:05"))
    await services.alert_week.post_what_is_due()
    again = [row.text for row in await said(database) if row.key.startswith("alert_week")][-1]
    assert "0 nye, 0 av dem besvart" in again


async def test_a_stock_that_runs_out_long_after_its_alert_is_not_missed(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    await services.alerts.check()
    clock.set(at("2025-07-28 12:00"))
    await counted(services, 0, "2025-07-27", use=None)
    await services.alerts.check()
    worth = await services.alerts.week(at("2025-07-21 00:00"), clock.now() + dt.timedelta(minutes=1))
    assert (worth.raised, worth.missed) == (0, 0)
    async with database.read() as session:
        entry = (await session.scalars(select(AuditEntry).where(col(AuditEntry.action) == "ran_out"))).one()
    assert entry.subject == "alert:1"


async def test_figures_that_grow_old_make_no_new_message_of_what_was_told_in_a_list(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    await stocked(database, [f"Vare {n}" for n in range(8)])
    await services.alerts.check()
    clock.set(clock.now() + dt.timedelta(days=20))
    await services.alerts.check()
    assert [row.key for row in await said(database) if row.key.startswith("alert:")] == []


async def test_the_end_of_a_snooze_waits_for_the_morning_even_where_the_stock_is_empty(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    await counted(services, 0, "2025-07-07")
    await services.alerts.check()
    await services.alerts.snooze(1, dt.date(2025, 7, 9), "Venter", await person(services, MONA), key=None)
    before = len(await said(database))
    clock.set(at("2025-07-10T00:15"))
    await services.alerts.check()
    assert len(await said(database)) == before
    clock.set(at("2025-07-10T07:00"))
    await services.alerts.check()
    assert (await texts(database))[-1].startswith("Dempingen er over")


async def test_whoever_is_asked_takes_over_from_one_who_does_not_answer(database: Database, clock: SetClock) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    await services.alerts.check()
    mona, mari = await person(services, MONA), await person(services, MARI)
    await services.alerts.follow_up(1, mona, key=None)
    with pytest.raises(Refused, match="følger allerede opp"):
        await services.alerts.follow_up(1, mari, key=None)
    clock.set(at("2025-07-08 09:00"))
    await counted(services, 3_000, "2025-07-08", use=None)
    await services.alerts.check()
    await services.alerts.follow_up(1, mari, key=None)
    (alert,) = await rows_of(database, StockAlert)
    assert (alert.followed_by, alert.waits_since) == (mari.person, None)


async def test_a_pool_whose_items_have_all_moved_away_is_not_said_to_have_new_figures(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock, pools={"fokuslisten": {"report_every_days": 7}})
    await counted(services, 3000, "2025-06-20")
    await services.silence.check()
    assert len(await said(database)) == 1
    siri = await person(services, SIRI)
    version = (await services.pools.item(1, siri)).version
    form = MoveForm("b180s", dt.date(2025, 7, 7), None)
    await services.pools.move_item(1, form, siri, version=version, key=None)
    await services.silence.check()
    assert [text for text in await texts(database) if "nye tall er kommet" in text] == []


async def moved(services: Services, item: int, to_pool: str) -> None:
    """The centre moves an item today."""
    siri = await person(services, SIRI)
    version = (await services.pools.item(item, siri)).version
    form = MoveForm(to_pool, dt.date(2025, 7, 7), None)
    await services.pools.move_item(item, form, siri, version=version, key=None)


TWO_POOLS = {
    "fokuslisten": {"managers": [MONA], "limit_days": 60},
    "b180s": {"managers": [OLA], "limit_days": 60},
}


async def test_an_alert_whose_item_joins_another_with_an_alert_is_shown_as_closed(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock, pools=TWO_POOLS)
    await counted(services, 3000, "2025-07-06")
    await counted(services, 3000, "2025-07-07", pool="B180S")
    await services.alerts.check()
    key = next(row.key for row in await said(database) if "B180S" in row.text)
    await moved(services, 1, "b180s")
    (edit,) = [row for row in await rows_of(database, OutboxEntry) if row.edits == key]
    assert edit.text.startswith("LUKKET · B180S")
    assert "Varen har et annet varsel" in str(edit.blocks)
    assert "button" not in str(edit.blocks)
    assert "moved" in await done(database)


async def test_an_alert_follows_its_item_to_another_pool_and_waits_for_an_answer_there(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock, pools=TWO_POOLS)
    await counted(services, 3000, "2025-07-06")
    await services.alerts.check()
    await services.alerts.follow_up(1, await person(services, MONA), key=None)
    await moved(services, 1, "b180s")
    await services.alerts.check()
    newest = [row for row in await rows_of(database, OutboxEntry) if row.edits == "alert:1"][-1]
    assert newest.text.startswith("VARSEL · B180S")
    clock.set(at("2025-07-09 12:00"))
    await services.alerts.check()
    assert len(await said(database, OLA)) == 1
    await services.alerts.follow_up(1, await person(services, OLA), key=None)


async def test_nobody_is_said_to_have_been_told_where_the_centre_has_no_channel(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock, cases_channel=None)
    await counted(services, 3000, "2025-07-06")
    await services.alerts.check()
    for day in range(8, 16):
        clock.set(at(f"2025-07-{day:02d} 12:00"))
        await services.alerts.check()
    assert len(await said(database, MONA)) == 1
    assert len([text for text in await texts(database) if "sendt videre til" in text]) == 1
    newest = [row for row in await rows_of(database, OutboxEntry) if row.edits == "alert:1"][-1]
    assert "Ingen følger opp." in str(newest.blocks)
    assert "Senteret har fått beskjed" not in str(newest.blocks)


async def test_a_snoozed_alert_that_is_handed_back_stays_quiet_until_the_snooze_is_over(
    database: Database, clock: SetClock
) -> None:
    services = await house(database, clock)
    await counted(services, 12_000, "2025-07-06")
    await services.alerts.check()
    mona = await person(services, MONA)
    await services.alerts.follow_up(1, mona, key=None)
    await services.alerts.snooze(1, dt.date(2025, 7, 14), "Ferie", mona, key=None)
    await services.alerts.hand_back(1, mona, key=None)
    clock.set(at("2025-07-14 15:00"))
    await services.alerts.check()
    assert await said(database, MARI) == []
    for moment in ("2025-07-15 09:00", "2025-07-18 12:00", "2025-07-24 12:00"):
        clock.set(at(moment))
        await services.alerts.check()
    assert len(await said(database, MARI)) == 1
