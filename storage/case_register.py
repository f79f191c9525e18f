"""Another register's cases: taken in many at a time, compared, and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy import select as columns_of
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import (
    CaseDocument,
    CaseImport,
    CaseNumber,
    CasePackage,
    CasePreparation,
    CaseSolution,
    ColumnMapping,
    DominoAlert,
    EndDate,
    RegisterList,
    ShortageCase,
    ShortageReport,
)

CASES = "cases"
IN_ONE_STATEMENT = 500
"""Ids in one IN list: SQLite takes no more than 32,766 in all."""

_TABLE = ShortageCase.__table__  # type: ignore[attr-defined]


async def standing(session: AsyncSession, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Number → these columns of every case there is."""
    rows = await session.execute(columns_of(*(_TABLE.c[name] for name in columns)))
    return {row["number"]: dict(row) for row in rows.mappings()}


async def add_cases(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert cases; number → id."""
    if not rows:
        return {}
    await (await session.connection()).execute(insert(_TABLE), list(rows))
    of_import = col(ShortageCase.import_id) == rows[0]["import_id"]
    found = await session.execute(columns_of(_TABLE.c.number, _TABLE.c.id).where(of_import))
    return {number: int(case_id) for number, case_id in found}


async def change_cases(session: AsyncSession, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Case id → the columns to write; every case the same ones."""
    if not changes:
        return
    names = next(iter(changes.values())).keys()
    statement = (
        update(_TABLE).where(_TABLE.c.id == bindparam("the_id")).values({name: bindparam(name) for name in names})
    )
    connection = await session.connection()
    await connection.execute(statement, [{"the_id": case_id, **values} for case_id, values in changes.items()])


async def put_solutions(session: AsyncSession, solutions: Mapping[int, Iterable[str]]) -> None:
    """Case id → what was done, in place of what stood there."""
    ids = list(solutions)
    for start in range(0, len(ids), IN_ONE_STATEMENT):
        part = ids[start : start + IN_ONE_STATEMENT]
        await session.execute(delete(CaseSolution).where(col(CaseSolution.case_id).in_(part)))
    rows = [{"case_id": case_id, "solution": one} for case_id, done in solutions.items() for one in done]
    if rows:
        await (await session.connection()).execute(insert(CaseSolution.__table__), rows)  # type: ignore[attr-defined]


async def announce_ends(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert announced ends."""
    if rows:
        await (await session.connection()).execute(insert(EndDate.__table__), list(rows))  # type: ignore[attr-defined]


async def reserve_numbers(session: AsyncSession, last: Mapping[int, int]) -> None:
    """Year → a number that has been given elsewhere: our own go on after it."""
    counters = {row.year: row for row in await session.scalars(select(CaseNumber))}
    for year, number in last.items():
        if year not in counters:
            session.add(CaseNumber(year=year, last=number))
        elif counters[year].last < number:
            counters[year].last = number
    await session.flush()


async def is_last(session: AsyncSession, sha256: str) -> bool:
    """True where exactly this file was the last to be taken in."""
    newest = await last_import(session)
    return newest is not None and newest.sha256 == sha256


async def last_import(session: AsyncSession) -> CaseImport | None:
    """The newest import that stands."""
    return (
        await session.scalars(
            select(CaseImport).where(CaseImport.state == "stored").order_by(col(CaseImport.id).desc()).limit(1)
        )
    ).one_or_none()


async def worked_on(session: AsyncSession, import_id: int) -> list[str]:
    """Numbers of an import's cases that somebody has changed or reported since."""
    reported = select(ShortageReport.case_id)
    rows = await session.scalars(
        select(ShortageCase.number)
        .where(
            ShortageCase.import_id == import_id,
            (col(ShortageCase.version) > 1) | col(ShortageCase.id).in_(reported),
        )
        .order_by(col(ShortageCase.number))
    )
    return list(rows)


async def remove_cases(session: AsyncSession, import_id: int) -> None:
    """Delete an import's cases with what hangs on them."""
    theirs = select(ShortageCase.id).where(ShortageCase.import_id == import_id)
    for table in (CaseSolution, EndDate, CasePreparation, CasePackage, CaseDocument, DominoAlert):
        await session.execute(delete(table).where(col(table.case_id).in_(theirs)))
    await session.execute(delete(ShortageCase).where(col(ShortageCase.import_id) == import_id))


async def mappings(session: AsyncSession) -> dict[str, dict[str, str]]:
    """Mark of a set of headings → heading → our column."""
    rows = await session.scalars(select(ColumnMapping).where(ColumnMapping.kind == CASES))
    return {row.headings: dict(row.columns) for row in rows}


async def remember_mapping(session: AsyncSession, headings: str, columns: Mapping[str, str], at: dt.datetime) -> None:
    """Keep what these headings mean."""
    await session.merge(ColumnMapping(kind=CASES, headings=headings, columns=dict(columns), at=at))


async def forget_unanswered(session: AsyncSession, before: dt.datetime) -> int:
    """Let go of every list and register that was shown before then and never answered; how many."""
    result = await session.execute(
        update(RegisterList)
        .where(col(RegisterList.state) == "preview", col(RegisterList.received_at) < before)
        .values(state="dropped", content=b"", grades={})
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
