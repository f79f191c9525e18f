"""Sheets as hospitals, wholesalers and pharmacies send them: what each gives, what is wrong with it, what is left out.

The files and what is expected of them lie in `tests/data/sheets`. Random ones go out as CSV and XLSX and come in again.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.registers.headings import Meaning
from bot.registers.sheets import SheetRow, StockSheet, read_stock_sheet
from bot.stock.items import ItemRef
from bot.stock.pools import STANDARD_POOLS, Pool, hospital_pool
from bot.stock.units import Pack

SHEETS = Path(__file__).parents[2] / "data" / "sheets"
EXPECTED: dict[str, dict[str, Any]] = json.loads((SHEETS / "expected.json").read_text(encoding="utf-8"))
TODAY = dt.date(2026, 10, 1)
VALTREX = ItemRef("020586", "Valtrex tab 500 mg", "Valaciklovir", "J05AB11", "valaciklovir|tab|500 mg")
ZOVIRAX = ItemRef("zovirax", "Zovirax tab 200 mg", "Aciklovir", "J05AB01", "aciklovir|tab|200 mg")
MEROPENEM = ItemRef("meropenem", "Meropenem inj 1 g", "Meropenem", "J01DH02", "meropenem|inj|1 g")
ITEMS = {"020586": VALTREX, "011111": ZOVIRAX} | {one.name.casefold(): one for one in (VALTREX, ZOVIRAX, MEROPENEM)}
KEPT_IN = {("b50", "meropenem"): "mg", ("b180s", "020586"): "tablett", ("b180s", "zovirax"): "tablett"}
GRONLAND = hospital_pool("Grønland sykehus")


def find_item(*, article: str | None, atc: str | None, name: str | None) -> ItemRef | None:
    return ITEMS.get(article or "") or ITEMS.get((name or "").casefold())


def read(data: bytes, filename: str, said: dict[str, Any] | None = None, own_pool: str | None = None) -> StockSheet:
    pools: list[Pool] = [*STANDARD_POOLS, GRONLAND]

    def go(meanings: dict[str, Meaning]) -> StockSheet:
        return read_stock_sheet(
            data,
            filename,
            pools=pools,
            find_item=find_item,
            known_unit=lambda pool, item: KEPT_IN.get((pool, item.key)),
            pack_of=lambda article, item: Pack("stk", 30, 6, {"tablett": 30}) if item is VALTREX else None,
            today=TODAY,
            meanings=meanings,
            own_pool=next((pool for pool in pools if pool.id == own_pool), None),
        )

    first = go({})
    if said is None:
        return first
    assert first.unknown is not None
    return go({first.unknown.mark: Meaning(said["columns"])})


def in_words(row: SheetRow) -> str:
    pool = "gronland" if row.pool.id == GRONLAND.id else row.pool.id
    said = [f"{pool} · {row.item.name}:"]
    if row.count is not None:
        said.append(f"talt {row.count.quantity:.10g} {row.unit} {row.count.counted_on}")
        said += [f"parti {row.count.batch}"] if row.count.batch else []
        said += [f"utløp {row.count.expiry}"] if row.count.expiry else []
    if row.delivery is not None:
        said.append(f"ventet {row.delivery.quantity:.10g} {row.unit} {row.delivery.eta}")
    if row.use is not None:
        said.append(f"brukt {row.use.quantity:.10g} {row.unit} {row.use.first}–{row.use.last}")
    return " ".join(said)


def test_every_sheet_has_its_outcome() -> None:
    assert {path.name for path in SHEETS.iterdir()} == EXPECTED.keys() | {"expected.json"}
    assert len(EXPECTED) >= 30


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_sheet_gives_what_is_expected_of_it(name: str) -> None:
    expected = EXPECTED[name]
    sheet = read((SHEETS / name).read_bytes(), name, expected.get("said"), expected.get("own_pool"))
    assert [in_words(row) for row in sheet.rows] == expected["rows"]
    assert [str(fault.line) for fault in sheet.faults] == expected["faults"]
    assert [str(remark) for remark in sheet.remarks] == expected["remarks"]
    assert any(fault.personal for fault in sheet.faults) == expected.get("personal", False)
    guessed = {one.key: one.guess for one in sheet.unknown.headings} if sheet.unknown else None
    assert guessed == expected.get("unknown")


HEADINGS = ("lager", "preparat", "parti", "beholdning", "enhet", "utløp", "dato")
LOTS = st.lists(
    st.tuples(
        st.sampled_from([VALTREX.name, ZOVIRAX.name, MEROPENEM.name]),
        st.text("ABCæøåÆØÅ0123456789;,\"'|~^ -_=+@", min_size=1, max_size=12).map(
            lambda text: " ".join(f"L{text}".split())
        ),
        st.one_of(st.integers(0, 10**9).map(float), st.decimals(0, 10**6, places=3, allow_nan=False).map(float)),
        st.dates(TODAY + dt.timedelta(1), dt.date(2099, 12, 31)),
        st.dates(dt.date(2020, 1, 1), TODAY),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (row[0], row[1]),
)


@settings(deadline=None)
@given(
    LOTS,
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp865", "mac_roman"]),
    st.booleans(),
)
def test_what_goes_out_as_csv_comes_in_the_same(
    rows: list[tuple[Any, ...]], delimiter: str, encoding: str, comma: bool
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(HEADINGS)
    writer.writerow(["", "", "", "", "", "", ""])
    for name, lot, quantity, expiry, counted_on in rows:
        said = f"{quantity:.3f}".rstrip("0").rstrip(".")
        shown = f"{counted_on:%d.%m.%Y}" if comma else counted_on.isoformat()
        said = said.replace(".", ",") if comma else said
        writer.writerow(["B50", name, lot, said, "mg", expiry, shown])
    same(read(text.getvalue().encode(encoding), "a.csv"), rows, ambiguous=True)


@settings(deadline=None)
@given(LOTS, st.booleans())
def test_what_goes_out_as_xlsx_comes_in_the_same(rows: list[tuple[Any, ...]], two_tabs: bool) -> None:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    halves = [rows[: len(rows) // 2], rows[len(rows) // 2 :]] if two_tabs else [rows]
    for half in filter(None, halves):
        tab = book.add_worksheet()
        tab.write_row(0, 0, HEADINGS)
        for number, (name, lot, quantity, expiry, counted_on) in enumerate(half, start=1):
            for place, text in ((0, "B50"), (1, name), (2, lot), (4, "mg")):
                tab.write_string(number, place, text)
            tab.write_number(number, 3, quantity)
            for place, date in ((5, expiry), (6, counted_on)):
                tab.write_datetime(number, place, dt.datetime.combine(date, dt.time()), day)
    book.close()
    same(read(kept.getvalue(), "a.xlsx"), rows)


def same(sheet: StockSheet, rows: list[tuple[Any, ...]], *, ambiguous: bool = False) -> None:
    """Each row as it was written; one whose number can be read in two ways may be refused, but is never wrong."""
    refused = {fault.row for fault in sheet.faults}
    if ambiguous:
        assert all("kan leses på to måter" in str(fault.problem) for fault in sheet.faults)
    else:
        assert not refused
    found = [
        (row.item.name, row.count.batch, row.count.quantity, row.count.expiry, row.count.counted_on)
        for row in sheet.rows
        if row.count is not None
    ]
    left = [row for number, row in enumerate(rows, start=3) if number not in refused]
    assert found == [(name, lot, pytest.approx(quantity), *days) for name, lot, quantity, *days in left]
