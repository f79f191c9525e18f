"""DMP's shortage list in: its table saved as HTML, CSV or XLSX, or its columns as JSON.

The columns are those of DOMAIN §8, or of the normalised CSV in English. The last column's own heading carries the
date of the list: "Status pr. 12.03.2026".
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree, html

from bot.messages.phrase import phrase
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

NAME, SUBSTANCE, START, END, NOTE, ADDRESS, STATUS, TAKEN_AT = (
    "name", "substance", "start", "end", "note", "address", "status", "taken at",
)  # fmt: skip

_HEADINGS = {
    "legemiddelnavn": NAME,
    "medicine name": NAME,
    "virkestoff(er)": SUBSTANCE,
    "virkestoff": SUBSTANCE,
    "active substance": SUBSTANCE,
    "mangelperiode fra": START,
    "shortage start": START,
    "mangelperiode til": END,
    "estimated end": END,
    "informasjon/tiltak": NOTE,
    "notes": NOTE,
    "informasjon på nettside": ADDRESS,
    "status": STATUS,
    "scraped at": TAKEN_AT,
}
_NEEDED = {
    NAME: "Legemiddelnavn",
    START: "Mangelperiode fra",
    END: "Mangelperiode til",
    STATUS: "Status pr. DD.MM.ÅÅÅÅ",
}
_STATUS_OF = re.compile(r"status pr\.? ?(?P<day>.+)")

_STATUSES = {
    "kommende": NoticeStatus.UPCOMING,
    "upcoming": NoticeStatus.UPCOMING,
    "pågående": NoticeStatus.ONGOING,
    "shortage": NoticeStatus.ONGOING,
    "avsluttet": NoticeStatus.ENDED,
    "resolved": NoticeStatus.ENDED,
    "midlertidig utgått/avregistrert": NoticeStatus.WITHDRAWN,
    "midlertidig utgått": NoticeStatus.WITHDRAWN,
    "avregistrert": NoticeStatus.WITHDRAWN,
}
_VETERINARY = re.compile(r"\bvet\b\.?", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


def read_dmp(data: bytes, filename: str) -> Notices:
    """The list. Raises `NotATableError` where the file is none, or its columns are not DMP's."""
    table = _table(data, filename)
    at, columns, as_of = _headings(table, filename)
    rows: list[Notice] = []
    faults: list[Fault] = []
    refused: list[tuple[int, str]] = []
    for number, cells in enumerate(table[at + 1 :], start=at + 2):
        row = _Row(number, {column: cells[place] for column, place in columns.items() if place < len(cells)})
        if not any(text_of(cell) for cell in cells):
            continue
        if as_of is None and TAKEN_AT in columns:
            as_of = day_of(row.text(TAKEN_AT))
        found = list(row.faults())
        if found:
            faults += found
            refused.append((number, row.text(NAME)))
        else:
            rows.append(row.notice())
    return Notices(as_of, tuple(rows), tuple(faults), tuple(refused))


# --- the file ---


def _table(data: bytes, filename: str) -> list[list[Cell]]:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return _json_table(data, filename)
    if start.startswith(b"<"):
        return _html_table(data, filename)
    return read_table(data, filename)


