"""The catalogue that is in use: the shipped list with what has been imported since, the same in every replica."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from bot.cases.medicine import (
    LONGEST_VALUE,
    Medicine,
    as_written,
    from_any_brand,
    from_brand,
    from_preparation,
    from_substance,
)
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.forms import form_fit, form_of, releases_clash, routes_clash
from bot.catalogue.match import Candidate, Decision, Item, Kind, Match
from bot.catalogue.normalise import plain
from bot.catalogue.normalise import words as split_words
from bot.catalogue.packing import Packing
from bot.catalogue.preparation import Authorisation, Preparation, Scope
from bot.catalogue.shipped import PUBLISHED_ON, own_preparations
from bot.catalogue.strength import find_strengths
from bot.messages.phrase import Phrase, phrase
from bot.refusal import Refused
from bot.registers.fest import SOURCE
from bot.stock.items import ItemRef
from bot.stock.units import Pack
from storage import cases as stored_cases
from storage import catalogue as stored
from storage import stock as stored_stock
from storage.tables import CatalogueEntry, CatalogueImport, CataloguePackage
from storage.unit_of_work import Database

OPTIONS = 15
"""Options shown while typing: what a phone shows with one flick."""

KNOWN_TO_ALL = ("meeting", "published")
"""Visibilities of the cases that somebody who reports may be offered to join; an internal one is not hinted at."""

OPEN_SHORTAGE = 1000.0
"""What an open shortage weighs beside a report or a stock: of equals it is among the few that are shown."""

SEEN_FOR = 1.0
"""Seconds for which the open cases are taken for those that there are, unless one has changed here."""

A_SLIP = 75.0
"""Likeness (`fuzz.ratio`) from which a written word is a word of a brand's name."""

