"""A unit of work: what belongs together is stored together, once."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, insert, or_, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import SQLModel, col, func, select

from storage import outbox
from storage.engine import WRITE, open_engine
from storage.tables import AuditEntry, InboxEntry, OutboxEntry
from storage.turns import IN_LINE, Turns

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Saying:
    """One message for the outbox; see `UnitOfWork.say`."""

    key: str
    channel: str
    text: str
    blocks: Sequence[dict[str, Any]]
    reply_to: str | None = None
    edits: str | None = None
    priority: int = 5
    picture: Mapping[str, Any] | None = None
    thread_ts: str | None = None
    """The thread of a message that is not the bot's own."""


_OUTBOX = SQLModel.metadata.tables["outbox"]
_SAY = {
    "postgresql": postgresql.insert(_OUTBOX).on_conflict_do_nothing(index_elements=["key"]),
    "sqlite": sqlite.insert(_OUTBOX).on_conflict_do_nothing(index_elements=["key"]),
}
"""Made once: with its rows in it, the statement would be compiled each time."""


class UnitOfWork:
    """One transaction that writes. Never held open over a call to Slack."""

    def __init__(self, session: AsyncSession, now: dt.datetime) -> None:
        self.session = session
        self.now = now
        """The instant of this unit of work; every row written in it carries the same one."""
        self.wakes = False
        """Whether the delivery worker has something new to say when this is committed."""
        self.records = 0
        """Lines that it has written in the audit log."""

    async def add(self, *rows: Any) -> None:
        """Add rows and give them their ids."""
        self.session.add_all(rows)
        await self.session.flush()

    def record(self, subject: str, action: str, *, by: str | None, **details: Any) -> None:
        """Write the audit log: `by` (a person's key, or nobody for the bot itself) did `action` to `subject`."""
        self.records += 1
        self.session.add(AuditEntry(at=self.now, person=by, subject=subject, action=action, details=details))

    async def record_all(self, entries: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
        """Write many lines of the bot's own, each a subject, an action and details, in one statement."""
        rows = [
            {"at": self.now, "person": None, "subject": subject, "action": action, "details": details}
            for subject, action, details in entries
        ]
        self.records += len(rows)
        if rows:
            await self.session.execute(insert(AuditEntry), rows)

    async def say(
        self,
        key: str,
        channel: str,
        text: str,
        blocks: Sequence[dict[str, Any]],
        *,
        reply_to: str | None = None,
        edits: str | None = None,
        picture: Mapping[str, Any] | None = None,
        priority: int = 5,
    ) -> None:
        """Put a message in the outbox. The same key twice is said once.

        `reply_to` and `edits` are keys of other rows: the thread it goes in, the message it replaces. Lower
        `priority` goes first. `picture` is a chart as JSON, drawn and shown under the blocks; raises ValueError for
        one in an edit, since Slack does not show an image that comes that way.
        """
        if picture is not None and edits is not None:
            raise ValueError("a picture comes with a message of its own, not with an edit")
        await self.say_all([Saying(key, channel, text, blocks, reply_to, edits, priority, picture)])

    async def say_all(self, sayings: Sequence[Saying]) -> None:
        """Put many messages in the outbox, in this order. The same key twice is said once."""
        rows = [
            OutboxEntry(
                key=saying.key,
                channel=saying.channel,
                text=saying.text,
                blocks=list(saying.blocks),
                reply_to=saying.reply_to,
                edits=saying.edits,
                picture=None if saying.picture is None else dict(saying.picture),
                thread_ts=saying.thread_ts,
                priority=saying.priority,
                not_before=self.now,
                created_at=self.now,
            ).model_dump(exclude={"id"})
            for saying in sayings
        ]
        if rows:
            connection = await self.session.connection()
            await connection.execute(_SAY[connection.dialect.name], rows)
        edited = {saying.edits for saying in sayings if saying.edits}
        if edited:
            await outbox.supersede_edits(self.session, edited)
        self.wakes = self.wakes or bool(rows)

    async def said_of(self, keys: Sequence[str]) -> set[str]:
        """Those of `keys` that have been said, or are about to be."""
        found: set[str] = set()
        for start in range(0, len(keys), 500):
            found |= set(
                await self.session.scalars(
                    select(OutboxEntry.key).where(col(OutboxEntry.key).in_(keys[start : start + 500]))
                )
            )
        return found

    async def said(self, key: str) -> int | None:
        """The outbox row's id where `key` has been said, or is about to be."""
        return (await self.session.execute(select(OutboxEntry.id).where(OutboxEntry.key == key))).scalar_one_or_none()

    async def alone(self, name: str) -> None:
        """Let nobody else do `name` until this unit of work ends. SQLite has one writer already."""
        if self.session.get_bind().dialect.name == "postgresql":
            await self.session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})

    async def last_said(self, keys: Sequence[str]) -> dict[str, OutboxEntry]:
        """Key → the newest row that says it or edits it; keys that were never said are left out. By two indexes."""
        if not keys:
            return {}
        edits, key = col(OutboxEntry.edits), col(OutboxEntry.key)
        these = or_(edits.in_(keys), and_(edits.is_(None), key.in_(keys)))
        newest = select(func.max(OutboxEntry.id)).where(these).group_by(func.coalesce(edits, key))
        rows = await self.session.scalars(select(OutboxEntry).where(col(OutboxEntry.id).in_(newest)))
        return {row.edits or row.key: row for row in rows}


