"""Everything that a person can type, press, send or drop, and the grant that each asks for: one table.

`bot.people.roles` says which roles have a grant; the services ask it. This table says what is to be expected of each
way in. The role test (`tests/journeys/test_every_way_in.py`) walks the listeners that are really registered, finds any
that has no line here, and drives every line as every kind of person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.people.roles import Action, Actor


class Kind(StrEnum):
    """How it comes in from Slack."""

    COMMAND = "command"
    BUTTON = "button"
    FORM = "form"
    SHORTCUT = "shortcut"
    EVENT = "event"
    TYPE_AHEAD = "type-ahead"


FROM_SLACK_ITSELF = ("tokens_revoked", "app_uninstalled")
"""Events that no person sends, and that answer nobody."""


class About(StrEnum):
    """What it names: what a button's value is the id of, what a form was opened for."""

    NOTHING = "nothing"
    CASE = "case"
    CLOSED_CASE = "closed case"
    LOG = "page and case"
    CANDIDATE = "case and candidate"
    ASSESSMENT = "assessment"
    ALERT = "alert"
    DOMINO = "domino"
    POOL = "pool"
    ITEM = "item"
    SHEET = "sheet"
    STORED_SHEET = "stored sheet"
    UNKNOWN_SHEET = "unknown sheet"
    WORK = "work"
    REPORT = "report"
    NOTICE = "notice"
    LIST = "list"
    WARNING = "early warning"
    DATES = "dates"
    FEST_FILE = "fetched FEST file"
    CASE_SHEET = "register of past cases"
    STORED_CASES = "register that was read in"
    MEDICINE = "medicine"
    OWN_MEDICINE = "own medicine"
    TIE = "case and own medicine"
    SHORT_NAME = "short name"
    PROPOSAL = "proposal"
    FOLLOWED = "followed"
    MUTED = "case and followed"
    PAGE = "page"
    LANGUAGE = "language"
    ALLOCATION = "allocation"
    REMINDER = "reminder"
    MEETING = "meeting"
    FORUM = "forum"
    AGENDA = "meeting and place"
    TASK = "task"
    INQUIRY = "inquiry"
    WAITED_FOR = "inquiry that DMP waits for"
    PANEL = "panel"
    EXPERT = "expert"
    ASKED = "one who was asked"
    CHOICE = "one who was asked and a choice"
    RESTRICTION = "restriction"
    STEP = "restriction and version"
    PART = "part of a restriction"
    NEED = "need"
    BATCH = "batch"
    INSTANT = "instant"
    UNDELIVERED = "undelivered"
    OFFER = "offer"
    FILE = "case and file"
    YEAR = "year"


class Whose(StrEnum):
    """Of whose things it holds, beside the grant."""

    ALL = "all"
    POOLS_MANAGED = "of the pools that one manages"
    POOLS_SEEN = "of the pools whose numbers one may see"
    OWN = "of one's own"
    GRANTED_OR_OWN = "of all with the grant, and of one's own without it"


@dataclass(frozen=True, slots=True)
class WayIn:
    """One way in. `name`: the sub-command, action_id, callback_id or event; `where`: the channel it happens in.

    `changes` tells what stores something from what only shows or opens something.
    """

    kind: Kind
    name: str
    grant: Action
    about: About = About.NOTHING
    whose: Whose = Whose.ALL
    changes: bool = False
    where: str = ""

    def open_to(self, by: Actor, *, pool: str, owner: str) -> bool:
        """True where `by` may do it with something of `pool`, or of the person `owner`."""
        if not by.may(self.grant):
            return self.whose is Whose.GRANTED_OR_OWN and by.person == owner
        match self.whose:
            case Whose.OWN:
                return by.person == owner
            case Whose.POOLS_MANAGED:
                return by.manages(pool)
            case Whose.POOLS_SEEN:
                return by.sees_stock_of(pool)
        return True

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}" + (f" ({self.where})" if self.where else "")


def _ways(
    kind: Kind,
    names: str,
    grant: Action,
    about: About = About.NOTHING,
    whose: Whose = Whose.ALL,
    *,
    changes: bool = False,
    where: str = "",
) -> tuple[WayIn, ...]:
    return tuple(WayIn(kind, name, grant, about, whose, changes, where) for name in names.split(","))


