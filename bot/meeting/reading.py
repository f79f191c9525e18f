"""What the digest and the meeting are about, read from cases, stock, alerts and reports: facts for `digest.compose`."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.restriction_views import restrictions_of
from bot.cases.restrictions import State
from bot.cases.views import CaseView, DominoLine, load_views, named
from bot.cases.vocabulary import OPEN, Visibility
from bot.clock import oslo
from bot.meeting.calendar import digest_of_week, next_digest, week_of
from bot.meeting.digest import (
    AlertFacts,
    CaseFacts,
    Digest,
    DigestFacts,
    Entry,
    ReviewFacts,
    Said,
    compose,
    cover_change,
)
from bot.meeting.forums import MAIN, NATIONAL, Forum, titles_of
from bot.meeting.minutes import Task
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.messages.words import DayMonth
from bot.people.places import trust_of
from bot.stock.alert_rule import AlertLevel
from bot.stock.alert_view import AlertView
from bot.stock.alerting import AlertService
from bot.stock.cover import MADE_UP, Answer
from bot.stock.reading import StockReading
from storage import cases as stored_cases
from storage import meeting as stored
from storage import people
from storage import restrictions as stored_restrictions
from storage.tables import AuditEntry, MeetingTask, ShortageCase

DIGEST, UPDATE = "digest", "update"
FIRST_LOOK_BACK = dt.timedelta(days=7)
"""What counts as new in the very first digest, of a forum that meets no more seldom than that."""
REVIEWED = (State.PLAN, State.DECIDED)
"""Restrictions in these states are looked at again."""


class AgendaReading:
    """Reads what a forum may see, by a fixed number of queries however many cases there are."""

    def __init__(self, stock: StockReading, alerts: AlertService, forums: Mapping[str, Forum]) -> None:
        self._stock = stock
        self._alerts = alerts
        self.titles = titles_of(forums)

    async def since(self, session: AsyncSession, forum: Forum, week: str, now: dt.datetime) -> dt.datetime:
        """What came after this is new in the digest of `week`: when the one before it was composed, or planned."""
        planned = digest_of_week(week, forum.digest_cron, forum.days_before)
        posted = await stored.posted(session, DIGEST, forum.id)
        before = [at for one, at in posted.items() if one < week]
        if before:
            return max(before)
        at = planned.planned if planned else now
        last_one = forum.digest_cron.last_before(at - dt.timedelta(days=1))
        return min(at - FIRST_LOOK_BACK, last_one, now)

    async def meeting_week(self, session: AsyncSession, forum: Forum, now: dt.datetime) -> str:
        """The week of the meeting that is held next: of a digest that is posted and has not been met on, or this."""
        this_week = week_of(oslo(now).date())
        ahead = sorted(week for week in await stored.posted(session, DIGEST, forum.id) if week >= this_week)
        held = await stored.closed_weeks(session, forum.id, ahead)
        return next((week for week in ahead if week not in held), ahead[-1] if ahead else this_week)

    async def open_alerts(self) -> Sequence[AlertView]:
        """Every open stock alert, read before the digest's own session."""
        return await self._alerts.open_alerts()

    async def digest(
        self,
        session: AsyncSession,
        forum: Forum,
        week: str,
        now: dt.datetime,
        since: dt.datetime,
        alerts: Sequence[AlertView],
        *,
        numbers: bool,
        only_news: bool = False,
        planned: dt.datetime | None = None,
    ) -> Digest:
        """A forum's digest of a week as it stands now; what came after `since` is new.

        Alerts are Mangelmøtet's; another forum hears of those of its own cases, in bands where it sees no figures.
        """
        visible = [visibility.value for visibility in forum.reads]
        rows = await stored_cases.open_cases(session, visible=visible)
        closed = [row for row in await stored_cases.closed_since(session, since) if row.visibility in visible]
        cases = await self._facts(session, forum, [*rows, *closed], now, since, numbers=numbers)
        ours = {case.number for case in cases}
        reports = await stored_cases.reports_since(session, since)
        if not forum.is_main:
            alerts = [alert for alert in alerts if alert.case in ours and alert.line.pool.name in NATIONAL]
            known = {row.id for row in (*rows, *closed) if row.number in ours}
            reports = [one for one in reports if one.case_id in known and forum.takes_place(one.place)]
        worth = await self._alerts.worth(session, since, now) if forum.is_main else None
        places = Counter(trust_of(report.place) or report.place for report in reports)
        standing = await stored.tasks_standing(session, forum.id, before=week, done_since=since)
        return compose(
            DigestFacts(
                week=week,
                as_of=now,
                since=since,
                cases=cases,
                alerts=[_alert_facts(alert, numbers=numbers, inside=forum.inside) for alert in alerts],
                alerts_worth=None if worth is None or worth.is_empty else worth.words,
                reports=dict(places.most_common()),
                planned=planned,
                only_news=only_news,
                tasks=await read_tasks(session, standing, self.titles),
                left=await self._left(session, forum, week),
                reviews=await self._reviews(session, forum, week, now, ours, numbers=numbers),
                title=forum.title,
            )
        )

    async def _reviews(
        self,
        session: AsyncSession,
        forum: Forum,
        week: str,
        now: dt.datetime,
        ours: Collection[str],
        *,
        numbers: bool,
    ) -> list[ReviewFacts]:
        """Restrictions of the forum's cases whose review comes before its next meeting.

        An open channel, and a forum that sees no figures, learns of published ones only.
        """
        this = digest_of_week(week, forum.digest_cron, forum.days_before)
        after = max(this.planned, now) if this else now
        until = next_digest(after, forum.digest_cron, forum.days_before).planned.date()
        rows = await stored_restrictions.to_review(session, until, [state.value for state in REVIEWED])
        cases = await stored_cases.by_ids(session, {row.case_id for row in rows})
        seen = [case for case in cases.values() if case.visibility in forum.reads and case.number in ours]
        every = await restrictions_of(session, seen)
        ids, today = {row.id for row in rows}, oslo(now).date()
        return [
            ReviewFacts.of(one, named(case.name, case.substance), today)
            for case in seen
            for one in every.get(case.id or 0, ())
            if one.id in ids and (numbers or one.is_public)
        ]

    async def _left(self, session: AsyncSession, forum: Forum, week: str) -> set[str]:
        """The cases that the forum's last meeting before this week had on its agenda and did not reach."""
        held = await stored.last_meeting(session, forum.id, before=week)
        if held is None or held.closed_at is None:
            return set()
        decided = {one.case_number for one in await stored.decisions(session, held.id or 0)}
        reached = {*held.discussed, *decided}
        families = [set(family) for family in held.agenda]
        return {number for family in families if not family & reached for number in family}

    async def entries(
        self,
        session: AsyncSession,
        forum: Forum,
        rows: Sequence[ShortageCase],
        week: str,
        now: dt.datetime,
        since: dt.datetime,
        *,
        numbers: bool,
        begun: dt.datetime,
    ) -> dict[str, Entry]:
        """These cases as the digest would write them now, by number; one that is closed or merged has no entry.

        What the meeting that has `begun` then did itself is not told as news: it stands beside.
        """
        cases = await self._facts(session, forum, rows, now, since, numbers=numbers, every=True, before=begun)
        facts = DigestFacts(week=week, as_of=now, since=since, cases=cases, title=forum.title)
        found = compose(facts)
        written = (*found.agenda, *found.unchanged)
        return {one.case.number: one for entry in written for one in entry.cases}

    async def _facts(
        self,
        session: AsyncSession,
        forum: Forum,
        rows: Sequence[ShortageCase],
        now: dt.datetime,
        since: dt.datetime,
        *,
        numbers: bool,
        every: bool = False,
        before: dt.datetime | None = None,
    ) -> list[CaseFacts]:
        """The forum's cases among `rows`; `every` one of them where the meeting has taken them up.

        Of what people did and asked for, that which came after `since`, and `before` then, is told.
        """
        today = oslo(now).date()
        views = await load_views(session, [row for row in rows if row.status in OPEN], self._stock, today)
        views += await load_views(session, [row for row in rows if row.status not in OPEN], None, today)
        raised = {} if forum.is_main else await stored.raised(session, forum.id)
        chosen = {view.number: forum.chooses(view, raised, today) for view in views}
        views = [view for view in views if every or chosen[view.number][0]]
        changes = await stored_cases.changes_since(session, since, [f"case:{view.number}" for view in views])
        earlier = await stored.post_until(session, since, DIGEST, forum.id)
        covers = earlier.content.get("covers", {}) if earlier is not None else {}
        given = await stored.open_tasks_of(
            session, [view.number for view in views], None if forum.is_main else forum.id
        )
        given = [task for task in given if before is None or task.at < before]
        tasks = defaultdict(list)
        for task in await read_tasks(session, [(row, "") for row in given], self.titles):
            tasks[task.case].append(task)
        told = {
            view.number: [one for one in changes.get(f"case:{view.number}", ()) if before is None or one.at < before]
            for view in views
        }
        found = []
        for view in views:
            facts = _case_facts(
                view if forum.inside else replace(view, dominoes=()),
                _changes(told.get(view.number, ()), forum, today),
                since,
                tuple(tasks[view.number]),
                numbers=numbers and forum.shows_stock_of(view),
            )
            restricted = [one.said(today) for one in view.restrictions if numbers or one.is_public]
            facts = replace(facts, restricted=tuple(said for said in restricted if said is not None))
            changed = cover_change(covers.get(view.number), facts.covers, facts.gap_days)
            facts = replace(facts, changes=(*facts.changes, *changed))
            found.append(facts if forum.is_main else _for_forum(facts, forum, raised, chosen[view.number][1]))
        return found


