"""What every command does alike: the services on the database, files in and out, one line where it could not."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from alembic.util import CommandError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot import event_loop
from bot.app import assemble
from bot.clock import SystemClock
from bot.delivery.slack_client import slack_client
from bot.paper import as_pdf
from bot.refusal import Refused
from bot.registers.table import MOST_BYTES
from bot.services import Services
from bot.settings import Settings, load_settings
from storage import schema
from storage.engine import shown
from storage.unit_of_work import Database

T = TypeVar("T")

FILES_ONLY = ("xlsx", "png", "svg")
"""Forms that a terminal does not show."""


class CouldNot(Exception):
    """The command could not be done; `str()` is the one line that says why."""


def complain(what: str) -> None:
    """One line on standard error."""
    print(f"mangelvakt: {' '.join(what.split())}", file=sys.stderr)


def wrong_call(problem: str) -> NoReturn:
    """Two, and one line that says why."""
    complain(problem)
    raise SystemExit(2)


def with_services(work: Callable[[Services, Settings], Awaitable[int | None]], *, search: bool = True) -> int:
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

    return with_the_database(settings, go())


def with_the_database(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end; whatever the database cannot do is `CouldNot`, with its address but no password."""
    try:
        return event_loop.run(work)
    except (SQLAlchemyError, CommandError) as fault:
        cause = getattr(fault, "orig", None) or fault
        reason = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
        if isinstance(fault, CommandError):
            reason = f"den er fra en annen utgave av Mangelvakt ({reason})"
        raise CouldNot(f"databasen {shown(settings.database)} svarer ikke som den skal: {reason}") from None
    except ValueError as fault:
        raise CouldNot(str(fault)) from None


def existing(path: Path) -> Path:
    """The path of a file that is there. Raises `CouldNot`."""
    if not path.is_file():
        raise CouldNot(f"fant ikke filen {path}")
    return path


def content_of(path: Path) -> bytes:
    """The file's bytes; one that no table can be as large as is not read at all."""
    if path.stat().st_size > MOST_BYTES:
        raise CouldNot(f"{path.name} er {path.stat().st_size // 1024**2} MB; grensen er {MOST_BYTES // 1024**2} MB")
    return path.read_bytes()


def write(made: str | bytes, path: Path | None) -> None:
    """To the file, whole or not at all; without one to standard output."""
    content = made if isinstance(made, bytes) else f"{made}\n".encode()
    if path is None:
        sys.stdout.write(content.decode("utf-8-sig"))
        return
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
    print(f"Skrevet til {path}.")


def printed(page: str, form: str) -> bytes:
    """An HTML page as a `pdf` or as it is. Raises `CouldNot` where this machine cannot print."""
    try:
        return as_pdf(page) if form == "pdf" else page.encode()
    except Refused as refused:
        raise CouldNot(str(refused)) from None


def slack(settings: Settings) -> AsyncWebClient | None:
    """Slack, where there is a token."""
    token = settings.slack_bot_token
    return slack_client(settings.slack_api_url, token.get_secret_value()) if token else None
