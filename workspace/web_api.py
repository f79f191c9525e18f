"""The Web API: what slack_sdk calls, with Slack's answers and Slack's refusals."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from workspace import block_kit
from workspace.core import Core
from workspace.errors import SlackError
from workspace.events import Events
from workspace.posting import (
    checked_content,
    checked_metadata,
    given_bool,
    given_list,
    given_object,
    missing_text,
    post_as_bot,
    share_images,
    thread_of,
)
from workspace.socket_mode import SocketMode
from workspace.state import Channel, File, Json, Message, User, View

Method = Callable[["WebApi", Json], Json]
METHODS: dict[str, Method] = {}
# The scopes of which one is needed, from each method's page under docs.slack.dev/reference/methods.
NEEDED_SCOPES: dict[str, tuple[str, ...]] = {}


def method(name: str, *scopes: str) -> Callable[[Method], Method]:
    """Register a function as a Web API method."""

    def register(function: Method) -> Method:
        METHODS[name] = function
        NEEDED_SCOPES[name] = scopes
        return function

    return register


class WebApi:
    """Answers method calls on the workspace's state."""

    def __init__(self, core: Core, socket_mode: SocketMode | None) -> None:
        self.core = core
        self.state = core.state
        self.socket_mode = socket_mode
        self.events = Events(core)
        self._posts: dict[str, float] = {}
        self.installed_in: Callable[[str], Core | None] = lambda _: core

    def answer(self, name: str, token: str | None, args: Json) -> Json:
        """The body of the response; raises `SlackError`."""
        function = METHODS.get(name)
        if function is None:
            raise SlackError("unknown_method", req_method=name)
        if name in ("api.test", "oauth.v2.access"):
            return function(self, args)
        if not token:
            raise SlackError("not_authed")
        if token not in (self.core.bot_token, self.core.app_token):
            raise SlackError("invalid_auth")
        if token == self.core.bot_token and not self.core.installed:
            raise SlackError("account_inactive")
        if (name == "apps.connections.open") != (token == self.core.app_token):
            raise SlackError("not_allowed_token_type")
        needed = NEEDED_SCOPES[name]
        held = self.core.scopes
        if held is not None and needed and not held.intersection(needed):
            raise SlackError("missing_scope", needed=",".join(needed), provided=",".join(sorted(held)))
        return function(self, args)

    # -- lookups -------------------------------------------------------------

    def visible_channel(self, args: Json, *, name: str = "channel") -> Channel:
        """The conversation the bot may know of: a private one only as a member."""
        channel = self.state.require_channel(str(args.get(name) or ""))
        if channel.private and self.state.bot.id not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def writable_channel(self, args: Json) -> Channel:
        """The conversation a message is for; a user id means the direct message with that person."""
        wanted = str(args.get("channel") or "")
        if wanted in self.state.users and wanted != self.state.bot.id:
            return self.state.im_with(wanted)
        if wanted.startswith("#") or (wanted and wanted[0].islower()):
            named = [c for c in self.state.channels.values() if c.name and c.name == wanted.lstrip("#")]
            wanted = named[0].id if named else wanted
        channel = self.visible_channel({"channel": wanted})
        if channel.archived:
            raise SlackError("is_archived")
        if self.state.bot.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def member_channel(self, args: Json) -> Channel:
        """A conversation whose messages the bot may read."""
        channel = self.visible_channel(args)
        if self.state.bot.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def user(self, args: Json, name: str = "user") -> User:
        """The person, or Slack's refusal."""
        user = self.state.users.get(str(args.get(name) or ""))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def own_message(self, channel: Channel, args: Json, refusal: str) -> Message:
        """A message that the bot itself posted."""
        found = self.state.message(channel.id, str(args.get("ts") or ""))
        if found is None or found.ephemeral:
            raise SlackError("message_not_found")
        if found.user != self.state.bot.id:
            raise SlackError(refusal)
        return found

    def warned(self, body: Json, text: str, blocks: list[Json] | None) -> Json:
        """Slack's warning when there are blocks without text."""
        if missing_text(text, blocks):
            body["warning"] = "missing_text_in_message"
            body["response_metadata"] = {"warnings": ["missing_text_in_message"]}
        return body

    def page(self, args: Json, things: list[Any], default: int, most: int) -> tuple[list[Any], Json]:
        """One page of a list, and the cursor to the next."""
        try:
            limit = int(args.get("limit") or default)
            start = int(str(args.get("cursor") or "p0").removeprefix("p"))
        except ValueError as wrong:
            raise SlackError("invalid_cursor") from wrong
        if not 1 <= limit <= most:
            raise SlackError("invalid_limit")
        following = f"p{start + limit}" if start + limit < len(things) else ""
        return things[start : start + limit], {"response_metadata": {"next_cursor": following}}

    def keep_pace(self, channel: Channel) -> None:
        """The special limit of chat.postMessage, about one a second and channel, when it is switched on
        (docs.slack.dev/apis/web-api/rate-limits)."""
        pace = self.core.posts_per_second
        if pace is None:
            return
        now = time.monotonic()
        ready = self._posts.get(channel.id, 0.0)
        if now < ready - 1e-9:
            raise SlackError("ratelimited", retry_after=max(1, round(ready - now)))
        self._posts[channel.id] = max(ready, now) + 1 / pace

    def echo(self, message: Message) -> None:
        """Tell the bot of its own message, as Slack does, when that is switched on."""
        if self.core.echo:
            self.events.send([self.events.message(message)])

    def download_url(self, file: File) -> str:
        """Where the file's bytes are, behind the bot's token."""
        return f"{self.core.base_url}/files-pri/{self.state.team_id}-{file.id}/{quote(file.name)}"

    def _shares(self, file: File) -> Json:
        """Where the file stands (ref/objects/file-object): by the kind of channel, then the channel."""
        found: Json = {}
        for channel, ts, thread_ts in file.shares:
            kind = "private" if self.state.channels[channel].private else "public"
            share = {"ts": ts, "reply_users": [], "reply_count": 0} | ({"thread_ts": thread_ts} if thread_ts else {})
            found.setdefault(kind, {}).setdefault(channel, []).append(share)
        return found

    def file_payload(self, file: File) -> Json:
        """The file object."""
        url = self.download_url(file)
        kind = file.name.rpartition(".")[2].lower() if "." in file.name else "text"
        mime = {
            "csv": "text/csv",
            "txt": "text/plain",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pdf": "application/pdf",
            "png": "image/png",
        }.get(kind, "application/octet-stream")
        return {
            "id": file.id,
            "created": file.shared_at,
            "timestamp": file.shared_at,
            "name": file.name,
            "title": file.title,
            # slack-github-action issue 413: empty until the file has been gone through
            "mimetype": "" if file.looks_until_ready else mime,
            "filetype": "" if file.looks_until_ready else kind,
            "pretty_type": "" if file.looks_until_ready else kind.upper(),
            "user": file.user,
            "user_team": self.state.team_id,
            "mode": "hosted",
            "size": file.length,
            "is_external": False,
            "is_public": False,
            "url_private": url,
            "url_private_download": url.replace("/files-pri/", "/files-pri/download/"),
            "permalink": f"https://{self.state.team_id.lower()}.slack.com/files/{file.user}/{file.id}/{quote(file.name)}",
            "shares": self._shares(file),
            "channels": [c for c in file.channels if not self.state.channels[c].private],
            "groups": [c for c in file.channels if self.state.channels[c].channel_type == "group"],
            "ims": [c for c in file.channels if self.state.channels[c].im_user],
            "file_access": "visible",
        }