def _for_forum(facts: CaseFacts, forum: Forum, raised: Mapping[str, str | None], standing: Phrase | None) -> CaseFacts:
    """The facts as another forum reads them: its own question, and what is written for the meeting only where it may.

    What a forum outside is told is what anybody may read of a published case, and that it is on the list.
    """
    why = facts.why if facts.gap_days is not None else None  # it may name whose figures are missing
    facts = replace(facts, decision_question=raised.get(facts.number), standing=standing, why=why)
    if forum.inside:
        return facts
    return replace(
        facts,
        substitute=facts.substitute if facts.substitute_ready else None,
        owner=None,
        next_step=None,
        next_step_on=None,
        criticality=None,
        domino_of=None,
        reports=0,
        hospitals=0,
        outcome=facts.outcome if isinstance(facts.outcome, Phrase) else None,
    )


async def read_tasks(
    session: AsyncSession, rows: Sequence[tuple[MeetingTask, str]], titles: Mapping[str, str | None]
) -> list[Task]:
    """Tasks, each with the week that gave it, as people read them; by three queries."""
    slack_ids = await people.slack_users(session, {task.assignee for task, _ in rows if task.assignee})
    forums = await stored.forums_of_tasks(session, [task.id for task, _ in rows if task.id is not None])
    cases = await stored_cases.by_numbers(session, {task.case_number for task, _ in rows if task.case_number})
    return [
        Task(
            id=task.id or 0,
            text=task.text,
            who=task.name or (Mention(slack_ids[task.assignee]) if task.assignee in slack_ids else None),
            due=task.due,
            case=task.case_number,
            case_name=title_of(cases, task.case_number) if task.case_number else None,
            done_at=task.done_at,
            week=week,
            forum_title=titles.get(forums.get(task.id or 0, MAIN)),
        )
        for task, week in rows
    ]


