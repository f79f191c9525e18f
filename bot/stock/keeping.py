"""Pools and items kept right by people: properties, an item's own rules, and items that move between pools."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, oslo
from bot.delivery.channels import ChannelKinds
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.refusal import NotAllowed, Refused
from bot.settings import Settings
from bot.stock.alerting import AlertService
from bot.stock.cover import Cover, StockLine
from bot.stock.pool_forms import ItemFacts, ItemForm, MoveForm, PoolForm
from bot.stock.pools import DemandBase, ItemRules, Pool, PoolKind, pool_key, pools_by_name
from bot.stock.reading import StockReading, rules_of
from bot.stock.report_calendar import NOTHING_SAID, ReportCalendar, Reporting
from storage import people
from storage import stock as stored
from storage.tables import StockItem, StockMove, StockPool
from storage.unit_of_work import Answer, Database, UnitOfWork

KEEPING = "mangelvakt:stock"
"""What is done by one at a time: sheets are stored, pools and items are changed, items move."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Who changed something last, and when. Nobody: it is as it was set up."""

    by: Mention | None
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool as its form shows it. `common_limit` is the limit of pools that have none of their own, and `common_every`
    how many days may pass between two counts of them."""

    pool: Pool
    version: int
    changed: Changed
    common_limit: float | None
    reporting: Reporting = NOTHING_SAID
    common_every: int = 10

    @property
    def holds(self) -> tuple[Phrase, ...]:
        """What holds of it, a property each."""
        names = ("holdable", "drawn_by", "sized_on", "target_days", "limit", "owner", "kind", "shelf")
        return (*self.pool.words(names), *self.reporting.often)


@dataclass(frozen=True, slots=True)
class MoveView:
    """An item's way from one pool to another."""

    item: str
    from_id: str
    from_pool: str
    to_pool: str
    moved_on: dt.date
    by: Mention | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as its form shows it, and how long it lasts. `others` are the pools that it may be moved to."""

    id: int
    pool: Pool
    facts: ItemFacts
    version: int
    changed: Changed
    line: StockLine
    cover: Cover
    own_rules: tuple[Phrase, ...]
    ends_with_a_move: tuple[Phrase, ...]
    moves: tuple[MoveView, ...]
    others: tuple[Pool, ...]


class PoolService:
    """Lets the centre, and a pool's managers in their own pools, keep pools and items right."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        renderer: Renderer,
        reading: StockReading,
        channels: ChannelKinds,
        alerts: AlertService,
        people: PeopleService,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._reading = reading
        self._channels = channels
        self._alerts = alerts
        self._people = people

    def _today(self) -> dt.date:
        return oslo(self._clock.now()).date()

    # --- reading ---

    async def pool(self, pool_id: str, by: Actor) -> PoolView:
        """A pool that `by` may change."""
        _require(pool_id, by)
        async with self._database.read() as session:
            row = await _pool(session, pool_id)
            changed = (await _changed(session, [row]))[0]
            reporting = (await ReportCalendar.read(session, self._settings)).of(pool_id)
        return PoolView(
            self._reading.pool(row),
            row.version,
            changed,
            self._settings.threshold_days,
            reporting,
            self._settings.alerts.report_every_days,
        )

    async def item(self, item_id: int, by: Actor) -> ItemView:
        """An item that `by` may change, with its cover today."""
        by.require(Action.KEEP_POOLS)
        async with self._database.read() as session:
            item = await _item(session, item_id)
            _require(item.pool_id, by)
            entry = (await self._reading.covers(session, self._today(), item_ids=[item_id]))[0]
            pools = await self._reading.pools(session)
            changed = (await _changed(session, [item]))[0]
            moves = await move_views(session, [item], pools)
        return ItemView(
            id=item_id,
            pool=pools[item.pool_id],
            facts=facts_of(item),
            version=item.version,
            changed=changed,
            line=entry.line,
            cover=entry.cover,
            own_rules=own_rules(item, entry.line),
            ends_with_a_move=entry.line.pool.words(
                name for name in rules_of(item).named if name not in _following(facts_of(item)).rules.named
            ),
            moves=moves.get(item_id, ()),
            others=tuple(pool for pool in pools.values() if pool.id != item.pool_id and by.manages(pool.id)),
        )

    # --- changing ---

    async def change_pool(self, pool_id: str, form: PoolForm, by: Actor, *, version: int, key: str | None) -> None:
        """Write a pool's properties, with author and time. From then on they go before those of the file.

        Refused where the pool has changed since `version` was read, where its name is another pool's, where a sender
        may not send its figures, and for managers of other pools.
        """
        _require(pool_id, by)
        senders = [await self._sender(user, pool_id) for user in form.senders]

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            row = await _pool(uow.session, pool_id)
            if row.version != version:
                raise Refused(_CHANGED_SINCE, field="holdable")
            pools = await self._reading.pools(uow.session)
            before = pools.pop(pool_id)
            after = form.read(before)
            taken = pools_by_name(pools.values()).get(pool_key(after.name))
            if taken is not None:
                raise Refused(
                    phrase("Lageret {name} heter det alt. Velg et annet navn.", name=taken.name), field="name"
                )
            names = before.changes_to(after)
            if names:
                row.former_names = list(after.aliases) + ([before.name] if "name" in names else [])
                row.name, row.kind, row.owner, row.shelf = after.name, after.kind.value, after.owner, after.shelf
                row.holdable = after.holdable.value
                row.sized_on, row.drawn_by = after.sized_on.value, after.drawn_by.value
                row.alert_limit_days, row.alert_limit_share = after.alert_limit_days, after.alert_limit_share
                row.target_days = after.target_days
                uow.record(f"pool:{pool_id}", "changed", by=by.person, **_before_and_after(before, after, names))
            reporting = await self._report_as(uow, row, form, senders, by)
            if names or reporting is not None:
                _sign(uow, row, by)
                if PoolKind.HOSPITAL not in (before.kind, after.kind):
                    said = phrase("{who} har endret {pool}.", who=Mention(by.slack_user), pool=before.name)
                    details = (*after.words(names), *(reporting.often if reporting else ()))
                    await self._say(uow, f"pool:{pool_id}:v{row.version}", said, details)
            return {}

        await self._database.once(key, work)

    async def _sender(self, user: str, pool_id: str) -> Actor:
        """Who is to send the pool's figures. Raises `Refused` where they may not."""
        roles, pools = self._people.grants(user)
        there = Actor("", user, "nb", None, roles, pools)
        if not (there.may(Action.STORE_STOCK) and there.manages(pool_id)):
            said = phrase(
                "{who} kan ikke sende tall for dette lageret. Velg en annen, eller be Mangelsenteret gi tilgang.",
                who=Mention(user),
            )
            raise Refused(said, field="senders")
        return await self._people.actor(user)

    async def _report_as(
        self, uow: UnitOfWork, row: StockPool, form: PoolForm, senders: list[Actor], by: Actor
    ) -> Reporting | None:
        """Keep how often the pool is counted and by whom, where that is new; None where it is as it was."""
        every, keys = (await stored.reporting_per_pool(uow.session))[row.id]
        wanted = sorted({one.person for one in senders})
        if (form.every_days, wanted) == (every, keys):
            return None
        row.report_every_days = form.every_days
        await stored.put_reporters(uow.session, row.id, wanted)
        details = {"every_days": [every, form.every_days], "senders": [keys, wanted]}
        uow.record(f"pool:{row.id}", "reporting", by=by.person, **details)
        return Reporting(form.every_days, form.senders)

    async def change_item(self, item_id: int, form: ItemForm, by: Actor, *, version: int, key: str | None) -> None:
        """Write what holds for one item, with author and time. Refused as `change_pool` is."""
        by.require(Action.KEEP_POOLS)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            item = await _item(uow.session, item_id)
            _require(item.pool_id, by)
            if item.version != version:
                raise Refused(_CHANGED_SINCE, field="stated")
            pool = self._reading.pool(await _pool(uow.session, item.pool_id))
            before, after = facts_of(item), form.read(pool, oslo(uow.now).date())
            if after != before:
                _write(item, after)
                _sign(uow, item, by)
                old, new = _as_details(before), _as_details(after)
                details = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
                uow.record(f"item:{item_id}", "changed", by=by.person, **details)
            return {}

        await self._database.once(key, work)

    async def move_item(self, item_id: int, form: MoveForm, by: Actor, *, version: int, key: str | None) -> int:
        """Move an item to another pool, with its counts, its use and what is on its way; the item's id there.

        `by` must answer for both pools. What it had of its own in the old pool (limit, target, whose demand)
        ends with it, but for a prioritised use; pack size and «bestilles ved behov» follow. Where others draw
        on the new pool, use until now is kept as that of those who drew it, and a stated demand ends: neither
        measures what empties the stock from now on.
        """
        by.require(Action.KEEP_POOLS)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            item = await _item(uow.session, item_id)
            _require(item.pool_id, by)
            if item.version != version:
                raise Refused(_CHANGED_SINCE, field="to_pool")
            to_pool, moved_on = form.read(item.pool_id, oslo(uow.now).date())
            row = await _pool(uow.session, to_pool)
            if not by.manages(to_pool):
                said = phrase("Du har ikke ansvar for lageret {pool}. Be Mangelsenteret flytte varen.", pool=row.name)
                raise NotAllowed(said, field="to_pool")
            await uow.alone("mangelvakt:alerts")
            from_pool = item.pool_id
            drawn_before = self._reading.pool(await _pool(uow.session, from_pool)).for_item(rules_of(item)).drawn_by
            _write(item, _following(facts_of(item)))
            drawn_after = self._reading.pool(row).for_item(rules_of(item)).drawn_by
            if drawn_before is not drawn_after:
                _write(item, _without_stated_demand(facts_of(item)))
                if drawn_before is not DemandBase.UNKNOWN:
                    await _keep_as_theirs(uow, item_id, drawn_before, moved_on)
            await self._join_what_stands_there(uow, item, to_pool)
            item.pool_id = to_pool
            _sign(uow, item, by)
            move = StockMove(
                item_id=item_id,
                from_pool=from_pool,
                to_pool=to_pool,
                moved_on=moved_on,
                by=by.person,
                note=form.note,
                recorded_at=uow.now,
            )
            await uow.add(move)
            uow.record(f"item:{item_id}", "moved", by=by.person, from_pool=from_pool, to_pool=to_pool, on=str(moved_on))
            pools = await self._reading.pools(uow.session)
            said = phrase(
                "{who} har flyttet {item} fra {from_pool} til {to_pool} {date}.",
                who=Mention(by.slack_user),
                item=item.name,
                from_pool=pools[from_pool].name,
                to_pool=pools[to_pool].name,
                date=moved_on,
            )
            await self._say(uow, f"move:{move.id}", said, ())
            return {"item": item_id}

        return int((await self._database.once(key, work))["item"])

    async def _say(self, uow: UnitOfWork, key: str, said: Phrase, details: tuple[Phrase, ...]) -> None:
        """Tell the stock channel, where only those who keep stock read it."""
        channel = self._settings.stock_channel
        if channel is not None and self._channels.closed(channel):
            message = self._renderer.render("pool_news.j2", said=said, details=details)
            await uow.say(key, channel, message.text, message.blocks)

    async def _join_what_stands_there(self, uow: UnitOfWork, item: StockItem, to_pool: str) -> None:
        """Take over what sheets have already said of the item in the new pool; the newest count holds."""
        there = await stored.item_at(uow.session, to_pool, item.key)
        if there is None or there.id is None or item.id is None:
            return
        if there.unit != item.unit:
            said = phrase(
                "Varen føres i {unit} der og i {own} her, og det kan ikke regnes om.", unit=there.unit, own=item.unit
            )
            raise Refused(said, field="to_pool")
        counted_there = await stored.newest_count(uow.session, there.id)
        counted_here = await stored.newest_count(uow.session, item.id)
        if counted_there is not None and counted_here is not None and counted_there <= counted_here:
            said = phrase(
                "Varen er talt i begge lagrene. Send først et ark med en nyere telling av alt i det nye lageret."
            )
            raise Refused(said, field="to_pool")
        alerts = await stored.open_alerts(uow.session)
        if there.id in alerts and item.id in alerts:
            await self._alerts.close_moved(uow, alerts[there.id])
        await stored.take_over(uow.session, item.id, there.id)


