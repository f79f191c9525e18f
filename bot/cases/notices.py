"""Other people's registers beside our cases: lists in, what they propose, and what people decide of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.forms import why_not_relevant
from bot.cases.medicine import Medicine, as_written
from bot.cases.notice_telling import ListTold, NoticeTeller
from bot.cases.opening import name_preparation, open_case
from bot.cases.telling import CaseTeller, Change
from bot.cases.vocabulary import Source, Status
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.service import CatalogueService
from bot.clock import Clock, today
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.registers.compare import (
    Grade,
    Graded,
    Known,
    OpenCase,
    Proposal,
    Proposed,
    Verdict,
    compare,
    grade,
)
from bot.registers.dmp import read_dmp
from bot.registers.notices import Notice, Notices, NoticeStatus
from bot.registers.progress import Progress, unheard
from bot.registers.table import Fault
from bot.registers.triage import Background, Triaged, above_the_fold, triage
from storage import cases as stored_cases
from storage import notices as stored
from storage import people
from storage import stock as stored_stock
from storage.tables import DatesTaken, EndDate, RegisterList, RegisterNotice, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class Register:
    """A register that is read: its name for people, its reader, and what its cases say of where they come from."""

    id: str
    name: str
    read: Callable[[bytes, str], Notices]
    source: Source


DMP = Register("dmp", "DMPs mangelliste", read_dmp, Source.DMP)


@dataclass(frozen=True, slots=True)
class ListRead:
    """What a list says beside the one before. `already`: when the same file was read; then nothing is stored."""

    filename: str
    as_of: dt.date
    proposals: tuple[Proposal, ...]
    faults: tuple[Fault, ...]
    refused: tuple[tuple[int, str], ...]
    already: dt.datetime | None = None

    def lines(self) -> list[dict[str, object]]:
        """What `mangelvakt register import dmp --json` prints, a line each: the rows as they come, then what is gone.

        A row that was refused proposes nothing: `action` is null and `why` says so. `row` is null where the notice is
        no longer in the list.
        """
        rows: list[tuple[int, dict[str, object]]] = [
            (proposal.row if proposal.row is not None else 10**9, _line(proposal)) for proposal in self.proposals
        ]
        problems: dict[int | None, list[str]] = {}
        for fault in self.faults:
            problems.setdefault(fault.row, []).append(str(fault.line))
        for number, name in self.refused:
            line = {"row": number, "name": name, "grade": Grade.NONE.value, "atc": None, "action": None, "case": None}
            rows.append((number, line | {"why": "; ".join(problems.get(number, []))}))
        return [line for _, line in sorted(rows, key=lambda pair: pair[0])]

    def count(self, action: Proposed) -> int:
        """How many rows propose `action`."""
        return sum(proposal.action == action for proposal in self.proposals)


@dataclass(frozen=True, slots=True)
class Received:
    """A list that somebody has sent and not yet said yes to. `list_id` None: there is nothing to say yes to."""

    list_id: int | None
    read: ListRead

    @property
    def personal(self) -> bool:
        """True where a field has an identity number: the file is not kept."""
        return any(fault.personal for fault in self.read.faults)

    @property
    def gone(self) -> int:
        """Notices that the list no longer has."""
        return sum(proposal.notice is None for proposal in self.read.proposals)

    @property
    def changed(self) -> int:
        """Rows of the list that say something else than before, but for a later end."""
        return sum(
            proposal.action in (Proposed.UPDATE, Proposed.ENDED) and proposal.notice is not None
            for proposal in self.read.proposals
        )


class AlreadyDecided(Refused):
    """Somebody else was first with a notice."""


@dataclass(frozen=True, slots=True)
class DateChange:
    """An open case whose end is not what the register says now."""

    number: str
    name: str
    before: dt.date | None
    after: dt.date | None


@dataclass(frozen=True, slots=True)
class DatesGiven:
    """How many cases were given a register's end in one go. `taken` takes it back (`undo_dates`)."""

    taken: int | None
    changed: int


