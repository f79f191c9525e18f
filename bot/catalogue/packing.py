"""What a package holds, from FEST's size, unit, strength and defined daily dose: pieces, ml, mg and DDD.

Only what those fields say together. FEST's `DDD` of a package is the dose itself (8 mg), not how many there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

from bot.stock.units import DDD, Pack, scaled

_SIZE = re.compile(r"\d+(?:[.,]\d+)?(?: ?x ?\d+(?:[.,]\d+)?)*", re.IGNORECASE)
_STRENGTH = re.compile(r"(\d+(?:[.,]\d+)?) (mg|g|µg|mikrog|mikrogram|IE|mill\. IE|mmol)(?:/(\d*) ?(ml|stk|g))?")
_PIECES = {"tab": "tablett", "kaps": "kapsel", "plaster": "plaster", "stikkp": "stikkpille"}
_PIECE = re.compile(r"(tab|kaps|plaster|stikkp)(?:\b|ille|ette)")
_OF_VOLUME = ("hetteglass", "ampulle", "pose", "flaske", "sprøyte", "penn")


@dataclass(frozen=True, slots=True)
class Packing:
    """A package as FEST writes it: "6 x 250" of "ml", of a medicine of "6 mg/ml" whose daily dose is 1 g."""

    size: str
    unit: str
    form: str = ""
    strength: str | None = None
    ddd: float | None = None
    ddd_unit: str | None = None

    def pack(self) -> Pack | None:
        """What it holds; None where the size is no size, or where what it holds of one unit is said twice."""
        if not _SIZE.fullmatch(self.size) or self.unit not in ("stk", "ml", "g"):
            return None
        parts = [float(part.replace(",", ".")) for part in re.split(r" ?x ?", self.size, flags=re.IGNORECASE)]
        units = prod(parts)
        also: dict[str, float] = {}
        if self.unit == "stk":
            piece = _PIECE.search(self.form.casefold())
            if piece is not None:
                also[_PIECES[piece[1]]] = units
        elif self.unit == "ml" and len(parts) > 1:
            also |= dict.fromkeys(_OF_VOLUME, prod(parts[:-1]))
        held = self._substance(units)
        doses = None
        if held is not None:
            amount, unit = held
            also[unit] = amount
            in_doses = scaled(amount, unit, self.ddd_unit) if self.ddd_unit else None
            doses = in_doses / self.ddd if in_doses is not None and self.ddd else None
        also = {unit: amount for unit, amount in also.items() if amount > 0 and unit != DDD}
        try:
            return Pack(self.unit, units, doses, also)
        except ValueError:
            return None

    def _substance(self, units: float) -> tuple[float, str] | None:
        """How much of the substance it holds; None where the strength does not say it of the unit it is packed in."""
        found = _STRENGTH.fullmatch(self.strength or "")
        if found is None or (found[4] or "stk") != self.unit:
            return None
        unit = {"mikrog": "µg", "mikrogram": "µg"}.get(found[2], found[2])
        return float(found[1].replace(",", ".")) * units / float(found[3] or 1), unit
