"""A stock manager's sheet is read right, or every fault in it is named."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.registers.sheets import StockSheet, read_stock_sheet
from bot.registers.table import MOST_BYTES
from bot.stock.items import ItemRef
from bot.stock.pools import STANDARD_POOLS, DemandBase, PoolKind

TODAY = dt.date(2026, 11, 22)
SOMEBODYS_NUMBER = "01019012480"
VALTREX = ItemRef("p1", "Valtrex tabletter 500 mg", "valaciklovir", "J05AB11", "p1")
KNOWN = {"valtrex tab 500 mg": VALTREX, "020586": VALTREX, "valaciklovir": VALTREX, "j05ab11": VALTREX}


def find_item(*, article: str | None, atc: str | None, name: str | None) -> ItemRef | None:
    return next((KNOWN[said.casefold()] for said in (article, name, atc) if said and said.casefold() in KNOWN), None)


def read(
    data: bytes | str,
    *,
    create_pools: bool = False,
    known_unit: str | None = None,
    filename: str = "lager.csv",
) -> StockSheet:
    return read_stock_sheet(
        data.encode() if isinstance(data, str) else data,
        filename,
        pools=STANDARD_POOLS,
        find_item=find_item,
        known_unit=lambda pool, item: known_unit,
        today=TODAY,
        create_pools=create_pools,
    )


def faults(sheet: StockSheet) -> list[str]:
    return [str(fault.line) for fault in sheet.faults]


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_row_with_a_count_gives_pool_item_quantity_unit_and_date() -> None:
    sheet = read("lager;preparat;beholdning;enhet;dato\nFokuslisten;Valtrex tab 500 mg;1200,5;tabl;20.11.2026\n")
    assert not sheet.faults
    (row,) = sheet.rows
    assert (row.pool.id, row.item, row.unit) == ("fokuslisten", VALTREX, "tablett")
    assert row.count is not None
    assert (row.count.quantity, row.count.counted_on) == (1200.5, dt.date(2026, 11, 20))
    assert row.delivery is None and row.use is None


def test_english_headings_in_another_order_with_points_and_commas_read_the_same() -> None:
    sheet = read("date,unit,on_hand,item,pool\n2026-11-20,tablets,1200.5,valaciklovir,fokuslisten\n")
    assert not sheet.faults
    assert sheet.rows[0].count is not None and sheet.rows[0].count.quantity == 1200.5


def test_one_row_may_give_a_count_a_delivery_and_a_use() -> None:
    sheet = read(
        "lager;varenummer;beholdning;enhet;dato;utløp;parti;forventet;ankomst;forbruk;periode\n"
        "B180S;20586;100;pk;2026-11-20;2027-05;L1;40;2026-12-01;90;2026-09\n"
    )
    assert not sheet.faults
    (row,) = sheet.rows
    assert row.article == "020586", "the leading zero that a spreadsheet dropped is back"
    assert row.count is not None and row.delivery is not None and row.use is not None
    assert (row.count.expiry, row.count.batch) == (dt.date(2027, 5, 31), "L1")
    assert (row.delivery.quantity, row.delivery.eta, row.delivery.expiry) == (40, dt.date(2026, 12, 1), None)
    assert (row.use.first, row.use.last, row.use.quantity) == (dt.date(2026, 9, 1), dt.date(2026, 9, 30), 90)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026-09", dt.date(2026, 9, 1), dt.date(2026, 9, 30)),
        ("2026-W38", dt.date(2026, 9, 14), dt.date(2026, 9, 20)),
        ("2026-W01", dt.date(2025, 12, 29), dt.date(2026, 1, 4)),
        ("2025", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
        ("2026-11-21", dt.date(2026, 11, 21), dt.date(2026, 11, 21)),
        ("21.11.2026", dt.date(2026, 11, 21), dt.date(2026, 11, 21)),
    ],
)
def test_a_period_is_a_month_a_week_a_year_or_a_day(written: str, first: dt.date, last: dt.date) -> None:
    sheet = read(f"lager;preparat;enhet;forbruk;periode\nB50;valaciklovir;mg;10;{written}\n")
    assert not sheet.faults
    use = sheet.rows[0].use
    assert use is not None and (use.first, use.last) == (first, last)


def test_a_windows_1252_sheet_keeps_its_norwegian_letters() -> None:
    heading = "lager;preparat;beholdning;enhet;dato;utløp\n"
    text = heading + "Primærhelsetjenesten;valaciklovir;5;stk;2026-11-20;2027-01-01\n"
    sheet = read(text.encode("cp1252"))
    assert not sheet.faults
    assert sheet.rows[0].pool.kind is PoolKind.PRIMARY_CARE
    assert sheet.rows[0].count is not None and sheet.rows[0].count.expiry == dt.date(2027, 1, 1)


def test_a_byte_order_mark_does_not_hide_the_first_heading() -> None:
    sheet = read(b"\xef\xbb\xbflager;preparat;beholdning;enhet;dato\nB50;valaciklovir;5;stk;2026-11-20\n")
    assert not sheet.faults and len(sheet.rows) == 1


def test_an_xlsx_sheet_reads_numbers_and_dates_as_they_are() -> None:
    data = workbook(
        ["Lagerstatus uke 47"],
        ["Lager", "Varenummer", "Beholdning", "Enhet", "Dato", "Utløp"],
        ["B180S", 20586, 12.5, "pakninger", dt.date(2026, 11, 20), dt.date(2027, 3, 4)],
    )
    sheet = read(data, filename="lager.xlsx")
    assert not sheet.faults
    (row,) = sheet.rows
    assert row.row == 3 and row.article == "020586" and row.unit == "pakning"
    assert row.count is not None
    assert (row.count.quantity, row.count.expiry) == (12.5, dt.date(2027, 3, 4))


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        (
            "B180S;valaciklovir;-5;stk;2026-11-20",
            "Rad 2, kolonne «beholdning», «-5»: kan ikke være negativ.",
        ),
        (
            "B180S;valaciklovir;5;stk;03/04/2026",
            "Rad 2, kolonne «dato», «03/04/2026»: kan leses på to måter; skriv 2026-09-30 eller 30.09.2026.",
        ),
        ("B180S;valaciklovir;5;stk;2027-01-01", "Rad 2, kolonne «dato», «2027-01-01»: er i fremtiden."),
        (
            "B180S;valaciklovir;5;stk;31.02.2026",
            "Rad 2, kolonne «dato», «31.02.2026»: er ikke en dato (skriv 2026-09-30 eller 30.09.2026).",
        ),
        ("B180S;valaciklovir;5;stk;", "Rad 2, kolonne «dato»: mangler."),
        ("Loftet;valaciklovir;5;stk;2026-11-20", "Rad 2, kolonne «lager», «Loftet»: er ikke et kjent lager."),
        ("B180S;visvas;5;stk;2026-11-20", "Rad 2, kolonne «preparat», «visvas»: fant ikke varen."),
        ("B180S;valaciklovir;mange;stk;2026-11-20", "Rad 2, kolonne «beholdning», «mange»: er ikke et tall."),
        (
            "B180S;valaciklovir;1.234;stk;2026-11-20",
            "Rad 2, kolonne «beholdning», «1.234»: kan leses på to måter; skriv tallet uten skille mellom tusener.",
        ),
        ("B180S;valaciklovir;nan;stk;2026-11-20", "Rad 2, kolonne «beholdning», «nan»: er ikke et tall."),
        ("B180S;valaciklovir;5;fot;2026-11-20", "Rad 2, kolonne «enhet», «fot»: er ikke en kjent enhet."),
        (
            "B180S;valaciklovir;5;;2026-11-20",
            "Rad 2, kolonne «enhet»: mangler, og lageret har ingen enhet for varen fra før.",
        ),
        (
            "B180S;valaciklovir;;stk;2026-11-20",
            "Rad 2, kolonne «beholdning»: raden har verken beholdning, forventet eller forbruk.",
        ),
    ],
)
def test_each_fault_names_row_column_and_value(cells: str, complaint: str) -> None:
    sheet = read(f"lager;preparat;beholdning;enhet;dato\n{cells}\n")
    assert faults(sheet) == [complaint]
    assert not sheet.rows


AHEAD, BACK = "datoen er for langt fram; sjekk årstallet.", "datoen er for langt tilbake; sjekk årstallet."


@pytest.mark.parametrize(
    ("column", "written", "problem"),
    [
        ("dato", "1999-12-31", BACK),
        ("dato", "0001-01-01", BACK),
        ("dato", "2101-01-01", AHEAD),
        ("utløp", "9999-12", AHEAD),
        ("utløp", "31.12.2101", AHEAD),
        ("utløp", "1999-12", BACK),
        ("ankomst", "1999-12-31", BACK),
        ("ankomst", "2031-11-23", AHEAD),
        ("ankomst", "9999-12-31", AHEAD),
    ],
)
def test_a_date_outside_sensible_years_is_a_fault(column: str, written: str, problem: str) -> None:
    cells = {"dato": "2026-11-20", "utløp": "", "ankomst": "2026-12-01"} | {column: written}
    rows = f"B50;valaciklovir;5;stk;{cells['dato']};{cells['utløp']};7;{cells['ankomst']}\n"
    sheet = read(f"lager;preparat;beholdning;enhet;dato;utløp;forventet;ankomst\n{rows}")
    assert faults(sheet) == [f"Rad 2, kolonne «{column}», «{written}»: {problem}"]


def test_a_date_that_the_spreadsheet_knows_is_bounded_too() -> None:
    heading: list[object] = ["lager", "preparat", "forventet", "enhet", "ankomst"]
    sheet = read(workbook(heading, ["B50", "valaciklovir", 5, "stk", dt.date(9999, 12, 31)]), filename="lager.xlsx")
    assert faults(sheet) == [f"Rad 2, kolonne «ankomst», «9999-12-31»: {AHEAD}"]


def test_the_last_sensible_dates_are_read() -> None:
    heading = "lager;preparat;beholdning;enhet;dato;utløp;forventet;ankomst\n"
    assert not read(f"{heading}B50;valaciklovir;5;stk;2000-01-01;2100-12;7;2031-11-22\n").faults


def test_the_last_week_there_is_does_not_make_the_reader_fall_over() -> None:
    sheet = read("lager;preparat;enhet;forbruk;periode\nB50;valaciklovir;mg;10;9999-W52\n")
    assert len(sheet.faults) == 1


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("{0};valaciklovir;5;stk;2026-11-20;A", "lager"),
        ("Pasient {0};valaciklovir;5;stk;2026-11-20;A", "lager"),
        ("B50;Valtrex til {0};5;stk;2026-11-20;A", "preparat"),
        ("B50;valaciklovir;5;stk {0};2026-11-20;A", "enhet"),
        ("B50;valaciklovir;5;stk;2026-11-20;{0}", "parti"),
    ],
)
def test_an_identity_number_in_a_cell_is_a_fault_that_does_not_repeat_it(cells: str, column: str) -> None:
    row = cells.format(f"{SOMEBODYS_NUMBER[:6]} {SOMEBODYS_NUMBER[6:]}")
    sheet = read(f"lager;preparat;beholdning;enhet;dato;parti\n{row}\n", create_pools=True)
    assert faults(sheet) == [f"Rad 2, kolonne «{column}»: ser ut til å inneholde et fødselsnummer. Fjern det."]
    assert (sheet.rows, sheet.faults[0].value, sheet.faults[0].personal) == ((), None, True)


@pytest.mark.parametrize("column", ["varenummer", "dato"])
def test_no_fault_repeats_an_identity_number_wherever_it_stands(column: str) -> None:
    cells = {"varenummer": "020586", "dato": "2026-11-20"} | {column: SOMEBODYS_NUMBER}
    sheet = read(f"lager;varenummer;beholdning;enhet;dato\nB50;{cells['varenummer']};5;stk;{cells['dato']}\n")
    assert len(sheet.faults) == 1
    assert SOMEBODYS_NUMBER not in faults(sheet)[0]


def test_an_expiry_before_the_count_is_a_fault() -> None:
    sheet = read("lager;preparat;beholdning;enhet;dato;utløp\nB50;valaciklovir;5;stk;2026-11-20;2026-11-19\n")
    assert faults(sheet) == ["Rad 2, kolonne «utløp», «2026-11-19»: varen var gått ut på dato før den ble talt."]


def test_two_counts_of_the_same_lot_on_one_date_are_a_fault_but_two_lots_are_not() -> None:
    head = "lager;preparat;beholdning;enhet;dato;parti\n"
    two_lots = "B50;valaciklovir;5;stk;2026-11-20;A\nB50;valaciklovir;6;stk;2026-11-20;B\n"
    assert not read(head + two_lots).faults
    assert faults(read(head + two_lots + "B50;valaciklovir;7;stk;2026-11-20;A\n")) == [
        "Rad 4, kolonne «beholdning», «7»: varen er alt talt på denne datoen i rad 2."
    ]


def test_a_missing_unit_is_that_of_the_same_pool_and_item() -> None:
    rows = "lager;preparat;beholdning;enhet;dato\nB50;valaciklovir;5;;2026-11-20\n"
    assert read(rows, known_unit="tablett").rows[0].unit == "tablett"
    heading = "lager;preparat;beholdning;enhet;dato\n"
    above = heading + "B50;valaciklovir;5;mg;2026-11-19\nB50;valaciklovir;5;;2026-11-20\n"
    assert [row.unit for row in read(above).rows] == ["mg", "mg"]


def test_a_unit_that_is_described_further_is_kept_as_written() -> None:
    rows = "lager;preparat;beholdning;enhet;dato\nB50;valaciklovir;5;stk (små);2026-11-20\n"
    assert read(rows).rows[0].unit == "stk (små)"
    assert not read(rows, known_unit="stk (små)").faults


def test_a_unit_other_than_the_stocks_own_is_a_fault() -> None:
    sheet = read("lager;preparat;beholdning;enhet;dato\nB50;valaciklovir;5;mg;2026-11-20\n", known_unit="tablett")
    assert faults(sheet) == ["Rad 2, kolonne «enhet», «mg»: lageret fører varen i tablett, og det kan ikke regnes om."]


def test_grams_in_a_stock_kept_in_milligrams_are_turned_into_milligrams_and_daily_doses_are_refused() -> None:
    heading = "lager;preparat;beholdning;enhet;dato;forbruk;periode\n"
    (row,) = read(heading + "B50;valaciklovir;5;g;2026-11-20;2,5;2026-10\n", known_unit="mg").rows
    assert row.count is not None and row.use is not None
    assert (row.unit, row.count.quantity, row.use.quantity) == ("mg", 5000, 2500)
    refused = read(heading + "B50;valaciklovir;5;DDD;2026-11-20;;\n", known_unit="mg")
    assert faults(refused) == ["Rad 2, kolonne «enhet», «DDD»: lageret fører varen i mg, og det kan ikke regnes om."]


def test_a_pool_nobody_knows_becomes_a_hospitals_own_when_asked_to() -> None:
    rows = "lager;preparat;beholdning;enhet;dato\nSykehusapoteket Tromsø;valaciklovir;5;mg;2026-11-20\n"
    sheet = read(rows, create_pools=True)
    (pool,) = sheet.new_pools
    assert (pool.id, pool.kind, pool.drawn_by) == (
        "sykehusapoteket-tromso",
        PoolKind.HOSPITAL,
        DemandBase.HOSPITAL,
    )


def test_the_right_rows_are_kept_beside_the_faults() -> None:
    sheet = read(
        "lager;preparat;beholdning;enhet;dato\nB50;valaciklovir;5;mg;2026-11-20\nB50;valaciklovir;x;mg;2026-11-20\n"
    )
    assert len(sheet.rows) == 1 and len(sheet.faults) == 1


@pytest.mark.parametrize(
    ("heading", "complaint"),
    [
        ("preparat;beholdning;enhet;dato", "Arket mangler kolonnen lager."),
        ("lager;preparat;enhet;dato", "Arket mangler kolonnen beholdning."),
        ("lager;preparat;beholdning;enhet", "Arket mangler kolonnen dato."),
        ("lager;beholdning;enhet;dato", "Arket mangler kolonnen preparat."),
        ("lager;preparat;forventet;enhet", "Arket mangler kolonnen ankomst."),
        ("lager;pool;preparat;beholdning", "Kolonnen «pool» finnes to ganger."),
    ],
)
def test_a_missing_column_is_named(heading: str, complaint: str) -> None:
    assert faults(read(f"{heading}\na;b;c;d\n")) == [complaint]


def test_numbers_that_can_be_read_in_two_ways_follow_the_rest_of_the_file() -> None:
    heading = "lager;preparat;beholdning;enhet;dato\n"
    rows = heading + "B50;valaciklovir;1.234;mg;2026-11-19\nB50;valaciklovir;1,5;mg;2026-11-20\n"
    quantities = [row.count.quantity for row in read(rows).rows if row.count]
    assert quantities == [1234, 1.5]


def test_thousands_may_be_set_apart_by_a_space() -> None:
    sheet = read("lager;preparat;beholdning;enhet;dato\nB50;valaciklovir;12 345,5;mg;2026-11-20\n")
    assert sheet.rows[0].count is not None and sheet.rows[0].count.quantity == 12345.5


@pytest.mark.parametrize("data", [b"%PDF-1.7\n\x00\x01", b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04nonsense"])
def test_a_file_that_is_no_sheet_is_refused_in_one_line(data: bytes) -> None:
    assert faults(read(data, filename="bilde.xlsx")) == [
        "Filen bilde.xlsx er ikke et regneark. Lagre den som XLSX eller CSV."
    ]


def test_text_without_headings_is_told_which_columns_a_sheet_has() -> None:
    assert "overskrifter" in faults(read("Hei, her er lageret vårt.\n"))[0]
    assert faults(read(b"")) == ["Filen lager.csv er tom."]


def test_a_file_over_the_limit_is_not_opened() -> None:
    assert faults(read(b"x" * (MOST_BYTES + 1))) == ["Filen lager.csv er 11 MB; grensen er 10 MB."]


def test_a_zip_bomb_is_not_unpacked() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for sheet in range(2):
            archive.writestr(f"xl/worksheets/sheet{sheet}.xml", b"\0" * (51 * 1024 * 1024))
    started = time.perf_counter()
    assert faults(read(kept.getvalue(), filename="b.xlsx")) == ["Filen b.xlsx er for stor når den pakkes ut."]
    assert time.perf_counter() - started < 2


def test_a_zip_that_tells_a_false_size_is_not_unpacked() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 1_000_000)
    lying = kept.getvalue().replace((1_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert "er ikke et regneark" in faults(read(lying, filename="b.xlsx"))[0]


BOMB = "".join(
    ["<!DOCTYPE sst [<!ENTITY a0 'ha'>", *(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)), "]>"]
)
OUTSIDE = "<!DOCTYPE sst [<!ENTITY a11 SYSTEM 'file:///etc/hostname'>]>"


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE], ids=["a bomb", "another file"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_entities_in_a_workbook_are_neither_expanded_nor_fetched(doctype: str, part: str) -> None:
    rows = (["lager", "preparat", "beholdning", "enhet", "dato"], ["B50", "valaciklovir", 1, "mg", "2026-11-20"])
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(*rows))) as whole, zipfile.ZipFile(kept, "w") as archive:
        for entry in whole.infolist():
            content = whole.read(entry)
            if entry.filename == part:
                head, mark, body = content.decode().partition("?>")
                if not mark:
                    head, body = "<?xml version='1.0'", head
                content = f"{head}?>{doctype}{body}".replace("B50", "&a11;").encode()
            archive.writestr(entry.filename, content)
    started = time.process_time()
    sheet = read(kept.getvalue(), filename="bombe.xlsx")
    assert time.process_time() - started < 2
    host = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "no name"
    told = " ".join(faults(sheet))
    assert "haha" not in told and host not in told
    assert all(row.pool.id == "b50" for row in sheet.rows)


def test_a_damaged_workbook_is_refused_in_one_line() -> None:
    data = workbook(["lager", "preparat"], ["B50", "x"])
    for cut in range(100, len(data), 400):
        assert "er ikke et regneark" in faults(read(data[:cut] + b"\x07" + data[cut + 1 : -30]))[0]


def test_a_month_that_the_spreadsheet_turned_into_a_date_is_not_taken_for_a_day() -> None:
    data = workbook(
        ["lager", "preparat", "enhet", "forbruk", "periode"],
        ["B50", "valaciklovir", "mg", 90, dt.date(2026, 9, 1)],
    )
    assert faults(read(data, filename="a.xlsx")) == [
        "Rad 2, kolonne «periode», «2026-09-01»: kan være en dag eller en hel måned; "
        "skriv måneden som tekst, for eksempel 2026-09."
    ]


def test_twenty_thousand_rows_are_read_in_a_few_seconds() -> None:
    body = "".join(f"B50;valaciklovir;{n};mg;2026-11-20;L{n}\n" for n in range(20_000))
    started = time.process_time()
    sheet = read("lager;preparat;beholdning;enhet;dato;parti\n" + body)
    assert len(sheet.rows) == 20_000
    assert time.process_time() - started < 5


@given(st.binary(max_size=400))
def test_no_file_makes_the_reader_fall_over(data: bytes) -> None:
    sheet = read(data)
    assert sheet.faults and not sheet.rows


@given(st.lists(st.text(max_size=20), min_size=6, max_size=6))
def test_no_row_makes_the_reader_fall_over(cells: list[str]) -> None:
    quoted = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    sheet = read(f"lager;preparat;beholdning;enhet;dato;utløp\n{quoted}\n".encode(errors="replace"))
    assert not sheet.rows


SHORT = "lager;preparat;beholdning;enhet;dato"


@pytest.mark.parametrize("written", ["#N/A", "#REF!", "#I/T", "#VERDI!", "n/a", "N/A", "null", "ukjent", "?"])
def test_what_stands_for_no_number_is_a_fault_with_its_value_and_never_nothing_left(written: str) -> None:
    sheet = read(f"{SHORT}\nFokuslisten;Valtrex tab 500 mg;{written};tablett;2025-07-06")
    assert not sheet.rows
    (fault,) = sheet.faults
    assert (fault.row, fault.column, fault.value) == (2, "beholdning", written)


@pytest.mark.parametrize("written", ["-", "–", "", " "])
def test_an_empty_figure_or_a_dash_is_not_known_and_never_nothing_left(written: str) -> None:
    sheet = read(f"{SHORT}\nFokuslisten;Valtrex tab 500 mg;{written};tablett;2025-07-06")
    assert not sheet.rows
    assert faults(sheet) == ["Rad 2, kolonne «beholdning»: raden har verken beholdning, forventet eller forbruk."]


def test_a_formula_that_came_to_nothing_is_a_fault_in_xlsx_too_and_a_row_of_such_formulas_is_empty() -> None:
    headings = [*SHORT.split(";"), "forbruk", "periode"]
    book = openpyxl.Workbook()
    book.active.append(headings)
    book.active.append(["Fokuslisten", "Valtrex tab 500 mg", 4200, "tablett", "2025-07-06", "#REF!", "2025-06"])
    book.active.append([None, "#N/A", "#N/A"])
    for place in ("F2", "B3", "C3"):
        book.active[place].data_type = "e"
    kept = io.BytesIO()
    book.save(kept)
    sheet = read(kept.getvalue(), filename="lager.xlsx")
    assert not sheet.rows
    assert faults(sheet) == ["Rad 2, kolonne «forbruk», «#REF!»: er en feil i regnearket selv."]
