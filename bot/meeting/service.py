"""Mangelmøtet's digest: gathered from cases, stock and reports, posted once a week, shown on request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.counting import StatisticsService
from bot.cases.statistics import EVERYTHING, Period, Statistics
from bot.cases.statistics_tables import as_read
from bot.cases.views import load_views
from bot.cases.visibility import readable_by
from bot.clock import Clock, oslo, today
from bot.delivery.channels import ChannelKinds
from bot.meeting.calendar import Due, digest_due, next_digest, update_due
from bot.meeting.digest import Digest
from bot.meeting.forums import MAIN, Forum, forum_in
from bot.meeting.reading import DIGEST, UPDATE, AgendaReading
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.messages.render import Renderer
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import cases as stored_cases
from storage import meeting as stored
from storage.tables import MeetingPost
from storage.unit_of_work import Database, Saying

SECTIONS = {"new": phrase("Nye"), "ongoing": phrase("Pågående"), "upcoming": phrase("Kommende")}


class MeetingService:
    """Composes and posts. What has been posted stands in a table, so nothing is posted twice or forgotten."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        forums: Mapping[str, Forum],
        renderer: Renderer,
        reading: AgendaReading,
        channels: ChannelKinds,
        statistics: StatisticsService,
    ) -> None:
        self._database = database
        self._clock = clock
        self.forums = forums
        self._renderer = renderer
        self._reading = reading
        self._channels = channels
        self._statistics = statistics

    # --- posting ---

    async def post_what_is_due(self) -> list[str]:
        """Post each forum's digest, or the morning's update, that is due and has not been posted; the weeks posted."""
        return [week for forum in self.forums.values() for week in await self._post_due(forum)]

    async def _post_due(self, forum: Forum) -> list[str]:
        if forum.channel is None:
            return []
        now = self._clock.now()
        async with self._database.read() as session:
            digests = await stored.posted(session, DIGEST, forum.id)
            updates = await stored.posted(session, UPDATE, forum.id)
            since = await stored.first_start(session)
        weeks = []
        due = digest_due(now, forum.digest_cron, digests, since=since, days_before=forum.days_before)
        if due is not None and await self._post(forum, due.week, DIGEST, due.occasion.planned, late=due):
            weeks.append(due.week)
            digests[due.week] = now
        due = update_due(now, forum.update_cron, updates, digests) if forum.update_cron else None
        if due is not None and await self._post(forum, due.week, UPDATE, due.occasion.planned):
            weeks.append(due.week)
        return weeks

    async def post_now(self, by: Actor, forum_id: str = MAIN) -> tuple[str, bool]:
        """Post a forum's next digest ahead of its time; its week, and False where it stands there already."""
        by.require(Action.WORK_ON_CASE)
        forum = self.forum(forum_id)
        if forum.channel is None:
            raise Refused(phrase("Møtekanalen er ikke satt. Sett MANGELVAKT_MEETING_CHANNEL."))
        week = next_digest(self._clock.now(), forum.digest_cron, forum.days_before).week
        return week, await self._post(forum, week, DIGEST, self._clock.now())

    def forum(self, forum_id: str) -> Forum:
        """A forum by its id. Raises `Refused` for one that the settings do not have."""
        return forum_in(self.forums, forum_id)

    async def _post(self, forum: Forum, week: str, kind: str, planned: dt.datetime, late: Due | None = None) -> bool:
        channel = forum.channel
        assert channel is not None  # noqa: S101
        numbers = self.shows_numbers(forum)
        alerts = await self._reading.open_alerts()
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:meeting")
            if week in await stored.posted(uow.session, kind, forum.id):
                return False
            since = await self._since(uow.session, forum, week, uow.now, kind)
            digest = await self._reading.digest(
                uow.session,
                forum,
                week,
                uow.now,
                since,
                alerts,
                numbers=numbers,
                only_news=kind == UPDATE,
                planned=planned if late is not None and late.late else None,
            )
            content = digest.as_json() | {"agenda": digest.families, "covers": digest.covers}
            post = MeetingPost(
                forum=forum.id, week=week, kind=kind, due_at=planned, composed_at=uow.now, content=content
            )
            await uow.add(post)
            if kind == DIGEST or digest.has_news:
                said = self._sayings(digest, kind, forum, channel)
                if kind == DIGEST and forum.figures:
                    said += self._figures(await self._since_last(uow.session, since), forum, week, channel)
                await uow.say_all(said)
        return True

    async def _since_last(self, session: AsyncSession, since: dt.datetime) -> Statistics:
        """What the time since the last meeting came to."""
        return await self._statistics.within(session, Period(oslo(since).date(), today(self._clock)))

    def _figures(self, found: Statistics, forum: Forum, week: str, channel: str) -> list[Saying]:
        """The statistics, in the thread of the list."""
        head = f"{forum.key(DIGEST, week)}:{channel}"
        message = self._renderer.render("forum_figures.j2", **as_read(found, EVERYTHING, today(self._clock)))
        return [Saying(f"{head}:figures", channel, message.text, message.blocks, head, priority=7)]

    def _sayings(self, digest: Digest, kind: str, forum: Forum, channel: str) -> list[Saying]:
        """What goes to the channel. A long digest is a head, a message for each section, and the rest in its thread.

        Each message has a thread of its own, in which people prepare.
        """
        head = f"{forum.key(kind, digest.week)}:{channel}"
        said: list[Saying] = []

        def say(key: str, messages: Sequence[Message], reply_to: str | None = None) -> None:
            for place, message in enumerate(messages, 1):
                numbered = key if place == 1 else f"{key}:{place}"
                said.append(Saying(numbered, channel, message.text, message.blocks, reply_to, priority=7))

        parts = self._renderer.render_parts
        if kind == UPDATE or not digest.is_long:
            say(head, self.render(digest, update=kind == UPDATE))
        else:
            say(head, parts("digest_head.j2", digest=digest, forum=forum.id))
            for name, heading in SECTIONS.items():
                entries = getattr(digest, name)
                if entries:
                    say(f"{head}:{name}", parts("digest_section.j2", digest=digest, heading=heading, entries=entries))
        if kind == DIGEST and (digest.unchanged or digest.is_long):
            say(f"{head}:rest", parts("digest_thread.j2", digest=digest, lists=digest.is_long), reply_to=head)
        return said

    # --- showing ---

    def shows_numbers(self, forum: Forum) -> bool:
        """Whether quantities may stand in a forum's channel."""
        return forum.numbers and self._channels.closed(forum.channel)

    async def compose(self, week: str | None = None, *, numbers: bool = True, forum_id: str = MAIN) -> Digest:
        """A forum's digest of a week (the next one) as it stands now."""
        forum, now = self.forum(forum_id), self._clock.now()
        wanted = week or next_digest(now, forum.digest_cron, forum.days_before).week
        alerts = await self._reading.open_alerts()
        async with self._database.read() as session:
            since = await self._reading.since(session, forum, wanted, now)
            return await self._reading.digest(
                session, forum, wanted, now, since, alerts, numbers=numbers and forum.numbers
            )

    def render(self, digest: Digest, *, update: bool = False, language: str = "nb") -> list[Message]:
        """The digest's messages, split where Slack's limits ask for it."""
        template = "digest_update.j2" if update else "digest.j2"
        return self._renderer.render_parts(template, language, digest=digest)

    async def as_it_stands(self, by: Actor, asked: str = "") -> list[Message]:
        """The next digest for somebody who asks; the centre may post it from here. `asked`: another forum, in words.

        Another forum's is for the centre, which may not be in its channel; who is, reads it there.
        """
        by.require(Action.READ_DIGEST)
        forum = self._meant(asked)
        if not forum.is_main:
            by.require(Action.WORK_ON_CASE)
        digest = await self.compose(forum_id=forum.id)
        messages = self.render(digest, language=by.language)
        async with self._database.read() as session:
            meeting_week = await self._reading.meeting_week(session, forum, self._clock.now())
            posted = await stored.posted(session, DIGEST, forum.id)
        if by.may(Action.RUN_MEETING):
            facts: dict[str, object] = {
                "week": int(meeting_week[-2:]),
                "may_post": by.may(Action.WORK_ON_CASE) and digest.week not in posted,
                "forum": forum.id,
                "others": [one for one in self.forums.values() if one is not forum and by.may(Action.WORK_ON_CASE)],
            }
            messages.append(self._renderer.render("digest_post.j2", by.language, **facts))
        return messages

    def _meant(self, asked: str) -> Forum:
        """The forum that is meant by its id or the beginning of its title; without words Mangelmøtet."""
        wanted = " ".join(asked.casefold().split())
        if not wanted:
            return self.forums[MAIN]
        found = [
            forum
            for forum in self.forums.values()
            if wanted == forum.id or (forum.title or "").casefold().startswith(wanted)
        ]
        if len(found) != 1:
            others = tuple(forum.title for forum in self.forums.values() if forum.title)
            if not others:
                return self.forums[MAIN]
            raise Refused(
                phrase("Fant ikke møtet «{asked}». Skriv ett av disse: {titles}.", asked=asked[:60], titles=others)
            )
        return found[0]

    async def all_cases(self, by: Actor) -> list[Message]:
        """Every open case that `by` may read, one line each."""
        visible = [visibility.value for visibility in readable_by(by)]
        async with self._database.read() as session:
            rows = await stored_cases.open_cases(session, visible=visible)
            views = await load_views(session, rows, None, oslo(self._clock.now()).date())
        return self._renderer.render_parts("digest_all.j2", by.language, cases=views)

    async def _since(self, session: AsyncSession, forum: Forum, week: str, now: dt.datetime, kind: str) -> dt.datetime:
        """What came after this is new: in the morning's update since its own digest."""
        digests = await stored.posted(session, DIGEST, forum.id)
        if kind == UPDATE and week in digests:
            return digests[week]
        return await self._reading.since(session, forum, week, now)
