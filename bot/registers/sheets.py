"""A stock manager's sheet in: CSV or XLSX of several tabs, headings in Norwegian, English or the sender's own, every
fault named.

Reads and checks; stores nothing. What the catalogue and the stock know is asked through `find_item`, `known_unit` and
`pack_of`. Empty rows, totals, headings repeated on each page and notes at the foot are left out, and counted.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import contains_identity_number
from bot.registers.amounts import NotANumberError, TwoNumbersError, decimal_mark_of, number_and_unit, number_of
from bot.registers.days import Period, TwoDaysError, day_of, month_in, period_of, real_day
from bot.registers.headings import (
    FIGURES,
    GOES_WITH,
    HEADINGS,
    ITEM_COLUMNS,
    Layout,
    Meaning,
    UnknownHeadings,
    layout_of,
)
from bot.registers.progress import Progress, unheard
from bot.registers.table import Cell, Fault, NotATableError, Tab, read_tabs, text_of
from bot.stock.cover import Delivery, Use
from bot.stock.items import ItemRef
from bot.stock.pools import DemandBase, Pool, hospital_pool, pool_key, pools_by_name
from bot.stock.units import UNITS, Pack, scaled

LONGEST_VALUE = 300  # characters in a cell
FIRST_YEAR, LAST_YEAR = 2000, 2100  # a date outside them is a slip of the pen
MOST_YEARS_AHEAD = 5  # of a delivery
_PERSONAL = phrase("ser ut til å inneholde et fødselsnummer. Fjern det.")


class FindItem(Protocol):
    """Which item the sheet means; `None` where nothing is known by that number, code or name."""

    def __call__(self, *, article: str | None, atc: str | None, name: str | None) -> ItemRef | None: ...


PackOf = Callable[[str | None, ItemRef], Pack | None]
"""What one package of an item holds, by its article number; None where nobody knows."""


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

    A count, a delivery, a use, or several of them, of one item in one pool. Of a row with the use of several months
    in its columns there is one for each. `tab`: of a workbook with several.
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
    tab: str | None = None


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

    `moved` are the items whose rows name a pool that they have left, and are counted where they stand now. `remarks`:
    what was taken for granted and what was not read. `unknown`: headings that somebody has to explain first.
    """

    rows: tuple[SheetRow, ...]
    faults: tuple[Fault, ...]
    moved: tuple[MovedItem, ...] = ()
    remarks: tuple[Phrase, ...] = ()
    unknown: UnknownHeadings | None = None

    @property
    def new_pools(self) -> tuple[Pool, ...]:
        """The pools that the rows speak of and nobody knew, each once."""
        return tuple({row.pool.id: row.pool for row in self.rows if row.new_pool}.values())