# -- the app itself ----------------------------------------------------------


@method("api.test")
def api_test(api: WebApi, args: Json) -> Json:
    if args.get("error"):
        raise SlackError(str(args["error"]))
    return {"args": args}


@method("oauth.v2.access")
def oauth_v2_access(api: WebApi, args: Json) -> Json:
    if (args.get("client_id"), args.get("client_secret")) != (api.core.client_id, api.core.client_secret):
        raise SlackError("bad_client_secret")
    core = api.installed_in(api.core.codes.pop(str(args.get("code") or ""), ""))
    if core is None:
        raise SlackError("invalid_code")
    core.installed = True
    return {
        "access_token": core.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(core.scopes or ())),
        "bot_user_id": core.state.bot.id,
        "app_id": core.state.app_id,
        "team": {"id": core.state.team_id, "name": core.state.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U00000002"},
    }


@method("auth.test")
def auth_test(api: WebApi, args: Json) -> Json:
    state = api.state
    return {
        "url": f"{api.core.base_url}/",
        "team": state.team_name,
        "user": state.bot.handle,
        "team_id": state.team_id,
        "user_id": state.bot.id,
        "bot_id": state.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open")
def apps_connections_open(api: WebApi, args: Json) -> Json:
    if api.socket_mode is None:
        raise SlackError("forbidden_team")
    ticket = api.socket_mode.new_ticket()
    return {"url": f"ws{api.core.base_url.removeprefix('http')}/link?ticket={ticket}&app_id={api.state.app_id}"}


@method("team.info", "team:read")
def team_info(api: WebApi, args: Json) -> Json:
    state = api.state
    return {
        "team": {
            "id": state.team_id,
            "name": state.team_name,
            "domain": state.team_domain,
            "email_domain": "",
        }
    }


@method("bots.info", "users:read")
def bots_info(api: WebApi, args: Json) -> Json:
    state = api.state
    if args.get("bot") != state.bot_id:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": state.bot_id,
            "deleted": False,
            "name": state.bot.name,
            "app_id": state.app_id,
            "user_id": state.bot.id,
        }
    }


