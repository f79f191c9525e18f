"""Doxyferm's replacement on a phone: two people assess it in a real browser, and the letter lies in the thread."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.browser.phone import DRIVES_CHROMIUM, Reader, a_phone
from tests.journeys.conftest import furnished

pytestmark = [*DRIVES_CHROMIUM, pytest.mark.timeout(300)]


async def test_doxyferm_is_assessed_by_two_on_a_phone(tmp_path: Path) -> None:
    async with furnished(f"sqlite:///{tmp_path / 'live.sqlite'}") as house, a_phone(house.ws) as page:
        me = Reader(page, "assess")
        house.ws.core.courier.ack_timeout = 30.0
        await house.report(house.kari, "doxyferm", "Doxyferm")
        await house.ws.close(house.kari)
        await me.becomes("Per Senter")
        await me.goes_to("mangelsaker")
        card = page.get_by_role("article").filter(has_text="Doxyferm").first
        await card.get_by_role("button", name="Vurder erstatning").click()
        window = page.get_by_role("dialog", name="Vurder erstatning")
        line = window.get_by_text("Doxycycline tzf")
        await line.wait_for()
        await me.looks("window")
        at = [await one.inner_text() for one in await window.get_by_text("Kandidat – ikke vurdert").all()]
        place = next(number for number, text in enumerate(at) if "Doxycycline tzf" in text)
        await window.get_by_role("button", name="Vurder", exact=True).nth(place).click()
        form = page.get_by_role("dialog").last
        await form.get_by_text("Steg 1 av 3").wait_for()
        await form.get_by_role("combobox", name="Hvor nær står den?").select_option("Utenlandsk pakning")
        await form.get_by_role("textbox", name="Administrasjonsvei").fill("Intravenøst")
        await me.looks("product")
        await form.get_by_role("button", name="Neste").click()
        await form.get_by_text("Steg 2 av 3").wait_for()
        await form.get_by_role("combobox", name="Voksne eller barn?").select_option("Bare voksne")
        await form.get_by_role("combobox", name="Hjelpestoffer").select_option("Andre enn i legemiddelet som mangler")
        await form.get_by_role("textbox", name="Hva er annerledes?").fill("Inneholder etanol.")
        await form.get_by_role("combobox", name="Språk på etiketten").select_option(
            "Helt eller delvis et annet alfabet"
        )
        await form.get_by_role("textbox", name="Mer om etiketten").fill("Polsk, delvis kyrillisk")
        await form.get_by_role("combobox", name="Blanding").select_option(
            "På en annen måte enn legemiddelet som mangler"
        )
        await form.get_by_role("textbox", name="Blandeveiledning").fill("Fortynn i 250 ml natriumklorid 9 mg/ml.")
        await me.looks("patients")
        await form.get_by_role("button", name="Neste").click()
        await form.get_by_text("Steg 3 av 3").wait_for()
        await form.get_by_role("textbox", name="Hvem kan bruke det?").fill("Sykehusavdelinger, etter ordinasjon")
        await form.get_by_role("textbox", name="Hva erstatter det ikke?").fill("Behandling av barn")
        await form.get_by_role("textbox", name="Kilder").fill("Preparatomtalen, juli 2025")
        await form.get_by_label("Gjelder til").fill("2025-12-31")
        await me.looks("use")
        await form.get_by_role("button", name="Lagre utkast").click()
        await page.get_by_text("Dette er et utkast").last.wait_for()
        await me.looks("draft")
        while await page.get_by_role("dialog").count():
            await page.get_by_role("dialog").last.get_by_role("button", name="Lukk").last.click()
            await page.wait_for_timeout(300)

        await me.becomes("Siri Senter")
        await me.goes_to("mangelsaker")
        card = page.get_by_role("article").filter(has_text="Doxyferm").first
        await card.get_by_role("button", name="Vurder erstatning").click()
        await page.get_by_role("button", name="Åpne utkastet").click()
        await page.get_by_role("button", name="Les og signer").last.click()
        signing = page.get_by_role("dialog", name="Signer").last
        await signing.get_by_role("combobox", name="Du er").select_option("Farmasøyt")
        await signing.get_by_role("textbox", name="Navnet ditt").fill("Siri Farm")
        await me.looks("sign")
        await signing.get_by_role("button", name="Signer").last.click()
        await page.get_by_text("Signert av Siri Farm").last.wait_for()
        await me.looks("signed")
        while await page.get_by_role("dialog").count():
            await page.get_by_role("dialog").last.get_by_role("button", name="Lukk").last.click()
            await page.wait_for_timeout(300)
        await house.bot.lay_letters()
        card = page.get_by_role("article").filter(has_text="Vurdert av Siri Farm").first
        await card.wait_for()
        await card.evaluate("it => it.scrollIntoView()")  # in one go: the card is drawn anew as the letter is laid
        await me.looks("card")
        await card.get_by_text("svar").last.click()
        await page.get_by_text("Brev til avdelingene").last.wait_for()
        await page.get_by_text("Brev til avdelingene").last.scroll_into_view_if_needed()
        await me.looks("thread")
        house.clock.set(dt.datetime(2026, 1, 2, 9, tzinfo=dt.UTC))
        await house.bot.services.cases.bring_up_to_date()
        await page.get_by_text("vurderingen gikk ut").first.wait_for()
