"""Mangelmøtet as the group has it: the chair leads it from a phone, and the others read it on the wall."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.browser.phone import DRIVES_CHROMIUM, Reader
from tests.browser.test_demo import address, phone

__all__ = ["address", "phone"]
pytestmark = DRIVES_CHROMIUM
WALL = {"width": 1920, "height": 1080}


@pytest.fixture
async def wall(phone: Any, address: str) -> AsyncIterator[Any]:
    """A browser on the wall of the same meeting."""
    context = await phone.context.browser.new_context(viewport=WALL, locale="nb-NO")
    page = await context.new_page()
    page.set_default_timeout(20_000)
    await page.goto(address)
    yield page
    await context.close()


async def test_a_meeting_is_led_on_a_phone_and_read_on_the_wall(phone: Any, wall: Any) -> None:
    chair, group = Reader(phone, "meeting-phone"), Reader(wall, "meeting-wall")
    await chair.becomes("Siri Senter")
    await chair.goes_to("mangelmøtet")
    await chair.writes("/mangel møte")
    await phone.get_by_role("button", name="Legg ut nå").last.click()
    digest = phone.get_by_role("article").filter(has_text="trenger beslutning").last
    await digest.wait_for()
    await digest.evaluate("node => node.scrollIntoView({block: 'start'})")
    await chair.looks("digest")
    await group.becomes("Dag Møte")
    await wall.get_by_role("button", name="mangelmøtet").first.click()
    seen = wall.get_by_role("article").filter(has_text="trenger beslutning").last
    await seen.wait_for()
    await seen.evaluate("node => node.scrollIntoView({block: 'start'})")
    await group.looks("digest")

    await phone.get_by_role("button", name="Åpne møtet").last.click()
    board = phone.get_by_role("article").filter(has=phone.get_by_role("button", name="Avslutt møtet")).last
    await board.get_by_role("button", name="Første sak").wait_for()
    await board.evaluate("node => node.scrollIntoView({block: 'start'})")
    await chair.looks("opened")
    await board.get_by_role("button", name="Første sak").click()
    await board.get_by_role("button", name="Beslutning").wait_for()
    await chair.looks("first-case")

    await board.get_by_role("button", name="Beslutning").click()
    form = phone.get_by_role("dialog", name="Beslutning")
    await form.get_by_role("textbox").first.fill("DMP bes om å vurdere rasjonering nå.")
    await chair.looks("decision")
    await form.get_by_role("button", name="Skriv i referatet").click()
    await board.get_by_text("DMP bes om å vurdere rasjonering nå.").first.wait_for()

    await board.get_by_role("button", name="Oppgave").click()
    form = phone.get_by_role("dialog", name="Oppgave")
    await form.get_by_role("textbox", name="Hva skal gjøres?").fill("Ring leverandøren om delleveransene.")
    await form.get_by_role("textbox", name="Eller en som ikke er i Slack").fill("Nina, Sykehusinnkjøp HF")
    await chair.looks("task")
    await form.get_by_role("button", name="Gi oppgaven").click()
    await board.get_by_text("Ring leverandøren om delleveransene").first.wait_for()

    await board.get_by_role("button", name="Ny slutt").click()
    form = phone.get_by_role("dialog")
    await form.locator("input[type=date]").first.fill("2025-09-01")
    await chair.looks("new-end")
    await form.get_by_role("button", name="Endre", exact=True).click()
    await board.get_by_text("ny sluttdato 1. sep").first.wait_for()
    await board.evaluate("node => node.scrollIntoView({block: 'start'})")
    await chair.looks("after-the-first-case")
    shown = wall.get_by_role("article").filter(has_text="DMP bes om å vurdere rasjonering nå.").last
    await shown.wait_for()
    await shown.evaluate("node => node.scrollIntoView({block: 'end'})")
    await group.looks("board")

    await board.get_by_role("button", name="Neste", exact=True).click()
    await board.get_by_text("sak 2 av").wait_for()
    await board.get_by_role("button", name="Avslutt møtet").click()
    form = phone.get_by_role("dialog")
    await form.wait_for()
    await chair.looks("close")
    await form.get_by_role("button", name="Legg ut referatet").click()
    minutes = phone.get_by_role("article").filter(has_text="Referat, Mangelmøtet uke").last
    await minutes.get_by_text("DMP bes om å vurdere rasjonering nå.").first.wait_for()
    await minutes.evaluate("node => node.scrollIntoView({block: 'start'})")
    await chair.looks("minutes")
    seen = wall.get_by_role("article").filter(has_text="Referat, Mangelmøtet uke").last
    await seen.wait_for()
    await seen.evaluate("node => node.scrollIntoView({block: 'start'})")
    await group.looks("minutes")
