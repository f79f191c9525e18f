"""What Slack has sent: kept before the acknowledgement, answered once, taken up again where a process died.

Bolt acknowledges an event before its listener runs, and Slack never repeats what was acknowledged. So the event is
kept first, in a commit of its own; and so is a report where many come at once. What is said in answer goes to the
outbox in the commit that marks it as handled.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from bot.clock import Clock
from bot.messages.message import Message
from bot.people.identity_numbers import contains_identity_number
from storage import inbox
from storage.turns import SOMEBODY_WAITS
from storage.unit_of_work import Database, Saying

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Events that are taken up in one go."""
MOST_ATTEMPTS = 5
"""So many times an event is begun; what then still fails is told to the person, and left."""
REMEMBERED = dt.timedelta(days=30)
"""How long a key is kept: Slack repeats an event for about six minutes, a form may stay open for days."""
ANSWER = 2
"""An answer's priority: somebody waits for it, but an alert goes first."""


class Inbox:
    """The events that are kept. `lease`: how long one is left to the process that took it."""

    def __init__(self, database: Database, clock: Clock, lease: dt.timedelta) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease
        self._in_hand: set[str] = set()

    async def keep(self, key: str, body: dict[str, Any]) -> bool:
        """Keep an event, so that it may be acknowledged. False where it is kept already: somebody has it.

        One with a national identity number in it is not stored, only its key.
        """
        text = str((body.get("event") or {}).get("text") or "")
        async with self._database.unit_of_work(SOMEBODY_WAITS) as uow:
            stored = None if contains_identity_number(text) else body
            new = await inbox.keep(uow.session, key, stored, uow.now, self._lease)
        if new:
            self._in_hand.add(key)
        return new

    async def answer(self, key: str, channel: str, thread_ts: str | None, messages: Sequence[Message]) -> None:
        """Say these in answer to the event `key`, once, and be done with it."""
        async with self._database.unit_of_work() as uow:
            await uow.say_all(
                [
                    Saying(
                        f"answer:{key}:{place}",
                        channel,
                        message.text,
                        message.blocks,
                        thread_ts=thread_ts,
                        priority=ANSWER,
                    )
                    for place, message in enumerate(messages, start=1)
                ]
            )
            await inbox.handled(uow.session, key)

    async def done(self, key: str) -> None:
        """The event has been handled."""
        async with self._database.unit_of_work() as uow:
            await inbox.handled(uow.session, key)
        self._in_hand.discard(key)

    def leave(self, key: str) -> None:
        """The event could not be handled now; it is taken up again when its lease is over."""
        self._in_hand.discard(key)

    async def give_back(self) -> None:
        """What is in hand may be taken up at once by whoever comes next."""
        if self._in_hand:
            async with self._database.unit_of_work() as uow:
                await inbox.renew(uow.session, self._in_hand, uow.now)
            self._in_hand.clear()

    async def left(self) -> list[tuple[str, dict[str, Any], int]]:
        """What a process that died or failed has left, now in hand here: key, body, and which attempt it is."""
        async with self._database.unit_of_work() as uow:
            if self._in_hand:  # first, so that none of them is found
                await inbox.renew(uow.session, self._in_hand, uow.now + self._lease)
            events = await inbox.take_up(uow.session, uow.now, self._lease, AT_ONCE)
            for event in events:
                if event.body is None:
                    await inbox.handled(uow.session, event.key)
            found = [(event.key, dict(event.body), event.attempts) for event in events if event.body is not None]
        self._in_hand |= {key for key, _, _ in found}
        if found:
            log.warning("%d events are taken up again", len(found))
        return found

    async def forget_old(self) -> None:
        """Remove the keys that nothing can repeat any more."""
        async with self._database.unit_of_work() as uow:
            await inbox.forget(uow.session, uow.now - REMEMBERED)
