"""Alerts: what the rule decides is told in the stock channel, one thread an item, and kept in the base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import named
from bot.clock import Clock, oslo
from bot.delivery.channels import ChannelKinds
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.refusal import NotAllowed, Refused
from bot.settings import Settings
from bot.stock.alert_rule import AlertChange, AlertLevel, AlertMemory, AlertStep, step
from bot.stock.cover import Cover, StockLine
from bot.stock.pools import PoolKind
from bot.stock.reading import ItemCover, StockReading
from storage import cases as stored_cases
from storage import people
from storage import stock as stored
from storage.tables import StockAlert, StockItem
from storage.unit_of_work import Answer, Database, UnitOfWork

MANY = 6
"""From so many new alerts in one round on they are told as one message with a list."""

LONGEST_SNOOZE = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert as plain values, for templates and the digest."""

    id: int
    change: AlertChange
    level: AlertLevel
    item: str
    substance: str | None
    title: str
    line: StockLine
    cover: Cover
    limit_days: float
    case: str | None
    domino: tuple[str, ...]
    followed_by: Mention | None
    snoozed_until: dt.date | None
    snooze_reason: str | None
    raised_at: dt.datetime


class AlertService:
    """Looks at every stock that has a limit, and answers for the alerts that are open."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        renderer: Renderer,
        stock: StockReading,
        channels: ChannelKinds,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._stock = stock
        self._channels = channels

    async def check(self) -> list[AlertView]:
        """Compute every cover and take each alert a step on; what was told.

        One unit of work: two replicas that check at once cannot both raise the same alert.
        """
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:alerts")
            today = oslo(uow.now).date()
            items = await self._stock.covers(uow.session, today)
            open_alerts = await stored.open_alerts(uow.session)
            steps = []
            for entry in items:
                assert entry.item.id is not None  # noqa: S101
                alert = open_alerts.get(entry.item.id)
                limit = entry.cover.threshold_days
                taken = step(_memory(alert) if alert else None, entry.cover, limit, uow.now)
                if taken.tells or (alert and (taken.memory is None or taken.memory != _memory(alert))):
                    steps.append((entry, alert, taken, limit))
            cases = await stored_cases.open_numbers(
                uow.session, [entry.item.preparation_key for entry, *_ in steps if entry.item.preparation_key]
            )
            kept = []
            for entry, alert, taken, limit in steps:
                row = await self._keep(uow, entry.item, alert, taken, cases.get(entry.item.preparation_key or ""))
                if taken.tells and row is not None:
                    kept.append((row, entry, taken.change, limit or 0.0))
            views = await self._views(uow.session, kept)
            await self._tell(uow, [(row, view) for (row, *_), view in zip(kept, views, strict=True)])
            return views

    async def _keep(
        self, uow: UnitOfWork, item: StockItem, alert: StockAlert | None, taken: AlertStep, case: str | None
    ) -> StockAlert | None:
        """Write the step down; the alert's row."""
        memory = taken.memory
        if alert is None:
            if memory is None or item.id is None:
                return None
            alert = StockAlert(
                item_id=item.id,
                level=memory.level.name.lower(),
                memory=_as_json(memory),
                raised_at=uow.now,
                told_at=uow.now,
                case_number=case,
            )
            await uow.add(alert)
            uow.record(f"alert:{alert.id}", "raised", by=None, level=alert.level)
            return alert
        if memory is None:
            alert.closed_at = uow.now
            alert.version += 1
            uow.record(f"alert:{alert.id}", "recovered", by=None)
            return alert
        if memory.snoozed_until is None and alert.snoozed_until is not None:
            alert.snoozed_until, alert.snooze_reason, alert.snoozed_by = None, None, None
        alert.level, alert.memory = memory.level.name.lower(), _as_json(memory)
        if taken.tells:
            alert.version += 1
            alert.told_at = uow.now
            uow.record(f"alert:{alert.id}", taken.change.value, by=None, level=alert.level)
        return alert

    async def _tell(self, uow: UnitOfWork, views: Sequence[tuple[StockAlert, AlertView]]) -> None:
        """New alerts as messages of their own (as one list where they are many); the rest in their threads."""
        channel = self._settings.stock_channel
        if channel is None:
            return
        new = [view for _, view in views if view.change is AlertChange.RAISE]
        listed = len(new) >= MANY
        if listed:
            worst_first = sorted(new, key=lambda view: (-view.level, view.title))
            with_numbers = {view.id for view in new if self._numbers(view)}
            parts = self._renderer.render_parts("alert_list.j2", alerts=worst_first, numbers=with_numbers)
            for place, part in enumerate(parts):
                await uow.say(
                    f"alerts:{min(view.id for view in new)}:{place}",
                    channel,
                    part.text,
                    part.blocks,
                    priority=1,
                )
        for alert, view in views:
            key = f"alert:{view.id}"
            if view.change is AlertChange.RAISE and not listed:
                message = self._renderer.render("alert.j2", alert=view, numbers=self._numbers(view))
                await uow.say(key, channel, message.text, message.blocks, priority=1)
                continue
            if view.change is AlertChange.RAISE:
                continue
            thread = key if await uow.said(key) is not None else None
            if thread is None and view.change is not AlertChange.RECOVER:
                await self._on_its_own(uow, key, view)
                continue
            message = self._renderer.render("alert_news.j2", alert=view, numbers=self._numbers(view))
            priority = 1 if view.change is AlertChange.WORSEN else 4
            await uow.say(
                f"{key}:news:v{alert.version}",
                channel,
                message.text,
                message.blocks,
                reply_to=thread,
                priority=priority,
            )
            await self._redraw(uow, alert, view)

    async def _on_its_own(self, uow: UnitOfWork, key: str, view: AlertView) -> None:
        """A message for an alert that was told in a list, from the moment something happens to it."""
        channel = self._settings.stock_channel
        if channel is not None:
            message = self._renderer.render("alert.j2", alert=view, numbers=self._numbers(view))
            await uow.say(key, channel, message.text, message.blocks, priority=1)

    def _numbers(self, view: AlertView) -> bool:
        """Numbers in the stock channel only where it is closed, and never a hospital's own stock: others read it."""
        closed = self._channels.closed(self._settings.stock_channel)
        return closed and view.line.pool.kind is not PoolKind.HOSPITAL

    async def _redraw(self, uow: UnitOfWork, alert: StockAlert, view: AlertView) -> None:
        """Bring the alert's own message up to date, in place."""
        key = f"alert:{alert.id}"
        channel = self._settings.stock_channel
        if channel is None or await uow.said(key) is None:
            return
        message = self._renderer.render("alert.j2", alert=view, numbers=self._numbers(view))
        await uow.say(f"{key}:v{alert.version}", channel, message.text, message.blocks, edits=key, priority=4)

    async def open_alerts(self) -> list[AlertView]:
        """Every open alert with its cover today, worst first."""
        async with self._database.read() as session:
            alerts = await stored.open_alerts(session)
            if not alerts:
                return []
            today = oslo(self._clock.now()).date()
            covers = await self._stock.covers(session, today, item_ids=list(alerts))
            views = await self._views(
                session,
                [
                    (alerts[entry.item.id], entry, AlertChange.NOTHING, self._limit(entry))
                    for entry in covers
                    if entry.item.id is not None
                ],
            )
        return sorted(views, key=lambda view: (-view.level, view.cover.days_of_cover or 0, view.title))

    def _limit(self, entry: ItemCover) -> float:
        return entry.cover.threshold_days or 0.0

    async def _views(
        self, session: AsyncSession, told: Sequence[tuple[StockAlert, ItemCover, AlertChange, float]]
    ) -> list[AlertView]:
        """The alerts as plain values, by three queries however many they are. A case opened since counts as theirs."""
        persons = {alert.followed_by for alert, *_ in told if alert.followed_by}
        slack_ids = await people.slack_users(session, persons)
        groups = await stored.substances_in_pools(
            session,
            [entry.item.atc[:5] for _, entry, *_ in told if entry.item.atc and len(entry.item.atc) >= 5],
        )
        cases = await stored_cases.open_numbers(
            session, [entry.item.preparation_key for _, entry, *_ in told if entry.item.preparation_key]
        )
        views = []
        for alert, entry, change, limit_days in told:
            item = entry.item
            assert alert.id is not None  # noqa: S101
            relatives = [
                name[:1].lower() + name[1:]
                for name in groups.get((item.atc or "")[:5], [])
                if name.casefold() != (item.substance or "").casefold()
            ]
            views.append(
                AlertView(
                    id=alert.id,
                    change=change,
                    level=AlertLevel[alert.level.upper()],
                    item=item.name,
                    substance=item.substance,
                    title=named(item.name, item.substance),
                    line=entry.line,
                    cover=entry.cover,
                    limit_days=limit_days,
                    case=alert.case_number or cases.get(item.preparation_key or ""),
                    domino=tuple(relatives[:3]),
                    followed_by=Mention(slack_ids[alert.followed_by]) if alert.followed_by in slack_ids else None,
                    snoozed_until=alert.snoozed_until,
                    snooze_reason=alert.snooze_reason,
                    raised_at=alert.raised_at,
                )
            )
        return views

    # --- answers from people ---

    async def follow_up(self, alert_id: int, by: Actor, *, key: str | None) -> str:
        """`by` follows the alert up. Gives the item's name. Refused where somebody else does already."""

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            if alert.followed_by and alert.followed_by != by.person:
                who = (await people.slack_users(uow.session, [alert.followed_by])).get(alert.followed_by)
                raise Refused(
                    phrase(
                        "{who} følger allerede opp dette varselet.",
                        who=Mention(who) if who else phrase("En annen"),
                    )
                )
            alert.followed_by = by.person
            uow.record(f"alert:{alert_id}", "followed_up", by=by.person)
            await self._answered(uow, alert, entry, phrase("{who} følger opp.", who=Mention(by.slack_user)))
            return {"item": entry.item.name}

        return str((await self._database.once(key, work))["item"])

    async def snooze(self, alert_id: int, until: dt.date | None, reason: str, by: Actor, *, key: str | None) -> dt.date:
        """Keep the alert quiet up to and including `until`, unless it worsens. A reason is needed."""
        refuse_identity_numbers(reason, field="reason")
        today = oslo(self._clock.now()).date()
        if not reason.strip():
            raise Refused(phrase("Skriv kort hvorfor varselet dempes."), field="reason")
        if len(reason) > 500:
            raise Refused(phrase("Teksten er {length} tegn. Skriv høyst 500.", length=len(reason)), field="reason")
        if until is None or until <= today:
            raise Refused(phrase("Velg en dato etter i dag."), field="until")
        if until > today + LONGEST_SNOOZE:
            raise Refused(phrase("Velg en dato innen 90 dager."), field="until")

        async def work(uow: UnitOfWork) -> Answer:
            alert, entry = await self._answerable(uow, alert_id, by)
            alert.snoozed_until, alert.snooze_reason, alert.snoozed_by = until, reason.strip(), by.person
            alert.memory = _as_json(_memory(alert).snooze(until))
            uow.record(f"alert:{alert_id}", "snoozed", by=by.person, until=until.isoformat(), reason=reason.strip())
            said = phrase(
                "{who} dempet varselet til {until}: {reason}",
                who=Mention(by.slack_user),
                until=until,
                reason=reason.strip(),
            )
            await self._answered(uow, alert, entry, said)
            return {"until": until.isoformat()}

        return dt.date.fromisoformat((await self._database.once(key, work))["until"])

    async def item_of(self, alert_id: int, by: Actor) -> StockItem:
        """The stock item of an open alert that `by` may answer."""
        async with self._database.read() as session:
            alert = await session.get(StockAlert, alert_id)
            item = await session.get(StockItem, alert.item_id) if alert and alert.closed_at is None else None
        if item is None:
            raise Refused(phrase("Varselet er ikke lenger åpent."))
        self._require(item.pool_id, by)
        return item

    async def link_case(self, alert_id: int, number: str, by: Actor, *, new: bool) -> None:
        """Write on the alert which case it became, or (not `new`) which one there was."""
        async with self._database.unit_of_work() as uow:
            alert, entry = await self._answerable(uow, alert_id, by)
            if alert.case_number == number:
                return
            alert.case_number = number
            uow.record(f"alert:{alert_id}", "case", by=by.person, case=number)
            opened = phrase("Sak {number} er opprettet.", number=number)
            joined = phrase("Varselet er knyttet til sak {number}.", number=number)
            await self._answered(uow, alert, entry, opened if new else joined)

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

    async def _answered(self, uow: UnitOfWork, alert: StockAlert, entry: ItemCover, said: Phrase) -> None:
        """A line in the alert's thread about what somebody did, and its message up to date."""
        alert.version += 1
        await uow.session.flush()
        view = (await self._views(uow.session, [(alert, entry, AlertChange.NOTHING, self._limit(entry))]))[0]
        key = f"alert:{alert.id}"
        if await uow.said(key) is None:
            await self._on_its_own(uow, key, view)
        else:
            await self._redraw(uow, alert, view)
        if self._settings.stock_channel:
            message = self._renderer.render("alert_answer.j2", said=said)
            await uow.say(
                f"{key}:answer:v{alert.version}",
                self._settings.stock_channel,
                message.text,
                message.blocks,
                reply_to=key,
            )


def _memory(alert: StockAlert) -> AlertMemory:
    kept = alert.memory
    return AlertMemory(
        level=AlertLevel[alert.level.upper()],
        raised_at=alert.raised_at,
        told_at=alert.told_at,
        told_stockout=dt.date.fromisoformat(kept["told_stockout"]) if kept.get("told_stockout") else None,
        snoozed_until=alert.snoozed_until,
    )


def _as_json(memory: AlertMemory) -> dict[str, str | None]:
    """What of the rule's memory has no column of its own."""
    return {"told_stockout": memory.told_stockout.isoformat() if memory.told_stockout else None}
