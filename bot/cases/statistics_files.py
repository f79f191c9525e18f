"""The statistics as files: CSV, XLSX, and a section that is ready for the annual report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot import spreadsheet
from bot.cases.statistics import CaseFilter, Statistics
from bot.cases.statistics_tables import (
    CASE_HEADINGS,
    Table,
    atc_words,
    case_rows,
    heading_of,
    remarks,
    shown,
    tables,
)
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL, Language
from bot.spreadsheet import Cell


def as_csv(found: Statistics, only: CaseFilter, today: dt.date, words: Language = BOKMAAL) -> bytes:
    """One figure a line: table, row, column, value. Semicolons, decimal comma and a byte order mark, as Excel wants."""
    rows: list[Sequence[Cell]] = [("tabell", "rad", "kolonne", "verdi"), (heading_of(found, only), "", "", "")]
    rows += [(phrase("Merknad"), remark, "", "") for remark in remarks(found, today)]
    for table in tables(found):
        for first, *rest in table.rows:
            cells = zip(table.headings[1:], rest, strict=True)
            rows += [(table.title, first, heading, value) for heading, value in cells]
    return spreadsheet.as_csv(rows, words)


def as_xlsx(found: Statistics, only: CaseFilter, today: dt.date, words: Language = BOKMAAL) -> bytes:
    """A workbook: the tables, and the cases behind them. Numbers and dates are such; text is never a formula."""
    book = spreadsheet.Workbook(words.say(heading_of(found, only)), words)
    sheet = book.sheet(phrase("Tall"), (44, 14, 14, 16, 12))
    sheet.row([heading_of(found, only)], bold=True)
    for remark in remarks(found, today):
        sheet.row([remark])
    for table in tables(found):
        sheet.skip()
        sheet.row([table.title, *table.headings[1:]], bold=True)
        for row in table.rows:
            sheet.row(row, shares=table.shares)
    book.table(phrase("Saker"), _CASE_WIDTHS, CASE_HEADINGS, case_rows(found))
    return book.as_bytes()


_CASE_WIDTHS = (14, 40, 28, 10, 20, 28, 28, 12, 12, 12, 15, 12, 12)


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
                groups=words.listed(
                    f"{letter} ({words.say(atc_words(letter))[2:].lower()}, {words.plural(n, 'sak', 'saker')})"
                    for letter, n in largest
                ),
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
