"""Packs, units and defined daily doses, and back: only what a pack's own label says, never a dose.

The base unit is mg, IE, ml or a unit of use (ampoule, tablet). Units of the same kind (g and mg) are turned
into one another; those of different kinds only through a pack that says how much it holds of both, since
nothing else knows how many mg are in a ml. A defined daily dose is a statistical measure and no dose; many
hospital medicines have none, and it never compares substances, routes or children.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PACK = "pakning"
DDD = "ddd"

UNITS: Mapping[str, str] = {
    written: unit
    for unit, spellings in {
        "mg": "mg milligram",
        "g": "g gram",
        "kg": "kg",
        "µg": "µg μg mcg ug mikrogram",
        "ml": "ml milliliter",
        "l": "l liter",
        "mmol": "mmol",
        "IE": "ie iu",
        "mill. IE": "mie miu mill.ie",
        "E": "e",
        "DDD": "ddd døgndoser",
        "stk": "stk stk. stykk stykker pcs piece pieces enhet enheter unit units",
        "pakning": "pakning pakninger pakn pakn. pk pk. pkn pkg pack packs package packages"
        " forpakning forpakninger eske esker boks bokser",
        "tablett": "tablett tabletter tabl tab tbl tablet tablets",
        "kapsel": "kapsel kapsler kaps capsule capsules",
        "hetteglass": "hetteglass hgl vial vials glass",
        "ampulle": "ampulle ampuller amp ampoule ampoules",
        "pose": "pose poser bag bags",
        "flaske": "flaske flasker bottle bottles",
        "sprøyte": "sprøyte sprøyter ferdigfylt syringe syringes",
        "penn": "penn penner pen pens",
        "dose": "dose doser doses",
        "plaster": "plaster plastre depotplaster patch patches",
        "stikkpille": "stikkpille stikkpiller suppositorium suppositorier suppository suppositories",
        "tube": "tube tuber tubes",
        "inhalator": "inhalator inhalatorer inhaler inhalers",
        "sett": "sett kit kits",
        "endosebeholder": "endosebeholder endosebeholdere",
    }.items()
    for written in spellings.split()
}
"""Units as people write them → as they are kept."""

# Unit → the base unit of its kind, and how many of those it is. IE and E are not the same: a unit of
# activity that is not international («E») is a unit of its own.
_SCALES: Mapping[str, tuple[str, float]] = {
    "kg": ("mg", 1e6),
    "g": ("mg", 1e3),
    "mg": ("mg", 1.0),
    "µg": ("mg", 1e-3),
    "mcg": ("mg", 1e-3),
    "mikrogram": ("mg", 1e-3),
    "ng": ("mg", 1e-6),
    "ie": ("ie", 1.0),
    "iu": ("ie", 1.0),
    "mill. ie": ("ie", 1e6),
    "mill ie": ("ie", 1e6),
    "l": ("ml", 1e3),
    "dl": ("ml", 1e2),
    "ml": ("ml", 1.0),
    "pakninger": (PACK, 1.0),
    "pk": (PACK, 1.0),
}


def _scaled(unit: str) -> tuple[str, float]:
    """The base unit of `unit`'s kind and its factor; a unit of use is its own."""
    name = " ".join(unit.casefold().replace("\N{GREEK SMALL LETTER MU}", "µ").split())
    return _SCALES.get(name, (name, 1.0))


def same_kind(unit: str, other: str) -> bool:
    """Whether the one can be turned into the other without knowing the pack (g and mg; not mg and ml)."""
    return _scaled(unit)[0] == _scaled(other)[0]


@dataclass(frozen=True, slots=True)
class Pack:
    """One package.

    How many base `unit`s it holds, and how many defined daily doses (`None`: the medicine has none). `also`
    is the same content in other units: a pack of 10 vials of 1 g is `Pack("mg", 10_000, also={"hetteglass":
    10})`.

    Raises ValueError where a factor is not a positive number, or where `also` says a unit's kind again.
    """

    unit: str
    units: float
    ddd: float | None = None
    also: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for factor in (self.units, self.ddd, *self.also.values()):
            if factor is not None and not (math.isfinite(factor) and factor > 0):
                raise ValueError(f"a pack cannot hold {factor}")
        kinds = [_scaled(unit)[0] for unit in (self.unit, *self.also, PACK, DDD)]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"a pack holds one figure of each kind of unit, not {kinds}")

    def holds(self, unit: str) -> float | None:
        """How much of `unit` one package holds; `None` where its label does not say."""
        kind, factor = _scaled(unit)
        if kind == PACK:
            return 1.0 / factor
        if kind == DDD:
            return self.ddd
        for known, units in ((self.unit, self.units), *self.also.items()):
            same, times = _scaled(known)
            if same == kind:
                return units * times / factor
        return None

    def converted(self, quantity: float, unit: str, to: str) -> float | None:
        """`quantity` of `unit` as `to`, as many packages' worth; `None` where the pack does not hold both."""
        has, wanted = self.holds(unit), self.holds(to)
        return None if has is None or wanted is None else quantity / has * wanted

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


def scaled(quantity: float, unit: str, to: str) -> float | None:
    """`quantity` of `unit` as `to` where both are of the same kind (2 g is 2000 mg); `None` where a pack is
    needed to tell.
    """
    (kind, factor), (other, per) = _scaled(unit), _scaled(to)
    return quantity * factor / per if kind == other else None
