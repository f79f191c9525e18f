"""A clinician reports; the centre has a case; the reporter has a receipt that nobody takes for an order."""

from __future__ import annotations

from bot.people.places import trusts
from storage.tables import ShortageCase, ShortageReport, WrongMatch
from tests.journeys.conftest import House


async def test_a_report_becomes_a_case_card_and_a_receipt(house: House) -> None:
    sent = await house.report(
        house.kari,
        "valtrexx 500",
        "Valtrex tab 500 mg",
        note="Tre pasienter etter transplantasjon.",
        facts=["pharmacy_contacted", "children"],
    )

    assert not sent.errors
    assert "2025-0001" in sent.view.plain()
    assert "ikke en bestilling" in sent.view.plain()
    card = await house.said(house.cases, "2025-0001")
    assert "Valtrex tab 500 mg (valaciklovir)" in card.plain()
    assert "UNN Tromsø (tomt innen 3 døgn, gjelder barn)" in card.plain()
    assert "Tre pasienter etter transplantasjon." in card.plain()
    receipt = await house.said(house.kari, "2025-0001")
    assert "Giftinformasjonen 22 59 13 00" in receipt.plain()
    assert not house.ws.messages(house.info, by_bot=True)


async def test_a_second_report_of_the_same_preparation_joins_the_case(house: House) -> None:
    await house.report(house.kari, "valtrex 500", "Valtrex tab 500 mg")
    first = await house.said(house.cases, "2025-0001")
    await house.report(house.ola, "valtrex 500", "Valtrex tab 500 mg", place="Førde sentralsjukehus")

    await house.ws.wait_for(lambda: "2 meldinger, 2 steder" in house.card().plain(), what="the card with two reports")
    assert house.card().ts == first.ts
    note = await house.said(house.cases, "Ny melding fra Førde")
    assert note.thread_ts == first.ts
    assert len(house.ws.messages(house.cases, by_bot=True)) == 1
    assert "2 meldinger fra 2 steder" in (await house.said(house.ola, "2025-0001")).plain()


async def test_the_form_shows_the_open_case_before_anything_is_sent(house: House) -> None:
    await house.valtrex_case()
    await house.ws.slash(house.ola, "/mangel meld valtrex 500 mg tab")
    form = await house.ws.view(house.ola)
    assert "Det finnes en åpen sak om dette" in form.plain()
    assert [chosen["selected_option"]["value"] for chosen in form.values["join"].values()] == ["2025-0001"]
    assert "2025-0001 · 1 melding, 1 sted" in str(form.blocks)
    assert "UNN" not in str([block for block in form.blocks if block.get("block_id") == "join"])


async def test_the_same_preparation_may_be_reported_as_a_case_of_its_own(house: House) -> None:
    await house.valtrex_case()
    await house.report(house.ola, "valtrex 500", "Valtrex tab 500 mg", join="own")
    await house.said(house.cases, "2025-0002")
    assert len(await house.rows(ShortageCase)) == 2


async def test_another_strength_is_asked_about_and_is_a_case_of_its_own_by_default(house: House) -> None:
    await house.valtrex_case()
    await house.ws.slash(house.ola, "/mangel")
    await house.ws.choose(house.ola, "medicine", "Valtrex tab 250 mg")
    form = await house.ws.view(house.ola)
    assert "Det finnes åpen sak om en annen styrke eller form" in form.plain()
    assert "Samme mangel som 2025-0001" in form.plain()
    await house.ws.submit(house.ola, {"place": "UNN Harstad", "runs_out": "now"})
    card = await house.said(house.cases, "2025-0002")
    assert "Hører sammen med: 2025-0001" in card.plain()
    first, second = await house.rows(ShortageCase)
    assert first.complex == second.complex is not None


async def test_another_strength_may_join_the_case_all_the_same(house: House) -> None:
    await house.valtrex_case()
    await house.report(house.ola, "valtrex 250", "Valtrex tab 250 mg", join="2025-0001")
    await house.said(house.cases, "2 meldinger")
    assert len(await house.rows(ShortageCase)) == 1


async def test_a_case_of_another_medicine_cannot_be_joined(house: House) -> None:
    await house.valtrex_case()
    forged = {"text": {"type": "plain_text", "text": "x"}, "value": "2025-0001"}
    await house.ws.slash(house.ola, "/mangel meld valtrex 250 mg tab")
    await house.ws.fill(house.ola, {"join": forged, "place": "UNN Tromsø", "runs_out": "now"})
    view = await house.ws.view(house.ola)
    options = await house.ws.type_ahead(house.ola, "medicine", "zyprexa velotab")
    view.values["medicine"]["medicine"]["selected_option"] = options[0].body
    await house.ws.submit(house.ola)
    await house.said(house.cases, "2025-0002")
    assert len(await house.rows(ShortageReport)) == 2
    assert (await house.rows(ShortageReport))[1].case_id != (await house.rows(ShortageReport))[0].case_id


