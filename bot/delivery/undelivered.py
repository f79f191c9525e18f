"""What could not be delivered, for people who can do something about it: why, and *Send på nytt*."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages.phrase import Phrase, phrase
from bot.messages.values import ChannelLink, Mention
from bot.people.addresses import is_person, slack_id
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import outbox
from storage.tables import OutboxEntry
from storage.unit_of_work import Answer, Database, UnitOfWork

_NOT_THERE = phrase("Mangelvakt er ikke med i kanalen. Inviter den, og send på nytt.")
_GONE = phrase("Mottakeren finnes ikke lenger i Slack.")
_WHY = {
    "not_in_channel": _NOT_THERE,
    "channel_not_found": _NOT_THERE,
    "is_archived": phrase("Kanalen er arkivert."),
    "pilot_channel_not_closed": phrase("Kanalen for prøvedrift er åpen eller delt. Gjør den privat, og send på nytt."),
    "user_not_found": _GONE,
    "user_disabled": _GONE,
    "cannot_dm_bot": _GONE,
    "app_uninstalled": phrase("Mangelvakt er tatt bort fra det arbeidsområdet."),
    "workspace_not_installed": phrase("Mangelvakt er ikke installert i det arbeidsområdet."),
    "message_not_found": phrase("Meldingen som skulle endres, er slettet."),
    "edit_window_closed": phrase("Meldingen er for gammel til å endres."),
}


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that was given up, or that has been tried in vain so often that a person must look."""

    id: int
    to: Mention | ChannelLink | str
    words: str
    why: Phrase
    since: dt.datetime


def undelivered(rows: Sequence[OutboxEntry]) -> tuple[Undelivered, ...]:
    """The rows as somebody reads them."""
    return tuple(
        Undelivered(
            id=row.id or 0,
            to=_receiver(row.channel),
            words=row.text.split("\n", 1)[0],
            why=_WHY.get(
                row.problem or "", phrase("Slack svarte «{problem}».", problem=row.problem or phrase("ukjent"))
            ),
            since=row.created_at,
        )
        for row in rows
    )


def _receiver(channel: str) -> Mention | ChannelLink | str:
    if is_person(channel):
        return Mention(channel)
    return ChannelLink(channel) if slack_id(channel).startswith(("C", "G", "D")) else channel


class UndeliveredService:
    """Sends again, or lets go, what could not be delivered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send_again(self, row_id: int, by: Actor, *, key: str | None) -> None:
        """Try a message anew, as if it had just been said. Raises `Refused` where it was sent meanwhile."""
        await self._settle(row_id, by, "sent_again", key)

    async def let_go(self, row_id: int, by: Actor, *, key: str | None) -> None:
        """A message that nobody needs any more is not sent. Raises `Refused` where it was sent meanwhile."""
        await self._settle(row_id, by, "let_go", key)

    async def _settle(self, row_id: int, by: Actor, action: str, key: str | None) -> None:
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            again = action == "sent_again"
            if not await outbox.settle(uow.session, row_id, uow.now, again=again):
                raise Refused(phrase("Meldingen er sendt eller tatt bort allerede."))
            uow.wakes = again
            uow.record(f"message:{row_id}", action, by=by.person)
            return {}

        await self._database.once(key, work)
