"""How long a stock lasts, how sure that is, and whether it lasts until the shortage is over.

Pure: stock lines and dates in, figures out. What cannot be known is `None`, and `why` says why.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from bot.messages.phrase import Phrase, phrase, some
from bot.messages.words import Days, units
from bot.stock.demand import Demand, Use, expected_demands, steady, together
from bot.stock.pools import DemandBase, Holdable, Pool
from bot.stock.shelf import Delivery, Lot
from bot.stock.simulate import HORIZON_DAYS, Shelf, first_short_days

__all__ = [
    "STALE_AFTER_DAYS",
    "Answer",
    "Band",
    "CaseCover",
    "Cover",
    "Delivery",
    "Lot",
    "Purchase",
    "StockLine",
    "Use",
    "case_cover",
    "cover",
    "covers",
]

MADE_UP = phrase("Tallene er oppdiktet for demonstrasjon.")
PACK = "pakning"
STALE_AFTER_DAYS = 14  # common practice is a count a week; two missed weeks make it old
# Somebody's own figure for the use, without history behind it: taken as known within about ±35 % (P10-P90).
STATED_SPREAD = 0.25


class Band(StrEnum):
    """What everyone may see of a stock."""

    GOOD = "good"
    TIGHT = "tight"
    VERY_LOW = "very_low"
    EMPTY = "empty"
    UNKNOWN = "unknown"

    @property
    def words(self) -> Phrase:
        """The band as people read it."""
        return _BAND_WORDS[self]


_BAND_WORDS = {
    Band.GOOD: phrase("God"),
    Band.TIGHT: phrase("Knapp"),
    Band.VERY_LOW: phrase("Svært lav"),
    Band.EMPTY: phrase("Tomt"),
    Band.UNKNOWN: phrase("Ukjent"),
}


@dataclass(frozen=True, slots=True)
class StockLine:
    """One item in one pool: what was counted when, what is on its way, and what has been drawn.

    Quantities are in `unit`, the same throughout. `counted_on` is `None` where nothing was ever counted; a
    count with no lots is a count of nothing. `stated_daily_demand` (units a day, said by `stated_by`, holding
    from `stated_from` on) is used where there is no history, and instead of it where `stated_first`.
    `ordered_when_short`: nothing is kept, it is ordered at need («bestilles ved behov»). `pack_size` is
    units in a pack, for purchase suggestions. `made_up` marks demonstration figures.
    """

    pool: Pool
    item: str
    substance: str | None = None
    atc: str | None = None
    unit: str = ""
    counted_on: dt.date | None = None
    lots: tuple[Lot, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    uses: tuple[Use, ...] = ()
    stated_daily_demand: float | None = None
    stated_by: str | None = None
    stated_from: dt.date | None = None
    stated_first: bool = False
    made_up: bool = False
    ordered_when_short: bool = False
    item_key: str | None = None
    preparation_key: str | None = None
    pack_size: float | None = None

    @property
    def on_hand(self) -> float | None:
        """Units counted, expired ones included; `None` without a count."""
        return None if self.counted_on is None else math.fsum(lot.quantity for lot in self.lots)

    @property
    def units_in_pack(self) -> float | None:
        """Units in a pack; what is counted in packs has one of them in each."""
        return 1.0 if self.unit == PACK else self.pack_size

    def stated_on(self, day: dt.date) -> float | None:
        """The daily demand that somebody has stated and that holds on `day`; None where there is none."""
        stated = self.stated_daily_demand
        if stated is None or not math.isfinite(stated) or stated <= 0:
            return None
        return stated if self.stated_from is None or self.stated_from <= day else None


@dataclass(frozen=True, slots=True)
class Cover:
    """How long one stock lasts, reckoned from `as_of`.

    `on_hand` and `incoming` are units; `daily_demand` units a day. `days_of_cover` is what people are told: the
    median, a little early where the line's own errors are known (`Demand.told_at`). `p10` and `p90` are the days
    that the stock outlasts with 90 and 10 % chance; `stockout_date` and `earliest_stockout` are the same as dates
    (`None` beyond three years). `expired` is what cannot be used before it expires.
    `days_if_hoarding` is set while the draw stands out as a peak still running: the day told if that is
    hoarding and ends now, people using up part of what they took (`Demand.paid_back`).
    `why` says what is missing where a figure is `None`; `warnings` are for people and true whether or not
    the figures are known.
    """

    as_of: dt.date
    on_hand: float | None
    unit: str
    counted_on: dt.date | None
    daily_demand: float | None
    demand_base: DemandBase
    incoming: float | None
    days_of_cover: int | None
    p10: int | None
    p90: int | None
    stockout_date: dt.date | None
    earliest_stockout: dt.date | None
    band: Band
    stale: bool
    threshold_days: float | None
    expired: float | None = None
    fill_rate: float | None = None
    why: Phrase | None = None
    rests_on: Phrase | None = None
    warnings: tuple[Phrase, ...] = ()
    days_if_hoarding: int | None = None
    outcomes: tuple[int, ...] = field(default=(), repr=False)

    def chance_out_before(self, day: dt.date) -> float | None:
        """The chance (0-1) that the stock is empty before `day`; `None` where the cover is unknown."""
        if not self.outcomes:
            return None
        days = (day - self.as_of).days
        return sum(outcome < days for outcome in self.outcomes) / len(self.outcomes)


def day_month_year(day: dt.date) -> str:
    """A date as Norwegians write it: 31.05.2025."""
    return f"{day:%d.%m.%Y}"


def amount(quantity: float) -> str:
    """A quantity as Norwegians write it: whole from 10 up, narrow space between thousands, decimal comma."""
    text = f"{quantity:,.0f}" if abs(quantity) >= 10 or quantity == round(quantity) else f"{quantity:.1f}"
    return text.replace(",", "\u202f").replace(".", ",")


@dataclass(frozen=True, slots=True)
class _Draw:
    """Whose use empties the line, and how much it is; or why that is not known."""

    demand: Demand | None
    base: DemandBase
    why: Phrase | None = None
    rests_on: Phrase | None = None


def _drawn(line: StockLine, as_of: dt.date) -> list[Use]:
    """The uses that speak of what empties the line: its own outflow, else the use of those who draw on it.

    None where a stated demand goes before the history.
    """
    if line.stated_first and line.stated_on(as_of) is not None:
        return []
    base = line.pool.drawn_by
    own = [use for use in line.uses if use.base is None]
    if not any(use.first < as_of for use in own):
        own = [use for use in line.uses if use.base is base]
    if not own and base is DemandBase.UNKNOWN and line.pool.holdable is Holdable.YES:
        own = [use for use in line.uses if use.base is DemandBase.HOSPITAL]
    return own


def _draw(line: StockLine, demand: Demand | None, as_of: dt.date) -> _Draw:
    """What draws on the line, `demand` being what its history leads to expect."""
    base = line.pool.drawn_by
    if demand is not None:
        rests_on = phrase(
            "Forbruk {first}–{last}: ca. {daily} {unit} per dag ({base}).",
            first=day_month_year(demand.first),
            last=day_month_year(demand.last),
            daily=amount(demand.daily),
            unit=units(line.unit),
            base=base.words,
        )
        return _Draw(demand, base, rests_on=_with_damped(rests_on, demand))
    stated = line.stated_on(as_of)
    if stated is not None:
        figure = phrase(
            "ca. {daily} {unit} per dag ({base})", daily=amount(stated), unit=units(line.unit), base=base.words
        )
        if line.stated_from is not None:
            figure = phrase("{figure} fra {date}", figure=figure, date=day_month_year(line.stated_from))
        rests_on = phrase(
            "Forbruk oppgitt av {who}: {figure}; {instead}.",
            who=line.stated_by or phrase("ukjent"),
            figure=figure,
            instead=phrase("brukt i stedet for historikken") if line.stated_first else phrase("ingen historikk"),
        )
        return _Draw(steady(stated, STATED_SPREAD, as_of), base, rests_on=rests_on)
    known = next((use.base for use in line.uses if use.base not in (None, base)), None)
    if known is not None and base is DemandBase.UNKNOWN:
        why = phrase(
            "Det er ikke kjent hvem som tømmer lageret. Bare forbruket for {known} er kjent.", known=known.words
        )
        return _Draw(None, base, why)
    if known is not None:
        why = phrase(
            "Lageret tømmes av {base}, men bare forbruket for {known} er kjent.",
            base=base.words,
            known=known.words,
        )
        return _Draw(None, base, why)
    return _Draw(None, base, phrase("Forbruket er ikke kjent."))


def _with_damped(rests_on: Phrase, demand: Demand) -> Phrase:
    if not demand.damped:
        return rests_on
    months = ", ".join(f"{month:%m.%Y}" for month in demand.damped)
    return phrase(
        "{rests_on} Uvanlig høyt uttak i {months} ventes ikke igjen og er dempet.", rests_on=rests_on, months=months
    )


Reshape = Callable[[StockLine, Demand], Demand]
"""What is supposed of a line's demand instead of what is expected of it."""


