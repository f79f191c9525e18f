"""Sharing out: the promises of the quota method, in thousands of random cases and on our own catchments."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import pytest

from bot.people.places import catchments
from bot.refusal import Refused
from bot.stock.allocation import Receiver, Timetable, share, weights

CASES = 10_000
PEOPLE = [Receiver(catchment.trust, catchment.people) for catchment in catchments()]


def packages(quantity: int, receivers: Sequence[Receiver], lot: int = 1) -> dict[str, int]:
    return {who: given.packages for who, given in share(quantity, receivers, lot).shares.items()}


def largest_remainder(quantity: int, receivers: Sequence[Receiver]) -> dict[str, int]:
    """Hamilton's method: whole parts first, then the largest fractions."""
    whole = sum(receiver.weight for receiver in receivers)
    exact = {receiver.id: Fraction(receiver.weight * quantity, whole) for receiver in receivers}
    given = {who: int(part) for who, part in exact.items()}
    for who in sorted(exact, key=lambda who: (given[who] - exact[who], who))[: quantity - sum(given.values())]:
        given[who] += 1
    return given


def by_definition(quantity: int, receivers: Sequence[Receiver]) -> dict[str, int]:
    """Balinski and Young's own words: one more goes to the largest weight / (given + 1) that stays within its quota."""
    whole = sum(receiver.weight for receiver in receivers)
    given = {receiver.id: 0 for receiver in receivers}
    for house in range(1, quantity + 1):
        eligible = [one for one in receivers if given[one.id] * whole < one.weight * house]
        best = min(eligible, key=lambda one: (Fraction(given[one.id] + 1, one.weight), one.id))
        given[best.id] += 1
    return given


def receivers_of(rng: random.Random, *, bent: bool) -> list[Receiver]:
    many = rng.choice((1, 2, 3, 5, 8, 21))
    largest = rng.choice((1, 3, 100, 600_000))
    made = []
    for number in range(many):
        least = rng.choice((0, 0, 0, 1, 5)) if bent else 0
        made.append(
            Receiver(
                f"R{number:02}",
                rng.randint(0, largest),
                earlier=rng.choice((0, 0, 1, 7, 40)) if bent else 0,
                least=least,
                most=rng.choice((None, None, least + rng.randint(0, 9))) if bent else None,
            )
        )
    if not any(receiver.weight for receiver in made):
        made[0] = Receiver("R00", 1)
    return made


def test_it_is_the_quota_method() -> None:
    rng = random.Random(1975)
    for _ in range(300):
        receivers, quantity = receivers_of(rng, bent=False), rng.randint(0, 60)
        assert packages(quantity, receivers) == by_definition(quantity, [one for one in receivers if one.weight]) | {
            one.id: 0 for one in receivers if not one.weight
        }
    assert packages(500, PEOPLE) == by_definition(500, PEOPLE)


