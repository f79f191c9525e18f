"""Questions with a deadline, on both databases: asked, answered, changed, closed, and what the stock figures get."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from bot.app import assemble
from bot.cases.vocabulary import CameBy
from bot.clock import SetClock
from bot.inquiries.forms import AnswerForm, InquiryForm, StepForm
from bot.inquiries.inquiry import AnswerKind, Inquiry, Kind, State
from bot.inquiries.panels import ExpertForm
from bot.inquiries.service import mark_of_answer
from bot.inquiries.steps import Step
from bot.inquiries.whom import ALL, REGION, TRUST
from bot.messages.words import BOKMAAL
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from storage.tables import (
    AuditEntry,
    InquiryAnswer,
    InquiryAsked,
    OutboxEntry,
    Reminder,
    StockCount,
    StockItem,
    StockPool,
    StockUse,
)
from storage.unit_of_work import Database
from tests.service.conftest import CASES, MONDAY, SIRI, medicine, person, report_of, settings_for

BERGEN, FINNMARK, GUEST = "U0BERGEN01", "U0FINNMARK", "U0GJEST001"
CHANNEL = "C0STOLAV01"
FRIDAY = dt.date(2025, 7, 11)
AFTER = dt.datetime(2025, 7, 11, 14, 1, tzinfo=dt.UTC)
"""A minute after 16.00 in Oslo."""


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    """Three trusts have somebody who answers: a person each in two of them, a shared channel in the third."""
    trusts = {"Bergen": {"people": [BERGEN]}, "Finnmark": {"people": [FINNMARK]}, "St. Olav": {"channel": CHANNEL}}
    made = assemble(settings_for(trusts=trusts), database, clock)
    made.channels._closed[CASES] = True
    await made.stock.ensure_pools()
    await made.reporting.report(report_of(medicine(made, "zypadhera 300")), await person(made, "U0KARI0001"), key=None)
    return made


@pytest.fixture
async def siri(services: Services) -> Actor:
    return await person(services, SIRI)


def form(**more: Any) -> InquiryForm:
    usual: dict[str, Any] = {
        "kind": Kind.STOCK,
        "words": "Hva har dere på lager i dag?",
        "answer": AnswerKind.NUMBER,
        "unit": "hetteglass",
        "pack": "1",
        "choices": None,
        "deadline": FRIDAY,
        "trusts": [ALL],
    }
    return InquiryForm(**(usual | more))


async def asked(services: Services, by: Actor, **more: Any) -> Inquiry:
    await services.inquiries.ask("2025-0001", form(**more), by, key=None)
    return (await services.inquiries.of_case("2025-0001", by)).inquiries[-1]


def of(inquiry: Inquiry, name: str) -> int:
    return next(one.id for one in inquiry.asked if one.name == name)


async def rows(database: Database, table: type[Any]) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(col(table.id))))


async def said(database: Database, key: str) -> OutboxEntry:
    """The newest form of a message."""
    async with database.unit_of_work() as uow:
        return (await uow.last_said([key]))[key]


async def test_all_trusts_are_asked_where_somebody_answers_for_them(
    services: Services, siri: Actor, database: Database
) -> None:
    inquiry = await asked(services, siri)
    assert len(inquiry.asked) == 21
    assert [one.name for one in inquiry.asked if not one.to_call] == ["St. Olav", "Finnmark", "Bergen"]
    sent = [row for row in await rows(database, OutboxEntry) if row.key.startswith("inquiry:1:")]
    assert {row.channel for row in sent} == {BERGEN, FINNMARK, CHANNEL}
    progress = str((await said(database, "inquiry:1")).blocks)
    assert "0 av 21" in progress and "Må ringes" in progress
    assert "Helse Vest: 0 av 4" in progress


async def test_a_count_goes_into_the_hospitals_own_pool_with_its_day_and_author(
    services: Services, siri: Actor, database: Database
) -> None:
    inquiry = await asked(services, siri, pack="10")
    bergen = await person(services, BERGEN)
    told = await services.inquiries.answer(
        of(inquiry, "Bergen"), AnswerForm("12", in_packs=True), bergen, channel=None, key=None
    )
    assert "12 pakninger (120 hetteglass)" in BOKMAAL.say(told)
    count = (await rows(database, StockCount))[0]
    assert (count.quantity, count.counted_on, count.counted_by) == (120, MONDAY.date(), bergen.person)
    async with database.read() as session:
        item = await session.get_one(StockItem, count.item_id)
        pool = await session.get_one(StockPool, item.pool_id)
    assert (pool.id, pool.kind, pool.owner, item.unit) == ("hf-bergen", "hospital", "Bergen", "hetteglass")
    case = await services.cases.case("2025-0001")
    assert case is not None and case.cover is not None and case.cover.cover.on_hand == 120
    assert "Bergen" not in str((await services.stock.stock_of(medicine(services, "zypadhera 300"), bergen)).entries)
    # changed the same day: the count is the new one, both answers stay in the log
    standing = (await services.inquiries.question(of(inquiry, "Bergen"), bergen, channel=None)).answer
    await services.inquiries.answer(
        of(inquiry, "Bergen"), AnswerForm("7"), bergen, channel=None, key=None, seen=mark_of_answer(standing)
    )
    assert [row.quantity for row in await rows(database, StockCount)] == [7]
    assert [row.quantity for row in await rows(database, InquiryAnswer)] == [120, 7]
    assert len([row for row in await rows(database, AuditEntry) if row.action == "answered"]) == 2


async def test_a_pool_that_was_asked_once_is_not_silent_afterwards(
    services: Services, siri: Actor, clock: SetClock
) -> None:
    inquiry = await asked(services, siri)
    bergen = await person(services, BERGEN)
    await services.inquiries.answer(of(inquiry, "Bergen"), AnswerForm("12"), bergen, channel=None, key=None)
    clock.advance(dt.timedelta(days=60))
    assert await services.silence.check() == []


async def test_nobody_answers_for_another_and_nobody_reads_another(services: Services, siri: Actor) -> None:
    inquiry = await asked(services, siri)
    bergen, finnmark, guest = [await person(services, one) for one in (BERGEN, FINNMARK, GUEST)]
    await services.inquiries.answer(of(inquiry, "Bergen"), AnswerForm("12"), bergen, channel=None, key=None)
    for by, name in (
        (bergen, "Finnmark"),
        (finnmark, "Bergen"),
        (guest, "Bergen"),
        (siri, "Bergen"),
        (guest, "St. Olav"),
    ):
        with pytest.raises(NotAllowed):
            await services.inquiries.answer(of(inquiry, name), AnswerForm("1"), by, channel="C0CASES001", key=None)
        with pytest.raises(NotAllowed):
            await services.inquiries.question(of(inquiry, name), by, channel=None)
    seen = await services.inquiries.question(of(inquiry, "Finnmark"), finnmark, channel=None)
    assert [one.name for one in seen.inquiry.asked] == ["Finnmark"]
    for by in (bergen, guest):
        with pytest.raises(NotAllowed):
            await services.inquiries.of_case("2025-0001", by)
        with pytest.raises(NotAllowed):
            await services.inquiries.result(inquiry.id, by)
        with pytest.raises(NotAllowed):
            await services.inquiries.close(inquiry.id, by, key=None)
        with pytest.raises(NotAllowed):
            await services.inquiries.answer_for(inquiry.id, of(inquiry, "UNN"), AnswerForm("1"), by, key=None)
        with pytest.raises(NotAllowed):
            await services.inquiries.ask("2025-0001", form(), by, key=None)


async def test_whoever_is_in_the_channel_answers_for_it(services: Services, siri: Actor) -> None:
    inquiry = await asked(services, siri)
    guest = await person(services, GUEST)
    told = await services.inquiries.answer(of(inquiry, "St. Olav"), AnswerForm("0"), guest, channel=CHANNEL, key=None)
    assert "0 hetteglass" in BOKMAAL.say(told)


async def test_a_double_and_a_late_answer_are_told_so_and_logged(
    services: Services, siri: Actor, clock: SetClock, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="bot.inquiries")
    inquiry = await asked(services, siri)
    bergen = await person(services, BERGEN)
    mine = of(inquiry, "Bergen")
    await services.inquiries.answer(mine, AnswerForm("12"), bergen, channel=None, key="one")
    told = await services.inquiries.answer(mine, AnswerForm("12"), bergen, channel=None, key="two")
    assert "allerede registrert" in BOKMAAL.say(told)
    with pytest.raises(Refused, match="allerede besvart: 12"):
        await services.inquiries.answer(mine, AnswerForm("0"), bergen, channel=None, key=None)
    assert len(await rows(database, InquiryAnswer)) == 1
    clock.set(AFTER)
    with pytest.raises(Refused, match="Fristen gikk ut"):
        await services.inquiries.answer(mine, AnswerForm("13"), bergen, channel=None, key=None)
    assert await services.inquiries.look() == 1
    with pytest.raises(Refused, match="Ring Mangelsenteret"):
        await services.inquiries.answer(mine, AnswerForm("13"), bergen, channel=None, key=None)
    whose = f": inquiry {inquiry.id}, asked {mine}, person {bergen.person}"
    late = f"an answer came too late{whose}"
    assert caplog.messages == [f"the same answer came again{whose}", f"another had answered{whose}", late, late]


async def test_the_deadline_closes_it_with_a_result_that_says_what_is_missing(
    services: Services, siri: Actor, clock: SetClock, database: Database
) -> None:
    inquiry = await asked(services, siri)
    for slack_user, name, number in ((BERGEN, "Bergen", "12"), (FINNMARK, "Finnmark", "0")):
        by = await person(services, slack_user)
        await services.inquiries.answer(of(inquiry, name), AnswerForm(number), by, channel=None, key=None)
    phoned = AnswerForm("4", came_by=CameBy.PHONE, told_by="vakthavende farmasøyt")
    await services.inquiries.answer_for(inquiry.id, of(inquiry, "UNN"), phoned, siri, key=None)
    assert await services.inquiries.look() == 0
    clock.set(AFTER)
    assert await services.inquiries.look() == 1
    assert await services.inquiries.look() == 0
    result = (await services.inquiries.result(inquiry.id, siri)).inquiry
    assert (result.state, len(result.answered), result.total) == (State.CLOSED, 3, 16)
    words = services.renderer.render_parts(
        "inquiry.j2", "nb", result=await services.inquiries.result(inquiry.id, siri), may_work=True
    )
    text = "".join(str(part.blocks) for part in words)
    assert "16 hetteglass" in text and "Uten de 18 av 21 som ikke har svart" in text
    assert "UNN: 4 hetteglass · vakthavende farmasøyt, telefon" in text
    asked_bergen = next(
        row.key
        for row in await rows(database, OutboxEntry)
        if row.channel == BERGEN and row.key.startswith("inquiry:1:")
    )
    assert "Fristen er ute. Takk for svaret." in str((await said(database, asked_bergen)).blocks)
    # what comes afterwards is written in by the centre, and marked
    await services.inquiries.answer_for(inquiry.id, of(inquiry, "Førde"), phoned, siri, key=None)
    late = (await services.inquiries.result(inquiry.id, siri)).inquiry
    assert [one.name for one in late.answered if one.answer and one.answer.late] == ["Førde"]
    assert len([row for row in await rows(database, OutboxEntry) if row.key.startswith("inquiry_result:1:v")]) == 2


async def test_who_has_not_answered_is_reminded_in_working_hours_and_no_more_when_they_have(
    services: Services, siri: Actor, clock: SetClock, database: Database
) -> None:
    inquiry = await asked(services, siri)
    clock.set(dt.datetime(2025, 7, 9, 20, 0, tzinfo=dt.UTC))
    assert await services.reminders.check() == 0
    clock.set(dt.datetime(2025, 7, 10, 6, 5, tzinfo=dt.UTC))
    assert await services.reminders.check() == 3
    bergen, guest = await person(services, BERGEN), await person(services, GUEST)
    assert (await services.reminders.open_for(bergen)).total == 1
    assert (await services.reminders.open_for(guest)).total == 0, "a channel's reminder is not for everybody"
    reminder = (await services.reminders.open_for(bergen)).reminders[0]
    with pytest.raises(Refused, match="Svar på spørsmålet"):
        await services.reminders.done(reminder.id, bergen, key=None)
    await services.inquiries.answer(of(inquiry, "Bergen"), AnswerForm("12"), bergen, channel=None, key=None)
    clock.set(dt.datetime(2025, 7, 11, 6, 5, tzinfo=dt.UTC))
    assert await services.reminders.check() == 2
    states = {row.person: row.state for row in await rows(database, Reminder) if row.person}
    assert states[bergen.person] == "over"


async def test_whom_slack_did_not_find_is_said(services: Services, siri: Actor, database: Database) -> None:
    inquiry = await asked(services, siri, trusts=[f"{TRUST}Bergen"], people=["U0BORTE001"])
    assert len(inquiry.asked) == 2
    async with database.unit_of_work() as uow:
        for row in await uow.session.scalars(select(OutboxEntry).where(OutboxEntry.channel == "U0BORTE001")):
            row.state, row.problem = "failed", "user_not_found"
    await services.inquiries.look()
    progress = str((await said(database, f"inquiry:{inquiry.id}")).blocks)
    assert "Kom ikke fram:* <@U0BORTE001>" in progress and "finnes ikke i Slack lenger" in progress
    await services.inquiries.answer_for(
        inquiry.id, "U0BORTE001", AnswerForm("3", came_by=CameBy.EMAIL, told_by="henne selv"), siri, key=None
    )
    assert (await services.inquiries.result(inquiry.id, siri)).inquiry.total == 3


async def test_a_question_is_asked_once_however_often_it_comes(
    services: Services, siri: Actor, database: Database
) -> None:
    for _ in range(2):
        await services.inquiries.ask("2025-0001", form(trusts=[f"{REGION}Helse Vest RHF"]), siri, key="view:1")
    assert len(await rows(database, InquiryAsked)) == 4


async def test_a_withdrawn_question_takes_no_answer(services: Services, siri: Actor, database: Database) -> None:
    inquiry = await asked(services, siri)
    await services.inquiries.withdraw(inquiry.id, siri, key=None)
    bergen = await person(services, BERGEN)
    with pytest.raises(Refused, match="trukket tilbake"):
        await services.inquiries.answer(of(inquiry, "Bergen"), AnswerForm("1"), bergen, channel=None, key=None)
    with pytest.raises(Refused, match="allerede gjort"):
        await services.inquiries.close(inquiry.id, siri, key=None)
    assert not [row for row in await rows(database, OutboxEntry) if row.key.startswith("inquiry_result")]


async def test_integrilin_was_estimated_at_more_than_was_used(
    services: Services, siri: Actor, clock: SetClock, database: Database
) -> None:
    period = {"first": dt.date(2025, 7, 14), "last": dt.date(2025, 10, 11)}
    inquiry = await asked(services, siri, kind=Kind.NEED, words="Hvor mye trenger dere?", pack=None, **period)
    bergen = await person(services, BERGEN)
    await services.inquiries.answer(of(inquiry, "Bergen"), AnswerForm("900"), bergen, channel=None, key=None)
    assert (await services.inquiries.result(inquiry.id, siri)).against is None, "nothing can have been used yet"
    assert await rows(database, StockCount) == [], "a need is no stock"
    clock.set(dt.datetime(2025, 9, 1, 9, 0, tzinfo=dt.UTC))
    against = (await services.inquiries.result(inquiry.id, siri)).against
    assert against is not None and against.used.quantity is None
    case = await services.cases.case("2025-0001")
    assert case is not None
    async with database.unit_of_work() as uow:
        item = StockItem(
            pool_id="b180s", key="z", name=case.name, preparation_key=case.preparation_key, unit="hetteglass"
        )
        await uow.add(item)
        await uow.add(
            StockUse(item_id=item.id or 0, first=dt.date(2025, 7, 1), last=dt.date(2025, 7, 31), quantity=62),
            StockUse(item_id=item.id or 0, first=dt.date(2025, 8, 1), last=dt.date(2025, 8, 31), quantity=62),
        )
    against = (await services.inquiries.result(inquiry.id, siri)).against
    assert against is not None and against.used.until == dt.date(2025, 8, 31)
    assert against.used.quantity == pytest.approx(2 * (18 + 31))
    assert against.expected == pytest.approx(10 * 49) and against.times == pytest.approx(5.0)


async def test_a_count_is_in_the_unit_of_the_stock(services: Services, siri: Actor, database: Database) -> None:
    case = await services.cases.case("2025-0001")
    assert case is not None
    async with database.unit_of_work() as uow:
        await uow.add(
            StockItem(pool_id="b180s", key="z", name="z", preparation_key=case.preparation_key, unit="sprøyte")
        )
    assert (await services.inquiries.of_case("2025-0001", siri)).unit == "sprøyte"
    with pytest.raises(FormRefused) as refused:
        await asked(services, siri)
    assert refused.value.refusals[0].field == "unit"


HERA: dict[str, Any] = {
    "kind": Kind.INTEREST,
    "words": "Vil dere være med på felles innkjøp?",
    "answer": AnswerKind.CHOICE,
    "choices": "Ja\nNei",
    "unit": None,
    "pack": None,
    "reply_by": dt.date(2025, 7, 18),
}


async def test_a_hera_inquiry_meets_its_deadline_step_by_step(
    services: Services, siri: Actor, clock: SetClock, database: Database
) -> None:
    panel = await services.panels.make("Psykiatri", siri, key=None)
    for name in (BERGEN, FINNMARK):
        form_of = ExpertForm(name, None, "psykiater", "fagdirektørene", dt.date(2025, 1, 1))
        await services.panels.add(panel, form_of, siri, key=None)
    inquiry = await asked(services, siri, **HERA, trusts=[], panel=panel)
    assert inquiry.path is not None and inquiry.path.next is Step.SPECIALISTS
    bergen = await person(services, BERGEN)
    await services.inquiries.answer(inquiry.asked[0].id, AnswerForm(choice="Ja"), bergen, channel=None, key=None)
    case = await services.cases.case("2025-0001")
    assert case is not None and case.asked[0].waits_for_reply
    day = dt.date(2025, 7, 8)
    for place, step in enumerate((Step.SPECIALISTS, Step.PURCHASING, Step.PHARMACIES, Step.REGIONS)):
        clock.set(MONDAY + dt.timedelta(days=1 + place))
        await services.inquiries.take_step(inquiry.id, StepForm(step, day, "avklart"), siri, key=None)
    with pytest.raises(FormRefused):
        await services.inquiries.take_step(inquiry.id, StepForm(Step.REGIONS, day, None), siri, key=None)
    with pytest.raises(FormRefused):
        await services.inquiries.take_step(
            inquiry.id, StepForm(Step.REPLIED, dt.date(2026, 1, 1), None), siri, key=None
        )
    with pytest.raises(FormRefused):
        await services.inquiries.take_step(
            inquiry.id, StepForm(Step.REPLIED, dt.date(2025, 7, 1), None), siri, key=None
        )
    # three working days before DMP's deadline the centre is reminded; done means that DMP has its reply
    clock.set(dt.datetime(2025, 7, 15, 6, 5, tzinfo=dt.UTC))
    await services.inquiries.look()
    await services.reminders.check()
    reminder = next(one for one in (await services.reminders.open_for(siri)).reminders if one.about_kind == "inquiry")
    assert reminder.text == "Besvart til DMP"
    await services.reminders.done(reminder.id, siri, key=None)
    result = (await services.inquiries.result(inquiry.id, siri)).inquiry
    assert result.path is not None and result.path.in_time and result.path.left == ()
    assert [one.step for one in result.path.taken] == list(Step)
    case = await services.cases.case("2025-0001")
    assert case is not None and not case.asked
    log = [row.details["step"] for row in await rows(database, AuditEntry) if row.action == "inquiry_step"]
    assert log == ["specialists", "purchasing", "pharmacies", "regions", "replied"]


async def test_a_reply_after_the_deadline_says_so(services: Services, siri: Actor, clock: SetClock) -> None:
    inquiry = await asked(services, siri, **HERA, trusts=[f"{TRUST}Bergen"])
    clock.set(dt.datetime(2025, 7, 21, 9, 0, tzinfo=dt.UTC))
    await services.inquiries.take_step(inquiry.id, StepForm(Step.REPLIED, dt.date(2025, 7, 21), None), siri, key=None)
    result = await services.inquiries.result(inquiry.id, siri)
    assert result.inquiry.path is not None and result.inquiry.path.in_time is False
    words = services.renderer.render("inquiry.j2", "nb", result=result, may_work=True)
    assert "etter fristen" in str(words.blocks)
    for plain in (await asked(services, siri, deadline=dt.date(2025, 7, 25)),):
        with pytest.raises(Refused, match="venter ikke"):
            form_of = StepForm(Step.REPLIED, dt.date(2025, 7, 21), None)
            await services.inquiries.take_step(plain.id, form_of, siri, key=None)


async def test_a_panel_knows_who_who_appointed_them_and_what_they_answered(
    services: Services, siri: Actor, database: Database
) -> None:
    panel = await services.panels.make("Onkologi", siri, key=None)
    in_slack = ExpertForm(BERGEN, None, "onkolog, Haukeland", "fagdirektør Helse Vest", dt.date(2024, 3, 1))
    outside = ExpertForm(None, "Kari Ekspert", "farmasøyt, UNN", "RHF-ene", None)
    for one in (in_slack, outside):
        await services.panels.add(panel, one, siri, key=None)
    with pytest.raises(FormRefused, match="allerede"):
        await services.panels.add(panel, in_slack, siri, key=None)
    with pytest.raises(FormRefused, match="allerede"):
        await services.panels.make("onkologi", siri, key=None)
    for wrong, field in (
        (ExpertForm(BERGEN, "Kari", "x", "y", None), "name"),
        (ExpertForm(None, None, "x", "y", None), "name"),
        (ExpertForm(None, "Ola", None, None, dt.date(2026, 1, 1)), "role"),
    ):
        with pytest.raises(FormRefused) as refused:
            await services.panels.add(panel, wrong, siri, key=None)
        assert field in [one.field for one in refused.value.refusals]
    opinion = {"kind": Kind.OPINION, "answer": AnswerKind.WORDS, "words": "Hvem bør få?", "unit": None}
    inquiry = await asked(services, siri, **opinion, trusts=[], panel=panel)
    assert [one.region for one in inquiry.asked] == ["Onkologi", "Onkologi"]
    bergen = await person(services, BERGEN)
    said_so = AnswerForm(words="De med livsforlengende behandling.")
    await services.inquiries.answer(inquiry.asked[0].id, said_so, bergen, channel=None, key=None)
    phoned = AnswerForm(words="Enig.", came_by=CameBy.PHONE, told_by="henne selv")
    await services.inquiries.answer_for(inquiry.id, inquiry.asked[1].id, phoned, siri, key=None)
    shown = await services.panels.panel(panel, siri)
    assert [one.answer.words for one in shown.inquiries[0].asked if one.answer] == [said_so.words, "Enig."]
    with pytest.raises(NotAllowed):
        await services.panels.every(bergen)
    # who leaves Slack before they have answered is said where it waits, and stands as somebody to call
    waits = await asked(services, siri, **opinion, trusts=[], panel=panel)
    assert [one.who for one in waits.to_call] == ["Kari Ekspert"]
    assert await services.panels.in_slack() == [BERGEN]
    assert await services.panels.left([BERGEN]) == 1
    assert await services.panels.in_slack() == []
    waits = (await services.inquiries.result(waits.id, siri)).inquiry
    assert len(waits.to_call) == 2
    await services.inquiries.look()
    progress = str((await said(database, f"inquiry:{waits.id}")).blocks)
    assert f"Kom ikke fram:* <@{BERGEN}>" in progress
    left = [row.details for row in await rows(database, AuditEntry) if row.action == "expert_left"]
    assert left == [{"role": "onkolog, Haukeland"}]
    shown = await services.panels.panel(panel, siri)
    words = services.renderer.render("panel.j2", "nb", panel=shown, may_work=True)
    assert "Har forlatt Slack" in str(words.blocks)
    again = await asked(services, siri, **opinion, trusts=[], panel=panel)
    assert len(again.to_call) == 2
    await services.panels.remove(shown.experts[0].id, siri, key=None)
    assert [one.name for one in (await services.panels.panel(panel, siri)).experts] == ["Kari Ekspert"]
    with pytest.raises(Refused, match="allerede"):
        await services.panels.remove(shown.experts[0].id, siri, key=None)


async def test_an_empty_panel_is_not_asked(services: Services, siri: Actor) -> None:
    panel = await services.panels.make("Barn", siri, key=None)
    with pytest.raises(FormRefused, match="ingen i dette panelet"):
        await asked(services, siri, trusts=[], panel=panel)
    assert not (await services.inquiries.of_case("2025-0001", siri)).inquiries


async def test_what_was_counted_stands_in_the_form_of_the_next_delivery_until_one_is_decided(
    services: Services, siri: Actor, clock: SetClock
) -> None:
    assert (await services.allocations.beginning("2025-0001", siri)).form.stock is None
    inquiry = await asked(services, siri, pack="2")
    for slack_user, name, number in ((BERGEN, "Bergen", "14"), (FINNMARK, "Finnmark", "0")):
        by = await person(services, slack_user)
        await services.inquiries.answer(of(inquiry, name), AnswerForm(number), by, channel=None, key=None)
    begun = await services.allocations.beginning("2025-0001", siri)
    assert (begun.form.stock, begun.counted_on) == ("Bergen 7\nFinnmark 0", MONDAY.date())
    clock.advance(dt.timedelta(hours=1))
    wanted = replace(begun.form, quantity="210", use="Bergen 30\nFinnmark 5")
    view = await services.allocations.propose("2025-0001", wanted, siri, key=None)
    bergen = next(one for one in view.shares if one.row.receiver == "Bergen")
    assert bergen.row.days_before == pytest.approx(7.1, abs=0.1) and bergen.days_after == pytest.approx(25.4, abs=0.1)
    again = await services.allocations.beginning("2025-0001", siri)
    assert (again.form.stock, again.counted_on) == ("Bergen 7\nFinnmark 0", None), "as it was written, and not newer"
    for by in (await person(services, BERGEN), await person(services, GUEST)):
        with pytest.raises(NotAllowed):
            await services.allocations.beginning("2025-0001", by)


async def test_nothing_is_put_in_the_form_where_nobody_said_what_a_pack_holds(services: Services, siri: Actor) -> None:
    inquiry = await asked(services, siri, pack=None)
    by = await person(services, BERGEN)
    await services.inquiries.answer(of(inquiry, "Bergen"), AnswerForm("14"), by, channel=None, key=None)
    assert (await services.allocations.beginning("2025-0001", siri)).form.stock is None
