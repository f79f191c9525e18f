"""Packs, base units and defined daily doses, and back.

Nothing is ever turned into another medicine's units here.

The base unit is mg, IE, ml or a unit of use. A defined daily dose is a statistical measure and no dose;
many hospital medicines have none, and it never compares substances, routes or children.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pack:
    """One package.

    How many base `unit`s it holds, and how many defined daily doses (`None`: the medicine has none).

    Raises ValueError where a factor is not a positive number.
    """

    unit: str
    units: float
    ddd: float | None = None

    def __post_init__(self) -> None:
        for factor in (self.units, self.ddd):
            if factor is not None and not (math.isfinite(factor) and factor > 0):
                raise ValueError(f"a pack cannot hold {factor}")

    def units_in(self, packs: float) -> float:
        """Base units in `packs` packages."""
        return packs * self.units

    def packs_in(self, units: float) -> float:
        """Packages, parts of one included, that hold `units` base units."""
        return units / self.units

    def packs_for(self, units: float) -> int:
        """Whole packages that hold at least `units` base units."""
        return math.ceil(units / self.units - 1e-9)

    def ddd_in(self, units: float) -> float | None:
        """Defined daily doses in `units` base units; `None` where the medicine has none."""
        return None if self.ddd is None else units / self.units * self.ddd

    def units_of_ddd(self, ddd: float) -> float | None:
        """Base units in `ddd` defined daily doses; `None` where the medicine has none."""
        return None if self.ddd is None else ddd / self.ddd * self.units
