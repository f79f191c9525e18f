"""Stock sheets in, with a preview and a confirmation, and what people may read of stock."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.medicine import Medicine
from bot.cases.views import CaseView, load_views
from bot.cases.vocabulary import Visibility
from bot.clock import Clock, oslo
from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.refusal import NotAllowed, Refused
from bot.registers.sheets import (
    FindItem,
    MovedItem,
    SheetRow,
    StockSheet,
    read_stock_sheet,
    where_items_stand,
)
from bot.registers.table import Fault
from bot.settings import Settings
from bot.stock.cover import Cover, StockLine, case_cover
from bot.stock.cover_rows import Row, case_row, pool_row
from bot.stock.keeping import KEEPING, MoveView, move_views, own_rules
from bot.stock.pools import STANDARD_POOLS, Pool
from bot.stock.reading import StockReading, of_medicine
from storage import cases as stored_cases
from storage import stock as stored
from storage.tables import StockItem, StockPool
from storage.tables import StockSheet as SheetRecord
from storage.unit_of_work import Answer, Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sheet would change, or what is wrong with it. `already` names when the same file was stored."""

    sheet_id: str
    filename: str
    rows: int
    pools: tuple[str, ...]
    new_pools: tuple[str, ...]
    items: int
    counts: int
    uses: int
    deliveries: int
    newest_count: dt.date | None
    faults: tuple[Fault, ...]
    already: dt.datetime | None
    moved: tuple[MovedItem, ...] = ()


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
        find_item: Callable[[], FindItem],
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._reading = reading
        self._find_item = find_item

    def _today(self) -> dt.date:
        return oslo(self._clock.now()).date()

    async def ensure_pools(self) -> None:
        """The national pools exist from the first start, and those that the settings describe."""
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:pools")
            known = {row.id for row in await stored.pools(uow.session)}
            await uow.add(*(_pool_row(pool) for pool in STANDARD_POOLS if pool.id not in known))
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

    # --- sheets ---

    async def preview(self, data: bytes, filename: str, by: Actor | None, *, key: str | None) -> Preview:
        """Read a sheet and keep it as a preview; nothing of it counts before `confirm`.

        `by` is None for the command line. A manager of some pools may send figures for those only.
        """
        refuse_identity_numbers(filename)
        async with self._database.read() as session:
            sheet = await self._read(session, data, filename, by, create_pools=False)
            digest = hashlib.sha256(data).hexdigest()
            same = await stored.stored_sheet(session, digest)
        sheet_id = str(uuid.uuid4())

        async def work(uow: UnitOfWork) -> Answer:
            await uow.add(
                SheetRecord(
                    id=sheet_id,
                    filename=filename[:300],
                    sha256=digest,
                    content=data,
                    sent_by=by.person if by else None,
                    received_at=uow.now,
                    state="preview",
                    rows=len(sheet.rows),
                )
            )
            return {"sheet": sheet_id}

        if not sheet.faults:
            sheet_id = str((await self._database.once(key, work))["sheet"])
        return _preview(sheet_id, filename, sheet, same.received_at if same else None)

    async def confirm(self, sheet_id: str, by: Actor, *, key: str | None) -> Preview:
        """Store a sheet that was previewed, all of it, once. Raises `Refused` where it no longer fits."""
        by.require(Action.STORE_STOCK)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            record = await uow.session.get(SheetRecord, sheet_id)
            if record is None or record.state == "dropped":
                raise Refused(phrase("Arket er forkastet. Send det på nytt."))
            if record.state == "stored":
                raise Refused(phrase("Arket {filename} er allerede lagret.", filename=record.filename))
            sheet = await self._read(uow.session, record.content, record.filename, by, create_pools=False)
            if sheet.faults:
                raise Refused(sheet.faults[0].line)
            await self._store(uow, sheet, record)
            uow.record(f"sheet:{sheet_id}", "stored", by=by.person, filename=record.filename, rows=len(sheet.rows))
            return {"filename": record.filename}

        await self._database.once(key, work)
        async with self._database.read() as session:
            record = await session.get(SheetRecord, sheet_id)
            assert record is not None  # noqa: S101
            sheet = await self._read(session, record.content, record.filename, by, create_pools=False)
        return _preview(sheet_id, record.filename, sheet, None)

    async def drop(self, sheet_id: str, by: Actor, *, key: str | None) -> str:
        """Forget a previewed sheet: its content goes, its name and hash stay. Gives the file's name.

        Only whoever sent it may, and the centre.
        """
        by.require(Action.STORE_STOCK)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            record = await uow.session.get(SheetRecord, sheet_id)
            if record is None:
                raise Refused(phrase("Fant ikke arket. Send det på nytt."))
            if record.sent_by != by.person and not by.may(Action.WORK_ON_CASE):
                raise NotAllowed(phrase("Bare den som sendte arket, eller Mangelsenteret, kan forkaste det."))
            if record.state == "stored":
                raise Refused(phrase("Arket {filename} er allerede lagret.", filename=record.filename))
            record.state, record.content = "dropped", b""
            uow.record(f"sheet:{sheet_id}", "dropped", by=by.person)
            return {"filename": record.filename}

        return str((await self._database.once(key, work))["filename"])

    async def import_file(
        self,
        data: bytes,
        filename: str,
        *,
        partial: bool = False,
        create_pools: bool = False,
    ) -> Preview:
        """Store a sheet from the command line. With faults nothing is stored unless `partial`."""
        refuse_identity_numbers(filename)
        async with self._database.unit_of_work() as uow:
            await uow.alone(KEEPING)
            sheet = await self._read(uow.session, data, filename, None, create_pools=create_pools)
            digest = hashlib.sha256(data).hexdigest()
            same = await stored.stored_sheet(uow.session, digest)
            preview = _preview("", filename, sheet, same.received_at if same else None)
            if sheet.rows and (partial or not sheet.faults):
                record = SheetRecord(
                    id=str(uuid.uuid4()),
                    filename=filename[:300],
                    sha256=digest,
                    content=b"" if any(fault.personal for fault in sheet.faults) else data,
                    received_at=uow.now,
                    state="preview",
                    rows=len(sheet.rows),
                )
                await uow.add(record)
                await self._store(uow, sheet, record)
                if sheet.faults:
                    record.state = "partly_stored"
                uow.record(f"sheet:{record.id}", record.state, by=None, filename=filename, rows=len(sheet.rows))
        return preview

    async def _read(
        self, session: AsyncSession, data: bytes, filename: str, by: Actor | None, *, create_pools: bool
    ) -> StockSheet:
        pools = await self._reading.pools(session)
        units = await stored.units(session)
        moved = {
            place: MovedItem(item.name, pools[move.from_pool], pools[item.pool_id], move.moved_on)
            for place, (item, move) in (await stored.moved_away(session)).items()
            if place not in units
        }
        units |= {place: units[gone.to_pool.id, place[1]] for place, gone in moved.items()}
        sheet = read_stock_sheet(
            data,
            filename,
            pools=pools,
            find_item=self._find_item(),
            known_unit=lambda pool, item: units.get((pool, item.key)),
            today=self._today(),
            create_pools=create_pools,
        )
        sheet = where_items_stand(sheet, moved)
        if by is not None:
            foreign = [row for row in sheet.rows if not by.manages(row.pool.id)]
            if foreign:
                raise NotAllowed(
                    phrase(
                        "Rad {row}: du har ikke ansvar for lageret {pool}. Ingenting er lagret.",
                        row=foreign[0].row,
                        pool=foreign[0].pool.name,
                    )
                )
        return sheet

    async def _store(self, uow: UnitOfWork, sheet: StockSheet, record: SheetRecord) -> None:
        known = {row.id for row in await stored.pools(uow.session)}
        await uow.add(*(_pool_row(pool) for pool in sheet.new_pools if pool.id not in known))
        items = await self._items(uow, sheet.rows)
        counts: list[dict[str, object]] = []
        uses: dict[tuple[int | None, dt.date, dt.date, str], float] = {}
        deliveries: dict[tuple[int | None, dt.date], tuple[float, dt.date | None]] = {}
        for row in sheet.rows:
            item_id = items[row.pool.id, row.item.key].id
            if row.count is not None:
                counts.append(
                    {
                        "item_id": item_id,
                        "counted_on": row.count.counted_on,
                        "quantity": row.count.quantity,
                        "lot": row.count.batch,
                        "expiry": row.count.expiry,
                        "sheet_id": record.id,
                        "recorded_at": uow.now,
                    }
                )
            if row.use is not None:
                base = row.use.base.value if row.use.base else ""
                uses[item_id, row.use.first, row.use.last, base] = row.use.quantity
            if row.delivery is not None:
                known_sum, expiry = deliveries.get((item_id, row.delivery.eta), (0.0, None))
                deliveries[item_id, row.delivery.eta] = (
                    known_sum + row.delivery.quantity,
                    row.delivery.expiry or expiry,
                )
        await stored.replace_counts(uow.session, counts)
        await stored.replace_uses(
            uow.session,
            [
                {
                    "item_id": item,
                    "first": first,
                    "last": last,
                    "base": base,
                    "quantity": quantity,
                    "sheet_id": record.id,
                }
                for (item, first, last, base), quantity in uses.items()
            ],
        )
        await stored.replace_deliveries(
            uow.session,
            [
                {"item_id": item, "eta": eta, "quantity": quantity, "expiry": expiry, "sheet_id": record.id}
                for (item, eta), (quantity, expiry) in deliveries.items()
            ],
        )
        record.state = "stored"

    async def _items(self, uow: UnitOfWork, rows: Sequence[SheetRow]) -> dict[tuple[str, str], StockItem]:
        """The stock items of the rows, made where they are new."""
        wanted = {(row.pool.id, row.item.key): row for row in rows}
        items = await stored.items_by_key(uow.session, wanted)
        new = [
            StockItem(
                pool_id=pool,
                key=key,
                name=row.item.name,
                substance=row.item.substance,
                atc=row.item.atc,
                preparation_key=row.item.preparation_key,
                unit=row.unit,
                made_up=self._settings.made_up_figures,
            )
            for (pool, key), row in wanted.items()
            if (pool, key) not in items
        ]
        await uow.add(*new)
        return items | {(item.pool_id, item.key): item for item in new}

    # --- reading ---

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


def _pool_row(pool: Pool) -> StockPool:
    facts = asdict(pool)
    facts.pop("aliases")
    return StockPool(**{name: getattr(value, "value", value) for name, value in facts.items()})


def _preview(sheet_id: str, filename: str, sheet: StockSheet, already: dt.datetime | None) -> Preview:
    rows = sheet.rows
    return Preview(
        sheet_id=sheet_id,
        filename=filename,
        rows=len(rows),
        pools=tuple(dict.fromkeys(row.pool.name for row in rows)),
        new_pools=tuple(pool.name for pool in sheet.new_pools),
        items=len({(row.pool.id, row.item.key) for row in rows}),
        counts=sum(row.count is not None for row in rows),
        uses=sum(row.use is not None for row in rows),
        deliveries=sum(row.delivery is not None for row in rows),
        newest_count=max((row.count.counted_on for row in rows if row.count is not None), default=None),
        faults=sheet.faults,
        already=already,
        moved=sheet.moved,
    )
