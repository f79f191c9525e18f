"""What the forms hand to the services: typed values, checked here, one `Refused` a field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.cases.life_cycle import what_closing_lacks
from bot.cases.medicine import Medicine
from bot.cases.vocabulary import (
    Authorised,
    CameBy,
    Cause,
    Criticality,
    Group,
    Missing,
    NotRelevant,
    Outcome,
    Region,
    RunsOut,
    Sector,
    Solution,
    Source,
    Status,
    SystemFactor,
)
from bot.messages.phrase import phrase
from bot.messages.values import Link
from bot.people.identity_numbers import refuse_identity_numbers
from bot.refusal import FormRefused, Refused
from bot.stock.domino import Rung

LONGEST_NOTE = 2000
LONGEST_PLACE = 150
"""A remembered place is an option of the form, whose value Slack limits to this."""

LONGEST_TEXT = 1000
LONGEST_NAME = 200
MOST_WARD_DAYS = 365
MOST_KRONER = 1_000_000_000
MOST_PACKAGES = 30
ONE_CASE_OF_ITS_OWN = "own"
FIRST_DATE, LAST_DATE = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
"""A date outside them is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """Who gave a report that the centre writes down: in words, or a person in Slack, who then hears of it themselves.

    `person` and `slack_user` are theirs.
    """

    came_by: CameBy
    who: str | None = None
    person: str | None = None
    slack_user: str | None = None
    language: str = "nb"


@dataclass(frozen=True, slots=True)
class ReportForm:
    """A shortage report as it was sent. `join` is a case number, "own", or None when nobody was asked.

    `place_written`: the place was typed in its own field, not chosen.
    """

    medicine: Medicine
    typed: str
    missing: Missing
    place: str
    runs_out: RunsOut
    pharmacy_contacted: bool | None = None
    children: bool | None = None
    note: str | None = None
    join: str | None = None
    place_written: bool = False
    on_behalf: OnBehalf | None = None

    def check(self) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        place = "place_other" if self.place_written else "place"
        problems.short_enough(self.place, LONGEST_PLACE, field=place)
        problems.short_enough(self.note, LONGEST_NOTE, field="note")
        for field, text in (("medicine", self.medicine.name), (place, self.place), ("note", self.note)):
            problems.no_identity_number(text, field=field)
        if self.on_behalf is not None:
            problems.short_enough(self.on_behalf.who, LONGEST_NAME, field="told_by")
            problems.no_identity_number(self.on_behalf.who, field="told_by")
            if not self.on_behalf.who and self.on_behalf.person is None:
                problems.add("told_by", Refused(phrase("Skriv hvem som meldte, eller velg personen.")))
        if not self.medicine.name.strip():
            problems.add("medicine", Refused(phrase("Velg legemiddelet, eller skriv navnet.")))
        if not self.place.strip():
            problems.add("place", Refused(phrase("Velg hvor det mangler.")))
        problems.raise_if_any()


