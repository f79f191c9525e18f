"""A hospital sees its own share of a delivery and nobody else's, and is told of it when it is published."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from bot.app import assemble
from bot.cases.vocabulary import Visibility
from bot.clock import SetClock
from bot.refusal import NotAllowed
from bot.services import Services
from bot.stock.allocation_form import AllocationForm, Among, Base, SentForm
from storage.tables import OutboxEntry
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for
from tests.service.test_case_cover import case_of, read

BERIT, FINN, KARI = "U0BERIT001", "U0FINN0001", "U0KARI0001"


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    made = assemble(
        settings_for(trusts={"Bergen": {"people": [BERIT]}, "Finnmark": {"group": "S0FINNMARK"}}), database, clock
    )
    await made.stock.ensure_pools()
    made.people.groups.members = {"S0FINNMARK": frozenset({FINN})}
    return made


async def decided(services: Services, quantity: str = "210") -> tuple[str, int]:
    """ZypAdhera shared out by population, with an exception for Finnmark; the case and the delivery."""
    number, siri = await case_of(services, "zypadhera 300 mg"), await person(services, SIRI)
    form = AllocationForm(quantity, Among.TRUSTS, Base.PEOPLE, exceptions="Finnmark 6 lang transport")
    view = await services.allocations.propose(number, form, siri, key=None)
    assert await services.allocations.own(number, await person(services, BERIT)) == (), "a proposal is nobody's share"
    await services.allocations.decide(view.id, siri, version=view.version, key=None)
    return number, view.id


async def told(database: Database, slack_user: str) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(
            select(OutboxEntry).where(OutboxEntry.channel == slack_user).order_by(col(OutboxEntry.id))
        )
        return [read(row.blocks) for row in rows]


async def test_each_sees_its_own_share_and_whoever_speaks_for_none_sees_nothing(services: Services) -> None:
    number, _ = await decided(services)
    (bergen,) = await services.allocations.own(number, await person(services, BERIT))
    assert (bergen.share.row.receiver, bergen.share.row.packages) == ("Bergen", 18)
    (finnmark,) = await services.allocations.own(number, await person(services, FINN))
    assert (finnmark.share.row.packages, finnmark.share.row.reason) == (6, "lang transport")
    assert await services.allocations.own("2025-9999", await person(services, BERIT)) == ()
    with pytest.raises(NotAllowed):
        await services.allocations.own(number, await person(services, KARI))
    with pytest.raises(NotAllowed):
        await services.allocations.of_case(number, await person(services, BERIT))
    with pytest.raises(NotAllowed):
        await services.allocations.delivery(1, await person(services, BERIT))


async def test_each_is_told_its_own_share_when_it_is_published_put_right_and_taken_back(
    services: Services, database: Database
) -> None:
    number, delivery = await decided(services)
    siri = await person(services, SIRI)
    await services.cases.publish(number, Visibility.PUBLISHED, None, siri, key=None)
    assert not await told(database, BERIT)
    await services.allocations.publish(delivery, siri, shown=True, key=None)
    (first,) = await told(database, BERIT)
    assert "Bergen får *18 pakninger*" in first
    for other in ("Finnmark", "OUS", "Stavanger", "lang transport"):
        assert other not in first
    (finn,) = await told(database, FINN)
    assert "Finnmark får *6 pakninger*" in finn and "Unntak fra regelen: lang transport." in finn
    version = (await services.allocations.delivery(delivery, siri)).version
    await services.allocations.correct(delivery, SentForm("Bergen 10"), siri, version=version, key=None)
    assert "Sendt 10." in (await told(database, BERIT))[-1]
    await services.allocations.publish(delivery, siri, shown=False, key=None)
    assert "er trukket tilbake" in (await told(database, BERIT))[-1]
    assert not await told(database, KARI)
