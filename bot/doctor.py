"""`mangelvakt doctor`: what is set, what is missing, and what that means."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError

from bot.app import assemble
from bot.clock import SystemClock, oslo
from bot.delivery.channels import ChannelKinds
from bot.delivery.slack_errors import UNREACHABLE, DeliveryError, classify
from bot.delivery.workspaces import Workspaces
from bot.manifest import COMMAND, EVENTS, SCOPES
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import Days
from bot.services import Services
from bot.settings import Settings
from bot.stock.candidates import CandidateReading
from bot.stock.reading import StockReading
from storage import outbox, schema
from storage.engine import asynchronous
from storage.unit_of_work import Database

INFO = "MANGELVAKT_INFO_CHANNEL"
Finding = tuple[bool, Phrase]

LEAST_FREE_MB = 500
"""Less than this is soon full: the write-ahead log and a backup beside the base need room too."""
CLOCKS_APART_SECONDS = 60
"""Signed requests more than five minutes off are refused (HTTP mode), and what is due is asked by this clock."""


async def examine(settings: Settings) -> list[Finding]:
    """Every finding: whether it is fine, and one line about it. Changes nothing."""
    return [*await _database(settings), *_disk(settings), *await _slack(settings), *_channels_set(settings)]


def _disk(settings: Settings) -> list[Finding]:
    """Room where the SQLite file stands; a PostgreSQL server's disk is its own to watch."""
    try:
        url = asynchronous(settings.database)
    except ValueError:
        return []  # said of the database already
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return []
    folder = Path(url.database).absolute().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 1024**2
    if not os.access(folder, os.W_OK):
        return [(False, phrase("Disk: det kan ikke skrives i {folder}.", folder=folder))]
    said = phrase("Disk: {free} MB ledig i {folder}.", free=free, folder=folder)
    return [(free >= LEAST_FREE_MB, said)]


async def _database(settings: Settings) -> list[Finding]:
    clock = SystemClock()
    try:
        database = Database.at(settings.database, clock.now)
    except ValueError as fault:
        return [(False, phrase("Database: {fault}", fault=str(fault)))]
    try:
        at, head = await schema.standing(database.engine)
        if schema.is_newer(at, head):
            said = phrase(
                "Database: versjon {at} er nyere enn koden ({head}). Start den nye versjonen.", at=at, head=head
            )
            return [(False, said)]
        if at != head:
            said = phrase(
                "Database: versjon {at}, koden har {head}. Den oppgraderes ved neste start.", at=at or "–", head=head
            )
            return [(at is None, said)]
        findings: list[Finding] = [(True, phrase("Database: svarer, versjon {at}.", at=at))]
        services = assemble(settings, database, clock)
        await services.catalogue.refresh()
        known = services.catalogue
        said = phrase(
            "Katalog: {count} preparater. Kilde: {register}.", count=len(known.catalogue), register=known.source
        )
        findings.append((True, said))
        async with database.read() as session:
            reading = StockReading(settings, CandidateReading(lambda: services.catalogue.catalogue))
            pools = await reading.pools(session)
            overruled = await reading.overruled(session)
            undelivered = await outbox.count_undelivered(session)
        unlimited = [
            pool.name for pool in pools.values() if pool.limit_days is None and settings.threshold_days is None
        ]
        if unlimited:
            findings.append(
                (True, phrase("Lager uten varslingsgrense, varsles ikke: {pools}.", pools=", ".join(unlimited)))
            )
        unmanaged = [
            pool.name for pool in pools.values() if pool.name not in unlimited and not settings.managers_of(pool.id)
        ]
        if unmanaged:
            said = phrase(
                "Lager uten lageransvarlig, ubesvarte varsler går rett til senteret: {pools}.",
                pools=", ".join(unmanaged),
            )
            findings.append((True, said))
        for pool, in_file in overruled:
            names = pool.changes_to(in_file)
            said = phrase(
                "Lageret {pool} er endret i Slack, og det gjelder: {held}. Filen har: {in_file}.",
                pool=pool.name,
                held=", ".join(map(str, pool.words(names))),
                in_file=", ".join(map(str, in_file.words(names))),
            )
            findings.append((True, said))
        findings += await _retention(settings, services)
        for name, fetched, problem in await services.fetching.standing():
            if problem is not None:
                said = phrase("Register {name}: kan ikke hentes: {problem}", name=name, problem=problem)
                findings.append((False, said))
            else:
                when = f"{oslo(fetched):%d.%m.%Y %H:%M}" if fetched else phrase("aldri")
                findings.append((True, phrase("Register {name}: sist hentet {at}.", name=name, at=when)))
        if undelivered:
            findings.append((False, phrase("Meldinger som ikke kunne leveres: {count}.", count=undelivered)))
        return findings
    except (DBAPIError, OSError) as fault:
        reason = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        return [(False, phrase("Database: svarer ikke: {reason}", reason=reason))]
    finally:
        await database.close()


