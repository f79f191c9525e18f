"""Substitute assessments as plain values: what is compared, in three steps, and what a signature needs.

An assessment is of one preparation that may stand in for another. It is drafted by one and signed by another; what is
signed is not rewritten: an edit begins a new draft, and the signed text stands until that one is signed. The bot never
computes a dose: `ratio` only turns units of stock, and a person has set it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from bot.cases.forms import Problems
from bot.cases.vocabulary import Worded
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.refusal import Refused
from bot.stock.domino import Rung

LONGEST_LINE = 200
LONGEST_WORDS = 1000
LONGEST_NAME = 120
MOST_RATIO = 1000
LONGEST_VALID = dt.timedelta(days=2 * 366)
"""An assessment is looked at again at the latest after this: packs and shortages change."""


class Ages(Worded):
    """For whom a preparation may be used."""

    ADULTS = "adults", phrase("Bare voksne")
    CHILDREN = "children", phrase("Bare barn")
    BOTH = "both", phrase("Voksne og barn")


class Excipients(Worded):
    """Whether the excipients are those of the medicine that is short."""

    SAME = "same", phrase("De samme")
    DIFFERENT = "different", phrase("Andre enn i legemiddelet som mangler")


class Label(Worded):
    """What the pack's label can be read as."""

    NORWEGIAN = "norwegian", phrase("Norsk")
    NORDIC = "nordic", phrase("Svensk eller dansk")
    ENGLISH = "english", phrase("Engelsk")
    LATIN = "latin", phrase("Et annet språk, latinske bokstaver")
    SCRIPT = "script", phrase("Helt eller delvis et annet alfabet")


class Mixing(Worded):
    """How it is made ready for use."""

    NONE = "none", phrase("Skal ikke blandes")
    SAME = "same", phrase("Som legemiddelet som mangler")
    OTHER = "other", phrase("På en annen måte enn legemiddelet som mangler")


class Profession(Worded):
    """Who may sign."""

    PHARMACIST = "pharmacist", phrase("Farmasøyt")
    PHYSICIAN = "physician", phrase("Lege")


class State(Worded):
    """How far an assessment has come."""

    DRAFT = "draft", phrase("Utkast")
    SIGNED = "signed", phrase("Signert")
    REPLACED = "replaced", phrase("Avløst av en nyere vurdering")
    WITHDRAWN = "withdrawn", phrase("Trukket tilbake")


