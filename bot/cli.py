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
from sqlalchemy.exc import SQLAlchemyError

from bot.app import assemble, run
from bot.cases.forms import FIRST_DATE, LAST_DATE
from bot.clock import SystemClock, today
from bot.delivery.slack_errors import UNREACHABLE, classify
from bot.meeting.calendar import monday_of
from bot.messages.phrase import Phrase
from bot.refusal import Refused
from bot.registers.fest import RegisterFault, read_brand_csv, read_fest
from bot.services import Services
from bot.settings import Settings, SettingsFault, load_settings
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
    logging.basicConfig(
        level=logging.INFO if wanted.command == "run" else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    try:
        return int(wanted.do(wanted) or 0)
    except (CouldNot, SettingsFault, RegisterFault) as fault:
        _complain(str(fault))
    except UNREACHABLE as fault:
        _complain(f"Slack svarer ikke som det skal: {classify(fault)}")
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as fault:
        _complain(f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault))
    except KeyboardInterrupt:
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
    importing.set_defaults(do=_catalogue_import)

    stock = add("stock", "lager", _run).add_subparsers(required=True, metavar="HVA")
    sheet = stock.add_parser("import", help="les inn et ark med beholdning, forbruk eller leveranser (CSV eller XLSX)")
    sheet.add_argument("file", type=Path, metavar="FIL")
    sheet.add_argument("--partial", action="store_true", help="lagre radene uten feil selv om andre har feil")
    sheet.add_argument("--create-pools", action="store_true", help="opprett ukjente lager som et sykehus' eget lager")
    sheet.set_defaults(do=_stock_import)

    match = add("match", "hvilket legemiddel som menes; uten ord leses en linje om gangen fra standard inn", _match)
    match.add_argument("--json", action="store_true", help="en JSON-linje per svar")
    match.add_argument("query", nargs="*", metavar="ORD")

    cover = add("cover", "hvor lenge lagrene rekker", _cover)
    cover.add_argument("--json", action="store_true", help="som JSON")
    cover.add_argument("--as-of", type=_date, default=None, metavar="DATO", help="regn fra denne datoen (ÅÅÅÅ-MM-DD)")

    digest = add("digest", "møtelisten slik den står nå", _digest)
    digest.add_argument("--json", action="store_true", help="som JSON")
    digest.add_argument("--week", type=_week, default=None, metavar="UKE", help="møtets uke, for eksempel 2026-W47")

    add("doctor", "sjekk innstillinger, database, katalog, kanaler og lager", _doctor)
    return parser


def _date(text: str) -> dt.date:
    try:
        return _sensible(dt.date.fromisoformat(text), text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} er ingen dato; skriv ÅÅÅÅ-MM-DD") from None


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


def _with_services(work: Callable[[Services, Settings], Awaitable[int | None]]) -> int:
    settings, clock = load_settings(), SystemClock()

    async def go() -> int:
        database = Database.at(settings.database, clock.now)
        try:
            await schema.upgrade(database.engine)
            services = assemble(settings, database, clock)
            await services.stock.ensure_pools()
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
    reader = read_brand_csv if path.suffix.casefold() == ".csv" else read_fest

    async def work(services: Services, _: Settings) -> None:
        read, changed = await services.catalogue.take_in(reader(path), path.name)
        print(f"{read} preparater lest fra {path.name}, {changed} nye eller endret.")

    return _with_services(work)


def _stock_import(wanted: argparse.Namespace) -> int:
    path = _existing(wanted.file)

    async def work(services: Services, _: Settings) -> int:
        try:
            found = await services.stock.import_file(
                path.read_bytes(), path.name, partial=wanted.partial, create_pools=wanted.create_pools
            )
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        for fault in found.faults:
            _complain(f"{path.name}: {fault.line}")
        if found.faults and not (wanted.partial and found.rows):
            _complain(f"{path.name}: ingenting er lagret")
            return 1
        told = await services.alerts.check()
        print(
            f"{found.rows} rader lagret fra {path.name}: {found.items} varer i {', '.join(found.pools)}. "
            f"Varsler: {len(told)}."
        )
        return 0  # with --partial the faults were expected; each stands on standard error

    return _with_services(work)


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
    async def work(services: Services, _: Settings) -> None:
        digest = await services.meeting.compose(wanted.week)
        if wanted.json:
            print(json.dumps(digest.as_json(), ensure_ascii=False, indent=2))
        else:
            print("\n\n".join(message.text for message in services.meeting.render(digest)))

    return _with_services(work)


def _doctor(_: argparse.Namespace) -> int:
    from bot.doctor import examine

    async def go() -> list[tuple[bool, Phrase]]:
        return await examine(load_settings())

    findings = asyncio.run(go())
    for fine, finding in findings:
        print(f"{'ok  ' if fine else 'FEIL'} {finding}")
    return 0 if all(fine for fine, _ in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
