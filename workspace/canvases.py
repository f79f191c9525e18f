"""A channel's canvas: made once for a channel, replaced as a whole, with Slack's refusals and limits.

docs.slack.dev/reference/methods/conversations.canvases.create and canvases.edit.
"""

from __future__ import annotations

from workspace.errors import SlackError
from workspace.posting import given_list, given_object
from workspace.state import Canvas, Json
from workspace.web_api import WebApi, method

MOST_CHARACTERS = 1_048_576
OPERATIONS = ("insert_after", "insert_before", "insert_at_start", "insert_at_end", "replace", "delete", "rename")


@method("conversations.canvases.create", "canvases:write")
def conversations_canvases_create(api: WebApi, args: Json) -> Json:
    channel = api.visible_channel(args, name="channel_id")
    if any(canvas.channel == channel.id for canvas in api.state.canvases.values()):
        raise SlackError("channel_canvas_already_exists")
    content = given_object(args, "document_content")
    canvas = Canvas(
        api.state.new_id("F"),
        channel.id,
        str(args.get("title") or ""),
        _markdown(content, "canvas_creation_failed") if content else "",
        api.state.bot.id,
    )
    api.state.canvases[canvas.id] = canvas
    return {"canvas_id": canvas.id}


@method("canvases.edit", "canvases:write")
def canvases_edit(api: WebApi, args: Json) -> Json:
    canvas = api.state.canvases.get(str(args.get("canvas_id") or ""))
    if canvas is None or api.state.bot.id not in api.state.channels[canvas.channel].members:
        raise SlackError("canvas_not_found")
    changes = given_list(args, "changes") or []
    if len(changes) != 1 or changes[0].get("operation") not in OPERATIONS:
        raise SlackError("invalid_arguments", ["[ERROR] one operation at a time [json-pointer:/changes]"])
    change = changes[0]
    if change["operation"] == "rename":
        canvas.title = _markdown(change.get("title_content"), "canvas_editing_failed")
    elif change["operation"] == "replace" and not change.get("section_id"):
        canvas.markdown = _markdown(change.get("document_content"), "canvas_editing_failed")
    else:  # sections have ids that this workspace does not give
        raise SlackError("canvas_editing_failed")
    return {}


def _markdown(content: Json | None, failed: str) -> str:
    """What a document says. Raises `SlackError` for what is no markdown, or too much of it."""
    if not isinstance(content, dict) or content.get("type") != "markdown":
        raise SlackError("invalid_arguments", ["[ERROR] must be markdown [json-pointer:/document_content/type]"])
    markdown = content.get("markdown")
    if not isinstance(markdown, str) or len(markdown) > MOST_CHARACTERS:
        raise SlackError(failed)
    return markdown
