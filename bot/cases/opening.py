"""A case's row in one unit of work: opened, put right, and living on in another. The services say what comes of it."""

from __future__ import annotations

from bot.cases.medicine import Medicine
from bot.cases.restrictions import State
from bot.cases.vocabulary import Authorised, Source, Status, Visibility
from bot.catalogue.preparation import Scope
from bot.clock import oslo
from bot.messages.phrase import phrase
from storage import allocations, restrictions
from storage import cases as stored
from storage import joining as rows
from storage import meeting as meetings
from storage.tables import CasePreparation, EndDate, ShortageCase, ShortageReport, WrongMatch
from storage.unit_of_work import UnitOfWork


async def open_case(uow: UnitOfWork, medicine: Medicine, *, source: Source | None, by: str | None) -> ShortageCase:
    """A new ongoing case, visible to the meeting, in the complex of the substance's other open cases."""
    today = oslo(uow.now).date()
    number = await stored.next_number(uow.session, today.year)
    case = ShortageCase(
        number=number,
        preparation_key=medicine.key,
        name=medicine.name,
        substance=medicine.substance,
        atc=medicine.atc,
        scope=medicine.scope.value,
        authorised=medicine.authorised.value,
        status=Status.ONGOING.value,
        visibility=Visibility.MEETING.value,
        source=source.value if source else None,
        complex=await complex_of(uow, medicine, number),
        opened_at=uow.now,
        opened_by=by,
        changed_at=uow.now,
    )
    await uow.add(case)
    uow.record(f"case:{number}", "opened", by=by, name=medicine.name)
    return case


async def complex_of(uow: UnitOfWork, medicine: Medicine, number: str) -> str | None:
    """The complex that case `number` of `medicine` belongs to: that of the substance's other open cases, if any."""
    same = await stored.open_for_substance(uow.session, medicine.substance) if medicine.in_list else []
    others = [case for case in same if case.number != number]
    complex_ = next((other.complex for other in others if other.complex), None) or (number if others else None)
    for other in others:
        other.complex = complex_
    return complex_


async def name_preparation(uow: UnitOfWork, case: ShortageCase, medicine: Medicine) -> None:
    """Add a medicine of the catalogue to those that the case names."""
    if medicine.preparation_id is None or case.id is None:
        return
    if await uow.session.get(CasePreparation, (case.id, medicine.preparation_id)) is None:
        await uow.add(CasePreparation(case_id=case.id, preparation_id=medicine.preparation_id, name=medicine.name))


async def restrict_no_more(uow: UnitOfWork, case: ShortageCase, by: str) -> None:
    """What was restricted of a case's wrong medicine restricts nothing from today: it was never the right one's."""
    rows = await restrictions.of_cases(uow.session, [case.id or 0])
    parts = await restrictions.parts_of(uow.session, [row.id for row in rows if row.id is not None])
    for row in rows:
        row.state, row.published, row.version = State.LIFTED.value, False, row.version + 1
        for part in parts[row.id or 0]:
            if part.lifted_on is None:
                part.lifted_on, part.lifted_by = oslo(uow.now).date(), by
                part.why_lifted = str(phrase("Feil legemiddel"))


async def put_right(uow: UnitOfWork, case: ShortageCase, medicine: Medicine, by: str) -> None:
    """Let the case be about `medicine`: what was written of the wrong one goes, and a person publishes anew."""
    withdraw_from_public(case)
    if case.expected_end is not None and case.id is not None:
        await uow.add(EndDate(case_id=case.id, end=None, said_at=uow.now, by=by))
    case.advice_nn = case.advice_en = None
    case.advice = case.advice_by = case.substitute = case.substitute_ready = case.affected = None
    case.cause = case.start = case.expected_end = None
    case.decision_question = case.domino_of = case.complex = None
    case.preparation_key, case.name, case.substance = medicine.key, medicine.name, medicine.substance
    case.atc, case.scope, case.authorised = medicine.atc, medicine.scope.value, medicine.authorised.value


def withdraw_from_public(case: ShortageCase) -> None:
    """A published case is the meeting's again; the open channel says that it was taken back."""
    if case.visibility == Visibility.PUBLISHED.value:
        case.visibility = Visibility.MEETING.value


def remember_wrong_match(uow: UnitOfWork, report: ShortageReport, right: Medicine, by: str) -> None:
    """Keep the pair for the matcher's tests."""
    uow.session.add(
        WrongMatch(
            typed=report.typed,
            wrong_id=report.preparation_id,
            wrong_name=report.name,
            right_id=right.preparation_id,
            right_name=right.name,
            at=uow.now,
            by=by,
        )
    )


async def live_on(
    uow: UnitOfWork, case: ShortageCase, target: ShortageCase, *, same: bool | None = None
) -> list[ShortageReport]:
    """`case` ends in `target`, which gets all that hangs on it; the reports that have moved.

    What is known and advised of either is not mixed: two preparations are not one. Who works on it and what is due
    comes along where `target` has nobody and nothing. What is restricted goes on being so; of another preparation it
    is published anew by a person. Deliveries of the same preparation count for the next; others stay where they are.
    `same`: a person has said whether it is the same preparation, whatever the keys say.
    """
    assert case.id is not None and target.id is not None  # noqa: S101
    reports = (await stored.reports(uow.session, [case.id]))[case.id]
    for report in reports:
        report.case_id = target.id
    await uow.session.flush()
    await rows.move_all(uow.session, case.id, target.id, case.number, target.number)
    same = case.preparation_key == target.preparation_key if same is None else same
    for restriction in await restrictions.of_cases(uow.session, [case.id]):
        restriction.case_id, restriction.published = target.id, restriction.published and same
    if same:
        await allocations.move_all(uow.session, case.id, target.id)
    if target.owner is None:
        target.owner, target.stand_in = case.owner, target.stand_in or case.stand_in
    if target.next_step is None and target.next_step_on is None:
        target.next_step, target.next_step_on = case.next_step, case.next_step_on
        target.next_step_for = case.next_step_for
    await meetings.hand_over_raised(uow.session, case.id, target.id)
    target.decision_question = target.decision_question or case.decision_question
    case.status, case.closed_at, case.merged_into = Status.MERGED.value, uow.now, target.number
    case.next_step = case.next_step_on = case.next_step_for = case.decision_question = None
    withdraw_from_public(case)
    await stored.lead_on(uow.session, case.number, target.number)
    return reports


def medicine_of(case: ShortageCase) -> Medicine:
    """What a case is about, as its own row says: the medicine may have left the catalogue since."""
    return Medicine(
        key=case.preparation_key,
        name=case.name,
        substance=case.substance,
        atc=case.atc,
        preparation_id=None,
        scope=Scope(case.scope),
        authorised=Authorised(case.authorised),
    )
