"""Pools and items kept right from Slack: their forms, who may open them, and what they answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storage.tables import StockItem, StockMove, StockPool
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House
from workspace import Message, User, View

VALTREX = "Valtrex tab 500 mg"


async def stock_answer(house: House, user: User) -> Message:
    """What `/mangel lager` answers about Valtrex."""
    await house.ask(user, f"lager {VALTREX}")
    return house.ws.ephemerals(user)[-1]


async def pool_form(house: House, user: User) -> View:
    return await house.form(user, "edit_pool", await stock_answer(house, user))


async def item_form(house: House, user: User) -> View:
    return await house.form(user, "edit_item", await stock_answer(house, user))


async def pool(house: House, pool_id: str = "fokuslisten") -> StockPool:
    return next(row for row in await house.rows(StockPool) if row.id == pool_id)


async def test_a_manager_changes_her_pool_and_sees_what_holds(house: House) -> None:
    await house.alert()
    form = await pool_form(house, house.mona)
    assert "Ikke endret i Slack." in form.plain()
    assert "‹Nei›" in form.plain()
    sent = await house.ws.submit(house.mona, {"target": "180", "limit": "3"})
    assert not sent.errors
    assert "Varslingsgrense 3 dager" in sent.view.plain()
    assert "Endret av @Mona Lager 7. juli." in sent.view.plain()
    await house.ws.close(house.mona)
    news = await house.said(house.stock, "@Mona Lager har endret Fokuslisten.")
    assert "Mål 180 dager" in news.plain()
    await house.said(house.stock, "LUKKET")
    answer = (await stock_answer(house, house.siri)).plain()
    assert "Varslingsgrense: 3 dager." in answer
    assert "Lageret er beregnet på 180 dager av sykehusenes forbruk, men tømmes av hele markedet." in answer
    assert "Ved hele markedets forbruk rekker det i ca." in answer


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"limit": "50", "limit_in": "share"}, "limit", "En andel trenger et mål."),
        ({"limit": "100", "target": "60"}, "limit", "over målet (60 dager)"),
        ({"limit": "-3"}, "limit", "kan ikke være negativt"),
        ({"limit": "en måned"}, "limit", "«en måned» er ikke et tall her."),
        ({"target": "lenge"}, "target", "«lenge» er ikke et tall her."),
        ({"name": "B180S"}, "name", "heter det alt"),
    ],
)
async def test_what_cannot_be_of_a_pool_is_told_beside_its_field(
    house: House, wrong: dict[str, Any], field: str, said: str
) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.said(house.stock, "VARSEL")
    await pool_form(house, house.mona)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.mona, wrong)
        assert list(sent.errors) == [field]
        assert said in sent.errors[field]


async def test_every_fault_of_a_form_is_told_at_once(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.said(house.stock, "VARSEL")
    await item_form(house, house.siri)
    async with house.nothing_stored():
        sent = await house.ws.submit(
            house.siri, {"stated": "mange", "pack_size": "-1", "target": "x", "drawn_by": "prioritised"}
        )
        assert set(sent.errors) == {"stated", "stated_by", "pack_size", "target"}


async def test_an_items_own_rules_are_written_and_shown(house: House) -> None:
    await house.alert()
    form = await item_form(house, house.mona)
    assert "Som lageret: hele markedet" in form.plain()
    assert "Forbruk per dag, tabletter" in form.plain()
    sent = await house.ws.submit(
        house.mona,
        {
            "stated": "60",
            "stated_by": "SAV",
            "ticked": ["stated_first"],
            "limit": "30",
            "note": "Apotekene får ikke lenger kjøpe",
            "drawn_by": "hospital",
        },
    )
    assert not sent.errors
    assert "Eget for denne varen: tømmes av sykehusene og varslingsgrense 30 dager." in sent.view.plain()
    assert "Forbruk oppgitt av SAV: ca. 60 tabletter per dag" in sent.view.plain()
    await house.ws.close(house.mona)
    await house.said(house.stock, "LUKKET")
    answer = (await stock_answer(house, house.dag)).plain()
    assert "Apotekene får ikke lenger kjøpe." in answer
    assert "[Endre tall]" not in answer, "the meeting reads, and changes nothing"
    again = await item_form(house, house.mona)
    assert "‹60›" in again.plain() and "Endret av @Mona Lager" in again.plain()


async def test_a_form_opened_before_somebody_elses_change_says_so_and_keeps_what_was_typed(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.said(house.stock, "VARSEL")
    await pool_form(house, house.mona)
    await pool_form(house, house.siri)
    await house.ws.submit(house.siri, {"limit": "60"})
    await house.said(house.stock, "@Siri Senter har endret Fokuslisten.")
    async with house.nothing_stored():
        sent = await house.ws.submit(house.mona, {"limit": "45"})
        assert "Noen andre har endret dette siden du åpnet skjemaet." in sent.errors["holdable"]
        assert sent.view is not None and "‹45›" in sent.view.plain()
    assert (await pool(house)).alert_limit_days == 60


async def test_an_item_is_moved_and_everybody_who_keeps_stock_hears_of_it(house: House) -> None:
    await house.alert()
    await item_form(house, house.siri)
    await house.ws.click(house.siri, await house.ws.view(house.siri), "move_item")
    form = await house.ws.view(house.siri)
    assert "Tellinger, forbruk og ventede leveranser følger med." in form.plain()
    sent = await house.ws.submit(house.siri, {"to_pool": "b180s", "note": "Besluttet av fagdirektørene"})
    assert not sent.errors
    assert house.ws.current_view(house.siri) is None
    await house.said(house.stock, "@Siri Senter har flyttet Valtrex tab 500 mg fra Fokuslisten til B180S 7. juli 2025.")
    answer = (await stock_answer(house, house.siri)).plain()
    assert "B180S · Valtrex tab 500 mg" in answer
    assert "Fokuslisten: flyttet til B180S 7. juli. Registrert av @Siri Senter. Besluttet av fagdirektørene." in answer
    assert len(await house.rows(StockMove)) == 1


async def test_a_manager_of_one_pool_cannot_move_an_item_out_of_it(house: House) -> None:
    answer = await house.alert()
    assert "Flytt til et annet lager" not in (await item_form(house, house.mona)).plain()
    async with house.nothing_stored():
        told = await house.forge(house.mona, answer, "move_item", "1")
        assert "ikke noe annet lager som du kan flytte varen til" in told


@pytest.mark.parametrize("who", ["kari", "ola", "dag"])
async def test_a_form_of_the_stock_keepers_is_refused_to_everybody_else(house: House, who: str) -> None:
    alert = await house.alert()
    async with house.nothing_stored():
        for button, value in (("edit_pool", "fokuslisten"), ("edit_item", "1"), ("move_item", "1")):
            assert "tilgang" in await house.forge(getattr(house, who), alert, button, value)


async def test_another_pools_manager_is_refused_by_button_and_by_a_forged_form(house: House) -> None:
    await house.store("B180S;Valtrex tab 500 mg;4200;tablett;2025-07-06;9000;2025-06;;", by=house.siri)
    alert = await house.alert()
    foreign = next(item for item in await house.rows(StockItem) if item.pool_id == "b180s")
    async with house.nothing_stored():
        for button, value in (("edit_pool", "b180s"), ("edit_item", str(foreign.id)), ("move_item", str(foreign.id))):
            assert "Du har ikke ansvar for dette lageret." in await house.forge(house.mona, alert, button, value)
    for opened, forged in (
        (pool_form, {"pool": "b180s", "version": 1}),
        (item_form, {"item": foreign.id, "version": 1}),
    ):
        form = await opened(house, house.mona)
        form.body["private_metadata"] = json.dumps(forged)
        async with house.nothing_stored():
            sent = await house.ws.submit(house.mona, {"limit": "1"})
            assert "Du har ikke ansvar for dette lageret." in "".join(sent.errors.values())
        await house.ws.close(house.mona)


@pytest.mark.parametrize(
    "metadata", ["", "{}", "[]", "nonsense", '{"pool": "fokuslisten"}', '{"pool": 1, "version": "x"}']
)
async def test_a_form_that_is_none_of_ours_is_refused_with_a_line(house: House, metadata: str) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.said(house.stock, "VARSEL")
    form = await pool_form(house, house.mona)
    form.body["private_metadata"] = metadata
    async with house.nothing_stored():
        sent = await house.ws.submit(house.mona, {"limit": "1"})
        assert "Skjemaet virker ikke lenger. Åpne det på nytt." in "".join(sent.errors.values())


async def test_the_start_page_leads_to_each_pool_that_one_keeps(house: House) -> None:
    await house.alert()
    page = await house.ws.open_home(house.mona)
    assert "Mine lagre" in page.plain()
    assert "Fokuslisten · 1 vare · 1 varsel" in page.plain()
    assert "Sist talt 6. juli, sendt av @Mona Lager 7. juli." in page.plain()
    assert "B180S" not in page.plain()
    form = await house.form(house.mona, "edit_pool", page)
    assert "Fokuslisten" in form.plain()
    assert "B180S" in (await house.ws.open_home(house.siri)).plain()
    assert "Endre lager" not in (await house.ws.open_home(house.kari)).plain()


async def test_a_sheet_that_names_the_old_pool_says_where_it_is_counted(house: House) -> None:
    await house.alert()
    await item_form(house, house.siri)
    await house.ws.click(house.siri, await house.ws.view(house.siri), "move_item")
    await house.ws.submit(house.siri, {"to_pool": "b180s"})
    await house.said(house.stock, "har flyttet Valtrex tab 500 mg")
    row = "Fokuslisten;Valtrex tab 500 mg;4000;tablett;2025-07-07;;;;"
    preview = await house.drop_sheet(house.siri, row)
    told = "Valtrex tab 500 mg er flyttet fra Fokuslisten til B180S 7. juli. Radene for Fokuslisten lagres i B180S."
    assert told in preview.plain()
    async with house.nothing_stored():
        refused = await house.drop_sheet(house.mona, row)
        assert "du har ikke ansvar for lageret B180S" in refused.plain()
