"""Around the digest: the pin, and the files in its thread; what Slack refuses it goes without."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from storage.tables import Meeting, MeetingPost
from tests.journeys.conftest import House, furnished
from workspace import Message

WEDNESDAY = dt.datetime(2025, 7, 9, 12, 1, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


async def kept(house: House, table: type[Any]) -> None:
    """Ask until the newest digest, or meeting, has all that stands around it."""
    for _ in range(300):
        await house.bot.keep_meeting_channel()
        rows = [row for row in await house.rows(table) if getattr(row, "kind", "digest") == "digest"]
        if rows[-1].kept.get("files") not in (None, "begun"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was kept")


async def digest(house: House, at: dt.datetime, week: int) -> Message:
    """The digest of a week, posted at its time and kept after."""
    house.clock.set(at)
    await house.bot.services.meeting.post_what_is_due()
    found = await house.said(house.meeting, f"Mangelmøtet uke {week}")
    await kept(house, MeetingPost)
    return found


def fresh(house: House, message: Message) -> Message:
    """A message as it stands now."""
    return next(one for one in house.ws.messages(house.meeting) if one.ts == message.ts)


def files(house: House, message: Message) -> list[str]:
    """The files in a message's thread."""
    return [str(file["name"]) for reply in house.ws.replies(house.meeting, message) for file in reply.files]


async def test_the_newest_digest_is_pinned_and_has_its_files_once(house: House) -> None:
    await house.valtrex_case()
    first = await digest(house, WEDNESDAY, 28)
    for _ in range(2):
        await house.bot.keep_meeting_channel()
    assert fresh(house, first).pinned
    names = ["mangelmotet-2025-W28.pdf", "mangelmotet-2025-W28.html", "mangelmotet-2025-W28.xlsx"]
    assert files(house, first) == names
    second = await digest(house, WEDNESDAY + WEEK, 29)
    assert (fresh(house, first).pinned, fresh(house, second).pinned) == (False, True)
    assert len(files(house, second)) == 3


async def test_a_replica_that_died_after_the_upload_does_not_lay_the_files_twice(house: House) -> None:
    await house.valtrex_case()
    first = await digest(house, WEDNESDAY, 28)
    (post,) = await house.rows(MeetingPost)
    async with house.bot.database.unit_of_work() as uow:
        again = await uow.session.get(MeetingPost, post.id)
        assert again is not None
        again.kept = {"pin": "done", "files": "begun"}
    await house.bot.keep_meeting_channel()
    assert len(files(house, first)) == 3
    assert (await house.rows(MeetingPost))[0].kept["files"] == "done"


async def test_a_workspace_that_lets_nothing_be_pinned_gets_the_files_all_the_same(database_url: str) -> None:
    async with furnished(database_url) as house:
        await house.valtrex_case()
        house.ws.answer("pins.add", error="restricted_action")
        first = await digest(house, WEDNESDAY, 28)
        await house.bot.keep_meeting_channel()
        assert len(house.ws.calls("pins.add")) == 1, "said once, and not tried again"
        assert len(files(house, first)) == 3


async def post_of_week_29(house: House) -> MeetingPost:
    """What was noted with the second digest."""
    (row,) = [row for row in await house.rows(MeetingPost) if (row.week, row.kind) == ("2025-W29", "digest")]
    return row  # type: ignore[no-any-return]


async def test_the_digest_is_the_channels_canvas_where_that_is_asked_for(database_url: str) -> None:
    async with furnished(database_url, canvas=True) as house:
        house.ws.core.scopes = (house.ws.core.scopes or frozenset()) | {"canvases:write"}
        await house.valtrex_case()
        await digest(house, WEDNESDAY, 28)
        await house.bot.keep_meeting_channel()
        canvas = house.ws.canvas(house.meeting)
        assert canvas is not None and canvas.markdown.startswith("# Mangelmøtet uke 28")
        assert "Valtrex tab 500 mg" in canvas.markdown
        house.clock.set(WEDNESDAY + WEEK)
        await digest(house, WEDNESDAY + WEEK, 29)
        await house.bot.keep_meeting_channel()
        assert canvas.markdown.startswith("# Mangelmøtet uke 29"), "written anew, in the same canvas"
        assert len(house.ws.calls("conversations.canvases.create")) == 1
        for row in await house.rows(MeetingPost):  # a replica that died before it could note which one is ours
            async with house.bot.database.unit_of_work() as uow:
                again = await uow.session.get(MeetingPost, row.id)
                assert again is not None
                again.kept = {"pin": "done", "files": "done"}
        await house.bot.keep_meeting_channel()
        assert (await post_of_week_29(house)).kept["canvas_id"] == canvas.id


async def test_a_canvas_that_is_somebody_elses_or_not_allowed_is_left_alone(database_url: str) -> None:
    async with furnished(database_url, canvas=True) as house:
        await house.valtrex_case()
        await digest(house, WEDNESDAY, 28)
        await house.bot.keep_meeting_channel()
        assert house.ws.canvas(house.meeting) is None, "the scope is not granted; everything else is there"
        house.ws.core.scopes = (house.ws.core.scopes or frozenset()) | {"canvases:write"}
        theirs = house.ws.add_canvas(house.siri, house.meeting, "Våre lenker")
        await digest(house, WEDNESDAY + WEEK, 29)
        await house.bot.keep_meeting_channel()
        assert theirs.markdown == "Våre lenker"
        assert "refused" in (await post_of_week_29(house)).kept["canvas"]


async def test_minutes_have_their_files_with_names_on_them(house: House) -> None:
    await house.valtrex_case()
    siri = await house.bot.services.people.actor(house.siri.id)
    chairing = house.bot.services.chairing
    await chairing.open(siri, key=None)
    (held,) = await house.rows(Meeting)
    await chairing.close(held.id, [house.siri.id], "Nina, Sykehusinnkjøp HF", siri, key=None)
    minutes = await house.said(house.meeting, "Referat, Mangelmøtet uke 28")
    await kept(house, Meeting)
    assert files(house, minutes) == ["referat-2025-W28.pdf", "referat-2025-W28.html"]
    page = next(file for file in house.ws.core.state.files.values() if file.name.endswith(".html"))
    assert "Siri Senter" in (page.data or b"").decode()
