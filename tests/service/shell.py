"""The command line as another program calls it: in a folder of its own, with a clean environment."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot import cli

ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    """What came of a call."""

    returncode: int
    stdout: str
    stderr: str


class Shell:
    """A folder and a database of one's own, and a clean environment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        self.environment = {"DATABASE_URL": f"sqlite:///{folder / 'data' / 'mangelvakt.sqlite'}"}
        monkeypatch.chdir(folder)

    def __call__(self, *words: str, typed: str | bytes = "", **environment: str) -> Done:
        """Call `mangelvakt words…`; an exception that gets out is a traceback, and fails the test."""
        data = io.BytesIO(typed.encode() if isinstance(typed, str) else typed)
        with self._monkeypatch.context() as patch:
            for name in os.environ:
                if name.startswith(("MANGELVAKT_", "SLACK_")):
                    patch.delenv(name)
            for name, value in (self.environment | environment).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(data, encoding="utf-8"))
            self._capsys.readouterr()
            try:
                code = cli.main(words)
            except SystemExit as left:
                code = left.code
        said = self._capsys.readouterr()
        return Done(int(code or 0), said.out, said.err)

    def process(self, *words: str, typed: str = "") -> Done:
        """The same as a process of its own, with nothing but these settings in its environment."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *words],
            input=typed.encode(),
            capture_output=True,
            env=self.environment | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            cwd=self.folder,
            timeout=100,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def file(self, name: str, content: str | bytes) -> str:
        """A file in the folder; its path."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def fails(self, *words: str, code: int = 1, typed: str = "", **environment: str) -> str:
        """Run what must fail: nothing on standard output, one line on standard error; that line."""
        done = self(*words, typed=typed, **environment)
        assert done.returncode == code, done
        assert done.stdout == ""
        lines = done.stderr.splitlines()
        assert len(lines) == 1, lines
        assert lines[0].startswith("mangelvakt")
        return lines[0]

    def rows(self, *words: str) -> Any:
        """What it prints as JSON."""
        done = self(*words)
        assert (done.returncode, done.stderr) == (0, ""), done
        return json.loads(done.stdout)
