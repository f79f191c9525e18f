"""FEST at its full size: parsed, compared and written, beside lxml's own walk over the same file."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import multiprocessing
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from lxml import etree

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.importing import FestService
from bot.clock import SetClock
from bot.registers.fest import read_fest
from storage import schema
from storage.unit_of_work import Database

MINI = Path(__file__).parents[1] / "tests" / "data" / "fest-mini.xml.gz"
BRANDS, PACKAGES, BYTES = 9_000, 11_000, 118_000_000
TURNS = 5
NOW = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


def run() -> None:
    """Print the seconds and the memory, on SQLite; each measured in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fest.xml"
        with path.open("wb") as file:
            file.writelines(full_size())
        keeping, letting_go, taken, taken_again = [], [], [], []
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            for turn in range(TURNS):  # in turns, since a machine that is shared is not equally fast for a minute
                base = f"{folder}/{turn}.sqlite"
                keeping.append(pool.apply(_walked, (path, False)))
                taken.append(pool.apply(_taken, (path, base)))
                letting_go.append(pool.apply(_walked, (path, True)))
                taken_again.append(pool.apply(_taken, (path, base)))
        print(f"FEST of {path.stat().st_size / 1e6:.0f} MB: {taken[0][2]}")
    kept, let_go = median(keeping), median(letting_go)
    seconds, again = median(one[0] for one in taken), median(one[0] for one in taken_again)
    print(f"seconds of the processor, each in a process of its own, the median of {TURNS} turns:")
    print(f"lxml's iterparse over every end event: {let_go:.2f} s (cleared as it goes), {kept:.2f} s (all kept)")
    print(
        f"parsed, compared and written (limit 1.5 times that): {seconds:.2f} s, "
        f"{_times(taken, letting_go):.2f} and {_times(taken, keeping):.2f} times"
    )
    print(f"peak memory: {max(one[1] for one in taken):.0f} MB (limit 200)")
    print(f"the same file again: {again:.2f} s, {taken_again[0][2]}")


def _times(taken: Sequence[tuple[float, float, str]], walked: Sequence[float]) -> float:
    """How many times the walk's seconds, turn by turn: the median."""
    return median(seconds / walk for (seconds, _, _), walk in zip(taken, walked, strict=True))


def full_size() -> Iterator[bytes]:
    """The shipped extract's entries again and again under new ids, to FEST's size."""
    text = gzip.decompress(MINI.read_bytes()).decode()
    first, last = text.index("<m30:Kat"), text.rindex("</m30:FEST>")
    size = 0
    yield text[:first].encode()
    for kat in re.finditer(r"<m30:(Kat\w+)>(.*?)</m30:\1>", text[first:last], re.DOTALL):
        entries = [one[0] for one in re.finditer(r"<m30:(Oppf\w+)>.*?</m30:\1>", kat[2], re.DOTALL)]
        most = {"KatLegemiddelMerkevare": BRANDS, "KatLegemiddelpakning": PACKAGES}.get(kat[1], 120 * len(entries))
        yield f"<m30:{kat[1]}>".encode()
        number = 0
        while number < most or (kat[1] == "KatInteraksjon" and size < BYTES):  # the last: fills the file up
            copy, place = divmod(number, len(entries))
            entry = entries[place].replace("ID_", f"ID_{copy:04d}").encode()
            size += len(entry)
            number += 1
            yield entry
        yield f"</m30:{kat[1]}>".encode()
    yield text[last:].encode()


def _walked(path: Path, clearing: bool) -> float:
    """Seconds of the processor; `clearing` is what keeps such a walk within a reader's memory."""
    begun = time.process_time()
    for _, element in etree.iterparse(str(path), events=("end",)):
        if clearing:
            element.clear()
    return time.process_time() - begun


def _taken(path: Path, base: str) -> tuple[float, float, str]:
    """Seconds of the processor, peak megabytes of the process, and what the import says."""
    seconds, said = asyncio.run(_take_in(path, base))
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # ru_maxrss knows the parent's too
    assert peak is not None
    return seconds, int(peak[1]) / 1024, said


async def _take_in(path: Path, base: str) -> tuple[float, str]:
    database = Database.at(f"sqlite:///{base}", SetClock(NOW).now)
    try:
        await schema.upgrade(database.engine)
        Catalogue.shipped()  # which a bot that runs has read
        begun = time.process_time()
        taken = await FestService(database).take_in(read_fest(path), path.name)
        seconds = time.process_time() - begun
    finally:
        await database.close()
    of, packs = taken.preparations, taken.packages
    said = (
        f"{len(taken.fest.preparations)} preparations, {of.touched} new or changed, {len(of.gone)} gone; "
        f"{len(taken.fest.packages)} packages, {packs.touched} new or changed, {len(packs.gone)} gone"
    )
    return seconds, said
