"""Cases of the annual report 2025, as the templates get them; stock figures are made up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from bot.cases.asking import Asked, News
from bot.cases.assessments import Ages, Assessment, Content, Excipients, Label, Mixing, Profession
from bot.cases.assessments import State as AssessmentState
from bot.cases.bulk import Batch, BulkForm, BulkKind, Plan, Planned, TakenBack
from bot.cases.early_warnings import AbroadTold, Counted, WarningView
from bot.cases.elsewhere import CountryLine
from bot.cases.lists import CaseLine, CaseList, Need, Wanted
from bot.cases.medicine import as_written
from bot.cases.notice_telling import ListTold
from bot.cases.notices import DateChange, InboxRow, ListRead, Offer, Received
from bot.cases.register import CasesTaken
from bot.cases.reporting import NearbyCase, Receipt
from bot.cases.restrictions import Ground, Issuer, Part, PartKind, Restriction
from bot.cases.restrictions import State as RestrictionState
from bot.cases.statistics import EVERYTHING, CaseFilter, CaseRecord, Period, statistics
from bot.cases.statistics_tables import atc_words, heading_of, remarks
from bot.cases.views import CaseView, DocumentView, DominoLine, EarlierCase, ReportView
from bot.cases.vocabulary import (
    Authorised,
    CameBy,
    Cause,
    Criticality,
    Group,
    Missing,
    NotRelevant,
    Outcome,
    Region,
    RunsOut,
    Sector,
    Solution,
    Source,
    Status,
    SystemFactor,
    Visibility,
)
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.keeping import OwnList, ShortName
from bot.catalogue.own import OwnMedicine
from bot.catalogue.preparation import Authorisation, Scope
from bot.catalogue.proposals import Proposal
from bot.catalogue.service import Choice
from bot.delivery.undelivered import Undelivered
from bot.inquiries.inquiry import AnswerKind, Given, Inquiry, Respondent, Used, against
from bot.inquiries.inquiry import Kind as InquiryKind
from bot.inquiries.inquiry import State as InquiryState
from bot.inquiries.panels import Expert, Panel
from bot.inquiries.service import Question
from bot.inquiries.steps import Path, Step, Taken
from bot.inquiries.whom import short
from bot.meeting.chairing import Board, InHand, Line
from bot.meeting.digest import AlertFacts, CaseFacts, Digest, DigestFacts, ReviewFacts, compose
from bot.meeting.minutes import Decision, Minutes, MinutesFacts, Task, minutes_of
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import ChannelLink, Mention
from bot.people.away import Away, Handover, MovedCase
from bot.people.following import Followed
from bot.people.home import Desk, Load, Pools, PoolSummary
from bot.people.log_words import action_of, details_of
from bot.people.places import catchments
from bot.people.records import ERASED, CaseLog, LogEntry
from bot.registers.abroad import REGISTERS
from bot.registers.case_register import CaseRegister, RegisterCase
from bot.registers.compare import Grade, Graded, Proposed, Verdict
from bot.registers.compare import Proposal as Proposed_
from bot.registers.headings import Heading, UnknownHeadings
from bot.registers.notices import Notice, NoticeStatus
from bot.registers.sheets import MovedItem
from bot.registers.table import Fault
from bot.registers.triage import Triaged
from bot.reminders.due import Kind, Reminded, State
from bot.stock.alert_rule import AlertChange, AlertLevel, AlertMemory, AlertOutcome, Usefulness
from bot.stock.alert_view import AlertView
from bot.stock.allocation_form import AllocationForm, Among
from bot.stock.allocation_form import Base as AllocationBase
from bot.stock.cover import Answer, CaseCover, Delivery, Lot, StockLine, Use, case_cover, cover
from bot.stock.domino import Candidate, Domino, Effect, Link, Preparation, Rung
from bot.stock.ends import Slips
from bot.stock.keeping import Changed, ItemView, MoveView, PoolView
from bot.stock.pool_forms import ItemFacts
from bot.stock.pools import STANDARD_POOLS, DemandBase, ItemRules
from bot.stock.report_calendar import Reporting
from bot.stock.service import StockEntry, StockView
from bot.stock.sharing import AllocationView, OwnShare, ShareView
from bot.stock.sharing import State as AllocationState
from bot.stock.sheets import FigureChange, Preview
from bot.stock.silence import ReportDue, SilentPool
from bot.stock.supposing import Before, WhatIfView
from bot.stock.watch import DominoView
from bot.stock.what_if import Change, what_if

NOW = dt.datetime(2025, 7, 14, 9, 30, tzinfo=dt.UTC)
TODAY = NOW.date()


def reminded(kind: Kind, number: int = 1, state: State = State.TOLD, **more: Any) -> Reminded:
    """A reminder about the etoposide case."""
    usual: dict[str, Any] = {
        "text": None,
        "day": TODAY,
        "title": "Etoposid konsentrat til infusjonsvæske",
        "due_at": NOW,
    }
    return Reminded(number, kind, "case", "2025-0147", state=state, **(usual | more))


SIRI, MONA = Mention("U00000003"), Mention("U00000006")
POOLS = {pool.id: pool for pool in STANDARD_POOLS}
JUNE = (dt.date(2025, 6, 1), dt.date(2025, 6, 30))


def line(pool: str, item: str, substance: str, on_hand: float, per_day: float, unit: str = "tablett") -> StockLine:
    """One item in one pool, counted on 10 July."""
    return StockLine(
        pool=replace(POOLS[pool], alert_limit_days=90.0 if pool == "fokuslisten" else None),
        item=item,
        substance=substance,
        unit=unit,
        counted_on=dt.date(2025, 7, 10),
        lots=(Lot(on_hand),),
        uses=(Use(*JUNE, 30 * per_day, None),),
    )


STEP_DUE = reminded(Kind.NEXT_STEP, text="Ring leverandøren")
VALTREX_LINE = line("fokuslisten", "Valtrex tab 500 mg", "Valaciklovir", 3000, 300)
PLENTY = line("grossist", "Valtrex tab 500 mg", "Valaciklovir", 26000, 300)
COMING = replace(VALTREX_LINE, deliveries=(Delivery(1800, dt.date(2025, 7, 17), None),))
STALE = replace(VALTREX_LINE, counted_on=dt.date(2025, 2, 3), uses=())


def lasts(stock: StockLine, end: dt.date | None, start: dt.date | None = None) -> CaseCover:
    """Does the stock last until the shortage is over."""
    return case_cover([stock], shortage_start=start, shortage_end=end, as_of=TODAY)


def report(
    number: int, place: str, runs_out: RunsOut, note: str | None = None, *, children: bool = False
) -> ReportView:
    """One report."""
    return ReportView(
        number, place, Missing.STRENGTH, runs_out, children, None, note, "Valtrex tab 500 mg", Mention("U00000002"), NOW
    )


VALTREX = CaseView(
    number="2025-0231",
    name="Valtrex tab 500 mg",
    substance="Valaciklovir",
    atc="J05AB11",
    preparation_key="valaciklovir|tab|500 mg",
    scope=Scope.MEDICINE,
    authorised=Authorised.YES,
    status=Status.ONGOING,
    outcome=None,
    visibility=Visibility.MEETING,
    source=Source.HOSPITAL,
    cause=None,
    start=None,
    expected_end=None,
    ward_days=None,
    slips=Slips(),
    lasts=None,
    substitute=None,
    substitute_ready=None,
    affected=None,
    sector=None,
    criticality=None,
    groups=(),
    regions=(),
    system_factors=(),
    patient_consequences=None,
    cost_consequences=None,
    extra_cost_nok=None,
    packages=(),
    in_use=(),
    helped=(),
    did_not_help=(),
    documents=(),
    advice=None,
    decision_question="Be DMP vurdere rasjonering?",
    owner=None,
    stand_in=None,
    next_step=None,
    next_step_on=None,
    next_step_for=None,
    complex="2025-0230",
    related=("2025-0230",),
    domino_of=None,
    merged_into=None,
    split_from=None,
    continues=None,
    made_up=False,
    opened_at=NOW,
    changed_at=NOW,
    closed_at=None,
    close_reason=None,
    not_relevant=None,
    version=3,
    reports=(
        report(1, "UNN Tromsø", RunsOut.THREE_DAYS, "Tre pasienter etter transplantasjon."),
        report(2, "Førde sentralsjukehus", RunsOut.NOW, children=True),
    ),
    cover=lasts(VALTREX_LINE, None),
    dominoes=(DominoLine("Zovirax tab 200 mg (aciklovir)", Domino(Effect.RISEN, 84.0).words, None, NOW),),
)
NOT_RELEVANT = replace(VALTREX, status=Status.NOT_RELEVANT, not_relevant=NotRelevant.ENOUGH, closed_at=NOW, dominoes=())
MERGED = replace(VALTREX, status=Status.MERGED, merged_into="2025-0230", closed_at=NOW, reports=(), dominoes=())
PERHAPS = replace(
    VALTREX,
    number="2025-0240",
    reports=VALTREX.reports[:1],
    perhaps_same=("2025-0231",),
    earlier=EarlierCase("2025-0087", Status.NOT_RELEVANT, NotRelevant.ENOUGH.words, "Fem måneder på lager.", NOW),
    dominoes=(),
)
CAPSULES = Preparation("k", "Vepesid kaps 50 mg", "etoposid", "L01CB01", "oral", "plain", "50 mg")
POWDER = Preparation(
    "p", "Etopophos pulv til inf væske, oppl 100 mg", "etoposid", "L01CB01", "parenteral", "plain", "100"
)
ASSESSED = Content(
    rung=Rung.FOREIGN_PACK,
    route="Intravenøst",
    form="Konsentrat til infusjonsvæske",
    strength="20 mg/ml, 5 ml",
    ages=Ages.ADULTS,
    ages_words="Fra 18 år",
    excipients=Excipients.DIFFERENT,
    excipients_words="Inneholder etanol 96 %",
    label=Label.SCRIPT,
    label_words="Polsk, delvis kyrillisk på esken",
    mixing=Mixing.OTHER,
    mixing_words="1. Trekk opp 5 ml.\n2. Fortynn i 250 ml natriumklorid 9 mg/ml.\n3. Gi over 1 time.",
    users="Sykehusavdelinger, etter ordinasjon fra lege",
    not_instead="Behandling av barn, og tabletter",
    sources="Produsentens preparatomtale, august 2025\nInfeksjonsmiljøet ved OUS, 12. august 2025",
    valid_until=dt.date(2025, 12, 31),
)
"""Doxyferm's Polish packs of autumn 2025: other excipients, acceptable for adults, a label partly in Cyrillic."""