async def _retention(settings: Settings, services: Services) -> list[Finding]:
    """What is erased by itself, and whether the copies before it can be written."""
    kept = settings.retention
    if not kept.anything:
        return [(True, phrase("Oppbevaring: ingenting slettes av seg selv."))]
    rules = [
        phrase("{what} etter {days}", what=what, days=Days(days))
        for what, days in (
            (phrase("fritekst i avsluttede saker"), kept.ended_cases),
            (phrase("direktemeldinger"), kept.messages),
            (phrase("filer"), kept.files),
            (phrase("personer uten aktivitet"), kept.people),
        )
        if days is not None
    ]
    said = phrase("Oppbevaring, slettes av seg selv: {rules}.", rules="; ".join(map(str, rules)))
    findings: list[Finding] = [(True, said)]
    if kept.archive_folder is not None and not _can_write_in(kept.archive_folder):
        said = phrase(
            "Oppbevaring: arkivmappen {folder} kan ikke skrives i. Ingen sak slettes før den kan det.",
            folder=str(kept.archive_folder),
        )
        findings.append((False, said))
    due = await services.retention.due()
    if due.cases:
        said = phrase("Oppbevaring: {count} saker venter på arkivkopi og sletting.", count=due.cases)
        findings.append((True, said))
    return findings


