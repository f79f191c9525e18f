"""The line language, read as the person who wrote the template meant it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest

from bot.messages.layout import LayoutError
from bot.messages.limits import LimitError
from bot.messages.message import Message
from bot.messages.render import Renderer


def render(tmp_path: Path, source: str, **facts: object) -> Message:
    (tmp_path / "t.j2").write_text(source, encoding="utf-8")
    return Renderer(tmp_path).render("t.j2", **facts)


def words(message: Message) -> list[Any]:
    """Each block's words; "---" for a divider."""
    return [block.get("text", {"text": "---"})["text"] for block in message.blocks]


def test_a_template_reads_like_its_message(tmp_path: Path) -> None:
    message = render(
        tmp_path,
        """text: Ny mangelsak
# Mangelmøtet

*Etoposid* · 2025-0147
Mangel fra 1. mai & ut
> sitat
- punkt

Ny seksjon
@[Vis sak](show_case 2025-0147)
---
-# Lagertall: 10. juli
-# anslag
[Ta saken](take_case 2025-0147 primary)  [Avslutt](close_case 2025-0147 danger)
""",
    )
    assert message.text == "Ny mangelsak"
    assert [block["type"] for block in message.blocks] == [
        "header",
        "section",
        "section",
        "divider",
        "context",
        "actions",
    ]
    assert message.blocks[1]["text"] == {
        "type": "mrkdwn",
        "text": "*Etoposid* · 2025-0147\nMangel fra 1. mai &amp; ut\n> sitat\n• punkt",
        "verbatim": True,
    }
    assert message.blocks[2]["accessory"]["value"] == "2025-0147"
    assert message.blocks[4]["elements"][0]["text"] == "Lagertall: 10. juli\nanslag"
    assert [button.get("style") for button in message.blocks[5]["elements"]] == ["primary", "danger"]


def test_lines_of_tags_are_no_lines_and_empty_lines_begin_sections(tmp_path: Path) -> None:
    source = """text: x
{% for name in names %}
  {# each has a section of its own #}
  *{{ name }}*
  {% if name == "b" %}
  siste
  {% endif %}

{% endfor %}
slutt
"""
    message = render(tmp_path, source, names=["a", "b"])
    assert words(message) == ["*a*", "*b*\nsiste", "slutt"]


def test_a_line_that_came_out_empty_is_left_out_and_splits_nothing(tmp_path: Path) -> None:
    source = "en\n{{ void }}\n{% if void %}Råd: {{ void }}{% endif %}\n-# {{ void }}\nto\n"
    assert words(render(tmp_path, source, void="")) == ["en\nto"]


def test_an_included_part_keeps_its_lines(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text("*{{ name }}*\nlinje\n\n", encoding="utf-8")
    source = "{% for name in 'ab' %}\n{% include 'part.j2' %}\n{% endfor %}\n"
    assert words(render(tmp_path, source)) == ["*a*\nlinje", "*b*\nlinje"]


def test_the_same_action_twice_stands_in_two_rows(tmp_path: Path) -> None:
    message = render(tmp_path, "text: x\n[a](pick 1) [b](pick 2) [c](other)\n")
    assert [[b["action_id"] for b in block["elements"]] for block in message.blocks] == [
        ["pick"],
        ["pick", "other"],
    ]


def test_a_message_without_text_lines_says_its_own_words(tmp_path: Path) -> None:
    assert render(tmp_path, "# Overskrift\n\n*ord*\n").text == "Overskrift\n*ord*"


def test_a_text_alone_needs_no_blocks(tmp_path: Path) -> None:
    assert render(tmp_path, "text: Takk\n").as_payload() == {"text": "Takk"}


def test_a_message_without_text_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="needs a text"):
        Message(" ", ({"type": "divider"},))


@pytest.mark.parametrize("source", ["@[Vis](show 1)\n", "a\n@[Vis](show 1) x\n", "[x]()\n"])
def test_a_button_that_hangs_in_the_air_is_an_error_with_the_templates_name(tmp_path: Path, source: str) -> None:
    with pytest.raises(LayoutError, match=r"t\.j2: "):
        render(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        "{% macro m() %}x{% endmacro %}",
        "{% filter upper %}x{% endfilter %}",
        "{% set x %}y{% endset %}",
        "{{ name|safe }}",
        "{{ _(name) }}",
        "{% trans %}en\n\nto{% endtrans %}",
    ],
)
def test_what_could_go_round_the_protection_does_not_compile(tmp_path: Path, source: str) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError):
        render(tmp_path, source, name="x")


def test_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(jinja2.UndefinedError):
        render(tmp_path, "{{ nobody }}")


def view(tmp_path: Path, source: str, **facts: object) -> dict[str, Any]:
    (tmp_path / "v.json.j2").write_text(source, encoding="utf-8")
    return Renderer(tmp_path).render_view("v.json.j2", **facts)


MODAL = '{"type": "modal", "title": {"type": "plain_text", "text": {{ title }}}, "blocks": [%s]}'


def test_options_are_shortened_and_titles_are_refused(tmp_path: Path) -> None:
    options = """{"type": "actions", "elements": [{"type": "static_select", "action_id": "pick", "options": [
      {% for name in names %}
      {"text": {"type": "plain_text", "text": {{ name }}}, "value": "x"}{% if not loop.last %},{% endif %}
      {% endfor %}]}]}"""
    shown = view(tmp_path, MODAL % options, title="Sak", names=["x" * 60 + " & " + "y" * 60, "kort"])
    texts = [option["text"]["text"] for option in shown["blocks"][0]["elements"][0]["options"]]
    assert texts == ["x" * 60 + " &amp;…", "kort"]
    with pytest.raises(LimitError, match=r"v\.json\.j2\.title is 30 characters long, Slack takes 24"):
        view(tmp_path, MODAL % "", title="t" * 30)


def test_a_tag_inside_quotes_does_not_compile(tmp_path: Path) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError, match="inside quotes"):
        view(tmp_path, '{"type": "{{ x }}"}', x='modal", "blocks": [], "y": "')


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('{"type": "modal"', "is not JSON"),
        ("[]", "must be an object"),
        ('{"type": "home"}', "has no blocks"),
        ('{"type": "modal", "blocks": []}', "has no title"),
        (MODAL % '{"type": "input"}', "has no submit"),
        (MODAL % '{"type": "section", "text": {"type": "mrkdwn", "text": ""}}', "is empty"),
    ],
)
def test_a_view_that_slack_would_refuse_is_an_error_that_says_what(tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(LimitError, match=said):
        view(tmp_path, source, title="Sak")


def test_a_home_view_takes_blocks_from_the_line_language(tmp_path: Path) -> None:
    (tmp_path / "cases.j2").write_text("*{{ name }}*\n\n[Vis](show {{ name }})\n", encoding="utf-8")
    shown = view(
        tmp_path,
        """{"type": "home", "blocks": [
            {"type": "divider"}, {{ blocks("cases.j2") }}, {{ blocks("cases.j2", name="b") }}]}""",
        name="a",
    )
    assert [block["type"] for block in shown["blocks"]] == [
        "divider",
        "section",
        "actions",
        "section",
        "actions",
    ]
    assert shown["blocks"][3]["text"]["text"] == "*b*"
    one_by_one = (
        '{"type": "home", "blocks": [{% for b in blocks("cases.j2") %}{{ b }},{% endfor %}{"type": "divider"}]}'
    )
    assert view(tmp_path, one_by_one, name="a & b")["blocks"][0]["text"]["text"] == "*a &amp; b*"
