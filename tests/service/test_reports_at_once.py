"""Many people at once: one case for one preparation, numbers without gaps, and no change lost."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.medicine import as_written
from bot.cases.reporting import NearbyCase
from bot.cases.vocabulary import Visibility
from bot.clock import SetClock
from bot.refusal import Refused
from bot.services import Services
from storage.tables import AuditEntry, OutboxEntry, ShortageCase, ShortageReport
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of, settings_for


async def cases_of(database: Database) -> list[ShortageCase]:
    async with database.read() as session:
        return list(await session.scalars(select(ShortageCase).order_by(ShortageCase.number)))


async def outbox_keys(database: Database, start: str) -> list[str]:
    async with database.read() as session:
        keys = await session.scalars(select(OutboxEntry.key).order_by(OutboxEntry.id))
        return [key for key in keys if key.startswith(start)]


async def both(services: Services, second_database: Database) -> tuple[Services, Services]:
    """The services of two replicas."""
    return services, assemble(settings_for(), second_database, services.clock)


async def test_twenty_reports_of_different_medicines_get_numbers_without_gaps(
    services: Services, database: Database, second_database: Database
) -> None:
    replicas = await both(services, second_database)
    kari = await person(services, "U0KARI0001")
    receipts = await asyncio.gather(
        *(
            replicas[place % 2].reporting.report(
                report_of(as_written(f"Ukjent middel {place}")), kari, key=f"view:{place}"
            )
            for place in range(20)
        )
    )
    wanted = [f"2025-{number:04d}" for number in range(1, 21)]
    assert sorted(receipt.number for receipt in receipts) == wanted
    assert [case.number for case in await cases_of(database)] == wanted
    assert len(await outbox_keys(database, "card:")) == 20


async def test_twenty_people_with_the_same_preparation_make_one_case(
    services: Services, database: Database, second_database: Database
) -> None:
    replicas = await both(services, second_database)
    valtrex = medicine(services, "Valtrex tab 500 mg")
    people = [await person(services, f"U0PERSON{place:02d}") for place in range(20)]
    receipts = await asyncio.gather(
        *(
            replicas[place % 2].reporting.report(
                report_of(valtrex, place=f"Sykehus {place}"), people[place], key=f"view:{place}"
            )
            for place in range(20)
        )
    )
    assert {receipt.number for receipt in receipts} == {"2025-0001"}
    assert sorted(receipt.reports for receipt in receipts) == list(range(1, 21))
    assert sum(not receipt.joined for receipt in receipts) == 1
    (case,) = await cases_of(database)
    assert case.version == 20
    async with database.read() as session:
        reports = list(await session.scalars(select(ShortageReport)))
    assert {report.case_id for report in reports} == {case.id}
    assert len({report.reporter for report in reports}) == 20
    assert len(await outbox_keys(database, "receipt:")) == 20
    assert len(await outbox_keys(database, "thread:")) == 19


async def test_a_submission_that_slack_repeats_is_one_report(
    services: Services, database: Database, second_database: Database
) -> None:
    replicas = await both(services, second_database)
    kari = await person(services, "U0KARI0001")
    form = report_of(medicine(services, "Valtrex tab 500 mg"))
    receipts = await asyncio.gather(
        *(replicas[place % 2].reporting.report(form, kari, key="view:V1") for place in range(6))
    )
    assert len({(receipt.number, receipt.report_id, receipt.reports) for receipt in receipts}) == 1
    async with database.read() as session:
        assert len(list(await session.scalars(select(ShortageReport)))) == 1


async def test_a_case_that_all_change_at_once_loses_no_change(
    services: Services, database: Database, second_database: Database
) -> None:
    replicas = await both(services, second_database)
    siri = await person(services, SIRI)
    valtrex = medicine(services, "Valtrex tab 500 mg")
    people = [await person(services, f"U0PERSON{place:02d}") for place in range(6)]
    first = await services.reporting.report(report_of(valtrex), people[0], key=None)
    await services.reporting.report(report_of(valtrex, place="Ahus"), people[1], key=None)

    await asyncio.gather(
        *(
            replicas[place % 2].reporting.report(report_of(valtrex, place=f"Sykehus {place}"), people[place], key=None)
            for place in range(2, 6)
        ),
        replicas[0].cases.take("2025-0001", siri, key=None),
        replicas[1].cases.publish("2025-0001", Visibility.PUBLISHED, "Bruk mindre.", siri, key=None),
        replicas[1].reporting.withdraw(first.report_id, people[0], key=None),
    )

    (case,) = await cases_of(database)
    assert (case.owner, case.visibility, case.advice) == (siri.person, "published", "Bruk mindre.")
    assert case.version == 2 + 7
    async with database.read() as session:
        done = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "case:2025-0001")))
    assert sorted(done) == sorted(["opened", "reported", *["joined"] * 5, "taken", "visibility", "report_withdrawn"])
    assert len(await outbox_keys(database, "thread:2025-0001:v")) == 8


async def test_strengths_of_one_substance_are_cases_of_one_complex_whatever_letter_it_begins_with(
    services: Services, database: Database
) -> None:
    kari = await person(services, "U0KARI0001")
    for name in ("Estrofem tab 2 mg", "Vagifem vag tab 10 mikrog"):
        of = medicine(services, name)
        assert of.substance == "Østradiol"
        await services.reporting.report(report_of(of), kari, key=None)
    complexes = {case.complex for case in await cases_of(database)}
    assert len(complexes) == 1
    assert None not in complexes


async def test_who_reports_more_than_anybody_writes_is_asked_to_wait_and_loses_nothing(
    database: Database, clock: SetClock
) -> None:
    made = assemble(settings_for(reports_per_hour=3), database, clock)
    kari, siri = await person(made, "U0KARI0001"), await person(made, SIRI)
    for minute in range(3):
        await made.reporting.report(report_of(medicine(made, "Valtrex tab 500 mg")), kari, key=f"view:{minute}")
        clock.advance(dt.timedelta(minutes=10))
    with pytest.raises(Refused) as refused:
        await made.reporting.report(report_of(medicine(made, "Zovirax tab 200 mg")), kari, key="view:3")
    assert "om 30 minutter" in str(refused.value)
    assert "la skjemaet være åpent" in str(refused.value)
    clock.advance(dt.timedelta(minutes=31))
    assert await made.reporting.report(report_of(medicine(made, "Zovirax tab 200 mg")), kari, key="view:3")
    for place in range(5):
        await made.reporting.report(report_of(medicine(made, "Valtrex tab 500 mg")), siri, key=f"siri:{place}")


async def test_whoever_reports_next_is_told_how_many_have_and_from_where_but_for_what_was_withdrawn(
    services: Services,
) -> None:
    kari, ola = await person(services, "U0KARI0001"), await person(services, "U0OLA00001")
    valtrex = medicine(services, "Valtrex tab 500 mg")
    for number, (who, place) in enumerate(
        ((kari, "UNN Tromsø"), (ola, "UNN Tromsø"), (kari, "Ahus"), (ola, "St. Olavs"))
    ):
        last = await services.reporting.report(report_of(valtrex, place=place), who, key=f"view:{number}")
    await services.reporting.withdraw(last.report_id, ola, key="back")
    found = await services.reporting.nearby(valtrex)
    assert found.same == NearbyCase("2025-0001", "Valtrex tab 500 mg", reports=3, places=2)
    other = await services.reporting.nearby(medicine(services, "Valtrex tab 250 mg"))
    assert other.same is None
    assert [(case.reports, case.places) for case in other.related] == [(3, 2)]
