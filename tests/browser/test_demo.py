"""The demo as a new user walks it, in a real browser on a phone: report, card, sheet, alert, digest."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.phone import DRIVES_CHROMIUM, Reader, phones

pytestmark = DRIVES_CHROMIUM


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """The demo in a process of its own."""
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "demo", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert demo.stdout is not None
    try:
        yield (await asyncio.wait_for(demo.stdout.readline(), 60)).decode().strip()
    finally:
        demo.terminate()
        await asyncio.wait_for(demo.wait(), 20)


@pytest.fixture
async def phone(address: str) -> AsyncIterator[Any]:
    """A phone's browser with the demo's page."""
    async with phones() as browser:
        page = await browser.new_page()
        await page.goto(address)
        yield page


async def test_report_card_sheet_alert_and_digest(phone: Any, tmp_path: Path) -> None:
    me = Reader(phone)
    await me.becomes("Kari Lege")
    await me.writes("/mangel meld")
    form = phone.get_by_role("dialog", name="Meld mangel")
    medicine = form.get_by_role("combobox", name="Legemiddel")
    await medicine.wait_for()
    await medicine.press_sequentially("valtrexx 500", delay=20)
    await form.get_by_role("option", name="Valtrex tab 500 mg").first.wait_for()
    await me.looks("type-ahead")
    await form.get_by_role("option", name="Valtrex tab 500 mg").first.click()
    await form.get_by_text("Innen 3 døgn").click()
    await form.get_by_role("combobox", name="Hvor").select_option("UNN Tromsø")
    await form.get_by_role("textbox", name="Merknad").fill("To transplanterte må ha det hver dag.")
    await me.looks("form")
    await form.get_by_role("button", name="Send").click()
    receipt = phone.get_by_role("dialog", name="Meldingen er sendt")
    await receipt.get_by_text("Dette er ikke en bestilling").wait_for()
    await me.looks("receipt")
    await receipt.get_by_role("button", name="Lukk").last.click()

    await me.becomes("Siri Senter")
    await me.goes_to("mangelsaker")
    card = phone.get_by_role("article").filter(has_text="Valtrex tab 500 mg").last
    await card.get_by_text("UNN Tromsø").wait_for()
    await card.scroll_into_view_if_needed()
    await me.looks("card")
    await card.get_by_role("button", name="Ta saken").click()
    await card.get_by_text("@Siri Senter").wait_for()

    await me.becomes("Mona Lager")
    await me.goes_to("lager")
    from bot.demo.history import SAMPLE_SHEET

    sheet = tmp_path / "lagertall.csv"
    sheet.write_text(SAMPLE_SHEET, encoding="utf-8")
    await me.sends(sheet)
    preview = phone.get_by_role("article").filter(has_text="Ingenting er lagret ennå").last
    await preview.wait_for()
    await me.looks("sheet")
    await preview.get_by_role("button", name="Lagre").click()
    alert = phone.get_by_role("article").filter(has_text="VARSEL · Fokuslisten · Valtrex tab 500 mg").last
    await alert.get_by_text("Uttaket kan ikke stanses").wait_for()
    await alert.scroll_into_view_if_needed()
    await me.looks("alert")
    await alert.get_by_role("button", name="Jeg følger opp").click()
    await alert.get_by_text("Følges opp av").wait_for()

    await me.becomes("Siri Senter")
    await me.goes_to("mangelmøtet")
    await me.writes("/mangel møte")
    await phone.get_by_role("button", name="Legg ut nå").last.click()
    await me.becomes("Dag Møte")
    await me.goes_to("mangelmøtet")
    digest = phone.get_by_role("article").filter(has_text="Mangelmøtet uke 29").last
    await digest.get_by_text("Valtrex tab 500 mg").first.wait_for()
    await me.looks("digest")
    await digest.evaluate("node => node.scrollIntoView({block: 'start'})")
    await me.looks("digest-from-the-top")


async def test_dmps_list_is_read_in_and_a_row_becomes_a_case(phone: Any, tmp_path: Path) -> None:
    me = Reader(phone)
    await me.becomes("Siri Senter")
    await me.goes_to("mangelsaker")
    found = tmp_path / "mangel.csv"
    found.write_text(
        "Legemiddelnavn;Virkestoff(er);Mangelperiode fra;Mangelperiode til;Informasjon/tiltak;"
        "Informasjon på nettside;Status pr. 14.07.2025\n"
        "Vankomycin Xellia 500 mg pulver til konsentrat til infusjonsvæske, 1 stk hetteglass;vankomycin;"
        "01.07.2025;15.11.2025;Behandling med annet virkestoff bør vurderes;;Pågående\n"
        "Ukjentol 5 mg implantat;ukjentol;01.07.2025;15.12.2025;Likeverdig alternativ tilgjengelig;;Pågående\n",
        encoding="utf-8",
    )
    await me.sends(found)
    preview = phone.get_by_role("article").filter(has_text="Ingenting er lagret ennå").last
    await preview.wait_for()
    await me.looks("list")
    await preview.get_by_role("button", name="Les inn").click()
    told = phone.get_by_role("article").filter(has_text="1 å se på").last
    await told.wait_for()
    await me.looks("list-read")
    await told.get_by_role("button", name="Til vurdering").click()
    inbox = phone.get_by_role("dialog", name="Til vurdering")
    await inbox.get_by_text("Vankomycin Xellia").wait_for()
    await me.looks("triage")
    await inbox.get_by_role("button", name="Ikke aktuell").first.click()
    await phone.get_by_role("dialog", name="Ikke aktuell").get_by_text("Hvorfor ikke?").wait_for()
    await me.looks("not-relevant")
    await phone.get_by_role("dialog", name="Ikke aktuell").get_by_role("button", name="Avbryt").click()
    await inbox.get_by_role("button", name="Opprett sak").first.click()
    form = phone.get_by_role("dialog", name="Opprett sak")
    if await form.count():
        await form.get_by_role("button", name="Opprett").last.click()
    await inbox.get_by_text("kortet står i kanalen").wait_for()
    await me.looks("triaged")
    await inbox.get_by_role("button", name="Lukk").last.click()
    card = phone.get_by_role("article").filter(has_text="Sluttdato fra DMPs mangelliste").last
    await card.wait_for()
    await card.scroll_into_view_if_needed()
    await me.looks("case-from-a-list")


async def test_a_sheet_with_headings_of_its_own_is_explained_stored_and_taken_back(phone: Any, tmp_path: Path) -> None:
    me = Reader(phone)
    await me.becomes("Mona Lager")
    await me.goes_to("lager")
    found = tmp_path / "uttrekk uke 28.csv"
    found.write_text(
        "Uttrekk fra lagersystemet\nLokasjon;Art.nr;Varebeskrivelse;Disponibelt;Forp.;Sist talt;Hylle\n"
        "Fokuslisten;1;Valtrex tab 500 mg;9800;tabl;10.07.2025;A3\n"
        "Fokuslisten;2;Valtrex tab 250 mg;4200;tabl;10.07.2025;A4\n"
        "Sum;;;14000;;;\n",
        encoding="cp1252",
    )
    await me.sends(found)
    asked = phone.get_by_role("article").filter(has_text="Si hva kolonnene er").last
    await asked.wait_for()
    await asked.scroll_into_view_if_needed()
    await me.looks("sheet-unknown")
    await asked.get_by_role("button", name="Si hva kolonnene er").click()
    form = phone.get_by_role("dialog", name="Hva er kolonnene?")
    unit = form.get_by_role("combobox", name="Forp.")
    await unit.wait_for()
    await me.looks("sheet-explain")
    await form.get_by_role("combobox", name="Art.nr").select_option("Leses ikke")
    await unit.select_option("Enhet")
    await unit.scroll_into_view_if_needed()
    await me.looks("sheet-explained")
    await form.get_by_role("button", name="Les arket").click()
    preview = phone.get_by_role("article").filter(has_text="nye tall").last
    await preview.wait_for()
    await preview.scroll_into_view_if_needed()
    await me.looks("sheet-read")
    await preview.get_by_role("button", name="Lagre").click()
    stored = phone.get_by_role("article").filter(has_text="er lagret: 2 rader").last
    await stored.wait_for()
    await stored.scroll_into_view_if_needed()
    await me.looks("sheet-stored")
    await stored.get_by_role("button", name="Angre").click()
    undone = phone.get_by_role("article").filter(has_text="er angret").last
    await undone.wait_for()
    await undone.scroll_into_view_if_needed()
    await me.looks("sheet-undone")


IN_ENGLISH = {
    "choice": "English",
    "form": "Report shortage",
    "medicine": "Medicine",
    "runs_out": "Within 3 days",
    "where": "Where",
    "sent": "Report sent",
    "not_an_order": "This is not an order",
    "close": "Close",
    "answer": "Advice from the centre",
}
IN_NYNORSK = {
    "choice": "nynorsk",
    "form": "Meld mangel",
    "medicine": "Legemiddel",
    "runs_out": "Innan 3 døgn",
    "where": "Kvar",
    "sent": "Meldinga er send",
    "not_an_order": "Dette er ikkje ei tinging",
    "close": "Lukk",
    "answer": "Råd frå senteret",
}


@pytest.mark.parametrize("says", [IN_NYNORSK, IN_ENGLISH], ids=["nn", "en"])
async def test_a_report_and_its_answer_in_the_language_that_was_chosen(phone: Any, says: dict[str, str]) -> None:
    me = Reader(phone)
    language = says["choice"].casefold()
    await me.becomes("Kari Lege")
    await me.writes(f"/mangel språk {says['choice']}")
    await phone.get_by_text(says["choice"], exact=False).last.wait_for()
    await me.writes("/mangel status zypadhera 300")
    await phone.get_by_text(says["answer"]).last.wait_for()
    await me.looks(f"{language}-answer")
    await me.writes("/mangel report")
    form = phone.get_by_role("dialog", name=says["form"])
    medicine = form.get_by_role("combobox", name=says["medicine"])
    await medicine.wait_for()
    await medicine.press_sequentially("valtrexx 500", delay=20)
    await form.get_by_role("option", name="Valtrex tab 500 mg").first.click()
    await form.get_by_text(says["runs_out"]).click()
    await form.get_by_role("combobox", name=says["where"]).select_option("UNN Tromsø")
    await me.looks(f"{language}-form")
    await form.get_by_role("button", name="Send").click()
    receipt = phone.get_by_role("dialog", name=says["sent"])
    await receipt.get_by_text(says["not_an_order"]).wait_for()
    await me.looks(f"{language}-receipt")
    await receipt.get_by_role("button", name=says["close"]).last.click()

    await me.becomes("Siri Senter")
    await me.goes_to("mangelsaker")
    card = phone.get_by_role("article").filter(has_text="Valtrex tab 500 mg").last
    await card.get_by_text("UNN Tromsø").wait_for()
    await me.writes(f"/mangel språk {says['choice']}")
    await card.get_by_role("button", name="Oppdater").click()
    await phone.get_by_role("dialog").last.wait_for()
    await me.looks(f"{language}-update")
