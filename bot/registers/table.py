"""A table in: rows of cells from a CSV or XLSX file, and the shape in which what is wrong with one is told.

CSV of any of the usual delimiters, in the encodings that Norwegian spreadsheets, Macs and old pharmacy systems write.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, replace

import python_calamine
from lxml import etree

from bot.messages.phrase import Phrase, phrase

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED_BYTES = 100 * 1024 * 1024  # of an XLSX file, which is a zip archive
MOST_ROWS = 200_000

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the row as the spreadsheet numbers it, the heading, the value as written.

    `personal`: the value holds a national identity number, and is left out. `tab`: of a workbook with several.
    """

    row: int | None
    column: str | None
    value: str | None
    problem: Phrase
    personal: bool = False
    tab: str | None = None

    @property
    def line(self) -> Phrase:
        """The fault in one line."""
        if self.tab is not None:
            return phrase("Fanen «{tab}»: {fault}", tab=self.tab, fault=replace(self, tab=None).line)
        if self.row is None:
            return self.problem
        if self.column is None:
            return phrase("Rad {row}: {problem}", row=self.row, problem=self.problem)
        if not self.value:
            return phrase(
                "Rad {row}, kolonne «{column}»: {problem}",
                row=self.row,
                column=self.column,
                problem=self.problem,
            )
        return phrase(
            "Rad {row}, kolonne «{column}», «{value}»: {problem}",
            row=self.row,
            column=self.column,
            value=self.value,
            problem=self.problem,
        )


class NotATableError(Exception):
    """The file as a whole cannot be read; the problem is for whoever sent it."""

    def __init__(self, problem: Phrase) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a workbook; a CSV file is one without a name. `rows` as the spreadsheet numbers them, from 1."""

    name: str | None
    rows: list[list[Cell]]


def read_table(data: bytes, filename: str) -> list[list[Cell]]:
    """The rows of a CSV file, or of the first tab of an XLSX file. Raises `NotATableError` with what is wrong."""
    _refuse_size(data, filename)
    return _xlsx_tabs(data, filename, most=1)[0].rows if _is_zip(data) else _csv_table(data, filename)


def read_tabs(data: bytes, filename: str) -> list[Tab]:
    """Every tab that people see of an XLSX file, or a CSV file's only one. Raises as `read_table`."""
    _refuse_size(data, filename)
    return _xlsx_tabs(data, filename) if _is_zip(data) else [Tab(None, _csv_table(data, filename))]


