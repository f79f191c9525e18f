"""A stock sheet dropped in the stock channel, and the alerts that come of it."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.delivery import long_work
from storage.tables import ShortageCase, StockAlert, StockCount, StockItem, StockSheet
from tests.journeys.conftest import MONDAY, VALTREX_IN_TWO_WEEKS, House
from workspace import Message

ZOVIRAX_PLENTY = "Fokuslisten;Zovirax tab 200 mg;90000;tablett;2025-07-06;3000;2025-06;;"

SIX = ("Valtrex tab 250 mg", "Valtrex tab 500 mg", "Zovirax tab 200 mg", "Zyprexa tab 10 mg", "Zyprexa tab 5 mg")
SIX += ("Zyprexa tab 2,5 mg",)


async def test_a_sheet_is_previewed_and_counts_only_when_stored(house: House) -> None:
    preview = await house.drop_sheet(house.mona, *VALTREX_IN_TWO_WEEKS)
    assert "lager.csv · 1 rad, 1 vare" in preview.plain()
    assert "Nyeste telling: 6. juli." in preview.plain()
    assert "Ingenting er lagret ennå" in preview.plain()
    assert not await house.rows(StockCount)
    assert not house.by_bot(house.stock)
    await house.ws.click(house.mona, preview, "store_sheet")
    stored = await house.whispered(house.mona, "er lagret:")
    assert "1 nytt varsel" in stored.plain()
    assert "[Lagre]" not in stored.plain()
    assert (await house.rows(StockCount))[0].quantity == 4200


async def test_a_sheet_can_be_dropped_and_is_then_gone(house: House) -> None:
    preview = await house.drop_sheet(house.mona, *VALTREX_IN_TWO_WEEKS)
    await house.ws.click(house.mona, preview, "drop_sheet")
    await house.whispered(house.mona, "er forkastet. Ingenting er lagret.")
    assert (await house.rows(StockSheet))[0].content == b""
    async with house.nothing_stored():
        again = await house.forge(house.mona, preview, "store_sheet", (await house.rows(StockSheet))[0].id)
        assert "Arket er forkastet. Send det på nytt." in again


async def test_a_sheet_is_stored_once(house: House) -> None:
    await house.store(*VALTREX_IN_TWO_WEEKS)
    sheet = (await house.rows(StockSheet))[0]
    alert = await house.said(house.stock, "VARSEL")
    async with house.nothing_stored():
        assert "er allerede lagret" in await house.forge(house.mona, alert, "store_sheet", sheet.id)
        assert "er allerede lagret" in await house.forge(house.mona, alert, "drop_sheet", sheet.id)
    preview = await house.drop_sheet(house.mona, *VALTREX_IN_TWO_WEEKS)
    assert "Det samme arket ble lagret 7. juli 2025 11.00. Ingenting er endret." in preview.plain()
    assert "[Lagre]" not in preview.plain()


async def test_headings_of_ones_own_are_explained_in_a_form_and_the_sheet_is_taken_back(house: House) -> None:
    strange = "Sted;Navn;Disponibelt;Forp.;Sist talt"
    row = "Fokuslisten;Valtrex tab 500 mg;4200;tabl;06.07.2025"
    asked = await house.drop_sheet(house.mona, row, headings=strange)
    assert "Vi kjenner ikke overskriftene: Sted, Navn, Disponibelt, Forp. og Sist talt." in asked.plain()
    await house.ws.click(house.mona, asked, "explain_sheet")
    form = await house.ws.view(house.mona)
    assert "For eksempel: Fokuslisten" in form.plain()
    twice = await house.ws.submit(house.mona, {"column_3": "on_hand"})
    assert twice.errors == {"column_3": "To kolonner kan ikke være Beholdning."}
    assert not (await house.ws.submit(house.mona, {"column_3": "unit"})).errors
    preview = await house.whispered(house.mona, "1 nye tall")
    assert not any("Si hva kolonnene er" in one.plain() for one in house.ws.ephemerals(house.mona)), (
        "its button is gone"
    )
    assert "er alt forklart" in await house.forge(
        house.mona, preview, "explain_sheet", (await house.rows(StockSheet))[0].id
    )
    assert not await house.rows(StockCount)
    await house.ws.click(house.mona, preview, "store_sheet")
    stored = await house.whispered(house.mona, "er lagret:")
    assert [count.quantity for count in await house.rows(StockCount)] == [4200]
    await house.ws.click(house.mona, stored, "undo_sheet")
    await house.whispered(house.mona, "er angret: 1 tall er tatt bort.")
    assert not await house.rows(StockCount)
    again = await house.drop_sheet(house.mona, row.replace("4200", "100"), headings=strange)
    assert "1 nye tall" in again.plain(), "it is remembered what they mean"


async def test_of_a_sheet_with_a_fault_the_other_rows_can_be_stored(house: House) -> None:
    preview = await house.drop_sheet(house.mona, *VALTREX_IN_TWO_WEEKS, "Fokuslisten;Ukjentol;1;tabl;2025-07-06;;;;")
    assert "Rad 3, kolonne «preparat», «Ukjentol»: fant ikke varen." in preview.plain()
    assert not await house.rows(StockCount)
    await house.ws.click(house.mona, preview, "store_sheet_partly")
    stored = await house.whispered(house.mona, "er lagret:")
    assert "1 rad med feil er ikke lagret" in stored.plain()
    assert [count.quantity for count in await house.rows(StockCount)] == [4200]


async def test_a_long_sheet_says_how_far_it_is_and_where_the_answer_stands(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_work, "TOLD_AFTER", 0.0)
    monkeypatch.setattr(long_work, "TOLD_EVERY", 0.05)
    days = [f"{2001 + n // 336}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}" for n in range(3000)]
    rows = [f"Fokuslisten;Valtrex tab 500 mg;{n};tablett;{day};;;;" for n, day in enumerate(days)]
    preview = await house.drop_sheet(house.mona, *rows)
    assert "lager.csv" in preview.plain()
    await house.ws.wait_for(
        lambda: "leses ikke lenger" in house.by_bot(house.mona)[-1].plain(), 20, "the end of the reading"
    )
    (told,) = house.by_bot(house.mona)
    assert "[Stopp]" not in told.plain(), "it is the same message, changed"


async def test_a_file_in_another_channel_is_none_of_ours(house: House) -> None:
    await house.ws.upload(house.siri, house.meeting, "lager.csv", "lager;preparat\n", wait=0.3)
    await house.ws.quiet()
    assert not house.ws.ephemerals(house.siri)
    assert not house.by_bot(house.meeting)


async def test_an_alert_says_what_is_needed_to_act(house: House) -> None:
    await house.valtrex_case()
    alert = await house.alert()
    told = alert.plain()
    assert told.startswith("VARSEL · Fokuslisten · Valtrex tab 500 mg (valaciklovir)")
    for words in (
        "Rekker trolig til 20. juli, tidligst 14. juli",
        "Varslingsgrense: 90 dager",
        "Uttaket kan ikke stanses",
        "2025-0001",
        "talt 6. juli",
    ):
        assert words in told
    assert "2025-0001" in await house.press(house.siri, alert, "show_case")
    assert "Årsak" not in await house.press(house.mona, alert, "show_case")


async def test_an_alert_is_told_once_while_nothing_changes(house: House) -> None:
    await house.alert()
    for _ in range(3):
        house.clock.advance(dt.timedelta(hours=6))
        await house.bot.services.alerts.check()
    await house.ws.quiet()
    assert len(house.by_bot(house.stock)) == 1


async def test_an_alert_that_worsens_is_told_again_in_its_thread_and_closes_when_it_recovers(house: House) -> None:
    alert = await house.alert()
    house.clock.advance(dt.timedelta(days=3))
    await house.store("Fokuslisten;Valtrex tab 500 mg;0;tablett;2025-07-10;;;;")
    worse = await house.said(house.stock, "Verre: Valtrex tab 500 mg (valaciklovir): tomt")
    assert worse.thread_ts == alert.ts
    await house.ws.wait_for(lambda: "Tomt." in house.ws.messages(house.stock, by_bot=True)[0].plain())
    house.clock.advance(dt.timedelta(days=1))
    await house.store("Fokuslisten;Valtrex tab 500 mg;90000;tablett;2025-07-11;;;;")
    better = await house.said(house.stock, "Over varslingsgrensen igjen")
    assert better.thread_ts == alert.ts
    await house.ws.wait_for(lambda: "LUKKET" in house.ws.messages(house.stock, by_bot=True)[0].plain())
    assert "[Jeg følger opp]" not in house.ws.messages(house.stock, by_bot=True)[0].plain()
    async with house.nothing_stored():
        for button in ("follow_alert", "snooze_alert", "open_case_from_alert"):
            assert "Varselet er ikke lenger åpent." in await house.forge(house.mona, alert, button, "1")


async def test_plenty_of_stock_raises_nothing(house: House) -> None:
    assert "Ingen nye varsler." in await house.store(ZOVIRAX_PLENTY)
    await house.ws.quiet()
    assert not house.by_bot(house.stock)


async def test_a_pool_without_a_limit_raises_nothing(house: House) -> None:
    await house.store("B180S;Valtrex tab 500 mg;10;tablett;2025-07-06;300;2025-06;;", by=house.siri)
    await house.ws.quiet()
    assert not house.by_bot(house.stock)


async def test_somebody_follows_an_alert_up(house: House) -> None:
    alert = await house.alert()
    assert "Du følger opp Valtrex tab 500 mg." in await house.press(house.mona, alert, "follow_alert")
    line = await house.said(house.stock, "@Mona Lager følger opp.")
    assert line.thread_ts == alert.ts
    await house.said(house.stock, "Følges opp av @Mona Lager.")
    async with house.nothing_stored():
        assert "@Mona Lager følger allerede opp" in await house.forge(house.siri, alert, "follow_alert", "1")


async def test_an_alert_is_snoozed_with_a_reason(house: House) -> None:
    alert = await house.alert()
    form = await house.form(house.mona, "snooze_alert", alert)
    assert "Demp til og med" in form.plain()
    assert "Demp varselet" in form.plain()
    for wrong, field in (
        ({"until": "2025-07-07", "reason": "Kommer"}, "until"),
        ({"until": "2026-07-07", "reason": "Kommer"}, "until"),
        ({"until": "2025-07-14", "reason": "  "}, "reason"),
    ):
        async with house.nothing_stored():
            assert field in (await house.ws.submit(house.mona, wrong)).errors
    await house.ws.submit(house.mona, {"until": "2025-07-14", "reason": "Ny leveranse 12. juli"})
    line = await house.said(house.stock, "dempet varselet til 14. juli")
    assert line.thread_ts == alert.ts
    await house.said(house.stock, "Dempet til og med 14. juli: Ny leveranse 12. juli")


async def test_an_alert_becomes_a_case_and_knows_it(house: House) -> None:
    alert = await house.alert()
    assert "Sak 2025-0001 er opprettet." in await house.press(house.mona, alert, "open_case_from_alert")
    card = await house.said(house.cases, "2025-0001")
    assert "Lageret går mot tomt. Hva gjør vi?" in card.plain()
    assert "Mangel- og beredskapssenteret" in card.plain()
    await house.ws.wait_for(lambda: "[Vis sak]" in house.ws.messages(house.stock, by_bot=True)[0].plain())
    again = await house.forge(house.siri, alert, "open_case_from_alert", "1")
    assert "finnes allerede en åpen sak: 2025-0001" in again
    assert len(await house.rows(ShortageCase)) == 1
    assert sum("Sak 2025-0001 er opprettet" in m.plain() for m in house.by_bot(house.stock)) == 1


async def test_many_new_alerts_come_as_one_list_whose_buttons_work(house: House) -> None:
    told = await house.store(
        *(f"Fokuslisten;{name};{100 + 30 * n};tablett;2025-07-06;300;2025-06;;" for n, name in enumerate(SIX))
    )
    alerts = await house.rows(StockAlert)
    assert f"{len(alerts)} nye varsler" in told
    assert len(alerts) >= 6
    listed = await house.said(house.stock, f"VARSEL · {len(alerts)} nye lagervarsler")
    assert len(house.ws.messages(house.stock, by_bot=True)) == 1
    assert "Rekker trolig til" in listed.plain()
    await house.forge(house.mona, listed, "follow_alert", str(alerts[0].id))
    own = await house.said(house.stock, "Følges opp av @Mona Lager.")
    item = next(item for item in await house.rows(StockItem) if item.id == alerts[0].item_id)
    assert item.name in own.plain()
    assert "[Demp til …]" in own.plain()


async def test_a_listed_alert_that_worsens_gets_a_message_with_buttons(house: House) -> None:
    await house.store(*(f"Fokuslisten;{name};1800;tablett;2025-07-06;900;2025-06;;" for name in SIX))
    await house.said(house.stock, "nye lagervarsler")
    house.clock.advance(dt.timedelta(days=2))
    await house.store("Fokuslisten;Valtrex tab 500 mg;0;tablett;2025-07-09;;;;")
    own = await house.said(house.stock, "Tomt.")
    assert "[Jeg følger opp]" in own.plain()


async def test_a_stock_manager_answers_for_her_own_pool_only(house: House) -> None:
    await house.alert()
    alert = await house.said(house.stock, "VARSEL")
    async with house.nothing_stored():
        for stranger in (house.kari, house.dag, house.ola):
            for button in ("follow_alert", "snooze_alert", "open_case_from_alert"):
                assert "tilgang" in await house.forge(stranger, alert, button, "1")


async def test_a_stock_manager_stores_figures_of_her_own_pool_only(house: House) -> None:
    async with house.nothing_stored():
        told = await house.drop_sheet(house.mona, "B180S;Valtrex tab 500 mg;10;tablett;2025-07-06;;;;")
        assert "Rad 2: du har ikke ansvar for lageret B180S. Ingenting er lagret." in told.plain()


async def test_somebody_without_a_grant_stores_nothing(house: House) -> None:
    house.stock.members.append(house.kari.id)
    async with house.nothing_stored():
        told = await house.drop_sheet(house.kari, *VALTREX_IN_TWO_WEEKS)
        assert "tilgang" in told.plain()


async def test_a_foreign_shortage_of_the_same_group_is_named_as_a_possible_domino(house: House) -> None:
    await house.store(ZOVIRAX_PLENTY)
    alert = await house.alert()
    assert "Mulig dominoeffekt: aciklovir" in alert.plain()


async def test_an_alert_is_given_to_somebody_and_handed_back_from_her_direct_message(house: House) -> None:
    alert = await house.alert()
    form = await house.form(house.siri, "assign_alert", alert)
    assert "Hvem skal følge opp?" in form.plain()
    for stranger in (house.kari.id, house.ola.id, house.ws.bot_user_id):
        async with house.nothing_stored():
            assert "who" in (await house.ws.submit(house.siri, {"who": stranger})).errors
    sent = await house.ws.submit(house.siri, {"who": house.mona.id, "note": "Ring leverandøren."})
    assert not sent.errors
    told = await house.said(house.mona, "@Siri Senter har gitt deg et lagervarsel.")
    assert "Ring leverandøren." in told.plain() and "Rekker trolig til" in told.plain()
    await house.said(house.stock, "Følges opp av @Mona Lager. Merknad fra @Siri Senter: Ring leverandøren.")
    line = await house.said(house.stock, "@Siri Senter har gitt varselet til @Mona Lager: Ring leverandøren.")
    assert line.thread_ts == alert.ts
    assert "er gitt tilbake" in await house.press(house.mona, told, "hand_back_alert")
    await house.said(house.stock, "@Mona Lager har gitt varselet tilbake. Ingen følger opp nå.")
    async with house.nothing_stored():
        assert "Ingen følger opp dette varselet nå." in await house.press(house.mona, told, "hand_back_alert")


async def test_a_form_opened_before_somebody_else_took_the_alert_overruns_nobody(house: House) -> None:
    alert = await house.alert()
    await house.form(house.siri, "assign_alert", alert)
    await house.press(house.per, alert, "follow_alert")
    await house.said(house.stock, "Følges opp av @Per Senter.")
    async with house.nothing_stored():
        errors = (await house.ws.submit(house.siri, {"who": house.mona.id})).errors
        assert "Noen andre har tatt varselet siden du åpnet skjemaet." in errors["who"]


async def test_a_false_alarm_is_closed_with_a_reason_that_everybody_sees(house: House) -> None:
    alert = await house.alert()
    form = await house.form(house.mona, "false_alarm", alert)
    assert "Hva er feil?" in form.plain()
    async with house.nothing_stored():
        assert "reason" in (await house.ws.submit(house.mona, {"reason": "  "})).errors
    await house.ws.submit(house.mona, {"reason": "Juni var et engangsuttak."})
    line = await house.said(house.stock, "@Mona Lager: falsk alarm. Juni var et engangsuttak.")
    assert line.thread_ts == alert.ts
    closed = await house.said(house.stock, "Falsk alarm, sier @Mona Lager: Juni var et engangsuttak.")
    assert closed.ts == alert.ts and "[Jeg følger opp]" not in closed.plain()
    async with house.nothing_stored():
        for button in ("follow_alert", "assign_alert", "hand_back_alert", "snooze_alert", "false_alarm"):
            assert "Varselet er ikke lenger åpent." in await house.forge(house.mona, alert, button, "1")


async def test_forged_values_of_an_alerts_buttons_are_refused(house: House) -> None:
    alert = await house.alert()
    async with house.nothing_stored():
        for button in ("follow_alert", "assign_alert", "hand_back_alert", "false_alarm", "list_alerts"):
            assert "Knappen virker ikke lenger" in await house.forge(house.mona, alert, button, "1 OR 1=1")
        for button in ("assign_alert", "hand_back_alert", "false_alarm", "list_alerts"):
            assert "tilgang" in await house.forge(house.kari, alert, button, "1")


async def test_every_open_alert_of_ones_own_can_be_listed_and_taken(house: House) -> None:
    alert = await house.alert()
    listed = await house.forge(house.mona, alert, "list_alerts", "1")
    assert "1 åpent lagervarsel i dine lagre" in listed
    assert "Rekker trolig til 20. juli" in listed and "[Jeg følger opp]" in listed


async def test_an_alert_that_nobody_answers_reaches_the_manager_and_is_answered_from_there(house: House) -> None:
    await house.alert()
    house.clock.advance(dt.timedelta(days=1))  # under 14 days: eight working hours
    await house.bot.look_at_stock()
    asked = await house.said(house.mona, "UTEN SVAR · 1 lagervarsel")
    await house.said(house.stock, "Ingen har svart i tide. Varselet er sendt videre til @Mona Lager.")
    assert "Du følger opp" in await house.press(house.mona, asked, "follow_alert")
    await house.said(house.stock, "Følges opp av @Mona Lager.")


async def test_a_sheet_stored_at_night_says_when_its_alerts_are_told(house: House) -> None:
    house.clock.advance(dt.timedelta(hours=12))  # 23.00 in Oslo
    told = await house.store(*VALTREX_IN_TWO_WEEKS)
    assert "1 varsel: legges ut tirsdag kl. 7.00, hvis det fortsatt stemmer da." in told.replace("07.00", "7.00")
    assert not house.by_bot(house.stock)


async def test_a_pool_that_falls_silent_is_asked_for_figures(house: House) -> None:
    await house.store(ZOVIRAX_PLENTY)
    house.clock.advance(dt.timedelta(days=11))
    await house.bot.look_at_stock()
    asked = await house.said(house.mona, "Vi mangler nye lagertall fra deg")
    assert "Fokuslisten: sist talt 6. juli." in asked.plain()


ZOVIRAX_HISTORY = ("Fokuslisten;Zovirax tab 200 mg;30000;tablett;2025-07-04;9600;2025-06;;",)


async def risen_draw(house: House) -> Message:
    """Valtrex is short, and a week later Zovirax has been drawn four times as fast; what the stock channel hears."""
    await house.valtrex_case()
    await house.store(*ZOVIRAX_HISTORY)
    house.clock.set(MONDAY + dt.timedelta(days=7))
    await house.store("Fokuslisten;Zovirax tab 200 mg;17000;tablett;2025-07-14;;;;")
    return await house.said(house.stock, "MULIG DOMINOEFFEKT")


async def test_a_shortage_that_pulls_down_its_neighbour_becomes_a_case_in_the_same_complex(house: House) -> None:
    told = await risen_draw(house)
    assert "Zovirax tab 200 mg (aciklovir)" in told.plain()
    assert "Uttaket er" in told.plain() and "% over det vanlige" in told.plain()
    threaded = await house.said(house.cases, "MULIG DOMINOEFFEKT")
    assert threaded.thread_ts == house.card("2025-0001").ts
    await house.ws.wait_for(lambda: "Mulig dominoeffekt: Zovirax" in house.card("2025-0001").plain())
    assert "2025-0001" in await house.press(house.siri, told, "show_case")
    assert "Sak 2025-0002 er opprettet." in await house.press(house.mona, told, "open_domino_case")
    card = await house.said(house.cases, "Mulig dominoeffekt av sak 2025-0001.")
    assert "Årsak: dominoeffekt." in card.plain()
    assert "Hører sammen med: 2025-0001" in card.plain()
    await house.ws.wait_for(lambda: "[Opprett sak]" not in house.ws.messages(house.stock, by_bot=True)[-1].plain())
    again = await house.forge(house.siri, told, "open_domino_case", "1")
    assert "Det finnes allerede en åpen sak: 2025-0002. Sakene hører nå sammen." in again
    assert len(await house.rows(ShortageCase)) == 2


async def test_a_possible_domino_is_for_the_centre_and_the_pools_managers_and_stale_buttons_say_so(
    house: House,
) -> None:
    told = await risen_draw(house)
    await house.ws.wait_for(lambda: "Mulig dominoeffekt: Zovirax" in house.card("2025-0001").plain())
    async with house.nothing_stored():
        for stranger in (house.kari, house.ola, house.dag):
            assert "tilgang" in await house.forge(stranger, told, "open_domino_case", "1")
    house.clock.set(MONDAY + dt.timedelta(days=14))
    await house.store("Fokuslisten;Zovirax tab 200 mg;15000;tablett;2025-07-21;;;;")
    await house.said(house.stock, "Ikke lenger mulig dominoeffekt: Zovirax tab 200 mg (aciklovir).")
    await house.said(house.cases, "Ikke lenger mulig dominoeffekt")
    await house.said(house.cases, "LUKKET")
    await house.said(house.stock, "LUKKET")
    await house.ws.wait_for(lambda: "Mulig dominoeffekt" not in house.card("2025-0001").plain())
    async with house.nothing_stored():
        gone = await house.forge(house.siri, told, "open_domino_case", "1")
        assert gone == "Dette er ikke lenger en mulig dominoeffekt."
