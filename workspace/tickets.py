"""What the bot may use for a short while: trigger ids and response URLs."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from workspace.errors import SlackError

TRIGGER_SECONDS = 3.0  # docs.slack.dev/interactivity/handling-user-interaction: "expire in 3 seconds"
RESPONSE_URL_USES = 5  # the same page: "up to 5 times within 30 minutes"
RESPONSE_URL_SECONDS = 30 * 60.0


@dataclass
class Trigger:
    """A trigger_id: opens one view for one person, once, within three seconds."""

    id: str
    user: str
    view: str | None
    made: float = field(default_factory=time.monotonic)
    used: bool = False


@dataclass
class ResponseUrl:
    """A response_url and the conversation it speaks into; `source` is the message it came from."""

    id: str
    user: str
    channel: str
    source: str | None = None
    thread_ts: str | None = None
    made: float = field(default_factory=time.monotonic)
    uses: int = 0
    said: list[str] = field(default_factory=list)


class Tickets:
    """All trigger ids and response URLs given out."""

    def __init__(self) -> None:
        self.trigger_seconds = TRIGGER_SECONDS
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}

    def new_trigger(self, user: str, view: str | None = None) -> str:
        """A fresh trigger_id in Slack's three-part form."""
        trigger = Trigger(f"{time.time_ns()}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}", user, view)
        self.triggers[trigger.id] = trigger
        return trigger.id

    def use_trigger(self, trigger_id: str) -> Trigger:
        """The trigger, now spent; errors by docs.slack.dev/reference/methods/views.open."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if time.monotonic() - trigger.made > self.trigger_seconds:
            raise SlackError("expired_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        trigger.used = True
        return trigger

    def new_response_url(
        self, user: str, channel: str, source: str | None = None, thread_ts: str | None = None
    ) -> ResponseUrl:
        """A fresh response_url for an answer in that channel."""
        ticket = ResponseUrl(secrets.token_hex(12), user, channel, source, thread_ts)
        self.response_urls[ticket.id] = ticket
        return ticket

    def use_response_url(self, ticket_id: str) -> ResponseUrl:
        """The response_url, one use less. Raises when it is spent or old."""
        ticket = self.response_urls.get(ticket_id)
        if ticket is None or time.monotonic() - ticket.made > RESPONSE_URL_SECONDS:
            raise SlackError("expired_url")
        if ticket.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        ticket.uses += 1
        return ticket
