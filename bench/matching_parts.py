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


def first_share(matcher: Matcher, cases: Sequence[Case], *, product: bool = False) -> float:
    """The share of cases whose right substance (or product) is first."""
    right = 0
    for case in cases:
        ranked = matcher.rank(matcher.read(case.query))
        if ranked:
            right += case.right_product(ranked[0].item) if product else case.right(ranked[0].item)
    return right / len(cases)


def main() -> None:
    """Print the table as Markdown, in per cent."""
    catalogue = Catalogue.shipped()
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
