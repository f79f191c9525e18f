"""Other countries' registers over both databases: read in, warned of once, decided, shown on cases, taken back."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.opening import open_case
from bot.cases.vocabulary import Source
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.registers.compare import Proposed, Verdict
from bot.services import Services
from storage.tables import EarlyWarning, OutboxEntry, RegisterList, RegisterNotice, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, settings_for

HEADINGS = (
    "country_code,medicine_name,active_substance,strength,package_size,atc_code,shortage_start,estimated_end,status"
)
VALACICLOVIR = "Valaciklovir Teva 500 mg,valaciklovirhydroklorid,500 mg,30,J05AB11,2025-06-01,{end},shortage"
IBUPROFEN = "Ibuprofen X 400 mg,ibuprofen,400 mg,30,M01AE01,2025-06-01,,shortage"
STOCK = b"lager;preparat;beholdning;enhet;dato\nFokuslisten;Valtrex tab 500 mg;4200;DDD;07.07.2025\n"


def listed(code: str, *rows: str) -> bytes:
    return "\n".join((HEADINGS, *(f"{code},{row}" for row in rows))).encode()


def swedish(end: str = "2025-09-01", *more: str) -> bytes:
    return listed("SE", VALACICLOVIR.format(end=end), IBUPROFEN, *more)


def finnish(*rows: str) -> bytes:
    return listed("FI", *(rows or (VALACICLOVIR.format(end=""),)))


async def rows(database: Database, table: type) -> list:  # type: ignore[type-arg]
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(table.id)))  # type: ignore[attr-defined]


async def said(database: Database, begins: str) -> list[OutboxEntry]:
    return [row for row in await rows(database, OutboxEntry) if row.key.startswith(begins)]


@pytest.fixture
async def siri(services: Services) -> Actor:
    return await person(services, SIRI)


@pytest.fixture
async def stocked(services: Services) -> None:
    """Valtrex stands in Fokuslisten."""
    await services.sheets.import_file(STOCK, "lager.csv")


@pytest.fixture
async def warned(services: Services, stocked: None) -> int:
    """Sweden and Finland lack valaciclovir; the warning's id."""
    for register, data in (("sweden", swedish()), ("finland", finnish())):
        await services.registers.abroad[register].take_in(data, f"{register}.csv", None)
    (warning,) = await services.early_warnings.undecided(await person(services, SIRI))
    return warning.id


async def test_one_country_says_nothing_and_the_second_one_warns_once_with_its_sources(
    services: Services, stocked: None, database: Database, clock: SetClock, siri: Actor
) -> None:
    await services.registers.abroad["sweden"].take_in(swedish(), "se.csv", None)
    assert await said(database, "list:") == []
    await services.registers.abroad["finland"].take_in(finnish(), "fi.csv", None)
    (message,) = await said(database, "list:")
    words = str(message.blocks)
    for part in ("Valaciklovir", "Sverige", "til 1. sep", "Finland", "slutt ukjent", "Fokuslisten", "Läkemedelsverket"):
        assert part in words
    assert "Ibuprofen" not in words
    await services.registers.abroad["iceland"].take_in(listed("IS", VALACICLOVIR.format(end="")), "is.csv", None)
    await services.registers.abroad["sweden"].take_in(swedish("2025-10-01"), "se 2.csv", None)
    assert len(await said(database, "list:")) == 1


async def test_a_preview_stores_nothing_and_says_what_each_row_means(
    services: Services, database: Database, siri: Actor
) -> None:
    read = await services.registers.abroad["sweden"].preview(swedish(), "se.csv", siri)
    assert [(line["atc"], line["grade"], line["action"]) for line in read.lines()] == [
        ("J05AB11", "certain", "new"),
        ("M01AE01", "certain", "new"),
    ]
    assert await rows(database, RegisterList) == []


async def test_whose_list_a_file_is_is_seen_from_it(services: Services) -> None:
    assert (await services.registers.of_file(finnish(), "x.csv")).register.id == "finland"
    assert (await services.registers.of_file(b"Legemiddelnavn;Status\n", "x.csv")).register.id == "dmp"
    assert (await services.registers.of_file(b"\x00", "x.csv")).register.id == "dmp"


async def test_a_row_that_disappears_closes_nothing_and_no_warning_while_a_neighbour_has_it(
    services: Services, warned: int, database: Database, siri: Actor
) -> None:
    number = await services.early_warnings.open_case_of(warned, medicine(services, "Valtrex 500 mg"), siri, key=None)
    await services.registers.abroad["finland"].take_in(finnish(IBUPROFEN), "fi 2.csv", None)
    (row,) = await rows(database, EarlyWarning)
    assert row.ended_at is None
    await services.registers.abroad["sweden"].take_in(listed("SE", IBUPROFEN), "se 2.csv", None)
    (row,) = await rows(database, EarlyWarning)
    assert row.ended_at is not None
    (case,) = await rows(database, ShortageCase)
    assert (case.number, case.status) == (number, "ongoing")


