"""The centre's work on a case, and what others may read of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from bot.cases.changes import (
    BY_NAME,
    FIELDS,
    CaseField,
    Plain,
    as_chosen,
    as_codes,
    as_stored,
    listed,
    overtaken,
    plain,
)
from bot.cases.forms import LONGEST_TEXT, CaseForm, ClosingForm, Problems
from bot.cases.life_cycle import (
    lives_on,
    move,
    refuse_a_start_that_has_come,
    refuse_if_changed,
    refuse_to_reopen,
    status_at_start,
)
from bot.cases.medicine import Medicine
from bot.cases.opening import name_preparation, open_case
from bot.cases.public_text import Draft, Place, Texts, approve, by_hand, draft_of, keep_draft, withdraw
from bot.cases.telling import CaseTeller, Change
from bot.cases.views import CaseView, load_views
from bot.cases.vocabulary import Source, Status, Visibility
from bot.clock import Clock, oslo
from bot.commands import another_registers_number, case_number
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.refusal import Overtaken, Refused
from bot.stock.reading import StockReading
from storage import cases as stored
from storage import notices, people
from storage import public_texts as texts_stored
from storage.tables import EndDate, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork

DRAWN_AT_ONCE = 5
"""Cards that are drawn anew in one unit of work."""


class CaseService:
    """Reads and changes cases, one unit of work a call. Roles are checked here, not by the button."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        teller: CaseTeller,
        stock: StockReading,
        works: Callable[[str], bool],
    ) -> None:
        """`works`: whether a Slack user works on cases still."""
        self._database = database
        self._clock = clock
        self._teller = teller
        self._stock = stock
        self._works = works

    # --- reading ---

    async def case(self, number: str) -> CaseView | None:
        """A case with its cover today, for a surface that shows its audience's part of it."""
        async with self._database.read() as session:
            row = await stored.by_number(session, number)
            if row is None:
                return None
            return (await load_views(session, [row], self._stock, self._today()))[0]

    async def number_in(self, words: str) -> str | None:
        """The case number that `words` are: ours, or another register's where there is such a case."""
        ours = case_number(words)
        theirs = None if ours else another_registers_number(words)
        if theirs is None:
            return ours
        async with self._database.read() as session:
            return await stored.first_of_numbers(session, {theirs, theirs.upper()})

    async def surviving(self, number: str) -> str:
        """The case in which case `number` lives on; its own number where it was not merged."""
        async with self._database.read() as session:
            case = await stored.by_number(session, number)
        return case.merged_into if case is not None and case.merged_into else number

    async def about(self, medicine: Medicine) -> list[CaseView]:
        """Open cases of a medicine's substance: those of the same preparation first."""
        async with self._database.read() as session:
            rows = await stored.open_for_substance(session, medicine.substance)
            views = await load_views(session, rows, self._stock, self._today())
        return sorted(views, key=lambda view: view.preparation_key not in (medicine.key, *medicine.keys))

    def _today(self) -> dt.date:
        return oslo(self._clock.now()).date()

    # --- changing ---

    async def take(self, number: str, by: Actor, *, key: str | None) -> str:
        """Make `by` the owner. Refused, with the owner's name, where somebody else has it already.

        The stand-in may take it from the owner, and anyone of the centre from an owner who has left.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            case = await self._open_case(uow, number)
            if case.owner and case.owner != by.person and case.stand_in != by.person:
                owner = (await people.slack_users(uow.session, [case.owner])).get(case.owner)
                if owner and self._works(owner):
                    raise Refused(phrase("{who} har allerede saken {number}.", who=Mention(owner), number=number))
            if case.owner != by.person:
                uow.record(f"case:{number}", "taken", by=by.person, after=case.owner)
                case.owner = by.person
                taken = Change(phrase("{who} har tatt saken.", who=Mention(by.slack_user)))
                await self._teller.changed(uow, case, taken, by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def update(
        self,
        number: str,
        form: CaseForm,
        by: Actor,
        *,
        key: str | None,
        version: int | None = None,
        shown: Mapping[str, str] | None = None,
    ) -> str:
        """Write what the centre knows: the fields that `form` is about.

        `shown`: the marks of what the form showed (`bot.cases.changes.mark`). Two people who change different fields
        both get through; of the same field, the second is told what the first wrote (`Overtaken`). With `version`
        any change since it was read is refused.
        """
        by.require(Action.WORK_ON_CASE)
        form.check()

        async def work(uow: UnitOfWork) -> Answer:
            case = await self._open_case(uow, number)
            refuse_if_changed(case, version, field="status")
            changes = await self._apply(uow, case, form, shown or {}, by)
            if changes:
                what = phrase("Oppdatert: {what}.", what=listed([said for said, _ in changes]))
                heard = [said for said, heard in changes if heard]
                published = case.visibility == Visibility.PUBLISHED.value
                for_reporters = (listed(heard) if published else NOT_PUBLISHED_YET) if heard else None
                await self._teller.changed(uow, case, Change(what, for_reporters), by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def _apply(
        self, uow: UnitOfWork, case: ShortageCase, form: CaseForm, shown: Mapping[str, str], by: Actor
    ) -> list[tuple[Phrase, bool]]:
        """Write the form's values; what changed, in words, and whether it matters to those who reported."""
        assert case.id is not None  # noqa: S101
        tried = await stored.tried(uow.session, [case.id])
        packages = await stored.packages(uow.session, [case.id])
        now = _values(case, tried.get(case.id, {}), packages.get(case.id, {}))
        wanted = {field.name: plain(getattr(form, field.name)) for field in FIELDS if form.is_about(field.name)}
        write, both = overtaken(now, wanted, shown)
        if both:
            raise await self._overtaken(uow, case, both, shown, now)
        self._refuse_contradictions(case, form, write)
        if "expected_end" in write:
            uow.session.add(EndDate(case_id=case.id, end=form.expected_end, said_at=uow.now, by=by.person))
        for field in FIELDS:
            if field.name in write and field.column is not None:
                setattr(case, field.column, as_stored(getattr(form, field.name), getattr(case, field.column)))
        if write & _TRIED.keys():
            done = {name: wanted[name] if name in write else now[name] for name in _TRIED}
            measures = {code: worked for name, worked in _TRIED.items() for code in as_codes(done[name])}
            await stored.put_tried(uow.session, case.id, measures)
        if "packages" in write:
            await stored.put_packages(uow.session, case.id, form.packages)
        if write:
            details = {name: [now[name], wanted[name]] for name in sorted(write)}
            uow.record(f"case:{case.number}", "updated", by=by.person, **details)
        return [
            (field.said(getattr(form, field.name)), _matters(field, case)) for field in FIELDS if field.name in write
        ]

    def _refuse_contradictions(self, case: ShortageCase, form: CaseForm, write: set[str]) -> None:
        """What the form says must go with what is known already."""
        start = form.start if "start" in write else case.start
        end = form.expected_end if "expected_end" in write else case.expected_end
        problems = Problems()
        if write & {"start", "expected_end"}:
            problems.in_order(start, end, field="expected_end" if form.is_about("expected_end") else "start")
        problems.raise_if_any()
        status = form.status if "status" in write else Status(case.status)
        move(case.number, Status(case.status), status)
        if write & {"start", "status"}:
            refuse_a_start_that_has_come(status, start, self._today())

    async def _overtaken(
        self,
        uow: UnitOfWork,
        case: ShortageCase,
        both: Mapping[str, str],
        shown: Mapping[str, str],
        now: Mapping[str, Plain],
    ) -> Overtaken:
        """What somebody else wrote in the same fields, and who that was."""
        last = await stored.last_of(uow.session, f"case:{case.number}", "updated")
        who = await people.slack_users(uow.session, [last.person] if last and last.person else [])
        fields = [BY_NAME[name] for name in both]
        what = listed([field.said(as_chosen(field.name, now[field.name])) for field in fields])
        mentioned: object = next((Mention(slack_id) for slack_id in who.values()), phrase("en annen"))
        return Overtaken(
            phrase(
                "{who} har endret det samme mens skjemaet var åpent: {what}. "
                "Det du har skrevet, står her fortsatt. Lagre på nytt for å bruke det.",
                who=mentioned,
                what=what,
            ),
            {"shown": {**shown, **both}},
            field=next(iter(both)),
        )

    async def publish(
        self,
        number: str,
        visibility: Visibility,
        advice: str | None,
        by: Actor,
        *,
        key: str | None,
        version: int | None = None,
        nn: str | None = None,
        en: str | None = None,
    ) -> str:
        """Approve the centre's text, and set who may read the case. Published cases stand in the open channel.

        `nn` and `en`: the same in nynorsk and English. Refused where the case has changed since `version` was read.
        """
        by.require(Action.WORK_ON_CASE)
        texts = Texts(advice, nn, en)
        texts.check(published=visibility is Visibility.PUBLISHED)

        async def work(uow: UnitOfWork) -> Answer:
            case = await self._open_case(uow, number)
            refuse_if_changed(case, version, field="visibility")
            new_advice = Texts(case.advice, case.advice_nn, case.advice_en) != texts
            if not new_advice and case.visibility == visibility.value:
                return {"number": number}
            was_published = case.visibility == Visibility.PUBLISHED.value
            places = await approve(uow, case, texts, by.person) if new_advice else ()
            case.visibility = visibility.value
            if was_published and visibility is not Visibility.PUBLISHED:
                places = places or await withdraw(uow, case)
            uow.record(
                f"case:{number}", "visibility", by=by.person, visibility=visibility.value, advice=advice, nn=nn, en=en,
                also_at=[place.value for place in places],
            )  # fmt: skip
            published = visibility is Visibility.PUBLISHED
            heard = None
            if published and not was_published:
                heard = phrase("senteret har publisert saken")
            elif published and new_advice:
                heard = phrase("senteret har endret rådet")
            said = phrase("Synlighet: {who}.", who=visibility.words)
            said = phrase("{said} Nytt råd.", said=said) if new_advice else said
            there = by_hand(places)
            what = Change(phrase("{said} {there}", said=said, there=there) if there else said, heard)
            await self._teller.changed(uow, case, what, by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def draft_text(
        self, number: str, texts: Texts, by: Actor, *, key: str | None, version: int | None = None
    ) -> str:
        """Keep a text that nobody but the centre sees until somebody approves it."""
        by.require(Action.WORK_ON_CASE)
        texts.check(published=False)

        async def work(uow: UnitOfWork) -> Answer:
            case = await self._open_case(uow, number)
            refuse_if_changed(case, version, field="visibility")
            await keep_draft(uow, case, texts, by.person)
            uow.record(f"case:{number}", "text_drafted", by=by.person, nb=texts.nb, nn=texts.nn, en=texts.en)
            said = Change(phrase("Utkast til publisert tekst venter på godkjenning."))
            await self._teller.changed(uow, case, said, by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def draft_of(self, number: str, by: Actor) -> Draft | None:
        """The text that waits for approval."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            case = await stored.by_number(session, number)
            return await draft_of(session, case.id or 0) if case is not None else None

    async def take_text(self, number: str, by: Actor, *, key: str | None) -> CaseView:
        """The published case, to be put on the home page and sent; that it was taken there is remembered.

        Raises `Refused` where it is not published, or has no approved text.
        """
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            case = await self._open_case(uow, number)
            row = await texts_stored.newest(uow.session, case.id or 0, texts_stored.APPROVED)
            if case.visibility != Visibility.PUBLISHED.value or not case.advice:
                raise Refused(phrase("Saken {number} har ingen publisert tekst. Publiser den først.", number=number))
            if row is not None:
                row.places = {place.value: uow.now.isoformat() for place in Place}
            uow.record(f"case:{number}", "text_taken", by=by.person, places=[place.value for place in Place])
            return {"number": number}

        await self._database.once(key, work)
        case = await self.case(number)
        assert case is not None  # noqa: S101
        return case

    async def close(
        self, number: str, form: ClosingForm, by: Actor, *, key: str | None, version: int | None = None
    ) -> str:
        """End a case, or mark it not relevant, with the reason. Those who reported hear of it."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            case = await self._open_case(uow, number)
            refuse_if_changed(case, version, field="status")
            ended = await end_case(uow, case, form, by.person)
            await self._teller.changed(uow, case, ended, by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def for_reopening(self, number: str, by: Actor) -> CaseView:
        """An ended case that `by` may open again. Raises `Refused` for one that is open or was merged."""
        by.require(Action.WORK_ON_CASE)
        case = await self.case(number)
        if case is None:
            raise Refused(phrase("Fant ikke sak {number}.", number=number))
        refuse_to_reopen(case)
        return case

    async def reopen(self, number: str, reason: str, by: Actor, *, key: str | None, version: int | None = None) -> str:
        """Work on an ended case again, with the reason. Those who reported hear of it.

        The end that has come was not the end: it is unknown now, and nobody is told of it as expected.
        Raises `Refused` for a merged case: it lives on in another.
        """
        by.require(Action.WORK_ON_CASE)
        problems = Problems()
        problems.short_enough(reason, LONGEST_TEXT, field="reason")
        problems.no_identity_number(reason, field="reason")
        problems.raise_if_any()

        async def work(uow: UnitOfWork) -> Answer:
            case = await self._case(uow, number)
            refuse_if_changed(case, version, field="reason")
            refuse_to_reopen(case)
            if not reason.strip():
                raise Refused(phrase("Skriv kort hvorfor saken åpnes igjen."), field="reason")
            uow.record(
                f"case:{number}",
                "reopened",
                by=by.person,
                reason=reason.strip(),
                was=case.status,
                outcome=case.outcome,
                closed_because=case.close_reason,
            )
            if case.not_relevant:
                await notices.relevant_after_all(uow.session, number, by=by.person, at=uow.now)
            case.status = status_at_start(case.start, self._today()).value
            case.closed_at = case.outcome = case.close_reason = case.not_relevant = None
            if case.expected_end is not None and case.expected_end <= self._today():
                assert case.id is not None  # noqa: S101
                case.expected_end = None
                uow.session.add(EndDate(case_id=case.id, end=None, said_at=uow.now, by=by.person))
            opened = Change(phrase("Gjenåpnet: {reason}", reason=reason.strip()), phrase("saken er åpnet igjen"))
            await self._teller.changed(uow, case, opened, by=by.person)
            return {"number": number}

        return str((await self._database.once(key, work))["number"])

    async def open_for(
        self, medicine: Medicine, by: Actor, *, decision_question: Phrase | None, key: str | None
    ) -> tuple[str, bool]:
        """A case opened by somebody who saw it coming (an alert); the open one where there is one.

        Gives its number and whether it is new.
        """

        async def work(uow: UnitOfWork) -> Answer:
            number, new = await self.opened_in(uow, medicine, by, decision_question=decision_question)
            return {"number": number, "new": new}

        answer = await self._database.once(key, work)
        return str(answer["number"]), bool(answer["new"])

    async def opened_in(
        self, uow: UnitOfWork, medicine: Medicine, by: Actor, *, decision_question: Phrase | None
    ) -> tuple[str, bool]:
        """`open_for`, in a unit of work of the caller's."""
        by.require(Action.ANSWER_ALERT)
        await uow.alone("mangelvakt:cases")
        known = await stored.open_for_preparation(uow.session, medicine.key)
        if known is not None:
            return known.number, False
        case = await open_case(uow, medicine, source=Source.CENTRE, by=by.person)
        await name_preparation(uow, case, medicine)
        case.decision_question = str(decision_question) if decision_question else None
        await self._teller.opened(uow, case)
        return case.number, True

    async def begin_what_has_come(self) -> int:
        """Upcoming cases whose start has come are ongoing. How many there were."""
        today = self._today()
        async with self._database.read() as session:
            if not await stored.upcoming_that_have_begun(session, today):
                return 0
        async with self._database.unit_of_work() as uow:
            await uow.alone("mangelvakt:cases")
            begun = await stored.upcoming_that_have_begun(uow.session, today)
            for case in begun:
                case.status = Status.ONGOING.value
                uow.record(f"case:{case.number}", "begun", by=None)
                await self._teller.changed(uow, case, Change(phrase("Mangelen har begynt.")), by=None)
            return len(begun)

    async def show_open_cases(self) -> int:
        """Post the card of every open case that has none: after history was brought in, or the channel was set late."""
        async with self._database.unit_of_work() as uow:
            cases = await stored.open_cases(uow.session)
            for case in reversed(cases):
                await self._teller.shown(uow, case)
        return len(cases)

    async def bring_up_to_date(self) -> int:
        """Redraw the cards of open cases whose stock has changed; how many messages changed.

        A few at a time: while they are drawn nobody else changes a case, and all that was reported is in memory.
        """
        async with self._database.read() as session:
            ids = await stored.open_ids(session)
        redrawn = 0
        for start in range(0, len(ids), DRAWN_AT_ONCE):
            async with self._database.unit_of_work() as uow:
                await uow.alone("mangelvakt:cases")
                some = ids[start : start + DRAWN_AT_ONCE]
                found = await stored.by_ids(uow.session, some)
                still_open = [found[one] for one in some if one in found and found[one].status in stored.OPEN]
                redrawn += await self._teller.brought_up_to_date(uow, still_open)
        return redrawn

    async def _case(self, uow: UnitOfWork, number: str) -> ShortageCase:
        await uow.alone("mangelvakt:cases")
        case = await stored.by_number(uow.session, number)
        if case is None:
            raise Refused(phrase("Fant ikke sak {number}.", number=number))
        return case

    async def _open_case(self, uow: UnitOfWork, number: str) -> ShortageCase:
        case = await self._case(uow, number)
        if case.merged_into:
            raise lives_on(number, case.merged_into)
        if not Status(case.status).is_open:
            raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
        return case


async def end_case(uow: UnitOfWork, case: ShortageCase, form: ClosingForm, by: str) -> Change:
    """End a case as `form` says; what is to be told of it. Raises like `ClosingForm.check` and `move`."""
    form.check(case.start)
    move(case.number, Status(case.status), form.status)
    relevant = form.status is Status.CLOSED
    case.status, case.closed_at, case.close_reason = form.status.value, uow.now, form.reason.strip() or None
    case.not_relevant = form.not_relevant.value if form.not_relevant and not relevant else None
    case.outcome = form.outcome.value if form.outcome and relevant else None
    if relevant and form.ended_on is not None and form.ended_on != case.expected_end:
        uow.session.add(EndDate(case_id=case.id or 0, end=form.ended_on, said_at=uow.now, by=by))
        case.expected_end = form.ended_on
    case.decision_question = None
    if relevant and case.id is not None:
        tried = (await stored.tried(uow.session, [case.id])).get(case.id, {})
        measures: dict[str, bool | None] = {code: None for code, worked in tried.items() if worked is None}
        measures |= {one.value: True for one in form.helped}
        measures |= {one.value: False for one in form.did_not_help}
        await stored.put_tried(uow.session, case.id, measures)
    uow.record(
        f"case:{case.number}",
        form.status.value,
        by=by,
        reason=case.close_reason,
        outcome=case.outcome,
        not_relevant=case.not_relevant,
    )
    if not relevant and form.not_relevant is not None:
        words = str(form.not_relevant.words)
        why_not = f"{words}. {case.close_reason}" if case.close_reason else words
        await notices.not_relevant_after_all(uow.session, case.number, why_not, by=by, at=uow.now)
    why = [] if relevant or form.not_relevant is None else [form.not_relevant.words]
    why += [phrase("{reason}", reason=case.close_reason)] if case.close_reason else []
    return Change(
        phrase("{status}: {reason}", status=form.status.words, reason=listed(why)), phrase("saken er avsluttet")
    )


NOT_PUBLISHED_YET = phrase("senteret har nye opplysninger om saken. De er ikke publisert ennå")
"""What a reporter hears of before it is published: that something happened, never dates or stock."""


_TRIED: dict[str, bool | None] = {"in_use": None, "helped": True, "did_not_help": False}
"""The form's field → whether the measures in it worked."""


def _values(
    case: ShortageCase, tried: Mapping[str, bool | None], packages: Mapping[str, str | None]
) -> dict[str, Plain]:
    """What stands in each of the form's fields now."""
    values = {field.name: plain(getattr(case, field.column)) for field in FIELDS if field.column is not None}
    for name, worked in _TRIED.items():
        values[name] = plain([code for code, did in tried.items() if did is worked])
    values["packages"] = plain(list(packages))
    return values


def _matters(field: CaseField, case: ShortageCase) -> bool:
    """Whether those who reported hear of this change: a new end, or a substitute that is there."""
    return field.heard or (field.name in ("substitute", "substitute_ready") and case.substitute_ready is True)
