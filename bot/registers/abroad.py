"""Other countries' registers of shortages in: one reader, and for each register what its columns and words mean.

A register is read as it publishes itself (CSV, XLSX, or JSON as a list of objects), or as the normalised CSV whose
headings are the same for all. What it says is kept as it says it; which medicine is meant is found in `substances`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import contains_identity_number
from bot.registers.notices import Notice, Notices, NoticeStatus, day_of, strict_date
from bot.registers.table import (
    MOST_BYTES,
    MOST_ROWS,
    Cell,
    Fault,
    NotATableError,
    decoded,
    heading_key,
    read_table,
    text_of,
)


class Column(StrEnum):
    """What a register's column may say of a row."""

    NAME = "name"
    SUBSTANCE = "substance"
    STRENGTH = "strength"
    FORM = "form"
    PACKAGE = "package"
    ATC = "atc"
    START = "start"
    END = "end"
    PERIOD = "period"
    STATUS = "status"
    NOTE = "note"
    ADDRESS = "address"
    TAKEN_AT = "taken at"
    COUNTRY = "country"


class Days(StrEnum):
    """How a register writes a date that is neither ISO nor with full stops: 03/04/2026 is two days elsewhere."""

    NOT_WITH_SLASHES = "none"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True, slots=True)
class Abroad:
    """A register of another country: who keeps it, what its columns are called, what its statuses mean.

    `columns`: what a column may be called, the heading that goes first where several have something in a row.
    `without_status`: what a row is where the register has no such column. `neighbour`: it counts in an early warning.
    """

    id: str
    country: Phrase
    name: str
    code: str
    neighbour: bool
    columns: Mapping[Column, tuple[str, ...]]
    statuses: Mapping[str, NoticeStatus]
    days: Days = Days.NOT_WITH_SLASHES
    without_status: NoticeStatus | None = None
    needed: tuple[Column, ...] = (Column.NAME, Column.STATUS)


_NORMALISED: Mapping[Column, tuple[str, ...]] = {
    Column.NAME: ("medicine name",),
    Column.SUBSTANCE: ("active substance",),
    Column.STRENGTH: ("strength",),
    Column.FORM: ("pharmaceutical form", "dosage form"),
    Column.PACKAGE: ("package size",),
    Column.ATC: ("atc code",),
    Column.START: ("shortage start",),
    Column.END: ("actual end", "estimated end"),
    Column.PERIOD: ("expected period",),
    Column.STATUS: ("status",),
    Column.NOTE: ("recommendations", "reason"),
    Column.ADDRESS: ("detail url",),
    Column.TAKEN_AT: ("scraped at",),
    Column.COUNTRY: ("country code",),
}
_COMMON = {
    "upcoming": NoticeStatus.UPCOMING,
    "shortage": NoticeStatus.ONGOING,
    "ongoing": NoticeStatus.ONGOING,
    "resolved": NoticeStatus.ENDED,
}


def _also(own: Mapping[Column, tuple[str, ...]]) -> Mapping[Column, tuple[str, ...]]:
    return {column: (*own.get(column, ()), *_NORMALISED.get(column, ())) for column in Column}