class _FaultyValueError(Exception):
    """One value cannot be what its column says; `heading` and `value` where a column is not one of ours."""

    def __init__(self, column: str, problem: Phrase, heading: str | None = None, value: str | None = None) -> None:
        super().__init__(str(problem))
        self.column = column
        self.problem = problem
        self.heading = heading
        self.value = value


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
    pack_of: PackOf = lambda article, item: None,
    meanings: Mapping[str, Meaning] | None = None,
    own_pool: Pool | None = None,
    progress: Progress = unheard,
) -> StockSheet:
    """All rows of the sheet and all its faults.

    `pools` are those known, by whatever key; `known_unit(pool id, item)` is the unit the stock already has
    for the item. With `create_pools` a pool nobody knows becomes a hospital's own stock instead of a fault.
    `meanings`: what people have said of headings that are not ours, by their mark; `own_pool`: the only one that the
    sender answers for. Never raises for what is in the file, but whatever `progress` raises to stop it.
    """
    known = pools_by_name(pools.values() if isinstance(pools, Mapping) else pools)
    try:
        tabs = [tab for tab in read_tabs(data, filename) if any(text_of(cell) for row in tab.rows for cell in row)]
        found = [
            (tab, layout_of(tab, filename, pools=known, meanings=meanings or {}, own_pool=own_pool)) for tab in tabs
        ]
    except NotATableError as error:
        return StockSheet((), (Fault(None, None, None, error.problem),))
    layouts = [(tab, layout) for tab, layout in found if isinstance(layout, Layout)]
    unknown = [layout for _, layout in found if isinstance(layout, UnknownHeadings)]
    personal = [fault for tab, layout in found for fault in _personal_outside(tab, layout)]
    if personal and not layouts:
        return StockSheet((), tuple(personal))
    if not layouts:
        problem = unknown[0].problem if unknown else _NO_HEADINGS
        return StockSheet((), (Fault(None, None, None, problem),), unknown=unknown[0] if unknown else None)
    several = len(tabs) > 1
    faults = personal + [Fault(None, None, None, one.problem, tab=one.tab) for one in unknown if one.recognised >= 2]
    memory = _Memory(known)
    rows: list[SheetRow] = []
    remarks: list[Phrase] = []
    left_out = done = 0
    total = sum(len(tab.rows) for tab, _ in layouts)
    for tab, layout in layouts:
        reader = _Reader(
            layout=layout,
            headings={column: str(tab.rows[layout.header][place]).strip() for column, place in layout.columns.items()},
            all_headings=_padded(tab, layout.header),
            memory=memory,
            find_item=find_item,
            known_unit=known_unit,
            pack_of=pack_of,
            today=today,
            create_pools=create_pools,
            decimal_mark=_decimal_mark(tab, layout),
            tab=tab.name if several else None,
        )
        rest = _Rest(tab, layout)
        for number, cells in enumerate(tab.rows[layout.header + 1 :], start=layout.header + 2):
            done += 1
            if done % ROWS_A_TIME == 0:
                progress(done, total)
            texts = [text_of(cell) for cell in cells]
            if not any(texts):
                continue
            try:
                reader.refuse_personal(texts)
                if rest.has(number, cells, texts):
                    left_out += 1
                    continue
                rows += reader.rows(number, cells, texts)
            except _FaultyValueError as error:
                faults.append(reader.fault(number, error))
        remarks += [
            phrase("Fanen «{tab}»: {remark}", tab=tab.name, remark=remark) if several else remark
            for remark in layout.remarks
        ]
    if not rows and not faults:
        faults.append(Fault(None, None, None, phrase("Arket har overskrifter, men ingen rader.")))
    not_read = [tab.name for tab, layout in found if not isinstance(layout, Layout)]
    if not_read:
        remarks.append(phrase("Faner som ikke er lest: {tabs}.", tabs=", ".join(filter(None, not_read))))
    if left_out:
        remarks.append(phrase("Summer, gjentatte overskrifter og merknader er utelatt: {count}.", count=left_out))
    remarks += [
        phrase("{count} tall er regnet om fra {unit} til {kept} etter pakningen.", count=count, unit=unit, kept=kept)
        for (unit, kept), count in memory.converted.items()
    ]
    return StockSheet(tuple(rows), tuple(faults), remarks=tuple(remarks))


def _personal_outside(tab: Tab, layout: Layout | UnknownHeadings | None) -> list[Fault]:
    """Identity numbers in what is not read as rows: the titles of a table, and the whole of a tab that is none."""
    rows = tab.rows[: layout.header] if isinstance(layout, Layout) else tab.rows
    return [
        Fault(number, None, None, _PERSONAL, personal=True, tab=tab.name)
        for number, cells in enumerate(rows, start=1)
        if any(contains_identity_number(text_of(cell)) for cell in cells)
    ][:1]


def _padded(tab: Tab, header: int) -> list[str]:
    """The headings as they are written, and as many empty ones as the widest row needs."""
    written = [text_of(cell) for cell in tab.rows[header]]
    return written + [""] * (max(len(row) for row in tab.rows) - len(written))


_NO_HEADINGS = phrase(
    "Fant ingen overskrifter. Arket må ha lager, preparat (eller varenummer eller atc), "
    "og beholdning, forventet eller forbruk."
)

ROWS_A_TIME = 250
"""Rows between two looks at whether somebody has stopped it."""

_TOTAL = re.compile(
    r"(?:(?:del|total|hoved|slutt)?sum(?:mer)?|totalt?|sub-?total|grand total|i alt|til ?sammen)"
    r"(?: (?:totalt|alle|for|lager|pr|per|av|i|all|of)\b.*)?\W*",
    re.IGNORECASE,
)


