"""From the base to stock lines, and from stock lines to cover: for whoever asks, many at a time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.medicine import Medicine
from bot.settings import PoolSetting, Settings
from bot.stock.candidates import CandidateReading
from bot.stock.cover import CaseCover, Cover, Delivery, Lot, StockLine, Use, case_cover, covers, in_units_of
from bot.stock.domino import Link
from bot.stock.past import PastReading
from bot.stock.pools import STANDARD_POOLS, DemandBase, Holdable, ItemRules, Pool, PoolKind, pool_key
from storage import stock as stored
from storage.tables import ShortageCase, StockItem, StockPool


@dataclass(frozen=True, slots=True)
class ItemCover:
    """One item in one pool and how long it lasts."""

    item: StockItem
    line: StockLine
    cover: Cover


class StockReading:
    """Reads stock and computes cover with the settings' limits."""

    def __init__(self, settings: Settings, candidates: CandidateReading) -> None:
        self._settings = settings
        self.candidates = candidates
        self.past = PastReading()

    async def pools(self, session: AsyncSession) -> dict[str, Pool]:
        """Every pool by id, with what the settings say of it."""
        return {row.id: self.pool(row) for row in await stored.pools(session)}

    async def overruled(self, session: AsyncSession) -> list[tuple[Pool, Pool]]:
        """Pools that were changed in chat, where the file says something else: as they are, as the file has them."""
        held = [(self.pool(row), row) for row in await stored.pools(session) if row.changed_at is not None]
        said = [(pool, pool_from(row, self._settings.pools.get(row.id))) for pool, row in held]
        return [(pool, in_file) for pool, in_file in said if pool.changes_to(in_file)]

    def pool(self, row: StockPool) -> Pool:
        """A stored pool as it counts: what the file says of it holds until somebody has changed it in chat."""
        return pool_from(row, self._settings.pools.get(row.id) if row.changed_at is None else None)

    async def lines(
        self,
        session: AsyncSession,
        as_of: dt.date,
        *,
        preparation_keys: Iterable[str] | None = None,
        substances: Iterable[str] | None = None,
        item_ids: Iterable[int] | None = None,
    ) -> list[tuple[StockItem, StockLine]]:
        """Stock lines as known on `as_of`; without a filter all of them."""
        found = await stored.stocked(
            session, as_of, preparation_keys=preparation_keys, substances=substances, item_ids=item_ids
        )
        pools = await self.pools(session) if found else {}
        return [(entry.item, _line(entry, pools[entry.item.pool_id])) for entry in found]

    async def covers(
        self, session: AsyncSession, as_of: dt.date, **only: Iterable[str] | Iterable[int]
    ) -> list[ItemCover]:
        """How long each item lasts; `only` as for `lines`."""
        found = await self.lines(session, as_of, **only)  # type: ignore[arg-type]
        lasting = self.covers_of([line for _, line in found], as_of)
        return [ItemCover(item, line, cover) for (item, line), cover in zip(found, lasting, strict=True)]

    def covers_of(self, lines: Sequence[StockLine], as_of: dt.date) -> list[Cover]:
        """How long each of `lines` lasts, by the settings' limits."""
        return covers(
            lines,
            as_of=as_of,
            stale_after_days=self._settings.stale_after_days,
            threshold_days=self._settings.threshold_days,
        )

    async def of_cases(
        self, session: AsyncSession, cases: Sequence[ShortageCase], as_of: dt.date
    ) -> dict[int, CaseCover]:
        """Case id → does the stock last until its shortage is over.

        Cases of whose medicine nothing is stocked are left out.

        The stocks summed are those of the same preparation: same substance, form and strength, whatever the
        brand. A case of a whole substance counts every stock of it. Where the case's own medicine is stocked, a
        candidate that is assessed and signed for every use counts too, at the ratio that a person has set.
        """
        found = {}
        for case_id, (case, lines, others) in (await self._lines_of_cases(session, cases, as_of)).items():
            reckoned = case_cover(
                [*lines, *(line for _, line in others)],
                shortage_start=case.start,
                shortage_end=case.expected_end,
                as_of=as_of,
                restart_to_ward_days=self.ward_days(case),
                margin_days=(
                    self._settings.purchase_margin_least_days,
                    self._settings.purchase_margin_most_days,
                ),
                stale_after_days=self._settings.stale_after_days,
                threshold_days=self._settings.threshold_days,
            )
            names = tuple(dict.fromkeys(link.candidate.name for link, _ in others))
            found[case_id] = replace(reckoned, instead=names)
        return found

    async def lines_of_case(self, session: AsyncSession, case: ShortageCase, as_of: dt.date) -> list[StockLine]:
        """The stocks that `of_cases` sums for a case, in one unit."""
        found = await self._lines_of_cases(session, [case], as_of)
        return [line for _, lines, others in found.values() for line in (*lines, *(other for _, other in others))]

    async def _lines_of_cases(
        self, session: AsyncSession, cases: Sequence[ShortageCase], as_of: dt.date
    ) -> dict[int, tuple[ShortageCase, list[StockLine], list[tuple[Link, StockLine]]]]:
        """Case id → the case, the stocks of its medicine, and those of what replaces it; without stock left out."""
        if not cases:
            return {}
        keys = {case.preparation_key for case in cases}
        links = await self.candidates.links(session, keys, as_of)
        instead = {key: [link for link in them if link.replaces] for key, them in links.items()}
        keys |= {link.candidate.key for them in instead.values() for link in them}
        whole = {case.substance for case in cases if case.preparation_key == whole_substance(case.substance)}
        by_key: dict[str, list[StockLine]] = defaultdict(list)
        by_substance: dict[str, list[StockLine]] = defaultdict(list)
        for item, line in await self.lines(session, as_of, preparation_keys=keys, substances=whole):
            by_key[item.preparation_key or ""].append(line)
            by_substance[(item.substance or "").casefold()].append(line)
        found = {}
        for case in cases:
            lines = by_key.get(case.preparation_key, [])
            if case.preparation_key == whole_substance(case.substance):
                lines = by_substance.get(case.substance.casefold(), [])
            if lines and case.id is not None:
                others = [
                    (link, in_units_of(line, lines[0].unit, link.ratio))
                    for link in instead.get(case.preparation_key, ())
                    for line in by_key.get(link.candidate.key, ())
                    if link.ratio is not None
                ]
                found[case.id] = case, lines, others
        return found

    def ward_days(self, case: ShortageCase) -> int:
        """Days from the supplier's restart to the ward that count in this case."""
        own = case.restart_to_ward_days
        return self._settings.restart_to_ward_days if own is None else own


