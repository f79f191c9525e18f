"""Modals: triggers, the stack, values, field errors, type-ahead."""

from __future__ import annotations

import asyncio

import pytest
from slack_sdk.errors import SlackApiError

from workspace import NotThere

TITLE = {"type": "plain_text", "text": "Meld mangel"}


def option(text: str, value: str = "") -> dict:
    return {"text": {"type": "plain_text", "text": text}, "value": value or text}


def form(**more) -> dict:
    return {
        "type": "modal",
        "callback_id": "report",
        "title": TITLE,
        "submit": {"type": "plain_text", "text": "Send"},
        "close": {"type": "plain_text", "text": "Avbryt"},
        "blocks": [
            {
                "type": "input",
                "block_id": "medicine_block",
                "dispatch_action": True,
                "label": {"type": "plain_text", "text": "Legemiddel"},
                "element": {"type": "external_select", "action_id": "medicine", "min_query_length": 2},
            },
            {
                "type": "input",
                "block_id": "when_block",
                "label": {"type": "plain_text", "text": "Når går dere tomme?"},
                "element": {
                    "type": "radio_buttons",
                    "action_id": "when",
                    "options": [option("Tomt nå", "now"), option("Senere", "later")],
                    "initial_option": option("Tomt nå", "now"),
                },
            },
            {
                "type": "input",
                "block_id": "note_block",
                "optional": True,
                "label": {"type": "plain_text", "text": "Merknad"},
                "element": {"type": "plain_text_input", "action_id": "note", "multiline": True},
            },
        ],
        **more,
    }


@pytest.fixture
async def opened(house):
    """A house whose /meld opens the form and whose type-ahead offers two groups."""

    @house.app.command("/meld")
    async def meld(ack, client, body):
        await client.views_open(trigger_id=body["trigger_id"], view=form())
        await ack()

    @house.app.options("medicine")
    async def medicine(ack, payload):
        typed = payload["value"]
        await ack(
            option_groups=[
                {
                    "label": {"type": "plain_text", "text": "Preparat"},
                    "options": [
                        {**option(f"Valtrex 500 mg ({typed})", "p1"), "description": TITLE},
                        option("Valtrex 250 mg", "p2"),
                    ],
                },
                {
                    "label": {"type": "plain_text", "text": "Virkestoff"},
                    "options": [option("valaciklovir", "s1")],
                },
            ]
        )

    await house.ws.slash(house.kari, "/meld")
    return house


async def test_a_form_is_filled_by_type_ahead_and_sent(opened):
    house, got = opened, {}

    @house.app.view("report")
    async def report(ack, body):
        got.update(body)
        await ack()

    @house.app.action("medicine")
    async def chosen(ack, body):
        got["chosen"] = body["actions"][0]["selected_option"]["value"]
        await ack()

    offered = await house.ws.type_ahead(house.kari, "medicine", "valtr")
    assert [(o.group, o.text, o.value) for o in offered] == [
        ("Preparat", "Valtrex 500 mg (valtr)", "p1"),
        ("Preparat", "Valtrex 250 mg", "p2"),
        ("Virkestoff", "valaciklovir", "s1"),
    ]
    assert offered[0].description == "Meld mangel"
    await house.ws.choose(house.kari, "medicine", offered[0])
    result = await house.ws.submit(house.kari, {"note": "to pasienter", "Når går dere tomme?": "Senere"})

    assert result.closed and not result.errors and house.ws.current_view(house.kari) is None
    assert got["chosen"] == "p1"
    values = got["view"]["state"]["values"]
    assert values["medicine_block"]["medicine"]["selected_option"]["value"] == "p1"
    assert values["when_block"]["when"]["selected_option"]["value"] == "later"
    assert values["note_block"]["note"] == {"type": "plain_text_input", "value": "to pasienter"}
    assert got["view"]["callback_id"] == "report" and got["trigger_id"]


async def test_type_ahead_waits_for_enough_letters(opened):
    assert await opened.ws.type_ahead(opened.kari, "medicine", "v") == []
    assert not [d for d in opened.ws.deliveries if d.envelope.payload.get("type") == "block_suggestion"]


async def test_only_what_was_offered_can_be_chosen(opened):
    with pytest.raises(NotThere, match="cannot be chosen"):
        await opened.ws.choose(opened.kari, "medicine", "Paracet")


async def test_required_fields_and_long_texts_are_stopped_before_the_bot(opened):
    result = await opened.ws.submit(opened.kari, {"note": "x" * 3001})
    assert not result.sent
    assert set(result.errors) == {"medicine_block", "note_block"}


async def test_field_errors_come_in_the_ack_and_are_seen_in_the_form(opened):
    house = opened

    @house.app.view("report")
    async def report(ack):
        await ack(response_action="errors", errors={"note_block": "Ikke skriv fødselsnummer her."})

    result = await house.ws.submit(house.kari, {"medicine": "valaciklovir"})
    assert result.errors == {"note_block": "Ikke skriv fødselsnummer her."}
    view = await house.ws.view(house.kari)
    assert "! Ikke skriv fødselsnummer her." in view.plain()
    assert view.value("medicine") == "s1"


