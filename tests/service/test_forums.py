"""Other forums than Mangelmøtet, on both databases: their own cases, channel, times and title, and nothing more."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.vocabulary import Region, Visibility
from bot.clock import SetClock
from bot.meeting.chairing import DecisionForm, TaskForm
from bot.meeting.forums import region_of
from bot.meeting.raising import RaisingForm
from bot.messages.words import BOKMAAL
from bot.people.roles import Actor
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from bot.settings import SettingsFault
from storage.tables import OutboxEntry, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import MEETING, SIRI, medicine, person, report_of, settings_for
from tests.service.test_meeting import reported, update, words_of

SUPPLIERS, WEST, GROUP = "C0GROSS001", "C0VEST0001", "C0REFER001"
DAG = "U0DAG00001"
FORUMS = {
    "grossister": {
        "title": "Møtet med AHN og GA",
        "channel": SUPPLIERS,
        "digest_cron": "0 14 * * TUE#1",
        "days_before": 2,
        "long_days": 120,
        "reads": "meeting",
    },
    "vest": {"title": "Regionalt forum Vest", "channel": WEST, "digest_cron": "0 12 * * MON", "region": "west"},
    "referanse": {
        "title": "Referansegruppen",
        "channel": GROUP,
        "digest_cron": "0 10 20 8 *",
        "days_before": 7,
        "long_days": 365,
        "figures": True,
    },
}
ZYPADHERA, CELESTON = "Zypadhera pulv/v dep inj 300 mg", "Celeston Chronodose inj væske, susp 6 mg/ml"
FIRST_TUESDAY = dt.datetime(2025, 8, 5, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    """Siri is of the centre, Dag of the meeting; three forums beside it."""
    made = assemble(settings_for(roles={"centre": [SIRI], "meeting": [DAG]}, forums=FORUMS), database, clock)
    await made.stock.ensure_pools()
    return made


async def posted(database: Database, channel: str) -> list[OutboxEntry]:
    """What stands in the outbox for a channel, in order."""
    async with database.read() as session:
        rows = select(OutboxEntry).where(OutboxEntry.channel == channel).order_by(OutboxEntry.id)
        return list(await session.scalars(rows))


async def seen_by(database: Database, number: str, visibility: Visibility) -> None:
    """Whose eyes a case is for, without the centre's advice that publishing asks for."""
    async with database.unit_of_work() as uow:
        case = await uow.session.scalar(select(ShortageCase).where(ShortageCase.number == number))
        assert case is not None
        case.visibility = visibility.value


async def three_cases(services: Services, database: Database) -> tuple[list[str], Actor]:
    """Valtrex: short, from Tromsø. Zypadhera: long. Celeston: published, from Bergen."""
    numbers = [await reported(services), await reported(services, ZYPADHERA)]
    kari = await person(services, "U0KARI0002")
    form = report_of(medicine(services, CELESTON), place="Haukeland universitetssjukehus")
    numbers.append((await services.reporting.report(form, kari, key=None)).number)
    await update(services, numbers[0], start=dt.date(2025, 7, 1), expected_end=dt.date(2025, 8, 20))
    await update(services, numbers[1], start=dt.date(2024, 3, 1), next_step="ring Lilly", substitute="Risperdal")
    await seen_by(database, numbers[2], Visibility.PUBLISHED)
    return numbers, await person(services, SIRI)


