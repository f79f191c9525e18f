"""Messages with a picture, and a workspace that fails on purpose: the message comes, the picture if it can."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.charts.stock import Course, StockChart
from bot.clock import SetClock
from bot.delivery.worker import PICTURE_ATTEMPTS, DeliveryWorker
from storage.unit_of_work import Database
from tests.service.test_delivery import LEASE, POST, Post
from workspace import Message, Workspace

ALT = "Kurve: Valtrex. Trolig tomt 20. juli, tidligst 16. juli."
CHART = StockChart(
    title="Valtrex tab 500 mg · Fokuslisten",
    alt=ALT,
    first=dt.date(2025, 7, 7),
    days=4,
    courses=(Course("Fokuslisten", "tabletter", (4, 3, 1, 0), (4, 2, 0, 0), (4, 3, 2, 1), "Trolig tomt 10. juli."),),
    words={"today": "i dag", "delivery": "levering", "deliveries": "leveringer", "lost": "Bildet kom ikke med:"},
).as_json()
GET_URL, COMPLETE = "files.getUploadURLExternal", "files.completeUploadExternal"


@pytest.fixture
async def post(database: Database, clock: SetClock) -> AsyncIterator[Post]:
    """A workspace that goes through a file before it may be shown, and a worker with little patience."""
    async with Workspace(looks_until_ready=1) as ws:
        kari = ws.add_user("Kari Lege")
        cases = ws.add_channel("mangelsaker", private=True, members=[kari])
        stock = ws.add_channel("lager", private=True, members=[kari])
        client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url, retry_handlers=[], timeout=1)
        worker = DeliveryWorker(database, client, clock, pace=0.0, lease=LEASE, poll=0.05, patience=1.0)
        yield Post(ws, database, clock, cases, stock, kari, client, worker)
        assert not ws.complaints


async def with_picture(post: Post, key: str = "curve:1", **more: Any) -> None:
    await post.say(key, picture=CHART, **more)


def only(post: Post) -> Message:
    (message,) = post.ws.messages(post.cases, by_bot=True)
    return message


def has_picture(message: Message) -> bool:
    return any(block["type"] == "image" and "slack_file" in block for block in message.blocks)


async def test_a_picture_is_uploaded_and_shown_under_the_message_with_its_alt_text(post: Post) -> None:
    await with_picture(post)
    await post.now()
    image = only(post).blocks[-1]
    assert (image["type"], image["alt_text"]) == ("image", ALT)
    file = post.ws.state.files[image["slack_file"]["id"]]
    assert file.data is not None and file.image_type == "image/png"
    assert file.channels == [post.cases.id], "whoever reads the channel may see it, and nobody else"
    row = await post.row("curve:1")
    assert (row.state, row.file_id, row.problem) == ("sent", file.id, None)


async def test_the_message_waits_until_slack_has_gone_through_the_file(post: Post) -> None:
    post.ws.core.looks_until_ready = 3
    await with_picture(post)
    await post.another().deliver_due()
    assert has_picture(only(post))
    assert len(post.ws.calls(POST)) == 1, "it was never refused"


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        (GET_URL, {"status": 429, "retry_after": 2}),
        (GET_URL, {"hang": 1.5}),
        ("upload", {"status": 500}),
        ("upload", {"hang": 1.5}),
        ("upload", {"hang_up": "after"}),
        (COMPLETE, {"hang_up": "after"}),
        ("files.info", {"status": 503}),
    ],
    ids=str,
)
async def test_one_failure_on_the_way_costs_a_moment_and_doubles_nothing(
    post: Post, method: str, fault: dict[str, Any]
) -> None:
    post.ws.answer(method, **fault)
    await with_picture(post)
    await post.now()
    assert not (await post.row("curve:1")).doubtful, "nothing was posted yet"
    await post.later()
    assert has_picture(only(post))
    assert len(post.ws.calls(POST)) == 1


@pytest.mark.parametrize("error", ["missing_scope", "file_uploads_disabled", "storage_limit_reached"])
async def test_a_workspace_that_takes_no_files_gets_the_message_at_once_in_words(post: Post, error: str) -> None:
    post.ws.answer(GET_URL, error=error, times=99)
    await with_picture(post)
    await post.now()
    assert not has_picture(only(post))
    assert f"Bildet kom ikke med: {ALT}" in only(post).plain()
    row = await post.row("curve:1")
    assert (row.state, row.problem, row.file_id) == ("sent", f"without its picture: {error}", None)


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "retry_after": 1}])
async def test_a_picture_that_never_gets_through_is_left_out(post: Post, fault: dict[str, Any]) -> None:
    post.ws.answer("upload", times=99, **fault)
    await with_picture(post)
    for _ in range(PICTURE_ATTEMPTS):
        assert not post.ws.messages(post.cases, by_bot=True)
        await post.later()
    assert ALT in only(post).plain() and not has_picture(only(post))


async def test_a_file_that_slack_will_not_show_is_left_out(post: Post) -> None:
    post.ws.answer(POST, status=500)
    await with_picture(post)
    await post.now()
    for file in post.ws.state.files.values():
        file.data = b"no longer an image"
    for _ in range(PICTURE_ATTEMPTS):
        await post.later()
    assert ALT in only(post).plain() and not has_picture(only(post))
    assert (await post.row("curve:1")).problem == "without its picture: Slack will not show it"


async def test_a_picture_that_cannot_be_drawn_is_left_out(post: Post) -> None:
    async with post.database.unit_of_work() as uow:
        await uow.say("curve:1", post.cases.id, "tekst", [], picture=CHART | {"days": "mange"})
    await post.now()
    assert ALT in only(post).plain()
    assert (await post.row("curve:1")).problem == "without its picture: could not be drawn"


async def test_a_message_posted_without_an_answer_is_found_and_its_picture_not_uploaded_again(post: Post) -> None:
    post.ws.answer(POST, hang_up="after")
    await with_picture(post)
    await post.now()
    await post.later()
    assert has_picture(only(post))
    assert len(post.ws.calls(GET_URL)) == 1


async def test_an_upload_that_was_done_is_kept_when_the_post_fails(post: Post) -> None:
    post.ws.answer(POST, status=500)
    await with_picture(post)
    await post.now()
    await post.later()
    assert has_picture(only(post))
    assert len(post.ws.calls(GET_URL)) == 1


async def test_an_alert_goes_before_a_picture_that_is_put_off(post: Post) -> None:
    post.ws.answer(GET_URL, status=429, retry_after=30)
    await with_picture(post, priority=7)
    await post.now()
    await post.say("alert:1", priority=1)
    await post.now()
    assert post.texts() == ["tekst alert:1"]
    await post.later()
    assert post.texts() == ["tekst alert:1", "tekst curve:1"]


async def test_an_edited_message_keeps_its_picture(post: Post) -> None:
    await with_picture(post, blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "før"}}])
    await post.now()
    before = only(post).blocks[-1]
    await post.say(
        "curve:1:v2", edits="curve:1", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "etter"}}]
    )
    await post.now()
    blocks = only(post).blocks
    assert blocks[0]["text"]["text"] == "etter"
    assert (blocks[-1]["slack_file"], blocks[-1]["alt_text"]) == (before["slack_file"], ALT)


async def test_a_picture_never_comes_with_an_edit(post: Post) -> None:
    await post.say("card:1")
    with pytest.raises(ValueError, match="not with an edit"):
        await post.say("card:1:v2", edits="card:1", picture=CHART)


async def test_pictures_are_drawn_beside_the_event_loop(post: Post) -> None:
    for place in range(3):
        await with_picture(post, f"curve:{place}", where=post.ws.add_user(f"Person {place}"))
    delivering = asyncio.create_task(post.worker.deliver_due())
    beats = 0
    while not delivering.done():
        await asyncio.sleep(0.01)
        beats += 1
    assert beats > 10
    await post.now()
    assert len([message for message in post.ws.state.messages if has_picture(message)]) == 3
