"""What is restricted, shared out and followed of a case, when the case is merged, put right or taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.forms import ONE_CASE_OF_ITS_OWN, ClosingForm, OnBehalf
from bot.cases.restricting import LiftForm
from bot.cases.restrictions import Ground, Issuer, PartForm, PartKind, RestrictionForm, State
from bot.cases.vocabulary import CameBy, Outcome, Sector, Status, Visibility
from bot.clock import SetClock
from bot.people.following import Subject
from bot.people.roles import Actor
from bot.people.subjects import Pace
from bot.refusal import Refused
from bot.services import Services
from bot.stock.allocation_form import AllocationForm, Among, Base
from storage.tables import Allocation, Follow, OutboxEntry
from storage.unit_of_work import Database
from tests.service.conftest import INFO, SIRI, medicine, person, report_of, settings_for

VALTREX = "Valtrex tab 500 mg"
ZOVIRAX = "Zovirax tab 400 mg"
BY_PEOPLE = AllocationForm("400", Among.REGIONS, Base.PEOPLE)


async def reported(services: Services, who: str, name: str = VALTREX, **more: object) -> str:
    """A report by `who`; its case."""
    form = report_of(medicine(services, name), **more)
    return (await services.reporting.report(form, await person(services, who), key=None)).number


async def two_cases(services: Services, other: str = VALTREX) -> Actor:
    """2025-0001 of Valtrex and 2025-0002 of `other`, a report each; Siri of the centre."""
    await reported(services, "U0KARI0001")
    await reported(services, "U0OLA00001", other, place="Ahus Nordbyhagen", join=ONE_CASE_OF_ITS_OWN)
    return await person(services, SIRI)


async def restricted(services: Services, number: str, by: Actor, *, published: bool = False) -> int:
    """A decided restriction of a case."""
    part = PartForm(PartKind.INDICATION, "bare som antidot", None, None)
    form = RestrictionForm(Issuer.DMP, Ground.PROFESSIONAL, None, Sector.HOSPITAL, (), None, None, part)
    await services.restrictions.draft(number, form, by, key=None)
    drafted = (await services.restrictions.of_case(number, by)).restrictions[-1].id
    await services.restrictions.move(drafted, State.DECIDED, by, key=None)
    if published:
        await services.cases.publish(number, Visibility.PUBLISHED, None, by, key=None)
        await services.restrictions.publish(drafted, by, shown=True, key=None)
    return drafted


async def shared_out(services: Services, number: str, by: Actor, *, published: bool = False) -> int:
    """A decided delivery of a case."""
    draft = await services.allocations.propose(number, BY_PEOPLE, by, key=None)
    await services.allocations.decide(draft.id, by, version=draft.version, key=None)
    if published:
        await services.cases.publish(number, Visibility.PUBLISHED, None, by, key=None)
        await services.allocations.publish(draft.id, by, shown=True, key=None)
    return draft.id


async def last_in_the_open_channel(database: Database, key: str) -> str:
    """What the open channel shows last under a message's key."""
    async with database.read() as session:
        rows = await session.scalars(select(OutboxEntry).order_by(OutboxEntry.id))
        return [row.text for row in rows if row.channel == INFO and row.key.startswith(key)][-1]


async def test_what_is_restricted_is_still_restricted_in_the_surviving_case(services: Services) -> None:
    siri = await two_cases(services)
    await restricted(services, "2025-0002", siri)
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    case = await services.cases.case("2025-0001")
    assert case is not None
    assert [part.words for one in case.restrictions for part in one.parts] == ["bare som antidot"]
    assert (await services.restrictions.of_case("2025-0002", siri)).restrictions == ()


async def test_a_restriction_of_another_preparation_is_published_anew_by_a_person(services: Services) -> None:
    siri = await two_cases(services, ZOVIRAX)
    await services.cases.publish("2025-0001", Visibility.PUBLISHED, None, siri, key=None)
    await restricted(services, "2025-0002", siri, published=True)
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    case = await services.cases.case("2025-0001")
    assert case is not None
    assert [(one.state, one.is_public) for one in case.restrictions] == [(State.DECIDED, False)]


