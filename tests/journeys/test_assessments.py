"""Doxyferm's replacement over the real socket: drafted in three steps, signed by another, its letter, out of date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from storage.tables import SubstituteAssessment
from tests.journeys.conftest import House
from workspace import Message, View

NUMBER = "2025-0001"
NAME = "Doxycycline tzf inf, oppl 20 mg/ml"
PRODUCT = {"rung": "foreign_pack", "route": "Intravenøst"}
PATIENTS = {
    "ages": "adults",
    "excipients": "different",
    "excipients_words": "Inneholder etanol.",
    "label": "script",
    "label_words": "Polsk, delvis kyrillisk",
    "mixing": "other",
    "mixing_words": "Fortynn i 250 ml.",
}
USE = {
    "users": "Sykehusavdelinger",
    "not_instead": "Behandling av barn",
    "sources": "Preparatomtalen, august 2025",
    "valid_until": "2025-12-31",
}


async def doxyferm(house: House) -> View:
    """Doxyferm is short; the window that asks what may stand in, as Per opens it."""
    await house.report(house.kari, "doxyferm", "Doxyferm")
    await house.ws.close(house.kari)
    await house.said(house.cases, NUMBER)
    return await house.form(house.per, "assess", house.card())


def line_of(view: View, words: str) -> str:
    """The block of the line about this candidate."""
    return next(str(block["block_id"]) for block in view.blocks if words in str(block.get("text")))


async def draft(house: House) -> Message:
    """Per's draft, all three pages; its message in the thread."""
    window = await doxyferm(house)
    form = await house.form(house.per, line_of(window, NAME), window)
    assert f"Steg 1 av 3. {NAME} i stedet for Doxyferm" in form.plain()
    for page in (PRODUCT, PATIENTS, USE):
        sent = await house.ws.submit(house.per, page)
        assert not sent.errors, sent.errors
    await house.ws.close(house.per)
    return await house.said(house.cases, "Kandidat – ikke vurdert. Dette er et utkast")


async def sign(house: House, message: Message, **fields: Any) -> None:
    await house.form(house.siri, "sign_assessment", message)
    sent = await house.ws.submit(house.siri, {"profession": "pharmacist", "signed_as": "Siri Farm", **fields})
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)


async def test_doxyferm_is_assessed_by_two_and_the_wards_get_a_letter(house: House) -> None:
    message = await draft(house)
    assert "Kandidat – ikke vurdert" in house.card().plain()
    assert "Du har skrevet i denne vurderingen" in await house.press(house.per, message, "sign_assessment")
    await sign(house, message)
    await house.ws.wait_for(lambda: "Vurdert av Siri Farm" in house.card().plain(), what="the card")
    await house.said(house.cases, f"Vurdert og signert av Siri Farm: {NAME}. Gjelder til 31. des. 2025.")
    await house.bot.lay_letters()
    await house.bot.lay_letters()
    files = [str(file["name"]) for reply in house.ws.replies(house.cases, house.card()) for file in reply.files]
    name = "brev-2025-0001-doxycycline-tzf-inf-oppl-20-mg-ml-v1"
    assert files == [f"{name}.pdf", f"{name}.html"]
    page = next(file for file in house.ws.core.state.files.values() if file.name.endswith(".html"))
    assert "Fortynn i 250 ml." in (page.data or b"").decode()

    # Edited, it is a new draft, and the signed text stands meanwhile.
    await house.form(house.per, "assess_product", await house.said(house.cases, "Signert av Siri Farm"))
    sent = await house.ws.submit(house.per, {"route": "Intravenøst, langsomt"})
    assert not sent.errors
    await house.ws.close(house.per)
    assert [row.state for row in await house.rows(SubstituteAssessment)] == ["signed", "draft"]
    assert "Vurdert av Siri Farm" in house.card().plain()

    # Published, a clinician reads what it is good for; out of date, it is a candidate again.
    await house.publish()
    answer = await house.ask(house.kari, f"status {NUMBER}")
    assert "Vurdert erstatning: Doxycycline tzf" in answer.replace("*", "")
    house.clock.set(dt.datetime(2026, 1, 2, 9, tzinfo=dt.UTC))
    await house.bot.services.cases.bring_up_to_date()
    await house.ws.wait_for(lambda: "vurderingen gikk ut" in house.card().plain(), what="the card")
    answer = await house.ask(house.kari, f"status {NUMBER}")
    assert "Vurdert erstatning" not in answer

    # At the next shortage of the same medicine it is offered again, and holds when it is signed anew.
    await house.form(house.siri, "close_case", house.card())
    sent = await house.ws.submit(house.siri, {"outcome": "substituted", "reason": "Leveransene er normale."})
    assert not sent.errors, sent.errors
    house.clock.set(dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC))
    await house.report(house.kari, "doxyferm", "Doxyferm")
    await house.ws.close(house.kari)
    later = await house.said(house.cases, "2026-0001")
    assert "Kandidat – vurderingen gikk ut 31. des. 2025: Doxycycline tzf" in later.plain()
    window = await house.form(house.per, "assess", later)
    assert f"{NAME}: Kandidat – vurderingen gikk ut 31. des. 2025" in window.plain()
    assert "[Åpne utkastet]" in window.plain(), "what was begun in the last shortage goes on"


async def test_faults_are_told_beside_their_fields_and_forged_buttons_do_nothing(house: House) -> None:
    message = await draft(house)
    card = house.card()
    async with house.nothing_stored():
        for button, value in (
            ("assess", NUMBER),
            ("draft_assessment", f"{NUMBER} doksysyklin|inf oppl|20 mg/1 ml"),
            ("assess_use", "1"),
            ("sign_assessment", "1"),
            ("withdraw_assessment", "1"),
            ("show_assessment", "1"),
        ):
            assert "bare for dem som har fått tilgang" in await house.forge(house.kari, card, button, value)
        assert "finnes ikke lenger" in await house.forge(house.siri, card, "sign_assessment", "99")
        assert "virker ikke lenger" in await house.forge(house.siri, card, "sign_assessment", "tull")
        assert "finnes ikke lenger" in await house.forge(house.siri, card, "draft_assessment", f"{NUMBER} tull")
        await house.form(house.per, "assess_use", message)
        sent = await house.ws.submit(house.per, {"valid_until": "2025-07-01"})
        assert sent.errors == {"valid_until": "Datoen er passert. Velg en som kommer."}
