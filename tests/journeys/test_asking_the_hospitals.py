"""Asking the hospitals over the real socket: ZypAdhera is counted by 17 of the 21 trusts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

import pytest

from bot.settings import TrustSetting
from storage.tables import InquiryAnswer, StockCount
from tests.journeys.conftest import House
from tests.journeys.test_allocation import zypadhera_case
from workspace import Channel, Message, User

FRIDAY_AFTER_FOUR = dt.datetime(2025, 7, 11, 14, 1, tzinfo=dt.UTC)
IN_SLACK = [
    "Møre og Romsdal", "Nord-Trøndelag", "Finnmark", "Nordland", "UNN", "Akershus", "Diakonhjemmet", "Innlandet",
    "Lovisenberg", "OUS", "Sørlandet", "Telemark", "Vestfold", "Vestre Viken", "Østfold", "Bergen", "Fonna",
]  # fmt: skip
"""Those with somebody in Slack; St. Olav has a channel shared with another organisation, and three have nobody."""


@pytest.fixture
def contacts(house: House) -> dict[str, User]:
    return contacts_in(house)


def contacts_in(house: House) -> dict[str, User]:
    """Trust → who answers for it, each in an organisation of their own."""
    found = {trust: house.ws.add_user(f"{trust} Apotek", team=f"T0HF{n:05}") for n, trust in enumerate(IN_SLACK)}
    for trust, user in found.items():
        house.bot.settings.trusts[trust] = TrustSetting(people=[user.id])
    return found


async def asked(house: House, **fields: object) -> Message:
    """Siri asks from the card; the progress in its thread."""
    await house.form(house.siri, "ask_hospitals", house.card("2025-0001"))
    usual: dict[str, object] = {
        "words": "Hvor mange hetteglass har dere?", "trusts": ["all"], "deadline": "2025-07-11", "unit": "hetteglass",
    }  # fmt: skip
    sent = await house.ws.submit(house.siri, usual | fields)
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)
    return await house.said(house.cases, "har svart")


async def answers(house: House, user: User, number: str, on: Channel | User | None = None) -> None:
    """In two taps: the number is written in a window."""
    await house.form(user, "answer_inquiry", await house.said(on or user, "Spørsmål fra Mangelsenteret"))
    sent = await house.ws.submit(user, {"number": number})
    assert not sent.errors, sent.errors
    await house.ws.close(user)


async def all_answer(house: House, contacts: dict[str, User], but: Collection[str]) -> None:
    """Everybody but those who never do; every fourth has none, which is one tap."""
    for number, (trust, user) in enumerate(contacts.items()):
        if trust in but:
            continue
        if number % 4 == 3:
            said = await house.said(user, "Spørsmål fra Mangelsenteret")
            assert "Registrert: 0 hetteglass" in await house.press(user, said, "answer_none")
        else:
            await answers(house, user, str(number))


async def stavanger_by_telephone(house: House, shown: Message) -> None:
    """Siri writes in what she was told."""
    form = await house.form(house.siri, "answer_for", shown)
    stavanger = next(
        option["value"]
        for block in form.blocks
        if block["block_id"] == "asked"
        for option in block["element"]["options"]
        if option["text"]["text"] == "Stavanger"
    )
    sent = await house.ws.submit(house.siri, {"asked": stavanger, "told_by": "vakthavende farmasøyt", "number": "9"})
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)


async def test_zypadhera_is_counted_by_17_of_the_21_trusts(
    house: House, contacts: dict[str, User], caplog: pytest.LogCaptureFixture
) -> None:
    await zypadhera_case(house)
    shared = house.ws.add_channel("apotek-midt", private=True, members=[house.ola, house.siri])
    house.bot.settings.trusts["St. Olav"] = TrustSetting(channel=shared.id)
    progress = await asked(house)
    assert "0 av 21 har svart" in progress.plain()
    assert "Må ringes: Helgeland, Førde, Stavanger." in progress.plain()

    await all_answer(house, contacts, but=("Fonna", "Østfold"))
    await answers(house, house.ola, "6", shared)
    await house.said(house.cases, "16 av 21 har svart")
    bergen, fonna = contacts["Bergen"], contacts["Fonna"]
    assert "Svaret: 0 hetteglass" in (await house.said(bergen, "Svaret: 0")).plain()

    # somebody calls; it is marked who said it, and that the centre wrote it down
    answer = await house.ws.slash(house.siri, "/mangel spør 2025-0001")
    await house.ws.wait_for(lambda: answer.messages, 20, "what was asked")
    await house.press(house.siri, answer.messages[-1], "show_inquiry")
    shown = house.ws.ephemerals(house.siri)[-1]
    assert "Fonna: ikke svart" in shown.plain()
    await stavanger_by_telephone(house, shown)
    await house.said(house.cases, "17 av 21 har svart")

    # nobody sees or touches another's; a forged button is refused
    theirs = await house.said(bergen, "Spørsmål fra Mangelsenteret")
    async with house.nothing_stored():
        for user, button, value in (
            (bergen, "answer_none", "1"), (bergen, "answer_none", "99"), (bergen, "show_inquiry", "1"),
            (bergen, "close_inquiry", "1"), (bergen, "ask_hospitals", "2025-0001"), (bergen, "answer_for", "1"),
            (bergen, "answer_choice", "1 0"),
        ):  # fmt: skip
            said_to = await house.forge(user, theirs, button, value)
            assert "ikke stilt til deg" in said_to or "fått tilgang" in said_to, (button, value, said_to)
            assert f"refused, no grant: button {button} by person " in caplog.messages[-1]
        assert "fått tilgang" in await house.ask(bergen, "spør 2025-0001")
    assert "9 hetteglass" not in "".join(m.plain() for m in house.by_bot(bergen))

    # Friday: those who have not answered are reminded; then the time is up
    house.clock.set(dt.datetime(2025, 7, 11, 6, 5, tzinfo=dt.UTC))
    await house.bot.services.reminders.check()
    await house.said(fonna, "Mangelsenteret venter på svar")
    house.clock.set(FRIDAY_AFTER_FOUR)
    await house.bot.services.inquiries.look()
    result = await house.said(house.cases, "Sum av svarene")
    assert "Uten de 4 av 21 som ikke har svart." in result.plain()
    assert "Stavanger: 9 hetteglass · vakthavende farmasøyt, telefon" in result.plain()
    picture = next(block for block in result.blocks if block["type"] == "image")
    assert "Fonna ikke svart" in picture["alt_text"] and "Stavanger 9 hetteglass" in picture["alt_text"]
    late = await house.forge(fonna, await house.said(fonna, "Fristen er ute"), "answer_none", "19")
    assert "Ring Mangelsenteret" in late or "Fristen gikk ut" in late or "ikke stilt til deg" in late
    assert len(await house.rows(InquiryAnswer)) == 17
    assert len(await house.rows(StockCount)) == 17
    stock = await house.ask(house.siri, "lager zypadhera 300")
    assert "Bergen, eget lager" in stock
    assert "eget lager" not in await house.ask(house.kari, "lager zypadhera 300")


async def test_a_choice_is_one_tap_and_a_bad_number_is_told_beside_its_field(house: House) -> None:
    await zypadhera_case(house)
    house.bot.settings.trusts["Bergen"] = TrustSetting(people=[house.kari.id])
    await asked(house, trusts=["trust:Bergen"], people=[house.ola.id])
    await house.form(house.ola, "answer_inquiry", await house.said(house.ola, "Spørsmål fra Mangelsenteret"))
    async with house.nothing_stored():
        for number in ("tolv", "-3", "1e5"):
            sent = await house.ws.submit(house.ola, {"number": number})
            assert "er ikke et antall" in sent.errors["number"]
    await house.ws.close(house.ola)
    await house.form(house.siri, "ask_hospitals", house.card("2025-0001"))
    async with house.nothing_stored():
        sent = await house.ws.submit(
            house.siri, {"words": "Har dere?", "trusts": ["trust:Bergen"], "deadline": "2025-07-04"}
        )
        assert "Fristen er passert" in sent.errors["deadline"]
    sent = await house.ws.submit(
        house.siri,
        {
            "kind": "opinion", "words": "Kan dere avstå?", "answer": "choice", "choices": "Ja, noe\nNei",
            "trusts": ["trust:Bergen"], "deadline": "2025-07-11",
        },
    )  # fmt: skip
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)
    question = await house.said(house.kari, "Kan dere avstå?")
    nei = next(str(b["block_id"]) for b in question.blocks if "«Nei»" in str(b))
    assert "Registrert: Nei" in await house.press(house.kari, question, nei)
    answered = await house.said(house.kari, "Svaret: Nei")
    assert "allerede registrert: Nei" in await house.forge(house.kari, question, "answer_choice", "3 1")
    assert len(await house.rows(InquiryAnswer)) == 1

    # a window that was open when the time ran out says so, and whom to call
    await house.form(house.kari, "answer_inquiry", answered)
    house.clock.set(FRIDAY_AFTER_FOUR)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.kari, {"choice": "Ja, noe"})
        assert "Fristen gikk ut" in str(sent.errors) and "Ring Mangelsenteret" in str(sent.errors)


async def shown_inquiry(house: House) -> Message:
    """What was asked, opened by Siri."""
    answer = await house.ws.slash(house.siri, "/mangel spør 2025-0001")
    await house.ws.wait_for(lambda: answer.messages, 20, "what was asked")
    await house.press(house.siri, answer.messages[-1], "show_inquiry")
    return house.ws.ephemerals(house.siri)[-1]


async def test_a_hera_inquiry_goes_from_dmp_and_back_before_its_deadline(house: House) -> None:
    await zypadhera_case(house)
    house.bot.settings.trusts["Bergen"] = TrustSetting(people=[house.kari.id])
    await asked(
        house, kind="interest", words="Vil dere være med på felles innkjøp?", answer="choice", choices="Ja\nNei",
        unit=None, pack=None, trusts=["trust:Bergen"], reply_by="2025-07-18",
    )  # fmt: skip
    assert "DMP skal ha svar 18. juli" in house.card("2025-0001").plain()
    question = await house.said(house.kari, "felles innkjøp")
    yes = next(str(b["block_id"]) for b in question.blocks if "«Ja»" in str(b))
    assert "Registrert: Ja" in await house.press(house.kari, question, yes)
    await house.press(house.siri, house.card("2025-0001"), "take_case")
    for day, step in enumerate(("specialists", "purchasing", "pharmacies", "regions"), 8):
        house.clock.set(dt.datetime(2025, 7, day, 9, tzinfo=dt.UTC))
        await house.form(house.siri, "take_inquiry_step", await shown_inquiry(house))
        sent = await house.ws.submit(house.siri, {"step": step, "on": f"2025-07-{day:02}", "words": "ja"})
        assert not sent.errors, sent.errors
        await house.ws.close(house.siri)
    async with house.nothing_stored():
        assert "fått tilgang" in await house.forge(house.kari, question, "take_inquiry_step", "1")
    house.clock.set(dt.datetime(2025, 7, 15, 6, 5, tzinfo=dt.UTC))
    await house.bot.services.inquiries.look()
    await house.bot.services.reminders.check()
    reminder = await house.said(house.siri, "DMP venter på svar")
    assert "Ferdig" in await house.press(house.siri, reminder, "reminder_done")
    answered = await shown_inquiry(house)
    assert "DMP fikk svar 15. juli, innen fristen 18. juli." in answered.plain()
    assert "Besvart til DMP: 15. juli" in answered.plain()


async def test_integrilins_estimate_stands_beside_what_was_used(house: House) -> None:
    integrilin = "Integrilin inf, oppl 0,75 mg/ml"
    await house.report(house.kari, "integrilin", integrilin)
    await house.ws.close(house.kari)
    await house.said(house.cases, "2025-0001")
    house.bot.settings.trusts["Bergen"] = TrustSetting(people=[house.kari.id])
    await asked(
        house, kind="need", words="Hvor mye trenger dere?", pack=None, trusts=["trust:Bergen"], first="2025-07-14",
        last="2025-10-11",
    )  # fmt: skip
    await answers(house, house.kari, "900")
    house.clock.set(dt.datetime(2025, 9, 1, 9, tzinfo=dt.UTC))
    await house.bot.services.inquiries.look()
    for month in (7, 8):
        await house.store(f"Fokuslisten;{integrilin};400;hetteglass;2025-{month:02}-31;62;2025-{month:02};;")
    shown = await shown_inquiry(house)
    assert "anslått 900 hetteglass" in shown.plain()
    assert "Anslaget for de samme dagene var 5 ganger forbruket." in shown.plain()


async def test_an_expert_who_has_left_slack_is_said(house: House) -> None:
    await zypadhera_case(house)
    answer = await house.ws.slash(house.siri, "/mangel panel")
    await house.ws.wait_for(lambda: answer.messages, 20, "the panels")
    await house.form(house.siri, "new_panel", answer.messages[-1])
    assert not (await house.ws.submit(house.siri, {"field": "Psykiatri"})).errors
    panel = await house.ws.view(house.siri)
    await house.form(house.siri, "add_expert", panel)
    sent = await house.ws.submit(
        house.siri, {"person": house.ola, "role": "psykiater, AHUS", "appointed_by": "fagdirektørene"}
    )
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)
    await asked(house, kind="opinion", answer="words", words="Hvem bør få?", trusts=[], panel="1")
    await house.said(house.ola, "Hvem bør få?")
    house.ws.state.users[house.ola.id] = replace(house.ola, deleted=True)
    assert await house.bot.leavers.look(house.bot.client) == 1
    answer = await house.ws.slash(house.siri, "/mangel panel")
    await house.ws.wait_for(lambda: answer.messages, 20, "the panels")
    assert "1 har forlatt Slack" in answer.messages[-1].plain()
    await house.press(house.siri, answer.messages[-1], "show_panel")
    assert "Har forlatt Slack, sett 7. juli." in house.ws.ephemerals(house.siri)[-1].plain()
    await house.bot.services.inquiries.look()
    await house.ws.wait_for(lambda: "Må ringes" in asked_in_thread(house), 20, "that the expert has to be called")
    assert "Kom ikke fram: @Ola" in asked_in_thread(house)


def asked_in_thread(house: House) -> str:
    """How far the question has come."""
    return next(message for message in reversed(house.by_bot(house.cases)) if "har svart" in message.plain()).plain()
