"""Files in the thread of a message that stands: laid once, whatever restarts between.

What has been done is noted with the row that the files are of (its `kept`), so a restart repeats nothing; what Slack
refuses for good is noted too, said once in the log, and everything else goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import UNREACHABLE, DeliveryError, FixSettings, GiveUp, classify
from bot.delivery.uploads import Paper, upload
from bot.paper import printed
from bot.refusal import Refused
from storage.tables import Meeting, MeetingPost, OutboxEntry, SubstituteAssessment
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

DONE, BEGUN = "done", "begun"
FILES = "files"

Kept = TypeVar("Kept", MeetingPost, Meeting, SubstituteAssessment)
"""A row that remembers what has been done around it."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A message that stands in the channel: where, and its timestamp."""

    channel: str
    ts: str


class StandingPapers:
    """Does a thing once for a row, and lays files in a message's thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def step(self, row: Kept, name: str, do: Callable[[], Awaitable[None]]) -> None:
        """Do it once; where Slack refuses for good, note that and say it once."""
        if row.kept.get(name) not in (None, BEGUN):
            return
        result: str | None = DONE
        try:
            await do()
        except UNREACHABLE as error:
            result = _given_up(classify(error), name, row.__tablename__)
        except DeliveryError as error:
            result = _given_up(error, name, row.__tablename__)
        if result:
            await self.note(row, name, result)

    async def lay(
        self,
        client: AsyncWebClient,
        row: Kept,
        anchor: Anchor,
        make: Callable[[], Awaitable[list[Paper]]],
        comment: str,
    ) -> None:
        """Lay what `make` gives in the thread, once, with a line of words."""

        async def all_of_it() -> None:
            papers = await make()
            if row.kept.get(FILES) == BEGUN and await _lie_there(client, anchor, papers):
                return  # laid by a replica that died before it could note it
            await self.note(row, FILES, BEGUN)
            await upload(client, anchor.channel, papers, comment, anchor.ts)

        await self.step(row, FILES, all_of_it)

    async def note(self, row: Kept, name: str, result: str) -> None:
        """Remember with the row what became of a step."""
        async with self._database.unit_of_work() as uow:
            fresh = await uow.session.get(type(row), row.id)
            if fresh is not None:
                row.kept = fresh.kept = {**fresh.kept, name: result}


def anchor_of(row: OutboxEntry) -> Anchor:
    """Where a message of the outbox stands."""
    return Anchor(str(row.posted_in), str(row.ts))


async def printed_papers(name: str, title: str, page: str) -> list[Paper]:
    """The page as PDF and HTML; HTML alone where this machine prints no PDF."""
    papers = [Paper(f"{name}.html", title, page.encode())]
    try:
        return [Paper(f"{name}.pdf", title, await printed(page)), *papers]
    except Refused as refused:
        log.warning("%s goes without its PDF: %s", name, refused)
        return papers


def _given_up(problem: DeliveryError, what: str, of: object) -> str | None:
    """What to note, once, of a refusal that will not change by itself; None: try again at the next question."""
    if isinstance(problem, FixSettings | GiveUp):
        log.warning("%s of a %s was refused by Slack (%s); the rest goes on without it", what, of, problem)
        return f"refused: {problem}"[:100]
    log.warning("%s of a %s was put off: %s", what, of, problem)
    return None


async def _lie_there(client: AsyncWebClient, anchor: Anchor, papers: list[Paper]) -> bool:
    """Whether these files are in the thread already."""
    found = await client.conversations_replies(channel=anchor.channel, ts=anchor.ts, limit=200)
    there = {str(file.get("name")) for message in found["messages"] for file in message.get("files") or []}
    return {paper.name for paper in papers} <= there
