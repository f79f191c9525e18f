"""What the week's alerts were worth, said in the stock channel with the meeting's digest."""

from __future__ import annotations

import datetime as dt

from bot.clock import Clock
from bot.meeting.calendar import digest_due, parse_cron
from bot.messages.render import Renderer
from bot.settings import Settings
from bot.stock.alerting import AlertService
from storage import meeting as stored
from storage import stock as stored_stock
from storage.tables import MeetingPost
from storage.unit_of_work import Database

WEEK = dt.timedelta(days=7)
KIND = "alerts"


class AlertWeekService:
    """Posts the line when the week's digest is due. What has been posted stands in a table."""

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, renderer: Renderer, alerts: AlertService
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._alerts = alerts
        self._cron = parse_cron(settings.digest_cron)

    async def post_what_is_due(self) -> str | None:
        """Post the week's line if it is due; the week. A week in which nothing happened passes in silence."""
        channel = self._settings.stock_channel
        if channel is None:
            return None
        async with self._database.read() as session:
            posted = await stored.posted(session, KIND)
            began = await stored.first_start(session)
        due = digest_due(self._clock.now(), self._cron, posted, since=began)
        if due is None:
            return None
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:alert_week")
            posted = await stored.posted(uow.session, KIND)
            if due.week in posted:
                return None
            before = [at for week, at in posted.items() if week < due.week]
            since = max(before, default=uow.now - WEEK)
            worth = await self._alerts.worth(uow.session, since, uow.now)
            waiting = [
                alert
                for alert in (await stored_stock.open_alerts(uow.session)).values()
                if alert.waits_since is not None
            ]
            await uow.add(
                MeetingPost(week=due.week, kind=KIND, due_at=due.occasion.planned, composed_at=uow.now, content={})
            )
            if not worth.is_empty or waiting:
                message = self._renderer.render(
                    "alert_week.j2", worth=worth, waiting=len(waiting), week=int(due.week[-2:])
                )
                await uow.say(f"alert_week:{due.week}:{channel}", channel, message.text, message.blocks, priority=7)
        return due.week
