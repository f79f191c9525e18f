"""A language is whole or the check says what is missing, a line for each; what is written merges."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import translations
from bot.messages.render import LOCALES
from bot.messages.sources import in_code, in_templates
from bot.messages.translations import TRANSLATED, faults, gathered, read, written

HEAD = 'msgid ""\nmsgstr ""\n"Language: nn\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'


def found(tmp_path: Path, po: str, wanted: dict[str, str | None]) -> list[str]:
    file = tmp_path / "messages.po"
    file.write_text(HEAD + po, encoding="utf-8")
    return [line.removeprefix(str(file)) for line in faults("nn", file, wanted)]


@pytest.mark.parametrize(
    ("po", "wanted", "fault"),
    [
        ('\nmsgid "Lagre"\nmsgstr "Lagre"\n', {"Lagre": None}, None),
        ("", {"Lagre": None}, ": no entry for «Lagre»: run python -m bot.messages.sources"),
        ('\nmsgid "Lagre"\nmsgstr ""\n', {"Lagre": None}, ":6: «Lagre» has no translation: write its msgstr"),
        ('\n#, fuzzy\nmsgid "Lagre"\nmsgstr "Lagre"\n', {"Lagre": None}, ":7: «Lagre» is marked fuzzy"),
        ('\nmsgid "Lagre"\nmsgstr "Lagre "\n', {"Lagre": None}, "a space at its beginning or end"),
        ('\nmsgid "Angre"\nmsgstr "Angre"\n', {}, ":6: «Angre» is said nowhere any more"),
        ('\n#~ msgid "Angre"\n#~ msgstr "Angre"\n', {}, "«Angre» is said nowhere any more"),
        (
            '\nmsgid "Sak {number}"\nmsgstr "Sak {nummer}"\n',
            {"Sak {number}": None},
            "lacks '{number}' and has '{nummer}'",
        ),
        ('\nmsgid "%(n)s til"\nmsgstr "til"\n', {"%(n)s til": None}, "lacks '%(n)s'"),
        ('\nmsgid "{n} % mer"\nmsgstr "{n}% meir"\n', {"{n} % mer": None}, None),
        ('\nmsgid "Ja: *{x}*"\nmsgstr "Ja: {x}"\n', {"Ja: *{x}*": None}, "lacks '*'"),
        ('\nmsgid "sak"\nmsgid_plural "saker"\nmsgstr[0] "sak"\nmsgstr[1] ""\n', {"sak": "saker"}, "has no plural"),
        ('\nmsgid "sak"\nmsgstr "sak"\n', {"sak": "saker"}, "a plural in one place and none in the other"),
        ('\nmsgid "sak"\nmsgid_plural "saker"\nmsgstr[0] "sak"\nmsgstr[1] "saker"\n', {"sak": "saker"}, None),
        ('\nmsgid "Lagre"\nmsgstr "Lagre"\n<<<<<<< HEAD\n', {"Lagre": None}, ":"),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_one_line(
    tmp_path: Path, po: str, wanted: dict[str, str | None], fault: str | None
) -> None:
    lines = found(tmp_path, po, wanted)
    if fault is None:
        assert lines == []
    else:
        assert len(lines) == 1
        assert fault in lines[0]
        assert "\n" not in lines[0]


def test_what_is_new_gets_an_empty_entry_and_what_is_said_no_more_goes(tmp_path: Path) -> None:
    file = tmp_path / "messages.po"
    file.write_text(HEAD + '\nmsgid "Angre"\nmsgstr "Angra"\n\nmsgid "Lagre"\nmsgstr "Lagra"\n', encoding="utf-8")
    wanted = gathered([("Lagre", None), ("dag", None), ("dag", "dager"), ("Ny", None)])
    file.write_bytes(written(read("nn", file), wanted))
    kept = read("nn", file)
    assert {entry.id: entry.string for entry in kept if entry.id} == {
        "Lagre": "Lagra",
        ("dag", "dager"): ("", ""),
        "Ny": "",
    }


def test_a_catalogue_is_written_the_same_however_its_sentences_are_found() -> None:
    sentences = [("Ny", None), ("sak", "saker"), ("Angre", None)]
    empty = translations.Catalog(locale="en")
    assert written(empty, gathered(sentences)) == written(empty, gathered(reversed(sentences)))
    assert b"#:" not in written(empty, gathered(sentences))
    assert b"Date" not in written(empty, gathered(sentences))


@pytest.mark.parametrize("code", TRANSLATED)
def test_our_own_catalogues_are_whole_and_written_as_we_write_them(code: str) -> None:
    wanted = gathered((source.singular, source.plural) for source in [*in_templates(), *in_code()])
    file = translations.path_of(code, LOCALES)
    assert list(faults(code, file, wanted)) == []
    assert file.read_bytes() == written(read(code, file), wanted)
