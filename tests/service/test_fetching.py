"""Registers fetched from a server of our own: asked politely, read in whole or not at all, trouble told once."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from bot.app import assemble
from bot.clock import SetClock
from bot.delivery.fetching import Fetched, FetchFailed, Manners, fetch
from bot.refusal import NotAllowed, Refused
from bot.services import Services
from bot.settings import RegisterAddress, RegisterSettings
from storage import schema
from storage.tables import CatalogueImport, CataloguePackage, FestFile, OutboxEntry, RegisterFetch, RegisterList
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for
from tests.service.test_abroad import VALACICLOVIR, listed, rows, said, swedish
from tests.service.test_fest import MINI

KIND = Manners(seconds=5, most_bytes=100_000, quiet=1, contact="mangel@example.no")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """A register's server: `answer` is how it answers, `asked` what it was asked."""

    address: str = ""
    asked: list[web.Request] = field(default_factory=list)
    body: bytes = b""
    etag: str = '"1"'
    answer: Answer | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if self.answer is not None:
            return await self.answer(request)
        headers = {"ETag": self.etag, "Last-Modified": "Mon, 07 Jul 2025 10:00:00 GMT"}
        if request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=self.body, headers=headers)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(body=swedish())
    app = web.Application()
    app.router.add_get("/{name:.*}", made.handle)
    async with TestServer(app) as running:
        made.address = str(running.make_url("/liste.csv"))
        yield made


@pytest.fixture
async def fetching(database: Database, clock: SetClock, server: Server) -> Services:
    """Services that fetch Sweden's list from the server, at a quarter past two."""
    registers = {"fetch": {"sweden": {"url": server.address}}, "contact": "mangel@example.no"}
    made = assemble(settings_for(registers=registers), database, clock)
    await made.stock.ensure_pools()
    return made


@pytest.fixture
def quick(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'one.sqlite'}"


# --- one file ---


async def asked(server: Server, **more: str | None) -> Fetched:
    return await fetch(server.address, KIND, **{"etag": None, "last_modified": None, **more})


async def test_the_server_is_told_who_asks_and_what_we_have(server: Server) -> None:
    first = await asked(server)
    assert (first.filename, first.etag) == ("liste.csv", '"1"')
    again = await asked(server, etag=first.etag, last_modified=first.last_modified)
    assert again.content is None
    headers = server.asked[-1].headers
    assert headers["User-Agent"].startswith("Mangelvakt/") and "(mangel@example.no)" in headers["User-Agent"]
    assert headers["If-Modified-Since"] == "Mon, 07 Jul 2025 10:00:00 GMT"


async def half(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"country_code")
    assert request.transport is not None
    request.transport.close()
    return answer


async def slow(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"country_code")
    await asyncio.sleep(3)
    return answer


async def bomb(request: web.Request) -> web.StreamResponse:
    answer = web.Response(body=b"0" * 1_000_000)
    answer.enable_compression(web.ContentCoding.gzip)
    return answer


async def round_and_round(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path)


async def busy(request: web.Request) -> web.StreamResponse:
    return web.Response(status=503, headers={"Retry-After": "60"})


async def nothing(request: web.Request) -> web.StreamResponse:
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (half, "bare en del av filen kom"),
        (slow, "for lang tid"),
        (bomb, "større enn"),
        (round_and_round, "viste videre"),
        (busy, "tjeneren svarte 503"),
        (nothing, "filen er tom"),
    ],
)
async def test_what_does_not_come_whole_does_not_come(server: Server, answer: Answer, problem: str) -> None:
    server.answer = answer
    with pytest.raises(FetchFailed, match=problem):
        await asked(server)


async def test_nobody_at_home_is_said_so() -> None:
    with pytest.raises(FetchFailed, match="fikk ikke kontakt"):
        await fetch("http://127.0.0.1:1/liste.csv", KIND, etag=None, last_modified=None)


async def test_the_proxy_is_asked_where_there_is_one(server: Server) -> None:
    through = Manners(seconds=5, most_bytes=100_000, proxy=server.address.removesuffix("/liste.csv"))
    await fetch("http://register.example/liste.csv", through, etag=None, last_modified=None)
    assert server.asked[-1].headers["Host"] == "register.example"


def test_what_may_be_a_secret_in_an_address_is_not_shown() -> None:
    address = RegisterAddress(url="https://me:hush@register.example:8443/liste.json?api_key=hush")
    assert address.shown == "https://register.example:8443/liste.json"