async def test_each_forum_has_its_own_cases_and_its_own_time(
    services: Services, database: Database, clock: SetClock
) -> None:
    (valtrex, zypadhera, celeston), _ = await three_cases(services, database)
    suppliers = await services.meeting.compose(forum_id="grossister")
    assert [entry.case.number for entry in suppliers.agenda] == [zypadhera]
    assert "langvarig" in str(suppliers.agenda[0].stakes)
    west = await services.meeting.compose(forum_id="vest")
    assert [entry.case.number for entry in west.agenda] == [celeston]
    assert west.reports == {"Helse Bergen": 1}, "its own hospitals, and no others'"
    assert suppliers.reports == {}
    assert {entry.case.number for entry in (await services.meeting.compose()).agenda} == {valtrex, zypadhera, celeston}

    clock.set(FIRST_TUESDAY)
    await services.meeting.post_what_is_due()
    await services.meeting.post_what_is_due()
    (said,) = await posted(database, SUPPLIERS)
    assert said.key == f"forum:grossister:digest:2025-W32:{SUPPLIERS}"
    assert said.text.startswith("Møtet med AHN og GA uke 32")
    assert "Zypadhera" in words_of(said) and "Valtrex" not in words_of(said)


async def test_a_forum_that_reads_what_is_published_is_told_no_more(
    services: Services, database: Database, clock: SetClock
) -> None:
    (_, zypadhera, celeston), siri = await three_cases(services, database)
    await update(services, celeston, next_step="ring Organon", substitute="Diprospan", decision_question="Hvem får?")
    for number in (zypadhera, celeston):
        if number == zypadhera:
            with pytest.raises(Refused, match="kan ikke lese saken"):
                await services.raising.change(number, RaisingForm("vest", "Hva gjør dere?"), siri, key=None)
        else:
            await services.raising.change(number, RaisingForm("vest", "Har dere nok?"), siri, key=None)
    (entry,) = (await services.meeting.compose(forum_id="vest")).agenda
    said = str(services.meeting.render(await services.meeting.compose(forum_id="vest")))
    assert entry.decision == "Har dere nok?", "its own question, and not Mangelmøtet's"
    for inside in ("Organon", "Diprospan", "Hvem får?", "nytt spørsmål", "Ansvarlig"):
        assert inside not in said
    (entry,) = (await services.meeting.compose(forum_id="grossister")).agenda
    assert (entry.case.next_step, entry.case.substitute) == ("ring Lilly", "Risperdal")


async def test_the_centre_takes_a_case_up_and_off_again(services: Services, database: Database) -> None:
    (valtrex, *_), siri = await three_cases(services, database)
    await services.raising.change(valtrex, RaisingForm("grossister", "Kan AHN fordele?"), siri, key=None)
    found = await services.meeting.compose(forum_id="grossister")
    assert found.decisions[0].case.number == valtrex
    assert [one.question for one in await services.raising.standing(valtrex, siri)] == ["Kan AHN fordele?"]
    await services.raising.change(valtrex, RaisingForm("grossister", None, take_off=True), siri, key=None)
    assert await services.raising.standing(valtrex, siri) == []
    with pytest.raises(Refused, match="ikke tatt opp"):
        await services.raising.change(valtrex, RaisingForm("grossister", None, take_off=True), siri, key=None)
    with pytest.raises(NotAllowed):
        await services.raising.change(valtrex, RaisingForm("grossister", None), await person(services, DAG), key=None)


