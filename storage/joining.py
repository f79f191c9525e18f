"""What moves when two cases become one, or one becomes two. Each is a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Table, delete, insert, literal, update
from sqlalchemy import select as columns_of
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import (
    CaseDocument,
    CasePackage,
    CasePreparation,
    DominoAlert,
    Follow,
    FollowedNews,
    MeetingTask,
    RegisterNotice,
    ShortageCase,
    ShortageReport,
    StockAlert,
)

CASE = "case"
NEVER = "never"
"""The pace of a follow that is only a mute."""


async def move_all(session: AsyncSession, from_id: int, to_id: int, from_number: str, to_number: str) -> None:
    """Hang what hangs on one case, withdrawn reports included, on another; nothing that is there twice is doubled."""
    for table in (_table(ShortageReport), _table(CaseDocument)):
        await session.execute(update(table).where(table.c.case_id == from_id).values(case_id=to_id))
    await _copy(session, _table(CasePreparation), "preparation_id", from_id, to_id)
    await _copy(session, _table(CasePackage), "article", from_id, to_id)
    for table in (_table(StockAlert), _table(DominoAlert), _table(RegisterNotice), _table(MeetingTask)):
        await session.execute(update(table).where(table.c.case_number == from_number).values(case_number=to_number))
    cases = _table(ShortageCase)
    effects = update(cases).where(cases.c.domino_of == from_number)
    await session.execute(effects.where(cases.c.id != to_id).values(domino_of=to_number))
    await session.execute(effects.values(domino_of=None))
    await _move_followers(session, from_number, to_number)


async def copy_preparations(session: AsyncSession, from_id: int, to_id: int) -> None:
    """Let a case name the medicines that another names."""
    await _copy(session, _table(CasePreparation), "preparation_id", from_id, to_id)


async def _copy(session: AsyncSession, table: Table, what: str, from_id: int, to_id: int) -> None:
    there = columns_of(table.c[what]).where(table.c.case_id == to_id)
    wanted = columns_of(literal(to_id), table.c[what], table.c.name).where(
        table.c.case_id == from_id, table.c[what].not_in(there)
    )
    await session.execute(insert(table).from_select(["case_id", what, "name"], wanted))


async def _move_followers(session: AsyncSession, from_number: str, to_number: str) -> None:
    """Whoever follows a case by its number follows the other; who follows both does so once, and hears once."""
    follow, news = _table(Follow), _table(FollowedNews)
    other = follow.alias()
    follows_other = columns_of(other.c.id).where(
        other.c.kind == CASE, other.c.subject == to_number, other.c.target == follow.c.target
    )
    twice = columns_of(follow.c.id).where(
        follow.c.kind == CASE, follow.c.subject == from_number, follows_other.exists()
    )
    hears_more = columns_of(other.c.id).where(
        other.c.kind == CASE, other.c.subject == from_number, other.c.target == follow.c.target, other.c.pace != NEVER
    )
    only_muted = (follow.c.kind == CASE, follow.c.subject == to_number, follow.c.pace == NEVER)
    pace = columns_of(other.c.pace).where(
        other.c.kind == CASE, other.c.subject == from_number, other.c.target == follow.c.target
    )
    await session.execute(
        update(follow).where(*only_muted, hears_more.exists()).values(pace=pace.correlate(follow).scalar_subquery())
    )
    goes_on = columns_of(other.c.id).where(
        other.c.kind == CASE, other.c.subject == to_number, other.c.target == news.c.target
    )
    await session.execute(update(news).where(news.c.follow_id.in_(twice)).values(follow_id=goes_on.scalar_subquery()))
    await session.execute(delete(follow).where(follow.c.id.in_(twice)))
    of_case = (follow.c.kind == CASE, follow.c.subject == from_number)
    await session.execute(update(follow).where(*of_case).values(subject=to_number, label=to_number))
    heard = news.alias()
    hears_other = columns_of(heard.c.id).where(
        heard.c.about_kind == CASE, heard.c.about == to_number, heard.c.target == news.c.target
    )
    about = (news.c.about_kind == CASE, news.c.about == from_number)
    await session.execute(delete(news).where(*about, hears_other.exists()))
    await session.execute(update(news).where(*about).values(about=to_number))


async def copy_followers(session: AsyncSession, from_number: str, to_number: str, since: dt.datetime) -> None:
    """Whoever follows a case by its number follows the other as well."""
    follow = _table(Follow)
    there = columns_of(follow.c.target).where(follow.c.kind == CASE, follow.c.subject == to_number).scalar_subquery()
    same = [column for column in follow.c.keys() if column not in ("id", "subject", "label", "since")]  # noqa: SIM118
    wanted = columns_of(
        *(follow.c[column] for column in same),
        literal(to_number),
        literal(to_number),
        literal(since, type_=follow.c.since.type),
    ).where(follow.c.kind == CASE, follow.c.subject == from_number, follow.c.target.not_in(there))
    await session.execute(insert(follow).from_select([*same, "subject", "label", "since"], wanted))


async def join_complexes(session: AsyncSession, names: Collection[str], into: str) -> None:
    """Let the cases of these complexes be of one."""
    cases = _table(ShortageCase)
    await session.execute(update(cases).where(cases.c.complex.in_(names)).values(complex=into))


def _table(of: type[object]) -> Table:
    table = of.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)  # noqa: S101
    return table
