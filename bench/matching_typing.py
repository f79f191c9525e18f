"""Type-ahead: how many letters until the right substance is among the first five options and stays there."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import mean

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from bench.matching_errors import KINDS
from bench.matching_sets import names
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.normalise import plain, spelling, words

PLACES = 5
Options = Callable[[str], list[frozenset[str]]]


def letters_needed(options: Options, typed: str, right: frozenset[str]) -> int:
    """The letters typed until an option of `right` (ATC codes) is among the first five and stays; one more than
    all of them if it never does."""
    needed = len(typed) + 1
    for length in range(len(typed), 1, -1):
        if not any(right & codes for codes in options(typed[:length])[:PLACES]):
            break
        needed = length
    return needed


def with_an_error(name: str, rng: random.Random) -> str | None:
    """`name` with one typing error among its first five letters."""
    for _ in range(10):
        made = KINDS[rng.choice(list(KINDS))](name[:5], rng)
        if made and made != name[:5]:
            return made + name[5:]
    return None


class Peers:
    """Other rankers over the same names, one option of each substance, ties by the shorter name."""

    def __init__(self, catalogue: Catalogue) -> None:
        every = sorted(((_letters(name), codes) for name, codes in names(catalogue)), key=lambda pair: len(pair[0]))
        self._names = [name for name, _ in every]
        self._codes = [codes for _, codes in every]
        self._cut: dict[int, list[str]] = {}

    def prefix(self, typed: str) -> list[frozenset[str]]:
        """Exact beginnings."""
        return self._distinct(at for at, name in enumerate(self._names) if name.startswith(typed))

    def jaro_winkler(self, typed: str) -> list[frozenset[str]]:
        """Jaro-Winkler likeness to the whole name."""
        scores = process.cdist([typed], self._names, scorer=JaroWinkler.similarity)[0]
        return self._distinct((-scores).argsort(kind="stable")[:200])

    def prefix_osa(self, typed: str) -> list[frozenset[str]]:
        """Optimal string alignment distance to the beginning of the same length."""
        cut = self._cut.setdefault(len(typed), [name[: len(typed)] for name in self._names])
        scores = process.cdist([typed], cut, scorer=OSA.distance)[0]
        return self._distinct(scores.argsort(kind="stable")[:400])

    def floor(self, typed: str) -> list[frozenset[str]]:
        """The best that five places can do when nothing but the letters is known: the substances to which most
        of the names still possible belong."""
        counted = Counter(self._codes[at] for at, name in enumerate(self._names) if name.startswith(typed))
        whole = [self._codes[at] for at, name in enumerate(self._names) if name == typed]
        return list(dict.fromkeys([*whole, *(codes for codes, _ in counted.most_common(PLACES))]))[:PLACES]

    def _distinct(self, order: Sequence[int] | object) -> list[frozenset[str]]:
        found: dict[frozenset[str], None] = {}
        for at in order:  # type: ignore[attr-defined]
            found.setdefault(self._codes[at])
            if len(found) == PLACES:
                break
        return list(found)


def _letters(name: str) -> str:
    return "".join(spelling(word) for word in words(plain(name)))


def measure(catalogue: Catalogue, count: int, seed: int) -> dict[str, tuple[float, float]]:
    """Mean letters needed, clean and with an error, by ranker, over `count` names drawn evenly."""
    rng = random.Random(seed)
    every = [(letters, codes) for name, codes in names(catalogue) if len(letters := _letters(name)) >= 5]
    chosen = rng.sample(every, min(count, len(every)))
    wrong = [(typed, codes) for name, codes in chosen if (typed := with_an_error(name, rng))]
    peers = Peers(catalogue)
    rankers: dict[str, Options] = {
        "ours": lambda typed: [frozenset(c.atcs) for c in catalogue.type_ahead(typed, limit=PLACES)],
        "exact prefix": peers.prefix,
        "Jaro-Winkler": peers.jaro_winkler,
        "prefix-OSA": peers.prefix_osa,
        "floor": peers.floor,
    }
    return {
        name: (
            mean(letters_needed(options, typed, right) for typed, right in chosen),
            mean(letters_needed(options, typed, right) for typed, right in wrong) if name != "floor" else float("nan"),
        )
        for name, options in rankers.items()
    }