def _draws(lines: Sequence[StockLine], as_of: dt.date, reshape: Reshape | None = None) -> list[_Draw]:
    demands = expected_demands([_drawn(line, as_of) for line in lines], as_of)
    draws = [_draw(line, demand, as_of) for line, demand in zip(lines, demands, strict=True)]
    if reshape is None:
        return draws
    return [
        draw if draw.demand is None else replace(draw, demand=reshape(line, draw.demand))
        for line, draw in zip(lines, draws, strict=True)
    ]


def draw_on(line: StockLine, as_of: dt.date) -> Demand | None:
    """The use that empties the line, from the month of `as_of` on; `None` where it is not known."""
    return _draws([line], as_of)[0].demand


def _fault(line: StockLine) -> Phrase | None:
    """The first thing in the line that cannot be true."""
    for lot in line.lots:
        if not math.isfinite(lot.quantity) or lot.quantity < 0:
            return phrase("Beholdningen {quantity} er ikke et mulig antall.", quantity=lot.quantity)
    for delivery in line.deliveries:
        if not math.isfinite(delivery.quantity) or delivery.quantity < 0:
            return phrase("Leveransen {quantity} er ikke et mulig antall.", quantity=delivery.quantity)
    for use in line.uses:
        if not math.isfinite(use.quantity):
            return phrase("Forbruket {quantity} er ikke et mulig antall.", quantity=use.quantity)
    return None


