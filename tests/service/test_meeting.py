"""Mangelmøtet's digest on both databases: posted once, late rather than never, and only what the meeting may read."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.forms import CaseForm
from bot.cases.restrictions import Ground, Issuer, PartForm, PartKind, RestrictionForm, State
from bot.cases.vocabulary import Authorised, Sector, Status, Visibility
from bot.clock import SetClock
from bot.messages.words import BOKMAAL
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from storage import meeting as stored
from storage.tables import AuditEntry, MeetingPost, OutboxEntry, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import MEETING, SIRI, medicine, person, report_of, settings_for

WEDNESDAY = dt.datetime(2025, 7, 9, 12, 0, tzinfo=dt.UTC)
"""14:00 in Oslo, the day before the meeting of week 28."""
THURSDAY = dt.datetime(2025, 7, 10, 6, 0, tzinfo=dt.UTC)
"""08:00 in Oslo, the morning of the meeting."""
WEEK = "2025-W28"
MINUTE = dt.timedelta(minutes=1)


async def reported(services: Services, name: str = "Valtrex tab 500 mg") -> str:
    """A case that somebody's report opened; its number."""
    kari = await person(services, "U0KARI0001")
    return (await services.reporting.report(report_of(medicine(services, name)), kari, key=None)).number


async def said(database: Database) -> dict[str, OutboxEntry]:
    """What stands in the outbox for the meeting's channel, by key."""
    async with database.read() as session:
        rows = await session.scalars(select(OutboxEntry).where(OutboxEntry.channel == MEETING).order_by(OutboxEntry.id))
        return {row.key: row for row in rows}


def words_of(row: OutboxEntry) -> str:
    """Everything that is read in a message."""
    return row.text + str(row.blocks)


async def update(services: Services, number: str, **values: object) -> None:
    """Siri writes what she knows."""
    siri = await person(services, SIRI)
    view = await services.cases.case(number)
    assert view is not None
    form = dict.fromkeys(CaseForm.__slots__) | {"status": Status.ONGOING, "authorised": Authorised.UNKNOWN} | values
    await services.cases.update(number, CaseForm(**form), siri, version=view.version, key=None)  # type: ignore[arg-type]


async def test_nothing_is_posted_before_its_time_and_once_at_it(
    services: Services, database: Database, clock: SetClock
) -> None:
    await reported(services)
    clock.set(WEDNESDAY - MINUTE)
    assert await services.meeting.post_what_is_due() == []
    clock.set(WEDNESDAY)
    assert await services.meeting.post_what_is_due() == [WEEK]
    clock.set(WEDNESDAY + 10 * MINUTE)
    assert await services.meeting.post_what_is_due() == []
    digests = await said(database)
    assert list(digests) == [f"digest:{WEEK}:{MEETING}"]
    (digest,) = digests.values()
    assert "uke 28" in digest.text
    assert "Valtrex" in words_of(digest)
    assert "Kommer for sent" not in words_of(digest)


async def test_two_replicas_that_ask_at_once_post_one_digest(
    services: Services, database: Database, second_database: Database, clock: SetClock
) -> None:
    await reported(services)
    clock.set(WEDNESDAY)
    other = assemble(settings_for(), second_database, clock)
    posted = await asyncio.gather(
        *(replica.meeting.post_what_is_due() for replica in (services, other, services, other))
    )
    assert sorted(map(len, posted)) == [0, 0, 0, 1]
    assert len(await said(database)) == 1
    async with database.read() as session:
        assert len(list(await session.scalars(select(MeetingPost)))) == 1


async def test_a_digest_that_was_missed_is_posted_late_and_says_so(
    services: Services, database: Database, clock: SetClock
) -> None:
    await reported(services)
    clock.set(WEDNESDAY + dt.timedelta(hours=5))
    assert await services.meeting.post_what_is_due() == [WEEK]
    (digest,) = (await said(database)).values()
    assert "Kommer for sent: skulle vært lagt ut onsdag 9. juli kl. 14" in words_of(digest)


async def test_a_bot_that_was_not_there_makes_up_for_nothing(
    services: Services, database: Database, clock: SetClock
) -> None:
    await reported(services)
    assert await services.meeting.post_what_is_due() == [], "last Wednesday's digest was planned before the first start"
    assert await said(database) == {}


async def test_history_taken_in_is_not_the_first_start(services: Services, database: Database, clock: SetClock) -> None:
    async with database.unit_of_work() as uow:
        uow.session.add(AuditEntry(at=clock.now() - dt.timedelta(days=400), subject="case:2024-0001", action="opened"))
    assert await services.meeting.post_what_is_due() == []


