"""Everything that is installed with the bot may be used with it: its licence is on our list."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
OPEN = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|PSF|Python Software Foundation|MPL|Mozilla|Zlib|CC0|ISC|"
    r"LGPL|GNU Lesser|HPND|Unlicense)\b",
    re.IGNORECASE,
)
"""Free to use beside MIT code. LGPL and MPL ask something of whoever changes those packages; we change none."""
CLOSED = re.compile(r"\b(AGPL|Affero|GPL|GNU General)\b|proprietary|commercial", re.IGNORECASE)


def licences_of(package: Distribution) -> list[str]:
    """What the package says of its licence: the expression, else the classifiers, else the beginning of the text."""
    said = package.metadata
    if said.get("License-Expression"):
        return [str(said["License-Expression"])]
    named = [line.split("::")[-1].strip() for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    return named or [str(said.get("License") or "").strip()[:60]]


def acceptable(licences: list[str]) -> bool:
    """True where one of several to choose among, or the one there is, is open to us."""
    return any(OPEN.search(one) and (not CLOSED.search(one) or " OR " in one) for one in licences)


def installed_with_the_bot() -> dict[str, Distribution]:
    """The project's dependencies and theirs, those that this machine needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    todo = [(Requirement(line), "") for line in project["dependencies"]]
    while todo:
        wanted, extra = todo.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        try:
            package = distribution(wanted.name)
        except PackageNotFoundError:
            continue
        more = [Requirement(line) for line in package.requires or []]
        new = wanted.name.lower() not in found
        found[wanted.name.lower()] = package
        todo += [(one, of) for one in more for of in (*wanted.extras, *([""] if new else []))]
    return found


def test_every_package_has_a_licence_on_the_list() -> None:
    packages = installed_with_the_bot()
    assert {"slack-bolt", "numpy", "pillow", "psycopg-binary"} <= {name.replace("_", "-") for name in packages}
    refused = {name: licences_of(one) for name, one in packages.items() if not acceptable(licences_of(one))}
    assert not refused


def test_what_is_not_open_to_us_is_refused() -> None:
    assert acceptable(["MIT"])
    assert acceptable(["GNU General Public License v2 or later (GPLv2+)", "Mozilla Public License 1.1 (MPL 1.1)"])
    assert acceptable(["GPL-3.0-only OR MIT"])
    for closed in ("AGPL-3.0-only", "GPL-3.0-or-later", "Proprietary", "MIT AND GPL-2.0-only", ""):
        assert not acceptable([closed]), closed
