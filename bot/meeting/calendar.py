"""When Mangelmøtet's digest is to be posted: cron in Oslo, public holidays, weeks, and what was missed.

Nothing here looks at a clock or remembers anything: who asks brings the time and the weeks already posted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import holidays

from bot.clock import OSLO, oslo

DIGEST_CRON = "0 14 * * WED"  # the day before the meeting
UPDATE_CRON = "0 8 * * THU"  # the morning of the meeting
LATE_AFTER = dt.timedelta(minutes=30)
DIGEST_WINDOW = dt.timedelta(days=6)  # a digest missed for longer is left to the next week's
UPDATE_WINDOW = dt.timedelta(hours=6)  # after the meeting nobody needs the morning's update


# --- cron -------------------------------------------------------------------------------------------

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    first: int
    last: int
    names: Mapping[str, int]


_FIELDS = (
    _Field("minutt", 0, 59, {}),
    _Field("time", 0, 23, {}),
    _Field("dag", 1, 31, {}),
    _Field("måned", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("ukedag", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)


@dataclass(frozen=True)
class Cron:
    """A standard cron expression of five fields, read in Europe/Oslo. 0 and 7 are Sunday.

    Where both day of month and day of week are restricted, either will do, as cron has always had it. A time
    that does not exist (the night summer time begins) comes an hour later; one that comes twice counts once.
    `TUE#1` is the month's first Tuesday, as several crons have it: meetings are monthly in that way.
    """

    expression: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 = Sunday … 6 = Saturday
    either_day: bool
    numbered: frozenset[tuple[int, int]] = frozenset()
    """Weekdays that count in one week of the month only: (2, 1) is its first Tuesday."""

    def next_after(self, at: dt.datetime) -> dt.datetime:
        """The first time after `at`, aware, in Oslo's time."""
        at = at.astimezone(dt.UTC)  # two times of one zone would be compared by what the clock on the wall says
        return next(time for day in _days(oslo(at).date(), 1) for time in self._times(day) if time > at)

    def last_before(self, at: dt.datetime) -> dt.datetime:
        """The last time at or before `at`, aware, in Oslo's time."""
        at = at.astimezone(dt.UTC)
        days = _days(oslo(at).date(), -1)
        return next(time for day in days for time in reversed(self._times(day)) if time <= at)

    def _times(self, day: dt.date) -> list[dt.datetime]:
        if not self._on(day):
            return []
        clock = (dt.time(hour, minute, tzinfo=OSLO) for hour in self.hours for minute in self.minutes)
        return [oslo(at) for at in sorted({dt.datetime.combine(day, time).astimezone(dt.UTC) for time in clock})]

    def _on(self, day: dt.date) -> bool:
        weekday = day.isoweekday() % 7
        by_date = day.day in self.days
        by_weekday = weekday in self.weekdays or (weekday, (day.day + 6) // 7) in self.numbered
        on_day = (by_date or by_weekday) if self.either_day else (by_date and by_weekday)
        return on_day and day.month in self.months


def parse_cron(expression: str) -> Cron:
    """Read a cron expression; `ValueError` with one line in Norwegian says what is wrong with it."""
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            f"«{expression}» har {len(parts)} felt; et tidspunkt har fem: minutt, time, dag, måned, ukedag"
        )
    plain, numbered = _weekdays(parts[4], expression)
    minutes, hours, days, months, weekdays = (
        frozenset(_numbers(part, field, expression)) if part else frozenset()
        for part, field in zip([*parts[:4], plain], _FIELDS, strict=True)
    )
    cron = Cron(
        expression,
        minutes,
        hours,
        days,
        months,
        frozenset(day % 7 for day in weekdays),
        either_day=not parts[2].startswith("*") and not parts[4].startswith("*"),
        numbered=numbered,
    )
    if not any(cron._on(day) for day in _days(dt.date(2024, 1, 1), 1)):
        raise ValueError(f"«{expression}» inntreffer aldri")
    return cron


def _weekdays(part: str, expression: str) -> tuple[str, frozenset[tuple[int, int]]]:
    """The weekdays as cron has always written them, and those with a number: "MON,TUE#1" gives "MON" and {(2, 1)}."""
    plain, numbered = [], set()
    for item in part.split(","):
        day, mark, place = item.partition("#")
        if not mark:
            plain.append(item)
        elif place in ("1", "2", "3", "4", "5"):
            numbered.add((_number(day, _FIELDS[4], expression) % 7, int(place)))
        else:
            raise ValueError(f"«{expression}»: «{item}» kan ikke leses som ukedag")
    return ",".join(plain), frozenset(numbered)


