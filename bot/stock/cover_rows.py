"""Cover as other programs read it: the rows of `mangelvakt cover --json`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL, Days
from bot.stock.cover import CaseCover, Cover, StockLine

Row = dict[str, str | int | float | bool | None]


def pool_row(line: StockLine, cover: Cover, *, case: str | None = None) -> Row:
    """One stock line. `case` is the number of the open case it belongs to, if any."""
    figures = _figures(cover)
    return {
        "scope": "pool",
        "case": case,
        "pool": line.pool.name,
        "item": line.item,
        "substance": line.substance,
        "atc": line.atc,
        **figures,
        "why": _sentences([cover.why] if cover.why else []),
    }


def case_row(case: str, item: str, cover: CaseCover, *, substance: str | None = None, atc: str | None = None) -> Row:
    """One open case: its pools summed. `pool` names them, comma between.

    `gap_days` is shortage end minus stock-out date; the days from the supplier's restart to the ward come on top
    of it, and `why` says so.
    """
    figures = _figures(cover.cover)
    figures["shortage_end"] = _date(cover.shortage_end)
    figures["gap_days"] = None if cover.gap_days is None else max(0, cover.gap_days - cover.ward_days)
    reasons = [why for why in (cover.why, cover.cover.why) if why is not None]
    if cover.gap_days and cover.ward_days:
        reasons.append(
            phrase(
                "Med {ward} fra levering til avdeling er {gap} udekket.",
                ward=Days(cover.ward_days),
                gap=Days(cover.gap_days),
            )
        )
    return {
        "scope": "case",
        "case": case,
        "pool": ", ".join(cover.pools) or None,
        "item": item,
        "substance": substance,
        "atc": atc,
        **figures,
        "why": _sentences(reasons),
    }


def _figures(cover: Cover) -> Row:
    return {
        "on_hand": _rounded(cover.on_hand),
        "unit": cover.unit or None,
        "as_of": _date(cover.as_of),
        "stock_date": _date(cover.counted_on),
        "daily_demand": _rounded(cover.daily_demand),
        "demand_base": cover.demand_base.value,
        "incoming": _rounded(cover.incoming),
        "days_of_cover": cover.days_of_cover,
        "p10": cover.p10,
        "p90": cover.p90,
        "stockout_date": _date(cover.stockout_date),
        "shortage_end": None,
        "gap_days": None,
        "threshold_days": _rounded(cover.threshold_days),
        "band": cover.band.value,
        "stale": cover.stale,
    }


def _rounded(value: float | None) -> float | int | None:
    if value is None:
        return None
    shorter = round(value, 3)
    return int(shorter) if shorter == int(shorter) else shorter


def _date(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _sentences(phrases: Iterable[Phrase]) -> str | None:
    return " ".join(dict.fromkeys(BOKMAAL.say(one) for one in phrases)) or None
