"""A file in a case's thread becomes the case's document when who laid it there says so."""

from __future__ import annotations

from storage.tables import CaseDocument
from tests.journeys.conftest import House


async def test_a_file_in_the_thread_is_offered_to_who_laid_it_and_kept_with_one_button(house: House) -> None:
    await house.valtrex_case()
    await house.ws.upload(house.siri, house.cases, "brev.pdf", b"%PDF-1.7", thread=house.card(), wait=0.2)
    offer = await house.whispered(house.siri, "Legge filen ved sak 2025-0001?", 20)
    assert "brev.pdf" in offer.plain()
    assert await house.rows(CaseDocument) == []
    assert "tilgang" in await house.forge(house.kari, house.card(), "attach_file", _value("https://x.no/a"))
    assert "https" in await house.forge(house.siri, house.card(), "attach_file", _value("javascript:1"))
    assert "virker ikke lenger" in await house.forge(house.siri, house.card(), "attach_file", "brev.pdf")
    assert await house.rows(CaseDocument) == []
    await house.ws.click(house.siri, offer, "attach_file")
    await house.said(house.cases, "dokument: brev.pdf")
    (document,) = await house.rows(CaseDocument)
    assert document.address.startswith("https://") and document.address.endswith("/brev.pdf")
    await house.ws.wait_for(lambda: "brev.pdf" in house.card().plain(), 20, "the document on the card")


async def test_a_list_outside_any_cases_thread_is_still_a_list(house: House) -> None:
    await house.valtrex_case()
    await house.ws.upload(house.siri, house.cases, "liste.csv", b"ikke;en;liste", wait=0.2)
    said = await house.whispered(house.siri, "liste.csv", 20)
    assert "Legge filen ved" not in said.plain()


def _value(address: str) -> str:
    return f'{{"case": "2025-0001", "address": "{address}", "title": "brev"}}'
