"""What is stored of one person, found by the schema itself: a new table or column needs nobody to remember it.

A row is of a person where a column points at their key, or where a text holds their Slack id.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, String, Table, Text, cast, delete, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from storage.tables import AuditEntry, Follow, InboxEntry, KeptEvent, OutboxEntry, Person

ERASED = "slettet"
"""What stands where a Slack id stood."""


def keys_in(table: Table) -> list[Column[Any]]:
    """The columns that point at a person."""
    return [column for column in table.columns if any(key.column.table.name == "person" for key in column.foreign_keys)]


def texts_in(table: Table) -> list[Column[Any]]:
    """The columns in which a Slack id may stand: every text and every JSON."""
    return [
        column
        for column in table.columns
        if isinstance(getattr(column.type, "impl_instance", column.type), String | JSON)
    ]


async def rows_of(session: AsyncSession, key: str, slack_user: str) -> dict[str, list[dict[str, Any]]]:
    """Table → every row of this person, as values that JSON takes. Files are named, not copied."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in SQLModel.metadata.sorted_tables:
        mine = or_(
            false(),
            *(column == key for column in [*keys_in(table), *([table.c.id] if table.name == "person" else [])]),
            *(cast(column, Text).contains(slack_user, autoescape=True) for column in texts_in(table)),
        )
        shown = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        rows = await session.execute(select(*shown).where(mine).order_by(*table.primary_key.columns))
        plain = [{name: _plain(value) for name, value in row.items()} for row in rows.mappings()]
        if plain:
            found[table.name] = plain
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


async def erase(session: AsyncSession, key: str, slack_user: str) -> dict[str, int]:
    """Take the Slack id away wherever it stands; table → rows that were changed or went. The log loses no row.

    The key stays, and with it every row that points at it: it no longer leads to anybody. What was on its way to the
    person is not sent, what was said to them is emptied, and what they follow is forgotten.
    """
    done: dict[str, int] = {}

    async def changed(name: str, statement: Any) -> None:
        result = await session.execute(statement.execution_options(synchronize_session=False))
        rows = int(result.rowcount)  # type: ignore[attr-defined]
        done[name] = done.get(name, 0) + rows

    await changed(
        "person",
        update(Person).where(col(Person.id) == key).values(slack_user=None, slack_team=None, place=None, language=None),
    )
    await changed("follow", delete(Follow).where(col(Follow.target) == slack_user))
    await changed(
        "inbox", delete(InboxEntry).where(or_(*(_holds(column, slack_user) for column in texts_in(_table(InboxEntry)))))
    )
    await changed("kept_event", delete(KeptEvent).where(_holds(_table(KeptEvent).c.body, slack_user)))
    await changed(
        "outbox",
        update(OutboxEntry)
        .where(col(OutboxEntry.channel) == slack_user, col(OutboxEntry.state).in_(("waiting", "claimed", "failed")))
        .values(state="superseded"),
    )
    await changed(
        "outbox",
        update(OutboxEntry).where(col(OutboxEntry.channel) == slack_user).values(channel=ERASED, text="", blocks=[]),
    )
    for table in SQLModel.metadata.sorted_tables:
        if table.name != AuditEntry.__tablename__:
            done[table.name] = done.get(table.name, 0) + await _replace(session, table, slack_user)
    return {name: rows for name, rows in done.items() if rows}


def _table(model: type[SQLModel]) -> Table:
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)  # noqa: S101
    return table


def _holds(column: Column[Any], slack_user: str) -> Any:
    return cast(column, Text).contains(slack_user, autoescape=True)


async def _replace(session: AsyncSession, table: Table, slack_user: str) -> int:
    """Put `ERASED` where the Slack id stands in a table's texts; how many rows that were."""
    texts, keys = texts_in(table), list(table.primary_key.columns)
    if not texts or not keys:
        return 0
    rows = await session.execute(
        select(*dict.fromkeys([*keys, *texts])).where(or_(*(_holds(column, slack_user) for column in texts)))
    )
    changed = 0
    for row in rows.mappings().all():
        new = dict(_without(row, texts, slack_user))
        where = [column == row[column.name] for column in keys]
        await session.execute(update(table).where(*where).values(new))
        changed += 1
    return changed


def _without(row: Any, texts: list[Column[Any]], slack_user: str) -> Iterator[tuple[str, Any]]:
    for column in texts:
        value = row[column.name]
        if isinstance(value, str) and slack_user in value:
            yield column.name, value.replace(f"<@{slack_user}>", ERASED).replace(slack_user, ERASED)
        elif value is not None and not isinstance(value, str) and slack_user in json.dumps(value):
            said = json.dumps(value, ensure_ascii=False)
            yield column.name, json.loads(said.replace(f"<@{slack_user}>", ERASED).replace(slack_user, ERASED))