async def test_a_medicine_that_is_not_listed_is_reported_as_written(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel")
    options = await house.ws.type_ahead(house.kari, "medicine", "Erwinase 10 000 E polsk pakning")
    assert options[-1].group == "Ikke i listen"
    await house.ws.choose(house.kari, "medicine", options[-1])
    sent = await house.ws.submit(house.kari, {"place": "UNN Tromsø", "runs_out": "later"})
    assert not sent.errors
    card = await house.said(house.cases, "Erwinase 10 000 E polsk pakning")
    assert "2025-0001" in card.plain()
    assert (await house.rows(ShortageCase))[0].atc is None


async def test_an_open_shortage_is_offered_first(house: House) -> None:
    await house.valtrex_case()
    await house.ws.slash(house.ola, "/mangel")
    options = await house.ws.type_ahead(house.ola, "medicine", "valtr")
    assert options[0].group == "Åpen mangelsak"
    assert "2025-0001" in options[0].description


async def test_another_place_is_written_and_remembered(house: House) -> None:
    sent = await house.report(house.kari, "valtrex 500", "Valtrex tab 500 mg", place="other")
    assert sent.errors == {"place_other": "Skriv hvor det mangler."}
    place = "Legevakten i Alta"
    sent = await house.ws.submit(house.kari, {"place_other": place})
    assert not sent.errors
    assert place in (await house.said(house.cases, "2025-0001")).plain()
    await house.ws.close(house.kari)
    await house.ws.slash(house.kari, "/mangel meld ibux tab 400 mg")
    form = await house.ws.view(house.kari)
    assert form.values["place"]["place"]["selected_option"]["value"] == place
    sent = await house.ws.submit(house.kari, {"runs_out": "later"})
    assert not sent.errors


async def test_a_long_place_is_remembered_whole(house: House) -> None:
    place = "Sengepost for transplanterte, infeksjonsmedisinsk avdeling, bygg C, fjerde etasje, nord"
    await house.report(house.kari, "valtrex 500", "Valtrex tab 500 mg", place="other", place_other=place)
    await house.ws.close(house.kari)
    await house.ws.slash(house.kari, "/mangel meld ibux tab 400 mg")
    await house.ws.submit(house.kari, {"runs_out": "later"})
    await house.said(house.cases, "2025-0002")
    assert {report.place for report in await house.rows(ShortageReport)} == {place}


async def test_what_is_written_as_another_place_counts_though_the_remembered_one_is_chosen(house: House) -> None:
    sent = await house.report(house.kari, "valtrex 500", "Valtrex tab 500 mg", place_other="Legevakten i Alta")
    assert not sent.errors
    assert (await house.rows(ShortageReport))[0].place == "Legevakten i Alta"


async def test_choosing_the_medicine_last_keeps_what_was_filled_in(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel")
    await house.ws.fill(
        house.kari,
        {
            "place": "other",
            "place_other": "Legevakten i Alta",
            "runs_out": "now",
            "note": "Haster ikke.",
            "facts": ["children"],
        },
    )
    await house.ws.choose(house.kari, "medicine", "Valtrex tab 500 mg")
    sent = await house.ws.submit(house.kari)
    assert not sent.errors
    report = (await house.rows(ShortageReport))[0]
    assert (report.place, report.runs_out, report.note, report.children) == (
        "Legevakten i Alta",
        "now",
        "Haster ikke.",
        True,
    )


async def test_every_place_of_the_list_can_be_chosen(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel")
    form = await house.ws.view(house.kari)
    offered = {option["value"] for block in form.blocks for option in _options(block)}
    assert offered >= {place for trust in trusts() for place in trust.places}


async def test_the_reporter_corrects_a_report(house: House) -> None:
    await house.valtrex_case()
    receipt = await house.said(house.kari, "Takk, meldingen")
    form = await house.form(house.kari, "correct_report", receipt)
    assert form.title == "Rett meldingen"
    assert form.values["place"]["place"]["selected_option"]["value"] == "UNN Tromsø"
    await house.ws.submit(house.kari, {"runs_out": "now", "note": "To pasienter."})
    told = await house.said(house.kari, "Meldingen er rettet")
    assert "ikke en bestilling" in told.plain()
    await house.said(house.cases, "UNN Tromsø (tomt nå)")
    await house.said(house.cases, "er rettet av den som meldte")
    assert len(await house.rows(ShortageReport)) == 1


async def test_correcting_to_another_medicine_moves_the_report_and_keeps_the_pair(house: House) -> None:
    await house.valtrex_case()
    await house.form(house.kari, "correct_report", await house.said(house.kari, "Takk, meldingen"))
    await house.ws.choose(house.kari, "medicine", "Valtrex tab 250 mg")
    await house.ws.submit(house.kari)
    told = await house.said(house.kari, "Meldingen er rettet")
    assert "2025-0002" in told.plain()
    await house.said(house.cases, "Valtrex tab 250 mg (valaciklovir) · 2025-0002")
    pair = (await house.rows(WrongMatch))[0]
    assert (pair.wrong_name, pair.right_name) == ("Valtrex tab 500 mg", "Valtrex tab 250 mg")


async def test_the_reporter_withdraws_a_report_once(house: House) -> None:
    await house.valtrex_case()
    receipt = await house.said(house.kari, "Takk, meldingen")
    assert "er trukket tilbake" in await house.press(house.kari, receipt, "withdraw_report")
    await house.said(house.cases, "Meldingen fra UNN Tromsø er trukket tilbake.")
    await house.ws.wait_for(lambda: "1 melding" not in house.card().plain(), what="the card without the report")
    async with house.nothing_stored():
        assert "Fant ikke meldingen blant dine" in await house.press(house.kari, receipt, "withdraw_report")
        assert "Fant ikke meldingen blant dine" in await house.press(house.kari, receipt, "correct_report")


async def test_nobody_else_corrects_or_withdraws_a_report(house: House) -> None:
    await house.valtrex_case()
    receipt = await house.said(house.kari, "Takk, meldingen")
    async with house.nothing_stored():
        assert "Fant ikke meldingen blant dine" in await house.forge(house.ola, receipt, "withdraw_report", "1")
        assert "Fant ikke meldingen blant dine" in await house.forge(house.siri, receipt, "correct_report", "1")


def _options(block: dict) -> list[dict]:
    groups = block.get("element", {}).get("option_groups", []) if block.get("block_id") == "place" else []
    return [option for group in groups for option in group["options"]]
