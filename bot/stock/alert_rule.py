"""When an alert is raised, told again, or closed: a state machine over the cover of one item in one pool.

Nothing here sends anything or keeps anything: `step` takes what was last told and today's cover, and gives
what to do and what to remember.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from bot.messages.phrase import Phrase, phrase
from bot.stock.cover import Cover

TWO_WEEKS = 14
RECOVERS_AT = 1.25  # a level is left when the cover is this much above where the level begins
DAYS_BETWEEN_UPDATES = 7
NEWS_DAYS = 7  # the stock-out date has moved by at least this, and by a quarter of what is left


class AlertLevel(IntEnum):
    """How bad it is, mildest first."""

    LIMIT = 1
    HALF = 2
    TWO_WEEKS = 3
    EMPTY = 4

    @property
    def words(self) -> Phrase:
        """The level as people read it."""
        return _LEVEL_WORDS[self]


_LEVEL_WORDS = {
    AlertLevel.LIMIT: phrase("under varslingsgrensen"),
    AlertLevel.HALF: phrase("under halve varslingsgrensen"),
    AlertLevel.TWO_WEEKS: phrase("under 14 dager"),
    AlertLevel.EMPTY: phrase("tomt"),
}


class AlertChange(StrEnum):
    """What to do now."""

    NOTHING = "nothing"
    RAISE = "raise"
    WORSEN = "worsen"
    UPDATE = "update"
    RECOVER = "recover"


@dataclass(frozen=True, slots=True)
class AlertMemory:
    """An open alert, as it was last told. Instants are aware UTC."""

    level: AlertLevel
    raised_at: dt.datetime
    told_at: dt.datetime
    told_stockout: dt.date | None
    snoozed_until: dt.date | None = None

    def snooze(self, until: dt.date) -> AlertMemory:
        """The alert, kept quiet up to and including `until` unless it worsens."""
        return replace(self, snoozed_until=until)


@dataclass(frozen=True, slots=True)
class AlertStep:
    """What to do, and what to remember of it (`None`: there is no open alert)."""

    change: AlertChange
    memory: AlertMemory | None

    @property
    def tells(self) -> bool:
        """Whether somebody is to be told."""
        return self.change is not AlertChange.NOTHING


def level_of(days: float, limit_days: float) -> AlertLevel | None:
    """The level at `days` of cover under a limit of `limit_days`; `None` at or above the limit."""
    if days <= 0:
        return AlertLevel.EMPTY
    if days >= limit_days:
        return None
    if days < TWO_WEEKS:
        return AlertLevel.TWO_WEEKS
    return AlertLevel.HALF if days < limit_days / 2 else AlertLevel.LIMIT


def step(
    previous: AlertMemory | None,
    cover: Cover,
    limit_days: float | None,
    now: dt.datetime,
    *,
    lead_days: float = 0,
    chance: float = 0.5,
) -> AlertStep:
    """The next step for one item in one pool.

    `limit_days` is the alert limit in days of cover (`None`: this pool raises no alert, and an open one is
    closed without a word). A first alert is raised when the limit will be reached within `lead_days`. An
    unknown or stale cover changes nothing: an old figure neither alarms nor reassures. `now` is aware;
    `cover.as_of` is its date.
    """
    if limit_days is None:
        return AlertStep(AlertChange.NOTHING, None)
    days = cover.days_of_cover
    if days is None or cover.stale:
        return AlertStep(AlertChange.NOTHING, previous)
    if cover.outcomes and days > 0:
        days = cover.outcomes[min(int(chance * len(cover.outcomes)), len(cover.outcomes) - 1)]
    level = level_of(days, limit_days)
    if previous is None:
        early = level or level_of(max(days - lead_days, 1), limit_days)
        if early is None:
            return AlertStep(AlertChange.NOTHING, None)
        first = AlertMemory(min(early, level or AlertLevel.LIMIT), now, now, cover.stockout_date)
        return AlertStep(AlertChange.RAISE, first)
    if level is None and days < RECOVERS_AT * limit_days + lead_days:
        level = AlertLevel.LIMIT  # hovering at the limit is not recovery
    if level is None:
        return AlertStep(AlertChange.RECOVER, None)
    if level > previous.level:
        worse = replace(previous, level=level, told_at=now, told_stockout=cover.stockout_date, snoozed_until=None)
        return AlertStep(AlertChange.WORSEN, worse)
    if level < previous.level:
        safely = level_of(days / RECOVERS_AT, limit_days) or level
        if safely < previous.level:
            previous = replace(previous, level=safely)
    if previous.snoozed_until is not None and previous.snoozed_until >= cover.as_of:
        return AlertStep(AlertChange.NOTHING, previous)
    if _has_news(previous, cover, now):
        told = replace(previous, told_at=now, told_stockout=cover.stockout_date, snoozed_until=None)
        return AlertStep(AlertChange.UPDATE, told)
    return AlertStep(AlertChange.NOTHING, previous)


def _has_news(previous: AlertMemory, cover: Cover, now: dt.datetime) -> bool:
    """Whether the snooze is over, or the stock-out date has moved enough to be worth a line."""
    if now - previous.told_at < dt.timedelta(DAYS_BETWEEN_UPDATES):
        return False
    if previous.snoozed_until is not None:
        return True
    if cover.stockout_date is None or previous.told_stockout is None:
        return cover.stockout_date is not previous.told_stockout
    moved = abs((cover.stockout_date - previous.told_stockout).days)
    return cover.band.value != "empty" and moved >= max(NEWS_DAYS, 0.25 * (cover.days_of_cover or 0))


@dataclass(frozen=True, slots=True)
class PastAlert:
    """One alert as it went.

    Whether a person answered, whether it was snoozed, whether the stock ran out in it.
    """

    raised_on: dt.date
    answered: bool
    snoozed: bool
    ran_out: bool
    recovered: bool


@dataclass(frozen=True, slots=True)
class Usefulness:
    """What the alerts of a period were worth. `missed` is stock-outs that no alert told two weeks ahead."""

    raised: int
    answered: int
    snoozed: int
    false: int
    missed: int

    @property
    def words(self) -> Phrase:
        """The weekly line."""
        return phrase(
            "Varsler: {raised} nye, {answered} fulgt opp, {snoozed} dempet, {false} uten at lageret gikk tomt, "
            "{missed} ganger tomt uten varsel to uker før.",
            raised=self.raised,
            answered=self.answered,
            snoozed=self.snoozed,
            false=self.false,
            missed=self.missed,
        )


def usefulness(alerts: Sequence[PastAlert], stockouts: Iterable[tuple[dt.date, dt.date | None]]) -> Usefulness:
    """`stockouts` are days on which a stock ran out, each with the day its open alert was raised, if there
    was one.
    """
    early = dt.timedelta(TWO_WEEKS)
    return Usefulness(
        raised=len(alerts),
        answered=sum(alert.answered for alert in alerts),
        snoozed=sum(alert.snoozed for alert in alerts),
        false=sum(alert.recovered and not alert.ran_out for alert in alerts),
        missed=sum(raised is None or out - raised < early for out, raised in stockouts),
    )


def silent_pools(covers: Iterable[tuple[str, Cover]]) -> list[str]:
    """The pools whose reporter has fallen silent: every count they have is old. Given as (pool id, cover)."""
    stale: dict[str, bool] = {}
    for pool, cover in covers:
        if cover.counted_on is not None:
            stale[pool] = stale.get(pool, True) and cover.stale
    return [pool for pool, old in stale.items() if old]


def is_quiet(at: dt.time, level: AlertLevel, quiet_from: dt.time, quiet_to: dt.time) -> bool:
    """Whether a message waits until `quiet_to`.

    Between the two times (over midnight too), unless it is empty.
    """
    if level is AlertLevel.EMPTY or quiet_from == quiet_to:
        return False
    if quiet_from < quiet_to:
        return quiet_from <= at < quiet_to
    return at >= quiet_from or at < quiet_to


def escalates(told_at: dt.datetime, answered_at: dt.datetime | None, now: dt.datetime, after: dt.timedelta) -> bool:
    """Whether nobody has answered what was last told within `after`. All instants are aware."""
    return (answered_at is None or answered_at < told_at) and now - told_at >= after
