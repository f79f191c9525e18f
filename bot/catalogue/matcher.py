"""The matcher: an index over all names, two looks at the nearest, and a decision.

1. *Names.* The index gives the names that share letters with the query; each is scored by how alike they are,
   as spelled, as sounded and word by word (`NAME_FEATURES`).
2. *Products.* The best names' products are scored by strength, form and supplier on top of that
   (`PRODUCT_FEATURES`); a substance is a candidate of its own.

A `Matcher` is built once and never changed; a new catalogue is a new matcher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.catalogue.decision import SURE, evidence, nearness, probability, read_as
from bot.catalogue.forms import RELEASES, form_fit, form_of
from bot.catalogue.index import GramIndex
from bot.catalogue.match import Candidate, Decision, Item, Kind, Match, first_other, same_medicine
from bot.catalogue.normalise import plain, sound, words
from bot.catalogue.preparation import Preparation
from bot.catalogue.products import OTHER_STRENGTH, Asked, Product, read_product
from bot.catalogue.query import VARIANTS, Name, Query, Vocabulary, name_of, read_query, without_salt
from bot.catalogue.ranking import PRODUCT_FEATURES, QUICK, Weights, name_features, quick_features, weighted
from bot.messages.phrase import Phrase, phrase

_NOTHING_TO_COMPARE = (0.0,) * (len(PRODUCT_FEATURES) - 3)
NEAREST_NAMES = 32
"""Names that are looked at for the letters they share."""
COMPARED = 12
"""Names of these that are compared in full."""
SHORT = 8
"""Letters, as sounded, up to which names are also looked for by edits."""
ALIKE = 0.95
"""A likeness in n-grams that makes looking for edits needless."""
STRIPPING = 0.03
"""A query is read without its salt only where that makes a name this much nearer."""
WITHIN = 0.35
"""Names whose score is this far behind the best one's are not looked into."""
SHORTEST = 5
"""Letters, as sounded, under which a name must be written exactly."""
OF_EACH = 2
"""Places among the candidates for one substance while it is not sure which one is meant."""
CLEAR = 1.2
"""What it must cost to read a name that only sounds right as any other medicine's."""
FEWEST_LETTERS = 3
"""Different letters, as spelled and as sounded, under which likeness says nothing: "zzzz" sounds like "E-Z"."""
MOST_REPEATED = 2
"""How often each letter of a query of so few may stand there, on average, for anything to be near it."""
RIVALS = 4
"""Other medicines that a mistyped query is read as."""
MOST_PRODUCTS = 400
"""Products that are compared for one query."""
ALMOST_BEST = 0.05
"""Names whose score is this near the best one's may be meant as well: all products of their substance are looked at
when a form or strength is asked for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that stands for items: a brand for its products, a substance for itself, a synonym either.

    `stripped`: the name is written here without its salt.
    """

    name: Name
    written: str
    items: tuple[Item, ...]
    stripped: bool = False


