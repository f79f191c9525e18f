"""What a person types after `/mangel`, and what they read."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from bot.reception import AT_ONCE, TRIGGER_LIVES
from storage.tables import Follow, ShortageCase
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House, furnished, standing_in

# --- meld ---


@pytest.mark.parametrize("typed", ["", "meld", "report", "MELD"])
async def test_bare_mangel_opens_an_empty_report_form(house: House, typed: str) -> None:
    await house.ws.slash(house.kari, f"/mangel {typed}")
    form = await house.ws.view(house.kari)
    assert form.title == "Meld mangel"
    assert "Når går dere tomme?" in form.plain()
    assert "ikke en bestilling" in form.plain()


@pytest.mark.parametrize("typed", ["meld valtrexx 500 mg tab", "report Valtrex 500mg tabletter"])
async def test_text_after_meld_fills_the_medicine(house: House, typed: str) -> None:
    await house.ws.slash(house.kari, f"/mangel {typed}")
    form = await house.ws.view(house.kari)
    assert "Valtrex tab 500 mg" in form.plain()


async def test_text_that_names_nothing_opens_the_form_all_the_same(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel meld xqzzk")
    form = await house.ws.view(house.kari)
    assert form.title == "Meld mangel"
    assert "xqzzk" not in form.plain()


# --- status and words that are looked up ---


@pytest.mark.parametrize("typed", ["status valtrex", "status 2025-0001", "valtrexx 500", "2025-1", "sak 2025-0001"])
async def test_before_it_is_published_a_clinician_hears_that_a_notice_has_come(house: House, typed: str) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    told = await house.ask(house.kari, typed)
    assert "har fått melding om mulig mangel og vurderer den" in told
    for secret in ("UNN", "4200", "20. juli", "Årsak", "Fokuslisten"):
        assert secret not in told


async def test_the_centre_reads_all_of_a_case(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    told = await house.ask(house.siri, "status 2025-0001")
    assert "Valtrex tab 500 mg (valaciklovir) · 2025-0001 · Pågående" in told
    assert "Trolig tomt 20. juli" in told
    assert "Fokuslisten" in told


async def test_status_of_an_atc_code_lists_what_the_asker_may_see(house: House) -> None:
    await house.valtrex_case()
    assert "Valtrex tab 500 mg" in await house.ask(house.siri, "status J05AB11")
    assert "Valtrex" not in await house.ask(house.kari, "status J05AB11")


async def test_what_is_published_is_read_by_everyone(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.publish(advice="Bruk aciklovir til nye pasienter.")
    told = await house.ask(house.ola, "status valtrex 500")
    assert "Lager: Svært lav." in told
    assert "Bruk aciklovir til nye pasienter." in told
    for secret in ("4200", "UNN", "20. juli"):
        assert secret not in told


async def test_a_medicine_without_a_case_says_so_and_offers_the_form(house: House) -> None:
    answer = await house.ws.slash(house.kari, "/mangel status ibux 400")
    await house.ws.wait_for(lambda: answer.messages)
    assert "Ingen åpen mangelsak" in answer.text
    form = await house.form(house.kari, "report_medicine", answer.message)
    assert form.title == "Meld mangel"


async def test_a_case_number_that_does_not_exist(house: House) -> None:
    assert await house.ask(house.kari, "status 2031-0001") == "Fant ikke sak 2031-0001."


@pytest.mark.parametrize("typed", ["status xqzzk vvv", "xqzzk vvv", "lager xqzzk vvv", "følg xqzzk vvv"])
async def test_nonsense_gets_one_clear_line_and_the_way_on(house: House, typed: str) -> None:
    async with house.nothing_stored():
        told = await house.ask(house.kari, typed)
    assert "Fant ingenting som ligner «xqzzk vvv»." in told
    assert "[Meld mangel]" in told


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("status", "Skriv et legemiddel eller et saksnummer etter «status»."),
        ("lager", "Skriv et legemiddel etter «lager»."),
        ("følg", "Skriv «/mangel følg» og et legemiddel"),
        ("slutt å følge", "Skriv «/mangel følg» og et legemiddel"),
    ],
)
async def test_a_sub_command_without_its_object_says_what_is_missing(house: House, typed: str, hint: str) -> None:
    assert hint in await house.ask(house.kari, typed)


# --- liste ---


async def test_the_list_is_paged_and_filtered(house: House) -> None:
    async with house.bot.database.unit_of_work() as uow:
        await uow.add(*(_case(number) for number in range(1, 24)))
    answer = await house.ws.slash(house.siri, "/mangel liste")
    await house.ws.wait_for(lambda: answer.messages)
    assert "23 åpne saker · side 1 av 3" in answer.text
    page_two = await house.press(house.siri, answer.message, "list_cases_on")
    assert "side 2 av 3" in page_two
    second = house.ws.ephemerals(house.siri)[-1]
    assert "side 3 av 3" in await house.press(house.siri, second, "list_cases_on")
    assert "side 1 av 3" in await house.press(house.siri, second, "list_cases")
    filtered = await house.ask(house.siri, "list J01")
    assert "11 åpne saker · J01 · side 1 av 2" in filtered
    assert "1 åpen sak · stoff 7" in await house.ask(house.siri, "liste stoff 7")
    assert "Ingen publiserte saker" in await house.ask(house.kari, "liste")


async def test_a_case_in_the_list_can_be_shown(house: House) -> None:
    await house.valtrex_case()
    answer = await house.ws.slash(house.siri, "/mangel liste")
    await house.ws.wait_for(lambda: answer.messages)
    assert "2025-0001 · Pågående" in await house.press(house.siri, answer.message, "show_case")


def _case(number: int) -> ShortageCase:
    now = dt.datetime(2025, 7, 1, 8, 0, tzinfo=dt.UTC)
    return ShortageCase(
        number=f"2025-{number:04d}",
        preparation_key=f"stoff {number}|tab|{number}",
        name=f"Middel {number} tab",
        substance=f"stoff {number}",
        atc="J01AA01" if number % 2 == 0 else "N02BE01",
        scope="medicine",
        authorised="unknown",
        status="ongoing",
        visibility="internal",
        opened_at=now + dt.timedelta(hours=number),
        changed_at=now,
    )


# --- lager ---


async def test_the_stock_manager_reads_numbers_of_her_pool_only(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.store("B180S;Valtrex tab 500 mg;77;tablett;2025-07-06;60;2025-06;;", by=house.siri)
    told = await house.ask(house.mona, "lager valtrex 500")
    assert "Fokuslisten" in told
    assert "4200" in told
    assert "77" not in told
    assert "1 lager som du ikke har tilgang til" in told
    for everything in (await house.ask(house.siri, "stock valtrex 500"), await house.ask(house.dag, "lager valtrex")):
        assert "4200" in everything
        assert "77" in everything


async def test_without_a_grant_nothing_of_the_stock_is_read_before_it_is_published(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    assert "Ingenting er publisert om lageret" in await house.ask(house.kari, "lager valtrex 500")
    await house.publish()
    told = await house.ask(house.kari, "lager valtrex 500")
    assert "Svært lav" in told
    assert "4200" not in told
    assert "Fokuslisten" not in told


async def test_a_medicine_nobody_stocks(house: House) -> None:
    assert "Ingen lagertall er registrert" in await house.ask(house.siri, "lager valtrex 500")


# --- følg ---


@pytest.mark.parametrize("typed", ["følg valtrex", "follow valtrex", "folg valtrexx"])
async def test_whoever_follows_a_medicine_hears_of_a_new_case(house: House, typed: str) -> None:
    assert "Du følger nå valaciklovir." in await house.ask(house.ola, typed)
    assert "Du følger valaciklovir allerede." in await house.ask(house.ola, typed)
    await house.valtrex_case()
    told = await house.said(house.ola, "Nytt om")
    assert "vurderer den" in told.plain()
    assert "UNN" not in told.plain()
    await house.press(house.ola, told, "stop_following")
    assert not await house.rows(Follow)


@pytest.mark.parametrize("typed", ["slutt å følge J05AB", "unfollow j05ab", "slutt a folge J05AB"])
async def test_an_atc_group_is_followed_and_left(house: House, typed: str) -> None:
    assert "Du følger nå ATC J05AB." in await house.ask(house.kari, "følg J05AB")
    assert "Du følger ikke lenger ATC J05AB." in await house.ask(house.kari, typed)
    assert "Du fulgte ikke ATC J05AB." in await house.ask(house.kari, typed)


async def test_a_case_is_followed_by_its_number(house: House) -> None:
    await house.valtrex_case()
    assert "Du følger nå 2025-0001." in await house.ask(house.ola, "følg 2025-0001")
    async with house.nothing_stored():
        assert "Fant ikke sak 2031-0001." in await house.ask(house.ola, "følg 2031-0001")


async def test_the_centre_lets_a_channel_follow_and_stop(house: House) -> None:
    assert "Kanalen følger nå valaciklovir." in await house.ask(house.siri, "følg valtrex her", house.info)
    await house.valtrex_case()
    told = await house.said(house.info, "Nytt om")
    async with house.nothing_stored():
        assert "tilgang" in await house.press(house.kari, told, "stop_following")
    assert "Kanalen følger ikke lenger valaciklovir" in await house.press(house.siri, told, "stop_following")
    assert "Kanalen følger nå" in await house.ask(house.siri, "følg valtrex her", house.info)
    assert "Kanalen følger ikke lenger" in await house.ask(house.siri, "slutt å følge valtrex her", house.info)


async def test_a_clinician_may_not_let_a_channel_follow(house: House) -> None:
    async with house.nothing_stored():
        assert "Spør Mangelsenteret om tilgang" in await house.ask(house.kari, "følg valtrex her", house.info)


async def test_unsure_words_are_asked_about_and_the_choice_does_what_was_asked(house: House) -> None:
    answer = await house.ws.slash(house.kari, "/mangel følg zyprexa")
    await house.ws.wait_for(lambda: answer.messages)
    if "Hvilken mener du?" in answer.text:
        assert "Du følger nå" in await house.press(house.kari, answer.message, "follow_medicine")
    assert len(await house.rows(Follow)) == 1


async def test_a_bare_slutt_stops_nothing_and_gives_a_hint(house: House) -> None:
    await house.ask(house.kari, "følg valtrex")
    async with house.nothing_stored():
        assert "slutt å følge" in await house.ask(house.kari, "slutt")


# --- møte and hjelp ---


@pytest.mark.parametrize("typed", ["møte", "meeting", "mote"])
async def test_the_next_digest_is_read_by_the_meeting_and_the_centre(house: House, typed: str) -> None:
    await house.valtrex_case()
    assert "Mangelmøtet uke 28" in await house.ask(house.dag, typed)
    assert "Valtrex tab 500 mg" in await house.ask(house.siri, typed)
    assert "Spør Mangelsenteret om tilgang" in await house.ask(house.kari, typed)
    assert not house.ws.messages(house.meeting, by_bot=True)


@pytest.mark.parametrize("typed", ["hjelp", "help"])
async def test_help_names_every_sub_command(house: House, typed: str) -> None:
    told = await house.ask(house.kari, typed)
    for command in ("meld", "status", "liste", "lager", "følg", "slutt å følge", "møte", "hjelp"):
        assert f"/mangel {command}" in told


# --- many at once ---


async def test_a_hundred_questions_at_once_are_acknowledged_before_any_is_looked_up_and_all_are_answered(
    house: House,
) -> None:
    app, home = house.bot.app, house.ws.state.im_with(house.kari.id)
    before = len(house.ws.deliveries)
    asked = [asyncio.create_task(house.ws.people.command(house.kari, "/mangel", "hjelp", home)) for _ in range(100)]
    await house.ws.wait_for(lambda: len(house.ws.deliveries) == before + 100, 20, "every acknowledgement")
    assert app.running > 50  # acknowledged, and still in line
    given = await asyncio.gather(*asked)
    assert all(one.ack.ok for one in given)
    assert await app.finished(30)
    await house.ws.wait_for(lambda: all(len(one.ticket.said) == 1 for one in given), 20, "every answer, once")


async def test_a_choice_in_a_form_that_was_closed_meanwhile_holds_up_nobody(database_url: str) -> None:
    async with furnished(database_url) as house:
        await house.ws.slash(house.kari, "/mangel")
        option = (await house.ws.type_ahead(house.kari, "medicine", "valtrex"))[0]
        house.ws.answer("views.update", error="not_found")
        await house.ws.choose(house.kari, "medicine", option)
        assert await house.bot.app.finished(2)  # Bolt would wait for the acknowledgement that it has had


async def test_a_form_whose_trigger_is_spent_is_not_made(house: House) -> None:
    async with standing_in(house.bot.services.readers, AT_ONCE):
        asked = asyncio.create_task(house.ws.slash(house.kari, "/mangel"))
        await asyncio.sleep(TRIGGER_LIVES + 0.2)
    await asked
    await house.whispered(house.kari, "Det tok for lang tid å åpne skjemaet. Prøv igjen.")
    assert house.ws.current_view(house.kari) is None


async def test_what_changes_something_is_stored_before_it_is_acknowledged(house: House) -> None:
    home = house.ws.state.im_with(house.kari.id)
    given = await house.ws.people.command(house.kari, "/mangel", "følg J05AB", home)
    assert given.ack.ok
    assert [row.subject for row in await house.rows(Follow)]