SAME_STRENGTH = 0.85
"""Likeness from which a written strength names a preparation's: the same amount, or the same concentration."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One medicine to choose: what stands in the list, what is sent back, and the open case if there is one."""

    name: str
    description: str
    value: str
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What is offered while somebody types: open shortages, brands, substances, and the text itself."""

    short: tuple[Choice, ...]
    products: tuple[Choice, ...]
    substances: tuple[Choice, ...]
    as_typed: Choice | None


@dataclass(frozen=True, slots=True)
class Meant:
    """What some words mean: a medicine for certain, some to ask about, or none."""

    medicine: Medicine | None
    options: tuple[Choice, ...]


class CatalogueService:
    """Finds medicines, and takes new ones in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version = 0
        self._popularity: dict[str, float] = {}
        self._seen: Mapping[str, str] = {}
        self._seen_at: tuple[float, int] | None = None
        self._packages: dict[str, tuple[str, str]] = {}
        self._packings: dict[str, Packing] = {}
        self.catalogue = Catalogue.shipped()
        self.source = _source(None, None)
        """Who publishes what the catalogue says, and of which date: named where it is shown."""

    @property
    def version(self) -> int:
        """Which of the base's catalogues this one is: the same on every replica."""
        return self._version

    # --- finding ---

    def match(self, query: str) -> Match:
        """Which medicine `query` means."""
        return self.catalogue.match(query)

    def meant(self, words: str) -> Meant:
        """The medicine that `words` mean; several to choose from where it is not sure."""
        found = self.catalogue.match(words)
        certain = self.certain(found)
        if certain is not None:
            return Meant(certain, ())
        if found.decision is Decision.ASK:
            return Meant(None, tuple(_choice(candidate, None) for candidate in found.candidates))
        return Meant(None, ())

    def certain(self, found: Match) -> Medicine | None:
        """The medicine of a sure match, no more exact than the words: a strength is never filled in for somebody."""
        if found.decision is not Decision.MATCH:
            return None
        item, words = found.candidates[0].item, found.query
        if item.kind is Kind.SUBSTANCE:
            return from_substance(item.substance, item.atc)
        brand = item.preparations[0].brand
        left = named_by(words, brand, self.catalogue.strengths(brand))
        if written(item.substance, words) and not written(brand, words):
            return self._of_any_brand(found, left)
        if len(left) > 1:
            return from_brand(brand, left)
        return from_preparation(next((one for one in item.preparations if one.key == left[0].key), left[0]))

    def _of_any_brand(self, found: Match, left: Sequence[Preparation]) -> Medicine:
        """The substance was named, not a brand: its preparation where one is left, else the substance."""
        if len(left) == 1:
            return from_any_brand(self.catalogue.same_preparation(left[0].key))
        best = found.candidates[0]
        fitting = [one.item for one in found.candidates if one.kind is Kind.PRODUCT and one.score == best.score]
        if len({item.preparations[0].brand for item in fitting}) == 1:
            return from_brand(left[0].brand, left)
        return from_substance(best.substance, best.atc)

    async def choices(self, typed: str) -> Choices:
        """Options for what has been typed so far, those with an open case first; from two letters on."""
        typed = " ".join(typed.split())[:300]
        if len(typed) < 2:
            return Choices((), (), (), None)
        found = self.catalogue.type_ahead(typed, limit=OPTIONS, popularity=self._popularity) or self._near(typed)
        candidates = self._strengths_together(found, plain(typed))
        keys = {candidate.id: self.medicine(value_of(candidate.item)).key for candidate in candidates}
        cases = await self._open_cases()
        short: list[Choice] = []
        products: list[Choice] = []
        substances: list[Choice] = []
        for candidate in candidates:
            number = cases.get(keys[candidate.id])
            choice = _choice(candidate, number)
            group = short if number else products if candidate.kind is Kind.PRODUCT else substances
            group.append(choice)
        return Choices(
            tuple(short), tuple(products), tuple(substances), Choice(typed, "", f"t:{typed}"[:LONGEST_VALUE])
        )

    async def _open_cases(self) -> Mapping[str, str]:
        """Preparation key → the number of its oldest open case that is known to all; asked once for many keystrokes.

        What has changed here since is asked for again; what has changed in another process, after `SEEN_FOR`.
        """
        now, recorded = time.monotonic(), self._database.recorded
        if self._seen_at is None or self._seen_at[1] != recorded or now - self._seen_at[0] > SEEN_FOR:
            async with self._database.read() as session:
                self._seen = await stored_cases.open_numbers(session, visible=KNOWN_TO_ALL)
            self._seen_at = now, recorded
        return self._seen

    def _strengths_together(self, found: Sequence[Candidate], begun: str) -> list[Candidate]:
        """All strengths of what is being written before what only sounds like it, the most reported one first."""
        place: dict[str, int] = {}
        for candidate in found:
            place.setdefault(_brand(candidate), len(place))

        def order(candidate: Candidate) -> tuple[bool, int, float]:
            other = not plain(candidate.name).startswith(begun)
            return other, place[_brand(candidate)], -self._popularity.get(candidate.id, 0.0)

        return sorted(found, key=order)

    def _near(self, typed: str) -> tuple[Candidate, ...]:
        """What a whole query comes near: strength and form are no beginning of a name."""
        found = self.catalogue.match(typed)
        return () if found.decision is Decision.NONE else found.candidates

    def medicine(self, value: str) -> Medicine:
        """The medicine behind a choice's value. Raises `Refused` where it has left the catalogue."""
        kind, _, ref = value.partition(":")
        if kind == "p":
            preparation = self.catalogue.get(ref)
            if preparation is not None:
                return from_preparation(preparation)
        if kind == "b":
            preparations = self.catalogue.strengths(ref)
            if preparations:
                return from_brand(ref, preparations) if len(preparations) > 1 else from_preparation(preparations[0])
        if kind == "s":
            item = self.catalogue.substances.get(ref.casefold())
            if item is not None:
                return from_substance(item.substance, item.atc)
        if kind == "k" and (same := self.catalogue.same_preparation(ref)):
            return from_any_brand(same)
        if kind == "t" and ref.strip():
            return as_written(ref)
        raise Refused(phrase("Fant ikke legemiddelet i listen. Velg det på nytt."), field="medicine")

    def find_item(self, *, article: str | None, atc: str | None, name: str | None) -> ItemRef | None:
        """The item that a row of a stock sheet means: an exact name first, then a sure match, then an ATC code.

        An article number or EAN of FEST's says which preparation where the name does not: one that is unknown, or only
        a substance's. A name that says a preparation stands, since a sender's own numbers can look like FEST's.
        """
        item = self.catalogue.exact(name=name) if name else None
        if item is None and name:
            found = self.catalogue.match(name)
            if found.decision is Decision.MATCH:
                item = found.candidates[0].item
        number, packed = self._packages.get(article or "", (article, None))
        preparation = self.catalogue.get(packed) if packed else None
        if preparation is not None and (item is None or _leaves_open(item, preparation)):
            medicine, product = from_preparation(preparation), True
        else:
            if item is None and atc:
                item = self.catalogue.exact(atc=atc)
            if item is None:
                return None
            medicine, product = self.medicine(value_of(item)), item.kind is Kind.PRODUCT
        return ItemRef(
            key=number or medicine.key,
            name=name or medicine.name,
            substance=medicine.substance,
            atc=medicine.atc,
            preparation_key=medicine.key if product else None,
        )

    def pack_of(self, article: str | None, item: ItemRef) -> Pack | None:
        """What one package of an article number or EAN holds, by FEST; None where FEST does not say."""
        packing = self._packings.get(article or item.key)
        return packing.pack() if packing is not None else None

    # --- taking in ---

    async def prepare(self) -> None:
        """Take in what has been imported, and build the index: here, not while somebody waits for an answer."""
        if not await self.refresh():
            await asyncio.to_thread(self.catalogue.ready)

    async def refresh(self) -> bool:
        """Rebuild the index where somebody has changed the catalogue since; the old one answers meanwhile.

        Counts anew what is short, reported and stocked: among equals, type-ahead shows those first.
        """
        async with self._database.read() as session:
            reported = await stored_cases.popularity(session)
            stocked = await stored_stock.preparation_keys(session)
            short = await stored_cases.open_preparation_keys(session, visible=KNOWN_TO_ALL)
            version = await stored.version(session)
            changed = version != self._version
            entries = await stored.entries(session) if changed else []
            synonyms = await stored.accepted_synonyms(session) if changed else []
            packages = await stored.packages(session) if changed else []
            packings = _packings(await stored.packings(session)) if changed else {}
            in_cases = await stored.named_in_cases(session) if changed else set()
            imports = await stored.register_imports(session) if changed else (None, None)
        if changed:
            pairs = [(synonym.words, synonym.means) for synonym in synonyms]
            catalogue = await asyncio.to_thread(_built, entries, pairs, in_cases | set(stocked))
            if version > self._version:  # while it was built another call may have come further
                self.catalogue, self._version = catalogue, version
                self._packages = _by_number(packages)
                self._packings = packings
                self.source = _source(*imports)
        self._popularity = self._weigh(reported, stocked, short)
        return changed

    def _weigh(self, reported: Mapping[str, int], stocked: Iterable[str], short: Iterable[str]) -> dict[str, float]:
        weights = {item: float(times) for item, times in reported.items()}
        for keys, weight in ((stocked, 1.0), (short, OPEN_SHORTAGE)):
            for key in keys:
                for preparation in self.catalogue.same_preparation(key):
                    weights[preparation.id] = weights.get(preparation.id, 0.0) + weight
        return weights

    async def take_in(
        self, preparations: Iterable[Preparation], source: str, *, dry_run: bool = False
    ) -> tuple[int, int]:
        """Store a list: how many were read, how many were new or different. The rest of the catalogue stays.

        What the list does not say of a preparation (authorisation, exchange group) stays as it is known.
        """
        read, changed = 0, {}
        for listed in preparations:
            read += 1
            known = self.catalogue.get(listed.id)
            said = listed
            if known is not None and listed.authorised is Authorisation.UNKNOWN:
                said = replace(listed, authorised=known.authorised, exchange_group=known.exchange_group)
            if known != said:
                changed[said.id] = said
        if dry_run:
            return read, len(changed)
        async with self._database.unit_of_work() as uow:
            await stored.put(uow.session, CatalogueEntry, [row_of(preparation) for preparation in changed.values()])
            await uow.add(CatalogueImport(at=uow.now, source=source[:300], read=read, changed=len(changed)))
        await self.refresh()
        return read, len(changed)