_CHANGED_SINCE = phrase(
    "Noen andre har endret dette siden du åpnet skjemaet. Ingenting er lagret. Åpne det på nytt og se hva som gjelder."
)


def _require(pool: str, by: Actor) -> None:
    by.require(Action.KEEP_POOLS)
    if not by.manages(pool):
        raise NotAllowed(phrase("Du har ikke ansvar for dette lageret. Spør Mangelsenteret om tilgang."))


async def _pool(session: AsyncSession, pool_id: str) -> StockPool:
    row = await session.get(StockPool, pool_id)
    if row is None:
        raise Refused(phrase("Lageret finnes ikke lenger. Spør på nytt med /mangel."))
    return row


async def _item(session: AsyncSession, item_id: int) -> StockItem:
    item = await session.get(StockItem, item_id)
    if item is None:
        raise Refused(phrase("Varen finnes ikke lenger. Spør på nytt med /mangel."))
    return item


def _sign(uow: UnitOfWork, row: StockPool | StockItem, by: Actor) -> None:
    row.version += 1
    row.changed_by, row.changed_at = by.person, uow.now


async def _changed(session: AsyncSession, rows: Iterable[StockPool | StockItem]) -> list[Changed]:
    rows = list(rows)
    known = await people.slack_users(session, {row.changed_by for row in rows if row.changed_by})
    return [
        Changed(Mention(known[row.changed_by]) if row.changed_by in known else None, row.changed_at) for row in rows
    ]


