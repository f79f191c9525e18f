"""Other countries' registers: lists in by the same door as DMP's, graded by substance, watched for early warnings."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from bot.cases.early_warnings import Counted, EarlyWarningService
from bot.cases.notice_telling import NoticeTeller
from bot.cases.notices import ListRead, NoticeService, Register
from bot.cases.telling import CaseTeller
from bot.cases.vocabulary import Source
from bot.catalogue.service import CatalogueService
from bot.clock import Clock
from bot.messages.phrase import phrase
from bot.refusal import Refused
from bot.registers.abroad import Abroad, read_abroad, recognise
from bot.registers.compare import Graded, Proposed
from bot.registers.notices import Notice
from bot.registers.progress import Progress, unheard
from bot.registers.substances import SubstanceFinder
from bot.registers.table import NotATableError
from storage import abroad as stored
from storage.tables import RegisterList, RegisterNotice
from storage.unit_of_work import Database, UnitOfWork

FILES_KEPT = 7
"""Lists of a register whose files are kept; of older ones only the hash: Iceland's alone is 0.7 MB a day."""


class AbroadNotices(NoticeService):
    """One other country's register. Its rows mean substances, and nobody opens a case from a row of it.

    Reading, comparing, keeping and taking back are those of every register; what differs is the grade, and what is
    said: nothing of the list itself, but an early warning of what several countries lack.
    """

    def __init__(
        self,
        abroad: Abroad,
        database: Database,
        clock: Clock,
        catalogue: CatalogueService,
        teller: CaseTeller,
        notice_teller: NoticeTeller,
        warnings: EarlyWarningService,
    ) -> None:
        register = Register(abroad.id, abroad.name, lambda data, name: read_abroad(abroad, data, name), Source.CENTRE)
        super().__init__(database, clock, catalogue, teller, notice_teller, register)
        self.abroad = abroad
        self._warnings = warnings
        self._finder: SubstanceFinder | None = None

    def _grade(
        self, notices: Sequence[Notice], rows: Iterable[RegisterNotice], progress: Progress = unheard
    ) -> dict[int, Graded]:
        """Row number → which substance it means; remembered while the catalogue is the same."""
        if self._finder is None or self._finder.catalogue is not self._catalogue.catalogue:
            self._finder = SubstanceFinder(self._catalogue.catalogue)
        found: dict[int, Graded] = {}
        for done, notice in enumerate(notices):
            progress(done, len(notices))
            found[notice.row] = self._finder.graded(notice)
        return found

    async def _tell(self, uow: UnitOfWork, read: ListRead, list_id: int) -> None:
        record = await uow.session.get(RegisterList, list_id)
        assert record is not None  # noqa: S101
        await uow.session.flush()
        counted = Counted(
            rows=record.rows,
            new=read.count(Proposed.NEW),
            gone=sum(proposal.notice is None for proposal in read.proposals),
        )
        await self._warnings.look(uow, record, self.abroad, counted)
        await stored.empty_older_files(uow.session, self.abroad.id, FILES_KEPT)

    async def _taken_back(self, uow: UnitOfWork, list_id: int, as_of: dt.date) -> None:
        await self._warnings.taken_back(uow, list_id)
        await super()._taken_back(uow, list_id, as_of)


class Registers:
    """Every register whose lists are read: DMP's, and those of other countries."""

    def __init__(self, database: Database, dmp: NoticeService, abroad: Iterable[AbroadNotices]) -> None:
        self._database = database
        self._dmp = dmp
        self.abroad: Mapping[str, AbroadNotices] = {one.abroad.id: one for one in abroad}

    @property
    def all(self) -> Mapping[str, NoticeService]:
        """Register → its service, DMP's first."""
        return {self._dmp.register.id: self._dmp, **self.abroad}

    async def of_file(self, data: bytes, filename: str) -> NoticeService:
        """Whose register a file that somebody sent is: DMP's where it is nobody else's."""
        try:
            found = await asyncio.to_thread(recognise, data, filename)
        except NotATableError:
            return self._dmp
        return self.abroad[found.id] if found is not None else self._dmp

    async def of_list(self, list_id: int) -> NoticeService:
        """The register of a list that was read or shown. Raises `Refused` where there is no such list."""
        async with self._database.read() as session:
            source = await stored.source_of(session, list_id)
        if source is None or source not in self.all:
            raise Refused(phrase("Fant ikke listen. Send den på nytt."))
        return self.all[source]

    async def rows_before(self, register: str) -> int | None:
        """How many rows the register's list that was read last has."""
        async with self._database.read() as session:
            return await stored.rows_of_newest(session, register)
