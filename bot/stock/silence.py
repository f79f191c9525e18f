"""When each pool's figures are due: the sender is reminded that day. One that falls silent is asked about later.

Then its managers are asked, and the stock channel is told, once each.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import oslo
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.messages.render import Renderer
from bot.settings import Settings
from bot.stock.alert_rule import silent_pools
from bot.stock.pools import Pool
from bot.stock.reading import StockReading
from bot.stock.report_calendar import ReportCalendar
from bot.stock.waiting import QuietHours, answer_due
from storage import people
from storage import stock as stored
from storage.tables import PoolSilence
from storage.unit_of_work import Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class SilentPool:
    """A pool that has told nothing for longer than it reports. `channel_by`: when the stock channel is told."""

    name: str
    newest: dt.date
    every_days: int
    channel_by: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ReportDue:
    """A line of the reporting calendar: which pool, who sends its figures, how often, when next.

    `who`: Slack ids; of those named in the form or the settings, else of whoever sent them last, else of the managers.
    """

    pool_id: str
    name: str
    every_days: int
    newest: dt.date
    who: tuple[str, ...]

    @property
    def due(self) -> dt.date:
        """The day on which new figures should be here."""
        return self.newest + dt.timedelta(self.every_days)


class SilenceService:
    """Asks for figures that have not come. What has been asked stands in a table."""

    def __init__(self, database: Database, settings: Settings, renderer: Renderer, stock: StockReading) -> None:
        self._database = database
        self._settings = settings
        self._renderer = renderer
        self._stock = stock
        said = settings.alerts
        self._quiet = QuietHours(said.quiet_from, said.quiet_to, said.quiet_days_of_rest)

    async def calendar(self) -> list[ReportDue]:
        """The reporting calendar of every pool that has been counted, the one that is due first at the top."""
        async with self._database.read() as session:
            return await self._calendar(session)

    async def _calendar(self, session: AsyncSession) -> list[ReportDue]:
        newest = await stored.newest_count_per_pool(session)
        sent = await stored.last_sent_per_pool(session)
        pools = await self._stock.pools(session)
        known = await people.slack_users(session, {person for _, person in sent.values() if person})
        said = await ReportCalendar.read(session, self._settings)
        lines = []
        for pool_id, day in newest.items():
            _, person = sent.get(pool_id, (None, None))
            last = (known[person],) if person in known and person is not None else ()
            who = said.of(pool_id).senders or last or self._settings.managers_of(pool_id)
            every = said.every_days(pool_id)
            lines.append(ReportDue(pool_id, pools[pool_id].name, every, day, who))
        return sorted(lines, key=lambda line: (line.due, line.name))

    async def remind(self) -> list[str]:
        """Remind whoever sends them of the figures that are due today, once each; the pools reminded of.

        Nobody is reminded in the quiet hours, nor of a pool that is late already: that is asked about (`check`).
        """
        async with self._database.unit_of_work() as uow:
            if self._quiet.holds_back(uow.now):
                return []
            today = oslo(uow.now).date()
            due = [line for line in await self._calendar(uow.session) if line.due == today]
            of_each: dict[str, list[ReportDue]] = defaultdict(list)
            for line in due:
                for user in line.who:
                    of_each[user].append(line)
            for user, lines in of_each.items():
                message = self._renderer.render("report_due.j2", pools=lines)
                await uow.say(f"report_due:{today}:{user}", user, message.text, message.blocks)
            return [line.pool_id for line in due]

    async def check(self) -> list[str]:
        """Ask about pools that have fallen silent, and close the silences that are over; the pools asked about.

        A pool that has never been counted is not silent. Nobody is asked in the quiet hours.
        """
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:silence")
            newest = await stored.newest_count_per_pool(uow.session)
            said = await ReportCalendar.read(uow.session, self._settings)
            silent = silent_pools(newest, said.every_days, oslo(uow.now).date())
            silences = await stored.open_silences(uow.session)
            pools = await self._stock.pools(uow.session)
            for pool_id, silence in silences.items():
                if pool_id not in silent:
                    await self._over(uow, silence, pools[pool_id], newest)
            if self._quiet.holds_back(uow.now):
                return []
            fresh = [
                PoolSilence(pool_id=pool_id, newest=day, asked_at=uow.now)
                for pool_id, day in silent.items()
                if pool_id not in silences
            ]
            await uow.add(*fresh)
            for silence in fresh:
                uow.record(f"pool:{silence.pool_id}", "silent", by=None, newest=silence.newest.isoformat())
            await self._ask_managers(uow, fresh, pools, said)
            still = [silence for pool_id, silence in silences.items() if pool_id in silent]
            await self._tell_channel(uow, [*still, *fresh], pools, said)
            return [silence.pool_id for silence in fresh]

    def _channel_by(self, silence: PoolSilence) -> dt.datetime:
        """When the stock channel is told: at once where nobody manages the pool."""
        if not self._settings.managers_of(silence.pool_id):
            return silence.asked_at
        return answer_due(silence.asked_at, self._settings.alerts.answer_within.limit, around_the_clock=False)

    def _view(self, silence: PoolSilence, pools: Mapping[str, Pool], said: ReportCalendar) -> SilentPool:
        return SilentPool(
            name=pools[silence.pool_id].name,
            newest=silence.newest,
            every_days=said.every_days(silence.pool_id),
            channel_by=self._channel_by(silence) if self._settings.stock_channel else None,
        )

    async def _ask_managers(
        self, uow: UnitOfWork, fresh: list[PoolSilence], pools: Mapping[str, Pool], said: ReportCalendar
    ) -> None:
        of_each: dict[str, list[PoolSilence]] = defaultdict(list)
        for silence in fresh:
            for manager in self._settings.managers_of(silence.pool_id):
                of_each[manager].append(silence)
        for manager, silences in of_each.items():
            message = self._words(silences, pools, said, in_channel=False)
            await uow.say(f"silence:{silences[0].id}:{manager}", manager, message.text, message.blocks)

    async def _tell_channel(
        self, uow: UnitOfWork, silences: list[PoolSilence], pools: Mapping[str, Pool], said: ReportCalendar
    ) -> None:
        channel = self._settings.stock_channel
        due = [one for one in silences if one.in_channel is None and uow.now >= self._channel_by(one)]
        if channel is None or not due:
            return
        key = f"silence:{due[0].id}:{channel}"
        for silence in due:
            silence.in_channel = key
        message = self._words(due, pools, said, in_channel=True)
        await uow.say(key, channel, message.text, message.blocks)

    def _words(
        self, silences: list[PoolSilence], pools: Mapping[str, Pool], said: ReportCalendar, *, in_channel: bool
    ) -> Message:
        views = sorted((self._view(one, pools, said) for one in silences), key=lambda view: (view.newest, view.name))
        return self._renderer.render("pool_silent.j2", pools=views, in_channel=in_channel)

    async def _over(self, uow: UnitOfWork, silence: PoolSilence, pool: Pool, newest: Mapping[str, dt.date]) -> None:
        silence.closed_at = uow.now
        uow.record(f"pool:{silence.pool_id}", "heard_from", by=None)
        channel, day = self._settings.stock_channel, newest.get(silence.pool_id)
        if silence.in_channel is None or channel is None or day is None or day <= silence.newest:
            return
        said = phrase("{pool}: nye tall er kommet, talt {date}.", pool=pool.name, date=day)
        message = self._renderer.render("alert_answer.j2", said=said, who=())
        await uow.say(f"silence:{silence.id}:over", channel, message.text, message.blocks, reply_to=silence.in_channel)
