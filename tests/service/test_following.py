"""Following: by what one may read, as often as one wants, and quiet when it is to be; on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import col, select

from bot.app import assemble
from bot.cases.vocabulary import Visibility
from bot.clock import OSLO, SetClock
from bot.people.subjects import Pace, Subject
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from storage.tables import FollowedNews, OutboxEntry, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import INFO, SIRI, medicine, person, report_of, settings_for

KARI, OLA, DAG, MONA = "U0KARI0001", "U0OLA00001", "U0DAG00001", "U0MONA0001"
VALTREX = Subject("substance", "valaciklovir", "valaciklovir")
GROUP = Subject("atc", "J05AB", "ATC J05AB")
ADVICE = ("Spar til de som må ha det.", "Gi det til alle igjen.", "Som før.")


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    settings = settings_for(
        roles={"centre": [SIRI], "meeting": [DAG]}, pools={"fokuslisten": {"managers": [MONA], "limit_days": 90}}
    )
    made = assemble(settings, database, clock)
    await made.stock.ensure_pools()
    return made


async def follow(
    services: Services, who: str, subject: Subject, pace: Pace | None = None, channel: str | None = None
) -> bool:
    by = await person(services, who)
    return (await services.following.follow(subject, by, channel=channel, key=None, pace=pace)).changed


async def case(services: Services, visibility: Visibility = Visibility.PUBLISHED) -> str:
    siri = await person(services, SIRI)
    valtrex = medicine(services, "valtrex 500 mg tab")
    number, _ = await services.cases.open_for(valtrex, siri, decision_question=None, key=None)
    await services.cases.publish(number, visibility, None, siri, key=None)
    return number


async def news(services: Services, number: str, times: int = 1) -> None:
    """The centre changes its advice, which matters to everybody."""
    for advice in ADVICE[:times]:
        await services.cases.publish(number, Visibility.PUBLISHED, advice, await person(services, SIRI), key=None)


async def told(database: Database, target: str) -> list[str]:
    async with database.read() as session:
        rows = select(OutboxEntry).where(OutboxEntry.channel == target).order_by(col(OutboxEntry.id))
        return [row.text + str(row.blocks) for row in await session.scalars(rows)]


async def aside(database: Database) -> int:
    async with database.read() as session:
        return len(list(await session.scalars(select(FollowedNews.id))))


# --- what may be heard ---


async def test_an_internal_case_is_as_unknown_to_whoever_follows_as_one_that_does_not_exist(services: Services) -> None:
    number = await case(services, Visibility.INTERNAL)
    answers = []
    for asked in (number, "2031-0001"):
        subject = Subject("case", asked, asked)
        for attempt in (services.following.follow, services.following.unfollow):
            with pytest.raises(Refused) as refused:
                await attempt(subject, await person(services, KARI), channel=None, key=None)
            answers.append(str(refused.value).replace(asked, "…"))
        with pytest.raises(Refused) as refused:
            day = dt.date(2025, 7, 20)
            await services.following.mute(asked, None, day, await person(services, KARI), channel=None, key=None)
        answers.append(str(refused.value).replace(asked, "…"))
        with pytest.raises(Refused):
            await follow(services, SIRI, subject, channel=INFO)
    assert set(answers) == {"Fant ikke sak …."}
    assert await follow(services, SIRI, Subject("case", number, number)), "the centre reads it"


async def test_whoever_reported_an_internal_case_may_follow_it(services: Services) -> None:
    valtrex = medicine(services, "valtrex 500 mg tab")
    kari = await person(services, KARI)
    receipt = await services.reporting.report(report_of(valtrex), kari, key=None)
    siri = await person(services, SIRI)
    await services.cases.publish(receipt.number, Visibility.INTERNAL, None, siri, key=None)
    assert await follow(services, KARI, Subject("case", receipt.number, receipt.number))


async def test_each_hears_what_they_would_have_been_told_on_asking(services: Services, database: Database) -> None:
    for who in (KARI, DAG):
        await follow(services, who, VALTREX)
    await follow(services, SIRI, VALTREX, channel=INFO)
    await case(services, Visibility.MEETING)
    to_kari, to_dag = (await told(database, KARI))[0], (await told(database, DAG))[0]
    assert "vurderer den" in to_kari and "2025-0001" in to_dag
    assert "vurderer den" not in to_dag
    assert any("Fordi" in one or "fordi kanalen følger" in one for one in await told(database, INFO))
    siri = await person(services, SIRI)
    before = len(await told(database, KARI)), len(await told(database, DAG)), len(await told(database, INFO))
    await services.cases.publish("2025-0001", Visibility.INTERNAL, None, siri, key=None)
    after = len(await told(database, KARI)), len(await told(database, DAG)), len(await told(database, INFO))
    assert before == after, "an internal case is not hinted at"


async def test_a_grant_that_is_gone_is_gone_for_followers_too(
    services: Services, database: Database, clock: SetClock
) -> None:
    await follow(services, DAG, VALTREX)
    without_dag = assemble(settings_for(), database, clock)
    await case(without_dag, Visibility.MEETING)
    assert "vurderer den" in (await told(database, DAG))[0]


async def test_a_region_is_heard_of_by_those_who_may_read_it(services: Services, database: Database) -> None:
    north = Subject("region", "north", "Helse Nord")
    for who in (OLA, DAG):
        await follow(services, who, north)
    valtrex = medicine(services, "valtrex 500 mg tab")
    await services.reporting.report(report_of(valtrex), await person(services, KARI), key=None)
    assert len(await told(database, DAG)) == 1, "the report came from Tromsø"
    assert await told(database, OLA) == [], "where reports come from is not for everybody"
    async with database.unit_of_work() as uow:
        row = (await uow.session.scalars(select(ShortageCase))).one()
        row.regions = ["north"]
    await news(services, "2025-0001")
    assert "Gjelder Helse Nord" in (await told(database, OLA))[0]


async def test_only_those_who_see_a_pools_stock_follow_it(services: Services) -> None:
    pool = Subject("pool", "fokuslisten", "Fokuslisten")
    for who, words in ((MONA, "fokuslisten"), (SIRI, "lager Fokuslisten"), (DAG, "Fokuslisten")):
        by = await person(services, who)
        assert await services.following.region_or_pool(words, by) == pool
        assert await follow(services, who, pool)
    kari = await person(services, KARI)
    assert await services.following.region_or_pool("fokuslisten", kari) is None
    with pytest.raises(NotAllowed):
        await follow(services, KARI, pool)
    with pytest.raises(NotAllowed):
        await follow(services, MONA, Subject("pool", "b180s", "B180S"))


@pytest.mark.parametrize("pace", [Pace.NOW, Pace.DAILY])
async def test_a_pools_alerts_reach_those_who_follow_it(
    services: Services, database: Database, clock: SetClock, pace: Pace
) -> None:
    await follow(services, DAG, Subject("pool", "fokuslisten", "Fokuslisten"), pace)
    rows = (
        "lager;preparat;beholdning;enhet;dato;forbruk;periode",
        "Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-06;9000;2025-06",
    )
    siri = await person(services, SIRI)
    preview = await services.sheets.preview("\n".join(rows).encode(), "lager.csv", siri, key=None)
    await services.sheets.confirm(preview.sheet_id, siri, key=None)
    await services.alerts.check()
    if pace is Pace.DAILY:
        assert await told(database, DAG) == []
        clock.set(dt.datetime(2025, 7, 8, 8, tzinfo=OSLO))
        await services.following.send_collected()
    (message,) = await told(database, DAG)
    assert "Fokuslisten" in message and "stop_following Fokuslisten" not in message


# --- how often ---


async def test_a_days_news_come_in_one_message_on_the_next_working_morning(
    services: Services, database: Database, clock: SetClock
) -> None:
    assert await follow(services, KARI, GROUP, Pace.DAILY)
    number = await case(services)
    await news(services, number, times=3)
    assert await told(database, KARI) == []
    assert await services.following.send_collected() == 0
    clock.set(dt.datetime(2025, 7, 8, 8, tzinfo=OSLO))
    assert [await services.following.send_collected() for _ in range(3)] == [1, 0, 0]
    (message,) = await told(database, KARI)
    assert message.count(number) >= 1 and "ATC J05AB" in message and "Som før." in message
    clock.set(dt.datetime(2025, 7, 9, 8, tzinfo=OSLO))
    assert await services.following.send_collected() == 0, "nothing has happened since"


async def test_two_replicas_send_the_collected_message_once(
    services: Services, database: Database, second_database: Database, clock: SetClock
) -> None:
    await follow(services, KARI, GROUP, Pace.WEEKLY)
    await case(services)
    clock.set(dt.datetime(2025, 7, 11, 9, tzinfo=OSLO))
    assert await services.following.send_collected() == 0, "it is Friday"
    clock.set(dt.datetime(2025, 7, 14, 9, tzinfo=OSLO))
    other = assemble(settings_for(), second_database, clock)
    sent = await asyncio.gather(*(one.following.send_collected() for one in (services, other) for _ in range(3)))
    assert sum(sent) == 1 and len(await told(database, KARI)) == 1


async def test_what_became_internal_meanwhile_is_left_out_and_then_nothing_is_sent(
    services: Services, database: Database, clock: SetClock
) -> None:
    await follow(services, KARI, GROUP, Pace.DAILY)
    number = await case(services)
    siri = await person(services, SIRI)
    await services.cases.publish(number, Visibility.INTERNAL, None, siri, key=None)
    clock.set(dt.datetime(2025, 7, 8, 8, tzinfo=OSLO))
    assert await services.following.send_collected() == 0
    assert (await told(database, KARI), await aside(database)) == ([], 0)


async def test_the_pace_is_changed_by_following_again(services: Services, database: Database) -> None:
    assert await follow(services, KARI, GROUP, Pace.DAILY)
    assert not await follow(services, KARI, GROUP)
    assert await follow(services, KARI, GROUP, Pace.NOW)
    await case(services)
    assert len(await told(database, KARI)) >= 1


# --- quiet ---


async def test_a_muted_case_is_quiet_though_its_group_is_followed_and_stays_so_afterwards(
    services: Services, database: Database, clock: SetClock
) -> None:
    await follow(services, KARI, GROUP)
    number = await case(services)
    heard = len(await told(database, KARI))
    kari = await person(services, KARI)
    until = dt.date(2025, 7, 10)
    await services.following.mute(number, None, until, kari, channel=None, key=None)
    await news(services, number, times=2)
    assert len(await told(database, KARI)) == heard
    clock.set(dt.datetime(2025, 7, 11, 9, tzinfo=OSLO))
    await services.following.send_collected()
    assert len(await told(database, KARI)) == heard, "nothing comes afterwards"
    await news(services, number, times=3)
    assert len(await told(database, KARI)) > heard, "the mute is over"


async def test_muting_drops_what_was_put_aside(services: Services, database: Database, clock: SetClock) -> None:
    await follow(services, KARI, GROUP, Pace.DAILY)
    number = await case(services)
    kari = await person(services, KARI)
    await services.following.mute(number, None, dt.date(2025, 7, 20), kari, channel=None, key=None)
    clock.set(dt.datetime(2025, 7, 8, 8, tzinfo=OSLO))
    assert await services.following.send_collected() == 0
    assert await told(database, KARI) == []


async def test_a_reporter_who_muted_the_case_is_not_told_as_reporter_either(
    services: Services, database: Database
) -> None:
    valtrex = medicine(services, "valtrex 500 mg tab")
    kari = await person(services, KARI)
    receipt = await services.reporting.report(report_of(valtrex), kari, key=None)
    heard = len(await told(database, KARI))
    await services.following.mute(receipt.number, None, dt.date(2025, 7, 20), kari, channel=None, key=None)
    await news(services, receipt.number)
    assert len(await told(database, KARI)) == heard
    assert await services.following.followed_by(kari) == [], "muting is not following"
    assert [one.label for one in await services.following.follows_of(kari)] == [receipt.number]


async def test_following_again_ends_the_mute(services: Services, database: Database) -> None:
    await follow(services, KARI, GROUP)
    kari = await person(services, KARI)
    await services.following.mute(None, GROUP.label, dt.date(2025, 7, 20), kari, channel=None, key=None)
    number = await case(services)
    assert await told(database, KARI) == []
    assert await follow(services, KARI, GROUP)
    await news(services, number)
    assert len(await told(database, KARI)) == 1


@pytest.mark.parametrize("until", [None, dt.date(2025, 7, 6), dt.date(2027, 1, 1)])
async def test_it_is_muted_to_a_day_that_comes(services: Services, until: dt.date | None) -> None:
    await follow(services, KARI, GROUP)
    with pytest.raises(Refused, match="innen et år"):
        await services.following.mute(None, GROUP.label, until, await person(services, KARI), channel=None, key=None)


async def test_only_the_centre_mutes_for_a_channel(services: Services) -> None:
    await follow(services, SIRI, GROUP, channel=INFO)
    with pytest.raises(NotAllowed):
        kari = await person(services, KARI)
        await services.following.mute(None, GROUP.label, dt.date(2025, 7, 20), kari, channel=INFO, key=None)


async def test_stopping_forgets_what_was_put_aside(services: Services, database: Database) -> None:
    await follow(services, KARI, GROUP, Pace.DAILY)
    await case(services)
    assert await aside(database) == 1
    kari = await person(services, KARI)
    assert (await services.following.stop(GROUP.label, kari, channel=None, key=None)).changed
    assert await aside(database) == 0
