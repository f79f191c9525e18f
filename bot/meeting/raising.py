"""The centre takes a case up in another forum than Mangelmøtet: a long or principled one, whoever it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.cases.forms import LONGEST_TEXT, Problems
from bot.cases.telling import CaseTeller, Change
from bot.cases.vocabulary import Status, Visibility
from bot.clock import Clock
from bot.meeting.forums import Forum
from bot.messages.phrase import Phrase, phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import cases as stored_cases
from storage import meeting as stored
from storage.tables import RaisedCase, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class RaisingForm:
    """Which forum, what it shall consider, or that the case is to be taken off its list."""

    forum: str | None
    question: str | None
    take_off: bool = False

    def check(self) -> None:
        """Raise `FormRefused` with every field that is wrong."""
        problems = Problems()
        if not self.forum:
            problems.add("forum", Refused(phrase("Velg et møte.")))
        problems.short_enough(self.question, LONGEST_TEXT, field="question")
        problems.no_identity_number(self.question, field="question")
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class Standing:
    """A list that the case is on."""

    title: str
    question: str | None


class RaisingService:
    """Puts cases on other forums' lists, and takes them off."""

    def __init__(self, database: Database, clock: Clock, forums: Mapping[str, Forum], teller: CaseTeller) -> None:
        self._database = database
        self._clock = clock
        self.others = tuple(forum for forum in forums.values() if not forum.is_main)
        """The forums that a case can be taken up in; none where only Mangelmøtet meets."""
        self._teller = teller

    async def standing(self, number: str, by: Actor) -> list[Standing]:
        """The lists that a case is on."""
        by.require(Action.WORK_ON_CASE)
        titles = {forum.id: forum.title or "" for forum in self.others}
        async with self._database.read() as session:
            case = await stored_cases.by_number(session, number)
            rows = await stored.raised_of(session, case.id or 0) if case is not None else []
        return [Standing(titles[row.forum], row.question) for row in rows if row.forum in titles]

    async def change(self, number: str, form: RaisingForm, by: Actor, *, key: str | None) -> str:
        """Put the case on a forum's list, or take it off; its number.

        Refused where the forum may not read the case: it is published, or shown to the meeting, first.
        """
        by.require(Action.WORK_ON_CASE)
        form.check()
        forum = next((one for one in self.others if one.id == form.forum), None)
        if forum is None:
            raise Refused(phrase("Forumet «{forum}» finnes ikke i innstillingene.", forum=form.forum), field="forum")

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await stored_cases.by_number(uow.session, number)
            if case is None or not Status(case.status).is_open:
                raise Refused(phrase("Saken {number} er ikke åpen.", number=number), field="forum")
            said = await (self._take_off if form.take_off else self._put)(uow, case, forum, form, by)
            await self._teller.changed(uow, case, Change(said), by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def _put(self, uow: UnitOfWork, case: ShortageCase, forum: Forum, form: RaisingForm, by: Actor) -> Phrase:
        if Visibility(case.visibility) not in forum.reads:
            needed = Visibility.MEETING if forum.inside else Visibility.PUBLISHED
            raise Refused(
                phrase(
                    "{title} kan ikke lese saken. Velg «{needed}» under «Publiser» først.",
                    title=forum.title,
                    needed=needed.words,
                ),
                field="forum",
            )
        row = await stored.raised_case(uow.session, case.id or 0, forum.id)
        if row is None:
            row = RaisedCase(case_id=case.id or 0, forum=forum.id, by=by.person, at=uow.now)
            uow.session.add(row)
        row.question, row.by, row.at = form.question, by.person, uow.now
        uow.record(f"case:{case.number}", "raised", by=by.person, forum=forum.id, question=form.question)
        if form.question:
            return phrase("Tas opp i {title}: {question}", title=forum.title, question=form.question)
        return phrase("Tas opp i {title}.", title=forum.title)

    async def _take_off(
        self, uow: UnitOfWork, case: ShortageCase, forum: Forum, form: RaisingForm, by: Actor
    ) -> Phrase:
        row = await stored.raised_case(uow.session, case.id or 0, forum.id)
        if row is None:
            raise Refused(phrase("Saken er ikke tatt opp i {title}.", title=forum.title), field="forum")
        await uow.session.delete(row)
        uow.record(f"case:{case.number}", "not_raised", by=by.person, forum=forum.id)
        return phrase("Tas ikke lenger opp i {title}.", title=forum.title)
