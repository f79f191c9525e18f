"""Two neighbours lack what we stock, on a phone: their lists are sent, the warning read, and a case opened of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.phone import DRIVES_CHROMIUM, Reader, a_phone
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, furnished
from tests.service.test_abroad import finnish, swedish

pytestmark = [*DRIVES_CHROMIUM, pytest.mark.timeout(300)]


async def test_two_neighbours_lists_become_a_warning_and_a_case_on_a_phone(tmp_path: Path) -> None:
    async with furnished(f"sqlite:///{tmp_path / 'live.sqlite'}") as house, a_phone(house.ws) as page:
        me = Reader(page, "warnings")
        house.ws.core.courier.ack_timeout = 30.0
        await house.store(*VALTREX_IN_TWO_WEEKS)
        await me.becomes("Siri Senter")
        await me.goes_to("mangelsaker")
        for name, data in (("sverige.csv", swedish()), ("finland.csv", finnish())):
            file = tmp_path / name
            file.write_bytes(data)
            await me.sends(file)
            preview = page.get_by_role("article").filter(has_text=name).filter(has_text="Ingenting er lagret ennå").last
            await preview.wait_for()
            await me.looks(f"preview-{name.removesuffix('.csv')}")
            await preview.get_by_role("button", name="Les inn").click()
        warning = page.get_by_role("article").filter(has_text="Valaciklovir").filter(has_text="Sverige").last
        await warning.get_by_role("button", name="Opprett sak").wait_for()
        await me.looks("warning")
        await warning.get_by_role("button", name="Ikke aktuell").click()
        form = page.get_by_role("dialog").last
        await form.wait_for()
        await me.looks("not-relevant")
        await form.get_by_role("button", name="Avbryt").click()
        await form.wait_for(state="hidden")
        await warning.get_by_role("button", name="Opprett sak").click()
        form = page.get_by_role("dialog").last
        await form.get_by_role("combobox", name="Hvilket preparat?").wait_for()
        await me.looks("which")
        await form.get_by_role("button", name="Opprett", exact=True).click()
        await page.get_by_text("kortet står i kanalen").last.wait_for()
        await me.looks("opened")
        while await page.get_by_role("dialog").count():
            await page.get_by_role("dialog").last.get_by_role("button", name="Lukk").last.click()
            await page.wait_for_timeout(300)
        card = page.get_by_role("article").filter(has_text="Også mangel i: Sverige").last
        await card.wait_for()
        await card.scroll_into_view_if_needed()
        await me.looks("card")
