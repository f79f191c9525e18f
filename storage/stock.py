"""Questions about stock, and sheets into it. Counts, uses and deliveries of many items come in one statement each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from storage.tables import (
    AuditEntry,
    ColumnMapping,
    HeldAlert,
    PoolReporter,
    PoolSilence,
    StockAlert,
    StockCount,
    StockDelivery,
    StockItem,
    StockMove,
    StockPool,
    StockSheet,
    StockUse,
)

STORED = ("stored", "partly_stored")
"""States of a sheet whose figures count."""
STOCK = "stock"
"""The kind of the headings that stock sheets have."""

USE_DAYS = 3 * 366
"""How far back drawn quantities are read: three years, enough for a season."""


@dataclass(slots=True)
class StockedItem:
    """One item in one pool with its latest count (one row a lot), its uses and its deliveries since."""

    item: StockItem
    counted_on: dt.date | None = None
    lots: list[StockCount] = field(default_factory=list)
    uses: list[StockUse] = field(default_factory=list)
    deliveries: list[StockDelivery] = field(default_factory=list)


async def pools(session: AsyncSession) -> list[StockPool]:
    """Every pool, by id."""
    return list(await session.scalars(select(StockPool).order_by(col(StockPool.id))))


async def stocked(
    session: AsyncSession,
    as_of: dt.date,
    *,
    preparation_keys: Iterable[str] | None = None,
    substances: Iterable[str] | None = None,
    item_ids: Iterable[int] | None = None,
) -> list[StockedItem]:
    """Items with what is known of them on `as_of`, by four statements. Any of the filters may let an item in."""
    query = select(StockItem).order_by(col(StockItem.pool_id), col(StockItem.name))
    wanted = []
    if preparation_keys is not None:
        wanted.append(col(StockItem.preparation_key).in_(list(preparation_keys)))
    if substances is not None:
        wanted.append(func.lower(col(StockItem.substance)).in_([name.lower() for name in substances]))
    if item_ids is not None:
        wanted.append(col(StockItem.id).in_(list(item_ids)))
    if wanted:
        query = query.where(or_(*wanted))
    found = {item.id: StockedItem(item) for item in await session.scalars(query)}
    if not found:
        return []
    some = list(found) if wanted else None

    latest = (
        select(col(StockCount.item_id).label("item_id"), func.max(col(StockCount.counted_on)).label("counted_on"))
        .where(col(StockCount.counted_on) <= as_of, *_among(StockCount.item_id, some))
        .group_by(col(StockCount.item_id))
        .subquery()
    )
    counts = select(StockCount).join(
        latest,
        and_(col(StockCount.item_id) == latest.c.item_id, col(StockCount.counted_on) == latest.c.counted_on),
    )
    for count in await session.scalars(counts.order_by(col(StockCount.id))):
        stock = found[count.item_id]
        stock.counted_on = count.counted_on
        stock.lots.append(count)
    since = as_of - dt.timedelta(USE_DAYS)
    uses = select(StockUse).where(col(StockUse.last) >= since, *_among(StockUse.item_id, some))
    for use in await session.scalars(uses.order_by(col(StockUse.first))):
        found[use.item_id].uses.append(use)
    deliveries = select(StockDelivery).where(
        col(StockDelivery.eta) >= as_of - dt.timedelta(60), *_among(StockDelivery.item_id, some)
    )
    for delivery in await session.scalars(deliveries.order_by(col(StockDelivery.eta))):
        found[delivery.item_id].deliveries.append(delivery)
    return list(found.values())


def _among(column: Any, some: Sequence[int | None] | None) -> list[Any]:
    return [] if some is None else [col(column).in_(some)]


async def items_by_key(session: AsyncSession, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], StockItem]:
    """Items by (pool id, item key)."""
    wanted = list(keys)
    found: dict[tuple[str, str], StockItem] = {}
    for start in range(0, len(wanted), 400):
        rows = await session.scalars(
            select(StockItem).where(tuple_(col(StockItem.pool_id), col(StockItem.key)).in_(wanted[start : start + 400]))
        )
        found |= {(row.pool_id, row.key): row for row in rows}
    return found


async def units(session: AsyncSession) -> dict[tuple[str, str], tuple[str, float | None]]:
    """The unit of every item and how many of it are in a pack, where somebody has said so, by (pool id, item key)."""
    rows = await session.execute(select(StockItem.pool_id, StockItem.key, StockItem.unit, StockItem.pack_size))
    return {(pool, key): (unit, pack_size) for pool, key, unit, pack_size in rows}


Figures = Mapping[str, list[dict[str, Any]]]
"""Rows of counts, uses and deliveries by `FIGURES`' names."""

