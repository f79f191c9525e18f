"""What a few words in a case's thread would change, read by rules. It changes nothing; a person confirms it.

The words stand in `quick/*.toml`. A text is read to its last word or not at all: a thread is for people.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from rapidfuzz.distance import OSA

from bot.cases.vocabulary import Cause, Source, Status
from bot.cases.written import CAUSES, SOURCES, STATUSES

LONGEST_READ = 300
"""Characters. A longer message is told to people, not to a bot."""
MOST_LINES = 4
PAST_IS_MEANT = dt.timedelta(30)
"""A day and month without a year that passed no longer ago than this is meant as it stands, not next year's."""


class Says(StrEnum):
    """What a quick word says of its case."""

    END = "end"
    START = "start"
    CAUSE = "cause"
    TAKE = "take"
    CLOSE = "close"
    NOT_RELEVANT = "not_relevant"
    NEXT = "next"
    DUE = "due"
    SUBSTITUTE = "substitute"
    READY = "ready"
    NOT_READY = "not_ready"
    QUESTION = "question"
    SOURCE = "source"
    STATUS = "status"


ALONE = frozenset({Says.TAKE, Says.CLOSE, Says.NOT_RELEVANT})
"""What stands by itself: it is no change of a field among others."""
IN_WORDS = frozenset({Says.CLOSE, Says.NOT_RELEVANT, Says.NEXT, Says.SUBSTITUTE, Says.QUESTION})
"""What is followed by a colon and a text of one's own."""
_DATED = frozenset({Says.END, Says.START, Says.DUE})
_BARE = frozenset({Says.TAKE, Says.READY, Says.NOT_READY})


@dataclass(frozen=True, slots=True)
class QuickWord:
    """One thing that is said: `day` (None: unknown), `text`, the `code` of a closed list, a `person`'s Slack id."""

    says: Says
    day: dt.date | None = None
    text: str | None = None
    code: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class _Dates:
    unknown: tuple[str, ...]
    before: frozenset[str]
    days: Mapping[str, int]
    """Words that are a day themselves: today 0, tomorrow 1."""
    after: frozenset[str]
    end_of: tuple[str, ...]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    short_months: Mapping[str, int]
    spans: Mapping[str, str]
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Tables:
    phrases: tuple[tuple[tuple[str, ...], Says], ...]
    closed: Mapping[Says, Mapping[str, str]]
    dates: _Dates
    joins: frozenset[str]
    no_step: frozenset[str]


_FOLD = str.maketrans({"å": "a", "ø": "o", "æ": "ae", "ä": "ae", "ö": "o", "’": "'"})
_WORD = re.compile(r"[^\s,;:!?()\"«»“”]+")
_MENTION = re.compile(r"<@([UW][A-Z0-9]{2,30})(?:\|[^>]*)?>[\s:,]*")
_SLACKS_MARK = re.compile(r"<[^>]*>|[*_~`]{2,}|^\s*>", re.MULTILINE)


def _fold(text: str) -> str:
    return text.casefold().translate(_FOLD)


@cache
def _tables() -> _Tables:
    phrases: dict[tuple[str, ...], Says] = {}
    closed: dict[Says, dict[str, str]] = {
        Says.CAUSE: {_fold(written): cause.value for written, cause in CAUSES.items()},
        Says.SOURCE: {_fold(written): source.value for written, source in SOURCES.items()},
        Says.STATUS: {_fold(written): status.value for written, status in STATUSES.items() if status.is_open},
    }
    joins: set[str] = set()
    no_step: set[str] = set()
    dates: dict[str, Any] = {"unknown": [], "before": [], "after": [], "end_of": []}
    dates |= {name: {} for name in ("days", "weekdays", "months", "short_months", "spans", "numbers")}
    for language in ("nb", "nn", "en"):
        table = tomllib.loads((files("bot.conversation") / "quick" / f"{language}.toml").read_text(encoding="utf-8"))
        for says in (Says.CAUSE, Says.SOURCE, Says.STATUS):
            for code, written in table.pop(f"written_{says.value}").items():
                closed[says] |= {_fold(one): code for one in written}
        _read_dates(dates, table.pop("date"))
        joins |= {_fold(word) for word in table.pop("and")}
        no_step |= {_fold(word) for word in table.pop("no_step")}
        for says in Says:
            phrases |= {tuple(_fold(phrase).split()): says for phrase in table.get(says.value, ())}
    longest_first = sorted(phrases.items(), key=lambda phrase: -len(phrase[0]))
    return _Tables(tuple(longest_first), closed, _Dates(**dates), frozenset(joins), frozenset(no_step))


