"""What stands on App Home: the centre's desk, a stock manager's pools, everybody's own reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.cases.bulk import Batch
from bot.cases.lists import NOBODY, CaseLine, CaseListService, Need, Wanted, case_line
from bot.cases.reporting import ReportingService
from bot.cases.vocabulary import RunsOut, Status
from bot.clock import Clock, oslo
from bot.delivery.undelivered import Undelivered, undelivered
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.away import Away, AwayService, away
from bot.people.following import FollowingService
from bot.people.roles import Action, Actor
from bot.settings import Settings
from bot.stock.alert_view import AlertView
from bot.stock.alerting import AlertService
from bot.stock.reading import StockReading
from storage import desk as stored
from storage import outbox, people
from storage import stock as stored_stock
from storage.tables import ShortageReport
from storage.unit_of_work import Database

MOST = 6
"""Cases on the desk: what to do first, on one screen of a phone."""

MOST_MOVED = 4
MOST_UNDELIVERED = 3
MOST_PEOPLE = 8
MOST_REPORTS = 5
MOST_ALERTS = 5

MOST_POOLS = 15
"""Pools on the page; those that need something come first."""

UNDO_WITHIN = timedelta(hours=24)
"""So long the desk offers to take the last change of several cases back."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has in hand, or what nobody has; `key` narrows a list to it, where the person is still there."""

    who: Mention | None
    key: str | None
    cases: int
    due: int
    ended: int
    left: bool = False
    """Whether they work on cases no more: somebody else has to take theirs."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The centre's page: what to do first, what others did, how the rest stands."""

    first: tuple[tuple[CaseLine, tuple[Phrase, ...]], ...]
    away: Away
    needs: tuple[tuple[Need, int], ...]
    open_count: int
    statuses: tuple[tuple[Status, int], ...]
    letters: tuple[tuple[str, int], ...]
    loads: tuple[Load, ...]
    alert_count: int
    undelivered: tuple[Undelivered, ...]
    undelivered_count: int
    last_batch: Batch | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """One pool in two lines. `old` counts the items whose figure is old; nobody sent: the command line did."""

    id: str
    name: str
    items: int
    newest: date | None
    alerts: int
    limit: float | None
    old: int = 0
    sent_at: datetime | None = None
    sent_by: Mention | None = None


@dataclass(frozen=True, slots=True)
class Pools:
    """The pools that somebody answers for, those that need something first; `more` counts those left out."""

    pools: tuple[PoolSummary, ...]
    more: int
    alerts: tuple[AlertView, ...] = ()
    alert_count: int = 0


