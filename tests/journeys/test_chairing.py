"""Møtemodus over a real connection: opened, led by two, decided, closed with minutes."""

from __future__ import annotations

import datetime as dt

from storage.tables import MeetingDecision, MeetingTask, ShortageCase
from tests.journeys.conftest import House
from workspace import Message

MORNING = dt.datetime(2025, 7, 10, 7, 0, tzinfo=dt.UTC)
"""Thursday 09:00 in Oslo, the day of the meeting."""


async def board(house: House, words: str) -> Message:
    """The message that everyone looks at, once it says this."""
    return await house.said(house.meeting, words)


async def opened(house: House) -> Message:
    """Two cases, the digest, and the meeting opened by Dag of the meeting; the board."""
    await house.valtrex_case()
    await house.report(house.ola, "zypadhera 300", "Zypadhera pulv")
    await house.ws.close(house.ola)
    await house.said(house.cases, "2025-0002")
    house.clock.set(dt.datetime(2025, 7, 9, 12, 1, tzinfo=dt.UTC))
    await house.bot.services.meeting.post_what_is_due()
    house.clock.set(MORNING)
    await house.ws.slash(house.dag, "/mangel møte")
    offer = await house.whispered(house.dag, "Når møtet i uke 28 begynner")
    assert "er åpnet i kanalen" in await house.press(house.dag, offer, "open_meeting")
    return await board(house, "møtet er åpnet · 2 saker")


async def test_a_meeting_from_its_opening_to_its_minutes(house: House) -> None:
    up = await opened(house)
    await house.ws.click(house.dag, up, "meeting_next")
    up = await board(house, "sak 1 av 2")
    form = await house.form(house.siri, "meeting_decide", up)
    assert "2025-0001" in form.plain() or "2025-0002" in form.plain()
    await house.ws.click(house.dag, up, "meeting_next")
    up = await board(house, "sak 2 av 2")
    sent = await house.ws.submit(house.siri, {"text": "Sykehusene låner av hverandre."})
    assert not sent.errors, "typed while the meeting went on, and kept"
    await house.form(house.dag, "meeting_task", up)
    sent = await house.ws.submit(house.dag, {"text": "Ring leverandøren", "who": house.per, "due": "2025-07-16"})
    assert not sent.errors
    told = await house.said(house.per, "Oppgave til deg fra Mangelmøtet")
    await house.form(house.siri, "meeting_end", await board(house, "Ring leverandøren"))
    sent = await house.ws.submit(house.siri, {"end": "2025-09-01", "why": "ny produksjon"})
    assert not sent.errors
    await board(house, "ny sluttdato 1. sept. 2025")
    assert "Gjort: Ring leverandøren" in await house.press(house.per, told, "finish_task")
    up = await board(house, "sak 2 av 2")
    form = await house.form(house.dag, "meeting_close", up)
    sent = await house.ws.submit(house.dag, {"present": [house.dag, house.siri], "guests": "Nina, Sykehusinnkjøp HF"})
    assert not sent.errors
    minutes = await house.said(house.meeting, "Referat, Mangelmøtet uke 28")
    for words in ("Sykehusene låner av hverandre.", "Ring leverandøren", "ny sluttdato", "Nina, Sykehusinnkjøp HF"):
        assert words in minutes.plain()
    assert "avsluttet. Referatet står under." in (await board(house, "avsluttet.")).plain()
    assert len(await house.rows(MeetingDecision)) == 2
    (task,) = await house.rows(MeetingTask)
    assert task.done_at is not None
    assert "Besluttet i Mangelmøtet uke 28" in (await house.said(house.cases, "Sykehusene låner")).plain()


async def test_whoever_presses_next_last_is_told_and_no_case_is_skipped(house: House) -> None:
    up = await opened(house)
    await house.ws.click(house.dag, up, "meeting_next")
    await board(house, "sak 1 av 2")
    assert "ingen sak er hoppet over" in await house.forge(house.siri, up, "meeting_next", "1 0")
    assert "sak 1 av 2" in (await board(house, "Mangelmøtet uke 28: ")).plain()


async def test_a_clinician_who_forges_the_buttons_changes_nothing(house: House) -> None:
    up = await opened(house)
    async with house.nothing_stored():
        for button, value in (
            ("open_meeting", "28"),
            ("meeting_next", "1 0"),
            ("meeting_attend", "1"),
            ("meeting_decide", "1 1"),
            ("meeting_close", "1"),
            ("finish_task", "1"),
        ):
            answer = await house.forge(house.kari, up, button, value)
            assert "tilgang" in answer or "Fant ikke" in answer, button
        for value in ("1", "x y", "999 1", ""):
            assert await house.forge(house.siri, up, "meeting_next", value)
    (first, _) = await house.rows(ShortageCase)
    assert first.decision_question is None
