"""Strengths as people and registers write them: "500mg", "50/1000mg", "0,5 mg/0,37 ml", "1 %", "1 000 IE"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# unit as written → (unit in which we compare, factor)
_MASS = {"kg": 1e6, "g": 1e3, "gram": 1e3, "mg": 1.0, "milligram": 1.0, "ng": 1e-6, "nanog": 1e-6}
_MASS |= dict.fromkeys(("mikrogram", "mikrog", "mcg", "ug", "mkg", "microg", "microgram"), 1e-3)
_VOLUME = {"l": 1e3, "liter": 1e3, "dl": 1e2, "cl": 10.0, "ml": 1.0, "milliliter": 1.0}
_VOLUME |= dict.fromkeys(("mikroliter", "ul"), 1e-3)
_ACTIVITY = dict.fromkeys(
    ("ie", "iu", "e", "u", "ri", "enh", "enheter", "units", "usp", "kiu", "elisa e", "anti xa ie"), 1.0
)
_ACTIVITY |= dict.fromkeys(("mill ie", "mill e", "mill. ie", "mill. e", "mie", "mill enheter"), 1e6)
_COUNTED = (
    "mmol",
    "mol",
    "mikromol",
    "mekv",
    "meq",
    "mbq",
    "gbq",
    "kbq",
    "sq",
    "pfu",
    "ccid50",
    "kcal",
    "lsu",
)
_PER_DOSE = (
    *("dose", "doser", "spray", "sprayer", "sproyte", "sprøyte", "penn", "flaske", "ampulle", "hetteglass"),
    *("pumpetrykk", "aktivering", "injektor", "drape", "dråpe", "stk", "tablett", "tab", "kapsel", "puff"),
)
_PER_TIME = ("timer", "time", "t", "h", "døgn", "dogn")

_UNITS: dict[str, tuple[str, float]] = (
    {unit: ("mg", factor) for unit, factor in _MASS.items()}
    | {unit: ("ml", factor) for unit, factor in _VOLUME.items()}
    | {unit: ("ie", factor) for unit, factor in _ACTIVITY.items()}
    | {unit: (unit, 1.0) for unit in _COUNTED}
)
_PER: dict[str, tuple[str, float]] = (
    {unit: ("ml", factor) for unit, factor in _VOLUME.items()}
    | {"g": ("ml", 1.0), "gram": ("ml", 1.0)}  # a cream's gram is compared with a liquid's millilitre
    | dict.fromkeys(_PER_DOSE, ("dose", 1.0))
    | dict.fromkeys(_PER_TIME, ("time", 1.0))
    | {"mol": ("mol", 1.0), "cm2": ("cm2", 1.0), "cm": ("cm2", 1.0)}
)

_NUMBER = r"(?:\d{1,3}(?: \d{3})+(?=\s*[a-z%])|\d+)(?:[.,]\d+)?"
_UNIT = "|".join(sorted((re.escape(unit) for unit in {*_UNITS, *_PER, "%"}), key=len, reverse=True))
_TERM = rf"(?:(?P<number>{_NUMBER})\s?)?(?:(?P<unit>{_UNIT})(?![a-zæøå]))?"
_ONE = re.compile(_TERM)
_RUN = re.compile(
    rf"(?<![a-z0-9æøå.,-]){_NUMBER}\s?(?:(?:{_UNIT})(?![a-zæøå0-9]))?"
    rf"(?:\s?/\s?(?:{_NUMBER}\s?(?:(?:{_UNIT})(?![a-zæøå0-9]))?|(?:{_UNIT})(?![a-zæøå0-9])))*(?![a-z0-9æøå])"
)
_PACKS = re.compile(
    r"(?<![a-z0-9æøå])\d+(?:[.,]\d+)?(?:\s?x\s?\d+(?:[.,]\d+)?)+(?:\s?(?:ml|g|l|mg|stk|doser))?(?![a-z0-9æøå])"
)


@dataclass(frozen=True, slots=True)
class Component:
    """One substance's amount: `amount` in `unit` ("mg", "ie", "ml", …; "" when none was written), in `per`
    of `per_unit` ("ml", "time"; "" when per dose or nothing)."""

    amount: float
    unit: str
    per: float = 1.0
    per_unit: str = ""

    def likeness(self, other: Component) -> float:
        """0–1: 1 the same amount, 0.9 the same concentration, less where unit or volume differ."""
        same_number = _close(self.amount, other.amount)
        if self.unit != other.unit:
            number_only = not (self.unit and other.unit)
            return (0.9 if number_only else 0.3) if same_number else 0.0
        if self.per_unit and other.per_unit:
            if self.per_unit == other.per_unit and _close(self.amount / self.per, other.amount / other.per):
                return 1.0 if same_number else 0.9
            return 0.4 if same_number else 0.0
        if not same_number:
            return 0.0
        return 1.0 if self.per_unit == other.per_unit else 0.8


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(one, other)


@dataclass(frozen=True, slots=True)
class Strength:
    """A strength: its text, and one component for each substance. `stated` is False for a bare number
    ("valtrex 500"), which may just as well be a pack size."""

    text: str
    components: tuple[Component, ...]
    stated: bool = True

    def likeness(self, other: Strength) -> float:
        """0–1, how well two strengths agree; 1 when every component does."""
        if not self.components or not other.components:
            return 0.0
        left = list(other.components)
        total = 0.0
        for mine in self.components:
            if not left:
                break
            best = max(left, key=mine.likeness)
            total += mine.likeness(best)
            left.remove(best)
        return total / max(len(self.components), len(other.components))

    @property
    def canonical(self) -> str:
        """The same text for the same strength however written: "1 g" and "1000 mg" are "1000 mg"."""
        return "/".join(
            f"{_number(part.amount)} {part.unit}".strip()
            + (f"/{_number(part.per)} {part.per_unit}" if part.per_unit else "")
            for part in self.components
        )


def _number(value: float) -> str:
    return f"{value:.6g}".replace(".", ",") if value < 1e6 else f"{value:.0f}"


NO_STRENGTH = Strength("", (), stated=False)


@lru_cache(maxsize=16384)
def parse_strength(run: str) -> Strength:
    """The strength written in `run` (plain text, as `find_strengths` cuts it out).

    "50/1000mg" takes the later unit for the earlier number; a denominator is one of the units a dose is
    given in. Per cent is 10 mg per ml (weight by volume; by weight it is 10 mg per g, compared as the same).
    """
    components: list[Component] = []
    waiting = 0  # components at the end of the list that still lack a unit
    for piece in run.split("/"):
        found = _ONE.fullmatch(piece.strip())
        if found is None:
            continue
        number, unit = found["number"], found["unit"] or ""
        value = float(number.replace(" ", "").replace(",", ".")) if number else None
        last = components[-1] if components else None
        denominator = unit in _PER and (value is None or unit not in ("g", "gram")) and last is not None
        if denominator and last is not None and last.unit and not last.per_unit and last.unit != "ml":
            per_unit, factor = _PER[unit]
            if per_unit != "dose":
                components[-1] = Component(last.amount, last.unit, (value or 1.0) * factor, per_unit)
            continue
        if value is None:
            continue
        if unit == "%":
            component = Component(10.0 * value, "mg", 1.0, "ml")
        elif unit in _UNITS:
            base, factor = _UNITS[unit]
            component = Component(value * factor, base)
            for index in range(len(components) - waiting, len(components)):
                components[index] = Component(components[index].amount * factor, base)
        elif unit:
            continue
        elif last is not None and last.unit and not waiting and last.unit != "ml":
            factor = _written_factor(run, last)
            component = Component(value * factor, last.unit)
        else:
            component = Component(value, "")
        waiting = waiting + 1 if not component.unit else 0
        components.append(component)
    if len(components) > 1:  # "10 mg/5 mg/ml": the volume counts for both
        tail = components[-1]
        if tail.per_unit == "ml" and all(not part.per_unit and part.unit == "mg" for part in components[:-1]):
            components = [Component(p.amount, p.unit, tail.per, tail.per_unit) for p in components]
    return Strength(run.strip(), tuple(components), len(components) > 1 or any(part.unit for part in components))


def _written_factor(run: str, last: Component) -> float:
    """In "20mg/12,5" the second number has the first one's unit, whatever its factor."""
    found = re.search(r"(?<=[\d ])(mikrog|mcg|ug|mg|g|ng)\b", run)
    return _MASS[found[1]] if found and last.unit == "mg" else 1.0


