"""What is short in other countries beside our cases, with who says so and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages.phrase import Phrase
from bot.registers.abroad import REGISTERS
from bot.registers.early import ShortAbroad, ShortIn, ShortRow, Stocked, gather, same_use
from storage import abroad as stored


@dataclass(frozen=True, slots=True)
class CountryLine:
    """A country in which a substance is short, with the register that says so and its day."""

    country: Phrase
    source: str
    as_of: dt.date
    neighbour: bool
    notices: int
    start: dt.date | None
    end: dt.date | None


async def short_abroad(session: AsyncSession, on: dt.date, keys: Iterable[str] | None = None) -> dict[str, ShortAbroad]:
    """What is short in other countries on a day, by substance and code; of the medicines with these `keys` only."""
    rows = await stored.short(session, list(REGISTERS), keys, on=on)
    return gather(
        (
            ShortRow(source, value.removeprefix("s:"), atc, start, end)
            for source, value, atc, start, end in rows
            if value.startswith("s:")
        ),
        list(REGISTERS),
    )


def country_lines(countries: Sequence[ShortIn], newest: Mapping[str, dt.date]) -> tuple[CountryLine, ...]:
    """The countries with their registers; one whose lists have all been taken back is left out."""
    return tuple(
        CountryLine(
            country=REGISTERS[one.register].country,
            source=REGISTERS[one.register].name,
            as_of=newest[one.register],
            neighbour=REGISTERS[one.register].neighbour,
            notices=one.notices,
            start=one.start,
            end=one.end,
        )
        for one in countries
        if one.register in newest
    )


async def abroad_of_cases(
    session: AsyncSession, cases: Iterable[tuple[str, str, str | None]], on: dt.date
) -> dict[str, tuple[CountryLine, ...]]:
    """Case number → the countries that lack the same substance. `cases`: number, substance, ATC code."""
    wanted = list(cases)
    keys = {f"{substance.casefold()}|" for _, substance, _ in wanted}
    if not keys:
        return {}
    short = await short_abroad(session, on, keys)
    if not short:
        return {}
    newest = await stored.newest(session, list(REGISTERS))
    found: dict[str, tuple[CountryLine, ...]] = {}
    for number, substance, atc in wanted:
        same = [one for one in short.values() if of_the_case(one, substance, atc)]
        if same:
            found[number] = country_lines(max(same, key=lambda one: len(one.countries)).countries, newest)
    return found


def of_the_case(one: ShortAbroad, substance: str, atc: str | None) -> bool:
    """Whether what is short abroad is a case's substance, in the use that the case is about."""
    return one.substance.casefold() == substance.casefold() and same_use(
        one.substance, one.atc, Stocked(substance, atc)
    )
