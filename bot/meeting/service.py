"""Mangelmøtet's digest: gathered from cases, stock and reports, posted once a week, shown on request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import load_views
from bot.cases.visibility import readable_by
from bot.clock import Clock, oslo
from bot.delivery.channels import ChannelKinds
from bot.meeting.calendar import Due, digest_due, next_digest, parse_cron, update_due
from bot.meeting.digest import Digest
from bot.meeting.reading import DIGEST, UPDATE, AgendaReading
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.messages.render import Renderer
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.settings import Settings
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
        settings: Settings,
        renderer: Renderer,
        reading: AgendaReading,
        channels: ChannelKinds,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._reading = reading
        self._channels = channels
        self._digest_cron = parse_cron(settings.digest_cron)
        self._update_cron = parse_cron(settings.update_cron)

    # --- posting ---

    async def post_what_is_due(self) -> list[str]:
        """Post the digest, or the morning's update, that is due and has not been posted; the weeks posted."""
        if self._settings.meeting_channel is None:
            return []
        now = self._clock.now()
        async with self._database.read() as session:
            digests = await stored.posted(session, DIGEST)
            updates = await stored.posted(session, UPDATE)
            since = await stored.first_start(session)
        weeks = []
        due = digest_due(now, self._digest_cron, digests, since=since)
        if due is not None and await self._post(due.week, DIGEST, due.occasion.planned, late=due):
            weeks.append(due.week)
            digests[due.week] = now
        due = update_due(now, self._update_cron, updates, digests)
        if due is not None and await self._post(due.week, UPDATE, due.occasion.planned):
            weeks.append(due.week)
        return weeks

    async def post_now(self, by: Actor) -> tuple[str, bool]:
        """Post the next digest ahead of its time; its week, and False where it stands there already."""
        by.require(Action.WORK_ON_CASE)
        if self._settings.meeting_channel is None:
            raise Refused(phrase("Møtekanalen er ikke satt. Sett MANGELVAKT_MEETING_CHANNEL."))
        week = next_digest(self._clock.now(), self._digest_cron).week
        return week, await self._post(week, DIGEST, self._clock.now())

    async def _post(self, week: str, kind: str, planned: dt.datetime, late: Due | None = None) -> bool:
        channel = self._settings.meeting_channel
        assert channel is not None  # noqa: S101
        numbers = self._channels.closed(channel)
        alerts = await self._reading.open_alerts()
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:meeting")
            if week in await stored.posted(uow.session, kind):
                return False
            digest = await self._reading.digest(
                uow.session,
                week,
                uow.now,
                await self._since(uow.session, week, uow.now, kind),
                alerts,
                numbers=numbers,
                only_news=kind == UPDATE,
                planned=planned if late is not None and late.late else None,
            )
            content = digest.as_json() | {"agenda": digest.families}
            post = MeetingPost(week=week, kind=kind, due_at=planned, composed_at=uow.now, content=content)
            await uow.add(post)
            if kind == DIGEST or digest.has_news:
                await uow.say_all(self._sayings(digest, kind, channel))
        return True

    def _sayings(self, digest: Digest, kind: str, channel: str) -> list[Saying]:
        """What goes to the channel. A long digest is a head, a message for each section, and the rest in its thread.

        Each message has a thread of its own, in which people prepare.
        """
        head = f"{kind}:{digest.week}:{channel}"
        said: list[Saying] = []

        def say(key: str, messages: Sequence[Message], reply_to: str | None = None) -> None:
            for place, message in enumerate(messages, 1):
                numbered = key if place == 1 else f"{key}:{place}"
                said.append(Saying(numbered, channel, message.text, message.blocks, reply_to, priority=7))

        parts = self._renderer.render_parts
        if kind == UPDATE or not digest.is_long:
            say(head, self.render(digest, update=kind == UPDATE))
        else:
            say(head, parts("digest_head.j2", digest=digest))
            for name, heading in SECTIONS.items():
                entries = getattr(digest, name)
                if entries:
                    say(f"{head}:{name}", parts("digest_section.j2", digest=digest, heading=heading, entries=entries))
        if kind == DIGEST and (digest.unchanged or digest.is_long):
            say(f"{head}:rest", parts("digest_thread.j2", digest=digest, lists=digest.is_long), reply_to=head)
        return said

    # --- showing ---

    @property
    def shows_numbers(self) -> bool:
        """Whether quantities may stand in the meeting's channel."""
        return self._channels.closed(self._settings.meeting_channel)

    async def compose(self, week: str | None = None, *, numbers: bool = True) -> Digest:
        """The digest of a week (the next one) as it stands now."""
        now = self._clock.now()
        wanted = week or next_digest(now, self._digest_cron).week
        alerts = await self._reading.open_alerts()
        async with self._database.read() as session:
            since = await self._reading.since(session, wanted, now)
            return await self._reading.digest(session, wanted, now, since, alerts, numbers=numbers)

    def render(self, digest: Digest, *, update: bool = False, language: str = "nb") -> list[Message]:
        """The digest's messages, split where Slack's limits ask for it."""
        template = "digest_update.j2" if update else "digest.j2"
        return self._renderer.render_parts(template, language, digest=digest)

    async def as_it_stands(self, by: Actor) -> list[Message]:
        """The next digest for somebody who asks; the centre may post it from here."""
        by.require(Action.READ_DIGEST)
        digest = await self.compose()
        messages = self.render(digest, language=by.language)
        async with self._database.read() as session:
            meeting_week = await self._reading.meeting_week(session, self._clock.now())
            may_post = by.may(Action.WORK_ON_CASE) and digest.week not in await stored.posted(session, DIGEST)
        if by.may(Action.RUN_MEETING):
            week = int(meeting_week[-2:])
            messages.append(self._renderer.render("digest_post.j2", by.language, week=week, may_post=may_post))
        return messages

    async def all_cases(self, by: Actor) -> list[Message]:
        """Every open case that `by` may read, one line each."""
        visible = [visibility.value for visibility in readable_by(by)]
        async with self._database.read() as session:
            rows = await stored_cases.open_cases(session, visible=visible)
            views = await load_views(session, rows, None, oslo(self._clock.now()).date())
        return self._renderer.render_parts("digest_all.j2", by.language, cases=views)

    async def _since(self, session: AsyncSession, week: str, now: dt.datetime, kind: str) -> dt.datetime:
        """What came after this is new: in the morning's update since its own digest."""
        digests = await stored.posted(session, DIGEST)
        return digests[week] if kind == UPDATE and week in digests else await self._reading.since(session, week, now)
