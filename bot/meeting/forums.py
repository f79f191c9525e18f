"""The forums that meet on shortages: Mangelmøtet, and others made of the same parts by settings.

What a forum reads is decided before anything is written: its cases, whether figures may stand there, and whose.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from bot.cases.views import CaseView
from bot.cases.vocabulary import Region, Visibility
from bot.clock import oslo
from bot.meeting.calendar import Cron, parse_cron
from bot.messages.phrase import Phrase, phrase
from bot.people.places import trusts
from bot.refusal import Refused
from bot.settings import ForumSetting, Settings
from bot.stock.pools import STANDARD_POOLS
from storage import meeting as stored

MAIN = stored.MAIN
"""The weekly meeting."""
FOR_THE_MEETING = (Visibility.MEETING, Visibility.PUBLISHED)

NATIONAL = frozenset(pool.name for pool in STANDARD_POOLS)
"""The stocks that no single hospital holds."""


@dataclass(frozen=True, slots=True)
class Forum:
    """One forum: when its list is posted, where, and what it is about. `title` None: Mangelmøtet itself."""

    id: str
    title: str | None
    channel: str | None
    digest_cron: Cron
    update_cron: Cron | None
    days_before: int = 1
    """Days from the list to the meeting."""
    reads: tuple[Visibility, ...] = FOR_THE_MEETING
    numbers: bool = True
    """Whether figures may stand in its channel, where that is closed."""
    region: Region | None = None
    long_days: int | None = None
    figures: bool = False
    """Whether the statistics since its last meeting lie in the list's thread."""

    @property
    def is_main(self) -> bool:
        """Whether it is Mangelmøtet: every case, every report, every alert."""
        return self.id == MAIN

    @property
    def inside(self) -> bool:
        """Whether it reads what is written for the meeting: owners, next steps, what is tried."""
        return Visibility.MEETING in self.reads

    def key(self, kind: str, week: str) -> str:
        """What the keys of its messages of a week begin with."""
        return f"{kind}:{week}" if self.is_main else f"forum:{self.id}:{kind}:{week}"

    def takes_place(self, place: str) -> bool:
        """Whether reports from this place may be counted by name here."""
        if self.is_main:
            return True
        return self.region is not None and region_of(place) is self.region

    def shows_stock_of(self, view: CaseView) -> bool:
        """Whether the case's figures may be said here: a hospital's own stock is for Mangelmøtet alone."""
        return self.is_main or view.cover is None or NATIONAL.issuperset(view.cover.pools)

    def chooses(self, view: CaseView, raised: Mapping[str, str | None], today: dt.date) -> tuple[bool, Phrase | None]:
        """Whether a case is this forum's, and why it stands on its agenda although nothing is new.

        `raised`: the cases that somebody has put on its list, with the question to it.
        """
        if self.is_main:
            return True, None
        if view.number in raised:
            return True, phrase("tatt opp av senteret")
        begun = view.start or oslo(view.opened_at).date()
        days = (max(view.expected_end or today, today) - begun).days
        if self.long_days is not None and begun <= today and days >= self.long_days:
            return True, phrase("langvarig, {days} dager", days=days)
        return self.region is not None and self.region in regions_of(view), None


def regions_of(view: CaseView) -> set[Region]:
    """The regions that a case concerns: what the centre has set, and where its reports came from."""
    reported = {region_of(report.place) for report in view.reports}
    return {*view.regions, *(region for region in reported if region is not None)}


def region_of(place: str) -> Region | None:
    """The regional health authority of a place in the shipped list; None for a place that somebody wrote."""
    name = next((trust.region for trust in trusts() if place in trust.places), None)
    return next((region for region in Region if name == f"{region.words} RHF"), None)


def forum_in(forums: Mapping[str, Forum], forum_id: str) -> Forum:
    """A forum by its id. Raises `Refused` for one that the settings do not have."""
    if forum_id not in forums:
        raise Refused(phrase("Forumet «{forum}» finnes ikke i innstillingene.", forum=forum_id))
    return forums[forum_id]


def titles_of(forums: Mapping[str, Forum]) -> dict[str, str | None]:
    """What each forum is called; None: Mangelmøtet."""
    return {name: forum.title for name, forum in forums.items()}


def forums_of(settings: Settings) -> dict[str, Forum]:
    """Every forum by its id, Mangelmøtet first."""
    main = Forum(
        id=MAIN,
        title=None,
        channel=settings.meeting_channel,
        digest_cron=parse_cron(settings.digest_cron),
        update_cron=parse_cron(settings.update_cron),
    )
    return {MAIN: main} | {name: _forum(name, said) for name, said in settings.forums.items()}


def _forum(name: str, said: ForumSetting) -> Forum:
    return Forum(
        id=name,
        title=said.title,
        channel=said.channel,
        digest_cron=parse_cron(said.digest_cron),
        update_cron=parse_cron(said.update_cron) if said.update_cron else None,
        days_before=said.days_before,
        reads=FOR_THE_MEETING if said.reads == "meeting" else (Visibility.PUBLISHED,),
        numbers=said.numbers,
        region=Region(said.region) if said.region else None,
        long_days=said.long_days,
        figures=said.figures,
    )