# -- messages ------------------------------------------------------------------


@method("chat.postMessage", "chat:write")
def chat_post_message(api: WebApi, args: Json) -> Json:
    channel = api.writable_channel(args)
    text, blocks, attachments = checked_content(api.state, args, weight_limit=block_kit.MESSAGE_WEIGHT)
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    metadata = checked_metadata(args)
    thread_ts = thread_of(api.state, channel.id, args)
    api.keep_pace(channel)
    share_images(api.state, channel.id, blocks)
    message = post_as_bot(
        api.state,
        channel.id,
        text,
        blocks,
        attachments=attachments or [],
        metadata=metadata,
        thread_ts=thread_ts,
        broadcast=given_bool(args, "reply_broadcast"),
    )
    api.echo(message)
    body: Json = {"channel": channel.id, "ts": message.ts, "message": message.payload(metadata=True)}
    return api.warned(body, text, blocks)


@method("chat.update", "chat:write")
def chat_update(api: WebApi, args: Json) -> Json:
    channel = api.visible_channel(args)
    message = api.own_message(channel, args, "cant_update_message")
    text, blocks, attachments = checked_content(
        api.state,
        args,
        text_limit=block_kit.UPDATE_TEXT,
        weight_limit=block_kit.MESSAGE_WEIGHT,
    )
    if args.get("text") is None and blocks is None and attachments is None:
        raise SlackError("no_text")
    if channel.archived:
        raise SlackError("is_archived")
    # chat.update, `blocks`: "If you don't include this field, the message's previous blocks will be
    # retained. To remove previous blocks, include an empty array"; the same for attachments.
    if blocks is not None:
        message.blocks = blocks
    if args.get("text") is not None:
        message.text = text
    if attachments is not None:
        message.attachments = attachments
    metadata = checked_metadata(args)
    if metadata is not None:
        message.metadata = metadata
    message.edited = {"user": api.state.bot.id, "ts": api.state.new_ts()}
    api.state.changed("messages")
    body: Json = {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.payload()}
    return api.warned(body, message.text, blocks)


