"""Which substance a row of another country's register means: by its ATC code, by its substance, by its name.

Substances are written in their languages ("momelotinibdihydrokloridmonohydrat", "Enoxaparinum natricum INN",
"Tacrolimus-Monohydrat"), so a code goes first: it is the same everywhere. Where code and words speak of different
things, neither is taken for certain.
"""

from __future__ import annotations

import re
from functools import cached_property

from bot.cases.medicine import from_substance
from bot.catalogue import shipped
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Decision, Item, Kind, Match
from bot.catalogue.normalise import plain, sound, words
from bot.catalogue.preparation import is_collective
from bot.registers.compare import Grade, Graded
from bot.registers.notices import Notice

WHOLE_CODE = 7
"""Letters and digits of an ATC code of a substance; a shorter one is a group's."""

STEM = 4
"""Letters, as sounded, that two languages' names of a substance begin with."""

SURE_OF_A_SUBSTANCE = 0.97
"""Score from which a substance's own name is meant, whatever else is called something like it with a salt."""

FEWEST_OF_A_BRAND = 5
"""Letters from which a brand's first word alone says which substance it is."""

_SALTS = frozenset((
    "sodium", "potassium", "calcium", "chloride", "bromide", "sulfate", "sulphate", "phosphate", "acetate",
    "tartrate", "citrate", "maleate", "fumarate", "mesylate", "mesilate", "dimesylate", "furoate", "nitrate",
    "lactate", "gluconate", "besylate", "besilate", "tosylate", "succinate", "propionate", "valerate", "hydrate",
    "anhydrous", "hemihydrate", "dihydrate", "trihydrate", "sesquihydrate", "disodium", "natrium", "kalium",
    "kalsium", "natricum", "natrii", "kalii", "hydrochloridum", "monohydricum", "acetas", "cilexetil", "medoxomil",
    "axetil",
))  # fmt: skip
"""Words of a salt in English, German and Latin, beside those that the catalogue knows in Norwegian."""

_INN = re.compile(r"\bINN\b|\([^)]*\)|\b\d+(?:[.,]\d+)?\s*%?", re.IGNORECASE)
_SALT_ENDS = (
    "hydrochlorid", "hydroklorid", "dihydroklorid", "hydrokloridmonohydrat", "monohydrat", "dihydrat", "trihydrat",
    "acetat", "citrat", "sitrat", "tartrat", "maleat", "fumarat", "fosfat", "phosphat", "sulfat", "mesilat", "besilat",
    "natrium", "kalium", "propionat", "palmitat", "succinat", "suksinat", "bromid", "klorid", "chlorid", "nitrat",
)  # fmt: skip
_BETWEEN = re.compile(r"\s*(?:[,;/+&]|\bog\b|\bund\b|\band\b|\boch\b|\bja\b)\s*")


