"""The centre's desk: what to do first, what others did, several cases in one go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from bot.app import assemble
from bot.cases.bulk import MOST_AT_ONCE, BulkForm, BulkKind, NotAllOfThem, Picked
from bot.cases.forms import ClosingForm
from bot.cases.lists import NOBODY, Need, Wanted
from bot.cases.vocabulary import Outcome, Status
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from handlers.answers import case_list
from handlers.home import home
from storage.tables import CaseBatch, EndDate, OutboxEntry, ShortageCase
from storage.unit_of_work import Database
from tests.seed.many_cases import fill
from tests.service.conftest import SIRI, medicine, person, report_of, settings_for

PER, KARI = "U0PER00001", "U0KARI0001"
NORMAL = ClosingForm(Status.CLOSED, Outcome.AVERTED, None, "Leveransene er normale.")
MEDICINES = ("valtrex 500 mg", "zypadhera 300 mg", "meropenem 1 g")


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    """The assembled services; Siri and Per are the centre."""
    made = assemble(settings_for(roles={"centre": [SIRI, PER]}), database, clock)
    await made.stock.ensure_pools()
    return made


async def three_cases(services: Services) -> list[Picked]:
    """Three cases that Kari reported, as they are chosen from a list."""
    kari = await person(services, KARI)
    for words in MEDICINES:
        await services.reporting.report(report_of(medicine(services, words)), kari, key=None)
    return await chosen(services)


async def chosen(services: Services) -> list[Picked]:
    """Every open case as it is now."""
    found = await services.lists.open_cases(Wanted(), 1, await person(services, SIRI))
    return [Picked(line.id, line.version) for line in reversed(found.cases)]


async def cases(database: Database) -> list[ShortageCase]:
    async with database.read() as session:
        return list(await session.scalars(select(ShortageCase).order_by(col(ShortageCase.id))))


async def said_to(database: Database, channel: str) -> list[str]:
    async with database.read() as session:
        rows = select(OutboxEntry).where(OutboxEntry.channel == channel).order_by(col(OutboxEntry.id))
        return [row.text for row in await session.scalars(rows)]


def handing_to(slack_user: str, **more: Any) -> BulkForm:
    return BulkForm(BulkKind.GIVEN, to=slack_user, **more)


# --- several cases in one go ---


async def test_cases_are_handed_over_with_a_note_and_the_receiver_hears_once(
    services: Services, database: Database
) -> None:
    picked, siri, per = await three_cases(services), await person(services, SIRI), await person(services, PER)
    form = handing_to(PER, note="Leverandøren ringer fredag.")
    plan = await services.bulk.plan(picked, form, siri)
    assert [str(one.says) for one in plan.cases] == [f"Ansvarlig: ingen → {per.slack_user}"] * 3 or not plan.refused
    batch = await services.bulk.carry_out(picked, form, siri, key="view:1")
    assert await services.bulk.carry_out(picked, form, siri, key="view:1") == batch
    assert {case.owner for case in await cases(database)} == {per.person}
    (told,) = [text for text in await said_to(database, PER) if "har gitt deg" in text]
    assert "3 saker" in told
    away = (await services.home.desk(per)).away
    assert away.total == 0, "what lies before the first look is no news"


async def test_one_case_that_cannot_be_changed_stops_them_all(services: Services, database: Database) -> None:
    picked, siri = await three_cases(services), await person(services, SIRI)
    number = (await cases(database))[1].number
    await services.cases.close(number, NORMAL, siri, key=None)
    before = [(case.owner, case.version) for case in await cases(database)]
    with pytest.raises(NotAllOfThem) as stopped:
        await services.bulk.carry_out(picked, handing_to(PER), siri, key="view:2")
    assert [one.number for one in stopped.value.plan.refused] == [number]
    assert [(case.owner, case.version) for case in await cases(database)] == before
    assert not await said_to(database, PER)
    fine = [one for one in picked if one.id in {good.id for good in stopped.value.plan.fine}]
    assert (await services.bulk.carry_out(fine, handing_to(PER), siri, key="view:2")).cases == 2


async def test_a_case_that_somebody_changed_meanwhile_is_named(services: Services, database: Database) -> None:
    picked, siri, per = await three_cases(services), await person(services, SIRI), await person(services, PER)
    await services.cases.take((await cases(database))[0].number, per, key=None)
    plan = await services.bulk.plan(picked, handing_to(SIRI), siri)
    assert [str(one.says) for one in plan.refused] == ["Endret siden du valgte den."]


async def test_closing_several_is_taken_back_but_for_those_changed_since(
    services: Services, database: Database
) -> None:
    picked, siri = await three_cases(services), await person(services, SIRI)
    form = BulkForm(BulkKind.CLOSED, closing=replace(NORMAL, ended_on=dt.date(2025, 7, 7)))
    batch = await services.bulk.carry_out(picked, form, siri, key=None)
    assert {case.status for case in await cases(database)} == {"closed"}
    last = (await services.home.desk(siri)).last_batch
    assert last is not None and (last.id, last.cases) == (batch.id, 3)
    changed = (await cases(database))[2]
    await services.cases.reopen(changed.number, "Tomt igjen.", siri, key=None)
    back = await services.bulk.take_back(batch.id, siri, key=None)
    assert back.kept == (changed.number,)
    assert {case.status for case in await cases(database)} == {"ongoing"}
    assert [case.expected_end for case in await cases(database)] == [None, None, None]
    async with database.read() as session:
        assert {end.case_id for end in await session.scalars(select(EndDate))} == {changed.id}
    with pytest.raises(Refused, match="allerede angret"):
        await services.bulk.take_back(batch.id, siri, key=None)
    assert (await services.home.desk(siri)).last_batch is None


async def test_ends_are_moved_by_days_and_an_unknown_one_stands_in_the_way(
    services: Services, database: Database
) -> None:
    picked, siri = await three_cases(services), await person(services, SIRI)
    by_date = BulkForm(BulkKind.END, end=dt.date(2025, 9, 1))
    await services.bulk.carry_out(picked[:2], by_date, siri, key=None)
    later = BulkForm(BulkKind.END, shift_days=14)
    plan = await services.bulk.plan(await chosen(services), later, siri)
    assert [str(one.says) for one in plan.refused] == ["Sluttdatoen er ukjent og kan ikke flyttes. Velg en dato."]
    batch = await services.bulk.carry_out((await chosen(services))[:2], later, siri, key=None)
    assert [case.expected_end for case in await cases(database)] == [dt.date(2025, 9, 15)] * 2 + [None]
    await services.bulk.take_back(batch.id, siri, key=None)
    assert [case.expected_end for case in await cases(database)] == [dt.date(2025, 9, 1)] * 2 + [None]


async def test_reporters_hear_no_date_of_a_case_that_is_not_published(services: Services, database: Database) -> None:
    picked, siri = await three_cases(services), await person(services, SIRI)
    await services.bulk.carry_out(picked, BulkForm(BulkKind.END, end=dt.date(2025, 9, 1)), siri, key=None)
    heard = [text for text in await said_to(database, KARI) if "nye opplysninger" in text]
    assert len(heard) == 3
    assert not any("sept" in text for text in heard)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (BulkForm(BulkKind.GIVEN), "to"),
        (handing_to(SIRI, stand_in=SIRI), "stand_in"),
        (handing_to(PER, stand_in=KARI), "stand_in"),
        (handing_to(KARI), "to"),
        (handing_to(PER, note="x" * 401), "note"),
        (handing_to(PER, note="Gjelder 010190 12345".replace("010190 12345", "01010750160")), "note"),
        (BulkForm(BulkKind.END), "end"),
        (BulkForm(BulkKind.END, end=dt.date(1925, 9, 1)), "end"),
        (BulkForm(BulkKind.END, end=dt.date(2025, 9, 1), shift_days=3), "end"),
        (BulkForm(BulkKind.END, shift_days=0), "shift_days"),
        (BulkForm(BulkKind.CLOSED, closing=replace(NORMAL, reason=" ")), "reason"),
        (BulkForm(BulkKind.CLOSED, closing=replace(NORMAL, outcome=None)), "outcome"),
        (BulkForm(BulkKind.CLOSED, closing=ClosingForm(Status.NOT_RELEVANT, None, None, "x")), "not_relevant"),
    ],
)
async def test_each_field_says_what_is_wrong_with_it(services: Services, form: BulkForm, field: str) -> None:
    with pytest.raises(FormRefused) as refused:
        await services.bulk.plan([Picked(1, 1)], form, await person(services, SIRI))
    assert field in [one.field for one in refused.value.refusals]


async def test_only_the_centre_changes_several_cases_and_only_ones_own_are_taken_back(services: Services) -> None:
    picked, kari = await three_cases(services), await person(services, KARI)
    siri, per = await person(services, SIRI), await person(services, PER)
    for work in (
        services.bulk.plan(picked, handing_to(PER), kari),
        services.bulk.carry_out(picked, handing_to(PER), kari, key=None),
        services.bulk.take_back(1, kari, key=None),
        services.home.desk(kari),
        services.away.read("2025-07-07T09:00:00+00:00", kari, key=None),
        services.undelivered.send_again(1, kari, key=None),
        services.lists.of_ids([one.id for one in picked], kari),
    ):
        with pytest.raises(NotAllowed):
            await work
    batch = await services.bulk.carry_out(picked, handing_to(PER), siri, key=None)
    with pytest.raises(Refused, match="blant dine"):
        await services.bulk.take_back(batch.id, per, key=None)
    with pytest.raises(Refused, match="minst én"):
        await services.bulk.plan([], handing_to(PER), siri)
    with pytest.raises(Refused, match="høyst"):
        await services.bulk.plan([Picked(n, 1) for n in range(MOST_AT_ONCE + 1)], handing_to(PER), siri)


# --- what needs whom, and what others did ---


async def test_a_case_that_needs_somebody_is_first_until_somebody_has_seen_to_it(
    services: Services, clock: SetClock
) -> None:
    await three_cases(services)
    siri, per = await person(services, SIRI), await person(services, PER)
    desk = await services.home.desk(siri)
    assert dict(desk.needs) == {Need.REPORTED: 3, Need.NO_OWNER: 3}
    assert str(desk.first[0][1][0]).startswith("Ny melding fra UNN Tromsø:")
    clock.advance(dt.timedelta(minutes=5))
    number = desk.first[0][0].number
    await services.cases.take(number, siri, key=None)
    assert dict((await services.home.desk(siri)).needs) == {Need.REPORTED: 2, Need.NO_OWNER: 2}
    clock.advance(dt.timedelta(days=30))
    late = await services.home.desk(siri)
    assert dict(late.needs)[Need.SILENT] == 3
    assert number in [line.number for line, _ in late.first]
    assert number not in [line.number for line, _ in (await services.home.desk(per)).first], "silent is its owner's"
    found = await services.lists.open_cases(Wanted(owner=SIRI), 1, per)
    assert [line.number for line in found.cases] == [number]
    assert (await services.lists.open_cases(Wanted(owner=NOBODY, need=Need.SILENT), 1, per)).total == 2


async def test_what_others_did_stays_until_it_is_marked_as_read(
    services: Services, database: Database, clock: SetClock
) -> None:
    picked, siri, per = await three_cases(services), await person(services, SIRI), await person(services, PER)
    await services.home.desk(per)
    clock.advance(dt.timedelta(days=2))
    await services.bulk.carry_out(picked[:2], handing_to(PER, note="Ring fredag."), siri, key=None)
    await services.cases.take((await cases(database))[2].number, per, key=None)
    away = (await services.home.desk(per)).away
    assert [(case.mine, [str(one) for one in case.done]) for case in away.cases] == [(True, ["gitt videre"])] * 2
    assert [(one.note, len(one.numbers)) for one in away.handovers] == [("Ring fredag.", 2)]
    assert (await services.home.desk(per)).away.total == 2, "looking is not reading"
    clock.advance(dt.timedelta(minutes=1))
    await services.cases.close((await cases(database))[2].number, NORMAL, siri, key=None)
    await services.away.read(away.read, per, key=None)
    left = (await services.home.desk(per)).away
    assert [[str(one) for one in case.done] for case in left.cases] == [["avsluttet"]], "what came later is still news"
    assert not left.handovers
    for forged in ("i morgen", "2025-07-07", (clock.now() + dt.timedelta(days=1)).isoformat()):
        with pytest.raises(Refused):
            await services.away.read(forged, per, key=None)


async def test_what_could_not_be_delivered_is_sent_again_or_let_go(services: Services, database: Database) -> None:
    siri = await person(services, SIRI)
    async with database.unit_of_work() as uow:
        for key, channel in (("a", "C0GONE0001"), ("b", KARI)):
            await uow.say(key, channel, f"Melding {key}", [])
        for row in await uow.session.scalars(select(OutboxEntry)):
            row.state, row.problem, row.attempts = "failed", "is_archived", 3
    desk = await services.home.desk(siri)
    assert desk.undelivered_count == 2
    assert {str(one.why) for one in desk.undelivered} == {"Kanalen er arkivert."}
    again, gone = desk.undelivered
    await services.undelivered.send_again(again.id, siri, key=None)
    await services.undelivered.let_go(gone.id, siri, key=None)
    async with database.read() as session:
        states = {row.id: (row.state, row.attempts) for row in await session.scalars(select(OutboxEntry))}
    assert states == {again.id: ("waiting", 0), gone.id: ("superseded", 3)}
    assert (await services.home.desk(siri)).undelivered_count == 0
    with pytest.raises(Refused):
        await services.undelivered.send_again(gone.id, siri, key=None)


# --- when there are many ---


async def statements(database: Database, work: Callable[[], Awaitable[object]]) -> int:
    """How many questions `work` asks the database."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    await work()
    event.remove(database.engine.sync_engine, "before_cursor_execute", hear)
    return len(asked)


