"""*Til vurdering*: which of a register's notices are worth a look today, and why.

DMP had 1,139 notices in 2024 and the centre took 335 (DOMAIN §6): sorting is the work. The weights are a rule of
ours, to be argued with: each reason is shown beside the row, and nothing is hidden, only put below the fold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.catalogue.preparation import Preparation
from bot.messages.phrase import Phrase, phrase
from bot.registers.compare import Grade, Graded
from bot.registers.notices import Notice, NoticeStatus

FOLD = 40
"""Rows above the fold at most."""

WORTH_A_LOOK = 4
"""Points from which a row stands above the fold."""

SOON = dt.timedelta(days=28)

_HOSPITAL_GROUPS = ("L01", "B05", "V03AB", "V08")
"""ATC groups used mainly in hospitals whatever their form (field): oncology, fluids, antidotes, contrast media."""

_AT_HOME = ("A10", "B01AB", "C01CA24", "D", "G03", "G04BE", "H01AC", "H05AA", "J07", "L04AB", "N02CC", "R06", "S01")
"""Groups whose injections people mostly give themselves, or get at a health centre (field): insulins, heparins,
adrenaline pens, hormones, vaccines."""

_ENOUGH = ("tilstrekkelig lager", "samme byttegruppe", "likeverdig alternativ")
"""What DMP writes where it has found that stock is enough or an equivalent exists."""

_HARD = ("annet virkestoff bør vurderes", "forbeholdes", "annen behandling", "utenlandske pakninger")
"""What DMP writes where no equivalent was found."""


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a notice's medicine beside the row: in a stock, handled before, reported, ends moved."""

    in_stock: bool = False
    handled_before: int = 0
    open_case: bool = False
    slips: int = 0


@dataclass(frozen=True, slots=True)
class Triaged:
    """A notice's place in the inbox: `points` sort it, `why` says what they stand for."""

    points: int
    why: tuple[Phrase, ...]


def triage(
    notice: Notice, graded: Graded, preparation: Preparation | None, background: Background, today: dt.date
) -> Triaged:
    """How much a notice asks for a hospital pharmacist's eyes."""
    points = 0
    why: list[Phrase] = []

    def counts(weight: int, reason: Phrase) -> None:
        nonlocal points
        points += weight
        why.append(reason)

    if background.in_stock:
        counts(4, phrase("står i et lager vi følger"))
    if preparation is not None and _for_hospitals(preparation):
        counts(3, phrase("brukes mest i sykehus"))
    if background.handled_before:
        counts(2, phrase("vi har hatt sak på virkestoffet før"))
    if background.slips:
        moved = phrase("sluttdatoen er flyttet {times} ganger", times=background.slips)
        counts(min(background.slips, 2), phrase("sluttdatoen er flyttet én gang") if background.slips == 1 else moved)
    note = notice.note.casefold()
    if any(words in note for words in _ENOUGH):
        counts(-3, phrase("DMP: {note}", note=notice.note))
    elif any(words in note for words in _HARD):
        counts(2, phrase("DMP: {note}", note=notice.note))
    elif note:
        why.append(phrase("DMP: {note}", note=notice.note))
    if notice.status is NoticeStatus.WITHDRAWN:
        counts(-1, notice.status.words)
    elif notice.start and notice.start > today + SOON:
        counts(-1, phrase("begynner om mer enn fire uker"))
    if notice.end and notice.start and (notice.end - notice.start).days >= 90:
        counts(1, phrase("varer tre måneder eller mer"))
    if graded.grade in (Grade.ASK, Grade.NONE):
        why.append(phrase("navnet er ikke sikkert gjenkjent"))
    return Triaged(points, tuple(why))


def _for_hospitals(preparation: Preparation) -> bool:
    atc = preparation.atc or ""
    return atc.startswith(_HOSPITAL_GROUPS) or (preparation.route == "parenteral" and not atc.startswith(_AT_HOME))


def above_the_fold(points: Sequence[int], *, unseen: Collection[int] = ()) -> set[int]:
    """Places of the rows that are shown first: worth a look, the heaviest first, `FOLD` at most.

    `unseen` are places of rows that came with the newest list; they go before others of the same weight.
    """
    worth = [place for place, weight in enumerate(points) if weight >= WORTH_A_LOOK]
    worth.sort(key=lambda place: (-points[place], place not in unseen, place))
    return set(worth[:FOLD])