def _at(outcomes: Sequence[int], share: float) -> int:
    return outcomes[min(len(outcomes) - 1, int(share * len(outcomes)))]


def band_of(days: float | None, threshold_days: float | None, *, stale: bool = False) -> Band:
    """The band of `days` of cover.

    Good at or above the limit, tight below it, very low below half of it or 14 days.

    Without a limit only «svært lav» (under 14 days) and «tomt» are told apart from «god».
    """
    if days is None or stale:
        return Band.UNKNOWN
    if days <= 0:
        return Band.EMPTY
    if threshold_days is None:
        return Band.VERY_LOW if days < 14 else Band.GOOD
    if days >= threshold_days:
        return Band.GOOD
    return Band.VERY_LOW if days < max(threshold_days / 2, 14) else Band.TIGHT


def _pool_warnings(line: StockLine) -> list[Phrase]:
    """That the stock is sized for fewer than those who empty it; how long it then lasts comes with the days."""
    if not line.pool.sized_for_others:
        return []
    through = (
        phrase("tømmes via primærapotek")
        if line.pool.drawn_by is DemandBase.PHARMACY
        else phrase("tømmes av hele markedet")
    )
    held = (
        phrase("Uttaket kan ikke stanses.")
        if line.pool.holdable is Holdable.NO
        else phrase("Det er ikke kjent om uttaket kan stanses.")
    )
    target = line.pool.target_days
    sized = (
        phrase("{days} av sykehusenes forbruk", days=Days(round(target))) if target else phrase("sykehusenes forbruk")
    )
    return [phrase("Lageret er beregnet på {sized}, men {through}. {held}", sized=sized, through=through, held=held)]


def _reach(question: _Question, days: int) -> list[Phrase]:
    """How long a stock that is sized for others lasts for those, where it is `days` for who empties it."""
    line, hospital = question.line, question.sized
    if not line.pool.sized_for_others or not 0 < days < HORIZON_DAYS or question.draw.demand is None:
        return []
    whose = (
        phrase("apotekenes uttak") if line.pool.drawn_by is DemandBase.PHARMACY else phrase("hele markedets forbruk")
    )
    if hospital is None:
        sized_for_days = line.pool.target_days is not None
        return [phrase("Ved {whose} rekker det i ca. {days}.", whose=whose, days=Days(days))] if sized_for_days else []
    if question.draw.demand.daily < 1.25 * hospital.daily:
        return []
    elapsed = (question.as_of - question.counted).days
    sized = max(0, round((line.on_hand or 0.0) / hospital.daily) - elapsed)
    return [
        phrase(
            "Ved sykehusenes forbruk rekker det i ca. {sized}, ved {whose} i ca. {days}.",
            sized=Days(sized),
            whose=whose,
            days=Days(days),
        )
    ]


def cover(
    line: StockLine,
    *,
    as_of: dt.date,
    stale_after_days: int = STALE_AFTER_DAYS,
    threshold_days: float | None = None,
    expiry_margin_days: int = 0,
) -> Cover:
    """`covers` of one line."""
    return covers(
        [line],
        as_of=as_of,
        stale_after_days=stale_after_days,
        threshold_days=threshold_days,
        expiry_margin_days=expiry_margin_days,
    )[0]


