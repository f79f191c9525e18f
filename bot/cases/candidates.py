"""The centre names what may stand in for a short medicine. To name is not to assess: see `bot.cases.assessing`."""

from __future__ import annotations

from bot.cases.assessments import State
from bot.cases.forms import CandidateForm
from bot.cases.life_cycle import refuse_if_changed
from bot.cases.medicine import Medicine
from bot.cases.telling import CaseTeller, Change
from bot.cases.vocabulary import Status
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import FormRefused, Refused
from bot.stock.candidates import CandidateReading
from bot.stock.domino import Rung, rung_of
from storage import assessments as stored_assessments
from storage import candidates as stored
from storage import cases as stored_cases
from storage.tables import CandidateLink, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork

NO_CANDIDATE = "Ikke lenger kandidat."
"""Why an assessment has ended whose candidate was taken away, as the log keeps it."""


async def put_link(
    uow: UnitOfWork,
    short_key: str,
    candidate_key: str,
    name: str,
    atc: str | None,
    *,
    rung: Rung,
    use: str | None,
    ratio: float | None,
    by: str,
) -> CandidateLink:
    """The link between two preparations with these facts: a new one, or the one that is there. `share` stays."""
    link = await stored.link(uow.session, short_key, candidate_key)
    if link is None:
        link = CandidateLink(
            short_key=short_key, candidate_key=candidate_key, name=name, atc=atc, rung=rung.value, set_by=by,
            set_at=uow.now,
        )  # fmt: skip
        uow.session.add(link)
    link.name, link.rung, link.use, link.ratio = name, rung.value, use, ratio
    link.set_by, link.set_at = by, uow.now
    return link


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
        has changed since `version` was read, where the catalogue knows that the rung is too near, and where it would
        change what somebody has signed.
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
        self.refuse_too_near(case, medicine.key, medicine.name, medicine.atc, form.rung)
        link = await stored.link(uow.session, case.preparation_key, medicine.key)
        signed = link is not None and await self._is_signed(uow, case, link, form)
        link = await put_link(
            uow, case.preparation_key, medicine.key, medicine.name, medicine.atc, rung=form.rung, use=form.use,
            ratio=form.ratio, by=by.person,
        )  # fmt: skip
        link.share = None if form.share_percent is None else form.share_percent / 100
        uow.record(
            f"case:{case.number}", "candidate", by=by.person, candidate=medicine.key, rung=link.rung, use=link.use,
            share=link.share, ratio=link.ratio,
        )  # fmt: skip
        facts = {"name": medicine.name, "how": form.rung.words}
        return (
            phrase("Kandidat: {name} ({how}).", **facts)
            if signed
            else phrase("Kandidat: {name} ({how}), ikke vurdert.", **facts)
        )

    async def _is_signed(self, uow: UnitOfWork, case: ShortageCase, link: CandidateLink, form: CandidateForm) -> bool:
        """Whether it is assessed and signed. The rung, the use and the ratio then change by a new version of that."""
        same = (link.rung, link.use, link.ratio) == (form.rung, form.use, form.ratio)
        versions = await stored_assessments.of_pair(uow.session, case.preparation_key, link.candidate_key)
        signed = any(one.state == State.SIGNED for one in versions)
        if signed and not same:
            said = phrase("{name} er vurdert og signert. Lag en ny versjon av vurderingen.", name=link.name)
            raise FormRefused([Refused(said, field="medicine")])
        return signed

    def refuse_too_near(self, case: ShortageCase, key: str, name: str, atc: str | None, rung: Rung) -> None:
        """A depot injection and a tablet are never «equivalent», whoever says so."""
        short = self._reading.described(case.preparation_key, case.name, case.atc)
        other = self._reading.described(key, name, atc)
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
        for one in await stored_assessments.of_pair(uow.session, link.short_key, link.candidate_key):
            if one.state in (State.DRAFT, State.SIGNED):
                one.state, one.ended_by, one.ended_at = State.WITHDRAWN, by.person, uow.now
                one.why_ended = NO_CANDIDATE
                one.version += 1
        await uow.session.delete(link)
        await uow.session.flush()
        uow.record(
            f"case:{case.number}", "candidate_removed", by=by.person, candidate=link.candidate_key, name=link.name
        )
        return phrase("Ikke lenger kandidat: {name}.", name=link.name)
