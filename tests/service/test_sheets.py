"""A stock sheet's way in and out again, over both databases: what it would change, in part, explained, taken back."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.app import assemble
from bot.catalogue.packing import Packing
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.refusal import NotAllowed, Refused
from bot.registers.headings import Meaning
from bot.registers.progress import StoppedError, Work
from bot.services import Services
from bot.settings import load_settings
from bot.stock import folder as folders
from storage.tables import (
    ColumnMapping,
    OutboxEntry,
    ShortageCase,
    StockCount,
    StockDelivery,
    StockItem,
    StockSheet,
    StockUse,
)
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for

OLA, LISE = "U0OLA00001", "U0LISE0001"
HEADINGS = "lager;preparat;beholdning;enhet;dato;forbruk;periode;forventet;ankomst\n"
FIRST = HEADINGS + "Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-04;300;2025-06;100;2025-08-01\n"
SECOND = HEADINGS + (
    "Fokuslisten;Valtrex tab 500 mg;50;tablett;2025-07-04;310;2025-06;120;2025-08-01\n"
    "Fokuslisten;Zovirax tab 200 mg;80;tablett;2025-07-04;;;;\n"
)
OWN_HEADINGS = "Art.nr;Varebeskrivelse;Disponibelt;Forp.\n1;Valtrex tab 500 mg;120;tabl\n"
MEANT = {"art.nr": "", "varebeskrivelse": "item", "disponibelt": "on_hand", "forp.": "unit"}


@pytest.fixture
async def siri(services: Services) -> Actor:
    return await person(services, SIRI)


async def rows(database: Database, table: type) -> list[object]:
    async with database.read() as session:
        return list(await session.scalars(select(table)))


async def figures(database: Database) -> tuple[list[tuple[object, ...]], ...]:
    """Everything that is kept of the stock, but for the ids."""
    counts = [(one.item_id, one.counted_on, one.quantity) for one in await rows(database, StockCount)]  # type: ignore[attr-defined]
    uses = [(one.item_id, one.first, one.quantity) for one in await rows(database, StockUse)]  # type: ignore[attr-defined]
    due = [(one.item_id, one.eta, one.quantity) for one in await rows(database, StockDelivery)]  # type: ignore[attr-defined]
    items = [(one.pool_id, one.name) for one in await rows(database, StockItem)]  # type: ignore[attr-defined]
    return counts, uses, due, items


async def managing(services: Services, *pools: str) -> Actor:
    """Ola, who manages these pools."""
    said = {pool: {"managers": [OLA]} for pool in pools}
    assembled = assemble(load_settings(pools=said), services.stock._database, services.clock)
    return await person(assembled, OLA)


async def test_a_preview_says_what_is_new_what_changes_and_what_leaps(services: Services, siri: Actor) -> None:
    await services.sheets.import_file(FIRST.encode(), "mandag.csv")
    shown = await services.sheets.preview(SECOND.encode(), "tirsdag.csv", siri, key=None)
    assert (shown.new, shown.changed, shown.same) == (1, 3, 0)
    (leap,) = shown.leaps
    assert (leap.row, leap.before, leap.after, leap.unit) == (2, 4200, 50, "tablett")


async def test_the_same_sheet_again_changes_nothing_and_says_so(
    services: Services, database: Database, siri: Actor
) -> None:
    first = await services.sheets.import_file(FIRST.encode(), "mandag.csv")
    assert first.stored and (first.new, first.changed) == (3, 0)
    before = await figures(database)
    again = await services.sheets.import_file(FIRST.encode(), "mandag.csv")
    shown = await services.sheets.preview(FIRST.encode(), "mandag.csv", siri, key=None)
    for one in (again, shown):
        assert not one.stored and not one.changes
        assert (one.same, one.sheet_id) == (3, "")
        assert one.already is not None
    assert await figures(database) == before
    assert len(await rows(database, StockSheet)) == 1


async def test_the_last_sheet_is_taken_back_and_what_it_replaced_stands_again(
    services: Services, database: Database, siri: Actor
) -> None:
    await services.sheets.import_file(FIRST.encode(), "mandag.csv")
    before = await figures(database)
    shown = await services.sheets.preview(SECOND.encode(), "tirsdag.csv", siri, key="sent")
    await services.sheets.confirm(shown.sheet_id, siri, key="yes")
    assert await figures(database) != before
    undone = await services.sheets.undo(siri, key="undo", sheet_id=shown.sheet_id)
    assert (undone.filename, undone.gone, undone.back) == ("tirsdag.csv", 4, 3)
    assert await figures(database) == before
    assert await services.sheets.undo(siri, key="undo") == undone, "the same click does it once"
    with pytest.raises(Refused, match="alt angret"):
        await services.sheets.undo(siri, sheet_id=shown.sheet_id)
    assert (await services.sheets.undo(None)).filename == "mandag.csv"
    assert await figures(database) == ([], [], [], [])
    with pytest.raises(Refused, match="Ingen ark er lagret"):
        await services.sheets.undo(None)
    again = await services.sheets.import_file(SECOND.encode(), "tirsdag.csv")
    assert again.stored and again.already is None


async def test_a_sheet_that_a_later_one_has_written_over_stays(services: Services, database: Database) -> None:
    first = await services.sheets.import_file(FIRST.encode(), "mandag.csv")
    await services.sheets.import_file(SECOND.encode(), "tirsdag.csv")
    with pytest.raises(Refused, match="nyere tall er lagret"):
        await services.sheets.undo(None, sheet_id=first.sheet_id)


async def test_somebody_of_a_hospital_takes_back_their_own_sheets_only(services: Services, siri: Actor) -> None:
    ola = await managing(services, "fokuslisten")
    shown = await services.sheets.preview(FIRST.encode(), "senterets.csv", siri, key=None)
    await services.sheets.confirm(shown.sheet_id, siri, key=None)
    with pytest.raises(NotAllowed, match="kan angre det"):
        await services.sheets.undo(ola, sheet_id=shown.sheet_id)
    with pytest.raises(Refused, match="Ingen ark"):
        await services.sheets.undo(ola)


async def test_of_a_sheet_with_faults_the_other_rows_are_stored_by_a_click(
    services: Services, database: Database, siri: Actor
) -> None:
    data = SECOND + "Fokuslisten;Ukjentol;1;tablett;2025-07-04;;;;\n"
    shown = await services.sheets.preview(data.encode(), "feil.csv", siri, key=None)
    assert (len(shown.faults), shown.faulty_rows, shown.rows) == (1, 1, 2)
    with pytest.raises(Refused, match="fant ikke varen"):
        await services.sheets.confirm(shown.sheet_id, siri, key=None)
    assert await figures(database) == ([], [], [], [])
    stored = await services.sheets.confirm(shown.sheet_id, siri, key="partly", partial=True)
    assert (stored.stored, stored.rows, stored.new) == (True, 2, 4)
    (sheet,) = await rows(database, StockSheet)
    assert sheet.state == "partly_stored"  # type: ignore[attr-defined]
    assert sheet.content == data.encode()  # type: ignore[attr-defined]


async def test_headings_are_explained_once_and_remembered_for_that_sender(
    services: Services, database: Database, clock: SetClock
) -> None:
    ola = await managing(services, "fokuslisten")
    shown = await services.sheets.preview(OWN_HEADINGS.encode(), "a.csv", ola, key=None)
    assert shown.unknown is not None and shown.sheet_id
    unknown, pools = await services.sheets.headings(shown.sheet_id, ola)
    assert [one.guess for one in unknown.headings] == ["article", "item", "on_hand", ""]
    assert [pool.id for pool in pools] == ["fokuslisten"]
    with pytest.raises(Refused, match="mangler kolonnen dato"):
        await services.sheets.explain(shown.sheet_id, Meaning(MEANT), ola, key=None)
    meaning = Meaning(MEANT, "fokuslisten", dt.date(2025, 7, 4))
    explained = await services.sheets.explain(shown.sheet_id, meaning, ola, key=None)
    assert (explained.new, explained.pools, explained.faults) == (1, ("Fokuslisten",), ())
    await services.sheets.confirm(explained.sheet_id, ola, key=None)
    assert [count.quantity for count in await rows(database, StockCount)] == [120]  # type: ignore[attr-defined]

    next_time = "Lagertall 5.7.2025\n" + OWN_HEADINGS.replace("120", "90")
    again = await services.sheets.preview(next_time.encode(), "lager 05.07.2025.csv", ola, key=None)
    assert again.unknown is None and again.new == 1
    siri = await person(services, SIRI)
    hers = await services.sheets.preview(next_time.encode(), "a.csv", siri, key=None)
    assert hers.unknown is not None, "what one sender means is not taken for another's"
    assert len(await rows(database, ColumnMapping)) == 1


async def test_headings_are_explained_on_the_command_line(services: Services, database: Database) -> None:
    data = OWN_HEADINGS.replace("Art.nr", "Lager").replace("\n1;", "\nB50;").encode()
    first = await services.sheets.import_file(data, "tall 2025-07-04.csv")
    assert first.unknown is not None and not first.stored
    with pytest.raises(Refused, match="Ukjent kolonne «hylle»"):
        await services.sheets.import_file(data, "tall 2025-07-04.csv", columns={"Forp.": "hylle"})
    stored = await services.sheets.import_file(data, "tall 2025-07-04.csv", columns={"Forp.": "enhet"})
    assert stored.stored, "what the others seem to mean is taken for it"
    again = await services.sheets.import_file(data.replace(b"120", b"90"), "tall 2025-07-05.csv")
    assert again.stored and [figure.after for figure in again.figures] == [90]


async def test_a_use_in_daily_doses_is_turned_into_packs_by_what_fest_says(services: Services) -> None:
    services.catalogue._packings["020586"] = Packing("30", "stk", "Valtrex tab", "500 mg", 3.0, "g")
    heading = "lager;varenummer;preparat;beholdning;enhet;dato\n"
    row = "Fokuslisten;020586;Valtrex tab 500 mg;{};{};{}\n"
    await services.sheets.import_file((heading + row.format(12, "pakning", "2025-07-03")).encode(), "a.csv")
    stored = await services.sheets.import_file((heading + row.format(60, "DDD", "2025-07-04")).encode(), "b.csv")
    assert not stored.faults
    assert [(figure.before, figure.after, figure.unit) for figure in stored.figures] == [(12, 12, "pakning")]
    assert "1 tall er regnet om fra DDD til pakning" in str(stored.remarks[-1])


async def test_what_nobody_said_yes_to_and_what_is_old_lets_its_content_go(
    services: Services, database: Database, siri: Actor, clock: SetClock
) -> None:
    await services.sheets.import_file(FIRST.encode(), "gammel.csv")
    shown = await services.sheets.preview(SECOND.encode(), "glemt.csv", siri, key=None)
    clock.set(clock.now() + dt.timedelta(days=8))
    assert await services.sheets.forget_old() == 1
    with pytest.raises(Refused, match="er forkastet"):
        await services.sheets.confirm(shown.sheet_id, siri, key=None)
    clock.set(clock.now() + dt.timedelta(days=730))
    assert await services.sheets.forget_old() == 1
    assert await services.sheets.forget_old() == 0
    kept = {sheet.filename: (sheet.state, sheet.content) for sheet in await rows(database, StockSheet)}  # type: ignore[attr-defined]
    assert kept == {"gammel.csv": ("stored", b""), "glemt.csv": ("dropped", b"")}
    with pytest.raises(Refused, match="for gammelt"):
        await services.sheets.undo(None)


async def test_an_identity_number_anywhere_in_a_file_keeps_it_from_being_kept(
    services: Services, database: Database, siri: Actor
) -> None:
    for data in (
        FIRST + "Fokuslisten;Zovirax tab 200 mg;1;tablett;2025-07-04;;;;;01019012480\n",
        "Til pasient 01019012480\n" + FIRST,
        OWN_HEADINGS + "2;010190 12480;1;tabl\n",
    ):
        shown = await services.sheets.preview(data.encode(), "lager.csv", siri, key=None)
        assert shown.personal and not shown.sheet_id
        assert "12480" not in " ".join(str(fault.line) for fault in shown.faults)
    assert await rows(database, StockSheet) == []


async def test_reading_that_is_stopped_leaves_the_base_as_it_was(
    services: Services, database: Database, siri: Actor
) -> None:
    data = HEADINGS + "".join(f"B50;Valtrex tab 500 mg;{n};tablett;2025-07-04;;;;\n" for n in range(3000))
    work = Work()
    work.stop()
    with pytest.raises(StoppedError):
        await services.sheets.import_file(data.encode(), "lang.csv", work=work)

    told: list[tuple[str, int]] = []

    async def slowly(work: Work) -> None:
        for done in range(600):
            await asyncio.sleep(0.01)
            work(done, 600)

    async def tell(name: str, percent: int) -> None:
        told.append((name, percent))
        assert await services.long_work.stop(name, siri, key=None)

    with pytest.raises(Refused, match=r"Stoppet\. Ingenting er lagret\."):
        await services.long_work.watched(slowly, tell)
    assert told and 0 < told[0][1] < 100
    assert not await services.long_work.stop(told[0][0], siri, key=None), "it is over"
    assert await figures(database) == ([], [], [], [])
    assert await rows(database, StockSheet) == []


async def test_a_disk_that_is_full_leaves_the_stock_as_it_was(services: Services, database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the disk of PostgreSQL is not ours")
    await services.sheets.import_file(FIRST.encode(), "mandag.csv")
    before = await figures(database)
    async with database.read() as session:
        pages = (await (await session.connection()).exec_driver_sql("PRAGMA page_count")).scalar_one()
    await database.engine.dispose()

    from sqlalchemy import event

    @event.listens_for(database.engine.sync_engine, "connect")
    def no_more_room(connection: object, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 2}").close()  # type: ignore[attr-defined]

    long = HEADINGS + "".join(
        f"Fokuslisten;Valtrex tab 500 mg;{n};tablett;2025-{n % 6 + 1:02}-{n // 6 % 28 + 1:02};;;;\n" for n in range(168)
    )
    with pytest.raises(DBAPIError, match="full"):
        await services.sheets.import_file((long + (" " * 100 + "\n") * 50_000).encode(), "lang.csv")
    assert await figures(database) == before
    assert len(await rows(database, StockSheet)) == 1


async def test_sheets_laid_in_the_folder_are_stored_or_refused_whole_and_told_of(
    database: Database, clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "STILL_FOR", 0.0)
    laid_in = tmp_path / "inn"
    laid_in.mkdir()
    services = assemble(load_settings(sheet_folder=laid_in, stock_channel="C0LAGER01"), database, clock)
    await services.stock.ensure_pools()
    (laid_in / "natt.csv").write_text(FIRST, encoding="utf-8")
    (laid_in / "feil.csv").write_text(SECOND + "Fokuslisten;Ukjentol;1;tablett;2025-07-04;;;;\n", encoding="utf-8")
    (laid_in / "bilde.xlsx").write_bytes(b"\x89PNG")
    (laid_in / "~$natt.xlsx").write_bytes(b"x")
    (laid_in / "lenke.csv").symlink_to(laid_in / "natt.csv")
    with (laid_in / "stor.csv").open("wb") as file:
        file.truncate(2 * 1024**3)
    found = {laid.filename: laid for laid in await services.sheet_folder.look()}
    assert found.keys() == {"natt.csv", "feil.csv", "bilde.xlsx", "stor.csv"}
    natt, big = found["natt.csv"].preview, found["stor.csv"].problem
    assert natt is not None and natt.stored
    assert str(big) == "Filen stor.csv er 2048 MB; grensen er 10 MB."
    assert [count.quantity for count in await rows(database, StockCount)] == [4200]  # type: ignore[attr-defined]
    assert sorted(path.name for path in (laid_in / "lest").iterdir()) == ["natt.csv"]
    assert sorted(path.name for path in (laid_in / "avvist").iterdir()) == [
        "bilde.xlsx",
        "bilde.xlsx.feil.txt",
        "feil.csv",
        "feil.csv.feil.txt",
        "stor.csv",
        "stor.csv.feil.txt",
    ]
    said = (laid_in / "avvist" / "feil.csv.feil.txt").read_text(encoding="utf-8")
    assert said == "Rad 4, kolonne «preparat», «Ukjentol»: fant ikke varen.\n"
    texts = [entry.text for entry in await rows(database, OutboxEntry)]  # type: ignore[attr-defined]
    assert sorted(texts)[-1] == "stor.csv i mappen for lagerark kunne ikke leses. Ingenting er lagret."
    assert not any("Ukjentol" in text for text in texts), "figures and faults are not for the channel"
    assert await services.sheet_folder.look() == []
    (laid_in / "natt.csv").write_text(FIRST, encoding="utf-8")
    assert [laid.preview.stored for laid in await services.sheet_folder.look() if laid.preview] == [False]
    assert (laid_in / "lest" / "natt (2).csv").exists()
    assert len(await rows(database, OutboxEntry)) == 4, "what says nothing new is no news"


async def test_a_register_of_past_cases_laid_in_the_folder_is_read_in_whole_and_told_to_the_cases_channel(
    database: Database, clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "STILL_FOR", 0.0)
    said = {"sheet_folder": tmp_path, "stock_channel": "C0LAGER01", "cases_channel": "C0CASES01"}
    services = assemble(load_settings(**said), database, clock)
    await services.stock.ensure_pools()
    headings = "saksnummer;virkestoff;status;meldt\n"
    (tmp_path / "saker.csv").write_text(headings + "2019-0001;Etoposid;Avsluttet;2019-01-02\n", encoding="utf-8")
    (tmp_path / "skjev.csv").write_text(headings + "2019-0002;Etoposid;Avsluttet;i fjor\n", encoding="utf-8")
    await services.sheet_folder.look()
    assert [case.number for case in await rows(database, ShortageCase)] == ["2019-0001"]  # type: ignore[attr-defined]
    assert {(entry.channel, entry.text) for entry in await rows(database, OutboxEntry)} == {  # type: ignore[attr-defined]
        ("C0CASES01", "saker.csv er lest inn: 1 ny sak, 0 endret."),
        ("C0CASES01", "skjev.csv i mappen for lagerark kunne ikke leses. Ingenting er lagret."),
    }
    assert (tmp_path / "lest" / "saker.csv").exists()
    assert "«i fjor»" in (tmp_path / "avvist" / "skjev.csv.feil.txt").read_text(encoding="utf-8")
    (tmp_path / "saker.csv").write_text(headings + "2019-0001;Etoposid;Avsluttet;2019-01-02\n", encoding="utf-8")
    await services.sheet_folder.look()
    assert len(await rows(database, OutboxEntry)) == 2, "what says nothing new is no news"


async def test_the_sender_is_reminded_on_the_day_that_figures_are_due(
    services: Services, database: Database, siri: Actor, clock: SetClock
) -> None:
    shown = await services.sheets.preview(FIRST.encode(), "mandag.csv", siri, key=None)
    await services.sheets.confirm(shown.sheet_id, siri, key=None)
    (line,) = await services.silence.calendar()
    assert (line.name, line.every_days, line.due, line.who) == ("Fokuslisten", 10, dt.date(2025, 7, 14), (SIRI,))
    assert await services.silence.remind() == []
    clock.set(dt.datetime(2025, 7, 14, 8, 0, tzinfo=dt.UTC))
    before = len(await rows(database, OutboxEntry))
    assert await services.silence.remind() == ["fokuslisten"]
    await services.silence.remind()
    (reminder,) = (await rows(database, OutboxEntry))[before:]
    assert (reminder.channel, reminder.text) == (SIRI, "I dag er det tid for lagertall fra Fokuslisten")  # type: ignore[attr-defined]


async def test_those_named_in_the_settings_are_reminded_instead(database: Database, clock: SetClock) -> None:
    services = assemble(
        load_settings(pools={"fokuslisten": {"reporters": [LISE], "report_every_days": 3}}), database, clock
    )
    await services.stock.ensure_pools()
    await services.sheets.import_file(FIRST.encode(), "mandag.csv")
    assert [(line.due, line.who) for line in await services.silence.calendar()] == [(dt.date(2025, 7, 7), (LISE,))]


def test_settings_of_the_other_tests_watch_no_folder() -> None:
    assert settings_for().sheet_folder is None
