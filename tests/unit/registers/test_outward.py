"""What is published, in other registers' shapes: each is read back by our own reader of that register."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from lxml import etree

from bot.registers.abroad import REGISTERS, read_abroad
from bot.registers.notices import NoticeStatus
from bot.registers.outward import (
    ATC_SYSTEM,
    FestKind,
    Identifier,
    PublishedShortage,
    PublishedStatus,
    Shape,
    fest_id,
    in_shape,
    warning_draft,
)

TODAY = dt.date(2025, 7, 14)
NOW = dt.datetime(2025, 7, 14, 9, 30, tzinfo=dt.UTC)
PREPARATION = Identifier(FestKind.PREPARATION.system, "ID_8900C2B1-2E56-4E61-B241-233A7EEC22F5", "Valtrex tab 500 mg")
PACKAGE = Identifier(FestKind.PACKAGE.system, "ID_01CAE559-E483-4769-854A-30C3296AFE2E", "Valtrex 42 stk")
SCHEMA = Path(__file__).parents[4] / "shared/data/catalogue/fest_xsd/R1808-eResept-M30-2014-12-01/ER-M30-2014-12-01.xsd"


def shortage(
    number: str = "2025-0147",
    status: PublishedStatus = PublishedStatus.ONGOING,
    advice: str | None = "Bytt til aciklovir.",
    identifiers: tuple[Identifier, ...] = (PREPARATION, Identifier(ATC_SYSTEM, "J05AB11")),
) -> PublishedShortage:
    return PublishedShortage(
        number=number,
        name="Valtrex tab 500 mg",
        substance="Valaciklovir",
        atc="J05AB11",
        form="tab",
        strength="500 mg",
        status=status,
        expected_end=dt.date(2025, 9, 3),
        advice=advice,
        changed_on=dt.date(2025, 7, 10),
        identifiers=identifiers,
    )


THREE = [
    shortage(),
    shortage("2025-0148", PublishedStatus.RESOLVED),
    shortage("2025-0149", PublishedStatus.UPCOMING, advice='=HYPERLINK("x")'),
]


@pytest.mark.parametrize("shape", list(Shape))
def test_each_shape_is_read_by_the_reader_of_its_register(shape: Shape) -> None:
    register = REGISTERS[shape.value]
    made = in_shape(shape, THREE, TODAY)
    read = read_abroad(register, made, f"out.{shape}")
    assert read.faults == ()
    assert {row.name.split(",")[0] for row in read.rows} <= {"Valtrex tab 500 mg", "Valaciklovir"}
    statuses = [row.status for row in read.rows]
    assert statuses[:2] == [NoticeStatus.ONGOING, NoticeStatus.ENDED]
    if shape is Shape.CANADA:
        assert statuses[2] is NoticeStatus.UPCOMING
    if shape is not Shape.OPENFDA:
        assert read.rows[0].end == dt.date(2025, 9, 3)


def test_identifiers_stand_under_dmps_naming_systems() -> None:
    (first, *_) = json.loads(in_shape(Shape.EMA, THREE, TODAY))
    assert first["identifiers"] == [
        {
            "system": "http://dmp.no/fhir/NamingSystem/festLegemiddelMerkevare",
            "code": "ID_8900C2B1-2E56-4E61-B241-233A7EEC22F5",
            "display": "Valtrex tab 500 mg",
        },
        {"system": "http://www.whocc.no/atc", "code": "J05AB11"},
    ]
    assert fest_id(FestKind.PREPARATION, "egen:7") is None


def test_what_has_not_begun_is_none_of_emas_and_openfdas_statuses() -> None:
    assert len(json.loads(in_shape(Shape.EMA, THREE, TODAY))) == 2
    answer = json.loads(in_shape(Shape.OPENFDA, THREE, TODAY))
    assert answer["meta"]["results"]["total"] == len(answer["results"]) == 2


def test_no_cell_of_canadas_file_is_a_formula() -> None:
    made = in_shape(Shape.CANADA, [shortage("=1+1")], TODAY).decode("utf-8-sig")
    assert "\n'=1+1," in made.replace("\r\n", "\n")


# --- FEST's warning ---


def test_a_draft_validates_and_points_at_packages_before_preparations() -> None:
    for identifiers, refers_to in (((PREPARATION, PACKAGE), PACKAGE), ((PREPARATION,), PREPARATION)):
        draft = warning_draft(shortage(identifiers=identifiers, advice="Ring\x00 <&>"), NOW)
        tree = etree.fromstring(draft)
        assert [one.text for one in tree.iter("{*}RefElement")] == [refers_to.value]
        assert "Råd fra Mangelsenteret: Ring <&>" in str(next(tree.iter("{*}Varseltekst")).text)
        if SCHEMA.is_file():
            schema = etree.XMLSchema(etree.parse(SCHEMA))
            assert schema.validate(tree), schema.error_log


def test_the_same_case_has_the_same_id_each_time_and_another_case_another() -> None:
    def own_id(number: str, at: dt.datetime) -> str:
        entry = next(etree.fromstring(warning_draft(shortage(number), at)).iter("{*}OppfVarselSlv"))
        return str(next(entry.iter("{*}Id")).text)

    assert own_id("2025-0147", NOW) == own_id("2025-0147", NOW + dt.timedelta(days=3))
    assert own_id("2025-0147", NOW) != own_id("2025-0148", NOW)


def test_a_case_about_nothing_in_fest_has_no_warning() -> None:
    with pytest.raises(ValueError, match="2025-0147"):
        warning_draft(shortage(identifiers=(Identifier(ATC_SYSTEM, "J05AB11"),)), NOW)