@dataclass(frozen=True, slots=True)
class DatesTakenBack:
    """The cases that have their end from before again, and those that had been changed since and keep theirs."""

    back: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """The date changes that a list offers. `list_id`: of the list as it was shown."""

    list_id: int | None
    as_of: dt.date | None
    changes: tuple[DateChange, ...]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A notice to look at: several strengths of one brand with the same period and note stand together.

    `values` choose the medicine of each notice again, None where its name was not recognised; `certain`: there is
    nothing to ask before a case is opened.
    """

    ids: tuple[int, ...]
    names: tuple[str, ...]
    notice: Notice
    triaged: Triaged
    values: tuple[str | None, ...]
    certain: bool = False

    def has(self, words: str) -> bool:
        """True where every word stands in a name or the substance."""
        text = " ".join((*self.names, self.notice.substance)).casefold()
        return all(word in text for word in words.casefold().split())


@dataclass(frozen=True, slots=True)
class Inbox:
    """*Til vurdering*: rows worth a look first, the rest below the fold. `as_of`: the list's own date."""

    as_of: dt.date | None
    above: tuple[InboxRow, ...]
    below: tuple[InboxRow, ...]
    notices: int
    date_changes: tuple[DateChange, ...]


class NoticeService:
    """Reads registers' lists and keeps what was decided of each notice. Only people open and close cases."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        catalogue: CatalogueService,
        teller: CaseTeller,
        notice_teller: NoticeTeller,
        register: Register = DMP,
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue
        self._teller = teller
        self._notice_teller = notice_teller
        self._register = register
        self._matches: tuple[Catalogue | None, dict[tuple[str, str], Graded]] = (None, {})

    @property
    def register(self) -> Register:
        """The register that is read."""
        return self._register

    # --- lists in ---

    async def preview(self, data: bytes, filename: str, by: Actor | None, *, progress: Progress = unheard) -> ListRead:
        """What the list proposes; nothing is stored. Raises `NotATableError` and `Refused`; `by` None: command line."""
        if by is not None:
            by.require(Action.WORK_ON_CASE)
        refuse_identity_numbers(filename)
        read = await asyncio.to_thread(self._register.read, data, filename)
        async with self._database.read() as session:
            return await self._compared(session, read, data, filename, progress)

    async def receive(
        self, data: bytes, filename: str, by: Actor, *, key: str | None, progress: Progress = unheard
    ) -> Received:
        """The preview, with the file kept so that any replica can read it in when somebody says yes (`confirm`)."""
        read = await self.preview(data, filename, by, progress=progress)
        received = Received(None, read)
        if read.already is not None or received.personal:
            return received

        async def work(uow: UnitOfWork) -> Answer:
            record = self._record(uow, read, data, by, state="preview")
            record.grades = self._kept_grades(read)
            await uow.add(record)
            return {"list": record.id}

        return Received(int((await self._database.once(key, work))["list"]), read)

    async def confirm(self, list_id: int, by: Actor, *, key: str | None) -> ListRead | None:
        """Read in a list that was shown; None where the same click has done it already."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            record = await stored.list_by_id(session, self._register.id, list_id)
            if record is None:
                raise Refused(phrase("Fant ikke listen. Send den på nytt."))
            data, filename = record.content, record.filename
            self._recall(record.grades)
        read = await asyncio.to_thread(self._register.read, data, filename) if data else None
        answer: list[ListRead] = []

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(f"mangelvakt:register:{self._register.id}")
            record = await stored.list_by_id(uow.session, self._register.id, list_id)
            self._refuse_unless_shown(record)
            assert record is not None and read is not None  # noqa: S101
            found = await self._compared(uow.session, read, data, filename)
            if found.already is not None:
                raise Refused(phrase("Listen {filename} er allerede lest inn.", filename=filename))
            answer.append(found)
            await self._store(uow, found, data, by, record)
            return {"rows": len(found.proposals)}

        await self._database.once(key, work)
        return answer[0] if answer else None

    async def drop(self, list_id: int, by: Actor, *, key: str | None) -> str:
        """Forget a list that was shown; its file's name."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            record = await stored.list_by_id(uow.session, self._register.id, list_id)
            self._refuse_unless_shown(record)
            assert record is not None  # noqa: S101
            record.state, record.content, record.grades = "dropped", b"", {}
            uow.record(self._subject, "dropped", by=by.person, list=list_id, filename=record.filename)
            return {"filename": record.filename}

        return str((await self._database.once(key, work))["filename"])

    @staticmethod
    def _refuse_unless_shown(record: RegisterList | None) -> None:
        if record is None:
            raise Refused(phrase("Fant ikke listen. Send den på nytt."))
        if record.state == "dropped":
            raise Refused(phrase("Listen {filename} er forkastet. Send den på nytt.", filename=record.filename))
        if record.state != "preview":
            raise Refused(phrase("Listen {filename} er allerede lest inn.", filename=record.filename))

    async def take_in(
        self,
        data: bytes,
        filename: str,
        by: Actor | None,
        *,
        key: str | None = None,
        progress: Progress = unheard,
    ) -> ListRead:
        """Store the list and what it changes in our notices; the cases stay as they are.

        The same file twice changes nothing. A list older than the newest is refused.
        """
        if by is not None:
            by.require(Action.WORK_ON_CASE)
        refuse_identity_numbers(filename)
        read = await asyncio.to_thread(self._register.read, data, filename)
        answer: list[ListRead] = []

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(f"mangelvakt:register:{self._register.id}")
            found = await self._compared(uow.session, read, data, filename, progress)
            answer.append(found)
            if found.already is None:
                await self._store(uow, found, data, by)
            return {"rows": len(found.proposals)}

        await self._database.once(key, work)
        return answer[0] if answer else await self.preview(data, filename, by)

    async def _compared(
        self, session: AsyncSession, read: Notices, data: bytes, filename: str, progress: Progress = unheard
    ) -> ListRead:
        as_of = read.as_of or today(self._clock)
        newest = await stored.newest_list(session, self._register.id)
        digest = hashlib.sha256(data).hexdigest()
        if newest is not None and newest.as_of > as_of:
            raise Refused(
                phrase(
                    "Listen {filename} er fra {day}; en nyere, fra {newest}, er allerede lest.",
                    filename=filename,
                    day=f"{as_of:%d.%m.%Y}",
                    newest=f"{newest.as_of:%d.%m.%Y}",
                )
            )
        rows = await stored.notices(session, self._register.id)
        known = [_known(row) for row in rows]
        graded = await asyncio.to_thread(self._grade, read.rows, rows, progress)
        cases = {
            medicine: [OpenCase(*case) for case in some]
            for medicine, some in (await stored.open_cases_by_key(session)).items()
        }
        unread = [name for _, name in read.refused]
        proposals = await asyncio.to_thread(compare, read.rows, graded, known, cases, refused=unread)
        same = newest is not None and newest.sha256 == digest
        return ListRead(
            filename,
            as_of,
            tuple(proposals),
            read.faults,
            read.refused,
            newest.received_at if newest is not None and same else None,
        )

    def _grade(
        self, notices: Sequence[Notice], rows: Iterable[RegisterNotice], progress: Progress = unheard
    ) -> dict[int, Graded]:
        """Row number → which medicine it means. What was certain before is not asked again."""
        certain = {
            (row.name, row.substance): row.medicine_value
            for row in rows
            if row.grade == Grade.CERTAIN and row.medicine_value is not None
        }
        found: dict[int, Graded] = {}
        for done, notice in enumerate(notices):
            progress(done, len(notices))
            value = certain.get((notice.name, notice.substance))
            try:
                medicine = self._catalogue.medicine(value) if value is not None else None
            except Refused:  # it has left the catalogue
                medicine = None
            if medicine is not None:
                found[notice.row] = Graded(Grade.CERTAIN, medicine, medicine.atc)
                continue
            found[notice.row] = self._matched(notice)
        return found

    def _matched(self, notice: Notice) -> Graded:
        """The name matched; remembered while the catalogue is the same.

        A list is matched when it is shown and when it is read in, and is nearly the same the next day.
        """
        catalogue, known = self._matches
        if catalogue is not self._catalogue.catalogue:
            catalogue, known = self._matches = self._catalogue.catalogue, {}
        key = notice.name, notice.substance
        if key not in known:
            match = self._catalogue.match(notice.name)
            known[key] = grade(notice, match, self._catalogue.certain(match))
        return known[key]

    def _kept_grades(self, read: ListRead) -> dict[str, object]:
        """Which medicine each row was found to mean, to be kept with the list that is shown."""
        _, known = self._matches
        shown = {(one.about.name, one.about.substance) for one in read.proposals} & known.keys()
        rows = [
            [name, substance, of.grade.value, of.medicine.value if of.medicine else None, of.atc]
            for (name, substance), of in ((key, known[key]) for key in sorted(shown))
        ]
        return {"catalogue": self._catalogue.version, "rows": rows}

    def _recall(self, kept: Mapping[str, Any]) -> None:
        """Take over what another replica found out of the rows that it showed, where its catalogue is ours.

        878 names take four seconds to match; a click waits for three at most.
        """
        if not kept or kept["catalogue"] != self._catalogue.version:
            return
        catalogue, known = self._matches
        if catalogue is not self._catalogue.catalogue:
            catalogue, known = self._matches = self._catalogue.catalogue, {}
        for name, substance, of, value, atc in kept["rows"]:
            if (name, substance) not in known:
                medicine = self._catalogue.medicine(value) if value else None
                known[name, substance] = Graded(Grade(of), medicine, atc)

    def _record(self, uow: UnitOfWork, read: ListRead, data: bytes, by: Actor | None, *, state: str) -> RegisterList:
        return RegisterList(
            source=self._register.id,
            as_of=read.as_of,
            filename=read.filename[:300],
            sha256=hashlib.sha256(data).hexdigest(),
            content=b"" if any(fault.personal for fault in read.faults) else data,
            state=state,
            rows=sum(proposal.notice is not None for proposal in read.proposals),
            refused=len(read.refused),
            received_at=uow.now,
            sent_by=by.person if by else None,
        )

    async def _store(
        self, uow: UnitOfWork, read: ListRead, data: bytes, by: Actor | None, shown: RegisterList | None = None
    ) -> None:
        """Keep the list (`shown`: it lies there already) and what it changes, and tell of it."""
        record = shown or self._record(uow, read, data, by, state="stored")
        record.state, record.received_at, record.grades = "stored", uow.now, {}
        await uow.add(record)
        list_id = record.id or 0
        rows = {row.id: row for row in await stored.notices(uow.session, self._register.id)}
        added: list[dict[str, object]] = []
        changed: list[dict[str, object]] = []
        remembered: list[dict[str, object]] = []
        for proposal in read.proposals:
            if proposal.known is None:
                added.append(
                    _values(proposal)
                    | _carried_over(proposal, rows)
                    | {"source": self._register.id, "first_list": list_id, "changed_in": list_id}
                )
                continue
            row = rows[proposal.known.id]
            values = _values(proposal) if proposal.notice is not None else {"gone": True}
            values = {name: values.get(name, getattr(row, name)) for name in _COLUMNS}
            values["slips"] = row.slips + (proposal.action is Proposed.EXTEND)
            before = {name: _plain(getattr(row, name)) for name in _COLUMNS if getattr(row, name) != values[name]}
            if before:
                changed.append({"id": row.id, **values, "changed_in": list_id})
                after = {name: _plain(values[name]) for name in before}
                before["changed_in"] = row.changed_in
                remembered.append({"list_id": list_id, "notice_id": row.id, "before": before, "after": after})
        await stored.add(uow.session, added)
        await stored.change(uow.session, changed)
        await stored.remember(uow.session, remembered)
        uow.record(
            self._subject,
            "read",
            by=by.person if by else None,
            list=list_id,
            filename=read.filename,
            as_of=str(read.as_of),
            rows=record.rows,
        )
        for row in rows.values():
            uow.session.expunge(row)  # written past the session
        await self._tell(uow, read, list_id)

    async def _tell(self, uow: UnitOfWork, read: ListRead, list_id: int) -> None:
        """What a list brought, in the cases channel; what is over in the register, in the threads of its cases."""
        inbox = await self._inbox(uow.session)
        told = ListTold(
            list_id=list_id,
            name=self._register.name,
            as_of=read.as_of,
            to_look_at=len(inbox.above),
            below=len(inbox.below),
            dates=len(inbox.date_changes),
            gone=sum(proposal.notice is None for proposal in read.proposals),
            followed=tuple(
                (proposal.about.name, proposal.why)
                for proposal in read.proposals
                if proposal.known is not None
                and proposal.known.verdict is Verdict.FOLLOW
                and proposal.action in (Proposed.EXTEND, Proposed.UPDATE, Proposed.ENDED)
            ),
        )
        over = {
            str(proposal.known.case): (proposal.about.name, proposal.why)
            for proposal in read.proposals
            if proposal.known is not None and proposal.known.case and proposal.action is Proposed.ENDED
        }
        still_open = await stored.open_by_numbers(uow.session, over)
        await self._notice_teller.told(uow, told, {number: over[number] for number in sorted(still_open)})

    @property
    def _subject(self) -> str:
        return f"register:{self._register.id}"

    async def undo(self, by: Actor | None, *, key: str | None = None, list_id: int | None = None) -> str:
        """Take the newest list back: its file's name. Refused where somebody has decided on what came with it.

        `list_id`: the one that is meant, refused where it is no longer the newest.
        """
        if by is not None:
            by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(f"mangelvakt:register:{self._register.id}")
            newest = await stored.newest_list(uow.session, self._register.id)
            if newest is None or newest.id is None:
                raise Refused(phrase("Ingen liste er lest, så det er ingenting å angre."))
            if list_id is not None and newest.id != list_id:
                raise Refused(phrase("Bare den nyeste listen kan angres, og den er {name}.", name=newest.filename))
            if decided := await stored.decided_since(uow.session, newest):
                raise Refused(
                    phrase(
                        "Listen {filename} kan ikke angres: {count} av radene er allerede vurdert.",
                        filename=newest.filename,
                        count=decided,
                    )
                )
            changes = await stored.changes_of(uow.session, newest.id)
            await stored.forget_changes(uow.session, newest.id)
            for change in reversed(changes):
                await stored.change(uow.session, [{"id": change.notice_id} | _dates(change.before)])
            await stored.forget_first_seen_in(uow.session, newest.id)
            newest.undone_at = uow.now
            uow.record(self._subject, "undone", by=by.person if by else None, list=newest.id)
            await self._taken_back(uow, newest.id, newest.as_of)
            return {"filename": newest.filename}

        return str((await self._database.once(key, work))["filename"])

    async def _taken_back(self, uow: UnitOfWork, list_id: int, as_of: dt.date) -> None:
        """What else goes when a list does: its message says so."""
        await self._notice_teller.undone(uow, list_id, self._register.name, as_of)

    # --- what to look at ---

    async def inbox(self, by: Actor) -> Inbox:
        """The notices that nobody has decided on, and the date changes of those that a case follows."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            return await self._inbox(session)

    async def _inbox(self, session: AsyncSession) -> Inbox:
        newest = await stored.newest_list(session, self._register.id)
        rows = await stored.undecided(session, self._register.id)
        if not rows:
            changes = await self._date_changes(session)
            return Inbox(newest.as_of if newest else None, (), (), 0, _as_changes(changes))
        stocked = set(await stored_stock.preparation_keys(session))
        handled = await stored.substances_handled(session)
        cases = await stored.open_cases_by_key(session)
        changes = await self._date_changes(session)
        day = today(self._clock)
        groups = _together(rows)
        triaged = [self._triaged(group[0], stocked, handled, cases, day) for group in groups]
        new = {place for place, group in enumerate(groups) if newest and group[0].first_list == newest.id}
        first = above_the_fold([one.points for one in triaged], unseen=new)
        places = sorted(range(len(groups)), key=lambda place: (-triaged[place].points, place not in new, place))
        shown = [
            InboxRow(
                ids=tuple(row.id or 0 for row in groups[place]),
                names=tuple(row.name for row in groups[place]),
                notice=_notice(groups[place][0]),
                triaged=triaged[place],
                values=tuple(row.medicine_value for row in groups[place]),
                certain=all(row.grade == Grade.CERTAIN and self._whole(row) for row in groups[place]),
            )
            for place in places
        ]
        above = tuple(row for row, place in zip(shown, places, strict=True) if place in first)
        below = tuple(row for row, place in zip(shown, places, strict=True) if place not in first)
        return Inbox(
            newest.as_of if newest else None,
            above,
            below,
            len(rows),
            _as_changes(changes),
        )

    def _whole(self, row: RegisterNotice) -> bool:
        """True where the medicine is known with strength and form."""
        medicine = self._medicine(row)
        return medicine is not None and not medicine.is_open

    def _triaged(
        self,
        row: RegisterNotice,
        stocked: set[str],
        handled: Mapping[str, int],
        cases: Mapping[str, object],
        day: dt.date,
    ) -> Triaged:
        medicine = self._medicine(row)
        keys = (medicine.key, *medicine.keys) if medicine else ()
        preparation = next((one for key in keys for one in self._catalogue.catalogue.same_preparation(key)), None)
        background = Background(
            in_stock=any(key in stocked for key in keys),
            handled_before=handled.get(medicine.substance.casefold(), 0) if medicine else 0,
            open_case=any(key in cases for key in keys),
            slips=row.slips,
        )
        return triage(_notice(row), Graded(Grade(row.grade), medicine, row.atc), preparation, background, day)

    def _medicine(self, row: RegisterNotice) -> Medicine | None:
        if row.medicine_value is None:
            return None
        try:
            return self._catalogue.medicine(row.medicine_value)
        except Refused:  # it has left the catalogue; the notice stays
            return None

    # --- what people decide ---

    async def rows_of(self, notice_ids: Sequence[int], by: Actor) -> list[tuple[int, str, Medicine | None]]:
        """Notices somebody is about to decide on: id, name, and the medicine it was recognised as."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            rows = await self._undecided(session, notice_ids)
        return [(row.id or 0, row.name, self._medicine(row)) for row in rows]

    async def open_cases_of(
        self, notice_ids: Sequence[int], chosen: Mapping[int, Medicine], by: Actor, *, key: str | None
    ) -> tuple[str, ...]:
        """A case from each notice, with its period and source; their numbers.

        A case is one preparation, so strengths are cases of their own, in one complex; a notice whose preparation has
        an open case joins it. `chosen`: the medicine a person chose for a notice; else as it was recognised, else as
        written.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(f"mangelvakt:register:{self._register.id}")
            await uow.alone("mangelvakt:cases")
            cases: dict[str, ShortageCase] = {}
            for row in await self._undecided(uow.session, notice_ids):
                meant = chosen.get(row.id or 0) or self._medicine(row) or as_written(row.name)
                case = await self._case_for(uow, row, meant, by)
                cases[case.number] = case
                self._decide(uow, row, Verdict.CASE, by, case=case.number)
            if len(cases) > 1:
                complex_ = next((case.complex for case in cases.values() if case.complex), min(cases))
                for case in cases.values():
                    case.complex = complex_
            for case in cases.values():
                if case.opened_at == uow.now:
                    await self._teller.opened(uow, case)
            return {"numbers": list(cases)}

        return tuple((await self._database.once(key, work))["numbers"])

    async def _case_for(self, uow: UnitOfWork, row: RegisterNotice, meant: Medicine, by: Actor) -> ShortageCase:
        """The open case of the preparation, or a new one."""
        case = await stored_cases.open_for_preparation(uow.session, meant.key)
        if case is not None:
            return case
        case = await open_case(uow, meant, source=self._register.source, by=by.person)
        case.start, case.expected_end = row.start, row.end
        if row.start is not None and row.start > today(self._clock):
            case.status = Status.UPCOMING.value
        if row.end is not None:
            await uow.add(await self._announced(uow, case, row, by))
        await name_preparation(uow, case, meant)
        return case

    async def follow(self, notice_ids: Sequence[int], by: Actor, *, key: str | None) -> str:
        """Keep an eye on notices without a case: they leave the inbox, their changes are told. The first one's name."""
        return await self._decided(notice_ids, Verdict.FOLLOW, None, by, key)

    async def dismiss(self, notice_ids: Sequence[int], reason: str, by: Actor, *, key: str | None) -> str:
        """Not relevant, with a reason that also holds when the notice is extended. The first one's name."""
        return await self._decided(notice_ids, Verdict.NOT_RELEVANT, why_not_relevant(reason), by, key)

    async def _decided(
        self, notice_ids: Sequence[int], verdict: Verdict, reason: str | None, by: Actor, key: str | None
    ) -> str:
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(f"mangelvakt:register:{self._register.id}")
            rows = await self._undecided(uow.session, notice_ids)
            for row in rows:
                self._decide(uow, row, verdict, by, reason=reason)
            return {"name": rows[0].name}

        return str((await self._database.once(key, work))["name"])

    async def _undecided(self, session: AsyncSession, notice_ids: Sequence[int]) -> list[RegisterNotice]:
        """Those of the notices that nobody has decided on. Raises `AlreadyDecided`, with who did, for none."""
        rows = [row for row in await stored.by_ids(session, notice_ids) if row.source == self._register.id]
        if not rows or len(rows) != len(set(notice_ids)):
            raise Refused(phrase("Fant ikke meldingen. Åpne listen på nytt."))
        left = [row for row in rows if row.verdict is None]
        if left:
            return left
        first = rows[0]
        slack_ids = await people.slack_users(session, [first.verdict_by] if first.verdict_by else [])
        slack_id = slack_ids.get(first.verdict_by or "")
        who = Mention(slack_id) if slack_id else phrase("en annen")
        if first.verdict == Verdict.CASE:
            said = phrase(
                "{name} har allerede sak {number}, av {who}.", name=first.name, number=first.case_number, who=who
            )
        elif first.verdict == Verdict.FOLLOW:
            said = phrase("{name} er allerede vurdert av {who}: følges.", name=first.name, who=who)
        else:
            said = phrase("{name} er allerede vurdert av {who}: ikke aktuell.", name=first.name, who=who)
        raise AlreadyDecided(said)

    def _decide(
        self,
        uow: UnitOfWork,
        row: RegisterNotice,
        verdict: Verdict,
        by: Actor,
        *,
        reason: str | None = None,
        case: str | None = None,
    ) -> None:
        row.verdict, row.reason, row.case_number = verdict.value, reason, case
        row.verdict_by, row.verdict_at = by.person, uow.now
        uow.record(f"notice:{row.id}", verdict.value, by=by.person, name=row.name, reason=reason, case=case)

    # --- dates of cases that follow a notice ---

    async def offered_dates(self, by: Actor) -> Offer:
        """The ends that the register now gives for the cases that follow its notices."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            newest = await stored.newest_list(session, self._register.id)
            changes = await self._date_changes(session)
        return Offer(newest.id if newest else None, newest.as_of if newest else None, _as_changes(changes))

    async def take_dates(self, by: Actor, *, key: str | None, list_id: int | None = None) -> DatesGiven:
        """Give every followed case the end that the register now says.

        `list_id`: the list whose dates were looked at; refused where another has been read since.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(f"mangelvakt:register:{self._register.id}")
            newest = await stored.newest_list(uow.session, self._register.id)
            if list_id is not None and (newest is None or newest.id != list_id):
                raise Refused(phrase("Listen er lest på nytt eller angret siden du åpnet den. Åpne datoene igjen."))
            given: list[tuple[ShortageCase, dt.date | None, EndDate]] = []
            told: list[tuple[ShortageCase, Change]] = []
            for case, notice in await self._date_changes(uow.session):
                before, case.expected_end = case.expected_end, notice.end
                given.append((case, before, await self._announced(uow, case, notice, by)))
                uow.record(
                    f"case:{case.number}", "updated", by=by.person, expected_end=[_plain(before), _plain(notice.end)]
                )
                said = _new_end(notice.end)
                told.append((case, Change(phrase("DMP: {said}.", said=said), said)))
            if not given:
                return {"taken": None, "changed": 0}
            await uow.add(*(announced for *_, announced in given))
            await self._teller.changed_together(uow, told, by=by.person)
            kept = [[case.number, _plain(before), case.version, announced.id] for case, before, announced in given]
            taken = DatesTaken(source=self._register.id, taken_at=uow.now, taken_by=by.person, changes={"cases": kept})
            await uow.add(taken)
            return {"taken": taken.id, "changed": len(kept)}

        return DatesGiven(**await self._database.once(key, work))

    async def undo_dates(self, taken_id: int, by: Actor, *, key: str | None) -> DatesTakenBack:
        """Give the cases the ends they had before, but for those that have been changed since."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(f"mangelvakt:register:{self._register.id}")
            taken = await uow.session.get(DatesTaken, taken_id)
            if taken is None or taken.source != self._register.id:
                raise Refused(phrase("Fant ikke datoene. Åpne dem på nytt."))
            if taken.undone_at is not None:
                raise Refused(phrase("Disse datoene er allerede angret."))
            rows = list(taken.changes["cases"])
            cases = await stored.open_by_numbers(uow.session, [str(number) for number, *_ in rows])
            mine = [row for row in rows if row[0] in cases and cases[row[0]].version == row[2]]
            await stored.forget_end_dates(uow.session, [int(row[3]) for row in mine])
            told: list[tuple[ShortageCase, Change]] = []
            for number, before, _, _ in mine:
                case = cases[number]
                after, case.expected_end = case.expected_end, dt.date.fromisoformat(before) if before else None
                uow.record(f"case:{number}", "updated", by=by.person, expected_end=[_plain(after), before])
                said = _new_end(case.expected_end)
                told.append((case, Change(phrase("Angret: {said}.", said=said), said)))
            if told:
                await self._teller.changed_together(uow, told, by=by.person)
            taken.undone_at = uow.now
            back = {row[0] for row in mine}
            return {"back": sorted(back), "kept": sorted(row[0] for row in rows if row[0] not in back)}

        answer = await self._database.once(key, work)
        return DatesTakenBack(tuple(answer["back"]), tuple(answer["kept"]))

    async def _date_changes(self, session: AsyncSession) -> list[tuple[ShortageCase, RegisterNotice]]:
        """Open cases whose end is not what their notice says now. A notice that is gone or ended says nothing."""
        notices = [
            row
            for row in await stored.tied(session, self._register.id)
            if row.case_number is not None and not row.gone and NoticeStatus(row.status).is_open and row.end is not None
        ]
        cases = await stored.open_by_numbers(session, {str(row.case_number) for row in notices})
        latest = {str(row.case_number): row for row in sorted(notices, key=lambda row: row.end or dt.date.min)}
        return [
            (cases[number], row)
            for number, row in sorted(latest.items())
            if number in cases and cases[number].expected_end != row.end
        ]

    async def _announced(self, uow: UnitOfWork, case: ShortageCase, row: RegisterNotice, by: Actor) -> EndDate:
        """The end as announced, with the list it stands in."""
        read = await uow.session.get(RegisterList, row.changed_in)
        day = f"{read.as_of:%d.%m.%Y}" if read else ""
        return EndDate(
            case_id=case.id or 0,
            end=row.end,
            said_at=uow.now,
            by=by.person,
            source=f"{self._register.name} {day}".strip(),
        )


_COLUMNS = (
    "name", "substance", "start", "end", "status", "note", "address", "veterinary",
    "grade", "medicine_key", "medicine_value", "atc", "slips", "gone",
)  # fmt: skip
"""What a list may change in a notice."""


def _as_changes(changes: Iterable[tuple[ShortageCase, RegisterNotice]]) -> tuple[DateChange, ...]:
    return tuple(DateChange(case.number, case.name, case.expected_end, notice.end) for case, notice in changes)


def _line(proposal: Proposal) -> dict[str, object]:
    return {
        "row": proposal.row,
        "name": proposal.about.name,
        "grade": proposal.graded.grade.value,
        "atc": proposal.graded.atc,
        "action": proposal.action.value,
        "case": proposal.case,
        "why": "; ".join(str(reason) for reason in proposal.why) or None,
    }


def _values(proposal: Proposal) -> dict[str, object]:
    notice, medicine = proposal.about, proposal.graded.medicine
    return {
        "name": notice.name[:400],
        "substance": notice.substance,
        "start": notice.start,
        "end": notice.end,
        "status": notice.status.value,
        "note": notice.note,
        "address": notice.address,
        "veterinary": notice.veterinary,
        "grade": proposal.graded.grade.value,
        "medicine_key": medicine.key if medicine else None,
        "medicine_value": medicine.value if medicine else None,
        "atc": proposal.graded.atc,
        "slips": 0,
        "gone": False,
    }


def _carried_over(proposal: Proposal, rows: Mapping[int | None, RegisterNotice]) -> dict[str, object]:
    """What was decided of the period before, where it holds for this one too."""
    before = rows.get(proposal.after.id) if proposal.after else None
    names = ("verdict", "reason", "verdict_by", "verdict_at", "case_number")
    return {name: getattr(before, name) if before else None for name in names}


def _known(row: RegisterNotice) -> Known:
    return Known(
        id=row.id or 0,
        notice=_notice(row),
        medicine_key=row.medicine_key,
        verdict=Verdict(row.verdict) if row.verdict else None,
        reason=row.reason,
        case=row.case_number,
        gone=row.gone,
    )


def _notice(row: RegisterNotice) -> Notice:
    return Notice(
        row=0,
        name=row.name,
        substance=row.substance,
        start=row.start,
        end=row.end,
        status=NoticeStatus(row.status),
        note=row.note,
        address=row.address,
        veterinary=row.veterinary,
    )


def _together(rows: Iterable[RegisterNotice]) -> list[list[RegisterNotice]]:
    """Notices that differ in strength and package only: one look is enough for them."""
    groups: dict[tuple[object, ...], list[RegisterNotice]] = {}
    for row in rows:
        brand = row.name.split()[0].casefold() if row.name.split() else ""
        groups.setdefault((brand, row.substance, row.start, row.end, row.note, row.status), []).append(row)
    return list(groups.values())


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def _dates(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: dt.date.fromisoformat(value) if name in ("start", "end") and isinstance(value, str) else value
        for name, value in values.items()
    }


def _new_end(end: dt.date | None) -> Phrase:
    return phrase("ny sluttdato {end}", end=end) if end else phrase("sluttdato er nå ukjent")
