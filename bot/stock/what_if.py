"""What if: cover before and after something that has not happened."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.messages.phrase import Phrase, phrase
from bot.messages.words import Days, units
from bot.stock.cover import STALE_AFTER_DAYS, CaseCover, Cover, StockLine, case_cover, covers, draw_on
from bot.stock.demand import Demand
from bot.stock.shelf import Lot


@dataclass(frozen=True, slots=True)
class DemandChanges:
    """Use changes by `share` from `start` on: -0.3 is rationing by 30 %, 0.2 is 20 % more."""

    share: float
    start: dt.date

    def __post_init__(self) -> None:
        if not -1 <= self.share <= 10:
            raise ValueError("use can change by -100 % to +1000 %")


@dataclass(frozen=True, slots=True)
class DeliveriesLate:
    """Every delivery that has not come is `days` late."""

    days: int


@dataclass(frozen=True, slots=True)
class PatientsMoveHere:
    """A share (0-1) of another medicine's patients moves here.

    `lost_daily` is that medicine's use a day. `ratio` is units of this medicine for a unit of that one,
    signed by a person; without it nothing is moved, and the answer says so.
    """

    medicine: str
    lost_daily: float
    share: float
    ratio: float | None


@dataclass(frozen=True, slots=True)
class StockMoves:
    """`quantity` units go from one line to another (by their places), those that expire first."""

    quantity: float
    source: int = 0
    target: int = 1


@dataclass(frozen=True, slots=True)
class HoardingEnds:
    """A peak that still runs was hoarding and ends now; `share` (0-1) of it is used up over `months`."""

    share: float = 0.5
    months: int = 3


Change = HoardingEnds | DemandChanges | DeliveriesLate | PatientsMoveHere | StockMoves


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Each line before and after, with its cover and the use that empties it, all of them together, and the changes.

    `why_not` says which changes could not be made, and why.
    """

    supposed: tuple[Phrase, ...]
    lines: tuple[StockLine, ...]
    before: tuple[Cover, ...]
    after: tuple[Cover, ...]
    demands: tuple[Demand | None, ...]
    together_before: CaseCover
    together_after: CaseCover
    why_not: tuple[Phrase, ...] = ()


def what_if(
    lines: Sequence[StockLine],
    changes: Sequence[Change],
    *,
    as_of: dt.date,
    shortage_end: dt.date | None = None,
    restart_to_ward_days: int = 0,
    stale_after_days: int = STALE_AFTER_DAYS,
    threshold_days: float | None = None,
) -> WhatIf:
    """Cover of `lines` as they are, and as they would be after `changes`, one after the other.

    Patients who move here draw on each line by its share of the use. Raises ValueError where a change is
    impossible: stock moves between two lines in the same unit, and no more than there is.
    """
    lasting = partial(covers, as_of=as_of, stale_after_days=stale_after_days, threshold_days=threshold_days)
    together = partial(
        case_cover,
        as_of=as_of,
        shortage_start=None,
        shortage_end=shortage_end,
        restart_to_ward_days=restart_to_ward_days,
        stale_after_days=stale_after_days,
        threshold_days=threshold_days,
    )
    before = tuple(lasting(lines))
    made = [change for change in changes if not isinstance(change, PatientsMoveHere) or change.ratio is not None]
    why_not = tuple(
        phrase(
            "Ingen har satt et forhold mellom {medicine} og dette legemidlet, så ingenting er flyttet.",
            medicine=change.medicine,
        )
        for change in changes
        if isinstance(change, PatientsMoveHere) and change.ratio is None
    )
    after_lines = list(lines)
    for change in made:
        after_lines = list(_changed(after_lines, change))
    use = math.fsum(cover.daily_demand or 0.0 for cover in before)
    moved = math.fsum(
        change.lost_daily * change.share * (change.ratio or 0.0)
        for change in made
        if isinstance(change, PatientsMoveHere)
    )

    def drawn(line: StockLine, demand: Demand) -> Demand:
        for change in made:
            demand = _drawn(demand, change, as_of)
        return demand

    def drawn_with_moved(line: StockLine, demand: Demand) -> Demand:
        changed = drawn(line, demand)
        return changed.plus(moved * demand.daily / use) if moved and use else changed

    demands = [draw_on(line, as_of) for line in after_lines]
    return WhatIf(
        supposed=tuple(_words(change, lines) for change in changes),
        lines=tuple(after_lines),
        before=before,
        after=tuple(lasting(after_lines, reshape=drawn_with_moved)),
        demands=tuple(
            None if demand is None else drawn_with_moved(line, demand)
            for line, demand in zip(after_lines, demands, strict=True)
        ),
        together_before=together(lines),
        together_after=together(after_lines, moved_daily=moved, reshape=drawn),
        why_not=why_not,
    )


