"""What others did to the cases since a person last looked: four half posts share the work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import named
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.log_words import said_of
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import desk as stored
from storage import people
from storage.tables import CaseBatch, DeskReading
from storage.unit_of_work import Answer, Database, UnitOfWork

LONGEST = dt.timedelta(days=30)
"""Further back than this nobody reads on: the cases themselves say how they stand."""

ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class MovedCase:
    """A case that others have done something to, and who they were; the bot itself is nobody."""

    number: str
    title: str
    done: tuple[Phrase, ...]
    by: tuple[Mention, ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class Handover:
    """Cases that somebody has handed to the reader, with what they wrote."""

    by: Mention | None
    at: dt.datetime
    numbers: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Away:
    """What happened from `since` until `until`: the reader's own cases first. `total`: the cases in all."""

    since: dt.datetime
    until: dt.datetime
    cases: tuple[MovedCase, ...]
    total: int
    page: int = 1
    handovers: tuple[Handover, ...] = ()

    @property
    def pages(self) -> int:
        """How many pages the whole list has."""
        return max(1, -(-self.total // ON_A_PAGE))

    @property
    def read(self) -> str:
        """What the button *Ferdig lest* carries."""
        return self.until.isoformat()


class AwayService:
    """Knows how far each person of the centre has read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first_seen(self, by: Actor, now: dt.datetime) -> None:
        """Somebody who opens their desk for the first time has read what lies before it."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            if await session.get(DeskReading, by.person) is not None:
                return

        async def work(uow: UnitOfWork) -> Answer:
            await uow.add(DeskReading(person=by.person, until=now))
            return {}

        await self._database.once(f"desk:{by.person}", work)

    async def since_read(self, by: Actor, now: dt.datetime, page: int) -> Away:
        """One page of all that others did since `by` said that they had read so far."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            return await away(session, by, now, most=ON_A_PAGE, page=page)

    async def read(self, until: str, by: Actor, *, key: str | None) -> None:
        """`by` has read what was shown at `until`, an instant of ours; what came later is still news."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            try:
                instant = dt.datetime.fromisoformat(until)
            except ValueError:
                instant = None
            if instant is None or instant.tzinfo is None or instant > uow.now:
                raise Refused(phrase("Knappen virker ikke lenger. Åpne Hjem på nytt."))
            reading = await uow.session.get(DeskReading, by.person)
            if reading is None:
                await uow.add(DeskReading(person=by.person, until=instant))
            else:
                reading.until = max(reading.until, instant)
            return {}

        await self._database.once(key, work)


async def away(session: AsyncSession, by: Actor, now: dt.datetime, *, most: int, page: int = 1) -> Away:
    """What others did since `by` had read, by five statements."""
    reading = await session.get(DeskReading, by.person)
    since = max(reading.until, now - LONGEST) if reading is not None else now
    rows, total = await stored.moved(session, since, by.person, limit=most, offset=(max(page, 1) - 1) * most)
    batches = await stored.handed_to(session, by.person, since)
    persons = {entry.person for row in rows for entry in row.entries if entry.person} | {batch.by for batch in batches}
    names = await people.slack_users(session, persons)
    return Away(
        since=since,
        until=now,
        cases=tuple(_moved(row, names) for row in rows),
        total=total,
        page=page,
        handovers=handovers(batches, names),
    )


def handovers(batches: Sequence[CaseBatch], names: dict[str, str]) -> tuple[Handover, ...]:
    """The batches as somebody reads them who got the cases."""
    return tuple(
        Handover(
            by=Mention(names[batch.by]) if batch.by in names else None,
            at=batch.at,
            numbers=tuple(sorted(str(change["number"]) for change in batch.changes)),
            note=batch.note,
        )
        for batch in batches
    )


def _moved(row: stored.Moved, names: dict[str, str]) -> MovedCase:
    persons = dict.fromkeys(entry.person for entry in row.entries if entry.person in names)
    return MovedCase(
        number=row.number,
        title=named(row.name, row.substance),
        done=tuple(said_of((entry.action, entry.details) for entry in row.entries)),
        by=tuple(Mention(names[person]) for person in persons if person),
        mine=row.mine,
    )
