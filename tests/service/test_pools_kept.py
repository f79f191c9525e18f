"""Pools and items kept right: who may, what holds, what is written down, and where figures go when an item moves."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from bot.app import assemble
from bot.clock import SetClock
from bot.doctor import examine
from bot.people.roles import Actor
from bot.refusal import FormRefused, NotAllowed, Refused
from bot.services import Services
from bot.stock.cover import Band
from bot.stock.cover_rows import Row
from bot.stock.keeping import ItemView
from bot.stock.pool_forms import ItemForm, LimitIn, MoveForm, PoolForm
from bot.stock.pools import DemandBase, Holdable, PoolKind
from storage.tables import AuditEntry, HeldAlert, StockAlert, StockCount, StockItem, StockMove, StockPool, StockUse
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for

MONA = "U0MONA0001"
HEADINGS = "lager;preparat;beholdning;enhet;dato;forbruk;periode\n"
MUCOMYST = "Mucomyst inh væske, oppl 200 mg/ml"
IN_FOKUS = f"Fokuslisten;{MUCOMYST};900;ampulle;2025-07-06;900;2025-06\n"
IN_B180S = f"B180S;{MUCOMYST};900;ampulle;2025-07-06;900;2025-06\n"
TODAY = dt.date(2025, 7, 7)


def pool_form(**changes: Any) -> PoolForm:
    """Fokuslisten as it stands."""
    usual = PoolForm(
        name="Fokuslisten",
        owner="De regionale helseforetakene",
        kind=PoolKind.EMERGENCY,
        holdable=Holdable.NO,
        sized_on=DemandBase.HOSPITAL,
        drawn_by=DemandBase.MARKET,
        target=None,
        limit=None,
        limit_in=LimitIn.DAYS,
        shelf="ahn",
    )
    return replace(usual, **changes)


def item_form(**changes: Any) -> ItemForm:
    """An item about which nothing of its own is said."""
    usual = ItemForm(
        holdable=None,
        sized_on=None,
        drawn_by=None,
        target=None,
        limit=None,
        limit_in=LimitIn.DAYS,
        ordered_when_short=False,
        stated=None,
        stated_by=None,
        stated_from=None,
        stated_first=False,
        pack_size=None,
        note=None,
    )
    return replace(usual, **changes)


async def send(services: Services, rows: str) -> None:
    done = await services.sheets.import_file((HEADINGS + rows).encode(), "lager.csv")
    assert not done.faults, [str(fault.line) for fault in done.faults]


async def rows_of(database: Database, table: type[Any]) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))


async def view(services: Services, by: Actor, number: int = 1) -> ItemView:
    return await services.pools.item(number, by)


async def change(services: Services, by: Actor, number: int = 1, **what: Any) -> ItemView:
    version = (await view(services, by, number)).version
    await services.pools.change_item(number, item_form(**what), by, version=version, key=None)
    return await view(services, by, number)


async def move(services: Services, by: Actor, to_pool: str, number: int = 1, **more: Any) -> None:
    version = (await view(services, by, number)).version
    form = MoveForm(to_pool, more.get("on", TODAY), more.get("note"))
    await services.pools.move_item(number, form, by, version=version, key=None)


async def row_of(services: Services) -> Row:
    return (await services.stock.cover_rows(TODAY))[0]


# --- a pool's properties ---


async def test_a_pool_is_changed_with_author_and_time_and_the_old_value_is_kept(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    before = await services.pools.pool("fokuslisten", siri)
    assert (before.version, before.changed.by, before.changed.at) == (1, None, None)
    form = pool_form(target="180", limit="50", limit_in=LimitIn.SHARE)
    await services.pools.change_pool("fokuslisten", form, siri, version=1, key=None)

    after = await services.pools.pool("fokuslisten", siri)
    assert (after.pool.target_days, after.pool.limit_days, after.version) == (180, 90, 2)
    assert after.changed.by is not None and after.changed.by.slack_id == SIRI
    assert after.changed.at == services.clock.now()
    log = [entry for entry in await rows_of(database, AuditEntry) if entry.subject == "pool:fokuslisten"]
    assert [(entry.action, entry.person) for entry in log] == [("changed", siri.person)]
    assert log[0].details == {
        "target_days": ["mål ikke kjent", "mål 180 dager"],
        "limit": ["ingen varslingsgrense", "varslingsgrense 50 % av målet"],
    }


async def test_saving_what_stands_there_changes_nothing(services: Services, database: Database) -> None:
    siri = await person(services, SIRI)
    await services.pools.change_pool("fokuslisten", pool_form(), siri, version=1, key=None)
    assert (await services.pools.pool("fokuslisten", siri)).version == 1
    assert not [entry for entry in await rows_of(database, AuditEntry) if entry.subject == "pool:fokuslisten"]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"limit": "50", "limit_in": LimitIn.SHARE}, "limit", "En andel trenger et mål."),
        ({"limit": "90", "target": "60"}, "limit", "Varslingsgrensen (90 dager) er over målet (60 dager)."),
        ({"limit": "120", "target": "60", "limit_in": LimitIn.SHARE}, "limit", "Tallet er for stort. Skriv høyst 100."),
        ({"limit": "-5"}, "limit", "Tallet kan ikke være negativt."),
        ({"limit": "tre uker"}, "limit", "«tre uker» er ikke et tall her."),
        ({"limit": "50 %"}, "limit", "«50 %» er ikke et tall her."),
        ({"target": "0"}, "target", "Skriv et tall over 0"),
        ({"target": "1.200"}, "target", "kan leses på to måter"),
        ({"name": None}, "name", "Skriv lagerets navn."),
        ({"owner": "x" * 61}, "owner", "Skriv høyst 60."),
        ({"owner": "01019012480"}, "owner", "fødselsnummer"),
    ],
)
async def test_a_pool_that_cannot_be_is_refused_beside_its_field(
    services: Services, changes: dict[str, Any], field: str, said: str
) -> None:
    siri = await person(services, SIRI)
    with pytest.raises(FormRefused) as refused:
        await services.pools.change_pool("fokuslisten", pool_form(**changes), siri, version=1, key=None)
    assert [(fault.field, said in str(fault)) for fault in refused.value.refusals] == [(field, True)]
    assert (await services.pools.pool("fokuslisten", siri)).version == 1


async def test_a_pool_that_was_renamed_is_found_by_every_name_it_has_had(services: Services) -> None:
    siri = await person(services, SIRI)
    await services.pools.change_pool("fokuslisten", pool_form(name="Sikkerhetslageret"), siri, version=1, key=None)
    for name in ("Sikkerhetslageret", "fokuslisten", "Fokus"):
        await send(services, f"{name};{MUCOMYST};900;ampulle;2025-07-06;;\n")
    for taken in ("B180S", "b180", "grossist"):
        with pytest.raises(Refused, match="heter det alt"):
            await services.pools.change_pool("fokuslisten", pool_form(name=taken), siri, version=2, key=None)


async def test_a_form_opened_before_somebody_elses_change_stores_nothing(
    services: Services, database: Database, second_database: Database
) -> None:
    siri = await person(services, SIRI)
    other = assemble(settings_for(), second_database, services.clock)
    forms = (pool_form(limit="30"), pool_form(limit="60"))
    answers = await asyncio.gather(
        *(
            where.pools.change_pool("fokuslisten", form, siri, version=1, key=None)
            for where, form in zip((services, other), forms, strict=True)
        ),
        return_exceptions=True,
    )
    (refused,) = [answer for answer in answers if answer is not None]
    assert isinstance(refused, Refused)
    assert "Noen andre har endret dette siden du åpnet skjemaet." in str(refused)
    assert (await services.pools.pool("fokuslisten", siri)).version == 2


async def test_a_manager_keeps_her_own_pools_and_nobody_elses(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(pools={"fokuslisten": {"managers": [MONA]}}), database, clock)
    await services.stock.ensure_pools()
    await send(services, IN_FOKUS + IN_B180S)
    mona, kari = await person(services, MONA), await person(services, "U0KARI0001")
    own, foreign = await rows_of(database, StockItem)
    assert (own.pool_id, foreign.pool_id) == ("fokuslisten", "b180s")
    assert (await services.pools.item(own.id, mona)).others == ()
    await services.pools.change_pool("fokuslisten", pool_form(limit="30"), mona, version=1, key=None)
    for refused in (
        services.pools.pool("b180s", mona),
        services.pools.change_pool("b180s", pool_form(name="B180S"), mona, version=1, key=None),
        services.pools.item(foreign.id, mona),
        services.pools.change_item(foreign.id, item_form(), mona, version=1, key=None),
        services.pools.move_item(foreign.id, MoveForm("fokuslisten", TODAY, None), mona, version=1, key=None),
        services.pools.move_item(own.id, MoveForm("b180s", TODAY, None), mona, version=1, key=None),
        services.pools.pool("fokuslisten", kari),
        services.pools.item(own.id, kari),
        services.pools.change_item(own.id, item_form(), kari, version=1, key=None),
    ):
        with pytest.raises(NotAllowed):
            await refused
    assert {row.id: row.version for row in await rows_of(database, StockPool)}["b180s"] == 1
    assert [item.pool_id for item in await rows_of(database, StockItem)] == ["fokuslisten", "b180s"]


async def test_the_file_holds_until_somebody_changes_the_pool_in_chat(database: Database, clock: SetClock) -> None:
    def started(limit: float, name: str) -> Services:
        said = {"fokuslisten": {"limit_days": limit, "name": name, "drawn_by": "market"}}
        return assemble(settings_for(pools=said), database, clock)

    first = started(90, "Fokuslista")
    await first.stock.ensure_pools()
    siri = await person(first, SIRI)
    assert (await first.pools.pool("fokuslisten", siri)).pool.limit_days == 90
    edited = started(60, "Fokuslista")
    assert (await edited.pools.pool("fokuslisten", siri)).pool.limit_days == 60
    form = pool_form(name="Fokuslista", limit="45", drawn_by=DemandBase.UNKNOWN)
    await edited.pools.change_pool("fokuslisten", form, siri, version=1, key=None)
    later = started(30, "Noe annet")
    held = (await later.pools.pool("fokuslisten", siri)).pool
    assert (held.name, held.limit_days, held.drawn_by) == ("Fokuslista", 45, DemandBase.UNKNOWN)


# --- the reporting calendar ---


async def test_who_counts_a_pool_and_how_often_is_said_in_its_form_and_goes_before_the_settings(
    database: Database, clock: SetClock
) -> None:
    said = {"fokuslisten": {"managers": [MONA], "report_every_days": 3, "reporters": [SIRI]}}
    services = assemble(settings_for(pools=said), database, clock)
    await services.stock.ensure_pools()
    siri = await person(services, SIRI)
    await send(services, IN_FOKUS)
    shown = await services.pools.pool("fokuslisten", siri)
    assert (shown.reporting.every_days, shown.reporting.senders) == (3, (SIRI,)), "the form starts from the settings"
    form = pool_form(every="14", senders=(MONA,))
    await services.pools.change_pool("fokuslisten", form, siri, version=shown.version, key=None)
    (line,) = await services.silence.calendar()
    assert (line.every_days, line.who, line.due) == (14, (MONA,), dt.date(2025, 7, 20))
    clock.set(dt.datetime(2025, 7, 20, 8, 0, tzinfo=dt.UTC))
    held = await services.pools.pool("fokuslisten", siri)
    assert [str(one) for one in held.reporting.often] == ["telles minst hver 14. dag"]
    assert [one.slack_id for one in held.reporting.mentions] == [MONA]
    assert held.version == shown.version + 1
    await services.pools.change_pool("fokuslisten", form, siri, version=held.version, key=None)
    assert (await services.pools.pool("fokuslisten", siri)).version == held.version, "the same again changes nothing"
    changed = [entry for entry in await rows_of(database, AuditEntry) if entry.action == "reporting"]
    assert [entry.details["every_days"] for entry in changed] == [[None, 14]]


async def test_who_may_not_send_a_pools_figures_is_not_asked_for_them(services: Services) -> None:
    siri = await person(services, SIRI)
    with pytest.raises(Refused, match="kan ikke sende tall for dette lageret") as refused:
        await services.pools.change_pool("fokuslisten", pool_form(senders=("U0KLINIKER",)), siri, version=1, key=None)
    assert refused.value.field == "senders"


@pytest.mark.parametrize("written", ["0", "400", "3,5", "ofte"])
async def test_how_often_is_a_whole_number_of_days(services: Services, written: str) -> None:
    siri = await person(services, SIRI)
    with pytest.raises(FormRefused) as refused:
        await services.pools.change_pool("fokuslisten", pool_form(every=written), siri, version=1, key=None)
    assert [one.field for one in refused.value.refusals] == ["every"]


# --- an item's own rules ---


async def test_an_items_own_rules_count_in_cover_alerts_and_for_programs(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_FOKUS)
    assert (await row_of(services))["threshold_days"] is None
    told = await change(services, siri, drawn_by=DemandBase.HOSPITAL, target="80", limit="50", limit_in=LimitIn.SHARE)
    assert [str(rule) for rule in told.own_rules] == [
        "tømmes av sykehusene",
        "mål 80 dager",
        "varslingsgrense 50 % av målet",
    ]
    row = await row_of(services)
    assert (row["threshold_days"], row["band"], row["demand_base"]) == (40, "tight", "hospital")
    (alert,) = await services.alerts.check()
    assert alert.limit_days == 40
    assert (await rows_of(database, StockItem))[0].changed_by == siri.person


async def test_delamanid_is_ordered_at_need_and_raises_no_alert(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(threshold_days=60), database, clock)
    await services.stock.ensure_pools()
    siri = await person(services, SIRI)
    await send(services, f"B180S;{MUCOMYST};0;ampulle;2025-07-06;900;2025-06\n")
    assert len(await services.alerts.check()) == 1
    await change(services, siri, ordered_when_short=True)
    row = await row_of(services)
    assert [row[name] for name in ("days_of_cover", "stockout_date", "threshold_days", "on_hand")] == [None] * 4
    assert row["why"] == "Bestilles ved behov: ingen lagerdekning å regne på."
    clock.advance(dt.timedelta(days=1))
    assert await services.alerts.check() == []
    assert [alert.closed_at is not None for alert in await rows_of(database, StockAlert)] == [True]


async def test_mucomyst_as_an_antidote_is_reckoned_by_the_stated_use(services: Services) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    stated = {"stated": "2,5", "stated_by": "Giftinformasjonen", "note": "Antidot ved paracetamolforgiftning"}
    told = await change(services, siri, drawn_by=DemandBase.PRIORITISED, **stated)
    assert (told.facts.stated_first, told.facts.stated_from) == (True, TODAY)
    assert (told.cover.daily_demand, told.cover.demand_base) == (2.5, DemandBase.PRIORITISED)
    medicine = services.catalogue.meant(MUCOMYST).medicine
    assert medicine is not None
    (entry,) = (await services.stock.stock_of(medicine, siri)).entries
    assert (entry.note, entry.may_change) == ("Antidot ved paracetamolforgiftning", True)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"drawn_by": DemandBase.PRIORITISED}, "stated", "Fyll inn forbruket ved prioritert bruk."),
        ({"stated": "2"}, "stated_by", "Skriv hvem som har oppgitt forbruket."),
        ({"stated_by": "Ola"}, "stated", "Fyll inn forbruket per dag"),
        ({"stated": "to", "stated_by": "Ola"}, "stated", "er ikke et tall her"),
        ({"stated": "-2", "stated_by": "Ola"}, "stated", "kan ikke være negativt"),
        ({"pack_size": "0"}, "pack_size", "over 0"),
        ({"limit": "200"}, "limit", "Varslingsgrensen (200 dager) er over målet (180 dager)."),
        ({"note": "01019012480"}, "note", "fødselsnummer"),
        ({"stated": "2", "stated_by": "Ola", "stated_from": dt.date(1925, 1, 1)}, "stated_from", "mellom 2000 og 2100"),
    ],
)
async def test_what_cannot_be_of_an_item_is_refused_beside_its_field(
    services: Services, changes: dict[str, Any], field: str, said: str
) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    with pytest.raises(FormRefused) as refused:
        await change(services, siri, **changes)
    assert [(fault.field, said in str(fault)) for fault in refused.value.refusals] == [(field, True)]
    assert (await view(services, siri)).version == 1


async def test_an_item_changed_twice_from_one_form_is_changed_once(services: Services) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    await services.pools.change_item(1, item_form(limit="30"), siri, version=1, key="view:1")
    await services.pools.change_item(1, item_form(limit="30"), siri, version=1, key="view:1")
    with pytest.raises(Refused, match="Noen andre har endret"):
        await services.pools.change_item(1, item_form(limit="60"), siri, version=1, key="view:2")
    assert (await view(services, siri)).line.pool.limit_days == 30


# --- an item that moves ---


async def test_an_item_that_moves_takes_its_figures_with_it_and_the_history_is_kept(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    before = (await view(services, siri)).cover
    async with database.unit_of_work() as uow:
        hospital = await uow.session.get(StockPool, "b50")
        assert hospital is not None
        hospital.drawn_by = "hospital"
    await move(services, siri, "b50", on=dt.date(2025, 7, 1), note="Besluttet av fagdirektørene")

    after = await view(services, siri)
    assert after.pool.id == "b50"
    assert (after.cover.days_of_cover, after.cover.daily_demand) == (before.days_of_cover, before.daily_demand)
    (moved,) = await rows_of(database, StockMove)
    assert (moved.from_pool, moved.to_pool, moved.moved_on, moved.by, moved.note) == (
        "b180s",
        "b50",
        dt.date(2025, 7, 1),
        siri.person,
        "Besluttet av fagdirektørene",
    )
    medicine = services.catalogue.meant(MUCOMYST).medicine
    assert medicine is not None
    (entry,) = (await services.stock.stock_of(medicine, siri)).entries
    ((item, came_from, went_to),) = [(m.item, m.from_pool, m.to_pool) for m in entry.moves]
    assert (item, came_from, went_to) == (MUCOMYST, "B180S", "B50")


async def test_use_that_others_drew_is_no_measure_of_what_empties_the_new_pool(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    await move(services, siri, "fokuslisten")
    told = (await view(services, siri)).cover
    assert (told.days_of_cover, told.band) == (None, Band.UNKNOWN)
    assert str(told.why) == "Lageret tømmes av hele markedet, men bare forbruket for sykehusene er kjent."
    assert [(use.base, use.quantity) for use in await rows_of(database, StockUse)] == [("hospital", 900)]
    await change(services, siri, stated="100", stated_by="SAV")
    told = (await view(services, siri)).cover
    assert told.daily_demand == 100
    assert [str(warning) for warning in told.warnings][1].startswith(
        "Ved sykehusenes forbruk rekker det i ca. 29 dager"
    )


async def test_an_items_own_rules_end_with_the_old_pool_but_a_prioritised_use_follows(services: Services) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    stated = {"drawn_by": DemandBase.PRIORITISED, "stated": "2", "stated_by": "Giftinformasjonen"}
    await change(services, siri, **stated, holdable=Holdable.YES, limit="60", pack_size="5", note="Antidot")
    await move(services, siri, "fokuslisten")
    told = await view(services, siri)
    assert [str(rule) for rule in told.own_rules] == ["tømmes av prioritert bruk"]
    assert (told.cover.daily_demand, told.facts.pack_size, told.facts.note) == (2, 5, "Antidot")
    assert told.line.pool.holdable is Holdable.NO


async def test_a_stated_use_ends_where_others_draw_on_the_new_pool(services: Services) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    await change(services, siri, stated="2", stated_by="Siri", stated_first=True)
    await move(services, siri, "fokuslisten")
    assert (await view(services, siri)).facts.stated_daily_demand is None


async def test_an_item_moves_to_a_pool_where_a_newer_sheet_has_it_already(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    await send(services, f"B50;{MUCOMYST};700;ampulle;2025-07-07;600;2025-06\n")
    async with database.unit_of_work() as uow:
        b50 = await uow.session.get(StockPool, "b50")
        assert b50 is not None
        b50.drawn_by = "hospital"
        await uow.add(HeldAlert(item_id=2, since=uow.now))
    await move(services, siri, "b50")
    (item,) = await rows_of(database, StockItem)
    told = await view(services, siri, item.id)
    assert (told.cover.on_hand, told.cover.counted_on) == (700, dt.date(2025, 7, 7))
    assert [(use.base, use.quantity) for use in await rows_of(database, StockUse)] == [("", 1500)]
    assert len(await rows_of(database, StockCount)) == 2


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (f"B50;{MUCOMYST};700;ampulle;2025-07-06;;\n", "Varen er talt i begge lagrene."),
        (f"B50;{MUCOMYST};700;ml;2025-07-07;;\n", "Varen føres i ml der og i ampulle her"),
    ],
)
async def test_figures_that_cannot_be_joined_are_not(
    services: Services, database: Database, there: str, said: str
) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    await send(services, there)
    with pytest.raises(Refused, match=said):
        await move(services, siri, "b50")
    assert [item.pool_id for item in await rows_of(database, StockItem)] == ["b180s", "b50"]
    assert await rows_of(database, StockMove) == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (MoveForm(None, TODAY, None), "to_pool"),
        (MoveForm("b180s", TODAY, None), "to_pool"),
        (MoveForm("b50", TODAY + dt.timedelta(1), None), "moved_on"),
        (MoveForm("b50", TODAY, "01019012480"), "note"),
    ],
)
async def test_a_move_that_cannot_be_is_refused_beside_its_field(
    services: Services, form: MoveForm, field: str
) -> None:
    siri = await person(services, SIRI)
    await send(services, IN_B180S)
    with pytest.raises(FormRefused) as refused:
        await services.pools.move_item(1, form, siri, version=1, key=None)
    assert [fault.field for fault in refused.value.refusals] == [field]


async def test_an_open_alert_follows_the_item_to_its_new_pool(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(threshold_days=60), database, clock)
    await services.stock.ensure_pools()
    siri = await person(services, SIRI)
    await send(services, IN_FOKUS)
    (raised,) = await services.alerts.check()
    await move(services, siri, "grossist")
    (still_open,) = await services.alerts.open_alerts()
    assert (still_open.id, still_open.line.pool.id) == (raised.id, "grossist")


# --- the pool's warning, as it would have been told ---


async def test_valtrex_on_fokuslisten_is_warned_of_with_both_figures(services: Services) -> None:
    siri = await person(services, SIRI)
    form = pool_form(target="180", limit="90")
    await services.pools.change_pool("fokuslisten", form, siri, version=1, key=None)
    await send(services, "Fokuslisten;Valtrex tab 500 mg;1800;tablett;2025-07-07;6000;2025-06\n")
    medicine = services.catalogue.meant("valtrex tab 500 mg").medicine
    assert medicine is not None
    await services.cases.open_for(medicine, siri, decision_question=None, key=None)
    (alert,) = await services.alerts.check()
    expected = [
        "Lageret er beregnet på 180 dager av sykehusenes forbruk, men tømmes av hele markedet. "
        "Uttaket kan ikke stanses.",
        "Ved hele markedets forbruk rekker det i ca. 9 dager.",
    ]
    assert [str(warning) for warning in alert.cover.warnings] == expected
    (entry,) = (await services.stock.stock_of(medicine, siri)).entries
    assert [str(warning) for warning in entry.cover.warnings] == expected
    case = await services.cases.case("2025-0001")
    assert case is not None and case.cover is not None
    assert [str(warning) for warning in case.cover.cover.warnings] == expected


async def test_chloramphenicol_that_hospitals_alone_use_loses_the_warning_by_a_rule_of_its_own(
    services: Services,
) -> None:
    siri = await person(services, SIRI)
    await send(services, "Fokuslisten;Kloramfenikol øyedr, oppl 5 mg/ml;900;flaske;2025-07-07;3000;2025-06\n")
    before = (await view(services, siri)).cover.warnings
    assert str(before[0]).endswith("men tømmes av hele markedet. Uttaket kan ikke stanses.")
    assert (await change(services, siri, drawn_by=DemandBase.HOSPITAL)).cover.warnings == ()


# --- sheets after a move ---


async def moved_to_b50(services: Services, siri: Actor) -> None:
    """Mucomyst, counted in B180S, stands in B50 since 1 July."""
    await send(services, IN_B180S)
    await move(services, siri, "b50", on=dt.date(2025, 7, 1))


async def test_a_sheet_that_names_the_old_pool_counts_where_the_item_stands_now_and_says_so(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    await moved_to_b50(services, siri)
    late = f"B180S;{MUCOMYST};800;;2025-07-07;;\nB180S;{MUCOMYST};;;;600;2025-05\n"
    preview = await services.sheets.preview((HEADINGS + late).encode(), "lager.csv", siri, key=None)
    assert not preview.faults
    assert preview.pools == ("B50",)
    ((item, came_from, went_to),) = [(m.item, m.from_pool.name, m.to_pool.name) for m in preview.moved]
    assert (item, came_from, went_to) == (MUCOMYST, "B180S", "B50")
    await services.sheets.confirm(preview.sheet_id, siri, key=None)
    (item,) = await rows_of(database, StockItem)
    assert (item.pool_id, (await view(services, siri)).cover.on_hand) == ("b50", 800)
    assert {(use.first.month, use.base) for use in await rows_of(database, StockUse)} == {
        (6, "hospital"),
        (5, "hospital"),
    }, "it was hospitals that drew on the old pool, and nobody knows who draws on the new one"


async def test_a_sheet_that_has_the_item_in_both_pools_means_what_it_says(
    services: Services, database: Database
) -> None:
    siri = await person(services, SIRI)
    await moved_to_b50(services, siri)
    await send(services, f"B180S;{MUCOMYST};100;ampulle;2025-07-07;;\nB50;{MUCOMYST};800;ampulle;2025-07-07;;\n")
    assert {item.pool_id for item in await rows_of(database, StockItem)} == {"b180s", "b50"}
    await send(services, f"B180S;{MUCOMYST};90;ampulle;2025-07-07;;\n")
    assert {(await view(services, siri, item.id)).cover.on_hand for item in await rows_of(database, StockItem)} == {
        90,
        800,
    }


async def test_an_item_that_came_back_is_counted_where_it_stands(services: Services, database: Database) -> None:
    siri = await person(services, SIRI)
    await moved_to_b50(services, siri)
    await move(services, siri, "b180s")
    await send(services, f"B50;{MUCOMYST};700;ampulle;2025-07-07;;\n")
    assert [item.pool_id for item in await rows_of(database, StockItem)] == ["b180s"]
    assert (await view(services, siri)).cover.on_hand == 700


async def test_who_keeps_the_old_pool_alone_sees_where_the_item_went_and_may_not_count_it(
    database: Database, clock: SetClock
) -> None:
    services = assemble(settings_for(pools={"b180s": {"managers": [MONA]}}), database, clock)
    await services.stock.ensure_pools()
    siri, mona = await person(services, SIRI), await person(services, MONA)
    await moved_to_b50(services, siri)
    medicine = services.catalogue.meant(MUCOMYST).medicine
    assert medicine is not None
    seen = await services.stock.stock_of(medicine, mona)
    assert (seen.entries, seen.hidden) == ((), 1)
    assert [(move.from_pool, move.to_pool) for move in seen.moved_away] == [("B180S", "B50")]
    late = f"B180S;{MUCOMYST};800;ampulle;2025-07-07;;\n"
    with pytest.raises(NotAllowed, match="du har ikke ansvar for lageret B50"):
        await services.sheets.preview((HEADINGS + late).encode(), "lager.csv", mona, key=None)


# --- what the start page and doctor say ---


async def test_the_start_page_says_which_figures_are_old_and_who_last_sent(services: Services, clock: SetClock) -> None:
    siri = await person(services, SIRI)
    rows = IN_FOKUS + "Fokuslisten;Valtrex tab 500 mg;900;tablett;2025-06-01;;\n"
    preview = await services.sheets.preview((HEADINGS + rows).encode(), "lager.csv", siri, key=None)
    await services.sheets.confirm(preview.sheet_id, siri, key=None)
    shown = await services.home.pools(siri)
    first = shown.pools[0]
    assert (first.id, first.items, first.old, first.newest) == ("fokuslisten", 2, 1, dt.date(2025, 7, 6))
    assert first.sent_by is not None and first.sent_by.slack_id == SIRI
    assert first.sent_at == clock.now()
    assert shown.more == 0


async def test_doctor_says_where_the_file_and_the_chat_differ(database_url: str, database: Database) -> None:
    settings = settings_for(DATABASE_URL=database_url, pools={"fokuslisten": {"limit_days": 90}})
    clock = SetClock(dt.datetime(2025, 7, 7, tzinfo=dt.UTC))
    services = assemble(settings, database, clock)
    await services.stock.ensure_pools()
    siri = await person(services, SIRI)

    async def told() -> list[str]:
        return [str(said) for _, said in await examine(settings) if "endret i Slack" in str(said)]

    assert await told() == []
    await services.pools.change_pool("fokuslisten", pool_form(limit="60"), siri, version=1, key=None)
    assert await told() == [
        "Lageret Fokuslisten er endret i Slack, og det gjelder: varslingsgrense 60 dager. "
        "Filen har: varslingsgrense 90 dager."
    ]
