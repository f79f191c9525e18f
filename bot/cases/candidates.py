"""The centre names what may stand in for a short medicine. Naming is no assessment; a pharmacist signs that."""

from __future__ import annotations

from bot.cases.forms import CandidateForm
from bot.cases.life_cycle import refuse_if_changed
from bot.cases.medicine import Medicine
from bot.cases.telling import CaseTeller, Change
from bot.cases.vocabulary import Status
from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import FormRefused, Refused
from bot.stock.candidates import CandidateReading
from bot.stock.domino import Rung, rung_of
from storage import candidates as stored
from storage import cases as stored_cases
from storage.tables import CandidateLink, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork


class CandidateService:
    """Keeps the links between preparations that the centre has set, with date and author."""

    def __init__(self, database: Database, teller: CaseTeller, reading: CandidateReading) -> None:
        self._database = database
        self._teller = teller
        self._reading = reading

    async def change(
        self, number: str, form: CandidateForm, by: Actor, *, key: str | None, version: int | None = None
    ) -> str:
        """Name a candidate for the case's medicine, or take one away. Gives the case number.

        A candidate named again is written anew; what stood there before is in the audit log. Refused where the case
        has changed since `version` was read, and where the catalogue knows that the rung is too near.
        """
        by.require(Action.WORK_ON_CASE)
        form.check()

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored_cases.by_number(uow.session, number)
            if case is None or not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
            refuse_if_changed(case, version, field="medicine")
            said = [await self._remove(uow, case, form.remove, by)] if form.remove else []
            if form.medicine is not None:
                said.append(await self._put(uow, case, form.medicine, form, by))
            for what in said:
                await self._teller.changed(uow, case, Change(what), by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def _put(
        self, uow: UnitOfWork, case: ShortageCase, medicine: Medicine, form: CandidateForm, by: Actor
    ) -> Phrase:
        assert form.rung is not None  # noqa: S101
        if medicine.key == case.preparation_key:
            raise FormRefused([Refused(phrase("Dette er legemiddelet som mangler."), field="medicine")])
        self._refuse_too_near(case, medicine, form.rung)
        link = await stored.link(uow.session, case.preparation_key, medicine.key)
        if link is None:
            link = CandidateLink(
                short_key=case.preparation_key,
                candidate_key=medicine.key,
                name=medicine.name,
                atc=medicine.atc,
                rung=form.rung.value,
                set_by=by.person,
                set_at=uow.now,
            )
            uow.session.add(link)
        link.name, link.rung, link.use = medicine.name, form.rung.value, form.use
        link.share = None if form.share_percent is None else form.share_percent / 100
        link.ratio = form.ratio
        link.set_by, link.set_at = by.person, uow.now
        link.signed_by = form.signed_by
        link.signed_on = oslo(uow.now).date() if form.signed_by else None
        uow.record(
            f"case:{case.number}",
            "candidate",
            by=by.person,
            candidate=medicine.key,
            rung=link.rung,
            use=link.use,
            share=link.share,
            ratio=link.ratio,
            signed_by=link.signed_by,
        )
        facts = {"name": medicine.name, "how": form.rung.words}
        if form.signed_by:
            return phrase("Kandidat: {name} ({how}), vurdert av {who}.", **facts, who=form.signed_by)
        return phrase("Kandidat: {name} ({how}), ikke vurdert.", **facts)

    def _refuse_too_near(self, case: ShortageCase, medicine: Medicine, rung: Rung) -> None:
        """A depot injection and a tablet are never «equivalent», whoever says so."""
        short = self._reading.described(case.preparation_key, case.name, case.atc)
        other = self._reading.described(medicine.key, medicine.name, medicine.atc)
        known = rung_of(short, other)
        if known is None and short.substance and other.substance:
            known = Rung.OTHER_SUBSTANCE
        if known is not None and rung.place < known.place and rung is not Rung.FOREIGN_PACK:
            said = phrase("Legemiddelregisteret sier «{known}». Velg det, eller et lavere trinn.", known=known.words)
            raise FormRefused([Refused(said, field="rung")])

    async def _remove(self, uow: UnitOfWork, case: ShortageCase, link_id: int, by: Actor) -> Phrase:
        link = await uow.session.get(CandidateLink, link_id)
        if link is None or link.short_key != case.preparation_key:
            raise FormRefused([Refused(phrase("Kandidaten er allerede fjernet."), field="remove")])
        await uow.session.delete(link)
        await uow.session.flush()
        uow.record(
            f"case:{case.number}", "candidate_removed", by=by.person, candidate=link.candidate_key, name=link.name
        )
        return phrase("Ikke lenger kandidat: {name}.", name=link.name)
