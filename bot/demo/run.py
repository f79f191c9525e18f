"""Furnish the workspace, tell the bot what has happened, and let people in."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from bot.app import Bot, assemble
from bot.cases.forms import ReportForm
from bot.cases.vocabulary import Missing, RunsOut, Visibility
from bot.clock import SetClock
from bot.commands import COMMANDS
from bot.demo.history import BEGINS, CASES, SAMPLE_SHEET, STANDING_STOCK, Told
from bot.people.roles import Actor
from bot.services import Services
from bot.settings import Settings, load_settings
from storage import schema
from storage.tables import ShortageCase
from storage.unit_of_work import Database
from workspace import Channel, User, Workspace

LIMIT_DAYS = 30.0
"""Fokuslisten's alert limit in the demo; nobody has published one."""


class RunningClock:
    """A clock that began at a given instant and goes on from there."""

    def __init__(self, begins: dt.datetime) -> None:
        self._begins = begins
        self._started = time.monotonic()

    def now(self) -> dt.datetime:
        """The present instant of the demo, aware, in UTC."""
        return self._begins + dt.timedelta(seconds=time.monotonic() - self._started)


@dataclass(frozen=True, slots=True)
class Stage:
    """Who and what there is in the demo's workspace."""

    guide: User
    clinician: User
    centre: User
    stock_manager: User
    member: User
    cases: Channel
    meeting: Channel
    stock: Channel
    info: Channel


async def run_demo(port: int = 0) -> None:
    """Serve the demo until the process is told to stop. Prints the page's address on standard output."""
    clock = RunningClock(BEGINS)
    with tempfile.TemporaryDirectory(prefix="mangelvakt-demo-") as folder:
        async with Workspace(name="Mangelsenteret (demo)", port=port, clock=lambda: clock.now().timestamp()) as ws:
            stage = furnish(ws)
            await welcome(ws, stage)
            sheet = Path(folder) / "lagertall.csv"
            sheet.write_text(SAMPLE_SHEET, encoding="utf-8")
            settings = _settings(ws, stage, f"sqlite:///{Path(folder) / 'demo.sqlite'}")
            await tell_history(settings, stage)
            stopping = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stopping.set)
            async with Bot(settings, clock, pace=0.05):
                await ws.connected()
                print(ws.page_url, flush=True)
                print(_guide(sheet), file=sys.stderr, flush=True)
                await stopping.wait()


def furnish(ws: Workspace) -> Stage:
    """People, channels and commands."""
    guide = ws.add_user("Veiviser", title="Forklarer demoen")
    clinician = ws.add_user("Kari Lege", title="Overlege, UNN Tromsø")
    centre = ws.add_user("Siri Senter", title="Farmasøyt, Mangelsenteret")
    stock_manager = ws.add_user("Mona Lager", title="Lageransvarlig, Sjukehusapoteka Vest")
    member = ws.add_user("Dag Møte", title="DMP, deltar i Mangelmøtet")
    cases = ws.add_channel("mangelsaker", private=True, members=[guide, centre], topic="Sakene, for senteret")
    stock = ws.add_channel("lager", private=True, members=[guide, centre, stock_manager], topic="Slipp lagerark her")
    meeting = ws.add_channel(
        "mangelmøtet", private=True, members=[guide, centre, member, stock_manager], topic="Møtelisten"
    )
    info = ws.add_channel(
        "mangelinfo", members=[guide, clinician, centre, member, stock_manager], topic="Åpen: publiserte saker"
    )
    ws.add_command(
        "/mangel",
        "Meld mangel, og spør om status og lager",
        [(command.name, str(command.does)) for command in COMMANDS],
    )
    ws.add_shortcut("report_shortage", "Meld mangel")
    return Stage(guide, clinician, centre, stock_manager, member, cases, meeting, stock, info)


async def welcome(ws: Workspace, stage: Stage) -> None:
    """What to try, where one would try it; and the sheet to drop."""
    for channel, words in (
        (
            stage.info,
            "I demoen er det 10. juli 2025. Sakene er fra senterets årsrapport, lagertallene er oppdiktet. "
            "Skriv /mangel her, og begynn på «valtrexx 500».",
        ),
        (stage.cases, "Her får Mangelsenteret sakene. Bytt til Siri Senter for å arbeide med dem."),
        (stage.meeting, "Skriv /mangel møte som Siri Senter, og trykk «Legg ut nå»."),
    ):
        await ws.say(stage.guide, channel, words)
    await ws.upload(
        stage.guide,
        stage.stock,
        "lagertall.csv",
        SAMPLE_SHEET,
        "Last ned arket, bytt til Mona Lager, og slipp det her. Se hva som rekker.",
        wait=0,
    )


