"""The whole bot in a workspace of its own: real Bolt, real Socket Mode, a real database, a clock that stands still."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import Bot
from bot.clock import SetClock
from bot.settings import Settings, load_settings
from workspace import Channel, Message, User, Workspace

MONDAY = dt.datetime(2025, 7, 7, 9, 0, tzinfo=dt.UTC)


@dataclass
class House:
    """The workspace with its people and channels, and the bot in it."""

    ws: Workspace
    bot: Bot
    clock: SetClock
    kari: User  # a clinician
    ola: User  # another one, from another organisation
    siri: User  # of the centre
    per: User  # of the centre too
    mona: User  # manages Fokuslisten
    dag: User  # of the meeting
    cases: Channel
    meeting: Channel
    stock: Channel
    info: Channel

    def card(self) -> Message:
        """The newest message of the bot in the cases channel."""
        return self.ws.messages(self.cases, by_bot=True)[-1]

    async def said(self, where: Channel | User, words: str, within: float = 8.0) -> Message:
        """Wait for a message of the bot with these words; the newest one."""

        def found() -> Message | None:
            every = [m for m in self.ws.messages(where, by_bot=True)]
            for message in list(every):
                every += [reply for reply in self.ws.replies(where, message) if reply.user == self.ws.bot_user_id]
            return next((m for m in reversed(every) if words in m.plain() or words in m.text), None)

        message = await self.ws.wait_for(found, within, f"«{words}»")
        assert isinstance(message, Message)
        return message

    async def whispered(self, user: User, words: str, within: float = 8.0) -> Message:
        """Wait for an ephemeral message to `user` with these words."""

        def found() -> Message | None:
            return next((m for m in reversed(self.ws.ephemerals(user)) if words in m.plain() or words in m.text), None)

        message = await self.ws.wait_for(found, within, f"«{words}» for {user.name}")
        assert isinstance(message, Message)
        return message

    async def report(
        self, user: User, typed: str, choice: str, *, place: str = "UNN Tromsø", runs_out: str = "3_days", **more: Any
    ) -> Any:
        """Report `choice`, chosen from what is offered for `typed`; the submission."""
        await self.ws.slash(user, "/mangel")
        await self.ws.view(user)
        options = await self.ws.type_ahead(user, "medicine", typed)
        option = next(option for option in options if choice in option.text)
        await self.ws.choose(user, "medicine", option)
        return await self.ws.submit(user, {"medicine": option, "place": place, "runs_out": runs_out, **more})


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A house with everybody in it and a connected bot."""
    async with furnished(database_url) as made:
        yield made


class furnished:  # noqa: N801 - reads as a sentence
    """`async with furnished(url) as house:`; `settings` override the usual ones."""

    def __init__(self, database_url: str, *, now: dt.datetime = MONDAY, **settings: Any) -> None:
        self._url = database_url
        self._clock = SetClock(now)
        self._settings = settings

    async def __aenter__(self) -> House:
        self._ws = Workspace()
        ws = await self._ws.__aenter__()
        kari, siri, per = ws.add_user("Kari Lege"), ws.add_user("Siri Senter"), ws.add_user("Per Senter")
        ola = ws.add_user("Ola Ekstern", team="T0ANDRE01")
        mona, dag = ws.add_user("Mona Lager", team="T0SAV0001"), ws.add_user("Dag Møte", team="T0DMP0001")
        cases = ws.add_channel("mangelsaker", private=True, members=[siri, per])
        meeting = ws.add_channel("mangelmøtet", private=True, members=[siri, per, dag])
        stock = ws.add_channel("lager", private=True, members=[siri, per, mona])
        info = ws.add_channel("mangelinfo", members=[kari, ola, siri, per])
        values: dict[str, Any] = {
            "SLACK_BOT_TOKEN": ws.bot_token,
            "SLACK_APP_TOKEN": ws.app_token,
            "SLACK_API_URL": ws.api_url,
            "DATABASE_URL": self._url,
            "cases_channel": cases.id,
            "meeting_channel": meeting.id,
            "stock_channel": stock.id,
            "info_channel": info.id,
            "centre_group": ws.add_user_group("mangelsenteret", [siri, per]),
            "roles": {"meeting": [dag.id]},
            "pools": {"fokuslisten": {"managers": [mona.id], "limit_days": 90}},
        }
        settings: Settings = load_settings(**(values | self._settings))
        self._bot = Bot(settings, self._clock, pace=0.0)
        await self._bot.start()
        await ws.connected()
        return House(ws, self._bot, self._clock, kari, ola, siri, per, mona, dag, cases, meeting, stock, info)

    async def __aexit__(self, *error: Any) -> None:
        await asyncio.wait_for(self._bot.stop(), 20)
        await self._ws.__aexit__(None, None, None)
