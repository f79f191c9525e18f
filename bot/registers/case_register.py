"""The centre's own register of earlier years in: CSV or XLSX, every fault named by row, column and value.

Reads and checks; stores nothing. Headings that are not ours are explained once (`Mapping`: their heading → our column)
and remembered by whoever stores.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from bot.cases.life_cycle import status_at_start
from bot.cases.vocabulary import Authorised, Cause, Solution, Source, Status, Worded
from bot.cases.written import (
    AUTHORISED,
    CAUSES,
    NO_CAUSE,
    NO_SOLUTION,
    NO_SOURCE,
    NO_STATUS,
    NOT_YES_OR_NO,
    SOLUTIONS,
    SOURCES,
    STATUSES,
)
from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import contains_identity_number
from bot.registers.table import Cell, Fault, NotATableError, heading_key, read_table, text_of

LONGEST_NUMBER = 40
LONGEST_VALUE = 300
FIRST_YEAR, LAST_YEAR = 2000, 2100
ELEVEN_DIGITS = 11
HEADER_WITHIN = 10
"""Rows in which the headings are looked for: a title or two may come before them."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "saksnummer": ("saksnummer", "case number"),
    "virkestoff": ("virkestoff", "active substance"),
    "preparat": ("preparat", "preparation"),
    "atc": ("atc", "atc kode", "atc code"),
    "registrert": ("registrert", "registrert (ja/nei)", "registered"),
    "kilde": ("kilde", "source"),
    "årsak": ("årsak", "cause"),
    "status": ("status",),
    "start": ("start", "startdato"),
    "slutt": ("slutt", "sluttdato"),
    "meldt": ("meldt", "meldt dato"),
    "avsluttet": ("avsluttet", "avsluttet dato"),
    "løsning": ("løsning", "løsninger", "tiltak"),
}
"""Our columns, and the headings that are taken for them without being told."""

_COLUMN_OF = {name: column for column, names in COLUMNS.items() for name in names}
_WRITTEN = ("saksnummer", "virkestoff", "preparat")
_ATC = re.compile(r"[A-Z](?:\d{2}(?:[A-Z](?:[A-Z](?:\d{2})?)?)?)?")
_OUR_NUMBER = re.compile(r"(\d{4})-(\d{1,7})")


Chosen = TypeVar("Chosen", bound=Worded)


