"""`mangelvakt …`: exit 0 done, 1 could not, 2 wrong call. Errors: one line on standard error."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import io
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from alembic.util import CommandError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot import backup, logs, spreadsheet
from bot.app import assemble, run
from bot.cases.archive import KINDS
from bot.cases.exporting import Table, table_of
from bot.cases.forms import FIRST_DATE, LAST_DATE
from bot.cases.letters import letter_page
from bot.cases.notices import ListRead
from bot.cases.register import CasesTaken
from bot.cases.retention import Kept
from bot.cases.statistics import Period
from bot.cases.statistics_files import as_csv, as_section, as_xlsx
from bot.cases.statistics_request import read_filter, read_year
from bot.cases.statistics_tables import as_text
from bot.catalogue.importing import FestTaken
from bot.charts.statistics import alt_text, as_picture
from bot.clock import SystemClock, today
from bot.delivery.slack_errors import UNREACHABLE, DeliveryError, classify
from bot.meeting.calendar import monday_of
from bot.meeting.forums import MAIN
from bot.meeting.papers import digest_page, digest_workbook, minutes_page, with_names
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL, LANGUAGES, SOURCE_LANGUAGE
from bot.paper import Printer, as_pdf
from bot.people.records import HEADINGS
from bot.progress_bar import Bar
from bot.refusal import Refused
from bot.registers.abroad import REGISTERS
from bot.registers.case_register import COLUMNS, years_of
from bot.registers.compare import Proposed
from bot.registers.fest import SOURCE, RegisterFault, read_brand_csv, read_fest
from bot.registers.outward import Shape, in_shape
from bot.registers.table import MOST_BYTES, NotATableError
from bot.services import Services
from bot.settings import Settings, SettingsFault, load_settings
from bot.stock import sharing_files
from storage import schema
from storage.engine import shown
from storage.unit_of_work import Database

T = TypeVar("T")


class CouldNot(Exception):
    """The command could not be done; `str()` is the one line that says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    logs.set_up(logging.INFO if wanted.command == "run" else logging.WARNING)
    try:
        return int(wanted.do(wanted) or 0)
    except (CouldNot, SettingsFault, RegisterFault) as fault:
        _complain(str(fault))
    except BrokenPipeError:
        sys.stderr.close()
    except UNREACHABLE as fault:
        _complain(f"Slack svarer ikke som det skal: {classify(fault)}")
    except OSError as fault:
        _complain(f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault))
    except KeyboardInterrupt:
        _complain("avbrutt")
        return 130
    return 1