class Page(StrEnum):
    """The steps of the update form: what changes every week, and what is written once."""

    NOW = "now"
    SHORTAGE = "shortage"
    EFFECTS = "effects"
    MEASURES = "measures"

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields on it, top down."""
        return _ON_PAGE[self]


_ON_PAGE: dict[Page, tuple[str, ...]] = {
    Page.NOW: (
        "expected_end",
        "substitute",
        "substitute_ready",
        "next_step",
        "next_step_on",
        "decision_question",
    ),
    Page.SHORTAGE: (
        "status",
        "start",
        "ward_days",
        "cause",
        "source",
        "authorised",
        "sector",
        "system_factors",
        "packages",
    ),
    Page.EFFECTS: (
        "criticality",
        "groups",
        "affected",
        "regions",
        "patient_consequences",
        "cost_consequences",
        "extra_cost_nok",
    ),
    Page.MEASURES: ("in_use", "helped", "did_not_help"),
}

USUAL = frozenset((*Page.NOW.fields, "status", "start", "ward_days", "cause", "source", "authorised"))
"""What a form is about that does not say so."""


@dataclass(frozen=True, slots=True)
class CaseForm:
    """What the centre says of a case. None, or nothing chosen: not known.

    `only`: the fields that this is about; the others stay as they are. `CaseForm.about(cause=…)` makes one of those.
    """

    status: Status = Status.ONGOING
    start: dt.date | None = None
    expected_end: dt.date | None = None
    cause: Cause | None = None
    authorised: Authorised = Authorised.UNKNOWN
    source: Source | None = None
    substitute: str | None = None
    substitute_ready: bool | None = None
    next_step: str | None = None
    next_step_on: dt.date | None = None
    decision_question: str | None = None
    ward_days: int | None = None
    """Days from the supplier's restart until the medicine is on the ward; None: as the settings say."""
    next_step_for: str | None = None
    """The person (their key) who does the next step, where that is not the owner."""
    sector: Sector | None = None
    system_factors: tuple[SystemFactor, ...] = ()
    packages: tuple[str, ...] = ()
    """Article numbers, six digits each."""
    criticality: Criticality | None = None
    groups: tuple[Group, ...] = ()
    affected: str | None = None
    regions: tuple[Region, ...] = ()
    patient_consequences: str | None = None
    cost_consequences: str | None = None
    extra_cost_nok: int | None = None
    in_use: tuple[Solution, ...] = ()
    """Being tried; nobody knows yet whether it helps."""
    helped: tuple[Solution, ...] = ()
    did_not_help: tuple[Solution, ...] = ()
    only: frozenset[str] | None = USUAL

    @classmethod
    def about(cls, **values: Any) -> CaseForm:
        """A form about these fields alone. Raises TypeError for one that there is not."""
        return cls(**values, only=frozenset(values))

    def is_about(self, field: str) -> bool:
        """Whether this says anything of `field`."""
        return field in (USUAL if self.only is None else self.only)

    def check(self) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        for field in _TEXTS:
            problems.short_enough(getattr(self, field), LONGEST_TEXT, field=field)
            problems.no_identity_number(getattr(self, field), field=field)
        sensible = [problems.sensible(getattr(self, field), field=field) for field in ("start", "expected_end")]
        problems.sensible(self.next_step_on, field="next_step_on")
        if self.ward_days is not None and not 0 <= self.ward_days <= MOST_WARD_DAYS:
            problems.add(
                "ward_days", Refused(phrase("Skriv et helt tall fra 0 til {most} dager.", most=MOST_WARD_DAYS))
            )
        if self.extra_cost_nok is not None and not 0 <= self.extra_cost_nok <= MOST_KRONER:
            problems.add("extra_cost_nok", Refused(phrase("Skriv hele kroner, fra 0 til {most}.", most=MOST_KRONER)))
        wrong = [number for number in self.packages or () if not re.fullmatch(r"[0-9]{6}", number)]
        if wrong:
            problems.add(
                "packages", Refused(phrase("«{number}» er ikke et varenummer. De har seks sifre.", number=wrong[0]))
            )
        if len(self.packages or ()) > MOST_PACKAGES:
            problems.add("packages", Refused(phrase("Skriv høyst {most} varenumre.", most=MOST_PACKAGES)))
        problems.tried_once(self.in_use or (), self.helped or (), self.did_not_help or ())
        if all(sensible):
            problems.in_order(self.start, self.expected_end)
        if not self.status.is_open:
            problems.add("status", Refused(phrase("Bruk «Avslutt» for å avslutte saken.")))
        problems.raise_if_any()


_TEXTS = ("substitute", "next_step", "decision_question", "affected", "patient_consequences", "cost_consequences")


