"""What stands on App Home: the centre's desk, a stock manager's pools, everybody's own reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.cases.reporting import ReportingService
from bot.cases.views import CaseView, load_views
from bot.clock import Clock, oslo
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.following import FollowingService
from bot.people.roles import Actor
from bot.settings import Settings
from bot.stock.reading import StockReading
from storage import cases as stored_cases
from storage import outbox, people
from storage import stock as stored_stock
from storage.unit_of_work import Database

MOST = 10
"""Cases on the desk: what needs somebody now, not all there is."""


MOST_POOLS = 15
"""Pools on the page; those that need something come first."""


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
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._stock = stock
        self._reporting = reporting
        self._following = following

    async def desk(self, by: Actor) -> dict[str, object]:
        """What needs the centre now: cases with nobody, next steps that are due, ends that have passed."""
        today = oslo(self._clock.now()).date()
        async with self._database.read() as session:
            needing = await stored_cases.needing_somebody(session, today, most=MOST)
            views = await load_views(session, needing, None, today)
            open_count = await stored_cases.count_open(session)
            alerts = await stored_stock.open_alerts(session)
            undelivered = (await outbox.counts(session)).get("failed", 0)
        return {
            "needs": [(view, _why(view, today)) for view in views],
            "open_count": open_count,
            "alert_count": len(alerts),
            "undelivered": undelivered,
        }

    async def pools(self, by: Actor) -> dict[str, object]:
        """The pools that `by` answers for, those with alerts and old figures first; `more` counts the rest."""
        today = oslo(self._clock.now()).date()
        async with self._database.read() as session:
            pools = await self._stock.pools(session)
            items = await stored_stock.items_per_pool(session)
            newest = await stored_stock.newest_count_per_pool(session)
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
        return {"pools": mine[:MOST_POOLS], "more": max(0, len(mine) - MOST_POOLS)}

    async def reports(self, by: Actor) -> dict[str, object]:
        """One's own reports and what one follows."""
        mine = await self._reporting.reports_by(by)
        return {"reports": mine[:MOST], "follows": await self._following.followed_by(by)}


def _why(case: CaseView, today: date) -> Phrase:
    if case.owner is None:
        return phrase("Ingen har tatt saken.")
    if case.next_step_on is not None and case.next_step_on <= today:
        return phrase("Frist {date}: {step}", date=case.next_step_on, step=case.next_step or phrase("neste steg"))
    return phrase("Sluttdatoen {date} er passert, og saken er åpen.", date=case.expected_end)
