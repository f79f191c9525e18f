"""Values as Norwegians write them, and sentences in other languages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.clock import SetClock
from bot.messages.phrase import phrase, some
from bot.messages.render import LOCALES, Renderer
from bot.messages.words import read_language

NOW = dt.datetime(2025, 7, 16, 12, 0, tzinfo=dt.UTC)


def say(tmp_path: Path, source: str, language: str = "nb", **facts: object) -> str:
    (tmp_path / "t.j2").write_text(source, encoding="utf-8")
    return Renderer(tmp_path, locales=tmp_path, clock=SetClock(NOW)).render("t.j2", language, **facts).text


@pytest.mark.parametrize(
    ("value", "expression", "said"),
    [
        (dt.date(2025, 9, 15), "v|date", "15. sept."),
        (dt.date(2026, 9, 15), "v|date", "15. sept. 2026"),
        (dt.datetime(2025, 12, 31, 23, 30, tzinfo=dt.UTC), "v|date", "1. jan. 2026"),
        (dt.date(2026, 5, 1), "v|daymonth", "1. mai"),
        (dt.datetime(2025, 7, 16, 12, 0, tzinfo=dt.UTC), "v|clock", "14.00"),
        (dt.time(8, 5), "v|clock", "08.05"),
        (dt.date(2025, 9, 15), "v", "15. sept. 2025"),
        (1, "v|days", "1 dag"),
        (107, "v|days", "107 dager"),
        (0, "v|days", "0 dager"),
        (None, "v|days", "ukjent"),
        (None, "v|date", "ukjent"),
        (None, "v", "ukjent"),
        (True, "v", "ja"),
        (False, "v", "nei"),
        (3.5, "v", "3,5"),
        (3.04, "v|number", "3"),
        (-2.5, "v|number", "−2,5"),
        (12500, "v|number", "12\u202f500"),
        (1200, "v|number", "1200"),
        (0.126, "v|number(2)", "0,13"),
        (2, "v|plural('sak', 'saker')", "2 saker"),
        (1, "v|plural('sak', 'saker')", "1 sak"),
        (["a", None, dt.date(2025, 1, 2)], "v|listed", "a, ukjent og 2. jan. 2025"),
        ([], "'x' ~ (v|listed)", "x"),
        ("tomt i apotek", "v|sentence", "Tomt i apotek."),
        ("Hvem får prioritet?", "v|sentence", "Hvem får prioritet?"),
        ("en to tre", "v|shorten(6)", "en to…"),
        (phrase("rekker til {day}", day=dt.date(2025, 7, 20)), "v", "rekker til 20. juli 2025"),
        (phrase("{what}: {n} dager", what=phrase("gap"), n=107), "v", "gap: 107 dager"),
    ],
)
def test_values_are_said_in_norwegian(tmp_path: Path, value: object, expression: str, said: str) -> None:
    assert say(tmp_path, "{{ " + expression + " }}", v=value) == said


def test_plurals_and_places_in_a_translated_sentence(tmp_path: Path) -> None:
    source = "{% trans count=n %}{{ count }} sak{% pluralize %}{{ count }} saker{% endtrans %}"
    assert say(tmp_path, source, n=1) == "1 sak"
    assert say(tmp_path, source, n=3) == "3 saker"


CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Ny sak: %(name)s"
msgstr "New case: %(name)s"

msgid "rekker til {day}"
msgstr "lasts until {day}"

msgid "dag"
msgid_plural "dager"
msgstr[0] "day"
msgstr[1] "days"
"""


def test_another_language_comes_from_its_catalogue_and_the_rest_stays_norwegian(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(CATALOGUE, encoding="utf-8")
    source = "{% trans name=v %}Ny sak: {{ name }}{% endtrans %}, {{ 2|days }}, {{ until }}, {{ _('vet ikke') }}"
    until = phrase("rekker til {day}", day=dt.date(2025, 7, 20))
    said = say(tmp_path, source, "en", v="*Valtrex*", until=until)
    assert said == "New case: *\u200bValtrex\u200b*\u200b, 2 days, lasts until 20 July 2025, vet ikke"
    assert say(tmp_path, source, "se", v="x", until="").startswith("Ny sak: x, 2 dager")


def test_many_names_are_a_few_and_how_many_more() -> None:
    assert str(some(["B180S", "Bergen", "Fonna", "OUS"])) == "B180S, Bergen, Fonna, OUS"
    many = some([f"HF {number}" for number in range(1, 22)])
    assert str(many) == "HF 1, HF 2, HF 3 og 18 til"
    assert read_language("en", LOCALES).say(many) == "HF 1, HF 2, HF 3 and 18 more"
