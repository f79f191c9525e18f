"""Rows out to people's spreadsheets: XLSX and CSV, each cell as what it is, and no text a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from bot.clock import oslo
from bot.messages.phrase import Phrase
from bot.messages.words import BOKMAAL, Language

Cell = Phrase | str | bool | int | float | dt.date | None

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WITHOUT_A_CLOCK = dt.datetime(2000, 1, 1)  # the same rows give the same bytes


def harmless(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula: an apostrophe before what would begin one.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def as_csv(rows: Iterable[Sequence[Cell]], words: Language = BOKMAAL) -> bytes:
    """Rows as Excel in Norwegian opens them: semicolons, decimal comma, ISO dates, a byte order mark."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_as_text(cell, words) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _as_text(cell: Cell, words: Language) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return words.say(cell)
        case int() | float():
            return str(cell).replace(".", ",")
        case dt.datetime():
            return oslo(cell).strftime("%Y-%m-%d %H:%M") if cell.tzinfo else f"{cell:%Y-%m-%d %H:%M}"
        case dt.date():
            return cell.isoformat()
    return harmless(words.say(cell))


class Workbook:
    """An XLSX file in the making: `sheet` adds a tab, `as_bytes` closes it. In memory; nothing touches the disk."""

    def __init__(self, title: str, words: Language = BOKMAAL) -> None:
        self._file = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._file, options)
        self._book.set_properties({"title": title, "created": _WITHOUT_A_CLOCK})
        self._words = words

    def sheet(self, name: Phrase | str, widths: Sequence[int]) -> Sheet:
        """A new tab with columns of these widths, in characters."""
        return Sheet(self._book, self._words.say(name), self._words, widths)

    def table(
        self, name: Phrase | str, widths: Sequence[int], headings: Sequence[Cell], rows: Sequence[Sequence[Cell]]
    ) -> None:
        """A tab that is one table: headings that stay on screen, and a filter over the rows."""
        sheet = self.sheet(name, widths)
        sheet.row(headings, bold=True)
        sheet.freeze(1, 1)
        for row in rows:
            sheet.row(row)
        if rows:
            sheet.filter(len(rows), len(headings))

    def as_bytes(self) -> bytes:
        """The file. Nothing can be added after it."""
        self._book.close()
        return self._file.getvalue()


class Sheet:
    """Rows written under one another. Made by `Workbook.sheet`."""

    def __init__(self, book: xlsxwriter.Workbook, name: str, words: Language, widths: Sequence[int]) -> None:
        self._sheet = book.add_worksheet(name)
        self._words = words
        self._next = 0
        self._bold = book.add_format({"bold": True})
        self._date = book.add_format({"num_format": "dd.mm.yyyy"})
        self._at = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        self._share = book.add_format({"num_format": "0.0"})
        self._quoted = book.add_format({"quote_prefix": True})
        for place, width in enumerate(widths):
            self._sheet.set_column(place, place, width)

    def freeze(self, rows: int, columns: int) -> None:
        """Keep the first rows and columns on screen."""
        self._sheet.freeze_panes(rows, columns)

    def filter(self, rows: int, columns: int) -> None:
        """A filter over `rows` rows under the first one."""
        self._sheet.autofilter(0, 0, rows, columns - 1)

    def skip(self) -> None:
        """Leave a row empty."""
        self._next += 1

    def row(self, cells: Sequence[Cell], *, bold: bool = False, shares: frozenset[int] = frozenset()) -> None:
        """One row; `shares` are the columns whose numbers always show a decimal."""
        for place, cell in enumerate(cells):
            self._cell(place, cell, bold=bold, share=place in shares)
        self._next += 1

    def _cell(self, place: int, cell: Cell, *, bold: bool, share: bool) -> None:
        match cell:
            case None:
                return
            case dt.datetime():
                at = oslo(cell).replace(tzinfo=None) if cell.tzinfo else cell
                self._sheet.write_datetime(self._next, place, at, self._at)
            case dt.date():
                self._sheet.write_datetime(self._next, place, cell, self._date)
            case int() | float() if not isinstance(cell, bool):
                self._sheet.write_number(self._next, place, cell, self._share if share else None)
            case _:
                text = self._words.say(cell)
                quoted = self._quoted if text.startswith(_BEGINS_A_FORMULA) else None
                self._sheet.write_string(self._next, place, text, self._bold if bold else quoted)
