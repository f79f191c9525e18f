"""An alert as plain values, for templates, the digest and the lists that people ask for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.stock.alert_rule import AlertChange, AlertLevel, AlertMemory, AlertOutcome
from bot.stock.cover import Cover, StockLine
from bot.stock.pools import PoolKind


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert on one item in one pool.

    `before` is what was last told of it. `waits`: for an answer; `answer_by` is when it goes on to somebody else,
    none where nobody is left to ask; `centre_told`: it has come as far as the centre. `held_until`: what has changed
    is told then. Instants are aware UTC.
    """

    id: int
    change: AlertChange
    level: AlertLevel
    item: str
    substance: str | None
    title: str
    line: StockLine
    cover: Cover
    limit_days: float
    case: str | None
    domino: tuple[str, ...]
    followed_by: Mention | None
    snoozed_until: dt.date | None
    snooze_reason: str | None
    raised_at: dt.datetime
    before: AlertMemory | None = None
    waits: bool = False
    answer_by: dt.datetime | None = None
    centre_told: bool = False
    assigned_by: Mention | None = None
    note: str | None = None
    outcome: AlertOutcome | None = None
    closed_by: Mention | None = None
    close_reason: str | None = None
    held_until: dt.datetime | None = None

    @property
    def days_to_limit(self) -> int | None:
        """Days until the alert limit is reached, at least one; none for a stock that is under it."""
        days = self.cover.days_of_cover
        if self.level is not AlertLevel.LIMIT or days is None or days < self.limit_days:
            return None
        return max(1, round(days - self.limit_days))

    @property
    def level_words(self) -> Phrase:
        """How bad it is; a stock that will be under its limit soon is not under it yet."""
        return self.level.words if self.days_to_limit is None else phrase("nær varslingsgrensen")

    @property
    def band_words(self) -> Phrase:
        """What everybody may read of it."""
        return self.cover.band.words if self.days_to_limit is None else phrase("God, men på vei ned")

    @property
    def is_hospitals_own(self) -> bool:
        """Whether it is a hospital's own stock, whose numbers no other hospital's people may read."""
        return self.line.pool.kind is PoolKind.HOSPITAL
