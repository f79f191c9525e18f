"""The places people report from: hospitals and hospital pharmacies, by region and trust."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Trust:
    """A health trust (or group of hospital pharmacies), its region, and its places' names."""

    name: str
    region: str
    places: tuple[str, ...]


@cache
def trusts() -> tuple[Trust, ...]:
    """Every trust in the shipped list, region by region."""
    text = (files("bot.people") / "data" / "places.toml").read_text(encoding="utf-8")
    return tuple(
        Trust(name, region, tuple(places))
        for region, members in tomllib.loads(text).items()
        for name, places in members.items()
    )


@cache
def trust_of(place: str) -> str | None:
    """The trust that `place` belongs to; None for a place that somebody wrote."""
    return next((trust.name for trust in trusts() if place in trust.places), None)


@dataclass(frozen=True, slots=True)
class Catchment:
    """How many people a health trust serves, on 1 January 2022 (SSB's people, SKDE's catchment areas)."""

    trust: str
    region: str
    people: int


@cache
def catchments() -> tuple[Catchment, ...]:
    """The 21 catchment areas of the country; together they are all who live there."""
    text = (files("bot.people") / "data" / "catchments.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(Catchment(row["trust"], row["region"], int(row["people"])) for row in rows)
