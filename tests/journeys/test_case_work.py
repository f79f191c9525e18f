"""The centre works on a case from its card: every button, every form, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from storage.tables import CandidateLink, CaseSolution, EndDate, ShortageCase, ShortageReport, WrongMatch
from tests.journeys.conftest import VALTREX_IN_TWO_WEEKS, House


async def test_a_case_is_taken_once(house: House) -> None:
    card = await house.valtrex_case()
    assert "Du har nå saken 2025-0001." in await house.press(house.siri, card, "take_case")
    await house.said(house.cases, "Siri Senter har tatt saken.")
    await house.ws.wait_for(lambda: "Ansvarlig: @Siri Senter" in house.card().plain())
    assert "Ta saken" not in house.card().plain()
    assert len(house.ws.messages(house.cases, by_bot=True)) == 1


async def test_the_second_who_takes_a_case_hears_who_has_it(house: House) -> None:
    card = await house.valtrex_case()
    await house.press(house.siri, card, "take_case")
    async with house.nothing_stored():
        assert "@Siri Senter har allerede saken 2025-0001." in await house.forge(
            house.per, card, "take_case", "2025-0001"
        )


async def test_a_new_end_is_told_where_it_matters(house: House) -> None:
    card = await house.valtrex_case()
    await house.publish()
    await house.update(
        house.siri, "shortage", start="2025-05-01", cause="substance_unavailable", source="dmp", authorised="yes"
    )
    form = await house.form(house.siri, "update_case", card)
    assert "Ny sluttdato" in form.plain()
    sent = await house.ws.submit(
        house.siri,
        {
            "expected_end": "2025-09-15",
            "substitute": "Uregistrerte pakninger",
            "substitute_ready": "yes",
            "next_step": "Møte med fagekspertene i onkologi.",
            "next_step_on": "2025-07-10",
            "decision_question": "Skal vi prioritere?",
        },
    )
    assert not sent.errors
    told = await house.said(house.kari, "Ny sluttdato 15. sept. 2025")
    assert "erstatningen er på plass" in told.plain()
    await house.ws.wait_for(lambda: "Mangel 1. mai–15. sept." in house.card().plain())
    shown = house.card().plain()
    assert house.card().ts == card.ts
    for words in ("Årsak: mangel på virkestoff", "Uregistrerte pakninger", "Frist 10. juli", "Skal vi prioritere?"):
        assert words in shown
    thread = await house.said(house.cases, "Oppdatert: ny sluttdato")
    assert thread.thread_ts == card.ts
    await house.ws.quiet()
    assert sum("Ny sluttdato" in message.plain() for message in house.by_bot(house.kari)) == 1
    assert "15. sept." in (await house.said(house.info, "2025-0001")).plain()


async def test_before_it_is_published_the_reporter_hears_of_a_change_without_its_dates(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "update_case", card)
    await house.ws.submit(house.siri, {"expected_end": "2025-09-15"})
    told = await house.said(house.kari, "Senteret har nye opplysninger")
    assert "15. sept." not in told.plain()
    await house.ws.quiet()
    assert len([m for m in house.by_bot(house.kari) if "nye opplysninger" in m.plain()]) == 1


async def test_an_end_that_slips_is_counted(house: House) -> None:
    card = await house.valtrex_case()
    for end in ("2025-08-01", "2025-09-01"):
        await house.form(house.siri, "update_case", card)
        await house.ws.submit(house.siri, {"expected_end": end})
    await house.ws.wait_for(lambda: "Sluttdato flyttet 1 gang, 31 dager i alt." in house.card().plain())
    assert len(await house.rows(EndDate)) == 2


async def test_a_form_that_changes_nothing_says_nothing(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "update_case", card)
    await house.ws.submit(house.siri)
    await house.ws.quiet()
    assert len(house.by_bot(house.cases)) == 1
    assert len(house.by_bot(house.kari)) == 1


async def test_two_who_update_different_things_at_once_both_get_through(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "update_case", card)
    await house.form(house.per, "update_case", card)
    await house.ws.submit(house.siri, {"expected_end": "2025-09-15"})
    sent = await house.ws.submit(house.per, {"next_step": "Ring leverandøren."})
    assert not sent.errors
    assert sent.closed
    (row,) = await house.rows(ShortageCase)
    assert (str(row.expected_end), row.next_step) == ("2025-09-15", "Ring leverandøren.")


async def test_whoever_changes_the_same_thing_second_is_told_and_loses_no_typing(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "update_case", card)
    await house.form(house.per, "update_case", card)
    await house.ws.submit(house.siri, {"expected_end": "2025-09-15"})
    async with house.nothing_stored():
        sent = await house.ws.submit(house.per, {"expected_end": "2025-10-15", "next_step": "Ring leverandøren."})
        assert sent.view is not None
        said = sent.view.plain()
        assert "@Siri Senter har endret det samme mens skjemaet var åpent: ny sluttdato 15. sept. 2025." in said
        assert "2025-10-15" in str(sent.view.values["expected_end"])
        assert "Ring leverandøren." in str(sent.view.values["next_step"])
    sent = await house.ws.submit(house.per)
    assert not sent.errors
    assert sent.closed
    (row,) = await house.rows(ShortageCase)
    assert (str(row.expected_end), row.next_step) == ("2025-10-15", "Ring leverandøren.")
    assert [str(end.end) for end in await house.rows(EndDate)] == ["2025-09-15", "2025-10-15"]


async def test_a_form_of_one_answer_that_is_overtaken_says_so_once_and_then_goes_through(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.per, "close_case", card)
    await house.update(house.siri, expected_end="2025-09-15")
    ending = {"outcome": "averted", "reason": "Leveransene er normale."}
    async with house.nothing_stored():
        sent = await house.ws.submit(house.per, ending)
        assert sent.view is not None
        assert "Saken 2025-0001 er endret siden du åpnet skjemaet." in sent.view.plain()
    sent = await house.ws.submit(house.per)
    assert sent.closed
    await house.ws.wait_for(lambda: "AVSLUTTET" in house.card().plain())
    assert "Leveransene er normale." in house.card().plain()


async def test_the_steps_of_the_form_keep_what_was_typed_before_them(house: House) -> None:
    card = await house.valtrex_case()
    form = await house.form(house.siri, "update_case", card)
    await house.ws.fill(house.siri, {"next_step": "Ring leverandøren."})
    await house.form(house.siri, "update_effects", form)
    sent = await house.ws.submit(
        house.siri,
        {
            "criticality": "high",
            "groups": ["children", "cancer"],
            "regions": ["north"],
            "affected": "Nyretransplanterte",
            "extra_cost_nok": "120 000",
        },
    )
    assert not sent.errors
    sent = await house.ws.submit(house.siri)
    assert sent.closed
    (row,) = await house.rows(ShortageCase)
    assert (row.criticality, row.groups, row.regions, row.extra_cost_nok, row.next_step) == (
        "high",
        ["cancer", "children"],
        ["north"],
        120_000,
        "Ring leverandøren.",
    )
    await house.ws.wait_for(lambda: "Barn og Kreftpasienter" in house.card().plain() or "Alvor" in house.card().plain())


async def test_measures_are_tried_judged_and_shown_when_the_case_is_closed(house: House) -> None:
    card = await house.valtrex_case()
    await house.update(house.siri, "measures", in_use=["foreign_packs", "rationing"])
    await house.ws.wait_for(lambda: "I gang: Utenlandske pakninger" in house.card().plain())
    await house.update(house.siri, "measures", in_use=["rationing"], helped=["foreign_packs"])
    form = await house.form(house.siri, "close_case", card)
    assert "foreign_packs" in str(form.values["helped"])
    await house.ws.submit(house.siri, {"outcome": "averted", "reason": "Ferdig."})
    done = {row.solution: row.worked for row in await house.rows(CaseSolution)}
    assert done == {"foreign_packs": True, "rationing": None}


@pytest.mark.parametrize(
    ("page", "filled", "errors"),
    [
        ("shortage", {"packages": "12345"}, {"packages": "«12345» er ikke et varenummer. De har seks sifre."}),
        (
            "shortage",
            {"status": "upcoming", "start": "2025-07-01"},
            {"status": "Startdatoen er kommet. Velg «Pågående», eller flytt startdatoen."},
        ),
        ("shortage", {"start": "2025-10-01"}, {"start": "Sluttdatoen er før startdatoen. Rett en av dem."}),
        ("effects", {"extra_cost_nok": "mye"}, {"extra_cost_nok": "«mye» er ikke et helt tall."}),
        ("effects", {"extra_cost_nok": "-1"}, {"extra_cost_nok": "Skriv hele kroner, fra 0 til 1000000000."}),
        (
            "measures",
            {"in_use": ["rationing"], "helped": ["rationing"]},
            {"in_use": "Et tiltak står både som i gang og som prøvd. Velg ett."},
        ),
        (
            "measures",
            {"helped": ["rationing"], "did_not_help": ["rationing"]},
            {"did_not_help": "Samme tiltak står som både hjalp og hjalp ikke. Velg ett."},
        ),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(
    house: House, page: str, filled: dict[str, Any], errors: dict[str, str]
) -> None:
    card = await house.valtrex_case()
    await house.update(house.siri, expected_end="2025-09-15")
    form = await house.form(house.siri, "update_case", card)
    await house.form(house.siri, f"update_{page}", form)
    async with house.nothing_stored():
        assert (await house.ws.submit(house.siri, filled)).errors == errors


@pytest.mark.parametrize(
    ("typed", "said"),
    [("to uker", "Skriv et helt tall."), ("-3", "Tallet må være minst 0."), ("400", "Tallet må være høyst 365.")],
)
async def test_days_to_the_ward_that_cannot_be_meant_are_refused_beside_their_field(
    house: House, typed: str, said: str
) -> None:
    card = await house.valtrex_case()
    form = await house.form(house.siri, "update_shortage", await house.form(house.siri, "update_case", card))
    assert "Tom: 0 dager." in form.plain()
    async with house.nothing_stored():
        sent = await house.ws.submit(house.siri, {"ward_days": typed})
        assert sent.errors == {"ward_days": said}


async def test_days_to_the_ward_make_the_gap_longer(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.update(house.siri, "shortage", ward_days="10")
    await house.update(house.siri, expected_end="2025-09-15")
    await house.ws.wait_for(lambda: "Regnet med 10 dager fra levering til avdeling." in house.card().plain())
    assert (await house.rows(ShortageCase))[0].restart_to_ward_days == 10


async def test_an_end_before_the_start_is_refused_beside_its_field(house: House) -> None:
    card = await house.valtrex_case()
    await house.update(house.siri, "shortage", start="2025-07-01")
    await house.form(house.siri, "update_case", card)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.siri, {"expected_end": "2025-05-01"})
        assert sent.errors == {"expected_end": "Sluttdatoen er før startdatoen. Rett en av dem."}


async def test_nothing_is_in_an_open_channel_before_a_person_publishes(house: House) -> None:
    card = await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.form(house.siri, "update_case", card)
    await house.ws.submit(house.siri, {"expected_end": "2025-09-15"})
    await house.ws.quiet()
    assert not house.by_bot(house.info)
    await house.publish(advice="Nye pasienter: aciklovir.")
    public = await house.said(house.info, "Nye pasienter: aciklovir.")
    assert "Ventes løst 15. sept." in public.plain()
    assert "Lager: Svært lav." in public.plain()
    for secret in ("UNN", "4200", "Siri", "Kari", "20. juli"):
        assert secret not in public.plain()
    assert "Nye pasienter: aciklovir." in (await house.said(house.kari, "Senteret har publisert saken")).plain()


async def test_what_is_published_changes_in_place_and_can_be_taken_back(house: House) -> None:
    await house.valtrex_case()
    await house.publish()
    public = await house.said(house.info, "2025-0001")
    await house.form(house.siri, "publish_case", house.card())
    await house.ws.submit(house.siri, {"visibility": "meeting"})
    await house.said(house.info, "trukket tilbake")
    assert [message.ts for message in house.ws.messages(house.info, by_bot=True)] == [public.ts]
    assert "vurderer den" in await house.ask(house.ola, "status 2025-0001")


async def test_a_wrong_medicine_without_a_case_puts_the_case_right(house: House) -> None:
    card = await house.valtrex_case()
    form = await house.form(house.siri, "wrong_medicine", card)
    assert "Saken 2025-0001 står nå som Valtrex tab 500 mg (valaciklovir)." in form.plain()
    await house.ws.submit(house.siri, {"medicine": "Zyprexa tab 10 mg"})
    await house.said(house.cases, "Zyprexa tab 10 mg")
    told = await house.said(house.kari, "feil legemiddel")
    assert "Den gjelder nå Zyprexa tab 10 mg (olanzapin)" in told.plain()
    pair = (await house.rows(WrongMatch))[0]
    assert (pair.wrong_name, pair.right_name) == ("Valtrex tab 500 mg", "Zyprexa tab 10 mg")
    assert (await house.rows(ShortageReport))[0].name == "Zyprexa tab 10 mg"


async def test_a_wrong_medicine_with_an_open_case_is_merged_into_it(house: House) -> None:
    await house.valtrex_case()
    await house.report(house.ola, "zyprexa tab 10", "Zyprexa tab 10 mg", place="Førde sentralsjukehus")
    card = await house.said(house.cases, "2025-0002")
    await house.form(house.siri, "wrong_medicine", await house.said(house.cases, "Valtrex tab 500 mg"))
    await house.ws.submit(house.siri, {"medicine": "Zyprexa tab 10 mg"})
    await house.ws.wait_for(lambda: "2 meldinger, 2 steder" in house.ws.messages(house.cases)[-1].plain())
    await house.said(house.cases, "Meldingene er flyttet til sak 2025-0002.")
    await house.ws.wait_for(lambda: "SLÅTT SAMMEN" in house.ws.messages(house.cases)[0].plain())
    assert "Ta saken" not in house.ws.messages(house.cases)[0].plain()
    assert "Den gjelder nå Zyprexa" in (await house.said(house.kari, "feil legemiddel")).plain()
    await house.ws.quiet()
    assert not any("feil legemiddel" in message.plain() for message in house.by_bot(house.ola))
    merged = (await house.rows(ShortageCase))[0]
    assert merged.status == "merged"
    assert card.ts == house.ws.messages(house.cases)[-1].ts


async def test_the_right_medicine_cannot_be_the_wrong_one(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "wrong_medicine", card)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.siri, {"medicine": "Valtrex tab 500 mg"})
        assert sent.errors == {"medicine": "Saken gjelder allerede dette legemiddelet."}


async def test_a_closed_case_says_how_it_ended_and_to_whom(house: House) -> None:
    card = await house.valtrex_case()
    form = await house.form(house.siri, "close_case", card)
    assert "Begrunnelse" in form.plain()
    await house.ws.submit(
        house.siri, {"outcome": "substituted", "ended_on": "2025-07-06", "reason": "Leveransene er normale."}
    )
    await house.ws.wait_for(lambda: "AVSLUTTET" in house.card().plain())
    assert "Leveransene er normale." in house.card().plain()
    assert "Løst med erstatning" in house.card().plain()
    assert "[Ta saken]" not in house.card().plain()
    told = await house.said(house.kari, "Saken er avsluttet.")
    assert "meld på nytt" in told.plain()
    assert "Leveransene" not in told.plain()


async def test_not_relevant_is_no_end_of_a_shortage(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "close_case", card)
    await house.ws.submit(house.siri, {"status": "not_relevant", "not_relevant": "primary"})
    await house.ws.wait_for(lambda: "IKKE AKTUELL" in house.card().plain())
    assert (await house.rows(ShortageCase))[0].expected_end is None
    assert not await house.rows(EndDate)


async def test_closing_needs_a_reason(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "close_case", card)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.siri, {"reason": "   "})
        assert sent.errors == {
            "reason": "Skriv kort hvorfor saken avsluttes.",
            "outcome": "Velg hvordan det gikk. «Ukjent» er også et svar.",
        }


async def test_not_relevant_needs_to_say_why(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "close_case", card)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.siri, {"status": "not_relevant", "reason": "Fordi."})
        assert sent.errors == {"not_relevant": "Velg hvorfor saken ikke er aktuell."}
        sent = await house.ws.submit(
            house.siri, {"status": "not_relevant", "not_relevant": "other", "reason": "", "outcome": None}
        )
        assert sent.errors == {"reason": "Skriv kort hvorfor saken ikke er aktuell."}


@pytest.mark.parametrize("button", ["take_case", "update_case", "publish_case", "wrong_medicine", "close_case"])
async def test_the_buttons_of_a_card_that_is_out_of_date_are_refused(house: House, button: str) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "close_case", card)
    await house.ws.submit(house.siri, {"outcome": "unknown", "reason": "Ferdig."})
    await house.ws.quiet()
    async with house.nothing_stored():
        assert "Saken 2025-0001 er ikke åpen." in await house.forge(house.siri, card, button, "2025-0001")


@pytest.mark.parametrize(
    ("button", "filled"),
    [
        ("close_case", {"outcome": "unknown", "reason": "En gang til."}),
        ("publish_case", {"visibility": "published"}),
        ("update_case", {"expected_end": "2025-09-01"}),
        ("wrong_medicine", {"medicine": "Valtrex tab 250 mg"}),
    ],
)
async def test_a_form_about_a_case_that_was_closed_meanwhile_is_refused(
    house: House, button: str, filled: dict[str, str]
) -> None:
    card = await house.valtrex_case()
    await house.form(house.per, button, card)
    await house.form(house.siri, "close_case", card)
    await house.ws.submit(house.siri, {"outcome": "unknown", "reason": "Ferdig."})
    async with house.nothing_stored():
        sent = await house.ws.submit(house.per, filled)
        assert any("er ikke åpen" in error for error in sent.errors.values())


async def test_the_card_says_how_long_the_stock_lasts_as_soon_as_it_is_known(house: House) -> None:
    await house.valtrex_case()
    await house.store(*VALTREX_IN_TWO_WEEKS)
    await house.ws.wait_for(lambda: "Trolig tomt 20. juli" in house.card().plain(), what="the card with its cover")
    assert len(house.ws.messages(house.cases, by_bot=True)) == 1


async def test_a_candidate_is_named_and_taken_away(house: House) -> None:
    card = await house.valtrex_case()
    form = await house.form(house.siri, "add_candidate", card)
    assert "Kan noe brukes i stedet for Valtrex tab 500 mg (valaciklovir)?" in form.plain()
    assert "Zelitrex tab 250 mg: Kandidat – ikke vurdert (annen styrke)" in form.plain()
    assert "Fjern en kandidat" not in form.plain()
    sent = await house.ws.submit(house.siri, {"medicine": "Zovirax tab 200 mg", "rung": "other_substance"})
    assert not sent.errors
    await house.said(house.cases, "Kandidat: Zovirax tab 200 mg (annet virkestoff), ikke vurdert.")
    await house.ws.wait_for(lambda: "Zovirax tab 200 mg (annet virkestoff)" in house.card().plain())
    await house.form(house.siri, "add_candidate", house.card())
    await house.ws.submit(house.siri, {"remove": "Zovirax tab 200 mg"})
    await house.said(house.cases, "Ikke lenger kandidat: Zovirax tab 200 mg.")
    await house.ws.wait_for(lambda: "Zovirax" not in house.card().plain())
    assert not await house.rows(CandidateLink)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, {"medicine": "Velg kandidaten, eller hvilken som skal fjernes."}),
        ({"medicine": "Zovirax tab 200 mg"}, {"rung": "Velg hvor nær kandidaten står."}),
        (
            {"medicine": "Zyprexa tab 10 mg", "rung": "equivalent"},
            {"rung": "Legemiddelregisteret sier «annet virkestoff». Velg det, eller et lavere trinn."},
        ),
        (
            {"medicine": "Valtrex tab 500 mg", "rung": "foreign_pack"},
            {"medicine": "Dette er legemiddelet som mangler."},
        ),
        (
            {
                "medicine": "Zovirax tab 200 mg",
                "rung": {"text": {"type": "plain_text", "text": "x"}, "value": "exchange_group"},
            },
            {"rung": "Byttegruppen kommer fra legemiddelregisteret. Velg et annet trinn."},
        ),
        (
            {"medicine": "Zovirax tab 200 mg", "rung": {"text": {"type": "plain_text", "text": "x"}, "value": "tull"}},
            {"rung": "Dette valget finnes ikke. Velg på nytt."},
        ),
    ],
)
async def test_a_candidate_that_cannot_be_is_refused_beside_its_field(
    house: House, fields: dict[str, Any], errors: dict[str, str]
) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "add_candidate", card)
    async with house.nothing_stored():
        sent = await house.ws.submit(house.siri, fields)
        assert sent.errors == errors


async def test_two_who_name_candidates_at_once_do_not_overwrite_each_other(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "add_candidate", card)
    await house.form(house.per, "add_candidate", card)
    await house.ws.submit(house.siri, {"medicine": "Zovirax tab 200 mg", "rung": "other_substance"})
    sent = await house.ws.submit(house.per, {"medicine": "Zelitrex tab 250 mg", "rung": "other_strength"})
    assert sent.view is not None
    assert "er endret siden du åpnet skjemaet" in sent.view.plain()
    assert len(await house.rows(CandidateLink)) == 1


async def test_a_case_of_another_register_is_found_by_its_number_and_worked_on_though_it_has_no_card(
    house: House,
) -> None:
    rows = (
        "saksnummer;preparat;atc;status;start;meldt\nMS 17/2024;Valtrex tab 500 mg;J05AB11;Pågående;1.5.2025;2.5.2025"
    )
    assert (await house.bot.services.register.take_in(rows.encode(), "saker.csv", {})).stored
    assert "MS 17/2024" in await house.ask(house.siri, "liste")
    shown = await house.ws.slash(house.siri, "/mangel status ms 17/2024")
    await house.ws.wait_for(lambda: shown.messages, 20, "the case")
    assert "Du har nå saken MS 17/2024." in await house.press(house.siri, shown.message, "take_case")
    card = await house.said(house.cases, "MS 17/2024")
    assert "Ansvarlig" in card.plain()
    listed = await house.ws.slash(house.siri, "/mangel liste")
    await house.ws.wait_for(lambda: listed.messages, 20, "the list")
    assert "Mangel fra 1. mai" in await house.press(house.siri, listed.message, "show_case")
    assert "Mangel fra 1. mai" not in await house.ask(house.kari, "status MS 17/2024")
    assert "MS 17/2024" in await house.ask(house.siri, "følg MS 17/2024")


async def test_a_closed_case_is_opened_again_with_a_reason_and_the_reporter_hears_of_it(house: House) -> None:
    card = await house.valtrex_case()
    await house.form(house.siri, "close_case", card)
    await house.ws.submit(house.siri, {"outcome": "averted", "reason": "Leveransene er normale."})
    await house.ws.wait_for(lambda: "AVSLUTTET" in house.card().plain())
    await house.form(house.siri, "reopen_case", house.card())
    sent = await house.ws.submit(house.siri, {"reason": "Ny stans hos produsenten."})
    assert not sent.errors
    await house.ws.wait_for(lambda: "PÅGÅENDE" in house.card().plain())
    await house.said(house.cases, "Gjenåpnet: Ny stans hos produsenten.")
    assert "Leveransene er normale" not in house.card().plain()
    told = await house.said(house.kari, "Saken er åpnet igjen.")
    assert "Ny stans" not in told.plain()
    (row,) = await house.rows(ShortageCase)
    assert (row.closed_at, row.outcome, row.close_reason) == (None, None, None)