def _leaves_open(item: Item, preparation: Preparation) -> bool:
    """Whether `item` is the substance of `preparation`, and no more."""
    return item.kind is Kind.SUBSTANCE and item.substance.casefold() == preparation.substance.casefold()


def _by_number(packages: Iterable[tuple[str | None, str | None, str]]) -> dict[str, tuple[str, str]]:
    """Article number or EAN → the package's article number (its EAN where it has none) and preparation."""
    found: dict[str, tuple[str, str]] = {}
    for article, ean, preparation in packages:
        for number in filter(None, (article, ean)):
            found[number] = (article or number, preparation)
    return found


def _packings(rows: Iterable[tuple[CataloguePackage, list[dict[str, Any]] | None, str]]) -> dict[str, Packing]:
    """Article number or EAN → the package; of a medicine with several substances no strength counts."""
    found = {}
    for package, ingredients, name in rows:
        strength = ingredients[0]["strength"] if ingredients and len(ingredients) == 1 else None
        packing = Packing(package.size or "", package.unit or "", name, strength, package.ddd, package.ddd_unit)
        for number in filter(None, (package.article, package.ean)):
            found[number] = packing
    return found


def _source(whole: CatalogueImport | None, extract: CatalogueImport | None) -> Phrase:
    said = phrase("{register}, {on}", register=SOURCE, on=whole.register_on if whole else PUBLISHED_ON)
    if extract is None:
        return said
    return phrase("{said}, med et utdrag fra {on}", said=said, on=extract.register_on)


