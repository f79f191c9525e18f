"""Restrictions over the real socket: Mucomyst set, reviewed, lifted; Ozempic, one part of which stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import select

from storage.tables import AuditEntry
from tests.journeys.conftest import House
from workspace import Message

NUMBER = "2025-0001"


async def case_of(house: House, typed: str, choice: str) -> None:
    await house.report(house.kari, typed, choice)
    await house.ws.close(house.kari)
    await house.said(house.cases, NUMBER)


async def listed(house: House) -> Message:
    answer = await house.ws.slash(house.siri, f"/mangel restriksjon {NUMBER}")
    await house.ws.wait_for(lambda: answer.messages, 20, "the restrictions")
    return answer.messages[-1]


def beside(message: Message, value: str) -> str:
    """The block of the button with this value."""
    return next(str(block["block_id"]) for block in message.blocks if block.get("accessory", {}).get("value") == value)


async def draft(house: House, **fields: Any) -> None:
    await house.form(house.siri, "draft_restriction", await listed(house))
    sent = await house.ws.submit(house.siri, fields)
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)


async def opened(house: House) -> Message:
    """The newest restriction, as Siri opens it."""
    await house.press(house.siri, await listed(house), "show_restriction")
    return house.ws.ephemerals(house.siri)[-1]


async def log_of(house: House) -> list[str]:
    async with house.bot.database.read() as session:
        entries = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [entry.action for entry in entries if entry.action.startswith("restriction")]


async def mucomyst_drafted(house: House) -> None:
    """From the template, with a day when it is to be looked at again."""
    templates = await listed(house)
    form = await house.form(house.siri, beside(templates, f"{NUMBER} mucomyst"), templates)
    assert "Bare som antidot ved paracetamolforgiftning." in str(form.body)
    sent = await house.ws.submit(house.siri, {"review_on": "2025-07-21"})
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)


async def test_mucomyst_is_rationed_reviewed_and_lifted(house: House) -> None:
    await case_of(house, "mucomyst 200", "Mucomyst inh væske, oppl 200 mg/ml")
    await mucomyst_drafted(house)
    assert "Restriksjon" not in house.card(NUMBER).plain(), "a draft restricts nothing"

    one = await opened(house)
    assert "Fagdirektørene · Utkast" in one.plain()
    assert "er vedtatt" in await house.press(house.siri, one, "decide_restriction")
    said = "Restriksjon (Fagdirektørene): Bare som antidot ved paracetamolforgiftning. Gjelder sykehus i hele landet."
    await house.ws.wait_for(lambda: said in house.card(NUMBER).plain(), 20, "the restriction on the card")

    one = await opened(house)
    assert "ikke publisert. Publiser den først." in await house.press(house.siri, one, "publish_restriction")
    await house.publish(NUMBER)
    assert said not in (await house.ask(house.kari, f"status {NUMBER}"))
    assert "er publisert" in await house.press(house.siri, await opened(house), "publish_restriction")
    assert said in (await house.ask(house.kari, f"status {NUMBER}"))
    await house.said(house.kari, "Det er innført en restriksjon.")

    # its day comes: whoever has the case is reminded, and puts it off
    await house.press(house.siri, house.card(NUMBER), "take_case")
    house.clock.set(dt.datetime(2025, 7, 21, 7, 0, tzinfo=dt.UTC))
    await house.bot.services.reminders.check()
    reminder = await house.said(house.siri, "Restriksjonen skal vurderes på nytt")
    assert "Ferdig: Mucomyst" in await house.press(house.siri, reminder, "reminder_done")
    await house.ws.wait_for(lambda: "vurdert og står" in thread(house), 20, "the review in the thread")

    await house.form(house.siri, "lift_part", await opened(house))
    sent = await house.ws.submit(house.siri, {"on": "2025-07-21", "why": "Leveransene er stabile"})
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)
    await house.ws.wait_for(lambda: said not in house.card(NUMBER).plain(), 20, "the card without it")
    assert "Opphevet" in (await opened(house)).plain()
    assert await log_of(house) == [
        "restriction_drafted", "restriction_decided", "restriction_published", "restriction_reviewed",
        "restriction_part_lifted",
    ]  # fmt: skip


def thread(house: House) -> str:
    return "\n".join(message.plain() for message in house.by_bot(house.cases))


async def ozempic_in_two_parts(house: House) -> None:
    """DMP's decision: the amount from July, the indication from August."""
    await draft(
        house, issuer="dmp", ground="legal", ground_words="vedtak av 1. juli", kind="amount", sector="both",
        words="Høyst fire ukers forbruk om gangen", starts_on="2025-07-01",
    )  # fmt: skip
    await house.form(house.siri, "add_restriction_part", await opened(house))
    sent = await house.ws.submit(
        house.siri, {"kind": "indication", "words": "Bare godkjent indikasjon", "starts_on": "2025-08-01"}
    )
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)
    await house.press(house.siri, await opened(house), "decide_restriction")


