"""Where the table stands in a tab of a stock sheet, and which of our columns each of its headings means.

Norwegian and English headings are known. A sender's own are explained once by a person (`Meaning`) and remembered by
whoever stores, under a mark of that set of headings. What a column does not say, a title, a tab or a file's name may:
the pool, and the day of the count.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.messages.phrase import Phrase, phrase
from bot.registers.days import day_in, month_of, period_of
from bot.registers.table import Cell, NotATableError, Tab, heading_key, text_of
from bot.stock.pools import Pool, pool_key
from bot.stock.units import UNITS

HEADER_WITHIN = 15
"""Rows in which the headings are looked for: a title or a few may come before them."""

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "pool": ("lager", "pool", "lagernavn", "stock", "lagersted", "warehouse"),
    "article": ("varenummer", "article", "varenr", "article number", "vnr", "artikkelnummer", "item number", "ean"),
    "atc": ("atc", "atc kode", "atc code"),
    "item": ("preparat", "item", "vare", "varenavn", "legemiddel", "product", "preparatnavn", "varetekst"),
    "on_hand": ("beholdning", "on hand", "antall", "saldo", "lagerbeholdning", "quantity on hand"),
    "unit": ("enhet", "unit"),
    "date": ("dato", "date", "telledato", "lagerdato"),
    "expiry": ("utløp", "expiry", "utløpsdato", "holdbarhet", "expiry date"),
    "lot": ("parti", "lot", "batch", "batchnummer", "lotnummer", "partinummer"),
    "incoming": ("forventet", "incoming", "i bestilling", "bestilt"),
    "eta": ("ankomst", "eta", "forventet ankomst", "leveringsdato"),
    "usage": ("forbruk", "usage", "use", "uttak"),
    "period": ("periode", "period"),
}
"""Our columns, Norwegian first: the first name of a column is the one that faults are told with when it is missing."""

IGNORED = ""
"""What a heading means that is not to be read."""
USED_IN = "used_in"
"""A column whose heading is a period: what was used in it."""

FIGURES = ("on_hand", "incoming", "usage")
GOES_WITH = {"on_hand": "date", "incoming": "eta", "usage": "period"}
ITEM_COLUMNS = ("article", "atc", "item")

_COLUMN_OF = {name: column for column, names in HEADINGS.items() for name in names}
_ABOUT_USE = re.compile(r"forbruk|uttak|usage|consumption", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"(.+?) ?[(\[]([^)\]]+)[)\]]")

# Words that a sender's own heading may begin with or hold, for a first guess that a person sees and changes.
_HINTS: Mapping[str, tuple[str, ...]] = {
    "article": ("varenr", "varenum", "artikkel", "article", "item no", "nr", "kode"),
    "on_hand": ("behold", "antall", "saldo", "på lager", "disponib", "balance", "qty", "quantity", "on hand"),
    "expiry": ("utløp", "holdbar", "expir", "best før"),
    "eta": ("ankomst", "levering", "forventet dato", "arrival"),
    "incoming": ("bestilt", "bestilling", "restordre", "ordered", "incoming"),
    "date": ("dato", "date", "pr.", "talt"),
    "lot": ("batch", "lot", "parti"),
    "usage": ("forbruk", "uttak", "usage", "consum", "solgt"),
    "period": ("periode", "måned", "month", "uke"),
    "unit": ("enhet", "unit", "pakn"),
    "atc": ("atc",),
    "pool": ("lager", "avdeling", "lokasjon", "location", "sted", "pool", "warehouse"),
    "item": ("preparat", "vare", "legemid", "produkt", "navn", "tekst", "item", "product", "name", "drug"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What somebody said that a set of headings means: heading's key → our column, `USED_IN` or `IGNORED`.

    `pool` and `counted_on` are those of every row, where no column says them; the day holds for one sheet only.
    """

    columns: Mapping[str, str]
    pool: str | None = None
    counted_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading as it is written, the column that it seems to mean, and a few values from under it."""

    key: str
    written: str
    guess: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownHeadings:
    """A table whose headings somebody has to explain. `missing`: the columns that nothing was taken for."""

    mark: str
    tab: str | None
    headings: tuple[Heading, ...]
    missing: tuple[str, ...]
    problem: Phrase
    recognised: int
    """How many of them are ours: of a table with two or more, the rest is missing rather than unknown."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A table that is understood: the place of its headings and columns, and what holds for every row of it."""

    tab: str | None
    header: int
    columns: Mapping[str, int]
    periods: Mapping[int, tuple[dt.date, dt.date]] = field(default_factory=dict)
    """Place of a column → the period whose use it tells."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Our column → the unit that its heading names."""
    pool: Pool | None = None
    counted_on: dt.date | None = None
    remarks: tuple[Phrase, ...] = ()


