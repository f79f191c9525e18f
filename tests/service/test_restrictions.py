"""Restrictions whose parts begin and end by their dates: told once, also late, and lifted with the last."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import col, select

from bot.cases.restricting import LiftForm
from bot.cases.restrictions import Ground, Issuer, PartForm, PartKind, RestrictionForm, State
from bot.cases.vocabulary import Sector, Visibility
from bot.clock import SetClock
from bot.people.subjects import Subject
from bot.refusal import Refused
from bot.services import Services
from storage.tables import OutboxEntry, Restriction
from storage.unit_of_work import Database
from tests.service.conftest import CASES, SIRI, person
from tests.service.test_case_cover import case_of, read

KARI = "U0KARI0001"
FIRST, LAST = dt.date(2025, 7, 10), dt.date(2025, 7, 31)
PART = PartForm(PartKind.AMOUNT, "Høyst fire ukers forbruk om gangen.", FIRST, LAST)
FORM = RestrictionForm(Issuer.DMP, Ground.LEGAL, "Forskriften § 8-1", Sector.BOTH, (), None, None, PART)


def at(clock: SetClock, day: dt.date) -> None:
    clock.set(dt.datetime.combine(day, dt.time(9), dt.UTC))


@pytest.fixture(autouse=True)
def _closed(services: Services) -> None:
    services.channels._closed |= {CASES: True}


async def decided(services: Services, form: RestrictionForm = FORM) -> tuple[str, int]:
    """Ozempic is rationed from a day to come; the case is published and the restriction too, and Kari follows it."""
    number, siri = await case_of(services, "ozempic inj 1 mg"), await person(services, SIRI)
    await services.cases.publish(number, Visibility.PUBLISHED, None, siri, key=None)
    await services.restrictions.draft(number, form, siri, key=None)
    (one,) = (await services.restrictions.of_case(number, siri)).restrictions
    await services.restrictions.move(one.id, State.DECIDED, siri, key=None)
    await services.restrictions.publish(one.id, siri, shown=True, key=None)
    kari = await person(services, KARI)
    await services.following.follow(Subject("case", number, number), kari, channel=None, key=None)
    return number, one.id


async def said(database: Database, where: str) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(
            select(OutboxEntry)
            .where(OutboxEntry.channel == where, col(OutboxEntry.edits).is_(None))
            .order_by(col(OutboxEntry.id))
        )
        return [read(row.blocks) for row in rows]


async def test_a_part_that_begins_and_ends_by_its_dates_is_told_once_each_and_is_lifted_with_the_last(
    services: Services, database: Database, clock: SetClock
) -> None:
    number, restriction = await decided(services)
    assert await services.restrictions.tell_what_has_come() == 0
    at(clock, FIRST)
    assert await services.restrictions.tell_what_has_come() == 1
    assert await services.restrictions.tell_what_has_come() == 0
    assert "Gjelder fra 10. juli 2025: Høyst fire ukers forbruk om gangen." in (await said(database, CASES))[-1]
    (told,) = await said(database, KARI)
    assert "Restriksjon (DMP):" in told and "(til 31. juli)" in told
    at(clock, LAST)
    assert await services.restrictions.tell_what_has_come() == 0, "its last day is one of its days"
    at(clock, LAST + dt.timedelta(3))
    assert await services.restrictions.tell_what_has_come() == 1, "also when the bot was down on the day"
    assert "Gjaldt til og med 31. juli 2025" in (await said(database, CASES))[-1]
    assert "Restriksjon (DMP):" not in (await said(database, KARI))[-1]
    async with database.read() as session:
        row = await session.get(Restriction, restriction)
    assert row is not None and row.state == State.LIFTED
    assert await services.restrictions.tell_what_has_come() == 0
    assert number


async def test_what_a_person_lifts_is_told_when_they_do_it_and_not_again(services: Services, clock: SetClock) -> None:
    number, _ = await decided(services)
    at(clock, FIRST)
    assert await services.restrictions.tell_what_has_come() == 1
    siri = await person(services, SIRI)
    (one,) = (await services.restrictions.of_case(number, siri)).restrictions
    await services.restrictions.lift(one.parts[0].id, LiftForm(FIRST + dt.timedelta(5), "Nok igjen"), siri, key=None)
    with pytest.raises(Refused, match="vedtatt, som oppheves"):
        await services.restrictions.lift(one.parts[0].id, LiftForm(LAST, None), siri, key=None)
    at(clock, LAST + dt.timedelta(1))
    assert await services.restrictions.tell_what_has_come() == 0


async def test_a_plan_that_is_not_in_force_begins_nothing(services: Services, clock: SetClock) -> None:
    number, siri = await case_of(services, "ozempic inj 1 mg"), await person(services, SIRI)
    await services.restrictions.draft(number, FORM, siri, key=None)
    (one,) = (await services.restrictions.of_case(number, siri)).restrictions
    await services.restrictions.move(one.id, State.PLAN, siri, key=None)
    at(clock, FIRST)
    assert await services.restrictions.tell_what_has_come() == 0
