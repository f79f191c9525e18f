"""Assembly: the one room that knows everyone. Settings in, a running bot out."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import signal
from dataclasses import replace
from types import TracebackType
from typing import Self

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

import handlers
from bot import memory
from bot.cases.abroad import AbroadNotices, Registers
from bot.cases.archive import ArchiveService
from bot.cases.asking import AskingService
from bot.cases.assessing import AssessmentService
from bot.cases.bulk import BulkService
from bot.cases.candidates import CandidateService
from bot.cases.case_sheets import CaseSheetService
from bot.cases.counting import StatisticsService
from bot.cases.early_warnings import EarlyWarningService
from bot.cases.exporting import ExportService
from bot.cases.joining import JoiningService
from bot.cases.letters import LetterKeeper
from bot.cases.lists import CaseListService
from bot.cases.notice_telling import NoticeTeller
from bot.cases.notices import NoticeService
from bot.cases.picturing import YearPictureService
from bot.cases.quick import QuickWordService
from bot.cases.register import CaseRegisterService
from bot.cases.register_fetching import RegisterFetchService
from bot.cases.reporting import ReportingService
from bot.cases.restricting import RestrictionService
from bot.cases.retention import RetentionService
from bot.cases.service import CaseService
from bot.cases.telling import CaseTeller
from bot.catalogue.importing import FestService
from bot.catalogue.keeping import KeepingService
from bot.catalogue.offering import FestOfferService
from bot.catalogue.service import CatalogueService
from bot.clock import Clock, SystemClock
from bot.delivery.channels import ChannelKinds
from bot.delivery.inbox import Inbox
from bot.delivery.long_work import LongWorkService
from bot.delivery.pilot import Pilot
from bot.delivery.slack_client import keep_connections, logger_of, slack_client
from bot.delivery.slack_errors import TOKEN_GONE, UNREACHABLE, FixSettings, GiveUp, classify
from bot.delivery.standing import Standing
from bot.delivery.undelivered import UndeliveredService
from bot.delivery.worker import DeliveryWorker
from bot.delivery.workspaces import Workspaces
from bot.health import Health
from bot.inquiries.leaving import LeaverLook
from bot.inquiries.panels import PanelService
from bot.inquiries.service import InquiryService
from bot.inquiries.shelves import ShelfKeeper
from bot.meeting.chairing import ChairingService
from bot.meeting.forums import forums_of
from bot.meeting.keeping import ChannelKeeper
from bot.meeting.raising import RaisingService
from bot.meeting.reading import AgendaReading
from bot.meeting.service import MeetingService
from bot.messages.render import Renderer
from bot.metrics import Metrics
from bot.people.away import AwayService
from bot.people.followers import FollowerTeller
from bot.people.following import FollowingService
from bot.people.home import HomeService
from bot.people.records import RecordsService
from bot.people.service import PeopleService, UserGroups
from bot.reception import AT_ONCE, Reception
from bot.registers.abroad import REGISTERS
from bot.reminders.due import Watch
from bot.reminders.of_assessments import ExpiryWatch
from bot.reminders.of_cases import EndPassedWatch, NextStepWatch, QuestionWatch, SilentWatch
from bot.reminders.of_inquiries import AnswerWatch, ReplyWatch
from bot.reminders.of_restrictions import ReviewWatch
from bot.reminders.of_tasks import TaskWatch
from bot.reminders.service import ReminderService
from bot.scheduler import Scheduler, handing_over
from bot.services import Services
from bot.settings import Settings, SettingsFault
from bot.stock.alert_telling import AlertTeller
from bot.stock.alert_week import AlertWeekService
from bot.stock.alerting import AlertService
from bot.stock.candidates import CandidateReading
from bot.stock.folder import SheetFolder
from bot.stock.keeping import PoolService
from bot.stock.reading import StockReading
from bot.stock.service import StockService
from bot.stock.sharing import AllocationService
from bot.stock.sheets import SheetService
from bot.stock.showing import CurveService
from bot.stock.silence import SilenceService
from bot.stock.supposing import WhatIfService
from bot.stock.watch import DominoService
from bot.web import WebSide
from storage import outbox, schema
from storage.turns import Turns
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

FINISH_WITHIN = 2.5
"""Seconds that each of these has at a stop: acknowledgements, listeners, messages being sent. All is over in twelve."""


def assemble(settings: Settings, database: Database, clock: Clock) -> Services:
    """The services over one database. No call to Slack, none to the database."""
    renderer = Renderer(
        clock=clock,
        always={"whom_to_call": settings.whom_to_call_in_words, "poison_centre": settings.poison_centre},
        language=settings.channel_language,
    )
    channels = ChannelKinds()
    catalogue = CatalogueService(database)
    candidates = CandidateReading(lambda: catalogue.catalogue)
    reading = StockReading(settings, candidates)
    lists = CaseListService(database, clock, settings)
    away = AwayService(database)
    people = PeopleService(database, settings, UserGroups())
    followers = FollowerTeller(renderer, channels, people)
    allocations = AllocationService(database, settings, renderer, channels, people.groups)
    teller = CaseTeller(settings, renderer, reading, channels, followers, allocations)
    readers = Turns(AT_ONCE)
    reporting = ReportingService(database, clock, teller, settings.reports_per_hour, readers)
    following = FollowingService(database, clock, renderer, followers, reading)
    alert_teller = AlertTeller(settings, renderer, channels, followers)
    cases = CaseService(database, clock, teller, reading, people.works_on_cases)
    alerts = AlertService(database, clock, settings, reading, people, cases, alert_teller)
    statistics = StatisticsService(database, clock)
    records, archive = RecordsService(database), ArchiveService(database, clock, settings.channel_language)
    forums = forums_of(settings)
    agenda = AgendaReading(reading, alerts, forums)
    chairing = ChairingService(database, clock, forums, renderer, agenda, people, teller, channels)
    sheets = SheetService(database, clock, settings, reading, catalogue)
    naming = CandidateService(database, teller, candidates)
    assessments = AssessmentService(database, clock, teller, candidates, naming)
    watches: list[Watch] = [
        watch(settings, teller)
        for watch in (NextStepWatch, EndPassedWatch, SilentWatch, QuestionWatch, ReviewWatch, ExpiryWatch)
    ]
    inquiries = InquiryService(database, clock, settings, renderer, people, channels, teller, ShelfKeeper(settings))
    watches += [TaskWatch(forums, chairing), ReplyWatch(settings, teller, inquiries), AnswerWatch()]
    notice_teller = NoticeTeller(settings, renderer)
    notices = NoticeService(database, clock, catalogue, teller, notice_teller)
    early = EarlyWarningService(database, clock, settings, renderer, teller, lambda: catalogue.catalogue)
    abroad = [
        AbroadNotices(register, database, clock, catalogue, teller, notice_teller, early)
        for register in REGISTERS.values()
    ]
    registers = Registers(database, notices, abroad)
    case_register = CaseRegisterService(database, clock, lambda: catalogue.catalogue)
    case_sheets = CaseSheetService(database, case_register)
    fest = FestService(database)
    fest_offers = FestOfferService(database, settings, renderer, fest)
    return Services(
        settings=settings,
        clock=clock,
        renderer=renderer,
        channels=channels,
        standing=Standing(),
        workspaces=None,
        inbox=Inbox(database, clock, dt.timedelta(seconds=settings.delivery_lease_seconds)),
        people=people,
        catalogue=catalogue,
        fest=fest,
        fest_offers=fest_offers,
        keeping=KeepingService(database, catalogue, settings, teller),
        readers=readers,
        reporting=reporting,
        notices=notices,
        registers=registers,
        fetching=RegisterFetchService(database, clock, settings, renderer, registers, fest_offers),
        early_warnings=early,
        cases=cases,
        joining=JoiningService(database, teller),
        lists=lists,
        bulk=BulkService(database, teller, people, renderer),
        asking=AskingService(database, clock, reading),
        restrictions=RestrictionService(database, teller),
        candidates=naming,
        assessments=assessments,
        register=case_register,
        case_sheets=case_sheets,
        statistics=statistics,
        year_pictures=YearPictureService(database, clock, renderer, statistics),
        stock=StockService(database, clock, settings, reading),
        long_work=LongWorkService(database),
        sheets=sheets,
        sheet_folder=SheetFolder(database, settings, renderer, sheets, case_sheets),
        allocations=allocations,
        inquiries=inquiries,
        panels=PanelService(database, people),
        pools=PoolService(database, clock, settings, renderer, reading, channels, alerts, people),
        alerts=alerts,
        alert_week=AlertWeekService(database, clock, settings, renderer, alerts),
        silence=SilenceService(database, settings, renderer, reading),
        curves=CurveService(database, settings, renderer, reading, channels),
        what_if=WhatIfService(database, settings, renderer, reading),
        chairing=chairing,
        meeting=MeetingService(database, clock, forums, renderer, agenda, channels, statistics),
        raising=RaisingService(database, clock, forums, teller),
        dominoes=DominoService(database, settings, renderer, reading, channels, teller, lambda: catalogue.catalogue),
        following=following,
        quick=QuickWordService(database, clock, cases, people),
        records=records,
        archive=archive,
        retention=RetentionService(database, clock, settings.retention, archive, records, people),
        reminders=ReminderService(database, clock, renderer, people, watches),
        away=away,
        undelivered=UndeliveredService(database),
        home=HomeService(
            database, clock, settings, reading, reporting, following, lists, away, alerts, people.works_on_cases
        ),
        export=ExportService(database, clock, lambda: catalogue.catalogue),
    )


class Bot:
    """A running bot: `async with Bot(settings)` migrates, connects to Slack and works until the block ends."""

    def __init__(self, settings: Settings, clock: Clock | None = None, *, pace: float = 1.0) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        if settings.slack_bot_token is None:
            raise SettingsFault("SLACK_BOT_TOKEN mangler. Sett den i miljøet; se README.")
        missing = settings.connection_fault()
        if missing is not None:
            raise SettingsFault(str(missing))
        self.database = Database.at(settings.database, self.clock.now)
        self.services = assemble(settings, self.database, self.clock)
        self.client = slack_client(settings.slack_api_url, settings.slack_bot_token.get_secret_value())
        self._connections: aiohttp.ClientSession | None = None
        self.metrics = Metrics()
        more = settings.more_workspaces
        self.workspaces: Workspaces | None = None
        if more is not None:
            words = self.services.renderer.words(settings.channel_language)
            try:
                self.workspaces = Workspaces(self.database, more, self.client, settings.slack_api_url, words.say)
            except ValueError as fault:
                raise SettingsFault(f"Innstillingen MANGELVAKT_TOKEN_KEY er feil: {fault}.") from None
            self.services = replace(self.services, workspaces=self.workspaces)
        secret = settings.slack_signing_secret
        self.app = Reception(
            self.services.inbox,
            handlers.key_to_keep,
            handlers.only_reads,
            self.metrics,
            self.services.readers,
            self.workspaces,
            client=self.client if self.workspaces is None else slack_client(settings.slack_api_url),
            authorize=self.workspaces.authorize if self.workspaces is not None else None,
            signing_secret=secret.get_secret_value() if secret else None,
            logger=logger_of("slack_bolt"),
        )
        handlers.register_all(self.app, self.services)
        lease = dt.timedelta(seconds=settings.delivery_lease_seconds)
        self.worker = DeliveryWorker(
            self.database,
            self.client,
            self.clock,
            pace=pace,
            lease=lease,
            poll=min(1.0, lease.total_seconds() / 10),
            metrics=self.metrics,
            standing=self.services.standing,
            pilot=self._pilot(),
            elsewhere=self.workspaces.client if self.workspaces is not None else None,
        )
        services = self.services
        self.keeper = ChannelKeeper(
            self.database, self.clock, services.meeting, services.chairing, canvas=settings.canvas
        )
        self.leavers = LeaverLook(services.panels)
        self.letters = LetterKeeper(self.database, self.clock, settings, services.assessments)
        self.scheduler = Scheduler(
            self.database,
            settings,
            leading={
                "meeting": services.meeting.post_what_is_due,
                "alert_week": services.alert_week.post_what_is_due,
                "cover": self.look_at_stock,
                "begun": services.cases.begin_what_has_come,
                "inquiries": services.inquiries.look,
                "leavers": self.look_for_leavers,
                "restrictions": services.restrictions.tell_what_has_come,
                "reminders": services.reminders.check,
                "old_keys": services.inbox.forget_old,
                "old_sheets": services.sheets.forget_old,
                "old_lists": services.case_sheets.forget_old,
                "sheet_folder": self.look_into_folder,
                "registers": services.fetching.fetch_what_is_due,
                "fest": services.fest_offers.take_in_what_is_wanted,
                "meeting_channel": self.keep_meeting_channel,
                "letters": self.lay_letters,
                "collected": services.following.send_collected,
                "retention": self.erase_what_was_kept_long_enough,
            },
            everywhere={
                "groups": self.read_groups,
                "left": self.look_for_those_who_left,
                "channels": self.look_at_channels,
                "catalogue": services.catalogue.refresh,
                "events": self.app.take_up_what_is_left,
                "memory": memory.give_back,
            },
            clock_went_back=self._clock_went_back,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: AsyncSocketModeHandler | None = None
        self.web = WebSide(
            settings,
            self.app,
            Health(self.database, self.clock, self._is_listening, self.services.standing),
            self.figures,
            self.workspaces,
        )

    def _pilot(self) -> Pilot | None:
        channel, services = self.settings.pilot_channel, self.services
        if channel is None:
            return None
        return Pilot(channel, self.settings.channel_language, services.renderer, services.channels)

    async def prepare(self) -> None:
        """Bring the database up to our version and read what has to be known before the first message."""
        self.services.renderer.prepare()
        await schema.upgrade(self.database.engine)
        await self.services.stock.ensure_pools()
        await self.services.catalogue.prepare()

    async def look_at_stock(self) -> None:
        """Raise and close alerts and possible domino effects, ask for figures that have not come, redraw the cards."""
        await self.services.alerts.check()
        await self.services.silence.remind()
        await self.services.silence.check()
        await self.services.dominoes.look()
        await self.services.cases.bring_up_to_date()

    async def look_for_leavers(self) -> None:
        """Find experts who have left Slack."""
        await self.leavers.look(self.client)

    async def look_into_folder(self) -> None:
        """Store what other systems have laid in the folder of stock sheets, and look at the stock again."""
        if any(laid.preview is not None and laid.preview.stored for laid in await self.services.sheet_folder.look()):
            await self.look_at_stock()

    async def erase_what_was_kept_long_enough(self) -> None:
        """Erase by the settings, each case after its archive copy."""
        await self.services.retention.erase(self.client)

    async def figures(self) -> bytes:
        """The metrics of this process and of the base."""
        stale = self.settings.stale_after_days
        services = self.services
        self.metrics.stands(
            token_refused=services.standing.refused is not None, channels_unusable=len(services.channels.problems)
        )
        return await self.metrics.page(self.database, self.clock, self.scheduler.name, stale)

    async def keep_meeting_channel(self) -> None:
        """Pin the newest digest, and lay the files for those outside Slack in its thread."""
        await self.keeper.keep(self.client)

    async def lay_letters(self) -> None:
        """Lay the letters of what has been signed in their cases' threads."""
        await self.letters.keep(self.client)

    async def start(self) -> None:
        """Prepare, connect, and begin to deliver and to ask what is due. Raises `SettingsFault` like its steps."""
        self._connections = keep_connections(self.client)
        try:
            await self._start()
        except BaseException:
            await self._connections.close()
            raise

    async def _start(self) -> None:
        await self.check_token()
        address = await self._open_socket_mode()
        await self.prepare()
        await self.release_what_waited_for_a_token()
        await self.look_at_channels()
        await self.read_groups()
        await self.look_for_those_who_left()
        await self.web.start()
        self._tasks.append(asyncio.create_task(self.worker.run(), name="delivery"))
        await self.scheduler.start()
        token = self.settings.slack_app_token
        if self.settings.http_port is None and token is not None:
            self._socket = AsyncSocketModeHandler(
                self.app, token.get_secret_value(), web_client=self.client, logger=logger_of("slack_bolt")
            )
            self._socket.client.wss_uri = address
            await self._socket.connect_async()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Acknowledge what has come, listen no more, finish what is in hand, hand over the lead, close the database.

        What takes too long is broken off: a unit of work is then not committed, and a message that may have been sent
        is looked for in Slack before it is sent again.
        """
        await self.scheduler.stop()
        self.worker.stop()
        await self.web.stop()
        if self._socket is not None:
            await self.app.acknowledged(FINISH_WITHIN)
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        if not await self.app.finished(FINISH_WITHIN):
            log.warning("%d listeners were broken off", self.app.running)
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=FINISH_WITHIN)
            for task in unfinished:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        async with handing_over("what was in hand"):
            await self.services.inbox.give_back()
        if self._connections is not None:
            await self._connections.close()
        await self.database.close()

    async def _is_listening(self) -> bool:
        """Whether Slack reaches us."""
        if self.settings.http_port is not None:
            return self.web.listening
        return self._socket is not None and bool(await self._socket.client.is_connected())

    async def _open_socket_mode(self) -> str | None:
        """The address that Slack gives us to connect to, asked for once here: slack_sdk asks again and again for ever.

        None in HTTP mode, and where Slack does not answer yet. Raises `SettingsFault` where it refuses the app token.
        """
        token = self.settings.slack_app_token
        if self.settings.http_port is not None or token is None:
            return None
        try:
            answer = await self.client.apps_connections_open(app_token=token.get_secret_value())
        except UNREACHABLE as error:
            problem = classify(error)
            if isinstance(problem, FixSettings | GiveUp):
                raise SettingsFault(
                    f"Slack godtar ikke SLACK_APP_TOKEN ({problem}). Lag et nytt med connections:write i Slack."
                ) from None
            log.warning("Slack does not answer yet: %s", problem)
            return None
        return str(answer["url"])

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
            if isinstance(problem, FixSettings | GiveUp):
                raise SettingsFault(f"Slack godtar ikke SLACK_BOT_TOKEN ({problem}). Hent et nytt i Slack.") from None
            log.warning("Slack does not answer yet: %s", problem)

    async def release_what_waited_for_a_token(self) -> None:
        """What was put off because Slack refused the old token is tried at once with this one."""
        async with self.database.unit_of_work() as uow:
            if count := await outbox.try_now(uow.session, uow.now, problems=TOKEN_GONE):
                log.warning("%d messages waited for a token that Slack takes", count)
                uow.wakes = True

    async def _clock_went_back(self) -> None:
        async with self.database.unit_of_work() as uow:
            await outbox.forgive_waits(uow.session, uow.now)
            uow.wakes = True

    async def look_at_channels(self) -> None:
        """Find out which of our channels are closed."""
        settings = self.settings
        named = {
            settings.cases_channel,
            settings.meeting_channel,
            settings.stock_channel,
            settings.info_channel,
            settings.pilot_channel,
            *(forum.channel for forum in settings.forums.values()),
        }
        well = await self.services.channels.look(self.client, {channel for channel in named if channel})
        for channel in sorted(well):
            async with self.database.unit_of_work() as uow:
                uow.wakes = await outbox.try_now(uow.session, uow.now, channel=channel) > 0

    async def read_groups(self) -> None:
        """Read who is in the user groups that grant roles, or answer for a health trust."""
        settings = self.settings
        named = [settings.centre_group, settings.meeting_group, *(trust.group for trust in settings.trusts.values())]
        for group in dict.fromkeys(filter(None, named)):
            try:
                answer = await self.client.usergroups_users_list(usergroup=group)
            except UNREACHABLE as error:
                log.warning("user group %s could not be read: %s", group, classify(error))
                continue
            self.services.people.groups.members[group] = frozenset(answer["users"])

    async def look_for_those_who_left(self) -> None:
        """Find out who works on cases by name and has left Slack: their cases are for others to take."""
        groups = self.services.people.groups

        async def look(slack_user: str) -> None:
            try:
                user = (await self.client.users_info(user=slack_user))["user"]
            except UNREACHABLE as error:
                log.warning("whether %s is still there could not be read: %s", slack_user, classify(error))
                return
            groups.left = groups.left | {slack_user} if user.get("deleted") else groups.left - {slack_user}

        await asyncio.gather(*map(look, {*self.settings.roles.centre, *self.settings.roles.admin}))


async def run(settings: Settings) -> None:
    """Run until the process is told to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopping.set)
    bot = Bot(settings)
    starting, told = asyncio.create_task(bot.start()), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            log.info("%s", settings.connection())
            await told
        starting.cancel()  # where Slack is away, connecting goes on for ever
        await asyncio.wait({starting})
        await bot.stop()
    finally:
        told.cancel()
