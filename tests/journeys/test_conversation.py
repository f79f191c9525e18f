"""Mentions, direct messages, App Home and the message shortcut."""

from __future__ import annotations

import pytest

from storage.tables import ShortageReport
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House


async def test_in_an_own_closed_channel_the_centre_is_answered_with_numbers(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    asked = await house.ws.mention(house.siri, house.cases, "har vi nok valtrex 500 mg?")
    told = await house.said(house.cases, "4200")
    assert told.thread_ts == asked.ts


async def test_in_an_open_channel_nobody_is_answered_with_numbers(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    for question in ("har vi nok valtrex 500 mg?", "status valtrex 500", "2025-0001", "hvilke saker?"):
        asked = await house.ws.mention(house.siri, house.info, question)
        await house.ws.wait_for(lambda asked=asked: house.ws.answers_to(asked), 8, question)
    said = "\n".join(message.plain() for message in house.by_bot(house.info))
    for secret in ("4200", "20. juli", "UNN", "Fokuslisten", "Årsak"):
        assert secret not in said


async def test_in_the_stock_channel_no_unpublished_case_is_told(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    asked = await house.ws.mention(house.siri, house.stock, "status valtrex 500")
    await house.ws.wait_for(lambda: house.ws.replies(house.stock, asked), 8)
    said = "\n".join(message.plain() for message in house.ws.replies(house.stock, asked))
    assert "vurderer den" in said
    assert "Årsak" not in said
    asked = await house.ws.mention(house.siri, house.stock, "lager valtrex 500")
    await house.ws.wait_for(lambda: any("4200" in m.plain() for m in house.ws.answers_to(asked)), 8)


async def test_in_the_meeting_channel_internal_cases_are_not_told(house: House) -> None:
    await house.valtrex_case()
    await house.form(house.siri, "publish_case", house.card())
    await house.ws.submit(house.siri, {"visibility": "internal"})
    asked = await house.ws.mention(house.siri, house.meeting, "status valtrex 500")
    await house.ws.wait_for(lambda: house.ws.answers_to(asked), 8)
    assert "vurderer den" in house.ws.answers_to(asked)[-1].plain()


async def test_the_meeting_is_not_read_out_in_an_open_channel(house: House) -> None:
    asked = await house.ws.mention(house.siri, house.info, "hva skal på møtet?")
    await house.ws.wait_for(lambda: house.ws.answers_to(asked), 8)
    answer = house.ws.answers_to(asked)[-1]
    assert "tilgang" in answer.plain()
    assert answer.thread_ts == asked.ts


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("har vi nok meropenem?", "Ingenting er publisert om lageret"),
        ("hvor lenge rekker valtrex 500 mg?", "Lager:"),
        ("hva kan du?", "Dette kan Mangelvakt"),
        ("hei", "Dette kan Mangelvakt"),
        ("hvordan går det med sak 2025-0001?", "vurderer den"),
        ("vi mangler valtrex 500 mg", "Vil du melde mangel på Valtrex tab 500 mg?"),
        ("følg valtrex", "Skriv «/mangel følg valtrex»"),
        ("hvilke saker er åpne", "Ingen publiserte saker"),
        ("xqzzk vvv", "Fant ingenting som ligner"),
        ("hva kan vi bruke i stedet for valtrex 500 mg?", "Ingen erstatning er publisert"),
        ("who handles valtrex?", "The Shortage Centre follows up"),
        ("kva er nytt", "Ingen publiserte saker er opna"),
        ("hvor mange saker er det", "0 publiserte saker"),
        ("samanlikn valtrex 500 mg og meropenem", "Valtrex tab 500 mg og Meropenem"),
        ("slutt å varsle meg om valtrex", "Skriv «/mangel slutt å følge valtrex»"),
        ("hva står på møtet?", "tilgang"),
        ("lukk sak 2025-0001", "Jeg endrer ingenting"),
        ("hvor mange mg valtrex til et barn", "Jeg gir ikke råd om dose"),
        ("fortell en vits", "er det mangel på meropenem?"),
        ("hva hvis bruken av valtrex øker 30 %", "Skriv «/mangel hva-hvis"),
    ],
)
async def test_a_direct_message_is_answered(house: House, question: str, answer: str) -> None:
    await house.valtrex_case()
    await house.ws.direct_message(house.kari, question)
    await house.said(house.kari, answer)
    assert not await _reports_after_the_first(house)


async def test_a_direct_message_goes_on_from_the_one_before(house: House) -> None:
    await house.ws.direct_message(house.kari, "hvem følger opp meropenem?")
    await house.said(house.kari, "Hvem følger opp Meropenem?")
    await house.ws.direct_message(house.kari, "og Zovirax?")
    await house.said(house.kari, "Hvem følger opp Zovirax?")
    await house.ws.direct_message(house.ola, "og lageret?")
    await house.said(house.ola, "Hvilket legemiddel mener du?")


async def test_in_a_thread_each_person_goes_on_from_their_own_question(house: House) -> None:
    asked = await house.ws.mention(house.kari, house.info, "hvem følger opp meropenem?")
    await house.said(house.info, "Hvem følger opp Meropenem?")
    await house.ws.mention(house.ola, house.info, "hvem følger opp Zovirax?", thread=asked)
    await house.said(house.info, "Hvem følger opp Zovirax?")
    await house.ws.mention(house.kari, house.info, "hva kan vi bruke i stedet?", thread=asked)
    await house.said(house.info, "Erstatning for Meropenem")


async def test_the_centre_is_told_who_and_what_instead(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    for question, answer in (
        ("hvem har sak 2025-0001", "ingen har tatt saken"),
        ("erstatning for valtrex 500 mg", "ikke vurdert"),
        ("hva er nytt denne uka", "2025-0001"),
        ("hvor mange saker i J05", "1 åpen sak"),
        ("sammenlign valtrex 500 mg og meropenem", "ca. 13 dager"),
    ):
        await house.ws.mention(house.siri, house.cases, question)
        await house.said(house.cases, answer)


async def test_which_one_is_meant_is_asked_with_buttons(house: House) -> None:
    for question, button, answer in (
        ("hvem følger opp insulin?", "show_who", "Hvem følger opp"),
        ("erstatning for insulin", "show_substitutes", "Erstatning for"),
    ):
        await house.ws.direct_message(house.kari, question)
        choose = await house.said(house.kari, "insulin")
        first = next(block for block in choose.blocks if block.get("accessory", {}).get("action_id") == button)
        assert answer in await house.press(house.kari, choose, first["block_id"])


async def test_an_offered_form_is_only_an_offer(house: House) -> None:
    await house.ws.direct_message(house.kari, "vi mangler valtrex 500 mg")
    offer = await house.said(house.kari, "Ingenting er meldt ennå")
    form = await house.form(house.kari, "report_medicine", offer)
    assert "Valtrex tab 500 mg" in form.plain()


async def test_a_message_becomes_a_report_by_its_shortcut(house: House) -> None:
    said = await house.ws.say(house.ola, house.info, "Vi er snart tomme for Valtrex 500 mg tabletter")
    await house.ws.shortcut(house.kari, said, "report_shortage")
    form = await house.ws.view(house.kari)
    assert form.title == "Meld mangel"
    said = await house.ws.say(house.ola, house.info, "valtrex 500 mg")
    await house.ws.close(house.kari)
    await house.ws.shortcut(house.kari, said, "report_shortage")
    form = await house.ws.view(house.kari)
    assert "Valtrex tab 500 mg" in form.plain()
    sent = await house.ws.submit(house.kari, {"place": "UNN Tromsø", "runs_out": "now"})
    assert "2025-0001" in sent.view.plain()


# --- App Home ---


async def test_home_of_a_clinician_shows_their_reports_and_what_they_follow(house: House) -> None:
    await house.valtrex_case()
    await house.ask(house.kari, "følg J05AB")
    home = await house.ws.open_home(house.kari)
    assert "Valtrex tab 500 mg · 2025-0001" in home.plain()
    assert "Senteret vurderer saken." in home.plain()
    assert "ATC J05AB" in home.plain()
    for not_theirs in ("Gjør dette først", "Mine lagre", "Lagrene", "Vis neste møte"):
        assert not_theirs not in home.plain()
    await house.ws.click(house.kari, home, "show_case")
    assert "vurderer den" in (await house.ws.view(house.kari)).plain()


async def test_home_of_the_centre_says_what_needs_somebody(house: House) -> None:
    await house.valtrex_case()
    home = await house.ws.open_home(house.siri)
    assert "Ingen har tatt saken." in home.plain()
    assert "1 åpen sak · Pågående 1" in home.plain()
    assert "1 åpen sak" in (await house.form(house.siri, "find_cases", home)).plain()
    await house.ws.close(house.siri)
    await house.ws.click(house.siri, home, "show_meeting")
    assert "Mangelmøtet uke 28" in (await house.ws.view(house.siri)).plain()


async def test_home_of_a_stock_manager_shows_her_pools(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    home = await house.ws.open_home(house.mona)
    assert "Fokuslisten · 1 vare · 1 varsel" in home.plain()
    assert "B180S" not in home.plain()


async def test_home_of_a_meeting_member_leads_to_the_meeting(house: House) -> None:
    home = await house.ws.open_home(house.dag)
    await house.ws.click(house.dag, home, "show_meeting")
    assert "Mangelmøtet uke 28" in (await house.ws.view(house.dag)).plain()


async def test_home_opens_the_form_and_the_help(house: House) -> None:
    home = await house.ws.open_home(house.ola)
    assert (await house.form(house.ola, "report_medicine", home)).title == "Meld mangel"
    await house.ws.close(house.ola)
    assert "/mangel status" in (await house.form(house.ola, "show_help", home)).plain()


async def _reports_after_the_first(house: House) -> list[ShortageReport]:
    return (await house.rows(ShortageReport))[1:]


async def test_a_case_of_another_register_is_found_by_its_number_alone(house: House) -> None:
    rows = (
        "saksnummer;virkestoff;preparat;atc;registrert;kilde;årsak;status;start;slutt;meldt;avsluttet\n"
        "A-17;Meropenem;Meronem pulv til inj 1 g;J01DH02;ja;DMP;;pågående;01.06.2025;;01.06.2025;\n"
    )
    assert (await house.bot.services.register.take_in(rows.encode(), "saker.csv", {})).stored
    for question in ("A-17", "hvem har sak A-17?"):
        asked = await house.ws.mention(house.siri, house.cases, question)
        await house.ws.wait_for(lambda asked=asked: house.ws.answers_to(asked), 8, question)
        assert "A-17" in "".join(message.plain() for message in house.ws.answers_to(asked))
        assert "Meronem" in "".join(message.plain() for message in house.ws.answers_to(asked))