class Step(StrEnum):
    """A page of the form; `fields` of the content stand on it."""

    PRODUCT = "product"
    PATIENTS = "patients"
    USE = "use"

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that this page writes, and no others."""
        return _FIELDS[self]

    @property
    def next(self) -> Step | None:
        """The page after it."""
        every = list(Step)
        place = every.index(self) + 1
        return every[place] if place < len(every) else None


_FIELDS = {
    Step.PRODUCT: ("rung", "route", "form", "strength", "use", "ratio"),
    Step.PATIENTS: (
        "ages", "ages_words", "excipients", "excipients_words", "label", "label_words", "mixing", "mixing_words",
    ),
    Step.USE: ("users", "not_instead", "sources", "valid_until"),
}  # fmt: skip
_LONGEST = {
    **dict.fromkeys(("route", "form", "strength", "use", "ages_words", "label_words"), LONGEST_LINE),
    **dict.fromkeys(("excipients_words", "mixing_words", "users", "not_instead", "sources"), LONGEST_WORDS),
}
_ENUMS: dict[str, type[Worded]] = {
    "rung": Rung, "ages": Ages, "excipients": Excipients, "label": Label, "mixing": Mixing,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What is compared. `use`: what it is for, where not for everything. `ratio`: units of it for one of the short."""

    rung: Rung | None = None
    route: str | None = None
    form: str | None = None
    strength: str | None = None
    use: str | None = None
    ratio: float | None = None
    ages: Ages | None = None
    ages_words: str | None = None
    excipients: Excipients | None = None
    excipients_words: str | None = None
    label: Label | None = None
    label_words: str | None = None
    mixing: Mixing | None = None
    mixing_words: str | None = None
    users: str | None = None
    not_instead: str | None = None
    sources: str | None = None
    valid_until: dt.date | None = None

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return {
            name: value.isoformat() if isinstance(value, dt.date) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """As it was kept."""
        known = {field.name: kept[field.name] for field in fields(cls) if kept.get(field.name) is not None}
        for name, choices in _ENUMS.items():
            if name in known:
                known[name] = choices(known[name])
        if "valid_until" in known:
            known["valid_until"] = dt.date.fromisoformat(known["valid_until"])
        return cls(**known)

    def with_step(self, step: Step, typed: Content) -> Self:
        """This, with what was typed on one page."""
        return replace(self, **{name: getattr(typed, name) for name in step.fields})

    def check(self, step: Step, today: dt.date) -> None:
        """Raise `FormRefused` with every field of a page that is wrong. What is empty is no fault of a draft."""
        problems = Problems()
        for name in step.fields:
            if name in _LONGEST:
                problems.short_enough(getattr(self, name), _LONGEST[name], field=name)
                problems.no_identity_number(getattr(self, name), field=name)
        if step is Step.PRODUCT:
            if self.rung is None:
                problems.add("rung", Refused(phrase("Velg hvor nær kandidaten står.")))
            if self.ratio is not None and not 0 < self.ratio <= MOST_RATIO:
                problems.add("ratio", Refused(phrase("Skriv et forhold over 0 og opp til 1000.")))
        if step is Step.PATIENTS:
            if self.excipients is Excipients.DIFFERENT and not self.excipients_words:
                problems.add("excipients_words", Refused(phrase("Skriv hvilke hjelpestoffer som er annerledes.")))
            if self.mixing is Mixing.OTHER and not self.mixing_words:
                problems.add("mixing_words", Refused(phrase("Skriv hvordan det blandes.")))
        if step is Step.USE and problems.sensible(self.valid_until, field="valid_until") and self.valid_until:
            if self.valid_until <= today:
                problems.add("valid_until", Refused(phrase("Datoen er passert. Velg en som kommer.")))
            elif self.valid_until > today + LONGEST_VALID:
                problems.add("valid_until", Refused(phrase("Velg en dag innen to år. Da vurderes det på nytt.")))
        problems.raise_if_any()

    @property
    def lacks(self) -> tuple[Phrase, ...]:
        """What has to be written before it can be signed."""
        return tuple(words for name, words in _NEEDED.items() if getattr(self, name) is None)

    @property
    def summary(self) -> tuple[Phrase, ...]:
        """What a ward needs to know, a line each, in the order of the form; nothing where nothing is written."""
        said: list[Phrase | None] = [
            _line(phrase("Pasienter"), self.ages, self.ages_words),
            _line(phrase("Hjelpestoffer"), self.excipients, self.excipients_words),
            _line(phrase("Etikett"), self.label, self.label_words),
            _line(phrase("Blanding"), self.mixing, self.mixing_words),
            _line(phrase("Hvem kan bruke det"), None, self.users),
            _line(phrase("Erstatter ikke"), None, self.not_instead),
        ]
        return tuple(one for one in said if one is not None)


_STANDING = {
    State.DRAFT: phrase("Kandidat – ikke vurdert. Dette er et utkast"),
    State.SIGNED: State.SIGNED.words,
    State.REPLACED: State.REPLACED.words,
    State.WITHDRAWN: phrase("Kandidat – vurderingen er trukket tilbake"),
}
_NEEDED = {
    "rung": phrase("hvor nær den står"),
    "route": phrase("administrasjonsvei"),
    "form": phrase("legemiddelform"),
    "strength": phrase("styrke"),
    "ages": phrase("voksne eller barn"),
    "excipients": phrase("hjelpestoffer"),
    "label": phrase("språk på etiketten"),
    "mixing": phrase("blanding"),
    "users": phrase("hvem som kan bruke det"),
    "not_instead": phrase("hva det ikke erstatter"),
    "sources": phrase("kilder"),
    "valid_until": phrase("hvor lenge vurderingen gjelder"),
}


def _line(heading: Phrase, chosen: Worded | None, typed: str | None) -> Phrase | None:
    if chosen is not None and typed:
        return phrase("{heading}: {chosen}. {typed}", heading=heading, chosen=chosen.words, typed=typed)
    said = chosen.words if chosen is not None else typed
    return phrase("{heading}: {said}", heading=heading, said=said) if said else None


@dataclass(frozen=True, slots=True)
class Assessment:
    """One version of an assessment, as those who may read it see it. `signed_as` is the name that stands on paper."""

    id: int
    case: str
    short: str
    name: str
    number: int
    state: State
    content: Content
    drafted_by: Mention | None
    drafted_on: dt.date
    signed_as: str | None
    profession: Profession | None
    signed_by: Mention | None
    signed_on: dt.date | None
    why_ended: str | None
    version: int
    today: dt.date

    @property
    def expired(self) -> bool:
        """Whether a signed text no longer holds."""
        until = self.content.valid_until
        return self.state is State.SIGNED and until is not None and until < self.today

    @property
    def holds(self) -> bool:
        """Whether it may be called assessed: signed, not withdrawn, replaced or out of date."""
        return self.state is State.SIGNED and not self.expired

    @property
    def standing(self) -> Phrase:
        """How far it has come, in words; a draft is never more than a candidate."""
        if self.expired:
            return phrase("Kandidat – vurderingen gikk ut {on}", on=self.content.valid_until)
        return _STANDING[self.state]


@dataclass(frozen=True, slots=True)
class SignForm:
    """Who signs, as it is to stand on the letter."""

    signed_as: str | None
    profession: Profession | None

    def check(self) -> tuple[str, Profession]:
        """The name and the profession. Raises `FormRefused` with every field that is wrong."""
        problems = Problems()
        if not self.signed_as:
            problems.add("signed_as", Refused(phrase("Skriv navnet ditt, slik det skal stå på brevet.")))
        problems.short_enough(self.signed_as, LONGEST_NAME, field="signed_as")
        problems.no_identity_number(self.signed_as, field="signed_as")
        if self.profession is None:
            problems.add("profession", Refused(phrase("Velg farmasøyt eller lege.")))
        problems.raise_if_any()
        return self.signed_as or "", self.profession or Profession.PHARMACIST


@dataclass(frozen=True, slots=True)
class EndForm:
    """Why an assessment is taken back."""

    why: str | None

    def check(self) -> str:
        """The reason. Raises `FormRefused` where there is none, or it may not be kept."""
        problems = Problems()
        if not self.why:
            problems.add("why", Refused(phrase("Skriv hvorfor.")))
        problems.short_enough(self.why, LONGEST_LINE, field="why")
        problems.no_identity_number(self.why, field="why")
        problems.raise_if_any()
        return self.why or ""