def _settings(ws: Workspace, stage: Stage, database_url: str) -> Settings:
    return load_settings(
        SLACK_BOT_TOKEN=ws.bot_token,
        SLACK_APP_TOKEN=ws.app_token,
        SLACK_API_URL=ws.api_url,
        DATABASE_URL=database_url,
        port=None,
        health_port=None,
        cases_channel=stage.cases.id,
        meeting_channel=stage.meeting.id,
        stock_channel=stage.stock.id,
        info_channel=stage.info.id,
        centre_group=None,
        meeting_group=None,
        stock_managers=[],
        threshold_days=None,
        made_up_figures=True,
        roles={"centre": [stage.centre.id], "meeting": [stage.member.id]},
        pools={"fokuslisten": {"managers": [stage.stock_manager.id], "limit_days": LIMIT_DAYS}},
    )


async def tell_history(settings: Settings, stage: Stage) -> None:
    """Let the services do what was done, each thing on its day; then put the open cases in the outbox."""
    clock = SetClock(BEGINS)
    database = Database.at(settings.database, clock.now)
    quiet = settings.model_copy(
        update={"cases_channel": None, "stock_channel": None, "meeting_channel": None, "info_channel": None}
    )
    try:
        await schema.upgrade(database.engine)
        past = assemble(quiet, database, clock)
        await past.stock.ensure_pools()
        centre = await past.people.actor(stage.centre.id)
        clinician = await past.people.actor(stage.clinician.id)
        for told in CASES:
            await _tell(past, clock, told, centre, clinician)
        clock.set(BEGINS)
        stored = await past.sheets.import_file(STANDING_STOCK.encode(), "lagertall-demo.csv")
        assert not stored.faults, [str(fault.line) for fault in stored.faults]  # noqa: S101
        async with database.unit_of_work() as uow:
            await uow.session.execute(update(ShortageCase).values(made_up=True))
        await assemble(settings, database, clock).cases.show_open_cases()
    finally:
        await database.close()


async def _tell(services: Services, clock: SetClock, told: Told, centre: Actor, clinician: Actor) -> None:
    clock.set(_morning(told.opened))
    item = services.catalogue.catalogue.exact(name=told.name)
    assert item is not None, told.name  # noqa: S101
    medicine = services.catalogue.medicine(f"p:{item.id}")
    number, _ = await services.cases.open_for(medicine, centre, decision_question=None, key=None)
    if told.owned:
        await services.cases.take(number, centre, key=None)
    for day, end in told.ends:
        clock.set(_morning(day))
        case = await services.cases.case(number)
        assert case is not None  # noqa: S101
        await services.cases.update(number, told.form(end), centre, version=case.version, key=None)
    if told.visibility is not Visibility.MEETING:
        await services.cases.publish(number, told.visibility, told.advice, centre, key=None)
    for place, note in told.reports:
        form = ReportForm(medicine, medicine.name, Missing.STRENGTH, place, RunsOut.TWO_WEEKS, note=note)
        await services.reporting.report(form, clinician, key=None)
    if told.closed is not None:
        day, form_of_closing = told.closed
        clock.set(_morning(day))
        await services.cases.close(number, form_of_closing, centre, key=None)


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(8), dt.UTC)


def _guide(sheet: Path) -> str:
    return (
        "Demoen går. Åpne adressen i en nettleser. I demoen er det 10. juli 2025; lagertallene er oppdiktet.\n"
        "  1. Som Kari Lege: skriv /mangel, begynn på «valtrexx 500», velg og send.\n"
        "  2. Som Siri Senter: les saken i #mangelsaker.\n"
        f"  3. Som Mona Lager: slipp {sheet} i #lager, og trykk Lagre.\n"
        "  4. Som Siri Senter: skriv /mangel møte, og trykk Legg ut nå.\n"
        "Stopp med Ctrl+C."
    )
