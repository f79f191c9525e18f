"""Questions about the catalogue: what was imported or added, and what people have meant by what they typed."""

from __future__ import annotations

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.cases import OPEN
from storage.tables import (
    CatalogueEntry,
    CatalogueImport,
    ShortageCase,
    ShortageReport,
    Synonym,
    WrongMatch,
)

ACCEPTED = "accepted"
AS_WRITTEN = "text|"
"""How the key of a case begins that is kept under what somebody wrote."""


async def version(session: AsyncSession) -> int:
    """The id of the newest change; 0 where there was none."""
    return (await session.execute(select(func.max(CatalogueImport.id)))).scalar_one_or_none() or 0


async def entries(session: AsyncSession) -> list[CatalogueEntry]:
    """Everything imported or added that has not been retired."""
    return list(await session.scalars(select(CatalogueEntry).where(col(CatalogueEntry.retired_at).is_(None))))


async def accepted_synonyms(session: AsyncSession) -> list[Synonym]:
    """The short names in use, in alphabetical order."""
    return list(
        await session.scalars(select(Synonym).where(col(Synonym.state) == ACCEPTED).order_by(col(Synonym.words)))
    )


async def decided_words(session: AsyncSession) -> set[str]:
    """The words that the centre has decided about, whichever way."""
    return set(await session.scalars(select(Synonym.words)))


async def synonym_of(session: AsyncSession, words: str) -> Synonym | None:
    """What was decided about these words."""
    return (await session.scalars(select(Synonym).where(Synonym.words == words))).one_or_none()


async def own_entries(session: AsyncSession, *, limit: int, offset: int) -> list[CatalogueEntry]:
    """What the centre has added and not retired, in alphabetical order."""
    return list(
        await session.scalars(
            select(CatalogueEntry)
            .where(col(CatalogueEntry.added_by).is_not(None), col(CatalogueEntry.retired_at).is_(None))
            .order_by(func.lower(col(CatalogueEntry.name)), col(CatalogueEntry.id))
            .limit(limit)
            .offset(offset)
        )
    )


async def count_own(session: AsyncSession) -> int:
    """How many `own_entries` there are in all."""
    return int(
        (
            await session.execute(
                select(func.count())
                .select_from(CatalogueEntry)
                .where(col(CatalogueEntry.added_by).is_not(None), col(CatalogueEntry.retired_at).is_(None))
            )
        ).scalar_one()
    )


async def typed_and_chosen(session: AsyncSession) -> list[tuple[str, str | None, str, str]]:
    """Reports whose text was not the medicine's own name: text, preparation, name, reporter. One row a report."""
    rows = await session.execute(
        select(ShortageReport.typed, ShortageReport.preparation_id, ShortageReport.name, ShortageReport.reporter).where(
            col(ShortageReport.withdrawn_at).is_(None),
            col(ShortageReport.typed) != "",
            func.lower(col(ShortageReport.typed)) != func.lower(col(ShortageReport.name)),
        )
    )
    return [(typed, preparation, name, reporter) for typed, preparation, name, reporter in rows]


async def typed_and_mistaken(session: AsyncSession) -> list[tuple[str, str | None, str, str]]:
    """Texts that had been filed under a medicine which was put right later; like `typed_and_chosen`."""
    rows = await session.execute(
        select(WrongMatch.typed, WrongMatch.wrong_id, WrongMatch.wrong_name, WrongMatch.by)
        .where(func.lower(col(WrongMatch.typed)) != func.lower(col(WrongMatch.wrong_name)))
        .distinct()
    )
    return [(typed, preparation, name, by) for typed, preparation, name, by in rows]


async def open_cases_as_written(session: AsyncSession) -> list[ShortageCase]:
    """Open cases kept under what somebody wrote, oldest first."""
    return list(
        await session.scalars(
            select(ShortageCase)
            .where(
                col(ShortageCase.preparation_key).startswith(AS_WRITTEN, autoescape=True),
                col(ShortageCase.status).in_(OPEN),
            )
            .order_by(col(ShortageCase.id))
        )
    )