async def test_deliveries_follow_into_the_surviving_case_and_count_for_its_next(
    services: Services, database: Database
) -> None:
    siri = await two_cases(services)
    await shared_out(services, "2025-0001", siri)
    await shared_out(services, "2025-0002", siri)
    await services.allocations.propose("2025-0001", BY_PEOPLE, siri, key=None)
    await services.allocations.propose("2025-0002", BY_PEOPLE, siri, key=None)
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    found = await services.allocations.of_case("2025-0001", siri)
    assert [view.number for view in found.deliveries] == [1, 2]
    async with database.read() as session:
        rows = sorted((row.case_id, row.number, row.state) for row in await session.scalars(select(Allocation)))
    assert rows == [(1, 1, "decided"), (1, 2, "decided"), (1, 3, "draft")]
    draft = await services.allocations.propose("2025-0001", BY_PEOPLE, siri, key=None)
    assert sum(share.row.earlier for share in draft.shares) == 800


async def test_deliveries_of_another_preparation_stay_where_they_are(services: Services) -> None:
    siri = await two_cases(services, ZOVIRAX)
    await shared_out(services, "2025-0002", siri)
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    assert (await services.allocations.of_case("2025-0001", siri)).deliveries == ()
    assert len((await services.allocations.of_case("2025-0002", siri)).deliveries) == 1


