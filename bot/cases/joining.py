"""Cases that turn out to be one, and one that turns out to be two: merged and split by hand, no report lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.cases.changes import listed
from bot.cases.forms import LONGEST_NAME, ConnectionForm
from bot.cases.life_cycle import refuse_if_changed, refuse_to_merge
from bot.cases.medicine import Medicine
from bot.cases.opening import live_on, medicine_of, name_preparation, open_case, remember_wrong_match
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import CaseView
from bot.cases.vocabulary import Source, Status, Visibility
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import cases as stored
from storage import joining as rows
from storage import outbox
from storage.tables import CaseDocument, ShortageCase, ShortageReport
from storage.unit_of_work import Answer, Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class _Heard:
    """What those who reported have been told of a case; where it stays the same they are left in peace."""

    medicine: str
    published: bool
    end: object = None
    substitute: str | None = None
    advice: str | None = None


def _heard_of(case: CaseView) -> _Heard:
    if case.visibility is not Visibility.PUBLISHED:
        return _Heard(case.preparation_key, published=False)
    substitute = case.substitute if case.substitute_ready else None
    return _Heard(case.preparation_key, True, case.expected_end, substitute, case.advice)


class JoiningService:
    """Merges and splits cases, each in one unit of work with a line in both cases' logs and threads."""

    def __init__(self, database: Database, teller: CaseTeller) -> None:
        self._database = database
        self._teller = teller

    async def merge(self, number: str, into: str, by: Actor, *, key: str | None, version: int | None = None) -> str:
        """Let case `number` live on in `into`, which gets its reports and whoever follows it; `into`'s number.

        Raises `Refused` beside `into` where it is the same case, is not open, or was merged into this one. Those
        whose report has moved hear of it once, and only where what they were told is no longer so.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored.by_number(uow.session, number)
            if case is None:
                raise Refused(phrase("Fant ikke sak {number}.", number=number))
            target = await stored.by_number(uow.session, into)
            refuse_to_merge(case, target, into)
            assert target is not None  # noqa: S101
            refuse_if_changed(case, version, field="into")
            before = _heard_of(await self._teller.view(uow, case))
            reports = await live_on(uow, case, target)
            uow.record(f"case:{number}", "merged", by=by.person, into=into, reports=_ids(reports))
            uow.record(f"case:{into}", "merged_from", by=by.person, case=number, reports=_ids(reports))
            gone = phrase("Slått sammen med sak {number}.", number=into)
            await self._teller.changed(uow, case, Change(gone), by=by.person)
            come = phrase("Sak {number} er slått sammen med denne. {moved}", number=number, moved=_moved(reports))
            view = await self._teller.changed(uow, target, Change(come), by=by.person)
            if _heard_of(view) != before:
                said = phrase("Meldingen din hører nå til sak {number}, {title}.", number=into, title=view.title)
                await self._teller.tell_reporters(uow, view, said, _ids(reports), by=by.person)
            return {"number": into}

        return str((await self._database.once(key, work))["number"])

    async def split(
        self,
        number: str,
        report_ids: Collection[int],
        medicine: Medicine | None,
        by: Actor,
        *,
        key: str | None,
        version: int | None = None,
    ) -> tuple[str, bool]:
        """Move some of a case's reports to a case of their own, about `medicine` (None: the same one).

        Where that other medicine has an open case they join it. Gives the case that the reports are in now and
        whether it is new. Whoever follows the first case follows the new one too.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored.by_number(uow.session, number)
            if case is None or not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            refuse_if_changed(case, version, field="reports")
            reports = await self._chosen(uow, case, report_ids)
            before = _heard_of(await self._teller.view(uow, case))
            other = medicine is not None and medicine.key != case.preparation_key
            target = await stored.open_for_preparation(uow.session, medicine.key) if other and medicine else None
            new = target is None
            if target is None:
                target = await self._new_case(uow, case, medicine if other else None, by)
            if other and medicine is not None:
                for report in reports:
                    remember_wrong_match(uow, report, medicine, by.person)
                    report.preparation_id, report.name = medicine.preparation_id, medicine.name
                await name_preparation(uow, target, medicine)
            assert target.id is not None  # noqa: S101
            for report in reports:
                report.case_id = target.id
            await rows.copy_followers(uow.session, number, target.number, uow.now)
            uow.record(f"case:{number}", "split", by=by.person, into=target.number, reports=_ids(reports))
            uow.record(f"case:{target.number}", "split_from", by=by.person, case=number, reports=_ids(reports))
            gone = phrase("Skilt ut til sak {number}: {moved}", number=target.number, moved=_moved(reports))
            await self._teller.changed(uow, case, Change(gone), by=by.person)
            if new:
                view = await self._teller.opened(uow, target)
            else:
                come = phrase("Skilt ut fra sak {number}: {moved}", number=number, moved=_moved(reports))
                view = await self._teller.changed(uow, target, Change(come), by=by.person)
            if _heard_of(view) != before:
                said = phrase("Meldingen din er nå i sak {number}, {title}.", number=target.number, title=view.title)
                await self._teller.tell_reporters(uow, view, said, _ids(reports), by=by.person)
            return {"number": target.number, "new": new}

        answer = await self._database.once(key, work)
        return str(answer["number"]), bool(answer["new"])

    async def connect(
        self, number: str, form: ConnectionForm, by: Actor, *, key: str | None, version: int | None = None
    ) -> str:
        """Say what a case hangs together with, and add or take away a document. Raises `Refused` beside its field."""
        by.require(Action.WORK_ON_CASE)
        form.check()

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored.by_number(uow.session, number)
            if case is None or not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            refuse_if_changed(case, version, field="domino_of")
            said = [
                *await self._tied(uow, case, "domino_of", form.domino_of, by),
                *await self._tied(uow, case, "continues", form.continues, by),
                *await self._together(uow, case, form.belongs_with, by),
                *await self._document(uow, case, form, by),
            ]
            what = listed(said)
            if what is not None:
                await self._teller.changed(uow, case, Change(phrase("Oppdatert: {what}.", what=what)), by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def case_in_thread(self, channel: str, thread_ts: str, by: Actor) -> str | None:
        """The number of the open case whose card heads this thread; None for any other, and for who works on none."""
        if not by.may(Action.WORK_ON_CASE):
            return None
        async with self._database.read() as session:
            key = await outbox.key_at(session, channel, thread_ts)
            number = key.removeprefix("card:") if key and key.startswith("card:") else None
            case = await stored.by_number(session, number) if number else None
        return number if case is not None and Status(case.status).is_open else None

    async def add_document(self, number: str, address: str, title: str, by: Actor, *, key: str | None) -> str:
        """Keep a document's address with a case, and nothing else. Raises like `connect`."""
        by.require(Action.WORK_ON_CASE)
        form = ConnectionForm(address=address, title=title[:LONGEST_NAME])
        form.check()

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored.by_number(uow.session, number)
            if case is None or not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            there = (await stored.documents(uow.session, [case.id or 0])).get(case.id or 0, ())
            if any(row.address == address for row in there):
                raise Refused(phrase("Dokumentet ligger alt ved sak {number}.", number=number))
            what = listed(await self._document(uow, case, form, by))
            await self._teller.changed(uow, case, Change(phrase("Oppdatert: {what}.", what=what)), by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def _other(self, uow: UnitOfWork, case: ShortageCase, wanted: str, field: str) -> ShortageCase:
        other = await stored.by_number(uow.session, wanted)
        if other is not None and other.merged_into:
            other = await stored.by_number(uow.session, other.merged_into)
        if other is None:
            raise Refused(phrase("Fant ikke sak {number}.", number=wanted), field=field)
        if other is case:
            raise Refused(phrase("En sak kan ikke kobles til seg selv. Skriv en annen sak."), field=field)
        if getattr(other, field, None) == case.number:
            raise Refused(phrase("Sak {other} peker allerede på denne.", other=other.number), field=field)
        await self._refuse_a_ring(uow, case, other, field)
        return other

    async def _refuse_a_ring(self, uow: UnitOfWork, case: ShortageCase, other: ShortageCase, field: str) -> None:
        """Raise `Refused` where following the links from `other` leads back to `case`."""
        way: list[str] = []
        last: ShortageCase | None = other
        while last is not None and last.number not in way:
            way.append(last.number)
            further = getattr(last, field, None)
            if further == case.number:
                ring = " → ".join((case.number, *way, case.number))
                raise Refused(phrase("Da går sakene i ring: {ring}. Velg en annen sak.", ring=ring), field=field)
            last = await stored.by_number(uow.session, further) if further else None

    async def _tied(
        self, uow: UnitOfWork, case: ShortageCase, field: str, wanted: str | None, by: Actor
    ) -> list[Phrase]:
        now = getattr(case, field)
        if wanted == now:
            return []
        other = (await self._other(uow, case, wanted, field)).number if wanted else None
        setattr(case, field, other)
        uow.record(f"case:{case.number}", field, by=by.person, was=now, of=other)
        if field == "domino_of":
            said = phrase("dominoeffekt av sak {number}", number=other) if other else phrase("ingen dominoeffekt")
        else:
            said = phrase("fortsetter fra sak {number}", number=other) if other else phrase("fortsetter ikke en sak")
        return [said]

    async def _together(self, uow: UnitOfWork, case: ShortageCase, wanted: str | None, by: Actor) -> list[Phrase]:
        if not wanted:
            return []
        other = await self._other(uow, case, wanted, "belongs_with")
        if case.complex and case.complex == other.complex:
            return []
        named = other.complex or case.complex or other.number
        await rows.join_complexes(uow.session, [one for one in (case.complex, other.complex) if one], named)
        case.complex = other.complex = named
        uow.record(f"case:{case.number}", "complex", by=by.person, other=other.number)
        uow.record(f"case:{other.number}", "complex", by=by.person, other=case.number)
        return [phrase("hører sammen med sak {number}", number=other.number)]

    async def _document(self, uow: UnitOfWork, case: ShortageCase, form: ConnectionForm, by: Actor) -> list[Phrase]:
        assert case.id is not None  # noqa: S101
        said: list[Phrase] = []
        if form.remove is not None:
            row = await uow.session.get(CaseDocument, form.remove)
            if row is None or row.case_id != case.id or row.removed_at is not None:
                raise Refused(phrase("Dokumentet er allerede fjernet."), field="remove")
            row.removed_at = uow.now
            uow.record(f"case:{case.number}", "document_removed", by=by.person, document=row.id)
            said.append(phrase("dokument fjernet: {title}", title=row.title))
        if form.address:
            title = (form.title or form.address)[:LONGEST_NAME]
            row = CaseDocument(case_id=case.id, address=form.address, title=title, added_at=uow.now, added_by=by.person)
            await uow.add(row)
            uow.record(f"case:{case.number}", "document", by=by.person, document=row.id, title=title)
            said.append(phrase("dokument: {title}", title=title))
        return said

    async def _chosen(self, uow: UnitOfWork, case: ShortageCase, wanted: Collection[int]) -> list[ShortageReport]:
        assert case.id is not None  # noqa: S101
        every = (await stored.reports(uow.session, [case.id]))[case.id]
        reports = [report for report in every if report.id in wanted]
        if not reports or len(reports) != len(set(wanted)):
            raise Refused(phrase("Velg hvilke meldinger som skal skilles ut."), field="reports")
        if len(reports) == len(every):
            raise Refused(
                phrase("Velg noen av meldingene, ikke alle. Gjelder hele saken noe annet, bruk «Feil legemiddel»."),
                field="reports",
            )
        return reports

    async def _new_case(
        self, uow: UnitOfWork, case: ShortageCase, medicine: Medicine | None, by: Actor
    ) -> ShortageCase:
        of = medicine or medicine_of(case)
        new = await open_case(uow, of, source=Source(case.source) if case.source else None, by=by.person)
        new.split_from = case.number
        if case.visibility == Visibility.INTERNAL.value:
            new.visibility = case.visibility
        if medicine is None:
            assert case.id is not None and new.id is not None  # noqa: S101
            await rows.copy_preparations(uow.session, case.id, new.id)
            case.complex = new.complex = new.complex or case.complex or case.number
        return new


def _ids(reports: Collection[ShortageReport]) -> list[int]:
    return [report.id for report in reports if report.id is not None]


def _moved(reports: Collection[ShortageReport]) -> Phrase:
    if not reports:
        return phrase("Ingen meldinger å flytte.")
    places = ", ".join(sorted({report.place for report in reports}))
    if len(reports) == 1:
        return phrase("1 melding er flyttet ({places}).", places=places)
    return phrase("{count} meldinger er flyttet ({places}).", count=len(reports), places=places)
