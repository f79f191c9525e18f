"""A neighbour's list dropped in the cases channel: an early warning, and what becomes of it."""

from __future__ import annotations

from storage.tables import EarlyWarning, ShortageCase
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House
from tests.journeys.test_triage import dropped, seen
from tests.service.test_abroad import finnish, swedish


async def test_two_neighbours_lists_become_a_warning_and_the_warning_a_case(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    for name, data in (("se.csv", swedish()), ("fi.csv", finnish())):
        preview = await dropped(house, house.siri, data.decode(), name)
        await house.ws.click(house.siri, preview, "store_list")
    message = await house.said(house.cases, "Tidlig varsel etter Fimea", 20)
    assert "Sverige: 1 melding til 1. sep" in message.plain() and "Fokuslisten" in message.plain()
    await house.ws.click(house.siri, message, "dismiss_warning")
    view = await house.ws.view(house.siri)
    assert (await house.ws.submit(house.siri, {"reason": " "})).errors
    assert "Valaciklovir" in view.plain()
    await house.ws.close(house.siri)
    await house.ws.click(house.siri, message, "open_warned_case")
    assert "Valaciklovir tab 500 mg" in (await house.ws.view(house.siri)).plain()
    assert not (await house.ws.submit(house.siri, {})).errors
    await seen(house, "kortet står i kanalen")
    (case,) = await house.rows(ShortageCase)
    assert (case.substance, case.source) == ("Valaciklovir", "centre")
    card = await house.said(house.cases, f"{case.number} · ", 20)
    assert "Også mangel i: Sverige (til 1. sep" in card.plain()
    (warning,) = await house.rows(EarlyWarning)
    assert (warning.verdict, warning.case_number) == ("case", case.number)
    await house.ws.wait_for(lambda: f"Sak {case.number}." in message.plain(), 20, "the message says which case")