async def move_views(
    session: AsyncSession, items: Iterable[StockItem], pools: Mapping[str, Pool]
) -> dict[int, tuple[MoveView, ...]]:
    """Item id → its moves, oldest first; by two queries."""
    names = {item.id: item.name for item in items if item.id is not None}
    if not names:
        return {}
    moves = await stored.moves_of(session, names)
    known = await people.slack_users(session, {move.by for found in moves.values() for move in found if move.by})
    return {
        item: tuple(
            MoveView(
                names[item],
                move.from_pool,
                pools[move.from_pool].name,
                pools[move.to_pool].name,
                move.moved_on,
                Mention(known[move.by]) if move.by in known else None,
                move.note,
            )
            for move in found
        )
        for item, found in moves.items()
    }


def own_rules(item: StockItem, line: StockLine) -> tuple[Phrase, ...]:
    """What holds for the item alone, each in a few words."""
    return line.pool.words(rules_of(item).named)


def facts_of(item: StockItem) -> ItemFacts:
    """What is kept of an item beside its figures."""
    return ItemFacts(
        rules=rules_of(item),
        ordered_when_short=item.ordered_when_short,
        stated_daily_demand=item.stated_daily_demand,
        stated_by=item.stated_by,
        stated_from=item.stated_from,
        stated_first=item.stated_first,
        pack_size=item.pack_size,
        note=item.note,
    )


