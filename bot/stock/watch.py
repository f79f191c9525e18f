"""Watches what an open shortage may pull down with it, and says so before it is empty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.medicine import Medicine, as_written, from_preparation, from_substance
from bot.cases.opening import name_preparation, open_case
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import named
from bot.cases.vocabulary import Cause, Source, Status, Visibility
from bot.catalogue.catalogue import Catalogue
from bot.clock import oslo
from bot.delivery.channels import ChannelKinds
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.people.roles import Action, Actor
from bot.refusal import NotAllowed, Refused
from bot.settings import Settings
from bot.stock.cover import CaseCover, StockLine, case_cover, draw_on
from bot.stock.domino import Domino, Effect, Link, Preparation, Relative, domino, drawn_daily, watched
from bot.stock.pools import PoolKind
from bot.stock.reading import StockReading, whole_substance
from storage import candidates as stored
from storage import cases as stored_cases
from storage.tables import DominoAlert, ShortageCase, StockItem
from storage.unit_of_work import Answer, Database, UnitOfWork

COUNTS_BACK = dt.timedelta(days=60)
"""How far back counts and uses speak of the present draw."""


@dataclass(frozen=True, slots=True)
class DominoView:
    """One possible domino effect as plain values. `case` is the short medicine's, `own_case` the relative's."""

    id: int
    case: str
    short: str
    title: str
    says: Phrase
    cover: CaseCover
    own_case: str | None
    over: bool
    internal: bool
    """Whether the case is the centre's alone; then only its thread hears of it."""
    hospital: bool
    """Whether a hospital's own stock is among those summed: others may not see its figures."""


@dataclass(slots=True)
class _Stocked:
    """One medicine in the pools: its lines, and what has been counted of each lately."""

    key: str
    name: str
    substance: str | None
    atc: str | None
    lines: list[tuple[StockItem, StockLine]] = field(default_factory=list)

    def cover(self, today: dt.date, moved_daily: float = 0.0) -> CaseCover:
        lines = [line for _, line in self.lines]
        return case_cover(lines, shortage_start=None, shortage_end=None, as_of=today, moved_daily=moved_daily)


