"""Fits the ranking's and the decision's weights and writes them to `bot/catalogue/data/weights.toml`.

`python -m bench.matching_training` needs the development sets (`../shared`). Everything is seeded: the same data
give the same file.

*Ranking*: among a query's candidates the right ones should have the greatest score. The loss is that of a
softmax over the candidates (the right substance, and the right product where the set names one), drawn towards
the weights that stand in `START`, so that no weight strays far on account of a few rows.

*Decision*: logistic regression of "the first candidate is right" on the evidence, over the development sets,
mistyped names, medicines that are not in the catalogue, strings half-way between look-alikes, consumables and
everyday sentences. Whether anything is near at all is fitted in the same way, on the part of the evidence that
does not ask which one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench import matching_decision, matching_sets
from bench.matching_sets import Case
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.decision import EVIDENCE, NEARNESS, nearness, probability
from bot.catalogue.matcher import Matcher
from bot.catalogue.ranking import NAME_FEATURES, PRODUCT_FEATURES

Numbers = npt.NDArray[np.float64]

START = {
    "name": {
        "grams": 0.1,
        "spelled": 0.1,
        "heard": 0.2,
        "letters": 0.1,
        "cut": 0.05,
        "start": 0.1,
        "words": 0.15,
        "covered": 0.1,
        "first": 0.05,
        "same": 0.05,
        "initial": 0.0,
    },
    "product": {
        "strength": 0.08,
        "other_strength": -0.05,
        "parts": -0.06,
        "number": 0.03,
        "form": 0.04,
        "clash": -0.1,
        "unasked_release": -0.02,
        "maker": 0.04,
        "other_maker": -0.01,
        "brand": 0.05,
        "verbatim": 0.04,
        "stripped": -0.03,
        "substance": 0.06,
        "substance_for_product": 0.04,
    },
}
"""Weights set by hand, on the scale where an exact name scores about one."""

TEMPERATURE = 0.04
"""The score difference that makes one candidate e times as likely as another."""
TOWARDS_START = 3.0
"""How strongly the weights are drawn to `START`, per unit of the data's mean loss."""
TRAINING_SEEDS = (1, 2)
FALSE_MATCH_WEIGHT = 3.0
"""A match with a medicine that was not meant counts as much as three questions too many."""
NO_MEDICINE_WEIGHT = 10.0
MATCH_AT = 0.955
ASK_AT = 0.5
APART = 2.0

FILE = Path(__file__).resolve().parents[1] / "bot" / "catalogue" / "data" / "weights.toml"


def first_words(catalogue: Catalogue) -> list[Case]:
    """Brands of several words typed by their first word alone ("celeston"), where no other brand begins so."""
    begun: dict[str, set[str]] = {}
    codes: dict[str, frozenset[str]] = {}
    for name, atcs in matching_sets.names(catalogue):
        first, _, more = name.partition(" ")
        begun.setdefault(first.casefold(), set()).add(name)
        if more and len(first) >= 5:
            codes[first.casefold()] = atcs
    alone = [first for first in sorted(codes) if len(begun[first]) == 1]
    return [Case(first, codes[first]) for first in random.Random(1).sample(alone, min(300, len(alone)))]


def training_cases(catalogue: Catalogue) -> list[Case]:
    """The development sets, and mistyped names of the training seeds."""
    cases = [
        *matching_sets.shorthand(catalogue),
        *matching_sets.dmp_names(catalogue),
        *matching_sets.english(catalogue),
        *matching_sets.redmed(catalogue),
        *first_words(catalogue),
        *matching_sets.substances_asked_for(catalogue, TRAINING_SEEDS[0], 200),
    ]
    for seed in TRAINING_SEEDS:
        cases += matching_sets.typing_errors(catalogue, seed, each=250)
    return cases


Example = tuple[Numbers, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def examples(matcher: Matcher, cases: Iterable[Case], most: int = 40) -> list[Example]:
    """For each case its candidates' features, which are the right substance, which the right product. Cases
    that cannot be got right are left out."""
    found: list[Example] = []
    for case in cases:
        ranked = matcher.rank(matcher.read(case.query))[:most]
        if not ranked:
            continue
        right = np.array([case.right(scored.item) for scored in ranked])
        product = np.array([bool(case.product) and case.right_product(scored.item) for scored in ranked])
        if right.any() and not (right.all() and not product.any()):
            found.append((np.array([scored.features for scored in ranked]), right, product))
    return found


def fit_ranking(found: Sequence[Example], start: Numbers, rounds: int = 300) -> Numbers:
    """Gradient descent (Adam) on the softmax loss; the weights, on `start`'s scale."""
    sizes = [len(right) for _, right, _ in found]
    features = np.concatenate([f for f, _, _ in found])
    right = np.concatenate([r for _, r, _ in found]).astype(float)
    product = np.concatenate([p for _, _, p in found]).astype(float)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    has_product = np.add.reduceat(product, starts) > 0
    weights = start.copy()
    momentum, scale = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, rounds + 1):
        score = features @ weights / TEMPERATURE
        score -= np.maximum.reduceat(score, starts)[owner]
        share = np.exp(score)
        share /= np.add.reduceat(share, starts)[owner]
        pull = share.copy()
        in_right = share * right
        pull -= in_right / np.maximum(np.add.reduceat(in_right, starts), 1e-12)[owner]
        in_product = share * product
        toward = in_product / np.maximum(np.add.reduceat(in_product, starts), 1e-12)[owner]
        pull += 0.5 * (share - toward) * has_product[owner]
        slope = features.T @ pull / len(sizes) / TEMPERATURE + TOWARDS_START * (weights - start)
        momentum = 0.9 * momentum + 0.1 * slope
        scale = 0.99 * scale + 0.01 * slope**2
        weights -= 0.003 * (momentum / (1 - 0.9**step)) / (np.sqrt(scale / (1 - 0.99**step)) + 1e-6)
    return weights


