"""No patients here: a national identity number in free text is refused before it is stored or logged."""

from __future__ import annotations

import re

from stdnum.no import fodselsnummer

from bot.messages.phrase import phrase
from bot.refusal import Refused

_ELEVEN_DIGITS = re.compile(r"(?<!\d)(\d{6})[\s.\-\u00a0]?(\d{3})[\s.]?(\d{2})(?!\d)")


def contains_identity_number(text: str) -> bool:
    """True where eleven digits in `text` are a fødselsnummer, D-, H- or FH-number with both check digits right."""
    return any(_is_identity_number("".join(match.groups())) for match in _ELEVEN_DIGITS.finditer(text))


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


def refuse_identity_numbers(text: str | None, *, field: str | None = None) -> None:
    """Raise `Refused` where `text` holds a national identity number. The number is not repeated."""
    if text and contains_identity_number(text):
        raise Refused(
            phrase("Teksten ser ut til å inneholde et fødselsnummer. Fjern det og send på nytt. Ingenting er lagret."),
            field=field,
        )
