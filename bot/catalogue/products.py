"""What of a product is compared with a query beside the name: strength, form, supplier, the brand as written."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.catalogue.forms import RELEASES, Form, form_fit
from bot.catalogue.match import Item
from bot.catalogue.normalise import plain, spelling, words
from bot.catalogue.query import Query, Vocabulary, read_query
from bot.catalogue.strength import Strength

SAME_STRENGTH = 0.8
"""A likeness of strengths from which they are the same (another way to write it, the same concentration)."""
OTHER_STRENGTH = 0.5
"""A likeness of strengths under which they are different."""


@dataclass(frozen=True, slots=True)
class Product:
    """What of a product is compared, read once.

    `makers`: all words of its suppliers; `brand`: its brand's words joined, as spelled, suppliers last;
    `brand_makers`: those that name a supplier; `numbers`: those in the brand.
    """

    form: Form
    strength: Strength
    makers: frozenset[str]
    brand: str
    brand_makers: tuple[str, ...]
    numbers: frozenset[float]
    plain: str


def read_product(item: Item, vocabulary: Vocabulary) -> Product:
    """What of `item` (a product) is compared."""
    first = item.preparations[0]
    read = read_query(first.brand, vocabulary)
    brand_makers = tuple(spelling(word) for word in read.name.makers)
    makers = {spelling(word) for one in item.preparations for word in words(plain(one.supplier))}
    return Product(
        first.traits,
        first.amounts,
        frozenset(makers | set(brand_makers)),
        read.name.core + "".join(brand_makers),
        brand_makers,
        frozenset(read.numbers),
        read.plain,
    )


class Asked:
    """What a query asks of products, read once for all that are compared."""

    def __init__(self, query: Query, vocabulary: Vocabulary) -> None:
        self._form = query.form
        self._strength = query.strength
        self._numbers = frozenset(query.numbers)
        self._makers = [vocabulary.makers.get(spelling(word), frozenset()) for word in query.name.makers]
        self._brand = query.name.core + "".join(query.name.makers)
        self._plain = query.plain
        self.anything = bool(query.form) or query.strength.stated
        """Whether a form or a strength is asked for."""

    def fits(self, product: Product) -> bool:
        """Whether a product has the form and the strength asked for."""
        if self._form and form_fit(self._form, product.form) <= 0.0:
            return False
        return not self._strength.stated or self._strength.likeness(product.strength) >= SAME_STRENGTH

    def features_of(self, product: Product, stripped: bool) -> tuple[float, ...]:
        """The product's likenesses to what is asked for, in `PRODUCT_FEATURES`' order."""
        strength = other = parts = number = maker = other_maker = verbatim = 0.0
        if self._strength.components and product.strength.components:
            like = self._strength.likeness(product.strength)
            if self._strength.stated:
                strength, other = like, float(like < OTHER_STRENGTH)
                parts = float(len(self._strength.components) != len(product.strength.components))
            else:
                number = like
        if not self._numbers.isdisjoint(product.numbers):
            number = 1.0
        if self._makers:
            maker = sum(not full.isdisjoint(product.makers) for full in self._makers) / len(self._makers)
        if product.brand_makers:
            unasked = sum(not any(word in full for full in self._makers) for word in product.brand_makers)
            other_maker = unasked / len(product.brand_makers)
        if product.plain in self._plain:
            verbatim = len(product.plain) / (10 + len(product.plain))
        fit = form_fit(self._form, product.form)
        return (
            strength,
            other,
            parts,
            number,
            fit,
            float(fit < 0.0),
            float(not RELEASES.isdisjoint(product.form - self._form)),
            maker,
            other_maker,
            OSA.normalized_similarity(self._brand, product.brand),
            verbatim,
            float(stripped),
            0.0,
            0.0,
        )