def covers(
    lines: Sequence[StockLine],
    *,
    as_of: dt.date,
    stale_after_days: int = STALE_AFTER_DAYS,
    threshold_days: float | None = None,
    expiry_margin_days: int = 0,
    reshape: Reshape | None = None,
) -> list[Cover]:
    """How long each of `lines` lasts from `as_of`, counting lots, expiry and deliveries.

    The days since the count are used up; a delivery due on or before the day of the count is taken to be in
    it. The alert limit is the pool's own, else `threshold_days`. Many lines at once cost little more than
    one.
    """
    hospital = expected_demands(
        [
            [use for use in line.uses if use.base is DemandBase.HOSPITAL] if line.pool.sized_for_others else []
            for line in lines
        ],
        as_of,
    )
    draws = _draws(lines, as_of, reshape)
    questions = [
        _Question(
            line=line,
            draw=draw,
            as_of=as_of,
            limit=_limit(line, threshold_days),
            stale_after_days=stale_after_days,
            warnings=_pool_warnings(line),
            expiry_margin_days=expiry_margin_days,
            sized=sized,
        )
        for line, draw, sized in zip(lines, draws, hospital, strict=True)
    ]
    return _reckon(questions)


def _limit(line: StockLine, threshold_days: float | None) -> float | None:
    """The alert limit that counts; none for what is ordered at need."""
    if line.ordered_when_short:
        return None
    return line.pool.limit_days if line.pool.limit_days is not None else threshold_days


@dataclass(frozen=True, slots=True)
class _Question:
    """One stock, what empties it, and the limit that counts."""

    line: StockLine
    draw: _Draw
    as_of: dt.date
    limit: float | None
    stale_after_days: int
    warnings: Sequence[Phrase] = ()
    expiry_margin_days: int = 0
    sized: Demand | None = None
    """The use that the stock was sized on, where it is another than that which empties it, and known."""

    @property
    def counted(self) -> dt.date:
        return self.line.counted_on or self.as_of

    @property
    def stale(self) -> bool:
        return (self.as_of - self.counted).days > self.stale_after_days

    @property
    def coming(self) -> tuple[Delivery, ...]:
        since = self.line.counted_on or self.as_of - dt.timedelta(1)
        return tuple(delivery for delivery in self.line.deliveries if delivery.eta > since)

    @property
    def usable(self) -> tuple[Lot, ...]:
        last = self.counted + dt.timedelta(self.expiry_margin_days)
        return tuple(lot for lot in self.line.lots if lot.expiry is None or lot.expiry >= last)


def _reckon(questions: Sequence[_Question]) -> list[Cover]:
    known = [_what_is_known(question) for question in questions]
    asked = [place for place, cover in enumerate(known) if cover.why is None and not cover.outcomes]
    demands = [questions[place].draw.demand or steady(0.0, STATED_SPREAD, questions[place].as_of) for place in asked]
    left, lost = _days_left([questions[place] for place in asked], demands)
    peaked = [(place, demand) for place, demand in zip(asked, demands, strict=True) if demand.calm is not None]
    otherwise, _ = _days_left([questions[place] for place, _ in peaked], [demand.paid_back() for _, demand in peaked])
    if_hoarding = {
        place: _at(outcomes, demand.told_at) for (place, demand), outcomes in zip(peaked, otherwise, strict=True)
    }
    for place, demand, outcomes, loss in zip(asked, demands, left, lost, strict=True):
        told, otherwise_told = _at(outcomes, demand.told_at), if_hoarding.get(place)
        known[place] = _with_outcomes(questions[place], known[place], tuple(outcomes), told, loss, otherwise_told)
    return known


def _days_left(questions: Sequence[_Question], demands: Sequence[Demand]) -> tuple[list[list[int]], list[float]]:
    """Days left in each scenario, soonest first, and the units lost to expiry, of each stock."""
    shelves = [
        Shelf(asked.usable, asked.coming, demand, asked.counted, asked.as_of, asked.expiry_margin_days)
        for asked, demand in zip(questions, demands, strict=True)
    ]
    days, lost = first_short_days(shelves)
    elapsed = np.array([(shelf.as_of - shelf.counted_on).days for shelf in shelves], dtype=np.int32)
    return np.clip(days - elapsed[:, None], 0, HORIZON_DAYS).tolist(), lost.tolist()


