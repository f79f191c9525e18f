"""The meeting itself, on both databases: led case by case, decided once, nothing lost when two do it at once."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.vocabulary import Visibility
from bot.clock import SetClock
from bot.meeting.chairing import DecisionForm, NewEnd, TaskForm, agenda_of
from bot.messages.words import BOKMAAL
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from storage.tables import (
    AuditEntry,
    EndDate,
    Meeting,
    MeetingDecision,
    MeetingTask,
    OutboxEntry,
    Reminder,
    ShortageCase,
)
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for
from tests.service.test_meeting import WEDNESDAY, reported, said, update, words_of

DAG = "U0DAG00001"
MEETING_TIME = WEDNESDAY + dt.timedelta(hours=18)
VALTREX, ZYPADHERA = "Valtrex tab 500 mg", "Zypadhera pulv/v dep inj 300 mg"
DAY = dt.timedelta(days=1)


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    """Siri is of the centre, Dag of the meeting."""
    made = assemble(settings_for(roles={"centre": [SIRI], "meeting": [DAG]}), database, clock)
    await made.stock.ensure_pools()
    return made


async def opened(services: Services, clock: SetClock) -> tuple[int, list[str], Actor]:
    """Two cases, the digest, and the meeting on the morning after, opened by Siri: its id, the cases, Siri."""
    numbers = [await reported(services, VALTREX), await reported(services, ZYPADHERA)]
    siri = await person(services, SIRI)
    await update(services, numbers[0], decision_question="Be DMP vurdere rasjonering?")
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    clock.set(MEETING_TIME)
    assert await services.chairing.open(siri, key=None) == ("2025-W28", True)
    return 1, numbers, siri


async def row(database: Database, table: type, **at: object) -> list:  # type: ignore[type-arg]
    async with database.read() as session:
        return list(await session.scalars(select(table).filter_by(**at).order_by(table.id)))  # type: ignore[attr-defined]


async def board(database: Database) -> str:
    """What everyone looks at now."""
    boards = [entry for key, entry in (await said(database)).items() if key.startswith("board:")]
    return words_of(boards[-1]).replace("\u200b", "")


async def test_the_meeting_follows_the_agenda_that_was_posted_and_new_cases_come_last(
    services: Services, database: Database, clock: SetClock
) -> None:
    numbers = [await reported(services, VALTREX), await reported(services, ZYPADHERA)]
    siri = await person(services, SIRI)
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    posted = (await row(database, Meeting)) or None
    assert posted is None
    clock.advance(dt.timedelta(hours=2))
    late = await reported(services, "Celeston Chronodose inj væske, susp 6 mg/ml")
    await update(services, late, decision_question="Hvem får den?")
    clock.set(MEETING_TIME)
    await services.chairing.open(siri, key=None)
    (held,) = await row(database, Meeting)
    assert [family[0] for family in held.agenda] == [*numbers, late]
    assert "3 saker" in await board(database)


async def test_two_who_open_it_at_once_open_one(services: Services, database: Database, clock: SetClock) -> None:
    await reported(services)
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    siri, dag = await person(services, SIRI), await person(services, DAG)
    found = await asyncio.gather(services.chairing.open(siri, key=None), services.chairing.open(dag, key=None))
    assert sorted(new for _, new in found) == [False, True]
    assert len(await row(database, Meeting)) == 1
    assert len([key for key in await said(database) if key.startswith("board:")]) == 1


async def test_a_second_press_on_next_skips_no_case(services: Services, database: Database, clock: SetClock) -> None:
    meeting, numbers, siri = await opened(services, clock)
    dag = await person(services, DAG)
    moved = await asyncio.gather(
        services.chairing.move(meeting, 0, 1, siri, key=None), services.chairing.move(meeting, 0, 1, dag, key=None)
    )
    assert sorted(moved) == [False, True]
    (held,) = await row(database, Meeting)
    assert (held.place, held.discussed) == (1, numbers[:1])
    assert "sak 1 av 2" in await board(database)
    assert not await services.chairing.move(meeting, 2, 3, siri, key=None), "there is no third case"


async def test_a_decision_stands_on_the_case_in_its_log_and_on_the_board(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (number, _), siri = await opened(services, clock)
    await services.chairing.move(meeting, 0, 1, siri, key=None)
    await services.chairing.decide(meeting, number, DecisionForm("DMP bes om å rasjonere.", True), siri, key="v")
    await services.chairing.decide(meeting, number, DecisionForm("DMP bes om å rasjonere.", True), siri, key="v")
    (decision,) = await row(database, MeetingDecision)
    assert (decision.case_number, decision.text, decision.by) == (number, "DMP bes om å rasjonere.", siri.person)
    (case,) = await row(database, ShortageCase, number=number)
    assert case.decision_question is None
    (entry,) = await row(database, AuditEntry, action="decided")
    assert (entry.subject, entry.person) == (f"case:{number}", siri.person)
    shown = await board(database)
    assert "DMP bes om å rasjonere." in shown and "besluttet: DMP" not in shown, "it stands once"
    async with database.read() as session:
        thread = await session.scalars(select(OutboxEntry).where(OutboxEntry.reply_to == f"card:{number}"))
        assert any("Besluttet i Mangelmøtet uke 28: DMP bes" in entry.text for entry in thread)


async def test_a_form_opened_before_the_meeting_went_on_lands_on_its_own_case(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (first, second), siri = await opened(services, clock)
    dag = await person(services, DAG)
    await services.chairing.move(meeting, 0, 1, siri, key=None)
    in_dags_form = (await services.chairing.in_hand(meeting, 1, dag)).number
    await services.chairing.move(meeting, 1, 2, siri, key=None)
    await asyncio.gather(
        services.chairing.decide(meeting, in_dags_form, DecisionForm("Dags"), dag, key=None),
        services.chairing.decide(meeting, second, DecisionForm("Siris"), siri, key=None),
        services.chairing.decide(meeting, first, DecisionForm("Siris også"), siri, key=None),
    )
    decided = {(one.case_number, one.text) for one in await row(database, MeetingDecision)}
    assert decided == {(first, "Dags"), (second, "Siris"), (first, "Siris også")}
    minutes = await services.chairing.minutes()
    assert minutes is not None
    assert [len(one.decisions) for one in minutes.discussed] == [2, 1]


async def test_a_new_end_is_history_of_the_case_and_is_not_overrun(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (number, _), siri = await opened(services, clock)
    dag = await person(services, DAG)
    first = NewEnd(dt.date(2025, 9, 1), False, "ny leveranse", None)
    await services.chairing.move_end(meeting, number, first, siri, key=None)
    with pytest.raises(Refused, match="2025-09-01 imens"):
        await services.chairing.move_end(
            meeting, number, NewEnd(dt.date(2025, 10, 1), False, None, None), dag, key=None
        )
    later = NewEnd(None, True, None, dt.date(2025, 9, 1))
    await services.chairing.move_end(meeting, number, later, dag, key=None)
    ends = await row(database, EndDate)
    assert [(end.end, end.source) for end in ends] == [
        (dt.date(2025, 9, 1), "Mangelmøtet uke 28"),
        (None, "Mangelmøtet uke 28"),
    ]
    minutes = await services.chairing.minutes()
    assert minutes is not None
    assert [BOKMAAL.say(one.words) for one in minutes.decisions] == [
        "ny sluttdato 1. sept. 2025 (ny leveranse)",
        "sluttdato er nå ukjent",
    ]


async def test_a_task_is_told_to_whoever_got_it_and_stands_until_it_is_done(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (number, _), siri = await opened(services, clock)
    dag = await person(services, DAG)
    due = MEETING_TIME.date() + 7 * DAY
    await services.chairing.give_task(meeting, number, TaskForm("Ring DMP", DAG, None, due), siri, key=None)
    await services.chairing.give_task(meeting, number, TaskForm("Spør RHF-ene", None, "Nina", None), siri, key=None)
    async with database.read() as session:
        (told,) = await session.scalars(select(OutboxEntry).where(OutboxEntry.channel == DAG))
    assert "Ring DMP" in words_of(told)
    kari = await person(services, "U0KARI0001")
    with pytest.raises(NotAllowed):
        await services.chairing.finish_task(1, kari, key=None)
    assert await services.chairing.finish_task(1, dag, key=None) == "Ring DMP"
    assert await services.chairing.finish_task(1, siri, key=None) == "Ring DMP", "done twice is done once"
    tasks = await row(database, MeetingTask)
    assert [(task.done_by, task.name) for task in tasks] == [(dag.person, None), (None, "Nina")]


async def test_minutes_are_posted_once_and_what_was_left_is_said(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (number, left), siri = await opened(services, clock)
    await services.chairing.move(meeting, 0, 1, siri, key=None)
    await services.chairing.decide(meeting, number, DecisionForm("Rasjonering"), siri, key=None)
    await asyncio.gather(
        *(services.chairing.close(meeting, [SIRI, DAG], "Nina, Sykehusinnkjøp", siri, key="close") for _ in range(2))
    )
    minutes = [entry for key, entry in (await said(database)).items() if key.startswith("minutes:")]
    assert len(minutes) == 1
    words = words_of(minutes[0])
    assert all(one in words for one in ("Rasjonering", f"<@{DAG}>", "Nina, Sykehusinnkjøp", "IKKE GJENNOMGÅTT"))
    assert left in words.partition("IKKE GJENNOMGÅTT")[2]
    with pytest.raises(Refused, match="avsluttet"):
        await services.chairing.decide(meeting, number, DecisionForm("For sent"), siri, key=None)


async def test_a_meeting_closed_by_mistake_is_opened_again_and_its_minutes_corrected(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (number, _), siri = await opened(services, clock)
    await services.chairing.close(meeting, [SIRI], None, siri, key=None)
    assert await services.chairing.open(siri, key=None) == ("2025-W28", True)
    await services.chairing.decide(meeting, number, DecisionForm("Likevel"), siri, key=None)
    await services.chairing.close(meeting, [SIRI], None, siri, key=None)
    minutes = [entry for key, entry in (await said(database)).items() if key.startswith("minutes:")]
    assert ["Rettet referat" in words_of(entry) for entry in minutes] == [False, True]


async def test_a_case_that_is_not_on_the_agenda_can_be_taken_up(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (first, second), siri = await opened(services, clock)
    other = await reported(services, "Celeston Chronodose inj væske, susp 6 mg/ml")
    hidden = await reported(services, "Integrilin inf, oppl 0,75 mg/ml")
    await services.cases.publish(hidden, Visibility.INTERNAL, None, siri, key=None)
    await services.chairing.move(meeting, 0, 1, siri, key=None)
    await services.chairing.take_up(meeting, other, siri, key=None)
    (held,) = await row(database, Meeting)
    assert ([family[0] for family in held.agenda], held.place) == ([first, other, second], 2)
    with pytest.raises(Refused, match="blant møtets saker"):
        await services.chairing.take_up(meeting, hidden, siri, key=None)
    await services.chairing.take_up(meeting, second, siri, key=None)
    assert [(await row(database, Meeting))[0].place] == [3]


async def test_a_case_that_became_internal_shows_nothing_in_the_meeting(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (number, _), siri = await opened(services, clock)
    await services.cases.publish(number, Visibility.INTERNAL, None, siri, key=None)
    await services.chairing.move(meeting, 0, 1, siri, key=None)
    assert "Varighet" not in await board(database)
    with pytest.raises(Refused, match="intern"):
        await services.chairing.decide(meeting, number, DecisionForm("Nei"), siri, key=None)


async def test_others_can_do_nothing_in_a_meeting(services: Services, database: Database, clock: SetClock) -> None:
    meeting, (number, _), _ = await opened(services, clock)
    kari = await person(services, "U0KARI0001")
    for attempt in (
        services.chairing.open(kari, key=None),
        services.chairing.move(meeting, 0, 1, kari, key=None),
        services.chairing.in_hand(meeting, 1, kari),
        services.chairing.attend(meeting, kari, key=None),
        services.chairing.take_up(meeting, number, kari, key=None),
        services.chairing.decide(meeting, number, DecisionForm("x"), kari, key=None),
        services.chairing.move_end(meeting, number, NewEnd(None, True, None, None), kari, key=None),
        services.chairing.give_task(meeting, number, TaskForm("x", SIRI, None, None), kari, key=None),
        services.chairing.those_present(meeting, kari),
        services.chairing.close(meeting, [], None, kari, key=None),
    ):
        with pytest.raises(NotAllowed):
            await attempt


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (TaskForm(None, SIRI, None, None), "text"),
        (TaskForm("x", None, None, None), "who"),
        (TaskForm("x", SIRI, "Nina", None), "who"),
        (TaskForm("x", SIRI, None, dt.date(2025, 7, 1)), "due"),
        (TaskForm("x", SIRI, None, dt.date(1925, 7, 1)), "due"),
        (TaskForm("x" * 1001, SIRI, None, None), "text"),
    ],
)
def test_a_task_that_cannot_be_kept_is_refused_at_its_field(form: TaskForm, field: str) -> None:
    with pytest.raises(FormRefused) as refused:
        form.check(dt.date(2025, 7, 10))
    assert [one.field for one in refused.value.refusals] == [field]


@pytest.mark.parametrize(
    "form", [NewEnd(None, False, None, None), NewEnd(dt.date(2025, 9, 1), True, None, None)], ids=["neither", "both"]
)
def test_a_new_end_is_a_date_or_unknown(form: NewEnd) -> None:
    with pytest.raises(FormRefused, match="Velg en dato"):
        form.check(None)


def test_the_numbers_people_prepared_with_hold() -> None:
    assert agenda_of([["a"], ["b", "c"]], [["d"], ["c", "e"], ["a"]]) == [["a"], ["b", "c"], ["d"], ["e"]]


# --- what comes after ---


async def test_the_next_digest_begins_with_what_was_left_and_says_which_tasks_are_done(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (first, left), siri = await opened(services, clock)
    await services.chairing.move(meeting, 0, 1, siri, key=None)
    await services.chairing.decide(meeting, first, DecisionForm("Lån av hverandre", True), siri, key=None)
    for text in ("Ring DMP", "Skriv brev"):
        await services.chairing.give_task(meeting, first, TaskForm(text, DAG, None, None), siri, key=None)
    await services.chairing.close(meeting, [SIRI], None, siri, key=None)
    await services.chairing.finish_task(1, siri, key=None)
    clock.set(WEDNESDAY + 7 * DAY)
    digest = await services.meeting.compose("2025-W29")
    assert [entry.case.number for entry in digest.ongoing] == [left, first]
    assert [str(one) for one in digest.ongoing[0].stakes] == ["ikke rukket sist"]
    assert "besluttet: Lån av hverandre" in [BOKMAAL.say(one) for one in digest.ongoing[1].remarks]
    assert [(task.text, task.done_at is not None) for task in digest.tasks] == [
        ("Skriv brev", False),
        ("Ring DMP", True),
    ]
    assert [task.text for task in digest.ongoing[1].case.tasks] == ["Skriv brev"]
    assert "1 gjort, 1 gjenstår" in "".join(message.words for message in services.meeting.render(digest))


async def test_a_task_reminds_whoever_has_it_and_is_done_from_there(
    services: Services, database: Database, clock: SetClock
) -> None:
    meeting, (number, _), siri = await opened(services, clock)
    dag = await person(services, DAG)
    due = MEETING_TIME.date() + 6 * DAY
    await services.chairing.give_task(meeting, number, TaskForm("Ring DMP", DAG, None, due), siri, key=None)
    clock.set(MEETING_TIME + DAY)
    await services.reminders.check()
    assert await row(database, Reminder, kind="task") == []
    clock.set(MEETING_TIME + 6 * DAY)
    await services.reminders.check()
    (reminder,) = await row(database, Reminder, kind="task")
    async with database.read() as session:
        told = list(await session.scalars(select(OutboxEntry).where(OutboxEntry.channel == DAG)))
    assert "Ring DMP" in words_of(told[-1])
    await services.reminders.done(reminder.id, dag, key=None)
    assert (await row(database, MeetingTask))[0].done_by == dag.person


async def test_what_is_decided_of_a_case_that_was_merged_meanwhile_is_decided_where_it_lives_on(
    services: Services, clock: SetClock
) -> None:
    meeting, (first, other), siri = await opened(services, clock)
    await services.joining.merge(first, other, siri, key=None)
    with pytest.raises(Refused, match=f"lever videre i sak {other}"):
        await services.chairing.decide(meeting, first, DecisionForm("Rasjoneres.", settles=True), siri, key=None)