@dataclass(frozen=True, slots=True)
class RegisterCase:
    """One case of another register, as it is stored. None: not known."""

    number: str
    substance: str | None
    name: str | None
    atc: str | None
    authorised: Authorised
    source: Source | None
    cause: Cause | None
    status: Status
    start: dt.date | None
    end: dt.date | None
    noticed: dt.date | None
    closed: dt.date | None
    solutions: tuple[Solution, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRegister:
    """What a file says: its cases by row, what is wrong with the others, and how its headings were read."""

    cases: Mapping[int, RegisterCase]
    faults: tuple[Fault, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading as written → our column, in the file's order."""
    ignored: tuple[str, ...] = ()
    headings: str = ""
    """A mark of this set of headings, for remembering what they mean."""

    @property
    def unreadable(self) -> bool:
        """True where something is wrong with the file as a whole: then no row of it counts."""
        return any(fault.row is None for fault in self.faults)


class _FaultyValueError(Exception):
    """One value cannot be what its column says."""

    def __init__(self, column: str, problem: Phrase, value: str | None = None) -> None:
        super().__init__(str(problem))
        self.column = column
        self.problem = problem
        self.value = value


def read_case_register(
    data: bytes,
    filename: str,
    *,
    today: dt.date,
    mapping: Mapping[str, str] | None = None,
    remembered: Mapping[str, Mapping[str, str]] | None = None,
) -> CaseRegister:
    """Every case of the file and all its faults. Never raises for what is in the file.

    `mapping`: heading → our column, as somebody just said it; `remembered`: the same by mark of a set of headings.
    """
    wanted = {heading_key(heading): column for heading, column in (mapping or {}).items()}
    try:
        table = read_table(data, filename)
        header, explained = _header(table, wanted, remembered or {})
        places = _places(table[header], explained)
        for heading in wanted:
            if heading not in {heading_key(cell) for cell in table[header]}:
                raise NotATableError(phrase("Fant ingen kolonne «{heading}» i filen.", heading=heading))
    except NotATableError as error:
        return CaseRegister({}, (Fault(None, None, None, error.problem),))
    reader = _Reader(places, {column: text_of(table[header][place]) for column, place in places.items()}, today)
    cases: dict[int, RegisterCase] = {}
    for number, cells in enumerate(table[header + 1 :], start=header + 2):
        if any(text_of(cell) for cell in cells):
            case = reader.read(number, cells)
            if case is not None:
                cases[number] = case
    read = {reader.headings[column]: column for column in sorted(places, key=places.__getitem__)}
    ignored = tuple(
        text for place, cell in enumerate(table[header]) if place not in places.values() and (text := text_of(cell))
    )
    faults = [*reader.about_the_file(), *reader.faults]
    if not cases and not faults:
        faults.append(Fault(None, None, None, phrase("Filen har overskrifter, men ingen saker.")))
    return CaseRegister(cases, tuple(faults), read, ignored, mark_of(table[header]))


def mark_of(headings: Iterable[Cell]) -> str:
    """The same for the same headings, in whatever order."""
    named = sorted(key for heading in headings if (key := heading_key(heading)))
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def _header(
    table: Sequence[Sequence[Cell]], wanted: Mapping[str, str], remembered: Mapping[str, Mapping[str, str]]
) -> tuple[int, dict[str, str]]:
    """The row of the headings, and heading → our column for all that is known there."""
    for number, cells in enumerate(table[:HEADER_WITHIN]):
        known = _COLUMN_OF | dict(remembered.get(mark_of(cells), {})) | dict(wanted)
        if len({known[key] for cell in cells if (key := heading_key(cell)) in known}) >= 2:
            return number, known
    raise NotATableError(
        phrase(
            "Fant ingen overskrifter. Filen må ha saksnummer, og virkestoff eller preparat. "
            "Heter de noe annet, skriv --map «Deres overskrift=saksnummer»."
        )
    )


def _places(headings: Sequence[Cell], known: Mapping[str, str]) -> dict[str, int]:
    """Our column → where it stands."""
    places: dict[str, int] = {}
    for place, cell in enumerate(headings):
        column = known.get(heading_key(cell))
        if column is None:
            continue
        if column in places:
            raise NotATableError(
                phrase(
                    "Både «{one}» og «{other}» er lest som {column}.",
                    one=text_of(headings[places[column]]),
                    other=text_of(cell),
                    column=column,
                )
            )
        places[column] = place
    missing = [] if "saksnummer" in places else ["saksnummer"]
    if not {"virkestoff", "preparat"} & places.keys():
        missing.append("virkestoff")
    if missing:
        raise NotATableError(
            phrase(
                "Filen mangler kolonnen {columns}. Heter den noe annet, skriv --map «Deres overskrift={one}».",
                columns=", ".join(missing),
                one=missing[0],
            )
        )
    return places


@dataclass(slots=True)
class _Reader:
    """Reads one row after another, remembering numbers and how dates are written."""

    places: Mapping[str, int]
    headings: Mapping[str, str]
    today: dt.date
    faults: list[Fault] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)
    _formats: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def read(self, number: int, cells: Sequence[Cell]) -> RegisterCase | None:
        """The row's case; None where something is wrong with it, which then stands among the faults."""
        try:
            return self._case(number, cells)
        except _FaultyValueError as error:
            value = self._text(cells, error.column) if error.value is None else error.value
            heading = self.headings.get(error.column, error.column)
            personal = contains_identity_number(value)
            self.faults.append(Fault(number, heading, None if personal else value[:80], error.problem, personal))
            return None

    def about_the_file(self) -> list[Fault]:
        """Dates written in two ways: which of them was meant differently, nobody can tell."""
        if len(self._formats) < 2:
            return []
        (row, column, value), (other_row, other_column, other) = sorted(self._formats.values())
        said = phrase(
            "Filen blander to datoformater: rad {row}, kolonne «{column}», «{value}», og rad {other_row}, kolonne "
            "«{other_column}», «{other}». Skriv alle datoer på én måte.",
            row=row,
            column=column,
            value=value,
            other_row=other_row,
            other_column=other_column,
            other=other,
        )
        return [Fault(None, None, None, said)]

    def _case(self, row: int, cells: Sequence[Cell]) -> RegisterCase:
        for column in self.places:
            if len(self._text(cells, column)) > LONGEST_VALUE:
                raise _FaultyValueError(column, phrase("er for lang."))
        for column in _WRITTEN:
            written = self._text(cells, column)
            if len(written) >= ELEVEN_DIGITS and contains_identity_number(written):
                raise _FaultyValueError(column, phrase("ser ut til å inneholde et fødselsnummer. Fjern det."))
        number = self._number(row, cells)
        substance, name = self._text(cells, "virkestoff") or None, self._text(cells, "preparat") or None
        if substance is None and name is None:
            column = "virkestoff" if "virkestoff" in self.places else "preparat"
            raise _FaultyValueError(column, phrase("mangler. Skriv virkestoff eller preparat."))
        start, end = self._date(row, cells, "start"), self._date(row, cells, "slutt")
        noticed, closed = self._past(row, cells, "meldt"), self._past(row, cells, "avsluttet")
        if start and end and end < start:
            raise _FaultyValueError("slutt", phrase("er før start ({start}).", start=start))
        if noticed and closed and closed < noticed:
            raise _FaultyValueError("avsluttet", phrase("er før meldt ({noticed}).", noticed=noticed))
        return RegisterCase(
            number=number,
            substance=substance,
            name=name,
            atc=self._atc(cells),
            authorised=self._one_of(AUTHORISED, cells, "registrert", NOT_YES_OR_NO) or Authorised.UNKNOWN,
            source=self._one_of(SOURCES, cells, "kilde", NO_SOURCE),
            cause=self._one_of(CAUSES, cells, "årsak", NO_CAUSE),
            status=self._status(cells, start, closed),
            start=start,
            end=end,
            noticed=noticed,
            closed=closed,
            solutions=self._solutions(cells),
        )

    def _text(self, cells: Sequence[Cell], column: str) -> str:
        return text_of(self._cell(cells, column))

    def _cell(self, cells: Sequence[Cell], column: str) -> Cell:
        place = self.places.get(column)
        return "" if place is None or place >= len(cells) else cells[place]

    def _number(self, row: int, cells: Sequence[Cell]) -> str:
        number = as_our_number(self._text(cells, "saksnummer"))
        if not number:
            raise _FaultyValueError("saksnummer", phrase("mangler."))
        if len(number) > LONGEST_NUMBER:
            raise _FaultyValueError("saksnummer", phrase("er lengre enn {most} tegn.", most=LONGEST_NUMBER))
        before = self._numbers.setdefault(number, row)
        if before != row:
            raise _FaultyValueError("saksnummer", phrase("står alt i rad {row}.", row=before))
        return number

    def _atc(self, cells: Sequence[Cell]) -> str | None:
        code = self._text(cells, "atc").upper()
        if code and not _ATC.fullmatch(code):
            raise _FaultyValueError("atc", phrase("er ingen ATC-kode."))
        return code or None

    def _one_of(
        self, known: Mapping[str, Chosen], cells: Sequence[Cell], column: str, problem: Phrase
    ) -> Chosen | None:
        written = self._text(cells, column).casefold()
        if not written:
            return None
        if written not in known:
            raise _FaultyValueError(column, problem)
        return known[written]

    def _status(self, cells: Sequence[Cell], start: dt.date | None, closed: dt.date | None) -> Status:
        said = self._one_of(STATUSES, cells, "status", NO_STATUS)
        if said is None:
            return Status.CLOSED if closed else status_at_start(start, self.today)
        if said.is_open and closed:
            raise _FaultyValueError(
                "status", phrase("er åpen, men saken er avsluttet {closed}. Rett det ene.", closed=closed)
            )
        if said is Status.UPCOMING:
            return status_at_start(start, self.today) if start else said
        return said

    def _solutions(self, cells: Sequence[Cell]) -> tuple[Solution, ...]:
        found = []
        for part in re.split(r"[,;|]", self._text(cells, "løsning")):
            written = part.strip().casefold()
            if written and written not in SOLUTIONS:
                raise _FaultyValueError("løsning", NO_SOLUTION, part.strip())
            if written:
                found.append(SOLUTIONS[written])
        return tuple(dict.fromkeys(found))

    def _past(self, row: int, cells: Sequence[Cell], column: str) -> dt.date | None:
        day = self._date(row, cells, column)
        if day is not None and day > self.today:
            raise _FaultyValueError(column, phrase("er i fremtiden."))
        return day

    def _date(self, row: int, cells: Sequence[Cell], column: str) -> dt.date | None:
        cell = self._cell(cells, column)
        if isinstance(cell, dt.datetime):
            day = cell.date()
        elif isinstance(cell, dt.date):
            day = cell
        else:
            text = text_of(cell)
            if not text:
                return None
            day, written = _day(column, text)
            self._formats.setdefault(written, (row, self.headings[column], text))
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise _FaultyValueError(column, phrase("er ikke mellom 2000 og 2100; sjekk årstallet."))
        return day


def _day(column: str, text: str) -> tuple[dt.date, str]:
    """A date, and how it is written: "dotted" (30.09.2025) or "iso" (2025-09-30)."""
    found = _read_day(text)
    if isinstance(found, Phrase):
        raise _FaultyValueError(column, found)
    return found


@lru_cache(maxsize=8192)
def _read_day(text: str) -> tuple[dt.date, str] | Phrase:
    """The same, or what is wrong with it."""
    for written, pattern, order in (
        ("dotted", r"(\d{1,2})\.(\d{1,2})\.(\d{4})", (3, 2, 1)),
        ("iso", r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", (1, 2, 3)),
    ):
        if match := re.fullmatch(pattern, text):
            year, month, day = (int(match.group(place)) for place in order)
            try:
                return dt.date(year, month, day), written
            except ValueError:
                return phrase("er ingen dato som finnes.")
    if re.fullmatch(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}", text):
        return phrase("kan leses på flere måter; skriv 30.09.2025 eller 2025-09-30.")
    return phrase("er ingen dato (skriv 30.09.2025 eller 2025-09-30).")


def as_our_number(text: str) -> str:
    """ "2025-17" as we write it, "2025-0017"; another register's own form as it stands."""
    ours = _OUR_NUMBER.fullmatch(text)
    return f"{ours[1]}-{int(ours[2]):04d}" if ours else text


def year_and_place(number: str) -> tuple[int, int] | None:
    """(2025, 17) for "2025-0017": numbers that our own would run into."""
    ours = _OUR_NUMBER.fullmatch(number)
    return (int(ours[1]), int(ours[2])) if ours else None


def years_of(cases: Iterable[RegisterCase]) -> dict[int, int]:
    """How many cases were noticed in each year, for a preview."""
    return dict(sorted(Counter(case.noticed.year for case in cases if case.noticed).items()))
