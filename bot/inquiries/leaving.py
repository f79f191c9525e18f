"""Looks whether an expert has left Slack, so that it is said before somebody waits for their answer."""

from __future__ import annotations

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import UNREACHABLE, classify
from bot.inquiries.panels import PanelService

log = logging.getLogger(__name__)

GONE = ("user_not_found", "user_not_visible", "users_not_found")


class LeaverLook:
    """Asks Slack about the experts of all panels."""

    def __init__(self, panels: PanelService) -> None:
        self._panels = panels

    async def look(self, client: AsyncWebClient) -> int:
        """Note those who have left; how many. Whom Slack does not answer about is asked about again."""
        gone = []
        for slack_user in await self._panels.in_slack():
            try:
                if (await client.users_info(user=slack_user))["user"].get("deleted"):
                    gone.append(slack_user)
            except UNREACHABLE as error:
                problem = str(classify(error))
                if problem in GONE:
                    gone.append(slack_user)
                else:
                    log.warning("an expert could not be looked up: %s", problem)
        return await self._panels.left(gone) if gone else 0
