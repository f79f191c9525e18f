"""Papers and files for others: deliveries, letters, exports."""

from __future__ import annotations

import argparse
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.cases.exporting import Table, table_of
from bot.cases.forms import FIRST_DATE, LAST_DATE
from bot.cases.letters import letter_page
from bot.cli.arguments import Commands, date
from bot.cli.doing import FILES_ONLY, CouldNot, printed, with_services, write, wrong_call
from bot.clock import today
from bot.messages.phrase import phrase
from bot.messages.words import BOKMAAL, LANGUAGES, SOURCE_LANGUAGE
from bot.paper import Printer
from bot.people.records import HEADINGS
from bot.refusal import Refused
from bot.registers.outward import Shape, in_shape
from bot.services import Services
from bot.settings import Settings
from bot.stock import sharing_files


def add_to(commands: Commands) -> None:
    """The commands of this module."""
    allocation = commands.group("allocation", "leveranser som er fordelt")
    shared = allocation.add_parser("export", help="hvem som får hva av en vedtatt leveranse, til grossisten")
    shared.add_argument("--case", required=True, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    shared.add_argument("--delivery", type=int, default=None, metavar="N", help="hvilken leveranse (uten: den siste)")
    shared.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
    shared.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    shared.set_defaults(do=_allocation_export)

    assessment = commands.group("assessment", "vurderinger av erstatninger")
    letter = assessment.add_parser("letter", help="brevet til avdelingene om en signert vurdering, som PDF eller HTML")
    letter.add_argument("--case", required=True, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    letter.add_argument("--number", type=int, default=None, metavar="N", help="hvilken, der saken har flere")
    letter.add_argument("--language", choices=tuple(LANGUAGES), default=SOURCE_LANGUAGE, help="brevets faste tekst")
    letter.add_argument("--format", choices=("pdf", "html"), default="pdf")
    letter.add_argument("--out", type=Path, required=True, metavar="FIL", help="skriv til filen")
    letter.set_defaults(do=_assessment_letter)

    kinds = commands.group("export", "saker, lager og logg som filer; publiserte mangler for andre")
    ours = kinds.add_parser(
        "cases", help="alle saker med alt som er lagret, for senteret; --published: det alle kan lese"
    )
    ours.add_argument("--published", action="store_true", help="bare publiserte saker, bare det alle kan lese")
    stocks = kinds.add_parser("stock", help="lagrene slik de står, med hvor lenge de rekker")
    logged = kinds.add_parser("audit", help="hele loggen, eller en periode")
    logged.add_argument("--from", dest="first", type=date, default=FIRST_DATE, metavar="DATO", help="fra og med")
    logged.add_argument("--to", dest="last", type=date, default=LAST_DATE, metavar="DATO", help="til og med")
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


def _allocation_export(wanted: argparse.Namespace) -> int:
    if wanted.format in FILES_ONLY and wanted.output is None:
        wrong_call(f"--format {wanted.format} trenger --output FIL")

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
        write(made, wanted.output)

    return with_services(work, search=False)


def _assessment_letter(wanted: argparse.Namespace) -> int:
    async def work(services: Services, settings: Settings) -> None:
        try:
            one = await services.assessments.letter(wanted.case, wanted.number)
        except Refused as refused:
            raise CouldNot(BOKMAAL.say(refused.phrase)) from None
        page = letter_page(Printer(clock=services.clock), one, settings.whom_to_call_in_words, language=wanted.language)
        write(printed(page, wanted.format), wanted.out)

    return with_services(work)


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
    if wanted.format in FILES_ONLY and wanted.output is None:
        wrong_call(f"--format {wanted.format} trenger --output FIL")

    async def work(services: Services, _: Settings) -> None:
        write((await table(services)).as_file(wanted.format), wanted.output)

    return with_services(work, search=search)


def _export_shortages(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        shortages = await services.export.published()
        write(in_shape(Shape(wanted.format), shortages, today(services.clock)), wanted.output)

    return with_services(work)


def _export_warning(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            draft = await services.export.warning(wanted.case)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        write(draft, wanted.output)

    return with_services(work)