WAYS_IN: tuple[WayIn, ...] = (
    # Typed after /mangel, and asked in a mention or a direct message.
    *_ways(Kind.COMMAND, "meld", Action.REPORT),
    *_ways(Kind.COMMAND, "status,liste,lager,hjelp,slutt,slå opp", Action.READ_PUBLISHED),
    *_ways(Kind.COMMAND, "hva-hvis", Action.READ_STOCK, changes=True),
    *_ways(Kind.COMMAND, "følg,slutt å følge", Action.FOLLOW, changes=True),
    *_ways(Kind.COMMAND, "følg,slutt å følge", Action.FOLLOW_FOR_CHANNEL, changes=True, where="her"),
    *_ways(Kind.COMMAND, "møte", Action.READ_DIGEST),
    *_ways(Kind.COMMAND, "statistikk", Action.READ_STATISTICS),
    *_ways(Kind.BUTTON, "show_statistics", Action.READ_STATISTICS, About.YEAR, changes=True),
    *_ways(Kind.EVENT, "app_mention,message,app_home_opened", Action.READ_PUBLISHED),
    *_ways(Kind.COMMAND, "språk", Action.READ_PUBLISHED, changes=True),
    *_ways(Kind.BUTTON, "choose_language_nn", Action.READ_PUBLISHED, About.LANGUAGE, changes=True),
    # Files that are dropped.
    *_ways(Kind.EVENT, "file_shared", Action.STORE_STOCK, whose=Whose.POOLS_MANAGED, changes=True, where="stock"),
    *_ways(Kind.EVENT, "file_shared", Action.WORK_ON_CASE, changes=True, where="cases"),
    *_ways(Kind.BUTTON, "store_sheet,drop_sheet", Action.STORE_STOCK, About.SHEET, Whose.POOLS_MANAGED, changes=True),
    *_ways(Kind.BUTTON, "store_sheet_partly", Action.STORE_STOCK, About.SHEET, Whose.POOLS_MANAGED, changes=True),
    *_ways(Kind.BUTTON, "undo_sheet", Action.STORE_STOCK, About.STORED_SHEET, Whose.POOLS_MANAGED, changes=True),
    *_ways(Kind.BUTTON, "explain_sheet", Action.STORE_STOCK, About.UNKNOWN_SHEET, Whose.POOLS_MANAGED),
    *_ways(Kind.FORM, "explain_sheet", Action.STORE_STOCK, About.UNKNOWN_SHEET, Whose.POOLS_MANAGED, changes=True),
    *_ways(Kind.BUTTON, "stop_reading", Action.STORE_STOCK, About.WORK, changes=True),
    # Reports.
    *_ways(Kind.SHORTCUT, "report_shortage", Action.REPORT),
    *_ways(Kind.TYPE_AHEAD, "medicine", Action.REPORT),
    *_ways(Kind.BUTTON, "report_medicine", Action.REPORT, About.MEDICINE),
    *_ways(Kind.BUTTON, "medicine", Action.REPORT, where="report"),
    *_ways(Kind.FORM, "report", Action.REPORT, changes=True),
    *_ways(Kind.BUTTON, "correct_report", Action.REPORT, About.REPORT, Whose.OWN),
    *_ways(Kind.FORM, "correct_report", Action.REPORT, About.REPORT, Whose.OWN, changes=True),
    *_ways(Kind.BUTTON, "withdraw_report", Action.REPORT, About.REPORT, Whose.OWN, changes=True),
    # Questions.
    *_ways(Kind.BUTTON, "show_case", Action.READ_PUBLISHED, About.CASE),
    *_ways(Kind.BUTTON, "list_cases,list_cases_on", Action.READ_PUBLISHED, About.PAGE),
    *_ways(Kind.BUTTON, "show_status,show_stock,show_who,show_substitutes", Action.READ_PUBLISHED, About.MEDICINE),
    *_ways(Kind.BUTTON, "show_help", Action.READ_PUBLISHED),
    *_ways(Kind.BUTTON, "show_meeting", Action.READ_DIGEST),
    *_ways(Kind.BUTTON, "show_all_cases", Action.READ_PUBLISHED),
    *_ways(Kind.BUTTON, "post_digest", Action.WORK_ON_CASE, About.FORUM, changes=True),
    # Following.
    *_ways(Kind.BUTTON, "follow_medicine,unfollow_medicine", Action.FOLLOW, About.MEDICINE, changes=True),
    *_ways(
        Kind.BUTTON,
        "follow_medicine_here,unfollow_medicine_here",
        Action.FOLLOW_FOR_CHANNEL,
        About.MEDICINE,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "stop_following", Action.FOLLOW_FOR_CHANNEL, About.FOLLOWED, changes=True, where="channel"),
    *_ways(Kind.BUTTON, "stop_own_following", Action.FOLLOW, About.FOLLOWED, changes=True),
    *_ways(Kind.BUTTON, "list_followed", Action.FOLLOW),
    *_ways(Kind.BUTTON, "mute_following", Action.FOLLOW, About.MUTED),
    *_ways(Kind.FORM, "mute_following", Action.FOLLOW_FOR_CHANNEL, About.MUTED, changes=True, where="channel"),
    # Cases.
    *_ways(Kind.BUTTON, "take_case", Action.WORK_ON_CASE, About.CASE, changes=True),
    *_ways(
        Kind.BUTTON,
        "update_case,publish_case,wrong_medicine,close_case,add_candidate,assess",
        Action.WORK_ON_CASE,
        About.CASE,
    ),
    *_ways(Kind.BUTTON, "draft_assessment", Action.WORK_ON_CASE, About.CANDIDATE),
    *_ways(
        Kind.BUTTON,
        "assess_product,assess_patients,assess_use,show_assessment,withdraw_assessment",
        Action.WORK_ON_CASE,
        About.ASSESSMENT,
    ),
    *_ways(
        Kind.FORM,
        "assess_product,assess_patients,assess_use,withdraw_assessment",
        Action.WORK_ON_CASE,
        About.ASSESSMENT,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "sign_assessment", Action.SIGN_ASSESSMENT, About.ASSESSMENT),
    *_ways(Kind.FORM, "sign_assessment", Action.SIGN_ASSESSMENT, About.ASSESSMENT, changes=True),
    *_ways(
        Kind.FORM,
        "update_case,publish_case,wrong_medicine,close_case,add_candidate",
        Action.WORK_ON_CASE,
        About.CASE,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "open_domino_case", Action.ANSWER_ALERT, About.DOMINO, Whose.POOLS_MANAGED, changes=True),
    *_ways(Kind.BUTTON, "show_case_curve", Action.READ_CASES, About.CASE, changes=True),
    *_ways(Kind.BUTTON, "more_case,merge_case,split_case,connect_case,raise_case", Action.WORK_ON_CASE, About.CASE),
    *_ways(
        Kind.BUTTON,
        "update_now,update_shortage,update_measures,update_effects",
        Action.WORK_ON_CASE,
        About.CASE,
        where="update_case",
    ),
    *_ways(Kind.FORM, "merge_case,split_case,connect_case,raise_case", Action.WORK_ON_CASE, About.CASE, changes=True),
    *_ways(Kind.BUTTON, "show_log", Action.WORK_ON_CASE, About.LOG),
    *_ways(Kind.BUTTON, "archive_case", Action.WORK_ON_CASE, About.CASE, changes=True),
    *_ways(Kind.BUTTON, "reopen_case", Action.WORK_ON_CASE, About.CLOSED_CASE),
    *_ways(Kind.FORM, "reopen_case", Action.WORK_ON_CASE, About.CLOSED_CASE, changes=True),
    *_ways(Kind.BUTTON, "reminder_done", Action.WORK_ON_CASE, About.REMINDER, changes=True),
    *_ways(Kind.BUTTON, "snooze_reminder", Action.WORK_ON_CASE, About.REMINDER),
    *_ways(Kind.FORM, "snooze_reminder", Action.WORK_ON_CASE, About.REMINDER, changes=True),
    *_ways(Kind.BUTTON, "list_reminders", Action.READ_PUBLISHED, About.PAGE),
    *_ways(Kind.BUTTON, "take_public_text", Action.WORK_ON_CASE, About.CASE, changes=True),
    # Restrictions.
    *_ways(Kind.COMMAND, "restriksjon", Action.READ_CASES),
    *_ways(Kind.BUTTON, "draft_restriction,draft_from_template", Action.WORK_ON_CASE, About.CASE),
    *_ways(Kind.FORM, "restriction", Action.WORK_ON_CASE, About.CASE, changes=True),
    *_ways(
        Kind.BUTTON,
        "show_restriction,rewrite_restriction,add_restriction_part",
        Action.WORK_ON_CASE,
        About.RESTRICTION,
    ),
    *_ways(Kind.FORM, "rewrite_restriction,restriction_part", Action.WORK_ON_CASE, About.RESTRICTION, changes=True),
    *_ways(
        Kind.BUTTON,
        "restriction_to_experts,restriction_to_plan,decide_restriction",
        Action.WORK_ON_CASE,
        About.STEP,
        changes=True,
    ),
    *_ways(
        Kind.BUTTON,
        "publish_restriction,withdraw_restriction",
        Action.WORK_ON_CASE,
        About.RESTRICTION,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "lift_part", Action.WORK_ON_CASE, About.PART),
    *_ways(Kind.FORM, "lift_part", Action.WORK_ON_CASE, About.PART, changes=True),
    # The desk: App Home, lists of cases, and one change of many.
    *_ways(Kind.TYPE_AHEAD, "search_medicine", Action.READ_PUBLISHED),
    *_ways(Kind.BUTTON, "search_medicine", Action.READ_PUBLISHED, About.MEDICINE),
    *_ways(Kind.BUTTON, "read_desk", Action.WORK_ON_CASE, About.INSTANT, changes=True),
    *_ways(Kind.BUTTON, "show_away", Action.WORK_ON_CASE, About.PAGE),
    *_ways(Kind.BUTTON, "send_again,let_go", Action.WORK_ON_CASE, About.UNDELIVERED, changes=True),
    *_ways(Kind.BUTTON, "find_cases,find_cases_of", Action.WORK_ON_CASE),
    *_ways(
        Kind.BUTTON,
        "find_reported,find_no_owner,find_due,find_ended,find_silent",
        Action.WORK_ON_CASE,
        About.NEED,
    ),
    *_ways(
        Kind.BUTTON,
        "narrow_need,narrow_owner,narrow_atc,narrow_words,desk_page,desk_page_on,tick_all,tick_none,widen",
        Action.WORK_ON_CASE,
        About.PAGE,
        where="desk_list",
    ),
    *_ways(Kind.BUTTON, "show_chosen_case", Action.READ_PUBLISHED, About.CASE, where="desk_list"),
    *_ways(Kind.FORM, "desk_list", Action.WORK_ON_CASE),
    *_ways(Kind.BUTTON, "hand_over", Action.WORK_ON_CASE, About.CASE),
    *_ways(Kind.BUTTON, "bulk_kind", Action.WORK_ON_CASE, where="bulk_form"),
    *_ways(Kind.FORM, "bulk_form", Action.WORK_ON_CASE, About.CASE),
    *_ways(Kind.BUTTON, "only_fine", Action.WORK_ON_CASE, where="bulk_preview"),
    *_ways(Kind.FORM, "bulk_preview", Action.WORK_ON_CASE, About.CASE, changes=True),
    *_ways(Kind.BUTTON, "take_back", Action.WORK_ON_CASE, About.BATCH, changes=True),
    # A few words in a case's thread.
    *_ways(Kind.BUTTON, "save_quick_words", Action.WORK_ON_CASE, About.OFFER, changes=True),
    *_ways(Kind.BUTTON, "attach_file", Action.WORK_ON_CASE, About.FILE, changes=True),
    *_ways(Kind.BUTTON, "drop_quick_words", Action.READ_PUBLISHED),
    # Sharing out a delivery.
    *_ways(Kind.COMMAND, "fordel", Action.READ_CASES, whose=Whose.GRANTED_OR_OWN),
    *_ways(Kind.BUTTON, "allocate", Action.WORK_ON_CASE, About.CASE),
    *_ways(Kind.FORM, "allocate,decide_allocation", Action.WORK_ON_CASE, About.CASE, changes=True),
    *_ways(Kind.BUTTON, "correct_allocation", Action.WORK_ON_CASE, About.ALLOCATION),
    *_ways(Kind.FORM, "correct_allocation", Action.WORK_ON_CASE, About.ALLOCATION, changes=True),
    *_ways(
        Kind.BUTTON,
        "publish_allocation,withdraw_allocation,take_allocation",
        Action.WORK_ON_CASE,
        About.ALLOCATION,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "show_allocation", Action.READ_CASES, About.ALLOCATION),
    # Asking the hospitals.
    *_ways(Kind.COMMAND, "spør", Action.READ_CASES),
    *_ways(Kind.BUTTON, "ask_hospitals", Action.WORK_ON_CASE, About.CASE),
    *_ways(Kind.FORM, "ask_hospitals", Action.WORK_ON_CASE, About.CASE, changes=True),
    *_ways(Kind.BUTTON, "answer_inquiry", Action.REPORT, About.ASKED, Whose.OWN),
    *_ways(Kind.FORM, "answer_inquiry", Action.REPORT, About.ASKED, Whose.OWN, changes=True),
    *_ways(Kind.BUTTON, "answer_none", Action.REPORT, About.ASKED, Whose.OWN, changes=True),
    *_ways(Kind.BUTTON, "answer_choice", Action.REPORT, About.CHOICE, Whose.OWN, changes=True),
    *_ways(Kind.BUTTON, "show_inquiry", Action.READ_CASES, About.INQUIRY),
    *_ways(Kind.BUTTON, "answer_for", Action.WORK_ON_CASE, About.INQUIRY),
    *_ways(Kind.FORM, "answer_for", Action.WORK_ON_CASE, About.INQUIRY, changes=True),
    *_ways(Kind.BUTTON, "close_inquiry,withdraw_inquiry", Action.WORK_ON_CASE, About.INQUIRY, changes=True),
    *_ways(Kind.BUTTON, "take_inquiry_step", Action.WORK_ON_CASE, About.WAITED_FOR),
    *_ways(Kind.FORM, "take_inquiry_step", Action.WORK_ON_CASE, About.WAITED_FOR, changes=True),
    # Expert panels.
    *_ways(Kind.COMMAND, "panel", Action.READ_CASES),
    *_ways(Kind.BUTTON, "show_panel", Action.READ_CASES, About.PANEL),
    *_ways(Kind.BUTTON, "new_panel", Action.WORK_ON_CASE),
    *_ways(Kind.FORM, "new_panel", Action.WORK_ON_CASE, changes=True),
    *_ways(Kind.BUTTON, "add_expert", Action.WORK_ON_CASE, About.PANEL),
    *_ways(Kind.FORM, "add_expert", Action.WORK_ON_CASE, About.PANEL, changes=True),
    *_ways(Kind.BUTTON, "remove_expert", Action.WORK_ON_CASE, About.EXPERT, changes=True),
    # The meeting.
    *_ways(Kind.BUTTON, "open_meeting", Action.RUN_MEETING, About.FORUM, changes=True),
    *_ways(Kind.BUTTON, "meeting_attend", Action.RUN_MEETING, About.MEETING, changes=True),
    *_ways(Kind.BUTTON, "meeting_next,meeting_previous", Action.RUN_MEETING, About.AGENDA, changes=True),
    *_ways(Kind.BUTTON, "meeting_decide,meeting_task,meeting_end,meeting_other", Action.RUN_MEETING, About.AGENDA),
    *_ways(
        Kind.FORM,
        "meeting_decision,meeting_task,meeting_end,meeting_other",
        Action.RUN_MEETING,
        About.AGENDA,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "meeting_close", Action.RUN_MEETING, About.MEETING),
    *_ways(Kind.FORM, "meeting_close", Action.RUN_MEETING, About.MEETING, changes=True),
    *_ways(Kind.BUTTON, "finish_task", Action.RUN_MEETING, About.TASK, changes=True),
    # Alerts and stock.
    *_ways(
        Kind.BUTTON,
        "follow_alert,hand_back_alert,open_case_from_alert",
        Action.ANSWER_ALERT,
        About.ALERT,
        Whose.POOLS_MANAGED,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "assign_alert,snooze_alert,false_alarm", Action.ANSWER_ALERT, About.ALERT, Whose.POOLS_MANAGED),
    *_ways(
        Kind.FORM,
        "assign_alert,snooze_alert,false_alarm",
        Action.ANSWER_ALERT,
        About.ALERT,
        Whose.POOLS_MANAGED,
        changes=True,
    ),
    *_ways(Kind.BUTTON, "list_alerts", Action.ANSWER_ALERT, About.PAGE),
    *_ways(Kind.BUTTON, "show_alert_curve", Action.READ_STOCK, About.ALERT, Whose.POOLS_SEEN, changes=True),
    *_ways(Kind.BUTTON, "show_curve", Action.READ_STOCK, About.MEDICINE, changes=True),
    *_ways(Kind.BUTTON, "open_what_if", Action.READ_STOCK, About.MEDICINE),
    *_ways(Kind.BUTTON, "what_if_kind", Action.READ_STOCK, where="what_if"),
    *_ways(Kind.FORM, "what_if", Action.READ_STOCK, About.MEDICINE, changes=True),
    *_ways(Kind.BUTTON, "edit_pool", Action.KEEP_POOLS, About.POOL, Whose.POOLS_MANAGED),
    *_ways(Kind.FORM, "edit_pool", Action.KEEP_POOLS, About.POOL, Whose.POOLS_MANAGED, changes=True),
    *_ways(Kind.BUTTON, "edit_item,move_item", Action.KEEP_POOLS, About.ITEM, Whose.POOLS_MANAGED),
    *_ways(Kind.FORM, "edit_item,move_item", Action.KEEP_POOLS, About.ITEM, Whose.POOLS_MANAGED, changes=True),
    # Registers' lists.
    *_ways(Kind.BUTTON, "store_list,drop_list,undo_list", Action.WORK_ON_CASE, About.LIST, changes=True),
    *_ways(Kind.BUTTON, "open_triage,show_dates", Action.WORK_ON_CASE, About.LIST),
    *_ways(
        Kind.BUTTON, "triage_on,triage_back,triage_first,triage_rest", Action.WORK_ON_CASE, About.PAGE, where="triage"
    ),
    *_ways(Kind.FORM, "triage", Action.WORK_ON_CASE),
    *_ways(Kind.BUTTON, "follow_notice,open_notice", Action.WORK_ON_CASE, About.NOTICE, changes=True, where="triage"),
    *_ways(Kind.BUTTON, "ask_notice,dismiss_notice", Action.WORK_ON_CASE, About.NOTICE, where="triage"),
    *_ways(Kind.BUTTON, "show_warnings", Action.WORK_ON_CASE, About.PAGE),
    *_ways(Kind.BUTTON, "warnings_on,warnings_back", Action.WORK_ON_CASE, About.PAGE, where="early_warnings"),
    *_ways(Kind.BUTTON, "follow_warning", Action.WORK_ON_CASE, About.WARNING, changes=True),
    *_ways(Kind.BUTTON, "open_warned_case,dismiss_warning", Action.WORK_ON_CASE, About.WARNING),
    *_ways(Kind.FORM, "open_warned_case,dismiss_warning", Action.WORK_ON_CASE, About.WARNING, changes=True),
    *_ways(Kind.FORM, "open_notice,dismiss_notice", Action.WORK_ON_CASE, About.NOTICE, changes=True),
    *_ways(Kind.FORM, "take_dates", Action.WORK_ON_CASE, About.LIST, changes=True),
    *_ways(Kind.BUTTON, "undo_dates", Action.WORK_ON_CASE, About.DATES, changes=True, where="take_dates"),
    # The list of medicines.
    *_ways(
        Kind.BUTTON, "store_cases,store_cases_partly,drop_cases", Action.WORK_ON_CASE, About.CASE_SHEET, changes=True
    ),
    *_ways(Kind.BUTTON, "undo_cases", Action.WORK_ON_CASE, About.STORED_CASES, changes=True),
    *_ways(Kind.BUTTON, "take_fest,drop_fest", Action.KEEP_CATALOGUE, About.FEST_FILE, changes=True),
    *_ways(Kind.BUTTON, "accept_short_name,reject_short_name", Action.KEEP_CATALOGUE, About.PROPOSAL, changes=True),
    *_ways(Kind.BUTTON, "add_short_name", Action.KEEP_CATALOGUE),
    *_ways(Kind.FORM, "add_short_name", Action.KEEP_CATALOGUE, changes=True),
    *_ways(Kind.BUTTON, "remove_short_name", Action.KEEP_CATALOGUE, About.SHORT_NAME, changes=True),
    *_ways(Kind.BUTTON, "list_own,list_own_on", Action.KEEP_CATALOGUE, About.PAGE),
    *_ways(Kind.BUTTON, "add_medicine", Action.KEEP_CATALOGUE, About.NOTHING),
    *_ways(Kind.BUTTON, "add_medicine_for_case", Action.KEEP_CATALOGUE, About.CASE),
    *_ways(Kind.FORM, "add_medicine", Action.KEEP_CATALOGUE, changes=True),
    *_ways(Kind.BUTTON, "edit_medicine", Action.KEEP_CATALOGUE, About.OWN_MEDICINE),
    *_ways(Kind.FORM, "edit_medicine", Action.KEEP_CATALOGUE, About.OWN_MEDICINE, changes=True),
    *_ways(Kind.BUTTON, "retire_medicine", Action.KEEP_CATALOGUE, About.OWN_MEDICINE, changes=True),
    *_ways(Kind.BUTTON, "tie_case", Action.KEEP_CATALOGUE, About.TIE, changes=True),
)
"""In the order in which a day goes. A new way in gets its line here, or the role test fails and says so."""
