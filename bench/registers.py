"""DMP's list of 12 March 2026: rows that find their medicine, what a next day proposes, and the time it takes.
Other countries' lists: the share of rows whose substance is found, and how many of a sample are wrong.

The files are not shipped: without them the benchmark says so and prints nothing.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import hashlib
import io
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

from bot.app import assemble
from bot.cases.notices import NoticeService
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.normalise import plain
from bot.clock import SetClock
from bot.people.roles import Actor
from bot.registers.abroad import REGISTERS, read_abroad
from bot.registers.compare import Grade, Graded, Known, Proposed, compare
from bot.registers.dmp import read_dmp
from bot.registers.notices import Notice, Notices, NoticeStatus
from bot.registers.substances import SubstanceFinder
from bot.settings import load_settings
from storage import schema
from storage.unit_of_work import Database

DATA = Path(__file__).parents[1].parent / "shared" / "data"
"""Beside the checkout."""
LIST = DATA / "shortages" / "dmp_2026-03-12_full.csv"
TRUTH = DATA / "misspellings" / "dmp_truth_dev.csv"
DAY = dt.datetime(2026, 3, 12, 14, 10, tzinfo=dt.UTC)
SEEDS = 20
CENTRE = "U0CENTRE01"

ABROAD = {
    "sweden": "SE_*.csv",
    "finland": "FI_*.csv",
    "denmark": "DK_*.csv",
    "iceland": "IS_*.csv",
    "germany": "DE_*.csv",
    "ema": "EU_*.csv",
    "canada": "canada_*.csv",
}
SAMPLE, SAMPLE_SEED = 40, 7
HAND_CHECKED = {
    "sweden": ("5e7b772d8571", 0),
    "finland": ("ed7ac9f3a305", 0),
    "denmark": ("7d63acd042b6", 0),
    "iceland": ("4127272c2e2e", 0),
    "germany": ("4c38da6e0164", 0),
    "ema": ("a383c3937e73", 0),
    "canada": ("29ed1d0d4c76", 0),
}
"""Register → a digest of the sample that a person has looked through (row and substance), and how many were wrong."""


def run() -> None:
    """Print the table, or which file is missing."""
    missing = [path.name for path in (LIST, TRUTH) if not path.exists()]
    if missing:
        print(f"registers: skipped, not here: {', '.join(missing)} (looked in {DATA})")
    else:
        asyncio.run(_run())
    _abroad()


def _abroad() -> None:
    """A line a register: human rows, how many have a substance, how sure, and the sample that was looked through."""
    finder = SubstanceFinder(Catalogue.shipped())
    begun = False
    for id, pattern in ABROAD.items():
        path = next(iter(sorted((DATA / "shortages").glob(pattern))), None)
        if path is None:
            print(f"registers, {id}: skipped, not here: {pattern}")
            continue
        if not begun:
            print("register    rows  matched  certain  likely  ask  none      s  sample: wrong / looked at")
            begun = True
        start = time.perf_counter()
        rows = [row for row in read_abroad(REGISTERS[id], path.read_bytes(), path.name).rows if not row.veterinary]
        graded = {row.row: finder.graded(row) for row in rows}
        seconds = time.perf_counter() - start
        grades = Counter(one.grade for one in graded.values())
        known = [row for row in rows if graded[row.row].medicine is not None]
        print(
            f"{id:9} {len(rows):>6} {len(known) / len(rows):>8.1%} {grades[Grade.CERTAIN]:>8} {grades[Grade.LIKELY]:>7}"
            f" {grades[Grade.ASK]:>4} {grades[Grade.NONE]:>5} {seconds:>6.2f}",
            end="",
        )
        sample = random.Random(SAMPLE_SEED).sample(known, min(SAMPLE, len(known)))
        said = "|".join(f"{row.row} {medicine.substance}" for row in sample if (medicine := graded[row.row].medicine))
        digest = hashlib.sha256(said.encode()).hexdigest()[:12]
        checked, wrong = HAND_CHECKED[id]
        print(f"  {wrong} / {len(sample)}" if digest == checked else f"  to be looked through again ({digest})")


async def _run() -> None:
    data = LIST.read_bytes()
    read = read_dmp(data, LIST.name)
    with tempfile.TemporaryDirectory() as folder:
        clock = SetClock(DAY)
        database = Database.at(f"sqlite:///{Path(folder) / 'bench.sqlite'}", clock.now)
        try:
            await schema.upgrade(database.engine)
            settings = load_settings(cases_channel="C0CASES001", roles={"centre": [CENTRE]})
            services = assemble(settings, database, clock)
            await services.catalogue.prepare()
            by = await services.people.actor(CENTRE, "T0HERE0001")
            times = await _times(services.notices, data, by)
            inbox = await services.notices.inbox(by)
            lines = (await services.notices.preview(data, LIST.name, by)).lines()
            figures = await _dates(services.notices, data, by, clock)
        finally:
            await database.close()
    _matching(read, lines)
    print(f"{'veterinary rows':44} {sum(row.veterinary for row in read.rows):>10}")
    human = [row for row in read.rows if not row.veterinary]
    for what, count in (
        ("human rows that day", len(human)),
        ("of them open (ongoing or upcoming)", sum(row.status.is_open for row in human)),
        ("of them temporarily gone or deregistered", sum(row.status is NoticeStatus.WITHDRAWN for row in human)),
        ("to be decided in the inbox, both kinds", inbox.notices),
        ("rows above the fold (≤ 40)", len(inbox.above)),
        ("of them without a reason", sum(not row.triaged.why for row in inbox.above)),
    ):
        print(f"{what:44} {count:>10}")
    print(f"{'rows below the fold':44} {len(inbox.below):>10}")
    _next_days(read)
    for name, value in (times | figures).items():
        print(f"{name:44} {value}")


async def _times(notices: NoticeService, data: bytes, by: Actor) -> dict[str, str]:
    begun = time.perf_counter()
    received = await notices.receive(data, LIST.name, by, key=None)
    shown = time.perf_counter()
    await notices.confirm(received.list_id or 0, by, key=None)
    stored = time.perf_counter()
    opened = []
    for _ in range(9):
        start = time.perf_counter()
        await notices.inbox(by)
        opened.append(time.perf_counter() - start)
    return {
        "preview of the list": f"{shown - begun:10.2f} s",
        "reading it in": f"{stored - shown:10.2f} s",
        "opening the inbox, median of 9": f"{sorted(opened)[4] * 1000:10.0f} ms",
    }


async def _dates(notices: NoticeService, data: bytes, by: Actor, clock: SetClock) -> dict[str, str]:
    """Some thirty cases whose ends DMP moves the day after."""
    inbox = await notices.inbox(by)
    cases: dict[str, str] = {}
    for row in (*inbox.above, *inbox.below):
        if len(cases) < 34 and row.certain and len(row.ids) == 1 and row.notice.end is not None:
            (number,) = await notices.open_cases_of(row.ids, {}, by, key=None)
            cases.setdefault(number, row.names[0])
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    for row in rows:
        row["scraped_at"] = "2026-03-13T15:00:00"
        if row["medicine_name"] in cases.values() and row["estimated_end"]:
            later = dt.date.fromisoformat(row["estimated_end"]) + dt.timedelta(days=30)
            row["estimated_end"] = later.isoformat()
    page = io.StringIO()
    writer = csv.DictWriter(page, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    clock.set(DAY + dt.timedelta(days=1))
    await notices.take_in(page.getvalue().encode(), "next.csv", by)
    begun = time.perf_counter()
    given = await notices.take_dates(by, key=None)
    taken = time.perf_counter()
    back = await notices.undo_dates(given.taken or 0, by, key=None)
    return {
        f"taking {given.changed} dates (≤ 3 s)": f"{taken - begun:10.2f} s",
        f"taking {len(back.back)} of them back": f"{time.perf_counter() - taken:10.2f} s",
    }


def _matching(read: Notices, lines: list[dict[str, object]]) -> None:
    """Against the truth: right where the code is among the row's, or stands for the same substance as one of them."""
    catalogue = Catalogue.shipped()
    substances: dict[str, set[str]] = defaultdict(set)
    for one in catalogue:
        substances[one.atc or ""].add(plain(one.substance))
    found = {" ".join(str(line["name"]).split()): line for line in lines if line["row"] is not None}
    with TRUTH.open(encoding="utf-8-sig", newline="") as file:
        truth = list(csv.DictReader(file))
    counted: Counter[str] = Counter()
    for row in truth:
        line = found.get(" ".join(row["name"].split()))
        if line is None:
            counted["not in the list"] += 1
            continue
        atc = str(line["atc"] or "")
        codes = row["atcs"].replace("|", " ").split()
        same = atc in codes or any(substances[atc] & substances[code] for code in codes)
        counted["right" if same and atc else "wrong" if atc else "none"] += 1
        if line["grade"] == Grade.CERTAIN:
            counted["certain"] += 1
            counted["certain and wrong"] += not same
    n = counted["right"] + counted["wrong"] + counted["none"]
    print(f"{'rows with the right substance (≥ 98 %)':44} {counted['right']:>4} / {n} = {counted['right'] / n:.1%}")
    wrong, sure = counted["certain and wrong"], counted["certain"]
    print(f"{'wrong of certain (≤ 0.3 %)':44} {wrong:>4} / {sure} = {wrong / max(sure, 1):.2%}")
    print(f"{'rows of the truth not in the list':44} {counted['not in the list']:>10}")


