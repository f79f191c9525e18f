"""The ten journeys that are walked most, in a real browser on phones, in each language.

Everybody has a phone of their own, and the pictures lie in a folder (`PICTURES`) for whoever wants to look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.messages.render import LOCALES
from bot.messages.words import LANGUAGES, Language, read_language
from storage.tables import EndDate, Reminder
from tests.browser.phone import DRIVES_CHROMIUM, Reader, phones
from tests.journeys.conftest import House, furnished
from workspace import User

pytestmark = [*DRIVES_CHROMIUM, pytest.mark.slow]

VALTREX, ZOVIRAX = "Valtrex tab 500 mg", "Zovirax tab 200 mg"
TYPED = {
    "nb": {"report": "meld", "end": "ny sluttdato", "cause": "årsak: virkestoffmangel", "follow": "følg J05AB"},
    "nn": {"report": "meld", "end": "ny sluttdato", "cause": "årsak: mangel på verkestoff", "follow": "følg J05AB"},
    "en": {"report": "report", "end": "new end date", "cause": "cause: active substance", "follow": "follow J05AB"},
}
"""What is typed by hand, as somebody who reads that language would."""


class Person(Reader):
    """Somebody with a phone of their own, who reads `words`."""

    def __init__(self, page: Any, user: User, words: Language, taken: Iterator[int]) -> None:
        super().__init__(page, words.code, taken)
        self.user = user
        self._words = words

    def says(self, source: str, **places: object) -> str:
        """How a sentence reads in the person's language."""
        return self._words.gettext(source) % places if places else self._words.gettext(source)

    # --- what is on the screen ---

    def card(self, number: str) -> Any:
        """A case's card."""
        return self.page.get_by_role("article").filter(has_text=f"{number} ·").last

    def message(self, words: str) -> Any:
        """The newest message with these words."""
        return self.page.get_by_role("article").filter(has_text=words).last

    async def form(self, title: str, **places: object) -> Any:
        """The form of that name, once it is open."""
        form = self.page.get_by_role("dialog", name=self.says(title, **places))
        await form.wait_for()
        return form

    async def reads(self, words: str, within: Any = None) -> None:
        """Wait until it can be read."""
        await (within or self.page).get_by_text(words).locator("visible=true").last.wait_for()

    # --- what is done ---

    async def presses(self, button: str, on: Any = None) -> None:
        """Press a button, called as in the person's language."""
        await (on or self.page).get_by_role("button", name=self.says(button), exact=True).last.click()

    async def submits(self, form: Any, button: str = "Lagre", picture: str | None = None) -> None:
        """Press the form's own button; it closes."""
        if picture:
            await self.looks(picture)
        await self.presses(button, form)
        await form.wait_for(state="hidden")

    async def types(self, form: Any, label: str, text: str) -> None:
        """Fill in a field."""
        await form.get_by_role("textbox", name=self.says(label)).first.fill(text)

    async def dates(self, form: Any, label: str, day: str) -> None:
        """Choose a day."""
        await form.get_by_label(self.says(label)).fill(day)

    async def ticks(self, form: Any, *choices: str) -> None:
        """Choose one, or several, of what is offered."""
        for choice in choices:
            await form.get_by_label(self.says(choice), exact=True).check()

    async def finds(self, form: Any, label: str, typed: str, name: str) -> None:
        """Look a medicine up and choose it."""
        field = form.get_by_role("combobox", name=self.says(label))
        await field.press_sequentially(typed, delay=10)
        await form.get_by_role("option", name=name).first.click()

    async def updates(self, number: str, part: str | None = None) -> Any:
        """Open the form of a case, or a part of it."""
        await self.presses("Oppdater", self.card(number))
        form = await self.form("Oppdater %(number)s", number=number)
        if part is None:
            return form
        await self.presses(part, form)
        return await self.form(part)

    async def saves_part(self, form: Any, number: str, picture: str) -> None:
        """Save a part; the form below it is closed."""
        await self.submits(form, picture=picture)
        below = await self.form("Oppdater %(number)s", number=number)
        await self.presses("Avbryt", below)
        await below.wait_for(state="hidden")

    async def answers_in_thread(self, number: str, text: str) -> Any:
        """Write in the case's thread; the thread."""
        thread = self.page.get_by_role("complementary", name="Tråd")
        if not await thread.is_visible():
            footer = self.card(number).locator("footer button").first
            await footer.click()
        await thread.get_by_role("combobox", name="Svar i tråden").fill(text)
        await self.page.keyboard.press("Enter")
        return thread

    async def saves_words(self, number: str, text: str, picture: str) -> None:
        """Write quick words in the case's thread, see how they were read, and save."""
        thread = await self.answers_in_thread(number, text)
        offer = thread.get_by_role("article").filter(has=self.page.get_by_role("button", name=self.says("Forkast")))
        await offer.last.wait_for()
        await self.looks(picture)
        await self.presses("Lagre", offer.last)
        await offer.first.wait_for(state="hidden")
        await self.reads(self.says("Lagret i sak {number}.").format(number=number), thread)

    async def leaves_thread(self) -> None:
        """Close the thread."""
        await self.page.get_by_role("button", name="Lukk tråden").click()


