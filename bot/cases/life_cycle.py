"""Which status may follow which, in one place (DOMAIN: only a person opens or closes a case)."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from bot.cases.vocabulary import Status
from bot.messages.phrase import phrase
from bot.refusal import Refused


class Versioned(Protocol):
    """A case's row, as far as this module knows it."""

    number: str
    version: int


MAY_BECOME: dict[Status, frozenset[Status]] = {
    Status.UPCOMING: frozenset({Status.ONGOING, Status.CLOSED, Status.NOT_RELEVANT, Status.MERGED}),
    Status.ONGOING: frozenset({Status.UPCOMING, Status.CLOSED, Status.NOT_RELEVANT, Status.MERGED}),
    Status.CLOSED: frozenset({Status.ONGOING}),
    Status.NOT_RELEVANT: frozenset({Status.ONGOING}),
    Status.MERGED: frozenset(),
}


def status_at_start(start: dt.date | None, today: dt.date) -> Status:
    """Upcoming until the day it begins; a start that nobody knows has begun."""
    return Status.UPCOMING if start is not None and start > today else Status.ONGOING


def move(number: str, now: Status, wanted: Status) -> None:
    """Raise `Refused` where a case cannot go from `now` to `wanted`."""
    if wanted is not now and wanted not in MAY_BECOME[now]:
        raise Refused(
            phrase(
                "Saken {number} er {now} og kan ikke bli {wanted}.",
                number=number,
                now=now.words,
                wanted=wanted.words,
            )
        )


CLOSING = (Status.CLOSED, Status.NOT_RELEVANT)
"""How a person ends a case; *merged* comes about when its reports are moved."""


def refuse_if_changed(case: Versioned, version: int | None, *, field: str) -> None:
    """Raise `Refused` where the case has changed since `version` was read; None: nothing was read."""
    if version is not None and case.version != version:
        raise Refused(
            phrase("Saken {number} er endret siden du åpnet skjemaet. Åpne det på nytt.", number=case.number),
            field=field,
        )
