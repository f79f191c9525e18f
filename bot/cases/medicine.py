"""The medicine that a report or a case is about: chosen from the catalogue, or taken as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cases.vocabulary import Authorised
from bot.catalogue.preparation import Preparation, Scope

LONGEST_VALUE = 140
"""Characters of what chooses a medicine again: Slack takes 150 in an option."""

MOST_TYPED = 300
"""Characters of a medicine's name that we keep when it is not in the list."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """`key` is the same for every brand with the same substance, route, form and strength (a *preparation*)."""

    key: str
    name: str
    substance: str
    atc: str | None
    preparation_id: str | None
    scope: Scope
    authorised: Authorised
    keys: tuple[str, ...] = ()
    """The preparations that a brand's name alone leaves open; then `key` is nobody's."""

    @property
    def is_open(self) -> bool:
        """True where only the brand is known, and the strength or form still has to be chosen."""
        return bool(self.keys)

    @property
    def value(self) -> str:
        """What chooses this medicine again (`CatalogueService.medicine`)."""
        if self.preparation_id:
            return f"p:{self.preparation_id}"
        if self.is_open:
            return f"b:{self.name}"
        if self.key.count("|") > 1:
            return f"k:{self.key}"
        return f"s:{self.substance}" if self.in_list else f"t:{self.name}"

    @property
    def in_list(self) -> bool:
        """False for a name that was taken as written."""
        return not self.key.startswith("text|")


def from_preparation(preparation: Preparation) -> Medicine:
    """A preparation that was chosen from the catalogue."""
    return Medicine(
        key=preparation.key,
        name=preparation.name,
        substance=preparation.substance,
        atc=preparation.atc,
        preparation_id=preparation.id,
        scope=preparation.scope,
        authorised=Authorised(preparation.authorised.value),
    )


def from_any_brand(same: Sequence[Preparation]) -> Medicine:
    """A substance in one form and strength, whoever makes it; `same` are all preparations of that key."""
    first = same[0]
    authorised = {one.authorised.value for one in same}
    medicine = Medicine(
        key=first.key,
        name=" ".join(word for word in (first.substance, first.form, first.strength) if word),
        substance=first.substance,
        atc=first.atc,
        preparation_id=None,
        scope=first.scope,
        authorised=Authorised(authorised.pop()) if len(authorised) == 1 else Authorised.UNKNOWN,
    )
    return medicine if len(medicine.value) <= LONGEST_VALUE else from_preparation(first)


def from_substance(substance: str, atc: str | None) -> Medicine:
    """A substance without strength and form: all of it, or nobody said which."""
    return Medicine(f"{substance.casefold()}|", substance, substance, atc, None, Scope.MEDICINE, Authorised.UNKNOWN)


def from_brand(brand: str, preparations: Sequence[Preparation]) -> Medicine:
    """A brand of several strengths or forms (`preparations`, one of each), none of which was named."""
    first = preparations[0]
    return Medicine(
        key=f"brand|{brand.casefold()}",
        name=brand,
        substance=first.substance,
        atc=first.atc,
        preparation_id=None,
        scope=first.scope,
        authorised=Authorised.UNKNOWN,
        keys=tuple(one.key for one in preparations),
    )


def as_written(text: str) -> Medicine:
    """A name that is not in the list: often an unregistered medicine, reported nowhere else."""
    name = " ".join(text.split())[:MOST_TYPED]
    return Medicine(f"text|{name.casefold()}", name, name, None, None, Scope.MEDICINE, Authorised.UNKNOWN)
