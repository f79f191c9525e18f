"""A register of past cases that somebody sends in Slack: shown first, read in when they say so, taken back.

What it says is read and stored as `bot.cases.register` does it for the command line.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from dataclasses import dataclass

from bot.cases.register import CaseRegisterService, CasesTaken
from bot.clock import oslo
from bot.messages.phrase import phrase
from bot.people.identity_numbers import contains_identity_number, refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.registers.table import NotATableError, read_table, text_of
from storage import case_register as stored
from storage.tables import RegisterList
from storage.unit_of_work import Answer, Database, UnitOfWork

SOURCE = "cases"
SHOWN_FOR = dt.timedelta(days=7)
"""How long a file is kept that nobody has answered."""


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """What a sent register would do. `list_id`: where it is kept until its sender has answered; None: not kept.

    `personal`: it holds an identity number somewhere, read or not.
    """

    list_id: int | None
    taken: CasesTaken
    personal: bool = False

    @property
    def ready(self) -> int:
        """How many cases would be stored."""
        return len(self.taken.new) + len(self.taken.changed)


class CaseSheetService:
    """Keeps a sent register until its sender has said yes or no."""

    def __init__(self, database: Database, register: CaseRegisterService) -> None:
        self._database = database
        self._register = register

    async def is_one(self, data: bytes, filename: str) -> bool:
        """Whether a file is a register of cases: it has the column of their numbers."""
        return "saksnummer" in (await self._register.preview(data, filename, {})).register.columns.values()

    async def receive(self, data: bytes, filename: str, by: Actor, *, key: str | None) -> CaseSheet:
        """What the file would do; kept until the sender answers, but for one with an identity number."""
        by.require(Action.WORK_ON_CASE)
        refuse_identity_numbers(filename)
        taken = await self._register.preview(data, filename, {})
        shown = CaseSheet(None, taken, await asyncio.to_thread(_has_identity_number, data, filename))
        if not shown.ready or shown.personal or taken.register.unreadable:
            return shown

        async def work(uow: UnitOfWork) -> Answer:
            row = RegisterList(
                source=SOURCE,
                as_of=oslo(uow.now).date(),
                filename=filename[:300],
                sha256=hashlib.sha256(data).hexdigest(),
                content=data,
                state="preview",
                rows=shown.ready,
                refused=len(taken.faults),
                received_at=uow.now,
                sent_by=by.person,
            )
            await uow.add(row)
            return {"list": row.id}

        return CaseSheet(int((await self._database.once(key, work))["list"]), taken)

    async def import_file(self, data: bytes, filename: str) -> CasesTaken:
        """Read in a register that another system has laid in the watched folder, whole or not at all."""
        return await self._register.take_in(data, filename, {})

    async def confirm(self, list_id: int, by: Actor, *, partial: bool) -> CasesTaken:
        """Read a shown register in; with `partial` the cases without a fault. Raises `Refused` where it was answered.

        Pressed twice it changes nothing more: the same file again is known.
        """
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            row = _shown(await session.get(RegisterList, list_id))
        taken = await self._register.take_in(row.content, row.filename, {}, partial=partial)
        if taken.stored or taken.known_file:
            await self._ends(list_id, "stored")
        return taken

    async def drop(self, list_id: int, by: Actor, *, key: str | None) -> str:
        """Forget a shown register; its name."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            row = _shown(await uow.session.get(RegisterList, list_id))
            row.state, row.content = "dropped", b""
            return {"filename": row.filename}

        return str((await self._database.once(key, work))["filename"])

    async def undo(self, list_id: int, by: Actor) -> str:
        """Take a register back that was the last to be read in; its name. Raises `Refused` where it was not."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            row = await session.get(RegisterList, list_id)
            last = await stored.is_last(session, row.sha256) if row is not None else False
        if row is None or row.source != SOURCE or row.state != "stored" or not last:
            raise Refused(phrase("Bare det som er lest inn sist, kan angres."))
        await self._register.undo()
        await self._ends(list_id, "dropped")
        return row.filename

    async def forget_old(self) -> int:
        """Let go of what was shown and never answered, other registers' lists too; how many."""
        async with self._database.unit_of_work() as uow:
            return await stored.forget_unanswered(uow.session, uow.now - SHOWN_FOR)

    async def _ends(self, list_id: int, state: str) -> None:
        async with self._database.unit_of_work() as uow:
            row = await uow.session.get(RegisterList, list_id)
            if row is not None:
                row.state, row.content = state, b""


def _has_identity_number(data: bytes, filename: str) -> bool:
    try:
        table = read_table(data, filename)
    except NotATableError:
        return False
    return any(contains_identity_number(text_of(cell)) for cells in table for cell in cells)


def _shown(row: RegisterList | None) -> RegisterList:
    """Raises `Refused` for what is no register of cases that waits for an answer."""
    if row is None or row.source != SOURCE:
        raise Refused(phrase("Fant ikke filen. Den er kanskje slettet."))
    if row.state == "stored":
        raise Refused(phrase("{filename} er allerede lest inn.", filename=row.filename))
    if row.state != "preview":
        raise Refused(phrase("{filename} er forkastet. Send filen på nytt.", filename=row.filename))
    return row