SIGNED = Link(
    "e", POWDER, Rung.OTHER_STRENGTH, share=0.5, ratio=2.0, signed_by="Siri Farm", signed_on=dt.date(2025, 7, 10), id=3,
    valid_until=dt.date(2026, 1, 31), says=ASSESSED.summary,
)  # fmt: skip
ETOPOSID = replace(
    VALTREX,
    number="2025-0147",
    name="Etoposid kons til inf",
    substance="Etoposid",
    atc="L01CB01",
    status=Status.UPCOMING,
    source=Source.DMP,
    cause=Cause.SUBSTANCE,
    start=dt.date(2025, 8, 1),
    expected_end=dt.date(2025, 12, 15),
    ward_days=7,
    slips=Slips(1, 31),
    substitute="Uregistrerte pakninger",
    substitute_ready=False,
    affected="kurativ og livsforlengende behandling. Kapsler: egen sak.",
    sector=Sector.HOSPITAL,
    criticality=Criticality.HIGH,
    groups=(Group.CANCER,),
    regions=(Region.NORTH, Region.WEST),
    system_factors=(SystemFactor.H, SystemFactor.B180S),
    patient_consequences="Ingen pasienter har fått endret behandling.",
    cost_consequences="Uregistrerte pakninger er dyrere.",
    extra_cost_nok=450000,
    packages=("012345", "543210"),
    in_use=(Solution.UNREGISTERED,),
    did_not_help=(Solution.MOVED,),
    documents=(DocumentView(4, "https://sharepoint.example.no/etoposid.pdf", "Prioriteringsnotat"),),
    continues="2024-0391",
    decision_question=None,
    owner=SIRI,
    next_step="Møte med fagekspertene i onkologi.",
    next_step_on=dt.date(2025, 7, 18),
    related=(),
    reports=(),
    dominoes=(),
    candidates=(
        Candidate(POWDER, Rung.OTHER_STRENGTH, short=False, link=SIGNED),
        Candidate(CAPSULES, Rung.OTHER_FORM, short=True),
    ),
    cover=lasts(
        line("b180s", "Etoposid kons til inf", "Etoposid", 900, 20, "hetteglass"),
        dt.date(2025, 12, 15),
        dt.date(2025, 8, 1),
    ),
)
PUBLISHED = replace(
    ETOPOSID,
    visibility=Visibility.PUBLISHED,
    status=Status.ONGOING,
    advice="Kapsler kan brukes til voksne. Ring senteret.",
)
CLOSED = replace(
    PUBLISHED,
    status=Status.CLOSED,
    outcome=Outcome.SUBSTITUTED,
    closed_at=NOW,
    close_reason="Leveransene er normale igjen.",
)
UNKNOWN = replace(
    VALTREX,
    number="2025-0300",
    name="Erwinase 10 000 E",
    substance="Erwinase 10 000 E",
    cover=None,
    related=(),
    reports=(),
    dominoes=(),
)