FIGURES: Mapping[str, type[StockCount | StockUse | StockDelivery]] = {
    "counts": StockCount,
    "uses": StockUse,
    "deliveries": StockDelivery,
}
_SAME: Mapping[str, tuple[str, ...]] = {
    "counts": ("item_id", "counted_on"),
    "uses": ("item_id", "first", "last", "base"),
    "deliveries": ("item_id", "eta"),
}
"""What makes two rows the same figure told twice: of counts those of one item on one day are one, whatever the lots."""


async def standing(session: AsyncSession, figures: Figures) -> dict[str, list[dict[str, Any]]]:
    """The rows that stand where these figures would be written."""
    return {
        kind: [
            _values(row)
            for some in _some(kind, rows)
            for row in await session.scalars(select(FIGURES[kind]).where(_where(kind, some)))
        ]
        for kind, rows in figures.items()
    }


async def replace(session: AsyncSession, figures: Figures) -> dict[str, list[dict[str, Any]]]:
    """Write figures; those that stood there before are replaced, and given back."""
    gone: dict[str, list[dict[str, Any]]] = {}
    for kind, rows in figures.items():
        table = FIGURES[kind]
        gone[kind] = []
        for some in _some(kind, rows):
            found = await session.scalars(delete(table).where(_where(kind, some)).returning(table))
            gone[kind] += [_values(row) for row in found]
        if rows:
            await session.execute(insert(table), list(rows))
    return gone


def _some(kind: str, rows: Sequence[dict[str, Any]]) -> Iterator[list[tuple[Any, ...]]]:
    keys = sorted({tuple(row[name] for name in _SAME[kind]) for row in rows})
    return (keys[start : start + 200] for start in range(0, len(keys), 200))


def _where(kind: str, keys: list[tuple[Any, ...]]) -> ColumnElement[bool]:
    return tuple_(*(col(getattr(FIGURES[kind], name)) for name in _SAME[kind])).in_(keys)


