"""One change of one or many cases: shown before it is done, done whole or not at all, and taken back in one go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cases.forms import ClosingForm, Problems
from bot.cases.life_cycle import move
from bot.cases.service import NOT_PUBLISHED_YET, end_case
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import named
from bot.cases.vocabulary import Status, Visibility, Worded
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.refusal import FormRefused, Refused
from storage import cases as stored
from storage import notices, people
from storage.tables import CaseBatch, EndDate, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork

MOST_AT_ONCE = 100
"""Cases in one go: what a window can carry, and a person can look through before it is done."""

LONGEST_NOTE = 400
LONGEST_SHIFT = 730


class BulkKind(Worded):
    """What can be done to several cases at once."""

    GIVEN = "given", phrase("Overlever til en annen")
    END = "end", phrase("Flytt sluttdato")
    CLOSED = "closed", phrase("Avslutt")


@dataclass(frozen=True, slots=True)
class BulkForm:
    """The change as a person asks for it; each kind has its own fields.

    `to` and `stand_in`: Slack ids. `end`: the new expected end, or `shift_days`: so much later (or earlier).
    """

    kind: BulkKind
    to: str | None = None
    stand_in: str | None = None
    note: str | None = None
    end: dt.date | None = None
    shift_days: int | None = None
    closing: ClosingForm | None = None

    def check(self) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        problems.short_enough(self.note, LONGEST_NOTE, field="note")
        problems.no_identity_number(self.note, field="note")
        if self.kind is BulkKind.GIVEN and not self.to:
            problems.add("to", Refused(phrase("Velg hvem som skal ha sakene.")))
        if self.kind is BulkKind.GIVEN and self.stand_in and self.stand_in == self.to:
            problems.add("stand_in", Refused(phrase("Stedfortrederen må være en annen enn den ansvarlige.")))
        if self.kind is BulkKind.END:
            problems.sensible(self.end, field="end")
            if (self.end is None) == (self.shift_days is None):
                problems.add("end", Refused(phrase("Velg en dato, eller skriv hvor mange dager. Ikke begge.")))
            if self.shift_days is not None and not 0 < abs(self.shift_days) <= LONGEST_SHIFT:
                said = phrase("Skriv et helt tall fra 1 til {most}, med minus foran for tidligere.", most=LONGEST_SHIFT)
                problems.add("shift_days", Refused(said))
        problems.raise_if_any()
        if self.kind is BulkKind.CLOSED:
            if self.closing is None:
                raise Refused(phrase("Skriv kort hvorfor saken avsluttes."), field="reason")
            problems.short_enough(self.closing.reason, LONGEST_NOTE, field="reason")
            problems.raise_if_any()
            self.closing.check(None)


@dataclass(frozen=True, slots=True)
class Picked:
    """A case as it was chosen: its row, and the version that the person saw."""

    id: int
    version: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one case, or why nothing can."""

    id: int
    number: str
    title: str
    says: Phrase
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change comes to, before it is done."""

    cases: tuple[Planned, ...]

    @property
    def refused(self) -> list[Planned]:
        """The cases that stand in the way."""
        return [one for one in self.cases if one.refused]

    @property
    def fine(self) -> list[Planned]:
        """The cases that can be changed so."""
        return [one for one in self.cases if not one.refused]


class NotAllOfThem(Refused):
    """Some of the cases cannot be changed so: nothing was done to any."""

    def __init__(self, plan: Plan) -> None:
        names = ", ".join(one.number for one in plan.refused[:5])
        super().__init__(phrase("Ingenting er gjort. Disse sakene kan ikke endres slik: {numbers}.", numbers=names))
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Batch:
    """Something that was done to several cases in one go."""

    id: int
    kind: BulkKind
    cases: int
    at: dt.datetime

    @classmethod
    def of(cls, row: CaseBatch) -> Batch:
        """The row as plain values."""
        return cls(row.id or 0, BulkKind(row.kind), len(row.changes), row.at)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The cases that are as they were, and those that had been changed since and stay as they are."""

    back: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Hands:
    """Who gets the cases: person keys and Slack ids."""

    owner: str
    slack_user: str
    language: str
    stand_in: str | None = None


