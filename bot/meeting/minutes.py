"""What came out of a meeting: who was there, what was talked about, what was decided, who does what. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.messages.words import DayMonth

Who: TypeAlias = Mention | str | None
"""A person in Slack, a name as it was typed, or nobody who can be named any more."""


def meeting_called(title: str | None, week: str) -> Phrase:
    """What a meeting is called; `title` is another forum's than Mangelmøtet."""
    number = int(week[-2:])
    if title is None:
        return phrase("Mangelmøtet uke {week}", week=number)
    return phrase("{title} uke {week}", title=title, week=number)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a case; `moves_end`: its expected end was changed, to `end` (None: to unknown)."""

    case: str
    text: str
    at: dt.datetime
    by: Who = None
    moves_end: bool = False
    end: dt.date | None = None

    @property
    def words(self) -> Phrase | str:
        """As it is read."""
        if not self.moves_end:
            return self.text
        said = phrase("ny sluttdato {end}", end=self.end) if self.end else phrase("sluttdato er nå ukjent")
        return phrase("{said} ({why})", said=said, why=self.text) if self.text else said


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody shall do, by when."""

    id: int
    text: str
    who: Who
    due: dt.date | None
    case: str | None = None
    case_name: str | None = None
    done_at: dt.datetime | None = None
    week: str = ""
    """The meeting that gave it."""
    forum_title: str | None = None
    """The forum that gave it, where that was not Mangelmøtet."""

    @property
    def forum(self) -> Phrase | str:
        """The forum that gave it."""
        return self.forum_title or phrase("Mangelmøtet")

    def is_late(self, today: dt.date) -> bool:
        """Whether its day has passed and it is not done."""
        return self.done_at is None and self.due is not None and self.due < today

    @property
    def by_when(self) -> Phrase | None:
        """ "frist 1. aug." """
        return phrase("frist {day}", day=DayMonth(self.due)) if self.due else None


@dataclass(frozen=True, slots=True)
class Discussed:
    """A thing on the agenda, its cases together, and what came of it. `place` is its number there; 0: it had none."""

    place: int
    numbers: tuple[str, ...]
    name: str
    decisions: tuple[Decision, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class MinutesFacts:
    """A meeting as it was kept. `agenda`: case numbers for each thing on it; `names`: case number → name."""

    forum: str
    week: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    agenda: Sequence[Sequence[str]]
    discussed: Sequence[str]
    names: Mapping[str, str]
    decisions: Sequence[Decision] = ()
    tasks: Sequence[Task] = ()
    """Given in this meeting."""
    earlier: Sequence[Task] = ()
    """Given in an earlier one, and open when this one began."""
    present: Sequence[Who] = ()
    guests: str | None = None
    title: str | None = None
    """The forum's, where it is another than Mangelmøtet."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """What is posted and printed."""

    forum: str
    week: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    present: tuple[Who, ...]
    guests: str | None
    discussed: tuple[Discussed, ...]
    left: tuple[Discussed, ...]
    """What was on the agenda and not reached."""
    tasks: tuple[Task, ...]
    earlier: tuple[Task, ...]
    other_tasks: tuple[Task, ...] = field(default=())
    """Those of `tasks` that belong to no case."""
    title: str | None = None

    @property
    def called(self) -> Phrase:
        """ "Mangelmøtet uke 29" """
        return meeting_called(self.title, self.week)

    @property
    def held_on(self) -> dt.date:
        """The day, in Oslo."""
        return oslo(self.opened_at).date()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All of them, in the agenda's order."""
        return tuple(decision for one in self.discussed for decision in one.decisions)


def minutes_of(facts: MinutesFacts) -> Minutes:
    """The minutes: in the agenda's order; a case that something was decided about was discussed."""
    decisions: dict[str, list[Decision]] = defaultdict(list)
    tasks: dict[str, list[Task]] = defaultdict(list)
    for decision in sorted(facts.decisions, key=lambda one: one.at):
        decisions[decision.case].append(decision)
    for task in facts.tasks:
        tasks[task.case or ""].append(task)
    touched = {*facts.discussed, *decisions, *tasks} - {""}
    on_agenda = {number for family in facts.agenda for number in family}
    families = [tuple(family) for family in facts.agenda] + [(number,) for number in sorted(touched - on_agenda)]
    lines = [
        Discussed(
            place if place <= len(facts.agenda) else 0,
            family,
            facts.names.get(family[0], family[0]),
            tuple(decision for number in family for decision in decisions[number]),
            tuple(task for number in family for task in tasks[number]),
        )
        for place, family in enumerate(families, 1)
        if family
    ]
    return Minutes(
        forum=facts.forum,
        week=facts.week,
        opened_at=facts.opened_at,
        closed_at=facts.closed_at,
        present=tuple(facts.present),
        guests=facts.guests,
        discussed=tuple(line for line in lines if touched & set(line.numbers)),
        left=tuple(line for line in lines if not touched & set(line.numbers)),
        tasks=tuple(facts.tasks),
        earlier=tuple(facts.earlier),
        other_tasks=tuple(tasks[""]),
        title=facts.title,
    )
