"""What kind of channel each of ours is: quantities are for closed channels only."""

from __future__ import annotations

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.slack_errors import UNREACHABLE, classify

log = logging.getLogger(__name__)


class ChannelKinds:
    """Which channels are closed: private, and shared with no other organisation.

    A channel that has not been looked at, or could not be, is not taken for closed.
    """

    def __init__(self) -> None:
        self._closed: dict[str, bool] = {}
        self.problems: dict[str, str] = {}

    def closed(self, channel: str | None) -> bool:
        """True where numbers may be posted in `channel`."""
        return channel is not None and self._closed.get(channel, False)

    async def look(self, client: AsyncWebClient, channels: set[str]) -> None:
        """Ask Slack about `channels`; what it cannot say is kept in `problems`."""
        for channel in sorted(channels):
            try:
                found = (await client.conversations_info(channel=channel))["channel"]
            except UNREACHABLE as error:
                problem = str(classify(error))
                self._closed[channel] = False
                self.problems[channel] = problem
                log.warning("channel %s could not be looked at: %s", channel, problem)
                continue
            shared = bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))
            self._closed[channel] = bool(found.get("is_private")) and not shared
            self.problems.pop(channel, None)
