"""The workspace's page in a real browser, with a small bot of its own."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from workspace import Channel, User, Workspace

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
MEDICINES = [
    "Valtrex tabletter 250 mg",
    "Valtrex tabletter 500 mg",
    "Valaciclovir Teva tabletter 500 mg",
    "ZypAdhera",
]


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str = "", **more) -> dict:
    return {"text": plain(text), "value": value or text, **more}


def field(block_id: str, label: str, element: dict, **more) -> dict:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def button(action_id: str, label: str, **more) -> dict:
    return {"type": "button", "action_id": action_id, "text": plain(label), **more}


def form(note: str = "") -> dict:
    radios = [
        option("Tomt nå"),
        option("Innen 3 døgn"),
        option("Innen 2 uker"),
        option("Senere eller vet ikke"),
    ]
    where = [
        {"label": plain("Helse Sør-Øst"), "options": [option("Oslo universitetssykehus"), option("Ahus")]},
        {"label": plain("Helse Vest"), "options": [option("Haukeland universitetssjukehus")]},
    ]
    picker = {
        "type": "external_select",
        "action_id": "medicine",
        "min_query_length": 2,
        "placeholder": plain("Skriv navn, virkestoff eller styrke"),
    }
    return {
        "type": "modal",
        "callback_id": "report",
        "title": plain("Meld mangel"),
        "submit": plain("Send"),
        "close": plain("Avbryt"),
        "blocks": [
            field("medicine_block", "Legemiddel", picker, dispatch_action=True),
            *([{"type": "section", "block_id": "found", "text": mrkdwn(note)}] if note else []),
            field("where_block", "Hvor", {"type": "static_select", "action_id": "where", "option_groups": where}),
            field(
                "when_block",
                "Når går dere tomme?",
                {"type": "radio_buttons", "action_id": "when", "options": radios},
            ),
            field(
                "child_block",
                "Gjelder også",
                {"type": "checkboxes", "action_id": "also", "options": [option("Barn"), option("Gravide")]},
                optional=True,
            ),
            field("date_block", "Siste pakning", {"type": "datepicker", "action_id": "last"}, optional=True),
            field(
                "note_block",
                "Merknad",
                {"type": "plain_text_input", "action_id": "note", "multiline": True, "max_length": 500},
                optional=True,
                hint=plain("Ikke skriv pasientopplysninger."),
            ),
        ],
    }


def card(medicine: str, note: str) -> list[dict]:
    note = note.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [
        {
            "type": "section",
            "text": mrkdwn(f"*{medicine}* · 2026-0147 · KOMMENDE\nMangel fra 1. mai, årsak ukjent."),
        },
        {
            "type": "section",
            "text": mrkdwn(f"*Rekker lageret?* Nei. Trolig tomt ved utgangen av mai.\n> {note}"),
        },
        {"type": "context", "elements": [mrkdwn("Lagertall: 10. juli. Kilde: AHN.")]},
        {
            "type": "actions",
            "block_id": "card",
            "elements": [
                button("take_case", "Ta saken", style="primary"),
                button("update_case", "Oppdater"),
                button(
                    "end_case",
                    "Avslutt",
                    style="danger",
                    confirm={
                        "title": plain("Avslutte saken?"),
                        "text": mrkdwn("Melderen får beskjed."),
                        "confirm": plain("Avslutt"),
                        "deny": plain("Behold"),
                    },
                ),
                {
                    "type": "overflow",
                    "action_id": "more",
                    "options": [option("Vis historikk"), option("Publiser")],
                },
            ],
        },
    ]


@dataclass
class Room:
    """The workspace with its bot, and the people and channels of the tests."""

    ws: Workspace
    app: AsyncApp
    kari: User
    ola: User
    cases: Channel
    stock: Channel
    heard: list[str]


def bot(app: AsyncApp, cases: str, heard: list[str]) -> None:
    """A bot with one of everything."""

    @app.command("/mangel")
    async def mangel(ack, command, client, respond):
        await ack()
        if command["text"].strip():
            await respond(f"Du spurte om «{command['text']}». *Ingen kjent mangel.*")
        else:
            await client.views_open(trigger_id=command["trigger_id"], view=form())

    @app.options("medicine")
    async def medicine(ack, payload):
        heard.append(payload["value"])
        found = [m for m in MEDICINES if payload["value"].lower()[:4] in m.lower()]
        groups = [{"label": plain("Preparater"), "options": [option(m, description=plain("MT")) for m in found]}]
        substance = {"label": plain("Virkestoff"), "options": [option("valaciklovir")]}
        await ack(option_groups=[*groups, substance] if found else [])

    @app.action("medicine")
    async def chosen(ack, body, client):
        await ack()
        name = body["actions"][0]["selected_option"]["text"]["text"]
        note = f"Åpen sak: *2026-0101 {name}* (3 meldinger, 2 sykehus)."
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=form(note))

    @app.view("report")
    async def report(ack, view, client):
        values = view["state"]["values"]
        note = values["note_block"]["note"]["value"] or ""
        if "0101" in note:
            await ack(response_action="errors", errors={"note_block": "Dette ligner et fødselsnummer."})
            return
        await ack()
        name = values["medicine_block"]["medicine"]["selected_option"]["text"]["text"]
        await client.chat_postMessage(channel=cases, text=f"Ny sak: {name}", blocks=card(name, note))

    @app.action("take_case")
    async def take(ack, body, client):
        await ack()
        blocks = body["message"]["blocks"][:2]
        done = {"type": "context", "elements": [mrkdwn(f"Ansvarlig: <@{body['user']['id']}>")]}
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="tatt", blocks=[*blocks, done]
        )

    @app.action("end_case")
    async def end(ack):
        heard.append("end_case")
        await ack()

    @app.action("more")
    async def more(ack, respond, action):
        await ack()
        await respond(f"Valgt: {action['selected_option']['text']['text']}", replace_original=False)

    @app.shortcut("report_shortage")
    async def shortcut(ack, body, respond):
        await ack()
        await respond(f"Meldt fra «{body['message']['text']}»")

    @app.event("app_home_opened")
    async def home(event, client):
        blocks = [
            {"type": "header", "text": plain("Dine saker")},
            {
                "type": "section",
                "text": mrkdwn("*Valtrex* · 2026-0147\nMeldt av deg i går"),
                "accessory": button("take_home", "Vis sak"),
            },
            {"type": "divider"},
            {"type": "section", "fields": [mrkdwn("*Nye*\n2"), mrkdwn("*Pågående*\n14")]},
        ]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("app_mention")
    async def mentioned(event, say):
        await say("Ja, for ca. 14 dager.", thread_ts=event["ts"])

    @app.event("message")
    async def message(event, say):
        if event.get("files"):
            await say(f"Leste {event['files'][0]['name']}: 2 rader.", thread_ts=event["ts"])
        elif event["channel_type"] == "im":
            await say("Meropenem: *God* dekning.")

    @app.event("file_shared")
    async def shared(ack):
        await ack()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A furnished workspace and a connected bot."""
    async with Workspace(name="Mangelsenteret", bot_name="Mangelvakt") as ws:
        kari = ws.add_user("Kari Lege", title="overlege, OUS")
        ola = ws.add_user("Ola Farmasøyt", title="Mangelsenteret")
        ws.add_user("Siri Rådgiver", title="DMP", team="T0DMP", guest=True)
        cases = ws.add_channel("mangelsaker", private=True, members=[kari, ola], topic="Nye og pågående saker")
        stock = ws.add_channel("lager", private=True, members=[kari, ola], shared=True)
        ws.add_channel("apen-info", members=[])
        words = [
            ("meld", "Meld en mangel"),
            ("status", "Hvordan står det til med et legemiddel"),
            ("hjelp", "Hjelp"),
        ]
        ws.add_command("/mangel", "Meld mangel, eller spør om et legemiddel", words)
        ws.add_shortcut("report_shortage", "Meld mangel")
        heard: list[str] = []
        client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url)
        app = AsyncApp(client=client)
        bot(app, cases.id, heard)
        handler = AsyncSocketModeHandler(app, ws.app_token, web_client=client, ping_interval=1)
        await handler.connect_async()
        await ws.connected()
        yield Room(ws, app, kari, ola, cases, stock, heard)
        await handler.close_async()