@dataclass(frozen=True, slots=True)
class Strengths:
    """What `find_strengths` read: the strength, the bare numbers, and the text without any of it."""

    strength: Strength
    numbers: tuple[float, ...]
    rest: str


def find_strengths(text: str) -> Strengths:
    """Cut strengths, pack sizes and bare numbers out of `text` (plain).

    The first amount that is more than a volume is the strength; later ones are packages ("15 g tube").
    """
    stated: Strength | None = None
    numbers: list[float] = []

    def take(found: re.Match[str]) -> str:
        nonlocal stated
        read = parse_strength(found[0])
        if read.stated:
            volume_only = all(part.unit == "ml" for part in read.components)
            if stated is None and read.components and not volume_only:
                stated = read
        else:
            numbers.extend(part.amount for part in read.components)
        return " | "

    rest = _RUN.sub(take, _PACKS.sub(" | ", text))
    if stated is None and numbers:
        stated = Strength(_number(numbers[0]), (Component(numbers[0], ""),), stated=False)
    return Strengths(stated or NO_STRENGTH, tuple(numbers), rest)


def best_likeness(wanted: Strength, offered: Sequence[Strength]) -> float:
    """The best likeness of `wanted` among `offered`; 0 when there is none."""
    return max((wanted.likeness(one) for one in offered), default=0.0)
