"""A hospital's counted stock, kept where cover is worked out: in the trust's own pool, with its day and its author."""

from __future__ import annotations

import re
import unicodedata

from bot.clock import oslo
from bot.inquiries.inquiry import Respondent
from bot.messages.phrase import phrase
from bot.people.roles import Actor
from bot.settings import Settings
from bot.stock.keeping import KEEPING
from bot.stock.pools import DemandBase, Holdable, PoolKind
from storage import stock as stored
from storage.tables import Inquiry, ShortageCase, StockItem, StockPool
from storage.unit_of_work import UnitOfWork


class ShelfKeeper:
    """Keeps what health trusts count when they are asked, for the centre, the meeting and the pool's own managers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def counted(
        self, uow: UnitOfWork, case: ShortageCase, inquiry: Inquiry, asked: Respondent, quantity: float, by: Actor
    ) -> None:
        """Store `quantity` (the question's unit) as today's count of the trust; a count of the same day is replaced."""
        if asked.trust is None:
            return
        await uow.alone(KEEPING)
        said = self._settings.trusts.get(asked.trust)
        pool_id = (said.pool if said else None) or pool_of(asked.trust)
        if await uow.session.get(StockPool, pool_id) is None:
            await uow.add(
                StockPool(
                    id=pool_id,
                    name=str(phrase("{trust}, eget lager", trust=asked.trust)),
                    kind=PoolKind.HOSPITAL.value,
                    owner=asked.trust,
                    holdable=Holdable.UNKNOWN.value,
                    sized_on=DemandBase.UNKNOWN.value,
                    drawn_by=DemandBase.HOSPITAL.value,
                )
            )
        item = await self._item(uow, pool_id, case, inquiry)
        count = {
            "item_id": item.id,
            "counted_on": oslo(uow.now).date(),
            "quantity": quantity,
            "recorded_at": uow.now,
            "inquiry_id": inquiry.id,
            "counted_by": by.person,
        }
        await stored.replace(uow.session, {"counts": [count]})

    async def _item(self, uow: UnitOfWork, pool_id: str, case: ShortageCase, inquiry: Inquiry) -> StockItem:
        """The trust's item of the case's medicine in the question's unit, made where it is new."""
        keys = [(pool_id, case.preparation_key), (pool_id, f"{case.preparation_key}:{inquiry.unit}"[:400])]
        items = await stored.items_by_key(uow.session, keys)
        for key in keys:
            if key in items and items[key].unit == inquiry.unit:
                return items[key]
        item = StockItem(
            pool_id=pool_id,
            key=next(key for _, key in keys if (pool_id, key) not in items),
            name=case.name,
            substance=case.substance,
            atc=case.atc,
            preparation_key=case.preparation_key,
            unit=inquiry.unit,
            pack_size=inquiry.pack,
            made_up=self._settings.made_up_figures,
        )
        await uow.add(item)
        return item


def pool_of(trust: str) -> str:
    """The id of a trust's own pool, where the settings name no other: "hf-more-og-romsdal"."""
    plain = trust.casefold().replace("ø", "o").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return "hf-" + re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