@dataclass
class Walk:
    """The house and those with a phone in it."""

    house: House
    kari: Person
    ola: Person
    siri: Person
    language: str
    typed: dict[str, str] = field(default_factory=dict)

    async def reports(self, who: Person, typed: str, name: str, place: str, picture: str | None = None) -> None:
        """Somebody reports a shortage and reads the receipt."""
        await who.goes_to("mangelinfo")
        await who.writes(f"/mangel {self.typed['report']}")
        form = await who.form("Meld mangel")
        await who.finds(form, "Legemiddel", typed, name)
        await who.ticks(form, "Innen 3 døgn")
        await form.get_by_role("combobox", name=who.says("Hvor")).first.select_option(place)
        if picture:
            await who.looks(picture)
        await who.presses("Send", form)
        receipt = await who.form("Meldingen er sendt")
        if picture:
            await who.looks(f"{picture}-receipt")
        await who.presses("Lukk", receipt)


@pytest.fixture(params=LANGUAGES)
async def walk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Walk]:
    """Kari reports, Ola works in another organisation, Siri is of the centre; all read the same language."""
    language = request.param
    words = read_language(language, LOCALES)
    async with furnished(f"sqlite:///{tmp_path / 'm.sqlite'}", channel_language=language) as house, phones() as browser:
        people, taken = [], count(1)
        house.ws.core.tickets.trigger_seconds = house.ws.core.courier.ack_timeout = 30.0  # it is not about pace
        for user in (house.kari, house.ola, house.siri):
            await house.ask(user, f"språk {LANGUAGES[language][0]}", house.info)
            page = await browser.new_page()
            await page.goto(house.ws.page_url)
            people.append(Person(page, user, words, taken))
            await people[-1].becomes(user.name)
        yield Walk(house, *people, language, TYPED[language])
        assert not house.ws.complaints
        house.ws.check_clean()


@pytest.mark.timeout(300)
async def test_the_ten_journeys(walk: Walk) -> None:
    for journey in (
        report_and_receipt,
        a_second_report_joins,
        take_and_three_updates,
        publish_and_substitute,
        the_end_moves_twice,
        close_and_reopen,
        split_and_merge,
        a_device,
        follow_and_mute,
        a_reminder_after_a_restart,
    ):
        await journey(walk)


async def report_and_receipt(walk: Walk) -> None:
    await walk.reports(walk.kari, "valtrexx 500", VALTREX, "UNN Tromsø", "1-report")
    await walk.kari.goes_to("Hjem")
    await walk.kari.reads("2025-0001")
    await walk.kari.looks("1-home-of-a-clinician")


