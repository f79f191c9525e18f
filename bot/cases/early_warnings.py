"""Early warnings: a substance of our stocks that is short in several neighbouring countries, told of once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.elsewhere import CountryLine, country_lines, of_the_case, short_abroad
from bot.cases.forms import why_not_relevant
from bot.cases.medicine import Medicine, from_any_brand, from_substance
from bot.cases.opening import name_preparation, open_case
from bot.cases.telling import CaseTeller
from bot.cases.vocabulary import Source
from bot.catalogue.catalogue import Catalogue
from bot.clock import Clock, oslo, today
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.registers.abroad import REGISTERS, Abroad
from bot.registers.compare import Verdict
from bot.registers.early import ShortAbroad, Stocked, key_of, same_use, warn
from bot.settings import Settings
from storage import abroad as stored
from storage import cases as stored_cases
from storage.tables import EarlyWarning, RegisterList
from storage.unit_of_work import Answer, Database, Saying, UnitOfWork

SHOWN = 5
"""Warnings in a message; the rest are one click away."""


@dataclass(frozen=True, slots=True)
class WarningView:
    """An early warning as plain values. `pools`: where we have it. `case`: its case, once there is one."""

    id: int
    substance: str
    atc: str | None
    countries: tuple[CountryLine, ...]
    pools: tuple[str, ...]
    verdict: Verdict | None
    reason: str | None
    case: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A list in numbers: its rows, those not seen before, those that are gone."""

    rows: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True)
class AbroadTold:
    """What is said of a register's list. `shown`: by a person, who can take it back; `also`: of followed substances."""

    list_id: int
    country: Phrase
    name: str
    as_of: dt.date
    counted: Counted | None
    warnings: tuple[WarningView, ...]
    more: int
    also: tuple[tuple[str, tuple[Phrase, ...]], ...] = ()


