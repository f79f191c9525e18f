"""The parts of a running workspace, in one place, so that each may reach the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from workspace.delivery import Courier
from workspace.faults import Call, Faults
from workspace.screens import Screens
from workspace.state import State
from workspace.tickets import Tickets

# The event subscriptions of the app; a manifest's settings.event_subscriptions.bot_events may replace them.
DEFAULT_EVENTS = frozenset(
    {
        "app_mention",
        "message.im",
        "message.channels",
        "message.groups",
        "app_home_opened",
        "file_shared",
        "member_joined_channel",
    }
)


@dataclass
class Core:
    """What belongs together; `complaints` are the faults Slack would have kept to itself."""

    state: State
    courier: Courier
    bot_token: str
    app_token: str
    signing_secret: str
    events: frozenset[str] = DEFAULT_EVENTS
    scopes: frozenset[str] | None = None
    echo: bool = False
    posts_per_second: float | None = None
    looks_until_ready: int = 0
    base_url: str = ""
    installed: bool = True
    client_id: str = "1.2"
    client_secret: str = "5f3759df"  # noqa: S105 - of a local stand-in, no secret
    codes: dict[str, str] = field(default_factory=dict)
    """Codes of oauth/v2/authorize that have not been used: for which workspace each is."""
    tickets: Tickets = field(default_factory=Tickets)
    faults: Faults = field(default_factory=Faults)
    ledger: list[Call] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    open_calls: int = 0
    screens: Screens = field(init=False)

    def __post_init__(self) -> None:
        self.screens = Screens(self.state)

    def complain(self, what: str) -> None:
        """Note a fault that Slack shows to nobody."""
        self.complaints.append(what)
        self.state.changed("complaints")
