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


_DOUBTFUL = (
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
    "update_failed",
)
"""Slack was unwell, and "it's possible some aspect of the operation succeeded before the error was raised"."""
_PASSES = (
    "accesslimited",
    "external_channel_migrating",
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
)
"""Nothing has been done; the same call goes through when Slack is ready for it."""
TOKEN_GONE = (
    "account_inactive",
    "app_uninstalled",
    "invalid_auth",
    "not_authed",
    "token_expired",
    "token_revoked",
    "tokens_revoked",
)
"""Nothing at all can be done with this token any more. The last two and `app_uninstalled` are also Slack's events."""
_SETTINGS = (
    *TOKEN_GONE,
    "access_denied",
    "channel_is_limited_access",
    "channel_not_found",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "is_archived",
    "messages_tab_disabled",
    "missing_scope",
    "no_permission",
    "not_enabled",
    "not_allowed_token_type",
    "not_in_channel",
    "org_login_required",
    "posting_to_general_channel_denied",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "team_access_not_granted",
    "team_not_found",
    "two_factor_setup_required",
)
"""A person has to change something in Slack or in the settings; then the same message goes through."""
_NEVER = (
    "as_user_not_supported",
    "block_mismatch",
    "cannot_dm_bot",
    "cannot_reply_to_message",
    "cant_broadcast_message",
    "cant_update_message",
    "channel_type_not_supported",
    "duplicate_channel_not_found",
    "duplicate_message_not_found",
    "edit_window_closed",
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_charset",
    "invalid_form_data",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_post_type",
    "is_inactive",
    "message_not_found",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
    "method_deprecated",
    "method_not_supported_for_channel_type",
    "missing_post_type",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "slack_connect_blocked_file_type",
    "slack_connect_canvas_sharing_blocked",
    "slack_connect_clip_sharing_blocked",
    "slack_connect_file_link_sharing_blocked",
    "slack_connect_file_upload_sharing_blocked",
    "slack_connect_lists_sharing_blocked",
    "thread_not_found",
    "too_many_attachments",
    "too_many_contact_cards",
    "too_many_members",
    "unknown_method",
    "user_disabled",
    "user_not_found",
    "users_list_not_supplied",
    "user_not_visible",
)
"""The message itself is refused, or whom it is for is gone. So is an error that Slack has made up since."""
_OF_A_VIEW = (
    "duplicate_external_id",
    "exchanged_trigger_id",
    "expired_trigger_id",
    "hash_conflict",
    "invalid_trigger_id",
    "not_found",
    "push_limit_reached",
    "view_too_large",
)
"""A view cannot be opened or changed: https://docs.slack.dev/reference/methods, `views.*`."""

MEANING: Mapping[str, type[DeliveryError]] = {
    **dict.fromkeys(_DOUBTFUL, NoAnswer),
    **dict.fromkeys(_PASSES, SlowDown),
    **dict.fromkeys(_SETTINGS, FixSettings),
    **dict.fromkeys((*_NEVER, *_OF_A_VIEW), GiveUp),
}
"""What each error string of chat.postMessage, chat.update, conversations.open and the views means, by Slack's reference
(https://docs.slack.dev/reference/methods)."""


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
    meaning = MEANING.get(code, GiveUp)
    if status == 429 or meaning is SlowDown:
        return SlowDown(_retry_after(response.headers))
    if status >= 500 or not code:
        return NoAnswer(f"HTTP {status}")
    if code not in MEANING:
        log.error("Slack answers with an error that we do not know: %s", code[:60])
    return meaning(code)


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
