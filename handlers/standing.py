"""Slack says that the bot's token is gone, or that the app was removed."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to what Slack says of the bot itself."""

    @app.event("tokens_revoked")
    async def on_revoked(event: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            services.standing.hear("tokens_revoked")

    @app.event("app_uninstalled")
    async def on_removed() -> None:
        services.standing.hear("app_uninstalled")