class SubstanceFinder:
    """Finds substances in one catalogue; what has been found is remembered as long as it lives."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._known: dict[tuple[str, str, str], Graded] = {}

    def graded(self, notice: Notice) -> Graded:
        """The substance of a row: certain where code and words agree, likely where only one of them speaks."""
        key = notice.atc, notice.substance, notice.said_as if notice.atc and notice.substance else notice.name
        if key not in self._known:
            self._known[key] = self._found(notice)
        return self._known[key]

    def _found(self, notice: Notice) -> Graded:
        by_code = self._by_code(notice.atc)
        if by_code is not None:
            if alike(notice.substance or notice.said_as, by_code):
                return _meant(by_code, notice.atc, Grade.CERTAIN)
            if not notice.substance:
                return _meant(by_code, notice.atc, Grade.LIKELY)
        by_name = self._by_substance(notice) or self._by_brand(notice) or self._by_name(notice)
        if by_code is not None and (by_name is None or by_name.substance == by_code.substance):
            return _meant(by_code, notice.atc, Grade.LIKELY)
        if by_name is not None:
            if by_code is not None and is_collective(by_code.substance):  # "Elektrolytter" is many; the words say which
                return _meant(by_name, notice.atc, Grade.LIKELY)
            if by_code is not None:  # the code says one thing and the words another: a person decides
                return Graded(Grade.ASK, None, notice.atc)
            return _meant(by_name, self._code_of(by_name, notice), Grade.LIKELY)
        return Graded(Grade.NONE)

    def _by_code(self, atc: str) -> Item | None:
        return self.catalogue.exact(atc=atc) if len(atc) == WHOLE_CODE else None

    def _by_substance(self, notice: Notice) -> Item | None:
        """The substance as named: as it stands, else without salt; several substances are none of them."""
        parts = [part for part in _BETWEEN.split(_INN.sub(" ", notice.substance)) if len(part) > 2]
        if not parts:
            return None
        found = [self._matched(part) for part in dict.fromkeys(part.casefold() for part in parts)]
        items = {item.substance: item for item in found if item is not None}
        return next(iter(items.values())) if len(items) == 1 and all(found) else None

    def _matched(self, written: str) -> Item | None:
        whole = words(plain(written))
        bare = [word for at, word in enumerate(whole) if at == 0 or word not in _SALTS | self._salts]
        for name in dict.fromkeys((" ".join(whole), " ".join(bare), self._without_salt(bare[0]) if bare else "")):
            if not name:
                continue
            exact = self.catalogue.exact(name=name)
            if exact is not None:
                return self._substance_of(exact)
            found = self.catalogue.match(name)
            best = found.candidates[0] if found.candidates else None
            if best is not None and best.kind is Kind.SUBSTANCE and best.score >= SURE_OF_A_SUBSTANCE:
                return self._substance_of(best.item)
            if (certain := self._certain(found)) is not None:
                return certain
        return None

    @cached_property
    def _salts(self) -> frozenset[str]:
        return frozenset(shipped.language().salts)

    def _without_salt(self, word: str) -> str:
        """The word without a salt at its end: "prednisolonacetat" → "prednisolon"."""
        ends = (salt for salt in _SALT_ENDS if word.endswith(salt) and len(word) - len(salt) >= STEM)
        longest = max(ends, key=len, default="")
        return word.removesuffix(longest) if longest else ""

    def _by_brand(self, notice: Notice) -> Item | None:
        """The substance of the only brand that begins with the row's first word, in the Norwegian catalogue."""
        first = next(iter(words(plain(notice.said_as))), "")
        substances = self._brands.get(first, ())
        if len(first) < FEWEST_OF_A_BRAND or len(substances) != 1:
            return None
        return self.catalogue.substances.get(next(iter(substances)).casefold())

    @cached_property
    def _brands(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one in self.catalogue:
            found.setdefault(next(iter(words(plain(one.brand))), ""), set()).add(one.substance)
        return found

    def _by_name(self, notice: Notice) -> Item | None:
        if notice.substance and len(_BETWEEN.split(notice.substance)) > 1:
            return None
        return self._certain(self.catalogue.match(notice.name.replace('"', "")))

    def _certain(self, found: Match) -> Item | None:
        if found.decision is not Decision.MATCH:
            return None
        return self._substance_of(found.candidates[0].item)

    def _substance_of(self, item: Item) -> Item:
        return self.catalogue.substances.get(item.substance.casefold(), item)

    def _code_of(self, item: Item, notice: Notice) -> str | None:
        """The code of a substance that has several: the one of the form that the row names, where that is one."""
        if len(item.atcs) <= 1:
            return item.atc
        found = self.catalogue.match(f"{item.substance} {notice.name}"[:300])
        codes = {one.atc for one in found.candidates if one.substance == item.substance and one.preparations}
        return codes.pop() if len(codes) == 1 else None


def alike(written: str, item: Item) -> bool:
    """Whether words speak of a substance: a word of its begins as one of theirs sounds, or its brand is named."""
    said = {sound(word)[:STEM] for word in words(plain(written)) if len(word) >= STEM}
    own = {sound(word)[:STEM] for word in words(plain(item.substance)) if len(word) >= STEM}
    brands = {sound(word) for one in item.preparations for word in words(plain(one.brand))[:1] if len(word) >= STEM}
    return bool(said & own) or bool({sound(word) for word in words(plain(written))} & brands)


def _meant(item: Item, atc: str | None, grade: Grade) -> Graded:
    return Graded(grade, from_substance(item.substance, atc), atc)