def test_the_end_of_the_timetable_is_the_same_as_all_of_it() -> None:
    """`share` begins late in the timetable: every package goes where one at a time from the first one on sends it."""
    rng = random.Random(1982)
    skipped = compared = 0
    while compared < 4_000:
        bent = rng.random() < 0.6
        receivers, lot = receivers_of(rng, bent=bent), rng.choice((1, 1, 5, 12)) if bent else 1
        quantity = rng.choice((rng.randint(0, 60), rng.randint(0, 3_000)))
        try:
            found = share(quantity, receivers, lot)
        except Refused:
            continue
        timetable = Timetable(receivers, lot)
        lots = min(quantity // lot - sum(timetable.least), timetable.room)
        one_at_a_time = [given * lot for given in timetable.give(lots)]
        assert [one.packages for one in found.shares.values()] == one_at_a_time
        skipped += timetable.near(lots)[0] > 0
        compared += 1
    assert skipped > 1_500


def test_ten_thousand_random_sharings_keep_every_promise() -> None:
    """Sum exact, within one package of the exact share, nobody loses by one more, caps and least quantities kept,
    equals within one package of one another, and the order of receivers is nothing."""
    rng = random.Random(2026)
    refused = bent_cases = 0
    for number in range(CASES):
        receivers = receivers_of(rng, bent=bool(number % 2))
        lot = rng.choice((1, 1, 1, 5, 12)) if number % 2 else 1
        quantity = rng.randint(0, 300)
        try:
            found = share(quantity, receivers, lot)
        except Refused:
            least = sum(-(-one.least // lot) * lot for one in receivers)
            impossible = [one for one in receivers if one.most is not None and -(-one.least // lot) > one.most // lot]
            assert impossible or least > quantity
            refused += 1
            continue
        given = {who: one.packages for who, one in found.shares.items()}
        assert sum(given.values()) + found.left == quantity
        assert sum(one.exact for one in found.shares.values()) == sum(given.values())
        for one in receivers:
            assert given[one.id] % lot == 0
            assert given[one.id] >= one.least
            assert one.most is None or given[one.id] <= one.most
            assert abs(given[one.id] - found.shares[one.id].exact) < lot
            for other in receivers:
                if (one.weight, one.earlier, one.least, one.most) == (
                    other.weight, other.earlier, other.least, other.most,
                ):  # fmt: skip
                    assert abs(given[one.id] - given[other.id]) <= lot
        if found.left >= lot:  # only where nobody may have more
            assert all(not one.weight or (one.most is not None and given[one.id] + lot > one.most) for one in receivers)
        more = share(quantity + rng.randint(1, 2 * lot), receivers, lot)
        assert all(more.shares[who].packages >= packages for who, packages in given.items())
        shuffled = rng.sample(receivers, len(receivers))
        assert share(quantity, shuffled, lot) == found
        bent_cases += number % 2
    assert refused < CASES / 4
    assert bent_cases > CASES / 4


def test_largest_remainder_takes_a_package_back_on_our_own_catchments_and_this_does_not() -> None:
    """The reason for the method: with one package more to share, somebody would get one less."""
    losers = [
        (quantity, who)
        for quantity in range(1, 600)
        for who, before in largest_remainder(quantity, PEOPLE).items()
        if largest_remainder(quantity + 1, PEOPLE)[who] < before
    ]
    assert losers
    before = packages(1, PEOPLE)
    for quantity in range(2, 600):
        after = packages(quantity, PEOPLE)
        assert all(after[who] >= before[who] for who in before)
        before = after


def test_earlier_deliveries_count_and_the_next_one_makes_up_for_them() -> None:
    first = packages(100, [Receiver("A", 3), Receiver("B", 1)])
    assert first == {"A": 75, "B": 25}
    sent = {"A": 50, "B": 50}  # what was really sent was something else
    second = packages(100, [Receiver(who, weight, earlier=sent[who]) for who, weight in (("A", 3), ("B", 1))])
    assert second == {"A": 100, "B": 0}
    assert {who: sent[who] + second[who] for who in sent} == {"A": 150, "B": 50}


def test_what_is_over_the_caps_or_less_than_a_lot_is_left_and_said() -> None:
    found = share(100, [Receiver("A", 1, most=20), Receiver("B", 1, most=30)])
    assert ({who: one.packages for who, one in found.shares.items()}, found.left) == ({"A": 20, "B": 30}, 50)
    found = share(25, [Receiver("A", 1), Receiver("B", 1)], lot=10)
    assert ({who: one.packages for who, one in found.shares.items()}, found.left) == ({"A": 10, "B": 10}, 5)


@pytest.mark.parametrize(
    ("quantity", "receivers", "lot", "said"),
    [
        (-1, [Receiver("A", 1)], 1, "Antallet må være fra 0"),
        (5, [Receiver("A", 1, least=3), Receiver("B", 1, least=3)], 1, "Det trengs 6 pakninger"),
        (50, [Receiver("A", 1, least=3, most=7)], 10, "A skal ha minst 3 og høyst 7 pakninger"),
        (5, [Receiver("A", 0), Receiver("B", 0)], 1, "Summen er null"),
        (5, [], 1, "Summen er null"),
        (5, [Receiver("A", 1), Receiver("A", 2)], 1, "Samme mottaker står to ganger"),
        (5, [Receiver("A", -1)], 1, "Tallet for A er under null"),
        (5, [Receiver("A", 1)], 0, "En forsendelse må være på minst 1"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(
    quantity: int, receivers: list[Receiver], lot: int, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        share(quantity, receivers, lot)


def test_a_mix_of_bases_weighs_each_as_shares_of_its_sum() -> None:
    people = {"A": 300, "B": 100}
    patients = {"A": 1, "B": 3}
    mixed = weights([(Fraction(1), people), (Fraction(1), patients)])
    assert mixed["A"] == mixed["B"]
    assert weights([(Fraction(2), people)]) == {"A": 3, "B": 1}
    assert weights([(Fraction(1), people), (Fraction(0), {"A": None, "B": 2})]) == {"A": 3, "B": 1}
    primes = [
        {one.id: prime + number * number for number, one in enumerate(PEOPLE)} for prime in (7919, 104_729, 1_299_709)
    ]
    fine = weights([(Fraction(1, 3), figures) for figures in primes])
    assert abs(sum(fine.values()) - 10**9) <= len(PEOPLE), "not exact in fewer parts: rounded to a billionth"


@pytest.mark.parametrize(
    ("bases", "said"),
    [
        ([], "Vekten må være over null"),
        ([(Fraction(0), {"A": 1})], "Vekten må være over null"),
        ([(Fraction(1), {"A": 1, "B": None})], "Mangler tall for B"),
        ([(Fraction(1), {"A": 1}), (Fraction(1), {"A": 1, "B": 1})], "Mangler tall for B"),
        ([(Fraction(1), {"A": 0, "B": 0})], "Summen er null"),
        ([(Fraction(1), {"A": 2, "B": -1})], "Tallet for B er under null"),
    ],
)
def test_an_unknown_figure_is_never_a_zero(
    bases: list[tuple[Fraction, dict[str, int | Fraction | None]]], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        weights(bases)
