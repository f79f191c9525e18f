"""Sharing out: what one takes, and how often largest remainder would take a package back where ours never does."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping
from fractions import Fraction

from bot.people.places import catchments
from bot.stock.allocation import Receiver, share

PEOPLE = [Receiver(catchment.trust, catchment.people) for catchment in catchments()]
MOST = 2_000
TIMES = 30


def _ours(quantity: int) -> Mapping[str, int]:
    return {who: one.packages for who, one in share(quantity, PEOPLE).shares.items()}


def _largest_remainder(quantity: int) -> Mapping[str, int]:
    whole = sum(receiver.weight for receiver in PEOPLE)
    given = {receiver.id: receiver.weight * quantity // whole for receiver in PEOPLE}
    over = {receiver.id: receiver.weight * quantity % whole for receiver in PEOPLE}
    for who in sorted(over, key=lambda who: (-over[who], who))[: quantity - sum(given.values())]:
        given[who] += 1
    return given


def _sainte_lague(quantity: int) -> Mapping[str, int]:
    """Webster's method: to the largest weight / (2 × given + 1), as mandates are shared."""
    given = {receiver.id: 0 for receiver in PEOPLE}
    for _ in range(quantity):
        best = max(PEOPLE, key=lambda one: (one.weight / (2 * given[one.id] + 1), one.id))
        given[best.id] += 1
    return given


def _faults(method: Callable[[int], Mapping[str, int]]) -> tuple[int, int]:
    """Of the quantities up to `MOST`: how often somebody loses by one more, and is a package or more off the exact."""
    whole = sum(receiver.weight for receiver in PEOPLE)
    losing = off = 0
    before: Mapping[str, int] = {receiver.id: 0 for receiver in PEOPLE}
    for quantity in range(1, MOST + 1):
        after = method(quantity)
        losing += any(after[who] < before[who] for who in before)
        off += any(abs(after[one.id] - Fraction(one.weight * quantity, whole)) >= 1 for one in PEOPLE)
        before = after
    return losing, off


def _median(receivers: list[Receiver], quantity: int) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        share(quantity, receivers)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _plain_loop() -> float:
    began = time.perf_counter()
    total = 0
    for number in range(100_000):
        total += number
    return (time.perf_counter() - began) * 1000


def run() -> None:
    """Print the three methods' faults on our own catchments, and milliseconds for 21 and for 1,000 receivers."""
    print(f"1 to {MOST} packages among our {len(PEOPLE)} catchments: quantities where …")
    print(f"{'':<20}{'somebody loses by one more':>28}{'somebody is a package off':>28}")
    for name, method in (
        ("ours (quota)", _ours),
        ("largest remainder", _largest_remainder),
        ("Sainte-Laguë", _sainte_lague),
    ):
        losing, off = _faults(method)
        print(f"{name:<20}{losing:>28}{off:>28}")
    rng = random.Random(1000)
    thousand = [Receiver(f"{number:04}", rng.randint(1000, 600_000)) for number in range(1000)]
    print(f"a plain loop of 100,000 additions: {_plain_loop():.1f} ms")
    for receivers in (PEOPLE, thousand):
        for quantity in (100, 500, 5_000, 50_000):
            print(f"{len(receivers):>5} receivers, {quantity:>6} packages: {_median(receivers, quantity):.2f} ms")
