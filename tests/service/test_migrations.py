"""Migrations while the version before still runs: every step adds, goes back, and carries what was stored with it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import select

from storage import outbox, schema
from storage.tables import Person
from storage.unit_of_work import Database
from tests.service.conftest import MONDAY

BEFORE_THE_FIRST_RELEASE = {
    "0005: stock_alert.escalated has no default",
}
"""What nothing that runs anywhere was hurt by. From the first release on nothing is added here."""

Columns = dict[str, dict[str, tuple[str, bool, bool]]]
"""Table → column → its type, whether it may be empty, and whether the database fills it in."""


def revisions() -> list[str]:
    """Every revision, the first one first."""
    script = ScriptDirectory.from_config(schema.alembic_config())
    return [one.revision for one in script.walk_revisions()][::-1]


def columns(connection: Connection) -> Columns:
    """What stands in the database."""
    found = inspect(connection)
    return {
        table: {
            column["name"]: (str(column["type"]), bool(column["nullable"]), column["default"] is not None)
            for column in found.get_columns(table)
        }
        for table in found.get_table_names()
    }


def uniques(connection: Connection) -> set[tuple[str, ...]]:
    """Which columns may hold a value once: their table, and their names."""
    found = inspect(connection)
    return {
        (table, *sorted(one["column_names"]))
        for table in found.get_table_names()
        for one in found.get_unique_constraints(table)
    }


def what_would_hurt(revision: str, old: Columns, new: Columns) -> set[str]:
    """What the release before would stumble over: something it knows that is gone or stricter, or that it must fill."""
    hurt = {f"{revision}: {table} is gone" for table in old.keys() - new.keys()}
    for table in old.keys() & new.keys():
        hurt |= {f"{revision}: {table}.{name} is gone" for name in old[table].keys() - new[table].keys()}
        for name, (kind, empty, filled) in new[table].items():
            if name not in old[table]:
                if not empty and not filled:
                    hurt.add(f"{revision}: {table}.{name} has no default")
            elif old[table][name][1] and not empty:
                hurt.add(f"{revision}: {table}.{name} may no longer be empty")
            elif old[table][name][0].partition("(")[0] != kind.partition("(")[0]:
                hurt.add(f"{revision}: {table}.{name} is of another kind")
    return hurt


def looser(one: tuple[str, ...], before: set[tuple[str, ...]]) -> bool:
    """Whether fewer columns of the same table had to be unique before: what was taken then is taken still."""
    return any(other[0] == one[0] and set(other[1:]) <= set(one[1:]) for other in before)


async def test_each_release_leaves_the_one_before_it_able_to_work(empty_database_url: str) -> None:
    database = Database.at(empty_database_url, lambda: MONDAY)
    hurt: set[str] = set()
    known: Columns = {}
    once: set[tuple[str, ...]] = set()
    for revision in revisions():
        await schema.upgrade(database.engine, revision)
        async with database.engine.connect() as connection:
            there, unique = await connection.run_sync(columns), await connection.run_sync(uniques)
        hurt |= what_would_hurt(revision, known, there)
        hurt |= {
            f"{revision}: {one} must be unique" for one in unique - once if one[0] in known and not looser(one, once)
        }
        known, once = there, unique
    await database.close()
    assert hurt == BEFORE_THE_FIRST_RELEASE


async def insert(database: Database, revision: str) -> None:
    """What a bot of that release has stored: a person, and a message that waits."""
    at: dict[str, Any] = {"now": MONDAY if database.engine.dialect.name == "postgresql" else "2025-07-07 09:00:00"}
    async with database.unit_of_work() as uow:
        await uow.session.execute(
            text("INSERT INTO person (id, slack_user, language, first_seen) VALUES (:id, :user, 'nb', :now)"),
            at | {"id": f"person-{revision}", "user": f"U{revision}"},
        )
        await uow.session.execute(
            text(
                "INSERT INTO outbox (key, channel, text, blocks, priority, state, attempts, not_before, doubtful,"
                " created_at) VALUES (:key, 'C1', 'fra før', '[]', 5, 'waiting', 0, :now, :no, :now)"
            ),
            at | {"key": f"card:{revision}", "no": False},
        )


async def test_what_any_release_has_stored_goes_up_down_and_up_again_with_the_next(empty_database_url: str) -> None:
    database = Database.at(empty_database_url, lambda: MONDAY)
    steps = revisions()
    before = None
    for revision in steps:
        await schema.upgrade(database.engine, revision)
        if before is not None:
            await schema.downgrade(database.engine, before)
            await schema.upgrade(database.engine, revision)
        await insert(database, revision)
        before = revision
    async with database.read() as session:
        assert set(await session.scalars(select(Person.slack_user))) == {f"U{one}" for one in steps}
        assert len(await outbox.by_keys(session, [f"card:{one}" for one in steps])) == len(steps)
    async with database.unit_of_work() as uow:
        lease = MONDAY - MONDAY
        claimed = await outbox.claim(uow.session, worker="w", now=uow.now, lease=lease, most=len(steps))
        assert len(claimed) == len(steps), "and what waits is sent by this release"
    await database.close()


async def test_a_base_that_a_newer_release_has_changed_is_worked_on_as_it_is(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.unit_of_work() as uow:
        await uow.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await uow.session.execute(text("ALTER TABLE person ADD COLUMN of_tomorrow VARCHAR(8)"))
    with caplog.at_level(logging.WARNING):
        await schema.upgrade(database.engine)
    assert "of a newer release (9999" in caplog.text
    await insert(database, "old")
    at, head = await schema.standing(database.engine)
    assert schema.is_newer(at, head)
    assert not schema.is_newer(head, head)
    assert not schema.is_newer(None, head)
