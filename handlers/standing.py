"""Slack says that the bot's token is gone, or that the app was removed."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.delivery.elsewhere import WORKSPACE
from bot.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to what Slack says of the bot itself."""

    @app.event("tokens_revoked")
    async def on_revoked(body: dict[str, Any], event: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            await gone(body, "tokens_revoked")

    @app.event("app_uninstalled")
    async def on_removed(body: dict[str, Any]) -> None:
        await gone(body, "app_uninstalled")

    async def gone(body: dict[str, Any], problem: str) -> None:
        workspace = body.get(WORKSPACE)
        if workspace and services.workspaces is not None:
            await services.workspaces.removed(str(workspace))
        else:
            services.standing.hear(problem)