def alert(change: AlertChange = AlertChange.RAISE, **other: Any) -> AlertView:
    """Valtrex under its alert limit."""
    values: dict[str, Any] = {
        "id": 7,
        "change": change,
        "level": AlertLevel.TWO_WEEKS,
        "item": "Valtrex tab 500 mg",
        "substance": "Valaciklovir",
        "title": "Valtrex tab 500 mg (valaciklovir)",
        "line": VALTREX_LINE,
        "cover": cover(VALTREX_LINE, as_of=TODAY),
        "limit_days": 90.0,
        "case": None,
        "domino": ("aciklovir",),
        "followed_by": None,
        "snoozed_until": None,
        "snooze_reason": None,
        "raised_at": NOW,
        "before": AlertMemory(AlertLevel.HALF, NOW, NOW, dt.date(2025, 7, 27), dt.date(2025, 7, 20)),
        "waits": True,
        "answer_by": dt.datetime(2025, 7, 15, 9, 30, tzinfo=dt.UTC),
    }
    return AlertView(**(values | other))


def empty_alert() -> AlertView:
    """The same stock, empty, followed up and snoozed."""
    gone = replace(VALTREX_LINE, lots=())
    return alert(
        level=AlertLevel.EMPTY,
        line=gone,
        cover=cover(gone, as_of=TODAY),
        case="2025-0231",
        followed_by=MONA,
        waits=False,
        answer_by=None,
        snoozed_until=dt.date(2025, 7, 21),
        snooze_reason="Ny leveranse 18. juli",
    )


def early_alert() -> AlertView:
    """A stock that will be under its limit within the week."""
    return alert(level=AlertLevel.LIMIT, limit_days=3.0)


def given_alert() -> AlertView:
    """Siri has given the alert to Mona."""
    return alert(AlertChange.NOTHING, followed_by=MONA, assigned_by=SIRI, note="Ring leverandøren.", waits=False)


def false_alert() -> AlertView:
    """Mona has called it false."""
    reason = "Juni var et engangsuttak."
    return alert(AlertChange.NOTHING, outcome=AlertOutcome.FALSE_ALARM, closed_by=MONA, close_reason=reason)


WORTH = Usefulness(raised=12, answered=9, snoozed=2, false=1, by_itself=1, missed=1)
SILENT = [
    SilentPool("Fokuslisten", dt.date(2025, 7, 3), 10, dt.datetime(2025, 7, 17, 9, 0, tzinfo=dt.UTC)),
    SilentPool("UNN Tromsø", dt.date(2025, 6, 20), 14, dt.datetime(2025, 7, 17, 9, 0, tzinfo=dt.UTC)),
]


def domino(**other: Any) -> DominoView:
    """Zovirax, drawn faster since Valtrex is short."""
    zovirax = line("fokuslisten", "Zovirax tab 200 mg", "Aciklovir", 9000, 320)
    values: dict[str, Any] = {
        "id": 4,
        "case": "2025-0231",
        "short": "Valtrex tab 500 mg",
        "title": "Zovirax tab 200 mg (aciklovir)",
        "says": Domino(Effect.RISEN, 84.0).words,
        "cover": lasts(zovirax, None),
        "own_case": None,
        "over": False,
        "internal": False,
        "hospital": False,
    }
    return DominoView(**(values | other))


