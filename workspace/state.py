"""What exists in the workspace: people, conversations, messages, files, views. No network here."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from workspace.errors import SlackError

Json = dict[str, Any]


@dataclass(frozen=True)
class User:
    """A person (or the bot) as the workspace knows them."""

    id: str
    name: str
    handle: str
    team_id: str
    locale: str = "en-US"
    guest: bool = False
    is_bot: bool = False
    title: str = ""
    deleted: bool = False
    """Their account is closed."""

    def payload(self, home_team: str) -> Json:
        """The user object of `users.info`."""
        stranger = self.team_id != home_team
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.handle,
            "real_name": self.name,
            "deleted": self.deleted,
            "tz": "Europe/Oslo",
            "tz_label": "Central European Time",
            "tz_offset": 3600,
            "profile": {
                "real_name": self.name,
                "real_name_normalized": self.name,
                "display_name": self.name,
                "display_name_normalized": self.name,
                "title": self.title,
                "team": self.team_id,
            },
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_stranger": stranger,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1700000000,
        }


@dataclass
class Channel:
    """A conversation: a channel, or a direct message with the bot (`im_user` set)."""

    id: str
    name: str
    private: bool = False
    shared: bool = False
    archived: bool = False
    members: list[str] = field(default_factory=list)
    im_user: str | None = None
    topic: str = ""

    @property
    def channel_type(self) -> str:
        """Slack's word in events: channel, group (private) or im."""
        if self.im_user:
            return "im"
        return "group" if self.private else "channel"

    @property
    def payload_name(self) -> str:
        """The name in commands and interactions: Slack does not tell a private channel's own."""
        if self.im_user:
            return "directmessage"
        return "privategroup" if self.private else self.name

    def payload(self, asker: str) -> Json:
        """The channel object of `conversations.info`, as `asker` (a user id) sees it."""
        if self.im_user:
            return {
                "id": self.id,
                "created": 1700000000,
                "is_archived": False,
                "is_im": True,
                "is_org_shared": False,
                "is_channel": False,
                "is_group": False,
                "is_mpim": False,
                "is_private": True,
                "user": self.im_user,
                "is_user_deleted": False,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": 1700000000,
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_general": False,
            "is_shared": self.shared,
            "is_ext_shared": self.shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "is_member": asker in self.members,
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass
class Message:
    """A message, visible to all members or (with `only_for`) to one person."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    edited: Json | None = None
    bot_id: str | None = None
    app_id: str | None = None
    team: str = ""
    files: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    subtype: str | None = None
    only_for: str | None = None
    from_command: str | None = None
    broadcast: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False
    state: State | None = field(default=None, repr=False, compare=False)

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.only_for is not None

    def plain(self, *, marks: bool = False) -> str:
        """What a person reads, buttons as `[Label]`; `marks` keeps `*bold*` and the like."""
        from workspace.plain_text import message_as_read

        return message_as_read(self, marks=marks)

    def notifies(self) -> list[str]:
        """Whom the message calls: user ids, and `channel`, `here`, `everyone`, group ids."""
        from workspace.plain_text import called_by

        return called_by(self)

    def payload(self, *, metadata: bool = False) -> Json:
        """The message object of the Web API and of payloads."""
        body: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        if self.team:
            body["team"] = self.team
        if self.subtype:
            body["subtype"] = self.subtype
        if self.bot_id:
            body["bot_id"] = self.bot_id
            body["app_id"] = self.app_id
            body["bot_profile"] = {"id": self.bot_id, "app_id": self.app_id, "team_id": self.team}
        if self.blocks:
            body["blocks"] = self.blocks
        if self.attachments:
            body["attachments"] = self.attachments
        if self.files:
            body["files"] = self.files
            body["upload"] = False
        if self.edited:
            body["edited"] = self.edited
        if self.metadata and metadata:
            body["metadata"] = self.metadata
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        if self.state is not None and not self.ephemeral:
            body.update(self.state.thread_facts(self))
        return body


@dataclass
class Canvas:
    """A channel's canvas: one page of Markdown beside the conversation."""

    id: str
    channel: str
    title: str
    markdown: str
    user: str


@dataclass
class File:
    """A file someone shared; `data` is None until the upload has come.

    `looks_until_ready`: Slack goes through an uploaded file after `files.completeUploadExternal` has answered; until
    then `files.info` gives no type, and no block may show it.
    """

    id: str
    name: str
    title: str
    user: str
    length: int
    data: bytes | None = None
    channels: list[str] = field(default_factory=list)
    shared_at: int = 0
    shares: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Where it stands: channel, the message's timestamp, and that of its thread."""
    complete: bool = True
    looks_until_ready: int = 0

    @property
    def image_type(self) -> str | None:
        """Its media type, where it is an image that a block may show (ref/composition-objects/slack-file-object)."""
        kinds = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
        return next((kind for start, kind in kinds if (self.data or b"").startswith(start)), None)


@dataclass
class View:
    """A modal or an App Home as it stands on one person's screen."""

    id: str
    user: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None
    team_id: str
    app_id: str
    bot_id: str
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    response_urls: list[Json] = field(default_factory=list)
    open: bool = True
    state: State | None = field(default=None, repr=False, compare=False)

    @property
    def kind(self) -> str:
        """`modal` or `home`."""
        return str(self.body.get("type"))

    @property
    def callback_id(self) -> str:
        """What the bot called it."""
        return str(self.body.get("callback_id", ""))

    @property
    def title(self) -> str:
        """The modal's title as read."""
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks as shown."""
        return list(self.body.get("blocks", []))

    @property
    def private_metadata(self) -> str:
        """The bot's own note in the view."""
        return str(self.body.get("private_metadata", ""))

    def find(self, name: str) -> Json:
        """The element with this action_id (or the one element of the block with this block_id)."""
        from workspace.elements import find_element

        return find_element(self.blocks, name).element

    def has(self, name: str) -> bool:
        """Whether such an element is in the view."""
        from workspace.elements import elements_of

        return any(name in (e.action_id, e.block_id) for e in elements_of(self.blocks))

    def value(self, name: str) -> Any:
        """What is filled in: text, an option's value, a list of values, a date; None when empty."""
        from workspace.elements import find_element, simple_value

        place = find_element(self.blocks, name)
        return simple_value(self.values.get(place.block_id, {}).get(place.action_id))

    def plain(self, *, marks: bool = False) -> str:
        """The view as a person reads it, with what is filled in."""
        from workspace.plain_text import view_as_read

        return view_as_read(self, marks=marks)

    def payload(self) -> Json:
        """The view object of payloads and of the views.* methods."""
        body: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "type": self.kind,
            "blocks": self.body.get("blocks", []),
            "private_metadata": self.private_metadata,
            "callback_id": self.callback_id,
            "state": {"values": self.values},
            "hash": self.hash,
            "title": self.body.get("title"),
            "clear_on_close": bool(self.body.get("clear_on_close", False)),
            "notify_on_close": bool(self.body.get("notify_on_close", False)),
            "close": self.body.get("close"),
            "submit": self.body.get("submit"),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": self.app_id,
            "external_id": self.body.get("external_id", ""),
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
        }
        return body


