"""What the page may ask for: each person's own view, and nothing from another site."""

from __future__ import annotations

import aiohttp


async def live(ws, user, place="", origin=None):
    """The first screen that the page gets for this person."""
    headers = {"Origin": origin} if origin else {}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{ws.page_url}page/live", headers=headers) as road,
    ):
        await road.send_json({"user": user.id, "place": place})
        while True:
            screen = await road.receive_json(timeout=2)
            if screen.get("me") == user.id:
                return screen


async def do(ws, what, body, header="page"):
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{ws.page_url}page/do/{what}", json=body, headers={"X-Workspace": header}) as response,
    ):
        return response.status, await response.json()


async def test_a_closed_channel_is_seen_by_its_members_alone(house):
    nina = house.ws.add_user("Nina")
    guest = house.ws.add_user("Gjest", guest=True)
    await house.app.client.chat_postMessage(channel=house.cases.id, text="hemmelig")
    await house.app.client.chat_postEphemeral(channel=house.open.id, user=house.kari.id, text="til Kari")
    file = house.ws.new_file(house.kari, house.cases, "lager.csv", b"1")

    assert [m["text"] for m in (await live(house.ws, house.kari, house.cases.id))["messages"]] == ["hemmelig"]
    assert (await live(house.ws, nina, house.cases.id))["messages"] == []
    assert (await live(house.ws, house.ola, house.open.id))["messages"] == []
    names = {c["name"] for c in (await live(house.ws, nina))["channels"]}
    assert names == {"apent", "Testbot"}
    assert {c["name"] for c in (await live(house.ws, guest))["channels"]} == {"Testbot"}
    status, _ = await do(house.ws, "say", {"user": nina.id, "channel": house.cases.id, "text": "hei"})
    assert status == 400
    async with aiohttp.ClientSession() as session:
        for user, expected in ((house.kari, 200), (nina, 404)):
            async with session.get(f"{house.ws.page_url}page/file/{file.id}?user={user.id}") as response:
                assert response.status == expected


async def test_another_site_can_do_and_see_nothing(house):
    said = {"user": house.kari.id, "channel": house.cases.id, "text": "hei"}
    assert (await do(house.ws, "say", said, header="annet"))[0] == 403
    try:
        await live(house.ws, house.kari, origin="http://ondt.example")
    except aiohttp.WSServerHandshakeError as refusal:
        assert refusal.status == 403
    else:
        raise AssertionError("another site was let in")
    assert house.ws.messages(house.cases) == []


async def test_what_a_person_writes_is_escaped_and_names_become_mentions(house):
    text = "@Testbot & @Ola Farmasøyt: <!channel> x<y"
    await do(house.ws, "say", {"user": house.kari.id, "channel": house.cases.id, "text": text})
    (message,) = house.ws.messages(house.cases)
    assert message.text == f"<@{house.ws.bot_user_id}> &amp; <@{house.ola.id}>: &lt;!channel&gt; x&lt;y"
    assert message.plain() == "@Testbot & @Ola Farmasøyt: <!channel> x<y"
    assert message.notifies() == [house.ws.bot_user_id, house.ola.id]