def _read_dates(dates: dict[str, Any], said: Mapping[str, Any]) -> None:
    """Add one language's words of dates."""
    dates["unknown"] += [_fold(one) for one in said["unknown"]]
    dates["before"] += [_fold(one) for one in said["before"]]
    dates["after"] += [_fold(one) for one in said["in"]]
    dates["end_of"] += [_fold(one) for one in said["end_of"]]
    dates["days"] |= {_fold(one): 0 for one in said["today"]} | {_fold(one): 1 for one in said["tomorrow"]}
    dates["weekdays"] |= {_fold(one): place for place, one in enumerate(said["weekdays"])}
    dates["months"] |= {_fold(one): place for place, one in enumerate(said["months"], 1)}
    dates["short_months"] |= {_fold(one): place for place, one in enumerate(said["short_months"], 1)}
    for span, words in (("days", said["days"]), ("weeks", said["weeks"]), ("months", said["months_long"])):
        dates["spans"] |= {_fold(one): span for one in words}
    dates["numbers"] |= {_fold(one): number for one, number in said["numbers"].items()}


# --- reading ----------------------------------------------------------------------------------------


def read_quick_words(text: str, today: dt.date) -> tuple[QuickWord, ...]:
    """What `text` would change, in its order; nothing where it is not a quick word from first to last."""
    text = text.strip()
    if not text or len(text) > LONGEST_READ or len(text.splitlines()) > MOST_LINES:
        return ()
    found = _all(text, today)
    kinds = [one.says for one in found]
    ends_in_doubt = text.endswith("?") and not (found and found[-1].says is Says.QUESTION)
    if not found or ends_in_doubt or len(set(kinds)) < len(kinds) or (len(kinds) > 1 and ALONE & set(kinds)):
        return ()
    return found


def _all(text: str, today: dt.date) -> tuple[QuickWord, ...]:
    """One quick word, or several with a comma, a line break or an «og» between them."""
    for left, right in _halves(text):
        first = _one(left, today)
        rest = _all(right, today) if first and first.says not in ALONE else ()
        if first and rest and rest[0].says not in ALONE:
            return (first, *rest)
    single = _one(text, today)
    return (single,) if single else ()


def _halves(text: str) -> Iterator[tuple[str, str]]:
    joins = "|".join(sorted(_tables().joins))
    for found in re.finditer(rf"\s*[;\n]\s*|,\s+|\s+(?:{joins})\s+", text, re.IGNORECASE):
        yield text[: found.start()].strip(), text[found.end() :].strip()


def _one(clause: str, today: dt.date) -> QuickWord | None:
    to_somebody = _MENTION.match(clause)
    if to_somebody:
        return _task(clause[to_somebody.end() :], to_somebody[1], today)
    if _SLACKS_MARK.search(clause):
        return None
    words = list(_WORD.finditer(clause))
    said = [_fold(word[0]).strip(".-=") for word in words]
    for exactly in (True, False):
        for phrase, says in _tables().phrases:
            if len(phrase) > len(said) or words[0].start() > 0:
                continue
            if all(_is(one, wanted, exactly) for one, wanted in zip(said, phrase, strict=False)):
                after = clause[words[len(phrase) - 1].end() :]
                found = _value(says, after, today)
                if found is not None:
                    return found
    return None


