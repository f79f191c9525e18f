"""The pools that exist, and what people may read of stock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.cases.medicine import Medicine
from bot.cases.views import CaseView, load_views
from bot.cases.vocabulary import Visibility
from bot.clock import Clock, oslo
from bot.messages.phrase import Phrase
from bot.people.roles import Action, Actor
from bot.settings import Settings
from bot.stock.cover import Cover, StockLine, case_cover
from bot.stock.cover_rows import Row, case_row, pool_row
from bot.stock.keeping import MoveView, move_views, own_rules
from bot.stock.pools import STANDARD_POOLS
from bot.stock.reading import StockReading, of_medicine, row_of_pool
from storage import cases as stored_cases
from storage import stock as stored
from storage.tables import StockPool
from storage.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class StockEntry:
    """One item in one pool, how long it lasts, and what holds for it alone.

    `may_change`: the reader may change the pool and what is said of the item.
    """

    item_id: int
    pool_id: str
    line: StockLine
    cover: Cover
    own_rules: tuple[Phrase, ...] = ()
    note: str | None = None
    moves: tuple[MoveView, ...] = ()
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class StockView:
    """A medicine's stock for one reader: lines with numbers where they may see them, else bands of published cases."""

    title: str
    entries: tuple[StockEntry, ...]
    hidden: int
    cases: tuple[CaseView, ...]
    numbers: bool
    moved_away: tuple[MoveView, ...] = ()
    """Items that have left a pool that the reader sees for one that they do not."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two medicines' stock for one reader."""

    sides: tuple[StockView, StockView]

    @property
    def longest(self) -> list[tuple[str, str]]:
        """Pool and the medicine that lasts longest there, where each has one item in it and both are known."""
        days = [
            {pool: covers[0].days_of_cover for pool, covers in _by_pool(side).items() if len(covers) == 1}
            for side in self.sides
        ]
        found = []
        for pool in days[0].keys() & days[1].keys():
            one, other = days[0][pool], days[1][pool]
            if one is not None and other is not None and one != other:
                found.append((pool, self.sides[0 if one > other else 1].title))
        return sorted(found)


class StockService:
    """Keeps pools and figures, and answers what is in stock."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        reading: StockReading,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._reading = reading

    def _today(self) -> dt.date:
        return oslo(self._clock.now()).date()

    async def ensure_pools(self) -> None:
        """The national pools exist from the first start, and those that the settings describe."""
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:pools")
            known = {row.id for row in await stored.pools(uow.session)}
            await uow.add(*(row_of_pool(pool) for pool in STANDARD_POOLS if pool.id not in known))
            if not known:
                uow.record("database", "first_start", by=None)
            known |= {pool.id for pool in STANDARD_POOLS}
            for pool_id, said in self._settings.pools.items():
                if pool_id not in known:
                    await uow.add(
                        StockPool(
                            id=pool_id,
                            name=said.name or pool_id,
                            kind="hospital",
                            owner=said.owner,
                            holdable="unknown",
                            sized_on="unknown",
                            drawn_by="hospital",
                        )
                    )

    async def stock_of(self, medicine: Medicine, by: Actor) -> StockView:
        """What `by` may read of a medicine's stock: numbers with a grant, the band of published cases without."""
        today = self._today()
        async with self._database.read() as session:
            covers = []
            if by.may(Action.READ_STOCK):
                covers = await self._reading.covers(session, today, **of_medicine(medicine))
            rows = await stored_cases.open_for_substance(session, medicine.substance)
            if not by.may(Action.READ_CASES):
                rows = [row for row in rows if row.visibility == Visibility.PUBLISHED.value]
            cases = await load_views(session, rows, self._reading, today)
            seen = [entry for entry in covers if by.sees_stock_of(entry.line.pool.id)]
            pools = await self._reading.pools(session) if covers else {}
            moves = await move_views(session, [entry.item for entry in covers], pools)
        return StockView(
            title=medicine.name,
            entries=tuple(
                StockEntry(
                    item_id=entry.item.id or 0,
                    pool_id=entry.line.pool.id,
                    line=entry.line,
                    cover=entry.cover,
                    own_rules=own_rules(entry.item, entry.line),
                    note=entry.item.note,
                    moves=moves.get(entry.item.id or 0, ()),
                    may_change=by.may(Action.KEEP_POOLS) and by.manages(entry.line.pool.id),
                )
                for entry in seen
            ),
            hidden=len(covers) - len(seen),
            moved_away=tuple(
                moves[entry.item.id][-1]
                for entry in covers
                if entry not in seen and entry.item.id in moves and by.sees_stock_of(moves[entry.item.id][-1].from_id)
            ),
            cases=tuple(cases),
            numbers=by.may(Action.READ_STOCK),
        )

    async def compare(self, one: Medicine, other: Medicine, by: Actor) -> Comparison:
        """What `by` may read of two medicines' stock, beside each other."""
        return Comparison((await self.stock_of(one, by), await self.stock_of(other, by)))

    async def cover_rows(self, as_of: dt.date) -> list[Row]:
        """DESIGN §3's rows: one a stock line, one an open case."""
        async with self._database.read() as session:
            covers = await self._reading.covers(session, as_of)
            cases = await stored_cases.open_cases(session)
            case_covers = await self._reading.of_cases(session, cases, as_of)
        by_key = {case.preparation_key: case.number for case in cases}
        rows = [
            pool_row(entry.line, entry.cover, case=by_key.get(entry.item.preparation_key or "")) for entry in covers
        ]
        for case in cases:
            found = case_covers.get(case.id or 0) or case_cover(
                [], shortage_start=case.start, shortage_end=case.expected_end, as_of=as_of
            )
            rows.append(case_row(case.number, case.name, found, substance=case.substance, atc=case.atc))
        return rows


def _by_pool(stock: StockView) -> dict[str, list[Cover]]:
    found: dict[str, list[Cover]] = {}
    for entry in stock.entries:
        found.setdefault(entry.line.pool.name, []).append(entry.cover)
    return found
