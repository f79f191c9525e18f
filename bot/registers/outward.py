"""Our published shortages in the shapes that other registers publish theirs in, and as a draft of FEST's own warning.

Only what anyone may read goes in (`PublishedShortage`): a field that a shape has and we do not publish stays empty.
Pure: values in, text out.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from bot.spreadsheet import harmless

NAMING = "http://dmp.no/fhir/NamingSystem/"
"""DMP's FHIR naming systems for FEST's ids, as the national profiles for medicines write them."""

ATC_SYSTEM = "http://www.whocc.no/atc"
M30 = "http://www.kith.no/xmlstds/eresept/m30/2014-12-01"
WARNING_TYPES = "2.16.578.1.12.4.1.1.7441"
SHOWN_TO = "2.16.578.1.12.4.1.1.7442"
"""Code systems of a warning's type and of whom it is shown to, as FEST's own warnings have them."""


class FestKind(StrEnum):
    """What a FEST id is the id of; the value is the end of its naming system's address."""

    PREPARATION = "festLegemiddelMerkevare"
    PACKAGE = "festLegemiddelPakning"

    @property
    def system(self) -> str:
        """The naming system."""
        return NAMING + self.value


@dataclass(frozen=True, slots=True)
class Identifier:
    """A stable identifier: its system, its value, and what it names."""

    system: str
    value: str
    display: str = ""

    def as_json(self) -> dict[str, str]:
        """As a FHIR coding has it."""
        coding = {"system": self.system, "code": self.value}
        return coding | {"display": self.display} if self.display else coding


def fest_id(kind: FestKind, id: str, display: str = "") -> Identifier | None:
    """The identifier of something in FEST; None for what the centre added itself, whose ids are nobody else's."""
    return Identifier(kind.system, id, display) if id.startswith("ID_") else None


class PublishedStatus(StrEnum):
    """Where a published shortage stands."""

    UPCOMING = "upcoming"
    ONGOING = "ongoing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class PublishedShortage:
    """A published case as anyone may read it: no figures, no places, no causes. `identifiers` are FEST's and ATC."""

    number: str
    name: str
    substance: str
    atc: str | None
    form: str
    strength: str
    status: PublishedStatus
    expected_end: dt.date | None
    advice: str | None
    changed_on: dt.date
    identifiers: tuple[Identifier, ...] = ()

    @property
    def preparations(self) -> tuple[Identifier, ...]:
        """FEST's preparations among the identifiers."""
        return tuple(one for one in self.identifiers if one.system == FestKind.PREPARATION.system)

    @property
    def packages(self) -> tuple[Identifier, ...]:
        """FEST's packages among the identifiers."""
        return tuple(one for one in self.identifiers if one.system == FestKind.PACKAGE.system)


class Shape(StrEnum):
    """Whose shape: EMA's catalogue, openFDA's answer, Canada's file."""

    EMA = "ema"
    OPENFDA = "openfda"
    CANADA = "canada"


def in_shape(shape: Shape, shortages: Sequence[PublishedShortage], today: dt.date) -> bytes:
    """The shortages as that register would give them: JSON, for Canada CSV."""
    match shape:
        case Shape.EMA:
            return _json([_ema(one) for one in shortages if one.status is not PublishedStatus.UPCOMING])
        case Shape.OPENFDA:
            results = [_openfda(one) for one in shortages if one.status is not PublishedStatus.UPCOMING]
            count = {"skip": 0, "limit": len(results), "total": len(results)}
            return _json({"meta": {"last_updated": today.isoformat(), "results": count}, "results": results})
        case Shape.CANADA:
            return _canada(shortages)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def _ema(one: PublishedShortage) -> dict[str, object]:
    """EMA has two statuses; what has not begun is none of them."""
    return {
        "medicine_affected": one.name,
        "supply_shortage_status": "Resolved" if one.status is PublishedStatus.RESOLVED else "Ongoing",
        "international_non_proprietary_name_inn_or_common_name": one.substance,
        "atc_code": one.atc or "",
        "pharmaceutical_forms_affected": one.form,
        "strengths_affected": one.strength,
        "start_of_shortage_date": "",
        "expected_resolution_date": f"{one.expected_end:%d/%m/%Y}" if one.expected_end else "",
        "last_updated_date": f"{one.changed_on:%d/%m/%Y}",
        "shortage_url": "",
        "identifiers": [each.as_json() for each in one.identifiers],
    }


def _openfda(one: PublishedShortage) -> dict[str, object]:
    return {
        "generic_name": one.substance,
        "proprietary_name": one.name,
        "company_name": "",
        "dosage_form": one.form,
        "strength": [one.strength] if one.strength else [],
        "presentation": one.name,
        "package_ndc": "",
        "status": "Resolved" if one.status is PublishedStatus.RESOLVED else "Current",
        "availability": "",
        "shortage_reason": "",
        "related_info": one.advice or "",
        "update_date": f"{one.changed_on:%m/%d/%Y}",
        "atc_code": one.atc or "",
        "identifiers": [each.as_json() for each in one.identifiers],
    }


