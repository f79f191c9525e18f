"""HTTP mode: the same journeys over Slack's signed requests, and nothing for whoever is not Slack."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import pytest

from storage.tables import ShortageReport
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House, free_port, furnished
from workspace.http_mode import HttpMode


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """The house, where Slack calls the bot."""
    async with furnished(database_url, http=True) as made:
        yield made
        assert not made.ws.complaints
        made.ws.check_clean()


def road(house: House) -> HttpMode:
    """The way that the workspace's requests take."""
    taken = house.ws.core.courier.transport
    assert isinstance(taken, HttpMode)
    return taken


async def post(house: House, body: bytes, headers: dict[str, str], path: str = "/slack/commands") -> int:
    """Send what may or may not be Slack's; the status of the answer."""
    address = road(house).url.replace("/slack/events", path)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession() as session, session.post(address, data=body, headers=kind | headers) as answer:
        return answer.status


def signed(house: House, body: bytes, *, age: int = 0, secret: str | None = None) -> dict[str, str]:
    """The two headers, made `age` seconds ago, with the app's secret or another."""
    stamp = str(int(time.time()) - age)
    key = (secret or house.ws.signing_secret).encode()
    digest = hmac.new(key, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def a_follow(house: House) -> bytes:
    """A command that would change something."""
    return urlencode(
        {
            "command": "/mangel",
            "text": "følg valtrex",
            "user_id": house.kari.id,
            "team_id": house.kari.team_id,
            "channel_id": house.info.id,
            "trigger_id": "1.2.abc",
            "response_url": f"{house.ws.core.base_url}/response/none",
        }
    ).encode()


async def test_a_report_its_card_a_button_and_a_sheet_go_their_way(house: House) -> None:
    assert "Mangelvakt" in await house.ask(house.kari, "hjelp")
    card = await house.valtrex_case()
    await house.publish()
    assert card.ts

    asked = await house.ws.mention(house.kari, house.info, "har vi nok valtrex?")
    await house.ws.wait_for(lambda: house.ws.answers_to(asked), 20, "an answer to a mention")

    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.said(house.stock, "VARSEL")
    assert house.ws.calls("apps.connections.open") == []


@pytest.mark.parametrize("at_once", [False, True], ids=["one after another", "at once"])
async def test_what_slack_sends_three_times_is_done_once(house: House, at_once: bool) -> None:
    await house.ws.slash(house.kari, "/mangel")
    option = (await house.ws.type_ahead(house.kari, "medicine", "valtrex 500"))[0]
    await house.ws.choose(house.kari, "medicine", option)
    house.ws.deliver_each(3, at_once=at_once)
    await house.ws.submit(house.kari, {"medicine": option, "place": "UNN Tromsø", "runs_out": "3_days"})
    await house.said(house.cases, "2025-0001")
    asked = await house.ws.mention(house.kari, house.info, "har vi nok valtrex?")
    await house.ws.wait_for(lambda: house.ws.answers_to(asked), 20, "an answer")
    await house.drop_sheet(house.mona, *VALTREX_IN_TWO_WEEKS)
    await house.ws.quiet()
    assert len(house.ws.answers_to(asked)) == 1, "one question, one answer"
    assert len(house.ws.ephemerals(house.mona, house.stock)) == 1, "one file, one preview"
    assert len(await house.rows(ShortageReport)) == 1
    assert len(house.ws.messages(house.cases, by_bot=True)) == 1


@pytest.mark.parametrize("path", ["/slack/events", "/slack/commands", "/slack/interactions"])
async def test_each_of_slacks_addresses_takes_signed_requests(house: House, path: str) -> None:
    taken = road(house)
    taken.url = taken.url.replace("/slack/events", path)
    assert "Mangelvakt" in await house.ask(house.kari, "hjelp")


async def test_what_is_not_signed_by_slack_is_refused_and_leaves_no_trace(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    body = a_follow(house)
    good = signed(house, body)
    stamp, signature = good["X-Slack-Request-Timestamp"], good["X-Slack-Signature"]
    async with house.nothing_stored():
        for what, sent, headers in (
            ("no signature", body, {}),
            ("another secret", body, signed(house, body, secret="feil")),
            ("six minutes old", body, signed(house, body, age=360)),
            ("six minutes early", body, signed(house, body, age=-360)),
            ("another body", body + b"&text=slutt", good),
            ("a later time than was signed", body, good | {"X-Slack-Request-Timestamp": str(int(stamp) + 1)}),
            ("a time in words", body, good | {"X-Slack-Request-Timestamp": "nå"}),
            ("a time without end", body, good | {"X-Slack-Request-Timestamp": "9" * 5000}),
            ("a signature in other letters", body, good | {"X-Slack-Signature": "v0=ææ"}),
            ("a part of the signature", body, good | {"X-Slack-Signature": signature[:20]}),
            ("no text at all", b"\xff\xfe", signed(house, b"\xff\xfe")),
            ("an object that ends nowhere", b"{", {"Content-Type": "application/json"}),
        ):
            assert await post(house, sent, headers) == 401, what
    assert "valtrex" not in caplog.text, "what a stranger sends does not stand in the log"
    assert "Traceback" not in caplog.text


async def test_another_address_is_nobodys(house: House) -> None:
    body = a_follow(house)
    assert await post(house, body, signed(house, body), "/slack") == 404


async def test_health_has_a_port_of_its_own_where_one_is_set(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, http=True, health_port=port) as house, aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/ready") as answer:
            assert answer.status == 200, await answer.text()
        async with session.get(road(house).url.replace("/slack/events", "/ready")) as answer:
            assert answer.status == 404