def _what_is_known(question: _Question) -> Cover:
    """Everything but the days; with `why` or with outcomes where there is nothing left to reckon."""
    line, draw, as_of = question.line, question.draw, question.as_of
    counted, coming = line.counted_on, question.coming
    warnings = list(question.warnings)
    if question.stale:
        warnings.append(phrase("Lagertallet er gammelt: {date}.", date=day_month_year(question.counted)))
    overdue = next((delivery for delivery in coming if delivery.eta < as_of), None)
    if overdue is not None:
        warnings.append(
            phrase("En leveranse ventet {date} er ikke bekreftet mottatt.", date=day_month_year(overdue.eta))
        )
    if line.made_up:
        warnings.append(MADE_UP)
    result = replace(
        _nothing_known(as_of, question.limit),
        on_hand=line.on_hand,
        unit=line.unit,
        counted_on=counted,
        daily_demand=draw.demand.daily if draw.demand else None,
        demand_base=draw.base,
        incoming=math.fsum(delivery.quantity for delivery in coming),
        stale=question.stale,
        rests_on=draw.rests_on,
        warnings=tuple(warnings),
    )
    why = _fault(line)
    if why is not None:
        return replace(result, on_hand=None, why=why)
    if line.ordered_when_short and not result.on_hand:
        why = phrase("Bestilles ved behov: ingen lagerdekning å regne på.")
        made_up = (MADE_UP,) if line.made_up else ()
        return replace(result, on_hand=None, stale=False, why=why, warnings=made_up)
    if line.ordered_when_short:
        result = replace(result, warnings=(*warnings, phrase("Bestilles ved behov: varsles ikke.")))
    if counted is None:
        return replace(result, why=phrase("Ingen lagertelling er registrert."))
    if counted > as_of:
        why = phrase("Tellingen {date} er senere enn datoen det regnes fra.", date=day_month_year(counted))
        return replace(result, why=why)
    in_stock = math.fsum(lot.quantity for lot in question.usable)
    if in_stock <= 0 and not any(delivery.eta <= as_of for delivery in coming):
        return replace(
            result,
            days_of_cover=0,
            p10=0,
            p90=0,
            stockout_date=counted,
            earliest_stockout=counted,
            band=band_of(0, question.limit, stale=question.stale),
            why=draw.why,
            outcomes=(0,),
        )
    return replace(result, why=draw.why) if draw.demand is None else result


def _with_outcomes(
    question: _Question, result: Cover, outcomes: tuple[int, ...], told: int, lost: float, if_hoarding: int | None
) -> Cover:
    """The cover with its days, from the days left in each scenario, soonest first, and the one that is told."""
    soon, beyond = _at(outcomes, 0.1), told >= HORIZON_DAYS
    expired_already = (result.on_hand or 0.0) - math.fsum(lot.quantity for lot in question.usable)
    target, daily = question.line.pool.target_days, result.daily_demand
    of_the_pool = len(question.warnings)
    warnings = (*result.warnings[:of_the_pool], *_reach(question, told), *result.warnings[of_the_pool:])
    if if_hoarding is not None:
        hoarding = phrase(
            "Uttaket er uvanlig høyt (hamstring?). Fortsetter det, rekker lageret i {days}; "
            "er det hamstring som er over nå, i {otherwise}.",
            days=_about(told),
            otherwise=_about(if_hoarding),
        )
        warnings = (*warnings, hoarding)
    return replace(
        result,
        days_of_cover=told,
        p10=soon,
        p90=_at(outcomes, 0.9),
        stockout_date=None if beyond else question.as_of + dt.timedelta(told),
        earliest_stockout=None if soon >= HORIZON_DAYS else question.as_of + dt.timedelta(soon),
        band=band_of(told, question.limit, stale=question.stale),
        expired=lost + expired_already,
        fill_rate=(result.on_hand or 0.0) / (target * daily) if target and daily else None,
        why=phrase("Rekker i mer enn tre år.") if beyond else None,
        warnings=warnings,
        days_if_hoarding=if_hoarding,
        outcomes=outcomes,
    )


def _about(days: int) -> Phrase:
    return phrase("mer enn tre år") if days >= HORIZON_DAYS else phrase("ca. {days} dager", days=days)


class Answer(StrEnum):
    """Does the stock last until the shortage is over?"""

    YES = "yes"
    PROBABLY = "probably"
    PROBABLY_NOT = "probably_not"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def words(self) -> Phrase:
        """The answer as people read it."""
        return _ANSWER_WORDS[self]