def test_only_registers_that_can_be_read_have_addresses() -> None:
    for fetched in ({"narnia": {"url": "https://x.example"}}, {"dmp": {"url": "file:///etc/passwd"}}):
        with pytest.raises(ValidationError):
            RegisterSettings.model_validate({"fetch": fetched})


# --- by schedule ---


async def test_without_addresses_nothing_is_asked_for(services: Services) -> None:
    assert await services.fetching.fetch_what_is_due() == []
    with pytest.raises(Refused, match="ingen adresse"):
        await services.fetching.fetch("sweden")


async def test_a_register_is_read_in_when_its_hour_comes_and_only_if_it_has_changed(
    fetching: Services, database: Database, clock: SetClock, server: Server
) -> None:
    (first,) = await fetching.fetching.fetch_what_is_due()
    assert (first.rows, first.problem) == (2, None)
    assert await fetching.fetching.fetch_what_is_due() == []
    clock.set(dt.datetime(2025, 7, 7, 12, 20, tzinfo=dt.UTC))  # a quarter past two in Oslo has gone
    (same,) = await fetching.fetching.fetch_what_is_due()
    assert (same.rows, same.problem) == (None, None)
    assert len(await rows(database, RegisterList)) == 1
    clock.advance(dt.timedelta(days=1))
    server.body, server.etag = swedish("2025-10-01"), '"2"'
    (changed,) = await fetching.fetching.fetch_what_is_due()
    assert changed.rows == 2
    assert len(await rows(database, RegisterList)) == 2


async def test_a_register_in_another_form_keeps_yesterdays_list_and_is_told_of_once(
    fetching: Services, database: Database, clock: SetClock, server: Server
) -> None:
    await fetching.fetching.fetch("sweden")
    server.body, server.etag = b"id;navn;slutt\n1;x;2", '"2"'
    for _ in range(3):
        outcome = await fetching.fetching.fetch("sweden")
        assert outcome.problem is not None
    (message,) = await said(database, "fetch:sweden")
    for part in ("medicine name", "id, navn, slutt", "gjelder fortsatt", server.address):
        assert part in str(message.blocks)
    assert len(await rows(database, RegisterList)) == 1
    clock.advance(dt.timedelta(hours=4))
    server.body, server.etag = swedish("2025-10-01"), '"3"'
    assert [one.problem for one in await fetching.fetching.fetch_what_is_due()] == [None]
    assert "hentes igjen" in (await said(database, "fetch:sweden"))[-1].text
    assert [problem for _, _, problem in await fetching.fetching.standing()] == [None]


async def test_a_list_that_has_lost_half_its_rows_is_not_believed(
    fetching: Services, database: Database, server: Server
) -> None:
    many = [VALACICLOVIR.format(end=f"2026-01-{day:02d}") for day in range(1, 31)]
    server.body = listed("SE", *many)
    assert (await fetching.fetching.fetch("sweden")).rows == 30
    server.body, server.etag = listed("SE", *many[:3]), '"2"'
    outcome = await fetching.fetching.fetch("sweden")
    assert str(outcome.problem) == "Ventet omtrent 30 rader, som sist. Fant 3."
    server.body, server.etag = listed("SE", *many[:20], *[many[0].replace("2025-06-01", "6/1/25")] * 21), '"3"'
    outcome = await fetching.fetching.fetch("sweden")
    assert "Fant 21 av 41 som ikke kan det, for eksempel: Rad 22" in str(outcome.problem)
    assert len(await rows(database, RegisterList)) == 1
    assert len(await said(database, "fetch:sweden")) == 2  # another problem: told in the same message


async def test_a_server_that_is_silent_is_asked_again_and_told_of_after_a_day(
    fetching: Services, database: Database, clock: SetClock, server: Server
) -> None:
    server.answer = half
    assert [one.problem is not None for one in await fetching.fetching.fetch_what_is_due()] == [True]
    assert await rows(database, RegisterList) == []
    assert await fetching.fetching.fetch_what_is_due() == []
    clock.advance(dt.timedelta(minutes=15))
    assert len(await fetching.fetching.fetch_what_is_due()) == 1
    assert await said(database, "fetch:") == []
    clock.advance(dt.timedelta(days=1))
    await fetching.fetching.fetch_what_is_due()
    clock.advance(dt.timedelta(days=1))
    await fetching.fetching.fetch_what_is_due()
    (message,) = await said(database, "fetch:")
    assert "Ingen liste er hentet herfra ennå" in str(message.blocks)
    async with database.read() as session:
        kept = await session.get(RegisterFetch, "sweden")
    assert kept is not None and kept.failures == 4 and kept.etag is None


