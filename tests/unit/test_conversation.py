"""A question in one's own words is read as what was meant, and never as an order."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest

from bench.conversation import Sentence, is_right, of_anything, reading_of, sentences
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Candidate, Decision, Match
from bot.catalogue.normalise import plain
from bot.conversation.reading import Find, Intent, Reading, _meant, _words, language_of, read

CATALOGUE = Catalogue.shipped()
CHANGES = [one for one in sentences() if "change" in one.note.split(",")]


@lru_cache(maxsize=100_000)
def match(words: str) -> Match:
    return CATALOGUE.match(words)


def test_the_set_is_three_hundred_sentences_in_three_languages() -> None:
    languages = [one.language for one in sentences()]
    assert [languages.count(language) for language in ("nb", "nn", "en")] == [100, 100, 100]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_of_a_hundred_sentences_at_least_ninety_five_are_read_right(language: str) -> None:
    some = [one for one in sentences() if one.language == language]
    wrong = [one.text for one in some if not is_right(one, reading_of(one, CATALOGUE), CATALOGUE)]
    assert len(wrong) <= 5, wrong


@pytest.mark.parametrize("sentence", CHANGES, ids=lambda one: one.id)
def test_an_order_to_change_something_is_only_refused(sentence: Sentence) -> None:
    assert reading_of(sentence, CATALOGUE) == Reading(Intent.CHANGE)


@pytest.mark.parametrize(
    ("before", "text", "intent", "subject"),
    [
        ("har vi nok meropenem?", "og Zovirax?", Intent.STOCK, "Zovirax"),
        ("har vi nok meropenem?", "hvem har den?", Intent.WHO, "meropenem"),
        ("status på Valtrex 500 mg", "hva med 250 mg?", Intent.STATUS, "Valtrex 250 mg"),
        ("hvor mange saker i J01?", "og i L01?", Intent.COUNT, "L01"),
        ("status på Valtrex", "er det mangel på meropenem?", Intent.STATUS, "meropenem"),
    ],
)
def test_a_question_goes_on_from_the_one_before(before: str, text: str, intent: Intent, subject: str) -> None:
    reading = read(text, match, read(before, match))
    assert (reading.intent, reading.subject) == (intent, subject)


@pytest.mark.parametrize("text", ["og lageret?", "hvem har den?", "kor lenge varer det", "and the substitute?"])
def test_a_question_that_goes_on_from_nothing_has_no_subject(text: str) -> None:
    reading = read(text, match)
    assert reading.leans and not reading.subjects


def test_what_is_asked_of_one_medicine_is_never_answered_for_the_one_before() -> None:
    reading = read("erstatning for benzoxqzidol", match, read("status på Valtrex", match))
    assert reading.subject == "benzoxqzidol"


def test_two_are_compared_also_when_the_first_was_named_before() -> None:
    reading = read("sammenlign med Zovirax", match, read("status på Valtrex", match))
    assert reading == Reading(Intent.COMPARE, ("Valtrex", "Zovirax"), leans=True)


def test_no_name_of_a_medicine_is_taken_for_a_word_of_a_question() -> None:
    names = {plain(item.substance) for item in CATALOGUE.substances.values()}
    names |= {plain(one.brand) for one in CATALOGUE}
    single = sorted(name for name in names if name.isalpha())
    taken = [name for name in single if _meant(name) or name in _words().nothing]
    assert len(taken) <= len(single) // 100, taken


def by_its_exact_name(words: str) -> Match:
    """What the matcher answers for a name that is written as in the catalogue, and nothing else: it costs nothing."""
    item = CATALOGUE.exact(name=words)
    return Match(words, Decision.MATCH, (Candidate(item, 1.0),)) if item else Match(words, Decision.NONE)


@pytest.mark.parametrize(("number", "find"), [(10_000, by_its_exact_name), (200, match)])
def test_sentences_of_anything_are_read(number: int, find: Find) -> None:
    """No exception, an intent of the closed list, no empty subject."""
    read_as = set()
    for text, before in of_anything(number, CATALOGUE):
        reading = read(text, find, before)
        assert all(subject.strip() for subject in reading.subjects)
        read_as.add(reading.intent)
    assert len(read_as) > len(Intent) // 2


def test_a_medicine_by_itself_asks_how_it_stands() -> None:
    assert read("Valtrex 500 mg", match) == Reading(Intent.STATUS, ("Valtrex 500 mg",))
    assert match("Valtrex 500 mg").decision is Decision.MATCH


def test_the_language_of_a_question_is_known_by_its_words_and_is_bokmål_where_it_could_be_either() -> None:
    read_as = Counter((one.language, language_of(one.text)) for one in sentences())
    assert read_as["nb", "nb"] == 100
    assert read_as["en", "en"] >= 95
    assert read_as["nn", "en"] == 0
    assert {language_of(words) for words in ("", "meropenem", "2026-0147", "🙃")} == {"nb"}
