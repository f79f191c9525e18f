"""The figures of a year as a picture, to whoever asks for it in Slack."""

from __future__ import annotations

import uuid

from bot.cases.counting import StatisticsService
from bot.cases.statistics_request import read_request
from bot.charts.statistics import year_chart
from bot.clock import Clock, today
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.people.roles import Actor
from storage.unit_of_work import Answer, Database, UnitOfWork


class YearPictureService:
    """Puts the picture in the outbox; the delivery worker draws it."""

    def __init__(self, database: Database, clock: Clock, renderer: Renderer, statistics: StatisticsService) -> None:
        self._database = database
        self._clock = clock
        self._renderer = renderer
        self._statistics = statistics

    async def send(self, asked: str, by: Actor, *, key: str | None) -> Phrase:
        """The picture of what was asked for ("2025 atc=J"), to `by` alone; what to answer. Raises `Refused`."""
        period, only = read_request(asked, today(self._clock))
        found = await self._statistics.for_actor(by, period, only)
        chart = year_chart(found, only, self._renderer.words(by.language))

        async def work(uow: UnitOfWork) -> Answer:
            message = self._renderer.render("picture.j2", by.language, title=chart.title)
            await uow.say(
                f"statistics:{key or uuid.uuid4()}",
                by.slack_user,
                message.text,
                message.blocks,
                picture=chart.as_json(),
                priority=7,
            )
            return {}

        await self._database.once(key, work)
        return phrase("Bildet kommer i en direktemelding til deg.")
