"""Cases that are one, and one that is two: merged and split, with nothing lost and nobody told twice."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import select

from bot.cases.forms import ONE_CASE_OF_ITS_OWN, CaseForm, ConnectionForm
from bot.cases.vocabulary import Missing, Visibility
from bot.people.following import Subject
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from storage.tables import AuditEntry, CaseDocument, Follow, FollowedNews, OutboxEntry, ShortageCase, ShortageReport
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of
from tests.service.test_reports_at_once import both, cases_of, outbox_keys

VALTREX = "Valtrex tab 500 mg"


async def reported(services: Services, who: str, name: str = VALTREX, **more: object) -> str:
    """A report by `who`; its case."""
    by = await person(services, who)
    form = report_of(medicine(services, name), **more)
    return (await services.reporting.report(form, by, key=None)).number


async def two_cases(services: Services) -> Actor:
    """2025-0001 and 2025-0002 of the same preparation, a report each; Siri of the centre."""
    await reported(services, "U0KARI0001")
    await reported(services, "U0OLA00001", place="Ahus Nordbyhagen", join=ONE_CASE_OF_ITS_OWN)
    return await person(services, SIRI)


async def places_of(database: Database) -> dict[str, list[str]]:
    """Case number → the places that have reported it."""
    found: dict[str, list[str]] = {case.number: [] for case in await cases_of(database)}
    numbers = {case.id: case.number for case in await cases_of(database)}
    async with database.read() as session:
        for report in await session.scalars(select(ShortageReport).order_by(ShortageReport.id)):
            found[numbers[report.case_id]].append(report.place)
    return found


async def told(database: Database, start: str = "told:") -> list[tuple[str, str]]:
    """Whom the bot has told something, and what."""
    async with database.read() as session:
        rows = await session.scalars(select(OutboxEntry).order_by(OutboxEntry.id))
        return [(row.channel, row.text) for row in rows if row.key.startswith(start)]


async def test_a_merged_cases_reports_live_on_and_both_logs_say_so(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    withdrawn = await person(services, "U0EVA00001")
    receipt = await services.reporting.report(
        report_of(medicine(services, VALTREX), place="Førde sentralsjukehus", join="2025-0002"), withdrawn, key=None
    )
    await services.reporting.withdraw(receipt.report_id, withdrawn, key=None)
    assert await services.joining.merge("2025-0002", "2025-0001", siri, key=None) == "2025-0001"
    assert await places_of(database) == {
        "2025-0001": ["UNN Tromsø", "Ahus Nordbyhagen", "Førde sentralsjukehus"],
        "2025-0002": [],
    }
    survivor, merged = await cases_of(database)
    assert (survivor.status, merged.status, merged.merged_into) == ("ongoing", "merged", "2025-0001")
    async with database.read() as session:
        done = [(row.subject, row.action, row.details) for row in await session.scalars(select(AuditEntry))]
    assert ("case:2025-0002", "merged", {"into": "2025-0001", "reports": [2]}) in done
    assert ("case:2025-0001", "merged_from", {"case": "2025-0002", "reports": [2]}) in done


async def test_nobody_is_told_of_a_merge_that_changes_nothing_for_them(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    assert await told(database) == []


async def test_those_for_whom_something_changes_are_told_once(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    await services.cases.update("2025-0001", CaseForm.about(expected_end=dt.date(2025, 9, 15)), siri, key=None)
    await services.cases.publish("2025-0001", Visibility.PUBLISHED, "Bruk aciklovir.", siri, key=None)
    before = len(await told(database))
    await services.joining.merge("2025-0002", "2025-0001", siri, key="view:V1")
    await services.joining.merge("2025-0002", "2025-0001", siri, key="view:V1")
    ((whom, what),) = (await told(database))[before:]
    assert whom == "U0OLA00001"
    assert "Meldingen din hører nå til sak 2025-0001" in what


async def test_following_a_merged_case_goes_on_and_is_not_doubled(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    eva, per = await person(services, "U0EVA00001"), await person(services, "U0PER00001")
    for who, number in ((eva, "2025-0002"), (per, "2025-0002"), (per, "2025-0001")):
        await services.following.follow(Subject("case", number, number), who, channel=None, key=None)
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    async with database.read() as session:
        follows = sorted((row.target, row.subject, row.label) for row in await session.scalars(select(Follow)))
    assert follows == [("U0EVA00001", "2025-0001", "2025-0001"), ("U0PER00001", "2025-0001", "2025-0001")]


async def test_news_that_wait_to_be_collected_are_of_the_surviving_case_and_heard_once(
    services: Services, database: Database
) -> None:
    siri = await two_cases(services)
    eva, per = await person(services, "U0EVA00001"), await person(services, "U0PER00001")
    for who, number in ((eva, "2025-0002"), (per, "2025-0002"), (per, "2025-0001")):
        await services.following.follow(Subject("case", number, number), who, channel=None, key=None)
    async with database.unit_of_work() as uow:
        for row in await uow.session.scalars(select(Follow)):
            uow.session.add(
                FollowedNews(
                    target=row.target,
                    follow_id=row.id or 0,
                    about_kind="case",
                    about=row.subject,
                    at=uow.now,
                    due_at=uow.now + dt.timedelta(days=1),
                )
            )
    await services.joining.merge("2025-0002", "2025-0001", siri, key=None)
    async with database.read() as session:
        news = sorted((row.target, row.about) for row in await session.scalars(select(FollowedNews)))
        left = {row.id for row in await session.scalars(select(Follow))}
        held = {row.follow_id for row in await session.scalars(select(FollowedNews))}
    assert news == [("U0EVA00001", "2025-0001"), ("U0PER00001", "2025-0001")]
    assert held <= left


async def test_a_chain_of_merges_leads_to_the_last_in_one_step(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    await reported(services, "U0EVA00001", place="Haugesund sjukehus", join=ONE_CASE_OF_ITS_OWN)
    await services.joining.merge("2025-0001", "2025-0002", siri, key=None)
    await services.joining.merge("2025-0002", "2025-0003", siri, key=None)
    assert [case.merged_into for case in await cases_of(database)] == ["2025-0003", "2025-0003", None]
    assert await services.cases.surviving("2025-0001") == "2025-0003"
    with pytest.raises(Refused, match="er allerede slått sammen med denne"):
        await services.joining.merge("2025-0003", "2025-0001", siri, key=None)
    with pytest.raises(Refused, match="lever videre i sak 2025-0003"):
        await services.cases.reopen("2025-0001", "Feil.", siri, key=None)


async def test_two_who_merge_two_cases_into_each_other_at_once_leave_one_open(
    services: Services, second_database: Database, database: Database
) -> None:
    siri = await two_cases(services)
    one, other = await both(services, second_database)
    done = await asyncio.gather(
        one.joining.merge("2025-0001", "2025-0002", siri, key=None),
        other.joining.merge("2025-0002", "2025-0001", siri, key=None),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Refused) for result in done) == 1
    assert sorted(case.status for case in await cases_of(database)) == ["merged", "ongoing"]
    assert sorted(place for places in (await places_of(database)).values() for place in places) == [
        "Ahus Nordbyhagen",
        "UNN Tromsø",
    ]


async def test_who_has_no_grant_merges_splits_and_connects_nothing(services: Services) -> None:
    await two_cases(services)
    kari = await person(services, "U0KARI0001")
    for tried in (
        services.joining.merge("2025-0001", "2025-0002", kari, key=None),
        services.joining.split("2025-0001", [1], None, kari, key=None),
        services.joining.connect("2025-0001", ConnectionForm(continues="2025-0002"), kari, key=None),
    ):
        with pytest.raises(NotAllowed):
            await tried


async def three_reports(services: Services) -> Actor:
    """2025-0001 with three reports; Siri of the centre."""
    for who, place in (("U0KARI0001", "UNN Tromsø"), ("U0OLA00001", "Ahus Ski"), ("U0EVA00001", "Voss sjukehus")):
        await reported(services, who, place=place)
    return await person(services, SIRI)


async def test_reports_are_split_to_a_case_of_their_own(services: Services, database: Database) -> None:
    siri = await three_reports(services)
    per = await person(services, "U0PER00001")
    await services.following.follow(Subject("case", "2025-0001", "2025-0001"), per, channel=None, key=None)
    assert await services.joining.split("2025-0001", [2], None, siri, key=None) == ("2025-0002", True)
    assert await places_of(database) == {"2025-0001": ["UNN Tromsø", "Voss sjukehus"], "2025-0002": ["Ahus Ski"]}
    first, second = await cases_of(database)
    assert (second.split_from, second.preparation_key, second.name) == (
        "2025-0001",
        first.preparation_key,
        first.name,
    )
    assert first.complex == second.complex is not None
    assert await told(database) == []
    async with database.read() as session:
        follows = sorted(row.subject for row in await session.scalars(select(Follow)))
        actions = [(row.subject, row.action) for row in await session.scalars(select(AuditEntry))]
    assert follows == ["2025-0001", "2025-0002"]
    assert {("case:2025-0001", "split"), ("case:2025-0002", "split_from")} <= set(actions)
    assert len(await outbox_keys(database, "card:2025-0002")) == 1


async def test_reports_of_another_medicine_join_its_open_case_and_their_reporters_hear(
    services: Services, database: Database
) -> None:
    siri = await three_reports(services)
    other = medicine(services, "Valtrex tab 250 mg")
    await services.reporting.report(report_of(other), await person(services, "U0PER00001"), key=None)
    assert await services.joining.split("2025-0001", [2, 3], other, siri, key=None) == ("2025-0002", False)
    assert (await places_of(database))["2025-0002"] == ["Ahus Ski", "Voss sjukehus", "UNN Tromsø"]
    assert sorted(whom for whom, _ in await told(database)) == ["U0EVA00001", "U0OLA00001"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [([], "Velg hvilke"), ([1, 2, 3], "ikke alle"), ([99], "Velg hvilke"), ([1, 99], "Velg hvilke")],
)
async def test_a_split_that_cannot_be_moves_nothing(
    services: Services, database: Database, chosen: list[int], words: str
) -> None:
    siri = await three_reports(services)
    with pytest.raises(Refused, match=words):
        await services.joining.split("2025-0001", chosen, None, siri, key=None)
    assert len((await places_of(database))["2025-0001"]) == 3


async def test_a_medicine_that_left_the_catalogue_is_still_split_and_merged(
    services: Services, database: Database
) -> None:
    siri = await three_reports(services)
    async with database.unit_of_work() as uow:
        (case,) = await uow.session.scalars(select(ShortageCase))
        case.preparation_key, case.name = "ukjentstoff|oral|5 mg", "Utgått tab 5 mg"
        uow.session.add(case)
    number, _ = await services.joining.split("2025-0001", [1], None, siri, key=None)
    assert [case.name for case in await cases_of(database)] == ["Utgått tab 5 mg"] * 2
    assert await services.joining.merge(number, "2025-0001", siri, key=None) == "2025-0001"


async def test_a_report_joins_by_itself_only_where_that_is_certain(services: Services, database: Database) -> None:
    await reported(services, "U0KARI0001")
    assert await reported(services, "U0OLA00001") == "2025-0001"
    assert await reported(services, "U0OLA00001", missing=Missing.PACKAGE) == "2025-0002"
    assert await reported(services, "U0EVA00001") == "2025-0003", "two open cases: nobody knows which"
    assert await reported(services, "U0EVA00001", join="2025-0002") == "2025-0002"
    view = await services.cases.case("2025-0003")
    assert view is not None
    assert view.perhaps_same == ("2025-0001", "2025-0002")


async def test_cases_are_connected_and_what_cannot_be_is_refused(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    form = ConnectionForm(
        continues="2025-0001", belongs_with="2025-0001", address="https://eksempel.no/notat.pdf", title="Notat"
    )
    await services.joining.connect("2025-0002", form, siri, key=None)
    _, second = await cases_of(database)
    assert second.continues == "2025-0001"
    view = await services.cases.case("2025-0002")
    assert view is not None
    assert [document.title for document in view.documents] == ["Notat"]
    for wrong, words in (
        (ConnectionForm(continues="2025-0002"), "peker allerede på denne"),
        (ConnectionForm(domino_of="2025-0001"), "seg selv"),
        (ConnectionForm(domino_of="2031-0001"), "Fant ikke sak"),
        (ConnectionForm(remove=77), "allerede fjernet"),
    ):
        with pytest.raises(Refused, match=words):
            await services.joining.connect("2025-0001", wrong, siri, key=None)
    await services.joining.connect(
        "2025-0002", ConnectionForm(continues="2025-0001", remove=view.documents[0].id), siri, key=None
    )
    async with database.read() as session:
        (document,) = await session.scalars(select(CaseDocument))
    assert document.removed_at is not None


async def test_links_that_would_go_round_in_a_ring_are_refused(services: Services, database: Database) -> None:
    siri = await two_cases(services)
    third = await services.reporting.report(
        report_of(medicine(services, "zovirax tab 400 mg")), await person(services, "U0KARI0001"), key=None
    )
    await services.joining.connect("2025-0002", ConnectionForm(continues="2025-0001"), siri, key=None)
    await services.joining.connect(third.number, ConnectionForm(continues="2025-0002"), siri, key=None)
    ring = "2025-0001 → 2025-0003 → 2025-0002 → 2025-0001"
    with pytest.raises(Refused, match=ring) as refused:
        await services.joining.connect("2025-0001", ConnectionForm(continues=third.number), siri, key=None)
    assert refused.value.field == "continues"


async def test_a_document_is_added_beside_what_the_case_hangs_together_with_and_only_once(services: Services) -> None:
    siri = await two_cases(services)
    await services.joining.connect("2025-0002", ConnectionForm(continues="2025-0001"), siri, key=None)
    brev = ("2025-0002", "https://t.slack.com/files/U1/F1/brev.pdf", "brev.pdf")
    await services.joining.add_document(*brev, siri, key=None)
    view = await services.cases.case("2025-0002")
    assert view is not None
    assert (view.continues, [one.title for one in view.documents]) == ("2025-0001", ["brev.pdf"])
    with pytest.raises(Refused, match="ligger alt ved"):
        await services.joining.add_document(*brev, siri, key=None)
    with pytest.raises(FormRefused, match="https"):
        await services.joining.add_document("2025-0002", "javascript:1", "x", siri, key=None)
    with pytest.raises(NotAllowed):
        await services.joining.add_document(*brev, await person(services, "U0KARI0001"), key=None)
