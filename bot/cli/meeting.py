"""What the meeting reads: the digest, the minutes, the figures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bot.cases.statistics import Period
from bot.cases.statistics_files import as_csv, as_section, as_xlsx
from bot.cases.statistics_request import read_filter
from bot.cases.statistics_tables import as_text
from bot.charts.statistics import alt_text, as_picture
from bot.cli.arguments import Commands, date, pair, week, year
from bot.cli.doing import FILES_ONLY, CouldNot, printed, with_services, write, wrong_call
from bot.clock import today
from bot.meeting.forums import MAIN
from bot.meeting.papers import digest_page, digest_workbook, minutes_page, with_names
from bot.paper import Printer
from bot.refusal import Refused
from bot.services import Services
from bot.settings import Settings


def add_to(commands: Commands) -> None:
    """The commands of this module."""
    digest = commands.add("digest", "møtelisten slik den står nå", _digest)
    digest.add_argument("--json", action="store_true", help="som JSON")
    digest.add_argument("--week", type=week, default=None, metavar="UKE", help="møtets uke, for eksempel 2026-W47")

    digest.add_argument("--format", choices=_PAPERS, default=None, help="for dem utenfor Slack; trenger --out")
    digest.add_argument("--out", type=Path, default=None, metavar="FIL", help="skriv til filen")

    digest.add_argument("--forum", default=MAIN, metavar="ID", help="et annet møte enn Mangelmøtet, fra innstillingene")

    minutes = commands.add("minutes", "referatet fra et møte", _minutes)
    minutes.add_argument("--week", type=week, default=None, metavar="UKE", help="møtets uke (uten: det siste)")
    minutes.add_argument("--format", choices=("html", "pdf"), default=None, help="for dem utenfor Slack; trenger --out")
    minutes.add_argument("--out", type=Path, default=None, metavar="FIL", help="skriv til filen")

    minutes.add_argument(
        "--forum", default=MAIN, metavar="ID", help="et annet møte enn Mangelmøtet, fra innstillingene"
    )

    figures = commands.add(
        "statistics", "årets tall: saker, varighet, kilder, uregistrerte, årsaker, løsninger", _statistics
    )
    period = figures.add_mutually_exclusive_group()
    period.add_argument("--year", type=year, default=None, metavar="ÅR", help="året (uten: i år)")
    period.add_argument("--from", dest="first", type=date, default=None, metavar="DATO", help="en periode, fra og med")
    figures.add_argument("--to", dest="last", type=date, default=None, metavar="DATO", help="til og med (med --from)")
    figures.add_argument(
        "--filter",
        type=pair,
        action="append",
        default=[],
        metavar="NAVN=VERDI",
        help="bare noen saker, for eksempel atc=J eller kilde=DMP; kan gjentas",
    )
    figures.add_argument("--json", action="store_true", help="som JSON, slik andre programmer leser det")
    figures.add_argument("--format", choices=_FORMATS, default="text", help="json her har alle tallene")
    figures.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")


def _digest(wanted: argparse.Namespace) -> int:
    _format_and_file(wanted)

    async def work(services: Services, _: Settings) -> None:
        digest = await services.meeting.compose(wanted.week, forum_id=_forum(services, wanted))
        if wanted.json:
            print(json.dumps(digest.as_json(), ensure_ascii=False, indent=2))
        elif wanted.format == "xlsx":
            write(digest_workbook(digest, {}), wanted.out)
        elif wanted.format is not None:
            write(printed(digest_page(Printer(clock=services.clock), digest, {}), wanted.format), wanted.out)
        else:
            print("\n\n".join(message.words for message in services.meeting.render(digest)))

    return with_services(work)


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
            write(printed(minutes_page(Printer(clock=services.clock), minutes, {}), wanted.format), wanted.out)
        else:
            said = services.renderer.render_parts("minutes.j2", minutes=with_names(minutes, {}), again=False)
            print("\n\n".join(message.words for message in said))

    return with_services(work)


_PAPERS = ("html", "pdf", "xlsx")


def _format_and_file(wanted: argparse.Namespace) -> None:
    if (wanted.format is None) != (wanted.out is None):
        wrong_call("--format og --out hører sammen")
    if wanted.format is not None and getattr(wanted, "json", False):
        wrong_call("--json og --format kan ikke brukes sammen")


_FORMATS = ("text", "json", "csv", "xlsx", "png", "svg", "rapport")


def _statistics(wanted: argparse.Namespace) -> int:
    form = wanted.format
    if (wanted.first is None) != (wanted.last is None):
        wrong_call("--from og --to hører sammen")
    if wanted.first is not None and wanted.last < wanted.first:
        wrong_call("--to er før --from")
    if form in FILES_ONLY and wanted.output is None:
        wrong_call(f"--format {form} trenger --output FIL")
    try:
        only = read_filter(wanted.filter)
    except Refused as refused:
        wrong_call(str(refused))

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
        write(made, wanted.output)
        if form in ("png", "svg"):
            print(f"Alternativ tekst: {alt_text(found, only)}")

    return with_services(work)
