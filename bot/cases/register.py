"""Another register's cases become ours: previewed, taken in all or nothing, and taken back.

They are cases like any other, marked with the import they came with. Nothing is said about them in Slack.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.cases.vocabulary import Status, Visibility
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Kind
from bot.catalogue.preparation import Scope
from bot.clock import OSLO, Clock, oslo
from bot.messages.phrase import Phrase, phrase
from bot.people.identity_numbers import refuse_identity_numbers
from bot.refusal import Refused
from bot.registers.case_register import (
    CaseRegister,
    RegisterCase,
    read_case_register,
    year_and_place,
    years_of,
)
from bot.registers.table import Fault, heading_key
from storage import case_register as stored
from storage import statistics as counted
from storage.tables import CaseImport
from storage.unit_of_work import Database, UnitOfWork

COMPARED = (
    "name",
    "substance",
    "preparation_key",
    "atc",
    "authorised",
    "status",
    "source",
    "cause",
    "start",
    "expected_end",
    "noticed_on",
    "closed_at",
)
"""What a register says of a case; where all of it is as before, the case is unchanged."""

_TIMES = ("opened_at", "closed_at")
_DATES = ("start", "expected_end", "noticed_on")


@dataclass(frozen=True, slots=True)
class CasesTaken:
    """What a file would do, or has done (`stored`)."""

    filename: str
    register: CaseRegister
    new: tuple[RegisterCase, ...]
    changed: tuple[RegisterCase, ...]
    unchanged: int
    faults: tuple[Fault, ...]
    remarks: tuple[Phrase, ...]
    stored: bool
    known_file: bool = False
    """The very same file was the last to be taken in."""

    def as_json(self) -> dict[str, Any]:
        """For another program."""
        return {
            "file": self.filename,
            "rows": len(self.register.cases) + len({fault.row for fault in self.register.faults if fault.row}),
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "stored": self.stored,
            "columns": dict(self.register.columns),
            "ignored": list(self.register.ignored),
            "noticed": {str(year): n for year, n in years_of(self.register.cases.values()).items()},
            "remarks": [str(remark) for remark in self.remarks],
            "faults": [
                {"row": fault.row, "column": fault.column, "value": fault.value, "problem": str(fault.problem)}
                for fault in self.faults
            ],
        }


class CaseRegisterService:
    """Takes another register's cases in, in one unit of work."""

    def __init__(self, database: Database, clock: Clock, catalogue: Callable[[], Catalogue]) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue

    async def preview(self, data: bytes, filename: str, mapping: Mapping[str, str]) -> CasesTaken:
        """What the file would do. Stores nothing."""
        register = await self._read(data, filename, mapping)
        async with self._database.read() as session:
            before = await stored.standing(session, (*_STANDING, *COMPARED))
            solutions = await counted.solutions(session)
        plan = self._plan(register, before, solutions)
        return self._taken(filename, plan, stored_now=False)

    async def take_in(
        self, data: bytes, filename: str, mapping: Mapping[str, str], *, partial: bool = False
    ) -> CasesTaken:
        """Store the file's cases: all of them, or none where one has a fault (with `partial` those without).

        The same file again changes nothing. Raises `Refused` for a file name that holds an identity number.
        """
        refuse_identity_numbers(filename)
        sha256 = hashlib.sha256(data).hexdigest()
        register = await self._read(data, filename, mapping)
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:cases")
            before = await stored.standing(uow.session, (*_STANDING, *COMPARED))
            plan = self._plan(register, before, await counted.solutions(uow.session))
            known = await stored.is_last(uow.session, sha256)
            if known or register.unreadable or (plan.faults and not partial) or not (plan.new or plan.changed):
                return self._taken(filename, plan, stored_now=False, known=known)
            await self._store(uow, plan, filename, sha256)
            if mapping:
                said = {heading_key(heading): column for heading, column in register.columns.items()}
                await stored.remember_mapping(uow.session, register.headings, said, uow.now)
        return self._taken(filename, plan, stored_now=True)

    async def undo(self) -> tuple[str, int, int]:
        """Take back the last import: its file's name, how many cases went, how many are as before.

        Raises `Refused` where there is none, or where somebody has worked on one of its cases.
        """
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:cases")
            last = await stored.last_import(uow.session)
            if last is None or last.id is None:
                raise Refused(phrase("Ingen import å angre."))
            touched = await stored.worked_on(uow.session, last.id)
            if touched:
                raise Refused(
                    phrase(
                        "Importen av {file} kan ikke angres: {count} saker er endret eller meldt siden ({first} …).",
                        file=last.filename,
                        count=len(touched),
                        first=touched[0],
                    )
                )
            await stored.remove_cases(uow.session, last.id)
            replaced = {int(case_id): _from_json(values) for case_id, values in last.replaced["columns"].items()}
            await stored.change_cases(uow.session, replaced)
            done = {int(case_id): tuple(every) for case_id, every in last.replaced["solutions"].items()}
            await stored.put_solutions(uow.session, done)
            last.state = "undone"
            uow.session.add(last)
            uow.record(f"import:{last.id}", "import_undone", by=None, filename=last.filename)
            return last.filename, last.added, last.changed

    async def _read(self, data: bytes, filename: str, mapping: Mapping[str, str]) -> CaseRegister:
        async with self._database.read() as session:
            remembered = await stored.mappings(session)
        today = oslo(self._clock.now()).date()
        return read_case_register(data, filename, today=today, mapping=mapping, remembered=remembered)

    def _plan(
        self,
        register: CaseRegister,
        before: Mapping[str, Mapping[str, Any]],
        solutions: Mapping[int, list[tuple[str, bool | None]]],
    ) -> _Plan:
        plan = _Plan(register, list(register.faults))
        heading = next((said for said, column in register.columns.items() if column == "saksnummer"), None)
        for row, case in register.cases.items():
            values = self._values(case)
            there = before.get(case.number)
            if there is None:
                plan.new.append((case, values))
                continue
            if there["import_id"] is None:
                problem = phrase("er nummeret på en sak som finnes her fra før.")
                plan.faults.append(Fault(row, heading, case.number, problem))
                continue
            done = tuple(one.value for one in case.solutions)
            standing_done = tuple(one for one, _ in solutions.get(there["id"], ()))
            said_done = "løsning" in register.columns.values()
            same_done = not said_done or set(done) == set(standing_done)
            if same_done and all(values[name] == there[name] for name in COMPARED):
                plan.unchanged += 1
            elif there["version"] > 1:
                problem = phrase("er endret her etter importen. Rett saken her, eller ta raden ut.")
                plan.faults.append(Fault(row, heading, case.number, problem))
            else:
                old = {name: there[name] for name in (*COMPARED, "opened_at")}
                plan.changed[there["id"]] = (case, values, old, None if same_done else standing_done)
        plan.faults.sort(key=lambda fault: fault.row or 0)
        return plan

    def _values(self, case: RegisterCase) -> dict[str, Any]:
        """The columns of a case that a register tells of."""
        item = self._catalogue().exact(name=case.name) if case.name else None
        preparation = item.preparations[0] if item is not None and item.kind is Kind.PRODUCT else None
        name = case.name or case.substance or case.number
        substance = case.substance or (item.substance if item is not None else "")
        return {
            "number": case.number,
            "preparation_key": preparation.key if preparation else f"text|{name.casefold()}",
            "name": name,
            "substance": substance,
            "atc": case.atc,
            "authorised": case.authorised.value,
            "status": case.status.value,
            "source": case.source.value if case.source else None,
            "cause": case.cause.value if case.cause else None,
            "start": case.start,
            "expected_end": case.end,
            "noticed_on": case.noticed,
            "closed_at": _at_noon(case.closed),
        }

    async def _store(self, uow: UnitOfWork, plan: _Plan, filename: str, sha256: str) -> None:
        replaced = {
            "columns": {str(case_id): _to_json(old) for case_id, (_, _, old, _) in plan.changed.items()},
            "solutions": {str(id_): list(done) for id_, (*_, done) in plan.changed.items() if done is not None},
        }
        made = CaseImport(
            at=uow.now,
            filename=filename[:300],
            sha256=sha256,
            state="stored",
            added=len(plan.new),
            changed=len(plan.changed),
            replaced=replaced,
        )
        await uow.add(made)
        usual = {
            "scope": Scope.MEDICINE.value,
            "visibility": Visibility.MEETING.value,
            "made_up": False,
            "version": 1,
            "changed_at": uow.now,
            "import_id": made.id,
        }
        rows = [usual | values | {"opened_at": _opened(case, uow.now)} for case, values in plan.new]
        ids = await stored.add_cases(uow.session, rows)
        await stored.change_cases(
            uow.session,
            {
                case_id: {name: values[name] for name in COMPARED} | {"opened_at": _opened(case, uow.now)}
                for case_id, (case, values, _, _) in plan.changed.items()
            },
        )
        done = {ids[case.number]: [one.value for one in case.solutions] for case, _ in plan.new if case.solutions}
        done |= {
            case_id: [one.value for one in case.solutions]
            for case_id, (case, _, _, before) in plan.changed.items()
            if before is not None
        }
        await stored.put_solutions(uow.session, done)
        ends = [
            {"case_id": ids[case.number], "end": case.end, "said_at": uow.now, "source": filename[:200]}
            for case, _ in plan.new
            if case.end is not None and case.status.is_open
        ]
        await stored.announce_ends(uow.session, ends)
        taken: dict[int, int] = {}
        for case, _ in plan.new:
            ours = year_and_place(case.number)
            if ours is not None and 2000 <= ours[0] <= 2100:
                taken[ours[0]] = max(taken.get(ours[0], 0), ours[1])
        await stored.reserve_numbers(uow.session, taken)
        uow.record(
            f"import:{made.id}", "cases_imported", by=None, filename=filename, added=made.added, changed=made.changed
        )

    def _taken(self, filename: str, plan: _Plan, *, stored_now: bool, known: bool = False) -> CasesTaken:
        return CasesTaken(
            filename=filename,
            register=plan.register,
            new=tuple(case for case, _ in plan.new),
            changed=tuple(case for case, *_ in plan.changed.values()),
            unchanged=plan.unchanged,
            faults=tuple(plan.faults),
            remarks=tuple(_remarks(plan.register)),
            stored=stored_now,
            known_file=known,
        )


