"""FEST, the register of Norwegian medicines: its M30 XML read entry by entry, and the brand list as CSV.

Source: FEST, Direktoratet for medisinske produkter (NLOD). The full XML is about 118 MB; only the entry being read
is held as XML, and what is kept of it as plain values.
"""

from __future__ import annotations

import csv
import datetime as dt
import gc
import io
import math
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from lxml import etree

from bot.catalogue.preparation import Authorisation, Preparation
from bot.messages.phrase import Phrase, phrase
from bot.registers.progress import Progress, unheard

SOURCE = "FEST, Direktoratet for medisinske produkter"

_NO_AUTHORISATION = {"11"}  # Preparattype 11: "Krever godkjenningsfritak"
_AUTHORISATION_NOT_SAID = {"9", "15"}  # NAF- and hospital preparations: made in pharmacies
_FOOD_SUPPLEMENT = "K"
_WITH_SUBSTANCE = {"SortertVirkestoffMedStyrke", "SortertVirkestoffUtenStyrke"}
_SHORTAGE = "2"  # VarselSlv's type: "Leveringssvikt"
_CSV_COLUMNS = ("id", "varenavn", "navnFormStyrke", "atc", "virkestoff")
_LARGEST_BYTES = 1_000_000_000
_ENTRIES = (
    "OppfByttegruppe",
    "OppfDiagnose",
    "OppfHandelsvare",
    "OppfInteraksjon",
    "OppfKodeverk",
    "OppfLegemiddelMerkevare",
    "OppfLegemiddelVirkestoff",
    "OppfLegemiddeldose",
    "OppfLegemiddelpakning",
    "OppfOrdineringVirkestoff",
    "OppfRefusjon",
    "OppfStrDosering",
    "OppfVarselSlv",
    "OppfVilkar",
    "OppfVirkestoff",
)
"""Every kind of entry in M30: those that are not read are let go of as they pass."""
_READ = {
    "OppfByttegruppe": "Byttegruppe",
    "OppfLegemiddelMerkevare": "LegemiddelMerkevare",
    "OppfLegemiddelpakning": "Legemiddelpakning",
    "OppfVarselSlv": "VarselSlv",
    "OppfVirkestoff": "",  # one of two: the substance, or the substance with a strength
}
"""Entry → what is read in it."""


class RegisterFault(Exception):
    """A register's file cannot be read. `str()` is one line in bokmål that says what and where."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An active substance of a preparation; `parent` is what a salt is a salt of. Unknown is None."""

    substance: str
    parent: str | None
    strength: str | None


