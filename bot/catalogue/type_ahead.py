"""What is offered while a name is being typed, from the second letter on."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log
from operator import itemgetter

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.catalogue.match import Candidate, Item
from bot.catalogue.mistyping import typing_cost
from bot.catalogue.normalise import plain, spelling, words

FEWEST_LETTERS = 2
FEWEST_MISTYPED = 3
"""Letters from which an error is looked for; with fewer, everything is one letter away from everything."""
ENOUGH = 5
"""Substances that are seen at a glance: with so many exact ones no error is looked for."""
LONGEST_TYPED = 40
REMEMBERED = 1000
"""Beginnings that are remembered with what they may be a mistyping of: what is short is reported by many."""
MANY_NAMES = 0.25
"""What a mistyped beginning gains with e times as many names of its substance: many are meant more often."""
LATER_WORD = 0.5
"""What it costs that a later word of a name begins so, not the name."""


@dataclass(frozen=True, slots=True)
class _Start:
    """A place where typing a name may begin: its beginning, or that of a later word."""

    spelled: str
    later_word: bool
    written: str
    items: tuple[Item, ...]
    substance: str


class TypeAhead:
    """Completes what is typed to names, as typed, and where few are left also with one letter wrong.

    Order: the cheapest typing error (none first); then what is reported often; then the substance that most of
    the names still possible belong to, since that is right most often. One option of each substance comes before
    any second one.
    """

    def __init__(self, names: Iterable[tuple[str, tuple[Item, ...]]]) -> None:
        starts: list[_Start] = []
        for written, items in names:
            parts = [spelling(word) for word in words(plain(written))]
            for at in range(min(len(parts), 4)):
                tail = "".join(parts[at:])
                if len(tail) >= FEWEST_LETTERS:
                    starts.append(_Start(tail, at > 0, written, items, items[0].substance))
        starts.sort(key=lambda start: start.spelled)
        self._starts = starts
        self._spelled = [start.spelled for start in starts]
        self._prefixes: dict[int, list[str]] = {}
        self._remembered: dict[str, dict[str, float]] = {}

    def options(self, typed: str, limit: int, popularity: Mapping[str, float] | None = None) -> tuple[Candidate, ...]:
        """At most `limit` options for `typed`, one of each substance first; none under two letters.

        `popularity`: how often an item (by id) is reported, any scale.
        """
        letters = "".join(spelling(word) for word in words(plain(typed)))[:LONGEST_TYPED]
        if not letters or sum(map(str.isalnum, typed)) < FEWEST_LETTERS:  # "oe" is two, though it is spelled "ø"
            return ()
        found = [(LATER_WORD * start.later_word, start) for start in self._beginning_with(letters)]
        if len(letters) >= FEWEST_MISTYPED and len({start.substance for _, start in found}) < ENOUGH:
            found.extend(self._mistyped(letters))
        return _one_of_each_first(letters, found, limit, popularity or {})

    def _beginning_with(self, letters: str) -> Sequence[_Start]:
        low = bisect_left(self._spelled, letters)
        return self._starts[low : bisect_left(self._spelled, letters + "\uffff", low)]

    def _mistyped(self, letters: str) -> Iterator[tuple[float, _Start]]:
        """The starts that `letters` come to with one edit, or two in a long beginning, and what these cost."""
        costs = self._remembered.get(letters)
        if costs is None:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            costs = self._remembered[letters] = self._near(letters)
        for prefix, cost in costs.items():
            for start in self._beginning_with(prefix):
                if not start.spelled.startswith(letters):
                    yield 1.0 + cost + LATER_WORD * start.later_word, start

    def _near(self, letters: str) -> dict[str, float]:
        """The beginnings that `letters` may be a mistyping of, and what each costs."""
        most = 1 if len(letters) < 7 else 2
        costs: dict[str, float] = {}
        for length in range(len(letters) - 1, len(letters) + 2):
            near = process.extract(letters, self._of_length(length), scorer=OSA.distance, score_cutoff=most, limit=None)
            for prefix, _, _ in sorted(near, key=itemgetter(2)):
                costs[prefix] = typing_cost(letters, prefix)
        return {prefix: cost for prefix, cost in costs.items() if cost}

    def _of_length(self, length: int) -> list[str]:
        """All beginnings of `length` letters; gathered once for each length."""
        known = self._prefixes.get(length)
        if known is None:
            known = sorted({spelled[:length] for spelled in self._spelled if len(spelled) >= length})
            self._prefixes[length] = known
        return known


def _one_of_each_first(
    letters: str, found: Sequence[tuple[float, _Start]], limit: int, popularity: Mapping[str, float]
) -> tuple[Candidate, ...]:
    common: Counter[str] = Counter()
    for cost, start in found:
        if cost == 0.0 or cost >= 1.0:
            common[start.substance] += 1

    def order(pair: tuple[float, _Start]) -> tuple[float, ...]:
        cost, start = pair
        popular = max((popularity.get(item.id, 0.0) for item in start.items), default=0.0)
        whole = start.spelled == letters
        likely = cost if cost < 1.0 else cost - MANY_NAMES * log(common[start.substance])
        return (round(likely, 1), -whole, -popular, -common[start.substance], len(start.spelled))

    first: dict[str, Candidate] = {}
    later: dict[str, Candidate] = {}
    seen: set[str] = set()
    for cost, start in sorted(found, key=order):
        for item in start.items:
            name = item.name.casefold()
            if name not in first and name not in later:
                group = later if start.substance in seen else first
                seen.add(start.substance)
                group[name] = Candidate(item, 1.0 / (1.0 + cost), item.preparations)
        if len(first) >= limit:
            break
    return tuple(islice((*first.values(), *later.values()), limit))
