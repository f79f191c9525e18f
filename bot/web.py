"""The web side: Slack's signed requests in HTTP mode, and the answers to whoever watches the bot."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.workspaces import INSTALL, REDIRECT, Workspaces
from bot.health import PATIENCE, Health
from bot.metrics import Page
from bot.settings import Settings, SettingsFault

log = logging.getLogger(__name__)

PATHS = ("/slack/events", "/slack/commands", "/slack/interactions")
"""All do the same: Slack's app settings have an address for each, and one is enough."""
FINISH_WITHIN = 2.5
"""Seconds that requests in hand have at a stop; Slack gives up after three."""


class WebSide:
    """Listens on the ports that the settings name: none, one, or one for Slack and one for health."""

    def __init__(
        self, settings: Settings, app: AsyncApp, health: Health, figures: Page, workspaces: Workspaces | None = None
    ) -> None:
        self._host = settings.host
        self._app = app
        self._health = health
        self._figures = figures
        self._runners: list[web.AppRunner] = []
        self._routes: dict[int, list[web.RouteDef]] = defaultdict(list)
        self._verifier: SignatureVerifier | None = None
        health_port = settings.health_port
        if settings.http_port is not None:
            assert settings.slack_signing_secret is not None  # noqa: S101
            self._verifier = SignatureVerifier(settings.slack_signing_secret.get_secret_value())
            self._routes[settings.http_port] += [web.post(path, self._from_slack) for path in PATHS]
            health_port = health_port or settings.http_port
            if workspaces is not None:
                flow = workspaces.flow
                self._routes[settings.http_port] += [
                    web.get(INSTALL, _by_bolt(flow.handle_installation)),
                    web.get(REDIRECT, _by_bolt(flow.handle_callback)),
                ]
        if health_port is not None:
            self._routes[health_port] += [web.get("/live", self._live), web.get("/ready", self._ready)]
        if settings.health_port is not None:  # never by itself on the port that Slack reaches
            self._routes[settings.health_port].append(web.get("/metrics", self._metrics))

    async def start(self) -> None:
        """Begin to listen. Raises `SettingsFault` where a port cannot be had."""
        for port, routes in self._routes.items():
            application = web.Application()
            application.add_routes(routes)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=FINISH_WITHIN)
            await runner.setup()
            self._runners.append(runner)
            try:
                await web.TCPSite(runner, self._host, port).start()
            except OSError as fault:
                await self.stop()
                raise SettingsFault(
                    f"Porten {port} på {self._host} er ikke ledig (MANGELVAKT_PORT, MANGELVAKT_HEALTH_PORT): "
                    f"{fault.strerror or fault}"
                ) from None

    async def stop(self) -> None:
        """Take nothing new, and answer what has come."""
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    @property
    def listening(self) -> bool:
        """Whether the ports are open."""
        return bool(self._runners)

    async def _from_slack(self, request: web.Request) -> web.Response:
        """One request of Slack's. Nothing of a body is parsed, stored or logged before its signature is known.

        Bolt checks again; its own refusal would write the body in the log.
        """
        body = await request.read()
        if not self._signed(request, body):
            log.warning("a request to %s was refused: wrong signature, or more than five minutes old", request.path)
            return web.Response(status=401, text="invalid signature or timestamp")
        try:
            read = AsyncBoltRequest(body=body.decode(), query=request.query_string, headers=dict(request.headers))
        except Exception as fault:  # noqa: BLE001 - Bolt looks into a payload without looking at its shape
            log.error("a signed request to %s could not be read: %s", request.path, type(fault).__name__)
            return web.Response(status=400, text="unreadable")
        answer = await self._app.async_dispatch(read)
        return await to_aiohttp_response(answer)

    def _signed(self, request: web.Request, body: bytes) -> bool:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack; what is not even text is not signed."""
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 16 and signature.isascii()):
            return False
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return False
        return self._verifier is not None and self._verifier.is_valid(text, stamp, signature)

    async def _live(self, _: web.Request) -> web.Response:
        """The process answers, so its event loop runs."""
        return web.json_response({"live": True})

    async def _metrics(self, _: web.Request) -> web.Response:
        """The figures, in Prometheus' text format; 503 where the database does not answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                page = await self._figures()
        except (SQLAlchemyError, OSError, TimeoutError) as fault:
            log.warning("the figures could not be read: %s", type(fault).__name__)
            return web.Response(status=503, text="the database does not answer")
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _ready(self, _: web.Request) -> web.Response:
        """200 where work can be done here, 503 with what is wrong where not."""
        problems = [str(problem) for problem in await self._health.problems()]
        return web.json_response({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def _by_bolt(handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Handler:
    """A page of the installation, answered by Bolt: not signed by Slack, for it is a person's browser that comes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        read = AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers))
        return await to_aiohttp_response(await handle(read))

    return answer