_CANADA = (
    "Report ID", "Drug Identification Number", "Report Type", "Brand name", "Company Name", "Common or Proper name",
    "Ingredients", "Strength(s)", "Packaging size", "Route of administration", "Shortage status", "Dosage form(s)",
    "Anticipated start date", "Actual start date", "Estimated end date", "Actual end date", "Reason", "Date Created",
    "Date Updated", "Tier 3", "ATC", "FEST preparation",
)  # fmt: skip
_CANADAS_STATUS = {
    PublishedStatus.UPCOMING: "Anticipated shortage",
    PublishedStatus.ONGOING: "Actual shortage",
    PublishedStatus.RESOLVED: "Resolved",
}


def _canada(shortages: Sequence[PublishedShortage]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _CANADA, restval="")
    writer.writeheader()
    for one in shortages:
        row = {
            "Report ID": one.number,
            "Report Type": "Shortage",
            "Brand name": one.name,
            "Ingredients": one.substance,
            "Strength(s)": one.strength,
            "Shortage status": _CANADAS_STATUS[one.status],
            "Dosage form(s)": one.form,
            "Estimated end date": one.expected_end.isoformat() if one.expected_end else "",
            "Date Updated": one.changed_on.isoformat(),
            "ATC": one.atc or "",
            "FEST preparation": " ".join(each.value for each in one.preparations),
        }
        writer.writerow({name: harmless(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


# --- FEST's own warning ---


def warning_draft(one: PublishedShortage, at: dt.datetime) -> bytes:
    """A draft of a VarselSlv of type 2 (Leveringssvikt) in an M30 document that validates, for DMP to judge.

    It points at the packages where the case names some, else at the preparations; each stands in the document as an
    entry without content, since M30 refers to what is in it. The same case has the same id each time. Raises
    `ValueError` where the case names nothing that FEST has: such a warning would be about nothing.
    """
    about, kind, entry = one.packages, ("2", "LegemiddelpakningId"), ("KatLegemiddelpakning", "OppfLegemiddelpakning")
    if not about:
        about, kind = one.preparations, ("1", "LegemiddelMerkevareId")
        entry = ("KatLegemiddelMerkevare", "OppfLegemiddelMerkevare")
    if not about:
        raise ValueError(one.number)
    moment = at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = etree.Element(_m30("FEST"), nsmap={"m30": M30})
    document.append(etree.Comment(" Utkast fra Mangelsenteret, ikke et varsel fra DMP. "))
    _said(document, "HentetDato", moment)
    listed = etree.SubElement(document, _m30(entry[0]))
    for each in about:
        _entry(listed, entry[1], each.value, moment)
    warnings = etree.SubElement(document, _m30("KatVarselSlv"))
    own_id = f"ID_{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:mangelvakt:{one.number}')}".upper()
    warning = etree.SubElement(_entry(warnings, "OppfVarselSlv", own_id, moment), _m30("VarselSlv"))
    _coded(warning, "Type", "2", "Leveringssvikt", WARNING_TYPES)
    _said(warning, "Overskrift", f"Mangel på {one.name}")
    _said(warning, "Varseltekst", _words(one))
    _coded(warning, "Visningsregel", "3", "Sykehus", SHOWN_TO)
    _said(warning, "FraDato", one.changed_on.isoformat())
    reference = etree.SubElement(warning, _m30("Referanseelement"))
    _coded(reference, "Klasse", *kind)
    for each in about:
        _said(reference, "RefElement", each.value)
    return etree.tostring(document, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _words(one: PublishedShortage) -> str:
    """What a warning says: when it is expected to be over, and the advice as it was published."""
    if one.status is PublishedStatus.RESOLVED:
        said = ["Mangelen er over."]
    elif one.expected_end is not None:
        said = [f"Ventes løst {one.expected_end:%d.%m.%Y}."]
    else:
        said = ["Sluttdato ukjent."]
    if one.advice:
        said.append(f"Råd fra Mangelsenteret: {one.advice}")
    return _xml_text(" ".join(said))


def _m30(name: str) -> str:
    return f"{{{M30}}}{name}"


def _entry(parent: etree._Element, name: str, id: str, moment: str) -> etree._Element:
    entry = etree.SubElement(parent, _m30(name))
    _said(entry, "Id", id)
    _said(entry, "Tidspunkt", moment)
    _coded(entry, "Status", "A", "Aktiv oppføring")
    return entry


def _said(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _m30(name)).text = _xml_text(text)


def _coded(parent: etree._Element, name: str, code: str, words: str, system: str | None = None) -> None:
    element = etree.SubElement(parent, _m30(name))
    element.set("V", code)
    if system is not None:
        element.set("S", system)
    element.set("DN", words)


def _xml_text(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return "".join(char for char in text if char in "\t\n\r" or (ord(char) >= 32 and ord(char) not in (0xFFFE, 0xFFFF)))