async def test_a_digest_missed_for_a_week_is_left_to_the_next_one(
    services: Services, database: Database, clock: SetClock
) -> None:
    await reported(services)
    clock.set(WEDNESDAY + dt.timedelta(days=7))
    assert await services.meeting.post_what_is_due() == ["2025-W29"]
    assert list(await said(database)) == [f"digest:2025-W29:{MEETING}", f"digest:2025-W29:{MEETING}:rest"]


async def test_without_a_channel_nothing_is_posted(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(meeting_channel=None), database, clock)
    await services.stock.ensure_pools()
    await reported(services)
    clock.set(WEDNESDAY)
    assert await services.meeting.post_what_is_due() == []
    with pytest.raises(Refused, match="MANGELVAKT_MEETING_CHANNEL"):
        await services.meeting.post_now(await person(services, SIRI))


# --- the morning ---


async def test_the_morning_is_quiet_where_nothing_is_new(
    services: Services, database: Database, clock: SetClock
) -> None:
    await reported(services)
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    clock.set(THURSDAY)
    assert await services.meeting.post_what_is_due() == [WEEK], "looked at, and not again"
    assert await services.meeting.post_what_is_due() == []
    assert list(await said(database)) == [f"digest:{WEEK}:{MEETING}"]


async def test_the_morning_tells_what_is_new_and_nothing_else(
    services: Services, database: Database, clock: SetClock
) -> None:
    await reported(services)
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    clock.advance(2 * dt.timedelta(hours=1))
    await reported(services, "Zypadhera pulv/v dep inj 300 mg")
    clock.set(THURSDAY)
    assert await services.meeting.post_what_is_due() == [WEEK]
    news = (await said(database))[f"update:{WEEK}:{MEETING}"]
    assert "ypadhera" in words_of(news)
    assert "Valtrex" not in words_of(news)


async def test_without_a_digest_there_is_no_update(services: Services, database: Database, clock: SetClock) -> None:
    clock.set(THURSDAY + dt.timedelta(hours=1))
    services = assemble(settings_for(update_cron="0 8 * * THU"), database, clock)
    await services.meeting.post_what_is_due()
    assert not [key for key in await said(database) if key.startswith("update:")]


# --- what stands in it ---


async def test_internal_cases_are_not_for_the_meeting(services: Services, database: Database, clock: SetClock) -> None:
    siri = await person(services, SIRI)
    secret, open_one = await reported(services), await reported(services, "Zypadhera pulv/v dep inj 300 mg")
    await services.cases.publish(secret, Visibility.INTERNAL, None, siri, key=None)
    clock.set(WEDNESDAY - MINUTE)
    digest = await services.meeting.compose()
    numbers = [case["number"] for section in ("new", "ongoing", "upcoming") for case in digest.as_json()[section]]
    assert numbers == [open_one]
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    (posted,) = (await said(database)).values()
    assert "Valtrex" not in words_of(posted)


async def test_changes_since_the_last_digest_are_listed(
    services: Services, database: Database, clock: SetClock
) -> None:
    changed, _unchanged = await reported(services), await reported(services, "Zypadhera pulv/v dep inj 300 mg")
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    clock.advance(dt.timedelta(days=2))
    await update(services, changed, expected_end=dt.date(2025, 9, 15), substitute="Utenlandske pakninger")
    clock.set(WEDNESDAY + dt.timedelta(days=7))
    digest = await services.meeting.compose()
    (case,) = digest.as_json()["ongoing"]
    assert (case["number"], case["end"]) == (changed, "2025-09-15")
    said_of_it = " ".join(case["remarks"])
    assert "ny sluttdato" in said_of_it
    assert "ny erstatning" in said_of_it
    assert digest.as_json()["unchanged"] == 1


async def test_what_was_reported_since_is_counted_by_trust(services: Services, clock: SetClock) -> None:
    await reported(services)
    clock.set(WEDNESDAY - MINUTE)
    assert sum((await services.meeting.compose()).as_json()["reports"].values()) == 1
    clock.set(WEDNESDAY)
    assert await services.meeting.post_what_is_due() == [WEEK]
    clock.advance(dt.timedelta(days=6))
    assert (await services.meeting.compose()).as_json()["reports"] == {}


# --- ahead of time, and for those who ask ---


async def test_the_centre_may_post_ahead_of_time_and_then_it_is_posted(
    services: Services, database: Database, clock: SetClock
) -> None:
    siri = await person(services, SIRI)
    await reported(services)
    assert await services.meeting.post_now(siri) == (WEEK, True)
    assert await services.meeting.post_now(siri) == (WEEK, False)
    clock.set(WEDNESDAY)
    assert await services.meeting.post_what_is_due() == []
    assert len(await said(database)) == 1
    async with database.read() as session:
        assert list(await stored.posted(session, "digest")) == [WEEK]


