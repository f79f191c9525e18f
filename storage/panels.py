"""Questions about expert panels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.tables import ExpertPanel, Inquiry, PanelMember, ShortageCase


async def panels(session: AsyncSession) -> list[ExpertPanel]:
    """Every panel, by its field's name."""
    return list(await session.scalars(select(ExpertPanel).order_by(col(ExpertPanel.field), col(ExpertPanel.id))))


async def members_of(session: AsyncSession, panel_ids: Iterable[int]) -> dict[int, list[PanelMember]]:
    """Panel id → who is in it, in the order in which they came."""
    found: dict[int, list[PanelMember]] = defaultdict(list)
    query = select(PanelMember).where(
        col(PanelMember.panel_id).in_(list(panel_ids)), col(PanelMember.removed_at).is_(None)
    )
    for row in await session.scalars(query.order_by(col(PanelMember.id))):
        found[row.panel_id].append(row)
    return found


async def persons(session: AsyncSession) -> set[str]:
    """The persons who are in some panel and have not been seen to leave Slack."""
    query = select(PanelMember.person).where(
        col(PanelMember.person).is_not(None), col(PanelMember.removed_at).is_(None), col(PanelMember.left_at).is_(None)
    )
    return {person for person in await session.scalars(query) if person}


async def left(session: AsyncSession, persons: Collection[str]) -> set[str]:
    """Those of the persons who were seen to leave Slack, and are in no panel as somebody who is there."""
    if not persons:
        return set()
    query = select(PanelMember.person, PanelMember.left_at).where(
        col(PanelMember.person).in_(persons), col(PanelMember.removed_at).is_(None)
    )
    gone: dict[str, bool] = {}
    for person, left_at in await session.execute(query):
        gone[person] = gone.get(person, True) and left_at is not None
    return {person for person, away in gone.items() if away}


async def memberships(session: AsyncSession, person: str) -> list[PanelMember]:
    """A person's memberships from which they have not been seen to leave Slack."""
    query = select(PanelMember).where(PanelMember.person == person, col(PanelMember.left_at).is_(None))
    return list(await session.scalars(query))


async def asked_of(session: AsyncSession, panel_id: int, *, without: Collection[str]) -> list[Inquiry]:
    """What a panel was asked, newest first; not in cases with one of these visibilities."""
    query = (
        select(Inquiry)
        .join(ShortageCase, col(ShortageCase.id) == col(Inquiry.case_id))
        .where(Inquiry.panel_id == panel_id, col(ShortageCase.visibility).not_in(without))
        .order_by(col(Inquiry.id).desc())
        .limit(10)
    )
    return list(await session.scalars(query))