Evidence = tuple[tuple[float, ...], bool, float]


def decision_examples(catalogue: Catalogue) -> list[Evidence]:
    """Evidence, whether the first candidate is right, and the weight of the example."""
    found: list[Evidence] = []

    def add(known: Catalogue, query: str, case: Case | None, weight: float) -> None:
        read = known.matcher.read(query)
        ranked = known.matcher.rank(read)
        matcher = known.matcher
        if ranked and not matcher.exact(read, ranked) and not matcher.incomplete(read, ranked[0]):
            right = case is not None and case.right(ranked[0].item)
            found.append((known.matcher.evidence(read, ranked), right, weight))

    for case in training_cases(catalogue):
        add(catalogue, case.query, case, 1.0)
    for known, typed in matching_decision.without_substances(catalogue, 1200, seed=TRAINING_SEEDS[0]):
        for query, _ in typed:
            add(known, query, None, FALSE_MATCH_WEIGHT)
    for query in matching_decision.between(6, seed=TRAINING_SEEDS[0]):
        add(catalogue, query, None, 1.0)
    for query in (*matching_sets.consumables(), *matching_decision.sentences()):
        add(catalogue, query, None, 2.0)
    return found


def fit_decision(found: Sequence[Evidence], ridge: float = 1.0) -> Numbers:
    """Logistic regression (Newton's method), ridge on standardised evidence; the weights of raw evidence."""
    features = np.array([evidence for evidence, _, _ in found])
    right = np.array([float(is_right) for _, is_right, _ in found])
    weight = np.array([each for _, _, each in found])
    centre, spread = features.mean(axis=0), features.std(axis=0)
    centre[0], spread[0] = 0.0, 1.0
    scaled = (features - centre) / np.where(spread > 0, spread, 1.0)
    fitted = np.zeros(features.shape[1])
    for _ in range(50):
        sure = 1 / (1 + np.exp(-scaled @ fitted))
        slope = scaled.T @ (weight * (sure - right)) + ridge * fitted
        curve = (scaled * (weight * sure * (1 - sure))[:, None]).T @ scaled + ridge * np.eye(len(fitted))
        fitted -= np.linalg.solve(curve, slope)
    raw: Numbers = fitted / np.where(spread > 0, spread, 1.0)
    raw[0] = fitted[0] - float(np.sum(raw[1:] * centre[1:]))
    return raw


def nearness_examples(catalogue: Catalogue) -> list[Evidence]:
    """Evidence, and whether a medicine was meant at all (and stands among the first five)."""
    found: list[Evidence] = []
    for case in training_cases(catalogue):
        read = catalogue.matcher.read(case.query)
        ranked = catalogue.matcher.rank(read)
        if any(case.right(scored.item) for scored in ranked[:5]):
            found.append((nearness(catalogue.matcher.evidence(read, ranked)), True, 1.0))
    for query in (*matching_sets.consumables(), *matching_decision.sentences()):
        read = catalogue.matcher.read(query)
        ranked = catalogue.matcher.rank(read)
        if ranked:
            found.append((nearness(catalogue.matcher.evidence(read, ranked)), False, NO_MEDICINE_WEIGHT))
    return found


def start() -> Numbers:
    """`START` as a vector."""
    return np.array([START["name"][f] for f in NAME_FEATURES] + [START["product"][f] for f in PRODUCT_FEATURES])


def write(ranking: Numbers, evidence: Numbers, near: Numbers) -> None:
    """The weights as a file that a person can read."""
    names = len(NAME_FEATURES)
    lines = ["# Made by `python -m bench.matching_training`; what each weight belongs to says ranking.py, decision.py."]
    for table, features, values in (
        ("name", NAME_FEATURES, ranking[:names]),
        ("product", PRODUCT_FEATURES, ranking[names:]),
        ("evidence", EVIDENCE, evidence),
        ("nearness", NEARNESS, near),
    ):
        lines += ["", f"[{table}]", *(f"{f} = {value:.4f}" for f, value in zip(features, values, strict=True))]
    lines += ["", "[decision]", f"match = {MATCH_AT}", f"ask = {ASK_AT}", f"apart = {APART}", ""]
    FILE.write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    """Fit both, the ranking twice (its weights choose the candidates), and write the file."""
    from bot.catalogue import catalogue as module
    from bot.catalogue import shipped

    if not matching_sets.SHARED.exists():
        raise SystemExit("The development sets (../shared) are not here: nothing is fitted.")

    def fresh() -> Catalogue:
        for cached in (shipped.weights_file, module.ranking_weights, module._shipped):
            cached.cache_clear()
        return Catalogue.shipped()

    evidence = np.array(list(shipped.weights_file()["evidence"].values()))
    near = np.array(list(shipped.weights_file()["nearness"].values()))
    write(start(), evidence, near)
    for _ in range(2):
        catalogue = fresh()
        ranking = fit_ranking(examples(catalogue.matcher, training_cases(catalogue)), start())
        write(ranking, evidence, near)
    found = decision_examples(fresh())
    evidence = fit_decision(found)
    near = fit_decision(nearness_examples(Catalogue.shipped()))
    write(ranking, evidence, near)
    sure = np.array([probability(list(evidence), each) for each, _, _ in found])
    right = np.array([is_right for _, is_right, _ in found])
    print(f"{len(found)} examples; matched {np.mean(sure[right] >= MATCH_AT):.3f} of the right ones,")
    print(f"{np.mean(sure[~right] >= MATCH_AT):.4f} of the wrong ones.")


if __name__ == "__main__":
    main()
