"""Delivery and its faults: redelivery, lost acks, broken connections, rate limits, another process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from workspace import Workspace


async def test_rate_limit_carries_retry_after(house):
    house.ws.answer("chat.postMessage", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as refusal:
        await house.app.client.chat_postMessage(channel=house.cases.id, text="x")
    assert refusal.value.response.headers["Retry-After"] == "7"
    assert refusal.value.response["error"] == "ratelimited"
    await house.app.client.chat_postMessage(channel=house.cases.id, text="x")


async def test_the_sdks_own_retry_handler_gets_through(house):
    client = AsyncWebClient(token=house.ws.bot_token, base_url=house.ws.api_url)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    house.ws.answer("chat.postMessage", status=429, retry_after=0)
    await client.chat_postMessage(channel=house.cases.id, text="x")
    assert [c.ok for c in house.ws.calls("chat.postMessage")] == [False, True]


@pytest.mark.parametrize(
    ("fault", "posted"),
    [
        ({"status": 500}, 0),
        ({"error": "fatal_error"}, 0),
        ({"hang_up": "before"}, 0),
        ({"hang_up": "after"}, 1),
    ],
)
async def test_doubtful_answers(house, fault, posted):
    client = AsyncWebClient(token=house.ws.bot_token, base_url=house.ws.api_url, retry_handlers=[])
    house.ws.answer("chat.postMessage", **fault)
    with pytest.raises((SlackApiError, aiohttp.ClientError)):
        await client.chat_postMessage(channel=house.cases.id, text="x")
    assert len(house.ws.messages(house.cases)) == posted
    assert [c.ok for c in house.ws.calls("chat.postMessage")] == [bool(posted)]


async def test_hanging(house):
    client = AsyncWebClient(token=house.ws.bot_token, base_url=house.ws.api_url, timeout=1, retry_handlers=[])
    house.ws.answer("chat.postMessage", hang=1.5, after=1)
    await client.chat_postMessage(channel=house.cases.id, text="først")
    with pytest.raises(TimeoutError):
        await client.chat_postMessage(channel=house.cases.id, text="så")


async def test_posting_too_fast_is_limited_when_asked_for(house):
    house.ws.core.posts_per_second = 1
    await house.app.client.chat_postMessage(channel=house.cases.id, text="1")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await house.app.client.chat_postMessage(channel=house.cases.id, text="2")
    await house.app.client.chat_postMessage(channel=house.open.id, text="another channel")


async def test_an_event_without_ack_comes_again_as_a_retry(house):
    seen = []
    house.ws.core.courier.ack_timeout = 0.2

    @house.app.event("app_mention")
    async def mentioned(event, say, request):
        seen.append(request.headers.get("x-slack-retry-num"))
        await say("hei")

    house.ws.drop_acks(1)
    await house.ws.mention(house.kari, house.open, "hei")
    await house.ws.wait_for(lambda: len(seen) == 2, what="the retry")
    assert seen == [["0"], ["1"]] or seen == [None, ["1"]]
    assert house.ws.deliveries[-1].envelope.retry_reason == "timeout"


async def test_everything_may_be_delivered_twice(house):
    opened, errors = [], []

    @house.app.command("/hei")
    async def hei(ack, body, client):
        await ack()
        try:
            await client.views_open(
                trigger_id=body["trigger_id"],
                view={"type": "modal", "title": {"type": "plain_text", "text": "Hei"}, "blocks": []},
            )
            opened.append(body["trigger_id"])
        except SlackApiError as refusal:
            errors.append(refusal.response["error"])

    house.ws.deliver_each(2, at_once=True)
    await house.ws.slash(house.kari, "/hei")
    await house.ws.quiet()
    assert len(set(opened)) == 2 and not errors
    house.ws.mend()
    await house.ws.slash(house.kari, "/hei")
    await house.ws.redeliver()
    await house.ws.quiet()
    assert len(opened) == 4


async def test_a_connection_is_replaced_when_slack_asks(house):
    @house.app.command("/hei")
    async def hei(ack):
        await ack("hei")

    await house.ws.disconnect()
    assert (await house.ws.slash(house.kari, "/hei")).text == "hei"
    await house.ws.cut()
    await house.ws.connected()
    assert (await house.ws.slash(house.kari, "/hei")).text == "hei"


async def test_each_envelope_goes_to_one_of_several_connections(house):
    got = []
    apps = []
    for name in ("b", "c"):
        app = AsyncApp(client=AsyncWebClient(token=house.ws.bot_token, base_url=house.ws.api_url))
        app.command("/hei")(listener(name, got))
        handler = AsyncSocketModeHandler(app, house.ws.app_token, web_client=app.client)
        await handler.connect_async()
        apps.append(handler)
    house.app.command("/hei")(listener("a", got))
    await house.ws.connected(3)
    await asyncio.gather(*(house.ws.slash(house.kari, "/hei") for _ in range(9)))
    assert len(got) == 9 and set(got) == {"a", "b", "c"}
    for handler in apps:
        await handler.close_async()


def listener(name, got):
    async def hei(ack):
        got.append(name)
        await ack(name)

    return hei


async def test_http_mode_is_signed(unused_tcp_port):
    from aiohttp import web

    secret = "hemmelig"
    port = unused_tcp_port
    async with Workspace(http_target=f"http://127.0.0.1:{port}/slack/events", signing_secret=secret) as ws:
        kari = ws.add_user("Kari")
        app = AsyncApp(signing_secret=secret, client=AsyncWebClient(token=ws.bot_token, base_url=ws.api_url))

        @app.command("/hei")
        async def hei(ack):
            await ack("hei")

        @app.event("app_mention")
        async def mentioned(say):
            await say("nevnt")

        runner = web.AppRunner(app.web_app("/slack/events", port))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        assert (await ws.slash(kari, "/hei")).text == "hei"
        channel = ws.add_channel("c", members=[kari])
        asked = await ws.mention(kari, channel, "du")
        assert [m.text for m in ws.answers_to(asked)] == ["nevnt"]
        await runner.cleanup()


@pytest.fixture
def unused_tcp_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


BOT = """
import asyncio, os
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

async def main():
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client)

    @app.command("/hei")
    async def hei(ack):
        await ack("fra en annen prosess")

    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=client).start_async()

asyncio.run(main())
"""


async def test_a_bot_in_another_process_may_be_killed():
    async with Workspace() as ws:
        kari = ws.add_user("Kari")
        settings = {
            "SLACK_BOT_TOKEN": ws.bot_token,
            "SLACK_APP_TOKEN": ws.app_token,
            "SLACK_API_URL": ws.api_url,
            "PATH": "",
        }
        bot = subprocess.Popen([sys.executable, "-c", textwrap.dedent(BOT)], env=settings)
        try:
            await ws.connected()
            assert (await ws.slash(kari, "/hei")).text == "fra en annen prosess"
        finally:
            bot.kill()
            bot.wait()
        await ws.wait_for(lambda: not ws.socket_mode.connections, what="the connection to go")
        answer = await ws.slash(kari, "/hei", expect_ack=False)
        assert answer.ack.how == "no_connection"
