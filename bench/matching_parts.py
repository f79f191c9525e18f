"""What each part of the matcher is worth: it is taken out, nothing else changes (`python -m bench.matching_parts`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench import matching_sets
from bench.matching_sets import Case
from bot.catalogue import shipped
from bot.catalogue.catalogue import Catalogue, ranking_weights
from bot.catalogue.matcher import Matcher
from bot.catalogue.query import Vocabulary
from bot.catalogue.ranking import NAME_FEATURES, PRODUCT_FEATURES

SEED = 2027


def without_each_part(catalogue: Catalogue) -> Iterator[tuple[str, Matcher]]:
    """The whole matcher, then one without each list and each likeness in turn."""
    weights, limits = ranking_weights()
    vocabulary = catalogue.vocabulary
    names = catalogue.names
    synonyms = {name for name, _ in shipped.language().synonyms}
    own = [(written, items) for written, items in names if written not in synonyms]

    def made(known: Vocabulary = vocabulary, entries: Sequence[object] = names) -> Matcher:
        return Matcher(entries, known, weights, limits)  # type: ignore[arg-type]

    yield "everything", made()
    yield "− synonyms", made(entries=own)
    yield (
        "− other languages' words",
        made(replace(vocabulary, translations={"sodium": "natrium", "potassium": "kalium"})),
    )
    yield "− suppliers' words", made(replace(vocabulary, makers={}))
    yield "− salts", made(replace(vocabulary, salts=()))
    for at, feature in enumerate(NAME_FEATURES):
        cut = (*weights.name[:at], 0.0, *weights.name[at + 1 :])
        yield f"− name: {feature}", Matcher(names, vocabulary, replace(weights, name=cut), limits)
    for at, feature in enumerate(PRODUCT_FEATURES):
        cut = (*weights.product[:at], 0.0, *weights.product[at + 1 :])
        yield f"− product: {feature}", Matcher(names, vocabulary, replace(weights, product=cut), limits)


def without_finding(catalogue: Catalogue) -> Iterator[tuple[str, Matcher]]:
    """The whole matcher, then one without each of the ways to find what letters alone do not lead to."""
    parts = {part: matcher for part, matcher in without_each_part(catalogue) if part in _FOR_FINDING}
    yield "everything", parts.pop("everything")
    vowels = Matcher(catalogue.names, catalogue.vocabulary, *ranking_weights())
    vowels._index._skeletons = {}
    yield "− same consonants", vowels
    substance = Matcher(catalogue.names, catalogue.vocabulary, *ranking_weights())
    substance._of_substance = {}
    yield "− products of the substance", substance
    yield from parts.items()


_FOR_FINDING = ("everything", "− product: form", "− product: clash", "− product: unasked_release")


def in_five(matcher: Matcher, cases: Sequence[Case]) -> float:
    """The share of cases whose right substance is among the first five."""
    return sum(any(map(case.right, matcher.match(case.query).candidates)) for case in cases) / len(cases)


def first_share(matcher: Matcher, cases: Sequence[Case], *, product: bool = False) -> float:
    """The share of cases whose right substance (or product) is first."""
    right = 0
    for case in cases:
        ranked = matcher.rank(matcher.read(case.query))
        if ranked:
            right += case.right_product(ranked[0].item) if product else case.right(ranked[0].item)
    return right / len(cases)


def main() -> None:
    """Print the tables as Markdown, in per cent."""
    catalogue = Catalogue.shipped()
    by_substance = matching_sets.substances_asked_for(catalogue, SEED, 200)
    hospital = [case for case in matching_sets.hospital(catalogue) if case.product]
    redmed = matching_sets.redmed(catalogue)
    print("| part | by substance → product | hospital → product | redmed in five |\n|---|---|---|---|")
    for part, matcher in without_finding(catalogue):
        found = [first_share(matcher, cases, product=True) for cases in (by_substance, hospital)]
        row = (*found, in_five(matcher, redmed))
        print(f"| {part} | " + " | ".join(f"{100 * value:.1f}" for value in row) + " |", flush=True)
    print(flush=True)
    sets = {
        "shorthand": matching_sets.shorthand(catalogue),
        "DMP": matching_sets.dmp_names(catalogue)[:400],
        "English": matching_sets.english(catalogue),
        "redmed": matching_sets.redmed(catalogue)[:600],
        "typing": matching_sets.typing_errors(catalogue, SEED, each=80),
    }
    print("| part | shorthand → product | " + " | ".join(sets) + " |")
    print("|---|" + "---|" * (len(sets) + 1))
    for part, matcher in without_each_part(catalogue):
        row = [first_share(matcher, sets["shorthand"], product=True)]
        row += [first_share(matcher, cases) for cases in sets.values()]
        print(f"| {part} | " + " | ".join(f"{100 * value:.1f}" for value in row) + " |", flush=True)


if __name__ == "__main__":
    main()
