"""The data the catalogue ships, read from the package (`data/README.md` names the sources)."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bot.catalogue.normalise import plain
from bot.catalogue.preparation import Preparation, Scope

_DATA = files("bot.catalogue") / "data"

PUBLISHED_ON = dt.date(2025, 12, 1)
"""The date of the shipped brand list."""


@dataclass(frozen=True, slots=True)
class Language:
    """What people wrote down about names: synonyms (name → meanings), look-alike pairs, foreign words, salts,
    suppliers' other names, and the ATC codes with their Norwegian names."""

    synonyms: tuple[tuple[str, str], ...]
    lookalikes: tuple[tuple[str, str], ...]
    translations: dict[str, str]
    salts: tuple[str, ...]
    makers: dict[str, str]
    atc_names: dict[str, str]


def _lines(name: str) -> Iterator[list[str]]:
    """The rows of a semicolon file, without comments and heading."""
    text = (_DATA / name).read_text(encoding="utf-8")
    rows = csv.reader((line for line in text.splitlines() if line and line[0] != "#"), delimiter=";")
    next(rows)
    yield from rows


def _packed(name: str) -> str:
    return gzip.decompress((_DATA / name).read_bytes()).decode("utf-8")


@cache
def language() -> Language:
    """The shipped lists about names."""
    salts = (_DATA / "salts.txt").read_text(encoding="utf-8").splitlines()
    atc = csv.DictReader(_packed("atc_norwegian_fhi.csv.gz").splitlines())
    return Language(
        tuple((name, means) for name, means in _lines("synonyms.csv")),
        tuple((one, other) for one, other in _lines("lookalikes.csv")),
        {plain(foreign): plain(norwegian) for foreign, norwegian in _lines("words.csv")},
        tuple(sorted((salt for salt in salts if salt and salt[0] != "#"), key=len, reverse=True)),
        {row[0]: row[1] for row in _lines("makers.csv")},
        {row["atc"]: row["navn_no"] for row in atc},
    )


def brand_list() -> str:
    """The FEST brand list, CSV as text."""
    return _packed("fest_merkevarer_2025-12.csv.gz")


def own_preparations(known: dict[str, Preparation]) -> Iterator[Preparation]:
    """The centre's own preparations, and corrections of `known` ones' substance."""
    for id_, brand, name, atc, substance, scope, synonyms, _why in _lines("own_preparations.csv"):
        if id_ in known:
            yield replace(known[id_], substance=substance)
        elif name:
            yield Preparation(
                id_,
                brand,
                name,
                atc or None,
                substance,
                scope=Scope(scope),
                synonyms=tuple(filter(None, synonyms.split("|"))),
                source="Mangelsenteret",
            )


@cache
def weights_file() -> dict[str, dict[str, float]]:
    """The ranking's weights and the decision's limits, by table and name."""
    return tomllib.loads((_DATA / "weights.toml").read_text(encoding="utf-8"))
