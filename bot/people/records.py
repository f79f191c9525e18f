"""The log as people read it, and what is stored of a person: shown on request, and taken away on request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.clock import oslo
from bot.messages.phrase import phrase
from bot.refusal import Refused
from bot.spreadsheet import Cell
from storage import people, personal_data
from storage.tables import AuditEntry
from storage.unit_of_work import Database

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


def _before_and_after(value: Any) -> tuple[Cell, Cell]:
    if isinstance(value, list) and len(value) == 2:
        return _cell(value[0]), _cell(value[1])
    return None, _cell(value)


def _cell(value: Any) -> Cell:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


class RecordsService:
    """Reads the log, and gives or takes away what is stored of a person. For the command line: no role is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def log_of_case(self, number: str) -> list[LogLine]:
        """Everything that was done with a case, oldest first. Raises `Refused` where nothing was."""
        lines = await self._lines(col(AuditEntry.subject) == f"case:{number}")
        if not lines:
            raise Refused(phrase("Fant ikke sak {number}.", number=number))
        return lines

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
