"""A case as plain values, for whoever shows it or computes with it. Loaded for many cases at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.asked_views import AskedLine, asked_in_cases
from bot.cases.elsewhere import CountryLine, abroad_of_cases
from bot.cases.restriction_views import restrictions_of
from bot.cases.restrictions import Restriction
from bot.cases.vocabulary import (
    OPEN,
    Authorised,
    CameBy,
    Cause,
    Criticality,
    Goods,
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
    Visibility,
)
from bot.catalogue.preparation import Scope
from bot.clock import oslo
from bot.messages.phrase import Phrase
from bot.messages.values import Mention
from bot.stock.cover import CaseCover
from bot.stock.domino import Candidate, Domino, Effect, by_standing, foremost
from bot.stock.ends import Slips, slips
from bot.stock.reading import StockReading
from storage import candidates as stored_candidates
from storage import cases as stored
from storage import people
from storage.catalogue import AS_WRITTEN
from storage.tables import ShortageCase


@dataclass(frozen=True, slots=True)
class DominoLine:
    """A medicine that a shortage may be pulling down; `says` has figures, `case` is its own case."""

    title: str
    says: Phrase
    case: str | None
    raised_at: dt.datetime


NEAREST = 2
"""Candidates on a card: what stands on one or two lines of a phone."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report, with its reporter's Slack mention where they still have one.

    `came_by`: the centre wrote it down for somebody, who is the reporter, or, outside Slack, `told_by`.
    """

    id: int
    place: str
    missing: Missing
    runs_out: RunsOut
    children: bool | None
    pharmacy_contacted: bool | None
    note: str | None
    name: str
    reporter: Mention | None
    reported_at: dt.datetime
    came_by: CameBy | None = None
    told_by: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierCase:
    """A case that has ended: `how` is its outcome, or why it was not relevant; None where nobody said."""

    number: str
    status: Status
    how: Phrase | None
    reason: str | None
    closed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document of a case, kept elsewhere."""

    id: int
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything that any surface may say of a case; each surface shows its audience's part."""

    number: str
    name: str
    substance: str
    atc: str | None
    preparation_key: str
    scope: Scope
    authorised: Authorised
    status: Status
    outcome: Outcome | None
    visibility: Visibility
    source: Source | None
    cause: Cause | None
    start: dt.date | None
    expected_end: dt.date | None
    ward_days: int | None
    """Days from the supplier's restart to the ward, where they are set for this case."""
    slips: Slips
    lasts: Phrase | None
    """How long such cases still last from today, where enough have ended to tell."""
    substitute: str | None
    substitute_ready: bool | None
    affected: str | None
    """The group or specialty in words, beside `groups`."""
    sector: Sector | None
    criticality: Criticality | None
    groups: tuple[Group, ...]
    regions: tuple[Region, ...]
    system_factors: tuple[SystemFactor, ...]
    patient_consequences: str | None
    cost_consequences: str | None
    extra_cost_nok: int | None
    packages: tuple[str, ...]
    """Article numbers."""
    in_use: tuple[Solution, ...]
    """Measures that nobody has judged yet."""
    helped: tuple[Solution, ...]
    did_not_help: tuple[Solution, ...]
    documents: tuple[DocumentView, ...]
    advice: str | None
    """The centre's approved text, in bokmål."""
    decision_question: str | None
    owner: Mention | None
    stand_in: Mention | None
    next_step: str | None
    next_step_on: dt.date | None
    next_step_for: Mention | None
    complex: str | None
    related: tuple[str, ...]
    domino_of: str | None
    merged_into: str | None
    split_from: str | None
    continues: str | None
    made_up: bool
    opened_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    close_reason: str | None
    not_relevant: NotRelevant | None
    version: int
    reports: tuple[ReportView, ...]
    cover: CaseCover | None
    candidates: tuple[Candidate, ...] = ()
    """What may stand in for it, nearest first; none is a substitute before it is signed."""

    restrictions: tuple[Restriction, ...] = ()
    """What is restricted, drafts too, oldest first."""

    advice_nn: str | None = None
    advice_en: str | None = None

    asked: tuple[AskedLine, ...] = ()
    """What has been asked and is under way."""

    perhaps_same: tuple[str, ...] = ()
    """Other open cases of the same preparation: a person decides whether they are one."""

    earlier: EarlierCase | None = None
    """The last case of the same preparation that has ended, and how."""

    dominoes: tuple[DominoLine, ...] = ()
    """What the shortage may be pulling down, while it lasts."""

    end_source: str | None = None
    """What the expected end was read from, where that was a register's list."""

    abroad: tuple[CountryLine, ...] = ()
    """Other countries that lack the same substance, while the case is open."""

    def advice_in(self, language: str) -> str | None:
        """The centre's text in a language, or in bokmål where nobody has written it in that one."""
        return {"nn": self.advice_nn, "en": self.advice_en}.get(language) or self.advice

    @property
    def near(self) -> list[tuple[Phrase, list[Candidate]]]:
        """The candidates to show where there is little room, by what they may be called."""
        return by_standing(foremost(self.candidates, NEAREST))

    @property
    def candidates_left(self) -> int:
        """How many more there are."""
        return max(0, len(self.candidates) - NEAREST)

    @property
    def title(self) -> str:
        """The medicine with its substance in brackets, where the name does not say it already."""
        return named(self.name, self.substance)

    @property
    def goods(self) -> Goods:
        """What kind of thing is short, with its words."""
        return Goods(self.scope.value)

    @property
    def as_written(self) -> bool:
        """True while the case is kept under somebody's own words: the medicine was not in the list."""
        return self.preparation_key.startswith(AS_WRITTEN)

    @property
    def places(self) -> int:
        """How many different places have reported."""
        return len({report.place for report in self.reports})