def title_of(cases: Mapping[str, ShortageCase], number: str) -> str:
    """A case by its medicine; by its number where it is not among `cases`."""
    return named(cases[number].name, cases[number].substance) if number in cases else number


_FIELD_WORDS = {
    "status": phrase("ny status"),
    "cause": phrase("årsak avklart"),
    "substitute": phrase("ny erstatning"),
    "substitute_ready": phrase("erstatning endret"),
    "decision_question": phrase("nytt spørsmål"),
    "start": phrase("startdato endret"),
}


_OUTSIDE_WORDS = {name: _FIELD_WORDS[name] for name in ("status", "start", "substitute_ready")}
"""What another forum than Mangelmøtet hears of: not that a question was put to that."""
_DONE_WORDS = {
    "restriction_decided": phrase("restriksjon satt i kraft"),
    "restriction_part_lifted": phrase("del av restriksjon opphevet"),
    "restriction_lifted": phrase("restriksjon opphevet"),
    "allocated": phrase("leveranse fordelt"),
}
"""What else was done with a case since the last meeting, where Mangelmøtet hears of it."""
_OF_A_FORUM = ("decided", "task_done")


def _changes(entries: Sequence[AuditEntry], forum: Forum, today: dt.date) -> tuple[Said, ...]:
    """What people have done with a case. What one forum decided is told in another only where that is Mangelmøtet."""
    said: list[Said] = []
    for entry in entries:
        if not forum.is_main and entry.action in _OF_A_FORUM and entry.details.get("forum", MAIN) != forum.id:
            continue
        if entry.action == "updated":
            if "expected_end" in entry.details:
                written = entry.details["expected_end"][1]
                end = dt.date.fromisoformat(written) if written else None
                said.append(
                    phrase("ny sluttdato {end}", end=DayMonth(end) if end.year == today.year else end)
                    if end
                    else phrase("sluttdato er nå ukjent")
                )
            fields = _FIELD_WORDS if forum.is_main else _OUTSIDE_WORDS
            said += [words for name, words in fields.items() if name in entry.details]
        elif entry.action == "visibility" and forum.is_main:
            if entry.details.get("visibility") == Visibility.PUBLISHED.value:
                said.append(phrase("publisert"))
        elif entry.action in _DONE_WORDS and forum.is_main:
            said.append(_DONE_WORDS[entry.action])
        elif entry.action == "begun":
            said.append(phrase("har begynt"))
        elif entry.action == "decided":
            said.append(phrase("besluttet: {text}", text=entry.details["text"].rstrip(" .")))
        elif entry.action == "task_done":
            said.append(phrase("gjort: {text}", text=entry.details["text"]))
    return tuple(one for place, one in enumerate(said) if one not in said[:place])  # a phrase has no hash