class BulkService:
    """Changes several cases in one unit of work."""

    def __init__(self, database: Database, teller: CaseTeller, persons: PeopleService, renderer: Renderer) -> None:
        self._database = database
        self._teller = teller
        self._people = persons
        self._render = renderer.render

    async def plan(self, picked: Sequence[Picked], form: BulkForm, by: Actor) -> Plan:
        """What `form` would do to each case, by two statements. Nothing is changed.

        Raises `FormRefused` for a form that means nothing, `Refused` for no case or too many.
        """
        hands = await self._check(picked, form, by)
        async with self._database.read() as session:
            rows = await stored.by_ids(session, [one.id for one in picked])
            owners = await people.slack_users(session, {row.owner for row in rows.values() if row.owner})
        return Plan(tuple(_planned(one, rows.get(one.id), form, hands, owners) for one in picked))

    async def carry_out(self, picked: Sequence[Picked], form: BulkForm, by: Actor, *, key: str | None) -> Batch:
        """Do it to all of them. Raises `NotAllOfThem`, and does nothing, where one cannot be changed so any longer."""
        hands = await self._check(picked, form, by)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            rows = await stored.by_ids(uow.session, [one.id for one in picked])
            owners = await people.slack_users(uow.session, {row.owner for row in rows.values() if row.owner})
            plan = Plan(tuple(_planned(one, rows.get(one.id), form, hands, owners) for one in picked))
            if plan.refused:
                raise NotAllOfThem(plan)
            cases = [rows[one.id] for one in picked]
            before = [_state(case) for case in cases]
            told = [(case, await _apply(uow, case, form, hands, by)) for case in cases]
            await self._teller.changed_together(uow, told, by=by.person)
            batch = CaseBatch(
                at=uow.now,
                by=by.person,
                kind=form.kind.value,
                given_to=hands.owner if hands else None,
                note=form.note,
                changes=[
                    {"id": case.id, "number": case.number, "version": case.version} | state
                    for case, state in zip(cases, before, strict=True)
                ],
            )
            await uow.add(batch)
            if hands is not None and hands.owner != by.person:
                await self._tell_receiver(uow, batch, cases, hands, by)
            return {"batch": batch.id}

        answer = await self._database.once(key, work)
        async with self._database.read() as session:
            done = await session.get(CaseBatch, int(answer["batch"]))
        assert done is not None  # noqa: S101
        return Batch.of(done)

    async def take_back(self, batch_id: int, by: Actor, *, key: str | None) -> TakenBack:
        """Let the cases be as they were before, but for those that have been changed since."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            batch = await uow.session.get(CaseBatch, batch_id)
            if batch is None or batch.by != by.person:
                raise Refused(phrase("Fant ikke endringen blant dine."))
            if batch.undone_at is not None:
                raise Refused(phrase("Dette er allerede angret."))
            rows = await stored.by_ids(uow.session, [change["id"] for change in batch.changes])
            mine = [one for one in batch.changes if one["id"] in rows and rows[one["id"]].version == one["version"]]
            await stored.forget_ends_of(uow.session, [one["id"] for one in mine], said_at=batch.at)
            told = []
            for change in mine:
                case = rows[change["id"]]
                if case.not_relevant and not change["not_relevant"]:
                    await notices.relevant_after_all(uow.session, case.number, by=by.person, at=uow.now)
                _restore(case, change)
                uow.record(f"case:{case.number}", "taken_back", by=by.person, batch=batch_id, kind=batch.kind)
                told.append((case, _said_back(case, BulkKind(batch.kind))))
            await self._teller.changed_together(uow, told, by=by.person)
            batch.undone_at = uow.now
            back = [str(one["number"]) for one in mine]
            return {"back": back, "kept": [one["number"] for one in batch.changes if one["number"] not in back]}

        answer = await self._database.once(key, work)
        return TakenBack(tuple(answer["back"]), tuple(answer["kept"]))

    async def _check(self, picked: Sequence[Picked], form: BulkForm, by: Actor) -> _Hands | None:
        """Whether `by` may ask for it at all; who gets the cases, where somebody does."""
        by.require(Action.WORK_ON_CASE)
        if not picked:
            raise Refused(phrase("Velg minst én sak."))
        if len(picked) > MOST_AT_ONCE:
            raise Refused(phrase("Velg høyst {most} saker om gangen.", most=MOST_AT_ONCE))
        form.check()
        if form.kind is not BulkKind.GIVEN or form.to is None:
            return None
        receiver = await self._of_the_centre(form.to, "to")
        stand_in = await self._of_the_centre(form.stand_in, "stand_in") if form.stand_in else None
        return _Hands(receiver.person, receiver.slack_user, receiver.language, stand_in.person if stand_in else None)

    async def _of_the_centre(self, slack_user: str, field: str) -> Actor:
        roles, pools = self._people.grants(slack_user)
        if not Actor("", slack_user, "nb", None, roles, pools).may(Action.WORK_ON_CASE):
            raise FormRefused([Refused(phrase("Velg en som arbeider i Mangelsenteret."), field=field)])
        return await self._people.actor(slack_user)

    async def _tell_receiver(
        self, uow: UnitOfWork, batch: CaseBatch, cases: Sequence[ShortageCase], hands: _Hands, by: Actor
    ) -> None:
        message = self._render(
            "handed_over.j2",
            hands.language,
            who=Mention(by.slack_user),
            note=batch.note,
            cases=[
                (case.number, named(case.name, case.substance), case.next_step, case.next_step_on)
                for case in cases[:10]
            ],
            count=len(cases),
        )
        await uow.say(f"handover:{batch.id}", hands.slack_user, message.text, message.blocks, priority=3)


# --- what becomes of one case ---


def _planned(
    picked: Picked,
    case: ShortageCase | None,
    form: BulkForm,
    hands: _Hands | None,
    owners: Mapping[str, str],
) -> Planned:
    if case is None:
        return Planned(picked.id, "?", "", phrase("Saken finnes ikke."), refused=True)
    title = named(case.name, case.substance)
    try:
        if not Status(case.status).is_open:
            raise Refused(phrase("Saken er ikke åpen."))
        if case.version != picked.version:
            raise Refused(phrase("Endret siden du valgte den."))
        says = _WHAT[form.kind](case, form, hands, owners)
    except Refused as why:
        return Planned(picked.id, case.number, title, why.phrase, refused=True)
    except FormRefused as why:
        return Planned(picked.id, case.number, title, why.refusals[0].phrase, refused=True)
    return Planned(picked.id, case.number, title, says)


def _given(case: ShortageCase, form: BulkForm, hands: _Hands | None, owners: Mapping[str, str]) -> Phrase:
    assert hands is not None  # noqa: S101
    if case.owner == hands.owner and hands.stand_in in (None, case.stand_in):
        raise Refused(phrase("{who} har allerede saken.", who=Mention(hands.slack_user)))
    before: object = Mention(owners[case.owner]) if case.owner and case.owner in owners else phrase("ingen")
    return phrase("Ansvarlig: {before} → {after}", before=before, after=Mention(hands.slack_user))


def _end(case: ShortageCase, form: BulkForm, hands: _Hands | None, owners: Mapping[str, str]) -> Phrase:
    end = _new_end(case, form)
    if end == case.expected_end:
        raise Refused(phrase("Sluttdatoen er allerede {end}.", end=end))
    if case.start is not None and end < case.start:
        raise Refused(phrase("{end} er før startdatoen {start}.", end=end, start=case.start))
    problems = Problems()
    problems.sensible(end, field="end")
    problems.raise_if_any()
    return phrase("Sluttdato: {before} → {after}", before=case.expected_end, after=end)


def _new_end(case: ShortageCase, form: BulkForm) -> dt.date:
    if form.end is not None:
        return form.end
    if case.expected_end is None:
        raise Refused(phrase("Sluttdatoen er ukjent og kan ikke flyttes. Velg en dato."))
    return case.expected_end + dt.timedelta(form.shift_days or 0)


def _closed(case: ShortageCase, form: BulkForm, hands: _Hands | None, owners: Mapping[str, str]) -> Phrase:
    assert form.closing is not None  # noqa: S101
    form.closing.check(case.start)
    move(case.number, Status(case.status), form.closing.status)
    return phrase("{before} → {after}", before=Status(case.status).words, after=form.closing.status.words)


_WHAT: dict[BulkKind, Callable[[ShortageCase, BulkForm, _Hands | None, Mapping[str, str]], Phrase]] = {
    BulkKind.GIVEN: _given,
    BulkKind.END: _end,
    BulkKind.CLOSED: _closed,
}


async def _apply(uow: UnitOfWork, case: ShortageCase, form: BulkForm, hands: _Hands | None, by: Actor) -> Change:
    """Write it; what the case's thread and those who reported hear."""
    if form.closing is not None:
        return await end_case(uow, case, form.closing, by.person)
    if hands is not None:
        uow.record(f"case:{case.number}", "given", by=by.person, to=hands.owner, before=case.owner, note=form.note)
        case.owner = hands.owner
        case.stand_in = hands.stand_in or (case.stand_in if case.stand_in != hands.owner else None)
        case.next_step_for = None
        giver, taker = Mention(by.slack_user), Mention(hands.slack_user)
        if form.note:
            return Change(
                phrase("{giver} har gitt saken til {taker}: {note}", giver=giver, taker=taker, note=form.note)
            )
        return Change(phrase("{giver} har gitt saken til {taker}.", giver=giver, taker=taker))
    before, end = str(case.expected_end) if case.expected_end else None, _new_end(case, form)
    uow.record(f"case:{case.number}", "updated", by=by.person, expected_end=[before, str(end)])
    uow.session.add(EndDate(case_id=case.id or 0, end=end, said_at=uow.now, by=by.person))
    case.expected_end = end
    said = phrase("ny sluttdato {end}", end=end)
    published = case.visibility == Visibility.PUBLISHED.value
    return Change(phrase("Oppdatert: {what}.", what=said), said if published else NOT_PUBLISHED_YET)


