"""Questions about people and what they follow."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import Follow, Person


async def by_slack_user(session: AsyncSession, slack_user: str) -> Person | None:
    """The person with this Slack id."""
    return (await session.scalars(select(Person).where(Person.slack_user == slack_user))).one_or_none()


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
    """Whoever follows one of the (kind, subject) pairs."""
    found: list[Follow] = []
    for kind, subject in subjects:
        found += await session.scalars(select(Follow).where(Follow.kind == kind, Follow.subject == subject))
    return found


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
