"""The whole bot in a workspace of its own: real Bolt, a real connection, a real database, a clock that stands still."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from bot.app import Bot
from bot.clock import SetClock
from bot.settings import Settings, load_settings
from storage.turns import Turns
from workspace import Channel, Message, User, View, Workspace
from workspace.elements import Place

MANIFEST = json.loads((Path(__file__).parents[2] / "manifest.json").read_text(encoding="utf-8"))

BEHIND_MORE = ("wrong_medicine", "merge_case", "split_case", "connect_case")
PATIENT = 15.0
"""Seconds that Slack waits here, where it really waits three: many tests share a machine. `bench/load.py` holds it to
three."""
MONDAY = dt.datetime(2025, 7, 7, 9, 0, tzinfo=dt.UTC)
HEADINGS = "lager;preparat;beholdning;enhet;dato;forbruk;periode;forventet;ankomst"
VALTREX_IN_TWO_WEEKS = ("Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-06;9000;2025-06;;",)
"""14 days of Valtrex: 4,200 tablets, 300 a day."""


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

    def card(self, number: str = "") -> Message:
        """The newest card in the cases channel, or that of a case."""
        return [card for card in self.ws.messages(self.cases, by_bot=True) if number in card.text][-1]

    async def said(self, where: Channel | User, words: str, within: float = 20.0) -> Message:
        """Wait for a message of the bot with these words; the newest one."""

        def found() -> Message | None:
            return next((m for m in reversed(self.by_bot(where)) if words in m.plain() or words in m.text), None)

        message = await self.ws.wait_for(found, within, f"«{words}»")
        assert isinstance(message, Message)
        return message

    def by_bot(self, where: Channel | User) -> list[Message]:
        """Everything the bot has said there, threads included."""
        every = self.ws.messages(where)
        every += [reply for message in every for reply in self.ws.replies(where, message)]
        return sorted((one for one in every if one.user == self.ws.bot_user_id), key=lambda one: one.ts)

    async def whispered(self, user: User, words: str, within: float = 20.0) -> Message:
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

    async def valtrex_case(self) -> Message:
        """Kari has reported Valtrex 500 mg, which is case 2025-0001; its card."""
        await self.report(self.kari, "valtrex 500", "Valtrex tab 500 mg")
        await self.ws.close(self.kari)
        await self.said(self.kari, "2025-0001")
        return await self.said(self.cases, "2025-0001")

    async def ask(self, user: User, words: str, channel: Channel | User | None = None) -> str:
        """What `/mangel words` answers this person, all of it."""
        answer = await self.ws.slash(user, f"/mangel {words}", channel)
        await self.ws.wait_for(lambda: answer.messages, 20, f"an answer to «{words}»")
        return answer.text

    async def press(self, user: User, on: Message | View, button: str, value: Any = None) -> str:
        """Press a button that answers with words for this person alone; the words."""
        before = len(self.ws.ephemerals(user))
        await self.ws.click(user, on, button, value)
        await self.ws.wait_for(lambda: len(self.ws.ephemerals(user)) > before, 20, f"an answer to «{button}»")
        return "\n".join(message.plain() for message in self.ws.ephemerals(user)[before:])

    async def form(self, user: User, button: str, on: Message | View) -> View:
        """Press a button that opens a form; the form. What stands behind *Mer* on a card is found there."""
        if button in BEHIND_MORE and not isinstance(on, View):
            on = await self.form(user, "more_case", on)
        if button == "add_candidate" and not isinstance(on, View):
            on = await self.form(user, "assess", on)
        below = on.id if isinstance(on, View) else None
        await self.ws.click(user, on, button)
        await self.ws.wait_for(lambda: getattr(self.ws.current_view(user), "id", below) != below, 8, button)
        await self.ws.wait_for(lambda: "Henter …" not in self.ws.current_view(user).plain(), 20, f"what {button} opens")
        return await self.ws.view(user)

    async def update(self, user: User, page: str = "now", /, number: str = "2025-0001", **filled: Any) -> None:
        """Press *Oppdater*, go to a step of the form, fill it in and save."""
        form = await self.form(user, "update_case", self.card(number))
        if page != "now":
            await self.form(user, f"update_{page}", form)
        sent = await self.ws.submit(user, filled)
        assert not sent.errors, sent.errors
        while self.ws.current_view(user) is not None:
            await self.ws.close(user)

    async def publish(self, number: str = "2025-0001", advice: str | None = None) -> None:
        """Siri publishes a case."""
        await self.form(self.siri, "publish_case", self.card(number))
        sent = await self.ws.submit(self.siri, {"visibility": "published", "advice": advice})
        assert not sent.errors
        await self.said(self.info, number)

    async def drop_sheet(self, user: User, *rows: str, name: str = "lager.csv", headings: str = HEADINGS) -> Message:
        """A sheet dropped in the stock channel; what the bot says of it to that person."""
        return await self.drop_file(user, "\n".join((headings, *rows)), name)

    async def drop_file(self, user: User, content: str | bytes, name: str) -> Message:
        """A file dropped in the stock channel; what the bot says of it to that person."""
        before = len(self.ws.ephemerals(user, self.stock))
        await self.ws.upload(user, self.stock, name, content)
        await self.ws.wait_for(lambda: len(self.ws.ephemerals(user, self.stock)) > before, 20, f"words about {name}")
        return self.ws.ephemerals(user, self.stock)[-1]

    async def store(self, *rows: str, by: User | None = None) -> str:
        """A sheet dropped by the stock manager and stored; what she hears."""
        user = by or self.mona
        preview = await self.drop_sheet(user, *rows)
        await self.ws.click(user, preview, "store_sheet")
        return (await self.whispered(user, "er lagret:")).plain()

    async def alert(self) -> Message:
        """Valtrex 500 mg of Fokuslisten lasts two weeks and the limit is 90 days; the alert."""
        await self.store(*VALTREX_IN_TWO_WEEKS)
        return await self.said(self.stock, "VARSEL")

    async def forge(self, user: User, on: Message, button: str, value: str | None) -> str:
        """What a client that is not Slack's own would send: a button with another value; the answer."""
        element: dict[str, Any] = {"type": "button", "action_id": button, "text": {"type": "plain_text", "text": "x"}}
        if value is not None:
            element["value"] = value
        forged = Place({"type": "actions", "block_id": "forged", "elements": [element]}, element)
        before = len(self.ws.ephemerals(user))
        await self.ws.people.use_in_message(user, on, forged)
        await self.ws.wait_for(lambda: len(self.ws.ephemerals(user)) > before, 20, f"an answer to a forged {button}")
        return self.ws.ephemerals(user)[-1].plain()

    async def restart(self, after: dt.timedelta) -> None:
        """Stop the bot, let time go, and start it again over the same database."""
        await self.bot.stop()
        self.clock.advance(after)
        self.bot = Bot(self.bot.settings, self.clock, pace=0.0)
        await self.bot.start()
        await self.ws.connected()

    async def rows(self, table: type[Any]) -> list[Any]:
        """Every row of a table."""
        async with self.bot.database.read() as session:
            return list(await session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is stored, but for who leads, and for which events have come and what was said in answer."""
        async with self.bot.database.read() as session:
            found = {
                table.name: [tuple(row) for row in await session.execute(table.select().order_by(*table.primary_key))]
                for table in SQLModel.metadata.sorted_tables
                if table.name not in ("lead", "kept_event")
            }
        found["outbox"] = [row for row in found["outbox"] if not row[1].startswith("answer:")]
        return found

    @asynccontextmanager
    async def nothing_stored(self) -> AsyncIterator[None]:
        """Inside, not one row may be added or changed; and nobody is called."""
        for user in (self.kari, self.ola, self.siri, self.per, self.mona, self.dag):
            await self.bot.services.people.actor(user.id, user.team_id)
        await self.ws.quiet()
        before = await self.everything()
        yield
        await self.ws.quiet()
        after = await self.everything()
        assert after == before, [name for name in after if after[name] != before[name]]


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A house with everybody in it and a connected bot; no message of it is refused by the workspace."""
    async with furnished(database_url) as made:
        yield made
        assert not made.ws.complaints
        made.ws.check_clean()


class furnished:  # noqa: N801 - reads as a sentence
    """`async with furnished(url) as house:`; `settings` override the usual ones.

    Socket Mode, or with `http` Slack's signed requests.
    """

    def __init__(self, database_url: str, *, now: dt.datetime = MONDAY, http: bool = False, **settings: Any) -> None:
        self._url = database_url
        self._port = free_port() if http else None
        self._clock = SetClock(now)
        self._settings = settings

    async def __aenter__(self) -> House:
        self._ws = Workspace(
            http_target=f"http://127.0.0.1:{self._port}/slack/events" if self._port else None,
            events=MANIFEST["settings"]["event_subscriptions"]["bot_events"],
            scopes=MANIFEST["oauth_config"]["scopes"]["bot"],
            ack_timeout=PATIENT,
        )
        ws = await self._ws.__aenter__()
        ws.core.tickets.trigger_seconds = PATIENT
        kari, siri, per = ws.add_user("Kari Lege"), ws.add_user("Siri Senter"), ws.add_user("Per Senter")
        ola = ws.add_user("Ola Ekstern", team="T0ANDRE01")
        mona, dag = ws.add_user("Mona Lager", team="T0SAV0001"), ws.add_user("Dag Møte", team="T0DMP0001")
        cases = ws.add_channel("mangelsaker", private=True, members=[siri, per])
        meeting = ws.add_channel("mangelmøtet", private=True, members=[siri, per, dag])
        stock = ws.add_channel("lager", private=True, members=[siri, per, mona])
        info = ws.add_channel("mangelinfo", members=[kari, ola, siri, per])
        values: dict[str, Any] = {
            "SLACK_BOT_TOKEN": ws.bot_token,
            "SLACK_APP_TOKEN": None if self._port else ws.app_token,
            "SLACK_SIGNING_SECRET": ws.signing_secret if self._port else None,
            "port": self._port,
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
        bot = Bot(settings, self._clock, pace=0.0)
        for listener in bot.app._async_listeners:
            listener.ack_timeout = int(PATIENT)
        self._house = House(ws, bot, self._clock, kari, ola, siri, per, mona, dag, cases, meeting, stock, info)
        await bot.start()
        await ws.connected()
        return self._house

    async def __aexit__(self, *error: Any) -> None:
        await asyncio.wait_for(self._house.bot.stop(), 20)
        await self._ws.__aexit__(None, None, None)


@asynccontextmanager
async def standing_in(turns: Turns, many: int) -> AsyncIterator[None]:
    """Inside, so many have a turn or stand in line for one, and nobody is done."""
    over = asyncio.Event()

    async def stand() -> None:
        async with turns.turn():
            await over.wait()

    line = [asyncio.create_task(stand()) for _ in range(many)]
    await asyncio.sleep(0)
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*line)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
