"""Several people at one sheet: it is stored once, dropped only by whoever sent it, and holds no patients."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.people.roles import Actor
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from bot.settings import load_settings
from storage.tables import StockCount, StockSheet
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for

HEADINGS = "lager;preparat;beholdning;enhet;dato;parti\n"
SHEET = HEADINGS + "Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-04;A1\n"
SOMEBODYS_NUMBER = "01019012480"
OLA, LISE = "U0OLA00001", "U0LISE0001"


async def sheets(database: Database) -> list[StockSheet]:
    async with database.read() as session:
        return list(await session.scalars(select(StockSheet)))


async def counts(database: Database) -> list[StockCount]:
    async with database.read() as session:
        return list(await session.scalars(select(StockCount)))


async def managers(services: Services) -> tuple[Actor, Actor]:
    """Ola manages one pool, Lise another."""
    assembled = assemble(
        load_settings(
            roles={"centre": [SIRI]},
            pools={"fokuslisten": {"managers": [OLA]}, "b180s": {"managers": [LISE]}},
        ),
        services.stock._database,
        services.clock,
    )
    return await person(assembled, OLA), await person(assembled, LISE)


async def test_four_who_confirm_one_sheet_at_once_store_it_once(
    services: Services, database: Database, second_database: Database
) -> None:
    siri = await person(services, SIRI)
    other = assemble(settings_for(), second_database, services.clock)
    preview = await services.sheets.preview(SHEET.encode(), "lager.csv", siri, key="sent")
    assert not preview.faults
    answers = await asyncio.gather(
        *((services, other)[n % 2].sheets.confirm(preview.sheet_id, siri, key=f"press:{n}") for n in range(4)),
        return_exceptions=True,
    )
    refused = [str(answer) for answer in answers if isinstance(answer, BaseException)]
    assert refused == ["Arket lager.csv er allerede lagret."] * 3
    assert len(await counts(database)) == 1


async def test_one_who_confirms_and_one_who_drops_at_once_do_not_both_get_their_way(
    services: Services, database: Database, second_database: Database
) -> None:
    siri = await person(services, SIRI)
    other = assemble(settings_for(), second_database, services.clock)
    preview = await services.sheets.preview(SHEET.encode(), "lager.csv", siri, key="sent")
    answers = await asyncio.gather(
        services.sheets.confirm(preview.sheet_id, siri, key="press:1"),
        other.sheets.drop(preview.sheet_id, siri, key="press:2"),
        return_exceptions=True,
    )
    (refused,) = [answer for answer in answers if isinstance(answer, BaseException)]
    assert isinstance(refused, Refused)
    (sheet,) = await sheets(database)
    assert (sheet.state, len(await counts(database))) in {("stored", 1), ("dropped", 0)}


async def test_four_imports_of_one_file_at_once_leave_one_count(
    services: Services, database: Database, second_database: Database
) -> None:
    other = assemble(settings_for(), second_database, services.clock)
    await asyncio.gather(*((services, other)[n % 2].sheets.import_file(SHEET.encode(), "lager.csv") for n in range(4)))
    assert len(await counts(database)) == 1


async def test_a_sheet_is_dropped_by_its_sender_or_the_centre_only(services: Services, database: Database) -> None:
    ola, lise = await managers(services)
    siri = await person(services, SIRI)
    first = await services.sheets.preview(SHEET.encode(), "lager.csv", ola, key="sent:1")
    with pytest.raises(NotAllowed) as refused:
        await services.sheets.drop(first.sheet_id, lise, key="press:1")
    assert str(refused.value) == "Bare den som sendte arket, eller Mangelsenteret, kan forkaste det."
    assert [sheet.state for sheet in await sheets(database)] == ["preview"]

    assert await services.sheets.drop(first.sheet_id, ola, key="press:2") == "lager.csv"
    second = await services.sheets.preview(SHEET.encode(), "lager.csv", ola, key="sent:2")
    assert await services.sheets.drop(second.sheet_id, siri, key="press:3") == "lager.csv"


async def test_a_file_name_with_an_identity_number_is_refused_before_anything_is_stored(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    name = f"lager {SOMEBODYS_NUMBER}.csv"
    with pytest.raises(Refused) as previewed:
        await services.sheets.preview(SHEET.encode(), name, siri, key="sent")
    with pytest.raises(Refused) as imported:
        await services.sheets.import_file(SHEET.encode(), name)
    for refused in (previewed, imported):
        assert "fødselsnummer" in str(refused.value)
        assert SOMEBODYS_NUMBER not in str(refused.value)
    assert await sheets(database) == []


async def test_of_a_sheet_with_an_identity_number_the_good_rows_are_kept_but_not_the_file(
    services: Services, database: Database
) -> None:
    data = f"{SHEET}Fokuslisten;Valtrex tab 500 mg;1;tablett;2025-07-04;{SOMEBODYS_NUMBER}\n".encode()
    siri = await person(services, SIRI)
    preview = await services.sheets.preview(data, "lager.csv", siri, key="sent")
    assert len(preview.faults) == 1
    assert await sheets(database) == []
    await services.sheets.import_file(data, "lager.csv", partial=True)
    (sheet,) = await sheets(database)
    assert (sheet.state, sheet.content) == ("partly_stored", b"")
    assert [count.lot for count in await counts(database)] == ["A1"]
