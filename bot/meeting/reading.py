"""What the digest and the meeting are about, read from cases, stock, alerts and reports: facts for `digest.compose`."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.restriction_views import restrictions_of
from bot.cases.restrictions import State
from bot.cases.views import CaseView, DominoLine, load_views, named
from bot.cases.vocabulary import OPEN, Visibility
from bot.clock import oslo
from bot.meeting.calendar import Cron, digest_of_week, next_digest, week_of
from bot.meeting.digest import AlertFacts, CaseFacts, Digest, DigestFacts, Entry, ReviewFacts, Said, compose
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
MAIN = "mangelmote"
"""The weekly meeting, among the forums."""
FIRST_LOOK_BACK = dt.timedelta(days=7)
"""What counts as new in the very first digest."""
REVIEWED = (State.PLAN, State.DECIDED)
"""Restrictions in these states are looked at again."""
FOR_THE_MEETING = (Visibility.MEETING, Visibility.PUBLISHED)


class AgendaReading:
    """Reads what the meeting may see, by a fixed number of queries however many cases there are."""

    def __init__(self, stock: StockReading, alerts: AlertService, digest_cron: Cron) -> None:
        self._stock = stock
        self._alerts = alerts
        self._digest_cron = digest_cron

    async def since(self, session: AsyncSession, week: str, now: dt.datetime) -> dt.datetime:
        """What came after this is new in the digest of `week`: when the one before it was composed."""
        planned = digest_of_week(week, self._digest_cron)
        before = [at for posted, at in (await stored.posted(session, DIGEST)).items() if posted < week]
        fallback = (planned.planned if planned else now) - FIRST_LOOK_BACK
        return max(before) if before else min(fallback, now)

    async def meeting_week(self, session: AsyncSession, now: dt.datetime) -> str:
        """The week of the meeting that is held next: of a digest that is posted and has not been met on, or this."""
        this_week = week_of(oslo(now).date())
        ahead = sorted(week for week in await stored.posted(session, DIGEST) if week >= this_week)
        held = await stored.closed_weeks(session, MAIN, ahead)
        return next((week for week in ahead if week not in held), ahead[-1] if ahead else this_week)

    async def open_alerts(self) -> Sequence[AlertView]:
        """Every open stock alert, read before the digest's own session."""
        return await self._alerts.open_alerts()

    async def digest(
        self,
        session: AsyncSession,
        week: str,
        now: dt.datetime,
        since: dt.datetime,
        alerts: Sequence[AlertView],
        *,
        numbers: bool,
        only_news: bool = False,
        planned: dt.datetime | None = None,
    ) -> Digest:
        """The digest of a week as it stands now; what came after `since` is new."""
        visible = [visibility.value for visibility in FOR_THE_MEETING]
        rows = await stored_cases.open_cases(session, visible=visible)
        closed = [row for row in await stored_cases.closed_since(session, since) if row.visibility in visible]
        reports = await stored_cases.reports_since(session, since)
        worth = await self._alerts.worth(session, since, now)
        places = Counter(trust_of(report.place) or report.place for report in reports)
        standing = await stored.tasks_standing(session, MAIN, before=week, done_since=since)
        return compose(
            DigestFacts(
                week=week,
                as_of=now,
                since=since,
                cases=await self._facts(session, [*rows, *closed], now, since, numbers=numbers),
                alerts=[_alert_facts(alert, numbers=numbers) for alert in alerts],
                alerts_worth=None if worth.is_empty else worth.words,
                reports=dict(places.most_common()),
                planned=planned,
                only_news=only_news,
                tasks=await read_tasks(session, standing),
                left=await self._left(session, week),
                reviews=await self._reviews(session, week, now, numbers=numbers),
            )
        )

    async def _reviews(self, session: AsyncSession, week: str, now: dt.datetime, *, numbers: bool) -> list[ReviewFacts]:
        """Restrictions whose review comes before the next meeting. An open channel learns of published ones only."""
        this = digest_of_week(week, self._digest_cron)
        until = next_digest(max(this.planned, now) if this else now, self._digest_cron).planned.date()
        rows = await stored_restrictions.to_review(session, until, [state.value for state in REVIEWED])
        cases = await stored_cases.by_ids(session, {row.case_id for row in rows})
        seen = [case for case in cases.values() if case.visibility in FOR_THE_MEETING]
        every = await restrictions_of(session, seen)
        ids, today = {row.id for row in rows}, oslo(now).date()
        return [
            ReviewFacts.of(one, named(case.name, case.substance), today)
            for case in seen
            for one in every.get(case.id or 0, ())
            if one.id in ids and (numbers or one.is_public)
        ]

    async def _left(self, session: AsyncSession, week: str) -> set[str]:
        """The cases that the last meeting before this week had on its agenda and did not reach."""
        held = await stored.last_meeting(session, MAIN, before=week)
        if held is None or held.closed_at is None:
            return set()
        decided = {one.case_number for one in await stored.decisions(session, held.id or 0)}
        reached = {*held.discussed, *decided}
        families = [set(family) for family in held.agenda]
        return {number for family in families if not family & reached for number in family}

    async def entries(
        self,
        session: AsyncSession,
        rows: Sequence[ShortageCase],
        week: str,
        now: dt.datetime,
        since: dt.datetime,
        *,
        numbers: bool,
    ) -> dict[str, Entry]:
        """These cases as the digest would write them now, by number; one that is closed or merged has no entry."""
        facts = DigestFacts(
            week=week, as_of=now, since=since, cases=await self._facts(session, rows, now, since, numbers=numbers)
        )
        found = compose(facts)
        written = (*found.agenda, *found.unchanged)
        return {one.case.number: one for entry in written for one in entry.cases}

    async def _facts(
        self,
        session: AsyncSession,
        rows: Sequence[ShortageCase],
        now: dt.datetime,
        since: dt.datetime,
        *,
        numbers: bool,
    ) -> list[CaseFacts]:
        today = oslo(now).date()
        views = await load_views(session, [row for row in rows if row.status in OPEN], self._stock, today)
        views += await load_views(session, [row for row in rows if row.status not in OPEN], None, today)
        changes = await stored_cases.changes_since(session, since, [f"case:{view.number}" for view in views])
        tasks = defaultdict(list)
        for task in await read_tasks(
            session, [(row, "") for row in await stored.open_tasks_of(session, [view.number for view in views])]
        ):
            tasks[task.case].append(task)
        return [
            _case_facts(
                view,
                _changes(changes.get(f"case:{view.number}", []), today),
                since,
                tuple(tasks[view.number]),
                numbers=numbers,
            )
            for view in views
        ]


