"""The information letter to the wards of a signed assessment: a page that stands alone, and its place in the thread."""

from __future__ import annotations

import asyncio
import functools
import re
import unicodedata

from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.assessing import AssessmentService
from bot.cases.assessments import Assessment
from bot.clock import Clock
from bot.delivery.papers import DONE, FILES, StandingPapers, anchor_of, printed_papers
from bot.delivery.uploads import Paper
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL
from bot.paper import Printer
from bot.settings import Settings
from storage import assessments as stored
from storage import cases as stored_cases
from storage.meeting import standing_at
from storage.unit_of_work import Database

COMMENT = "Brev til avdelingene. Les gjennom før det sendes. Trekkes vurderingen tilbake, må brevet også det."


def letter_page(printer: Printer, one: Assessment, whom_to_call: str | Phrase, language: str = "nb") -> str:
    """The letter as one HTML page. Only what is signed becomes a letter: raises ValueError for anything else."""
    if not one.holds:
        raise ValueError(f"assessment {one.id} is {one.state.value}, and no letter")
    return printer.page("letter.html.j2", language, one=one, whom_to_call=whom_to_call)


def letter_name(one: Assessment) -> str:
    """What the file is called, without its ending: letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", one.name.replace("ø", "o").replace("Ø", "O").replace("æ", "ae"))
    words = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
    return f"brev-{one.case}-{words[:60]}-v{one.number}"


class LetterKeeper:
    """Lays the letter of each signed assessment in its case's thread, once. Asked by the replica that leads."""

    def __init__(self, database: Database, clock: Clock, settings: Settings, assessments: AssessmentService) -> None:
        self._database = database
        self._assessments = assessments
        self._settings = settings
        self._printer = Printer(clock=clock)
        self._once = StandingPapers(database)
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, client: AsyncWebClient) -> None:
        """Lay what has not been laid yet."""
        async with self._one_at_a_time:
            async with self._database.read() as session:
                rows = [row for row in await stored.signed(session) if row.kept.get(FILES) != DONE]
                views = await self._assessments.views(session, rows)
                cases = await stored_cases.by_ids(session, {row.case_id for row in rows})
                places = {
                    number: await standing_at(session, f"card:{number}")
                    for number in {case.number for case in cases.values()}
                }
            for row, view in zip(rows, views, strict=True):
                at = places.get(view.case)
                if at is not None and view.holds:
                    make = functools.partial(self._papers, view)
                    await self._once.lay(client, row, anchor_of(at), make, COMMENT)

    async def _papers(self, one: Assessment) -> list[Paper]:
        page = letter_page(self._printer, one, self._settings.whom_to_call_in_words)
        title = BOKMAAL.say(phrase("Brev til avdelingene: {name}", name=one.name))
        return await printed_papers(letter_name(one), title, page)