def _is(said: str, wanted: str, exactly: bool) -> bool:
    """Whether a word is the wanted one, or a typing error of it."""
    if said == wanted:
        return True
    if exactly or not said:
        return False
    if len(wanted) == 3:
        return sorted(said) == sorted(wanted) or (
            len(said) == 4 and said[0] == wanted[0] and OSA.distance(said, wanted, score_cutoff=1) <= 1
        )
    most = 0 if len(wanted) < 4 else 2 if len(wanted) >= 8 else 1
    return bool(most) and said[0] == wanted[0] and OSA.distance(said, wanted, score_cutoff=most) <= most


def _value(says: Says, after: str, today: dt.date) -> QuickWord | None:
    """What follows the phrase, to its last word; None where it is not what must follow."""
    mark = re.match(r"\s*([:=]?)\s*", after)
    colon, rest = (bool(mark[1]), after[mark.end() :].strip()) if mark else (False, after.strip())
    if says in _BARE:
        return QuickWord(says) if not rest.strip(".! ") and not colon else None
    if says in _DATED:
        known, day = read_day(rest.rstrip(".! "), today, only_ahead=says is Says.DUE)
        return QuickWord(says, day=day) if known and (day or says is Says.END) else None
    if says in _tables().closed:
        code = _listed(rest.strip(".! "), _tables().closed[says])
        return QuickWord(says, code=code) if code else None
    if not rest:
        return QuickWord(says) if says is Says.CLOSE and not colon else None
    if not colon:
        return None
    if says is Says.NEXT:
        return _step(rest, None, today)
    return QuickWord(says, text=rest)


def _task(text: str, person: str, today: dt.date) -> QuickWord | None:
    """A mention, what is to be done, and by when: without a day it is a remark to somebody."""
    first = _WORD.search(text)
    if first is None or _fold(first[0]) in _tables().no_step or text.rstrip().endswith("?"):
        return None
    step = _step(text, person, today)
    return step if step.day else None


def _step(text: str, person: str | None, today: dt.date) -> QuickWord:
    """A next step, with its day where the last words are one."""
    text = text.strip()
    words = list(re.finditer(r"\S+", text))
    for start in range(max(1, len(words) - 6), len(words)):
        known, day = read_day(text[words[start].start() :].rstrip(".! "), today, only_ahead=True)
        if known and day:
            return QuickWord(Says.NEXT, text=text[: words[start].start()].strip(" ,:–-"), day=day, person=person)
    return QuickWord(Says.NEXT, text=text, person=person)


def _listed(said: str, written: Mapping[str, str]) -> str | None:
    """The code that is meant, also with a typing error; None where two are as near."""
    said = " ".join(_fold(said).split())
    if said in written:
        return written[said]
    if len(said) < 4:
        return None
    most = 2 if len(said) >= 8 else 1
    near: dict[int, set[str]] = {}
    for name, code in written.items():
        distance = OSA.distance(said, name, score_cutoff=most)
        if distance <= most and said[0] == name[0]:
            near.setdefault(distance, set()).add(code)
    best = near[min(near)] if near else set()
    return next(iter(best)) if len(best) == 1 else None


