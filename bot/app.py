"""Assembly: the one room that knows everyone. Settings in, a running bot out."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import signal
from types import TracebackType
from typing import Self

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.cases.candidates import CandidateService
from bot.cases.counting import StatisticsService
from bot.cases.notices import NoticeService
from bot.cases.register import CaseRegisterService
from bot.cases.reporting import ReportingService
from bot.cases.service import CaseService
from bot.cases.telling import CaseTeller
from bot.catalogue.keeping import KeepingService
from bot.catalogue.service import CatalogueService
from bot.clock import Clock, SystemClock
from bot.delivery.channels import ChannelKinds
from bot.delivery.slack_errors import UNREACHABLE, FixSettings, classify
from bot.delivery.worker import DeliveryWorker
from bot.meeting.service import MeetingService
from bot.messages.render import Renderer
from bot.people.following import FollowingService
from bot.people.home import HomeService
from bot.people.service import PeopleService, UserGroups
from bot.scheduler import Scheduler
from bot.services import Services
from bot.settings import Settings, SettingsFault
from bot.stock.alert_telling import AlertTeller
from bot.stock.alert_week import AlertWeekService
from bot.stock.alerting import AlertService
from bot.stock.candidates import CandidateReading
from bot.stock.keeping import PoolService
from bot.stock.reading import StockReading
from bot.stock.service import StockService
from bot.stock.showing import CurveService
from bot.stock.silence import SilenceService
from bot.stock.supposing import WhatIfService
from bot.stock.watch import DominoService
from storage import schema
from storage.unit_of_work import Database

log = logging.getLogger(__name__)


def assemble(settings: Settings, database: Database, clock: Clock) -> Services:
    """The services over one database. No call to Slack, none to the database."""
    renderer = Renderer(
        clock=clock, always={"whom_to_call": settings.whom_to_call, "poison_centre": settings.poison_centre}
    )
    channels = ChannelKinds()
    catalogue = CatalogueService(database)
    candidates = CandidateReading(lambda: catalogue.catalogue)
    reading = StockReading(settings, candidates)
    teller = CaseTeller(settings, renderer, reading, channels)
    reporting = ReportingService(database, clock, teller)
    following = FollowingService(database)
    people = PeopleService(database, settings, UserGroups())
    alert_teller = AlertTeller(settings, renderer, channels)
    alerts = AlertService(database, clock, settings, reading, people, alert_teller)
    return Services(
        settings=settings,
        clock=clock,
        renderer=renderer,
        channels=channels,
        people=people,
        catalogue=catalogue,
        keeping=KeepingService(database, catalogue, settings, teller),
        reporting=reporting,
        notices=NoticeService(database, clock, catalogue, teller),
        cases=CaseService(database, clock, teller, reading),
        candidates=CandidateService(database, teller, candidates),
        register=CaseRegisterService(database, clock, lambda: catalogue.catalogue),
        statistics=StatisticsService(database, clock),
        stock=StockService(database, clock, settings, reading, lambda: catalogue.find_item),
        pools=PoolService(database, clock, settings, renderer, reading, channels, alerts),
        alerts=alerts,
        alert_week=AlertWeekService(database, clock, settings, renderer, alerts),
        silence=SilenceService(database, settings, renderer, reading),
        curves=CurveService(database, settings, renderer, reading, channels),
        what_if=WhatIfService(database, settings, renderer, reading),
        meeting=MeetingService(database, clock, settings, renderer, reading, alerts, channels),
        dominoes=DominoService(database, settings, renderer, reading, channels, teller, lambda: catalogue.catalogue),
        following=following,
        home=HomeService(database, clock, settings, reading, reporting, following),
    )


class Bot:
    """A running bot: `async with Bot(settings)` migrates, connects over Socket Mode and works until the block ends."""

    def __init__(self, settings: Settings, clock: Clock | None = None, *, pace: float = 1.0) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        if settings.slack_bot_token is None:
            raise SettingsFault("SLACK_BOT_TOKEN mangler. Sett den i miljøet; se README.")
        if settings.slack_app_token is None:
            raise SettingsFault("SLACK_APP_TOKEN mangler (Socket Mode). Sett den i miljøet; se README.")
        self.database = Database.at(settings.database, self.clock.now)
        self.services = assemble(settings, self.database, self.clock)
        # No retry handlers: slack_sdk would repeat a message after a lost connection without looking for it first.
        self.client = AsyncWebClient(
            token=settings.slack_bot_token.get_secret_value(),
            base_url=settings.slack_api_url,
            retry_handlers=[],
        )
        self.app = AsyncApp(client=self.client, logger=logging.getLogger("slack_bolt"))
        handlers.register_all(self.app, self.services)
        lease = dt.timedelta(seconds=settings.delivery_lease_seconds)
        self.worker = DeliveryWorker(self.database, self.client, self.clock, pace=pace, lease=lease)
        services = self.services
        self.scheduler = Scheduler(
            self.database,
            settings,
            leading={
                "meeting": services.meeting.post_what_is_due,
                "alert_week": services.alert_week.post_what_is_due,
                "cover": self.look_at_stock,
                "begun": services.cases.begin_what_has_come,
            },
            everywhere={
                "groups": self.read_groups,
                "channels": self.look_at_channels,
                "catalogue": services.catalogue.refresh,
            },
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: AsyncSocketModeHandler | None = None

    async def prepare(self) -> None:
        """Bring the database up to our version and read what has to be known before the first message."""
        await schema.upgrade(self.database.engine)
        await self.services.stock.ensure_pools()
        await self.services.catalogue.prepare()

    async def look_at_stock(self) -> None:
        """Raise and close alerts and possible domino effects, ask for figures that have not come, redraw the cards."""
        await self.services.alerts.check()
        await self.services.silence.check()
        await self.services.dominoes.look()
        await self.services.cases.bring_up_to_date()

    async def start(self) -> None:
        """Prepare, connect, and begin to deliver and to ask what is due."""
        await self.check_token()
        await self.prepare()
        await self.look_at_channels()
        await self.read_groups()
        self._tasks.append(asyncio.create_task(self.worker.run(), name="delivery"))
        self.scheduler.start()
        token = self.settings.slack_app_token
        assert token is not None  # noqa: S101
        self._socket = AsyncSocketModeHandler(
            self.app, token.get_secret_value(), web_client=self.client, logger=logging.getLogger("slack_bolt")
        )
        await self._socket.connect_async()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Stop listening, finish what is in hand, hand over the lead, close the database."""
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        await self.scheduler.stop()
        self.worker.stop()
        await asyncio.gather(*self._tasks)
        await self.database.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def check_token(self) -> None:
        """Raise `SettingsFault` where Slack refuses the token. A Slack that does not answer is waited for later."""
        try:
            await self.client.auth_test()
        except UNREACHABLE as error:
            problem = classify(error)
            if isinstance(problem, FixSettings):
                raise SettingsFault(f"Slack godtar ikke SLACK_BOT_TOKEN ({problem}). Hent et nytt i Slack.") from None
            log.warning("Slack does not answer yet: %s", problem)

    async def look_at_channels(self) -> None:
        """Find out which of our channels are closed."""
        settings = self.settings
        named = {settings.cases_channel, settings.meeting_channel, settings.stock_channel}
        await self.services.channels.look(self.client, {channel for channel in named if channel})

    async def read_groups(self) -> None:
        """Read who is in the user groups that grant roles."""
        for group in (self.settings.centre_group, self.settings.meeting_group):
            if group is None:
                continue
            try:
                answer = await self.client.usergroups_users_list(usergroup=group)
            except UNREACHABLE as error:
                log.warning("user group %s could not be read: %s", group, classify(error))
                continue
            self.services.people.groups.members[group] = frozenset(answer["users"])


async def run(settings: Settings) -> None:
    """Run until the process is told to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopping.set)
    async with Bot(settings):
        log.info("connected")
        await stopping.wait()