async def test_home_and_lists_ask_as_much_of_20_cases_as_of_2000(
    services: Services, database: Database, database_url: str, clock: SetClock
) -> None:
    siri, per, kari = [await person(services, who) for who in (SIRI, PER, KARI)]
    await services.away.first_seen(siri, clock.now() - dt.timedelta(days=20))
    asked: list[tuple[str, Actor]] = [("home", siri), ("home", kari), ("list", siri), ("list", kari)]

    async def count() -> list[int]:
        return [
            await statements(
                database,
                (lambda who=who: home(services, who))
                if what == "home"
                else (lambda who=who: case_list(services, "", 1, who)),
            )
            for what, who in asked
        ]

    await fill(database, clock.now(), opened=20, closed=20, owners=(siri.person, per.person))
    await count()
    few = await count()
    await fill(database, clock.now(), opened=1980, closed=500, owners=(siri.person, per.person), after=40)
    assert await count() == few
    view = await home(services, siri)
    assert len(view["blocks"]) <= 100
    assert "2000 åpne saker" in str(view)


async def test_a_hundred_cases_are_closed_in_good_time(services: Services, database: Database, clock: SetClock) -> None:
    siri = await person(services, SIRI)
    await fill(database, clock.now(), opened=MOST_AT_ONCE, closed=0, owners=(siri.person,))
    every = await services.lists.every(Wanted(), siri, most=MOST_AT_ONCE)
    picked = [Picked(line.id, line.version) for line in every]
    asked = await statements(
        database, lambda: services.bulk.carry_out(picked, BulkForm(BulkKind.CLOSED, closing=NORMAL), siri, key=None)
    )
    assert asked < 20 * MOST_AT_ONCE
    async with database.read() as session:
        (batch,) = await session.scalars(select(CaseBatch))
    assert len(batch.changes) == MOST_AT_ONCE
