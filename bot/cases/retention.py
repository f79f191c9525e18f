"""What has been kept as long as the settings say is erased: the archive copy first, then the texts, never a case.

A case, its figures and its log stay: the register is the centre's memory and the statistics are counted from it. What
goes is what somebody wrote freely in a report, what was said to people, files that were read, and who a person was.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.archive import ArchiveService, note_in
from bot.clock import Clock
from bot.delivery.slack_errors import DeliveryError
from bot.delivery.uploads import Paper
from bot.people.records import RecordsService
from bot.people.roles import Role
from bot.people.service import PeopleService
from bot.settings import RetentionSettings
from storage import archive as stored
from storage import cases
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

AT_A_TIME = 20
"""Ended cases a time: each has its files printed and written."""

NOBODYS = frozenset({Role.CLINICIAN})
"""The roles of somebody whom nobody has granted anything."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much has been kept as long as the settings say, or was erased. `waiting`: cases whose copy must wait."""

    cases: int = 0
    messages: int = 0
    files: int = 0
    people: int = 0
    waiting: int = 0


class RetentionService:
    """Erases by the settings; with none set it does nothing. For the scheduler and the command line."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: RetentionSettings,
        archive: ArchiveService,
        records: RecordsService,
        people: PeopleService,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._archive = archive
        self._records = records
        self._people = people

    async def due(self) -> Kept:
        """How much would be erased now."""
        settings, found = self._settings, Kept()
        async with self._database.read() as session:
            if settings.ended_cases:
                n = await stored.count_cases_to_erase(session, self._before(settings.ended_cases))
                found = replace(found, cases=n)
            if settings.messages:
                found = replace(
                    found, messages=await stored.count_old_messages(session, self._before(settings.messages))
                )
            if settings.files:
                found = replace(found, files=await stored.count_old_files(session, self._before(settings.files)))
            if settings.people:
                unseen = await stored.people_not_seen_since(session, self._before(settings.people))
                found = replace(found, people=len(self._forgettable(unseen)))
        return found

    async def erase(self, client: AsyncWebClient | None) -> Kept:
        """Erase what is due; how much that was. `client`: to read the cases' threads with, for their copies.

        A case whose thread Slack does not give now is left until it does. Safe to break off and to do again.
        """
        settings = self._settings
        if not settings.anything:
            return Kept()
        erased, waiting = await self._cases(client) if settings.ended_cases else (0, 0)
        messages = files = 0
        if settings.messages or settings.files:
            async with self._database.unit_of_work() as uow:
                if settings.messages:
                    messages = await stored.erase_messages(uow.session, self._before(settings.messages))
                if settings.files:
                    files = await stored.erase_files(uow.session, self._before(settings.files))
                if messages or files:
                    uow.record("retention", stored.ERASED, by=None, messages=messages, files=files)
        people = await self._forget() if settings.people else 0
        return Kept(erased, messages, files, people, waiting)

    def _before(self, days: int | None) -> dt.datetime:
        return self._clock.now() - dt.timedelta(days=days or 0)

    # --- cases ---

    async def _cases(self, client: AsyncWebClient | None) -> tuple[int, int]:
        folder, before = self._settings.archive_folder, self._before(self._settings.ended_cases)
        assert folder is not None  # noqa: S101 - the settings see to it
        async with self._database.read() as session:
            numbers = [case.number for case in await stored.cases_to_erase(session, before, AT_A_TIME)]
        if numbers:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)  # before anything is printed in vain
        erased = waiting = 0
        for number in numbers:
            try:
                erased += await self._case(number, before, folder, client)
            except DeliveryError as error:
                log.warning("the archive copy of %s waits for Slack: %s", number, error)
                waiting += 1
        return erased, waiting

    async def _case(self, number: str, before: dt.datetime, folder: Path, client: AsyncWebClient | None) -> int:
        """Write the copy, whole, and only then erase; one that changed meanwhile is left for the next time."""
        copy, names = await self._archive.with_thread(number, None, client)
        papers = await self._archive.papers(copy, names)
        await asyncio.to_thread(put, folder, papers)
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:cases")
            case = await cases.by_number(uow.session, number)
            if case is None or case.version != copy.version or case.changed_at >= before:
                return 0
            note_in(uow, copy, [paper.name for paper in papers], None)
            done = await stored.erase_case(uow.session, case)
            uow.record(f"case:{number}", stored.ERASED, by=None, **done)
        return 1

    # --- people ---

    def _forgettable(self, slack_ids: Sequence[str]) -> list[str]:
        """Those of them who have been granted nothing; nobody while the user groups have not been read."""
        if not self._people.grants_are_known:
            return []
        return [one for one in slack_ids if self._people.grants(one)[0] == NOBODYS]

    async def _forget(self) -> int:
        async with self._database.read() as session:
            slack_ids = await stored.people_not_seen_since(session, self._before(self._settings.people))
        forgotten = self._forgettable(slack_ids)
        for slack_id in forgotten:
            await self._records.erase(slack_id)
        return len(forgotten)


def put(folder: Path, papers: Sequence[Paper]) -> None:
    """Write files into `folder`, each whole or not at all; the same again changes nothing."""
    for paper in papers:
        beside = folder / f".{paper.name}.new"
        beside.write_bytes(paper.content)
        beside.replace(folder / paper.name)
