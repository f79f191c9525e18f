"""What a shortage pulls down with it: Valtrex and Zovirax in July 2025, day by day. The figures are made up."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from sqlmodel import col, select

from bot.app import assemble
from bot.cases.forms import CandidateForm, ClosingForm
from bot.cases.vocabulary import Outcome, Status, Visibility
from bot.clock import SetClock
from bot.messages.words import BOKMAAL
from bot.people.roles import Actor
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from bot.stock.domino import Rung
from storage.tables import DominoAlert, OutboxEntry, ShortageCase, StockAlert
from storage.unit_of_work import Database
from tests.service.conftest import CASES, SIRI, STOCK, medicine, person, settings_for
from tests.service.test_case_cover import card, case_of, read, store, write

VALTREX, ZOVIRAX = "Valtrex tab 500 mg", "Zovirax tab 200 mg"
MONA = "U0MONA0001"
BEGINS = dt.date(2025, 6, 10)
CASE_OPENED = dt.date(2025, 7, 4)
MOVED = dt.date(2025, 7, 8)
"""From this day on patients who cannot get Valtrex get Zovirax."""


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    """With an alert limit of 30 days on Fokuslisten, and closed channels."""
    pools = {"fokuslisten": {"limit_days": 30, "managers": [MONA]}}
    made = assemble(settings_for(pools=pools), database, clock)
    await made.stock.ensure_pools()
    made.channels._closed |= {CASES: True, STOCK: True}
    return made


async def history(services: Services) -> None:
    """Three months' use: Valtrex 800 tablets a day, Zovirax 320."""
    await store(
        services,
        *(f"Fokuslisten;{VALTREX};;tablett;;{24_000};2025-0{month}" for month in (3, 4, 5)),
        *(f"Fokuslisten;{ZOVIRAX};;tablett;;{9_600};2025-0{month}" for month in (3, 4, 5)),
    )


async def counted(services: Services, day: dt.date, **stocks: float) -> None:
    """What stands on Fokuslisten in the morning."""
    names = {"valtrex": VALTREX, "zovirax": ZOVIRAX}
    await store(
        services, *(f"Fokuslisten;{names[name]};{round(left)};tablett;{day};;" for name, left in stocks.items())
    )


async def look(services: Services) -> list[Any]:
    """What the scheduler asks every quarter of an hour."""
    await services.alerts.check()
    news = await services.dominoes.look()
    await services.cases.bring_up_to_date()
    return news


async def said(database: Database, channel: str, words: str) -> Sequence[OutboxEntry]:
    """What was put in the outbox for a channel with these words; edits of a message apart."""
    async with database.read() as session:
        rows = await session.scalars(
            select(OutboxEntry)
            .where(OutboxEntry.channel == channel, col(OutboxEntry.edits).is_(None))
            .order_by(col(OutboxEntry.id))
        )
        return [row for row in rows if words in row.text or words in read(row.blocks)]


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(6), dt.UTC)


async def test_july_2025_day_by_day_valtrex_is_warned_of_before_july_and_zovirax_before_it_is_empty(
    services: Services, database: Database, clock: SetClock
) -> None:
    clock.set(at(BEGINS))
    await history(services)
    valtrex, zovirax = 24_500.0, 30_000.0
    warned = raised = empty = None
    number = ""
    for offset in range(45):
        today = BEGINS + dt.timedelta(offset)
        clock.set(at(today))
        await counted(services, today, valtrex=valtrex, zovirax=zovirax)
        if today == CASE_OPENED:
            number = await case_of(services, VALTREX)
        news = await look(services)
        if news:
            assert raised is None, "it is raised once"
            raised = today
        if warned is None and await said(database, STOCK, "VARSEL · Fokuslisten · Valtrex tab 500 mg"):
            warned = today
        if empty is None and zovirax <= 0:
            empty = today
        valtrex = max(0.0, valtrex - 800)
        zovirax = max(0.0, zovirax - (320 if today < MOVED else 1500))
    assert warned is not None and warned < dt.date(2025, 7, 1)
    assert raised is not None and empty is not None
    assert (empty - raised).days >= 10, (raised, empty)
    (told,) = await said(database, STOCK, "MULIG DOMINOEFFEKT")
    words = read(told.blocks)
    assert "*MULIG DOMINOEFFEKT · Zovirax tab 200 mg (aciklovir)*" in words
    assert f"Etter mangelen på Valtrex tab 500 mg (sak {number})." in words
    assert "over det vanlige" in words and "Rekker trolig til" in words
    assert "Det sier ikke at den kan erstatte Valtrex tab 500 mg." in words
    (threaded,) = await said(database, CASES, "MULIG DOMINOEFFEKT")
    assert threaded.reply_to == f"card:{number}"
    assert "*Mulig dominoeffekt:* Zovirax tab 200 mg (aciklovir): uttaket er" in await card(database, number)


