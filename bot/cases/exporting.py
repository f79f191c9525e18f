"""Out again: our cases and stock as files, and what is published in other registers' shapes.

Two readers, never one filtered into the other: `cases` reads all for the centre, `published` only what anyone may read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot import spreadsheet
from bot.cases.views import CaseView, load_views
from bot.cases.vocabulary import Status, Visibility, Worded
from bot.catalogue.catalogue import Catalogue
from bot.clock import Clock, oslo, today
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL
from bot.refusal import Refused
from bot.registers.outward import (
    ATC_SYSTEM,
    FestKind,
    Identifier,
    PublishedShortage,
    PublishedStatus,
    fest_id,
    warning_draft,
)
from bot.spreadsheet import Cell
from storage import cases as stored_cases
from storage import catalogue as stored_catalogue
from storage.tables import CasePreparation, ShortageCase
from storage.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, as a file in any of the forms."""

    name: Phrase
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    records: tuple[Mapping[str, Any], ...]
    """The same as JSON, with values that a table cannot hold."""

    def as_file(self, form: str) -> bytes:
        """`csv`, `xlsx` or `json`. No cell is a formula (`bot.spreadsheet`)."""
        if form == "json":
            return json.dumps(list(self.records), ensure_ascii=False, indent=2, default=str).encode()
        if form == "csv":
            return spreadsheet.as_csv([self.headings, *self.rows])
        book = spreadsheet.Workbook(BOKMAAL.say(self.name))
        widths = [min(60, max(10, len(heading) + 2)) for heading in self.headings]
        book.table(self.name, widths, self.headings, self.rows)
        return book.as_bytes()


def table_of(name: Phrase, records: Sequence[Mapping[str, Any]], headings: Sequence[str] = ()) -> Table:
    """A table of records with the same names; lists in a cell are joined by semicolons."""
    names = tuple(headings) or tuple(dict.fromkeys(name for record in records for name in record))
    rows = tuple(tuple(_cell(record.get(name)) for name in names) for record in records)
    return Table(name, names, rows, tuple(records))


