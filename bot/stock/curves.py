"""From stock lines to the picture of their course, with every word in it, and the alt text that tells the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.charts.stock import MOST_PANELS, Course, StockChart
from bot.messages.phrase import phrase
from bot.messages.words import DayMonth, Language, units
from bot.stock.cover import MADE_UP, Cover, StockLine
from bot.stock.demand import Demand
from bot.stock.projection import Projection, projection

SHORTEST, LONGEST = 45, 400
"""Days that a picture shows."""
ROOM_AFTER = 14
"""Days shown after the last thing that happens."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a stock would be: the line, its cover and (where it is not its history's) its demand."""

    line: StockLine
    cover: Cover
    demand: Demand | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """One stock to draw: as it is, and (`after`) as it would be. `name` tells it from the picture's others."""

    name: str
    now: Supposed
    after: Supposed | None = None


def stock_chart(
    title: str,
    curves: Sequence[Curve],
    *,
    as_of: dt.date,
    words: Language,
    shortage_end: dt.date | None = None,
    end_unknown: bool = False,
) -> StockChart:
    """The picture of `curves`, at most `MOST_PANELS` of them, in a reader's language.

    `end_unknown`: there is a shortage and nobody knows when it ends.
    """
    drawn = list(curves)[:MOST_PANELS]
    days = _days_shown(drawn, as_of, shortage_end)
    courses = [_course(curve, as_of, days, words) for curve in drawn]
    end_words, end = "", None
    if shortage_end is not None and shortage_end >= as_of:
        end = (shortage_end - as_of).days
        end_words = words.say(phrase("mangelen slutter {day}", day=DayMonth(shortage_end)))
    note = _note(curves, words, end_unknown=end_unknown)
    return StockChart(
        title=title,
        alt=_alt(title, courses, as_of + dt.timedelta(days - 1), end_words, note, words),
        first=as_of,
        days=days,
        courses=tuple(courses),
        words={
            "today": words.say(phrase("i dag")),
            "delivery": words.say(phrase("levering")),
            "deliveries": words.say(phrase("leveringer")),
            "lost": words.say(phrase("Bildet kom ikke med. Det viste:")),
        },
        end=end,
        end_words=end_words,
        note=note,
        language=words.code,
    )


def _days_shown(curves: Sequence[Curve], as_of: dt.date, shortage_end: dt.date | None) -> int:
    """Until the last stock-out, delivery and the shortage's end, and a little more."""
    ends = [(shortage_end - as_of).days] if shortage_end else []
    for supposed in (one for curve in curves for one in (curve.now, curve.after) if one is not None):
        days = supposed.cover.p90 if supposed.cover.p90 is not None else supposed.cover.days_of_cover
        ends.append(days or 0)
        ends += [(item.eta - as_of).days for item in supposed.line.deliveries]
        if supposed.cover.threshold_days is not None:
            ends.append(round(supposed.cover.threshold_days))
    return min(max([SHORTEST, *(end + ROOM_AFTER for end in ends)]), LONGEST)


def _course(curve: Curve, as_of: dt.date, days: int, words: Language) -> Course:
    shown = curve.after or curve.now
    found = projection(shown.line, as_of=as_of, days=days, demand=shown.demand)
    before = projection(curve.now.line, as_of=as_of, days=days, demand=curve.now.demand) if curve.after else None
    cover = shown.cover
    limit = cover.threshold_days * cover.daily_demand if cover.threshold_days and cover.daily_demand else None
    runs_out = _runs_out(cover, words)
    ran_out = ""
    if curve.after:
        runs_out = words.say(phrase("Med endring: {said}", said=_small(runs_out)))
        ran_out = words.say(phrase("Uten endring: {said}", said=_small(_runs_out(curve.now.cover, words))))
    return Course(
        name=curve.name,
        unit=words.say(units(shown.line.unit) or phrase("enheter")),
        expected=_rounded(found.expected) if found else (),
        lowest=_rounded(found.lowest) if found else (),
        highest=_rounded(found.highest) if found else (),
        runs_out=runs_out,
        deliveries=_deliveries(found, as_of),
        limit=None if limit is None else _short(limit),
        limit_words=""
        if limit is None
        else words.say(
            phrase(
                "varslingsgrense {days} ({quantity})",
                days=words.days(cover.threshold_days),
                quantity=words.number(_short(limit), 0),
            )
        ),
        before=_rounded(before.expected) if before else (),
        ran_out=ran_out,
    )


def _deliveries(found: Projection | None, as_of: dt.date) -> tuple[tuple[int, float], ...]:
    coming = found.deliveries if found else ()
    return tuple(((item.eta - as_of).days, item.quantity) for item in coming if item.eta >= as_of)


def _runs_out(cover: Cover, words: Language) -> str:
    """When the stock is empty, or why that is not known, in one line."""
    if cover.days_of_cover is None:
        return words.say(cover.why or phrase("Dekningen er ukjent."))
    if cover.days_of_cover == 0:
        return words.say(phrase("Trolig tomt nå."))
    if cover.stockout_date is None:
        return words.say(phrase("Rekker i mer enn tre år."))
    out, first = cover.stockout_date, cover.earliest_stockout or cover.stockout_date
    out_words, first_words = words.date(out, cover.as_of), words.date(first, cover.as_of)
    return words.sentence(phrase("Trolig tomt {out}, tidligst {first}", out=out_words, first=first_words))


def _note(curves: Sequence[Curve], words: Language, *, end_unknown: bool) -> str:
    said = []
    counted = sorted({curve.now.cover.counted_on for curve in curves if curve.now.cover.counted_on is not None})
    if counted:
        said.append(phrase("Lagertall talt {day}.", day=words.date(counted[0])))
    if any(curve.now.line.uses or curve.now.line.stated_daily_demand for curve in curves):
        said.append(phrase("Grått: fra tidligst til senest."))
    if end_unknown:
        said.append(phrase("Når mangelen slutter, er ukjent."))
    if any(curve.now.line.made_up for curve in curves):
        said.append(MADE_UP)
    more = len(curves) - MOST_PANELS
    if more > 0:
        said.append(phrase("{n} lager til er ikke tegnet.", n=more))
    return " ".join(words.say(sentence) for sentence in said)


def _alt(title: str, courses: Sequence[Course], last: dt.date, end: str, note: str, words: Language) -> str:
    """What the picture tells, for who cannot see it: the same facts in the same order."""
    parts = [words.say(phrase("Kurve: {title}, fra i dag til {last}.", title=title, last=words.date(last)))]
    for course in courses:
        told = f"{course.name}: " if len(courses) > 1 else ""
        if course.expected:
            told += (
                words.say(phrase("Ca. {now} {unit} i dag.", now=words.number(course.expected[0], 0), unit=course.unit))
                + " "
            )
        told += " ".join(part for part in (course.ran_out, course.runs_out) if part)
        if course.deliveries:
            total = words.number(sum(quantity for _, quantity in course.deliveries), 0)
            count = words.plural(len(course.deliveries), "levering", "leveringer")
            told += " " + words.say(
                phrase("Ventet: {count}, {total} {unit}.", count=count, total=total, unit=course.unit)
            )
        if course.limit_words:
            told += " " + words.sentence(course.limit_words)
        parts.append(told)
    if end:
        parts.append(words.sentence(end))
    return " ".join([*parts, note]).strip()[:2000]


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(_short(value) for value in values)


def _short(value: float) -> float:
    """Four digits: more cannot be seen, and the picture's figures are kept with its message."""
    return float(f"{value:.4g}")
