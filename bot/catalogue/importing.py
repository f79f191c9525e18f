"""FEST taken in: laid beside what is there, shown before it is applied, and applied whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.preparation import Preparation
from bot.catalogue.service import row_of
from bot.messages.phrase import phrase
from bot.refusal import Refused
from bot.registers.difference import Difference, difference
from bot.registers.fest import SOURCE, Fest, Ingredient, Package, Registered, cycles_left_alone
from storage import catalogue as stored
from storage.tables import CatalogueEntry, CatalogueImport, CataloguePackage
from storage.unit_of_work import Database, UnitOfWork

MOST_GONE = 0.05
"""Share of the preparations, or of the packages, that a file may make expire unasked: a cut file looks like that."""

WHOLE = 0.5
"""A file with this share of the shipped list is the register; one with less is an extract, and only adds to it."""


@dataclass(frozen=True, slots=True)
class FestTaken:
    """What a file changes, or has changed. `gone_names` are the preparations that leave the list."""

    fest: Fest
    preparations: Difference
    packages: Difference
    whole: bool
    gone_names: tuple[str, ...]
    newer: dt.date | None = None
    """The date of a newer file that has been taken in already: this one would set the list back."""

    @property
    def changes(self) -> bool:
        """Whether the file says anything else than the one before."""
        return bool(self.preparations) or bool(self.packages)


class FestService:
    """Takes FEST's file in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def preview(self, fest: Fest) -> FestTaken:
        """What the file would change; nothing is stored."""
        async with self._database.read() as session:
            return (await self._compared(session, fest))[0]

    async def take_in(self, fest: Fest, filename: str, *, replace: bool = False, older: bool = False) -> FestTaken:
        """Store what the file changes, all in one; one that changes nothing leaves the database as it was.

        What is gone is kept and marked. Refused where more than 5 % would go, unless `replace`, and where a newer
        file has been taken in, unless the `older` one is to stand. Every replica builds its index anew afterwards
        (`CatalogueService.refresh`).
        """
        with cycles_left_alone():
            return await self._take_in(fest, filename, replace=replace, older=older)

    async def _take_in(self, fest: Fest, filename: str, *, replace: bool, older: bool) -> FestTaken:
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:catalogue")
            taken, entries, packages = await self._compared(uow.session, fest)
            if taken.newer is not None and taken.changes and not older:
                _refuse_older(taken, filename)
            if not replace:
                _refuse_many_gone(taken)
            whole, extract = await stored.register_imports(uow.session)
            last = whole if taken.whole else extract
            if taken.changes or last is None or last.register_on != fest.fetched_on:
                await self._store(uow, taken, entries, packages)
                await uow.add(
                    CatalogueImport(
                        at=uow.now,
                        source=filename[:300],
                        read=len(fest.preparations),
                        changed=taken.preparations.touched,
                        register_on=fest.fetched_on,
                        whole=taken.whole,
                    )
                )
        return taken

    async def _compared(
        self, session: AsyncSession, fest: Fest
    ) -> tuple[FestTaken, Mapping[str, dict[str, Any]], Mapping[str, dict[str, Any]]]:
        """What changes, and the rows of every preparation and every package in the file."""
        entries = {one.preparation.id: _digested(_entry_row(one)) for one in fest.preparations}
        packages = {one.id: _digested(_columns(one)) for one in fest.packages}
        if len(entries) < len(fest.preparations) or len(packages) < len(fest.packages):
            raise Refused(phrase("Filen har samme id to ganger. Den leses ikke."))
        known, known_packages = await stored.entry_digests(session), await stored.package_digests(session)
        shipped = {one.id for one in Catalogue.shipped() if one.source.startswith(SOURCE)}
        # an extract after the whole register must not make an extract of the list: it is refused as too many gone
        whole = len(shipped & entries.keys()) >= WHOLE * len(shipped)
        base = dict.fromkeys(shipped, ("", True)) if whole else dict.fromkeys(shipped & entries.keys(), ("", True))
        found = difference(base | known, {id: row["digest"] for id, row in entries.items()})
        names = {one.id: one.name for one in Catalogue.shipped()} if found.gone else {}
        names |= await stored.names(session, found.gone)
        dates = [one.register_on for one in await stored.register_imports(session) if one and one.register_on]
        newest = max(dates, default=None)
        taken = FestTaken(
            fest=fest,
            preparations=found,
            packages=difference(known_packages, {id: row["digest"] for id, row in packages.items()}),
            whole=whole,
            gone_names=tuple(names[id] for id in found.gone),
            newer=newest if newest and fest.fetched_on and fest.fetched_on < newest else None,
        )
        return taken, entries, packages

    async def _store(
        self,
        uow: UnitOfWork,
        taken: FestTaken,
        entries: Mapping[str, dict[str, Any]],
        packages: Mapping[str, dict[str, Any]],
    ) -> None:
        gone = set(taken.preparations.gone)
        only_shipped = gone - (await stored.names(uow.session, gone)).keys()
        left = [_shipped_row(one) for one in Catalogue.shipped() if one.id in only_shipped]
        written = [entries[id] for id in (*taken.preparations.added, *taken.preparations.changed)]
        await stored.put(uow.session, CatalogueEntry, [*written, *left])
        await stored.expire(uow.session, CatalogueEntry, gone, uow.now)
        await stored.put(
            uow.session, CataloguePackage, [packages[id] for id in (*taken.packages.added, *taken.packages.changed)]
        )
        await stored.expire(uow.session, CataloguePackage, taken.packages.gone, uow.now)


def _refuse_older(taken: FestTaken, filename: str) -> None:
    assert taken.newer is not None and taken.fest.fetched_on is not None  # noqa: S101
    raise Refused(
        phrase(
            "Filen {filename} er fra {day}; en nyere, fra {newest}, er allerede lest. "
            "Kjør med --older hvis den eldre skal gjelde.",
            filename=filename,
            day=f"{taken.fest.fetched_on:%d.%m.%Y}",
            newest=f"{taken.newer:%d.%m.%Y}",
        )
    )


def _refuse_many_gone(taken: FestTaken) -> None:
    for what, found in ((phrase("preparatene"), taken.preparations), (phrase("pakningene"), taken.packages)):
        if len(found.gone) > MOST_GONE * found.before:
            raise Refused(
                phrase(
                    "{count} av {before} {what} ville utgå, mer enn {most} %. Er filen hel? "
                    "Kjør med --replace hvis det stemmer.",
                    count=len(found.gone),
                    before=found.before,
                    what=what,
                    most=round(MOST_GONE * 100),
                )
            )


def _entry_row(one: Registered) -> dict[str, Any]:
    return {
        **row_of(one.preparation),
        "kind": one.kind or None,
        "prescription_group": one.prescription_group or None,
        "ingredients": [_columns(ingredient) for ingredient in one.ingredients],
    }


_PARTS = {kind: (kind.__slots__, attrgetter(*kind.__slots__)) for kind in (Package, Ingredient)}


def _columns(one: Package | Ingredient) -> dict[str, Any]:
    """Its fields, which are plain values: `asdict` copies each of them deeply, and takes ten times as long."""
    names, values = _PARTS[type(one)]
    return dict(zip(names, values(one), strict=True))


def _shipped_row(one: Preparation) -> dict[str, Any]:
    """A row to mark as gone, for what stood only in the shipped list."""
    return {**row_of(one), "kind": None, "prescription_group": None, "ingredients": None, "digest": None}


def _digested(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "digest": hashlib.blake2b(repr(row).encode(), digest_size=16).hexdigest()}
