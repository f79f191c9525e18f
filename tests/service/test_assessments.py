"""Assessments of substitutes: drafted by one, signed by another, versioned, expired, and found again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from bot.cases.assessing import Target
from bot.cases.assessments import Content, EndForm, Excipients, Mixing, Profession, SignForm, State, Step
from bot.cases.forms import CandidateForm, ClosingForm
from bot.cases.vocabulary import Outcome, Status, Visibility
from bot.clock import SetClock
from bot.messages.words import BOKMAAL
from bot.people.subjects import Subject
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.reminders.due import Kind
from bot.services import Services
from bot.stock.domino import Rung
from storage.tables import AuditEntry, CandidateLink, OutboxEntry, Reminder, SubstituteAssessment
from storage.unit_of_work import Database
from tests.service.conftest import ASSESSED, CASES, PER, SIRI, drafted, medicine, person, signed
from tests.service.test_case_cover import card, case_of, read

KARI = "U0KARI0001"
DOXYFERM, POLISH = "doxyferm", "doxycycline tzf inf oppl 20 mg/ml"
FOREIGN = replace(ASSESSED, rung=Rung.FOREIGN_PACK)
AUGUST = dt.datetime(2025, 8, 11, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _in_august(services: Services, clock: SetClock) -> None:
    clock.set(AUGUST)
    services.channels._closed |= {CASES: True}


async def rows(database: Database) -> list[SubstituteAssessment]:
    async with database.read() as session:
        return list(await session.scalars(select(SubstituteAssessment).order_by(col(SubstituteAssessment.id))))


async def actions(database: Database, number: str) -> list[str]:
    async with database.read() as session:
        entries = await session.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"case:{number}").order_by(col(AuditEntry.id))
        )
        return [entry.action for entry in entries if entry.action.startswith("assessment")]


async def in_thread(database: Database, number: str) -> list[str]:
    async with database.read() as session:
        said = await session.scalars(
            select(OutboxEntry).where(OutboxEntry.reply_to == f"card:{number}").order_by(col(OutboxEntry.id))
        )
        return [read(one.blocks) for one in said]


async def said_to(database: Database, slack_user: str) -> list[OutboxEntry]:
    async with database.read() as session:
        return list(await session.scalars(select(OutboxEntry).where(OutboxEntry.channel == slack_user)))


async def doxyferm(services: Services) -> tuple[str, Target]:
    """Doxyferm's case, and an assessment of the Polish packs that Per has written."""
    number = await case_of(services, DOXYFERM)
    key = medicine(services, POLISH).key
    return number, await drafted(services, number, key, FOREIGN)


async def test_an_assessment_is_drafted_by_one_signed_by_another_and_only_then_said_to_be_assessed(
    services: Services, database: Database
) -> None:
    number, target = await doxyferm(services)
    assert "vurdert av" not in (await card(database, number)).casefold()
    assert "Doxycycline tzf inf, oppl 20 mg/ml (utenlandsk pakning)" in await card(database, number)
    (link,) = [one async for one in _links(database)]
    assert (link.rung, link.ratio) == ("foreign_pack", None)
    await signed(services, target)
    assert "*Vurdert av Siri Farm 11. aug. 2025, gjelder til 31. des. 2025:* Doxycycline tzf" in await card(
        database, number
    )
    (row,) = await rows(database)
    siri, per = await person(services, SIRI), await person(services, PER)
    assert (row.state, row.signed_by, row.writers, row.number) == ("signed", siri.person, [per.person], 1)
    assert await actions(database, number) == ["assessment_written"] * 3 + ["assessment_signed"]
    thread = await in_thread(database, number)
    assert any("Utkast til vurdering: Doxycycline tzf inf, oppl 20 mg/ml." in said for said in thread)
    assert any("Vurdert og signert av Siri Farm: Doxycycline tzf" in said for said in thread)


async def _links(database: Database) -> Any:
    async with database.read() as session:
        for link in await session.scalars(select(CandidateLink)):
            yield link