class EarlyWarningService:
    """Looks at all registers together when one of them has been read, and keeps what people decide of what it finds."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        renderer: Renderer,
        teller: CaseTeller,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._teller = teller
        self._catalogue = catalogue

    # --- when a list has been read ---

    async def look(self, uow: UnitOfWork, record: RegisterList, abroad: Abroad, counted: Counted) -> None:
        """Warn of what has become short in several neighbours, end what no neighbour has, and say so.

        A list that nobody sent is told of only where it brings something.
        """
        short = await short_abroad(uow.session, oslo(uow.now).date())
        cases = await stored.in_open_cases(uow.session)
        ours = {Stocked(substance, atc) for substance, atc, *_ in await stored.stocked(uow.session)}
        ours |= {Stocked(substance, atc) for _, substance, atc in cases}
        standing = {row.key: row for row in await stored.standing(uow.session)}
        found = warn(short, ours, set(standing))
        for key in found.over:
            standing[key].ended_at = uow.now
        also = self._news(uow, standing, short)
        rows = []
        for one in found.new:
            case = next((number for number, name, atc in cases if of_the_case(one, name, atc)), None)
            rows.append(_row(one, record.id or 0, uow.now, case))
        await uow.add(*rows)
        for row in rows:
            uow.record(f"early_warning:{row.id}", "raised", by=None, substance=row.substance, countries=row.countries)
        channel = self._settings.cases_channel
        if channel is None:
            return
        newest = await stored.newest(uow.session, list(REGISTERS))
        await self._tell_cases(uow, channel, [row for row in rows if row.case_number], short, newest)
        if record.sent_by is not None or also or any(row.case_number is None for row in rows):
            told = await self._told(uow, record, abroad, counted, also)
            message = self._renderer.render("abroad_read.j2", told=told)
            await uow.say(_list_key(record.id), channel, message.text, message.blocks)

    def _news(
        self, uow: UnitOfWork, standing: Mapping[str, EarlyWarning], short: Mapping[str, ShortAbroad]
    ) -> tuple[tuple[str, tuple[Phrase, ...]], ...]:
        """What has changed in the neighbours about the substances that somebody follows."""
        news = []
        for key, row in standing.items():
            now = list(short[key].neighbours) if key in short else []
            if row.verdict != Verdict.FOLLOW or set(now) == set(row.countries):
                continue
            said = [
                phrase("nå også i {country}", country=REGISTERS[one].country) for one in now if one not in row.countries
            ]
            said += [
                phrase("står ikke lenger i listen i {country}", country=REGISTERS[one].country)
                for one in row.countries
                if one not in now and one in REGISTERS
            ]
            news.append((row.substance, tuple(said)))
            row.countries = now
        return tuple(news)

    async def _tell_cases(
        self,
        uow: UnitOfWork,
        channel: str,
        rows: Sequence[EarlyWarning],
        short: Mapping[str, ShortAbroad],
        newest: Mapping[str, dt.date],
    ) -> None:
        """A line in the thread of each case whose substance is short elsewhere too."""
        sayings = []
        for row in rows:
            lines = country_lines(short[row.key].countries, newest)
            message = self._renderer.render("case_abroad.j2", substance=row.substance, abroad=lines)
            sayings.append(
                Saying(
                    f"early:{row.id}:{row.case_number}",
                    channel,
                    message.text,
                    message.blocks,
                    reply_to=f"card:{row.case_number}",
                    priority=8,
                )
            )
        await uow.say_all(sayings)

    async def _told(
        self,
        uow: UnitOfWork,
        record: RegisterList,
        abroad: Abroad,
        counted: Counted | None,
        also: tuple[tuple[str, tuple[Phrase, ...]], ...] = (),
    ) -> AbroadTold:
        rows = [
            row for row in await stored.of_list(uow.session, record.id or 0) if row.verdict_by or not row.case_number
        ]
        views = await self._views(uow.session, rows, oslo(uow.now).date())
        return AbroadTold(
            list_id=record.id or 0,
            country=abroad.country,
            name=abroad.name,
            as_of=record.as_of,
            counted=counted,
            warnings=tuple(views[:SHOWN]),
            more=max(0, len(views) - SHOWN),
            also=also,
        )

    async def taken_back(self, uow: UnitOfWork, list_id: int) -> None:
        """The warnings of a list that was taken back go with it, but for those that somebody has decided on."""
        await stored.forget_warnings(uow.session, list_id)

    # --- what people see and decide ---

    async def undecided(self, by: Actor) -> list[WarningView]:
        """Warnings that nobody has decided on, the newest first."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            rows = [row for row in await stored.standing(session) if row.verdict is None]
            return await self._views(session, rows[::-1], today(self._clock))

    async def of_id(self, warning_id: int, by: Actor) -> tuple[WarningView, tuple[Medicine, ...]]:
        """A warning that somebody is about to decide on, and the medicines that it may be about, stocked ones first."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            row = self._open(await session.get(EarlyWarning, warning_id))
            (view,) = await self._views(session, [row], today(self._clock))
            stocked = await stored.stocked(session)
        keys = [
            key
            for substance, atc, key, *_ in stocked
            if key and same_use(row.substance, row.atc, Stocked(substance, atc))
        ]
        found = [
            from_any_brand(same) for key in dict.fromkeys(keys) if (same := self._catalogue().same_preparation(key))
        ]
        return view, (*found, from_substance(row.substance, row.atc))

    async def open_case_of(self, warning_id: int, medicine: Medicine, by: Actor, *, key: str | None) -> str:
        """A case for the medicine, or the open one that it has; its number."""
        by.require(Action.WORK_ON_CASE)
        if medicine.is_open:
            raise Refused(phrase("Velg {name} med styrke og form.", name=medicine.name), field="medicine")

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            row = self._open(await uow.session.get(EarlyWarning, warning_id))
            case = await stored_cases.open_for_preparation(uow.session, medicine.key)
            if case is None:
                case = await open_case(uow, medicine, source=Source.CENTRE, by=by.person)
                await name_preparation(uow, case, medicine)
                await self._teller.opened(uow, case)
            row.case_number = case.number
            await self._decide(uow, row, Verdict.CASE, by)
            return {"number": case.number}

        return str((await self._database.once(key, work))["number"])

    async def follow(self, warning_id: int, by: Actor, *, key: str | None) -> str:
        """Keep an eye on a substance without a case: what changes in the neighbours is told. Its name."""
        return await self._decided(warning_id, Verdict.FOLLOW, by, key)

    async def dismiss(self, warning_id: int, reason: str, by: Actor, *, key: str | None) -> str:
        """Not relevant, with a reason that holds as long as any neighbour has the shortage. The substance's name."""
        return await self._decided(warning_id, Verdict.NOT_RELEVANT, by, key, why_not_relevant(reason))

    async def _decided(
        self, warning_id: int, verdict: Verdict, by: Actor, key: str | None, reason: str | None = None
    ) -> str:
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            row = self._open(await uow.session.get(EarlyWarning, warning_id))
            row.reason = reason
            await self._decide(uow, row, verdict, by)
            return {"name": row.substance}

        return str((await self._database.once(key, work))["name"])

    @staticmethod
    def _open(row: EarlyWarning | None) -> EarlyWarning:
        """The warning. Raises `Refused` where there is none any more, or somebody has decided on it."""
        if row is None:
            raise Refused(phrase("Fant ikke varselet. Listen det kom med, er angret."))
        if row.verdict == Verdict.CASE:
            raise Refused(phrase("{name} har allerede sak {number}.", name=row.substance, number=row.case_number))
        if row.verdict == Verdict.FOLLOW:
            raise Refused(phrase("{name} er allerede vurdert: følges.", name=row.substance))
        if row.verdict is not None:
            raise Refused(phrase("{name} er allerede vurdert: ikke aktuell.", name=row.substance))
        return row

    async def _decide(self, uow: UnitOfWork, row: EarlyWarning, verdict: Verdict, by: Actor) -> None:
        """Keep the verdict, and let the list's message say so."""
        row.verdict, row.verdict_by, row.verdict_at = verdict.value, by.person, uow.now
        uow.record(f"early_warning:{row.id}", verdict.value, by=by.person, reason=row.reason, case=row.case_number)
        await uow.session.flush()
        channel, list_key = self._settings.cases_channel, _list_key(row.list_id)
        record = await uow.session.get(RegisterList, row.list_id)
        abroad = REGISTERS.get(record.source) if record is not None else None
        if channel is None or record is None or abroad is None or await uow.said(list_key) is None:
            return
        told = await self._told(uow, record, abroad, None)
        message = self._renderer.render("abroad_read.j2", told=told)
        await uow.say(f"{list_key}:early:{row.id}", channel, message.text, message.blocks, edits=list_key)

    async def _views(self, session: AsyncSession, rows: Sequence[EarlyWarning], day: dt.date) -> list[WarningView]:
        if not rows:
            return []
        short = await short_abroad(session, day, {f"{row.substance.casefold()}|" for row in rows})
        newest = await stored.newest(session, list(REGISTERS))
        stocked = await stored.stocked(session)
        views = []
        for row in rows:
            now = short.get(key_of(row.substance, row.atc))
            here = (pool for name, atc, _, _, pool in stocked if same_use(row.substance, row.atc, Stocked(name, atc)))
            views.append(
                WarningView(
                    id=row.id or 0,
                    substance=row.substance,
                    atc=row.atc,
                    countries=country_lines(now.countries, newest) if now else (),
                    pools=tuple(dict.fromkeys(here)),
                    verdict=Verdict(row.verdict) if row.verdict else None,
                    reason=row.reason,
                    case=row.case_number,
                )
            )
        return views


def _row(one: ShortAbroad, list_id: int, at: dt.datetime, case: str | None) -> EarlyWarning:
    return EarlyWarning(
        key=one.key[:400],
        substance=one.substance[:400],
        atc=one.atc,
        countries=list(one.neighbours),
        list_id=list_id,
        raised_at=at,
        verdict=Verdict.CASE.value if case else None,
        verdict_at=at if case else None,
        case_number=case,
    )


def _list_key(list_id: int | None) -> str:
    """The key of the message about a list: `NoticeTeller` says under the same one that the list was taken back."""
    return f"list:{list_id}"
