"""Whether Slack still knows the bot: a token that was taken away is one clear line, not one for each message."""

from __future__ import annotations

import logging

from bot.delivery.slack_errors import TOKEN_GONE
from bot.messages.phrase import Phrase, phrase

log = logging.getLogger(__name__)


class Standing:
    """What Slack has said of the centre's own token."""

    def __init__(self) -> None:
        self.refused: str | None = None
        """Slack's word for why the token is good for nothing any more; None while it is."""

    def hear(self, problem: str) -> bool:
        """Whether `problem` means that the token is gone; said once, until Slack takes it again."""
        if problem not in TOKEN_GONE:
            return False
        if self.refused is None:
            log.error(
                "Slack knows the bot's token no more (%s): nothing is said until there is a new one. Install the app "
                "anew in Slack, set SLACK_BOT_TOKEN, restart. What waits is kept",
                problem,
            )
        self.refused = problem
        return True

    def works(self) -> None:
        """Slack has taken the token."""
        if self.refused is not None:
            log.warning("Slack takes the bot's token again")
        self.refused = None

    def problem(self) -> Phrase | None:
        """What is wrong, in words."""
        if self.refused is None:
            return None
        return phrase("Slack: tokenet gjelder ikke lenger ({problem}).", problem=self.refused)
