"""Doxyferm's replacement on a phone: two people assess it in a real browser, and the letter lies in the thread.

Beside it, as pictures: ZypAdhera shared out, Mucomyst rationed and lifted, Ozempic with one part that stays.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import async_playwright

from tests.browser.phone import CHROMIUM, PHONE, PICTURES
from tests.journeys import test_allocation as allocation
from tests.journeys import test_restrictions as restriction
from tests.journeys.conftest import House, furnished

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
PATIENCE = int(os.environ.get("PATIENCE", "15000"))
"""Milliseconds that something may take to come; more on a machine that others use."""


@asynccontextmanager
async def a_phone(house: House) -> AsyncIterator[Any]:
    """A phone's browser with the workspace's page; no error may reach its console."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(viewport=PHONE, locale="nb-NO", device_scale_factor=2)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(house.ws.page_url)
        yield page
        assert not errors
        await browser.close()


async def becomes(page: Any, name: str) -> None:
    """Pick who to be: on the first page, later from the list behind the button."""
    first, places = page.get_by_role("button", name=name), page.get_by_role("button", name="Samtaler")
    await first.or_(places).first.wait_for()
    if await first.count():
        await first.first.click()
        return
    await places.click()
    await page.get_by_role("combobox", name="Du er").select_option(name)


async def goes_to(page: Any, place: str) -> None:
    """Open a conversation from the list behind the button."""
    places = page.locator("#steder")
    if not await places.is_visible():
        await page.get_by_role("button", name="Samtaler").click()
    await places.get_by_role("button", name=place).click()


async def looks(page: Any, name: str) -> None:
    """Keep a picture; nothing may stick out sideways."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    await page.wait_for_timeout(200)
    await page.screenshot(path=PICTURES / f"decide-{name}.png")


async def test_doxyferm_is_assessed_by_two_on_a_phone(tmp_path: Path) -> None:
    async with furnished(f"sqlite:///{tmp_path / 'live.sqlite'}") as house, a_phone(house) as page:
        house.ws.core.courier.ack_timeout = 30.0
        await house.report(house.kari, "doxyferm", "Doxyferm")
        await house.ws.close(house.kari)
        await becomes(page, "Per Senter")
        await goes_to(page, "mangelsaker")
        card = page.get_by_role("article").filter(has_text="Doxyferm").first
        await card.get_by_role("button", name="Vurder erstatning").click()
        window = page.get_by_role("dialog", name="Vurder erstatning")
        line = window.get_by_text("Doxycycline tzf")
        await line.wait_for()
        await looks(page, "1-window")
        at = [await one.inner_text() for one in await window.get_by_text("Kandidat – ikke vurdert").all()]
        place = next(number for number, text in enumerate(at) if "Doxycycline tzf" in text)
        await window.get_by_role("button", name="Vurder", exact=True).nth(place).click()
        form = page.get_by_role("dialog").last
        await form.get_by_text("Steg 1 av 3").wait_for()
        await form.get_by_role("combobox", name="Hvor nær står den?").select_option("Utenlandsk pakning")
        await form.get_by_role("textbox", name="Administrasjonsvei").fill("Intravenøst")
        await looks(page, "2-product")
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
        await looks(page, "3-patients")
        await form.get_by_role("button", name="Neste").click()
        await form.get_by_text("Steg 3 av 3").wait_for()
        await form.get_by_role("textbox", name="Hvem kan bruke det?").fill("Sykehusavdelinger, etter ordinasjon")
        await form.get_by_role("textbox", name="Hva erstatter det ikke?").fill("Behandling av barn")
        await form.get_by_role("textbox", name="Kilder").fill("Preparatomtalen, juli 2025")
        await form.get_by_label("Gjelder til").fill("2025-12-31")
        await looks(page, "4-use")
        await form.get_by_role("button", name="Lagre utkast").click()
        await page.get_by_text("Dette er et utkast").last.wait_for()
        await looks(page, "5-draft")
        while await page.get_by_role("dialog").count():
            await page.get_by_role("dialog").last.get_by_role("button", name="Lukk").last.click()
            await page.wait_for_timeout(300)

        await becomes(page, "Siri Senter")
        await goes_to(page, "mangelsaker")
        card = page.get_by_role("article").filter(has_text="Doxyferm").first
        await card.get_by_role("button", name="Vurder erstatning").click()
        await page.get_by_role("button", name="Åpne utkastet").click()
        await page.get_by_role("button", name="Les og signer").last.click()
        signing = page.get_by_role("dialog", name="Signer").last
        await signing.get_by_role("combobox", name="Du er").select_option("Farmasøyt")
        await signing.get_by_role("textbox", name="Navnet ditt").fill("Siri Farm")
        await looks(page, "6-sign")
        await signing.get_by_role("button", name="Signer").last.click()
        await page.get_by_text("Signert av Siri Farm").last.wait_for()
        await looks(page, "7-signed")
        while await page.get_by_role("dialog").count():
            await page.get_by_role("dialog").last.get_by_role("button", name="Lukk").last.click()
            await page.wait_for_timeout(300)
        await house.bot.lay_letters()
        card = page.get_by_role("article").filter(has_text="Vurdert av Siri Farm").first
        await card.wait_for()
        await card.scroll_into_view_if_needed()
        await looks(page, "8-card")
        await card.get_by_text("svar").last.click()
        await page.get_by_text("Brev til avdelingene").last.wait_for()
        await page.get_by_text("Brev til avdelingene").last.scroll_into_view_if_needed()
        await looks(page, "9-thread")
        house.clock.set(dt.datetime(2026, 1, 2, 9, tzinfo=dt.UTC))
        await house.bot.services.cases.bring_up_to_date()
        await page.get_by_text("vurderingen gikk ut").first.wait_for()


async def test_the_other_decisions_are_looked_at(tmp_path: Path) -> None:
    async with furnished(f"sqlite:///{tmp_path / 'live.sqlite'}") as house, a_phone(house) as page:
        house.ws.core.courier.ack_timeout = 30.0
        number = await allocation.zypadhera_case(house)
        for quantity, more in (("210", {}), ("84", {"exceptions": "Finnmark 6 lang transport"}), ("126", {})):
            await allocation.propose(house, number, quantity, reserve="10", **more)
            await allocation.decide(house)
        await becomes(page, "Siri Senter")
        await goes_to(page, "mangelsaker")
        await page.get_by_text("svar").last.click()
        await page.get_by_text("Leveranse 3: 126 pakninger er fordelt").last.wait_for()
        await page.get_by_text("Leveranse 2: 84 pakninger er fordelt").last.scroll_into_view_if_needed()
        await looks(page, "zypadhera")

    async with furnished(f"sqlite:///{tmp_path / 'two.sqlite'}") as house, a_phone(house) as page:
        house.ws.core.courier.ack_timeout = 30.0
        await restriction.case_of(house, "ozempic 1 mg", "Ozempic inj, oppl 1 mg/0,74 ml")
        await restriction.draft(house, words="Høyst fire ukers forbruk om gangen.", kind="amount")
        opened = await restriction.opened(house)
        await house.form(house.siri, "add_restriction_part", opened)
        await house.ws.submit(house.siri, {"kind": "indication", "words": "Bare godkjent indikasjon."})
        await house.ws.close(house.siri)
        await house.press(house.siri, await restriction.opened(house), "decide_restriction")
        await becomes(page, "Siri Senter")
        await goes_to(page, "mangelsaker")
        card = page.get_by_role("article").filter(has_text="Restriksjon").first
        await card.wait_for()
        await card.scroll_into_view_if_needed()
        await looks(page, "ozempic")
