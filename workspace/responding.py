"""Answers outside the Web API: what an acknowledgement says, and what comes to a response_url."""

from __future__ import annotations

from workspace.core import Core
from workspace.errors import SlackError
from workspace.posting import checked_content, given_bool, post_as_bot
from workspace.state import Json, Message
from workspace.tickets import ResponseUrl


class Responding:
    """Shows what the bot answers to a command, a press or a shortcut."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def to_url(self, ticket_id: str, body: Json) -> None:
        """A POST to a response_url. Raises `SlackError`."""
        ticket = self.core.tickets.use_response_url(ticket_id)
        self.say(ticket, body)

    def say(self, ticket: ResponseUrl, body: Json) -> Message | None:
        """Show an answer: new, or in place of the message that was pressed."""
        state = self.core.state
        source = state.message(ticket.channel, ticket.source) if ticket.source else None
        if given_bool(body, "delete_original"):
            if source is not None:
                state.remove_message(source)
            return None
        text, blocks, attachments = checked_content(state, body)
        if not text.strip() and not blocks and not attachments:
            raise SlackError("no_text")
        if given_bool(body, "replace_original") and source is not None:
            source.text, source.blocks, source.attachments = text, blocks or [], attachments or []
            if not source.ephemeral:
                source.edited = {"user": state.bot.id, "ts": state.new_ts()}
            state.changed("messages")
            return source
        everyone = body.get("response_type") == "in_channel"
        thread_ts = str(body["thread_ts"]) if body.get("thread_ts") else ticket.thread_ts
        message = post_as_bot(
            state,
            ticket.channel,
            text,
            blocks,
            attachments=attachments or [],
            thread_ts=thread_ts,
            only_for=None if everyone else ticket.user,
            from_command=ticket.id,
        )
        ticket.said.append(message.ts)
        return message

    def ack_message(self, ticket: ResponseUrl, payload: Json | None, what: str) -> Message | None:
        """The message inside an acknowledgement, if there is one; a faulty one is complained of."""
        if not payload or not (payload.get("text") or payload.get("blocks") or payload.get("attachments")):
            return None
        try:
            return self.say(ticket, payload)
        except SlackError as refusal:
            self.core.complain(f"ack of {what}: {refusal}")
            return None
