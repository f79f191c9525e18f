"""Reports in: filed on a new case or joined to an open one, corrected, withdrawn, and put right by the centre."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.forms import ONE_CASE_OF_ITS_OWN, ReportForm
from bot.cases.life_cycle import refuse_if_changed
from bot.cases.medicine import Medicine
from bot.cases.opening import (
    complex_of,
    live_on,
    name_preparation,
    open_case,
    put_right,
    remember_wrong_match,
    restrict_no_more,
)
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import CaseView, load_views, named
from bot.cases.vocabulary import Authorised, CameBy, Missing, Source, Status, Visibility
from bot.clock import Clock, oslo
from bot.messages.phrase import phrase
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.refusal import NotAllowed, Refused
from storage import cases as stored
from storage.catalogue import AS_WRITTEN
from storage.tables import (
    InboxEntry,
    KeptEvent,
    Person,
    ShortageCase,
    ShortageReport,
)
from storage.turns import Turns
from storage.unit_of_work import Answer, Database, UnitOfWork

HOUR = dt.timedelta(hours=1)
LONGEST_WAIT = 0.4
"""Seconds that who sends a report waits for those before theirs to be filed, of the three that Slack waits. Who would
wait longer need not: what was sent is kept, and filed in its turn."""
A_FILING = 0.05
"""Seconds that filing a report takes, until one has been measured."""
CALMS_DOWN = 0.9
"""So much of the longest that it took is still expected with the next one."""
STANDS_BACK = dt.timedelta(minutes=1)
"""So long at most, after it was sent, a report that is kept lets those go first who wait for a form to open."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report: its case, and whether it opened one or joined one."""

    number: str
    report_id: int
    name: str
    joined: bool
    reports: int
    places: int
    substance: str | None = None
    """None in an answer that a version before this one has kept."""

    @property
    def title(self) -> str:
        """The medicine with its substance in brackets, where the name does not say it already."""
        return named(self.name, self.substance)


@dataclass(frozen=True, slots=True)
class NearbyCase:
    """An open case in the few words that a form has room for."""

    number: str
    name: str
    reports: int
    places: int


@dataclass(frozen=True, slots=True)
class Nearby:
    """Open cases that a report might belong to: of the same preparation, and of the same substance otherwise.

    `also`: more of the same preparation, for other packages or suppliers.
    """

    same: NearbyCase | None
    related: tuple[NearbyCase, ...]
    also: tuple[NearbyCase, ...] = ()


