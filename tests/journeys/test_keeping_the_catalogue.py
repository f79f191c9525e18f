"""The centre keeps the list of medicines from App Home, from a lookup, from the report form and from a case."""

from __future__ import annotations

from typing import Any

import pytest

from bot.catalogue.match import Decision
from storage.tables import CatalogueEntry, ShortageCase, ShortageReport, Synonym
from tests.journeys.conftest import House
from workspace import Message, User, View

NO = "Spør Mangelsenteret om tilgang."


async def known(house: House, words: str) -> None:
    """Wait until the index knows these words: it is built after the answer."""
    await house.ws.wait_for(lambda: house.bot.services.catalogue.match(words).decision is Decision.MATCH, 8, words)


ABARAX = {"name": "Abarax", "substance": "Benznidazol", "form": "tab", "strength": "100 mg", "authorised": "no"}


async def home_with(house: House, user: User, words: str) -> View:
    """The person's App Home once these words stand there."""

    def found() -> View | None:
        home = house.ws.home(user)
        return home if home is not None and words in home.plain() else None

    shown = await house.ws.wait_for(found, 20, f"«{words}» on App Home")
    assert isinstance(shown, View)
    return shown


async def view_with(house: House, user: User, words: str) -> View:
    """The person's topmost form or window once these words stand there."""

    def found() -> View | None:
        view = house.ws.current_view(user)
        return view if view is not None and words in view.plain() else None

    shown = await house.ws.wait_for(found, 20, f"«{words}» in a window")
    assert isinstance(shown, View)
    return shown


async def typed_and_reported(house: House, user: User, typed: str, choice: str, place: str) -> None:
    """`/mangel meld <typed>` and then `choice` from the list: what the short names are counted from."""
    await house.ws.slash(user, f"/mangel meld {typed}")
    await house.ws.view(user)
    option = next(one for one in await house.ws.type_ahead(user, "medicine", choice) if choice in one.text)
    await house.ws.choose(user, "medicine", option)
    sent = await house.ws.submit(user, {"medicine": option, "place": place, "runs_out": "3_days"})
    assert not sent.errors
    await house.ws.close(user)


async def proposed(house: House) -> View:
    """Three reports by two people who typed «isavu»; Siri's App Home with the proposal."""
    for user, place in ((house.kari, "UNN Tromsø"), (house.ola, "Førde sentralsjukehus"), (house.kari, "OUS Ullevål")):
        await typed_and_reported(house, user, "isavu", "Isavukonazol", place)
    home = await house.ws.open_home(house.siri)
    assert "Forslag til kortnavn" in home.plain()
    assert "«isavu» for Isavukonazol\nBrukt i 3 meldinger fra 2 personer." in home.plain()
    return home


async def test_a_proposed_short_name_is_accepted_on_app_home_and_works_at_once(house: House) -> None:
    home = await proposed(house)
    assert "Isavukonazol" not in await house.ask(house.ola, "status isavu")
    await house.ws.click(house.siri, home, "accept_short_name")
    home = await home_with(house, house.siri, "«isavu» er nå et kortnavn. Alle kan bruke det.")
    assert "Forslag til kortnavn" not in home.plain()
    assert "Isavukonazol" in await house.ask(house.ola, "status isavu")
    await house.ws.slash(house.ola, "/mangel meld isavu")
    assert "Isavukonazol" in (await house.ws.view(house.ola)).plain()

    await house.ws.click(house.siri, home, "list_own")
    window = await view_with(house, house.siri, "«isavu» for Isavukonazol")
    await house.ws.click(house.siri, window, "remove_short_name")
    await view_with(house, house.siri, "«isavu» er fjernet.")
    assert "Isavukonazol" not in await house.ask(house.kari, "status isavu")
    assert [row.state for row in await house.rows(Synonym)] == ["removed"]


async def test_a_rejected_short_name_is_not_proposed_again_and_an_old_button_is_refused(house: House) -> None:
    home = await proposed(house)
    await house.ws.open_home(house.per)
    await house.ws.click(house.siri, home, "reject_short_name")
    await home_with(house, house.siri, "er avvist og blir ikke foreslått igjen")
    old = house.ws.home(house.per)
    assert old is not None and "Forslag til kortnavn" in old.plain()
    await house.ws.click(house.per, old, "accept_short_name")
    assert "gjelder ikke lenger" in (await house.ws.view(house.per)).plain()
    assert "Forslag" not in (await house.ws.open_home(house.per)).plain()
    assert [row.state for row in await house.rows(Synonym)] == ["rejected"]