async def a_second_report_joins(walk: Walk) -> None:
    ola = walk.ola
    await walk.reports(ola, "valtrex 500", VALTREX, "Førde sentralsjukehus", "2-report-that-joins")
    await ola.goes_to("Direktemelding")
    await ola.reads("2025-0001")
    await ola.looks("2-told")
    await walk.siri.goes_to("mangelsaker")
    await walk.siri.reads("Førde sentralsjukehus", walk.siri.card("2025-0001"))
    await walk.siri.looks("2-card")


async def take_and_three_updates(walk: Walk) -> None:
    siri = walk.siri
    await siri.goes_to("Hjem")
    await siri.reads("2025-0001")
    await siri.looks("3-desk")
    await siri.goes_to("mangelsaker")
    card = siri.card("2025-0001")
    await siri.presses("Ta saken", card)
    await siri.reads("@Siri Senter", card)

    form = await siri.updates("2025-0001", "Årsak, start og kilde")
    await siri.dates(form, "Startdato", "2025-07-01")
    await form.get_by_role("combobox", name=siri.says("Kilde for meldingen")).select_option(siri.says("Sykehus"))
    await siri.saves_part(form, "2025-0001", "3-update-cause")

    form = await siri.updates("2025-0001", "Hvem rammes")
    await siri.ticks(form, "Transplanterte", "Helse Nord")
    await siri.saves_part(form, "2025-0001", "3-update-who")

    await siri.saves_words("2025-0001", walk.typed["cause"], "3-quick-words")
    await siri.leaves_thread()
    await siri.reads(siri.says("Mangel på virkestoff").lower(), card)
    await siri.looks("3-card")


async def publish_and_substitute(walk: Walk) -> None:
    siri, kari = walk.siri, walk.kari
    await siri.presses("Publiser", siri.card("2025-0001"))
    form = await siri.form("Publiser %(number)s", number="2025-0001")
    await siri.ticks(form, "Publisert")
    await siri.types(form, "Råd fra senteret", "Nye pasienter: aciklovir.")
    await siri.submits(form, picture="4-publish")
    await kari.goes_to("mangelinfo")
    await kari.reads("Nye pasienter: aciklovir.")
    await kari.looks("4-published")
    form = await siri.updates("2025-0001")
    await siri.types(form, "Erstatning", "Zovirax tabletter")
    await siri.ticks(form, "Ja")
    await siri.submits(form, picture="4-update")
    await kari.goes_to("Direktemelding")
    await kari.reads("Zovirax tabletter")
    await kari.looks("4-told")


async def the_end_moves_twice(walk: Walk) -> None:
    siri, card = walk.siri, walk.siri.card("2025-0001")
    form = await siri.updates("2025-0001")
    await siri.dates(form, "Ny sluttdato", "2025-08-15")
    await siri.submits(form)
    for day in ("15.9", "15.10"):
        await siri.saves_words("2025-0001", f"{walk.typed['end']} {day}", f"5-end-{day}")
    await siri.looks("5-thread")
    await siri.leaves_thread()
    await siri.reads("15. okt." if walk.language != "en" else "15 Oct", card)
    await siri.looks("5-card")
    assert [str(row.end) for row in await walk.house.rows(EndDate)] == ["2025-08-15", "2025-09-15", "2025-10-15"]
    await walk.kari.looks("5-told")


async def close_and_reopen(walk: Walk) -> None:
    siri, kari, card = walk.siri, walk.kari, walk.siri.card("2025-0001")
    await siri.presses("Avslutt", card)
    form = await siri.form("Avslutt %(number)s", number="2025-0001")
    await form.get_by_role("combobox", name=siri.says("Hvordan gikk det?")).select_option(
        siri.says("Løst med erstatning")
    )
    await siri.types(form, "Begrunnelse", "Leveransene er normale.")
    await siri.submits(form, "Avslutt", picture="6-close")
    await siri.reads(siri.says("Avsluttet").upper(), card)
    await siri.looks("6-closed-card")
    await kari.reads(kari.says("saken er avsluttet"))
    await kari.looks("6-told-closed")
    await siri.presses("Gjenåpne", card)
    form = await siri.form("Gjenåpne %(number)s", number="2025-0001")
    await siri.types(form, "Hvorfor åpnes saken igjen?", "Produsenten har stanset igjen.")
    await siri.submits(form, "Gjenåpne", picture="6-reopen")
    await siri.reads(siri.says("Pågående").upper(), card)
    await kari.reads(kari.says("saken er åpnet igjen"))
    await kari.looks("6-told-reopened")


