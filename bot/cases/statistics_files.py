"""The statistics as files: CSV, XLSX, and a section that is ready for the annual report."""

from __future__ import annotations

import csv
import datetime as dt
import io

import xlsxwriter

from bot.cases.statistics import CaseFilter, Statistics
from bot.cases.statistics_tables import (
    CASE_HEADINGS,
    Table,
    Value,
    atc_words,
    case_rows,
    heading_of,
    remarks,
    shown,
    tables,
)
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL, Language

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula: an apostrophe before what would begin one.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def as_csv(found: Statistics, only: CaseFilter, today: dt.date, words: Language = BOKMAAL) -> bytes:
    """One figure a line: table, row, column, value. Semicolons, decimal comma and a byte order mark, as Excel wants."""
    text = io.StringIO(newline="")
    write = csv.writer(text, delimiter=";").writerow
    write(["tabell", "rad", "kolonne", "verdi"])
    write([words.say(heading_of(found, only)), "", "", ""])
    for remark in remarks(found, today):
        write([words.say(phrase("Merknad")), words.say(remark), "", ""])
    for table in tables(found):
        for first, *rest in table.rows:
            for heading, value in zip(table.headings[1:], rest, strict=True):
                cells = (table.title, first, heading)
                write([*(harmless(words.say(cell)) for cell in cells), _number(value)])
    return text.getvalue().encode("utf-8-sig")


def _number(value: Value) -> str:
    return "" if value is None else str(value).replace(".", ",")


def as_xlsx(found: Statistics, only: CaseFilter, today: dt.date, words: Language = BOKMAAL) -> bytes:
    """A workbook: the tables, and the cases behind them. Numbers and dates are such; text is never a formula."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": words.say(heading_of(found, only)), "created": dt.datetime(2000, 1, 1)})
    sheet = _Sheet(book, words.say(phrase("Tall")), words, (44, 14, 14, 16, 12))
    sheet.row([heading_of(found, only)], bold=True)
    for remark in remarks(found, today):
        sheet.row([remark])
    for table in tables(found):
        sheet.skip()
        sheet.row([table.title, *table.headings[1:]], bold=True)
        for row in table.rows:
            sheet.row(row, shares=table.shares)
    cases = _Sheet(book, words.say(phrase("Saker")), words, (14, 40, 28, 10, 20, 28, 28, 12, 12, 12, 15, 12, 12))
    cases.row(CASE_HEADINGS, bold=True)
    cases.sheet.freeze_panes(1, 1)
    rows = case_rows(found)
    for row in rows:
        cases.row(row)
    if rows:
        cases.sheet.autofilter(0, 0, len(rows), len(CASE_HEADINGS) - 1)
    book.close()
    return file.getvalue()


class _Sheet:
    """Rows written under one another, each cell as what it is."""

    def __init__(self, book: xlsxwriter.Workbook, name: str, words: Language, widths: tuple[int, ...]) -> None:
        self.sheet = book.add_worksheet(name)
        self._words = words
        self._next = 0
        self._bold = book.add_format({"bold": True})
        self._date = book.add_format({"num_format": "dd.mm.yyyy"})
        self._share = book.add_format({"num_format": "0.0"})
        self._quoted = book.add_format({"quote_prefix": True})
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)

    def skip(self) -> None:
        """Leave a row empty."""
        self._next += 1

    def row(
        self, cells: tuple[Value, ...] | list[Value], *, bold: bool = False, shares: frozenset[int] = frozenset()
    ) -> None:
        """One row."""
        for place, cell in enumerate(cells):
            self._cell(place, cell, bold=bold, share=place in shares)
        self._next += 1

    def _cell(self, place: int, cell: Value, *, bold: bool, share: bool) -> None:
        match cell:
            case None:
                return
            case dt.date():
                self.sheet.write_datetime(self._next, place, cell, self._date)
            case int() | float():
                self.sheet.write_number(self._next, place, cell, self._share if share else None)
            case _:
                text = self._words.say(cell)
                quoted = self._quoted if text.startswith(_BEGINS_A_FORMULA) else None
                self.sheet.write_string(self._next, place, text, self._bold if bold else quoted)


def as_section(found: Statistics, only: CaseFilter, today: dt.date, words: Language = BOKMAAL) -> str:
    """A section for the annual report: sentences and tables (Markdown), in the report's own order."""
    parts = [f"## {words.say(heading_of(found, only))}"]
    parts += [f"*{words.say(remark)}*" for remark in remarks(found, today)]
    parts += [_paragraph(said, words) for said in _sentences(found, words)]
    if found.handled:
        parts += [_markdown(table, words) for table in tables(found) if table.title.source not in _IN_SENTENCES]
    return "\n\n".join(parts)