class Database:
    """The way to everything stored. `read()` for questions, `unit_of_work()` and `once()` for changes."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], dt.datetime]) -> None:
        self.engine = engine
        self._now = now
        self._writers = Turns(1) if engine.dialect.name == "sqlite" else None
        self._under_way: dict[str, asyncio.Event] = {}
        self.said = asyncio.Event()
        """Set when something to say is committed, so that the delivery worker need not poll for it."""
        self.recorded = 0
        """Lines of the audit log committed here: as long as it stays, no case has changed in this process."""

    @classmethod
    def at(cls, url: str, now: Callable[[], dt.datetime]) -> Database:
        """The database at a plain `sqlite:///` or `postgresql://` URL."""
        return cls(open_engine(url), now)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for questions only; whatever it changed is rolled back."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def unit_of_work(self, rank: int = IN_LINE) -> AsyncIterator[UnitOfWork]:
        """A transaction that is committed where the block ends, and rolled back where it raises.

        `rank`: who goes first where one writes at a time.
        """
        async with (
            nullcontext() if self._writers is None else self._writers.turn(rank),
            AsyncSession(self.engine, expire_on_commit=False) as session,
        ):
            await session.connection(execution_options={WRITE: True})
            uow = UnitOfWork(session, self._now())
            yield uow
            await session.commit()
        self.recorded += uow.records
        if uow.wakes:
            self.said.set()

    async def once(self, key: str | None, work: Callable[[UnitOfWork], Awaitable[Answer]]) -> Answer:
        """Do `work` and remember its answer under `key`, in one transaction.

        A second call with the same key, from any process, does nothing and gets the first one's answer. Without a
        key the work is simply done.
        """
        if key is None:
            async with self.unit_of_work() as uow:
                return await work(uow)
        if (first := self._under_way.get(key)) is not None:  # somebody who was not answered pressed again
            await first.wait()
            if (answer := await self._answered(key)) is not None:
                return answer
        ended = self._under_way[key] = asyncio.Event()
        try:
            async with self.unit_of_work() as uow:
                entry = InboxEntry(key=key, at=uow.now)
                await uow.add(entry)
                answer = entry.answer = await work(uow)
                return answer
        except IntegrityError:
            if (answer := await self._answered(key)) is None:
                raise
            return answer
        finally:
            ended.set()
            if self._under_way.get(key) is ended:
                del self._under_way[key]

    async def _answered(self, key: str) -> Answer | None:
        """What `once` has answered under `key`; None where it has not."""
        async with self.read() as session:
            done = await session.get(InboxEntry, key)
        return None if done is None else dict(done.answer or {})

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()