class ReportingService:
    """Takes reports from anyone."""

    def __init__(
        self, database: Database, clock: Clock, teller: CaseTeller, reports_per_hour: int, readers: Turns
    ) -> None:
        self._database = database
        self._clock = clock
        self._teller = teller
        self._reports_per_hour = reports_per_hour
        self._readers = readers
        self._kept = Turns(1)
        self.turns = Turns(1)
        """One report is filed at a time: the cases are numbered one after the other anyway."""
        self._in_line: Counter[str] = Counter()
        self._took = A_FILING
        self._began = 0.0

    @property
    def is_behind(self) -> bool:
        """Whether whoever sends a report now would go ahead of one that is kept here, or wait too long for its case."""
        takes = max(self._took, time.monotonic() - self._began) if self.turns.ahead else 0.0
        return self._kept.ahead > 0 or self.turns.ahead * takes > LONGEST_WAIT

    async def nearby(self, medicine: Medicine) -> Nearby:
        """Open cases to show somebody who is reporting `medicine`."""
        async with self._database.read() as session:
            rows = await stored.open_for_substance(session, medicine.substance)
            rows = [row for row in rows if Visibility(row.visibility) is not Visibility.INTERNAL]
            counts = await stored.report_counts(session, [row.id for row in rows if row.id is not None])

        def nearby(row: ShortageCase) -> NearbyCase:
            return NearbyCase(row.number, row.name, *counts.get(row.id or 0, (0, 0)))

        same = [nearby(row) for row in rows if row.preparation_key == medicine.key][:5]
        related = tuple(nearby(row) for row in rows if row.preparation_key != medicine.key)[:5]
        return Nearby(same[0] if same else None, related, tuple(same[1:]))

    async def admit(self, form: ReportForm, by: Actor, *, key: str) -> None:
        """Raise what `report` would of this form, before it is kept for later. One that is sent again is in already."""
        _refuse_what_is_wrong(form, by)
        async with self._database.read() as session:
            if await session.get(InboxEntry, key) is not None or await session.get(KeptEvent, key) is not None:
                return
            await self._refuse_too_many(session, by, self._clock.now(), in_line=self._in_line[by.person])

    async def report(
        self, form: ReportForm, by: Actor, *, key: str | None, sent_at: dt.datetime | None = None
    ) -> Receipt:
        """File a report in its turn, once per `key`. Raises `FormRefused` where a field is wrong, and stores nothing.

        `sent_at`: when it was kept, and who sent it was told so. The reporter's choice decides. Where nobody
        was asked (two reported at once), the one open case of the same preparation is joined; with several of them,
        or where only a package is missing, it becomes a case of its own, and its card asks the centre. Another strength
        or form is a case of its own in the same complex.
        """
        _refuse_what_is_wrong(form, by)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            if sent_at is None:
                await self._refuse_too_many(uow.session, by, uow.now)
            report, case, joined = await self._file(uow, form, by, sent_at or uow.now)
            view = await (self._joined(uow, case, report) if joined else self._teller.opened(uow, case))
            person = await uow.session.get(Person, by.person)
            if person is not None and form.on_behalf is None:
                person.place = form.place
            receipt = Receipt(
                case.number, report.id or 0, case.name, joined, len(view.reports), view.places, case.substance
            )
            await self._teller.tell_person(
                uow,
                f"receipt:{report.id}",
                by.slack_user,
                "receipt.j2",
                by.language,
                receipt=receipt,
            )
            if form.on_behalf is not None and form.on_behalf.slack_user is not None:
                await self._teller.tell_person(
                    uow,
                    f"registered:{report.id}",
                    form.on_behalf.slack_user,
                    "report_for_you.j2",
                    form.on_behalf.language,
                    receipt=receipt,
                    case=view,
                    who=Mention(by.slack_user),
                )
            return _as_answer(receipt)

        self._in_line[by.person] += 1
        try:
            async with nullcontext() if sent_at is None else self._after_those_who_wait(sent_at), self.turns.turn():
                self._began = time.monotonic()
                answer = await self._database.once(key, work)
                self._took = max(time.monotonic() - self._began, CALMS_DOWN * self._took)
            return Receipt(**answer)
        finally:
            self._in_line -= Counter([by.person])

    @asynccontextmanager
    async def _after_those_who_wait(self, sent_at: dt.datetime) -> AsyncIterator[None]:
        """For one that is kept: its turn among these. Where they are many, when nobody stands in line for a form, or a
        minute has gone."""
        latest = time.monotonic() + STANDS_BACK.total_seconds()  # a clock that is put back does not make it longer
        async with self._kept.turn():
            if self._kept.ahead * self._took > LONGEST_WAIT:
                left = (sent_at + STANDS_BACK - self._clock.now()).total_seconds()
                await self._readers.lull(min(left, latest - time.monotonic()))
            yield

    async def _refuse_too_many(self, session: AsyncSession, by: Actor, now: dt.datetime, *, in_line: int = 0) -> None:
        """Raises `Refused` where somebody has reported more in an hour than a person does. The centre may."""
        if by.may(Action.WORK_ON_CASE):
            return
        room = self._reports_per_hour - in_line
        since = await stored.nth_last_report(session, by.person, now - HOUR, room) if room > 0 else now
        if since is None:
            return
        minutes = math.ceil((since + HOUR - now) / dt.timedelta(minutes=1))
        raise Refused(
            phrase(
                "Du har meldt {count} mangler den siste timen, og flere tar vi ikke imot før om {minutes} minutter. "
                "Det du har skrevet, står her: la skjemaet være åpent, og send da. Haster det, eller har du en lang "
                "liste, ring senteret.",
                count=self._reports_per_hour,
                minutes=minutes,
            )
        )

    async def _file(
        self, uow: UnitOfWork, form: ReportForm, by: Actor, sent_at: dt.datetime
    ) -> tuple[ShortageReport, ShortageCase, bool]:
        case = await self._case_to_join(uow, form)
        joined = case is not None
        if case is None:
            source = Source.PHARMACY if "apotek" in form.place.casefold() else Source.HOSPITAL
            if form.on_behalf is not None and form.on_behalf.came_by is CameBy.PURCHASING:
                source = Source.PURCHASING
            case = await open_case(uow, form.medicine, source=source, by=by.person)
        assert case.id is not None  # noqa: S101
        report = ShortageReport(
            case_id=case.id,
            reporter=(form.on_behalf.person if form.on_behalf else None) or by.person,
            registered_by=by.person if form.on_behalf else None,
            came_by=form.on_behalf.came_by.value if form.on_behalf else None,
            told_by=form.on_behalf.who if form.on_behalf and form.on_behalf.person is None else None,
            typed=form.typed[:300],
            preparation_id=form.medicine.preparation_id,
            name=form.medicine.name,
            missing=form.missing.value,
            place=form.place,
            runs_out=form.runs_out.value,
            pharmacy_contacted=form.pharmacy_contacted,
            children=form.children,
            note=form.note,
            reported_at=sent_at,
        )
        await uow.add(report)
        await name_preparation(uow, case, form.medicine)
        uow.record(f"case:{case.number}", "joined" if joined else "reported", by=by.person, report=report.id)
        return report, case, joined

    async def _case_to_join(self, uow: UnitOfWork, form: ReportForm) -> ShortageCase | None:
        if form.join == ONE_CASE_OF_ITS_OWN:
            return None
        if form.join:
            chosen = await stored.by_number(uow.session, form.join)
            of_it = chosen is not None and chosen.substance.casefold() == form.medicine.substance.casefold()
            if chosen is not None and of_it and Status(chosen.status).is_open:
                return chosen
        same = await stored.open_by_preparation(uow.session, [form.medicine.key])
        numbers = same.get(form.medicine.key, [])
        certain = len(numbers) == 1 and form.missing is not Missing.PACKAGE
        return await stored.by_number(uow.session, numbers[0]) if certain else None

    async def _joined(self, uow: UnitOfWork, case: ShortageCase, report: ShortageReport) -> CaseView:
        change = Change(phrase("Ny melding fra {place}.", place=report.place))
        return await self._teller.changed(uow, case, change, by=report.reporter)

    async def report_of(self, report_id: int, by: Actor) -> tuple[ShortageReport, CaseView]:
        """One of the actor's own reports and its case. Raises `Refused` where it is not theirs or was withdrawn."""
        today = oslo(self._clock.now()).date()
        async with self._database.read() as session:
            report = _own(await session.get(ShortageReport, report_id), by)
            case = await session.get(ShortageCase, report.case_id)
            assert case is not None  # noqa: S101
            return report, (await load_views(session, [case], None, today))[0]

    async def reports_by(self, by: Actor) -> list[tuple[ShortageReport, CaseView]]:
        """The actor's own reports with their cases, newest first."""
        today = oslo(self._clock.now()).date()
        async with self._database.read() as session:
            reports = await stored.reports_by(session, by.person)
            cases = await stored.by_ids(session, {report.case_id for report in reports})
            views = {view.number: view for view in await load_views(session, list(cases.values()), None, today)}
        return [(report, views[cases[report.case_id].number]) for report in reports]

    async def correct(self, report_id: int, form: ReportForm, by: Actor, *, key: str | None) -> Receipt:
        """Change one's own report. Another medicine moves it to that medicine's case. Raises like `report`."""
        form.check()

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            report = _own(await uow.session.get(ShortageReport, report_id), by)
            case = await uow.session.get(ShortageCase, report.case_id)
            assert case is not None  # noqa: S101
            report.missing, report.place, report.runs_out = (
                form.missing.value,
                form.place,
                form.runs_out.value,
            )
            report.pharmacy_contacted, report.children, report.note = (
                form.pharmacy_contacted,
                form.children,
                form.note,
            )
            report.changed_at = uow.now
            changed = Change(phrase("Meldingen fra {place} er rettet av den som meldte.", place=form.place))
            if form.medicine.name != report.name:
                remember_wrong_match(uow, report, form.medicine, by.person)
                new_case = await self._move(uow, report, form.medicine, by)
                if new_case is not case:
                    await self._teller.changed(uow, case, changed, by=by.person)
                    case = new_case
            uow.record(f"case:{case.number}", "report_corrected", by=by.person, report=report.id)
            view = await self._teller.changed(uow, case, changed, by=by.person)
            receipt = Receipt(case.number, report_id, case.name, True, len(view.reports), view.places, case.substance)
            await self._teller.tell_person(
                uow,
                f"corrected:{report_id}:v{view.version}",
                by.slack_user,
                "report_corrected.j2",
                by.language,
                receipt=receipt,
            )
            return _as_answer(receipt)

        return Receipt(**await self._database.once(key, work))

    async def withdraw(self, report_id: int, by: Actor, *, key: str | None) -> str:
        """Take one's own report back; the case stays until a person closes it. Gives the case number."""

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            report = _own(await uow.session.get(ShortageReport, report_id), by)
            report.withdrawn_at = uow.now
            case = await uow.session.get(ShortageCase, report.case_id)
            assert case is not None  # noqa: S101
            uow.record(f"case:{case.number}", "report_withdrawn", by=by.person, report=report.id)
            change = Change(phrase("Meldingen fra {place} er trukket tilbake.", place=report.place))
            await self._teller.changed(uow, case, change, by=by.person)
            return {"number": case.number}

        return str((await self._database.once(key, work))["number"])

    async def wrong_medicine(
        self, number: str, right: Medicine, by: Actor, *, key: str | None, version: int | None = None
    ) -> str:
        """The centre says that a case is about another medicine. Its reports are filed anew; their reporters hear.

        Where that medicine has an open case the reports join it and this one is merged into it; otherwise the case
        itself is put right. What was typed, the wrong and the right medicine are kept for the matcher's tests.
        What was known or advised of the wrong medicine is not said of the right one, and nothing of it stays public.
        Gives the number of the case where the reports now stand. `version`: refused where the case has changed since.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored.by_number(uow.session, number)
            if case is None or not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            if case.preparation_key == right.key:
                raise Refused(phrase("Saken gjelder allerede dette legemiddelet."), field="medicine")
            refuse_if_changed(case, version, field="medicine")
            wrong = case.name
            target = await stored.open_for_preparation(uow.session, right.key)
            reports = await self._filed_anew(uow, case, right, by)
            await restrict_no_more(uow, case, by.person)
            heard = phrase(
                "Meldingen var ført på feil legemiddel ({wrong}). Den gjelder nå {right}.",
                wrong=wrong,
                right=named(right.name, right.substance),
            )
            moved = Change(
                phrase("Feil legemiddel: var ført som {wrong}.", wrong=wrong),
                for_reporters=heard,
                reports=frozenset(report.id for report in reports),
            )
            if target is None:
                await put_right(uow, case, right, by.person)
                await name_preparation(uow, case, right)
                uow.record(f"case:{number}", "wrong_medicine", by=by.person, wrong=wrong, right=right.name)
                await self._teller.changed(uow, case, moved, by=by.person)
                return {"number": number}
            uow.record(f"case:{number}", "merged", by=by.person, into=target.number, wrong=wrong, right=right.name)
            merged = Change(phrase("Feil legemiddel. Meldingene er flyttet til sak {number}.", number=target.number))
            await self._merge(uow, case, target, reports, merged, moved, by, same=False)
            return {"number": target.number}

        return str((await self._database.once(key, work))["number"])

    async def tie_to_list(self, number: str, medicine: Medicine, by: Actor, *, key: str | None) -> str:
        """A case kept under what somebody wrote is about `medicine`, which is in the list now.

        What is known and advised of it stays: it was the same medicine all along. Where that has an open case the
        reports join it. Gives the number of the case where the reports now stand.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored.by_number(uow.session, number)
            if case is None or not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            if not case.preparation_key.startswith(AS_WRITTEN):
                raise Refused(phrase("Saken {number} gjelder allerede {name}.", number=number, name=case.name))
            written = case.name
            target = await stored.open_for_preparation(uow.session, medicine.key)
            reports = await self._filed_anew(uow, case, medicine, by)
            tied = Change(
                phrase("«{written}» er nå ført som {name}.", written=written, name=medicine.name),
                for_reporters=phrase(
                    "Meldingen om «{written}» er nå ført på {name}.",
                    written=written,
                    name=named(medicine.name, medicine.substance),
                ),
                reports=frozenset(report.id for report in reports),
            )
            uow.record(f"case:{number}", "tied_to_list", by=by.person, written=written, medicine=medicine.name)
            if target is None:
                case.complex = await complex_of(uow, medicine, number)
                case.preparation_key, case.name, case.substance = medicine.key, medicine.name, medicine.substance
                case.atc, case.scope = medicine.atc, medicine.scope.value
                if case.authorised == Authorised.UNKNOWN.value:
                    case.authorised = medicine.authorised.value
                await name_preparation(uow, case, medicine)
                await self._teller.changed(uow, case, tied, by=by.person)
                return {"number": number}
            merged = Change(phrase("Meldingene er flyttet til sak {number}.", number=target.number))
            await self._merge(uow, case, target, reports, merged, tied, by, same=True)
            return {"number": target.number}

        return str((await self._database.once(key, work))["number"])

    async def _filed_anew(
        self, uow: UnitOfWork, case: ShortageCase, medicine: Medicine, by: Actor
    ) -> list[ShortageReport]:
        """The case's reports, under `medicine` now; the case names none until somebody says which."""
        assert case.id is not None  # noqa: S101
        reports = (await stored.reports(uow.session, [case.id]))[case.id]
        for report in reports:
            remember_wrong_match(uow, report, medicine, by.person)
            report.preparation_id, report.name = medicine.preparation_id, medicine.name
        await stored.forget_preparations(uow.session, case.id)
        return reports

    async def _merge(
        self,
        uow: UnitOfWork,
        case: ShortageCase,
        target: ShortageCase,
        reports: list[ShortageReport],
        merged: Change,
        moved: Change,
        by: Actor,
        *,
        same: bool,
    ) -> None:
        """`case` ends in `target`, which gets its reports; each card is told what happened."""
        await live_on(uow, case, target, same=same)
        uow.record(
            f"case:{target.number}",
            "merged_from",
            by=by.person,
            case=case.number,
            reports=[report.id for report in reports],
        )
        await self._teller.changed(uow, case, merged, by=by.person)
        await self._teller.changed(uow, target, moved, by=by.person)

    async def _move(self, uow: UnitOfWork, report: ShortageReport, medicine: Medicine, by: Actor) -> ShortageCase:
        """File `report` under another medicine; its case now."""
        report.preparation_id, report.name = medicine.preparation_id, medicine.name
        case = await stored.open_for_preparation(uow.session, medicine.key)
        if case is None:
            case = await open_case(uow, medicine, source=Source.HOSPITAL, by=by.person)
            await name_preparation(uow, case, medicine)
            assert case.id is not None  # noqa: S101
            report.case_id = case.id
            await self._teller.opened(uow, case)
        assert case.id is not None  # noqa: S101
        report.case_id = case.id
        await uow.session.flush()
        return case


def _refuse_what_is_wrong(form: ReportForm, by: Actor) -> None:
    if form.on_behalf is not None:
        by.require(Action.WORK_ON_CASE)
    form.check()


def _own(report: ShortageReport | None, by: Actor) -> ShortageReport:
    """A report that stands, to whoever gave it or wrote it down.

    Another's is refused in the same words as one that is gone: nobody learns that it is there.
    """
    said = phrase("Fant ikke meldingen blant dine. Den kan være trukket tilbake.")
    if report is not None and by.person not in (report.reporter, report.registered_by):
        raise NotAllowed(said)
    if report is None or report.withdrawn_at is not None:
        raise Refused(said)
    return report


def _as_answer(receipt: Receipt) -> dict[str, Any]:
    return {name: getattr(receipt, name) for name in Receipt.__slots__}
