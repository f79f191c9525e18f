"""Whose turn it is: so many at once, the others by rank and then in the order in which they came."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.turns import IN_LINE, SOMEBODY_WAITS, Turns


async def at_work(turns: Turns, rank: int, name: int, log: list[int], most: list[int]) -> None:
    async with turns.turn(rank):
        log.append(name)
        most.append(turns.ahead)
        await asyncio.sleep(0)


@given(st.integers(1, 4), st.lists(st.sampled_from([SOMEBODY_WAITS, IN_LINE]), max_size=30))
@settings(deadline=None)
def test_the_urgent_go_first_and_equals_in_the_order_in_which_they_came(at_once: int, ranks: list[int]) -> None:
    async def all_of_them() -> list[int]:
        turns, log, most = Turns(at_once), [], []
        await asyncio.gather(*(at_work(turns, rank, name, log, most) for name, rank in enumerate(ranks)))
        assert turns.ahead == 0
        assert max(most, default=0) <= len(ranks)
        return log

    order = asyncio.run(all_of_them())
    begun, in_line = list(range(len(ranks)))[:at_once], list(range(len(ranks)))[at_once:]
    assert order == [*begun, *sorted(in_line, key=lambda name: (ranks[name], name))]


async def test_never_more_at_once_than_there_are_turns() -> None:
    turns, now, most = Turns(3), 0, 0

    async def one() -> None:
        nonlocal now, most
        async with turns.turn():
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.001)
            now -= 1

    await asyncio.gather(*(one() for _ in range(20)))
    assert most == 3


@pytest.mark.parametrize("after_its_turn_came", [False, True])
async def test_a_turn_of_somebody_who_has_gone_is_the_next_ones(after_its_turn_came: bool) -> None:
    turns, over, log = Turns(1), asyncio.Event(), []

    async def hold() -> None:
        async with turns.turn():
            await over.wait()

    async def want(name: str) -> None:
        async with turns.turn():
            log.append(name)

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    gone, next_one = asyncio.create_task(want("gone")), asyncio.create_task(want("next"))
    await asyncio.sleep(0)
    if after_its_turn_came:
        over.set()
        await asyncio.sleep(0)  # the one that holds it lets go; whose turn it is has not been woken yet
        gone.cancel()
    else:
        gone.cancel()
        over.set()
    await asyncio.gather(holding, gone, next_one, return_exceptions=True)
    assert log[-1] == "next"
    assert turns.ahead == 0


async def test_a_turn_ends_with_whoever_fails_in_it() -> None:
    turns = Turns(1)
    with pytest.raises(RuntimeError):
        async with turns.turn():
            raise RuntimeError
    async with turns.turn():
        assert turns.ahead == 1


async def test_a_lull_comes_when_nobody_stands_in_line_any_more() -> None:
    turns, over, log = Turns(1), asyncio.Event(), []

    async def stand(name: str) -> None:
        async with turns.turn():
            await over.wait()
            log.append(name)

    async def wait() -> None:
        await turns.lull(within=60)
        log.append("lull")

    await turns.lull(within=0)  # nobody is there at all
    holding, gone = asyncio.create_task(stand("first")), asyncio.create_task(stand("gone"))
    await asyncio.sleep(0)
    waiting, last = asyncio.create_task(wait()), asyncio.create_task(stand("last"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    over.set()
    await asyncio.gather(holding, gone, last, waiting, return_exceptions=True)
    assert log == ["first", "lull", "last"]  # the last had its turn then, and stood in no line


async def test_who_waits_for_a_lull_does_not_wait_for_ever() -> None:
    turns = Turns(1)
    async with turns.turn():
        line = asyncio.create_task(turns.turn().__aenter__())
        await asyncio.sleep(0)
        for within in (-1.0, 0.0, 0.01):
            await asyncio.wait_for(turns.lull(within), 5)
    await line
