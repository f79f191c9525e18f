"""What people ask about cases in their own words: who has one, what may stand in, what is new, how many."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.cases.medicine import Medicine
from bot.cases.views import CaseView, load_views
from bot.cases.visibility import readable_by
from bot.clock import Clock, oslo
from bot.people.roles import Action, Actor
from bot.stock.domino import Candidate
from bot.stock.reading import StockReading
from storage import cases as stored
from storage.unit_of_work import Database

DAYS = 7
"""How far back "new" reaches."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Open cases about something that the reader may read in full, `title` being what was asked about.

    `everything`: the reader works with cases, and is not shown what is published only. `candidates`: what may stand
    in for a medicine without a case.
    """

    title: str
    cases: tuple[CaseView, ...]
    everything: bool
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """Cases that were opened, closed or changed since a day, newest change first, those that the reader may read."""

    since: dt.date
    wanted: str
    opened: tuple[CaseView, ...]
    closed: tuple[CaseView, ...]
    changed: tuple[CaseView, ...]
    everything: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many open cases; their reports for those who work with cases; by ATC group where nothing was named."""

    wanted: str
    cases: int
    reports: int | None
    by_letter: dict[str, int]


class AskingService:
    """Answers questions about cases. It only reads."""

    def __init__(self, database: Database, clock: Clock, stock: StockReading) -> None:
        self._database = database
        self._clock = clock
        self._stock = stock

    async def about(self, asked: Medicine | str, by: Actor) -> Asked:
        """The open cases of a medicine's substance, or the case with this number, that `by` may read.

        A number that `by` may not read, or that is nobody's, gives no case: the answer does not tell which.
        """
        visible = [visibility.value for visibility in readable_by(by)]
        everything = by.may(Action.READ_CASES)
        today = oslo(self._clock.now()).date()
        found: list[Candidate] = []
        async with self._database.read() as session:
            if isinstance(asked, str):
                row = await stored.by_number(session, asked)
                rows = [row] if row is not None else []
            else:
                rows = await stored.open_for_substance(session, asked.substance)
            rows = [row for row in rows if row.visibility in visible]
            cases = await load_views(session, rows, self._stock, today)
            if isinstance(asked, Medicine):
                cases.sort(key=lambda case: case.preparation_key not in (asked.key, *asked.keys))
                if everything and not cases:
                    near = self._stock.candidates
                    found = await near.of_preparation(session, asked.key, asked.name, asked.atc, today)
        title = cases[0].title if isinstance(asked, str) and cases else asked if isinstance(asked, str) else asked.name
        return Asked(title, tuple(cases), everything, tuple(found))

    async def news(self, atc: str, by: Actor) -> News:
        """What has happened the last seven days, in an ATC group or in all, by four statements."""
        since = self._clock.now() - dt.timedelta(days=DAYS)
        visible = [visibility.value for visibility in readable_by(by)]
        async with self._database.read() as session:
            rows = await stored.moved_since(session, since, visible=visible, atc=atc or None)
            cases = await load_views(session, rows, None, oslo(self._clock.now()).date())
        closed = [case for case in cases if case.closed_at is not None and case.closed_at > since]
        opened = [case for case in cases if case.opened_at > since and case not in closed]
        changed = [case for case in cases if case not in closed and case not in opened]
        everything = by.may(Action.READ_CASES)
        return News(oslo(since).date(), atc, tuple(opened), tuple(closed), tuple(changed), everything)

    async def count(self, by: Actor, *, atc: str = "", words: str = "") -> Count:
        """How many open cases `by` may read: of an ATC group, of a medicine, or of all."""
        visible = [visibility.value for visibility in readable_by(by)]
        async with self._database.read() as session:
            cases = await stored.count_open(session, visible=visible, atc=atc or None, words=words or None)
            reports = None
            if by.may(Action.READ_CASES):
                reports = await stored.count_reports(session, visible=visible, atc=atc or None, words=words or None)
            letters = {} if atc or words else await stored.open_by_atc_letter(session, visible=visible)
        return Count(atc or words, cases, reports, letters)
