"""Who wants to hear of what, how often, and what they do not want to hear of: a person, or a channel."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete

from bot.cases.views import CaseView, load_views
from bot.cases.visibility import is_hidden
from bot.cases.vocabulary import Region, Visibility
from bot.clock import Clock, oslo
from bot.messages.phrase import phrase
from bot.messages.render import Renderer
from bot.people.followers import Audience, FollowerTeller
from bot.people.roles import Action, Actor
from bot.people.subjects import Pace, Subject, is_muted
from bot.refusal import NotAllowed, Refused
from bot.stock.pools import Pool, PoolKind
from bot.stock.reading import StockReading
from storage import cases as stored_cases
from storage import people
from storage import stock as stored_stock
from storage.tables import Follow, FollowedNews, ShortageCase
from storage.unit_of_work import Answer, Database, Saying, UnitOfWork

LONGEST_MUTE = dt.timedelta(days=366)
MOST_COLLECTED = 15
"""Things in one collected message: what a phone shows without scrolling for long. The rest is counted."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of a wish to follow or stop: the label, whether anything changed, and how often one hears."""

    label: str
    changed: bool
    pace: str = Pace.NOW.value

    @property
    def often(self) -> Pace:
        """How often one hears of it."""
        return Pace(self.pace)


@dataclass(frozen=True, slots=True)
class FollowView:
    """One thing that is followed, or only kept quiet, for a list."""

    label: str
    pace: Pace
    muted_until: dt.date | None


@dataclass(frozen=True, slots=True)
class Collected:
    """One thing of a collected message: a case (in full where its reader may), or a pool with its open alerts."""

    label: str
    case: CaseView | None = None
    full: bool = False
    pool: str = ""
    alerts: int = 0


