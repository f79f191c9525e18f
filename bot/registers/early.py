"""Which substances are short in several countries, and of which of them to warn: pure.

A warning is given once, when a substance that we follow in a stock goes short in `ENOUGH` neighbours or more. It is
not given again before no neighbour has it any more: a row that comes and goes proves nothing (DOMAIN §2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.catalogue.preparation import is_collective
from bot.registers.abroad import NEIGHBOURS

ENOUGH = 2
"""Neighbours in which a substance is short before we are warned."""


@dataclass(frozen=True, slots=True)
class ShortRow:
    """An open notice of another country's register. `atc` None: which of the substance's codes is not known."""

    register: str
    substance: str
    atc: str | None
    start: dt.date | None
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class ShortIn:
    """A substance in one country: how many notices, from when, until when (None: one of them has no end)."""

    register: str
    notices: int
    start: dt.date | None
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class ShortAbroad:
    """A substance, under one ATC code, with every country that it is short in, neighbours first."""

    substance: str
    atc: str | None
    countries: tuple[ShortIn, ...]

    @property
    def key(self) -> str:
        """What is one substance for a warning: the same name under another code is another use of it."""
        return key_of(self.substance, self.atc)

    @property
    def neighbours(self) -> tuple[str, ...]:
        """The registers of neighbours that have it."""
        return tuple(one.register for one in self.countries if one.register in NEIGHBOURS)


@dataclass(frozen=True, slots=True)
class Stocked:
    """A medicine in one of our stocks, or in an open case."""

    substance: str
    atc: str | None


def key_of(substance: str, atc: str | None) -> str:
    """The key of a substance under a code."""
    return f"{atc or ''}|{substance.casefold()}"


def same_use(substance: str, atc: str | None, ours: Stocked) -> bool:
    """Whether what is short abroad is what we have: the same code, or the same name where one of them has none.

    A code that is many things ("Elektrolytter") is the same only with the same name.
    """
    if atc is None or ours.atc is None or is_collective(ours.substance):
        return substance.casefold() == ours.substance.casefold() and (atc is None or ours.atc in (None, atc))
    return atc == ours.atc


def gather(rows: Iterable[ShortRow], order: Sequence[str]) -> dict[str, ShortAbroad]:
    """Key → a substance with its countries, in `order`. A row without a code counts under every code of its name."""
    found: dict[tuple[str, str | None], dict[str, list[ShortRow]]] = {}
    loose: dict[str, list[ShortRow]] = {}
    for row in rows:
        if row.atc is None:
            loose.setdefault(row.substance.casefold(), []).append(row)
        else:
            found.setdefault((row.substance, row.atc), {}).setdefault(row.register, []).append(row)
    named = {substance.casefold() for substance, _ in found}
    for name, some in loose.items():
        if name not in named:
            found[(some[0].substance, None)] = {}
        for (substance, _), by_register in found.items():
            if substance.casefold() == name:
                for row in some:
                    by_register.setdefault(row.register, []).append(row)
    return {
        key_of(substance, atc): ShortAbroad(
            substance, atc, tuple(_in(register, by_register[register]) for register in order if register in by_register)
        )
        for (substance, atc), by_register in found.items()
    }


def _in(register: str, rows: Sequence[ShortRow]) -> ShortIn:
    starts = [row.start for row in rows if row.start is not None]
    ends = [row.end for row in rows]
    last = None if None in ends else max(end for end in ends if end is not None)
    return ShortIn(register, len(rows), min(starts, default=None), last)


@dataclass(frozen=True, slots=True)
class Warned:
    """What a look at all registers asks for: substances to warn of now, and keys whose warnings are over."""

    new: tuple[ShortAbroad, ...]
    over: frozenset[str]


def warn(short: Mapping[str, ShortAbroad], ours: Collection[Stocked], told: Collection[str]) -> Warned:
    """New warnings, the most widespread first. `told`: keys of which a warning stands."""
    by_code = {one.atc for one in ours if one.atc is not None and not is_collective(one.substance)}
    others = [one for one in ours if one.atc is None or is_collective(one.substance)]
    names = {one.substance.casefold() for one in ours}

    def follow(one: ShortAbroad) -> bool:
        if one.atc in by_code or (one.atc is None and one.substance.casefold() in names):
            return True
        return any(same_use(one.substance, one.atc, mine) for mine in others)

    new = [one for key, one in short.items() if key not in told and len(one.neighbours) >= ENOUGH and follow(one)]
    new.sort(key=lambda one: (-len(one.neighbours), -sum(c.notices for c in one.countries), one.substance))
    return Warned(tuple(new), frozenset(key for key in told if key not in short or not short[key].neighbours))
