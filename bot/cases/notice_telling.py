"""What is said when a register's list has been read: to the cases channel, and in the threads of its cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from bot.messages.phrase import Phrase
from bot.messages.render import Renderer
from bot.settings import Settings
from storage.unit_of_work import Saying, UnitOfWork


@dataclass(frozen=True, slots=True)
class ListTold:
    """A list in numbers: rows above and below the fold, new ends for cases, notices that are gone.

    `followed`: notices that somebody follows and what the list changed in them.
    """

    list_id: int
    name: str
    as_of: dt.date
    to_look_at: int
    below: int
    dates: int
    gone: int
    followed: tuple[tuple[str, tuple[Phrase, ...]], ...] = ()


class NoticeTeller:
    """Puts in the outbox what has to be said about a list, in the unit of work that read it."""

    def __init__(self, settings: Settings, renderer: Renderer) -> None:
        self._settings = settings
        self._renderer = renderer

    async def told(self, uow: UnitOfWork, told: ListTold, over: Mapping[str, tuple[str, tuple[Phrase, ...]]]) -> None:
        """The list's message, and a line in the thread of each case whose notice is `over` (case → name and why)."""
        channel = self._settings.cases_channel
        if channel is None:
            return
        key = _key(told.list_id)
        parts = self._renderer.render_parts("list_read.j2", told=told)
        sayings = [
            Saying(key if number == 1 else f"{key}:{number}", channel, part.text, part.blocks)
            for number, part in enumerate(parts, 1)
        ]
        for case, (name, why) in over.items():
            message = self._renderer.render("notice_over.j2", case=case, name=name, why=why, told=told)
            sayings.append(
                Saying(
                    f"{key}:over:{case}",
                    channel,
                    message.text,
                    message.blocks,
                    reply_to=f"card:{case}",
                    priority=6,
                )
            )
        await uow.say_all(sayings)

    async def undone(self, uow: UnitOfWork, list_id: int, name: str, as_of: dt.date) -> None:
        """The list's message says that it was taken back."""
        channel, key = self._settings.cases_channel, _key(list_id)
        if channel is None or await uow.said(key) is None:
            return
        message = self._renderer.render("list_undone.j2", name=name, as_of=as_of)
        await uow.say(f"{key}:undone", channel, message.text, message.blocks, edits=key)


def _key(list_id: int) -> str:
    return f"list:{list_id}"
