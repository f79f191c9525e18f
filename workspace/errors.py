"""What goes wrong: Slack's refusals, and a bot that does not answer."""

from __future__ import annotations


class SlackError(Exception):
    """A refusal by Slack: the error's name, and for what is malformed one line per fault."""

    def __init__(self, error: str, messages: list[str] | None = None, **extra: object) -> None:
        super().__init__(error if not messages else f"{error}: {'; '.join(messages)}")
        self.error = error
        self.messages = messages or []
        self.extra = extra


class NoAnswer(AssertionError):
    """The bot did not do in time what was waited for; says what that was."""


class NotThere(AssertionError):
    """A test (or a person) reached for something that is not on the screen."""
