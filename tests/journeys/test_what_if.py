"""`/mangel hva-hvis` over the real socket: in words, in the form, by role, and nothing changed by it."""

from __future__ import annotations

import pytest

from storage.tables import OutboxEntry
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House

MORE_IN_B180S = "B180S;Valtrex tab 500 mg;20000;tablett;2025-07-06;3000;2025-06;;"
COMING = "Fokuslisten;Zovirax tab 200 mg;3000;tablett;2025-07-06;3000;2025-06;9000;2025-07-25"


async def asked(house: House, words: str) -> str:
    """What Siri of the centre hears."""
    return await house.ask(house.siri, f"hva-hvis {words}")


async def test_rationing_is_answered_with_before_after_and_a_picture(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.ask(house.siri, "hjelp")
    before = {name: rows for name, rows in (await house.everything()).items() if name != "outbox"}
    said = await asked(house, "valtrex 500 rasjonering 50 % fra i dag")
    assert "rasjonering: 50 % mindre fra 7. juli 2025" in said
    assert "Uten endring: rekker i ca. 13 dager: trolig tomt 20. juli, tidligst 14. juli." in said
    assert "Med endring: rekker i ca. 2" in said
    assert "Ingenting er endret, og bare du ser dette." in said
    picture = await house.said(house.siri, "Hva hvis rasjonering")
    assert "Med endring: trolig tomt" in picture.plain()
    assert any("slack_file" in block for block in picture.blocks)
    after = {name: rows for name, rows in (await house.everything()).items() if name != "outbox"}
    assert after == before


async def test_a_case_shows_days_and_units_missing(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.form(house.siri, "update_case", house.card())
    await house.ws.submit(house.siri, {"expected_end": "2025-09-15"})
    await house.ws.wait_for(lambda: "15. sept." in house.card().plain(), 20, "the new end")
    said = await asked(house, "valtrex 500 -50 %")
    assert "Samlet, sak 2025-0001 · mangelen slutter 15. sept." in said
    assert "dager udekket, det mangler ca. 17" in said


async def test_packs_move_between_pools(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS, MORE_IN_B180S, by=house.siri)
    said = await asked(house, "valtrex 500 flytt 5000 tabletter fra B180S til Fokuslisten")
    assert "5000 tabletter flyttes fra B180S til Fokuslisten" in said
    assert "Samlet" in said
    assert "Vet ikke hvor mange tabletter det er i en pakning" in await asked(
        house, "valtrex 500 flytt 40 pakninger fra B180S til Fokuslisten"
    )
    assert "Fant ikke lageret «B50» for dette legemidlet. Her finnes: B180S, Fokuslisten." in await asked(
        house, "valtrex 500 flytt 40 fra B180S til B50"
    )
    assert "B180S har bare 20" in await asked(house, "valtrex 500 flytt 99999 tabletter fra b180 til fokuslisten")


async def test_a_late_delivery_and_several_changes(house: House) -> None:
    await house.store(COMING)
    said = await asked(house, "zovirax 200 levering 14 dager forsinket og +10 % forbruk fra 1.8")
    assert "leveransene er 14 dager forsinket" in said and "10 % mer forbruk fra 1. aug. 2025" in said
    await house.store(*VALTREX_IN_TWO_WEEKS)
    assert "Ingen leveranse er ventet" in await asked(house, "valtrex 500 levering en uke forsinket")


async def test_patients_move_only_by_a_ratio_that_a_person_has_set(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS, COMING)
    said = await asked(house, "zovirax 200 30 % av pasientene fra Valtrex tab 500 mg")
    assert "Ingen har satt et forhold mellom Valtrex tab 500 mg og dette legemidlet" in said
    with_ratio = await asked(house, "zovirax 200 30 % av pasientene fra Valtrex tab 500 mg forhold 2")
    assert "30 % av pasientene på Valtrex tab 500 mg flyttes hit" in with_ratio
    assert "Ingen har satt" not in with_ratio


@pytest.mark.parametrize(
    ("words", "unread"), [("valtrex 500 -30 % og banan", "banan"), ("valtrex 500 -30 % fra 31.2", "fra 31.2")]
)
async def test_what_is_not_understood_is_said_and_nothing_is_reckoned(house: House, words: str, unread: str) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    said = await asked(house, words)
    assert f"Forstod ikke «{unread}», så ingenting er regnet ut." in said
    assert "flytt 40 pakninger fra B180S til Fokuslisten" in said
    assert not [row for row in await house.rows(OutboxEntry) if row.key.startswith("what-if")]


async def test_the_form_follows_the_change_that_is_chosen_and_answers_in_its_place(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS, MORE_IN_B180S, by=house.siri)
    await house.ws.slash(house.siri, "/mangel hva-hvis valtrex tab 500 mg")
    form = await house.ws.view(house.siri)
    assert "Prosent mindre forbruk" in form.plain() and "Valtrex tab 500 mg" in form.plain()
    sent = await house.ws.submit(house.siri, {"percent": "mye"})
    assert sent.errors == {"percent": "«mye» er ikke et tall."}
    sent = await house.ws.submit(house.siri, {"percent": "130"})
    assert sent.errors == {"percent": "Skriv et tall fra 1 til 100."}
    await house.ws.choose(house.siri, "kind", "move")
    form = await house.ws.view(house.siri)
    assert "Fra lager" in form.plain() and "Prosent" not in form.plain()
    move = {"packs": "5000 tabletter", "from_pool": "b180s", "to_pool": "b180s"}
    sent = await house.ws.submit(house.siri, move | {"packs": "mange"})
    assert sent.errors == {"packs": "Skriv hvor mye som skal flyttes, for eksempel 40."}
    sent = await house.ws.submit(house.siri, move | {"packs": "0", "to_pool": "fokuslisten"})
    assert sent.errors == {"packs": "Skriv hvor mye som skal flyttes, for eksempel 40."}
    sent = await house.ws.submit(house.siri, move)
    assert sent.errors == {"to_pool": "Velg to forskjellige lager."}
    sent = await house.ws.submit(house.siri, move | {"to_pool": "fokuslisten"})
    assert not sent.errors
    answer = await house.ws.view(house.siri)
    assert "5000 tabletter flyttes fra B180S til Fokuslisten" in answer.plain()
    await house.said(house.siri, "Hva hvis 5000 tabletter flyttes")


async def test_a_manager_reckons_with_her_own_pools_only(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS, MORE_IN_B180S, by=house.siri)
    said = await house.ask(house.mona, "hva-hvis valtrex 500 -30 %")
    assert "Fokuslisten" in said and "B180S" not in said
    assert "1 lager som du ikke har tilgang til, er ikke regnet med." in said
    await house.ws.slash(house.mona, "/mangel hva-hvis valtrex 500")
    await house.ws.view(house.mona)
    await house.ws.choose(house.mona, "kind", "move")
    assert "B180S" not in (await house.ws.view(house.mona)).plain()


async def test_a_clinician_is_told_politely_and_learns_nothing(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    alert = await house.said(house.stock, "VARSEL")
    async with house.nothing_stored():
        said = await house.ask(house.kari, "hva-hvis valtrex 500 -30 %")
        assert said == "Dette er bare for dem som har fått tilgang. Spør Mangelsenteret om tilgang."
        assert "fått tilgang" in await house.forge(house.kari, alert, "open_what_if", "-")
