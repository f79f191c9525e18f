"""What people do under load: whole reports, and what came of them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.catalogue.catalogue import Catalogue
from workspace import NoAnswer, Option, Submission, User, View, Workspace

Done = TypeVar("Done")
READS = 2.0
"""Seconds until somebody has read that the bot did not answer, and does it again."""


def medicines(most: int) -> list[tuple[str, str]]:
    """What people type, and the name they choose: medicines whose first letters offer them."""
    catalogue, found = Catalogue.shipped(), []
    for product in itertools.islice(catalogue, 0, None, 40):
        typed = product.name[:14]
        if any(one.name == product.name for one in catalogue.type_ahead(typed)[:3]):
            found.append((typed, product.name))
        if len(found) == most:
            break
    return found


class Reporter:
    """Somebody who reports, and who does a step again, `patience` times, where Slack says that the bot did not answer.

    `again`: how often that was.
    """

    def __init__(self, ws: Workspace, user: User, *, patience: int = 0) -> None:
        self._ws = ws
        self._user = user
        self._patience = patience
        self.again = 0

    async def report(self, typed: str, name: str, note: str) -> None:
        """One whole report: the form, type-ahead as one types, the choice, the rest, sent, closed."""
        ws, user = self._ws, self._user
        while ws.current_view(user) is not None:  # of a report that was given up
            await ws.people.close(user, await ws.view(user))
        view = await self._step(self._form)
        for letters in (typed[:5], typed[:9]):
            await ws.people.type_ahead(user, view, "medicine", letters)
        option = await self._step(lambda: self._offered(view, typed, name))
        await self._step(lambda: ws.choose(user, "medicine", option, wait=20))
        sent = await self._step(lambda: self._sent(option, note))
        assert not sent.errors and not sent.trouble, (sent.errors, sent.trouble)
        while ws.current_view(user) is not None:
            await ws.people.close(user, await ws.view(user))

    async def _form(self) -> View:
        await self._ws.slash(self._user, "/mangel", wait=5)
        return await self._ws.view(self._user, timeout=5)

    async def _offered(self, view: View, typed: str, name: str) -> Option:
        for option in await self._ws.people.type_ahead(self._user, view, "medicine", typed):
            if name in option.text:
                return option
        raise NoAnswer(f"{name} was not offered for «{typed}»")

    async def _sent(self, option: Option, note: str) -> Submission:
        return await self._ws.submit(
            self._user, {"medicine": option, "place": "UNN Tromsø", "runs_out": "3_days", "note": note}
        )

    async def _step(self, step: Callable[[], Awaitable[Done]]) -> Done:
        for _ in range(self._patience):
            try:
                return await step()
            except NoAnswer:
                self.again += 1
                await asyncio.sleep(READS)
        return await step()
