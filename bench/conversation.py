"""Questions in people's own words: the share that is read right, by language and by what is asked.

Then ten thousand sentences of anything are answered over a real database: none may raise, and none may change a row.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from bot.app import assemble
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Decision
from bot.clock import SetClock
from bot.commands import atc_code, case_number
from bot.conversation.reading import NOT_FOR_US, Intent, Reading, _words, read
from bot.people.roles import Actor
from bot.services import Services
from bot.settings import load_settings
from handlers import asking
from storage import schema
from storage.unit_of_work import Database
from tests.seed.many_cases import fill

SENTENCES = Path(__file__).parents[1] / "tests" / "data" / "conversation_sentences.csv"
NUMBER = 10_000
NOW = dt.datetime(2026, 3, 12, 8, 0, tzinfo=dt.UTC)
NOISE = [
    "",
    "<@U1>",
    "2026-0123",
    "J01",
    "L",
    "500 mg",
    "15.9",
    "*",
    "«",
    "\u202e",
    "' OR 1=1",
    "&lt;",
    "\n",
    "x" * 400,
]
SPELT = "abcdefghijklmnopqrstuvwxyzæøå0123456789 .,-/?!<>@#*_~`'\"()[]{}\\"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as somebody writes it, what was asked before it, and what it means."""

    id: str
    language: str
    text: str
    after: str
    intent: str
    subjects: tuple[str, ...]
    note: str


def sentences() -> list[Sentence]:
    """The set, in its order."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        return [
            Sentence(
                id=row["id"],
                language=row["language"],
                text=row["sentence"],
                after=row["after"],
                intent=row["intent"],
                subjects=tuple(filter(None, row["subject"].split("; "))),
                note=row["note"],
            )
            for row in csv.DictReader(file, delimiter=";")
        ]


def reading_of(sentence: Sentence, catalogue: Catalogue) -> Reading:
    """What the bot reads in it, with what was asked before."""
    before = read(sentence.after, catalogue.match) if sentence.after else None
    return read(sentence.text, catalogue.match, before)


def is_right(sentence: Sentence, reading: Reading, catalogue: Catalogue) -> bool:
    """Whether the intent is the expected one, and the matcher finds the same substance or brand as expected."""
    intent = Intent.UNKNOWN if reading.intent in NOT_FOR_US else reading.intent
    if intent.value != sentence.intent or len(reading.subjects) != len(sentence.subjects):
        return False
    return all(_same(*pair, catalogue) for pair in zip(sentence.subjects, reading.subjects, strict=True))


def _same(expected: str, read_as: str, catalogue: Catalogue) -> bool:
    for exactly in (case_number, atc_code):
        if exactly(expected):
            return exactly(expected) == exactly(read_as)
    if len(expected) == 1:
        return expected == read_as
    ours, theirs = catalogue.match(read_as), catalogue.match(expected)
    if Decision.NONE in (ours.decision, theirs.decision) and read_as.casefold() != expected.casefold():
        return False
    return ours.candidates[0].substance == theirs.candidates[0].substance


def of_anything(number: int, catalogue: Catalogue) -> Iterator[tuple[str, Reading | None]]:
    """So many sentences of rule words, medicines, numbers and noise in any order, some with a question before."""
    dice = random.Random(20260122)
    rule_words, medicines = sorted(_words().known), sorted(item.substance for item in catalogue.substances.values())
    kinds = (rule_words, rule_words, medicines, NOISE)
    for _ in range(number):
        before = Reading(dice.choice(list(Intent)), ("Valtrex",)) if dice.random() < 0.3 else None
        words = [
            dice.choice(dice.choice(kinds))
            if dice.random() < 0.9
            else "".join(dice.choice(SPELT) for _ in range(dice.randint(1, 12)))
            for _ in range(dice.randint(0, 12))
        ]
        yield " ".join(words), before


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row there is."""
    async with database.read() as session:
        return {
            table.name: [tuple(row) for row in await session.execute(table.select().order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
        }


async def answer_anything(services: Services, number: int, by: Actor) -> None:
    """Answer so many sentences of anything, each with something that can be read."""
    for text, before in of_anything(number, services.catalogue.catalogue):
        reading = read(text, services.catalogue.match, before)
        told = await asking.answer(services, reading, text, by)
        assert told and all(message.text for message in told), text


async def _unchanged(folder: str) -> float:
    """Answer them all as somebody who may do anything; milliseconds for each."""
    database = Database.at(f"sqlite:///{Path(folder) / 'bench.sqlite'}", SetClock(NOW).now)
    try:
        await schema.upgrade(database.engine)
        services = assemble(load_settings(roles={"centre": ["U0CENTRE01"]}), database, SetClock(NOW))
        await services.stock.ensure_pools()
        await services.catalogue.prepare()
        siri = await services.people.actor("U0CENTRE01")
        await fill(database, NOW, opened=40, closed=40, owners=(siri.person,))
        before, begun = await everything(database), time.perf_counter()
        await answer_anything(services, NUMBER, siri)
        taken = time.perf_counter() - begun
        assert await everything(database) == before, "a sentence has changed something"
        return taken * 1000 / NUMBER
    finally:
        await database.close()


def run() -> None:
    """Print the table, the sentences that are read wrong, and what sentences of anything do."""
    catalogue = Catalogue.shipped()
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    wrong = []
    for one in sentences():
        reading = reading_of(one, catalogue)
        good = is_right(one, reading, catalogue)
        for key in ((one.language, "all"), (one.language, one.intent), ("all", one.intent), ("all", "all")):
            right[key].append(good)
        for mark in filter(None, one.note.split(",")):
            right["all", f"({mark})"].append(good)
        if not good:
            wrong.append(f"  {one.id} «{one.text}»: read as {reading.intent} {', '.join(reading.subjects)}")
    kinds = sorted({kind for _, kind in right} - {"all"})
    print(f"{'read right':<14}" + "".join(f"{column:>12}" for column in ("nb", "nn", "en", "all")))
    for kind in ("all", *kinds):
        shares = [right.get((column, kind), []) for column in ("nb", "nn", "en", "all")]
        print(f"{kind:<14}" + "".join(f"{f'{sum(some)}/{len(some)}' if some else '–':>12}" for some in shares))
    if wrong:
        print("read wrong:", *wrong, sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        each = asyncio.run(_unchanged(folder))
    print(f"{NUMBER:,} sentences of anything: no exception, no row changed, {each:.1f} ms each")
