"""What if: cover before and after something that has not happened."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.messages.phrase import Phrase, phrase
from bot.stock.cover import Cover, StockLine, amount, covers, day_month_year
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
    """`quantity` units go from the first line to the second, those that expire first."""

    quantity: float


@dataclass(frozen=True, slots=True)
class HoardingEnds:
    """A peak that still runs was hoarding and ends now; `share` (0-1) of it is used up over `months`."""

    share: float = 0.5
    months: int = 3


Change = HoardingEnds | DemandChanges | DeliveriesLate | PatientsMoveHere | StockMoves


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Cover of each line before and after, and the change in words. `why_not` says why nothing was changed."""

    supposed: Phrase
    before: tuple[Cover, ...]
    after: tuple[Cover, ...]
    why_not: Phrase | None = None


def what_if(lines: Sequence[StockLine], change: Change, *, as_of: dt.date) -> WhatIf:
    """Cover of `lines` as they are, and as they would be.

    Raises ValueError where the change is impossible: two lines are needed to move stock, in the same unit,
    and no more than there is can be moved.
    """
    before = tuple(covers(lines, as_of=as_of))
    if isinstance(change, PatientsMoveHere) and change.ratio is None:
        why_not = phrase(
            "Ingen har satt et forhold mellom {medicine} og dette legemidlet, så ingenting er flyttet.",
            medicine=change.medicine,
        )
        return WhatIf(_words(change), before, before, why_not)
    after = covers(_changed(lines, change), as_of=as_of, reshape=lambda line, demand: _drawn(demand, change, as_of))
    return WhatIf(_words(change), before, tuple(after))


def _changed(lines: Sequence[StockLine], change: Change) -> Sequence[StockLine]:
    match change:
        case DeliveriesLate(days):
            late = dt.timedelta(days)
            return [
                replace(line, deliveries=tuple(replace(item, eta=item.eta + late) for item in line.deliveries))
                for line in lines
            ]
        case StockMoves(quantity):
            return _moved(lines, quantity)
        case _:
            return lines


def _moved(lines: Sequence[StockLine], quantity: float) -> list[StockLine]:
    if len(lines) != 2 or lines[0].unit != lines[1].unit:
        raise ValueError("stock moves between two lines in the same unit")
    source, target = lines
    if not 0 < quantity <= math.fsum(lot.quantity for lot in source.lots):
        raise ValueError("no more can be moved than there is")
    kept: list[Lot] = []
    gone: list[Lot] = []
    for lot in sorted(source.lots, key=lambda lot: lot.expiry or dt.date.max):
        taken = min(lot.quantity, quantity)
        quantity -= taken
        if taken > 0:
            gone.append(replace(lot, quantity=taken))
        if lot.quantity > taken:
            kept.append(replace(lot, quantity=lot.quantity - taken))
    return [replace(source, lots=tuple(kept)), replace(target, lots=(*target.lots, *gone))]


def _drawn(demand: Demand, change: Change, as_of: dt.date) -> Demand:
    match change:
        case HoardingEnds(share, months):
            return demand.paid_back(share, months)
        case DemandChanges(share, start):
            return demand.times(1 + share, since=start, as_of=as_of)
        case PatientsMoveHere(lost_daily=lost, share=share, ratio=ratio) if ratio is not None:
            return demand.plus(lost * share * ratio)
        case _:
            return demand


def _words(change: Change) -> Phrase:
    match change:
        case DemandChanges(share, start) if share < 0:
            return phrase(
                "rasjonering: {percent} % mindre fra {date}", percent=round(-share * 100), date=day_month_year(start)
            )
        case DemandChanges(share, start):
            return phrase("{percent} % mer forbruk fra {date}", percent=round(share * 100), date=day_month_year(start))
        case HoardingEnds():
            return phrase("toppen var hamstring og er over")
        case DeliveriesLate(days):
            return phrase("leveransene er {days} dager forsinket", days=days)
        case PatientsMoveHere(medicine, share=share):
            return phrase(
                "{percent} % av pasientene på {medicine} flyttes hit", percent=round(share * 100), medicine=medicine
            )
        case StockMoves(quantity):
            return phrase("{quantity} flyttes fra det første lageret til det andre", quantity=amount(quantity))
