"""A clinician reports; the centre has a case; the reporter has a receipt that nobody takes for an order."""

from __future__ import annotations

from tests.journeys.conftest import House


async def test_a_report_becomes_a_case_card_and_a_receipt(house: House) -> None:
    sent = await house.report(house.kari, "valtrexx 500", "Valtrex tab 500 mg", note="Tre pasienter etter transplantasjon.")

    assert not sent.errors
    assert "2025-0001" in sent.view.plain()
    assert "ikke en bestilling" in sent.view.plain()
    card = await house.said(house.cases, "2025-0001")
    assert "Valtrex tab 500 mg (valaciklovir)" in card.plain()
    assert "UNN Tromsø (Innen 3 døgn)" in card.plain()
    assert "Tre pasienter etter transplantasjon." in card.plain()
    receipt = await house.said(house.kari, "2025-0001")
    assert "Giftinformasjonen 22 59 13 00" in receipt.plain()
    assert not house.ws.messages(house.info, by_bot=True)
    assert not house.ws.complaints


async def test_a_second_report_of_the_same_preparation_joins_the_case(house: House) -> None:
    await house.report(house.kari, "valtrex 500", "Valtrex tab 500 mg")
    first = await house.said(house.cases, "2025-0001")
    await house.report(house.ola, "valtrex 500", "Valtrex tab 500 mg", place="Førde sentralsjukehus")

    await house.ws.wait_for(lambda: "2 meldinger, 2 steder" in house.card().plain(), what="the card with two reports")
    assert house.card().ts == first.ts
    note = await house.said(house.cases, "Ny melding fra Førde")
    assert note.thread_ts == first.ts
    assert len(house.ws.messages(house.cases, by_bot=True)) == 1
