"""A delivery shared out over the real socket: ZypAdhera by population through 2025, delivery by delivery."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from bot.settings import TrustSetting
from storage.tables import Allocation, AllocationShare, AuditEntry
from tests.journeys.conftest import House
from workspace import Message, View

TRUSTS = 21


async def zypadhera_case(house: House) -> str:
    await house.report(house.kari, "zypadhera 300", "Zypadhera pulv til depotinj væske, susp 300 mg")
    await house.ws.close(house.kari)
    await house.said(house.cases, "2025-0001")
    return "2025-0001"


async def overview(house: House, number: str) -> Message:
    answer = await house.ws.slash(house.siri, f"/mangel fordel {number}")
    await house.ws.wait_for(lambda: answer.messages, 20, "the deliveries")
    return answer.messages[-1]


async def propose(house: House, number: str, quantity: str, **fields: Any) -> View:
    """Siri fills in the form; the proposal."""
    await house.form(house.siri, "allocate", await overview(house, number))
    sent = await house.ws.submit(house.siri, {"quantity": quantity, **fields})
    assert not sent.errors, sent.errors
    return await house.ws.view(house.siri)


async def decide(house: House) -> None:
    sent = await house.ws.submit(house.siri, {})
    assert not sent.errors, sent.errors
    await house.ws.close(house.siri)


async def packages(house: House, delivery: int) -> dict[str, int]:
    async with house.bot.database.read() as session:
        rows = await session.execute(
            select(AllocationShare.receiver, AllocationShare.packages)
            .join(Allocation, Allocation.id == AllocationShare.allocation_id)
            .where(Allocation.number == delivery)
        )
        return dict(map(tuple, rows))


async def test_three_deliveries_of_zypadhera_by_population_with_an_exception_and_what_was_really_sent(
    house: House,
) -> None:
    number = await zypadhera_case(house)
    proposal = await propose(house, number, "210")
    words = proposal.plain()
    assert "Leveranse 1, forslag, ikke vedtatt." in words
    assert "Fordelt etter folketall i opptaksområdet (SSB, 1. jan. 2022)." in words
    assert "Akershus: 22 (21,06)" in words
    await decide(house)
    first = await packages(house, 1)
    assert (len(first), sum(first.values())) == (TRUSTS, 210)
    thread = await house.said(house.cases, "Leveranse 1: 210 pakninger er fordelt")
    assert "Akershus: 22" in thread.plain()

    # what was really sent: Bergen got ten fewer
    shown = await house.press(house.siri, await overview(house, number), "show_allocation")
    assert "vedtatt" in shown
    await house.form(house.siri, "correct_allocation", house.ws.ephemerals(house.siri)[-1])
    sent = await house.ws.submit(house.siri, {"sent": f"Bergen {first['Bergen'] - 10}"})
    assert not sent.errors
    await house.ws.close(house.siri)
    await house.ws.wait_for(
        lambda: f"sendt {first['Bergen'] - 10}" in thread_of(house, "Leveranse 1").plain(), 20, "the correction"
    )

    # the second makes up for it, and Finnmark gets more than the rule gives, with the reason
    words = (await propose(house, number, "105", exceptions="Finnmark 6 lang transport")).plain()
    assert "Finnmark: 6 · regelen gir 2; unntak: lang transport" in words
    await decide(house)
    second = await packages(house, 2)
    assert sum(second.values()) == 105
    assert second["Finnmark"] == 6
    together = {who: first[who] + second[who] - (10 if who == "Bergen" else 0) for who in first}
    assert abs(together["Bergen"] - (315 - 10 - 9) * 464_354 / 5_351_141) < 2

    # the third as the second, in whole cartons of five
    await propose(house, number, "103", lot="5")
    await decide(house)
    third = await packages(house, 3)
    assert sum(third.values()) == 100 and all(count % 5 == 0 for count in third.values())

    # the wholesaler's file comes to whoever asked for it, and to nobody else
    listed = await overview(house, number)
    last = next(str(one["block_id"]) for one in listed.blocks if one.get("accessory", {}).get("value") == "3")
    await house.press(house.siri, listed, last)
    assert "Filene til grossisten kommer" in await house.press(
        house.siri, house.ws.ephemerals(house.siri)[-1], "take_allocation"
    )
    told = await house.said(house.siri, "Send filen til grossisten", 60)
    names = [str(file["name"]) for file in told.files]
    assert names == ["2025-0001-leveranse-3.xlsx", "2025-0001-leveranse-3.csv"]
    sheet = next(file for file in house.ws.core.state.files.values() if file.name == names[1])
    assert "2025-0001;" in (sheet.data or b"").decode("utf-8-sig") and "Finnmark" in (sheet.data or b"").decode("utf-8")
    async with house.bot.database.read() as session:
        logged = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "allocated"))).all()
    assert [entry.details["delivery"] for entry in logged] == [1, 2, 3]
    assert logged[1].details["exceptions"] == {"Finnmark": {"packages": 6, "why": "lang transport"}}


def thread_of(house: House, words: str) -> Message:
    return next(message for message in reversed(house.by_bot(house.cases)) if words in message.plain())


async def test_the_rule_and_the_sum_are_published_and_nobodys_share(house: House) -> None:
    number = await zypadhera_case(house)
    house.bot.settings.trusts["Finnmark"] = TrustSetting(people=[house.ola.id])  # from another organisation
    await propose(house, number, "210", stock="Bergen 12", use="Bergen 30")
    await decide(house)
    await house.press(house.siri, await overview(house, number), "show_allocation")
    shown = house.ws.ephemerals(house.siri)[-1]
    assert "rekker 12 → 30 dager" in shown.plain()
    assert "ikke publisert. Publiser den først." in await house.press(house.siri, shown, "publish_allocation")
    await house.publish(number)
    assert "Regelen og summen er publisert." in await house.press(house.siri, shown, "publish_allocation")
    public = await house.said(house.info, "210 pakninger fordeles")
    assert "til de 21 helseforetakene" in public.plain()
    assert "Bergen" not in public.plain() and "12" not in public.plain().replace("2025-0001", "").replace("2022", "")
    assert "allerede gjort" in await house.press(house.siri, shown, "publish_allocation")
    told = (await house.said(house.ola, "Finnmark får")).plain()
    for answer in (told, await house.ask(house.ola, f"fordel {number}")):
        assert "Finnmark får 2 pakninger" in answer.replace("*", ""), answer
        assert not [trust for trust in ("Bergen", "OUS", "UNN", "210") if trust in answer], answer
    assert "fått tilgang" in await house.forge(house.ola, public, "show_allocation", "1")
    await house.press(house.siri, await overview(house, number), "show_allocation")
    published = house.ws.ephemerals(house.siri)[-1]
    assert "trukket tilbake" in await house.press(house.siri, published, "withdraw_allocation")
    await house.said(house.info, "Denne fordelingen er trukket tilbake av Mangelsenteret.")


async def test_only_the_centre_shares_out_and_forged_buttons_do_nothing(house: House) -> None:
    number = await zypadhera_case(house)
    await propose(house, number, "210")
    await decide(house)
    await house.press(house.siri, await overview(house, number), "show_allocation")
    shown = house.ws.ephemerals(house.siri)[-1]
    assert "fått tilgang" in await house.ask(house.kari, f"fordel {number}")
    for_the_meeting = await house.ask(house.dag, f"fordel {number}")
    assert "Leveranse 1: 210 pakninger" in for_the_meeting and "Fordel en leveranse" not in for_the_meeting
    async with house.nothing_stored():
        for user in (house.kari, house.mona, house.dag):
            for button, value in (
                ("allocate", number), ("publish_allocation", "1"), ("withdraw_allocation", "1"),
                ("correct_allocation", "1"), ("take_allocation", "1"),
            ):  # fmt: skip
                assert "fått tilgang" in await house.forge(user, shown, button, value)
        assert "fått tilgang" in await house.forge(house.kari, shown, "show_allocation", "1")
        for value in ("99", "-1", "x", "1; drop table"):
            said = await house.forge(house.siri, shown, "publish_allocation", value)
            assert "finnes ikke lenger" in said or "virker ikke lenger" in said


async def test_faults_are_told_beside_their_fields_and_nothing_is_kept(house: House) -> None:
    number = await zypadhera_case(house)
    await house.form(house.siri, "allocate", await overview(house, number))
    async with house.nothing_stored():
        for fields, field, said in (
            ({"quantity": "2,5"}, "quantity", "ikke et helt antall pakninger"),
            ({"quantity": "10", "reserve": "11"}, "reserve", "bare 10 pakninger"),
            ({"quantity": "10", "base": "use"}, "use", "Mangler tall for Akershus"),
            ({"quantity": "10", "base": "mix", "mix": "månefase 3"}, "mix", "Forstår ikke «månefase 3»"),
            ({"quantity": "10", "exceptions": "Bergenn 4 x"}, "exceptions", "«Bergenn» er. Mente du Bergen?"),
            ({"quantity": "10", "exceptions": "Bergen 4"}, "exceptions", "og hvorfor"),
            ({"quantity": "10", "exceptions": "Bergen 11 alt"}, "exceptions", "11 pakninger. Det er 10 å dele."),
            ({"quantity": "10", "least": "1"}, "quantity", "Det trengs 21 pakninger"),
            ({"quantity": "10", "exceptions": "Bergen 1 pasient 13097248022"}, "exceptions", "nummer"),
        ):  # fmt: skip
            empty = {"base": "people", "reserve": None, "mix": None, "least": None, "exceptions": None}
            sent = await house.ws.submit(house.siri, empty | fields)
            assert said in sent.errors.get(field, ""), (fields, sent.errors)
