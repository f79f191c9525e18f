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

    async def look(self, client: AsyncWebClient, channels: set[str]) -> set[str]:
        """Ask Slack about `channels`; what it cannot say, and what is wrong with one, is kept in `problems`.

        Gives those in which something was wrong and is no longer. What is wrong is said in the log once.
        """
        well: set[str] = set()
        for channel in sorted(channels):
            problem: str | None = None
            try:
                found = (await client.conversations_info(channel=channel))["channel"]
                shared = bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))
                self._closed[channel] = bool(found.get("is_private")) and not shared
                if found.get("is_archived"):
                    problem = "is_archived"
                elif found.get("is_member") is False:
                    problem = "not_in_channel"
            except UNREACHABLE as error:
                problem = str(classify(error))
                self._closed[channel] = False
            before = self.problems.get(channel)
            if problem is None and before is not None:
                well.add(channel)
                del self.problems[channel]
                log.warning("channel %s is well again", channel)
            elif problem is not None:
                self.problems[channel] = problem
                if problem != before:
                    log.warning("nothing can be said in channel %s: %s", channel, problem)
        return well
