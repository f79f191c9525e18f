"""Quick words in a case's thread: read as they were written down beforehand, and what people say left in peace."""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.quick_words import CLOSED_LISTS, QuickWord, Says, read_day, read_quick_words

DATA = Path(__file__).parents[1] / "data" / "quick_words.csv"
WEDNESDAY = dt.date(2026, 8, 19)
SENTENCES = list(csv.DictReader(DATA.open(encoding="utf-8")))
READ = [one for one in SENTENCES if one["reading"]]
UNREAD = [one["text"] for one in SENTENCES if not one["reading"]]


def as_written_down(found: tuple[QuickWord, ...]) -> str:
    """A reading in the words of the data file."""
    parts: list[str] = []
    for one in found:
        match one.says:
            case Says.END | Says.START:
                parts.append(f"{one.says}={one.day or '?'}")
            case Says.DUE:
                parts.append(f"on={one.day}")
            case Says.NEXT:
                parts.append(f"next={one.text}")
                parts += [f"on={one.day}"] if one.day else []
                parts += [f"for={one.person}"] if one.person else []
            case Says.READY:
                parts.append("ready=yes")
            case Says.NOT_READY:
                parts.append("ready=no")
            case _:
                value = one.code or one.text
                parts.append(f"{one.says}={value}" if value else one.says.value)
    return ";".join(parts)


def test_the_sentences_are_enough_and_a_third_has_typing_errors() -> None:
    assert len({one["text"] for one in SENTENCES}) == len(SENTENCES)
    assert len(READ) >= 120 and len(UNREAD) >= 60
    assert 3 * sum(one["typing_error"] == "x" for one in READ) >= len(READ)
    assert {one["language"] for one in READ} == {"nb", "nn", "en"}


@pytest.mark.parametrize(("text", "reading"), [(one["text"], one["reading"]) for one in READ])
def test_a_quick_word_is_read(text: str, reading: str) -> None:
    assert as_written_down(read_quick_words(text, WEDNESDAY)) == reading


@pytest.mark.parametrize("text", UNREAD)
def test_what_people_say_to_each_other_is_left_in_peace(text: str) -> None:
    assert read_quick_words(text, WEDNESDAY) == ()


def test_ten_thousand_random_thread_texts_cause_no_exception_and_stay_unread() -> None:
    chance = random.Random(2026)
    words = [word for one in SENTENCES for word in one["text"].split()]
    words += ["«", "\u202e", "<!channel>", "*", "99.99", "\n"]
    read = 0
    for _ in range(10_000):
        if chance.random() < 0.5:
            text = " ".join(chance.choices(words, k=chance.randint(1, 12)))
        else:
            text = "".join(chr(chance.randint(1, 0x2FFF)) for _ in range(chance.randint(1, 60)))
        read += bool(read_quick_words(text, WEDNESDAY))
    assert read < 500, "shuffled quick words are now and then quick words again; the rest is nothing"


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=400), st.dates(dt.date(2000, 1, 1), dt.date(2099, 1, 1)))
def test_any_text_is_read_without_an_exception(text: str, today: dt.date) -> None:
    for one in read_quick_words(text, today):
        assert one.code is None or one.code in {member.value for member in CLOSED_LISTS[one.says]}
    read_day(text, today)


@pytest.mark.parametrize(
    ("said", "today", "day"),
    [
        ("fredag", "2026-08-21", "2026-08-28"),
        ("15.1", "2026-12-10", "2027-01-15"),
        ("1.8", "2026-08-19", "2026-08-01"),
        ("1.7", "2026-08-19", "2027-07-01"),
        ("om en måned", "2026-01-31", "2026-02-28"),
        ("ut februar", "2027-02-01", "2027-02-28"),
        ("29.2", "2026-08-19", None),
        ("31.4.2027", "2026-08-19", None),
        ("15.9.1985", "2026-08-19", None),
        ("september", "2026-08-19", None),
        ("9/15", "2026-08-19", None),
    ],
)
def test_a_day_is_the_one_that_is_meant_or_none(said: str, today: str, day: str | None) -> None:
    known, found = read_day(said, dt.date.fromisoformat(today))
    assert (str(found) if known else None) == day


def test_what_stands_alone_stands_alone() -> None:
    assert read_quick_words("tatt, ny sluttdato 15.9", WEDNESDAY) == ()
    assert read_quick_words("ny sluttdato 15.9, ny sluttdato 16.9", WEDNESDAY) == ()
    assert read_quick_words("lukk: levert, frist 1.9", WEDNESDAY) == (QuickWord(Says.CLOSE, text="levert, frist 1.9"),)
