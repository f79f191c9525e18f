"""What if: a question about a medicine's stock, answered for whoever asks, with a picture. Nothing is changed by it."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.medicine import Medicine
from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.words import units
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.settings import Settings
from bot.stock.cover import PACK, CaseCover, Cover, StockLine, merged_stock
from bot.stock.curves import Curve, Supposed, stock_chart
from bot.stock.pools import Pool, pool_key, pools_by_name
from bot.stock.reading import StockReading, of_medicine
from bot.stock.showing import NOTHING_STOCKED, case_known_to, name_of
from bot.stock.what_if import (
    Change,
    DeliveriesLate,
    DemandChanges,
    HoardingEnds,
    PatientsMoveHere,
    StockMoves,
    WhatIf,
    what_if,
)
from bot.stock.what_if_words import ComesLate, PacksMove, PeakIsOver, UseChanges
from storage.tables import ShortageCase
from storage.unit_of_work import Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class PatientsOf:
    """Patients from another medicine, which medicine the catalogue knows."""

    share: float
    medicine: Medicine
    ratio: float | None = None


Asked = UseChanges | ComesLate | PatientsOf | PacksMove | PeakIsOver


@dataclass(frozen=True, slots=True)
class Before:
    """One pool before and after."""

    name: str
    before: Cover
    after: Cover


@dataclass(frozen=True, slots=True)
class WhatIfView:
    """The answer for one reader: the pools that they may see, and those together.

    `case` is the open case of the medicine that they may know of; without one no gap is reckoned. `hidden` is how many
    pools are left out.
    """

    title: str
    supposed: tuple[Phrase, ...]
    why_not: tuple[Phrase, ...]
    pools: tuple[Before, ...]
    together_before: CaseCover
    together_after: CaseCover
    case: str | None
    hidden: int


class WhatIfService:
    """Answers what-if questions for those who may see the numbers."""

    def __init__(self, database: Database, settings: Settings, renderer: Renderer, stock: StockReading) -> None:
        self._database = database
        self._settings = settings
        self._renderer = renderer
        self._stock = stock

    async def pools_for(self, by: Actor) -> list[Pool]:
        """The pools whose numbers `by` may see, by name."""
        by.require(Action.READ_STOCK)
        async with self._database.read() as session:
            pools = await self._stock.pools(session)
        return sorted((pool for pool in pools.values() if by.sees_stock_of(pool.id)), key=lambda pool: pool.name)

    async def ask(self, medicine: Medicine, asked: Sequence[Asked], by: Actor, *, key: str | None) -> WhatIfView:
        """The answer, and a picture of it on its way to `by` alone. Raises `Refused` for what cannot be reckoned."""
        by.require(Action.READ_STOCK)
        async with self._database.unit_of_work() as uow:
            today = oslo(uow.now).date()
            found = await self._stock.covers(uow.session, today, **of_medicine(medicine))
            lines = [entry.line for entry in found if by.sees_stock_of(entry.line.pool.id)]
            if not lines:
                raise Refused(NOTHING_STOCKED)
            changes, why_not = await self._changes(uow, medicine, asked, lines, by)
            case = await case_known_to(uow.session, lines, by)
            answer = what_if(
                lines,
                changes,
                as_of=today,
                shortage_end=case.expected_end if case else None,
                restart_to_ward_days=self._stock.ward_days(case) if case else 0,
                stale_after_days=self._settings.stale_after_days,
                threshold_days=self._settings.threshold_days,
            )
            await self._send_picture(uow, medicine, lines, answer, case, by, key)
        return WhatIfView(
            title=medicine.name,
            supposed=answer.supposed,
            why_not=(*answer.why_not, *why_not),
            pools=tuple(
                Before(name_of(line, lines), before, after)
                for line, before, after in zip(lines, answer.before, answer.after, strict=True)
            ),
            together_before=answer.together_before,
            together_after=answer.together_after,
            case=case.number if case else None,
            hidden=len(found) - len(lines),
        )

    async def _changes(
        self, uow: UnitOfWork, medicine: Medicine, asked: Sequence[Asked], lines: Sequence[StockLine], by: Actor
    ) -> tuple[list[Change], list[Phrase]]:
        changes: list[Change] = []
        why_not: list[Phrase] = []
        for one in asked:
            match one:
                case UseChanges(share, start):
                    changes.append(DemandChanges(share, start or oslo(uow.now).date()))
                case ComesLate(days):
                    changes.append(DeliveriesLate(days))
                    if not any(line.deliveries for line in lines):
                        why_not.append(phrase("Ingen leveranse er ventet, så ingenting kan bli forsinket."))
                case PatientsOf():
                    moved, why = await self._patients(uow, medicine, one, by)
                    if moved is not None:
                        changes.append(moved)
                    why_not += [] if why is None else [why]
                case PacksMove():
                    changes.append(_move(one, lines))
                case PeakIsOver():
                    changes.append(HoardingEnds())
        return changes, why_not

    async def _patients(
        self, uow: UnitOfWork, medicine: Medicine, asked: PatientsOf, by: Actor
    ) -> tuple[PatientsMoveHere | None, Phrase | None]:
        """The move, or why there is none: the other's use is not known. The ratio is one that a person has set."""
        if {asked.medicine.key, *asked.medicine.keys} & {medicine.key, *medicine.keys}:
            why = phrase("Pasientene bruker allerede {medicine}. Velg et annet legemiddel.", medicine=medicine.name)
            raise Refused(why, field="other")
        today = oslo(uow.now).date()
        found = await self._stock.lines(uow.session, today, **of_medicine(asked.medicine))  # type: ignore[arg-type]
        theirs = [line for _, line in found if by.sees_stock_of(line.pool.id)]
        whole = merged_stock(theirs, as_of=today) if theirs else None
        daily = whole[2].daily_demand if whole else None
        if daily is None:
            name = asked.medicine.name
            return None, phrase("Forbruket av {medicine} er ikke kjent, så ingenting er flyttet.", medicine=name)
        ratio = asked.ratio or await self._ratio(uow.session, asked.medicine, medicine, today)
        return PatientsMoveHere(asked.medicine.name, daily, asked.share, ratio), None

    async def _ratio(self, session: AsyncSession, short: Medicine, medicine: Medicine, as_of: dt.date) -> float | None:
        """What the centre has set for one of `short`'s units, in units of `medicine`."""
        links = await self._stock.candidates.links(session, [short.key], as_of)
        here = {medicine.key, *medicine.keys}
        return next((link.ratio for link in links.get(short.key, ()) if link.candidate.key in here), None)

    async def _send_picture(
        self,
        uow: UnitOfWork,
        medicine: Medicine,
        lines: Sequence[StockLine],
        answer: WhatIf,
        case: ShortageCase | None,
        by: Actor,
        key: str | None,
    ) -> None:
        """The pools that change most first: not all of them may have room in the picture."""
        curves = [
            Curve(name_of(line, lines), Supposed(line, before), Supposed(changed, after, demand))
            for line, before, changed, after, demand in zip(
                lines, answer.before, answer.lines, answer.after, answer.demands, strict=True
            )
        ]
        curves.sort(key=_difference, reverse=True)
        words = self._renderer.words(by.language)
        supposed = words.listed(answer.supposed) if answer.supposed else words.say(phrase("ingen endring"))
        title = words.say(phrase("Hva hvis {supposed}? {medicine}", supposed=supposed, medicine=medicine.name))
        chart = stock_chart(
            title,
            curves,
            as_of=oslo(uow.now).date(),
            words=words,
            shortage_end=case.expected_end if case else None,
            end_unknown=case is not None and case.expected_end is None,
        )
        message = self._renderer.render("curve.j2", by.language, title=title)
        await uow.say(
            f"what-if:{key or uuid.uuid4()}",
            by.slack_user,
            message.text,
            message.blocks,
            picture=chart.as_json(),
            priority=7,
        )


