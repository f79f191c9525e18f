"""What stands around a digest and its minutes in the channel: the pin, and the files for those outside Slack.

Asked again and again, by the replica that leads. `bot.delivery.papers` says how each thing is done once.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.delivery.papers import DONE, Anchor, StandingPapers, anchor_of, printed_papers
from bot.delivery.slack_errors import UNREACHABLE, classify
from bot.delivery.threads import names_of
from bot.delivery.uploads import Paper
from bot.meeting.canvas import digest_canvas, put
from bot.meeting.chairing import ChairingService
from bot.meeting.forums import Forum
from bot.meeting.papers import digest_page, digest_workbook, mentioned, minutes_page
from bot.meeting.reading import DIGEST, UPDATE
from bot.meeting.service import MeetingService
from bot.paper import Printer
from storage import meeting as stored
from storage.tables import MeetingPost
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

COMMENT = "Til dem utenfor Slack: last ned og send videre på e-post. Innholdet er for møtets deltakere."


class ChannelKeeper:
    """Pins the newest digest and unpins the one before, and lays its files, and those of minutes, in their threads."""

    def __init__(
        self, database: Database, clock: Clock, meeting: MeetingService, chairing: ChairingService, *, canvas: bool
    ) -> None:
        self._database = database
        self._canvas = canvas
        self._meeting = meeting
        self._chairing = chairing
        self._printer = Printer(clock=clock)
        self._once = StandingPapers(database)
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, client: AsyncWebClient) -> None:
        """Do what has not been done yet for the newest digest and the newest minutes."""
        async with self._one_at_a_time:
            for forum in self._meeting.forums.values():
                await self._keep(client, forum)

    async def _keep(self, client: AsyncWebClient, forum: Forum) -> None:
        async with self._database.read() as session:
            posts = await stored.newest_posts(session, DIGEST, forum.id)
            updates = await stored.newest_posts(session, UPDATE, forum.id, most=1)
            post = posts[0] if posts else None
            at = await stored.standing_at(session, forum.key(DIGEST, post.week)) if post else None
            held = await stored.last_closed(session, forum.id)
            minutes_at = await stored.standing_at(session, f"minutes:{held.id}", newest=True) if held else None
        if post is not None and at is not None:
            anchor = anchor_of(at)
            await self._once.step(post, "pin", lambda: _pin(client, anchor))
            for old in posts[1:]:
                if old.kept.get("pin") == DONE:
                    await self._once.step(old, "unpin", lambda week=old.week: self._unpin(client, forum, week))  # type: ignore[misc]
            papers = functools.partial(self._digest_papers, client, forum, post.week)
            await self._once.lay(client, post, anchor, papers, COMMENT)
            if self._canvas:
                of_week = [post, *(update for update in updates if update.week == post.week)]
                await self._once.step(of_week[-1], "canvas", lambda: self._write_canvas(client, forum, posts, anchor))
        if held is not None and minutes_at is not None:
            papers = functools.partial(self._minutes_papers, client, forum, held.week)
            await self._once.lay(client, held, anchor_of(minutes_at), papers, COMMENT)

    # --- the pin ---

    async def _unpin(self, client: AsyncWebClient, forum: Forum, week: str) -> None:
        async with self._database.read() as session:
            at = await stored.standing_at(session, forum.key(DIGEST, week))
        if at is not None:
            try:
                await client.pins_remove(channel=str(at.posted_in), timestamp=str(at.ts))
            except UNREACHABLE as error:
                if str(classify(error)) not in ("no_pin", "message_not_found", "not_pinned"):
                    raise

    # --- the canvas ---

    async def _write_canvas(
        self, client: AsyncWebClient, forum: Forum, posts: Sequence[MeetingPost], anchor: Anchor
    ) -> None:
        """The digest as it stands now: when it is posted, and again with the morning's update."""
        post = posts[0]
        digest = await self._meeting.compose(post.week, numbers=self._meeting.shows_numbers(forum), forum_id=forum.id)
        markdown = digest_canvas(self._printer, digest, await names_of(client, mentioned(digest)))
        known = next((str(one.kept["canvas_id"]) for one in posts if one.kept.get("canvas_id")), None)
        canvas = await put(client, anchor.channel, forum.title or "Mangelmøtet", markdown, known)
        await self._once.note(post, "canvas_id", canvas)

    # --- the files ---

    async def _digest_papers(self, client: AsyncWebClient, forum: Forum, week: str) -> list[Paper]:
        digest = await self._meeting.compose(week, numbers=self._meeting.shows_numbers(forum), forum_id=forum.id)
        names = await names_of(client, mentioned(digest))
        page = digest_page(self._printer, digest, names)
        title, name = f"{forum.title or 'Mangelmøtet'} {week}", f"{_file_of(forum)}-{week}"
        sheet = await asyncio.to_thread(digest_workbook, digest, names)
        return [*await printed_papers(name, title, page), Paper(f"{name}.xlsx", title, sheet)]

    async def _minutes_papers(self, client: AsyncWebClient, forum: Forum, week: str) -> list[Paper]:
        minutes = await self._chairing.minutes(week, forum.id)
        if minutes is None:
            return []
        page = minutes_page(self._printer, minutes, await names_of(client, mentioned(minutes)))
        name = "referat" if forum.is_main else f"referat-{forum.id}"
        return await printed_papers(f"{name}-{week}", f"Referat {forum.title or 'Mangelmøtet'} {week}", page)


def _file_of(forum: Forum) -> str:
    """What the list's files are called."""
    return "mangelmotet" if forum.is_main else forum.id


async def _pin(client: AsyncWebClient, anchor: Anchor) -> None:
    try:
        await client.pins_add(channel=anchor.channel, timestamp=anchor.ts)
    except UNREACHABLE as error:
        if str(classify(error)) != "already_pinned":
            raise
