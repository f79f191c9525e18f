"""One engine for SQLite and PostgreSQL: a plain URL in, the right asynchronous driver and settings out."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage import sqlite

BUSY_TIMEOUT_MS = 10_000
PAGES_KEPT_KB = 512
"""What each of SQLite's connections keeps of the file; it would be 2 MB, and the system keeps the file anyway."""
HAND_OVER_WITHIN = 0.0005
"""Seconds that SQLite's threads wait for the loop's; see `_teach_sqlite`."""
CONNECT_WITHIN_SECONDS = 5
SOON_KNOWN = {
    "connect_timeout": CONNECT_WITHIN_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""libpq's settings by which a server that is gone is known to be gone; without them a call may wait for hours.
What stands in the URL goes before."""
ISOLATION = "READ COMMITTED"
"""What PostgreSQL has by default, said so that a server set otherwise changes nothing. Why: docs/decisions/071."""
LOST = ("readonly database", "disk I/O error", "unable to open database file")
"""What SQLite says on a connection that stays useless when the disk is well again."""
WRITE = "mangelvakt_write"
"""Execution option: this transaction will write, so SQLite takes its one write lock at once."""


def asynchronous(url: str) -> URL:
    """`sqlite:///…` or `postgresql://…` with the driver that we use. Raises `ValueError` for anything else."""
    try:
        plain = make_url(url)
    except Exception as error:  # SQLAlchemy's own error repeats the URL, password and all
        raise ValueError("DATABASE_URL kan ikke leses. Den skal være sqlite:///… eller postgresql://…") from error
    if "@" in (plain.host or ""):  # the rest of a password, which an error about the host would repeat
        raise ValueError("DATABASE_URL kan ikke leses. Skriv «@» i passordet som %40")
    backend = plain.get_backend_name()
    if backend == "sqlite":
        return plain.set(drivername="sqlite+aiosqlite")
    if backend in ("postgresql", "postgres"):
        return plain.set(drivername="postgresql+psycopg")
    raise ValueError("DATABASE_URL skal være sqlite:///… eller postgresql://…")


def shown(url: str) -> str:
    """`url` as it may be shown: without password and options."""
    return (
        asynchronous(url).set(drivername=make_url(url).get_backend_name(), password=None, query={}).render_as_string()
    )


def open_engine(url: str) -> AsyncEngine:
    """An engine for `url`. A SQLite file's folder is made where it is missing."""
    target = asynchronous(url)
    if target.get_backend_name() == "sqlite":
        if target.database and target.database != ":memory:":
            Path(target.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            target,
            hide_parameters=True,
            pool_size=4,
            max_overflow=12,
            pool_use_lifo=True,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "async_creator_fn": sqlite.connect},
        )
        _teach_sqlite(engine)
    else:
        engine = create_async_engine(
            target,
            hide_parameters=True,
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=True,
            pool_recycle=1800,
            pool_use_lifo=True,
            pool_timeout=CONNECT_WITHIN_SECONDS,
            isolation_level=ISOLATION,
            connect_args=SOON_KNOWN | target.query,
        )
    event.listen(engine.sync_engine, "handle_error", _without_values)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """Cut an error to its first line: PostgreSQL's further ones repeat the row, and with it what people wrote."""
    first = next(iter(str(context.original_exception).splitlines()), "")
    if any(words in first for words in LOST):
        context.is_disconnect = True
    context.original_exception.args = (first,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"{type(context.original_exception).__name__}: {first}",)


def _lower(text: Any) -> Any:
    """SQLite's own `lower` leaves Æ, Ø and Å as they are; PostgreSQL's does not."""
    return text.lower() if isinstance(text, str) else text


def _teach_sqlite(engine: AsyncEngine) -> None:
    """WAL, foreign keys, `lower` for Norwegian letters, and transactions that say when they begin.

    Python's sqlite3 begins a transaction by itself at the first write, which can then fail with
    "database is locked" half-way; so we begin by hand, and writers begin IMMEDIATE.

    aiosqlite asks in a thread of its own. Where the loop is busy, Python lets that thread wait 5 ms each time it has
    something to hand over, several times for a statement, and whoever writes keeps all others waiting meanwhile.
    """
    sys.setswitchinterval(HAND_OVER_WITHIN)

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.create_function("lower", 1, _lower, deterministic=True)
        cursor: sqlite3.Cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute(f"PRAGMA cache_size=-{PAGES_KEPT_KB}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
