"""What a person reads, message by message and language by language: `tests/golden/{nb,nn,en}/*.txt`.

`MANGELVAKT_GOLDEN=write` writes them anew.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.cases.asked_views import AskedLine
from bot.cases.asking import Asked, Count
from bot.cases.assessing import AssessmentsView, Begun
from bot.cases.assessing import Line as AssessmentLine
from bot.cases.assessments import Content, Profession, Step
from bot.cases.assessments import State as AssessmentState
from bot.cases.bulk import Batch, BulkKind
from bot.cases.case_sheets import CaseSheet
from bot.cases.forms import Page
from bot.cases.life_cycle import CLOSING
from bot.cases.lists import CaseList
from bot.cases.notices import DatesGiven, DatesTakenBack
from bot.cases.public_text import Draft, Texts
from bot.cases.quick import Line, Offer
from bot.cases.reporting import Nearby, NearbyCase
from bot.cases.restricting import RestrictionsView
from bot.cases.restrictions import TEMPLATES as RESTRICTION_TEMPLATES
from bot.cases.restrictions import State as RestrictionState
from bot.cases.statistics_tables import atc_words
from bot.cases.vocabulary import (
    OPEN,
    USUALLY_NOT_RELEVANT,
    Authorised,
    CameBy,
    Cause,
    Criticality,
    Goods,
    Group,
    Missing,
    NotRelevant,
    Outcome,
    Region,
    Reported,
    RunsOut,
    Sector,
    Solution,
    Source,
    SystemFactor,
    Visibility,
)
from bot.catalogue.keeping import AsWritten, OwnList
from bot.catalogue.offering import FestOffer, Offered
from bot.catalogue.own import OwnMedicine
from bot.catalogue.service import Choice
from bot.clock import SetClock
from bot.commands import COMMANDS
from bot.inquiries.inquiry import AnswerKind, Respondent
from bot.inquiries.inquiry import Kind as InquiryKind
from bot.inquiries.inquiry import State as InquiryState
from bot.inquiries.service import AskedAbout, Result
from bot.inquiries.whom import choices as asked_choices
from bot.meeting.forums import forums_of
from bot.meeting.raising import Standing
from bot.messages.phrase import phrase
from bot.messages.render import TEMPLATES, Renderer
from bot.messages.translations import TRANSLATED
from bot.messages.values import ChannelLink, Mention
from bot.messages.words import SOURCE_LANGUAGE
from bot.people.following import Collected, Followed, FollowView
from bot.people.places import trusts
from bot.people.subjects import Pace
from bot.reminders.due import Kind as ReminderKind
from bot.reminders.due import State
from bot.reminders.service import ReminderPage
from bot.settings import Settings, load_settings
from bot.stock.alert_rule import AlertChange
from bot.stock.alerting import AlertPage
from bot.stock.allocation_form import AllocationForm, Among, Base
from bot.stock.domino import Rung
from bot.stock.folder import Laid
from bot.stock.pool_forms import LimitIn
from bot.stock.pools import DemandBase, Holdable, PoolKind
from bot.stock.service import Comparison
from bot.stock.sharing import AllocationsView
from bot.stock.sharing import State as AllocationState
from bot.stock.sheets import TakenBack
from bot.stock.what_if import DeliveriesLate, DemandChanges, PatientsMoveHere
from handlers.assessment import CHOICES as ASSESSMENT_CHOICES
from handlers.inquiry import WAYS
from handlers.restriction import CHOICES as RESTRICTION_CHOICES
from handlers.stock import COLUMNS
from handlers.what_if import EXAMPLES, Kind
from tests.golden import facts
from workspace import Message, View
from workspace.elements import initial_values

HERE = Path(__file__).parent
USUAL = {
    "whom_to_call": Settings.model_construct().whom_to_call_in_words,
    "poison_centre": Settings.model_fields["poison_centre"].default,
}
RENDERER = Renderer(clock=SetClock(facts.NOW), always=USUAL)
LAID: dict[str, Any] = {"refused": "avvist"}
NOT_THE_CENTRE: dict[str, Any] = {"may_work_on": None, "merged": None}
FORUMS = [
    forum
    for forum in forums_of(
        load_settings(
            forums={
                "ahn": {"title": "Møtet med AHN og GA", "channel": "C0GROSS01", "digest_cron": "0 14 * * TUE#1"},
                "vest": {"title": "Regionalt forum Vest", "channel": "C0VEST001", "digest_cron": "0 12 * * MON"},
            }
        )
    ).values()
    if not forum.is_main
]
ON_THE_CASE: dict[str, Any] = {"case": facts.ETOPOSID, "metadata": "{}"}
CHOICES = {
    "every_status": OPEN,
    "every_cause": list(Cause),
    "every_source": list(Source),
    "every_authorised": list(Authorised),
    "every_sector": list(Sector),
    "every_factor": list(SystemFactor),
    "every_criticality": list(Criticality),
    "every_group": list(Group),
    "every_region": list(Region),
    "every_solution": list(Solution),
    "usual_ward_days": 7,
}
EVERY: dict[str, Any] = {
    "every_runs_out": list(RunsOut),
    "every_missing": list(Missing),
    "every_fact": list(Reported),
    "trusts": trusts()[:2],
    "other_place": "other",
    "join_action": "join",
    "open_brand": None,
    "metadata": "{}",
    "own_place": None,
    "note": None,
    "ticked": [],
    "place": "OUS Rikshospitalet",
    "runs_out": None,
    "missing": Missing.STRENGTH,
    "may_register": False,
    "came_by": None,
    "told_by": None,
    "told_by_user": None,
    "every_way": list(CameBy),
    "report_id": None,
    "nearby": None,
    "nearby_words": "",
    "medicine": Choice("Valtrex tab 500 mg", "", "p:1"),
    "medicine_action": "medicine",
    "may_add": False,
}
MEDICINE: dict[str, Any] = {
    "medicine": None,
    "filled": SimpleNamespace(
        **{name: getattr(facts.OWN_MEDICINE, name) for name in OwnMedicine.__slots__}
        | {"authorised": Authorised.NO, "scope": Goods.MEDICINE, "synonyms": "radanil"}
    ),
    "metadata": "{}",
    "every_authorised": list(Authorised),
    "every_scope": list(Goods),
}

KEEPING: dict[str, Any] = {
    "every_holdable": list(Holdable),
    "every_base": list(DemandBase),
    "every_kind": list(PoolKind),
    "every_limit_in": list(LimitIn),
}

CHOICES = {
    "every_status": OPEN,
    "every_cause": list(Cause),
    "every_source": list(Source),
    "every_authorised": list(Authorised),
    "every_sector": list(Sector),
    "every_factor": list(SystemFactor),
    "every_criticality": list(Criticality),
    "every_group": list(Group),
    "every_region": list(Region),
    "every_solution": list(Solution),
    "usual_ward_days": 7,
}
GOLDEN: dict[str, tuple[str, dict[str, Any]]] = {
    "alert": ("alert.j2", {"alert": facts.alert(), "numbers": True}),
    "alert, empty and snoozed": ("alert.j2", {"alert": facts.empty_alert(), "numbers": True}),
    "alert, open channel": ("alert.j2", {"alert": facts.alert(), "numbers": False}),
    "alert, near its limit": ("alert.j2", {"alert": facts.early_alert(), "numbers": True}),
    "alert, near its limit, open channel": ("alert.j2", {"alert": facts.early_alert(), "numbers": False}),
    "alert, recovered": ("alert.j2", {"alert": facts.alert(AlertChange.RECOVER), "numbers": True}),
    "alert, false": ("alert.j2", {"alert": facts.false_alert(), "numbers": True}),
    "alert, given": ("alert.j2", {"alert": facts.given_alert(), "numbers": True}),
    "alert, worse and not confirmed": (
        "alert.j2",
        {"alert": facts.alert(AlertChange.WORSEN, followed_by=facts.MONA), "numbers": True},
    ),
    "alert, worse and the centre told": (
        "alert.j2",
        {
            "alert": facts.alert(AlertChange.NOTHING, followed_by=facts.MONA, answer_by=None, centre_told=True),
            "numbers": True,
        },
    ),
    "alert_answer": ("alert_answer.j2", {"said": phrase("{who} følger opp.", who=facts.MONA), "who": ()}),
    "alert_answer, passed on": (
        "alert_answer.j2",
        {
            "said": phrase("Ingen har svart i tide. Varselet er sendt videre til"),
            "who": (facts.MONA, facts.SIRI),
        },
    ),
    "alert_given": ("alert_given.j2", {"alert": facts.given_alert(), "numbers": True}),
    "alert_list": (
        "alert_list.j2",
        {
            "alerts": [facts.empty_alert(), facts.alert()],
            "numbers": {facts.alert().id},
            "count": 40,
            "unanswered": False,
            "are_new": True,
        },
    ),
    "alert_list, unanswered": (
        "alert_list.j2",
        {"alerts": [facts.alert()], "numbers": {facts.alert().id}, "count": 1, "unanswered": True, "are_new": False},
    ),
    "alert_list, many unanswered": (
        "alert_list.j2",
        {
            "alerts": [facts.empty_alert(), facts.alert()],
            "numbers": set(),
            "count": 2,
            "unanswered": True,
            "are_new": False,
        },
    ),
    "alert_list, worse": (
        "alert_list.j2",
        {
            "alerts": [facts.empty_alert(), facts.alert()],
            "numbers": {facts.alert().id},
            "count": 7,
            "unanswered": False,
            "are_new": False,
        },
    ),
    "alert_list_recovered": ("alert_list_recovered.j2", {"alerts": [facts.alert(), facts.alert()]}),
    "alert_page": (
        "alert_page.j2",
        {
            "found": AlertPage((facts.empty_alert(), facts.alert()), total=42, page=1, pages=3),
            "numbers": {facts.alert().id},
        },
    ),
    "alert_week": ("alert_week.j2", {"worth": facts.WORTH, "week": 29, "waiting": 3}),
    "alert_news, moved": ("alert_news.j2", {"alert": facts.alert(AlertChange.UPDATE), "numbers": True}),
    "alert_news, snooze over": ("alert_news.j2", {"alert": facts.alert(AlertChange.RESUME), "numbers": True}),
    "alert_news, recovered": ("alert_news.j2", {"alert": facts.alert(AlertChange.RECOVER), "numbers": True}),
    "alert_news, worse": ("alert_news.j2", {"alert": facts.alert(AlertChange.WORSEN), "numbers": True}),
    "case_card": ("case_card.j2", {"case": facts.ETOPOSID, "numbers": True}),
    "case_card, restricted": (
        "case_card.j2",
        {"case": replace(facts.ETOPOSID, restrictions=(facts.restriction(),)), "numbers": True},
    ),
    "case_published, restricted": (
        "case_published.j2",
        {"case": replace(facts.PUBLISHED, restrictions=(facts.restriction(published=True),))},
    ),
    "case_card, many candidates": (
        "case_card.j2",
        {"case": replace(facts.ETOPOSID, candidates=facts.ETOPOSID.candidates * 3), "numbers": True},
    ),
    "case_card, handed over": (
        "case_card.j2",
        {"case": replace(facts.ETOPOSID, stand_in=facts.MONA, next_step_for=facts.MONA), "numbers": True},
    ),
    "case_card, counted by many": (
        "case_card.j2",
        {
            "case": replace(
                facts.ETOPOSID,
                cover=replace(facts.ETOPOSID.cover, pools=tuple(f"Sykehus {n}, eget lager" for n in range(17))),
            ),
            "numbers": True,
        },
    ),
    "case_card, open channel": ("case_card.j2", {"case": facts.VALTREX, "numbers": False}),
    "case_card, reported": ("case_card.j2", {"case": facts.VALTREX, "numbers": True}),
    "case_card, closed": ("case_card.j2", {"case": facts.CLOSED, "numbers": True}),
    "case_card, not relevant": ("case_card.j2", {"case": facts.NOT_RELEVANT, "numbers": True}),
    "case_card, merged": ("case_card.j2", {"case": facts.MERGED, "numbers": True}),
    "case_card, perhaps another's": ("case_card.j2", {"case": facts.PERHAPS, "numbers": True}),
    "case_card, nothing known": ("case_card.j2", {"case": facts.UNKNOWN, "numbers": True}),
    "case_followed": ("case_followed.j2", {"case": facts.PUBLISHED, "follows": "ATC L01", "channel": False}),
    "case_followed, in a channel": (
        "case_followed.j2",
        {"case": replace(facts.PUBLISHED, regions=(Region.NORTH, Region.WEST)), "follows": "ATC L01", "channel": True},
    ),
    "case_followed_full": (
        "case_followed_full.j2",
        {
            "case": facts.ETOPOSID,
            "what": phrase("Oppdatert: {what}.", what=phrase("ny sluttdato {end}", end=dt.date(2025, 9, 15))),
            "follows": "ATC L01",
            "channel": False,
        },
    ),
    "pool_followed": (
        "pool_followed.j2",
        {
            "alerts": [facts.alert(AlertChange.RAISE), facts.alert(AlertChange.RECOVER)],
            "count": 2,
            "numbers": {facts.alert(AlertChange.RAISE).id},
            "pool": "Fokuslisten",
            "follows": "Fokuslisten",
            "channel": False,
        },
    ),
    "followed_collected": (
        "followed_collected.j2",
        {
            "news": [
                Collected("ATC L01", case=facts.PUBLISHED),
                Collected("ATC L01", case=facts.ETOPOSID, full=True),
                Collected("Fokuslisten", pool="Fokuslisten", alerts=3),
            ],
            "more": 2,
            "labels": ["ATC L01", "Fokuslisten"],
            "channel": False,
        },
    ),
    "follows": (
        "follows.j2",
        {
            "follows": [
                FollowView("ATC L01", Pace.WEEKLY, None),
                FollowView("valaciklovir", Pace.NOW, dt.date(2025, 7, 21)),
                FollowView("2025-0147", Pace.NEVER, dt.date(2025, 7, 21)),
            ],
            "channel": False,
        },
    ),
    "follows, nothing": ("follows.j2", {"follows": [], "channel": True}),
    "muted": ("muted.j2", {"label": "2025-0147", "until": dt.date(2025, 7, 21)}),
    "modals/mute_following": (
        "modals/mute_following.json.j2",
        {
            "what": [("Bare sak 2025-0147", "case"), ("Alt om ATC L01", "follow")],
            "choices": [("2025-07-21", "21. juli"), ("2025-08-13", "13. aug.")],
            "metadata": "{}",
        },
    ),
    "followed, collected": (
        "followed.j2",
        {"followed": Followed("valaciklovir", True, "weekly"), "channel": None, "stopped": False},
    ),
    "case_for_reporter": (
        "case_for_reporter.j2",
        {"case": facts.PUBLISHED, "what": phrase("ny sluttdato {end}", end=facts.PUBLISHED.expected_end)},
    ),
    "case_for_reporter, before publishing": (
        "case_for_reporter.j2",
        {
            "case": facts.VALTREX,
            "what": phrase("senteret har nye opplysninger om saken. De er ikke publisert ennå"),
        },
    ),
    "case_for_reporter, closed": ("case_for_reporter.j2", {"case": facts.CLOSED, "what": phrase("saken er avsluttet")}),
    "case_list": ("case_list.j2", {"found": facts.FOUND, "works": False}),
    "case_list, centre": ("case_list.j2", {"found": facts.FOUND, "works": True}),
    "case_list, nothing published": (
        "case_list.j2",
        {"found": CaseList((), 0, 1, published_only=True), "works": False},
    ),
    "case_published": ("case_published.j2", {"case": facts.PUBLISHED}),
    "case_published, taken back": ("case_published.j2", {"case": facts.ETOPOSID}),
    "case_thread": (
        "case_thread.j2",
        {
            "case": facts.ETOPOSID,
            "what": phrase("Oppdatert: {what}.", what=(phrase("ny sluttdato {end}", end=dt.date(2025, 12, 15)),)),
            "tell": (),
        },
    ),
    "case_thread, somebody to tell": (
        "case_thread.j2",
        {
            "case": facts.ETOPOSID,
            "what": phrase("Oppdatert: {what}.", what=(phrase("ny sluttdato {end}", end=dt.date(2025, 12, 15)),)),
            "tell": (phrase("{who} ({how})", who="vakthavende farmasøyt, Haukeland", how=CameBy.PHONE.words),),
        },
    ),
    "report_for_you": (
        "report_for_you.j2",
        {"receipt": facts.RECEIPT, "who": Mention("U0SIRI0001")},
    ),
    "modals/report, for somebody else": (
        "modals/report.json.j2",
        EVERY | {"may_register": True, "came_by": CameBy.PHONE, "told_by": "vakthavende farmasøyt, Haukeland"},
    ),
    "choose": (
        "choose.j2",
        {"words": "zypr", "options": facts.OPTIONS, "action": "show_status", "may_add": False},
    ),
    "choose, centre": (
        "choose.j2",
        {"words": "zypr", "options": facts.OPTIONS, "action": "show_status", "may_add": True},
    ),
    "restrictions": (
        "restrictions.j2",
        {
            "found": RestrictionsView(
                "2025-0044",
                "Ozempic inj, oppl 1 mg/0,74 ml",
                (facts.restriction(), facts.restriction(RestrictionState.PLAN, regions=(Region.NORTH, Region.WEST))),
            ),
            "today": facts.TODAY,
            "may_work": True,
            "templates": RESTRICTION_TEMPLATES,
        },
    ),
    "restrictions, none": (
        "restrictions.j2",
        {
            "found": RestrictionsView("2025-0044", "Ozempic inj, oppl 1 mg/0,74 ml", ()),
            "today": facts.TODAY,
            "may_work": False,
            "templates": (),
        },
    ),
    **{
        f"restriction, {state.value}": (
            "restriction.j2",
            {"one": facts.restriction(state, published=False), "today": facts.TODAY},
        )
        for state in RestrictionState
    },
    "restriction, hospitals": (
        "restriction.j2",
        {"one": facts.restriction(sector=Sector.HOSPITAL), "today": facts.TODAY},
    ),
    "restriction, primary care": (
        "restriction.j2",
        {"one": facts.restriction(sector=Sector.PRIMARY, regions=(Region.NORTH,)), "today": facts.TODAY},
    ),
    "restriction, published": ("restriction.j2", {"one": facts.restriction(), "today": facts.TODAY}),
    "modals/restriction": (
        "modals/restriction.json.j2",
        {
            "metadata": "{}",
            "callback": "restriction",
            "title": "Ozempic inj, oppl 1 mg/0,74 ml",
            "one": facts.restriction(regions=(Region.NORTH,)),
            "part": facts.restriction().parts[0],
            **RESTRICTION_CHOICES,
        },
    ),
    "modals/restriction_part": (
        "modals/restriction_part.json.j2",
        {"metadata": "{}", "part": facts.restriction().parts[2], **RESTRICTION_CHOICES},
    ),
    "modals/lift_part": ("modals/lift_part.json.j2", {"metadata": "{}", "today": facts.TODAY}),
    "inquiry_ask": ("inquiry_ask.j2", {"question": facts.question()}),
    "inquiry_ask, packs": ("inquiry_ask.j2", {"question": facts.question(pack=10.0, unit="tablett")}),
    "inquiry_ask, answered": ("inquiry_ask.j2", {"question": facts.question(facts.BERGENS)}),
    "inquiry_ask, on the telephone": (
        "inquiry_ask.j2",
        {"question": facts.question(replace(facts.BERGENS, came_by=CameBy.PHONE, told_by="Anne Apotek"))},
    ),
    "inquiry_ask, choices": ("inquiry_ask.j2", {"question": facts.question(**facts.CHOICES_OF_HERA)}),
    "inquiry_ask, words": (
        "inquiry_ask.j2",
        {"question": facts.question(kind=InquiryKind.OPINION, answer_with=AnswerKind.WORDS, words="Hvem bør få?")},
    ),
    "inquiry_ask, need": (
        "inquiry_ask.j2",
        {
            "question": facts.question(
                kind=InquiryKind.NEED, first=facts.NEED.first, last=facts.NEED.last, words=facts.NEED.words
            )
        },
    ),
    "inquiry_ask, too late": ("inquiry_ask.j2", {"question": facts.question(state=InquiryState.CLOSED)}),
    "inquiry_ask, over": ("inquiry_ask.j2", {"question": facts.question(facts.BERGENS, InquiryState.CLOSED)}),
    "inquiry_ask, withdrawn": ("inquiry_ask.j2", {"question": facts.question(state=InquiryState.WITHDRAWN)}),
    "inquiry_progress": ("inquiry_progress.j2", {"inquiry": facts.inquiry()}),
    "inquiry_progress, over": ("inquiry_progress.j2", {"inquiry": facts.inquiry(InquiryState.CLOSED)}),
    "inquiry": ("inquiry.j2", {"result": Result(facts.inquiry(), None), "may_work": True}),
    "inquiry, closed": ("inquiry.j2", {"result": Result(facts.inquiry(InquiryState.CLOSED), None), "may_work": False}),
    "inquiry, choices": (
        "inquiry.j2",
        {
            "result": Result(
                facts.inquiry(
                    asked=(
                        Respondent(
                            1, "Bergen", None, "Helse Vest", answer=replace(facts.BERGENS, quantity=None, choice="Nei")
                        ),
                        Respondent(2, None, facts.MONA, None, (facts.MONA,)),
                    ),
                    **facts.CHOICES_OF_HERA,
                ),
                None,
            ),
            "may_work": True,
        },
    ),
    "inquiry, on its way to DMP": (
        "inquiry.j2",
        {
            "result": Result(facts.inquiry(path=facts.ON_ITS_WAY, asked=(), **facts.CHOICES_OF_HERA), None),
            "may_work": True,
        },
    ),
    "inquiry, replied": (
        "inquiry.j2",
        {
            "result": Result(
                facts.inquiry(InquiryState.CLOSED, path=facts.REPLIED, asked=(), **facts.CHOICES_OF_HERA), None
            ),
            "may_work": True,
        },
    ),
    "case_card, asked": (
        "case_card.j2",
        {
            "case": replace(
                facts.ETOPOSID,
                asked=(
                    AskedLine(InquiryKind.STOCK, InquiryState.OPEN, facts.inquiry().deadline, None),
                    AskedLine(InquiryKind.INTEREST, InquiryState.OPEN, facts.inquiry().deadline, facts.ON_ITS_WAY),
                ),
            ),
            "numbers": True,
        },
    ),
    "reminders, reply": (
        "reminders.j2",
        {
            "reminders": [
                replace(facts.reminded(ReminderKind.REPLY, text="Avklart med RHF-ene"), about_kind="inquiry", about="5")
            ],
            "settled": (),
            "more": 0,
        },
    ),
    "panels": ("panels.j2", {"panels": [facts.PANEL, replace(facts.PANEL, experts=())], "may_work": True}),
    "panels, none": ("panels.j2", {"panels": [], "may_work": False}),
    "panel": ("panel.j2", {"panel": replace(facts.PANEL, inquiries=(facts.inquiry(),)), "may_work": True}),
    "panel, empty": ("panel.j2", {"panel": replace(facts.PANEL, experts=()), "may_work": False}),
    "modals/new_panel": ("modals/new_panel.json.j2", {"metadata": "{}"}),
    "modals/add_expert": (
        "modals/add_expert.json.j2",
        {"metadata": "{}", "panel": facts.PANEL, "today": facts.TODAY},
    ),
    "modals/take_inquiry_step": (
        "modals/take_inquiry_step.json.j2",
        {"metadata": "{}", "inquiry": facts.inquiry(), "every_step": facts.ON_ITS_WAY.left, "today": facts.TODAY},
    ),
    "inquiry, estimate against use": (
        "inquiry.j2",
        {"result": Result(facts.NEED, facts.NEED_AGAINST_USE), "may_work": True},
    ),
    "inquiries": (
        "inquiries.j2",
        {
            "found": AskedAbout("2025-0101", facts.ZYPADHERA, (facts.inquiry(), facts.NEED), "hetteglass", None),
            "may_work": True,
        },
    ),
    "inquiries, none": (
        "inquiries.j2",
        {"found": AskedAbout("2025-0101", facts.ZYPADHERA, (), "hetteglass", None), "may_work": False},
    ),
    "modals/ask_hospitals": (
        "modals/ask_hospitals.json.j2",
        {
            "metadata": "{}",
            "found": AskedAbout("2025-0101", facts.ZYPADHERA, (), "hetteglass", 10.0),
            "every_kind": list(InquiryKind),
            "every_answer": list(AnswerKind),
            "every_trust": asked_choices(),
            "every_panel": [facts.PANEL],
            "deadline": facts.TODAY,
        },
    ),
    "modals/answer_inquiry": (
        "modals/answer_inquiry.json.j2",
        {"metadata": "{}", "question": facts.question(facts.BERGENS, pack=10.0)},
    ),
    "modals/answer_inquiry, choices": (
        "modals/answer_inquiry.json.j2",
        {"metadata": "{}", "question": facts.question(**facts.CHOICES_OF_HERA)},
    ),
    "modals/answer_inquiry, words": (
        "modals/answer_inquiry.json.j2",
        {"metadata": "{}", "question": facts.question(None, kind=InquiryKind.OPINION, answer_with=AnswerKind.WORDS)},
    ),
    "modals/answer_for": (
        "modals/answer_for.json.j2",
        {
            "metadata": "{}",
            "inquiry": facts.inquiry(),
            "every_way": WAYS,
            "every_named": [("1", "Førde"), ("2", "Bergen")],
            "anybody": True,
        },
    ),
    "allocation, proposed": (
        "allocation.j2",
        {"view": facts.allocation_view(AllocationState.DRAFT, reserve="20", lot="5", most="25"), "may_work": False},
    ),
    "allocation": (
        "allocation.j2",
        {"view": facts.allocation_view(sent={"Bergen": 10, "OUS": 13}), "may_work": True},
    ),
    "allocation_decided": (
        "allocation_decided.j2",
        {"view": facts.allocation_view(sent={"Bergen": 10}), "shares": True},
    ),
    "allocation_decided, open channel": ("allocation_decided.j2", {"view": facts.allocation_view(), "shares": False}),
    "allocation_published": ("allocation_published.j2", {"view": facts.allocation_view(AllocationState.PUBLISHED)}),
    "allocation_published, taken back": (
        "allocation_published.j2",
        {"view": facts.allocation_view(AllocationState.WITHDRAWN)},
    ),
    "allocation_own": (
        "allocation_own.j2",
        {
            "shares": [
                facts.own_share("Bergen", sent={"Bergen": 10}),
                facts.own_share("Finnmark"),
                facts.own_share("Bergen", withdrawn=True),
            ]
        },
    ),
    "allocation_own, none": ("allocation_own.j2", {"shares": []}),
    "allocations": (
        "allocations.j2",
        {
            "found": AllocationsView(
                "2025-0101",
                "Zypadhera pulv til depotinj væske, susp 300 mg",
                (facts.allocation_view(sent={"Bergen": 10}), facts.allocation_view(AllocationState.PUBLISHED)),
            ),
            "may_work": True,
        },
    ),
    "allocations, none": (
        "allocations.j2",
        {"found": AllocationsView("2025-0101", "Zypadhera", ()), "may_work": True},
    ),
    "modals/allocate": (
        "modals/allocate.json.j2",
        {
            "metadata": "{}",
            "number": "2025-0101",
            "title": "Zypadhera pulv til depotinj væske, susp 300 mg",
            "form": AllocationForm(None, Among.TRUSTS, Base.PEOPLE, reserve="20", use="Bergen 30"),
            "counted_on": None,
            "every_among": list(Among),
            "every_base": list(Base),
        },
    ),
    "modals/allocate, counted": (
        "modals/allocate.json.j2",
        {
            "metadata": "{}",
            "number": "2025-0101",
            "title": "Zypadhera pulv til depotinj væske, susp 300 mg",
            "form": AllocationForm(None, Among.TRUSTS, Base.PEOPLE, stock="Bergen 14\nUNN 4"),
            "counted_on": dt.date(2025, 7, 11),
            "every_among": list(Among),
            "every_base": list(Base),
        },
    ),
    "modals/decide_allocation": (
        "modals/decide_allocation.json.j2",
        {"metadata": "{}", "view": facts.allocation_view(AllocationState.DRAFT)},
    ),
    "modals/correct_allocation": (
        "modals/correct_allocation.json.j2",
        {"metadata": "{}", "view": facts.allocation_view(), "typed_lines": "Bergen 10"},
    ),
    "what_if": (
        "what_if.j2",
        {"answer": facts.what_if_view(DemandChanges(-0.3, dt.date(2025, 8, 1)), DeliveriesLate(14)), "value": "p:1"},
    ),
    "what_if, no ratio": (
        "what_if.j2",
        {"answer": facts.what_if_view(PatientsMoveHere("Zovirax tab 200 mg", 90, 0.3, None), case=None), "value": None},
    ),
    "what_if_unread": ("what_if_unread.j2", {"unread": "banan", "examples": EXAMPLES, "value": "p:1"}),
    **{
        f"modals/what_if, {kind.value}": (
            "modals/what_if.json.j2",
            {
                "medicine": Choice("Valtrex tab 500 mg", "", "p:1"),
                "kind": kind,
                "every_kind": list(Kind),
                "pools": list(facts.POOLS.values())[:2],
                "today": facts.TODAY,
                "metadata": "{}",
            },
        )
        for kind in Kind
    },
    "who": ("who.j2", {"asked": facts.ASKED}),
    "who, clinician": ("who.j2", {"asked": replace(facts.ASKED, cases=(), everything=False)}),
    "who, nobody": ("who.j2", {"asked": Asked("Valtrex", (facts.VALTREX,), everything=True)}),
    "substitutes": ("substitutes.j2", {"asked": facts.ASKED}),
    "substitutes, clinician": (
        "substitutes.j2",
        {"asked": replace(facts.ASKED, cases=(facts.PUBLISHED,), everything=False)},
    ),
    "substitutes, no case": (
        "substitutes.j2",
        {"asked": Asked("Etoposid", (), everything=True, candidates=facts.ETOPOSID.candidates)},
    ),
    "substitutes, nothing published": ("substitutes.j2", {"asked": Asked("Meropenem", (), everything=False)}),
    "news": ("news.j2", {"news": facts.NEWS}),
    "news, nothing published": (
        "news.j2",
        {"news": replace(facts.NEWS, opened=(), closed=(), changed=(), wanted="", everything=False)},
    ),
    "count": (
        "count.j2",
        {
            "count": Count("", 23, 61, {"L": 12, "J": 11}),
            "letters": [(atc_words("L"), 12), (atc_words("J"), 11)],
            "everything": True,
        },
    ),
    "count, clinician": ("count.j2", {"count": Count("J01", 1, None, {}), "letters": [], "everything": False}),
    "compare": ("compare.j2", {"compared": Comparison((facts.STOCK, facts.MUCOMYST))}),
    "compare, clinician": (
        "compare.j2",
        {"compared": Comparison((facts.BANDS, replace(facts.BANDS, title="Meropenem", cases=())))},
    ),
    "not_understood": ("not_understood.j2", {"why": "unknown", "words": "fortell en vits"}),
    "not_understood, change": ("not_understood.j2", {"why": "change", "words": "lukk saken"}),
    "not_understood, treatment": ("not_understood.j2", {"why": "treatment", "words": "kan jeg gi"}),
    "curve": ("curve.j2", {"title": "Valtrex tab 500 mg (valaciklovir) · Fokuslisten"}),
    "picture": ("picture.j2", {"title": "Mangelsaker i 2025"}),
    "digest": ("digest.j2", {"digest": facts.digest(reviews=facts.REVIEWS)}),
    "digest, another forum": ("digest.j2", {"digest": replace(facts.digest(), title="Møtet med AHN og GA")}),
    "digest_head": (
        "digest_head.j2",
        {
            "digest": facts.digest(tasks=facts.TASKS + facts.EARLIER[1:2], reviews=facts.REVIEWS),
            "forum": "mangelmote",
        },
    ),
    "forum_figures": ("forum_figures.j2", facts.YEAR),
    "digest_section": (
        "digest_section.j2",
        {"digest": facts.digest(), "heading": phrase("Pågående"), "entries": facts.digest().ongoing},
    ),
    "digest_thread": (
        "digest_thread.j2",
        {"digest": replace(facts.digest(), unchanged=facts.digest().ongoing), "lists": True},
    ),
    "digest_all": ("digest_all.j2", {"cases": [facts.VALTREX, facts.ETOPOSID]}),
    "digest_post": ("digest_post.j2", {"week": 29, "may_post": True, "forum": "mangelmote", "others": FORUMS}),
    "digest_post, posted": ("digest_post.j2", {"week": 29, "may_post": False, "forum": "vest", "others": []}),
    "meeting_board": ("meeting_board.j2", {"board": facts.board()}),
    "meeting_board, opened": ("meeting_board.j2", {"board": facts.board(0)}),
    "meeting_board, last": ("meeting_board.j2", {"board": facts.board(3)}),
    "meeting_board, over": ("meeting_board.j2", {"board": facts.board(3, is_over=True)}),
    "reminders, task": (
        "reminders.j2",
        {"reminders": [facts.reminded(ReminderKind.TASK, text="be DMP vurdere rasjonering")], "settled": (), "more": 0},
    ),
    "reminders, answer": (
        "reminders.j2",
        {
            "reminders": [
                replace(
                    facts.reminded(ReminderKind.ANSWER, text="Hvor mange pakninger har dere?"),
                    about_kind="asked",
                    about="5",
                )
            ],
            "settled": (),
            "more": 0,
        },
    ),
    "minutes": ("minutes.j2", {"minutes": facts.minutes(), "again": False}),
    "minutes, again and nothing decided": (
        "minutes.j2",
        {"minutes": facts.minutes(decisions=(), tasks=(), earlier=(), guests=None), "again": True},
    ),
    "task_given": ("task_given.j2", {"task": facts.TASKS[0]}),
    "task_given, another forum": (
        "task_given.j2",
        {"task": replace(facts.TASKS[0], forum_title="Møtet med AHN og GA")},
    ),
    "modals/meeting_decision": ("modals/meeting_decision.json.j2", {"case": facts.IN_HAND, "metadata": "{}"}),
    "modals/meeting_task": (
        "modals/meeting_task.json.j2",
        {"case": facts.IN_HAND, "due": dt.date(2025, 7, 24), "metadata": "{}"},
    ),
    "modals/meeting_end": ("modals/meeting_end.json.j2", {"case": facts.IN_HAND, "metadata": "{}"}),
    "modals/meeting_other": ("modals/meeting_other.json.j2", {"metadata": "{}"}),
    "modals/meeting_close": (
        "modals/meeting_close.json.j2",
        {"present": ["U00000003"], "guests": None, "metadata": "{}"},
    ),
    "digest_update": ("digest_update.j2", {"digest": facts.digest(only_news=True)}),
    "domino": ("domino.j2", {"domino": facts.domino(), "numbers": True}),
    "domino, open channel": ("domino.j2", {"domino": facts.domino(), "numbers": False}),
    "domino, counted by many": (
        "domino.j2",
        {
            "domino": facts.domino(
                cover=replace(facts.domino().cover, pools=("Fokuslisten", "Bergen", "Fonna", "OUS", "UNN", "Førde"))
            ),
            "numbers": True,
        },
    ),
    "domino, with a case": ("domino.j2", {"domino": facts.domino(own_case="2025-0240"), "numbers": True}),
    "domino_over": ("domino_over.j2", {"domino": facts.domino(over=True)}),
    "domino, over": ("domino.j2", {"domino": facts.domino(over=True), "numbers": True}),
    "followed": ("followed.j2", {"followed": facts.FOLLOWED, "channel": None, "stopped": False}),
    "followed, channel": ("followed.j2", {"followed": facts.FOLLOWED, "channel": "C1", "stopped": False}),
    "followed, stopped": ("followed.j2", {"followed": facts.FOLLOWED, "channel": None, "stopped": True}),
    "help": ("help.j2", {"commands": COMMANDS}),
    "language": ("language.j2", {}),
    "home": (
        "home.json.j2",
        {
            "works": False,
            "reads_cases": False,
            "sections": [
                ("home_stock.j2", {name: facts.MY_POOLS[name] for name in ("stock", "numbers")}),
                ("home_reports.j2", {name: value for name, value in facts.MY_REPORTS.items() if name != "works"}),
            ],
            "source": phrase("{register}, {on}", register="FEST", on=dt.date(2025, 12, 1)),
        },
    ),
    "home_catalogue": ("home_catalogue.j2", {"proposals": facts.PROPOSALS, "most": 1, "done": None}),
    "home_catalogue, decided": (
        "home_catalogue.j2",
        {"proposals": (), "most": 3, "done": phrase("«{words}» er nå et kortnavn. Alle kan bruke det.", words="isavu")},
    ),
    "home_centre": ("home_centre.j2", facts.DESK),
    "home_centre, nothing to do": ("home_centre.j2", facts.QUIET_DESK),
    "home_start, clinician": ("home_start.j2", {"works": False, "reads_cases": False}),
    "home_start, meeting": ("home_start.j2", {"works": False, "reads_cases": True}),
    "home_start, centre": ("home_start.j2", {"works": True, "reads_cases": True}),
    "home_stock, centre": (
        "home_stock.j2",
        {"works": True, "numbers": set(), "stock": replace(facts.MY_POOLS["stock"], alerts=(), more=4)},
    ),
    "away": ("away.j2", {"away": facts.AWAY}),
    "file_offer": ("file_offer.j2", {"name": "brev.pdf", "number": "2025-0147", "value": "{}"}),
    "case_log": ("case_log.j2", {"log": facts.LOG}),
    "case_log, last": ("case_log.j2", {"log": replace(facts.LOG, page=3, entries=facts.LOG.entries[-1:])}),
    "handed_over": (
        "handed_over.j2",
        {
            "who": facts.SIRI,
            "note": "Leverandøren ringer fredag.",
            "cases": [("2025-0147", facts.ETOPOSID.title, "Ring leverandøren.", facts.TODAY)],
            "count": 3,
        },
    ),
    "desk_list": ("desk_list.j2", facts.DESK_LIST),
    "bulk_cases": ("bulk_cases.j2", {"cases": [facts.ETOPOSID_IN_LIST, facts.VALTREX_IN_LIST]}),
    "bulk_preview": ("bulk_preview.j2", {"plan": facts.PLAN, "form": facts.HANDING_OVER}),
    "bulk_preview, stopped": ("bulk_preview.j2", {"plan": facts.STOPPED_PLAN, "form": facts.HANDING_OVER}),
    "bulk_done": ("bulk_done.j2", {"batch": facts.THE_DESK.last_batch, "to": None}),
    "bulk_done, handed over": (
        "bulk_done.j2",
        {"batch": Batch(6, BulkKind.GIVEN, 3, facts.NOW), "to": "U00000006"},
    ),
    "bulk_back": ("bulk_back.j2", {"back": facts.TAKEN_BACK}),
    "modals/desk_list": ("modals/desk_list.json.j2", facts.DESK_LIST),
    **{
        f"modals/bulk_form, {kind.value}": (
            "modals/bulk_form.json.j2",
            {
                "kind": kind,
                "every_kind": list(BulkKind),
                "every_status": CLOSING,
                "every_outcome": list(Outcome),
                "every_not_relevant": list(NotRelevant),
                "longest_note": 400,
                "cases": [facts.ETOPOSID_IN_LIST, facts.VALTREX_IN_LIST],
                "metadata": "{}",
            },
        )
        for kind in BulkKind
    },
    "modals/bulk_preview": (
        "modals/bulk_preview.json.j2",
        {"plan": facts.PLAN, "form": facts.HANDING_OVER, "metadata": "{}"},
    ),
    "modals/bulk_preview, stopped": (
        "modals/bulk_preview.json.j2",
        {"plan": facts.STOPPED_PLAN, "form": facts.HANDING_OVER, "metadata": "{}"},
    ),
    "home_reports": ("home_reports.j2", facts.MY_REPORTS),
    "home_reports, none": ("home_reports.j2", facts.NO_REPORTS),
    "home_stock": ("home_stock.j2", facts.MY_POOLS),
    "medicine_added": (
        "medicine_added.j2",
        {"title": "Abarax tab 100 mg (benznidazol)", "id": "egen:1", "cases": [], "done": None},
    ),
    "medicine_added, reported before": (
        "medicine_added.j2",
        {
            "title": "Abarax tab 100 mg (benznidazol)",
            "id": "egen:1",
            "cases": [AsWritten("2025-0301", "Abarrax 100"), AsWritten("2025-0302", "benznidazol")],
            "done": None,
        },
    ),
    "not_found": ("not_found.j2", {"words": "xqzzk", "may_add": False}),
    "not_found, centre": ("not_found.j2", {"words": "xqzzk", "may_add": True}),
    "pilot": ("pilot.j2", {"to": ChannelLink("C0SAKER001"), "direct": False}),
    "pilot_direct": ("pilot.j2", {"to": Mention("U0KARI0001"), "direct": True}),
    "notice": ("notice.j2", {"said": phrase("Du har nå saken {number}.", number="2025-0147")}),
    "offer_form": ("offer_form.j2", {"name": "Valtrex tab 500 mg", "value": "p:1"}),
    "pool_silent": ("pool_silent.j2", {"pools": facts.SILENT, "in_channel": True}),
    "pool_silent, to its managers": ("pool_silent.j2", {"pools": facts.SILENT[:1], "in_channel": False}),
    "own_list": ("own_list.j2", facts.OWN_LIST),
    "own_list, empty": (
        "own_list.j2",
        {"own": OwnList((), (), 1, 1), "medicines": [], "done": phrase("{name} er fjernet fra listen.", name="Abarax")},
    ),
    "quick_words": (
        "quick_words.j2",
        {
            "offer": Offer(
                "2025-0147",
                (
                    Line(phrase("Ny sluttdato"), dt.date(2025, 12, 15), phrase("ukjent")),
                    Line(
                        phrase("Neste steg"),
                        phrase(
                            "{step} – {who}",
                            step=phrase("{text}, frist {day}", text="ring leverandør", day=dt.date(2025, 7, 18)),
                            who=facts.SIRI,
                        ),
                    ),
                ),
                "{}",
            )
        },
    ),
    "quick_words, closing": (
        "quick_words.j2",
        {
            "offer": Offer(
                "2025-0147", (Line(phrase("Avslutt saken"), phrase("skriv hvorfor i skjemaet")),), "{}", needs_form=True
            )
        },
    ),
    "reminders": ("reminders.j2", {"reminders": [facts.STEP_DUE], "more": 0, "settled": []}),
    "reminders, several": (
        "reminders.j2",
        {
            "reminders": [
                facts.STEP_DUE,
                facts.reminded(ReminderKind.END_PASSED, 2),
                facts.reminded(ReminderKind.SILENT, 3),
                facts.reminded(ReminderKind.QUESTION, 4, text="Hvem får prioritet?"),
            ],
            "more": 7,
            "settled": [facts.reminded(ReminderKind.END_PASSED, 5, State.DONE, who=facts.SIRI)],
        },
    ),
    "reminders, all settled": (
        "reminders.j2",
        {
            "reminders": [],
            "more": 0,
            "settled": [
                facts.reminded(ReminderKind.NEXT_STEP, 1, State.SNOOZED, until=dt.date(2025, 7, 21), who=facts.SIRI),
                facts.reminded(ReminderKind.END_PASSED, 2, State.OVER),
            ],
        },
    ),
    "reminders, passed on": ("reminders.j2", {"reminders": [], "more": 0, "settled": []}),
    "reminder_page": ("reminder_page.j2", {"page": ReminderPage((facts.STEP_DUE,), 21, 2)}),
    "reminder_page, none": ("reminder_page.j2", {"page": ReminderPage((), 0, 1)}),
    "receipt": ("receipt.j2", {"receipt": facts.RECEIPT}),
    "receipt_view": ("receipt_view.j2", {"receipt": facts.RECEIPT}),
    "kept_view": ("kept_view.j2", {"name": facts.RECEIPT.name}),
    "report_corrected": ("report_corrected.j2", {"receipt": facts.RECEIPT}),
    "sheet_dropped": ("sheet_dropped.j2", {"filename": facts.PREVIEW.filename}),
    "sheet_faults": ("sheet_faults.j2", {"filename": facts.PREVIEW.filename, "faults": facts.FAULTS * 6}),
    "sheet_preview": ("sheet_preview.j2", {"sheet": facts.PREVIEW}),
    "sheet_preview, with a leap": ("sheet_preview.j2", {"sheet": facts.LEAPING}),
    "sheet_preview, with faults": ("sheet_preview.j2", {"sheet": facts.FAULTY}),
    "sheet_preview, nothing new": ("sheet_preview.j2", {"sheet": facts.NOTHING_NEW}),
    "sheet_unknown": ("sheet_unknown.j2", {"sheet": facts.STRANGE_SHEET}),
    "modals/explain_sheet": (
        "modals/explain_sheet.json.j2",
        {
            "headings": [(f"column_{n}", one) for n, one in enumerate(facts.STRANGE_SHEET.unknown.headings)],
            "meanings": list(COLUMNS.items()),
            "pools": list(facts.POOLS.values())[:3],
            "metadata": "{}",
        },
    ),
    "sheet_undone": ("sheet_undone.j2", {"undone": TakenBack("fokuslisten uke 28.xlsx", 42, 1)}),
    "sheet_laid": ("sheet_laid.j2", LAID | {"laid": Laid("natt.csv", replace(facts.PREVIEW, stored=True), None)}),
    "sheet_laid, with faults": ("sheet_laid.j2", LAID | {"laid": Laid("natt.csv", facts.FAULTY, None)}),
    "sheet_laid, no sheet": (
        "sheet_laid.j2",
        LAID | {"laid": Laid("natt.csv", None, phrase("Filen {filename} er tom.", filename="natt.csv"))},
    ),
    "reading": ("reading.j2", {"filename": "lager.xlsx", "percent": 40, "work": "w1"}),
    "reading_over": ("reading_over.j2", {"filename": "lager.xlsx", "channel": ChannelLink("C0LAGER01")}),
    "report_due": ("report_due.j2", {"pools": facts.DUE}),
    "sheet_stored, in part": ("sheet_stored.j2", {"sheet": facts.FAULTY, "alerts": []}),
    "sheet_stored": ("sheet_stored.j2", {"sheet": facts.PREVIEW, "alerts": [facts.alert()]}),
    "statistics": ("statistics.j2", facts.YEAR),
    "statistics, no cases": ("statistics.j2", facts.YEAR_WITHOUT_CASES),
    "status": (
        "status.j2",
        {"title": "Etoposid", "cases": [facts.ETOPOSID], "full": {"2025-0147"}, "report_value": "s:Etoposid"}
        | NOT_THE_CENTRE,
    ),
    "status, one case for the centre": (
        "status.j2",
        {
            "title": "Etoposid",
            "cases": [facts.ETOPOSID],
            "full": {"2025-0147"},
            "report_value": None,
            "may_work_on": "2025-0147",
            "merged": None,
        },
    ),
    "status, merged case": (
        "status.j2",
        {
            "title": "Etoposid",
            "cases": [facts.PUBLISHED],
            "full": set(),
            "report_value": None,
            "may_work_on": None,
            "merged": "2025-0391",
        },
    ),
    "status, clinician": (
        "status.j2",
        {"title": "Etoposid", "cases": [facts.PUBLISHED, facts.VALTREX], "full": set(), "report_value": "s:Etoposid"}
        | NOT_THE_CENTRE,
    ),
    "status, no case": (
        "status.j2",
        {"title": "Meropenem", "cases": [], "full": set(), "report_value": "s:Meropenem"} | NOT_THE_CENTRE,
    ),
    "stock, own rules and moved": ("stock.j2", {"stock": facts.MUCOMYST, "value": "p:1"}),
    "item_kept": ("item_kept.j2", {"kept": facts.KEPT_ITEM}),
    "pool_kept": ("pool_kept.j2", {"kept": facts.KEPT_POOL}),
    "pool_news": (
        "pool_news.j2",
        {
            "said": phrase("{who} har endret {pool}.", who=facts.SIRI, pool="Fokuslisten"),
            "details": facts.KEPT_POOL.pool.words(("limit", "holdable")),
        },
    ),
    "modals/edit_item": ("modals/edit_item.json.j2", {"kept": facts.KEPT_ITEM, "metadata": "{}"} | KEEPING),
    "modals/edit_pool": ("modals/edit_pool.json.j2", {"kept": facts.KEPT_POOL, "metadata": "{}"} | KEEPING),
    "modals/move_item": (
        "modals/move_item.json.j2",
        {"kept": facts.KEPT_ITEM, "metadata": "{}", "today": facts.TODAY},
    ),
    "modals/add_candidate": (
        "modals/add_candidate.json.j2",
        ON_THE_CASE | {"every_rung": list(Rung)[1:]},
    ),
    **{f"assessment, {state.value}": ("assessment.j2", {"one": facts.assessment(state)}) for state in AssessmentState},
    "assessment, begun": (
        "assessment.j2",
        {"one": facts.assessment(AssessmentState.DRAFT, number=1, content=Content(rung=Rung.FOREIGN_PACK))},
    ),
    "assessment, out of date": ("assessment.j2", {"one": facts.assessment(today=dt.date(2026, 1, 2))}),
    "assessment_read": ("assessment_read.j2", {"one": facts.assessment(AssessmentState.DRAFT)}),
    "modals/assess": (
        "modals/assess.json.j2",
        {
            "found": AssessmentsView(
                "2025-0147",
                facts.ETOPOSID.title,
                (
                    *(
                        AssessmentLine(facts.ETOPOSID.candidates[0], one)
                        for one in (
                            facts.assessment(),
                            facts.assessment(AssessmentState.DRAFT),
                            facts.assessment(AssessmentState.WITHDRAWN),
                        )
                    ),
                    AssessmentLine(facts.ETOPOSID.candidates[1], None),
                ),
                left=3,
            )
        },
    ),
    "modals/assess, none": (
        "modals/assess.json.j2",
        {"found": AssessmentsView("2025-0147", facts.ETOPOSID.title, (), left=0)},
    ),
    **{
        f"modals/assess_{step.value}": (
            f"modals/assess_{step.value}.json.j2",
            {
                "metadata": "{}",
                "begun": Begun("Doxyferm", "Doxycyclinum TZF", facts.ASSESSED, anew=step is Step.PRODUCT),
                "one": Content() if step is Step.USE else facts.ASSESSED,
                "place": place,
                **ASSESSMENT_CHOICES,
            },
        )
        for place, step in enumerate(Step, 1)
    },
    "modals/sign_assessment": (
        "modals/sign_assessment.json.j2",
        {"metadata": "{}", "one": facts.assessment(AssessmentState.DRAFT), "professions": list(Profession)},
    ),
    "modals/withdraw_assessment": ("modals/withdraw_assessment.json.j2", {"metadata": "{}", "one": facts.assessment()}),
    "modals/withdraw_assessment, draft": (
        "modals/withdraw_assessment.json.j2",
        {"metadata": "{}", "one": facts.assessment(AssessmentState.DRAFT)},
    ),
    "reminders, assessment": (
        "reminders.j2",
        {
            "reminders": [facts.reminded(ReminderKind.ASSESSMENT, text="Doxycyclinum TZF")],
            "settled": (),
            "more": 0,
        },
    ),
    "candidates": ("candidates.j2", {"candidates": facts.ETOPOSID.candidates}),
    "candidates, none": ("candidates.j2", {"candidates": ()}),
    "stock": ("stock.j2", {"stock": facts.STOCK, "value": "p:1"}),
    "stock, clinician": ("stock.j2", {"stock": facts.BANDS, "value": "p:1"}),
    "modals/close_case": (
        "modals/close_case.json.j2",
        ON_THE_CASE
        | {
            "every_status": CLOSING,
            "every_outcome": list(Outcome),
            "every_not_relevant": list(NotRelevant),
            "every_solution": list(Solution),
            "today": facts.TODAY,
        },
    ),
    "modals/medicine": ("modals/medicine.json.j2", MEDICINE),
    "modals/medicine, edit": ("modals/medicine.json.j2", MEDICINE | {"medicine": facts.ABARAX}),
    "modals/reopen_case": ("modals/reopen_case.json.j2", ON_THE_CASE),
    "modals/more_case": ("modals/more_case.json.j2", ON_THE_CASE | {"case": facts.VALTREX, "forums": []}),
    "modals/more_case, taken": ("modals/more_case.json.j2", ON_THE_CASE | {"forums": FORUMS}),
    "modals/raise_case": ("modals/raise_case.json.j2", ON_THE_CASE | {"forums": FORUMS, "standing": []}),
    "modals/raise_case, standing": (
        "modals/raise_case.json.j2",
        ON_THE_CASE | {"forums": FORUMS, "standing": [Standing("Møtet med AHN og GA", "Kan AHN fordele?")]},
    ),
    "modals/case_log": ("modals/case_log.json.j2", {"log": facts.LOG}),
    "modals/merge_case": ("modals/merge_case.json.j2", ON_THE_CASE | {"case": facts.VALTREX}),
    "modals/split_case": ("modals/split_case.json.j2", ON_THE_CASE | {"case": facts.VALTREX}),
    "modals/connect_case": ("modals/connect_case.json.j2", ON_THE_CASE),
    "modals/publish_case": (
        "modals/publish_case.json.j2",
        ON_THE_CASE | {"every_visibility": list(Visibility), "draft": None},
    ),
    "modals/publish_case, drafted": (
        "modals/publish_case.json.j2",
        ON_THE_CASE
        | {
            "every_visibility": list(Visibility),
            "draft": Draft(Texts("Bruk kapsler.", "Bruk kapslar.", "Use capsules."), facts.SIRI, facts.NOW),
        },
    ),
    "modals/more_case, published": (
        "modals/more_case.json.j2",
        ON_THE_CASE
        | {"case": replace(facts.ETOPOSID, visibility=Visibility.PUBLISHED, advice="Bruk kapsler."), "forums": []},
    ),
    "modals/report": ("modals/report.json.j2", EVERY),
    "modals/report, open case": (
        "modals/report.json.j2",
        EVERY
        | {"nearby": Nearby(facts.NEAR, ()), "nearby_words": "2025-0231 · 2 meldinger, 2 steder", "report_id": None},
    ),
    "modals/report, two open cases": (
        "modals/report.json.j2",
        EVERY
        | {
            "nearby": Nearby(facts.NEAR, (), (NearbyCase(facts.PERHAPS.number, facts.PERHAPS.name, 0, 0),)),
            "nearby_words": "2025-0231 · 2 meldinger, 2 steder",
            "report_id": None,
        },
    ),
    "modals/report, other strength": ("modals/report.json.j2", EVERY | {"nearby": Nearby(None, (facts.NEAR,))}),
    "modals/report, correct": ("modals/report.json.j2", EVERY | {"report_id": 12, "runs_out": RunsOut.NOW}),
    "modals/assign_alert": (
        "modals/assign_alert.json.j2",
        {"item": "Valtrex tab 500 mg", "metadata": "{}"},
    ),
    "modals/false_alarm": ("modals/false_alarm.json.j2", {"item": "Valtrex tab 500 mg", "metadata": "{}"}),
    "modals/report, not in the list": (
        "modals/report.json.j2",
        EVERY | {"may_add": True, "medicine": Choice("Abarrax 100", "", "t:Abarrax 100")},
    ),
    "modals/short_name": ("modals/short_name.json.j2", {}),
    "modals/snooze_alert": (
        "modals/snooze_alert.json.j2",
        {"item": "Valtrex tab 500 mg", "until": dt.date(2025, 7, 21), "metadata": "{}"},
    ),
    "modals/snooze_reminder": (
        "modals/snooze_reminder.json.j2",
        {
            "reminder": facts.STEP_DUE,
            "choices": [("2025-07-15", "tirsdag 15. juli"), ("2025-07-17", "torsdag 17. juli")],
            "metadata": "{}",
        },
    ),
    **{f"modals/update_{page.value}": (f"modals/update_{page.value}.json.j2", ON_THE_CASE | CHOICES) for page in Page},
    **{
        f"modals/update_{page.value}, nothing known": (
            f"modals/update_{page.value}.json.j2",
            ON_THE_CASE | CHOICES | {"case": facts.UNKNOWN},
        )
        for page in Page
    },
    "case_card, with a register's end": (
        "case_card.j2",
        {"case": replace(facts.ETOPOSID, end_source="DMPs mangelliste 14.07.2025"), "numbers": True},
    ),
    "dates": ("dates.j2", {"offer": facts.OFFER, "register": "DMPs mangelliste"}),
    "dates_back": ("dates_back.j2", {"back": DatesTakenBack(("2025-0147",), ("2025-0231",))}),
    "dates_taken": ("dates_taken.j2", {"given": DatesGiven(4, 30)}),
    "list_preview": ("list_preview.j2", {"received": facts.received(), "register": "DMPs mangelliste"}),
    "list_preview, known": (
        "list_preview.j2",
        {"received": facts.received(list_id=None, already=True), "register": "DMPs mangelliste"},
    ),
    "list_preview, personal": (
        "list_preview.j2",
        {"received": facts.received(list_id=None, personal=True), "register": "DMPs mangelliste"},
    ),
    "abroad_read": ("abroad_read.j2", {"told": facts.ABROAD_TOLD}),
    "abroad_read, nothing to warn of": (
        "abroad_read.j2",
        {"told": replace(facts.ABROAD_TOLD, warnings=(), more=0, also=())},
    ),
    "early_warnings": ("early_warnings.j2", {"warnings": [facts.WARNING], "total": 1, "page": 1, "pages": 1}),
    "case_abroad": ("case_abroad.j2", {"substance": "Valaciklovir", "abroad": facts.WARNING.countries}),
    "case_card, abroad": (
        "case_card.j2",
        {"case": replace(facts.VALTREX, abroad=facts.WARNING.countries), "numbers": True},
    ),
    "modals/early_warnings": (
        "modals/early_warnings.json.j2",
        {"metadata": "{}", "warnings": [facts.WARNING], "total": 9, "page": 2, "pages": 3},
    ),
    "modals/early_warnings, none": (
        "modals/early_warnings.json.j2",
        {"metadata": "{}", "warnings": [], "total": 0, "page": 1, "pages": 1},
    ),
    "modals/dismiss_warning": ("modals/dismiss_warning.json.j2", {"metadata": "{}", "warning": facts.WARNING}),
    "modals/open_warned_case": (
        "modals/open_warned_case.json.j2",
        {
            "metadata": "{}",
            "medicines": [
                SimpleNamespace(name="Valaciklovir tab 500 mg", value="k:valaciklovir|tab|500 mg"),
                SimpleNamespace(name="Valaciklovir tab 250 mg", value="k:valaciklovir|tab|250 mg"),
                SimpleNamespace(name="Valaciklovir", value="s:Valaciklovir"),
            ],
        },
    ),
    "register_failed": (
        "register_failed.j2",
        {
            "name": "Läkemedelsverket",
            "problem": phrase("Ventet omtrent {before} rader, som sist. Fant {rows}.", before=1104, rows=3),
            "address": "https://register.example/liste.csv?a=<b>&c",
            "last": facts.NOW,
        },
    ),
    "register_failed, never read": (
        "register_failed.j2",
        {
            "name": "Fimea",
            "problem": phrase("tjeneren svarte {status}", status=404),
            "address": "https://register.example/",
            "last": None,
        },
    ),
    "register_failed, mended": (
        "register_failed.j2",
        {"name": "Fimea", "problem": None, "address": "https://register.example/", "last": facts.NOW},
    ),
    **{
        f"fest_offer, {state.value}": (
            "fest_offer.j2",
            {
                "one": FestOffer(
                    id=3,
                    filename="fest.zip",
                    day=dt.date(2026, 2, 1),
                    state=state,
                    preparations=(12, 3, 1),
                    packages=(15, 0, 2),
                    names=(tuple(f"Etoposid {n} mg <b>" for n in range(5)), ("Valtrex tab 500 mg",), ("Mucomyst",)),
                    by=None if state in (Offered.OFFERED, Offered.SUPERSEDED) else Mention("U0SIRI0001"),
                    problem="mer enn 5 % ville utgå" if state is Offered.REFUSED else None,
                )
            },
        )
        for state in Offered
    },
    "cases_preview": ("cases_preview.j2", {"sheet": CaseSheet(7, facts.CASES_TAKEN)}),
    "cases_preview, with faults": (
        "cases_preview.j2",
        {"sheet": CaseSheet(7, replace(facts.CASES_TAKEN, faults=(facts.CASE_FAULT,)))},
    ),
    "cases_preview, with an identity number": (
        "cases_preview.j2",
        {"sheet": CaseSheet(None, facts.CASES_TAKEN, personal=True)},
    ),
    "cases_preview, known": (
        "cases_preview.j2",
        {"sheet": CaseSheet(None, replace(facts.CASES_TAKEN, new=(), remarks=(), known_file=True))},
    ),
    "cases_stored": ("cases_stored.j2", {"taken": replace(facts.CASES_TAKEN, stored=True), "list_id": 7}),
    "sheet_laid, past cases": (
        "sheet_laid.j2",
        {
            "laid": Laid("saker <2019>.csv", None, None, replace(facts.CASES_TAKEN, stored=True)),
            "refused": "avvist",
        },
    ),
    "sheet_laid, past cases with faults": (
        "sheet_laid.j2",
        {
            "laid": Laid("saker.csv", None, None, replace(facts.CASES_TAKEN, faults=(facts.CASE_FAULT,))),
            "refused": "avvist",
        },
    ),
    "list_read": ("list_read.j2", {"told": facts.LIST_TOLD}),
    "list_stored": ("list_stored.j2", {}),
    "list_undone": ("list_undone.j2", {"name": "DMPs mangelliste", "as_of": facts.TODAY}),
    "notice_over": (
        "notice_over.j2",
        {
            "case": "2025-0147",
            "name": facts.ETOPOSID_NOTICE.name,
            "why": (phrase("står ikke lenger i listen; det beviser ikke at mangelen er over"),),
            "told": facts.LIST_TOLD,
        },
    ),
    "triage": ("triage.j2", facts.TRIAGE),
    "modals/dates": (
        "modals/dates.json.j2",
        {"offer": facts.OFFER, "register": "DMPs mangelliste", "metadata": "{}"},
    ),
    "modals/dismiss_notice": (
        "modals/dismiss_notice.json.j2",
        {
            "rows": facts.TRIAGE_ROWS[:1],
            "every_reason": USUALLY_NOT_RELEVANT,
            "metadata": "{}",
        },
    ),
    "modals/open_notice": ("modals/open_notice.json.j2", {"rows": facts.TRIAGE_ROWS, "metadata": "{}"}),
    "modals/triage": ("modals/triage.json.j2", facts.TRIAGE),
    "modals/triage, the rest": (
        "modals/triage.json.j2",
        facts.TRIAGE | {"rest": True, "done": None, "page": 2, "rows": facts.INBOX_ROWS[:1]},
    ),
    "modals/triage, no list": (
        "modals/triage.json.j2",
        facts.TRIAGE | {"as_of": None, "rows": (), "total": 0, "below": 0, "pages": 1, "done": None},
    ),
    "modals/words": (
        "modals/words.json.j2",
        {
            "title": "Meldingen er sendt",
            "words": "receipt_view.j2",
            "facts": {"receipt": facts.RECEIPT},
        },
    ),
    "modals/wrong_medicine": ("modals/wrong_medicine.json.j2", ON_THE_CASE),
    "modals/wrong_medicine, as written": (
        "modals/wrong_medicine.json.j2",
        {"case": replace(facts.UNKNOWN, preparation_key="text|erwinase 10 000 e"), "metadata": "{}"},
    ),
}


LANGUAGES = (SOURCE_LANGUAGE, *TRANSLATED)
WRITES = os.environ.get("MANGELVAKT_GOLDEN") == "write"

PHONE_WIDTH, PHONE_HEIGHT = 42, 30
"""Characters in a line and lines on a screen of a phone, in Slack's usual type."""
SCREENS = 2
"""A person has read it before the second screen ends."""


