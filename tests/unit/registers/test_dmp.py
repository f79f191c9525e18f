"""DMP's list in: four kinds of file, strict dates, one line for each thing wrong."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.registers.dmp import read_dmp
from bot.registers.notices import Notices, NoticeStatus, strict_date
from bot.registers.table import NotATableError

HEADINGS = [
    "Legemiddelnavn",
    "Virkestoff(er)",
    "Mangelperiode fra",
    "Mangelperiode til",
    "Informasjon/tiltak",
    "Informasjon på nettside",
    "Status pr. 12.03.2026",
]
VALTREX = [
    "Valtrex 500 mg tablett, 10 stk",
    "valaciklovir",
    "01.03.2026",
    "15.05.2026",
    "Saksbehandling",
    "",
    "Pågående",
]
DOG = ["Metacam vet. 5 mg/ml injeksjonsvæske", "meloksikam", "01.03.2026", "15.05.2026", "", "", "Kommende"]


def as_csv(*rows: list[str]) -> bytes:
    return "\n".join(";".join(row) for row in (HEADINGS, *rows)).encode("cp1252")


def as_json(*rows: list[str]) -> bytes:
    return json.dumps(dict(zip(HEADINGS, map(list, zip(*rows, strict=True)), strict=True))).encode()


def as_html(*rows: list[str]) -> bytes:
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in (HEADINGS, *rows)]
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<!doctype html><html><body><table><tr><td>x</td></tr></table><table>{table}</table></body></html>".encode()


def as_xlsx(*rows: list[str]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADINGS, *rows):
        book.active.append([_real_date(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _real_date(cell: str) -> object:
    try:
        return strict_date(cell) or cell
    except ValueError:
        return cell


def read(*rows: list[str]) -> Notices:
    return read_dmp(as_csv(*rows), "liste.csv")


@pytest.mark.parametrize("write", [as_csv, as_json, as_html, as_xlsx])
def test_the_same_list_is_read_from_each_kind_of_file(write: object) -> None:
    found = read_dmp(write(VALTREX, DOG), "liste")  # type: ignore[operator]
    assert found.as_of == dt.date(2026, 3, 12)
    assert not found.faults
    valtrex, dog = found.rows
    assert (valtrex.row, valtrex.name, valtrex.substance) == (2, VALTREX[0], "valaciklovir")
    assert (valtrex.start, valtrex.end) == (dt.date(2026, 3, 1), dt.date(2026, 5, 15))
    assert valtrex.status is NoticeStatus.ONGOING
    assert not valtrex.veterinary
    assert dog.veterinary


def test_the_normalised_list_is_read_too() -> None:
    data = (
        "country_code,medicine_name,active_substance,atc_code,shortage_start,estimated_end,status,notes,scraped_at\n"
        'NO,"Valtrex 500 mg tablett, 10 stk",valaciklovir,J05AB11,2026-03-01,2026-05-15,shortage,,2026-03-12T15:53:54\n'
    )
    found = read_dmp(data.encode(), "liste.csv")
    assert found.as_of == dt.date(2026, 3, 12)
    assert found.rows[0].status is NoticeStatus.ONGOING


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (2, "03/04/2026", "Rad 2, kolonne «Mangelperiode fra», «03/04/2026»: datoen kan bety flere dager"),
        (3, "31.02.2026", "Rad 2, kolonne «Mangelperiode til», «31.02.2026»"),
        (3, "1.4.26", "«1.4.26»"),
        (6, "Kanskje", "Rad 2, kolonne «Status», «Kanskje»: statusen er ikke Kommende"),
        (0, "", "navnet mangler"),
        (4, "gjelder 01019012480", "fødselsnummer"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_place_and_value(column: int, value: str, said: str) -> None:
    wrong = [*VALTREX[:column], value, *VALTREX[column + 1 :]]
    found = read(wrong, DOG)
    assert len(found.rows) == 1
    assert [number for number, _ in found.refused] == [2]
    assert said in str(found.faults[0].line)
    assert "01019012480" not in str(found.faults[0].line)


def test_a_row_that_ends_before_it_begins_is_read_and_flagged() -> None:
    found = read([*VALTREX[:3], "01.02.2026", *VALTREX[4:]])
    assert str(found.rows[0].problem) == "slutter før den begynner"


def test_the_day_of_the_list_stands_in_its_heading_with_or_without_a_time() -> None:
    for written in ("12.03.2026", "12.3.2026 kl. 14:00", "2026-03-12"):
        data = as_csv(VALTREX).decode("cp1252").replace("Status pr. 12.03.2026", f"Status pr. {written}")
        assert read_dmp(data.encode(), "liste.csv").as_of == dt.date(2026, 3, 12)


def test_a_missing_end_is_unknown() -> None:
    assert read([*VALTREX[:3], "", *VALTREX[4:]]).rows[0].end is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "er tom"),
        (b"a;b\n1;2\n", "ingen kolonne heter Legemiddelnavn"),
        (b"<html><body>Siden er flyttet</body></html>", "ingen tabell med kolonnen Legemiddelnavn"),
        (b'{"Legemiddelnavn": ["a"], "Mangelperiode fra": []}', "har 0 celler; andre har 1"),
        (b"{", "er ikke et objekt med kolonner"),
        (b"[" * 100_000, "er ikke et objekt med kolonner"),
        (b"Legemiddelnavn;Mangelperiode fra;Mangelperiode til\n", "mangler kolonnen «Status pr. DD.MM.ÅÅÅÅ»"),
        (b"Legemiddelnavn;Mangelperiode fra;Mangelperiode til;Status pr. i dag\n", "har ingen dato"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(NotATableError) as refused:
        read_dmp(data, "liste.csv")
    assert said in str(refused.value.problem)


@given(some.binary(max_size=400))
def test_no_bytes_whatever_raise_anything_else(data: bytes) -> None:
    try:
        read_dmp(data, "liste")
    except NotATableError:
        return


@given(some.text(max_size=20))
def test_a_date_is_one_day_or_refused(text: str) -> None:
    try:
        day = strict_date(text)
    except ValueError:
        return
    assert day is None or str(day.year) in text
