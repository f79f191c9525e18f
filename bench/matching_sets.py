"""The queries the matcher is measured on, each with what is right for it."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.matching_errors import ALL_KINDS, mistyped
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.forms import Form, releases_clash, routes_clash
from bot.catalogue.match import Candidate, Item, Kind
from bot.catalogue.normalise import plain, words
from bot.catalogue.preparation import Preparation
from bot.catalogue.query import read_query

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "misspellings"


HOSPITAL = Path(__file__).resolve().parents[1] / "tests" / "data" / "hospital_queries.csv"


@dataclass(frozen=True, slots=True)
class Case:
    """A query; `atcs`: the codes of the right substance; `product`: the right product's name, if one is;
    `form`: what the query says about route and release; `kind`: the kind of error, for typing errors."""

    query: str
    atcs: frozenset[str]
    product: str = ""
    form: Form = frozenset()
    kind: str = ""

    def right(self, item: Item | Candidate) -> bool:
        """The right substance, by a route and release that the query does not exclude."""
        if not self.atcs & set(item.atcs):
            return False
        if item.kind is Kind.SUBSTANCE or not self.form:
            return True
        whole = item.item if isinstance(item, Candidate) else item
        offered = whole.preparations[0].traits
        return not routes_clash(self.form, offered) and not releases_clash(self.form, offered)

    def right_product(self, item: Item | Candidate) -> bool:
        """The right product, or one of several that are ("|" between them), whatever the case of its name."""
        return item.name.casefold() in {name.strip() for name in self.product.casefold().split("|")}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the shared sets; none where the folder does not exist."""
    path = SHARED / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _all_codes(catalogue: Catalogue, atcs: set[str]) -> frozenset[str]:
    """The codes, and all others of the substances they stand for."""
    more = set(atcs)
    for item in catalogue.substances.values():
        if item.preparations and len(item.atcs) < 8 and atcs & set(item.atcs):
            more |= set(item.atcs)
    return frozenset(more)


def shorthand(catalogue: Catalogue) -> list[Case]:
    """How pharmacies write a package → the product."""
    return [
        Case(r["query"], _all_codes(catalogue, {r["atc"]}), r["navnFormStyrke"], _form(r["query"]))
        for r in rows("pharmacy_shorthand_dev.csv")
    ]


def dmp_names(catalogue: Catalogue) -> list[Case]:
    """Names as DMP writes them → the substance."""
    return [
        Case(r["name"], _all_codes(catalogue, set(r["atcs"].split("|"))), form=_form(r["name"]))
        for r in rows("dmp_truth_dev.csv")
    ]


def english(catalogue: Catalogue) -> list[Case]:
    """English substance names → the Norwegian substance."""
    return [Case(r["en"], _all_codes(catalogue, {r["atc"]})) for r in rows("english_norwegian_dev.csv")]


def redmed(catalogue: Catalogue) -> list[Case]:
    """Real misspellings from the web → the substance."""
    cases = []
    for row in rows("redmed_dev.csv"):
        item = catalogue.exact(name=row["norwegian_substance"] or row["correct"])
        if item is not None:
            cases.append(Case(row["misspelled"], frozenset(item.atcs)))
    return cases


def consumables() -> list[str]:
    """Things that are no medicines."""
    return [row["query"] for row in rows("not_medicines_dev.csv")]


def hospital(catalogue: Catalogue) -> list[Case]:
    """Queries as a hospital would type them, written by someone who had not seen the matcher: those that mean
    a medicine."""
    with HOSPITAL.open(encoding="utf-8-sig", newline="") as file:
        return [
            Case(r["query"], _all_codes(catalogue, set(r["atcs"].split("|"))), r["product"], _form(r["query"]))
            for r in csv.DictReader(file)
            if r["atcs"]
        ]


def _form(text: str) -> Form:
    from bot.catalogue.forms import form_of

    return form_of(words(plain(text)))


def names(catalogue: Catalogue) -> list[tuple[str, frozenset[str]]]:
    """Every brand and substance with preparations, and the codes of its substance."""
    found: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    for item in catalogue.substances.values():
        if item.preparations:
            shown.setdefault(item.name.casefold(), item.name)
            found.setdefault(item.name.casefold(), set()).update(item.atcs)
            for one in item.preparations:
                shown.setdefault(one.brand.casefold(), one.brand)
                found.setdefault(one.brand.casefold(), set()).update(item.atcs)
    return [(shown[key], frozenset(atcs)) for key, atcs in found.items() if len(key) >= 5]