@dataclass(frozen=True, slots=True)
class ClosingForm:
    """How a case ended, or why it is not relevant."""

    status: Status
    outcome: Outcome | None
    ended_on: dt.date | None
    reason: str
    helped: tuple[Solution, ...] = ()
    did_not_help: tuple[Solution, ...] = ()
    not_relevant: NotRelevant | None = None

    def check(self, start: dt.date | None) -> None:
        """Raise `FormRefused` with every field that is wrong; `start` is the case's own."""
        problems = Problems()
        sensible = problems.sensible(self.ended_on, field="ended_on")
        for lacking in what_closing_lacks(
            self.status,
            reason=self.reason,
            outcome=self.outcome,
            not_relevant=self.not_relevant,
            ended_on=self.ended_on if sensible else None,
            start=start,
        ):
            problems.add(lacking.field or "status", lacking)
        problems.short_enough(self.reason, LONGEST_TEXT, field="reason")
        problems.no_identity_number(self.reason, field="reason")
        problems.tried_once((), self.helped, self.did_not_help)
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class ConnectionForm:
    """What a case hangs together with: other cases' numbers, and a document that is added or no longer shown.

    `belongs_with`: a case of the same complex. None of `domino_of` and `continues`: there is none.
    """

    domino_of: str | None = None
    continues: str | None = None
    belongs_with: str | None = None
    address: str | None = None
    title: str | None = None
    remove: int | None = None

    def check(self) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        for field in ("address", "title"):
            problems.no_identity_number(getattr(self, field), field=field)
        problems.short_enough(self.title, LONGEST_NAME, field="title")
        problems.short_enough(self.address, LONGEST_TEXT, field="address")
        if self.title and not self.address:
            problems.add("address", Refused(phrase("Lim inn adressen til dokumentet også.")))
        if self.address:
            try:
                Link(self.address, self.title or self.address)
            except ValueError:
                problems.add("address", Refused(phrase("Adressen må begynne med https:// og være uten mellomrom.")))
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class CandidateForm:
    """A candidate for a short medicine as the centre names it, or the id of one that is taken away again.

    `share_percent` of the use is supposed to come to it, at `ratio` of its units for one of the short one's.
    """

    medicine: Medicine | None
    rung: Rung | None = None
    use: str | None = None
    share_percent: float | None = None
    ratio: float | None = None
    remove: int | None = None

    def check(self) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        problems.short_enough(self.use, LONGEST_NAME, field="use")
        problems.no_identity_number(self.use, field="use")
        if self.medicine is not None:
            problems.no_identity_number(self.medicine.name, field="medicine")
            if self.medicine.is_open or self.medicine.key.endswith("|"):
                problems.add("medicine", Refused(phrase("Velg et preparat med form og styrke.")))
            if self.rung is None:
                problems.add("rung", Refused(phrase("Velg hvor nær kandidaten står.")))
        elif self.remove is None:
            problems.add("medicine", Refused(phrase("Velg kandidaten, eller hvilken som skal fjernes.")))
        if self.rung is Rung.EXCHANGE_GROUP:
            problems.add("rung", Refused(phrase("Byttegruppen kommer fra legemiddelregisteret. Velg et annet trinn.")))
        if self.share_percent is not None and not 0 < self.share_percent <= 100:
            problems.add("share", Refused(phrase("Skriv en andel over 0 og opp til 100 prosent.")))
        if self.ratio is not None and not 0 < self.ratio <= 1000:
            problems.add("ratio", Refused(phrase("Skriv et forhold over 0 og opp til 1000.")))
        if self.share_percent is not None and self.ratio is None:
            problems.add("ratio", Refused(phrase("Skriv forholdet også. Uten det flyttes ikke noe forbruk.")))
        problems.raise_if_any()


class Problems:
    """Collects what is wrong with a form, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self._refusals: list[Refused] = []

    def add(self, field: str, refusal: Refused) -> None:
        """Field `field` is wrong."""
        refusal.field = field
        self._refusals.append(refusal)

    def short_enough(self, text: str | None, longest: int, *, field: str) -> None:
        """`text` may be `longest` characters."""
        if text and len(text) > longest:
            self.add(
                field,
                Refused(phrase("Teksten er {length} tegn. Skriv høyst {longest}.", length=len(text), longest=longest)),
            )

    def sensible(self, day: dt.date | None, *, field: str) -> bool:
        """`day` may be from 2000 to 2100, or not known; whether it is."""
        if day is None or FIRST_DATE <= day <= LAST_DATE:
            return True
        self.add(field, Refused(phrase("Datoen må være mellom 2000 og 2100. Rett årstallet.")))
        return False

    def no_identity_number(self, text: str | None, *, field: str) -> None:
        """`text` may not hold a national identity number."""
        try:
            refuse_identity_numbers(text, field=field)
        except Refused as refusal:
            self.add(field, refusal)

    def in_order(self, start: dt.date | None, end: dt.date | None, *, field: str = "expected_end") -> None:
        """A shortage ends after it starts."""
        if start and end and end < start:
            self.add(field, Refused(phrase("Sluttdatoen er før startdatoen. Rett en av dem.")))

    def tried_once(
        self, in_use: Iterable[Solution], helped: Iterable[Solution], did_not_help: Iterable[Solution]
    ) -> None:
        """A measure stands in one place."""
        if set(helped) & set(did_not_help):
            self.add("did_not_help", Refused(phrase("Samme tiltak står som både hjalp og hjalp ikke. Velg ett.")))
        if set(in_use) & {*helped, *did_not_help}:
            self.add("in_use", Refused(phrase("Et tiltak står både som i gang og som prøvd. Velg ett.")))

    def raise_if_any(self) -> None:
        """Raise `FormRefused` where something was wrong."""
        if self._refusals:
            raise FormRefused(self._refusals)


def why_not_relevant(reason: str) -> str:
    """Why a notice or a warning is not relevant, without the spaces around it. Raises `FormRefused`."""
    problems = Problems()
    problems.short_enough(reason, LONGEST_TEXT, field="reason")
    problems.no_identity_number(reason, field="reason")
    if not reason.strip():
        problems.add("reason", Refused(phrase("Skriv hvorfor meldingen ikke er aktuell.")))
    problems.raise_if_any()
    return reason.strip()
