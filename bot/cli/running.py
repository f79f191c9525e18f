"""The bot itself: run, tried out, copied, looked at."""

from __future__ import annotations

import argparse
import asyncio
import logging
from pathlib import Path

from bot import backup, event_loop, logs
from bot.app import run
from bot.cli.arguments import Commands
from bot.cli.doing import CouldNot, with_the_database
from bot.messages.phrase import Phrase
from bot.messages.words import BOKMAAL
from bot.settings import load_settings
from storage.engine import shown


def add_to(commands: Commands) -> None:
    """The commands of this module."""
    commands.add("run", "kjør boten i arbeidsområdet som innstillingene peker på", _run)
    demo = commands.add("demo", "start et arbeidsområde på egen maskin med boten i; skriver adressen", _demo)
    demo.add_argument("--port", type=int, default=0, help="port på 127.0.0.1 (uten: en ledig)")

    copying = commands.add("backup", "kopier alt som er lagret, til en fil; boten kan kjøre imens", _backup)
    copying.add_argument("file", type=Path, metavar="FIL")
    putting = commands.add("restore", "sett en kopi på plass, der det ikke står noe fra før", _restore)
    putting.add_argument("file", type=Path, metavar="FIL")
    commands.add("doctor", "sjekk innstillinger, database, katalog, kanaler og lager", _doctor)


def _run(_: argparse.Namespace) -> None:
    settings = load_settings()
    logs.set_up(logging.INFO, settings)
    with_the_database(settings, run(settings))


def _demo(wanted: argparse.Namespace) -> None:
    from bot.demo import run_demo  # the workspace is needed for nothing else

    event_loop.run(run_demo(wanted.port))


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