@pytest.fixture(params=["desk", "phone"])
async def page(request, room) -> AsyncIterator:
    """The page of Kari, on a desk's screen and on a phone; no error may reach the console."""
    size = {"desk": (1280, 800), "phone": (360, 780)}[request.param]
    async with playwright.async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="nb-NO")
        tab = await context.new_page()
        tab.set_default_timeout(5000)
        errors: list[str] = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        await tab.goto(room.ws.page_url)
        await tab.get_by_role("button", name="Kari Lege").click()
        await tab.get_by_role("heading", name="mangelsaker").wait_for()
        tab.phone = request.param == "phone"
        yield tab
        assert not [e for e in errors if "400 (Bad Request)" not in e], errors
        await browser.close()


async def go_to(page, name: str) -> None:
    """Open a conversation from the list, which on a phone is behind a button."""
    if page.phone:
        await page.get_by_role("button", name="Samtaler").click()
    await page.locator("#steder").get_by_role("button", name=name).click()


async def write(page, text: str) -> None:
    """Write in the composer and send with Enter."""
    await page.get_by_role("combobox", name="Skriv til").fill(text)
    await page.keyboard.press("Enter")


def keep_picture(page, name: str) -> str:
    """Where pictures go when someone wants to look: `PICTURES=folder`."""
    import os

    folder = Path(os.environ["PICTURES"])
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{name}-{'phone' if page.phone else 'desk'}.png")