def _case_facts(
    view: CaseView, changes: tuple[Said, ...], since: dt.datetime, tasks: tuple[Task, ...], *, numbers: bool
) -> CaseFacts:
    fresh = [report for report in view.reports if report.reported_at > since]
    cover = view.cover
    return CaseFacts(
        number=view.number,
        name=view.title,
        status=view.status,
        opened_at=view.opened_at,
        closed_at=view.closed_at,
        substance=view.substance,
        atc=view.atc,
        complex=view.complex,
        start=view.start,
        expected_end=view.expected_end,
        slips=view.slips,
        lasts=view.lasts,
        stock=_stock_words(view, numbers=numbers),
        covers=cover.answer if cover else Answer.UNKNOWN,
        gap_days=cover.gap_days if cover and numbers and cover.answer is not Answer.UNKNOWN else None,
        why=_why_unknown(view),
        substitute=_substitute_words(view),
        substitute_ready=bool(view.substitute and view.substitute_ready),
        changes=(*changes, *(_domino(line) for line in view.dominoes if line.raised_at > since)),
        decision_question=_decision(view),
        reports=len(fresh),
        hospitals=len({report.place for report in fresh}),
        domino_of=view.domino_of,
        outcome=view.outcome.words if view.outcome else view.close_reason,
        owner=view.owner,
        next_step=view.next_step,
        next_step_on=view.next_step_on,
        criticality=view.criticality,
        tasks=tasks,
    )


def _domino(line: DominoLine) -> Said:
    return phrase("mulig dominoeffekt: {title}", title=line.title)


def _decision(view: CaseView) -> Said | None:
    """The centre's question to the meeting, and whether what the shortage pulls down shall be a case."""
    alone = [line.title for line in view.dominoes if line.case is None]
    if not alone:
        return view.decision_question
    asked = phrase("mulig dominoeffekt på {titles}. Egen sak?", titles=", ".join(alone))
    if view.decision_question is None:
        return asked
    return phrase("{question} Og: {asked}", question=view.decision_question, asked=asked)


def _why_unknown(view: CaseView) -> Said | None:
    """Why nobody can say whether it lasts; an unknown end has been said already, under the duration."""
    if view.cover is None:
        return phrase("ingen lagertall")
    if view.expected_end is None:
        return None
    old = phrase("lagertallet er gammelt") if view.cover.cover.stale else None
    return view.cover.why or old


def _stock_words(view: CaseView, *, numbers: bool) -> Said | None:
    """What is in stock, in one clause: which pools, until when, counted when."""
    cover = view.cover
    if cover is None:
        return None
    total = cover.cover
    if not numbers or not cover.pools or total.counted_on is None:
        return total.band.words
    counted = phrase("gammelt tall, {date}") if total.stale else phrase("talt {date}")
    facts = {"pools": ", ".join(cover.pools), "counted": Phrase(counted.source, {"date": DayMonth(total.counted_on)})}
    if total.on_hand == 0:
        said = phrase("{pools}: tomt ({counted})", **facts)
    elif total.stockout_date is None:
        said = phrase("{pools}, rekker i mer enn tre år ({counted})", **facts)
    else:
        said = phrase("{pools}, trolig tomt {out} ({counted})", out=DayMonth(total.stockout_date), **facts)
    warnings = [warning for warning in total.warnings if warning != MADE_UP and not total.stale]
    return phrase("{said}. {warning}", said=said, warning=warnings[0]) if warnings else said


def _substitute_words(view: CaseView) -> Said | None:
    if view.substitute and view.substitute_ready:
        return phrase("{text} (på plass)", text=view.substitute)
    return view.substitute


def _alert_facts(alert: AlertView, *, numbers: bool, inside: bool = True) -> AlertFacts:
    out, first = alert.cover.stockout_date, alert.cover.earliest_stockout
    says: Said = alert.level.words
    if not numbers:
        says = alert.cover.band.words
    elif alert.level is not AlertLevel.EMPTY and out is not None and first is not None:
        says = phrase("rekker trolig til {out}, tidligst {first}", out=DayMonth(out), first=DayMonth(first))
    return AlertFacts(
        item=alert.title,
        pool=alert.line.pool.name,
        says=says,
        case=alert.case,
        followed_by=alert.followed_by if inside else None,
    )
