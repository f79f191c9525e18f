"""The centre's day at the desk, over the real connection: find, choose, hand over, close, take back, read up."""

from __future__ import annotations

import datetime as dt

from storage.tables import Person, ShortageCase
from tests.journeys.conftest import House
from workspace import View


async def two_cases(house: House) -> None:
    """Kari has reported Valtrex, which is 2025-0001, and Ola ZypAdhera, which is 2025-0002."""
    await house.valtrex_case()
    await house.report(house.ola, "zypadhera 300", "Zypadhera")
    await house.ws.close(house.ola)
    await house.said(house.cases, "2025-0002")


async def find(house: House, button: str = "find_cases") -> View:
    """Siri's window of open cases, from App Home."""
    return await house.form(house.siri, button, await house.ws.open_home(house.siri))


async def press(house: House, view: View, button: str, words: str) -> View:
    """Siri presses a button that changes her window; the window once these words stand in it."""
    await house.ws.click(house.siri, view, button)

    def shown() -> bool:
        now = house.ws.current_view(house.siri)
        return now is not None and words in now.plain()

    await house.ws.wait_for(shown, 8, words)
    return await house.ws.view(house.siri)


async def owners(house: House) -> list[str | None]:
    names = {person.id: person.slack_user for person in await house.rows(Person)}
    return [names.get(case.owner) for case in await house.rows(ShortageCase)]


async def test_two_cases_are_handed_over_from_the_list_and_the_other_reads_it_on_home(house: House) -> None:
    await two_cases(house)
    await house.ws.open_home(house.per)
    house.clock.advance(dt.timedelta(days=1))
    window = await find(house, "find_no_owner")
    assert "2 åpne saker · uten ansvarlig" in window.plain()
    await press(house, window, "tick_all", "2 saker er valgt")
    form = (await house.ws.submit(house.siri)).view
    preview = (await house.ws.submit(house.siri, {"to": house.per.id, "note": "Leverandøren ringer fredag."})).view
    assert form.title == "Endre saker"
    assert "Ansvarlig: ingen → @Per Senter" in preview.plain()
    assert await owners(house) == [None, None]
    done = (await house.ws.submit(house.siri)).view
    assert "Overlever til en annen: 2 saker. Det er gjort." in done.plain()
    assert await owners(house) == [house.per.id] * 2
    told = await house.said(house.per, "har gitt deg 2 saker")
    assert "Leverandøren ringer fredag." in told.plain()
    await house.said(house.cases, "har gitt saken til")
    home = await house.ws.open_home(house.per)
    assert "@Siri Senter har gitt deg 2 saker: 2025-0001 og 2025-0002" in home.plain()
    assert "Din sak: Valtrex tab 500 mg (valaciklovir) · 2025-0001: gitt videre · @Siri Senter" in home.plain()
    await house.ws.click(house.per, home, "read_desk")
    await house.ws.wait_for(lambda: "Ingen andre har endret noe." in house.ws.home(house.per).plain(), 20, "all read")

    await press(house, done, "take_back", "2 saker er som før.")
    assert await owners(house) == [None, None]


async def test_a_case_that_changed_meanwhile_stops_both_and_can_be_left_out(house: House) -> None:
    await two_cases(house)
    await press(house, await find(house), "tick_all", "2 saker er valgt")
    await house.ws.submit(house.siri)
    await house.press(house.per, house.card("2025-0001"), "take_case")
    preview = (await house.ws.submit(house.siri, {"to": house.per.id})).view
    assert "1 sak står i veien. Ingenting er gjort." in preview.plain()
    assert "2025-0001 Valtrex tab 500 mg (valaciklovir): Endret siden du valgte den." in preview.plain()
    preview = await press(house, preview, "only_fine", "Alle eller ingen.")
    assert "2025-0001" not in preview.plain()
    await house.ws.submit(house.siri)
    assert await owners(house) == [house.per.id] * 2


async def test_a_window_whose_contents_are_forged_is_refused_and_nothing_is_stored(house: House) -> None:
    await two_cases(house)
    card = house.card("2025-0001")
    async with house.nothing_stored():
        for user in (house.kari, house.mona, house.dag):
            for button, value in (
                ("find_cases", "x"), ("find_due", "due"), ("hand_over", "2025-0001"), ("take_back", "1"),
                ("send_again", "1"), ("let_go", "1"), ("read_desk", "2025-07-07T09:00:00+00:00"), ("show_away", "1"),
            ):  # fmt: skip
                assert "bare for dem som har fått tilgang" in await house.forge(user, card, button, value)
        for button, value in (("take_back", "99"), ("send_again", "99"), ("read_desk", "i går"), ("show_away", "x")):
            assert await house.forge(house.siri, card, button, value)


async def test_anybody_searches_from_home(house: House) -> None:
    await house.valtrex_case()
    await house.publish()
    home = await house.ws.open_home(house.ola)
    options = await house.ws.type_ahead(house.ola, "search_medicine", "valtrexx 500", where=home)
    option = next(option for option in options if "Valtrex tab 500 mg" in option.text)
    await house.ws.click(house.ola, home, "search_medicine", option)
    assert "2025-0001" in (await house.ws.view(house.ola)).plain()
