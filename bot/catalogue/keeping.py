"""The centre keeps the catalogue: short names that it accepts, and medicines that it adds itself."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace

from sqlalchemy import update
from sqlmodel import col

from bot.cases.medicine import Medicine, from_preparation
from bot.cases.telling import CaseTeller, Change
from bot.catalogue.match import Decision
from bot.catalogue.normalise import plain
from bot.catalogue.normalise import words as split_words
from bot.catalogue.own import OwnMedicine, may_be_meant, refuse_short_name, same_as
from bot.catalogue.preparation import Preparation
from bot.catalogue.proposals import Confirmed, Proposal, propose, target_of, words_of
from bot.catalogue.service import CatalogueService, preparation_of, row_of
from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.settings import Settings
from storage import cases as stored_cases
from storage import catalogue as stored
from storage import stock as stored_stock
from storage.tables import CatalogueEntry, CatalogueImport, ShortageReport, Synonym
from storage.unit_of_work import Answer, Database, UnitOfWork

ACCEPTED, REJECTED, REMOVED = stored.ACCEPTED, "rejected", "removed"
PAGE = 10
MOST_OFFERED = 5
"""Cases that a new medicine is offered for; more would be a list, no offer."""


@dataclass(frozen=True, slots=True)
class ShortName:
    """A short name in use."""

    id: int
    words: str
    means: str


@dataclass(frozen=True, slots=True)
class OwnList:
    """One page of what the centre has added: so many medicines and so many short names of all there are."""

    medicines: tuple[Preparation, ...]
    short_names: tuple[ShortName, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class AsWritten:
    """An open case that is kept under what somebody wrote."""

    number: str
    name: str


class KeepingService:
    """What only the centre may do with the catalogue. Every change is seen by every replica within seconds."""

    def __init__(self, database: Database, catalogue: CatalogueService, settings: Settings, teller: CaseTeller) -> None:
        self._database = database
        self._catalogue = catalogue
        self._settings = settings
        self._teller = teller

    # --- short names ---

    async def proposals(self, by: Actor) -> tuple[Proposal, ...]:
        """Short names that people use and the matcher does not know, the most used first."""
        by.require(Action.KEEP_CATALOGUE)
        async with self._database.read() as session:
            chosen = await stored.typed_and_chosen(session)
            mistaken = await stored.typed_and_mistaken(session)
            decided = await stored.decided_words(session)
        return await asyncio.to_thread(
            propose,
            [Confirmed(*row) for row in chosen],
            [Confirmed(*row) for row in mistaken],
            self._catalogue.catalogue,
            decided=decided,
            least_reports=self._settings.synonym_reports,
            least_people=self._settings.synonym_people,
        )

    async def decide(self, value: str, by: Actor, *, accept: bool, key: str | None) -> str:
        """Accept or reject a proposal (`Proposal.value`); the words. Refused where it is proposed no longer."""
        known = {proposal.value: proposal for proposal in await self.proposals(by)}

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:catalogue")
            proposal = known.get(value)
            if proposal is None or await stored.synonym_of(uow.session, proposal.words) is not None:
                raise Refused(phrase("Forslaget gjelder ikke lenger. Noen har avgjort det, eller det er endret."))
            await uow.add(
                Synonym(
                    words=proposal.words,
                    means=proposal.means,
                    state=ACCEPTED if accept else REJECTED,
                    reports=proposal.reports,
                    people=proposal.people,
                    decided_at=uow.now,
                    decided_by=by.person,
                )
            )
            action = "synonym_accepted" if accept else "synonym_rejected"
            uow.record(f"synonym:{proposal.words}", action, by=by.person, means=proposal.means)
            if accept:
                await _changed(uow, f"kortnavn: {proposal.words}")
            return {"words": proposal.words}

        return str((await self._database.once(key, work))["words"])

    async def add_short_name(self, text: str, medicine: Medicine, by: Actor, *, key: str | None) -> ShortName:
        """The centre adds a short name itself. Refused where it is known, or could be taken for another medicine."""
        by.require(Action.KEEP_CATALOGUE)
        catalogue = self._catalogue.catalogue
        item = catalogue.exact(name=medicine.name) if medicine.in_list else None
        target = target_of([item]) if item is not None else None
        if target is None:
            raise Refused(phrase("Velg legemiddelet fra listen."), field="medicine")
        words = words_of(text, catalogue) or " ".join(split_words(plain(text)))

        async def work(uow: UnitOfWork) -> Answer:
            refused = refuse_short_name(words, target, catalogue)
            if refused is not None:
                raise refused
            found = catalogue.match(words)
            if found.decision is Decision.MATCH:
                name = found.candidates[0].name
                raise Refused(phrase("«{words}» finner allerede {name}.", words=words, name=name), field="words")
            await uow.alone("mangelvakt:catalogue")
            row = await stored.synonym_of(uow.session, words)
            if row is not None and row.state == ACCEPTED:
                said = phrase("«{words}» er allerede kortnavn for {name}.", words=words, name=row.means)
                raise Refused(said, field="words")
            if row is None:
                row = Synonym(words=words, means="", state="", decided_at=uow.now, decided_by=by.person)
            row.means, row.state, row.decided_at, row.decided_by = target.name, ACCEPTED, uow.now, by.person
            await uow.add(row)
            uow.record(f"synonym:{words}", "synonym_added", by=by.person, means=target.name)
            await _changed(uow, f"kortnavn: {words}")
            return {"id": row.id, "words": words, "means": target.name}

        return ShortName(**await self._database.once(key, work))

    async def remove_short_name(self, synonym_id: int, by: Actor, *, key: str | None) -> str:
        """Take a short name out of use; the words. It is not proposed again."""
        by.require(Action.KEEP_CATALOGUE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:catalogue")
            row = await uow.session.get(Synonym, synonym_id)
            if row is None or row.state != ACCEPTED:
                raise Refused(phrase("Kortnavnet er allerede fjernet."))
            row.state, row.decided_at, row.decided_by = REMOVED, uow.now, by.person
            uow.record(f"synonym:{row.words}", "synonym_removed", by=by.person, means=row.means)
            await _changed(uow, f"kortnavn fjernet: {row.words}")
            return {"words": row.words}

        return str((await self._database.once(key, work))["words"])

    # --- medicines of the centre's own ---

    async def own_list(self, page: int, by: Actor) -> OwnList:
        """A page of what the centre has added."""
        by.require(Action.KEEP_CATALOGUE)
        async with self._database.read() as session:
            total = await stored.count_own(session)
            synonyms = await stored.accepted_synonyms(session)
            pages = max(1, -(-max(total, len(synonyms)) // PAGE))
            page = min(max(page, 1), pages)
            first = (page - 1) * PAGE
            rows = await stored.own_entries(session, limit=PAGE, offset=first)
        short_names = [ShortName(row.id or 0, row.words, row.means) for row in synonyms[first : first + PAGE]]
        return OwnList(tuple(map(preparation_of, rows)), tuple(short_names), page, pages)

    async def own(self, id: str, by: Actor) -> Preparation:
        """One that the centre added. Refused for any other, and for one that is retired."""
        by.require(Action.KEEP_CATALOGUE)
        async with self._database.read() as session:
            return preparation_of(_own(await session.get(CatalogueEntry, id)))

    async def add(self, form: OwnMedicine, by: Actor, *, key: str | None) -> Preparation:
        """Add a medicine. Raises `FormRefused` where a field is wrong; a duplicate is refused with its name."""
        by.require(Action.KEEP_CATALOGUE)

        async def work(uow: UnitOfWork) -> Answer:
            form.check(self._catalogue.catalogue)
            await uow.alone("mangelvakt:catalogue")
            made = form.as_preparation(f"egen:{uuid.uuid4().hex[:12]}", self._catalogue.catalogue)
            await _refuse_same(uow, made)
            await uow.add(CatalogueEntry(**row_of(made), added_by=by.person, added_at=uow.now))
            uow.record(f"medicine:{made.id}", "medicine_added", by=by.person, name=made.name)
            await _changed(uow, made.name)
            return {"id": made.id}

        return form.as_preparation(str((await self._database.once(key, work))["id"]), self._catalogue.catalogue)

    async def edit(self, id: str, form: OwnMedicine, seen: str, by: Actor, *, key: str | None) -> Preparation:
        """Change one that the centre added; its open cases and stock go with it. `seen`: `fingerprint` when opened."""
        by.require(Action.KEEP_CATALOGUE)

        async def work(uow: UnitOfWork) -> Answer:
            form.check(self._catalogue.catalogue, editing=id)
            await uow.alone("mangelvakt:cases")
            await uow.alone("mangelvakt:catalogue")
            row = _own(await uow.session.get(CatalogueEntry, id))
            old, new = preparation_of(row), form.as_preparation(id, self._catalogue.catalogue)
            if fingerprint(old) != seen:
                said = phrase("{name} er endret siden du åpnet skjemaet. Åpne det på nytt.", name=old.name)
                raise Refused(said, field="name")
            if new == old:
                return {"id": id}
            await _refuse_same(uow, new)
            await self._follow_edit(uow, old, new, by)
            for column, value in row_of(new).items():
                setattr(row, column, value)
            changes = {
                column: [value, row_of(new)[column]]
                for column, value in row_of(old).items()
                if value != row_of(new)[column]
            }
            uow.record(f"medicine:{id}", "medicine_edited", by=by.person, **changes)
            await _changed(uow, new.name)
            return {"id": id}

        await self._database.once(key, work)
        return form.as_preparation(id, self._catalogue.catalogue)

    async def _follow_edit(self, uow: UnitOfWork, old: Preparation, new: Preparation, by: Actor) -> None:
        """Open cases, reports and stock that name the medicine are of the same one afterwards."""
        before, after = from_preparation(old), from_preparation(new)
        cases = await stored_cases.open_naming(uow.session, old.id)
        other = await stored_cases.open_for_preparation(uow.session, after.key) if after.key != before.key else None
        if cases and other is not None:
            said = phrase("Sak {number} gjelder allerede {name}.", number=other.number, name=other.name)
            raise Refused(said, field="name")
        await uow.session.execute(
            update(ShortageReport)
            .where(col(ShortageReport.preparation_id) == old.id, col(ShortageReport.name) == old.name)
            .values(name=new.name)
        )
        if after.key != before.key and len(self._catalogue.catalogue.same_preparation(before.key)) <= 1:
            await stored_stock.rekey_items(uow.session, before.key, after.key, name=(old.name, new.name))
        for case in cases:
            if case.preparation_key != before.key:
                continue
            case.preparation_key, case.substance = after.key, after.substance
            case.atc, case.scope = after.atc, after.scope.value
            if case.authorised == before.authorised.value:
                case.authorised = after.authorised.value
            if case.name == before.name:
                case.name = after.name
            await self._teller.changed(
                uow, case, Change(phrase("Legemiddelet er rettet i listen: {name}.", name=new.name)), by=by.person
            )

    async def retire(self, id: str, by: Actor, *, key: str | None) -> str:
        """Take one that the centre added out of the list; its name. Refused while a case about it is open."""
        by.require(Action.KEEP_CATALOGUE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            await uow.alone("mangelvakt:catalogue")
            row = _own(await uow.session.get(CatalogueEntry, id))
            open_ = await stored_cases.open_naming(uow.session, id)
            if open_:
                number = open_[0].number
                raise Refused(phrase("Sak {number} er åpen. Avslutt den før legemiddelet fjernes.", number=number))
            row.retired_at = uow.now
            uow.record(f"medicine:{id}", "medicine_retired", by=by.person, name=row.name)
            await _changed(uow, f"fjernet: {row.name}")
            return {"name": row.name}

        return str((await self._database.once(key, work))["name"])

    async def kept_as_written(
        self, preparation: Preparation, by: Actor, *, first: str | None = None
    ) -> list[AsWritten]:
        """Open cases under somebody's own words that may be about `preparation`, oldest first.

        `first`: the number of the case that it was added for, whatever it is called.
        """
        by.require(Action.KEEP_CATALOGUE)
        catalogue = self._catalogue.catalogue
        async with self._database.read() as session:
            cases = await stored.open_cases_as_written(session)
        found = [
            AsWritten(case.number, case.name)
            for case in sorted(cases, key=lambda case: case.number != first)
            if case.number == first or may_be_meant(case.name, preparation, catalogue)
        ]
        return found[:MOST_OFFERED]

    async def medicine(self, id: str, by: Actor) -> Medicine:
        """The medicine of one that the centre added, whether or not this replica's index has it yet."""
        return from_preparation(await self.own(id, by))


def fingerprint(preparation: Preparation) -> str:
    """What changes when the preparation does: one that was opened in a form is compared by it."""
    return uuid.uuid5(uuid.NAMESPACE_OID, repr(replace(preparation, source=""))).hex


def _own(row: CatalogueEntry | None) -> CatalogueEntry:
    if row is None or row.added_by is None or row.retired_at is not None:
        raise Refused(phrase("Fant ikke legemiddelet blant senterets egne. Det kan være fjernet."))
    return row


async def _refuse_same(uow: UnitOfWork, made: Preparation) -> None:
    """Another replica may have added the same a moment ago, before this one's index knew."""
    own = await stored.own_entries(uow.session, limit=10_000, offset=0)
    same = same_as(made, map(preparation_of, own))
    if same is not None:
        raise Refused(phrase("Finnes allerede i listen: {name}.", name=same.name), field="name")


async def _changed(uow: UnitOfWork, what: str) -> None:
    """Let every replica build its index anew."""
    await uow.add(CatalogueImport(at=uow.now, source=f"Mangelsenteret: {what}"[:300], read=1, changed=1))
