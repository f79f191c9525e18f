"""Substitute assessments: drafted by one, signed by another, versioned, and found again at the next shortage.

What is signed is not rewritten: an edit begins a new draft, and the signed text stands until the new one is signed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.assessments import Assessment, Content, EndForm, Profession, SignForm, State, Step
from bot.cases.candidates import CandidateService, put_link
from bot.cases.readable import readable_case
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import named
from bot.cases.vocabulary import Status, Visibility
from bot.clock import Clock, oslo
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.refusal import NotAllowed, Refused
from bot.stock.candidates import CandidateReading
from bot.stock.domino import Candidate, Rung
from storage import assessments as stored
from storage import cases as stored_cases
from storage import people
from storage.tables import ShortageCase
from storage.tables import SubstituteAssessment as Row
from storage.unit_of_work import Answer, Database, UnitOfWork

MOST_LINES = 20
"""Candidates in the window: a section and a button each."""


@dataclass(frozen=True, slots=True)
class Line:
    """A candidate of a case, and its assessment: the draft where there is one, else the newest that was signed."""

    candidate: Candidate
    assessment: Assessment | None

    @property
    def offered_again(self) -> bool:
        """Whether it was assessed before and has to be looked at anew: out of date, or taken back."""
        return self.assessment is not None and not self.assessment.holds and self.assessment.state is not State.DRAFT


@dataclass(frozen=True, slots=True)
class AssessmentsView:
    """What may stand in for a case's medicine, and what is assessed of it."""

    case: str
    title: str
    lines: tuple[Line, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Target:
    """What is written on: a version that is there, or a candidate of a case that has none."""

    assessment: int | None = None
    version: int | None = None
    case: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What a page of the form begins with. `anew`: saving it begins a new version."""

    short: str
    name: str
    content: Content
    anew: bool


_GONE = phrase("Vurderingen finnes ikke lenger. Åpne «Vurder erstatning» i saken på nytt.")
_CHANGED = phrase("Vurderingen er endret siden du åpnet den. Åpne den på nytt.")


class AssessmentService:
    """Keeps the assessments, and the links between preparations that they are of."""

    def __init__(
        self, database: Database, clock: Clock, teller: CaseTeller, reading: CandidateReading, naming: CandidateService
    ) -> None:
        self._database = database
        self._clock = clock
        self._teller = teller
        self._reading = reading
        self._naming = naming

    # --- what is read -----------------------------------------------------------------------------

    async def of_case(self, number: str, by: Actor) -> AssessmentsView:
        """The candidates of an open case and what is assessed of them, earlier shortages' too."""
        by.require(Action.WORK_ON_CASE)
        today = self._today()
        async with self._database.read() as session:
            case = await _open_case(session, number, by)
            found = (await self._reading.of_cases(session, [case], today))[number]
            rows = await stored.of_preparations(session, [case.preparation_key])
            views = await self._views(session, rows, today)
        newest: dict[str, Assessment] = {}
        for row, view in zip(rows, views, strict=True):
            before = newest.get(row.candidate_key)
            if view.state is State.DRAFT or before is None or before.state is not State.DRAFT:
                newest[row.candidate_key] = view
        lines = tuple(Line(one, newest.get(one.preparation.key)) for one in found)
        return AssessmentsView(
            case.number, named(case.name, case.substance), lines[:MOST_LINES], len(lines[MOST_LINES:])
        )

    async def assessment(self, assessment_id: int, by: Actor) -> Assessment:
        """One version; drafts for those who work on the case."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            row = await _row(session, assessment_id)
            if row.state == State.DRAFT:
                by.require(Action.WORK_ON_CASE)
            return (await self._views(session, [row], self._today()))[0]

    async def for_signing(self, assessment_id: int, by: Actor) -> Assessment:
        """A draft as somebody who may sign it sees it. Refused for those who have written in it."""
        by.require(Action.SIGN_ASSESSMENT)
        async with self._database.read() as session:
            row = await _row(session, assessment_id)
            _refuse_to_sign(row, by)
            return (await self._views(session, [row], self._today()))[0]

    async def begun(self, target: Target, by: Actor) -> Begun:
        """What a page of the form begins with: the draft, the text that is signed, or what the catalogue knows."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            if target.assessment is not None:
                row = await _row(session, target.assessment)
                return Begun(row.short_name, row.name, Content.from_json(row.content), row.state != State.DRAFT)
            case, candidate = await self._candidate(session, target, by)
        rung = None if candidate.rung is Rung.EXCHANGE_GROUP else candidate.rung
        form, strength = self._reading.form_and_strength(candidate.preparation.key)
        link = candidate.link
        content = Content(
            rung=rung, form=form, strength=strength, use=link.use if link else None, ratio=link.ratio if link else None
        )
        return Begun(case.name, candidate.preparation.name, content, anew=False)

    async def letter(self, number: str, place: int | None) -> Assessment:
        """The signed assessment that a case's letter is made of, for whoever runs the bot's command line.

        `place` counts the signed ones from 1, where there are several. Raises `Refused` where there is none.
        """
        today = self._today()
        async with self._database.read() as session:
            case = await stored_cases.by_number(session, number)
            if case is None:
                raise Refused(phrase("Fant ikke sak {number}.", number=number))
            rows = await stored.of_preparations(session, [case.preparation_key], [State.SIGNED])
            views = [view for view in await self._views(session, rows, today) if view.holds]
        if not views:
            raise Refused(phrase("Sak {number} har ingen signert vurdering som gjelder.", number=number))
        if place is None and len(views) > 1:
            every = ", ".join(f"{at} {view.name}" for at, view in enumerate(views, 1))
            raise Refused(phrase("Sak {number} har flere. Velg en: {every}.", number=number, every=every))
        if place is not None and not 0 < place <= len(views):
            raise Refused(phrase("Sak {number} har ingen vurdering nummer {place}.", number=number, place=place))
        chosen = views[(place or 1) - 1]
        if chosen.content.lacks:
            raise Refused(phrase("Dette mangler før det kan bli et brev: {what}.", what=chosen.content.lacks))
        return chosen

    async def views(self, session: AsyncSession, rows: Sequence[Row]) -> list[Assessment]:
        """Rows as plain values, on today's date."""
        return await self._views(session, rows, self._today())

    # --- what changes -----------------------------------------------------------------------------

    async def write(self, target: Target, step: Step, typed: Content, by: Actor, *, key: str | None) -> Target:
        """Keep one page of the form in the draft, or begin a draft with it. Gives what the next page is written on."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            typed.check(step, oslo(uow.now).date())
            if target.assessment is None:
                row, case = await self._begin(uow, target, typed, by)
            else:
                row = await _row(uow.session, target.assessment)
                case = await self._case(uow, row)
                if row.version != target.version:
                    raise Refused(_CHANGED)
                if row.state != State.DRAFT:
                    row = await self._new_version(uow, row, case, by)
            content = Content.from_json(row.content).with_step(step, typed)
            if step is Step.PRODUCT and content.rung is not None:
                self._naming.refuse_too_near(case, row.candidate_key, row.name, row.atc, content.rung)
            new = row.version == 0
            row.content, row.valid_until = content.as_json(), content.valid_until
            row.writers = [*dict.fromkeys([*row.writers, by.person])]
            row.version += 1
            uow.record(f"case:{case.number}", "assessment_written", by=by.person, **_facts(row), step=step.value)
            if new:
                said = phrase("Utkast til vurdering: {name}.", name=row.name)
                await self._teller.changed(uow, case, Change(said), by=by.person)
            if step is Step.USE or await uow.said(_key(row)) is not None:
                await self._show(uow, row, case)
            return {"assessment": row.id, "version": row.version}

        done = await self._database.once(key, work)
        return Target(assessment=int(done["assessment"]), version=int(done["version"]))

    async def sign(self, assessment_id: int, form: SignForm, by: Actor, *, version: int, key: str | None) -> Phrase:
        """Sign a draft that somebody else has written; what to tell `by`. The signed one before it is replaced.

        Refused where anything is lacking, and where it has changed since `version` was read: nobody signs what they
        have not seen.
        """
        by.require(Action.SIGN_ASSESSMENT)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            row = await _row(uow.session, assessment_id)
            _refuse_to_sign(row, by)
            if row.version != version:
                raise Refused(_CHANGED)
            signed_as, profession = form.check()
            content = Content.from_json(row.content)
            if content.lacks:
                raise Refused(phrase("Dette mangler før den kan signeres: {what}.", what=content.lacks))
            assert content.rung is not None and content.valid_until is not None  # noqa: S101
            if content.valid_until <= oslo(uow.now).date():
                raise Refused(phrase("Datoen den gjelder til, er passert. Endre den først."))
            for old in await stored.of_pair(uow.session, row.short_key, row.candidate_key):
                if old.state == State.SIGNED:
                    old.state, old.ended_by, old.ended_at = State.REPLACED, by.person, uow.now
                    old.version += 1
                    await self._show(uow, old, await self._case(uow, old))
            row.state, row.signed_as, row.profession = State.SIGNED, signed_as, profession
            row.signed_by, row.signed_at = by.person, uow.now
            row.version += 1
            await put_link(
                uow, row.short_key, row.candidate_key, row.name, row.atc, rung=content.rung, use=content.use,
                ratio=content.ratio, by=by.person,
            )  # fmt: skip
            said = phrase("Vurdert og signert av {who}: {name}. Gjelder til {until}.",
                          who=signed_as, name=row.name, until=content.valid_until)  # fmt: skip
            await self._tell(uow, row, "assessment_signed", said, by)
            return {}

        await self._database.once(key, work)
        return phrase("Vurderingen er signert. Brevet til avdelingene kommer i sakens tråd.")

    async def withdraw(self, assessment_id: int, form: EndForm, by: Actor, *, key: str | None) -> Phrase:
        """Take back what is signed, or drop a draft, with the reason; what to tell `by`."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            row = await _row(uow.session, assessment_id)
            if row.state not in (State.DRAFT, State.SIGNED):
                raise Refused(phrase("Det er allerede gjort."))
            was_signed = row.state == State.SIGNED
            row.why_ended = form.check()
            row.state, row.ended_by, row.ended_at = State.WITHDRAWN, by.person, uow.now
            row.version += 1
            if was_signed:
                said = phrase("Vurderingen av {name} er trukket tilbake: {why}", name=row.name, why=row.why_ended)
            else:
                said = phrase("Utkastet til vurdering av {name} er lagt bort: {why}", name=row.name, why=row.why_ended)
            await self._tell(uow, row, "assessment_withdrawn", said, by, public=was_signed)
            return {"was_signed": was_signed}

        done = await self._database.once(key, work)
        if not done["was_signed"]:
            return phrase("Utkastet er lagt bort.")
        return phrase("Vurderingen er trukket tilbake. Brevet må trekkes tilbake der det er sendt.")

    # --- in its parts -----------------------------------------------------------------------------

    def _today(self) -> dt.date:
        return oslo(self._clock.now()).date()

    async def _candidate(self, session: AsyncSession, target: Target, by: Actor) -> tuple[ShortageCase, Candidate]:
        """The case and the candidate of a target that names no version yet."""
        case = await _open_case(session, target.case or "", by)
        found = (await self._reading.of_cases(session, [case], self._today()))[case.number]
        candidate = next((one for one in found if one.preparation.key == target.key), None)
        if candidate is None:
            raise Refused(_GONE)
        return case, candidate

    async def _begin(self, uow: UnitOfWork, target: Target, typed: Content, by: Actor) -> tuple[Row, ShortageCase]:
        case, candidate = await self._candidate(uow.session, target, by)
        other = candidate.preparation
        if candidate.link is None and typed.rung is not None:
            await put_link(
                uow, case.preparation_key, other.key, other.name, other.atc, rung=typed.rung, use=typed.use,
                ratio=typed.ratio, by=by.person,
            )  # fmt: skip
        versions = await stored.of_pair(uow.session, case.preparation_key, other.key)
        return await self._draft(uow, case, other.key, other.name, other.atc, versions, {}, by), case

    async def _new_version(self, uow: UnitOfWork, row: Row, case: ShortageCase, by: Actor) -> Row:
        versions = await stored.of_pair(uow.session, row.short_key, row.candidate_key)
        content = dict(row.content)
        return await self._draft(uow, case, row.candidate_key, row.name, row.atc, versions, content, by, row.short_key)

    async def _draft(
        self,
        uow: UnitOfWork,
        case: ShortageCase,
        candidate_key: str,
        name: str,
        atc: str | None,
        versions: Sequence[Row],
        content: dict[str, object],
        by: Actor,
        short_key: str | None = None,
    ) -> Row:
        if any(one.state == State.DRAFT for one in versions):
            raise Refused(phrase("Noen har begynt på et utkast. Åpne det."))
        number = max((one.number for one in versions), default=0) + 1
        row = Row(
            case_id=case.id or 0, short_key=short_key or case.preparation_key, short_name=case.name,
            candidate_key=candidate_key, name=name, atc=atc, number=number,
            state=State.DRAFT, content=content, drafted_by=by.person, drafted_at=uow.now, writers=[],
        )  # fmt: skip
        await uow.add(row)
        return row

    async def _case(self, uow: UnitOfWork, row: Row) -> ShortageCase:
        """The case that an assessment is about now: the newest open one of its preparation, else its own."""
        return (await stored.cases_of(uow.session, row.short_key, row.case_id))[-1]

    async def _tell(
        self, uow: UnitOfWork, row: Row, action: str, said: Phrase, by: Actor, *, public: bool = True
    ) -> None:
        """Each case that it concerns: the log, the thread, the card, and where it is published those who follow it."""
        cases = await stored.cases_of(uow.session, row.short_key, row.case_id)
        for case in cases:
            uow.record(f"case:{case.number}", action, by=by.person, **_facts(row))
            told = said if public and case.visibility == Visibility.PUBLISHED else None
            await self._teller.changed(uow, case, Change(said, told), by=by.person)
        await self._show(uow, row, cases[-1])

    async def _show(self, uow: UnitOfWork, row: Row, case: ShortageCase) -> None:
        """The text itself in the case's thread, with what can be done; edited in place from the second time on."""
        await uow.session.flush()
        (view,) = await self._views(uow.session, [row], oslo(uow.now).date())
        await self._teller.in_thread(uow, _key(row), case.number, "assessment.j2", row.version, one=view)

    async def _views(self, session: AsyncSession, rows: Sequence[Row], today: dt.date) -> list[Assessment]:
        """Rows as plain values, by two statements."""
        persons = {person for row in rows for person in (row.drafted_by, row.signed_by) if person}
        names = await people.slack_users(session, persons) if rows else {}
        cases = await stored_cases.by_ids(session, {row.case_id for row in rows}) if rows else {}
        return [_view(row, cases[row.case_id].number, names, today) for row in rows]


def _view(row: Row, number: str, names: dict[str, str], today: dt.date) -> Assessment:
    assert row.id is not None  # noqa: S101
    return Assessment(
        id=row.id,
        case=number,
        short=row.short_name,
        name=row.name,
        number=row.number,
        state=State(row.state),
        content=Content.from_json(row.content),
        drafted_by=Mention(names[row.drafted_by]) if row.drafted_by in names else None,
        drafted_on=oslo(row.drafted_at).date(),
        signed_as=row.signed_as,
        profession=Profession(row.profession) if row.profession else None,
        signed_by=Mention(names[row.signed_by]) if row.signed_by in names else None,
        signed_on=oslo(row.signed_at).date() if row.signed_at else None,
        why_ended=row.why_ended,
        version=row.version,
        today=today,
    )


async def _row(session: AsyncSession, assessment_id: int) -> Row:
    row = await session.get(Row, assessment_id)
    if row is None:
        raise Refused(_GONE)
    return row


async def _open_case(session: AsyncSession, number: str, by: Actor) -> ShortageCase:
    case = await readable_case(session, number, by)
    if not Status(case.status).is_open:
        raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
    return case


def _refuse_to_sign(row: Row, by: Actor) -> None:
    if row.state != State.DRAFT:
        raise Refused(phrase("Den er ikke lenger et utkast. Åpne den på nytt."))
    if by.person in row.writers:
        raise NotAllowed(phrase("Du har skrevet i denne vurderingen. Be en annen farmasøyt eller lege om å signere."))


def _key(row: Row) -> str:
    """Under which its text stands in the outbox."""
    return f"assessment:{row.id}"


def _facts(row: Row) -> dict[str, object]:
    """What the log keeps of it."""
    return {
        "assessment": row.id, "candidate": row.candidate_key, "name": row.name, "version": row.number,
        "state": State(row.state).value, "signed_as": row.signed_as, "why": row.why_ended, "content": row.content,
    }  # fmt: skip
