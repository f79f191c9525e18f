"""Trying the bot out: whatever it says by itself stands in one channel, marked with where it would have gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.delivery.channels import ChannelKinds
from bot.delivery.slack_errors import FixSettings
from bot.messages.limits import MESSAGE_BLOCKS
from bot.messages.render import Renderer
from bot.messages.values import ChannelLink, Mention
from bot.people.addresses import is_person

ANSWERS = "answer:"
"""Keys that begin so are answers to somebody who asked: they go to them, or nobody could try the bot."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """The trial's channel. It must be closed: what is meant for closed channels and for single persons stands there."""

    channel: str
    language: str
    renderer: Renderer
    channels: ChannelKinds

    def takes(self, key: str) -> bool:
        """Whether the message goes to the trial's channel. Raises `FixSettings` where that is not closed."""
        if key.startswith(ANSWERS):
            return False
        if not self.channels.closed(self.channel):
            raise FixSettings("pilot_channel_not_closed")
        return True

    def marked(self, content: dict[str, Any], to: str) -> dict[str, Any]:
        """The message with a line above it: that this is a trial, and whom it was for."""
        receiver = Mention(to) if is_person(to) else ChannelLink(to)
        line = self.renderer.render("pilot.j2", self.language, to=receiver, direct=is_person(to))
        blocks = list(content["blocks"])
        if blocks and len(blocks) + len(line.blocks) <= MESSAGE_BLOCKS:
            blocks = [*line.blocks, *blocks]
        return {**content, "text": f"{line.text}\n{content['text']}", "blocks": blocks}
