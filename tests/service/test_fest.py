"""FEST's file taken in on both databases: a difference, whole or not at all, and what it makes known."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.cases.vocabulary import Authorised
from bot.catalogue.preparation import Authorisation
from bot.refusal import Refused
from bot.registers.fest import Fest, read_fest
from bot.services import Services
from bot.stock.candidates import CandidateReading
from bot.stock.domino import Rung, candidates
from storage.tables import CatalogueEntry, CatalogueImport, CataloguePackage
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, report_of

MINI = gzip.decompress((Path(__file__).parents[1] / "data" / "fest-mini.xml.gz").read_bytes())


@pytest.fixture(scope="module")
def fest() -> Fest:
    return read_fest(io.BytesIO(MINI))


def without(fest: Fest, count: int) -> Fest:
    """The file without its first preparations, and without their packages."""
    gone = {one.preparation.id for one in fest.preparations[:count]}
    return replace(
        fest,
        preparations=fest.preparations[count:],
        packages=tuple(one for one in fest.packages if one.preparation_id not in gone),
    )


async def rows(database: Database, table: type) -> list[object]:
    async with database.read() as session:
        return list(await session.scalars(select(table)))


async def test_a_preview_stores_nothing_and_the_second_time_changes_nothing(
    services: Services, database: Database, fest: Fest
) -> None:
    shown = await services.fest.preview(fest)
    assert shown.preparations.touched == 75
    assert not await rows(database, CatalogueImport)
    taken = await services.fest.take_in(fest, "fest.xml")
    assert (taken.preparations.touched, len(taken.packages.added), taken.whole) == (75, 107, False)
    assert (len(await rows(database, CatalogueEntry)), len(await rows(database, CataloguePackage))) == (75, 107)
    again = await services.fest.take_in(fest, "fest.xml")
    assert not again.changes
    assert len(await rows(database, CatalogueImport)) == 1


async def test_authorisation_article_number_and_ean_are_known_afterwards(services: Services, fest: Fest) -> None:
    await services.fest.take_in(fest, "fest.xml")
    await services.catalogue.refresh()
    first = fest.preparations[0].preparation
    assert services.catalogue.medicine(f"p:{first.id}").authorised is Authorised.YES
    for number in ("014884", "7046260148840"):
        for name in (None, "Everolimus", "noe helt annet"):
            item = services.catalogue.find_item(article=number, atc=None, name=name)
            assert item is not None
            assert (item.key, item.preparation_key) == ("014884", first.key)
    named = services.catalogue.find_item(article="014884", atc=None, name="Valtrex tab 500 mg")
    assert named is not None
    assert named.substance == "Valaciklovir"
    assert services.catalogue.find_item(article="999999", atc=None, name=None) is None
    assert "1. des. 2025" in services.renderer.words().say(services.catalogue.source)
    assert "utdrag fra 12. april 2017" in services.renderer.words().say(services.catalogue.source)


async def test_an_exchange_group_is_the_first_rung(services: Services, fest: Fest) -> None:
    groups: dict[str, list[str]] = {}
    for one in fest.preparations:
        if one.preparation.exchange_group:
            groups.setdefault(one.preparation.exchange_group, []).append(one.preparation.id)
    two = next(ids for ids in groups.values() if len(ids) > 1)
    preparations = tuple(
        replace(one, preparation=replace(one.preparation, name=f"{one.preparation.brand} Mikst 77 mg"))
        if one.preparation.id == two[1]
        else one
        for one in fest.preparations
    )
    await services.fest.take_in(replace(fest, preparations=preparations), "fest.xml")
    await services.catalogue.refresh()
    catalogue = services.catalogue.catalogue
    short, other = catalogue[two[0]], catalogue[two[1]]
    reading = CandidateReading(lambda: catalogue)
    found = candidates(reading.described(short.key, short.name, short.atc), reading._relatives(short.key))
    assert [one.rung for one in found if one.preparation.key == other.key] == [Rung.EXCHANGE_GROUP]


async def test_what_is_gone_is_kept_but_found_only_where_a_case_has_it(
    services: Services, database: Database, fest: Fest
) -> None:
    await services.fest.take_in(fest, "fest.xml")
    await services.catalogue.refresh()
    with_case, alone = (one.preparation for one in fest.preparations[:2])
    siri = await person(services, SIRI)
    await services.reporting.report(report_of(services.catalogue.medicine(f"p:{with_case.id}")), siri, key=None)
    taken = await services.fest.take_in(without(fest, 2), "ny.xml")
    assert taken.gone_names == (with_case.name, alone.name)
    await services.catalogue.refresh()
    assert services.catalogue.catalogue.get(with_case.id) is not None
    assert services.catalogue.catalogue.get(alone.id) is None
    assert len(await rows(database, CatalogueEntry)) == 75
    back = await services.fest.take_in(fest, "fest.xml")
    assert len(back.preparations.added) == 2
    await services.catalogue.refresh()
    assert services.catalogue.catalogue.get(alone.id) is not None


async def test_many_gone_are_refused_unless_it_is_said(services: Services, database: Database, fest: Fest) -> None:
    await services.fest.take_in(fest, "fest.xml")
    with pytest.raises(Refused, match="10 av 75 preparatene"):
        await services.fest.take_in(without(fest, 10), "kort.xml")
    assert all(row.expired_at is None for row in await rows(database, CatalogueEntry))  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="pakningene"):
        await services.fest.take_in(replace(fest, packages=()), "kort.xml")
    taken = await services.fest.take_in(without(fest, 10), "kort.xml", replace=True)
    assert len(taken.preparations.gone) == 10


async def test_an_older_file_is_refused_unless_it_is_to_stand(
    services: Services, database: Database, fest: Fest
) -> None:
    assert fest.fetched_on is not None
    await services.fest.take_in(fest, "ny.xml")
    older = replace(without(fest, 1), fetched_on=fest.fetched_on - dt.timedelta(30))
    assert (await services.fest.preview(older)).newer == fest.fetched_on
    with pytest.raises(Refused, match=r"er fra 13\.03\.2017; en nyere, fra 12\.04\.2017, .* --older"):
        await services.fest.take_in(older, "gammel.xml")
    assert not [row for row in await rows(database, CatalogueEntry) if row.expired_at]  # type: ignore[attr-defined]
    taken = await services.fest.take_in(older, "gammel.xml", older=True)
    assert len(taken.preparations.gone) == 1
    assert (await services.fest.take_in(fest, "ny.xml")).newer is None


async def test_the_whole_register_lets_the_shipped_list_go_too(services: Services, fest: Fest) -> None:
    shipped = [one for one in services.catalogue.catalogue if one.source.startswith("FEST")]
    model = fest.preparations[0]
    everything = tuple(
        replace(model, preparation=replace(one, source="FEST", authorised=Authorisation.YES)) for one in shipped[3:]
    )
    taken = await services.fest.take_in(replace(fest, preparations=everything, packages=()), "fest.xml")
    assert taken.whole
    assert len(taken.preparations.gone) == 3
    await services.catalogue.refresh()
    assert services.catalogue.catalogue.get(shipped[0].id) is None
    assert str(services.catalogue.source).endswith("2017-04-12")
    corrected = {one.id: one.substance for one in shipped}
    assert all(one.substance == corrected.get(one.id, one.substance) for one in services.catalogue.catalogue)


async def test_a_disk_that_is_full_leaves_everything_as_it_was(
    services: Services, database: Database, fest: Fest
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the disk of PostgreSQL is not ours")
    await database.engine.dispose()

    @event.listens_for(database.engine.sync_engine, "connect")
    def no_more_room(connection: object, _: object) -> None:
        connection.execute("PRAGMA max_page_count=1").close()  # type: ignore[attr-defined]

    with pytest.raises(DBAPIError, match="full"):
        await services.fest.take_in(fest, "fest.xml")
    assert not await rows(database, CatalogueEntry)
    assert not await rows(database, CataloguePackage)
    assert not await rows(database, CatalogueImport)
