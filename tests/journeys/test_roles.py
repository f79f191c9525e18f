"""Who may do what: every command and every button, for each of the four users and for an outsider."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import House

WHO = ("kari", "ola", "siri", "mona", "dag")
NO = "Spør Mangelsenteret om tilgang."

COMMANDS: dict[str, dict[str, str]] = {
    "status 2025-0001": {
        "kari": "vurderer den",
        "ola": "vurderer den",
        "siri": "Årsak",
        "mona": "vurderer den",
        "dag": "Årsak",
    },
    "liste": {
        "kari": "Ingen publiserte saker",
        "ola": "Ingen publiserte saker",
        "siri": "1 åpen sak",
        "mona": "Ingen publiserte saker",
        "dag": "1 åpen sak",
    },
    "lager valtrex tab 500 mg": {
        "kari": "Ingenting er publisert om lageret",
        "ola": "Ingenting er publisert om lageret",
        "siri": "4200",
        "mona": "4200",
        "dag": "4200",
    },
    "følg valtrex": dict.fromkeys(WHO, "Du følger nå"),
    "følg zyprexa tab 10 mg her": {"kari": NO, "ola": NO, "siri": "Kanalen følger nå", "mona": NO, "dag": NO},
    "møte": {"kari": NO, "ola": NO, "siri": "Mangelmøtet uke 28", "mona": NO, "dag": "Mangelmøtet uke 28"},
    "hjelp": dict.fromkeys(WHO, "Dette kan Mangelvakt"),
}

CENTRE_ONLY = ("take_case", "update_case", "publish_case", "wrong_medicine", "close_case", "add_candidate")
FOR_MANAGERS = ("follow_alert", "snooze_alert", "open_case_from_alert")


async def test_each_command_answers_each_person_what_is_theirs(house: House) -> None:
    await house.valtrex_case()
    await house.alert()
    for typed, answers in COMMANDS.items():
        for who, answer in answers.items():
            told = await house.ask(getattr(house, who), typed, house.info)
            assert answer in told, f"{who}: {typed}: {told}"
            if who in ("kari", "ola"):
                assert "4200" not in told


@pytest.mark.parametrize("who", ["kari", "ola", "mona", "dag"])
async def test_a_button_of_the_centre_is_refused_to_everybody_else(house: House, who: str) -> None:
    card = await house.valtrex_case()
    person = getattr(house, who)
    async with house.nothing_stored():
        for button in CENTRE_ONLY:
            assert NO in await house.forge(person, card, button, "2025-0001")
        assert NO in await house.forge(person, card, "post_digest", None)
    assert house.ws.current_view(person) is None


@pytest.mark.parametrize("who", ["kari", "ola", "dag"])
async def test_a_button_of_the_stock_managers_is_refused_to_everybody_else(house: House, who: str) -> None:
    alert = await house.alert()
    async with house.nothing_stored():
        for button in (*FOR_MANAGERS, "store_sheet", "drop_sheet"):
            assert "tilgang" in await house.forge(getattr(house, who), alert, button, "1")


@pytest.mark.parametrize("who", ["kari", "ola", "mona"])
async def test_buttons_that_only_read_show_what_the_person_may_read(house: House, who: str) -> None:
    card = await house.valtrex_case()
    person = getattr(house, who)
    assert "vurderer den" in await house.forge(person, card, "show_case", "2025-0001")
    assert "Valtrex" not in await house.forge(person, card, "list_cases", "1")
    assert "Valtrex" not in await house.forge(person, card, "show_all_cases", "2025-W28")
    assert NO in await house.forge(person, card, "show_meeting", None)


@pytest.mark.parametrize(
    ("button", "value"),
    [
        ("take_case", "2031-0001"),
        ("take_case", "'; drop table"),
        ("take_case", None),
        ("update_case", "nonsense"),
        ("follow_alert", "nonsense"),
        ("follow_alert", "99999999999999999999"),
        ("follow_alert", None),
        ("snooze_alert", "-1"),
        ("open_case_from_alert", "x"),
        ("open_domino_case", "x"),
        ("open_domino_case", "77"),
        ("add_candidate", "nonsense"),
        ("withdraw_report", "x"),
        ("correct_report", "77"),
        ("store_sheet", "nonsense"),
        ("drop_sheet", None),
        ("show_case", ""),
        ("list_cases", "nonsense"),
        ("show_stock", "q:1"),
        ("show_status", "p:nonsense"),
        ("follow_medicine", "nonsense"),
        ("stop_following", "nonsense"),
        ("report_medicine", "p:nonsense"),
    ],
)
async def test_values_that_no_button_has_are_refused_with_a_line(house: House, button: str, value: str | None) -> None:
    card = await house.valtrex_case()
    async with house.nothing_stored():
        told = await house.forge(house.siri, card, button, value)
    assert "gikk galt" not in told
    assert told.count("\n") <= 1
    assert told
