"""Stock in, and how long it lasts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bot.cli.arguments import Commands, date, pair
from bot.cli.doing import CouldNot, complain, content_of, existing, with_services
from bot.clock import today
from bot.progress_bar import Bar
from bot.refusal import Refused
from bot.services import Services
from bot.settings import Settings


def add_to(commands: Commands) -> None:
    """The commands of this module."""
    stock = commands.group("stock", "lager")
    sheet = stock.add_parser("import", help="les inn et ark med beholdning, forbruk eller leveranser (CSV eller XLSX)")
    sheet.add_argument("file", type=Path, metavar="FIL")
    sheet.add_argument("--partial", action="store_true", help="lagre radene uten feil selv om andre har feil")
    sheet.add_argument("--create-pools", action="store_true", help="opprett ukjente lager som et sykehus' eget lager")
    sheet.add_argument("--dry-run", action="store_true", help="vis hva arket ville endret; lagre ingenting")
    sheet.add_argument(
        "--map",
        type=pair,
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

    cover = commands.add("cover", "hvor lenge lagrene rekker", _cover)
    cover.add_argument("--json", action="store_true", help="som JSON")
    cover.add_argument("--as-of", type=date, default=None, metavar="DATO", help="regn fra denne datoen (ÅÅÅÅ-MM-DD)")


def _stock_import(wanted: argparse.Namespace) -> int:
    path = existing(wanted.file)

    async def work(services: Services, _: Settings) -> int:
        content = content_of(path)
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
            complain(f"{path.name}: {fault.line}")
        if found.unknown is not None:
            headings = ", ".join(heading.written for heading in found.unknown.headings)
            complain(f"{path.name}: overskriftene er: {headings}. Si hva de er med --map «OVERSKRIFT=KOLONNE»")
        if found.faults and not (wanted.partial and found.rows):
            complain(f"{path.name}: ingenting er lagret")
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

    return with_services(work)


def _stock_calendar(_: argparse.Namespace) -> int:
    async def work(services: Services, __: Settings) -> None:
        for line in await services.silence.calendar():
            who = ", ".join(line.who) or "ingen"
            print(f"{line.name}: hver {line.every_days}. dag, sist {line.newest}, neste {line.due}. Sender: {who}")

    return with_services(work)


def _stock_undo(_: argparse.Namespace) -> int:
    async def work(services: Services, __: Settings) -> None:
        try:
            undone = await services.sheets.undo(None)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        await services.alerts.check()
        print(f"Arket {undone.filename} er angret: {undone.gone} tall tatt bort, {undone.back} fra før står igjen.")

    return with_services(work)


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

    return with_services(work)
