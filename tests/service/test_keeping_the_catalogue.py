"""The centre keeps the list of medicines: short names it accepts, medicines it adds, and every replica sees them."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import weakref
from dataclasses import replace

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.cases.forms import CaseForm
from bot.cases.medicine import Medicine, as_written
from bot.cases.vocabulary import Authorised, Cause, Source, Status
from bot.catalogue.keeping import fingerprint
from bot.catalogue.match import Decision
from bot.catalogue.own import OwnMedicine
from bot.catalogue.preparation import Authorisation
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from storage.tables import AuditEntry, OutboxEntry, ShortageCase, ShortageReport, StockItem, Synonym, WrongMatch
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of, settings_for

ABARAX = OwnMedicine("Abarax", "Benznidazol", form="tab", strength="100 mg", authorised=Authorisation.NO)


async def siri_of(services: Services) -> Actor:
    return await person(services, SIRI)


async def typed_by(services: Services, typed: str, of: Medicine, *people: str) -> list[str]:
    """Each of `people` reports `of` after having typed `typed`; the case numbers."""
    return [
        (
            await services.reporting.report(
                report_of(of, typed=typed, note=str(turn)), await person(services, who), key=None
            )
        ).number
        for turn, who in enumerate(people)
    ]


async def isavu(services: Services) -> None:
    await typed_by(services, "isavu", medicine(services, "isavukonazol"), "U0KARI0001", "U0OLA00001", "U0KARI0001")


async def audited(database: Database, subject: str) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id))  # type: ignore[arg-type]
        return [row.action for row in rows]


# --- short names ---


async def test_what_people_confirm_is_proposed_and_matched_only_after_the_centre_accepts(
    services: Services, database: Database, second_database: Database, clock: SetClock
) -> None:
    other = assemble(settings_for(), second_database, clock)
    await isavu(services)
    siri = await siri_of(services)
    assert services.catalogue.match("isavu").decision is not Decision.MATCH
    (proposal,) = await services.keeping.proposals(siri)
    assert (proposal.words, proposal.means, proposal.reports, proposal.people) == ("isavu", "Isavukonazol", 3, 2)

    await services.keeping.decide(proposal.value, siri, accept=True, key="click")
    await services.keeping.decide(proposal.value, siri, accept=True, key="click")
    for replica in (services, other):
        await replica.catalogue.refresh()
        found = replica.catalogue.match("isavu 200 mg")
        assert (found.decision, found.candidates[0].substance) == (Decision.MATCH, "Isavukonazol")
    assert await other.keeping.proposals(siri) == ()
    assert await audited(database, "synonym:isavu") == ["synonym_accepted"]


async def test_a_rejected_or_removed_short_name_does_not_come_back(services: Services, database: Database) -> None:
    await isavu(services)
    siri = await siri_of(services)
    (proposal,) = await services.keeping.proposals(siri)
    await services.keeping.decide(proposal.value, siri, accept=False, key=None)
    await typed_by(services, "isavu", medicine(services, "isavukonazol"), "U0PER00001", "U0PAL00001")
    assert await services.keeping.proposals(siri) == ()
    with pytest.raises(Refused, match="gjelder ikke lenger"):
        await services.keeping.decide(proposal.value, siri, accept=True, key=None)

    added = await services.keeping.add_short_name("Isavu", medicine(services, "isavukonazol"), siri, key=None)
    await services.catalogue.refresh()
    assert services.catalogue.match("isavu").decision is Decision.MATCH
    with pytest.raises(Refused, match="finner allerede Isavukonazol"):
        await services.keeping.add_short_name("isavu", medicine(services, "isavukonazol"), siri, key=None)
    await services.keeping.remove_short_name(added.id, siri, key=None)
    await services.catalogue.refresh()
    assert services.catalogue.match("isavu").decision is not Decision.MATCH
    assert await services.keeping.proposals(siri) == ()
    with pytest.raises(Refused, match="allerede fjernet"):
        await services.keeping.remove_short_name(added.id, siri, key=None)
    actions = ["synonym_rejected", "synonym_added", "synonym_removed"]
    assert await audited(database, "synonym:isavu") == actions


async def test_reports_that_were_withdrawn_or_mean_different_medicines_propose_nothing(services: Services) -> None:
    await isavu(services)
    siri = await siri_of(services)
    assert len(await services.keeping.proposals(siri)) == 1
    ola = await person(services, "U0OLA00001")
    ((report, _),) = await services.reporting.reports_by(ola)
    await services.reporting.withdraw(report.id or 0, ola, key=None)
    assert await services.keeping.proposals(siri) == ()
    await typed_by(services, "isavu", medicine(services, "isavukonazol"), "U0OLA00001")
    assert len(await services.keeping.proposals(siri)) == 1
    await typed_by(services, "isavu", medicine(services, "vorikonazol"), "U0PER00001")
    assert await services.keeping.proposals(siri) == ()


async def test_free_text_put_right_by_the_centre_is_counted_and_a_mistake_speaks_against_it(
    services: Services, database: Database
) -> None:
    numbers = await typed_by(services, "tb-esken", as_written("tb-esken"), "U0KARI0001", "U0OLA00001", "U0PER00001")
    siri = await siri_of(services)
    assert await services.keeping.proposals(siri) == ()
    await services.reporting.wrong_medicine(numbers[0], medicine(services, "deltyba"), siri, key=None)
    (proposal,) = await services.keeping.proposals(siri)
    assert (proposal.words, proposal.substance, proposal.people) == ("tb esken", "Delamanid", 3)

    wrong = await typed_by(services, "tb-esken", medicine(services, "sirturo"), "U0PAL00001")
    await services.reporting.wrong_medicine(wrong[0], medicine(services, "deltyba"), siri, key=None)
    assert await services.keeping.proposals(siri) == ()


async def test_how_often_and_by_how_many_is_a_setting(database: Database, clock: SetClock) -> None:
    strict = assemble(settings_for(synonym_reports=3, synonym_people=3), database, clock)
    await isavu(strict)
    assert await strict.keeping.proposals(await siri_of(strict)) == ()
    easy = assemble(settings_for(synonym_reports=2, synonym_people=1), database, clock)
    assert len(await easy.keeping.proposals(await siri_of(easy))) == 1


async def test_a_short_name_of_the_centres_own_may_not_be_near_another_medicine(services: Services) -> None:
    siri = await siri_of(services)
    for words, name in (("prednisol", "prednisolon"), ("keppr", "keflex"), ("valtrex", "zovirax")):
        with pytest.raises(Refused, match="kan forveksles med"):
            await services.keeping.add_short_name(words, medicine(services, name), siri, key=None)
    with pytest.raises(Refused, match="Velg legemiddelet fra listen"):
        await services.keeping.add_short_name("hei", as_written("hei"), siri, key=None)
    with pytest.raises(Refused, match="ikke et kortnavn"):
        await services.keeping.add_short_name("123", medicine(services, "keflex"), siri, key=None)


# --- medicines of the centre's own ---


async def test_an_added_medicine_is_found_like_any_other_in_every_replica(
    services: Services, second_database: Database, clock: SetClock, database: Database
) -> None:
    other = assemble(settings_for(), second_database, clock)
    siri = await siri_of(services)
    made = await services.keeping.add(ABARAX, siri, key="submission")
    await services.catalogue.refresh()
    assert await services.keeping.add(ABARAX, siri, key="submission") == made
    await other.catalogue.refresh()
    for replica in (services, other):
        assert replica.catalogue.match("abarax 100").candidates[0].id == made.id
        assert made.name in [choice.name for choice in (await replica.catalogue.choices("abar")).products]
    (number,) = await typed_by(other, "abarax", medicine(other, "abarax"), "U0KARI0001")
    case = await services.cases.case(number)
    assert case is not None
    assert (case.name, case.authorised, case.as_written) == ("Abarax tab 100 mg", Authorised.NO, False)
    assert await audited(database, f"medicine:{made.id}") == ["medicine_added"]


async def test_a_duplicate_is_refused_also_where_another_replica_added_it_a_moment_ago(
    services: Services, second_database: Database, clock: SetClock
) -> None:
    other = assemble(settings_for(), second_database, clock)
    siri = await siri_of(services)
    await services.keeping.add(ABARAX, siri, key=None)
    for replica in (other, services):
        with pytest.raises(Refused, match=r"Finnes allerede i listen: Abarax tab 100 mg\."):
            await replica.keeping.add(replace(ABARAX, strength="100mg"), siri, key=None)
    with pytest.raises(FormRefused, match=r"Finnes allerede i listen: Valtrex tab 500 mg\."):
        await services.keeping.add(
            OwnMedicine("Valtrex", "Valaciklovir", form="tab", strength="500 mg"), siri, key=None
        )


async def test_an_edit_takes_its_open_case_reports_and_stock_with_it(services: Services, database: Database) -> None:
    siri = await siri_of(services)
    made = await services.keeping.add(ABARAX, siri, key=None)
    await services.catalogue.refresh()
    kari = "U0KARI0001"
    (number,) = await typed_by(services, "abarax", medicine(services, "abarax"), kari)
    sheet = "lager;preparat;beholdning;enhet;dato\nB180S;Abarax tab 100 mg;10;tablett;07.07.2025\n"
    await services.sheets.import_file(sheet.encode(), "lager.csv")

    right = replace(ABARAX, strength="12,5 mg", authorised=Authorisation.UNKNOWN)
    changed = await services.keeping.edit(made.id, right, fingerprint(made), siri, key=None)
    await services.catalogue.refresh()
    assert (changed.id, changed.name) == (made.id, "Abarax tab 12,5 mg")
    case = await services.cases.case(number)
    assert case is not None
    assert (case.name, case.preparation_key, case.authorised) == (changed.name, changed.key, Authorised.UNKNOWN)
    async with database.read() as session:
        assert [row.preparation_key for row in await session.scalars(select(StockItem))] == [changed.key]
    ((report, _),) = await services.reporting.reports_by(await person(services, kari))
    assert report.name == changed.name
    async with database.read() as session:
        assert not list(await session.scalars(select(WrongMatch)))
    with pytest.raises(Refused, match="er endret siden du åpnet skjemaet"):
        await services.keeping.edit(made.id, ABARAX, fingerprint(made), siri, key=None)


async def test_a_retired_medicine_is_found_no_more_but_not_while_its_case_is_open(services: Services) -> None:
    siri = await siri_of(services)
    made = await services.keeping.add(ABARAX, siri, key=None)
    await services.catalogue.refresh()
    (number,) = await typed_by(services, "abarax", medicine(services, "abarax"), "U0KARI0001")
    with pytest.raises(Refused, match=f"Sak {number} er åpen"):
        await services.keeping.retire(made.id, siri, key=None)
    await services.reporting.wrong_medicine(number, medicine(services, "deltyba"), siri, key=None)
    await services.keeping.retire(made.id, siri, key=None)
    await services.catalogue.refresh()
    assert services.catalogue.catalogue.get(made.id) is None
    assert services.catalogue.match("abarax").decision is not Decision.MATCH
    for late in (services.keeping.own(made.id, siri), services.keeping.retire(made.id, siri, key=None)):
        with pytest.raises(Refused, match="Fant ikke legemiddelet"):
            await late
    again = await services.keeping.add(ABARAX, siri, key=None)
    assert again.id != made.id


async def test_only_what_the_centre_added_is_edited_or_retired(services: Services) -> None:
    siri = await siri_of(services)
    valtrex = medicine(services, "valtrex tab 500 mg").preparation_id or ""
    await services.catalogue.take_in([replace(services.catalogue.catalogue[valtrex], supplier="Ny")], "fest.xml")
    for id_ in (valtrex, "egen:delamanid", "nonsense"):
        with pytest.raises(Refused, match="blant senterets egne"):
            await services.keeping.own(id_, siri)
        with pytest.raises(Refused, match="blant senterets egne"):
            await services.keeping.retire(id_, siri, key=None)


async def test_nobody_but_the_centre_and_admins_may_do_any_of_it(services: Services, database: Database) -> None:
    await isavu(services)
    (proposal,) = await services.keeping.proposals(await siri_of(services))
    made = await services.keeping.add(ABARAX, await siri_of(services), key=None)
    keeping, of = services.keeping, medicine(services, "isavukonazol")
    for who in ("U0KARI0001", "U0OTHER001"):
        by = await person(services, who)
        for asked in (
            keeping.proposals(by),
            keeping.decide(proposal.value, by, accept=True, key=None),
            keeping.add_short_name("isavu", of, by, key=None),
            keeping.remove_short_name(1, by, key=None),
            keeping.own_list(1, by),
            keeping.own(made.id, by),
            keeping.medicine(made.id, by),
            keeping.add(replace(ABARAX, name="Annet"), by, key=None),
            keeping.edit(made.id, ABARAX, fingerprint(made), by, key=None),
            keeping.retire(made.id, by, key=None),
            keeping.kept_as_written(made, by),
            services.reporting.tie_to_list("2025-0001", of, by, key=None),
        ):
            with pytest.raises(NotAllowed):
                await asked
    async with database.read() as session:
        assert not list(await session.scalars(select(Synonym)))


async def test_the_list_of_what_was_added_has_pages(services: Services) -> None:
    siri = await siri_of(services)
    for letter in "abcdefghijkl":
        await services.keeping.add(replace(ABARAX, name=f"Xq{letter}zim"), siri, key=None)
    first, second = [await services.keeping.own_list(page, siri) for page in (1, 99)]
    assert (len(first.medicines), first.pages) == (10, 2)
    assert [one.brand for one in second.medicines] == ["Xqkzim", "Xqlzim"]


# --- what was reported as free text ---


async def test_a_case_under_free_text_is_tied_to_the_new_medicine_and_keeps_what_is_known(
    services: Services, database: Database
) -> None:
    (number, *_) = await typed_by(services, "abarrax", as_written("Abarrax"), "U0KARI0001", "U0OLA00001")
    siri = await siri_of(services)
    before = await services.cases.case(number)
    assert before is not None and before.as_written
    known = CaseForm(
        Status.ONGOING,
        None,
        None,
        Cause.QUALITY,
        Authorised.UNKNOWN,
        Source.HOSPITAL,
        "Kapsler",
        None,
        None,
        None,
        None,
    )
    await services.cases.update(number, known, siri, version=before.version, key=None)

    made = await services.keeping.add(ABARAX, siri, key=None)
    assert [(one.number, one.name) for one in await services.keeping.kept_as_written(made, siri)] == [
        (number, "Abarrax")
    ]
    to = await services.keeping.medicine(made.id, siri)
    assert await services.reporting.tie_to_list(number, to, siri, key="click") == number
    assert await services.reporting.tie_to_list(number, to, siri, key="click") == number
    after = await services.cases.case(number)
    assert after is not None
    assert (after.name, after.substance, after.authorised) == ("Abarax tab 100 mg", "Benznidazol", Authorised.NO)
    assert (after.cause, after.substitute, len(after.reports)) == (Cause.QUALITY, "Kapsler", 2)
    async with database.read() as session:
        told = [row.text for row in await session.scalars(select(OutboxEntry)) if row.key.startswith("told:")]
        assert {row.preparation_id for row in await session.scalars(select(ShortageReport))} == {made.id}
    assert len(told) == 2
    assert all("Abarax tab 100 mg" in text for text in told)
    assert await services.keeping.kept_as_written(made, siri) == []
    with pytest.raises(Refused, match="gjelder allerede"):
        await services.reporting.tie_to_list(number, to, siri, key=None)


async def test_a_case_under_free_text_joins_the_open_case_of_the_medicine(
    services: Services, database: Database
) -> None:
    siri = await siri_of(services)
    (written,) = await typed_by(services, "abarrax", as_written("Abarrax"), "U0KARI0001")
    made = await services.keeping.add(ABARAX, siri, key=None)
    await services.catalogue.refresh()
    (listed,) = await typed_by(services, "abarax", medicine(services, "abarax"), "U0OLA00001")
    to = await services.keeping.medicine(made.id, siri)
    assert await services.reporting.tie_to_list(written, to, siri, key=None) == listed
    async with database.read() as session:
        statuses = {row.number: row.status for row in await session.scalars(select(ShortageCase))}
    assert statuses == {written: "merged", listed: "ongoing"}
    case = await services.cases.case(listed)
    assert case is not None and len(case.reports) == 2


async def test_a_case_of_the_list_is_not_tied(services: Services) -> None:
    (number,) = await typed_by(services, "valtrex", medicine(services, "valtrex tab 500 mg"), "U0KARI0001")
    with pytest.raises(Refused, match="gjelder allerede Valtrex"):
        await services.reporting.tie_to_list(number, medicine(services, "deltyba"), await siri_of(services), key=None)


# --- the index ---


async def test_an_index_that_was_replaced_is_let_go(services: Services) -> None:
    siri = await siri_of(services)
    await services.keeping.add(ABARAX, siri, key=None)
    await services.catalogue.refresh()
    old = weakref.ref(services.catalogue.catalogue)
    await services.keeping.add(replace(ABARAX, name="Xqazim"), siri, key=None)
    await services.catalogue.refresh()
    gc.collect()
    assert old() is None


async def test_the_command_line_knows_short_names_and_own_medicines(services: Services, database_url: str) -> None:
    siri = await siri_of(services)
    await services.keeping.add(ABARAX, siri, key=None)
    await services.keeping.add_short_name("isavu", medicine(services, "isavukonazol"), siri, key=None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MANGELVAKT_", "SLACK_"))}
    environment["DATABASE_URL"] = database_url
    command = [sys.executable, "-m", "bot.cli", "match", "--json"]
    done = subprocess.run(command, input="isavu\nabarax\n", capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["decision"], one["candidates"][0]["substance"]) for one in answers] == [
        ("match", "Isavukonazol"),
        ("match", "Benznidazol"),
    ]


async def test_stock_of_an_edited_medicine_is_counted_once_when_the_next_sheet_comes(
    services: Services, database: Database
) -> None:
    siri = await siri_of(services)
    added = await services.keeping.add(ABARAX, siri, key=None)
    await services.catalogue.refresh()
    row = "lager;preparat;beholdning;enhet;dato\nB180S;{name};{stock};tablett;{day}\n"
    before = row.format(name=added.name, stock=100, day="2025-07-06").encode()
    assert not (await services.sheets.import_file(before, "før.csv")).faults

    edited = await services.keeping.edit(
        added.id, replace(ABARAX, strength="50 mg"), fingerprint(added), siri, key=None
    )
    await services.catalogue.refresh()
    after = row.format(name=edited.name, stock=90, day="2025-07-07").encode()
    assert not (await services.sheets.import_file(after, "etter.csv")).faults
    async with database.read() as session:
        (item,) = await session.scalars(select(StockItem))
    assert item.name == edited.name
    found = await services.stock.stock_of(medicine(services, edited.name), siri)
    assert [entry.cover.on_hand for entry in found.entries] == [90]
