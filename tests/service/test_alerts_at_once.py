"""An alert that several answer, and several replicas compute, at the same time."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.forms import ClosingForm
from bot.cases.medicine import as_written
from bot.cases.vocabulary import Outcome, Status
from bot.clock import SetClock
from bot.refusal import Refused
from storage.tables import AuditEntry, OutboxEntry, ShortageCase, StockAlert
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for

SHEET = (
    "lager;preparat;beholdning;enhet;dato;forbruk;periode\n"
    "Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-06;9000;2025-06\n"
)
VALTREX = as_written("Valtrex tab 500 mg")
SETTINGS = settings_for(pools={"fokuslisten": {"limit_days": 90}})


async def test_an_alert_is_raised_once_and_no_answer_to_it_is_lost(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    one, other = (assemble(SETTINGS, through, clock) for through in (database, second_database))
    await one.stock.ensure_pools()
    await one.sheets.import_file(SHEET.encode(), "lager.csv")

    told = await asyncio.gather(one.alerts.check(), other.alerts.check(), one.alerts.check(), other.alerts.check())
    assert sorted(map(len, told)) == [0, 0, 0, 1]
    (alert,) = next(views for views in told if views)

    siri = await person(one, SIRI)
    until = dt.date(2025, 7, 20)
    await asyncio.gather(
        one.alerts.follow_up(alert.id, siri, key=None),
        other.alerts.snooze(alert.id, until, "Leveranse torsdag.", siri, key=None),
        one.alerts.open_case(alert.id, VALTREX, siri, key=None),
    )
    async with database.read() as session:
        (row,) = await session.scalars(select(StockAlert))
        done = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"alert:{alert.id}")))
        keys = list(await session.scalars(select(OutboxEntry.key).where(OutboxEntry.key.contains(":answer:"))))
    assert (row.followed_by, row.snoozed_until) == (siri.person, until)
    assert row.case_number is not None
    assert row.version == 1 + 3
    assert sorted(done) == ["case", "followed_up", "raised", "snoozed"]
    assert len(keys) == 3


async def test_a_case_reported_after_the_alert_is_shown_with_it(database: Database, clock: SetClock) -> None:
    services = assemble(SETTINGS, database, clock)
    await services.stock.ensure_pools()
    await services.sheets.import_file(SHEET.encode(), "lager.csv")
    (alert,) = await services.alerts.check()
    assert alert.case is None

    siri = await person(services, SIRI)
    medicine = services.catalogue.meant("valtrex 500 mg tab").medicine
    assert medicine is not None
    number, _ = await services.cases.open_for(medicine, siri, decision_question=None, key=None)
    assert [alert.case for alert in await services.alerts.open_alerts()] == [number]


async def test_an_alert_whose_case_is_over_offers_a_new_one(database: Database, clock: SetClock) -> None:
    services = assemble(SETTINGS, database, clock)
    await services.stock.ensure_pools()
    await services.sheets.import_file(SHEET.encode(), "lager.csv")
    (alert,) = await services.alerts.check()
    siri = await person(services, SIRI)
    number, new = await services.alerts.open_case(alert.id, VALTREX, siri, key="pressed")
    assert new and await services.alerts.open_case(alert.id, VALTREX, siri, key="pressed") == (number, True)
    assert await services.alerts.open_case(alert.id, VALTREX, siri, key="again") == (number, False)
    assert [alert.case for alert in await services.alerts.open_alerts()] == [number]

    ended = ClosingForm(Status.CLOSED, Outcome.AVERTED, dt.date(2025, 7, 7), "Leveransene er normale.")
    await services.cases.close(number, ended, siri, key=None)
    assert [alert.case for alert in await services.alerts.open_alerts()] == [None]
    again, new = await services.alerts.open_case(alert.id, VALTREX, siri, key="later")
    assert new and again != number


async def test_no_case_is_left_behind_where_the_alert_cannot_have_it(database: Database, clock: SetClock) -> None:
    services = assemble(SETTINGS, database, clock)
    await services.stock.ensure_pools()
    await services.sheets.import_file(SHEET.encode(), "lager.csv")
    (alert,) = await services.alerts.check()
    siri = await person(services, SIRI)
    await services.alerts.false_alarm(alert.id, "Feil telling.", siri, key=None)
    with pytest.raises(Refused, match="ikke lenger åpent"):
        await services.alerts.open_case(alert.id, VALTREX, siri, key=None)
    async with database.read() as session:
        assert list(await session.scalars(select(ShortageCase))) == []
