"""SQLite's connections: a statement is one visit to the connection's thread.

aiosqlite goes there to make a cursor, to execute, to fetch and to close: four times, and whoever writes keeps all
others waiting meanwhile. SQLAlchemy fetches all rows at once anyhow, so they come along with the first visit.

SQLite's own cursor is closed on that visit too. Were it left to whoever lets go of it last, the event loop would want
the connection, and stand still for as long as a later statement in the connection's thread waits for the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Self

import aiosqlite


class Connection(aiosqlite.Connection):
    """aiosqlite's, with cursors that cost one visit."""

    def cursor(self) -> Any:
        """A cursor as SQLAlchemy uses them: entered, executed once, fetched whole, closed."""
        return Cursor(self)

    def made(self) -> sqlite3.Cursor:
        """SQLite's own cursor. To be called in the connection's thread."""
        return self._conn.cursor()

    async def visit(self, work: Any, *given: Any) -> None:
        """Do `work` in the connection's thread."""
        await self._execute(work, *given)  # type: ignore[no-untyped-call]


class Cursor:
    """One statement and its rows."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        """The columns; None where the statement gives no rows."""
        self.rowcount = -1
        """How many rows were changed; -1 where that is not known."""
        self.lastrowid: int | None = None
        """The id of the row that was inserted last."""

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute, and fetch what it gives. Raises sqlite3's errors."""
        await self._connection.visit(self._execute, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Execute for each of `parameters`; gives no rows."""
        await self._connection.visit(self._executemany, statement, parameters)
        return self

    def _execute(self, statement: str, parameters: Sequence[Any]) -> None:
        with closing(self._connection.made()) as cursor:
            cursor.execute(statement, parameters)
            self._rows = cursor.fetchall() if cursor.description else []
            self._remember(cursor)

    def _executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        with closing(self._connection.made()) as cursor:
            cursor.executemany(statement, parameters)
            self._remember(cursor)

    def _remember(self, cursor: sqlite3.Cursor) -> None:
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Forget the rows. SQLite is done with the statement: see the top of this file."""
        self._rows = []


def connect(database: str, **options: Any) -> Connection:
    """What SQLAlchemy takes as `async_creator_fn`: a connection that is opened when it is awaited."""
    connection = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
