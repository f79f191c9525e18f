"""The life of a case, in one place: which status may follow which, who makes it so, and what that needs.

Only a person opens or closes a case. `docs/life-cycle.md` is drawn from this table (`bot.cases.life_cycle_picture`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.cases.vocabulary import OPEN, NotRelevant, Outcome, Status
from bot.messages.phrase import phrase
from bot.refusal import Overtaken, Refused


class Versioned(Protocol):
    """A case's row, as far as this module knows it."""

    number: str
    version: int


class CaseRow(Protocol):
    """A case's row or view, as far as merging and reopening need it."""

    @property
    def number(self) -> str:
        """Its number."""

    @property
    def status(self) -> str:
        """The status' code."""

    @property
    def merged_into(self) -> str | None:
        """The number of the case that it lives on in."""


class Need(StrEnum):
    """What a step needs before it is taken; the values are what the picture says."""

    START_TO_COME = "a start that has not come (or is not known)"
    START_HAS_COME = "a start that has come, or a person who says so"
    REASON = "a reason in words"
    OUTCOME = "an outcome (unknown is one)"
    END_AFTER_START = "no end before the start"
    WHY_NOT_RELEVANT = "why it is none for hospitals, from the list; in words too where that is *Annet*"
    ANOTHER_OPEN_CASE = "another case that is open, and was not itself merged into this one"


@dataclass(frozen=True, slots=True)
class Step:
    """An arrow of the life cycle; `verb` is what the button says, or what happens by itself."""

    verb: str
    of: tuple[Status, ...]
    to: Status
    needs: tuple[Need, ...] = ()


CLOSING = (Status.CLOSED, Status.NOT_RELEVANT)
"""How a person ends a case; *merged* comes about when its reports are moved."""

ENDED = CLOSING
"""What can be opened again; a case that was merged lives on in the other one."""

STEPS: tuple[Step, ...] = (
    Step("Begynner", (Status.UPCOMING,), Status.ONGOING, (Need.START_HAS_COME,)),
    Step("Oppdater", (Status.ONGOING,), Status.UPCOMING, (Need.START_TO_COME,)),
    Step("Avslutt", OPEN, Status.CLOSED, (Need.REASON, Need.OUTCOME, Need.END_AFTER_START)),
    Step("Ikke aktuell", OPEN, Status.NOT_RELEVANT, (Need.WHY_NOT_RELEVANT,)),
    Step("Slå sammen", OPEN, Status.MERGED, (Need.ANOTHER_OPEN_CASE,)),
    Step("Gjenåpne", ENDED, Status.ONGOING, (Need.REASON,)),
    Step("Gjenåpne", ENDED, Status.UPCOMING, (Need.REASON, Need.START_TO_COME)),
)

MAY_BECOME: dict[Status, frozenset[Status]] = {
    status: frozenset(step.to for step in STEPS if status in step.of) for status in Status
}


def status_at_start(start: dt.date | None, today: dt.date) -> Status:
    """Upcoming until the day it begins; a start that nobody knows has begun."""
    return Status.UPCOMING if start is not None and start > today else Status.ONGOING


def refuse_a_start_that_has_come(status: Status, start: dt.date | None, today: dt.date) -> None:
    """Raise `Refused` for an upcoming case whose start has come: it would be ongoing within the hour."""
    if status is Status.UPCOMING and start is not None and start <= today:
        raise Refused(phrase("Startdatoen er kommet. Velg «Pågående», eller flytt startdatoen."), field="status")


def move(number: str, now: Status, wanted: Status) -> None:
    """Raise `Refused` where a case cannot go from `now` to `wanted`."""
    if wanted is not now and wanted not in MAY_BECOME[now]:
        raise _cannot(number, now, wanted)


def _cannot(number: str, now: Status, wanted: Status) -> Refused:
    return Refused(
        phrase("Saken {number} er {now} og kan ikke bli {wanted}.", number=number, now=now.words, wanted=wanted.words)
    )


def what_closing_lacks(
    status: Status,
    *,
    reason: str,
    outcome: Outcome | None,
    not_relevant: NotRelevant | None,
    ended_on: dt.date | None,
    start: dt.date | None,
) -> Iterator[Refused]:
    """What is missing or contradicts itself before a case can end so, each beside its field."""
    if status not in CLOSING:
        yield Refused(phrase("Velg om saken avsluttes eller ikke er aktuell."), field="status")
    if status is Status.CLOSED:
        if not reason.strip():
            yield Refused(phrase("Skriv kort hvorfor saken avsluttes."), field="reason")
        if outcome is None:
            yield Refused(phrase("Velg hvordan det gikk. «Ukjent» er også et svar."), field="outcome")
        if ended_on is not None and start is not None and ended_on < start:
            yield Refused(phrase("Sluttdatoen er før startdatoen. Rett datoen."), field="ended_on")
    if status is Status.NOT_RELEVANT:
        if not_relevant is None:
            yield Refused(phrase("Velg hvorfor saken ikke er aktuell."), field="not_relevant")
        elif not_relevant is NotRelevant.OTHER and not reason.strip():
            yield Refused(phrase("Skriv kort hvorfor saken ikke er aktuell."), field="reason")


def refuse_to_merge(case: CaseRow, into: CaseRow | None, wanted: str) -> None:
    """Raise `Refused` where `case` cannot end in `into` (None: there is no case of that number, `wanted`)."""
    if into is None:
        raise Refused(phrase("Fant ikke sak {number}.", number=wanted), field="into")
    if into.number == case.number:
        raise Refused(phrase("En sak kan ikke slås sammen med seg selv. Velg en annen sak."), field="into")
    if into.merged_into == case.number:
        raise Refused(
            phrase("Sak {other} er allerede slått sammen med denne.", other=into.number),
            field="into",
        )
    if not Status(into.status).is_open:
        raise Refused(
            phrase(
                "Sak {other} er {status}. Velg en åpen sak, eller gjenåpne den først.",
                other=into.number,
                status=Status(into.status).words,
            ),
            field="into",
        )
    if Status.MERGED not in MAY_BECOME[Status(case.status)]:
        raise _cannot(case.number, Status(case.status), Status.MERGED)


def lives_on(number: str, into: str) -> Refused:
    """A merged case is worked on where it lives on."""
    return Refused(phrase("Sak {number} lever videre i sak {into}. Gjør det der.", number=number, into=into))


def refuse_to_reopen(case: CaseRow) -> None:
    """Raise `Refused` where `case` cannot be opened again; that somebody says why is the form's to ask."""
    status = Status(case.status)
    if status is Status.MERGED:
        raise lives_on(case.number, case.merged_into or "")
    if status not in ENDED:
        raise Refused(phrase("Saken {number} er allerede åpen.", number=case.number))


def refuse_if_changed(case: Versioned, version: int | None, *, field: str) -> None:
    """Raise `Overtaken` where the case has changed since `version` was read; None: nothing was read."""
    if version is not None and case.version != version:
        raise Overtaken(
            phrase(
                "Saken {number} er endret siden du åpnet skjemaet. Det du har skrevet, står her fortsatt. "
                "Se på saken, og send på nytt hvis det fortsatt stemmer.",
                number=case.number,
            ),
            {"version": case.version},
            field=field,
        )