async def read_tasks(session: AsyncSession, rows: Sequence[tuple[MeetingTask, str]]) -> list[Task]:
    """Tasks, each with the week that gave it, as people read them; by two queries."""
    slack_ids = await people.slack_users(session, {task.assignee for task, _ in rows if task.assignee})
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


def _changes(entries: Sequence[AuditEntry], today: dt.date) -> tuple[Said, ...]:
    said: list[Said] = []
    for entry in entries:
        if entry.action == "updated":
            if "expected_end" in entry.details:
                written = entry.details["expected_end"][1]
                end = dt.date.fromisoformat(written) if written else None
                said.append(
                    phrase("ny sluttdato {end}", end=DayMonth(end) if end.year == today.year else end)
                    if end
                    else phrase("sluttdato er nå ukjent")
                )
            said += [words for name, words in _FIELD_WORDS.items() if name in entry.details]
        elif entry.action == "begun":
            said.append(phrase("har begynt"))
        elif entry.action == "decided":
            said.append(phrase("besluttet: {text}", text=entry.details["text"]))
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
        gap_days=cover.gap_days if cover and numbers else None,
        why=_why_unknown(view),
        substitute=_substitute_words(view),
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
    return view.cover.why if view.expected_end is not None else None


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


def _alert_facts(alert: AlertView, *, numbers: bool) -> AlertFacts:
    out, first = alert.cover.stockout_date, alert.cover.earliest_stockout
    says: Said = alert.level.words
    if not numbers:
        says = alert.cover.band.words
    elif alert.level is not AlertLevel.EMPTY and out is not None and first is not None:
        says = phrase("rekker trolig til {out}, tidligst {first}", out=DayMonth(out), first=DayMonth(first))
    return AlertFacts(
        item=alert.title, pool=alert.line.pool.name, says=says, case=alert.case, followed_by=alert.followed_by
    )