def typing_errors(catalogue: Catalogue, seed: int, each: int = 400) -> list[Case]:
    """`each` mistyped names for every kind of error. Two errors only in names of eight letters or more; what
    happens to be another medicine's name is left out."""
    rng = random.Random(seed)
    every = names(catalogue)
    taken = {name.casefold(): atcs for name, atcs in every}
    cases: list[Case] = []
    for kind in ALL_KINDS:
        made = 0
        while made < each:
            name, atcs = rng.choice(every)
            if kind == "two errors" and len(name) < 8:
                continue
            typed = mistyped(name, kind, rng)
            if typed is None or not atcs & taken.get(typed.casefold(), atcs):
                continue
            cases.append(Case(typed, atcs, kind=kind))
            made += 1
    return cases


_FORMS_ASKED = (
    (re.compile(r"^tab"), ("tab", "tabl", "tabletter")),
    (re.compile(r"^kaps"), ("kaps", "kapsler")),
    (re.compile(r"^depottab"), ("depottab", "depottabletter", "dep tab")),
    (re.compile(r"depot"), ("depot",)),
    (re.compile(r"^enterotab"), ("enterotab", "enterotabletter")),
    (re.compile(r"^smeltetab"), ("smeltetab", "smeltetabletter")),
    (re.compile(r"^brusetab"), ("brusetab", "brusetabletter")),
    (re.compile(r"mikst"), ("mikst", "mikstur")),
    (re.compile(r"^(?!.*depot).*inj"), ("inj", "injeksjon")),
    (re.compile(r"inf(?:\b|usjon)"), ("inf", "infusjon")),
    (re.compile(r"^stikkpille"), ("stikkp", "stikkpiller")),
    (re.compile(r"^øyedr"), ("øyedr", "øyedråper")),
    (re.compile(r"^inh"), ("inh", "inhalasjon")),
    (re.compile(r"^krem"), ("krem",)),
    (re.compile(r"plaster"), ("plaster",)),
)
"""Forms as FEST writes them, and how a ward does."""
_PLAIN_STRENGTH = re.compile(r"\d+(?:,\d+)? (?:mg|g|mikrog|IE|E|mmol)(?:/(?:ml|dose|time))?")


def substances_asked_for(catalogue: Catalogue, seed: int, count: int = 50) -> list[Case]:
    """A substance with strength and form and no brand ("etoposid 20 mg/ml inf"), made from FEST's names by rule;
    right are all its products of that strength in that form. Drawn evenly over substances."""
    rng = random.Random(seed)
    items = [
        item
        for item in catalogue.substances.values()
        if item.preparations and item.atc and len(item.atc) == 7 and item.name.replace("-", "").isalpha()
    ]
    cases: list[Case] = []
    for item in rng.sample(items, len(items)):
        one = rng.choice(item.preparations)
        asked = [(pattern, ways) for pattern, ways in _FORMS_ASKED if pattern.search(one.form)]
        if not asked or not _PLAIN_STRENGTH.fullmatch(one.strength):
            continue
        pattern, ways = rng.choice(asked)
        form = rng.choice(ways)
        strength = rng.choice((one.strength, one.strength.replace(" ", ""), one.strength.replace(",", ".")))
        order = rng.choice(("{0} {1} {2}", "{0} {2} {1}", "{2} {0} {1}"))
        cases.append(
            Case(
                order.format(item.name.lower(), strength, form),
                frozenset(item.atcs),
                "|".join(other.name for other in item.preparations if _is_asked_for(other, one, pattern)),
                _form(form),
            )
        )
        if len(cases) == count:
            break
    return cases


def _is_asked_for(other: Preparation, one: Preparation, form: re.Pattern[str]) -> bool:
    """Whether `other` has the strength of `one` and the form asked for."""
    return bool(form.search(other.form)) and other.amounts.canonical == one.amounts.canonical


def every_set(catalogue: Catalogue, seed: int) -> Iterator[tuple[str, list[Case]]]:
    """All sets by name."""
    yield "pharmacy shorthand", shorthand(catalogue)
    yield "DMP names", dmp_names(catalogue)
    yield "English → Norwegian", english(catalogue)
    yield "misspellings (redmed)", redmed(catalogue)
    yield "hospital queries (blind)", hospital(catalogue)
    yield f"by substance (seed {seed})", substances_asked_for(catalogue, seed)
    yield f"typing errors (seed {seed})", typing_errors(catalogue, seed)


__all__ = ["Case", "consumables", "dmp_names", "english", "every_set", "read_query", "redmed", "shorthand"]
