"""The year's figures in Slack: who may see them, of which year, of which cases."""

from __future__ import annotations

from tests.journeys.conftest import House

REGISTER = (
    b"saksnummer;virkestoff;atc;registrert;kilde;start;slutt;meldt;avsluttet\n"
    b"2024-0900;Etoposid;L01CB01;ja;DMP;01.12.2024;10.01.2025;20.11.2024;12.01.2025\n"
    b"2025-0900;Meropenem;J01DH02;nei;Sykehusapotek;;;05.02.2025;\n"
)


async def test_the_centre_and_the_meeting_read_the_years_figures(house: House) -> None:
    await house.bot.services.register.take_in(REGISTER, "saker.csv", {})
    for user in (house.siri, house.dag):
        said = await house.ask(user, "statistikk 2025")
        for words in (
            "Mangelsaker i 2025",
            "Behandlet: 2 (1 nye, 1 overført fra før).",
            "Avsluttet: 1. Åpne ved utgangen: 1.",
            "Gjennomsnitt 40 dager",
            "Ikke fra DMP: 1 (50 %), av dem 0 registrerte og 1 uregistrerte.",
            "2024: 0 av 1 (0 %)",
            "2025: 1 av 2 (50 %)",
            "Perioden er ikke slutt",
        ):
            assert words in said, words
    assert "2025 (ATC: J)" in await house.ask(house.siri, "statistikk atc=j")


async def test_a_clinician_is_told_politely(house: House) -> None:
    for user in (house.kari, house.ola, house.mona):
        assert "tilgang" in await house.ask(user, "statistikk 2025")


async def test_a_year_without_cases_and_what_is_no_year(house: House) -> None:
    assert "Ingen saker." in await house.ask(house.siri, "statistikk 2019")
    assert "ikke et år" in await house.ask(house.siri, "statistikk tjue")
    assert "Barnenettverket" in await house.ask(house.siri, "statistikk kilde=naboen")


async def test_history_is_not_posted(house: House) -> None:
    await house.bot.services.register.take_in(REGISTER, "saker.csv", {})
    await house.bot.services.cases.begin_what_has_come()
    await house.bot.services.cases.bring_up_to_date()
    await house.ws.quiet()
    assert not any(house.ws.messages(channel, by_bot=True) for channel in (house.cases, house.info, house.meeting))


async def test_the_figures_come_as_a_picture_to_whoever_asks_and_to_nobody_else(house: House) -> None:
    await house.bot.services.register.take_in(REGISTER, "saker.csv", {})
    answer = await house.ws.slash(house.siri, "/mangel statistikk 2025 atc=L")
    await house.ws.wait_for(lambda: answer.messages, 20, "the figures")
    said = await house.press(house.siri, answer.messages[-1], "show_statistics")
    assert "kommer i en direktemelding til deg" in said
    message = await house.said(house.siri, "Mangelsaker i 2025 (ATC: L)")
    image = next(block for block in message.blocks if block["type"] == "image")
    assert "L Antineoplastiske" in image["alt_text"]
    assert (house.ws.state.files[image["slack_file"]["id"]].data or b"").startswith(b"\x89PNG")
    async with house.nothing_stored():
        for user in (house.kari, house.mona):
            assert "tilgang" in await house.forge(user, message, "show_statistics", "2025")
        assert "ikke et år" in await house.forge(house.siri, message, "show_statistics", "tjue")