async def test_nobody_signs_what_they_have_written_in_nor_without_the_grant(services: Services) -> None:
    number, target = await doxyferm(services)
    assert target.assessment is not None
    with pytest.raises(NotAllowed, match="Du har skrevet i denne vurderingen"):
        await signed(services, target, by=PER)
    siri = await person(services, SIRI)
    target = await services.assessments.write(target, Step.USE, FOREIGN, siri, key=None)
    with pytest.raises(NotAllowed, match="Du har skrevet"):
        await services.assessments.for_signing(target.assessment or 0, siri)
    with pytest.raises(NotAllowed, match="Du har skrevet"):
        await signed(services, target)
    kari = await person(services, KARI)
    for refused in (
        services.assessments.of_case(number, kari),
        services.assessments.begun(target, kari),
        services.assessments.assessment(target.assessment or 0, kari),
        services.assessments.write(target, Step.USE, FOREIGN, kari, key=None),
        services.assessments.withdraw(target.assessment or 0, EndForm("nei"), kari, key=None),
    ):
        with pytest.raises(NotAllowed):
            await refused
    with pytest.raises(NotAllowed):
        await signed(services, target, by=KARI)
    assert (await services.assessments.assessment(target.assessment or 0, siri)).state is State.DRAFT


async def test_what_lacks_something_or_has_changed_is_not_signed(services: Services, clock: SetClock) -> None:
    number = await case_of(services, DOXYFERM)
    per, siri = await person(services, PER), await person(services, SIRI)
    begun = Target(case=number, key=medicine(services, POLISH).key)
    target = await services.assessments.write(begun, Step.PRODUCT, FOREIGN, per, key=None)
    with pytest.raises(Refused) as lacks:
        await signed(services, target)
    said = BOKMAAL.say(lacks.value.phrase)
    assert said.startswith("Dette mangler før den kan signeres: voksne eller barn, hjelpestoffer, språk på etiketten")
    with pytest.raises(Refused, match="Noen har begynt på et utkast"):
        await services.assessments.write(begun, Step.PRODUCT, FOREIGN, siri, key=None)
    seen = target
    for step in (Step.PATIENTS, Step.USE):
        target = await services.assessments.write(target, step, FOREIGN, per, key=None)
    with pytest.raises(Refused, match="endret siden du åpnet"):
        await signed(services, seen)
    form = SignForm(None, None)
    with pytest.raises(FormRefused) as fault:
        await services.assessments.sign(target.assessment or 0, form, siri, version=target.version or 0, key=None)
    assert [one.field for one in fault.value.refusals] == ["signed_as", "profession"]
    clock.set(dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC))
    with pytest.raises(Refused, match="er passert"):
        await signed(services, target)


async def test_a_signed_text_that_is_edited_becomes_a_new_draft_and_stands_until_that_is_signed(
    services: Services, database: Database
) -> None:
    number, target = await doxyferm(services)
    first = await signed(services, target)
    per = await person(services, PER)
    shown = await services.assessments.assessment(first, per)
    other = replace(FOREIGN, mixing_words="Fortynn i 500 ml.")
    again = await services.assessments.write(Target(first, shown.version), Step.PATIENTS, other, per, key=None)
    assert again.assessment != first
    old, new = await rows(database)
    assert (old.state, old.content["mixing_words"]) == ("signed", "Fortynn i 250 ml.")
    assert (new.state, new.number, new.content["mixing_words"]) == ("draft", 2, "Fortynn i 500 ml.")
    assert (new.content["users"], new.signed_as) == ("Sykehusavdelinger", None)
    assert "Vurdert av Siri Farm" in await card(database, number)
    await signed(services, again, name="Siri Farmasøyt")
    assert [row.state for row in await rows(database)] == ["replaced", "signed"]
    assert "Vurdert av Siri Farmasøyt" in await card(database, number)


