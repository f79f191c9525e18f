"""An alert that several answer, and several replicas compute, at the same time."""

from __future__ import annotations

import asyncio
import datetime as dt

from sqlmodel import select

from bot.app import assemble
from bot.clock import SetClock
from storage.tables import AuditEntry, OutboxEntry, StockAlert
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for

SHEET = (
    "lager;preparat;beholdning;enhet;dato;forbruk;periode\n"
    "Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-06;9000;2025-06\n"
)
SETTINGS = settings_for(pools={"fokuslisten": {"limit_days": 90}})


async def test_an_alert_is_raised_once_and_no_answer_to_it_is_lost(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    one, other = (assemble(SETTINGS, through, clock) for through in (database, second_database))
    await one.stock.ensure_pools()
    await one.stock.import_file(SHEET.encode(), "lager.csv")

    told = await asyncio.gather(one.alerts.check(), other.alerts.check(), one.alerts.check(), other.alerts.check())
    assert sorted(map(len, told)) == [0, 0, 0, 1]
    (alert,) = next(views for views in told if views)

    siri = await person(one, SIRI)
    until = dt.date(2025, 7, 20)
    await asyncio.gather(
        one.alerts.follow_up(alert.id, siri, key=None),
        other.alerts.snooze(alert.id, until, "Leveranse torsdag.", siri, key=None),
        one.alerts.link_case(alert.id, "2025-0001", siri, new=True),
    )
    async with database.read() as session:
        (row,) = await session.scalars(select(StockAlert))
        done = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"alert:{alert.id}")))
        keys = list(await session.scalars(select(OutboxEntry.key).where(OutboxEntry.key.contains(":answer:"))))
    assert (row.followed_by, row.snoozed_until, row.case_number) == (siri.person, until, "2025-0001")
    assert row.version == 1 + 3
    assert sorted(done) == ["case", "followed_up", "raised", "snoozed"]
    assert len(keys) == 3


async def test_a_case_reported_after_the_alert_is_shown_with_it(database: Database, clock: SetClock) -> None:
    services = assemble(SETTINGS, database, clock)
    await services.stock.ensure_pools()
    await services.stock.import_file(SHEET.encode(), "lager.csv")
    (alert,) = await services.alerts.check()
    assert alert.case is None

    siri = await person(services, SIRI)
    medicine = services.catalogue.meant("valtrex 500 mg tab").medicine
    assert medicine is not None
    number, _ = await services.cases.open_for(medicine, siri, decision_question=None, key=None)
    assert [alert.case for alert in await services.alerts.open_alerts()] == [number]
