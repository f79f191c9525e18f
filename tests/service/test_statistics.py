"""History in and the year's figures out, through the command line, on both databases."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.etree
import openpyxl
import PIL.Image
import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.cases.forms import ClosingForm
from bot.cases.lists import Wanted
from bot.cases.statistics import Period
from bot.cases.vocabulary import Outcome, Solution, Status
from bot.clock import SetClock
from bot.people.roles import Actor, Role
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from storage.tables import AuditEntry, CaseImport, OutboxEntry, RegisterList, ShortageCase
from storage.unit_of_work import Database
from tests.seed import register as seed
from tests.service.conftest import SIRI, medicine, person, report_of
from tests.service.shell import Shell

NEXT_YEAR = dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC)
SEED = seed.as_csv(seed.register())
HEADINGS = "saksnummer;virkestoff;preparat;atc;registrert;kilde;årsak;status;start;slutt;meldt;avsluttet\n"
THREE = (
    "2024-0007;Meropenem;;J01DH02;ja;DMP;Produksjon;Avsluttet;01.02.2024;01.05.2024;15.01.2024;02.05.2024\n"
    "2025-0003;Etoposid;;L01CB01;ja;Sykehus;;Pågående;01.05.2025;;10.04.2025;\n"
    "A-17;Doksysyklin;;J01AA02;nei;Sykehusapotek;;;;;;\n"
)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str
) -> Shell:
    """A shell over a database of each kind."""
    made = Shell(tmp_path, monkeypatch, capsys)
    made.environment["DATABASE_URL"] = database_url
    return made


# --- the published figures ---


def test_the_register_of_published_figures_gives_the_published_figures(shell: Shell) -> None:
    done = shell("register", "import", "cases", shell.file("register.csv", SEED))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1251 nye saker" in done.stdout

    said = shell.rows("statistics", "--json", "--year", "2025")
    assert [said[name] for name in ("year", "handled", "new", "carried_over", "closed")] == [2025, 477, 387, 90, 321]
    assert (said["open_at_year_end"], said["substances"]) == (156, 253)
    assert said["sources_total"] == 467
    assert said["sources"] == {
        "Barnenettverket": 3,
        "DMP": 335,
        "Mangel- og beredskapssenteret": 47,
        "Sykehus": 8,
        "Sykehusapotek": 25,
        "Sykehusinnkjøp HF": 49,
    }
    assert said["not_dmp"] == {"n": 132, "share": 28.3, "registered": 110, "unregistered": 22}
    assert said["durations"] == {"n": 363, "mean": 164, "median": 85, "min": 1, "max": 2151, "year_or_more": 35}
    assert [said["atc"][letter] for letter in "JLN"] == [89, 89, 65]
    assert (said["unregistered"]["n"], said["unregistered"]["share"]) == (22, 4.6)

    for year, n, handled, share in ((2022, 26, 251, 10.4), (2023, 51, 371, 13.7), (2024, 32, 392, 8.2)):
        then = shell.rows("statistics", "--json", "--year", str(year))
        assert (then["handled"], then["unregistered"]["n"], then["unregistered"]["share"]) == (handled, n, share)

    text = shell("statistics", "--year", "2025").stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in (
        "Behandlet 477",
        "– nye 387",
        "– overført fra før 90",
        "Avsluttet 321",
        "Unike virkestoffer 253",
        "Saker med registrert start og slutt 363",
        "Gjennomsnitt, dager 164",
        "Median, dager 85",
        "Korteste, dager 1",
        "Lengste, dager 2151",
        "Ett år eller mer, saker 35",
        "Oppgitt kilde i alt 467",
        "Varslet av andre enn DMP 132 28,3 %",
        "– med markedsføringstillatelse 110",
        "– uten markedsføringstillatelse 22",
        "2022 26 251 10,4 %",
        "2023 51 371 13,7 %",
        "2024 32 392 8,2 %",
        "2025 22 477 4,6 %",
    ):
        assert line in lines, line


def test_the_seed_is_the_same_every_time() -> None:
    assert seed.as_csv(seed.register()) == SEED


# --- history in ---


def cases_in(shell: Shell) -> int:
    """How many cases of any year there are."""
    return sum(shell.rows("statistics", "--json", "--year", str(year))["new"] for year in (2024, 2025))


def test_a_dry_run_shows_what_would_happen_and_stores_nothing(shell: Shell) -> None:
    path = shell.file("saker.csv", HEADINGS + THREE)
    said = shell.rows("register", "import", "cases", "--dry-run", "--json", path)
    assert (said["rows"], said["new"], said["changed"], said["unchanged"], said["stored"]) == (3, 3, 0, 0, False)
    assert said["noticed"] == {"2024": 1, "2025": 1}
    assert any("telles ikke i noe år: 1" in remark for remark in said["remarks"])
    assert "3 nye saker" in shell("register", "import", "cases", "--dry-run", path).stdout
    assert cases_in(shell) == 0


def test_the_same_file_twice_changes_nothing(shell: Shell) -> None:
    path = shell.file("saker.csv", HEADINGS + THREE)
    assert shell("register", "import", "cases", path).returncode == 0
    again = shell("register", "import", "cases", path)
    assert (again.returncode, again.stderr) == (0, "")
    assert "Ingenting er endret" in again.stdout
    other_name = shell("register", "import", "cases", shell.file("kopi.csv", HEADINGS + THREE + ";;;\n"))
    assert "0 nye saker, 0 endret, 3 uendret" in other_name.stdout
    assert cases_in(shell) == 2


def test_a_newer_register_brings_cases_up_to_date_and_undo_takes_it_back(shell: Shell) -> None:
    shell("register", "import", "cases", shell.file("saker.csv", HEADINGS + THREE))
    closed = THREE.replace("Pågående;01.05.2025;;10.04.2025;", "Avsluttet;01.05.2025;15.09.2025;10.04.2025;16.09.2025")
    newer = closed + "2025-0004;Meropenem;;;;;;;;;01.06.2025;\n"
    done = shell("register", "import", "cases", shell.file("nyere.csv", HEADINGS + newer))
    assert "1 nye saker, 1 endret, 2 uendret" in done.stdout
    assert shell.rows("statistics", "--json", "--year", "2025")["closed"] == 1

    assert "nyere.csv er angret: 1 saker fjernet, 1 satt tilbake" in shell("register", "undo", "cases").stdout
    said = shell.rows("statistics", "--json", "--year", "2025")
    assert (said["handled"], said["closed"], said["durations"]["n"]) == (1, 0, 0)
    assert "3 saker fjernet" in shell("register", "undo", "cases").stdout
    assert cases_in(shell) == 0
    assert "Ingen import" in shell.fails("register", "undo", "cases")


FAULTY = (
    "2025-0001;Meropenem;;;;;;;01.05.2025;30.04.2025;10.04.2025;\n"
    "2024-0007;Meropenem;;;;;;;;;10.04.2025;\n"
    "2025-0002;Meropenem;;;;;;;05/06/2025;;10.04.2025;\n"
)


def test_a_file_with_faults_stores_nothing_and_names_each(shell: Shell) -> None:
    done = shell("register", "import", "cases", shell.file("saker.csv", HEADINGS + THREE + FAULTY))
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert all(value in line for value, line in zip(("30.04.2025", "2024-0007", "05/06/2025"), lines, strict=False))
    assert all(f"Rad {row}" in line for row, line in zip((5, 6, 7), lines, strict=False))
    assert "ingenting er lagret" in lines[3]
    assert cases_in(shell) == 0


def test_with_partial_the_rows_without_faults_are_stored(shell: Shell) -> None:
    done = shell("register", "import", "cases", "--partial", shell.file("saker.csv", HEADINGS + THREE + FAULTY))
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 3)
    assert "3 nye saker" in done.stdout
    assert cases_in(shell) == 2


def test_a_file_with_two_date_formats_stores_nothing_even_with_partial(shell: Shell) -> None:
    path = shell.file("saker.csv", HEADINGS + THREE + "9;Meropenem;;;;;;;2025-05-01;;;\n")
    line = shell("register", "import", "cases", "--partial", path).stderr.splitlines()[0]
    assert "to datoformater" in line
    assert cases_in(shell) == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 og ikke mer", b"\x00\x01\x02", b"bare ord\n"])
def test_a_file_that_is_no_register_is_refused(shell: Shell, content: bytes) -> None:
    done = shell("register", "import", "cases", shell.file("saker.xlsx", content))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mangelvakt: saker.xlsx: ")


def test_what_headings_mean_is_said_once(shell: Shell) -> None:
    path = shell.file("saker.csv", "Saksnr;Stoff;Dato inn\n1;Meropenem;01.05.2025\n")
    assert "--map" in shell("register", "import", "cases", path).stderr
    said = ("--map", "Saksnr=saksnummer", "--map", "Stoff=virkestoff", "--map", "Dato inn=meldt")
    assert shell("register", "import", "cases", "--dry-run", path, *said).returncode == 0
    assert shell("register", "import", "cases", path).returncode == 1, "a dry run remembers nothing"
    assert shell("register", "import", "cases", path, *said).returncode == 0
    other = shell.file("flere.csv", "Saksnr;Stoff;Dato inn\n2;Etoposid;02.05.2025\n")
    assert "1 nye saker" in shell("register", "import", "cases", other).stdout
    assert shell.rows("statistics", "--json", "--year", "2025")["handled"] == 2
    assert "tull" in shell.fails("register", "import", "cases", path, "--map", "Saksnr=tull", code=2)
    assert "Finnes ikke".casefold() in shell("register", "import", "cases", path, "--map", "Finnes ikke=atc").stderr


# --- the year's figures out ---


def test_a_year_without_cases_says_so(shell: Shell) -> None:
    said = shell.rows("statistics", "--json", "--year", "2003")
    assert (said["handled"], said["durations"]["mean"], said["not_dmp"]["share"]) == (0, None, None)
    done = shell("statistics", "--year", "2003")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Ingen saker" in done.stdout
    for form in ("csv", "rapport", "json"):
        assert shell("statistics", "--year", "2003", "--format", form).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--year", "tjue"],
        ["--year", "25"],
        ["--year", "1999"],
        ["--year", "2025", "--from", "2025-01-01"],
        ["--from", "2025-01-01"],
        ["--from", "2025-02-01", "--to", "2025-01-01"],
        ["--format", "tull"],
        ["--format", "xlsx"],
        ["--filter", "atc"],
        ["--filter", "farge=blå"],
        ["--filter", "kilde=naboen"],
    ],
)
def test_a_wrong_call_is_two(shell: Shell, words: list[str]) -> None:
    shell.fails("statistics", *words, code=2)


def test_any_period_and_any_filter(shell: Shell) -> None:
    shell("register", "import", "cases", shell.file("register.csv", SEED))
    whole = shell.rows("statistics", "--format", "json", "--from", "2025-01-01", "--to", "2025-12-31")
    assert (whole["handled"], whole["year"]) == (477, 2025)
    half = shell.rows("statistics", "--format", "json", "--from", "2025-01-01", "--to", "2025-06-30")
    assert (half["year"], half["last_day"], half["carried_over"]) == (None, "2025-06-30", 90)
    j = shell.rows("statistics", "--json", "--year", "2025", "--filter", "atc=J", "--filter", "kilde=DMP")
    assert j["atc"] == {"J": j["handled"]}
    assert j["sources"]["DMP"] == j["handled"] > 0


def test_files_open_as_what_they_are(shell: Shell) -> None:
    evil = "2025-0009;=1+1;@cmd;J01DH02;ja;DMP;;Avsluttet;01.02.2025;01.05.2025;15.01.2025;02.05.2025\n"
    shell("register", "import", "cases", shell.file("saker.csv", HEADINGS + THREE + evil))
    path = shell.folder / "tall.xlsx"
    done = shell("statistics", "--year", "2025", "--format", "xlsx", "--output", str(path))
    assert (done.returncode, str(path) in done.stdout) == (0, True)
    book = openpyxl.load_workbook(path)
    figures = {row[0].value: row[1] for row in book["Tall"].iter_rows()}
    assert (figures["Behandlet"].value, figures["Behandlet"].data_type) == (2, "n")
    headings, *rows = book["Saker"].iter_rows()
    cells = dict(zip([cell.value for cell in headings], rows[-1], strict=True))
    assert (cells["Saksnummer"].value, cells["Start"].value) == ("2025-0009", dt.datetime(2025, 2, 1))
    assert cells["Start"].is_date
    assert (cells["Varighet, dager"].value, cells["Varighet, dager"].data_type) == (89, "n")
    assert [(cells[name].value, cells[name].data_type) for name in ("Virkestoff", "Preparat")] == [
        ("=1+1", "s"),
        ("@cmd", "s"),
    ]

    written = shell("statistics", "--year", "2025", "--format", "csv").stdout
    rows_ = list(csv.reader(io.StringIO(written), delimiter=";"))
    assert rows_[0] == ["tabell", "rad", "kolonne", "verdi"]
    assert ["Saker", "Behandlet", "Antall", "2"] in rows_
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows_ for cell in row)


def test_the_pictures_say_in_words_what_they_show(shell: Shell) -> None:
    shell("register", "import", "cases", shell.file("register.csv", SEED))
    said = ("J Antiinfektiva til systemisk bruk 89", "2023 51 (13,7 %)", "2025 22 (4,6 %)", "477 behandlet")
    png, svg = shell.folder / "tall.png", shell.folder / "tall.svg"
    for path in (png, svg):
        done = shell("statistics", "--year", "2025", "--format", path.suffix[1:], "--output", str(path))
        assert (done.returncode, done.stderr) == (0, "")
        assert all(words in done.stdout for words in said)
    picture = PIL.Image.open(png)
    picture.load()
    assert all(words in picture.info["Description"] for words in said)
    title = lxml.etree.parse(svg).findtext("{http://www.w3.org/2000/svg}title")
    assert title == picture.info["Description"]
    assert shell("statistics", "--year", "2003", "--format", "png", "--output", str(png)).returncode == 0


def test_the_section_for_the_annual_report(shell: Shell) -> None:
    shell("register", "import", "cases", shell.file("register.csv", SEED))
    path = shell.folder / "rapport.md"
    assert shell("statistics", "--year", "2025", "--format", "rapport", "--output", str(path)).returncode == 0
    said = path.read_text(encoding="utf-8")
    for words in (
        "I 2025 behandlet Mangel- og beredskapssenteret i alt 477 mangelsaker.",
        "Av disse var 387 nye, mens 90 var overført fra før. I alt 321 ble avsluttet, og 156 var åpne ved utgangen.",
        "Gjennomsnittlig lengde var 164 dager (spredning 1 til 2151 dager), og median varighet 85 dager.",
        "Ett år eller mer varte 35 mangler.",
        "I alt 335 saker var meldt via DMP, mens 132 (28,3 %) ble varslet av andre.",
        "Av de 132 gjaldt 110 legemidler med markedsføringstillatelse og 22 legemidler uten.",
        "I alt 22 av 477 mangler (4,6 %) gjaldt uregistrerte preparater.",
        "| 2023 | 51 | 371 | 13,7 % |",
        "| Sykehusinnkjøp HF | 49 |",
    ):
        assert words in said, words


# --- as part of the house ---


async def rows(database: Database, table: type[Any]) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))


async def test_imported_cases_are_cases_and_nothing_is_said_of_them(services: Services, database: Database) -> None:
    done = await services.register.take_in((HEADINGS + THREE).encode(), "saker.csv", {})
    assert done.stored
    assert await rows(database, OutboxEntry) == []
    said = [one for one in await rows(database, AuditEntry) if one.subject.startswith("import:")]
    assert [(one.action, one.details["added"]) for one in said] == [("cases_imported", 3)]
    (made,) = await rows(database, CaseImport)
    assert {case.import_id for case in await rows(database, ShortageCase)} == {made.id}
    siri = await person(services, SIRI)
    assert {case.number for case in (await services.lists.open_cases(Wanted(), 1, siri)).cases} == {"2025-0003", "A-17"}
    desk = await services.home.desk(siri)
    assert desk.open_count == 2


async def test_own_numbers_go_on_after_those_that_were_imported(services: Services) -> None:
    await services.register.take_in((HEADINGS + THREE).encode(), "saker.csv", {})
    kari = await person(services, "U0KARI0001")
    receipt = await services.reporting.report(report_of(medicine(services, "valtrex 500")), kari, key=None)
    assert receipt.number == "2025-0004"


async def test_a_number_of_our_own_is_not_taken(services: Services) -> None:
    kari = await person(services, "U0KARI0001")
    receipt = await services.reporting.report(report_of(medicine(services, "valtrex 500")), kari, key=None)
    row = f"{receipt.number};Meropenem;;;;;;;;;01.05.2025;\n"
    done = await services.register.take_in((HEADINGS + row).encode(), "saker.csv", {})
    assert (done.stored, [fault.value for fault in done.faults]) == (False, [receipt.number])
    assert "finnes her fra før" in str(done.faults[0].line)


async def test_what_somebody_has_worked_on_is_neither_overwritten_nor_taken_back(services: Services) -> None:
    await services.register.take_in((HEADINGS + THREE).encode(), "saker.csv", {})
    siri = await person(services, SIRI)
    await services.cases.take("2025-0003", siri, key=None)
    newer = THREE.replace("Pågående;01.05.2025", "Pågående;02.05.2025")
    done = await services.register.take_in((HEADINGS + newer).encode(), "nyere.csv", {})
    assert (done.stored, done.faults[0].value) == (False, "2025-0003")
    with pytest.raises(Refused, match="2025-0003"):
        await services.register.undo()


async def test_own_work_is_counted_with_the_history(services: Services, clock: SetClock) -> None:
    await services.register.take_in((HEADINGS + THREE).encode(), "saker.csv", {})
    kari, siri = await person(services, "U0KARI0001"), await person(services, SIRI)
    receipt = await services.reporting.report(report_of(medicine(services, "valtrex 500")), kari, key=None)
    clock.advance(dt.timedelta(days=2))
    await services.cases.take(receipt.number, siri, key=None)
    found = await services.statistics.of(Period.of_year(2025))
    assert (found.handled, found.new, found.undated) == (2, 2, 1)
    assert (found.to_action.n, found.to_action.median, dict(found.reports)) == (1, 2, {"UNN Tromsø": 1})


async def test_who_may_see_the_statistics(services: Services) -> None:
    for role in Role:
        actor = Actor("p", "U1", "nb", None, frozenset({Role.CLINICIAN, role}))
        if role in (Role.CENTRE, Role.MEETING, Role.ADMIN):
            await services.statistics.for_actor(actor, Period.of_year(2025))
        else:
            with pytest.raises(NotAllowed):
                await services.statistics.for_actor(actor, Period.of_year(2025))


async def test_the_queries_are_as_many_for_a_thousand_cases_as_for_three(
    services: Services, database: Database, clock: SetClock
) -> None:
    clock.set(NEXT_YEAR)
    asked: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    counts = []
    for content in ((HEADINGS + THREE).encode(), SEED):
        if counts:
            await services.register.undo()
        assert (await services.register.take_in(content, "saker.csv", {})).stored
        asked.clear()
        await services.statistics.of(Period.of_year(2025))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10


async def test_a_thousand_cases_are_stored_by_a_fixed_number_of_statements(
    services: Services, database: Database, clock: SetClock
) -> None:
    clock.set(NEXT_YEAR)
    asked: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    assert (await services.register.take_in(SEED, "register.csv", {})).stored
    assert len(asked) <= 30


def test_the_contract_is_printed_as_json(shell: Shell) -> None:
    said = json.loads(shell("statistics", "--json", "--year", "2025").stdout)
    full = json.loads(shell("statistics", "--format", "json", "--year", "2025").stdout)
    assert full.items() >= said.items()


async def test_what_was_done_is_said_when_a_case_is_closed(services: Services) -> None:
    kari, siri = await person(services, "U0KARI0001"), await person(services, SIRI)
    receipt = await services.reporting.report(report_of(medicine(services, "valtrex 500")), kari, key=None)
    both = ClosingForm(
        Status.CLOSED, Outcome.UNKNOWN, None, "Normal tilgang.", (Solution.FOREIGN_PACKS,), (Solution.FOREIGN_PACKS,)
    )
    with pytest.raises(FormRefused):
        await services.cases.close(receipt.number, both, siri, key=None)
    closing = replace(both, did_not_help=(Solution.LOCAL_PURCHASE,))
    await services.cases.close(receipt.number, closing, siri, key=None)
    found = await services.statistics.of(Period.of_year(2025))
    assert {solution: (tried.worked, tried.did_not) for solution, tried in found.solutions.items()} == {
        Solution.FOREIGN_PACKS: (1, 0),
        Solution.LOCAL_PURCHASE: (0, 1),
    }


# --- a register of past cases that somebody sends ---


async def test_a_sent_register_is_shown_then_read_in_by_its_sender_and_taken_back(
    services: Services, database: Database
) -> None:
    siri, data = await person(services, SIRI), (HEADINGS + THREE).encode()
    assert await services.case_sheets.is_one(data, "saker.csv")
    assert not await services.case_sheets.is_one(b"Legemiddelnavn;Virkestoff(er)\nA;b", "dmp.csv")
    shown = await services.case_sheets.receive(data, "saker.csv", siri, key="a")
    assert shown.list_id is not None and shown.ready == 3
    again = await services.case_sheets.receive(data, "saker.csv", siri, key="a")
    assert again.list_id == shown.list_id, "Slack sent it twice"
    done = await services.case_sheets.confirm(shown.list_id, siri, partial=False)
    assert done.stored and len(done.new) == 3
    with pytest.raises(Refused, match="er allerede lest inn"):
        await services.case_sheets.confirm(shown.list_id, siri, partial=False)
    async with database.read() as session:
        (kept,) = await session.scalars(select(RegisterList))
    assert (kept.state, kept.content) == ("stored", b"")
    assert await services.case_sheets.undo(shown.list_id, siri) == "saker.csv"
    with pytest.raises(Refused, match="lest inn sist"):
        await services.case_sheets.undo(shown.list_id, siri)


async def test_a_sent_register_with_an_identity_number_or_without_a_grant_is_not_kept(
    services: Services, database: Database
) -> None:
    siri, rolf = await person(services, SIRI), await person(services, "U0KLINIKER")
    data = (HEADINGS.strip() + ";notat\n" + THREE.splitlines()[0] + ";13097248022\n").encode()
    shown = await services.case_sheets.receive(data, "saker.csv", siri, key=None)
    assert shown.personal and shown.list_id is None
    with pytest.raises(NotAllowed):
        await services.case_sheets.receive(data, "saker.csv", rolf, key=None)
    async with database.read() as session:
        assert not list(await session.scalars(select(RegisterList)))


async def test_what_was_shown_and_never_answered_is_forgotten_after_a_week(
    services: Services, database: Database, clock: SetClock
) -> None:
    siri = await person(services, SIRI)
    shown = await services.case_sheets.receive((HEADINGS + THREE).encode(), "saker.csv", siri, key=None)
    clock.advance(dt.timedelta(days=6))
    assert await services.case_sheets.forget_old() == 0
    clock.advance(dt.timedelta(days=2))
    assert await services.case_sheets.forget_old() == 1
    with pytest.raises(Refused, match="er forkastet"):
        await services.case_sheets.confirm(shown.list_id or 0, siri, partial=False)
