"""One run's stage: a workspace with people in it, a database, bots that may be killed, and the ledger of it all."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.bases import Base
from tests.faults.nursery import Nursery, SharedClock
from workspace import Message, NoAnswer, NotThere, View, Workspace

MANIFEST = json.loads((Path(__file__).parents[2] / "manifest.json").read_text(encoding="utf-8"))
MEDICINES = (
    ("valtrex 500", "Valtrex tab 500 mg"),
    ("zovirax 200", "Zovirax tab 200 mg"),
    ("paracet 500", "Paracet tab 500 mg"),
    ("cisplatin", "Cisplatin Accord kons til inf oppl 1 mg/ml"),
)
SHEET = (
    "lager;preparat;beholdning;enhet;dato;forbruk;periode;forventet;ankomst\n"
    "Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-06;9000;2025-06;;"
)
"""14 days of Valtrex where the limit is 90: an alert."""
MONDAY = dt.datetime(2025, 7, 7, 9, 0, tzinfo=dt.UTC)
SLOWLY = 60.0
"""Seconds that a bot may take to connect on a machine that does other things too."""
LEASE, LEAD_LEASE = 2.0, 3.0
"""Seconds that a message and the lead are held; in earnest a minute. A bot that stands still for half of it between its
last look at the clock and its call, or a Slack that comes to that call only after it, is Slack's one open window."""
PATIENCE = 25.0
"""Seconds that people go on trying."""
SAID_WITHIN = 60.0
"""Seconds in which everything must have been said once the fault is over."""
SECRET_NOTE = "Kun for senteret, lapp"


@dataclass
class Said:
    """What a person did that the bot acknowledged, or has not yet."""

    what: str
    mark: str
    acknowledged: bool = False


