"""What cannot be right is refused with one clear line, and not one row of any table changes."""

from __future__ import annotations

import logging

import pytest

from storage.tables import KeptEvent, OutboxEntry, ShortageReport, StockCount
from tests.journeys.conftest import HEADINGS, VALTREX_IN_TWO_WEEKS, House
from workspace import Message
from workspace.plain_text import called_by, unescaped

FNR = "010190 00164"
"""A made-up number with both check digits right."""
REFUSED = "Teksten ser ut til å inneholde et fødselsnummer. Fjern det og send på nytt. Ingenting er lagret."
DELETE_IT = "Slett meldingen i Slack også, og skriv den på nytt uten nummeret."
INJECTED = "<!channel> *bold* {{ 7*7 }} <@U00000003> <https://ond.no|klikk> &amp; :bomb:"


# --- forms ---


async def test_an_empty_form_is_refused_by_the_service_too(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel")
    view = await house.ws.view(house.kari)
    for block in view.blocks:  # a client that does not know required fields
        if block["type"] == "input":
            block["optional"] = True
    async with house.nothing_stored():
        sent = await house.ws.submit(house.kari)
        assert sent.errors == {
            "medicine": "Velg legemiddelet, eller skriv navnet.",
            "runs_out": "Velg når dere går tomme.",
            "place": "Velg hvor det mangler.",
        }


async def test_ten_thousand_characters_in_a_note(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel meld valtrex tab 500 mg")
    view = await house.ws.fill(house.kari, {"place": "UNN Tromsø", "runs_out": "now", "note": "x" * 10_000})
    note = next(block for block in view.blocks if block.get("block_id") == "note")
    note["element"]["max_length"] = 20_000  # a client that does not know the limit
    async with house.nothing_stored():
        sent = await house.ws.submit(house.kari)
        assert sent.errors == {"note": "Teksten er 10000 tegn. Skriv høyst 2000."}


@pytest.mark.parametrize("day", ["2025-02-30", "i morgen", "03/04/2026"])
async def test_a_date_that_does_not_exist(house: House, day: str) -> None:
    card = await house.valtrex_case()
    form = await house.form(house.siri, "update_case", card)
    form.values["expected_end"]["expected_end"]["selected_date"] = day
    async with house.nothing_stored():
        sent = await house.ws.submit(house.siri)
        assert sent.errors == {"expected_end": f"Datoen {day} finnes ikke."}


async def test_choices_that_no_form_offers(house: House) -> None:
    card = await house.valtrex_case()
    for button, field in (("update_shortage", "status"), ("publish_case", "visibility"), ("close_case", "status")):
        on = await house.form(house.siri, "update_case", card) if button == "update_shortage" else card
        form = await house.form(house.siri, button, on)
        if button == "close_case":
            await house.ws.fill(house.siri, {"outcome": "unknown", "reason": "Ferdig."})
        form.values[field] = {field: {"type": "radio_buttons", "selected_option": {"value": "nonsense"}}}
        async with house.nothing_stored():
            sent = await house.ws.submit(house.siri)
            assert sent.errors == {field: "Dette valget finnes ikke. Velg på nytt."}
        await house.ws.close(house.siri)
    await house.ws.slash(house.kari, "/mangel meld valtrex tab 500 mg")
    form = await house.ws.fill(house.kari, {"place": "UNN Tromsø", "runs_out": "now"})
    form.values["runs_out"]["runs_out"]["selected_option"] = {"value": "yesterday"}
    async with house.nothing_stored():
        assert (await house.ws.submit(house.kari)).errors == {"runs_out": "Dette valget finnes ikke. Velg på nytt."}


# --- no patients ---


@pytest.mark.parametrize(
    "typed", [f"status {FNR}", f"valtrex {FNR}", f"meld valtrex {FNR}", f"lager {FNR}", f"følg {FNR}"]
)
async def test_a_national_identity_number_in_a_command(
    house: House, typed: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    caplog.set_level(logging.DEBUG, logger="handlers")
    async with house.nothing_stored():
        assert await house.ask(house.kari, typed) == REFUSED
    assert FNR not in caplog.text
    assert house.ws.current_view(house.kari) is None


async def test_a_national_identity_number_in_the_report_form(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel meld valtrex tab 500 mg")
    async with house.nothing_stored():
        sent = await house.ws.submit(
            house.kari,
            {"place": "other", "place_other": f"Hos {FNR}", "runs_out": "now", "note": f"Pasient {FNR}"},
        )
        assert set(sent.errors) == {"place_other", "note"}
        assert set(sent.errors.values()) == {REFUSED}


async def test_a_national_identity_number_as_a_medicine(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel")
    assert await house.ws.type_ahead(house.kari, "medicine", FNR) == []
    [option] = (await house.ws.type_ahead(house.kari, "medicine", "ukjentol"))[-1:]
    forged = {**option.body, "value": f"t:Valtrex til {FNR}"}
    form = await house.ws.fill(house.kari, {"medicine": option, "place": "UNN Tromsø", "runs_out": "now"})
    form.values["medicine"]["medicine"]["selected_option"] = forged
    async with house.nothing_stored():
        assert (await house.ws.submit(house.kari)).errors == {"medicine": REFUSED}


async def test_a_national_identity_number_in_the_centres_forms(house: House) -> None:
    card = await house.valtrex_case()
    for button, field in (
        ("update_case", "substitute"),
        ("update_case", "next_step"),
        ("update_case", "decision_question"),
        ("publish_case", "advice"),
        ("close_case", "reason"),
    ):
        await house.form(house.siri, button, card)
        async with house.nothing_stored():
            sent = await house.ws.submit(house.siri, {field: f"Se {FNR}"})
            assert sent.errors[field] == REFUSED
        await house.ws.close(house.siri)


async def test_a_national_identity_number_in_a_direct_message_and_a_mention(house: House) -> None:
    async with house.nothing_stored():
        await house.ws.direct_message(house.kari, f"har vi nok til {FNR}?")
        await house.said(house.kari, DELETE_IT)
        await house.ws.mention(house.kari, house.info, f"status {FNR}")
        await house.whispered(house.kari, DELETE_IT)
    assert FNR not in str(await house.rows(KeptEvent)) + str(await house.rows(OutboxEntry))


async def test_a_national_identity_number_in_a_message_that_is_to_become_a_report(house: House) -> None:
    said = await house.ws.say(house.ola, house.info, f"Tomt for Valtrex til {FNR}")
    async with house.nothing_stored():
        await house.ws.shortcut(house.kari, said, "report_shortage")
        await house.whispered(house.kari, DELETE_IT)
    assert house.ws.current_view(house.kari) is None


async def test_a_national_identity_number_as_the_reason_for_a_snooze(house: House) -> None:
    alert = await house.alert()
    await house.form(house.mona, "snooze_alert", alert)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.mona, {"until": "2025-07-14", "reason": f"Pasient {FNR}"})
        assert sent.errors == {"reason": REFUSED}


# --- what is typed is shown as typed ---


async def test_markup_in_a_note_is_shown_as_typed_and_calls_nobody(house: House) -> None:
    await house.report(house.kari, "valtrex 500", "Valtrex tab 500 mg", note=INJECTED)
    card = await house.said(house.cases, "2025-0001")
    assert INJECTED in as_typed(card)
    assert called_by(card) == [house.kari.id]  # who reported, in the closed channel; nobody whom the note names
    assert "<!channel>" not in str(card.blocks) + card.text
    assert "<@U00000003>" not in str(card.blocks)


async def test_markup_in_every_field_of_the_centre_is_shown_as_typed(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "update_case", card)
    await house.ws.submit(house.siri, {"substitute": INJECTED, "next_step": INJECTED, "decision_question": INJECTED})
    await house.publish(advice=INJECTED)
    public = await house.said(house.info, "2025-0001")
    assert INJECTED in as_typed(public)
    for message in (*house.by_bot(house.cases), *house.by_bot(house.info), *house.by_bot(house.kari)):
        assert set(called_by(message)) <= {house.kari.id, house.siri.id}
        assert "<!channel>" not in str(message.blocks) + message.text
        assert "<https://ond.no" not in str(message.blocks) + message.text
    assert "49" not in public.plain()


async def test_markup_in_words_that_are_looked_up(house: House) -> None:
    told = await house.ask(house.kari, "status <!channel> [Velg](take_case 2025-0001)")
    assert "[Velg](take_case 2025-0001)" in told.replace("\u200b", "")


async def test_ten_thousand_characters_after_the_command(house: House) -> None:
    async with house.nothing_stored():
        assert "Fant ingenting" in await house.ask(house.kari, "status " + "xqz " * 2500)


def as_typed(message: Message) -> str:
    """The characters that a reader sees, without what keeps them from being markup."""
    texts = [str((block.get("text") or {}).get("text", "")) for block in message.blocks]
    return unescaped("\n".join(texts)).replace("\u200b", "")


# --- sheets ---


async def refused(house: House, content: str | bytes, name: str = "lager.csv") -> str:
    """What the stock manager hears of a file of which nothing is stored."""
    async with house.nothing_stored():
        told = await house.drop_file(house.mona, content, name)
    assert "[Lagre]" not in told.plain()
    return told.plain()


async def test_a_sheet_without_a_column_it_needs(house: House) -> None:
    told = (
        await house.drop_file(house.mona, "lager;beholdning;dato\nFokuslisten;10;2025-07-06\n", "lager.csv")
    ).plain()
    assert "Arket mangler kolonnen preparat." in told
    assert await house.rows(StockCount) == []


async def test_a_negative_stock(house: House) -> None:
    told = await refused(house, f"{HEADINGS}\nFokuslisten;Valtrex tab 500 mg;-5;tablett;2025-07-06;;;;\n")
    assert "Rad 2, kolonne «beholdning», «-5»: kan ikke være negativ." in told


async def test_a_date_that_can_be_read_in_two_ways(house: House) -> None:
    told = await refused(house, f"{HEADINGS}\nFokuslisten;Valtrex tab 500 mg;5;tablett;03/04/2025;;;;\n")
    assert "«03/04/2025»: kan leses på to måter" in told


@pytest.mark.parametrize("day", ["31.02.2025", "i går"])
async def test_a_date_of_a_sheet_that_is_none(house: House, day: str) -> None:
    told = await refused(house, f"{HEADINGS}\nFokuslisten;Valtrex tab 500 mg;5;tablett;{day};;;;\n")
    assert f"Rad 2, kolonne «dato», «{day}»" in told


async def test_a_file_of_fifty_megabytes(house: House) -> None:
    told = await refused(house, b"x" * (50 * 1024 * 1024), "alt.csv")
    assert told == "Filen alt.csv er 50 MB. Et ark kan være høyst 10 MB. Del det opp."


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "bilde.png"),
        (bytes(range(256)) * 8, "lager.csv"),
        (b"PK\x03\x04", "x.xlsx"),
    ],
)
async def test_a_file_that_is_no_sheet(house: House, content: bytes, name: str) -> None:
    assert f"{name} er ikke et regneark" in await refused(house, content, name)


async def test_an_empty_file(house: House) -> None:
    assert "er tom" in await refused(house, b"", "tomt.csv")


async def test_every_fault_is_named_and_nothing_of_the_good_rows_is_stored(house: House) -> None:
    rows = (*VALTREX_IN_TWO_WEEKS, *(f"Fokuslisten;Xqzzk{n};5;tablett;2025-07-06;;;;" for n in range(20)))
    told = (await house.drop_sheet(house.mona, *rows)).plain()
    assert await house.rows(StockCount) == []
    assert "Rad 3, kolonne «preparat», «Xqzzk0»: fant ikke varen." in told
    assert "feil til." in told
    assert "Ingenting er lagret. Rett arket og send det på nytt, eller lagre de andre radene." in told


async def test_a_windows_1252_sheet_is_read_right(house: House) -> None:
    headings = HEADINGS + ";utløp"
    sheet = f"{headings}\nFokuslisten;Valtrex tab 500 mg;1 234,5;tablett;06.07.2025;;;;;31.12.2026\n"
    preview = await house.drop_file(house.mona, sheet.encode("cp1252"), "på lager.csv")
    await house.ws.click(house.mona, preview, "store_sheet")
    await house.whispered(house.mona, "på lager.csv er lagret")
    count = (await house.rows(StockCount))[0]
    assert (count.quantity, str(count.expiry)) == (1234.5, "2026-12-31")


# --- who is not of the house ---


async def test_a_person_of_another_organisation_reports_and_sees_what_is_published(house: House) -> None:
    await house.report(house.ola, "valtrex 500", "Valtrex tab 500 mg")
    await house.said(house.ola, "Takk, meldingen")
    assert "Ingen publiserte saker" in await house.ask(house.ola, "liste")
    await house.publish(advice="Bruk aciklovir.")
    assert "Valtrex tab 500 mg" in await house.ask(house.ola, "liste")
    told = await house.ask(house.ola, "status 2025-0001")
    assert "Bruk aciklovir." in told
    assert "Årsak" not in told
    assert len(await house.rows(ShortageReport)) == 1