class DominoService:
    """Looks at the relatives of every open case, and answers for what was seen."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        renderer: Renderer,
        stock: StockReading,
        channels: ChannelKinds,
        teller: CaseTeller,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        self._database = database
        self._settings = settings
        self._render = renderer.render
        self._stock = stock
        self._channels = channels
        self._teller = teller
        self._catalogue = catalogue

    # --- looking ---

    async def look(self) -> list[DominoView]:
        """Raise what has come, close what is over, bring the rest up to date; what was raised or closed."""
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:cases")
            today = oslo(uow.now).date()
            known = {(row.case_id, row.relative_key): row for row in await stored.open_dominoes(uow.session)}
            cases = await stored_cases.open_cases(uow.session)
            by_id = {case.id: case for case in cases if case.id is not None}
            if not cases and not known:
                return []
            links = await self._stock.candidates.links(uow.session, {case.preparation_key for case in cases}, today)
            stocked = await self._stocked(uow.session, cases, links, known.values(), today)
            counts = await stored.counted(
                uow.session,
                [item.id for one in stocked.values() for item, _ in one.lines if item.id is not None],
                today - COUNTS_BACK,
            )
            whole = {key: whole_substance(one.substance) for key, one in stocked.items() if one.substance}
            own_cases = await stored_cases.open_numbers(uow.session, {*stocked, *whole.values()})
            news: list[DominoView] = []
            for case in cases:
                for relative, link in self._relatives(case, stocked, links.get(case.preparation_key, ())):
                    row = known.pop((case.id or 0, relative.key), None)
                    figures = self._figures(case, relative, link, stocked, counts, today)
                    seen = domino(figures, raised=row is not None)
                    own_case = own_cases.get(relative.key) or own_cases.get(whole.get(relative.key, ""))
                    if row is None and seen is not None and own_case is None:
                        news.append(await self._raise(uow, case, relative, seen, today))
                    elif row is not None and seen is not None:
                        row.effect, row.figure, row.share = seen.effect.value, seen.figure, seen.share
                        row.case_number = row.case_number or own_case
                        await self._redraw(uow, _view(row, case, relative, today))
                    elif row is not None:
                        news.append(await self._close(uow, row, case, relative, today))
            ended = await stored_cases.by_ids(uow.session, {row.case_id for row in known.values()})
            for row in known.values():
                of = by_id.get(row.case_id) or ended[row.case_id]
                left = stocked.get(row.relative_key) or _gone(row)
                news.append(await self._close(uow, row, of, left, today))
            return news

    async def _stocked(
        self,
        session: AsyncSession,
        cases: Sequence[ShortageCase],
        links: Mapping[str, Sequence[Link]],
        known: Iterable[DominoAlert],
        today: dt.date,
    ) -> dict[str, _Stocked]:
        """What stands in the pools of the cases' own medicines and their relatives, by preparation."""
        ids = await stored.stocked_relatives(
            session,
            [case.atc[:5] for case in cases if case.atc and len(case.atc) >= 5],
            [case.substance for case in cases],
            [
                *(link.candidate.key for them in links.values() for link in them),
                *(case.preparation_key for case in cases),
                *(row.relative_key for row in known),
            ],
        )
        found: dict[str, _Stocked] = {}
        for item, line in await self._stock.lines(session, today, item_ids=ids) if ids else []:
            key = item.preparation_key or item.key
            found.setdefault(key, _Stocked(key, item.name, item.substance, item.atc)).lines.append((item, line))
        return found

    def _relatives(
        self, case: ShortageCase, stocked: Mapping[str, _Stocked], links: Sequence[Link]
    ) -> list[tuple[_Stocked, Link | None]]:
        described = self._stock.candidates.described
        short = described(case.preparation_key, case.name, case.atc)
        whole = case.preparation_key.endswith("|")
        others: list[Preparation] = [
            described(one.key, one.name, one.atc)
            for one in stocked.values()
            if not (
                (one.substance or "").casefold() == case.substance.casefold()
                and (whole or not self._catalogue().same_preparation(one.key))
            )
        ]
        by_key = {link.candidate.key: link for link in links}
        return [(stocked[one.key], by_key.get(one.key)) for one in watched(short, others, links)]

    def _figures(
        self,
        case: ShortageCase,
        relative: _Stocked,
        link: Link | None,
        stocked: Mapping[str, _Stocked],
        counts: Mapping[int, Sequence[tuple[dt.date, float]]],
        today: dt.date,
    ) -> Relative:
        """What is drawn of the relative now and was before, and how long it lasts if it takes over its share."""
        opened = oslo(case.opened_at).date()
        since = min(case.start or opened, opened)
        expected = present = 0.0
        told = False
        for item, line in relative.lines:
            base = {None, line.pool.drawn_by}
            recent = [
                (use.first, min(use.last, today - dt.timedelta(1)), use.quantity)
                for use in line.uses
                if use.base in base and use.first >= today - COUNTS_BACK and use.first < today
            ]
            now = drawn_daily(counts.get(item.id or 0, ()), recent, since=since)
            if now is None:
                continue
            before = draw_on(replace(line, uses=tuple(use for use in line.uses if use.last < since)), since)
            if before is not None:
                told, expected, present = True, expected + before.daily, present + now
        share = lasts = needed = None
        own = stocked.get(case.preparation_key)
        if link is not None and link.share is not None and link.ratio is not None and own is not None:
            lost = own.cover(today).cover.daily_demand
            needed = self._days_needed(case, relative, today)
            if lost is not None and needed is not None:
                share = link.share
                lasts = relative.cover(today, lost * link.share * link.ratio).cover.days_of_cover
        return Relative(
            relative.name,
            expected_daily=expected if told else None,
            present_daily=present if told else None,
            share=share,
            lasts_days=lasts,
            days_needed=needed,
        )

    def _days_needed(self, case: ShortageCase, relative: _Stocked, today: dt.date) -> int | None:
        """Until the shortage is over; where its end is unknown, the longest alert limit of the relative's pools."""
        if case.expected_end is not None:
            return max(0, (case.expected_end - today).days + self._stock.ward_days(case))
        limits = [line.pool.limit_days or self._settings.threshold_days for _, line in relative.lines]
        return max((round(limit) for limit in limits if limit is not None), default=None)

    # --- telling ---

    async def _raise(
        self, uow: UnitOfWork, case: ShortageCase, relative: _Stocked, seen: Domino, today: dt.date
    ) -> DominoView:
        row = DominoAlert(
            case_id=case.id or 0,
            relative_key=relative.key,
            name=relative.name,
            substance=relative.substance,
            atc=relative.atc,
            effect=seen.effect.value,
            figure=seen.figure,
            share=seen.share,
            raised_at=uow.now,
        )
        await uow.add(row)
        uow.record(f"case:{case.number}", "domino_raised", by=None, relative=relative.name, effect=row.effect)
        view = _view(row, case, relative, today)
        for key, channel, reply_to in await self._places(uow, view):
            message = self._message(view, channel)
            await uow.say(key, channel, message.text, message.blocks, reply_to=reply_to, priority=1)
        return view

    async def _close(
        self, uow: UnitOfWork, row: DominoAlert, case: ShortageCase, relative: _Stocked, today: dt.date
    ) -> DominoView:
        row.closed_at = uow.now
        uow.record(f"case:{case.number}", "domino_over", by=None, relative=row.name)
        view = _view(row, case, relative, today)
        await self._redraw(uow, view)
        message = self._render("domino_over.j2", domino=view)
        for key, channel, thread in await self._places(uow, view):
            if await uow.said(key) is not None:
                over = f"{key}:over"
                await uow.say(over, channel, message.text, message.blocks, reply_to=thread or key, priority=4)
        return view

    async def _places(self, uow: UnitOfWork, view: DominoView) -> list[tuple[str, str, str | None]]:
        """Where it is told: (key, channel, the thread's key), in the stock channel and in the case's thread."""
        places: list[tuple[str, str, str | None]] = []
        if self._settings.stock_channel is not None and not view.internal:
            places.append((f"domino:{view.id}", self._settings.stock_channel, None))
        card = f"card:{view.case}"
        if self._settings.cases_channel is not None and await uow.said(card) is not None:
            places.append((f"domino:{view.id}:case", self._settings.cases_channel, card))
        return places

    def _message(self, view: DominoView, channel: str) -> Message:
        numbers = self._channels.closed(channel) and not (view.hospital and channel == self._settings.stock_channel)
        return self._render("domino.j2", domino=view, numbers=numbers)

    async def _redraw(self, uow: UnitOfWork, view: DominoView) -> None:
        """Bring what was told up to date, in place."""
        places = await self._places(uow, view)
        last = await uow.last_said([key for key, *_ in places])
        for key, channel, _ in places:
            message = self._message(view, channel)
            if key in last and last[key].blocks != list(message.blocks):
                after = f"{key}:after:{last[key].id}"
                await uow.say(after, channel, message.text, message.blocks, edits=key, priority=6)

    # --- answering ---

    async def open_case(self, domino_id: int, by: Actor, *, key: str | None) -> tuple[str, bool]:
        """A case of the relative, caused by the domino effect and in the same complex; the open one where there is one.

        Gives its number and whether it is new. For the centre, and for those who manage one of its pools.
        """
        by.require(Action.ANSWER_ALERT)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            row = await uow.session.get(DominoAlert, domino_id)
            if row is None or row.closed_at is not None:
                raise Refused(phrase("Dette er ikke lenger en mulig dominoeffekt."))
            source = (await stored_cases.by_ids(uow.session, [row.case_id]))[row.case_id]
            if not Status(source.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=source.number))
            today = oslo(uow.now).date()
            stocked = (await self._stocked(uow.session, [], {}, [row], today)).get(row.relative_key)
            pools = {line.pool.id for _, line in stocked.lines} if stocked else set()
            if not any(by.manages(pool) for pool in pools or {""}):
                raise NotAllowed(phrase("Du har ikke ansvar for dette lageret. Spør Mangelsenteret om tilgang."))
            medicine = self._medicine(row)
            case = await stored_cases.open_for_preparation(uow.session, medicine.key)
            new = case is None
            if case is None:
                case = await open_case(uow, medicine, source=Source.CENTRE, by=by.person)
                await name_preparation(uow, case, medicine)
                case.decision_question = str(
                    phrase("Mulig dominoeffekt av sak {number}. Hva gjør vi?", number=source.number)
                )
            case.cause = case.cause or Cause.DOMINO.value
            case.domino_of = case.domino_of or source.number
            await stored.join_complexes(uow.session, source, case)
            row.case_number = case.number
            uow.record(f"case:{case.number}", "domino_of", by=by.person, of=source.number)
            joined = phrase("Mulig dominoeffekt av sak {number}.", number=source.number)
            if new:
                await self._teller.opened(uow, case)
            else:
                await self._teller.changed(uow, case, Change(joined), by=by.person)
            opened = phrase("Mulig dominoeffekt: sak {number}, {name}.", number=case.number, name=case.name)
            await self._teller.changed(uow, source, Change(opened), by=by.person)
            view = _view(row, source, stocked or _gone(row), today)
            await self._redraw(uow, view)
            return {"number": case.number, "new": new}

        answer = await self._database.once(key, work)
        return str(answer["number"]), bool(answer["new"])

    def _medicine(self, row: DominoAlert) -> Medicine:
        same = self._catalogue().same_preparation(row.relative_key)
        if same:
            return from_preparation(next((one for one in same if one.name.casefold() == row.name.casefold()), same[0]))
        return from_substance(row.substance, row.atc) if row.substance else as_written(row.name)


def _gone(row: DominoAlert) -> _Stocked:
    """The medicine of an alert, no longer in any pool."""
    return _Stocked(row.relative_key, row.name, row.substance, row.atc)


def _view(row: DominoAlert, case: ShortageCase, relative: _Stocked, today: dt.date) -> DominoView:
    assert row.id is not None  # noqa: S101
    return DominoView(
        id=row.id,
        case=case.number,
        short=case.name,
        title=named(row.name, row.substance),
        says=Domino(Effect(row.effect), row.figure, row.share).words,
        cover=relative.cover(today),
        own_case=row.case_number,
        over=row.closed_at is not None,
        internal=case.visibility == Visibility.INTERNAL.value,
        hospital=any(line.pool.kind is PoolKind.HOSPITAL for _, line in relative.lines),
    )
