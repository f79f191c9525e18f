"""How a command line is read: its commands, and the values that people write."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from typing import NoReturn

from bot.cases.forms import FIRST_DATE, LAST_DATE
from bot.cases.statistics_request import read_year
from bot.meeting.calendar import monday_of
from bot.refusal import Refused

Do = Callable[[argparse.Namespace], int | None]


class Commands:
    """Where a module adds its commands."""

    def __init__(self, commands: argparse._SubParsersAction[Parser]) -> None:
        self._commands = commands

    def add(self, name: str, does: str, do: Do) -> argparse.ArgumentParser:
        """A command."""
        command = self._commands.add_parser(name, help=does, description=does)
        command.set_defaults(do=do)
        return command

    def group(self, name: str, does: str) -> argparse._SubParsersAction[Parser]:
        """A command that needs a further word: what follows is added to the answer."""
        group = self._commands.add_parser(name, help=does, description=does)
        return group.add_subparsers(required=True, metavar="HVA")


class Parser(argparse.ArgumentParser):
    """A wrong call is answered in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read more; exit 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (se {self.prog} --help)\n")


def date(text: str) -> dt.date:
    """A day, `ÅÅÅÅ-MM-DD`. Like the others, raises `ArgumentTypeError` with what is wrong."""
    try:
        return _sensible(dt.date.fromisoformat(text), text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} er ingen dato; skriv ÅÅÅÅ-MM-DD") from None


def year(text: str) -> int:
    """A year, for example 2025."""
    try:
        return read_year(text)
    except Refused as refused:
        raise argparse.ArgumentTypeError(str(refused)) from None


def pair(text: str) -> tuple[str, str]:
    """`navn=verdi`; of several equals signs the last one parts them."""
    name, equals, value = text.rpartition("=") if text.count("=") > 1 else text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"{text!r} mangler likhetstegn; skriv navn=verdi")
    return name.strip(), value.strip()


def week(text: str) -> str:
    """A week of ISO 8601, for example 2026-W47."""
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
