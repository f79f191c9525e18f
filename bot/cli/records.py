"""What is kept: the log, archive copies, what is stored of a person."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bot import spreadsheet
from bot.cases.archive import KINDS
from bot.cases.retention import Kept
from bot.cli.arguments import Commands, date
from bot.cli.doing import FILES_ONLY, CouldNot, complain, slack, with_services, write, wrong_call
from bot.delivery.slack_errors import DeliveryError
from bot.messages.phrase import phrase
from bot.people.records import HEADINGS
from bot.refusal import Refused
from bot.services import Services
from bot.settings import Settings


def add_to(commands: Commands) -> None:
    """The commands of this module."""
    log = commands.group("audit", "loggen: hvem som gjorde hva, og når")
    exported = log.add_parser("export", help="loggen for en sak eller en periode")
    exported.add_argument("--case", default=None, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    exported.add_argument("--from", dest="first", type=date, default=None, metavar="DATO", help="fra og med")
    exported.add_argument("--to", dest="last", type=date, default=None, metavar="DATO", help="til og med")
    exported.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
    exported.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    exported.set_defaults(do=_audit_export)

    archive = commands.group("archive", "arkivkopier, og det som slettes etter innstillingene")
    copied = archive.add_parser("export", help="alt som er kjent, sagt og besluttet i en sak, merket for innsyn")
    copied.add_argument("--case", required=True, metavar="SAK", help="saksnummeret, for eksempel 2025-0147")
    copied.add_argument("--format", choices=KINDS, default="pdf", help="PDF/A, HTML eller JSON (uten: pdf)")
    copied.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    copied.add_argument("--without-thread", action="store_true", help="uten det som er skrevet i sakens tråd i Slack")
    copied.set_defaults(do=_archive_export)
    erasing = archive.add_parser("erase", help="slett det som er oppbevart lenge nok etter [retention]")
    erasing.add_argument("--dry-run", action="store_true", help="vis bare hvor mye som ville blitt slettet")
    erasing.set_defaults(do=_archive_erase)

    person = commands.group("person", "det som er lagret om en person")
    personal = person.add_parser("export", help="alt som er lagret om en person, som JSON")
    personal.add_argument("slack_user", metavar="U…", help="personens Slack-id")
    personal.add_argument("--output", type=Path, default=None, metavar="FIL", help="skriv til filen")
    personal.set_defaults(do=_person_export)
    erased = person.add_parser("erase", help="ta bort en persons Slack-id og arbeidssted; saker og logg blir stående")
    erased.add_argument("slack_user", metavar="U…", help="personens Slack-id")
    erased.add_argument("--dry-run", action="store_true", help="vis bare hva som ville blitt endret")
    erased.set_defaults(do=_person_erase)


def _audit_export(wanted: argparse.Namespace) -> int:
    if (wanted.case is None) == (wanted.first is None or wanted.last is None):
        wrong_call("audit export trenger enten --case SAK, eller --from DATO og --to DATO")
    if wanted.format in FILES_ONLY and wanted.output is None:
        wrong_call(f"--format {wanted.format} trenger --output FIL")

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
        write(made, wanted.output)

    return with_services(work, search=False)


def _archive_export(wanted: argparse.Namespace) -> int:
    if wanted.format == "pdf" and wanted.output is None:
        wrong_call("--format pdf trenger --output FIL")

    async def work(services: Services, settings: Settings) -> None:
        try:
            client = None if wanted.without_thread else slack(settings)
            copy, names = await services.archive.with_thread(wanted.case, None, client)
            papers = await services.archive.papers(copy, names, (wanted.format,))
            await services.archive.note(copy, (wanted.format,), None, key=None)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        except DeliveryError as fault:
            raise CouldNot(
                f"Slack gir ikke sakens tråd ({fault}); prøv igjen, eller utelat den med --without-thread"
            ) from None
        write(papers[0].content if wanted.output else papers[0].content.decode().rstrip("\n"), wanted.output)
        if not copy.thread_read and wanted.output is not None:
            print("Det som er skrevet i sakens tråd i Slack, er ikke med.")

    return with_services(work, search=False)


def _archive_erase(wanted: argparse.Namespace) -> int:
    async def work(services: Services, settings: Settings) -> int:
        if not settings.retention.anything:
            print("Ingenting slettes: [retention] er tom i innstillingene.")
            return 0
        if wanted.dry_run:
            due = await services.retention.due()
            print(f"Ville blitt slettet: {_kept(due)}. Ingenting er endret.")
            return 0
        done = await services.retention.erase(slack(settings))
        print(f"Slettet: {_kept(done)}.")
        if done.waiting:
            complain(f"{done.waiting} saker venter: Slack gir ikke trådene deres nå")
        return int(bool(done.waiting))

    return with_services(work, search=False)


def _kept(kept: Kept) -> str:
    return (
        f"fritekst og meldinger i {kept.cases} avsluttede saker, {kept.messages} direktemeldinger, "
        f"innholdet i {kept.files} filer, {kept.people} personer"
    )


def _person_export(wanted: argparse.Namespace) -> int:
    async def work(services: Services, _: Settings) -> None:
        try:
            found = await services.records.export(wanted.slack_user)
        except Refused as refused:
            raise CouldNot(str(refused)) from None
        write(json.dumps(found, ensure_ascii=False, indent=2), wanted.output)

    return with_services(work, search=False)


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

    return with_services(work, search=False)
