"""What the bot needs of Slack: `manifest.json` says the same to Slack, and a test holds the two together."""

from __future__ import annotations

COMMAND = "/mangel"
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "pins:write",
    "usergroups:read",
    "users:read",
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "file_shared",
    "message.groups",
    "message.im",
    "tokens_revoked",
)
