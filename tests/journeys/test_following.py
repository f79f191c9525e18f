"""Follow and mute: how often, why, and out in one click."""

from __future__ import annotations

import datetime as dt

from bot.clock import OSLO
from storage.tables import Follow
from tests.journeys.conftest import House


async def test_follow_and_mute(house: House) -> None:
    assert "Du følger nå ATC J05AB." in await house.ask(house.ola, "følg J05AB")
    await house.valtrex_case()
    told = await house.said(house.ola, "Nytt om")
    assert "fordi du følger ATC J05AB" in told.plain()

    form = await house.form(house.ola, "mute_following", told)
    assert "Bare sak 2025-0001" in form.plain() and "Alt om ATC J05AB" in form.plain()
    sent = await house.ws.submit(house.ola, {"what": "case", "choice": "2025-07-14"})
    assert not sent.errors
    assert "Dempet: 2025-0001" in (await house.ws.view(house.ola)).plain()
    await house.ws.close(house.ola)
    await house.publish()
    await house.ws.quiet()
    assert len([one for one in house.by_bot(house.ola) if "Nytt om" in one.text]) == 1, "muted means muted"

    listed = await house.ask(house.ola, "følg")
    assert "ATC J05AB: med en gang" in listed and "2025-0001: dempet til og med 14. juli" in listed
    await house.press(house.ola, told, "stop_following")
    assert [one.pace for one in await house.rows(Follow)] == ["never"]


async def test_a_days_news_come_collected_and_are_stopped_in_one_click(house: House) -> None:
    assert "samlet hver dag" in await house.ask(house.ola, "følg valtrex daglig")
    await house.valtrex_case()
    await house.publish(advice="Spar det.")
    await house.ws.quiet()
    assert not [one for one in house.by_bot(house.ola) if "Nytt" in one.text]
    house.clock.set(dt.datetime(2025, 7, 8, 8, tzinfo=OSLO))
    await house.bot.services.following.send_collected()
    collected = await house.said(house.ola, "Nytt i det du følger")
    assert "Spar det." in collected.plain() and "Fordi du følger valaciklovir" in collected.plain()
    assert "Du følger ikke lenger valaciklovir" in await house.press(house.ola, collected, "stop_following")
    assert not await house.rows(Follow)


async def test_a_region_is_followed_and_a_pool_only_by_those_who_see_it(house: House) -> None:
    assert "Du følger nå Helse Nord." in await house.ask(house.kari, "følg Helse Nord ukentlig")
    assert "Du følger nå Fokuslisten." in await house.ask(house.mona, "følg Fokuslisten")
    async with house.nothing_stored():
        assert "følger nå" not in await house.ask(house.kari, "følg Fokuslisten")
    await house.alert()
    told = await house.said(house.mona, "Nytt i Fokuslisten")
    assert "fordi du følger Fokuslisten" in told.plain()


async def test_ones_own_list_in_a_channel_stops_ones_own(house: House) -> None:
    await house.ask(house.kari, "følg valtrex", house.info)
    await house.ask(house.kari, "følg", house.info)
    listed = house.ws.ephemerals(house.kari)[-1]
    assert "Du følger ikke lenger valaciklovir" in await house.press(house.kari, listed, "stop_own_following")
    assert not await house.rows(Follow)


async def test_a_hidden_case_is_not_betrayed_by_any_of_the_buttons(house: House) -> None:
    await house.ask(house.ola, "følg J05AB")
    await house.valtrex_case()
    told = await house.said(house.ola, "Nytt om")
    await house.form(house.siri, "publish_case", house.card())
    await house.ws.submit(house.siri, {"visibility": "internal"})
    await house.ws.quiet()
    async with house.nothing_stored():
        assert "Fant ikke sak 2025-0001." in await house.ask(house.ola, "følg 2025-0001")
        assert "Fant ikke sak 2025-0001." in await house.ask(house.ola, "slutt å følge 2025-0001")
        await house.form(house.ola, "mute_following", told)
        sent = await house.ws.submit(house.ola, {"what": "case", "choice": "2025-07-14"})
        assert "Fant ikke sak 2025-0001." in str(sent.errors)
        await house.ws.close(house.ola)
        for value in ("nonsense", "-", "2025-0001", "- nonsense"):
            await house.ws.quiet()
            await house.forge(house.ola, told, "stop_following", value)
        assert "virker ikke" in await house.forge(house.ola, told, "mute_following", "-")
