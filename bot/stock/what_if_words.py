"""What somebody supposes, read from their words by rules: what was understood, and what was not.

«Valtrex 500 rasjonering 30 % fra 1.8, levering 14 dager forsinket» is a medicine and two changes. Nothing is guessed:
words that no rule knows are given back.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

MOST_CHARACTERS = 300
LONG_AGO = dt.timedelta(90)
"""A date without a year is in the year where it is no longer ago than this."""


@dataclass(frozen=True, slots=True)
class UseChanges:
    """Use changes by `share` (-0.3 is 30 % less) from `start` on; None is from today."""

    share: float
    start: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ComesLate:
    """What is on its way is `days` late."""

    days: int


@dataclass(frozen=True, slots=True)
class PatientsFrom:
    """A share (0-1) of the patients on `medicine`, as it was written, moves here; `ratio` if one was said."""

    share: float
    medicine: str
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class PacksMove:
    """`count` of `unit` (as written; packs where nothing was) go from one pool to another, both as written."""

    count: float
    unit: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class PeakIsOver:
    """The peak that still runs was hoarding, and is over."""


Supposition = UseChanges | ComesLate | PatientsFrom | PacksMove | PeakIsOver


@dataclass(frozen=True, slots=True)
class WhatIfWords:
    """The medicine as written, the changes understood in their order, and the words that were not understood."""

    medicine: str
    changes: tuple[Supposition, ...]
    unread: str = ""


_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des")
_NUMBER = r"\d{1,7}(?:[.,]\d{1,3})?"
_PERCENT = rf"(?P<sign>[+\-−–]?)\s?(?P<n>{_NUMBER})\s?(?:%|prosent\b)"
_DAY = (
    r"(?P<day>i\s?dag|nå|i\s?morgen|\d{4}-\d\d-\d\d|\d{1,2}\.\s?\d{1,2}(?:\.(?:\d{4}|\d\d)?)?"
    rf"|\d{{1,2}}\.?\s(?:{'|'.join(_MONTHS)})[a-zæøå]*\.?(?:\s\d{{4}})?)(?!\d)"
)
_FROM = rf"(?P<since>\s(?:fra(?:\sog\smed)?|f\.?o\.?m\.?|siden)\s{_DAY})?"
_USE = r"(?:forbruk(?:et)?|uttak(?:et)?|bruk(?:en)?|etterspørsel(?:en)?|salg(?:et)?)"
_WORDS = r"[^,;\n]+?"
_END = r"(?=\s?(?:[,;\n]|$)|\sog\s(?:flytt|lever|rasjoner|[+\-−–]?\s?\d))"

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("ration", rf"rasjoner\w*\s(?:med\s|på\s)?{_PERCENT}{_FROM}"),
        ("ration", rf"{_PERCENT}\srasjoner\w*+(?!\s(?:med\s|på\s)?[+\-−–]?\s?\d){_FROM}"),
        (
            "patients",
            rf"{_PERCENT}\sav\spasient\w*\s(?:fra|på|som\sbruker)\s(?P<medicine>{_WORDS})"
            rf"(?:\s(?:med\s)?forhold(?:et)?\s(?P<ratio>{_NUMBER}))?{_END}",
        ),
        ("use", rf"{_USE}\s(?P<way>opp|øker|ned|faller|synker|stiger)\s(?:med\s)?{_PERCENT}{_FROM}"),
        ("use", rf"{_PERCENT}\s(?P<way>mer|mindre|høyere|lavere|økt|redusert)(?:\s{_USE})?{_FROM}"),
        ("signed", rf"{_PERCENT}(?:\s{_USE})?{_FROM}"),
        (
            "late",
            r"lever\w*\s(?:er\s|blir\s|kommer\s)?(?P<n>\d{1,3}|en|ei|to|tre|fire)\s(?P<span>dag|uke|måned)\w*"
            r"\s(?:forsinket|forsinka|for\ssent|senere|utsatt|sent)",
        ),
        (
            "late",
            r"lever\w*\s(?:er\s|blir\s)?(?:forsinket|forsinka|utsatt)\s(?:med\s)?(?P<n>\d{1,3}|en|ei|to|tre|fire)"
            r"\s(?P<span>dag|uke|måned)\w*",
        ),
        (
            "move",
            rf"flytt\w*\s(?P<n>{_NUMBER})(?:\s(?P<unit>[a-zæøå]+))?\sfra\s(?P<source>{_WORDS})\stil\s(?P<target>{_WORDS}){_END}",
        ),
        ("peak", r"(?:hamstring\w*|topp(?:en)?)\s(?:er\s)?(?:over|slutt|ferdig)"),
    )
)
_BETWEEN = re.compile(r"(?:[\s,;:.]|\b(?:og|hvis|med|ved|hva)\b)+", re.IGNORECASE)
_SPANS = {"dag": 1, "uke": 7, "måned": 30}
_COUNTS = {"en": 1, "ei": 1, "to": 2, "tre": 3, "fire": 4}
_LESS = ("ned", "faller", "synker", "mindre", "lavere", "redusert")


def read_what_if(text: str, today: dt.date) -> WhatIfWords:
    """What `text` supposes. The words before the first change are the medicine."""
    text = " ".join(text[:MOST_CHARACTERS].split())
    changes: list[Supposition] = []
    unread: list[str] = []
    medicine = None
    place = start = 0
    while place < len(text):
        found = _match(text, place, today) if place == 0 or not text[place - 1].isalnum() else None
        if found is None:
            place += 1
            continue
        change, end = found
        before = text[start:place]
        if medicine is None:
            medicine = before
        else:
            unread.append(before)
        changes.append(change)
        place = start = end
    rest = text[start:]
    if medicine is None:
        medicine, rest = rest, ""
    left = [_trimmed(words) for words in (*unread, rest)]
    return WhatIfWords(_trimmed(medicine), tuple(changes), " ".join(word for word in left if word))


def _match(text: str, place: int, today: dt.date) -> tuple[Supposition, int] | None:
    """The change that the words from `place` on say, and where they end; the rule that reads most of them."""
    best: tuple[Supposition, int] | None = None
    for name, rule in _RULES:
        found = rule.match(text, place)
        if found is None or (best is not None and found.end() <= best[1]):
            continue
        change = _change(name, found, today)
        if change is None:
            continue
        no_such_day = found.groupdict().get("since") and _date(found["day"], today) is None
        best = change, found.start("since") if no_such_day else found.end()
    return best


def _change(name: str, found: re.Match[str], today: dt.date) -> Supposition | None:
    """The change of a rule's match; None where its figures mean nothing, so that the words stay unread."""
    said = found.groupdict()
    if name == "peak":
        return PeakIsOver()
    number = _COUNTS.get((said["n"] or "").casefold()) or float(said["n"].replace(",", "."))
    if name == "late":
        days = round(number) * _SPANS[said["span"].casefold()]
        return ComesLate(days) if 0 < days <= 730 else None
    if name == "move":
        unit = (said["unit"] or "pakninger").casefold()
        return PacksMove(number, unit, said["source"].strip(), said["target"].strip()) if number > 0 else None
    share = number / 100
    minus = said.get("sign") in ("-", "−", "–")
    if name == "patients":
        ratio = float(said["ratio"].replace(",", ".")) if said["ratio"] else None
        right = 0 < share <= 1 and not minus and ratio != 0
        return PatientsFrom(share, said["medicine"].strip(), ratio) if right else None
    start = _date(said["day"], today) if said["day"] else None
    if name == "ration":
        share = -share
    elif name == "signed":
        if not said["sign"]:
            return None
        share = -share if minus else share
    elif said["way"].casefold() in _LESS:
        share = -share
    elif minus:
        return None
    return UseChanges(share, start) if -1 <= share <= 10 and share else None


def _date(said: str, today: dt.date) -> dt.date | None:
    """A day as people write it; None where there is no such day. Without a year, the nearest one not long ago."""
    said = said.casefold().strip()
    if said.replace(" ", "") in ("idag", "nå"):
        return today
    if said.replace(" ", "") == "imorgen":
        return today + dt.timedelta(1)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", said):
            return dt.date.fromisoformat(said)
        day, month, *year = re.findall(r"\d+|[a-zæøå]+", said)
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
        if year:
            whole = int(year[0])
            return dt.date(whole if whole > 99 else 2000 + whole, number, int(day))
        this_year = dt.date(today.year, number, int(day))
        return this_year if this_year >= today - LONG_AGO else dt.date(today.year + 1, number, int(day))
    except ValueError:
        return None


def _trimmed(words: str) -> str:
    """Without the commas and small words that join one change to the next."""
    words = words.strip(" ,;:")
    while (joined := _BETWEEN.match(words)) and joined.end() > 0 and joined.end() < len(words):
        words = words[joined.end() :]
    if _BETWEEN.fullmatch(words):
        return ""
    return re.sub(r"[\s,;:]+(?:og|hvis|med|ved)?$", "", words, flags=re.IGNORECASE).strip(" ,;:")