NEAR = NearbyCase("2025-0231", "Valtrex tab 500 mg", 2, 2)
RECEIPT = Receipt("2025-0231", 12, "Valtrex tab 500 mg", True, 2, 2, "Valaciklovir")
PREVIEW = Preview(
    sheet_id="a1",
    filename="fokuslisten uke 28.xlsx",
    rows=41,
    pools=("Fokuslisten", "B180S"),
    new_pools=(),
    items=37,
    counts=37,
    uses=1,
    deliveries=4,
    newest_count=dt.date(2025, 7, 10),
    faults=(),
    already=NOW,
    moved=(MovedItem("Mucomyst inh væske, oppl 200 mg/ml", POOLS["fokuslisten"], POOLS["b180s"], dt.date(2023, 5, 2)),),
    new=31,
    changed=4,
    same=7,
    figures=(
        FigureChange(7, "Valtrex tab 500 mg", "Fokuslisten", "tablett", 5000, dt.date(2025, 7, 3), 4200, TODAY),
        FigureChange(9, "Zovirax tab 200 mg", "Fokuslisten", "tablett", 9000, dt.date(2025, 7, 3), 9000, TODAY),
    ),
    remarks=(
        phrase("Leses ikke: {columns}.", columns="Hylle, Kommentar"),
        phrase("Summer, gjentatte overskrifter og merknader er utelatt: {count}.", count=3),
    ),
)
LEAPING = replace(
    PREVIEW,
    already=None,
    moved=(),
    remarks=(),
    figures=(
        *PREVIEW.figures,
        FigureChange(12, "Meropenem inj 1 g", "B180S", "hetteglass", 1200, dt.date(2025, 7, 3), 120000, TODAY),
    ),
)
NOTHING_NEW = replace(PREVIEW, sheet_id="", moved=(), remarks=(), figures=(), new=0, changed=0, same=42)
STRANGE_SHEET = replace(
    NOTHING_NEW,
    sheet_id="a2",
    unknown=UnknownHeadings(
        "mark",
        None,
        (
            Heading("lokasjon", "Lokasjon", "pool", ("Fokuslisten", "B180S")),
            Heading("art.nr", "Art.nr", "article", ("020586", "011111")),
            Heading("hylle", "Hylle", "", ()),
        ),
        ("on_hand",),
        phrase("Arket mangler kolonnen {columns}.", columns="beholdning"),
        2,
    ),
)
FAULTS = tuple(
    Fault(row, column, value, said)
    for row, column, value, said in (
        (2, "beholdning", "-5", phrase("kan ikke være negativ.")),
        (3, "dato", "03/04/2025", phrase("kan leses på to måter; skriv 2026-09-30 eller 30.09.2026.")),
        (9, "preparat", "Valtrx 50", phrase("fant ikke varen.")),
    )
)
FAULTY = replace(LEAPING, figures=PREVIEW.figures, faults=FAULTS)
DUE = [ReportDue("fokuslisten", "Fokuslisten", 7, dt.date(2025, 7, 3), ("U0MONA0001",))]
OPTIONS = (
    Choice("Zyprexa tab 10 mg", "Olanzapin · Cheplapharm", "p:1"),
    Choice("ZypAdhera pulv til depotinj 300 mg", "Olanzapin · Cheplapharm", "p:2"),
)
STOCK = StockView(
    title="Valtrex tab 500 mg",
    entries=tuple(
        StockEntry(number, one.pool.id, one, cover(one, as_of=TODAY), may_change=number == 1)
        for number, one in enumerate((COMING, PLENTY, STALE), 1)
    ),
    hidden=2,
    cases=(),
    numbers=True,
    moved_away=(MoveView("Valtrex tab 500 mg", "b180s", "B180S", "B50", dt.date(2025, 5, 2), None, None),),
)
ANTIDOTE = ItemFacts(
    rules=ItemRules(drawn_by=DemandBase.PRIORITISED, alert_limit_days=60),
    stated_daily_demand=2.5,
    stated_by="Giftinformasjonen",
    stated_from=dt.date(2024, 11, 20),
    stated_first=True,
    note="Antidot ved paracetamolforgiftning",
)
MUCOMYST_LINE = replace(
    line("b180s", "Mucomyst inh væske, oppl 200 mg/ml", "Acetylcystein", 300, 40, "ampulle"),
    pool=POOLS["b180s"].for_item(ANTIDOTE.rules),
    stated_daily_demand=ANTIDOTE.stated_daily_demand,
    stated_by=ANTIDOTE.stated_by,
    stated_from=ANTIDOTE.stated_from,
    stated_first=True,
)
MOVED = MoveView(
    MUCOMYST_LINE.item, "fokuslisten", "Fokuslisten", "B180S", dt.date(2023, 5, 2), SIRI, "Besluttet av fagdirektørene"
)
KEPT_ITEM = ItemView(
    id=4,
    pool=POOLS["b180s"],
    facts=ANTIDOTE,
    version=2,
    changed=Changed(SIRI, NOW),
    line=MUCOMYST_LINE,
    cover=cover(MUCOMYST_LINE, as_of=TODAY),
    own_rules=MUCOMYST_LINE.pool.words(ANTIDOTE.rules.named),
    ends_with_a_move=MUCOMYST_LINE.pool.words(("limit",)),
    moves=(MOVED,),
    others=(POOLS["fokuslisten"], POOLS["b50"]),
)
KEPT_POOL = PoolView(
    replace(POOLS["fokuslisten"], alert_limit_share=0.5, target_days=180.0),
    1,
    Changed(None, None),
    None,
    Reporting(7, ("U0MONA0001",)),
)
DELAMANID_LINE = replace(
    line("b180s", "Deltyba tab 50 mg", "Delamanid", 0, 0), lots=(), uses=(), ordered_when_short=True
)
MUCOMYST = StockView(
    title="Mucomyst inh væske, oppl 200 mg/ml",
    entries=(
        StockEntry(
            4, "b180s", MUCOMYST_LINE, KEPT_ITEM.cover, KEPT_ITEM.own_rules, ANTIDOTE.note, (MOVED,), may_change=True
        ),
        StockEntry(5, "b180s", DELAMANID_LINE, cover(DELAMANID_LINE, as_of=TODAY)),
    ),
    hidden=0,
    cases=(),
    numbers=True,
)
BANDS = StockView(title="Etoposid kons til inf", entries=(), hidden=0, cases=(PUBLISHED,), numbers=False)
FOLLOWED = Followed("valaciklovir", changed=True)
MY_REPORTS: dict[str, Any] = {
    "to_remind": 2,
    "reports": [
        (SimpleNamespace(name="Valtrex tab 500 mg", place="UNN Tromsø", reported_at=NOW), VALTREX),
        (SimpleNamespace(name="Etoposid kons til inf", place="UNN Tromsø", reported_at=NOW), PUBLISHED),
    ],
    "more_reports": 3,
    "follows": ["valaciklovir", "ATC L01", "2025-0147"],
    "works": False,
}
NO_REPORTS = MY_REPORTS | {"reports": [], "more_reports": 0, "follows": [], "to_remind": 0}
VALTREX_IN_LIST = CaseLine(
    id=231,
    number="2025-0231",
    title=VALTREX.title,
    status=Status.ONGOING,
    owner=None,
    expected_end=None,
    next_step=None,
    next_step_on=None,
    changed_on=dt.date(2025, 7, 14),
    version=3,
    needs=frozenset({Need.REPORTED, Need.NO_OWNER}),
)
ETOPOSID_IN_LIST = CaseLine(
    id=147,
    number="2025-0147",
    title=ETOPOSID.title,
    status=Status.ONGOING,
    owner=SIRI,
    expected_end=dt.date(2025, 7, 9),
    next_step="Møte med fagekspertene i onkologi.",
    next_step_on=dt.date(2025, 7, 14),
    changed_on=dt.date(2025, 6, 2),
    version=9,
    needs=frozenset({Need.DUE, Need.ENDED}),
)
FOUND = CaseList((VALTREX_IN_LIST, ETOPOSID_IN_LIST), 23, 2, Wanted(atc="L01"))
AWAY = Away(
    since=dt.datetime(2025, 7, 11, 12, 30, tzinfo=dt.UTC),
    until=NOW,
    cases=(
        MovedCase(
            "2025-0147",
            ETOPOSID.title,
            (phrase("ny sluttdato {end}", end=dt.date(2025, 9, 15)), phrase("{n} nye meldinger", n=2)),
            (MONA,),
            True,
        ),
        MovedCase("2025-0231", VALTREX.title, (phrase("opprettet"), phrase("ny melding")), (), False),
    ),
    total=14,
    handovers=(Handover(MONA, NOW, ("2025-0012", "2025-0013"), "Leverandøren ringer fredag."),),
)
LOG = CaseLog(
    number="2025-0147",
    title=ETOPOSID.title,
    entries=tuple(
        LogEntry(NOW - dt.timedelta(hours=n), who, action_of(action), tuple(details_of(action, details)))
        for n, (who, action, details) in enumerate(
            (
                (
                    MONA,
                    "updated",
                    {
                        "expected_end": ["2025-09-15", "2025-10-01"],
                        "cause": [None, "substance_unavailable"],
                        "groups": [["cancer"], ["cancer", "children"]],
                    },
                ),
                (MONA, "given", {"to": "key", "before": "key", "note": "Leverandøren ringer fredag."}),
                (ERASED, "report_corrected", {"report": 12}),
                (MONA, "not_relevant", {"reason": "Kort varighet", "outcome": None, "not_relevant": "short"}),
                (None, "begun", {}),
                (
                    MONA,
                    "allocated",
                    {
                        "delivery": 2,
                        "quantity": 105,
                        "exceptions": {"Finnmark": {"packages": 6, "why": "lang transport"}},
                    },
                ),
                (SIRI, "asked", {"words": "Hva har dere?", "deadline": "2025-07-18T14:00:00+00:00", "asked": 21}),
                (SIRI, "answered", {"who": "UNN", "quantity": 4.0, "told_by": "vakthavende farmasøyt"}),
            )
        )
    ),
    total=25,
    page=2,
)
QUIET = replace(AWAY, cases=(), total=0, handovers=())
UNDELIVERED = Undelivered(
    41, ChannelLink("C0MELDING1"), "Ny mangelsak: Valtrex tab 500 mg", phrase("Kanalen er arkivert."), NOW
)
THE_DESK = Desk(
    first=(
        (
            VALTREX_IN_LIST,
            (
                phrase("Ny melding fra {place}: {runs_out}.", place="UNN Tromsø", runs_out=RunsOut.NOW.told),
                phrase("Ingen har tatt saken."),
            ),
        ),
        (ETOPOSID_IN_LIST, tuple(ETOPOSID_IN_LIST.why)),
    ),
    away=AWAY,
    needs=((Need.REPORTED, 3), (Need.NO_OWNER, 12), (Need.DUE, 5), (Need.ENDED, 31), (Need.SILENT, 8)),
    open_count=121,
    statuses=((Status.ONGOING, 110), (Status.UPCOMING, 11)),
    letters=(("J", 33), ("L", 29), ("N", 14)),
    loads=(
        Load(SIRI, "U00000003", 63, 3, 12),
        Load(MONA, "U00000006", 46, 2, 19, left=True),
        Load(None, "-", 12, 0, 0),
    ),
    alert_count=3,
    undelivered=(UNDELIVERED,),
    undelivered_count=1,
    last_batch=Batch(5, BulkKind.CLOSED, 7, NOW),
    as_of=NOW,
)
DESK: dict[str, Any] = {
    "desk": THE_DESK,
    "works": True,
    "to_triage": 23,
    "triage_as_of": dt.date(2025, 7, 14),
    "to_remind": 3,
}
QUIET_DESK = DESK | {
    "desk": replace(
        THE_DESK, first=(), away=QUIET, needs=(), undelivered=(), undelivered_count=0, last_batch=None, alert_count=0
    ),
    "to_remind": 0,
}
PLANNED = (
    Planned(147, "2025-0147", ETOPOSID.title, phrase("Ansvarlig: {before} → {after}", before=SIRI, after=MONA)),
    Planned(231, "2025-0231", VALTREX.title, phrase("Endret siden du valgte den."), refused=True),
)
PLAN, STOPPED_PLAN = Plan(PLANNED[:1]), Plan(PLANNED)
HANDING_OVER = BulkForm(BulkKind.GIVEN, to="U00000006", note="Leverandøren ringer fredag.")
TAKEN_BACK = TakenBack(("2025-0147",), ("2025-0231",))
DESK_LIST: dict[str, Any] = {
    "found": replace(FOUND, wanted=Wanted(need=Need.DUE)),
    "shown": [("231:3", VALTREX_IN_LIST), ("147:9", ETOPOSID_IN_LIST)],
    "ticked": ["147:9"],
    "elsewhere": 2,
    "ticks": "ticked:1",
    "round": "0",
    "every_need": list(Need),
    "owner": "U00000003",
    "any": "any",
    "most": 100,
    "letters": [("J", "J Antiinfektiver til systemisk bruk"), ("?", "Uten ATC-kode")],
    "metadata": "{}",
}
PROPOSALS = (
    Proposal("isavu", "Isavukonazol", "Isavukonazol", 5, 3),
    Proposal("olasprøyta", "Zypadhera", "Olanzapin", 3, 2, ("Olje", "Folsyre")),
)
OWN_MEDICINE = OwnMedicine(
    "Abarax",
    "benznidazol",
    atc="P01CA02",
    form="tab",
    strength="100 mg",
    supplier="Elea",
    authorised=Authorisation.NO,
    synonyms=("radanil",),
)
ABARAX = OWN_MEDICINE.as_preparation("egen:1", Catalogue(()))
OWN_LIST: dict[str, Any] = {
    "own": OwnList((ABARAX,), (ShortName(3, "isavu", "Isavukonazol"),), 1, 2),
    "medicines": [(ABARAX, Authorised.NO)],
    "done": None,
}
MY_POOLS: dict[str, Any] = {
    "works": False,
    "numbers": {7},
    "stock": Pools(
        (
            PoolSummary("fokuslisten", "Fokuslisten", 37, dt.date(2025, 7, 10), 2, 90.0, 3, NOW, MONA),
            PoolSummary("b180s", "B180S", 0, None, 0, None),
        ),
        0,
        (alert(),),
        2,
    ),
}


