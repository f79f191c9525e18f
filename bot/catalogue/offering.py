"""FEST's file as it was fetched: what it would change is shown to the centre, and a person says whether it holds.

A file takes longer to read than a click may last, so whoever says yes only says so; the next round takes it in.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import io
import zlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.vocabulary import Worded
from bot.catalogue.importing import FestService, FestTaken
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.registers.fest import Fest, RegisterFault, read_fest
from bot.settings import Settings
from storage import catalogue as stored
from storage import people
from storage.tables import FestFile
from storage.unit_of_work import Answer, Database, UnitOfWork

MOST_BYTES = 200_000_000
"""Of a file that is fetched: FEST is some 118 MB, and a tenth of that as it is usually given, in a zip."""

EXAMPLES = 5
"""Names of each kind that the message gives."""


class Offered(Worded):
    """Where a fetched file stands."""

    OFFERED = "offered", phrase("Venter på svar")
    WANTED = "wanted", phrase("Tas i bruk nå")
    TAKEN = "taken", phrase("Tatt i bruk")
    DROPPED = "dropped", phrase("Forkastet")
    SUPERSEDED = "superseded", phrase("En nyere fil er hentet")
    REFUSED = "refused", phrase("Kunne ikke tas i bruk")


@dataclass(frozen=True, slots=True)
class FestOffer:
    """A fetched file as its message shows it. `preparations`, `packages`: how many are new, changed and gone."""

    id: int
    filename: str
    day: dt.date | None
    state: Offered
    preparations: tuple[int, int, int]
    packages: tuple[int, int, int]
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    by: Mention | None = None
    problem: str | None = None


class FestOfferService:
    """Keeps what was fetched until somebody has decided, and takes in what they said yes to."""

    def __init__(self, database: Database, settings: Settings, renderer: Renderer, fest: FestService) -> None:
        self._database = database
        self._settings = settings
        self._renderer = renderer
        self._fest = fest

    async def receive(self, content: bytes, filename: str) -> int:
        """Show the centre what a fetched file would change; how many preparations it has. Nothing is changed by it.

        One that says nothing new, or that has been decided on, is no news. Raises `RegisterFault` for what is no
        FEST file, `Refused` for one that is older than the newest.
        """
        refuse_identity_numbers(filename)
        fest = await asyncio.to_thread(read_fest, io.BytesIO(content))
        taken = await self._fest.preview(fest)
        if taken.changes and taken.newer is not None:
            raise Refused(phrase("Filen er eldre enn den som gjelder, fra {newest}.", newest=taken.newer))
        digest = hashlib.sha256(content).hexdigest()
        packed = await asyncio.to_thread(zlib.compress, content, 6)
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:fest_file")
            if await stored.fest_file_of(uow.session, digest) is None:
                for row in await stored.fest_files(uow.session, Offered.OFFERED.value):
                    await self._ends(uow, row, Offered.SUPERSEDED)
                if taken.changes:
                    await self._offer(uow, taken, filename, digest, packed)
        return len(fest.preparations)

    async def _offer(self, uow: UnitOfWork, taken: FestTaken, filename: str, digest: str, packed: bytes) -> None:
        row = FestFile(
            filename=filename[:300],
            sha256=digest,
            content=packed,
            state=Offered.OFFERED.value,
            register_on=taken.fest.fetched_on,
            facts=_facts(taken),
            fetched_at=uow.now,
        )
        await uow.add(row)
        uow.record(f"fest:{row.id}", Offered.OFFERED.value, by=None, filename=row.filename)
        await self._say(uow, row)

    async def decide(self, file_id: int, by: Actor, *, take: bool, key: str | None) -> str:
        """`by` says whether a fetched file is to hold; its name. Raises `Refused` where that has been said already."""
        by.require(Action.KEEP_CATALOGUE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:fest_file")
            row = await uow.session.get(FestFile, file_id)
            if row is None:
                raise Refused(phrase("Fant ikke filen. Den er kanskje slettet."))
            if row.state != Offered.OFFERED.value:
                raise Refused(phrase("{filename}: {state}.", filename=row.filename, state=Offered(row.state).words))
            row.decided_by, row.decided_at = by.person, uow.now
            if take:
                row.state = Offered.WANTED.value
                uow.record(f"fest:{row.id}", row.state, by=by.person)
                await self._say(uow, row)
            else:
                await self._ends(uow, row, Offered.DROPPED)
            return {"filename": row.filename}

        return str((await self._database.once(key, work))["filename"])

    async def take_in_what_is_wanted(self) -> list[str]:
        """Take in what somebody has said yes to; the names of the files.

        A process that dies in between takes the file in again, which changes nothing.
        """
        async with self._database.read() as session:
            wanted = await stored.fest_files(session, Offered.WANTED.value)
        for row in wanted:
            problem: Phrase | None = None
            try:
                await self._fest.take_in(await asyncio.to_thread(_unpacked, row.content), row.filename)
            except Refused as refused:
                problem = refused.phrase
            except RegisterFault as fault:
                problem = fault.reason
            async with self._database.unit_of_work() as uow:
                now = await uow.session.get(FestFile, row.id)
                if now is not None and now.state == Offered.WANTED.value:
                    await self._ends(uow, now, Offered.REFUSED if problem else Offered.TAKEN, problem)
        return [row.filename for row in wanted]

    async def _ends(self, uow: UnitOfWork, row: FestFile, state: Offered, problem: Phrase | None = None) -> None:
        row.state, row.content = state.value, b""
        row.problem = str(problem) if problem else None
        uow.record(f"fest:{row.id}", row.state, by=row.decided_by)
        await self._say(uow, row)

    async def _say(self, uow: UnitOfWork, row: FestFile) -> None:
        """The message that offers it, or the same one as it is now."""
        channel = self._settings.cases_channel
        if channel is None:
            return
        message = self._renderer.render("fest_offer.j2", one=await _offer(uow.session, row))
        key = f"fest_file:{row.id}"
        first = row.state == Offered.OFFERED.value
        await uow.say(
            key if first else f"{key}:{row.state}", channel, message.text, message.blocks, edits=None if first else key
        )


async def _offer(session: AsyncSession, row: FestFile) -> FestOffer:
    names = await people.slack_users(session, [row.decided_by] if row.decided_by else [])
    by = names.get(row.decided_by or "")
    facts: dict[str, Any] = row.facts
    return FestOffer(
        id=row.id or 0,
        filename=row.filename,
        day=row.register_on,
        state=Offered(row.state),
        preparations=tuple(facts["preparations"]),
        packages=tuple(facts["packages"]),
        names=tuple(tuple(some) for some in facts["names"]),  # type: ignore[arg-type]
        by=Mention(by) if by else None,
        problem=row.problem,
    )


def _facts(taken: FestTaken) -> dict[str, Any]:
    of, packs = taken.preparations, taken.packages
    named = {one.preparation.id: one.preparation.name for one in taken.fest.preparations}
    return {
        "preparations": [len(of.added), len(of.changed), len(of.gone)],
        "packages": [len(packs.added), len(packs.changed), len(packs.gone)],
        "names": [
            [named[id] for id in of.added[:EXAMPLES]],
            [named[id] for id in of.changed[:EXAMPLES]],
            list(taken.gone_names[:EXAMPLES]),
        ],
    }


def _unpacked(content: bytes) -> Fest:
    return read_fest(io.BytesIO(zlib.decompress(content)))
