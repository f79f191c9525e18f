"""DMP's list over both databases: read once, decided by people, dates taken, all of it taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.app import assemble
from bot.cases.forms import ClosingForm
from bot.cases.medicine import Medicine
from bot.cases.notices import AlreadyDecided, DateChange, DatesGiven, Inbox
from bot.cases.opening import open_case
from bot.cases.vocabulary import NotRelevant, Source, Status
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Match
from bot.clock import SetClock
from bot.messages.values import Mention
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.registers.compare import Proposed
from bot.services import Services
from storage.tables import EndDate, NoticeChange, OutboxEntry, RegisterList, RegisterNotice, ShortageCase
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, settings_for

ETOPOSIDE = "Etoposid Accord 20 mg/ml konsentrat til infusjonsvæske, oppløsning, 1x5 ml hetteglass;etoposid"
ETOPOSIDE_CASE = "Etoposid accord kons til inf oppl 20 mg/ml"
ETOPOSIDE_ROW = ETOPOSIDE + ";01.05.2025;{end};Behandling med annet virkestoff bør vurderes;;Kommende"
IBUX = (
    "Ibux 400 mg tablett, filmdrasjert, 20 stk;ibuprofen;01.06.2025;{end};Likeverdig alternativ tilgjengelig;;Pågående"
)
UNKNOWN = "Ukjentol 5 mg implantat;ukjentol;01.06.2025;01.08.2025;;;Pågående"
DOG = "Metacam vet. 5 mg/ml injeksjonsvæske;meloksikam;01.06.2025;01.08.2025;;;Pågående"


def listed(day: int, *rows: str) -> bytes:
    headings = (
        "Legemiddelnavn;Virkestoff(er);Mangelperiode fra;Mangelperiode til;"
        f"Informasjon/tiltak;Informasjon på nettside;Status pr. {day:02d}.07.2025"
    )
    return "\n".join((headings, *rows)).encode()


def monday(*more: str) -> bytes:
    return listed(7, ETOPOSIDE_ROW.format(end="15.09.2025"), IBUX.format(end="01.08.2025"), UNKNOWN, DOG, *more)


async def rows(database: Database, table: type) -> list:  # type: ignore[type-arg]
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(table.id)))  # type: ignore[attr-defined]


async def opened(services: Services, notice: int, chosen: Medicine | None, by: Actor, *, key: str | None) -> str:
    """The case of one notice."""
    (number,) = await services.notices.open_cases_of([notice], {notice: chosen} if chosen else {}, by, key=key)
    return number


@pytest.fixture
async def siri(services: Services) -> Actor:
    return await person(services, SIRI)


@pytest.fixture
async def inbox(services: Services, siri: Actor) -> Inbox:
    await services.notices.take_in(monday(), "mandag.csv", siri)
    return await services.notices.inbox(siri)


def test_the_catalogue_has_what_these_tests_speak_of() -> None:
    assert Catalogue.shipped().match(ETOPOSIDE.split(";")[0]).candidates[0].substance == "Etoposid"


async def test_a_preview_stores_nothing(services: Services, database: Database, siri: Actor) -> None:
    read = await services.notices.preview(monday(), "mandag.csv", siri)
    assert read.count(Proposed.NEW) == 3
    assert read.count(Proposed.NOT_RELEVANT) == 1
    assert await rows(database, RegisterList) == []
    assert await rows(database, RegisterNotice) == []


async def test_the_inbox_puts_first_what_is_worth_a_look_and_leaves_out_animals(inbox: Inbox) -> None:
    assert [row.names[0].split()[0] for row in inbox.above] == ["Etoposid"]
    assert {row.names[0].split()[0] for row in inbox.below} == {"Ibux", "Ukjentol"}
    assert inbox.as_of == dt.date(2025, 7, 7)


async def test_reading_a_list_opens_and_closes_no_case(inbox: Inbox, services: Services, database: Database) -> None:
    await services.notices.take_in(listed(8), "tom.csv", None)
    assert await rows(database, ShortageCase) == []
    assert all(row.gone for row in await rows(database, RegisterNotice) if not row.veterinary)


async def test_a_row_with_a_fault_is_refused_and_what_was_known_of_it_stays(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    faulty = ETOPOSIDE_ROW.format(end="03/04/2026")
    read = await services.notices.take_in(listed(8, faulty, IBUX.format(end="01.08.2025"), UNKNOWN, DOG), "x.csv", siri)
    assert [proposal.about.name for proposal in read.proposals if proposal.action is Proposed.ENDED] == []
    assert len((await services.notices.inbox(siri)).above) == 1


async def test_the_same_file_twice_changes_nothing_and_says_so(
    inbox: Inbox, services: Services, database: Database
) -> None:
    again = await services.notices.take_in(monday(), "mandag.csv", None)
    assert again.already is not None
    assert again.count(Proposed.SAME) == 3
    assert len(await rows(database, RegisterList)) == 1
    assert await rows(database, NoticeChange) == []


async def test_a_list_older_than_the_newest_is_refused(inbox: Inbox, services: Services) -> None:
    with pytest.raises(Refused, match="er allerede lest"):
        await services.notices.take_in(listed(6, UNKNOWN), "søndag.csv", None)


async def test_a_case_is_opened_from_a_notice_with_its_period_and_source(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    number = await opened(services, inbox.above[0].ids[0], None, siri, key="press")
    assert await opened(services, inbox.above[0].ids[0], None, siri, key="press") == number
    (case,) = await rows(database, ShortageCase)
    assert (case.number, case.source, case.substance) == (number, "dmp", "Etoposid")
    assert (case.start, case.expected_end) == (dt.date(2025, 5, 1), dt.date(2025, 9, 15))
    (end,) = await rows(database, EndDate)
    assert end.source == "DMPs mangelliste 07.07.2025"
    assert any(number in entry.text for entry in await rows(database, OutboxEntry))
    left = await services.notices.inbox(siri)
    assert left.above == ()


async def test_a_notice_whose_preparation_has_a_case_joins_it(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    first = await opened(services, inbox.above[0].ids[0], None, siri, key=None)
    other = ETOPOSIDE_ROW.format(end="20.09.2025").replace("1x5 ml", "10x5 ml")
    both = listed(8, ETOPOSIDE_ROW.format(end="15.09.2025"), other)
    read = await services.notices.take_in(both, "tirsdag.csv", siri)
    assert [found.case for found in read.proposals if found.action is Proposed.EXTEND] == [first]
    (row,) = (await services.notices.inbox(siri)).above
    assert await opened(services, row.ids[0], None, siri, key=None) == first
    assert len(await rows(database, ShortageCase)) == 1


async def test_what_was_not_recognised_is_opened_as_written_or_as_somebody_chose(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    unknown = next(row for row in inbox.below if "Ukjentol" in row.names[0])
    await opened(services, unknown.ids[0], medicine(services, "valtrex 500 mg"), siri, key=None)
    (case,) = await rows(database, ShortageCase)
    assert case.name == "Valtrex tab 500 mg"


async def test_not_relevant_needs_a_reason_and_an_extension_does_not_come_back(
    inbox: Inbox, services: Services, siri: Actor
) -> None:
    ibux = next(row for row in inbox.below if "Ibux" in row.names[0])
    for reason, said in ((" ", "Skriv hvorfor"), ("gjelder 01019012480", "ødselsnummer")):
        with pytest.raises(FormRefused, match=said):
            await services.notices.dismiss(ibux.ids, reason, siri, key=None)
    await services.notices.dismiss(ibux.ids, "finnes i apotek", siri, key=None)
    longer = await services.notices.take_in(listed(8, IBUX.format(end="01.10.2025"), UNKNOWN), "tirsdag.csv", None)
    assert [found.action for found in longer.proposals][:2] == [Proposed.NOT_RELEVANT, Proposed.SAME]
    left = await services.notices.inbox(siri)
    assert not any("Ibux" in name for row in (*left.above, *left.below) for name in row.names)
    with pytest.raises(Refused, match="allerede vurdert"):
        await services.notices.follow(ibux.ids, siri, key=None)


async def test_a_case_that_was_not_relevant_after_all_is_remembered_when_its_notice_is_extended(
    inbox: Inbox, services: Services, siri: Actor
) -> None:
    number = await opened(services, inbox.above[0].ids[0], None, siri, key=None)
    form = ClosingForm(Status.NOT_RELEVANT, None, None, "to dager", not_relevant=NotRelevant.SHORT)
    await services.cases.close(number, form, siri, key=None)
    longer = listed(8, ETOPOSIDE_ROW.format(end="01.12.2025"))
    first = (await services.notices.take_in(longer, "tirsdag.csv", None)).proposals[0]
    assert first.action is Proposed.NOT_RELEVANT
    assert "Varer kort. to dager" in str(first.why[0])
    await services.cases.reopen(number, "Det varer likevel", siri, key=None)
    longer_still = listed(9, ETOPOSIDE_ROW.format(end="01.02.2026"))
    again = (await services.notices.take_in(longer_still, "onsdag.csv", None)).proposals[0]
    assert (again.action, again.case) == (Proposed.EXTEND, number)


async def test_date_changes_of_followed_cases_are_taken_in_one_go_and_told(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    number = await opened(services, inbox.above[0].ids[0], None, siri, key=None)
    await services.notices.take_in(listed(8, ETOPOSIDE_ROW.format(end="01.11.2025")), "tirsdag.csv", None)
    offered = await services.notices.inbox(siri)
    assert offered.date_changes == (DateChange(number, ETOPOSIDE_CASE, dt.date(2025, 9, 15), dt.date(2025, 11, 1)),)
    assert await services.notices.take_dates(siri, key="press") == DatesGiven(1, 1)
    assert await services.notices.take_dates(siri, key="press") == DatesGiven(1, 1)
    assert await services.notices.take_dates(siri, key=None) == DatesGiven(None, 0)
    (case,) = await rows(database, ShortageCase)
    assert case.expected_end == dt.date(2025, 11, 1)
    assert [end.source for end in await rows(database, EndDate)][-1] == "DMPs mangelliste 08.07.2025"


async def test_dates_that_were_taken_are_given_back_but_for_a_case_changed_since(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    valtrex = "Valtrex 500 mg tablett, 42 stk;valaciklovir;01.05.2025;{end};;;Pågående"
    await services.notices.take_in(
        listed(8, ETOPOSIDE_ROW.format(end="15.09.2025"), valtrex.format(end="01.09.2025")), "tirsdag.csv", siri
    )
    found = await services.notices.inbox(siri)
    numbers = [
        await opened(services, row.ids[0], None, siri, key=None)
        for row in (*found.above, *found.below)
        if row.names[0].startswith(("Etoposid", "Valtrex"))
    ]
    later = listed(9, ETOPOSIDE_ROW.format(end="01.11.2025"), valtrex.format(end="01.12.2025"))
    await services.notices.take_in(later, "onsdag.csv", siri)
    offer = await services.notices.offered_dates(siri)
    given = await services.notices.take_dates(siri, key=None, list_id=offer.list_id)
    assert given.changed == 2
    changed, left = sorted(numbers)
    await services.cases.take(changed, siri, key=None)
    back = await services.notices.undo_dates(given.taken or 0, siri, key="press")
    assert (back.back, back.kept) == ((left,), (changed,))
    assert await services.notices.undo_dates(given.taken or 0, siri, key="press") == back
    ends = {case.number: case.expected_end for case in await rows(database, ShortageCase)}
    before = {change.number: change for change in offer.changes}
    assert ends == {left: before[left].before, changed: before[changed].after}
    assert len(await rows(database, EndDate)) == 3
    with pytest.raises(Refused, match="allerede angret"):
        await services.notices.undo_dates(given.taken or 0, siri, key=None)
    with pytest.raises(Refused, match="Fant ikke datoene"):
        await services.notices.undo_dates(999, siri, key=None)


async def test_dates_of_another_list_than_the_one_looked_at_are_not_taken(
    inbox: Inbox, services: Services, siri: Actor
) -> None:
    await opened(services, inbox.above[0].ids[0], None, siri, key=None)
    offer = await services.notices.offered_dates(siri)
    await services.notices.take_in(listed(8, ETOPOSIDE_ROW.format(end="01.11.2025")), "tirsdag.csv", siri)
    with pytest.raises(Refused, match="Åpne datoene igjen"):
        await services.notices.take_dates(siri, key=None, list_id=offer.list_id)


async def test_a_list_is_kept_between_the_preview_and_the_yes(
    services: Services, second_database: Database, database: Database, siri: Actor, clock: SetClock
) -> None:
    received = await services.notices.receive(monday(), "mandag.csv", siri, key="dropped")
    assert await rows(database, RegisterNotice) == []
    assert (await services.notices.inbox(siri)).as_of is None
    other = assemble(settings_for(), second_database, clock)
    assert received.list_id is not None
    read = await other.notices.confirm(received.list_id, siri, key="yes")
    assert read is not None and read.count(Proposed.NEW) == 3
    assert await services.notices.confirm(received.list_id, siri, key="yes") is None
    assert len(await rows(database, RegisterList)) == 1
    (said,) = [entry for entry in await rows(database, OutboxEntry) if "mangelliste" in entry.text]
    assert said.text == "DMPs mangelliste 7. juli: 1 å se på."
    with pytest.raises(Refused, match="allerede lest inn"):
        await services.notices.confirm(received.list_id, siri, key=None)
    with pytest.raises(Refused, match="allerede lest inn"):
        await services.notices.drop(received.list_id, siri, key=None)


def listening(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the catalogue is asked from now on; it answers as ever."""
    asked: list[str] = []
    match = services.catalogue.match

    def heard(words: str) -> Match:
        asked.append(words)
        return match(words)

    monkeypatch.setattr(services.catalogue, "match", heard)
    return asked


