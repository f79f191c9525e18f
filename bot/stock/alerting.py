"""Alerts: looks at every stock that has a limit, keeps what the rule decides, and answers for what is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.medicine import Medicine
from bot.cases.service import CaseService
from bot.cases.views import named
from bot.clock import Clock, oslo
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.refusal import NotAllowed, Refused
from bot.settings import Settings
from bot.stock.alert_rule import (
    AlertChange,
    AlertLevel,
    AlertMemory,
    AlertOutcome,
    AlertStep,
    Dismissed,
    PastAlert,
    Usefulness,
    step,
    usefulness,
)
from bot.stock.alert_telling import MANY, AlertTeller, worst_first_key
from bot.stock.alert_view import AlertView
from bot.stock.reading import ItemCover, StockReading
from bot.stock.waiting import QuietHours, answer_due
from storage import cases as stored_cases
from storage import people
from storage import stock as stored
from storage.tables import StockAlert, StockItem
from storage.unit_of_work import Answer, Database, UnitOfWork

LONGEST_SNOOZE = dt.timedelta(days=90)
LONGEST_TEXT = 500
ON_A_PAGE = 20
MANAGERS_ASKED, CENTRE_ASKED = 1, 2
"""How far an alert that nobody answers has gone (`StockAlert.escalated`)."""


Looked = tuple[StockAlert, ItemCover, AlertChange, float, AlertMemory | None]
"""An alert, its stock today, what changed, its limit in days, and what was last told of it."""


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Some of the open alerts that a person answers for, worst first; `total` is how many there are."""

    alerts: tuple[AlertView, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Step:
    """What the rule wants of one item."""

    entry: ItemCover
    alert: StockAlert | None
    taken: AlertStep
    limit: float | None

    @property
    def item_id(self) -> int:
        return _id(self.entry.item)


class AlertService:
    """Raises, escalates and closes alerts, and takes people's answers to them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        stock: StockReading,
        people_service: PeopleService,
        cases: CaseService,
        teller: AlertTeller,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._stock = stock
        self._people = people_service
        self._cases = cases
        self._teller = teller
        said = settings.alerts
        self._quiet = QuietHours(said.quiet_from, said.quiet_to, said.quiet_days_of_rest)

    async def check(self) -> list[AlertView]:
        """Compute every cover and take each alert a step on: what was told, and what is held back until later.

        One unit of work: two replicas that check at once cannot both raise the same alert. The number of queries
        does not grow with the number of items.
        """
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:alerts")
            entries = await self._stock.covers(uow.session, oslo(uow.now).date())
            alerts = await stored.open_alerts(uow.session)
            steps = self._steps(entries, alerts, await stored.dismissed(uow.session), uow.now)
            quiet = [one for one in steps if one.taken.tells and self._is_held_back(one.taken, uow.now)]
            waiting = {one.item_id for one in quiet}
            due = [one for one in steps if one.item_id not in waiting]
            before = await stored.held(uow.session)
            await stored.hold(uow.session, before, waiting, uow.now)

            kept = await self._keep(uow, due)
            asked = await self._escalated(uow, entries, alerts)
            views = await self._views(uow.session, [*kept, *asked])
            told = [(row, view) for (row, *_), view in zip(kept, views[: len(kept)], strict=True)]
            raised = {row.item_id for row, view in told if view.change is AlertChange.RAISE}
            many = 2 if raised & before else MANY  # what was held back comes as one list
            await self._teller.tell(uow, told, many=many)
            next_asked = [(row, view) for (row, *_), view in zip(asked, views[len(kept) :], strict=True)]
            await self._teller.unanswered(uow, next_asked)
            until = self._quiet.over(uow.now)
            held_back = await self._views(
                uow.session,
                [
                    (one.alert or _unsaid(one, uow.now), one.entry, one.taken.change, one.limit or 0.0, None)
                    for one in quiet
                ],
                held_until=until,
            )
            return [view for _, view in told if view.change is not AlertChange.NOTHING] + held_back

    def _steps(
        self,
        entries: Iterable[ItemCover],
        alerts: dict[int, StockAlert],
        dismissed: dict[int, StockAlert],
        now: dt.datetime,
    ) -> list[_Step]:
        """Those of the items for which there is something to say, to keep or to redraw."""
        said = self._settings.alerts
        steps = []
        for entry in entries:
            alert, gone = alerts.get(_id(entry.item)), dismissed.get(_id(entry.item))
            before = _memory(alert) if alert else None
            limit = self._limit(entry)
            taken = step(
                before,
                entry.cover,
                limit,
                now,
                lead_days=said.lead_days,
                chance=said.chance,
                dismissed=Dismissed(_level(gone), gone.counted_on) if gone else None,
            )
            if taken.tells or taken.memory != before or (alert is not None and _looks_different(alert, entry)):
                steps.append(_Step(entry, alert, taken, limit))
        return steps

    def _is_held_back(self, taken: AlertStep, now: dt.datetime) -> bool:
        """A stock that is found to be empty is told at once; the end of its snooze can wait for the morning."""
        found = taken.memory is not None and taken.change in (AlertChange.RAISE, AlertChange.WORSEN)
        return self._quiet.holds_back(now, taken.memory.level if found and taken.memory else None)

    async def _keep(self, uow: UnitOfWork, steps: Sequence[_Step]) -> list[Looked]:
        """Write the steps down; what is to be told or redrawn, each with what was last told."""
        cases = await stored_cases.open_numbers(
            uow.session, [one.entry.item.preparation_key for one in steps if one.entry.item.preparation_key]
        )
        new = [
            _new_alert(one, one.taken.memory, cases.get(one.entry.item.preparation_key or ""), uow.now)
            for one in steps
            if one.alert is None and one.taken.memory is not None
        ]
        stored_new = await stored.add_alerts(uow.session, new)
        rows = []
        records: list[tuple[str, str, dict[str, Any]]] = []
        for one in steps:
            row = one.alert or stored_new[one.item_id]
            before = _memory(one.alert) if one.alert else None
            records += [(f"alert:{row.id}", *entry) for entry in _write(row, one, before, uow.now)]
            rows.append((row, one, before))
        await uow.record_all(records)
        return [(row, one.entry, one.taken.change, one.limit or 0.0, before) for row, one, before in rows]

    async def _escalated(
        self, uow: UnitOfWork, entries: Iterable[ItemCover], alerts: dict[int, StockAlert]
    ) -> list[Looked]:
        """Open alerts that nobody has answered in time, each moved on to those who are asked next."""
        asked: list[Looked] = []
        for entry in entries:
            alert = alerts.get(_id(entry.item))
            due = self._answer_by(alert, entry.item.pool_id) if alert is not None else None
            if alert is None or due is None or uow.now < due or self._quiet.holds_back(uow.now, _level(alert)):
                continue
            alert.escalated = self._next_asked(alert, entry.item.pool_id) or alert.escalated
            alert.version += 1
            asked.append((alert, entry, AlertChange.NOTHING, self._limit(entry) or 0.0, None))
        await uow.record_all([(f"alert:{alert.id}", "escalated", {"step": alert.escalated}) for alert, *_ in asked])
        return asked

    def _next_asked(self, alert: StockAlert, pool: str) -> int | None:
        """How far an alert in `pool` goes next: to the managers where there are any, then to the centre's channel."""
        there = {
            MANAGERS_ASKED: bool(self._settings.managers_of(pool)),
            CENTRE_ASKED: self._settings.cases_channel is not None,
        }
        return next((step for step, somebody in there.items() if somebody and step > alert.escalated), None)

    def _answer_by(self, alert: StockAlert, pool: str) -> dt.datetime | None:
        """When an open alert goes on to the next; none where somebody has answered or nobody is left to ask."""
        if alert.closed_at is not None or alert.waits_since is None or self._next_asked(alert, pool) is None:
            return None
        hours = float(getattr(self._settings.alerts.answer_within, alert.level))
        empty = _level(alert) is AlertLevel.EMPTY
        return answer_due(alert.waits_since, hours * (alert.escalated + 1), around_the_clock=empty)

    async def open_alerts(self, *, by: Actor | None = None) -> list[AlertView]:
        """Every open alert (those that `by` answers for) with its cover today, worst first."""
        async with self._database.read() as session:
            alerts = await stored.open_alerts(session)
            if not alerts:
                return []
            today = oslo(self._clock.now()).date()
            covers = await self._stock.covers(session, today, item_ids=list(alerts))
            views = await self._views(
                session,
                [
                    (alerts[_id(entry.item)], entry, AlertChange.NOTHING, self._limit(entry) or 0.0, None)
                    for entry in covers
                    if by is None or by.manages(entry.item.pool_id)
                ],
            )
        return sorted(views, key=worst_first_key)

    async def page_of(self, by: Actor, page: int) -> AlertPage:
        """A page of the open alerts that `by` answers for; the last one where there are fewer."""
        by.require(Action.ANSWER_ALERT)
        views = await self.open_alerts(by=by)
        pages = max(1, -(-len(views) // ON_A_PAGE))
        page = min(max(page, 1), pages)
        shown = views[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        return AlertPage(tuple(shown), len(views), page, pages)

    async def week(self, since: dt.datetime, until: dt.datetime) -> Usefulness:
        """What the alerts were worth from `since` up to `until`."""
        async with self._database.read() as session:
            return await self.worth(session, since, until)

    async def worth(self, session: AsyncSession, since: dt.datetime, until: dt.datetime) -> Usefulness:
        """`week`, in a session of the caller's."""
        return usefulness(
            [
                PastAlert(
                    raised_at=alert.raised_at,
                    answered=alert.answered_at is not None,
                    snoozed="snoozed" in done,
                    closed_at=alert.closed_at,
                    outcome=AlertOutcome(alert.outcome) if alert.outcome else None,
                    ran_out=alert.ran_out_on is not None,
                    ran_out_on=alert.ran_out_on if "ran_out" in done else None,
                )
                for alert, done in await stored.alerts_between(session, since, until)
            ],
            since,
            until,
        )

    def _limit(self, entry: ItemCover) -> float | None:
        return entry.cover.threshold_days

    async def _views(
        self,
        session: AsyncSession,
        told: Sequence[Looked],
        *,
        held_until: dt.datetime | None = None,
    ) -> list[AlertView]:
        """The alerts as plain values, by three queries however many they are. A case opened since counts as theirs."""
        if not told:
            return []
        persons = {
            person for alert, *_ in told for person in (alert.followed_by, alert.assigned_by, alert.closed_by) if person
        }
        slack_ids = await people.slack_users(session, persons)
        groups = await stored.substances_in_pools(
            session,
            [entry.item.atc[:5] for _, entry, *_ in told if entry.item.atc and len(entry.item.atc) >= 5],
        )
        cases = await stored_cases.open_numbers(
            session, [entry.item.preparation_key for _, entry, *_ in told if entry.item.preparation_key]
        )
        still_open = await stored_cases.open_among(session, {alert.case_number for alert, *_ in told})
        views = []
        for alert, entry, change, limit_days, before in told:
            item = entry.item
            relatives = [
                name[:1].lower() + name[1:]
                for name in groups.get((item.atc or "")[:5], [])
                if name.casefold() != (item.substance or "").casefold()
            ]
            views.append(
                AlertView(
                    id=alert.id or 0,
                    change=change,
                    level=_level(alert),
                    item=item.name,
                    substance=item.substance,
                    title=named(item.name, item.substance),
                    line=entry.line,
                    cover=entry.cover,
                    limit_days=limit_days,
                    case=alert.case_number
                    if alert.case_number in still_open
                    else cases.get(item.preparation_key or ""),
                    domino=tuple(relatives[:3]),
                    followed_by=_mention(slack_ids, alert.followed_by),
                    snoozed_until=alert.snoozed_until,
                    snooze_reason=alert.snooze_reason,
                    raised_at=alert.raised_at,
                    before=before,
                    waits=alert.waits_since is not None,
                    answer_by=self._answer_by(alert, item.pool_id),
                    centre_told=alert.escalated >= CENTRE_ASKED,
                    assigned_by=_mention(slack_ids, alert.assigned_by),
                    note=alert.note,
                    outcome=AlertOutcome(alert.outcome) if alert.outcome else None,
                    closed_by=_mention(slack_ids, alert.closed_by),
                    close_reason=alert.close_reason,
                    held_until=held_until,
                )
            )
        return views

    # --- answers from people ---

    async def follow_up(self, alert_id: int, by: Actor, *, key: str | None) -> str:
        """`by` follows the alert up. Gives the item's name. Refused where somebody else does and has answered."""

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            if alert.followed_by not in (None, by.person) and alert.waits_since is None:
                raise Refused(
                    phrase(
                        "{who} følger allerede opp dette varselet.",
                        who=await self._name(uow, alert.followed_by),
                    )
                )
            if alert.followed_by != by.person or alert.waits_since is not None:
                alert.followed_by, alert.assigned_by, alert.note = by.person, None, None
                uow.record(f"alert:{alert_id}", "followed_up", by=by.person)
                said = phrase("{who} følger opp.", who=Mention(by.slack_user))
                await self._answered(uow, alert, entry, said)
            return {"item": entry.item.name}

        return str((await self._database.once(key, work))["item"])

    async def assign(
        self, alert_id: int, to: str | None, note: str | None, by: Actor, *, seen: str | None, key: str | None
    ) -> str:
        """Give the alert to the person with the Slack id `to`, who is told why. Gives the item's name.

        `seen` is the key of whoever followed it up when `by` decided; somebody else since then is not overrun.
        """
        by.require(Action.ANSWER_ALERT)
        if not to:
            raise Refused(phrase("Velg hvem som skal følge opp."), field="who")
        note = _short_text(note or "", field="note") or None

        roles, pools = self._people.grants(to)
        there = Actor("", to, "nb", None, roles, pools)
        not_theirs = Refused(
            phrase("Personen har ikke ansvar for dette lageret. Velg en annen, eller be Mangelsenteret gi tilgang."),
            field="who",
        )
        if not there.may(Action.ANSWER_ALERT):
            raise not_theirs
        receiver = await self._people.actor(to)

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            if not there.manages(entry.item.pool_id):
                raise not_theirs
            if alert.followed_by not in (None, seen, receiver.person):
                taken = phrase("Noen andre har tatt varselet siden du åpnet skjemaet. Lukk det og se på nytt.")
                raise Refused(taken, field="who")
            alert.followed_by, alert.assigned_by, alert.note = receiver.person, by.person, note
            uow.record(f"alert:{alert_id}", "assigned", by=by.person, to=receiver.person, note=note)
            giver, taker = Mention(by.slack_user), Mention(receiver.slack_user)
            said = phrase("{giver} har gitt varselet til {taker}.", giver=giver, taker=taker)
            if note:
                said = phrase("{giver} har gitt varselet til {taker}: {note}", giver=giver, taker=taker, note=note)
            view = await self._answered(uow, alert, entry, said)
            if receiver.person != by.person:
                await self._teller.given(uow, alert, view)
            return {"item": entry.item.name}

        return str((await self._database.once(key, work))["item"])

    async def hand_back(self, alert_id: int, by: Actor, *, key: str | None) -> str:
        """Nobody follows the alert up any more, and it waits for an answer again. Gives the item's name."""

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            if alert.followed_by is None:
                raise Refused(phrase("Ingen følger opp dette varselet nå."))
            if alert.followed_by != by.person and not by.may(Action.WORK_ON_CASE):
                who = await self._name(uow, alert.followed_by)
                raise Refused(
                    phrase("Varselet følges opp av {who}. Bare {who} eller senteret kan gi det tilbake.", who=who)
                )
            whose = await self._name(uow, alert.followed_by)
            alert.followed_by, alert.assigned_by, alert.note = None, None, None
            uow.record(f"alert:{alert_id}", "handed_back", by=by.person)
            said = phrase("{who} har gitt varselet tilbake. Ingen følger opp nå.", who=Mention(by.slack_user))
            if isinstance(whose, Mention) and whose.slack_id != by.slack_user:
                said = phrase(
                    "{who} har tatt varselet fra {whose}. Ingen følger opp nå.", who=Mention(by.slack_user), whose=whose
                )
            await self._answered(uow, alert, entry, said, waits=True)
            return {"item": entry.item.name}

        return str((await self._database.once(key, work))["item"])

    async def snooze(self, alert_id: int, until: dt.date | None, reason: str, by: Actor, *, key: str | None) -> dt.date:
        """Keep the alert quiet up to and including `until`, unless it worsens. A reason is needed."""
        reason = _short_text(reason, field="reason")
        today = oslo(self._clock.now()).date()
        if not reason:
            raise Refused(phrase("Skriv kort hvorfor varselet dempes."), field="reason")
        if until is None or until <= today:
            raise Refused(phrase("Velg en dato etter i dag."), field="until")
        if until > today + LONGEST_SNOOZE:
            raise Refused(phrase("Velg en dato innen 90 dager."), field="until")

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            alert.snoozed_until, alert.snooze_reason, alert.snoozed_by = until, reason, by.person
            uow.record(f"alert:{alert_id}", "snoozed", by=by.person, until=until.isoformat(), reason=reason)
            said = phrase(
                "{who} dempet varselet til {until}: {reason}",
                who=Mention(by.slack_user),
                until=until,
                reason=reason,
            )
            await self._answered(uow, alert, entry, said)
            return {"until": until.isoformat()}

        return dt.date.fromisoformat((await self._database.once(key, work))["until"])

    async def false_alarm(self, alert_id: int, reason: str, by: Actor, *, key: str | None) -> str:
        """Close the alert as false, for a reason. It is raised again when the stock is counted anew, or worsens."""
        reason = _short_text(reason, field="reason")
        if not reason:
            raise Refused(phrase("Skriv kort hva som er feil, så det kan rettes."), field="reason")

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            alert.closed_at, alert.closed_by, alert.close_reason = uow.now, by.person, reason
            alert.outcome, alert.counted_on = AlertOutcome.FALSE_ALARM, entry.cover.counted_on
            uow.record(f"alert:{alert_id}", "false_alarm", by=by.person, reason=reason)
            said = phrase("{who}: falsk alarm. {reason}", who=Mention(by.slack_user), reason=reason)
            await self._answered(uow, alert, entry, said)
            return {"item": entry.item.name}

        return str((await self._database.once(key, work))["item"])

    async def open_alert(self, alert_id: int, by: Actor) -> tuple[StockItem, str | None]:
        """The stock item of an open alert that `by` may answer, and the key of whoever follows it up."""
        async with self._database.read() as session:
            alert = await session.get(StockAlert, alert_id)
            item = await session.get(StockItem, alert.item_id) if alert and alert.closed_at is None else None
        if alert is None or item is None:
            raise Refused(phrase("Varselet er ikke lenger åpent."))
        self._require(item.pool_id, by)
        return item, alert.followed_by

    async def open_case(self, alert_id: int, medicine: Medicine, by: Actor, *, key: str | None) -> tuple[str, bool]:
        """The case that the alert on a stock of `medicine` becomes, written on the alert; the open one if there is one.

        Gives its number and whether it is new.
        """

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            question = phrase("Lageret går mot tomt. Hva gjør vi?")
            number, new = await self._cases.opened_in(uow, medicine, by, decision_question=question)
            if alert.case_number != number:
                alert.case_number = number
                uow.record(f"alert:{alert_id}", "case", by=by.person, case=number)
                opened = phrase("Sak {number} er opprettet.", number=number)
                joined = phrase("Varselet er knyttet til sak {number}.", number=number)
                await self._answered(uow, alert, entry, opened if new else joined)
            return {"number": number, "new": new}

        answer = await self._database.once(key, work)
        return str(answer["number"]), bool(answer["new"])

    async def close_moved(self, uow: UnitOfWork, alert: StockAlert) -> None:
        """End an alert whose item joins one that has an alert already; its messages say so."""
        entry = (await self._stock.covers(uow.session, oslo(uow.now).date(), item_ids=[alert.item_id]))[0]
        alert.closed_at, alert.waits_since, alert.outcome = uow.now, None, AlertOutcome.MOVED
        alert.version += 1
        uow.record(f"alert:{alert.id}", AlertOutcome.MOVED.value, by=None)
        told = (alert, entry, AlertChange.NOTHING, self._limit(entry) or 0.0, None)
        await self._teller.tell(uow, [(alert, (await self._views(uow.session, [told]))[0])])

    async def _answerable(self, uow: UnitOfWork, alert_id: int, by: Actor) -> tuple[StockAlert, ItemCover]:
        await uow.alone("mangelvakt:alerts")
        alert = await uow.session.get(StockAlert, alert_id)
        if alert is None or alert.closed_at is not None:
            raise Refused(phrase("Varselet er ikke lenger åpent."))
        entry = (await self._stock.covers(uow.session, oslo(uow.now).date(), item_ids=[alert.item_id]))[0]
        self._require(entry.item.pool_id, by)
        return alert, entry

    def _require(self, pool: str, by: Actor) -> None:
        by.require(Action.ANSWER_ALERT)
        if not by.manages(pool):
            raise NotAllowed(phrase("Du har ikke ansvar for dette lageret. Spør Mangelsenteret om tilgang."))

    async def _name(self, uow: UnitOfWork, person: str | None) -> Mention | Phrase:
        slack_ids = await people.slack_users(uow.session, [person] if person else [])
        return _mention(slack_ids, person) or phrase("en annen")

    async def _answered(
        self, uow: UnitOfWork, alert: StockAlert, entry: ItemCover, said: Phrase, *, waits: bool = False
    ) -> AlertView:
        """Somebody did something with the alert: it waits no longer (or again), and its thread says so.

        A snoozed one waits again when the snooze is over.
        """
        alert.waits_since, alert.escalated = (uow.now if waits and alert.snoozed_until is None else None), 0
        if not waits:
            alert.answered_at = alert.answered_at or uow.now
        alert.version += 1
        await uow.session.flush()
        told = (alert, entry, AlertChange.NOTHING, self._limit(entry) or 0.0, None)
        view = (await self._views(uow.session, [told]))[0]
        await self._teller.answered(uow, alert, view, said)
        return view


def _id(item: StockItem) -> int:
    assert item.id is not None  # noqa: S101
    return item.id


def _short_text(text: str, *, field: str) -> str:
    """A reason or a note, checked."""
    refuse_identity_numbers(text, field=field)
    if len(text) > LONGEST_TEXT:
        raise Refused(
            phrase("Teksten er {length} tegn. Skriv høyst {most}.", length=len(text), most=LONGEST_TEXT), field=field
        )
    return text.strip()


def _mention(slack_ids: dict[str, str], person: str | None) -> Mention | None:
    return Mention(slack_ids[person]) if person in slack_ids else None


def _level(alert: StockAlert) -> AlertLevel:
    return AlertLevel[alert.level.upper()]


def _looks_different(alert: StockAlert, entry: ItemCover) -> bool:
    """Whether there is something to show or to keep though nothing is told.

    A figure grew old, a stock ran out, or the item stands in another pool.
    """
    return bool(alert.memory.get("stale")) != entry.cover.stale or _has_run_out(alert, entry) or _moved(alert, entry)


def _moved(alert: StockAlert, entry: ItemCover) -> bool:
    return bool(alert.memory.get("pool", entry.item.pool_id) != entry.item.pool_id)


def _has_run_out(alert: StockAlert, entry: ItemCover) -> bool:
    return alert.ran_out_on is None and entry.cover.on_hand == 0 and not entry.cover.stale


def _new_alert(one: _Step, memory: AlertMemory, case: str | None, now: dt.datetime) -> StockAlert:
    return StockAlert(
        item_id=one.item_id,
        level=memory.level.name.lower(),
        memory=_as_json(memory),
        raised_at=now,
        told_at=now,
        waits_since=now,
        case_number=case,
    )


def _write(
    alert: StockAlert, one: _Step, before: AlertMemory | None, now: dt.datetime
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write a step on the alert's row; what the audit log shall say of it."""
    memory, change, cover = one.taken.memory, one.taken.change, one.entry.cover
    if before is not None:
        alert.version += 1
    if memory is None:
        alert.closed_at, alert.waits_since = now, None
        recovered = change is AlertChange.RECOVER
        alert.outcome = AlertOutcome.RECOVERED if recovered else AlertOutcome.NO_LIMIT
        yield "recovered" if recovered else "limit_removed", {}
        return
    alert.level = memory.level.name.lower()
    moved = _moved(alert, one.entry)
    alert.memory = alert.memory | _as_json(memory) | {"stale": cover.stale, "pool": one.entry.item.pool_id}
    if memory.snoozed_until is None:
        alert.snoozed_until, alert.snooze_reason, alert.snoozed_by = None, None, None
    if one.taken.tells:
        alert.told_at = now
        yield "raised" if before is None else change.value, {"level": alert.level}
    if change in (AlertChange.WORSEN, AlertChange.RESUME) or moved:
        alert.waits_since, alert.escalated = now, 0
    if _has_run_out(alert, one.entry):
        alert.ran_out_on = cover.counted_on
        yield "ran_out", {}


def _unsaid(one: _Step, now: dt.datetime) -> StockAlert:
    """An alert that is held back: it will be raised when the quiet hours are over, so it is not stored."""
    assert one.taken.memory is not None  # noqa: S101
    return _new_alert(one, one.taken.memory, None, now)


def _memory(alert: StockAlert) -> AlertMemory:
    kept = alert.memory
    return AlertMemory(
        level=_level(alert),
        raised_at=alert.raised_at,
        told_at=alert.told_at,
        told_stockout=dt.date.fromisoformat(kept["told_stockout"]) if kept.get("told_stockout") else None,
        snoozed_until=alert.snoozed_until,
    )


def _as_json(memory: AlertMemory) -> dict[str, Any]:
    """What of the rule's memory has no column of its own."""
    return {"told_stockout": memory.told_stockout.isoformat() if memory.told_stockout else None}
