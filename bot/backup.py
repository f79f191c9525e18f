"""A copy of everything stored, in one file, taken while the bot runs; and the way back."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from storage.engine import asynchronous

WITHIN_SECONDS = 3600
SQLITE_HEADER = b"SQLite format 3\x00"
DUMP_HEADER = b"PGDMP"


class BackupFault(Exception):
    """It could not be done, and nothing is half-done; `str()` is the one line that says why."""


def backup(url: str, to: Path) -> None:
    """Copy the database at `url` to the file `to`: one consistent moment, whole or not at all. For its owner's eyes.

    SQLite: its own backup, which lets others write meanwhile. PostgreSQL: `pg_dump`, which must be on this machine.
    """
    target = asynchronous(url)
    if to.exists():
        raise BackupFault(f"{to} finnes fra før; velg et annet navn")
    beside = _private(to)
    try:
        if target.get_backend_name() == "sqlite":
            _copy(_file_of(target), beside)
        else:
            _run(dump_command(target, beside), target)
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)


def restore(url: str, of: Path) -> None:
    """Put the copy `of` at `url`, where nothing may stand yet: no restore can destroy anything.

    SQLite: the file must not exist. PostgreSQL: `pg_restore` into an empty database, in one transaction.
    """
    target = asynchronous(url)
    try:
        with of.open("rb") as content:
            header = content.read(len(SQLITE_HEADER))
    except FileNotFoundError:
        raise BackupFault(f"fant ikke filen {of}") from None
    if target.get_backend_name() == "sqlite":
        if header != SQLITE_HEADER:
            raise BackupFault(f"{of} er ingen kopi av en SQLite-base; DATABASE_URL peker på en")
        _put_back(_file_of(target), of)
        return
    if not header.startswith(DUMP_HEADER):
        raise BackupFault(f"{of} er ingen kopi av en PostgreSQL-base (pg_dump); DATABASE_URL peker på en")
    _must_be_empty(target)
    _run(restore_command(target, of), target)


def dump_command(target: URL, to: Path) -> list[str]:
    """The call of `pg_dump`. The password is no part of it: others on the machine see it."""
    return ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}", _address(target)]


def restore_command(target: URL, of: Path) -> list[str]:
    """The call of `pg_restore`: all of it, or nothing."""
    how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    return ["pg_restore", *how, f"--dbname={_address(target)}", str(of)]


def _address(target: URL) -> str:
    """As libpq reads it, without the password. (`URL.set(password=None)` would leave it in.)"""
    return target._replace(drivername="postgresql", password=None).render_as_string()


def _run(command: Sequence[str], target: URL) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise BackupFault(f"{command[0]} finnes ikke på denne maskinen; installer postgresql-client")
    environment = dict(os.environ)
    if target.password is not None:
        environment["PGPASSWORD"] = str(target.password)
    try:
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, no shell, and no word of a user's
            [program, *command[1:]],
            env=environment,
            capture_output=True,
            text=True,
            timeout=WITHIN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BackupFault(f"{command[0]} ble ikke ferdig på {WITHIN_SECONDS // 60} minutter") from None
    if done.returncode:
        first, *rest = done.stderr.splitlines() or [f"kode {done.returncode}"]
        said = " ".join([first, *(line for line in rest if "version" in line)])  # other lines may repeat a row
        raise BackupFault(said if said.startswith(command[0]) else f"{command[0]}: {said}")


def _file_of(target: URL) -> Path:
    if not target.database or target.database == ":memory:":
        raise BackupFault("en SQLite-base uten fil kan ikke kopieres")
    return Path(target.database)


def _copy(source: Path, to: Path) -> None:
    if not source.is_file():
        raise BackupFault(f"fant ingen base i {source}")
    try:
        with (
            contextlib.closing(sqlite3.connect(source)) as here,
            contextlib.closing(sqlite3.connect(to)) as there,
        ):
            here.backup(there)
            _must_be_whole(there, source)
            there.execute("PRAGMA journal_mode=DELETE")  # readable from where nothing can be written
    except sqlite3.Error as fault:
        raise BackupFault(f"{source} kunne ikke kopieres: {fault}") from None


def _must_be_whole(base: sqlite3.Connection, file: Path) -> None:
    answer = base.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise BackupFault(f"{file} er skadet: {answer}")
    if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        raise BackupFault(f"{file} er ingen base fra Mangelvakt")


def _put_back(base: Path, of: Path) -> None:
    for there in (base, *(base.with_name(base.name + ending) for ending in ("-wal", "-shm"))):
        if there.exists():
            raise BackupFault(f"{there} finnes fra før; stopp boten og flytt filen bort først")
    base.parent.mkdir(parents=True, exist_ok=True)
    beside = _private(base)
    try:
        _copy(of, beside)
        beside.replace(base)
    finally:
        beside.unlink(missing_ok=True)


def _private(file: Path) -> Path:
    """An empty file beside `file` that its owner alone may read."""
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return beside


def _must_be_empty(target: URL) -> None:
    try:
        with psycopg.connect(_address(target), password=target.password, connect_timeout=5) as there:
            found = there.execute("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1").fetchone()
    except psycopg.Error as fault:
        raise BackupFault(f"basen svarer ikke: {next(iter(str(fault).splitlines()), '')}") from None
    if found:
        raise BackupFault(f"basen {target.database} er ikke tom; lag en ny (createdb) og pek DATABASE_URL på den")
