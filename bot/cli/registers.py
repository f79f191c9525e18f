"""Lists from other registers, and the centre's own register of past cases."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bot.cases.notices import ListRead
from bot.cases.register import CasesTaken
from bot.cli.arguments import Commands, pair
from bot.cli.doing import CouldNot, complain, content_of, existing, with_services, wrong_call
from bot.progress_bar import Bar
from bot.refusal import Refused
from bot.registers.abroad import REGISTERS
from bot.registers.case_register import COLUMNS, years_of
from bot.registers.compare import Proposed
from bot.registers.table import NotATableError
from bot.services import Services
from bot.settings import Settings


def add_to(commands: Commands) -> None:
    """The commands of this module."""
    register = commands.group("register", "andres registre")
    reading = register.add_parser("import", help="les inn et register").add_subparsers(
        required=True, metavar="REGISTER"
    )
    lists = {"dmp": "DMPs mangelliste: tabellen som HTML, CSV eller XLSX, eller kolonnene som JSON"} | {
        one.id: f"mangellisten fra {one.name} ({one.country}): CSV, XLSX eller JSON" for one in REGISTERS.values()
    }
    for name, what in lists.items():
        listed = reading.add_parser(name, help=what)
        listed.add_argument("file", type=Path, metavar="FIL")
        listed.add_argument("--dry-run", action="store_true", help="vis hva listen foreslår, uten å lagre noe")
        listed.add_argument("--json", action="store_true", help="en JSON-linje per rad")
        listed.set_defaults(do=_register_import, register=name)
    cases = reading.add_parser("cases", help="senterets eget register over saker fra tidligere år (CSV eller XLSX)")
    cases.add_argument("file", type=Path, metavar="FIL")
    cases.add_argument("--dry-run", action="store_true", help="vis hva som ville skjedd; lagre ingenting")
    cases.add_argument("--json", action="store_true", help="som JSON")
    cases.add_argument("--partial", action="store_true", help="lagre sakene uten feil selv om andre har feil")
    cases.add_argument(
        "--map",
        type=pair,
        action="append",
        default=[],
        metavar="OVERSKRIFT=KOLONNE",
        help="hva en overskrift betyr, for eksempel «Saksnr=saksnummer»; huskes for slike filer",
    )
    cases.set_defaults(do=_register_import_cases)
    fetching = register.add_parser("fetch", help="hent nå det som har adresse i innstillingene")
    fetching.add_argument(
        "register", nargs="?", choices=[*lists, "fest"], metavar="REGISTER", help="bare dette registeret"
    )
    fetching.set_defaults(do=_register_fetch)
    undoing = register.add_parser("undo", help="angre siste import").add_subparsers(required=True, metavar="REGISTER")
    for name in lists:
        undone = undoing.add_parser(name, help="angre den siste mangellisten")
        undone.set_defaults(do=_register_undo, register=name)
    undoing.add_parser("cases", help="angre siste import av saker").set_defaults(do=_register_undo_cases)


def _register_import(wanted: argparse.Namespace) -> int:
    path = existing(wanted.file)

    async def work(services: Services, _: Settings) -> int:
        register = services.registers.all[wanted.register]
        do = register.preview if wanted.dry_run else register.take_in
        content = content_of(path)
        with Bar(f"Leser {path.name}") as bar:
            try:
                read = await do(content, path.name, None, progress=bar)
            except (Refused, NotATableError) as refused:
                raise CouldNot(str(refused)) from None
        for fault in read.faults:
            complain(f"{path.name}: {fault.line}")
        if wanted.json:
            for line in read.lines():
                print(json.dumps(line, ensure_ascii=False))
            return 0
        print(f"{path.name}: {_listed(read)}")
        if read.already is not None:
            print(f"Samme fil ble lest {read.already:%d.%m.%Y}. Ingenting er endret.")
        elif wanted.dry_run:
            print("Ingenting er lagret.")
        else:
            print("Lagret. Ingen sak er åpnet eller lukket; det gjør senteret.")
        return 0

    return with_services(work)


def _register_fetch(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> int:
        ids = [wanted.register] if wanted.register else list(services.fetching.addresses)
        if not ids:
            raise CouldNot(
                "ingen registre har adresse i innstillingene; se [registers.fetch] i mangelvakt.example.toml"
            )
        failed = False
        for id in ids:
            try:
                outcome = await services.fetching.fetch(id)
            except Refused as refused:
                raise CouldNot(str(refused)) from None
            if outcome.problem is not None:
                failed = True
                complain(f"{id}: {outcome.problem}. Det som var lest, er som før")
            else:
                print(f"{id}: {'uendret' if outcome.rows is None else f'{outcome.rows} rader lest'}.")
        return int(failed)

    return with_services(work)


def _register_undo(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            filename = await services.registers.all[wanted.register].undo(None)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        print(f"Listen {filename} er angret.")

    return with_services(work)


def _listed(read: ListRead) -> str:
    counts = ", ".join(
        f"{count} {words}"
        for action, words in _PROPOSED.items()
        if (count := read.count(action)) or action is Proposed.NEW
    )
    refused = f", {len(read.refused)} avvist" if read.refused else ""
    return f"listen fra {read.as_of:%d.%m.%Y}: {counts}{refused}."


_PROPOSED = {
    Proposed.NEW: "nye",
    Proposed.EXTEND: "forlenget",
    Proposed.UPDATE: "endret",
    Proposed.ENDED: "avsluttet eller borte",
    Proposed.SAME: "uendret",
    Proposed.NOT_RELEVANT: "ikke aktuelle",
}


def _register_import_cases(wanted: argparse.Namespace) -> int:
    path = existing(wanted.file)
    mapping = dict(wanted.map)
    unknown = [column for column in mapping.values() if column not in COLUMNS]
    if unknown:
        wrong_call(f"--map: «{unknown[0]}» er ingen av kolonnene {', '.join(COLUMNS)}")

    async def work(services: Services, _: Settings) -> int:
        data = path.read_bytes()
        try:
            if wanted.dry_run:
                found = await services.register.preview(data, path.name, mapping)
            else:
                found = await services.register.take_in(data, path.name, mapping, partial=wanted.partial)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        failed = bool(found.faults) and not (wanted.partial and not found.register.unreadable)
        if wanted.json:
            print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
            if failed:
                complain(f"{path.name}: {len(found.faults)} feil, ingenting er lagret")
            return int(failed)
        for fault in found.faults[:MOST_FAULTS]:
            complain(f"{path.name}: {fault.line}")
        if len(found.faults) > MOST_FAULTS:
            complain(f"{path.name}: og {len(found.faults) - MOST_FAULTS} feil til; --json viser alle")
        if failed:
            complain(f"{path.name}: ingenting er lagret")
            return 1
        print("\n".join(_case_import_in_words(found, dry_run=wanted.dry_run)))
        return 0

    return with_services(work)


MOST_FAULTS = 50


def _case_import_in_words(found: CasesTaken, *, dry_run: bool) -> list[str]:
    """What was done, or would be."""
    if found.known_file:
        return [f"{found.filename} er lest inn før. Ingenting er endret."]
    what = f"{len(found.new)} nye saker, {len(found.changed)} endret, {found.unchanged} uendret"
    if dry_run:
        lines = [f"{found.filename}: {what}. Ingenting er lagret."]
        lines += [f"  {heading} → {column}" for heading, column in found.register.columns.items()]
        years = years_of(found.register.cases.values())
        if years:
            lines.append("Meldt: " + ", ".join(f"{year}: {n}" for year, n in years.items()) + ".")
    else:
        lines = [f"{what} fra {found.filename}." if found.stored else f"{what}. Ingenting å lagre."]
    return lines + [str(remark) for remark in found.remarks]


def _register_undo_cases(_: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            filename, removed, restored = await services.register.undo()
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        print(f"Importen av {filename} er angret: {removed} saker fjernet, {restored} satt tilbake.")

    return with_services(work)