def _numbers(part: str, field: _Field, expression: str) -> Iterator[int]:
    for item in part.split(","):
        found = re.fullmatch(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?", item)
        if found is None:
            raise ValueError(f"«{expression}»: «{item}» kan ikke leses som {field.name}")
        low, high, step = found.groups()
        first = field.first if low is None else _number(low, field, expression)
        if high is not None:
            last = _number(high, field, expression)
        else:
            last = first if low is not None and step is None else field.last
        if last < first or step == "0":
            raise ValueError(f"«{expression}»: «{item}» er ingen gyldig rekke for {field.name}")
        yield from range(first, last + 1, int(step or 1))


def _number(text: str, field: _Field, expression: str) -> int:
    number = field.names.get(text.upper(), int(text) if text.isdecimal() and text.isascii() else None)
    if number is None or not field.first <= number <= field.last:
        raise ValueError(f"«{expression}»: {field.name} «{text}» er ikke mellom {field.first} og {field.last}")
    return number


def _days(start: dt.date, step: int) -> Iterator[dt.date]:
    """Days from `start`, forwards or backwards, for eight years: every date there is occurs in them."""
    return (start + dt.timedelta(days=step * n) for n in range(8 * 366 + 1))


# --- public holidays --------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("NO", years=year))


def is_public_holiday(day: dt.date) -> bool:
    """Whether `day` is a Norwegian public holiday. A Sunday that is nothing else is none."""
    return day in _holidays(day.year)


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.isoweekday() <= 5 and not is_public_holiday(day)


def _moved(nominal: dt.datetime) -> dt.datetime:
    """`nominal`, or the same time on the working day before when it falls on a public holiday."""
    if not is_public_holiday(nominal.date()):
        return nominal
    day = nominal.date()
    while not is_working_day(day):
        day -= dt.timedelta(days=1)
    return oslo(dt.datetime.combine(day, nominal.time(), OSLO).astimezone(dt.UTC))


# --- weeks ------------------------------------------------------------------------------------------


def week_of(day: dt.date) -> str:
    """The ISO week of a day: "2026-W47"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(week: str) -> dt.date:
    """The Monday of "2026-W47"; `ValueError`, in Norwegian, for a week that does not exist."""
    found = re.fullmatch(r"(\d{4})-?W?(\d{1,2})", week.strip().upper(), re.ASCII)
    try:
        return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else _no_week(week)
    except ValueError:
        return _no_week(week)


def _no_week(week: str) -> dt.date:
    raise ValueError(f"uken «{week}» finnes ikke; skriv den slik: 2026-W47") from None


# --- what is due ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Occasion:
    """A time at which something is to be posted for the meeting of a week."""

    week: str
    nominal: dt.datetime
    """When cron has it."""
    planned: dt.datetime
    """When it is to be posted, public holidays considered."""

    @property
    def moved(self) -> bool:
        """Whether a public holiday has moved it."""
        return self.planned != self.nominal


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be posted now."""

    occasion: Occasion
    late: bool

    @property
    def week(self) -> str:
        """The meeting's ISO week: the key under which it is posted once."""
        return self.occasion.week


def digest_due(
    now: dt.datetime,
    cron: Cron,
    posted_weeks: Collection[str],
    *,
    since: dt.datetime | None = None,
    days_before: int = 1,
) -> Due | None:
    """The digest that is to be posted now, if one is: the latest whose time has come and that is not posted.

    `since` is when the bot was first started: what was planned before is not its to make up for. `days_before`: how
    many days there are from the digest to its meeting.
    """
    now = now.astimezone(dt.UTC)
    occasion = _latest(now, cron, days_before)
    missed = now - occasion.planned
    too_early = since is not None and occasion.planned < since
    if occasion.week in posted_weeks or missed > DIGEST_WINDOW or too_early:
        return None
    return Due(occasion, late=missed > LATE_AFTER)


def update_due(
    now: dt.datetime, cron: Cron, posted_weeks: Collection[str], digests: Mapping[str, dt.datetime]
) -> Due | None:
    """The morning's update that is to be posted now, if one is.

    It tells what is new since the week's digest, which must have been posted before (`digests`: week, when).
    """
    now = now.astimezone(dt.UTC)
    occasion = _latest(now, cron, days_to_meeting=0)
    missed = now - occasion.planned
    digest = digests.get(occasion.week)
    if occasion.week in posted_weeks or missed > UPDATE_WINDOW or digest is None or digest >= occasion.planned:
        return None
    return Due(occasion, late=missed > LATE_AFTER)


def next_digest(now: dt.datetime, cron: Cron, days_before: int = 1) -> Occasion:
    """The digest that is planned next, after `now`."""
    now = now.astimezone(dt.UTC)
    return next(occasion for occasion in _occasions(now, cron, days_before) if occasion.planned > now)


def digest_of_week(week: str, cron: Cron, days_before: int = 1) -> Occasion | None:
    """When the digest for the meeting of `week` is planned; None if cron has none for it."""
    start = dt.datetime.combine(monday_of(week), dt.time(), OSLO)
    near = _occasions(start, cron, days_before)
    return next((occasion for occasion in near if occasion.week == week_of(start)), None)


def _latest(now: dt.datetime, cron: Cron, days_to_meeting: int) -> Occasion:
    return [occasion for occasion in _occasions(now, cron, days_to_meeting) if occasion.planned <= now][-1]


_REACH = dt.timedelta(days=12)  # further than public holidays can move anything


def _occasions(around: dt.datetime, cron: Cron, days_to_meeting: int) -> list[Occasion]:
    """Those planned near `around`, in order; the last before it and the first after it are among them."""
    found: list[Occasion] = []
    nominal = cron.last_before(around - _REACH)
    while not found or found[-1].planned <= around or found[-1].nominal <= around + _REACH:
        week = week_of(nominal.date() + dt.timedelta(days=days_to_meeting))
        found.append(Occasion(week, nominal, _moved(nominal)))
        nominal = cron.next_after(nominal)
    return sorted(found, key=lambda occasion: occasion.planned)
