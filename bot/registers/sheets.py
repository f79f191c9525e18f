"""A stock manager's sheet in: CSV or XLSX, headings in Norwegian or English in any order, every fault
named.

Reads and checks; stores nothing. What the catalogue and the stock know is asked through `find_item` and
`known_unit`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import contains_identity_number
from bot.registers.table import Cell, Fault, NotATableError, heading_key, read_table, text_of
from bot.stock.cover import Delivery, Use
from bot.stock.items import ItemRef
from bot.stock.pools import DemandBase, Pool, hospital_pool, pool_key, pools_by_name
from bot.stock.units import scaled

LONGEST_VALUE = 300  # characters in a cell
FIRST_YEAR, LAST_YEAR = 2000, 2100  # a date outside them is a slip of the pen
MOST_YEARS_AHEAD = 5  # of a delivery


class FindItem(Protocol):
    """Which item the sheet means; `None` where nothing is known by that number, code or name."""

    def __call__(self, *, article: str | None, atc: str | None, name: str | None) -> ItemRef | None: ...


@dataclass(frozen=True, slots=True)
class SheetCount:
    """Units counted on a date: one lot of the item, or all of it."""

    quantity: float
    counted_on: dt.date
    expiry: dt.date | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the sheet, understood.

    A count, a delivery, a use, or several of them, of one item in one pool.
    """

    row: int
    pool: Pool
    new_pool: bool
    item: ItemRef
    article: str | None
    unit: str
    count: SheetCount | None
    delivery: Delivery | None
    use: Use | None


@dataclass(frozen=True, slots=True)
class MovedItem:
    """An item that has left `from_pool`; `to_pool` is where it stands now, since `moved_on`."""

    item: str
    from_pool: Pool
    to_pool: Pool
    moved_on: dt.date


@dataclass(frozen=True, slots=True)
class StockSheet:
    """What a sheet says. `rows` are those without a fault; whoever stores decides what faults mean.

    `moved` are the items whose rows name a pool that they have left, and are counted where they stand now.
    """

    rows: tuple[SheetRow, ...]
    faults: tuple[Fault, ...]
    moved: tuple[MovedItem, ...] = ()

    @property
    def new_pools(self) -> tuple[Pool, ...]:
        """The pools that the rows speak of and nobody knew, each once."""
        return tuple({row.pool.id: row.pool for row in self.rows if row.new_pool}.values())


# Headings, Norwegian first: the first name of a column is the one that faults are told with when it is
# missing.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "pool": ("lager", "pool", "lagernavn", "stock"),
    "article": ("varenummer", "article", "varenr", "article number", "vnr"),
    "atc": ("atc", "atc kode", "atc code"),
    "item": ("preparat", "item", "vare", "varenavn", "legemiddel", "product"),
    "on_hand": ("beholdning", "on hand", "antall", "saldo"),
    "unit": ("enhet", "unit"),
    "date": ("dato", "date", "telledato", "lagerdato"),
    "expiry": ("utløp", "expiry", "utløpsdato", "holdbarhet", "expiry date"),
    "lot": ("parti", "lot", "batch", "batchnummer"),
    "incoming": ("forventet", "incoming", "i bestilling", "bestilt"),
    "eta": ("ankomst", "eta", "forventet ankomst", "leveringsdato"),
    "usage": ("forbruk", "usage", "use"),
    "period": ("periode", "period"),
}
_COLUMN_OF = {name: column for column, names in HEADINGS.items() for name in names}
_FIGURES = ("on_hand", "incoming", "usage")
_WRITTEN = ("pool", "item", "lot", "unit")  # kept as they are written
_GOES_WITH = {"on_hand": "date", "incoming": "eta", "usage": "period"}

