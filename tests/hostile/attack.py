"""Bent payloads against the whole bot, past Slack: what comes out of its own handling is what we look at."""

from __future__ import annotations

import asyncio
import copy
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest

from tests.hostile.mutations import mutated
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House

AT_ONCE = 8
PATIENCE = 60
"""Seconds that the recording waits for an acknowledgement."""


@dataclass
class Found:
    """What an attack brought to light."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    reached_the_loop: list[str] = field(default_factory=list)
    unexpected: Counter[str] = field(default_factory=Counter)
    secrets: list[str] = field(default_factory=list)


class Ear(logging.Handler):
    """Hears every line of the log: failures that nobody foresaw, and secrets."""

    def __init__(self, found: Found, secrets: tuple[str, ...]) -> None:
        super().__init__(logging.DEBUG)
        self._found = found
        self._secrets = secrets
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self._found.secrets += [secret for secret in self._secrets if secret in line]
        if record.exc_info and record.exc_info[1] is not None:
            error, trace = record.exc_info[1], record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
            self._found.unexpected[f"{type(error).__name__} {where[-60:]}: {str(error)[:80]}"] += 1


async def recorded(house: House) -> list[dict[str, Any]]:
    """What Slack sends while people work: a payload of every kind that the bot hears."""
    ws = house.ws
    ws.core.courier.ack_timeout = PATIENCE  # how quick the bot is, other tests say
    for listener in house.bot.app._async_listeners:
        listener.ack_timeout = PATIENCE
    card = await house.valtrex_case()
    await house.ask(house.kari, "status valtrex")
    await house.ask(house.siri, "liste")
    await house.form(house.siri, "publish_case", card)
    await ws.submit(house.siri, {"visibility": "published", "advice": "Bruk Zovirax."})
    await ws.mention(house.kari, house.info, "har vi nok valtrex?")
    await ws.direct_message(house.kari, "status zovirax")
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await ws.open_home(house.siri)
    await ws.shortcut(house.kari, await ws.say(house.ola, house.info, "Tomt for Valtrex"), "report_shortage")
    await ws.close(house.kari)
    await house.ask(house.kari, "følg valtrex 500 mg")
    await ws.quiet()
    return [delivered.envelope.payload for delivered in ws.deliveries]


def as_new(payload: dict[str, Any], house: House, rng: random.Random) -> dict[str, Any]:
    """The same thing done once more: with keys and a trigger of its own, so that it is handled and not known."""
    new = copy.deepcopy(payload)
    if not isinstance(new, dict):  # among Bolt's own samples are some that are no object
        return new
    if "event_id" in new:
        new["event_id"] = f"Ev{rng.getrandbits(40):010X}"
    for action in new.get("actions") or []:
        action["action_ts"] = f"{rng.randrange(10**9)}.{rng.randrange(10**6):06d}"
    user = new.get("user_id") or (new.get("user") or {}).get("id")
    if "trigger_id" in new and user:
        new["trigger_id"] = house.ws.core.tickets.new_trigger(str(user))
    return new


async def attack(
    house: House, payloads: list[dict[str, Any]], count: int, seed: int, sent: Callable[[int], None] = lambda _: None
) -> Found:
    """Send `count` bent payloads, and tell `sent` how many it has been."""
    found = Found()
    rng = random.Random(seed)
    ear = Ear(found, (house.ws.bot_token, house.ws.app_token, house.ws.signing_secret))
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: found.reached_the_loop.append(str(context)[:300]))
    logging.getLogger().addHandler(ear)
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(payload: dict[str, Any]) -> None:
        async with turns:
            found.sent += 1
            try:
                request = AsyncBoltRequest(mode="socket_mode", body=payload)
            except Exception:  # noqa: BLE001 - Bolt's own reading; slack_sdk writes a line and goes on
                found.statuses[0] += 1
                return
            answer = await house.bot.app.async_dispatch(request)
            found.statuses[answer.status] += 1

    try:
        for start in range(0, count, 500):
            batch = [mutated(as_new(rng.choice(payloads), house, rng), rng) for _ in range(min(500, count - start))]
            results = await asyncio.gather(*(one(payload) for payload in batch), return_exceptions=True)
            found.reached_the_loop += [repr(result)[:300] for result in results if isinstance(result, BaseException)]
            sent(found.sent)
        await house.bot.app.finished(10)
    finally:
        logging.getLogger().removeHandler(ear)
        loop.set_exception_handler(None)
    return found
