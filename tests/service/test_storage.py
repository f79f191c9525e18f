"""What is stored: the schema on both databases, units of work, and things done once."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, literal
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import col, select

from bot.delivery.workspaces import States
from storage import cases, lead, schema
from storage.engine import PAGES_KEPT_KB, asynchronous
from storage.small_letters import any_contains, equals
from storage.tables import (
    AuditEntry,
    CaseNumber,
    InboxEntry,
    Lead,
    OutboxEntry,
    Person,
    ShortageCase,
    StockAlert,
    StockItem,
    SubstituteAssessment,
)
from storage.unit_of_work import Database, UnitOfWork
from tests.service.conftest import MONDAY

# --- schema ---


async def tables_of(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda c: inspect(c).get_table_names()))


async def test_the_migrations_go_up_down_and_up_again(empty_database_url: str) -> None:
    database = Database.at(empty_database_url, lambda: MONDAY)
    assert await schema.standing(database.engine) == (None, (await schema.standing(database.engine))[1])

    await schema.upgrade(database.engine)
    at, head = await schema.standing(database.engine)
    assert at == head
    everything = await tables_of(database)

    await schema.downgrade(database.engine, "base")
    assert await tables_of(database) == {"alembic_version"}

    await schema.upgrade(database.engine)
    assert await tables_of(database) == everything
    await database.close()


async def test_a_stock_that_was_there_before_keeps_its_figures_up_and_down(empty_database_url: str) -> None:
    database = Database.at(empty_database_url, lambda: MONDAY)
    await schema.upgrade(database.engine, "0003")
    async with database.unit_of_work() as uow:
        for statement in (
            "INSERT INTO stock_pool (id, name, kind, holdable, sized_on, drawn_by)"
            " VALUES ('b180s', 'B180S', 'emergency', 'yes', 'hospital', 'hospital')",
            "INSERT INTO stock_item (id, pool_id, key, name, unit, made_up)"
            " VALUES (1, 'b180s', 'k', 'Mucomyst', 'ampulle', false)",
            "INSERT INTO stock_count (item_id, counted_on, quantity, recorded_at)"
            " VALUES (1, '2025-07-06', 900, '2025-07-06 12:00:00')",
        ):
            await uow.session.execute(sql(statement))

    async def counted() -> list[tuple[float, str]]:
        question = sql("SELECT quantity, name FROM stock_count JOIN stock_item ON stock_item.id = item_id")
        async with database.read() as session:
            return [tuple(row) for row in await session.execute(question)]

    for step in (schema.upgrade(database.engine), schema.downgrade(database.engine, "0003")):
        await step
        assert await counted() == [(900, "Mucomyst")]
    await schema.upgrade(database.engine)
    async with database.read() as session:
        kept = (await session.scalars(select(StockItem))).one()
    assert (kept.version, kept.stated_first, kept.ordered_when_short, kept.changed_at) == (1, False, False, None)
    await database.close()


async def test_the_migrated_schema_is_the_tables(database: Database) -> None:
    assert await schema.differences(database.engine) == []


async def test_alerts_that_were_open_before_they_could_wait_begin_to_wait(empty_database_url: str) -> None:
    database = Database.at(empty_database_url, lambda: MONDAY)
    await schema.upgrade(database.engine, "0004")
    told = "'2025-07-01 08:00:00'" if empty_database_url.startswith("sqlite") else "'2025-07-01 08:00:00+00'"
    pool = "INSERT INTO stock_pool (id, name, kind, holdable, sized_on, drawn_by) VALUES ('p', 'P', 'a', 'b', 'c', 'd')"
    async with database.unit_of_work() as uow:
        await uow.session.execute(sql(pool))
        await uow.session.execute(
            sql("INSERT INTO stock_item (id, pool_id, key, name, unit, made_up) VALUES (1, 'p', 'k', 'n', 'u', false)")
        )
        for number, snoozed, closed in ((1, "NULL", "NULL"), (2, "'2025-08-01'", "NULL"), (3, "NULL", told)):
            await uow.session.execute(
                sql(
                    "INSERT INTO stock_alert (id, item_id, level, memory, raised_at, told_at, version, snoozed_until,"  # noqa: S608
                    f" closed_at) VALUES ({number}, 1, 'limit', '{{}}', {told}, {told}, 1, {snoozed}, {closed})"
                )
            )
    await schema.upgrade(database.engine)
    async with database.read() as session:
        rows = list(await session.scalars(select(StockAlert).order_by(col(StockAlert.id))))
    assert [row.waits_since == row.told_at for row in rows] == [True, False, False]
    assert [(row.outcome, row.escalated) for row in rows] == [(None, 0), (None, 0), ("recovered", 0)]
    await schema.downgrade(database.engine, "0004")
    await database.close()


async def test_a_database_that_is_up_to_date_is_left_alone(database: Database) -> None:
    await put(database, "before")
    await schema.upgrade(database.engine)
    assert await audited(database) == ["before"]


# --- values ---


async def test_an_instant_comes_back_aware_and_in_utc(database: Database) -> None:
    in_oslo = dt.datetime(2025, 7, 7, 11, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    async with database.unit_of_work() as uow:
        await uow.add(Lead(name="one", holder="me", until=in_oslo))
    async with database.read() as session:
        row = await session.get(Lead, "one")
    assert row is not None
    assert row.until == in_oslo
    assert row.until.tzinfo == dt.UTC


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"):
        async with database.unit_of_work() as uow:
            await uow.add(Lead(name="one", holder="me", until=dt.datetime(2025, 7, 7, 11, 0)))


async def test_capital_norwegian_letters_are_lowered_alike_on_both(database: Database) -> None:
    async with database.read() as session:
        lowered = (await session.execute(select(func.lower("ØSTRADIOL Ærlig ÅÉ")))).scalar_one()
    assert lowered == "østradiol ærlig åé"


@pytest.mark.parametrize("name", ["ØSTRADIOL tab", "Valtrex TAB 500 mg", "100 %_mg", "Ærlig tab\nÅ"])
@pytest.mark.parametrize(
    "words", ["tab", "TAB", "østr", "ØSTR", "%_m", "_", "500 mg", "å", "tab\n", "valtrex tab 500 mg"]
)
async def test_capitals_are_overlooked_alike_on_both(database: Database, name: str, words: str) -> None:
    low = words.lower()
    asked = select(any_contains([literal("-"), literal(name)], words), equals(literal(name), words))
    async with database.read() as session:
        contained, same = (await session.execute(asked)).one()
    assert bool(contained) == (low in name.lower())
    assert bool(same) == (low == name.lower())


async def test_a_foreign_key_is_held_to(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.unit_of_work() as uow:
            uow.record("case:2025-0001", "taken", by="nobody of that name")


# --- units of work ---


async def put(database: Database, action: str) -> None:
    async with database.unit_of_work() as uow:
        uow.record("test", action, by=None)


async def audited(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


async def test_a_unit_of_work_wakes_who_delivers_where_it_has_said_something(database: Database) -> None:
    database.said.clear()
    await put(database, "done")
    assert await audited(database) == ["done"]
    assert not database.said.is_set()
    async with database.unit_of_work() as uow:
        await uow.say("a card", "C1", "kort", [])
        assert not database.said.is_set(), "nothing of it can be read yet"
    assert database.said.is_set()


async def test_a_unit_of_work_that_raises_leaves_nothing(database: Database) -> None:
    database.said.clear()
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as uow:
            uow.record("test", "half", by=None)
            await uow.say("half", "C1", "halvt", [])
            raise RuntimeError
    assert await audited(database) == []
    assert not database.said.is_set()
    await put(database, "the next one goes through")


async def test_a_cancelled_unit_of_work_leaves_nothing_and_blocks_nobody(database: Database) -> None:
    begun = asyncio.Event()

    async def slow() -> None:
        async with database.unit_of_work() as uow:
            uow.record("test", "cancelled", by=None)
            await uow.session.flush()
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(slow())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(database, "after")
    assert await audited(database) == ["after"]


async def test_what_a_question_changes_is_not_kept(database: Database) -> None:
    async with database.read() as session:
        session.add(CaseNumber(year=2025, last=7))
        await session.flush()
    async with database.read() as session:
        assert await session.get(CaseNumber, 2025) is None


async def test_readers_are_not_held_up_by_a_writer(database: Database) -> None:
    await put(database, "before")
    async with database.unit_of_work() as uow:
        uow.record("test", "in hand", by=None)
        await uow.session.flush()
        assert await asyncio.wait_for(audited(database), 5) == ["before"]


# --- once ---


def counting(answer: dict[str, Any], done: list[str]) -> Any:
    async def work(uow: UnitOfWork) -> dict[str, Any]:
        done.append("tried")
        uow.record("test", "counted", by=None)
        await uow.session.flush()
        return answer

    return work


async def test_the_same_key_is_done_once_and_answered_alike(database: Database) -> None:
    done: list[str] = []
    first = await database.once("event:1", counting({"number": "2025-0001"}, done))
    second = await database.once("event:1", counting({"number": "other"}, done))
    assert first == second == {"number": "2025-0001"}
    assert done == ["tried"]
    assert await audited(database) == ["counted"]


async def test_who_presses_again_while_it_is_being_done_waits_for_the_same_answer(database: Database) -> None:
    done: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(uow: UnitOfWork) -> dict[str, Any]:
        done.append("slow")
        begun.set()
        await go_on.wait()
        return {"number": "2025-0001"}

    first = asyncio.create_task(database.once("view:1", slow))
    await begun.wait()
    again = [asyncio.create_task(database.once("view:1", counting({"number": "other"}, done))) for _ in range(3)]
    await asyncio.sleep(0.05)
    go_on.set()
    assert [await one for one in (first, *again)] == [{"number": "2025-0001"}] * 4
    assert done == ["slow"]


async def test_who_presses_again_does_it_where_the_first_came_to_nothing(database: Database) -> None:
    done: list[str] = []
    begun = asyncio.Event()

    async def broken_off(uow: UnitOfWork) -> dict[str, Any]:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    first = asyncio.create_task(database.once("view:1", broken_off))
    await begun.wait()
    again = asyncio.create_task(database.once("view:1", counting({"number": "2025-0001"}, done)))
    await asyncio.sleep(0.05)
    first.cancel()
    assert await again == {"number": "2025-0001"}
    assert done == ["tried"]


async def test_without_a_key_it_is_done_each_time(database: Database) -> None:
    done: list[str] = []
    for _ in range(2):
        await database.once(None, counting({}, done))
    assert await audited(database) == ["counted", "counted"]


async def test_what_was_refused_may_be_tried_again(database: Database) -> None:
    async def refuse(uow: UnitOfWork) -> dict[str, Any]:
        raise PermissionError

    with pytest.raises(PermissionError):
        await database.once("event:1", refuse)
    assert await database.once("event:1", counting({"well": True}, [])) == {"well": True}


async def test_a_conflict_of_the_work_itself_is_no_repeat(database: Database) -> None:
    async def clash(uow: UnitOfWork) -> dict[str, Any]:
        await uow.add(CaseNumber(year=2025, last=1))
        return {}

    await database.once("event:1", clash)
    with pytest.raises(IntegrityError):
        await database.once("event:2", clash)


async def test_ten_at_once_with_the_same_key_do_it_once(database: Database) -> None:
    answers = await asyncio.gather(
        *(database.once("event:1", counting({"by": place}, [])) for place in range(10)),
    )
    assert len({answer["by"] for answer in answers}) == 1
    assert await audited(database) == ["counted"]


async def test_two_processes_with_the_same_keys_do_each_once(database: Database, second_database: Database) -> None:
    both = [database, second_database]
    answers = await asyncio.gather(
        *(both[place % 2].once(f"event:{place // 4}", counting({"by": place}, [])) for place in range(24)),
    )
    assert len(await audited(database)) == 6
    for event in range(6):
        assert len({answer["by"] for answer in answers[event * 4 : event * 4 + 4]}) == 1
    async with database.read() as session:
        assert len(list(await session.scalars(select(InboxEntry)))) == 6


# --- say ---


async def outbox(database: Database) -> list[OutboxEntry]:
    async with database.read() as session:
        return list(await session.scalars(select(OutboxEntry).order_by(OutboxEntry.id)))


async def test_the_same_key_is_said_once(database: Database) -> None:
    for text in ("først", "igjen"):
        async with database.unit_of_work() as uow:
            await uow.say("digest:2025-W28:C1", "C1", text, [])
    async with database.unit_of_work() as uow:
        await uow.say("card:1", "C1", "en", [])
        await uow.say("card:1", "C1", "to", [])
    assert [row.text for row in await outbox(database)] == ["først", "en"]


async def test_two_processes_that_say_the_same_say_it_once(database: Database, second_database: Database) -> None:
    async def say(through: Database, place: int) -> None:
        async with through.unit_of_work() as uow:
            uow.record("test", f"said {place}", by=None)
            await uow.say("digest:2025-W28:C1", "C1", str(place), [])

    await asyncio.gather(*(say(through, place) for place in range(6) for through in (database, second_database)))
    assert len(await outbox(database)) == 1
    assert len(await audited(database)) == 12


async def test_text_and_blocks_come_back_as_they_went_in(database: Database) -> None:
    text = "Å «Ærlig» &lt;!channel&gt; 😀 \u200b\t\n\\ \" ' ½ %s {{ 7*7 }} :x: " + "ø" * 30_000
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}, "n": [1, 2.5, None, True, -0.0, "é"]},
        {"type": "divider"},
    ]
    async with database.unit_of_work() as uow:
        await uow.say("k", "C1", text, blocks)
    (row,) = await outbox(database)
    assert (row.text, row.blocks) == (text, blocks)


# --- numbers ---


async def test_case_numbers_have_no_gaps_and_begin_anew_each_year(database: Database) -> None:
    async def take(year: int, fail: bool = False) -> str:
        async with database.unit_of_work() as uow:
            await uow.alone("mangelvakt:cases")
            number = await cases.next_number(uow.session, year)
            if fail:
                raise RuntimeError
            return number

    assert [await take(2025), await take(2025), await take(2026)] == ["2025-0001", "2025-0002", "2026-0001"]
    with pytest.raises(RuntimeError):
        await take(2025, fail=True)
    assert await take(2025) == "2025-0003"


# --- lead ---

LEASE = dt.timedelta(seconds=45)


async def test_one_leads_until_its_lease_runs_out(database: Database, clock: Any) -> None:
    assert await lead.take(database, "scheduler", "one", LEASE)
    assert not await lead.take(database, "scheduler", "two", LEASE)
    clock.advance(dt.timedelta(seconds=40))
    assert await lead.take(database, "scheduler", "one", LEASE)
    clock.advance(dt.timedelta(seconds=40))
    assert not await lead.take(database, "scheduler", "two", LEASE)
    clock.advance(dt.timedelta(seconds=6))
    assert await lead.take(database, "scheduler", "two", LEASE)
    assert not await lead.take(database, "scheduler", "one", LEASE)


async def test_a_lead_from_a_clock_that_was_ahead_is_followed_like_any_other(database: Database, clock: Any) -> None:
    clock.advance(dt.timedelta(hours=1))
    assert await lead.take(database, "scheduler", "one", LEASE)
    clock.advance(dt.timedelta(hours=-1))
    assert await lead.take(database, "scheduler", "two", LEASE)
    clock.advance(dt.timedelta(seconds=30))
    assert not await lead.take(database, "scheduler", "one", LEASE)


async def test_a_lead_is_not_taken_by_one_with_a_shorter_lease(database: Database) -> None:
    assert await lead.take(database, "scheduler", "one", LEASE)
    assert not await lead.take(database, "scheduler", "two", LEASE / 3)


async def test_a_lead_that_is_given_up_is_free_at_once(database: Database) -> None:
    assert await lead.take(database, "scheduler", "one", LEASE)
    await lead.give_up(database, "scheduler", "two")
    assert not await lead.take(database, "scheduler", "two", LEASE)
    await lead.give_up(database, "scheduler", "one")
    assert await lead.take(database, "scheduler", "two", LEASE)


async def test_of_several_who_ask_at_once_one_leads(database: Database, second_database: Database) -> None:
    both = [database, second_database]
    taken = await asyncio.gather(
        *(lead.take(both[place % 2], "scheduler", f"replica-{place}", LEASE) for place in range(8))
    )
    assert sum(taken) == 1


async def test_who_waits_for_the_file_holds_up_nobody_else(tmp_path: Path) -> None:
    database = Database.at(f"sqlite:///{tmp_path / 'a.sqlite'}", lambda: MONDAY)
    await schema.upgrade(database.engine)
    faults = []
    for _ in range(2):
        try:
            async with database.unit_of_work() as uow:
                await uow.add(InboxEntry(key="one", at=MONDAY))
        except IntegrityError as fault:
            faults.append(fault)  # holds on to all that was at work when it came
    assert faults

    async def write() -> None:
        async with database.unit_of_work() as uow:
            await uow.add(InboxEntry(key="two", at=MONDAY))

    other = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        writing = asyncio.create_task(write())
        await asyncio.sleep(0.2)
        began = time.monotonic()
        faults.clear()
        gc.collect()
        assert time.monotonic() - began < 2
    finally:
        other.execute("ROLLBACK")
        other.close()
    await writing
    await database.close()


# --- addresses ---


async def test_a_connection_to_sqlite_keeps_half_a_megabyte_of_the_file(tmp_path: Path) -> None:
    database = Database.at(f"sqlite:///{tmp_path / 'a.sqlite'}", lambda: MONDAY)
    async with database.read() as session:
        kept = (await session.execute(sql("PRAGMA cache_size"))).scalar_one()
    await database.close()
    assert kept == -PAGES_KEPT_KB == -512, "negative: kilobytes, https://www.sqlite.org/pragma.html#pragma_cache_size"


@pytest.mark.parametrize(
    ("plain", "driver"),
    [
        ("sqlite:///a.sqlite", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:///a.sqlite", "sqlite+aiosqlite"),
        ("postgresql://u:p@host/db", "postgresql+psycopg"),
        ("postgres://u:p@host/db", "postgresql+psycopg"),
        ("postgresql://u@/db?host=/run/postgresql", "postgresql+psycopg"),
    ],
)
def test_a_plain_address_gets_the_asynchronous_driver(plain: str, driver: str) -> None:
    assert asynchronous(plain).drivername == driver


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "tull",
        "mysql://u:hemmelig@host/db",
        "postgresql://u:hemmelig@host:port/db",
        "postgresql://u:hem@melig@host/db",
        "postgresql:/u:hemmelig@host/db",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL") as refused:
        asynchronous(wrong)
    assert "melig" not in str(refused.value)


async def test_a_person_is_one_row_however_many_clicks_come_at_once(services: Any, database: Database) -> None:
    actors = await asyncio.gather(*(services.people.actor("U0NEW00001", "T1") for _ in range(10)))
    assert len({actor.person for actor in actors}) == 1
    async with database.read() as session:
        assert len(list(await session.scalars(select(Person).where(Person.slack_user == "U0NEW00001")))) == 1


# --- installations ---


async def test_an_installation_that_was_begun_comes_back_once_and_in_time(
    database: Database, second_database: Database, clock: Any
) -> None:
    states = States(database)
    state = await states.async_issue()
    assert not await states.async_consume("made up")
    assert await States(second_database).async_consume(state), "in another replica"
    assert not await states.async_consume(state), "once"
    late = await states.async_issue()
    clock.advance(dt.timedelta(minutes=11))
    assert not await states.async_consume(late)
    async with database.read() as session:
        assert late not in str(await session.execute(sql("SELECT digest FROM installation_state")))


async def test_what_was_signed_before_there_were_assessments_stands_as_the_first_version(
    empty_database_url: str,
) -> None:
    database = Database.at(empty_database_url, lambda: MONDAY)
    await schema.upgrade(database.engine)
    at = "'2025-07-01 08:00:00'" if empty_database_url.startswith("sqlite") else "'2025-07-01 08:00:00+00'"
    async with database.unit_of_work() as uow:
        uow.session.add(Person(id="siri", slack_user="U0SIRI0001", first_seen=MONDAY))
        await uow.add(
            ShortageCase(
                number="2025-0001", name="Valtrex", substance="Valaciklovir", preparation_key="v", scope="medicine",
                authorised="yes", status="ongoing", visibility="meeting", opened_at=MONDAY, changed_at=MONDAY,
            )
        )  # fmt: skip
    await schema.downgrade(database.engine, "0029")
    async with database.unit_of_work() as uow:
        for key, signed in (("a", "'Siri Farm', '2025-07-02'"), ("b", "NULL, NULL")):
            values = f"'v', '{key}', 'Zelitrex', 'other_strength', 2, 'siri', {at}, {signed}"
            names = "short_key, candidate_key, name, rung, ratio, set_by, set_at, signed_by, signed_on"
            await uow.session.execute(sql(f"INSERT INTO candidate_link ({names}) VALUES ({values})"))  # noqa: S608
    await schema.upgrade(database.engine)
    async with database.read() as session:
        (row,) = await session.scalars(select(SubstituteAssessment))
    assert (row.candidate_key, row.state, row.signed_as, row.number) == ("a", "signed", "Siri Farm", 1)
    assert (row.content["ratio"], row.writers, row.valid_until) == (2, ["siri"], None)
    assert row.signed_at == dt.datetime(2025, 7, 2, 12, tzinfo=dt.UTC)
    await schema.downgrade(database.engine, "0029")
    await database.close()


async def test_what_there_is_of_many_cases_is_no_longer_asked_than_a_database_can_be(database: Database) -> None:
    async with database.read() as session:
        assert await cases.what_is_kept_of(session, range(1, 10)) == frozenset()
        every = await cases.what_is_kept_of(session, range(1, 10_000))
    assert {"end_date", "case_document", "restriction"} <= every