def _said_back(case: ShortageCase, kind: BulkKind) -> Change:
    """What the thread and the reporters hear of a change that was taken back."""
    if kind is BulkKind.GIVEN:
        return Change(phrase("Angret: saken er tilbake hos den som hadde den."))
    if kind is BulkKind.CLOSED:
        return Change(phrase("Angret: saken er åpen igjen."), phrase("saken er åpnet igjen"))
    published = case.visibility == Visibility.PUBLISHED.value
    said = phrase("sluttdatoen er likevel som før") if published else NOT_PUBLISHED_YET
    return Change(phrase("Angret: sluttdatoen er som før."), said)


_KEPT = ("status", "owner", "stand_in", "next_step_for", "outcome", "close_reason", "decision_question", "not_relevant")


def _state(case: ShortageCase) -> dict[str, Any]:
    """What a batch may change of a case, as JSON keeps it."""
    end = case.expected_end.isoformat() if case.expected_end else None
    return {name: getattr(case, name) for name in _KEPT} | {"expected_end": end}


def _restore(case: ShortageCase, before: Mapping[str, Any]) -> None:
    for name in _KEPT:
        setattr(case, name, before[name])
    case.expected_end = dt.date.fromisoformat(before["expected_end"]) if before["expected_end"] else None
    case.closed_at = None