async def picture(page, name: str) -> None:
    """A picture of the page, when wanted; and nothing may stick out sideways."""
    import os

    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if os.environ.get("PICTURES"):
        await page.wait_for_timeout(150)
        await page.screenshot(path=keep_picture(page, name))


async def test_a_report_from_command_to_card_by_keyboard(room, page):
    composer = page.get_by_role("combobox", name="Skriv til")
    await composer.focus()
    await page.keyboard.type("/ma")
    await page.get_by_role("option", name="/mangel").wait_for()
    await page.keyboard.press("Enter")
    await page.get_by_role("option", name="status").wait_for()
    await picture(page, "1-completion")
    await page.keyboard.press("Enter")

    window = page.get_by_role("dialog", name="Meld mangel")
    medicine = window.get_by_role("combobox", name="Legemiddel")
    await medicine.wait_for()
    await page.keyboard.type("valtrexx 500", delay=15)
    await window.get_by_role("option", name="Valtrex tabletter 500 mg").wait_for()
    await picture(page, "2-type-ahead")
    assert room.heard[-1] == "valtrexx 500" and len(room.heard) < 8
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await window.get_by_text("3 meldinger, 2 sykehus").wait_for()
    assert await medicine.input_value() == "Valtrex tabletter 500 mg"

    await window.get_by_role("button", name="Send").click()
    await window.get_by_text("2 felt må rettes").wait_for()
    await picture(page, "3-errors")
    await window.get_by_role("combobox", name="Hvor").select_option("Oslo universitetssykehus")
    await window.get_by_text("Innen 3 døgn").click()
    await window.get_by_text("Barn").click()
    note = window.get_by_role("textbox", name="Merknad")
    await note.fill("01010112345")
    await window.get_by_role("button", name="Send").click()
    await window.get_by_text("Dette ligner et fødselsnummer").wait_for()
    assert await note.input_value() == "01010112345"
    await note.fill("<!channel> <b>3 pasienter</b> & flere")
    await picture(page, "4-filled")
    await window.get_by_role("button", name="Send").click()
    await window.wait_for(state="hidden")

    shown = page.get_by_role("article").last
    await shown.get_by_text("Valtrex tabletter 500 mg").wait_for()
    await shown.get_by_text("<!channel> <b>3 pasienter</b> & flere").wait_for()
    await picture(page, "5-card")
    await shown.get_by_role("button", name="Ta saken").click()
    await shown.get_by_text("Ansvarlig: @Kari Lege").wait_for()
    await picture(page, "6-taken")
    room.ws.check_clean()


