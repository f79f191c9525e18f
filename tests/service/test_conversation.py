"""Questions in one's own words over a real database: true answers by the reader's grants, and nothing is changed."""

from __future__ import annotations

from typing import Any

from bench.conversation import answer_anything, everything, sentences
from bot.cases.vocabulary import Visibility
from bot.catalogue.catalogue import Catalogue
from bot.conversation.reading import NOT_FOR_US, Intent, Reading, read
from bot.messages.message import Message
from bot.people.roles import Actor
from bot.refusal import NotAllowed
from bot.services import Services
from handlers import asking
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of

KARI = "U0KARI0001"


async def told(services: Services, text: str, by: Actor, before: Reading | None = None) -> str:
    reading = read(text, services.catalogue.match, before)
    return _said(await asking.answer(services, reading, text, by))


def _said(messages: list[Message]) -> str:
    return "\n".join(f"{message.text} {message.blocks}" for message in messages)


async def a_case(services: Services, words: str = "Valtrex tab 500 mg") -> str:
    kari = await person(services, KARI)
    receipt = await services.reporting.report(report_of(medicine(services, words)), kari, key=None)
    return receipt.number


async def test_no_sentence_changes_anything(services: Services, database: Database) -> None:
    await a_case(services)
    siri = await person(services, SIRI)
    before = await everything(database)
    refused = []
    for one in sentences():
        earlier = read(one.after, services.catalogue.match) if one.after else None
        try:
            assert await told(services, one.text, siri, earlier)
        except NotAllowed:
            refused.append(one.id)
    assert not refused
    assert await everything(database) == before


async def test_sentences_of_anything_are_answered_and_change_nothing(services: Services, database: Database) -> None:
    """A few of them; ten thousand by `python -m bench conversation`."""
    await a_case(services)
    siri = await person(services, SIRI)
    before = await everything(database)
    await answer_anything(services, 100, siri)
    assert await everything(database) == before


async def test_the_owner_is_named_to_those_who_work_with_cases_only(services: Services) -> None:
    number = await a_case(services)
    siri, kari = await person(services, SIRI), await person(services, KARI)
    assert "ingen har tatt saken" in await told(services, "hvem følger opp Valtrex?", siri)
    await services.cases.take(number, siri, key=None)
    assert SIRI in await told(services, f"hvem har sak {number}", siri)
    for question in ("hvem følger opp Valtrex?", f"hvem har sak {number}"):
        said = await told(services, question, kari)
        assert SIRI not in said and "Mangelsenteret følger opp" in said


async def test_only_what_is_signed_and_published_may_be_used_instead(services: Services) -> None:
    number = await a_case(services)
    siri, kari = await person(services, SIRI), await person(services, KARI)
    assert "Kandidat – ikke vurdert" in await told(services, "erstatning for Valtrex 500 mg", siri)
    said = await told(services, "erstatning for Valtrex 500 mg", kari)
    assert "Ingen erstatning er publisert" in said and "Kandidat" not in said and number not in said
    await services.cases.publish(number, Visibility.PUBLISHED, "Bruk aciklovir.", siri, key=None)
    said = await told(services, "erstatning for Valtrex 500 mg", kari)
    assert "Bruk aciklovir." in said and "Kandidat" not in said


async def test_what_stands_nearest_is_told_without_a_case_too(services: Services) -> None:
    siri = await person(services, SIRI)
    said = await told(services, "alternativ til Valtrex 500 mg", siri)
    assert "Ingen åpen sak" in said and "Kandidat – ikke vurdert" in said


async def test_what_is_new_and_how_many_are_what_the_reader_may_read(services: Services, clock: Any) -> None:
    number = await a_case(services)
    siri, kari = await person(services, SIRI), await person(services, KARI)
    assert number in await told(services, "hva er nytt?", siri)
    assert number not in await told(services, "hva er nytt i L01?", siri)
    assert "Ingen publiserte saker" in await told(services, "hva er nytt?", kari)
    for question in ("hvor mange åpne saker?", "hvor mange saker i J05", "antall meldinger på valaciklovir"):
        said = await told(services, question, siri)
        assert "1 åpen sak" in said and "1 melding" in said
        assert "0 publiserte saker" in await told(services, question, kari)
    await services.cases.publish(number, Visibility.PUBLISHED, None, siri, key=None)
    assert number in await told(services, "what's new", kari)
    assert "1 publisert sak" in await told(services, "how many open cases", kari)


async def test_two_medicines_are_compared_in_bands_without_a_grant(services: Services) -> None:
    number = await a_case(services)
    siri, kari = await person(services, SIRI), await person(services, KARI)
    await services.cases.publish(number, Visibility.PUBLISHED, None, siri, key=None)
    said = await told(services, "sammenlign Valtrex 500 mg og meropenem", kari)
    assert "Ukjent" in said and "Ingenting er publisert" in said
    assert "Ingen lagertall er registrert" in await told(services, "sammenlign Valtrex 500 mg og meropenem", siri)


async def test_a_question_without_a_medicine_asks_for_one(services: Services) -> None:
    kari = await person(services, KARI)
    for question in ("og lageret?", "hvem har den?", "sammenlign"):
        assert "Hvilket legemiddel mener du?" in await told(services, question, kari)
    assert "Skriv begge" in await told(services, "sammenlign propofol", kari)


async def test_an_order_is_refused_in_words(services: Services, database: Database) -> None:
    number = await a_case(services)
    siri = await person(services, SIRI)
    assert read(f"lukk sak {number}", Catalogue.shipped().match).intent is Intent.CHANGE
    assert "Jeg endrer ingenting" in await told(services, f"lukk sak {number}", siri)
    assert "råd om dose" in await told(services, "hvor mye vankomycin skal en på 80 kg ha", siri)
    assert {Intent.CHANGE, Intent.TREATMENT, Intent.UNKNOWN} == NOT_FOR_US
