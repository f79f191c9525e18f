"""Which names share letters with a query: an index over character n-grams, built once and never changed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]


FEWEST_CONSONANTS = 4
"""Consonants from which they are telling without their vowels."""
_VOWELS = str.maketrans("", "", "aeiou")


def grams(text: str) -> set[str]:
    """The two- and three-letter pieces of `text`, its beginning marked: a name's start weighs more."""
    padded = f"^{text}"
    pieces = {padded[at : at + 2] for at in range(len(padded) - 1)}
    pieces.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return pieces


def skeleton(text: str) -> str:
    """The consonants of `text`, each once where vowels were between two alike."""
    return text.translate(_VOWELS)


class GramIndex:
    """An inverted index from n-grams to the texts that contain them, weighted by how telling each gram is."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        holders: dict[str, list[int]] = {}
        for number, text in enumerate(texts):
            for gram in grams(text):
                holders.setdefault(gram, []).append(number)
        self._postings: dict[str, Integers] = {
            gram: np.array(numbers, dtype=np.int32) for gram, numbers in holders.items()
        }
        self._weight: dict[str, float] = {
            gram: float(np.log(1 + self._size / len(numbers))) ** 2 for gram, numbers in holders.items()
        }
        self._unknown = float(np.log(1 + self._size)) ** 2
        norms = np.zeros(self._size, dtype=np.float64)
        for gram, numbers in self._postings.items():
            norms[numbers] += self._weight[gram]
        self._skeletons: dict[str, list[int]] = {}
        for number, text in enumerate(texts):
            self._skeletons.setdefault(skeleton(text), []).append(number)
        self._texts: dict[int, list[str]] = {}
        self._numbers: dict[int, list[int]] = {}
        for number, text in enumerate(texts):
            self._texts.setdefault(len(text), []).append(text)
            self._numbers.setdefault(len(text), []).append(number)
        self._scale: npt.NDArray[np.float64] = 1.0 / np.sqrt(np.maximum(norms, 1e-9))

    def nearest(self, text: str, limit: int) -> list[tuple[int, float]]:
        """The `limit` texts nearest to `text`: their numbers and cosine likeness (0–1), best first."""
        postings: list[Integers] = []
        weights: list[float] = []
        lengths: list[int] = []
        norm = 0.0
        for gram in grams(text):
            weight = self._weight.get(gram)
            if weight is None:
                norm += self._unknown
                continue
            norm += weight
            posting = self._postings[gram]
            postings.append(posting)
            weights.append(weight)
            lengths.append(len(posting))
        if not postings:
            return []
        shared = np.bincount(np.concatenate(postings), weights=np.repeat(weights, lengths), minlength=self._size)
        likeness = shared * (self._scale / norm**0.5)
        best = np.argpartition(likeness, -limit)[-limit:] if limit < self._size else np.arange(self._size)
        near = likeness[best]
        order = np.argsort(-near, kind="stable")
        return [pair for pair in zip(best[order].tolist(), near[order].tolist(), strict=True) if pair[1] > 0.0]

    def same_consonants(self, text: str) -> Sequence[int]:
        """Texts with the consonants of `text` in its order, at least `FEWEST_CONSONANTS` of them.

        Wrong vowels here and there ("respiridal" for Risperdal) leave few n-grams in common.
        """
        bare = skeleton(text)
        return self._skeletons.get(bare, ()) if len(bare) >= FEWEST_CONSONANTS else ()

    def few_edits(self, text: str, most: int, limit: int) -> list[int]:
        """Texts of nearly the same length, at most `most` edits from `text`, at most `limit` of each length.

        Two letters that change places leave a short text no common n-gram; this finds what `nearest` cannot.
        """
        found: list[int] = []
        for length in range(len(text) - 1, len(text) + 2):
            near = process.extract(
                text,
                self._texts.get(length, ()),
                scorer=OSA.distance,
                processor=None,
                score_cutoff=most,
                limit=limit,
            )
            found.extend(self._numbers[length][at] for _, _, at in near)
        return found
