"""Restrictions read from what is kept, for cards, digests and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.restrictions import Ground, Issuer, Part, PartKind, Restriction, State
from bot.cases.vocabulary import Region, Sector
from bot.clock import oslo
from bot.messages.values import Mention
from storage import people
from storage import restrictions as stored
from storage.tables import RestrictionPart, ShortageCase


async def restrictions_of(session: AsyncSession, cases: Sequence[ShortageCase]) -> dict[int, tuple[Restriction, ...]]:
    """Case id → its restrictions, oldest first, drafts too; at most three queries."""
    by_id = {case.id: case for case in cases if case.id is not None}
    rows = await stored.of_cases(session, list(by_id))
    if not rows:
        return {}
    parts = await stored.parts_of(session, [row.id for row in rows if row.id is not None])
    names = await people.slack_users(session, {row.decided_by for row in rows if row.decided_by})
    found: dict[int, list[Restriction]] = defaultdict(list)
    for row in rows:
        assert row.id is not None  # noqa: S101
        case = by_id[row.case_id]
        found[row.case_id].append(
            Restriction(
                id=row.id,
                case=case.number,
                title=case.name,
                state=State(row.state),
                issuer=Issuer(row.issuer),
                ground=Ground(row.ground),
                ground_words=row.ground_words,
                sector=Sector(row.sector),
                regions=tuple(map(Region, row.regions)),
                parts=tuple(map(part_view, parts[row.id])),
                review_on=row.review_on,
                experts=row.experts,
                decided_by=Mention(names[row.decided_by]) if row.decided_by in names else None,
                decided_on=oslo(row.decided_at).date() if row.decided_at else None,
                published=row.published,
                version=row.version,
            )
        )
    return {case_id: tuple(them) for case_id, them in found.items()}


def part_view(row: RestrictionPart) -> Part:
    """One part as plain values."""
    assert row.id is not None  # noqa: S101
    return Part(row.id, PartKind(row.kind), row.words, row.starts_on, row.ends_on, row.lifted_on, row.why_lifted)