class _Rest:
    """Rows of a table that are no data: totals, headings repeated on each page, what is filled in beforehand, notes."""

    def __init__(self, tab: Tab, layout: Layout) -> None:
        self._rows, self._first = tab.rows, layout.header + 1
        self._heading = _texts(tab.rows[layout.header])
        self._figures = [layout.columns[column] for column in FIGURES if column in layout.columns]
        self._figures += list(layout.periods)
        self._named = [layout.columns[column] for column in ITEM_COLUMNS if column in layout.columns]
        self._last_full = next((n for n in range(len(tab.rows), 0, -1) if len(_texts(tab.rows[n - 1])) > 1), 0)

    def has(self, number: int, cells: Sequence[Cell], every: Sequence[str]) -> bool:
        """Whether the row, whose number this is and which is not empty, is one of them."""
        names = [every[place] for place in self._named if place < len(every) and every[place]]
        figures = any(every[place] for place in self._figures if place < len(every))
        texts = [text for text in every if text]
        if names and not all(_TOTAL.fullmatch(name) for name in names):
            if figures and number <= self._last_full:
                return names[0] in self._heading and texts == self._heading
            return texts == self._heading or (number > self._last_full and len(texts) == 1)
        if any(_TOTAL.fullmatch(text) for text in texts) or texts == self._heading:
            return True
        if figures:
            return self._adds_up(number, cells)
        return True  # a title between the rows, a note, or what is filled in beforehand: it names nothing

    def _adds_up(self, number: int, cells: Sequence[Cell]) -> bool:
        """A row that names nothing, and whose figures are the sums of those above, is a total without a word.

        Above: back to the total before it, or to the headings.
        """
        shown = {place: found for place in self._figures if (found := self._number(cells, place)) is not None}
        part, whole = dict.fromkeys(shown, 0.0), dict.fromkeys(shown, 0.0)
        for row in self._rows[self._first : number - 1]:
            named = any(place < len(row) and text_of(row[place]) for place in self._named)
            if not named or any(_TOTAL.fullmatch(text) for text in _texts(row)):
                part = dict.fromkeys(shown, 0.0)
                continue
            for place in shown:
                found = self._number(row, place) or 0.0
                part[place] += found
                whole[place] += found
        sums = [(found, part[place], whole[place]) for place, found in shown.items()]
        return bool(sums) and all(
            found > 0 and any(math.isclose(found, one, rel_tol=1e-6) for one in ones) for found, *ones in sums
        )

    @staticmethod
    def _number(cells: Sequence[Cell], place: int) -> float | None:
        cell = cells[place] if place < len(cells) else ""
        if isinstance(cell, int | float):
            return float(cell)
        try:
            return number_of(text_of(cell), ",") if text_of(cell) else None
        except ValueError:
            return None


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [text for cell in cells if (text := text_of(cell))]


def _decimal_mark(tab: Tab, layout: Layout) -> str | None:
    places = [layout.columns[column] for column in FIGURES if column in layout.columns]
    places += list(layout.periods)
    below = tab.rows[layout.header + 1 :]
    return decimal_mark_of(
        cell for cells in below for place in places if place < len(cells) and isinstance(cell := cells[place], str)
    )


@dataclass(slots=True)
class _Memory:
    """What has been found and counted so far, in all tabs."""

    pools: dict[str, Pool]
    new_pools: set[str] = field(default_factory=set)
    items: dict[tuple[str, str, str], ItemRef | None] = field(default_factory=dict)
    units: dict[tuple[str, str], str] = field(default_factory=dict)
    counted: dict[tuple[str, str, dt.date, dt.date | None, str | None], tuple[str | None, int]] = field(
        default_factory=dict
    )
    used: dict[tuple[str, str, dt.date, dt.date], tuple[str | None, int]] = field(default_factory=dict)
    converted: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(slots=True)