# --- days -------------------------------------------------------------------------------------------

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMBERS = re.compile(r"(\d{1,2})\s?[./,]\s?(\d{1,2})(?:[./,]\s?(\d{4}|\d{2}))?")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:\.|st|nd|rd|th)?\s+(?:of\s+)?([a-z]+)\.?(?:\s+(\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?")
_SPAN = re.compile(r"(\d{1,2}|[a-z]+)\s+([a-z]+)")


def read_day(text: str, today: dt.date, *, only_ahead: bool = False) -> tuple[bool, dt.date | None]:
    """Whether `text` is a day, and which; a day that is said to be unknown is known to be None.

    `only_ahead`: a day and month that has passed is next year's.
    """
    dates = _tables().dates
    words = _fold(text).split()
    if not words:
        return False, None
    if _near(" ".join(words), dates.unknown) is not None:
        return True, None
    while len(words) > 1 and words[0] in dates.before:
        words = words[1:]
    said = " ".join(words)
    day = (
        _as_numbers(said, today, only_ahead)
        or _as_words(said, today, only_ahead)
        or _as_span(said, today)
        or _as_end_of_month(said, today)
    )
    return day is not None, day


def _as_numbers(said: str, today: dt.date, only_ahead: bool) -> dt.date | None:
    if found := _ISO.fullmatch(said):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.fullmatch(said.rstrip(".")):
        return _in_year(int(found[1]), int(found[2]), found[3], today, only_ahead)
    return None


def _as_words(said: str, today: dt.date, only_ahead: bool) -> dt.date | None:
    dates = _tables().dates
    days = _near(said, dates.days)
    if days is not None:
        return today + dt.timedelta(dates.days[days])
    weekday = _near(said, dates.weekdays)
    if weekday is not None:
        return today + dt.timedelta((dates.weekdays[weekday] - today.weekday() - 1) % 7 + 1)
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        if found := pattern.fullmatch(said.rstrip(".")):
            number = _month(found[month])
            if number is not None:
                return _in_year(int(found[day]), number, found[3], today, only_ahead)
    return None


def _as_span(said: str, today: dt.date) -> dt.date | None:
    dates = _tables().dates
    first, _, rest = said.partition(" ")
    found = _SPAN.fullmatch(rest) if first in dates.after else None
    if found is None:
        return None
    number = int(found[1]) if found[1].isdecimal() else dates.numbers.get(found[1])
    span = _near(found[2], dates.spans)
    if not number or span is None:
        return None
    if dates.spans[span] == "months":
        months = today.year * 12 + today.month - 1 + number
        year, month = divmod(months, 12)
        return dt.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    return today + dt.timedelta(number * (7 if dates.spans[span] == "weeks" else 1))


def _as_end_of_month(said: str, today: dt.date) -> dt.date | None:
    for begins in _tables().dates.end_of:
        month = _month(said.removeprefix(begins + " ")) if said.startswith(begins + " ") else None
        if month is not None:
            year = today.year + (month < today.month)
            return dt.date(year, month, calendar.monthrange(year, month)[1])
    return None


def _month(said: str) -> int | None:
    dates = _tables().dates
    if said in dates.short_months:
        return dates.short_months[said]
    name = _near(said, dates.months)
    return None if name is None else dates.months[name]


def _near(said: str, words: Iterable[str]) -> str | None:
    """The word that is meant, also with a typing error; None where there is none, or two that mean different things."""
    every: Sequence[str] = list(words)
    if said in every:
        return said
    near = [word for word in every if len(word) >= 4 and said[:1] == word[:1] and OSA.distance(said, word) <= 1]
    if not near and len(said) >= 8:
        near = [word for word in every if len(word) >= 8 and said[:1] == word[:1] and OSA.distance(said, word) <= 2]
    return near[0] if near else None


def _in_year(day: int, month: int, year: str | None, today: dt.date, only_ahead: bool) -> dt.date | None:
    if year is not None:
        return _date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    this_year = _date(today.year, month, day)
    if this_year is not None and this_year >= today - (dt.timedelta(0) if only_ahead else PAST_IS_MEANT):
        return this_year
    return _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> dt.date | None:
    """None for a day that does not exist, or that is a slip of the pen."""
    try:
        return dt.date(year, month, day) if 2000 <= year <= 2100 else None
    except ValueError:
        return None


CLOSED_LISTS = {Says.CAUSE: Cause, Says.SOURCE: Source, Says.STATUS: Status}
"""What the codes are members of."""
