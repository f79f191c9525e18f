"""The schema's version: bring a database up to ours, and say where it stands."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

import storage.tables  # noqa: F401
from storage.engine import WRITE

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, for the given connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def is_newer(at: str | None, head: str) -> bool:
    """Whether a database stands at a revision of a release that came after ours: our revisions are numbered."""
    return at is not None and at.isdigit() and head.isdigit() and int(at) > int(head)


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction; replicas that start together take turns.

    One that a newer release has changed already is left as it is: each release's changes leave the one before it able
    to work (docs/decisions/071), so that replicas are replaced one by one, and an old one may start again.
    """

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('mangelvakt:schema'))"))
        if revision == "head":
            at, ours = MigrationContext.configure(connection).get_current_revision(), _head()
            newer = is_newer(at, ours)
            if newer:
                log.warning("the database is of a newer release (%s, ours is %s); we go on with it as it is", at, ours)
            if newer or at == ours:
                return
        command.upgrade(alembic_config(connection), revision)

    async with engine.connect() as connection:
        writing = await connection.execution_options(**{WRITE: True})
        await writing.run_sync(run)
        await writing.commit()


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the database back to `revision`."""
    async with engine.connect() as connection:
        writing = await connection.execution_options(**{WRITE: True})
        await writing.run_sync(lambda c: command.downgrade(alembic_config(c), revision))
        await writing.commit()


async def standing(engine: AsyncEngine) -> tuple[str | None, str]:
    """The database's revision (None: empty) and ours."""
    async with engine.connect() as connection:
        at = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return at, _head()


def _head() -> str:
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None  # noqa: S101
    return head


async def differences(engine: AsyncEngine) -> list[object]:
    """What the tables in the code have and the migrated database has not, or the other way round."""
    options = {"compare_type": _other_type} if engine.dialect.name == "sqlite" else {}

    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda c: list(compare_metadata(MigrationContext.configure(c, opts=options), SQLModel.metadata))
        )


def _other_type(_context: object, _there: object, _here: object, found: TypeEngine[Any], ours: TypeEngine[Any]) -> bool:
    """SQLite keeps no lengths: VARCHAR(12) holds forty characters as well. Each other difference counts."""
    if isinstance(found, String) and isinstance(ours, String):
        return False
    return found._type_affinity is not ours._type_affinity