class FollowingService:
    """Follows, stops, mutes, and sends what was collected."""

    def __init__(
        self, database: Database, clock: Clock, renderer: Renderer, teller: FollowerTeller, stock: StockReading
    ) -> None:
        self._database = database
        self._clock = clock
        self._renderer = renderer
        self._teller = teller
        self._stock = stock

    # --- following ---

    async def follow(
        self, subject: Subject, by: Actor, *, channel: str | None, key: str | None, pace: Pace | None = None
    ) -> Followed:
        """Let `by`, or `channel`, hear of `subject`; `pace` None keeps what it was. Only the centre may for a channel.

        Raises `Refused` for a case that `by` may not hear of, just as for one that does not exist, and for a pool
        whose stock they may not see.
        """
        target = _target(by, channel)

        async def work(uow: UnitOfWork) -> Answer:
            await self._require_asking(uow.session, subject, by, channel)
            known = await people.follow_of(uow.session, target, subject.kind, subject.ref)
            if known is None:
                chosen = pace or Pace.NOW
                await uow.add(
                    Follow(
                        target=target,
                        kind=subject.kind,
                        subject=subject.ref,
                        label=subject.label[:300],
                        pace=chosen.value,
                        since=uow.now,
                        by=by.person,
                    )
                )
                return {"label": subject.label, "changed": True, "pace": chosen.value}
            wanted = pace or (Pace.NOW if known.pace == Pace.NEVER.value else Pace(known.pace))
            muted = is_muted(known.muted_until, oslo(uow.now).date())
            changed = wanted.value != known.pace or muted
            known.pace, known.muted_until = wanted.value, None
            return {"label": subject.label, "changed": changed, "pace": wanted.value}

        return Followed(**await self._database.once(key, work))

    async def unfollow(self, subject: Subject, by: Actor, *, channel: str | None, key: str | None) -> Followed:
        """Stop telling `by`, or `channel`, of `subject`."""
        target = _target(by, channel)

        async def work(uow: UnitOfWork) -> Answer:
            known = await people.follow_of(uow.session, target, subject.kind, subject.ref)
            if known is None or known.pace == Pace.NEVER.value:
                await self._require_asking(uow.session, subject, by, channel)
                return {"label": subject.label, "changed": False}
            await uow.session.execute(delete(FollowedNews).where(col(FollowedNews.follow_id) == known.id))
            await uow.session.delete(known)
            return {"label": subject.label, "changed": True}

        return Followed(**await self._database.once(key, work))

    async def stop(self, follow_label: str, by: Actor, *, channel: str | None, key: str | None) -> Followed:
        """Stop following what is called `follow_label`, as a message in `channel` (None: to the person) named it.

        Raises `Refused` where it is unknown.
        """
        follow = await self._called(follow_label, by, channel)
        return await self.unfollow(Subject(follow.kind, follow.subject, follow.label), by, channel=channel, key=key)

    async def mute(
        self,
        case_number: str | None,
        follow_label: str | None,
        until: dt.date | None,
        by: Actor,
        *,
        channel: str | None,
        key: str | None,
    ) -> str:
        """Say nothing of a case, or of all that is called `follow_label`, to the end of `until`; what is quiet now.

        What happens meanwhile is not told afterwards either.
        """
        today = oslo(self._clock.now()).date()
        if until is None or not today <= until <= today + LONGEST_MUTE:
            raise Refused(phrase("Velg en dag fra i dag og innen et år."), field="until")
        target = _target(by, channel)
        if case_number is None:
            follow = await self._called(follow_label or "", by, channel)
            subject = Subject(follow.kind, follow.subject, follow.label)
        else:
            subject = Subject("case", case_number, case_number)

        async def work(uow: UnitOfWork) -> Answer:
            await self._require_asking(uow.session, subject, by, channel)
            known = await people.follow_of(uow.session, target, subject.kind, subject.ref)
            if known is None:
                known = Follow(
                    target=target,
                    kind=subject.kind,
                    subject=subject.ref,
                    label=subject.label,
                    pace=Pace.NEVER.value,
                    since=uow.now,
                    by=by.person,
                )
            known.muted_until = until
            await uow.add(known)
            await uow.session.execute(
                delete(FollowedNews).where(
                    col(FollowedNews.target) == target,
                    (col(FollowedNews.follow_id) == known.id)
                    | ((col(FollowedNews.about_kind) == subject.kind) & (col(FollowedNews.about) == subject.ref)),
                )
            )
            return {"label": subject.label}

        return str((await self._database.once(key, work))["label"])

    async def _called(self, label: str, by: Actor, channel: str | None) -> Follow:
        target = _target(by, channel)
        async with self._database.read() as session:
            known = await people.follows_of(session, target)
        follow = next((one for one in known if one.label == label and one.pace != Pace.NEVER.value), None)
        if follow is None:
            raise Refused(phrase("{label} følges ikke lenger.", label=label))
        return follow

    async def _require_asking(self, session: AsyncSession, subject: Subject, by: Actor, channel: str | None) -> None:
        """Nobody learns more by following than by asking."""
        if subject.kind == "case":
            case = await stored_cases.by_number(session, subject.ref)
            if case is None or not await self._may_ask_of(session, case, by, channel):
                raise Refused(phrase("Fant ikke sak {number}.", number=subject.ref))
        if subject.kind == "pool":
            pool = (await self._stock.pools(session)).get(subject.ref)
            if pool is None or not self._sees(pool, by) or (channel is not None and pool.kind is PoolKind.HOSPITAL):
                raise NotAllowed(phrase("Lageret kan bare følges av dem som ser tallene i det."))

    async def _may_ask_of(self, session: AsyncSession, case: ShortageCase, by: Actor, channel: str | None) -> bool:
        """An internal case is for the centre and those who reported it; never for a channel."""
        visibility = Visibility(case.visibility)
        if channel is not None:
            return visibility is not Visibility.INTERNAL
        if not is_hidden(visibility, by):
            return True
        return any(
            one.reporter == by.person for one in (await stored_cases.reports(session, [case.id or 0]))[case.id or 0]
        )

    def _sees(self, pool: Pool, by: Actor) -> bool:
        return by.may(Action.READ_STOCK) and by.sees_stock_of(pool.id)

    # --- finding ---

    async def region_or_pool(self, words: str, by: Actor) -> Subject | None:
        """A region by its name; a pool by its name, where `by` may see its stock."""
        said = " ".join(words.casefold().removesuffix(" rhf").split())
        for region in Region:
            if said == str(region.words).casefold():
                return Subject("region", region.value, str(region.words))
        async with self._database.read() as session:
            pools = (await self._stock.pools(session)).values()
        return next(
            (
                Subject("pool", pool.id, pool.name)
                for pool in pools
                if said.removeprefix("lager ") in (pool.name.casefold(), pool.id) and self._sees(pool, by)
            ),
            None,
        )

    async def followed_by(self, by: Actor) -> list[str]:
        """The labels of what `by` follows."""
        return [one.label for one in await self.follows_of(by) if one.pace is not Pace.NEVER]

    async def follows_of(self, by: Actor, *, channel: str | None = None) -> list[FollowView]:
        """What `by`, or a channel, follows, and what is muted; mutes that are over are left out."""
        today = oslo(self._clock.now()).date()
        async with self._database.read() as session:
            rows = await people.follows_of(session, channel or by.slack_user)
        return [
            FollowView(row.label, Pace(row.pace), row.muted_until if is_muted(row.muted_until, today) else None)
            for row in rows
            if row.pace != Pace.NEVER.value or is_muted(row.muted_until, today)
        ]

    # --- collected ---

    async def send_collected(self) -> int:
        """Send what was put aside and is due, one message to each; how many messages. Nothing happened: none."""
        now = self._clock.now()
        async with self._database.read() as session:
            if not await people.news_due(session, now):
                return 0
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:collected")
            rows = await people.news_due(uow.session, now)
            follows = await people.follows_by_id(uow.session, {row.follow_id for row in rows})
            cases = await self._cases(uow, [row.about for row in rows if row.about_kind == "case"])
            pools = await self._stock.pools(uow.session)
            alerts = await stored_stock.pools_of_open_alerts(uow.session)
            of_each: dict[str, list[FollowedNews]] = defaultdict(list)
            for row in rows:
                of_each[row.target].append(row)
            audiences = await self._teller.audiences(uow, of_each)
            sayings: list[Saying] = []
            for target, news in of_each.items():
                audience = audiences[target]
                found = [
                    one
                    for row in news
                    if (one := self._collected(row, follows.get(row.follow_id), audience, cases, pools, alerts, now))
                ]
                sayings += self._message(audience, news, found)
            await uow.say_all(sayings)
            await uow.session.execute(delete(FollowedNews).where(col(FollowedNews.id).in_([row.id for row in rows])))
            return len({saying.channel for saying in sayings})

    def _collected(
        self,
        row: FollowedNews,
        follow: Follow | None,
        audience: Audience,
        cases: dict[str, CaseView],
        pools: dict[str, Pool],
        alerts: Sequence[str],
        now: dt.datetime,
    ) -> Collected | None:
        """One thing as it stands now, by what its reader may read now; None where nothing may be said of it."""
        if follow is None or is_muted(follow.muted_until, oslo(now).date()):
            return None
        if row.about_kind == "pool":
            pool = pools.get(row.about)
            if pool is None or not self._teller.sees_pool(audience, pool):
                return None
            return Collected(follow.label, pool=pool.name, alerts=alerts.count(pool.id))
        case = cases.get(row.about)
        if case is None or not audience.may_hear_of(case):
            return None
        return Collected(follow.label, case=case, full=audience.reads(case))

    def _message(self, audience: Audience, rows: Sequence[FollowedNews], found: Sequence[Collected]) -> list[Saying]:
        if not found:
            return []
        parts = self._renderer.render_parts(
            "followed_collected.j2",
            audience.language,
            news=found[:MOST_COLLECTED],
            more=max(0, len(found) - MOST_COLLECTED),
            labels=list(dict.fromkeys(one.label for one in found))[:MOST_COLLECTED],
            channel=audience.reader is None,
        )
        key = f"collected:{min(row.id or 0 for row in rows)}:{audience.target}"
        return [
            Saying(key if number == 1 else f"{key}:{number}", audience.target, part.text, part.blocks, priority=7)
            for number, part in enumerate(parts, 1)
        ]

    async def _cases(self, uow: UnitOfWork, numbers: Sequence[str]) -> dict[str, CaseView]:
        rows = list((await stored_cases.by_numbers(uow.session, set(numbers))).values())
        views = await load_views(uow.session, rows, self._stock, oslo(uow.now).date()) if rows else []
        return {view.number: view for view in views}


def _target(by: Actor, channel: str | None) -> str:
    if channel:
        by.require(Action.FOLLOW_FOR_CHANNEL)
    return channel or by.slack_user