SWEDEN = Abroad(
    "sweden",
    phrase("Sverige"),
    "Läkemedelsverket",
    "SE",
    True,
    _also(
        {
            Column.NAME: ("läkemedel", "produktnamn"),
            Column.SUBSTANCE: ("substans", "aktiv substans"),
            Column.STRENGTH: ("styrka",),
            Column.FORM: ("läkemedelsform",),
            Column.PACKAGE: ("förpackning",),
            Column.ATC: ("atc kod",),
            Column.START: ("startdatum", "första dag för restsituation"),
            Column.END: ("faktiskt slutdatum", "prognos slutdatum", "slutdatum"),
        }
    ),
    _COMMON | {"kommande": NoticeStatus.UPCOMING, "pågående": NoticeStatus.ONGOING, "avslutad": NoticeStatus.ENDED},
)
FINLAND = Abroad(
    "finland",
    phrase("Finland"),
    "Fimea",
    "FI",
    True,
    _also(
        {
            Column.NAME: ("lääkevalmiste", "läkemedelspreparat"),
            Column.SUBSTANCE: ("vaikuttava aine", "aktiv substans"),
            Column.PACKAGE: ("pakkauskoko",),
            Column.ATC: ("atc koodi",),
            Column.START: ("alkaa", "häiriön alkamispäivä"),
            Column.END: ("päättyy", "häiriön arvioitu päättymispäivä"),
        }
    ),
    _COMMON,
    without_status=NoticeStatus.ONGOING,
    needed=(Column.NAME, Column.ATC),
)
DENMARK = Abroad(
    "denmark",
    phrase("Danmark"),
    "Lægemiddelstyrelsen",
    "DK",
    True,
    _also(
        {
            Column.NAME: ("lægemiddel",),
            Column.PERIOD: ("forventet periode", "periode"),
            Column.NOTE: ("årsag",),
        }
    ),
    _COMMON,
    without_status=NoticeStatus.ONGOING,
    needed=(Column.NAME, Column.PERIOD),
)
ICELAND = Abroad(
    "iceland",
    phrase("Island"),
    "Lyfjastofnun",
    "IS",
    True,
    _also(
        {
            Column.NAME: ("heiti lyfs", "lyfjaheiti"),
            Column.SUBSTANCE: ("virkt innihaldsefni", "virk efni"),
            Column.STRENGTH: ("styrkur",),
            Column.FORM: ("lyfjaform",),
            Column.PACKAGE: ("magn",),
            Column.ATC: ("atc flokkur",),
            Column.START: ("upphaf skorts",),
            Column.END: ("áætluð lok", "lok skorts"),
        }
    ),
    _COMMON | {"afskráning": NoticeStatus.WITHDRAWN},
    without_status=NoticeStatus.ONGOING,
    needed=(Column.NAME, Column.ATC, Column.START),
)
GERMANY = Abroad(
    "germany",
    phrase("Tyskland"),
    "BfArM",
    "DE",
    True,
    _also(
        {
            Column.NAME: ("arzneimittelbezeichnung", "arzneimittlbezeichnung"),
            Column.SUBSTANCE: ("wirkstoffe",),
            Column.ATC: ("atc code",),
            Column.START: ("beginn",),
            Column.END: ("ende",),
            Column.NOTE: ("art des grundes", "grund"),
        }
    ),
    _COMMON,
    without_status=NoticeStatus.ONGOING,
    needed=(Column.NAME, Column.ATC, Column.START),
)
EMA = Abroad(
    "ema",
    phrase("EU (EMA)"),
    "EMA",
    "EU",
    False,
    _also(
        {
            Column.NAME: ("medicine affected",),
            Column.SUBSTANCE: (
                "international non proprietary name inn or common name",  # the JSON's
                "international non proprietary name (inn) or common name",  # the page's
            ),
            Column.STRENGTH: ("strengths affected", "strength affected"),
            Column.FORM: ("pharmaceutical forms affected", "pharmaceutical form affected"),
            Column.START: ("start of shortage date",),
            Column.END: ("expected resolution date",),
            Column.STATUS: ("supply shortage status", "shortage status"),
            Column.ADDRESS: ("shortage url", "url"),
        }
    ),
    _COMMON,
    days=Days.DAY_FIRST,
)
OPENFDA = Abroad(
    "openfda",
    phrase("USA"),
    "openFDA",
    "US",
    False,
    _also(
        {
            Column.NAME: ("generic name",),
            Column.SUBSTANCE: ("generic name",),
            Column.FORM: ("dosage form",),
            Column.PACKAGE: ("presentation",),
            Column.START: ("initial posting date",),
            Column.NOTE: ("shortage reason", "related info"),
        }
    ),
    {
        "current": NoticeStatus.ONGOING,
        "resolved": NoticeStatus.ENDED,
        "to be discontinued": NoticeStatus.WITHDRAWN,
        "discontinuation": NoticeStatus.WITHDRAWN,
    },
    days=Days.MONTH_FIRST,
)
CANADA = Abroad(
    "canada",
    phrase("Canada"),
    "Drug Shortages Canada",
    "CA",
    False,
    _also(
        {
            Column.NAME: ("brand name",),
            Column.SUBSTANCE: ("ingredients", "common or proper name"),
            Column.STRENGTH: ("strength(s)",),
            Column.FORM: ("dosage form(s)",),
            Column.PACKAGE: ("packaging size",),
            Column.START: ("actual start date", "anticipated start date"),
            Column.END: ("actual end date", "estimated end date"),
            Column.STATUS: ("shortage status",),
            Column.NOTE: ("reason",),
        }
    ),
    {
        "actual shortage": NoticeStatus.ONGOING,
        "active confirmed": NoticeStatus.ONGOING,
        "anticipated shortage": NoticeStatus.UPCOMING,
        "avoided shortage": NoticeStatus.ENDED,
        "resolved": NoticeStatus.ENDED,
        "to be discontinued": NoticeStatus.WITHDRAWN,
        "discontinued": NoticeStatus.WITHDRAWN,
        "reversed": NoticeStatus.ENDED,
    },
)
REGISTERS: Mapping[str, Abroad] = {
    one.id: one for one in (SWEDEN, FINLAND, DENMARK, ICELAND, GERMANY, EMA, OPENFDA, CANADA)
}
NEIGHBOURS = tuple(id for id, one in REGISTERS.items() if one.neighbour)
"""Whose shortages count in an early warning (field): Nordic countries share packs and suppliers with us, and Germany
is the market whose shortages come before ours most often."""

