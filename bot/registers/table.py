"""A table in: rows of cells from a CSV or XLSX file, and the shape in which what is wrong with one is told."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import zipfile
import zlib
from dataclasses import dataclass

import python_calamine

from bot.messages.phrase import Phrase, phrase

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED_BYTES = 100 * 1024 * 1024  # of an XLSX file, which is a zip archive
MOST_ROWS = 200_000

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the row as the spreadsheet numbers it, the heading, the value as written.

    `personal`: the value holds a national identity number, and is left out.
    """

    row: int | None
    column: str | None
    value: str | None
    problem: Phrase
    personal: bool = False

    @property
    def line(self) -> Phrase:
        """The fault in one line."""
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


def read_table(data: bytes, filename: str) -> list[list[Cell]]:
    """The rows of a CSV file, or of the first tab of an XLSX file. Raises `NotATableError` with what is wrong."""
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
    table = _xlsx_table(data, filename) if data.startswith(b"PK\x03\x04") else _csv_table(data, filename)
    if len(table) > MOST_ROWS:
        raise NotATableError(
            phrase(
                "Filen {filename} har {rows} rader; grensen er {limit}.",
                filename=filename,
                rows=len(table),
                limit=MOST_ROWS,
            )
        )
    return table


def _no_sheet(filename: str) -> NotATableError:
    return NotATableError(
        phrase("Filen {filename} er ikke et regneark. Lagre den som XLSX eller CSV.", filename=filename)
    )


def _xlsx_table(data: bytes, filename: str) -> list[list[Cell]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if not any(entry.filename == "xl/workbook.xml" for entry in entries):
                raise _no_sheet(filename)
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
                raise NotATableError(phrase("Filen {filename} er for stor når den pakkes ut.", filename=filename))
            if archive.testzip() is not None:  # a size told wrong fails its checksum here, before anyone unpacks it
                raise _no_sheet(filename)
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        if not workbook.sheet_names:
            raise _no_sheet(filename)
        return [list(row) for row in workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        python_calamine.CalamineError,
        OSError,
        ValueError,
    ) as error:
        raise _no_sheet(filename) from error


def _csv_table(data: bytes, filename: str) -> list[list[Cell]]:
    text = decoded(data, filename)
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t", key=first_line.count)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise _no_sheet(filename) from error


def decoded(data: bytes, filename: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)  # what Excel calls Unicode text
    elif b"\x00" in data:
        raise _no_sheet(filename)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _no_sheet(filename)


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