async def test_one_part_of_ozempic_is_lifted_and_one_stays(house: House) -> None:
    await case_of(house, "ozempic 1 mg", "Ozempic inj, oppl 1 mg")
    await ozempic_in_two_parts(house)
    now = "Høyst fire ukers forbruk om gangen; Bare godkjent indikasjon (fra 1. aug.). Gjelder hele landet."
    await house.ws.wait_for(lambda: now in house.card(NUMBER).plain(), 20, "both parts")
    one = await opened(house)
    await house.form(house.siri, beside(one, "1"), one)
    sent = await house.ws.submit(house.siri, {"on": "2025-07-07"})
    assert not sent.errors
    await house.ws.close(house.siri)
    left = "Restriksjon (DMP): Bare godkjent indikasjon (fra 1. aug.)."
    await house.ws.wait_for(lambda: left in house.card(NUMBER).plain(), 20, "the part that stays")
    assert "DMP · Vedtatt" in (await opened(house)).plain()


async def test_a_priority_plan_is_prepared_and_says_that_it_is_not_in_force(house: House) -> None:
    await house.valtrex_case()
    await draft(house, kind="patients", words="Bare transplanterte")
    assert "ikke satt i kraft" in await house.press(house.siri, await opened(house), "restriction_to_plan")
    assert "Prioriteringsplan, ikke satt i kraft" in (await opened(house)).plain()
    assert "Restriksjon (" not in house.card(NUMBER).plain()
    await house.publish(NUMBER)
    forged = await house.forge(house.siri, await opened(house), "publish_restriction", "1")
    assert "Bare det som er vedtatt, publiseres." in forged
    assert "Ingen restriksjoner." in await house.ask(house.dag, f"restriksjon {NUMBER}")
    await house.press(house.siri, await opened(house), "decide_restriction")
    await house.ws.wait_for(lambda: "Bare transplanterte" in house.card(NUMBER).plain(), 20, "in force")


async def test_faults_are_told_beside_their_fields(house: House) -> None:
    await house.valtrex_case()
    await house.form(house.siri, "draft_restriction", await listed(house))
    async with house.nothing_stored():
        for fields, field, said in (
            ({"words": " "}, "words", "Skriv hva som gjelder"),
            ({"words": "x", "starts_on": "2025-08-01", "ends_on": "2025-07-31"}, "ends_on", "Slutten er før starten"),
            ({"words": "x", "starts_on": None, "ends_on": None, "review_on": "2025-07-01"}, "review_on", "passert"),
            ({"words": "x", "review_on": None, "ground": "legal"}, "ground_words", "Skriv hjemmelen"),
            ({"words": "pasient 13097248022", "ground": "professional"}, "words", "nummer"),
        ):
            sent = await house.ws.submit(house.siri, fields)
            assert said in sent.errors.get(field, ""), (fields, sent.errors)


async def test_only_the_centre_restricts_and_forged_buttons_do_nothing(house: House) -> None:
    await house.valtrex_case()
    await draft(house, words="Bare transplanterte")
    one = await opened(house)
    async with house.nothing_stored():
        assert "fått tilgang" in await house.ask(house.kari, f"restriksjon {NUMBER}")
        for user in (house.kari, house.mona, house.dag):
            for button in (
                "decide_restriction", "restriction_to_plan", "restriction_to_experts", "publish_restriction",
                "withdraw_restriction", "show_restriction", "lift_part", "rewrite_restriction", "add_restriction_part",
            ):  # fmt: skip
                assert "fått tilgang" in await house.forge(user, one, button, "1"), button
        for value in ("99", "x", "-1"):
            said = await house.forge(house.siri, one, "decide_restriction", value)
            assert "finnes ikke lenger" in said or "virker ikke lenger" in said
        assert "Bare det som er vedtatt" in await house.forge(house.siri, one, "publish_restriction", "1")


async def test_what_is_decided_is_not_rewritten_and_an_old_form_says_so(house: House) -> None:
    await house.valtrex_case()
    await draft(house, words="Bare transplanterte")
    form = await house.form(house.siri, "rewrite_restriction", await opened(house))
    assert "Bare transplanterte" in str(form.body)
    await house.press(house.per, await shown_to(house, house.per), "decide_restriction")
    sent = await house.ws.submit(house.siri, {"words": "Bare barn"})
    assert "endret siden du åpnet den" in str(sent.errors)


async def shown_to(house: House, user: Any) -> Message:
    answer = await house.ws.slash(user, f"/mangel restriksjon {NUMBER}")
    await house.ws.wait_for(lambda: answer.messages, 20, "the restrictions")
    await house.press(user, answer.messages[-1], "show_restriction")
    return house.ws.ephemerals(user)[-1]
