"""Restrictions: drafted, decided, published, and lifted part by part; each step stands on the case and in its log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from bot.cases.forms import Problems
from bot.cases.readable import readable_case
from bot.cases.restriction_views import part_view, restrictions_of
from bot.cases.restrictions import LONGEST_WORDS, MOST_PARTS, NEXT, PartForm, Restriction, RestrictionForm, State
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import named
from bot.cases.vocabulary import Status, Visibility
from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import restrictions as stored
from storage.tables import Restriction as Row
from storage.tables import RestrictionPart, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class RestrictionsView:
    """A case's restrictions for one reader."""

    case: str
    title: str
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class LiftForm:
    """When a part ends to restrict, and why."""

    on: dt.date | None
    why: str | None

    def check(self, today: dt.date) -> dt.date:
        """The day. Raises `FormRefused` with every field that is wrong."""
        problems = Problems()
        if self.on is None or not problems.sensible(self.on, field="on"):
            problems.add("on", Refused(phrase("Velg dagen.")))
        problems.short_enough(self.why, LONGEST_WORDS, field="why")
        problems.no_identity_number(self.why, field="why")
        problems.raise_if_any()
        return self.on or today


BEGUN, OVER = "restriction_begun", "restriction_over"
"""What the log says of a part that turns by its date."""

TOLD_LATE = dt.timedelta(days=7)
"""What turned while the bot was down so long is still told; what is older is history."""

_GONE = phrase("Restriksjonen finnes ikke lenger. Skriv «/mangel restriksjon» og saksnummeret på nytt.")
_SAID = {
    State.WITH_EXPERTS: phrase("Restriksjonen er sendt til faglig innspill."),
    State.PLAN: phrase("Prioriteringsplanen er klar. Den er ikke satt i kraft."),
    State.DECIDED: phrase("Restriksjonen er vedtatt."),
    State.LIFTED: phrase("Restriksjonen er opphevet."),
}

Work = Callable[[UnitOfWork, ShortageCase, Row], Awaitable[Change]]


