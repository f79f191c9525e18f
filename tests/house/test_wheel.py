"""The built wheel, in an empty environment, carries all that the bot needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the console commands of an environment that holds the wheel and its dependencies alone."""
    folder = tmp_path_factory.mktemp("wheel")
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *quiet, "--no-deps", "-w", str(folder), str(ROOT)],
        check=True,
        timeout=300,
    )
    wheel = next(folder.glob("mangelvakt-*.whl"))
    venv.create(folder / "empty", with_pip=True)
    binaries = folder / "empty" / "bin"
    done = subprocess.run(
        [str(binaries / "python"), "-m", "pip", "install", *quiet, "-c", str(ROOT / "constraints.txt"), str(wheel)],
        capture_output=True,
        text=True,
        timeout=500,
    )
    if done.returncode and "Could not find a version" in done.stderr:
        pytest.skip("no package index can be reached, so nothing can be installed")
    assert done.returncode == 0, done.stderr
    return binaries


def run(installed: Path, tmp_path: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("MANGELVAKT_", "SLACK_", "PYTHON"))
    }
    return subprocess.run(
        [str(installed / "mangelvakt"), *words],
        cwd=tmp_path,
        env=plain | {"DATABASE_URL": f"sqlite:///{tmp_path / 'wheel.sqlite'}"},
        input=typed,
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_help_and_version(installed: Path, tmp_path: Path) -> None:
    assert "demo" in run(installed, tmp_path, "--help").stdout
    assert run(installed, tmp_path, "--version").stdout.startswith("mangelvakt 0.")


def test_match_knows_every_medicine_and_migrates_its_own_database(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "match", "--json", typed="valtrexx 500mg tab\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["candidates"][0]["name"] == "Valtrex tab 500 mg"


def test_digest_finds_its_templates(installed: Path, tmp_path: Path) -> None:
    assert "Mangelmøtet" in run(installed, tmp_path, "digest").stdout


def test_translations_are_carried(installed: Path) -> None:
    found = list((installed.parent / "lib").glob("python*/site-packages/bot/messages/locale/messages.pot"))
    assert len(found) == 1


def test_the_demo_serves_its_page(installed: Path, tmp_path: Path) -> None:
    import urllib.request

    demo = subprocess.Popen(
        [str(installed / "mangelvakt"), "demo"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert demo.stdout is not None
        address = demo.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310 - the demo's own address
            assert b'lang="nb"' in page.read()
    finally:
        demo.terminate()
        demo.wait(timeout=20)