async def test_another_replica_reads_a_list_in_without_matching_its_rows_again(
    services: Services,
    second_database: Database,
    siri: Actor,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received = await services.notices.receive(monday(), "mandag.csv", siri, key=None)
    other = assemble(settings_for(), second_database, clock)
    asked = listening(other, monkeypatch)
    read = await other.notices.confirm(received.list_id or 0, siri, key=None)
    assert read is not None
    assert asked == []
    assert [one.graded for one in read.proposals] == [one.graded for one in received.read.proposals]


async def test_a_list_shown_with_another_catalogue_is_matched_again(
    services: Services, second_database: Database, siri: Actor, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = await services.notices.receive(monday(), "mandag.csv", siri, key=None)
    other = assemble(settings_for(), second_database, clock)
    await other.catalogue.take_in([replace(next(iter(other.catalogue.catalogue)), id="new", name="Nytt tab 1 mg")], "x")
    asked = listening(other, monkeypatch)
    await other.notices.confirm(received.list_id or 0, siri, key=None)
    assert len(asked) == 4


async def test_a_list_that_was_dropped_is_forgotten(services: Services, database: Database, siri: Actor) -> None:
    received = await services.notices.receive(monday(), "mandag.csv", siri, key=None)
    assert await services.notices.drop(received.list_id or 0, siri, key=None) == "mandag.csv"
    assert [one.content for one in await rows(database, RegisterList)] == [b""]
    with pytest.raises(Refused, match="er forkastet"):
        await services.notices.confirm(received.list_id or 0, siri, key=None)
    with pytest.raises(Refused, match="Fant ikke listen"):
        await services.notices.confirm(999, siri, key=None)


async def test_a_list_with_an_identity_number_is_not_kept(services: Services, database: Database, siri: Actor) -> None:
    received = await services.notices.receive(monday(UNKNOWN.replace(";;;", ";01019012480;;")), "a.csv", siri, key=None)
    assert (received.list_id, received.personal) == (None, True)
    assert await rows(database, RegisterList) == []


async def test_strengths_with_one_period_become_cases_of_one_complex(
    services: Services, database: Database, siri: Actor
) -> None:
    row = "Valtrex {mg} mg tablett, 42 stk;valaciklovir;01.05.2025;01.09.2025;;;Pågående"
    await services.notices.take_in(listed(7, row.format(mg=250), row.format(mg=500)), "mandag.csv", siri)
    found = await services.notices.inbox(siri)
    (group,) = (*found.above, *found.below)
    numbers = await services.notices.open_cases_of(group.ids, {}, siri, key="press")
    assert await services.notices.open_cases_of(group.ids, {}, siri, key="press") == numbers
    cases = await rows(database, ShortageCase)
    assert [case.number for case in cases] == list(numbers)
    assert len(cases) == 2
    assert cases[0].complex == cases[1].complex is not None


async def test_whoever_comes_second_hears_who_decided(inbox: Inbox, services: Services, siri: Actor) -> None:
    await services.notices.dismiss(inbox.above[0].ids, "ikke i sykehus", siri, key=None)
    per = replace(siri, slack_user="U0PER00001")
    with pytest.raises(AlreadyDecided) as refused:
        await services.notices.open_cases_of(inbox.above[0].ids, {}, per, key=None)
    assert refused.value.phrase.params["who"] == Mention(SIRI)


async def test_what_is_followed_is_told_when_a_list_changes_it(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    unknown = next(row for row in inbox.below if "Ukjentol" in row.names[0])
    await services.notices.follow(unknown.ids, siri, key=None)
    longer = UNKNOWN.replace("01.08.2025", "01.12.2025")
    await services.notices.take_in(listed(8, ETOPOSIDE_ROW.format(end="15.09.2025"), longer), "tirsdag.csv", None)
    said = str((await rows(database, OutboxEntry))[-1].blocks)
    assert "Følges" in said
    assert "Ukjentol 5 mg implantat: slutt 01.08.2025 → 01.12.2025" in said


@pytest.mark.parametrize("gone", [True, False])
async def test_a_case_whose_notice_is_over_hears_of_it_and_stays_open(
    inbox: Inbox, services: Services, database: Database, siri: Actor, *, gone: bool
) -> None:
    number = await opened(services, inbox.above[0].ids[0], None, siri, key=None)
    over = [] if gone else [ETOPOSIDE_ROW.format(end="15.09.2025").replace("Kommende", "Avsluttet")]
    await services.notices.take_in(listed(8, UNKNOWN, *over), "tirsdag.csv", None)
    (line,) = [entry for entry in await rows(database, OutboxEntry) if entry.reply_to == f"card:{number}"]
    assert "Saken er fortsatt åpen" in str(line.blocks)
    (case,) = await rows(database, ShortageCase)
    assert case.status == "ongoing"


async def test_the_inbox_is_gathered_by_a_fixed_number_of_queries(
    services: Services, database: Database, siri: Actor
) -> None:
    async def statements() -> int:
        asked: list[str] = []

        def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            asked.append(statement)

        event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
        await services.notices.inbox(siri)
        event.remove(database.engine.sync_engine, "before_cursor_execute", hear)
        return len([one for one in asked if one.startswith("SELECT")])

    await services.notices.take_in(monday(), "mandag.csv", siri)
    few = await statements()
    many = [UNKNOWN.replace("5 mg", f"{number} mg") for number in range(10, 60)]
    await services.notices.take_in(listed(8, *many), "tirsdag.csv", siri)
    assert await statements() == few == 7


async def test_a_notice_that_is_gone_changes_no_date(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    await opened(services, inbox.above[0].ids[0], None, siri, key=None)
    await services.notices.take_in(listed(8), "tom.csv", None)
    assert (await services.notices.inbox(siri)).date_changes == ()
    (case,) = await rows(database, ShortageCase)
    assert case.status == "ongoing"
    assert case.expected_end == dt.date(2025, 9, 15)


async def test_the_last_list_can_be_taken_back(services: Services, database: Database, siri: Actor) -> None:
    await services.notices.take_in(monday(), "mandag.csv", siri)
    before = [row.model_dump() for row in await rows(database, RegisterNotice)]
    tuesday = listed(8, ETOPOSIDE_ROW.format(end="01.11.2025"), UNKNOWN, UNKNOWN.replace("5 mg", "7 mg"))
    await services.notices.take_in(tuesday, "tirsdag.csv", siri)
    assert [row.model_dump() for row in await rows(database, RegisterNotice)] != before
    assert await services.notices.undo(siri) == "tirsdag.csv"
    assert [row.model_dump() for row in await rows(database, RegisterNotice)] == before
    again = await services.notices.take_in(tuesday, "tirsdag.csv", siri)
    assert again.already is None
    await services.notices.undo(siri)
    await services.notices.undo(siri)
    assert await rows(database, RegisterNotice) == []
    with pytest.raises(Refused, match="ingenting å angre"):
        await services.notices.undo(siri)


async def test_a_list_that_somebody_has_decided_on_stays(inbox: Inbox, services: Services, siri: Actor) -> None:
    await services.notices.follow(inbox.above[0].ids, siri, key=None)
    with pytest.raises(Refused, match="1 av radene er allerede vurdert"):
        await services.notices.undo(siri)


async def test_only_the_centre_reads_and_decides(inbox: Inbox, services: Services) -> None:
    kari = await person(services, "U0KARI0001")
    with pytest.raises(NotAllowed):
        await services.notices.inbox(kari)
    with pytest.raises(NotAllowed):
        await services.notices.take_in(monday(), "mandag.csv", kari)
    with pytest.raises(NotAllowed):
        await opened(services, inbox.above[0].ids[0], None, kari, key=None)
    with pytest.raises(NotAllowed):
        await services.notices.dismiss(inbox.above[0].ids, "nei", kari, key=None)
    with pytest.raises(NotAllowed):
        await services.notices.take_dates(kari, key=None)


async def test_a_forged_notice_is_refused(services: Services, siri: Actor) -> None:
    with pytest.raises(Refused, match="Fant ikke meldingen"):
        await opened(services, 999, None, siri, key=None)
    with pytest.raises(Refused, match="Fant ikke meldingen"):
        await services.notices.follow([1, 999], siri, key=None)


async def test_a_list_that_inherited_a_judgement_can_be_taken_back(
    inbox: Inbox, services: Services, database: Database, siri: Actor, clock: SetClock
) -> None:
    ids = [id for row in inbox.below for id, name in zip(row.ids, row.names, strict=True) if name.startswith("Ibux")]
    await services.notices.dismiss(ids, "Nok hos alle", siri, key=None)
    clock.set(clock.now() + dt.timedelta(days=1))
    next_period = IBUX.replace("01.06.2025", "15.07.2025").format(end="01.09.2025")
    await services.notices.take_in(listed(8, *monday().decode().splitlines()[1:], next_period), "tirsdag.csv", siri)
    assert len([row for row in await rows(database, RegisterNotice) if row.reason == "Nok hos alle"]) == 2

    assert await services.notices.undo(siri) == "tirsdag.csv"
    assert len([row for row in await rows(database, RegisterNotice) if row.reason == "Nok hos alle"]) == 1


async def test_a_case_with_another_registers_long_number_is_joined(
    inbox: Inbox, services: Services, database: Database, siri: Actor
) -> None:
    of_ours = medicine(services, "Etoposid Accord 20 mg/ml konsentrat til infusjonsvæske")
    number = "Mangelregisteret 2025 / 000123"
    async with database.unit_of_work() as uow:
        case = await open_case(uow, of_ours, source=Source.DMP, by=siri.person)
        case.number = number
    assert await opened(services, inbox.above[0].ids[0], of_ours, siri, key=None) == number


async def test_a_national_identity_number_in_a_files_name_is_refused(
    services: Services, database: Database, siri: Actor
) -> None:
    with pytest.raises(Refused, match="fødselsnummer"):
        await services.notices.take_in(monday(), "liste 13097248022.csv", siri)
    assert await rows(database, RegisterList) == []
