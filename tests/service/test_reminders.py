"""Reminders: told once to the right one, put off, done, and never lost, on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import col, select

from bot.app import assemble
from bot.cases.forms import CaseForm, ClosingForm
from bot.cases.vocabulary import Authorised, Outcome, Status
from bot.clock import OSLO, SetClock
from bot.refusal import NotAllowed, Refused
from bot.reminders.due import Kind, State
from bot.services import Services
from storage.tables import OutboxEntry, Reminder, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import CASES, SIRI, medicine, person, settings_for

PER, KARI = "U0PER00001", "U0KARI0001"
STEP = "Ring leverandøren"
TUESDAY, FRIDAY = dt.date(2025, 7, 8), dt.date(2025, 7, 11)


def at(clock: SetClock, day: dt.date, hour: int = 9) -> None:
    clock.set(dt.datetime.combine(day, dt.time(hour), OSLO))


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    made = assemble(settings_for(roles={"centre": [SIRI, PER]}), database, clock)
    await made.stock.ensure_pools()
    return made


async def case(services: Services, name: str = "valtrex 500 mg tab", *, owner: str | None = SIRI) -> str:
    siri = await person(services, SIRI)
    number, _ = await services.cases.open_for(medicine(services, name), siri, decision_question=None, key=None)
    if owner is not None:
        await services.cases.take(number, await person(services, owner), key=None)
    return number


async def write(
    services: Services,
    number: str,
    *,
    step: str | None = None,
    on: dt.date | None = None,
    end: dt.date | None = None,
    question: str | None = None,
) -> None:
    seen = await services.cases.case(number)
    assert seen is not None
    form = CaseForm(Status.ONGOING, None, end, None, Authorised.YES, None, None, None, step, on, question)
    await services.cases.update(number, form, await person(services, SIRI), version=seen.version, key=None)


async def reminders(database: Database) -> list[Reminder]:
    async with database.read() as session:
        return list(await session.scalars(select(Reminder).order_by(col(Reminder.id))))


async def said(database: Database) -> list[OutboxEntry]:
    """What was said of reminders, edits included."""
    async with database.read() as session:
        rows = select(OutboxEntry).where(col(OutboxEntry.key).startswith("reminder:"))
        return list(await session.scalars(rows.order_by(col(OutboxEntry.id))))


def words(entry: OutboxEntry) -> str:
    return entry.text + str(entry.blocks)


async def test_the_owner_is_told_of_a_next_step_on_its_morning_and_once(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, step=STEP, on=TUESDAY)
    assert await services.reminders.check() == 0, "it is Monday"
    at(clock, TUESDAY, 7)
    assert await services.reminders.check() == 0, "nobody is there at seven"
    at(clock, TUESDAY, 8)
    assert [await services.reminders.check() for _ in range(3)] == [1, 0, 0]
    (entry,) = await said(database)
    assert entry.channel == SIRI
    assert STEP in words(entry) and number in words(entry)


async def test_the_centres_channel_is_told_where_nobody_has_the_case(services: Services, database: Database) -> None:
    number = await case(services, owner=None)
    await write(services, number, step=STEP, on=dt.date(2025, 7, 7))
    assert await services.reminders.check() == 1
    assert [entry.channel for entry in await said(database)] == [CASES]


async def test_a_next_step_is_told_to_the_one_it_was_given_to(services: Services, database: Database) -> None:
    number = await case(services)
    await write(services, number, step=STEP, on=dt.date(2025, 7, 7))
    per = await person(services, PER)
    async with database.unit_of_work() as uow:
        row = (await uow.session.scalars(select(ShortageCase).where(ShortageCase.number == number))).one()
        row.next_step_for = per.person
    assert await services.reminders.check() == 1
    assert [entry.channel for entry in await said(database)] == [PER]


async def test_two_replicas_at_once_tell_it_once(
    services: Services, database: Database, second_database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, step=STEP, on=TUESDAY)
    at(clock, TUESDAY)
    other = assemble(settings_for(roles={"centre": [SIRI, PER]}), second_database, clock)
    told = await asyncio.gather(*(one.reminders.check() for one in (services, other) for _ in range(4)))
    assert sum(told) == 1
    assert len(await said(database)) == 1


async def test_a_reminder_missed_while_the_bot_was_down_comes_when_it_is_back(
    services: Services, database: Database, second_database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, step=STEP, on=TUESDAY)
    at(clock, FRIDAY)
    started_again = assemble(settings_for(roles={"centre": [SIRI]}), second_database, clock)
    assert await started_again.reminders.check() == 1
    assert "8. juli" in words((await said(database))[0])


async def test_done_takes_the_step_off_the_case_and_says_so_in_the_thread(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, step=STEP, on=TUESDAY)
    at(clock, TUESDAY)
    await services.reminders.check()
    (reminder,) = await reminders(database)
    per = await person(services, PER)
    assert await services.reminders.done(reminder.id or 0, per, key="click:1") == reminder.title
    assert await services.reminders.done(reminder.id or 0, per, key="click:1") == reminder.title, "Slack repeats itself"
    seen = await services.cases.case(number)
    assert seen is not None and (seen.next_step, seen.next_step_on) == (None, None)
    edit = (await said(database))[-1]
    assert edit.edits == reminder.said_key
    assert PER in words(edit) and "reminder_done" not in words(edit), "the buttons are gone"
    async with database.read() as session:
        thread = await session.scalars(select(OutboxEntry.text).where(OutboxEntry.reply_to == f"card:{number}"))
        assert any("Neste steg er gjort" in text for text in thread)
    at(clock, FRIDAY)
    assert await services.reminders.check() == 0
    with pytest.raises(Refused, match="ferdig"):
        await services.reminders.done(reminder.id or 0, await person(services, SIRI), key=None)


async def test_a_step_that_is_put_off_has_the_new_date_and_is_told_again_then(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, step=STEP, on=TUESDAY)
    at(clock, TUESDAY)
    await services.reminders.check()
    (reminder,) = await reminders(database)
    await services.reminders.snooze(reminder.id or 0, FRIDAY, await person(services, SIRI), key=None)
    seen = await services.cases.case(number)
    assert seen is not None and seen.next_step_on == FRIDAY
    assert "Utsatt" in words((await said(database))[-1])
    at(clock, dt.date(2025, 7, 10))
    assert await services.reminders.check() == 0
    at(clock, FRIDAY)
    assert [await services.reminders.check() for _ in range(2)] == [1, 0]


async def test_what_is_put_off_to_a_sunday_comes_on_monday(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, end=dt.date(2025, 7, 4))
    await services.reminders.check()
    (reminder,) = await reminders(database)
    assert reminder.kind == Kind.END_PASSED
    await services.reminders.snooze(reminder.id or 0, dt.date(2025, 7, 13), await person(services, SIRI), key=None)
    at(clock, FRIDAY)
    assert await services.reminders.check() == 0
    at(clock, dt.date(2025, 7, 14))
    assert [await services.reminders.check() for _ in range(2)] == [1, 0]
    assert (await reminders(database))[0].times == 2


@pytest.mark.parametrize("until", [None, dt.date(2025, 7, 7), dt.date(2025, 7, 1), dt.date(2027, 1, 1)])
async def test_it_is_put_off_to_a_day_that_comes(services: Services, database: Database, until: dt.date | None) -> None:
    number = await case(services)
    await write(services, number, end=dt.date(2025, 7, 4))
    await services.reminders.check()
    (reminder,) = await reminders(database)
    with pytest.raises(Refused, match="etter i dag"):
        await services.reminders.snooze(reminder.id or 0, until, await person(services, SIRI), key=None)
    assert (await reminders(database))[0].state == State.TOLD


async def test_a_passed_end_is_told_once_for_each_date_and_forgotten_when_the_case_closes(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, end=dt.date(2025, 7, 4))
    assert [await services.reminders.check() for _ in range(2)] == [1, 0]
    await write(services, number, end=TUESDAY)
    at(clock, dt.date(2025, 7, 9))
    assert [await services.reminders.check() for _ in range(2)] == [1, 0]
    assert [row.state for row in await reminders(database)] == [State.OVER, State.TOLD]
    closing = ClosingForm(Status.CLOSED, Outcome.UNKNOWN, None, "Levert igjen.")
    await services.cases.close(number, closing, await person(services, SIRI), key=None)
    await services.reminders.check()
    assert [row.state for row in await reminders(database)] == [State.OVER, State.OVER]
    assert "Gjelder ikke lenger" in words((await said(database))[-1])


async def test_a_date_that_is_taken_back_is_told_of_again(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    for end, told in ((dt.date(2025, 7, 4), 1), (FRIDAY, 0), (dt.date(2025, 7, 4), 1)):
        await write(services, number, end=end)
        assert await services.reminders.check() == told
    assert len(await reminders(database)) == 1


async def test_a_silent_case_is_asked_about_until_somebody_has_looked(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    at(clock, dt.date(2025, 7, 27))
    assert await services.reminders.check() == 0
    at(clock, dt.date(2025, 7, 29))
    assert await services.reminders.check() == 1
    (reminder,) = await reminders(database)
    assert reminder.kind == Kind.SILENT
    await services.reminders.done(reminder.id or 0, await person(services, SIRI), key=None)
    at(clock, dt.date(2025, 8, 11))
    assert await services.reminders.check() == 0, "the days count from the look"
    at(clock, dt.date(2025, 8, 20))
    assert await services.reminders.check() == 1
    await write(services, number, step=STEP, on=dt.date(2025, 12, 1))
    at(clock, dt.date(2025, 10, 1))
    assert await services.reminders.check() == 0, "it has a step ahead of it"


async def test_a_question_that_the_meeting_left_is_asked_about(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, question="Hvem får prioritet?")
    at(clock, dt.date(2025, 7, 9), 14)
    assert await services.meeting.post_what_is_due() == ["2025-W28"]
    at(clock, dt.date(2025, 7, 10))
    assert await services.reminders.check() == 0, "the meeting is today"
    at(clock, FRIDAY)
    assert [await services.reminders.check() for _ in range(2)] == [1, 0]
    (reminder,) = await reminders(database)
    await services.reminders.done(reminder.id or 0, await person(services, SIRI), key=None)
    seen = await services.cases.case(number)
    assert seen is not None and seen.decision_question is None


async def test_whoever_takes_a_case_over_is_told_and_the_other_hears_that_it_is_passed_on(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services)
    await write(services, number, end=dt.date(2025, 7, 4))
    await services.reminders.check()
    per = await person(services, PER)
    async with database.unit_of_work() as uow:
        row = (await uow.session.scalars(select(ShortageCase).where(ShortageCase.number == number))).one()
        row.owner = per.person
    assert [await services.reminders.check() for _ in range(2)] == [1, 0]
    channels = [(entry.channel, entry.edits is not None) for entry in await said(database)]
    assert channels == [(SIRI, False), (PER, False), (SIRI, True)]
    assert "gitt videre" in words((await said(database))[-1])
    assert [one.about for one in (await services.reminders.open_for(per)).reminders] == [number]


async def test_the_channel_is_told_where_the_owner_has_lost_their_grant(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case(services, owner=PER)
    await write(services, number, end=dt.date(2025, 7, 4))
    without_per = assemble(settings_for(roles={"centre": [SIRI]}), database, clock)
    assert await without_per.reminders.check() == 1
    assert [entry.channel for entry in await said(database)] == [CASES]


async def test_many_come_as_one_message_that_moves_up_as_they_are_done(
    services: Services, database: Database, clock: SetClock
) -> None:
    names = ["valtrex 500 mg tab", "paracet tab 500 mg", "ibux tab 400 mg", "zyprexa tab 5 mg", "marevan tab 2,5 mg"]
    names += ["prednisolon tab 5 mg", "risperdal tab 1 mg", "cipralex tab 10 mg", "plavix tab 75 mg"]
    names += ["sobril tab 10 mg", "vival tab 5 mg", "somac tab 20 mg"]
    numbers = [await case(services, name) for name in names]
    for number in numbers:
        await write(services, number, end=dt.date(2025, 7, 4))
    assert await services.reminders.check() == 12
    (entry,) = await said(database)
    assert [number in words(entry) for number in numbers] == [True] * 10 + [False] * 2
    assert "Og 2" in words(entry) and len(entry.blocks) <= 50
    siri = await person(services, SIRI)
    first, *_ = await reminders(database)
    await services.reminders.done(first.id or 0, siri, key=None)
    assert numbers[10] in words((await said(database))[-1])
    assert (await services.reminders.open_for(siri, 2)).total == 11


async def test_a_clinician_answers_no_reminder(services: Services, database: Database) -> None:
    number = await case(services)
    await write(services, number, end=dt.date(2025, 7, 4))
    await services.reminders.check()
    (reminder,) = await reminders(database)
    kari = await person(services, KARI)
    for attempt in (
        services.reminders.done(reminder.id or 0, kari, key=None),
        services.reminders.snooze(reminder.id or 0, FRIDAY, kari, key=None),
        services.reminders.reminder(reminder.id or 0, kari),
    ):
        with pytest.raises(NotAllowed):
            await attempt
    assert (await services.reminders.open_for(kari)).total == 0
    with pytest.raises(Refused, match="finnes ikke"):
        await services.reminders.done(999, await person(services, SIRI), key=None)