@dataclass
class Stage:
    """`async with Stage(...) as stage`: everybody is there and `replicas` bots are connected."""

    rng: random.Random
    base: Base
    folder: Path
    nursery: Nursery
    replicas: int = 1
    at: dt.datetime = MONDAY
    connect: bool = True
    said: list[Said] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    doubles: int = 0
    posted: int = 0

    async def __aenter__(self) -> Stage:
        self.clock = SharedClock.made(self.folder / "clock", self.at)
        self.ws = await Workspace(
            events=MANIFEST["settings"]["event_subscriptions"]["bot_events"],
            scopes=MANIFEST["oauth_config"]["scopes"]["bot"],
            ack_timeout=3.0,
            retry_delays=(0.1, 1.0, 3.0),
            clock=lambda: self.clock.now().timestamp(),
            bot_token="xoxb-hemmelig-bot-token",
            app_token="xapp-hemmelig-app-token",
        ).__aenter__()
        ws = self.ws
        ws.core.tickets.trigger_seconds = 3.0
        self.people = [ws.add_user(name) for name in ("Kari Lege", "Ola Sykepleier", "Liv Farmasøyt")]
        self.siri, self.mona = ws.add_user("Siri Senter"), ws.add_user("Mona Lager")
        self.cases = ws.add_channel("mangelsaker", private=True, members=[self.siri])
        self.meeting = ws.add_channel("mangelmøtet", private=True, members=[self.siri])
        self.stock = ws.add_channel("lager", private=True, members=[self.siri, self.mona])
        self.info = ws.add_channel("mangelinfo", members=[*self.people, self.siri])
        self.settings: dict[str, Any] = {
            "SLACK_BOT_TOKEN": ws.bot_token,
            "SLACK_APP_TOKEN": ws.app_token,
            "SLACK_API_URL": ws.api_url,
            "DATABASE_URL": self.base.url,
            "cases_channel": self.cases.id,
            "meeting_channel": self.meeting.id,
            "stock_channel": self.stock.id,
            "info_channel": self.info.id,
            "centre_group": ws.add_user_group("mangelsenteret", [self.siri]),
            "pools": {"fokuslisten": {"managers": [self.mona.id], "limit_days": 90}},
            "delivery_lease_seconds": LEASE,
            "lead_lease_seconds": LEAD_LEASE,
        }
        if self.connect:
            for _ in range(self.replicas):
                await self.bear()
            await ws.connected(self.replicas, timeout=SLOWLY)
        return self

    async def __aexit__(self, *error: object) -> None:
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await self.ws.__aexit__(None, None, None)

    # --- bots ---

    @property
    def log(self) -> Path:
        """What the bots have written."""
        return self.folder / "bot.log"

    async def bear(self) -> int:
        """Start one more bot."""
        pid = await self.nursery.bear(
            settings=self.settings, clock=str(self.folder / "clock"), log=str(self.log), patience=2
        )
        self.pids.append(pid)
        return pid

    def kill(self, pid: int | None = None) -> None:
        """As a power cut would: one bot, or a random one."""
        pid = pid or self.rng.choice(self.pids)
        self.pids.remove(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    async def kill_and_replace(self, after: float = 0.0) -> None:
        """Kill a bot and start another one a moment later."""
        await asyncio.sleep(after)
        self.kill()
        await asyncio.sleep(self.rng.uniform(0, 0.3))
        await self.bear()

    async def kill_at_change(self, changes: int) -> None:
        """Kill a bot at the n-th change in the workspace from now: between a call and its answer, say."""
        left, happened = changes, asyncio.Event()

        def listen(_what: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                self.kill()
                happened.set()

        self.ws.state.listeners.append(listen)
        try:
            await asyncio.wait_for(happened.wait(), 1.5)
        except TimeoutError:
            if not happened.is_set():
                self.kill()
        finally:
            self.ws.state.listeners.remove(listen)
        await self.bear()

    # --- what people do; they try again until it is acknowledged, as people do ---

    async def report(self, number: int = 0) -> None:
        """Somebody reports a medicine with a note that tells the report from all others."""
        user = self.people[number % len(self.people)]
        typed, name = MEDICINES[number % len(MEDICINES)]
        done = Said("report", f"{SECRET_NOTE} {number}")
        self.said.append(done)
        ws = self.ws
        filled: View | None = None

        async def once() -> bool:
            nonlocal filled
            if filled is not None:
                sent = await ws.people.submit(user, filled)
                return bool(sent.ack and sent.ack.ok) and not sent.errors and not sent.trouble
            if ws.current_view(user) is None:
                await ws.slash(user, "/mangel", expect_ack=False, wait=2.0)
                if ws.current_view(user) is None:
                    return False
            options = await ws.type_ahead(user, "medicine", typed)
            option = next((one for one in options if one.text == name), None)
            if option is None:
                return False
            await ws.choose(user, "medicine", option, expect_ack=False)
            values = {"medicine": option, "place": "UNN Tromsø", "runs_out": "3_days", "note": done.mark}
            filled = await ws.fill(user, values)
            return await once()

        await self._until(once, done)

    async def ask(self, number: int = 0) -> None:
        """Somebody asks in a channel."""
        user = self.people[number % len(self.people)]
        asked = await self.ws.say(user, self.info, f"<@{self.ws.bot_user_id}> status {MEDICINES[number][0]}")
        self.said.append(Said("question", asked.ts))

    async def send_sheet(self) -> None:
        """Mona drops a stock sheet and stores it."""
        file = self.ws.new_file(self.mona, self.stock, "lager.csv", SHEET.encode())
        message = self.ws.people.post(self.mona, self.stock, "", files=[file])
        sheet, stored = Said("sheet", message.ts), Said("stored", "Valtrex")
        self.said += [sheet, stored]
        ws = self.ws

        async def once() -> bool:
            preview = await ws.wait_for(
                lambda: next((m for m in ws.ephemerals(self.mona) if "store_sheet" in str(m.blocks)), None), 8
            )
            ack = (await ws.click(self.mona, preview, "store_sheet", expect_ack=False, wait=1.5)).ack
            words = "\n".join(m.plain() for m in ws.ephemerals(self.mona))
            return ack.ok and "er lagret:" in words

        await self._until(once, stored)

    async def _until(self, once: Callable[[], Awaitable[bool]], done: Said) -> None:
        until = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < until:
            try:
                async with asyncio.timeout_at(until):
                    if await once():
                        done.acknowledged = True
                        return
            except (NoAnswer, NotThere, TimeoutError):
                pass
            await asyncio.sleep(0.1)

    # --- the ledger ---

    async def settle(self) -> None:
        """Wait until everything that was acknowledged has been answered and everything decided has been said.

        Looked at twice: what was not acknowledged may still be handled between two questions of one look.
        """
        until = asyncio.get_running_loop().time() + SAID_WITHIN
        well = 0
        while well < 2:
            await asyncio.sleep(0.1)
            over = asyncio.get_running_loop().time() > until
            if self.ws.core.courier.busy and not over:
                continue
            wrong = await asyncio.to_thread(self.missing)
            well = 0 if wrong else well + 1
            if wrong and over:
                self.violations += wrong
                break
        self.violations += await asyncio.to_thread(self.too_much)

    def missing(self) -> list[str]:
        """What was acknowledged and is not stored, or was decided and is not said."""
        notes = [str(row[0]) for row in self.base.ask("SELECT note FROM shortage_report")]
        rows = self.base.ask("SELECT key, state, edits, channel FROM outbox")
        said = Counter(self._keys())
        wrong = [f"{key} is {state}" for key, state, _, _ in rows if state not in ("sent", "superseded")]
        wrong += [
            f"{key} is marked sent and was not"
            for key, state, edits, _ in rows
            if state == "sent" and not said[key] and not edits
        ]
        for one in self.said:
            if one.what == "report" and not int(one.acknowledged) <= notes.count(one.mark) <= 1:
                how = "acknowledged" if one.acknowledged else "not acknowledged"
                wrong.append(f"the report «{one.mark}» was {how} and is stored {notes.count(one.mark)} times")
            elif one.what == "question" and self._acknowledged(one.mark) and not self._answers(one.mark):
                wrong.append(f"the question {one.mark} was acknowledged and not answered")
            elif one.what == "sheet" and self._acknowledged(one.mark) and not self.ws.ephemerals(self.mona):
                wrong.append("the sheet was acknowledged and nothing was said of it")
            elif (
                one.what == "stored"
                and one.acknowledged
                and not any("VARSEL" in m.text for m in self.ws.messages(self.stock))
            ):
                wrong.append("no alert")
            elif one.what == "digest" and not self._digests():
                wrong.append("no digest")
        return wrong

    def too_much(self) -> list[str]:
        """What was said that nobody decided, and what was said twice."""
        known = {str(row[0]) for row in self.base.ask("SELECT key FROM outbox")}
        said = Counter(self._keys())
        self.posted = len(said)
        wrong = [f"{key} was said and stands nowhere" for key in said if key not in known]
        twice = [f"{key} was said {count} times" for key, count in said.items() if count > 1]
        for one in self.said:
            if one.what == "question":
                answers = len(self._answers(one.mark))
                self.posted += min(answers, 1)
                twice += [f"the question was answered {answers} times"] if answers > 1 else []
        if len(self._digests()) > 1:
            twice.append(f"{len(self._digests())} digests")
        log = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        for secret in (self.ws.bot_token, self.ws.app_token, SECRET_NOTE):
            if secret in log:
                wrong.append(f"«{secret}» stands in the log")
        return wrong + twice

    def _keys(self) -> list[str]:
        said = [m.metadata for m in self.ws.state.messages if m.user == self.ws.bot_user_id and m.metadata]
        return [metadata["event_payload"]["key"] for metadata in said]

    def _acknowledged(self, ts: str) -> bool:
        """Whether the event of the message `ts` was acknowledged, in any of its envelopes."""
        return any(
            delivered.ack.ok and (delivered.envelope.payload.get("event") or {}).get("event_ts") == ts
            for delivered in self.ws.deliveries
        )

    def _answers(self, ts: str) -> list[Message]:
        return self.ws.replies(self.info, ts)

    def _in_stock_channel(self) -> str:
        return "\n".join(message.text for message in self.ws.messages(self.stock))

    def _digests(self) -> list[Message]:
        return [m for m in self.ws.messages(self.meeting, by_bot=True) if "digest:" in str(m.metadata)]

    @property
    def acknowledged(self) -> int:
        """How much of what people did was acknowledged."""
        events = sum(self._acknowledged(one.mark) for one in self.said if one.what in ("question", "sheet"))
        return events + sum(one.acknowledged for one in self.said)
