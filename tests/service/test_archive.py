"""A case's archive copy has all that is known, said and decided, and is made before anything is erased."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from bot.app import assemble
from bot.cases.archive import COLUMNS, TABLES, Access
from bot.cases.forms import CaseForm, ClosingForm, ConnectionForm, OnBehalf
from bot.cases.vocabulary import CameBy, Criticality, Group, Outcome, Region, Solution, Status, SystemFactor, Visibility
from bot.clock import SetClock
from bot.delivery.threads import Remark, as_plain
from bot.delivery.uploads import Paper
from bot.messages.values import Mention
from bot.paper import Printer
from bot.people.roles import Action
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from storage import archive as stored
from storage.personal_data import keys_in
from storage.tables import AuditEntry, OutboxEntry, Person, ShortageCase, ShortageReport, StockSheet
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of, settings_for

KARI = "U0KARI0001"
NOTE = "Vi har til torsdag"
A_YEAR = dt.timedelta(days=400)


async def a_case(services: Services) -> str:
    """Kari has reported Valtrex; Siri has taken it, written all that there is to write, and published it."""
    kari, siri = await person(services, KARI), await person(services, SIRI)
    form = report_of(medicine(services, "valtrex tab 500 mg"), note=NOTE)
    number = (await services.reporting.report(form, kari, key="r1")).number
    await services.cases.take(number, siri, key="t1")
    everything = CaseForm.about(
        expected_end=dt.date(2025, 9, 15),
        criticality=Criticality.HIGH,
        groups=(Group.CHILDREN,),
        affected="Transplanterte barn",
        regions=(Region.NORTH,),
        system_factors=(SystemFactor.FOCUS,),
        patient_consequences="Behandling utsettes",
        cost_consequences="Dyrere utenlandske pakninger",
        extra_cost_nok=120_000,
        in_use=(Solution.FOREIGN_PACKS,),
        substitute="Zovirax",
    )
    await services.cases.update(number, everything, siri, key="u1")
    await services.cases.update(number, CaseForm.about(expected_end=dt.date(2025, 10, 1)), siri, key="u2")
    document = ConnectionForm(address="https://example.org/brev.pdf", title="Informasjonsbrev")
    await services.joining.connect(number, document, siri, key="d1")
    await services.cases.publish(number, Visibility.PUBLISHED, "Bruk Zovirax.", siri, key="p1")
    return number


async def closed(services: Services, number: str) -> None:
    form = ClosingForm(Status.CLOSED, Outcome.SUBSTITUTED, None, "Varen er tilbake", helped=(Solution.FOREIGN_PACKS,))
    await services.cases.close(number, form, await person(services, SIRI), key="c1")


async def sent(database: Database) -> None:
    """Everything in the outbox has been delivered."""
    async with database.unit_of_work() as uow:
        for row in await uow.session.scalars(select(OutboxEntry)):
            row.state, row.sent_at, row.ts = "sent", uow.now, f"1751878800.{row.id:06d}"


async def test_the_copy_has_everything_that_is_known_said_and_decided(services: Services, database: Database) -> None:
    number = await a_case(services)
    await closed(services, number)
    await sent(database)
    siri = await person(services, SIRI)
    thread = (
        Remark(dt.datetime(2025, 7, 7, 10, tzinfo=dt.UTC), Mention(KARI), f"<@{SIRI}> ringte &lt;leverandøren&gt;"),
        Remark(dt.datetime(2025, 7, 7, 11, tzinfo=dt.UTC), Mention(KARI), None),
    )
    copy = await services.archive.copy(number, siri, thread)
    page = copy.page(Printer(clock=services.clock), {SIRI: "Siri Senter", KARI: "Kari Lege"}, "nb")
    for said in (
        number,
        "Valtrex",
        NOTE,
        "UNN Tromsø",
        "Kari Lege",
        "15. sept. 2025",
        "1. okt. 2025",
        "Høy",
        "Barn",
        "Transplanterte barn",
        "Helse Nord",
        "Ligger på Fokuslisten",
        "Behandling utsettes",
        "Dyrere utenlandske",
        "120000",
        "Utenlandske pakninger",
        "Zovirax",
        "Bruk Zovirax.",
        "Informasjonsbrev",
        "https://example.org/brev.pdf",
        "Varen er tilbake",
        "Løst med erstatning",
        "@Siri Senter ringte &lt;leverandøren&gt;",
        "fødselsnummer",
        "Siri Senter har tatt saken",
        copy.sha256,
    ):
        assert said in page, said
    assert "<@" not in page and "&lt;@" not in page
    data = json.loads(copy.as_json)
    assert data["case"] == number
    assert set(data["tables"]) >= {
        "shortage_case",
        "shortage_report",
        "end_date",
        "case_document",
        "case_solution",
        "audit",
        "outbox",
    }
    assert [row["end"] for row in data["tables"]["end_date"]["rows"]] == ["2025-09-15", "2025-10-01"]
    keys = [row["key"] for row in data["tables"]["outbox"]["rows"]]
    assert f"card:{number}" in keys and "receipt:1" in keys
    assert data["people"].keys() == {siri.person, (await person(services, KARI)).person}
    assert data["thread"]["messages"][1] == {
        "at": "2025-07-07T11:00:00+00:00",
        "who": KARI,
        "text": None,
        "withheld": True,
        "files": [],
    }


async def test_each_part_says_what_has_to_be_considered_before_it_is_read_outside(
    services: Services, database: Database
) -> None:
    number = await a_case(services)
    data = (await services.archive.copy(number, None, ())).data["tables"]
    assert data["shortage_report"]["access"] == Access.PERSONAL.value
    case = data["shortage_case"]["access_of_columns"]
    assert case["extra_cost_nok"] == Access.BUSINESS.value
    assert case["owner"] == Access.PERSONAL.value
    assert case["advice"] == Access.OPEN.value
    assert "substitute" not in case and data["shortage_case"]["access"] == Access.INTERNAL.value
    await services.cases.publish(number, Visibility.INTERNAL, "Bruk Zovirax.", await person(services, SIRI), key="p2")
    again = (await services.archive.copy(number, None, ())).data["tables"]["shortage_case"]["access_of_columns"]
    assert Access.OPEN.value not in again.values()


def test_every_mark_is_of_a_table_and_a_column_that_there_are() -> None:
    tables = SQLModel.metadata.tables
    assert TABLES.keys() <= tables.keys()
    assert all(name.split(".")[1] in tables[name.split(".")[0]].c for name in COLUMNS)
    of_people = {f"{name}.{one.name}" for name, table in tables.items() for one in keys_in(table)}
    assert not of_people & COLUMNS.keys(), "what points at a person is marked by itself"


async def test_every_table_that_points_at_a_case_is_in_its_copy(services: Services, database: Database) -> None:
    """A new table that belongs to a case needs nobody to remember it."""
    number = await a_case(services)
    async with database.read() as session:
        case = (await session.scalars(select(ShortageCase).where(ShortageCase.number == number))).one()
        ids: dict[str, list[int]] = {"shortage_case": [case.id or 0], "restriction": [1], "allocation": [1]}
        for table in SQLModel.metadata.sorted_tables:
            above = {key.column.table.name for column in table.columns for key in column.foreign_keys}
            if above & ids.keys() or "case_number" in table.c:
                assert stored._belongs(table, case, ids) is not None, table.name


async def test_only_the_centre_makes_a_copy_and_reads_the_log(services: Services) -> None:
    number = await a_case(services)
    kari = await person(services, KARI)
    assert not kari.may(Action.WORK_ON_CASE)
    with pytest.raises(NotAllowed):
        await services.archive.copy(number, kari, ())
    with pytest.raises(NotAllowed):
        await services.archive.with_thread(number, kari, None)
    with pytest.raises(NotAllowed):
        await services.records.read_log(number, 1, kari)
    with pytest.raises(Refused, match="Fant ikke sak"):
        await services.archive.copy("2031-0001", None, ())


async def test_the_log_is_read_in_words_newest_first_with_what_stood_there_before(services: Services) -> None:
    number = await a_case(services)
    siri = await person(services, SIRI)
    log = await services.records.read_log(number, 1, siri)
    assert log.entries[0].what.source == "synlighet endret"
    said = [str(detail) for entry in log.entries for detail in entry.details]
    assert "ny sluttdato 2025-10-01 (før: 2025-09-15)" in said
    assert {entry.who for entry in log.entries} == {Mention(SIRI), Mention(KARI)}
    assert (await services.records.read_log(number, 99, siri)).page == log.pages


async def keeps(database: Database, clock: SetClock, folder: Path, **days: int) -> Services:
    made = assemble(settings_for(retention={"archive_folder": folder, **days}), database, clock)
    await made.stock.ensure_pools()
    return made


async def test_nothing_is_erased_unless_it_is_set(services: Services, database: Database, clock: SetClock) -> None:
    number = await a_case(services)
    await closed(services, number)
    clock.advance(dt.timedelta(days=36_500))
    assert sum(vars_of(await services.retention.erase(None))) == 0
    async with database.read() as session:
        assert (await session.scalars(select(ShortageReport.note))).all() == [NOTE]


def vars_of(kept: object) -> list[int]:
    return [getattr(kept, name) for name in ("cases", "messages", "files", "people", "waiting")]


async def test_an_ended_case_is_erased_after_its_copy_and_stays_a_case(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    services = await keeps(database, clock, tmp_path / "arkiv", ended_cases=365)
    number = await a_case(services)
    told = OnBehalf(CameBy.PHONE, who="Overlege Nordmann")
    form = report_of(medicine(services, "valtrex tab 500 mg"), on_behalf=told)
    await services.reporting.report(form, await person(services, SIRI), key="r2")
    await closed(services, number)
    await sent(database)
    clock.advance(A_YEAR)
    assert (await services.retention.due()).cases == 1
    assert (await services.retention.erase(None)).cases == 1
    (data,) = (tmp_path / "arkiv").glob(f"{number}-*.json")
    kept = json.loads(data.read_text(encoding="utf-8"))
    assert [row["note"] for row in kept["tables"]["shortage_report"]["rows"]] == [NOTE, None]
    (page,) = (tmp_path / "arkiv").glob(f"{number}-*.html")
    assert "Overlege Nordmann" in page.read_text(encoding="utf-8")
    async with database.read() as session:
        for report in await session.scalars(select(ShortageReport)):
            assert (report.note, report.typed, report.told_by) == (None, "", None)
            assert (report.place, report.runs_out) == ("UNN Tromsø", "3_days")
        assert not [row.key for row in await session.scalars(select(OutboxEntry)) if row.text]
        log = (await session.scalars(select(AuditEntry).where(AuditEntry.subject == f"case:{number}"))).all()
        case = (await session.scalars(select(ShortageCase))).one()
    assert [entry.action for entry in log][-2:] == ["archived", "erased"]
    assert log[-2].details["sha256"] == hashlib.sha256(data.read_bytes()).hexdigest()
    assert case.close_reason == "Varen er tilbake"
    assert (await services.retention.due()).cases == 0
    assert (await services.retention.erase(None)).cases == 0
    found = await services.cases.case(number)
    assert found is not None and len(found.reports) == 2
    await services.cases.reopen(number, "Tomt igjen", await person(services, SIRI), key="o1")
    again = (await services.archive.copy(number, None, ())).page(Printer(clock=clock), {}, "nb")
    assert "slettet" in again and NOTE not in again


async def test_an_open_case_and_one_without_its_copy_lose_nothing(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    (tmp_path / "arkiv").write_text("en fil der mappen skulle vært", encoding="utf-8")
    services = await keeps(database, clock, tmp_path / "arkiv", ended_cases=365, messages=365)
    number = await a_case(services)
    await sent(database)
    clock.advance(A_YEAR)
    before = await services.retention.due()
    assert before.cases == 0
    await services.retention.erase(None)
    async with database.read() as session:
        about = await session.scalars(select(OutboxEntry).where(stored.about(number)))
        assert all(row.text for row in about)
    await closed(services, number)
    clock.advance(A_YEAR)
    with pytest.raises(OSError, match="arkiv"):
        await services.retention.erase(None)
    async with database.read() as session:
        assert (await session.scalars(select(ShortageReport.note))).all() == [NOTE]


async def test_a_case_that_is_changed_while_its_copy_is_made_is_left(
    database: Database, clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = await keeps(database, clock, tmp_path, ended_cases=365)
    number = await a_case(services)
    await closed(services, number)
    clock.advance(A_YEAR)

    async def meanwhile(*_: object) -> list[Paper]:
        await services.cases.reopen(number, "Tomt igjen", await person(services, SIRI), key="o1")
        return []

    monkeypatch.setattr(services.archive, "papers", meanwhile)
    assert (await services.retention.erase(None)).cases == 0
    async with database.read() as session:
        assert (await session.scalars(select(ShortageReport.note))).all() == [NOTE]


async def test_messages_files_and_people_go_by_their_own_days(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    services = await keeps(database, clock, tmp_path, messages=365, files=365, people=365)
    kari, siri = await person(services, KARI), await person(services, SIRI)
    async with database.unit_of_work() as uow:
        await uow.say("handover:1", SIRI, "Sakene er dine", [])
        await uow.say("digest:2025-W28", "C0MEETING1", "Møtelisten", [])
        for state in ("stored", "preview"):
            await uow.add(
                StockSheet(
                    id=state,
                    filename=f"{state}.csv",
                    sha256="0" * 64,
                    content=b"tall",
                    sent_by=kari.person,
                    received_at=uow.now,
                    state=state,
                )
            )
    await sent(database)
    clock.advance(A_YEAR)
    due = await services.retention.due()
    assert vars_of(due) == [0, 1, 1, 1, 0]
    assert await services.retention.erase(None) == due
    async with database.read() as session:
        assert {row.key: row.text for row in await session.scalars(select(OutboxEntry))} == {
            "handover:1": "",
            "digest:2025-W28": "Møtelisten",
        }
        assert {row.id: row.content for row in await session.scalars(select(StockSheet))} == {
            "stored": b"",
            "preview": b"tall",
        }
        known = {row.id: row.slack_user for row in await session.scalars(select(Person))}
    assert known == {kari.person: None, siri.person: SIRI}, "who has been granted something is not forgotten"
    assert sum(vars_of(await services.retention.erase(None))) == 0


async def test_nobody_is_forgotten_who_waits_for_an_answer_or_whose_grants_are_not_known(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    services = await keeps(database, clock, tmp_path, people=365)
    await a_case(services)
    clock.advance(A_YEAR)
    assert (await services.retention.due()).people == 0
    await closed(services, "2025-0001")
    clock.advance(A_YEAR)
    assert (await services.retention.due()).people == 1
    grouped = assemble(settings_for(centre_group="S0CENTRE01", retention={"people": 365}), database, clock)
    assert (await grouped.retention.due()).people == 0


def test_slacks_markup_is_read_as_people_see_it() -> None:
    text = "<@U0KARI0001> se <https://x.no/a|brevet> og <https://x.no/b>, 3 &lt; 5"
    assert as_plain(text, {"U0KARI0001": "Kari"}) == "@Kari se brevet (https://x.no/a) og https://x.no/b, 3 < 5"