def as_read(template: str, values: dict[str, Any], language: str, renderer: Renderer = RENDERER) -> str:
    """What a person reads, and first what a phone's notification or a screen reader says."""
    if template.endswith(".json.j2"):
        body = renderer.render_view(template, language, **values)
        view = View("V1", "U1", body, "", "V1", None, "T1", "A1", "B1", values=initial_values(body["blocks"]))
        return view.plain().replace("\u200b", "") + "\n"
    parts = renderer.render_parts(template, language, **values)
    read = [
        f"[varsel] {part.text}\n\n{Message('1', 'C1', 'U1', part.text, list(part.blocks)).plain()}" for part in parts
    ]
    return "\n\n".join(read).replace("\u200b", "") + "\n"


def golden_file(name: str, language: str) -> Path:
    """Where it stands how a message reads in a language."""
    return HERE / language / f"{name.replace('/', '.')}.txt"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GOLDEN)
def test_a_message_reads_as_it_was_agreed(name: str, language: str) -> None:
    file = golden_file(name, language)
    read = as_read(*GOLDEN[name], language)
    if WRITES:
        file.write_text(read, encoding="utf-8")
    assert read == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GOLDEN)
def test_a_message_is_read_within_two_screens_of_a_phone(name: str, language: str) -> None:
    parts = as_read(*GOLDEN[name], language).split("[varsel] ")
    for part in parts:
        lines = sum(max(1, -(-len(line) // PHONE_WIDTH)) for line in part.partition("\n\n")[2].splitlines())
        assert lines <= SCREENS * PHONE_HEIGHT


def test_no_template_is_without_a_golden_file() -> None:
    shown = {template for template, _ in GOLDEN.values()}
    parts = {"digest_case.j2", "digest_counts.j2", "digest_lists.j2"}  # they stand in the digest's own
    every = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.j2") if path.name[0] != "_"}
    parts |= {template for template in every if template.startswith("paper/")}  # pages, each with a test of its own
    assert every - parts == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_golden_file_is_left_over(language: str) -> None:
    kept = {golden_file(name, language) for name in GOLDEN}
    found = {*(HERE / language).glob("*.txt"), *HERE.glob("*.txt")}
    if WRITES:
        for file in found - kept:
            file.unlink()
        found = kept
    assert found == kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_says_something_to_a_phone(language: str) -> None:
    said = {
        name: RENDERER.render_parts(template, language, **values)[0].text
        for name, (template, values) in GOLDEN.items()
        if not template.endswith(".json.j2")
    }
    assert [name for name, text in said.items() if len(text) <= 5] == []
