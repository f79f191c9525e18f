"""No patients here: a national identity number in free text is refused before it is stored or logged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from stdnum.no import fodselsnummer

from bot.messages.phrase import phrase
from bot.refusal import Refused

_BETWEEN = r"[\s.\-/_\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff]{1,3}"
_DIGITS_APART = re.compile(rf"\d+(?:{_BETWEEN}\d+)*")
_CENTURIES = ("18", "19", "20")


def contains_identity_number(text: str) -> bool:
    """True where eleven digits in `text` are a fødselsnummer, D-, H- or FH-number with both check digits right.

    However they are spaced ("01 01 90 12345", "010190.123.45"), and with the year in full ("01.01.1990 12345").
    Digits that are part of a longer number are left alone.
    """
    if len(text) < 11 and text.isascii():
        return False
    text = unicodedata.normalize("NFKC", text)
    return any(
        _is_identity_number(digits)
        for match in _DIGITS_APART.finditer(text)
        for digits in _elevens(re.findall(r"\d+", match[0]))
    )


def _elevens(groups: list[str]) -> Iterator[str]:
    """Eleven digits made of whole groups that follow each other."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) == 11:
                yield digits
            elif len(digits) == 13 and digits[4:6] in _CENTURIES:
                yield digits[:4] + digits[6:]
            elif len(digits) > 13:
                break


def _is_identity_number(digits: str) -> bool:
    if not digits.isascii():
        return False
    day, month = int(digits[:2]), int(digits[2:4])
    # Skatteetaten: D-numbers add 40 to the day; H-numbers and synthetic test persons add 40 or 80 to the month;
    # FH-numbers (given by hospitals to people without one) begin with 8 or 9 and carry no date.
    dated = 1 <= day % 40 <= 31 and 1 <= month % 40 <= 12
    return (
        (dated or day >= 80)
        and fodselsnummer.calc_check_digit1(digits) == digits[-2]
        and fodselsnummer.calc_check_digit2(digits) == digits[-1]
    )


class IdentityNumberFound(Refused):
    """A text holds a national identity number. It is repeated nowhere: not to the person, not in the log."""


def refuse_identity_numbers(text: str | None, *, field: str | None = None) -> None:
    """Raise `IdentityNumberFound` where `text` holds a national identity number. The number is not repeated."""
    if text and contains_identity_number(text):
        raise IdentityNumberFound(
            phrase("Teksten ser ut til å inneholde et fødselsnummer. Fjern det og send på nytt. Ingenting er lagret."),
            field=field,
        )
