"""Mangelmøtet's digest: gathered from cases, stock and reports, posted once a week, shown on request."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.service import readable_by
from bot.cases.views import CaseView, DominoLine, load_views
from bot.cases.vocabulary import Visibility
from bot.clock import Clock, oslo
from bot.delivery.channels import ChannelKinds
from bot.meeting.calendar import Due, digest_due, digest_of_week, next_digest, parse_cron, update_due
from bot.meeting.digest import AlertFacts, CaseFacts, Digest, DigestFacts, Said, compose
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.words import DayMonth
from bot.people.places import trust_of
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.settings import Settings
from bot.stock.alert_rule import AlertLevel
from bot.stock.alert_view import AlertView
from bot.stock.alerting import AlertService
from bot.stock.cover import MADE_UP, Answer
from bot.stock.reading import StockReading
from storage import cases as stored_cases
from storage import meeting as stored
from storage.tables import AuditEntry, MeetingPost
from storage.unit_of_work import Database

DIGEST, UPDATE = "digest", "update"
FIRST_LOOK_BACK = dt.timedelta(days=7)
"""What counts as new in the very first digest."""

FOR_THE_MEETING = (Visibility.MEETING, Visibility.PUBLISHED)


class MeetingService:
    """Composes and posts. What has been posted stands in a table, so nothing is posted twice or forgotten."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        renderer: Renderer,
        stock: StockReading,
        alerts: AlertService,
        channels: ChannelKinds,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._stock = stock
        self._alerts = alerts
        self._channels = channels
        self._digest_cron = parse_cron(settings.digest_cron)
        self._update_cron = parse_cron(settings.update_cron)

    # --- posting ---

    async def post_what_is_due(self) -> list[str]:
        """Post the digest, or the morning's update, that is due and has not been posted; the weeks posted."""
        if self._settings.meeting_channel is None:
            return []
        now = self._clock.now()
        async with self._database.read() as session:
            digests = await stored.posted(session, DIGEST)
            updates = await stored.posted(session, UPDATE)
            since = await stored.first_start(session)
        weeks = []
        due = digest_due(now, self._digest_cron, digests, since=since)
        if due is not None and await self._post(due.week, DIGEST, due.occasion.planned, late=due):
            weeks.append(due.week)
            digests[due.week] = now
        due = update_due(now, self._update_cron, updates, digests)
        if due is not None and await self._post(due.week, UPDATE, due.occasion.planned):
            weeks.append(due.week)
        return weeks

    async def post_now(self, by: Actor) -> tuple[str, bool]:
        """Post the next digest ahead of its time; its week, and False where it stands there already."""
        by.require(Action.WORK_ON_CASE)
        if self._settings.meeting_channel is None:
            raise Refused(phrase("Møtekanalen er ikke satt. Sett MANGELVAKT_MEETING_CHANNEL."))
        week = next_digest(self._clock.now(), self._digest_cron).week
        return week, await self._post(week, DIGEST, self._clock.now())

    async def _post(self, week: str, kind: str, planned: dt.datetime, late: Due | None = None) -> bool:
        channel = self._settings.meeting_channel
        assert channel is not None  # noqa: S101
        numbers = self._channels.closed(channel)
        alerts = await self._alerts.open_alerts()
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:meeting")
            if week in await stored.posted(uow.session, kind):
                return False
            digest = await self._compose(
                uow.session,
                week,
                uow.now,
                alerts,
                numbers=numbers,
                only_news=kind == UPDATE,
                planned=planned if late is not None and late.late else None,
            )
            post = MeetingPost(week=week, kind=kind, due_at=planned, composed_at=uow.now, content=digest.as_json())
            await uow.add(post)
            if kind == DIGEST or digest.has_news:
                for place, message in enumerate(self.render(digest, update=kind == UPDATE), start=1):
                    key = f"{kind}:{week}:{channel}"
                    await uow.say(
                        key if place == 1 else f"{key}:{place}",
                        channel,
                        message.text,
                        message.blocks,
                        priority=7,
                    )
        return True

    # --- showing ---

    async def compose(self, week: str | None = None, *, numbers: bool = True) -> Digest:
        """The digest of a week (the next one) as it stands now."""
        now = self._clock.now()
        wanted = week or next_digest(now, self._digest_cron).week
        alerts = await self._alerts.open_alerts()
        async with self._database.read() as session:
            return await self._compose(session, wanted, now, alerts, numbers=numbers)

    def render(self, digest: Digest, *, update: bool = False, language: str = "nb") -> list[Message]:
        """The digest's messages, split where Slack's limits ask for it."""
        template = "digest_update.j2" if update else "digest.j2"
        return self._renderer.render_parts(template, language, digest=digest)

    async def as_it_stands(self, by: Actor) -> list[Message]:
        """The next digest for somebody who asks; the centre may post it from here."""
        by.require(Action.READ_DIGEST)
        digest = await self.compose()
        messages = self.render(digest, language=by.language)
        if by.may(Action.WORK_ON_CASE):
            messages.append(self._renderer.render("digest_post.j2", by.language, digest=digest))
        return messages

    async def all_cases(self, by: Actor) -> list[Message]:
        """Every open case that `by` may read, one line each."""
        visible = [visibility.value for visibility in readable_by(by)]
        async with self._database.read() as session:
            rows = await stored_cases.open_cases(session, visible=visible)
            views = await load_views(session, rows, None, oslo(self._clock.now()).date())
        return self._renderer.render_parts("digest_all.j2", by.language, cases=views)

    # --- gathering ---

    async def _compose(
        self,
        session: AsyncSession,
        week: str,
        now: dt.datetime,
        alerts: Sequence[AlertView],
        *,
        numbers: bool,
        only_news: bool = False,
        planned: dt.datetime | None = None,
    ) -> Digest:
        since = await self._since(session, week, now, only_news)
        visible = [visibility.value for visibility in FOR_THE_MEETING]
        rows = await stored_cases.open_cases(session, visible=visible)
        closed = [row for row in await stored_cases.closed_since(session, since) if row.visibility in visible]
        views = await load_views(session, [*rows, *closed], self._stock, oslo(now).date())
        changes = await stored_cases.changes_since(session, since, [f"case:{view.number}" for view in views])
        reports = await stored_cases.reports_since(session, since)
        worth = await self._alerts.worth(session, since, now)
        places = Counter(trust_of(report.place) or report.place for report in reports)
        return compose(
            DigestFacts(
                week=week,
                as_of=now,
                since=since,
                cases=[
                    _case_facts(view, changes.get(f"case:{view.number}", []), since, numbers=numbers) for view in views
                ],
                alerts=[_alert_facts(alert, numbers=numbers) for alert in alerts],
                alerts_worth=None if worth.is_empty else worth.words,
                reports=dict(places.most_common()),
                planned=planned,
                only_news=only_news,
            )
        )

    async def _since(self, session: AsyncSession, week: str, now: dt.datetime, update: bool) -> dt.datetime:
        """When the digest before this one was composed."""
        digests = await stored.posted(session, DIGEST)
        if update and week in digests:
            return digests[week]
        planned = digest_of_week(week, self._digest_cron)
        before = [at for posted_week, at in digests.items() if posted_week < week]
        fallback = (planned.planned if planned else now) - FIRST_LOOK_BACK
        return max(before) if before else min(fallback, now)


