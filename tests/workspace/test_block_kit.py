"""The limits of Block Kit: one fault each, found where it is, and nothing wrong with what is right."""

from __future__ import annotations

import copy

import pytest

from workspace.block_kit import faults_in_blocks, faults_in_options, faults_in_view


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict:
    return {"type": "mrkdwn", "text": text}


def option(n: int = 0, text: str = "", value: str = "", **more) -> dict:
    return {"text": plain(text or f"valg {n}"), "value": value or f"v{n}", **more}


def section(text: str = "hei", **more) -> dict:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(n: int = 0, **more) -> dict:
    return {"type": "button", "action_id": f"a{n}", "text": plain("Trykk"), **more}


def actions(*elements: dict) -> dict:
    return {"type": "actions", "elements": list(elements)}


def select(count: int = 1, **more) -> dict:
    return {"type": "static_select", "action_id": "s", "options": [option(n) for n in range(count)], **more}


def field(element: dict, **more) -> dict:
    return {"type": "input", "label": plain("Felt"), "element": element, **more}


TEXT_INPUT = {"type": "plain_text_input", "action_id": "t"}
FINE = [
    section("x" * 3000),
    section(fields=[mrkdwn("x" * 2000)] * 10),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("liten")] * 10},
    actions(*(button(n, value="x" * 2000, style="danger") for n in range(25))),
    actions(select(100, initial_option=option(3), placeholder=plain("x" * 150))),
    section(accessory={"type": "overflow", "action_id": "o", "options": [option(n) for n in range(5)]}),
    {"type": "image", "image_url": "https://x.no/a.png", "alt_text": "kurve"},
    field(TEXT_INPUT | {"multiline": True, "max_length": 3000}, hint=plain("x" * 2000), optional=True),
    field({"type": "external_select", "action_id": "e", "min_query_length": 2}),
    field({"type": "datepicker", "action_id": "d", "initial_date": "2026-11-22"}),
    field({"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "0"}),
    field({"type": "checkboxes", "action_id": "c", "options": [option(n) for n in range(10)]}),
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
]


def test_what_is_right_is_let_through():
    assert faults_in_blocks(FINE) == []
    assert faults_in_blocks([section()] * 50) == []
    modal = {"type": "modal", "title": plain("x" * 24), "submit": plain("Send"), "blocks": FINE}
    assert faults_in_view(modal) == []
    assert faults_in_view({"type": "home", "blocks": [section()] * 100}) == []


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ({"type": "section"}, "must define either `text` or `fields` [json-pointer:/blocks/0]"),
        (section(fields=[mrkdwn("x")] * 11), "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
        (section(fields=[mrkdwn("x" * 2001)]), "must be less than 2001 characters"),
        ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
        (
            {"type": "header", "text": mrkdwn("x")},
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        ({"type": "hei"}, "unsupported type: hei [json-pointer:/blocks/0/type]"),
        (section(farge="rød"), "invalid additional property: farge [json-pointer:/blocks/0]"),
        (section(block_id=None), "must not be null [json-pointer:/blocks/0/block_id]"),
        (section(block_id="x" * 256), "must be less than 256 characters"),
        (actions(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
        (actions(*map(button, range(26))), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
        (actions(button(), button()), '`action_id` "a0" already exists [json-pointer:/blocks/0]'),
        (actions(button(text=plain("x" * 76))), "must be less than 76 characters"),
        (actions(button(value="x" * 2001)), "must be less than 2001 characters"),
        (actions(button(action_id="x" * 256)), "must be less than 256 characters"),
        (
            actions(button(style="grønn")),
            "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
        ),
        (actions(button(confirm={"title": plain("x" * 101)})), "must be less than 101 characters"),
        (actions(button(confirm={"text": mrkdwn("x" * 301)})), "must be less than 301 characters"),
        (actions(TEXT_INPUT), "unsupported type: plain_text_input"),
        (actions(select(101)), "no more than 100 items allowed"),
        (actions(select(0)), "no fewer than 1 items allowed"),
        (actions(select(2, initial_option=option(7))), "must exactly match one of the provided options"),
        (actions(select(1, placeholder=plain("x" * 151))), "must be less than 151 characters"),
        (actions(select(options=[option(text="x" * 76)])), "must be less than 76 characters"),
        (actions(select(options=[option(value="x" * 151)])), "must be less than 151 characters"),
        (actions(select(options=[option(description=plain("x" * 76))])), "must be less than 76 characters"),
        (actions(select(options=[{"text": mrkdwn("x"), "value": "x"}])), "unsupported type: mrkdwn"),
        (
            actions({"type": "overflow", "action_id": "o", "options": [option(n) for n in range(6)]}),
            "no more than 5 items allowed",
        ),
        (
            actions({"type": "radio_buttons", "action_id": "r", "options": [option(n) for n in range(11)]}),
            "no more than 10 items allowed",
        ),
        ({"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10 items allowed"),
        ({"type": "image", "image_url": "https://x.no/a"}, "missing required field: alt_text"),
        (field(TEXT_INPUT, label=plain("x" * 2001)), "must be less than 2001 characters"),
        (field(TEXT_INPUT, hint=plain("x" * 2001)), "must be less than 2001 characters"),
        (field(button()), "unsupported type: button"),
        (field(TEXT_INPUT | {"max_length": 3001}), "must be an integer from 1 to 3000"),
        (field({"type": "datepicker", "initial_date": "22.11.2026"}), "failed to match the required pattern"),
        (field({"type": "file_input", "action_id": "f"}), "unsupported type: file_input"),
    ],
)
def test_what_slack_refuses_in_a_message(block, fault):
    faults = faults_in_blocks([copy.deepcopy(block)])
    assert [f for f in faults if fault in f], faults


def test_how_many_blocks_and_whose_ids():
    assert "no more than 50 items allowed [json-pointer:/blocks]" in faults_in_blocks([section()] * 51)
    twice = [section(block_id="b"), section(block_id="b")]
    assert '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]' in faults_in_blocks(twice)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": plain("x" * 25)}, "must be less than 25 characters [json-pointer:/view/title/text]"),
        ({"submit": plain("x" * 25)}, "must be less than 25 characters [json-pointer:/view/submit/text]"),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters"),
        ({"callback_id": "x" * 256}, "must be less than 256 characters"),
        ({"submit": None, "blocks": [field(TEXT_INPUT)]}, "must define `submit` to use `input` block"),
        ({"blocks": [section()] * 101}, "no more than 100 items allowed [json-pointer:/view/blocks]"),
        ({"farge": "rød"}, "invalid additional property: farge [json-pointer:/view]"),
        ({"type": "message"}, "unsupported type: message [json-pointer:/view/type]"),
    ],
)
def test_what_slack_refuses_in_a_view(change, fault):
    view = {"type": "modal", "title": plain("Tittel"), "blocks": [section()], **change}
    faults = faults_in_view(view)
    assert [f for f in faults if fault in f], faults


def test_a_modal_needs_a_title():
    assert "missing required field: title" in faults_in_view({"type": "modal", "blocks": []})[0]


@pytest.mark.parametrize(
    ("answer", "faulty"),
    [
        ({"options": []}, False),
        ({"options": [option(n) for n in range(100)]}, False),
        ({"options": [option(n) for n in range(101)]}, True),
        ({"option_groups": [{"label": plain("x" * 76), "options": [option()]}]}, True),
        ({"option_groups": [{"label": plain("x"), "options": [option()]}] * 100}, False),
        ({"option_groups": [{"label": plain("x"), "options": [option()]}] * 101}, True),
        ({"options": [option()], "option_groups": []}, True),
        ({"text": "hei"}, True),
    ],
)
def test_options_of_a_type_ahead(answer, faulty):
    assert bool(faults_in_options(answer)) == faulty


def _paths(thing, path=()):
    yield path
    items = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in items:
        yield from _paths(value, (*path, key))


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, True, [None]])
def test_whatever_is_sent_is_judged_and_never_crashes(junk):
    view = {"type": "modal", "title": plain("Tittel"), "submit": plain("Send"), "blocks": FINE}
    for path in list(_paths(view))[1:]:
        broken = copy.deepcopy(view)
        inner = broken
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = junk
        faults_in_view(broken)
        faults_in_blocks(broken["blocks"])
    faults_in_options({"options": junk})
    faults_in_options({"option_groups": [junk]})
