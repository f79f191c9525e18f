"""A public text over the real socket: drafted by one, approved by another, taken as files, withdrawn everywhere."""

from __future__ import annotations

from tests.journeys.conftest import House

NUMBER = "2025-0001"


async def test_a_text_is_drafted_approved_taken_and_withdrawn(house: House) -> None:
    await house.valtrex_case()
    await house.form(house.siri, "publish_case", house.card(NUMBER))
    draft = {"advice": "Bruk Zovirax.", "advice_nn": "Bruk Zovirax først.", "draft_only": ["draft"]}
    assert not (await house.ws.submit(house.siri, draft | {"visibility": "published"})).errors
    await house.said(house.cases, "Utkast til publisert tekst venter på godkjenning.")
    assert "Bruk Zovirax" not in await house.ask(house.kari, f"status {NUMBER}")
    assert "Bruk Zovirax" not in house.card(NUMBER).plain()

    form = await house.form(house.per, "publish_case", house.card(NUMBER))
    assert f"Utkast av @{house.siri.name}" in form.plain() or "Utkast av" in form.plain()
    assert not (await house.ws.submit(house.per, {"visibility": "published"})).errors
    await house.said(house.info, "Bruk Zovirax.")
    await house.ask(house.kari, "språk nynorsk")
    assert "Bruk Zovirax først." in await house.ask(house.kari, f"status {NUMBER}")

    more = await house.form(house.per, "more_case", house.card(NUMBER))
    await house.ws.click(house.per, more, "take_public_text")
    told = await house.said(house.per, f"Publisert tekst for sak {NUMBER}", 60)
    names = [str(file.get("name")) for file in told.payload()["files"]]
    assert f"{NUMBER}-nettside-nb.html" in names and f"{NUMBER}-nettside-nn.html" in names
    assert f"{NUMBER}-felleskatalogen.txt" in names and f"{NUMBER}-brev-fagdirektorene.html" in names

    await house.form(house.siri, "publish_case", house.card(NUMBER))
    assert not (await house.ws.submit(house.siri, {"visibility": "meeting"})).errors
    await house.said(house.info, "trukket tilbake")
    assert all("Bruk Zovirax" not in message.plain() for message in house.by_bot(house.info))
    await house.said(house.cases, "Teksten står også på hjemmesiden, Felleskatalogen, brevet til fagdirektørene")
    assert "Bruk Zovirax" not in await house.ask(house.kari, f"status {NUMBER}")