def _difference(curve: Curve) -> int:
    after = curve.after.cover.days_of_cover if curve.after else None
    return abs((after or 0) - (curve.now.cover.days_of_cover or 0))


def _move(asked: PacksMove, lines: Sequence[StockLine]) -> StockMoves:
    """Packs from one of the lines to another. Raises `Refused`, naming the form's field, for what cannot be."""
    names = ", ".join(dict.fromkeys(line.pool.name for line in lines))
    by_name = pools_by_name(line.pool for line in lines)

    def place(said: str, field: str) -> int:
        pool = by_name.get(pool_key(said))
        found = [at for at, line in enumerate(lines) if pool is not None and line.pool.id == pool.id]
        if not found:
            why = phrase(
                "Fant ikke lageret «{pool}» for dette legemidlet. Her finnes: {names}.", pool=said, names=names
            )
            raise Refused(why, field=field)
        if len(found) > 1:
            why = phrase("Lageret {pool} har flere pakninger av dette. Spør om én styrke og form.", pool=said)
            raise Refused(why, field=field)
        return found[0]

    source, target = place(asked.source, "from_pool"), place(asked.target, "to_pool")
    giver, taker = lines[source], lines[target]
    if source == target:
        raise Refused(phrase("Velg to forskjellige lager."), field="to_pool")
    if giver.unit != taker.unit:
        raise Refused(
            phrase("Lagrene er ført i ulike enheter: {one} og {other}.", one=giver.unit, other=taker.unit),
            field="to_pool",
        )
    quantity = asked.count
    if asked.unit not in (giver.unit, str(units(giver.unit))):
        if not asked.unit.startswith(PACK[:3]) or giver.units_in_pack is None:
            why = phrase(
                "Vet ikke hvor mange {units} det er i en pakning. Skriv antallet i {units}.", units=units(giver.unit)
            )
            raise Refused(why, field="packs")
        quantity *= giver.units_in_pack
    there = math.fsum(lot.quantity for lot in giver.lots)
    if quantity > there:
        why = phrase("{pool} har bare {there} {units}.", pool=giver.pool.name, there=there, units=units(giver.unit))
        raise Refused(why, field="packs")
    return StockMoves(quantity, source, target)