def _can_write_in(folder: Path) -> bool:
    """Whether files can be put there; a folder that is not there yet is made where its own folder takes it."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


async def _slack(settings: Settings) -> list[Finding]:
    if settings.slack_bot_token is None:
        return [(False, phrase("Slack: SLACK_BOT_TOKEN er ikke satt."))]
    client = AsyncWebClient(token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
    findings: list[Finding] = []
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        return [(False, phrase("Slack: tokenet ble avvist ({error}).", error=error.response.get("error")))]
    except OSError:
        return [(False, phrase("Slack: får ikke kontakt med {url}.", url=settings.slack_api_url))]
    findings.append((True, phrase("Slack: koblet til {team} som {user}.", team=answer["team"], user=answer["user"])))
    findings += _scopes(answer.headers)
    findings += _clock(answer.headers)
    findings += _manifest()
    findings.append(await _connection(settings, client))
    findings += await _workspaces(settings)
    kinds = ChannelKinds()
    closed = {
        "MANGELVAKT_CASES_CHANNEL": settings.cases_channel,
        "MANGELVAKT_MEETING_CHANNEL": settings.meeting_channel,
        "MANGELVAKT_STOCK_CHANNEL": settings.stock_channel,
    }
    closed |= {f"forums.{name}": forum.channel for name, forum in settings.forums.items()}
    without_figures = {f"forums.{name}" for name, forum in settings.forums.items() if not forum.numbers}
    every = {**closed, "MANGELVAKT_PILOT_CHANNEL": settings.pilot_channel, INFO: settings.info_channel}
    await kinds.look(client, {channel for channel in every.values() if channel})
    if settings.pilot_channel is not None:
        said = phrase("Prøvedrift: alt boten sier av seg selv, havner i {channel}.", channel=settings.pilot_channel)
        findings.append((True, said))
    for name, channel in every.items():
        if channel is None:
            continue
        if kinds.problems.get(channel) == "is_archived":
            findings.append((False, phrase("{name}: kanalen er arkivert. Velg en annen, eller åpne den.", name=name)))
        elif channel in kinds.problems:
            said = phrase(
                "{name}: boten ser ikke kanalen ({error}). Inviter den.", name=name, error=kinds.problems[channel]
            )
            findings.append((False, said))
        elif name in without_figures:
            findings.append((True, phrase("{name}: boten er i kanalen og viser ingen tall der.", name=name)))
        elif name == INFO:
            findings.append((True, phrase("{name}: boten er med i kanalen.", name=name)))
        elif not kinds.closed(channel) and name == "MANGELVAKT_PILOT_CHANNEL":
            said = phrase(
                "{name}: kanalen er åpen eller delt med andre. Ingenting sendes før den er lukket.", name=name
            )
            findings.append((False, said))
        elif not kinds.closed(channel):
            said = phrase(
                "{name}: kanalen er åpen eller delt med andre. Boten viser bare bånd der, ingen tall.", name=name
            )
            findings.append((False, said))
        else:
            findings.append((True, phrase("{name}: lukket kanal.", name=name)))
    return findings


def _scopes(headers: Mapping[str, str]) -> list[Finding]:
    """What the token may do, held against what the code uses. Slack tells it with every answer."""
    told = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
    if not told:
        return []
    missing = sorted(set(SCOPES) - {scope.strip() for scope in told.split(",")})
    if not missing:
        return [(True, phrase("Slack: tokenet har alle rettighetene boten bruker."))]
    said = phrase(
        "Slack: tokenet mangler {scopes}. Legg dem til i Slack, og installer på nytt.", scopes=", ".join(missing)
    )
    return [(False, said)]


def _clock(headers: Mapping[str, str]) -> list[Finding]:
    """This machine's clock, held against the time that stands in Slack's answer."""
    told = next((value for name, value in headers.items() if name.lower() == "date"), None)
    if told is None:
        return []
    apart = abs((SystemClock().now() - parsedate_to_datetime(told)).total_seconds())
    if apart <= CLOCKS_APART_SECONDS:
        return [(True, phrase("Klokke: går som Slacks."))]
    return [(False, phrase("Klokke: {seconds} sekunder fra Slacks. Still maskinens klokke.", seconds=round(apart)))]


def _manifest() -> list[Finding]:
    """`manifest.json`, where there is one here, held against what the code listens to and uses."""
    path = Path("manifest.json")
    if not path.is_file():
        return []
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        named = {
            *manifest["oauth_config"]["scopes"]["bot"],
            *manifest["settings"]["event_subscriptions"]["bot_events"],
            *(command["command"] for command in manifest["features"]["slash_commands"]),
        }
    except (ValueError, KeyError, TypeError):
        return [(False, phrase("Manifest: manifest.json kan ikke leses."))]
    apart = sorted(named ^ {*SCOPES, *EVENTS, COMMAND})
    if not apart:
        return [(True, phrase("Manifest: manifest.json er som koden."))]
    return [(False, phrase("Manifest: manifest.json og koden er uenige om {what}.", what=", ".join(apart)))]


async def _workspaces(settings: Settings) -> list[Finding]:
    """Each other workspace, and whether Slack takes its token still."""
    more = settings.more_workspaces
    if more is None:
        return []
    database = Database.at(settings.database, SystemClock().now)
    findings: list[Finding] = []
    try:
        home = AsyncWebClient(
            token=(settings.slack_bot_token or SecretStr("")).get_secret_value(), base_url=settings.slack_api_url
        )
        workspaces = Workspaces(database, more, home, settings.slack_api_url)
        for row in await workspaces.installed():
            try:
                await (await workspaces.client(row.team_id)).auth_test()
            except (DeliveryError, *UNREACHABLE) as error:
                problem = error if isinstance(error, DeliveryError) else classify(error)
                said = phrase(
                    "Arbeidsområdet {name}: tokenet virker ikke ({error}).", name=row.team_name, error=str(problem)
                )
                findings.append((False, said))
            else:
                findings.append((True, phrase("Arbeidsområdet {name}: installert.", name=row.team_name)))
    except ValueError:
        findings.append((False, phrase("MANGELVAKT_TOKEN_KEY er ingen nøkkel.")))
    except (DBAPIError, OSError):
        return findings  # said of the database already
    finally:
        await database.close()
    return findings


async def _connection(settings: Settings, client: AsyncWebClient) -> Finding:
    """How Slack reaches the bot, and whether it could."""
    missing = settings.connection_fault()
    if missing is not None:
        return False, missing
    token = settings.slack_app_token
    if settings.http_port is None and token is not None:
        try:
            await client.apps_connections_open(app_token=token.get_secret_value())
        except SlackApiError as error:
            said = phrase("Slack: SLACK_APP_TOKEN ble avvist ({error}).", error=error.response.get("error"))
            return False, said
        except UNREACHABLE as error:
            return False, phrase("Slack: Socket Mode svarer ikke ({error}).", error=str(classify(error)))
    return True, settings.connection()


def _channels_set(settings: Settings) -> list[Finding]:
    unset = {
        "MANGELVAKT_CASES_CHANNEL": (settings.cases_channel, phrase("sakskort legges ikke ut")),
        "MANGELVAKT_MEETING_CHANNEL": (settings.meeting_channel, phrase("møtelisten legges ikke ut")),
        "MANGELVAKT_STOCK_CHANNEL": (settings.stock_channel, phrase("lagervarsler legges ikke ut")),
        "MANGELVAKT_INFO_CHANNEL": (settings.info_channel, phrase("publiserte saker legges ikke ut")),
    }
    return [
        (False, phrase("{name} er ikke satt: {means}.", name=name, means=means))
        for name, (channel, means) in unset.items()
        if channel is None
    ]