@dataclass(frozen=True, slots=True)
class _Near:
    """Entries of one spelling near a query's name, and how near."""

    entries: list[Entry]
    features: tuple[float, ...]
    score: float
    stripped: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with its score, the part of the score that the name has, and the features behind it.

    `instead`: the brand that was named does not exist in the form or strength asked for; this one of its
    substance does.
    """

    item: Item
    entry: Entry
    score: float
    name_score: float
    stripped: bool
    features: tuple[float, ...]
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """When the matcher is sure: the weights of the evidence and the limits of the decision.

    `match`: the least probability that the first was meant, to match; `ask`: the least that anything is near,
    to show candidates; `apart`: how much more the typing errors must cost if a look-alike was meant.
    """

    evidence: tuple[float, ...]
    nearness: tuple[float, ...]
    match: float
    ask: float
    apart: float


class Matcher:
    """Finds the item that a query means among `entries`."""

    def __init__(
        self,
        entries: Iterable[tuple[str, tuple[Item, ...]]],
        vocabulary: Vocabulary,
        weights: Weights,
        limits: Limits,
        lookalikes: Iterable[tuple[str, str]] = (),
        use_of: Callable[[str | None], str] = lambda atc: "",
    ) -> None:
        """`entries`: names and what they stand for; `lookalikes`: pairs of names; `use_of`: what medicines of
        an ATC code are used for, to tell two apart."""
        self._vocabulary = vocabulary
        self._weights = weights
        self._limits = limits
        by_core: dict[str, list[Entry]] = {}
        for written, items in entries:
            name = read_query(written, vocabulary).name
            for spelled in dict.fromkeys((name, name_of(name.words + name.makers))):
                by_core.setdefault(spelled.core, []).append(Entry(spelled, written, items))
            bare = without_salt(name, vocabulary)
            if bare is not None:
                by_core.setdefault(bare.core, []).append(Entry(bare, written, items, stripped=True))
        by_core.pop("", None)
        self._cores: list[list[Entry]] = list(by_core.values())
        self._of_substance: dict[str, dict[str, Item]] = {}
        for item in (item for entries in self._cores for entry in entries for item in entry.items):
            if item.kind is Kind.PRODUCT:
                self._of_substance.setdefault(item.substance, {})[item.id] = item
        self._first_names = [entries[0].name for entries in self._cores]
        self._index = GramIndex([name.heard for name in self._first_names])
        self._products: dict[str, Product] = {}
        self._use_of = use_of
        self._telling = {sound(word) for word in VARIANTS} | {
            core[0].name.heard for core in self._cores if len(core[0].name.words) == 1 and len(core[0].name.heard) > 2
        }
        self._lookalikes: dict[str, list[Name]] = {}
        for pair in lookalikes:
            one, other = (read_query(written, vocabulary).name for written in pair)
            self._lookalikes.setdefault(one.heard, []).append(other)
            self._lookalikes.setdefault(other.heard, []).append(one)

    @property
    def limits(self) -> Limits:
        """When this matcher is sure."""
        return self._limits

    def read(self, text: str) -> Query:
        """`text` as a query in this catalogue's language."""
        return read_query(text, self._vocabulary)

    def rank(self, query: Query) -> list[Scored]:
        """The items nearest to `query`, best first; one for each item."""
        if not query.name.heard:
            return []
        near = self._near_names(query.name)
        if not near:
            return []
        best: dict[str, Scored] = {}
        asked = Asked(query, self._vocabulary)
        by_substance = any(
            entry.items[0].kind is Kind.SUBSTANCE
            for names in near
            if names.score >= near[0].score - ALMOST_BEST
            for entry in names.entries
        )
        looked_at = 0
        for names in near:
            if names.score < near[0].score - WITHIN or looked_at > MOST_PRODUCTS:
                break
            meant = [(entry, item, False) for entry in names.entries for item in entry.items]
            if asked.anything and names.score >= near[0].score - ALMOST_BEST:
                meant += self._fitting_others(asked, names.entries, brand=not by_substance)
            for entry, item, instead in meant:
                looked_at += 1
                stripped = names.stripped or entry.stripped
                if item.kind is Kind.SUBSTANCE:
                    named = (float(stripped), float(not asked.anything), float(asked.anything))
                    features = _NOTHING_TO_COMPARE + named
                else:
                    features = asked.features_of(self._product(item), stripped)
                total = names.score + weighted(self._weights.product, features)
                known = best.get(item.id)
                if known is None or known.score < total:
                    every = names.features + features
                    best[item.id] = Scored(item, entry, total, names.score, stripped, every, instead)
        return sorted(best.values(), key=lambda scored: -scored.score)

    def _fitting_others(self, asked: Asked, entries: Sequence[Entry], *, brand: bool) -> list[tuple[Entry, Item, bool]]:
        """The products in the form and strength asked for that a substance's name alone does not lead to
        ("olanzapin depot" is Zypadhera). For a `brand` ("zyprexa depot") only when it does not exist so itself."""
        if brand and any(
            item.kind is Kind.PRODUCT and asked.fits(self._product(item)) for entry in entries for item in entry.items
        ):
            return []
        kind = Kind.PRODUCT if brand else Kind.SUBSTANCE
        named = {entry.items[0].substance: entry for entry in entries if entry.items[0].kind is kind}
        return [
            (entry, item, brand)
            for substance, entry in named.items()
            for item in self._of_substance.get(substance, {}).values()
            if asked.fits(self._product(item))
        ]

    def _near_names(self, name: Name) -> list[_Near]:
        nearest: dict[int, _Near] = {}
        for variant in (name, without_salt(name, self._vocabulary)):
            if variant is None:
                continue
            near = dict(self._index.nearest(variant.heard, NEAREST_NAMES))
            if len(variant.heard) <= SHORT and max(near.values(), default=0.0) < ALIKE:
                for number in self._index.few_edits(variant.heard, most=2, limit=6):
                    near.setdefault(number, 0.0)
            for number in self._index.same_consonants(variant.heard):
                near.setdefault(number, 0.0)
            for number, quick in self._nearest_at_a_glance(variant, near):
                entries = self._cores[number]
                features = name_features(variant, self._first_names[number], quick)
                score = weighted(self._weights.name, features)
                known = nearest.get(number)
                if known is None or score > known.score + STRIPPING:
                    nearest[number] = _Near(entries, features, score, variant is not name)
        return sorted(nearest.values(), key=lambda near: -near.score)

    def _nearest_at_a_glance(self, name: Name, near: Mapping[int, float]) -> list[tuple[int, tuple[float, ...]]]:
        """The `COMPARED` best of `near` by the likenesses that cost little, and these."""
        weights = self._weights.name[:QUICK]
        glanced: list[tuple[float, int, tuple[float, ...]]] = []
        for number, grams in near.items():
            quick = quick_features(name, self._first_names[number], grams)
            glanced.append((weighted(weights, quick), number, quick))
        glanced.sort(reverse=True)
        return [(number, quick) for _, number, quick in glanced[:COMPARED]]

    def _product(self, item: Item) -> Product:
        known = self._products.get(item.id)
        if known is None:
            known = self._products[item.id] = read_product(item, self._vocabulary)
        return known

    def match(self, text: str, limit: int = 5) -> Match:
        """The candidates for `text`, at most `limit`, and whether the first is sure."""
        query = self.read(text)
        ranked = self.rank(query)
        decision, reasons, partner = self._decide(query, ranked)
        if partner:
            ranked = [ranked[0], *partner, *ranked[1:]]
        return Match(query.text, decision, self._candidates(query, ranked, limit, decision), reasons)

    def _candidates(
        self, query: Query, ranked: Sequence[Scored], limit: int, decision: Decision
    ) -> tuple[Candidate, ...]:
        """The best candidates, distinct by name. Which medicine is asked before which strength: unless it is
        sure, a substance has at most `OF_EACH` places while others are waiting. When it is sure of a name that
        was written otherwise, the last place is another medicine's.
        """
        distinct: dict[str, Scored] = {}
        for scored in ranked:
            distinct.setdefault(scored.item.name.casefold(), scored)
        shown = list(distinct.values())
        if decision is not Decision.MATCH:
            places: Counter[str] = Counter()
            kept: list[Scored] = []
            waiting: list[Scored] = []
            for scored in shown:
                places[scored.item.substance] += 1
                (kept if places[scored.item.substance] <= OF_EACH else waiting).append(scored)
            shown = kept + waiting
        elif shown[0].entry.name.core != query.name.core:
            other = first_other([scored.item for scored in shown])
            if other is not None and other >= limit and shown[other].score > shown[0].score - WITHIN:
                shown.insert(limit - 1, shown.pop(other))
        return tuple(
            Candidate(scored.item, min(1.0, max(0.0, scored.score)), self._left_open(query, scored))
            for scored in shown[:limit]
        )

    def _left_open(self, query: Query, scored: Scored) -> tuple[Preparation, ...]:
        """The preparations that fit what was asked: all of a brand's when no strength was named."""
        offered = [preparation for item in scored.entry.items for preparation in item.preparations]
        if query.strength.stated and scored.item.kind is Kind.PRODUCT:
            return scored.item.preparations
        fitting = [
            one
            for one in offered
            if form_fit(query.form, one.traits) >= 0
            and not (query.strength.stated and query.strength.likeness(one.amounts) < OTHER_STRENGTH)
        ]
        if scored.item.kind is Kind.PRODUCT:
            fitting.sort(key=lambda one: one.name != scored.item.name)
        return tuple(fitting) or scored.item.preparations

    def _decide(self, query: Query, ranked: Sequence[Scored]) -> tuple[Decision, tuple[Phrase, ...], list[Scored]]:
        """The decision, its reasons, and what must be shown with the first: its look-alike, or the brand named."""
        if not ranked:
            return Decision.NONE, (_NOTHING_NEAR,), []
        found = self.evidence(query, ranked)
        sure = SURE if self.exact(query, ranked) else probability(self._limits.evidence, found)
        if max(sure, probability(self._limits.nearness, nearness(found))) < self._limits.ask:
            return Decision.NONE, (_NOTHING_NEAR,), []
        best = ranked[0]
        written = _written(query, best.entry)
        core = query.name.core
        if not written and _few_letters(query.name) and len(core) > MOST_REPEATED * len(set(core)):
            return Decision.NONE, (_NOTHING_NEAR,), []
        partner = self._lookalike(query.name, best)
        reasons: list[Phrase] = []
        if partner:
            reasons.append(self._told_apart(best.item, partner[0].item))
        elif sure < self._limits.match or self.incomplete(query, best) or not written:
            reasons.append(self._doubt(ranked))
        if best.item.kind is Kind.PRODUCT:
            product = self._product(best.item)
            if best.instead:
                named = [one for one in ranked if not one.instead and one.entry.written == best.entry.written]
                partner = partner or named[:1]
                reasons.append(_not_made(query, best.entry))
            elif form_fit(query.form, product.form) < 0.0:
                reasons.append(phrase("{name} finnes ikke i formen som er nevnt.", name=best.entry.written))
        return (Decision.ASK if reasons else Decision.MATCH), tuple(reasons), partner

    def incomplete(self, query: Query, best: Scored) -> bool:
        """Whether words are left over that tell medicines apart, or the name is too short to be mistyped safely.

        A word of the name that was not typed ("teveten" for Teveten Comp, "celeston" for Celestan Depot), or a
        word typed that names another medicine or variant ("losartan hct" for Losartan), makes it another
        preparation; so does a salt of the name that was not typed.
        """
        if best.entry.stripped:
            return True
        reading = read_as(query.name, best.entry.name)
        if reading.total == 0.0:
            return False
        left_over = any(word in self._telling for word in reading.extra)
        release = form_of(words(plain(best.entry.written))) & RELEASES - query.form
        return bool(reading.missing or release) or left_over or len(best.entry.name.heard) < SHORTEST

    def exact(self, query: Query, ranked: Sequence[Scored]) -> bool:
        """Whether the first of `ranked` is named exactly, and no other medicine as well.

        What only sounds the same must lie clearly apart from every other medicine ("calium" is no kalium).
        """
        best = ranked[0]
        if best.stripped or read_as(query.name, best.entry.name).total > 0.0:
            return False
        if any(
            not scored.stripped and scored.name_score >= best.name_score and not same_medicine(best.item, scored.item)
            for scored in ranked
        ):
            return False
        if query.name.core == best.entry.name.core:
            return True
        if len(query.name.heard) < SHORTEST:
            return False
        rivals = self._rivals(ranked)
        return all(read_as(query.name, rival.entry.name).total >= CLEAR for rival in rivals)

    def _rivals(self, ranked: Sequence[Scored]) -> list[Scored]:
        """The nearest names of other medicines than the first."""
        others: dict[str, Scored] = {}
        for scored in ranked:
            if not same_medicine(ranked[0].item, scored.item):
                others.setdefault(scored.entry.name.heard, scored)
                if len(others) == RIVALS:
                    break
        return list(others.values())

    def evidence(self, query: Query, ranked: Sequence[Scored]) -> tuple[float, ...]:
        """The evidence that the first of `ranked` (not empty) was meant, in `decision.EVIDENCE`'s order."""
        best = ranked[0]
        other = next((scored.score for scored in ranked if not same_medicine(best.item, scored.item)), 0.0)
        return evidence(
            query.name,
            best.name_score,
            best.score - best.name_score,
            best.score - other,
            read_as(query.name, best.entry.name),
            best.stripped,
        )

    def _doubt(self, ranked: Sequence[Scored]) -> Phrase:
        best = ranked[0].item
        other = first_other([scored.item for scored in ranked])
        if other is not None and ranked[other].score > ranked[0].score - WITHIN / 2:
            return self._told_apart(best, ranked[other].item)
        return phrase("Navnet er skrevet annerledes enn {name}.", name=best.name)

    def _lookalike(self, query: Name, best: Scored) -> list[Scored]:
        """The look-alike of the best candidate that may have been meant as well; none where none is as near."""
        name = best.entry.name
        partners = self._lookalikes.get(name.heard)
        if not partners or query.heard == name.heard:
            return []
        cost = read_as(query, name).total
        for partner in partners:
            if read_as(query, partner).total < cost + self._limits.apart:
                near = self._near_names(partner)
                if near and near[0].entries[0].name.heard == partner.heard:
                    item = near[0].entries[0].items[0]
                    return [Scored(item, near[0].entries[0], best.score - 0.01, near[0].score, False, ())]
        return []

    def _told_apart(self, one: Item, other: Item) -> Phrase:
        """Both names with what tells them apart: the use, or of one substance the form."""
        same = one.substance == other.substance
        return phrase(
            "Kan forveksles: {one} ({one_use}) og {other} ({other_use}).",
            one=_short(one),
            one_use=_form(one) if same else self._use_of(one.atc) or one.substance,
            other=_short(other),
            other_use=_form(other) if same else self._use_of(other.atc) or other.substance,
        )


