"""What must not be read: a wrong medicine's advice, internal cases, another hospital's stock, reports in a log."""

from __future__ import annotations

import logging
import traceback

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.app import assemble
from bot.cases.forms import CaseForm
from bot.cases.vocabulary import Authorised, Cause, Source, Status, Visibility
from bot.clock import SetClock
from bot.refusal import Refused
from bot.services import Services
from handlers import answers
from storage.tables import OutboxEntry, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for

INFO = "C0INFO001"
STOCK = "C0LAGER01"


async def published(services: Services, name: str) -> str:
    siri = await person(services, SIRI)
    medicine = services.catalogue.meant(name).medicine
    assert medicine is not None
    number, _ = await services.cases.open_for(medicine, siri, decision_question=None, key=None)
    form = CaseForm(
        Status.ONGOING, None, None, Cause.QUALITY, Authorised.YES, Source.DMP, "Aciklovir", True, None, None, None
    )
    case = await services.cases.case(number)
    assert case is not None
    await services.cases.update(number, form, siri, version=case.version, key=None)
    await services.cases.publish(number, Visibility.PUBLISHED, "Dobbel dose inntil videre.", siri, key=None)
    return number


async def said_in(database: Database, channel: str) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(
            select(OutboxEntry).where(OutboxEntry.channel == channel).order_by(OutboxEntry.id)  # type: ignore[arg-type]
        )
        return [row.text + str(row.blocks) for row in rows]


async def test_advice_on_a_wrong_medicine_is_never_said_of_the_right_one(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(info_channel=INFO), database, clock)
    number = await published(services, "valtrex 500 mg tab")
    right = services.catalogue.meant("paracet tab 500 mg").medicine
    assert right is not None
    await services.reporting.wrong_medicine(number, right, await person(services, SIRI), key=None)

    newest = (await said_in(database, INFO))[-1]
    assert "trukket tilbake" in newest
    assert "Paracet" not in newest and "Dobbel dose" not in newest
    case = await services.cases.case(number)
    assert case is not None
    assert (case.visibility, case.advice, case.substitute, case.cause) == (Visibility.MEETING, None, None, None)


async def test_a_published_case_that_was_merged_as_wrong_is_taken_back(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(info_channel=INFO), database, clock)
    wrong = await published(services, "valtrex 500 mg tab")
    right = services.catalogue.meant("zovirax tab 200 mg").medicine
    siri = await person(services, SIRI)
    assert right is not None
    target, _ = await services.cases.open_for(right, siri, decision_question=None, key=None)
    assert await services.reporting.wrong_medicine(wrong, right, siri, key=None) == target
    newest = (await said_in(database, INFO))[-1]
    assert "trukket tilbake" in newest and "Dobbel dose" not in newest


async def test_a_form_opened_before_somebody_elses_change_publishes_nothing(
    database: Database, clock: SetClock
) -> None:
    services = assemble(settings_for(info_channel=INFO), database, clock)
    siri = await person(services, SIRI)
    number = await published(services, "valtrex 500 mg tab")
    seen = await services.cases.case(number)
    assert seen is not None
    await services.cases.publish(number, Visibility.MEETING, "Nytt råd.", siri, key=None, version=seen.version)
    with pytest.raises(Refused, match="endret siden"):
        await services.cases.publish(number, Visibility.PUBLISHED, seen.advice, siri, key=None, version=seen.version)
    async with database.read() as session:
        case = (await session.scalars(select(ShortageCase))).one()
    assert (case.visibility, case.advice) == ("meeting", "Nytt råd.")


async def test_internal_cases_are_found_neither_by_counting_nor_by_typing(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(), database, clock)
    siri, ola = await person(services, SIRI), await person(services, "U0ANDRE01")
    number = await published(services, "valtrex 500 mg tab")
    await services.cases.publish(number, Visibility.INTERNAL, None, siri, key=None)

    told = await answers.case_message(services, number, ola)
    assert "Fant ikke sak" in told.text and "Valtrex" not in str(told)
    assert "Valtrex" in str(await answers.case_message(services, number, siri))
    assert (await services.catalogue.choices("valtrex 500")).short == ()
    medicine = services.catalogue.meant("valtrex 500 mg tab").medicine
    assert medicine is not None
    assert (await services.reporting.nearby(medicine)).same is None


async def test_a_hospitals_own_numbers_are_not_told_in_the_stock_channel(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(stock_channel=STOCK, threshold_days=60), database, clock)
    services.channels._closed[STOCK] = True
    await services.stock.ensure_pools()
    sheet = (
        "lager;preparat;beholdning;enhet;dato;forbruk;periode\n"
        "A sykehus;Valtrex tab 500 mg;777;tablett;2025-07-06;9000;2025-06\n"
        "B180S;Valtrex tab 500 mg;888;tablett;2025-07-06;9000;2025-06\n"
    )
    await services.sheets.import_file(sheet.encode(), "lager.csv", create_pools=True)
    await services.alerts.check()
    told = "".join(await said_in(database, STOCK))
    assert "A sykehus" in told and "777" not in told
    assert "888" in told
    in_channel = answers.as_read_in(services, STOCK, await person(services, SIRI))
    assert in_channel.sees_stock_of("b180s") and not in_channel.sees_stock_of("a-sykehus")


async def test_a_failing_statement_does_not_log_what_a_report_says(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "-".join(("hemmelig", "notat"))  # so that the line of code itself does not hold it
    with caplog.at_level(logging.INFO), pytest.raises(DBAPIError) as failed:
        async with database.unit_of_work() as uow:
            await uow.add(OutboxEntry(key=None, channel="C1", text=secret, not_before=uow.now, created_at=uow.now))
    shown = "".join(traceback.format_exception(failed.value))
    assert secret not in shown + caplog.text