def _is_zip(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def _refuse_size(data: bytes, filename: str) -> None:
    if not data:
        raise NotATableError(phrase("Filen {filename} er tom.", filename=filename))
    if len(data) > MOST_BYTES:
        raise NotATableError(
            phrase(
                "Filen {filename} er {size} MB; grensen er {limit} MB.",
                filename=filename,
                size=math.ceil(len(data) / 1024 / 1024),
                limit=MOST_BYTES // 1024 // 1024,
            )
        )


def _refuse_rows(rows: int, filename: str) -> None:
    if rows > MOST_ROWS:
        raise NotATableError(
            phrase(
                "Filen {filename} har {rows} rader; grensen er {limit}.",
                filename=filename,
                rows=rows,
                limit=MOST_ROWS,
            )
        )


def _no_sheet(filename: str) -> NotATableError:
    return NotATableError(
        phrase("Filen {filename} er ikke et regneark. Lagre den som XLSX eller CSV.", filename=filename)
    )


def _xlsx_tabs(data: bytes, filename: str, most: int | None = None) -> list[Tab]:
    """The tabs that are not hidden, or the first `most` of them; the first tab of a book that hides them all."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if not any(entry.filename == "xl/workbook.xml" for entry in entries):
                raise _no_sheet(filename)
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
                raise NotATableError(phrase("Filen {filename} er for stor når den pakkes ut.", filename=filename))
            if archive.testzip() is not None:  # a size told wrong fails its checksum here, before anyone unpacks it
                raise _no_sheet(filename)
            errors = _error_values(archive)
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        if not workbook.sheet_names:
            raise _no_sheet(filename)
        seen = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        tabs: list[Tab] = []
        for name in (seen or workbook.sheet_names)[:most]:
            sheet = workbook.get_sheet_by_name(name)
            _refuse_rows(sum(len(tab.rows) for tab in tabs) + sheet.total_height, filename)
            rows: list[list[Cell]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
            _put_errors(rows, errors.get(name, {}))
            _unmerge(rows, sheet.merged_cell_ranges or [])
            tabs.append(Tab(name, rows))
        return tabs
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        python_calamine.CalamineError,
        etree.LxmlError,
        OSError,
        KeyError,
        ValueError,
    ) as error:
        raise _no_sheet(filename) from error


_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def _error_values(archive: zipfile.ZipFile) -> dict[str, dict[tuple[int, int], str]]:
    """Tab → row and column, from 0 → what a formula has come to ("#REF!"); calamine reads it as an empty cell.

    Source: ECMA-376 part 1, 18.3.1.4 (a cell's type "e").
    """
    if "xl/_rels/workbook.xml.rels" not in archive.namelist():
        return {}
    parts = {one.get("Id"): one.get("Target") or "" for one in _xml(archive, "xl/_rels/workbook.xml.rels").getroot()}
    found: dict[str, dict[tuple[int, int], str]] = {}
    for sheet in _xml(archive, "xl/workbook.xml").iter("{*}sheet"):
        target = parts.get(sheet.get(_RELATION), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part not in archive.namelist() or b't="e"' not in archive.read(part):
            continue
        errors = found.setdefault(sheet.get("name", ""), {})
        for cell in _xml(archive, part).iter("{*}c"):
            place = _PLACE.fullmatch(cell.get("r", ""))
            if cell.get("t") == "e" and place is not None:
                errors[int(place[2]) - 1, _column_number(place[1]) - 1] = cell.findtext("{*}v") or "#"
    return found


def _xml(archive: zipfile.ZipFile, part: str) -> etree._ElementTree:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    return etree.parse(io.BytesIO(archive.read(part)), parser)


def _column_number(letters: str) -> int:
    """A: 1, Z: 26, AA: 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _put_errors(rows: list[list[Cell]], errors: dict[tuple[int, int], str]) -> None:
    """Errors where they stand, but for rows with nothing else: formulas that wait for something to be typed."""
    said = {at for at, cells in enumerate(rows) if any(cell != "" for cell in cells)}
    for (at, column), value in errors.items():
        if at in said and column < len(rows[at]):
            rows[at][column] = value


def _unmerge(rows: list[list[Cell]], merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Cells merged downwards all say what the first one says; sideways they are a title and stay as they are."""
    for (top, left), (bottom, right) in merged:
        if left != right or top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row):
                row[left] = rows[top][left]


_DELIMITERS = (";", ",", "\t", "|", "^", "~")
_LOOKED_AT = 40
"""Lines from which the delimiter is told."""


def _csv_table(data: bytes, filename: str) -> list[list[Cell]]:
    text = decoded(data, filename)
    said = _said_delimiter(text)
    try:
        delimiter = said or max(_DELIMITERS, key=lambda mark: _columns_made_by(mark, text))
        rows: list[list[Cell]] = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise _no_sheet(filename) from error
    if said:
        rows[0] = []  # kept empty, so that the rows are numbered as the file has them
    _refuse_rows(len(rows), filename)
    return rows


def _said_delimiter(text: str) -> str | None:
    """What Excel's own first line `sep=;` says."""
    first = text[:16].partition("\n")[0].strip().strip('"')
    return first[4] if len(first) == 5 and first.casefold().startswith("sep=") else None


def _columns_made_by(delimiter: str, text: str) -> int:
    """How well a delimiter parts the first lines: into how many columns, in how many lines alike."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:_LOOKED_AT]
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
    except csv.Error:
        return 0
    return max((times * (width - 1) for width, times in widths.items()), default=0)


_NORDIC = frozenset("æøåÆØÅäöÄÖéÉüÜµ°à–’“”«»§½±≥≤€…")
"""Letters and signs of a Norwegian sheet beyond ASCII. Whatever else an encoding gives is a sign that it is wrong."""


def decoded(data: bytes, filename: str) -> str:
    """The text of a file in UTF-8, UTF-16, or whichever old encoding gives Norwegian letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)  # what Excel calls Unicode text
    elif b"\x00" in data:
        encodings = _without_a_mark(data)
    else:
        encodings = ("utf-8-sig", _likeliest(data))
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _no_sheet(filename)


def _without_a_mark(data: bytes) -> tuple[str, ...]:
    """UTF-16 that does not say so: in a sheet nearly every other byte is nought."""
    for encoding, odd in (("utf-16-le", 1), ("utf-16-be", 0)):
        other = data[1 - odd :: 2]
        if len(data) % 2 == 0 and data[odd::2].count(0) > 0.7 * len(data) / 2 and not other.count(0):
            return (encoding,)
    return ()


def _likeliest(data: bytes) -> str:
    """The encoding in which the letters beyond ASCII are those of Norwegian words: Windows, DOS or Mac."""
    beyond = bytes(byte for byte in data[:200_000] if byte >= 0x80)

    def fits(encoding: str) -> int:
        return sum(1 if letter in _NORDIC else -1 for letter in beyond.decode(encoding, errors="replace"))

    return max(("cp1252", "cp865", "mac_roman"), key=fits)


def heading_key(cell: Cell) -> str:
    """A heading as it is compared: case, spaces, hyphens and underscores apart."""
    return " ".join(str(cell).strip().casefold().replace("_", " ").replace("-", " ").split())


def text_of(cell: Cell) -> str:
    """A cell as a person would write it; blank for what means nothing."""
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = " ".join(str(cell).split())
    return "" if text in ("-", "–") else text
