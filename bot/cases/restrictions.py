"""Restrictions and rationing as plain values: who set them, and their parts, which start and end one by one.

A restriction is drafted, perhaps sent to experts, then decided; a priority plan may be prepared and not put into force.
What is decided is not rewritten: a part is lifted, and another one added. Source of the forms: DMP's rationing of
Ozempic 2024 (one part lifted, one stays), Mucomyst 2024-25, Celeston Chronodose 2023-25.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.cases.forms import FIRST_DATE, LAST_DATE, Problems
from bot.cases.vocabulary import Region, Sector, Worded
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.messages.words import DayMonth
from bot.refusal import Refused

LONGEST_WORDS = 300
LONGEST_GROUND = 500
LONGEST_INPUT = 2000
MOST_PARTS = 10


class Issuer(Worded):
    """Whose decision a restriction is."""

    DMP = "dmp", phrase("DMP")
    DIRECTORS = "directors", phrase("Fagdirektørene")
    CENTRE = "centre", phrase("Råd fra Mangelsenteret")


class Ground(Worded):
    """What a restriction stands on."""

    LEGAL = "legal", phrase("Hjemmel")
    PROFESSIONAL = "professional", phrase("Faglig begrunnelse")


class PartKind(Worded):
    """What a part restricts."""

    PACKS = "packs", phrase("Pakninger")
    INDICATION = "indication", phrase("Indikasjon")
    PATIENTS = "patients", phrase("Pasientgruppe")
    PRESCRIPTION = "prescription", phrase("Resepttype")
    AMOUNT = "amount", phrase("Mengde om gangen")


class State(Worded):
    """How far a restriction has come."""

    DRAFT = "draft", phrase("Utkast")
    WITH_EXPERTS = "with_experts", phrase("Til faglig innspill")
    PLAN = "plan", phrase("Prioriteringsplan, ikke satt i kraft")
    DECIDED = "decided", phrase("Vedtatt")
    LIFTED = "lifted", phrase("Opphevet")


NEXT: dict[State, tuple[State, ...]] = {
    State.DRAFT: (State.WITH_EXPERTS, State.PLAN, State.DECIDED),
    State.WITH_EXPERTS: (State.PLAN, State.DECIDED),
    State.PLAN: (State.DECIDED, State.LIFTED),
    State.DECIDED: (State.LIFTED,),
    State.LIFTED: (),
}
"""What may follow what; lifting the last part lifts the whole."""


def _clause(words: str) -> str:
    return words.strip().rstrip(".")


def _in_year(day: dt.date, today: dt.date) -> dt.date | DayMonth:
    return DayMonth(day) if day.year == today.year else day


@dataclass(frozen=True, slots=True)
class Part:
    """One part: in force from its start (or from the decision) to its end or its lifting, both days included."""

    id: int
    kind: PartKind
    words: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    lifted_on: dt.date | None = None
    why_lifted: str | None = None

    @property
    def until(self) -> dt.date | None:
        """Its last day, where one is known: it is lifted on the day after."""
        if self.lifted_on is None:
            return self.ends_on
        last = self.lifted_on - dt.timedelta(1)
        return min(last, self.ends_on) if self.ends_on else last

    def over(self, day: dt.date) -> bool:
        """True where it restricts nothing any more."""
        return self.until is not None and self.until < day

    def in_force(self, day: dt.date) -> bool:
        """True where it restricts on that day."""
        return (self.starts_on is None or self.starts_on <= day) and not self.over(day)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction as those who may read it see it. `regions` empty: the whole country."""

    id: int
    case: str
    title: str
    state: State
    issuer: Issuer
    ground: Ground
    ground_words: str | None
    sector: Sector
    regions: tuple[Region, ...]
    parts: tuple[Part, ...]
    review_on: dt.date | None
    experts: str | None
    decided_by: Mention | None
    decided_on: dt.date | None
    published: bool
    version: int

    @property
    def is_public(self) -> bool:
        """Whether the open channel may read it: published, and decided. A plan is not in force, and not for them."""
        return self.published and self.state in (State.DECIDED, State.LIFTED)

    @property
    def _was_decided(self) -> bool:
        """Whether its parts hold until they are over: what is lifted from a day to come restricts until then."""
        return self.state is State.DECIDED or (self.state is State.LIFTED and self.decided_on is not None)

    def parts_now(self, day: dt.date) -> tuple[Part, ...]:
        """The parts in force on that day."""
        return tuple(part for part in self.parts if self._was_decided and part.in_force(day))

    def parts_to_come(self, day: dt.date) -> tuple[Part, ...]:
        """The parts that are decided and have not begun."""
        return tuple(part for part in self.parts if self._was_decided and not part.in_force(day) and not part.over(day))

    def said(self, day: dt.date) -> Phrase | None:
        """What is restricted on that day, or will be, in a sentence; None where nothing is."""
        parts = [
            phrase("{words} (til {day})", words=_clause(part.words), day=_in_year(part.until, day))
            if part.until
            else phrase("{value}", value=_clause(part.words))
            for part in self.parts_now(day)
        ]
        parts += [
            phrase("{words} (fra {day})", words=_clause(part.words), day=_in_year(part.starts_on, day))
            for part in self.parts_to_come(day)
            if part.starts_on
        ]
        if not parts:
            return None
        places = "; ".join(f"{{p{place}}}" for place in range(len(parts)))
        row = Phrase(places, {f"p{place}": part for place, part in enumerate(parts)})
        return phrase("Restriksjon ({issuer}): {parts}. {scope}", issuer=self.issuer.words, parts=row, scope=self.scope)

    @property
    def scope(self) -> Phrase:
        """For whom it holds, in a sentence."""
        if self.sector is Sector.HOSPITAL:
            return phrase("Gjelder sykehus i {where}.", where=self.where)
        if self.sector is Sector.PRIMARY:
            return phrase("Gjelder primærhelsetjenesten i {where}.", where=self.where)
        return phrase("Gjelder {where}.", where=self.where)

    @property
    def where(self) -> tuple[Phrase, ...]:
        """The regions in which it holds, in words."""
        return tuple(region.words for region in self.regions) or (phrase("hele landet"),)


