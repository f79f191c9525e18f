"""What the forms of a question and of an answer hold: read and checked, one fault a field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cases.forms import LONGEST_NAME, Problems
from bot.cases.vocabulary import CameBy
from bot.clock import OSLO, oslo
from bot.inquiries.inquiry import AnswerKind, Inquiry, Kind
from bot.inquiries.steps import Path, Step, Taken
from bot.messages.phrase import phrase
from bot.people.identity_numbers import refuse_identity_numbers
from bot.refusal import Refused
from bot.stock.waiting import WORK_ENDS

LONGEST_QUESTION = 1000
LONGEST_ANSWER = 2000
LONGEST_UNIT = 40
LONGEST_CHOICE = 60
"""A choice stands on a button, with «Svar» before it: Slack has 75 characters there."""
MOST_CHOICES = 6
LONGEST_WAIT = dt.timedelta(days=120)
LONGEST_PERIOD = dt.timedelta(days=3 * 366)
MOST = 10_000_000
_NUMBER = re.compile(r"[0-9]{1,8}(?:[.,][0-9]{1,3})?")
_SPACE = re.compile(r"(?<=[0-9])[\s\u00a0\u202f](?=[0-9]{3})")


@dataclass(frozen=True, slots=True)
class InquiryForm:
    """A question as it was written. `trusts`: what `bot.inquiries.whom.choices` offers; `people`: Slack ids."""

    kind: Kind
    words: str | None
    answer: AnswerKind
    unit: str | None
    pack: str | None
    choices: str | None
    deadline: dt.date | None
    trusts: Sequence[str] = ()
    people: Sequence[str] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    reply_by: dt.date | None = None
    panel: int | None = None

    def read(self, now: dt.datetime) -> Terms:
        """The question. Raises `FormRefused` with every field that is wrong."""
        today = oslo(now).date()
        problems = Problems()
        for field, text, longest in (
            ("words", self.words, LONGEST_QUESTION), ("unit", self.unit, LONGEST_UNIT),
            ("choices", self.choices, LONGEST_QUESTION),
        ):  # fmt: skip
            problems.short_enough(text, longest, field=field)
            problems.no_identity_number(text, field=field)
        if not self.words:
            problems.add("words", Refused(phrase("Skriv hva du spør om.")))
        deadline = self._deadline(now, problems)
        choices = self._choices(problems)
        pack = None
        if self.answer is AnswerKind.NUMBER:
            if not self.unit:
                problems.add("unit", Refused(phrase("Skriv hva det telles i, for eksempel tablett eller hetteglass.")))
            pack = _number(self.pack, "pack", problems) if self.pack else None
            if pack is not None and pack <= 0:
                problems.add("pack", Refused(phrase("En pakning har minst én enhet.")))
        elif self.kind in (Kind.STOCK, Kind.NEED):
            problems.add("answer", Refused(phrase("{kind} besvares med et antall.", kind=self.kind.words)))
        self._period(problems)
        if self.kind.replied:
            if self.reply_by is None:
                problems.add("reply_by", Refused(phrase("Velg når DMP skal ha svar.")))
            elif self.reply_by < today:
                problems.add("reply_by", Refused(phrase("Dagen er passert. Velg en dag fra i dag av.")))
            elif deadline is not None and oslo(deadline).date() > self.reply_by:
                problems.add(
                    "deadline", Refused(phrase("Fristen er etter at DMP skal ha svar. Velg en tidligere dag."))
                )
        if not self.trusts and not self.people and self.panel is None:
            problems.add("trusts", Refused(phrase("Velg hvem som skal spørres.")))
        problems.raise_if_any()
        assert self.words is not None and deadline is not None  # noqa: S101
        return Terms(
            kind=self.kind,
            words=self.words,
            answer=self.answer,
            unit=(self.unit or "").casefold(),
            pack=None if pack == 1 else pack,
            choices=choices,
            deadline=deadline,
            first=self.first if self.kind is Kind.NEED else None,
            last=self.last if self.kind is Kind.NEED else None,
            reply_by=self.reply_by if self.kind.replied else None,
        )

    def _deadline(self, now: dt.datetime, problems: Problems) -> dt.datetime | None:
        """The end of the working hours of the day."""
        if self.deadline is None:
            problems.add("deadline", Refused(phrase("Velg en frist.")))
            return None
        at = dt.datetime.combine(self.deadline, WORK_ENDS, OSLO).astimezone(dt.UTC)
        if at <= now:
            problems.add("deadline", Refused(phrase("Fristen er passert. Velg en senere dag.")))
        elif at > now + LONGEST_WAIT:
            problems.add("deadline", Refused(phrase("Fristen er mer enn fire måneder unna. Velg en tidligere dag.")))
        return at

    def _choices(self, problems: Problems) -> tuple[str, ...]:
        if self.answer is not AnswerKind.CHOICE:
            return ()
        lines = [" ".join(line.split()) for line in (self.choices or "").splitlines()]
        choices = tuple(dict.fromkeys(line for line in lines if line))
        if not 2 <= len(choices) <= MOST_CHOICES:
            said = phrase("Skriv fra to til {most} ulike valg, ett på hver linje.", most=MOST_CHOICES)
            problems.add("choices", Refused(said))
        elif any(len(choice) > LONGEST_CHOICE for choice in choices):
            problems.add("choices", Refused(phrase("Et valg kan ha høyst {most} tegn.", most=LONGEST_CHOICE)))
        return choices

    def _period(self, problems: Problems) -> None:
        if self.kind is not Kind.NEED:
            return
        if self.first is None:
            problems.add("first", Refused(phrase("Velg når perioden begynner.")))
        if self.last is None:
            problems.add("last", Refused(phrase("Velg når perioden slutter.")))
        if self.first is None or self.last is None:
            return
        if problems.sensible(self.first, field="first") and problems.sensible(self.last, field="last"):
            if self.last < self.first:
                problems.add("last", Refused(phrase("Perioden slutter før den begynner. Rett en av dagene.")))
            elif self.last - self.first > LONGEST_PERIOD:
                problems.add("last", Refused(phrase("Perioden er mer enn tre år. Rett en av dagene.")))


@dataclass(frozen=True, slots=True)
class Terms:
    """A question that was read: as in `Inquiry`."""

    kind: Kind
    words: str
    answer: AnswerKind
    unit: str
    pack: float | None
    choices: tuple[str, ...]
    deadline: dt.datetime
    first: dt.date | None
    last: dt.date | None
    reply_by: dt.date | None


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step on the way to DMP's reply: the day it was taken, and with whom, or what was said."""

    step: Step | None
    on: dt.date | None
    words: str | None

    def read(self, path: Path, today: dt.date) -> Taken:
        """The step. Raises `FormRefused` with every field that is wrong."""
        problems = Problems()
        problems.short_enough(self.words, LONGEST_QUESTION, field="words")
        problems.no_identity_number(self.words, field="words")
        received = path.of(Step.RECEIVED)
        if self.step is None or self.step not in path.left:
            problems.add("step", Refused(phrase("Steget er allerede tatt. Velg et annet.")))
        if self.on is None:
            problems.add("on", Refused(phrase("Velg dagen.")))
        elif self.on > today:
            problems.add("on", Refused(phrase("Dagen er ikke kommet ennå. Rett datoen.")))
        elif received is not None and self.on < received.on:
            problems.add("on", Refused(phrase("Forespørselen kom {day}. Rett datoen.", day=received.on)))
        problems.raise_if_any()
        assert self.step is not None and self.on is not None  # noqa: S101
        return Taken(self.step, self.on, None, self.words)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """An answer as it was written; `in_packs`: the number is one of packs."""

    number: str | None = None
    in_packs: bool = False
    choice: str | None = None
    words: str | None = None
    came_by: CameBy | None = None
    told_by: str | None = None

    def read(self, inquiry: Inquiry) -> Said:
        """The answer to this question. Raises `FormRefused` with every field that is wrong."""
        problems = Problems()
        for field, text, longest in (("words", self.words, LONGEST_ANSWER), ("told_by", self.told_by, LONGEST_NAME)):
            problems.short_enough(text, longest, field=field)
            problems.no_identity_number(text, field=field)
        quantity = packs = choice = None
        match inquiry.answer:
            case AnswerKind.NUMBER:
                number = _number(self.number, "number", problems)
                if number is not None and self.in_packs and inquiry.pack is None:
                    problems.add(
                        "number",
                        Refused(phrase("Svar i {unit}: pakningens størrelse er ikke kjent.", unit=inquiry.unit)),
                    )
                elif number is not None:
                    packs = number if self.in_packs else None
                    quantity = number * inquiry.pack if self.in_packs and inquiry.pack else number
            case AnswerKind.CHOICE:
                choice = self.choice
                if choice not in inquiry.choices:
                    problems.add("choice", Refused(phrase("Velg et svar.")))
            case AnswerKind.WORDS:
                if not self.words:
                    problems.add("words", Refused(phrase("Skriv et svar.")))
        problems.raise_if_any()
        return Said(quantity, packs, choice, self.words, self.came_by, self.told_by)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that was read: as in `Given`."""

    quantity: float | None
    packs: float | None
    choice: str | None
    words: str | None
    came_by: CameBy | None = None
    told_by: str | None = None


def _number(text: str | None, field: str, problems: Problems) -> float | None:
    """A number that is not negative, with a decimal comma or point and spaces between thousands; None after a fault."""
    if not text:
        problems.add(field, Refused(phrase("Skriv et tall. Har dere ikke noe, skriv 0.")))
        return None
    try:
        refuse_identity_numbers(text, field=field)
    except Refused as fault:
        problems.add(field, fault)
        return None
    plain = _SPACE.sub("", text)
    if not _NUMBER.fullmatch(plain) or float(plain.replace(",", ".")) > MOST:
        problems.add(field, Refused(phrase("«{text}» er ikke et antall. Skriv bare tallet.", text=text[:30])))
        return None
    return float(plain.replace(",", "."))