class RestrictionService:
    """Keeps the restrictions of short medicines."""

    def __init__(self, database: Database, teller: CaseTeller) -> None:
        self._database = database
        self._teller = teller

    async def of_case(self, number: str, by: Actor) -> RestrictionsView:
        """A case's restrictions: what is decided, and for those who work on the case its drafts and plans too."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            case = await readable_case(session, number, by)
            found = (await restrictions_of(session, [case])).get(case.id or 0, ())
        if not by.may(Action.WORK_ON_CASE):
            found = tuple(one for one in found if one.state in (State.DECIDED, State.LIFTED))
        return RestrictionsView(case.number, named(case.name, case.substance), found)

    async def restriction(self, restriction_id: int, by: Actor) -> Restriction:
        """One restriction, for those who work on it."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            row = await session.get(Row, restriction_id)
            case = await session.get(ShortageCase, row.case_id) if row else None
            if row is None or case is None:
                raise Refused(_GONE)
            every = (await restrictions_of(session, [case]))[row.case_id]
        return next(one for one in every if one.id == restriction_id)

    async def draft(self, number: str, form: RestrictionForm, by: Actor, *, key: str | None) -> str:
        """A new restriction of an open case's medicine, with its first part. Gives the case number."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await readable_case(uow.session, number, by)
            if not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            form.check(oslo(uow.now).date())
            row = Row(
                case_id=case.id or 0, state=State.DRAFT, issuer=form.issuer, ground=form.ground,
                sector=form.sector, regions=[], drafted_by=by.person, drafted_at=uow.now,
            )  # fmt: skip
            _write(row, form)
            await uow.add(row)
            await uow.add(_part(row, form.part))
            change = Change(phrase("Utkast til restriksjon: {words}", words=form.part.words or ""))
            await self._keep(uow, case, row, "restriction_drafted", change, by)
            return {"number": case.number}

        return str((await self._database.once(key, work))["number"])

    async def rewrite(
        self, restriction_id: int, form: RestrictionForm, by: Actor, *, version: int, key: str | None
    ) -> str:
        """Write a draft anew: its head and its first part. What is decided is not rewritten."""

        async def work(uow: UnitOfWork, case: ShortageCase, row: Row) -> Change:
            if State(row.state) not in (State.DRAFT, State.WITH_EXPERTS):
                raise Refused(phrase("Det som er vedtatt, skrives ikke om. Opphev delen, og legg til en ny."))
            form.check(oslo(uow.now).date())
            _write(row, form)
            first = (await stored.parts_of(uow.session, [restriction_id]))[restriction_id][0]
            _write_part(first, form.part)
            return Change(phrase("Utkastet til restriksjon er endret: {words}", words=first.words))

        return await self._change(restriction_id, "restriction_rewritten", work, by, version=version, key=key)

    async def move(
        self, restriction_id: int, to: State, by: Actor, *, key: str | None, version: int | None = None
    ) -> Phrase:
        """Take a restriction a step on, as `NEXT` allows; what to tell `by`.

        Refused where it has changed since `version` was read: nobody decides what they have not seen.
        """

        async def work(uow: UnitOfWork, case: ShortageCase, row: Row) -> Change:
            if to not in NEXT[State(row.state)] or to is State.LIFTED:
                words = State(row.state).words
                raise Refused(phrase("Det går ikke herfra: {state}. Åpne den på nytt.", state=words))
            if not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=case.number))
            row.state = to
            if to is State.DECIDED:
                row.decided_by, row.decided_at = by.person, uow.now
            if to is not State.DECIDED:
                return Change(_SAID[to])
            parts = (await stored.parts_of(uow.session, [row.id or 0]))[row.id or 0]
            said = phrase("Restriksjonen er vedtatt: {words}", words="; ".join(part.words for part in parts))
            return Change(said, said if row.published else None)

        await self._change(restriction_id, f"restriction_{to.value}", work, by, version=version, key=key)
        return _SAID[to]

    async def add_part(self, restriction_id: int, form: PartForm, by: Actor, *, version: int, key: str | None) -> str:
        """Another part, beside those that are there."""

        async def work(uow: UnitOfWork, case: ShortageCase, row: Row) -> Change:
            problems = Problems()
            form.judge(problems)
            problems.raise_if_any()
            if State(row.state) is State.LIFTED:
                raise Refused(phrase("Restriksjonen er opphevet. Lag en ny."))
            there = (await stored.parts_of(uow.session, [restriction_id]))[restriction_id]
            if len(there) >= MOST_PARTS:
                raise Refused(phrase("En restriksjon har høyst {most} deler. Lag en ny.", most=MOST_PARTS))
            await uow.add(_part(row, form))
            said = phrase("Restriksjonen har fått en del til: {words}", words=form.words or "")
            return Change(said, said if row.published and row.state == State.DECIDED else None)

        return await self._change(restriction_id, "restriction_part", work, by, version=version, key=key)

    async def lift(self, part_id: int, form: LiftForm, by: Actor, *, key: str | None) -> str:
        """Let a part restrict no more from a day on; with the last of them the whole is lifted."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            part = await session.get(RestrictionPart, part_id)
        if part is None:
            raise Refused(_GONE)

        async def work(uow: UnitOfWork, case: ShortageCase, row: Row) -> Change:
            parts = (await stored.parts_of(uow.session, [row.id or 0]))[row.id or 0]
            part = next(one for one in parts if one.id == part_id)
            if State(row.state) not in (State.DECIDED, State.PLAN):
                raise Refused(phrase("Det er bare det som er vedtatt, som oppheves."))
            if part.lifted_on is not None:
                raise Refused(phrase("Delen er allerede opphevet fra {date}.", date=part.lifted_on))
            day = form.check(oslo(uow.now).date())
            if part.starts_on and day < part.starts_on:
                problems = Problems()
                problems.add("on", Refused(phrase("Delen starter {date}. Velg en senere dag.", date=part.starts_on)))
                problems.raise_if_any()
            part.lifted_on, part.lifted_by, part.why_lifted = day, by.person, form.why
            if all(one.lifted_on for one in parts):
                row.state = State.LIFTED
            said = phrase("Opphevet fra {date}: {words}", date=day, words=part.words)
            return Change(said, said if row.published else None)

        return await self._change(part.restriction_id, "restriction_part_lifted", work, by, version=None, key=key)

    async def publish(self, restriction_id: int, by: Actor, *, shown: bool, key: str | None) -> Phrase:
        """Show a decided restriction where its case is published, or take it back; what to tell `by`."""
        said = (
            phrase("Restriksjonen er publisert. De som følger saken, får beskjed.")
            if shown
            else phrase("Restriksjonen er trukket tilbake fra den åpne kanalen.")
        )

        async def work(uow: UnitOfWork, case: ShortageCase, row: Row) -> Change:
            if shown and State(row.state) is not State.DECIDED:
                raise Refused(phrase("Bare det som er vedtatt, publiseres."))
            if shown and case.visibility != Visibility.PUBLISHED:
                raise Refused(phrase("Saken {number} er ikke publisert. Publiser den først.", number=case.number))
            if row.published == shown:
                raise Refused(phrase("Det er allerede gjort."))
            row.published = shown
            return Change(said, phrase("Det er innført en restriksjon. Se saken.") if shown else None)

        action = "restriction_published" if shown else "restriction_withdrawn"
        await self._change(restriction_id, action, work, by, version=None, key=key)
        return said

    async def tell_what_has_come(self) -> int:
        """Say once of each part that it begins, or has ended, by the dates that were decided; how many were told.

        With its last part over the whole is lifted. What a person lifts is told when they do it.
        """
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:cases")
            today = oslo(uow.now).date()
            rows = await stored.turning(uow.session, today - TOLD_LATE, today)
            since = uow.now - 2 * TOLD_LATE
            known = await stored.told(uow.session, (BEGUN, OVER), since) if rows else set()
            done = 0
            for row, part in rows:
                for action, words in _turns(row, part, today):
                    case = await uow.session.get(ShortageCase, row.case_id)
                    if case is None or (action, part.id) in known:
                        continue
                    if action == OVER:
                        parts = (await stored.parts_of(uow.session, [row.id or 0]))[row.id or 0]
                        if all(part_view(one).over(today) for one in parts):
                            row.state = State.LIFTED
                    row.version += 1
                    uow.record(f"case:{case.number}", action, by=None, restriction=row.id, part=part.id)
                    await self._teller.changed(uow, case, Change(words, words if row.published else None), by=None)
                    done += 1
            return done

    async def _change(
        self, restriction_id: int, action: str, work: Work, by: Actor, *, version: int | None, key: str | None
    ) -> str:
        """Do `work` on a restriction, alone, and tell the case of it. Gives the case number."""
        by.require(Action.WORK_ON_CASE)

        async def all_of_it(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            row = await uow.session.get(Row, restriction_id)
            case = await uow.session.get(ShortageCase, row.case_id) if row else None
            if row is None or case is None:
                raise Refused(_GONE)
            if version is not None and row.version != version:
                raise Refused(phrase("Restriksjonen er endret siden du åpnet den. Åpne den på nytt."))
            change = await work(uow, case, row)
            row.version += 1
            await self._keep(uow, case, row, action, change, by)
            return {"number": case.number}

        return str((await self._database.once(key, all_of_it))["number"])

    async def _keep(
        self, uow: UnitOfWork, case: ShortageCase, row: Row, action: str, change: Change, by: Actor
    ) -> None:
        await uow.session.flush()
        parts = (await stored.parts_of(uow.session, [row.id or 0]))[row.id or 0]
        uow.record(
            f"case:{case.number}", action, by=by.person, restriction=row.id, state=row.state, issuer=row.issuer,
            parts=[
                {"kind": part.kind, "words": part.words, "from": _iso(part.starts_on), "to": _iso(part.ends_on),
                 "lifted": _iso(part.lifted_on), "why": part.why_lifted}
                for part in parts
            ],
        )  # fmt: skip
        await self._teller.changed(uow, case, change, by=by.person)


def _turns(row: Row, part: RestrictionPart, today: dt.date) -> Iterator[tuple[str, Phrase]]:
    """What has come of a part by today, as its dates say and no person has: that it begins, that it is over."""
    decided, view = oslo(row.decided_at).date() if row.decided_at else today, part_view(part)
    first = today - TOLD_LATE
    if part.starts_on and max(decided + dt.timedelta(1), first) <= part.starts_on <= today and view.in_force(today):
        yield BEGUN, phrase("Gjelder fra {date}: {words}", date=part.starts_on, words=part.words)
    if part.ends_on and view.until == part.ends_on and view.over(today) and max(decided, first) <= part.ends_on:
        yield OVER, phrase("Gjaldt til og med {date}: {words}", date=part.ends_on, words=part.words)


def _write(row: Row, form: RestrictionForm) -> None:
    row.issuer, row.ground, row.ground_words = form.issuer, form.ground, form.ground_words
    row.sector, row.regions = form.sector, [region.value for region in form.regions]
    row.review_on, row.experts = form.review_on, form.experts


def _part(row: Row, form: PartForm) -> RestrictionPart:
    part = RestrictionPart(restriction_id=row.id or 0, kind=form.kind, words="")
    _write_part(part, form)
    return part


def _write_part(part: RestrictionPart, form: PartForm) -> None:
    part.kind, part.words = form.kind, form.words or ""
    part.starts_on, part.ends_on = form.starts_on, form.ends_on


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
