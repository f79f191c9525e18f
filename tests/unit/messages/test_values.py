"""A value is shown as it was typed, and is never read as markup or structure."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages.render import Renderer
from bot.messages.values import ChannelLink, Link, Mention, Words

NASTY = st.sampled_from(
    [
        "<!channel>",
        "<@U123ABC>",
        "&lt;!here&gt;",
        "*bold*",
        "_it_ ~gone~",
        "`code`",
        "```",
        "***",
        "> quoted",
        ">>> all",
        ":warning:",
        "text: other",
        "# Heading",
        "-# small",
        "---",
        "- point",
        "[Slett](delete_all 1 danger)",
        "@[x](y)",
        "{{ case }}",
        "{% if %}",
        "lager_2026_11.csv",
        "danger",
        "\n\n",
        "\r\n# x",
        "\u2028",
        "\x00",
        "\ue000",
        "\ue02a",
        "\U000f0041",
        "\ud800",
        "\u202e",
        "%(name)s",
        "{name}",
        '"}],"x":[{"',
        "\\",
    ]
)
VALUES = st.lists(st.one_of(NASTY, st.text(max_size=12)), max_size=5).map("".join)

EVERYWHERE = """text: {% trans name=value %}Ny sak: {{ name }}{% endtrans %}
# Sak {{ value }}

*{{ value }}* og _{{ other }}_, lager {{ other }}.
{{ value }}
> {{ value }}
- {{ value }}
{% trans name=value %}Om {{ name }}{% endtrans %}
@[Vis {{ value }}](show_case {{ value }})

-# {{ value }}
{{ value|quote }}

ord
---
[{{ value }}](take_case {{ value }})  [Avslutt](close_case {{ value }} danger)
"""


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "everywhere.j2").write_text(EVERYWHERE, encoding="utf-8")
    (folder / "line.j2").write_text("Navn: *{{ value }}* og {{ other }}.\n", encoding="utf-8")
    (folder / "modal.json.j2").write_text(
        """{"type": "modal", "title": {"type": "plain_text", "text": {{ _("Sak") }}},
            "private_metadata": {{ value }},
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": {% trans name=value -%}
                *Om* {{ name }}{% endtrans %}}},
                {{ blocks("everywhere.j2") }}]}""",
        encoding="utf-8",
    )
    return Renderer(folder)


def shape(node: Any) -> Any:
    """A payload without its words: types, actions, styles, and how many of each."""
    if isinstance(node, dict):
        return {key: shape(item) for key, item in node.items() if key not in ("text", "value")} | {
            "text": shape(node["text"]) if isinstance(node.get("text"), dict) else ""
        }
    return [shape(item) for item in node] if isinstance(node, list) else node


def strings(node: Any, key: str = "") -> list[tuple[str, str]]:
    """Every string in a payload with the name it goes under."""
    if isinstance(node, dict):
        return [found for name, item in node.items() for found in strings(item, name)]
    if isinstance(node, list):
        return [found for item in node for found in strings(item, key)]
    return [(key, node)] if isinstance(node, str) else []


def as_shown(mrkdwn: str) -> str:
    """What Slack shows of a line: marks at a word's edge act, entities and zero-width spaces vanish."""
    for mark in "*_~":
        pattern = rf"(?<!\w){re.escape(mark)}(?=[^\s\u200b])([^\n]*?)(?<=[^\s\u200b]){re.escape(mark)}(?!\w)"
        mrkdwn = re.sub(pattern, lambda found: f"\x01{found[1]}\x02", mrkdwn)
    mrkdwn = re.sub(r"`[^`\u200b][^`]*`", "\x03", mrkdwn)
    mrkdwn = re.sub(r":[\w+'-]*[a-z][\w+'-]*:", "\x04", mrkdwn)
    mrkdwn = re.sub(r"^(&gt;|>)+", "\x05", mrkdwn)
    return html.unescape(mrkdwn.replace("&lt;", "\x06")).replace("\x06", "<").replace("\u200b", "")


def as_people_type(value: str) -> str:
    """`value` without what no person types, on one line."""
    value = re.sub(r"\r\n|[\n\v\f\r\x85\u2028\u2029]", "\n", value).replace("\t", " ")
    kept = [
        c
        for c in value
        if c == "\n"
        or not (
            c < " "
            or "\x7f" <= c <= "\x9f"
            or "\ud800" <= c <= "\udfff"
            or "\u202a" <= c <= "\u202e"
            or "\u2066" <= c <= "\u2069"
            or "\ue000" <= c <= "\uf8ff"
            or c >= "\U000f0000"
        )
    ]
    return re.sub("\n+", " ", "".join(kept).strip()).replace("\u200b", "")


@settings(max_examples=200, deadline=None)
@given(VALUES.filter(lambda value: as_people_type(value).strip() != ""), VALUES)
def test_no_value_changes_the_blocks_buttons_or_actions_of_a_message(
    renderer: Renderer, value: str, other: str
) -> None:
    usual = renderer.render("everywhere.j2", value="Valtrex", other="Zovirax").as_payload()
    message = renderer.render("everywhere.j2", value=value, other=other).as_payload()
    assert shape(message) == shape(usual)


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES)
def test_nothing_slack_acts_on_comes_out_of_a_value(renderer: Renderer, value: str, other: str) -> None:
    payload = renderer.render("everywhere.j2", value=value, other=other).as_payload()
    json.dumps(payload).encode()
    for key, text in strings(payload):
        if key != "value":  # a button's value is never shown; it comes back as it was given
            assert "<" not in text
        assert not re.search("[\ue000-\uf8ff\U000f0000-\U0010ffff]", text)


