"""Does the stock last until the shortage is over: cases of the annual report 2025, replayed; figures are made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from bot.cases.assessing import Target
from bot.cases.assessments import Step
from bot.cases.forms import CandidateForm, CaseForm, ClosingForm
from bot.cases.vocabulary import Authorised, Cause, Outcome, Source, Status
from bot.clock import SetClock
from bot.messages.words import BOKMAAL
from bot.refusal import FormRefused, NotAllowed
from bot.services import Services
from bot.stock.cover import Answer
from bot.stock.domino import Rung
from storage.tables import CandidateLink, OutboxEntry, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import ASSESSED, CASES, PER, SIRI, STOCK, drafted, medicine, person, signed


@pytest.fixture(autouse=True)
def _closed_channels(services: Services) -> None:
    """The cases' and the stock's channels are closed, so figures may stand there."""
    services.channels._closed |= {CASES: True, STOCK: True}


HEADINGS = "lager;preparat;beholdning;enhet;dato;forbruk;periode"
NOTICE = dt.datetime(2025, 4, 15, 9, tzinfo=dt.UTC)
ETOPOSIDE = "Etoposid accord kons til inf oppl 20 mg/ml"


async def store(services: Services, *rows: str) -> None:
    """Stock figures, as the command line takes them."""
    stored = await services.sheets.import_file("\n".join((HEADINGS, *rows)).encode(), "lager.csv")
    assert not stored.faults, [str(fault.line) for fault in stored.faults]


def form(**values: Any) -> CaseForm:
    """What the centre writes on a case."""
    usual: dict[str, Any] = {
        "status": Status.ONGOING,
        "start": None,
        "expected_end": None,
        "cause": None,
        "authorised": Authorised.YES,
        "source": Source.DMP,
        "substitute": None,
        "substitute_ready": None,
        "next_step": None,
        "next_step_on": None,
        "decision_question": None,
    }
    return CaseForm(**(usual | values))


async def case_of(services: Services, words: str, **values: Any) -> str:
    """A case that Siri has opened and written on; its number."""
    siri = await person(services, SIRI)
    number, _ = await services.cases.open_for(medicine(services, words), siri, decision_question=None, key=None)
    if values:
        await write(services, number, **values)
    return number


async def write(services: Services, number: str, **values: Any) -> None:
    """Siri writes on a case."""
    case = await services.cases.case(number)
    assert case is not None
    await services.cases.update(number, form(**values), await person(services, SIRI), version=case.version, key=None)


async def card(database: Database, number: str) -> str:
    """The newest card of a case, as it is read."""
    async with database.read() as session:
        rows = await session.scalars(
            select(OutboxEntry)
            .where((OutboxEntry.key == f"card:{number}") | (OutboxEntry.edits == f"card:{number}"))
            .order_by(col(OutboxEntry.id).desc())
        )
        entry = rows.first()
    assert entry is not None
    return read(entry.blocks)


def read(blocks: Sequence[dict[str, Any]]) -> str:
    """The words of blocks."""
    texts = [block.get("text") or (block.get("elements") or [{}])[0] for block in blocks]
    return "\n".join(str(text.get("text", "")) for text in texts).replace("\u200b", "")


async def etoposide(services: Services) -> None:
    """Six and a half weeks at the wholesaler and the supplier, the national stock empty."""
    await store(
        services,
        f"B180S;{ETOPOSIDE};0;hetteglass;15.04.2025;;",
        f"Grossistens ordinære lager;{ETOPOSIDE};1200;hetteglass;15.04.2025;;",
        f"Leverandørens lager;{ETOPOSIDE};640;hetteglass;15.04.2025;;",
        *(f"Grossistens ordinære lager;{ETOPOSIDE};;hetteglass;;{1240};2025-0{month}" for month in (1, 3)),
        f"Grossistens ordinære lager;{ETOPOSIDE};;hetteglass;;{1120};2025-02",
    )


async def test_etoposide_on_the_day_of_the_notice_is_not_covered_and_says_what_to_buy(
    services: Services, database: Database, clock: SetClock
) -> None:
    clock.set(NOTICE)
    await etoposide(services)
    number = await case_of(
        services,
        ETOPOSIDE,
        status=Status.UPCOMING,
        start=dt.date(2025, 5, 1),
        expected_end=dt.date(2025, 9, 15),
        cause=Cause.SUBSTANCE,
    )
    shown = await card(database, number)
    assert "*Rekker lageret? Nei.* Trolig tomt 31. mai; ca. 107 dager udekket." in shown
    assert "Behov: 5480–6680 hetteglass (107 dager + 1–2 måneder). Forslag, ikke bestilling." in shown
    assert "Lagertall fra B180S, Grossistens ordinære lager og Leverandørens lager, talt 15. april." in shown
    (row,) = [row for row in await services.stock.cover_rows(NOTICE.date()) if row["scope"] == "case"]
    assert (row["case"], row["gap_days"], row["stockout_date"]) == (number, 107, "2025-05-31")
    assert (row["shortage_end"], row["on_hand"]) == ("2025-09-15", 1840)


async def test_the_days_from_restart_to_the_ward_are_the_cases_own_and_the_contracts_gap_stays(
    services: Services, database: Database, clock: SetClock
) -> None:
    clock.set(NOTICE)
    await etoposide(services)
    dates = {"start": dt.date(2025, 5, 1), "expected_end": dt.date(2025, 9, 15)}
    number = await case_of(services, ETOPOSIDE, **dates, ward_days=14)
    assert "ca. 121 dager udekket. Regnet med 14 dager fra levering til avdeling." in await card(database, number)
    (row,) = [row for row in await services.stock.cover_rows(NOTICE.date()) if row["scope"] == "case"]
    assert row["gap_days"] == 107
    assert "Med 14 dager fra levering til avdeling er 121 dager udekket." in str(row["why"])
    with pytest.raises(FormRefused):
        await write(services, number, **dates, ward_days=400)
    await write(services, number, **dates)
    assert "ca. 107 dager udekket." in await card(database, number)


async def test_a_case_without_stock_says_so_and_every_figure_is_null(services: Services, database: Database) -> None:
    number = await case_of(services, "delamanid", expected_end=dt.date(2025, 12, 1))
    assert "Rekker lageret? Vet ikke.* Ingen lagertall er registrert." in await card(database, number)
    (row,) = await services.stock.cover_rows(dt.date(2025, 7, 7))
    assert [row[name] for name in ("on_hand", "incoming", "days_of_cover", "gap_days", "threshold_days")] == [None] * 5
    assert (row["band"], row["stale"], row["demand_base"], row["shortage_end"]) == (
        "unknown",
        False,
        "unknown",
        "2025-12-01",
    )
    assert row["why"] == "Ingen lagertelling er registrert."
    assert list(row)[:4] == ["scope", "case", "pool", "item"]


async def test_the_same_batch_in_two_pools_on_the_wholesalers_shelves_is_one(services: Services) -> None:
    headings = HEADINGS + ";parti"
    rows = (
        f"B180S;{ETOPOSIDE};500;hetteglass;07.07.2025;;;A1",
        f"Grossistens ordinære lager;{ETOPOSIDE};800;hetteglass;07.07.2025;;;A1",
        f"Grossistens ordinære lager;{ETOPOSIDE};;hetteglass;;310;2025-05;",
    )
    await services.sheets.import_file("\n".join((headings, *rows)).encode(), "lager.csv")
    number = await case_of(services, ETOPOSIDE, expected_end=dt.date(2025, 9, 15))
    case = await services.cases.case(number)
    assert case is not None and case.cover is not None
    assert case.cover.cover.on_hand == 800
    assert case.cover.answer is Answer.PROBABLY


# --- what may stand in ---


def candidate(services: Services, words: str, rung: Rung, **values: Any) -> CandidateForm:
    """A candidate as the centre names it."""
    return CandidateForm(medicine(services, words), rung, **values)


INFUSION = "acetylcysteine macure kons til inf oppl 200 mg/ml"


async def test_acetylcysteine_for_infusion_is_a_candidate_for_mucomyst_as_an_antidote_through_the_centres_link(
    services: Services, database: Database
) -> None:
    number = await case_of(services, "mucomyst inh væske, oppl 200 mg/ml")
    siri = await person(services, SIRI)
    named = candidate(services, INFUSION, Rung.OTHER_FORM, use="antidot ved paracetamolforgiftning")
    await services.candidates.change(number, named, siri, key=None)
    shown = await card(database, number)
    assert "*Kandidat – ikke vurdert:*" in shown
    assert "Macure kons til inf oppl 200 mg/ml (annen form, til antidot ved paracetamolforgiftning)" in shown
    assert "vurdert av" not in shown
    async with database.read() as session:
        (link,) = await session.scalars(select(CandidateLink))
    assert (link.rung, link.set_by) == ("other_form", siri.person)


async def test_olanzapine_tablets_are_never_more_than_an_unassessed_candidate_for_the_depot_injection(
    services: Services, database: Database
) -> None:
    number = await case_of(services, "zypadhera 300 mg")
    case = await services.cases.case(number)
    assert case is not None
    tablets = [one for one in case.candidates if " tab " in one.preparation.name]
    assert tablets
    assert {str(one.standing) for one in tablets} == {"Kandidat – ikke vurdert"}
    assert {one.rung for one in tablets} == {Rung.OTHER_FORM}
    siri = await person(services, SIRI)
    for rung in (Rung.EXCHANGE_GROUP, Rung.EQUIVALENT, Rung.OTHER_STRENGTH):
        with pytest.raises(FormRefused) as refused:
            await services.candidates.change(number, candidate(services, "zyprexa tab 10 mg", rung), siri, key=None)
        assert {refusal.field for refusal in refused.value.refusals} == {"rung"}
    assert "Zyprexa" not in await card(database, number) or "ikke vurdert" in await card(database, number)


async def test_a_candidate_that_is_itself_short_says_so(services: Services, database: Database) -> None:
    number = await case_of(services, "zypadhera 300 mg")
    await case_of(services, "zypadhera 405 mg")
    await write(services, number, next_step="Ring.")
    assert "405 mg (annen styrke; mangler selv)" in await card(database, number)


async def test_a_signed_candidates_stock_counts_at_the_ratio_that_was_set_and_is_named(
    services: Services, database: Database
) -> None:
    await store(
        services,
        "Fokuslisten;Valtrex tab 500 mg;3000;tablett;07.07.2025;;",
        "Fokuslisten;Valtrex tab 500 mg;;tablett;;9000;2025-06",
        "B180S;Zelitrex tab 250 mg;12000;tablett;07.07.2025;;",
        "B180S;Zelitrex tab 250 mg;;tablett;;1200;2025-06",
    )
    number = await case_of(services, "valtrex 500 mg", expected_end=dt.date(2025, 12, 1))
    siri = await person(services, SIRI)

    async def on_hand() -> float | None:
        case = await services.cases.case(number)
        assert case is not None and case.cover is not None
        return case.cover.cover.on_hand

    key = medicine(services, "zelitrex tab 250 mg").key
    named = candidate(services, "zelitrex tab 250 mg", Rung.OTHER_STRENGTH, ratio=2)
    await services.candidates.change(number, named, siri, key=None)
    assert await on_hand() == 3000, "nobody has signed it"
    content = replace(ASSESSED, rung=Rung.OTHER_STRENGTH, ratio=2.0)
    first = await drafted(services, number, key, replace(content, use="barn"))
    assert await on_hand() == 3000, "a draft is no signature"
    await signed(services, first)
    assert await on_hand() == 3000, "for children only"
    again = Target(first.assessment, (first.version or 0) + 1)
    per = await person(services, PER)
    again = await services.assessments.write(again, Step.PRODUCT, content, per, key=None)
    assert await on_hand() == 3000, "the signed one stands until the new one is signed"
    await signed(services, again)
    assert await on_hand() == 9000
    shown = await card(database, number)
    assert "Regnet med også: Zelitrex tab 250 mg." in shown
    assert "*Vurdert av Siri Farm 7. juli 2025, gjelder til 31. des. 2025:* Zelitrex tab 250 mg (annen styrke)" in shown
    (row,) = [row for row in await services.stock.cover_rows(dt.date(2025, 7, 7)) if row["scope"] == "case"]
    assert row["pool"] == "Fokuslisten, B180S"
    assert row["daily_demand"] == 320


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"share_percent": 20.0}, "ratio"),
        ({"share_percent": 0.0, "ratio": 1.0}, "share"),
        ({"share_percent": 101.0, "ratio": 1.0}, "share"),
        ({"share_percent": 20.0, "ratio": 0.0}, "ratio"),
        ({"use": "til 13097248022"}, "use"),
    ],
)
async def test_a_candidate_that_says_too_little_is_refused_beside_its_field(
    services: Services, values: dict[str, Any], field: str
) -> None:
    number = await case_of(services, "valtrex 500 mg")
    with pytest.raises(FormRefused) as refused:
        await services.candidates.change(
            number,
            candidate(services, "zelitrex tab 250 mg", Rung.OTHER_STRENGTH, **values),
            await person(services, SIRI),
            key=None,
        )
    assert [refusal.field for refusal in refused.value.refusals] == [field]


async def test_only_the_centre_names_candidates_and_one_can_be_taken_away(
    services: Services, database: Database
) -> None:
    number = await case_of(services, "valtrex 500 mg")
    form = candidate(services, "zovirax tab 200 mg", Rung.OTHER_SUBSTANCE)
    with pytest.raises(NotAllowed):
        await services.candidates.change(number, form, await person(services, "U0KARI0001"), key=None)
    siri = await person(services, SIRI)
    await services.candidates.change(number, form, siri, key=None)
    case = await services.cases.case(number)
    assert case is not None
    (linked,) = [one.link for one in case.candidates if one.link]
    await services.candidates.change(number, CandidateForm(None, remove=linked.id), siri, key=None)
    assert "Zovirax" not in await card(database, number)
    with pytest.raises(FormRefused):
        await services.candidates.change(number, CandidateForm(None, remove=linked.id), siri, key=None)


# --- ends ---


async def test_a_slipping_end_says_how_often_and_how_far(
    services: Services, database: Database, clock: SetClock
) -> None:
    number = await case_of(services, "zypadhera 300 mg")
    for days in (0, 30, 60, 90, 120, 143):
        clock.set(clock.now() + dt.timedelta(days=20))
        await write(services, number, expected_end=dt.date(2025, 9, 1) + dt.timedelta(days))
    assert "Sluttdato flyttet 5 ganger, 143 dager i alt." in await card(database, number)
    digest = await services.meeting.compose()
    said = [BOKMAAL.say(remark) for entry in digest.agenda for remark in entry.remarks]
    assert "sluttdato flyttet 5 ganger, 143 dager i alt" in said


async def past(services: Services, database: Database, clock: SetClock, count: int) -> None:
    """So many production shortages of antibiotics that have ended, after 10, 20, 30 … days."""
    async with database.unit_of_work() as uow:
        for place in range(count):
            days = 10 * (place + 1)
            start = dt.date(2024, 1, 1)
            uow.session.add(
                ShortageCase(
                    number=f"2024-{place + 1:04d}",
                    preparation_key=f"p{place}",
                    name="Et antibiotikum",
                    substance=f"stoff {place}",
                    atc="J01CA01",
                    scope="medicine",
                    authorised="yes",
                    status="closed",
                    visibility="meeting",
                    cause="production",
                    start=start,
                    expected_end=start + dt.timedelta(days),
                    opened_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
                    changed_at=uow.now,
                    closed_at=dt.datetime(2025, 7, 1, tzinfo=dt.UTC),
                )
            )


async def test_how_long_such_cases_last_is_told_from_thirty_closed_ones_on(
    services: Services, database: Database, clock: SetClock
) -> None:
    await past(services, database, clock, 29)
    number = await case_of(services, "meropenem 1 g", start=dt.date(2025, 7, 7), cause=Cause.PRODUCTION)
    case = await services.cases.case(number)
    assert case is not None and case.lasts is None
    siri = await person(services, SIRI)
    other = await case_of(services, "zyprexa tab 10 mg", start=dt.date(2025, 6, 7), cause=Cause.PRODUCTION)
    ended = ClosingForm(Status.CLOSED, Outcome.AVERTED, dt.date(2025, 7, 7), "Leveransene er normale.")
    await services.cases.close(other, ended, siri, key=None)
    await write(services, number, start=dt.date(2025, 7, 7), cause=Cause.PRODUCTION, next_step="Ring.")
    shown = await card(database, number)
    assert "Halvparten av slike saker varer til 24. nov. 2025" in shown
    assert "(30 avsluttede saker: samme årsak)" in shown
    digest = await services.meeting.compose()
    assert any("Halvparten av slike saker" in BOKMAAL.say(entry.duration) for entry in digest.agenda)


async def test_cards_are_brought_up_to_date_a_few_at_a_time(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [await case_of(services, words) for words in ("valtrex 500", "zypadhera 300", "meropenem 1 g")]
    names = [view.name for number in numbers if (view := await services.cases.case(number))]
    monkeypatch.setattr("bot.cases.service.DRAWN_AT_ONCE", 2)
    begun = 0

    def count(_connection: Any) -> None:
        nonlocal begun
        begun += 1

    event.listen(database.engine.sync_engine, "begin", count)
    assert await services.cases.bring_up_to_date() == 0
    event.remove(database.engine.sync_engine, "begin", count)
    assert begun == 1 + 2  # which are open; two cases, and one
    await store(services, *(f"B180S;{name};4200;enhet;15.04.2025;9000;2025-03" for name in names))
    assert await services.cases.bring_up_to_date() == 3
    assert all(["Lager" in await card(database, number) for number in numbers])
    assert await services.cases.bring_up_to_date() == 0


async def test_the_history_of_all_cases_is_one_question_however_many_cases_are_shown(
    services: Services, database: Database, clock: SetClock
) -> None:
    await past(services, database, clock, 40)

    async def statements() -> int:
        asked: list[str] = []

        def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            asked.append(statement)

        event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
        await services.cases.about(medicine(services, "zypadhera 300 mg"))
        event.remove(database.engine.sync_engine, "before_cursor_execute", hear)
        return len(asked)

    for words in ("zypadhera 300 mg", "zypadhera 405 mg"):
        await case_of(services, words)
    few = await statements()
    for words in ("zypadhera 210 mg", "zyprexa tab 10 mg"):
        await case_of(services, words)
    assert await statements() == few