_VETERINARY = re.compile(r"\b(?:vet|eläinlääke)\b\.?|dýralyf", re.IGNORECASE)
_ATC = re.compile(r"\bQ?[A-Z]\d{2}[A-Z]{0,2}(?:\d{2})?\b")
_AN_OBJECT = re.compile(r"'atccode\d*':\s*'([^']*)'", re.IGNORECASE)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class FormChanged(NotATableError):
    """A register no longer looks as it did: what was expected, and what was found, for whoever keeps the settings."""

    def __init__(self, register: Abroad, expected: Sequence[str], found: Sequence[str]) -> None:
        self.expected, self.found = tuple(expected), tuple(found)[:30]
        super().__init__(
            phrase(
                "Listen fra {name} har fått en annen form. Ventet kolonnene «{expected}». Fant: {found}.",
                name=register.name,
                expected="», «".join(self.expected),
                found=", ".join(self.found) or phrase("ingen"),
            )
        )


def read_abroad(register: Abroad, data: bytes, filename: str) -> Notices:
    """The register's rows. Raises `NotATableError`, `FormChanged` where the columns are not the register's."""
    table = _table(data, filename)
    at, columns = _headings(register, table)
    rows: list[Notice] = []
    faults: list[Fault] = []
    refused: list[tuple[int, str]] = []
    as_of: dt.date | None = None
    seen: set[tuple[object, ...]] = set()
    for number, cells in enumerate(table[at + 1 :], start=at + 2):
        if not any(text_of(cell) for cell in cells):
            continue
        row = _Row(register, number, columns, cells)
        if as_of is None:
            as_of = day_of(row.text(Column.TAKEN_AT))
        found = list(row.faults())
        if found:
            faults += found
            refused.append((number, row.text(Column.NAME)))
            continue
        notice = row.notice()
        same = (notice.name, notice.substance, notice.start, notice.end, notice.status)
        if same not in seen:  # a page that was read twice says each row twice
            seen.add(same)
            rows.append(notice)
    return Notices(as_of, tuple(rows), tuple(faults), tuple(refused))


