"""The answers to what is only asked, the same for commands, mentions, direct messages and buttons."""

from __future__ import annotations

from dataclasses import replace

from bot.cases.lists import Wanted
from bot.cases.medicine import Medicine
from bot.cases.statistics_request import read_request
from bot.cases.statistics_tables import as_read
from bot.cases.views import CaseView
from bot.cases.visibility import readable_by
from bot.cases.vocabulary import Visibility
from bot.catalogue.service import Choice, Meant
from bot.clock import today
from bot.commands import COMMANDS, STOP_HINT, Said, atc_code
from bot.messages.limits import shorten
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.messages.values import Mention
from bot.people.identity_numbers import refuse_identity_numbers
from bot.people.roles import EVERY_POOL, Action, Actor, Role
from bot.people.subjects import Subject
from bot.services import Services
from bot.stock.pools import STANDARD_POOLS
from handlers.answering import notice


async def answer(services: Services, said: Said, by: Actor) -> list[Message]:
    """The messages that answer `said`. What opens a form or changes something is not for here."""
    refuse_identity_numbers(said.rest)
    match said.command:
        case "hjelp":
            return [help_message(services, by)]
        case "liste":
            return await case_list(services, said.rest, 1, by)
        case "møte":
            return await next_meeting(services, said.rest, by)
        case "statistikk":
            return await year_in_figures(services, said.rest, by)
        case "lager":
            return await stock(services, said.rest, by)
        case name if name == STOP_HINT:
            hint = phrase("Skriv «/mangel slutt å følge» og legemiddelet for å slutte å få beskjeder.")
            return [notice(services, hint, by.language)]
    return await status(services, said.rest, by)


NATIONAL = frozenset(pool.id for pool in STANDARD_POOLS)


def as_read_in(services: Services, channel: str, by: Actor) -> Actor:
    """The same person with no more grants than the others in `channel` have: they read the answer too."""
    settings = services.settings
    roles, pools = {Role.CLINICIAN}, by.pools
    if services.channels.closed(channel):
        if channel == settings.cases_channel:
            return by
        if channel == settings.meeting_channel and by.may(Action.READ_DIGEST):
            roles, pools = {Role.MEETING}, frozenset()
        elif channel == settings.stock_channel and by.may(Action.READ_STOCK):
            roles = {Role.STOCK_MANAGER}
            everything = by.roles & {Role.CENTRE, Role.ADMIN, Role.MEETING} or by.pools == EVERY_POOL
            pools = NATIONAL if everything else by.pools & NATIONAL  # a hospital's own stock is not for the others here
    return replace(by, roles=frozenset(roles), pools=pools if Role.STOCK_MANAGER in roles else frozenset())


def help_message(services: Services, by: Actor) -> Message:
    """What can be typed, from the table that parses."""
    return services.renderer.render("help.j2", by.language, commands=COMMANDS)


async def status(services: Services, words: str, by: Actor) -> list[Message]:
    """A case by its number, or a medicine's open cases, as much as `by` may read."""
    if not words:
        return [notice(services, phrase("Skriv et legemiddel eller et saksnummer etter «status»."), by.language)]
    number = await services.cases.number_in(words)
    if number:
        return [await case_message(services, number, by)]
    if atc_code(words):
        return await case_list(services, words, 1, by)
    meant = services.catalogue.meant(words)
    if meant.medicine is None:
        return [ask(services, words, meant, "show_status", by)]
    return [await medicine_status(services, meant.medicine, by)]


async def medicine_status(services: Services, medicine: Medicine, by: Actor) -> Message:
    """A medicine's open cases, as much as `by` may read of each."""
    cases = await services.cases.about(medicine)
    return _status(services, medicine.name, cases, medicine.value, by)


async def case_message(services: Services, number: str, by: Actor) -> Message:
    """One case, as much as `by` may read of it; the centre can work on it from there: not every case has a card.

    A case that was merged leads to the one in which it lives on, and the answer says so.
    """
    asked, number = number, await services.cases.surviving(number)
    case = await services.cases.case(number)
    own = case is not None and any(report.reporter == Mention(by.slack_user) for report in case.reports)
    hidden = case is not None and case.visibility is Visibility.INTERNAL and Visibility.INTERNAL not in readable_by(by)
    if case is None or (hidden and not own):
        return notice(services, phrase("Fant ikke sak {number}.", number=asked), by.language)
    work_on = number if by.may(Action.WORK_ON_CASE) else None
    return _status(
        services, case.title, [case], None, by, may_work_on=work_on, merged=asked if asked != number else None
    )


