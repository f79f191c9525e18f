"""Questions about the catalogue: what was imported or added, and what people have meant by what they typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, update
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from storage.cases import OPEN
from storage.tables import (
    CatalogueEntry,
    CatalogueImport,
    CataloguePackage,
    FestFile,
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
    """Everything imported or added that has not been retired; what has left the register too."""
    return list(await session.scalars(select(CatalogueEntry).where(col(CatalogueEntry.retired_at).is_(None))))


async def named_in_cases(session: AsyncSession) -> set[str]:
    """The keys of the preparations that some case, open or not, is about."""
    return set(await session.scalars(select(ShortageCase.preparation_key).distinct()))


async def packages(session: AsyncSession) -> list[tuple[str | None, str | None, str]]:
    """Article number, EAN and preparation of every package of one preparation; those in the register come last."""
    rows = await session.execute(
        select(CataloguePackage.article, CataloguePackage.ean, CataloguePackage.preparation_id)
        .where(col(CataloguePackage.preparation_id).is_not(None))
        .order_by(col(CataloguePackage.expired_at).is_(None), col(CataloguePackage.id))
    )
    return [(article, ean, preparation or "") for article, ean, preparation in rows]


async def packings(session: AsyncSession) -> list[tuple[CataloguePackage, list[dict[str, Any]] | None, str]]:
    """Every package with a size, with the ingredients and the name of its preparation; those in the register last."""
    rows = await session.execute(
        select(CataloguePackage, CatalogueEntry.ingredients, CatalogueEntry.name)
        .join(CatalogueEntry, col(CatalogueEntry.id) == col(CataloguePackage.preparation_id))
        .where(col(CataloguePackage.size).is_not(None), col(CataloguePackage.unit).is_not(None))
        .order_by(col(CataloguePackage.expired_at).is_(None), col(CataloguePackage.id))
    )
    return [(package, ingredients, name) for package, ingredients, name in rows]


async def register_imports(session: AsyncSession) -> tuple[CatalogueImport | None, CatalogueImport | None]:
    """The newest import of FEST as a whole, and the newest of an extract after it."""
    newest: dict[bool, CatalogueImport] = {}
    rows = await session.scalars(
        select(CatalogueImport).where(
            col(CatalogueImport.id).in_(
                select(func.max(CatalogueImport.id))
                .where(col(CatalogueImport.whole).is_not(None))
                .group_by(col(CatalogueImport.whole))
            )
        )
    )
    for row in rows:
        newest[bool(row.whole)] = row
    whole, extract = newest.get(True), newest.get(False)
    if whole is not None and extract is not None and (extract.id or 0) < (whole.id or 0):
        extract = None
    return whole, extract


async def fest_files(session: AsyncSession, state: str) -> list[FestFile]:
    """The fetched files in that state, oldest first."""
    return list(await session.scalars(select(FestFile).where(FestFile.state == state).order_by(col(FestFile.id))))


async def fest_file_of(session: AsyncSession, sha256: str) -> FestFile | None:
    """The fetched file with that content."""
    return (await session.scalars(select(FestFile).where(FestFile.sha256 == sha256))).one_or_none()


Digests = dict[str, tuple[str, bool]]
"""Id → the digest of what was read last, and whether the register still has it."""


async def entry_digests(session: AsyncSession) -> Digests:
    """Of the preparations from FEST's file, and of what it made expire."""
    rows = await session.execute(
        select(CatalogueEntry.id, CatalogueEntry.digest, col(CatalogueEntry.expired_at).is_(None)).where(
            col(CatalogueEntry.digest).is_not(None) | col(CatalogueEntry.expired_at).is_not(None)
        )
    )
    return {id: (digest or "", bool(there)) for id, digest, there in rows}


async def package_digests(session: AsyncSession) -> Digests:
    """Of the packages from FEST's file."""
    rows = await session.execute(
        select(CataloguePackage.id, CataloguePackage.digest, col(CataloguePackage.expired_at).is_(None))
    )
    return {id: (digest, bool(there)) for id, digest, there in rows}


async def names(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The names of those of the stored preparations."""
    if not ids:
        return {}
    rows = await session.execute(
        select(CatalogueEntry.id, CatalogueEntry.name).where(col(CatalogueEntry.id).in_(list(ids)))
    )
    return {id: name for id, name in rows}  # noqa: C416


async def put(
    session: AsyncSession, table: type[CatalogueEntry | CataloguePackage], rows: Sequence[dict[str, Any]]
) -> None:
    """Store `rows` instead of those with the same ids. All rows have the same columns."""
    for start in range(0, len(rows), 5000):
        part = rows[start : start + 5000]
        await session.execute(delete(table).where(col(table.id).in_([row["id"] for row in part])))
        await session.execute(sa_inspect(table).local_table.insert(), part)


async def expire(
    session: AsyncSession,
    table: type[CatalogueEntry | CataloguePackage],
    ids: Collection[str],
    at: dt.datetime,
) -> None:
    """Mark those as gone from the register."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), 1000):
        await session.execute(
            update(table).where(col(table.id).in_(wanted[start : start + 1000])).values(expired_at=at)
        )


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


async def packages_by_article(session: AsyncSession, articles: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Article number → the package's id in FEST and its name."""
    rows = await session.scalars(select(CataloguePackage).where(col(CataloguePackage.article).in_(list(articles))))
    return {str(row.article): (row.id, row.name) for row in rows}
