"""The catalogue: every preparation the bot knows, and the ways to find one."""

from __future__ import annotations

import gc
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Self

from bot.catalogue import shipped
from bot.catalogue.decision import EVIDENCE, NEARNESS
from bot.catalogue.forms import form_word
from bot.catalogue.match import Candidate, Item, Kind, Match
from bot.catalogue.matcher import Limits, Matcher
from bot.catalogue.normalise import plain, spelling, words
from bot.catalogue.preparation import Preparation, generic_brand
from bot.catalogue.query import VARIANTS, Vocabulary
from bot.catalogue.ranking import NAME_FEATURES, PRODUCT_FEATURES, Weights
from bot.catalogue.type_ahead import TypeAhead
from bot.registers.fest import read_brand_csv

_NOT_SAID = "ikke relevant"
_PARENTHESIS = re.compile(r"^(.*?)\s*\(([^)]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Relatives:
    """What is related to a preparation: `same_substance` in other strengths or forms, `same_group` of the
    same ATC level 4 (which may raise a domino effect, never a substitute). One preparation for each key."""

    same_substance: tuple[Preparation, ...]
    same_group: tuple[Preparation, ...]


class Catalogue:
    """All preparations, immutable; the index is built when it is first asked for."""

    def __init__(
        self,
        preparations: Iterable[Preparation],
        *,
        unknown: frozenset[str] = frozenset(),
        synonyms: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """`unknown`: ATC codes whose names the ATC register would add, but that are not to be known; `synonyms`:
        short names beside the shipped ones, and the brand or substance that each means."""
        self._by_id: dict[str, Preparation] = {one.id: one for one in preparations}
        self._unknown = unknown
        self._synonyms = synonyms

    @classmethod
    def shipped(cls) -> Catalogue:
        """The catalogue of the package: FEST's brand list and the centre's own additions."""
        return _shipped()

    def with_changes(
        self,
        preparations: Iterable[Preparation],
        synonyms: Iterable[tuple[str, str]] = (),
        gone: Set[str] = frozenset(),
    ) -> Catalogue:
        """A new catalogue in which `preparations` replace those of the same id, or are added; so are `synonyms`.

        `gone`: ids that the register no longer has.
        """
        kept = {id: one for id, one in self._by_id.items() if id not in gone}
        return Catalogue(
            {**kept, **{one.id: one for one in preparations}}.values(),
            unknown=self._unknown,
            synonyms=(*self._synonyms, *synonyms),
        )

    def ready(self) -> Self:
        """This catalogue, after one question of each kind: what is built at a first question is then built."""
        self.type_ahead("paracet", limit=1)
        self.match("paracet 500")
        for one in self.strengths("paracet"):
            self.relatives(one.key)
        return self

    def without(self, substances: Set[str]) -> Catalogue:
        """A new catalogue that knows these substances by no name: what it then does with one is measured."""
        unknown = {atc for name in substances for atc in self.substances[name.casefold()].atcs}
        kept = (one for one in self if one.substance not in substances)
        return Catalogue(kept, unknown=self._unknown | unknown, synonyms=self._synonyms)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Preparation]:
        return iter(self._by_id.values())

    def __getitem__(self, id: str) -> Preparation:
        """The preparation; raises KeyError for an unknown id."""
        return self._by_id[id]

    def get(self, id: str) -> Preparation | None:
        """The preparation, or None."""
        return self._by_id.get(id)

    def match(self, query: str, *, limit: int = 5) -> Match:
        """Which medicine `query` means (DESIGN §3's `match`); at most `limit` candidates."""
        return self.matcher.match(query, limit)

    def type_ahead(
        self, typed: str, *, limit: int = 20, popularity: Mapping[str, float] | None = None
    ) -> tuple[Candidate, ...]:
        """Options for what is being typed, from two letters; `popularity` by item id breaks ties."""
        return self._type_ahead.options(typed, limit, popularity)

    def exact(self, *, name: str = "", atc: str = "") -> Item | None:
        """The item with exactly this name (preparation, brand or substance; case and spaces apart) or ATC
        code; None when there is none, or when the name stands for several substances.

        A preparation's name gives its product; a brand in one form and strength its product, else its
        substance; a substance's name or an ATC code gives the substance.
        """
        if name:
            return self._exact_names.get(_exact_key(name))
        return self._by_atc.get(atc.strip().upper()) if atc else None

    def same_preparation(self, key: str) -> tuple[Preparation, ...]:
        """Every brand and supplier of the preparation with this key."""
        return self._by_key.get(key, ())

    def same_substance(self, key: str) -> tuple[Preparation, ...]:
        """The other preparations of this one's substance, one of each strength and form."""
        return tuple(one for one in self._by_substance.get(key.partition("|")[0], ()) if one.key != key)

    def same_exchange_group(self, key: str) -> tuple[Preparation, ...]:
        """What FEST lets pharmacies exchange this one for: one of each other key, from the group itself."""
        groups = {one.exchange_group for one in self.same_preparation(key)} - {None}
        if len(groups) != 1:
            return ()
        return tuple(one for one in self._by_exchange_group.get(groups.pop() or "", ()) if one.key != key)

    def relatives(self, key: str) -> Relatives:
        """What is related to the preparation with this key; empty for an unknown key."""
        of_key = self.same_preparation(key)
        if not of_key:
            return Relatives((), ())
        groups = {one.atc[:5] for one in of_key if one.atc and len(one.atc) >= 5}
        same_substance = {one.key: one for one in self.same_substance(key)}
        same_group = {
            k: them[0]
            for k, them in self._by_key.items()
            if k != key and k not in same_substance and (them[0].atc or "")[:5] in groups
        }
        return Relatives(tuple(same_substance.values()), tuple(same_group.values()))

    def strengths(self, brand_or_substance: str) -> tuple[Preparation, ...]:
        """Which forms and strengths of a brand or substance exist: one preparation of each, by form and then
        by amount. The name is compared exactly but for case and spaces."""
        by_key: dict[str, Preparation] = {}
        for one in self._by_name.get(_exact_key(brand_or_substance), ()):
            by_key.setdefault(one.key, one)
        return tuple(sorted(by_key.values(), key=lambda p: (p.form, *(part.amount for part in p.amounts.components))))

    @cached_property
    def _by_name(self) -> dict[str, tuple[Preparation, ...]]:
        """Preparations by the exact name of their brand, and by that of their substance."""
        grouped: dict[str, list[Preparation]] = {}
        for one in self:
            for name in {_exact_key(one.brand), _exact_key(one.substance)}:
                grouped.setdefault(name, []).append(one)
        return {name: tuple(them) for name, them in grouped.items()}

    @cached_property
    def _by_key(self) -> dict[str, tuple[Preparation, ...]]:
        grouped: dict[str, list[Preparation]] = {}
        for one in self:
            grouped.setdefault(one.key, []).append(one)
        return {key: tuple(them) for key, them in grouped.items()}

    @cached_property
    def _by_substance(self) -> dict[str, tuple[Preparation, ...]]:
        """One preparation of each key, by the key's first part."""
        grouped: dict[str, list[Preparation]] = {}
        for key, them in self._by_key.items():
            grouped.setdefault(key.partition("|")[0], []).append(them[0])
        return {substance: tuple(them) for substance, them in grouped.items()}

    @cached_property
    def _by_exchange_group(self) -> dict[str, tuple[Preparation, ...]]:
        """One preparation of each key, by exchange group."""
        grouped: dict[str, dict[str, Preparation]] = {}
        for one in self:
            if one.exchange_group:
                grouped.setdefault(one.exchange_group, {}).setdefault(one.key, one)
        return {group: tuple(them.values()) for group, them in grouped.items()}

    @cached_property
    def substances(self) -> dict[str, Item]:
        """The substances by their name in lower case: those of the preparations, and those that only the ATC
        register knows (a medicine without a Norwegian brand can be short too)."""
        grouped: dict[str, list[Preparation]] = {}
        for one in self:
            if one.substance.casefold() != _NOT_SAID:
                grouped.setdefault(one.substance.casefold(), []).append(one)
        codes: dict[str, list[str]] = {}
        names: dict[str, str] = {}
        for atc, name in shipped.language().atc_names.items():
            if len(atc) == 7 and atc not in self._unknown:
                codes.setdefault(name.casefold(), []).append(atc)
                names.setdefault(name.casefold(), name)
        taken = {one.atc for one in self}
        items: dict[str, Item] = {}
        for key, them in grouped.items():
            counted = Counter(one.atc for one in them if one.atc)
            ordered = [atc for atc, _ in counted.most_common()]
            ordered += [atc for atc in codes.get(key, ()) if atc not in counted]
            name = them[0].substance
            items[key] = _substance_item(name, tuple(ordered), tuple(them))
        for key, atcs in codes.items():
            free = tuple(atc for atc in atcs if atc not in taken)
            if key not in items and free:
                items[key] = _substance_item(names[key][0].upper() + names[key][1:], free, ())
        return items

    @cached_property
    def _products(self) -> tuple[Item, ...]:
        """One item a navnFormStyrke; parallel imports share it."""
        grouped: dict[str, list[Preparation]] = {}
        for one in self:
            grouped.setdefault(one.name.casefold(), []).append(one)
        items: list[Item] = []
        for them in grouped.values():
            first = them[0]
            substance = self.substances.get(first.substance.casefold())
            own = tuple(dict.fromkeys(one.atc for one in them if one.atc))
            atcs = tuple(dict.fromkeys((*own, *(substance.atcs if substance else ()))))
            name = first.substance if substance else first.brand
            items.append(Item(Kind.PRODUCT, first.id, first.name, name, first.atc, atcs, tuple(them)))
        return tuple(items)

    @cached_property
    def names(self) -> tuple[tuple[str, tuple[Item, ...]], ...]:
        """Every name with the items it stands for: brands, substances, synonyms."""
        brands: dict[str, tuple[str, list[Item]]] = {}
        named: dict[str, tuple[Item, ...]] = {}
        entries: list[tuple[str, tuple[Item, ...]]] = []
        for item in self._products:
            brand = item.preparations[0].brand
            brands.setdefault(brand.casefold(), (brand, []))[1].append(item)
            entries.extend(
                (synonym, (item,)) for synonym in dict.fromkeys(s for p in item.preparations for s in p.synonyms)
            )
        for key, (brand, items) in brands.items():
            named[key] = tuple(items)
            entries.append((brand, tuple(items)))
        for key, item in self.substances.items():
            named[key] = (item, *named.get(key, ()))
            entries.append((item.name, (item,)))
            parts = _PARENTHESIS.match(item.name)
            if parts:
                entries.append((parts[1], (item,)))
        generic: dict[str, list[Item]] = {}
        for item in self._products:
            first = item.preparations[0]
            generic.setdefault(generic_brand(first.brand, first.supplier), []).append(item)
        for name, means in (*shipped.language().synonyms, *self._synonyms):
            meant = (*named.get(means.casefold(), ()), *generic.get(_exact_key(means), ()))
            if meant:
                entries.append((name, tuple(dict.fromkeys(meant))))
        return tuple(entries)

    @cached_property
    def matcher(self) -> Matcher:
        """The matcher over all names."""
        weights, limits = ranking_weights()
        pairs = shipped.language().lookalikes
        matcher = Matcher(self.names, self.vocabulary, weights, limits, pairs, self.use_of)
        gc.freeze()  # the index stays: a collection that walks all of it would hold one query up for 80 ms
        return matcher

    @staticmethod
    def use_of(atc: str | None) -> str:
        """What medicines with this ATC code are used for: the Norwegian name of its level 3, else level 2."""
        names = shipped.language().atc_names
        return next((names[atc[:n]].lower() for n in (4, 3) if atc and atc[:n] in names), "")

    @cached_property
    def _type_ahead(self) -> TypeAhead:
        return TypeAhead(self.names)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Suppliers' words and their beginnings, but for those that name a medicine themselves."""
        lists = shipped.language()
        naming = {spelling(word) for one in self for word in words(plain(one.brand))[:1]}
        naming |= {spelling(word) for one in self for word in words(plain(one.substance))}
        naming |= VARIANTS
        makers: dict[str, set[str]] = {}
        initials: set[tuple[str, str]] = set()
        for supplier in {one.supplier for one in self}:
            full = [spelling(word) for word in words(plain(supplier))[:3]]
            initials.update((one, other) for one, other in pairwise(full) if len(one) == 1 < len(other))
            for word, stands_for in _short_forms(full):
                if word not in naming and form_word(word) is None:
                    makers.setdefault(word, set()).update(stands_for)
        for written, supplier in lists.makers.items():
            makers.setdefault(written, {written}).add(supplier)
        return Vocabulary(
            {word: frozenset(full) for word, full in makers.items()},
            initials,
            lists.translations,
            lists.salts,
        )

    @cached_property
    def _exact_names(self) -> dict[str, Item]:
        found: dict[str, Item] = {}
        by_brand: dict[str, list[Item]] = {}
        for item in self._products:
            by_brand.setdefault(_exact_key(item.preparations[0].brand), []).append(item)
        for key, items in by_brand.items():
            substances = {item.substance.casefold() for item in items}
            if len(items) == 1:
                found[key] = items[0]
            elif len(substances) == 1 and (of := self.substances.get(substances.pop())):
                found[key] = of
        found |= {_exact_key(item.name): item for item in self.substances.values()}
        found |= {_exact_key(item.name): item for item in self._products}
        return found

    @cached_property
    def _by_atc(self) -> dict[str, Item]:
        ordered = sorted(self.substances.values(), key=lambda item: len(item.preparations))
        return {atc: item for item in ordered for atc in item.atcs}


def _short_forms(full: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """How a supplier's name is cut short: beginnings of its words ("orif"), two of them joined ("medval")."""
    for word in full:
        for length in range(3, len(word) + 1):
            yield word[:length], (word,)
    for one, next_one in pairwise(full):
        for length in range(3, min(6, len(one)) + 1):
            for more in range(3, len(next_one) + 1):
                yield one[:length] + next_one[:more], (one, next_one)


def _substance_item(name: str, atcs: tuple[str, ...], preparations: tuple[Preparation, ...]) -> Item:
    key = "-".join(words(plain(name)))
    return Item(Kind.SUBSTANCE, f"stoff:{key}", name, name, atcs[0] if atcs else None, atcs, preparations)


def _exact_key(name: str) -> str:
    return " ".join(plain(name).split())


@cache
def ranking_weights() -> tuple[Weights, Limits]:
    """The shipped weights of the ranking and limits of the decision."""
    tables = shipped.weights_file()
    return (
        Weights(
            tuple(tables["name"][feature] for feature in NAME_FEATURES),
            tuple(tables["product"][feature] for feature in PRODUCT_FEATURES),
        ),
        Limits(
            tuple(tables["evidence"][feature] for feature in EVIDENCE),
            tuple(tables["nearness"][feature] for feature in NEARNESS),
            **tables["decision"],
        ),
    )


@cache
def _shipped() -> Catalogue:
    listed = {
        one.id: one
        for one in read_brand_csv(
            io.StringIO(shipped.brand_list()),
            published="FEST, Direktoratet for medisinske produkter, des. 2025",
        )
    }
    return Catalogue(listed.values()).with_changes(shipped.own_preparations(listed))
