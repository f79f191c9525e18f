"""The services over a real database of each kind, with a clock that stands still."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.app import assemble
from bot.cases.assessing import Target
from bot.cases.assessments import Ages, Content, Excipients, Label, Mixing, Profession, SignForm, Step
from bot.cases.forms import ReportForm
from bot.cases.medicine import Medicine
from bot.cases.vocabulary import Missing, RunsOut
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.services import Services
from bot.settings import Settings, load_settings
from storage.unit_of_work import Database

MONDAY = dt.datetime(2025, 7, 7, 9, 0, tzinfo=dt.UTC)
CASES, MEETING, STOCK, INFO = "C0CASES001", "C0MEETING1", "C0STOCK001", "C0INFO0001"
SIRI, PER = "U0SIRI0001", "U0PER00001"


@pytest.fixture
def clock() -> SetClock:
    """Monday in week 28, eleven o'clock in Oslo."""
    return SetClock(MONDAY)


@pytest.fixture
async def database(database_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """A database with our schema, once of each kind."""
    database = Database.at(database_url, clock.now)
    yield database
    await database.close()


@pytest.fixture
async def second_database(database: Database, database_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """Another process's way to the same database."""
    other = Database.at(database_url, clock.now)
    yield other
    await other.close()


def settings_for(**values: Any) -> Settings:
    """Settings with every channel set, and Siri and Per in the centre."""
    usual: dict[str, Any] = {
        "cases_channel": CASES,
        "meeting_channel": MEETING,
        "stock_channel": STOCK,
        "info_channel": INFO,
        "roles": {"centre": [SIRI, PER]},
    }
    return load_settings(**(usual | values))


Assembling = Callable[..., Services]


@pytest.fixture
async def services(database: Database, clock: SetClock) -> Services:
    """The assembled services, with the standing pools."""
    made = assemble(settings_for(), database, clock)
    await made.stock.ensure_pools()
    return made


async def person(services: Services, slack_user: str) -> Actor:
    """The actor behind a Slack id."""
    return await services.people.actor(slack_user, "T0HERE0001")


def medicine(services: Services, words: str) -> Medicine:
    """The medicine that `words` mean for certain."""
    meant = services.catalogue.meant(words).medicine
    assert meant is not None, f"{words!r} means no one medicine"
    return meant


def report_of(of: Medicine, **more: Any) -> ReportForm:
    """A report as a clinician in Tromsø sends it."""
    usual: dict[str, Any] = {
        "medicine": of,
        "typed": of.name,
        "missing": Missing.ALL,
        "place": "UNN Tromsø",
        "runs_out": RunsOut.THREE_DAYS,
    }
    return ReportForm(**(usual | more))


ASSESSED = Content(
    route="Intravenøst",
    form="Konsentrat til infusjonsvæske",
    strength="20 mg/ml",
    ages=Ages.ADULTS,
    excipients=Excipients.DIFFERENT,
    excipients_words="Inneholder etanol",
    label=Label.SCRIPT,
    mixing=Mixing.OTHER,
    mixing_words="Fortynn i 250 ml.",
    users="Sykehusavdelinger",
    not_instead="Behandling av barn",
    sources="Preparatomtalen, august 2025",
    valid_until=dt.date(2025, 12, 31),
)
"""All that a signature needs but the rung."""


async def drafted(services: Services, number: str, key: str, content: Content, by: str = PER) -> Target:
    """An assessment of a candidate that `by` has written, page by page."""
    actor, target = await person(services, by), Target(case=number, key=key)
    for step in Step:
        target = await services.assessments.write(target, step, content, actor, key=None)
    return target


async def signed(services: Services, target: Target, by: str = SIRI, name: str = "Siri Farm") -> int:
    """The assessment, signed by `by`; its id."""
    assert target.assessment is not None and target.version is not None
    form, actor = SignForm(name, Profession.PHARMACIST), await person(services, by)
    await services.assessments.sign(target.assessment, form, actor, version=target.version, key=None)
    return target.assessment