def of_medicine(medicine: Medicine) -> dict[str, list[str]]:
    """Which items are stock of a medicine, as `lines` and `covers` take it."""
    if medicine.key == whole_substance(medicine.substance):
        return {"substances": [medicine.substance]}
    return {"preparation_keys": [medicine.key, *medicine.keys]}


def whole_substance(substance: str) -> str:
    """The preparation key of a substance whose strength and form nobody has named."""
    return f"{substance.casefold()}|"


_ALIASES = {pool.id: pool.aliases for pool in STANDARD_POOLS}


def pool_from(row: StockPool, said: PoolSetting | None) -> Pool:
    """A stored pool, with the settings on top where there are some. Names that it has had stay aliases."""
    said = said or PoolSetting()
    name = said.name or row.name
    had = (*_ALIASES.get(row.id, ()), row.name, *row.former_names)
    return Pool(
        id=row.id,
        name=name,
        kind=PoolKind(row.kind),
        owner=said.owner or row.owner or "",
        holdable=Holdable(said.holdable or row.holdable),
        sized_on=DemandBase(said.sized_on or row.sized_on),
        drawn_by=DemandBase(said.drawn_by or row.drawn_by),
        alert_limit_days=said.limit_days or row.alert_limit_days,
        alert_limit_share=row.alert_limit_share,
        target_days=row.target_days,
        shelf=row.shelf,
        aliases=tuple(dict.fromkeys(alias for alias in had if pool_key(alias) != pool_key(name))),
    )


def rules_of(item: StockItem) -> ItemRules:
    """What holds for this item instead of what its pool says."""
    return ItemRules(
        holdable=Holdable(item.holdable) if item.holdable else None,
        sized_on=DemandBase(item.sized_on) if item.sized_on else None,
        drawn_by=DemandBase(item.drawn_by) if item.drawn_by else None,
        alert_limit_days=item.alert_limit_days,
        alert_limit_share=item.alert_limit_share,
        target_days=item.target_days,
    )


def _line(entry: stored.StockedItem, pool: Pool) -> StockLine:
    item = entry.item
    return StockLine(
        pool=pool.for_item(rules_of(item)),
        item=item.name,
        substance=item.substance,
        atc=item.atc,
        unit=item.unit,
        counted_on=entry.counted_on,
        lots=tuple(Lot(lot.quantity, lot.expiry, lot.lot) for lot in entry.lots),
        deliveries=tuple(Delivery(coming.quantity, coming.eta, coming.expiry) for coming in entry.deliveries),
        uses=tuple(
            Use(use.first, use.last, use.quantity, DemandBase(use.base) if use.base else None) for use in entry.uses
        ),
        stated_daily_demand=item.stated_daily_demand,
        stated_by=item.stated_by,
        stated_from=item.stated_from,
        stated_first=item.stated_first,
        ordered_when_short=item.ordered_when_short,
        pack_size=item.pack_size,
        made_up=item.made_up,
        item_key=item.key,
        preparation_key=item.preparation_key,
    )


def row_of_pool(pool: Pool) -> StockPool:
    """A pool as it is stored."""
    facts = asdict(pool)
    facts.pop("aliases")
    return StockPool(**{name: getattr(value, "value", value) for name, value in facts.items()})