async def test_a_case_is_opened_of_what_stands_in_the_stock_and_shows_where_else_it_is_short(
    services: Services, warned: int, database: Database, siri: Actor
) -> None:
    _, offered = await services.early_warnings.of_id(warned, siri)
    assert [one.name for one in offered][-1] == "Valaciklovir"
    assert offered[0].key == medicine(services, "Valtrex tab 500 mg").key
    number = await services.early_warnings.open_case_of(warned, offered[0], siri, key="press")
    assert await services.early_warnings.open_case_of(warned, offered[0], siri, key="press") == number
    case = await services.cases.case(number)
    assert case is not None and case.source is Source.CENTRE
    assert [str(one.country) for one in case.abroad] == ["Sverige", "Finland"]
    assert await services.early_warnings.undecided(siri) == []
    (card,) = await said(database, f"card:{number}")
    assert "Også mangel i:" in str(card.blocks) and "Fimea" in str(card.blocks)
    assert "Også mangel i" not in str([entry.blocks for entry in await said(database, "published:")])
    assert f"Sak {number}." in str((await said(database, "list:"))[-1].blocks)
    with pytest.raises(Refused, match=number):
        await services.early_warnings.follow(warned, siri, key=None)


async def test_a_case_that_is_open_already_is_told_in_its_thread_and_nobody_is_asked(
    services: Services, stocked: None, database: Database, siri: Actor
) -> None:
    async with database.unit_of_work() as uow:
        case = await open_case(uow, medicine(services, "Valtrex tab 500 mg"), source=None, by=siri.person)
    for register, data in (("sweden", swedish()), ("finland", finnish())):
        await services.registers.abroad[register].take_in(data, f"{register}.csv", None)
    assert await services.early_warnings.undecided(siri) == []
    assert await said(database, "list:") == []
    (line,) = await said(database, "early:")
    assert line.reply_to == f"card:{case.number}" and "også mangel i Sverige og Finland" in line.text


async def test_what_is_followed_is_told_of_again_when_a_country_more_has_it(
    services: Services, warned: int, database: Database, siri: Actor
) -> None:
    assert await services.early_warnings.follow(warned, siri, key=None) == "Valaciklovir"
    await services.registers.abroad["iceland"].take_in(listed("IS", VALACICLOVIR.format(end="")), "is.csv", None)
    assert "nå også i Island" in str((await said(database, "list:"))[-1].blocks)


async def test_what_is_not_relevant_needs_a_reason_and_stays_away(
    services: Services, warned: int, database: Database, siri: Actor
) -> None:
    with pytest.raises(FormRefused):
        await services.early_warnings.dismiss(warned, "  ", siri, key=None)
    await services.early_warnings.dismiss(warned, "Vi bruker aciklovir.", siri, key=None)
    await services.registers.abroad["iceland"].take_in(listed("IS", VALACICLOVIR.format(end="")), "is.csv", None)
    assert await services.early_warnings.undecided(siri) == []
    assert "Vi bruker aciklovir." in str((await said(database, "list:"))[-1].blocks)


async def test_a_list_can_be_taken_back_with_the_warnings_that_it_gave(
    services: Services, warned: int, database: Database, siri: Actor
) -> None:
    assert await services.registers.abroad["finland"].undo(siri) == "finland.csv"
    assert await services.early_warnings.undecided(siri) == []
    assert [row.source for row in await rows(database, RegisterNotice)] == ["sweden", "sweden"]
    assert "er angret" in (await said(database, "list:"))[-1].text
    with pytest.raises(Refused, match="angret"):
        await services.early_warnings.follow(warned, siri, key=None)
    await services.registers.abroad["finland"].take_in(finnish(), "fi igjen.csv", None)
    assert len(await services.early_warnings.undecided(siri)) == 1


async def test_a_person_who_sends_a_list_hears_of_it_and_can_take_it_back(
    services: Services, database: Database, siri: Actor
) -> None:
    sweden = services.registers.abroad["sweden"]
    received = await sweden.receive(swedish(), "se.csv", siri, key=None)
    assert await (await services.registers.of_list(received.list_id or 0)).confirm(
        received.list_id or 0, siri, key=None
    )
    (message,) = await said(database, "list:")
    assert "2 meldinger i listen · 2 nye · 0 borte" in str(message.blocks)
    assert (await sweden.take_in(swedish(), "se.csv", siri)).count(Proposed.SAME) == 2


async def test_without_a_grant_nothing_of_it_is_shown_or_done(services: Services, warned: int) -> None:
    rolf = await person(services, "U0ROLF0001")
    with pytest.raises(NotAllowed):
        await services.early_warnings.undecided(rolf)
    with pytest.raises(NotAllowed):
        await services.early_warnings.follow(warned, rolf, key=None)


async def test_only_the_newest_files_are_kept(services: Services, database: Database, siri: Actor) -> None:
    for month in range(1, 10):
        await services.registers.abroad["sweden"].take_in(swedish(f"2025-12-0{month}"), f"{month}.csv", None)
    kept = [bool(row.content) for row in await rows(database, RegisterList)]
    assert kept == [False, False, *[True] * 7]


async def test_without_a_cases_channel_the_warning_is_kept_for_the_window(database: Database, clock: SetClock) -> None:
    quiet = assemble(settings_for(cases_channel=None), database, clock)
    await quiet.stock.ensure_pools()
    await quiet.sheets.import_file(STOCK, "lager.csv")
    for register, data in (("sweden", swedish()), ("finland", finnish())):
        await quiet.registers.abroad[register].take_in(data, f"{register}.csv", None)
    by = await person(quiet, SIRI)
    (warning,) = await quiet.early_warnings.undecided(by)
    await quiet.early_warnings.follow(warning.id, by, key=None)
    (row,) = await rows(database, EarlyWarning)
    assert row.verdict == Verdict.FOLLOW