def _status(
    services: Services,
    title: str,
    cases: list[CaseView],
    report_value: str | None,
    by: Actor,
    *,
    may_work_on: str | None = None,
    merged: str | None = None,
) -> Message:
    readable = readable_by(by)
    full = {case.number for case in cases if by.may(Action.READ_CASES) and case.visibility in readable}
    return services.renderer.render(
        "status.j2",
        by.language,
        title=title,
        cases=cases,
        full=full,
        report_value=report_value,
        may_work_on=may_work_on,
        merged=merged,
    )


async def stock(services: Services, words: str, by: Actor) -> list[Message]:
    """How long a medicine's stock lasts: numbers or bands, by grant."""
    if not words:
        return [notice(services, phrase("Skriv et legemiddel etter «lager»."), by.language)]
    meant = services.catalogue.meant(words)
    if meant.medicine is None:
        return [ask(services, words, meant, "show_stock", by)]
    return await medicine_stock(services, meant.medicine, by)


async def medicine_stock(services: Services, medicine: Medicine, by: Actor) -> list[Message]:
    """How long the stock of one medicine lasts."""
    view = await services.stock.stock_of(medicine, by)
    return services.renderer.render_parts("stock.j2", by.language, stock=view, value=medicine.value)


async def case_list(services: Services, words: str, page: int, by: Actor) -> list[Message]:
    """One page of open cases."""
    found = await services.lists.open_cases(Wanted.typed(words), page, by)
    works = by.may(Action.WORK_ON_CASE)
    return services.renderer.render_parts("case_list.j2", by.language, found=found, works=works)


async def next_meeting(services: Services, words: str, by: Actor) -> list[Message]:
    """The next digest as it stands now, of Mangelmøtet or of the forum that is named."""
    return await services.meeting.as_it_stands(by, words)


async def year_in_figures(services: Services, words: str, by: Actor) -> list[Message]:
    """A year's statistics, of the cases that were asked for."""
    now = today(services.clock)
    period, only = read_request(words, now)
    found = await services.statistics.for_actor(by, period, only)
    return services.renderer.render_parts(
        "statistics.j2",
        by.language,
        **as_read(found, only, now),
        asked=words or str(period.first.year),
    )


async def subject(services: Services, words: str, by: Actor) -> tuple[Subject | None, Meant]:
    """What can be followed by these words: a case, an ATC group, a region, a pool or a medicine's substance."""
    number = await services.cases.number_in(words)
    if number:
        number = await services.cases.surviving(number)
        return Subject("case", number, number), Meant(None, ())
    atc = atc_code(words)
    if atc:
        return Subject("atc", atc, f"ATC {atc}"), Meant(None, ())
    named = await services.following.region_or_pool(words, by)
    if named:
        return named, Meant(None, ())
    meant = services.catalogue.meant(words)
    return (subject_of(meant.medicine), meant) if meant.medicine else (None, meant)


def subject_of(medicine: Medicine) -> Subject:
    """A medicine is followed by its substance: another strength running out is news too."""
    name = medicine.substance[:1].lower() + medicine.substance[1:] if medicine.in_list else medicine.substance
    return Subject("substance", medicine.substance.casefold(), name)


def ask(services: Services, words: str, meant: Meant, action: str, by: Actor) -> Message:
    """Which one is meant: a button each, or that nothing is near."""
    may_add = by.may(Action.KEEP_CATALOGUE)
    if not meant.options:
        return services.renderer.render("not_found.j2", by.language, words=words, may_add=may_add)
    options = [
        Choice(shorten(option.name, 150), shorten(option.description, 100), option.value) for option in meant.options
    ]
    return services.renderer.render(
        "choose.j2", by.language, words=shorten(words, 100), options=options, action=action, may_add=may_add
    )