def _not_made(query: Query, entry: Entry) -> Phrase:
    """That a brand does not exist as it is asked for."""
    if not query.strength.stated:
        return phrase("{name} finnes ikke i formen som er nevnt.", name=entry.written)
    if not query.form:
        return phrase("{name} finnes ikke i styrken som er nevnt.", name=entry.written)
    return phrase("{name} finnes ikke i formen og styrken som er nevnt.", name=entry.written)


def _few_letters(name: Name) -> bool:
    """Whether `name` has too few different letters to be recognised by likeness."""
    return any(len(set(filter(str.isalpha, form))) < FEWEST_LETTERS for form in (name.core, name.heard))


def _written(query: Query, entry: Entry) -> bool:
    """Whether likeness may speak for `entry`: a query or name of few letters must stand there exactly.

    Exactly is the naming part letter by letter; where that is a letter or two of the name ("v" of "pen v"),
    every word of it.
    """
    if not _few_letters(query.name) and not _few_letters(entry.name):
        return True
    if query.name.core == entry.name.core and len(set(query.name.core)) >= FEWEST_LETTERS:
        return True
    return set(words(plain(entry.written))) <= set(words(query.plain))


def _form(item: Item) -> str:
    """The form of a product's or substance's first preparation."""
    return item.preparations[0].form if item.preparations else item.name


def _short(item: Item) -> str:
    """A brand with its substance, or the substance."""
    if item.kind is Kind.SUBSTANCE:
        return item.name
    return f"{item.preparations[0].brand}, {item.substance}"


_NOTHING_NEAR = phrase("Ingen kjente legemidler ligner.")
__all__ = ["Entry", "Limits", "Matcher", "Scored", "same_medicine"]
