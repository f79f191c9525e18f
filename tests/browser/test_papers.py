"""What goes to those outside Slack is readable by everybody: axe finds nothing on the pages, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

pytest.importorskip("playwright.sync_api")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from bot.cases.public_papers import home_page, letter
from bot.cases.vocabulary import Visibility
from bot.clock import SetClock
from bot.meeting.papers import digest_page, minutes_page
from bot.paper import Printer
from tests.browser.phone import CHROMIUM
from tests.golden import facts

PRINTER = Printer(clock=SetClock(facts.NOW))
NAMES = {"U00000003": "Siri Senter"}

PUBLISHED = replace(facts.ETOPOSID, visibility=Visibility.PUBLISHED, advice="Bruk kapsler der det er forsvarlig.")
PAGES: dict[str, Callable[[], str]] = {
    "digest": lambda: digest_page(PRINTER, facts.digest(tasks=facts.TASKS + facts.EARLIER), NAMES),
    "minutes": lambda: minutes_page(PRINTER, facts.minutes(), NAMES),
    "home page": lambda: home_page(PRINTER, PUBLISHED),
    "letter": lambda: letter(PRINTER, PUBLISHED),
}

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")]


@pytest.mark.parametrize("width", [360, 1920], ids=["phone", "wall"])
@pytest.mark.parametrize("what", PAGES)
def test_axe_finds_nothing(what: str, width: int) -> None:
    page = PAGES[what]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": width, "height": 900})
        shown.set_content(page)
        found = Axe().run(shown)
        wider = shown.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        browser.close()
    assert found.violations_count == 0, found.generate_report()
    assert not wider, "nothing has to be scrolled sideways"
