"""Messages, threads, buttons, shortcuts, events, App Home and files."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Etoposid* · 2025-0147 &amp; mer <!channel>"}},
    {
        "type": "actions",
        "block_id": "card",
        "elements": [
            {
                "type": "button",
                "action_id": "take_case",
                "value": "147",
                "text": {"type": "plain_text", "text": "Ta saken"},
            },
            {
                "type": "overflow",
                "action_id": "more",
                "options": [
                    {"text": {"type": "plain_text", "text": "Avslutt"}, "value": "close"},
                    {"text": {"type": "plain_text", "text": "Vis"}, "value": "show"},
                ],
            },
        ],
    },
]

LONG = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2700}}] * 5


async def test_a_card_is_posted_read_pressed_and_updated(house):
    client = house.app.client

    @house.app.action("take_case")
    async def take(ack, body, client):
        assert body["actions"][0]["value"] == "147"
        assert body["message"]["ts"] == body["container"]["message_ts"]
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="tatt",
            blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": f"Tatt av <@{body['user']['id']}>"}}],
        )

    await client.chat_postMessage(channel=house.cases.id, text="Etoposid", blocks=CARD)
    (card,) = house.ws.messages(house.cases)
    assert card.plain() == "Etoposid · 2025-0147 & mer @channel\n[Ta saken] [… Avslutt | Vis]"
    assert card.notifies() == ["channel"]
    await house.ws.click(house.kari, card, "Ta saken")
    await house.ws.wait_for(lambda: card.edited, what="the card as taken")
    assert card.plain() == "Tatt av @Kari Lege"


async def test_an_overflow_menu_and_an_ephemeral_that_is_replaced(house):
    @house.app.action("more")
    async def more(ack, respond, body):
        await ack()
        assert "message" not in body and body["container"]["is_ephemeral"]
        await respond(f"valgt {body['actions'][0]['selected_option']['value']}", replace_original=True)

    await house.app.client.chat_postEphemeral(channel=house.cases.id, user=house.kari.id, text="Etoposid", blocks=CARD)
    (card,) = house.ws.ephemerals(house.kari)
    await house.ws.click(house.kari, card, "more", "Avslutt")
    await house.ws.wait_for(lambda: card.text == "valgt close")
    assert card.plain() == "valgt close" and house.ws.ephemerals(house.ola) == []


async def test_threads_metadata_and_history(house):
    client = house.app.client
    key = {"event_type": "outbox", "event_payload": {"key": "digest:2026-W47"}}
    posted = await client.chat_postMessage(channel=house.cases.id, text="sak", metadata=key)
    reply = await client.chat_postMessage(channel=house.cases.id, text="svar", thread_ts=posted["ts"])
    await client.chat_postMessage(channel=house.cases.id, text="under svaret", thread_ts=reply["ts"])

    bare = await client.conversations_history(channel=house.cases.id)
    full = await client.conversations_history(channel=house.cases.id, include_all_metadata=True, limit=1)
    thread = await client.conversations_replies(channel=house.cases.id, ts=posted["ts"])
    assert [m["text"] for m in bare["messages"]] == ["sak"] and "metadata" not in bare["messages"][0]
    assert full["messages"][0]["metadata"] == key and full["messages"][0]["reply_count"] == 2
    assert [m["text"] for m in thread["messages"]] == ["sak", "svar", "under svaret"]
    assert [m.text for m in house.ws.replies(house.cases, posted["ts"])] == ["svar", "under svaret"]
    link = await client.chat_getPermalink(channel=house.cases.id, message_ts=reply["ts"])
    assert f"thread_ts={posted['ts']}" in link["permalink"]


async def test_history_is_paged(house):
    for n in range(5):
        await house.app.client.chat_postMessage(channel=house.cases.id, text=str(n))
    pages = [
        [m["text"] for m in page["messages"]]
        async for page in await house.app.client.conversations_history(channel=house.cases.id, limit=2)
    ]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


async def test_mentions_and_direct_messages_are_answered(house):
    @house.app.event("app_mention")
    async def mentioned(event, say):
        assert event["text"].startswith(f"<@{house.ws.bot_user_id}>")
        await say("i tråd", thread_ts=event["ts"])

    @house.app.event("message")
    async def message(event, say):
        if event["channel_type"] == "im":
            await say(f"du skrev {event['text']}")

    asked = await house.ws.mention(house.kari, house.cases, "har vi nok?")
    assert [m.text for m in house.ws.replies(house.cases, asked)] == ["i tråd"]
    asked = await house.ws.direct_message(house.kari, "meropenem?")
    assert [m.text for m in house.ws.answers_to(asked)] == ["du skrev meropenem?"]
    assert [m.text for m in house.ws.messages(house.kari)] == ["meropenem?", "du skrev meropenem?"]


async def test_shortcuts(house):
    @house.app.shortcut("report_shortage")
    async def shortcut(ack, body, respond):
        await ack()
        await respond(f"om «{body['message']['text']}»")

    @house.app.shortcut("everywhere")
    async def everywhere(ack, body, client):
        await ack()
        view = {"type": "modal", "title": {"type": "plain_text", "text": "Hei"}, "blocks": []}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    message = await house.ws.say(house.ola, house.cases, "vi mangler Valtrex")
    answer = await house.ws.shortcut(house.kari, message, "report_shortage")
    assert answer.text == "om «vi mangler Valtrex»"
    assert (await house.ws.global_shortcut(house.kari, "everywhere")).view.title == "Hei"


async def test_app_home_is_published_and_pressed(house):
    count = 0

    async def publish(client, user):
        nonlocal count
        count += 1
        block = {"type": "section", "text": {"type": "mrkdwn", "text": f"*Besøk {count}*"}}
        await client.views_publish(user_id=user, view={"type": "home", "blocks": [block, CARD[1]]})

    @house.app.event("app_home_opened")
    async def opened(event, client):
        assert event["tab"] == "home"
        await publish(client, event["user"])

    @house.app.action("take_case")
    async def take(ack, body, client):
        await ack()
        assert body["view"]["type"] == "home"
        await publish(client, body["user"]["id"])

    home = await house.ws.open_home(house.kari)
    assert home.plain() == "Besøk 1\n[Ta saken] [… Avslutt | Vis]"
    assert (await house.ws.open_home(house.kari)).plain().startswith("Besøk 2")
    await house.ws.click(house.kari, home, "take_case")
    assert house.ws.home(house.kari).plain().startswith("Besøk 3")


async def test_a_shared_file_is_heard_of_and_fetched_with_the_token(house):
    seen = {}

    @house.app.event("file_shared")
    async def shared(event):
        seen["shared"] = event["file_id"]

    @house.app.event({"type": "message", "subtype": "file_share"})
    async def message(event, client, say):
        file = (await client.files_info(file=event["files"][0]["id"]))["file"]
        async with aiohttp.ClientSession() as session:
            async with session.get(file["url_private"]) as response:
                seen["without"] = response.content_type
            token = {"Authorization": f"Bearer {client.token}"}
            async with session.get(file["url_private_download"], headers=token) as response:
                seen["data"] = await response.read()
        await say("takk")

    data = "lager;antall\nB180S;12\n".encode("cp1252")
    shared_message = await house.ws.upload(house.kari, house.cases, "lager å.csv", data, "ukas tall")
    assert seen == {"shared": shared_message.files[0]["id"], "without": "text/html", "data": data}
    assert shared_message.plain() == "ukas tall\n(fil: lager å.csv)"


async def test_the_bot_uploads_a_file(house):
    client = house.app.client
    await client.files_upload_v2(
        channel=house.cases.id, filename="referat.txt", content="møtet", initial_comment="Referat"
    )
    (message,) = house.ws.messages(house.cases)
    assert message.plain() == "Referat\n(fil: referat.txt)"


async def test_joining_is_told(house):
    joined = []

    @house.app.event("member_joined_channel")
    async def someone(event):
        joined.append((event["user"], event["channel"]))

    nina = house.ws.add_user("Nina")
    await house.ws.join(nina, house.cases)
    assert joined == [(nina.id, house.cases.id)]


async def test_people_and_channels_are_told_as_slack_tells_them(house):
    ws, client = house.ws, house.app.client
    stranger = ws.add_user("DMP Rådgiver", team="T0DMP", locale="nb-NO")
    guest = ws.add_user("Gjest", guest=True)
    shared = ws.add_channel("delt", shared=True, members=[stranger, guest])
    group = ws.add_user_group("mangelsenteret", [house.kari])

    user = (await client.users_info(user=stranger.id, include_locale=True))["user"]
    assert (user["team_id"], user["is_stranger"], user["locale"]) == ("T0DMP", True, "nb-NO")
    assert (await client.users_info(user=guest.id))["user"]["is_restricted"]
    channel = (await client.conversations_info(channel=shared.id))["channel"]
    assert channel["is_ext_shared"] and not channel["is_private"] and channel["is_member"]
    assert (await client.conversations_info(channel=house.cases.id))["channel"]["is_private"]
    assert (await client.usergroups_users_list(usergroup=group))["users"] == [house.kari.id]
    im = (await client.conversations_open(users=house.kari.id))["channel"]["id"]
    assert im == (await client.chat_postMessage(channel=house.kari.id, text="hei"))["channel"]
    members = (await client.conversations_members(channel=shared.id))["members"]
    assert members == [stranger.id, guest.id, ws.bot_user_id]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda c, h: c.chat_postMessage(channel="C404", text="x"), "channel_not_found"),
        (lambda c, h: c.chat_postMessage(channel=h.hidden.id, text="x"), "channel_not_found"),
        (lambda c, h: c.chat_postMessage(channel=h.outside.id, text="x"), "not_in_channel"),
        (lambda c, h: c.chat_postMessage(channel=h.archived.id, text="x"), "is_archived"),
        (lambda c, h: c.chat_postMessage(channel=h.cases.id, text=""), "no_text"),
        (lambda c, h: c.chat_postMessage(channel=h.cases.id, text="x" * 40_001), "msg_too_long"),
        (lambda c, h: c.chat_postMessage(channel=h.cases.id, text="x", thread_ts="1.2"), "thread_not_found"),
        (lambda c, h: c.chat_postMessage(channel=h.cases.id, text="x", blocks=LONG), "msg_blocks_too_long"),
        (lambda c, h: c.chat_update(channel=h.cases.id, ts="1.2", text="x"), "message_not_found"),
        (lambda c, h: c.chat_update(channel=h.cases.id, ts=h.said.ts, text="x"), "cant_update_message"),
        (lambda c, h: c.chat_delete(channel=h.cases.id, ts=h.said.ts), "cant_delete_message"),
        (lambda c, h: c.chat_postEphemeral(channel=h.cases.id, user="U404", text="x"), "user_not_in_channel"),
        (lambda c, h: c.users_info(user="U404"), "user_not_found"),
        (lambda c, h: c.conversations_info(channel=h.hidden.id), "channel_not_found"),
        (lambda c, h: c.conversations_history(channel=h.outside.id), "not_in_channel"),
        (lambda c, h: c.usergroups_users_list(usergroup="S404"), "no_such_subteam"),
        (lambda c, h: c.files_info(file="F404"), "file_not_found"),
        (lambda c, h: c.api_call("chat.gjett"), "unknown_method"),
        (lambda c, h: c.auth_test(token="xoxb-feil"), "invalid_auth"),
        (lambda c, h: c.auth_test(token=h.ws.app_token), "not_allowed_token_type"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level `text`")
async def test_slack_refuses(house, call, error):
    house.hidden = house.ws.add_channel("skjult", private=True, bot=False)
    house.outside = house.ws.add_channel("utenfor", bot=False)
    house.archived = house.ws.add_channel("arkiv", archived=True)
    house.said = await house.ws.say(house.kari, house.cases, "min egen")
    with pytest.raises(SlackApiError) as refusal:
        await call(house.app.client, house)
    assert refusal.value.response["error"] == error


async def test_blocks_without_text_are_warned_of(house):
    with pytest.warns(UserWarning, match="text"):
        answer = await house.app.client.chat_postMessage(channel=house.cases.id, blocks=CARD)
    assert answer["warning"] == "missing_text_in_message"
    assert house.ws.calls("chat.postMessage")[-1].response["warning"]


async def test_a_scope_that_is_missing_is_named(house):
    house.ws.core.scopes = frozenset({"commands"})
    with pytest.raises(SlackApiError) as refusal:
        await house.app.client.chat_postMessage(channel=house.cases.id, text="x")
    assert refusal.value.response["needed"] == "chat:write"
