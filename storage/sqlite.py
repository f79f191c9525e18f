"""SQLite's connections: a statement is one visit to the connection's thread.

aiosqlite goes there to make a cursor, to execute, to fetch and to close: four times, and whoever writes keeps all
others waiting meanwhile. SQLAlchemy fetches all rows at once anyhow, so they come along with the first visit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
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
        self._cursor: sqlite3.Cursor | None = None
        self._rows: list[Any] = []

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
        self._cursor = self._connection.made()
        self._cursor.execute(statement, parameters)
        self._rows = self._cursor.fetchall() if self._cursor.description else []

    def _executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._cursor = self._connection.made()
        self._cursor.executemany(statement, parameters)

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Forget the rows; SQLite is done with a statement whose rows are fetched."""
        self._rows = []

    @property
    def description(self) -> Any:
        """The columns; None where the statement gives no rows."""
        return self._cursor.description if self._cursor is not None else None

    @property
    def rowcount(self) -> int:
        """How many rows were changed; -1 where that is not known."""
        return self._cursor.rowcount if self._cursor is not None else -1

    @property
    def lastrowid(self) -> int | None:
        """The id of the row that was inserted last."""
        return self._cursor.lastrowid if self._cursor is not None else None


def connect(database: str, **options: Any) -> Connection:
    """What SQLAlchemy takes as `async_creator_fn`: a connection that is opened when it is awaited."""
    connection = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