def digest(*, only_news: bool = False, tasks: tuple[Task, ...] = (), reviews: tuple[ReviewFacts, ...] = ()) -> Digest:
    """Mangelmøtet, week 29: Valtrex, ZypAdhera, Etoposid, Zovirax."""
    before = NOW - dt.timedelta(days=7)
    old = before - dt.timedelta(days=60)
    return compose(
        DigestFacts(
            week="2025-W29",
            as_of=NOW,
            since=before,
            cases=[
                CaseFacts(
                    number="2025-0231",
                    name="Valtrex tab 500 mg (valaciklovir)",
                    status=Status.ONGOING,
                    opened_at=NOW - dt.timedelta(days=2),
                    stock="Fokuslisten tømmes, uttaket kan ikke stanses",
                    covers=Answer.NO,
                    substitute="utenlandske pakninger, men delleveransene er for små",
                    decision_question="be DMP vurdere rasjonering?",
                    reports=2,
                    hospitals=2,
                ),
                CaseFacts(
                    number="2024-0102",
                    name="ZypAdhera (olanzapin depot)",
                    status=Status.ONGOING,
                    opened_at=old,
                    slips=Slips(4, 112),
                    stock="nasjonalt tomt (februar, gammelt tall)",
                    covers=Answer.NO,
                    substitute="ikke å få i Europa; flere HF har byttet behandling",
                    restricted=(
                        phrase(
                            "Restriksjon ({issuer}): {parts}. {scope}",
                            issuer=Issuer.DIRECTORS.words,
                            parts="Bare pasienter som ikke kan bytte behandling",
                            scope=phrase("Gjelder sykehus i {where}.", where=(phrase("hele landet"),)),
                        ),
                    ),
                    changes=(phrase("sluttdato er nå ukjent"),),
                    decision_question="fordeling etter befolkningstall gjennom fellesferien?",
                    owner=SIRI,
                    next_step="Spør HF-ene om behov",
                ),
                CaseFacts(
                    number="2025-0232",
                    name="Zovirax tab 200 mg (aciklovir)",
                    status=Status.UPCOMING,
                    opened_at=old,
                    start=dt.date(2025, 8, 1),
                    stock="synker raskt",
                    covers=Answer.UNKNOWN,
                    domino_of="2025-0231",
                    changes=(phrase("ny status"),),
                ),
            ],
            alerts=[AlertFacts("Valtrex tab 500 mg", "Fokuslisten", "under 14 dager", "2025-0231", MONA)],
            alerts_worth=WORTH.words,
            reports={"Universitetssykehuset Nord-Norge": 1, "Helse Førde": 1},
            only_news=only_news,
            tasks=tasks,
            reviews=reviews,
        )
    )