def named(name: str, substance: str | None) -> str:
    """`Valtrex tab 500 mg (valaciklovir)`; the name alone where the substance stands in it."""
    if not substance or substance.casefold() in name.casefold():
        return name
    return f"{name} ({substance[:1].lower()}{substance[1:]})"


async def load_views(
    session: AsyncSession, cases: Sequence[ShortageCase], stock: StockReading | None, as_of: dt.date
) -> list[CaseView]:
    """The views of `cases`, in their order, by a fixed number of queries. Without `stock` no cover is computed."""
    if not cases:
        return []
    ids = [case.id for case in cases if case.id is not None]
    reports = await stored.what_was_reported(session, ids)
    kept = await stored.what_is_kept_of(session, ids)
    ends = await stored.end_dates(session, ids if "end_date" in kept else ())
    tried = await stored.tried(session, ids if "case_solution" in kept else ())
    packages = await stored.packages(session, ids if "case_package" in kept else ())
    documents = await stored.documents(session, ids if "case_document" in kept else ())
    keys = {case.preparation_key for case in cases if case.status in OPEN}
    same = await stored.open_by_preparation(session, keys)
    earlier = {row.preparation_key: _earlier(row) for row in await stored.last_ended(session, keys)}
    related = await stored.numbers_by_complex(session, {case.complex for case in cases if case.complex})
    covers = await stock.of_cases(session, cases, as_of) if stock else {}
    past = await stock.past.cases(session, as_of) if stock and any(case.status in OPEN for case in cases) else None
    found = await stock.candidates.of_cases(session, cases, as_of) if stock else {}
    restricted = await restrictions_of(session, cases if "restriction" in kept else ())
    asked = await asked_in_cases(session, cases if "inquiry" in kept else ())
    dominoes = await _dominoes(session, ids) if stock and "domino_alert" in kept else {}
    still = [(case.number, case.substance, case.atc) for case in cases if case.status in OPEN]
    abroad = await abroad_of_cases(session, still, as_of) if stock else {}
    persons = {one for case in cases for one in (case.owner, case.stand_in, case.next_step_for) if one}
    persons |= {report.reporter for found in reports.values() for report in found}
    slack_ids = await people.slack_users(session, persons)

    def mention(person: str | None) -> Mention | None:
        return Mention(slack_ids[person]) if person in slack_ids else None

    def measures(case_id: int, worked: bool | None) -> tuple[Solution, ...]:
        return tuple(Solution(code) for code, did in tried.get(case_id, {}).items() if did is worked)

    def view(case: ShortageCase) -> CaseView:
        assert case.id is not None  # noqa: S101
        lasts = None
        if past is not None and case.status in OPEN and (case.start is None or case.start <= as_of):
            age = (as_of - (case.start or oslo(case.opened_at).date())).days
            left = past.remaining(age, cause=case.cause, atc=case.atc)
            lasts = left.words(as_of) if left else None
        return CaseView(
            number=case.number,
            name=case.name,
            substance=case.substance,
            atc=case.atc,
            preparation_key=case.preparation_key,
            scope=Scope(case.scope),
            authorised=Authorised(case.authorised),
            status=Status(case.status),
            outcome=Outcome(case.outcome) if case.outcome else None,
            visibility=Visibility(case.visibility),
            source=Source(case.source) if case.source else None,
            cause=Cause(case.cause) if case.cause else None,
            start=case.start,
            expected_end=case.expected_end,
            ward_days=case.restart_to_ward_days,
            slips=slips(end.end for end in ends[case.id]),
            lasts=lasts,
            substitute=case.substitute,
            substitute_ready=case.substitute_ready,
            affected=case.affected,
            sector=Sector(case.sector) if case.sector else None,
            criticality=Criticality(case.criticality) if case.criticality else None,
            groups=tuple(map(Group, case.groups)),
            regions=tuple(map(Region, case.regions)),
            system_factors=tuple(map(SystemFactor, case.system_factors)),
            patient_consequences=case.patient_consequences,
            cost_consequences=case.cost_consequences,
            extra_cost_nok=case.extra_cost_nok,
            packages=tuple(packages.get(case.id, ())),
            in_use=measures(case.id, None),
            helped=measures(case.id, True),
            did_not_help=measures(case.id, False),
            documents=tuple(DocumentView(row.id or 0, row.address, row.title) for row in documents.get(case.id, ())),
            advice=case.advice,
            advice_nn=case.advice_nn,
            advice_en=case.advice_en,
            decision_question=case.decision_question,
            owner=mention(case.owner),
            stand_in=mention(case.stand_in),
            next_step=case.next_step,
            next_step_on=case.next_step_on,
            next_step_for=mention(case.next_step_for),
            complex=case.complex,
            related=tuple(n for n in related.get(case.complex or "", ()) if n != case.number),
            domino_of=case.domino_of,
            merged_into=case.merged_into,
            split_from=case.split_from,
            continues=case.continues,
            made_up=case.made_up,
            opened_at=case.opened_at,
            changed_at=case.changed_at,
            closed_at=case.closed_at,
            close_reason=case.close_reason,
            not_relevant=NotRelevant(case.not_relevant) if case.not_relevant else None,
            version=case.version,
            reports=tuple(_report_view(report, mention(report.reporter)) for report in reports[case.id]),
            cover=covers.get(case.id),
            candidates=tuple(found.get(case.number, ())),
            perhaps_same=tuple(
                n for n in same.get(case.preparation_key, ()) if n != case.number and case.status in OPEN
            ),
            earlier=earlier.get(case.preparation_key) if case.status in OPEN else None,
            restrictions=restricted.get(case.id, ()),
            asked=asked.get(case.id, ()),
            dominoes=tuple(dominoes.get(case.id, ())),
            abroad=abroad.get(case.number, ()),
            end_source=next((end.source for end in ends[case.id][-1:] if end.end == case.expected_end), None),
        )

    return [view(case) for case in cases]


