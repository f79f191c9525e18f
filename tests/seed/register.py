"""A register of 2022–2025 made from the figures that the centre published, and from nothing else.

python -m tests.seed.register FILE.csv writes it. No case in it is real; only what they add up to is (annual report
2025: cases new, carried over and closed; durations; ATC groups; tables 1 and 2). The same every time.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import sys
from pathlib import Path

HANDLED = {2022: 251, 2023: 371, 2024: 392, 2025: 477}
UNREGISTERED = {2022: 26, 2023: 51, 2024: 32, 2025: 22}
CARRIED_INTO = {2023: 70, 2024: 80, 2025: 90}
"""Into 2025 as published; into the years before it nobody published, so made up."""

CLOSED_2025 = 321
SOURCES = {
    "Barnenettverket": 3,
    "DMP": 335,
    "Mangel- og beredskapssenteret": 47,
    "Sykehus": 8,
    "Sykehusapotek": 25,
    "Sykehusinnkjøp HF": 49,
}
WITHOUT_SOURCE = HANDLED[2025] - sum(SOURCES.values())
ATC = {"J": 89, "L": 89, "N": 65}
OTHER_GROUPS = "ABCDGHMPRSV"
SUBSTANCES = 253
DURATIONS, MEAN, MEDIAN, SHORTEST, LONGEST, A_YEAR_OR_MORE = 363, 164, 85, 1, 2151, 35
HEADINGS = (
    "saksnummer",
    "virkestoff",
    "preparat",
    "atc",
    "registrert (ja/nei)",
    "kilde",
    "årsak",
    "status",
    "start",
    "slutt",
    "meldt",
    "avsluttet",
)
CAUSES = ("Produksjon", "Kapasitet", "Mangel på virkestoff", "Tapt anbud eller ikke markedsført", "")


def register(seed: int = 2025) -> list[dict[str, str]]:
    """A row for each case, keys as `HEADINGS`."""
    chance = random.Random(seed)
    spans = _spans(chance)
    of_2025 = [place for place, (_, noticed, closed) in enumerate(spans) if _in(2025, noticed, closed)]
    assert len(of_2025) == HANDLED[2025]
    registered, source = _registered_and_source(chance, spans, of_2025)
    atc = _atc_groups(chance, of_2025)
    substances = {place: f"Virkestoff {number % SUBSTANCES + 1:03d}" for number, place in enumerate(of_2025)}
    durations = dict(zip(chance.sample(of_2025, DURATIONS), _durations(chance), strict=True))
    rows = []
    for place, (number, noticed, closed) in enumerate(spans):
        start = noticed - dt.timedelta(chance.randrange(0, 20)) if place in durations else None
        end = start + dt.timedelta(durations[place]) if start else None
        letter = atc.get(place) or chance.choice(OTHER_GROUPS)
        substance = substances.get(place) or f"Virkestoff {chance.randrange(SUBSTANCES) + 1:03d}"
        rows.append(
            dict(
                zip(
                    HEADINGS,
                    (
                        number,
                        substance,
                        f"{substance} preparat {place + 1}",
                        f"{letter}01AA{place % 90 + 1:02d}",
                        "ja" if registered[place] else "nei",
                        source.get(place, "DMP"),
                        chance.choice(CAUSES),
                        "Avsluttet" if closed else "Pågående",
                        _written(start),
                        _written(end),
                        _written(noticed),
                        _written(closed),
                    ),
                    strict=True,
                )
            )
        )
    return rows


def _spans(chance: random.Random) -> list[tuple[str, dt.date, dt.date | None]]:
    """Number, day of the notice, day closed of every case: so many in each year, so many left over."""
    made: list[tuple[str, dt.date, dt.date | None]] = []
    still_open: list[int] = []
    for year, handled in HANDLED.items():
        new = handled - CARRIED_INTO.get(year, 0)
        assert len(still_open) == CARRIED_INTO.get(year, 0)
        for number in range(1, new + 1):
            still_open.append(len(made))
            made.append((f"{year}-{number:04d}", dt.date(year, 1, 1) + dt.timedelta(chance.randrange(300)), None))
        to_close = handled - CARRIED_INTO[year + 1] if year + 1 in CARRIED_INTO else CLOSED_2025
        for place in chance.sample(still_open, to_close):
            number_, noticed, _ = made[place]
            first = max(noticed, dt.date(year, 1, 1))
            made[place] = number_, noticed, first + dt.timedelta(chance.randrange((dt.date(year, 12, 31) - first).days))
            still_open.remove(place)
    return made


def _in(year: int, noticed: dt.date, closed: dt.date | None) -> bool:
    return noticed.year <= year and (closed is None or closed.year >= year)


def _registered_and_source(
    chance: random.Random, spans: list[tuple[str, dt.date, dt.date | None]], of_2025: list[int]
) -> tuple[list[bool], dict[int, str]]:
    """In each year as many without authorisation as published; in 2025 all of them told by others than DMP."""
    registered = [True] * len(spans)
    for place in chance.sample(of_2025, UNREGISTERED[2025]):
        registered[place] = False
    for year in (2024, 2023, 2022):
        of_year = [place for place, (_, noticed, closed) in enumerate(spans) if _in(year, noticed, closed)]
        already = sum(not registered[place] for place in of_year)
        later = {
            place
            for place, (_, noticed, closed) in enumerate(spans)
            if any(_in(after, noticed, closed) for after in range(year + 1, 2026))
        }
        only_here = [place for place in of_year if place not in later]
        for place in chance.sample(only_here, UNREGISTERED[year] - already):
            registered[place] = False
    without = [place for place in of_2025 if not registered[place]]
    with_ = [place for place in of_2025 if registered[place]]
    chance.shuffle(with_)
    names = [name for name, number in SOURCES.items() if name != "DMP" for _ in range(number)]
    chance.shuffle(names)
    ordered = without + with_
    told = names + ["DMP"] * SOURCES["DMP"] + [""] * WITHOUT_SOURCE
    return registered, dict(zip(ordered, told, strict=True))


def _atc_groups(chance: random.Random, of_2025: list[int]) -> dict[int, str]:
    letters = [letter for letter, number in ATC.items() for _ in range(number)]
    others = HANDLED[2025] - len(letters)
    letters += [OTHER_GROUPS[place % len(OTHER_GROUPS)] for place in range(others)]
    chance.shuffle(letters)
    return dict(zip(of_2025, letters, strict=True))


def _durations(chance: random.Random) -> list[int]:
    """Days with the published number, median, mean, least, greatest, and number of a year or more."""
    below = [SHORTEST] + [chance.randrange(2, MEDIAN) for _ in range(DURATIONS // 2 - 1)]
    middle = [chance.randrange(MEDIAN + 1, 365) for _ in range(DURATIONS // 2 - A_YEAR_OR_MORE)]
    long = [chance.randrange(365, 1000) for _ in range(A_YEAR_OR_MORE - 1)] + [LONGEST]
    days = [*below, MEDIAN, *middle, *long]
    wanted = MEAN * DURATIONS
    while (off := wanted - sum(days)) != 0:  # each step keeps every day on its side of the median and of a year
        place = chance.randrange(1, len(days) - 1)
        least, most = _room(place, len(below), len(middle))
        days[place] = min(max(days[place] + max(-40, min(40, off)), least), most)
    chance.shuffle(days)
    return days


def _room(place: int, below: int, middle: int) -> tuple[int, int]:
    if place < below:
        return 2, MEDIAN - 1
    if place == below:
        return MEDIAN, MEDIAN
    return (MEDIAN + 1, 364) if place <= below + middle else (365, 2000)


def _written(day: dt.date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def as_csv(rows: list[dict[str, str]]) -> bytes:
    """The register as a file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADINGS, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(as_csv(register()))
