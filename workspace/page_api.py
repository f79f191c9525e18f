"""What the web page asks for and does: one person's view of the workspace, live over a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import BodyPartReader, WSMsgType, web

from workspace.core import Core
from workspace.elements import elements_of, find_element, initial_values, matching_option, options_of
from workspace.errors import NotThere
from workspace.interactions import Interactions
from workspace.socket_mode import SocketMode
from workspace.state import Channel, File, Json, Message, User, View

PAGE = Path(__file__).parent / "page"
SHOWN = 300  # messages of a conversation that the page holds
LULL = 0.03  # changes within so many seconds are shown together
POLICY = "default-src 'self'; img-src 'self' https: data:; connect-src 'self' ws:; base-uri 'none'"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
Action = Callable[[User, Json], Awaitable[Json]]


class PageApi:
    """Serves the page and carries out what people do on it."""

    def __init__(self, core: Core, people: Interactions, socket_mode: SocketMode | None) -> None:
        self.core = core
        self.state = core.state
        self.people = people
        self.socket_mode = socket_mode
        self.actions: dict[str, Action] = {
            "command": self.command,
            "say": self.say,
            "press": self.press,
            "suggest": self.suggest,
            "submit": self.submit,
            "close": self.close,
            "shortcut": self.shortcut,
            "home": self.home,
        }

    def add_to(self, app: web.Application) -> None:
        """Hang the page's addresses on the server."""
        app.router.add_get("/", self.serve_file)
        app.router.add_get("/page/{name:[a-z_]+\\.(?:js|css|svg)}", self.serve_file)
        app.router.add_get("/page/live", self.serve_live)
        app.router.add_get("/page/file/{file}", self.serve_shared_file)
        app.router.add_post("/page/do/upload", self.serve_upload)
        app.router.add_post("/page/do/{action}", self.serve_action)

    async def serve_file(self, request: web.Request) -> web.StreamResponse:
        """A file of the page."""
        path = PAGE / request.match_info.get("name", "index.html")
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            return web.Response(status=404, text="finnes ikke")
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return web.Response(body=body, content_type=KINDS[path.suffix], charset="utf-8", headers=headers)

    # -- showing -------------------------------------------------------------------

    async def serve_live(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket of one browser: it says who looks at what, and gets that view when it changes."""
        origin = urlsplit(request.headers.get("Origin", ""))
        if origin.netloc and origin.netloc != request.host:
            return web.Response(status=403, text="feil opphav")
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        looking: Json = {}
        changed = asyncio.Event()
        changed.set()

        def mark(_what: str) -> None:
            changed.set()

        async def show() -> None:
            while True:
                await changed.wait()
                await asyncio.sleep(LULL)
                changed.clear()
                await socket.send_json(self.snapshot(looking))

        self.state.listeners.append(mark)
        showing = asyncio.ensure_future(show())
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    with contextlib.suppress(ValueError):
                        looking.clear()
                        looking.update(frame.json())
                        changed.set()
        finally:
            self.state.listeners.remove(mark)
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError, RuntimeError):
                await showing
        return socket

    def snapshot(self, looking: Json) -> Json:
        """All that this person's screen shows."""
        state = self.state
        user = state.users.get(str(looking.get("user", "")))
        body: Json = {
            "workspace": state.team_name,
            "bot": {"id": state.bot.id, "name": state.bot.name},
            "connected": self.socket_mode is None or bool(self.socket_mode.connections),
            "people": [
                {"id": u.id, "name": u.name, "title": u.title, "guest": u.guest, "external": self.external(u)}
                for u in state.users.values()
            ],
            "groups": {g.id: g.handle for g in state.groups.values()},
            "commands": [
                {"name": c.name, "description": c.description, "words": list(c.words)} for c in state.commands.values()
            ],
            "shortcuts": [{"id": s.callback_id, "label": s.label, "kind": s.kind} for s in state.shortcuts.values()],
        }
        if user is None:
            return body
        state.im_with(user.id)
        seen = [c for c in state.channels.values() if self.may_see(user, c)]
        body["me"] = user.id
        body["channels"] = [self.channel_shown(c, user) for c in seen]
        body["place"] = str(looking.get("place", ""))
        body["messages"] = []
        if any(c.id == body["place"] for c in seen):
            shown = [m for m in state.messages if m.channel == body["place"] and m.only_for in (None, user.id)]
            body["messages"] = [self.message_shown(m) for m in shown[-SHOWN:]]
        stack = state.stack(user.id)
        body["modal"] = self.view_shown(stack[-1], len(stack)) if stack else None
        home = state.views.get(state.homes.get(user.id, ""))
        body["home"] = self.view_shown(home, 0) if home else None
        return body

    def external(self, user: User) -> bool:
        """Whether the person is of another organisation."""
        return user.team_id != self.state.team_id

    def may_see(self, user: User, channel: Channel) -> bool:
        """Members see a channel; open ones are seen by everyone of the house but guests."""
        if channel.im_user:
            return channel.im_user == user.id
        if user.id in channel.members:
            return True
        return not channel.private and not user.guest and not self.external(user)

    def channel_shown(self, channel: Channel, user: User) -> Json:
        """A line of the list of conversations."""
        last = [m.ts for m in self.state.messages if m.channel == channel.id and m.only_for in (None, user.id)]
        return {
            "id": channel.id,
            "name": self.state.bot.name if channel.im_user else channel.name,
            "kind": channel.channel_type,
            "shared": channel.shared,
            "archived": channel.archived,
            "member": user.id in channel.members,
            "topic": channel.topic,
            "times": last[-50:],
        }

    def message_shown(self, message: Message) -> Json:
        """A message with what the page needs to know about its author and thread."""
        author = self.state.users.get(message.user)
        at = datetime.fromtimestamp(float(message.ts), UTC)
        body = message.payload()
        return {
            "ts": message.ts,
            "channel": message.channel,
            "at": at.isoformat(),
            "user": message.user,
            "author": author.name if author else "Slackbot",
            "app": author is None or author.is_bot,
            "text": message.text,
            "blocks": message.blocks,
            "values": initial_values(message.blocks),
            "files": [{"id": f["id"], "name": f["name"], "size": f["size"]} for f in message.files],
            "thread": message.thread_ts if message.thread_ts != message.ts else None,
            "broadcast": message.broadcast,
            "replies": body.get("reply_count", 0),
            "ephemeral": message.ephemeral,
            "edited": bool(message.edited),
            "reactions": {name: len(users) for name, users in message.reactions.items()},
            "pinned": message.pinned,
        }

    def view_shown(self, view: View, depth: int) -> Json:
        """A modal or App Home with what is filled in and what is wrong."""
        return {
            "id": view.id,
            "hash": view.hash,
            "title": view.title,
            "submit": (view.body.get("submit") or {}).get("text"),
            "close": (view.body.get("close") or {}).get("text"),
            "blocks": view.blocks,
            "values": view.values,
            "errors": view.errors,
            "depth": depth,
        }

    # -- doing -----------------------------------------------------------------------

    async def serve_action(self, request: web.Request) -> web.StreamResponse:
        """Carry out what a person did; the answer says whether the bot took it."""
        if request.headers.get("X-Workspace") != "page":  # no other site's form can send this header
            return web.json_response({"ok": False, "trouble": "feil opphav"}, status=403)
        action = self.actions.get(request.match_info["action"])
        try:
            asked = await request.json()
            user = self.state.users[asked["user"]]
            if action is None:
                raise NotThere(request.match_info["action"])
            return web.json_response({"ok": True, **await action(user, asked)})
        except (NotThere, KeyError, ValueError, TypeError) as wrong:
            return web.json_response({"ok": False, "trouble": f"Det gikk ikke: {wrong}"}, status=400)

    def channel_of(self, user: User, asked: Json) -> Channel:
        """The conversation that was named, if this person sees it."""
        channel = self.state.channels[asked["channel"]]
        if not self.may_see(user, channel):
            raise NotThere("kanalen")
        return channel

    def place_of(self, user: User, asked: Json) -> View | Message:
        """The view or message that something was done in."""
        if asked.get("view"):
            view = self.state.views[asked["view"]]
            if view.user != user.id or not view.open:
                raise NotThere("vinduet er lukket")
            self.take_values(view, asked.get("values"))
            return view
        channel = self.channel_of(user, asked)
        message = self.state.message(channel.id, asked["ts"])
        if message is None or message.only_for not in (None, user.id):
            raise NotThere("meldingen er borte")
        return message

    def take_values(self, view: View, values: Json | None) -> None:
        """What the browser holds of the fields; only fields that are there, and of their own kind."""
        for place in elements_of(view.blocks):
            entry = (values or {}).get(place.block_id, {}).get(place.action_id)
            if isinstance(entry, dict) and entry.get("type") == place.kind:
                view.values.setdefault(place.block_id, {})[place.action_id] = entry

    async def command(self, user: User, asked: Json) -> Json:
        name, _, text = str(asked["line"]).strip().partition(" ")
        channel = self.channel_of(user, asked)
        if self.state.commands and name not in self.state.commands:
            words = f"{name} er ingen kommando her. Skriv / for å se hva som finnes."
            self.state.add_message(
                Message(self.state.new_ts(), channel.id, "USLACKBOT", self.people.escaped(words), only_for=user.id)
            )
            return {"acked": "unknown"}
        given = await self.people.command(user, name, text.strip(), channel)
        return {"acked": given.ack.how}

    async def say(self, user: User, asked: Json) -> Json:
        channel = self.channel_of(user, asked)
        text = str(asked["text"]).strip()
        if channel.archived or not text:
            raise NotThere("kanalen er arkivert" if channel.archived else "ingen tekst")
        self.people.join(user, channel)
        message = self.people.post(user, channel, self.with_mentions(text), thread_ts=asked.get("thread"))
        return {"ts": message.ts}

    def with_mentions(self, text: str) -> str:
        """Names after an @ as live mentions, the longest name first."""
        for user in sorted(self.state.users.values(), key=lambda u: -len(u.name)):
            for name in (user.name, user.handle):
                text = re.sub(rf"(?<!\w)@{re.escape(name)}(?!\w)", f"<@{user.id}>", text, flags=re.IGNORECASE)
        return text

    async def press(self, user: User, asked: Json) -> Json:
        where = self.place_of(user, asked)
        wanted = (asked["block"], asked["action"])
        place = next((p for p in elements_of(where.blocks) if (p.block_id, p.action_id) == wanted), None)
        if place is None:
            raise NotThere("elementet er borte")
        chosen: Json | None = None
        if place.kind == "overflow":
            chosen = matching_option(options_of(place.element), str(asked.get("option")))
            if chosen is None:
                raise NotThere("valget")
        if isinstance(where, View):
            if not place.dispatches:
                return {"acked": "not_sent"}
            ack = await self.people.use_in_view(user, where, place, chosen)
        else:
            entry = asked.get("entry") if place.kind not in ("overflow", "button") else chosen
            ack, _ = await self.people.use_in_message(user, where, place, entry)
        return {"acked": ack.how}

    async def suggest(self, user: User, asked: Json) -> Json:
        where = self.place_of(user, asked)
        find_element(where.blocks, asked["action"])
        options = await self.people.type_ahead(user, where, asked["action"], str(asked["typed"]))
        return {
            "options": [
                {"text": o.text, "description": o.description, "group": o.group, "body": o.body} for o in options
            ]
        }

    async def submit(self, user: User, asked: Json) -> Json:
        view = self.place_of(user, asked)
        if not isinstance(view, View):
            raise NotThere("skjemaet")
        result = await self.people.submit(user, view)
        return {"errors": result.errors, "trouble": result.trouble, "closed": result.closed}

    async def close(self, user: User, asked: Json) -> Json:
        view = self.place_of(user, asked)
        if isinstance(view, View):
            await self.people.close(user, view)
        return {}

    async def shortcut(self, user: User, asked: Json) -> Json:
        shortcut = self.state.shortcuts[asked["shortcut"]]
        if shortcut.kind == "global":
            return {"acked": (await self.people.global_shortcut(user, shortcut.callback_id)).how}
        message = self.place_of(user, asked)
        if not isinstance(message, Message):
            raise NotThere("meldingen")
        ack, _ = await self.people.message_shortcut(user, message, shortcut.callback_id)
        return {"acked": ack.how}

    async def home(self, user: User, asked: Json) -> Json:
        self.people.open_home(user)
        return {}

    # -- files --------------------------------------------------------------------------

    async def serve_upload(self, request: web.Request) -> web.StreamResponse:
        """A file that a person shares, with an optional message."""
        if request.headers.get("X-Workspace") != "page":
            return web.json_response({"ok": False, "trouble": "feil opphav"}, status=403)
        asked: dict[str, str] = {}
        name, data = "", b""
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "file":
                name, data = part.filename or "fil", bytes(await part.read())
            else:
                asked[str(part.name)] = await part.text()
        try:
            user = self.state.users[asked["user"]]
            channel = self.channel_of(user, asked)
        except (KeyError, NotThere) as wrong:
            return web.json_response({"ok": False, "trouble": f"Det gikk ikke: {wrong}"}, status=400)
        now = int(self.state.clock())
        file = File(self.state.new_id("F"), name, name, user.id, len(data), data, [channel.id], now)
        self.state.files[file.id] = file
        text = self.with_mentions(asked.get("text", ""))
        self.people.post(user, channel, text, thread_ts=asked.get("thread") or None, files=[file])
        return web.json_response({"ok": True})

    async def serve_shared_file(self, request: web.Request) -> web.StreamResponse:
        """A shared file, for a person who sees a conversation it stands in."""
        file = self.state.files.get(request.match_info["file"])
        user = self.state.users.get(request.query.get("user", ""))
        if file is None or file.data is None or user is None:
            return web.Response(status=404, text="finnes ikke")
        if not any(self.may_see(user, self.state.channels[c]) for c in file.channels):
            return web.Response(status=404, text="finnes ikke")
        plain = re.sub(r"[^\w. -]", "_", file.name)
        headers = {"X-Content-Type-Options": "nosniff"}
        if file.image_type:
            return web.Response(body=file.data, content_type=file.image_type, headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{plain}"'
        return web.Response(body=file.data, content_type="application/octet-stream", headers=headers)
