"""Messages as they are accepted: checked against Slack's limits, then placed in a conversation."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from workspace import block_kit
from workspace.errors import SlackError
from workspace.state import Json, Message, State


def given_list(args: Json, name: str) -> list[Json] | None:
    """A list argument, as JSON or already decoded; None when it was not given."""
    value = args.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as wrong:
            raise SlackError(f"invalid_{name}_format") from wrong
    if not isinstance(value, list):
        raise SlackError(f"invalid_{name}_format")
    return value


def given_object(args: Json, name: str) -> Json | None:
    """An object argument, as JSON or already decoded; None when it was not given."""
    value = args.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as wrong:
            raise SlackError("invalid_arguments", [f"invalid json in `{name}`"]) from wrong
    if not isinstance(value, dict):
        raise SlackError("invalid_arguments", [f"`{name}` must be an object"])
    return value


def given_bool(args: Json, name: str, default: bool = False) -> bool:
    """A boolean argument in any of the forms that clients send."""
    value = args.get(name, default)
    return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "yes")


def images_in(blocks: list[Json]) -> list[tuple[str, str]]:
    """The id of every Slack file that a block shows, and the JSON pointer to it."""
    found = []
    for index, block in enumerate(blocks):
        places = [(block, f"/blocks/{index}"), (block.get("accessory"), f"/blocks/{index}/accessory")]
        places += [(entry, f"/blocks/{index}/elements/{n}") for n, entry in enumerate(block.get("elements") or [])]
        for thing, at in places:
            file = thing.get("slack_file") if isinstance(thing, dict) and thing.get("type") == "image" else None
            if file:
                said = str(file.get("id") or file.get("url") or "")
                named = re.search(r"F[A-Z0-9]{8,}", said)
                found.append((named[0] if named else said, f"{at}/slack_file"))
    return found


def faults_in_images(state: State, blocks: list[Json]) -> list[str]:
    """Files that cannot be shown: none of ours, no image, not there yet, or not for the bot to see.

    ref/composition-objects/slack-file-object; the words are Slack's (python-slack-sdk issue 1658).
    """
    faults = []
    for file_id, at in images_in(blocks):
        file = state.files.get(file_id)
        shown = file is not None and file.complete and file.image_type and not file.looks_until_ready
        seen = file is not None and (
            file.user == state.bot.id or any(state.bot.id in state.channels[c].members for c in file.channels)
        )
        if not (shown and seen):
            faults.append(f"invalid slack file [json-pointer:{at}]")
    return faults


def share_images(state: State, channel_id: str, blocks: list[Json] | None) -> None:
    """Whoever reads a message that was posted with an image may see the image.

    Only chat.postMessage does that: an image that chat.update brings is not shown (java-slack-sdk issue 1441,
    bolt-python 1295), and no file is shared by an ephemeral message (node-slack-sdk 1790).
    """
    for file_id, _ in images_in(blocks or []):
        channels = state.files[file_id].channels
        if channel_id not in channels:
            channels.append(channel_id)


def with_ids(state: State, blocks: list[Json]) -> list[Json]:
    """Blocks with a block_id each and an action_id on each element: Slack makes up what was left out."""
    named = copy.deepcopy(blocks)
    for block in named:
        block.setdefault("block_id", state.new_id("b").lower())
        elements = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
        for element in elements:
            if (
                isinstance(element, dict)
                and element.get("type") not in ("image", "mrkdwn", "plain_text")
                and not str(element.get("type")).startswith("rich_text_")
                and block.get("type") not in ("rich_text", "context")
            ):
                element.setdefault("action_id", state.new_id("a").lower())
    return named


def checked_metadata(args: Json) -> Json | None:
    """The metadata argument: event_type and event_payload, or Slack's refusal."""
    metadata = given_object(args, "metadata")
    if metadata is None:
        return None
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    return metadata


def checked_content(
    state: State, args: Json, *, text_limit: int = block_kit.MESSAGE_TEXT, weight_limit: int | None = None
) -> tuple[str, list[Json] | None, list[Json] | None]:
    """Text, blocks and attachments of a message to be. Raises what Slack would answer."""
    text = args.get("text")
    text = "" if text is None else str(text)
    blocks = given_list(args, "blocks")
    attachments = given_list(args, "attachments")
    if len(text) > text_limit:
        raise SlackError("msg_too_long")
    if blocks:
        faults = block_kit.faults_in_blocks(blocks) or faults_in_images(state, blocks)
        if faults:
            # bolt-js and java-slack-sdk issues (176, 1017) show both lists
            raise SlackError("invalid_blocks", faults, errors=faults)
        if weight_limit is not None and block_kit.message_weight(blocks) > weight_limit:
            raise SlackError("msg_blocks_too_long")
        blocks = with_ids(state, blocks)
    for index, attachment in enumerate(attachments or []):
        if not isinstance(attachment, dict):
            raise SlackError("invalid_attachments")
        faults = block_kit.faults_in_blocks(attachment.get("blocks", []), at=f"/attachments/{index}/blocks")
        if faults:
            raise SlackError("invalid_attachments", faults, errors=faults)
    return text, blocks, attachments


def missing_text(text: str, blocks: list[Json] | None) -> bool:
    """Whether a phone's notification and a screen reader would have nothing to say."""
    return bool(blocks) and not text.strip()


def post_as_bot(state: State, channel_id: str, text: str, blocks: list[Json] | None, **more: Any) -> Message:
    """Place a message of the bot in a conversation."""
    return state.add_message(
        Message(
            ts=state.new_ts(),
            channel=channel_id,
            user=state.bot.id,
            text=text,
            blocks=blocks or [],
            bot_id=state.bot_id,
            app_id=state.app_id,
            team=state.team_id,
            **more,
        )
    )


def thread_of(state: State, channel_id: str, args: Json) -> str | None:
    """The thread a message is for, by its parent; Slack puts a reply to a reply under the parent."""
    wanted = args.get("thread_ts")
    if not wanted:
        return None
    parent = state.message(channel_id, str(wanted))
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts
