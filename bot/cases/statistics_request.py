"""Which statistics somebody asks for, in words: "2025", "2025 atc=J kilde=DMP", "fra=01.03.2025 til=30.06.2025"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.cases.statistics import FIRST_YEAR, LAST_YEAR, CaseFilter, Period
from bot.cases.written import (
    AUTHORISED,
    CAUSES,
    NO_CAUSE,
    NO_SOLUTION,
    NO_SOURCE,
    NO_STATUS,
    NOT_YES_OR_NO,
    SOLUTIONS,
    SOURCES,
    STATUSES,
)
from bot.messages.phrase import Phrase, phrase
from bot.refusal import Refused

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|«([^»]*)»|(\S+))')
_ATC = re.compile(r"[A-Z](?:\d{2}[A-Z]{0,2}(?:\d{2})?)?", re.IGNORECASE)
_LISTS: Mapping[str, tuple[str, Mapping[str, Any], Phrase]] = {
    "kilde": ("source", SOURCES, NO_SOURCE),
    "årsak": ("cause", CAUSES, NO_CAUSE),
    "status": ("status", STATUSES, NO_STATUS),
    "registrert": ("authorised", AUTHORISED, NOT_YES_OR_NO),
    "løsning": ("solution", SOLUTIONS, NO_SOLUTION),
}
KEYS = ("atc", "virkestoff", "sted", *_LISTS)


def read_year(text: str) -> int:
    """A year from 2000 to 2100. Raises `Refused`."""
    if not re.fullmatch(r"\d{4}", text, re.ASCII) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Refused(
            phrase(
                "«{text}» er ikke et år mellom {first} og {last}. Skriv for eksempel 2025.",
                text=text[:40],
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        )
    return int(text)


def read_filter(pairs: Iterable[tuple[str, str]]) -> CaseFilter:
    """A filter from names and values. Raises `Refused` for what is none."""
    chosen: dict[str, Any] = {}
    for name, value in pairs:
        key, written = name.casefold(), " ".join(value.split())
        if key in _LISTS:
            field, known, problem = _LISTS[key]
            if written.casefold() not in known:
                raise Refused(phrase("{name}: «{value}» {problem}", name=key, value=written[:60], problem=problem))
            chosen[field] = known[written.casefold()]
        elif key == "atc":
            if not _ATC.fullmatch(written):
                raise Refused(phrase("atc: «{value}» er ingen ATC-kode.", value=written[:60]))
            chosen["atc"] = written.upper()
        elif key == "virkestoff":
            chosen["substance"] = written
        elif key == "sted":
            chosen["place"] = written
        else:
            raise Refused(phrase("«{name}» kan ikke velges ut. Bruk {keys}.", name=name[:40], keys=", ".join(KEYS)))
    return CaseFilter(**chosen)


def read_request(words: str, today: dt.date) -> tuple[Period, CaseFilter]:
    """A year (none: this one), or a period (`fra`, and `til` if it is not today), and what to choose by.

    Raises `Refused`.
    """
    pairs = [(found[1], found[2] or found[3] or found[4] or "") for found in _PAIR.finditer(words)]
    days = {name.casefold(): _day(value) for name, value in pairs if name.casefold() in _DAYS}
    only = read_filter((name, value) for name, value in pairs if name.casefold() not in _DAYS)
    year = _PAIR.sub("", words).strip()
    if not days:
        return Period.of_year(read_year(year) if year else today.year), only
    if year or "fra" not in days:
        raise Refused(phrase("Skriv et år, eller en periode: fra=01.03.2025 til=30.06.2025."))
    last = days.get("til", today)
    if last < days["fra"]:
        raise Refused(phrase("Perioden slutter før den begynner."))
    return Period(days["fra"], last), only


_DAYS = ("fra", "til")


def _day(written: str) -> dt.date:
    """A day as DD.MM.YYYY or ISO, in the years that are counted. Raises `Refused`."""
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            day = dt.datetime.strptime(written, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise Refused(phrase("«{text}» er ingen dato. Skriv for eksempel 01.03.2025.", text=written[:40]))
