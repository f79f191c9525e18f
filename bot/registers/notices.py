"""A notice: the shape that every register of shortages is read into, before anything is compared."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.cases.vocabulary import Worded
from bot.messages.phrase import Phrase, phrase
from bot.registers.table import Cell, Fault

FIRST_YEAR, LAST_YEAR = 1990, 2100


class NoticeStatus(Worded):
    """Where a register says that a shortage stands."""

    UPCOMING = "upcoming", phrase("Kommende")
    ONGOING = "ongoing", phrase("Pågående")
    ENDED = "ended", phrase("Avsluttet")
    WITHDRAWN = "withdrawn", phrase("Midlertidig utgått eller avregistrert")

    @property
    def is_open(self) -> bool:
        """True while the register counts it as a shortage."""
        return self in (NoticeStatus.UPCOMING, NoticeStatus.ONGOING)


@dataclass(frozen=True, slots=True)
class Notice:
    """One row of a register: a medicine short in one period. `row` as a spreadsheet numbers it.

    `end` None: the register gives none. `problem`: what is odd in a row that can still be used. `atc`: the register's
    own code, as far as it goes; empty where it gives none. `said_as`: what the medicine's name is beside strength, form
    and package, where `name` holds them all.
    """

    row: int
    name: str
    substance: str
    start: dt.date | None
    end: dt.date | None
    status: NoticeStatus
    note: str = ""
    address: str = ""
    veterinary: bool = False
    problem: Phrase | None = None
    atc: str = ""
    said_as: str = ""


@dataclass(frozen=True, slots=True)
class Notices:
    """A register as it stood on a day: the rows that could be read, and a fault for each that could not.

    `refused` are the medicines' names in the rows with a fault.
    """

    as_of: dt.date | None
    rows: tuple[Notice, ...]
    faults: tuple[Fault, ...]
    refused: tuple[tuple[int, str], ...] = ()


_NORWEGIAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")


def strict_date(cell: Cell) -> dt.date | None:
    """The date in a cell: DD.MM.YYYY, ISO, or a spreadsheet's own; None where it is empty.

    Raises `ValueError` for all else. "03/04/2026" is two different days, so it is refused (DOMAIN §8).
    """
    if isinstance(cell, dt.datetime):
        return _sensible(cell.date())
    if isinstance(cell, dt.date):
        return _sensible(cell)
    text = str(cell).strip()
    if text in ("", "-", "–"):
        return None
    if found := _NORWEGIAN.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        raise ValueError(text)
    return _sensible(dt.date(year, month, day))


def day_of(text: str) -> dt.date | None:
    """The day that a text begins with, a time after it or not; None where it begins with none."""
    try:
        return strict_date(re.split(r"[T ]", text.strip(), maxsplit=1)[0])
    except ValueError:
        return None


def _sensible(day: dt.date) -> dt.date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(str(day))
    return day