@pytest.mark.parametrize("who", ["kari", "ola", "mona", "dag"])
async def test_nobody_else_sees_or_decides(house: House, who: str) -> None:
    await proposed(house)
    person = getattr(house, who)
    home = await house.ws.open_home(person)
    for not_theirs in ("Forslag til kortnavn", "isavu»", "Legg til legemiddel", "Vis det vi har lagt til"):
        assert not_theirs not in home.plain()
    assert "Legg til legemiddel" not in await house.ask(person, "status xqzwvy")
    card = house.card()
    async with house.nothing_stored():
        for button, value in (
            ("accept_short_name", "isavu|Isavukonazol"),
            ("reject_short_name", "isavu|Isavukonazol"),
            ("add_short_name", None),
            ("remove_short_name", "1"),
            ("add_medicine", "-"),
            ("add_medicine_for_case", "2025-0001"),
            ("list_own", "1"),
            ("edit_medicine", "egen:delamanid"),
            ("retire_medicine", "egen:delamanid"),
            ("tie_case", "2025-0001 egen:delamanid"),
        ):
            assert NO in await house.forge(person, card, button, value), button
    assert house.ws.current_view(person) is None


@pytest.mark.parametrize(
    ("button", "value"),
    [
        ("accept_short_name", "keppra|Keflex"),
        ("accept_short_name", None),
        ("reject_short_name", "isavu|Vorikonazol"),
        ("remove_short_name", "77"),
        ("remove_short_name", "x"),
        ("add_medicine_for_case", "2025-0001"),
        ("list_own", "x"),
        ("edit_medicine", "egen:delamanid"),
        ("retire_medicine", "nonsense"),
        ("tie_case", "2025-0001"),
        ("tie_case", "2025-0001 egen:delamanid"),
    ],
)
async def test_values_that_no_button_has_are_refused_with_a_line(house: House, button: str, value: str | None) -> None:
    card = await house.valtrex_case()
    async with house.nothing_stored():
        told = await house.forge(house.siri, card, button, value)
    assert told and "gikk galt" not in told and told.count("\n") <= 1


async def test_a_medicine_added_after_a_lookup_is_found_and_the_free_text_case_is_moved_to_it(house: House) -> None:
    await house.report(house.kari, "abarrax", "abarrax")
    await house.ws.close(house.kari)
    await house.said(house.cases, "2025-0001")
    answer = await house.ws.slash(house.siri, "/mangel status abarrax", house.cases)
    await house.ws.wait_for(lambda: answer.messages, 8)
    message: Message = answer.messages[0]
    assert "Er det ingen av disse, kan du legge «abarrax» til i listen." in message.plain()
    await house.ws.click(house.siri, message, "add_medicine")
    form = await house.ws.view(house.siri)
    assert "‹abarrax›" in form.plain()
    wrong = await house.ws.submit(house.siri, ABARAX | {"atc": "P01", "strength": "ca 100"})
    assert set(wrong.errors) == {"atc", "strength"}
    sent = await house.ws.submit(house.siri, ABARAX | {"atc": "p01ca02"})
    assert not sent.errors
    window = await view_with(house, house.siri, "Abarax tab 100 mg (benznidazol) er lagt til.")
    assert "2025-0001 · meldt som «abarrax»" in window.plain()
    await house.ws.click(house.siri, window, "tie_case")
    await view_with(house, house.siri, "Meldingene står nå på sak 2025-0001.")
    await house.said(house.kari, "er nå ført på Abarax tab 100 mg (benznidazol)")
    await house.ws.wait_for(lambda: "Abarax tab 100 mg" in house.card("2025-0001").plain())
    await known(house, "abarax")
    assert "Abarax tab 100 mg" in await house.ask(house.ola, "status abarax")
    assert "2025-0001" in await house.ask(house.siri, "status abarax")
    case: Any = (await house.rows(ShortageCase))[0]
    assert (case.substance, case.atc, case.authorised) == ("Benznidazol", "P01CA02", "no")

    await house.report(house.ola, "abarax", "Abarax tab 100 mg", place="Førde sentralsjukehus")
    assert {row.case_id for row in await house.rows(ShortageReport)} == {case.id}


async def test_a_duplicate_is_refused_beside_the_name(house: House) -> None:
    home = await house.ws.open_home(house.siri)
    await house.ws.click(house.siri, home, "add_medicine")
    await house.ws.view(house.siri)
    async with house.nothing_stored():
        sent = await house.ws.submit(
            house.siri, {"name": "Valtrex", "substance": "Valaciklovir", "form": "tab", "strength": "500 mg"}
        )
    assert sent.errors == {"name": "Finnes allerede i listen: Valtrex tab 500 mg."}


