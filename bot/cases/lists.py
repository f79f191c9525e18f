"""Lists of open cases: `/mangel liste`, and the centre's desk with its filters. Lines, not whole cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import named
from bot.cases.visibility import readable_by
from bot.cases.vocabulary import Status, Worded
from bot.clock import Clock, oslo
from bot.messages.limits import OPTION, shorten
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.messages.words import DayMonth
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from bot.settings import Settings
from storage import desk as stored
from storage import people
from storage.unit_of_work import Database

PAGE = 10
"""Cases on one page of a list: what a phone shows without scrolling more than twice."""

UNSEEN_FOR_DAYS = 60
"""A report that nobody has acted on for so long is old news; its case is silent by then."""

NOBODY = stored.NOBODY


class Need(Worded):
    """Why a case needs somebody, the most pressing first."""

    REPORTED = "reported", phrase("Ny melding")
    NO_OWNER = "no_owner", phrase("Uten ansvarlig")
    DUE = "due", phrase("Frist ute")
    ENDED = "ended", phrase("Sluttdato passert")
    SILENT = "silent", phrase("Uten nytt")

    def button(self, n: int) -> Phrase:
        """What the button says that shows the `n` cases with this need."""
        said = {
            Need.REPORTED: phrase("Vis {n} med ny melding", n=n),
            Need.NO_OWNER: phrase("Vis {n} uten ansvarlig", n=n),
            Need.DUE: phrase("Vis {n} med frist ute", n=n),
            Need.ENDED: phrase("Vis {n} med passert sluttdato", n=n),
            Need.SILENT: phrase("Vis {n} uten nytt", n=n),
        }
        return said[self]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to. `owner`: a Slack id, or `NOBODY`."""

    words: str = ""
    atc: str = ""
    status: Status | None = None
    owner: str | None = None
    need: Need | None = None

    @classmethod
    def typed(cls, words: str) -> Wanted:
        """An ATC code's beginning, words, or nothing, as it is typed after `/mangel liste`."""
        words = " ".join(words.split())
        is_atc = len(words) <= 7 and bool(words) and words[0].isalpha() and (len(words) == 1 or words[1].isdigit())
        return cls(atc=words.upper()) if is_atc else cls(words=words)

    @property
    def said(self) -> str:
        """What was typed."""
        return self.atc or self.words


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in two lines of a list."""

    id: int
    number: str
    title: str
    status: Status
    owner: Mention | None
    expected_end: dt.date | None
    next_step: str | None
    next_step_on: dt.date | None
    changed_on: dt.date
    version: int
    needs: frozenset[Need] = frozenset()

    @property
    def label(self) -> str:
        """Title and number where there is room for `limits.OPTION` characters; the number is never cut."""
        return f"{shorten(self.title, OPTION - len(self.number) - 3)} · {self.number}"

    @property
    def described(self) -> Phrase:
        """Who has it and what it needs, at most as long as an option's description: no text of anybody's is in it."""
        who: object = self.owner or phrase("Ingen ansvarlig")
        needs = [need.words for need in Need if need in self.needs - {Need.NO_OWNER}]
        if not needs:
            return phrase("{who} · til {end}", who=who, end=self.expected_end)
        places = ", ".join(f"{{n{place}}}" for place in range(len(needs)))
        return Phrase(f"{{who}} · {places}", {"who": who} | {f"n{place}": said for place, said in enumerate(needs)})

    @property
    def why(self) -> list[Phrase]:
        """Why it needs somebody, the most pressing first."""
        said = {
            Need.REPORTED: phrase("Ny melding."),
            Need.NO_OWNER: phrase("Ingen har tatt saken."),
            Need.DUE: phrase(
                "Frist {date}: {step}",
                date=DayMonth(self.next_step_on) if self.next_step_on else None,
                step=self.next_step or phrase("neste steg"),
            ),
            Need.ENDED: phrase("Sluttdatoen {date} er passert.", date=self.expected_end),
            Need.SILENT: phrase("Uten nytt siden {date}.", date=self.changed_on),
        }
        return [said[need] for need in Need if need in self.needs]


@dataclass(frozen=True, slots=True)
class CaseList:
    """One page of open cases; `published_only`: of those that everyone may read."""

    cases: tuple[CaseLine, ...]
    total: int
    page: int
    wanted: Wanted = field(default_factory=Wanted)
    published_only: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


class CaseListService:
    """Pages through open cases. It only reads."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def open_cases(self, wanted: Wanted, page: int, by: Actor) -> CaseList:
        """A page of the open cases that `by` may read, by three statements, or one where there are none.

        Who does not work with cases is not told who has which, nor what each needs.
        """
        works = by.may(Action.WORK_ON_CASE)
        if not works:
            wanted = replace(wanted, owner=None, need=None)
        narrow = self.narrow(by, wanted)
        async with self._database.read() as session:
            total = await stored.count(session, narrow)
            page = min(max(page, 1), max(1, -(-total // PAGE)))
            rows = await stored.lines(session, narrow, limit=PAGE, offset=(page - 1) * PAGE) if total else []
            found = await case_lines(session, rows) if works else tuple(case_line(row, {}) for row in rows)
        return CaseList(found, total, page, wanted, published_only=not by.may(Action.READ_CASES))

    async def of_ids(self, ids: Sequence[int], by: Actor) -> tuple[CaseLine, ...]:
        """Those of these cases that are open, for who works on them."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            return await case_lines(session, await stored.lines_of(session, self.narrow(by, Wanted()), ids))

    async def every(self, wanted: Wanted, by: Actor, *, most: int) -> tuple[CaseLine, ...]:
        """All the wanted cases. Raises `Refused` where they are more than `most`."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            rows = await stored.lines(session, self.narrow(by, wanted), limit=most + 1)
        if len(rows) > most:
            raise Refused(phrase("Det er flere enn {most} saker. Avgrens listen først.", most=most))
        return tuple(case_line(row, {}) for row in rows)

    async def line(self, number: str, by: Actor) -> CaseLine:
        """One open case. Raises `Refused` where there is none of this number."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            rows = await stored.lines(session, replace(self.narrow(by, Wanted()), number=number), limit=1)
        if not rows:
            raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
        return case_line(rows[0], {})

    async def letters(self, by: Actor) -> tuple[str, ...]:
        """The ATC main groups that have open cases; "?" where some have no code."""
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            return tuple(await stored.letters(session, self.narrow(by, Wanted())))

    def narrow(self, by: Actor, wanted: Wanted) -> stored.Narrow:
        """The question to the base: what `by` may read, and what each need means now."""
        now = self._clock.now()
        return stored.Narrow(
            today=oslo(now).date(),
            silent_before=now - dt.timedelta(self._settings.silent_case_days),
            reports_since=now - dt.timedelta(UNSEEN_FOR_DAYS),
            visible=[visibility.value for visibility in readable_by(by)],
            status=wanted.status.value if wanted.status else None,
            atc=wanted.atc or None,
            words=wanted.words or None,
            owner=wanted.owner,
            need=wanted.need.value if wanted.need else None,
        )


async def case_lines(session: AsyncSession, rows: Sequence[stored.LineRow]) -> tuple[CaseLine, ...]:
    """The lines with their owners' names, by one statement."""
    names = await people.slack_users(session, {row.owner for row in rows if row.owner})
    return tuple(case_line(row, names) for row in rows)


def case_line(row: stored.LineRow, names: Mapping[str, str]) -> CaseLine:
    """A row as a line; `names`: the Slack ids of owners."""
    return CaseLine(
        id=row.id,
        number=row.number,
        title=named(row.name, row.substance),
        status=Status(row.status),
        owner=Mention(names[row.owner]) if row.owner and row.owner in names else None,
        expected_end=row.expected_end,
        next_step=row.next_step,
        next_step_on=row.next_step_on,
        changed_on=oslo(row.changed_at).date(),
        version=row.version,
        needs=frozenset(Need(need) for need in row.needs),
    )
