"""The matcher: an index over all names, two looks at the nearest, and a decision.

1. *Names.* The index gives the names that share letters with the query; each is scored by how alike they are,
   as spelled, as sounded and word by word (`NAME_FEATURES`).
2. *Products.* The best names' products are scored by strength, form and supplier on top of that
   (`PRODUCT_FEATURES`); a substance is a candidate of its own.

A `Matcher` is built once and never changed; a new catalogue is a new matcher.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from rapidfuzz.distance import OSA

from bot.catalogue.forms import Form, form_fit, routes_clash
from bot.catalogue.index import GramIndex
from bot.catalogue.match import Candidate, Decision, Item, Kind, Match, first_other, same_medicine
from bot.catalogue.normalise import plain, spelling, words
from bot.catalogue.preparation import Preparation
from bot.catalogue.query import Name, Query, Vocabulary, name_of, read_query, without_salt
from bot.catalogue.ranking import PRODUCT_FEATURES, Weights, name_features, weighted
from bot.catalogue.strength import Strength
from bot.messages.phrase import Phrase, phrase

_NOTHING_TO_COMPARE = (0.0,) * (len(PRODUCT_FEATURES) - 2)
NEAREST_NAMES = 32
"""Names that are compared in full."""
WITHIN = 0.35
"""Names whose score is this far behind the best one's are not looked into."""
MOST_PRODUCTS = 400
"""Products that are compared for one query."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that stands for items: a brand for its products, a substance for itself, a synonym either."""

    name: Name
    written: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Product:
    """What of a product is compared, read once."""

    form: Form
    strength: Strength
    makers: frozenset[str]
    brand: str
    brand_makers: tuple[str, ...]
    numbers: frozenset[float]
    plain: str


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with its score and the features behind it."""

    item: Item
    entry: Entry
    score: float
    name_score: float
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """When the matcher is sure (calibrated on the development sets, see decision 010)."""

    match_score: float = 0.8
    match_margin: float = 0.06
    ask_score: float = 0.55


class Matcher:
    """Finds the item that a query means among `entries`."""

    def __init__(
        self,
        entries: Iterable[tuple[str, tuple[Item, ...]]],
        vocabulary: Vocabulary,
        weights: Weights,
        limits: Limits,
    ) -> None:
        self._vocabulary = vocabulary
        self._weights = weights
        self._limits = limits
        by_core: dict[str, list[Entry]] = {}
        for written, items in entries:
            name = read_query(written, vocabulary).name
            forms = [name, name_of(name.words + name.makers)] if name.makers else [name]
            bare = without_salt(name, vocabulary)
            for form in [*forms, bare] if bare else forms:
                if form.core:
                    by_core.setdefault(form.core, []).append(Entry(form, written, items))
        self._cores: list[list[Entry]] = list(by_core.values())
        self._index = GramIndex([entries[0].name.heard for entries in self._cores])
        self._products: dict[str, _Product] = {}

    def rank(self, query: Query) -> list[Scored]:
        """The items nearest to `query`, best first; one for each item."""
        if not query.name.heard:
            return []
        near = self._near_names(query.name)
        if not near:
            return []
        best: dict[str, Scored] = {}
        top = near[0][1]
        looked_at = 0
        for entries, score in near:
            if score < top - WITHIN or looked_at > MOST_PRODUCTS:
                break
            for entry in entries:
                for item in entry.items:
                    looked_at += 1
                    features = self._product_features(query, entry, item)
                    total = score + weighted(self._weights.product, features)
                    known = best.get(item.id)
                    if known is None or known.score < total:
                        best[item.id] = Scored(item, entry, total, score, features)
        return sorted(best.values(), key=lambda scored: -scored.score)

    def _near_names(self, name: Name) -> list[tuple[list[Entry], float]]:
        scores: dict[int, float] = {}
        bare = without_salt(name, self._vocabulary)
        for variant, handicap in ((name, 0.0), (bare, 0.03)):
            if variant is None:
                continue
            for number, grams in self._index.nearest(variant.heard, NEAREST_NAMES):
                known = self._cores[number][0].name
                score = weighted(self._weights.name, name_features(variant, known, grams)) - handicap
                if score > scores.get(number, -math.inf):
                    scores[number] = score
        return [
            (self._cores[number], score)
            for number, score in sorted(scores.items(), key=itemgetter(1), reverse=True)
        ]

    def _product_features(self, query: Query, entry: Entry, item: Item) -> tuple[float, ...]:
        asked = bool(query.form) or query.strength.stated
        if item.kind is Kind.SUBSTANCE:
            return (*_NOTHING_TO_COMPARE, float(not asked), float(asked))
        product = self._product(item)
        strength = other = parts = number = 0.0
        if query.strength.components and product.strength.components:
            like = query.strength.likeness(product.strength)
            if query.strength.stated:
                strength, other = like, float(like < 0.5)
                parts = float(len(query.strength.components) != len(product.strength.components))
            else:
                number = like
        if query.numbers and product.numbers & set(query.numbers):
            number = 1.0
        makers = query.name.makers
        asked_for = [self._vocabulary.makers.get(spelling(word), frozenset()) for word in makers]
        maker = sum(bool(full & product.makers) for full in asked_for) / (len(makers) or 1)
        unasked = sum(not any(word in full for full in asked_for) for word in product.brand_makers)
        other_maker = unasked / (len(product.brand_makers) or 1)
        verbatim = len(product.plain) / (10 + len(product.plain)) if product.plain in query.plain else 0.0
        return (
            strength,
            other,
            parts,
            number,
            form_fit(query.form, product.form),
            maker,
            other_maker,
            OSA.normalized_similarity(query.name.core + "".join(makers), product.brand),
            verbatim,
            0.0,
            0.0,
        )

    def _product(self, item: Item) -> _Product:
        known = self._products.get(item.id)
        if known is None:
            first = item.preparations[0]
            read = read_query(first.brand, self._vocabulary)
            name = read.name
            makers = {spelling(word) for one in item.preparations for word in words(plain(one.supplier))}
            brand_makers = tuple(spelling(word) for word in name.makers)
            known = _Product(
                first.traits,
                first.amounts,
                frozenset(makers | set(brand_makers)),
                name.core + "".join(brand_makers),
                brand_makers,
                frozenset(read.numbers),
                read.plain,
            )
            self._products[item.id] = known
        return known

    def match(self, text: str, limit: int = 5) -> Match:
        """The candidates for `text`, at most `limit`, and whether the first is sure."""
        query = read_query(text, self._vocabulary)
        ranked = self.rank(query)
        decision, reasons = self._decide(query, ranked)
        if decision is Decision.NONE:
            return Match(query.text, decision, (), reasons)
        return Match(query.text, decision, self._candidates(query, ranked, limit), reasons)

    def _candidates(self, query: Query, ranked: Sequence[Scored], limit: int) -> tuple[Candidate, ...]:
        shown: dict[str, Candidate] = {}
        for scored in ranked:
            key = scored.item.name.casefold()
            if key not in shown:
                score = min(1.0, max(0.0, scored.score))
                shown[key] = Candidate(scored.item, score, self._left_open(query, scored))
            if len(shown) == limit:
                break
        return tuple(shown.values())

    def _left_open(self, query: Query, scored: Scored) -> tuple[Preparation, ...]:
        """The preparations that fit what was asked: all of a brand's when no strength was named."""
        offered = [preparation for item in scored.entry.items for preparation in item.preparations]
        if query.strength.stated and scored.item.kind is Kind.PRODUCT:
            return scored.item.preparations
        fitting = [
            one
            for one in offered
            if form_fit(query.form, one.traits) >= 0
            and not (query.strength.stated and query.strength.likeness(one.amounts) < 0.5)
        ]
        if scored.item.kind is Kind.PRODUCT:
            fitting.sort(key=lambda one: one.name != scored.item.name)
        return tuple(fitting) or scored.item.preparations

    def _decide(self, query: Query, ranked: Sequence[Scored]) -> tuple[Decision, tuple[Phrase, ...]]:
        if not ranked or ranked[0].score < self._limits.ask_score:
            return Decision.NONE, (phrase("Ingen kjente legemidler ligner."),)
        best = ranked[0]
        other = first_other([scored.item for scored in ranked])
        margin = best.score - ranked[other].score if other is not None else 1.0
        reasons: list[Phrase] = []
        if best.score < self._limits.match_score:
            reasons.append(phrase("Navnet er skrevet annerledes enn noe kjent legemiddel."))
        if margin < self._limits.match_margin and other is not None:
            reasons.append(
                phrase("Kan forveksles: {one} og {other}.", one=best.item.name, other=ranked[other].item.name)
            )
        if best.item.kind is Kind.PRODUCT and routes_clash(query.form, self._product(best.item).form):
            reasons.append(phrase("{name} finnes ikke i formen som er nevnt.", name=best.entry.written))
        return (Decision.ASK, tuple(reasons)) if reasons else (Decision.MATCH, ())


__all__ = ["Entry", "Limits", "Matcher", "Scored", "same_medicine"]