async def test_its_meeting_is_led_by_the_same_board_and_its_decisions_stay_with_it(
    services: Services, database: Database, clock: SetClock
) -> None:
    (valtrex, zypadhera, _), siri = await three_cases(services, database)
    await services.raising.change(valtrex, RaisingForm("grossister", "Kan AHN fordele?"), siri, key=None)
    clock.set(FIRST_TUESDAY)
    await services.meeting.post_what_is_due()
    clock.advance(dt.timedelta(days=2))
    with pytest.raises(NotAllowed):
        await services.chairing.open(await person(services, DAG), key=None, forum_id="grossister")
    assert await services.chairing.open(siri, key=None, forum_id="grossister") == ("2025-W32", True)
    await services.chairing.move(1, 0, 1, siri, key=None)
    assert (await services.chairing.in_hand(1, 1, siri)).question == "Kan AHN fordele?"
    await services.chairing.decide(1, valtrex, DecisionForm("AHN fordeler.", settles=True), siri, key=None)
    await services.chairing.give_task(
        1, valtrex, TaskForm("Send liste.", None, "Anne i AHN", dt.date(2025, 8, 14)), siri, key=None
    )
    await services.chairing.close(1, [SIRI], None, siri, key=None)
    minutes = (await posted(database, SUPPLIERS))[-1]
    assert minutes.text.startswith("Referat, Møtet med AHN og GA uke 32")
    assert await services.raising.standing(valtrex, siri) == [], "what is answered is asked no more"
    clock.advance(dt.timedelta(hours=1))
    main = str(services.meeting.render(await services.meeting.compose()))
    west = str(services.meeting.render(await services.meeting.compose(forum_id="vest")))
    assert "besluttet: AHN fordeler" in main.replace("\u200b", "")
    assert "AHN fordeler" not in west
    held = await services.chairing.minutes(forum_id="grossister")
    assert held is not None and [one.numbers[0] for one in held.left] == [zypadhera]
    assert await services.chairing.minutes() is None, "Mangelmøtet has held none"
    following = await services.meeting.compose("2025-W36", forum_id="grossister")
    assert [task.text for task in following.tasks] == ["Send liste."]
    assert "ikke rukket sist" in str(following.agenda[0].stakes)
    assert (await services.meeting.compose()).tasks == ()


async def test_the_reference_group_has_the_years_figures_in_its_thread(
    services: Services, database: Database, clock: SetClock
) -> None:
    await three_cases(services, database)
    clock.set(dt.datetime(2025, 8, 20, 8, 0, tzinfo=dt.UTC))
    await services.meeting.post_what_is_due()
    head, figures = await posted(database, GROUP)
    assert head.text.startswith("Referansegruppen uke 35")
    assert figures.reply_to == head.key
    assert "Mangelsaker fra 20. aug. 2024 til 20. aug. 2025: 3 saker" in figures.text.replace("\u200b", "")


async def test_a_stock_that_no_longer_lasts_is_news_although_nobody_has_touched_the_case(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await reported(services)
    await update(services, number, start=dt.date(2025, 7, 1), expected_end=dt.date(2025, 8, 20))
    await counted(services, 20_000)
    clock.set(dt.datetime(2025, 7, 9, 12, 0, tzinfo=dt.UTC))
    await services.meeting.post_what_is_due()
    await counted(services, 300)
    clock.set(dt.datetime(2025, 7, 16, 12, 0, tzinfo=dt.UTC))
    (entry,) = (await services.meeting.compose()).ongoing
    assert "dekning: fra ja til nei" in [BOKMAAL.say(remark) for remark in entry.remarks]


async def counted(services: Services, tablets: int) -> None:
    """A count of Valtrex in the hospitals' emergency stock, which gives 100 tablets a day."""
    sheet = f"""lager;preparat;beholdning;enhet;dato;forbruk;periode
B180S;Valtrex tab 500 mg;{tablets};tablett;{services.clock.now():%d.%m.%Y};;
B180S;Valtrex tab 500 mg;;tablett;;3000;2025-06
B180S;Valtrex tab 500 mg;;tablett;;3000;2025-05
"""
    found = await services.sheets.import_file(sheet.encode(), f"{tablets}.csv")
    assert not found.faults, found.faults


def test_a_place_is_in_its_region() -> None:
    assert region_of("Haukeland universitetssjukehus") is Region.WEST
    assert region_of("UNN Tromsø") is Region.NORTH
    assert region_of("legevakten på hjørnet") is None


def test_two_forums_have_no_channel_in_common() -> None:
    with pytest.raises(SettingsFault, match="kanalen til forumet vest er i bruk"):
        settings_for(forums={"vest": {**FORUMS["vest"], "channel": MEETING}})
    with pytest.raises(SettingsFault, match="mangelmote"):
        settings_for(forums={"mangelmote": FORUMS["vest"]})
    with pytest.raises(SettingsFault, match="digest_cron"):
        settings_for(forums={"vest": {**FORUMS["vest"], "digest_cron": "0 12 * * MON#6"}})