async def split_and_merge(walk: Walk) -> None:
    siri = walk.siri
    await siri.presses("Mer", siri.card("2025-0001"))
    more = await siri.form("Mer om %(number)s", number="2025-0001")
    await siri.looks("7-more")
    await siri.presses("Skill ut meldinger", more)
    form = await siri.form("Skill ut meldinger")
    await form.get_by_label("Førde sentralsjukehus").check()
    await siri.finds(form, "Hva gjelder de?", "valtrex 250", "Valtrex tab 250 mg")
    await siri.submits(form, "Skill ut", picture="7-split")
    await siri.card("2025-0002").wait_for()
    await siri.looks("7-split-card")
    await walk.ola.reads("2025-0002")
    await walk.ola.looks("7-told")

    await siri.presses("Mer", siri.card("2025-0002"))
    more = await siri.form("Mer om %(number)s", number="2025-0002")
    await siri.presses("Slå sammen", more)
    form = await siri.form("Slå sammen")
    await siri.types(form, "Saksnummer som skal leve videre", "2025-0001")
    await siri.submits(form, "Slå sammen", picture="7-merge")
    await siri.reads(siri.says("Fortsetter i:"), siri.card("2025-0002"))
    await siri.looks("7-merged-card")


async def a_device(walk: Walk) -> None:
    await walk.reports(walk.kari, "steritalc", "Steritalc", "UNN Tromsø")
    card = walk.siri.card("2025-0003")
    await walk.siri.reads("Steritalc", card)
    await walk.siri.looks("8-device-card")


async def follow_and_mute(walk: Walk) -> None:
    ola = walk.ola
    await ola.writes(f"/mangel {walk.typed['follow']}")
    await ola.reads("ATC J05AB")
    await walk.reports(walk.kari, "zovirax tab 200", ZOVIRAX, "UNN Tromsø")
    news = ola.message(ola.says("Du får denne fordi du følger %(label)s.", label="ATC J05AB"))
    await news.wait_for()
    await ola.looks("9-news")
    await ola.presses("Demp til …", news)
    form = await ola.form("Demp")
    await ola.looks("9-mute")
    await ola.presses("Demp", form)
    muted = await ola.form("Dempet")
    await ola.looks("9-muted")
    await ola.presses("Lukk", muted)
    await ola.writes("/mangel følg")
    await ola.page.get_by_role("article").filter(has_text="J05AB").last.wait_for()
    await ola.looks("9-followed")


async def a_reminder_after_a_restart(walk: Walk) -> None:
    siri, house = walk.siri, walk.house
    form = await siri.updates("2025-0001")
    await siri.types(form, "Neste steg", "Ring leverandøren")
    await siri.dates(form, "Frist for neste steg", "2025-07-08")
    await siri.submits(form)
    await house.restart(after=dt.timedelta(days=1))
    await house.bot.services.reminders.check()
    await siri.goes_to("Direktemelding")
    reminder = siri.message("Ring leverandøren")
    await reminder.wait_for()
    await siri.looks("10-reminder")
    await siri.presses("Ferdig", reminder)
    await siri.reads(f"{siri.says('Ferdig')}:")
    await siri.looks("10-done")
    assert {row.state for row in await house.rows(Reminder)} == {"done"}
    await siri.goes_to("Hjem")
    await siri.reads("Steritalc")
    await siri.looks("10-desk")
