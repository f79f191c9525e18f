"""A question with a deadline as plain values: who was asked, who has answered what, how it adds up. Pure."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cases.vocabulary import CameBy, Worded
from bot.inquiries.steps import Path
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import ChannelLink, Mention
from bot.messages.words import units

BAR = 10
"""Squares in the longest bar of progress: what fits beside a region's name on a phone."""


PACK = "pakning"


class Kind(Worded):
    """What is asked for."""

    STOCK = "stock", phrase("Lageropptelling")
    NEED = "need", phrase("Behovsanslag")
    OPINION = "opinion", phrase("Faglig vurdering")
    INTEREST = "interest", phrase("HERA-forespørsel om felles innkjøp")
    SOLIDARITY = "solidarity", phrase("Solidaritetsmekanismen")

    @property
    def replied(self) -> bool:
        """Whether the centre has to reply to DMP when it has heard those whom it asks."""
        return self in (Kind.INTEREST, Kind.SOLIDARITY)


class AnswerKind(Worded):
    """What it is answered with."""

    NUMBER = "number", phrase("Et antall")
    CHOICE = "choice", phrase("Ett av flere valg")
    WORDS = "words", phrase("Noen ord")


class State(Worded):
    """How far a question has come."""

    OPEN = "open", phrase("Venter på svar")
    CLOSED = "closed", phrase("Avsluttet")
    WITHDRAWN = "withdrawn", phrase("Trukket tilbake")


@dataclass(frozen=True, slots=True)
class Given:
    """One answer. `quantity` in the question's unit; `packs` is what was written, where it was written in packs.

    `came_by` and `told_by`: somebody of the centre (`by`) wrote it down for them. `late`: after the deadline.
    """

    at: dt.datetime
    by: Mention | None = None
    quantity: float | None = None
    packs: float | None = None
    choice: str | None = None
    words: str | None = None
    came_by: CameBy | None = None
    told_by: str | None = None
    late: bool = False

    def same_as(self, other: Given) -> bool:
        """Whether both say the same."""
        return (self.quantity, self.choice, self.words) == (other.quantity, other.choice, other.words)


@dataclass(frozen=True, slots=True)
class Respondent:
    """One who is to answer: a health trust by `name`, a person, or both names of an expert outside Slack.

    `reached` are the people and channels that got the question; `lost` those of them whom Slack did not find, as when
    somebody has left. Neither: nobody was there to be asked, and the centre has to call.
    """

    id: int
    name: str | None
    person: Mention | None
    region: str | None
    reached: tuple[Mention | ChannelLink, ...] = ()
    lost: tuple[Mention | ChannelLink, ...] = ()
    answer: Given | None = None
    trust: str | None = None
    """The catchment area, where it is a health trust that was asked."""

    @property
    def who(self) -> str | Mention | Phrase:
        """Who it is, as people read it."""
        return self.name or self.person or phrase("en som er slettet")

    @property
    def to_call(self) -> bool:
        """Whether they can be asked on the telephone only."""
        return len(self.lost) == len(self.reached)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a region have answered; `region` None: those who belong to none."""

    region: str | None
    answered: int
    asked: int

    @property
    def bar(self) -> str:
        """The share as a row of squares, full and empty: a full one for each where there is room."""
        width = min(self.asked, BAR)
        full = self.answered * width // self.asked
        return "▰" * full + "▱" * (width - full)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question with everybody who was asked. `unit` of a number; `pack`: units in a pack, where one may answer so.

    `first` and `last`: the period that an estimate of need is for. `reply_by`: when DMP has to have the centre's reply.
    """

    id: int
    case: str
    title: str
    kind: Kind
    words: str
    answer: AnswerKind
    unit: str
    pack: float | None
    choices: tuple[str, ...]
    first: dt.date | None
    last: dt.date | None
    deadline: dt.datetime
    reply_by: dt.date | None
    state: State
    by: Mention | None
    asked_at: dt.datetime
    asked: tuple[Respondent, ...]
    version: int
    path: Path | None = None
    """The way to DMP's reply, where it waits for one."""

    @property
    def packs_by_trust(self) -> dict[str, float]:
        """What each health trust has answered, in packs; nothing where nobody has said how much is in a pack."""
        size = 1.0 if self.unit == PACK else self.pack
        given = [(one.trust, one.answer.quantity) for one in self.answered if one.answer is not None]
        return {trust: number / size for trust, number in given if size and trust and number is not None}

    @property
    def is_open(self) -> bool:
        """Whether it is being answered."""
        return self.state is State.OPEN

    @property
    def answered(self) -> tuple[Respondent, ...]:
        """Who has answered."""
        return tuple(one for one in self.asked if one.answer is not None)

    @property
    def missing(self) -> tuple[Respondent, ...]:
        """Who has not."""
        return tuple(one for one in self.asked if one.answer is None)

    @property
    def lost(self) -> tuple[Mention | ChannelLink, ...]:
        """Whom Slack did not find, of those who have not answered."""
        return tuple(dict.fromkeys(target for one in self.missing for target in one.lost))

    @property
    def to_call(self) -> tuple[Respondent, ...]:
        """Who has not answered and is reached on the telephone only."""
        return tuple(one for one in self.missing if one.to_call)

    @property
    def progress(self) -> list[Progress]:
        """Region by region, in the order in which they were asked."""
        every = Counter(one.region for one in self.asked)
        there = Counter(one.region for one in self.answered)
        return [Progress(region, there[region], many) for region, many in every.items()]

    @property
    def total(self) -> float | None:
        """The sum of the numbers that have come, in the question's unit; None where none has."""
        numbers = [one.answer.quantity for one in self.asked if one.answer and one.answer.quantity is not None]
        return math.fsum(numbers) if numbers else None

    @property
    def tally(self) -> list[tuple[str, int]]:
        """Each choice and how many have made it."""
        made = Counter(one.answer.choice for one in self.answered if one.answer)
        return [(choice, made[choice]) for choice in self.choices]

    def said(self, given: Given) -> Phrase | str:
        """An answer in a few words: "12 pakninger (360 tabletter)", "Ja", "0 tabletter"."""
        if given.quantity is None:
            return given.choice or given.words or phrase("ikke noe")
        if given.packs is None or not self.pack:
            return self.amount(given.quantity)
        if given.packs == 1:
            return phrase("1 pakning ({quantity})", quantity=self.amount(given.quantity))
        return phrase("{packs} pakninger ({quantity})", packs=float(given.packs), quantity=self.amount(given.quantity))

    def amount(self, quantity: float) -> Phrase:
        """A quantity with the question's unit after it."""
        unit = self.unit if quantity == 1 else units(self.unit)
        return phrase("{quantity} {unit}", quantity=float(quantity), unit=unit)

    @property
    def total_words(self) -> Phrase | None:
        """The sum, with its whole packs where the size of a pack is known."""
        if self.total is None:
            return None
        packs = math.floor(self.total / self.pack) if self.pack else 0
        if packs < 2:
            return self.amount(self.total)
        return phrase("{quantity} (ca. {packs} pakninger)", quantity=self.amount(self.total), packs=float(packs))