# Units as sheets write them → as we keep them. Only units of one kind (g and mg) are turned into one another.
UNITS: Mapping[str, str] = {
    written: unit
    for unit, spellings in {
        "mg": "mg milligram",
        "g": "g gram",
        "kg": "kg",
        "µg": "µg μg mcg ug mikrogram",
        "ml": "ml milliliter",
        "l": "l liter",
        "mmol": "mmol",
        "IE": "ie iu",
        "mill. IE": "mie miu mill.ie",
        "E": "e",
        "DDD": "ddd døgndoser",
        "stk": "stk stk. stykk stykker pcs piece pieces enhet enheter unit units",
        "pakning": "pakning pakninger pakn pakn. pk pk. pkn pkg pack packs package packages"
        " forpakning forpakninger eske esker boks bokser",
        "tablett": "tablett tabletter tabl tab tbl tablet tablets",
        "kapsel": "kapsel kapsler kaps capsule capsules",
        "hetteglass": "hetteglass hgl vial vials glass",
        "ampulle": "ampulle ampuller amp ampoule ampoules",
        "pose": "pose poser bag bags",
        "flaske": "flaske flasker bottle bottles",
        "sprøyte": "sprøyte sprøyter ferdigfylt syringe syringes",
        "penn": "penn penner pen pens",
        "dose": "dose doser doses",
        "plaster": "plaster plastre depotplaster patch patches",
        "stikkpille": "stikkpille stikkpiller suppositorium suppositorier suppository suppositories",
        "tube": "tube tuber tubes",
        "inhalator": "inhalator inhalatorer inhaler inhalers",
        "sett": "sett kit kits",
        "endosebeholder": "endosebeholder endosebeholdere",
    }.items()
    for written in spellings.split()
}


class _FaultyValueError(Exception):
    """One value cannot be what its column says."""

    def __init__(self, column: str, problem: Phrase) -> None:
        super().__init__(str(problem))
        self.column = column
        self.problem = problem


def where_items_stand(sheet: StockSheet, moved: Mapping[tuple[str, str], MovedItem]) -> StockSheet:
    """The sheet with each row in the pool where its item stands now.

    `moved` tells, by (pool id, item key), of items that have left that pool. A sheet that has the item in its
    new pool as well means what it says: then something of it lies in the old one too. What was drawn before
    the move is kept as the use of those who drew on the old pool, where others draw on the new one.
    """
    named = {(row.pool.id, row.item.key) for row in sheet.rows}
    rows: list[SheetRow] = []
    followed: dict[tuple[str, str], MovedItem] = {}
    for row in sheet.rows:
        place = (row.pool.id, row.item.key)
        gone = moved.get(place)
        if gone is None or (gone.to_pool.id, row.item.key) in named:
            rows.append(row)
            continue
        followed[place] = gone
        use = row.use
        drawn = (gone.from_pool.drawn_by, gone.to_pool.drawn_by)
        others_drew = drawn[0] is not drawn[1] and drawn[0] is not DemandBase.UNKNOWN
        if use is not None and use.base is None and use.first < gone.moved_on and others_drew:
            use = replace(use, base=drawn[0])
        rows.append(replace(row, pool=gone.to_pool, use=use))
    return replace(sheet, rows=tuple(rows), moved=tuple(followed.values()))


def read_stock_sheet(
    data: bytes,
    filename: str,
    *,
    pools: Mapping[str, Pool] | Iterable[Pool],
    find_item: FindItem,
    known_unit: Callable[[str, ItemRef], str | None],
    today: dt.date,
    create_pools: bool = False,
) -> StockSheet:
    """All rows of the sheet and all its faults.

    `pools` are those known, by whatever key; `known_unit(pool id, item)` is the unit the stock already has
    for the item. With `create_pools` a pool nobody knows becomes a hospital's own stock instead of a fault.
    Never raises for what is in the file.
    """
    try:
        table = read_table(data, filename)
        header, columns = _header(table)
    except NotATableError as error:
        return StockSheet((), (Fault(None, None, None, error.problem),))
    known = pools_by_name(pools.values() if isinstance(pools, Mapping) else pools)
    reader = _Reader(
        columns=columns,
        headings={column: str(table[header][place]).strip() for column, place in columns.items()},
        pools=known,
        find_item=find_item,
        known_unit=known_unit,
        today=today,
        create_pools=create_pools,
        decimal_mark=_decimal_mark(table[header + 1 :], columns),
    )
    rows: list[SheetRow] = []
    faults: list[Fault] = []
    for number, cells in enumerate(table[header + 1 :], start=header + 2):
        if all(text_of(cell) == "" for cell in cells):
            continue
        try:
            rows.append(reader.row(number, cells))
        except _FaultyValueError as error:
            faults.append(reader.fault(number, cells, error))
    if not rows and not faults:
        faults.append(Fault(None, None, None, phrase("Arket har overskrifter, men ingen rader.")))
    return StockSheet(tuple(rows), tuple(faults))


