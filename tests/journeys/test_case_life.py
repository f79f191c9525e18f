"""A case from the first report to the second time it is opened, as those see it who work on it."""

from __future__ import annotations

import asyncio

from bot.cases.statistics import Period
from storage.tables import AuditEntry, EndDate, Follow, ShortageCase, ShortageReport
from tests.journeys.conftest import House


async def join(house: House) -> None:
    """Ola reports the same medicine and leaves the choice as it stands."""
    sent = await house.report(house.ola, "valtrex 500", "Valtrex tab 500 mg", place="Førde sentralsjukehus")
    assert not sent.errors
    await house.ws.close(house.ola)
    await house.said(house.ola, "2025-0001")


async def test_a_case_lives_from_the_first_report_to_the_day_it_is_opened_again(house: House) -> None:
    card = await house.valtrex_case()
    await join(house)
    await house.ws.wait_for(lambda: "2 meldinger, 2 steder" in house.card().plain(), 20, "the second report")

    assert "Du har nå saken 2025-0001." in await house.press(house.siri, house.card(), "take_case")
    await house.publish(advice="Nye pasienter: aciklovir.")
    await house.update(house.siri, "shortage", start="2025-07-01", cause="production", source="hospital")
    await house.update(house.siri, "effects", criticality="high", groups=["transplant"], regions=["north", "west"])
    await house.update(house.siri, "measures", in_use=["foreign_packs"])
    await house.update(house.siri, substitute="Zovirax tabletter", substitute_ready="yes")
    await house.said(house.kari, "Erstatning: Zovirax tabletter")
    for end in ("2025-08-15", "2025-09-15", "2025-10-15"):
        await house.update(house.siri, expected_end=end)
    await house.ws.wait_for(lambda: "Sluttdato flyttet 2 ganger" in house.card().plain(), 20, "the end that slips")
    shown = house.card().plain()
    for words in (
        "Transplanterte. Alvor: høy.",
        "Regioner: Helse Nord og Helse Vest",
        "I gang: Utenlandske pakninger.",
    ):
        assert words in shown
    assert house.card().ts == card.ts

    await house.form(house.siri, "close_case", house.card())
    ended = {
        "outcome": "substituted",
        "ended_on": "2025-07-07",
        "reason": "Leveransene er normale.",
        "helped": ["foreign_packs"],
    }
    assert not (await house.ws.submit(house.siri, ended)).errors
    for reporter in (house.kari, house.ola):
        await house.said(reporter, "Saken er avsluttet.")
    await house.ws.wait_for(lambda: "AVSLUTTET" in house.card().plain(), 20, "the closed card")

    await house.form(house.siri, "reopen_case", house.card())
    assert not (await house.ws.submit(house.siri, {"reason": "Produsenten har stanset igjen."})).errors
    for reporter in (house.kari, house.ola):
        told = await house.said(reporter, "Saken er åpnet igjen.")
        assert "Sluttdato ukjent." in told.plain(), "the end that came was not the end"
    await house.ws.wait_for(lambda: "PÅGÅENDE" in house.card().plain(), 20, "the open card")
    assert len(house.ws.messages(house.cases, by_bot=True)) == 1, "one card, edited in place"
    assert [str(row.end) for row in await house.rows(EndDate)] == [
        "2025-08-15",
        "2025-09-15",
        "2025-10-15",
        "2025-07-07",
        "None",
    ]
    done = [row.action for row in await house.rows(AuditEntry) if row.subject == "case:2025-0001"]
    assert done[:4] == ["opened", "reported", "joined", "taken"]
    assert done[-2:] == ["closed", "reopened"]


async def test_two_who_take_a_case_at_the_same_moment_are_not_both_told_that_they_have_it(house: House) -> None:
    card = await house.valtrex_case()
    await asyncio.gather(house.ws.click(house.siri, card, "take_case"), house.ws.click(house.per, card, "take_case"))
    await house.ws.wait_for(
        lambda: len(house.ws.ephemerals(house.siri)) + len(house.ws.ephemerals(house.per)) == 2, 20, "two answers"
    )
    heard = {user.name: house.ws.ephemerals(user)[-1].plain() for user in (house.siri, house.per)}
    (winner,) = [name for name, said in heard.items() if "Du har nå saken 2025-0001." in said]
    (loser,) = set(heard) - {winner}
    assert f"@{winner} har allerede saken 2025-0001." in heard[loser]
    assert [row.action for row in await house.rows(AuditEntry)].count("taken") == 1


async def test_a_case_whose_owner_has_left_can_be_taken_over(house: House) -> None:
    card = await house.valtrex_case()
    await house.press(house.siri, card, "take_case")
    await house.ws.wait_for(lambda: "Ta saken" not in house.card().plain(), 20, "the taken card")
    more = await house.form(house.per, "more_case", house.card())
    assert "Ta over saken" in more.plain()
    await house.ws.close(house.per)
    assert "har allerede saken" in await house.forge(house.per, card, "take_case", "2025-0001")
    groups = house.bot.services.people.groups
    groups.members = {group: members - {house.siri.id} for group, members in groups.members.items()}
    assert "Du har nå saken 2025-0001." in await house.forge(house.per, card, "take_case", "2025-0001")
    await house.said(house.cases, "Per Senter har tatt saken.")


