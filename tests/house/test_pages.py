"""The pages on running it, on promises and on threats are true: each test they name exists, each line is explained."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def rows_of(page: str) -> list[str]:
    """The rows of a page's tables, without their headings."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith(("| promise", "| who |"))]


def names_in(path: Path) -> set[str]:
    """The names of the tests that stand in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("page", ["promises.md", "threat-model.md"])
def test_each_row_names_a_test_that_exists(page: str) -> None:
    rows = rows_of(page)
    assert rows
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for file, test in named:
            assert test in names_in(ROOT / file), (file, test)


@pytest.mark.parametrize("module", ["bot/health.py", "bot/doctor.py"])
def test_what_to_do_is_said_of_every_line_of_doctor_and_of_the_health_port(module: str) -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    said = [
        str(node.args[0].value)
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "phrase"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert len(said) > 3
    for sentence in said:
        shown = re.sub(r"\{\w+\}", "…", sentence).rstrip(".")
        assert shown in page, shown


def test_every_figure_that_is_watched_is_one_that_is_counted() -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    source = (ROOT / "bot" / "metrics.py").read_text(encoding="utf-8")
    counted = set(re.findall(r'_gauge\("(\w+)"', source)) | {
        name.removeprefix("mangelvakt_") for name in re.findall(r'"(mangelvakt_\w+)"', source)
    }
    named = {name.removesuffix("_total") for name in re.findall(r"mangelvakt_(\w+)", page)}
    assert named
    assert named <= counted


@pytest.mark.parametrize("page", ["operations.md", "promises.md", "threat-model.md"])
def test_what_the_pages_link_to_is_there(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (DOCS / target).exists(), target
    for path in re.findall(r"`(deploy/[\w./]+\w)`", text):
        assert (ROOT / path).exists(), path
