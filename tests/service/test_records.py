"""The log is exported as it stands, and a person is shown and erased without a case or a line of the log going."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from bot.people.records import HEADINGS
from bot.refusal import Refused
from bot.services import Services
from bot.spreadsheet import as_csv
from storage.personal_data import keys_in
from storage.tables import Follow
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, report_of

KARI = "U0KARI0001"


async def reported(services: Services) -> str:
    """Kari has reported Valtrex and follows it, and Siri has taken the case; its number."""
    kari, siri = await services.people.actor(KARI), await services.people.actor(SIRI)
    number = (
        await services.reporting.report(
            report_of(medicine(services, "valtrex tab 500 mg")), kari, key=f"action:{KARI}:1"
        )
    ).number
    await services.cases.take(number, siri, key=f"action:{SIRI}:1")
    return number


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    async with database.read() as session:
        return {
            table.name: [dict(row) for row in (await session.execute(select(*table.columns))).mappings()]
            for table in SQLModel.metadata.sorted_tables
        }


async def test_a_cases_log_says_who_did_what_and_is_exported_with_nothing_a_spreadsheet_would_run(
    services: Services, database: Database
) -> None:
    number = await reported(services)
    async with database.unit_of_work() as uow:
        uow.record(f"case:{number}", "updated", by=None, substitute=["=1+1", "@SUM(A1)"])
    lines = await services.records.log_of_case(number)
    assert [line.action for line in lines][-2:] == ["taken", "updated"]
    assert {line.who for line in lines} >= {KARI, SIRI, None}
    sheet = as_csv([HEADINGS, *(row for line in lines for row in line.rows())]).decode("utf-8-sig")
    assert "'=1+1;'@SUM(A1)" in sheet
    assert sheet.splitlines()[0] == "tidspunkt;hvem;hva;handling;felt;før;etter"
    with pytest.raises(Refused, match="Fant ikke sak 2031-0001"):
        await services.records.log_of_case("2031-0001")


async def test_a_person_gets_all_that_is_stored_of_them(services: Services) -> None:
    await reported(services)
    found = await services.records.export(KARI)
    assert set(found) >= {"person", "shortage_report", "audit", "outbox"}
    json.dumps(found)


async def test_an_erased_person_stands_nowhere_and_no_case_report_or_line_of_the_log_goes(
    services: Services, database: Database
) -> None:
    number = await reported(services)
    key = (await services.people.actor(KARI)).person
    async with database.unit_of_work() as uow:
        await uow.add(Follow(target=KARI, kind="case", subject=number, label=number, since=uow.now, by=key))
        mention = [{"type": "section", "text": {"type": "mrkdwn", "text": f"Meldt av <@{KARI}>"}}]
        await uow.say("mentions", "C0CASES001", f"Meldt av <@{KARI}>", mention)
        await uow.say("direct", KARI, "Til deg", [])
    before = await everything(database)
    await services.records.erase(KARI)
    after = await everything(database)
    assert KARI not in str(after)
    for name in ("audit", "shortage_case", "shortage_report", "person"):
        assert [row["id"] for row in after[name]][: len(before[name])] == [row["id"] for row in before[name]], name
    assert after["audit"][: len(before["audit"])] == before["audit"]
    assert after["shortage_report"] == before["shortage_report"]
    direct = next(row for row in after["outbox"] if row["key"] == "direct")
    assert (direct["state"], direct["text"], direct["channel"]) == ("superseded", "", "slettet")
    assert next(row for row in after["outbox"] if row["key"] == "mentions")["text"] == "Meldt av slettet"
    with pytest.raises(Refused, match="Ingen er kjent som"):
        await services.records.export(KARI)
    assert (await services.people.actor(KARI)).person != key


def test_every_column_that_names_a_person_points_at_their_key() -> None:
    """A Slack id stands only where people are told: a new column for a person is a key, or erasing would miss it."""
    pointing = {f"{table.name}.{one.name}" for table in SQLModel.metadata.sorted_tables for one in keys_in(table)}
    said = ("person", "_by", "reporter", "owner", "assignee", "by")
    named = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if column.name == "by" or column.name.endswith(said)
    }
    assert named - pointing == WRITTEN_NAMES


WRITTEN_NAMES = {
    "candidate_link.signed_by",  # a pharmacist's name as it was signed, before there were assessments
    "inquiry.reply_by",  # a deadline
    "inquiry_answer.came_by",  # how it came
    "inquiry_answer.told_by",  # who told it, as it was written
    "panel_member.appointed_by",  # who appointed them, as it was written
    "shortage_report.came_by",  # how it came: by telephone, by e-mail
    "shortage_report.told_by",  # who told it, as it was written
    "outbox.claimed_by",  # a worker
    "stock_item.stated_by",  # who stated a figure, as it was written
    "stock_pool.drawn_by",  # whose demand
    "stock_item.drawn_by",
    "stock_pool.owner",  # an organisation
}
"""Columns whose name looks like a person's and that hold none, or words that somebody signed."""
