"""What the process says of itself, in lines for people or JSON for machines: no secret, no word that a person wrote."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterable, Iterator

import psycopg
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings

TOKEN = re.compile(r"xox[a-z](?:\.xox[a-z])?-[\w-]+|xapp-[\w-]+|(?<=://)[^/\s:@]+:[^/\s]+(?=@)|(?<=ticket=)[\w%.-]+")
"""Slack's tokens, a user and password in an address, the ticket of a socket: whoever logs them, they do not get out."""
HIDDEN = "[skjult]"


def set_up(level: int, settings: Settings | None = None) -> None:
    """Log to standard error from now on, as the settings say; without them in lines for people."""
    handler = logging.StreamHandler(sys.stderr)
    form = JsonLines if settings is not None and settings.log == "json" else PlainLines
    handler.setFormatter(form(settings.secrets() if settings is not None else ()))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it tells of each question, several a second


class PlainLines(logging.Formatter):
    """A line for people: when, how bad, who, what. A failure's trail follows, a line for each place."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        self.usesTime()
        record.asctime = self.formatTime(record)
        line = f"{record.asctime} {record.levelname} {record.name} {record.getMessage()}"
        return self.clean("\n  ".join([line, *trail_of(record)]))

    def clean(self, text: str) -> str:
        """`text` without anything that is secret."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return TOKEN.sub(HIDDEN, text)


class JsonLines(PlainLines):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`; of a failure `trail`, and `reference`.

    `reference` is the code that the person saw whose wish failed.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record's object."""
        told: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.clean(record.getMessage()),
        }
        reference = getattr(record, "reference", None)
        if reference is not None:
            told["reference"] = str(reference)
        trail = [self.clean(line) for line in trail_of(record)]
        if trail:
            told["trail"] = trail
        return json.dumps(told, ensure_ascii=False)


def trail_of(record: logging.LogRecord) -> list[str]:
    """What failed and where, the first cause first.

    The words of an exception are left out: they repeat what somebody wrote. The kind and the place find the fault.
    """
    error = record.exc_info[1] if record.exc_info else None
    return [line for one in reversed(list(_causes(error))) for line in _told(one)]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> list[str]:
    places = traceback.extract_tb(error.__traceback__)
    return [_kind(error), *(f"{place.filename}:{place.lineno} {place.name}" for place in places)]


def _kind(error: BaseException) -> str:
    """The exception's kind, and the few words that are never a person's: codes, and what the system says."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        return f"{name} ({_kind(error.orig)})" if error.orig is not None else name
    if isinstance(error, SlackApiError):
        return f"{name}: {error.response.get('error')}"
    if isinstance(error, psycopg.Error):
        return f"{name}: {error.sqlstate or '–'}"
    if isinstance(error, sqlite3.Error):
        return f"{name}: {next(iter(str(error).splitlines()), '')}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    return name
