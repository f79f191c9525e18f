"""What is said about a case, to whom: the card and its thread, the reporters, followers, the open channel.

Each audience has its own template; nothing is rendered for one audience and filtered for another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.cases.views import CaseView, load_views
from bot.cases.vocabulary import Visibility
from bot.clock import oslo
from bot.delivery.channels import ChannelKinds
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.people.followers import FollowerTeller
from bot.settings import Settings
from bot.stock.reading import StockReading
from bot.stock.sharing import AllocationService
from storage import people
from storage.tables import ShortageCase
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a case: for the card's thread (`internal`), and what those who reported should hear.

    `reports`: only the reporters of these hear it; None: all of the case's.
    """

    internal: Phrase
    for_reporters: Phrase | None = None
    reports: frozenset[int | None] | None = None


class CaseTeller:
    """Puts in the outbox what has to be said about a case, in the unit of work that changed it."""

    def __init__(
        self,
        settings: Settings,
        renderer: Renderer,
        stock: StockReading,
        channels: ChannelKinds,
        followers: FollowerTeller,
        allocations: AllocationService,
    ) -> None:
        self._settings = settings
        self._render = renderer.render
        self._stock = stock
        self._channels = channels
        self._followers = followers
        self._allocations = allocations

    async def view(self, uow: UnitOfWork, case: ShortageCase) -> CaseView:
        """The case as it stands in this unit of work, with its cover today."""
        await uow.session.flush()
        return (await load_views(uow.session, [case], self._stock, oslo(uow.now).date()))[0]

    async def opened(self, uow: UnitOfWork, case: ShortageCase) -> CaseView:
        """A new case: its card, and a word to those who follow the medicine."""
        view = await self.view(uow, case)
        await self._card(uow, view)
        await self._tell_followers(uow, view, None, None)
        return view

    async def shown(self, uow: UnitOfWork, case: ShortageCase) -> None:
        """Put a case's card, and its public message, where they do not stand yet."""
        view = await self.view(uow, case)
        if await uow.said(f"card:{view.number}") is None:
            await self._card(uow, view)
            await self._open_channel(uow, view)

    async def changed(self, uow: UnitOfWork, case: ShortageCase, change: Change, *, by: str | None) -> CaseView:
        """A changed case: the card in place, a line in its thread, and those whom it concerns.

        Counts the case's version up; `by` is not told of their own doing.
        """
        return (await self.changed_together(uow, [(case, change)], by=by))[0]

    async def changed_together(
        self, uow: UnitOfWork, changes: Sequence[tuple[ShortageCase, Change]], *, by: str | None
    ) -> list[CaseView]:
        """`changed` for cases that change in one go: what their views need is read once for all of them."""
        for case, _ in changes:
            case.version += 1
            case.changed_at = uow.now
        await uow.session.flush()
        views = await load_views(uow.session, [case for case, _ in changes], self._stock, oslo(uow.now).date())
        for view, (_, change) in zip(views, changes, strict=True):
            await self._card(uow, view)
            await self._thread(uow, view, change)
            if change.for_reporters is not None:
                await self._reporters(uow, view, change.for_reporters, change.reports, by)
                await self._tell_followers(uow, view, change.internal, by)
            await self._open_channel(uow, view)
        await self._allocations.take_back(uow, [case for case, _ in changes], by=by)
        return views

    async def tell_reporters(
        self, uow: UnitOfWork, view: CaseView, what: Phrase, reports: Collection[int], *, by: str | None
    ) -> None:
        """Say `what` to those who sent these of a case's reports, once each; `by` is not told of their own doing.

        Those outside Slack are named in the case's thread, for the centre to tell.
        """
        change = Change(what, what, frozenset(reports))
        await self._reporters(uow, view, what, change.reports, by)
        if _to_be_told(view, change):
            await self._thread(uow, view, change, "tell")

    async def brought_up_to_date(self, uow: UnitOfWork, cases: Sequence[ShortageCase]) -> int:
        """Redraw the cards and public messages of `cases` that no longer say what is known; how many.

        The stock behind a case changes without the case: a new count, or a day that has gone.
        """
        places = [
            (key, channel, case.number)
            for case in cases
            for key, channel in (
                (f"card:{case.number}", self._settings.cases_channel),
                (f"published:{case.number}", self._settings.info_channel),
            )
            if channel is not None
        ]
        last = await uow.last_said([key for key, *_ in places])
        shown = {number for key, _, number in places if key in last}
        standing = [case for case in cases if case.number in shown]
        views = await load_views(uow.session, standing, self._stock, oslo(uow.now).date()) if standing else []
        by_number = {view.number: view for view in views}
        redrawn = 0
        for key, channel, number in places:
            if key not in last:
                continue
            view = by_number[number]
            message = self._card_message(view) if key.startswith("card:") else self._public_message(view)
            if last[key].blocks != list(message.blocks):
                after = f"{key}:after:{last[key].id}"
                await uow.say(after, channel, message.text, message.blocks, edits=key, priority=6)
                redrawn += 1
        return redrawn

    def _card_message(self, view: CaseView) -> Message:
        channel = self._settings.cases_channel
        return self._render("case_card.j2", case=view, numbers=channel is not None and self._channels.closed(channel))

    def _public_message(self, view: CaseView) -> Message:
        return self._render("case_published.j2", case=view)

    async def _card(self, uow: UnitOfWork, view: CaseView) -> None:
        channel = self._settings.cases_channel
        if channel is None:
            return
        message = self._card_message(view)
        key = f"card:{view.number}"
        first = await uow.said(key) is None
        await uow.say(
            key if first else f"{key}:v{view.version}",
            channel,
            message.text,
            message.blocks,
            edits=None if first else key,
            priority=4,
        )

    async def _thread(self, uow: UnitOfWork, view: CaseView, change: Change, more: str = "") -> None:
        if self._settings.cases_channel is None:
            return
        message = self._render("case_thread.j2", case=view, what=change.internal, tell=_to_be_told(view, change))
        await uow.say(
            f"thread:{view.number}:v{view.version}" + (f":{more}" if more else ""),
            self._settings.cases_channel,
            message.text,
            message.blocks,
            reply_to=f"card:{view.number}",
            priority=6,
        )

    async def in_thread(
        self, uow: UnitOfWork, key: str, number: str, template: str, version: int, **facts: object
    ) -> None:
        """A message of its own in a case's thread, edited in place from the second time on."""
        channel = self._settings.cases_channel
        if channel is None:
            return
        message = self._render(template, None, **facts)
        first = await uow.said(key) is None
        await uow.say(
            key if first else f"{key}:v{version}",
            channel,
            message.text,
            message.blocks,
            reply_to=f"card:{number}" if first else None,
            edits=None if first else key,
            priority=6,
        )

    async def _reporters(
        self, uow: UnitOfWork, view: CaseView, what: Phrase, only: frozenset[int | None] | None, by: str | None
    ) -> None:
        reporters = {
            report.reporter.slack_id
            for report in view.reports
            if report.reporter and (only is None or report.id in only)
        }
        if by:
            own = await people.slack_users(uow.session, [by])
            reporters -= set(own.values())
        reporters -= await self._followers.silenced(uow, view.number, reporters)
        languages = await people.languages(uow.session, reporters)
        for slack_user in sorted(reporters):
            message = self._render("case_for_reporter.j2", languages[slack_user], case=view, what=what)
            await uow.say(f"told:{view.number}:v{view.version}:{slack_user}", slack_user, message.text, message.blocks)

    async def _tell_followers(self, uow: UnitOfWork, view: CaseView, what: Phrase | None, by: str | None) -> None:
        """Those who follow it; not who did it, nor those who reported it and hear it as such."""
        doer = await people.slack_users(uow.session, [by]) if by else {}
        reporters = [report.reporter.slack_id for report in view.reports if report.reporter]
        await self._followers.case_news(uow, view, what, [*reporters, *doer.values()])

    async def _open_channel(self, uow: UnitOfWork, view: CaseView) -> None:
        """The open channel shows what is published, and says so where it no longer is."""
        channel = self._settings.info_channel
        key = f"published:{view.number}"
        if channel is None:
            return
        first = await uow.said(key) is None
        if first and view.visibility is not Visibility.PUBLISHED:
            return
        message = self._public_message(view)
        await uow.say(
            key if first else f"{key}:v{view.version}",
            channel,
            message.text,
            message.blocks,
            edits=None if first else key,
        )

    async def tell_person(
        self, uow: UnitOfWork, key: str, slack_user: str, template: str, language: str, **facts: object
    ) -> None:
        """A direct message about something of theirs."""
        message = self._render(template, language, **facts)
        await uow.say(key, slack_user, message.text, message.blocks, priority=3)


def _to_be_told(view: CaseView, change: Change) -> list[Phrase]:
    """Those outside Slack who reported, and should hear what `change` tells the reporters: the centre tells them."""
    if change.for_reporters is None:
        return []
    return [
        phrase("{who} ({how})", who=report.told_by, how=report.came_by.words)
        for report in view.reports
        if report.told_by and report.came_by and (change.reports is None or report.id in change.reports)
    ]
