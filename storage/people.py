"""Questions about people and what they follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import and_, bindparam, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import Follow, FollowedNews, Person


async def by_slack_user(session: AsyncSession, slack_user: str) -> Person | None:
    """The person with this Slack id."""
    return (await session.scalars(_BY_SLACK_USER, {"slack_user": slack_user})).one_or_none()


_BY_SLACK_USER = select(Person).where(col(Person.slack_user) == bindparam("slack_user"))
"""Made once: it is asked at everything that anybody does."""


async def slack_users(session: AsyncSession, persons: Iterable[str]) -> dict[str, str]:
    """Person key → Slack id, for those who have one."""
    wanted = list(persons)
    if not wanted:
        return {}
    rows = await session.execute(
        select(Person.id, Person.slack_user).where(col(Person.id).in_(wanted), col(Person.slack_user).is_not(None))
    )
    return {person: slack_user for person, slack_user in rows if slack_user}


async def follows_of(session: AsyncSession, target: str) -> list[Follow]:
    """What a person or channel follows, oldest first."""
    return list(await session.scalars(select(Follow).where(Follow.target == target).order_by(col(Follow.id))))


async def followers(session: AsyncSession, subjects: Iterable[tuple[str, str]]) -> list[Follow]:
    """Whoever follows, or has muted, one of the (kind, subject) pairs."""
    wanted = [and_(col(Follow.kind) == kind, col(Follow.subject) == subject) for kind, subject in subjects]
    if not wanted:
        return []
    return list(await session.scalars(select(Follow).where(or_(*wanted)).order_by(col(Follow.id))))


async def follow_of(session: AsyncSession, target: str, kind: str, subject: str) -> Follow | None:
    """A person's or channel's follow of one thing."""
    wanted = select(Follow).where(Follow.target == target, Follow.kind == kind, Follow.subject == subject)
    return (await session.scalars(wanted)).one_or_none()


async def follows_by_id(session: AsyncSession, ids: Iterable[int]) -> dict[int, Follow]:
    """Follows by their row ids."""
    rows = await session.scalars(select(Follow).where(col(Follow.id).in_(list(ids))))
    return {row.id: row for row in rows if row.id is not None}


async def put_aside(
    session: AsyncSession, follow: Follow, about_kind: str, about: str, *, at: dt.datetime, due_at: dt.datetime
) -> None:
    """Keep for the collected message that something has happened; once for each thing."""
    of_dialect = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"target": follow.target, "follow_id": follow.id, "about_kind": about_kind, "about": about}
    statement = of_dialect(FollowedNews).values(**row, at=at, due_at=due_at)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["target", "about_kind", "about"]))


async def news_due(session: AsyncSession, now: dt.datetime) -> list[FollowedNews]:
    """What was put aside and is due, the oldest first."""
    due = select(FollowedNews).where(col(FollowedNews.due_at) <= now)
    return list(await session.scalars(due.order_by(col(FollowedNews.id))))


async def languages(session: AsyncSession, slack_user_ids: Iterable[str]) -> dict[str, str]:
    """Slack id → the language that person reads; bokmål for whoever is not known or has chosen none."""
    wanted = list(slack_user_ids)
    found = dict.fromkeys(wanted, "nb")
    if wanted:
        rows = await session.execute(
            select(Person.slack_user, Person.language).where(col(Person.slack_user).in_(wanted))
        )
        found |= {str(slack_user): language for slack_user, language in rows if language}
    return found
