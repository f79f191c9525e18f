"""A year played day by day with a moving clock: 2026, which has a week 53, and into 2027."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.forms import ClosingForm
from bot.cases.vocabulary import Outcome, Status
from bot.clock import OSLO, SetClock, oslo
from bot.meeting.calendar import is_working_day, week_of
from bot.services import Services
from storage.tables import AuditEntry, MeetingPost, OutboxEntry, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import MEETING, SIRI, person, settings_for

BEGINS, ENDS = dt.date(2025, 12, 29), dt.date(2027, 1, 10)
DAY = dt.timedelta(days=1)
OFF = (dt.datetime(2026, 6, 10, 13, tzinfo=OSLO), dt.datetime(2026, 6, 12, 9, tzinfo=OSLO))
"""The bot is off from Wednesday before the digest to Friday morning."""
CLOCKS = (dt.time(8), dt.time(14))


def case(number: int, opened: dt.datetime, start: dt.date | None) -> ShortageCase:
    """A case that begins on a day, or has begun."""
    return ShortageCase(
        number=f"{oslo(opened).year}-{number:04d}",
        preparation_key=f"medisin {number}",
        name=f"Medisin {number}",
        substance=f"stoff {number}",
        scope="medicine",
        authorised="yes",
        status="upcoming" if start is not None and start > oslo(opened).date() else "ongoing",
        visibility="meeting",
        start=start,
        opened_at=opened,
        changed_at=opened,
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_case_is_new_once_and_closed_once_and_every_week_has_one_digest(
    database: Database, second_database: Database, clock: SetClock
) -> None:
    clock.set(dt.datetime.combine(BEGINS, dt.time(7), OSLO))
    replicas = [assemble(settings_for(), each, clock) for each in (database, second_database)]
    async with database.unit_of_work() as uow:
        uow.record("bot", "first_start", by=None)
    drawn = random.Random(2026)
    open_numbers: list[str] = []
    starts: dict[str, dt.date] = {}
    count = 0
    day = BEGINS
    while day <= ENDS:
        for hour in CLOCKS:
            clock.set(dt.datetime.combine(day, hour, OSLO))
            if OFF[0] <= clock.now() < OFF[1] or (hour == CLOCKS[1] and day.isoweekday() not in (2, 3, 4, 5)):
                continue
            await _tick(replicas, day, hour)
            if hour == CLOCKS[0] and drawn.random() < 0.45:
                count += 1
                start = day + dt.timedelta(days=drawn.randrange(1, 40)) if drawn.random() < 0.4 else None
                row = case(count, clock.now(), start)
                async with database.unit_of_work() as uow:
                    await uow.add(row)
                open_numbers.append(row.number)
                if start is not None:
                    starts[row.number] = start
            if hour == CLOCKS[0] and len(open_numbers) > 8 and drawn.random() < 0.3:
                number = open_numbers.pop(drawn.randrange(len(open_numbers)))
                await _close(replicas[0], number)
        if day.isoweekday() == 7:
            await _upcoming_became_ongoing_on_its_day(database, starts)
        day += DAY
    async with database.read() as session:
        posts = list(await session.scalars(select(MeetingPost).where(MeetingPost.kind == "digest")))
        said = set(await session.scalars(select(OutboxEntry.key).where(OutboxEntry.channel == MEETING)))
        late = await session.scalars(select(OutboxEntry).where(OutboxEntry.text.contains("uke 24")))  # type: ignore[attr-defined]
        late_words = "".join(str(row.blocks) for row in late)
    weeks = [week_of(BEGINS + n * 7 * DAY) for n in range(54)]
    assert sorted(post.week for post in posts) == weeks
    assert {"2026-W01", "2026-W53", "2027-W01"} < set(weeks)
    assert {f"digest:{week}:{MEETING}" for week in weeks} <= said
    for post in posts:
        due = oslo(post.due_at)
        assert (due.hour, due.minute) == (14, 0), "also on the Wednesday after the clocks have been changed"
        assert is_working_day(due.date())
    on_other_days = {post.week: oslo(post.composed_at) for post in posts if oslo(post.composed_at).isoweekday() != 3}
    assert {week: at.date() for week, at in on_other_days.items()} == {"2026-W24": dt.date(2026, 6, 12)}
    assert "skulle vært lagt ut onsdag 10. juni kl. 14.00" in late_words
    new = Counter(one["number"] for post in posts for one in post.content["new"])
    closed = Counter(one["number"] for post in posts for one in post.content["closed"])
    never_open_in_one = {
        one["number"] for post in posts for one in post.content["closed"] if "ny siden sist" in one["remarks"]
    }
    last = max(post.composed_at for post in posts)
    async with database.read() as session:
        rows = list(await session.scalars(select(ShortageCase)))
    seen = {row.number for row in rows if row.opened_at <= last}
    assert set(new) == seen - never_open_in_one
    assert set(new.values()) == {1}
    assert set(closed) == {row.number for row in rows if row.closed_at is not None and row.closed_at <= last}
    assert set(closed.values()) == {1}
    assert len(new) > 100
    assert len(closed) > 50


async def _tick(replicas: list[Services], day: dt.date, hour: dt.time) -> None:
    """What the scheduler asks; at the digest's hour both replicas ask at once."""
    if hour == CLOCKS[0]:
        await replicas[0].cases.begin_what_has_come()
    asking = replicas if day.isoweekday() == 3 and hour == CLOCKS[1] else replicas[:1]
    posted = await asyncio.gather(*(one.meeting.post_what_is_due() for one in asking))
    assert sum(map(len, posted)) <= 1


async def _close(services: Services, number: str) -> None:
    siri = await person(services, SIRI)
    view = await services.cases.case(number)
    assert view is not None
    form = ClosingForm(Status.CLOSED, Outcome.AVERTED, None, "Over.")
    await services.cases.close(number, form, siri, key=None, version=view.version)


async def _upcoming_became_ongoing_on_its_day(database: Database, starts: dict[str, dt.date]) -> None:
    async with database.read() as session:
        begun = {
            entry.subject.removeprefix("case:"): oslo(entry.at)
            for entry in await session.scalars(select(AuditEntry).where(AuditEntry.action == "begun"))
        }
    for number, at in begun.items():
        assert at.date() == starts[number] or OFF[0] <= dt.datetime.combine(starts[number], CLOCKS[0], OSLO) < OFF[1]
        assert at.hour == CLOCKS[0].hour
