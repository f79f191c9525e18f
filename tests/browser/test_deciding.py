"""What the centre decides and shares out, on a phone: walks from 2024 and 2025, as whoever was asked and Siri see them.

What others do goes over the socket; what is looked at is pressed and read in a real browser.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.inquiries.steps import Step
from bot.settings import TrustSetting
from tests.browser.phone import DRIVES_CHROMIUM, Reader, a_phone
from tests.journeys import test_allocation as allocation
from tests.journeys import test_asking_the_hospitals as asking
from tests.journeys import test_restrictions as restriction
from tests.journeys.conftest import House, furnished
from workspace import Message

pytestmark = [*DRIVES_CHROMIUM, pytest.mark.timeout(300)]


class Decider(Reader):
    """Siri, or somebody who was asked, with the phone."""

    async def sits(self, name: str, place: str) -> None:
        """Be somebody else, somewhere."""
        await self.becomes(name)
        await self.goes_to(place)

    def message(self, words: str) -> Any:
        """The newest message with these words."""
        return self.page.get_by_role("article").filter(has_text=words).locator("visible=true").last

    async def sees(self, words: str, picture: str) -> None:
        """Wait for a message, from its top, and keep a picture."""
        message = self.message(words)
        await message.wait_for()
        await self.page.wait_for_timeout(200)
        await message.evaluate("it => it.scrollIntoView({ block: 'start' })")
        await self.looks(picture)

    async def presses(self, button: str, on: Any) -> None:
        """Press a button, by its name."""
        await on.get_by_role("button", name=button, exact=True).last.click()

    async def fills(self, title: str) -> Any:
        """The form of that name, once it is open."""
        form = self.page.get_by_role("dialog", name=title).last
        await form.wait_for()
        return form

    async def opens_thread(self) -> None:
        """Open the thread under the newest card."""
        await self.page.get_by_text(re.compile(r"\d+ svar")).last.click()

    async def closes_thread(self) -> None:
        """Back to the conversation."""
        await self.page.get_by_role("button", name="Lukk tråden").click()

    async def closes(self) -> None:
        """Close every window."""
        while await self.page.get_by_role("dialog").count():
            await self.page.get_by_role("dialog").last.get_by_role("button", name="Lukk").last.click()
            await self.page.wait_for_timeout(200)


@asynccontextmanager
async def walked(tmp_path: Path, story: str) -> AsyncIterator[tuple[House, Decider]]:
    """A house of its own, and a phone in it."""
    async with furnished(f"sqlite:///{tmp_path / 'live.sqlite'}") as house, a_phone(house.ws) as page:
        house.ws.core.courier.ack_timeout = 30.0
        yield house, Decider(page, f"decide-{story}")


async def answers_shown(house: House) -> Message:
    """What was asked, opened by Siri over the socket."""
    answer = await house.ws.slash(house.siri, "/mangel spør 2025-0001")
    await house.ws.wait_for(lambda: answer.messages, 20, "what was asked")
    await house.press(house.siri, answer.messages[-1], "show_inquiry")
    return house.ws.ephemerals(house.siri)[-1]


async def test_zypadhera_is_shared_out_three_times(tmp_path: Path) -> None:
    async with walked(tmp_path, "shares") as (house, me):
        number = await allocation.zypadhera_case(house)
        house.bot.settings.trusts["Finnmark"] = TrustSetting(people=[house.ola.id])
        for quantity, more in (("210", {}), ("84", {"exceptions": "Finnmark 6 lang transport"})):
            await allocation.propose(house, number, quantity, reserve="10", **more)
            await allocation.decide(house)
        await house.publish(number)
        await me.sits("Siri Senter", "mangelsaker")
        await me.opens_thread()
        await me.sees("Leveranse 2: 84 pakninger er fordelt", "delivery")
        await me.closes_thread()

        await me.writes(f"/mangel fordel {number}")
        await me.sees("Leveranse 2", "deliveries")
        await me.presses("Fordel en leveranse", me.message("Fordel en leveranse"))
        form = await me.fills("Fordel en leveranse")
        await form.get_by_role("textbox", name="Antall pakninger").fill("126")
        await form.get_by_role("textbox", name="Forbruk per måned").fill("Bergen 30")
        await form.get_by_role("textbox", name="På lager nå").fill("Bergen 12")
        await me.looks("form")
        await me.presses("Regn ut", form)
        await me.page.get_by_text("forslag, ikke vedtatt").last.wait_for()
        await me.looks("proposal")
        await me.presses("Vedta", me.page.get_by_role("dialog").last)
        await me.page.get_by_text("Leveranse 3, vedtatt").last.wait_for()
        await me.looks("decided")
        await me.closes()
        await me.writes(f"/mangel fordel {number}")
        await me.presses("Vis", me.message("Leveranse 3: 126 pakninger"))
        shown = me.message("Hent fil til grossisten")
        await shown.wait_for()
        await shown.get_by_role("button", name="Publiser regel og sum").scroll_into_view_if_needed()
        await me.looks("to-publish")
        await me.presses("Publiser regel og sum", shown)
        await me.page.get_by_text("Regelen og summen er publisert").last.wait_for()
        await me.presses("Hent fil til grossisten", shown)
        await house.said(house.siri, "Send filen til grossisten", 60)
        await me.goes_to("Direktemelding")
        await me.sees("Send filen til grossisten", "file")
        await me.goes_to("mangelinfo")
        await me.sees("126 pakninger fordeles", "public")
        await me.sits("Ola Ekstern", "Direktemelding")
        await me.sees("Finnmark får", "own-share")


async def test_zypadhera_is_counted_by_17_of_the_21(tmp_path: Path) -> None:
    async with walked(tmp_path, "counted") as (house, me):
        await allocation.zypadhera_case(house)
        contacts = asking.contacts_in(house)
        shared = house.ws.add_channel("apotek-midt", private=True, members=[house.ola, house.siri])
        house.bot.settings.trusts["St. Olav"] = TrustSetting(channel=shared.id)
        await me.sits("Siri Senter", "mangelsaker")
        await me.presses("Spør sykehusene", me.message("2025-0001"))
        form = await me.fills("Spør sykehusene")
        await form.get_by_role("textbox", name="Spørsmålet").fill("Hvor mange hetteglass har dere på lager i dag?")
        await form.get_by_label("Alle 21", exact=True).check()
        await form.get_by_label("Frist", exact=True).fill("2025-07-11")
        await form.get_by_role("textbox", name="Telles i").fill("hetteglass")
        await me.looks("question")
        await me.presses("Send spørsmålet", form)
        await me.page.get_by_text("0 av 21 har svart").last.wait_for()
        await me.looks("sent")
        await me.closes()

        await me.sits("Bergen Apotek", "Direktemelding")
        await me.sees("Spørsmål fra Mangelsenteret", "asked")
        await me.presses("Svar", me.message("Spørsmål fra Mangelsenteret"))
        form = await me.fills("Svar til Mangelsenteret")
        await form.get_by_role("textbox", name="Antall").fill("14")
        await me.looks("answer")
        await me.presses("Send svaret", form)
        await me.closes()
        await me.sees("Svaret: 14 hetteglass", "answered")

        await asking.all_answer(house, contacts, but=("Bergen", "Fonna", "Østfold"))
        await asking.answers(house, house.ola, "6", shared)
        await asking.stavanger_by_telephone(house, await answers_shown(house))
        await me.sits("Siri Senter", "mangelsaker")
        await me.opens_thread()
        await me.sees("17 av 21 har svart", "progress")

        house.clock.set(asking.FRIDAY_AFTER_FOUR)
        await house.bot.services.inquiries.look()
        await house.bot.services.cases.bring_up_to_date()
        await me.sees("Sum av svarene", "result")
        chart = me.page.get_by_role("img", name=re.compile("Fonna ikke svart")).last
        await chart.scroll_into_view_if_needed()
        assert await chart.evaluate("it => it.complete && it.naturalWidth > 0"), "the chart is drawn"
        await me.looks("chart")
        await me.page.get_by_text("Mangler:").last.scroll_into_view_if_needed()
        await me.looks("missing")
        await me.closes_thread()
        await me.sees("PÅGÅENDE", "card")
        text = await me.message("PÅGÅENDE").inner_text()
        assert "Lagertall fra 17 lagre, talt 7. juli." in text, text


async def test_a_hera_inquiry_meets_its_deadline(tmp_path: Path) -> None:
    async with walked(tmp_path, "hera") as (house, me):
        await allocation.zypadhera_case(house)
        house.bot.settings.trusts["Bergen"] = TrustSetting(people=[house.kari.id])
        await asking.asked(
            house, kind="interest", words="Vil dere være med på felles innkjøp?", answer="choice", choices="Ja\nNei",
            unit=None, pack=None, trusts=["trust:Bergen"], reply_by="2025-07-18",
        )  # fmt: skip
        await me.sits("Kari Lege", "Direktemelding")
        await me.sees("felles innkjøp", "asked")
        await me.presses("Svar «Ja»", me.message("felles innkjøp"))
        await me.sees("Svaret: Ja", "answered")

        await me.sits("Siri Senter", "mangelsaker")
        await me.sees("DMP", "card")
        await me.writes("/mangel spør 2025-0001")
        await me.presses("Vis svarene", me.message("Vis svarene"))
        await me.presses("Registrer et steg", me.message("Registrer et steg"))
        form = await me.fills("Veien til DMPs svar")
        await form.get_by_role("textbox", name="Med hvem").fill("Psykiaterne i Bergen: ja")
        await me.looks("step")
        await me.presses("Lagre", form)
        await me.page.get_by_text("1 av 1 har svart").last.wait_for()
        await me.closes()
        for day, step in enumerate((Step.PURCHASING, Step.PHARMACIES, Step.REGIONS), 9):
            house.clock.set(dt.datetime(2025, 7, day, 9, tzinfo=dt.UTC))
            await house.form(house.siri, "take_inquiry_step", await answers_shown(house))
            sent = await house.ws.submit(house.siri, {"step": step.value, "on": f"2025-07-{day:02}"})
            assert not sent.errors, sent.errors
            await house.ws.close(house.siri)
        await house.press(house.siri, house.card(), "take_case")

        # three working days before DMP's deadline Siri is reminded; done means that DMP has its reply
        house.clock.set(dt.datetime(2025, 7, 15, 6, 5, tzinfo=dt.UTC))
        await house.bot.services.inquiries.look()
        await house.bot.services.reminders.check()
        await me.goes_to("Direktemelding")
        await me.sees("Besvart til DMP", "reminder")
        await me.presses("Ferdig", me.message("Besvart til DMP"))
        await house.said(house.siri, "Ferdig")
        await me.goes_to("mangelsaker")
        await me.writes("/mangel spør 2025-0001")
        await me.sees("DMP fikk svar 15. juli, innen fristen 18. juli.", "replied")
        await me.presses("Vis svarene", me.message("DMP fikk svar 15. juli"))
        await me.sees("Besvart til DMP: 15. juli", "path")


async def test_integrilins_estimate_stands_beside_its_use(tmp_path: Path) -> None:
    async with walked(tmp_path, "need") as (house, me):
        integrilin = "Integrilin inf, oppl 0,75 mg/ml"
        await restriction.case_of(house, "integrilin", integrilin)
        house.bot.settings.trusts["Bergen"] = TrustSetting(people=[house.kari.id])
        await asking.asked(
            house, kind="need", words="Hvor mye trenger dere til og med 11. oktober?", pack=None,
            trusts=["trust:Bergen"], first="2025-07-14", last="2025-10-11",
        )  # fmt: skip
        await asking.answers(house, house.kari, "900")
        house.clock.set(dt.datetime(2025, 9, 1, 9, tzinfo=dt.UTC))
        await house.bot.services.inquiries.look()
        for month, days in ((7, 31), (8, 31)):
            row = f"Fokuslisten;{integrilin};400;hetteglass;2025-{month:02}-{days};62;2025-{month:02};;"
            await house.store(row)
        await me.sits("Siri Senter", "mangelsaker")
        await me.writes("/mangel spør 2025-0001")
        await me.presses("Vis svarene", me.message("Vis svarene"))
        await me.sees("Anslag mot forbruk", "against-use")
        text = await me.message("Anslag mot forbruk").inner_text()
        assert "98 hetteglass" in text and "5 ganger forbruket" in text, text


async def test_mucomyst_is_rationed_reviewed_and_lifted(tmp_path: Path) -> None:
    async with walked(tmp_path, "rationed") as (house, me):
        await restriction.case_of(house, "mucomyst 200", "Mucomyst inh væske, oppl 200 mg/ml")
        await restriction.mucomyst_drafted(house)
        await me.sits("Siri Senter", "mangelsaker")
        await me.presses("Ta saken", me.message("2025-0001"))
        await me.writes("/mangel restriksjon 2025-0001")
        await me.presses("Åpne", me.message("Åpne"))
        await me.sees("Vedta", "draft")
        await me.presses("Vedta", me.message("Vedta"))
        await me.sees("Restriksjon (Fagdirektørene)", "card")

        house.clock.set(dt.datetime(2025, 7, 21, 7, tzinfo=dt.UTC))
        await house.bot.services.reminders.check()
        await me.goes_to("Direktemelding")
        await me.sees("Restriksjonen skal vurderes på nytt", "reminder")
        await me.presses("Ferdig", me.message("Restriksjonen skal vurderes på nytt"))
        await me.goes_to("mangelsaker")
        await me.opens_thread()
        await me.sees("vurdert og står", "reviewed")
        await me.closes_thread()
        await me.writes("/mangel restriksjon 2025-0001")
        await me.presses("Åpne", me.message("Åpne"))
        await me.presses("Opphev", me.message("Opphev"))
        form = await me.fills("Opphev")
        await form.get_by_role("textbox", name="Hvorfor").fill("Leveransene er stabile")
        await me.looks("lift")
        await me.presses("Opphev", form)
        await me.page.get_by_text("opphevet 21. juli").last.wait_for()
        await me.looks("lifted")
        await me.closes()
        await house.ws.wait_for(lambda: "Restriksjon (" not in house.card().plain(), 20, "the card without it")
        await me.sees("PÅGÅENDE", "card-after")
        assert "Restriksjon" not in await me.message("PÅGÅENDE").inner_text()


async def test_one_part_of_ozempic_is_lifted_and_one_stays(tmp_path: Path) -> None:
    async with walked(tmp_path, "part") as (house, me):
        await restriction.case_of(house, "ozempic 1 mg", "Ozempic inj, oppl 1 mg")
        await restriction.ozempic_in_two_parts(house)
        await me.sits("Siri Senter", "mangelsaker")
        await me.sees("Høyst fire ukers forbruk om gangen; Bare godkjent", "both")
        one = await restriction.opened(house)
        await house.form(house.siri, restriction.beside(one, "1"), one)
        sent = await house.ws.submit(house.siri, {"on": "2025-07-07", "why": "Leveransene er stabile"})
        assert not sent.errors, sent.errors
        await house.ws.close(house.siri)
        await me.sees("Restriksjon (DMP): Bare godkjent indikasjon", "stays")
        await me.writes("/mangel restriksjon 2025-0001")
        await me.presses("Åpne", me.message("Åpne"))
        await me.sees("opphevet 7. juli", "parts")