def _cell(value: Any) -> Cell:
    if isinstance(value, list | tuple):
        return "; ".join(str(one["code"] if isinstance(one, dict) else one) for one in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value if hasattr(value, "isoformat") else str(value)


class ExportService:
    """Makes files of what is stored. For the command line: no role is asked."""

    def __init__(self, database: Database, clock: Clock, catalogue: Callable[[], Catalogue]) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue

    async def cases(self) -> Table:
        """Every case with all that is kept of it, oldest first: for the centre and its archive, and nobody else."""
        async with self._database.read() as session:
            rows = await stored_cases.every(session)
            views = await load_views(session, rows, None, today(self._clock))
            identifiers = await self._identifiers(session, rows)
        return table_of(phrase("Saker"), [_record(view, identifiers[view.number]) for view in views], _COLUMNS)

    async def published(self) -> list[PublishedShortage]:
        """What anyone may read of the published cases of medicines, oldest first."""
        async with self._database.read() as session:
            rows = [row for row in await stored_cases.every(session) if _is_public(row)]
            identifiers = await self._identifiers(session, rows)
        return [self._published(row, identifiers[row.number]) for row in rows]

    async def published_cases(self) -> Table:
        """The published cases as a table."""
        records = [
            {
                "saksnummer": one.number,
                "preparat": one.name,
                "virkestoff": one.substance,
                "atc": one.atc,
                "status": one.status.value,
                "slutt": one.expected_end,
                "råd": one.advice,
                "endret": one.changed_on,
                "identifikatorer": [each.as_json() for each in one.identifiers],
            }
            for one in await self.published()
        ]
        return table_of(phrase("Publiserte saker"), records, _PUBLIC_COLUMNS)

    async def warning(self, number: str) -> bytes:
        """A draft of FEST's warning about a published case. Raises `Refused`."""
        found = next((one for one in await self.published() if one.number == number), None)
        if found is None:
            raise Refused(phrase("Sak {number} er ikke publisert, så det lages ikke noe varsel av den.", number=number))
        try:
            return warning_draft(found, self._clock.now())
        except ValueError:
            raise Refused(
                phrase("Sak {number} gjelder ingen preparater eller pakninger i FEST.", number=number)
            ) from None

    def _published(self, row: ShortageCase, identifiers: tuple[Identifier, ...]) -> PublishedShortage:
        same = self._catalogue().same_preparation(row.preparation_key)
        status = Status(row.status)
        return PublishedShortage(
            number=row.number,
            name=row.name,
            substance=row.substance,
            atc=row.atc,
            form=same[0].form if same else "",
            strength=same[0].strength if same else "",
            status=_STATUS.get(status, PublishedStatus.RESOLVED),
            expected_end=row.expected_end if status.is_open else None,
            advice=row.advice,
            changed_on=oslo(row.changed_at).date(),
            identifiers=identifiers,
        )

    async def _identifiers(
        self, session: AsyncSession, rows: Sequence[ShortageCase]
    ) -> dict[str, tuple[Identifier, ...]]:
        """Case number → its preparations and packages in FEST, and its ATC code."""
        ids = [row.id for row in rows if row.id is not None]
        named = await stored_cases.preparations(session, ids)
        articles = await stored_cases.packages(session, ids)
        of_fest = await stored_catalogue.packages_by_article(
            session, {one for some in articles.values() for one in some}
        )
        found = {}
        for row in rows:
            packages = [of_fest[article] for article in articles.get(row.id or 0, ()) if article in of_fest]
            found[row.number] = tuple(self._of_case(row, named.get(row.id or 0, ()), packages))
        return found

    def _of_case(
        self, row: ShortageCase, named: Iterable[CasePreparation], packages: Iterable[tuple[str, str]]
    ) -> Iterable[Identifier]:
        preparations = {one.preparation_id: one.name for one in named}
        if not preparations:  # the case is about whoever makes it
            preparations = {one.id: one.name for one in self._catalogue().same_preparation(row.preparation_key)}
        found = [fest_id(FestKind.PREPARATION, id, name) for id, name in preparations.items()]
        found += [fest_id(FestKind.PACKAGE, id, name) for id, name in packages]
        yield from (one for one in found if one is not None)
        if row.atc:
            yield Identifier(ATC_SYSTEM, row.atc)


def _is_public(row: ShortageCase) -> bool:
    published = row.visibility == Visibility.PUBLISHED and row.scope == "medicine" and not row.made_up
    return published and Status(row.status) in (*_STATUS, Status.CLOSED)


_STATUS = {Status.UPCOMING: PublishedStatus.UPCOMING, Status.ONGOING: PublishedStatus.ONGOING}
_PUBLIC_COLUMNS = (
    "saksnummer", "preparat", "virkestoff", "atc", "status", "slutt", "råd", "endret", "identifikatorer",
)  # fmt: skip


def _words(value: Worded | None) -> str | None:
    return str(value.words) if value is not None else None


def _all(values: Iterable[Worded]) -> list[str]:
    return [str(value.words) for value in values]


def _record(case: CaseView, identifiers: Sequence[Identifier]) -> dict[str, Any]:
    """A case as it is kept: the headings are those that the centre's own register is read by, where it has them."""
    return {
        "saksnummer": case.number,
        "preparat": case.name,
        "virkestoff": case.substance,
        "atc": case.atc,
        "registrert": _words(case.authorised),
        "kilde": _words(case.source),
        "årsak": _words(case.cause),
        "status": _words(case.status),
        "utfall": _words(case.outcome),
        "synlighet": _words(case.visibility),
        "start": case.start,
        "slutt": case.expected_end,
        "slutt flyttet": case.slips.times,
        "opprettet": case.opened_at,
        "endret": case.changed_at,
        "avsluttet": case.closed_at,
        "begrunnelse": case.close_reason,
        "erstatning": case.substitute,
        "erstatning på plass": case.substitute_ready,
        "råd": case.advice,
        "gjelder": _all(case.groups),
        "regioner": _all(case.regions),
        "sektor": _words(case.sector),
        "alvor": _words(case.criticality),
        "følger for pasientene": case.patient_consequences,
        "følger for økonomien": case.cost_consequences,
        "merkostnad kr": case.extra_cost_nok,
        "tiltak i gang": _all(case.in_use),
        "løsning": _all(case.helped),
        "hjalp ikke": _all(case.did_not_help),
        "varenumre": list(case.packages),
        "meldinger": len(case.reports),
        "steder": case.places,
        "sakskompleks": case.complex,
        "fortsetter i": case.merged_into,
        "identifikatorer": [one.as_json() for one in identifiers],
    }


_COLUMNS = (
    "saksnummer", "preparat", "virkestoff", "atc", "registrert", "kilde", "årsak", "status", "utfall", "synlighet",
    "start", "slutt", "slutt flyttet", "opprettet", "endret", "avsluttet", "begrunnelse", "erstatning",
    "erstatning på plass", "råd", "gjelder", "regioner", "sektor", "alvor", "følger for pasientene",
    "følger for økonomien", "merkostnad kr", "tiltak i gang", "løsning", "hjalp ikke", "varenumre", "meldinger",
    "steder", "sakskompleks", "fortsetter i", "identifikatorer",
)  # fmt: skip
"""The columns, also of a file without cases."""
