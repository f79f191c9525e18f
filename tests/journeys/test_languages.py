"""A person reads the language that they have chosen, whatever others read; a channel has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.conftest import House, furnished

SAYS = {
    "nb": {
        "choice": "bokmål",
        "chosen": "Du får svar på bokmål.",
        "form": "Når går dere tomme?",
        "group": "Preparater",
        "refused": "Skriv hvor det mangler.",
        "receipt": "Takk, meldingen om",
        "status": "Senteret har fått melding om mulig mangel",
        "unknown": "Fant ikke sak 2025-0999.",
        "closed": "Du får denne fordi du har meldt mangelen.",
        "home": "Mine meldinger",
    },
    "nn": {
        "choice": "nynorsk",
        "chosen": "Du får svar på nynorsk.",
        "form": "Når går de tomme?",
        "group": "Preparat",
        "refused": "Skriv kvar det manglar.",
        "receipt": "Takk, meldinga om",
        "status": "Senteret har fått melding om mogleg mangel",
        "unknown": "Fann ikkje sak 2025-0999.",
        "closed": "Du får denne fordi du har meldt mangelen.",
        "home": "Meldingane mine",
    },
    "en": {
        "choice": "English",
        "chosen": "You get answers in English.",
        "form": "When do you run out?",
        "group": "Products",
        "refused": "Enter where it is short.",
        "receipt": "Thank you, the report of",
        "status": "The centre has had notice of a possible shortage",
        "unknown": "Case 2025-0999 was not found.",
        "closed": "You get this because you reported the shortage.",
        "home": "My reports",
    },
}


@pytest.mark.parametrize("language", SAYS)
async def test_report_card_and_answer_in_the_readers_own_language(house: House, language: str) -> None:
    says = SAYS[language]
    assert says["chosen"] in await house.ask(house.kari, f"språk {says['choice']}")
    await house.ws.slash(house.kari, "/mangel")
    form = await house.ws.view(house.kari)
    assert says["form"] in form.plain()
    options = await house.ws.type_ahead(house.kari, "medicine", "valtrex 500")
    assert says["group"] in {option.group for option in options}
    option = next(option for option in options if "Valtrex tab 500 mg" in option.text)
    await house.ws.choose(house.kari, "medicine", option)
    filled = {"medicine": option, "place": "UNN Tromsø", "runs_out": "3_days"}
    refused = await house.ws.submit(house.kari, filled | {"place": "other"})
    assert list(refused.errors.values()) == [says["refused"]]
    await house.ws.submit(house.kari, filled)
    await house.ws.close(house.kari)
    await house.said(house.kari, says["receipt"])
    card = await house.said(house.cases, "2025-0001")
    assert "Meldt av" in card.plain()
    assert says["status"] in await house.ask(house.kari, "status valtrex 500")
    assert says["unknown"] in await house.ask(house.kari, "status 2025-0999")
    await house.publish()
    await house.said(house.kari, says["closed"])
    home = await house.ws.open_home(house.kari)
    assert says["home"] in home.plain()


async def test_a_language_is_chosen_on_app_home_and_home_is_shown_in_it(house: House) -> None:
    home = await house.ws.open_home(house.kari)
    assert "Mine meldinger" in home.plain()
    await house.ws.click(house.kari, home, "choose_language_en")
    await house.ws.wait_for(lambda: "My reports" in house.ws.home(house.kari).plain(), 8)
    assert "Hjelp" not in await house.ask(house.kari, "help")
    assert "What Mangelvakt can do" in await house.ask(house.kari, "help")


async def test_whoever_has_chosen_nothing_is_answered_in_the_language_they_ask_in(house: House) -> None:
    await house.ws.direct_message(house.kari, "is there a shortage of meropenem?")
    await house.said(house.kari, "No open shortage case.")
    await house.ws.direct_message(house.kari, "kva er nytt no?")
    await house.said(house.kari, "Nytt sidan")
    assert "Dette kan Mangelvakt" in await house.ask(house.kari, "hjelp")
    await house.ask(house.kari, "språk bokmål")
    await house.ws.direct_message(house.kari, "is there a shortage of etoposide?")
    await house.said(house.kari, "Ingen åpen mangelsak.")


async def test_a_language_that_we_do_not_have_is_told_and_nothing_is_chosen(house: House) -> None:
    assert "Skriv bokmål, nynorsk eller engelsk." in await house.ask(house.kari, "språk svensk")
    assert "Du får svar på bokmål." in await house.ask(house.kari, "språk")


async def test_a_channel_has_a_language_of_its_own(tmp_path: Path) -> None:
    async with furnished(f"sqlite:///{tmp_path / 'm.sqlite'}", channel_language="nn") as house:
        card = await house.valtrex_case()
        assert "Høyrer saman" not in card.plain()
        assert "Ansvarleg:" in card.plain()
        assert "Takk, meldingen om" in (await house.said(house.kari, "2025-0001")).plain()
