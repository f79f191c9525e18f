"""Everything stored of one case, found by the schema itself; and what is erased once it has been kept long enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, and_, cast, exists, func, or_, select, update
from sqlalchemy import Text as Words
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from storage.personal_data import keys_in
from storage.tables import (
    AuditEntry,
    CandidateLink,
    CaseBatch,
    Follow,
    OutboxEntry,
    Person,
    RegisterList,
    Reminder,
    ShortageCase,
    ShortageReport,
    StockSheet,
)

ENDED = ("closed", "not_relevant", "merged")
_SAID = ("sent", "superseded")
ERASED = "erased"
"""What the log calls that a case's texts and messages have been erased after its archive copy."""

NOT_OF_A_CASE = frozenset({"person", "inbox", "kept_event", "lead"})
"""Tables whose rows belong to no case, though a case's number may stand in them."""


async def rows_of_case(session: AsyncSession, case: ShortageCase) -> dict[str, list[dict[str, Any]]]:
    """Table → the rows that belong to `case`, oldest first, as values that JSON takes. Files are named, not copied.

    A row belongs to it that points at it, that has its number, or that points at such a row. Beside these: the log,
    what was said, what reminded of it, what was done to several cases at once, and its candidates.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    ids: dict[str, list[Any]] = {}
    for table in sorted(SQLModel.metadata.sorted_tables, key=lambda one: one.name in _BESIDE):
        if table.name in NOT_OF_A_CASE:
            continue
        mine = _belongs(table, case, ids)
        if mine is None:
            continue
        shown = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        rows = (await session.execute(select(*shown).where(mine).order_by(*table.primary_key.columns))).mappings().all()
        if rows:
            found[table.name] = [{name: _plain(value) for name, value in row.items()} for row in rows]
            if "id" in table.c:
                ids[table.name] = [row["id"] for row in rows]
    return found


def _belongs(table: Table, case: ShortageCase, ids: dict[str, list[Any]]) -> ColumnElement[bool] | None:
    ways: list[ColumnElement[bool]] = []
    if table.name == ShortageCase.__tablename__:
        ways.append(table.c.id == case.id)
    elif table.name in _BESIDE:
        ways.append(_BESIDE[table.name](case, ids))
    else:
        if "case_number" in table.c:
            ways.append(table.c.case_number == case.number)
        for column in table.columns:
            for key in column.foreign_keys:
                above = key.column.table.name
                if above in ids and above != table.name:
                    ways.append(column.in_(ids[above]))
    return or_(*ways) if ways else None


def about(number: str, reports: Sequence[int] = ()) -> ColumnElement[bool]:
    """Messages about the case of this number: their keys have it (`told:2025-0147:v3:U…`), or they stand in its thread.

    `reports`: the ids of its reports, whose receipts are about it too.
    """
    key = col(OutboxEntry.key)
    receipts = [f"{kind}:{report}" for report in reports for kind in ("receipt", "registered")]
    return or_(
        key.endswith(f":{number}", autoescape=True),
        key.contains(f":{number}:", autoescape=True),
        col(OutboxEntry.reply_to) == f"card:{number}",
        key.in_(receipts),
        *(key.startswith(f"corrected:{report}:", autoescape=True) for report in reports),
    )


_BESIDE: dict[str, Callable[[ShortageCase, dict[str, list[Any]]], ColumnElement[bool]]] = {
    "audit": lambda case, ids: col(AuditEntry.subject) == f"case:{case.number}",
    "outbox": lambda case, ids: about(case.number, ids.get("shortage_report", ())),
    "follow": lambda case, ids: and_(col(Follow.kind) == "case", col(Follow.subject) == case.number),
    "reminder": lambda case, ids: col(Reminder.about) == case.number,
    "candidate_link": lambda case, ids: col(CandidateLink.short_key) == case.preparation_key,
    "case_batch": lambda case, ids: cast(col(CaseBatch.changes), Words).contains(f'"{case.number}"', autoescape=True),
}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def person_columns(table: str) -> frozenset[str]:
    """The columns of a table that point at a person."""
    return frozenset(column.name for column in keys_in(SQLModel.metadata.tables[table]))


async def card_at(session: AsyncSession, number: str) -> tuple[str, str] | None:
    """Where a case's card stands: channel and timestamp; None where it has none."""
    where = select(col(OutboxEntry.posted_in), col(OutboxEntry.channel), col(OutboxEntry.ts))
    row = (await session.execute(where.where(col(OutboxEntry.key) == f"card:{number}"))).one_or_none()
    return (str(row[0] or row[1]), str(row[2])) if row is not None and row[2] else None


# --- what has been kept long enough ---


def _to_be_erased(before: dt.datetime) -> ColumnElement[bool]:
    """Cases that ended before `before` and were not erased since they ended."""
    erased = exists().where(
        col(AuditEntry.subject) == "case:" + col(ShortageCase.number),
        col(AuditEntry.action) == ERASED,
        col(AuditEntry.at) >= col(ShortageCase.changed_at),
    )
    return and_(col(ShortageCase.status).in_(ENDED), col(ShortageCase.changed_at) < before, ~erased)


