"""Tells those who follow: each by what they may read, as often as they want to hear, and why they hear it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.cases.views import CaseView
from bot.cases.visibility import is_hidden, readable_by
from bot.cases.vocabulary import Region, Visibility
from bot.clock import oslo
from bot.delivery.channels import ChannelKinds
from bot.messages.phrase import Phrase
from bot.messages.render import Renderer
from bot.people import addresses
from bot.people.places import trusts
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.people.subjects import Pace, deciding, is_muted
from bot.stock.alert_rule import AlertChange
from bot.stock.alert_view import AlertView
from bot.stock.pools import Pool, PoolKind
from storage import people as stored
from storage.tables import Follow
from storage.unit_of_work import UnitOfWork

MOST_LISTED = 20
REGION_CODES = {f"{region.words} RHF": region.value for region in Region}
NEWS_OF_A_POOL = frozenset({AlertChange.RAISE, AlertChange.WORSEN, AlertChange.RECOVER})


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads what a person or a channel is sent. A channel is read by anyone, whatever its follower may."""

    target: str
    language: str
    reader: Actor | None

    def reads(self, case: CaseView) -> bool:
        """Whether they may read all of `case`."""
        reader = self.reader
        return reader is not None and reader.may(Action.READ_CASES) and case.visibility in readable_by(reader)

    def may_hear_of(self, case: CaseView) -> bool:
        """Whether they may hear that there is such a case."""
        if self.reader is None:
            return case.visibility is not Visibility.INTERNAL
        return not is_hidden(case.visibility, self.reader)

    def subjects_of(self, case: CaseView) -> list[tuple[str, str]]:
        """What `case` is followed by, the narrowest first: no more than they could have asked for.

        Where a report came from is for those who work with cases; so is the region of what is not published.
        """
        regions = {region.value for region in case.regions} if case.visibility is Visibility.PUBLISHED else set()
        if self.reads(case):
            regions |= {region.value for region in case.regions}
            regions |= _regions_of(report.place for report in case.reports)
        return [
            ("case", case.number),
            ("substance", case.substance.casefold()),
            *(("region", region) for region in sorted(regions)),
            *(("atc", case.atc[:length]) for length in (7, 5, 4, 3, 1) if case.atc and len(case.atc) >= length),
        ]


class FollowerTeller:
    """Puts in the outbox, or aside for the collected message, what those who follow should hear."""

    def __init__(self, renderer: Renderer, channels: ChannelKinds, people: PeopleService) -> None:
        self._renderer = renderer
        self._channels = channels
        self._people = people

    async def audiences(self, uow: UnitOfWork, targets: Iterable[str]) -> dict[str, Audience]:
        """Who reads at each target, by the grants that they have now."""
        wanted = sorted(set(targets))
        languages = await stored.languages(uow.session, [one for one in wanted if is_person(one)])
        found = {}
        for target in wanted:
            language = languages.get(target, "nb")
            reader = Actor("", target, language, None, *self._people.grants(target)) if is_person(target) else None
            found[target] = Audience(target, language, reader)
        return found

    async def case_news(
        self, uow: UnitOfWork, case: CaseView, what: Phrase | None, besides: Iterable[str | None]
    ) -> None:
        """Something about a case that matters: to everybody who follows it, but for those who hear it otherwise."""
        told = set(besides)
        widest = Audience("", "nb", None).subjects_of(case) + [("region", region) for region in _every_region(case)]
        of_each = _by_target(await stored.followers(uow.session, dict.fromkeys(widest)))
        audiences = await self.audiences(uow, [target for target in of_each if target not in told])
        today = oslo(uow.now).date()
        for target, audience in audiences.items():
            follow = deciding(of_each[target], audience.subjects_of(case), today)
            if follow is None or not audience.may_hear_of(case):
                continue
            if follow.pace != Pace.NOW.value:
                await self._put_aside(uow, follow, "case", case.number)
                continue
            template = "case_followed_full.j2" if audience.reads(case) else "case_followed.j2"
            message = self._renderer.render(
                template, audience.language, case=case, follows=follow.label, what=what, channel=audience.reader is None
            )
            await uow.say(f"follow:{case.number}:v{case.version}:{target}", target, message.text, message.blocks)

    async def silenced(self, uow: UnitOfWork, number: str, targets: Iterable[str]) -> set[str]:
        """Those of `targets` who have muted this case."""
        muted = await stored.followers(uow.session, [("case", number)])
        today = oslo(uow.now).date()
        return {one.target for one in muted if is_muted(one.muted_until, today)} & set(targets)

    async def pool_news(self, uow: UnitOfWork, news: Sequence[tuple[AlertView, int]]) -> None:
        """New, worse and past alerts (each with its version): to those who follow the pool and may see its stock."""
        of_pool: dict[str, list[tuple[AlertView, int]]] = defaultdict(list)
        for view, version in news:
            if view.change in NEWS_OF_A_POOL:
                of_pool[view.line.pool.id].append((view, version))
        follows = _by_target(await stored.followers(uow.session, [("pool", pool) for pool in of_pool]))
        audiences = await self.audiences(uow, follows)
        today = oslo(uow.now).date()
        for pool_id, changed in of_pool.items():
            pool = changed[0][0].line.pool
            for target, audience in audiences.items():
                follow = deciding(follows[target], [("pool", pool_id)], today)
                if follow is None or not self.sees_pool(audience, pool):
                    continue
                if follow.pace != Pace.NOW.value:
                    await self._put_aside(uow, follow, "pool", pool_id)
                    continue
                first, version = changed[0]
                message = self._renderer.render(
                    "pool_followed.j2",
                    audience.language,
                    alerts=[view for view, _ in changed[:MOST_LISTED]],
                    count=len(changed),
                    numbers={view.id for view, _ in changed},
                    pool=pool.name,
                    follows=follow.label,
                    channel=audience.reader is None,
                )
                await uow.say(f"pool:{first.id}:v{version}:{target}", target, message.text, message.blocks)

    def sees_pool(self, audience: Audience, pool: Pool) -> bool:
        """Whether a pool's numbers may be told there: its own people, or a closed channel where it is national."""
        if audience.reader is None:
            return self._channels.closed(audience.target) and pool.kind is not PoolKind.HOSPITAL
        return audience.reader.may(Action.READ_STOCK) and audience.reader.sees_stock_of(pool.id)

    async def _put_aside(self, uow: UnitOfWork, follow: Follow, about_kind: str, about: str) -> None:
        due_at = Pace(follow.pace).due(uow.now)
        await stored.put_aside(uow.session, follow, about_kind, about, at=uow.now, due_at=due_at)


def is_person(target: str) -> bool:
    """Whether a Slack id is a person's."""
    return addresses.is_person(target)


def _by_target(follows: Iterable[Follow]) -> dict[str, list[Follow]]:
    found: dict[str, list[Follow]] = defaultdict(list)
    for follow in follows:
        found[follow.target].append(follow)
    return found


def _regions_of(places: Iterable[str]) -> set[str]:
    """The regions of the places that the shipped list knows, as codes."""
    known = {place: trust.region for trust in trusts() for place in trust.places}
    return {REGION_CODES[known[place]] for place in places if place in known and known[place] in REGION_CODES}


def _every_region(case: CaseView) -> Iterator[str]:
    yield from (region.value for region in case.regions)
    yield from _regions_of(report.place for report in case.reports)
