"""What the README tells a newcomer to type works as written."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
ON_THE_COMMAND_LINE = [line for line in BLOCKS[-1].splitlines() if line]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A newcomer's environment: nothing of ours is set, and the base is a new one."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MANGELVAKT_", "SLACK_"))}
    return plain | {"DATABASE_URL": f"sqlite:///{tmp_path / 'readme.sqlite'}"}


def as_here(command: str) -> str:
    """The command with this run's own environment in place of `.venv`."""
    return command.replace(".venv/bin/mangelvakt", f"{shlex.quote(sys.executable)} -m bot.cli")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_commands_work_in_the_order_they_stand(environment: dict[str, str]) -> None:
    for command in ON_THE_COMMAND_LINE:
        done = subprocess.run(
            ["bash", "-c", as_here(command)], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, (command, done.stderr)
        if "--json" in command and "match" in command:
            answers = [json.loads(line) for line in done.stdout.splitlines()]
            assert [answer["query"] for answer in answers] == ["valtrexx 500mg tab", "zypadhera", "paraset"]
        if "digest" in command:
            assert "Mangelmøtet" in done.stdout


def test_the_two_commands_stand_first_and_the_makefile_has_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert BLOCKS[0].strip() == "make demo"
    assert BLOCKS[1].strip() == "make test"
    for target in re.findall(r"(?m)(?:`|^)make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_file_that_the_readme_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_every_setting_in_the_readme_is_read_by_the_bot() -> None:
    from bot.settings import Settings

    known = {field.alias or f"MANGELVAKT_{name.upper()}" for name, field in Settings.model_fields.items()}
    known.add("MANGELVAKT_CONFIG")
    named = set(re.findall(r"`((?:SLACK|MANGELVAKT|DATABASE)_[A-Z_]+)`", README))
    assert named <= known
