"""Files out, over both databases: all of it for the centre, only what anyone may read for others."""

from __future__ import annotations

import csv
import io
import json

import pytest
import python_calamine
from lxml import etree

from bot.cases.exporting import table_of
from bot.cases.opening import name_preparation, open_case
from bot.cases.vocabulary import Source, Visibility
from bot.messages.phrase import phrase
from bot.people.roles import Actor
from bot.refusal import Refused
from bot.registers.outward import Shape, in_shape
from bot.services import Services
from storage.cases import by_number
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of

SECRET = "HEMMELIG"


@pytest.fixture
async def siri(services: Services) -> Actor:
    return await person(services, SIRI)


@pytest.fixture
async def cases(services: Services, database: Database, siri: Actor) -> tuple[str, str]:
    """A published case and an internal one, both with things that only the centre may read; their numbers."""
    rolf = await person(services, "U0ROLF0001")
    await services.reporting.report(
        report_of(medicine(services, "Valtrex tab 500 mg"), place=SECRET, note=SECRET), rolf, key=None
    )
    async with database.unit_of_work() as uow:
        meant = medicine(services, "Zyprexa tab 10 mg")
        internal = await open_case(uow, meant, source=Source.DMP, by=siri.person)
        await name_preparation(uow, internal, meant)
        internal.visibility, internal.substitute = Visibility.INTERNAL.value, "=cmd|' /C calc'!A0"
    async with database.unit_of_work() as uow:
        published = await by_number(uow.session, "2025-0001")
        assert published is not None
        published.visibility, published.advice = Visibility.PUBLISHED.value, "Bytt til aciklovir."
        published.substitute = published.decision_question = published.patient_consequences = SECRET
    return "2025-0001", internal.number


async def test_the_centres_file_has_every_case_and_no_formula(services: Services, cases: tuple[str, str]) -> None:
    table = await services.export.cases()
    rows = list(csv.DictReader(io.StringIO(table.as_file("csv").decode("utf-8-sig")), delimiter=";"))
    assert [row["saksnummer"] for row in rows] == list(cases)
    assert rows[1]["erstatning"].startswith("'=cmd")
    assert rows[1]["kilde"] == "DMP" and "N05AH03" in rows[1]["identifikatorer"]
    sheet = python_calamine.load_workbook(io.BytesIO(table.as_file("xlsx"))).get_sheet_by_index(0).to_python()
    assert sheet[0][0] == "saksnummer" and len(sheet) == 3
    (first, second) = json.loads(table.as_file("json"))
    assert first["identifikatorer"][0]["system"].startswith("http://dmp.no/fhir/NamingSystem/fest")
    assert second["status"] == "Pågående"


async def test_nothing_that_is_not_published_leaves_the_house(services: Services, cases: tuple[str, str]) -> None:
    shortages = await services.export.published()
    assert [one.number for one in shortages] == ["2025-0001"]
    made = [in_shape(shape, shortages, shortages[0].changed_on) for shape in Shape]
    made += [(await services.export.published_cases()).as_file(form) for form in ("csv", "json")]
    made.append(await services.export.warning("2025-0001"))
    for content in made:
        text = content.decode("utf-8-sig")
        assert SECRET not in text and "Zyprexa" not in text and "Tromsø" not in text
        assert "Valtrex" in text


async def test_a_warning_is_drafted_of_a_published_case_only(services: Services, cases: tuple[str, str]) -> None:
    draft = etree.fromstring(await services.export.warning(cases[0]))
    assert [str(one.text).startswith("ID_") for one in draft.iter("{*}RefElement")] != []
    assert next(draft.iter("{*}Overskrift")).text == "Mangel på Valtrex tab 500 mg"
    for number in (cases[1], "2025-9999"):
        with pytest.raises(Refused, match="ikke publisert"):
            await services.export.warning(number)


async def test_without_cases_the_files_have_their_headings(services: Services) -> None:
    table = await services.export.cases()
    assert table.as_file("csv").decode("utf-8-sig").startswith("saksnummer;preparat;")
    assert json.loads(table.as_file("json")) == []
    assert table_of(phrase("Lager"), []).as_file("csv") == b"\xef\xbb\xbf\r\n"
