"""The workspace as tests and the demo hold it: what people do, what they see, and faults on demand."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Literal

import aiohttp

from workspace.core import DEFAULT_EVENTS, Core
from workspace.delivery import Ack, Courier, Delivered, Envelope
from workspace.elements import Place, find_element, initial_value, matching_option, options_of
from workspace.errors import NoAnswer, NotThere, SlackError
from workspace.faults import Call, Fault
from workspace.http_mode import HttpMode
from workspace.interactions import Interactions, Option, Submission
from workspace.page_api import PageApi
from workspace.server import Server
from workspace.socket_mode import SocketMode
from workspace.state import Canvas, Channel, Command, File, Json, Message, Shortcut, State, User, UserGroup, View
from workspace.tickets import ResponseUrl

PATIENCE = 20.0  # how long to wait for the effect of what a person did
STILL = 0.15  # nothing under way for so long counts as quiet


@dataclass
class Answer:
    """The bot's answer to a command, a press or a shortcut.

    `messages` grows as the bot says more to the response_url: what it said to the person or the channel.
    """

    ack: Ack
    view: View | None = None
    _ticket: ResponseUrl | None = field(default=None, repr=False)
    _state: State | None = field(default=None, repr=False)

    @property
    def messages(self) -> list[Message]:
        """What was said in the ack and to the response_url so far, oldest first."""
        if self._ticket is None or self._state is None:
            return []
        return [m for m in self._state.messages if m.ts in self._ticket.said]

    @property
    def text(self) -> str:
        """All that was said, as a person reads it."""
        return "\n\n".join(message.plain() for message in self.messages)

    @property
    def message(self) -> Message:
        """The one message said. Raises `NotThere` when there is none."""
        if not self.messages:
            raise NotThere("the bot said nothing")
        return self.messages[-1]


class Workspace:
    """A Slack-compatible workspace on 127.0.0.1, in the running event loop.

    Use as `async with Workspace() as ws:` and point a bot at `ws.api_url` with `ws.bot_token` and
    `ws.app_token`; it may run in the same process or in another. With `http_target` the bot is called at
    that URL with signed requests in place of Socket Mode.

    `events` are the app's event subscriptions, `scopes` (when given) what its token may do;
    `echo=True` tells the bot of its own messages as Slack does; `posts_per_second` turns on the pace limit
    of chat.postMessage; `looks_until_ready` is how often `files.info` is asked before an upload has been gone
    through; `retry_delays` are the seconds before an unacknowledged event comes again.
    """

    def __init__(
        self,
        *,
        name: str = "Arbeidsområde",
        team_id: str = "T00000001",
        bot_name: str = "Mangelvakt",
        host: str = "127.0.0.1",
        port: int = 0,
        http_target: str | None = None,
        events: Iterable[str] = DEFAULT_EVENTS,
        scopes: Iterable[str] | None = None,
        echo: bool = False,
        posts_per_second: float | None = None,
        looks_until_ready: int = 0,
        ack_timeout: float = 3.0,
        retry_delays: Sequence[float] = (0.0, 60.0, 300.0),
        clock: Callable[[], float] = time.time,
        bot_token: str = "xoxb-1-2-workspace",  # noqa: S107 - tokens of a local stand-in, not secrets
        app_token: str = "xapp-1-A00000001-1-workspace",  # noqa: S107
        signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5",  # noqa: S107
    ) -> None:
        self.state = State(team_name=name, bot_name=bot_name, clock=clock, team_id=team_id)
        self.socket_mode = None if http_target else SocketMode(self.state.app_id)
        transport = HttpMode(http_target, signing_secret) if http_target else self.socket_mode
        assert transport is not None  # noqa: S101 - one of the two is always there
        self.core = Core(
            state=self.state,
            courier=Courier(transport, ack_timeout=ack_timeout, retry_delays=retry_delays),
            bot_token=bot_token,
            app_token=app_token,
            signing_secret=signing_secret,
            events=frozenset(events),
            scopes=None if scopes is None else frozenset(scopes),
            echo=echo,
            posts_per_second=posts_per_second,
            looks_until_ready=looks_until_ready,
        )
        self.server = Server(self.core, self.socket_mode, host, port)
        self.people = Interactions(self.core)
        self.people.file_body = self.server.api.file_payload
        PageApi(self.core, self.people, self.socket_mode).add_to(self.server.app)
        self.core.courier.freshen = self.people.freshened
        self._wakers: set[asyncio.Event] = set()
        self.state.listeners.append(self._wake)

    async def __aenter__(self) -> Workspace:
        await self.server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.core.courier.close()
        await self.server.stop()

    # -- what a bot needs to connect ---------------------------------------------

    @property
    def api_url(self) -> str:
        """The Web API's base, ending in `/api/`, for `SLACK_API_URL`."""
        return f"{self.core.base_url}/api/"

    @property
    def page_url(self) -> str:
        """Where a person opens the workspace in a browser."""
        return f"{self.core.base_url}/"

    @property
    def bot_token(self) -> str:
        """The bot's token, `SLACK_BOT_TOKEN`."""
        return self.core.bot_token

    @property
    def app_token(self) -> str:
        """The app-level token for Socket Mode, `SLACK_APP_TOKEN`."""
        return self.core.app_token

    @property
    def signing_secret(self) -> str:
        """The secret that signs requests in HTTP mode, `SLACK_SIGNING_SECRET`."""
        return self.core.signing_secret

    @property
    def bot_user_id(self) -> str:
        """The bot's own user id."""
        return self.state.bot.id

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.state.team_id

    @property
    def ledger(self) -> list[Call]:
        """Every call the bot made, in order."""
        return self.core.ledger

    @property
    def complaints(self) -> list[str]:
        """Faults in the bot's acknowledgements that Slack would show to nobody."""
        return self.core.complaints

    @property
    def deliveries(self) -> list[Delivered]:
        """Every envelope sent to the bot, with its acknowledgement."""
        return self.core.courier.log

    def calls(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.ledger if call.method == method]

    async def connected(self, connections: int = 1, timeout: float = 15.0) -> None:  # noqa: ASYNC109
        """Wait until that many Socket Mode connections are up."""
        if self.socket_mode is None:
            return
        if not await self.socket_mode.connected(connections, timeout):
            raise NoAnswer(f"no {connections} Socket Mode connection(s) within {timeout} s")

    # -- furnishing ------------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        locale: str = "en-US",
        team: str | None = None,
        guest: bool = False,
        handle: str = "",
        title: str = "",
    ) -> User:
        """A person; `team` is the id of another organisation (Slack Connect), `guest` a guest here."""
        handle = handle or ".".join(name.lower().split())
        user_id = self.state.new_id("U")
        user = User(user_id, name, handle, team or self.state.team_id, locale, guest, title=title)
        self.state.users[user.id] = user
        self.state.changed("users")
        return user

    def close_account(self, user: User) -> None:
        """The person has left: their account is closed."""
        self.state.users[user.id] = replace(user, deleted=True)
        self.state.changed("users")

    def add_channel(
        self,
        name: str,
        *,
        private: bool = False,
        shared: bool = False,
        archived: bool = False,
        members: Iterable[User] = (),
        bot: bool = True,
        topic: str = "",
    ) -> Channel:
        """A channel with these members, and the bot unless told otherwise."""
        ids = [user.id for user in members] + ([self.state.bot.id] if bot else [])
        channel = Channel(self.state.new_id("C"), name, private, shared, archived, ids, topic=topic)
        self.state.channels[channel.id] = channel
        self.state.changed("channels")
        return channel

    def add_user_group(self, handle: str, users: Iterable[User]) -> str:
        """A user group; returns its id."""
        group = UserGroup(self.state.new_id("S"), handle, tuple(user.id for user in users))
        self.state.groups[group.id] = group
        return group.id

    def set_user_group(self, group_id: str, users: Iterable[User]) -> None:
        """Who is in the group from now on."""
        old = self.state.groups[group_id]
        self.state.groups[group_id] = UserGroup(old.id, old.handle, tuple(user.id for user in users))

    def add_command(self, name: str, description: str, words: Iterable[tuple[str, str] | str] = ()) -> None:
        """A slash command for the page's completion; `words` are sub-commands with what they do."""
        pairs = tuple((word, "") if isinstance(word, str) else (word[0], word[1]) for word in words)
        self.state.commands[name] = Command(name, description, pairs)
        self.state.changed("commands")

    def add_shortcut(self, callback_id: str, label: str, kind: Literal["message", "global"] = "message") -> None:
        """A shortcut for the page's menus."""
        self.state.shortcuts[callback_id] = Shortcut(callback_id, label, kind)
        self.state.changed("commands")

    # -- what people see ---------------------------------------------------------------

    def _conversation(self, where: Channel | User | str) -> Channel:
        if isinstance(where, User):
            return self.state.im_with(where.id)
        if isinstance(where, Channel):
            return where
        if where in self.state.users:
            return self.state.im_with(where)
        return self.state.channels[where]

    def messages(self, where: Channel | User | str, *, by_bot: bool = False) -> list[Message]:
        """Messages outside threads, oldest first; for a person those of the direct messages with the bot."""
        channel = self._conversation(where)
        return [
            m
            for m in self.state.in_channel(channel.id)
            if (m.thread_ts in (None, m.ts) or m.broadcast) and (not by_bot or m.user == self.state.bot.id)
        ]

    def canvas(self, channel: Channel) -> Canvas | None:
        """The channel's canvas."""
        return next((canvas for canvas in self.state.canvases.values() if canvas.channel == channel.id), None)

    def add_canvas(self, user: User, channel: Channel, markdown: str = "") -> Canvas:
        """A canvas that somebody makes for the channel by hand."""
        made = Canvas(self.state.new_id("F"), channel.id, "", markdown, user.id)
        self.state.canvases[made.id] = made
        return made

    def replies(self, where: Channel | User | str, ts: str | Message) -> list[Message]:
        """The replies in a thread, oldest first, without the parent."""
        parent = ts.ts if isinstance(ts, Message) else ts
        return [m for m in self.state.thread(self._conversation(where).id, parent) if m.ts != parent]

    def ephemerals(self, user: User, channel: Channel | User | None = None) -> list[Message]:
        """What only this person saw, oldest first."""
        wanted = self._conversation(channel).id if channel is not None else None
        return [m for m in self.state.messages if m.only_for == user.id and wanted in (None, m.channel)]

    def current_view(self, user: User) -> View | None:
        """The modal in front on that person's screen, if there is one."""
        stack = self.state.stack(user.id)
        return stack[-1] if stack else None

    def home(self, user: User) -> View | None:
        """That person's App Home as published, if it is."""
        return self.state.views.get(self.state.homes.get(user.id, ""))

    async def view(self, user: User, timeout: float = PATIENCE) -> View:  # noqa: ASYNC109
        """The modal in front; waits for one to open."""
        await self.wait_for(lambda: self.current_view(user) is not None, timeout, f"a modal for {user.name}")
        view = self.current_view(user)
        assert view is not None  # noqa: S101 - waited for
        return view

    # -- waiting -------------------------------------------------------------------------

    def _wake(self, _what: str) -> None:
        for waker in self._wakers:
            waker.set()

    async def wait_for(
        self,
        condition: Callable[[], Any],
        timeout: float = PATIENCE,  # noqa: ASYNC109
        what: str = "what was waited for",
    ) -> Any:
        """Wait until the condition is true; returns its value. Raises `NoAnswer` with what was awaited."""
        until = time.monotonic() + timeout
        waker = asyncio.Event()
        self._wakers.add(waker)
        try:
            while True:
                waker.clear()
                value = condition()
                if value:
                    return value
                left = until - time.monotonic()
                if left <= 0:
                    raise NoAnswer(f"not within {timeout:g} s: {what}. {self._lately()}")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(waker.wait(), min(left, 0.1))
        finally:
            self._wakers.discard(waker)

    def _lately(self) -> str:
        calls = [f"{c.method}{'' if c.ok else f' ({c.error})'}" for c in self.ledger[-5:]]
        return f"Last calls: {', '.join(calls) or 'none'}. Complaints: {self.complaints[-3:] or 'none'}."

    async def quiet(self, still: float = STILL, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait until nothing is under way between the bot and the workspace, for `still` seconds."""
        courier = self.core.courier
        began = time.monotonic()

        def idle() -> bool:
            last = max(courier.last_activity, began)
            return not courier.in_flight and not self.core.open_calls and time.monotonic() - last >= still

        until = began + timeout
        while not idle():
            if time.monotonic() > until:
                raise NoAnswer(f"not quiet within {timeout:g} s. {self._lately()}")
            await asyncio.sleep(min(still, 0.02))

    async def _settle(self, effect: Callable[[], Any], wait: float) -> None:
        """Wait for the effect; give up without a word when nothing at all has happened for a second."""
        until = time.monotonic() + wait
        while not effect() and time.monotonic() < until:
            idle = time.monotonic() - self.core.courier.last_activity
            if idle > 1.0 and not self.core.open_calls and not self.core.courier.in_flight:
                return
            with contextlib.suppress(NoAnswer):
                await self.wait_for(effect, min(0.1, max(0.0, until - time.monotonic())))

    def _must(self, ack: Ack, what: str, expect_ack: bool) -> None:
        if expect_ack and not ack.ok:
            raise NoAnswer(f"{what} was not acknowledged ({ack.how} after {ack.seconds:.1f} s). {self._lately()}")

    def _screen(self, user: User) -> tuple[object, ...]:
        """What this person sees, as something to compare."""
        stack = tuple((v.id, v.hash, len(v.errors)) for v in self.state.stack(user.id))
        home = self.home(user)
        return (stack, home.hash if home else None, self.state.revisions["messages"])

    # -- what people do --------------------------------------------------------------------

    async def slash(
        self,
        user: User,
        line: str,
        channel: Channel | User | None = None,
        *,
        wait: float = PATIENCE,
        expect_ack: bool = True,
    ) -> Answer:
        """Type a command line; waits for the ack and for the first thing the bot says or opens."""
        name, _, text = line.partition(" ")
        before = self._screen(user)
        given = await self.people.command(user, name, text.strip(), self._conversation(channel or user))
        self._must(given.ack, repr(line), expect_ack)
        if given.ack.ok:
            await self._settle(lambda: given.ticket.said or self._screen(user) != before, wait)
        return Answer(given.ack, self.current_view(user), given.ticket, self.state)

    async def shortcut(
        self,
        user: User,
        message: Message,
        callback_id: str,
        *,
        wait: float = PATIENCE,
        expect_ack: bool = True,
    ) -> Answer:
        """Choose a shortcut from a message's menu."""
        before = self._screen(user)
        ack, ticket = await self.people.message_shortcut(user, message, callback_id)
        self._must(ack, f"shortcut {callback_id}", expect_ack)
        if ack.ok:
            await self._settle(lambda: ticket.said or self._screen(user) != before, wait)
        return Answer(ack, self.current_view(user), ticket, self.state)

    async def global_shortcut(
        self, user: User, callback_id: str, *, wait: float = PATIENCE, expect_ack: bool = True
    ) -> Answer:
        """Choose a shortcut from the global menu."""
        before = self._screen(user)
        ack = await self.people.global_shortcut(user, callback_id)
        self._must(ack, f"shortcut {callback_id}", expect_ack)
        if ack.ok:
            await self._settle(lambda: self._screen(user) != before, wait)
        return Answer(ack, self.current_view(user))

    async def type_ahead(
        self, user: User, name: str, typed: str, *, where: View | Message | None = None
    ) -> list[Option]:
        """Type into an external select of the modal in front (or of `where`); what is offered, in order."""
        return await self.people.type_ahead(user, where or await self.view(user), name, typed)

    async def fill(self, user: User, values: dict[str, Any]) -> View:
        """Fill in fields of the modal in front without sending it."""
        view = await self.view(user)
        for name, value in values.items():
            await self._look_up_if_external(user, view, name, value)
            self.people.fill(view, name, value)
        return view

    async def _look_up_if_external(self, user: User, view: View, name: str, value: Any) -> None:
        """A person cannot choose what was not offered: a text given for an external select is typed first."""
        place = find_element(view.blocks, name)
        if place.kind != "external_select" or not isinstance(value, str):
            return
        known = self.people.last_options.get((place.block_id, place.action_id), [])
        if matching_option(known, value) is None:
            await self.people.type_ahead(user, view, name, value)

    async def submit(self, user: User, values: dict[str, Any] | None = None, *, expect_ack: bool = True) -> Submission:
        """Fill in the modal in front and press its main button.

        Keys are action_ids, block_ids or labels. A value is a text, an `Option`, an option's value or
        text, a list of them, an ISO date; None empties the field.
        """
        view = await self.fill(user, values or {})
        if not view.body.get("submit"):
            raise NotThere(f"{view.title!r} has no submit button")
        submission = await self.people.submit(user, view)
        if submission.ack is not None:
            self._must(submission.ack, f"submission of {view.callback_id}", expect_ack)
        return submission

    async def close(self, user: User) -> None:
        """Close the modal in front."""
        ack = await self.people.close(user, await self.view(user))
        if ack is not None:
            self._must(ack, "view_closed", True)

    async def choose(
        self, user: User, name: str, value: Any, *, wait: float = 1.0, expect_ack: bool = True
    ) -> View | None:
        """Choose in a field of the modal in front; the bot hears of it when the field dispatches."""
        view = await self.view(user)
        await self._look_up_if_external(user, view, name, value)
        before = self._screen(user)
        ack = await self.people.choose(user, view, name, value)
        if ack is not None:
            self._must(ack, f"choosing {name}", expect_ack)
            if ack.ok:
                await self._settle(lambda: self._screen(user) != before, wait)
        return self.current_view(user)

    async def click(
        self,
        user: User,
        where: Message | View,
        name: str,
        value: Any = None,
        *,
        wait: float = PATIENCE,
        expect_ack: bool = True,
    ) -> Answer:
        """Press a button, or choose `value` in a menu, of a message, a modal or an App Home.

        `name` is its action_id, its block_id or the label on it.
        """
        place = find_element(where.blocks, name)
        before = self._screen(user)
        ticket = None
        if isinstance(where, Message):
            where = self._fresh(where)
            ack, ticket = await self.people.use_in_message(user, where, place, self._chosen(place, value))
        else:
            if place.kind not in ("button", "overflow"):
                self.people.fill(where, name, value)
            ack = await self.people.use_in_view(user, where, place, self._chosen(place, value))
        self._must(ack, f"click on {name}", expect_ack)
        if ack.ok:
            await self._settle(lambda: (ticket and ticket.said) or self._screen(user) != before, wait)
        return Answer(ack, self.current_view(user), ticket, self.state)

    def _fresh(self, message: Message) -> Message:
        found = self.state.message(message.channel, message.ts)
        if found is None:
            raise NotThere(f"the message is gone: {message.plain()[:80]!r}")
        return found

    def _chosen(self, place: Place, value: Any) -> Json | None:
        if place.kind == "overflow":
            option = matching_option(options_of(place.element), str(value))
            if option is None:
                raise NotThere(f"{value!r} is not in the menu {place.action_id}")
            return option
        if place.kind == "button" or initial_value(place.element) is None:
            return None
        return self.people.entry_for(None, place, value)

    async def say(
        self, user: User, channel: Channel | User, text: str, *, thread: Message | str | None = None
    ) -> Message:
        """Write a message in a channel or thread."""
        thread_ts = thread.ts if isinstance(thread, Message) else thread
        return self.people.post(user, self._conversation(channel), text, thread_ts=thread_ts)

    async def mention(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        thread: Message | str | None = None,
        wait: float = PATIENCE,
    ) -> Message:
        """Mention the bot in a channel; waits for its answer. Returns what the person wrote."""
        return await self._ask(user, channel, f"<@{self.state.bot.id}> {text}", thread, wait)

    async def direct_message(
        self, user: User, text: str, *, thread: Message | str | None = None, wait: float = PATIENCE
    ) -> Message:
        """Write to the bot directly; waits for its answer. Returns what the person wrote."""
        return await self._ask(user, self.state.im_with(user.id), text, thread, wait)

    async def _ask(self, user: User, channel: Channel, text: str, thread: Message | str | None, wait: float) -> Message:
        asked = await self.say(user, channel, text, thread=thread)
        await self._settle(
            lambda: any(
                m.user == self.state.bot.id and m.channel == channel.id and m.ts > asked.ts for m in self.state.messages
            ),
            wait,
        )
        return asked

    def answers_to(self, message: Message) -> list[Message]:
        """What the bot said after that message in the same conversation, threads and ephemerals included."""
        return [
            m
            for m in self.state.messages
            if m.user == self.state.bot.id and m.channel == message.channel and m.ts > message.ts
        ]

    async def open_home(self, user: User, *, timeout: float = PATIENCE) -> View:  # noqa: ASYNC109
        """Open the App Home and wait until the bot has published it (again)."""
        before = self.home(user)
        old_hash = before.hash if before else None
        self.people.open_home(user)

        def published() -> bool:
            home = self.home(user)
            return home is not None and home.hash != old_hash

        if old_hash is None:
            await self.wait_for(published, timeout, f"the App Home of {user.name}")
        else:
            await self._settle(published, timeout)
        home = self.home(user)
        assert home is not None  # noqa: S101 - waited for
        return home

    async def upload(
        self,
        user: User,
        where: Channel | User,
        name: str,
        data: bytes | str,
        text: str = "",
        *,
        thread: Message | str | None = None,
        wait: float = PATIENCE,
    ) -> Message:
        """Share a file; waits for the bot to answer there. Returns the message with the file."""
        channel = self._conversation(where)
        thread_ts = thread.ts if isinstance(thread, Message) else thread
        file = self.new_file(user, channel, name, data.encode() if isinstance(data, str) else data)
        message = self.people.post(user, channel, text, thread_ts=thread_ts, files=[file])
        await self._settle(lambda: bool(self.answers_to(message)), wait)
        return message

    def new_file(self, user: User, channel: Channel, name: str, data: bytes) -> File:
        """A file that this person has put into the channel."""
        now = int(self.state.clock())
        file = File(self.state.new_id("F"), name, name, user.id, len(data), data, [channel.id], now)
        self.state.files[file.id] = file
        return file

    async def join(self, user: User, channel: Channel) -> None:
        """Join a channel; the bot hears of it."""
        self.people.join(user, channel)
        await self._settle(lambda: False, 0.3)

    def share_api_with(self, other: Workspace) -> None:
        """Slack is one: calls with the other workspace's token, and its installation, are answered here too."""
        self.server.others.append(other.server)

    async def install(self, url: str, *, client_id: str | None = None) -> tuple[int, str]:
        """Somebody of this workspace opens the app's installation address, and allows what Slack asks them.

        Gives the status and text of the app's last page. docs.slack.dev/authentication/installing-with-oauth
        """
        async with aiohttp.ClientSession() as session:
            async with session.get(url, allow_redirects=False) as page:
                cookie = "; ".join(f"{name}={one.value}" for name, one in page.cookies.items())
                to_slack = page.headers["Location"]
            async with session.get(f"{to_slack}&team={self.team_id}", allow_redirects=False) as allowed:
                back = allowed.headers["Location"]
            async with session.get(back, headers={"Cookie": cookie}, allow_redirects=False) as last:
                return last.status, await last.text()

    async def uninstall(self) -> None:
        """Somebody removes the app: its token is good for nothing, and the bot is told so twice.

        docs.slack.dev/reference/events/tokens_revoked and app_uninstalled.
        """
        self.core.installed = False
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.state.bot.id]}}
        for event in (revoked, {"type": "app_uninstalled"}):
            self.server.api.events.send([(str(event["type"]), event, None)])
        await self._settle(lambda: False, 0.3)

    # -- faults ------------------------------------------------------------------------------

    def answer(
        self,
        method: str,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        error: str | None = None,
        hang_up: Literal["before", "after"] | None = None,
        hang: float = 0.0,
        times: int = 1,
        after: int = 0,
    ) -> Fault:
        """Fail the next `times` calls of a method (`*` matches any), leaving the first `after` alone.

        `method` may also be `response_url`, `upload` or `download`. `status` 429 carries Retry-After, 500
        is an HTML page; `error` answers `{"ok": false, "error": …}`; `hang_up` breaks the connection before
        or after the work is done; `hang` waits so many seconds first.
        """
        fault = Fault(method, status, retry_after, error, hang_up, hang, times, after)
        self.core.faults.planned.append(fault)
        return fault

    def mend(self) -> None:
        """Forget every planned fault and go back to delivering once."""
        self.core.faults.planned.clear()
        self.deliver_each(1)
        if self.socket_mode is not None:
            self.socket_mode.acks_to_drop = 0

    def deliver_each(self, times: int, *, at_once: bool = False) -> None:
        """Deliver every envelope that many times from now on: one after the other, or all at once."""
        self.core.courier.times = times
        self.core.courier.at_once = at_once

    async def redeliver(self, delivered: Delivered | Envelope | None = None, reason: str = "timeout") -> Ack:
        """Send an envelope again (by default the last one), as a retry; its answer changes no screen."""
        if delivered is None:
            if not self.deliveries:
                raise NotThere("nothing has been delivered yet")
            delivered = self.deliveries[-1]
        envelope = delivered.envelope if isinstance(delivered, Delivered) else delivered
        payload = self.people.freshened(envelope.payload)
        return await self.core.courier.attempt(envelope.again(envelope.retry_attempt + 1, reason, payload))

    def drop_acks(self, times: int = 1) -> None:
        """Lose that many acknowledgements on their way: the workspace never hears them."""
        if self.socket_mode is not None:
            self.socket_mode.acks_to_drop = times

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every Socket Mode connection to be replaced, and wait until one is."""
        if self.socket_mode is None:
            return
        opened = self.socket_mode.opened
        await self.socket_mode.disconnect(reason)
        mode = self.socket_mode
        await self.wait_for(lambda: mode.opened > opened, 15, "a new Socket Mode connection")
        await self.connected()

    async def cut(self) -> None:
        """Break every Socket Mode connection without a word."""
        if self.socket_mode is not None:
            await self.socket_mode.close()

    @contextlib.asynccontextmanager
    async def as_strict(self) -> AsyncIterator[None]:
        """Inside, every refusal and complaint is an error at the end: for journeys that must be clean."""
        calls, complaints = len(self.ledger), len(self.complaints)
        yield
        self.check_clean(since=calls, complaints_since=complaints)

    def check_clean(self, *, since: int = 0, complaints_since: int = 0) -> None:
        """Raise when Slack refused anything, warned of missing text, or would have complained in silence."""
        faults = [f"{c.method}: {c.error} {c.response}" for c in self.ledger[since:] if not c.ok and c.error]
        faults += [f"{c.method}: {c.response['warning']}" for c in self.ledger[since:] if c.response.get("warning")]
        faults += self.complaints[complaints_since:]
        if faults:
            raise SlackError("not_clean", faults)
