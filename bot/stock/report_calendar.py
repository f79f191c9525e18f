"""Who sends a pool's figures, and how often: as somebody has said it in chat, else as the settings say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.settings import Settings
from storage import people
from storage import stock as stored


@dataclass(frozen=True, slots=True)
class Reporting:
    """A pool's own line of the calendar. None and nobody: what is common holds, and whoever sent the last figures.

    `senders`: Slack ids.
    """

    every_days: int | None = None
    senders: tuple[str, ...] = ()

    @property
    def often(self) -> tuple[Phrase, ...]:
        """How often, for people; nothing where that is as for all."""
        if self.every_days is None:
            return ()
        often = phrase("telles minst hver {days}. dag", days=self.every_days)
        return (phrase("telles hver dag") if self.every_days == 1 else often,)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Who sends the figures, for people."""
        return tuple(Mention(user) for user in self.senders)


NOTHING_SAID = Reporting()


class ReportCalendar:
    """What holds for each pool."""

    def __init__(self, own: Mapping[str, Reporting], settings: Settings) -> None:
        self._own, self._settings = own, settings

    @classmethod
    async def read(cls, session: AsyncSession, settings: Settings) -> ReportCalendar:
        """As it stands now. Those who have been erased are nobody's senders."""
        said = await stored.reporting_per_pool(session)
        users = await people.slack_users(session, {key for _, keys in said.values() for key in keys})
        return cls(
            {
                pool: Reporting(every, tuple(users[key] for key in keys if key in users))
                for pool, (every, keys) in said.items()
            },
            settings,
        )

    def of(self, pool: str) -> Reporting:
        """What is said of that pool alone, in chat or in the settings."""
        own, file = self._own.get(pool, NOTHING_SAID), self._settings.pools.get(pool)
        return Reporting(
            own.every_days or (file.report_every_days if file else None),
            own.senders or self._settings.reporters_of(pool),
        )

    def every_days(self, pool: str) -> int:
        """How many days may pass between two counts of it."""
        return self.of(pool).every_days or self._settings.alerts.report_every_days