@method("chat.delete", "chat:write")
def chat_delete(api: WebApi, args: Json) -> Json:
    channel = api.visible_channel(args)
    message = api.own_message(channel, args, "cant_delete_message")
    api.state.remove_message(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral", "chat:write")
def chat_post_ephemeral(api: WebApi, args: Json) -> Json:
    channel = api.writable_channel(args)
    user = api.state.users.get(str(args.get("user") or ""))
    if user is None or user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks, attachments = checked_content(api.state, args)
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    thread_ts = thread_of(api.state, channel.id, args)
    message = post_as_bot(
        api.state,
        channel.id,
        text,
        blocks,
        attachments=attachments or [],
        thread_ts=thread_ts,
        only_for=user.id,
    )
    return api.warned({"message_ts": message.ts}, text, blocks)


@method("chat.getPermalink")
def chat_get_permalink(api: WebApi, args: Json) -> Json:
    channel = api.visible_channel(args)
    ts = str(args.get("message_ts") or "")
    message = api.state.message(channel.id, ts)
    if message is None:
        raise SlackError("message_not_found")
    link = f"{api.core.base_url}/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


@method("reactions.add", "reactions:write")
def reactions_add(api: WebApi, args: Json) -> Json:
    channel = api.member_channel(args)
    message = api.state.message(channel.id, str(args.get("timestamp") or ""))
    if message is None:
        raise SlackError("message_not_found")
    users = message.reactions.setdefault(str(args.get("name") or ""), [])
    if api.state.bot.id in users:
        raise SlackError("already_reacted")
    users.append(api.state.bot.id)
    api.state.changed("messages")
    return {}


@method("pins.add", "pins:write")
def pins_add(api: WebApi, args: Json) -> Json:
    channel = api.member_channel(args)
    message = api.state.message(channel.id, str(args.get("timestamp") or ""))
    if message is None:
        raise SlackError("message_not_found")
    if message.pinned:
        raise SlackError("already_pinned")
    message.pinned = True
    api.state.changed("messages")
    return {}


@method("pins.remove", "pins:write")
def pins_remove(api: WebApi, args: Json) -> Json:
    channel = api.member_channel(args)
    message = api.state.message(channel.id, str(args.get("timestamp") or ""))
    if message is None:
        raise SlackError("message_not_found")
    if not message.pinned:
        raise SlackError("no_pin")
    message.pinned = False
    api.state.changed("messages")
    return {}


# -- conversations -------------------------------------------------------------

READ_CHANNELS = ("channels:read", "groups:read", "im:read", "mpim:read")
READ_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


@method("conversations.info", *READ_CHANNELS)
def conversations_info(api: WebApi, args: Json) -> Json:
    channel = api.visible_channel(args)
    payload = channel.payload(api.state.bot.id)
    canvas = next((one for one in api.state.canvases.values() if one.channel == channel.id), None)
    if canvas is not None:
        payload["properties"] = {"canvas": {"file_id": canvas.id, "is_empty": not canvas.markdown}}
    return {"channel": payload}


def _listed(api: WebApi, args: Json, only_members: str | None) -> Json:
    kinds = set(str(args.get("types") or "public_channel").replace(" ", "").split(","))
    hide_archived = given_bool(args, "exclude_archived")

    def wanted(channel: Channel) -> bool:
        kind = {"im": "im", "group": "private_channel"}.get(channel.channel_type, "public_channel")
        if kind not in kinds or (hide_archived and channel.archived):
            return False
        if channel.private and api.state.bot.id not in channel.members:
            return False
        return only_members is None or only_members in channel.members

    channels, more = api.page(args, [c for c in api.state.channels.values() if wanted(c)], 100, 1000)
    return {"channels": [c.payload(api.state.bot.id) for c in channels], **more}


@method("conversations.list", *READ_CHANNELS)
def conversations_list(api: WebApi, args: Json) -> Json:
    return _listed(api, args, None)


@method("users.conversations", *READ_CHANNELS)
def users_conversations(api: WebApi, args: Json) -> Json:
    return _listed(api, args, str(args.get("user") or api.state.bot.id))


@method("conversations.members", *READ_CHANNELS)
def conversations_members(api: WebApi, args: Json) -> Json:
    members, more = api.page(args, api.visible_channel(args).members, 100, 1000)
    return {"members": members, **more}


@method("conversations.open", "im:write", "mpim:write", "channels:manage", "groups:write")
def conversations_open(api: WebApi, args: Json) -> Json:
    given = args.get("users")
    if not given:
        raise SlackError("users_list_not_supplied")
    users = given if isinstance(given, list) else str(given).split(",")
    if len(users) != 1:
        raise SlackError("method_not_supported_for_channel_type")
    user = api.user({"user": users[0]})
    channel = api.state.im_with(user.id)
    return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}


