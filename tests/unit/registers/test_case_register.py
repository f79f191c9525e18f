"""A register of earlier years as it is read: each way of writing, and each fault with its row, column and value."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.vocabulary import Authorised, Cause, Solution, Source, Status
from bot.registers.case_register import COLUMNS, CaseRegister, RegisterCase, read_case_register

TODAY = dt.date(2026, 2, 1)
HEADINGS = (
    "saksnummer; virkestoff; preparat; atc; registrert (ja/nei); kilde; årsak; status; start; slutt; meldt; avsluttet"
)
GOOD = "2025-1;Meropenem;Meronem pulv;J01DH02;ja;DMP;Produksjon;Avsluttet;01.05.2025;15.09.2025;10.04.2025;20.09.2025"


def read(*rows: str, headings: str = HEADINGS, **more: Any) -> CaseRegister:
    return read_case_register("\n".join((headings, *rows)).encode(), "saker.csv", today=TODAY, **more)


def only(register: CaseRegister) -> RegisterCase:
    assert not register.faults, [str(fault.line) for fault in register.faults]
    (case,) = register.cases.values()
    return case


def fault(*rows: str, headings: str = HEADINGS) -> tuple[int | None, str | None, str | None, str]:
    (found,) = read(*rows, headings=headings).faults
    return found.row, found.column, found.value, str(found.line)


def test_the_agreed_columns_are_read_without_any_mapping() -> None:
    assert only(read(GOOD)) == RegisterCase(
        number="2025-0001",
        substance="Meropenem",
        name="Meronem pulv",
        atc="J01DH02",
        authorised=Authorised.YES,
        source=Source.DMP,
        cause=Cause.PRODUCTION,
        status=Status.CLOSED,
        start=dt.date(2025, 5, 1),
        end=dt.date(2025, 9, 15),
        noticed=dt.date(2025, 4, 10),
        closed=dt.date(2025, 9, 20),
    )


def test_every_date_may_be_empty_and_what_is_not_said_is_not_known() -> None:
    case = only(read("17;Meropenem;;;;;;;;;;"))
    assert (case.number, case.name, case.atc, case.source, case.cause) == ("17", None, None, None, None)
    assert (case.authorised, case.status) == (Authorised.UNKNOWN, Status.ONGOING)
    assert (case.start, case.end, case.noticed, case.closed) == (None, None, None, None)


@pytest.mark.parametrize(
    ("column", "written", "meant"),
    [
        ("kilde", "SYKEHUSINNKJØP hf", Source.PURCHASING),
        ("kilde", "mangelsenteret", Source.CENTRE),
        ("kilde", "Mangel- og beredskapssenteret", Source.CENTRE),
        ("kilde", "barnenettverket", Source.CHILDREN),
        ("årsak", "mangel på VIRKESTOFF", Cause.SUBSTANCE),
        ("årsak", "dominoeffekt", Cause.DOMINO),
        ("status", "pågående", Status.ONGOING),
        ("status", "IKKE AKTUELL", Status.NOT_RELEVANT),
        ("registrert", "Nei", Authorised.NO),
        ("registrert", "vet ikke", Authorised.UNKNOWN),
        ("løsning", "Utenlandske pakninger, rasjonering", (Solution.FOREIGN_PACKS, Solution.RATIONING)),
    ],
)
def test_the_fields_own_words_are_read_whatever_their_case(column: str, written: str, meant: Any) -> None:
    case = only(read(f"1;Meropenem;{written}", headings=f"saksnummer;virkestoff;{column}"))
    said = {"kilde": case.source, "årsak": case.cause, "status": case.status, "registrert": case.authorised}
    assert (said | {"løsning": case.solutions})[column] == meant


def test_without_a_status_the_dates_say_it() -> None:
    said = read("1;X;;", "2;X;2026-03-01;", "3;X;;2025-12-01", headings="saksnummer;virkestoff;start;avsluttet").cases
    assert [case.status for case in said.values()] == [Status.ONGOING, Status.UPCOMING, Status.CLOSED]


def test_iso_dates_are_read_as_well() -> None:
    row = "1;Meropenem;;;;;;;2025-05-01;2025-09-15;2025-04-10;"
    assert only(read(row)).end == dt.date(2025, 9, 15)


def test_a_workbooks_own_dates_numbers_and_ticks_are_read() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(COLUMNS)[:12])
    start, noticed = dt.datetime(2025, 5, 1), dt.date(2025, 4, 10)
    book.active.append(
        [17, "Meropenem", None, None, True, "DMP", None, None, start, dt.date(2025, 9, 15), noticed, None]
    )
    file = io.BytesIO()
    book.save(file)
    case = only(read_case_register(file.getvalue(), "saker.xlsx", today=TODAY))
    assert (case.number, case.start, case.end, case.authorised) == (
        "17",
        start.date(),
        dt.date(2025, 9, 15),
        Authorised.YES,
    )


def test_headings_that_are_not_ours_are_explained_once() -> None:
    headings = "Saksnr;Stoff;Notat"
    assert read("1;Meropenem;hei", headings=headings).unreadable
    mapping = {"Saksnr": "saksnummer", "Stoff": "virkestoff"}
    first = read("1;Meropenem;hei", headings=headings, mapping=mapping)
    assert only(first).substance == "Meropenem"
    assert (dict(first.columns), first.ignored) == (mapping, ("Notat",))
    remembered = {first.headings: {"saksnr": "saksnummer", "stoff": "virkestoff"}}
    again = read("Ertapenem;2;ha", headings="Stoff;SAKSNR;Notat", remembered=remembered)
    assert only(again).substance == "Ertapenem", "in another order the headings are the same"
    assert read("1;Meropenem", headings="Saksnr;Stoff", remembered=remembered).unreadable, "these are others"


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        ("1;X;;;;;;;01.05.2025;30.04.2025;;", "slutt", "30.04.2025", "før start"),
        ("1;X;;;;;;;;;01.05.2025;30.04.2025", "avsluttet", "30.04.2025", "før meldt"),
        ("1;X;;;;;;;05/06/2025;;;", "start", "05/06/2025", "flere måter"),
        ("1;X;;;;;;;5.6.25;;;", "start", "5.6.25", "flere måter"),
        ("1;X;;;;;;;30.02.2025;;;", "start", "30.02.2025", "ingen dato som finnes"),
        ("1;X;;;;;;;i mai;;;", "start", "i mai", "ingen dato"),
        ("1;X;;;;;;;01.05.0025;;;", "start", "01.05.0025", "årstallet"),
        ("1;X;;;;;;;;;01.05.2035;", "meldt", "01.05.2035", "fremtiden"),
        ("1;X;;;kanskje;;;;;;;", "registrert (ja/nei)", "kanskje", "ja eller nei"),
        ("1;X;;;;Naboen;;;;;;", "kilde", "Naboen", "Barnenettverket, DMP"),
        ("1;X;;;;;Uflaks;;;;;", "årsak", "Uflaks", "Produksjon"),
        ("1;X;;;;;;Ferdig;;;;", "status", "Ferdig", "Avsluttet"),
        ("1;X;;;;;;Pågående;;;01.05.2025;02.05.2025", "status", "Pågående", "avsluttet"),
        ("1;X;;J1;;;;;;;;", "atc", "J1", "ATC-kode"),
        (";X;;;;;;;;;;", "saksnummer", "", "mangler"),
        ("1;;;;;;;;;;;", "virkestoff", "", "mangler"),
        (f"{'9' * 41};X;;;;;;;;;;", "saksnummer", "9" * 41, "40 tegn"),
    ],
)
def test_a_fault_names_its_row_its_column_and_its_value(row: str, column: str, value: str, words: str) -> None:
    found = fault("", row)
    assert found[:3] == (3, column, value)
    assert words in found[3]


def test_the_same_number_twice_names_both_rows() -> None:
    row, column, value, line = fault("2025-17;X;;;;;;;;;;", "2025-0017;Y;;;;;;;;;;")
    assert (row, column, value) == (3, "saksnummer", "2025-0017")
    assert "rad 2" in line


def test_two_date_formats_in_one_file_are_refused_with_one_of_each() -> None:
    register = read("1;X;;;;;;;01.05.2025;;;", "2;X;;;;;;;2025-05-01;;;", "3;X;;;;;;;2025-06-01;;;")
    assert register.unreadable
    (found,) = register.faults
    assert all(said in str(found.line) for said in ("rad 2", "«01.05.2025»", "rad 3", "«2025-05-01»", "«start»"))


def test_an_identity_number_is_refused_and_not_repeated() -> None:
    row, column, value, line = fault("1;Meropenem til 01019012480;;;;;;;;;;")
    assert (row, column, value) == (2, "virkestoff", None)
    assert "01019012480" not in line


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01",
        b"PK\x03\x04 og ikke mer",
        b"bare ord\n",
        HEADINGS.encode(),
        b"saksnummer;start\n1;01.05.2025\n",
    ],
)
def test_a_file_that_is_no_register_says_why(content: bytes) -> None:
    register = read_case_register(content, "saker.csv", today=TODAY)
    assert register.unreadable
    assert not register.cases


def test_one_column_cannot_be_read_from_two() -> None:
    register = read("1;2;X", headings="saksnummer;Saksnr;virkestoff", mapping={"Saksnr": "saksnummer"})
    assert "Saksnr" in str(register.faults[0].line)
    assert register.unreadable


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\r\n;"\x00'), max_size=20)


@given(st.lists(st.lists(cells, min_size=12, max_size=12), max_size=5))
def test_whatever_stands_in_a_file_it_is_read_or_refused(rows: list[list[str]]) -> None:
    register = read(*(";".join(row) for row in rows))
    assert register.cases or register.faults