@dataclass(frozen=True)
class UserGroup:
    """A user group (`@mangelsenteret`)."""

    id: str
    handle: str
    users: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """A slash command as the page offers it: `words` are (sub-command, what it does)."""

    name: str
    description: str
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shortcut:
    """A shortcut as the page offers it; `kind` is `message` or `global`."""

    callback_id: str
    label: str
    kind: str


class State:
    """All that exists, and who wants to hear when it changes."""

    def __init__(
        self, *, team_name: str, bot_name: str, clock: Callable[[], float] = time.time, team_id: str = "T00000001"
    ) -> None:
        self.team_id = team_id
        self.team_name = team_name
        self.team_domain = "".join(c for c in team_name.lower() if c.isalnum()) or "workspace"
        self.app_id = "A00000001"
        self.bot_id = "B00000001"
        self.clock = clock
        self._numbers = itertools.count(2)
        self._last_ts = 0
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Message] = []
        self.files: dict[str, File] = {}
        self.canvases: dict[str, Canvas] = {}
        self.groups: dict[str, UserGroup] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.commands: dict[str, Command] = {}
        self.shortcuts: dict[str, Shortcut] = {}
        self.listeners: list[Callable[[str], None]] = []
        self.revisions: Counter[str] = Counter()
        handle = "".join(c for c in bot_name.lower() if c.isalnum())
        self.bot = User("U00000001", bot_name, handle, self.team_id, is_bot=True)
        self.users[self.bot.id] = self.bot

    # -- changes ---------------------------------------------------------

    def changed(self, what: str) -> None:
        """Tell everyone who listens (tests that wait, pages that show)."""
        self.revisions[what] += 1
        for listener in list(self.listeners):
            listener(what)

    # -- minting ---------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """A new id with Slack's letter in front."""
        return f"{prefix}{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """A message time: seconds with six digits, never twice, always growing."""
        micros = max(int(self.clock() * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    # -- looking up ------------------------------------------------------

    def im_with(self, user_id: str) -> Channel:
        """The direct message between the bot and this person, opened when first asked for."""
        for channel in self.channels.values():
            if channel.im_user == user_id:
                return channel
        channel = Channel(self.new_id("D"), "", private=True, im_user=user_id, members=[user_id, self.bot.id])
        self.channels[channel.id] = channel
        self.changed("channels")
        return channel

    def in_channel(self, channel_id: str) -> list[Message]:
        """Messages all members see there, oldest first, thread replies included."""
        return [m for m in self.messages if m.channel == channel_id and not m.ephemeral]

    def message(self, channel_id: str, ts: str) -> Message | None:
        """The one message with that time in that channel, if it is there."""
        for message in reversed(self.messages):
            if message.channel == channel_id and message.ts == ts:
                return message
        return None

    def thread(self, channel_id: str, ts: str) -> list[Message]:
        """Parent and replies, oldest first."""
        return [m for m in self.in_channel(channel_id) if ts in (m.ts, m.thread_ts)]

    def thread_facts(self, message: Message) -> Json:
        """What Slack adds to a message that has replies."""
        if message.thread_ts not in (None, message.ts):
            return {}
        replies = [
            m
            for m in self.messages
            if m.thread_ts == message.ts and m.channel == message.channel and m.ts != message.ts and not m.ephemeral
        ]
        if not replies:
            return {}
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": list(dict.fromkeys(m.user for m in replies)),
            "reply_users_count": len({m.user for m in replies}),
            "latest_reply": replies[-1].ts,
        }

    def stack(self, user_id: str) -> list[View]:
        """The modals open on that person's screen, the one in front last."""
        return [self.views[i] for i in self.stacks.get(user_id, [])]

    # -- changing --------------------------------------------------------

    def add_message(self, message: Message) -> Message:
        """Put a message where it belongs."""
        message.state = self
        self.messages.append(message)
        self.changed("messages")
        return message

    def remove_message(self, message: Message) -> None:
        """Take a message away."""
        self.messages.remove(message)
        self.changed("messages")

    def set_members(self, channel: Channel, members: Iterable[str]) -> None:
        """Who is in the channel, each once, in order."""
        channel.members = list(dict.fromkeys(members))
        self.changed("channels")

    def require_channel(self, channel_id: str) -> Channel:
        """The channel, or Slack's refusal."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise SlackError("channel_not_found")
        return channel
