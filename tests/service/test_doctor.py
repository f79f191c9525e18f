"""`doctor` says what is set, what is missing and what that means, and changes nothing."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import assemble
from bot.clock import SystemClock
from bot.doctor import _clock, examine
from bot.manifest import SCOPES
from bot.settings import load_settings
from storage import schema
from storage.engine import open_engine
from storage.unit_of_work import Database
from workspace import Workspace

ROOT = Path(__file__).parents[2]


def said(findings: list, fine: bool) -> str:
    return "\n".join(str(finding) for ok, finding in findings if ok is fine)


async def test_an_empty_house_lacks_everything_and_is_told_so(tmp_path: Path) -> None:
    base = tmp_path / "tom.sqlite"
    findings = await examine(load_settings(DATABASE_URL=f"sqlite:///{base}"))
    wrong = said(findings, False)
    assert "SLACK_BOT_TOKEN er ikke satt" in wrong
    assert "MANGELVAKT_CASES_CHANNEL er ikke satt: sakskort legges ikke ut" in wrong
    assert "MANGELVAKT_STOCK_CHANNEL er ikke satt: lagervarsler legges ikke ut" in wrong


async def test_a_whole_house_is_found_whole(database_url: str) -> None:
    async with Workspace() as ws:
        closed, shared = ws.add_channel("saker", private=True), ws.add_channel("møtet", private=True, shared=True)
        unseen = ws.add_channel("lager", private=True, bot=False)
        settings = load_settings(
            DATABASE_URL=database_url,
            SLACK_BOT_TOKEN=ws.bot_token,
            SLACK_APP_TOKEN=ws.app_token,
            SLACK_API_URL=ws.api_url,
            cases_channel=closed.id,
            meeting_channel=shared.id,
            stock_channel=unseen.id,
            info_channel=ws.add_channel("info").id,
        )
        findings = await examine(settings)
    fine, wrong = said(findings, True), said(findings, False)
    assert "Database: svarer" in fine
    assert "MANGELVAKT_CASES_CHANNEL: lukket kanal." in fine
    assert "MANGELVAKT_MEETING_CHANNEL: kanalen er åpen eller delt med andre" in wrong
    assert "MANGELVAKT_STOCK_CHANNEL: boten ser ikke kanalen" in wrong
    assert ws.bot_token not in fine + wrong


async def test_a_pool_whose_alerts_nobody_manages_is_named(database_url: str) -> None:
    pools = {"fokuslisten": {"limit_days": 90}, "b180s": {"limit_days": 60, "managers": ["U0MONA0001"]}}
    settings = load_settings(DATABASE_URL=database_url, pools=pools)
    database = Database.at(database_url, SystemClock().now)
    await assemble(settings, database, SystemClock()).stock.ensure_pools()
    await database.close()
    fine = said(await examine(settings), True)
    assert "Lager uten lageransvarlig, ubesvarte varsler går rett til senteret: Fokuslisten." in fine


async def test_a_refused_token_and_an_unreachable_slack_are_one_line_each(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'base.sqlite'}"
    async with Workspace() as ws:
        refused = load_settings(DATABASE_URL=url, SLACK_BOT_TOKEN="xoxb-feil", SLACK_API_URL=ws.api_url)
        assert "tokenet ble avvist (invalid_auth)" in said(await examine(refused), False)
    gone = load_settings(DATABASE_URL=url, SLACK_BOT_TOKEN="xoxb-1", SLACK_API_URL="http://127.0.0.1:9/api/")
    assert "får ikke kontakt" in said(await examine(gone), False)


async def test_the_way_that_slack_reaches_the_bot_is_told_and_tried(tmp_path: Path) -> None:
    async with Workspace() as ws:
        here = {
            "DATABASE_URL": f"sqlite:///{tmp_path / 'base.sqlite'}",
            "SLACK_BOT_TOKEN": ws.bot_token,
            "SLACK_API_URL": ws.api_url,
        }
        socket_mode = await examine(load_settings(**here, SLACK_APP_TOKEN=ws.app_token))
        refused = await examine(load_settings(**here, SLACK_APP_TOKEN="xapp-hemmelig"))
        http = await examine(load_settings(**here, SLACK_SIGNING_SECRET="hemmelig"))
        half = await examine(load_settings(**here, SLACK_APP_TOKEN=ws.app_token, port=4000))
    assert "Socket Mode: boten kobler seg opp til Slack." in said(socket_mode, True)
    assert "SLACK_APP_TOKEN ble avvist" in said(refused, False)
    assert "HTTP: Slack kaller boten på 127.0.0.1:3000." in said(http, True)
    assert "MANGELVAKT_PORT er satt (HTTP), men SLACK_SIGNING_SECRET mangler" in said(half, False)
    assert "hemmelig" not in said(refused + http, True) + said(refused + http, False)


async def test_an_archived_channel_a_missing_scope_and_a_full_house_of_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifest.json").write_text((ROOT / "manifest.json").read_text(encoding="utf-8"), encoding="utf-8")
    async with Workspace(scopes=[*SCOPES]) as ws:
        gone, trial = ws.add_channel("saker", private=True), ws.add_channel("prøve")
        ws.state.channels[gone.id].archived = True
        settings = load_settings(
            DATABASE_URL=f"sqlite:///{tmp_path / 'base.sqlite'}",
            SLACK_BOT_TOKEN=ws.bot_token,
            SLACK_APP_TOKEN=ws.app_token,
            SLACK_API_URL=ws.api_url,
            cases_channel=gone.id,
            pilot_channel=trial.id,
        )
        findings = await examine(settings)
        fine, wrong = said(findings, True), said(findings, False)
        assert "MANGELVAKT_CASES_CHANNEL: kanalen er arkivert" in wrong
        assert "Prøvedrift: alt boten sier av seg selv, havner i" in fine
        assert "MANGELVAKT_PILOT_CHANNEL: kanalen er åpen eller delt med andre. Ingenting sendes" in wrong
        assert "Slack: tokenet har alle rettighetene boten bruker." in fine
        assert "Klokke: går som Slacks." in fine
        assert "Manifest: manifest.json er som koden." in fine
        assert re.search(r"Disk: \d+ MB ledig i", fine + wrong)
        ws.core.scopes = frozenset(SCOPES) - {"pins:write"}
        (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
        wrong = said(await examine(settings), False)
        assert "tokenet mangler pins:write" in wrong
        assert "manifest.json kan ikke leses" in wrong


async def test_a_clock_that_is_wrong_and_a_base_of_a_newer_release_are_told(database_url: str) -> None:
    off = _clock({"Date": format_datetime(SystemClock().now() - dt.timedelta(minutes=9), usegmt=True)})
    assert "sekunder fra Slacks" in said(off, False)
    engine = open_engine(database_url)
    await schema.upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    assert "versjon 9999 er nyere enn koden" in said(await examine(load_settings(DATABASE_URL=database_url)), False)


async def test_what_is_erased_by_itself_is_said_and_where_its_copies_cannot_be_written(
    database_url: str, tmp_path: Path
) -> None:
    engine = open_engine(database_url)
    await schema.upgrade(engine)
    await engine.dispose()
    nothing = await examine(load_settings(DATABASE_URL=database_url))
    assert "Oppbevaring: ingenting slettes av seg selv." in said(nothing, True)
    in_the_way = tmp_path / "arkiv"
    in_the_way.write_text("en fil", encoding="utf-8")
    kept = {"archive_folder": in_the_way / "saker", "ended_cases": 1825, "people": 730}
    findings = await examine(load_settings(DATABASE_URL=database_url, retention=kept))
    assert "fritekst i avsluttede saker etter 1825 dager; personer uten aktivitet etter 730 dager" in said(
        findings, True
    )
    assert f"arkivmappen {in_the_way / 'saker'} kan ikke skrives i" in said(findings, False)