class HomeService:
    """Gathers App Home, each part by a fixed number of queries."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        stock: StockReading,
        reporting: ReportingService,
        following: FollowingService,
        lists: CaseListService,
        away: AwayService,
        alerts: AlertService,
        works: Callable[[str], bool],
    ) -> None:
        """`works`: whether a Slack user works on cases still."""
        self._database = database
        self._clock = clock
        self._settings = settings
        self._stock = stock
        self._reporting = reporting
        self._following = following
        self._lists = lists
        self._away = away
        self._alerts = alerts
        self._works = works

    async def desk(self, by: Actor) -> Desk:
        """What the centre sees. Who opens it for the first time has read what lies before."""
        by.require(Action.WORK_ON_CASE)
        now = self._clock.now()
        await self._away.first_seen(by, now)
        every = self._lists.narrow(by, Wanted())
        async with self._database.read() as session:
            rows = await stored.most_pressing(session, every, by.person, limit=MOST)
            reports = await stored.newest_reports(session, [row.id for row in rows if Need.REPORTED in row.needs])
            tallies = await stored.tally(session, every)
            names = await people.slack_users(session, {one.owner for one in tallies if one.owner})
            first = [case_line(row, names) for row in rows]
            alert_count = await stored_stock.count_open_alerts(session)
            failed = await outbox.undelivered(session, MOST_UNDELIVERED)
            failed_count = await outbox.count_undelivered(session)
            batch = await stored.last_batch_by(session, by.person, now - UNDO_WITHIN)
            seen = await away(session, by, now, most=MOST_MOVED)
        statuses: Counter[Status] = Counter()
        letters: Counter[str] = Counter()
        counted: Counter[str] = Counter()
        for one in tallies:
            statuses[Status(one.status)] += one.cases
            letters[one.letter] += one.cases
            counted.update(one.needs)
        return Desk(
            first=tuple((line, _why(line, reports)) for line in first),
            away=seen,
            needs=tuple((need, counted[need.value]) for need in Need if counted[need.value]),
            open_count=statuses.total(),
            statuses=tuple(statuses.most_common()),
            letters=tuple(pair for pair in letters.most_common(5) if pair[0] != stored.LETTERS_AND_NONE)[:4],
            loads=_loads(tallies, names, self._works),
            alert_count=alert_count,
            undelivered=undelivered(failed),
            undelivered_count=failed_count,
            last_batch=Batch.of(batch) if batch else None,
            as_of=now,
        )

    async def pools(self, by: Actor) -> Pools:
        """The pools that `by` answers for, those that need something first, with their alerts.

        The centre has its alerts elsewhere on the page.
        """
        today = oslo(self._clock.now()).date()
        async with self._database.read() as session:
            pools = await self._stock.pools(session)
            items = await stored_stock.items_per_pool(session)
            newest = await stored_stock.newest_count_per_pool(session, asked_for=True)
            alerts = Counter(await stored_stock.pools_of_open_alerts(session))
            old = await stored_stock.old_items_per_pool(session, today - timedelta(self._settings.stale_after_days))
            sent = await stored_stock.last_sent_per_pool(session)
            senders = await people.slack_users(session, {person for _, person in sent.values() if person})
        mine = []
        for pool in pools.values():
            if by.manages(pool.id):
                sent_at, person = sent.get(pool.id, (None, None))
                mine.append(
                    PoolSummary(
                        id=pool.id,
                        name=pool.name,
                        items=items.get(pool.id, 0),
                        newest=newest.get(pool.id),
                        alerts=alerts[pool.id],
                        limit=self._settings.threshold_days if pool.limit_days is None else pool.limit_days,
                        old=old.get(pool.id, 0),
                        sent_at=sent_at,
                        sent_by=Mention(senders[person]) if person in senders else None,
                    )
                )
        mine.sort(key=lambda pool: (-pool.alerts, -pool.old, not pool.items, pool.name.casefold()))
        shown: Sequence[PoolSummary] = mine[:MOST_POOLS]
        if by.may(Action.WORK_ON_CASE):
            return Pools(tuple(shown), len(mine) - len(shown))
        page = await self._alerts.page_of(by, 1)
        return Pools(tuple(shown), len(mine) - len(shown), page.alerts[:MOST_ALERTS], page.total)

    async def reports(self, by: Actor) -> dict[str, object]:
        """One's own reports and what one follows."""
        mine = await self._reporting.reports_by(by)
        return {
            "reports": mine[:MOST_REPORTS],
            "more_reports": max(0, len(mine) - MOST_REPORTS),
            "follows": await self._following.followed_by(by),
        }


def _loads(tallies: Sequence[stored.Tally], names: Mapping[str, str], works: Callable[[str], bool]) -> tuple[Load, ...]:
    """Who has how much, the most first."""
    found: dict[str | None, Counter[str]] = {}
    for one in tallies:
        found.setdefault(one.owner, Counter()).update({**one.needs, "cases": one.cases})
    most_first = sorted(found.items(), key=lambda load: (-load[1]["cases"], load[0] or ""))
    return tuple(
        Load(
            who=Mention(names[owner]) if owner and owner in names else None,
            key=NOBODY if owner is None else names.get(owner),
            cases=n["cases"],
            due=n["due"],
            ended=n["ended"],
            left=owner is not None and owner in names and not works(names[owner]),
        )
        for owner, n in most_first[:MOST_PEOPLE]
    )


def _why(line: CaseLine, reports: dict[int, ShortageReport]) -> tuple[Phrase, ...]:
    """Why a case needs somebody; a report that nobody has seen says where from and how urgent."""
    report = reports.get(line.id)
    said = list(line.why)
    if report is not None:
        runs_out = RunsOut(report.runs_out).told
        said[0] = phrase("Ny melding fra {place}: {runs_out}.", place=report.place, runs_out=runs_out)
    return tuple(said)