def _changed(lines: Sequence[StockLine], change: Change) -> Sequence[StockLine]:
    match change:
        case DeliveriesLate(days):
            late = dt.timedelta(days)
            return [
                replace(line, deliveries=tuple(replace(item, eta=item.eta + late) for item in line.deliveries))
                for line in lines
            ]
        case StockMoves():
            return _moved(lines, change)
        case _:
            return lines


def _moved(lines: Sequence[StockLine], move: StockMoves) -> list[StockLine]:
    places = (move.source, move.target)
    if move.source == move.target or not all(0 <= place < len(lines) for place in places):
        raise ValueError("stock moves between two lines")
    source, target = (lines[place] for place in places)
    if source.unit != target.unit:
        raise ValueError("stock moves between two lines in the same unit")
    quantity = move.quantity
    if not 0 < quantity <= math.fsum(lot.quantity for lot in source.lots):
        raise ValueError("no more can be moved than there is")
    kept: list[Lot] = []
    gone: list[Lot] = []
    for lot in sorted(source.lots, key=lambda lot: lot.expiry or dt.date.max):
        taken = min(lot.quantity, quantity)
        quantity -= taken
        if taken > 0:
            # Without its batch: else what moves along a shelf that pools share would be taken for the same packs.
            gone.append(replace(lot, quantity=taken, batch=None))
        if lot.quantity > taken:
            kept.append(replace(lot, quantity=lot.quantity - taken))
    moved = list(lines)
    moved[move.source] = replace(source, lots=tuple(kept))
    moved[move.target] = replace(target, lots=(*target.lots, *gone))
    return moved


def _drawn(demand: Demand, change: Change, as_of: dt.date) -> Demand:
    match change:
        case HoardingEnds(share, months):
            return demand.paid_back(share, months)
        case DemandChanges(share, start):
            return demand.times(1 + share, since=start, as_of=as_of)
        case _:
            return demand


def _words(change: Change, lines: Sequence[StockLine]) -> Phrase:
    match change:
        case DemandChanges(share, start) if share < 0:
            less = _percent(-share)
            return phrase("rasjonering: {percent} % mindre fra {date}", percent=less, date=start)
        case DemandChanges(share, start):
            return phrase("{percent} % mer forbruk fra {date}", percent=_percent(share), date=start)
        case HoardingEnds():
            return phrase("toppen var hamstring og er over")
        case DeliveriesLate(days):
            return phrase("leveransene er {days} forsinket", days=Days(days))
        case PatientsMoveHere(medicine, share=share):
            return phrase(
                "{percent} % av pasientene på {medicine} flyttes hit", percent=_percent(share), medicine=medicine
            )
        case StockMoves(quantity, source, target):
            return phrase(
                "{quantity} {unit} flyttes fra {giver} til {taker}",
                quantity=quantity,
                unit=units(lines[source].unit),
                giver=lines[source].pool.name,
                taker=lines[target].pool.name,
            )


def _percent(share: float) -> float:
    return round(share * 100, 1)