async def test_what_is_signed_is_not_changed_by_naming_the_candidate_again(services: Services) -> None:
    number, target = await doxyferm(services)
    await signed(services, target)
    siri = await person(services, SIRI)
    polish = medicine(services, POLISH)
    with pytest.raises(FormRefused, match="Lag en ny versjon av vurderingen"):
        await services.candidates.change(number, CandidateForm(polish, Rung.FOREIGN_PACK, ratio=2), siri, key=None)
    await services.candidates.change(number, CandidateForm(polish, Rung.FOREIGN_PACK), siri, key=None)


async def test_a_depot_injection_is_not_assessed_as_equivalent_to_a_tablet(services: Services) -> None:
    number = await case_of(services, "zypadhera 300 mg")
    per = await person(services, PER)
    case = await services.cases.case(number)
    assert case is not None
    tablet = next(one.preparation for one in case.candidates if " tab " in one.preparation.name)
    begun = Target(case=number, key=tablet.key)
    with pytest.raises(FormRefused) as refused:
        equivalent = replace(FOREIGN, rung=Rung.EQUIVALENT)
        await services.assessments.write(begun, Step.PRODUCT, equivalent, per, key=None)
    assert [one.field for one in refused.value.refusals] == ["rung"]
    assert not (await services.assessments.of_case(number, per)).lines[0].assessment


@pytest.mark.parametrize(
    ("step", "typed", "field"),
    [
        (Step.PRODUCT, Content(), "rung"),
        (Step.PRODUCT, Content(rung=Rung.FOREIGN_PACK, ratio=0.0), "ratio"),
        (Step.PRODUCT, Content(rung=Rung.FOREIGN_PACK, route="x" * 201), "route"),
        (Step.PATIENTS, Content(excipients=Excipients.DIFFERENT), "excipients_words"),
        (Step.PATIENTS, Content(mixing=Mixing.OTHER), "mixing_words"),
        (Step.USE, Content(users="pasient 13097248022"), "users"),
        (Step.USE, Content(valid_until=dt.date(2025, 8, 11)), "valid_until"),
        (Step.USE, Content(valid_until=dt.date(2028, 1, 1)), "valid_until"),
        (Step.USE, Content(valid_until=dt.date(1925, 8, 11)), "valid_until"),
    ],
)
async def test_a_fault_is_told_beside_its_field_and_nothing_is_kept(
    services: Services, database: Database, step: Step, typed: Content, field: str
) -> None:
    number, target = await doxyferm(services)
    before = [row.model_dump() for row in await rows(database)]
    with pytest.raises(FormRefused) as refused:
        await services.assessments.write(target, step, typed, await person(services, PER), key=None)
    assert [one.field for one in refused.value.refusals] == [field]
    assert [row.model_dump() for row in await rows(database)] == before
    assert number


async def test_the_same_page_sent_twice_is_kept_once(services: Services, database: Database) -> None:
    number = await case_of(services, DOXYFERM)
    begun, per = Target(case=number, key=medicine(services, POLISH).key), await person(services, PER)
    one = await services.assessments.write(begun, Step.PRODUCT, FOREIGN, per, key="view:1")
    assert await services.assessments.write(begun, Step.PRODUCT, FOREIGN, per, key="view:1") == one
    assert len(await rows(database)) == 1