async def test_an_error_for_a_field_that_is_not_there_is_complained_of(opened):
    house = opened

    @house.app.view("report")
    async def report(ack):
        await ack(response_action="errors", errors={"note": "action_id, not block_id"})

    result = await house.ws.submit(house.kari, {"medicine": "p1"})
    assert result.trouble and not result.errors and not result.closed
    assert "no input block with block_id note" in house.ws.complaints[0]


async def test_a_form_may_be_updated_pushed_and_cleared_by_the_ack(opened):
    house = opened
    steps = iter(
        [
            {"response_action": "update", "view": form(callback_id="second")},
            {"response_action": "push", "view": form(callback_id="third")},
            {"response_action": "clear"},
        ]
    )

    async def step(ack):
        await ack(next(steps))

    for name in ("report", "second", "third"):
        house.app.view(name)(step)

    second = (await house.ws.submit(house.kari, {"medicine": "p1"})).view
    assert second.callback_id == "second" and second.value("medicine") == "p1"
    third = (await house.ws.submit(house.kari)).view
    assert third.previous_view_id == second.id and third.value("medicine") is None
    assert (await house.ws.submit(house.kari, {"medicine": "p2"})).closed
    assert house.ws.current_view(house.kari) is None


async def test_a_faulty_view_in_the_ack_is_complained_of_and_changes_nothing(opened):
    house = opened

    @house.app.view("report")
    async def report(ack):
        await ack(response_action="update", view=form(title={"type": "plain_text", "text": "x" * 25}))

    result = await house.ws.submit(house.kari, {"medicine": "p1"})
    assert result.trouble and (await house.ws.view(house.kari)).title == "Meld mangel"
    assert "must be less than 25 characters [json-pointer:/view/title/text]" in house.ws.complaints[0]


async def test_options_over_the_limits_are_not_offered(house):
    @house.app.command("/meld")
    async def meld(ack, client, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    @house.app.options("medicine")
    async def medicine(ack):
        await ack(options=[option("x" * 76)])

    await house.ws.slash(house.kari, "/meld")
    assert await house.ws.type_ahead(house.kari, "medicine", "valt") == []
    assert "must be less than 76 characters" in house.ws.complaints[0]


async def test_a_trigger_works_once_and_dies(house):
    errors = []
    house.ws.core.tickets.trigger_seconds = 0.2

    @house.app.command("/meld")
    async def meld(ack, client, body, command):
        await ack()
        await asyncio.sleep(0.3 if command["text"] == "sent" else 0)
        for trigger in (body["trigger_id"], body["trigger_id"], "1.2.3"):
            try:
                await client.views_open(trigger_id=trigger, view=form())
            except SlackApiError as refusal:
                errors.append(refusal.response["error"])

    await house.ws.slash(house.kari, "/meld")
    await house.ws.quiet()
    assert errors == ["exchanged_trigger_id", "invalid_trigger_id"]
    errors.clear()
    await house.ws.slash(house.ola, "/meld sent")
    await house.ws.wait_for(lambda: len(errors) == 3)
    assert errors == ["expired_trigger_id", "expired_trigger_id", "invalid_trigger_id"]
    assert house.ws.current_view(house.ola) is None


async def test_three_views_and_no_more(opened):
    house, errors = opened, []
    view = form()
    view["blocks"].append(
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": "deeper", "text": {"type": "plain_text", "text": "Mer"}}],
        }
    )

    @house.app.command("/dypt")
    async def deep(ack, client, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @house.app.action("deeper")
    async def deeper(ack, client, body):
        await ack()
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as refusal:
            errors.append(refusal.response["error"])

    await house.ws.slash(house.ola, "/dypt")
    for _ in range(3):
        await house.ws.click(house.ola, await house.ws.view(house.ola), "Mer")
    await house.ws.quiet()
    assert errors == ["push_limit_reached"]
    assert len(house.ws.state.stack(house.ola.id)) == 3


async def test_an_update_keeps_what_is_filled_in_and_a_stale_hash_is_refused(opened):
    house, client = opened, opened.app.client
    view = await house.ws.fill(house.kari, {"note": "behold meg"})
    stale = view.hash
    await client.views_update(view_id=view.id, hash=stale, view=form(callback_id="nytt"))
    assert view.callback_id == "nytt" and view.value("note") == "behold meg"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view.id, hash=stale, view=form())
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V404", view=form())


async def test_closing_tells_the_bot_that_asked_for_it(house):
    closed = []

    @house.app.command("/meld")
    async def meld(ack, client, body, command):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form(notify_on_close=True))

    @house.app.view_closed("report")
    async def gone(ack, body):
        closed.append(body["is_cleared"])
        await ack()

    await house.ws.slash(house.kari, "/meld")
    await house.ws.close(house.kari)
    assert closed == [False] and house.ws.current_view(house.kari) is None
