"""The workspaces that the bot has been installed in besides the centre's own, and installations under way."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import InstallationState, WorkspaceInstallation


async def installation(session: AsyncSession, team_id: str) -> WorkspaceInstallation | None:
    """A workspace, also one that has removed the bot since."""
    return await session.get(WorkspaceInstallation, team_id)


async def installed(session: AsyncSession) -> list[WorkspaceInstallation]:
    """Those that have the bot now, by name."""
    there = select(WorkspaceInstallation).where(col(WorkspaceInstallation.removed_at).is_(None))
    return list(await session.scalars(there.order_by(col(WorkspaceInstallation.team_name))))


async def begin(session: AsyncSession, digest: str, now: dt.datetime, until: dt.datetime) -> None:
    """Somebody begins to install; those that began and never came back are forgotten."""
    await session.execute(delete(InstallationState).where(col(InstallationState.until) < now))
    session.add(InstallationState(digest=digest, until=until))


async def came_back(session: AsyncSession, digest: str, now: dt.datetime) -> bool:
    """Whether it is one that began, not too long ago, and comes back for the first time."""
    done = await session.execute(
        delete(InstallationState)
        .where(col(InstallationState.digest) == digest, col(InstallationState.until) >= now)
        .returning(col(InstallationState.digest))
    )
    return done.first() is not None
