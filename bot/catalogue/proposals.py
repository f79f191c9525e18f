"""Short names that people use for a medicine: when one is worth proposing, and which medicines it could be taken for.

Nothing is learned by itself. A proposal is made to the centre when different people have meant the same medicine by
the same words, the matcher does not know them, and nobody could mean another medicine by them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from bot.catalogue import shipped
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.decision import read_as
from bot.catalogue.forms import form_word
from bot.catalogue.match import Decision, Item, Kind
from bot.catalogue.normalise import plain, spelling
from bot.catalogue.normalise import words as split_words
from bot.catalogue.preparation import Preparation, generic_brand
from bot.catalogue.query import VARIANTS, Name
from bot.catalogue.strength import find_strengths
from bot.people.identity_numbers import contains_identity_number

LONGEST_WRITTEN = 60
"""Characters of what was typed: more is a message, no name."""
MOST_WORDS = 4
FEWEST_LETTERS = 3
WHOLE_NAME = 4
"""Letters of the naming part from which it stands alone; a shorter one ("v" of "pen v") needs the words beside it."""
LONG_NAME = 8
"""Letters from which two typing errors are easily made and overlooked."""
NEAR, NEAR_LONG = 1.2, 2.0
"""Typing cost (`mistyping`) under which a name is near another: about one error, about two in a long one."""
MOST_NEAR = 3
_SOME_CODE = "V00XX00"
MOST_NUMBERS, LONG_NUMBER = 2, 100_000
"""More bare numbers, or a longer one, are a telephone or an article."""
HALF_WAY = 0.4
"""Typing cost a letter under which words that are no strange ones lie between two look-alikes."""


@dataclass(frozen=True, slots=True)
class Target:
    """What words stand for: a substance, or one brand of it, named as in the catalogue; `kin` as in `kin_of`."""

    name: str
    substance: str
    kin: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One report: what was typed, what it stands under now, and who reported."""

    typed: str
    preparation_id: str | None
    name: str
    person: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """`words` have been used for `means` in so many reports by so many people. `near`: other names not far away."""

    words: str
    means: str
    substance: str
    reports: int
    people: int
    near: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the words mean, a brand with its substance."""
        return self.means if self.substance.casefold() in self.means.casefold() else f"{self.means} ({self.substance})"

    @property
    def value(self) -> str:
        """What tells this proposal from every other one, and from itself when it has changed."""
        return f"{self.words}|{self.means}"


def words_of(text: str, catalogue: Catalogue) -> str | None:
    """The words of `text` that could be a short name, without strength and form; None where it is no name.

    A sentence, a text without letters, and one with a telephone, article or identity number are none.
    """
    read = find_strengths(plain(text))
    numbered = len(read.numbers) > MOST_NUMBERS or any(number >= LONG_NUMBER for number in read.numbers)
    if len(text) > LONGEST_WRITTEN or numbered or contains_identity_number(text):
        return None
    rest = split_words(read.rest)
    said = [word for word in rest if not word.isdigit() and form_word(word) is None]
    name = catalogue.matcher.read(text).name
    if not said or len(said) != len(name.words) + len(name.makers):
        return None  # everyday words were left out of the name: a sentence
    kept = name.words if len(name.core) >= WHOLE_NAME else rest
    if len(kept) > MOST_WORDS or sum(map(str.isalpha, "".join(kept))) < FEWEST_LETTERS or VARIANTS.issuperset(kept):
        return None
    return " ".join(kept)


def meant_by(catalogue: Catalogue, preparation_id: str | None, name: str) -> Item | None:
    """The item of the catalogue that a report stands under; None for one that was taken as written."""
    preparation = catalogue.get(preparation_id) if preparation_id else None
    return catalogue.exact(name=preparation.name if preparation else name)


def kin_of(preparation: Preparation) -> str:
    """What is the same for all that may share a short name: the substance.

    Where the register gives only a group ("Elektrolytter") it is the brand without its supplier: sodium chloride is
    no potassium chloride.
    """
    return replace(preparation, atc=preparation.atc or _SOME_CODE).substance_key


def _kin(item: Item) -> str | None:
    """`kin_of` an item; None for a substance that is only a group."""
    if item.kind is Kind.PRODUCT:
        return kin_of(item.preparations[0])
    own = " ".join(split_words(plain(item.substance)))
    return own if all(kin_of(one) == own for one in item.preparations[:1]) else None


def target_of(items: Iterable[Item]) -> Target | None:
    """What all of `items` are: one brand where they are of one, else their substance; None where they differ.

    A brand that is only the substance with its supplier ("Natriumklorid Fresenius Kabi") is the substance.
    """
    every = list(items)
    kin = _kin(every[0]) if every else None
    if kin is None or any(_kin(item) != kin for item in every):
        return None
    brands = {_brand(item, kin) for item in every}
    brand = brands.pop() if len(brands) == 1 else None
    substance = every[0].substance
    of_substance = " ".join(split_words(plain(substance))) == kin
    return Target(brand or (substance if of_substance else kin.capitalize()), substance, kin)


def _brand(item: Item, kin: str) -> str | None:
    if item.kind is Kind.SUBSTANCE:
        return None
    first = item.preparations[0]
    return None if set(kin.split()) <= set(generic_brand(first.brand, first.supplier).split()) else first.brand


def propose(
    confirmed: Iterable[Confirmed],
    mistaken: Iterable[Confirmed],
    catalogue: Catalogue,
    *,
    decided: Collection[str] = (),
    least_reports: int = 3,
    least_people: int = 2,
) -> tuple[Proposal, ...]:
    """What to propose, the most used first.

    `confirmed`: reports as they stand now; `mistaken`: the same texts under what was put right later, which speaks
    against them; `decided`: words that the centre has accepted, rejected or removed before.
    """
    chosen: dict[str, list[tuple[Item, str]]] = defaultdict(list)
    for one in confirmed:
        item, words = meant_by(catalogue, one.preparation_id, one.name), words_of(one.typed, catalogue)
        if item is not None and words is not None and words not in decided:
            chosen[words].append((item, one.person))
    otherwise: dict[str, list[Item]] = defaultdict(list)
    for one in mistaken:
        item, words = meant_by(catalogue, one.preparation_id, one.name), words_of(one.typed, catalogue)
        if item is not None and words in chosen:
            otherwise[words].append(item)
    proposals: list[Proposal] = []
    for words, choices in chosen.items():
        people = len({person for _, person in choices})
        if len(choices) < least_reports or people < least_people:
            continue
        items = [item for item, _ in choices]
        target = target_of(items)
        if target is None or target_of([*items, *otherwise[words]]) is None:
            continue
        found = catalogue.match(words)
        if found.decision is Decision.MATCH or could_be_taken_for(words, target, catalogue):
            continue
        near = dict.fromkeys(
            candidate.substance for candidate in found.candidates if candidate.substance != target.substance
        )
        shown = tuple(near)[:MOST_NEAR] if found.decision is Decision.ASK else ()
        proposals.append(Proposal(words, target.name, target.substance, len(choices), people, shown))
    return tuple(sorted(proposals, key=lambda proposal: (-proposal.reports, -proposal.people, proposal.words)))


def could_be_taken_for(words: str, target: Target, catalogue: Catalogue) -> tuple[str, ...]:
    """Names of other medicines than `target` that `words` equal, begin, or come near; look-alikes of `target` too.

    Where there is one, the words may not become a short name: a report would be filed under the wrong medicine.
    """
    matcher = catalogue.matcher
    query = matcher.read(words)
    near = NEAR_LONG if len(query.name.heard) >= LONG_NAME else NEAR
    found: list[str] = [
        scored.entry.written
        for scored in matcher.rank(query)
        if not _is(scored.item, target) and read_as(query.name, scored.entry.name).total < near
    ]
    found += _lookalikes(query.name, target, catalogue)
    written = [spelling(word) for word in split_words(plain(words))]
    joined = "".join(written)
    for name, items in catalogue.names:
        parts = [spelling(word) for word in split_words(plain(name))]
        if ("".join(parts).startswith(joined) or set(written) <= set(parts)) and not any(
            _is(item, target) for item in items
        ):
            found.append(name)
    return tuple(dict.fromkeys(found))


def _is(item: Item, target: Target) -> bool:
    return _kin(item) == target.kin


def _lookalikes(words: Name, target: Target, catalogue: Catalogue) -> list[str]:
    """Listed look-alikes that `words` come near, or lie between one and its partner, which is `target`."""
    matcher = catalogue.matcher
    found: list[str] = []
    for one, other in shipped.language().lookalikes:
        cost = {name: read_as(words, matcher.read(name).name).total for name in (one, other)}
        means = {name: (item := catalogue.exact(name=name)) is not None and _is(item, target) for name in cost}
        for name, partner in ((one, other), (other, one)):
            between = cost[name] < min(cost[partner] + matcher.limits.apart, HALF_WAY * len(words.heard))
            if not means[name] and (cost[name] < matcher.limits.apart or (means[partner] and between)):
                found.append(name)
    return found
