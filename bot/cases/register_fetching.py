"""Registers fetched by schedule from the addresses in the settings. Without addresses nothing is asked for.

A list is stored whole or not at all; whatever goes wrong, what was read last stays. The centre is told once of what
only a person can mend (a register in another form), and of a server that has been silent for a day.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cases.abroad import Registers
from bot.cases.notices import NoticeService
from bot.catalogue.offering import MOST_BYTES as MOST_BYTES_OF_FEST
from bot.catalogue.offering import FestOfferService
from bot.clock import Clock
from bot.delivery.fetching import Fetched, FetchFailed, Manners, fetch
from bot.meeting.calendar import parse_cron
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.refusal import Refused
from bot.registers.fest import RegisterFault
from bot.registers.table import MOST_BYTES, NotATableError
from bot.settings import RegisterAddress, Settings
from storage import abroad as stored
from storage.tables import RegisterFetch
from storage.unit_of_work import Database, UnitOfWork

log = logging.getLogger(__name__)

AGAIN_AFTER = (dt.timedelta(minutes=15), dt.timedelta(hours=1), dt.timedelta(hours=4))
"""How long after a first, a second and any later failure a server is asked again, before its hour comes."""

SILENT_FOR = dt.timedelta(days=1)
"""How long a server may be silent before the centre is told: most such troubles pass by themselves."""

FEST = "fest"
"""The register of medicines: fetched like the others, and changed only by a person (`FestOfferService`)."""

FEWEST = 20
"""Rows of the list before from which half of them missing is a changed form and no quiet day."""


@dataclass(frozen=True, slots=True)
class FetchOutcome:
    """What came of asking for a register. `rows` None: the list is as it was, or could not be had (`problem`)."""

    register: str
    rows: int | None
    problem: Phrase | None = None


class ChangedForm(Exception):
    """A list that can be read and is still not to be believed."""

    def __init__(self, problem: Phrase) -> None:
        super().__init__(str(problem))
        self.problem = problem


class RegisterFetchService:
    """Asks for the registers that have an address in the settings, when their hour comes."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        renderer: Renderer,
        registers: Registers,
        fest: FestOfferService,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._renderer = renderer
        self._registers = registers
        self._fest = fest

    @property
    def addresses(self) -> dict[str, RegisterAddress]:
        """Register → where it is fetched."""
        return self._settings.registers.fetch

    async def fetch_what_is_due(self) -> list[FetchOutcome]:
        """Fetch every register whose hour has come since it was last asked for, one after the other."""
        if not self.addresses:
            return []
        async with self._database.read() as session:
            known = await stored.fetches(session)
        return [await self.fetch(id) for id, at in self.addresses.items() if self._is_due(at, known.get(id))]

    def _is_due(self, at: RegisterAddress, last: RegisterFetch | None) -> bool:
        now = self._clock.now()
        if last is None or parse_cron(at.cron).last_before(now) > last.asked_at:
            return True
        return last.failures > 0 and now - last.asked_at >= AGAIN_AFTER[min(last.failures, len(AGAIN_AFTER)) - 1]

    async def fetch(self, id: str) -> FetchOutcome:
        """Ask for one register now, and read it in. Raises `Refused` where it has no address."""
        address, register = self.addresses.get(id), self._registers.all.get(id)
        if address is None or (register is None and id != FEST):
            raise Refused(phrase("{register} har ingen adresse i innstillingene.", register=id))
        async with self._database.read() as session:
            last = (await stored.fetches(session)).get(id)
        ours = self._settings.registers
        proxy = ours.proxy.get_secret_value() if ours.proxy is not None else None
        most = MOST_BYTES_OF_FEST if register is None else MOST_BYTES
        manners = Manners(ours.timeout_seconds, most, proxy=proxy, contact=ours.contact)
        try:
            got = await fetch(
                address.url,
                manners,
                etag=last.etag if last else None,
                last_modified=last.last_modified if last else None,
            )
            rows = await (self._read_in(register, got) if register is not None else self._offer(got))
        except FetchFailed as error:
            return await self._failed(id, error.problem, lasting=False)
        except (NotATableError, ChangedForm) as error:
            return await self._failed(id, error.problem, lasting=True)
        except RegisterFault as error:
            return await self._failed(id, error.reason, lasting=True)
        except Refused as error:
            return await self._failed(id, error.phrase, lasting=True)
        await self._done(id, got)
        return FetchOutcome(id, rows)

    async def _offer(self, got: Fetched) -> int | None:
        """Show the centre what FEST's file would change; how many preparations it has."""
        return None if got.content is None else await self._fest.receive(got.content, got.filename)

    async def _read_in(self, register: NoticeService, got: Fetched) -> int | None:
        """Read the list in, where it is to be believed; how many rows it has."""
        if got.content is None:
            return None
        read = await register.preview(got.content, got.filename, None)
        rows = sum(proposal.notice is not None for proposal in read.proposals)
        before = await self._registers.rows_before(register.register.id)
        if before is not None and before >= FEWEST and rows < before / 2:
            raise ChangedForm(phrase("Ventet omtrent {before} rader, som sist. Fant {rows}.", before=before, rows=rows))
        if len(read.refused) > rows:
            first: Sequence[object] = [fault.line for fault in read.faults[:1]]
            raise ChangedForm(
                phrase(
                    "Ventet rader som kan leses. Fant {bad} av {all} som ikke kan det, for eksempel: {first}",
                    bad=len(read.refused),
                    all=rows + len(read.refused),
                    first=first[0] if first else "",
                )
            )
        await register.take_in(got.content, got.filename, None)
        return rows

    async def _done(self, id: str, got: Fetched) -> None:
        async with self._database.unit_of_work() as uow:
            row = await self._row(uow, id)
            told = row.told
            row.etag, row.last_modified = got.etag, got.last_modified
            row.asked_at = row.fetched_at = uow.now
            if told:
                await self._say(uow, row, None)
            row.failed_since, row.failures, row.problem, row.told = None, 0, None, False

    async def _failed(self, id: str, problem: Phrase, *, lasting: bool) -> FetchOutcome:
        """Keep what is wrong, and tell the centre where a person has to do something, once for each problem.

        What the server last said of the file is kept too: the next answer is compared with what was read in.
        """
        log.warning("register %s could not be fetched: %s", id, problem)
        async with self._database.unit_of_work() as uow:
            row = await self._row(uow, id)
            row.asked_at = uow.now
            row.failures += 1
            if row.problem != str(problem) and lasting:
                row.told = False
            row.failed_since = row.failed_since or uow.now
            row.problem = str(problem)
            if not row.told and (lasting or uow.now - row.failed_since >= SILENT_FOR):
                row.told = True
                await self._say(uow, row, problem)
        return FetchOutcome(id, None, problem)

    async def _row(self, uow: UnitOfWork, id: str) -> RegisterFetch:
        row = await uow.session.get(RegisterFetch, id)
        if row is None:
            row = RegisterFetch(source=id, asked_at=uow.now)
            await uow.add(row)
        return row

    async def _say(self, uow: UnitOfWork, row: RegisterFetch, problem: Phrase | None) -> None:
        """Say what is wrong, or, with no `problem`, that it is mended, in the same message."""
        channel = self._settings.cases_channel
        if channel is None or row.failed_since is None:
            return
        key = f"fetch:{row.source}:{row.failed_since:%Y%m%dT%H%M%S}"
        message = self._renderer.render(
            "register_failed.j2",
            name="FEST" if row.source == FEST else self._registers.all[row.source].register.name,
            problem=problem,
            address=self.addresses[row.source].shown,
            last=row.fetched_at,
        )
        first = await uow.said(key) is None
        await uow.say(
            key if first else f"{key}:{row.failures}",
            channel,
            message.text,
            message.blocks,
            edits=None if first else key,
        )

    async def standing(self) -> list[tuple[str, dt.datetime | None, str | None]]:
        """Every register with an address: when it was last fetched, and what is wrong with it now."""
        async with self._database.read() as session:
            known = await stored.fetches(session)
        return [
            (id, known[id].fetched_at if id in known else None, known[id].problem if id in known else None)
            for id in self.addresses
        ]
