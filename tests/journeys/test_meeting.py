"""Mangelmøtet's digest: as it stands, posted by a person, and its button."""

from __future__ import annotations

import datetime as dt

from storage.tables import MeetingPost, ShortageCase
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House


async def test_the_centre_posts_the_digest_now_and_only_once(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.ws.slash(house.siri, "/mangel møte")
    offer = await house.whispered(house.siri, "Slik står møtelisten nå")
    assert "er lagt ut i kanalen" in await house.press(house.siri, offer, "post_digest")
    digest = await house.said(house.meeting, "Mangelmøtet uke 28")
    assert "Valtrex tab 500 mg (valaciklovir)" in digest.plain()
    assert "Meldinger fra sykehus: 1" in digest.plain()
    assert "er allerede lagt ut" in await house.press(house.siri, offer, "post_digest")
    assert len(await house.rows(MeetingPost)) == 1
    assert len(house.ws.messages(house.meeting, by_bot=True)) == 1


async def test_the_meeting_cannot_post_what_it_reads(house: House) -> None:
    await house.ws.slash(house.dag, "/mangel møte")
    told = await house.whispered(house.dag, "Mangelmøtet uke 28")
    assert "Legg ut nå" not in "".join(message.plain() for message in house.ws.ephemerals(house.dag))
    async with house.nothing_stored():
        assert "tilgang" in await house.forge(house.dag, told, "post_digest", None)


async def test_show_all_lists_what_the_asker_may_read(house: House) -> None:
    await house.valtrex_case()
    house.clock.set(dt.datetime(2025, 7, 9, 12, 1, tzinfo=dt.UTC))
    await house.bot.services.meeting.post_what_is_due()
    digest = await house.said(house.meeting, "Mangelmøtet uke 28")
    shown = await house.press(house.dag, digest, "show_all_cases")
    assert "1 åpen sak" in shown
    assert "2025-0001 · Valtrex tab 500 mg (valaciklovir) · Pågående" in shown
    assert "Valtrex" not in await house.forge(house.kari, digest, "show_all_cases", "2025-W28")


async def test_an_internal_case_is_not_in_the_digest(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "publish_case", card)
    await house.ws.submit(house.siri, {"visibility": "internal"})
    assert "Valtrex" not in await house.ask(house.dag, "møte")
    assert "Valtrex" not in await house.ask(house.dag, "liste")
    assert "Valtrex" in await house.ask(house.siri, "liste")


async def test_an_answer_longer_than_slack_takes_goes_on_in_a_direct_message(house: House) -> None:
    async with house.bot.database.unit_of_work() as uow:
        await uow.add(*(_case(number) for number in range(1, 501)))
    await house.ws.slash(house.siri, "/mangel møte")
    digest = await house.whispered(house.siri, "Mangelmøtet uke 28")
    await house.whispered(house.siri, "Slik står møtelisten nå")
    before = len(house.ws.ephemerals(house.siri))
    await house.ws.click(house.siri, digest, "show_all_cases")
    await house.whispered(house.siri, "Resten kommer som direktemelding")
    await house.said(house.siri, "(11 av 11)", within=20)
    beside = house.ws.ephemerals(house.siri)[before:]
    everything = "".join(message.plain() for message in [*beside, *house.by_bot(house.siri)])
    assert all(f"2025-{number:04d}" in everything for number in range(1, 501))
    assert len(beside) == 5


def _case(number: int) -> ShortageCase:
    now = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
    name = f"Et legemiddel med et langt navn, konsentrat til infusjonsvæske {number} mg/ml"
    return ShortageCase(
        number=f"2025-{number:04d}",
        preparation_key=name,
        name=name,
        substance=name,
        scope="medicine",
        authorised="yes",
        status="ongoing",
        visibility="meeting",
        opened_at=now,
        changed_at=now,
    )