@dataclass(frozen=True, slots=True)
class Used:
    """What was used later of what had been estimated, from `first` to `last`, as the stock figures have it.

    `quantity` None: no use is recorded in the period. `until`: the last day that the figures reach.
    """

    first: dt.date
    last: dt.date
    quantity: float | None
    unit: str
    until: dt.date | None
    pools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """An estimate of need beside later use, in the same unit. `estimate` is for all of the period, `expected` for as
    much of it as there are figures for.
    """

    estimate: float
    expected: float
    used: Used

    @property
    def times(self) -> float | None:
        """How many times the use the estimate was; None where nothing was used, or nothing is known."""
        return self.expected / self.used.quantity if self.used.quantity else None


def against(estimate: float, used: Used) -> Against:
    """The estimate for the whole period, cut down to the days that the figures of use reach."""
    days = (used.last - used.first).days + 1
    reached = days if used.until is None else max(0, (min(used.until, used.last) - used.first).days + 1)
    return Against(estimate, estimate * reached / days, used)


@dataclass(frozen=True, slots=True)
class UseLine:
    """A recorded use of one pool from `first` to `last`; `of_hospitals`: it is said of all hospitals together."""

    pool: str
    first: dt.date
    last: dt.date
    quantity: float
    of_hospitals: bool


def used_of(lines: Sequence[UseLine], first: dt.date, last: dt.date, unit: str) -> Used:
    """What was used from `first` to `last`, by the days that each recorded period shares with it.

    What is said of all hospitals together counts before what was drawn from the single pools; where several pools
    say it, the one that says most.
    """
    sums: dict[str, float] = {}
    stated = [line for line in lines if line.of_hospitals]
    for line in stated or lines:
        shared = (min(last, line.last) - max(first, line.first)).days + 1
        if shared > 0:
            share = shared / ((line.last - line.first).days + 1)
            sums[line.pool] = sums.get(line.pool, 0.0) + line.quantity * share
    if not sums:
        return Used(first, last, None, unit, None)
    if stated:
        most = max(sums, key=lambda pool: (sums[pool], pool))
        sums = {most: sums[most]}
    until = max(line.last for line in stated or lines if line.pool in sums)
    return Used(first, last, math.fsum(sums.values()), unit, min(until, last), tuple(sorted(sums)))