def written(name: str, words: str) -> bool:
    """True where somebody wrote the name: each of its words stands in theirs, give or take a slip."""
    typed = split_words(plain(words))
    return all(
        any(fuzz.ratio(word, one) >= A_SLIP or (len(one) > 2 and word.startswith(one)) for one in typed)
        for word in split_words(plain(name))
    )


def named_by(words: str, brand: str, preparations: Sequence[Preparation]) -> tuple[Preparation, ...]:
    """Those of a brand's `preparations` that `words` may mean by the strength and form that they name.

    A strength that the brand is not sold in names none, and leaves all of them open.
    """
    read = find_strengths(plain(words))
    left = list(preparations)
    if read.strength.components:
        left = [one for one in left if one.amounts.likeness(read.strength) >= SAME_STRENGTH]
    elif read.numbers:
        left = [one for one in left if {part.amount for part in one.amounts.components} & set(read.numbers)] or left
    form = form_of(word for word in split_words(read.rest) if word not in split_words(plain(brand)))
    fitting = [one for one in left if not routes_clash(form, one.traits) and not releases_clash(form, one.traits)]
    best = max((form_fit(form, one.traits) for one in fitting), default=0.0)
    return tuple(one for one in fitting if form_fit(form, one.traits) == best) or tuple(preparations)


def value_of(item: Item) -> str:
    """What a choice of `item` sends back."""
    return f"p:{item.id}" if item.kind is Kind.PRODUCT else f"s:{item.substance}"[:LONGEST_VALUE]


def _brand(candidate: Candidate) -> str:
    item = candidate.item
    return item.preparations[0].brand if item.kind is Kind.PRODUCT else item.name


def _choice(candidate: Candidate, case: str | None) -> Choice:
    item = candidate.item
    if item.kind is Kind.SUBSTANCE:
        return Choice(item.name, item.atc or "", value_of(item), case)
    suppliers = list(dict.fromkeys(one.supplier for one in item.preparations if one.supplier))
    described = " · ".join([item.substance, *suppliers[:1]])
    return Choice(item.name, described, value_of(item), case)


def _built(entries: Sequence[CatalogueEntry], synonyms: list[tuple[str, str]], in_use: Set[str]) -> Catalogue:
    """The shipped list with what is stored; what has left the register only where a case or a stock has it."""
    known = {entry.id: preparation_of(entry) for entry in entries}
    # a correction of ours holds for what FEST itself says too: it gives Erwinase the group's name
    known |= {one.id: one for one in own_preparations(known) if one.id in known}
    gone = {entry.id for entry in entries if entry.expired_at is not None and known[entry.id].key not in in_use}
    kept = [one for id, one in known.items() if id not in gone]
    return Catalogue.shipped().with_changes(kept, synonyms, gone).ready()


def preparation_of(entry: CatalogueEntry) -> Preparation:
    """The preparation that a row holds."""
    return Preparation(
        id=entry.id,
        brand=entry.brand,
        name=entry.name,
        atc=entry.atc,
        substance=entry.substance,
        supplier=entry.supplier,
        scope=Scope(entry.scope),
        authorised=Authorisation(entry.authorised),
        synonyms=tuple(entry.synonyms),
        source=entry.source,
        exchange_group=entry.exchange_group,
    )


def row_of(preparation: Preparation) -> dict[str, Any]:
    """The columns of a preparation's row."""
    return {
        "id": preparation.id,
        "brand": preparation.brand,
        "name": preparation.name,
        "atc": preparation.atc,
        "substance": preparation.substance,
        "supplier": preparation.supplier,
        "scope": preparation.scope.value,
        "authorised": preparation.authorised.value,
        "synonyms": list(preparation.synonyms),
        "source": preparation.source,
        "exchange_group": preparation.exchange_group,
    }