class _Reader:
    """Reads one row after another."""

    layout: Layout
    headings: Mapping[str, str]
    all_headings: Sequence[str]
    memory: _Memory
    find_item: FindItem
    known_unit: Callable[[str, ItemRef], str | None]
    pack_of: PackOf
    today: dt.date
    create_pools: bool
    decimal_mark: str | None
    tab: str | None
    _texts: Sequence[str] = ()
    """The cells of the row in hand as people would write them."""

    def fault(self, number: int, error: _FaultyValueError) -> Fault:
        """What is wrong with a row, for people: the value is left out where it holds an identity number."""
        heading = error.heading
        if heading is None:
            heading = self.headings.get(error.column) or HEADINGS[error.column][0]
        value = self._text(error.column) if error.value is None else error.value
        if contains_identity_number(value):
            return Fault(number, heading or None, None, error.problem, personal=True, tab=self.tab)
        return Fault(number, heading, value[:80], error.problem, tab=self.tab)

    def rows(self, number: int, cells: Sequence[Cell], texts: Sequence[str]) -> list[SheetRow]:
        """The row understood. Raises `_FaultyValueError` at the first thing that cannot be."""
        self._texts = texts
        for column in self.layout.columns:
            if len(self._text(column)) > LONGEST_VALUE:
                raise _FaultyValueError(column, phrase("er for lang."))
        pool, new_pool = self._pool()
        item, article = self._item()
        quantity = {column: self._quantity(cells, column) for column in FIGURES}
        for column in ("incoming", "usage"):  # a nought without its date says nothing
            found = quantity[column]
            if found is not None and found[0] == 0 and not self._text(GOES_WITH[column]):
                quantity[column] = None
        used = self._used_in(cells)
        if all(value is None for value in quantity.values()) and not used:
            column = next((column for column in FIGURES if column in self.layout.columns), "usage")
            raise _FaultyValueError(column, phrase("raden har verken beholdning, forventet eller forbruk."))
        expiry = self._expiry(cells)
        batch = self._text("lot") or None
        unit = ""
        count = delivery = use = None
        if (found := quantity["on_hand"]) is not None:
            counted_on = self._counted_on(cells)
            if expiry is not None and expiry < counted_on:
                raise _FaultyValueError("expiry", phrase("varen var gått ut på dato før den ble talt."))
            unit, amount = self._kept(pool, item, article, "on_hand", found)
            count = SheetCount(amount, counted_on, expiry, batch)
        if (found := quantity["incoming"]) is not None:
            eta = self._date(cells, "eta")
            if eta > _years_after(self.today, MOST_YEARS_AHEAD):
                raise _FaultyValueError("eta", phrase("datoen er for langt fram; sjekk årstallet."))
            if count is None and expiry is not None and expiry < eta:
                raise _FaultyValueError("expiry", phrase("varen går ut på dato før den kommer."))
            unit, amount = self._kept(pool, item, article, "incoming", found)
            delivery = Delivery(amount, eta, expiry if count is None else None)
        if (found := quantity["usage"]) is not None:
            first, last = self._period(cells)
            unit, amount = self._kept(pool, item, article, "usage", found)
            use = Use(first, last, amount)
        uses = []
        for place, found in used.items():
            unit, amount = self._kept(pool, item, article, "usage", found)
            uses.append(Use(*self.layout.periods[place], amount))
        self._once(number, pool, item, count, [*([use] if use else []), *uses])

        def one(use: Use | None) -> SheetRow:
            return SheetRow(number, pool, new_pool, item, article, unit, None, None, use, self.tab)

        whole = [replace(one(use), count=count, delivery=delivery)] if count or delivery or use else []
        return [*whole, *(one(other) for other in uses)]

    def refuse_personal(self, texts: Sequence[str]) -> None:
        """An identity number is refused in any column, read or not: the file would be kept as it came."""
        for place, text in enumerate(texts):
            if text and contains_identity_number(text):
                column = next((column for column, at in self.layout.columns.items() if at == place), "")
                raise _FaultyValueError(column, _PERSONAL, self.all_headings[place], text)

    def _cell(self, cells: Sequence[Cell], column: str) -> Cell:
        place = self.layout.columns.get(column)
        return "" if place is None or place >= len(cells) else cells[place]

    def _text(self, column: str) -> str:
        place = self.layout.columns.get(column)
        return "" if place is None or place >= len(self._texts) else self._texts[place]

    def _pool(self) -> tuple[Pool, bool]:
        if self.layout.pool is not None and "pool" not in self.layout.columns:
            return self.layout.pool, False
        name = self._text("pool")
        if not name:
            raise _FaultyValueError("pool", phrase("mangler."))
        pool = self.memory.pools.get(pool_key(name))
        if pool is None:
            if not self.create_pools:
                raise _FaultyValueError("pool", phrase("er ikke et kjent lager."))
            pool = hospital_pool(name)
            self.memory.pools[pool_key(name)] = pool
            self.memory.new_pools.add(pool.id)
        return pool, pool.id in self.memory.new_pools

    def _item(self) -> tuple[ItemRef, str | None]:
        article = self._text("article")
        if article.isdigit() and len(article) < 6:
            article = article.zfill(6)  # a spreadsheet drops the leading zeros of an article number
        key = (article, self._text("atc").upper(), self._text("item"))
        if not any(key):
            column = next(column for column in ("item", "article", "atc") if column in self.layout.columns)
            raise _FaultyValueError(column, phrase("raden sier ikke hvilken vare det gjelder."))
        if key not in self.memory.items:
            self.memory.items[key] = self.find_item(article=key[0] or None, atc=key[1] or None, name=key[2] or None)
        item = self.memory.items[key]
        if item is None:
            column = next(
                column
                for column, said in zip(("item", "article", "atc"), (key[2], key[0], key[1]), strict=True)
                if said
            )
            raise _FaultyValueError(column, phrase("fant ikke varen."))
        return item, article or None

    def _quantity(self, cells: Sequence[Cell], column: str) -> tuple[float, str | None] | None:
        """The figure, and the unit that stands with it in its cell."""
        place = self.layout.columns.get(column)
        return None if place is None else self._figure(cells, place, column, None)

    def _used_in(self, cells: Sequence[Cell]) -> dict[int, tuple[float, str | None]]:
        """Place of a column → what was used in its period."""
        found = {
            place: self._figure(cells, place, "usage", f"{first:%Y-%m}" if first.day == 1 else f"{first:%G-W%V}")
            for place, (first, _) in self.layout.periods.items()
        }
        return {place: figure for place, figure in found.items() if figure is not None}

    def _figure(
        self, cells: Sequence[Cell], place: int, column: str, heading: str | None
    ) -> tuple[float, str | None] | None:
        cell = cells[place] if place < len(cells) else ""
        written = self._texts[place] if place < len(self._texts) else ""

        def refused(problem: Phrase) -> _FaultyValueError:
            return _FaultyValueError(column, problem, heading, written)

        unit = None
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            value = float(cell)
        else:
            if not written:
                return None
            if written.startswith("#"):  # #N/A, #REF!
                raise refused(phrase("er en feil i regnearket selv."))
            text, unit = number_and_unit(written)
            try:
                value = number_of(text, self.decimal_mark)
            except TwoNumbersError:
                raise refused(phrase("kan leses på to måter; skriv tallet uten skille mellom tusener.")) from None
            except NotANumberError:
                raise refused(phrase("er ikke et tall.")) from None
        if not math.isfinite(value):
            raise refused(phrase("er ikke et tall."))
        if value < 0 and column != "usage":  # a negative use is a return or a correction
            raise refused(phrase("kan ikke være negativ."))
        return value, unit

    def _date(self, cells: Sequence[Cell], column: str) -> dt.date:
        cell = self._cell(cells, column)
        if isinstance(cell, dt.datetime):
            return _sensible(cell.date(), column)
        if isinstance(cell, dt.date):
            return _sensible(cell, column)
        text = text_of(cell)
        if not text:
            raise _FaultyValueError(column, phrase("mangler."))
        try:
            day = day_of(text)
        except TwoDaysError:
            raise _FaultyValueError(
                column, phrase("kan leses på to måter; skriv 2026-09-30 eller 30.09.2026.")
            ) from None
        if day is None:
            raise _FaultyValueError(column, phrase("er ikke en dato (skriv 2026-09-30 eller 30.09.2026)."))
        return _sensible(day, column)

    def _counted_on(self, cells: Sequence[Cell]) -> dt.date:
        said = None if "date" in self.layout.columns else self.layout.counted_on
        day = said or self._date(cells, "date")
        if day > self.today:
            raise _FaultyValueError("date", phrase("er i fremtiden."))
        return day

    def _expiry(self, cells: Sequence[Cell]) -> dt.date | None:
        text = self._text("expiry")
        if not text:
            return None
        month = month_in(text)  # printed on packs as a month: usable until it ends
        if month is not None:
            return _sensible(month[1], "expiry")
        return self._date(cells, "expiry")

    def _period(self, cells: Sequence[Cell]) -> Period:
        cell = self._cell(cells, "period")
        text = text_of(cell)
        if not text:
            raise _FaultyValueError("period", phrase("mangler."))
        if isinstance(cell, dt.date) and cell.day == 1:
            raise _FaultyValueError(
                "period",
                phrase("kan være en dag eller en hel måned; skriv måneden som tekst, for eksempel 2026-09."),
            )
        period = period_of(text)
        if period is None:
            day = self._date(cells, "period")
            period = (day, day)
        if period[0] > self.today:
            raise _FaultyValueError("period", phrase("er i fremtiden."))
        return period

    def _kept(
        self,
        pool: Pool,
        item: ItemRef,
        article: str | None,
        column: str,
        figure: tuple[float, str | None],
    ) -> tuple[str, float]:
        """The unit that the stock is kept in, and the figure in it."""
        amount, with_it = figure
        written = self._text("unit")
        said = _unit_of(written) if written else None
        if written and said is None:
            raise _FaultyValueError("unit", phrase("er ikke en kjent enhet."))
        if with_it is not None and said is not None and with_it != said:
            raise _FaultyValueError(column, phrase("har en annen enhet enn kolonnen for enhet."))
        unit = with_it or said or self.layout.units.get(column)
        key = (pool.id, item.key)
        known = self.memory.units.get(key) or self.known_unit(pool.id, item)
        if unit is None:
            if known is None:
                raise _FaultyValueError("unit", phrase("mangler, og lageret har ingen enhet for varen fra før."))
            return self.memory.units.setdefault(key, known), amount
        if known is None or unit == (_unit_of(known) or known):
            return self.memory.units.setdefault(key, known or unit), amount
        turned = scaled(amount, unit, known)
        if turned is None:
            pack = self.pack_of(article, item)
            turned = pack.converted(amount, unit, known) if pack else None
            if turned is None:
                raise _FaultyValueError(
                    "unit", phrase("lageret fører varen i {known}, og det kan ikke regnes om.", known=known)
                )
            self.memory.converted[unit, known] += 1
        return self.memory.units.setdefault(key, known), turned

    def _once(self, number: int, pool: Pool, item: ItemRef, count: SheetCount | None, uses: Sequence[Use]) -> None:
        here = (self.tab, number)
        if count is not None:
            seen = (pool.id, item.key, count.counted_on, count.expiry, count.batch)
            before = self.memory.counted.setdefault(seen, here)
            if before != here:
                problem = phrase("varen er alt talt på denne datoen i {where}.", where=_where(*before))
                raise _FaultyValueError("on_hand", problem)
        for use in uses:
            before = self.memory.used.setdefault((pool.id, item.key, use.first, use.last), here)
            if before != here:
                problem = phrase("forbruket i denne perioden står alt i {where}.", where=_where(*before))
                raise _FaultyValueError("usage", problem)


def _where(tab: str | None, row: int) -> Phrase:
    if tab is None:
        return phrase("rad {row}", row=row)
    return phrase("rad {row} i fanen «{tab}»", row=row, tab=tab)


def _unit_of(written: str) -> str | None:
    """The unit as we keep it; one that is described further («stk (små)», «pakning à 30») is kept as written."""
    words = written.casefold().split()
    return UNITS.get(" ".join(words)) or (written if words and words[0] in UNITS else None)


def _sensible(day: dt.date, column: str) -> dt.date:
    """The date, where its year can be meant."""
    if day.year > LAST_YEAR:
        raise _FaultyValueError(column, phrase("datoen er for langt fram; sjekk årstallet."))
    if day.year < FIRST_YEAR:
        raise _FaultyValueError(column, phrase("datoen er for langt tilbake; sjekk årstallet."))
    return day


def _years_after(day: dt.date, years: int) -> dt.date:
    return real_day(day.year + years, day.month, day.day) or dt.date(day.year + years, 3, 1)
