"""A reminder reaches the owner, is put off, comes again after a restart, and is done in one click."""

from __future__ import annotations

import datetime as dt

from bot.clock import OSLO
from tests.journeys.conftest import House

TUESDAY = dt.datetime(2025, 7, 8, 9, tzinfo=OSLO)


async def with_a_step(house: House, step: str = "Ring leverandøren", on: str = "2025-07-08") -> None:
    """Siri has taken the Valtrex case, and has said what she will do next."""
    await house.valtrex_case()
    await house.press(house.siri, house.card(), "take_case")
    await house.form(house.siri, "update_case", house.card())
    sent = await house.ws.submit(house.siri, {"next_step": step, "next_step_on": on})
    assert not sent.errors


async def test_a_next_step_is_told_and_done_in_one_click(house: House) -> None:
    await with_a_step(house)
    house.clock.set(TUESDAY)
    await house.bot.services.reminders.check()
    reminder = await house.said(house.siri, "Ring leverandøren")
    assert "8. juli" in reminder.plain()

    assert "Ferdig: Valtrex" in await house.press(house.siri, reminder, "reminder_done")
    settled = await house.said(house.siri, "tatt hånd om")
    assert settled.ts == reminder.ts and "reminder_done" not in str(settled.blocks), "in its place, without its buttons"
    await house.said(house.cases, "Neste steg er gjort: Ring leverandøren")
    await house.ws.wait_for(lambda: "ikke satt" in house.card().plain(), 20, "a card without a next step")


async def test_it_is_put_off_with_a_choice_and_comes_again_after_a_restart(house: House) -> None:
    await with_a_step(house)
    house.clock.set(TUESDAY)
    await house.bot.services.reminders.check()
    reminder = await house.said(house.siri, "Ring leverandøren")
    form = await house.form(house.siri, "snooze_reminder", reminder)
    assert "onsdag 9. juli" in form.plain() and "mandag 14. juli" in form.plain()
    assert not (await house.ws.submit(house.siri, {"choice": "2025-07-11"})).errors
    await house.said(house.siri, "Utsatt til 11. juli")
    await house.ws.wait_for(lambda: "Frist 11. juli" in house.card().plain(), 20, "the new date on the card")

    await house.restart(after=dt.timedelta(days=3))
    for _ in range(3):
        await house.bot.services.reminders.check()
    again = await house.said(house.siri, "Frist 11. juli")
    await house.ws.quiet()
    told = [one.ts for one in house.by_bot(house.siri) if "Frist 11. juli" in one.plain()]
    assert told == [again.ts] != [reminder.ts], "once more, and once"
    assert "Ferdig" in await house.press(house.siri, again, "reminder_done")


async def test_a_day_that_has_gone_is_refused_beside_its_field(house: House) -> None:
    await with_a_step(house)
    house.clock.set(TUESDAY)
    await house.bot.services.reminders.check()
    await house.form(house.siri, "snooze_reminder", await house.said(house.siri, "Ring leverandøren"))
    sent = await house.ws.submit(house.siri, {"until": "2025-07-08"})
    assert "etter i dag" in sent.errors["until"]


async def test_a_forged_reminder_changes_nothing(house: House) -> None:
    await with_a_step(house)
    house.clock.set(TUESDAY)
    await house.bot.services.reminders.check()
    await house.said(house.siri, "Ring leverandøren")
    await house.publish()
    published = await house.said(house.info, "2025-0001")
    async with house.nothing_stored():
        assert "tilgang" in await house.forge(house.kari, published, "reminder_done", "1")
        assert "finnes ikke" in await house.forge(house.siri, house.card(), "reminder_done", "999")
        assert "virker ikke" in await house.forge(house.siri, house.card(), "reminder_done", "1; drop")
        assert "tilgang" in await house.forge(house.kari, published, "snooze_reminder", "1")
        assert "Ingen påminnelser" in await house.forge(house.kari, published, "list_reminders", "1")
