"""A question in one's own words, read by rules: what is asked, and about what. It can change nothing.

The words stand in `words/*.toml`, one table a language; medicines are found by the catalogue's matcher.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rapidfuzz.distance import OSA

from bot.catalogue.match import Decision, Match
from bot.catalogue.normalise import plain
from bot.commands import atc_code, case_number
from bot.people.places import trusts


class Intent(StrEnum):
    """What can be asked. The order decides where a sentence has words of several."""

    TREATMENT = "treatment"
    CHANGE = "change"
    UNFOLLOW = "unfollow"
    FOLLOW = "follow"
    COMPARE = "compare"
    SUBSTITUTE = "substitute"
    COUNT = "count"
    WHO = "who"
    REPORT = "report"
    MEETING = "meeting"
    NEW = "new"
    LIST = "list"
    STOCK = "stock"
    STATUS = "status"
    HELP = "help"
    UNKNOWN = "unknown"


NOT_FOR_US = frozenset({Intent.TREATMENT, Intent.CHANGE, Intent.UNKNOWN})
"""What is not answered: advice for a patient, an order to change something, and what was not understood."""

OF_SOMETHING = frozenset(
    {Intent.UNFOLLOW, Intent.FOLLOW, Intent.SUBSTITUTE, Intent.WHO, Intent.STOCK, Intent.STATUS, Intent.COMPARE}
)
"""What is asked of a medicine or a case, and so needs one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence asks.

    `subjects`: a case number, an ATC code, or a medicine's name as it was written; two where two are compared.
    `leans`: it goes on from what the person asked before, and is not whole without that.
    """

    intent: Intent
    subjects: tuple[str, ...] = ()
    leans: bool = False

    @property
    def subject(self) -> str:
        """The first subject, or nothing."""
        return self.subjects[0] if self.subjects else ""


Find = Callable[[str], Match]

MOST_READ = 60
"""Words of a message that are read: a question is shorter, and a pasted letter is none."""

_GAP = 6
_LONGEST_NAME = 5
_MOST_CHUNKS = 6
_MENTION = re.compile(r"<[@#!][^>]*>")
_APOSTROPHES = re.compile(r"['’`´]")
_TOKEN = re.compile(r"[^\s,;:!?()\"«»“”<>*_~]+")
_STRENGTH = re.compile(
    r"[\d.,/%-]*\d[\d.,/%-]*(?:mikrog|mcg|mg|ml|µg|g|ie|e)?|mikrog|mcg|mg|ml|µg|g|ie|mg/ml|mikrog/ml|mcg/ml"
)
_LETTER_AFTER = frozenset({"i", "in", "på", "for"})
_ATC_LETTERS = frozenset("ABCDGHJLMNPRSV")
_TABLES = ("nb", "nn", "en")
_BESIDE = ("go_on", "greeting", "nothing", "atc")


@dataclass(frozen=True, slots=True)
class _Phrase:
    reading: str
    words: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    by_first: dict[str, tuple[_Phrase, ...]]
    known: frozenset[str]
    nothing: frozenset[str]
    slips: dict[int, tuple[str, ...]]


@cache
def _words() -> _Words:
    phrases: list[_Phrase] = []
    nothing: set[str] = set()
    for language in _TABLES:
        table = _table(language)
        codes: dict[str, str] = {name: code for code, names in table.pop("atc").items() for name in names}
        nothing.update(word for phrase in table.pop("nothing") for word in phrase.split())
        phrases += [_Phrase("atc", tuple(name.split()), code) for name, code in codes.items()]
        phrases += [_Phrase(reading, tuple(one.split())) for reading, some in table.items() for one in some]
    by_first: dict[str, list[_Phrase]] = {}
    for one in dict.fromkeys(phrases):
        by_first.setdefault(one.words[0], []).append(one)
    rule = {word for one in phrases for word in one.words} - {"*"}
    places = {
        word
        for trust in trusts()
        for place in (trust.name, *trust.places)
        for word in plain(place).replace(".", " ").replace(",", " ").split()
        if len(word) > 2
    }
    slips: dict[int, list[str]] = {}
    for word in sorted(rule):
        if len(word) >= 4:
            slips.setdefault(len(word), []).append(word)
    return _Words(
        {first: tuple(some) for first, some in by_first.items()},
        frozenset(rule | nothing),
        frozenset(nothing | places | {"st", "olavs", "voss", "førde", "stord", "bodø", "tromsø"}),
        {length: tuple(some) for length, some in slips.items()},
    )


@cache
def _vocabularies() -> dict[str, frozenset[str]]:
    """Every word of each language's table, bokmål first."""
    found: dict[str, frozenset[str]] = {}
    for language in _TABLES:
        table = _table(language)
        names = table.pop("atc").values()
        phrases = [one for some in (*table.values(), *names) for one in some]
        found[language] = frozenset(word for phrase in phrases for word in phrase.split() if word != "*")
    return found


