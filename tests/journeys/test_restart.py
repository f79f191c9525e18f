"""The bot is killed between a report and its card: after a restart the card stands there, once."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import col, select

from storage.outbox import PENDING
from storage.tables import OutboxEntry, ShortageReport
from storage.unit_of_work import Database
from workspace import Channel, Message, User, Workspace

POST = "chat.postMessage"
NOTE = "Tre pasienter etter transplantasjon."
PATIENCE = 30.0
pytestmark = pytest.mark.slow


@dataclass
class Running:
    """The bot as a process of its own, with the settings of DESIGN §3 in its environment."""

    environment: dict[str, str]
    folder: Path
    said: Path
    process: asyncio.subprocess.Process | None = field(default=None)

    async def start(self) -> None:
        """Start it; it is not connected yet."""
        with self.said.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.cli", "run", env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """As a power cut would."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()

    def stop(self) -> None:
        """As whoever runs it would."""
        if self.process is not None:
            self.process.terminate()

    async def gone(self) -> None:
        """Wait until it is."""
        if self.process is not None:
            await asyncio.wait_for(self.process.wait(), PATIENCE)


@dataclass
class Place:
    """A workspace, the bot that runs beside it, and the database that outlives it."""

    ws: Workspace
    bot: Running
    database: Database
    kari: User
    cases: Channel

    async def connected(self) -> None:
        """Wait until the bot listens."""
        await self.ws.connected(timeout=PATIENCE)

    async def report(self, *, expect_ack: bool = True) -> None:
        """Kari reports; the report is acknowledged, unless the bot dies first."""
        await self.ws.slash(self.kari, "/mangel")
        options = await self.ws.type_ahead(self.kari, "medicine", "valtrex 500")
        (option,) = [option for option in options if "Valtrex tab 500 mg" in option.text]
        await self.ws.choose(self.kari, "medicine", option)
        values = {"medicine": option, "place": "UNN Tromsø", "runs_out": "3_days", "note": NOTE}
        sent = await self.ws.submit(self.kari, values, expect_ack=expect_ack)
        assert not sent.errors

    def cards(self) -> list[Message]:
        """The bot's messages in the cases channel."""
        return self.ws.messages(self.cases, by_bot=True)

    def receipts(self) -> list[Message]:
        """The bot's messages to Kari."""
        return self.ws.messages(self.kari, by_bot=True)

    async def delivered(self) -> None:
        """Wait until nothing waits to be said."""
        waits = select(OutboxEntry.key).where(col(OutboxEntry.state).in_(PENDING))
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.database.read() as session:
                    if not list(await session.scalars(waits)):
                        return
                await asyncio.sleep(0.1)

    async def reports(self) -> int:
        """How many reports are stored."""
        async with self.database.read() as session:
            return len(list(await session.scalars(select(ShortageReport.id))))


@asynccontextmanager
async def bot_beside(database_url: str, folder: Path) -> AsyncIterator[Place]:
    """A workspace with a bot in another process."""
    async with Workspace() as ws:
        kari, siri = ws.add_user("Kari Lege"), ws.add_user("Siri Senter")
        cases = ws.add_channel("mangelsaker", private=True, members=[siri])
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "SLACK_BOT_TOKEN": ws.bot_token,
            "SLACK_APP_TOKEN": ws.app_token,
            "SLACK_API_URL": ws.api_url,
            "DATABASE_URL": database_url,
            "MANGELVAKT_CASES_CHANNEL": cases.id,
            "MANGELVAKT_DELIVERY_LEASE_SECONDS": "2",
        }
        bot = Running(environment, folder, folder / "bot.log")
        database = Database.at(database_url, lambda: dt.datetime.now(dt.UTC))
        await bot.start()
        try:
            yield Place(ws, bot, database, kari, cases)
        finally:
            bot.kill()
            await bot.gone()
            await database.close()


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    """A bot that is connected; afterwards, no secret and no free text stands in its log."""
    async with bot_beside(database_url, tmp_path) as made:
        await made.connected()
        yield made
    said = made.bot.said.read_text(encoding="utf-8")
    assert "Traceback" not in said, said
    for secret in (made.ws.bot_token, made.ws.app_token, NOTE):
        assert secret not in said


async def restarted(place: Place) -> None:
    await place.bot.gone()
    place.ws.mend()
    await place.bot.start()
    await place.connected()


@pytest.mark.parametrize("fault", [{"status": 500}, {"hang": 60.0, "hang_up": "before"}], ids=["refusing", "hanging"])
async def test_the_card_is_posted_after_the_restart(place: Place, fault: dict[str, object]) -> None:
    place.ws.answer(POST, times=1000, **fault)  # type: ignore[arg-type]
    await place.report()
    await place.ws.wait_for(lambda: place.ws.calls(POST), PATIENCE, "an attempt at the card")
    place.bot.kill()
    await restarted(place)

    await place.delivered()
    assert [NOTE in card.plain() for card in place.cards()] == [True]
    assert len(place.receipts()) == 1
    assert await place.reports() == 1


@pytest.mark.parametrize("fault", [{"status": 500}, {"hang": 60.0, "hang_up": "before"}], ids=["refusing", "hanging"])
async def test_a_bot_that_is_stopped_before_it_could_deliver_goes_in_time_and_loses_nothing(
    place: Place, fault: dict[str, object]
) -> None:
    place.ws.answer(POST, times=1000, **fault)  # type: ignore[arg-type]
    await place.report()
    await place.ws.wait_for(lambda: place.ws.calls(POST), PATIENCE, "an attempt at the card")
    place.bot.stop()
    assert place.bot.process is not None
    assert await asyncio.wait_for(place.bot.process.wait(), 10) == 0
    await restarted(place)

    await place.delivered()
    assert [NOTE in card.plain() for card in place.cards()] == [True]
    assert len(place.receipts()) == 1
    assert await place.reports() == 1


async def test_a_bot_that_waits_for_slack_is_stopped_like_any_other(database_url: str, tmp_path: Path) -> None:
    async with bot_beside(database_url, tmp_path) as place:
        place.ws.answer("apps.connections.open", times=1000, status=503)
        place.bot.kill()
        await place.bot.gone()
        await place.bot.start()
        said = place.bot.said
        await place.ws.wait_for(
            lambda: "Slack does not answer yet" in said.read_text(encoding="utf-8"), PATIENCE, "that Slack is away"
        )
        await asyncio.sleep(1)
        place.bot.stop()
        assert place.bot.process is not None
        assert await asyncio.wait_for(place.bot.process.wait(), 10) == 0


async def test_a_card_that_was_posted_but_not_marked_is_not_posted_again(place: Place) -> None:
    kill_when(place, lambda: bool(place.cards()))
    await place.report(expect_ack=False)
    await restarted(place)

    await place.delivered()
    assert [NOTE in card.plain() for card in place.cards()] == [True]
    assert len(place.receipts()) == 1
    assert place.ws.calls("conversations.history"), "it looked before it would have said it again"

    sent = next(one for one in reversed(place.ws.deliveries) if one.envelope.payload["type"] == "view_submission")
    assert (await place.ws.redeliver(sent)).ok
    await place.delivered()
    assert (await place.reports(), len(place.cards())) == (1, 1), "what Slack repeats is the same report"


def kill_when(place: Place, condition: Callable[[], bool]) -> None:
    """Kill the bot at the very change that makes `condition` true: before the bot has Slack's answer."""

    def listen(_what: str) -> None:
        if condition():
            place.bot.kill()
            place.ws.state.listeners.remove(listen)

    place.ws.state.listeners.append(listen)
