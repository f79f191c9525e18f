"""The figures of a year or any period, gathered from everything stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.statistics import EVERYTHING, CaseFilter, CaseRecord, Period, Statistics, statistics
from bot.cases.vocabulary import Authorised, Cause, Solution, Source, Status
from bot.catalogue.preparation import Scope
from bot.clock import OSLO, Clock, oslo, today
from bot.people.roles import Action, Actor
from bot.stock.ends import Slips, slips
from storage import statistics as stored
from storage.unit_of_work import Database


class StatisticsService:
    """Counts cases. Reads everything by a fixed number of queries, changes nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, period: Period, only: CaseFilter = EVERYTHING) -> Statistics:
        """The figures of a period."""
        async with self._database.read() as session:
            return await self.within(session, period, only)

    async def within(self, session: AsyncSession, period: Period, only: CaseFilter = EVERYTHING) -> Statistics:
        """The same, within somebody's unit of work."""
        return statistics(await load_records(session, period), period, today(self._clock), only)

    async def for_actor(self, by: Actor, period: Period, only: CaseFilter = EVERYTHING) -> Statistics:
        """The same for somebody who asks in Slack."""
        by.require(Action.READ_STATISTICS)
        return await self.of(period, only)


async def load_records(session: AsyncSession, period: Period) -> list[CaseRecord]:
    """Every case as it is counted in `period`."""
    since = dt.datetime.combine(period.first, dt.time(), OSLO)
    before = dt.datetime.combine(period.last + dt.timedelta(1), dt.time(), OSLO)
    rows = await stored.cases(session)
    done = await stored.solutions(session)
    ends = await stored.announced_ends(session, before)
    reported = await stored.first_reports(session)
    acted = await stored.first_actions(session)
    places = await stored.reports_by_place(session, since, before)
    gaps = _greatest_gaps(await stored.digests(session, since, before))
    kinds: dict[str, Any] = {}  # a code of the base is turned into its member once, not once a case

    def member(kind: Any, code: str | None) -> Any:
        if code is None:
            return None
        key = f"{kind.__name__}:{code}"
        if key not in kinds:
            kinds[key] = kind(code)
        return kinds[key]

    def record(row: stored.CaseRow) -> CaseRecord:
        moved = slips(ends[row.id]) if row.id in ends else Slips()
        unlisted = row.import_id is None and row.preparation_key.startswith("text|")
        return CaseRecord(
            number=row.number,
            name=row.name,
            substance=None if unlisted else row.substance or None,
            atc=row.atc,
            scope=member(Scope, row.scope),
            authorised=member(Authorised, row.authorised),
            status=member(Status, row.status),
            source=member(Source, row.source),
            cause=member(Cause, row.cause),
            start=row.start,
            end=row.expected_end,
            noticed=oslo(row.opened_at).date() if row.import_id is None else row.noticed_on,
            closed=oslo(row.closed_at).date() if row.closed_at else None,
            domino=row.domino_of is not None,
            slips=moved.times,
            slipped_days=moved.days,
            solutions=tuple((member(Solution, code), worked) for code, worked in done.get(row.id, ())),
            gap_days=gaps.get(row.number),
            days_to_action=_days(reported.get(row.id), acted.get(row.number)),
            reports=tuple(places[row.id].items()) if row.id in places else (),
        )

    return [record(row) for row in rows]


def _days(reported: dt.datetime | None, acted: dt.datetime | None) -> int | None:
    """Calendar days from report to action; None where one of them is not there, or the action came first."""
    if reported is None or acted is None or acted < reported:
        return None
    return (oslo(acted).date() - oslo(reported).date()).days


def _greatest_gaps(digests: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Case number → the longest time without cover that a digest showed; a case that was covered is not there."""
    found: dict[str, int] = {}
    for digest in digests:
        for section in ("new", "ongoing", "upcoming"):
            for case in digest.get(section, ()):
                if gap := case.get("gap_days"):
                    found[case["number"]] = max(found.get(case["number"], 0), int(gap))
    return found