def _json_table(data: bytes, filename: str) -> list[list[Cell]]:
    """An object of column name → its cells, as the page keeps them."""
    fault = NotATableError(
        phrase("Filen {filename} er ikke et objekt med kolonner og celler i JSON.", filename=filename)
    )
    if len(data) > MOST_BYTES:
        raise NotATableError(phrase("Filen {filename} er for stor.", filename=filename))
    try:
        columns = json.loads(decoded(data, filename))
    except (ValueError, RecursionError) as error:
        raise fault from error
    if not isinstance(columns, dict) or not all(
        isinstance(cells, list) and all(cell is None or isinstance(cell, str | int | float) for cell in cells)
        for cells in columns.values()
    ):
        raise fault
    lengths = {name: len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        short = min(lengths, key=lambda name: lengths[name])
        raise NotATableError(
            phrase(
                "Filen {filename}: kolonnen «{column}» har {cells} celler; andre har {most}.",
                filename=filename,
                column=short,
                cells=lengths[short],
                most=max(lengths.values()),
            )
        )
    blank: Cell = ""
    return [
        list(columns),
        *([blank if cell is None else cell for cell in row] for row in zip(*columns.values(), strict=True)),
    ]


def _html_table(data: bytes, filename: str) -> list[list[Cell]]:
    """The page's table that has a column of medicines' names."""
    if len(data) > MOST_BYTES:
        raise NotATableError(phrase("Filen {filename} er for stor.", filename=filename))
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        page = html.document_fromstring(decoded(data, filename).encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise NotATableError(phrase("Filen {filename} er ikke en nettside.", filename=filename)) from error
    for table in page.iter("table"):
        rows: list[list[Cell]] = [
            [_SPACES.sub(" ", "".join(map(str, cell.itertext()))).strip() for cell in row.iterchildren("th", "td")]
            for row in table.iter("tr")
        ]
        if len(rows) > MOST_ROWS:
            raise NotATableError(phrase("Filen {filename} har for mange rader.", filename=filename))
        if any(heading_key(cell) in ("legemiddelnavn", "medicine name") for row in rows[:3] for cell in row):
            return rows
    raise NotATableError(
        phrase("Filen {filename} har ingen tabell med kolonnen Legemiddelnavn. Lagre hele siden.", filename=filename)
    )


# --- its columns ---


def _headings(table: Sequence[Sequence[Cell]], filename: str) -> tuple[int, dict[str, int], dt.date | None]:
    """Where the headings stand, which column is which, and the day of the list."""
    for at, row in enumerate(table[:10]):
        columns: dict[str, int] = {}
        as_of = None
        for place, cell in enumerate(row):
            key = heading_key(cell)
            column = _HEADINGS.get(key)
            if column is None and (dated := _STATUS_OF.fullmatch(text_of(cell).casefold())):
                column, as_of = STATUS, day_of(dated["day"])
                if as_of is None:
                    raise NotATableError(
                        phrase(
                            "Filen {filename}: kolonnen «{heading}» har ingen dato.", filename=filename, heading=cell
                        )
                    )
            if column is not None:
                columns.setdefault(column, place)
        if NAME in columns:
            missing = [heading for column, heading in _NEEDED.items() if column not in columns]
            if missing:
                raise NotATableError(
                    phrase(
                        "Filen {filename} mangler kolonnen «{missing}». Den har: {found}.",
                        filename=filename,
                        missing="», «".join(missing),
                        found=", ".join(text for cell in row if (text := text_of(cell))),
                    )
                )
            return at, columns, as_of
    raise NotATableError(
        phrase("Filen {filename} er ikke DMPs mangelliste: ingen kolonne heter Legemiddelnavn.", filename=filename)
    )


# --- a row ---


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: dict[str, Cell]

    def text(self, column: str) -> str:
        return text_of(self.cells.get(column, ""))

    def faults(self) -> Iterator[Fault]:
        """What cannot be used; the row is refused."""
        for column, cell in self.cells.items():
            if contains_identity_number(str(cell)):
                yield Fault(self.number, column, None, phrase("feltet har et fødselsnummer"), personal=True)
                return
        if not self.text(NAME):
            yield Fault(self.number, "Legemiddelnavn", None, phrase("navnet mangler"))
        for column, heading in ((START, "Mangelperiode fra"), (END, "Mangelperiode til")):
            try:
                strict_date(self.cells.get(column, ""))
            except ValueError:
                problem = phrase("datoen kan bety flere dager eller ingen; skriv DD.MM.ÅÅÅÅ")
                yield Fault(self.number, heading, self.text(column), problem)
        if self.text(STATUS).casefold() not in _STATUSES:
            problem = phrase("statusen er ikke Kommende, Pågående, Avsluttet eller Midlertidig utgått/avregistrert")
            yield Fault(self.number, "Status", self.text(STATUS), problem)

    def notice(self) -> Notice:
        """The row, where it has no fault."""
        name = self.text(NAME)
        start, end = (strict_date(self.cells.get(column, "")) for column in (START, END))
        return Notice(
            row=self.number,
            name=name,
            substance=self.text(SUBSTANCE),
            start=start,
            end=end,
            status=_STATUSES[self.text(STATUS).casefold()],
            note=self.text(NOTE),
            address=self.text(ADDRESS),
            veterinary=_VETERINARY.search(name) is not None,
            problem=phrase("slutter før den begynner") if start and end and end < start else None,
        )
