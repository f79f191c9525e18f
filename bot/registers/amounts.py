"""Numbers as people write them: decimal comma or point, thousands set apart, a unit after it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.stock.units import UNITS

_NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)*")
_WITH_UNIT = re.compile(r"([-−]?[\d., \u00a0\u202f']*\d) ?([^\W\d][^\d]*)")
_THOUSANDS = str.maketrans("", "", " \u00a0\u202f'\u2019")


class NotANumberError(ValueError):
    """What stands there is no number."""


class TwoNumbersError(ValueError):
    """What stands there can be read as two numbers: 1.234."""


def number_and_unit(text: str) -> tuple[str, str | None]:
    """A figure and the unit that somebody wrote after it ("120 tabl"), as units are kept; else the text itself."""
    match = _WITH_UNIT.fullmatch(text)
    unit = UNITS.get(" ".join(match[2].casefold().split())) if match else None
    return (match[1], unit) if match and unit else (text, None)


def number_of(text: str, decimal_mark: str | None) -> float:
    """The number; `decimal_mark` is what the rest of the file shows, for one that says nothing itself.

    Raises `NotANumberError` and `TwoNumbersError`.
    """
    text = text.translate(_THOUSANDS).replace("−", "-")
    if not _NUMBER.fullmatch(text):
        raise NotANumberError(text)
    mark = shown_mark(text)
    marks = [c for c in text if c in ".,"]
    if mark is None and len(marks) == 1:
        if decimal_mark is None:
            raise TwoNumbersError(text)
        mark = decimal_mark
    if mark is None:
        return float(text.replace(".", "").replace(",", ""))
    thousands = {".": ",", ",": "."}[mark]
    whole, _, decimals = text.rpartition(mark) if mark in text else (text, "", "")
    whole = whole.replace(thousands, "")
    if mark in whole or thousands in decimals:
        raise NotANumberError(text)
    return float(f"{whole}.{decimals or '0'}")


def decimal_mark_of(texts: Iterable[str]) -> str | None:
    """The mark that stands for decimals in a file, where some number shows it without doubt.

    "12,5" shows it; "1.234" does not, since it may be a thousand or a bit over one.
    """
    numbers = (number_and_unit(" ".join(text.split()))[0].translate(_THOUSANDS) for text in texts)
    shown = {mark for text in numbers if _NUMBER.fullmatch(text) and (mark := shown_mark(text)) is not None}
    return shown.pop() if len(shown) == 1 else None


def shown_mark(text: str) -> str | None:
    """The decimal mark that a number shows by itself."""
    marks = [c for c in text if c in ".,"]
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) == 1:
        before, after = re.split(r"[.,]", text)
        if len(after) != 3 or before.strip("-−0 ") == "" or len(before.strip("-− ")) > 3:
            return marks[0]
    return None
