"""Medicines that the centre adds itself: what a list of registered brands lacks, and unregistered packs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.catalogue import shipped
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.decision import read_as
from bot.catalogue.normalise import plain
from bot.catalogue.normalise import words as split_words
from bot.catalogue.preparation import Authorisation, Preparation, Scope
from bot.catalogue.proposals import Target, could_be_taken_for, kin_of
from bot.messages.phrase import phrase
from bot.people.identity_numbers import contains_identity_number
from bot.refusal import FormRefused, Refused

SOURCE = "Mangelsenteret"
LONGEST_NAME, LONGEST_PART = 120, 80
MOST_SYNONYMS, LONGEST_SYNONYM = 10, 60
ALIKE = 1.2
"""Typing cost (`mistyping`) under which what was reported as free text may be a medicine that is now in the list."""
_ATC = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}")
_NUMBER_FIRST = re.compile(r"[<>]?\d")


@dataclass(frozen=True, slots=True)
class OwnMedicine:
    """The form as it was sent. Texts are trimmed; an empty one was left out."""

    name: str
    substance: str
    atc: str = ""
    form: str = ""
    strength: str = ""
    supplier: str = ""
    scope: Scope = Scope.MEDICINE
    authorised: Authorisation = Authorisation.UNKNOWN
    synonyms: tuple[str, ...] = ()

    def as_preparation(self, id: str, catalogue: Catalogue) -> Preparation:
        """The preparation under this id, named like those of the register: name, form, strength.

        The substance is spelled as in `catalogue`; where it has one ATC code only, that is the code left out.
        """
        known = catalogue.substances.get(_line(self.substance).casefold())
        code = self.atc.strip().upper() or (known.atcs[0] if known and len(known.atcs) == 1 else None)
        return Preparation(
            id=id,
            brand=_line(self.name),
            name=_line(f"{self.name} {self.form} {self.strength}"),
            atc=code,
            substance=known.substance if known else _capital(_line(self.substance)),
            supplier=_line(self.supplier),
            scope=self.scope,
            authorised=self.authorised,
            synonyms=tuple(dict.fromkeys(filter(None, map(_line, self.synonyms)))),
            source=SOURCE,
        )

    def check(self, catalogue: Catalogue, *, editing: str | None = None) -> None:
        """Raise `FormRefused` with every field that is wrong. `editing`: the id of the one that is being changed."""
        refusals = [*self._texts(), *self._atc_code(), *self._duplicate(catalogue, editing)]
        if not refusals:
            refusals += self._short_names(catalogue, editing)
        if refusals:
            raise FormRefused(refusals)

    def _texts(self) -> Iterable[Refused]:
        if not split_words(plain(self.name)):
            yield Refused(phrase("Skriv navnet på legemiddelet."), field="name")
        if not split_words(plain(self.substance)):
            yield Refused(phrase("Skriv virkestoffet. Er det flere, skriv alle."), field="substance")
        if any(letter.isdigit() for letter in self.form):
            yield Refused(phrase("Skriv formen uten tall. Tallene hører til i styrken."), field="form")
        if self.strength and not _NUMBER_FIRST.match(self.strength):
            yield Refused(phrase("Begynn styrken med tallet, for eksempel 50 mg."), field="strength")
        lengths = {"name": LONGEST_NAME, "substance": LONGEST_NAME, "form": LONGEST_PART, "strength": LONGEST_PART}
        for field in ("name", "substance", "form", "strength", "supplier", "synonyms"):
            value = getattr(self, field)
            text = "\n".join(value) if isinstance(value, tuple) else value
            most = lengths.get(field, LONGEST_PART) if isinstance(value, str) else MOST_SYNONYMS * LONGEST_SYNONYM
            if len(text) > most:
                said = phrase("Teksten er {length} tegn. Skriv høyst {longest}.", length=len(text), longest=most)
                yield Refused(said, field=field)
            if contains_identity_number(text):
                yield Refused(phrase("Teksten ser ut til å inneholde et fødselsnummer. Fjern det."), field=field)

    def _atc_code(self) -> Iterable[Refused]:
        code = self.atc.strip().upper()
        if not code:
            return
        if not _ATC.fullmatch(code):
            yield Refused(
                phrase("En ATC-kode skrives som J04AK06. La feltet stå tomt hvis du er usikker."), field="atc"
            )
        elif code[:4] not in shipped.language().atc_names:  # the group: a new code may be newer than our list
            said = phrase("ATC-gruppen {code} finnes ikke. La feltet stå tomt hvis du er usikker.", code=code[:4])
            yield Refused(said, field="atc")

    def _duplicate(self, catalogue: Catalogue, editing: str | None) -> Iterable[Refused]:
        made = self.as_preparation(editing or "", catalogue)
        same = same_as(made, catalogue)
        if same is not None:
            yield Refused(phrase("Finnes allerede i listen: {name}.", name=same.name), field="name")

    def _short_names(self, catalogue: Catalogue, editing: str | None) -> Iterable[Refused]:
        made = self.as_preparation(editing or "", catalogue)
        if len(made.synonyms) > MOST_SYNONYMS:
            yield Refused(phrase("Skriv høyst {most} andre navn.", most=MOST_SYNONYMS), field="synonyms")
        target = Target(made.brand, made.substance, kin_of(made))
        for synonym in made.synonyms[:MOST_SYNONYMS]:
            refused = refuse_short_name(synonym, target, catalogue)
            if refused is not None:
                yield Refused(refused.phrase, field="synonyms")


def same_as(made: Preparation, among: Iterable[Preparation]) -> Preparation | None:
    """Another preparation than `made` with the same name, or the same brand, form and strength."""
    name, brand = split_words(plain(made.name)), split_words(plain(made.brand))
    form_and_strength = made.traits, made.amounts.canonical
    for one in among:
        if one.id == made.id:
            continue
        if split_words(plain(one.name)) == name:
            return one
        if split_words(plain(one.brand)) == brand and (one.traits, one.amounts.canonical) == form_and_strength:
            return one
    return None


def refuse_short_name(words: str, target: Target, catalogue: Catalogue) -> Refused | None:
    """Why `words` may not be a short name of `target`; None where they may."""
    if len(words) > LONGEST_SYNONYM or not any(map(str.isalpha, words)) or len(split_words(plain(words))) > 4:
        said = phrase("«{words}» er ikke et kortnavn. Skriv ett til fire ord.", words=words[:80])
        return Refused(said, field="words")
    if contains_identity_number(words):
        return Refused(phrase("Teksten ser ut til å inneholde et fødselsnummer. Fjern det."), field="words")
    others = could_be_taken_for(words, target, catalogue)
    if others:
        said = phrase("«{words}» kan forveksles med {other}. Velg et annet ord.", words=words, other=others[0])
        return Refused(said, field="words")
    return None


def may_be_meant(written: str, preparation: Preparation, catalogue: Catalogue) -> bool:
    """Whether what was taken as written names `preparation`: its brand, substance or another name, or nearly so."""
    query = catalogue.matcher.read(written).name
    said = set(split_words(plain(written)))
    if not query.heard:
        return False
    for name in (preparation.brand, preparation.substance, *preparation.synonyms):
        if set(split_words(plain(name))) <= said or read_as(query, catalogue.matcher.read(name).name).total < ALIKE:
            return True
    return False


def _line(text: str) -> str:
    return " ".join(text.split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
