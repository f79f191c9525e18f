"""Databases by the hundred: one is migrated, the others are copies of it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg

from storage import schema
from storage.engine import open_engine

HEAD = "head"


class Base(Protocol):
    """One database of one run."""

    kind: str
    url: str

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """The rows that answer a query."""
        ...

    def tell(self, statement: str, *values: object) -> None:
        """Do one statement."""
        ...

    def drop(self) -> None:
        """Remove it."""
        ...


class SqliteBase:
    """A file."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(self._opened()) as there:
            return there.execute(question).fetchall()

    def tell(self, statement: str, *values: object) -> None:
        with contextlib.closing(self._opened()) as there:
            there.execute(statement.replace("%s", "?"), values)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Inside, nobody else can write: what another program that holds the file would do."""
        with contextlib.closing(self._opened()) as there:
            there.execute("BEGIN IMMEDIATE")
            yield
            there.execute("ROLLBACK")

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None, timeout=10, check_same_thread=False)

    def drop(self) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{self.path}{end}").unlink(missing_ok=True)


class PostgresqlBase:
    """A database of the server's."""

    kind = "postgresql"

    def __init__(self, server: str, name: str) -> None:
        self._server = server
        self.name = name
        self.url = server.replace("/postgres?", f"/{name}?")

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as there:
            return there.execute(question.encode()).fetchall()

    def tell(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.url, autocommit=True) as there:
            there.execute(statement.encode(), values)

    def go_away(self) -> None:
        """Break every connection and take no new one."""
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false'.encode())
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name])

    def come_back(self) -> None:
        """Take connections again."""
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true'.encode())

    def drop(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)'.encode())


class Bases:
    """Makes databases: empty ones of our schema, or of an older one."""

    def __init__(self, folder: Path, postgresql: str) -> None:
        self._folder = folder
        self._postgresql = postgresql
        self._templates: dict[tuple[str, str], Any] = {}
        self._making = asyncio.Lock()

    async def make(self, kind: str, revision: str = HEAD, where: Path | None = None) -> Base:
        """A database of `kind` at `revision`; a SQLite file lies in `where`, if that is said."""
        async with self._making:
            if (kind, revision) not in self._templates:
                self._templates[kind, revision] = await self._migrated(kind, revision)
            template = self._templates[kind, revision]
            if kind == "sqlite":
                path = (where or self._folder) / f"{uuid.uuid4().hex}.sqlite"
                shutil.copyfile(template.path, path)
                return SqliteBase(path)
            return await asyncio.to_thread(self._copied, template.name)

    def _copied(self, template: str) -> PostgresqlBase:
        name = f"faults_{uuid.uuid4().hex}"
        with psycopg.connect(self._postgresql, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return PostgresqlBase(self._postgresql, name)

    async def _migrated(self, kind: str, revision: str) -> Base:
        base: Base
        if kind == "sqlite":
            base = SqliteBase(self._folder / f"template_{revision}.sqlite")
        else:
            base = await asyncio.to_thread(self._copied, "template0")
        engine = open_engine(base.url)
        await schema.upgrade(engine, revision)
        await engine.dispose()
        return base

    def drop(self) -> None:
        """Remove the templates."""
        for template in self._templates.values():
            template.drop()


def revisions() -> list[str]:
    """Every schema that was ever released, oldest first."""
    versions = Path(schema.__file__).parent / "migrations" / "versions"
    return sorted(path.name[:4] for path in versions.glob("0*.py"))


Now = Callable[[], dt.datetime]
