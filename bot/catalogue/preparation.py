"""One preparation as the registers name it, and the key under which equal ones meet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.catalogue.forms import RELEASES, Form, form_of, form_word, route_of
from bot.catalogue.normalise import plain, words
from bot.catalogue.strength import NO_STRENGTH, Strength, find_strengths, parse_strength


class Scope(StrEnum):
    """What kind of thing is short; the annual statistics count medicines only (DOMAIN §2)."""

    MEDICINE = "medicine"
    DEVICE = "device"
    IVD = "ivd"


class Authorisation(StrEnum):
    """Marketing authorisation in Norway. Unknown stays unknown until FEST's XML says so (DOMAIN §2)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


_STRENGTH_AT = re.compile(r"(?<![\w.,-])>?\d")
_COLLECTIVE = re.compile(
    r"kombinasjon|diverse|elektrolytter|karbohydrater|aminosyrer|midler|vitaminer|mineraler|andre |diuretika"
    r"|preparater|derivater|allergen|vaksine|immunglobulin|løsninger|ekstrakt|ikke relevant|fettemulsjoner",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Preparation:
    """A brand (FEST: LegemiddelMerkevare) in one form and strength.

    `name` is FEST's navnFormStyrke: brand, form and strength in one line; `brand` is its beginning.
    `exchange_group` is the code of FEST's byttegruppe; None where there is none, or nobody knows.
    """

    id: str
    brand: str
    name: str
    atc: str | None
    substance: str
    supplier: str = ""
    scope: Scope = Scope.MEDICINE
    authorised: Authorisation = Authorisation.UNKNOWN
    synonyms: tuple[str, ...] = ()
    source: str = ""
    exchange_group: str | None = None

    @property
    def form(self) -> str:
        """The form as written in the name, without brand and strength: "pulv til depotinj væske, susp"."""
        return _described(self.brand, self.name)[0]

    @property
    def strength(self) -> str:
        """The strength as written in the name: "210 mg"; empty when it has none."""
        return _described(self.brand, self.name)[1]

    @property
    def traits(self) -> Form:
        """The form as traits to compare by; a release in the brand counts ("Vitamin B12 Depot inj")."""
        return _form_traits(self.form) | (_form_traits(self.brand) & RELEASES)

    @property
    def amounts(self) -> Strength:
        """The strength as amounts to compare by."""
        return _read_strength(self.strength)

    @property
    def route(self) -> str | None:
        """ "oral", "parenteral", "eye" …; None when the form names none or several."""
        return route_of(self.traits)

    @property
    def key(self) -> str:
        """Substance, form and strength (DOMAIN §2's *preparation*): equal for every brand and supplier of
        the same thing, "valaciklovir|tab|500 mg".

        Where the register's substance is only a group ("Elektrolytter", "Kombinasjoner"), the brand without
        its supplier stands in for it: sodium and potassium chloride are not one preparation.
        """
        return "|".join((self.substance_key, _form_key(self.form), self.amounts.canonical))

    @property
    def substance_key(self) -> str:
        """The first part of `key`."""
        if self.atc is None or len(self.atc) < 7 or is_collective(self.substance):
            return generic_brand(self.brand, self.supplier)
        return " ".join(words(plain(self.substance)))


def is_collective(substance: str) -> bool:
    """True for a name that the register gives a group of substances: "Elektrolytter", "Kombinasjoner"."""
    return _COLLECTIVE.search(substance) is not None


@lru_cache(maxsize=65536)
def _described(brand: str, name: str) -> tuple[str, str]:
    rest = name[len(brand) :].strip() if name.lower().startswith(brand.lower()) else name
    found = _STRENGTH_AT.search(rest)
    if found is None:
        return rest, ""
    return rest[: found.start()].strip(" ,"), rest[found.start() :].strip()


@lru_cache(maxsize=8192)
def _form_traits(form: str) -> Form:
    return form_of(words(plain(form)))


@lru_cache(maxsize=8192)
def _read_strength(text: str) -> Strength:
    return find_strengths(plain(text).lstrip(">")).strength if text else NO_STRENGTH


@lru_cache(maxsize=8192)
def _form_key(form: str) -> str:
    """The form without flavours and packaging words, in a fixed order of writing."""
    return " ".join(word for word in words(plain(form)) if form_word(word)) or plain(form)


@lru_cache(maxsize=16384)
def generic_brand(brand: str, supplier: str) -> str:
    """The brand without its supplier's words: "Natriumklorid Fresenius Kabi" → "natriumklorid"."""
    makers = set(words(plain(supplier)))
    own = words(plain(brand))
    kept = [word for word in own if word not in makers]
    return " ".join(kept or own)


__all__ = ["Authorisation", "Preparation", "Scope", "generic_brand", "is_collective", "parse_strength"]