def _values(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(exclude={"id"})


async def newest_before(
    session: AsyncSession, items: Iterable[int], until: dt.date
) -> dict[int, tuple[dt.date, float]]:
    """Item id → the day of its newest count up to `until`, and what was counted then, all lots together."""
    wanted = list(items)
    found: dict[int, tuple[dt.date, float]] = {}
    for start in range(0, len(wanted), 400):
        some = col(StockCount.item_id).in_(wanted[start : start + 400])
        latest = (
            select(col(StockCount.item_id).label("item_id"), func.max(col(StockCount.counted_on)).label("counted_on"))
            .where(some, col(StockCount.counted_on) <= until)
            .group_by(col(StockCount.item_id))
            .subquery()
        )
        same = and_(col(StockCount.item_id) == latest.c.item_id, col(StockCount.counted_on) == latest.c.counted_on)
        rows = await session.execute(
            select(col(StockCount.item_id), col(StockCount.counted_on), func.sum(col(StockCount.quantity)))
            .join(latest, same)
            .group_by(col(StockCount.item_id), col(StockCount.counted_on))
        )
        found |= {item: (day, float(quantity)) for item, day, quantity in rows}
    return found


async def newest_sheet(session: AsyncSession, sent_by: str | None = None) -> StockSheet | None:
    """The sheet that was stored last, of everybody's or of those that one person sent; not one that was taken back."""
    query = select(StockSheet).where(col(StockSheet.state).in_(STORED))
    if sent_by is not None:
        query = query.where(StockSheet.sent_by == sent_by)
    newest = query.order_by(func.coalesce(StockSheet.stored_at, StockSheet.received_at).desc()).limit(1)
    return (await session.scalars(newest)).one_or_none()


async def figures_of_sheet(session: AsyncSession, sheet_id: str) -> dict[str, list[int]]:
    """The items of the figures that a sheet wrote and that still stand, once for each."""
    return {
        kind: list(await session.scalars(select(col(table.item_id)).where(col(table.sheet_id) == sheet_id)))
        for kind, table in FIGURES.items()
    }


async def moved_since(session: AsyncSession, items: Iterable[int], since: dt.datetime) -> int:
    """How many of the items have gone to another pool since."""
    query = select(func.count()).where(
        col(StockMove.item_id).in_(sorted(set(items))), col(StockMove.recorded_at) >= since
    )
    return int((await session.execute(query)).scalar_one())


async def put_back(session: AsyncSession, sheet_id: str, before: Figures) -> None:
    """Take a sheet's figures away, and write those from before it."""
    for kind, table in FIGURES.items():
        await session.execute(delete(table).where(col(table.sheet_id) == sheet_id))
        if before[kind]:
            await session.execute(insert(table), before[kind])


async def forget_items(session: AsyncSession, items: Iterable[int], pools: Iterable[str]) -> None:
    """Take away those of `items` of which nothing is kept, then those of `pools` in which nothing stands."""
    for item in items:
        kept = [
            (await session.execute(select(func.count()).where(col(table.item_id) == item))).scalar_one()
            for table in (StockCount, StockUse, StockDelivery, StockAlert, StockMove, HeldAlert)
        ]
        if not any(kept):
            await session.execute(delete(StockItem).where(col(StockItem.id) == item))
    for pool in pools:
        stands = (await session.execute(select(func.count()).where(StockItem.pool_id == pool))).scalar_one()
        left = (
            await session.execute(
                select(func.count()).where(or_(col(StockMove.from_pool) == pool, col(StockMove.to_pool) == pool))
            )
        ).scalar_one()
        silent = (await session.execute(select(func.count()).where(PoolSilence.pool_id == pool))).scalar_one()
        if not stands and not left and not silent:
            await session.execute(delete(StockPool).where(col(StockPool.id) == pool))


async def forget_old_sheets(session: AsyncSession, shown_before: dt.datetime, stored_before: dt.datetime) -> int:
    """Let the content of old sheets go: those never said yes to, and those stored long ago. How many there were.

    Name, hash and what was done stay.
    """
    shown = and_(col(StockSheet.state) == "preview", col(StockSheet.received_at) < shown_before)
    old = and_(col(StockSheet.state).in_((*STORED, "undone")), col(StockSheet.received_at) < stored_before)
    has_content = func.length(col(StockSheet.content)) > 0
    dropped = await session.execute(
        update(StockSheet)
        .where(shown)
        .values(state="dropped", content=b"")
        .execution_options(synchronize_session=False)
    )
    emptied = await session.execute(
        update(StockSheet)
        .where(old, has_content)
        .values(content=b"", replaced={})
        .execution_options(synchronize_session=False)
    )
    return int(dropped.rowcount + emptied.rowcount)  # type: ignore[attr-defined]


async def meanings(session: AsyncSession) -> dict[str, dict[str, Any]]:
    """Mark of a set of headings → what each sender has said of it."""
    rows = await session.scalars(select(ColumnMapping).where(ColumnMapping.kind == STOCK))
    return {row.headings: dict(row.columns) for row in rows}


async def remember_meaning(
    session: AsyncSession, mark: str, sender: str, meaning: Mapping[str, Any], at: dt.datetime
) -> None:
    """Keep what a sender's headings mean."""
    known = await session.get(ColumnMapping, (STOCK, mark))
    columns = {**(known.columns if known else {}), sender: dict(meaning)}
    await session.merge(ColumnMapping(kind=STOCK, headings=mark, columns=columns, at=at))


async def rekey_items(session: AsyncSession, before: str, after: str, *, name: tuple[str, str]) -> None:
    """The preparation `before` is `after` now, and what was called `name[0]` is called `name[1]`.

    An item that sheets find by its preparation is found by the new one, but in a pool where that is kept already.
    """
    old, new = name
    of_it = col(StockItem.preparation_key) == before
    await session.execute(update(StockItem).where(of_it, col(StockItem.name) == old).values(name=new))
    taken = set(await session.scalars(select(StockItem.pool_id).where(StockItem.key == after)))
    free = col(StockItem.pool_id).not_in(taken)
    await session.execute(update(StockItem).where(of_it, col(StockItem.key) == before, free).values(key=after))
    await session.execute(update(StockItem).where(of_it).values(preparation_key=after))


# --- items that move from one pool to another ---


async def item_at(session: AsyncSession, pool: str, key: str) -> StockItem | None:
    """The item with this key in a pool."""
    return (
        await session.scalars(select(StockItem).where(StockItem.pool_id == pool, StockItem.key == key))
    ).one_or_none()


async def newest_count(session: AsyncSession, item: int) -> dt.date | None:
    """When an item was last counted."""
    return (
        await session.execute(select(func.max(col(StockCount.counted_on))).where(StockCount.item_id == item))
    ).scalar_one()


async def uses_of(session: AsyncSession, items: Iterable[int]) -> list[StockUse]:
    """Every use that is kept of these items."""
    return list(await session.scalars(select(StockUse).where(col(StockUse.item_id).in_(list(items)))))


async def take_over(session: AsyncSession, item: int, other: int) -> None:
    """Give `item` all that is kept of `other`, and forget `other`.

    Own uses of the same period are added up, since both were drawn; a use that was stated for a whole demand
    base is the same figure told twice. Deliveries due on the same day are added up.
    """
    kept = {(use.first, use.last, use.base): use for use in await uses_of(session, [item])}
    for use in await uses_of(session, [other]):
        same = kept.get((use.first, use.last, use.base))
        if same is None:
            use.item_id = item
            continue
        if not use.base:
            same.quantity += use.quantity
        await session.delete(use)
    deliveries = select(StockDelivery).where(col(StockDelivery.item_id).in_([item, other]))
    by_day: dict[dt.date, StockDelivery] = {}
    for delivery in await session.scalars(deliveries.order_by(col(StockDelivery.item_id) != item)):
        if delivery.eta not in by_day:
            by_day[delivery.eta] = delivery
            delivery.item_id = item
            continue
        by_day[delivery.eta].quantity += delivery.quantity
        await session.delete(delivery)
    await session.flush()
    for table in (StockCount, StockAlert, StockMove):
        await session.execute(update(table).where(col(table.item_id) == other).values(item_id=item))
    await session.execute(delete(HeldAlert).where(col(HeldAlert.item_id) == other))
    await session.execute(delete(StockItem).where(col(StockItem.id) == other))


async def moves_of(session: AsyncSession, items: Iterable[int]) -> dict[int, list[StockMove]]:
    """Item id → the moves it has made, oldest first."""
    found: dict[int, list[StockMove]] = defaultdict(list)
    rows = await session.scalars(
        select(StockMove)
        .where(col(StockMove.item_id).in_(list(items)))
        .order_by(col(StockMove.moved_on), col(StockMove.id))
    )
    for row in rows:
        found[row.item_id].append(row)
    return found


async def moved_away(session: AsyncSession) -> dict[tuple[str, str], tuple[StockItem, StockMove]]:
    """(Pool that an item has left, its key) → the item as it stands now, and the move that took it away."""
    rows = await session.execute(
        select(StockMove, StockItem)
        .join(StockItem, col(StockItem.id) == col(StockMove.item_id))
        .order_by(col(StockMove.moved_on), col(StockMove.id))
    )
    return {(move.from_pool, item.key): (item, move) for move, item in rows if move.from_pool != item.pool_id}


async def stored_sheet(session: AsyncSession, sha256: str) -> StockSheet | None:
    """A sheet with this content that has been stored already."""
    return (
        await session.scalars(
            select(StockSheet)
            .where(StockSheet.sha256 == sha256, StockSheet.state == "stored")
            .order_by(col(StockSheet.received_at).desc())
            .limit(1)
        )
    ).one_or_none()


async def open_alerts(session: AsyncSession) -> dict[int, StockAlert]:
    """Item id → its alert that has not recovered."""
    rows = await session.scalars(select(StockAlert).where(col(StockAlert.closed_at).is_(None)))
    return {row.item_id: row for row in rows}


async def count_open_alerts(session: AsyncSession) -> int:
    """How many alerts have not recovered."""
    query = select(func.count()).select_from(StockAlert).where(col(StockAlert.closed_at).is_(None))
    return int((await session.execute(query)).scalar_one())


async def add_alerts(session: AsyncSession, alerts: Sequence[StockAlert]) -> dict[int, StockAlert]:
    """Store new alerts, no two on one item, in one statement; item id → the stored one."""
    if not alerts:
        return {}
    values = [alert.model_dump(exclude={"id"}) for alert in alerts]
    rows = await session.scalars(insert(StockAlert).returning(StockAlert), values)
    return {row.item_id: row for row in rows}


async def dismissed(session: AsyncSession) -> dict[int, StockAlert]:
    """Item id → the newest alert on it that was called false."""
    rows = await session.scalars(select(StockAlert).where(StockAlert.outcome == "false").order_by(col(StockAlert.id)))
    return {row.item_id: row for row in rows}


async def held(session: AsyncSession) -> set[int]:
    """The items of which something is to be said when the quiet hours are over."""
    return set(await session.scalars(select(HeldAlert.item_id)))


async def hold(session: AsyncSession, before: set[int], wanted: set[int], now: dt.datetime) -> None:
    """Let the `wanted` items be held back, and none of those held `before` that are not among them."""
    if gone := before - wanted:
        await session.execute(delete(HeldAlert).where(col(HeldAlert.item_id).in_(gone)))
    if fresh := wanted - before:
        await session.execute(insert(HeldAlert), [{"item_id": item, "since": now} for item in sorted(fresh)])


async def alerts_between(
    session: AsyncSession, since: dt.datetime, until: dt.datetime
) -> list[tuple[StockAlert, frozenset[str]]]:
    """The alerts to which something happened, each with what was done to it then, as the audit log calls it."""
    entries = await session.execute(
        select(AuditEntry.subject, AuditEntry.action).where(
            col(AuditEntry.subject).startswith("alert:"), col(AuditEntry.at) >= since, col(AuditEntry.at) < until
        )
    )
    done: dict[int, set[str]] = defaultdict(set)
    for subject, action in entries:
        done[int(subject.removeprefix("alert:"))].add(action)
    rows = await session.scalars(select(StockAlert).where(col(StockAlert.id).in_(done)).order_by(col(StockAlert.id)))
    return [(row, frozenset(done[row.id or 0])) for row in rows]


async def open_silences(session: AsyncSession) -> dict[str, PoolSilence]:
    """Pool id → its silence that no figures have ended."""
    rows = await session.scalars(select(PoolSilence).where(col(PoolSilence.closed_at).is_(None)))
    return {row.pool_id: row for row in rows}


async def substances_in_pools(session: AsyncSession, atc_groups: Iterable[str]) -> dict[str, list[str]]:
    """ATC level 4 → names of the substances of that group that stand in some pool."""
    wanted = sorted(set(atc_groups))
    found: dict[str, list[str]] = defaultdict(list)
    if not wanted:
        return found
    group = func.substr(col(StockItem.atc), 1, 5)
    rows = await session.execute(
        select(group, col(StockItem.substance))
        .where(group.in_(wanted), col(StockItem.substance).is_not(None))
        .distinct()
        .order_by(col(StockItem.substance))
    )
    for atc, substance in rows:
        found[str(atc)].append(str(substance))
    return found


async def items_per_pool(session: AsyncSession) -> dict[str, int]:
    """Pool id → how many items stand in it."""
    rows = await session.execute(select(StockItem.pool_id, func.count()).group_by(col(StockItem.pool_id)))
    return dict(rows.all())


async def newest_count_per_pool(session: AsyncSession, *, asked_for: bool = False) -> dict[str, dt.date]:
    """Pool id → the date of its newest count; with `asked_for` also of what a hospital counted because it was asked.

    Who was asked once is not silent afterwards.
    """
    of_those = [] if asked_for else [col(StockCount.inquiry_id).is_(None)]
    rows = await session.execute(
        select(StockItem.pool_id, func.max(col(StockCount.counted_on)))
        .join(StockCount, col(StockCount.item_id) == col(StockItem.id))
        .where(*of_those)
        .group_by(col(StockItem.pool_id))
    )
    return dict(rows.all())


async def old_items_per_pool(session: AsyncSession, before: dt.date) -> dict[str, int]:
    """Pool id → how many of its items were last counted before a day."""
    newest = (
        select(col(StockCount.item_id).label("item_id"), func.max(col(StockCount.counted_on)).label("counted_on"))
        .group_by(col(StockCount.item_id))
        .subquery()
    )
    rows = await session.execute(
        select(StockItem.pool_id, func.count())
        .join(newest, newest.c.item_id == col(StockItem.id))
        .where(newest.c.counted_on < before, col(StockItem.ordered_when_short).is_(False))
        .group_by(col(StockItem.pool_id))
    )
    return dict(rows.all())


async def reporting_per_pool(session: AsyncSession) -> dict[str, tuple[int | None, list[str]]]:
    """Pool id → how many days may pass between two counts, and the keys of those who are reminded, as said in chat."""
    pools = await session.execute(select(StockPool.id, StockPool.report_every_days))
    found: dict[str, tuple[int | None, list[str]]] = {pool: (every, []) for pool, every in pools}
    for row in await session.scalars(select(PoolReporter).order_by(col(PoolReporter.person_id))):
        found[row.pool_id][1].append(row.person_id)
    return found


async def put_reporters(session: AsyncSession, pool_id: str, persons: Iterable[str]) -> None:
    """These are reminded of the pool's figures, and nobody else."""
    await session.execute(delete(PoolReporter).where(col(PoolReporter.pool_id) == pool_id))
    session.add_all([PoolReporter(pool_id=pool_id, person_id=person) for person in persons])
    await session.flush()


async def last_sent_per_pool(session: AsyncSession) -> dict[str, tuple[dt.datetime, str | None]]:
    """Pool id → when counts last came for it, and who sent them (nobody: the command line)."""
    sent = func.max(col(StockSheet.received_at))
    rows = await session.execute(
        select(StockItem.pool_id, sent, StockSheet.sent_by)
        .join(StockCount, col(StockCount.item_id) == col(StockItem.id))
        .join(StockSheet, col(StockSheet.id) == col(StockCount.sheet_id))
        .group_by(col(StockItem.pool_id), col(StockSheet.sent_by))
        .order_by(sent)
    )
    return {pool: (at, person) for pool, at, person in rows}


async def pools_of_open_alerts(session: AsyncSession) -> list[str]:
    """The pool of each open alert."""
    return list(
        await session.scalars(
            select(StockItem.pool_id)
            .join(StockAlert, col(StockAlert.item_id) == col(StockItem.id))
            .where(col(StockAlert.closed_at).is_(None))
        )
    )


async def preparation_keys(session: AsyncSession) -> list[str]:
    """The preparations that stand in some pool."""
    rows = await session.scalars(
        select(StockItem.preparation_key).where(col(StockItem.preparation_key).is_not(None)).distinct()
    )
    return [str(key) for key in rows]
