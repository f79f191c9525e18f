"""Slack's pace: about one message a second in a channel, some hundreds a minute in a workspace, and its `Retry-After`.

https://docs.slack.dev/apis/web-api/rate-limits: "chat.postMessage generally allows posting one message per second per
channel, while also maintaining a workspace-wide limit" of "several hundred messages per minute".
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import defaultdict

from bot.people.addresses import workspace_of

CHANNELS_AT_ONCE = 5
"""So many channels of one workspace may be written in at full pace: with a second for each, 300 messages a minute."""


class Pace:
    """When the next message may go. `seconds`: between two messages in one channel."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._free_at: dict[str, float] = defaultdict(float)
        self._quiet: dict[str, tuple[dt.datetime, dt.datetime]] = {}
        """Place → since when and until when Slack wants us to wait there."""

    async def keep(self, channel: str, over: asyncio.Event) -> None:
        """Wait for the channel's turn, and then for its workspace's; no longer than until it is `over`."""
        await self._turn(channel, self._seconds, over)
        await self._turn(f"workspace {workspace_of(channel)}", self._seconds / CHANNELS_AT_ONCE, over)

    async def _turn(self, place: str, seconds: float, over: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        mine = max(self._free_at[place], loop.time())
        self._free_at[place] = mine + seconds
        if mine > loop.time():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), mine - loop.time())

    def asked_to_wait(self, channel: str, now: dt.datetime, seconds: float) -> None:
        """Slack wants us to wait in `channel`; the same of a second channel means the workspace."""
        until = now + dt.timedelta(seconds=seconds)
        self.forget_what_is_over(now)
        here = f"workspace {workspace_of(channel)}"
        others = [one for one in self._quiet if one != channel and workspace_of(one) == workspace_of(channel)]
        self._quiet[channel] = now, until
        if others or here in self._quiet:
            self._quiet[here] = now, max(until, self._quiet.get(here, (now, until))[1])

    def forget_what_is_over(self, now: dt.datetime) -> None:
        """Whoever has waited long enough is written to again; so is everybody where the clock has gone back."""
        self._quiet = {place: (since, until) for place, (since, until) in self._quiet.items() if since <= now < until}

    def is_quiet(self, channel: str) -> bool:
        """Whether Slack wants us to wait in `channel`, or in all of its workspace."""
        return channel in self._quiet or f"workspace {workspace_of(channel)}" in self._quiet

    @property
    def quiet_channels(self) -> set[str]:
        """The channels that wait."""
        return {place for place in self._quiet if not place.startswith("workspace ")}

    @property
    def quiet_workspaces(self) -> set[str]:
        """The workspaces that wait."""
        return {place.removeprefix("workspace ") for place in self._quiet if place.startswith("workspace ")}
