"""What goes to those outside Slack is readable by everybody: axe finds nothing on the pages, in a real Chromium."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from bot.clock import SetClock
from bot.meeting.papers import digest_page, minutes_page
from bot.paper import Printer
from tests.browser.test_demo import CHROMIUM
from tests.golden import facts

PRINTER = Printer(clock=SetClock(facts.NOW))
NAMES = {"U00000003": "Siri Senter"}

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")]


@pytest.mark.parametrize("width", [360, 1920], ids=["phone", "wall"])
@pytest.mark.parametrize("what", ["digest", "minutes"])
def test_axe_finds_nothing(what: str, width: int) -> None:
    page = (
        digest_page(PRINTER, facts.digest(tasks=facts.TASKS + facts.EARLIER), NAMES)
        if what == "digest"
        else minutes_page(PRINTER, facts.minutes(), NAMES)
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": width, "height": 900})
        shown.set_content(page)
        found = Axe().run(shown)
        wider = shown.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        browser.close()
    assert found.violations_count == 0, found.generate_report()
    assert not wider, "nothing has to be scrolled sideways"