def recognise(data: bytes, filename: str) -> Abroad | None:
    """Whose register a file is: by the country that it names, else by its columns; None where it is none of these."""
    table = _table(data, filename)
    for row in table[:10]:
        keys = [heading_key(cell) for cell in row]
        if "country code" in keys:
            place = keys.index("country code")
            codes = {text_of(cells[place]) for cells in table[table.index(row) + 1 :][:50] if place < len(cells)}
            return next((one for one in REGISTERS.values() if codes == {one.code}), None)
        for one in REGISTERS.values():
            own = {heading for headings in one.columns.values() for heading in headings} - _STANDARD
            needed = [column for column in one.needed if one.without_status is None or column is not Column.STATUS]
            if own & set(keys) and all(set(one.columns[column]) & set(keys) for column in needed):
                return one
    return None


_STANDARD = {heading for headings in _NORMALISED.values() for heading in headings}


# --- the file ---


def _table(data: bytes, filename: str) -> list[list[Cell]]:
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json_table(data, filename)
    return read_table(data, filename)


def _json_table(data: bytes, filename: str) -> list[list[Cell]]:
    """A list of objects, or an object with such a list under "results" (openFDA) or "data" (EMA)."""
    fault = NotATableError(phrase("Filen {filename} er ikke en liste av objekter i JSON.", filename=filename))
    if len(data) > MOST_BYTES:
        raise NotATableError(phrase("Filen {filename} er for stor.", filename=filename))
    try:
        said = json.loads(decoded(data, filename))
    except (ValueError, RecursionError) as error:
        raise fault from error
    if isinstance(said, dict):
        said = next((said[name] for name in ("results", "data") if isinstance(said.get(name), list)), None)
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise fault
    if len(said) > MOST_ROWS:
        raise NotATableError(phrase("Filen {filename} har for mange rader.", filename=filename))
    names = list(dict.fromkeys(name for one in said for name in one))
    return [list(names), *([_plain(one.get(name)) for name in names] for one in said)]


def _plain(value: object) -> Cell:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value if isinstance(one, str | int | float))
    return value if isinstance(value, str | int | float) else ""


def _headings(register: Abroad, table: Sequence[Sequence[Cell]]) -> tuple[int, dict[Column, tuple[int, ...]]]:
    """Where the headings stand, and the places of each column, the one that goes first first."""
    nearest: tuple[int, list[str]] = (-1, [])
    for at, row in enumerate(table[:10]):
        keys = [heading_key(cell) for cell in row]
        columns = {
            column: places
            for column, headings in register.columns.items()
            if (places := tuple(keys.index(heading) for heading in headings if heading in keys))
        }
        missing = [
            column
            for column in register.needed
            if column not in columns and not (column is Column.STATUS and register.without_status)
        ]
        if not missing:
            return at, columns
        if len(columns) > nearest[0]:
            nearest = len(columns), [text_of(cell) for cell in row if text_of(cell)]
    raise FormChanged(register, [" / ".join(register.columns[column]) for column in register.needed], nearest[1])


# --- a row ---


