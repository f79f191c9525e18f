"""`mangelvakt …`: exit 0 done, 1 could not, 2 wrong call. Errors: one line on standard error."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version

from bot import logs
from bot.cli import medicines, meeting, out, records, registers, running, stock
from bot.cli.arguments import Commands, Parser
from bot.cli.doing import CouldNot, complain
from bot.delivery.slack_errors import UNREACHABLE, classify
from bot.registers.fest import RegisterFault
from bot.settings import SettingsFault


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    logs.set_up(logging.INFO if wanted.command == "run" else logging.WARNING)
    try:
        return int(wanted.do(wanted) or 0)
    except (CouldNot, SettingsFault, RegisterFault) as fault:
        complain(str(fault))
    except BrokenPipeError:
        sys.stderr.close()
    except UNREACHABLE as fault:
        complain(f"Slack svarer ikke som det skal: {classify(fault)}")
    except OSError as fault:
        complain(f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault))
    except KeyboardInterrupt:
        complain("avbrutt")
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="mangelvakt", description="Mangelvakt: mangelmeldinger, lagerdekning og Mangelmøtet i Slack.")
    parser.add_argument("--version", action="version", version=f"mangelvakt {version('mangelvakt')}")
    commands = Commands(parser.add_subparsers(dest="command", required=True, metavar="KOMMANDO"))
    for module in (running, medicines, stock, meeting, out, registers, records):
        module.add_to(commands)
    return parser
