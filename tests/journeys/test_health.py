"""What a watchman hears: whether the bot lives, whether it can work, and what is wrong, in words."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import Bot
from bot.scheduler import LEAD
from bot.settings import SettingsFault
from storage.tables import Lead, OutboxEntry
from tests.journeys.conftest import House, free_port, furnished


async def asked(port: int, path: str) -> tuple[int, Any]:
    """Status and content of the answer."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.json()


async def wrong(port: int) -> str:
    """What `/ready` says is wrong; it says so with 503."""
    status, said = await asked(port, "/ready")
    assert (status, said["ready"]) == (503, False), said
    return "\n".join(said["problems"])


async def row(house: House, key: str, **values: Any) -> None:
    """A row of the outbox."""
    now = house.clock.now()
    usual = {"channel": house.cases.id, "text": "hemmelig tekst", "not_before": now, "created_at": now}
    async with house.bot.database.unit_of_work() as uow:
        await uow.add(OutboxEntry(key=key, **(usual | values)))


async def test_a_connected_bot_lives_and_is_ready(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port):
        assert await asked(port, "/live") == (200, {"live": True})
        assert await asked(port, "/ready") == (200, {"ready": True, "problems": []})


async def test_without_a_socket_it_lives_and_is_not_ready(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        assert house.bot._socket is not None
        await house.bot._socket.disconnect_async()  # type: ignore[no-untyped-call]
        assert "Slack: ikke tilkoblet." in await wrong(port)
        assert (await asked(port, "/live"))[0] == 200


async def test_without_its_database_it_is_not_ready_and_tells_no_address(tmp_path: Path) -> None:
    port = free_port()
    async with furnished(f"sqlite:///{tmp_path / 'base.sqlite'}", health_port=port) as house:
        async with house.bot.database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE lead RENAME TO elsewhere")
        said = await wrong(port)
        assert said == "Database: svarer ikke."
        async with house.bot.database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO lead")


async def test_somebody_must_ask_what_is_due(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        async with house.bot.database.unit_of_work() as uow:
            held = await uow.session.get(Lead, LEAD)
            assert held is not None
            held.holder, held.until = "en annen", house.clock.now() + dt.timedelta(seconds=1)
        assert (await asked(port, "/ready"))[0] == 200, "another replica leads"
        house.clock.set(house.clock.now() + dt.timedelta(seconds=2))
        assert "Tidsplan" in await wrong(port)


async def test_a_message_that_nobody_sends_is_told_and_not_its_text(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        house.bot.worker.stop()
        await asyncio.gather(*house.bot._tasks)
        await row(house, "card")
        assert (await asked(port, "/ready"))[0] == 200, "it has just come"
        house.clock.set(house.clock.now() + dt.timedelta(minutes=6))
        said = await wrong(port)
        assert "Utboks: en melding har stått klar i 6 minutter." in said
        assert "hemmelig" not in said


@pytest.mark.parametrize(
    ("what", "beside"),
    [
        ("another worker has one in hand", {"state": "claimed", "lease_until": dt.timedelta(minutes=10)}),
        ("it failed and waits for its next try", None),
        ("it answers one that failed", {"key": "card", "not_before": dt.timedelta(minutes=10)}),
    ],
)
async def test_a_message_that_waits_its_turn_is_no_fault(
    database_url: str, what: str, beside: dict[str, Any] | None
) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        house.bot.worker.stop()
        await asyncio.gather(*house.bot._tasks)
        now = house.clock.now()
        if beside is None:
            await row(house, "late", attempts=3, not_before=now + dt.timedelta(minutes=10))
        else:
            await row(house, "late", reply_to="card" if "key" in beside else None)
            moved = {name: now + value if isinstance(value, dt.timedelta) else value for name, value in beside.items()}
            await row(house, **({"key": "other"} | moved))
        house.clock.set(now + dt.timedelta(minutes=6))
        said = (await asked(port, "/ready"))[1]["problems"]
        assert not [line for line in said if "Utboks" in line], what


async def test_a_port_that_is_taken_is_one_clear_line(database_url: str) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        second = Bot(house.bot.settings, house.clock)
        with pytest.raises(SettingsFault, match=f"Porten {port} på 127.0.0.1 er ikke ledig"):
            await second.start()
        await second.database.close()


async def test_an_app_that_was_removed_is_one_clear_line_and_is_not_ready(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    async with furnished(database_url, health_port=port) as house:
        await house.ws.uninstall()
        for key, channel in (("one", house.cases.id), ("two", house.stock.id)):
            await row(house, key, channel=channel)
        house.bot.database.said.set()
        await house.ws.quiet()
        assert "Slack: tokenet gjelder ikke lenger (" in await wrong(port)
        told = [line.getMessage() for line in caplog.records if "knows the bot's token no more" in line.getMessage()]
        assert len(told) == 1
