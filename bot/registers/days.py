"""Days and periods as people in Norway write them. What can mean two days is refused, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange

Period = tuple[dt.date, dt.date]
"""First and last day, both included."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jan january",
            "februar feb february",
            "mars mar march",
            "april apr",
            "mai may",
            "juni jun june",
            "juli jul july",
            "august aug",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "desember des december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_CLOCK = r"(?:[T ]+(?:kl\.? ?)?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?)?"
_DAY_PATTERNS = (
    (re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_CLOCK}"), (1, 2, 3)),
    (re.compile(r"(20\d{2})(\d{2})(\d{2})"), (1, 2, 3)),
    (re.compile(rf"(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}){_CLOCK}"), (3, 2, 1)),
)
_IN_WORDS = re.compile(rf"(\d{{1,2}})\.? ?({_MONTH})\.?,? (\d{{4}})", re.IGNORECASE)
_EITHER_WAY = re.compile(rf"(\d{{1,2}})[/-](\d{{1,2}})[/-](\d{{4}}){_CLOCK}")
_ANY_DAY = re.compile(
    r"(?<![\d.])(\d{4}-\d{1,2}-\d{1,2}|20\d{6}|\d{1,2}\.\d{1,2}\.\d{4}"
    rf"|\d{{1,2}}\.? ?(?:{_MONTH})\.?,? \d{{4}})(?!\d)",
    re.IGNORECASE,
)


class TwoDaysError(ValueError):
    """A date that can be read as two days."""


def day_of(text: str) -> dt.date | None:
    """The day that a text is; a time of day after it is left out. None for what is none.

    Raises `TwoDaysError` for 03/04/2026.
    """
    for pattern, (year, month, day) in _DAY_PATTERNS:
        if match := pattern.fullmatch(text):
            return real_day(int(match[year]), int(match[month]), int(match[day]))
    if match := _IN_WORDS.fullmatch(text):
        return real_day(int(match[3]), _MONTHS[match[2].casefold()], int(match[1]))
    if match := _EITHER_WAY.fullmatch(text):
        one, two, year = (int(part) for part in match.groups())
        readings = {real_day(year, two, one), real_day(year, one, two)} - {None}
        if len(readings) > 1:
            raise TwoDaysError(text)
        return readings.pop() if readings else None
    return None


def day_in(text: str) -> set[dt.date]:
    """Every day that is written out in a text: "Lagerstatus pr. 28.09.2026"."""
    found = {day_of(match[1]) for match in _ANY_DAY.finditer(text[:300])}
    return {day for day in found if day is not None and 2000 <= day.year <= 2100}


def real_day(year: int, month: int, day: int) -> dt.date | None:
    """The date, where there is one."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def month_of(day: dt.date) -> Period:
    """The first and last day of the month that `day` is in."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def month_in(text: str) -> Period | None:
    """A month: 2026-09, 09.2026, 9/2026, september 2026, sep. 26."""
    year = month = 0
    if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})", text):
        year, month = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"(\d{1,2})[./-](\d{4})", text):
        year, month = int(match[2]), int(match[1])
    elif match := re.fullmatch(rf"({_MONTH})\.?[ -]?'?(\d{{4}}|\d{{2}})", text, re.IGNORECASE):
        year, month = int(match[2]), _MONTHS[match[1].casefold()]
        year += 2000 if year < 100 else 0
    elif match := re.fullmatch(rf"(\d{{4}})[ -]?({_MONTH})\.?", text, re.IGNORECASE):
        year, month = int(match[1]), _MONTHS[match[2].casefold()]
    first = real_day(year, month, 1) if 1900 < year < 10_000 else None
    return month_of(first) if first is not None else None


def period_of(text: str, *, years: bool = True) -> Period | None:
    """A month, an ISO week (2026-W38, uke 38 2026) or, with `years`, a whole year."""
    if (month := month_in(text)) is not None:
        return month
    week = re.fullmatch(r"(\d{4})[- ]?(?:[WwUu]|[Uu]ke|[Ww]eek) ?(\d{1,2})", text)
    pair = (week[1], week[2]) if week else None
    if pair is None and (week := re.fullmatch(r"(?:[Uu]ke|[Ww]eek|[Uu]) ?(\d{1,2}),? (\d{4})", text)):
        pair = week[2], week[1]
    if pair is not None:
        try:
            monday = dt.date.fromisocalendar(int(pair[0]), int(pair[1]), 1)
            return monday, monday + dt.timedelta(6)
        except (ValueError, OverflowError):
            return None
    if years and re.fullmatch(r"(?:19|20)\d{2}", text):
        return dt.date(int(text), 1, 1), dt.date(int(text), 12, 31)
    return None
