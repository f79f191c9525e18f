"""The HTTP server: Web API, files, response URLs, Socket Mode and the page, on one port."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlencode

from aiohttp import web

from workspace import canvases  # noqa: F401 - its methods are registered
from workspace.core import Core
from workspace.errors import SlackError
from workspace.faults import Call, Fault
from workspace.responding import Responding
from workspace.socket_mode import SocketMode
from workspace.state import Json
from workspace.web_api import WebApi

MAX_BODY = 1024**3  # Slack takes files up to 1 GB
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"


class Server:
    """Listens on one address for the bot and for browsers."""

    def __init__(self, core: Core, socket_mode: SocketMode | None, host: str, port: int) -> None:
        self.core = core
        self.socket_mode = socket_mode
        self.host = host
        self.port = port
        self.api = WebApi(core, socket_mode)
        self.api.installed_in = self._core_of
        self.responding = Responding(core)
        self.app = web.Application(client_max_size=MAX_BODY)
        self.others: list[Server] = []
        self.app.router.add_route("*", "/api/{method}", self.serve_api)
        self.app.router.add_get("/oauth/v2/authorize", self.serve_authorize)
        self.app.router.add_post("/response/{ticket}", self.serve_response_url)
        self.app.router.add_post("/upload/v1/{file}", self.serve_upload)
        self.app.router.add_get("/files-pri/{tail:.+}", self.serve_download)
        if socket_mode is not None:
            self.app.router.add_get("/link", socket_mode.serve)
        self._runner: web.AppRunner | None = None

    def _core_of(self, team_id: str) -> Core | None:
        cores = [self.core, *(other.core for other in self.others)]
        return next((core for core in cores if core.state.team_id == team_id), None)

    async def start(self) -> None:
        """Begin to listen; `core.base_url` is known afterwards."""
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.core.base_url = f"http://{self.host}:{self.port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self.socket_mode is not None:
            await self.socket_mode.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # -- Web API ---------------------------------------------------------------

    async def serve_api(self, request: web.Request) -> web.StreamResponse:
        """One method call."""
        name = request.match_info["method"]
        try:
            args = await self._arguments(request)
        except ValueError:
            return self._json({"ok": False, "error": "invalid_json"})
        token = str(args.pop("token", "") or "")
        header = request.headers.get("Authorization", "")
        if header.lower().startswith("bearer "):
            token = header[7:].strip()
        if header.lower().startswith("basic "):  # oauth.v2.access
            client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
            args |= {"client_id": client_id, "client_secret": secret}
        call = Call(name, args, time.time())
        server = next((one for one in self.others if token and token == one.core.bot_token), self)
        return await server._faulty(request, call, lambda: server._api_answer(name, token or None, args, call))

    async def serve_authorize(self, request: web.Request) -> web.StreamResponse:
        """Slack's page where somebody allows an app what it asks for. They do; `team` says where."""
        asked = request.query
        if asked.get("client_id") != self.core.client_id or not asked.get("redirect_uri"):
            return web.Response(status=400, text="invalid_client_id")
        code = secrets.token_hex(8)
        self.core.codes[code] = asked.get("team") or self.core.state.team_id
        back = urlencode({"code": code, "state": asked.get("state", "")})
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{back}"})

    def _api_answer(self, name: str, token: str | None, args: Json, call: Call) -> web.Response:
        status, headers = 200, {"X-OAuth-Scopes": ",".join(sorted(self.core.scopes or ()))}
        try:
            body = {"ok": True, **self.api.answer(name, token, args)}
        except SlackError as refusal:
            body = {"ok": False, "error": refusal.error}
            if refusal.error == "ratelimited":
                status = 429
                headers["Retry-After"] = str(refusal.extra["retry_after"])
            else:
                body.update(refusal.extra)
            if refusal.messages:
                body["response_metadata"] = {"messages": [f"[ERROR] {m}" for m in refusal.messages]}
        call.ok, call.error, call.response = bool(body["ok"]), body.get("error"), body
        return self._json(body, status, headers)

    async def _arguments(self, request: web.Request) -> Json:
        args: Json = dict(request.query)
        if request.method != "POST":
            return args
        if request.content_type == "application/json":
            body = await request.text()
            decoded = json.loads(body) if body else {}
            if not isinstance(decoded, dict):
                raise ValueError("not an object")
            args.update(decoded)
        else:
            form = await request.post()
            args.update({k: v for k, v in form.items() if isinstance(v, str)})
        return args

    async def _faulty(self, request: web.Request, call: Call, work: Callable[[], web.Response]) -> web.StreamResponse:
        """Do the work, or fail as planned; every call ends in the ledger."""
        core = self.core
        core.ledger.append(call)
        core.open_calls += 1
        try:
            fault = core.faults.take(call.method)
            if fault is None:
                return work()
            return await self._fail(request, call, fault, work)
        finally:
            call.done = True
            core.open_calls -= 1
            core.courier.last_activity = time.monotonic()
            core.state.changed("calls")

    async def _fail(
        self, request: web.Request, call: Call, fault: Fault, work: Callable[[], web.Response]
    ) -> web.StreamResponse:
        if fault.hang:
            await asyncio.sleep(fault.hang)
        if fault.hang_up:
            if fault.hang_up == "after":
                work()
            call.error = f"hang_up_{fault.hang_up}"
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if fault.error is not None:
            call.error, call.status = fault.error, fault.status or 200
            return self._json({"ok": False, "error": fault.error}, call.status)
        if fault.status is None:
            return work()
        call.status = fault.status
        if fault.status == 429:
            call.error = "ratelimited"
            headers = {"Retry-After": str(fault.retry_after if fault.retry_after is not None else 1)}
            return self._json({"ok": False, "error": "ratelimited"}, 429, headers)
        call.error = f"http_{fault.status}"
        return web.Response(status=fault.status, text="<html>Server Error</html>", content_type="text/html")

    def _json(self, body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    # -- response_url ------------------------------------------------------------

    async def serve_response_url(self, request: web.Request) -> web.StreamResponse:
        """A message to a response_url."""
        try:
            body = json.loads(await request.text())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return web.Response(status=400, text="invalid_payload")
        call = Call("response_url", body, time.time())

        def work() -> web.Response:
            try:
                self.responding.to_url(request.match_info["ticket"], body)
            except SlackError as refusal:
                call.error = refusal.error
                call.status = 404 if refusal.error in ("expired_url", "used_url") else 400
                return web.Response(status=call.status, text=refusal.error)
            call.ok = True
            return web.Response(text="ok")

        return await self._faulty(request, call, work)

    # -- files -------------------------------------------------------------------

    async def serve_upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file that files.getUploadURLExternal announced."""
        file = self.core.state.files.get(request.match_info["file"])
        if request.content_type.startswith("multipart/"):
            form = await request.post()
            parts = [v for v in form.values() if isinstance(v, web.FileField)]
            data = parts[0].file.read() if parts else b""
        else:
            data = await request.read()
        call = Call("upload", {"file": request.match_info["file"], "bytes": len(data)}, time.time())

        def work() -> web.Response:
            if file is None or file.data is not None:
                call.status = 404
                return web.Response(status=404, text="not found")
            if len(data) != file.length:
                call.status = 400
                return web.Response(status=400, text="length mismatch")
            file.data = data
            call.ok = True
            return web.Response(text=f"OK - {len(data)}")

        return await self._faulty(request, call, work)

    async def serve_download(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes for who has the bot's token; for others Slack's sign-in page, with status 200."""
        tail = request.match_info["tail"].removeprefix("download/")
        file_id = tail.split("/")[0].partition("-")[2]
        call = Call("download", {"file": file_id}, time.time())

        def work() -> web.Response:
            if request.headers.get("Authorization") != f"Bearer {self.core.bot_token}":
                call.error = "not_authed"
                return web.Response(text=LOGIN_PAGE, content_type="text/html")
            file = self.core.state.files.get(file_id)
            if file is None or file.data is None:
                call.status, call.error = 404, "file_not_found"
                return web.Response(status=404, text="File not found")
            call.ok = True
            return web.Response(body=file.data, content_type=self.api.file_payload(file)["mimetype"])

        return await self._faulty(request, call, work)
