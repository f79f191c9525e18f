"""Socket Mode: the WebSocket that a bot opens, envelopes out, acknowledgements in."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from workspace.delivery import Ack, Envelope
from workspace.state import Json

MAX_CONNECTIONS = 10  # docs.slack.dev/apis/events-api/using-socket-mode: up to 10 at the same time


@dataclass(eq=False)
class Connection:
    """One WebSocket of the bot."""

    number: int
    socket: web.WebSocketResponse
    draining: bool = False


class SocketMode:
    """All Socket Mode connections of the app; an envelope goes to one of them."""

    def __init__(self, app_id: str, *, debug_reconnect_seconds: int = 3600) -> None:
        self.app_id = app_id
        self.lifetime = debug_reconnect_seconds
        self.connections: list[Connection] = []
        self.opened = 0
        self.acks_to_drop = 0
        self.tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}
        self._next = 0
        self._came = asyncio.Event()

    def new_ticket(self) -> str:
        """A one-time ticket, part of the URL that apps.connections.open answers with."""
        ticket = f"{time.time_ns():x}"
        self.tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket end point `/link`."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=403, text="link_disabled")
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=16 * 2**20)
        await socket.prepare(request)
        self.opened += 1
        connection = Connection(self.opened, socket)
        if len(self.connections) >= MAX_CONNECTIONS:
            await self._send_disconnect(connection, "too_many_websockets")
            await socket.close()
            return socket
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.connections) + 1,
                "connection_info": {"app_id": self.app_id},
                "debug_info": {
                    "host": "applink-local",
                    "started": time.strftime("%Y-%m-%d %H:%M:%S"),
                    "build_number": 1,
                    "approximate_connection_time": self.lifetime,
                },
            }
        )
        self.connections.append(connection)
        self._came.set()
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    self._take_answer(frame.data)
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
        return socket

    def _take_answer(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        if not envelope_id:
            return
        if self.acks_to_drop > 0:
            self.acks_to_drop -= 1
            return
        waiting = self._waiting.pop(envelope_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.get("payload"))

    async def carry(self, envelope: Envelope, within: float) -> Ack:
        """Send the envelope over one connection and wait for its acknowledgement."""
        began = time.monotonic()
        ready = [c for c in self.connections if not c.draining and not c.socket.closed]
        if not ready:
            return Ack("no_connection")
        self._next += 1
        connection = ready[self._next % len(ready)]
        waiting: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = waiting
        body: Json = {
            "envelope_id": envelope.id,
            "type": envelope.kind,
            # docs.slack.dev/apis/events-api/using-socket-mode: events take no payload in the answer
            "accepts_response_payload": envelope.kind != "events_api",
            "payload": envelope.payload,
        }
        if envelope.kind == "events_api":
            body["retry_attempt"] = envelope.retry_attempt
            body["retry_reason"] = envelope.retry_reason
        try:
            await connection.socket.send_str(json.dumps(body))
            payload = await asyncio.wait_for(waiting, within)
        except TimeoutError:
            return Ack("timeout", seconds=time.monotonic() - began)
        except (ConnectionError, RuntimeError):
            return Ack("no_connection", seconds=time.monotonic() - began)
        finally:
            self._waiting.pop(envelope.id, None)
        return Ack("acked", payload, time.monotonic() - began)

    async def connected(self, least: int, within: float) -> bool:
        """Wait until that many connections are up."""
        until = time.monotonic() + within
        while len([c for c in self.connections if not c.draining]) < least:
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), left)
            except TimeoutError:
                return False
        return True

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be replaced, as Slack does a few times a day."""
        for connection in list(self.connections):
            connection.draining = True
            await self._send_disconnect(connection, reason)

    async def _send_disconnect(self, connection: Connection, reason: str) -> None:
        if not connection.socket.closed:
            await connection.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-local"}}
            )

    async def close(self) -> None:
        """Close every connection without a word."""
        for connection in list(self.connections):
            await connection.socket.close()