@settings(max_examples=500, deadline=None)
@given(VALUES, VALUES)
def test_slack_shows_a_value_as_it_was_typed(renderer: Renderer, value: str, other: str) -> None:
    typed, also = as_people_type(value), as_people_type(other)
    shown = as_shown(renderer.render("line.j2", value=value, other=other).blocks[0]["text"]["text"])
    stop = "" if also.endswith((".", "?", "!", "…")) else "."
    assert shown in (f"Navn: \x01{typed}\x02 og {also}{stop}", f"Navn: *{typed}* og {also}{stop}")


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_no_value_breaks_a_view(renderer: Renderer, value: str) -> None:
    usual = renderer.render_view("modal.json.j2", value="Valtrex", other="x")
    view = renderer.render_view("modal.json.j2", value=value[:200], other=value)
    assert view["blocks"][0]["type"] == "section"
    assert set(view) == set(usual)
    assert all("<" not in text for key, text in strings(view) if key not in ("value", "private_metadata"))


def test_a_buttons_value_comes_back_as_it_was_given(renderer: Renderer) -> None:
    given_value = "a & b <c>\nd *e*  danger"
    row = renderer.render("everywhere.j2", value=given_value, other="").blocks[-1]["elements"]
    assert [button["value"] for button in row] == [given_value, given_value]
    assert [button.get("style") for button in row] == [None, "danger"]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("lager_2026_11.csv", "lager_2026_11.csv"),
        ("2*3*4", "2*3*4"),
        ("kl. 12:30:45", "kl. 12:30:45"),
        ("_x_", "_\u200bx\u200b_"),
        ("~14 dager", "~\u200b14 dager"),
        ("a `b` c", "a \u200b`\u200bb\u200b`\u200b c"),
        (":warning:", ":\u200bwarning:"),
        ("Råd & tips <5", "Råd &amp; tips &lt;5"),
        ("> x", "\u200b&gt; x"),
    ],
)
def test_only_what_slack_would_act_on_is_kept_apart(tmp_path: Path, value: str, sent: str) -> None:
    (tmp_path / "t.j2").write_text("{{ value }}\n", encoding="utf-8")
    assert Renderer(tmp_path).render("t.j2", value=value).blocks[0]["text"]["text"] == sent


def test_mentions_and_links_are_markup_because_of_their_type(tmp_path: Path) -> None:
    (tmp_path / "t.j2").write_text("# Se {{ v }}\n\n{{ v }}\n", encoding="utf-8")
    render = Renderer(tmp_path).render

    def sent(value: object) -> str:
        return str(render("t.j2", v=value).blocks[-1]["text"]["text"])

    assert sent(Mention("U123ABC")) == "<@U123ABC>"
    assert sent(Mention("S123ABC")) == "<!subteam^S123ABC>"
    assert sent(ChannelLink("C123ABC")) == "<#C123ABC>"
    link = Link("https://dmp.no/?a=1&b=2", "DMP's liste <ny>")
    assert sent(link) == "<https://dmp.no/?a=1&amp;b=2|DMP's liste &lt;ny&gt;>"
    assert render("t.j2", v=link).blocks[0]["text"]["text"] == "Se DMP's liste &lt;ny&gt;"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Mention("!channel"),
        lambda: Mention("U1> <!here"),
        lambda: ChannelLink("C123\n"),
        lambda: Link("http://dmp.no", "x"),
        lambda: Link("https://a.no/|x>", "x"),
        lambda: Link("https://a.no/ b", "x"),
        lambda: Link("javascript:alert(1)", "x"),
    ],
)
def test_a_mention_or_link_that_is_none_cannot_be_made(make: Any) -> None:
    with pytest.raises(ValueError, match="not "):
        make()


def test_a_quoted_text_keeps_its_lines_and_stays_quoted(tmp_path: Path) -> None:
    (tmp_path / "t.j2").write_text("Notat:\n{{ note|quote }}\n", encoding="utf-8")
    message = Renderer(tmp_path).render("t.j2", note="en\n\n# to\n> tre\n[fire](x)")
    assert message.blocks[0]["text"]["text"] == "Notat:\n> en\n>\n> # to\n> \u200b&gt; tre\n> [fire](x)"


def test_what_is_made_of_a_translated_text_is_a_value_again() -> None:
    assert type(Words("*a*") + "b") is str
    assert type(Words("*a*").upper()) is str


def test_a_value_that_ends_a_sentence_gets_no_second_full_stop() -> None:
    from bot.messages.values import as_mrkdwn, hide, one_stop

    assert as_mrkdwn(one_stop(f"Trolig tomt {hide('15. sept.')}.")) == "Trolig tomt 15. sept."
    assert as_mrkdwn(one_stop(f"*{hide('15. sept.')}*.")) == "*15. sept.*"
    assert as_mrkdwn(one_stop(f"Til møtet: {hide('Hva nå?')}.")) == "Til møtet: Hva nå?"
    assert as_mrkdwn(one_stop(f"{hide('Sak..')} ...")) == "Sak.. ..."
