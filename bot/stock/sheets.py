"""Stock sheets in: shown before they count, stored whole or in part, explained once, and taken back."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial as with_these
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalogue.service import CatalogueService
from bot.clock import Clock, oslo
from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import EVERY_POOL, Action, Actor
from bot.refusal import NotAllowed, Refused
from bot.registers.headings import HEADINGS, Meaning, UnknownHeadings
from bot.registers.progress import Work
from bot.registers.sheets import MovedItem, SheetRow, StockSheet, read_stock_sheet, where_items_stand
from bot.registers.table import Fault, heading_key
from bot.settings import Settings
from bot.stock.items import ItemRef
from bot.stock.keeping import KEEPING
from bot.stock.pools import Pool
from bot.stock.reading import StockReading, row_of_pool
from bot.stock.units import Pack
from storage import stock as stored
from storage.tables import StockItem
from storage.tables import StockSheet as SheetRecord
from storage.unit_of_work import Answer, Database, UnitOfWork

MOST_ROWS_IN_SLACK = 20_000
"""A click waits for three seconds; a longer sheet is sent by `mangelvakt stock import`."""

A_LEAP = 10.0
"""A figure that is so many times the one before, or so small a part of it, is shown: is the unit right?"""

SHOWN_FOR = dt.timedelta(days=7)
"""How long a sheet that nobody says yes to is kept."""

ANYBODY = ""
"""Whose headings they are that come by the command line or the watched folder."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """The newest count of one item in one pool beside the one that stands. `row` is where the sheet has it."""

    row: int
    name: str
    pool: str
    unit: str
    before: float | None
    before_on: dt.date | None
    after: float
    after_on: dt.date

    @property
    def leaps(self) -> bool:
        """Whether it is so much more or less than before that the unit may be wrong."""
        if not self.before or not self.after:
            return False
        return not 1 / A_LEAP < self.after / self.before < A_LEAP

    @property
    def weight(self) -> float:
        """By how much it differs from the one before, as a share of the larger."""
        most = max(self.before or 0.0, self.after)
        return abs(self.after - (self.before or 0.0)) / most if most else 0.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sheet would change, has changed, or what is wrong with it.

    `already` names when the same file was stored. `new`, `changed` and `same` count figures: a count of an item on a
    day, a use in a period, a delivery on a day. `unknown`: headings that somebody has to explain. `sheet_id` is empty
    where there is nothing to say yes to.
    """

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
    new: int = 0
    changed: int = 0
    same: int = 0
    figures: tuple[FigureChange, ...] = ()
    remarks: tuple[Phrase, ...] = ()
    unknown: UnknownHeadings | None = None
    stored: bool = False

    @property
    def changes(self) -> bool:
        """Whether there is anything in it that does not stand already."""
        return bool(self.new or self.changed)

    @property
    def personal(self) -> bool:
        """Whether a cell has an identity number: then the file is not kept."""
        return any(fault.personal for fault in self.faults)

    @property
    def faulty_rows(self) -> int:
        """Rows that cannot be stored."""
        return len({(fault.tab, fault.row) for fault in self.faults})

    @property
    def leaps(self) -> tuple[FigureChange, ...]:
        """Counts that differ so much from those before that somebody should look."""
        return tuple(figure for figure in self.figures if figure.leaps)

    @property
    def largest(self) -> tuple[FigureChange, ...]:
        """Counts that change something, those that change most first."""
        moved = [figure for figure in self.figures if figure.before != figure.after and figure.before is not None]
        return tuple(sorted(moved, key=lambda figure: -figure.weight))


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A sheet whose figures are gone again: how many went, and how many are as before."""

    filename: str
    gone: int
    back: int


@dataclass(frozen=True, slots=True)
class _Context:
    """What the base knows that a sheet is read against. Where it has not changed, nor has what the sheet means."""

    pools: Mapping[str, Pool]
    units: Mapping[tuple[str, str], tuple[str, float | None]]
    moved: Mapping[tuple[str, str], MovedItem]
    meanings: Mapping[str, Mapping[str, Any]]


class SheetService:
    """Takes stock sheets in."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        reading: StockReading,
        catalogue: CatalogueService,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._reading = reading
        self._catalogue = catalogue

    def _today(self) -> dt.date:
        return oslo(self._clock.now()).date()

    # --- shown ---

    async def preview(
        self, data: bytes, filename: str, by: Actor | None, *, key: str | None, work: Work | None = None
    ) -> Preview:
        """Read a sheet and keep it as a preview; nothing of it counts before `confirm`.

        `by` is None for the command line. A manager of some pools may send figures for those only. Kept is what
        somebody can say yes to, or can explain: not a file with an identity number.
        """
        refuse_identity_numbers(filename)
        sheet, preview = await self._looked_at(data, filename, by, {}, work or Work())
        if by is not None and len(sheet.rows) > MOST_ROWS_IN_SLACK:
            raise Refused(
                phrase(
                    "Arket {filename} har {rows} rader. I Slack er grensen {most}; del det opp, "
                    "eller send det med «mangelvakt stock import».",
                    filename=filename,
                    rows=len(sheet.rows),
                    most=MOST_ROWS_IN_SLACK,
                )
            )
        if preview.personal or not (preview.changes or preview.unknown):
            return preview
        sheet_id = str(uuid.uuid4())

        async def keep(uow: UnitOfWork) -> Answer:
            await uow.add(self._record(uow, sheet_id, data, filename, by, rows=len(sheet.rows)))
            return {"sheet": sheet_id}

        kept = str((await self._database.once(key, keep))["sheet"])
        return replace(preview, sheet_id=kept)

    async def headings(self, sheet_id: str, by: Actor) -> tuple[UnknownHeadings, tuple[Pool, ...]]:
        """The headings of a sheet that somebody has to explain, and the pools that it may be about."""
        by.require(Action.STORE_STOCK)
        async with self._database.read() as session:
            record = _to_explain(await session.get(SheetRecord, sheet_id), by)
            context = await self._context(session)
        sheet = await self._read(context, record.content, record.filename, by, {}, Work())
        if sheet.unknown is None:
            raise Refused(phrase("Overskriftene i {filename} er alt forklart.", filename=record.filename))
        pools = sorted((pool for pool in context.pools.values() if by.manages(pool.id)), key=lambda pool: pool.name)
        return sheet.unknown, tuple(pools)

    async def explain(self, sheet_id: str, meaning: Meaning, by: Actor, *, key: str | None) -> Preview:
        """Read a kept sheet with what `by` says of its headings, and remember that for the next one they send.

        Raises `Refused` where it still cannot be read.
        """
        by.require(Action.STORE_STOCK)
        async with self._database.read() as session:
            record = _to_explain(await session.get(SheetRecord, sheet_id), by)
            context = await self._context(session)
        unknown = (await self._read(context, record.content, record.filename, by, {}, Work())).unknown
        if unknown is None:
            raise Refused(phrase("Overskriftene i {filename} er alt forklart.", filename=record.filename))
        said = {unknown.mark: _as_json(meaning)}
        sheet, preview = await self._looked_at(record.content, record.filename, by, said, Work())
        if sheet.unknown is not None or any(fault.row is None and fault.tab is None for fault in sheet.faults):
            raise Refused(next(fault.line for fault in sheet.faults if fault.row is None), field="columns")

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            record = _shown(await uow.session.get(SheetRecord, sheet_id))
            record.meaning, record.rows = said, len(sheet.rows)
            lasting = _as_json(Meaning(meaning.columns, meaning.pool))
            await stored.remember_meaning(uow.session, unknown.mark, by.person, lasting, uow.now)
            uow.record(f"sheet:{sheet_id}", "explained", by=by.person)
            return {}

        await self._database.once(key, work)
        return replace(preview, sheet_id=sheet_id if preview.changes and not preview.personal else "")

    # --- stored ---

    async def confirm(self, sheet_id: str, by: Actor, *, key: str | None, partial: bool = False) -> Preview:
        """Store a sheet that was previewed, once: all of it, or with `partial` its rows without a fault.

        Raises `Refused` where it no longer fits.
        """
        by.require(Action.STORE_STOCK)
        async with self._database.read() as session:
            record = await session.get(SheetRecord, sheet_id)
            context = await self._context(session)
        read: StockSheet | None = None
        if record is not None and record.state == "preview":
            read = await self._read(context, record.content, record.filename, by, record.meaning, Work())
        taken: list[Preview] = []

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            record = _shown(await uow.session.get(SheetRecord, sheet_id))
            now = await self._context(uow.session)
            sheet = read
            if sheet is None or now != context:
                sheet = await self._read(now, record.content, record.filename, by, record.meaning, Work())
            if sheet.faults and not (partial and sheet.rows):
                raise Refused(sheet.faults[0].line)
            preview = await self._weighed(uow.session, sheet, record.filename, None)
            await self._store(uow, sheet, record, by)
            taken.append(replace(preview, sheet_id=sheet_id, stored=True))
            return {"filename": record.filename}

        await self._database.once(key, work)
        if taken:
            return taken[0]
        async with self._database.read() as session:  # the same click again: what it did the first time
            record = await session.get(SheetRecord, sheet_id)
            assert record is not None  # noqa: S101
            context = await self._context(session)
            sheet = await self._read(context, record.content, record.filename, by, record.meaning, Work())
            return replace(await self._weighed(session, sheet, record.filename, None), sheet_id=sheet_id, stored=True)

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
            if record.state in stored.STORED:
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
        dry_run: bool = False,
        columns: Mapping[str, str] | None = None,
        work: Work | None = None,
    ) -> Preview:
        """Store a sheet from the command line or the watched folder. With faults nothing is stored unless `partial`.

        `columns`: what headings mean, by the names that people use for our columns; remembered for the next such
        sheet. A sheet that says nothing new changes nothing. Raises `Refused` for a column that there is none of.
        """
        refuse_identity_numbers(filename)
        work = work or Work()
        said = await self._said_of_headings(data, filename, columns or {})
        async with self._database.read() as session:
            context = await self._context(session)
        read = await self._read(context, data, filename, None, said, work, create_pools=create_pools)
        if dry_run:
            async with self._database.read() as session:
                return await self._weighed(session, read, filename, data)
        async with self._database.unit_of_work() as uow:
            await uow.alone(KEEPING)
            now = await self._context(uow.session)
            if now != context:
                read = await self._read(now, data, filename, None, said, work, create_pools=create_pools)
            preview = await self._weighed(uow.session, read, filename, data)
            if not read.rows or (read.faults and not partial) or not preview.changes:
                return preview
            content = b"" if preview.personal else data
            record = self._record(uow, str(uuid.uuid4()), content, filename, None, rows=len(read.rows))
            record.sha256, record.meaning = hashlib.sha256(data).hexdigest(), said
            await uow.add(record)
            await self._store(uow, read, record, None)
            for mark, meaning in said.items():
                await stored.remember_meaning(uow.session, mark, ANYBODY, meaning, uow.now)
            return replace(preview, sheet_id=record.id, stored=True)

    async def undo(self, by: Actor | None, *, key: str | None = None, sheet_id: str | None = None) -> TakenBack:
        """Take the newest sheet back, or this one: its figures go, and those that it replaced stand again.

        Somebody of a hospital takes back their own sheets; the centre and the command line (`by` None) anybody's.
        Refused where a later sheet has written over them, or an item has moved to another pool since.
        """
        if by is not None:
            by.require(Action.STORE_STOCK)
        everybodys = by is None or by.may(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(KEEPING)
            if sheet_id is None:
                record = await stored.newest_sheet(uow.session, None if everybodys or by is None else by.person)
            else:
                record = await uow.session.get(SheetRecord, sheet_id)
            if record is None or record.state == "preview":
                raise Refused(phrase("Ingen ark er lagret, så det er ingenting å angre."))
            if not everybodys and by is not None and record.sent_by != by.person:
                raise NotAllowed(phrase("Bare den som sendte arket, eller Mangelsenteret, kan angre det."))
            if record.state not in stored.STORED:
                raise Refused(phrase("Arket {filename} er alt angret eller forkastet.", filename=record.filename))
            before = record.replaced
            if not before or record.stored_at is None:
                raise Refused(phrase("Arket {filename} er for gammelt til å angres.", filename=record.filename))
            standing = await stored.figures_of_sheet(uow.session, record.id)
            if {kind: len(items) for kind, items in standing.items()} != before["written"]:
                raise Refused(
                    phrase(
                        "Arket {filename} kan ikke angres: nyere tall er lagret over noen av dets.",
                        filename=record.filename,
                    )
                )
            items = [item for some in standing.values() for item in some]
            if await stored.moved_since(uow.session, items, record.stored_at):
                raise Refused(
                    phrase(
                        "Arket {filename} kan ikke angres: en av varene er flyttet til et annet lager siden.",
                        filename=record.filename,
                    )
                )
            back = {kind: [_from_json(row) for row in before[kind]] for kind in stored.FIGURES}
            await stored.put_back(uow.session, record.id, back)
            await stored.forget_items(uow.session, before["items"], before["pools"])
            record.state, record.replaced = "undone", {}
            uow.record(f"sheet:{record.id}", "undone", by=by.person if by else None, filename=record.filename)
            return {
                "filename": record.filename,
                "gone": len(items),
                "back": sum(len(rows) for rows in back.values()),
            }

        done = await self._database.once(key, work)
        return TakenBack(str(done["filename"]), int(done["gone"]), int(done["back"]))

    async def forget_old(self) -> int:
        """Let the content of sheets go that nobody said yes to, or that are older than the settings keep them."""
        async with self._database.unit_of_work() as uow:
            keep = dt.timedelta(days=self._settings.keep_sheets_days)
            return await stored.forget_old_sheets(uow.session, uow.now - SHOWN_FOR, uow.now - keep)

    # --- reading ---

    async def _looked_at(
        self, data: bytes, filename: str, by: Actor | None, said: Mapping[str, Any], work: Work
    ) -> tuple[StockSheet, Preview]:
        async with self._database.read() as session:
            context = await self._context(session)
        sheet = await self._read(context, data, filename, by, said, work)
        async with self._database.read() as session:
            return sheet, await self._weighed(session, sheet, filename, data)

    async def _context(self, session: AsyncSession) -> _Context:
        pools = await self._reading.pools(session)
        units = await stored.units(session)
        moved = {
            place: MovedItem(item.name, pools[move.from_pool], pools[item.pool_id], move.moved_on)
            for place, (item, move) in (await stored.moved_away(session)).items()
            if place not in units
        }
        units |= {place: units[gone.to_pool.id, place[1]] for place, gone in moved.items()}
        return _Context(pools, units, moved, await stored.meanings(session))

    async def _read(
        self,
        context: _Context,
        data: bytes,
        filename: str,
        by: Actor | None,
        said: Mapping[str, Any],
        work: Work,
        *,
        create_pools: bool = False,
    ) -> StockSheet:
        """The sheet as `by` sent it, read in a thread of its own. Raises `NotAllowed`, and `StoppedError` by `work`."""
        sender = by.person if by else ANYBODY
        meanings = {mark: of[sender] for mark, of in context.meanings.items() if sender in of} | dict(said)
        own = None
        if by is not None and by.pools != EVERY_POOL and len(by.pools) == 1 and not by.may(Action.WORK_ON_CASE):
            own = context.pools.get(next(iter(by.pools)))

        def pack_of(article: str | None, item: ItemRef) -> Pack | None:
            known = self._catalogue.pack_of(article, item)
            if known is None:  # what somebody has said of the item in one of its pools
                sizes = {of for (_, key), of in context.units.items() if key == item.key and of[1]}
                if len(sizes) == 1 and (size := next(iter(sizes)))[0] != "pakning":
                    return Pack(size[0], size[1] or 1.0)
            return known

        reading = with_these(
            read_stock_sheet,
            data,
            filename,
            pools=context.pools,
            find_item=self._catalogue.find_item,
            known_unit=lambda pool, item: context.units.get((pool, item.key), (None, None))[0],
            pack_of=pack_of,
            today=self._today(),
            create_pools=create_pools,
            meanings={mark: _meaning(of) for mark, of in meanings.items()},
            own_pool=own,
            progress=work,
        )
        try:
            sheet = where_items_stand(await asyncio.to_thread(reading), context.moved)
        except asyncio.CancelledError:
            work.stop()
            raise
        foreign = [] if by is None else [row for row in sheet.rows if not by.manages(row.pool.id)]
        if foreign:
            raise NotAllowed(
                phrase(
                    "Rad {row}: du har ikke ansvar for lageret {pool}. Ingenting er lagret.",
                    row=foreign[0].row,
                    pool=foreign[0].pool.name,
                )
            )
        return sheet

    async def _said_of_headings(self, data: bytes, filename: str, columns: Mapping[str, str]) -> dict[str, Any]:
        """What the call says of headings that are not ours, by their mark."""
        if not columns:
            return {}
        known = {name: column for column, names in HEADINGS.items() for name in (*names, column)}
        wrong = [column for column in columns.values() if heading_key(column) not in known]
        if wrong:
            named = ", ".join(names[0] for names in HEADINGS.values())
            raise Refused(phrase("Ukjent kolonne «{column}». Velg en av: {named}.", column=wrong[0], named=named))
        async with self._database.read() as session:
            context = await self._context(session)
        unknown = (await self._read(context, data, filename, None, {}, Work())).unknown
        if unknown is None:
            return {}
        guessed = {one.key: one.guess for one in unknown.headings}
        said = {heading_key(heading): known[heading_key(column)] for heading, column in columns.items()}
        return {unknown.mark: _as_json(Meaning(guessed | said))}

    # --- what it changes ---

    async def _weighed(self, session: AsyncSession, sheet: StockSheet, filename: str, data: bytes | None) -> Preview:
        """The sheet beside what stands; `data`: to tell whether the same file has been stored."""
        rows = sheet.rows
        items = await stored.items_by_key(session, {(row.pool.id, row.item.key) for row in rows})
        known = {place: item.id or 0 for place, item in items.items()}
        figures = _figures(rows, known, None, self._clock.now())
        standing = await stored.standing(session, figures)
        new = changed = same = 0
        for kind in stored.FIGURES:
            after, before = _told(kind, figures[kind]), _told(kind, standing[kind])
            new += len(after.keys() - before.keys())
            same += sum(after[place] == before[place] for place in after.keys() & before.keys())
            changed += sum(after[place] != before[place] for place in after.keys() & before.keys())
        unheard = _figures([row for row in rows if (row.pool.id, row.item.key) not in known], None, None, None)
        new += sum(len(_told(kind, some)) for kind, some in unheard.items())
        same_file = await stored.stored_sheet(session, hashlib.sha256(data).hexdigest()) if data else None
        return Preview(
            sheet_id="",
            filename=filename,
            rows=len({(row.tab, row.row) for row in rows}),
            pools=tuple(dict.fromkeys(row.pool.name for row in rows)),
            new_pools=tuple(pool.name for pool in sheet.new_pools),
            items=len({(row.pool.id, row.item.key) for row in rows}),
            counts=sum(row.count is not None for row in rows),
            uses=sum(row.use is not None for row in rows),
            deliveries=sum(row.delivery is not None for row in rows),
            newest_count=max((row.count.counted_on for row in rows if row.count is not None), default=None),
            faults=sheet.faults,
            already=same_file.received_at if same_file else None,
            moved=sheet.moved,
            new=new,
            changed=changed,
            same=same,
            figures=await self._figure_changes(session, rows, known),
            remarks=sheet.remarks,
            unknown=sheet.unknown,
        )

    async def _figure_changes(
        self, session: AsyncSession, rows: Sequence[SheetRow], known: Mapping[tuple[str, str], int]
    ) -> tuple[FigureChange, ...]:
        newest: dict[tuple[str, str], dt.date] = {}
        for row in rows:
            if row.count is not None:
                place = (row.pool.id, row.item.key)
                newest[place] = max(row.count.counted_on, newest.get(place, row.count.counted_on))
        sums: dict[tuple[str, str], tuple[float, SheetRow]] = {}
        for row in rows:
            place = (row.pool.id, row.item.key)
            if row.count is not None and row.count.counted_on == newest[place]:
                before, first = sums.get(place, (0.0, row))
                sums[place] = (before + row.count.quantity, first)
        if not newest:
            return ()
        until = max(newest.values())
        ids = [known[place] for place in newest if place in known]
        before_them = await stored.newest_before(session, ids, until)
        found = []
        for place, (after, row) in sums.items():
            of = before_them.get(known.get(place, 0))
            found.append(
                FigureChange(
                    row=row.row,
                    name=row.item.name,
                    pool=row.pool.name,
                    unit=row.unit,
                    before=of[1] if of else None,
                    before_on=of[0] if of else None,
                    after=after,
                    after_on=newest[place],
                )
            )
        return tuple(found)

    # --- writing ---

    @staticmethod
    def _record(
        uow: UnitOfWork, sheet_id: str, data: bytes, filename: str, by: Actor | None, *, rows: int
    ) -> SheetRecord:
        return SheetRecord(
            id=sheet_id,
            filename=filename[:300],
            sha256=hashlib.sha256(data).hexdigest(),
            content=data,
            sent_by=by.person if by else None,
            received_at=uow.now,
            state="preview",
            rows=rows,
        )

    async def _store(self, uow: UnitOfWork, sheet: StockSheet, record: SheetRecord, by: Actor | None) -> None:
        known = {row.id for row in await stored.pools(uow.session)}
        new_pools = [pool for pool in sheet.new_pools if pool.id not in known]
        await uow.add(*(row_of_pool(pool) for pool in new_pools))
        items, new_items = await self._items(uow, sheet.rows)
        figures = _figures(sheet.rows, items, record.id, uow.now)
        gone = await stored.replace(uow.session, figures)
        record.state = "partly_stored" if sheet.faults else "stored"
        record.stored_at = uow.now
        record.replaced = {
            **{kind: [_to_json(row) for row in rows] for kind, rows in gone.items()},
            "written": {kind: len(rows) for kind, rows in figures.items()},
            "items": new_items,
            "pools": [pool.id for pool in new_pools],
        }
        by_whom = by.person if by else None
        uow.record(f"sheet:{record.id}", record.state, by=by_whom, filename=record.filename, rows=len(sheet.rows))

    async def _items(self, uow: UnitOfWork, rows: Sequence[SheetRow]) -> tuple[dict[tuple[str, str], int], list[int]]:
        """The ids of the rows' stock items, and of those that were made for them."""
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
        every = [*items.values(), *new]
        return {(item.pool_id, item.key): item.id or 0 for item in every}, [item.id or 0 for item in new]


def _shown(record: SheetRecord | None) -> SheetRecord:
    """A sheet that waits for a yes. Raises `Refused` where there is none."""
    if record is None or record.state == "dropped":
        raise Refused(phrase("Arket er forkastet. Send det på nytt."))
    if record.state == "undone":
        raise Refused(phrase("Arket {filename} er angret. Send det på nytt.", filename=record.filename))
    if record.state != "preview":
        raise Refused(phrase("Arket {filename} er allerede lagret.", filename=record.filename))
    return record


def _to_explain(record: SheetRecord | None, by: Actor) -> SheetRecord:
    """A sheet whose headings `by` may explain. Raises `NotAllowed` for somebody else's, since its values are shown."""
    found = _shown(record)
    if found.sent_by != by.person and not by.may(Action.WORK_ON_CASE):
        raise NotAllowed(phrase("Bare den som sendte arket, eller Mangelsenteret, kan forklare det."))
    return found


def _figures(
    rows: Sequence[SheetRow],
    items: Mapping[tuple[str, str], int] | None,
    sheet_id: str | None,
    now: dt.datetime | None,
) -> dict[str, list[dict[str, Any]]]:
    """The figures of the rows as they are stored. Without `items` an item is told by its pool and key."""
    counts: list[dict[str, Any]] = []
    uses: dict[tuple[Any, dt.date, dt.date, str], float] = {}
    deliveries: dict[tuple[Any, dt.date], tuple[float, dt.date | None]] = {}
    for row in rows:
        place = (row.pool.id, row.item.key)
        if items is not None and place not in items:
            continue
        item: Any = place if items is None else items[place]
        if row.count is not None:
            counts.append(
                {
                    "item_id": item,
                    "counted_on": row.count.counted_on,
                    "quantity": row.count.quantity,
                    "lot": row.count.batch,
                    "expiry": row.count.expiry,
                    "sheet_id": sheet_id,
                    "recorded_at": now,
                }
            )
        if row.use is not None:
            uses[item, row.use.first, row.use.last, row.use.base.value if row.use.base else ""] = row.use.quantity
        if row.delivery is not None:
            known_sum, expiry = deliveries.get((item, row.delivery.eta), (0.0, None))
            deliveries[item, row.delivery.eta] = (known_sum + row.delivery.quantity, row.delivery.expiry or expiry)
    return {
        "counts": counts,
        "uses": [
            {"item_id": item, "first": first, "last": last, "base": base, "quantity": quantity, "sheet_id": sheet_id}
            for (item, first, last, base), quantity in uses.items()
        ],
        "deliveries": [
            {"item_id": item, "eta": eta, "quantity": quantity, "expiry": expiry, "sheet_id": sheet_id}
            for (item, eta), (quantity, expiry) in deliveries.items()
        ],
    }


def _told(kind: str, rows: Sequence[Mapping[str, Any]]) -> dict[Any, Any]:
    """What rows say, by what they say it of: the lots of an item on a day, the use in a period, a day's delivery."""
    if kind == "uses":
        return {(row["item_id"], row["first"], row["last"], row["base"]): row["quantity"] for row in rows}
    if kind == "deliveries":
        return {(row["item_id"], row["eta"]): (row["quantity"], row["expiry"]) for row in rows}
    lots: dict[Any, set[tuple[Any, ...]]] = {}
    for row in rows:
        lots.setdefault((row["item_id"], row["counted_on"]), set()).add((row["quantity"], row["lot"], row["expiry"]))
    return lots


_DAYS = ("counted_on", "expiry", "first", "last", "eta")


def _to_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}


def _from_json(row: Mapping[str, Any]) -> dict[str, Any]:
    read = dict(row)
    for name in _DAYS:
        if read.get(name):
            read[name] = dt.date.fromisoformat(read[name])
    if read.get("recorded_at"):
        read["recorded_at"] = dt.datetime.fromisoformat(read["recorded_at"])
    return read


def _meaning(said: Mapping[str, Any]) -> Meaning:
    day = said.get("counted_on")
    return Meaning(dict(said["columns"]), said.get("pool"), dt.date.fromisoformat(day) if day else None)


def _as_json(meaning: Meaning) -> dict[str, Any]:
    return {
        "columns": dict(meaning.columns),
        "pool": meaning.pool,
        "counted_on": meaning.counted_on.isoformat() if meaning.counted_on else None,
    }
