"""DMP's list dropped in the cases channel: read in, looked through, and what becomes of its rows."""

from __future__ import annotations

from storage.tables import EndDate, RegisterList, RegisterNotice, ShortageCase
from tests.journeys.conftest import House
from workspace import Message, User, View

HEADINGS = (
    "Legemiddelnavn;Virkestoff(er);Mangelperiode fra;Mangelperiode til;Informasjon/tiltak;"
    "Informasjon på nettside;Status pr. {day:02d}.07.2025"
)
ETOPOSIDE = (
    "Etoposid Accord 20 mg/ml konsentrat til infusjonsvæske, oppløsning, 1x5 ml hetteglass;etoposid;"
    "01.05.2025;{end};Behandling med annet virkestoff bør vurderes;;Pågående"
)
UNKNOWN = "Ukjentol 5 mg <!channel> *implantat*;ukjentol;01.06.2025;01.08.2025;utenlandske pakninger;;Pågående"
VALTREX = "Valtrex {mg} mg tablett, 42 stk;valaciklovir;01.06.2025;01.12.2025;;;Pågående"
WRONG = "Ibux 400 mg;ibuprofen;03/04/2025;01.08.2025;;;Pågående"


def listed(day: int, *rows: str) -> str:
    """DMP's list of a day in July."""
    return "\n".join((HEADINGS.format(day=day), *rows))


MONDAYS = (ETOPOSIDE.format(end="15.09.2025"), UNKNOWN, VALTREX.format(mg=250), VALTREX.format(mg=500))


async def dropped(house: House, user: User, content: str, name: str = "mangel.csv") -> Message:
    """A file in the cases channel; what the bot says of it to that person."""
    before = len(house.ws.ephemerals(user, house.cases))
    await house.ws.upload(user, house.cases, name, content)
    await house.ws.wait_for(lambda: len(house.ws.ephemerals(user, house.cases)) > before, 20, f"words about {name}")
    return house.ws.ephemerals(user, house.cases)[-1]


async def read_in(house: House, day: int = 7, *rows: str) -> Message:
    """The list of a day, read in by Siri; the message in the channel."""
    preview = await dropped(house, house.siri, listed(day, *(rows or MONDAYS)))
    await house.ws.click(house.siri, preview, "store_list")
    return await house.said(house.cases, f"DMPs mangelliste {day}. juli", 20)


async def window(house: House, on: Message, user: User | None = None) -> View:
    """*Til vurdering*, opened."""
    await house.ws.click(user or house.siri, on, "open_triage")
    return await house.ws.view(user or house.siri)


async def seen(house: House, words: str, user: User | None = None) -> View:
    """Wait until the window on top says `words`."""
    who = user or house.siri

    def there() -> bool:
        top = house.ws.current_view(who)
        return top is not None and words in top.plain()

    await house.ws.wait_for(there, 20, f"«{words}»")
    return await house.ws.view(who)


async def searched(house: House, words: str) -> View:
    """The window with Monday's list, and in it the rows with these words."""
    await house.ws.click(house.siri, await window(house, await read_in(house)), "triage_rest")
    await seen(house, "Resten:")
    await house.ws.submit(house.siri, {"words": words})
    return await seen(house, f"Søk: «{words}»")


async def notice(house: House, name: str) -> RegisterNotice:
    """The notice whose name begins so."""
    found: RegisterNotice = next(row for row in await house.rows(RegisterNotice) if row.name.startswith(name))
    return found


async def test_a_list_is_shown_read_in_and_one_row_becomes_a_case(house: House) -> None:
    preview = await dropped(house, house.siri, listed(7, *MONDAYS, WRONG))
    assert "4 nye · 0 forlenget · 0 endret · 0 borte" in preview.plain()
    assert "Rad 6, kolonne «" in preview.plain()
    assert not await house.rows(RegisterNotice)
    await house.ws.click(house.siri, preview, "store_list")
    told = await house.said(house.cases, "1 å se på", 20)
    assert "Kilde: DMPs mangelliste 07.07.2025" in told.plain()
    top = await window(house, told)
    assert "Hvorfor: brukes mest i sykehus" in top.plain()
    assert not await house.rows(ShortageCase)
    await house.ws.click(house.siri, top, "open_notice")
    top = await seen(house, "Sak 2025-0001")
    assert "0 å se på" in top.plain()
    assert "Etoposid Accord" not in top.plain()
    card = await house.said(house.cases, "2025-0001")
    assert "Mangel 1. mai–15. sept." in card.plain()
    assert "Sluttdato fra DMPs mangelliste 07.07.2025." in card.plain()


async def test_strengths_that_stand_together_become_cases_that_belong_together(house: House) -> None:
    top = await searched(house, "valtrex")
    await house.ws.click(house.siri, top, "ask_notice")
    form = await seen(house, "Hver styrke blir en egen sak")
    assert "Valtrex tab 250 mg" in form.plain()
    assert not (await house.ws.submit(house.siri, {})).errors
    await seen(house, "Sakene 2025-0001, 2025-0002")
    first, second = await house.rows(ShortageCase)
    assert (first.name, second.name) == ("Valtrex tab 250 mg", "Valtrex tab 500 mg")
    assert first.complex == second.complex is not None


async def test_a_name_that_was_not_recognised_is_asked_about_and_is_never_markup(house: House) -> None:
    top = await searched(house, "ukjentol")
    assert "&lt;!channel&gt;" in str(top.body)
    await house.ws.click(house.siri, top, "ask_notice")
    await seen(house, "Navnet ble ikke gjenkjent")
    number = (await notice(house, "Ukjentol")).id
    (option, *_) = await house.ws.type_ahead(house.siri, f"medicine_{number}", "zovirax 200 mg")
    assert not (await house.ws.submit(house.siri, {f"medicine_{number}": option})).errors
    await seen(house, "Sak 2025-0001")
    (case,) = await house.rows(ShortageCase)
    assert case.name == option.text


