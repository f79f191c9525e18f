"""Slash commands, their acknowledgements and their response URLs."""

from __future__ import annotations

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from workspace import NoAnswer


async def test_an_answer_in_the_ack_is_seen_by_the_asker_alone(house):
    @house.app.command("/hei")
    async def hei(ack, command):
        await ack(f"Hei, {command['user_name']}! Du skrev {command['text']}")

    answer = await house.ws.slash(house.kari, "/hei alle sammen", channel=house.cases)

    assert answer.text == "Hei, kari.lege! Du skrev alle sammen"
    assert house.ws.ephemerals(house.kari) == answer.messages
    assert house.ws.ephemerals(house.ola) == []
    assert house.ws.messages(house.cases) == []


async def test_a_command_tells_what_slack_tells(house):
    seen = {}

    @house.app.command("/hei")
    async def hei(ack, body):
        seen.update(body)
        await ack()

    await house.ws.slash(house.kari, "/hei du", channel=house.cases, wait=0)
    await house.ws.slash(house.kari, "/hei du", wait=0)

    assert seen["channel_name"] == "directmessage"
    assert seen["team_id"] == house.ws.team_id
    assert seen["response_url"].startswith(house.ws.page_url)


async def test_answers_to_the_response_url_go_to_asker_or_channel(house):
    @house.app.command("/hei")
    async def hei(ack, respond):
        await ack()
        await respond("bare til deg")
        await respond("til alle", response_type="in_channel")

    answer = await house.ws.slash(house.kari, "/hei", channel=house.cases)
    await house.ws.quiet()

    assert [m.text for m in answer.messages] == ["bare til deg", "til alle"]
    assert [m.text for m in house.ws.messages(house.cases)] == ["til alle"]


async def test_a_response_url_works_five_times(house):
    @house.app.command("/hei")
    async def hei(ack, command):
        await ack()
        url = AsyncWebhookClient(command["response_url"])
        results = [await url.send(text=str(n)) for n in range(6)]
        assert [r.status_code for r in results] == [200] * 5 + [404]
        assert results[-1].body == "used_url"
        await url.send(text="for sent")

    answer = await house.ws.slash(house.kari, "/hei")
    await house.ws.quiet()
    assert [m.text for m in answer.messages] == ["0", "1", "2", "3", "4"]


async def test_nobody_answering_is_an_error_that_says_so(house):
    house.ws.core.courier.ack_timeout = 0.2
    with pytest.raises(NoAnswer, match="'/ukjent'"):
        await house.ws.slash(house.kari, "/ukjent")
    assert "operation_timeout" in house.ws.ephemerals(house.kari)[-1].text


async def test_faulty_blocks_in_an_ack_are_complained_of_and_shown_to_nobody(house):
    @house.app.command("/hei")
    async def hei(ack):
        await ack(text="x", blocks=[{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])

    answer = await house.ws.slash(house.kari, "/hei", wait=0)
    assert answer.messages == []
    assert "must be less than 151 characters [json-pointer:/blocks/0/text/text]" in house.ws.complaints[0]


async def test_two_people_at_once_get_each_their_own_answer(house):
    @house.app.command("/hei")
    async def hei(ack, respond, command):
        await ack()
        await respond(command["user_id"])

    import asyncio

    kari, ola = await asyncio.gather(house.ws.slash(house.kari, "/hei"), house.ws.slash(house.ola, "/hei"))
    await house.ws.quiet()
    assert (kari.text, ola.text) == (house.kari.id, house.ola.id)