def mark_of(cells: Sequence[Cell]) -> str:
    """A mark of a set of headings, whatever their order."""
    keys = sorted(filter(None, (heading_key(cell) for cell in cells)))
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def layout_of(
    tab: Tab,
    filename: str,
    *,
    pools: Mapping[str, Pool],
    meanings: Mapping[str, Meaning],
    own_pool: Pool | None,
) -> Layout | UnknownHeadings | None:
    """How to read a tab; what is to be explained; None where it holds no table.

    `pools` by `pool_key`; `own_pool`: the only one that the sender answers for. Raises `NotATableError` where two
    headings mean the same.
    """
    first = tab.rows[:HEADER_WITHIN]
    for number, cells in enumerate(first):
        meaning = meanings.get(mark_of(cells))
        if meaning is not None:
            return _laid_out(tab, number, filename, pools, own_pool, meaning)
    for number, cells in enumerate(first):
        if len(_known_columns(cells)[0]) >= 2:
            return _laid_out(tab, number, filename, pools, own_pool, None)
    for number, cells in enumerate(first):
        if _looks_like_headings(cells, tab.rows[number + 1 : number + 4]):
            return _laid_out(tab, number, filename, pools, own_pool, None)
    return None


def _known_columns(cells: Sequence[Cell], meaning: Meaning | None = None) -> tuple[dict[str, int], dict[str, str]]:
    """The place of each column, and the units that headings name."""
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    for place, cell in enumerate(cells):
        key = heading_key(cell)
        column, unit = _column_of(key)
        if meaning is not None:
            column = meaning.columns.get(key)
        if not column or column == USED_IN:
            continue
        if column in columns:
            raise NotATableError(phrase("Kolonnen «{column}» finnes to ganger.", column=str(cell).strip()))
        columns[column] = place
        if unit is not None and column in FIGURES:
            units[column] = unit
    return columns, units


def _column_of(key: str) -> tuple[str | None, str | None]:
    """The column that a heading means, and the unit that stands in brackets after it."""
    column = _COLUMN_OF.get(key) or _COLUMN_OF.get(key.rstrip(".:*"))
    in_brackets = _IN_BRACKETS.fullmatch(key)
    if in_brackets is None:
        return column, None
    unit = UNITS.get(in_brackets[2].strip())
    return column or (_COLUMN_OF.get(in_brackets[1]) if unit else None), unit


def _laid_out(
    tab: Tab,
    header: int,
    filename: str,
    pools: Mapping[str, Pool],
    own_pool: Pool | None,
    meaning: Meaning | None,
) -> Layout | UnknownHeadings:
    cells = tab.rows[header]
    columns, units = _known_columns(cells, meaning)
    periods = _period_columns(tab, header, filename, columns, meaning)
    remarks: list[Phrase] = []
    pool, counted_on = _said_above(tab, header, filename, pools)
    if "pool" in columns:
        pool = None
    elif meaning is not None and meaning.pool in {one.id for one in pools.values()}:
        pool = next(one for one in pools.values() if one.id == meaning.pool)
    elif pool is None:
        pool = own_pool
    if "on_hand" not in columns or "date" in columns:
        counted_on = None
    elif meaning is not None and meaning.counted_on is not None:
        counted_on = meaning.counted_on
    missing = _missing(columns, periods, pool, counted_on)
    if missing:
        return _unknown(tab, header, columns, missing)
    if pool is not None:
        remarks.append(phrase("Arket har ingen kolonne for lager. Alle radene er lest som {pool}.", pool=pool.name))
    if counted_on is not None:
        remarks.append(phrase("Arket har ingen kolonne for dato. Det er lest som talt {date}.", date=counted_on))
    left = [
        str(cell).strip()
        for place, cell in enumerate(cells)
        if heading_key(cell) and place not in columns.values() and place not in periods
    ]
    if left:
        remarks.append(phrase("Leses ikke: {columns}.", columns=", ".join(left)))
    return Layout(tab.name, header, columns, periods, units, pool, counted_on, tuple(remarks))


