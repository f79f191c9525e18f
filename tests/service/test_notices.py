"""DMP's list over both databases: read once, decided by people, dates taken, all of it taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from bot.cases.notices import Inbox
from bot.cases.reporting import open_case
from bot.cases.vocabulary import Source
from bot.catalogue.catalogue import Catalogue
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.registers.compare import Proposed
from bot.services import Services
from storage.tables import EndDate, NoticeChange, OutboxEntry, RegisterList, RegisterNotice, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person

ETOPOSIDE = "Etoposid Accord 20 mg/ml konsentrat til infusjonsvæske, oppløsning, 1x5 ml hetteglass;etoposid"
ETOPOSIDE_ROW = ETOPOSIDE + ";01.05.2025;{end};Behandling med annet virkestoff bør vurderes;;Kommende"
IBUX = (
    "Ibux 400 mg tablett, filmdrasjert, 20 stk;ibuprofen;01.06.2025;{end};Likeverdig alternativ tilgjengelig;;Pågående"
)
UNKNOWN = "Ukjentol 5 mg implantat;ukjentol;01.06.2025;01.08.2025;;;Pågående"
DOG = "Metacam vet. 5 mg/ml injeksjonsvæske;meloksikam;01.06.2025;01.08.2025;;;Pågående"


def listed(day: int, *rows: str) -> bytes:
    headings = (
        "Legemiddelnavn;Virkestoff(er);Mangelperiode fra;Mangelperiode til;"
        f"Informasjon/tiltak;Informasjon på nettside;Status pr. {day:02d}.07.2025"
    )
    return "\n".join((headings, *rows)).encode()


def monday(*more: str) -> bytes:
    return listed(7, ETOPOSIDE_ROW.format(end="15.09.2025"), IBUX.format(end="01.08.2025"), UNKNOWN, DOG, *more)


async def rows(database: Database, table: type) -> list:  # type: ignore[type-arg]
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(table.id)))  # type: ignore[attr-defined]


@pytest.fixture
async def siri(services: Services) -> Actor:
    return await person(services, SIRI)


@pytest.fixture
async def inbox(services: Services, siri: Actor) -> Inbox:
    await services.notices.take_in(monday(), "mandag.csv", siri)
    return await services.notices.inbox(siri)


def test_the_catalogue_has_what_these_tests_speak_of() -> None:
    assert Catalogue.shipped().match(ETOPOSIDE.split(";")[0]).candidates[0].substance == "Etoposid"


async def test_a_preview_stores_nothing(services: Services, database: Database, siri: Actor) -> None:
    read = await services.notices.preview(monday(), "mandag.csv", siri)
    assert read.count(Proposed.NEW) == 3
    assert read.count(Proposed.NOT_RELEVANT) == 1
    assert await rows(database, RegisterList) == []
    assert await rows(database, RegisterNotice) == []


async def test_the_inbox_puts_first_what_is_worth_a_look_and_leaves_out_animals(inbox: Inbox) -> None:
    assert [row.names[0].split()[0] for row in inbox.above] == ["Etoposid"]
    assert {row.names[0].split()[0] for row in inbox.below} == {"Ibux", "Ukjentol"}
    assert inbox.as_of == dt.date(2025, 7, 7)


async def test_reading_a_list_opens_and_closes_no_case(inbox: Inbox, services: Services, database: Database) -> None:
    await services.notices.take_in(listed(8), "tom.csv", None)
    assert await rows(database, ShortageCase) == []
    assert all(row.gone for row in await rows(database, RegisterNotice) if not row.veterinary)


async def test_a_row_with_a_fault_is_refused_and_what_was_known_of_it_stays(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    faulty = ETOPOSIDE_ROW.format(end="03/04/2026")
    read = await services.notices.take_in(listed(8, faulty, IBUX.format(end="01.08.2025"), UNKNOWN, DOG), "x.csv", siri)
    assert [proposal.about.name for proposal in read.proposals if proposal.action is Proposed.ENDED] == []
    assert len((await services.notices.inbox(siri)).above) == 1


async def test_the_same_file_twice_changes_nothing_and_says_so(
    inbox: Inbox, services: Services, database: Database
) -> None:
    again = await services.notices.take_in(monday(), "mandag.csv", None)
    assert again.already is not None
    assert again.count(Proposed.SAME) == 3
    assert len(await rows(database, RegisterList)) == 1
    assert await rows(database, NoticeChange) == []


async def test_a_list_older_than_the_newest_is_refused(inbox: Inbox, services: Services) -> None:
    with pytest.raises(Refused, match="er allerede lest"):
        await services.notices.take_in(listed(6, UNKNOWN), "søndag.csv", None)


async def test_a_case_is_opened_from_a_notice_with_its_period_and_source(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    number = await services.notices.open_case_of(inbox.above[0].ids[0], None, siri, key="press")
    assert await services.notices.open_case_of(inbox.above[0].ids[0], None, siri, key="press") == number
    (case,) = await rows(database, ShortageCase)
    assert (case.number, case.source, case.substance) == (number, "dmp", "Etoposid")
    assert (case.start, case.expected_end) == (dt.date(2025, 5, 1), dt.date(2025, 9, 15))
    (end,) = await rows(database, EndDate)
    assert end.source == "DMPs mangelliste 07.07.2025"
    assert any(number in entry.text for entry in await rows(database, OutboxEntry))
    left = await services.notices.inbox(siri)
    assert left.above == ()


async def test_a_notice_whose_preparation_has_a_case_joins_it(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    first = await services.notices.open_case_of(inbox.above[0].ids[0], None, siri, key=None)
    other = ETOPOSIDE_ROW.format(end="20.09.2025").replace("1x5 ml", "10x5 ml")
    both = listed(8, ETOPOSIDE_ROW.format(end="15.09.2025"), other)
    read = await services.notices.take_in(both, "tirsdag.csv", siri)
    assert [found.case for found in read.proposals if found.action is Proposed.EXTEND] == [first]
    (row,) = (await services.notices.inbox(siri)).above
    assert await services.notices.open_case_of(row.ids[0], None, siri, key=None) == first
    assert len(await rows(database, ShortageCase)) == 1


async def test_what_was_not_recognised_is_opened_as_written_or_as_somebody_chose(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    unknown = next(row for row in inbox.below if "Ukjentol" in row.names[0])
    await services.notices.open_case_of(unknown.ids[0], medicine(services, "valtrex 500 mg"), siri, key=None)
    (case,) = await rows(database, ShortageCase)
    assert case.name == "Valtrex tab 500 mg"


async def test_not_relevant_needs_a_reason_and_an_extension_does_not_come_back(
    inbox: Inbox, services: Services, siri: Actor
) -> None:
    ibux = next(row for row in inbox.below if "Ibux" in row.names[0])
    for reason, said in ((" ", "Skriv hvorfor"), ("gjelder 01019012480", "ødselsnummer")):
        with pytest.raises(FormRefused, match=said):
            await services.notices.dismiss(ibux.ids, reason, siri, key=None)
    await services.notices.dismiss(ibux.ids, "finnes i apotek", siri, key=None)
    longer = await services.notices.take_in(listed(8, IBUX.format(end="01.10.2025"), UNKNOWN), "tirsdag.csv", None)
    assert [found.action for found in longer.proposals][:2] == [Proposed.NOT_RELEVANT, Proposed.SAME]
    left = await services.notices.inbox(siri)
    assert not any("Ibux" in name for row in (*left.above, *left.below) for name in row.names)
    with pytest.raises(Refused, match="allerede vurdert"):
        await services.notices.follow(ibux.ids, siri, key=None)


async def test_date_changes_of_followed_cases_are_taken_in_one_go_and_told(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    number = await services.notices.open_case_of(inbox.above[0].ids[0], None, siri, key=None)
    await services.notices.take_in(listed(8, ETOPOSIDE_ROW.format(end="01.11.2025")), "tirsdag.csv", None)
    offered = await services.notices.inbox(siri)
    assert offered.date_changes == ((number, dt.date(2025, 9, 15), dt.date(2025, 11, 1)),)
    assert await services.notices.take_dates(siri, key="press") == 1
    assert await services.notices.take_dates(siri, key="press") == 1
    assert await services.notices.take_dates(siri, key=None) == 0
    (case,) = await rows(database, ShortageCase)
    assert case.expected_end == dt.date(2025, 11, 1)
    assert [end.source for end in await rows(database, EndDate)][-1] == "DMPs mangelliste 08.07.2025"


async def test_a_notice_that_is_gone_changes_no_date(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    await services.notices.open_case_of(inbox.above[0].ids[0], None, siri, key=None)
    await services.notices.take_in(listed(8), "tom.csv", None)
    assert (await services.notices.inbox(siri)).date_changes == ()
    (case,) = await rows(database, ShortageCase)
    assert case.status == "ongoing"
    assert case.expected_end == dt.date(2025, 9, 15)


async def test_the_last_list_can_be_taken_back(services: Services, database: Database, siri: Actor) -> None:
    await services.notices.take_in(monday(), "mandag.csv", siri)
    before = [row.model_dump() for row in await rows(database, RegisterNotice)]
    tuesday = listed(8, ETOPOSIDE_ROW.format(end="01.11.2025"), UNKNOWN, UNKNOWN.replace("5 mg", "7 mg"))
    await services.notices.take_in(tuesday, "tirsdag.csv", siri)
    assert [row.model_dump() for row in await rows(database, RegisterNotice)] != before
    assert await services.notices.undo(siri) == "tirsdag.csv"
    assert [row.model_dump() for row in await rows(database, RegisterNotice)] == before
    again = await services.notices.take_in(tuesday, "tirsdag.csv", siri)
    assert again.already is None
    await services.notices.undo(siri)
    await services.notices.undo(siri)
    assert await rows(database, RegisterNotice) == []
    with pytest.raises(Refused, match="ingenting å angre"):
        await services.notices.undo(siri)


async def test_a_list_that_somebody_has_decided_on_stays(inbox: Inbox, services: Services, siri: Actor) -> None:
    await services.notices.follow(inbox.above[0].ids, siri, key=None)
    with pytest.raises(Refused, match="1 av radene er allerede vurdert"):
        await services.notices.undo(siri)


async def test_only_the_centre_reads_and_decides(inbox: Inbox, services: Services) -> None:
    kari = await person(services, "U0KARI0001")
    with pytest.raises(NotAllowed):
        await services.notices.inbox(kari)
    with pytest.raises(NotAllowed):
        await services.notices.take_in(monday(), "mandag.csv", kari)
    with pytest.raises(NotAllowed):
        await services.notices.open_case_of(inbox.above[0].ids[0], None, kari, key=None)
    with pytest.raises(NotAllowed):
        await services.notices.dismiss(inbox.above[0].ids, "nei", kari, key=None)
    with pytest.raises(NotAllowed):
        await services.notices.take_dates(kari, key=None)


async def test_a_forged_notice_is_refused(services: Services, siri: Actor) -> None:
    with pytest.raises(Refused, match="Fant ikke meldingen"):
        await services.notices.open_case_of(999, None, siri, key=None)
    with pytest.raises(Refused, match="Fant ikke meldingen"):
        await services.notices.follow([1, 999], siri, key=None)


async def test_a_list_that_inherited_a_judgement_can_be_taken_back(
    inbox: Inbox, services: Services, database: Database, siri: Actor, clock: SetClock
) -> None:
    ids = [id for row in inbox.below for id, name in zip(row.ids, row.names, strict=True) if name.startswith("Ibux")]
    await services.notices.dismiss(ids, "Nok hos alle", siri, key=None)
    clock.set(clock.now() + dt.timedelta(days=1))
    next_period = IBUX.replace("01.06.2025", "15.07.2025").format(end="01.09.2025")
    await services.notices.take_in(listed(8, *monday().decode().splitlines()[1:], next_period), "tirsdag.csv", siri)
    assert len([row for row in await rows(database, RegisterNotice) if row.reason == "Nok hos alle"]) == 2

    assert await services.notices.undo(siri) == "tirsdag.csv"
    assert len([row for row in await rows(database, RegisterNotice) if row.reason == "Nok hos alle"]) == 1


async def test_a_case_with_another_registers_long_number_is_joined(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    of_ours = medicine(services, "Etoposid Accord 20 mg/ml konsentrat til infusjonsvæske")
    number = "Mangelregisteret 2025 / 000123"
    async with database.unit_of_work() as uow:
        case = await open_case(uow, of_ours, source=Source.DMP, by=siri.person)
        case.number = number
    assert await services.notices.open_case_of(inbox.above[0].ids[0], of_ours, siri, key=None) == number


async def test_a_national_identity_number_in_a_files_name_is_refused(
    services: Services, database: Database, siri: Actor
) -> None:
    with pytest.raises(Refused, match="fødselsnummer"):
        await services.notices.take_in(monday(), "liste 13097248022.csv", siri)
    assert await rows(database, RegisterList) == []
