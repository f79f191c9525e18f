"""Everything that a handler may ask, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cases.abroad import Registers
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
from bot.cases.lists import CaseListService
from bot.cases.notices import NoticeService
from bot.cases.picturing import YearPictureService
from bot.cases.quick import QuickWordService
from bot.cases.register import CaseRegisterService
from bot.cases.register_fetching import RegisterFetchService
from bot.cases.reporting import ReportingService
from bot.cases.restricting import RestrictionService
from bot.cases.retention import RetentionService
from bot.cases.service import CaseService
from bot.catalogue.importing import FestService
from bot.catalogue.keeping import KeepingService
from bot.catalogue.offering import FestOfferService
from bot.catalogue.service import CatalogueService
from bot.clock import Clock
from bot.delivery.channels import ChannelKinds
from bot.delivery.inbox import Inbox
from bot.delivery.long_work import LongWorkService
from bot.delivery.standing import Standing
from bot.delivery.undelivered import UndeliveredService
from bot.delivery.workspaces import Workspaces
from bot.inquiries.panels import PanelService
from bot.inquiries.service import InquiryService
from bot.meeting.chairing import ChairingService
from bot.meeting.raising import RaisingService
from bot.meeting.service import MeetingService
from bot.messages.render import Renderer
from bot.people.away import AwayService
from bot.people.following import FollowingService
from bot.people.home import HomeService
from bot.people.records import RecordsService
from bot.people.service import PeopleService
from bot.reminders.service import ReminderService
from bot.settings import Settings
from bot.stock.alert_week import AlertWeekService
from bot.stock.alerting import AlertService
from bot.stock.folder import SheetFolder
from bot.stock.keeping import PoolService
from bot.stock.service import StockService
from bot.stock.sharing import AllocationService
from bot.stock.sheets import SheetService
from bot.stock.showing import CurveService
from bot.stock.silence import SilenceService
from bot.stock.supposing import WhatIfService
from bot.stock.watch import DominoService
from storage.turns import Turns


@dataclass(frozen=True, slots=True)
class Services:
    """The bot's services, assembled in `bot.app`."""

    settings: Settings
    clock: Clock
    renderer: Renderer
    channels: ChannelKinds
    standing: Standing
    workspaces: Workspaces | None
    inbox: Inbox
    people: PeopleService
    catalogue: CatalogueService
    keeping: KeepingService
    fest: FestService
    fest_offers: FestOfferService
    readers: Turns
    """Who has asked for something that changes nothing: a form, a list. Whoever stands in line waits for it."""
    reporting: ReportingService
    cases: CaseService
    joining: JoiningService
    lists: CaseListService
    bulk: BulkService
    asking: AskingService
    candidates: CandidateService
    assessments: AssessmentService
    restrictions: RestrictionService
    register: CaseRegisterService
    case_sheets: CaseSheetService
    statistics: StatisticsService
    year_pictures: YearPictureService
    notices: NoticeService
    registers: Registers
    early_warnings: EarlyWarningService
    fetching: RegisterFetchService
    stock: StockService
    sheets: SheetService
    sheet_folder: SheetFolder
    long_work: LongWorkService
    pools: PoolService
    allocations: AllocationService
    inquiries: InquiryService
    panels: PanelService
    alerts: AlertService
    alert_week: AlertWeekService
    silence: SilenceService
    curves: CurveService
    what_if: WhatIfService
    meeting: MeetingService
    raising: RaisingService
    chairing: ChairingService
    dominoes: DominoService
    following: FollowingService
    records: RecordsService
    archive: ArchiveService
    retention: RetentionService
    reminders: ReminderService
    away: AwayService
    undelivered: UndeliveredService
    quick: QuickWordService
    home: HomeService
    export: ExportService