_STANDING = ("id", "number", "version", "import_id", "opened_at")


class _Plan:
    """What becomes of each case of a file."""

    def __init__(self, register: CaseRegister, faults: list[Fault]) -> None:
        self.register = register
        self.faults = faults
        self.new: list[tuple[RegisterCase, dict[str, Any]]] = []
        self.changed: dict[int, tuple[RegisterCase, dict[str, Any], dict[str, Any], tuple[str, ...] | None]] = {}
        """Case id → the case, its columns, those it had, and what was done before where that is new."""
        self.unchanged = 0


def _remarks(register: CaseRegister) -> list[Phrase]:
    """What is no fault, but worth a look before it is stored."""
    cases = register.cases.values()
    undated = sum(case.noticed is None and case.start is None for case in cases)
    from_start = sum(case.noticed is None and case.start is not None for case in cases)
    closed_undated = sum(case.status is Status.CLOSED and case.closed is None for case in cases)
    said = []
    if register.ignored:
        said.append(phrase("Leses ikke: {columns}.", columns=", ".join(register.ignored)))
    if from_start:
        said.append(phrase("Uten meldt-dato, telles fra start: {count}.", count=from_start))
    if undated:
        said.append(phrase("Uten både meldt og start, telles ikke i noe år: {count}.", count=undated))
    if closed_undated:
        said.append(phrase("Avsluttet uten dato, telles som avsluttet på sluttdatoen: {count}.", count=closed_undated))
    return said


def _at_noon(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(12), OSLO).astimezone(dt.UTC) if day else None


def _opened(case: RegisterCase, now: dt.datetime) -> dt.datetime:
    """When the case counts as opened, never later than now; one that nobody knows the day of, when it came here."""
    return min(_at_noon(case.noticed or case.start) or now, now)


def _to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}


def _from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = dict(values)
    for name in _TIMES:
        read[name] = dt.datetime.fromisoformat(read[name]) if read[name] else None
    for name in _DATES:
        read[name] = dt.date.fromisoformat(read[name]) if read[name] else None
    return read
