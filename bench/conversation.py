"""Questions in people's own words: the share that is read right, by language and by what is asked."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Decision
from bot.commands import atc_code, case_number
from bot.conversation.reading import NOT_FOR_US, Intent, Reading, read

SENTENCES = Path(__file__).parents[1] / "tests" / "data" / "conversation_sentences.csv"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as somebody writes it, what was asked before it, and what it means."""

    id: str
    language: str
    text: str
    after: str
    intent: str
    subjects: tuple[str, ...]
    note: str


def sentences() -> list[Sentence]:
    """The set, in its order."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        return [
            Sentence(
                id=row["id"],
                language=row["language"],
                text=row["sentence"],
                after=row["after"],
                intent=row["intent"],
                subjects=tuple(filter(None, row["subject"].split("; "))),
                note=row["note"],
            )
            for row in csv.DictReader(file, delimiter=";")
        ]


def reading_of(sentence: Sentence, catalogue: Catalogue) -> Reading:
    """What the bot reads in it, with what was asked before."""
    before = read(sentence.after, catalogue.match) if sentence.after else None
    return read(sentence.text, catalogue.match, before)


def is_right(sentence: Sentence, reading: Reading, catalogue: Catalogue) -> bool:
    """Whether the intent is the expected one, and the matcher finds the same substance or brand as expected."""
    intent = Intent.UNKNOWN if reading.intent in NOT_FOR_US else reading.intent
    if intent.value != sentence.intent or len(reading.subjects) != len(sentence.subjects):
        return False
    return all(_same(*pair, catalogue) for pair in zip(sentence.subjects, reading.subjects, strict=True))


def _same(expected: str, read_as: str, catalogue: Catalogue) -> bool:
    for exactly in (case_number, atc_code):
        if exactly(expected):
            return exactly(expected) == exactly(read_as)
    if len(expected) == 1:
        return expected == read_as
    ours, theirs = catalogue.match(read_as), catalogue.match(expected)
    if Decision.NONE in (ours.decision, theirs.decision) and read_as.casefold() != expected.casefold():
        return False
    return ours.candidates[0].substance == theirs.candidates[0].substance


def run() -> None:
    """Print the table, and the sentences that are read wrong."""
    catalogue = Catalogue.shipped()
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    wrong = []
    for one in sentences():
        reading = reading_of(one, catalogue)
        good = is_right(one, reading, catalogue)
        for key in ((one.language, "all"), (one.language, one.intent), ("all", one.intent), ("all", "all")):
            right[key].append(good)
        for mark in filter(None, one.note.split(",")):
            right["all", f"({mark})"].append(good)
        if not good:
            wrong.append(f"  {one.id} «{one.text}»: read as {reading.intent} {', '.join(reading.subjects)}")
    kinds = sorted({kind for _, kind in right} - {"all"})
    print(f"{'read right':<14}" + "".join(f"{column:>12}" for column in ("nb", "nn", "en", "all")))
    for kind in ("all", *kinds):
        shares = [right.get((column, kind), []) for column in ("nb", "nn", "en", "all")]
        print(f"{kind:<14}" + "".join(f"{f'{sum(some)}/{len(some)}' if some else '–':>12}" for some in shares))
    if wrong:
        print("read wrong:", *wrong, sep="\n")