@dataclass(frozen=True, slots=True)
class PartForm:
    """A part as somebody has written it."""

    kind: PartKind
    words: str | None
    starts_on: dt.date | None
    ends_on: dt.date | None

    def judge(self, problems: Problems) -> None:
        """Note every field that is wrong."""
        if not self.words:
            problems.add("words", Refused(phrase("Skriv hva som gjelder, for eksempel «bare som antidot».")))
        problems.short_enough(self.words, LONGEST_WORDS, field="words")
        problems.no_identity_number(self.words, field="words")
        sensible = problems.sensible(self.starts_on, field="starts_on")
        if problems.sensible(self.ends_on, field="ends_on") and sensible:
            begins = self.starts_on or FIRST_DATE
            if (self.ends_on or LAST_DATE) < begins:
                problems.add("ends_on", Refused(phrase("Slutten er før starten {date}.", date=begins)))


@dataclass(frozen=True, slots=True)
class RestrictionForm:
    """A restriction as somebody has written it, with its first part."""

    issuer: Issuer
    ground: Ground
    ground_words: str | None
    sector: Sector
    regions: tuple[Region, ...]
    review_on: dt.date | None
    experts: str | None
    part: PartForm

    def check(self, today: dt.date) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        self.part.judge(problems)
        for field, longest in (("ground_words", LONGEST_GROUND), ("experts", LONGEST_INPUT)):
            problems.short_enough(getattr(self, field), longest, field=field)
            problems.no_identity_number(getattr(self, field), field=field)
        if problems.sensible(self.review_on, field="review_on") and self.review_on and self.review_on < today:
            problems.add("review_on", Refused(phrase("Datoen er passert. Velg en som kommer.")))
        if self.ground is Ground.LEGAL and not self.ground_words:
            problems.add("ground_words", Refused(phrase("Skriv hjemmelen.")))
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class Template:
    """What a restriction of before was like; its words are there to be changed."""

    id: str
    name: Phrase
    issuer: Issuer
    ground: Ground
    sector: Sector
    kind: PartKind
    words: Phrase


TEMPLATES = (
    Template(
        "ozempic",
        phrase("Mal: begrenset mengde om gangen (Ozempic 2024)"),
        Issuer.DMP,
        Ground.LEGAL,
        Sector.BOTH,
        PartKind.AMOUNT,
        phrase("Høyst fire ukers forbruk om gangen."),
    ),
    Template(
        "mucomyst",
        phrase("Mal: bare ett bruksområde (Mucomyst 2024–25)"),
        Issuer.DIRECTORS,
        Ground.PROFESSIONAL,
        Sector.HOSPITAL,
        PartKind.INDICATION,
        phrase("Bare som antidot ved paracetamolforgiftning."),
    ),
    Template(
        "celeston",
        phrase("Mal: bare én pasientgruppe (Celeston Chronodose 2023–25)"),
        Issuer.CENTRE,
        Ground.PROFESSIONAL,
        Sector.HOSPITAL,
        PartKind.PATIENTS,
        phrase("Bare ved truende for tidlig fødsel."),
    ),
)
