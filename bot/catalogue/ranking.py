"""How names and products are scored against a query: two linear sums over likenesses with names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from rapidfuzz.distance import OSA, Indel, JaroWinkler

from bot.catalogue.query import Name

NAME_FEATURES = (
    "grams",  # letters shared, rare ones weighing more (cosine of n-grams, as sounded)
    "spelled",  # 1 − edits per letter, as spelled (optimal string alignment)
    "heard",  # the same as sounded, in either order of the words
    "letters",  # letters in common, in their order, as typed (a letter left out is likelier than another one)
    "cut",  # edits between the two when the longer is cut to the shorter's length
    "start",  # Jaro-Winkler as sounded: the beginning weighs more
    "words",  # how much of the query's words the name explains, long words weighing more
    "covered",  # how much of the name's words the query explains
    "first",  # likeness of the first words
    "same",  # 1 when they sound the same
    "initial",  # 1 when the first letters sound the same
)
QUICK = NAME_FEATURES.index("start")
"""The first features cost little: by them the names are chosen that are compared by all."""
PRODUCT_FEATURES = (
    "strength",  # how well the stated strength agrees
    "other_strength",  # 1 when a strength is stated and the product has another one
    "parts",  # 1 when a strength of one part is stated and the product has two, or the reverse
    "number",  # how well a bare number agrees with the strength, or with a number in the brand
    "form",  # how well the form agrees; negative by another route or release
    "clash",  # 1 by another route or release than the one asked for
    "unasked_release",  # 1 when it releases in a way that was not asked for
    "maker",  # the share of the query's supplier words that the product's brand or supplier explains
    "other_maker",  # the share of the brand's supplier words that were not asked for
    "brand",  # edits between the query's words and the brand, suppliers included
    "verbatim",  # 1 when the brand stands in the query letter by letter, more for a longer one
    "stripped",  # 1 when the name agrees only without a salt
    "substance",  # 1 for a substance when the query gives no strength and no form
    "substance_for_product",  # 1 for a substance when the query gives a strength or form
)
_HEARD = NAME_FEATURES.index("heard")


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of both sums, by feature."""

    name: tuple[float, ...]
    product: tuple[float, ...]


def quick_features(query: Name, name: Name, grams: float) -> tuple[float, ...]:
    """The likenesses of a query's name to one of the catalogue's: `NAME_FEATURES` up to `QUICK`."""
    heard, other = query.heard, name.heard
    alike = OSA.normalized_similarity(heard, other)
    if query.ordered is not heard or name.ordered is not other:
        alike = max(alike, OSA.normalized_similarity(query.ordered, name.ordered))
    shorter = min(len(heard), len(other))
    cut = OSA.normalized_similarity(heard[:shorter], other[:shorter]) if shorter else 0.0
    spelled = OSA.normalized_similarity(query.core, name.core)
    return grams, spelled, alike, Indel.normalized_similarity(query.joined, name.joined), cut


def name_features(query: Name, name: Name, quick: tuple[float, ...]) -> tuple[float, ...]:
    """All likenesses, in `NAME_FEATURES`' order; `quick`: the first of them."""
    heard, other = query.heard, name.heard
    alike = quick[_HEARD]
    if alike == 1.0 or (len(query.words) == 1 and len(name.words) == 1):
        words = covered = first = word_likeness(heard, other) if alike < 1.0 else 1.0
    else:
        words = explained(query.sounds, name.sounds)
        covered = explained(name.sounds, query.sounds, abbreviated=False)
        first = word_likeness(query.sounds[0], name.sounds[0]) if query.sounds and name.sounds else 0.0
    return (
        *quick,
        JaroWinkler.similarity(heard, other),
        words,
        covered,
        first,
        float(alike == 1.0),
        float(heard[:1] == other[:1]),
    )


def explained(words: Sequence[str], by: Sequence[str], *, abbreviated: bool = True) -> float:
    """How much of `words` (as sounded) is found among `by`, 0–1; a long word weighs more than a short one.

    With `abbreviated`, a word may be the beginning of one of `by` ("zoledron ac" for zoledronic acid), else
    one of `by` may be the beginning of it.
    """
    total = weight = 0.0
    for word in words:
        best = 0.0
        for other in by:
            like = word_likeness(word, other)
            longer, shorter = (other, word) if abbreviated else (word, other)
            if like < 0.9 and len(shorter) >= 2 and longer.startswith(shorter):
                like = 0.9
            best = max(best, like)
        total += best * len(word)
        weight += len(word)
    return total / weight if weight else 0.0


def word_likeness(one: str, other: str) -> float:
    """1 − edits per letter, 0 when more than half of the letters differ."""
    return 1.0 if one == other else OSA.normalized_similarity(one, other, score_cutoff=0.5)


def weighted(weights: Sequence[float], features: Sequence[float]) -> float:
    """The linear sum."""
    total: float = sum(map(mul, weights, features))
    return total