async def test_dmps_list_is_fetched_by_the_same_door(quick: str, clock: SetClock, server: Server) -> None:
    server.body = (
        b"Legemiddelnavn;Virkestoff(er);Mangelperiode fra;Mangelperiode til;Status pr. 07.07.2025\n"
        b"Ibux 400 mg tablett;ibuprofen;01.06.2025;01.08.2025;Kommende\n"
    )
    database = Database.at(quick, clock.now)
    await schema.upgrade(database.engine)
    made = assemble(settings_for(registers={"fetch": {"dmp": {"url": server.address}}}), database, clock)
    assert (await made.fetching.fetch("dmp")).rows == 1
    async with database.read() as session:
        assert await session.get(OutboxEntry, 1) is not None
    await database.close()


# --- FEST ---


@pytest.fixture
async def fest(database: Database, clock: SetClock, server: Server) -> Services:
    """Services that fetch FEST from the server; the file there is the shipped extract."""
    server.body = MINI
    address = server.address.replace("liste.csv", "fest.xml")
    made = assemble(settings_for(registers={"fetch": {"fest": {"url": address}}}), database, clock)
    await made.stock.ensure_pools()
    await made.catalogue.prepare()
    return made


async def test_fest_is_fetched_and_shown_and_holds_only_when_a_person_says_so(
    fest: Services, database: Database, clock: SetClock, server: Server
) -> None:
    siri = await person(fest, SIRI)
    (outcome,) = await fest.fetching.fetch_what_is_due()
    assert (outcome.rows, outcome.problem) == (75, None)
    (offered,) = await rows(database, OutboxEntry)
    assert offered.text == "FEST 12.04.2017: Venter på svar"
    assert await fest.fest_offers.take_in_what_is_wanted() == []
    assert not await rows(database, CatalogueImport), "nobody has said yes"
    assert await fest.fest_offers.decide(1, siri, take=True, key="a") == "fest.xml"
    with pytest.raises(Refused, match=r"fest\.xml: Tas i bruk nå"):
        await fest.fest_offers.decide(1, siri, take=False, key="b")
    assert await fest.fest_offers.take_in_what_is_wanted() == ["fest.xml"]
    assert len(await rows(database, CataloguePackage)) == 107
    said = [row.text for row in await rows(database, OutboxEntry)]
    assert said == [f"FEST 12.04.2017: {words}" for words in ("Venter på svar", "Tas i bruk nå", "Tatt i bruk")]
    (kept,) = await rows(database, FestFile)
    assert (kept.state, kept.content) == ("taken", b"")
    clock.advance(dt.timedelta(days=1))
    assert [one.rows for one in await fest.fetching.fetch_what_is_due()] == [None], "the server says it is the same"
    server.etag = '"2"'
    await fest.fetching.fetch("fest")
    assert len(await rows(database, FestFile)) == 1, "the same file is no news"


async def test_a_newer_file_goes_before_one_that_waits_and_what_is_dropped_changes_nothing(
    fest: Services, database: Database, server: Server
) -> None:
    siri, rolf = await person(fest, SIRI), await person(fest, "U0KLINIKER")
    await fest.fetching.fetch("fest")
    server.body, server.etag = MINI.replace(b"Certican Disperg tab 0,1 mg", b"Certican Disperg tab 0,2 mg"), '"2"'
    await fest.fetching.fetch("fest")
    assert [row.state for row in await rows(database, FestFile)] == ["superseded", "offered"]
    with pytest.raises(NotAllowed):
        await fest.fest_offers.decide(2, rolf, take=True, key=None)
    await fest.fest_offers.decide(2, siri, take=False, key=None)
    assert await fest.fest_offers.take_in_what_is_wanted() == []
    assert not await rows(database, CatalogueImport)
    assert [row.content for row in await rows(database, FestFile)] == [b"", b""]


async def test_what_is_no_fest_is_told_of_and_offered_to_nobody(
    fest: Services, database: Database, server: Server
) -> None:
    server.body = b"<html>Ny adresse</html>"
    outcome = await fest.fetching.fetch("fest")
    assert outcome.problem is not None
    (told,) = await rows(database, OutboxEntry)
    assert told.text == "FEST kunne ikke hentes."
    assert not await rows(database, FestFile)