async def risen(services: Services, clock: SetClock) -> str:
    """Valtrex is short, and Zovirax is drawn four times as fast as before; the case's number."""
    clock.set(at(dt.date(2025, 7, 4)))
    await history(services)
    number = await case_of(services, VALTREX)
    await counted(services, dt.date(2025, 7, 4), zovirax=30_000)
    clock.set(at(dt.date(2025, 7, 11)))
    await counted(services, dt.date(2025, 7, 11), zovirax=30_000 - 7 * 1280)
    return number


async def dominoes(database: Database) -> list[DominoAlert]:
    async with database.read() as session:
        return list(await session.scalars(select(DominoAlert).order_by(col(DominoAlert.id))))


async def test_it_is_said_once_and_closed_when_the_draw_is_calm_again(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await risen(services, clock)
    assert [view.over for view in await look(services)] == [False]
    clock.set(clock.now() + dt.timedelta(minutes=15))
    assert await look(services) == []
    assert len(await said(database, STOCK, "MULIG DOMINOEFFEKT")) == 1
    clock.set(at(dt.date(2025, 7, 18)))
    await counted(services, dt.date(2025, 7, 18), zovirax=21_040 - 7 * 320)
    assert [view.over for view in await look(services)] == [True]
    assert await look(services) == []
    for channel in (STOCK, CASES):
        (over,) = await said(database, channel, "Ikke lenger mulig dominoeffekt: Zovirax tab 200 mg (aciklovir).")
        assert over.reply_to is not None
    assert "Mulig dominoeffekt" not in await card(database, number)


async def test_a_stated_share_that_the_stock_cannot_bear_is_told_before_the_draw_rises(
    services: Services, database: Database, clock: SetClock
) -> None:
    clock.set(at(dt.date(2025, 7, 4)))
    await history(services)
    await counted(services, dt.date(2025, 7, 4), valtrex=8_000, zovirax=30_000)
    number = await case_of(services, VALTREX)
    assert await look(services) == []
    siri = await person(services, SIRI)
    link = CandidateForm(medicine(services, ZOVIRAX), Rung.OTHER_SUBSTANCE, share_percent=50, ratio=5)
    await services.candidates.change(number, link, siri, key=None)
    (view,) = await look(services)
    assert "tar det over 50 % av forbruket, rekker lageret i ca. 1" in BOKMAAL.say(view.says)
    await write(services, number, expected_end=dt.date(2025, 7, 10))
    assert [view.over for view in await look(services)] == [True], "it bears six days"


async def test_an_ordinary_draw_and_another_group_raise_nothing(
    services: Services, database: Database, clock: SetClock
) -> None:
    clock.set(at(dt.date(2025, 7, 4)))
    await history(services)
    await case_of(services, VALTREX)
    await case_of(services, "zyprexa tab 10 mg")
    await counted(services, dt.date(2025, 7, 4), zovirax=30_000)
    clock.set(at(dt.date(2025, 7, 11)))
    await counted(services, dt.date(2025, 7, 11), zovirax=30_000 - 7 * 350)
    assert await look(services) == []


async def test_a_medicine_whose_whole_substance_has_a_case_already_raises_nothing(
    services: Services, database: Database, clock: SetClock
) -> None:
    await risen(services, clock)
    await case_of(services, "aciklovir")
    assert await look(services) == []


async def test_the_meeting_sees_it_under_what_needs_a_decision(
    services: Services, database: Database, clock: SetClock
) -> None:
    await risen(services, clock)
    await look(services)
    digest = await services.meeting.compose()
    (entry,) = digest.decisions
    assert BOKMAAL.say(entry.decision) == "mulig dominoeffekt på Zovirax tab 200 mg (aciklovir). Egen sak?"
    await services.dominoes.open_case(1, await person(services, SIRI), key=None)
    after = [BOKMAAL.say(entry.decision) for entry in (await services.meeting.compose()).decisions]
    assert after == ["Mulig dominoeffekt av sak 2025-0001. Hva gjør vi?"]


async def test_a_case_opened_on_it_is_caused_by_it_and_belongs_to_the_same_complex(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await risen(services, clock)
    sibling = await case_of(services, "zelitrex tab 250 mg")
    await look(services)
    mona = await person(services, MONA)
    assert await services.dominoes.open_case(1, mona, key="once") == ("2025-0003", True)
    assert await services.dominoes.open_case(1, mona, key="once") == ("2025-0003", True)
    assert await services.dominoes.open_case(1, mona, key="again") == ("2025-0003", False)
    async with database.read() as session:
        cases = {case.number: case for case in await session.scalars(select(ShortageCase))}
    new = cases["2025-0003"]
    assert (new.name, new.cause, new.domino_of) == ("Zovirax tab 200 mg", "domino", number)
    assert len({cases[one].complex for one in (number, sibling, "2025-0003")}) == 1
    assert new.complex is not None
    assert f"Mulig dominoeffekt av sak {number}." in await card(database, "2025-0003")
    await look(services)
    assert len(await dominoes(database)) == 1, "it has a case of its own now"


async def test_only_the_centre_and_those_who_manage_the_pool_may_open_a_case(
    services: Services, database: Database, clock: SetClock
) -> None:
    await risen(services, clock)
    await look(services)
    for stranger in ("U0KARI0001", "U0DAG00001"):
        with pytest.raises(NotAllowed):
            await services.dominoes.open_case(1, await person(services, stranger), key=None)
    other = await person(services, MONA)
    elsewhere = Actor(other.person, other.slack_user, "nb", None, other.roles, frozenset({"b180s"}))
    with pytest.raises(NotAllowed):
        await services.dominoes.open_case(1, elsewhere, key=None)
    with pytest.raises(Refused):
        await services.dominoes.open_case(77, await person(services, SIRI), key=None)


async def test_it_is_over_when_the_case_is_closed(services: Services, database: Database, clock: SetClock) -> None:
    number = await risen(services, clock)
    await look(services)
    siri = await person(services, SIRI)
    ended = ClosingForm(Status.CLOSED, Outcome.AVERTED, None, "Leveransene er normale.")
    await services.cases.close(number, ended, siri, key=None)
    assert [view.over for view in await look(services)] == [True]
    with pytest.raises(Refused):
        await services.dominoes.open_case(1, siri, key=None)


async def test_what_an_internal_case_pulls_down_is_told_in_its_thread_alone(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await risen(services, clock)
    await services.cases.publish(number, Visibility.INTERNAL, None, await person(services, SIRI), key=None)
    await look(services)
    assert not await said(database, STOCK, "MULIG DOMINOEFFEKT")
    assert len(await said(database, CASES, "MULIG DOMINOEFFEKT")) == 1


async def test_a_channel_that_others_read_gets_the_band_and_no_figures(
    services: Services, database: Database, clock: SetClock
) -> None:
    services.channels._closed[STOCK] = False
    await risen(services, clock)
    await look(services)
    (told,) = await said(database, STOCK, "MULIG DOMINOEFFEKT")
    words = read(told.blocks)
    assert "Lager: God." in words or "Lager: Knapp." in words
    assert "%" not in words and "Rekker trolig" not in words


async def test_two_replicas_that_look_at_once_say_it_once(
    services: Services, database: Database, second_database: Database, clock: SetClock
) -> None:
    await risen(services, clock)
    other = assemble(settings_for(pools={"fokuslisten": {"limit_days": 30}}), second_database, clock)
    other.channels._closed |= {CASES: True, STOCK: True}
    await asyncio.gather(services.dominoes.look(), other.dominoes.look())
    assert len(await dominoes(database)) == 1
    async with database.read() as session:
        assert not list(await session.scalars(select(StockAlert))), "nobody asked for alerts"
