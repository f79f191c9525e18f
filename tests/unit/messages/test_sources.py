"""Every sentence reaches the translators, and every template compiles."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from bot.messages import sources
from bot.messages.render import TEMPLATES
from bot.messages.sources import Source, catalogue, faults, in_code, in_templates


def test_sentences_are_found_in_templates(tmp_path: Path) -> None:
    (tmp_path / "modals").mkdir()
    (tmp_path / "a.j2").write_text(
        "{% trans name=x %}Ny sak: {{ name }}{% endtrans %}\n"
        "{% trans count=n %}{{ count }} sak{% pluralize %}{{ count }} saker{% endtrans %}\n"
        "{{ n|plural('melding', 'meldinger') }}\n",
        encoding="utf-8",
    )
    (tmp_path / "modals" / "b.json.j2").write_text('{"title": {{ _("Meld mangel") }}}', encoding="utf-8")
    assert list(in_templates(tmp_path)) == [
        Source("templates/a.j2", 1, "Ny sak: %(name)s"),
        Source("templates/a.j2", 2, "%(count)s sak", "%(count)s saker"),
        Source("templates/a.j2", 3, "melding", "meldinger"),
        Source("templates/modals/b.json.j2", 1, "Meld mangel"),
    ]


def test_sentences_are_found_in_code(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "a.py").write_text('x = phrase("rekker til "\n  "{day}", day=day)\n', encoding="utf-8")
    assert list(in_code(tmp_path, ["bot"])) == [Source("bot/a.py", 1, "rekker til {day}")]


@pytest.mark.parametrize(
    ("words", "file", "fault"),
    [
        (" x", "bot/a.py", "begins or ends with a space"),
        ("", "templates/a.j2", "an empty sentence"),
        ("{a:.1f} dager", "bot/a.py", "a plain name"),
        ("{a dager", "bot/a.py", "expected '}'"),
        ("%(a)d % b", "templates/a.j2", "no place"),
        ("{day} og 100 %", "bot/a.py", None),
        ("%(share)s %% av sakene", "templates/a.j2", None),
    ],
)
def test_a_sentence_that_would_come_out_wrong_is_named(words: str, file: str, fault: str | None) -> None:
    found = list(faults([Source(file, 3, words)]))
    if fault is None:
        assert found == []
    else:
        assert found[0].startswith(f"{file}:3: ")
        assert fault in found[0]


def test_the_catalogue_changes_only_when_a_sentence_does() -> None:
    here = catalogue([Source("a.j2", 1, "x", None), Source("a.j2", 2, "%(n)s sak", "%(n)s saker")])
    moved = catalogue([Source("a.j2", 7, "x", None), Source("a.j2", 9, "%(n)s sak", "%(n)s saker")])
    assert here == moved
    assert b'msgid_plural "%(n)s saker"' in here


def test_a_template_that_does_not_compile_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text("ok\n\n{% if %}\n", encoding="utf-8")
    with pytest.raises(jinja2.TemplateSyntaxError) as error:
        list(in_templates(tmp_path))
    assert (error.value.name, error.value.lineno) == ("a.j2", 3)


def test_our_own_templates_and_sentences_are_sound() -> None:
    assert list(faults([*in_templates(TEMPLATES), *in_code()])) == []
    assert sources.main(["--check"]) == 0