def _complain(what: str) -> None:
    """One line on standard error."""
    print(f"mangelvakt: {' '.join(what.split())}", file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """A wrong call is answered in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read more; exit 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (se {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="mangelvakt", description="Mangelvakt: mangelmeldinger, lagerdekning og Mangelmøtet i Slack.")
    parser.add_argument("--version", action="version", version=f"mangelvakt {version('mangelvakt')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="KOMMANDO")

    def add(name: str, does: str, do: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=does, description=does)
        command.set_defaults(do=do)
        return command

    add("run", "kjør boten i arbeidsområdet som innstillingene peker på", _run)
    demo = add("demo", "start et arbeidsområde på egen maskin med boten i; skriver adressen", _demo)
    demo.add_argument("--port", type=int, default=0, help="port på 127.0.0.1 (uten: en ledig)")

    catalogue = add("catalogue", "legemiddelkatalogen", _run).add_subparsers(required=True, metavar="HVA")
    importing = catalogue.add_parser(
        "import", help="les inn FEST M30 (XML eller zip) eller listen over preparater (CSV)"
    )
    importing.add_argument("file", type=Path, metavar="FIL")
    importing.add_argument("--dry-run", action="store_true", help="vis hva som ville endres; lagre ingenting")
    importing.add_argument(
        "--replace", action="store_true", help="godta at mer enn 5 %% av det som kom fra FEST, utgår"
    )
    importing.add_argument("--older", action="store_true", help="godta en FEST-fil som er eldre enn den som gjelder")
    importing.set_defaults(do=_catalogue_import)

    stock = add("stock", "lager", _run).add_subparsers(required=True, metavar="HVA")
    sheet = stock.add_parser("import", help="les inn et ark med beholdning, forbruk eller leveranser (CSV eller XLSX)")
    sheet.add_argument("file", type=Path, metavar="FIL")
    sheet.add_argument("--partial", action="store_true", help="lagre radene uten feil selv om andre har feil")
    sheet.add_argument("--create-pools", action="store_true", help="opprett ukjente lager som et sykehus' eget lager")
    sheet.add_argument("--dry-run", action="store_true", help="vis hva arket ville endret; lagre ingenting")
    sheet.add_argument(
        "--map",
        type=_pair,
        action="append",
        default=[],
        metavar="OVERSKRIFT=KOLONNE",
        help="hva en overskrift betyr, for eksempel «Vare nr=varenummer»; huskes for slike ark",
    )
    sheet.set_defaults(do=_stock_import)
    stock.add_parser(
        "calendar", help="når hvert lager skal telles neste gang, og hvem som sender tallene"
    ).set_defaults(do=_stock_calendar)
    stock.add_parser("undo", help="angre det siste arket som ble lagret").set_defaults(do=_stock_undo)

    match = add("match", "hvilket legemiddel som menes; uten ord leses en linje om gangen fra standard inn", _match)
    match.add_argument("--json", action="store_true", help="en JSON-linje per svar")
    match.add_argument("query", nargs="*", metavar="ORD")

    cover = add("cover", "hvor lenge lagrene rekker", _cover)
    cover.add_argument("--json", action="store_true", help="som JSON")
    cover.add_argument("--as-of", type=_date, default=None, metavar="DATO", help="regn fra denne datoen (ÅÅÅÅ-MM-DD)")

    digest = add("digest", "møtelisten slik den står nå", _digest)
    digest.add_argument("--json", action="store_true", help="som JSON")
    digest.add_argument("--week", type=_week, default=None, metavar="UKE", help="møtets uke, for eksempel 2026-W47")

    digest.add_argument("--format", choices=_PAPERS, default=None, help="for dem utenfor Slack; trenger --out")
    digest.add_argument("--out", type=Path, default=None, metavar="FIL", help="skriv til filen")

    digest.add_argument("--forum", default=MAIN, metavar="ID", help="et annet møte enn Mangelmøtet, fra innstillingene")

    minutes = add("minutes", "referatet fra et møte", _minutes)
    minutes.add_argument("--week", type=_week, default=None, metavar="UKE", help="møtets uke (uten: det siste)")
    minutes.add_argument("--format", choices=("html", "pdf"), default=None, help="for dem utenfor Slack; trenger --out")
    minutes.add_argument("--out", type=Path, default=None, metavar="FIL", help="skriv til filen")

    minutes.add_argument(
        "--forum", default=MAIN, metavar="ID", help="et annet møte enn Mangelmøtet, fra innstillingene"
    )

    allocation = add("allocation", "leveranser som er fordelt", _run).add_subparsers(required=True, metavar="HVA")
    shared = allocation.add_parser("export", help="hvem som får hva av en vedtatt leveranse, til grossisten")
    shared.add_argument("--case", required=True, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    shared.add_argument("--delivery", type=int, default=None, metavar="N", help="hvilken leveranse (uten: den siste)")
    shared.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
    shared.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    shared.set_defaults(do=_allocation_export)

    assessment = add("assessment", "vurderinger av erstatninger", _run).add_subparsers(required=True, metavar="HVA")
    letter = assessment.add_parser("letter", help="brevet til avdelingene om en signert vurdering, som PDF eller HTML")
    letter.add_argument("--case", required=True, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    letter.add_argument("--number", type=int, default=None, metavar="N", help="hvilken, der saken har flere")
    letter.add_argument("--language", choices=tuple(LANGUAGES), default=SOURCE_LANGUAGE, help="brevets faste tekst")
    letter.add_argument("--format", choices=("pdf", "html"), default="pdf")
    letter.add_argument("--out", type=Path, required=True, metavar="FIL", help="skriv til filen")
    letter.set_defaults(do=_assessment_letter)

    log = add("audit", "loggen: hvem som gjorde hva, og når", _run).add_subparsers(required=True, metavar="HVA")
    exported = log.add_parser("export", help="loggen for en sak eller en periode")
    exported.add_argument("--case", default=None, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    exported.add_argument("--from", dest="first", type=_date, default=None, metavar="DATO", help="fra og med")
    exported.add_argument("--to", dest="last", type=_date, default=None, metavar="DATO", help="til og med")
    exported.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
    exported.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    exported.set_defaults(do=_audit_export)

    archive = add("archive", "arkivkopier, og det som slettes etter innstillingene", _run).add_subparsers(
        required=True, metavar="HVA"
    )
    copied = archive.add_parser("export", help="alt som er kjent, sagt og besluttet i en sak, merket for innsyn")
    copied.add_argument("--case", required=True, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    copied.add_argument("--format", choices=KINDS, default="pdf", help="PDF/A, HTML eller JSON (uten: pdf)")
    copied.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    copied.add_argument("--without-thread", action="store_true", help="uten det som er skrevet i sakens tråd i Slack")
    copied.set_defaults(do=_archive_export)
    erasing = archive.add_parser("erase", help="slett det som er oppbevart lenge nok etter [retention]")
    erasing.add_argument("--dry-run", action="store_true", help="vis bare hvor mye som ville blitt slettet")
    erasing.set_defaults(do=_archive_erase)
    out = add("export", "saker, lager og logg som filer; publiserte mangler for andre", _run)
    kinds = out.add_subparsers(required=True, metavar="HVA")
    ours = kinds.add_parser(
        "cases", help="alle saker med alt som er lagret, for senteret; --published: det alle kan lese"
    )
    ours.add_argument("--published", action="store_true", help="bare publiserte saker, bare det alle kan lese")
    stocks = kinds.add_parser("stock", help="lagrene slik de står, med hvor lenge de rekker")
    logged = kinds.add_parser("audit", help="hele loggen, eller en periode")
    logged.add_argument("--from", dest="first", type=_date, default=FIRST_DATE, metavar="DATO", help="fra og med")
    logged.add_argument("--to", dest="last", type=_date, default=LAST_DATE, metavar="DATO", help="til og med")
    for kind, do in ((ours, _export_cases), (stocks, _export_stock), (logged, _export_audit)):
        kind.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
        kind.set_defaults(do=do)
    shapes = kinds.add_parser("shortages", help="publiserte mangler i en form som andre leser")
    shapes.add_argument("--format", choices=[shape.value for shape in Shape], required=True, help="hvem sin form")
    shapes.set_defaults(do=_export_shortages)
    drafted = kinds.add_parser("varsel", help="utkast til varsel i FEST (VarselSlv) om en publisert sak")
    drafted.add_argument("--case", required=True, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    drafted.set_defaults(do=_export_warning)
    for kind in (ours, stocks, logged, shapes, drafted):
        kind.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")

    person = add("person", "det som er lagret om en person", _run).add_subparsers(required=True, metavar="HVA")
    personal = person.add_parser("export", help="alt som er lagret om en person, som JSON")
    personal.add_argument("slack_user", metavar="U…", help="personens Slack-id")
    personal.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    personal.set_defaults(do=_person_export)
    erased = person.add_parser("erase", help="ta bort en persons Slack-id og arbeidssted; saker og logg blir stående")
    erased.add_argument("slack_user", metavar="U…", help="personens Slack-id")
    erased.add_argument("--dry-run", action="store_true", help="vis bare hva som ville blitt endret")
    erased.set_defaults(do=_person_erase)

    figures = add("statistics", "årets tall: saker, varighet, kilder, uregistrerte, årsaker, løsninger", _statistics)
    period = figures.add_mutually_exclusive_group()
    period.add_argument("--year", type=_year, default=None, metavar="ÅR", help="året (uten: i år)")
    period.add_argument("--from", dest="first", type=_date, default=None, metavar="DATO", help="en periode, fra og med")
    figures.add_argument("--to", dest="last", type=_date, default=None, metavar="DATO", help="til og med (med --from)")
    figures.add_argument(
        "--filter",
        type=_pair,
        action="append",
        default=[],
        metavar="NAVN=VERDI",
        help="bare noen saker, for eksempel atc=J eller kilde=DMP; kan gjentas",
    )
    figures.add_argument("--json", action="store_true", help="som JSON, slik andre programmer leser det")
    figures.add_argument("--format", choices=_FORMATS, default="text", help="json her har alle tallene")
    figures.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")

    register = add("register", "andres registre", _run).add_subparsers(required=True, metavar="HVA")
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
        type=_pair,
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

    copying = add("backup", "kopier alt som er lagret, til en fil; boten kan kjøre imens", _backup)
    copying.add_argument("file", type=Path, metavar="FIL")
    putting = add("restore", "sett en kopi på plass, der det ikke står noe fra før", _restore)
    putting.add_argument("file", type=Path, metavar="FIL")
    add("doctor", "sjekk innstillinger, database, katalog, kanaler og lager", _doctor)
    return parser


def _date(text: str) -> dt.date:
    try:
        return _sensible(dt.date.fromisoformat(text), text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} er ingen dato; skriv ÅÅÅÅ-MM-DD") from None


def _year(text: str) -> int:
    try:
        return read_year(text)
    except Refused as refused:
        raise argparse.ArgumentTypeError(str(refused)) from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=") if text.count("=") > 1 else text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"{text!r} mangler likhetstegn; skriv navn=verdi")
    return name.strip(), value.strip()


def _week(text: str) -> str:
    try:
        _sensible(monday_of(text), text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None
    return text


def _sensible(day: dt.date, text: str) -> dt.date:
    """The day, where one can reckon from it for years in both directions."""
    if not FIRST_DATE <= day <= LAST_DATE:
        raise argparse.ArgumentTypeError(f"{text!r} er ikke mellom {FIRST_DATE.year} og {LAST_DATE.year}")
    return day


# --- commands ---


def _run(_: argparse.Namespace) -> None:
    settings = load_settings()
    logs.set_up(logging.INFO, settings)
    _with_the_database(settings, run(settings))


def _with_the_database(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end; whatever the database cannot do is `CouldNot`, with its address but no password."""
    try:
        return asyncio.run(work)
    except (SQLAlchemyError, CommandError) as fault:
        cause = getattr(fault, "orig", None) or fault
        reason = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
        if isinstance(fault, CommandError):
            reason = f"den er fra en annen utgave av Mangelvakt ({reason})"
        raise CouldNot(f"databasen {shown(settings.database)} svarer ikke som den skal: {reason}") from None
    except ValueError as fault:
        raise CouldNot(str(fault)) from None


def _demo(wanted: argparse.Namespace) -> None:
    from bot.demo import run_demo  # the workspace is needed for nothing else

    asyncio.run(run_demo(wanted.port))


def _with_services(work: Callable[[Services, Settings], Awaitable[int | None]], *, search: bool = True) -> int:
    """Run `work` on the database; without `search` no medicine is looked up, and the index is not built."""
    settings, clock = load_settings(), SystemClock()

    async def go() -> int:
        database = Database.at(settings.database, clock.now)
        try:
            await schema.upgrade(database.engine)
            services = assemble(settings, database, clock)
            await services.stock.ensure_pools()
            if search:
                await services.catalogue.refresh()
            return int(await work(services, settings) or 0)
        finally:
            await database.close()

    return _with_the_database(settings, go())


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise CouldNot(f"fant ikke filen {path}")
    return path


def _catalogue_import(wanted: argparse.Namespace) -> int:
    path = _existing(wanted.file)
    if path.suffix.casefold() == ".csv":

        async def take_list(services: Services, _: Settings) -> None:
            read, changed = await services.catalogue.take_in(read_brand_csv(path), path.name, dry_run=wanted.dry_run)
            print(f"{read} preparater lest fra {path.name}, {changed} nye eller endret.")
            if wanted.dry_run:
                print("Ingenting er lagret.")

        return _with_services(take_list)

    async def take_fest(services: Services, _: Settings) -> None:
        with Bar(f"Leser {path.name}") as bar:
            fest = read_fest(path, progress=bar)
        try:
            if wanted.dry_run:
                taken = await services.fest.preview(fest)
            else:
                taken = await services.fest.take_in(fest, path.name, replace=wanted.replace, older=wanted.older)
        except Refused as refused:
            raise CouldNot(f"{path.name}: {refused} Ingenting er lagret.") from None
        print("\n".join(_fest_in_words(taken, path.name, dry_run=wanted.dry_run)))

    return _with_services(take_fest, search=False)


_EXAMPLES = 5


def _fest_in_words(taken: FestTaken, filename: str, *, dry_run: bool) -> list[str]:
    """What was done, or would be, with a few examples of each; then the shortages that FEST itself warns of."""
    fest, of = taken.fest, taken.preparations
    names = {one.preparation.id: one.preparation.name for one in fest.preparations}
    on = BOKMAAL.date(fest.fetched_on) if fest.fetched_on else "ukjent dato"
    lines = [
        f"{len(fest.preparations)} preparater lest fra {filename}, {of.touched} nye eller endret.",
        f"Kilde: {SOURCE}, {on}. "
        f"{len(fest.packages)} pakninger, {fest.exchange_groups} byttegrupper, {fest.warnings} varsler.",
    ]
    for what, listed in (
        ("nye", [names[id] for id in of.added]),
        ("endret", [names[id] for id in of.changed]),
        ("utgått", list(taken.gone_names)),
    ):
        if listed:
            more = f" og {len(listed) - _EXAMPLES} til" if len(listed) > _EXAMPLES else ""
            lines.append(f"Preparater, {what}: {len(listed)} ({'; '.join(listed[:_EXAMPLES])}{more}).")
    packs = taken.packages
    if packs:
        counts = f"{len(packs.added)} nye, {len(packs.changed)} endret, {len(packs.gone)} utgått"
        lines.append(f"Pakninger: {counts}.")
    if taken.newer and taken.changes:
        lines.append(f"Obs: en nyere fil, fra {BOKMAAL.date(taken.newer)}, er allerede lest.")
    if not taken.whole:
        lines.append("Filen er et utdrag: den legges til listen som følger med.")
    if not taken.changes:
        lines.append("Ingenting er endret.")
    elif dry_run:
        lines.append("Ingenting er lagret.")
    if fest.shortages:
        lines.append(f"FEST varsler om {len(fest.shortages)} leveringssvikter; det åpnes ingen saker av dem:")
        lines += [
            f"  {one.heading}{f' (fra {BOKMAAL.date(one.since)})' if one.since else ''}" for one in fest.shortages
        ]
    return lines


def _stock_import(wanted: argparse.Namespace) -> int:
    path = _existing(wanted.file)

    async def work(services: Services, _: Settings) -> int:
        content = _content(path)
        with Bar(f"Leser {path.name}") as bar:
            try:
                found = await services.sheets.import_file(
                    content,
                    path.name,
                    partial=wanted.partial,
                    create_pools=wanted.create_pools,
                    dry_run=wanted.dry_run,
                    columns=dict(wanted.map),
                    work=bar,
                )
            except Refused as refused:
                raise CouldNot(str(refused)) from None
        for fault in found.faults:
            _complain(f"{path.name}: {fault.line}")
        if found.unknown is not None:
            headings = ", ".join(heading.written for heading in found.unknown.headings)
            _complain(f"{path.name}: overskriftene er: {headings}. Si hva de er med --map «OVERSKRIFT=KOLONNE»")
        if found.faults and not (wanted.partial and found.rows):
            _complain(f"{path.name}: ingenting er lagret")
            return 1
        for remark in found.remarks:
            print(f"{path.name}: {remark}")
        for leap in found.leaps:
            print(
                f"{path.name}: rad {leap.row}: {leap.name}, {leap.pool}: {leap.before:g} → {leap.after:g} {leap.unit}. "
                "Stemmer enheten?"
            )
        print(f"{found.new} nye tall, {found.changed} endret, {found.same} som før.")
        if not found.changes:
            when = f" Samme ark ble lagret {found.already:%d.%m.%Y}." if found.already else ""
            print(f"{path.name}:{when} Ingenting er endret.")
        elif not found.stored:
            print("Ingenting er lagret.")
        else:
            told = await services.alerts.check()
            print(
                f"{found.rows} rader lagret fra {path.name}: {found.items} varer i {', '.join(found.pools)}. "
                f"Varsler: {len(told)}."
            )
        return 0  # with --partial the faults were expected; each stands on standard error

    return _with_services(work)


def _stock_calendar(_: argparse.Namespace) -> int:
    async def work(services: Services, __: Settings) -> None:
        for line in await services.silence.calendar():
            who = ", ".join(line.who) or "ingen"
            print(f"{line.name}: hver {line.every_days}. dag, sist {line.newest}, neste {line.due}. Sender: {who}")

    return _with_services(work)


def _stock_undo(_: argparse.Namespace) -> int:
    async def work(services: Services, __: Settings) -> None:
        try:
            undone = await services.sheets.undo(None)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        await services.alerts.check()
        print(f"Arket {undone.filename} er angret: {undone.gone} tall tatt bort, {undone.back} fra før står igjen.")

    return _with_services(work)


def _register_import(wanted: argparse.Namespace) -> int:
    path = _existing(wanted.file)

    async def work(services: Services, _: Settings) -> int:
        register = services.registers.all[wanted.register]
        do = register.preview if wanted.dry_run else register.take_in
        content = _content(path)
        with Bar(f"Leser {path.name}") as bar:
            try:
                read = await do(content, path.name, None, progress=bar)
            except (Refused, NotATableError) as refused:
                raise CouldNot(str(refused)) from None
        for fault in read.faults:
            _complain(f"{path.name}: {fault.line}")
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

    return _with_services(work)


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
                _complain(f"{id}: {outcome.problem}. Det som var lest, er som før")
            else:
                print(f"{id}: {'uendret' if outcome.rows is None else f'{outcome.rows} rader lest'}.")
        return int(failed)

    return _with_services(work)


def _register_undo(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            filename = await services.registers.all[wanted.register].undo(None)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        print(f"Listen {filename} er angret.")

    return _with_services(work)


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


def _content(path: Path) -> bytes:
    """The file's bytes; one that no table can be as large as is not read at all."""
    if path.stat().st_size > MOST_BYTES:
        raise CouldNot(f"{path.name} er {path.stat().st_size // 1024**2} MB; grensen er {MOST_BYTES // 1024**2} MB")
    return path.read_bytes()


def _match(wanted: argparse.Namespace) -> int:
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):  # a byte that is no letter spoils its own query only
            stream.reconfigure(errors="replace")

    async def work(services: Services, _: Settings) -> None:
        queries = [" ".join(wanted.query)] if wanted.query else (line.rstrip("\r\n") for line in sys.stdin)
        for query in queries:
            found = services.catalogue.match(query)
            if wanted.json:
                print(json.dumps(found.as_json(), ensure_ascii=False), flush=not wanted.query)
                continue
            print(f"{query}: {_DECISIONS[found.decision.value]}")
            for candidate in found.candidates:
                print(f"  {candidate.name} · {candidate.substance} · {candidate.atc or '–'} · {candidate.score:.2f}")

    return _with_services(work)


_DECISIONS = {"match": "sikkert treff", "ask": "usikkert, velg en", "none": "ingen treff"}


def _cover(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        rows = await services.stock.cover_rows(wanted.as_of or today(services.clock))
        if wanted.json:
            print(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            days = row["days_of_cover"]
            lasts = (
                row["why"]
                if days is None
                else f"rekker i ca. {days} dager, til {row['stockout_date'] or 'mer enn tre år'}"
            )
            gap = f", {row['gap_days']} dager udekket" if row["gap_days"] else ""
            print(f"{row['case'] or row['pool']} · {row['item']}: {lasts}{gap}")

    return _with_services(work)


def _digest(wanted: argparse.Namespace) -> int:
    _format_and_file(wanted)

    async def work(services: Services, _: Settings) -> None:
        digest = await services.meeting.compose(wanted.week, forum_id=_forum(services, wanted))
        if wanted.json:
            print(json.dumps(digest.as_json(), ensure_ascii=False, indent=2))
        elif wanted.format == "xlsx":
            _write(digest_workbook(digest, {}), wanted.out)
        elif wanted.format is not None:
            _write(_printed(digest_page(Printer(clock=services.clock), digest, {}), wanted.format), wanted.out)
        else:
            print("\n\n".join(message.words for message in services.meeting.render(digest)))

    return _with_services(work)


def _forum(services: Services, wanted: argparse.Namespace) -> str:
    """The forum's id, where the settings have it."""
    if wanted.forum not in services.meeting.forums:
        raise CouldNot(f"--forum {wanted.forum}: innstillingene har {', '.join(services.meeting.forums)}")
    return str(wanted.forum)


def _minutes(wanted: argparse.Namespace) -> int:
    _format_and_file(wanted)

    async def work(services: Services, _: Settings) -> None:
        minutes = await services.chairing.minutes(wanted.week, _forum(services, wanted))
        if minutes is None:
            when = f"i uke {wanted.week}" if wanted.week else "ennå"
            raise CouldNot(f"det er ikke holdt noe møte {when}")
        if wanted.format is not None:
            _write(_printed(minutes_page(Printer(clock=services.clock), minutes, {}), wanted.format), wanted.out)
        else:
            said = services.renderer.render_parts("minutes.j2", minutes=with_names(minutes, {}), again=False)
            print("\n\n".join(message.words for message in said))

    return _with_services(work)


_PAPERS = ("html", "pdf", "xlsx")


def _format_and_file(wanted: argparse.Namespace) -> None:
    if (wanted.format is None) != (wanted.out is None):
        _wrong_call("--format og --out hører sammen")
    if wanted.format is not None and getattr(wanted, "json", False):
        _wrong_call("--json og --format kan ikke brukes sammen")


def _printed(page: str, form: str) -> bytes:
    try:
        return as_pdf(page) if form == "pdf" else page.encode()
    except Refused as refused:
        raise CouldNot(str(refused)) from None


_FORMATS = ("text", "json", "csv", "xlsx", "png", "svg", "rapport")
_FILES_ONLY = ("xlsx", "png", "svg")


def _statistics(wanted: argparse.Namespace) -> int:
    form = wanted.format
    if (wanted.first is None) != (wanted.last is None):
        _wrong_call("--from og --to hører sammen")
    if wanted.first is not None and wanted.last < wanted.first:
        _wrong_call("--to er før --from")
    if form in _FILES_ONLY and wanted.output is None:
        _wrong_call(f"--format {form} trenger --output FIL")
    try:
        only = read_filter(wanted.filter)
    except Refused as refused:
        _wrong_call(str(refused))

    async def work(services: Services, _: Settings) -> None:
        now = today(services.clock)
        year = Period.of_year(wanted.year or now.year)
        found = await services.statistics.of(Period(wanted.first, wanted.last) if wanted.first else year, only)
        if wanted.json:
            made: str | bytes = json.dumps(found.as_json(), ensure_ascii=False, indent=2)
        elif form == "json":
            made = json.dumps(found.as_full_json(), ensure_ascii=False, indent=2)
        elif form == "csv":
            made = as_csv(found, only, now)
        elif form == "xlsx":
            made = as_xlsx(found, only, now)
        elif form in ("png", "svg"):
            made = as_picture(found, only, form)
        elif form == "rapport":
            made = as_section(found, only, now)
        else:
            made = as_text(found, only, now)
        _write(made, wanted.output)
        if form in ("png", "svg"):
            print(f"Alternativ tekst: {alt_text(found, only)}")

    return _with_services(work)


def _allocation_export(wanted: argparse.Namespace) -> int:
    if wanted.format in _FILES_ONLY and wanted.output is None:
        _wrong_call(f"--format {wanted.format} trenger --output FIL")

    async def work(services: Services, _: Settings) -> None:
        try:
            view = await services.allocations.decided(wanted.case, wanted.delivery)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        made: str | bytes
        if wanted.format == "xlsx":
            made = sharing_files.as_xlsx(view)
        elif wanted.format == "csv":
            made = sharing_files.as_csv(view)
        else:
            made = json.dumps(view.as_json(), ensure_ascii=False, indent=2)
        _write(made, wanted.output)

    return _with_services(work, search=False)


def _assessment_letter(wanted: argparse.Namespace) -> int:
    async def work(services: Services, settings: Settings) -> None:
        try:
            one = await services.assessments.letter(wanted.case, wanted.number)
        except Refused as refused:
            raise CouldNot(BOKMAAL.say(refused.phrase)) from None
        page = letter_page(Printer(clock=services.clock), one, settings.whom_to_call_in_words, language=wanted.language)
        _write(_printed(page, wanted.format), wanted.out)

    return _with_services(work)


def _audit_export(wanted: argparse.Namespace) -> int:
    if (wanted.case is None) == (wanted.first is None or wanted.last is None):
        _wrong_call("audit export trenger enten --case SAK, eller --from DATO og --to DATO")
    if wanted.format in _FILES_ONLY and wanted.output is None:
        _wrong_call(f"--format {wanted.format} trenger --output FIL")

    async def work(services: Services, _: Settings) -> None:
        records = services.records
        try:
            lines = await (
                records.log_of_case(wanted.case) if wanted.case else records.log_between(wanted.first, wanted.last)
            )
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        rows = [row for line in lines for row in line.rows()]
        if wanted.format == "xlsx":
            book = spreadsheet.Workbook("Logg")
            book.table(phrase("Logg"), (17, 14, 24, 22, 20, 40, 40), HEADINGS, rows)
            made: str | bytes = book.as_bytes()
        elif wanted.format == "csv":
            made = spreadsheet.as_csv([HEADINGS, *rows])
        else:
            made = json.dumps([line.as_json() for line in lines], ensure_ascii=False, indent=2)
        _write(made, wanted.output)

    return _with_services(work, search=False)


def _slack(settings: Settings) -> AsyncWebClient | None:
    """Slack, where there is a token."""
    token = settings.slack_bot_token
    return AsyncWebClient(token=token.get_secret_value(), base_url=settings.slack_api_url) if token else None


def _archive_export(wanted: argparse.Namespace) -> int:
    if wanted.format == "pdf" and wanted.output is None:
        _wrong_call("--format pdf trenger --output FIL")

    async def work(services: Services, settings: Settings) -> None:
        try:
            client = None if wanted.without_thread else _slack(settings)
            copy, names = await services.archive.with_thread(wanted.case, None, client)
            papers = await services.archive.papers(copy, names, (wanted.format,))
            await services.archive.note(copy, (wanted.format,), None, key=None)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        except DeliveryError as fault:
            raise CouldNot(
                f"Slack gir ikke sakens tråd ({fault}); prøv igjen, eller utelat den med --without-thread"
            ) from None
        _write(papers[0].content if wanted.output else papers[0].content.decode().rstrip("\n"), wanted.output)
        if not copy.thread_read and wanted.output is not None:
            print("Det som er skrevet i sakens tråd i Slack, er ikke med.")

    return _with_services(work, search=False)


def _archive_erase(wanted: argparse.Namespace) -> int:
    async def work(services: Services, settings: Settings) -> int:
        if not settings.retention.anything:
            print("Ingenting slettes: [retention] er tom i innstillingene.")
            return 0
        if wanted.dry_run:
            due = await services.retention.due()
            print(f"Ville blitt slettet: {_kept(due)}. Ingenting er endret.")
            return 0
        done = await services.retention.erase(_slack(settings))
        print(f"Slettet: {_kept(done)}.")
        if done.waiting:
            _complain(f"{done.waiting} saker venter: Slack gir ikke trådene deres nå")
        return int(bool(done.waiting))

    return _with_services(work, search=False)


def _kept(kept: Kept) -> str:
    return (
        f"fritekst og meldinger i {kept.cases} avsluttede saker, {kept.messages} direktemeldinger, "
        f"innholdet i {kept.files} filer, {kept.people} personer"
    )


def _export_cases(wanted: argparse.Namespace) -> int:
    async def table(services: Services) -> Table:
        return await (services.export.published_cases() if wanted.published else services.export.cases())

    return _exported(wanted, table)


def _export_stock(wanted: argparse.Namespace) -> int:
    async def table(services: Services) -> Table:
        rows = await services.stock.cover_rows(today(services.clock))
        return table_of(phrase("Lager"), [row for row in rows if row["scope"] == "pool"])

    return _exported(wanted, table)


def _export_audit(wanted: argparse.Namespace) -> int:
    async def table(services: Services) -> Table:
        lines = await services.records.log_between(wanted.first, wanted.last)
        rows = tuple(row for line in lines for row in line.rows())
        return Table(phrase("Logg"), HEADINGS, rows, tuple(line.as_json() for line in lines))

    return _exported(wanted, table, search=False)


def _exported(wanted: argparse.Namespace, table: Callable[[Services], Awaitable[Table]], *, search: bool = True) -> int:
    if wanted.format in _FILES_ONLY and wanted.output is None:
        _wrong_call(f"--format {wanted.format} trenger --output FIL")

    async def work(services: Services, _: Settings) -> None:
        _write((await table(services)).as_file(wanted.format), wanted.output)

    return _with_services(work, search=search)


def _export_shortages(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        shortages = await services.export.published()
        _write(in_shape(Shape(wanted.format), shortages, today(services.clock)), wanted.output)

    return _with_services(work)


def _export_warning(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            draft = await services.export.warning(wanted.case)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        _write(draft, wanted.output)

    return _with_services(work)


def _person_export(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            found = await services.records.export(wanted.slack_user)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        _write(json.dumps(found, ensure_ascii=False, indent=2), wanted.output)

    return _with_services(work, search=False)


def _person_erase(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            if wanted.dry_run:
                done = {name: len(rows) for name, rows in (await services.records.export(wanted.slack_user)).items()}
            else:
                done = await services.records.erase(wanted.slack_user)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        for name, rows in done.items():
            print(f"{name}: {rows}")
        print("Dette er lagret om personen. Ingenting er endret." if wanted.dry_run else "Slettet. Saker og logg står.")
        print("Meldinger som alt står i Slack, må slettes der.")

    return _with_services(work, search=False)


def _wrong_call(problem: str) -> NoReturn:
    """Two, and one line that says why."""
    _complain(problem)
    raise SystemExit(2)


def _write(made: str | bytes, path: Path | None) -> None:
    """To the file, whole or not at all; without one to standard output."""
    content = made if isinstance(made, bytes) else f"{made}\n".encode()
    if path is None:
        sys.stdout.write(content.decode("utf-8-sig"))
        return
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
    print(f"Skrevet til {path}.")


def _register_import_cases(wanted: argparse.Namespace) -> int:
    path = _existing(wanted.file)
    mapping = dict(wanted.map)
    unknown = [column for column in mapping.values() if column not in COLUMNS]
    if unknown:
        _wrong_call(f"--map: «{unknown[0]}» er ingen av kolonnene {', '.join(COLUMNS)}")

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
                _complain(f"{path.name}: {len(found.faults)} feil, ingenting er lagret")
            return int(failed)
        for fault in found.faults[:MOST_FAULTS]:
            _complain(f"{path.name}: {fault.line}")
        if len(found.faults) > MOST_FAULTS:
            _complain(f"{path.name}: og {len(found.faults) - MOST_FAULTS} feil til; --json viser alle")
        if failed:
            _complain(f"{path.name}: ingenting er lagret")
            return 1
        print("\n".join(_case_import_in_words(found, dry_run=wanted.dry_run)))
        return 0

    return _with_services(work)


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

    return _with_services(work)


def _backup(wanted: argparse.Namespace) -> None:
    settings = load_settings()
    try:
        backup.backup(settings.database, wanted.file)
    except (backup.BackupFault, ValueError) as fault:
        raise CouldNot(str(fault)) from None
    size = wanted.file.stat().st_size
    print(f"{shown(settings.database)} er kopiert til {wanted.file} ({size / 1024**2:.1f} MB).")


def _restore(wanted: argparse.Namespace) -> None:
    settings = load_settings()
    try:
        backup.restore(settings.database, wanted.file)
    except (backup.BackupFault, ValueError) as fault:
        raise CouldNot(str(fault)) from None
    print(f"{wanted.file} er satt på plass i {shown(settings.database)}. Start boten; den oppgraderer om det trengs.")


def _doctor(_: argparse.Namespace) -> int:
    from bot.doctor import examine

    async def go() -> list[tuple[bool, Phrase]]:
        return await examine(load_settings())

    findings = asyncio.run(go())
    for fine, finding in findings:
        print(f"{'ok  ' if fine else 'FEIL'} {BOKMAAL.say(finding)}")
    return 0 if all(fine for fine, _ in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
