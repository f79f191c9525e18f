"""What is offered while somebody types, with the base behind it."""

from __future__ import annotations

import datetime as dt

from bot.app import assemble
from bot.clock import SetClock
from bot.settings import load_settings
from storage import schema
from storage.unit_of_work import Database

NOW = dt.datetime(2025, 7, 10, 9, tzinfo=dt.UTC)


async def test_open_shortages_come_first_and_what_is_stocked_goes_before_its_equals(database_url: str) -> None:
    clock = SetClock(NOW)
    database = Database.at(database_url, clock.now)
    await schema.upgrade(database.engine)
    services = assemble(load_settings(DATABASE_URL=database_url, roles={"centre": ["U0SENTER"]}), database, clock)
    await services.stock.ensure_pools()
    try:
        before = await services.catalogue.choices("valtrex")
        assert [choice.name for choice in before.products[:2]] == ["Valtrex tab 500 mg", "Valtrex tab 250 mg"]
        assert before.as_typed is not None and before.as_typed.value == "t:valtrex"

        sheet = "lager;preparat;beholdning;enhet;dato\nB180S;Valtrex tab 250 mg;10;tablett;10.07.2025\n"
        await services.stock.import_file(sheet.encode(), "lager.csv")
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
    await schema.upgrade(database.engine)
    services = assemble(load_settings(DATABASE_URL=database_url), database, clock)
    try:
        assert (await services.catalogue.choices("valtrexx 500")).products[0].name == "Valtrex tab 500 mg"
        nothing = await services.catalogue.choices("xqzwvy")
        assert (nothing.short, nothing.products, nothing.substances) == ((), (), ())
        assert nothing.as_typed is not None
        assert (await services.catalogue.choices("v")).as_typed is None
    finally:
        await database.close()