_ANSWER_WORDS = {
    Answer.YES: phrase("ja"),
    Answer.PROBABLY: phrase("trolig"),
    Answer.PROBABLY_NOT: phrase("trolig ikke"),
    Answer.NO: phrase("nei"),
    Answer.UNKNOWN: phrase("vet ikke"),
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """What to buy.

    Units for the gap and a margin after it, from `least` to `most`; packs where the size is known.
    """

    gap_days: int
    margin_days: tuple[int, int]
    least: float
    most: float
    unit: str
    least_packs: int | None = None
    most_packs: int | None = None

    @property
    def words(self) -> Phrase:
        """What to buy and for how long: a suggestion for people, never an order."""
        gap, (short, long) = Days(self.gap_days), self.margin_days
        margin = phrase("{least}–{most} dager", least=short, most=long)
        if short == long:
            margin = phrase("{days}", days=Days(short))
        elif short % 30 == 0 and long % 30 == 0:
            margin = phrase("{least}–{most} måneder", least=short // 30, most=long // 30)
        quantity = phrase(
            "{least}–{most} {unit}", least=float(round(self.least)), most=float(round(self.most)), unit=units(self.unit)
        )
        if self.least_packs is not None and self.most_packs is not None and self.unit != PACK:
            packs = {"least": float(self.least_packs), "most": float(self.most_packs)}
            quantity = phrase("{quantity} = {least}–{most} pakninger", quantity=quantity, **packs)
        return phrase("{quantity} ({gap} + {margin})", quantity=quantity, gap=gap, margin=margin)


@dataclass(frozen=True, slots=True)
class CaseCover:
    """Cover of all stock that counts in a case, against the end of its shortage.

    `gap_days` = shortage end plus `ward_days` (from the supplier's restart to the ward), minus the
    stock-out date, where positive; 0 where the stock lasts; `None` where the end or the stock is unknown.
    `gap_units` is the use of those days, `gap_packs` the same in packs where all stocks are of one pack size.
    `pools` are the names of the stocks summed, `left_out` those that could not be counted. `instead` are the
    names of other preparations whose stock is counted too, since they can replace this one.
    """

    answer: Answer
    cover: Cover
    shortage_start: dt.date | None
    shortage_end: dt.date | None
    gap_days: int | None
    gap_units: float | None
    stockout_date: dt.date | None
    pools: tuple[str, ...]
    left_out: tuple[str, ...]
    purchase: Purchase | None
    why: Phrase | None
    ward_days: int = 0
    gap_packs: int | None = None
    instead: tuple[str, ...] = ()

    @property
    def earliest_stockout(self) -> dt.date | None:
        """The date before which the stock is empty with one chance in ten."""
        return self.cover.earliest_stockout


def _distinct(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    return tuple({str(sentence): sentence for sentence in phrases}.values())


def _nothing_known(as_of: dt.date, threshold_days: float | None) -> Cover:
    return Cover(
        as_of=as_of,
        on_hand=None,
        unit="",
        counted_on=None,
        daily_demand=None,
        demand_base=DemandBase.UNKNOWN,
        incoming=None,
        days_of_cover=None,
        p10=None,
        p90=None,
        stockout_date=None,
        earliest_stockout=None,
        band=Band.UNKNOWN,
        stale=False,
        threshold_days=threshold_days,
    )


def _each_pack_once(lines: Sequence[StockLine]) -> list[StockLine]:
    """The lines with a batch that stands in several pools on the same shelves counted once, where it is
    largest.

    The emergency stock rolls on the wholesaler's shelves: the same batch of the same item may be in both
    counts. Counts that name no batch are taken as apart, as the wholesaler's *ordinary* stock is defined.
    """
    largest: dict[tuple[str, str, str], float] = {}

    def place(line: StockLine, lot: Lot) -> tuple[str, str, str] | None:
        if lot.batch is None or line.pool.shelf is None:
            return None
        return line.pool.shelf, line.item_key or line.item, lot.batch.casefold()

    for line in lines:
        for lot in line.lots:
            if (key := place(line, lot)) is not None:
                largest[key] = max(largest.get(key, 0.0), lot.quantity)
    result = []
    for line in lines:
        kept = []
        for lot in line.lots:
            key = place(line, lot)
            if key is None:
                kept.append(lot)
            elif largest.get(key) == lot.quantity:
                kept.append(lot)
                del largest[key]
        result.append(replace(line, lots=tuple(kept)))
    return result


def _rolled_forward(line: StockLine, daily: float, as_of: dt.date) -> tuple[Lot, ...]:
    """What is left on `as_of` of the line's lots after the expected use since the count."""
    counted = line.counted_on or as_of
    need = daily * (as_of - counted).days
    left = []
    for lot in sorted(line.lots, key=lambda lot: lot.expiry or dt.date.max):
        if lot.expiry is not None and lot.expiry < as_of:
            need = max(0.0, need - daily * max(0, (lot.expiry - counted).days + 1))
            continue
        taken = min(lot.quantity, need)
        need -= taken
        left.append(replace(lot, quantity=lot.quantity - taken))
    return tuple(left)


def case_cover(
    lines: Sequence[StockLine],
    *,
    shortage_start: dt.date | None,
    shortage_end: dt.date | None,
    as_of: dt.date,
    restart_to_ward_days: int = 0,
    margin_days: tuple[int, int] = (30, 60),
    stale_after_days: int = STALE_AFTER_DAYS,
    threshold_days: float | None = None,
    expiry_margin_days: int = 0,
    moved_daily: float = 0.0,
    reshape: Reshape | None = None,
) -> CaseCover:
    """Whether the stock in `lines` lasts until the shortage is over.

    `lines` are the pools of the case, over the preparations that can replace one another: the caller
    chooses them. Each pool's own draw is added up; a use that is stated for a whole demand base counts
    once. Lines without a usable count are left out and named: if the rest is not enough, the answer is then
    «vet ikke». `moved_daily` is units a day that come on top, from another medicine's patients. `reshape` is
    what is supposed of each line's demand.
    """
    once = _each_pack_once(lines)
    single = covers(once, as_of=as_of, stale_after_days=stale_after_days, expiry_margin_days=expiry_margin_days)
    used = _usable(once, single, as_of)
    names = tuple(dict.fromkeys(line.pool.name for line, _ in used))
    kept = [line for line in once if line.on_hand or not line.ordered_when_short]
    left_out = tuple(dict.fromkeys(line.pool.name for line in kept if all(line is not other for other, _ in used)))
    unanswered = CaseCover(
        answer=Answer.UNKNOWN,
        cover=_nothing_known(as_of, threshold_days),
        shortage_start=shortage_start,
        shortage_end=shortage_end,
        gap_days=None,
        gap_units=None,
        stockout_date=None,
        pools=names,
        left_out=left_out,
        purchase=None,
        why=phrase("Ingen lagertelling er registrert."),
        ward_days=restart_to_ward_days,
    )
    if not used:
        reasons = _distinct(own.why for own in single if own.why is not None)
        return replace(unanswered, why=reasons[0]) if len(reasons) == 1 else unanswered
    if len({line.unit for line, _ in used}) > 1:
        return replace(unanswered, why=phrase("Lagrene er ført i ulike enheter og kan ikke legges sammen."))
    merged, draw = _merged([line for line, _ in used], as_of, reshape)
    if moved_daily and draw.demand is not None:
        draw = replace(draw, demand=draw.demand.plus(moved_daily))
    total = _reckon([_Question(merged, draw, as_of, threshold_days, stale_after_days, (), expiry_margin_days)])[0]
    total = replace(
        total,
        on_hand=math.fsum(line.on_hand or 0.0 for line, _ in used),
        counted_on=min(line.counted_on for line, _ in used if line.counted_on is not None),
        stale=all(own.stale for _, own in used),
        warnings=_distinct(warning for _, own in used for warning in own.warnings),
    )
    if total.stale:
        total = replace(total, band=Band.UNKNOWN)
    unanswered = replace(unanswered, cover=total, stockout_date=total.stockout_date)
    if shortage_end is None:
        return replace(unanswered, why=phrase("Sluttdato ukjent."))
    if total.days_of_cover is None:
        return replace(unanswered, why=total.why)
    days_needed = (shortage_end + dt.timedelta(restart_to_ward_days) - as_of).days
    gap = max(0, min(days_needed, days_needed - total.days_of_cover))
    answer = _answer(total.p10 or 0, total.days_of_cover, total.p90 or 0, days_needed)
    why = None
    if answer not in (Answer.YES, Answer.PROBABLY) and left_out:
        answer = Answer.UNKNOWN
        why = phrase("Lagertall mangler eller er gamle for {pools}.", pools=some(left_out))
    elif total.stale:
        answer = Answer.UNKNOWN
        why = phrase("Lagertallene er gamle.")
    daily = total.daily_demand
    sizes = {line.units_in_pack for line, _ in used}
    size = sizes.pop() if len(sizes) == 1 else None
    return CaseCover(
        answer=answer,
        cover=total,
        shortage_start=shortage_start,
        shortage_end=shortage_end,
        gap_days=gap,
        gap_units=None if daily is None else gap * daily,
        stockout_date=total.stockout_date,
        pools=names,
        left_out=left_out,
        purchase=_purchase(gap, daily, margin_days, total.unit, size) if gap and daily else None,
        why=why or total.why,
        ward_days=restart_to_ward_days,
        gap_packs=_packs(gap * daily, size) if daily and size else None,
    )


def _usable(lines: Sequence[StockLine], covers: Sequence[Cover], as_of: dt.date) -> list[tuple[StockLine, Cover]]:
    """The lines that can be added up: counted, possible, and fresh if any of them is."""
    counted = [
        (line, own)
        for line, own in zip(lines, covers, strict=True)
        if line.counted_on is not None
        and line.counted_on <= as_of
        and _fault(line) is None
        and not (line.ordered_when_short and not line.on_hand)
    ]
    return [(line, own) for line, own in counted if not own.stale] or counted


def merged_stock(
    lines: Sequence[StockLine], *, as_of: dt.date, reshape: Reshape | None = None
) -> tuple[StockLine, Demand | None, Cover] | None:
    """The stocks that `case_cover` adds up as one on `as_of`, what empties it, and how long it lasts.

    `None` where nothing can be added up. For a picture of the whole.
    """
    once = _each_pack_once(lines)
    used = _usable(once, covers(once, as_of=as_of), as_of)
    if not used or len({line.unit for line, _ in used}) > 1:
        return None
    merged, draw = _merged([line for line, _ in used], as_of, reshape)
    cover = _reckon([_Question(merged, draw, as_of, None, STALE_AFTER_DAYS)])[0]
    return merged, draw.demand, replace(cover, counted_on=min(line.counted_on or as_of for line, _ in used))


def _answer(p10: int, told: int, p90: int, days_needed: int) -> Answer:
    """Yes or no when nine chances in ten say so; between them the day that is told decides."""
    if p10 >= days_needed:
        return Answer.YES
    if p90 < days_needed:
        return Answer.NO
    return Answer.PROBABLY if told >= days_needed else Answer.PROBABLY_NOT


def _purchase(gap: int, daily: float, margin: tuple[int, int], unit: str, pack_size: float | None) -> Purchase:
    least, most = ((gap + days) * daily for days in margin)
    packs = [_packs(quantity, pack_size) if pack_size else None for quantity in (least, most)]
    return Purchase(gap, margin, least, most, unit, packs[0], packs[1])


def _packs(quantity: float, pack_size: float) -> int:
    return math.ceil(quantity / pack_size - 1e-9)


def in_units_of(line: StockLine, unit: str, ratio: float) -> StockLine:
    """The line counted in another preparation's `unit`, of which one does as much as `ratio` of its own.

    The ratio is one that a person has set; none is ever computed here.
    """
    return replace(
        line,
        unit=unit,
        lots=tuple(replace(lot, quantity=lot.quantity / ratio) for lot in line.lots),
        deliveries=tuple(replace(coming, quantity=coming.quantity / ratio) for coming in line.deliveries),
        uses=tuple(replace(use, quantity=use.quantity / ratio) for use in line.uses),
        stated_daily_demand=None if line.stated_daily_demand is None else line.stated_daily_demand / ratio,
        pack_size=None if line.units_in_pack is None else line.units_in_pack / ratio,
    )


def _merged(lines: Sequence[StockLine], as_of: dt.date, reshape: Reshape | None = None) -> tuple[StockLine, _Draw]:
    """All `lines`, at least one, as one stock on `as_of`, and what draws on it."""
    draws = _draws(lines, as_of, reshape)
    shared: dict[tuple[str, DemandBase], Demand] = {}
    demands: list[Demand] = []
    lots: list[Lot] = []
    deliveries: list[Delivery] = []
    for line, draw in zip(lines, draws, strict=True):
        since = line.counted_on or as_of
        lots.extend(_rolled_forward(line, draw.demand.daily if draw.demand else 0.0, as_of))
        deliveries.extend(delivery for delivery in line.deliveries if delivery.eta > since)
        if draw.demand is None:
            continue
        uses = _drawn(line, as_of)
        if uses and all(use.base is not None for use in uses):
            key = (line.item_key or line.item, draw.base)
            if key not in shared or shared[key].daily < draw.demand.daily:
                shared[key] = draw.demand
        else:
            demands.append(draw.demand)
    demands.extend(shared.values())
    known = [draw for draw in draws if draw.demand is not None]
    bases = {draw.base for draw in known}
    base = bases.pop() if len(bases) == 1 else DemandBase.UNKNOWN
    merged = replace(
        lines[0],
        counted_on=as_of,
        lots=tuple(lots),
        deliveries=tuple(deliveries),
        uses=(),
        made_up=False,
        ordered_when_short=False,
    )
    if not demands:
        return merged, _Draw(None, base, phrase("Forbruket er ikke kjent."))
    rests_on = known[0].rests_on if len(known) == 1 else None
    return merged, _Draw(together(demands), base, rests_on=rests_on)
