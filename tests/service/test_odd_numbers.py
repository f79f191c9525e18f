"""Cases of another register whose numbers are not of our form: found, shown, worked on, and taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from bot.clock import SetClock
from bot.commands import parse
from bot.services import Services
from handlers import answers
from storage.tables import DominoAlert, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person
from tests.service.test_domino import at, counted, history, look, services

assert services  # the fixture of that name: an alert limit on Fokuslisten, closed channels

LONG = "MS/2025-07 (SYKEHUS) NR. 000017"
REGISTER = "saksnummer;preparat;atc;status;start;meldt\n"


async def taken_in(services: Services, *rows: str) -> None:
    """A register of our own of earlier years."""
    done = await services.register.take_in((REGISTER + "\n".join(rows)).encode(), "saker.csv", {})
    assert done.stored, [str(fault.line) for fault in done.faults]


async def answered(services: Services, words: str) -> str:
    """What Siri is told for `/mangel words`."""
    messages = await answers.answer(services, parse(words), await person(services, SIRI))
    return "\n".join(str(message.blocks) for message in messages).replace("\u200b", "")


@pytest.mark.parametrize("number", ["A-17", "17", LONG, "2025/3", "M2025-0003"])
async def test_a_case_is_found_by_the_number_that_its_register_gave_it(services: Services, number: str) -> None:
    await taken_in(services, f"{number};Valtrex tab 500 mg;J05AB11;Pågående;01.05.2025;15.04.2025")
    for words in (f"status {number}", f"status sak {number}", f"status {number.lower()}", number):
        said = await answered(services, words)
        assert "Mangel fra 1. mai" in said, words
        assert f"'value': '{number}'" in said, "its buttons carry the number as it is"


async def test_what_is_no_number_is_still_a_medicine(services: Services) -> None:
    await taken_in(services, "valtrex;Zovirax tab 200 mg;J05AB01;Pågående;01.05.2025;15.04.2025")
    assert "Zovirax" in await answered(services, "status sak valtrex")
    assert "Fant ikke sak 2025-0009" in await answered(services, "status 2025-0009")


async def risen(services: Services, clock: SetClock) -> None:
    """Valtrex is short in an imported case, and Zovirax is drawn four times as fast as before."""
    clock.set(at(dt.date(2025, 7, 4)))
    await history(services)
    await taken_in(services, f"{LONG};Valtrex tab 500 mg;J05AB11;Pågående;04.07.2025;04.07.2025")
    await counted(services, dt.date(2025, 7, 4), zovirax=30_000)
    clock.set(at(dt.date(2025, 7, 11)))
    await counted(services, dt.date(2025, 7, 11), zovirax=30_000 - 7 * 1280)


async def test_an_import_whose_case_seems_to_pull_another_medicine_down_can_be_taken_back(
    services: Services, database: Database, clock: SetClock
) -> None:
    await risen(services, clock)
    assert [view.over for view in await look(services)] == [False]
    assert await services.register.undo() == ("saker.csv", 1, 0)
    assert await look(services) == []
    async with database.read() as session:
        assert not list(await session.scalars(select(ShortageCase)))
        assert not list(await session.scalars(select(DominoAlert)))


async def test_a_case_that_begins_later_was_not_opened_later(services: Services, database: Database) -> None:
    await taken_in(services, "A-1;Valtrex tab 500 mg;J05AB11;Kommende;01.12.2025;")
    async with database.read() as session:
        (case,) = await session.scalars(select(ShortageCase))
    assert case.opened_at <= services.clock.now()
