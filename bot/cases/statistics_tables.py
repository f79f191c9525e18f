"""The statistics as tables that a person reads: for the terminal, a spreadsheet, Slack and the charts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from bot.cases.statistics import UNKNOWN, CaseFilter, CaseRecord, Spread, Statistics
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL, Language
from bot.spreadsheet import Cell


@dataclass(frozen=True, slots=True)
class Table:
    """A title, headings (the first is of what stands at the left), and rows. None: not known."""

    title: Phrase
    headings: tuple[Phrase, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def shares(self) -> frozenset[int]:
        """The columns that are per cent."""
        return frozenset(place for place, heading in enumerate(self.headings) if heading.source == _SHARE.source)


_NUMBER, _SHARE, _DAYS = phrase("Antall"), phrase("Andel i prosent"), phrase("Dager")


def heading_of(found: Statistics, only: CaseFilter) -> Phrase:
    """What has been counted, in a line."""
    year = found.period.year
    what = (
        phrase("Mangelsaker i {year}", year=str(year))
        if year is not None
        else phrase("Mangelsaker fra {first} til {last}", first=found.period.first, last=found.period.last)
    )
    chosen = chosen_by(only)
    return phrase("{what} ({chosen})", what=what, chosen=chosen) if chosen else what


def chosen_by(only: CaseFilter) -> tuple[Phrase, ...]:
    """What the cases were chosen by."""
    said = (
        only.atc and phrase("ATC: {chosen}", chosen=only.atc),
        only.substance and phrase("virkestoff: {chosen}", chosen=only.substance),
        only.source and phrase("kilde: {chosen}", chosen=only.source.words),
        only.cause and phrase("årsak: {chosen}", chosen=only.cause.words),
        only.status and phrase("status: {chosen}", chosen=only.status.words),
        only.authorised and phrase("registrert: {chosen}", chosen=only.authorised.words),
        only.solution and phrase("løsning: {chosen}", chosen=only.solution.words),
        only.place and phrase("sted: {chosen}", chosen=only.place),
    )
    return tuple(one for one in said if isinstance(one, Phrase))


def tables(found: Statistics) -> tuple[Table, ...]:
    """Every figure. Groups that nobody is in are left out, but for those that the annual report always names."""
    every = (_handled(found), _durations(found), *_atc(found), *_sources(found), *_unregistered(found))
    return every + tuple(
        table for table in (_causes(found), _solutions(found), _work(found), _reports(found)) if table.rows
    )


def _handled(found: Statistics) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = (
        (phrase("Behandlet"), found.handled),
        (phrase("– nye"), found.new),
        (phrase("– overført fra før"), found.carried_over),
        (phrase("Avsluttet"), found.closed),
        (phrase("Åpne ved utgangen"), found.open_at_end),
        (phrase("Unike virkestoffer"), found.substances),
    )
    return Table(phrase("Saker"), (phrase("Saker"), _NUMBER), rows)


def _durations(found: Statistics) -> Table:
    days = found.durations
    rows: tuple[tuple[Cell, ...], ...] = (
        (phrase("Saker med registrert start og slutt"), days.n),
        (phrase("Gjennomsnitt, dager"), days.mean),
        (phrase("Median, dager"), days.median),
        (phrase("Korteste, dager"), days.min),
        (phrase("Lengste, dager"), days.max),
        (phrase("Ett år eller mer, saker"), days.year_or_more),
    )
    return Table(phrase("Varighet"), (phrase("Varighet"), _NUMBER), rows)


def _atc(found: Statistics) -> tuple[Table, ...]:
    rows = tuple((atc_words(letter), n) for letter, n in found.atc.items())
    return (Table(phrase("ATC-hovedgrupper (figur 1)"), (phrase("ATC"), _NUMBER), rows),)


def _sources(found: Statistics) -> tuple[Table, ...]:
    rows: list[tuple[Cell, ...]] = [(source.words, n) for source, n in found.sources.items()]
    rows.append((phrase("Oppgitt kilde i alt"), found.sources_total))
    other = found.not_dmp
    unknown = other.n - other.registered - other.unregistered
    split: list[tuple[Cell, ...]] = [
        (phrase("Varslet av andre enn DMP"), other.n, other.share),
        (phrase("– med markedsføringstillatelse"), other.registered, None),
        (phrase("– uten markedsføringstillatelse"), other.unregistered, None),
    ]
    if unknown:
        split.append((phrase("– vet ikke om registrert"), unknown, None))
    return (
        Table(phrase("Kilde for varsel (tabell 1)"), (phrase("Kilde"), _NUMBER), tuple(rows)),
        Table(phrase("Varslet av andre enn DMP"), (phrase("Varslet"), _NUMBER, _SHARE), tuple(split)),
    )


def _unregistered(found: Statistics) -> tuple[Table, ...]:
    by_year = tuple((line.year, line.n, line.handled, line.share) for line in found.by_year)
    headings = (phrase("År"), phrase("Uregistrerte"), phrase("Behandlet"), _SHARE)
    by_atc = tuple((atc_words(letter), n) for letter, n in found.unregistered_atc.items())
    made = [Table(phrase("Uregistrerte preparater (tabell 2)"), headings, by_year)]
    if by_atc:
        made.append(Table(phrase("Uregistrerte etter ATC (figur 2)"), (phrase("ATC"), _NUMBER), by_atc))
    return tuple(made)


def _causes(found: Statistics) -> Table:
    rows = tuple((cause.words, n) for cause, n in found.causes.items())
    return Table(phrase("Årsaker"), (phrase("Årsak"), _NUMBER), rows)


def _solutions(found: Statistics) -> Table:
    rows = tuple(
        (solution.words, tried.n, tried.worked, tried.did_not, tried.unknown)
        for solution, tried in found.solutions.items()
    )
    headings = (phrase("Løsning"), _NUMBER, phrase("Hjalp"), phrase("Hjalp ikke"), phrase("Vet ikke"))
    return Table(phrase("Løsninger"), headings, rows)


def _work(found: Statistics) -> Table:
    rows: list[tuple[Cell, ...]] = []
    if found.domino:
        rows.append((phrase("Dominoeffekt, saker"), found.domino))
    if found.slips.cases:
        rows += [
            (phrase("Sluttdato flyttet, saker"), found.slips.cases),
            (phrase("Sluttdato flyttet, ganger"), found.slips.moves),
            (phrase("Sluttdato flyttet, dager i alt"), found.slips.days),
        ]
    rows += _spread(
        found.gaps,
        phrase("Udekket i en møteliste, saker"),
        phrase("Udekket, median dager"),
        phrase("Udekket, flest dager"),
    )
    rows += _spread(
        found.to_action,
        phrase("Melding fulgt opp, saker"),
        phrase("Fra første melding til første tiltak, median dager"),
        phrase("Fra første melding til første tiltak, flest dager"),
    )
    return Table(phrase("Oppfølging"), (phrase("Oppfølging"), _NUMBER), tuple(rows))


def _spread(spread: Spread, number: Phrase, middle: Phrase, most: Phrase) -> list[tuple[Cell, ...]]:
    return [(number, spread.n), (middle, spread.median), (most, spread.max)] if spread.n else []


def _reports(found: Statistics) -> Table:
    rows = tuple((place, n) for place, n in found.reports.items())
    return Table(phrase("Meldinger etter sted"), (phrase("Sted"), _NUMBER), rows)


def remarks(found: Statistics, today: dt.date) -> tuple[Phrase, ...]:
    """What must be known to read the figures right."""
    said = []
    if found.period.first > today:
        said.append(phrase("Perioden har ikke begynt."))
    elif found.period.last > today:
        said.append(phrase("Perioden er ikke slutt: tallene er per {today}.", today=today))
    if found.handled and found.authorisation_unknown:
        said.append(
            phrase(
                "For {n} av sakene vet vi ikke om preparatet er registrert. De regnes ikke som uregistrerte.",
                n=found.authorisation_unknown,
            )
        )
    if found.without_notice:
        said.append(phrase("Uten meldt-dato, telt fra start: {n} av sakene.", n=found.without_notice))
    if found.undated:
        said.append(phrase("Uten dato, telt i ingen år: {n} saker.", n=found.undated))
    return tuple(said)


def as_read(found: Statistics, only: CaseFilter, today: dt.date) -> dict[str, Any]:
    """What the message about the figures is written from."""
    return {
        "found": found,
        "heading": heading_of(found, only),
        "atc": [(atc_words(letter), n) for letter, n in found.atc.items()],
        "tried": list(found.solutions.items()),
        "remarks": remarks(found, today),
    }


CASE_HEADINGS = (
    phrase("Saksnummer"),
    phrase("Preparat"),
    phrase("Virkestoff"),
    phrase("ATC"),
    phrase("Registrert"),
    phrase("Kilde"),
    phrase("Årsak"),
    phrase("Status"),
    phrase("Start"),
    phrase("Slutt"),
    phrase("Varighet, dager"),
    phrase("Meldt"),
    phrase("Avsluttet"),
)


def case_rows(found: Statistics) -> list[tuple[Cell, ...]]:
    """The cases that were counted, one a row, under `CASE_HEADINGS`."""
    return [_case_row(case) for case in found.cases]


def _case_row(case: CaseRecord) -> tuple[Cell, ...]:
    return (
        case.number,
        case.name,
        case.substance,
        case.atc,
        case.authorised.words,
        case.source.words if case.source else None,
        case.cause.words if case.cause else None,
        case.status.words,
        case.start,
        case.end,
        case.duration,
        case.noticed,
        case.last_day,
    )


_MAIN_GROUPS = {
    "A": phrase("A Fordøyelsesorganer og stoffskifte"),
    "B": phrase("B Blod og bloddannende organer"),
    "C": phrase("C Hjerte og kretsløp"),
    "D": phrase("D Dermatologiske midler"),
    "G": phrase("G Urogenitalsystem og kjønnshormoner"),
    "H": phrase("H Hormoner til systemisk bruk, ekskl. kjønnshormoner og insulin"),
    "J": phrase("J Antiinfektiva til systemisk bruk"),
    "L": phrase("L Antineoplastiske og immunmodulerende midler"),
    "M": phrase("M Muskler og skjelett"),
    "N": phrase("N Nervesystemet"),
    "P": phrase("P Antiparasitære midler, insekticider og insektmidler"),
    "R": phrase("R Respirasjonsorganer"),
    "S": phrase("S Sanseorganer"),
    "V": phrase("V Varia"),
    UNKNOWN: phrase("Uten ATC-kode"),
}


def atc_words(letter: str) -> Phrase | str:
    """ "J Antiinfektiva til systemisk bruk"; a letter that is no main group stays a letter."""
    return _MAIN_GROUPS.get(letter, letter)


def as_text(found: Statistics, only: CaseFilter, today: dt.date, words: Language = BOKMAAL) -> str:
    """The tables for a terminal, columns under one another."""
    lines = [words.say(heading_of(found, only))]
    if not found.handled:
        lines.append(words.say(phrase("Ingen saker.")))
    lines += [words.say(remark) for remark in remarks(found, today)]
    if found.handled:
        for table in tables(found):
            lines += ["", *_in_columns(table, words)]
    return "\n".join(lines)


def _in_columns(table: Table, words: Language) -> list[str]:
    rows = [[shown(cell, words, share=place in table.shares) for place, cell in enumerate(row)] for row in table.rows]
    headings = [words.say(heading) for heading in table.headings]
    headings[0] = words.say(table.title)
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (headings, *rows)
    ]


def shown(value: Cell, words: Language = BOKMAAL, *, share: bool = False) -> str:
    """A cell in words; blank where nothing is known or nothing belongs."""
    if value is None:
        return ""
    if share and isinstance(value, (int, float)):
        return words.percent(value)
    if isinstance(value, (int, float)):
        return words.number(value)
    return words.say(value)