def year_of(*cases: CaseRecord, only: CaseFilter = EVERYTHING) -> dict[str, Any]:
    """The figures of 2025 as the template gets them."""
    found = statistics(cases, Period.of_year(2025), TODAY, only)
    return {
        "found": found,
        "heading": heading_of(found, only),
        "atc": [(atc_words(letter), n) for letter, n in found.atc.items()],
        "tried": list(found.solutions.items()),
        "remarks": remarks(found, TODAY),
        "asked": "2025",
    }


YEAR = year_of(
    *(
        CaseRecord(
            f"2025-{place:04d}",
            "Etoposid",
            "Etoposid",
            atc,
            Status.ONGOING,
            dt.date(2025 - place % 3, 4, 10),
            start=dt.date(2025, 5, 1),
            end=dt.date(2025, 5 + place, 15),
            authorised=(Authorised.YES, Authorised.NO, Authorised.UNKNOWN)[place % 3],
            source=(Source.DMP, Source.PHARMACY, None)[place % 3],
            solutions=((Solution.FOREIGN_PACKS, place % 2 == 0),),
        )
        for place, atc in enumerate(("L01CB01", "L01CB01", "J05AB11", "N05AH03", "R05CB01", "S01AA01", "H02AB01", None))
    )
)
YEAR_WITHOUT_CASES = year_of(only=CaseFilter(atc="J01", source=Source.DMP))


def assessment(state: AssessmentState = AssessmentState.SIGNED, **fields: Any) -> Assessment:
    """Doxyferm's assessment: drafted by Per, signed by Siri."""
    signed = state in (AssessmentState.SIGNED, AssessmentState.REPLACED)
    usual: dict[str, Any] = {
        "id": 5,
        "case": "2025-0310",
        "short": "Doxyferm kons til inf oppl 20 mg/ml",
        "name": "Doxycyclinum TZF 20 mg/ml, polsk pakning",
        "number": 2,
        "state": state,
        "content": ASSESSED,
        "drafted_by": Mention("U0PER00001"),
        "drafted_on": dt.date(2025, 8, 13),
        "signed_as": "Siri Farm" if signed else None,
        "profession": Profession.PHARMACIST if signed else None,
        "signed_by": SIRI if signed else None,
        "signed_on": dt.date(2025, 8, 14) if signed else None,
        "why_ended": "Ny pakning" if state is AssessmentState.WITHDRAWN else None,
        "version": 4,
        "today": dt.date(2025, 8, 20),
    }
    return Assessment(**(usual | fields))


def restriction(state: RestrictionState = RestrictionState.DECIDED, **fields: Any) -> Restriction:
    """Ozempic's rationing of 2024 in one part that was lifted, one that stays and one to come."""
    usual: dict[str, Any] = {
        "id": 3,
        "case": "2025-0044",
        "title": "Ozempic inj, oppl 1 mg/0,74 ml",
        "state": state,
        "issuer": Issuer.DMP,
        "ground": Ground.LEGAL,
        "ground_words": "vedtak av 1. juli 2024",
        "sector": Sector.BOTH,
        "regions": (),
        "parts": (
            Part(1, PartKind.AMOUNT, "Høyst fire ukers forbruk om gangen.", dt.date(2024, 7, 1), None,
                 dt.date(2024, 11, 15), "Leveransene er stabile"),
            Part(2, PartKind.INDICATION, "Bare godkjent indikasjon", dt.date(2024, 7, 1), None),
            Part(3, PartKind.PACKS, "Høyst én pakning", dt.date(2025, 8, 1), dt.date(2025, 12, 31)),
        ),
        "review_on": dt.date(2025, 9, 1),
        "experts": "Norsk endokrinologisk forening, 20. juni: støtter forslaget.",
        "decided_by": None if state is RestrictionState.DRAFT else Mention("U0SIRI0001"),
        "decided_on": None if state is RestrictionState.DRAFT else dt.date(2024, 6, 28),
        "published": state is RestrictionState.DECIDED,
        "version": 4,
    }  # fmt: skip
    return Restriction(**(usual | fields))


def allocation_view(
    state: AllocationState = AllocationState.DECIDED, sent: dict[str, int] | None = None, **fields: Any
) -> AllocationView:
    """210 packages of Zypadhera to the 21 catchments; stock and use are known of Bergen alone."""
    usual = {"stock": "Bergen 12", "use": "Bergen 30", "exceptions": "Finnmark 6 lang transport"}
    form = AllocationForm("210", Among.TRUSTS, AllocationBase.PEOPLE, **(usual | fields))
    shared = form.read({"Bergen": 9} if sent is None else {})
    return AllocationView(
        id=7,
        case="2025-0101",
        title="Zypadhera pulv til depotinj væske, susp 300 mg",
        number=2,
        state=state,
        terms=shared.terms,
        left=shared.left,
        shares=tuple(ShareView(row, (sent or {}).get(row.receiver)) for row in shared.rows),
        decided_by=None if state is AllocationState.DRAFT else Mention("U0SIRI0001"),
        decided_at=None if state is AllocationState.DRAFT else NOW,
        version=1,
    )


ZYPADHERA = "Zypadhera pulv til depotinj væske, susp 300 mg"
BERGENS = Given(NOW, by=MONA, quantity=12.0)


def own_share(receiver: str, *, withdrawn: bool = False, sent: dict[str, int] | None = None) -> OwnShare:
    """What one health trust gets of `allocation_view`."""
    view = allocation_view(sent=sent)
    share = next(one for one in view.shares if one.row.receiver == receiver)
    return OwnShare(view.case, view.title, view.number, dt.date(2025, 7, 7), share, withdrawn)


