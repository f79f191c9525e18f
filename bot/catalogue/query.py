"""A query read as parts: what may be a name, who makes it, form, strength, and what says nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from bot.catalogue.forms import Form, form_of, form_word
from bot.catalogue.normalise import LONGEST_INPUT, plain, sound, spelling, words
from bot.catalogue.strength import NO_STRENGTH, Strength, find_strengths

MOST_WORDS = 12
"""Words of a query that are compared with names: nobody writes a longer one, and a pasted letter is none."""

_SENTENCES = """
lite litt liten lita slutt slutter ute utgått utgår snart rester siste sist flere færre mange alle alt bare og
and mot eller et en ei de det den vi jeg du dere har hatt nok av for på i til fra med ved om er var blir
mangler mangel mangle manglar tom tomt tomme utsolgt leveres levere lager lageret igjen nå når hva hvor
hvorfor hvordan kan får vil skal må trenger trengs hjelp hei takk noe noen ingen ikke mer mye in the of is are
und oder restordre rest restnotert restnoteret avdelingen sykehuset apoteket pasient pasienten barn voksne dag
dager uke uker bestille bestilt bestilling status lenge rekker rekke finnes erstatning beholdning preparat
legemiddel medisin
"""
_SAYS_NOTHING = frozenset(_SENTENCES.split()) | {"paa", "naa", "naar"}
VARIANTS = frozenset(
    {"comp", "compositum", "co", "plus", "forte", "mite", "depot", "retard", "junior", "duo", "combi", "mini"}
)
"""Words that tell one brand's preparations apart; they name no supplier, even if one is called so."""
_ACID = re.compile(r"\b([a-z]+?)ic acid\b")
_COMBINED = re.compile(r"[a-zæøå]+(?: ?[/+] ?[a-zæøå]+)+")
_METALS = frozenset({"natrium", "kalium", "kalsium", "magnesium", "sink", "jern", "litium", "aluminium"}) | {
    "ammonium",
    "sølv",
    "vismut",
    "barium",
}
_JOINED = ("sodium", "potassium")  # written as one word with the rest: "sodiumchloride"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What reading needs to know of the catalogue's language.

    `makers`: a word that names a supplier, in full or cut short → the full words it stands for; `initials`:
    a letter and the supplier's word it stands before ("B. Braun");
    `translations`: another language's word → the Norwegian one; `salts`: endings that name a salt or ester.
    """

    makers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    initials: Set[tuple[str, str]] = frozenset()
    translations: Mapping[str, str] = field(default_factory=dict)
    salts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A name's parts: the words that name the medicine, and those that name a supplier.

    `joined`: the naming words joined; `core`: the same as spelled; `heard`: the same as sounded; `ordered`: as
    sounded, with the words in alphabetical order; `sounds`: the naming words as sounded, one by one.
    """

    words: tuple[str, ...]
    makers: tuple[str, ...]
    joined: str
    core: str
    heard: str
    ordered: str
    sounds: tuple[str, ...]


def name_of(naming: Sequence[str], makers: Sequence[str] = ()) -> Name:
    """The name made of these words; at most `MOST_WORDS` of each are read."""
    naming, makers = tuple(naming[:MOST_WORDS]), tuple(makers[:MOST_WORDS])
    joined = "".join(naming)
    heard = sound("".join(word.removesuffix("e") for word in naming[:-1]) + naming[-1]) if naming else ""
    sounds = (heard,) if len(naming) == 1 else tuple(sound(word) for word in naming)
    ordered = heard if len(naming) == 1 else "".join(sorted(sounds))
    return Name(naming, makers, joined, spelling(joined), heard, ordered, sounds)


@dataclass(frozen=True, slots=True)
class Query:
    """A query's parts.

    `plain`: the query in lower case, a space on either side; `numbers`: bare numbers (a strength, a pack
    size or part of a name).
    """

    text: str
    name: Name
    form: Form
    plain: str
    strength: Strength = NO_STRENGTH
    numbers: tuple[float, ...] = ()


def read_query(text: str, vocabulary: Vocabulary) -> Query:
    """Read `text` (cut at 300 characters) as a query, or as a name of the catalogue: both alike."""
    clean = plain(text)
    found = find_strengths(clean)
    rest = _ACID.sub(_norwegian_acid, found.rest) if "ic acid" in found.rest else found.rest
    every = words(rest)
    combined = frozenset(word for group in _COMBINED.findall(rest) for word in words(group)[1:])
    return Query(
        text=text[:LONGEST_INPUT],
        name=_read_name(every, combined, vocabulary),
        form=form_of(every),
        plain=f" {clean} ",
        strength=found.strength,
        numbers=found.numbers,
    )


def _norwegian_acid(found: re.Match[str]) -> str:
    """ "valproic acid" is valproinsyre, "folic acid" folsyre."""
    stem = found[1]
    return f"{stem}{'in' if stem[-1] in 'aeo' else ''}syre"


def _read_name(every: list[str], combined: Set[str], vocabulary: Vocabulary) -> Name:
    """`combined`: words that follow a stroke ("sitaglipt/met") and so name a substance, not a supplier."""
    naming: list[str] = []
    makers: list[str] = []
    for word in every:
        translated = _translated(word, vocabulary.translations)
        written = spelling(word)
        if not translated or word in _SAYS_NOTHING or word.isdigit() or form_word(translated) is not None:
            continue
        stands_for = vocabulary.makers.get(written) if naming and word not in combined else None
        if stands_for:
            if len(naming) > 1 and any((naming[-1], full) in vocabulary.initials for full in stands_for):
                makers.append(naming.pop())
            makers.append(word)
        elif makers and len(word) == 1:
            makers.append(word)
        else:
            naming.append(translated)
    if not naming:
        naming = [word for word in every if word not in _SAYS_NOTHING] or every
    return name_of(naming, makers)


def _translated(word: str, translations: Mapping[str, str]) -> str:
    known = translations.get(word)
    if known is not None:
        return known
    for prefix in _JOINED:
        if word.startswith(prefix):
            rest = word[len(prefix) :]
            return translations[prefix] + translations.get(rest, rest)
    return word


def without_salt(name: Name, vocabulary: Vocabulary) -> Name | None:
    """`name` without the salt it ends in ("metenaminhippurat" → "metenamin"); None when there is none.

    A metal's salts are different medicines: "sinksulfat" stays.
    """
    kept = [bare for word in name.words if (bare := _desalted(word, vocabulary.salts))]
    if not kept or tuple(kept) == name.words or _METALS.issuperset(kept):
        return None
    return name_of(kept, name.makers)


def _desalted(word: str, salts: tuple[str, ...]) -> str:
    for _ in range(3):
        if not word.endswith(salts):
            return word
        for salt in salts:
            if word == salt:
                return ""
            if word.endswith(salt) and len(word) - len(salt) >= 4:
                word = word[: -len(salt)]
                break
        else:
            return word
    return word
