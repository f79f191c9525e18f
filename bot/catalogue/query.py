"""A query read as parts: what may be a name, who makes it, form, strength, and what says nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from bot.catalogue.forms import Form, form_of, form_word
from bot.catalogue.normalise import plain, sound, spelling, words
from bot.catalogue.strength import NO_STRENGTH, Strength, find_strengths

MOST_WORDS = 12
"""Words of a query that are compared with names: nobody writes a longer one, and a pasted letter is none."""

_SENTENCES = """
og and og/eller eller et en ei de det den vi jeg du dere har hatt nok av for på i til fra med ved om er
var blir mangler mangel mangle manglar tom tomt tomme utsolgt leveres levere lager lageret igjen nå når
hva hvor hvorfor hvordan kan får vil skal må trenger trengs hjelp hei takk noe noen ingen ikke mer mye in
the of is are und oder restordre rest restnotert restnoteret avdelingen sykehuset apoteket pasient
pasienten barn voksne dag dager uke uker bestille bestilt bestilling status preparat legemiddel medisin
"""
_SAYS_NOTHING = frozenset(spelling(word) for word in _SENTENCES.split())
_JOINED_ACID = re.compile(r"\b([a-z]{3,}?)(?:ic|in)? acid\b")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What reading needs to know of the catalogue's language.

    `makers`: words that name a supplier; `translations`: another language's word → the Norwegian one
    (`data/words.csv`); `salts`: the endings and words that name a salt or ester.
    """

    makers: Set[str] = frozenset()
    translations: Mapping[str, str] = field(default_factory=dict)
    salts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A name's parts. `words`: the words that name the medicine; `makers`: those that name a supplier;
    `core`: the words joined, as spelled; `heard`: the same as sounded."""

    words: tuple[str, ...]
    makers: tuple[str, ...]
    core: str
    heard: str
    sounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A query's parts; `numbers` are bare numbers (strength, pack size or part of a name)."""

    text: str
    name: Name
    form: Form
    strength: Strength = NO_STRENGTH
    numbers: tuple[float, ...] = ()


def read_query(text: str, vocabulary: Vocabulary) -> Query:
    """Read `text` (cut at 300 characters) as a query, or as a name of the catalogue: both alike."""
    clean = plain(text)
    found = find_strengths(clean)
    rest = _JOINED_ACID.sub(r"\1syre", found.rest) if " acid" in found.rest else found.rest
    every = words(rest)
    form = form_of(every)
    return Query(text[:300], _read_name(every, vocabulary), form, found.strength, found.numbers)


def _read_name(every: list[str], vocabulary: Vocabulary) -> Name:
    naming: list[str] = []
    makers: list[str] = []
    for word in every:
        written = spelling(word)
        if form_word(word) is not None or written in _SAYS_NOTHING or word.isdigit():
            continue
        word = vocabulary.translations.get(word, word)
        (makers if naming and written in vocabulary.makers else naming).append(word)
    if not naming:
        naming = [word for word in every if spelling(word) not in _SAYS_NOTHING] or every
    naming, makers = naming[:MOST_WORDS], makers[:MOST_WORDS]
    return Name(
        tuple(naming),
        tuple(makers),
        spelling("".join(naming)),
        sound("".join(naming)),
        tuple(sound(word) for word in naming),
    )


def without_salt(name: Name, vocabulary: Vocabulary) -> Name | None:
    """`name` without the salt it ends in ("metenaminhippurat" → "metenamin"); None when there is none."""
    kept = [_desalted(word, vocabulary.salts) for word in name.words]
    kept = [word for word in kept if word]
    if not kept or tuple(kept) == name.words:
        return None
    return Name(
        tuple(kept), name.makers, spelling("".join(kept)), sound("".join(kept)), tuple(map(sound, kept))
    )


def _desalted(word: str, salts: tuple[str, ...]) -> str:
    for _ in range(3):
        for salt in salts:
            if word == salt:
                return ""
            if word.endswith(salt) and len(word) - len(salt) >= 4:
                word = word[: -len(salt)]
                break
        else:
            return word
    return word