@method("conversations.join", "channels:join")
def conversations_join(api: WebApi, args: Json) -> Json:
    channel = api.visible_channel(args)
    if channel.private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    api.state.set_members(channel, [*channel.members, api.state.bot.id])
    return {"channel": channel.payload(api.state.bot.id)}


def _in_period(args: Json, messages: list[Message]) -> list[Message]:
    oldest = float(args.get("oldest") or 0)
    latest = float(args.get("latest") or "inf")
    inclusive = given_bool(args, "inclusive")

    def inside(message: Message) -> bool:
        at = float(message.ts)
        return oldest <= at <= latest if inclusive else oldest < at < latest

    return [m for m in messages if inside(m)]


@method("conversations.history", *READ_HISTORY)
def conversations_history(api: WebApi, args: Json) -> Json:
    channel = api.member_channel(args)
    shown = [m for m in api.state.in_channel(channel.id) if m.thread_ts in (None, m.ts) or m.broadcast]
    found, more = api.page(args, _in_period(args, shown)[::-1], 100, 999)
    metadata = given_bool(args, "include_all_metadata")
    cursor = more["response_metadata"]["next_cursor"]
    return {
        "messages": [m.payload(metadata=metadata) for m in found],
        "has_more": bool(cursor),
        "pin_count": 0,
        **(more if cursor else {}),
    }


@method("conversations.replies", *READ_HISTORY)
def conversations_replies(api: WebApi, args: Json) -> Json:
    channel = api.member_channel(args)
    parent = api.state.message(channel.id, str(args.get("ts") or ""))
    if parent is None or parent.ephemeral:
        raise SlackError("thread_not_found")
    thread = api.state.thread(channel.id, parent.thread_ts or parent.ts)
    found, more = api.page(args, [thread[0], *_in_period(args, thread[1:])], 1000, 1000)
    metadata = given_bool(args, "include_all_metadata")
    return {
        "messages": [m.payload(metadata=metadata) for m in found],
        "has_more": bool(more["response_metadata"]["next_cursor"]),
        **more,
    }


# -- people ----------------------------------------------------------------------


@method("users.info", "users:read")
def users_info(api: WebApi, args: Json) -> Json:
    user = api.user(args)
    body = user.payload(api.state.team_id)
    if given_bool(args, "include_locale"):
        body["locale"] = user.locale
    return {"user": body}


@method("users.list", "users:read")
def users_list(api: WebApi, args: Json) -> Json:
    users, more = api.page(args, list(api.state.users.values()), 1000, 1000)
    locale = given_bool(args, "include_locale")
    members = [u.payload(api.state.team_id) | ({"locale": u.locale} if locale else {}) for u in users]
    return {"members": members, "cache_ts": int(api.state.clock()), **more}


@method("users.profile.get", "users.profile:read")
def users_profile_get(api: WebApi, args: Json) -> Json:
    user = api.state.users.get(str(args.get("user") or api.state.bot.id))
    if user is None:
        raise SlackError("user_not_found")
    return {"profile": user.payload(api.state.team_id)["profile"]}


@method("usergroups.list", "usergroups:read")
def usergroups_list(api: WebApi, args: Json) -> Json:
    with_users = given_bool(args, "include_users")
    return {
        "usergroups": [
            {
                "id": g.id,
                "team_id": api.state.team_id,
                "is_usergroup": True,
                "name": g.handle,
                "handle": g.handle,
                "description": "",
                "date_delete": 0,
                "user_count": len(g.users),
                **({"users": list(g.users)} if with_users else {}),
            }
            for g in api.state.groups.values()
        ]
    }


@method("usergroups.users.list", "usergroups:read")
def usergroups_users_list(api: WebApi, args: Json) -> Json:
    group = api.state.groups.get(str(args.get("usergroup") or ""))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


# -- views -------------------------------------------------------------------------


def _view_answer(view: View) -> Json:
    return {"view": view.payload()}


@method("views.open")
def views_open(api: WebApi, args: Json) -> Json:
    body = api.core.screens.check(given_object(args, "view"))
    trigger = api.core.tickets.use_trigger(str(args.get("trigger_id") or ""))
    return _view_answer(api.core.screens.open(trigger.user, body))