def _following(facts: ItemFacts) -> ItemFacts:
    """What follows an item to another pool: of its rules a prioritised use alone."""
    prioritised = facts.rules.drawn_by is DemandBase.PRIORITISED
    return replace(facts, rules=ItemRules(drawn_by=DemandBase.PRIORITISED if prioritised else None))


def _without_stated_demand(facts: ItemFacts) -> ItemFacts:
    return replace(facts, stated_daily_demand=None, stated_by=None, stated_from=None, stated_first=False)


def _write(item: StockItem, facts: ItemFacts) -> None:
    for name, value in _as_details(facts).items():
        setattr(item, name, facts.stated_from if name == "stated_from" else value)


def _as_details(facts: ItemFacts) -> dict[str, object]:
    """The facts by the names of the item's columns, as the log keeps them."""
    rules = facts.rules
    return {
        "holdable": rules.holdable.value if rules.holdable else None,
        "sized_on": rules.sized_on.value if rules.sized_on else None,
        "drawn_by": rules.drawn_by.value if rules.drawn_by else None,
        "alert_limit_days": rules.alert_limit_days,
        "alert_limit_share": rules.alert_limit_share,
        "target_days": rules.target_days,
        "ordered_when_short": facts.ordered_when_short,
        "stated_daily_demand": facts.stated_daily_demand,
        "stated_by": facts.stated_by,
        "stated_from": facts.stated_from.isoformat() if facts.stated_from else None,
        "stated_first": facts.stated_first,
        "pack_size": facts.pack_size,
        "note": facts.note,
    }


def _before_and_after(before: Pool, after: Pool, names: Iterable[str]) -> dict[str, list[str]]:
    names = tuple(names)
    both = zip(names, before.words(names), after.words(names), strict=True)
    return {name: [str(old), str(new)] for name, old, new in both}


async def _keep_as_theirs(uow: UnitOfWork, item_id: int, base: DemandBase, moved_on: dt.date) -> None:
    """Own uses from before the move become the use of those who drew on the old pool.

    Where that is known of a period already, the figure that was given for it stands.
    """
    uses = await stored.uses_of(uow.session, [item_id])
    known = {(use.first, use.last) for use in uses if use.base == base.value}
    for use in uses:
        if use.base or use.first >= moved_on:
            continue
        if (use.first, use.last) in known:
            await uow.session.delete(use)
        else:
            use.base = base.value
    await uow.session.flush()
