"""Where every translated letter is another sign, whatever a person can still read came round the catalogues."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.clock import SetClock
from bot.messages.phrase import Phrase
from bot.messages.render import Renderer
from bot.messages.sources import in_code, in_templates
from bot.messages.translations import gathered, path_of
from bot.messages.words import LANGUAGES, read_language
from tests.golden import facts
from tests.golden.test_golden import GOLDEN, USUAL, as_read

_KEPT = re.compile(r"(%\(\w+\)s|\{\w+\}|%%|/mangel\b)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LATIN = re.compile(r"[A-Za-zÆØÅæøå]")
_OURS = {"varsel", "valgfritt"}
"""Words that the test's own picture of a message adds."""


def in_signs(words: str) -> str:
    """The sentence with another sign for every letter outside its places."""
    parts = _KEPT.split(words)
    return "".join(
        part if _KEPT.fullmatch(part) else _LATIN.sub(lambda letter: chr(0x4E00 + ord(letter[0])), part)
        for part in parts
    )


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """Renders as if nynorsk were written in signs."""
    locales = tmp_path_factory.mktemp("locales")
    catalogue = Catalog(locale="nn", charset="utf-8", fuzzy=False)
    for one, many in gathered((source.singular, source.plural) for source in [*in_templates(), *in_code()]).items():
        catalogue.add((one, many) if many else one, (in_signs(one), in_signs(many)) if many else in_signs(one))
    file = path_of("nn", locales)
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_po(out, catalogue)
    assert read_language("nn", locales).gettext("Lagre") != "Lagre"
    return Renderer(clock=SetClock(facts.NOW), always=USUAL, locales=locales)


def given(value: object, seen: dict[int, object]) -> Iterator[str]:
    """Every string that the template was given as a value: a name, a note, a number in words."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    match value:
        case str():
            yield str(value)
        case Phrase():
            yield from given(tuple(value.params.values()), seen)
        case Enum() | None | bool() | int() | float() | dt.date() | dt.time():
            return
        case dict():
            yield from given((*value.keys(), *value.values()), seen)
        case SimpleNamespace():
            yield from given(vars(value), seen)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                yield from given(getattr(value, field.name), seen)
        case Iterable():
            for one in value:
                yield from given(one, seen)


DATES = {
    word
    for month in range(1, 13)
    for word in _WORD.findall(
        read_language("nn", Path()).date(dt.date(2025, month, 1))
        + " "
        + read_language("nn", Path()).weekday(dt.date(2025, 7, min(month, 7)))
    )
}
LANGUAGE_BUTTONS = {"Svar", "på", "Answer", "in", "English", *LANGUAGES["nb"], *LANGUAGES["nn"]}


@pytest.mark.parametrize("name", GOLDEN)
def test_every_word_that_is_not_a_value_comes_from_a_catalogue(name: str, renderer: Renderer) -> None:
    template, values = GOLDEN[name]
    read = as_read(template, values, "nn", renderer)
    allowed = _OURS | DATES | (LANGUAGE_BUTTONS if "language.j2" in template or template == "home.json.j2" else set())
    allowed |= {word.casefold() for text in given((values, USUAL), {}) for word in _WORD.findall(text)}
    allowed = {word.casefold() for word in allowed}
    left = [word for word in _WORD.findall(re.sub(r"/mangel|[@#][UC]\w+", " ", unescape(read))) if _LATIN.search(word)]
    assert sorted({word for word in left if word.casefold() not in allowed}) == []
