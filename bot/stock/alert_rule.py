"""When an alert is raised, told again, or closed: a state machine over the cover of one item in one pool.

Nothing here sends anything or keeps anything: `step` takes what was last told and today's cover, and gives
what to do and what to remember.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from bot.clock import oslo
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
    RESUME = "resume"  # a snooze has come to its end
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
class Dismissed:
    """What a person has called a false alarm: holds until the stock is counted again, or it gets worse."""

    level: AlertLevel
    counted_on: dt.date | None

    def covers(self, level: AlertLevel, counted_on: dt.date | None) -> bool:
        """Whether what is seen now is no more than what was dismissed."""
        counted_since = counted_on is not None and (self.counted_on is None or counted_on > self.counted_on)
        return level <= self.level and not counted_since


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
    dismissed: Dismissed | None = None,
) -> AlertStep:
    """The next step for one item in one pool.

    `limit_days` is the alert limit in days of cover (`None`: this pool raises no alert, and an open one is
    closed without a word). A first alert is raised when the limit will be reached within `lead_days` with at
    least `chance`, unless it was `dismissed`. An unknown or stale cover changes nothing: an old figure
    neither alarms nor reassures; but a snooze that is over is over. `now` is aware; `cover.as_of` is its date.
    """
    if limit_days is None:
        return AlertStep(AlertChange.NOTHING, None)
    snooze_is_over = (
        previous is not None and previous.snoozed_until is not None and previous.snoozed_until < cover.as_of
    )
    days = cover.days_of_cover
    if days is None or cover.stale:
        if previous is not None and snooze_is_over:
            return _told(AlertChange.RESUME, previous, cover, now)
        return AlertStep(AlertChange.NOTHING, previous)
    if cover.outcomes and days > 0:
        days = cover.outcomes[min(int(chance * len(cover.outcomes)), len(cover.outcomes) - 1)]
    level = level_of(days, limit_days)
    if previous is None:
        early = level or level_of(max(days - lead_days, 1), limit_days)
        if early is None:
            return AlertStep(AlertChange.NOTHING, None)
        first = level or AlertLevel.LIMIT
        if dismissed is not None and dismissed.covers(first, cover.counted_on):
            return AlertStep(AlertChange.NOTHING, None)
        return AlertStep(AlertChange.RAISE, AlertMemory(first, now, now, cover.stockout_date))
    if level is None and days < RECOVERS_AT * limit_days + lead_days:
        level = AlertLevel.LIMIT  # hovering at the limit is not recovery
    if level is None:
        return AlertStep(AlertChange.RECOVER, None)
    if level > previous.level:
        return _told(AlertChange.WORSEN, replace(previous, level=level), cover, now)
    if level < previous.level:
        safely = level_of(days / RECOVERS_AT, limit_days) or level
        if safely < previous.level:
            previous = replace(previous, level=safely)
    if snooze_is_over:
        return _told(AlertChange.RESUME, previous, cover, now)
    if previous.snoozed_until is None and _has_news(previous, cover, now):
        return _told(AlertChange.UPDATE, previous, cover, now)
    return AlertStep(AlertChange.NOTHING, previous)


def _told(change: AlertChange, memory: AlertMemory, cover: Cover, now: dt.datetime) -> AlertStep:
    return AlertStep(change, replace(memory, told_at=now, told_stockout=cover.stockout_date, snoozed_until=None))


def _has_news(previous: AlertMemory, cover: Cover, now: dt.datetime) -> bool:
    """Whether the stock-out date has moved enough to be worth a line, and the last one is a week old."""
    if now - previous.told_at < dt.timedelta(DAYS_BETWEEN_UPDATES):
        return False
    if cover.stockout_date is None or previous.told_stockout is None:
        return cover.stockout_date is not previous.told_stockout
    moved = abs((cover.stockout_date - previous.told_stockout).days)
    return cover.band.value != "empty" and moved >= max(NEWS_DAYS, 0.25 * (cover.days_of_cover or 0))


# --- what the alerts were worth ---------------------------------------------------------------------


class AlertOutcome(StrEnum):
    """How an alert came to be closed."""

    RECOVERED = "recovered"  # the stock is well above the limit again
    FALSE_ALARM = "false"  # a person said so
    MOVED = "moved"  # its item stands in another pool now, where there is an alert on it already
    NO_LIMIT = "no_limit"  # the pool's alert limit was taken away


@dataclass(frozen=True, slots=True)
class PastAlert:
    """One alert as it went. `snoozed` and `ran_out_on` are of the period that is judged."""

    raised_at: dt.datetime
    answered: bool
    snoozed: bool = False
    closed_at: dt.datetime | None = None
    outcome: AlertOutcome | None = None
    ran_out: bool = False
    ran_out_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Usefulness:
    """What the alerts of a period were worth.

    `answered` is of those `raised`. `false` is what a person called a false alarm, `by_itself` what recovered
    though nobody answered and the stock never ran out. `missed` is stock-outs that no alert told two weeks
    ahead; only pools with an alert limit can have any.
    """

    raised: int
    answered: int
    snoozed: int
    false: int
    by_itself: int
    missed: int

    @property
    def is_empty(self) -> bool:
        """Nothing happened that is worth a line."""
        return not (self.raised or self.snoozed or self.false or self.by_itself or self.missed)

    @property
    def words(self) -> Phrase:
        """The weekly line. What did not happen is not said: it is read in a minute, among much else."""
        said = phrase(
            "Varsler siden sist: {raised} nye, {answered} av dem besvart, {snoozed} dempet.",
            raised=self.raised,
            answered=self.answered,
            snoozed=self.snoozed,
        )
        if self.false:
            said = phrase("{said} Falsk alarm: {n}.", said=said, n=self.false)
        if self.by_itself:
            said = phrase("{said} Gikk over uten svar: {n}.", said=said, n=self.by_itself)
        if self.missed:
            said = phrase("{said} Tomt uten varsel 14 dager før: {n}.", said=said, n=self.missed)
        return said


def usefulness(alerts: Iterable[PastAlert], since: dt.datetime, until: dt.datetime) -> Usefulness:
    """What happened from `since` up to `until` (aware)."""
    known = list(alerts)
    raised = [alert for alert in known if since <= alert.raised_at < until]
    closed = [alert for alert in known if alert.closed_at is not None and since <= alert.closed_at < until]
    return Usefulness(
        raised=len(raised),
        answered=sum(alert.answered for alert in raised),
        snoozed=sum(alert.snoozed for alert in known),
        false=sum(alert.outcome is AlertOutcome.FALSE_ALARM for alert in closed),
        by_itself=sum(
            alert.outcome is AlertOutcome.RECOVERED and not alert.answered and not alert.ran_out for alert in closed
        ),
        missed=sum(
            alert.ran_out_on is not None and alert.ran_out_on - oslo(alert.raised_at).date() < dt.timedelta(TWO_WEEKS)
            for alert in known
        ),
    )


def silent_pools(newest: Mapping[str, dt.date], every_days: Callable[[str], int], today: dt.date) -> dict[str, dt.date]:
    """Pool → its newest count, for the pools that have told nothing for longer than they report (days)."""
    return {pool: day for pool, day in newest.items() if (today - day).days > every_days(pool)}