@method("views.push")
def views_push(api: WebApi, args: Json) -> Json:
    body = api.core.screens.check(given_object(args, "view"))
    trigger = api.core.tickets.use_trigger(str(args.get("trigger_id") or ""))
    return _view_answer(api.core.screens.push(trigger.user, body))


@method("views.update")
def views_update(api: WebApi, args: Json) -> Json:
    old = api.core.screens.find(args.get("view_id"), args.get("external_id"))
    body = api.core.screens.check_update(given_object(args, "view"), old)
    if args.get("hash") and args["hash"] != old.hash:
        raise SlackError("hash_conflict")
    return _view_answer(api.core.screens.update(old, body))


@method("views.publish")
def views_publish(api: WebApi, args: Json) -> Json:
    user = api.state.users.get(str(args.get("user_id") or ""))
    if user is None:
        raise SlackError("invalid_arguments", ["user not found [json-pointer:/user_id]"])
    given = given_object(args, "view")
    current = api.state.views.get(api.state.homes.get(user.id, ""))
    body = api.core.screens.check_update(given, current) if current else api.core.screens.check(given)
    if body["type"] != "home":
        raise SlackError("invalid_arguments", ["must be a home [json-pointer:/view/type]"])
    return _view_answer(api.core.screens.publish(user.id, body, args.get("hash")))


# -- files ---------------------------------------------------------------------------

ALT_TEXT_OF_A_FILE = 1000  # files.getUploadURLExternal errors: alt_txt_too_large


@method("files.info", "files:read")
def files_info(api: WebApi, args: Json) -> Json:
    canvas = api.state.canvases.get(str(args.get("file") or ""))
    if canvas is not None:
        kind = {"filetype": "quip", "mimetype": "application/vnd.slack-docs"}
        return {"file": {"id": canvas.id, "title": canvas.title, "user": canvas.user, **kind}, "comments": []}
    file = api.state.files.get(str(args.get("file") or ""))
    if file is None or file.data is None or not file.complete:
        raise SlackError("file_not_found")
    seen = file.user == api.state.bot.id or any(
        api.state.bot.id in api.state.channels[c].members for c in file.channels
    )
    if not seen:
        raise SlackError("file_not_found")
    answer = {"file": api.file_payload(file), "comments": []}
    file.looks_until_ready = max(file.looks_until_ready - 1, 0)
    return answer


@method("files.getUploadURLExternal", "files:write")
def files_get_upload_url_external(api: WebApi, args: Json) -> Json:
    try:
        length = int(args.get("length") or 0)
    except ValueError:
        length = 0
    name = str(args.get("filename") or "")
    if not name or length <= 0:
        raise SlackError("invalid_arguments")
    if len(str(args.get("alt_txt") or "")) > ALT_TEXT_OF_A_FILE:
        raise SlackError("alt_txt_too_large")
    file = File(api.state.new_id("F"), name, name, api.state.bot.id, length, complete=False)
    api.state.files[file.id] = file
    return {"upload_url": f"{api.core.base_url}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
def files_complete_upload_external(api: WebApi, args: Json) -> Json:
    wanted = given_list(args, "files") or []
    if not wanted:
        raise SlackError("invalid_arguments")
    files = []
    for entry in wanted:
        file = api.state.files.get(str(entry.get("id")))
        if file is None or file.data is None:
            raise SlackError("file_not_found")
        file.title = str(entry.get("title") or file.name)
        file.complete, file.looks_until_ready = True, api.core.looks_until_ready
        file.shared_at = int(api.state.clock())
        files.append(file)
    given = [str(args["channel_id"])] if args.get("channel_id") else []
    if args.get("channels"):
        given += str(args["channels"]).split(",")
    for channel_id in given:
        channel = api.writable_channel({"channel": channel_id})
        for file in files:
            file.channels.append(channel.id)
        message = post_as_bot(
            api.state,
            channel.id,
            str(args.get("initial_comment") or ""),
            None,
            files=[api.file_payload(f) for f in files],
            thread_ts=thread_of(api.state, channel.id, args),
        )
        api.events.send([api.events.file_shared(file, message) for file in files])
    return {"files": [api.file_payload(f) for f in files]}