def inquiry(state: InquiryState = InquiryState.OPEN, answered: int = 17, **fields: Any) -> Inquiry:
    """ZypAdhera counted by 17 of the 21 trusts: one on the telephone, one late, and one whose contact has left."""
    asked = []
    for place, catchment in enumerate(catchments()):
        answer: Given | None = Given(NOW, by=Mention(f"U0SVAR{place:04}"), quantity=float(place % 5), packs=None)
        if catchment.trust == "Bergen":
            answer = replace(BERGENS, words="To er reservert.")
        if catchment.trust == "UNN":
            answer = Given(NOW, by=SIRI, quantity=4.0, came_by=CameBy.PHONE, told_by="vakthavende farmasøyt", late=True)
        reached = () if catchment.trust == "Helgeland" else (Mention(f"U0SVAR{place:04}"),)
        given = answer if place >= len(catchments()) - answered else None
        lost = reached if given is None and catchment.trust == "St. Olav" else ()
        asked.append(
            Respondent(place + 1, catchment.trust, None, short(catchment.region), reached, lost, given, catchment.trust)
        )
    usual: dict[str, Any] = {
        "id": 5, "case": "2025-0101", "title": f"{ZYPADHERA} (olanzapin)", "kind": InquiryKind.STOCK,
        "words": "Hvor mange pakninger har dere på lager i dag?\nTell også de som er lovet bort.",
        "answer": AnswerKind.NUMBER, "unit": "hetteglass", "pack": None, "choices": (), "first": None, "last": None,
        "deadline": dt.datetime(2025, 7, 18, 14, 0, tzinfo=dt.UTC), "reply_by": None, "state": state, "by": SIRI,
        "asked_at": NOW, "asked": tuple(asked), "version": 3,
    }  # fmt: skip
    if "answer_with" in fields:
        fields["answer"] = fields.pop("answer_with")
    return Inquiry(**(usual | fields))


def question(answer: Given | None = None, state: InquiryState = InquiryState.OPEN, **fields: Any) -> Question:
    """The question as Bergen sees it."""
    mine = replace(inquiry().asked[17], answer=answer)
    return Question(inquiry(state, asked=(mine,), **fields), mine)


CHOICES_OF_HERA: dict[str, Any] = {
    "kind": InquiryKind.INTEREST, "answer_with": AnswerKind.CHOICE,
    "choices": ("Ja, vi vil være med", "Nei", "Vet ikke"),
    "words": "Vil dere være med på felles innkjøp?", "reply_by": dt.date(2025, 7, 25),
}  # fmt: skip
ON_ITS_WAY = Path(
    (
        Taken(Step.RECEIVED, dt.date(2025, 7, 10), SIRI, None),
        Taken(Step.SPECIALISTS, dt.date(2025, 7, 14), SIRI, "Onkologisk forum: ja, for alle fire styrkene."),
    ),
    dt.date(2025, 7, 25),
)
REPLIED = Path(
    tuple(Taken(step, dt.date(2025, 7, 10 + place), SIRI, None) for place, step in enumerate(Step)),
    dt.date(2025, 7, 25),
)
PANEL = Panel(
    3,
    "Onkologi",
    (
        Expert(1, MONA, None, "onkolog, OUS", "fagdirektør Helse Sør-Øst", dt.date(2024, 3, 1), None),
        Expert(2, Mention("U0BORTE001"), None, "overlege, UNN", "RHF-ene", dt.date(2023, 9, 1), dt.date(2025, 7, 7)),
        Expert(3, None, "Kari Ekspert", "farmasøyt, St. Olav", "RHF-ene", dt.date(2024, 3, 1), None),
    ),
)
NEED = inquiry(
    InquiryState.CLOSED,
    answered=21,
    kind=InquiryKind.NEED,
    title="Integrilin inf, oppl 0,75 mg/ml (eptifibatid)",
    words="Hvor mye trenger dere til og med september?",
    first=dt.date(2025, 4, 1),
    last=dt.date(2025, 9, 30),
    pack=10.0,
)
NEED_AGAINST_USE = against(
    NEED.total or 0.0,
    Used(dt.date(2025, 4, 1), dt.date(2025, 9, 30), 9.0, "hetteglass", dt.date(2025, 6, 30), ("B180S",)),
)


def what_if_view(*changes: Change, case: str | None = "2025-0231", why_not: tuple[Phrase, ...] = ()) -> WhatIfView:
    """Valtrex on Fokuslisten and at the wholesaler's, before and after; the shortage ends 15 September."""
    lines = [VALTREX_LINE, PLENTY]
    end = dt.date(2025, 10, 15) if case else None
    answer = what_if(lines, changes, as_of=TODAY, shortage_end=end)
    return WhatIfView(
        title="Valtrex tab 500 mg",
        supposed=answer.supposed,
        why_not=(*answer.why_not, *why_not),
        pools=tuple(
            Before(line.pool.name, before, after)
            for line, before, after in zip(lines, answer.before, answer.after, strict=True)
        ),
        together_before=answer.together_before,
        together_after=answer.together_after,
        case=case,
        hidden=1 if case is None else 0,
    )