async def test_a_medicine_added_from_the_report_form_is_chosen_in_it(house: House) -> None:
    await house.ws.slash(house.siri, "/mangel")
    await house.ws.view(house.siri)
    option = next(one for one in await house.ws.type_ahead(house.siri, "medicine", "abarrax") if "abarrax" in one.text)
    await house.ws.fill(house.siri, {"runs_out": "now", "place": "UNN Tromsø", "note": "To pasienter."})
    await house.ws.choose(house.siri, "medicine", option)
    report = await view_with(house, house.siri, "Står ikke i listen.")
    await house.ws.click(house.siri, report, "add_medicine")
    await view_with(house, house.siri, "Virkestoff")
    assert not (await house.ws.submit(house.siri, ABARAX)).errors
    report = await view_with(house, house.siri, "‹Abarax tab 100 mg›")
    assert "‹To pasienter.›" in report.plain() and "(•) Tomt nå" in report.plain()
    assert not (await house.ws.submit(house.siri)).errors
    row = (await house.rows(ShortageReport))[0]
    assert (row.name, row.note, row.place) == ("Abarax tab 100 mg", "To pasienter.", "UNN Tromsø")


async def test_a_clinician_is_not_offered_to_add_to_the_list(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel")
    await house.ws.view(house.kari)
    option = next(one for one in await house.ws.type_ahead(house.kari, "medicine", "abarrax") if "abarrax" in one.text)
    await house.ws.choose(house.kari, "medicine", option)
    await house.ws.quiet()
    form = house.ws.current_view(house.kari)
    assert form is not None and "Legg til legemiddel" not in form.plain()


async def test_a_medicine_is_added_for_a_case_whatever_it_was_called(house: House) -> None:
    await house.report(house.kari, "chagas-pillene", "chagas-pillene")
    await house.ws.close(house.kari)
    card = await house.said(house.cases, "2025-0001")
    form = await house.form(house.siri, "wrong_medicine", card)
    await house.ws.click(house.siri, form, "add_medicine_for_case")
    await view_with(house, house.siri, "Legg til legemiddel")
    assert not (await house.ws.submit(house.siri, ABARAX)).errors
    window = await view_with(house, house.siri, "2025-0001 · meldt som «chagas-pillene»")
    await house.ws.click(house.siri, window, "tie_case")
    await house.ws.wait_for(lambda: "Abarax tab 100 mg" in house.card("2025-0001").plain())


async def test_what_was_added_is_edited_and_removed(house: House) -> None:
    home = await house.ws.open_home(house.siri)
    await house.ws.click(house.siri, home, "add_medicine")
    await house.ws.view(house.siri)
    await house.ws.submit(house.siri, ABARAX)
    await view_with(house, house.siri, "er lagt til")
    await house.ws.close(house.siri)

    await house.ws.click(house.siri, home, "list_own")
    window = await view_with(house, house.siri, "Benznidazol · Uregistrert")
    await house.ws.click(house.siri, window, "edit_medicine")
    form = await view_with(house, house.siri, "Rett legemiddel")
    assert "‹100 mg›" in form.plain()
    assert not (await house.ws.submit(house.siri, {"strength": "12,5 mg", "synonyms": "radanil"})).errors
    assert house.ws.current_view(house.siri) is None
    await known(house, "radanil")
    assert "Abarax tab 12,5 mg" in await house.ask(house.kari, "status radanil")

    await house.ws.click(house.siri, home, "list_own")
    window = await view_with(house, house.siri, "Abarax tab 12,5 mg")
    await house.ws.click(house.siri, window, "edit_medicine")
    form = await view_with(house, house.siri, "Fjern fra listen")
    await house.ws.click(house.siri, form, "retire_medicine")
    await view_with(house, house.siri, "Abarax tab 12,5 mg er fjernet fra listen.")
    assert "Abarax" not in await house.ask(house.kari, "status radanil")
    assert (await house.rows(CatalogueEntry))[0].retired_at is not None


async def test_a_short_name_is_added_by_hand(house: House) -> None:
    home = await house.ws.open_home(house.siri)
    await house.ws.click(house.siri, home, "list_own")
    window = await view_with(house, house.siri, "Kortnavn i bruk")
    await house.ws.click(house.siri, window, "add_short_name")
    await view_with(house, house.siri, "Slik det skrives på sykehusene")
    refused = await house.ws.submit(house.siri, {"words": "prednisol", "medicine": "Prednisolon"})
    assert "kan forveksles med Prednison" in refused.errors["words"]
    assert not (await house.ws.submit(house.siri, {"words": "isavu", "medicine": "Isavukonazol"})).errors
    await known(house, "isavu")
    assert "Isavukonazol" in await house.ask(house.kari, "status isavu")
