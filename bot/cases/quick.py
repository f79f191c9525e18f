"""Quick words in a case's thread: shown back as what they would change, and written when a person confirms them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.cases.changes import mark
from bot.cases.forms import CaseForm, ClosingForm
from bot.cases.service import CaseService
from bot.cases.views import CaseView
from bot.cases.vocabulary import Cause, NotRelevant, Outcome, Source, Status
from bot.clock import Clock, today
from bot.conversation.quick_words import QuickWord, Says, read_quick_words
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.refusal import Overtaken, Refused
from storage import outbox
from storage.unit_of_work import Database

_OUT_OF_DATE = phrase("Knappen virker ikke lenger. Skriv det på nytt i tråden.")

_WRITES: dict[Says, tuple[str, ...]] = {
    Says.END: ("expected_end",),
    Says.START: ("start",),
    Says.CAUSE: ("cause",),
    Says.SOURCE: ("source",),
    Says.STATUS: ("status",),
    Says.SUBSTITUTE: ("substitute",),
    Says.READY: ("substitute_ready",),
    Says.NOT_READY: ("substitute_ready",),
    Says.QUESTION: ("decision_question",),
    Says.DUE: ("next_step_on",),
    Says.NEXT: ("next_step", "next_step_on"),
}
"""The fields that a quick word writes, and that its author is shown as they are now."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that would be written: what, the new value, and what stands there now (None: nothing to show)."""

    what: Phrase
    value: object
    now: object = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What was understood. `value` goes into the button: the words themselves, the day they were said, what was shown.

    `needs_form`: it cannot be saved from here, for something is missing; the form asks for it.
    """

    number: str
    lines: tuple[Line, ...]
    value: str
    needs_form: bool = False


class QuickWordService:
    """Reads what is written in the threads of the cases' cards. Nothing is changed before somebody confirms."""

    def __init__(self, database: Database, clock: Clock, cases: CaseService, people: PeopleService) -> None:
        self._database = database
        self._clock = clock
        self._cases = cases
        self._people = people

    async def offer(self, channel: str, thread_ts: str, text: str, by: Actor) -> Offer | None:
        """What `text` would change in the case of this thread; None where it is no quick word, or not theirs to say.

        Raises `Refused` where a quick word holds a national identity number.
        """
        day = today(self._clock)
        found = read_quick_words(text, day) if by.may(Action.WORK_ON_CASE) else ()
        if not found:
            return None
        async with self._database.read() as session:
            key = await outbox.key_at(session, channel, thread_ts)
        number = key.removeprefix("card:") if key and key.startswith("card:") else None
        case = await self._cases.case(number) if number else None
        if case is None or not case.status.is_open:
            return None
        refuse_identity_numbers(text)
        shown = {name: mark(getattr(case, name)) for one in found for name in _WRITES.get(one.says, ())}
        said = {"case": case.number, "version": case.version, "day": day.isoformat(), "text": text.strip()}
        return Offer(
            number=case.number,
            lines=tuple(_line(one, case, by) for one in found),
            value=json.dumps(said | {"shown": shown}, ensure_ascii=False),
            needs_form=found[0].says is Says.CLOSE and found[0].text is None,
        )

    async def save(self, value: str, by: Actor, *, key: str | None) -> str:
        """Write what an offer showed, in one unit of work; the case's number.

        The words are read again as they were on their day, so that a forged button can say no more than a message.
        Refused where somebody has changed the same since it was shown; a closed case, where they changed anything.
        """
        by.require(Action.WORK_ON_CASE)
        said = _read_again(value)
        try:
            return await self._save(said, by, key)
        except Overtaken:
            raise Refused(
                phrase(
                    "Sak {number} er endret siden du skrev dette. Se på kortet, og skriv det på nytt.",
                    number=said.number,
                )
            ) from None

    async def _save(self, said: _Said, by: Actor, key: str | None) -> str:
        first = said.found[0]
        if first.says is Says.TAKE:
            return await self._cases.take(said.number, by, key=key)
        if first.says in (Says.CLOSE, Says.NOT_RELEVANT):
            return await self._cases.close(said.number, _closing(first), by, key=key, version=said.version)
        form = CaseForm.about(**await self._fields(said.found))
        return await self._cases.update(said.number, form, by, key=key, shown=said.shown)

    async def _fields(self, found: Sequence[QuickWord]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for one in found:
            match one.says:
                case Says.END:
                    values["expected_end"] = one.day
                case Says.START:
                    values["start"] = one.day
                case Says.CAUSE:
                    values["cause"] = Cause(one.code or "")
                case Says.SOURCE:
                    values["source"] = Source(one.code or "")
                case Says.STATUS:
                    values["status"] = Status(one.code or "")
                case Says.SUBSTITUTE:
                    values["substitute"] = one.text
                case Says.READY | Says.NOT_READY:
                    values["substitute_ready"] = one.says is Says.READY
                case Says.QUESTION:
                    values["decision_question"] = one.text
                case Says.DUE:
                    values["next_step_on"] = one.day
                case Says.NEXT:
                    values["next_step"] = one.text
                    values["next_step_for"] = await self._worker(one.person) if one.person else None
                    values.setdefault("next_step_on", one.day)
        return values

    async def _worker(self, slack_user: str) -> str:
        """The key of somebody who may work on cases."""
        actor = await self._people.actor(slack_user)
        if not actor.may(Action.WORK_ON_CASE):
            raise Refused(phrase("{who} har ikke tilgang til å arbeide med saker.", who=Mention(slack_user)))
        return actor.person


@dataclass(frozen=True, slots=True)
class _Said:
    """What a button brings back: the words as they are read again, and what their author was shown of the case."""

    number: str
    version: int
    found: tuple[QuickWord, ...]
    shown: dict[str, str]


def _read_again(value: str) -> _Said:
    try:
        said = json.loads(value)
        day, version, text = dt.date.fromisoformat(said["day"]), int(said["version"]), str(said["text"])
        number, shown = str(said["case"]), {str(name): str(shown) for name, shown in said["shown"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(_OUT_OF_DATE) from None
    found = read_quick_words(text, day)
    if not found:
        raise Refused(_OUT_OF_DATE)
    return _Said(number, version, found, shown)


def _closing(one: QuickWord) -> ClosingForm:
    """How it ended is not said in a quick word; the form can say it."""
    if one.says is Says.NOT_RELEVANT:
        return ClosingForm(Status.NOT_RELEVANT, None, None, one.text or "", not_relevant=NotRelevant.OTHER)
    return ClosingForm(Status.CLOSED, Outcome.UNKNOWN, None, one.text or "")


def _line(one: QuickWord, case: CaseView, by: Actor) -> Line:
    """One quick word beside what stands in the case."""
    match one.says:
        case Says.END:
            return Line(phrase("Ny sluttdato"), one.day, case.expected_end or phrase("ukjent"))
        case Says.START:
            return Line(phrase("Startdato"), one.day, case.start or phrase("ukjent"))
        case Says.CAUSE:
            return Line(phrase("Årsak"), Cause(one.code or "").words, case.cause.words if case.cause else None)
        case Says.SOURCE:
            return Line(phrase("Kilde"), Source(one.code or "").words, case.source.words if case.source else None)
        case Says.STATUS:
            return Line(phrase("Status"), Status(one.code or "").words, case.status.words)
        case Says.SUBSTITUTE:
            return Line(phrase("Erstatning"), one.text, case.substitute)
        case Says.READY:
            return Line(phrase("Erstatning"), phrase("på plass"))
        case Says.NOT_READY:
            return Line(phrase("Erstatning"), phrase("ikke på plass"))
        case Says.QUESTION:
            return Line(phrase("Spørsmål til møtet"), one.text, case.decision_question)
        case Says.DUE:
            return Line(phrase("Frist for neste steg"), one.day, case.next_step_on)
        case Says.TAKE:
            return Line(phrase("Ansvarlig"), Mention(by.slack_user), case.owner)
        case Says.CLOSE:
            return Line(phrase("Avslutt saken"), one.text or phrase("skriv hvorfor i skjemaet"))
        case Says.NOT_RELEVANT:
            return Line(phrase("Ikke aktuell"), one.text)
    step: object = phrase("{text}, frist {day}", text=one.text, day=one.day) if one.day else one.text
    who = phrase("{step} – {who}", who=Mention(one.person), step=step) if one.person else step
    return Line(phrase("Neste steg"), who, case.next_step)
