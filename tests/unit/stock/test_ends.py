"""How far announced ends slip, and how long shortages still last."""

from __future__ import annotations

import datetime as dt
import random
import time
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bot.messages.words import BOKMAAL
from bot.stock.ends import PastCase, PastCases, Remaining, slips

JUNE = dt.date(2024, 6, 1)


def remaining(age: int, cases: list[PastCase], *, cause: str | None, atc: str | None) -> Remaining | None:
    return PastCases(cases).remaining(age, cause=cause, atc=atc)


def test_an_end_put_off_five_times_says_how_often_and_how_far() -> None:
    ends = [dt.date(2024, 9, 1) + dt.timedelta(days) for days in (0, 30, 60, 90, 120, 143)]
    assert BOKMAAL.say(slips(ends).words) == "sluttdato flyttet 5 ganger, 143 dager i alt"


def test_an_end_brought_forward_counts_against_and_an_unknown_one_between_moves_nothing() -> None:
    first = dt.date(2024, 9, 1)
    moved = slips([first, None, first + dt.timedelta(20), first + dt.timedelta(15)])
    assert (moved.times, moved.days) == (1, 15)
    assert BOKMAAL.say(moved.words) == "sluttdato flyttet 1 gang, 15 dager i alt"
    assert slips([first, None]).times == 0


def test_an_end_put_off_and_then_brought_forward_says_that_it_is_no_later() -> None:
    moved = slips([JUNE, JUNE + dt.timedelta(20), JUNE - dt.timedelta(3)])
    assert BOKMAAL.say(moved.words) == "sluttdato flyttet 1 gang, nå ikke senere enn først meldt"


def test_one_announcement_has_not_moved() -> None:
    assert slips([JUNE]).words is None
    assert slips([]).times == 0


CLOSED = [PastCase(days, True, "production", "J01CA01") for days in range(10, 410, 10)]


def test_half_of_forty_shortages_end_within_two_hundred_days() -> None:
    told = remaining(0, CLOSED, cause="production", atc="J05AB11")
    assert told is not None and (told.p50, told.p90, told.cases) == (200, 360, 40)
    assert str(told.basis) == "samme årsak og ATC-gruppe J"
    assert BOKMAAL.say(told.words(JUNE)) == (
        "Halvparten av slike saker varer til 18. des. 2024, én av ti lenger enn 27. mai 2025 "
        "(40 avsluttede saker: samme årsak og ATC-gruppe J)."
    )


def test_a_shortage_that_has_lasted_half_a_year_has_most_of_the_rest_before_it() -> None:
    told = remaining(200, CLOSED, cause=None, atc=None)
    assert told is not None and (told.p50, told.p90) == (100, 180)


def test_cases_that_still_go_on_make_the_rest_longer() -> None:
    ongoing = [PastCase(300, False, "production", "J01CA01") for _ in range(20)]
    closed, both = (remaining(0, cases, cause=None, atc=None) for cases in (CLOSED, CLOSED + ongoing))
    assert closed is not None and both is not None and closed.p50 is not None and both.p50 is not None
    assert both.p50 > closed.p50


def test_fewer_than_thirty_closed_cases_say_nothing() -> None:
    assert remaining(0, CLOSED[:29], cause=None, atc=None) is None
    assert remaining(390, CLOSED, cause=None, atc=None) is None, "too few have lasted so long"


def test_too_few_of_the_same_cause_fall_back_on_a_wider_group() -> None:
    told = remaining(0, CLOSED, cause="quality", atc="L01")
    assert told is not None and str(told.basis) == "alle saker"


@given(st.lists(st.integers(1, 900), min_size=40, max_size=80), st.integers(0, 100))
def test_nine_in_ten_last_at_least_as_long_as_half(days: list[int], age: int) -> None:
    told = remaining(age, [PastCase(lasted, True) for lasted in days], cause=None, atc=None)
    if told is not None:
        assert told.p50 is not None and told.p90 is not None
        assert 0 < told.p50 <= told.p90


def case_by_case(cases: list[PastCase], age: int, share: Fraction) -> int | None:
    """The product-limit estimate as it stands in a textbook: those at risk, day by day, in whole fractions."""
    reached = [case for case in cases if case.days > age]
    left = Fraction(1)
    for day in sorted({case.days for case in reached}):
        ended = sum(case.closed and case.days == day for case in reached)
        left *= 1 - Fraction(ended, sum(case.days >= day for case in reached))
        if left <= 1 - share:
            return day - age
    return None


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=30, max_size=90), st.integers(0, 40))
def test_the_rest_is_the_textbooks_estimate(past: list[tuple[int, bool]], age: int) -> None:
    cases = [PastCase(days, closed) for days, closed in past]
    told = remaining(age, cases, cause=None, atc=None)
    if told is not None:
        half, most = (case_by_case(cases, age, share) for share in (Fraction(1, 2), Fraction(9, 10)))
        assert (told.p50, told.p90) == (half, most)


def test_two_thousand_open_cases_ask_of_twenty_thousand_past_ones_while_nobody_waits() -> None:
    dice = random.Random(2025)
    past = PastCases(
        PastCase(dice.randint(1, 900), True, dice.choice(("production", "quality", None)), dice.choice("ABCJLN"))
        for _ in range(20_000)
    )
    began = time.process_time()
    for _ in range(2_000):
        past.remaining(dice.randint(0, 800), cause=dice.choice(("production", "quality")), atc=dice.choice("ABCJLN"))
    assert time.process_time() - began < 2