@dataclass(frozen=True, slots=True)
class _Row:
    register: Abroad
    number: int
    columns: Mapping[Column, tuple[int, ...]]
    cells: Sequence[Cell]
    _none: Cell = field(default="", repr=False)

    def cell(self, column: Column) -> Cell:
        """The first of the column's cells that says something."""
        places = (place for place in self.columns.get(column, ()) if place < len(self.cells))
        return next((self.cells[place] for place in places if text_of(self.cells[place])), self._none)

    def text(self, column: Column) -> str:
        return text_of(self.cell(column))

    def faults(self) -> Iterator[Fault]:
        """What cannot be used; the row is refused."""
        if any(contains_identity_number(str(cell)) for cell in self._read()):
            yield Fault(self.number, None, None, phrase("feltet har et fødselsnummer"), personal=True)
            return
        if not self.text(Column.NAME):
            yield Fault(self.number, self.register.columns[Column.NAME][0], None, phrase("navnet mangler"))
        for column in (Column.START, Column.END):
            try:
                self._day(column)
            except ValueError:
                heading = self.register.columns[column][0]
                yield Fault(self.number, heading, self.text(column), phrase("datoen kan bety flere dager eller ingen"))
        if self._status() is None:
            heading = self.register.columns[Column.STATUS][0]
            yield Fault(self.number, heading, self.text(Column.STATUS), phrase("statusen er ukjent"))

    def _read(self) -> Iterator[Cell]:
        """The cells that are kept; product numbers of eleven digits stand in others."""
        return (self.cell(column) for column in self.columns if column not in (Column.ATC, Column.TAKEN_AT))

    def _status(self) -> NoticeStatus | None:
        said = self.text(Column.STATUS).casefold()
        return self.register.statuses.get(said) if said else self.register.without_status

    def _day(self, column: Column) -> dt.date | None:
        cell = self.cell(column)
        found = _SLASHES.fullmatch(text_of(cell))
        if found is None or self.register.days is Days.NOT_WITH_SLASHES:
            return strict_date(cell)
        one, other, year = map(int, found.groups())
        day, month = (one, other) if self.register.days is Days.DAY_FIRST else (other, one)
        return strict_date(dt.date(year, month, day))

    def notice(self) -> Notice:
        """The row, where it has no fault."""
        status = self._status()
        assert status is not None  # noqa: S101
        start, end = self._day(Column.START), self._day(Column.END)
        if start is None and end is None and self.text(Column.PERIOD):
            start, end = period(self.text(Column.PERIOD))
        atc = _atc_in(self.text(Column.ATC))
        name, address = self.text(Column.NAME), self.text(Column.ADDRESS)
        veterinary = atc.startswith("Q") or bool(_VETERINARY.search(name)) or "veterin" in address
        return Notice(
            row=self.number,
            name=self._whole_name(name),
            substance=self.text(Column.SUBSTANCE),
            start=start,
            end=end,
            status=status,
            note=self.text(Column.NOTE),
            address=address if address.startswith("https://") else "",
            veterinary=veterinary or "'vetorhum': 'vet'" in self.text(Column.ATC).casefold(),
            problem=phrase("slutter før den begynner") if start and end and end < start else None,
            atc=atc.removeprefix("Q"),
            said_as=name,
        )

    def _whole_name(self, name: str) -> str:
        """The name with strength, form and package, each where it does not stand there already."""
        parts = [name]
        for column in (Column.STRENGTH, Column.FORM, Column.PACKAGE):
            said = self.text(column)
            if said and said.casefold() not in parts[0].casefold():
                parts.append(said)
        return ", ".join(parts)[:400]


def _atc_in(text: str) -> str:
    """The ATC code in a cell: alone, among others (then the first), or in the object that a web service gave."""
    inside = _AN_OBJECT.search(text)
    found = _ATC.search((inside[1] if inside else text).upper())
    return found[0] if found else ""


# --- a period in words ---

_MONTHS = (
    "januar", "februar", "marts", "april", "maj", "juni",
    "juli", "august", "september", "oktober", "november", "december",
)  # fmt: skip
_PART = re.compile(r"(?:(start|primo|midt|medio|slut|ultimo)\s+)?([a-zæøå]+)\s+(\d{4})", re.IGNORECASE)


def period(text: str) -> tuple[dt.date | None, dt.date | None]:
    """A Danish period in words: "Midt august 2024 - start juli 2026" → 11 August 2024 to 10 July 2026.

    A third of a month stands for its first day as a start and its last as an end, so that nothing is left out. What
    is not said ("ukendt") is None.
    """
    first, dash, last = text.partition(" - ")
    return _third(first, 0), _third(last, 1) if dash else None


def _third(text: str, edge: int) -> dt.date | None:
    found = _PART.search(text)
    if found is None or found[2].casefold() not in _MONTHS:
        return None
    year, month = int(found[3]), _MONTHS.index(found[2].casefold()) + 1
    end = calendar.monthrange(year, month)[1]
    said = (found[1] or "").casefold()
    days = {"start": (1, 10), "primo": (1, 10), "midt": (11, 20), "medio": (11, 20), "slut": (21, end)}
    days |= {"ultimo": (21, end), "": (1, end)}
    return dt.date(year, month, days[said][edge])