@dataclass(frozen=True, slots=True)
class Registered:
    """A preparation with what only the M30 file says: its kind (Preparattype), prescription group, ingredients.

    `preparation.exchange_group` is the one group that those of its packages which have one agree on.
    """

    preparation: Preparation
    kind: str
    prescription_group: str
    ingredients: tuple[Ingredient, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A package (FEST: Legemiddelpakning).

    `size` as written ("6 x 250"), in `unit`; `ddd` is the substance's defined daily dose, in `ddd_unit`. `marketed_on`,
    `paused_on` and `left_on`: the first day on the market, of being out for a time, of being deregistered.
    `preparation_id` is None for a set of several preparations.
    """

    id: str
    article: str | None
    ean: str | None
    name: str
    preparation_id: str | None
    size: str | None
    unit: str | None
    ddd: float | None
    ddd_unit: str | None
    exchange_group: str | None
    marketed_on: dt.date | None
    paused_on: dt.date | None
    left_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ShortageWarning:
    """A shortage that the register itself warns of, as it is headed; `names` are the preparations it points at."""

    heading: str
    since: dt.date | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fest:
    """What a FEST file says. `fetched_on` is the date it gives itself; `warnings` counts those of every kind."""

    fetched_on: dt.date | None
    preparations: tuple[Registered, ...]
    packages: tuple[Package, ...]
    exchange_groups: int
    warnings: int
    shortages: tuple[ShortageWarning, ...]


def read_fest(source: str | Path | IO[bytes], *, progress: Progress = unheard) -> Fest:
    """What a FEST M30 file says now, in its order: active entries only.

    `source` is a path or an open binary file: the XML itself, or a zip with one XML in it; namespaces are
    optional. A document type is refused, so nothing is expanded and nothing outside the file is fetched. Food
    supplements (reseptgruppe K) are left out, with their packages. The substance is the ATC name, as in DMP's own
    brand list.

    Raises `RegisterFault` for what is no whole FEST file.
    """
    with ExitStack() as held:
        file = held.enter_context(Path(source).open("rb")) if isinstance(source, str | Path) else source
        size = file.seek(0, os.SEEK_END)
        if size > _LARGEST_BYTES:
            raise _too_large()
        file.seek(0)
        start = file.read(4)
        file.seek(0)
        try:
            if start == b"PK\x03\x04":
                file, size = _unzipped(file)
                held.enter_context(file)
            held.enter_context(cycles_left_alone())
            return _Reading().of(file, progress, size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as fault:
            raise RegisterFault(phrase("Zip-filen er ødelagt.")) from fault


@contextmanager
def cycles_left_alone() -> Iterator[None]:
    """Python's search for cycles rests meanwhile: what is read makes none, and they cost a tenth of the time."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def _too_large() -> RegisterFault:
    return RegisterFault(phrase("Filen er for stor: FEST er under {most} MB.", most=_LARGEST_BYTES // 1_000_000))


def _unzipped(file: IO[bytes]) -> tuple[IO[bytes], int]:
    archive = zipfile.ZipFile(file)
    inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml")]
    if len(inside) != 1:
        raise RegisterFault(phrase("Zip-filen skal inneholde én XML-fil; denne har {count}.", count=len(inside)))
    if inside[0].file_size > _LARGEST_BYTES:
        raise _too_large()
    try:
        return archive.open(inside[0]), inside[0].file_size
    except (RuntimeError, NotImplementedError) as fault:  # a password, or a way of packing that Python lacks
        raise RegisterFault(
            phrase("Zip-filen kan ikke pakkes ut: den er låst eller pakket på en ukjent måte.")
        ) from fault


ENTRIES_A_TIME = 500
"""Entries between two looks at how far the file has been read."""


@dataclass(slots=True)
class _Reading:
    """What has been read so far; references are put together at the end, since they point forwards too."""

    fetched_on: dt.date | None = None
    brands: list[_Brand] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)
    supplements: set[str] = field(default_factory=set)
    substances: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    strengths: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    warnings: int = 0
    shortages: list[tuple[str, dt.date | None, tuple[str, ...]]] = field(default_factory=list)

    def of(self, file: IO[bytes], progress: Progress = unheard, size: int = 0) -> Fest:
        """Everything in the file. Raises `RegisterFault`, or what the file's own reading raises."""
        tags = ["{*}" + kind for kind in (*_ENTRIES, "HentetDato")]
        try:
            parsing = etree.iterparse(
                file,
                events=("start",),  # the one before is whole when an entry begins: half the calls that ends would make
                tag=tags,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                collect_ids=False,
                remove_blank_text=True,  # half of all nodes, and nothing reads them
            )
            root = before = None
            for number, (_, element) in enumerate(parsing):
                if root is None:
                    root = _root(element)
                if number % ENTRIES_A_TIME == 0:
                    progress(file.tell(), size)
                _refuse_misplaced(element, before, root)
                if before is not None:
                    self._pass(before)
                before = element
            if before is not None:
                self._pass(before)
        except etree.XMLSyntaxError as fault:
            raise RegisterFault(phrase("Filen er ikke lesbar XML (linje {line}).", line=fault.lineno or 1)) from fault
        if not self.brands:
            raise RegisterFault(phrase("Filen har ingen legemidler: er det en FEST M30-fil?"))
        return self._together()

    def _pass(self, element: etree._Element) -> None:
        """Read a whole entry, or the date, and let go of it."""
        kind = _local(element)
        if kind == "HentetDato":
            self.fetched_on = _day(element.text)
        elif kind in _READ:
            entry = _entry(element, _READ[kind])
            if entry is not None:
                self._read(kind, entry)
        parent = element.getparent()
        element.clear()
        if parent is not None:
            parent.remove(element)

    def _read(self, kind: str, entry: etree._Element) -> None:
        if kind == "OppfLegemiddelMerkevare":
            self._brand(entry)
        elif kind == "OppfLegemiddelpakning":
            self._package(entry)
        elif kind == "OppfVirkestoff":
            self._substance(entry)
        elif kind == "OppfByttegruppe":
            self._group(entry)
        else:
            self._warning(entry)

    def _brand(self, entry: etree._Element) -> None:
        parts: dict[str, etree._Element] = {}
        contents = []
        for part in entry:  # once: every look at a child is an object made
            of = _NAMES[part.tag]
            if of in _WITH_SUBSTANCE:
                contents.append(part)
            else:
                parts.setdefault(of, part)
        id, name = _needed(entry, parts, "Id", 60), _needed(entry, parts, "NavnFormStyrke", 400)
        group, kind, atc = _code(parts.get("Reseptgruppe")), _code(parts.get("Preparattype")), parts.get("Atc")
        if group == _FOOD_SUPPLEMENT:
            self.supplements.add(id)
            return
        brand = _text(parts.get("Varenavn")) or name
        about = parts.get("ProduktInfo")
        strengths = [
            reference
            for one in contents
            for part in one
            if _NAMES[part.tag].startswith("Ref") and (reference := _text(part))
        ]
        self.brands.append(
            _Brand(
                Preparation(
                    id=id,
                    brand=brand[:300],
                    name=name,
                    atc=_atc(_code(atc)),
                    substance=(atc.get("DN", "") if atc is not None else "") or brand,
                    supplier=(_text(_children(about).get("Produsent")) if about is not None else "")[:200],
                    authorised=_authorisation(kind),
                    source=SOURCE,
                ),
                kind[:8],
                group[:8],
                strengths,
            )
        )

    def _package(self, entry: etree._Element) -> None:
        parts: dict[str, etree._Element] = {}
        infos, groups = [], []
        for part in entry:
            kind = _NAMES[part.tag]
            if kind == "Pakningsinfo":
                infos.append(_children(part))
            elif kind == "PakningByttegruppe":
                groups.append(_children(part))
            else:
                parts.setdefault(kind, part)
        id, name = _needed(entry, parts, "Id", 60), _needed(entry, parts, "NavnFormStyrke", 400)
        of = {reference for info in infos if (reference := _text(info.get("RefLegemiddelMerkevare")))}
        if not of:
            raise _lacks(entry, "RefLegemiddelMerkevare")
        if of <= self.supplements:
            return
        info = infos[0] if len(infos) == 1 else {}
        ddd, unit, market = info.get("DDD"), info.get("EnhetPakning"), parts.get("Markedsforingsinfo")
        days = _children(market) if market is not None else {}
        # one that has ended by the day of the file no longer says that the two may be exchanged
        now = [
            group
            for group in groups
            if (until := _day(_text(group.get("GyldigTilDato")))) is None
            or self.fetched_on is None
            or until >= self.fetched_on
        ]
        references = {reference for group in now if (reference := _text(group.get("RefByttegruppe")))}
        self.packages.append(
            Package(
                id=id,
                article=_text(parts.get("Varenr"))[:20] or None,
                ean=_text(parts.get("Ean"))[:20] or None,
                name=name,
                preparation_id=of.pop()[:60] if len(of) == 1 else None,
                size=_text(info.get("Pakningsstr"))[:60] or None,
                unit=unit.get("V", "")[:20] or None if unit is not None else None,
                ddd=_number(ddd.get("V")) if ddd is not None else None,
                ddd_unit=ddd.get("U", "")[:20] or None if ddd is not None else None,
                exchange_group=references.pop() if len(references) == 1 else None,
                marketed_on=_day(_text(days.get("Markedsforingsdato"))),
                paused_on=_day(_text(days.get("MidlUtgattDato"))),
                left_on=_day(_text(days.get("AvregDato"))),
            )
        )

    def _substance(self, entry: etree._Element) -> None:
        parts = _children(entry)
        id = _needed(entry, parts, "Id", 60)
        if _local(entry) == "Virkestoff":
            self.substances[id] = _needed(entry, parts, "Navn", 2000)
            for salt in entry.iterchildren("{*}RefVirkestoff"):  # the parent names its salts: kandesartan → -cileksetil
                self.parents[_text(salt)] = id
        elif _local(entry) == "VirkestoffMedStyrke":
            self.strengths[id] = (_needed(entry, parts, "RefVirkestoff", 60), _strength(parts))

    def _group(self, entry: etree._Element) -> None:
        parts = _children(entry)
        code = _code(parts.get("Kode"))
        if not code:
            raise _lacks(entry, "Kode")
        self.groups[_needed(entry, parts, "Id", 60)] = code[:20]

    def _warning(self, entry: etree._Element) -> None:
        parts = _children(entry)
        heading = _needed(entry, parts, "Overskrift", 2000)
        self.warnings += 1
        until = _day(_text(parts.get("TilDato")))
        over = until is not None and self.fetched_on is not None and until < self.fetched_on
        if _code(parts.get("Type")) == _SHORTAGE and not over:
            named = tuple(_text(one) for one in entry.iter("{*}RefElement"))
            self.shortages.append((heading, _day(_text(parts.get("FraDato"))), named))

    def _together(self) -> Fest:
        packages = tuple(
            replace(one, exchange_group=self.groups.get(one.exchange_group)) if one.exchange_group else one
            for one in self.packages
        )
        groups: dict[str, set[str]] = {}
        for one in packages:
            if one.preparation_id and one.exchange_group:
                groups.setdefault(one.preparation_id, set()).add(one.exchange_group)
        agreed = {id: next(iter(found)) for id, found in groups.items() if len(found) == 1}
        preparations = tuple(brand.registered(self, agreed.get(brand.preparation.id)) for brand in self.brands)
        names = {one.preparation.id: one.preparation.name for one in preparations}
        names |= {one.id: one.name for one in packages}
        shortages = tuple(
            ShortageWarning(heading, since, tuple(dict.fromkeys(names[one] for one in named if one in names)))
            for heading, since, named in self.shortages
        )
        return Fest(self.fetched_on, preparations, packages, len(self.groups), self.warnings, shortages)


@dataclass(frozen=True, slots=True)
class _Brand:
    """A preparation whose ingredients are still references."""

    preparation: Preparation
    kind: str
    prescription_group: str
    strengths: list[str]

    def registered(self, read: _Reading, group: str | None) -> Registered:
        """It, with what its references point at."""
        ingredients = []
        for reference in self.strengths:
            of, strength = read.strengths.get(reference, (reference, None))
            if of in read.substances:
                parent = read.substances.get(read.parents.get(of, ""))
                ingredients.append(Ingredient(read.substances[of], parent, strength))
        preparation = replace(self.preparation, exchange_group=group) if group else self.preparation
        return Registered(preparation, self.kind, self.prescription_group, tuple(ingredients))


def _root(first: etree._Element) -> etree._Element:
    """The file's root; refused are a document type (FEST has none; entities come with it) and another kind of XML."""
    tree = first.getroottree()
    if tree.docinfo.internalDTD is not None:
        raise RegisterFault(phrase("Filen har en dokumenttype (DOCTYPE); det har ikke FEST. Den leses ikke."))
    root = tree.getroot()
    if _local(root) != "FEST":
        raise RegisterFault(phrase("Filen begynner med <{root}>, ikke <FEST>.", root=_local(root)))
    return root


def _refuse_misplaced(element: etree._Element, before: etree._Element | None, root: etree._Element) -> None:
    """Refuse an entry that stands in no category of FEST's own, or within another: that one would not be whole yet."""
    parent = element.getparent()
    date = parent is root and _local(element) == "HentetDato"
    if not date and (parent is None or parent is before or parent.getparent() is not root):
        said = phrase("Linje {line}: <{entry}> står på feil sted.", line=element.sourceline, entry=_local(element))
        raise RegisterFault(said)


def _entry(element: etree._Element, within: str) -> etree._Element | None:
    """What an entry is about; None for one that is no longer active. Raises where it lacks it."""
    about = None
    for part in element:
        kind = _local(part)
        if kind == "Status" and part.get("V") != "A":
            return None
        if kind == within or (not within and kind not in ("Id", "Tidspunkt", "Status")):
            about = part
    if about is None:
        raise _lacks(element, within or "Virkestoff")
    return about


def _local(element: etree._Element) -> str:
    return _NAMES[element.tag]


class _Names(dict[object, str]):
    """Tag → the name without its namespace; nothing for a comment, whose tag is none."""

    def __missing__(self, tag: object) -> str:
        name = tag.rpartition("}")[2] if isinstance(tag, str) else ""
        if len(self) < _MOST_NAMES:  # a file that makes names up must not fill the memory
            self[tag] = name
        return name


_NAMES = _Names()
_MOST_NAMES = 1024


def _children(entry: etree._Element) -> dict[str, etree._Element]:
    """The first child of each name."""
    return {_NAMES[part.tag]: part for part in entry.iterchildren(reversed=True)}


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _code(element: etree._Element | None) -> str:
    return element.get("V", "").strip() if element is not None else ""


def _needed(entry: etree._Element, parts: dict[str, etree._Element], name: str, most: int) -> str:
    found = _text(parts.get(name))
    if not found:
        raise _lacks(entry, name)
    if len(found) > most:
        said = phrase("Linje {line}: {name} er lengre enn {most} tegn.", line=entry.sourceline, name=name, most=most)
        raise RegisterFault(said)
    return found


def _lacks(entry: etree._Element, name: str) -> RegisterFault:
    said = phrase("Linje {line}: {entry} mangler {name}.", line=entry.sourceline, entry=_local(entry), name=name)
    return RegisterFault(said)


def _day(text: str | None) -> dt.date | None:
    """The date that an ISO date or time begins with; None for what is none."""
    try:
        return dt.date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) and found > 0 else None


def _strength(parts: dict[str, etree._Element]) -> str | None:
    """ "334 mg/1 ml" as "334 mg/ml"."""
    amount, per = parts.get("Styrke"), parts.get("StyrkeNevner")
    if amount is None or not amount.get("V"):
        return None
    said = f"{amount.get('V')} {amount.get('U', '')}".strip()
    if per is None or not per.get("V"):
        return said
    count = "" if per.get("V") == "1" else f"{per.get('V')} "
    return f"{said}/{count}{per.get('U', '')}"


def _authorisation(kind: str) -> Authorisation:
    if kind in _NO_AUTHORISATION:
        return Authorisation.NO
    return Authorisation.UNKNOWN if not kind or kind in _AUTHORISATION_NOT_SAID else Authorisation.YES


def _atc(code: str) -> str | None:
    """The code, or None for what is none ("WITHOUT")."""
    code = code.strip().upper()
    return code if 0 < len(code) <= 7 and code[1:3].isdigit() | (len(code) == 1) else None


def read_brand_csv(source: str | Path | IO[str], *, published: str = SOURCE) -> Iterator[Preparation]:
    """The preparations of the brand list as CSV (`id, varenavn, navnFormStyrke, atc, virkestoff, produsent,
    reseptgruppe`; comma or semicolon), food supplements left out. `published` becomes each one's source.

    Whether a preparation has a marketing authorisation the list does not say: unknown.

    Raises `RegisterFault` for a missing column, an empty id or name, and what is no text.
    """
    with ExitStack() as held:
        if isinstance(source, str | Path):
            if Path(source).stat().st_size > _LARGEST_BYTES:
                raise _too_large()
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