def _period_columns(
    tab: Tab, header: int, filename: str, columns: Mapping[str, int], meaning: Meaning | None
) -> dict[int, tuple[dt.date, dt.date]]:
    """Columns headed by months or weeks, where the sheet says that it is about use, or somebody has said so."""
    if "usage" in columns:
        return {}
    above = [text_of(cell) for row in tab.rows[:header] for cell in row]
    about_use = any(_ABOUT_USE.search(said) for said in (*above, tab.name or "", filename))
    found = {}
    for place, cell in enumerate(tab.rows[header]):
        said = meaning.columns.get(heading_key(cell)) == USED_IN if meaning is not None else about_use
        period = _period_of_heading(cell) if said and place not in columns.values() else None
        if period is not None:
            found[place] = period
    return found


def _period_of_heading(cell: Cell) -> tuple[dt.date, dt.date] | None:
    """The month or week that heads a column; a spreadsheet keeps a month as its first day."""
    if isinstance(cell, dt.date):
        return month_of(cell) if cell.day == 1 else None
    return period_of(text_of(cell), years=False)


def _said_above(tab: Tab, header: int, filename: str, pools: Mapping[str, Pool]) -> tuple[Pool | None, dt.date | None]:
    """The pool and the day that the titles, the tab or the file's name say, where they all say the same."""
    above = [text_of(cell) for row in tab.rows[:header] for cell in row if text_of(cell)]
    named = {
        found.id: found
        for said in (*above, tab.name or "")
        if (found := pools.get(pool_key(said.rpartition(":")[2].strip() or said))) is not None
    }
    pool = next(iter(named.values())) if len(named) == 1 else None
    for texts in (above, [tab.name or ""], [filename]):
        days = {day for said in texts for day in day_in(said)}
        if days:
            return pool, days.pop() if len(days) == 1 else None
    return pool, None


def _missing(
    columns: Mapping[str, int], periods: Mapping[int, object], pool: Pool | None, counted_on: dt.date | None
) -> tuple[str, ...]:
    """Columns that the table needs and does not have, by our names for them."""
    missing = [] if "pool" in columns or pool is not None else ["pool"]
    if not set(ITEM_COLUMNS) & columns.keys():
        missing.append("item")
    figures = [column for column in FIGURES if column in columns]
    if not figures and not periods:
        missing.append("on_hand")
    for column in figures:
        other = GOES_WITH[column]
        if other not in columns and not (other == "date" and counted_on is not None):
            missing.append(other)
    return tuple(missing)


def _unknown(tab: Tab, header: int, columns: Mapping[str, int], missing: tuple[str, ...]) -> UnknownHeadings:
    cells = tab.rows[header]
    below = tab.rows[header + 1 : header + 200]
    taken = {place: column for column, place in columns.items()}
    free = [column for column in _HINTS if column not in columns]
    headings: list[Heading] = []
    for place, cell in enumerate(cells):
        key = heading_key(cell)
        if not key or key in {one.key for one in headings}:
            continue
        guess = taken.get(place) or next(
            (column for column in free if any(hint in key for hint in _HINTS[column])), IGNORED
        )
        if guess in free:
            free.remove(guess)
        values = dict.fromkeys(text_of(row[place])[:40] for row in below if place < len(row) and text_of(row[place]))
        headings.append(Heading(key, text_of(cell)[:75], guess, tuple(values)[:3]))
    if len(columns) < 2:
        problem = phrase(
            "Fant ingen overskrifter. Arket må ha lager, preparat (eller varenummer eller atc), "
            "og beholdning, forventet eller forbruk."
        )
    else:
        problem = phrase("Arket mangler kolonnen {columns}.", columns=", ".join(HEADINGS[one][0] for one in missing))
    return UnknownHeadings(mark_of(cells), tab.name, tuple(headings), missing, problem, len(columns))


def _looks_like_headings(cells: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> bool:
    """At least three words beside one another, and a figure in the rows under them."""
    written = [cell for cell in cells if text_of(cell)]
    words = [cell for cell in written if isinstance(cell, str) and not re.fullmatch(r"[\d\s.,-]+", cell)]
    figures = any(
        isinstance(cell, int | float) or re.fullmatch(r"[\d\s.,]*\d", text_of(cell)) for row in below for cell in row
    )
    return len(words) >= 3 and len(words) > len(written) / 2 and figures
