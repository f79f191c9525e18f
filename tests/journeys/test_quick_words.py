"""Quick words in a case's thread: shown to who wrote them, saved by one button, and never a change without it."""

from __future__ import annotations

import json
import random

from storage.tables import ShortageCase
from tests.journeys.conftest import House
from workspace import Message, User


async def shown(house: House, who: User, text: str) -> Message:
    """What is shown back to whoever wrote `text` in the case's thread."""
    before = len(house.ws.ephemerals(who))
    await house.ws.say(who, house.cases, text, thread=house.card())
    await house.ws.wait_for(lambda: len(house.ws.ephemerals(who)) > before, 20, f"what «{text}» would change")
    return house.ws.ephemerals(who)[-1]


async def pressed(house: House, who: User, offer: Message, button: str, answer: str) -> None:
    """Press a button of what was shown back, and wait for its answer."""
    await house.ws.click(who, offer, button)
    await house.whispered(who, answer)
    await house.ws.quiet()


async def the_case(house: House) -> ShortageCase:
    (row,) = await house.rows(ShortageCase)
    assert isinstance(row, ShortageCase)
    return row


async def test_what_was_written_is_shown_back_and_saved_with_one_button(house: House) -> None:
    await house.valtrex_case()
    offer = await shown(house, house.siri, "ny slutdato 15.9, årsak: virkestoffmangel")
    assert "Ny sluttdato: 15. sept." in offer.plain() and "Årsak: Mangel på virkestoff" in offer.plain()
    assert (await the_case(house)).expected_end is None, "nothing is changed before the button"
    await pressed(house, house.siri, offer, "save_quick_words", "Lagret")
    row = await the_case(house)
    assert (str(row.expected_end), row.cause) == ("2025-09-15", "substance_unavailable")
    await house.said(house.cases, "ny sluttdato 15. sept.")


async def test_a_case_is_taken_given_a_step_and_closed_in_a_few_words(house: House) -> None:
    await house.valtrex_case()
    await pressed(house, house.siri, await shown(house, house.siri, "tatt"), "save_quick_words", "Lagret")
    offer = await shown(house, house.siri, f"<@{house.per.id}> ring leverandør fredag")
    assert "ring leverandør, frist 11. juli" in offer.plain()
    await pressed(house, house.siri, offer, "save_quick_words", "Lagret")
    row = await the_case(house)
    assert (row.next_step, str(row.next_step_on)) == ("ring leverandør", "2025-07-11")
    assert row.owner and row.next_step_for and row.owner != row.next_step_for
    await pressed(house, house.siri, await shown(house, house.siri, "lukk: levert igjen"), "save_quick_words", "Lagret")
    row = await the_case(house)
    assert (row.status, row.close_reason) == ("closed", "levert igjen")


async def test_dropped_words_and_words_overtaken_by_somebody_change_nothing(house: House) -> None:
    await house.valtrex_case()
    first = await shown(house, house.siri, "ny sluttdato 15.9")
    second = await shown(house, house.per, "ny sluttdato 1.10")
    third = await shown(house, house.per, "årsak: kvalitet")
    closing = await shown(house, house.per, "lukk: levert igjen")
    await pressed(house, house.siri, first, "save_quick_words", "Lagret")
    for overtaken in (second, closing):
        await pressed(house, house.per, overtaken, "save_quick_words", "er endret siden du skrev dette")
    await pressed(house, house.per, third, "drop_quick_words", "Ingenting er endret.")
    row = await the_case(house)
    assert (str(row.expected_end), row.cause, row.status) == ("2025-09-15", None, "ongoing")


async def test_two_who_write_of_different_things_at_the_same_time_both_get_through(house: House) -> None:
    await house.valtrex_case()
    first, second = (
        await shown(house, house.siri, "ny sluttdato 15.9"),
        await shown(house, house.per, "årsak: kvalitet"),
    )
    await pressed(house, house.siri, first, "save_quick_words", "Lagret")
    await pressed(house, house.per, second, "save_quick_words", "Lagret")
    row = await the_case(house)
    assert (str(row.expected_end), row.cause) == ("2025-09-15", "quality")
    await house.said(house.cases, "årsak kvalitet eller GMP.")


async def test_talk_in_the_thread_and_words_elsewhere_are_left_in_peace(house: House) -> None:
    card = await house.valtrex_case()
    chance = random.Random(7)
    words = "ny sluttdato 15.9 årsak jeg tar den ikke lukk vi venter på dem fredag takk ?".split()  # noqa: SIM905
    async with house.nothing_stored():
        for text in ("har noen hørt fra dem?", "jeg tar det med i møtet", "ny sluttdato 15.9?", "15.9"):
            await house.ws.say(house.siri, house.cases, text, thread=card)
        for _ in range(20):
            await house.ws.say(house.per, house.cases, " ".join(chance.choices(words, k=8)) + " …", thread=card)
        await house.ws.say(house.siri, house.cases, "ny sluttdato 15.9")
        await house.ws.say(house.dag, house.meeting, "ny sluttdato 15.9")
    assert not house.ws.ephemerals(house.siri)


async def test_only_those_who_work_with_cases_are_understood_and_may_save(house: House) -> None:
    card = await house.valtrex_case()
    house.cases.members.append(house.mona.id)
    await house.ws.say(house.mona, house.cases, "ny sluttdato 15.9", thread=card)
    await house.ws.quiet()
    assert not house.ws.ephemerals(house.mona)
    offer = await shown(house, house.siri, "ny sluttdato 15.9")
    assert "sak 2025-0001" in offer.plain()
    await house.publish()
    published = await house.said(house.info, "2025-0001")
    value = {"case": "2025-0001", "version": 1, "day": "2025-07-07", "text": "ny sluttdato 15.9", "shown": {}}
    async with house.nothing_stored():
        assert "tilgang" in await house.forge(house.kari, published, "save_quick_words", json.dumps(value))
        for forged in (
            "nonsense",
            "{}",
            json.dumps(value | {"text": "hei"}),
            json.dumps(value | {"version": "x"}),
            json.dumps(value | {"shown": 1}),
        ):
            assert "virker ikke" in await house.forge(house.siri, house.card(), "save_quick_words", forged)


async def test_an_identity_number_is_refused(house: House) -> None:
    card = await house.valtrex_case()
    async with house.nothing_stored():
        await house.ws.say(house.siri, house.cases, "lukk: pasient 13097248022 er ferdig", thread=card)
    told = await house.whispered(house.siri, "fødselsnummer")
    assert "Slett meldingen i Slack også" in told.plain()
