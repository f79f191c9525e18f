"""What a stock line is a stock of, as the catalogue names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemRef:
    """One thing that is kept on a shelf: a package, a preparation, or only a substance.

    `key` tells two items apart; `preparation_key` is the preparation's key in the catalogue, `None` where
    the sheet named a substance only.
    """

    key: str
    name: str
    substance: str | None = None
    atc: str | None = None
    preparation_key: str | None = None
