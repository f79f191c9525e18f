"""FEST, the register of Norwegian medicines: its M30 XML and the brand list as CSV, read row by row.

Source: FEST, Direktoratet for medisinske produkter (NLOD). The full XML is about 118 MB, so nothing is held
but the row being read.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from lxml import etree

from bot.catalogue.preparation import Authorisation, Preparation
from bot.messages.phrase import Phrase, phrase

_NO_AUTHORISATION = {"11"}  # Preparattype 11: "Krever godkjenningsfritak"
_AUTHORISATION_NOT_SAID = {"9", "15"}  # NAF- and hospital preparations: made in pharmacies
_FOOD_SUPPLEMENT = "K"
_TEXTS = ("NavnFormStyrke", "Varenavn", "Produsent")
_CSV_COLUMNS = ("id", "varenavn", "navnFormStyrke", "atc", "virkestoff")
_LARGEST_UNPACKED_BYTES = 2_000_000_000


class RegisterFault(Exception):
    """A register's file cannot be read. `str()` is one line in bokmål that says what and where."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(str(reason))
        self.reason = reason


def read_fest(source: str | Path | IO[bytes]) -> Iterator[Preparation]:
    """The active preparations of a FEST M30 file, in its order.

    `source` is a path or an open binary file: the XML itself, or a zip with one XML in it; namespaces are
    optional. Entities are not expanded, nothing outside the file is fetched. Food supplements
    (reseptgruppe K) are left out. The substance is the ATC name, as in DMP's own brand list.

    Raises `RegisterFault` for what is no FEST file.
    """
    with ExitStack() as held:
        file = held.enter_context(Path(source).open("rb")) if isinstance(source, str | Path) else source
        start = file.read(4)
        file.seek(0)
        if start == b"PK\x03\x04":
            file = held.enter_context(_unzipped(file))
        yield from _preparations(file)


def _unzipped(file: IO[bytes]) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(file)
        inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml")]
    except zipfile.BadZipFile as fault:
        raise RegisterFault(phrase("Zip-filen er ødelagt.")) from fault
    if len(inside) != 1:
        raise RegisterFault(phrase("Zip-filen skal inneholde én XML-fil; denne har {count}.", count=len(inside)))
    if inside[0].file_size > _LARGEST_UNPACKED_BYTES:
        raise RegisterFault(phrase("XML-filen i zip-filen er for stor."))
    return archive.open(inside[0])


def _preparations(file: IO[bytes]) -> Iterator[Preparation]:
    found = False
    try:
        parsing = etree.iterparse(
            file, events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )
        for _, element in parsing:
            kind = _local(element)
            if kind == "OppfLegemiddelMerkevare":
                found = True
                preparation = _preparation(element)
                if preparation is not None:
                    yield preparation
            if kind.startswith("Oppf"):
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as fault:
        raise RegisterFault(phrase("Filen er ikke lesbar XML (linje {line}).", line=fault.lineno or 1)) from fault
    if not found:
        raise RegisterFault(phrase("Filen har ingen legemidler: er det en FEST M30-fil?"))


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _preparation(entry: etree._Element) -> Preparation | None:
    """The preparation in one entry of the catalogue; None for one that is no longer active or no medicine."""
    values: dict[str, str] = {}
    names: dict[str, str] = {}
    status = "A"
    for element in entry.iter():
        tag = _local(element)
        if tag == "Status" and element.getparent() is entry:
            status = element.get("V", "A")
        elif tag in ("Atc", "Preparattype", "Reseptgruppe"):
            values.setdefault(tag, element.get("V", ""))
            names.setdefault(tag, element.get("DN", ""))
        elif tag in ("NavnFormStyrke", "Varenavn", "Produsent") or (tag == "Id" and element.getparent() is not entry):
            values.setdefault(tag, (element.text or "").strip())
    name, brand = values.get("NavnFormStyrke", ""), values.get("Varenavn", "")
    if status != "A" or values.get("Reseptgruppe") == _FOOD_SUPPLEMENT or not (name and values.get("Id")):
        return None
    kind = values.get("Preparattype", "")
    if kind in _NO_AUTHORISATION:
        authorised = Authorisation.NO
    elif not kind or kind in _AUTHORISATION_NOT_SAID:
        authorised = Authorisation.UNKNOWN
    else:
        authorised = Authorisation.YES
    return Preparation(
        id=values["Id"],
        brand=brand or name,
        name=name,
        atc=_atc(values.get("Atc", "")),
        substance=names.get("Atc", "") or brand,
        supplier=values.get("Produsent", ""),
        authorised=authorised,
        source="FEST, Direktoratet for medisinske produkter",
    )


def _atc(code: str) -> str | None:
    """The code, or None for what is none ("WITHOUT")."""
    code = code.strip().upper()
    return code if 0 < len(code) <= 7 and code[1:3].isdigit() | (len(code) == 1) else None


def read_brand_csv(
    source: str | Path | IO[str], *, published: str = "FEST, Direktoratet for medisinske produkter"
) -> Iterator[Preparation]:
    """The preparations of the brand list as CSV (`id, varenavn, navnFormStyrke, atc, virkestoff, produsent,
    reseptgruppe`; comma or semicolon), food supplements left out. `published` becomes each one's source.

    Whether a preparation has a marketing authorisation the list does not say: unknown.

    Raises `RegisterFault` for a missing column, an empty id or name, and what is no text.
    """
    with ExitStack() as held:
        if isinstance(source, str | Path):
            file: IO[str] = held.enter_context(Path(source).open(encoding="utf-8-sig", newline=""))
        else:
            file = source
        try:
            yield from _rows(file, published)
        except UnicodeDecodeError as fault:
            raise RegisterFault(phrase("Filen er ikke tekst i UTF-8.")) from fault
        except csv.Error as fault:
            raise RegisterFault(phrase("Filen er ikke lesbar CSV.")) from fault


def _rows(file: IO[str], published: str) -> Iterator[Preparation]:
    first = file.readline().lstrip("\ufeff")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    header = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    missing = [column for column in _CSV_COLUMNS if column not in header]
    if missing:
        raise RegisterFault(phrase("Legemiddellisten mangler kolonnen {columns}.", columns=", ".join(missing)))
    for number, row in enumerate(csv.DictReader(file, fieldnames=header, delimiter=delimiter), start=2):
        if (row.get("reseptgruppe") or "") == _FOOD_SUPPLEMENT:
            continue
        if not (row["id"] and row["varenavn"] and row["navnFormStyrke"]):
            raise RegisterFault(
                phrase("Legemiddellisten, rad {row}: id, varenavn eller navnFormStyrke mangler.", row=number)
            )
        yield Preparation(
            id=row["id"],
            brand=row["varenavn"],
            name=row["navnFormStyrke"],
            atc=_atc(row["atc"] or ""),
            substance=row["virkestoff"] or row["varenavn"],
            supplier=row.get("produsent") or "",
            source=published,
        )
