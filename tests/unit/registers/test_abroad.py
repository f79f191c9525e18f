"""Other countries' registers: read as they come, recognised, graded by substance, and compared for early warnings."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.registers.abroad import (
    CANADA,
    DENMARK,
    EMA,
    FINLAND,
    GERMANY,
    ICELAND,
    OPENFDA,
    REGISTERS,
    SWEDEN,
    Abroad,
    FormChanged,
    period,
    read_abroad,
    recognise,
)
from bot.registers.compare import Grade
from bot.registers.early import ShortRow, Stocked, gather, key_of, warn
from bot.registers.notices import Notice, NoticeStatus
from bot.registers.substances import SubstanceFinder

NORMALISED = (
    "country_code,medicine_name,active_substance,strength,package_size,atc_code,shortage_start,estimated_end,status"
)


def normalised(code: str, *rows: str) -> bytes:
    return "\n".join((NORMALISED, *(f"{code},{row}" for row in rows))).encode()


def one(register: Abroad, data: bytes) -> Notice:
    (row,) = read_abroad(register, data, "liste.csv").rows
    return row


SWEDISH = (
    "Etoposid Accord 20 mg/ml,etoposid,20 mg/ml,1 x 5 ml,"
    "\"{'atcCode8': 'L01CB01', 'vetOrHum': 'Hum'}\",2026-03-16,,upcoming"
)


def test_a_row_says_the_whole_medicine_its_code_and_its_period() -> None:
    row = one(SWEDEN, normalised("SE", SWEDISH))
    assert (row.name, row.substance, row.atc) == ("Etoposid Accord 20 mg/ml, 1 x 5 ml", "etoposid", "L01CB01")
    assert (row.start, row.end, row.status) == (dt.date(2026, 3, 16), None, NoticeStatus.UPCOMING)


def test_the_same_row_twice_is_one() -> None:
    assert len(read_abroad(SWEDEN, normalised("SE", SWEDISH, SWEDISH), "x.csv").rows) == 1


@pytest.mark.parametrize(
    "row",
    [
        "Metacam Vet 5 mg/ml,,,,,2026-01-01,,shortage",
        "Metacam,,,,QM01AC06,2026-01-01,,shortage",
        "Metacam,,,,\"{'atcCode8': 'M01AC06', 'vetOrHum': 'Vet'}\",2026-01-01,,shortage",
    ],
)
def test_animals_medicines_are_set_apart(row: str) -> None:
    assert one(SWEDEN, normalised("SE", row)).veterinary


def test_bfarms_own_columns_in_latin_1() -> None:
    data = (
        "PZN;ENR;Arzneimittlbezeichnung;Atc Code;Wirkstoffe;Beginn;Ende;Art des Grundes\n"
        "123;45;Etoposid für Infusion;L01CB01;Etoposid;01.05.2025;15.09.2025;Produktionsproblem\n"
    ).encode("latin-1")
    row = one(GERMANY, data)
    assert (row.name, row.status, row.end) == ("Etoposid für Infusion", NoticeStatus.ONGOING, dt.date(2025, 9, 15))
    assert recognise(data, "lieferengpaesse.csv") is GERMANY


def test_openfdas_answer_has_the_month_first() -> None:
    answer = {
        "meta": {"results": {"total": 1}},
        "results": [
            {
                "generic_name": "Etoposide Injection",
                "dosage_form": "Injection",
                "presentation": "20 mg/1 mL (NDC 1)",
                "status": "Current",
                "initial_posting_date": "03/04/2026",
                "therapeutic_category": ["Oncology", "Other"],
                "openfda": {"substance_name": ["ETOPOSIDE"]},
            }
        ],
    }
    data = json.dumps(answer).encode()
    assert one(OPENFDA, data).start == dt.date(2026, 3, 4)
    assert recognise(data, "shortages.json") is OPENFDA


def test_emas_answer_has_the_day_first() -> None:
    answer = [
        {
            "medicine_affected": "Ifosfamide",
            "supply_shortage_status": "Ongoing",
            "start_of_shortage_date": "03/04/2026",
            "expected_resolution_date": "",
        }
    ]
    data = json.dumps(answer).encode()
    assert one(EMA, data).start == dt.date(2026, 4, 3)
    assert recognise(data, "shortages.json") is EMA


def test_canadas_actual_dates_go_before_its_estimates() -> None:
    heading = (
        "Report ID,Brand name,Ingredients,Strength(s),Shortage status,Anticipated start date,Actual start date,"
        "Estimated end date,Actual end date"
    )
    rows = (
        "1,X,ETOPOSIDE,20MG,Actual shortage,2023-01-01,2023-01-12,2023-02-17,",
        "2,Y,ETOPOSIDE,20MG,Resolved,,2023-01-12,2023-02-17,2023-01-26",
        "3,Z,ETOPOSIDE,20MG,Avoided shortage,2023-01-01,,,",
    )
    data = "\n".join((heading, *rows)).encode()
    first, second, third = read_abroad(CANADA, data, "x.csv").rows
    assert (first.start, first.end) == (dt.date(2023, 1, 12), dt.date(2023, 2, 17))
    assert second.end == dt.date(2023, 1, 26)
    assert third.status is NoticeStatus.ENDED and third.start == dt.date(2023, 1, 1)
    assert recognise(data, "x.csv") is CANADA


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Midt august 2024 - start juli 2026", dt.date(2024, 8, 11), dt.date(2026, 7, 10)),
        ("Slut september 2025 - slut februar 2026", dt.date(2025, 9, 21), dt.date(2026, 2, 28)),
        ("Fra midt februar 2026", dt.date(2026, 2, 11), None),
        ("Midt februar 2026 - ukendt", dt.date(2026, 2, 11), None),
        ("Maj 2026 - juni 2026", dt.date(2026, 5, 1), dt.date(2026, 6, 30)),
        ("Ukendt", None, None),
    ],
)
def test_a_danish_period_in_words(text: str, start: dt.date | None, end: dt.date | None) -> None:
    assert period(text) == (start, end)


def test_denmark_finland_and_iceland_are_known_by_the_country_that_they_name() -> None:
    for register in (DENMARK, FINLAND, ICELAND):
        assert recognise(normalised(register.code, "X,,,,,,,shortage"), "x.csv") is register
    assert recognise(normalised("NO", "X,,,,,,,shortage"), "x.csv") is None
    assert recognise(b"Legemiddelnavn;Virkestoff(er)\nA;b", "x.csv") is None


def test_a_register_in_another_form_says_what_was_expected_and_what_was_found() -> None:
    with pytest.raises(FormChanged, match=r"Ventet kolonnene «.*status.*Fant: a, medicine_name") as told:
        read_abroad(SWEDEN, b"a,medicine_name\n1,X", "x.csv")
    assert told.value.found == ("a", "medicine_name")


def test_a_row_that_cannot_be_used_is_refused_and_the_others_are_read() -> None:
    good = "Ibux,ibuprofen,,,M01AE01,2026-01-01,,shortage"
    read = read_abroad(
        SWEDEN,
        normalised("SE", good, "Ibux,,,,,03/04/2026,,shortage", "Ibux,,,,,,,kanskje", "13097248022,,,,,,,shortage"),
        "x.csv",
    )
    assert len(read.rows) == 1
    assert [fault.row for fault in read.faults] == [3, 4, 5]
    assert read.faults[2].personal and read.faults[2].value is None


def test_nothing_that_is_sent_breaks_the_reader() -> None:
    for data in (b"[1, 2]", b'{"results": 3}', b"[" * 50_000, b"{", b"[]", b"a", b"\x00\x01"):
        for register in REGISTERS.values():
            with pytest.raises(Exception, match=r"Filen|Listen"):
                read_abroad(register, data, "x.json")


# --- substances ---


@pytest.fixture(scope="module")
def finder() -> SubstanceFinder:
    return SubstanceFinder(Catalogue.shipped())


def written(name: str, substance: str = "", atc: str = "") -> Notice:
    return Notice(1, name, substance, None, None, NoticeStatus.ONGOING, atc=atc, said_as=name)


@pytest.mark.parametrize(
    ("notice", "substance", "atc", "grade"),
    [
        (written("Klexane", "Enoxaparinum natricum INN", "B01AB05"), "Enoksaparin", "B01AB05", Grade.CERTAIN),
        (written("Simvastatin Ratiopharm 40 mg", "", "C10AA01"), "Simvastatin", "C10AA01", Grade.CERTAIN),
        (written("Oncovin 1 mg/ml", "", "L01CA02"), "Vinkristin", "L01CA02", Grade.LIKELY),
        (written("SENSORCAINE", "BUPIVACAINE HYDROCHLORIDE"), "Bupivakain", "N01BB01", Grade.LIKELY),
        (written("Heitrin", "Terazosinhydrochlorid-Dihydrat", "C02CA"), "Terazosin", "G04CA03", Grade.LIKELY),
        (written("Pregabalin Aurobindo", "Pregabalin", "N03AX16"), "Pregabalin", "N02BF02", Grade.LIKELY),
        (written("Vimpat 10 mg/ml syrup (UCB)"), "Lakosamid", "N03AX18", Grade.LIKELY),
        (written("Natriumklorid", "Sodium chloride", "B05BB01"), "Natriumklorid", "B05BB01", Grade.LIKELY),
    ],
)
def test_a_substance_in_any_language(
    finder: SubstanceFinder, notice: Notice, substance: str, atc: str, grade: Grade
) -> None:
    found = finder.graded(notice)
    assert found.medicine is not None
    assert (found.medicine.substance, found.atc, found.grade) == (substance, atc, grade)


@pytest.mark.parametrize(
    "notice",
    [
        written("Ukjentol 5 mg"),
        written("Xylotim", "dorzolamid; timolol"),
        written("Optimyxin", "GRAMICIDIN; POLYMYXIN B"),
        written("Urapidil Bluefish", "Urapidil", "C02CA06"),
    ],
)
def test_what_is_several_substances_or_none_is_none(finder: SubstanceFinder, notice: Notice) -> None:
    assert finder.graded(notice).medicine is None


def test_where_the_code_and_the_words_disagree_a_person_decides(finder: SubstanceFinder) -> None:
    found = finder.graded(written("Levofloxacin Kabi", "Levofloxacin-Hemihydrat", "N02BE01"))
    assert (found.grade, found.medicine) == (Grade.ASK, None)


# --- early warnings ---

ORDER = list(REGISTERS)


def short(register: str, substance: str = "Etoposid", atc: str | None = "L01CB01", end: str | None = None) -> ShortRow:
    return ShortRow(register, substance, atc, None, dt.date.fromisoformat(end) if end else None)


OURS = [Stocked("Etoposid", "L01CB01")]


def test_two_neighbours_are_enough_and_one_is_not() -> None:
    assert [one.substance for one in warn(gather([short("sweden"), short("finland")], ORDER), OURS, ()).new] == [
        "Etoposid"
    ]
    assert warn(gather([short("sweden"), short("sweden")], ORDER), OURS, ()).new == ()


def test_other_countries_stand_beside_but_do_not_count() -> None:
    assert warn(gather([short("sweden"), short("ema"), short("canada")], ORDER), OURS, ()).new == ()
    (found,) = warn(gather([short("canada"), short("sweden"), short("germany")], ORDER), OURS, ()).new
    assert [one.register for one in found.countries] == ["sweden", "germany", "canada"]
    assert found.neighbours == ("sweden", "germany")


def test_what_no_stock_of_ours_has_is_no_warning() -> None:
    rows = gather([short("sweden"), short("finland")], ORDER)
    assert warn(rows, [Stocked("Ibuprofen", "M01AE01")], ()).new == ()


def test_eye_drops_elsewhere_are_no_warning_about_our_tablets() -> None:
    rows = gather([short("sweden", "Timolol", "S01ED01"), short("iceland", "Timolol", "S01ED01")], ORDER)
    assert warn(rows, [Stocked("Timolol", "C07AA06")], ()).new == ()
    assert len(warn(rows, [Stocked("Timolol", None)], ()).new) == 1


def test_a_code_of_many_things_is_the_same_only_under_the_same_name() -> None:
    rows = gather([short("sweden", "Natriumklorid", "B05BB01"), short("iceland", "Natriumklorid", "B05BB01")], ORDER)
    assert warn(rows, [Stocked("Elektrolytter", "B05BB01")], ()).new == ()


def test_a_warning_is_given_once_and_again_only_after_it_was_over_everywhere() -> None:
    key = key_of("Etoposid", "L01CB01")
    both = gather([short("sweden"), short("finland")], ORDER)
    assert warn(both, OURS, {key}).new == ()
    left = warn(gather([short("sweden")], ORDER), OURS, {key})
    assert (left.new, left.over) == ((), frozenset())
    assert warn({}, OURS, {key}).over == {key}


def test_a_row_whose_code_is_not_known_counts_under_the_name() -> None:
    rows = gather([short("sweden"), short("denmark", atc=None)], ORDER)
    (found,) = warn(rows, OURS, ()).new
    assert found.neighbours == ("sweden", "denmark")


def test_the_last_end_is_said_and_none_where_one_is_unknown() -> None:
    rows = gather([short("sweden", end="2026-05-01"), short("sweden", end="2026-08-01"), short("finland")], ORDER)
    sweden, finland = rows[key_of("Etoposid", "L01CB01")].countries
    assert (sweden.notices, sweden.end, finland.end) == (2, dt.date(2026, 8, 1), None)


OWN_HEADINGS: dict[str, tuple[str, str]] = {
    "sweden": (
        "Produktnamn;Aktiv substans;Styrka;Förpackning;ATC-kod;Första dag för restsituation;Prognos slutdatum;Status",
        "Etoposid Accord;etoposid;20 mg/ml;1 x 5 ml;L01CB01;2026-03-16;2026-06-01;Pågående",
    ),
    "finland": (
        "Lääkevalmiste;Vaikuttava aine;Pakkauskoko;ATC-koodi;Häiriön alkamispäivä;Häiriön arvioitu päättymispäivä",
        "Etoposid Accord;etoposidi;1 x 5 ml;L01CB01;16.3.2026;1.6.2026",
    ),
    "denmark": ("Lægemiddel;Forventet periode;Årsag", "Etoposid Accord;Midt marts 2026 - juni 2026;Produktion"),
    "iceland": (
        "Heiti lyfs;Virkt innihaldsefni;Styrkur;Lyfjaform;Magn;ATC flokkur;Upphaf skorts;Áætluð lok",
        "Etoposid Accord;Etoposidum INN;20 mg/ml;Innrennslisþykkni;5 ml;L01CB01;16.03.2026;01.06.2026",
    ),
    "germany": (
        "Arzneimittelbezeichnung;Wirkstoffe;ATC-Code;Beginn;Ende;Art des Grundes",
        "Etoposid Accord;Etoposid;L01CB01;16.03.2026;01.06.2026;Produktionsproblem",
    ),
}
"""Register → the headings of its own page in its own language, and a row."""


@pytest.mark.parametrize("id", OWN_HEADINGS)
def test_the_headings_of_each_country_in_its_own_language_are_read(id: str) -> None:
    row = one(REGISTERS[id], "\n".join(OWN_HEADINGS[id]).encode())
    assert row.name.startswith("Etoposid Accord") and row.status is NoticeStatus.ONGOING and not row.veterinary
    assert row.start == (dt.date(2026, 3, 11) if id == "denmark" else dt.date(2026, 3, 16))
    assert row.end == (dt.date(2026, 6, 30) if id == "denmark" else dt.date(2026, 6, 1))


SHORTAGES = Path(__file__).parents[3].parent / "shared" / "data" / "shortages"
"""Beside the checkout: real lists, which are not shipped."""

REAL = {  # file → rows, of them open, of them with a date, of them with a code
    "SE_Lakemedelsverket_shortage_2026-03-12.csv": ("sweden", 1102, 1102, 1102, 1101),
    "FI_FIMEA_shortage_2026-03-12.csv": ("finland", 727, 727, 727, 727),
    "DK_LMST_shortage_2026-03-13.csv": ("denmark", 20, 20, 8, 1),
    "IS_Lyfjastofnun_shortage_2026-03-12.csv": ("iceland", 2436, 277, 2436, 2436),
    "DE_BfArM_shortage_2026-03-12.csv": ("germany", 546, 526, 546, 536),
    "EU_EMA_shortage_2026-03-12.csv": ("ema", 20, 10, 0, 19),
    "canada_2023-2024_dev.csv": ("canada", 1564, 197, 1564, 0),
}


@pytest.mark.parametrize("filename", REAL)
def test_a_real_list_is_known_by_its_form_and_read_without_a_fault(filename: str) -> None:
    path = SHORTAGES / filename
    if not path.exists():
        pytest.skip(f"not here: {path}")
    id, rows, open_rows, dated, coded = REAL[filename]
    data = path.read_bytes()
    assert recognise(data, filename) is REGISTERS[id]
    read = read_abroad(REGISTERS[id], data, filename)
    assert not read.faults
    assert (
        len(read.rows),
        sum(row.status.is_open for row in read.rows),
        sum(row.start is not None for row in read.rows),
        sum(bool(row.atc) for row in read.rows),
    ) == (rows, open_rows, dated, coded)


EMAS_ROWS = {  # the normalised list's columns → those of EMA's own answer
    "medicine_name": "medicine_affected",
    "active_substance": "international_non_proprietary_name_inn_or_common_name",
    "pharmaceutical_form": "pharmaceutical_forms_affected",
    "strength": "strengths_affected",
    "shortage_start": "start_of_shortage_date",
    "estimated_end": "expected_resolution_date",
    "status": "supply_shortage_status",
}


def test_emas_real_rows_in_emas_own_json_say_the_same_as_in_the_csv() -> None:
    path = SHORTAGES / "EU_EMA_shortage_2026-03-12.csv"
    if not path.exists():
        pytest.skip(f"not here: {path}")
    table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    answer = [{theirs: row[ours] for ours, theirs in EMAS_ROWS.items()} for row in table]
    data = json.dumps({"data": answer}).encode()
    assert recognise(data, "shortages.json") is EMA
    assert [(row.name, row.substance, row.status) for row in read_abroad(EMA, data, "shortages.json").rows] == [
        (row.name, row.substance, row.status) for row in read_abroad(EMA, path.read_bytes(), path.name).rows
    ]