async def test_others_neither_post_nor_read_it(services: Services) -> None:
    kari = await person(services, "U0KARI0001")
    with pytest.raises(NotAllowed):
        await services.meeting.post_now(kari)
    with pytest.raises(NotAllowed):
        await services.meeting.as_it_stands(kari)
    siri = await person(services, SIRI)
    assert "Mangelmøtet uke 28" in (await services.meeting.as_it_stands(siri))[0].text


# --- a long one ---


async def test_a_long_digest_is_a_head_a_message_for_each_section_and_the_rest_in_its_thread(
    services: Services, database: Database, clock: SetClock
) -> None:
    before, today = clock.now() - dt.timedelta(days=30), clock.now()
    async with database.unit_of_work() as uow:
        await uow.add(
            *(
                ShortageCase(
                    number=f"2025-{number:04d}",
                    preparation_key=f"medisin {number}",
                    name=f"Medisin {number}",
                    substance=f"stoff {number}",
                    scope="medicine",
                    authorised="yes",
                    status="ongoing",
                    visibility="meeting",
                    decision_question="Hva nå?" if number % 10 == 0 else None,
                    opened_at=before if number % 2 else today,
                    changed_at=today,
                )
                for number in range(1, 41)
            )
        )
    clock.set(WEDNESDAY)
    await services.meeting.post_what_is_due()
    rows = await said(database)
    head = f"digest:{WEEK}:{MEETING}"
    places = {key.removeprefix(head): row.reply_to for key, row in rows.items()}
    assert places == {"": None, ":new": None, ":rest": head}
    assert "TRENGER BESLUTNING" in words_of(rows[head])
    everything = "".join(words_of(row) for row in rows.values())
    assert all(f"Medisin {number} " in everything or f"Medisin {number}*" in everything for number in range(1, 41))
    assert "2025-0039 Medisin 39" in words_of(rows[f"{head}:rest"])


async def restricted(services: Services, database: Database, words: str, *states: State, review: dt.date) -> None:
    """Siri restricts a medicine of its own and takes the restriction through `states`."""
    number, siri = await reported(services), await person(services, SIRI)
    part = PartForm(PartKind.PATIENTS, words, None, None)
    form = RestrictionForm(Issuer.CENTRE, Ground.PROFESSIONAL, None, Sector.BOTH, (), review, None, part)
    await services.restrictions.draft(number, form, siri, key=None)
    view = await services.restrictions.of_case(number, siri)
    for state in states:
        await services.restrictions.move(view.restrictions[-1].id, state, siri, key=None)
    async with database.unit_of_work() as uow:
        case = await uow.session.scalar(select(ShortageCase).where(ShortageCase.number == number))
        assert case is not None
        case.visibility = Visibility.MEETING


async def test_restrictions_are_on_the_agenda_when_their_review_comes_before_the_next_meeting(
    services: Services, database: Database, clock: SetClock
) -> None:
    next_meeting = dt.date(2025, 7, 17)
    soon, later = next_meeting - dt.timedelta(1), next_meeting
    await restricted(services, database, "bare barn", State.DECIDED, review=soon)
    await restricted(services, database, "bare voksne", State.DECIDED, review=later)
    await restricted(services, database, "bare gravide", State.PLAN, review=soon)
    await restricted(services, database, "bare eldre", review=soon)
    clock.set(WEDNESDAY)
    shown = str(services.meeting.render(await services.meeting.compose(WEEK)))
    for words in (
        "bare barn, vurderes innen 16. juli",
        "bare gravide, plan, ikke satt i kraft, vurderes innen 16. juli",
    ):
        assert words in shown
    assert "Restriksjon (Råd fra Mangelsenteret): bare voksne. Gjelder hele landet." in shown, (
        "what is in force stands with its case"
    )
    for words in ("bare voksne, vurderes", "Mangelsenteret): bare gravide", "bare eldre"):
        assert words not in shown


async def test_an_open_channel_is_told_of_published_restrictions_only(
    services: Services, database: Database, clock: SetClock
) -> None:
    await restricted(services, database, "bare barn", State.DECIDED, review=dt.date(2025, 7, 10))
    clock.set(THURSDAY + dt.timedelta(2))
    assert (await services.meeting.compose(numbers=False)).reviews == ()
    (review,) = (await services.meeting.compose()).reviews
    in_digest = "Restriksjon (Råd fra Mangelsenteret): bare barn. Gjelder hele landet."
    digest = await services.meeting.compose()
    said = [BOKMAAL.say(one) for entry in (*digest.agenda, *digest.unchanged) for one in entry.case.restricted]
    assert said == [in_digest], "the meeting reads beside the case what is restricted"
    open_to_all = await services.meeting.compose(numbers=False)
    assert not [one for entry in (*open_to_all.agenda, *open_to_all.unchanged) for one in entry.case.restricted], (
        "not published"
    )
    assert review.parts == ("bare barn",)
