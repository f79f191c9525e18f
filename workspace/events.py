"""Events as the Events API sends them."""

from __future__ import annotations

from collections.abc import Iterable

from workspace.core import Core
from workspace.state import Channel, File, Json, Message, User


class Events:
    """Builds the outer body of docs.slack.dev/apis/events-api#callback-field and delivers it."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def body(self, event: Json, channel: Channel | None) -> Json:
        """The event with everything Slack wraps around it."""
        state = self.core.state
        return {
            "token": "verification-token",
            "team_id": state.team_id,
            "context_team_id": state.team_id,
            "context_enterprise_id": None,
            "api_app_id": state.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": state.new_id("Ev"),
            "event_time": int(state.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": state.team_id,
                    "user_id": state.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.shared),
            "event_context": f"4-{state.new_id('ctx')}",
        }

    def wanted(self, name: str, channel: Channel | None) -> bool:
        """Whether the app subscribes to it and the bot is where it happens."""
        if name not in self.core.events:
            return False
        return channel is None or self.core.state.bot.id in channel.members

    def send(self, happenings: Iterable[tuple[str, Json, Channel | None]]) -> None:
        """Deliver what the app subscribes to, all at once as Slack does; nobody waits for events."""
        for name, event, channel in happenings:
            if self.wanted(name, channel):
                self.core.courier.start(self.core.courier.deliver_event(self.body(event, channel)))

    def message(self, message: Message) -> tuple[str, Json, Channel]:
        """The message event of one message."""
        state = self.core.state
        channel = state.channels[message.channel]
        event = message.payload()
        event.update({"channel": channel.id, "event_ts": message.ts, "channel_type": channel.channel_type})
        event.update(self.authorship(state.users.get(message.user)))
        if message.bot_id is None:
            event["client_msg_id"] = state.new_id("c")
        name = {"im": "message.im", "group": "message.groups"}.get(channel.channel_type, "message.channels")
        return name, event, channel

    def file_shared(self, file: File, message: Message) -> tuple[str, Json, Channel]:
        """The event of a file that came with a message, be it the app's own."""
        event = {
            "type": "file_shared",
            "file_id": file.id,
            "file": {"id": file.id},
            "user_id": message.user,
            "channel_id": message.channel,
            "event_ts": message.ts,
        }
        return "file_shared", event, self.core.state.channels[message.channel]

    def mention(self, message: Message) -> tuple[str, Json, Channel]:
        """The app_mention event of one message."""
        channel = self.core.state.channels[message.channel]
        event = message.payload()
        event.update({"type": "app_mention", "channel": channel.id, "event_ts": message.ts})
        event.update(self.authorship(self.core.state.users.get(message.user)))
        return "app_mention", event, channel

    def authorship(self, user: User | None) -> Json:
        """Which team the author is of; for people of another organisation also user_team, source_team."""
        if user is None:
            return {}
        if user.team_id == self.core.state.team_id:
            return {"team": user.team_id}
        return {"team": user.team_id, "user_team": user.team_id, "source_team": user.team_id}