def _header(table: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    """Where the headings stand, and the place of each column. A title or two may come before them."""
    for number, cells in enumerate(table[:10]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells):
            column = _COLUMN_OF.get(heading_key(cell))
            if column is None:
                continue
            if column in columns:
                raise NotATableError(phrase("Kolonnen «{column}» finnes to ganger.", column=str(cell).strip()))
            columns[column] = place
        if len(columns) >= 2:
            return number, _complete(columns)
    raise NotATableError(
        phrase(
            "Fant ingen overskrifter. Arket må ha lager, preparat (eller varenummer eller atc), "
            "og beholdning, forventet eller forbruk."
        )
    )


def _complete(columns: dict[str, int]) -> dict[str, int]:
    missing = [] if "pool" in columns else [HEADINGS["pool"][0]]
    if not {"article", "atc", "item"} & columns.keys():
        missing.append(HEADINGS["item"][0])
    figures = [column for column in _FIGURES if column in columns]
    if not figures:
        missing.append(HEADINGS["on_hand"][0])
    missing += [HEADINGS[_GOES_WITH[column]][0] for column in figures if _GOES_WITH[column] not in columns]
    if missing:
        raise NotATableError(phrase("Arket mangler kolonnen {columns}.", columns=", ".join(missing)))
    return columns


_NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)*")


def _decimal_mark(rows: Sequence[Sequence[Cell]], columns: Mapping[str, int]) -> str | None:
    """The mark that stands for decimals in this file, where some number shows it without doubt.

    «12,5» shows it; «1.234» does not, since it may be a thousand or a bit over one.
    """
    shown = set()
    places = [columns[column] for column in _FIGURES if column in columns]
    for cells in rows:
        for place in places:
            cell = cells[place] if place < len(cells) else ""
            if isinstance(cell, str) and (mark := _shown_mark(cell)) is not None:
                shown.add(mark)
    return shown.pop() if len(shown) == 1 else None


def _shown_mark(text: str) -> str | None:
    marks = [c for c in text if c in ".,"]
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) == 1:
        before, after = re.split(r"[.,]", text)
        if len(after) != 3 or before.strip("-−0 ") == "" or len(before.strip("-− ")) > 3:
            return marks[0]
    return None