async def test_a_case_whose_owner_was_granted_by_name_and_left_slack_can_be_taken_over(house: House) -> None:
    house.bot.settings.roles.centre.append(house.siri.id)
    card = await house.valtrex_case()
    await house.press(house.siri, card, "take_case")
    house.ws.close_account(house.siri)
    await house.bot.look_for_those_who_left()
    await house.ws.open_home(house.per)
    assert "Siri Senter (har sluttet): 1 sak" in house.ws.home(house.per).plain()
    assert "Du har nå saken 2025-0001." in await house.forge(house.per, card, "take_case", "2025-0001")


async def test_two_cases_become_one_and_the_old_number_leads_on(house: House) -> None:
    await house.valtrex_case()
    await house.report(house.ola, "valtrex 500", "Valtrex tab 500 mg", place="Førde sentralsjukehus", join="own")
    await house.ws.close(house.ola)
    card = await house.said(house.cases, "2025-0002")
    assert "Kanskje samme sak: 2025-0001" in card.plain()
    await house.ask(house.dag, "følg sak 2025-0002")
    form = await house.form(house.siri, "merge_case", card)
    assert "Meldinger, følgere og dokumenter flyttes" in form.plain()
    for wrong, said in (
        ("2025-0002", "En sak kan ikke slås sammen med seg selv. Velg en annen sak."),
        ("2031-0007", "Fant ikke sak 2031-0007."),
    ):
        assert (await house.ws.submit(house.siri, {"into": wrong})).errors == {"into": said}
    sent = await house.ws.submit(house.siri, {"into": "2025-0001"})
    assert not sent.errors
    assert house.ws.current_view(house.siri) is None
    await house.said(house.cases, "Slått sammen med sak 2025-0001.")
    await house.said(
        house.cases, "Sak 2025-0002 er slått sammen med denne. 1 melding er flyttet (Førde sentralsjukehus)."
    )
    await house.ws.wait_for(lambda: "SLÅTT SAMMEN" in house.card("2025-0002").plain(), 20, "the merged card")
    assert "Fortsetter i: 2025-0001" in house.card("2025-0002").plain()
    answer = await house.ask(house.siri, "sak 2025-0002")
    assert "Sak 2025-0002 er slått sammen med sak 2025-0001." in answer
    assert "2025-0001" in answer
    assert [row.subject for row in await house.rows(Follow)] == ["2025-0001"]
    assert {row.case_id for row in await house.rows(ShortageReport)} == {1}
    await house.ws.quiet()
    assert len(house.by_bot(house.ola)) == 1, "only the receipt: nothing changed for Ola"
    assert "lever videre i sak 2025-0001" in await house.forge(house.siri, card, "update_case", "2025-0002")


async def test_reports_are_split_off_and_both_threads_say_so(house: House) -> None:
    card = await house.valtrex_case()
    await join(house)
    form = await house.form(house.siri, "split_case", card)
    assert "Hvilke meldinger?" in form.plain()
    every = [option["value"] for option in form.blocks[1]["element"]["options"]]
    assert (await house.ws.submit(house.siri, {"reports": every})).errors["reports"].startswith("Velg noen")
    sent = await house.ws.submit(house.siri, {"reports": [every[0]], "medicine": "Valtrex tab 250 mg"})
    assert not sent.errors
    new = await house.said(house.cases, "Skilt ut fra sak 2025-0001.")
    assert "Valtrex tab 250 mg (valaciklovir) · 2025-0002" in new.plain()
    await house.said(house.cases, "Skilt ut til sak 2025-0002: 1 melding er flyttet (Førde sentralsjukehus).")
    await house.said(house.ola, "Meldingen din er nå i sak 2025-0002, Valtrex tab 250 mg")
    await house.ws.quiet()
    assert not any("2025-0002" in message.plain() for message in house.by_bot(house.kari))


async def test_a_device_is_a_case_like_any_other_and_no_medicine_in_the_statistics(house: House) -> None:
    await house.report(house.kari, "Steritalc", "Steritalc", place="UNN Tromsø")
    await house.ws.close(house.kari)
    card = await house.said(house.cases, "2025-0001")
    assert "Medisinsk utstyr." in card.plain()
    assert "Markedsføringstillatelse" not in card.plain()
    await house.update(house.siri, "effects", regions=["mid"], criticality="medium")
    await house.update(house.siri, expected_end="2025-08-01")
    await house.ws.wait_for(lambda: "Slutt 1. aug." in house.card().plain(), 20, "the end")
    (row,) = await house.rows(ShortageCase)
    assert row.scope == "device"
    figures = await house.bot.services.statistics.of(Period.of_year(2025))
    assert (figures.handled, figures.substances) == (0, 0)
