"""A phone's browser, and whoever holds it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from workspace import Workspace

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVES_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
PICTURES = Path(os.environ.get("PICTURES", "screenshots"))
PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def phones() -> AsyncIterator[Any]:
    """A browser as on a phone; each page of it is somebody's. No error may reach a console."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with playwright.async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(viewport=PHONE, locale="nb-NO", device_scale_factor=2)
        context.set_default_timeout(40_000)
        errors: list[str] = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield context
        assert not errors
        await browser.close()


@asynccontextmanager
async def a_phone(ws: Workspace) -> AsyncIterator[Any]:
    """One phone, with the workspace's page."""
    async with phones() as browser:
        page = await browser.new_page()
        await page.goto(ws.page_url)
        yield page


class Reader:
    """Whoever holds the phone."""

    def __init__(self, page: Any, story: str = "demo", taken: Iterator[int] | None = None) -> None:
        """`story`: what the pictures' names begin with; `taken` counts those of several people as one row."""
        self.page = page
        self.story = story
        self._taken = taken or count(1)

    async def becomes(self, name: str) -> None:
        """Pick who to be: on the first page, later from the list behind the button."""
        first, places = self.page.get_by_role("button", name=name), self.page.get_by_role("button", name="Samtaler")
        await first.or_(places).first.wait_for()
        if await first.count():
            await first.first.click()
            return
        await places.click()
        await self.page.get_by_role("combobox", name="Du er").select_option(name)

    async def goes_to(self, place: str) -> None:
        """Open a conversation from the list behind the button."""
        places = self.page.locator("#steder")
        if not await places.is_visible():
            await self.page.get_by_role("button", name="Samtaler").click()
        await places.get_by_role("button", name=place).click()

    async def writes(self, text: str) -> None:
        """Write in the composer and send with Enter."""
        await self.page.get_by_role("combobox", name="Skriv til").fill(text)
        await self.page.keyboard.press("Enter")

    async def sends(self, file: Path) -> None:
        """Choose a file and send it."""
        await self.page.locator("input[type=file]").first.set_input_files(file)
        send = self.page.get_by_role("button", name="Send")
        if await send.count() and await send.first.is_visible():
            await send.first.click()

    async def looks(self, name: str) -> None:
        """Keep a picture; nothing may stick out sideways."""
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        await self.page.wait_for_timeout(200)
        await self.page.screenshot(path=PICTURES / f"{self.story}-{next(self._taken):02}-{name}.png")
