"""What Slack's error strings mean for a message that waits to be said."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

log = logging.getLogger(__name__)


UNREACHABLE = (SlackClientError, aiohttp.ClientError, TimeoutError, ConnectionError)
"""What a call to Slack raises when Slack refuses, fails, or is not there."""


class DeliveryError(Exception):
    """A message was not (certainly) delivered. `str()` is Slack's error string or the kind of failure."""

    doubtful = False
    """True where Slack may have done it all the same: look before saying it again."""


class TryAgain(DeliveryError):
    """Slack is unwell; the same call may go through later."""


class NoAnswer(TryAgain):
    """The call was sent and no answer came."""

    doubtful = True


class SlowDown(DeliveryError):
    """Slack asks us to wait `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"ratelimited, {seconds:g} s")
        self.seconds = seconds


class Later(DeliveryError):
    """Something that the message needs is not there yet; nothing has been said. Try again in `seconds`."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


class FixSettings(DeliveryError):
    """It cannot work until a person has changed the settings or Slack; kept and tried now and then."""


class GiveUp(DeliveryError):
    """It can never work: the message itself is refused, or what it edits is gone."""


# The error strings are those of chat.postMessage, chat.update and conversations.open in Slack's Web API reference.
_TRY_AGAIN = {
    "internal_error",
    "fatal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
    "accesslimited",
}
_FIX_SETTINGS = {
    "account_inactive",
    "access_denied",
    "channel_not_found",
    "ekm_access_denied",
    "invalid_auth",
    "is_archived",
    "missing_scope",
    "no_permission",
    "not_authed",
    "not_in_channel",
    "org_login_required",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "team_access_not_granted",
    "team_not_found",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
}


def classify(error: Exception) -> DeliveryError:
    """The delivery error for whatever a call to Slack raised."""
    if isinstance(error, SlackApiError):
        return _from_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return TryAgain("no connection")
    if isinstance(error, TimeoutError | aiohttp.ClientError | SlackClientError | ConnectionError):
        return NoAnswer(type(error).__name__)
    if isinstance(error, UnicodeError):
        return GiveUp(type(error).__name__)
    # Not foreseen. Kept and looked for rather than lost, and not in the way of what comes after it.
    log.error("a call to Slack failed in a way we do not know", exc_info=error)
    return NoAnswer(type(error).__name__)


def _from_answer(error: SlackApiError) -> DeliveryError:
    response = error.response
    status = getattr(response, "status_code", 200)
    code = str(response.get("error", "")) if isinstance(getattr(response, "data", None), dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return SlowDown(_retry_after(response.headers))
    if status >= 500 or not code:
        return NoAnswer(f"HTTP {status}")
    if code in _TRY_AGAIN:
        return NoAnswer(code)
    if code in _FIX_SETTINGS:
        return FixSettings(code)
    return GiveUp(code)


def _retry_after(headers: object) -> float:
    if isinstance(headers, Mapping):  # aiohttp's are no dict
        for name, value in headers.items():
            if str(name).lower() == "retry-after":
                first = value[0] if isinstance(value, list) else value
                try:
                    return max(float(first), 0.0)
                except ValueError:
                    break
    return 30.0