async def test_a_delivery_is_not_public_when_its_case_no_longer_is(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    delivery = await shared_out(services, "2025-0001", siri, published=True)
    await services.cases.publish("2025-0001", Visibility.INTERNAL, None, siri, key=None)
    assert (await services.allocations.delivery(delivery, siri)).state.value == "withdrawn"
    said = await last_in_the_open_channel(database, f"allocation_published:{delivery}")
    assert said == "2025-0001: fordelingen er trukket tilbake"


async def test_what_was_restricted_of_the_wrong_medicine_is_not_said_of_the_right_one(
    services: Services, database: Database
) -> None:
    siri = await two_cases(services)
    await restricted(services, "2025-0001", siri, published=True)
    delivery = await shared_out(services, "2025-0001", siri, published=False)
    await services.allocations.publish(delivery, siri, shown=True, key=None)
    await services.reporting.wrong_medicine("2025-0001", medicine(services, ZOVIRAX), siri, key=None)
    case = await services.cases.case("2025-0001")
    assert case is not None
    assert [(one.state, one.published) for one in case.restrictions] == [(State.LIFTED, False)]
    said = await last_in_the_open_channel(database, f"allocation_published:{delivery}")
    assert said == "2025-0001: fordelingen er trukket tilbake"


async def test_nothing_is_decided_of_a_case_that_has_ended(services: Services) -> None:
    siri = await two_cases(services)
    part = PartForm(PartKind.INDICATION, "bare som antidot", None, None)
    form = RestrictionForm(Issuer.DMP, Ground.PROFESSIONAL, None, Sector.HOSPITAL, (), None, None, part)
    await services.restrictions.draft("2025-0001", form, siri, key=None)
    (drafted,) = (await services.restrictions.of_case("2025-0001", siri)).restrictions
    closing = ClosingForm(Status.CLOSED, Outcome.UNKNOWN, None, "På lager igjen.")
    await services.cases.close("2025-0001", closing, siri, key=None)
    with pytest.raises(Refused, match="ikke åpen"):
        await services.restrictions.move(drafted.id, State.DECIDED, siri, key=None)


async def test_a_proposal_is_read_by_those_who_make_it(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(roles={"centre": [SIRI], "meeting": ["U0MOTE0001"]}), database, clock)
    siri = await two_cases(services)
    draft = await services.allocations.propose("2025-0001", BY_PEOPLE, siri, key=None)
    with pytest.raises(Refused, match="finnes ikke lenger"):
        await services.allocations.delivery(draft.id, await person(services, "U0MOTE0001"))


async def test_an_old_mute_of_one_case_does_not_end_the_following_of_another(
    services: Services, clock: SetClock, database: Database
) -> None:
    siri = await two_cases(services)
    eva = await person(services, "U0EVA00001")
    await services.following.follow(Subject("case", "2025-0002", "2025-0002"), eva, channel=None, key=None)
    until = clock.now().date() + dt.timedelta(1)
    await services.following.mute("2025-0001", None, until, eva, channel=None, key=None)
    clock.set(clock.now() + dt.timedelta(7))
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    async with database.read() as session:
        follows = [(row.subject, row.pace) for row in await session.scalars(select(Follow))]
    assert follows == [("2025-0001", Pace.NOW.value)]


async def test_what_is_lifted_from_a_day_to_come_restricts_until_then(services: Services, clock: SetClock) -> None:
    siri = await two_cases(services)
    decided = await restricted(services, "2025-0001", siri)
    (part,) = (await services.restrictions.restriction(decided, siri)).parts
    today = clock.now().date()
    week = dt.timedelta(7)
    await services.restrictions.lift(part.id, LiftForm(today + week, "Nye leveranser."), siri, key=None)
    one = await services.restrictions.restriction(decided, siri)
    assert one.parts_now(today)
    assert not one.parts_now(today + week)


async def test_nobody_decides_a_restriction_that_they_have_not_seen(services: Services) -> None:
    siri = await two_cases(services)
    part = PartForm(PartKind.INDICATION, "bare som antidot", None, None)
    form = RestrictionForm(Issuer.DMP, Ground.PROFESSIONAL, None, Sector.HOSPITAL, (), None, None, part)
    await services.restrictions.draft("2025-0001", form, siri, key=None)
    (seen,) = (await services.restrictions.of_case("2025-0001", siri)).restrictions
    await services.restrictions.rewrite(seen.id, form, siri, version=seen.version, key=None)
    with pytest.raises(Refused, match="er endret siden du åpnet den"):
        await services.restrictions.move(seen.id, State.DECIDED, siri, key=None, version=seen.version)


async def test_the_centre_sees_whom_outside_slack_to_tell_that_their_report_has_moved(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    await reported(services, "U0KARI0001", ZOVIRAX)
    form = report_of(medicine(services, VALTREX), on_behalf=OnBehalf(CameBy.PHONE, "vakthavende farmasøyt"))
    await services.reporting.report(form, siri, key=None)
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    async with database.read() as session:
        rows = [row for row in await session.scalars(select(OutboxEntry)) if row.key.startswith("thread:2025-0001")]
    (told,) = [row.text for row in rows if "vakthavende farmasøyt" in str(row.blocks)]
    assert told.startswith("2025-0001: Meldingen din hører nå til sak 2025-0001, Zovirax")


async def test_who_wrote_a_report_down_for_another_can_take_it_back(services: Services) -> None:
    siri, kari = await person(services, SIRI), await person(services, "U0KARI0001")
    by_mail = OnBehalf(CameBy.EMAIL, None, kari.person, kari.slack_user)
    form = report_of(medicine(services, VALTREX), on_behalf=by_mail)
    receipt = await services.reporting.report(form, siri, key=None)
    assert await services.reporting.withdraw(receipt.report_id, siri, key=None) == "2025-0001"


async def test_no_share_is_said_to_be_near_its_exact_one_where_exceptions_moved_it(
    services: Services, database: Database
) -> None:
    siri = await two_cases(services)
    form = replace(BY_PEOPLE, exceptions="Helse Nord 300 lang transport")
    draft = await services.allocations.propose("2025-0001", form, siri, key=None)
    assert max(abs(share.row.packages - share.row.exact) for share in draft.shares if not share.row.reason) > 1
    await services.allocations.decide(draft.id, siri, version=draft.version, key=None)
    async with database.read() as session:
        (said,) = [row for row in await session.scalars(select(OutboxEntry)) if row.key == f"allocation:{draft.id}"]
    assert "mindre enn" not in str(said.blocks)
    assert "Unntakene er satt av en person." in str(said.blocks)
