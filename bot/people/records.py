"""The log as people read it, and what is stored of a person: shown on request, and taken away on request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, select

from bot.cases.views import named
from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.log_words import action_of, details_of
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.spreadsheet import Cell
from storage import cases, people, personal_data
from storage.tables import AuditEntry
from storage.unit_of_work import Database

ERASED = phrase("en som er slettet")

ON_A_PAGE = 10
"""Lines of a case's log at a time: two screens of a phone."""

HEADINGS = ("tidspunkt", "hvem", "hva", "handling", "felt", "før", "etter")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log: `who` is a Slack id, a person's key where they are erased, or None for the bot itself."""

    at: dt.datetime
    who: str | None
    subject: str
    action: str
    details: dict[str, Any]

    def rows(self) -> list[tuple[Cell, ...]]:
        """The line as rows of a sheet: one for each thing that was said, under `HEADINGS`."""
        head = (self.at, self.who or "Mangelvakt", self.subject, self.action)
        said = self.details.items() or [("", None)]
        return [(*head, name, *_before_and_after(value)) for name, value in said]

    def as_json(self) -> dict[str, Any]:
        """The line as JSON."""
        return {
            "at": self.at.isoformat(),
            "who": self.who,
            "subject": self.subject,
            "action": self.action,
            "details": self.details,
        }


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line for people: `who` is None for the bot itself, and a phrase for somebody who is erased."""

    at: dt.datetime
    who: Mention | Phrase | None
    what: Phrase
    details: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class CaseLog:
    """A page of a case's log, the newest first."""

    number: str
    title: str
    entries: tuple[LogEntry, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // ON_A_PAGE))


def _before_and_after(value: Any) -> tuple[Cell, Cell]:
    if isinstance(value, list) and len(value) == 2:
        return _cell(value[0]), _cell(value[1])
    return None, _cell(value)


def _cell(value: Any) -> Cell:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


class RecordsService:
    """Reads the log, and gives or takes away what is stored of a person.

    For the command line, where no role is asked; `read_log` is for Slack, and asks.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def log_of_case(self, number: str) -> list[LogLine]:
        """Everything that was done with a case, oldest first. Raises `Refused` where nothing was."""
        lines = await self._lines(col(AuditEntry.subject) == f"case:{number}")
        if not lines:
            raise Refused(phrase("Fant ikke sak {number}.", number=number))
        return lines

    async def read_log(self, number: str, page: int, by: Actor) -> CaseLog:
        """A page of a case's log, for who works on cases. Raises `Refused` where there is no such case."""
        by.require(Action.WORK_ON_CASE)
        subject = col(AuditEntry.subject) == f"case:{number}"
        async with self._database.read() as session:
            case = await cases.by_number(session, number)
            if case is None:
                raise Refused(phrase("Fant ikke sak {number}.", number=number))
            total = (await session.execute(select(func.count()).select_from(AuditEntry).where(subject))).scalar_one()
            page = min(max(page, 1), max(1, -(-total // ON_A_PAGE)))
            newest = select(AuditEntry).where(subject).order_by(col(AuditEntry.id).desc())
            rows = (await session.scalars(newest.limit(ON_A_PAGE).offset((page - 1) * ON_A_PAGE))).all()
            names = await people.slack_users(session, {row.person for row in rows if row.person})
        entries = tuple(
            LogEntry(
                row.at,
                None if row.person is None else Mention(names[row.person]) if row.person in names else ERASED,
                action_of(row.action),
                tuple(details_of(row.action, row.details or {})),
            )
            for row in rows
        )
        return CaseLog(number, named(case.name, case.substance), entries, total, page)

    async def log_between(self, first: dt.date, last: dt.date) -> list[LogLine]:
        """Everything that was done from `first` to `last`, both included, in Norway's time."""
        begin = dt.datetime.combine(first, dt.time(), oslo(dt.datetime.now(dt.UTC)).tzinfo)
        end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), begin.tzinfo)
        return await self._lines(col(AuditEntry.at) >= begin, col(AuditEntry.at) < end)

    async def _lines(self, *where: Any) -> list[LogLine]:
        async with self._database.read() as session:
            entries = (await session.scalars(select(AuditEntry).where(*where).order_by(col(AuditEntry.id)))).all()
            names = await people.slack_users(session, {entry.person for entry in entries if entry.person})
        return [
            LogLine(
                entry.at, names.get(entry.person or "", entry.person), entry.subject, entry.action, entry.details or {}
            )
            for entry in entries
        ]

    async def export(self, slack_user: str) -> dict[str, Sequence[dict[str, Any]]]:
        """Table → every row of this person. Raises `Refused` where nothing is known of them."""
        async with self._database.read() as session:
            person = await people.by_slack_user(session, slack_user)
            if person is None:
                raise _unknown(slack_user)
            return dict(await personal_data.rows_of(session, person.id, slack_user))

    async def erase(self, slack_user: str) -> dict[str, int]:
        """Take a person's Slack id and place away everywhere; table → rows. No case, report or line of the log goes."""
        async with self._database.unit_of_work() as uow:
            person = await people.by_slack_user(uow.session, slack_user)
            if person is None:
                raise _unknown(slack_user)
            uow.record(f"person:{person.id}", "erased", by=None)
            uow.session.expunge(person)
            return await personal_data.erase(uow.session, person.id, slack_user)


def _unknown(slack_user: str) -> Refused:
    return Refused(phrase("Ingen er kjent som {who}. Skriv Slack-id-en, for eksempel U0123ABCD.", who=slack_user))
