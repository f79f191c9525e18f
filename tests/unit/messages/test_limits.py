"""Slack's limits are kept, and nothing is lost by it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import limits
from bot.messages.limits import LimitError, shorten, split_text
from bot.messages.render import Renderer


def test_a_label_ends_in_an_ellipsis_between_words() -> None:
    assert shorten("kort", 75) == "kort"
    assert shorten("Etoposid konsentrat til infusjonsvæske, oppløsning 20 mg/ml", 40) == (
        "Etoposid konsentrat til infusjonsvæske…"
    )
    assert shorten("x" * 80, 75) == "x" * 74 + "…"


@given(st.text(min_size=1), st.integers(min_value=2, max_value=40))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@given(st.text(alphabet="ab *_~`\n>&;<@", max_size=400), st.integers(min_value=12, max_value=60))
def test_a_split_text_fits_and_loses_no_letter(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert re.sub(r"[^ab;&@]", "", "".join(parts)) == re.sub(r"[^ab;&@]", "", text)


def test_a_text_is_split_between_lines_and_else_between_words() -> None:
    assert split_text("en to\ntre fire\nfem", 14) == ["en to\ntre fire", "fem"]
    assert split_text("en to tre fire fem seks", 14) == ["en to tre", "fire fem seks"]


def test_marks_left_open_are_closed_and_opened_again_and_a_quote_stays_a_quote() -> None:
    assert split_text("> _en to tre fire_", 16) == ["> _en to_", "> _tre fire_"]
    assert split_text("*a _b cc dd ee ff_*", 14) == ["*a _b cc_*", "*_dd ee ff_*"]


def test_markup_and_entities_are_not_cut() -> None:
    assert split_text("aaaaaaa <https://dmp.no|den lange lista>", 38) == [
        "aaaaaaa",
        "<https://dmp.no|den lange lista>",
    ]
    assert split_text("x" * 10 + "&amp;" + "y" * 10, 16) == ["x" * 10, "&amp;" + "y" * 10]


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    (tmp_path / "note.j2").write_text("text: Notat\n{{ note }}\n", encoding="utf-8")
    (tmp_path / "cases.j2").write_text(
        """text: Saker
# Saker

{% for name in names %}
*{{ name }}*
[Vis](show_case {{ name }})

{% endfor %}
""",
        encoding="utf-8",
    )
    (tmp_path / "buttons.j2").write_text(
        "text: x\n{% for n in range(30) %}[{{ n }}](pick_{{ n }}) {% endfor %}\n", encoding="utf-8"
    )
    return Renderer(tmp_path)


def test_a_long_note_is_several_sections_with_every_word(renderer: Renderer) -> None:
    note = " ".join(f"ord{n}" for n in range(1500))
    blocks = renderer.render("note.j2", note=note).blocks
    texts = [block["text"]["text"] for block in blocks]
    assert len(texts) == 4
    assert max(map(len, texts)) <= 3000
    assert " ".join(texts) == note


def test_the_fallback_text_is_the_beginning_of_a_long_one(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "long.j2").write_text("text: {{ note }}\n", encoding="utf-8")
    text = renderer.render("long.j2", note="&" * 4000).text
    assert len(text) <= 3000
    assert text.endswith("&amp;…")


def test_many_cases_are_several_messages_that_say_which_they_are(renderer: Renderer) -> None:
    names = [f"Sak {n}" for n in range(120)]
    parts = renderer.render_parts("cases.j2", names=names)
    assert len(parts) == 5
    assert [part.text for part in parts] == [f"Saker ({n} av 5)" for n in range(1, 6)]
    assert [part.blocks[-1]["elements"][0]["text"] for part in parts] == [f"({n} av 5)" for n in range(1, 6)]
    shown = [block["text"]["text"] for part in parts for block in part.blocks if block["type"] == "section"]
    assert shown == [f"*{name}*" for name in names]
    for part in parts:
        assert len(part.blocks) <= 50
        assert len(json.dumps(part.blocks, ensure_ascii=False)) <= limits.MESSAGE_CHARACTERS
        assert part.blocks[0]["type"] != "actions"


def test_no_message_is_larger_than_slack_takes_altogether(renderer: Renderer) -> None:
    parts = renderer.render_parts("cases.j2", names=["x" * 1400 + str(n) for n in range(30)])
    sizes = [len(json.dumps(part.blocks, ensure_ascii=False)) for part in parts]
    assert max(sizes) <= limits.MESSAGE_CHARACTERS


def test_what_is_too_much_for_one_message_is_not_cut_but_refused(renderer: Renderer) -> None:
    with pytest.raises(LimitError, match="use render_parts"):
        renderer.render("cases.j2", names=["x"] * 60)


def test_a_row_holds_25_buttons(renderer: Renderer) -> None:
    blocks = renderer.render("buttons.j2").blocks
    assert [len(block["elements"]) for block in blocks] == [25, 5]


def test_a_button_value_that_is_too_long_is_an_error(renderer: Renderer) -> None:
    with pytest.raises(LimitError, match=r"cases\.j2.*value is 2001 characters long, Slack takes 2000"):
        renderer.render("cases.j2", names=["x" * 2001])