@dataclass(slots=True)
class _Reader:
    """Reads one row after another, remembering what has been found and counted."""

    columns: Mapping[str, int]
    headings: Mapping[str, str]
    pools: dict[str, Pool]
    find_item: FindItem
    known_unit: Callable[[str, ItemRef], str | None]
    today: dt.date
    create_pools: bool
    decimal_mark: str | None
    _new_pools: set[str] = field(default_factory=set)
    _items: dict[tuple[str, str, str], ItemRef | None] = field(default_factory=dict)
    _units: dict[tuple[str, str], str] = field(default_factory=dict)
    _counted: dict[tuple[str, str, dt.date, dt.date | None, str | None], int] = field(default_factory=dict)
    _used: dict[tuple[str, str, dt.date, dt.date], int] = field(default_factory=dict)

    def fault(self, number: int, cells: Sequence[Cell], error: _FaultyValueError) -> Fault:
        heading = self.headings.get(error.column, HEADINGS[error.column][0])
        value = self._cell_text(cells, error.column)
        if contains_identity_number(value):
            return Fault(number, heading, None, error.problem, personal=True)
        return Fault(number, heading, value[:80], error.problem)

    def row(self, number: int, cells: Sequence[Cell]) -> SheetRow:
        """The row understood. Raises `_FaultyValueError` at the first thing that cannot be."""
        for column in self.columns:
            if len(self._cell_text(cells, column)) > LONGEST_VALUE:
                raise _FaultyValueError(column, phrase("er for lang."))
        for column in _WRITTEN:
            if contains_identity_number(self._cell_text(cells, column)):
                raise _FaultyValueError(column, phrase("ser ut til å inneholde et fødselsnummer. Fjern det."))
        pool, new_pool = self._pool(cells)
        item, article = self._item(cells)
        quantity = {column: self._quantity(cells, column) for column in _FIGURES}
        for column in ("incoming", "usage"):  # a nought without its date says nothing
            if quantity[column] == 0 and not self._cell_text(cells, _GOES_WITH[column]):
                quantity[column] = None
        if all(value is None for value in quantity.values()):
            column = next(column for column in _FIGURES if column in self.columns)
            raise _FaultyValueError(column, phrase("raden har verken beholdning, forventet eller forbruk."))
        expiry = self._expiry(cells)
        batch = self._cell_text(cells, "lot") or None
        count = delivery = use = None
        if quantity["on_hand"] is not None:
            count = SheetCount(quantity["on_hand"], self._counted_on(cells), expiry, batch)
            if expiry is not None and expiry < count.counted_on:
                raise _FaultyValueError("expiry", phrase("varen var gått ut på dato før den ble talt."))
        if quantity["incoming"] is not None:
            eta = self._date(cells, "eta")
            if eta > _years_after(self.today, MOST_YEARS_AHEAD):
                raise _FaultyValueError("eta", phrase("datoen er for langt fram; sjekk årstallet."))
            delivery = Delivery(quantity["incoming"], eta, expiry if count is None else None)
            if delivery.expiry is not None and delivery.expiry < eta:
                raise _FaultyValueError("expiry", phrase("varen går ut på dato før den kommer."))
        if quantity["usage"] is not None:
            first, last = self._period(cells)
            use = Use(first, last, quantity["usage"])
        unit, times = self._unit(cells, pool, item)
        if times != 1:
            count = replace(count, quantity=count.quantity * times) if count else None
            delivery = replace(delivery, quantity=delivery.quantity * times) if delivery else None
            use = replace(use, quantity=use.quantity * times) if use else None
        self._once(number, pool, item, count, use)
        return SheetRow(number, pool, new_pool, item, article, unit, count, delivery, use)

    def _cell(self, cells: Sequence[Cell], column: str) -> Cell:
        place = self.columns.get(column)
        return "" if place is None or place >= len(cells) else cells[place]

    def _cell_text(self, cells: Sequence[Cell], column: str) -> str:
        return text_of(self._cell(cells, column))

    def _pool(self, cells: Sequence[Cell]) -> tuple[Pool, bool]:
        name = self._cell_text(cells, "pool")
        if not name:
            raise _FaultyValueError("pool", phrase("mangler."))
        pool = self.pools.get(pool_key(name))
        if pool is None:
            if not self.create_pools:
                raise _FaultyValueError("pool", phrase("er ikke et kjent lager."))
            pool = hospital_pool(name)
            self.pools[pool_key(name)] = pool
            self._new_pools.add(pool.id)
        return pool, pool.id in self._new_pools

    def _item(self, cells: Sequence[Cell]) -> tuple[ItemRef, str | None]:
        article = self._cell_text(cells, "article")
        if article.isdigit() and len(article) < 6:
            article = article.zfill(6)  # a spreadsheet drops the leading zeros of an article number
        key = (article, self._cell_text(cells, "atc").upper(), self._cell_text(cells, "item"))
        if not any(key):
            column = next(column for column in ("item", "article", "atc") if column in self.columns)
            raise _FaultyValueError(column, phrase("raden sier ikke hvilken vare det gjelder."))
        if key not in self._items:
            self._items[key] = self.find_item(article=key[0] or None, atc=key[1] or None, name=key[2] or None)
        item = self._items[key]
        if item is None:
            column = next(
                column
                for column, said in zip(("item", "article", "atc"), (key[2], key[0], key[1]), strict=True)
                if said
            )
            raise _FaultyValueError(column, phrase("fant ikke varen."))
        return item, article or None

    def _quantity(self, cells: Sequence[Cell], column: str) -> float | None:
        cell = self._cell(cells, column)
        value: float | None
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            value = float(cell)
        else:
            text = text_of(cell).replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("−", "-")
            if not text:
                return None
            value = self._number(text, column)
        if not math.isfinite(value):
            raise _FaultyValueError(column, phrase("er ikke et tall."))
        if value < 0 and column != "usage":  # a negative use is a return or a correction
            raise _FaultyValueError(column, phrase("kan ikke være negativ."))
        return value

    def _number(self, text: str, column: str) -> float:
        if not _NUMBER.fullmatch(text):
            raise _FaultyValueError(column, phrase("er ikke et tall."))
        mark = _shown_mark(text)
        marks = [c for c in text if c in ".,"]
        if mark is None and len(marks) == 1:
            if self.decimal_mark is None:
                raise _FaultyValueError(
                    column, phrase("kan leses på to måter; skriv tallet uten skille mellom tusener.")
                )
            mark = self.decimal_mark
        thousands = {".": ",", ",": "."}.get(mark or "", "")
        if mark is None:
            return float(text.replace(".", "").replace(",", ""))
        whole, _, decimals = text.rpartition(mark) if mark in text else (text, "", "")
        whole = whole.replace(thousands, "")
        if mark in whole or thousands in decimals:
            raise _FaultyValueError(column, phrase("er ikke et tall."))
        return float(f"{whole}.{decimals or '0'}")

    def _date(self, cells: Sequence[Cell], column: str) -> dt.date:
        cell = self._cell(cells, column)
        if isinstance(cell, dt.datetime):
            return _sensible(cell.date(), column)
        if isinstance(cell, dt.date):
            return _sensible(cell, column)
        text = text_of(cell)
        if not text:
            raise _FaultyValueError(column, phrase("mangler."))
        day = _day(text, column)
        if day is None:
            raise _FaultyValueError(column, phrase("er ikke en dato (skriv 2026-09-30 eller 30.09.2026)."))
        return _sensible(day, column)

    def _counted_on(self, cells: Sequence[Cell]) -> dt.date:
        day = self._date(cells, "date")
        if day > self.today:
            raise _FaultyValueError("date", phrase("er i fremtiden."))
        return day

    def _expiry(self, cells: Sequence[Cell]) -> dt.date | None:
        text = self._cell_text(cells, "expiry")
        if not text:
            return None
        month = _month(text)  # printed on packs as a month: usable until it ends
        if month is not None:
            return _sensible(dt.date(*month, monthrange(*month)[1]), "expiry")
        return self._date(cells, "expiry")

    def _period(self, cells: Sequence[Cell]) -> tuple[dt.date, dt.date]:
        cell = self._cell(cells, "period")
        text = text_of(cell)
        if not text:
            raise _FaultyValueError("period", phrase("mangler."))
        if isinstance(cell, dt.date) and cell.day == 1:
            raise _FaultyValueError(
                "period",
                phrase("kan være en dag eller en hel måned; skriv måneden som tekst, for eksempel 2026-09."),
            )
        period = _period_of(text)
        if period is None:
            day = self._date(cells, "period")
            period = (day, day)
        if period[0] > self.today:
            raise _FaultyValueError("period", phrase("er i fremtiden."))
        return period

    def _unit(self, cells: Sequence[Cell], pool: Pool, item: ItemRef) -> tuple[str, float]:
        """The unit that the stock is kept in, and how many of it one of the sheet's is."""
        written = self._cell_text(cells, "unit")
        key = (pool.id, item.key)
        known = self._units.get(key) or self.known_unit(pool.id, item)
        if not written:
            if known is None:
                raise _FaultyValueError("unit", phrase("mangler, og lageret har ingen enhet for varen fra før."))
            return self._units.setdefault(key, known), 1.0
        unit = _unit_of(written)
        if unit is None:
            raise _FaultyValueError("unit", phrase("er ikke en kjent enhet."))
        if known is not None and unit != (_unit_of(known) or known):
            times = scaled(1.0, unit, known)
            if times is not None:
                return self._units.setdefault(key, known), times
            raise _FaultyValueError(
                "unit", phrase("lageret fører varen i {known}, og det kan ikke regnes om.", known=known)
            )
        return self._units.setdefault(key, unit), 1.0

    def _once(self, number: int, pool: Pool, item: ItemRef, count: SheetCount | None, use: Use | None) -> None:
        if count is not None:
            seen = (pool.id, item.key, count.counted_on, count.expiry, count.batch)
            before = self._counted.setdefault(seen, number)
            if before != number:
                raise _FaultyValueError("on_hand", phrase("varen er alt talt på denne datoen i rad {row}.", row=before))
        if use is not None:
            before = self._used.setdefault((pool.id, item.key, use.first, use.last), number)
            if before != number:
                raise _FaultyValueError("usage", phrase("forbruket i denne perioden står alt i rad {row}.", row=before))


