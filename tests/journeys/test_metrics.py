"""What whoever watches the bot may count, and what they never see."""

from __future__ import annotations

import datetime as dt
import re

import aiohttp
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.journeys.conftest import House, free_port, furnished
from tests.journeys.test_health import row


async def figures(port: int) -> tuple[dict[str, float], str]:
    """Every figure by its name and labels, and the page itself."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        page = await answer.text()
    found = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found, page


def refused(house: House) -> bool:
    """Whether Slack has failed to take a message."""
    return b'mangelvakt_slack_errors_total{kind="NoAnswer"} 1.0' in generate_latest(house.bot.metrics.registry)


async def test_the_work_of_a_day_can_be_counted_and_nobody_is_named(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        await house.valtrex_case()
        await house.alert()
        await house.ws.quiet()
        house.ws.answer("chat.postMessage", status=500)
        await row(house, "refused")
        house.bot.database.said.set()
        await house.ws.wait_for(lambda: refused(house), 20, "a message that Slack does not take")
        await row(house, "given up", state="failed", text="hemmelig tekst")
        found, page = await figures(port)
    assert found["mangelvakt_ack_seconds_count{kind=command,status=200}"] == 1
    assert found["mangelvakt_ack_seconds_count{kind=view_submission,status=200}"] >= 1
    assert found["mangelvakt_messages_sent_total"] >= 2
    assert found["mangelvakt_slack_errors_total{kind=NoAnswer}"] == 1
    assert found["mangelvakt_alerts_open"] == 1
    assert found["mangelvakt_outbox_messages{state=failed}"] == 1
    assert found["mangelvakt_outbox_undelivered"] == 1
    assert (found["mangelvakt_leader"], found["mangelvakt_led"]) == (1, 1)
    for word in ("Valtrex", "Kari", "Fokuslisten", "hemmelig", house.kari.id, house.cases.id):
        assert word not in page
    labels = set(re.findall(r'(\w+)="', page))
    assert labels <= {"kind", "status", "state", "le"}


async def test_a_queue_grows_old_and_a_stock_stale(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        await house.alert()
        house.bot.worker.stop()
        house.clock.advance(dt.timedelta(days=20))
        before, _ = await figures(port)
        await row(house, "waits")
        house.clock.advance(dt.timedelta(minutes=7))
        after, _ = await figures(port)
    assert before["mangelvakt_stock_items_stale"] == 1
    assert after["mangelvakt_outbox_age_seconds"] >= 7 * 60


async def test_without_a_health_port_there_are_no_figures_where_slack_comes_in(database_url: str) -> None:
    async with furnished(database_url, http=True) as house:
        address = f"http://127.0.0.1:{house.bot.settings.http_port}"
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{address}/live") as live:
                assert live.status == 200
            async with session.get(f"{address}/metrics") as refused:
                assert refused.status == 404


async def test_no_payload_can_invent_a_label(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        for invented in ("xyz", "", None, 'a"b\n', "event_callback\n"):
            house.bot.metrics.acknowledged(invented, 200, 0.01)
        found, _ = await figures(port)
    assert found["mangelvakt_ack_seconds_count{kind=other,status=200}"] == 5