_IN_SENTENCES = ("Saker", "Varighet", "Varslet av andre enn DMP")
"""Tables whose figures the section's sentences tell."""


def _sentences(found: Statistics, words: Language) -> list[list[Phrase]]:
    """Paragraphs of sentences."""
    in_period = (
        phrase("I {year}", year=str(found.period.year))
        if found.period.year is not None
        else phrase("Fra {first} til {last}", first=found.period.first, last=found.period.last)
    )
    if not found.handled:
        return [[phrase("{when} ble ingen mangelsaker behandlet.", when=in_period)]]
    said = [
        [
            phrase(
                "{when} behandlet Mangel- og beredskapssenteret i alt {handled}.",
                when=in_period,
                handled=words.plural(found.handled, "mangelsak", "mangelsaker"),
            ),
            phrase(
                "Av disse var {new} nye, mens {carried} var overført fra før. I alt {closed} ble avsluttet, "
                "og {open} var åpne ved utgangen.",
                new=found.new,
                carried=found.carried_over,
                closed=found.closed,
                open=found.open_at_end,
            ),
        ]
    ]
    days = found.durations
    if days.n:
        said.append(
            [
                phrase(
                    "Det var registrert start og slutt for {n}.", n=words.plural(days.n, "mangelsak", "mangelsaker")
                ),
                phrase(
                    "Gjennomsnittlig lengde var {mean} dager (spredning {min} til {max} dager), og median varighet "
                    "{median} dager.",
                    mean=days.mean,
                    min=days.min,
                    max=days.max,
                    median=words.number(days.median),
                ),
                phrase("Ett år eller mer varte {n}.", n=words.plural(days.year_or_more, "mangel", "mangler")),
            ]
        )
    else:
        said.append([phrase("Ingen av sakene har både start og slutt registrert.")])
    largest = [(letter, n) for letter, n in found.atc.items() if len(letter) == 1][:3]
    said.append(
        [
            phrase("Antall unike virkestoffer det var mangel på: {n}.", n=found.substances),
            phrase(
                "Flest mangler var det i ATC-gruppe {groups}.",
                groups=words.listed(f"{letter} ({atc_words(letter)[2:].lower()}, {n} saker)" for letter, n in largest),
            ),
        ]
        if largest
        else [phrase("Antall unike virkestoffer det var mangel på: {n}.", n=found.substances)]
    )
    other = found.not_dmp
    if found.sources_total:
        said.append(
            [
                phrase("I {n} saker var det oppgitt kilde for varselet.", n=found.sources_total),
                phrase(
                    "I alt {dmp} saker var meldt via DMP, mens {others} ({share}) ble varslet av andre.",
                    dmp=found.sources_total - other.n,
                    others=other.n,
                    share=shown(other.share, words, share=True),
                ),
                phrase(
                    "Av de {others} gjaldt {registered} legemidler med markedsføringstillatelse og {unregistered} "
                    "legemidler uten.",
                    others=other.n,
                    registered=other.registered,
                    unregistered=other.unregistered,
                ),
            ]
        )
    said.append(
        [
            phrase(
                "I alt {n} av {handled} mangler ({share}) gjaldt uregistrerte preparater.",
                n=found.unregistered,
                handled=found.handled,
                share=shown(found.unregistered_share, words, share=True),
            )
        ]
    )
    return said


def _paragraph(sentences: list[Phrase], words: Language) -> str:
    return " ".join(words.say(sentence) for sentence in sentences)


def _markdown(table: Table, words: Language) -> str:
    headings = [words.say(heading) for heading in table.headings]
    rows = [[shown(cell, words, share=place in table.shares) for place, cell in enumerate(row)] for row in table.rows]
    lines = [headings, ["---", *("---:" for _ in headings[1:])], *rows]
    escaped = ("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return f"**{words.say(table.title)}**\n\n" + "\n".join(escaped)
