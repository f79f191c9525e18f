"""What is said about an alert, and where: the stock channel, a hospital's own managers, those who must answer.

Each alert has one message in each of its places; what happens to it stands in that message's thread.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.delivery.channels import ChannelKinds
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.addresses import is_person
from bot.people.followers import FollowerTeller
from bot.settings import Settings
from bot.stock.alert_rule import AlertChange, AlertLevel
from bot.stock.alert_view import AlertView
from storage.tables import StockAlert
from storage.unit_of_work import Saying, UnitOfWork

MANY = 6
"""From so many new alerts in one round on they are told as one message with a list."""
MOST_LISTED = 20
"""So many of them, the worst ones, stand in it; the rest is counted, and a button shows it."""

Told = tuple[StockAlert, AlertView]
URGENT, USUAL = 1, 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert has its message: the message's key, the channel or person, and whether numbers are shown."""

    key: str
    channel: str
    numbers: bool


class AlertTeller:
    """Puts in the outbox what has to be said about alerts, in the unit of work that changed them."""

    def __init__(
        self, settings: Settings, renderer: Renderer, channels: ChannelKinds, followers: FollowerTeller
    ) -> None:
        self._settings = settings
        self._renderer = renderer
        self._channels = channels
        self._followers = followers

    def numbers_in(self, channel: str | None, view: AlertView) -> bool:
        """Numbers only in a closed channel, and never a hospital's own stock: others read it."""
        return self._channels.closed(channel) and not view.is_hospitals_own

    def _places(self, view: AlertView) -> Iterator[Place]:
        """The stock channel; and for a hospital's own stock its managers, who see the numbers there."""
        channel = self._settings.stock_channel
        if channel is not None:
            yield Place(f"alert:{view.id}", channel, self.numbers_in(channel, view))
        said = self._settings.pools.get(view.line.pool.id)
        if view.is_hospitals_own and said is not None:
            for manager in said.managers:
                yield Place(f"alert:{view.id}:to:{manager}", manager, numbers=True)

    async def tell(self, uow: UnitOfWork, told: Sequence[Told], *, many: int = MANY) -> None:
        """New alerts as messages of their own, as one list where there are `many`; the rest in their threads.

        So are those that stood in a list and have changed. Others are let in between one alert and the next.
        """
        said = await uow.said_of([place.key for _, view in told for place in self._places(view)])
        sayings: list[Saying] = []
        new: dict[str, list[tuple[StockAlert, AlertView, Place]]] = defaultdict(list)
        changed: dict[str, list[tuple[StockAlert, AlertView, Place]]] = defaultdict(list)
        over: dict[tuple[str, str], list[AlertView]] = defaultdict(list)
        for alert, view in told:
            await asyncio.sleep(0)
            for place in self._places(view):
                if view.change is AlertChange.RAISE:
                    new[place.channel].append((alert, view, place))
                elif place.key in said:
                    sayings += self._in_thread(alert, view, place)
                elif alert.closed_at is None and view.change is not AlertChange.NOTHING:
                    changed[place.channel].append((alert, view, place))
                elif view.change is AlertChange.RECOVER and (
                    listed := alert.memory.get("listed", {}).get(place.channel)
                ):
                    over[place.channel, listed].append(view)
        for are_new, by_channel in ((True, new), (False, changed)):
            for channel, entries in by_channel.items():
                if len(entries) < many:
                    sayings += [self._message(view, place) for _, view, place in entries]
                else:
                    sayings += self._list(channel, entries, are_new=are_new)
        for (channel, listed), views in over.items():
            sayings += self._recovered(channel, listed, views)
        await uow.say_all(sayings)
        await self._followers.pool_news(uow, [(view, alert.version) for alert, view in told])

    def _message(self, view: AlertView, place: Place) -> Saying:
        message = self._renderer.render("alert.j2", alert=view, numbers=place.numbers)
        return Saying(place.key, place.channel, message.text, message.blocks, priority=URGENT)

    def _redrawn(self, alert: StockAlert, view: AlertView, place: Place) -> Saying:
        message = self._renderer.render("alert.j2", alert=view, numbers=place.numbers)
        key = f"{place.key}:v{alert.version}"
        return Saying(key, place.channel, message.text, message.blocks, edits=place.key, priority=USUAL)

    def _in_thread(self, alert: StockAlert, view: AlertView, place: Place) -> Iterator[Saying]:
        if view.change is not AlertChange.NOTHING:
            message = self._renderer.render("alert_news.j2", alert=view, numbers=place.numbers)
            yield Saying(
                f"{place.key}:news:v{alert.version}",
                place.channel,
                message.text,
                message.blocks,
                reply_to=place.key,
                priority=URGENT if view.change is AlertChange.WORSEN else USUAL,
            )
        yield self._redrawn(alert, view, place)

    def _list(
        self, channel: str, entries: Sequence[tuple[StockAlert, AlertView, Place]], *, are_new: bool
    ) -> Iterator[Saying]:
        worst_first = sorted(entries, key=lambda entry: worst_first_key(entry[1]))
        first = min(entries, key=lambda entry: entry[1].id)[0]
        key = f"alerts:{first.id}:{channel}" if are_new else f"alerts:{first.id}:v{first.version}:{channel}"
        for alert, _, _ in entries:
            alert.memory = alert.memory | {"listed": alert.memory.get("listed", {}) | {channel: key}}
        parts = self._renderer.render_parts(
            "alert_list.j2",
            alerts=[view for _, view, _ in worst_first[:MOST_LISTED]],
            numbers={view.id for _, view, place in entries if place.numbers},
            count=len(entries),
            unanswered=False,
            are_new=are_new,
        )
        for number, part in enumerate(parts, 1):
            yield Saying(key if number == 1 else f"{key}:{number}", channel, part.text, part.blocks, priority=URGENT)

    def _recovered(self, channel: str, listed: str, views: Sequence[AlertView]) -> Iterator[Saying]:
        """Alerts that were told in a list in `channel` and are over, under that list."""
        key = f"recovered:{min(view.id for view in views)}:{channel}"
        parts = self._renderer.render_parts("alert_list_recovered.j2", alerts=views)
        for number, part in enumerate(parts, 1):
            yield Saying(f"{key}:{number}", channel, part.text, part.blocks, reply_to=listed, priority=USUAL)

    async def answered(
        self, uow: UnitOfWork, alert: StockAlert, view: AlertView, said: Phrase, who: Sequence[object] = ()
    ) -> None:
        """A line in the alert's threads about what was done, and its messages up to date."""
        places = list(self._places(view))
        there = await uow.said_of([place.key for place in places])
        message = self._renderer.render("alert_answer.j2", said=said, who=who)
        sayings = []
        for place in places:
            in_time = place.key in there
            sayings.append(self._redrawn(alert, view, place) if in_time else self._message(view, place))
            sayings.append(
                Saying(
                    f"{place.key}:answer:v{alert.version}",
                    place.channel,
                    message.text,
                    message.blocks,
                    reply_to=place.key,
                )
            )
        await uow.say_all(sayings)

    async def given(self, uow: UnitOfWork, alert: StockAlert, view: AlertView) -> None:
        """To the person who has been given an alert: why, what it is, and how to hand it on."""
        if view.followed_by is None:
            return
        message = self._renderer.render("alert_given.j2", alert=view, numbers=True)
        key = f"alert:{view.id}:given:v{alert.version}"
        await uow.say(key, view.followed_by.slack_id, message.text, message.blocks, priority=URGENT)

    async def unanswered(self, uow: UnitOfWork, asked: Sequence[Told]) -> None:
        """Nobody has answered these in time: tell those who come next, once each, and say so in the threads."""
        lists: dict[str, list[AlertView]] = defaultdict(list)
        for alert, view in asked:
            for channel in self._next(alert, view):
                lists[channel].append(view)
        there = await uow.said_of([f"alert:{view.id}" for _, view in asked])
        versions = {view.id: alert.version for alert, view in asked}
        sayings: list[Saying] = []
        for channel, views in lists.items():
            views.sort(key=worst_first_key)
            person = is_person(channel)
            with_numbers = {view.id for view in views if person or self.numbers_in(channel, view)}
            parts = self._renderer.render_parts(
                "alert_list.j2",
                alerts=views[:MOST_LISTED],
                numbers=with_numbers,
                count=len(views),
                unanswered=True,
                are_new=False,
            )
            first = views[0].id
            sayings += [
                Saying(
                    f"unanswered:{first}:v{versions[first]}:{channel}:{number}",
                    channel,
                    part.text,
                    part.blocks,
                    priority=URGENT,
                )
                for number, part in enumerate(parts, 1)
            ]
        for alert, view in asked:
            sayings += self._said_in_thread(alert, view, there)
        await uow.say_all(sayings)

    def _next(self, alert: StockAlert, view: AlertView) -> tuple[str, ...]:
        if alert.escalated == 1:
            return self._settings.managers_of(view.line.pool.id)
        return (self._settings.cases_channel,) if self._settings.cases_channel else ()

    def _said_in_thread(self, alert: StockAlert, view: AlertView, there: Iterable[str]) -> Iterator[Saying]:
        channel, key = self._settings.stock_channel, f"alert:{view.id}"
        if channel is None or key not in there:
            return
        told = [Mention(one) if one[0] in "UW" else phrase("Mangelsenteret") for one in self._next(alert, view)]
        said = phrase("Ingen har svart i tide. Varselet er sendt videre til")
        message = self._renderer.render("alert_answer.j2", said=said, who=told)
        yield Saying(f"{key}:unanswered:v{alert.version}", channel, message.text, message.blocks, reply_to=key)
        yield self._redrawn(alert, view, Place(key, channel, self.numbers_in(channel, view)))


def worst_first_key(view: AlertView) -> tuple[int, float, str]:
    """Sorts alerts: the worst level first, then what runs out first."""
    days = view.cover.days_of_cover
    return (-AlertLevel(view.level), float("inf") if days is None else days, view.title)
