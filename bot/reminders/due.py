"""What can be due, and who watches for it.

To have people reminded of something new: a member of `Kind`, a `Watch` that says what is due now, its lines in
`templates/_reminder_<kind>.j2`, and the watch in `bot.app`. When it is told, to whom, snoozing, who was done with it,
and that it comes once, are the service's.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.vocabulary import Worded
from bot.messages.phrase import phrase
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from storage.unit_of_work import UnitOfWork


class Kind(Worded):
    """What somebody is reminded of."""

    NEXT_STEP = "next_step", phrase("Frist for neste steg")
    END_PASSED = "end_passed", phrase("Sluttdatoen er passert")
    SILENT = "silent", phrase("Ingen nyheter i saken")
    QUESTION = "question", phrase("Spørsmålet til møtet står uten svar")
    RESTRICTION = "restriction", phrase("Restriksjonen skal vurderes på nytt")
    ASSESSMENT = "assessment", phrase("Vurderingen av en erstatning går ut")
    TASK = "task", phrase("Oppgave fra Mangelmøtet")
    REPLY = "reply", phrase("DMP venter på svar")
    ANSWER = "answer", phrase("Spørsmål fra Mangelsenteret uten svar")


class State(Worded):
    """Where a reminder stands."""

    WAITING = "waiting", phrase("Venter")
    TOLD = "told", phrase("Sagt")
    SNOOZED = "snoozed", phrase("Utsatt")
    DONE = "done", phrase("Ferdig")
    OVER = "over", phrase("Gjelder ikke lenger")


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: it comes once for each `key`, however often and by whomever it is seen.

    `about` is an id of the kind `about_kind` ("case", "2026-0123"), `day` the date that it is about, `text` what
    somebody has written of it. The `person` is told; where there is none, or they have lost their grant, `channel` is.
    """

    key: str
    kind: Kind
    about_kind: str
    about: str
    title: str
    due_at: dt.datetime
    text: str | None = None
    day: dt.date | None = None
    person: str | None = None
    channel: str | None = None


class Watch(ABC):
    """Knows when something of its kind is due, read anew from where it is kept: what has changed is due no more."""

    kind: ClassVar[Kind]
    action: ClassVar[Action]
    """What one must be allowed to do, to be reminded and to say that it is done."""
    for_all: ClassVar[bool] = True
    """Whether what is told in a channel stands in the list of everybody who may do it."""

    @abstractmethod
    async def due(self, session: AsyncSession, now: dt.datetime) -> Sequence[Due]:
        """Everything whose time has come by `now`, told or not; by a fixed number of queries."""

    async def done(self, uow: UnitOfWork, reminder: Reminded, by: Actor) -> None:
        """Do what follows from a person's saying that it is done, in the same commit; nothing, where nothing does."""
        return

    async def snoozed(self, uow: UnitOfWork, reminder: Reminded, until: dt.date, by: Actor) -> None:
        """Do what follows from putting it off, in the same commit; nothing, where nothing does."""
        return


@dataclass(frozen=True, slots=True)
class Reminded:
    """One reminder, for whoever shows it or works with it. `who`: by whom it was put off or done."""

    id: int
    kind: Kind
    about_kind: str
    about: str
    title: str
    text: str | None
    day: dt.date | None
    due_at: dt.datetime
    state: State
    until: dt.date | None = None
    who: Mention | None = None

    @property
    def case(self) -> str | None:
        """The case's number, where it is about a case."""
        return self.about if self.about_kind == "case" else None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN


OPEN = (State.WAITING, State.TOLD)


def mark_of(text: str | None) -> str:
    """A short mark of a text for a key: another text is another thing to be reminded of."""
    return sha256((text or "").encode()).hexdigest()[:8]