_FIELD_WORDS = {
    "status": phrase("ny status"),
    "cause": phrase("årsak avklart"),
    "substitute": phrase("ny erstatning"),
    "substitute_ready": phrase("erstatning endret"),
    "decision_question": phrase("nytt spørsmål"),
    "start": phrase("startdato endret"),
}


def _changes(entries: Sequence[AuditEntry]) -> tuple[Said, ...]:
    said: list[Said] = []
    for entry in entries:
        if entry.action == "updated":
            if "expected_end" in entry.details:
                end = entry.details["expected_end"][1]
                said.append(
                    phrase("ny sluttdato {end}", end=dt.date.fromisoformat(end))
                    if end
                    else phrase("sluttdato er nå ukjent")
                )
            said += [words for name, words in _FIELD_WORDS.items() if name in entry.details]
        elif entry.action == "begun":
            said.append(phrase("har begynt"))
    return tuple(one for place, one in enumerate(said) if one not in said[:place])  # a phrase has no hash


def _case_facts(view: CaseView, entries: Sequence[AuditEntry], since: dt.datetime, *, numbers: bool) -> CaseFacts:
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
        changes=(*_changes(entries), *(_domino(line) for line in view.dominoes if line.raised_at > since)),
        decision_question=_decision(view),
        reports=len(fresh),
        hospitals=len({report.place for report in fresh}),
        domino_of=view.domino_of,
        outcome=view.outcome.words if view.outcome else view.close_reason,
        owner=view.owner,
        next_step=view.next_step,
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
