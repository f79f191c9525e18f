"""What a person does in Slack, as the payloads that reach the bot, and what the answers do to the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workspace import block_kit
from workspace.core import Core
from workspace.delivery import Ack
from workspace.elements import (
    VALUE_KEYS,
    Place,
    elements_of,
    find_element,
    initial_value,
    is_empty,
    options_of,
)
from workspace.errors import NotThere, SlackError
from workspace.events import Events
from workspace.responding import Responding
from workspace.state import Channel, File, Json, Message, User, View
from workspace.tickets import ResponseUrl

REQUIRED = "Fyll ut dette feltet."
TROUBLE = "Vi fikk ikke kontakt med appen. Prøv igjen."


@dataclass(frozen=True)
class Option:
    """One choice of a type-ahead or a select, as a person sees it."""

    text: str
    value: str
    description: str = ""
    group: str = ""
    body: Json = field(default_factory=dict, repr=False, compare=False)


@dataclass
class Submission:
    """What pressing the form's main button led to.

    `errors` are by block_id; `sent` is False when Slack's own client stopped it (a required field left
    empty, a text too long); `trouble` is set when the bot's answer was none or faulty.
    """

    errors: dict[str, str] = field(default_factory=dict)
    view: View | None = None
    closed: bool = False
    sent: bool = True
    trouble: str = ""
    ack: Ack | None = None


@dataclass
class CommandGiven:
    """A command on its way: its answer comes in the ack and to the response_url."""

    ack: Ack
    ticket: ResponseUrl


class Interactions:
    """One method for each thing a person can do."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.state = core.state
        self.events = Events(core)
        self.responding = Responding(core)
        self.file_body: Callable[[File], Json] = lambda file: {"id": file.id, "name": file.name}
        self.last_options: dict[tuple[str, str], list[Json]] = {}  # what type-aheads offered, by block, action

    # -- pieces of payloads ----------------------------------------------------

    def common(self, user: User) -> Json:
        """What every interaction carries."""
        state = self.state
        return {
            "user": {"id": user.id, "username": user.handle, "name": user.handle, "team_id": user.team_id},
            "api_app_id": state.app_id,
            "token": "verification-token",
            "team": {"id": state.team_id, "domain": state.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def freshened(self, payload: Json) -> Json:
        """The same interaction sent again: a trigger_id works once, so it gets a new one."""
        again = dict(payload)
        if "trigger_id" in payload:
            trigger = self.core.tickets.triggers.get(str(payload["trigger_id"]))
            if trigger is not None:
                again["trigger_id"] = self.core.tickets.new_trigger(trigger.user, trigger.view)
        return again

    def response_url(self, ticket: ResponseUrl) -> str:
        """The address the bot may answer to."""
        return f"{self.core.base_url}/response/{ticket.id}"

    # -- commands ----------------------------------------------------------------

    async def command(self, user: User, name: str, text: str, channel: Channel) -> CommandGiven:
        """Type a slash command in a conversation."""
        ticket = self.core.tickets.new_response_url(user.id, channel.id)
        payload = {
            "token": "verification-token",
            "team_id": self.state.team_id,
            "team_domain": self.state.team_domain,
            "channel_id": channel.id,
            "channel_name": channel.payload_name,
            "user_id": user.id,
            "user_name": user.handle,
            "command": name,
            "text": text,
            "api_app_id": self.state.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(ticket),
            "trigger_id": self.core.tickets.new_trigger(user.id),
        }
        ack = await self.core.courier.deliver("slash_commands", payload)
        said = f"{name} {text}".strip()
        if ack.ok:
            if ack.payload and ack.payload.get("response_type") == "in_channel":
                self.state.add_message(
                    Message(
                        self.state.new_ts(),
                        channel.id,
                        user.id,
                        said,
                        team=user.team_id,
                        from_command=ticket.id,
                    )
                )
            self.responding.ack_message(ticket, ack.payload, said)
        else:
            # Slackbot's words to the person when an app does not answer
            error = "operation_timeout" if ack.how == "timeout" else "dispatch_failed"
            self.state.add_message(
                Message(
                    self.state.new_ts(),
                    channel.id,
                    "USLACKBOT",
                    f"{name} mislyktes med feilen «{error}»",
                    only_for=user.id,
                )
            )
        return CommandGiven(ack, ticket)

    # -- shortcuts -----------------------------------------------------------------

    async def global_shortcut(self, user: User, callback_id: str) -> Ack:
        """Choose a shortcut from the menu."""
        payload = {
            **self.common(user),
            "type": "shortcut",
            "callback_id": callback_id,
            "action_ts": self.state.new_ts(),
            "trigger_id": self.core.tickets.new_trigger(user.id),
        }
        return await self.core.courier.deliver("interactive", payload)

    async def message_shortcut(self, user: User, message: Message, callback_id: str) -> tuple[Ack, ResponseUrl]:
        """Choose a shortcut from a message's menu."""
        channel = self.state.channels[message.channel]
        ticket = self.core.tickets.new_response_url(user.id, channel.id)
        payload = {
            **self.common(user),
            "type": "message_action",
            "callback_id": callback_id,
            "action_ts": self.state.new_ts(),
            "trigger_id": self.core.tickets.new_trigger(user.id),
            "response_url": self.response_url(ticket),
            "channel": {"id": channel.id, "name": channel.payload_name},
            "message_ts": message.ts,
            "message": message.payload(),
        }
        return await self.core.courier.deliver("interactive", payload), ticket

    # -- pressing and choosing -------------------------------------------------------

    def action(self, place: Place, entry: Json | None, chosen: Json | None = None) -> Json:
        """The entry of `actions` for what was used."""
        element = place.element
        action: Json = {
            "type": place.kind,
            "action_id": place.action_id,
            "block_id": place.block_id,
            "action_ts": self.state.new_ts(),
        }
        for name in (
            ("text", "value", "style", "placeholder", "confirm") if place.kind == "button" else ("placeholder",)
        ):
            if name in element:
                action[name] = element[name]
        if place.kind == "overflow":
            action["selected_option"] = chosen
        elif entry is not None:
            action.update({k: v for k, v in entry.items() if k != "type"})
        return action

    async def use_in_view(self, user: User, view: View, place: Place, chosen: Json | None = None) -> Ack:
        """Use an element of a modal or App Home: the bot is told with the whole state."""
        entry = view.values.get(place.block_id, {}).get(place.action_id)
        payload = {
            **self.common(user),
            "type": "block_actions",
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.core.tickets.new_trigger(user.id, view.id if view.kind == "modal" else None),
            "view": view.payload(),
            "state": {"values": view.values},
            "actions": [self.action(place, entry, chosen)],
        }
        return await self.core.courier.deliver("interactive", payload)

    async def use_in_message(
        self, user: User, message: Message, place: Place, chosen: Json | None = None
    ) -> tuple[Ack, ResponseUrl]:
        """Use an element of a message."""
        channel = self.state.channels[message.channel]
        ticket = self.core.tickets.new_response_url(user.id, channel.id, message.ts, message.thread_ts)
        values: dict[str, dict[str, Json]] = {}
        for other in elements_of(message.blocks):
            entry = initial_value(other.element)
            if other.action_id == place.action_id and other.block_id == place.block_id and entry and chosen:
                entry = chosen
            if entry is not None:
                values.setdefault(other.block_id, {})[other.action_id] = entry
        entry = values.get(place.block_id, {}).get(place.action_id)
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = {
            **self.common(user),
            "type": "block_actions",
            "container": container,
            "trigger_id": self.core.tickets.new_trigger(user.id),
            "channel": {"id": channel.id, "name": channel.payload_name},
            "state": {"values": values},
            "response_url": self.response_url(ticket),
            "actions": [self.action(place, entry, chosen)],
        }
        if not message.ephemeral:  # an ephemeral message is not in its own payload
            payload["message"] = message.payload()
        return await self.core.courier.deliver("interactive", payload), ticket

    # -- filling in --------------------------------------------------------------------

    def entry_for(self, view: View | None, place: Place, given: Any) -> Json:
        """What a person's choice looks like in the state; raises `NotThere` for what cannot be chosen."""
        key = VALUE_KEYS.get(place.kind)
        if key is None:
            raise NotThere(f"{place.action_id} is a {place.kind}: nothing to fill in")
        if key == "selected_option":
            return {"type": place.kind, key: self.option_body(place, given)}
        if key == "selected_options":
            given = [] if given is None else given if isinstance(given, list | tuple) else [given]
            return {"type": place.kind, key: [self.option_body(place, g) for g in given]}
        if key.endswith("s") and key.startswith("selected_"):
            given = [] if given is None else given if isinstance(given, list | tuple) else [given]
            return {"type": place.kind, key: [getattr(g, "id", g) for g in given]}
        if given is not None and not isinstance(given, str | int | list | dict):
            given = getattr(given, "id", None) or str(given)
        if key == "value" and given is not None:
            given = str(given)
        return {"type": place.kind, key: given}

    def option_body(self, place: Place, given: Any) -> Json | None:
        """The option object for what was chosen: an `Option`, an option body, a value or a text."""
        if given is None:
            return None
        if isinstance(given, Option):
            return given.body
        if isinstance(given, dict):
            return given
        known = options_of(place.element)
        if place.kind.endswith("external_select"):
            known = known + self.last_options.get((place.block_id, place.action_id), [])
        wanted = str(given)
        for option in known:
            if wanted in (option.get("value"), option.get("text", {}).get("text")):
                return option
        texts = [str(o.get("text", {}).get("text")) for o in known]
        raise NotThere(f"{wanted!r} cannot be chosen in {place.action_id}; there is: {texts}")

    async def type_ahead(self, user: User, where: View | Message, name: str, typed: str) -> list[Option]:
        """Type into an external select and see what is offered. A faulty answer offers nothing."""
        place = find_element(where.blocks, name)
        if not place.kind.endswith("external_select"):
            raise NotThere(f"{name} is a {place.kind}, not an external select")
        # ref/block-elements/select-menu-element: min_query_length defaults to 3
        if len(typed) < int(place.element.get("min_query_length", 3)):
            return []
        payload: Json = {
            **self.common(user),
            "type": "block_suggestion",
            "action_id": place.action_id,
            "block_id": place.block_id,
            "value": typed,
        }
        if isinstance(where, View):
            payload["container"] = {"type": "view", "view_id": where.id}
            payload["view"] = where.payload()
        else:
            channel = self.state.channels[where.channel]
            payload["container"] = {
                "type": "message",
                "message_ts": where.ts,
                "channel_id": channel.id,
                "is_ephemeral": where.ephemeral,
            }
            payload["channel"] = {"id": channel.id, "name": channel.payload_name}
            payload["message"] = where.payload()
        ack = await self.core.courier.deliver("interactive", payload)
        if not ack.ok or ack.payload is None:
            self.core.complain(f"type-ahead {place.action_id} {typed!r}: no answer ({ack.how})")
            return []
        faults = block_kit.faults_in_options(ack.payload)
        if faults:
            self.core.complain(f"type-ahead {place.action_id} {typed!r}: {'; '.join(faults)}")
            return []
        self.last_options[(place.block_id, place.action_id)] = options_of(ack.payload)
        groups = ack.payload.get("option_groups") or [{"options": ack.payload.get("options", [])}]
        return [
            Option(
                option["text"]["text"],
                option["value"],
                option.get("description", {}).get("text", ""),
                group.get("label", {}).get("text", ""),
                option,
            )
            for group in groups
            for option in group["options"]
        ]

    def fill(self, view: View, name: str, given: Any) -> Place:
        """Fill in one field on the screen, without sending anything."""
        place = find_element(view.blocks, name)
        view.values.setdefault(place.block_id, {})[place.action_id] = self.entry_for(view, place, given)
        view.errors.pop(place.block_id, None)
        self.state.changed("views")
        return place

    async def choose(self, user: User, view: View, name: str, given: Any) -> Ack | None:
        """Fill in one field and, where the field tells the bot at once, tell it."""
        place = self.fill(view, name, given)
        return await self.use_in_view(user, view, place) if place.dispatches else None

    # -- sending and closing a form --------------------------------------------------------

    def client_errors(self, view: View) -> dict[str, str]:
        """What Slack's own client refuses to send: empty required fields, lengths, numbers."""
        errors: dict[str, str] = {}
        for place in elements_of(view.blocks):
            if not place.is_input:
                continue
            entry = view.values.get(place.block_id, {}).get(place.action_id)
            if is_empty(entry):
                if not place.block.get("optional"):
                    errors[place.block_id] = REQUIRED
                continue
            value = entry.get("value") if entry else None
            element = place.element
            if place.kind == "plain_text_input" and isinstance(value, str):
                most = int(element.get("max_length", block_kit.INPUT_TEXT))
                least = int(element.get("min_length", 0))
                if len(value) > most:
                    errors[place.block_id] = f"Teksten er for lang: {len(value)} tegn, høyst {most}."
                elif len(value) < least:
                    errors[place.block_id] = f"Skriv minst {least} tegn."
            if place.kind == "number_input" and isinstance(value, str):
                fault = self._number_fault(element, value)
                if fault:
                    errors[place.block_id] = fault
            if place.kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(value)):
                errors[place.block_id] = "Skriv en gyldig e-postadresse."
        return errors

    @staticmethod
    def _number_fault(element: Json, value: str) -> str:
        whole = not element.get("is_decimal_allowed")
        if not re.fullmatch(r"-?\d+" if whole else r"-?\d+([.,]\d+)?", value.strip()):
            return "Skriv et helt tall." if whole else "Skriv et tall."
        number = float(value.replace(",", "."))
        if "min_value" in element and number < float(element["min_value"]):
            return f"Tallet må være minst {element['min_value']}."
        if "max_value" in element and number > float(element["max_value"]):
            return f"Tallet må være høyst {element['max_value']}."
        return ""

    async def submit(self, user: User, view: View) -> Submission:
        """Press the form's main button."""
        errors = self.client_errors(view)
        if errors:
            view.errors = errors
            self.state.changed("views")
            return Submission(errors=errors, view=view, sent=False)
        view.errors = {}
        payload = {
            **self.common(user),
            "type": "view_submission",
            "trigger_id": self.core.tickets.new_trigger(user.id, view.id),
            "view": view.payload(),
            "response_urls": self._response_urls(user, view),
        }
        ack = await self.core.courier.deliver("interactive", payload)
        submission = Submission(ack=ack)
        if not ack.ok:
            submission.trouble, submission.view = TROUBLE, view
            view.errors = {"": TROUBLE}
        else:
            self._answer_to_submission(user, view, ack.payload or {}, submission)
        self.state.changed("views")
        return submission

    def _response_urls(self, user: User, view: View) -> list[Json]:
        urls = []
        for place in elements_of(view.blocks):
            if place.element.get("response_url_enabled"):
                entry = view.values.get(place.block_id, {}).get(place.action_id) or {}
                channel_id = entry.get("selected_conversation") or entry.get("selected_channel")
                if channel_id:
                    ticket = self.core.tickets.new_response_url(user.id, str(channel_id))
                    urls.append(
                        {
                            "response_url": self.response_url(ticket),
                            "action_id": place.action_id,
                            "block_id": place.block_id,
                            "channel_id": channel_id,
                        }
                    )
        return urls

    def _answer_to_submission(self, user: User, view: View, answer: Json, submission: Submission) -> None:
        action = answer.get("response_action")
        screens = self.core.screens
        try:
            if action is None:
                screens.close(view)
                below = self.state.stack(user.id)
                submission.view, submission.closed = (below[-1] if below else None), True
            elif action == "clear":
                screens.close_all(user.id)
                submission.closed = True
            elif action == "errors":
                submission.errors = self._checked_errors(view, answer.get("errors"))
                view.errors = dict(submission.errors)
                submission.view = view
            elif action == "update":
                submission.view = screens.update(view, screens.check_update(answer.get("view"), view))
            elif action == "push":
                submission.view = screens.push(user.id, screens.check(answer.get("view")))
            else:
                raise SlackError("invalid_arguments", [f"unknown response_action: {action}"])
        except SlackError as refusal:
            self.core.complain(f"ack of {view.callback_id or 'view'}: {refusal}")
            submission.trouble, submission.view, submission.errors = TROUBLE, view, {}
            view.errors = {"": TROUBLE}

    @staticmethod
    def _checked_errors(view: View, errors: Any) -> dict[str, str]:
        """Errors by block_id, of input blocks that are in the view
        (bolt-python issue 922: any other key makes Slack show trouble instead)."""
        inputs = {str(b.get("block_id")) for b in view.blocks if b.get("type") == "input"}
        if not isinstance(errors, dict) or not errors:
            raise SlackError("invalid_arguments", ["`errors` must name at least one block_id"])
        unknown = [name for name in errors if name not in inputs]
        if unknown:
            raise SlackError("invalid_arguments", [f"no input block with block_id {name}" for name in unknown])
        return {str(k): str(v) for k, v in errors.items()}

    async def close(self, user: User, view: View) -> Ack | None:
        """Close the modal in front by its cross or its close button."""
        cleared = bool(view.body.get("clear_on_close"))
        self.core.screens.close(view)
        if cleared:
            self.core.screens.close_all(user.id)
        if not view.body.get("notify_on_close"):
            return None
        payload = {**self.common(user), "type": "view_closed", "view": view.payload(), "is_cleared": cleared}
        return await self.core.courier.deliver("interactive", payload)

    # -- talking ---------------------------------------------------------------------------

    def post(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        thread_ts: str | None = None,
        files: list[File] | None = None,
    ) -> Message:
        """Write a message; the bot hears what its events let it hear."""
        text, ts = self.escaped(text), self.state.new_ts()
        for file in files or []:
            file.shares.append((channel.id, ts, thread_ts))
        message = Message(
            ts=ts,
            channel=channel.id,
            user=user.id,
            text=text,
            team=user.team_id,
            thread_ts=thread_ts,
            files=[self.file_body(f) for f in files or []],
            subtype="file_share" if files else None,
        )
        self.state.add_message(message)
        happenings = [self.events.file_shared(file, message) for file in files or []]
        happenings.append(self.events.message(message))
        if f"<@{self.state.bot.id}>" in text and not channel.im_user:
            happenings.append(self.events.mention(message))
        self.events.send(happenings)
        return message

    def escaped(self, typed: str) -> str:
        """What a person typed, with `&`, `<`, `>` escaped as Slack does; references to what exists stay live
        (docs.slack.dev/messaging/formatting-message-text#escaping)."""

        def known(match: re.Match[str]) -> str:
            target = match.group(1)
            state = self.state
            exists = target[1:] in state.users or target[1:] in state.channels or target[9:] in state.groups
            return match.group(0) if exists else f"&lt;{target}&gt;"

        plain = typed.replace("&", "&amp;")
        parts = re.split(r"(<[@#!][^<>\s]+>)", plain)
        return "".join(
            re.sub(r"<([^<>]+)>", known, part) if index % 2 else part.replace("<", "&lt;").replace(">", "&gt;")
            for index, part in enumerate(parts)
        )

    def open_home(self, user: User) -> None:
        """Open the App Home's tab."""
        channel = self.state.im_with(user.id)
        event: Json = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": channel.id,
            "tab": "home",
            "event_ts": self.state.new_ts(),
        }
        home = self.state.views.get(self.state.homes.get(user.id, ""))
        if home is not None:
            event["view"] = home.payload()
        self.events.send([("app_home_opened", event, None)])

    def join(self, user: User, channel: Channel) -> None:
        """Join a channel."""
        if user.id in channel.members:
            return
        self.state.set_members(channel, [*channel.members, user.id])
        event = {
            "type": "member_joined_channel",
            "user": user.id,
            "channel": channel.id,
            "channel_type": "G" if channel.private else "C",
            "team": user.team_id,
            "event_ts": self.state.new_ts(),
        }
        self.events.send([("member_joined_channel", event, channel)])
