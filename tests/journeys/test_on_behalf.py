"""The centre writes down what came by telephone, e-mail or a list, as quickly as one reports oneself."""

from __future__ import annotations

from sqlmodel import select

from storage.tables import ShortageCase, ShortageReport
from tests.journeys.conftest import House


async def reports(house: House) -> list[ShortageReport]:
    async with house.bot.database.read() as session:
        return list(await session.scalars(select(ShortageReport).order_by(ShortageReport.id)))


async def test_a_telephone_call_is_written_down_and_the_centre_sees_whom_to_tell(house: House) -> None:
    await house.report(
        house.siri, "valtrex 500", "Valtrex tab 500 mg", came_by="phone", told_by="vakthavende farmasøyt, Haukeland"
    )
    await house.ws.close(house.siri)
    card = await house.said(house.cases, "2025-0001")
    assert "Meldt av vakthavende farmasøyt, Haukeland (telefon)." in card.plain()
    assert "Siri" not in card.plain()
    (report,) = await reports(house)
    assert (report.came_by, report.registered_by) == ("phone", report.reporter)

    await house.publish()
    await house.form(house.siri, "update_case", house.card())
    await house.ws.submit(house.siri, {"expected_end": "2025-09-15"})
    said = "Gi beskjed til: vakthavende farmasøyt, Haukeland (Telefon)"
    await house.ws.wait_for(lambda: any(said in one.plain() for one in house.by_bot(house.cases)), 8, said)
    assert not [one for one in house.by_bot(house.siri) if "ny sluttdato" in one.plain()], "who wrote it down knows"


async def test_somebody_in_slack_hears_themselves_and_one_more_is_written_where_the_receipt_stands(
    house: House,
) -> None:
    sent = await house.report(
        house.siri, "valtrex 500", "Valtrex tab 500 mg", came_by="email", told_by_user=house.kari.id
    )
    assert not sent.errors
    mine = await house.said(house.kari, "har ført meldingen din om")
    assert "2025-0001" in mine.plain()
    await house.ws.click(house.siri, await house.ws.view(house.siri), "report_medicine")
    await house.ws.wait_for(lambda: house.ws.current_view(house.siri).callback_id == "report", 20, "the form again")
    options = await house.ws.type_ahead(house.siri, "medicine", "zovirax 200")
    option = next(option for option in options if "Zovirax tab 200 mg" in option.text)
    await house.ws.choose(house.siri, "medicine", option)
    sent = await house.ws.submit(
        house.siri,
        {
            "medicine": option,
            "place": "UNN Tromsø",
            "runs_out": "3_days",
            "came_by": "purchasing",
            "told_by": "liste uke 28",
        },
    )
    assert not sent.errors, sent.errors
    await house.said(house.cases, "2025-0002")
    async with house.bot.database.read() as session:
        second = (await session.scalars(select(ShortageCase).where(ShortageCase.number == "2025-0002"))).one()
    assert second.source == "purchasing"
    assert "2025-0001" in await house.press(house.kari, mine, "withdraw_report")


async def test_a_clinician_has_no_such_fields_and_forged_ones_store_nothing(house: House) -> None:
    await house.ws.slash(house.kari, "/mangel")
    assert "came_by" not in str((await house.ws.view(house.kari)).body)
    await house.ws.close(house.kari)
    kari = await house.bot.services.people.actor(house.kari.id)
    await house.ws.slash(house.siri, "/mangel")
    view = await house.ws.view(house.siri)
    async with house.nothing_stored():
        options = await house.ws.type_ahead(house.siri, "medicine", "valtrex 500")
        await house.ws.choose(house.siri, "medicine", options[0])
        sent = await house.ws.submit(
            house.siri, {"medicine": options[0], "place": "UNN Tromsø", "runs_out": "3_days", "told_by": "noen"}
        )
        assert "Velg hvordan meldingen kom." in sent.errors["came_by"]
        sent = await house.ws.submit(house.siri, {"told_by": None, "came_by": "phone"})
        assert "Skriv hvem som meldte" in sent.errors["told_by"]
    assert not kari.roles - {"clinician"} and view is not None