def _next_days(read: Notices) -> None:
    """The next day's list, made of this one by twenty seeds: whether it proposes what was put in, and nothing else."""
    rows = [row for row in read.rows if not row.veterinary]
    usual = [row for row in rows if row.end is not None and row.status.is_open]
    graded = {row.row: Graded(Grade.NONE) for row in rows}
    exact = 0
    for seed in range(SEEDS):
        chosen = random.Random(seed).sample(usual, 70)
        put_in = dict.fromkeys((row.row for row in chosen[:20]), Proposed.NEW)
        put_in |= dict.fromkeys((row.row for row in chosen[20:50]), Proposed.EXTEND)
        gone = {row.row for row in chosen[50:65]}
        put_in |= dict.fromkeys((row.row for row in chosen[65:]), Proposed.UPDATE)
        known = [
            Known(row.row, row, None, None, None, None, False)
            for row in rows
            if put_in.get(row.row) is not Proposed.NEW
        ]
        today = [_a_day_later(row, put_in.get(row.row)) for row in rows if row.row not in gone]
        said = compare(today, graded, known, {})
        exact += (
            all(
                found.action is put_in.get(found.row, Proposed.SAME if found.notice.status.is_open else found.action)
                for found in said
                if found.notice is not None and found.row is not None
            )
            and {found.known.id for found in said if found.notice is None and found.known} == gone
        )
    print(f"{'next days proposed exactly, of 20 seeds':44} {exact:>10}")


def _a_day_later(row: Notice, put_in: Proposed | None) -> Notice:
    if put_in is Proposed.EXTEND and row.end is not None:
        return replace(row, end=row.end + dt.timedelta(days=30))
    return replace(row, name=f"{row.name} i eske") if put_in is Proposed.UPDATE else row
