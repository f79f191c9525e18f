"""What a match is: its decision, its candidates, its reasons; and when the matcher is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.catalogue.preparation import Preparation
from bot.messages.phrase import Phrase


class Decision(StrEnum):
    """What to do with the candidates (DESIGN §3): fill the form, show them, or take the text as it is."""

    MATCH = "match"
    ASK = "ask"
    NONE = "none"


class Kind(StrEnum):
    """What a candidate is: a product of the register, or a substance."""

    PRODUCT = "product"
    SUBSTANCE = "substance"


@dataclass(frozen=True, slots=True)
class Item:
    """A product (one name with form and strength; several suppliers may sell it) or a substance.

    `atc`: the code most of its preparations have; `atcs`: all codes of its substance; `preparations`: all of
    the product's or the substance's, none for a substance that has no preparation in the catalogue.
    """

    kind: Kind
    id: str
    name: str
    substance: str
    atc: str | None
    atcs: tuple[str, ...]
    preparations: tuple[Preparation, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item and how likely it is the one that was meant, 0–1.

    `preparations` are those that the query leaves open: a product's, and with it those of the same brand in
    other strengths when none was named; a substance's that fit the strength and form named.
    """

    item: Item
    score: float
    preparations: tuple[Preparation, ...] = ()

    @property
    def kind(self) -> Kind:
        """Product or substance."""
        return self.item.kind

    @property
    def id(self) -> str:
        """The FEST id of a product's first preparation; "stoff:…" for a substance."""
        return self.item.id

    @property
    def name(self) -> str:
        """A product's navnFormStyrke, a substance's Norwegian name."""
        return self.item.name

    @property
    def substance(self) -> str:
        """The substance's Norwegian name."""
        return self.item.substance

    @property
    def atc(self) -> str | None:
        """The ATC code, None where the register gives none."""
        return self.item.atc

    @property
    def atcs(self) -> tuple[str, ...]:
        """All ATC codes of the substance."""
        return self.item.atcs

    def as_json(self) -> dict[str, Any]:
        """The candidate as `mangelvakt match --json` prints it (DESIGN §3)."""
        return {
            "kind": str(self.kind),
            "id": self.id,
            "name": self.name,
            "substance": self.substance,
            "atc": self.atc,
            "atcs": list(self.atcs),
            "score": round(self.score, 4),
        }


@dataclass(frozen=True, slots=True)
class Match:
    """The answer to a query: a decision, at most five candidates distinct by name (best first), reasons.

    With the decision *none* the candidates are merely the least far; they are not to be shown to anyone.
    """

    query: str
    decision: Decision
    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[Phrase, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The answer as `mangelvakt match --json` prints it (DESIGN §3)."""
        return {
            "query": self.query,
            "decision": str(self.decision),
            "candidates": [candidate.as_json() for candidate in self.candidates],
        }


def same_medicine(one: Item, other: Item) -> bool:
    """Whether two items have a substance in common: they do not compete for a decision."""
    return one.substance == other.substance or bool(set(one.atcs) & set(other.atcs))


def first_other(items: Sequence[Item]) -> int | None:
    """Where in `items` the first one of another substance than the first's stands."""
    return next((at for at, item in enumerate(items) if at and not same_medicine(items[0], item)), None)