def _table(language: str) -> dict[str, Any]:
    return tomllib.loads((files("bot.conversation") / "words" / f"{language}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=4096)
def _meant(token: str) -> tuple[str, ...]:
    """The rule words that `token` may be: itself where it is one, else those it is a typing error of."""
    table = _words()
    if token in table.known:
        return (token,)
    near = []
    for length in range(len(token) - 2, len(token) + 3):
        most = 2 if length >= 8 else 1
        near += [
            word
            for word in table.slips.get(length, ())
            if OSA.distance(token, word, score_cutoff=most) <= most and set(token[:2]) & set(word[:2])
        ]
    return tuple(near)


def without_mentions(text: str) -> str:
    """`text` without the people and channels that it names."""
    return " ".join(_MENTION.sub(" ", text).split())


def language_of(text: str) -> str:
    """The language that `text` is most likely written in, by the tables' words; bokmål where it could be any."""
    words = [plain(token) for token in _tokens(text)]
    fits = {code: sum(word in vocabulary for word in words) for code, vocabulary in _vocabularies().items()}
    return max(fits, key=lambda code: fits[code])


def read(text: str, find: Find, before: Reading | None = None) -> Reading:
    """What `text` asks; `before` is what the same person asked just before in the same place."""
    tokens = _tokens(text)
    said = _said(tokens)
    readings = {phrase.reading for phrase, _ in said}
    used = {place for _, places in said for place in places}
    codes = tuple(dict.fromkeys(phrase.code for phrase, _ in said if phrase.code))
    intent = next((one for one in Intent if one.value in readings), None)
    if intent in NOT_FOR_US:
        return Reading(intent)
    chunks, numbers, alone = _chunks(tokens, used)
    exact = tuple(dict.fromkeys(numbers + codes))
    goes_on = "go_on" in readings
    if intent is None:
        return _without_intent(
            tokens, chunks, exact, alone, goes_on=goes_on, greets="greeting" in readings, find=find, before=before
        )
    if intent is Intent.COMPARE:
        subjects = tuple(_name(chunk, find)[0] for chunk in chunks[:2])
    else:
        subjects = exact[:1] or _best(chunks, find)
    if intent is Intent.NEW and subjects and not _is_exact(subjects[0]):
        intent = Intent.STATUS  # what is new about one medicine is how it stands
    if intent is Intent.MEETING:
        return Reading(intent)
    if intent is Intent.HELP:
        subjects = exact[:1] or _sure(chunks, find, alone=False)
        return Reading(Intent.STATUS, subjects) if subjects else Reading(intent)
    wanted = 2 if intent is Intent.COMPARE else 1
    if intent in OF_SOMETHING and len(subjects) < wanted:
        known = before.subjects[:1] if before else ()
        return Reading(intent, (*known, *subjects)[:wanted], leans=True)
    return Reading(intent, subjects)


def _without_intent(
    tokens: Sequence[str],
    chunks: Sequence[Sequence[str]],
    exact: tuple[str, ...],
    alone: Sequence[str],
    *,
    goes_on: bool,
    greets: bool,
    find: Find,
    before: Reading | None,
) -> Reading:
    """A greeting, a name by itself, or the question before about something else ("og Zovirax?")."""
    subjects = exact[:1] or _sure(chunks, find, alone=goes_on or len(tokens) == sum(map(len, chunks)))
    asked = before.intent if before and before.intent not in NOT_FOR_US else None
    if subjects and goes_on:
        kept = (before.subjects[:1] if before else ()) if asked is Intent.COMPARE else ()
        return Reading(asked or Intent.STATUS, (*kept, *subjects), leans=True)
    if subjects:
        return Reading(Intent.STATUS, subjects)
    if goes_on and not chunks and (alone or asked):
        if before is None or asked is None or not before.subjects:
            return Reading(Intent.UNKNOWN, leans=True)
        name = before.subjects[0]
        return replace(before, subjects=(" ".join([_without_strength(name), *alone]) if alone else name,), leans=True)
    if not tokens or (greets and not chunks):
        return Reading(Intent.HELP)
    return Reading(Intent.UNKNOWN)


def _tokens(text: str) -> list[str]:
    bare = _APOSTROPHES.sub("", _MENTION.sub(" ", text[:2000]))
    found = (token.strip(".-/…–") for token in _TOKEN.findall(bare))
    return [token for token in found if token][:MOST_READ]


def _said(tokens: Sequence[str]) -> list[tuple[_Phrase, frozenset[int]]]:
    """The phrases that stand in the sentence with their places, without those inside a longer one."""
    may_be = [_meant(plain(token)) for token in tokens]
    found: list[tuple[_Phrase, frozenset[int]]] = []
    for start, words in enumerate(may_be):
        for word in words:
            for phrase in _words().by_first.get(word, ()):
                places = _places(phrase.words, may_be, start)
                if places:
                    found.append((phrase, frozenset(places)))
    return [one for one in found if not any(one[1] < other for _, other in found)]


def _places(words: tuple[str, ...], may_be: Sequence[tuple[str, ...]], start: int) -> list[int]:
    """Where the words of a phrase stand, from `start` on; nothing where they do not."""
    places, at, gap = [], start, 0
    for word in words:
        if word == "*":
            gap = _GAP
            continue
        reach = range(at, min(at + gap + 1, len(may_be)))
        place = next((place for place in reach if word in may_be[place]), None)
        if place is None:
            return []
        places.append(place)
        at, gap = place + 1, 0
    return places


def _chunks(tokens: Sequence[str], used: set[int]) -> tuple[list[list[str]], tuple[str, ...], list[str]]:
    """What is left when the rule words are taken: runs of words, exact subjects, and strengths by themselves."""
    chunks: list[list[str]] = []
    exact: list[str] = []
    alone: list[str] = []
    open_chunk = False
    for place, token in enumerate(tokens):
        low = plain(token)
        number = case_number(token)
        atc = atc_code(token) if token[:1].isupper() or len(tokens) < 8 else None
        letter = token in _ATC_LETTERS and place > 0 and plain(tokens[place - 1]) in _LETTER_AFTER
        if number or atc or letter:
            exact.append(number or atc or token)
            open_chunk = False
        elif _STRENGTH.fullmatch(low):
            if open_chunk:
                chunks[-1].append(token)
            else:
                alone.append(token)
        elif place in used or low in _words().nothing:
            open_chunk = False
        elif open_chunk:
            chunks[-1].append(token)
        else:
            chunks.append([token])
            open_chunk = True
    return chunks, tuple(exact), alone


def _best(chunks: Sequence[Sequence[str]], find: Find) -> tuple[str, ...]:
    """The chunk that most likely names a medicine; where none does, the first, so that it can be told."""
    named = [_name(chunk, find) for chunk in chunks[:_MOST_CHUNKS]]
    if not named:
        return ()
    return (max(named, key=lambda found: found[1])[0],)


def _sure(chunks: Sequence[Sequence[str]], find: Find, *, alone: bool) -> tuple[str, ...]:
    """The medicine of a sentence without a question: only a sure one, or one that stands `alone`."""
    if not chunks or sum(map(len, chunks)) > _LONGEST_NAME:
        return ()
    named = [_name(chunk, find) for chunk in chunks]
    best = max(named, key=lambda found: found[1])
    least = (0.5, 0.0) if alone else (1.0, 0.9)
    return (best[0],) if best[1] >= least else ()


_RANK = {Decision.MATCH: 1.0, Decision.ASK: 0.5, Decision.NONE: 0.0}


def _name(chunk: Sequence[str], find: Find) -> tuple[str, tuple[float, float]]:
    """The part of `chunk` that names a medicine best with the strength after it, and how well it does."""
    whole = " ".join(chunk)
    best = (whole, _fit(find(whole)))
    if best[1][0] == 1.0 or len(chunk) == 1:
        return best
    for start, end in _parts(len(chunk)):
        part = chunk[start:end]
        if all(_STRENGTH.fullmatch(plain(word)) for word in part):
            continue
        fit = _fit(find(" ".join(part)))
        if fit > best[1]:
            while end < len(chunk) and _STRENGTH.fullmatch(plain(chunk[end])):
                end += 1
            best = (" ".join(chunk[start:end]), fit)
    return best


def _parts(length: int) -> Iterator[tuple[int, int]]:
    for size in range(min(length - 1, _LONGEST_NAME), 0, -1):
        for start in range(min(length, _LONGEST_NAME + 1) - size + 1):
            yield start, start + size


def _fit(found: Match) -> tuple[float, float]:
    rank = _RANK[found.decision]
    return (rank, found.candidates[0].score if rank else 0.0)


def _is_exact(subject: str) -> bool:
    return case_number(subject) is not None or atc_code(subject) is not None or subject in _ATC_LETTERS


def _without_strength(name: str) -> str:
    return " ".join(word for word in name.split() if not _STRENGTH.fullmatch(plain(word))) or name
