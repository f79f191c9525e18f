"""What is offered while somebody types, with the base behind it."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.app import assemble
from bot.cases.forms import ClosingForm
from bot.cases.medicine import from_preparation
from bot.cases.vocabulary import NotRelevant, Status
from bot.clock import SetClock
from bot.services import Services
from bot.settings import load_settings
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of

NOW = dt.datetime(2025, 7, 10, 9, tzinfo=dt.UTC)


async def test_open_shortages_come_first_and_what_is_stocked_goes_before_its_equals(database_url: str) -> None:
    clock = SetClock(NOW)
    database = Database.at(database_url, clock.now)
    services = assemble(load_settings(DATABASE_URL=database_url, roles={"centre": ["U0SENTER"]}), database, clock)
    await services.stock.ensure_pools()
    try:
        before = await services.catalogue.choices("valtrex")
        assert [choice.name for choice in before.products[:2]] == ["Valtrex tab 500 mg", "Valtrex tab 250 mg"]
        assert before.as_typed is not None and before.as_typed.value == "t:valtrex"

        sheet = "lager;preparat;beholdning;enhet;dato\nB180S;Valtrex tab 250 mg;10;tablett;10.07.2025\n"
        await services.sheets.import_file(sheet.encode(), "lager.csv")
        await services.catalogue.refresh()
        stocked = await services.catalogue.choices("valtrex")
        assert [choice.name for choice in stocked.products[:2]] == ["Valtrex tab 250 mg", "Valtrex tab 500 mg"]

        centre = await services.people.actor("U0SENTER")
        medicine = services.catalogue.medicine(before.products[0].value)
        number, _ = await services.cases.open_for(medicine, centre, decision_question=None, key=None)
        short = await services.catalogue.choices("valtrex")
        assert [(choice.name, choice.case) for choice in short.short] == [("Valtrex tab 500 mg", number)]
        assert short.products[0].name == "Valtrex tab 250 mg"
    finally:
        await database.close()


async def test_a_strength_after_the_name_is_understood_and_nothing_near_offers_the_text_alone(
    database_url: str,
) -> None:
    clock = SetClock(NOW)
    database = Database.at(database_url, clock.now)
    services = assemble(load_settings(DATABASE_URL=database_url), database, clock)
    try:
        assert (await services.catalogue.choices("valtrexx 500")).products[0].name == "Valtrex tab 500 mg"
        nothing = await services.catalogue.choices("xqzwvy")
        assert (nothing.short, nothing.products, nothing.substances) == ((), (), ())
        assert nothing.as_typed is not None
        assert (await services.catalogue.choices("v")).as_typed is None
    finally:
        await database.close()


async def test_among_equals_the_most_reported_goes_first_and_an_open_shortage_is_always_among_those_shown(
    database: Database, services: Services
) -> None:
    async def names(typed: str) -> list[str]:
        await services.catalogue.refresh()
        return [choice.name for choice in (await services.catalogue.choices(typed)).products]

    async def reported(name: str, *people: str) -> str:
        numbers = [
            (
                await services.reporting.report(
                    report_of(medicine(services, name)), await person(services, who), key=None
                )
            )
            for who in people
        ]
        return numbers[-1].number

    siri = await person(services, SIRI)
    assert (await names("valtrex"))[:2] == ["Valtrex tab 500 mg", "Valtrex tab 250 mg"]
    number = await reported("valtrex tab 250 mg", "U0KARI0001", "U0OLA00001")
    await services.cases.close(
        number, ClosingForm(Status.NOT_RELEVANT, None, None, "Feil.", not_relevant=NotRelevant.OTHER), siri, key=None
    )
    assert (await names("valtrex"))[:2] == ["Valtrex tab 250 mg", "Valtrex tab 500 mg"]

    before = await services.catalogue.choices("ve")
    offered = {choice.name for choice in (*before.products, *before.substances)}
    hidden = next(
        one
        for one in services.catalogue.catalogue
        if one.brand.casefold().startswith("ve") and one.name not in offered and len(one.amounts.components) == 1
    )
    await services.cases.open_for(from_preparation(hidden), siri, decision_question=None, key=None)
    await services.catalogue.refresh()
    assert [choice.name for choice in (await services.catalogue.choices("ve")).short] == [hidden.name]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("øs", "Østradiol"), ("ØS", "Østradiol"), ("oes", "Østradiol"), ("os", "Østradiol"), ("soelvni", "Sølvnitrat")],
)
async def test_two_letters_are_enough_and_ae_oe_aa_are_the_norwegian_letters(
    services: Services, typed: str, name: str
) -> None:
    found = await services.catalogue.choices(typed)
    assert name in [choice.name for choice in (*found.products, *found.substances)]
