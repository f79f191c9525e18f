"""When the matcher is sure: the evidence for the best candidate, weighed into a probability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.catalogue.mistyping import typing_cost
from bot.catalogue.query import Name

EVIDENCE = (
    "bias",
    "name",  # the ranking's score of the best candidate's name
    "product",  # what strength, form and supplier add to it
    "margin",  # its lead over the best candidate of another substance
    "edits",  # what the typing errors would cost (`mistyping`)
    "edits_per_letter",
    "extra",  # share of the query's letters that the name does not explain
    "stripped",  # 1 when the name agrees only without a salt
)
NEARNESS = ("bias", "name", "edits_per_letter", "extra")
"""The part of the evidence that says whether anything is near at all, whichever of them was meant."""
_NEARNESS = tuple(EVIDENCE.index(name) for name in NEARNESS)
SURE = 0.995
"""The probability of a name that is written exactly, as spelled or as sounded, and stands for one medicine."""
MOST_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class Reading:
    """How a name would have become the query: the cost of its typing errors, and the words (as sounded) of the
    query and of the name that have no counterpart."""

    cost: float
    extra: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """One number to compare readings by."""
        return self.cost + 0.25 * (letters(self.extra) + letters(self.missing))


def letters(words: Sequence[str]) -> int:
    """How many letters these words have."""
    return sum(map(len, words))


def read_as(query: Name, name: Name) -> Reading:
    """The likeliest way from `name` to `query`: as a whole, or word by word in any order."""
    whole = Reading(min(typing_cost(query.core, name.core), typing_cost(query.heard, name.heard)))
    if whole.cost == 0.0 or (len(query.words) == 1 and len(name.words) == 1):
        return whole
    left = list(query.sounds)
    cost = 0.0
    missing: list[str] = []
    for word in name.sounds:
        best, found = 0.4 * len(word), None
        for other in left:
            price = _word_cost(other, word)
            if price < best or (price == best == 0.0):
                best, found = price, other
        if found is None:
            missing.append(word)
        else:
            cost += best
            left.remove(found)
    by_word = Reading(cost, tuple(left), tuple(missing))
    return min(whole, by_word, key=lambda reading: reading.total)


def _word_cost(typed: str, word: str) -> float:
    """The cost of one word; a beginning of three letters or more is a usual way to cut a word short."""
    if len(typed) >= 3 and word.startswith(typed):
        return min(0.5, 0.1 * (len(word) - len(typed)))
    return typing_cost(typed, word, 3.0)


def evidence(
    query: Name,
    name_score: float,
    product_score: float,
    margin: float,
    best: Reading,
    stripped: bool,
) -> tuple[float, ...]:
    """The evidence for the best candidate, in `EVIDENCE`'s order."""
    typed = max(1, letters(query.sounds))
    return (
        1.0,
        name_score,
        product_score,
        min(margin, MOST_MARGIN),
        best.cost,
        5 * best.cost / typed,
        letters(best.extra) / typed,
        float(stripped),
    )


def probability(weights: Sequence[float], found: Sequence[float]) -> float:
    """How likely the best candidate is the one that was meant (logistic)."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, sum(w * x for w, x in zip(weights, found, strict=True))))))


def nearness(found: Sequence[float]) -> tuple[float, ...]:
    """The evidence that counts for `NEARNESS`, in its order."""
    return tuple(found[at] for at in _NEARNESS)