async def cases_to_erase(session: AsyncSession, before: dt.datetime, most: int) -> list[ShortageCase]:
    """The first of the cases that ended, and were changed last, before `before` and still have all that was said."""
    query = select(ShortageCase).where(_to_be_erased(before)).order_by(col(ShortageCase.id)).limit(most)
    return list(await session.scalars(query))


async def count_cases_to_erase(session: AsyncSession, before: dt.datetime) -> int:
    """How many there are."""
    query = select(func.count()).select_from(ShortageCase).where(_to_be_erased(before))
    return int((await session.execute(query)).scalar_one())


async def erase_case(session: AsyncSession, case: ShortageCase) -> dict[str, int]:
    """Empty the free text of a case's reports and what was said about it; table → rows. No row goes."""
    ids = (await session.scalars(select(col(ShortageReport.id)).where(col(ShortageReport.case_id) == case.id))).all()
    reports = update(ShortageReport).where(col(ShortageReport.case_id) == case.id)
    said = and_(about(case.number, [one for one in ids if one is not None]), col(OutboxEntry.state).in_(_SAID))
    messages = update(OutboxEntry).where(said, col(OutboxEntry.text) != "")
    return {
        "shortage_report": await _done(session, reports.values(note=None, told_by=None, typed="")),
        "outbox": await _done(session, messages.values(text="", blocks=[])),
    }


def _old_messages(before: dt.datetime) -> ColumnElement[bool]:
    """Direct messages that were sent before `before` and are about no case in particular, or about an erased one."""
    row = OutboxEntry
    return and_(
        col(row.created_at) < before,
        col(row.state).in_(_SAID),
        or_(col(row.channel).startswith("U"), col(row.channel).startswith("W"), col(row.channel).startswith("D")),
        col(row.text) != "",
        ~exists().where(
            col(ShortageCase.status).not_in(ENDED),
            or_(
                col(row.key).contains(":" + col(ShortageCase.number) + ":"),
                col(row.key).endswith(":" + col(ShortageCase.number)),
            ),
        ),
    )


async def count_old_messages(session: AsyncSession, before: dt.datetime) -> int:
    """How many direct messages that were sent before `before` still have their text."""
    query = select(func.count()).select_from(OutboxEntry).where(_old_messages(before))
    return int((await session.execute(query)).scalar_one())


async def erase_messages(session: AsyncSession, before: dt.datetime) -> int:
    """Empty them; how many."""
    return await _done(session, update(OutboxEntry).where(_old_messages(before)).values(text="", blocks=[]))


_HANDLED_SHEETS = ("stored", "partly_stored", "dropped")


def _old_files(table: type[StockSheet] | type[RegisterList], before: dt.datetime) -> ColumnElement[bool]:
    return and_(
        col(table.received_at) < before, col(table.state).in_(_HANDLED_SHEETS), func.length(col(table.content)) > 0
    )


async def count_old_files(session: AsyncSession, before: dt.datetime) -> int:
    """How many files that came before `before` still have their content."""
    counts = [
        int(
            (
                await session.execute(select(func.count()).select_from(table).where(_old_files(table, before)))
            ).scalar_one()
        )
        for table in (StockSheet, RegisterList)
    ]
    return sum(counts)


async def erase_files(session: AsyncSession, before: dt.datetime) -> int:
    """Empty them; their name, hash and figures stay. How many."""
    counts = [
        await _done(session, update(table).where(_old_files(table, before)).values(content=b""))
        for table in (StockSheet, RegisterList)
    ]
    return sum(counts)


async def people_not_seen_since(session: AsyncSession, before: dt.datetime) -> list[str]:
    """Slack ids of those who have done nothing since `before`, own no open case, follow nothing and await no answer."""
    person = Person

    def nothing(table: type[SQLModel], *where: Any) -> ColumnElement[bool]:
        return ~exists().select_from(table).where(*where)

    query = select(col(person.slack_user)).where(
        col(person.slack_user).is_not(None),
        col(person.first_seen) < before,
        nothing(AuditEntry, col(AuditEntry.person) == col(person.id), col(AuditEntry.at) >= before),
        nothing(Follow, col(Follow.target) == col(person.slack_user)),
        nothing(
            ShortageCase,
            col(ShortageCase.status).not_in(ENDED),
            or_(
                col(ShortageCase.owner) == col(person.id),
                col(ShortageCase.stand_in) == col(person.id),
                col(ShortageCase.next_step_for) == col(person.id),
            ),
        ),
        ~exists()
        .where(
            col(ShortageReport.reporter) == col(person.id),
            col(ShortageReport.case_id) == col(ShortageCase.id),
            col(ShortageCase.status).not_in(ENDED),
        )
        .correlate(person),
    )
    return sorted(str(slack_user) for slack_user in await session.scalars(query))


async def _done(session: AsyncSession, statement: Any) -> int:
    result = await session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