def _unit_of(written: str) -> str | None:
    """The unit as we keep it; one that is described further («stk (små)», «pakning à 30») is kept as written."""
    words = written.casefold().split()
    return UNITS.get(" ".join(words)) or (written if words and words[0] in UNITS else None)


def _day(text: str, column: str) -> dt.date | None:
    """A date as people in Norway write it; `None` if it is none. Raises where it can be read in two ways."""
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", text):
        return _real_date(*map(int, match.groups()))
    if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        day, month, year = map(int, match.groups())
        return _real_date(year, month, day)
    if match := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text):
        one, two, year = map(int, match.groups())
        readings = {_real_date(year, two, one), _real_date(year, one, two)} - {None}
        if len(readings) > 1:
            raise _FaultyValueError(column, phrase("kan leses på to måter; skriv 2026-09-30 eller 30.09.2026."))
        return readings.pop() if readings else None
    return None


def _sensible(day: dt.date, column: str) -> dt.date:
    """The date, where its year can be meant."""
    if day.year > LAST_YEAR:
        raise _FaultyValueError(column, phrase("datoen er for langt fram; sjekk årstallet."))
    if day.year < FIRST_YEAR:
        raise _FaultyValueError(column, phrase("datoen er for langt tilbake; sjekk årstallet."))
    return day


def _years_after(day: dt.date, years: int) -> dt.date:
    return _real_date(day.year + years, day.month, day.day) or dt.date(day.year + years, 3, 1)


def _real_date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _month(text: str) -> tuple[int, int] | None:
    for pattern, order in ((r"(\d{4})-(\d{1,2})", (1, 2)), (r"(\d{1,2})[./](\d{4})", (2, 1))):
        if match := re.fullmatch(pattern, text):
            year, month = int(match.group(order[0])), int(match.group(order[1]))
            return (year, month) if 1 <= month <= 12 and year > 1900 else None
    return None


def _period_of(text: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of a month, an ISO week or a year."""
    if (month := _month(text)) is not None:
        return dt.date(*month, 1), dt.date(*month, monthrange(*month)[1])
    if match := re.fullmatch(r"(\d{4})-?[WwUu](\d{1,2})", text):
        try:
            monday = dt.date.fromisocalendar(int(match.group(1)), int(match.group(2)), 1)
            return monday, monday + dt.timedelta(6)
        except (ValueError, OverflowError):
            return None
    if re.fullmatch(r"(?:19|20)\d{2}", text):
        return dt.date(int(text), 1, 1), dt.date(int(text), 12, 31)
    return None