async def test_answers_for_one_alone_menus_and_confirmation(room, page):
    await write(page, "/mangel status meropenem")
    await page.get_by_text("bare synlig for deg").wait_for()
    await page.get_by_text("Ingen kjent mangel.").wait_for()
    await write(page, "/finnesikke")
    await page.get_by_text("/finnesikke er ingen kommando her").wait_for()

    await room.app.client.chat_postMessage(channel=room.cases.id, text="sak", blocks=card("Etoposid", "ingen"))
    shown = page.get_by_role("article").last
    await shown.get_by_role("button", name="Avslutt").click()
    await page.get_by_role("dialog", name="Avslutte saken?").wait_for()
    await picture(page, "7-confirm")
    await page.get_by_role("button", name="Behold").click()
    assert "end_case" not in room.heard
    await shown.get_by_role("button", name="Flere valg").click()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.get_by_text("Valgt: Publiser").wait_for()
    await picture(page, "8-ephemerals")
    assert [m.only_for for m in room.ws.ephemerals(room.ola)] == []


async def test_threads_mentions_shortcuts_and_direct_messages(room, page):
    await write(page, "@Mangelvakt har vi nok meropenem?")
    asked = page.get_by_role("article").filter(has_text="har vi nok")
    await asked.get_by_role("button", name="1 svar").click()
    thread = page.get_by_role("complementary", name="Tråd")
    await thread.get_by_text("Ja, for ca. 14 dager.").wait_for()
    await thread.get_by_role("combobox", name="Svar i tråden").fill("takk")
    await page.keyboard.press("Enter")
    await thread.get_by_text("takk", exact=True).wait_for()
    await picture(page, "9-thread")
    await thread.get_by_role("button", name="Lukk tråden").click()
    await asked.get_by_role("button", name="Mer for denne meldingen").click()
    await page.get_by_role("menuitem", name="Meld mangel").click()
    await page.get_by_text("Meldt fra «@Mangelvakt har vi nok meropenem?»").wait_for()

    await go_to(page, "Direktemelding")
    await write(page, "meropenem?")
    await page.get_by_text("God dekning").wait_for()
    await picture(page, "10-direct")
    assert next(m.text for m in room.ws.messages(room.kari)) == "meropenem?"


async def test_home_files_and_who_one_is(room, page):
    await go_to(page, "Hjem")
    await page.get_by_role("heading", name="Dine saker").wait_for()
    await picture(page, "11-home")

    await go_to(page, "lager")
    await page.locator("input[type=file]").first.set_input_files(
        {"name": "lager uke 47.csv", "mimeType": "text/csv", "buffer": b"lager;antall\nB180S;12\n"}
    )
    await write(page, "Ukens tall")
    await page.get_by_role("button", name="1 svar").click()
    await page.get_by_text("Leste lager uke 47.csv: 2 rader.").wait_for()
    await page.get_by_role("button", name="Lukk tråden").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="lager uke 47.csv").click()
    assert Path(await (await downloading.value).path()).read_bytes().endswith(b"B180S;12\n")
    await picture(page, "12-file")

    if page.phone:
        await page.get_by_role("button", name="Samtaler").click()
        await picture(page, "13-menu")
    await page.get_by_role("combobox", name="Du er").select_option("Siri Rådgiver")
    await page.get_by_role("heading", name="Mangelvakt").first.wait_for()
    assert await page.get_by_text("lager", exact=True).count() == 0


async def test_a_broken_bot_is_told_of_in_words(room, page):
    await room.ws.cut()
    room.ws.core.courier.ack_timeout = 0.3
    await room.app.client.chat_postMessage(channel=room.cases.id, text="sak", blocks=card("Etoposid", "ingen"))
    room.ws.drop_acks(1)
    await room.ws.connected()
    await page.get_by_role("article").last.get_by_role("button", name="Avslutt").click()
    await page.get_by_role("dialog").get_by_role("button", name="Avslutt").click()
    await page.get_by_text("Appen svarte ikke i tide. Prøv igjen.").wait_for()
