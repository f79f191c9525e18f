"""A national identity number is refused however it is written; other numbers are let through."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.no import fodselsnummer

from bot.people.identity_numbers import contains_identity_number, refuse_identity_numbers
from bot.refusal import Refused

DATES = st.dates(dt.date(1900, 1, 1), dt.date(2039, 12, 31))
KINDS = st.sampled_from([(0, 0), (40, 0), (0, 40), (0, 80), (40, 80)])
"""Added to day and month: fødselsnummer, D-number, H-number and synthetic, synthetic, synthetic D-number."""


def with_check_digits(nine: str) -> str | None:
    """The number with its two check digits, where it has any."""
    first = fodselsnummer.calc_check_digit1(nine + "00")
    if len(first) > 1:
        return None
    second = fodselsnummer.calc_check_digit2(nine + first + "0")
    return None if len(second) > 1 else nine + first + second


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number that could be somebody's."""
    day, month = draw(KINDS)
    date = draw(DATES)
    start = f"{date.day + day:02d}{date.month + month:02d}{date.year % 100:02d}"
    whole = with_check_digits(start + f"{draw(st.integers(0, 999)):03d}")
    return whole or next(filter(None, (with_check_digits(f"{start}{individual:03d}") for individual in range(1000))))


WRITINGS = [
    "{0}{1}{2}{3}",
    "{0}{1}{2} {3}",
    "{0} {1} {2} {3}",
    "{0}.{1}.{2} {3}",
    "{0}.{1}.{2}-{3}",
    "{0}/{1}/{2}/{3}",
    "{0}-{1}-{2} – {3}",
    "{0}\u00a0{1}\u00a0{2}\u202f{3}",
    "{0}{1}{2}\n{3}",
    "pasienten,{0}{1}{2}{3}.",
    "født{0}{1}{2}{3}år",
    "{0}\u200b{1}\u200b{2}\u200b{3}",
    "f.nr.: {0}{1}{2}  {3}, tlf. 22 59 13 00",
    "1. {0}{1}{2}{3}",
]


@given(numbers(), st.sampled_from(WRITINGS))
def test_an_identity_number_is_refused_in_any_writing(number: str, writing: str) -> None:
    text = writing.format(number[:2], number[2:4], number[4:6], number[6:])
    assert contains_identity_number(text)
    with pytest.raises(Refused) as refused:
        refuse_identity_numbers(text, field="note")
    assert refused.value.field == "note"
    assert number[6:] not in str(refused.value), "the number is not repeated"


@given(numbers())
def test_each_digit_apart_and_wide_digits_are_seen_through(number: str) -> None:
    assert contains_identity_number(" ".join(number))
    assert contains_identity_number(number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}))


@given(DATES, st.integers(0, 999))
def test_the_year_in_full_hides_nothing(date: dt.date, individual: int) -> None:
    number = with_check_digits(f"{date:%d%m%y}{individual:03d}")
    if number is not None:
        assert contains_identity_number(f"{date:%d.%m.%Y} {number[6:]}")
        assert contains_identity_number(f"{date:%d%m%Y}{number[6:]}")


@given(numbers(), st.sampled_from("0123456789"))
def test_one_wrong_check_digit_is_an_ordinary_number(number: str, digit: str) -> None:
    if digit != number[-1]:
        assert not contains_identity_number(number[:-1] + digit)


@given(numbers(), st.sampled_from("0123456789"))
def test_part_of_a_longer_number_is_an_ordinary_number(number: str, digit: str) -> None:
    assert not contains_identity_number(number + digit)
    assert not contains_identity_number(digit + number)


PHONES = ["{}{}{}{}", "{} {} {} {}", "+47 {} {} {} {}", "0047 {}{}{}{}", "+47{}{}{}{}", "({}) {}{}{}"]


@given(st.lists(st.integers(20, 99), min_size=4, max_size=4), st.sampled_from(PHONES))
def test_telephone_numbers_are_let_through(pairs: list[int], writing: str) -> None:
    phone = writing.format(*pairs)
    assert not contains_identity_number(f"Ring {phone}")
    assert not contains_identity_number(f"Ring {phone}, {phone}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Varenr. 123456, 654321 og 111111",
        "Restlager 12 000 tabletter 07.07.2025",
        "Batch 12345678901",
        "00000000000",
        "99999999999",
        "32139012345",
        "Leveres 2025-07-07, 4 200 stk.",
        "EAN 7046261234567",
    ],
)
def test_what_clinicians_write_is_let_through(text: str) -> None:
    assert not contains_identity_number(text)
    refuse_identity_numbers(text)
    refuse_identity_numbers(None)


def test_a_number_given_by_a_hospital_to_somebody_without_one_is_refused() -> None:
    number = next(filter(None, (with_check_digits(f"8{rest:08d}") for rest in range(1000))))
    assert contains_identity_number(f"Pasient {number[:6]} {number[6:]}")
