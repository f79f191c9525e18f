"""A case's public text, on both databases: drafted, approved in three languages, taken elsewhere, changed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from bot.cases.public_papers import felleskatalogen, home_page, languages_of, letter
from bot.cases.public_text import Texts
from bot.cases.vocabulary import Visibility
from bot.paper import Printer
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from storage.tables import OutboxEntry, PublicText
from storage.unit_of_work import Database
from tests.service.conftest import INFO, SIRI, medicine, person, report_of

NUMBER = "2025-0001"
NB, NN, EN = "Bruk aciklovir.", "Bruk aciklovir (nynorsk).", "Use aciclovir."


@pytest.fixture
async def siri(services: Services) -> Actor:
    reporter = await person(services, "U0KARI0001")
    await services.reporting.report(report_of(medicine(services, "valtrex tab 500 mg")), reporter, key=None)
    return await person(services, SIRI)


async def publish(services: Services, by: Actor, texts: Texts, to: Visibility = Visibility.PUBLISHED) -> None:
    await services.cases.publish(NUMBER, to, texts.nb, by, key=None, nn=texts.nn, en=texts.en)


async def said_in(database: Database, channel: str) -> list[str]:
    async with database.read() as session:
        found = await session.scalars(select(OutboxEntry).where(OutboxEntry.channel == channel))
        return [str(row.blocks) for row in sorted(found, key=lambda row: row.id or 0)]


async def texts_of(database: Database) -> list[PublicText]:
    async with database.read() as session:
        return sorted(await session.scalars(select(PublicText)), key=lambda row: row.id or 0)


def shown(services: Services, case: Any, language: str) -> str:
    return str(services.renderer.render("case_published.j2", language, case=case).blocks)


async def test_a_draft_is_seen_by_nobody_before_somebody_approves_it(
    services: Services, siri: Actor, database: Database
) -> None:
    kari = await person(services, "U0KARI0001")
    await services.cases.publish(NUMBER, Visibility.PUBLISHED, None, siri, key=None)
    await services.cases.draft_text(NUMBER, Texts(NB, NN), siri, key=None)
    draft = await services.cases.draft_of(NUMBER, siri)
    assert draft is not None and draft.texts == Texts(NB, NN)
    case = await services.cases.case(NUMBER)
    assert case is not None and case.advice is None
    assert not any(NB in words for words in await said_in(database, INFO))
    for refused in (
        services.cases.draft_text(NUMBER, Texts(NB), kari, key=None),
        services.cases.draft_of(NUMBER, kari),
    ):
        with pytest.raises(NotAllowed):
            await refused
    await publish(services, siri, Texts(NB, NN))
    assert await services.cases.draft_of(NUMBER, siri) is None
    row = (await texts_of(database))[0]
    assert (row.state, row.drafted_by, row.approved_by) == ("approved", siri.person, siri.person)
    assert NB in (await said_in(database, INFO))[-1]


async def test_each_reads_it_in_their_own_language_where_it_was_written(services: Services, siri: Actor) -> None:
    await publish(services, siri, Texts(NB, None, EN))
    case = await services.cases.case(NUMBER)
    assert case is not None
    assert NB in shown(services, case, "nb") and NB in shown(services, case, "nn") and EN in shown(services, case, "en")
    assert languages_of(case) == ["nb", "en"]


async def test_a_translation_of_nothing_is_not_published(services: Services, siri: Actor) -> None:
    with pytest.raises(FormRefused):
        await publish(services, siri, Texts(None, NN))
    with pytest.raises(FormRefused):
        await publish(services, siri, Texts(NB, None, "13097248022"))
    with pytest.raises(FormRefused):
        await services.cases.draft_text(NUMBER, Texts("x" * 1001), siri, key=None)


async def test_what_was_taken_elsewhere_is_said_when_it_changes_or_is_withdrawn(
    services: Services, siri: Actor, database: Database
) -> None:
    with pytest.raises(Refused, match="Publiser den først"):
        await services.cases.take_text(NUMBER, siri, key=None)
    await publish(services, siri, Texts(NB))
    with pytest.raises(NotAllowed):
        await services.cases.take_text(NUMBER, await person(services, "U0KARI0001"), key=None)
    await services.cases.take_text(NUMBER, siri, key=None)
    elsewhere = "Teksten står også på hjemmesiden, Felleskatalogen, brevet til fagdirektørene: rett den der."
    await publish(services, siri, Texts("Bruk famciklovir."))
    cases = services.settings.cases_channel or ""
    assert sum(elsewhere in words for words in await said_in(database, cases)) == 1
    assert "famciklovir" in (await said_in(database, INFO))[-1], "the open channel is put right at once"
    await services.cases.take_text(NUMBER, siri, key=None)
    await publish(services, siri, Texts("Bruk famciklovir."), Visibility.MEETING)
    assert sum(elsewhere in words for words in await said_in(database, cases)) == 2
    assert "trukket tilbake" in (await said_in(database, INFO))[-1]
    assert [row.state for row in await texts_of(database)] == ["over", "approved"]


async def test_papers_hold_what_anybody_may_read_and_no_more(services: Services, siri: Actor) -> None:
    await publish(services, siri, Texts('Bruk <b>aciklovir</b> & "vent".', NN))
    case = await services.cases.case(NUMBER)
    assert case is not None
    printer = Printer()
    pages = [home_page(printer, case), home_page(printer, case, "nn"), letter(printer, case)]
    assert "&lt;b&gt;aciklovir&lt;/b&gt; &amp;" in pages[0] and NN in pages[1]
    assert "Til fagdirektørene" in pages[2]
    plain = felleskatalogen(printer, case)
    assert plain.startswith("Valtrex") and "J05AB11" in plain and "sak 2025-0001" in plain
    for words in (*pages, plain):
        assert "UNN Tromsø" not in words and "U0KARI0001" not in words