async def test_not_relevant_needs_a_reason_that_is_remembered(house: House) -> None:
    top = await window(house, await read_in(house))
    await house.ws.click(house.siri, top, "dismiss_notice")
    await seen(house, "Hvorfor ikke?")
    assert (await house.ws.submit(house.siri, {})).errors == {"reason": "Skriv hvorfor meldingen ikke er aktuell."}
    sent = await house.ws.submit(house.siri, {"reason": "primary", "own": "Kapsler finnes."})
    assert not sent.errors
    await seen(house, "ikke aktuell")
    assert (await notice(house, "Etoposid")).reason == "Brukes ikke i sykehus. Kapsler finnes."
    again = await read_in(house, 8, ETOPOSIDE.format(end="01.12.2025"), *MONDAYS[1:])
    assert "0 å se på" in again.plain()


async def test_whoever_comes_second_hears_by_whom_it_is_decided(house: House) -> None:
    told = await read_in(house)
    stale = await window(house, told, house.per)
    await house.ws.click(house.siri, await window(house, told), "follow_notice")
    await seen(house, "følges")
    await house.ws.click(house.per, stale, "open_notice")
    top = await seen(house, "er allerede vurdert av", house.per)
    assert "Siri Senter" in top.plain() or house.siri.id in top.plain()
    assert "Etoposid Accord 20 mg/ml konsentrat til infusjonsvæske, oppløsning, 1x5 ml hetteglass\n1. mai" not in (
        top.plain()
    )
    assert not await house.rows(ShortageCase)


async def test_a_search_finds_what_is_below_the_fold(house: House) -> None:
    await window(house, await read_in(house))
    await house.ws.submit(house.siri, {"words": "valacik 500"})
    top = await seen(house, "Søk: «valacik 500»")
    assert "Valtrex 500 mg" in top.plain()
    assert "Ukjentol" not in top.plain()


async def test_dates_are_taken_in_one_click_and_taken_back(house: House) -> None:
    await house.ws.click(house.siri, await window(house, await read_in(house)), "open_notice")
    await seen(house, "Sak 2025-0001")
    await house.ws.close(house.siri)
    told = await read_in(house, 8, ETOPOSIDE.format(end="01.11.2025"), *MONDAYS[1:])
    assert "1 ny dato på saker vi følger" in told.plain()
    await house.ws.click(house.siri, told, "show_dates")
    top = await seen(house, "15. sept. → 1. nov.")
    assert "Kilde: DMPs mangelliste 08.07.2025" in top.plain()
    assert not (await house.ws.submit(house.siri, {})).errors
    top = await seen(house, "1 sak har fått ny sluttdato.")
    await house.said(house.cases, "ny sluttdato 1. nov.")
    await house.ws.click(house.siri, top, "undo_dates")
    await seen(house, "1 sak har fått tilbake sluttdatoen fra før.")
    (case,) = await house.rows(ShortageCase)
    assert f"{case.expected_end}" == "2025-09-15"
    assert len(await house.rows(EndDate)) == 1


async def test_a_list_is_taken_back_from_its_message(house: House) -> None:
    told = await read_in(house)
    assert "mangel.csv er angret" in await house.press(house.siri, told, "undo_list")
    await house.said(house.cases, "er angret")
    assert not await house.rows(RegisterNotice)


async def test_a_dropped_list_and_other_files_leave_nothing(house: House) -> None:
    preview = await dropped(house, house.siri, listed(7, *MONDAYS))
    await house.ws.click(house.siri, preview, "drop_list")
    await house.whispered(house.siri, "er forkastet. Ingenting er lagret.")
    assert [one.state for one in await house.rows(RegisterList)] == ["dropped"]
    said = await dropped(house, house.siri, "a;b\n1;2", "annet.csv")
    assert "er ikke DMPs mangelliste" in said.plain()
    async with house.nothing_stored():
        assert "er forkastet" in await house.forge(house.siri, preview, "store_list", "1")
        assert "Fant ikke listen" in await house.forge(house.siri, preview, "store_list", "999")
        assert "virker ikke lenger" in await house.forge(house.siri, preview, "store_list", "; drop table")


async def test_nobody_but_the_centre_reads_or_decides(house: House) -> None:
    told = await read_in(house)
    house.ws.state.channels[house.cases.id].members += [house.kari.id, house.mona.id]
    async with house.nothing_stored():
        for user in (house.kari, house.mona):
            said = await dropped(house, user, listed(8, *MONDAYS))
            assert "senteret" in said.plain().casefold()
            for button, value in (("undo_list", "1"), ("store_list", "1"), ("open_triage", "-"), ("show_dates", "-")):
                assert "senteret" in (await house.forge(user, told, button, value)).casefold()


async def test_forged_rows_are_refused(house: House) -> None:
    told = await read_in(house)
    top = await window(house, told)
    async with house.nothing_stored():
        for button in ("follow_notice", "open_notice", "ask_notice", "dismiss_notice"):
            assert "virker ikke lenger" in await house.forge(house.siri, told, button, "1")
    assert top.callback_id == "triage"


async def test_app_home_says_how_many_wait(house: House) -> None:
    await read_in(house)
    home = await house.ws.open_home(house.siri)
    assert "Til vurdering: 1 · Kilde: DMPs mangelliste 07.07.2025" in home.plain()
    await house.ws.click(house.siri, home, "open_triage")
    await seen(house, "1 å se på")
    assert "Til vurdering" not in (await house.ws.open_home(house.kari)).plain()
