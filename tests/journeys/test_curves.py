"""Pictures of stock in Slack: who gets them, where they stand, and what comes when a picture cannot."""

from __future__ import annotations

from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House, furnished
from workspace import Message

HOSPITAL = "UNN Tromsø;Valtrex tab 500 mg;900;tablett;2025-07-06;300;2025-06;;"


def picture_of(house: House, message: Message) -> bytes:
    """The picture that a message shows."""
    image = next(block for block in message.blocks if block["type"] == "image")
    data = house.ws.state.files[image["slack_file"]["id"]].data
    assert data is not None and data.startswith(b"\x89PNG")
    return data


async def test_a_manager_asks_for_the_curve_of_a_stock_and_gets_it_alone(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    answer = await house.ws.slash(house.mona, "/mangel lager valtrex 500")
    await house.ws.wait_for(lambda: answer.messages, 20, "the stock")
    said = await house.press(house.mona, answer.messages[-1], "show_curve")
    assert "kommer i en direktemelding til deg" in said
    curve = await house.said(house.mona, "Valtrex tab 500 mg")
    assert "Trolig tomt 20. juli, tidligst 14. juli." in curve.plain()
    assert "Varslingsgrense 90 dager (27" in curve.plain()
    assert len(picture_of(house, curve)) > 10_000


async def test_a_clinician_has_no_such_button_and_a_forged_one_is_refused(house: House) -> None:
    alert = await house.alert()
    assert "Vis kurve" not in await house.ask(house.kari, "lager valtrex 500")
    async with house.nothing_stored():
        for button, value in (("show_curve", "s:valaciklovir"), ("show_alert_curve", "1"), ("show_case_curve", "x")):
            assert "fått tilgang" in await house.forge(house.kari, alert, button, value)


async def test_the_alerts_curve_stands_in_its_thread_once_a_day(house: House) -> None:
    alert = await house.alert()
    assert "Kurven kommer i tråden." in await house.press(house.mona, alert, "show_alert_curve")
    curve = await house.said(house.stock, "Kurve: Valtrex")
    assert curve.thread_ts == alert.ts
    assert picture_of(house, curve)
    assert "Dagens kurve står i tråden." in await house.press(house.siri, alert, "show_alert_curve")
    await house.ws.quiet()
    assert len(house.ws.replies(house.stock, alert)) == 1


async def test_a_hospitals_own_stock_is_shown_to_its_manager_alone(database_url: str) -> None:
    pools = {"unn-tromso": {"managers": [], "limit_days": 90, "name": "UNN Tromsø"}}
    async with furnished(database_url, pools=pools) as house:
        await house.store(HOSPITAL, by=house.siri)
        alert = await house.said(house.stock, "VARSEL")
        said = await house.forge(house.siri, alert, "show_alert_curve", "1")
        assert "direktemelding" in said
        assert picture_of(house, await house.said(house.siri, "Kurve: Valtrex"))
        assert not house.ws.replies(house.stock, alert)
        assert "tilgang" in await house.forge(house.mona, alert, "show_alert_curve", "1")


async def test_the_cases_curve_stands_in_its_thread_with_the_shortages_end(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    form = await house.form(house.siri, "update_case", house.card())
    assert form
    await house.ws.submit(house.siri, {"expected_end": "2025-09-15"})
    await house.ws.wait_for(lambda: "15. sept." in house.card().plain(), 20, "the new end")
    assert "Kurven kommer i tråden." in await house.press(house.siri, house.card(), "show_case_curve")
    curve = await house.said(house.cases, "Kurve: Valtrex")
    assert "Mangelen slutter 15. sept." in curve.plain()
    assert picture_of(house, curve)


async def test_in_an_open_channel_there_is_no_button_and_no_picture(database_url: str) -> None:
    async with furnished(database_url) as house:
        house.stock.private = False
        await house.bot.look_at_channels()
        alert = await house.alert()
        assert "Vis kurve" not in alert.plain()
        assert "direktemelding" in await house.forge(house.mona, alert, "show_alert_curve", "1")
        await house.said(house.mona, "Kurve: Valtrex")
        assert not house.ws.replies(house.stock, alert)


async def test_where_slack_takes_no_files_the_curve_is_told_in_words(database_url: str) -> None:
    async with furnished(database_url) as house:
        await house.store(*VALTREX_IN_TWO_WEEKS)
        house.ws.answer("files.getUploadURLExternal", error="file_uploads_disabled", times=9)
        answer = await house.ws.slash(house.mona, "/mangel lager valtrex 500")
        await house.ws.wait_for(lambda: answer.messages, 20, "the stock")
        await house.press(house.mona, answer.messages[-1], "show_curve")
        curve = await house.said(house.mona, "Bildet kom ikke med. Det viste: Kurve:")
        assert "Trolig tomt 20. juli" in curve.plain()