def _report_view(report: Row[Any], reporter: Mention | None) -> ReportView:
    return ReportView(
        id=report.id,
        place=report.place,
        missing=Missing(report.missing),
        runs_out=RunsOut(report.runs_out),
        children=report.children,
        pharmacy_contacted=report.pharmacy_contacted,
        note=report.note,
        name=report.name,
        reporter=None if report.told_by else reporter,
        reported_at=report.reported_at,
        came_by=CameBy(report.came_by) if report.came_by else None,
        told_by=report.told_by,
    )


def _earlier(case: ShortageCase) -> EarlierCase | None:
    if case.closed_at is None:
        return None
    how = None
    if case.not_relevant:
        how = NotRelevant(case.not_relevant).words
    elif case.outcome:
        how = Outcome(case.outcome).words
    return EarlierCase(case.number, Status(case.status), how, case.close_reason, case.closed_at)


async def _dominoes(session: AsyncSession, case_ids: Sequence[int]) -> dict[int, list[DominoLine]]:
    lines: dict[int, list[DominoLine]] = defaultdict(list)
    for row in await stored_candidates.open_dominoes(session, case_ids):
        seen = Domino(Effect(row.effect), row.figure, row.share)
        lines[row.case_id].append(
            DominoLine(named(row.name, row.substance), seen.words, row.case_number, row.raised_at)
        )
    return lines
