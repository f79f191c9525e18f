"""Curves of stock for those who may see the numbers: to a person alone, in an alert's thread, in a case's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.medicine import Medicine
from bot.cases.views import named
from bot.cases.visibility import readable_by
from bot.cases.vocabulary import Visibility
from bot.charts.stock import StockChart
from bot.clock import oslo
from bot.delivery.channels import ChannelKinds
from bot.messages.phrase import Phrase, phrase, some
from bot.messages.render import Renderer
from bot.people.roles import Action, Actor
from bot.refusal import NotAllowed, Refused
from bot.settings import Settings
from bot.stock.cover import Cover, StockLine, merged_stock
from bot.stock.curves import Curve, Supposed, stock_chart
from bot.stock.pools import PoolKind
from bot.stock.reading import StockReading, of_medicine
from storage import cases as stored_cases
from storage.tables import ShortageCase, StockAlert
from storage.unit_of_work import Answer, Database, UnitOfWork

Stocked = tuple[StockLine, Cover]

NO_NUMBERS = phrase("Du har ikke tilgang til tallene for dette lageret. Spør Mangelsenteret om tilgang.")
NOTHING_STOCKED = phrase("Ingen lagertall er registrert i lager som du kan se.")


@dataclass(frozen=True, slots=True)
class Thread:
    """Where the others see the picture too: the message it goes under, by its key, and the channel."""

    key: str
    channel: str


class CurveService:
    """Puts curves in the outbox; the delivery worker draws them."""

    def __init__(
        self, database: Database, settings: Settings, renderer: Renderer, stock: StockReading, channels: ChannelKinds
    ) -> None:
        self._database = database
        self._settings = settings
        self._renderer = renderer
        self._stock = stock
        self._channels = channels

    async def of_medicine(self, medicine: Medicine, by: Actor, *, key: str | None) -> Phrase:
        """The curves of a medicine's stocks that `by` may see, sent to `by` alone; what to answer."""
        by.require(Action.READ_STOCK)

        async def work(uow: UnitOfWork) -> Answer:
            entries = await self._stock.covers(uow.session, oslo(uow.now).date(), **of_medicine(medicine))
            seen = [(entry.line, entry.cover) for entry in entries if by.sees_stock_of(entry.line.pool.id)]
            if not seen:
                raise Refused(NOTHING_STOCKED)
            case = await case_known_to(uow.session, [line for line, _ in seen], by)
            await self._send(uow, self._chart(medicine.name, seen, case, by.language, uow), by, key)
            return {}

        await self._database.once(key, work)
        return phrase("Kurven for {medicine} kommer i en direktemelding til deg.", medicine=medicine.name)

    async def of_alert(self, alert_id: int, by: Actor, *, key: str | None) -> Phrase:
        """The curve of an alert's stock: in its thread where the numbers may stand there, else to `by` alone."""
        by.require(Action.READ_STOCK)

        async def work(uow: UnitOfWork) -> Answer:
            alert = await uow.session.get(StockAlert, alert_id)
            if alert is None:
                raise Refused(phrase("Fant ikke varselet."))
            entry = (await self._stock.covers(uow.session, oslo(uow.now).date(), item_ids=[alert.item_id]))[0]
            pool, entries = entry.line.pool, [(entry.line, entry.cover)]
            if not by.sees_stock_of(pool.id):
                raise NotAllowed(NO_NUMBERS)
            title = f"{named(entry.item.name, entry.item.substance)} · {pool.name}"
            case = await case_known_to(uow.session, [entry.line], by)
            channel = self._settings.stock_channel
            thread = Thread(f"alert:{alert_id}", channel) if channel else None
            open_to_all = pool.kind is not PoolKind.HOSPITAL  # others' managers read the channel
            return await self._show(uow, title, entries, case, by, key, thread if open_to_all else None)

        return _where(await self._database.once(key, work))

    async def of_case(self, number: str, by: Actor, *, key: str | None) -> Phrase:
        """The curve of all stock of a case together: in its thread where the channel is closed, else to `by`."""
        by.require(Action.READ_CASES)
        by.require(Action.READ_STOCK)

        async def work(uow: UnitOfWork) -> Answer:
            case = await stored_cases.by_number(uow.session, number)
            if case is None or Visibility(case.visibility) not in readable_by(by):
                raise Refused(phrase("Fant ikke sak {number}.", number=number))
            today = oslo(uow.now).date()
            lines = await self._stock.lines_of_case(uow.session, case, today)
            entries = list(zip(lines, self._stock.covers_of(lines, today), strict=True))
            if not entries:
                raise Refused(phrase("Ingen lagertall er registrert for sak {number}.", number=number))
            channel = self._settings.cases_channel
            thread = Thread(f"card:{number}", channel) if channel else None
            title = f"{named(case.name, case.substance)} · {number}"
            return await self._show(uow, title, entries, case, by, key, thread)

        return _where(await self._database.once(key, work))

    async def _show(
        self,
        uow: UnitOfWork,
        title: str,
        entries: Sequence[Stocked],
        case: ShortageCase | None,
        by: Actor,
        key: str | None,
        thread: Thread | None,
    ) -> Answer:
        """Under the message that everyone in a closed channel reads, once a day; else to `by` alone."""
        if thread is None or not self._channels.closed(thread.channel) or await uow.said(thread.key) is None:
            await self._send(uow, self._chart(title, entries, case, by.language, uow), by, key)
            return {"where": "direct"}
        daily = f"{thread.key}:curve:{oslo(uow.now).date()}"
        if await uow.said(daily) is not None:
            return {"where": "already"}
        chart = self._chart(title, entries, case, "nb", uow)
        message = self._renderer.render("curve.j2", title=title)
        await uow.say(
            daily,
            thread.channel,
            message.text,
            message.blocks,
            reply_to=thread.key,
            picture=chart.as_json(),
            priority=7,
        )
        return {"where": "thread"}

    async def _send(self, uow: UnitOfWork, chart: StockChart, by: Actor, key: str | None) -> None:
        message = self._renderer.render("curve.j2", by.language, title=chart.title)
        await uow.say(
            f"curve:{key or uuid.uuid4()}",
            by.slack_user,
            message.text,
            message.blocks,
            picture=chart.as_json(),
            priority=7,
        )

    def _chart(
        self, title: str, entries: Sequence[Stocked], case: ShortageCase | None, language: str, uow: UnitOfWork
    ) -> StockChart:
        today = oslo(uow.now).date()
        lines = [line for line, _ in entries]
        curves = [Curve(name_of(line, lines), Supposed(line, cover)) for line, cover in entries]
        together = merged_stock(lines, as_of=today) if len(lines) > 1 else None
        words = self._renderer.words(language)
        if together is not None:
            whole, demand, lasts = together
            pools = some(list(dict.fromkeys(line.pool.name for line in lines)))
            all_of_it = Curve(words.say(phrase("Samlet: {pools}", pools=pools)), Supposed(whole, lasts, demand))
            curves = [all_of_it, *curves]
        return stock_chart(
            title,
            curves,
            as_of=today,
            words=words,
            shortage_end=case.expected_end if case else None,
            end_unknown=case is not None and case.expected_end is None,
        )


async def case_known_to(session: AsyncSession, lines: Sequence[StockLine], by: Actor) -> ShortageCase | None:
    """The open case of the preparation that all `lines` are, where `by` may know of it."""
    keys = {line.preparation_key for line in lines if line.preparation_key}
    case = await stored_cases.open_for_preparation(session, keys.pop()) if len(keys) == 1 else None
    if case is None:
        return None
    visibility = Visibility(case.visibility)
    readable = by.may(Action.READ_CASES) and visibility in readable_by(by)
    return case if readable or visibility is Visibility.PUBLISHED else None


def name_of(line: StockLine, among: Sequence[StockLine]) -> str:
    """The pool's name; the item's too where several items of one pool are shown."""
    several = sum(other.pool.id == line.pool.id for other in among) > 1
    return f"{line.pool.name}, {line.item}" if several else line.pool.name


def _where(answer: Answer) -> Phrase:
    match answer["where"]:
        case "thread":
            return phrase("Kurven kommer i tråden.")
        case "already":
            return phrase("Dagens kurve står i tråden.")
    return phrase("Kurven kommer i en direktemelding til deg.")