async def test_it_goes_out_of_date_is_told_two_weeks_before_and_is_offered_again_at_the_next_shortage(
    services: Services, database: Database, clock: SetClock
) -> None:
    number, target = await doxyferm(services)
    assessment = await signed(services, target)
    await services.reminders.check()
    assert not await _reminded(database)
    clock.set(dt.datetime(2025, 12, 17, 9, tzinfo=dt.UTC))
    await services.reminders.check()
    (told,) = await _reminded(database)
    assert (told.about, told.day, told.text) == (
        str(assessment),
        dt.date(2025, 12, 31),
        "Doxycycline tzf inf, oppl 20 mg/ml",
    )
    clock.set(dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC))
    await services.cases.bring_up_to_date()
    assert "*Kandidat – vurderingen gikk ut 31. des. 2025:* Doxycycline tzf" in await card(database, number)
    closing = ClosingForm(Status.CLOSED, Outcome.SUBSTITUTED, dt.date(2026, 1, 1), "Leveransene er normale.", (), ())
    siri, per = await person(services, SIRI), await person(services, PER)
    await services.cases.close(number, closing, siri, key=None)

    clock.set(dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC))
    later = await case_of(services, DOXYFERM)
    assert later != number
    assert "*Kandidat – vurderingen gikk ut 31. des. 2025:* Doxycycline tzf" in await card(database, later)
    line = next(one for one in (await services.assessments.of_case(later, per)).lines if one.assessment)
    assert line.offered_again and line.assessment is not None and line.assessment.id == assessment
    use = replace(FOREIGN, valid_until=dt.date(2027, 3, 31))
    old = Target(line.assessment.id, line.assessment.version)
    again = await services.assessments.write(old, Step.USE, use, per, key=None)
    await signed(services, again)
    assert "gjelder til 31. mars 2027:* Doxycycline tzf" in await card(database, later)
    assert [(row.state, row.case_id) for row in await rows(database)] == [("replaced", 1), ("signed", 2)]


async def _reminded(database: Database) -> list[Reminder]:
    async with database.read() as session:
        return list(await session.scalars(select(Reminder).where(Reminder.kind == Kind.ASSESSMENT)))


async def test_it_is_withdrawn_with_a_reason_and_whoever_follows_a_published_case_hears_both(
    services: Services, database: Database
) -> None:
    number, target = await doxyferm(services)
    siri = await person(services, SIRI)
    await services.cases.publish(number, Visibility.PUBLISHED, None, siri, key=None)
    followed = Subject("case", number, number)
    await services.following.follow(followed, await person(services, KARI), channel=None, key=None)
    assessment = await signed(services, target)
    with pytest.raises(FormRefused):
        await services.assessments.withdraw(assessment, EndForm(None), siri, key=None)
    said = await services.assessments.withdraw(assessment, EndForm("Feil styrke på esken"), siri, key=None)
    assert "Brevet må trekkes tilbake" in str(said)
    assert "vurdert av" not in (await card(database, number)).casefold()
    assessed, withdrawn = (read(one.blocks) for one in await said_to(database, KARI))
    line = "*Vurdert erstatning:* Doxycycline tzf inf, oppl 20 mg/ml (utenlandsk pakning), gjelder til 31. des."
    assert line in assessed
    assert "Vurdert erstatning" not in withdrawn
    with pytest.raises(Refused, match="allerede gjort"):
        await services.assessments.withdraw(assessment, EndForm("Igjen"), siri, key=None)
    with pytest.raises(Refused, match="ingen signert vurdering"):
        await services.assessments.letter(number, None)


async def test_a_candidate_that_is_taken_away_takes_its_assessment_with_it(
    services: Services, database: Database
) -> None:
    number, target = await doxyferm(services)
    await signed(services, target)
    (link,) = [one async for one in _links(database)]
    await services.candidates.change(
        number, CandidateForm(None, remove=link.id), await person(services, SIRI), key=None
    )
    assert [(row.state, row.why_ended) for row in await rows(database)] == [("withdrawn", "Ikke lenger kandidat.")]
    assert "Doxycycline tzf" not in (await card(database, number)).split("*Kandidat")[0]


async def test_the_letter_is_of_what_is_signed_and_the_profession_is_kept(
    services: Services, database: Database
) -> None:
    number, target = await doxyferm(services)
    with pytest.raises(Refused, match="ingen signert vurdering"):
        await services.assessments.letter(number, None)
    await signed(services, target)
    one = await services.assessments.letter(number, None)
    assert (one.holds, one.signed_as, one.profession) == (True, "Siri Farm", Profession.PHARMACIST)
    with pytest.raises(Refused, match="ingen vurdering nummer 2"):
        await services.assessments.letter(number, 2)
