"""How likely one spelling is a mistyping of another: edits weighed by how easily they happen on a phone.

Names of different medicines differ by several letters that lie apart on the keyboard (pravastatin,
pitavastatin); a mistyped name by one letter's neighbour, by two letters that changed places, by a letter
written twice. Counting all edits alike cannot tell these apart, weighing them can.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

LETTER = 1.0
"""A letter too many or too few."""
DOUBLED = 0.3
"""A letter twice instead of once, or once instead of twice."""
SWAPPED = 0.7
"""Two letters that changed places."""
NEIGHBOUR = 0.7
"""A neighbouring key."""
SAME_SOUND = 0.3
"""Another letter for the same sound."""
VOWEL = 0.8
"""One vowel for another."""
OTHER = 1.2
"""Any other letter."""
MOST_EDITS = 6
"""With more edits than this nobody has mistyped anything: it is another word."""
FIRST = 0.5
"""More for an error in the first letter, which is seldom mistyped."""

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = ("ck", "cs", "sz", "iy", "vw", "ij", "kq", "ei", "ae")
_VOWELS = "aeiouy"


def _substitutions() -> dict[tuple[str, str], float]:
    costs: dict[tuple[str, str], float] = {}
    for one in _VOWELS:
        for other in _VOWELS:
            costs[one, other] = VOWEL
    for y, row in enumerate(_ROWS):
        for x, letter in enumerate(row):
            for at, line in ((x + 1, y), (x, y + 1), (x - 1, y + 1)):
                if line < len(_ROWS) and 0 <= at < len(_ROWS[line]):
                    costs[letter, _ROWS[line][at]] = costs[_ROWS[line][at], letter] = NEIGHBOUR
    for pair in _SOUNDS:
        costs[pair[0], pair[1]] = costs[pair[1], pair[0]] = SAME_SOUND
    return costs


_SUBSTITUTION = _substitutions()


def _differing(typed: str, meant: str) -> tuple[str, str]:
    """Both without the beginning and end that they share, but for a letter of each: it shows what is doubled."""
    shortest = min(len(typed), len(meant))
    start = next((at for at in range(shortest) if typed[at] != meant[at]), shortest)
    shared = next((at for at in range(shortest - start) if typed[-1 - at] != meant[-1 - at]), shortest - start)
    start, end = max(0, start - 1), max(0, shared - 1)
    return typed[start : len(typed) - end], meant[start : len(meant) - end]


@lru_cache(maxsize=4096)
def typing_cost(typed: str, meant: str, most: float = 6.0) -> float:
    """The cost of the cheapest edits from `meant` to `typed` (0: equal); `most` when it is that or more.

    An alignment as in optimal string alignment distance, with the costs above. Both are `spelling`s.
    """
    if typed == meant:
        return 0.0
    if OSA.distance(typed, meant, score_cutoff=MOST_EDITS) > MOST_EDITS:
        return most
    first = FIRST if typed[:1] != meant[:1] else 0.0
    typed, meant = _differing(typed, meant)
    before: list[float] = []
    last = [0.0]
    for at, letter in enumerate(meant):
        last.append(last[-1] + (LETTER + first if not at else DOUBLED if meant[at - 1] == letter else LETTER))
    for row, new in enumerate(typed):
        doubled = DOUBLED if row and typed[row - 1] == new else LETTER
        line = [last[0] + doubled + (first if not row else 0.0)]
        for column, old in enumerate(meant):
            same = 0.0 if new == old else _SUBSTITUTION.get((new, old), OTHER)
            skipped = DOUBLED if column and meant[column - 1] == old else LETTER
            if row == column == 0 and same:
                same += first
            cost = min(last[column] + same, last[column + 1] + doubled, line[column] + skipped)
            if row and column and new == meant[column - 1] and old == typed[row - 1]:
                cost = min(cost, before[column - 1] + SWAPPED)
            line.append(cost)
        before, last = last, line
    return min(most, last[-1])
