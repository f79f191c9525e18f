"""Where in Slack somebody is: an id as it stands in the workspace that the centre works in, or `T…/U…` in another.

Slack's ids are sure to be one person's (or one channel's) only together with the workspace's own id. What comes from
another workspace is given both at the door (`bot.delivery.workspaces`), so that every row that names it carries its
workspace, and no id from outside can be taken for one of the centre's.
"""

from __future__ import annotations

HOME = ""
"""The workspace that the settings' token, channels and user groups belong to."""
_BETWEEN = "/"


def address(workspace: str, slack_id: str) -> str:
    """The id as we keep it."""
    return f"{workspace}{_BETWEEN}{slack_id}" if workspace and _BETWEEN not in slack_id else slack_id


def workspace_of(kept: str) -> str:
    """The workspace of an id as we keep it; `HOME` for the centre's own."""
    return kept.rpartition(_BETWEEN)[0]


def slack_id(kept: str) -> str:
    """The id as Slack knows it in its workspace."""
    return kept.rpartition(_BETWEEN)[2]


def is_person(kept: str) -> bool:
    """Whether it is a person's id, so that a message to it is a direct one."""
    return slack_id(kept).startswith(("U", "W"))