ETOPOSID_NOTICE = Notice(
    0,
    "Etoposid Accord 20 mg/ml konsentrat til infusjonsvæske, oppløsning, 1x5 ml hetteglass",
    "etoposid",
    dt.date(2025, 5, 1),
    dt.date(2025, 9, 15),
    NoticeStatus.ONGOING,
    "Behandling med annet virkestoff bør vurderes",
)
INBOX_ROWS = (
    InboxRow(
        (4,),
        (ETOPOSID_NOTICE.name,),
        ETOPOSID_NOTICE,
        Triaged(6, (phrase("brukes mest i sykehus"), phrase("DMP: {note}", note=ETOPOSID_NOTICE.note))),
        ("p:1",),
        certain=True,
    ),
    InboxRow(
        (7, 8),
        ("*Ukjentol* 5 mg implantat <!channel>", "Ukjentol 10 mg implantat"),
        replace(ETOPOSID_NOTICE, name="Ukjentol", end=None, status=NoticeStatus.UPCOMING, note=""),
        Triaged(4, (phrase("står i et lager vi følger"), phrase("navnet er ikke sikkert gjenkjent"))),
        (None, None),
    ),
)
TRIAGE: dict[str, Any] = {
    "metadata": "{}",
    "register": "DMPs mangelliste",
    "as_of": TODAY,
    "rows": INBOX_ROWS,
    "total": 23,
    "below": 359,
    "page": 1,
    "pages": 3,
    "words": "",
    "rest": False,
    "done": phrase("{name} følges. Endringer i listen sies i kanalen.", name="Ibux 400 mg"),
}
TRIAGE_ROWS = [(7, "Ukjentol 5 mg implantat", None), (8, "Valtrex 500 mg", as_written("Valtrex tab 500 mg"))]
_ABROAD = (
    CountryLine(
        REGISTERS["sweden"].country, "Läkemedelsverket", dt.date(2025, 7, 14), True, 3, None, dt.date(2025, 9, 1)
    ),
    CountryLine(REGISTERS["finland"].country, "Fimea", dt.date(2025, 7, 13), True, 1, dt.date(2025, 8, 1), None),
)
WARNING = WarningView(7, "Valaciklovir", "J05AB11", _ABROAD, ("Fokuslisten", "B180S"), None, None, None)
ABROAD_TOLD = AbroadTold(
    list_id=12,
    country=REGISTERS["finland"].country,
    name="Fimea",
    as_of=dt.date(2025, 7, 13),
    counted=Counted(727, 12, 3),
    warnings=(
        WARNING,
        replace(WARNING, id=8, substance="Meropenem *x* <!channel>", verdict=Verdict.CASE, case="2025-0147", pools=()),
        replace(
            WARNING, id=9, substance="Etoposid", atc=None, verdict=Verdict.NOT_RELEVANT, reason="Brukes ikke lenger."
        ),
        replace(WARNING, id=10, substance="Aciklovir", verdict=Verdict.FOLLOW),
    ),
    more=4,
    also=(("Heparin", (phrase("nå også i {country}", country=REGISTERS["iceland"].country),)),),
)
LIST_TOLD = ListTold(
    3,
    "DMPs mangelliste",
    TODAY,
    to_look_at=5,
    below=359,
    dates=3,
    gone=15,
    followed=(("Ibux 400 mg tablett", (phrase("slutt {before} → {after}", before="01.08.2025", after="01.10.2025"),)),),
)
OFFER = Offer(
    3,
    TODAY,
    (
        DateChange("2025-0147", "Etoposid kons til inf", dt.date(2025, 9, 15), dt.date(2025, 11, 1)),
        DateChange("2025-0231", "Valtrex tab 500 mg", None, dt.date(2025, 12, 1)),
    ),
)


def received(*, list_id: int | None = 3, already: bool = False, personal: bool = False) -> Received:
    """A list of four rows that somebody has dropped."""

    def row(action: Proposed) -> Proposed_:
        return Proposed_(action, ETOPOSID_NOTICE, Graded(Grade.CERTAIN), None, None, ())

    wrong = phrase("kan leses på to måter; skriv 2026-09-30 eller 30.09.2026.")
    faults = (Fault(9, "Mangelperiode til", "03/04/2025", wrong, personal=personal),)
    rows = tuple(map(row, (Proposed.NEW, Proposed.EXTEND, Proposed.SAME, Proposed.NOT_RELEVANT)))
    read = ListRead("mangel.html", TODAY, rows, faults, ((9, "Valtrex 500 mg"),), NOW if already else None)
    return Received(list_id, read)


ASKED = Asked("Etoposid", (ETOPOSID,), everything=True)
NEWS = News(TODAY - dt.timedelta(days=7), "L01", (VALTREX,), (CLOSED,), (ETOPOSID,), everything=True)


TASKS = (
    Task(4, "be DMP vurdere rasjonering", SIRI, dt.date(2025, 7, 16), "2025-0231", "Valtrex tab 500 mg (valaciklovir)"),
    Task(5, "ring produsenten om Zovirax", "Nina i Sykehusinnkjøp", None),
)
REVIEWS = (
    ReviewFacts("2025-0147", "Etoposid kons til inf", ("Bare barn med leukemi",), dt.date(2025, 7, 11)),
    ReviewFacts(
        "2024-0102", "ZypAdhera (olanzapin depot)", ("Fire uker om gangen", "Ikke nye"), dt.date(2025, 7, 21), True
    ),
)
EARLIER = (
    Task(1, "spør HF-ene om behov", MONA, dt.date(2025, 7, 11), "2024-0102", "ZypAdhera (olanzapin depot)"),
    Task(2, "send brev til fagdirektørene", None, dt.date(2025, 7, 9), done_at=NOW),
    Task(3, "sjekk partiet i Tromsø", SIRI, None),
)
DECIDED = (
    Decision("2025-0231", "DMP bes om å vurdere rasjonering nå.", NOW, SIRI),
    Decision("2025-0231", "ny leveranse bekreftet", NOW, MONA, moves_end=True, end=dt.date(2025, 9, 1)),
)


def board(place: int = 1, *, is_over: bool = False) -> Board:
    """The meeting of week 29 as everyone looks at it."""
    entries = digest().agenda
    entry = entries[place - 1] if 1 <= place <= len(entries) else None
    lines = [Line(n, one.case.name, one.decision is not None, n < place) for n, one in enumerate(entries, 1)]
    return Board(
        id=1,
        week="2025-W29",
        place=place,
        entry=entry,
        numbers=(entry.case.number,) if entry else (),
        title=entry.case.name if entry else "",
        status=Status.ONGOING if entry else None,
        lines=tuple(lines),
        decisions=DECIDED if place == 1 else (),
        tasks=TASKS[:1] if place == 1 else (),
        earlier=EARLIER,
        present=(SIRI, MONA),
        is_over=is_over,
        today=TODAY,
    )


def minutes(**more: Any) -> Minutes:
    """What came out of the meeting of week 29."""
    usual: dict[str, Any] = {
        "forum": "mangelmote",
        "week": "2025-W29",
        "opened_at": NOW,
        "closed_at": NOW + dt.timedelta(hours=1),
        "agenda": [["2025-0231"], ["2024-0102"], ["2025-0232"]],
        "discussed": ["2025-0231", "2024-0102"],
        "names": {entry.case.number: entry.case.name for entry in digest().agenda},
        "decisions": DECIDED,
        "tasks": TASKS,
        "earlier": EARLIER,
        "present": (SIRI, MONA),
        "guests": "Nina Nilsen, Sykehusinnkjøp HF",
    }
    return minutes_of(MinutesFacts(**(usual | more)))


IN_HAND = InHand(
    1, "2025-0231", "Valtrex tab 500 mg (valaciklovir)", "Be DMP vurdere rasjonering?", dt.date(2025, 8, 1)
)

CASE_FAULT = Fault(3, "ATC", "<snart>", phrase("er ingen ATC-kode."))
CASES_TAKEN = CasesTaken(
    filename="saker <2019>.csv",
    register=CaseRegister({}, (), {"Saksnr": "saksnummer"}, ("Merknad",)),
    new=(
        RegisterCase(
            "2019-0001", "Etoposid", None, None, Authorised.YES, None, None, Status.CLOSED, None, None, TODAY, TODAY
        ),
    ),
    changed=(),
    unchanged=2,
    faults=(),
    remarks=(phrase("Leses ikke: {columns}.", columns="Merknad"),),
    stored=False,
)
