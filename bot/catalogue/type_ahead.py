"""What is offered while a name is being typed, from the second letter on."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz.distance import OSA

from bot.catalogue.match import Candidate, Item, Kind
from bot.catalogue.normalise import plain, spelling, words

FEWEST_LETTERS = 2
EDIT_COST = 1.0


@dataclass(frozen=True, slots=True)
class _Start:
    """A place in a name where typing may begin: the name's beginning, or that of a later word."""

    spelled: str
    later_word: bool
    items: tuple[Item, ...]
    substance: str


class TypeAhead:
    """Completes what is typed to names, exactly first, else with one letter wrong.

    Order: a name's beginning before a later word's; what is reported often first; then the substance that
    most of the names still possible belong to. One option of each substance comes before any second one.
    """

    def __init__(self, names: Iterable[tuple[str, tuple[Item, ...]]]) -> None:
        starts: list[_Start] = []
        for written, items in names:
            parts = [spelling(word) for word in words(plain(written))]
            for at in range(min(len(parts), 4)):
                tail = "".join(parts[at:])
                if len(tail) >= FEWEST_LETTERS:
                    starts.append(_Start(tail, at > 0, items, items[0].substance))
        starts.sort(key=lambda start: start.spelled)
        self._starts = starts
        self._spelled = [start.spelled for start in starts]

    def options(self, typed: str, limit: int, popularity: Mapping[str, float] | None = None) -> tuple[Candidate, ...]:
        """At most `limit` options for `typed`; none under two letters."""
        letters = "".join(spelling(word) for word in words(plain(typed)))
        if len(letters) < FEWEST_LETTERS:
            return ()
        exact = self._beginning_with(letters)
        scored = [(1.0 - 0.2 * start.later_word, start) for start in exact]
        return _one_of_each_first(scored, limit, popularity or {})

    def _beginning_with(self, letters: str) -> Sequence[_Start]:
        low = bisect_left(self._spelled, letters)
        high = bisect_left(self._spelled, letters + "\uffff")
        return self._starts[low:high]


def _one_of_each_first(
    scored: Sequence[tuple[float, _Start]], limit: int, popularity: Mapping[str, float]
) -> tuple[Candidate, ...]:
    common = Counter(start.substance for _, start in scored)
    ordered = sorted(
        scored,
        key=lambda pair: (
            -pair[0],
            -max((popularity.get(item.id, 0.0) for item in pair[1].items), default=0.0),
            -common[pair[1].substance],
            len(pair[1].spelled),
        ),
    )
    first: dict[str, Candidate] = {}
    later: dict[str, Candidate] = {}
    seen: set[str] = set()
    for score, start in ordered:
        for item in start.items:
            name = item.name.casefold()
            if name in first or name in later:
                continue
            group = later if start.substance in seen else first
            seen.add(start.substance)
            group[name] = Candidate(item, score, item.preparations)
    return tuple(islice((*first.values(), *later.values()), limit))


__all__ = ["EDIT_COST", "FEWEST_LETTERS", "OSA", "Kind", "TypeAhead"]
